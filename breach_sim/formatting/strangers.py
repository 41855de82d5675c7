"""Files and texts of strangers: which files are read at all, and which signs a text may hold.

Every reader of a user's file opens it here, so that none waits for a pipe that nobody writes to, and none
reads a device that never ends. ``-`` is standard input.

Not here: what a file means (``catalog.reader``, ``interop.files``), and how an error is worded there.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

STANDARD_INPUT = "-"
"""Name that stands for standard input where a file is read."""
PIPED = f", or give {STANDARD_INPUT} and pipe them into the command"
MOST_INPUT = 400_000_001
"""Bytes of standard input that are read: one more than the largest file of any reader."""
LONGEST_PATH = 200
"""Letters of a path that a message gives back."""
_LONGEST_NAMES = (4_096, 255)
"""Letters of a path, and of one part of it, that the usual file systems take."""
MOST_NAMES = 300_000
"""Dots and equality signs of a TOML file, outside of its texts: more tables and keys would take gigabytes."""
MOST_PARTS = 30
"""Parts of one dotted name of a TOML text, for each of which its reader keeps all those before it."""
_TEXTS = re.compile(
    r"""\#[^\n]*+
    | "{3} (?: [^"\\] | \\. | "(?!"") )*+ (?: "{3,5} | \Z )
    | '{3} (?: [^'] | '(?!'') )*+ (?: '{3,5} | \Z )
    | " (?: [^"\\\n] | \\. )*+ "?
    | ' [^'\n]*+ '?""",
    re.VERBOSE | re.DOTALL,
)
"""Comments and texts of TOML. One that has no end takes what is left, so that no letter is read twice."""
_DEEP = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")
BARRED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and line break: a terminal obeys them instead of printing them."""
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the letters after them around, so that a text is read as another one."""


class NotOrdinaryError(ValueError):
    """Raised for a path that is no ordinary file; the message begins with a verb, and gives the remedy."""


def raw_of(path: Path, most: int | None = None) -> bytes:
    """Read an ordinary file, or standard input.

    Parameters
    ----------
    path
        File; ``-`` is standard input, which is read once and remembered.
    most
        Number of bytes to read; all of them if None.

    Returns
    -------
    Its bytes.

    Raises
    ------
    NotOrdinaryError
        If the path is a folder, pipe, socket or device, or holds a zero sign.
    OSError
        If it cannot be read.
    """
    if str(path) == STANDARD_INPUT and not path.exists():
        return standard_input()[:most]
    refuse(path.stat().st_mode, piped=True)
    # The path may have become a pipe since: it is opened without waiting, and looked at again.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        refuse(os.fstat(stream.fileno()).st_mode, piped=True)
        return stream.read(-1 if most is None else most)


def check_name(path: object) -> None:
    """Refuse a name that no file can have.

    Parameters
    ----------
    path
        Path or its text.

    Raises
    ------
    ValueError
        If it holds a zero sign, or a part of it is too long for a file system.
    """
    text = str(path)
    if "\x00" in text:
        raise ValueError(f"{brief(text)} holds a zero sign, which no name of a file has; check the path")
    if len(text) > _LONGEST_NAMES[0] or any(len(part) > _LONGEST_NAMES[1] for part in Path(text).parts):
        raise ValueError(
            f"{brief(text)} is longer than the name of a file can be ({_LONGEST_NAMES[1]} letters for each "
            "part); check the path"
        )


