"""Figures: each a function ``(what it shows, ax=None) -> Axes``, drawn from a table one can print.

One style: a colour-blind-safe palette (Okabe and Ito), labelled axes with units, direct labels rather than
legends, and an alternative text on every figure (``ax.get_figure().get_label()``), which a notebook stores
in the metadata of the picture (``image/png``: ``alt``). Nothing is shown or saved here; a notebook or
``report`` does that.

Place in the corridor: above ``impact`` and ``catalog``. The only module that imports matplotlib.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, NullFormatter

from breach_sim.attacks import AttackGraph, closure
from breach_sim.comparison import Comparison
from breach_sim.digits import earned, human, quantile_error, significant
from breach_sim.exposure import expose
from breach_sim.fields import FIELD_NAMES, mask
from breach_sim.impact import Impact
from breach_sim.scenario import Scenario
from breach_sim.scoreboard import Row, Scoreboard
from breach_sim.tables import summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK = "#222222"
GREY = "#999999"
PALE = "#e6e6e6"
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
STYLE: Any = {
    "figure.dpi": 100,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
}
_ROW = 0.42
_NARROW = 100.0
"""Ratio of ends below which a logarithmic axis needs labels between powers of ten."""
_DARK = 0.7
"""Share above which a cell of the matrix is dark enough for white text."""
_LEAST = 1e-4
"""Share of the loss below which a field's label says "less than"."""
_WIDE, _LISTED, _LOW = 2.0, 8, 10.0
"""Lorenz curve: per cent of the accounts above which a segment is named, the most named, and the height
[%] below which there is no room for a number under the curve."""
_LINES = ((BLUE, "-"), (ORANGE, "-"), (GREEN, "-"), (SKY, "--"), (INK, ":"))
"""Colour and line of the mitigations shown over time, those that avert most first."""
_TILES = """
AK .. .. .. .. .. .. .. .. .. ME
.. .. .. .. .. .. .. .. .. VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT ..
CA UT CO NE MO KY WV VA MD DE ..
.. AZ NM KS AR TN NC SC DC .. ..
.. .. .. OK LA MS AL GA .. .. ..
HI .. .. TX .. .. .. .. FL .. ..
"""
"""A tile for each of the 50 US states and DC, near its place: all of one size, so that area says nothing."""
_KNOT, _ATTACK, _GRANT, _STEP = 2.0, 3.6, 1.85, 4.0
"""Columns of the attack graph: where routes join, attacks, what they grant, and the step to follow-ons."""


def _new(ax: Axes | None, width: float, height: float) -> Axes:
    """Axes to draw on: those given, or those of a new figure in the house style."""
    if ax is not None:
        return ax
    # The figure first: in a notebook it loads the inline backend, which rc_context would switch off again.
    figure = plt.figure(figsize=(width, height), dpi=100, layout="constrained")
    with plt.rc_context(STYLE):
        return figure.add_subplot()


def _alt(ax: Axes, text: str) -> Axes:
    """The axes, their figure with an alternative text, which a notebook stores beside the picture."""
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.set_label(text)
        # No data of its own: IPython adds the picture, and keeps the metadata.
        told: Any = figure
        told._repr_mimebundle_ = lambda **_: ({}, {"image/png": {"alt": text}})
    for words in ax.findobj(Text):
        words.set_parse_math(False)
    return ax


def save(ax: Axes, path: Path) -> None:
    """Write the figure of some axes as PNG and close it.

    Parameters
    ----------
    ax
        Axes made by a function of this module.
    path
        File to write.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    figure.savefig(
        path, format="png", dpi=130, metadata={"Software": None, "Description": str(figure.get_label())}
    )
    plt.close(figure)


@contextmanager
def closing() -> Iterator[None]:
    """Close, at the end or on an error, every figure that was opened inside."""
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def _title(ax: Axes, what: str, of: str, pad: float = 8) -> None:
    """Title in two lines, flush left: what one sees, and of what."""
    ax.set_title(
        f"{what}\n{of}" if of else what, loc="left", fontsize=11, color=INK, pad=pad, linespacing=1.35
    )


def _empty(ax: Axes, what: str, of: str, words: str) -> Axes:
    """A figure that says in words that there is nothing to show."""
    ax.axis("off")
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=GREY)
    _title(ax, what, of)
    return _alt(ax, f"{what}: {words}.")


def _label(ax: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], colour: str) -> None:
    """Text beside a point, shifted by some points of the page."""
    ax.annotate(text, at, shift, textcoords="offset points", color=colour, fontsize=9)


def _label_inside(ax: Axes, text: str, at: tuple[float, float], up: float, colour: str) -> None:
    """Text above or below a point, towards the side on which there is more room."""
    left = ax.transAxes.inverted().transform(ax.transData.transform(at))[0] < 1 / 2
    side = "left" if left else "right"
    ax.annotate(text, at, (0, up), textcoords="offset points", color=colour, fontsize=9, ha=side)


def _compact(value: float, _: int | None = None) -> str:
    """Tick label such as 10k, 1M, 2B."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def _compact_minor(value: float, _: int | None = None) -> str:
    """Tick label between powers of ten: 2 and 5 of each."""
    return _compact(value) if value > 0 and f"{value:e}"[0] in "25" else ""


