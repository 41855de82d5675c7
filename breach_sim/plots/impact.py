"""Figures of the money of one run: the two ledgers, and the Lorenz curve.

Not here: funnel, curves and months (``runs``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from breach_sim.analysis.subjects import subject
from breach_sim.catalog.faces.labels import label_of_line, label_of_segment
from breach_sim.plots.colors import (
    BLUE_TEXT,
    DIM,
    FIRM,
    FIRM_PALE,
    GREY,
    INK,
    LOSS,
    LOSS_PALE,
    PALE,
    VICTIMS,
    VICTIMS_PALE,
)
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.columns import Column, name_rows, row_height, write_columns
from breach_sim.plots.language.header import finding, signed, wrapped
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, brief, per_cent
from breach_sim.plots.ticks import compact
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_WIDE, _LISTED = 2.0, 8
"""Lorenz curve: percent of the accounts above which a segment is named, and the most named."""
_DECADES = 5
"""Most powers of ten below the largest amount that the ledgers show."""
_HEAD = -0.95
_SUM = "all"
"""Name of the line that sums a ledger."""


@in_style
def ledgers(impact: Impact, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the two ledgers one above the other: victims' losses by bearer, and the firm's costs by line.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.ledgers()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Medians as dots, 90 % intervals as bars; red-orange: victims and others, purple: the firm; each
    from its largest line to its smallest, the sum below. A median of 0 has no dot.
    [USD], logarithmic
    """
    table: Any = impact.ledgers().drop(index="hours", level="ledger")
    rows = _rows(table)
    labels = [label_of_line(line) for _, line in rows]
    ax = axes_or_new(ax, WIDTH, 1.0 + row_height(labels) * max(len(rows), 3))
    of = subject(impact)
    if not rows:
        return say_empty(ax, "Nobody pays anything", of, "nobody pays anything")
    _draw_ledgers(ax, table, rows, labels)
    ax.set_xlabel(f"USD over {impact.horizon_years:g} years (logarithmic)", color=DIM, fontsize=SMALL)
    sentence = _who_pays(table, rows, labels)
    below = f"{of}. Two ledgers, never added: a payment of the firm may replace a loss of a victim."
    finding(ax, sentence, below)
    sums = [(ledger, float(table.loc[(ledger, line), "p50"])) for ledger, line in rows if line == _SUM]
    parts = "; ".join(
        f"{'victims and others' if ledger == 'victims' else 'the firm'} {about(amount)} USD"
        for ledger, amount in sums
    )
    describe(ax, f"{sentence}. {below} {len(rows)} lines; medians of the sums: {parts}.")
    return signed(ax, impact, footer)


def _rows(table: Any) -> list[tuple[str, str]]:
    """Lines with an amount, each ledger from its largest to its smallest line, and its sum last."""
    rows = [(ledger, line) for ledger, line in table.index if table.loc[(ledger, line), "p95"] > 0]
    size = {row: (float(table.loc[row, "p50"]), float(table.loc[row, "p95"])) for row in rows}
    ledgers_ = list(dict.fromkeys(ledger for ledger, _ in rows))
    return sorted(
        rows, key=lambda row: (ledgers_.index(row[0]), row[1] == _SUM, *(-own for own in size[row]))
    )


def _who_pays(table: Any, rows: list[tuple[str, str]], labels: list[str]) -> str:
    """The largest line of each ledger, sums left out."""
    said = []
    for ledger in ("victims", "firm"):
        own = [
            (float(table.loc[row, "p50"]), label)
            for row, label in zip(rows, labels, strict=True)
            if row[0] == ledger and row[1] != _SUM
        ]
        if own:
            amount, label = max(own)
            usd = f"({about(amount)} USD)"
            one = label if label.endswith("s") else f"the {label}"
            said.append(
                f"{one} bear{'' if label.endswith('s') else 's'} the largest part of the victims' loss {usd}"
                if ledger == "victims"
                else f"the firm's largest cost: {label} {usd}"
            )
    words = "; ".join(said)
    return words[:1].upper() + words[1:]


