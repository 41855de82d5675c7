"""How much money, and how sure: the exceedance curve, and twenty dots of one chance each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.analysis.subjects import subject
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import earned, human
from breach_sim.formatting.errors import quantile_error
from breach_sim.plots.colors import BLUE, BLUE_TEXT, DIM, INK, LOSS, LOSS_PALE, VICTIMS, VICTIMS_PALE
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import mark_appetite, say_empty
from breach_sim.plots.language.style import LABEL, NARROW, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, whose
from breach_sim.plots.ticks import compact, compact_between
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
_SEEN = 0.03
"""Part of the width of the figure below which two curves lie on each other."""
_DOTS, _BINS, _TALLEST = 20, 14, 3.2
"""Dots of a quantile plot, columns they may fall in, and the height of the tallest stack. [inches]"""


def _at(sample: Array, level: float, scramble: Any) -> str:
    """Quantile of a sample in words, to the digits earned."""
    return human(earned(float(np.quantile(sample, level)), quantile_error(sample, level, scramble)))


def _range(sample: Array, scramble: Any, unit: str) -> str:
    low, high = (_at(sample, level, scramble) for level in (0.05, 0.95))
    return f"{low} to {high} {unit}"


def _sentence(sample: Array, scramble: Any, unit: str, verb: str) -> str:
    """Median and worst twentieth of a sample, as a finding."""
    middle, worst = (_at(sample, level, scramble) for level in (0.5, 0.95))
    if middle == "0":
        return f"In at least half of the runs {verb} nothing; in 1 of 20 more than {worst} {unit}"
    return f"Half of the runs {verb} more than {middle} {unit}, 1 in 20 more than {worst}"


@in_style
def exceedance(
    impact: Impact,
    ax: Axes | None = None,
    *,
    appetite: Mapping[float, float] | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the probability that the loss exceeds an amount, and the range of nine runs in ten.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.exceedance()``.
    ax
        Axes to draw on; if None, new axes are created.
    appetite
        Largest acceptable loss by the chance of exceeding it, drawn as steps. (0, 1), [0, inf) [USD]
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. [USD] against [%]. The band of sampling and the curve without luck are drawn where they can be
    seen beside the curve.
    """
    ax = axes_or_new(ax, WIDTH, 3.4)
    chances = tuple(np.round(np.concatenate([np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.996, 0.01)]), 4))
    table = impact.exceedance(chances)
    of = subject(impact)
    if (table["var_usd"] <= 0).all():
        return say_empty(ax, "No loss in any run", of, "no loss in any replicate")
    ax.set_xscale("log")
    low, high = _shade(ax, impact.loss)
    _draw_curves(ax, table)
    for level in (50.0, 5.0):
        _mark(ax, table, level, impact)
    if appetite is not None:
        mark_appetite(ax, impact.appetite(appetite))
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.12)  # room for the words of the last point
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    narrow = table["var_usd"].max() < NARROW * max(table["var_usd"].min(), 1.0)
    ax.xaxis.set_minor_formatter(FuncFormatter(compact_between) if narrow else NullFormatter())
    ax.set_xlabel(f"loss of {whose(impact)} over {impact.horizon_years:g} years [USD, logarithmic]")
    ax.set_ylabel("chance that the loss is larger [%]")
    ax.set_ylim(0, 112)
    ax.set_yticks(range(0, 101, 20))
    words = f"9 of 10 runs: {_range(impact.loss, impact.scramble, 'USD')}"
    middle = float(np.sqrt(max(low, left) * high))
    ax.text(middle, 107, words, ha="center", va="center", color=BLUE_TEXT, fontsize=LABEL)
    sentence = _sentence(impact.loss, impact.scramble, "USD", "lose")
    finding(ax, sentence, f"{of}. Loss of {whose(impact)}.")
    describe(ax, f"{sentence}. {words}. Exceedance curve of the loss of {whose(impact)} for {of}.")
    return signed(ax, impact, footer)


def _shade(ax: Axes, loss: Array) -> tuple[float, float]:
    """Shade where nine runs in ten are, and return its ends."""
    low, high = (max(float(q), 1.0) for q in np.quantile(loss, (0.05, 0.95)))
    ax.axvspan(low, high, color=LOSS_PALE, alpha=0.55, linewidth=0, zorder=0)
    return low, high


