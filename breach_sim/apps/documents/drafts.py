"""Drafts of the forms that a breach asks for: filled in as far as a run goes, with a question for each blank.

Not here: what a form asks, and by when (``catalog/data/templates/forms``, read by ``rules``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from breach_sim.apps.documents.card_content import leaked_fields
from breach_sim.apps.documents.deadlines import INSTEAD, Due, due, given_dates
from breach_sim.apps.documents.firm_facts import firm_facts
from breach_sim.apps.documents.markdown import in_line
from breach_sim.apps.documents.quoted import Line, Quoted, Quotes, given, numbers
from breach_sim.apps.documents.rules import FormTemplate, Item, load_templates
from breach_sim.apps.reporting.html import POLICY
from breach_sim.apps.reporting.report_file import check_place, write_page
from breach_sim.formatting.display import listed
from breach_sim.formatting.html import templates
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.strangers import marked_down
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS
from breach_sim.inputs.published import abroad
from breach_sim.results.impact import Impact, check_impact
from breach_sim.whatif.firm_answer import FirmAnswer

DRAFT = "Draft, not advice"
"""Stands on every form."""
ABOUT = (
    "Made from a model and from what was published. Have it read by someone who is responsible for it, and "
    "check each rule at its source: laws change."
)
READ = {
    "verified": "read at its publisher",
    "seen": "read in a summary or a quotation",
    "recalled": "recalled and NOT READ, look it up",
}
"""How a rule is known, as it stands beside its source."""
MOST_HARMS = 5
_PLACE = re.compile(r"\{([a-z0-9_.]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Item of a form.

    Parameters
    ----------
    ask
        Question, which is what is printed where there is no answer.
    line
        Answer with its numbers; empty for a blank.
    """

    ask: str
    line: Line = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Form:
    """Draft of a form.

    Parameters
    ----------
    template
        What it asks.
    breach
        Name of the breach.
    deadlines
        By when something is due.
    parts
        Headings with what stands below each.
    cautions
        Why the form may not be due, and what must be known to read its numbers.
    made
        How the numbers were made.
    """

    template: FormTemplate
    breach: str
    deadlines: tuple[Due, ...]
    parts: tuple[tuple[str, tuple[Filled, ...]], ...]
    cautions: tuple[str, ...]
    made: str

    @property
    def name(self) -> str:
        """Short name, such as "gdpr-33"."""
        return self.template.name

    @property
    def numbers(self) -> list[Quoted]:
        """All numbers of the run that stand in it, with the names of their figures."""
        return numbers(item.line for _, items in self.parts for item in items)

    @property
    def blanks(self) -> list[str]:
        """Questions that must be answered before it can be sent, without repetition."""
        asked = [item.ask for _, items in self.parts for item in items if not item.line]
        return list(dict.fromkeys([*asked, *(each.ask for each in self.deadlines if each.ask)]))

    def to_markdown(self) -> str:
        """Return the draft as Markdown.

        Returns
        -------
        Text; a blank is a line that begins with "To be filled in".
        """
        lines = [f"# {marked_down(self.template.title)}", "", f"**{DRAFT}.** {ABOUT}", ""]
        lines += [f"Breach: {marked_down(self.breach)}. To: {marked_down(self.template.to)}.", ""]
        lines += [marked_down(self.template.applies), ""]
        lines += [f"- {marked_down(caution)}" for caution in self.cautions] + [""]
        lines += ["## By when", "", "| What | By | Counted | Rule |", "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(map(marked_down, row))} |" for row in self.due_rows()]
        for heading, items in self.parts:
            lines += ["", f"## {heading}", ""]
            lines += [
                f"- {in_line(item.line)}" if item.line else f"- **To be filled in.** {marked_down(item.ask)}"
                for item in items
            ]
        return "\n".join([*lines, "", f"*{marked_down(self.made)}*"]) + "\n"

    def to_html(self) -> str:
        """Return the draft as a page that asks nobody for anything.

        Returns
        -------
        HTML; each number carries the name of its figure.
        """
        macros = templates("breach_sim.apps.reporting", "documents.html.j2")
        body = macros.form(self, f"{DRAFT}.", ABOUT)
        return str(macros.page(f"{DRAFT}: {self.template.title}", POLICY, body))

    def document(self) -> dict[str, Any]:
        """Return the draft as plain data.

        Returns
        -------
        ``name``, ``title``, ``draft``, ``breach``, ``numbers``, ``blanks``, ``deadlines``, ``cautions``.
        """
        return {
            "name": self.name,
            "title": self.template.title,
            "draft": DRAFT,
            "breach": self.breach,
            "numbers": [asdict(number) for number in self.numbers],
            "blanks": self.blanks,
            "deadlines": [
                {"what": each.rule.what, "where": each.rule.where, "by": each.by, "counted": each.counted}
                | {"ask": each.ask, "source": each.rule.source}
                for each in self.deadlines
            ],
            "cautions": list(self.cautions),
        }

    def due_rows(self) -> list[tuple[str, str, str, str]]:
        """Return the deadlines as a table.

        Returns
        -------
        What is to be done, by when, how it was counted, and the source of the rule.
        """
        rows = []
        for each in self.deadlines:
            rule, source = each.rule, self.template.sources[each.rule.source]
            what = f"{rule.where}: {rule.what}" if rule.where else rule.what
            if rule.residents is not None:
                what += f", if {rule.residents:,.0f} or more of the people live there"
            counted = "; ".join(filter(None, (each.counted, rule.note)))
            read = f"{source.title} ({READ[source.verified]}: {source.url})"
            rows.append(
                (what, each.by or (f"To be filled in: {each.ask}" if each.ask else "-"), counted, read)
            )
        return rows

    def __repr__(self) -> str:
        return (
            f"{self.template.title}, {DRAFT.lower()}: {len(self.numbers)} numbers, "
            f"{len(self.blanks)} questions open"
        )

    def _repr_html_(self) -> str:
        return str(templates("breach_sim.apps.reporting", "documents.html.j2").form(self, f"{DRAFT}.", ABOUT))


