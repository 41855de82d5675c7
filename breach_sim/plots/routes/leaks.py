"""The matrix of leaked fields: who lost what, with rows as high as they have accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from breach_sim.catalog import label_of_field
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import plural
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.plots.colors import BLUE, INK, PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, width_of, wrapped
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import per_cent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_SHADE = LinearSegmentedColormap.from_list("share", ["#EDF5FB", "#8CC3E6"])
"""Colors of a part of the accounts; all of them have the color of text, with white letters."""
_TEXTS = 3
"""Segments that the alternative text spells out."""
_MATRIX, _ALONE, _MOST_LEFT = 2.6, 0.9, 2.7
"""Height of all accounts, of a single row, and most width of names. [inches]"""


@in_style
def leak_matrix(scenario: Scenario, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the share of each segment's accounts that lost each field; rows are as high as they have accounts.

    Parameters
    ----------
    scenario
        What leaked for whom.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot by what version it was drawn.

    Returns
    -------
    The axes, with central coverages. [share] against [accounts]; rows of few accounts are higher than their
    share, so that their name fits.
    """
    leaked = {name for segment in scenario.segments for name in segment.fields}
    fields = [name for name in FIELD_NAMES if name in leaked]
    if not fields:
        ax = axes_or_new(ax, WIDTH, 1.0)
        return say_empty(ax, "No field leaked of anyone", scenario.title, "no field leaked")
    names = [_row_name(segment, scenario.accounts) for segment in scenario.segments]
    left = min(max(width_of(line, LABEL) for name in names for line in name.split("\n")) + 0.2, _MOST_LEFT)
    names = [wrapped(name, LABEL, left - 0.1) for name in names]
    heights = _heights([segment.accounts for segment in scenario.segments], names)
    step = (WIDTH - 0.1 - left) / len(fields)
    labels = [label_of_field(name, short=True) for name in fields]
    head = max(width_of(label, SMALL + 0.5) for label in labels) * 0.75 + 0.25
    ax = axes_or_new(ax, WIDTH, head + sum(heights) + 0.1)
    ax.set(xlim=(0, WIDTH - 0.1), ylim=(head + sum(heights), 0))
    ax.axis("off")
    turned: dict[str, Any] = {"rotation": 48, "rotation_mode": "anchor", "ha": "left", "va": "bottom"}
    for column, label in enumerate(labels):
        ax.text(left + (column + 0.4) * step, head - 0.08, label, fontsize=SMALL + 0.5, color=INK, **turned)
    y = head
    for segment, name, height in zip(scenario.segments, names, heights, strict=True):
        ax.text(left - 0.1, y + height / 2, name, fontsize=LABEL, color=INK, ha="right", va="center")
        shares = _shares(segment)
        for column, field in enumerate(fields):
            _draw_cell(ax, (left + column * step, y), (step, height), shares.get(field, 0.0))
        y += height
    sentence = _sentence(scenario, fields)
    what = "Share of accounts that lost each field; height of a row: its accounts, small rows raised"
    finding(ax, sentence, f"{scenario.title}. {what}.")
    rows = _in_words(scenario)
    describe(ax, f"{sentence}. Matrix of leaked fields by segment for {scenario.title}: {rows}.")
    return signed(ax, None, footer)


def _row_name(segment: Segment, accounts: int) -> str:
    """Name of a segment, with its accounts and their share of the whole."""
    share = segment.accounts / accounts if accounts else 0.0
    part = "" if share == 1 else f", {per_cent(share)}"
    return f"{segment.title}\n{human(segment.accounts)} accounts{part}"


def _heights(accounts: Sequence[int], names: Sequence[str]) -> list[float]:
    """Heights of the rows by accounts, in inches; at least as high as their names."""
    least = [0.165 * (name.count("\n") + 1) + 0.06 for name in names]
    whole = max(sum(accounts), 1)
    high = _MATRIX if len(accounts) > 1 else _ALONE
    return [max(high * count / whole, low) for count, low in zip(accounts, least, strict=True)]


def _shares(segment: Segment) -> dict[str, float]:
    """Share of a segment's accounts that lost each field, at central coverages."""
    shares: dict[str, float] = {}
    for leak in segment.leaks:
        for name in leak.fields:
            shares[name] = 1 - (1 - shares.get(name, 0.0)) * (1 - leak.coverage.central)
    return shares


def _draw_cell(ax: Axes, corner: tuple[float, float], size: tuple[float, float], share: float) -> None:
    (x, y), (wide, high) = corner, size
    face = BLUE if share == 1 else _SHADE(share) if share else "white"
    edge: dict[str, Any] = {"edgecolor": "white" if share else PALE, "linewidth": 1.5 if share else 0.6}
    ax.add_patch(Rectangle((x + 0.01, y + 0.01), wide - 0.02, high - 0.02, facecolor=face, **edge))
    words = "all" if share == 1 else per_cent(share)
    if share and width_of(words, SMALL + 0.5) < wide - 0.04:
        ink = "white" if share == 1 else INK
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL + 0.5, "color": ink}
        ax.text(x + wide / 2, y + high / 2, words, **look)


def _sentence(scenario: Scenario, fields: Sequence[str]) -> str:
    """Largest segment of several; of one, the number of fields."""
    if len(scenario.segments) > 1:
        largest = max(scenario.segments, key=lambda segment: segment.accounts)
        share = 100 * largest.accounts / max(scenario.accounts, 1)
        return f"{share:.0f} % of the accounts belong to one group: {largest.title}"
    shares = _shares(scenario.segments[0])
    whole = sum(share == 1 for share in shares.values())
    every = "all" if whole == len(fields) else f"{whole} of them" if whole else "none of them"
    noun = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    return f"{noun} leaked, {every} for every one of {human(scenario.accounts)} accounts"


def _in_words(scenario: Scenario) -> str:
    """What the largest segments lost."""
    largest = sorted(scenario.segments, key=lambda segment: segment.accounts, reverse=True)
    rows = []
    for segment in largest[:_TEXTS]:
        shares = {label_of_field(name): share for name, share in _shares(segment).items() if share}
        parts = (n if share == 1 else f"{n} {per_cent(share)}" for n, share in shares.items())
        lost = ", ".join(parts) or "nothing"
        rows.append(f"{segment.title}, {human(segment.accounts)} accounts: {lost}")
    more = len(largest) - len(rows)
    return "; ".join(rows) + (f"; and {plural(more, 'smaller segment')}" if more else "")
