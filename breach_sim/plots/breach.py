"""Figures of a breach's people: the map of US states.

Not here: the matrix of leaked fields (``routes.leaks``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from breach_sim.formatting.messages import named
from breach_sim.plots.colors import BLUE_TEXT, INK, PALE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, WIDTH, axes_or_new, in_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_DARK = 0.8
"""Share of the largest above which a tile is dark enough for white text."""
_SHADES = LinearSegmentedColormap.from_list(
    "share", [(0, PALE), (_DARK, SKY), (_DARK, BLUE_TEXT), (1, BLUE_TEXT)]
)
_NAMED = 6
"""Most states that the title names."""
_TILES = """
AK .. .. .. .. .. .. .. .. .. ME
.. .. .. .. .. .. .. .. .. VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT ..
CA UT CO NE MO KY WV VA MD DE ..
.. AZ NM KS AR TN NC SC DC .. ..
.. .. .. OK LA MS AL GA .. .. ..
HI .. .. TX .. .. .. .. FL .. ..
"""
"""A tile for each of the 50 US states and DC, near its place: all of one size, so that area says nothing."""


@in_style
def states(rows: pd.DataFrame, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw a tile map of the US states, darker where more synthetic subscribers live.

    Parameters
    ----------
    rows
        Subscribers with a column ``state``, such as a slice of ``subscribers(...)``. Rows without a state
        are ignored. The figure shows ``rows["state"].value_counts(normalize=True)``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Each tile shows its share of the rows that have a state. [%]

    Raises
    ------
    ValueError
        If there is no such column, or it contains regions other than the 50 states and DC.
    """
    if "state" not in rows:
        raise ValueError(
            f"the columns are {named(map(str, rows.columns))}; the map needs 'state', which is there if "
            "the postal address leaked"
        )
    lines = [line.split() for line in _TILES.split("\n") if line]
    places = {code: (x, -y) for y, line in enumerate(lines) for x, code in enumerate(line) if code != ".."}
    found = rows["state"].dropna()
    other = sorted(set(found) - set(places))
    if other:
        raise ValueError(f"'{other[0]}' is no US state; the map has the 50 states and DC, by postal code")
    ax = axes_or_new(ax, WIDTH, 5.3)
    of = f"Share of {len(found):,} synthetic subscribers by state [%]."
    if found.empty:
        return say_empty(ax, "No row has a state", of, "no row has a state")
    shares = found.value_counts(normalize=True) * 100
    most = float(shares.iloc[0])
    for code, (x, y) in places.items():
        share = float(shares.get(code, 0.0))
        ax.add_patch(
            Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=_SHADES(share / most), edgecolor="none")
        )
        ink = "white" if share > _DARK * most else INK
        ax.text(x, y + 0.13, code, ha="center", va="center", fontsize=10, weight="bold", color=ink)
        ax.text(x, y - 0.22, f"{share:.1f}", ha="center", va="center", fontsize=LABEL, color=ink)
    ax.set(xlim=(-0.6, 10.6), ylim=(-len(lines) + 0.4, 0.6), aspect="equal")
    ax.axis("off")
    first = ", ".join(f"{code} {share:.1f} %" for code, share in shares.iloc[:3].items())
    sentence = _sentence(shares)
    below = f"{of} A tile for each state, all of one size."
    finding(ax, sentence, below)
    describe(
        ax, f"{sentence}. Tile map of {len(found):,} synthetic subscribers by US state: most in {first}."
    )
    return signed(ax, "no real person", footer)


def _sentence(shares: pd.Series) -> str:
    """The smallest number of states in which half of the rows are."""
    half = int((shares.cumsum() < 50 - 1e-9).sum()) + 1
    if half == 1:
        return f"{float(shares.iloc[0]):.0f} % of the synthetic subscribers live in {shares.index[0]}"
    named = f"{', '.join(map(str, shares.index[: half - 1]))} and {shares.index[half - 1]}"
    who = named if half <= _NAMED else f"{half} states, most in {shares.index[0]}"
    return f"Half of the synthetic subscribers live in {who}"
