"""Empty figures, and marks that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.plots.colors import DIM, INK
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding
from breach_sim.plots.language.style import LABEL, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_SHIFTS = (
    (9.0, 0.0),
    (-9.0, 0.0),
    (8.0, 8.0),
    (-8.0, 8.0),
    (8.0, -8.0),
    (-8.0, -8.0),
    (0.0, 11.0),
    (0.0, -11.0),
)
"""Where a number may stand beside its point, the best place first. [points]"""
_CLOSE = 9.0
"""Least distance between the middles of two numbers, or of a number and another point. [points]"""


def say_empty(ax: Axes, what: str, of: str, words: str) -> Axes:
    """Write on empty axes why there is nothing to show.

    Parameters
    ----------
    ax
        Axes to write on.
    what, of
        Title, as for :func:`finding`.
    words
        Reason why nothing is drawn.

    Returns
    -------
    The same axes.
    """
    ax.axis("off")
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=DIM, fontsize=LABEL)
    finding(ax, what, of)
    return describe(ax, f"{what}: {words}.")


class Free:
    """Places for small numbers beside points, so that none covers another number or a point.

    Parameters
    ----------
    ax
        Axes whose limits and scales are set.
    points
        Points that no number may cover, in the units of the axes.
    """

    def __init__(self, ax: Axes, points: Sequence[tuple[float, float]]) -> None:
        self._ax = ax
        self._taken = [self._place(point) for point in points]

    def near(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return where the next number stands, and take the place.

        Parameters
        ----------
        point
            The point to which the number belongs.

        Returns
        -------
        Shift from the point to the middle of the number. [points]
        """
        here = np.array(self._place(point))
        places = [here + np.array(shift) for shift in _SHIFTS]
        room = [
            min((float(np.hypot(*(place - other))) for other in self._taken), default=0) for place in places
        ]
        best = next((n for n, far in enumerate(room) if far >= _CLOSE), int(np.argmax(room)))
        self._taken.append((float(places[best][0]), float(places[best][1])))
        return _SHIFTS[best]

    def _place(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the place of a point on the canvas, in points."""
        across, up = self._ax.transData.transform(point) * 72 / figure_of(self._ax).dpi
        return float(across), float(up)


def mark_appetite(ax: Axes, table: pd.DataFrame) -> None:
    """Draw a risk appetite as steps over an exceedance curve.

    Parameters
    ----------
    ax
        Axes with amounts against chances in percent.
    table
        Appetite as ``appetite()`` gives it: one row a chance, falling; column ``appetite_usd``. [USD]
    """
    amounts, chances = table["appetite_usd"].to_numpy(), table.index.to_numpy() * 100
    ax.step(amounts, chances, where="post", color=DIM, linewidth=1.4, linestyle="--")
    ax.plot(amounts, chances, "D", color=INK, markersize=5)
    words = f"appetite: {int(table['inside'].sum())} of {len(table)} inside"
    ax.text(0.02, 0.03, words, transform=ax.transAxes, color=INK, fontsize=LABEL, va="bottom")
