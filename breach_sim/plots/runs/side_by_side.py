"""A portfolio of breaches: how likely its sum, or a year of it, is more than an amount, and the appetite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from breach_sim.analysis.subjects import assumed
from breach_sim.formatting.digits import percent
from breach_sim.formatting.display import plural
from breach_sim.plots.colors import FIRM, FIRM_PALE, LOSS, LOSS_PALE, VICTIMS
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import mark_appetite, say_empty
from breach_sim.plots.language.style import LABEL, NARROW, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about
from breach_sim.plots.ticks import compact, compact_between
from breach_sim.results.side_by_side import Portfolio
from breach_sim.results.tables.curves import curve, within_appetite

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_CHANCES = tuple(np.round(np.concatenate([np.arange(0.005, 0.05, 0.0025), np.arange(0.05, 0.996, 0.01)]), 4))
_MARKED = (0.5, 0.05)
"""Chances whose amounts are written beside the curve."""
_WORDS = {"loss_usd": "loss of victims and others", "firm_cost_usd": "cost of the firms"}
"""What the money is."""
_ROOM = 0.5
"""Part of the axis that the words of a point need on its left."""
YEARLY, ONCE = "in a year", "if each breach happens once"


@in_style
def portfolio_exceedance(
    portfolio: Portfolio,
    ax: Axes | None = None,
    *,
    appetite: Mapping[float, float] | None = None,
    of: str = "loss_usd",
    footer: bool = True,
) -> Axes:
    """Draw the probability that a portfolio costs more than an amount, with the risk appetite as steps.

    Parameters
    ----------
    portfolio
        Result of ``portfolio``. With frequencies the figure shows ``portfolio.years(of).exceedance()``, a
        year; otherwise ``portfolio.exceedance()``, each breach once.
    ax
        Axes to draw on; if None, new axes are created.
    appetite
        Largest acceptable amount by the chance of exceeding it; None for none. (0, 1), [0, inf) [USD]
    of
        "loss_usd" or "firm_cost_usd"; without frequencies the first.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. [USD] against [%], both logarithmic

    Raises
    ------
    ValueError
        If the appetite is out of range, or the money of a year is unknown or has no ledger.
    """
    ax = axes_or_new(ax, WIDTH, 3.4)
    years = portfolio.years(of) if portfolio.frequencies else None
    sample = portfolio.loss if years is None else years.total
    table = curve(sample, _CHANCES, portfolio.scramble)
    held = None if appetite is None else within_appetite(sample, appetite, portfolio.scramble)
    what, when = (_WORDS["loss_usd"], ONCE) if years is None else (_WORDS[of], YEARLY)
    several = plural(len(portfolio.impacts), "breach", "breaches")
    table = table[table["var_usd"] > 0]
    if not len(table):
        return say_empty(
            ax, f"Nothing is lost {when}", several, "0 at every chance of half a percent or more"
        )
    _draw(ax, table, firm=years is not None and of == "firm_cost_usd")
    if held is not None:
        mark_appetite(ax, held)
    _set_axes(ax, table, held)
    _mark(ax, table, held)
    ax.set_xlabel(f"{what} {when} [USD, logarithmic]")
    ax.set_ylabel("chance of more [%, logarithmic]")
    subject = f"{several}, {what} {when}"
    sentence = _sentence(table, what, when) if held is None else _against(held, when)
    finding(ax, sentence, f"{subject}.")
    describe(ax, f"{sentence}. Exceedance curve of {subject}: {_points(table)}.")
    first = portfolio.impacts[0]
    numbers = {own.name: own for impact in portfolio.impacts for own in impact.parameters()}
    behind = assumed(numbers.values())
    points = f"{plural(portfolio.replicates, 'point')}, {first.horizon_years:g} years"
    return signed(ax, f"seed {portfolio.seed}, {points}; {behind}", footer)


def _draw(ax: Axes, table: pd.DataFrame, *, firm: bool) -> None:
    """The curve with its sampling band, and two amounts in words."""
    color, pale = (FIRM, FIRM_PALE) if firm else (LOSS, LOSS_PALE)
    chance = table.index.to_numpy() * 100
    lowest = float(table["var_usd"].min())
    low = np.maximum(table["band_low_usd"], lowest)
    ax.fill_betweenx(chance, low, table["band_high_usd"], color=pale, linewidth=0)
    ax.plot(table["var_usd"], chance, color=color, linewidth=2.5)
    ax.set_xscale("log")


def _mark(ax: Axes, table: pd.DataFrame, held: pd.DataFrame | None) -> None:
    """Points of the curve with their amounts in words: those of the appetite, where there is one."""
    levels = _MARKED if held is None else tuple(map(float, held.index))
    for place, level in enumerate(levels):
        if level > table.index.max():
            continue
        at = left = _amount(table, level)
        words = f"{percent(level)}: more than {about(at)} USD"
        if held is not None:
            accepted = float(held["appetite_usd"].iloc[place])
            left = min(at, accepted) if accepted > 0 else at
            words = f"{percent(level)}: {about(at)} USD, accepted {about(accepted)}"
        ax.plot(at, level * 100, "o", color=VICTIMS, zorder=5)
        # Below the curve there is room to the left of both points; at the first level above the steps.
        inside = held is not None and place > 0 and _part(ax, left) > _ROOM
        anchor, shift, side = (left, (-9, -3), "right") if inside else (at, (8, 5), "left")
        ax.annotate(
            words, (anchor, level * 100), shift, textcoords="offset points", color=VICTIMS, fontsize=LABEL,
            ha=side,
        )  # fmt: skip


def _part(ax: Axes, at: float) -> float:
    """Place of an amount on the axis, from 0 at the left to 1."""
    left, right = np.log(ax.get_xlim())
    return float((np.log(at) - left) / (right - left))


def _set_axes(ax: Axes, table: pd.DataFrame, held: pd.DataFrame | None) -> None:
    """Limits that hold curve, appetite and words, and their ticks."""
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.2)  # room for the words of the last point
    ax.set_yscale("log")
    rarest = min(_CHANCES) if held is None else min(*_CHANCES, *held.index)
    commonest = float(table.index.max()) if held is None else max(float(table.index.max()), *held.index)
    ax.set_ylim(rarest * 70, commonest * 160)
    ax.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda chance, _: f"{chance:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    narrow = right < NARROW * max(left, 1.0)
    ax.xaxis.set_minor_formatter(FuncFormatter(compact_between) if narrow else NullFormatter())


def _amount(table: pd.DataFrame, level: float) -> float:
    chance = table.index.to_numpy()
    return float(np.interp(level, chance[::-1], table["var_usd"].to_numpy()[::-1]))


def _points(table: pd.DataFrame) -> str:
    """The marked amounts in words."""
    levels = [level for level in _MARKED if level <= table.index.max()]
    return ", ".join(f"{percent(level)} more than {about(_amount(table, level))} USD" for level in levels)


def _sentence(table: pd.DataFrame, what: str, when: str) -> str:
    """The worst twentieth as a finding."""
    worst = about(_amount(table, min(_MARKED)))
    whose = "years" if when == YEARLY else "runs"
    return f"In 1 of 20 {whose} the {what} is more than {worst} USD"


def _against(held: pd.DataFrame, when: str) -> str:
    """The appetite held against the model as a finding, at the chance where the model comes off worst."""
    ratio = held["model_usd"] / held["appetite_usd"].where(held["appetite_usd"] > 0, 1.0)
    worst = int(np.argmax(ratio.to_numpy()))
    chance = float(held.index[worst])
    model, accepted = (about(float(held[name].iloc[worst])) for name in ("model_usd", "appetite_usd"))
    kept = "The appetite is kept" if bool(held["inside"].all()) else "The appetite is exceeded"
    return (
        f"{kept} {when}: {accepted} USD is accepted at a chance of {percent(chance)}, and the model gives "
        f"{model}"
    )