def _draw_curves(ax: Axes, table: pd.DataFrame) -> None:
    """The curve; beside it the band of sampling and the curve without luck, if either can be seen."""
    chance = table.index.to_numpy() * 100
    loss = table["var_usd"].to_numpy()
    ax.plot(loss, chance, color=LOSS, linewidth=2.5)
    positive = np.maximum(loss, 1.0)
    span = max(float(np.log(positive.max() / positive.min())), 1e-9)
    low, high, steady = (
        np.maximum(table[name].to_numpy(), 1.0) for name in ("band_low_usd", "band_high_usd", "ignorance_usd")
    )
    if np.nanmedian(np.log(high / low)) > _SEEN * span:
        ax.fill_betweenx(chance, low, high, color=BLUE, alpha=0.25, linewidth=0)
        _beside(ax, (float(high[len(high) // 4]), float(chance[len(high) // 4])), "sampling error", DIM)
    if np.nanmedian(np.abs(np.log(steady / positive))) > _SEEN * span:
        ax.plot(steady, chance, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
        at = len(steady) // 8
        _beside(ax, (float(steady[at]), float(chance[at])), "luck averaged out", INK)


def _beside(ax: Axes, at: tuple[float, float], words: str, color: str) -> None:
    ax.annotate(words, at, (7, 2), textcoords="offset points", color=color, fontsize=SMALL)


def _mark(ax: Axes, table: pd.DataFrame, level: float, impact: Impact) -> None:
    """A point of the curve with its amount in words."""
    chance = table.index.to_numpy() * 100
    at = float(np.interp(level, chance[::-1], table["var_usd"].to_numpy()[::-1]))
    ax.plot(at, level, "o", color=VICTIMS)
    amount = _at(impact.loss, 1 - level / 100, impact.scramble)
    words = f"{level:g} %: more than {amount} USD"
    ax.annotate(words, (at, level), (8, 4), textcoords="offset points", color=VICTIMS, fontsize=LABEL)


@in_style
def quantile_dots(impact: Impact, ax: Axes | None = None, *, of: str = "loss", footer: bool = True) -> Axes:
    """Draw an uncertain number as twenty dots, each of which is as likely as the others: 1 chance in 20.

    Parameters
    ----------
    impact
        Result of ``simulate``. The dots stand at quantiles of ``impact.loss`` or ``impact.people``.
    ax
        Axes to draw on; if None, new axes are created.
    of
        "loss" [USD] or "people" [accounts].
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes, with a logarithmic axis below the stacked dots.

    Raises
    ------
    ValueError
        If ``of`` is another word.
    """
    if of not in {"loss", "people"}:
        raise ValueError(f"of is {of!r}; the dots show 'loss' or 'people'")
    sample = np.asarray(impact.loss if of == "loss" else impact.people, dtype=np.float64)
    unit, verb = ("USD", "lose") if of == "loss" else ("people", "harm")
    title = subject(impact)
    if not sample.any():
        what = "Nobody is harmed in any run" if of == "people" else "No loss in any run"
        return say_empty(axes_or_new(ax, WIDTH, 1.2), what, title, "0 in every replicate")
    values = np.quantile(sample, (np.arange(_DOTS) + 0.5) / _DOTS)
    stacks, edges = _stacked(values)
    side = min(0.34, _TALLEST / max(len(stack) for stack in stacks.values()))
    tallest = max(len(stack) for stack in stacks.values())
    ax = axes_or_new(ax, WIDTH, 0.75 + side * (tallest + 0.6))
    color, pale = (LOSS, LOSS_PALE) if of == "loss" else (VICTIMS, VICTIMS_PALE)
    for column, stack in stacks.items():
        middle = float(np.exp((edges[column] + edges[column + 1]) / 2))
        for level, value in enumerate(stack):
            extreme = value in {values[0], values[-1]}
            face: dict[str, Any] = {"color": pale if extreme else color, "markeredgecolor": color}
            ax.plot(middle, level + 0.5, "o", markersize=side * 72 * 0.86, **face)
    ax.set_xscale("log")
    ax.set(xlim=(float(np.exp(edges[0])), float(np.exp(edges[-1]))), ylim=(0, tallest + 0.6))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    narrow = edges[-1] - edges[0] < np.log(NARROW * 10)
    ax.xaxis.set_minor_formatter(FuncFormatter(compact_between) if narrow else NullFormatter())
    what = f"loss of {whose(impact)}" if of == "loss" else whose(impact)
    ax.set_xlabel(f"{what} over {impact.horizon_years:g} years [{unit}, logarithmic]")
    sentence = _sentence(sample, impact.scramble, unit, verb)
    finding(ax, sentence, f"{title}. Each dot is 1 chance in {_DOTS}; the two pale ones are the ends.")
    ends = f"from {about(values[0])} to {about(values[-1])} {unit}"
    describe(ax, f"{sentence}. {_DOTS} equally likely outcomes of the {what} for {title}, {ends}.")
    return signed(ax, impact, footer)


def _stacked(values: Array) -> tuple[dict[int, Sequence[float]], Array]:
    """Values by column of a logarithmic axis, and the edges of the columns as logarithms."""
    logs = np.log(np.maximum(values, 1.0))
    middle, half = (logs[0] + logs[-1]) / 2, max((logs[-1] - logs[0]) / 2, 0.5) * 1.12
    edges = np.linspace(middle - half, middle + half, _BINS + 1)
    stacks: dict[int, list[float]] = {}
    for value, log in zip(values, logs, strict=True):
        column = int(np.clip(np.searchsorted(edges, log, side="right") - 1, 0, _BINS - 1))
        stacks.setdefault(column, []).append(float(value))
    return dict(stacks), edges
