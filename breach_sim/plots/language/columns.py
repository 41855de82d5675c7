"""Labels at the left of rows and columns of numbers at their right, as in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from breach_sim.plots.colors import INK
from breach_sim.plots.language.header import width_of, wrapped
from breach_sim.plots.language.style import LABEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_GAP = 12.0
"""Distance between columns. [points]"""
_WIDEST = 2.5
"""Width of the labels of rows, beyond which they are wrapped. [inches]"""


class Column(NamedTuple):
    """A column of numbers at the right of a figure with one row for each thing."""

    head: str
    """Name of the column."""
    words: Sequence[str]
    """Text of each row, from row 0 on."""
    color: str = INK
    bold: bool = False


def write_columns(ax: Axes, columns: Sequence[Column], *, head_at: float, shift: float = 6.0) -> None:
    """Write columns of numbers at the right of the axes.

    Parameters
    ----------
    ax
        Axes of a figure whose row number n stands at height n.
    columns
        Columns from left to right.
    head_at
        Height of the names of the columns, in the units of the axes.
    shift
        Distance from the axes to the first column. [points]
    """
    look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": LABEL, "annotation_clip": False}
    side: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    right = shift
    for column in columns:
        weight = "bold" if column.bold else "normal"
        lines = [line for words in (column.head, *column.words) for line in words.split("\n")]
        right += max(width_of(line, LABEL, bold=column.bold) for line in lines) * 72
        for place, words in ((head_at, column.head), *enumerate(column.words)):
            if words:
                ax.annotate(words, (1, place), (right, 0), color=column.color, weight=weight, **side, **look)
        right += _GAP


def name_rows(ax: Axes, labels: Sequence[str], *, width: float = _WIDEST) -> None:
    """Write the names of rows at the left, wrapped where they are long.

    Parameters
    ----------
    ax
        Axes of a figure whose row number n stands at height n, the first on top.
    labels
        Names of the rows.
    width
        Width of a line. [inches]
    """
    ax.set_yticks(range(len(labels)), [wrapped(label, LABEL, width) for label in labels])
    ax.tick_params(axis="y", length=0)
    for name in ("top", "right", "left"):
        ax.spines[name].set_visible(False)


def row_height(labels: Sequence[str], width: float = _WIDEST) -> float:
    """Return the height of rows in which all names have room.

    Parameters
    ----------
    labels
        Names of the rows.
    width
        Width of a line, as for :func:`name_rows`. [inches]

    Returns
    -------
    Height of each row. [inches]
    """
    lines = max((wrapped(label, LABEL, width).count("\n") + 1 for label in labels), default=1)
    return max(0.3, 0.15 * lines + 0.09)
