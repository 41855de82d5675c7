"""Title and footer of a figure: the finding as a sentence, and where the numbers are from.

Both are wrapped to the width of the figure. In a figure of the package they add to its height, so that the
drawing keeps its own; in a reader's figure they take their room from within.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from breach_sim.analysis.subjects import made
from breach_sim.plots.colors import DIM, INK
from breach_sim.plots.language.captions import say
from breach_sim.plots.language.style import FACE, SMALL, SUBTITLE, TITLE, figure_of, is_ours
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import package_version

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN, _GAP, _LEADING = 0.12, 0.05, 1.3
"""Distance to the edge of the figure, and between its parts [inches]; height of a line over its size."""
_DPI = 100.0
_BOUND = "\u00a0"
"""A space at which no line breaks: a number stays with its percent."""


@dataclass(slots=True)
class _Page:
    """Texts around the drawing, and the heights they take, in inches."""

    top: float = 0.0
    bottom: float = 0.0
    finding: str = ""
    subtitle: str = ""


@lru_cache(maxsize=1)
def _renderer() -> Any:
    made: Any = RendererAgg
    return made(8, 8, _DPI)


@lru_cache(maxsize=8192)  # the same titles are broken into lines again and again, word by word
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text.

    Parameters
    ----------
    text
        One line.
    size
        Size of the letters. [points]
    bold
        Whether they are bold.

    Returns
    -------
    The width. [inches]
    """
    font = FontProperties(family=FACE, size=size, weight="bold" if bold else "normal")
    width, _, _ = _renderer().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _DPI


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Break text into lines that are not wider than a width.

    Parameters
    ----------
    text
        Words; line breaks in it stay.
    size
        Size of the letters. [points]
    width
        Width of a line; a single longer word stays whole. [inches]
    bold
        Whether the letters are bold.

    Returns
    -------
    The lines, joined by line breaks.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.replace(" %", f"{_BOUND}%").split(" "):
            longer = f"{line} {word}" if line else word
            if line and width_of(longer, size, bold=bold) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return "\n".join(lines).replace(_BOUND, " ")


def finding(ax: Axes, sentence: str, subtitle: str = "") -> Axes:
    """Write the title of a figure: a sentence that says what was found, and what is drawn below it.

    Parameters
    ----------
    ax
        Axes of the figure. In a figure with a single pair of axes and a constrained layout, such as
        :func:`style` makes, the title stands flush with the figure; elsewhere over the axes.
    sentence
        The finding. A figure without an alternative text takes it as one.
    subtitle
        Second line: the breach, and what is measured.

    Returns
    -------
    The same axes.
    """
    figure: Any = figure_of(ax)
    page = _page(figure)
    page.finding, page.subtitle = sentence, subtitle
    engine = figure.get_layout_engine()
    whole = is_ours(ax) or (engine is not None and hasattr(engine, "set") and figure.axes == [ax])
    if whole and "rect" in engine.get():
        _write_header(figure, page)
    else:
        _write_over_axes(ax, sentence, subtitle)
    if not getattr(figure, "breach_sim_words", {}).get(ax):
        say(ax, " ".join(_ended(words) for words in (sentence, subtitle) if words))
    return ax