def forms(
    impact: Impact,
    names: Iterable[str] | str | None = None,
    *,
    dates: Mapping[str, str] | None = None,
    firm: FirmAnswer | None = None,
) -> tuple[Form, ...]:
    """Draft the forms that a breach asks for: of data protection, the stock market, health and telecom.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    names
        Of "gdpr-33", "gdpr-34", "sec-8k", "hhs", "fcc-cpni" and "state-ag"; None for all.
    dates
        Dates from which deadlines run, as YYYY-MM-DD or YYYY-MM-DDTHH:MM, by event: "occurred", "discovered",
        "aware", "determined", "material", "notified". What the dossier of the breach dates to the day is
        taken from there.
    firm
        Result of ``cost_to_firm`` of the same impact: its revenue, income, cash and insurance then stand in
        the forms. Without it, those of overrides under [firm] do.

    Returns
    -------
    One draft for each form, with ``numbers``, ``blanks``, ``deadlines``, ``to_markdown()`` and ``to_html()``.
    Each number has the name of its figure, for ``explain``. Each blank is a question to ask.

    Raises
    ------
    ValueError
        If a form or an event is unknown, a date is no date, or the impact contains mitigations.

    Notes
    -----
    The drafts are no advice, and hold no text of a law.

    Examples
    --------
    >>> from breach_sim import api
    >>> impact = api.simulate("tmobile-2021-stated", replicates=50)
    >>> (draft,) = forms(impact, "sec-8k", dates={"material": "2021-08-20"})
    >>> draft.deadlines[0].by
    '2021-08-26'
    """
    check_impact(impact)
    found = load_templates()
    chosen = check_asked(names, dates)
    known = given_dates(dates or {}, impact.scenario.dossier.dates)
    answers = _Answers(impact, known, firm_facts(impact, firm))
    return tuple(_form(found[name], answers) for name in chosen)


def check_asked(names: Iterable[str] | str | None, dates: Mapping[str, str] | None) -> list[str]:
    """Refuse unknown forms and dates, before anything is run.

    Parameters
    ----------
    names, dates
        As for :func:`forms`.

    Returns
    -------
    Names of the forms, in the order asked for.

    Raises
    ------
    ValueError
        If a form or an event is unknown, or a date is no date.
    """
    found = load_templates()
    chosen = list(found) if names is None else [names] if isinstance(names, str) else list(names)
    for name in chosen:
        if name not in found:
            raise ValueError(unknown("form", name, found, "forms"))
    given_dates(dates or {}, ())
    return list(dict.fromkeys(chosen))


def check_folder(folder: str | Path) -> None:
    """Refuse a place that cannot be a folder.

    Parameters
    ----------
    folder
        Where drafts are to stand.

    Raises
    ------
    ValueError
        If it is a file, lies below one, or holds drafts.
    """
    place = Path(folder)
    if place.is_file():
        raise ValueError(f"{place} is a file; name a folder for the forms")
    check_place(place / "form.md")
    names = {f"{name}{ending}" for name in load_templates() for ending in (".md", ".html")}
    there = sorted(one.name for one in place.iterdir() if one.name in names) if place.is_dir() else []
    if there:
        raise ValueError(
            f"{place} holds {there[0]} already, and drafts are made to be edited; name another folder, or "
            "remove the drafts first"
        )


def write_forms(drafts: Iterable[Form], folder: str | Path) -> list[Path]:
    """Write drafts into a folder, each as Markdown to be edited and as a page to be read.

    Parameters
    ----------
    drafts
        Result of :func:`forms`.
    folder
        Where to; made if need be.

    Returns
    -------
    Paths of the files.

    Raises
    ------
    ValueError
        If the folder is a file.
    """
    check_folder(folder)
    place = Path(folder)
    texts = [
        (place / f"{draft.name}{ending}", text)
        for draft in drafts
        for ending, text in ((".md", draft.to_markdown()), (".html", draft.to_html()))
    ]
    return [write_page(path, text) for path, text in texts]


