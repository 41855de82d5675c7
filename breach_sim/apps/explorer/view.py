"""An answer as text for a page: headline, funnel as a drawing, tables. Pure functions that return HTML.

The funnel is SVG written here and not a figure of ``plots``: it is drawn in a millisecond, where matplotlib
needs half a second, and it stays sharp at any size. The colours are those of ``plots``.

Not here: numbers (``setting``), or controls (``panel``).
"""

from __future__ import annotations

import math
from html import escape

from breach_sim.apps.explorer.setting import Answer
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import spread

Rows = dict[str, dict[str, dict[str, float]]]
GREY, BLUE, ORANGE = "#8c8c8c", "#0072B2", "#D55E00"
INK = "var(--jp-ui-font-color1, #222)"
FONT = "font-family:var(--jp-ui-font-family, system-ui, sans-serif);line-height:1.35"
CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:top;color:inherit;font-size:12px"
NUMBER = CELL.replace("text-align:left", "text-align:right") + ";white-space:nowrap"
LONG = 20
"""Letters from which a headline is set smaller."""
WIDTH, LEFT, RIGHT, ROW, TOP = 800, 290, 62, 21, 30
"""Funnel: widths of the whole, the names and the last label, height of a row, and what stands above."""


def headline(answer: Answer, *, settled: bool) -> str:
    """The answer first: people, loss, the largest harm, and what the chosen mitigations avert.

    Parameters
    ----------
    answer
        What to tell.
    settled
        False while a control moves.

    Returns
    -------
    HTML. Every number is the median with its 90 % interval, unless it says "mean".
    """
    impact = answer.impact
    worst, share = answer.worst
    boxes = [
        _box("People harmed", spread(impact.people), f"of {human(impact.scenario.accounts)} accounts"),
        _box("Loss [USD]", spread(impact.loss), "of victims and third parties"),
        _box("Largest harm", worst or "none", f"{share:.0%} of the mean loss" if worst else ""),
    ]
    if answer.averted:
        own = answer.averted[-1]
        many = len(answer.averted) > 1
        mean, left = (human(significant(float(loss))) for loss in (own.loss.mean(), answer.left()))
        boxes.append(
            _box(
                "Averted by all chosen [USD]" if many else "Averted [USD]",
                spread(own.loss),
                f"mean {mean}; left {left}",
            )
        )
    grid = "display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px 16px"
    told = f'{_status(answer, settled=settled)}<div style="{grid}">{"".join(boxes)}</div>'
    return f'<div style="{FONT};color:{INK}">{told}</div>'


def _status(answer: Answer, *, settled: bool) -> str:
    """One line that says how far the numbers can be trusted."""
    counted = f"{answer.replicates:,} replicates"
    words, colour = f"<b>Settled</b>: {counted}, seed {answer.setting.seed}.", GREY
    if not settled:
        words = f"<b>Quick look</b>: {counted} while you move; the settled answer follows when you pause."
        colour = ORANGE
    years = f" Median and 90 % interval, {answer.setting.horizon_years:g} years after the sale."
    style = f"border-left:4px solid {colour};padding:2px 8px;margin:0 0 10px;font-size:13px"
    return f'<div role="status" style="{style}">{words}{years}</div>'


def _box(what: str, number: str, more: str) -> str:
    """A name, a number, and what it is of."""
    middle, _, interval = number.partition(" (")
    size = 21 if len(middle) < LONG else 16
    inside = f'<div style="font-size:13px">{escape(interval.rstrip(")"))}</div>' if interval else ""
    return (
        f'<div><div style="font-size:12px">{escape(what)}</div>'
        f'<div style="font-size:{size}px;font-weight:600;line-height:1.25">{escape(middle)}</div>{inside}'
        f'<div style="font-size:12px;opacity:.75">{escape(more)}</div></div>'
    )