def _ended(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _page(figure: Any) -> _Page:
    page: _Page | None = getattr(figure, "breach_sim_page", None)
    if page is None:
        page = figure.breach_sim_page = _Page()
    return page


def _write_header(figure: Any, page: _Page) -> None:
    width = figure.get_figwidth() - 2 * _MARGIN
    _forget(figure, "finding", "subtitle")
    title = wrapped(page.finding, TITLE, width, bold=True)
    below = wrapped(page.subtitle, SUBTITLE, width) if page.subtitle else ""
    page.top = _MARGIN + _height(title, TITLE) + (_GAP + _height(below, SUBTITLE) if below else 0.0) + _GAP
    _set_size(figure, page)
    _put(figure, title, "finding", size=TITLE, weight="bold", color=INK)
    if below:
        _put(figure, below, "subtitle", size=SUBTITLE, color=DIM)
    _set_places(figure, page)


def _write_over_axes(ax: Axes, sentence: str, subtitle: str) -> None:
    """Title over one pair of axes among several, or in a reader's own layout."""
    figure: Any = figure_of(ax)
    width = max(ax.get_position().width * figure.get_figwidth(), 2.0)
    lines = wrapped(sentence, 10.5, width, bold=True)
    below = wrapped(subtitle, SMALL, width) if subtitle else ""
    pad = 5 + (_height(below, SMALL) * 72 + 2 if below else 0)
    title = ax.set_title(lines, loc="left", fontsize=10.5, weight="bold", color=INK, pad=pad, family=FACE)
    title.set_parse_math(False)
    for old in [text for text in ax.texts if text.get_gid() == "subtitle"]:
        old.remove()
    if below:
        # Below the title wherever that is put: ticks and labels may stand on top of the axes.
        look: dict[str, Any] = {"xycoords": title, "textcoords": "offset points", "annotation_clip": False}
        look |= {"color": DIM, "fontsize": SMALL, "va": "top", "family": FACE}
        place = ax.annotate(below, (0, 0), (0, -2), **look)
        place.set_gid("subtitle")
        place.set_parse_math(False)


def _height(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * _LEADING / 72


def _forget(figure: Any, *names: str) -> None:
    for text in [text for text in figure.texts if text.get_gid() in names]:
        text.remove()


def _put(figure: Any, words: str, name: str, **look: Any) -> None:
    text = figure.text(0, 0, words, ha="left", va="top", linespacing=_LEADING * 0.86, family=FACE, **look)
    text.set_gid(name)
    text.set_parse_math(False)


def _set_size(figure: Any, page: _Page) -> None:
    body = getattr(figure, "breach_sim_body", None)
    if body is not None:
        figure.set_size_inches(figure.get_figwidth(), round(body + page.top + page.bottom, 2))
    high = figure.get_figheight()
    room = max(high - page.top - page.bottom, 0.1)
    figure.get_layout_engine().set(rect=(0.0, page.bottom / high, 1.0, room / high))


def _set_places(figure: Any, page: _Page) -> None:
    """Put title and footer where they belong in a figure of this height."""
    wide, high = figure.get_figwidth(), figure.get_figheight()
    down = _MARGIN
    for text in sorted(figure.texts, key=lambda text: str(text.get_gid())):  # finding, footer, subtitle
        name = text.get_gid()
        if name in {"finding", "subtitle"}:
            text.set_position((_MARGIN / wide, 1 - down / high))
            down += _height(text.get_text(), text.get_fontsize()) + _GAP
        elif name == "footer":
            text.set_position((_MARGIN / wide, (page.bottom - _GAP) / high))


def provenance(of: Impact | str | None = None) -> str:
    """Return where the numbers of a figure are from, for its footer.

    Parameters
    ----------
    of
        The run that the figure shows; text to add to the version; or None for the version alone.

    Returns
    -------
    Version, seed, number of points, and how many of the numbers behind it are assumed.
    """
    if not isinstance(of, Impact):
        version = f"breach_sim {package_version()}"
        return f"{version}; {of}" if of else version
    return f"breach_sim {of.version}, {made(of)}"


def footer(ax: Axes, of: Impact | str | None = None) -> Axes:
    """Write at the foot of a figure where its numbers are from.

    Parameters
    ----------
    ax
        Axes of a figure with a constrained layout, such as one of the package or of :func:`style`.
    of
        The run that the figure shows, or text, as for :func:`provenance`.

    Returns
    -------
    The same axes.

    Raises
    ------
    ValueError
        If the figure has another layout.
    """
    figure: Any = figure_of(ax)
    engine = figure.get_layout_engine()
    if engine is None or "rect" not in engine.get():
        raise ValueError(
            "the figure has no constrained layout, so that a footer would cover the drawing; make it "
            "inside bs.plots.style()"
        )
    page = _page(figure)
    _forget(figure, "footer")
    words = wrapped(provenance(of), SMALL, figure.get_figwidth() - 2 * _MARGIN)
    page.bottom = _height(words, SMALL) + 2 * _GAP
    _set_size(figure, page)
    _put(figure, words, "footer", size=SMALL, color=DIM)
    _set_places(figure, page)
    return ax


def signed(ax: Axes, of: Impact | str | None, wanted: bool = True) -> Axes:
    """Write the footer of a figure of the package; a reader's own figure is left alone.

    Parameters
    ----------
    ax
        Axes of a finished figure.
    of
        As for :func:`footer`.
    wanted
        Whether a footer is wanted.

    Returns
    -------
    The same axes.
    """
    return footer(ax, of) if wanted and is_ours(ax) else ax


def title_of(ax: Axes) -> str:
    """Return the title of a figure in words.

    Parameters
    ----------
    ax
        Axes of a figure.

    Returns
    -------
    The finding and its second line, joined by a line break; "" without a title.
    """
    page = _page(figure_of(ax))
    return "\n".join(words for words in (page.finding, page.subtitle) if words)
