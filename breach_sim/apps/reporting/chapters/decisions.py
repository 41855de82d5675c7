"""Chapters of the report for those who decide: what it costs the firm, what can be done, what was missed.

Not here: the losses of victims (``results``), and how any of it is computed (``whatif``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from breach_sim import api, plots
from breach_sim.apps import mitigation_table
from breach_sim.apps.reporting.chapters.parts import figure_with_table, in_words
from breach_sim.apps.reporting.html import Piece, folded, joined, listed, paragraph, table
from breach_sim.catalog.faces.labels import label_of_line
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.inputs.firm.insurance import Program
from breach_sim.inputs.mitigations import ACTORS
from breach_sim.results.impact import Impact
from breach_sim.results.tables.money import ledger_notes
from breach_sim.whatif.averted import Averted
from breach_sim.whatif.comparison import Comparison
from breach_sim.whatif.firm_answer import FirmAnswer

STANDARD = (
    "drop-ssn", "retention-5-years", "dwell-30-days", "codes-by-app", "passkeys", "pin-reset-day-1",
    "sim-lock", "sim-lock-opt-in", "credit-freeze", "credit-freeze-for-all", "tax-pin-for-all", "monitoring",
    "notice",
)  # fmt: skip
"""Mitigations that every report compares; those that touch nothing in a breach are named below the table."""
NOTHING_AVERTED = "None of the mitigations that a report compares averts any loss of this breach."
NOTHING_LEFT = "None of the mitigations that can still be done averts any loss of this breach."
NOTHING_MISSED = "None of the earlier mitigations that a report compares averts any loss of this breach."


def firm(
    impact: Impact, program: Program | None = None, appetite: Mapping[float, float] | None = None
) -> Piece:
    """What it costs the firm: curve, layers, and cash by quarter.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    program
        Insurance of the firm, or None.
    appetite
        Largest acceptable cost by the chance of exceeding it, or None. (0, 1), [0, inf) [USD]

    Returns
    -------
    Two figures with their tables; where there is no ledger, why.
    """
    if impact.firm_cost is None:
        words = " ".join(ledger_notes(impact)) or "This run has no numbers of a firm."
        return paragraph(in_words(words))
    answer = api.cost_to_firm(impact, program=program, appetite=appetite)
    facts = "; ".join(f"{name}: {text}" for name, text in answer.facts())
    reading = (
        "Purple: the chance that the firm pays more than an amount in the end, and its sampling band. It is "
        "the firm's own cost; do not add it to what victims and others lose."
    )
    cash = (
        "Bars: what is paid in each quarter after the sale, on average over all runs. Line: what has been "
        "paid by then. Settlements and fines come years later, at the delays of published ones."
    )
    return joined(
        [
            paragraph(f"{facts[0].upper()}{facts[1:]}."),
            figure_with_table(lambda: plots.firm_exceedance(answer), reading, _curve(answer)),
            folded("By line, and what insurance pays", _lines(answer)),
            figure_with_table(lambda: plots.firm_cash(answer), cash, _cash(answer)),
            *(paragraph(in_words(note), "small") for note in answer.notes if note not in impact.notes),
        ]
    )


def _usd(value: float) -> str:
    return human(significant(float(value), 2))


def _curve(answer: FirmAnswer) -> Piece:
    frame = answer.exceedance()
    frame.index = [percent(chance) for chance in frame.index]
    frame.index.name = "chance"
    frame.columns = ["exceeded", "mean beyond", "band, low", "band, high"]
    return table(frame.map(_usd), "Cost of the firm [USD of 2024] exceeded with a given chance")


def _lines(answer: FirmAnswer) -> Piece:
    frame = answer.table()
    frame.index = [label_of_line(str(line)) for line in frame.index]
    frame.index.name = "line"
    frame.columns = ["5 %", "median", "95 %", "mean"]
    return table(
        frame.map(_usd), "Cost of the firm by line [USD of 2024]", under="Means sum; medians do not."
    )


def _cash(answer: FirmAnswer) -> Piece:
    frame = answer.cash_by_quarter()[["p5", "p50", "p95", "mean", "present_value", "paid"]]
    frame.index.name = "quarter"
    frame.columns = ["5 %", "median", "95 %", "mean", "present value", "paid so far"]
    return table(frame.map(_usd), "Paid by quarter after the sale [USD of 2024]")


def still(comparison: Comparison) -> Piece:
    """What can still be done: mitigations after the sale, with whose money they avert and who can act.

    Parameters
    ----------
    comparison
        Result of ``compare``.

    Returns
    -------
    Figure with its table, what the law asks for anyway, and what averts nothing here.
    """
    rows = [row for row in comparison.averted[: len(comparison.mitigations)] if not row.past]
    demanded = [
        paragraph(f"{row.label} is no choice: {row.law} asks for it, and its cost is in the firm's ledger.")
        for row in rows
        if row.law
    ]
    start = (
        []
        if comparison.can_start_on is None
        else [paragraph(f"Nothing starts before day {comparison.can_start_on:g} after the sale.")]
    )
    return joined([*start, *demanded, *_section(comparison, rows, NOTHING_LEFT, drawn=True)])


def should_have(comparison: Comparison) -> Piece:
    """What should have been done: mitigations of before the breach.

    Parameters
    ----------
    comparison
        Result of ``compare``.

    Returns
    -------
    Their table, and what averts nothing here.
    """
    rows = [row for row in comparison.averted[: len(comparison.mitigations)] if row.past]
    words = "These change what was stored or taken. They could have been done before the breach only."
    return joined([paragraph(words), *_section(comparison, rows, NOTHING_MISSED)])


def mitigations(comparison: Comparison) -> Piece:
    """What each mitigation averts and costs, those of before the breach included.

    Parameters
    ----------
    comparison
        Result of ``compare``.

    Returns
    -------
    Figure with its table, and the mitigations that avert nothing here.
    """
    rows = comparison.averted[: len(comparison.mitigations)]
    return joined(_section(comparison, rows, NOTHING_AVERTED, drawn=True))


def _section(
    comparison: Comparison, rows: Sequence[Averted], nothing: str, *, drawn: bool = False
) -> Iterable[Piece]:
    """A table of some mitigations, with the figure of all if it is drawn, and those that avert nothing."""
    useful = sorted((row for row in rows if row.loss.any()), key=lambda row: -float(row.loss.mean()))
    reading = (
        "Green: loss averted. Black cross: cost. A mitigation is worth its cost where the cross is well to "
        "the left of the dot; such rows are shaded. Benefits do not add, as two mitigations may stop "
        "the same attack."
    )
    if useful and drawn:
        shown = dataclasses.replace(comparison, averted=tuple(useful))
        yield figure_with_table(lambda: plots.mitigations(shown), reading, _averted(comparison, useful))
    elif useful:
        yield _averted(comparison, useful)
    else:
        yield paragraph(nothing)
    if useful:
        yield folded("Whose money, who can act, and when", _whose(comparison, useful))
    idle = [row for row in rows if not row.loss.any()]
    if idle:
        yield folded(f"What averts nothing here ({len(idle)})", listed([*map(_idle_line, idle)]))


def _averted(comparison: Comparison, rows: Sequence[Averted]) -> Piece:
    import pandas as pd

    loss_usd = float(comparison.base.total("loss").mean())
    frame = pd.DataFrame(
        [mitigation_table.cells(one, loss_usd, comparison.scramble) for one in rows],
        index=[one.label for one in rows],
        columns=[*mitigation_table.COLUMNS],
    )
    status = comparison.sources()["status"]
    under = (
        f"{comparison.replicates:,} replicates on shared draws. Of the {len(status)} numbers behind effects "
        f"and costs, {int((status == 'assumed').sum())} are assumed."
    )
    frame.index.name = "mitigation"
    return table(
        frame, "Averted and paid: median (90 % interval), expected given the parameters", under=under
    )


def _whose(comparison: Comparison, rows: Sequence[Averted]) -> Piece:
    """Means by who is spared, and the firm's own cost; who acts, from which day, and whether a law asks."""
    import pandas as pd

    who = {own.name: own for own in comparison.mitigations}
    cells = []
    for row in rows:
        own = who[row.name]
        day = "before the breach" if own.is_past else "any" if own.day is None else f"{own.day:g}"
        sides = [_usd(usd.mean()) for usd in row.by_side.values()]
        firm_usd = "no ledger" if row.firm is None else _usd(row.firm.mean())
        cells.append([*sides, firm_usd, ACTORS.get(own.actor, "not stated"), day, "yes" if row.law else "no"])
    columns = [
        "people",
        "lenders",
        "others",
        "the firm's own cost",
        "who acts",
        "from day",
        "asked for by law",
    ]
    frame = pd.DataFrame(cells, index=[row.label for row in rows], columns=columns)
    frame.index.name = "mitigation"
    under = (
        "Means. People, lenders and others sum to the loss averted; the firm's own cost is another ledger "
        "and is not added. It changes where fewer kinds of data, or data of fewer people, leak."
    )
    return table(frame, "Averted by whose money it is [USD], and who can act", under=under)


def _idle_line(averted: Averted) -> str:
    """Why a mitigation averts nothing."""
    why = f": {in_words(averted.why_not)}" if averted.why_not else ""
    return Markup("<strong>{}</strong> averts nothing here{}.").format(averted.label, why)
