"""Loss by month without and with mitigations."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.analysis.subjects import subject_of
from breach_sim.plots.colors import (
    BLUE,
    BLUE_TEXT,
    DIM,
    GREEN,
    GREEN_TEXT,
    GREY,
    INK,
    ORANGE,
    ORANGE_TEXT,
    SKY,
)
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, made_by, per_cent
from breach_sim.plots.ticks import compact
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_LINES = ((BLUE, "-"), (ORANGE, "-"), (GREEN, "-"), (SKY, "--"), (INK, ":"))
"""Color and line of the mitigations shown over time, those that avert most first."""
_TEXT = {BLUE: BLUE_TEXT, ORANGE: ORANGE_TEXT, GREEN: GREEN_TEXT, SKY: BLUE_TEXT, INK: INK, GREY: DIM}
"""Color of the label of a line."""
_APART = 0.055
"""Distance of labels at the ends of lines. [height of the axes]"""


@in_style
def mitigation_timeline(comparison: Comparison, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the loss by month without and with the most effective mitigations, and their start days.

    Parameters
    ----------
    comparison
        Result of ``compare``. The figure shows ``comparison.timeline()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. One line each for the mean expected loss per month, and dotted lines where a mitigation starts
    or ends, except for those in place before the breach. [USD/month], logarithmic, against months after sale
    """
    ax = axes_or_new(ax, WIDTH, 3.9)
    of = subject_of(comparison.scenario, comparison.law.graph)
    alone = [own for own in comparison.averted[: len(comparison.mitigations)] if own.loss.any()]
    shown = sorted(alone, key=lambda own: -float(own.loss.mean()))[: len(_LINES)]
    if not shown:
        what = "None of the mitigations averts anything"
        return say_empty(ax, what, of, "no mitigation averts anything here")
    table: Any = comparison.timeline()
    lines = {"without": ("without", GREY, "-")}
    lines |= {own.name: (own.label, *look) for own, look in zip(shown, _LINES, strict=False)}
    ends = np.concatenate([[0.0], table.loc["without", "end_day"].to_numpy()]) * 12 / 365
    last = {}
    for name, (label, color, style) in lines.items():
        lost = table.loc[name, "loss_usd_mean"].to_numpy()
        if not (lost > 0).any():
            continue
        held = np.where(lost > 0, lost, np.nan)
        ax.step(
            ends,
            np.append(held, held[-1]),
            style,
            where="post",
            color=color,
            linewidth=1.8 if label != "without" else 4,
        )
        last[label] = (float(lost[lost > 0][-1]), color)
    ax.set_yscale("log")
    ax.set_xlim(0, ends[-1])
    ax.set_xlabel("months after the sale")
    ax.set_ylabel("expected loss a month, USD (logarithmic)")
    ax.yaxis.set_major_formatter(FuncFormatter(compact))
    ax.yaxis.set_minor_formatter(NullFormatter())
    _label_ends(ax, last)
    _mark_dates(ax, [date for date in comparison.dates() if date[1] in lines], lines)
    whole, most = float(table.loc["without", "loss_usd_mean"].sum()), float(shown[0].loss.mean())
    sentence = (
        f"'{shown[0].label}' averts most, {about(most)} of {about(whole)} USD ({per_cent(most / whole)})"
    )
    below = f"{of}. Expected loss by month, without and with {len(shown)} mitigations."
    finding(ax, sentence, below)
    rest = ", ".join(f"'{own.label}' {about(own.loss.mean())} USD" for own in shown[1:])
    describe(ax, f"{sentence}. {below}" + (f" The others: {rest}." if rest else ""))
    return signed(ax, made_by(comparison), footer)


def _label_ends(ax: Axes, last: Mapping[str, tuple[float, str]]) -> None:
    """Write labels to the right of line ends, moved apart if they overlap, none below the axis."""
    ordered = sorted(last.items(), key=lambda item: -item[1][0])
    places, below = [], np.inf
    for _, (value, _) in ordered:
        at = float(ax.transAxes.inverted().transform(ax.transData.transform((0.0, value)))[1])
        below = min(at, below - _APART)
        places.append(below)
    above = 0.0
    for n in reversed(range(len(places))):
        places[n] = max(places[n], above)
        above = places[n] + _APART
    for (label, (_, color)), place in zip(ordered, places, strict=True):
        text = textwrap.shorten(label, 34, placeholder=" ...")
        ax.text(1.01, place, text, transform=ax.transAxes, color=_TEXT[color], fontsize=LABEL, va="center")


def _mark_dates(
    ax: Axes, days: list[tuple[float, str, str]], lines: Mapping[str, tuple[str, str, str]]
) -> None:
    """Draw a dotted line on each date, and list the mitigations in the empty corner above the curves."""
    right = ax.get_xlim()[1]
    for row, (day, name, what) in enumerate(date for date in days if date[0] * 12 / 365 <= right):
        label, color, _ = lines[name]
        ax.axvline(day * 12 / 365, color=color, linewidth=1, linestyle=":")
        ax.text(
            0.99,
            0.97 - 0.06 * row,
            f"day {day:g}: {label} {what}",
            transform=ax.transAxes,
            color=_TEXT[color],
            fontsize=SMALL,
            va="top",
            ha="right",
        )
