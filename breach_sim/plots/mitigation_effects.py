"""Figures of mitigations: benefit and cost, overlap of pairs, and loss by month."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import summary
from breach_sim.plots.colors import BLUE, GREEN, GREY, INK, ORANGE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import label_inside, say_empty, set_title
from breach_sim.plots.language.style import ROW_HEIGHT, axes_or_new
from breach_sim.plots.ticks import compact
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_LINES = ((BLUE, "-"), (ORANGE, "-"), (GREEN, "-"), (SKY, "--"), (INK, ":"))
"""Color and line of the mitigations shown over time, those that avert most first."""


def mitigations(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw the loss averted by each mitigation beside its cost.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.table()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. One row per mitigation: 90 % interval and median of the expected loss averted, and a cross for
    the median cost. [USD], logarithmic
    """
    rows = [own for own in comparison.averted if np.median(own.loss) > 0]
    of = comparison.scenario.title
    ax = axes_or_new(ax, 8.5, 1.6 + ROW_HEIGHT * max(len(rows), 1))
    if not rows:
        return say_empty(ax, "What each mitigation averts", of, "no mitigation averts anything here")
    for place, own in enumerate(rows):
        averted, cost = summary(own.loss), float(np.median(own.cost))
        ax.plot([max(averted["p5"], 1.0), averted["p95"]], [place, place], color=SKY, linewidth=6, alpha=0.6)
        ax.plot(averted["p50"], place, "o", color=BLUE, markersize=7)
        if cost > 0:
            ax.plot(cost, place, "x", color=ORANGE, markersize=8, markeredgewidth=2)
    ax.set_xscale("log")
    ax.set_yticks(range(len(rows)), [own.label for own in rows])
    ax.set_ylim(len(rows) - 0.2, -0.9)
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.set_xlabel("USD (logarithmic)")
    last = float(np.median(rows[-1].cost))
    if last > 0:
        label_inside(ax, "median cost", (last, len(rows) - 1), -16, ORANGE)
    first = float(np.median(rows[0].loss))
    label_inside(ax, "loss averted, median and 90 % interval", (first, 0), 10, BLUE)
    set_title(ax, "What each mitigation averts, and costs", of)
    most = max(rows, key=lambda own: float(np.median(own.loss)))
    averted_usd = human(significant(np.median(most.loss), 2))
    return describe(
        ax, f"Loss averted by {len(rows)} mitigations for {of}: most by {most.label}, {averted_usd} USD."
    )


