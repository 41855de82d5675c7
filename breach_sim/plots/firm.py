"""Figures of the firm's answer: the exceedance curve of its cost, and cash by quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.formatting.digits import human, significant
from breach_sim.plots.colors import BLUE, INK, ORANGE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import label_inside, mark_appetite, set_title
from breach_sim.plots.language.style import axes_or_new
from breach_sim.plots.ticks import compact
from breach_sim.whatif.firm_answer import FirmAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CHANCES = tuple(np.round(np.concatenate([np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.996, 0.01)]), 4))


def firm_exceedance(answer: FirmAnswer, ax: Axes | None = None) -> Axes:
    """Draw the probability that the cost of the firm exceeds an amount, with its Monte Carlo band.

    Parameters
    ----------
    answer
        Result of ``cost_to_firm``. The figure shows ``answer.exceedance()`` and, where an appetite was given,
        ``answer.appetite()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. [USD of 2024], logarithmic, against [%]
    """
    ax = axes_or_new(ax, 8, 4.2)
    table = answer.exceedance(_CHANCES)
    table = table[table["var_usd"] > 0]
    chance = table.index.to_numpy() * 100
    if not len(table):
        ax.text(0.5, 0.5, "the firm bears nothing in any replicate", transform=ax.transAxes, ha="center")
        return describe(ax, f"Exceedance curve of the cost of the firm of {answer.name}: nothing is borne.")
    lowest = float(table["var_usd"].min())
    low = np.maximum(table["band_low_usd"], lowest)
    ax.fill_betweenx(chance, low, table["band_high_usd"], color=SKY, alpha=0.5, linewidth=0)
    ax.plot(table["var_usd"], chance, color=BLUE, linewidth=2.5)
    if answer.appetite_usd:
        mark_appetite(ax, answer.appetite())
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("cost of the firm [USD of 2024, logarithmic]")
    ax.set_ylabel("chance that the cost is larger [%]")
    ax.set_ylim(0, 100)
    set_title(ax, "What it costs the firm", answer.name)
    return describe(ax, f"Exceedance curve of the cost of the firm of {answer.name}.")


def firm_cash(answer: FirmAnswer, ax: Axes | None = None) -> Axes:
    """Draw what the firm pays by quarter after the sale, and what is paid so far.

    Parameters
    ----------
    answer
        Result of ``cost_to_firm``. The figure shows ``answer.cash_by_quarter()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Quarters against means. [USD of 2024]
    """
    ax = axes_or_new(ax, 8, 3.6)
    table = answer.cash_by_quarter()
    ax.bar(table.index, table["mean"], color=BLUE, width=0.8)
    ax.plot(table.index, table["paid"], color=ORANGE, linewidth=2)
    ax.axhline(0, color=INK, linewidth=0.6)
    ax.yaxis.set_major_formatter(FuncFormatter(compact))
    ax.set_xlabel("quarter after the sale")
    ax.set_ylabel("mean [USD of 2024]")
    middle = len(table) // 2
    label_inside(ax, "paid so far", (float(middle), float(table["paid"].iloc[middle])), 8, ORANGE)
    set_title(ax, "When the firm pays", answer.name)
    first = human(significant(float(table["mean"].iloc[0]), 2))
    return describe(ax, f"Cash by quarter of the firm of {answer.name}: {first} USD in the first quarter.")
