"""Scores and ranks: predictions against published amounts, their percentiles, and the places of a league."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from breach_sim.analysis.backtesting.scoreboard import Scoreboard, ScoreRow
from breach_sim.analysis.leagues.standings import MEASURES, League
from breach_sim.analysis.subjects import assumed
from breach_sim.catalog import load_attacks, load_firm
from breach_sim.catalog.faces.labels import label_of_line
from breach_sim.formatting.display import shortened
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.plots.colors import BLUE, BLUE_TEXT, DIM, GREY, INK, ORANGE, ORANGE_TEXT, PALE, RED, SKY
from breach_sim.plots.language.breaches import label_of_breach
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, row_height, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import Free, say_empty
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BINS = 10
"""Bins of the histogram of percentiles."""
_MANY = 50
"""Places from which on the axis is logarithmic."""
_LONG, _WIDE = 60, 3.0
"""Letters of a breach beside its row and in the title, and the width of its row. [inches]"""
_CASE = 44
"""Letters of a miss in the list."""
_CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
"""Ground of a number over intervals."""
_NAMED = 8
"""Misses that are numbered and named in the figure, those farthest out first."""


@in_style
def scoreboard(board: Scoreboard, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw each predicted interval against the published amount, marking misses.

    Parameters
    ----------
    board
        Result of ``backtest()``. The figure shows the scored rows of ``board.table()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Across, the outcome; up, the 90 % interval with a dot at the median, blue for a hit and red for
    a miss; on the line the median equals the outcome. [USD of 2024], logarithmic
    """
    rows = board.scored
    of = "Payments and costs of breached firms, each predicted without its breach."
    ax = axes_or_new(ax, WIDTH, 6.6)
    if not rows:
        return say_empty(ax, "Nothing was compared", of, "nothing was compared")
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
    missed = sorted((row for row in rows if row.verdict == "miss"), key=_far, reverse=True)
    _name(ax, missed[:_NAMED])
    corner: dict[str, Any] = {"ha": "left", "va": "top", "color": DIM, "fontsize": SMALL}
    ax.text(0.02, 0.98, "on the line the prediction is the outcome", transform=ax.transAxes, **corner)
    inside, expected = len(rows) - len(missed), round(0.9 * len(rows))
    sentence = (
        f"{inside} of {len(rows)} outcomes lie inside their 90 % intervals; an honest model has about "
        f"{expected}"
    )
    finding(ax, sentence, of)
    farthest = "; ".join(_case(row) for row in missed[:3])
    describe(
        ax,
        f"{sentence}. {of} Circles on their intervals are hits, crosses misses"
        + (f", the farthest: {farthest}." if farthest else "."),
    )
    cited = len({row.amount.source for row in rows})
    return signed(ax, f"seed {board.seed}; outcomes from {cited} published sources; {_fitted(board)}", footer)


