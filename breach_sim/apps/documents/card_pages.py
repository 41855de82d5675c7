"""The impact card as a page: HTML, Markdown and JSON-LD.

Not here: what the card says (``card_content``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from breach_sim.apps.documents.card_content import (
    CardContent,
    content_of,
    fixed_parts,
    sources_of,
    vocabulary,
)
from breach_sim.apps.documents.markdown import in_line
from breach_sim.apps.documents.quoted import Quoted, plain
from breach_sim.apps.reporting.html import POLICY
from breach_sim.apps.reporting.report_file import write_page
from breach_sim.formatting.html import templates
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.strangers import marked_down
from breach_sim.results.impact import Impact, check_impact

ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".jsonld": "json_ld", ".json": "json_ld"}
"""What is written, by the ending of a file."""
OWN = "urn:breach-sim:vocabulary:"
"""Beginning of the names of own words in JSON-LD."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Card:
    """Impact card of a run.

    Parameters
    ----------
    impact
        The run.

    Raises
    ------
    ValueError
        If the impact contains mitigations, whose figures have no explanation.
    """

    impact: Impact

    @cached_property
    def content(self) -> CardContent:
        """What the card says."""
        return content_of(self.impact)

    def to_html(self) -> str:
        """Return the card as a page that asks nobody for anything.

        Returns
        -------
        HTML, with the JSON-LD inside.
        """
        macros = _macros()
        text = self.to_json_ld()
        for sign in "<>&":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        body = macros.card(self.content, Markup(text))  # noqa: S704 - without <, > and & it is no markup
        return str(macros.page(self.content.title, POLICY, body))

    def to_markdown(self) -> str:
        """Return the card as Markdown.

        Returns
        -------
        Text; numbers in tables have the name of their figure in the HTML and in the JSON-LD.
        """
        card = self.content
        lines = [f"# {marked_down(card.title)}", "", in_line(card.answer), ""]
        for section in card.sections:
            lines += [f"## {section.heading}", ""]
            for line in section.lines:
                lines += [in_line(line), ""]
            if section.rows:
                lines += [_row(section.head), _row(["---"] * len(section.head))]
                lines += [_row([in_line(cell) for cell in row]) for row in section.rows]
                lines.append("")
            lines += [f"- {marked_down(item)}" for item in section.items]
            lines += [""] if section.items else []
        return "\n".join([*lines, f"*{marked_down(card.made)}*"]) + "\n"

    def to_json_ld(self) -> str:
        """Return the card as JSON-LD with the words of schema.org and some of its own.

        Returns
        -------
        One JSON document: a ``Report`` that is a ``Dataset`` as well. Its context says what each own word
        means. The same inputs and seed give the same text.
        """
        return json.dumps(_document(self.impact, self.content), indent=1, ensure_ascii=False)

    def write(self, path: str | Path) -> Path:
        """Write the card into a file, as its ending says.

        Parameters
        ----------
        path
            File: .html, .md, .jsonld or .json.

        Returns
        -------
        The path.

        Raises
        ------
        ValueError
            If the ending is another one, or the place cannot take a file.
        """
        check_ending(path)
        make = {"html": self.to_html, "markdown": self.to_markdown, "json_ld": self.to_json_ld}
        return write_page(path, make[ENDINGS[Path(path).suffix.lower()]]())

    def __repr__(self) -> str:
        return f"{self.content.title}\n  {plain(self.content.answer)}"

    def _repr_html_(self) -> str:
        return str(_macros().card(self.content, None))


def card(impact: Impact) -> Card:
    """Make the impact card of a run: one page, as a model card is one on a model.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    The card, with ``to_html()``, ``to_markdown()``, ``to_json_ld()`` and ``write(path)``. It says what
    leaked, who is harmed, how sure that is, what it rests on, what was not modeled, and what was left out.

    Raises
    ------
    ValueError
        If the impact contains mitigations, whose figures have no explanation.

    Examples
    --------
    >>> from breach_sim import api
    >>> made = card(api.simulate("tmobile-2021-stated", replicates=100))
    >>> made.to_markdown().splitlines()[0]
    '# Impact card: T-Mobile US 2021, as stated by the company'
    """
    check_impact(impact)
    made = Card(impact=impact)
    _ = made.content  # a run that cannot be explained is refused here
    return made


def check_ending(path: str | Path) -> None:
    """Refuse a file whose ending says nothing.

    Parameters
    ----------
    path
        File to write.

    Raises
    ------
    ValueError
        If no kind of page ends like that.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in ENDINGS:
        raise ValueError(unknown("ending", suffix, ENDINGS, f"the file to write, {Path(path).name}"))


def _macros() -> Any:
    return templates("breach_sim.apps.reporting", "documents.html.j2")


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _document(impact: Impact, content: CardContent) -> dict[str, Any]:
    """The card as a JSON-LD document."""
    breach, statuses = impact.scenario, [estimate.status for estimate in impact.parameters()]
    own = {word: {"@id": f"own:{word}"} for word in vocabulary()}
    document: dict[str, Any] = {
        "@context": {"@vocab": "https://schema.org/", "own": OWN, **own},
        "@id": f"urn:breach-sim:card:{impact.input_hash}",
        "@type": ["Report", "Dataset"],
        "name": content.title,
        "description": plain(content.answer),
        "identifier": impact.input_hash,
        "version": impact.version,
        "measurementTechnique": content.made,
        "standing": breach.dossier.standing,
        "seed": impact.seed,
        "replicates": impact.replicates,
        "horizonYears": impact.horizon_years,
        "variableMeasured": [_measured(number) for number in _once(content.numbers)],
        "isBasedOn": [_work(source) for source in sources_of(impact)],
        "caution": list(impact.notes),
        "notModeled": [*breach.dossier.unknown, *fixed_parts()["not_modeled"]],
        "leftOut": [
            {"name": part.name, "additionalType": part.kind, "reason": part.reason, "nearest": part.nearest}
            for part in breach.left_out
        ],
        **{word: statuses.count(word) for word in ("user", "assumed", "derived", "cited")},
    }
    if breach.day_zero:
        document["temporalCoverage"] = breach.day_zero
    if breach.dossier.countries:
        document["spatialCoverage"] = [
            {"@type": "Country", "identifier": code} for code in breach.dossier.countries
        ]
    return document


def _once(numbers: list[Quoted]) -> list[Quoted]:
    """Numbers without repetition, in their order."""
    return list({number.figure: number for number in numbers}.values())


def _measured(number: Quoted) -> dict[str, Any]:
    measure, _, statistic = number.figure.rpartition(".")
    found: dict[str, Any] = {"@type": "PropertyValue", "name": number.figure, "figure": number.figure}
    if not number.figure.startswith("scenario."):
        found |= {"name": measure, "propertyID": statistic}
    whole = number.unit == "accounts" and number.value.is_integer()
    return found | {"unitText": number.unit, "value": int(number.value) if whole else number.value}


def _work(source: dict[str, str]) -> dict[str, str]:
    found = {"@type": "CreativeWork", "identifier": source["id"], "name": source["title"]}
    found |= {"creditText": source["publisher"]} if source["publisher"] else {}
    return found | ({"url": source["url"]} if source["url"] else {})
