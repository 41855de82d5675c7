"""Several breaches of the same people: what each adds, and what no breach causes by itself.

The numbers are those of :func:`breach_sim.analysis.split_by_breach`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter

from breach_sim.analysis.attributions.by_breach import ONLY_TOGETHER, TOTAL
from breach_sim.formatting.display import in_sentence
from breach_sim.plots.colors import DIM, INK, LOSS, VICTIMS
from breach_sim.plots.language.breaches import label_of_breach
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, write_columns
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, brief, fine, per_cent
from breach_sim.plots.ticks import compact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_ROW = 0.46
"""Height of a row. [inches]"""
_TINY = 0.001
"""Share below which a sentence says "almost nothing"."""
_TWO = 2


@in_style
def together(split: pd.DataFrame, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw what each of several breaches adds to their harm, and the part that none causes by itself.

    Parameters
    ----------
    split
        Result of ``split_by_breach(impact)``: one row for each breach, then "total" and "only together".
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Filled bars: share of each breach, which sum to the whole; hatched bar: the part of the whole
    that needs fields of two or more breaches. Means of the expected harm, with 90 % intervals in words. [USD]
    or [people]

    Raises
    ------
    ValueError
        If the table is another one.
    """
    missing = [name for name in (TOTAL, ONLY_TOGETHER) if name not in split.index]
    if missing or "share" not in split:
        raise ValueError(
            f"the table has the rows {', '.join(map(str, split.index))}; the figure takes the result of "
            f"split_by_breach(impact), which has '{TOTAL}' and '{ONLY_TOGETHER}'"
        )
    people = split.attrs.get("of") == "people"
    unit, what, color = ("people", "people harmed", VICTIMS) if people else ("USD", "loss", LOSS)
    breaches = [str(name) for name in split.index if name not in {TOTAL, ONLY_TOGETHER}]
    titles = [label_of_breach(name) for name in breaches]
    whole = float(split["mean"][TOTAL])
    of = "; ".join(titles)
    ax = axes_or_new(ax, WIDTH, 0.9 + _ROW * (len(breaches) + 1))
    if not whole:
        return say_empty(ax, "None of the breaches harms anybody", of, "nothing is lost")
    _draw(ax, split.loc[[*breaches, ONLY_TOGETHER]], [*titles, _only(len(breaches))], color)
    ax.set_xlabel(f"part of the expected {what} [{unit}], mean", color=DIM, fontsize=SMALL)
    share = per_cent(split["share"].iloc[0])
    sentence = (
        f"{share} of the {what} {'are' if people else 'comes'} from {titles[0]}; "
        f"{_part(float(split['share'][ONLY_TOGETHER]), len(breaches))}"
    )
    amount = f"{about(whole)} {'people harmed' if people else 'USD'}"
    below = (
        f"Expected {'number' if people else 'loss'}: {amount}, split exactly between {len(breaches)} "
        "breaches of the same people. The hatched bar is a part of the others."
    )
    finding(ax, sentence, below)
    parts = "; ".join(
        f"{title} {about(float(split['mean'][name]))} {unit} ({fine(split['share'][name])})"
        for name, title in zip(breaches, titles, strict=True)
    )
    alone = f"only together {about(float(split['mean'][ONLY_TOGETHER]))} {unit}"
    describe(ax, f"{sentence}. {below} Bars: {parts}; hatched: {alone}.")
    return signed(ax, split.attrs.get("made"), footer)


def _only(count: int) -> str:
    return "only with both together" if count == _TWO else "only with two or more together"


def _part(share: float, count: int) -> str:
    """What is only together, as the second half of the finding."""
    several = "both breaches" if count == _TWO else "two or more breaches"
    return f"almost nothing needs {several}" if share < _TINY else f"{fine(share)} needs {several}"


def _draw(ax: Axes, rows: pd.DataFrame, labels: list[str], color: str) -> None:
    last = len(rows) - 1
    for place, mean in enumerate(rows["mean"]):
        hollow: dict[str, Any] = {"facecolor": "white", "edgecolor": color, "hatch": "////", "linewidth": 1.4}
        look: dict[str, Any] = hollow if place == last else {"color": color}
        ax.barh(place, mean, height=0.56, **look)
    ax.axhline(last - 0.5, color=INK, linewidth=0.8, linestyle=(0, (2, 3)))
    ax.set_ylim(last + 0.5, -1.0)
    ax.set_xlim(0, float(np.max(rows["mean"])) * 1.03)
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    name_rows(ax, [label if place < last else in_sentence(label) for place, label in enumerate(labels)])
    spans = [f"{brief(low)} to {brief(high)}" for low, high in zip(rows["p5"], rows["p95"], strict=True)]
    write_columns(
        ax,
        (
            Column("mean", [brief(mean) for mean in rows["mean"]], color, bold=True),
            Column("share", [fine(share) for share in rows["share"]]),
            Column("90 % interval", spans, DIM),
        ),
        head_at=-0.75,
    )
