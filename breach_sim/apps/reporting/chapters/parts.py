"""What several chapters of the report have in common: a figure with its table, and the line of cautions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from breach_sim import plots
from breach_sim.apps.reporting.html import Piece, figure
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
