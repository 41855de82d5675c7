"""Tables of text that know how wide the screen is.

Into a pipe a table is plain and whole: every row, every column, no bars. On a terminal units are shortened
before anything is broken over lines, shares are drawn as bars, and some columns wait for room or ``--wide``.

Not here: which rows and columns there are (the other modules).
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from breach_sim.apps.terminal.place import HANGING, Screen, drawn, fitted

_BARS = (10, 6)
"""Widths of a bar that are tried, in characters."""
_LABEL = 26
"""Characters of a name that stay on one line at least, where there is a choice."""
_SHORT = 18
"""The same where intervals stand below their numbers, so that rows take two lines anyway."""
_GAP = 2
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_THOUSANDS = re.compile(r"(?<![\d,.])(\d{1,3}),(\d)00(?![\d,.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    head
        Heading.
    cells
        Text of each row. In the first column of a table, the names of the rows.
    shares
        Shares that are drawn as bars before the text on a terminal, the largest over the whole width of the
        column; NaN draws none. [0, 1]
    room
        Characters of a terminal from which on it is shown without being asked for; 0: always.
    color
        Of the bars, as Rich names it.
    alarm
        Text of a cell that stands out.
    left
        Whether it stands flush left and may be broken between words, as the first column always is.
    """

    head: str
    cells: tuple[str, ...]
    shares: tuple[float, ...] = ()
    room: int = 0
    color: str = "red"
    alarm: str = ""
    left: bool = False


def table(columns: Sequence[Column], place: Screen, *, total: bool = False) -> str:
    """A table for the screen.

    Parameters
    ----------
    columns
        All of equally many rows; the first holds the names of the rows.
    place
        Where it is printed.
    total
        Whether the last row is a sum, which stands out.

    Returns
    -------
    Lines joined by line breaks. On a terminal that is too narrow millions and billions are written M and B,
    then thousands k; then intervals stand below their numbers, and cells are broken between words.
    """
    if place.width is None:
        return "\n".join(_aligned(columns))
    kept = [column for column in columns if place.shows(column.room)]
    longest = max(map(len, columns[0].cells), default=0)
    words = max((len(word) for name in columns[0].cells for word in name.split()), default=0)
    for bar, shape, least in _tries(place):
        cells = [[*map(shape if number else _as_given, own.cells)] for number, own in enumerate(kept)]
        need = sum(_width(own, texts, bar) for own, texts in zip(kept[1:], cells[1:], strict=True))
        room = place.width - need - _GAP * (len(kept) - 1)
        if room >= min(longest, longest if least is None else max(least, words)):
            cells[0] = [_hung(name, room) for name in cells[0]]
            return _by_rich(kept, cells, place, bar, total=total)
    return _by_rich(kept, cells, place, 0, total=total, breaks=True)


def _tries(place: Screen) -> Iterator[tuple[int, Callable[[str], str], int | None]]:
    """Ways to draw a table, the roomiest first: width of bars, how cells are written, room for names."""
    dash = "\N{EN DASH}" if place.blocks else "-"
    yield _BARS[0], _as_given, None
    for bar in _BARS:
        for shape in (_millions, _thousands):
            yield bar, shape, _LABEL
    for bar in (_BARS[-1], 0):
        for below in (_interval_below, partial(_dashed, dash=dash)):
            yield bar, below, _SHORT


def left_out(columns: Sequence[Column], place: Screen) -> list[str]:
    """Headings of the columns that :func:`table` leaves out for want of room."""
    return [column.head for column in columns if not place.shows(column.room)]


def frame_columns(frame: Any, head: str = "") -> list[Column]:
    """Columns of a data frame of text.

    Parameters
    ----------
    frame
        A DataFrame of text; its index names the rows.
    head
        Heading of the names.

    Returns
    -------
    The names, then every column of the frame.
    """
    names = Column(head=head, cells=tuple(map(str, frame.index)))
    return [names, *(Column(head=str(n), cells=tuple(map(str, frame[n]))) for n in frame.columns)]


def text_table(frame: Any, place: Screen | None = None) -> str:
    """Table of a data frame of text; in plain lines if no place is given."""
    return table(frame_columns(frame), place or Screen())


