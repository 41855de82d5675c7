"""Which uncertain number moves the answer most: the tornado."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from breach_sim.catalog import load_sources
from breach_sim.catalog.faces.labels import label_of_parameter
from breach_sim.formatting.display import in_sentence, shortened
from breach_sim.plots.colors import BLUE, BLUE_TEXT, DIM, INK, ORANGE, ORANGE_TEXT
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, brief
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_ROW = 0.36
"""Height of a row. [inches]"""
_HEAD = -0.9
_LETTERS = 20
"""Most letters of a publisher in the last column."""


@in_style
def tornado(table: pd.DataFrame, ax: Axes | None = None, most: int = 12, *, footer: bool = True) -> Axes:
    """Draw a tornado: each parameter moved from its 5 % to its 95 % quantile, the widest on top.

    Parameters
    ----------
    table
        Result of ``tornado(impact)``.
    ax
        Axes to draw on; if None, new axes are created.
    most
        Maximum number of parameters. [1, inf)
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Hatched orange: the parameter low; blue: high. The last column says where the number is from.
    [USD] or [accounts]
    """
    shown = table.head(most)
    people = table.attrs["of"] == "people"
    what, unit = ("people harmed", "people") if people else ("loss", "USD")
    of = table.attrs.get("subject", "")
    ax = axes_or_new(ax, WIDTH, 1.1 + _ROW * max(len(shown), 3))
    if shown.empty or not shown["swing"].any():
        return say_empty(ax, "No uncertain number moves the answer", of, "nothing that is uncertain moves it")
    middle = float(table.attrs["middle"])
    labels = [label_of_parameter(str(name)) for name in shown.index]
    known = table.attrs.get("sources", {})
    sources = [_source(str(status), known.get(name, ())) for name, status in shown["status"].items()]
    _draw(ax, shown, labels, sources)
    ax.axvline(middle, color=INK, linewidth=1)
    ax.set_xlabel(f"expected {what} [{unit}]", color=DIM, fontsize=SMALL)
    low, high = sorted((float(shown["at_p5"].iloc[0]), float(shown["at_p95"].iloc[0])))
    span = f"{about(low)} to {about(high)} {unit}"
    sentence = f"No number moves the expected {what} more than {_of(labels[0])}: {span}"
    left = f", {len(table) - len(shown)} with smaller effects left out" if len(table) > len(shown) else ""
    start = f"{of}. " if of else ""
    below = (
        f"{start}One number at a time from its 5 % to its 95 % quantile, all others at their medians "
        f"({about(middle)} {unit}){left}."
    )
    finding(ax, sentence, below)
    bars = "; ".join(
        f"{label} {about(float(a))} to {about(float(b))} ({source})"
        for label, source, a, b in zip(labels[:3], sources, shown["at_p5"], shown["at_p95"], strict=False)
    )
    describe(ax, f"{sentence}. {below} {len(shown)} bars, the widest: {bars}.")
    return signed(ax, table.attrs.get("made"), footer)


def _of(label: str) -> str:
    """A label as it stands inside a sentence: "attempts per account (SIM swap)"."""
    thing, colon, quantity = label.partition(": ")
    return f"{quantity} ({in_sentence(thing)})" if colon else in_sentence(label)


def _source(status: str, sources: Sequence[str]) -> str:
    """Where a number is from, in a few words: assumed, or who published the first of its sources."""
    if status == "assumed" or not sources:
        return status or "the breach"
    found = load_sources().get(sources[0])
    name = (found.publisher or found.title) if found else "own source"
    name = shortened(re.split(r" \(| via |, |;", name)[0], _LETTERS)
    return f"{name} + {len(sources) - 1}" if len(sources) > 1 else name


def _draw(ax: Axes, shown: pd.DataFrame, labels: Sequence[str], sources: Sequence[str]) -> None:
    middle = float(shown.attrs["middle"])
    ends = shown[["at_p5", "at_p95"]].to_numpy(dtype=float)
    for place, (low, high) in enumerate(ends):
        look: dict[str, Any] = {"left": middle, "height": 0.58, "linewidth": 0}
        # Hatched, so that the two sides differ in gray, too.
        ax.barh(place, low - middle, color=ORANGE, edgecolor="white", hatch="////", **look)
        ax.barh(place, high - middle, color=BLUE, **look)
    first, last = float(ends.min()), float(ends.max())
    margin = (last - first) * 0.03
    ax.set_xlim(first - margin, last + margin)
    ax.set_ylim(len(shown) - 0.5, _HEAD - 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    name_rows(ax, labels, width=2.75)
    rising = ends[0, 0] < ends[0, 1]
    for words, color, left in (
        ("number low", ORANGE_TEXT, rising),
        ("number high", BLUE_TEXT, not rising),
    ):
        look = {"ha": "right" if left else "left", "va": "bottom", "textcoords": "offset points"}
        ax.annotate(words, (middle, -0.38), (-5 if left else 5, 0), color=color, fontsize=SMALL, **look)
    spans = [f"{brief(low)} to {brief(high)}" for low, high in np.sort(ends, axis=1)]
    columns = (Column("moves it", spans), Column("number from", sources, DIM))
    write_columns(ax, columns, head_at=_HEAD)
