"""Which mitigations do the same work: pairs, gathered in a few groups."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from breach_sim.analysis.subjects import subject_of
from breach_sim.formatting.arrays import Array
from breach_sim.plots.colors import INK, PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, width_of
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, WIDTH, axes_or_new, figure_of, in_style
from breach_sim.plots.language.words import made_by
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_GROUPS, _MANY = 3, 6
"""Groups, and the number of mitigations from which on they are formed."""
_GAP = 0.4
"""Distance between groups. [cells]"""
_MARGINS = 0.5
"""Width of the figure beside the axes. [inches]"""
_CELL = 0.36
"""Height of a cell. [inches]"""
_SHADES = LinearSegmentedColormap.from_list("overlap", ["#8CC3E8", "#F1F1F1", "#F2A66B"])
"""Blue where two reinforce each other, orange where they do the same work; ink can be read on all."""


@in_style
def overlap(comparison: Comparison, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw how far mitigations do the same work, as a share of the smaller benefit.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.overlap()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. One cell a pair, the darker the larger the share of the smaller benefit that is lost in the
    pair: 100 % if it adds nothing, negative and blue if the two reinforce each other. Six mitigations and
    more stand in three groups of similar overlaps, with the mean of each block of pairs; of fewer, every
    cell has its number.
    """
    some = [i for i, own in enumerate(comparison.averted[: len(comparison.mitigations)]) if own.loss.any()]
    of = subject_of(comparison.scenario, comparison.law.graph)
    table = comparison.overlap()
    known = table["overlap_share"].notna()
    ax = axes_or_new(ax, WIDTH, 0.9 + _CELL * max(len(some), 2))
    if not known.any():
        return say_empty(
            ax, "No two mitigations do the same work", of, "no two mitigations avert anything here"
        )
    shares = np.full((len(some), len(some)), np.nan)
    for (i, j), share in zip(comparison.pairs, table["overlap_share"], strict=True):
        if i in some and j in some:
            one, other = some.index(i), some.index(j)
            shares[one, other] = shares[other, one] = share
    benefit = np.array([float(comparison.averted[i].loss.mean()) for i in some])
    groups = _groups(shares, benefit)
    labels = [comparison.mitigations[i].label for i in some]
    _draw(ax, shares, groups, labels)
    i, j = list(comparison.pairs)[int(np.nanargmax(table["overlap_share"].to_numpy()))]
    pair = sorted((some.index(i), some.index(j)), key=lambda n: -benefit[n])
    sentence = _sentence([labels[n] for n in pair], float(shares[pair[0], pair[1]]))
    several = f" in {len(groups)} groups, with the mean of each block of pairs" if len(groups) > 1 else ""
    below = (
        f"{of}. Share of the smaller benefit that the other brings as well; "
        f"{len(labels)} mitigations{several}. A name ends its row and begins its column."
    )
    finding(ax, sentence, below)
    gathered = "; ".join(
        f"group of '{labels[group[0]]}' {_percent(_mean(shares, group, group))}"
        for group in groups
        if len(group) > 1
    )
    describe(ax, f"{sentence}. {below} Mean overlap of pairs: {gathered}.")
    return signed(ax, made_by(comparison), footer)


def _sentence(pair: list[str], share: float) -> str:
    if share <= 0:
        return "No two of the mitigations do the same work"
    return f"'{pair[0]}' does {_percent(share)} of the work of '{pair[1]}'"


def _percent(share: float) -> str:
    return f"{round(share, 2) + 0:.0%}".replace("%", " %")  # never -0 %


def _mean(shares: Array, rows: list[int], columns: list[int]) -> float:
    return float(np.nanmean(shares[np.ix_(rows, columns)]))


def _groups(shares: Array, benefit: Array) -> list[list[int]]:
    """Mitigations with like overlaps together, in each group and between groups the largest benefit first."""
    from scipy.cluster.hierarchy import fcluster, linkage

    count = len(benefit)
    if count < _MANY:
        return [[int(n) for n in np.argsort(-benefit, kind="stable")]]
    profiles = np.where(np.isnan(shares), 0.0, shares)
    np.fill_diagonal(profiles, 1.0)
    member = fcluster(linkage(profiles, "ward"), _GROUPS, "maxclust")
    groups = [
        sorted((int(n) for n in np.flatnonzero(member == group)), key=lambda n: -benefit[n])
        for group in np.unique(member)
    ]
    return sorted(groups, key=lambda group: -benefit[group[0]])


def _draw(ax: Axes, shares: Array, groups: list[list[int]], labels: list[str]) -> None:
    order = [n for group in groups for n in group]
    shift = [place for place, group in enumerate(groups) for _ in group]
    at = [n + _GAP * shift[n] for n in range(len(order))]
    for row in range(len(order)):
        for column in range(row):
            share = float(shares[order[row], order[column]])
            shade = _SHADES(0.5 + float(np.clip(share, -1, 1)) / 2) if np.isfinite(share) else PALE
            corner = (at[column] - 0.5, at[row] - 0.5)
            ax.add_patch(Rectangle(corner, 1, 1, facecolor=shade, edgecolor="white", linewidth=1.5))
            if len(groups) == 1 and np.isfinite(share):
                ax.text(at[column], at[row], _percent(share), ha="center", va="center", fontsize=LABEL)
    if len(groups) > 1:
        _write_means(ax, shares, groups, at)
    ax.set_axis_off()
    ax.set_xlim(-0.6, _name_diagonal(ax, [labels[n] for n in order], at))
    ax.set_ylim(at[-1] + 0.6, -0.6)


def _name_diagonal(ax: Axes, labels: list[str], at: list[float]) -> float:
    """Name each mitigation where its row ends and its column begins; return the right end of the axes."""
    wide = figure_of(ax).get_figwidth() - _MARGINS
    ends = [0.0]
    for place, label in zip(at, labels, strict=True):
        ax.text(place - 0.42, place, label, ha="left", va="center", fontsize=LABEL, color=INK)
        part = width_of(label, LABEL) / wide
        ends.append((place - 0.42 + 0.6 * part) / (1 - part))
    return max(ends)


def _write_means(ax: Axes, shares: Array, groups: list[list[int]], at: list[float]) -> None:
    """The mean of each block of pairs, in the middle of the block or of its lower triangle."""
    starts = np.concatenate([[0], np.cumsum([len(group) for group in groups])])
    places = [at[start:end] for start, end in pairwise(starts)]
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": LABEL, "color": INK, "weight": "bold"}
    box: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 2.5, "alpha": 0.9}
    for n, rows in enumerate(groups):
        for m, columns in enumerate(groups[: n + 1]):
            if n == m and len(rows) == 1:
                continue
            across, down = (float(np.mean(places[k])) for k in (m, n))
            if n == m:
                across, down = across - len(rows) / 4.6, down + len(rows) / 4.6
            ax.text(across, down, _percent(_mean(shares, rows, columns)), bbox=box, **look)
