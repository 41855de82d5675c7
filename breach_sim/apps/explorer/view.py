"""The result of a panel as HTML: headline, funnel as a drawing, tables, cautions.

The funnel is an SVG drawing and not a figure of ``plots``: it is drawn in a millisecond, where matplotlib
needs half a second, and it stays sharp at any size. The colors are those of ``plots``. The markup stands in
``templates/view.html.j2``.

Not here: numbers (``panel_result``), or controls (``panel``).
"""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from breach_sim.apps import mitigation_table
from breach_sim.apps.explorer.panel_result import PanelResult
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.html import Look, table, templates
from breach_sim.formatting.tables import spread
from breach_sim.plots.colors import BLUE, DARK_GREY, ORANGE
from breach_sim.plots.ticks import compact

COLORS = {"quiet": DARK_GREY, "alert": ORANGE}
"""Colors of the line that says how far the numbers can be trusted."""
STAGES = {"attackable": DARK_GREY, "attempted": BLUE, "victims": ORANGE}
"""Color of each stage of the funnel."""
LONG = 20
"""Letters from which a headline is set smaller."""
WIDTH, LEFT, RIGHT, ROW, TOP = 800, 290, 62, 21, 30
"""Funnel: widths of the whole, the names and the last label, height of a row, and what stands above."""
_FONT = "font-family:var(--jp-ui-font-family, system-ui, sans-serif);line-height:1.35"
_CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:top;color:inherit;font-size:12px"
_NUMBER = _CELL.replace("text-align:left", "text-align:right") + ";white-space:nowrap"
LOOK = Look(
    table=(("style", f"{_FONT};color:var(--jp-ui-font-color1, #222);border-collapse:collapse"),),
    caption=(("style", "text-align:left;font-size:12px;padding:6px 0"),),
    head=(("scope", "col"), ("style", _CELL)),
    head_number=(("scope", "col"), ("style", _NUMBER)),
    row=(("scope", "row"), ("style", f"{_CELL};font-weight:400;min-width:110px")),
    text=(("style", _CELL),),
    number=(("style", _NUMBER),),
)
"""Tables take the font and the ink of the notebook."""


def _macros() -> Any:
    return templates("breach_sim.apps.explorer", "view.html.j2")


def headline(result: PanelResult, *, settled: bool) -> str:
    """The answer first: people, loss, the largest harm, and what the chosen mitigations avert.

    Parameters
    ----------
    result
        What to show.
    settled
        False while a control moves.

    Returns
    -------
    HTML. Every number is the median with its 90 % interval, unless it says "mean".
    """
    impact = result.impact
    worst, share = result.worst
    boxes = [
        _box(
            "People harmed",
            spread(impact.people, impact.scramble),
            f"of {human(impact.scenario.accounts)} accounts",
        ),
        _box("Loss [USD]", spread(impact.loss, impact.scramble), "of victims and third parties"),
        _box("Largest harm", worst or "none", f"{share:.0%} of the mean loss" if worst else ""),
    ]
    if result.averted:
        together = result.averted[-1]
        mean, left = (human(significant(float(loss))) for loss in (together.loss.mean(), result.left()))
        what = "Averted by all chosen [USD]" if len(result.averted) > 1 else "Averted [USD]"
        boxes.append(_box(what, spread(together.loss, impact.scramble), f"mean {mean}; left {left}"))
    inputs = result.inputs
    return str(
        _macros().headline(boxes, settled, result.replicates, inputs.seed, inputs.horizon_years, COLORS)
    )


def _box(what: str, number: str, more: str) -> tuple[str, str, str, str, int]:
    """A name, a number with its interval, what it is of, and the size of the number."""
    middle, _, interval = number.partition(" (")
    return what, middle, interval.rstrip(")"), more, 21 if len(middle) < LONG else 16


def refusal(message: str) -> str:
    """What is wrong with the inputs, in place of the headline.

    Parameters
    ----------
    message
        Value, place, rule and remedy.

    Returns
    -------
    HTML.
    """
    return str(_macros().refusal(message, COLORS))


def heading(words: str, more: str = "", *, style: str) -> str:
    """A heading above controls.

    Parameters
    ----------
    words
        Heading.
    more
        Remark beside it; none if "".
    style
        CSS of the heading beyond font and color.

    Returns
    -------
    HTML.
    """
    return str(_macros().heading(words, more, style))


