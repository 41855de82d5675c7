"""Words and numbers as Markdown in which nothing is taken for markup.

Not here: what a page says.
"""

from __future__ import annotations

from breach_sim.apps.documents.quoted import Line, plain


def escaped(text: str) -> str:
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
    >>> print(escaped("a|b  <c>"))
    a\|b \<c\>
    """
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def in_line(line: Line) -> str:
    """Return words and numbers as Markdown.

    Parameters
    ----------
    line
        Words and numbers.

    Returns
    -------
    One line.
    """
    return escaped(plain(line))
