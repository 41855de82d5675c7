"""Figures of a breach and its people: the matrix of leaked fields and the map of US states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from breach_sim.formatting.digits import human
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.scenario import Scenario
from breach_sim.plots.colors import BLUE, INK, PALE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import say_empty, set_title
from breach_sim.plots.language.style import axes_or_new

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_DARK = 0.7
"""Share above which a cell of the matrix is dark enough for white text."""
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


def leak_matrix(scenario: Scenario, ax: Axes | None = None) -> Axes:
    """Draw the share of each segment's accounts that lost each field, as a matrix.

    Parameters
    ----------
    scenario
        What leaked for whom.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes, with central coverages. [share]
    """
    leaked = {name for segment in scenario.segments for name in segment.fields}
    fields = [name for name in FIELD_NAMES if name in leaked]
    if not fields:
        ax = axes_or_new(ax, 6, 2)
        return say_empty(ax, "Who lost what", scenario.title, "no field leaked")
    shares = np.zeros((len(scenario.segments), len(fields)))
    for row, segment in enumerate(scenario.segments):
        for leak in segment.leaks:
            for name in leak.fields:
                spared = (1 - shares[row, fields.index(name)]) * (1 - leak.coverage.central)
                shares[row, fields.index(name)] = 1 - spared
    ax = axes_or_new(ax, 2.6 + 0.62 * len(fields), 1.9 + 0.5 * len(scenario.segments))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.35, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        if share:
            text = "all" if share == 1 else f"{share:.0%}"
            ax.text(
                column,
                row,
                text,
                ha="center",
                va="center",
                color="white" if share > _DARK else INK,
                fontsize=8.5,
            )
    ax.set_xticks(range(len(fields)), [name.replace("_", " ") for name in fields], rotation=40, ha="right")
    labels = [f"{segment.title}\n{human(segment.accounts)} accounts" for segment in scenario.segments]
    ax.set_yticks(range(len(scenario.segments)), labels, fontsize=9)
    ax.set_xticks(np.arange(len(fields) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(scenario.segments) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    set_title(ax, "Who lost what (share of accounts)", scenario.title)
    return describe(ax, f"Matrix of leaked fields by segment for {scenario.title}.")


def states(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a tile map of the US states, darker where more synthetic subscribers live.

    Parameters
    ----------
    rows
        Subscribers with a column ``state``, such as a slice of ``subscribers(...)``. Rows without a state
        are ignored. The figure shows ``rows["state"].value_counts(normalize=True)``.
    ax
        Axes to draw on; if None, new axes are created.

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
            f"the columns are {', '.join(map(str, rows.columns))}; the map needs 'state', which is there if "
            "the postal address leaked"
        )
    lines = [line.split() for line in _TILES.split("\n") if line]
    places = {code: (x, -y) for y, line in enumerate(lines) for x, code in enumerate(line) if code != ".."}
    found = rows["state"].dropna()
    other = sorted(set(found) - set(places))
    if other:
        raise ValueError(f"'{other[0]}' is no US state; the map has the 50 states and DC, by postal code")
    ax = axes_or_new(ax, 8.5, 5.6)
    what, of = "Where they live", f"share of {len(found):,} synthetic subscribers by state [%]"
    if found.empty:
        return say_empty(ax, what, of, "no row has a state")
    shares = found.value_counts(normalize=True) * 100
    most = float(shares.iloc[0])
    shade = LinearSegmentedColormap.from_list("share", [PALE, SKY, BLUE])
    for code, (x, y) in places.items():
        share = float(shares.get(code, 0.0))
        ax.add_patch(
            Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=shade(share / most), edgecolor="none")
        )
        ink = "white" if share > _DARK * most else INK
        ax.text(x, y + 0.13, code, ha="center", va="center", fontsize=10, weight="bold", color=ink)
        ax.text(x, y - 0.22, f"{share:.1f}", ha="center", va="center", fontsize=8.5, color=ink)
    ax.set(xlim=(-0.6, 10.6), ylim=(-len(lines) + 0.4, 0.6), aspect="equal")
    ax.axis("off")
    set_title(ax, what, of)
    first = ", ".join(f"{code} {share:.1f} %" for code, share in shares.iloc[:3].items())
    return describe(ax, f"Tile map of {len(found):,} synthetic subscribers by US state: most in {first}.")