def refusal(message: str) -> str:
    """What is wrong with a setting, in place of the headline.

    Parameters
    ----------
    message
        Value, place, rule and remedy.

    Returns
    -------
    HTML.
    """
    style = f"{FONT};color:{INK};border-left:4px solid {ORANGE};padding:2px 8px;margin:0 0 10px"
    return (
        f'<div role="alert" style="{style}"><b>This cannot be answered.</b> {escape(message)}<br>'
        "What stands below is the last answer, to other settings.</div>"
    )


def funnel(answer: Answer) -> str:
    """The funnel by attack: who can be attacked, who is, and who becomes a victim.

    Parameters
    ----------
    answer
        What to draw; the table behind is :func:`numbers`.

    Returns
    -------
    HTML with one SVG drawing: medians as dots, 90 % intervals of the victims as bars, a logarithmic scale.
    [accounts]
    """
    rows = answer.funnel()
    if not rows:
        return f'<div style="{FONT};color:{INK}">No attack is open to any account: nothing to draw.</div>'
    last = max(1, math.ceil(math.log10(answer.impact.scenario.accounts)))
    height = TOP + ROW * len(rows) + 40
    parts = [_axis(last, TOP + ROW * len(rows))]
    parts += [_row(label, row, TOP + ROW * (n + 0.5), last) for n, (label, row) in enumerate(rows.items())]
    words = (("attackable", GREY), ("attempted", BLUE), ("victims, bar: 90 % interval", ORANGE))
    for x, (word, colour) in zip((LEFT, LEFT + 110, LEFT + 220), words, strict=True):
        parts.append(_text(x, 16, f"● {word}", colour=colour, more='font-weight="600"'))
    parts.append(_text(WIDTH, 16, "median", colour=ORANGE, more='font-weight="600" text-anchor="end"'))
    most = max(rows, key=lambda label: rows[label]["victims"]["p50"])
    told = f"Funnel by attack, {len(rows)} attacks; most victims by {most}: " + human(
        significant(rows[most]["victims"]["p50"])
    )
    return (
        f'<svg role="img" aria-label="{escape(told, quote=True)}" viewBox="0 0 {WIDTH} {height}" '
        f'style="{FONT};width:100%;max-width:{WIDTH}px;color:{INK}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}</svg>"
    )


def _at(value: float, last: int) -> float:
    """Place of a number of accounts on the logarithmic axis; what is below 1 stands at its left end."""
    span = WIDTH - LEFT - RIGHT
    return LEFT + span * min(1.0, math.log10(max(value, 1.0)) / last)


def _text(x: float, y: float, words: str, *, colour: str = "currentColor", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{colour}" {more}>{escape(words)}</text>'


def _axis(last: int, bottom: float) -> str:
    """Powers of ten, with lines up to the top."""
    parts = []
    for power in range(last + 1):
        x = _at(10.0**power, last)
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="currentColor" opacity=".12"/>'
        )
        if last < 8 or power % 2 == last % 2:  # noqa: PLR2004 - that many labels fit side by side
            parts.append(_text(x, bottom + 15, _short(10.0**power), more='text-anchor="middle"'))
    middle = (LEFT + WIDTH - RIGHT) / 2
    words = "accounts (logarithmic; less than 1 stands at the left end)"
    parts.append(_text(middle, bottom + 32, words, more='text-anchor="middle"'))
    return "".join(parts)


