"""The matrix of recipes: which leaked fields, together, open which attack, for how many accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Rectangle

from breach_sim.analysis.subjects import subject
from breach_sim.catalog import attacks_for, danger, families, label_of_capability, label_of_field
from breach_sim.engine.exposure import Exposure, expose
from breach_sim.formatting.display import plural
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.scenario import Scenario
from breach_sim.plots.colors import ATTEMPTS, DIM, INK, LOSS_PALE, PALE, VICTIMS
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, width_of
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import about, victims_by_attack
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_OTHERS = "other attacks"
"""Family of attacks that the table of families does not hold, such as a user's own."""
_ROW, _FAMILY, _PAD = 0.23, 0.32, 0.06
"""Height of a row and of the head of a family, and a distance. [inches]"""
_BAR, _NUMBER, _VICTIMS = 0.75, 0.62, 0.68
"""Widths of the longest bar, of the number beside it, and of the column of victims. [inches]"""
_WIDEST = 0.34
"""Largest distance of two columns of dots. [inches]"""


@dataclass(frozen=True, slots=True)
class _Row:
    """One way in. An attack's first row has its label and its victims."""

    attack: Attack
    label: str
    fields: tuple[str, ...]
    before: str
    accounts: int
    habit: bool


@in_style
def recipes(of: Scenario | Impact, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw which fields, leaked together, open which attack: a matrix with one row for each way in.

    Parameters
    ----------
    of
        A breach, or the result of ``simulate``, which adds the victims.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. Every black dot of a row must have leaked; rows of one attack are alternatives. Accounts that
    lost all of them, at the most likely shares; victims are medians. [accounts]
    """
    impact = of if isinstance(of, Impact) else None
    scenario = of.scenario if isinstance(of, Impact) else of
    graph = impact.attacks if impact else attacks_for(scenario)
    cells = expose(scenario)
    found = {name: rows for name, rows in _by_family(graph, cells).items() if rows}
    title = subject(impact) if impact else scenario.title
    if not found:
        what = "Nothing that leaked opens an attack"
        return say_empty(axes_or_new(ax, WIDTH, 1.0), what, title, "no attack is open to any account")
    rows = [row for own in found.values() for row in own]
    used = {name for row in rows for name in row.fields}
    fields = [name for name in FIELD_NAMES if name in used]
    head = max(width_of(label_of_field(name, short=True), SMALL + 0.5) for name in fields) * 0.75 + 0.25
    height = head + sum(_FAMILY + _ROW * len(own) for own in found.values())
    ax = axes_or_new(ax, WIDTH, height + 0.1)
    _draw(ax, found, fields, impact, head, height)
    sentence = _sentence(found)
    note = " * Only for people with a habit, such as codes by text." if any(row.habit for row in rows) else ""
    looked = _looked_up(impact, rows) if impact and impact.searches else ""
    finding(ax, sentence, f"{title}. A row is one way in: every black dot must have leaked.{looked}{note}")
    what = f"Matrix of {len(rows)} ways in for {title}, by what must have leaked, with accounts"
    describe(ax, f"{sentence}. {what}. {_in_words(found)}.")
    return signed(ax, impact, footer)


def _looked_up(impact: Impact, rows: Sequence[_Row]) -> str:
    """What the rows leave out: routes that need fields which did not leak and can be looked up."""
    drawn = {row.attack.name for row in rows}
    reached = impact.per_attack("attackable").any(axis=1)
    pairs = zip(impact.attacks.names, np.asarray(reached), strict=True)
    more = sum(bool(reachable) and name not in drawn for name, reachable in pairs)
    others = f"; {plural(more, 'more attack')} need{'s' if more == 1 else ''} look-ups" if more else ""
    return f" Victims include those by look-ups{others}."


def _by_family(graph: AttackGraph, cells: Exposure) -> dict[str, list[_Row]]:
    """Rows of open ways in, by family."""
    listed = families()
    known = {name for names in listed.values() for name in names}
    own = [name for name in graph.names if name not in known]
    won = closure(graph, cells.masks)
    reach = {name: int(cells.accounts[won[:, i]].sum()) for i, name in enumerate(graph.names)}
    every = {**listed, _OTHERS: own}
    return {
        family: [
            row for name in names if name in graph.names for row in _rows(graph[name], cells, reach[name])
        ]
        for family, names in every.items()
    }


def _rows(attack: Attack, cells: Exposure, reach: int) -> list[_Row]:
    """Rows of one attack: its open routes without those that need more than another; or what comes before."""
    rows: list[_Row] = []
    fewest = sorted((route for route in attack.routes if route.fields), key=lambda route: len(route.fields))
    kept: list[Route] = []
    for route in fewest:
        accounts = cells.holding(route.field_mask)
        if accounts and not any(set(other.fields) <= set(route.fields) for other in kept):
            kept.append(route)
            label = "or" if rows else attack.label
            before = _before([route]) if route.capabilities else ""
            rows.append(_Row(attack, label, route.fields, before, accounts, bool(route.traits)))
    after = [route for route in attack.routes if route.capabilities and not route.fields]
    if after and reach:
        label = "or" if rows else attack.label
        rows.append(_Row(attack, label, (), _before(after), reach, any(route.traits for route in after)))
    return rows


def _before(routes: Sequence[Route]) -> str:
    """What an earlier attack must have taken, the fewest first."""
    sets = sorted({frozenset(route.capabilities) for route in routes}, key=len)
    least = [own for own in sets if not any(other < own for other in sets)]
    words = [" and ".join(sorted(label_of_capability(name) for name in own)) for own in least]
    return "after " + " or ".join(words)


def _sentence(found: Mapping[str, list[_Row]]) -> str:
    parts = [
        f"{about(max(row.accounts for row in rows))} could {danger(family)}"
        for family, rows in found.items()
        if family != _OTHERS
    ]
    return "; ".join(parts[:2]) or f"{len(found[_OTHERS])} ways in are open"


def _in_words(found: Mapping[str, list[_Row]]) -> str:
    """Sets of fields by family, each once, with the accounts that lost them."""
    families = []
    for family, rows in found.items():
        needs = {" + ".join(map(label_of_field, row.fields)) or row.before: row.accounts for row in rows}
        ways = ", ".join(f"{need} ({about(accounts)})" for need, accounts in needs.items())
        families.append(f"{family}: {ways}")
    return "; ".join(families)


def _draw(
    ax: Axes,
    found: Mapping[str, list[_Row]],
    fields: Sequence[str],
    impact: Impact | None,
    head: float,
    height: float,
) -> None:
    """Everything in inches from the upper left corner."""
    rows = [row for own in found.values() for row in own]
    victims = victims_by_attack(impact) if impact else {}
    left = max(width_of(row.label, LABEL) for row in rows) + 0.15
    wide = WIDTH - 0.1
    bar = wide - _BAR - _NUMBER - (_VICTIMS if impact else 0.0)
    step = min(_WIDEST, (bar - left - 0.25) / max(len(fields), 1))
    places = {name: left + 0.15 + step * n for n, name in enumerate(fields)}
    ax.set(xlim=(0, wide), ylim=(height, 0))
    ax.axis("off")
    for name, x in places.items():
        look: dict[str, Any] = {"rotation": 48, "rotation_mode": "anchor", "ha": "left", "va": "bottom"}
        ax.text(
            x - 0.02, head - 0.1, label_of_field(name, short=True), fontsize=SMALL + 0.5, color=INK, **look
        )
    ax.text(bar, head - 0.1, "accounts that\nlost all of them", fontsize=SMALL, color=DIM, va="bottom")
    if impact:
        look = {"ha": "right", "va": "bottom", "color": VICTIMS}
        ax.text(wide, head - 0.1, "victims\n(median)", fontsize=SMALL, **look)
    most, y = max(row.accounts for row in rows), head
    for family, own in found.items():
        ax.text(0.02, y + _FAMILY * 0.62, family, weight="bold", color=ATTEMPTS, fontsize=LABEL, va="center")
        y += _FAMILY
        for row in own:
            _draw_row(ax, row, y + _ROW / 2, left, places)
            length = _BAR * row.accounts / most
            ax.add_patch(Rectangle((bar, y + 0.05), length, _ROW - 0.1, facecolor=LOSS_PALE, linewidth=0))
            words = about(row.accounts, 3).replace(" million", "M") + ("*" if row.habit else "")
            ax.text(bar + length + 0.05, y + _ROW / 2, words, fontsize=SMALL, color=INK, va="center")
            if victims and row.label != "or":
                look = {"weight": "bold", "color": VICTIMS, "ha": "right", "va": "center"}
                ax.text(wide, y + _ROW / 2, victims[row.attack.name], fontsize=LABEL, **look)
            y += _ROW


def _draw_row(ax: Axes, row: _Row, y: float, left: float, places: Mapping[str, float]) -> None:
    alternative = row.label == "or"
    look: dict[str, Any] = {"style": "italic" if alternative else "normal", "ha": "right", "va": "center"}
    ax.text(left, y, row.label, fontsize=LABEL, color=DIM if alternative else INK, **look)
    if row.before:
        start = max((places[name] for name in row.fields), default=left)
        ax.text(start + 0.15, y, row.before, fontsize=SMALL, color=DIM, style="italic", va="center")
    else:
        empty = [x for name, x in places.items() if name not in row.fields]
        ax.plot(empty, [y] * len(empty), "o", color="white", markeredgecolor=PALE, markersize=6, zorder=1)
    dots = [places[name] for name in row.fields]
    if dots:
        ax.plot([min(dots), max(dots)], [y, y], color=INK, linewidth=1.6, zorder=2)
        ax.plot(dots, [y] * len(dots), "o", color=INK, markersize=6.5, zorder=3)
