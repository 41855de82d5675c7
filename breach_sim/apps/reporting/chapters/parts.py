"""What several chapters of the report have in common: a figure with its table, and the line of cautions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from breach_sim import plots
from breach_sim.apps.reporting.html import Piece, figure
from breach_sim.catalog.faces.labels import label_of_field, label_of_line, words_of
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes


NAMES = re.compile(r"\b(?!breach_sim)[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
"""Names of code in a text; the name of the package stays."""
ROWS = 8
"""Most attacks in the figure of the first page."""


def figure_with_table(draw: Callable[[], Axes], reading: str, behind: Piece) -> Piece:
    """A figure with the table behind it.

    Parameters
    ----------
    draw
        Draws the figure, which is closed when it is on the page.
    reading
        What a reader should see in it.
    behind
        Table that it is drawn from.

    Returns
    -------
    The piece.
    """
    with plots.closing():
        return figure(draw(), reading, behind)


def in_words(text: str) -> str:
    """A note with words in place of names of code.

    Parameters
    ----------
    text
        A note about a scenario or a number.

    Returns
    -------
    The text on one line.

    Examples
    --------
    >>> in_words("call_centre and date_of_birth, by breach_sim")
    'call center and birth date, by breach_sim'
    """
    return NAMES.sub(lambda found: _label(found[0]), " ".join(text.split()))


def _label(name: str) -> str:
    field = label_of_field(name)
    return field if field != words_of(name) else label_of_line(name)


def draw(drawing: Callable[[], Axes], reading: str = "") -> Piece:
    """A figure whose table stands elsewhere on the page.

    Parameters
    ----------
    drawing
        Draws the figure, which is closed when it is on the page.
    reading
        What a reader should see in it; "" where its title says all.

    Returns
    -------
    The piece.
    """
    with plots.closing():
        return figure(drawing(), reading)


def caution_line(impact: Impact) -> str:
    """Line below a table of a breach with cautions.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One sentence; "" without cautions.
    """
    count = len(impact.notes)
    if not count:
        return ""
    return f"The {'caution' if count == 1 else f'{count} cautions'} under the answer hold here too."