def _short(value: float) -> str:
    """Label such as 10k, 1M."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def _row(label: str, row: dict[str, dict[str, float]], y: float, last: int) -> str:
    """One attack: three dots on a line, the interval of the victims, and their median as a number."""
    places = {word: _at(row[word]["p50"], last) for word in ("attackable", "attempted", "victims")}
    low, high = (_at(row["victims"][end], last) for end in ("p5", "p95"))
    parts = [
        _text(LEFT - 14, y + 4, label, more='text-anchor="end"'),
        f'<line x1="{places["victims"]:.1f}" y1="{y}" x2="{places["attackable"]:.1f}" y2="{y}" '
        f'stroke="{GREY}" opacity=".5"/>',
        f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="{ORANGE}" stroke-width="6" '
        'stroke-linecap="round" opacity=".4"/>',
    ]
    for word, colour in (("attackable", GREY), ("attempted", BLUE), ("victims", ORANGE)):
        parts.append(f'<circle cx="{places[word]:.1f}" cy="{y}" r="4" fill="{colour}"/>')
    victims = human(significant(row["victims"]["p50"], 2))
    parts.append(_text(WIDTH, y + 4, _brief(victims), colour=ORANGE, more='text-anchor="end"'))
    return "".join(parts)


def _brief(told: str) -> str:
    return told.replace(" million", "M").replace(" billion", "B")


def numbers(answer: Answer) -> str:
    """The table behind the funnel.

    Parameters
    ----------
    answer
        What to tell.

    Returns
    -------
    HTML table: medians, and the 90 % intervals of victims and loss; three digits.
    """
    head = ("attack", "attackable", "attempted", "victims", "loss [USD]")
    body = []
    for label, row in answer.funnel().items():
        middles = [_brief(human(significant(row[word]["p50"]))) for word in ("attackable", "attempted")]
        body.append([label, *middles, *(_interval(row[word]) for word in ("victims", "loss_usd"))])
    return _table("Accounts by attack: median (90 % interval)", head, body)


def _interval(told: dict[str, float]) -> str:
    low, middle, high = (_brief(human(significant(told[q]))) for q in ("p5", "p50", "p95"))
    return middle if low == high else f"{middle} ({low} to {high})"


def helped(answer: Answer) -> str:
    """What each chosen mitigation averts and costs.

    Parameters
    ----------
    answer
        What to tell.

    Returns
    -------
    HTML table; a sentence where none is chosen.
    """
    if not answer.averted:
        return (
            f'<p style="{FONT};color:{INK};font-size:13px">No mitigation is chosen. Tick one under '
            "<b>What would help</b> to see what it averts.</p>"
        )
    head = ("mitigation", "averts [USD]", "of the loss", "people", "costs [USD]", "worth it in")
    whole = float(answer.comparison.base.total("loss").mean()) if answer.comparison else 0.0
    body = []
    for own in answer.averted:
        share = float(own.loss.mean()) / whole if whole else 0.0
        worth = f"{float((own.loss > own.cost).mean()):.0%}"
        money, people, cost = (_brief(spread(sample)) for sample in (own.loss, own.people, own.cost))
        told = (money, f"{share:.1%}", people, cost, worth)
        body.append([own.label, *told])
    title = "What the chosen mitigations avert, on the same draws (expectation given the parameters)"
    return _table(title, head, body)


def cautions(answer: Answer) -> str:
    """The notes that go with the answer.

    Parameters
    ----------
    answer
        What to tell.

    Returns
    -------
    HTML list; "" without notes.
    """
    if not answer.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in answer.notes)
    return f'<ul style="{FONT};color:{INK};font-size:12px;margin:8px 0;padding-left:18px">{items}</ul>'


def _table(title: str, head: tuple[str, ...], body: list[list[str]]) -> str:
    """A plain table with a caption and headed rows."""
    top = "".join(
        f'<th scope="col" style="{NUMBER if n else CELL}">{escape(word)}</th>' for n, word in enumerate(head)
    )
    rows = "".join(
        "<tr>"
        f'<th scope="row" style="{CELL};font-weight:400;min-width:110px">{escape(cells[0])}</th>'
        + "".join(f'<td style="{NUMBER}">{escape(cell)}</td>' for cell in cells[1:])
        + "</tr>"
        for cells in body
    )
    caption = f'<caption style="text-align:left;font-size:12px;padding:6px 0">{escape(title)}</caption>'
    return (
        f'<div style="overflow-x:auto"><table style="{FONT};color:{INK};border-collapse:collapse">{caption}'
        f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def whole(answer: Answer) -> str:
    """The answer without controls, for a page where none can be moved.

    Parameters
    ----------
    answer
        What to tell.

    Returns
    -------
    HTML: headline, funnel, mitigations if any, notes.
    """
    parts = [headline(answer, settled=True), funnel(answer)]
    return "".join([*parts, helped(answer) if answer.averted else "", cautions(answer)])
