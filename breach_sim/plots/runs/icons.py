"""Odds of one person as people: dots that can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breach_sim.analysis.subjects import subject
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import in_sentence
from breach_sim.inputs.mitigations.measures import Mitigation
from breach_sim.plots.colors import DARK_GREY, MITIGATION, PALE, VICTIMS
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.style import WIDTH, axes_or_new, in_style
from breach_sim.results.person import Person

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_PER_ROW = 48
_MOST = 4800
_GOLDEN = (5**0.5 - 1) / 2
"""Step by which harmed dots are spread over the field: no two fall side by side for long."""


@in_style
def icons(
    person: Person,
    ax: Axes | None = None,
    *,
    action: Mitigation | None = None,
    dots: int = 1200,
    name: str = "",
    footer: bool = True,
) -> Axes:
    """Draw so many people who lost what one person lost: the harmed are dark, those an action spares ringed.

    Parameters
    ----------
    person
        A person, as ``follow`` returns. The figure shows the last row of ``person.odds()``.
    ax
        Axes to draw on; if None, new axes are created.
    action
        What the person could do; the figure then also shows ``person.actions([action])``.
    dots
        How many people to draw. [100, 4800]
    name
        What to call the person; "this person" if "".
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes: one dot for each person, with the expected number of harmed ones.

    Raises
    ------
    ValueError
        If the number of dots is out of range, or the action is none that a person can take.
    """
    if not 100 <= dots <= _MOST:  # noqa: PLR2004 - the range above
        raise ValueError(f"dots is {dots}; it must be from 100 to {_MOST:,}")
    if action is not None and action.hours is None:
        raise ValueError(f"'{action.name}' is nothing that a person can do; give a mitigation that has hours")
    odds = person.odds().iloc[-1]
    harmed = round(float(odds["horizon"]) * dots)
    low, high = (round(float(odds[q]) * dots) for q in ("p5", "p95"))
    spared = 0
    if action is not None:
        acted = person.actions([action]).iloc[0]
        # Rounded by itself: the difference of two rounded numbers can be one off.
        spared = min(round(float(acted["averted"]) * dots), harmed)
    rows = -(-dots // _PER_ROW)
    step = (WIDTH - 0.25) / _PER_ROW
    ax = axes_or_new(ax, WIDTH, step * rows + 0.1)
    x, y = np.arange(dots) % _PER_ROW, np.arange(dots) // _PER_ROW
    chosen = _spread(harmed, dots)
    ax.plot(x, y, "o", color=PALE, markeredgecolor=DARK_GREY, markeredgewidth=0.5, markersize=4.5)
    ax.plot(x[chosen], y[chosen], "o", color=VICTIMS, markersize=7)
    ringed = chosen[:spared]
    ax.plot(
        x[ringed], y[ringed], "o", color="none", markeredgecolor=MITIGATION, markeredgewidth=2, markersize=12
    )
    ax.set(xlim=(-0.7, _PER_ROW - 0.3), ylim=(rows - 0.3, -0.7))
    ax.axis("off")
    impact = person.impact
    count = "1 is" if harmed == 1 else f"{harmed} are" if harmed else "fewer than 1 is"
    years = f"in {impact.horizon_years:g} years"
    sentence = f"Of {dots:,} people who lost what {name or 'this person'} lost, {count} harmed {years}"
    rings = ""
    if action is not None:
        whom = "none" if not spared else "the one" if spared == 1 else f"the {spared}"
        rings = f" Ringed: {whom} whom one action would spare ({in_sentence(action.label)})."
    finding(ax, sentence, f"{subject(impact)}. Could be as few as {low} or as many as {human(high)}.{rings}")
    range_ = f"nine runs in ten give {low} to {human(high)}"
    describe(ax, f"{sentence}; {range_}. {dots:,} dots, one a person, for {subject(impact)}.{rings}")
    return signed(ax, impact, footer)


def _spread(count: int, whole: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """So many different places among a whole, spread out and the same every time."""
    places: dict[int, None] = {}
    step = 0
    while len(places) < count:
        places[int((0.5 + step * _GOLDEN) % 1.0 * whole)] = None
        step += 1
    return np.fromiter(places, dtype=np.int64, count=count)
