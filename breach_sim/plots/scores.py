"""The scoreboard as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.analysis.backtesting.scoreboard import Scoreboard, ScoreRow
from breach_sim.plots.style import _ROW, BLUE, INK, ORANGE, PALE, _alt, _compact, _empty, _new, _title

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def scoreboard(board: Scoreboard, ax: Axes | None = None) -> Axes:
    """Predicted intervals and outcomes, case by case, on a logarithmic axis; hits and misses apart.

    Parameters
    ----------
    board
        What ``backtest()`` gave; the table behind is ``board.table()``. Rows in USD are drawn.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Lines: 90 % intervals with a tick at the median, blue by the law of scale, orange by the firm's
    ledger. On or beside each its outcome: a filled circle is a hit, a cross in red a miss. [USD]
    """
    what, of = "Predicted, and what came of it", "what the firm paid, by case"
    rows = [row for row in board.rows if row.by in _BY and row.outcome.unit == "USD"]
    named = {(row.case, row.quantity): row.outcome.figure for row in rows}
    ax = _new(ax, 9.5, 1.8 + _ROW * max(len(named), 3))
    if not rows:
        return _empty(ax, what, of, "nothing was compared")
    places = {name: place for place, name in enumerate(sorted(named, key=lambda name: named[name]))}
    ends = [end for row in rows for end in (row.low, row.high, row.outcome.figure) if 0 < end < np.inf]
    for row in rows:
        _draw_row(ax, row, places[row.case, row.quantity], (min(ends) / 2, max(ends) * 2))
    for place in places.values():
        ax.axhline(place, color=PALE, linewidth=0.8, zorder=0)
    ax.set(xscale="log", xlim=(min(ends) / 2, max(ends) * 2), ylim=(-0.7, len(places) - 0.3))
    ax.set_yticks(range(len(places)), [f"{case}: {quantity}" for case, quantity in places])
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("line: 90 % interval, tick: median, ● outcome inside, ✕ outside [USD, logarithmic]")
    for place, (by, (colour, _)) in enumerate(_BY.items()):
        own = [row for row in rows if row.by == by]
        missed = sum(row.verdict == "miss" for row in own)
        words = f"by {by}: {len(own) - missed} of {len(own)} inside"
        ax.text(0.45 * place, 1.01, words, color=colour, transform=ax.transAxes, va="bottom")
    _title(ax, what, of, pad=24)
    missed = sum(row.verdict == "miss" for row in rows)
    return _alt(ax, f"{what}: {len(rows) - missed} of {len(rows)} outcomes lie in their 90 % intervals.")


_BY = {"law of scale": (BLUE, 0.16), "firm's ledger": (ORANGE, -0.16)}
"""Colour of what predicts, and how far its lines stand above the middle of the row."""


def _draw_row(ax: Axes, row: ScoreRow, place: int, ends: tuple[float, float]) -> None:
    """An interval, its median, and the outcome: inside or outside."""
    colour, lift = _BY[row.by]
    y, hit = place + lift, row.verdict == "hit"
    span = [max(row.low, ends[0]), min(row.high, ends[1])]
    ax.plot(span, [y, y], color=colour, linewidth=4, alpha=0.4, solid_capstyle="butt")
    ax.plot(row.middle, y, "|", color=colour, markersize=9, markeredgewidth=2)
    ax.plot(
        row.outcome.figure,
        y,
        "o" if hit else "x",
        color=INK if hit else "#B00020",
        markersize=5.5 if hit else 7,
        markeredgewidth=1 if hit else 2.2,
    )
