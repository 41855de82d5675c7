"""Figures of one run: funnel, exceedance curve, victims by month, ledgers, and Lorenz curve.

Not here: the leaked fields (``breach``), and the attack graph (``graph``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.formatting.digits import human, significant
from breach_sim.plots.colors import BLUE, GREY, INK, ORANGE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.placing import label_beside, mark_appetite, say_empty, set_title
from breach_sim.plots.language.style import NARROW, axes_or_new
from breach_sim.plots.ticks import compact, compact_between
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_WIDE, _LISTED, _LOW = 2.0, 8, 10.0
"""Lorenz curve: per cent of the accounts above which a segment is named, the most named, and the height
[%] below which there is no room for a number under the curve."""


def exceedance(
    impact: Impact, ax: Axes | None = None, *, appetite: Mapping[float, float] | None = None
) -> Axes:
    """Draw the probability that the total loss exceeds an amount, with its Monte Carlo band.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.exceedance()``.
    ax
        Axes to draw on; if None, new axes are created.
    appetite
        Largest acceptable loss by the chance of exceeding it, drawn as steps. (0, 1), [0, inf) [USD]

    Returns
    -------
    The axes. [USD] against [%]
    """
    ax = axes_or_new(ax, 8, 4.2)
    chances = tuple(np.round(np.concatenate([np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.996, 0.01)]), 4))
    table = impact.exceedance(chances)
    chance = table.index.to_numpy() * 100
    if (table["var_usd"] <= 0).all():
        ax.text(0.5, 0.5, "no loss in any replicate", transform=ax.transAxes, ha="center")
        return describe(ax, "Exceedance curve: no loss in any replicate.")
    ax.fill_betweenx(chance, table["band_low_usd"], table["band_high_usd"], color=SKY, alpha=0.5, linewidth=0)
    ax.plot(table["var_usd"], chance, color=BLUE, linewidth=2.5)
    ax.plot(table["ignorance_usd"], chance, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
    ax.text(
        0.98,
        0.97,
        "blue: ignorance and luck, with its sampling band\ndashed: luck averaged out",
        transform=ax.transAxes,
        ha="right",
        va="top",
        fontsize=8.5,
        color=INK,
        linespacing=1.5,
    )
    for level in (50.0, 5.0):
        at = float(np.interp(level, chance[::-1], table["var_usd"].to_numpy()[::-1]))
        ax.plot(at, level, "o", color=ORANGE)
        words = f"{level:g} %: {human(float(f'{at:.2g}'))} USD"
        side = ((-9, -4), "right") if level > 10 else ((8, 6), "left")  # noqa: PLR2004 - where the curve is not
        ax.annotate(
            words, (at, level), side[0], textcoords="offset points", color=ORANGE, fontsize=9, ha=side[1]
        )
    ax.set_xscale("log")
    if appetite is not None:
        mark_appetite(ax, impact.appetite(appetite))
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.1)  # room for the words of the last point
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    narrow = table["var_usd"].max() < NARROW * max(table["var_usd"].min(), 1.0)
    ax.xaxis.set_minor_formatter(FuncFormatter(compact_between) if narrow else NullFormatter())
    ax.set_xlabel(f"loss of all victims over {impact.horizon_years:g} years [USD, logarithmic]")
    ax.set_ylabel("chance that the loss is larger [%]")
    ax.set_ylim(0, 100)
    set_title(
        ax,
        "How much money, and how sure",
        impact.scenario.title,
    )
    return describe(ax, f"Exceedance curve of the total loss for {impact.scenario.title}.")


def timeline(impact: Impact, ax: Axes | None = None) -> Axes:
    """Draw the victims of all attacks by month, with the dates of events.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.timeline()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Median as a line, 90 % interval as a band. [victims/month] against months after the sale
    """
    ax = axes_or_new(ax, 8.5, 4.2)
    table = impact.timeline()
    of = impact.scenario.title
    if not (table["victims_p95"] > 0).any():
        return say_empty(ax, "Victims by month", of, "no victim in any month")
    ends = np.concatenate([[0.0], table["end_day"].to_numpy()]) * 12 / 365
    held = {q: np.append(table[f"victims_{q}"], table[f"victims_{q}"].iloc[-1]) for q in ("p5", "p50", "p95")}
    ax.fill_between(ends, held["p5"], held["p95"], step="post", color=SKY, alpha=0.45, linewidth=0)
    ax.step(ends, held["p50"], where="post", color=BLUE, linewidth=2)
    ax.set_yscale("log")
    bottom = max(0.5, float(table["victims_p5"].replace(0, np.nan).min() or 0.5) / 2)
    ax.set_ylim(bottom, float(table["victims_p95"].max()) * 3)
    ax.set_xlim(0, ends[-1])
    ax.set_xlabel("months after the sale")
    ax.set_ylabel("victims a month (logarithmic)")
    ax.yaxis.set_major_formatter(FuncFormatter(compact))
    ax.yaxis.set_minor_formatter(NullFormatter())
    middle = len(table) // 3
    label_beside(ax, "median", (ends[middle], held["p50"][middle]), (4, 6), BLUE)
    label_beside(ax, "90 % interval", (ends[middle], held["p95"][middle]), (4, 6), GREY)
    _mark_events(ax, impact)
    set_title(ax, "Victims by month, every attack", of)
    first = human(significant(table["victims_p50"].iloc[0], 2))
    return describe(ax, f"Victims by month for {of}: {first} in the first month at the median, fewer later.")


def _mark_events(ax: Axes, impact: Impact) -> None:
    """Draw a line at each event; group the labels of events that are close together."""
    last = impact.horizon_years * 12
    by_day: dict[float, list[str]] = {}
    for day, label in impact.dated_events():
        if 0 < day < impact.horizon_years * 365:
            by_day.setdefault(day, []).append(label)
    months = [day * 12 / 365 for day in by_day]
    for number, (month, (day, labels)) in enumerate(zip(months, by_day.items(), strict=True)):
        ax.axvline(month, color=ORANGE, linewidth=1, linestyle=":")
        late = month > last / 2
        close = [m for m in months if abs(m - month) < last / 2 and (m > last / 2) == late]
        words = textwrap.shorten("; ".join(labels), 90, placeholder=" ...")
        at = min(close) - last * 0.01 if late else max(close) + last * 0.01
        ax.text(
            at,
            0.97 - 0.07 * number,
            f"day {day:g}: {words}",
            transform=ax.get_xaxis_transform(),
            color=ORANGE,
            fontsize=8.5,
            va="top",
            ha="right" if late else "left",
        )


def ledgers(impact: Impact, ax: Axes | None = None) -> Axes:
    """Draw the two ledgers side by side: victims' losses by bearer, and the firm's costs by line.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.ledgers()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. Medians as dots, 90 % intervals as lines. [USD]
    """
    table = impact.ledgers().drop(index="hours", level="ledger")
    rows = [(ledger, line) for ledger, line in table.index if table.loc[(ledger, line), "p95"] > 0]
    ax = axes_or_new(ax, 8.5, 1.3 + 0.34 * max(len(rows), 3))
    of = impact.scenario.title
    if not rows:
        return say_empty(ax, "Two ledgers", of, "nobody pays anything")
    colors = {"victims": ORANGE, "firm": BLUE}
    lowest = np.inf
    for place, key in enumerate(reversed(rows)):
        low, middle, high = (max(float(table.loc[key, q]), 1.0) for q in ("p5", "p50", "p95"))
        lowest = min(lowest, max(low, middle / 30))
        ax.plot([low, high], [place, place], color=colors[key[0]], linewidth=3, alpha=0.45)
        ax.plot(middle, place, "o", color=colors[key[0]], markersize=6)
        median = human(significant(float(table.loc[key, "p50"]), 2))
        label_beside(ax, median, (high, place), (6, -3), colors[key[0]])
    ax.set_xscale("log")
    ax.set_xlim(lowest / 2, float(table["p95"].max()) * 6)
    names = [f"{line.replace('_', ' ')}" for _, line in reversed(rows)]
    ax.set_yticks(range(len(rows)), names)
    firm = sum(ledger == "firm" for ledger, _ in rows)
    if 0 < firm < len(rows):
        ax.axhline(firm - 0.5, color=GREY, linewidth=1)
    ax.set_xlabel("USD over the horizon (logarithmic); dot: median, line: 90 % interval")
    ax.xaxis.set_major_formatter(FuncFormatter(compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    for x, (words, color) in zip(
        (0.0, 0.34), (("victims and others", ORANGE), ("the firm", BLUE)), strict=True
    ):
        ax.text(x, 1.01, f"● {words}", color=color, transform=ax.transAxes, fontsize=9.5, va="bottom")
    set_title(ax, "Two ledgers, never added", of, pad=24)
    return describe(ax, f"Two ledgers for {of}: losses of victims by bearer, costs of the firm by line.")


def lorenz(impact: Impact, ax: Axes | None = None) -> Axes:
    """Draw the Lorenz curve: share of the mean loss against share of the accounts, by segment.

    Parameters
    ----------
    impact
        Result of ``simulate``. The figure shows ``impact.lorenz()``.
    ax
        Axes to draw on; if None, new axes are created.

    Returns
    -------
    The axes. [%] against [%]
    """
    ax = axes_or_new(ax, 5.6, 5.0)
    table = impact.lorenz()
    of = impact.scenario.title
    if not table["loss_usd"].any():
        return say_empty(ax, "Where the harm falls", of, "nothing is lost")
    across = np.concatenate([[0.0], table["share_of_accounts"]]) * 100
    up = np.concatenate([[0.0], table["share_of_loss"]]) * 100
    ax.plot([0, 100], [0, 100], color=GREY, linewidth=1, linestyle=":")
    ax.fill_between(across, up, across, color=SKY, alpha=0.35, linewidth=0)
    ax.plot(across, up, "o-", color=BLUE, linewidth=2, markersize=4)
    wide = [n for n in range(len(table)) if across[n + 1] - across[n] > _WIDE][-_LISTED:]
    for place, n in enumerate(wide):
        middle = ((across[n] + across[n + 1]) / 2, (up[n] + up[n + 1]) / 2)
        label_beside(ax, str(place + 1), middle, (-9, 4) if middle[1] < _LOW else (5, -10), BLUE)
        words = f"{place + 1}  {table.index[n]}: {up[n + 1] - up[n]:.0f} % of the loss"
        ax.text(0.03, 0.97 - 0.05 * place, words, transform=ax.transAxes, fontsize=8.5, color=INK, va="top")
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    ax.set_xlabel("share of accounts, least harmed segments first [%]")
    ax.set_ylabel("share of the mean loss [%]")
    gini = table.attrs["gini"]
    set_title(ax, f"Where the harm falls (Gini {gini:.2f})", of)
    return describe(ax, f"Lorenz curve of the mean loss over segments for {of}: Gini {gini:.2f}.")
