"""The answer of a panel as HTML: the strip with its three numbers, the figure, tables, cautions.

The figure is an SVG drawing and not a figure of ``plots``: it is drawn in milliseconds, where matplotlib
needs half a second, and stays sharp at any size. Layout, order and finding are those of ``plots.funnel``.
Three drawings of the same rows are made, for places of three widths; the page shows the one that fits. The
markup stands in ``templates/view.html.j2``.

Not here: numbers (``panel_result``), controls (``controls``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from breach_sim import __version__
from breach_sim.analysis.subjects import subject
from breach_sim.apps import mitigation_table
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import PanelResult
from breach_sim.formatting.digits import earned, human, significant
from breach_sim.formatting.html import Look, table, templates
from breach_sim.formatting.tables import spread
from breach_sim.plots.colors import ATTEMPTS, VICTIMS, VICTIMS_PALE
from breach_sim.plots.language.words import brief, harmed
from breach_sim.plots.ticks import compact
from breach_sim.results.tables.funnel import FunnelRow

COLORS = {"victims": VICTIMS, "pale": VICTIMS_PALE, "tried": ATTEMPTS}
"""Colors of the marks; what is attackable takes the color of the text."""
SAME = "no change"
MOST_ROWS = 4
"""Attacks in the strip."""
LOOK = Look(
    table=(("class", "bx-table"),),
    caption=(),
    head=(("scope", "col"),),
    head_number=(("scope", "col"), ("class", "bx-n")),
    row=(("scope", "row"),),
    text=(),
    number=(("class", "bx-n"),),
)
"""Tables take their look from the style sheet of the panel."""


@dataclass(frozen=True)
class Place:
    """Measures of a drawing.

    Parameters
    ----------
    name
        Its class on the page: "wide", "medium" or "narrow".
    width, left, right
        Width of the whole, where the axis begins, and the room for numbers at its right.
    column
        Where the victims' numbers end, from the right.
    row, top
        Height of a row, and what stands above the first.
    above
        Whether name and numbers of an attack stand above its line, and not beside it.
    """

    name: str
    width: float
    left: float
    right: float
    column: float
    row: float
    top: float
    above: bool

    def at(self, value: float, last: int) -> float:
        """Place of a number of accounts on the logarithmic axis; what is below 1 stands at its left end."""
        return self.left + (self.width - self.left - self.right) * _share(value, last)


WIDE = Place("wide", 800, 270, 166, 88, 22, 64, above=False)
MEDIUM = Place("medium", 630, 270, 160, 88, 22, 64, above=False)
NARROW = Place("narrow", 360, 8, 8, 0, 40, 64, above=True)


def _macros() -> Any:
    return templates("breach_sim.apps.explorer", "view.html.j2")


def _share(value: float, last: int) -> float:
    """Share of the axis from 1 to ten to the power `last` that lies left of a number."""
    return min(1.0, math.log10(max(value, 1.0)) / last)


def _last(result: PanelResult) -> int:
    return max(1, math.ceil(math.log10(max(2, result.impact.scenario.accounts))))


def strip(result: PanelResult, start: PanelResult, *, settled: bool) -> str:
    """The answer first: people, loss, the largest harm or what is averted, and the largest attacks.

    Parameters
    ----------
    result
        What to show.
    start
        The answer before any change, from as many replicates.
    settled
        False while a control moves.

    Returns
    -------
    HTML. Each number is the median with its 90 % interval, unless it says "mean".
    """
    return str(_macros().strip(boxes(result, start), lines(result, start), status(result, settled=settled)))


def status(result: PanelResult, *, settled: bool) -> tuple[str, str]:
    """How far the numbers can be trusted: a word, and the rest of the sentence."""
    drawn = f"{result.replicates:,} replicates"
    after = f"Median and 90 % interval, {result.inputs.horizon_years:g} years after the sale."
    if settled:
        return "Settled", f"{drawn}, seed {result.inputs.seed}. {after}"
    return "Quick look", f"{drawn}; the settled answer follows when you pause. {after}"


def boxes(result: PanelResult, start: PanelResult) -> list[dict[str, str]]:
    """Name, median, interval, remark and comparison of each number of the strip."""
    impact, first = result.impact, start.impact
    found = [
        _box(
            "People harmed",
            spread(impact.people, impact.scramble),
            f"of {human(impact.scenario.accounts)} accounts",
        )
        | _against(impact.people, first.people, result, start),
        _box("Loss [USD]", spread(impact.loss, impact.scramble), "of victims and third parties")
        | _against(impact.loss, first.loss, result, start),
    ]
    if result.averted:
        together = result.averted[-1]
        left = human(significant(float(result.left())))
        what = "Averted by all chosen [USD]" if len(result.averted) > 1 else "Averted [USD]"
        return [*found, _box(what, spread(together.loss, impact.scramble), f"mean loss left: {left}")]
    worst, share = result.worst
    more = f"{share:.0%} of the mean loss".replace("%", " %") if worst else ""
    was = start.worst[0]
    against = f"at first: {was}" if was and was != worst else ""
    return [*found, _box("Largest harm", worst or "none", more) | {"against": against, "words": "yes"}]


def _box(what: str, number: str, more: str) -> dict[str, str]:
    """A name, a number with its interval, and what it is of."""
    middle, _, interval = number.partition(" (")
    parts = {"what": what, "middle": middle, "interval": interval.rstrip(")"), "more": more}
    return parts | {"against": "", "words": ""}


def _against(sample: Any, first: Any, result: PanelResult, start: PanelResult) -> dict[str, str]:
    """What the number was at first, and by how much its median differs."""
    if result.inputs == start.inputs:
        return {}
    now, was = float(np.median(sample)), float(np.median(first))
    words = human(significant(was))
    return {"against": f"at first {words}: {change(now, was)}"}


def change(now: float, was: float) -> str:
    """A change in percent, in words where there is none or it is of nothing.

    Parameters
    ----------
    now, was
        Medians, in the same unit. [0, inf)

    Returns
    -------
    Such as "+12 %", with a minus sign where it is less; a factor from 10 on.

    Examples
    --------
    >>> change(100.2, 100.0), change(2500.0, 100.0), change(1.0, 0.0)
    ('no change', '25 times as much', 'more than none')
    """
    if now == was or (was and abs(now / was - 1) < 0.005):  # noqa: PLR2004 - half a percent
        return SAME
    if not was:
        return "more than none"
    if now / was >= 10:  # noqa: PLR2004 - 900 % says less than a factor
        return f"{now / was:.0f} times as much"
    return f"{now / was - 1:+.0%}".replace("-", "\N{MINUS SIGN}").replace("%", "\N{NO-BREAK SPACE}%")


def made(result: PanelResult) -> str:
    """What a figure that leaves the page was made of."""
    changed = "" if result.inputs == PanelInputs(scenario=result.inputs.scenario) else ", with changed inputs"
    return (
        f"breach_sim {__version__}, {result.replicates:,} replicates, seed {result.inputs.seed}{changed}. "
        f"Medians, bar: 90 % interval, {result.inputs.horizon_years:g} years after the sale."
    )


def spoken(result: PanelResult) -> str:
    """The answer as a sentence, for a reader who listens."""
    impact = result.impact
    worst, share = result.worst
    largest = f" Largest harm: {worst}, {share:.0%} of the mean loss." if worst else ""
    averted = ""
    if result.averted:
        averted = f" Averted: {spread(result.averted[-1].loss, impact.scramble)} USD."
    return (
        f"Settled. People harmed: {spread(impact.people, impact.scramble)}. Loss: "
        f"{spread(impact.loss, impact.scramble)} USD.{largest}{averted}"
    ).replace("%", " percent")


def lines(result: PanelResult, start: PanelResult) -> list[dict[str, Any]]:
    """The attacks with the most victims, places in percent of the axis, for the strip."""
    last = _last(result)
    first = _first_victims(result, start)
    return [
        {"label": row.label, "number": victims(row), "moved": row.name in first}
        | {name: f"{100 * _share(value, last):.2f}" for name, value in _values(row, first).items()}
        for row in result.rows[:MOST_ROWS]
    ]


def victims(row: FunnelRow) -> str:
    """Median of the victims of an attack, to the digits earned."""
    return human(earned(row.victims[1], row.errors[0])) if row.victims[1] else "0"


def _values(row: FunnelRow, first: dict[str, float]) -> dict[str, float]:
    """What the marks of a row stand for."""
    low, middle, high = row.victims
    found = {"open": row.attackable, "tried": row.attempted, "victims": middle, "low": low, "high": high}
    return found | {"first": first.get(row.name, 0.0)}


def _first_victims(result: PanelResult, start: PanelResult) -> dict[str, float]:
    """Victims at first, by attack, where they were others than now."""
    if result.inputs == start.inputs:
        return {}
    now = {row.name: row.victims[1] for row in result.rows}
    first = {row.name: row.victims[1] for row in start.rows}
    return {name: was for name, was in first.items() if change(now.get(name, 0.0), was) != SAME}


def refusal(message: str) -> str:
    """What is wrong with the inputs, in place of an answer.

    Parameters
    ----------
    message
        Value, place, rule and remedy.

    Returns
    -------
    HTML.
    """
    return str(_macros().refusal(message))


def figure(
    result: PanelResult, start: PanelResult, places: tuple[Place, ...] = (WIDE, MEDIUM, NARROW)
) -> str:
    """The funnel by attack: who can be attacked, who is, who becomes a victim, and what they lose.

    Parameters
    ----------
    result
        What to draw; the table behind is :func:`numbers`.
    start
        The answer before any change, from as many replicates; hollow diamonds show its victims.
    places
        Measures of each drawing.

    Returns
    -------
    HTML with an SVG drawing for each place, all of the same rows: medians as marks, 90 % intervals of the
    victims as bars, a logarithmic scale. [accounts]
    """
    if not result.rows:
        return str(_macros().sentence("No attack is open to any account: nothing to draw."))
    drawings = [_drawing(result, start, place) for place in places]
    finding = harmed(result.impact, result.rows[0].label)
    about = subject(result.impact)
    return str(_macros().figure(finding, about, drawings, COLORS, alternative(result)))


def alternative(result: PanelResult) -> str:
    """What the figure shows, for a reader who does not see it."""
    rows: Sequence[FunnelRow] = result.rows
    said = [f"{row.label} {victims(row)} victims, {brief(row.loss[1])} USD" for row in rows[:MOST_ROWS]]
    finding = harmed(result.impact, rows[0].label)
    return f"{finding}. Funnel of {len(rows)} attacks. The largest: {'; '.join(said)}."


def _drawing(result: PanelResult, start: PanelResult, place: Place) -> dict[str, Any]:
    last = _last(result)
    first = _first_victims(result, start)
    marks = [_marks(row, place.top + place.row * n, first, last, place) for n, row in enumerate(result.rows)]
    bottom = place.top + place.row * len(marks)
    return {
        "place": place,
        "rows": marks,
        "ticks": _ticks(last, place),
        "bottom": bottom,
        "height": bottom + (34 if first else 16),
        "moved": bool(first),
    }


def _ticks(last: int, place: Place) -> list[dict[str, Any]]:
    """Powers of ten with their places; every other one has a label where there are many."""
    step = 1 if last < 5 else 2 if last < 8 or not place.above else 3  # noqa: PLR2004 - labels fit
    # At the ends a label stays inside of the axis where something stands beside it.
    ends = {0: "start" if place.above else "middle", last: "middle" if place is WIDE else "end"}
    return [
        {
            "x": place.at(10.0**power, last),
            "label": compact(10.0**power) if power % step == 0 else "",
            "anchor": ends.get(power, "middle"),
        }
        for power in range(last + 1)
    ]


def _marks(row: FunnelRow, top: float, first: dict[str, float], last: int, place: Place) -> dict[str, Any]:
    """One attack: places of its marks, and its numbers."""
    line = top + (place.row - 13 if place.above else place.row / 2)
    words = {
        "label": row.label,
        "number": victims(row),
        "loss": brief(row.loss[1]),
        "moved": row.name in first,
    }
    places = {name: place.at(value, last) for name, value in _values(row, first).items()}
    return words | places | {"y": line, "text": line - 13 if place.above else line + 4}


def numbers(result: PanelResult) -> str:
    """HTML table behind the figure: medians, and the 90 % intervals of victims and loss; three digits."""
    head = ("Attack", "Attackable", "Attempted", "Victims", "Loss [USD]")
    body = [
        [
            row.label,
            brief(row.attackable, 3),
            brief(row.attempted, 3),
            _interval(row.victims),
            _interval(row.loss),
        ]
        for row in result.rows
    ]
    return _table("Accounts by attack: median (90 % interval)", head, body)


def _interval(ends: tuple[float, float, float]) -> str:
    low, middle, high = (brief(end, 3) for end in ends)
    return middle if low == high else f"{middle} ({low} to {high})"


def mitigations(result: PanelResult) -> str:
    """HTML table of what each chosen mitigation averts and costs; "" where none is chosen."""
    if not result.averted:
        return ""
    whole = float(result.comparison.base.total("loss").mean()) if result.comparison else 0.0
    body = [
        [averted.label, *mitigation_table.cells(averted, whole, result.impact.scramble)]
        for averted in result.averted
    ]
    title = "What the chosen mitigations avert, on the same draws (expectation given the parameters)"
    return _table(title, ("Mitigation", *mitigation_table.COLUMNS), body)


def cautions(result: PanelResult) -> str:
    """HTML list of the notes that go with the result; "" without notes."""
    return str(_macros().cautions(result.notes)) if result.notes else ""


def _table(title: str, head: tuple[str, ...], body: list[list[str]]) -> str:
    """A table with a caption and headed rows, which scrolls where it is too wide."""
    right = [False, *[True] * (len(head) - 1)]
    inside = table(body, head, caption=title, look=LOOK, numbers=right)
    return str(_macros().scrolled(Markup(inside), title))  # noqa: S704 - `table` has escaped every cell


def whole(result: PanelResult, start: PanelResult) -> str:
    """HTML for a page without controls: strip, :func:`figure`, mitigations if any, notes."""
    style = templates("breach_sim.apps.explorer", "assets.html.j2").style()
    above, *rest = (
        Markup(part)  # noqa: S704 - made here, of escaped values
        for part in (
            strip(result, start, settled=True),
            figure(result, start, (WIDE,)),
            mitigations(result),
            cautions(result),
        )
    )
    return str(_macros().still(style, above, Markup("").join(rest)))
