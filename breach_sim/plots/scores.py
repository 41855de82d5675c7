"""Scores and ranks: predictions against published amounts, their percentiles, and the places of a league."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from breach_sim.analysis.backtesting.scoreboard import Scoreboard, ScoreRow
from breach_sim.analysis.leagues.standings import MEASURES, League
from breach_sim.formatting.display import shortened
from breach_sim.plots.colors import BLUE, GREY, INK, ORANGE, PALE, RED, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import say_empty, set_title
from breach_sim.plots.language.style import axes_or_new
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 10
"""Bins of the histogram of percentiles."""
_MANY = 50
"""Places from which on the axis is logarithmic."""
_LETTERS, _LONG = 38, 48
"""Letters of a breach beside its row, and in the title."""
_NAMED = 8
"""Misses that are numbered and named in the figure, those farthest out first."""


def scoreboard(board: Scoreboard, ax: Axes | None = None) -> Axes:
    """Draw each predicted interval against the published amount, marking misses.

    Parameters
    ----------
    board
        Result of ``backtest()``. The figure shows the scored rows of ``board.table()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Across, the outcome; up, the 90 % interval with a dot at the median, blue for a hit and red for
    a miss; on the line the median equals the outcome. [USD of 2024], logarithmic
    """
    rows, what = board.scored, "Predicted, and what came of it"
    of = "payments and costs of breached firms, each predicted without its breach"
    ax = axes_or_new(ax, 7.5, 7.0)
    if not rows:
        return say_empty(ax, what, of, "nothing was compared")
    ends: list[float] = []
    for row in rows:
        ends += _draw_row(ax, row)
    low, high = min(ends) / 2, max(ends) * 2
    ax.plot([low, high], [low, high], color=GREY, linewidth=1, zorder=0)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(compact))
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("published [USD of 2024, logarithmic]")
    ax.set_ylabel("predicted: median and 90 % interval [USD of 2024, logarithmic]")
    missed = [row for row in rows if row.verdict == "miss"]
    _name(ax, sorted(missed, key=_far, reverse=True)[:_NAMED])
    words = f"{len(rows) - len(missed)} of {len(rows)} outcomes lie inside their 90 % intervals"
    set_title(ax, words, of, pad=12)
    return describe(ax, f"{what}: {words}.")


def percentiles(board: Scoreboard, ax: Axes | None = None) -> Axes:
    """Draw the histogram of the outcomes' percentiles in their predictions (PIT).

    Parameters
    ----------
    board
        Result of ``backtest()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Bars: outcomes by percentile; the line is what even percentiles would give, the band where nine
    bars in ten would then lie.
    """
    from scipy.stats import binom

    what, of = (
        "Percentiles of the outcomes in their predictions",
        "an honest model gives even bars, nine in ten inside the band",
    )
    ax = axes_or_new(ax, 7.5, 3.6)
    found = board.percentiles if board.scored else np.zeros(0)
    if not found.size:
        return say_empty(ax, what, of, "nothing was compared")
    counts, edges = np.histogram(found, bins=BINS, range=(0, 1))
    low, high = (float(binom.ppf(level, found.size, 1 / BINS)) for level in (0.05, 0.95))
    ax.axhspan(low, high, color=PALE, zorder=0)
    ax.axhline(found.size / BINS, color=GREY, linewidth=1)
    ax.bar(100 * edges[:-1], counts, width=100 / BINS, align="edge", color=BLUE, edgecolor="white")
    ax.set(xlim=(0, 100), xlabel="percentile of the outcome in its prediction [%]", ylabel="outcomes")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    p = board.overall.uniform_p
    words = f"{found.size} percentiles, even with p = {p:.2g}"
    set_title(ax, words, of, pad=12)
    return describe(ax, f"{what}: {words}.")


def _draw_row(ax: Axes, row: ScoreRow) -> list[float]:
    """Draw one interval; return its ends and the outcome."""
    score, outcome = row.score, row.amount.usd_constant
    if score is None or outcome is None:
        return []
    low, *_, high = score.quantiles
    color = BLUE if row.verdict == "hit" else RED
    ax.plot([outcome, outcome], [low, high], color=color, linewidth=1.4, alpha=0.35, zorder=1)
    ax.plot(outcome, score.quantiles[2], "o" if row.verdict == "hit" else "X", color=color, markersize=4)
    return [low, high, outcome]


def _far(row: ScoreRow) -> float:
    return 0.0 if row.score is None else abs(row.score.percentile - 0.5)


def _name(ax: Axes, rows: Sequence[ScoreRow]) -> None:
    """Number the misses, and list them in the corner where no outcome can lie so far from its prediction."""
    lines = ["X  outside its 90 % interval"] if rows else []
    for number, row in enumerate(rows, start=1):
        if row.score is not None and row.amount.usd_constant is not None:
            at = (row.amount.usd_constant, row.score.quantiles[2])
            ax.annotate(f"{number}", at, xytext=(5, -2), textcoords="offset points", color=INK, fontsize=8)
            lines.append(f"{number}  {row.amount.breach}, {row.amount.kind.replace('_', ' ')}")
    place: dict[str, Any] = {"ha": "right", "va": "bottom", "multialignment": "left"}
    ax.text(0.985, 0.015, "\n".join(lines), color=INK, fontsize=7.5, transform=ax.transAxes, **place)


def places(league: League, ax: Axes | None = None, *, most: int = 30) -> Axes:
    """Draw the place of each breach of a league, the interval of its rank, and its place by accounts.

    Parameters
    ----------
    league
        Result of ``league(...)``. The figure shows the first rows of ``league.table()``.
    ax
        Axes to draw on; if None, new axes are created.
    most
        Breaches that are drawn, the worst first. [1, inf)

    Returns
    -------
    The axes. One row per breach: a dot at the place, a bar over 90 % of its ranks, a ring at its place by
    number of accounts. [place], logarithmic where more than 50 places are shown
    """
    frame = league.table().iloc[:most]
    ax = axes_or_new(ax, 8.5, 1.7 + 0.27 * len(frame))
    for row, (low, high, place, by_accounts) in enumerate(
        frame[["rank_p5", "rank_p95", "place", "place_by_accounts"]].itertuples(index=False)
    ):
        ax.plot([low, high], [row, row], color=SKY, linewidth=6, alpha=0.6, solid_capstyle="butt")
        ax.plot(by_accounts, row, "o", markeredgecolor=ORANGE, markerfacecolor="none", markersize=7)
        ax.plot(place, row, "o", color=BLUE, markersize=5)
    titles = [scenario.title for scenario in league.scenarios[: len(frame)]]
    ax.set_yticks(range(len(frame)), [shortened(title, _LETTERS) for title in titles])
    ax.set_ylim(len(frame) - 0.4, -0.6)
    furthest = int(frame[["rank_p95", "place_by_accounts"]].to_numpy().max())
    if furthest > _MANY:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlim(left=0.5)
    scale = " (logarithmic)" if furthest > _MANY else ""
    ax.set_xlabel(f"dot: place; bar: 90 % of its ranks; ring: place by accounts{scale}")
    first = frame.iloc[0]
    between = f"{first['rank_p5']} and {first['rank_p95']}"
    what = f"{shortened(titles[0], _LONG)} comes first; its rank lies between {between}"
    few = len(frame) < len(league.names)
    of = f"the first {len(frame)} of {len(league.names)} breaches" if few else "all breaches"
    set_title(ax, what, f"{of}, ranked by {MEASURES[league.by]}")
    return describe(ax, f"Places of {len(frame)} breaches with the interval of each rank: {what}.")
