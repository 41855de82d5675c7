"""Figures that explain a result: attribution to fields, tornado, and waterfall between two breaches."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter

from breach_sim.formatting.digits import human, percent, significant
from breach_sim.plots.colors import BLUE, GREY, INK, ORANGE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import label_beside, say_empty, set_title
from breach_sim.plots.language.style import axes_or_new
from breach_sim.plots.ticks import compact, compact_signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_LEAST = 1e-4
"""Share of the loss below which a field's label says "less than"."""


def attribution(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the Shapley value of each field, beside the effect of removing it and of leaking it alone.

    Parameters
    ----------
    table
        Result of ``attribution(impact)``, with one row per field.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Blue bars: mean Shapley values, which sum to the expected loss; dark lines: 90 % interval;
    orange diamonds: loss avoided if only this field is removed; gray circles: loss if only it leaks. [USD]

    Raises
    ------
    ValueError
        If the table has one row per segment and field.
    """
    if "total" not in table.index or table.index.nlevels > 1:
        raise ValueError(
            f"the index of the table is {list(table.index.names)}; the figure takes one row a field and a "
            "row 'total': attribution(impact) without by_segment"
        )
    what, whole = "Which field did the damage", float(table["mean"]["total"])
    of = f"expected loss of {human(float(f'{whole:.2g}'))} USD, shared out exactly"
    rows = table.drop(index="total")
    rows = rows[(rows[["mean", "alone", "leave_one_out"]] > 0).any(axis=1)]
    ax = axes_or_new(ax, 9, 1.7 + 0.4 * max(len(rows), 3))
    if rows.empty:
        return say_empty(ax, what, "", "no field carries any loss")
    for place, (_, row) in enumerate(rows.iloc[::-1].iterrows()):
        ax.barh(place, row["mean"], color=BLUE, height=0.6)
        ax.plot([row["p5"], row["p95"]], [place - 0.12] * 2, color=INK, linewidth=1.2)
        ax.plot(row["leave_one_out"], place, "D", color=ORANGE, markersize=6)
        ax.plot(row["alone"], place, "o", color=GREY, markersize=6, clip_on=False, zorder=4)
        right = max(row["p95"], row["leave_one_out"], row["mean"])
        part = percent(row["share"]) if row["share"] >= _LEAST else "< 0.01 %"
        amount = human(significant(row["mean"], 2))
        label_beside(ax, f"{amount} ({part})", (right, place), (9, -3), BLUE)
    ax.set_yticks(range(len(rows)), [str(name).replace("_", " ") for name in rows.index[::-1]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(0, float(rows[["mean", "p95", "leave_one_out"]].to_numpy().max()) * 1.32)
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.set_xlabel("part of the expected loss [USD]; thin line: 90 % interval of the Shapley value")
    words = (("■ Shapley value", BLUE), ("◆ left out, it alone", ORANGE), ("● leaked, it alone", GREY))
    for x, (key, color) in zip((0.0, 0.25, 0.52), words, strict=True):
        ax.text(x, 1.01, key, color=color, transform=ax.transAxes, fontsize=9.5, va="bottom")
    set_title(ax, what, of, pad=24)
    first = str(rows.index[0]).replace("_", " ")
    return describe(
        ax, f"Attribution of the expected loss to fields: {first} carries most, {rows['share'].iloc[0]:.0%}."
    )


def tornado(table: pd.DataFrame, ax: Axes | None = None, most: int = 12) -> Axes:
    """Draw a tornado: each parameter moved from its 5 % to its 95 % quantile, the widest on top.

    Parameters
    ----------
    table
        Result of ``tornado(impact)``.
    ax
        Axes to draw on; if None, new axes are created.
    most
        Maximum number of parameters. [1, inf)

    Returns
    -------
    The axes. Orange: the parameter low; blue: high. [USD] or [accounts]
    """
    shown = table.head(most)
    what = {"people": "expected people harmed [accounts]"}.get(table.attrs["of"], "expected loss [USD]")
    ax = axes_or_new(ax, 9, 1.3 + 0.34 * max(len(shown), 3))
    title = "Which doubt moves the answer"
    if shown.empty or not shown["swing"].any():
        return say_empty(ax, title, "", "nothing that is uncertain moves it")
    middle = float(table.attrs["middle"])
    for place, (low, high) in enumerate(zip(shown["at_p5"][::-1], shown["at_p95"][::-1], strict=True)):
        ax.barh(place, low - middle, left=middle, color=ORANGE, height=0.62)
        ax.barh(place, high - middle, left=middle, color=BLUE, height=0.62)
    ax.axvline(middle, color=INK, linewidth=1)
    ax.set_yticks(range(len(shown)), list(shown.index[::-1]))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.set_xlabel(f"{what}; line: all at their medians")
    for x, words, color in ((0.0, "● at its 5 % quantile", ORANGE), (0.3, "● at its 95 % quantile", BLUE)):
        ax.text(x, 1.01, words, color=color, transform=ax.transAxes, fontsize=9.5, va="bottom")
    set_title(ax, title, "one parameter at a time, all others at their medians", pad=24)
    return describe(ax, f"Tornado: {shown.index[0]} moves the {what} most.")


def waterfall(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the change of expected loss from one breach to another, with one bar per change.

    Parameters
    ----------
    table
        Result of ``waterfall(a, b)``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Gray: the two breaches; orange: an increase; blue: a decrease. [USD]
    """
    ax = axes_or_new(ax, 10, 1.4 + 0.38 * max(len(table), 3))
    rows = list(zip(table.index, table["start"], table["end"], strict=True))
    for place, (label, start, end) in enumerate(reversed(rows)):
        whole = label in {table.index[0], table.index[-1]} and start == 0
        color = GREY if whole else ORANGE if end > start else BLUE
        # The edge keeps a change visible that is narrower than a pixel.
        ax.barh(place, end - start, left=start, height=0.62, color=color, edgecolor=color, linewidth=1)
        amount = human(abs(significant(end - start, 2)))
        sign = "" if whole else "+" if end > start else "-"
        label_beside(ax, f"{sign}{amount}", (max(start, end), place), (4, -3), INK)
    ax.set_yticks(
        range(len(rows)), [textwrap.fill(label, 52) for label, _, _ in reversed(rows)], fontsize=8.5
    )
    ax.axvline(0, color=INK, linewidth=1)
    ends = table[["start", "end"]].to_numpy(dtype=float)
    low, high = float(ends.min()), float(ends.max())
    ax.set_xlim(min(low * 1.1, 0), (high or 1.0) * 1.25)
    ax.xaxis.set_major_formatter(FuncFormatter(compact_signed))
    ax.set_xlabel("mean expected loss [USD]; a change is averaged over all orders of making them")
    set_title(ax, "From one breach to the other, change by change", "")
    return describe(ax, f"Waterfall from {table.index[0]} to {table.index[-1]}.")
