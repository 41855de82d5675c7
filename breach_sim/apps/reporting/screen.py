"""Text laid out for the screen: as wide as the terminal on a terminal, plain lines everywhere else.

Where standard output is a pipe or a file, nothing is wrapped, colored or cut: what a program reads does not
depend on the size of anybody's window. Rich is imported on a terminal only.

Not here: what is said (``terminal``, ``summary``).
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

NARROWEST = 20
"""Characters a line has at least, however narrow the terminal."""
HANGING = 2
"""Spaces by which a wrapped line goes on further to the right."""


def terminal_width() -> int | None:
    """Width of the terminal.

    Returns
    -------
    Characters a line; None where standard output is no terminal. [20, inf)
    """
    if not sys.stdout.isatty():
        return None
    return max(NARROWEST, shutil.get_terminal_size().columns)


def fitted(text: str) -> str:
    """Text whose lines fit the terminal.

    Parameters
    ----------
    text
        Lines joined by line breaks.

    Returns
    -------
    On a terminal the text with long lines broken between words, indented as their first line and a little
    more; elsewhere the text as it is. Lines of a table drawn by :func:`table` fit already.
    """
    width = terminal_width()
    if width is None:
        return text
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    if len(line) <= width or "\x1b" in line:  # a drawn line: its escape codes take no room on the screen
        return line
    indent = min(len(line) - len(line.lstrip()) + HANGING, width // 2)
    parts = textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
    return "\n".join(parts)


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of text.

    Parameters
    ----------
    rows
        Cells of equally many columns; the first row holds the headings, the first column the names of rows.

    Returns
    -------
    Lines joined by line breaks. The first column stands flush left, the others flush right. On a terminal
    that is too narrow, millions and billions are written M and B; if that does not suffice, intervals stand
    below their numbers, and cells are broken between words.
    """
    width = terminal_width()
    if width is None:
        return "\n".join(_aligned(rows))
    for shape in (_as_given, _short_units):
        shaped = [(row[0], *map(shape, row[1:])) for row in rows]
        if (
            max(map(len, _aligned(shaped))) + len(rows[0]) <= width
        ):  # Rich sets columns one blank further apart
            return _drawn(shaped, width)
    return _drawn([(row[0], *map(_intervals_below, row[1:])) for row in rows], width, apart=1)


def _as_given(cell: str) -> str:
    return cell


def _short_units(cell: str) -> str:
    return cell.replace(" million", "M").replace(" billion", "B")


def _intervals_below(cell: str) -> str:
    return _short_units(cell).replace(" (", "\n(")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text with the first column flush left and the others flush right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)),
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _drawn(rows: Sequence[Sequence[str]], width: int, *, apart: int = 0) -> str:
    """The table as Rich draws it, with so many empty lines between rows."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1),
        leading=apart,
        header_style="bold",
    )
    for number, name in enumerate(rows[0]):
        drawn.add_column(Text(name), justify="right" if number else "left", overflow="fold")
    for row in rows[1:]:
        drawn.add_row(*map(Text, row))
    return _rendered(drawn, width)


def _rendered(drawable: Any, width: int) -> str:
    """What Rich would print, without blanks at the ends of lines."""
    from rich.console import Console

    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(drawable)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))


def two_columns(texts: Mapping[str, str]) -> str:
    """Names with their descriptions.

    Parameters
    ----------
    texts
        Descriptions by name.

    Returns
    -------
    Lines joined by line breaks, all descriptions in one column. On a terminal a long description goes on
    below its beginning.
    """
    margin = max(map(len, texts)) + 2
    width = terminal_width()
    lines = []
    for name, words in texts.items():
        line = f"{name.ljust(margin)}{words}"
        if width is None or len(line) <= width or margin > width // 2:
            lines.append(line)
            continue
        parts = textwrap.wrap(words, width - margin, break_long_words=False, break_on_hyphens=False)
        lines += [name.ljust(margin) + parts[0], *(" " * margin + part for part in parts[1:])]
    return "\n".join(lines)