def funnel(impact: Impact, ax: Axes | None = None) -> Axes:
    """Accounts attackable, attempted and victims, by attack, on a logarithmic scale.

    Parameters
    ----------
    impact
        Result of ``simulate``; the table behind is ``impact.funnel()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Medians as dots, 90 % intervals as lines. [accounts]
    """
    colours = {"attackable": GREY, "attempted": BLUE, "victims": ORANGE}
    samples = {
        word: dict(zip(impact.attacks.names, impact.per_attack(word), strict=True)) for word in colours
    }
    names = [name for name in impact.attacks.names if samples["attackable"][name].any()]
    ax = _new(ax, 9.5, 1.4 + _ROW * len(names) * 1.35)
    for row, name in enumerate(names):
        for lift, (word, colour) in zip((0.22, 0.0, -0.22), colours.items(), strict=True):
            told = summary(samples[word][name])
            low, middle, high = (max(told[q], 0.5) for q in ("p5", "p50", "p95"))
            y = len(names) - 1 - row + lift
            ax.plot([low, high], [y, y], color=colour, linewidth=2.5, alpha=0.45, solid_capstyle="round")
            ax.plot(middle, y, "o", color=colour, markersize=5.5)
            if word != "attempted":
                label = human(earned(told["p50"], quantile_error(samples[word][name].astype(float), 0.5)))
                _label(ax, label, (high, y), (6, -3), colour)
    ax.set_xscale("log")
    ax.set_xlim(0.4, impact.scenario.accounts * 12)
    ax.set_yticks(range(len(names)), [impact.attacks[name].label for name in reversed(names)])
    ax.set_xlabel(
        "accounts (logarithmic); dot: median, line: 90 % interval; what is 0 stands at the left edge"
    )
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    for x, (word, colour) in zip((0.02, 0.2, 0.37), colours.items(), strict=True):
        ax.text(x, 1.01, f"● {word}", color=colour, transform=ax.transAxes, fontsize=9.5, va="bottom")
    _title(ax, "From attackable to victims, attack by attack", impact.scenario.title, pad=24)
    worst = max(names, key=lambda name: float(np.median(samples["victims"][name])), default="")
    most = f"most victims by {impact.attacks[worst].label}" if worst else "nothing is attackable"
    return _alt(ax, f"Funnel by attack for {impact.scenario.title}; {most}.")


def exceedance(impact: Impact, ax: Axes | None = None) -> Axes:
    """Chance that the total loss exceeds an amount, with its Monte Carlo band.

    Parameters
    ----------
    impact
        Result of ``simulate``; the table behind is ``impact.exceedance()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. [USD] against [%]
    """
    ax = _new(ax, 8, 4.2)
    chances = tuple(np.round(np.concatenate([np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.996, 0.01)]), 4))
    table = impact.exceedance(chances)
    chance = table.index.to_numpy() * 100
    if (table["var_usd"] <= 0).all():
        ax.text(0.5, 0.5, "no loss in any replicate", transform=ax.transAxes, ha="center")
        return _alt(ax, "Exceedance curve: no loss in any replicate.")
    ax.fill_betweenx(chance, table["band_low_usd"], table["band_high_usd"], color=SKY, alpha=0.5, linewidth=0)
    ax.plot(table["var_usd"], chance, color=BLUE, linewidth=2.5)
    ax.plot(table["ignorance_usd"], chance, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
    ax.text(
        0.98, 0.97, "blue: ignorance and luck, with its sampling band\ndashed: luck averaged out",
        transform=ax.transAxes, ha="right", va="top", fontsize=8.5, color=INK, linespacing=1.5,
    )  # fmt: skip
    for level in (50.0, 5.0):
        at = float(np.interp(level, chance[::-1], table["var_usd"].to_numpy()[::-1]))
        ax.plot(at, level, "o", color=ORANGE)
        words = f"{level:g} %: {human(float(f'{at:.2g}'))} USD"
        side = ((-9, -4), "right") if level > 10 else ((8, 6), "left")  # noqa: PLR2004 - where the curve is not
        ax.annotate(
            words, (at, level), side[0], textcoords="offset points", color=ORANGE, fontsize=9, ha=side[1]
        )
    ax.set_xscale("log")
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.1)  # room for the words of the last point
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    narrow = table["var_usd"].max() < _NARROW * max(table["var_usd"].min(), 1.0)
    ax.xaxis.set_minor_formatter(FuncFormatter(_compact_minor) if narrow else NullFormatter())
    ax.set_xlabel(f"loss of all victims over {impact.horizon_years:g} years [USD, logarithmic]")
    ax.set_ylabel("chance that the loss is larger [%]")
    ax.set_ylim(0, 100)
    _title(
        ax,
        "How much money, and how sure",
        impact.scenario.title,
    )
    return _alt(ax, f"Exceedance curve of the total loss for {impact.scenario.title}.")


def timeline(impact: Impact, ax: Axes | None = None) -> Axes:
    """Victims by month, all attacks together, with the dates of events.

    Parameters
    ----------
    impact
        Result of ``simulate``; the table behind is ``impact.timeline()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Median as a line, 90 % interval as a band. [victims/month] against months after the sale
    """
    ax = _new(ax, 8.5, 4.2)
    table = impact.timeline()
    of = impact.scenario.title
    if not (table["victims_p95"] > 0).any():
        return _empty(ax, "Victims by month", of, "no victim in any month")
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
    ax.yaxis.set_major_formatter(FuncFormatter(_compact))
    ax.yaxis.set_minor_formatter(NullFormatter())
    middle = len(table) // 3
    _label(ax, "median", (ends[middle], held["p50"][middle]), (4, 6), BLUE)
    _label(ax, "90 % interval", (ends[middle], held["p95"][middle]), (4, 6), GREY)
    _mark_events(ax, impact)
    _title(ax, "Victims by month, every attack", of)
    first = human(significant(table["victims_p50"].iloc[0], 2))
    return _alt(ax, f"Victims by month for {of}: {first} in the first month at the median, fewer later.")