def exists(path: Path) -> bool:
    """Return whether a path exists; False if it cannot be checked."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, or holds a zero sign
        return False


def refuse(mode: int, *, piped: bool = False) -> None:
    """Refuse what is no ordinary file.

    Parameters
    ----------
    mode
        As the system gives it.
    piped
        Whether the reader also takes standard input.

    Raises
    ------
    NotOrdinaryError
        With what it is instead.
    """
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise NotOrdinaryError("is a directory and no file; name a file in it")
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    kind = kinds.get(stat.S_IFMT(mode), "a device")
    raise NotOrdinaryError(
        f"is {kind} and no ordinary file; write the contents to a file" + (PIPED if piped else "")
    )


@lru_cache(maxsize=1)
def standard_input() -> bytes:
    """Read standard input to its end; later calls return the same.

    Returns
    -------
    Its bytes.

    Raises
    ------
    NotOrdinaryError
        If it is closed.
    """
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise NotOrdinaryError("is standard input, which is closed here; name a file")
    return bytes(stream.read(MOST_INPUT))


def barred_in(text: str) -> str:
    r"""Say which control character a text holds.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    Its code and name, as "U+001B"; "" for none. Tab and line break are none.

    Examples
    --------
    >>> barred_in("a\x1b[2J"), barred_in("a\tb")
    ('U+001B', '')
    """
    found = BARRED.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def too_much(text: str) -> str:
    """Say what a TOML text has too much of to be read in seconds.

    Parameters
    ----------
    text
        The text, of a size that is read.

    Returns
    -------
    A sentence with the limit and the remedy; "" if there is nothing.

    Examples
    --------
    >>> too_much("a = 1"), too_much(f"{'a.' * 200}b = 1")
    ('', "the name 'a.a.a.a.a.a.a.a.a.a.a...' has more than 30 parts; two or three suffice")
    """
    bare = _TEXTS.sub("_", text)
    if found := _DEEP.search(bare):
        name = " ".join(found.group()[:40].split())[:21]
        return f"the name '{name}...' has more than {MOST_PARTS} parts; two or three suffice"
    names = bare.count(".") + bare.count("=")
    if names > MOST_NAMES:
        most = f"{names:,} dots and equality signs, and at most {MOST_NAMES:,} are read"
        return f"the file has {most}; put like segments together, or shorten the notes"
    return ""


def first_barred(text: str, document: Any) -> tuple[str, str] | None:
    """Find the first control character in the texts of a document.

    Parameters
    ----------
    text
        The document as it stands in its file. Without a backslash it can hide no sign, which spares the
        search.
    document
        Its tables and values.

    Returns
    -------
    Place, and a sentence with the remedy; None if there is none.
    """
    if "\\" not in text and not BARRED.search(text):
        return None
    for place, one in texts_in(document):
        if sign := barred_in(one):
            return place, f"a text holds the control character {sign}, which a terminal obeys; take it out"
    return None


def texts_in(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a document, keys included, with its dotted place.

    Parameters
    ----------
    value
        Tables, lists and plain values.
    place
        Where the value stands.

    Yields
    ------
    Place and text.
    """
    stack = [(place, value)]
    while stack:
        where, one = stack.pop()
        if isinstance(one, str):
            yield where, one
        elif isinstance(one, Mapping):
            for key, part in one.items():
                yield where or "the file", str(key)
                stack.append((f"{where}.{key}" if where else str(key), part))
        elif isinstance(one, (list, tuple)):
            stack += [(f"{where}[{number}]", part) for number, part in enumerate(one)]


def visible(text: str) -> str:
    r"""Return a text in which nothing is obeyed by a terminal.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    The text; control characters but tab and line break, and signs that turn letters around, as escapes.

    Examples
    --------
    >>> print(visible("a\x1b[2J\u202eb"))
    a\x1b[2J\u202eb
    """
    return TURNING.sub(_escaped, BARRED.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def brief(path: object) -> str:
    """Return a path for a message.

    Parameters
    ----------
    path
        Path or its text.

    Returns
    -------
    The whole path; of one with more than 200 letters the first and the last, and how many it has. Control
    characters are escaped.
    """
    text = visible(str(path))
    if len(text) <= LONGEST_PATH:
        return text
    half = LONGEST_PATH // 2
    return f"{text[:half]}...{text[-half:]} ({len(text):,} letters)"


def marked_down(text: str) -> str:
    r"""Return text in which no sign is taken for Markdown or HTML.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    One line.

    Examples
    --------
    >>> print(marked_down("a|b  <c>"))
    a\|b \<c\>
    """
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