def noted(lines: Sequence[str], notes: Sequence[str], place: Screen) -> str:
    """Lines, and notes below them with a hanging indent.

    Parameters
    ----------
    lines, notes
        Text; a line may be a drawn table.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks.
    """
    return fitted("\n".join([*lines, *(f"note: {note}" for note in notes)]), place)


def _hung(name: str, width: int) -> str:
    """A name in as many lines as it takes, the later ones indented."""
    room = width - max(map(len, name.split()), default=0)
    indent = " " * min(len(name) - len(name.lstrip()) + HANGING, max(room, 0))
    lines = textwrap.wrap(name, width, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines) or name


def _as_given(cell: str) -> str:
    return cell


def _millions(cell: str) -> str:
    return cell.replace(" million", "M").replace(" billion", "B")


def _thousands(cell: str) -> str:
    """Round thousands written k: 12,000 as 12k, 1,400 as 1.4k; other numbers stay."""
    return _THOUSANDS.sub(lambda found: f"{int(found[1] + found[2]) / 10:g}k", _millions(cell))


def _interval_below(cell: str) -> str:
    return _thousands(cell).replace(" (", "\n(")


def _dashed(cell: str, dash: str) -> str:
    """The interval below its number, as short as can be: 12M-48M. Ends below 0 keep their words."""
    number, bracket, interval = _thousands(cell).partition(" (")
    if not bracket or interval.startswith("-") or " to -" in interval:
        return _interval_below(cell)
    return f"{number}\n{interval.rstrip(')').replace(' to ', dash)}"


def _width(column: Column, cells: Sequence[str], bar: int) -> int:
    """Characters that a column takes."""
    extra = bar + bool(bar) if column.shares else 0
    lines = (len(line) for cell in cells for line in cell.split("\n"))
    width = max(len(column.head), max(lines, default=0) + extra)
    return min(width, max(_LABEL, len(column.head))) if column.left else width


def _aligned(columns: Sequence[Column]) -> list[str]:
    """Rows of text with the first column flush left and the others flush right."""
    widths = [max(map(len, (column.head, *column.cells))) for column in columns]
    rows = zip(*((column.head, *column.cells) for column in columns), strict=True)
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if number == 0 or columns[number].left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _by_rich(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    place: Screen,
    bar: int,
    *,
    total: bool,
    breaks: bool = False,
) -> str:
    """The table as Rich draws it; cells of numbers are broken only if it must be."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    made.header_style = "bold"
    made.leading = int(any("\n" in cell for own in cells[1:] for cell in own))
    for number, column in enumerate(columns):
        left = number == 0 or column.left
        made.add_column(
            Text(column.head),
            justify="left" if left else "right",
            overflow="fold",
            no_wrap=not (left or breaks),
        )
    last = len(columns[0].cells) - 1
    for row in range(last + 1):
        own = []
        for column, texts in zip(columns, cells, strict=True):
            strip = _strip(column, row, bar, place)
            widest = max(map(len, column.cells)) if bar and column.shares else 0
            style = "bold red" if column.alarm and texts[row] == column.alarm else ""
            own.append(Text.assemble((strip, column.color), (texts[row].rjust(widest), style)))
        made.add_row(*own, style="bold" if total and row == last else "")
    return drawn(made, place.width or 0)


def _strip(column: Column, row: int, bar: int, place: Screen) -> str:
    """The bar of a cell with the blank behind it; "" where there is none."""
    if not (bar and column.shares) or math.isnan(column.shares[row]):
        return ""
    most = max(share for share in column.shares if not math.isnan(share))
    share = column.shares[row] / most if most else 0.0
    return bar_of(share, bar, blocks=place.blocks).ljust(bar + 1)


def bar_of(share: float, width: int, *, blocks: bool = True) -> str:
    """A share as a bar.

    Parameters
    ----------
    share
        Part of a whole. [0, 1]
    width
        Characters of the whole. [1, inf)
    blocks
        Whether eighths of a block can be printed; else number signs.

    Returns
    -------
    At most so many characters; something for every share above 0 where blocks can be printed.

    Examples
    --------
    >>> bar_of(0.5, 6), bar_of(0.51, 6, blocks=False), bar_of(0.0, 6)
    ('███', '###', '')
    """
    share = min(max(share, 0.0), 1.0)
    if not blocks:
        return "#" * round(share * width)
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