def as_json(drafts: Iterable[Form]) -> str:
    """Return drafts as one JSON document.

    Parameters
    ----------
    drafts
        Result of :func:`forms`.

    Returns
    -------
    JSON text: a list under ``forms``.
    """
    return json.dumps({"forms": [draft.document() for draft in drafts]}, indent=2)


class _Answers:
    """What a run and the dates answer, by the names that stand in templates."""

    def __init__(self, impact: Impact, dates: Mapping[str, str], firm: Mapping[str, Line]) -> None:
        self.impact, self.dates, self.firm, self.quotes = impact, dates, firm, Quotes(impact)
        self._known: dict[str, Line] = {}

    def __getitem__(self, name: str) -> Line:
        """Return words and numbers for a name; empty where nothing is known."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Line:
        if name.startswith("date."):
            return self._date(name.removeprefix("date."))
        if name in self.quotes:
            return self.quotes.line(name)
        return self._facts.get(name) or self.firm.get(name) or self._lists.get(name, tuple)()

    @property
    def _facts(self) -> dict[str, Line]:
        """What the scenario and the run say by themselves."""
        breach, years = self.impact.scenario, self.impact.horizon_years
        dossier = breach.dossier
        return {
            "label": (breach.title,),
            "vector": (f"Way in: {dossier.vector}.",) if dossier.vector else (),
            "sector": (dossier.sector,) if dossier.sector else (),
            "horizon": (Quoted(figure="run.horizon_years", value=years, unit="years", text=f"{years:g}"),),
            "scenario.accounts": (given("scenario.accounts", breach.accounts, "accounts"),),
        }

    @property
    def _lists(self) -> dict[str, Callable[[], Line]]:
        """Enumerations with their numbers."""
        return {"fields": self._fields, "groups": self._groups, "attacks": self._attacks}

    def _fields(self) -> Line:
        return _enumerated(
            (FIELD_DESCRIPTIONS[field], (given(f"scenario.fields.{field}", count, "accounts"),))
            for field, count in leaked_fields(self.impact)
        )

    def _groups(self) -> Line:
        return _enumerated(
            (part.name, (given(f"scenario.segments.{part.name}", part.accounts, "accounts"),))
            for part in self.impact.scenario.segments
        )

    def _attacks(self) -> Line:
        return _enumerated(
            (label, self.quotes.line(measure))
            for label, measure in self.quotes.largest("victims", MOST_HARMS)
        )

    def _date(self, event: str) -> Line:
        if event in self.dates:
            return (self.dates[event].replace("T", " "),)
        earlier = INSTEAD.get(event, "")
        if earlier in self.dates:
            return (f"{self.dates[earlier]} at the earliest, the day of the discovery",)
        return ()


def _enumerated(pairs: Iterable[tuple[str, Line]]) -> Line:
    """Names with their numbers, one after the other."""
    found: list[str | Quoted] = []
    for name, line in pairs:
        found += ["; " if found else "", f"{name}: ", *line]
    return tuple(part for part in found if part != "")


def _form(template: FormTemplate, answers: _Answers) -> Form:
    impact = answers.impact
    people = answers.quotes.interval("exposed")[1].value
    return Form(
        template=template,
        breach=impact.scenario.title,
        deadlines=tuple(due(rule, answers.dates, people) for rule in template.deadlines),
        parts=tuple(
            (heading, tuple(_filled(item, answers) for item in items)) for heading, items in template.parts
        ),
        cautions=(*_why_not(template, impact), *impact.notes),
        made=f"breach_sim {impact.version}, seed {impact.seed}, {impact.replicates:,} replicates, inputs "
        f"{impact.input_hash[:16]}; medians, and in brackets the range of nine in ten outcomes.",
    )


def _filled(item: Item, answers: _Answers) -> Filled:
    """An item with its answer; a blank if any part of the answer is missing."""
    line: list[str | Quoted] = []
    for place, words in enumerate(_PLACE.split(item.text)):
        part: Line = (words,) if place % 2 == 0 else answers[words]
        if place % 2 and not part:
            return Filled(ask=item.ask)
        line += [each for each in part if each != ""]
    return Filled(ask=item.ask, line=tuple(line))


def _why_not(template: FormTemplate, impact: Impact) -> list[str]:
    """Reasons to doubt that the form is due for this breach."""
    dossier, found = impact.scenario.dossier, []
    if abroad(dossier.countries, template.countries):
        found.append(
            f"The people live in {listed(dossier.countries)}; this form is for people in "
            f"{listed(template.countries)}. Ask whether it is due at all."
        )
    sector = dossier.sector.lower()
    if template.sectors and sector and not any(word.lower() in sector for word in template.sectors):
        found.append(
            f"The sector is {dossier.sector}; this form is for {template.trades}. Ask whether it is due at "
            "all."
        )
    return found
