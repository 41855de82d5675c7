"""What each mitigation averts, costs and nets, those that pay first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from breach_sim.analysis.subjects import subject_of
from breach_sim.formatting.tables import summary
from breach_sim.plots.colors import DIM, INK, MITIGATION, MITIGATION_PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, row_height, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, brief, made_by
from breach_sim.plots.ticks import compact
from breach_sim.whatif.averted import Averted
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_LEAST = 1.0
"""Smallest amount on the logarithmic axis. [USD]"""
_DECADES = 6
"""Most powers of ten below the largest amount that are drawn."""
_HEAD = -0.95


class _Row(NamedTuple):
    """One mitigation in numbers of USD."""

    label: str
    averted: dict[str, float]
    cost: float
    net: float


@in_style
def mitigations(comparison: Comparison, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the loss averted by each mitigation beside its cost, sorted by net benefit.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.table()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. One row per mitigation, all together last: 90 % interval and median of the expected loss
    averted, and a cross for the median cost; where the median net benefit is above 0, the row is shaded.
    [USD], logarithmic
    """
    count = len(comparison.mitigations)
    alone = sorted(
        (_row(own) for own in comparison.averted[:count] if own.loss.any()), key=lambda row: -row.net
    )
    rows = alone + [_row(own) for own in comparison.averted[count:] if own.loss.any()]
    of = subject_of(comparison.scenario, comparison.law.graph)
    labels = [row.label for row in rows]
    ax = axes_or_new(ax, WIDTH, 1.0 + row_height(labels) * max(len(rows), 2))
    if not rows:
        return say_empty(
            ax, "None of the mitigations averts anything", of, "no mitigation averts anything here"
        )
    paying = [row for row in alone if row.net > 0]
    _draw(ax, rows, len(paying), len(alone))
    sentence = _sentence(alone, paying)
    below = f"{of}, {comparison.horizon_years:g} years. Medians; bar: 90 % interval. Sorted by net benefit."
    finding(ax, sentence, below)
    listed = "; ".join(
        f"{row.label} averts {about(row.averted['p50'])} and costs {about(row.cost)} USD" for row in rows[:3]
    )
    describe(ax, f"{sentence}. {below} Loss averted and cost of {len(alone)} mitigations: {listed}.")
    return signed(ax, made_by(comparison), footer)


def _row(own: Averted) -> _Row:
    cost, net = float(np.median(own.cost)), float(np.median(own.loss - own.cost))
    return _Row(own.label, summary(own.loss), cost, net)


def _sentence(alone: list[_Row], paying: list[_Row]) -> str:
    """How many pay, and which is best."""
    if not paying:
        return f"None of {len(alone)} mitigations averts more than it costs"
    saves = f"'{paying[0].label}' saves most, {about(paying[0].net)} USD net"
    if len(alone) == 1:
        return f"{paying[0].label} averts {about(paying[0].net)} USD more than it costs"
    verb = "averts more than it costs" if len(paying) == 1 else "avert more than they cost"
    return f"{len(paying)} of {len(alone)} mitigations {verb}; {saves}"


def _draw(ax: Axes, rows: list[_Row], paying: int, alone: int) -> None:
    if len(rows) > alone:
        ax.axhline(alone - 0.5, color=DIM, linewidth=0.8, linestyle=(0, (2, 3)))
    for place, row in enumerate(rows):
        if row.net > 0:
            ax.axhspan(place - 0.5, place + 0.5, color=MITIGATION_PALE, alpha=0.35, linewidth=0, zorder=0)
        low, middle, high = (max(row.averted[q], _LEAST) for q in ("p5", "p50", "p95"))
        ax.plot([low, high], [place] * 2, color=MITIGATION, alpha=0.4, linewidth=7, solid_capstyle="butt")
        ax.plot(middle, place, "o", color=MITIGATION, markersize=6.5)
        if row.cost > 0:
            ax.plot(row.cost, place, "x", color=INK, markersize=7, markeredgewidth=2)
    ax.set_xscale("log")
    highest = max(max(row.averted["p95"], row.cost) for row in rows)
    lowest = min(max(min(row.averted["p5"], row.cost or np.inf), _LEAST) for row in rows)
    ax.set_xlim(max(lowest, highest / 10**_DECADES) / 1.5, highest * 1.5)
    ax.set_ylim(len(rows) - 0.5, -1.5)
    ax.xaxis.set_major_locator(LogLocator(base=10, numticks=7))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("USD (logarithmic)", color=DIM, fontsize=SMALL)
    name_rows(ax, [row.label for row in rows])
    key: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": SMALL, "va": "center"}
    ax.text(0.0, _HEAD, "● loss averted", color=MITIGATION, **key)
    ax.text(0.36, _HEAD, "✕ cost", color=INK, **key)
    if paying:
        ax.text(0.56, _HEAD, "shaded: it pays", color=MITIGATION, **key)
    nets = [("-" if row.net < 0 else "+" if row.net else "") + brief(abs(row.net)) for row in rows]
    write_columns(
        ax,
        (
            Column("averts", [brief(row.averted["p50"]) for row in rows], MITIGATION),
            Column("costs", [brief(row.cost) for row in rows]),
            Column("net", nets, bold=True),
        ),
        head_at=_HEAD,
    )
