"""Common style and steps of all figures: axes, title, labels, alternative text.

Not here: colors (``colors``), tick labels (``ticks``), and the figures themselves (the other modules).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.text import Text

from breach_sim.plots.colors import GREY, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
"""Settings of matplotlib for a new figure; the reader's own stay as they are."""
ROW_HEIGHT = 0.42
"""Height of one row of a figure with one row an attack, a mitigation or a case. [inches]"""
NARROW = 100.0
"""Ratio of ends below which a logarithmic axis needs labels between powers of ten."""


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Return axes to draw on.

    Parameters
    ----------
    ax
        Axes to use; if None, a new figure in the style of the package.
    width, height
        Size of a new figure. [inches]

    Returns
    -------
    The given axes, or those of the new figure.
    """
    if ax is not None:
        return ax
    # The figure first: in a notebook it loads the inline backend, which rc_context would switch off again.
    figure = plt.figure(figsize=(width, height), dpi=100, layout="constrained")
    with plt.rc_context(STYLE):
        return figure.add_subplot()


def figure_of(ax: Axes) -> Figure:
    """Return the outermost figure of some axes.

    Parameters
    ----------
    ax
        Axes of a figure or subfigure.

    Returns
    -------
    The outermost figure.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.
    """
    # Asking an artist for its outermost figure came with matplotlib 3.10. In 3.9 `ax.figure` may be a part of
    # a figure, whose own `figure` is the whole one.
    part: Any = ax.figure
    if part is None:
        raise ValueError("the axes belong to no figure; draw with a function of breach_sim.plots")
    whole: Figure = part.figure
    return whole


def describe(ax: Axes, text: str) -> Axes:
    """Set the alternative text of a figure, which notebooks store beside the picture.

    Parameters
    ----------
    ax
        Axes of a finished figure. Math parsing of their text is turned off.
    text
        One or two sentences on what the figure shows.

    Returns
    -------
    The same axes.
    """
    figure: Any = figure_of(ax)
    figure.set_label(text)
    # No data of its own: IPython adds the picture, and keeps the metadata.
    figure._repr_mimebundle_ = lambda **_: ({}, {"image/png": {"alt": text}})
    for words in ax.findobj(Text):
        words.set_parse_math(False)
    return ax


def save(ax: Axes, path: Path) -> None:
    """Write the figure of some axes as PNG and close it.

    Parameters
    ----------
    ax
        Axes that a function of ``breach_sim.plots`` returned.
    path
        File to write.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.
    """
    figure = figure_of(ax)
    figure.savefig(
        path, format="png", dpi=130, metadata={"Software": None, "Description": str(figure.get_label())}
    )
    plt.close(figure)


@contextmanager
def closing() -> Iterator[None]:
    """Close all figures opened inside the context, also after an error.

    Yields
    ------
    Nothing; figures that were open before stay open.
    """
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def set_title(ax: Axes, what: str, of: str, pad: float = 8) -> None:
    """Write the title, flush left.

    Parameters
    ----------
    ax
        Axes of the figure.
    what
        First line: what the figure shows.
    of
        Second line: the breach or quantity; none if "".
    pad
        Distance to the axes. [points]
    """
    ax.set_title(
        f"{what}\n{of}" if of else what, loc="left", fontsize=11, color=INK, pad=pad, linespacing=1.35
    )


def say_empty(ax: Axes, what: str, of: str, words: str) -> Axes:
    """Write on empty axes why there is nothing to show.

    Parameters
    ----------
    ax
        Axes to write on.
    what, of
        Title, as for :func:`set_title`.
    words
        Reason why nothing is drawn.

    Returns
    -------
    The same axes.
    """
    ax.axis("off")
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=GREY)
    set_title(ax, what, of)
    return describe(ax, f"{what}: {words}.")


def label_beside(
    ax: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], color: str
) -> None:
    """Write a label beside a point.

    Parameters
    ----------
    ax
        Axes of the figure.
    text
        Label.
    at
        The point, in the units of the axes.
    shift
        Offset from the point to the text. [points]
    color
        Color of the text.
    """
    ax.annotate(text, at, shift, textcoords="offset points", color=color, fontsize=9)


def label_inside(ax: Axes, text: str, at: tuple[float, float], up: float, color: str) -> None:
    """Write a label above or below a point, on the side with more room.

    Parameters
    ----------
    ax
        Axes of the figure, with their final limits.
    text
        Label.
    at
        The point, in the units of the axes.
    up
        Distance above the point; below if negative. [points]
    color
        Color of the text.
    """
    left = ax.transAxes.inverted().transform(ax.transData.transform(at))[0] < 1 / 2
    side = "left" if left else "right"
    ax.annotate(text, at, (0, up), textcoords="offset points", color=color, fontsize=9, ha=side)


def mark_appetite(ax: Axes, table: pd.DataFrame) -> None:
    """Draw a risk appetite as steps over an exceedance curve.

    Parameters
    ----------
    ax
        Axes with amounts against chances in percent.
    table
        Appetite as ``appetite()`` gives it: one row a chance, falling; column ``appetite_usd``. [USD]
    """
    amounts, chances = table["appetite_usd"].to_numpy(), table.index.to_numpy() * 100
    ax.step(amounts, chances, where="post", color=GREY, linewidth=1.4, linestyle="--")
    ax.plot(amounts, chances, "D", color=INK, markersize=5)
    words = f"appetite: {int(table['inside'].sum())} of {len(table)} inside"
    ax.text(0.02, 0.03, words, transform=ax.transAxes, color=INK, fontsize=8.5, va="bottom")
