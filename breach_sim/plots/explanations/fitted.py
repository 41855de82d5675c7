"""What the fit has learned: prior and posterior of uncertain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.catalog import load_attacks, load_posterior
from breach_sim.catalog.faces.labels import label_of_parameter
from breach_sim.formatting.display import in_sentence
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.numbers.posterior import Posterior, quantile
from breach_sim.plots.colors import BLUE, BLUE_TEXT, DIM, GREY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, row_height, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_LEVELS = (0.05, 0.5, 0.95)
_LABELS, _HEAD = 2.7, -0.95
_FEWEST = 1.05
"""Ratio of widths below which a title does not say that the fit narrows a number."""


@in_style
def prior_posterior(
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    posterior: Posterior | None = None,
    most: int = 10,
    footer: bool = True,
) -> Axes:
    """Draw what is known of numbers before and after the fit, each as a multiple of its median before.

    Parameters
    ----------
    names
        Fitted parameters, such as "attacks.sim_swap.attempts"; None for those that the fit narrows most.
    ax
        Axes to draw on; if None, new axes are created.
    posterior
        Rows of the fit; None for those that ``simulate`` draws from by default.
    most
        Largest number of parameters if no names are given. [1, inf)
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. One row for each number: hollow, the 90 % interval before the fit; filled, that after it, with
    its median. [multiple of the median before], logarithmic

    Raises
    ------
    ValueError
        If a name is none of a fitted parameter of the attacks with a positive interval.
    """
    rows = load_posterior() if posterior is None else posterior
    ends = {
        own.name: (_ends(own, None), _ends(own, rows))
        for own in estimates_in(load_attacks())
        if own.name in rows
    }
    ends = {name: pair for name, pair in ends.items() if all(0 < low < high for low, _, high in pair)}
    for name in names or ():
        if name not in ends:
            raise ValueError(unknown("fitted parameter", name, tuple(ends), "prior_posterior"))
    narrowed = {name: _width(before) / _width(after) for name, (before, after) in ends.items()}
    shown = list(names) if names else sorted(ends, key=lambda name: -narrowed[name])[:most]
    labels = [label_of_parameter(name) for name in shown]
    ax = axes_or_new(ax, WIDTH, 1.0 + row_height(labels, _LABELS) * max(len(shown), 2))
    _draw(ax, [ends[name] for name in shown], labels)
    best = max(shown, key=lambda name: narrowed[name])
    sentence = _sentence(label_of_parameter(best), narrowed[best])
    below = (
        f"{len(shown)} of {len(ends)} fitted numbers of the attacks. Hollow: 90 % interval before the fit; "
        "filled: after it. Multiples of the median before."
    )
    finding(ax, sentence, below)
    listed = "; ".join(
        f"{label} {_times(ends[name][1][1] / ends[name][0][1])} its median before"
        for name, label in list(zip(shown, labels, strict=True))[:3]
    )
    describe(ax, f"{sentence}. {below} Medians after the fit: {listed}.")
    return signed(ax, f"{len(rows):,} rows of the fit", footer)


def _ends(own: Estimate, rows: Posterior | None) -> tuple[float, float, float]:
    levels = np.array([quantile(rows, own.name, level) for level in _LEVELS])
    low, middle, high = (float(value) for value in own.ppf(levels))
    return low, middle, high


def _width(ends: tuple[float, float, float]) -> float:
    """Width of an interval on a logarithmic scale."""
    return float(np.log(ends[2] / ends[0]))


def _sentence(label: str, times: float) -> str:
    thing, colon, quantity = label.partition(": ")
    what = f"{quantity} ({in_sentence(thing)})" if colon else label
    if times < _FEWEST:
        return "The fit narrows none of these numbers"
    return f"The fit says most about {what}: its interval narrows by a factor of {times:.1f}"


def _times(ratio: float) -> str:
    return f"{ratio:.2g} times"


def _draw(ax: Axes, ends: Sequence[tuple[Any, Any]], labels: Sequence[str]) -> None:
    for place, (before, after) in enumerate(ends):
        base = before[1]
        low, _, high = (value / base for value in before)
        hollow: dict[str, Any] = {"facecolor": "none", "edgecolor": GREY, "linewidth": 1.3, "height": 0.5}
        ax.barh(place, high - low, left=low, **hollow)
        ax.plot([1, 1], [place - 0.25, place + 0.25], color=GREY, linewidth=1.3)
        low, middle, high = (value / base for value in after)
        ax.barh(place, high - low, left=low, color=BLUE, alpha=0.45, height=0.26)
        ax.plot(middle, place, "o", color=BLUE_TEXT, markersize=6)
    every = [value / before[1] for before, after in ends for value in (*before, *after)]
    ax.set_xscale("log")
    ax.set_xlim(min(every) / 1.3, max(every) * 1.3)
    ax.set_ylim(len(ends) - 0.5, -1.5)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("multiple of the median before the fit (logarithmic)", color=DIM, fontsize=SMALL)
    name_rows(ax, labels, width=_LABELS)
    key: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": SMALL, "va": "center"}
    ax.text(0.0, _HEAD, "□ before the fit", color=DIM, **key)
    ax.text(0.42, _HEAD, "● after it", color=BLUE_TEXT, **key)
    moved = [f"{after[1] / before[1]:.2g}" for before, after in ends]
    narrower = [f"{_width(before) / _width(after):.1f}" for before, after in ends]
    columns = (
        Column("median moves\nto, times", moved, BLUE_TEXT, bold=True),
        Column("narrower\nby, times", narrower),
    )
    write_columns(ax, columns, head_at=_HEAD)