def _mark_events(ax: Axes, impact: Impact) -> None:
    """A line at each event, and its words beside the lines of all events that are close to it."""
    last = impact.horizon_years * 12
    told: dict[float, list[str]] = {}
    for day, label in impact.happenings():
        if 0 < day < impact.horizon_years * 365:
            told.setdefault(day, []).append(label)
    months = [day * 12 / 365 for day in told]
    for number, (month, (day, labels)) in enumerate(zip(months, told.items(), strict=True)):
        ax.axvline(month, color=ORANGE, linewidth=1, linestyle=":")
        late = month > last / 2
        close = [m for m in months if abs(m - month) < last / 2 and (m > last / 2) == late]
        words = textwrap.shorten("; ".join(labels), 90, placeholder=" ...")
        at = min(close) - last * 0.01 if late else max(close) + last * 0.01
        ax.text(
            at, 0.97 - 0.07 * number, f"day {day:g}: {words}", transform=ax.get_xaxis_transform(),
            color=ORANGE, fontsize=8.5, va="top", ha="right" if late else "left",
        )  # fmt: skip


def attribution(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Which field did the damage: Shapley values, and beside them the two columns that mislead.

    Parameters
    ----------
    table
        What ``attribution(impact)`` gave, one row a field.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Blue bars: mean Shapley value, which add up to the expected loss; dark lines: 90 % interval;
    orange diamonds: spared if that field alone is left out; grey circles: lost if it alone leaks. [USD]

    Raises
    ------
    ValueError
        If the table has a row a segment and field.
    """
    if "total" not in table.index or table.index.nlevels > 1:
        raise ValueError(
            f"the index of the table is {list(table.index.names)}; the figure takes one row a field and a "
            "row 'total': attribution(impact) without by_segment"
        )
    what, whole = "Which field did the damage", float(table["mean"]["total"])
    of = f"expected loss of {human(float(f'{whole:.2g}'))} USD, shared out exactly"
    rows = table.drop(index="total")
    rows = rows[(rows[["mean", "alone", "leave_one_out"]] > 0).any(axis=1)]
    ax = _new(ax, 9, 1.7 + 0.4 * max(len(rows), 3))
    if rows.empty:
        return _empty(ax, what, "", "no field carries any loss")
    for place, (_, row) in enumerate(rows.iloc[::-1].iterrows()):
        ax.barh(place, row["mean"], color=BLUE, height=0.6)
        ax.plot([row["p5"], row["p95"]], [place - 0.12] * 2, color=INK, linewidth=1.2)
        ax.plot(row["leave_one_out"], place, "D", color=ORANGE, markersize=6)
        ax.plot(row["alone"], place, "o", color=GREY, markersize=6, clip_on=False, zorder=4)
        right = max(row["p95"], row["leave_one_out"], row["mean"])
        part = f"{row['share'] * 100:.2g} %" if row["share"] >= _LEAST else "< 0.01 %"
        amount = human(significant(row["mean"], 2))
        _label(ax, f"{amount} ({part})", (right, place), (9, -3), BLUE)
    ax.set_yticks(range(len(rows)), [str(name).replace("_", " ") for name in rows.index[::-1]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(0, float(rows[["mean", "p95", "leave_one_out"]].to_numpy().max()) * 1.32)
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.set_xlabel("part of the expected loss [USD]; thin line: 90 % interval of the Shapley value")
    words = (("■ Shapley value", BLUE), ("◆ left out, it alone", ORANGE), ("● leaked, it alone", GREY))
    for x, (told, colour) in zip((0.0, 0.25, 0.52), words, strict=True):
        ax.text(x, 1.01, told, color=colour, transform=ax.transAxes, fontsize=9.5, va="bottom")
    _title(ax, what, of, pad=24)
    first = str(rows.index[0]).replace("_", " ")
    return _alt(
        ax, f"Attribution of the expected loss to fields: {first} carries most, {rows['share'].iloc[0]:.0%}."
    )


def tornado(table: pd.DataFrame, ax: Axes | None = None, most: int = 12) -> Axes:
    """One parameter at a time from its 5 % to its 95 % quantile, the widest on top.

    Parameters
    ----------
    table
        What ``tornado(impact)`` gave.
    ax
        Axes to draw on; new ones if None.
    most
        How many parameters. [1, inf)

    Returns
    -------
    The axes. Orange: the parameter low; blue: high. [USD] or [accounts]
    """
    shown = table.head(most)
    what = {"people": "expected people harmed [accounts]"}.get(table.attrs["of"], "expected loss [USD]")
    ax = _new(ax, 9, 1.3 + 0.34 * max(len(shown), 3))
    title = "Which doubt moves the answer"
    if shown.empty or not shown["swing"].any():
        return _empty(ax, title, "", "nothing that is uncertain moves it")
    middle = float(table.attrs["middle"])
    for place, (low, high) in enumerate(zip(shown["at_p5"][::-1], shown["at_p95"][::-1], strict=True)):
        ax.barh(place, low - middle, left=middle, color=ORANGE, height=0.62)
        ax.barh(place, high - middle, left=middle, color=BLUE, height=0.62)
    ax.axvline(middle, color=INK, linewidth=1)
    ax.set_yticks(range(len(shown)), list(shown.index[::-1]))
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.set_xlabel(f"{what}; line: all at their medians")
    for x, words, colour in ((0.0, "● at its 5 % quantile", ORANGE), (0.3, "● at its 95 % quantile", BLUE)):
        ax.text(x, 1.01, words, color=colour, transform=ax.transAxes, fontsize=9.5, va="bottom")
    _title(ax, title, "one parameter at a time, all others at their medians", pad=24)
    return _alt(ax, f"Tornado: {shown.index[0]} moves the {what} most.")


def waterfall(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """From the expected loss of one breach to that of another, a bar for each change.

    Parameters
    ----------
    table
        What ``waterfall(a, b)`` gave.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Grey: the two breaches; orange: a change that adds; blue: one that takes away. [USD]
    """
    ax = _new(ax, 10, 1.4 + 0.38 * max(len(table), 3))
    rows = list(zip(table.index, table["start"], table["end"], strict=True))
    for place, (label, start, end) in enumerate(reversed(rows)):
        whole = label in {table.index[0], table.index[-1]} and start == 0
        colour = GREY if whole else ORANGE if end > start else BLUE
        # The edge keeps a change visible that is narrower than a pixel.
        ax.barh(place, end - start, left=start, height=0.62, color=colour, edgecolor=colour, linewidth=1)
        told = human(abs(significant(end - start, 2)))
        sign = "" if whole else "+" if end > start else "-"
        _label(ax, f"{sign}{told}", (max(start, end), place), (4, -3), INK)
    ax.set_yticks(
        range(len(rows)), [textwrap.fill(label, 52) for label, _, _ in reversed(rows)], fontsize=8.5
    )
    ax.axvline(0, color=INK, linewidth=1)
    ends = table[["start", "end"]].to_numpy(dtype=float)
    low, high = float(ends.min()), float(ends.max())
    ax.set_xlim(min(low * 1.1, 0), (high or 1.0) * 1.25)
    ax.xaxis.set_major_formatter(FuncFormatter(_signed))
    ax.set_xlabel("mean expected loss [USD]; a change is averaged over all orders of making them")
    _title(ax, "From one breach to the other, change by change", "")
    return _alt(ax, f"Waterfall from {table.index[0]} to {table.index[-1]}.")


def _signed(value: float, _: int | None = None) -> str:
    """Tick label such as -10M."""
    return f"-{_compact(-value)}" if value < 0 else _compact(value)


def ledgers(impact: Impact, ax: Axes | None = None) -> Axes:
    """The two ledgers side by side: bearers of the victims' losses, lines of the firm.

    Parameters
    ----------
    impact
        Result of ``simulate``; the table behind is ``impact.ledgers()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Medians as dots, 90 % intervals as lines. [USD]
    """
    table = impact.ledgers().drop(index="hours", level="ledger")
    rows = [(ledger, line) for ledger, line in table.index if table.loc[(ledger, line), "p95"] > 0]
    ax = _new(ax, 8.5, 1.3 + 0.34 * max(len(rows), 3))
    of = impact.scenario.title
    if not rows:
        return _empty(ax, "Two ledgers", of, "nobody pays anything")
    colours = {"victims": ORANGE, "firm": BLUE}
    lowest = np.inf
    for place, key in enumerate(reversed(rows)):
        low, middle, high = (max(float(table.loc[key, q]), 1.0) for q in ("p5", "p50", "p95"))
        lowest = min(lowest, max(low, middle / 30))
        ax.plot([low, high], [place, place], color=colours[key[0]], linewidth=3, alpha=0.45)
        ax.plot(middle, place, "o", color=colours[key[0]], markersize=6)
        _label(ax, human(significant(middle, 2)), (high, place), (6, -3), colours[key[0]])
    ax.set_xscale("log")
    ax.set_xlim(lowest / 2, float(table["p95"].max()) * 6)
    names = [f"{line.replace('_', ' ')}" for _, line in reversed(rows)]
    ax.set_yticks(range(len(rows)), names)
    firm = sum(ledger == "firm" for ledger, _ in rows)
    if 0 < firm < len(rows):
        ax.axhline(firm - 0.5, color=GREY, linewidth=1)
    ax.set_xlabel("USD over the horizon (logarithmic); dot: median, line: 90 % interval")
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    for x, (words, colour) in zip(
        (0.0, 0.34), (("victims and others", ORANGE), ("the firm", BLUE)), strict=True
    ):
        ax.text(x, 1.01, f"● {words}", color=colour, transform=ax.transAxes, fontsize=9.5, va="bottom")
    _title(ax, "Two ledgers, never added", of, pad=24)
    return _alt(ax, f"Two ledgers for {of}: losses of victims by bearer, costs of the firm by line.")


def lorenz(impact: Impact, ax: Axes | None = None) -> Axes:
    """Where the harm falls: share of the mean loss against share of the accounts, by segment.

    Parameters
    ----------
    impact
        Result of ``simulate``; the table behind is ``impact.lorenz()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. [%] against [%]
    """
    ax = _new(ax, 5.6, 5.0)
    table = impact.lorenz()
    of = impact.scenario.title
    if not table["loss_usd"].any():
        return _empty(ax, "Where the harm falls", of, "nothing is lost")
    across = np.concatenate([[0.0], table["share_of_accounts"]]) * 100
    up = np.concatenate([[0.0], table["share_of_loss"]]) * 100
    ax.plot([0, 100], [0, 100], color=GREY, linewidth=1, linestyle=":")
    ax.fill_between(across, up, across, color=SKY, alpha=0.35, linewidth=0)
    ax.plot(across, up, "o-", color=BLUE, linewidth=2, markersize=4)
    wide = [n for n in range(len(table)) if across[n + 1] - across[n] > _WIDE][-_LISTED:]
    for place, n in enumerate(wide):
        middle = ((across[n] + across[n + 1]) / 2, (up[n] + up[n + 1]) / 2)
        _label(ax, str(place + 1), middle, (-9, 4) if middle[1] < _LOW else (5, -10), BLUE)
        words = f"{place + 1}  {table.index[n]}: {up[n + 1] - up[n]:.0f} % of the loss"
        ax.text(0.03, 0.97 - 0.05 * place, words, transform=ax.transAxes, fontsize=8.5, color=INK, va="top")
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    ax.set_xlabel("share of accounts, least harmed segments first [%]")
    ax.set_ylabel("share of the mean loss [%]")
    gini = table.attrs["gini"]
    _title(ax, f"Where the harm falls (Gini {gini:.2f})", of)
    return _alt(ax, f"Lorenz curve of the mean loss over segments for {of}: Gini {gini:.2f}.")


def leak_matrix(scenario: Scenario, ax: Axes | None = None) -> Axes:
    """Which fields leaked for which segment, as a matrix of shares.

    Parameters
    ----------
    scenario
        What leaked for whom.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Central coverages. [share]
    """
    leaked = {name for segment in scenario.segments for name in segment.fields}
    fields = [name for name in FIELD_NAMES if name in leaked]
    if not fields:
        ax = _new(ax, 6, 2)
        return _empty(ax, "Who lost what", scenario.title, "no field leaked")
    shares = np.zeros((len(scenario.segments), len(fields)))
    for row, segment in enumerate(scenario.segments):
        for leak in segment.leaks:
            for name in leak.fields:
                shares[row, fields.index(name)] = leak.coverage.central
    ax = _new(ax, 2.6 + 0.62 * len(fields), 1.9 + 0.5 * len(scenario.segments))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.35, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        if share:
            text = "all" if share == 1 else f"{share:.0%}"
            ax.text(
                column,
                row,
                text,
                ha="center",
                va="center",
                color="white" if share > _DARK else INK,
                fontsize=8.5,
            )
    ax.set_xticks(range(len(fields)), [name.replace("_", " ") for name in fields], rotation=40, ha="right")
    labels = [f"{segment.title}\n{human(segment.accounts)} accounts" for segment in scenario.segments]
    ax.set_yticks(range(len(scenario.segments)), labels, fontsize=9)
    ax.set_xticks(np.arange(len(fields) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(scenario.segments) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    _title(ax, "Who lost what (share of accounts)", scenario.title)
    return _alt(ax, f"Matrix of leaked fields by segment for {scenario.title}.")


def attack_graph(graph: AttackGraph, scenario: Scenario | None = None, ax: Axes | None = None) -> Axes:
    """Fields, routes (AND), attacks and chains, with widths by the accounts they concern.

    Parameters
    ----------
    graph
        The attacks.
    scenario
        If given, lines are as wide as the accounts behind them and closed ones are pale.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Left the leaked fields, then routes (a dot joins what is needed together), attacks, follow-ons.
    """
    attacks = [attack for attack in graph.attacks if attack.routes]
    if not attacks:
        return _empty(_new(ax, 6, 2), "From fields to attacks", "", "no attack needs a leaked field")
    depth = _depths(graph)
    used = {name for attack in attacks for route in attack.routes for name in route.fields}
    fields = [name for name in FIELD_NAMES if name in used]
    ax = _new(ax, 13, 1.2 + 0.72 * max(len(fields), len(attacks)))
    places = _places(graph, fields, depth)
    accounts = _accounts_behind(graph, scenario)
    for attack in attacks:
        _draw_routes(ax, graph, attack.name, places, accounts)
    for attack in attacks:
        _draw_grants(ax, graph, attack.name, places, accounts)
    for name in fields:
        held = accounts.get(f"field {name}")
        _box(ax, places[name], name.replace("_", " "), SKY if held is None or held else PALE, held)
    for attack in attacks:
        reached = accounts.get(attack.name)
        colour = ORANGE if attack.kind == "initial" else GREEN
        _box(
            ax,
            places[attack.name],
            attack.label,
            colour if reached is None or reached else PALE,
            reached,
            wide=True,
        )
    _head_columns(ax, follow_ons=max(depth.values()) > 0)
    ax.set_xlim(-0.95, _ATTACK + _STEP * max(depth.values()) + 1.75)
    ax.set_ylim(min(y for _, y in places.values()) - 0.7, 1.05)
    ax.axis("off")
    told = "figures: accounts at the most likely shares; wider: more, not to scale"
    _title(
        ax,
        "From fields to attacks: a dot joins what is needed together",
        f"{scenario.title}; {told}" if scenario else "",
    )
    reach = [f"{a.label} {human(accounts[a.name])}" for a in attacks if a.name in accounts]
    counted = "; ".join(reach) or "No accounts counted"
    return _alt(ax, f"Attack graph: fields lead through routes to attacks. {counted}.")


def _head_columns(ax: Axes, *, follow_ons: bool) -> None:
    """Names of the columns of an attack graph, above them."""
    heads = {0.0: "leaked fields", _KNOT: "together", _ATTACK: "attacks"}
    if follow_ons:
        heads[_ATTACK + _STEP] = "follow-ons"
    for x, words in heads.items():
        ax.text(x, 0.72, words, ha="center", fontsize=9.5, color=GREY)


def _depths(graph: AttackGraph) -> dict[str, int]:
    """How many earlier attacks the longest needed chain of each attack has (cycles cut)."""
    depth = {attack.name: 0 for attack in graph.attacks if attack.routes}
    for _ in depth:
        for attack in graph.attacks:
            for route in attack.routes:
                for capability in route.capabilities:
                    givers = [
                        a for a in graph.attacks if capability in a.grants and a.routes and a is not attack
                    ]
                    least = min((depth[giver.name] for giver in givers), default=0)
                    depth[attack.name] = min(max(depth[attack.name], least + 1), len(depth))
    return depth


def _places(
    graph: AttackGraph, fields: list[str], depth: Mapping[str, int]
) -> dict[str, tuple[float, float]]:
    rows = max(len(fields), sum(1 for level in depth.values() if level == 0)) - 1
    places = {name: (0.0, -rows * i / max(len(fields) - 1, 1)) for i, name in enumerate(fields)}
    for level in set(depth.values()):
        own = [name for name in depth if depth[name] == level]
        for i, name in enumerate(own):
            places[name] = (_ATTACK + _STEP * level, -rows * (i + 0.5) / len(own))
    for capability in dict.fromkeys(c for attack in graph.attacks if attack.routes for c in attack.grants):
        givers = [places[a.name] for a in graph.attacks if capability in a.grants and a.routes]
        height = -rows / 2 if len(givers) > 1 else givers[0][1]
        places[f"capability {capability}"] = (max(x for x, _ in givers) + _GRANT, height)
    return places


def _accounts_behind(graph: AttackGraph, scenario: Scenario | None) -> dict[str, int]:
    """Accounts behind each field, route and attack at central coverages; empty without a scenario."""
    if scenario is None:
        return {}
    cells = expose(scenario)
    won = closure(graph, cells.masks)
    counts = {name: int(cells.accounts[won[:, i]].sum()) for i, name in enumerate(graph.names)}
    for attack in graph.attacks:
        for route in attack.routes:
            reach = cells.holding(route.field_mask) if route.fields else counts[attack.name]
            counts[f"{attack.name}/{route.name}"] = reach
            counts |= {f"field {name}": cells.holding(mask([name])) for name in route.fields}
    return counts


def _draw_routes(
    ax: Axes,
    graph: AttackGraph,
    name: str,
    places: Mapping[str, tuple[float, float]],
    accounts: Mapping[str, int],
) -> None:
    attack = graph[name]
    x, y = places[name]
    for number, route in enumerate(attack.routes):
        reach = accounts.get(f"{name}/{route.name}")
        colour = PALE if reach == 0 else GREY
        width = _width(reach, accounts)
        knot = (x - (_ATTACK - _KNOT), y + 0.26 * ((len(attack.routes) - 1) / 2 - number))
        for other in route.fields:
            _curve(ax, (places[other][0] + 0.72, places[other][1]), knot, colour, width)
        for other in route.capabilities:
            _curve(ax, places[f"capability {other}"], knot, colour, width)
        _curve(ax, knot, (x - 1.25, y), colour, width)
        ax.plot(*knot, "o", color=INK if reach != 0 else GREY, markersize=5, zorder=4)
        if route.traits:
            words = ", ".join(graph.traits[trait].label for trait in route.traits)
            ax.annotate(
                f"if {words}", (x, y - 0.28 - 0.14 * number), ha="center", va="top", fontsize=6.5, color=GREY
            )


def _width(reach: int | None, accounts: Mapping[str, int]) -> float:
    """Width of a line: wider for more accounts, by the root, so that small ones stay visible, in points."""
    total = max(accounts.values(), default=0)
    return 1.2 if reach is None else 0.8 + 5.0 * (reach / total) ** 0.5 if total else 0.8


def _draw_grants(
    ax: Axes,
    graph: AttackGraph,
    name: str,
    places: Mapping[str, tuple[float, float]],
    accounts: Mapping[str, int],
) -> None:
    x, y = places[name]
    for capability in graph[name].grants:
        place = places[f"capability {capability}"]
        first = next(a.name for a in graph.attacks if capability in a.grants and a.routes)
        reach = accounts.get(name)
        _curve(ax, (x + 1.25, y), place, GREY if reach != 0 else PALE, _width(reach, accounts))
        if first != name:
            continue
        dark = {"boxstyle": "round,pad=0.35", "facecolor": INK, "edgecolor": "white"}
        words = capability.replace("_", "\n")
        ax.text(*place, words, ha="center", va="center", fontsize=7, color="white", zorder=6, bbox=dark)


def _curve(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> None:
    t = np.linspace(0, 1, 40)
    ease = t * t * (3 - 2 * t)
    ax.plot(start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * ease, color=colour,
            linewidth=width, alpha=0.75, zorder=1, solid_capstyle="round")  # fmt: skip


def _box(
    ax: Axes, place: tuple[float, float], text: str, colour: str, count: int | None, *, wide: bool = False
) -> None:
    half = 1.25 if wide else 0.72
    x, y = place
    box = FancyBboxPatch(
        (x - half, y - 0.24), 2 * half, 0.48, boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=colour, edgecolor="white", alpha=0.9 if colour == PALE else 0.32, zorder=3,
    )  # fmt: skip
    ax.add_patch(box)
    text = "\n".join(textwrap.wrap(text, 36))
    label = text if count is None else f"{text}\n{human(float(f'{count:.3g}'))}" if count else f"{text}\nnone"
    ax.text(x, y, label, ha="center", va="center", fontsize=7.6, color=INK, zorder=5, linespacing=1.1)


def mitigations(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Loss averted by each mitigation beside its cost.

    Parameters
    ----------
    comparison
        Result of ``compare``; the table behind is ``comparison.table()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. One row a mitigation: 90 % interval and median of the expected loss averted, a cross for the
    median cost. [USD], logarithmic
    """
    rows = [own for own in comparison.averted if np.median(own.loss) > 0]
    of = comparison.scenario.title
    ax = _new(ax, 8.5, 1.6 + _ROW * max(len(rows), 1))
    if not rows:
        return _empty(ax, "What each mitigation averts", of, "no mitigation averts anything here")
    for place, own in enumerate(rows):
        averted, cost = summary(own.loss), float(np.median(own.cost))
        ax.plot([max(averted["p5"], 1.0), averted["p95"]], [place, place], color=SKY, linewidth=6, alpha=0.6)
        ax.plot(averted["p50"], place, "o", color=BLUE, markersize=7)
        if cost > 0:
            ax.plot(cost, place, "x", color=ORANGE, markersize=8, markeredgewidth=2)
    ax.set_xscale("log")
    ax.set_yticks(range(len(rows)), [own.label for own in rows])
    ax.set_ylim(len(rows) - 0.2, -0.9)
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.set_xlabel("USD (logarithmic)")
    last = float(np.median(rows[-1].cost))
    if last > 0:
        _label_inside(ax, "median cost", (last, len(rows) - 1), -16, ORANGE)
    first = float(np.median(rows[0].loss))
    _label_inside(ax, "loss averted, median and 90 % interval", (first, 0), 10, BLUE)
    _title(ax, "What each mitigation averts, and costs", of)
    most = max(rows, key=lambda own: float(np.median(own.loss)))
    told = human(significant(np.median(most.loss), 2))
    return _alt(ax, f"Loss averted by {len(rows)} mitigations for {of}: most by {most.label}, {told} USD.")


def overlap(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Pairs of mitigations: how much of the lesser one the other does as well.

    Parameters
    ----------
    comparison
        Result of ``compare``; the table behind is ``comparison.overlap()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. A matrix: share of the lesser benefit that is lost in the pair; 100 % where it adds nothing,
    below 0 where each needs the other.
    """
    some = [i for i, own in enumerate(comparison.averted[: len(comparison.mitigations)]) if own.loss.any()]
    names = [comparison.mitigations[i].label for i in some]
    of = comparison.scenario.title
    ax = _new(ax, 3.2 + 0.75 * len(names), 1.8 + 0.5 * len(names))
    table = comparison.overlap()
    if not table["overlap_share"].notna().any():
        return _empty(ax, "What pairs do twice", of, "no two mitigations avert anything here")
    shares = np.full((len(names), len(names)), np.nan)
    for (i, j), share in zip(comparison.pairs, table["overlap_share"], strict=True):
        if i in some and j in some:
            shares[some.index(j), some.index(i)] = share
    ax.imshow(np.clip(shares, -1, 1), cmap="PuOr_r", vmin=-1.4, vmax=1.4, aspect="auto")
    for row, column in zip(*np.nonzero(np.isfinite(shares)), strict=True):
        ax.text(column, row, f"{shares[row, column]:.0%}", ha="center", va="center", fontsize=8.5, color=INK)
    ax.set_xticks(range(len(names)), names, rotation=35, ha="right")
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 1.5)
    ax.set_ylim(len(names) - 0.5, 0.5)
    ax.set_xlabel("share of the lesser benefit that the other brings as well")
    _title(ax, "What pairs do twice", of)
    top: Any = table["overlap_share"].idxmax()
    words = f"{top[0]} and {top[1]} overlap most, {table['overlap_share'].max():.0%}"
    return _alt(ax, f"Overlap of {len(names)} mitigations for {of}: {words}.")


def mitigation_timeline(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Loss by month without and with the mitigations that avert most, and the days on which they begin.

    Parameters
    ----------
    comparison
        Result of ``compare``; the table behind is ``comparison.timeline()``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. A line each, mean expected loss a month, and dotted lines where a mitigation begins or ends;
    what is done before the breach has no such line. [USD/month], logarithmic, against months after the sale
    """
    ax = _new(ax, 9.5, 4.4)
    of = comparison.scenario.title
    alone = [own for own in comparison.averted[: len(comparison.mitigations)] if own.loss.any()]
    shown = sorted(alone, key=lambda own: -float(own.loss.mean()))[: len(_LINES)]
    if not shown:
        return _empty(ax, "Loss by month, with and without", of, "no mitigation averts anything here")
    table: Any = comparison.timeline()
    lines = {"without": ("without", GREY, "-")}
    lines |= {own.name: (own.label, *look) for own, look in zip(shown, _LINES, strict=False)}
    ends = np.concatenate([[0.0], table.loc["without", "end_day"].to_numpy()]) * 12 / 365
    last = {}
    for name, (label, colour, style) in lines.items():
        lost = table.loc[name, "loss_usd_mean"].to_numpy()
        if not (lost > 0).any():
            continue
        held = np.where(lost > 0, lost, np.nan)
        ax.step(
            ends,
            np.append(held, held[-1]),
            style,
            where="post",
            color=colour,
            linewidth=1.8 if label != "without" else 4,
        )
        last[label] = (float(lost[lost > 0][-1]), colour)
    ax.set_yscale("log")
    ax.set_xlim(0, ends[-1])
    ax.set_xlabel("months after the sale")
    ax.set_ylabel("expected loss a month, USD (logarithmic)")
    ax.yaxis.set_major_formatter(FuncFormatter(_compact))
    ax.yaxis.set_minor_formatter(NullFormatter())
    _label_ends(ax, last)
    _mark_dates(ax, [found for found in comparison.dates() if found[1] in lines], lines)
    _title(ax, "Loss by month, with and without", of)
    told = human(significant(shown[0].loss.mean(), 2))
    return _alt(
        ax, f"Expected loss by month for {of}, without and with {len(shown)} mitigations: {shown[0].label} "
        f"averts most, {told} USD in all."
    )  # fmt: skip


def _label_ends(ax: Axes, last: Mapping[str, tuple[float, str]]) -> None:
    """Words right of the ends of lines, moved apart where they are too close."""
    below = np.inf
    for label, (value, colour) in sorted(last.items(), key=lambda item: -item[1][0]):
        at = float(ax.transAxes.inverted().transform(ax.transData.transform((0.0, value)))[1])
        below = min(at, below - 0.055)
        text = textwrap.shorten(label, 38, placeholder=" ...")
        ax.text(1.01, below, text, transform=ax.transAxes, color=colour, fontsize=9, va="center")


def _mark_dates(
    ax: Axes, days: list[tuple[float, str, str]], lines: Mapping[str, tuple[str, str, str]]
) -> None:
    """A dotted line on each day, and who begins or ends on it in the empty corner above the curves."""
    right = ax.get_xlim()[1]
    for row, (day, name, what) in enumerate(found for found in days if found[0] * 12 / 365 <= right):
        label, colour, _ = lines[name]
        ax.axvline(day * 12 / 365, color=colour, linewidth=1, linestyle=":")
        ax.text(
            0.99, 0.97 - 0.06 * row, f"day {day:g}: {label} {what}", transform=ax.transAxes, color=colour,
            fontsize=8.5, va="top", ha="right",
        )  # fmt: skip


def scoreboard(board: Scoreboard, ax: Axes | None = None) -> Axes:
    """Predicted intervals and outcomes, case by case, on a logarithmic axis; hits and misses apart.

    Parameters
    ----------
    board
        What ``backtest()`` gave; the table behind is ``board.table()``. Rows in USD are drawn.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Lines: 90 % intervals with a tick at the median, blue by the law of scale, orange by the firm's
    ledger. On or beside each its outcome: a filled circle is a hit, a cross in red a miss. [USD]
    """
    what, of = "Predicted, and what came of it", "what the firm paid, by case"
    rows = [row for row in board.rows if row.by in _BY and row.outcome.unit == "USD"]
    named = {(row.case, row.quantity): row.outcome.figure for row in rows}
    ax = _new(ax, 9.5, 1.8 + _ROW * max(len(named), 3))
    if not rows:
        return _empty(ax, what, of, "nothing was compared")
    places = {name: place for place, name in enumerate(sorted(named, key=lambda name: named[name]))}
    ends = [end for row in rows for end in (row.low, row.high, row.outcome.figure) if 0 < end < np.inf]
    for row in rows:
        _draw_row(ax, row, places[row.case, row.quantity], (min(ends) / 2, max(ends) * 2))
    for place in places.values():
        ax.axhline(place, color=PALE, linewidth=0.8, zorder=0)
    ax.set(xscale="log", xlim=(min(ends) / 2, max(ends) * 2), ylim=(-0.7, len(places) - 0.3))
    ax.set_yticks(range(len(places)), [f"{case}: {quantity}" for case, quantity in places])
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("line: 90 % interval, tick: median, ● outcome inside, ✕ outside [USD, logarithmic]")
    for place, (by, (colour, _)) in enumerate(_BY.items()):
        own = [row for row in rows if row.by == by]
        missed = sum(row.verdict == "miss" for row in own)
        words = f"by {by}: {len(own) - missed} of {len(own)} inside"
        ax.text(0.45 * place, 1.01, words, color=colour, transform=ax.transAxes, va="bottom")
    _title(ax, what, of, pad=24)
    missed = sum(row.verdict == "miss" for row in rows)
    return _alt(ax, f"{what}: {len(rows) - missed} of {len(rows)} outcomes lie in their 90 % intervals.")


def states(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Where synthetic subscribers live: a tile for each US state, dark where many do.

    Parameters
    ----------
    rows
        Subscribers with a column ``state``, such as a slice of ``subscribers(...)``; rows without a state
        are left out. The table behind is ``rows["state"].value_counts(normalize=True)``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes. Tiles of one size, each with its share of the rows that have a state. [%]

    Raises
    ------
    ValueError
        If there is no such column, or it holds other regions than the 50 states and DC.
    """
    if "state" not in rows:
        raise ValueError(
            f"the columns are {', '.join(map(str, rows.columns))}; the map needs 'state', which is there if "
            "the postal address leaked"
        )
    lines = [line.split() for line in _TILES.split("\n") if line]
    places = {code: (x, -y) for y, line in enumerate(lines) for x, code in enumerate(line) if code != ".."}
    found = rows["state"].dropna()
    other = sorted(set(found) - set(places))
    if other:
        raise ValueError(f"'{other[0]}' is no US state; the map has the 50 states and DC, by postal code")
    ax = _new(ax, 8.5, 5.6)
    what, of = "Where they live", f"share of {len(found):,} synthetic subscribers by state [%]"
    if found.empty:
        return _empty(ax, what, of, "no row has a state")
    shares = found.value_counts(normalize=True) * 100
    most = float(shares.iloc[0])
    shade = LinearSegmentedColormap.from_list("share", [PALE, SKY, BLUE])
    for code, (x, y) in places.items():
        share = float(shares.get(code, 0.0))
        ax.add_patch(
            Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=shade(share / most), edgecolor="none")
        )
        ink = "white" if share > _DARK * most else INK
        ax.text(x, y + 0.13, code, ha="center", va="center", fontsize=10, weight="bold", color=ink)
        ax.text(x, y - 0.22, f"{share:.1f}", ha="center", va="center", fontsize=8.5, color=ink)
    ax.set(xlim=(-0.6, 10.6), ylim=(-len(lines) + 0.4, 0.6), aspect="equal")
    ax.axis("off")
    _title(ax, what, of)
    first = ", ".join(f"{code} {share:.1f} %" for code, share in shares.iloc[:3].items())
    return _alt(ax, f"Tile map of {len(found):,} synthetic subscribers by US state: most in {first}.")


_BY = {"law of scale": (BLUE, 0.16), "firm's ledger": (ORANGE, -0.16)}
"""Colour of what predicts, and how far its lines stand above the middle of the row."""


def _draw_row(ax: Axes, row: Row, place: int, ends: tuple[float, float]) -> None:
    """An interval, its median, and the outcome: inside or outside."""
    colour, lift = _BY[row.by]
    y, hit = place + lift, row.verdict == "hit"
    span = [max(row.low, ends[0]), min(row.high, ends[1])]
    ax.plot(span, [y, y], color=colour, linewidth=4, alpha=0.4, solid_capstyle="butt")
    ax.plot(row.middle, y, "|", color=colour, markersize=9, markeredgewidth=2)
    ax.plot(
        row.outcome.figure,
        y,
        "o" if hit else "x",
        color=INK if hit else "#B00020",
        markersize=5.5 if hit else 7,
        markeredgewidth=1 if hit else 2.2,
    )
