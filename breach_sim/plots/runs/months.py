"""Victims by month, with the dates of events; the first sixty days are drawn wider than the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from breach_sim.analysis.subjects import subject
from breach_sim.formatting.arrays import Array
from breach_sim.plots.colors import DIM, INK, PALE, VICTIMS, VICTIMS_PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, wrapped
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, whose
from breach_sim.plots.ticks import compact
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_FIRST, _SHARE = 60.0, 0.36
"""Days drawn wider, and the share of the width that they take."""
_YEAR = 365.0
_HEIGHT, _INSIDE, _LINE = 3.5, 6.9, 0.16
"""Height of the drawing, width of its axis, and height of a line of text. [inches]"""


@in_style
def timeline(impact: Impact, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the victims by month with the dates of events, the first 60 days wider than the rest.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.timeline()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Median as a line, 90 % interval as a band. [victims/month] against days after the sale, whose
    scale changes at day 60.
    """
    ax = axes_or_new(ax, WIDTH, _HEIGHT)
    table = impact.timeline()
    of = subject(impact)
    if not (table["victims_p95"] > 0).any():
        return say_empty(ax, "No victim in any month", of, "no victim in any month")
    last = float(table["end_day"].iloc[-1])
    _set_scale(ax, last)
    ends = np.concatenate([[0.0], table["end_day"].to_numpy()])
    held = {q: np.append(table[f"victims_{q}"], table[f"victims_{q}"].iloc[-1]) for q in ("p5", "p50", "p95")}
    ax.fill_between(ends, held["p5"], held["p95"], step="post", color=VICTIMS_PALE, alpha=0.45, linewidth=0)
    ax.step(ends, held["p50"], where="post", color=VICTIMS, linewidth=2)
    _set_heights(ax, table, _mark_events(ax, impact, last))
    ax.set_ylabel(f"{whose(impact).removeprefix('all ')} a month (logarithmic)")
    _name(ax, ends, held)
    sentence = _sentence(table)
    finding(ax, sentence, f"{of}. Line: median; band: 90 % interval; the scale of time changes at day 60.")
    first = about(table["victims_p50"].iloc[0])
    events = "; ".join(f"day {day:g}, {label}" for day, label in impact.dated_events() if 0 < day < last)
    describe(
        ax,
        f"{sentence}; {first} in the first month at the median. Victims by month for {of}."
        + (f" Events: {events}." if events else ""),
    )
    return signed(ax, impact, footer)


def _sentence(table: pd.DataFrame) -> str:
    """Share of the expected victims within the first year, or within half of a shorter time."""
    mean, end = table["victims_mean"].to_numpy(), table["end_day"].to_numpy()
    limit = _YEAR if end[-1] > _YEAR else end[-1] / 2
    share = float(mean[end <= limit + 0.5].sum() / mean.sum())
    when = "the first year" if end[-1] > _YEAR else f"the first {limit:.0f} days"
    return f"{100 * share:.0f} % of the victims are harmed within {when}"


def _set_scale(ax: Axes, last: float) -> None:
    """Days on an axis whose scale changes at day 60, if it goes far beyond."""
    if last > 3 * _FIRST:

        def forward(day: Array) -> Array:
            late = _SHARE + (1 - _SHARE) * (day - _FIRST) / (last - _FIRST)
            return np.where(day < _FIRST, day / _FIRST * _SHARE, late)

        def backward(share: Array) -> Array:
            late = _FIRST + (share - _SHARE) / (1 - _SHARE) * (last - _FIRST)
            return np.where(share < _SHARE, share / _SHARE * _FIRST, late)

        ax.set_xscale("function", functions=(forward, backward))
        ax.axvspan(0, _FIRST, color=PALE, alpha=0.35, linewidth=0, zorder=0)
        years = np.arange(1, int(last / _YEAR) + 1)
        ticks = [0.0, 15.0, 30.0, 45.0, _FIRST, *(years * _YEAR)]
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(_day))
    ax.set_xlim(0, last)
    ax.set_xlabel("time after the sale of the data")


def _day(day: float, _position: int | None = None) -> str:
    if day > _FIRST:
        years = round(day / _YEAR)
        return f"{years} year" if years == 1 else f"{years} years"
    return f"day {day:.0f}" if day else "sale"


def _set_heights(ax: Axes, table: pd.DataFrame, lines: int) -> None:
    """A logarithmic axis that leaves room above the band for so many lines of text."""
    ax.set_yscale("log")
    bottom = max(0.5, float(table["victims_p5"].replace(0, np.nan).min() or 0.5) / 2)
    top = max(float(table["victims_p95"].max()) * 1.6, bottom * 10)
    room = min(0.6, (lines + 0.6) * _LINE / (_HEIGHT - 0.7))
    ax.set_ylim(bottom, bottom * (top / bottom) ** (1 / (1 - room)))
    ax.yaxis.set_major_formatter(FuncFormatter(compact))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _name(ax: Axes, ends: Array, held: dict[str, Array]) -> None:
    """Names of line and band, where the band is wide."""
    at = min(int(np.searchsorted(ends, ends[-1] * 0.8)), len(ends) - 2)
    if held["p50"][at] > 0:
        look: dict[str, Any] = {"textcoords": "offset points", "fontsize": LABEL, "color": VICTIMS}
        ax.annotate("median", (ends[at], held["p50"][at]), (4, -16), **look)
        ax.annotate("90 % interval", (ends[at], held["p95"][at]), (4, 4), **look)


def _mark_events(ax: Axes, impact: Impact, last: float) -> int:
    """Draw a line at each event, with its words in rows above the band; return how many lines these take."""
    by_day: dict[float, list[str]] = {}
    for day, label in impact.dated_events():
        if 0 < day < last:
            by_day.setdefault(day, []).append(label)
    down = 0
    scale = ax.xaxis.get_transform()
    whole = float(scale.transform(np.array([last]))[0])
    for day, labels in by_day.items():
        place = float(scale.transform(np.array([day]))[0]) / whole
        left = place < 1 / 2
        room = (1 - place if left else place) * _INSIDE - 0.15
        words = wrapped(f"day {day:g}: {'; '.join(labels)}", SMALL, room)
        ax.axvline(day, color=DIM, linewidth=1, linestyle=":")
        ax.annotate(
            words,
            (day, 1),
            (4 if left else -4, -2 - down * _LINE * 72),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=INK,
            fontsize=SMALL,
            va="top",
            ha="left" if left else "right",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )
        down += words.count("\n") + 1
    return down
