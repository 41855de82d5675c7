"""Alternative texts: what a figure shows in words, shown below it in a notebook.

JupyterLab gives a picture no alternative text, whatever its metadata hold. So the words come out a second
time, as small text below the picture, where screen readers find them and notebook tests compare them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter

from breach_sim.formatting.html import escaped
from breach_sim.plots.language.style import figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def describe(ax: Axes, text: str) -> Axes:
    """Set the alternative text of a figure. A notebook shows it below the picture.

    Parameters
    ----------
    ax
        Axes of a finished figure. Math parsing of their text is turned off, but for powers of ten on an axis.
    text
        One to three sentences: first the finding, then what is drawn. In a figure of several panels the texts
        of the panels stand one after the other.

    Returns
    -------
    The same axes.
    """
    say(ax, text)
    powers = _powers(ax)
    for words in ax.findobj(Text):
        words.set_parse_math(words in powers)
    return ax


def _powers(ax: Axes) -> set[Any]:
    """Tick labels that matplotlib itself writes as mathematics: powers of ten on a logarithmic axis."""
    found: set[Any] = set()
    for axis in (ax.xaxis, ax.yaxis):
        if isinstance(axis.get_major_formatter(), LogFormatter):
            found |= set(axis.get_majorticklabels())
        if isinstance(axis.get_minor_formatter(), LogFormatter):
            found |= set(axis.get_minorticklabels())
    return found


def say(ax: Axes, text: str) -> None:
    """Set the alternative text of a figure and nothing else: a reader's own labels may hold formulas.

    Parameters
    ----------
    ax
        Axes of the figure.
    text
        As for :func:`describe`.
    """
    figure: Any = figure_of(ax)
    said: dict[Any, str] = getattr(figure, "breach_sim_words", {})
    said[ax] = text
    figure.breach_sim_words = {panel: words for panel, words in said.items() if panel.figure is not None}
    whole = " ".join(dict.fromkeys(figure.breach_sim_words.values()))
    figure.set_label(whole)
    # No data of its own: IPython adds the picture, and keeps the metadata.
    alt = {"alt": whole}
    figure._repr_mimebundle_ = lambda **_: ({}, {"image/png": alt, "image/svg+xml": alt})
    figure._ipython_display_ = partial(_show, figure)
    # A call in the last line of a cell would print the axes beside their picture.
    panel: Any = ax
    panel._ipython_display_ = partial(_show_axes, figure)


def caption(text: str) -> str:
    """Return the caption of a figure as HTML.

    Parameters
    ----------
    text
        The alternative text.

    Returns
    -------
    One paragraph in small letters.
    """
    return f'<p class="breach-sim-caption" style="font-size:smaller;max-width:75em">{escaped(text)}</p>'


def _show(figure: Any) -> None:
    """Put out the picture, and below it the words."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import publish_display_data

    shown = figure.__dict__.pop("_ipython_display_")  # else the formatter would come here again
    try:
        shell: Any = InteractiveShell.instance()
        data, metadata = shell.display_formatter.format(figure)
    finally:
        figure._ipython_display_ = shown
    publish: Any = publish_display_data
    publish(data, {kind: extra for kind, extra in metadata.items() if kind in data})
    _show_words(str(figure.get_label()))


def _show_words(words: str) -> None:
    from IPython.display import publish_display_data

    publish: Any = publish_display_data
    publish({"text/html": caption(words), "text/plain": words})


def _show_axes(figure: Any) -> None:
    """Show what the last line of a cell gives: nothing where the cell will show the picture anyway."""
    if not plt.fignum_exists(figure.number):
        _show(figure)
    elif "inline" not in plt.get_backend():
        _show_words(str(figure.get_label()))
