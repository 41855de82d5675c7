"""Which field did the damage: Shapley values, and apart from them the two readings that do not add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.gridspec import GridSpec
from matplotlib.ticker import FuncFormatter, MaxNLocator

from breach_sim.catalog.faces.labels import label_of_field
from breach_sim.plots.colors import DIM, GREY, INK, LOSS, PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, figure_of, in_style, is_ours
from breach_sim.plots.language.words import about, brief, fine, per_cent
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_ROW = 0.3
"""Height of a row. [inches]"""
_NAMED, _WORTH = 3, 0.01
"""Fields that the title names, and the share from which on it does."""
_HEAD, _SUMS = -0.85, 0.3
"""Height of the names of columns, and of the sums below the rows. [rows]"""


@in_style
def attribution(table: pd.DataFrame, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the Shapley value of each field, and in a panel apart the two readings that do not add up.

    Parameters
    ----------
    table
        Result of ``attribution(impact)``, with one row per field.
    ax
        Axes to draw on, which get the Shapley values alone; if None, a new figure with both panels.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes of the Shapley values. Bars: means, which sum to the expected loss, with 90 % intervals in words.
    Second panel, hollow: diamonds for the loss spared if only this field had not leaked, circles for the
    loss if only it had; neither adds up to the loss. [USD]

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
    whole = float(table["mean"]["total"])
    rows = table.drop(index="total")
    rows = rows[(rows[["mean", "alone", "leave_one_out"]] > 0).any(axis=1)]
    of = table.attrs.get("subject", "")
    ax = axes_or_new(ax, WIDTH, 1.6 + _ROW * max(len(rows), 3))
    if rows.empty:
        return say_empty(ax, "No field carries any loss", of, "no field carries any loss")
    labels = [label_of_field(str(name)) for name in rows.index]
    _draw_values(ax, rows, labels)
    wrong = _sums(rows, whole)
    if is_ours(ax):
        _draw_wrong(ax, rows, wrong)
    sentence = _sentence(labels, rows["share"].to_list())
    start = f"{of}. " if of else ""
    below = (
        f"{start}Expected loss: {about(whole)} USD, split exactly between the leaked fields (Shapley values)."
    )
    finding(ax, sentence, below)
    apart = f"Each field removed alone would sum to {wrong[0]} of the loss, each leaked alone to {wrong[1]}"
    bars = "; ".join(
        f"{label} {about(mean)} USD" for label, mean in list(zip(labels, rows["mean"], strict=True))[:_NAMED]
    )
    describe(ax, f"{sentence}. {below} Bars: {bars}. {apart}: neither is a split.")
    return signed(ax, table.attrs.get("made"), footer)


def _sentence(labels: list[str], shares: list[float]) -> str:
    """The fields that carry most."""
    first, *more = [
        (label, per_cent(share)) for label, share in zip(labels, shares, strict=True) if share >= _WORTH
    ][:_NAMED] or [(labels[0], per_cent(shares[0]))]
    named = "".join(f", {label} {share}" for label, share in more)
    return f"{first[0][:1].upper()}{first[0][1:]} carries {first[1]} of the expected loss{named}"


def _sums(rows: pd.DataFrame, whole: float) -> tuple[str, str]:
    """What the two wrong readings sum to, as shares of the loss."""
    return tuple(f"{100 * float(rows[name].sum()) / whole:.0f} %" for name in ("leave_one_out", "alone"))  # type: ignore[return-value] # two


def _draw_values(ax: Axes, rows: pd.DataFrame, labels: list[str]) -> None:
    ax.barh(range(len(rows)), rows["mean"], color=LOSS, height=0.62)
    ax.set_ylim(len(rows) - 0.5 + _SUMS, _HEAD - 1.4)
    ax.set_xlim(0, float(rows[["mean", "leave_one_out", "alone"]].to_numpy().max()) * 1.05)
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.set_xlabel("part of the expected loss [USD]", color=DIM, fontsize=SMALL)
    name_rows(ax, labels)
    spans = [f"{brief(low)} to {brief(high)}" for low, high in zip(rows["p5"], rows["p95"], strict=True)]
    write_columns(
        ax,
        (
            Column("mean", [brief(mean) for mean in rows["mean"]], LOSS, bold=True),
            Column("share", [fine(share) for share in rows["share"]]),
            Column("90 % interval", spans, DIM),
        ),
        head_at=_HEAD,
    )


def _draw_wrong(ax: Axes, rows: pd.DataFrame, sums: tuple[str, str]) -> None:
    """The two readings that count an interplay twice or not at all, in a panel of their own."""
    figure: Any = figure_of(ax)
    grid = GridSpec(1, 2, figure=figure, width_ratios=(1.0, 1.15))
    ax.set_subplotspec(grid[0])
    side = figure.add_subplot(grid[1], sharex=ax, sharey=ax)
    side.tick_params(which="both", color=GREY, labelcolor=INK, labelsize=LABEL, length=0, labelleft=False)
    side.spines[["top", "right", "left"]].set_visible(False)
    look: dict[str, Any] = {"color": "white", "markeredgewidth": 1.3, "zorder": 3, "clip_on": False}
    for place, (_, row) in enumerate(rows.iterrows()):
        side.axhline(place, color=PALE, linewidth=1, zorder=0)
        side.plot(row["leave_one_out"], place, "D", markeredgecolor=DIM, markersize=5.5, **look)
        side.plot(row["alone"], place, "o", markeredgecolor=INK, markersize=6, **look)
    words = (
        "Two readings that are no split",
        f"◇ spared without it: {sums[0]} in sum",
        f"○ lost by it alone: {sums[1]} in sum",
    )
    for line, text in enumerate(words):
        weight = "normal" if line else "bold"
        where: dict[str, Any] = {"transform": side.get_yaxis_transform(), "va": "center", "weight": weight}
        side.text(0.0, _HEAD + 0.5 * (line - 2), text, fontsize=SMALL, color=INK, **where)
    side.set_xlabel("loss [USD]", color=DIM, fontsize=SMALL)
    side.xaxis.set_major_formatter(FuncFormatter(compact))
