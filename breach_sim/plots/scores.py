"""The scoreboard of predictions: predicted intervals beside published outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.analysis.backtesting.scoreboard import Scoreboard, ScoreRow
from breach_sim.plots.colors import BLUE, INK, ORANGE, PALE, RED
from breach_sim.plots.style import ROW_HEIGHT, axes_or_new, describe, say_empty, set_title
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def scoreboard(board: Scoreboard, ax: Axes | None = None) -> Axes:
    """Draw predicted intervals and outcomes by case, marking hits and misses.

    Parameters
    ----------
    board
        Result of ``backtest()``. The figure shows the rows in USD of ``board.table()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Lines: 90 % intervals with a tick at the median, blue for the scaling law, orange for the firm's
    ledger. The outcome is a filled circle for a hit and a red cross for a miss. [USD], logarithmic
    """
    what, of = "Predicted, and what came of it", "what the firm paid, by case"
    rows = [row for row in board.rows if row.by in _BY and row.outcome.unit == "USD"]
    named = {(row.case, row.quantity): row.outcome.figure for row in rows}
    ax = axes_or_new(ax, 9.5, 1.8 + ROW_HEIGHT * max(len(named), 3))
    if not rows:
        return say_empty(ax, what, of, "nothing was compared")
    places = {name: place for place, name in enumerate(sorted(named, key=lambda name: named[name]))}
    ends = [end for row in rows for end in (row.low, row.high, row.outcome.figure) if 0 < end < np.inf]
    for row in rows:
        _draw_row(ax, row, places[row.case, row.quantity], (min(ends) / 2, max(ends) * 2))
    for place in places.values():
        ax.axhline(place, color=PALE, linewidth=0.8, zorder=0)
    ax.set(xscale="log", xlim=(min(ends) / 2, max(ends) * 2), ylim=(-0.7, len(places) - 0.3))
    ax.set_yticks(range(len(places)), [f"{case}: {quantity}" for case, quantity in places])
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("line: 90 % interval, tick: median, ● outcome inside, ✕ outside [USD, logarithmic]")
    for place, (by, (color, _)) in enumerate(_BY.items()):
        own = [row for row in rows if row.by == by]
        missed = sum(row.verdict == "miss" for row in own)
        words = f"by {by}: {len(own) - missed} of {len(own)} inside"
        ax.text(0.45 * place, 1.01, words, color=color, transform=ax.transAxes, va="bottom")
    set_title(ax, what, of, pad=24)
    missed = sum(row.verdict == "miss" for row in rows)
    return describe(ax, f"{what}: {len(rows) - missed} of {len(rows)} outcomes lie in their 90 % intervals.")


_BY = {"law of scale": (BLUE, 0.16), "firm's ledger": (ORANGE, -0.16)}
"""Color of what predicts, and how far its lines stand above the middle of the row."""


def _draw_row(ax: Axes, row: ScoreRow, place: int, ends: tuple[float, float]) -> None:
    """Draw an interval, its median, and the outcome inside or outside it."""
    color, lift = _BY[row.by]
    y, hit = place + lift, row.verdict == "hit"
    span = [max(row.low, ends[0]), min(row.high, ends[1])]
    ax.plot(span, [y, y], color=color, linewidth=4, alpha=0.4, solid_capstyle="butt")
    ax.plot(row.middle, y, "|", color=color, markersize=9, markeredgewidth=2)
    ax.plot(
        row.outcome.figure,
        y,
        "o" if hit else "x",
        color=INK if hit else RED,
        markersize=5.5 if hit else 7,
        markeredgewidth=1 if hit else 2.2,
    )
