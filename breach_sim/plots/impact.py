"""Figures of the money of one run: the two ledgers, and the Lorenz curve.

Not here: funnel, curves and months (``runs``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.formatting.digits import human, significant
from breach_sim.plots.colors import BLUE, GREY, INK, ORANGE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import label_beside, say_empty, set_title
from breach_sim.plots.language.style import axes_or_new
from breach_sim.plots.ticks import compact
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_WIDE, _LISTED, _LOW = 2.0, 8, 10.0
"""Lorenz curve: per cent of the accounts above which a segment is named, the most named, and the height
[%] below which there is no room for a number under the curve."""


def ledgers(impact: Impact, ax: Axes | None = None) -> Axes:
    """Draw the two ledgers side by side: victims' losses by bearer, and the firm's costs by line.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.ledgers()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Medians as dots, 90 % intervals as lines. [USD]
    """
    table = impact.ledgers().drop(index="hours", level="ledger")
    rows = [(ledger, line) for ledger, line in table.index if table.loc[(ledger, line), "p95"] > 0]
    ax = axes_or_new(ax, 8.5, 1.3 + 0.34 * max(len(rows), 3))
    of = impact.scenario.title
    if not rows:
        return say_empty(ax, "Two ledgers", of, "nobody pays anything")
    colors = {"victims": ORANGE, "firm": BLUE}
    lowest = np.inf
    for place, key in enumerate(reversed(rows)):
        low, middle, high = (max(float(table.loc[key, q]), 1.0) for q in ("p5", "p50", "p95"))
        lowest = min(lowest, max(low, middle / 30))
        ax.plot([low, high], [place, place], color=colors[key[0]], linewidth=3, alpha=0.45)
        ax.plot(middle, place, "o", color=colors[key[0]], markersize=6)
        median = human(significant(float(table.loc[key, "p50"]), 2))
        label_beside(ax, median, (high, place), (6, -3), colors[key[0]])
    ax.set_xscale("log")
    ax.set_xlim(lowest / 2, float(table["p95"].max()) * 6)
    names = [f"{line.replace('_', ' ')}" for _, line in reversed(rows)]
    ax.set_yticks(range(len(rows)), names)
    firm = sum(ledger == "firm" for ledger, _ in rows)
    if 0 < firm < len(rows):
        ax.axhline(firm - 0.5, color=GREY, linewidth=1)
    ax.set_xlabel("USD over the horizon (logarithmic); dot: median, line: 90 % interval")
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    for x, (words, color) in zip(
        (0.0, 0.34), (("victims and others", ORANGE), ("the firm", BLUE)), strict=True
    ):
        ax.text(x, 1.01, f"● {words}", color=color, transform=ax.transAxes, fontsize=9.5, va="bottom")
    set_title(ax, "Two ledgers, never added", of, pad=24)
    return describe(ax, f"Two ledgers for {of}: losses of victims by bearer, costs of the firm by line.")


def lorenz(impact: Impact, ax: Axes | None = None) -> Axes:
    """Draw the Lorenz curve: share of the mean loss against share of the accounts, by segment.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.lorenz()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. [%] against [%]
    """
    ax = axes_or_new(ax, 5.6, 5.0)
    table = impact.lorenz()
    of = impact.scenario.title
    if not table["loss_usd"].any():
        return say_empty(ax, "Where the harm falls", of, "nothing is lost")
    across = np.concatenate([[0.0], table["share_of_accounts"]]) * 100
    up = np.concatenate([[0.0], table["share_of_loss"]]) * 100
    ax.plot([0, 100], [0, 100], color=GREY, linewidth=1, linestyle=":")
    ax.fill_between(across, up, across, color=SKY, alpha=0.35, linewidth=0)
    ax.plot(across, up, "o-", color=BLUE, linewidth=2, markersize=4)
    wide = [n for n in range(len(table)) if across[n + 1] - across[n] > _WIDE][-_LISTED:]
    for place, n in enumerate(wide):
        middle = ((across[n] + across[n + 1]) / 2, (up[n] + up[n + 1]) / 2)
        label_beside(ax, str(place + 1), middle, (-9, 4) if middle[1] < _LOW else (5, -10), BLUE)
        words = f"{place + 1}  {table.index[n]}: {up[n + 1] - up[n]:.0f} % of the loss"
        ax.text(0.03, 0.97 - 0.05 * place, words, transform=ax.transAxes, fontsize=8.5, color=INK, va="top")
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    ax.set_xlabel("share of accounts, least harmed segments first [%]")
    ax.set_ylabel("share of the mean loss [%]")
    gini = table.attrs["gini"]
    set_title(ax, f"Where the harm falls (Gini {gini:.2f})", of)
    return describe(ax, f"Lorenz curve of the mean loss over segments for {of}: Gini {gini:.2f}.")
