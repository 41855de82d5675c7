"""Colors, sizes and the helpers that every figure uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#222222"
GREY = "#999999"
PALE = "#e6e6e6"
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
STYLE: Any = {
    "figure.dpi": 100,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
}
_ROW = 0.42
_NARROW = 100.0
"""Ratio of ends below which a logarithmic axis needs labels between powers of ten."""


def _new(ax: Axes | None, width: float, height: float) -> Axes:
    """Axes to draw on: those given, or those of a new figure in the house style."""
    if ax is not None:
        return ax
    # The figure first: in a notebook it loads the inline backend, which rc_context would switch off again.
    figure = plt.figure(figsize=(width, height), dpi=100, layout="constrained")
    with plt.rc_context(STYLE):
        return figure.add_subplot()


def _alt(ax: Axes, text: str) -> Axes:
    """The axes, their figure with an alternative text, which a notebook stores beside the picture."""
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.set_label(text)
        # No data of its own: IPython adds the picture, and keeps the metadata.
        told: Any = figure
        told._repr_mimebundle_ = lambda **_: ({}, {"image/png": {"alt": text}})
    for words in ax.findobj(Text):
        words.set_parse_math(False)
    return ax


def save(ax: Axes, path: Path) -> None:
    """Write the figure of some axes as PNG and close it.

    Parameters
    ----------
    ax
        Axes made by a function of this module.
    path
        File to write.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    figure.savefig(
        path, format="png", dpi=130, metadata={"Software": None, "Description": str(figure.get_label())}
    )
    plt.close(figure)


@contextmanager
def closing() -> Iterator[None]:
    """Close, at the end or on an error, every figure that was opened inside."""
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def _title(ax: Axes, what: str, of: str, pad: float = 8) -> None:
    """Title in two lines, flush left: what one sees, and of what."""
    ax.set_title(
        f"{what}\n{of}" if of else what, loc="left", fontsize=11, color=INK, pad=pad, linespacing=1.35
    )


def _empty(ax: Axes, what: str, of: str, words: str) -> Axes:
    """A figure that says in words that there is nothing to show."""
    ax.axis("off")
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=GREY)
    _title(ax, what, of)
    return _alt(ax, f"{what}: {words}.")


def _label(ax: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], colour: str) -> None:
    """Text beside a point, shifted by some points of the page."""
    ax.annotate(text, at, shift, textcoords="offset points", color=colour, fontsize=9)


def _label_inside(ax: Axes, text: str, at: tuple[float, float], up: float, colour: str) -> None:
    """Text above or below a point, towards the side on which there is more room."""
    left = ax.transAxes.inverted().transform(ax.transData.transform(at))[0] < 1 / 2
    side = "left" if left else "right"
    ax.annotate(text, at, (0, up), textcoords="offset points", color=colour, fontsize=9, ha=side)


def _compact(value: float, _: int | None = None) -> str:
    """Tick label such as 10k, 1M, 2B."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def _compact_minor(value: float, _: int | None = None) -> str:
    """Tick label between powers of ten: 2 and 5 of each."""
    return _compact(value) if value > 0 and f"{value:e}"[0] in "25" else ""


def _signed(value: float, _: int | None = None) -> str:
    """Tick label such as -10M."""
    return f"-{_compact(-value)}" if value < 0 else _compact(value)
