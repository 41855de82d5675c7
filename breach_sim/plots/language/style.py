"""Typeface, sizes and colors of all figures; new axes; and files.

Not here: title and footer (``header``), alternative texts (``captions``), labels (``placing``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib.pyplot as plt
from matplotlib.rcsetup import cycler

from breach_sim.plots.colors import BLUE, DIM, FIRM, GREEN, GREY, INK, ORANGE, PALE, SKY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
"""Width of a figure of the package, so that sizes in points hold at 800 pixels. [inches]"""
TITLE, SUBTITLE, LABEL, SMALL = 12.0, 9.5, 9.0, 8.0
"""Sizes of the finding, of its second line, of labels, and of the smallest text. [points]"""
FACE = "DejaVu Sans"
"""The typeface that comes with matplotlib, so that every machine draws the same picture."""
STYLE: Any = {
    "figure.dpi": 100,
    "figure.figsize": (WIDTH, 3.8),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": [FACE],
    "font.size": 9.5,
    "text.color": INK,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL,
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, SKY, FIRM, DIM]),
    "axes.axisbelow": True,
    "grid.color": PALE,
    "legend.frameon": False,
    "legend.fontsize": LABEL,
    "lines.linewidth": 2.0,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": LABEL,
    "ytick.labelsize": LABEL,
    "svg.hashsalt": "breach_sim",
    "svg.fonttype": "path",
}
"""Settings of matplotlib inside :func:`style`; the reader's own stay as they are."""
NARROW = 100.0
"""Ratio of ends below which a logarithmic axis needs labels between powers of ten."""
P = ParamSpec("P")


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the package: typeface, sizes, colors, layout.

    Yields
    ------
    Nothing; the settings of matplotlib hold inside and are as before outside.

    Examples
    --------
    >>> with style():
    ...     _, ax = plt.subplots()
    >>> plt.close("all")
    """
    # In a notebook this loads the inline backend, whose settings rc_context would otherwise switch off again.
    load: Any = plt.draw_if_interactive
    load()
    with plt.rc_context(STYLE):
        yield


def in_style(draw: Callable[P, Axes]) -> Callable[P, Axes]:
    """Make a figure function draw in the style of the package.

    Parameters
    ----------
    draw
        Figure function.

    Returns
    -------
    The same function, inside :func:`style`.
    """

    @wraps(draw)
    def drawn(*args: P.args, **words: P.kwargs) -> Axes:
        with style():
            return draw(*args, **words)

    return drawn


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Return axes to draw on.

    Parameters
    ----------
    ax
        Axes to use; if None, a new figure in the style of the package.
    width, height
        Size of a new figure without title and footer, which add their own height. [inches]

    Returns
    -------
    The given axes, or those of the new figure.
    """
    if ax is not None:
        return ax
    # The figure first: in a notebook it loads the inline backend, which rc_context would switch off again.
    figure: Any = plt.figure(figsize=(width, height), dpi=100, layout="constrained")
    figure.breach_sim_body = height
    with plt.rc_context(STYLE):
        ax = figure.add_subplot()
        # Ticks are made when the figure is drawn, long after the style has gone.
        ax.tick_params(which="both", color=GREY, labelcolor=INK, labelsize=LABEL, labelfontfamily=FACE)
    return ax


def is_ours(ax: Axes) -> bool:
    """Return whether the package made the figure of some axes.

    Parameters
    ----------
    ax
        Axes of a figure.

    Returns
    -------
    False for a figure of the reader's own, whose size stays as it is.
    """
    return hasattr(figure_of(ax), "breach_sim_body")


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


def save(ax: Axes, path: Path) -> None:
    """Write the figure of some axes as PNG or SVG and close it. The same figure gives the same bytes.

    Parameters
    ----------
    ax
        Axes that a function of ``breach_sim.plots`` returned.
    path
        File to write; its ending, ``.png`` or ``.svg``, decides the format.

    Raises
    ------
    ValueError
        If the axes were removed from their figure, or the ending is another one.
    """
    figure, ending = figure_of(ax), Path(path).suffix.lower()
    words = str(figure.get_label())
    extra: dict[str, dict[str, str | None]] = {
        ".png": {"Software": None, "Description": words},
        ".svg": {"Date": None, "Creator": None, "Description": words},
    }
    if ending not in extra:
        raise ValueError(f"the file is {str(path)!r}; a figure is written as .png or .svg")
    with plt.rc_context(STYLE):
        figure.savefig(path, format=ending[1:], dpi=130, metadata=extra[ending])
    plt.close(figure)


def as_svg(ax: Axes, prefix: str = "") -> str:
    """Return the figure of some axes as an SVG element, with its alternative text as label.

    Parameters
    ----------
    ax
        Axes that a function of ``breach_sim.plots`` returned; their figure stays open.
    prefix
        Begins every identifier in the drawing, so that several can stand in one page.

    Returns
    -------
    One ``<svg>`` element without declarations, dates or random identifiers.
    """
    from breach_sim.formatting.html import escaped

    figure, file = figure_of(ax), io.StringIO()
    with plt.rc_context(STYLE):
        figure.savefig(
            file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    drawing = file.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r"\s*<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r"<!--.*?-->\n?", "", drawing, flags=re.DOTALL)
    if prefix:
        drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", drawing)
    label = str(escaped(str(figure.get_label())))
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


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
