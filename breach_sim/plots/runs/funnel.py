"""The funnel of one run: attackable and attempted accounts, victims and loss, by attack.

The rows are those of :func:`breach_sim.results.tables.funnel.ranked`, which report and panel draw, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from breach_sim.analysis.subjects import subject
from breach_sim.formatting.digits import earned, human
from breach_sim.plots.colors import ATTACKABLE, ATTEMPTS, DIM, INK, PALE, VICTIMS, VICTIMS_PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, width_of
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import brief, harmed
from breach_sim.plots.ticks import compact
from breach_sim.results.impact import Impact
from breach_sim.results.tables.funnel import FunnelRow, ranked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_ROW = 0.235
"""Height of a row. [inches]"""
_AXIS = 3.4
"""Width of the axis, about. [inches]"""
_LEAST = 0.7
"""Left end of the axis, where 0 stands. [accounts]"""


@in_style
def funnel(
    impact: Impact,
    ax: Axes | None = None,
    *,
    most: int | None = None,
    by: str = "victims",
    footer: bool = True,
) -> Axes:
    """Draw attackable accounts, attempted accounts and victims by attack, the largest first, and their loss.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.funnel()``.
    ax
        Axes to draw on; if None, new axes are created.
    most
        Largest number of attacks to draw; None for all that some account is open to. [1, inf)
    by
        What decides the order: "victims" or "loss".
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Victims: median as a dot, 90 % interval as a bar; the others are medians. [accounts] on a
    logarithmic axis; loss in a column of numbers. [USD]
    """
    every = ranked(impact, by=by)
    rows = every[:most]
    ax = axes_or_new(ax, WIDTH, 0.9 + _ROW * max(len(rows), 3))
    if not rows:
        return say_empty(ax, "No attack is open to any account", subject(impact), "nothing is attackable")
    _draw(ax, rows, impact.scenario.accounts)
    ax.set_xlabel(f"accounts over {impact.horizon_years:g} years (logarithmic)", color=DIM, fontsize=SMALL)
    ax.xaxis.set_label_position("top")
    worst = max(every, key=lambda row: row.victims[1])
    sentence = harmed(impact, worst.label)
    more = f", {len(every) - len(rows)} smaller attacks left out" if len(rows) < len(every) else ""
    finding(
        ax,
        sentence,
        f"{subject(impact)}. Medians, bar: 90 % interval{more}.",
    )
    listed = "; ".join(f"{row.label} {_victims(row)} victims, {brief(row.loss[1])} USD" for row in rows[:3])
    describe(
        ax,
        f"{sentence}. Funnel by attack for {subject(impact)}, {len(rows)} rows sorted by {by}. "
        f"The largest: {listed}.",
    )
    return signed(ax, impact, footer)


def _victims(row: FunnelRow) -> str:
    return human(earned(row.victims[1], row.errors[0])) if row.victims[1] else "0"


def _draw(ax: Axes, rows: tuple[FunnelRow, ...], accounts: int) -> None:
    for place, row in enumerate(rows):
        low, middle, high = (max(value, _LEAST) for value in row.victims)
        attempted, attackable = max(row.attempted, _LEAST), max(row.attackable, _LEAST)
        ax.plot([middle, attackable], [place, place], color=PALE, linewidth=1.2, zorder=1)
        ax.plot(
            [low, high], [place, place], color=VICTIMS_PALE, linewidth=7, solid_capstyle="round", zorder=2
        )
        ax.plot(attackable, place, "o", color="white", markeredgecolor=ATTACKABLE, markersize=6, zorder=3)
        ax.plot(attempted, place, "|", color=ATTEMPTS, markersize=10, markeredgewidth=2.4, zorder=4)
        ax.plot(middle, place, "o", color=VICTIMS, markersize=6, zorder=5)
        side: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": LABEL, "annotation_clip": False}
        ax.annotate(_victims(row), (1, place), (58, 0), color=VICTIMS, weight="bold", **side, **look)
        ax.annotate(brief(row.loss[1]), (1, place), (106, 0), color=INK, **side, **look)
    ax.set_xscale("log")
    ax.set_xlim(_LEAST, accounts * 1.6)
    ax.set_ylim(len(rows) - 0.4, -1.45)
    ax.set_yticks(range(len(rows)), [row.label for row in rows])
    ax.tick_params(axis="y", length=0)
    ax.xaxis.tick_top()
    ax.xaxis.set_major_locator(LogLocator(base=10, numticks=12))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(axis="x", which="both", length=0)
    ax.grid(axis="x", color=PALE, linewidth=0.8)
    ax.spines[:].set_visible(False)
    _head(ax, rows[0])


def _head(ax: Axes, first: FunnelRow) -> None:
    """Names of the marks, over those of the first row, and of the columns."""
    look: dict[str, Any] = {"ha": "right", "va": "center", "annotation_clip": False}
    side: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate("victims", (1, -0.85), (58, 0), color=VICTIMS, weight="bold", fontsize=LABEL, **side, **look)
    ax.annotate("loss, USD", (1, -0.85), (106, 0), color=INK, fontsize=LABEL, **side, **look)
    # From right to left, each name centered on its mark or pushed aside by the one before.
    low, high = ax.get_xlim()
    decade, right = _AXIS / np.log10(high / low), np.inf
    for words, value, color in (
        ("attackable", first.attackable, DIM),
        ("attempted", first.attempted, ATTEMPTS),
        ("victims", first.victims[1], VICTIMS),
    ):
        half = width_of(words, SMALL) / 2 / decade
        middle = min(np.log10(max(value, _LEAST)), right - half - 0.1)
        right = middle - half
        name = ax.text(10.0**middle, -0.85, words, color=color, fontsize=SMALL, ha="center", va="center")
        name.set_in_layout(False)
