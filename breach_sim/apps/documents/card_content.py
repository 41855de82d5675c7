"""The impact card: one page on a run, as a model card is one on a model.

What leaked, who is harmed, how sure that is, what it rests on, what was not modeled and what was left out.

Not here: the page as HTML, Markdown or JSON-LD (``card_pages``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.documents.quoted import Line, Quoted, Quotes, given, numbers
from breach_sim.apps.reporting.summary import (
    disagreement_line,
    excess_line,
    ledger_lines,
    parts_lines,
    used_sources,
)
from breach_sim.catalog.attacks import load_bare_fields
from breach_sim.catalog.reader import data, parse
from breach_sim.engine.exposure import expose
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.display import listed, plural
from breach_sim.formatting.versions import made_with_words
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, mask
from breach_sim.results.impact import Impact

MOST_ATTACKS, MOST_INPUTS = 6, 6
"""Attacks, and inputs, that the card names."""
ENOUGH = 100
"""Replicates from which on inputs are ranked by their effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Section of a page.

    Parameters
    ----------
    heading
        What it answers.
    lines
        Sentences.
    head, rows
        Table: headings, and cells of each row. No table if there is no row.
    items
        List below.
    """

    heading: str
    lines: tuple[Line, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    items: tuple[str, ...] = ()

    @property
    def numbers(self) -> list[Quoted]:
        """Numbers of the sentences and the table."""
        return numbers([*self.lines, *(cell for row in self.rows for cell in row)])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardContent:
    """What an impact card says.

    Parameters
    ----------
    title, answer
        Name of the breach, and the result in a sentence.
    sections
        In their order.
    made
        How the numbers were made, in a sentence.
    """

    title: str
    answer: Line
    sections: tuple[Section, ...]
    made: str

    @property
    def numbers(self) -> list[Quoted]:
        """All numbers on the card that are figures or inputs by name."""
        return [*numbers([self.answer]), *(each for part in self.sections for each in part.numbers)]


def content_of(impact: Impact) -> CardContent:
    """Collect what an impact card says.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    The content.

    Raises
    ------
    ValueError
        If the impact contains mitigations, whose figures have no explanation.
    """
    quotes = Quotes(impact)
    breach = impact.scenario
    answer: Line = (
        "Of ",
        given("scenario.accounts", breach.accounts, "accounts"),
        f" accounts, over {impact.horizon_years:g} years, ",
        *quotes.line("people"),
        " are harmed, at a loss to them and others of ",
        *quotes.line("loss_usd"),
        " USD. These are medians, and in brackets the ranges of nine in ten outcomes.",
    )
    made = (
        f"breach_sim {impact.version}, seed {impact.seed}, {plural(impact.replicates, 'replicate')}, "
        f"{impact.sampling} draws, {'calibrated' if impact.posterior is not None else 'from the priors'}, "
        f"inputs {impact.input_hash[:16]}; {made_with_words()}. Every number in a table or in the first "
        "sentence has the name under which breach-sim explain finds it."
    )
    sections = (
        _leaked(impact),
        _harmed(impact, quotes),
        _sure(impact),
        _rests_on(impact),
        _not_modeled(impact),
        _left_out(impact),
    )
    return CardContent(title=f"Impact card: {breach.title}", answer=answer, sections=sections, made=made)


def leaked_fields(impact: Impact) -> list[tuple[str, int]]:
    """Fields that leaked, and for how many accounts.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Name and accounts at the central shares, most accounts first. [accounts]
    """
    breach = impact.scenario
    exposure = expose(breach)
    names = dict.fromkeys(name for segment in breach.segments for name in segment.fields)
    counted = [(name, exposure.holding(mask([name]))) for name in names]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def _leaked(impact: Impact) -> Section:
    breach, reasons = impact.scenario, load_bare_fields()
    read_by = {f for attack in impact.attacks.attacks for route in attack.routes for f in route.fields}
    when = f"Day 0 is {breach.day_zero}." if breach.day_zero else "No date is given."
    dossier = breach.dossier
    about = [
        f"Status of the count: {dossier.standing}." if dossier.standing else "",
        f"Sector: {dossier.sector}." if dossier.sector else "",
        f"People live in {listed(dossier.countries)}."
        if dossier.countries
        else "Where people live is not given.",
    ]
    rows = tuple(
        (
            (FIELD_DESCRIPTIONS[name],),
            (given(f"scenario.fields.{name}", accounts, "accounts"),),
            ("yes" if name in read_by else "no" if name in reasons else "not by itself",),
        )
        for name, accounts in leaked_fields(impact)
    )
    names = ", ".join(f"{part.name} ({part.accounts:,})" for part in breach.segments[:8])
    more = len(breach.segments) - 8
    groups = f"Groups of accounts: {names}{f' and {more} more' if more > 0 else ''}."
    return Section(
        heading="What leaked",
        lines=((" ".join([when, *filter(None, about)]),), (groups,)),
        head=("Kind of data", "Accounts, at the central shares", "Used by an attack"),
        rows=rows,
    )


def _harmed(impact: Impact, quotes: Quotes) -> Section:
    rows: list[tuple[Line, ...]] = []
    for label, measure in quotes.largest("victims", MOST_ATTACKS):
        loss = measure.replace(".victims", ".loss_usd")
        rows.append(((label,), quotes.line(measure), quotes.line(loss)))
    rows.append((("any attack (people once)",), quotes.line("people"), quotes.line("loss_usd")))
    if "firm_cost_usd" in quotes:
        rows.append((("cost of the firm, another ledger",), ("",), quotes.line("firm_cost_usd")))
    lines = [*parts_lines(impact), excess_line(impact), *ledger_lines(impact)]
    return Section(
        heading="Who is harmed",
        lines=tuple((line,) for line in lines),
        head=("By", "Victims", "Loss [USD]"),
        rows=tuple(rows),
    )


def _sure(impact: Impact) -> Section:
    budget: Any = impact.error_budget().loc["loss_usd"]
    parts = ", ".join(
        f"{word} {human(significant(float(budget[column]), 2))}"
        for word, column in (
            ("unknown parameters", "sd_ignorance"),
            ("structure of the model", "sd_structure"),
            ("chance", "sd_luck"),
        )
    )
    lines = [
        f"Standard deviations of the loss by their cause [USD]: {parts}.",
        disagreement_line(impact),
        "The interval holds nine of ten outcomes if the model and its inputs are right; it allows for no "
        "other model.",
    ]
    return Section(
        heading="How sure is that", lines=tuple((line,) for line in lines), items=tuple(impact.notes)
    )


def _rests_on(impact: Impact) -> Section:
    statuses: dict[str, int] = {}
    for estimate in impact.parameters():
        statuses[estimate.status] = statuses.get(estimate.status, 0) + 1
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    lines: list[Line] = [(f"Inputs: {counted}.",)]
    rows: tuple[tuple[Line, ...], ...] = ()
    if impact.replicates >= ENOUGH:
        sheet = api.assumptions(impact).head(MOST_INPUTS)
        rows = tuple(
            ((str(name),), (row["status"],), (f"{row['numbers']} {row['unit']}",), (f"{row['effect']:+.2f}",))
            for name, row in sheet.iterrows()
        )
        lines.append(("The inputs that move the loss most, by rank correlation:",))
    return Section(
        heading="What it rests on",
        lines=tuple(lines),
        head=("Input", "Status", "Numbers", "Effect"),
        rows=rows,
    )


def _not_modeled(impact: Impact) -> Section:
    reasons = load_bare_fields()
    bare = [name for name, _ in leaked_fields(impact) if name in reasons]
    items = [f"{FIELD_DESCRIPTIONS[name]}: {reasons[name]}" for name in bare]
    items += [f"Not published: {what}." for what in impact.scenario.dossier.unknown]
    items += fixed_parts()["not_modeled"]
    return Section(heading="What was not modeled", items=tuple(items))


def _left_out(impact: Impact) -> Section:
    missing = impact.scenario.left_out
    if not missing:
        return Section(heading="What was left out", lines=(("No import left out anything of the source.",),))
    rows: tuple[tuple[Line, ...], ...] = tuple(
        (
            (part.kind,),
            (part.name,),
            (part.reason,),
            (part.nearest,),
            ("" if part.count is None else f"{part.count:,}",),
        )
        for part in missing
    )
    return Section(
        heading="What was left out",
        lines=((f"{plural(len(missing), 'part')} of the source could not be read.",),),
        head=("Kind", "Name", "Reason", "Nearest known name", "Number"),
        rows=rows,
    )


def fixed_parts() -> dict[str, list[str]]:
    """Sentences that stand on every card.

    Returns
    -------
    By key: ``not_modeled``, what no run models.
    """
    return {"not_modeled": list(parse(data("templates", "card.toml"), "templates/card.toml")["not_modeled"])}


def vocabulary() -> dict[str, str]:
    """Own words of the JSON-LD, beside those of schema.org.

    Returns
    -------
    Meaning by word.
    """
    return dict(parse(data("templates", "card.toml"), "templates/card.toml")["vocabulary"])


def sources_of(impact: Impact) -> list[dict[str, str]]:
    """Sources that a run rests on.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    ``id``, ``title``, ``publisher``, ``year`` and ``url`` of each, in alphabetical order of the ids.
    """
    return [
        {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "year": source.year,
            "url": source.url,
        }
        for source in used_sources(impact, catalog.load_sources())
    ]