def overlap(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw the overlap of pairs of mitigations, as a share of the smaller benefit.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.overlap()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. A matrix with the share of the smaller benefit that is lost in the pair: 100 % if it adds
    nothing, negative if the two reinforce each other.
    """
    some = [i for i, own in enumerate(comparison.averted[: len(comparison.mitigations)]) if own.loss.any()]
    names = [comparison.mitigations[i].label for i in some]
    of = comparison.scenario.title
    ax = axes_or_new(ax, 3.2 + 0.75 * len(names), 1.8 + 0.5 * len(names))
    table = comparison.overlap()
    if not table["overlap_share"].notna().any():
        return say_empty(ax, "What pairs do twice", of, "no two mitigations avert anything here")
    shares = np.full((len(names), len(names)), np.nan)
    for (i, j), share in zip(comparison.pairs, table["overlap_share"], strict=True):
        if i in some and j in some:
            shares[some.index(j), some.index(i)] = share
    ax.imshow(np.clip(shares, -1, 1), cmap="PuOr_r", vmin=-1.4, vmax=1.4, aspect="auto")
    for row, column in zip(*np.nonzero(np.isfinite(shares)), strict=True):
        words = f"{round(shares[row, column], 2) + 0:.0%}"  # never -0%
        ax.text(column, row, words, ha="center", va="center", fontsize=8.5, color=INK)
    ax.set_xticks(range(len(names)), names, rotation=35, ha="right")
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 1.5)
    ax.set_ylim(len(names) - 0.5, 0.5)
    ax.set_xlabel("share of the lesser benefit that the other brings as well")
    set_title(ax, "What pairs do twice", of)
    top: Any = table["overlap_share"].idxmax()
    words = f"{top[0]} and {top[1]} overlap most, {table['overlap_share'].max():.0%}"
    return describe(ax, f"Overlap of {len(names)} mitigations for {of}: {words}.")


def mitigation_timeline(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw the loss by month without and with the most effective mitigations, and their start days.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.timeline()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. One line each for the mean expected loss per month, and dotted lines where a mitigation starts
    or ends, except for those in place before the breach. [USD/month], logarithmic, against months after sale
    """
    ax = axes_or_new(ax, 9.5, 4.4)
    of = comparison.scenario.title
    alone = [own for own in comparison.averted[: len(comparison.mitigations)] if own.loss.any()]
    shown = sorted(alone, key=lambda own: -float(own.loss.mean()))[: len(_LINES)]
    if not shown:
        return say_empty(ax, "Loss by month, with and without", of, "no mitigation averts anything here")
    table: Any = comparison.timeline()
    lines = {"without": ("without", GREY, "-")}
    lines |= {own.name: (own.label, *look) for own, look in zip(shown, _LINES, strict=False)}
    ends = np.concatenate([[0.0], table.loc["without", "end_day"].to_numpy()]) * 12 / 365
    last = {}
    for name, (label, color, style) in lines.items():
        lost = table.loc[name, "loss_usd_mean"].to_numpy()
        if not (lost > 0).any():
            continue
        held = np.where(lost > 0, lost, np.nan)
        ax.step(
            ends,
            np.append(held, held[-1]),
            style,
            where="post",
            color=color,
            linewidth=1.8 if label != "without" else 4,
        )
        last[label] = (float(lost[lost > 0][-1]), color)
    ax.set_yscale("log")
    ax.set_xlim(0, ends[-1])
    ax.set_xlabel("months after the sale")
    ax.set_ylabel("expected loss a month, USD (logarithmic)")
    ax.yaxis.set_major_formatter(FuncFormatter(compact))
    ax.yaxis.set_minor_formatter(NullFormatter())
    _label_ends(ax, last)
    _mark_dates(ax, [date for date in comparison.dates() if date[1] in lines], lines)
    set_title(ax, "Loss by month, with and without", of)
    averted_usd = human(significant(shown[0].loss.mean(), 2))
    return describe(
        ax,
        f"Expected loss by month for {of}, without and with {len(shown)} mitigations: {shown[0].label} "
        f"averts most, {averted_usd} USD in all.",
    )


def _label_ends(ax: Axes, last: Mapping[str, tuple[float, str]]) -> None:
    """Write labels to the right of line ends, moved apart if they overlap."""
    below = np.inf
    for label, (value, color) in sorted(last.items(), key=lambda item: -item[1][0]):
        at = float(ax.transAxes.inverted().transform(ax.transData.transform((0.0, value)))[1])
        below = min(at, below - 0.055)
        text = textwrap.shorten(label, 38, placeholder=" ...")
        ax.text(1.01, below, text, transform=ax.transAxes, color=color, fontsize=9, va="center")


def _mark_dates(
    ax: Axes, days: list[tuple[float, str, str]], lines: Mapping[str, tuple[str, str, str]]
) -> None:
    """Draw a dotted line on each date, and list the mitigations in the empty corner above the curves."""
    right = ax.get_xlim()[1]
    for row, (day, name, what) in enumerate(date for date in days if date[0] * 12 / 365 <= right):
        label, color, _ = lines[name]
        ax.axvline(day * 12 / 365, color=color, linewidth=1, linestyle=":")
        ax.text(
            0.99,
            0.97 - 0.06 * row,
            f"day {day:g}: {label} {what}",
            transform=ax.transAxes,
            color=color,
            fontsize=8.5,
            va="top",
            ha="right",
        )
