"""Empty figures, and marks that several figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breach_sim.plots.colors import DIM, INK
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding
from breach_sim.plots.language.style import LABEL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


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