@in_style
def percentiles(board: Scoreboard, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the histogram of the outcomes' percentiles in their predictions (PIT).

    Parameters
    ----------
    board
        Result of ``backtest()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Bars: outcomes by percentile; the line is what even percentiles would give, the band where nine
    bars in ten would then lie.
    """
    from scipy.stats import binom

    of = "Percentile of each outcome in its prediction. An honest model gives even bars, 9 of 10 in the band."
    ax = axes_or_new(ax, WIDTH, 3.2)
    found = board.percentiles if board.scored else np.zeros(0)
    if not found.size:
        return say_empty(ax, "Nothing was compared", of, "nothing was compared")
    counts, edges = np.histogram(found, bins=BINS, range=(0, 1))
    low, high = (float(binom.ppf(level, found.size, 1 / BINS)) for level in (0.05, 0.95))
    ax.axhspan(low, high, color=PALE, zorder=0)
    ax.axhline(found.size / BINS, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=3)
    odd = [not low <= count <= high for count in counts]
    colors = [ORANGE if out else BLUE for out in odd]
    bars = ax.bar(100 * edges[:-1], counts, width=100 / BINS, align="edge", color=colors, edgecolor="white")
    ax.bar_label(bars, fontsize=SMALL, padding=2)
    ax.set(xlim=(0, 100), xlabel="percentile of the outcome in its prediction [%]", ylabel="outcomes")
    ax.set_ylim(0, max(int(counts.max()), high) * 1.15)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    p = board.overall.uniform_p
    high_side = int((found > 1 / 2).sum())
    sentence = _evenness(sum(odd), high_side, int(found.size))
    below = f"{of} Test of evenness: p = {p:.2g}."
    finding(ax, sentence, below)
    listed = ", ".join(str(count) for count in counts)
    describe(ax, f"{sentence}. {below} {found.size} percentiles, by tenths: {listed}.")
    return signed(ax, f"seed {board.seed}; {_fitted(board)}", footer)


def _behind(league: League, shown: int) -> Iterator[Estimate]:
    """Numbers behind the places: of all attacks, and of each breach that is shown."""
    for part in (load_attacks(), *league.scenarios[:shown]):
        yield from {own.name: own for own in estimates_in(part)}.values()


def _fitted(board: Scoreboard) -> str:
    """What the predictions rest on: amounts that they are fitted to, and the numbers of the ledger."""
    return f"fitted to {board.figures} amounts; {assumed(estimates_in(load_firm()))}"


def _evenness(odd: int, above: int, count: int) -> str:
    """How far the bars are from even, and to which side outcomes lie."""
    side = f"{above} of {count} outcomes lie above their median prediction"
    if not odd:
        return f"All {BINS} bars are as even as an honest model's; {side}"
    bars = "1 bar is" if odd == 1 else f"{odd} bars are"
    return f"{bars} outside the band of an honest model; {side}"


def _draw_row(ax: Axes, row: ScoreRow) -> list[float]:
    """Draw one interval; return its ends and the outcome."""
    score, outcome = row.score, row.amount.usd_constant
    if score is None or outcome is None:
        return []
    low, *_, high = score.quantiles
    color = BLUE if row.verdict == "hit" else RED
    hit = row.verdict == "hit"
    width, alpha = (1.2, 0.22) if hit else (1.6, 0.7)
    ax.plot(
        [outcome, outcome], [low, high], color=color, linewidth=width, alpha=alpha, zorder=1 if hit else 2
    )
    shape, size = ("o", 3.5) if hit else ("X", 6.5)
    ax.plot(outcome, score.quantiles[2], shape, color=color, markersize=size, zorder=3 if hit else 4)
    return [low, high, outcome]


def _far(row: ScoreRow) -> float:
    return 0.0 if row.score is None else abs(row.score.percentile - 0.5)


def _spot(row: ScoreRow) -> tuple[float, float] | None:
    """Where the median of a row is drawn."""
    if row.score is None or row.amount.usd_constant is None:
        return None
    return float(row.amount.usd_constant), float(row.score.quantiles[2])


def _case(row: ScoreRow) -> str:
    """Breach and line of a row in words."""
    return f"{label_of_breach(row.amount.breach)}, {label_of_line(row.amount.kind)}"


def _name(ax: Axes, rows: Sequence[ScoreRow]) -> None:
    """Number the misses, and list them in the corner where no outcome can lie so far from its prediction."""
    lines = ["X  outside its 90 % interval"] if rows else []
    look: dict[str, Any] = {"color": INK, "fontsize": SMALL, "ha": "center", "va": "center", "zorder": 5}
    free = Free(ax, [spot for row in rows if (spot := _spot(row))])
    for number, row in enumerate(rows, start=1):
        at = _spot(row)
        if at:
            text = free.near(at)
            ax.annotate(f"{number}", at, text, textcoords="offset points", bbox=dict(_CLEAR), **look)
            lines.append(f"{number}  {shortened(_case(row), _CASE)}")
    place: dict[str, Any] = {"ha": "right", "va": "bottom", "multialignment": "left"}
    ax.text(0.985, 0.015, "\n".join(lines), color=INK, fontsize=SMALL, transform=ax.transAxes, **place)


@in_style
def places(league: League, ax: Axes | None = None, *, most: int = 30, footer: bool = True) -> Axes:
    """Draw the place of each breach of a league, the interval of its rank, and its place by accounts.

    Parameters
    ----------
    league
        Result of ``league(...)``. The figure shows the first rows of ``league.table()``.
    ax
        Axes to draw on; if None, new axes are created.
    most
        Breaches that are drawn, the worst first. [1, inf)
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. One row per breach: a dot at the place, a bar over 90 % of its ranks, a ring at its place by
    number of accounts. [place], logarithmic where more than 50 places are shown
    """
    frame = league.table().iloc[:most]
    titles = [scenario.title for scenario in league.scenarios[: len(frame)]]
    labels = [shortened(title, _LONG) for title in titles]
    ax = axes_or_new(ax, WIDTH, 1.0 + row_height(labels, _WIDE) * max(len(frame), 2))
    columns = frame[["rank_p5", "rank_p95", "place", "place_by_accounts"]]
    for row, (low, high, place, by_accounts) in enumerate(columns.itertuples(index=False)):
        ax.plot([low, high], [row, row], color=SKY, linewidth=6, alpha=0.6, solid_capstyle="butt")
        ax.plot(by_accounts, row, "o", markeredgecolor=ORANGE, markerfacecolor="none", markersize=8)
        ax.plot(place, row, "o", color=BLUE, markersize=5)
    ax.set_ylim(len(frame) - 0.4, -1.5)
    furthest = int(frame[["rank_p95", "place_by_accounts"]].to_numpy().max())
    if furthest > _MANY:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlim(0.5, furthest + 0.5)
    ax.set_xlabel("place" + (" (logarithmic)" if furthest > _MANY else ""), color=DIM, fontsize=SMALL)
    name_rows(ax, labels, width=_WIDE)
    key: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": SMALL, "va": "center"}
    ax.text(0.0, -0.95, "● place; bar: 90 % of ranks", color=BLUE_TEXT, **key)
    ax.text(0.58, -0.95, "○ place by accounts", color=ORANGE_TEXT, **key)
    spans = [
        f"{low} to {high}" if low < high else f"{low}"
        for low, high in columns[["rank_p5", "rank_p95"]].itertuples(index=False)
    ]
    write_columns(ax, (Column("rank, 90 %", spans),), head_at=-0.95)
    sentence = _first(titles, frame)
    few = len(frame) < len(league.names)
    of = f"The first {len(frame)} of {len(league.names)} breaches" if few else f"All {len(frame)} breaches"
    below = f"{of}, ranked by {MEASURES[league.by]}."
    finding(ax, sentence, below)
    describe(ax, f"{sentence}. Places of {len(frame)} breaches with the interval of each rank. {below}")
    behind = assumed(_behind(league, len(frame)))
    return signed(ax, f"seed {league.draws.seed}, {league.draws.replicates:,} points; {behind}", footer)


def _first(titles: Sequence[str], frame: pd.DataFrame) -> str:
    """Who is first, how sure that is, and how far size misleads."""
    low, high = int(frame["rank_p5"].iloc[0]), int(frame["rank_p95"].iloc[0])
    sure = "in nearly every run" if low == high == 1 else f"its rank lies between {low} and {high}"
    start = f"{shortened(titles[0], _LONG)} comes first{' ' if low == high == 1 else '; '}{sure}"
    by_size = int(frame["place_by_accounts"].iloc[0])
    return start if by_size == 1 else f"{start}, by accounts it would be number {by_size}"
