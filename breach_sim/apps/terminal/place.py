"""Where text is printed: how wide the screen is, what is asked for, and text laid out for it.

Where standard output is a pipe or a file, nothing is wrapped, colored, cut or left out: what a program reads
does not depend on the size of anybody's window. Rich is imported on a terminal only.

Not here: tables (``tables``), and what is said (the other modules).
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NARROWEST = 20
"""Characters a line has at least, however narrow the terminal."""
HANGING = 2
"""Spaces by which a wrapped line goes on further to the right."""
ROOM = 120
"""Characters from which on tables show more columns without being asked."""
_ADDRESS = "://"
_ENDS = re.compile(r"(?: |\x1b\[[0-9;]*m)+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Where text is printed.

    Parameters
    ----------
    width
        Characters a line; None where it is no terminal, and everything is printed in plain lines. [20, inf)
    wide
        Whether every column and row is asked for.
    notes
        Whether every note is asked for.
    blocks
        Whether the terminal can print block characters; else bars are made of number signs.
    """

    width: int | None = None
    wide: bool = False
    notes: bool = False
    blocks: bool = True

    @property
    def plain(self) -> bool:
        """Whether this is a pipe or a file."""
        return self.width is None

    def shows(self, room: int) -> bool:
        """Whether a column that needs so much room is shown."""
        return self.wide or self.width is None or self.width >= room

    @property
    def every_row(self) -> bool:
        """Whether every row of a table is shown."""
        return self.wide or self.plain

    @property
    def every_note(self) -> bool:
        """Whether every note is shown."""
        return self.notes or self.plain


def screen(out: Any = None, *, wide: bool = False, notes: bool = False) -> Screen:
    """Standard output as it is now, or standard error.

    Parameters
    ----------
    out
        The stream; standard output if None.
    wide, notes
        Options of the command.

    Returns
    -------
    Its width where it is a terminal, and what it can print.
    """
    out = out or sys.stdout
    if not out.isatty():
        return Screen(wide=wide, notes=notes)
    encoding = (getattr(out, "encoding", None) or "utf-8").lower()
    width = max(NARROWEST, shutil.get_terminal_size().columns)
    return Screen(width=width, wide=wide, notes=notes, blocks=encoding.startswith("utf"))


def fitted(text: str, place: Screen | None = None) -> str:
    """Text whose lines fit the terminal.

    Parameters
    ----------
    text
        Lines joined by line breaks.
    place
        Where it is printed; standard output if None.

    Returns
    -------
    On a terminal the text with long lines broken between words, indented as their first line and a little
    more; elsewhere the text as it is. Lines drawn by Rich fit already. An address of the web is never broken,
    so that it can be copied.
    """
    width = (place or screen()).width
    if width is None:
        return text
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    if len(line) <= width or "\x1b" in line:  # a drawn line: its escape codes take no room on the screen
        return line
    indent = min(len(line) - len(line.lstrip()) + HANGING, width // 2)
    return "\n".join(_parts(line, width, " " * indent))


def _parts(text: str, width: int, indent: str = "") -> list[str]:
    """Text in lines; words longer than a line are broken, unless one is an address."""
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=indent,
        break_long_words=_ADDRESS not in text,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )


def two_columns(texts: Mapping[str, str], place: Screen | None = None) -> str:
    """Names with their descriptions.

    Parameters
    ----------
    texts
        Descriptions by name.
    place
        Where it is printed; standard output if None.

    Returns
    -------
    Lines joined by line breaks, all descriptions in one column. On a terminal a long description goes on
    below its beginning; where names take more than a third of a line, descriptions stand below them.
    """
    margin = max(map(len, texts), default=0) + 2
    width = (place or screen()).width
    lines = []
    for name, words in texts.items():
        line = f"{name.ljust(margin)}{words}"
        if width is None or len(line) <= width:
            lines.append(line)
        elif margin > width // 3:
            indent = " " * 2 * HANGING
            lines += [*_parts(name, width), *(indent + part for part in _parts(words, width - len(indent)))]
        else:
            first, *others = _parts(words, width - margin)
            lines += [name.ljust(margin) + first, *(" " * margin + part for part in others)]
    return "\n".join(lines)


def strong(text: str, place: Screen, style: str = "bold") -> str:
    """Text that stands out on a terminal.

    Parameters
    ----------
    text
        A line, or several.
    place
        Where it is printed.
    style
        As Rich names it.

    Returns
    -------
    The text in lines that fit, bold where the terminal can do that; in a pipe the text as it is.
    """
    if place.width is None:
        return text
    from rich.text import Text

    wrapped = fitted(text, place)
    return "\n".join(drawn(Text(line, style=style), place.width) for line in wrapped.split("\n"))


def drawn(drawable: Any, width: int) -> str:
    """What Rich would print.

    Parameters
    ----------
    drawable
        A text or table of Rich.
    width
        Of the terminal. [20, inf)

    Returns
    -------
    Lines joined by line breaks, without blanks at their ends, with escape codes where the terminal has
    colors and nobody has set NO_COLOR.
    """
    from rich.console import Console

    console = Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)
    with console.capture() as capture:
        console.print(drawable)
    lines = capture.get().rstrip("\n").split("\n")
    return "\n".join(_ENDS.sub(lambda end: end[0].replace(" ", ""), line) for line in lines)
