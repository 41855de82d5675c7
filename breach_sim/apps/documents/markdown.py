"""Words and numbers as Markdown in which nothing is taken for markup.

Not here: what a page says.
"""

from __future__ import annotations

from breach_sim.apps.documents.quoted import Line, plain
from breach_sim.formatting.strangers import marked_down


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
    return marked_down(plain(line))
