"""Figures of the firm's answer: the exceedance curve of its cost, and cash by quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.analysis.subjects import assumed
from breach_sim.plots.colors import DIM, FIRM, FIRM_PALE, INK
from breach_sim.plots.language.breaches import label_of_breach
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import mark_appetite, say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, per_cent
from breach_sim.plots.ticks import compact, compact_signed
from breach_sim.whatif.firm_answer import FirmAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CHANCES = tuple(np.round(np.concatenate([np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.996, 0.01)]), 4))


@in_style
def firm_exceedance(answer: FirmAnswer, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the probability that the cost of the firm exceeds an amount, and the range of nine runs in ten.

    Parameters
    ----------
    answer
        Result of ``cost_to_firm``. The figure shows ``answer.exceedance()`` and, where an appetite was given,
        ``answer.appetite()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. [USD of 2024], logarithmic, against [%]
    """
    ax = axes_or_new(ax, WIDTH, 3.5)
    table = answer.exceedance(_CHANCES)
    table = table[table["var_usd"] > 0]
    of = label_of_breach(answer.name)
    if not len(table):
        return say_empty(ax, "The firm bears nothing", of, "the firm bears nothing in any replicate")
    chance, cost = table.index.to_numpy() * 100, table["var_usd"].to_numpy()
    middle, low, high, worst = (
        float(np.interp(level, chance[::-1], cost[::-1])) for level in (50.0, 95.0, 5.0, 5.0)
    )
    ax.axvspan(low, high, color=FIRM_PALE, alpha=0.45, linewidth=0, zorder=0)
    band = np.maximum(table["band_low_usd"], float(cost.min()))
    ax.fill_betweenx(chance, band, table["band_high_usd"], color=FIRM_PALE, linewidth=0)
    ax.plot(cost, chance, color=FIRM, linewidth=2.5)
    if answer.appetite_usd:
        mark_appetite(ax, answer.appetite())
    for level, amount in ((50, middle), (5, worst)):
        ax.plot(amount, level, "o", color=FIRM)
        words = f"{level} %: more than {about(amount)} USD"
        ax.annotate(words, (amount, level), (8, 4), textcoords="offset points", color=FIRM, fontsize=LABEL)
    ax.set_xscale("log")
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.15)
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("cost of the firm [USD of 2024, logarithmic]")
    ax.set_ylabel("chance that the cost is larger [%]")
    ax.set_ylim(0, 112)
    ax.set_yticks(range(0, 101, 20))
    words = f"9 of 10 runs: {about(low)} to {about(high)} USD"
    ax.text(float(np.sqrt(low * high)), 107, words, color=FIRM, fontsize=LABEL, ha="center", va="center")
    sentence = (
        f"Half of the runs cost the firm more than {about(middle)} USD, 1 in 20 more than {about(worst)}"
    )
    insured = ", after insurance" if answer.insured else ""
    below = f"{of}. Cost of the firm{insured}, not of its customers."
    finding(ax, sentence, below)
    inside = ""
    if answer.appetite_usd:
        kept = answer.appetite()["inside"]
        inside = f" Of {len(kept)} points of the appetite {int(kept.sum())} are inside."
    describe(ax, f"{sentence}. {below} {words}.{inside}")
    return signed(ax, f"seed {answer.seed}, {len(answer.cost):,} points; {assumed(answer.numbers)}", footer)


@in_style
def firm_cash(answer: FirmAnswer, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw what the firm pays by quarter after the sale, and what is paid so far.

    Parameters
    ----------
    answer
        Result of ``cost_to_firm``. The figure shows ``answer.cash_by_quarter()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Quarters against means. [USD of 2024]
    """
    ax = axes_or_new(ax, WIDTH, 3.1)
    table = answer.cash_by_quarter()
    ax.bar(table.index, table["mean"], color=FIRM, width=0.8)
    ax.plot(table.index, table["paid"], color=INK, linewidth=1.6, marker="o", markersize=3)
    ax.axhline(0, color=INK, linewidth=0.6)
    ax.yaxis.set_major_formatter(FuncFormatter(compact_signed))
    ax.set_xlabel("quarter after the sale", color=DIM, fontsize=SMALL)
    ax.set_ylabel("mean [USD of 2024]")
    paid, first = table["paid"].to_numpy(), float(table["mean"].iloc[0])
    whole = float(paid[-1])
    top = max(float(np.max(paid)), float(table["mean"].max()), 1.0)
    ax.set_ylim(min(float(table["mean"].min()), 0.0) * 1.1, top * 1.18)
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": LABEL, "ha": "right"}
    last = float(table.index[-1])
    ax.annotate(f"paid so far: {about(whole)} USD", (last, whole), (0, 8), color=INK, **look)
    of = label_of_breach(answer.name)
    largest = int(table["mean"].to_numpy().argmax())
    half = int(np.argmax(paid >= whole / 2)) if whole > 0 else 0
    sentence = (
        f"The firm pays half of its {about(whole)} USD by quarter {table.index[half]:g}; "
        f"the dearest quarter is number {table.index[largest]:g}"
        if whole > 0
        else "The firm pays nothing"
    )
    below = f"{of}. Means by quarter after the sale; bars: paid in the quarter, line: paid so far."
    finding(ax, sentence, below)
    share = f" ({per_cent(first / whole)})" if whole > 0 and 0 <= first <= whole else ""
    describe(ax, f"{sentence}. {below} In the first quarter {about(first)} USD{share}.")
    return signed(ax, f"seed {answer.seed}, {len(answer.cost):,} points; {assumed(answer.numbers)}", footer)