def funnel(result: PanelResult) -> str:
    """The funnel by attack: who can be attacked, who is, and who becomes a victim.

    Parameters
    ----------
    result
        What to draw; the table behind is :func:`numbers`.

    Returns
    -------
    HTML with one SVG drawing: medians as dots, 90 % intervals of the victims as bars, a logarithmic scale.
    [accounts]
    """
    rows = result.funnel()
    if not rows:
        return str(_macros().sentence("No attack is open to any account: nothing to draw."))
    last = max(1, math.ceil(math.log10(result.impact.scenario.accounts)))
    bottom = TOP + ROW * len(rows)
    drawn = [_row(label, row, TOP + ROW * (n + 0.5), last) for n, (label, row) in enumerate(rows.items())]
    legend = ("attackable", "attempted", "victims, bar: 90 % interval")
    key = [
        (LEFT + 110 * n, f"● {word}", color)
        for n, (word, color) in enumerate(zip(legend, STAGES.values(), strict=True))
    ]
    most = max(rows, key=lambda label: rows[label]["victims"]["p50"])
    victims = human(significant(rows[most]["victims"]["p50"]))
    words = f"Funnel by attack, {len(rows)} attacks; most victims by {most}: {victims}"
    box = {"width": WIDTH, "height": bottom + 40, "left": LEFT, "top": TOP, "bottom": bottom}
    box["middle"] = (LEFT + WIDTH - RIGHT) / 2  # type: ignore[assignment]
    return str(_macros().funnel(words, drawn, _ticks(last), key, box))


def _at(value: float, last: int) -> float:
    """Place of a number of accounts on the logarithmic axis; what is below 1 stands at its left end."""
    span = WIDTH - LEFT - RIGHT
    return LEFT + span * min(1.0, math.log10(max(value, 1.0)) / last)


def _ticks(last: int) -> list[dict[str, Any]]:
    """Powers of ten with their places; every other one has a label where there are many."""
    labelled = [last < 8 or power % 2 == last % 2 for power in range(last + 1)]  # noqa: PLR2004 - labels fit
    return [
        {"x": _at(10.0**power, last), "label": compact(10.0**power) if shown else ""}
        for power, shown in enumerate(labelled)
    ]


def _row(label: str, row: dict[str, dict[str, float]], y: float, last: int) -> dict[str, Any]:
    """One attack: places of three dots, of the interval of the victims, and their median as a number."""
    places = {stage: _at(row[stage]["p50"], last) for stage in STAGES}
    low, high = (_at(row["victims"][end], last) for end in ("p5", "p95"))
    dots = [(places[stage], color) for stage, color in STAGES.items()]
    number = _brief(human(significant(row["victims"]["p50"], 2)))
    return {"label": label, "y": y, "low": low, "high": high, "dots": dots, "number": number} | places


def _brief(number: str) -> str:
    return number.replace(" million", "M").replace(" billion", "B")


def numbers(result: PanelResult) -> str:
    """HTML table behind the funnel: medians, and the 90 % intervals of victims and loss; three digits."""
    head = ("attack", "attackable", "attempted", "victims", "loss [USD]")
    body = []
    for label, row in result.funnel().items():
        middles = [_brief(human(significant(row[word]["p50"]))) for word in ("attackable", "attempted")]
        body.append([label, *middles, *(_interval(row[word]) for word in ("victims", "loss_usd"))])
    return _table("Accounts by attack: median (90 % interval)", head, body)


def _interval(values: dict[str, float]) -> str:
    low, middle, high = (_brief(human(significant(values[q]))) for q in ("p5", "p50", "p95"))
    return middle if low == high else f"{middle} ({low} to {high})"


def mitigations(result: PanelResult) -> str:
    """HTML table of what each chosen mitigation averts and costs; a sentence where none is chosen."""
    if not result.averted:
        return str(_macros().no_mitigation())
    whole = float(result.comparison.base.total("loss").mean()) if result.comparison else 0.0
    body = [
        [averted.label, *map(_brief, mitigation_table.cells(averted, whole, result.impact.scramble))]
        for averted in result.averted
    ]
    title = "What the chosen mitigations avert, on the same draws (expectation given the parameters)"
    return _table(title, ("mitigation", *mitigation_table.COLUMNS), body)


def cautions(result: PanelResult) -> str:
    """HTML list of the notes that go with the result; "" without notes."""
    return str(_macros().cautions(result.notes)) if result.notes else ""


def _table(title: str, head: tuple[str, ...], body: list[list[str]]) -> str:
    """A table with a caption and headed rows, which scrolls where it is too wide."""
    right = [False, *[True] * (len(head) - 1)]
    inside = table(body, head, caption=title, look=LOOK, numbers=right)
    return str(_macros().scrolled(Markup(inside)))  # noqa: S704 - `table` has escaped every cell


def whole(result: PanelResult) -> str:
    """HTML for a page without controls: headline, :func:`funnel`, mitigations if any, notes."""
    parts = [headline(result, settled=True), funnel(result)]
    return "".join([*parts, mitigations(result) if result.averted else "", cautions(result)])