def _draw_ledgers(ax: Axes, table: Any, rows: list[tuple[str, str]], labels: list[str]) -> None:
    colors = {"victims": (VICTIMS, VICTIMS_PALE), "firm": (FIRM, FIRM_PALE)}
    highest = float(table["p95"].max())
    lowest = highest / 10**_DECADES
    for place, key in enumerate(rows):
        low, middle, high = (max(float(table.loc[key, q]), lowest) for q in ("p5", "p50", "p95"))
        dark, light = colors[key[0]]
        whole = key[1] == _SUM
        ax.plot([low, high], [place, place], color=light, linewidth=10 if whole else 6, solid_capstyle="butt")
        if table.loc[key, "p50"] > 0:
            ax.plot(middle, place, "D" if whole else "o", color=dark, markersize=7 if whole else 5)
        if whole:
            ax.axhspan(place - 0.5, place + 0.5, color=PALE, zorder=0)
            ax.axhline(place + 0.5, color=GREY, linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(lowest / 1.5, highest * 1.5)
    ax.set_ylim(len(rows) - 0.5, -1.5)
    ax.xaxis.set_major_locator(LogLocator(base=10, numticks=7))
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    name_rows(ax, labels)
    for tick, row in zip(ax.get_yticklabels(), rows, strict=True):
        tick.set_color(colors[row[0]][0])
        tick.set_fontweight("bold" if row[1] == _SUM else "normal")
    key_: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": SMALL, "va": "center"}
    ax.text(0.0, _HEAD, "● what victims and others lose", color=VICTIMS, **key_)
    ax.text(0.42, _HEAD, "● what the firm pays", color=FIRM, **key_)
    medians = [_amount(table.loc[row, "p50"]) for row in rows]
    spans = [f"{_amount(table.loc[row, 'p5'])} to {_amount(table.loc[row, 'p95'])}" for row in rows]
    write_columns(
        ax, (Column("median", medians, bold=True), Column("90 % interval", spans, DIM)), head_at=_HEAD
    )


def _amount(value: Any) -> str:
    return brief(float(value)) if value else "0"


@in_style
def lorenz(impact: Impact, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw the Lorenz curve: share of the mean loss against share of the accounts, by segment.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.lorenz()``.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. [%] against [%]
    """
    ax = axes_or_new(ax, WIDTH, 4.6)
    table = impact.lorenz()
    of = subject(impact)
    if not table["loss_usd"].any():
        return say_empty(ax, "Nothing is lost", of, "nothing is lost")
    across = np.concatenate([[0.0], table["share_of_accounts"]]) * 100
    up = np.concatenate([[0.0], table["share_of_loss"]]) * 100
    ax.plot([0, 100], [0, 100], color=GREY, linewidth=1, linestyle=":")
    ax.fill_between(across, up, across, color=LOSS_PALE, alpha=0.6, linewidth=0)
    ax.plot(across, up, "o-", color=LOSS, linewidth=2, markersize=4)
    names = [label_of_segment(str(name), impact.scenario) for name in table.index]
    _name_steps(ax, across, up, names)
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.set_xlabel("share of accounts, least harmed groups first [%]")
    ax.set_ylabel("share of the mean loss [%]")
    gini = float(table.attrs["gini"])
    people, money = across[-1] - across[-2], up[-1] - up[-2]
    sentence = (
        f"{per_cent(people / 100)} of the accounts bear {per_cent(money / 100)} of the loss: {names[-1]}"
    )
    if len(table) == 1:
        sentence = "The breach has one group of accounts, so that all are harmed alike on average"
    below = f"{of}. Lorenz curve of the mean loss over groups of accounts, Gini index {gini:.2f}."
    finding(ax, sentence, below)
    describe(ax, f"{sentence}. {below} On the dotted line every account would lose the same.")
    return signed(ax, impact, footer)


def _name_steps(ax: Axes, across: Any, up: Any, names: list[str]) -> None:
    """Number the wide steps of the curve on it, and name them in the empty corner over it."""
    wide = [n for n in range(len(names)) if across[n + 1] - across[n] > _WIDE][-_LISTED:]
    lines = []
    for place, n in enumerate(wide):
        at = ((across[n] + across[n + 1]) / 2, (up[n] + up[n + 1]) / 2)
        beside: dict[str, Any] = {"textcoords": "offset points", "ha": "right", "fontsize": LABEL}
        ax.annotate(str(place + 1), at, (-7, 5), color=BLUE_TEXT, **beside)
        share = f"{up[n + 1] - up[n]:.0f} % of the loss, {across[n + 1] - across[n]:.0f} % of the accounts"
        lines.append(wrapped(f"{place + 1}  {names[n]}: {share}", SMALL, 3.6))
    corner: dict[str, Any] = {"transform": ax.transAxes, "va": "top", "color": INK, "fontsize": SMALL}
    ax.text(0.02, 0.98, "\n".join(lines), linespacing=1.5, **corner)
