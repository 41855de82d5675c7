"""From one breach to another, change by change: the waterfall."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from breach_sim.catalog.faces.labels import words_of
from breach_sim.inputs.fields import FIELD_LABELS
from breach_sim.plots.colors import BLUE, BLUE_TEXT, DIM, GREY, INK, ORANGE, ORANGE_TEXT
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, row_height, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, brief, fine
from breach_sim.plots.ticks import compact_signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_LABELS = 3.1
"""Width of the names of rows. [inches]"""
_SAME = 0.005
"""Relative difference of two losses below which they are called the same."""
_FACTOR = 2.0
"""Ratio from which on a title says times and not percent."""
_SEGMENT = re.compile(r"segment (?P<name>[^\s:]+)(?P<what>.*)")
_PLAIN = {"events": "dates of what happened", "capacities and anchors": "limits on crews, fitted totals"}
"""Steps whose names in the table are words of the model."""


@in_style
def waterfall(table: pd.DataFrame, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the change of expected loss from one breach to another, with one bar per change.

    Parameters
    ----------
    table
        Result of ``waterfall(a, b)``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Gray: the two breaches; orange: an increase; blue: a decrease. [USD]
    """
    titles = [_title(str(label)) for label in (table.index[0], table.index[-1])]
    segments: Mapping[str, str] = table.attrs.get("segments", {})
    labels = [titles[0], *(_label(str(label), segments) for label in table.index[1:-1]), titles[1]]
    ax = axes_or_new(ax, WIDTH, 0.9 + row_height(labels, _LABELS) * len(table))
    _draw(ax, table, labels)
    ax.set_xlabel("expected loss [USD], mean", color=DIM, fontsize=SMALL)
    before, after = float(table["mean"].iloc[0]), float(table["mean"].iloc[-1])
    moves = table["mean"].iloc[1:-1]
    sentence = _sentence(before, after)
    if len(moves):
        largest = int(moves.abs().to_numpy().argmax())
        sentence += f"; the largest step: {labels[1 + largest]} ({_signed(float(moves.iloc[largest]))})"
    below = f"From {titles[0]} to {titles[1]}. Steps are averaged over all orders, so that they sum."
    finding(ax, sentence, below)
    steps = "; ".join(
        f"{label} {_signed(float(move))}" for label, move in list(zip(labels[1:-1], moves, strict=True))[:3]
    )
    drawn = f"Waterfall of {len(moves)} steps" + (f", the first: {steps}" if steps else "")
    describe(ax, f"{sentence}. {below} {drawn}.")
    return signed(ax, table.attrs.get("made"), footer)


def _title(label: str) -> str:
    """Title of a breach without the letter that tells the two apart."""
    return re.sub(r"^[ab]: ", "", label)


def _signed(amount: float) -> str:
    return f"{'+' if amount > 0 else '-'}{about(abs(amount))} USD"


def _label(label: str, segments: Mapping[str, str]) -> str:
    """A step in words, with labels in place of the names of segments and fields."""
    found = _SEGMENT.match(label)
    if not found:
        return _PLAIN.get(label, label)
    title = segments.get(found["name"]) or words_of(found["name"])
    what = re.sub(r"\w+", lambda word: FIELD_LABELS.get(word[0], word[0]), found["what"].strip(": "))
    what = re.sub(r"\b[01]\.\d+\b|\b1\b(?=$| to)", lambda share: fine(float(share[0])), what)
    what = re.sub(r"[\d,]{5,}", lambda count: brief(float(count[0].replace(",", ""))), what)
    gone = re.fullmatch(r"(gone|new) \((.*)\)", what)
    return f"{title}: {gone[2]} {gone[1]}" if gone else f"{title}: {what}"


def _sentence(before: float, after: float) -> str:
    """Compare the two losses."""
    if abs(after - before) <= _SAME * max(before, after):
        return f"Victims lose the same in both, {about(after)} USD"
    if not before:
        return f"Victims lose {about(after)} USD and not nothing"
    more = "more" if after > before else "less"
    by = f"{100 * abs(after - before) / before:.0f} % {more}"
    if after > before and after / before >= _FACTOR:
        by = f"{after / before:.1f} times as much"
    return f"Victims lose {by}, {about(after)} USD and not {about(before)}"


def _draw(ax: Axes, table: pd.DataFrame, labels: list[str]) -> None:
    last, amounts, colors = len(table) - 1, [], []
    for place, (start, end) in enumerate(zip(table["start"], table["end"], strict=True)):
        whole = place in {0, last}
        color = GREY if whole else ORANGE if end > start else BLUE
        # The edge keeps a change visible that is narrower than a pixel.
        look: dict[str, Any] = {"color": color, "edgecolor": color, "linewidth": 1, "height": 0.6}
        ax.barh(place, end - start, left=start, **look)
        if place < last:
            ax.plot([end, end], [place, place + 1], color=GREY, linewidth=0.8, zorder=0)
        amounts.append(("" if whole else "+" if end > start else "-") + brief(abs(end - start)))
        colors.append(INK if whole else ORANGE_TEXT if end > start else BLUE_TEXT)
    ends = table[["start", "end"]].to_numpy(dtype=float)
    low, high = float(min(ends.min(), 0.0)), float(ends.max()) or 1.0
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_xlim(low * 1.05, high * 1.03)
    ax.set_ylim(last + 0.5, -1.1)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(compact_signed))
    name_rows(ax, labels, width=_LABELS)
    write_columns(ax, (Column("USD", amounts, bold=True),), head_at=-0.8)
