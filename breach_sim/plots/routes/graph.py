"""The attack graph: fields, routes, attacks and follow-ons, with widths by number of accounts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import FancyBboxPatch

from breach_sim.catalog import label_of_capability, label_of_field
from breach_sim.engine.exposure import expose
from breach_sim.formatting.digits import human
from breach_sim.inputs.fields import FIELD_NAMES, mask
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.scenario import Scenario
from breach_sim.plots.colors import DIM, GREEN, GREY, INK, ORANGE, PALE, SKY
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_KNOT, _ATTACK, _GRANT, _STEP = 2.0, 3.6, 1.85, 4.0
"""Columns of the attack graph: where routes join, attacks, what they grant, and the step to follow-ons."""


@in_style
def attack_graph(
    graph: AttackGraph, scenario: Scenario | None = None, ax: Axes | None = None, *, footer: bool = True
) -> Axes:
    """Draw fields, routes (AND), attacks and chains, with line widths by number of accounts.

    Parameters
    ----------
    graph
        The attacks.
    scenario
        If given, line widths show the number of accounts, and closed routes are pale.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot by what version it was drawn.

    Returns
    -------
    The axes. From left to right: leaked fields, routes (a dot joins conditions), attacks, follow-ons. Of more
    than ten attacks :func:`recipes` is easier to read.
    """
    attacks = [attack for attack in graph.attacks if attack.routes]
    if not attacks:
        what = "No attack needs a leaked field"
        return say_empty(axes_or_new(ax, WIDTH, 1.0), what, "", "no attack needs a leaked field")
    depth = _depths(graph)
    used = {name for attack in attacks for route in attack.routes for name in route.fields}
    fields = [name for name in FIELD_NAMES if name in used]
    ax = axes_or_new(ax, WIDTH, 0.6 + 0.68 * max(len(fields), len(attacks)))
    places = _places(graph, fields, depth)
    accounts = _accounts_behind(graph, scenario)
    for attack in attacks:
        _draw_routes(ax, graph, attack.name, places, accounts)
    for attack in attacks:
        _draw_grants(ax, graph, attack.name, places, accounts)
    for name in fields:
        held = accounts.get(f"field {name}")
        _box(ax, places[name], label_of_field(name, short=True), SKY if held is None or held else PALE, held)
    for attack in attacks:
        reached = accounts.get(attack.name)
        color = ORANGE if attack.kind == "initial" else GREEN
        _box(
            ax,
            places[attack.name],
            attack.label + (" *" if all(route.traits for route in attack.routes) else ""),
            color if reached is None or reached else PALE,
            reached,
            wide=True,
        )
    _head_columns(ax, follow_ons=max(depth.values()) > 0)
    ax.set_xlim(-0.95, _ATTACK + _STEP * max(depth.values()) + 1.75)
    ax.set_ylim(min(y for _, y in places.values()) - 0.7, 1.05)
    ax.axis("off")
    legend = " Numbers: accounts at the most likely shares; wider lines: more." if scenario else ""
    fewest = min(len(route.fields) for attack in attacks for route in attack.routes if route.fields)
    enough = "one field is enough" if fewest == 1 else f"{fewest} fields are enough"
    sentence = f"{len(fields)} fields lead to {len(attacks)} attacks; for some {enough}"
    notes = f"A dot joins what is needed together. * Only for people with a habit.{legend}"
    finding(ax, sentence, f"{scenario.title}. {notes}" if scenario else notes)
    reach = [f"{a.label} {human(accounts[a.name])}" for a in attacks if a.name in accounts]
    counted = "; ".join(reach) or "No accounts counted"
    describe(ax, f"{sentence}. Attack graph: fields lead through routes to attacks. {counted}.")
    return signed(ax, None, footer)


def _head_columns(ax: Axes, *, follow_ons: bool) -> None:
    """Names of the columns of an attack graph, above them."""
    heads = {0.0: "leaked fields", _KNOT: "together", _ATTACK: "attacks"}
    if follow_ons:
        heads[_ATTACK + _STEP] = "follow-ons"
    for x, words in heads.items():
        ax.text(x, 0.72, words, ha="center", fontsize=LABEL, color=DIM)


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
        color = PALE if reach == 0 else GREY
        width = _width(reach, accounts)
        knot = (x - (_ATTACK - _KNOT), y + 0.26 * ((len(attack.routes) - 1) / 2 - number))
        for other in route.fields:
            _curve(ax, (places[other][0] + 0.72, places[other][1]), knot, color, width)
        for other in route.capabilities:
            _curve(ax, places[f"capability {other}"], knot, color, width)
        _curve(ax, knot, (x - 1.25, y), color, width)
        ax.plot(*knot, "o", color=INK if reach != 0 else GREY, markersize=5, zorder=4)


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
        words = "\n".join(textwrap.wrap(label_of_capability(capability), 11))
        ax.text(*place, words, ha="center", va="center", fontsize=SMALL, color="white", zorder=6, bbox=dark)


def _curve(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str, width: float) -> None:
    t = np.linspace(0, 1, 40)
    ease = t * t * (3 - 2 * t)
    ax.plot(
        start[0] + (end[0] - start[0]) * t,
        start[1] + (end[1] - start[1]) * ease,
        color=color,
        linewidth=width,
        alpha=0.75,
        zorder=1,
        solid_capstyle="round",
    )


def _box(
    ax: Axes, place: tuple[float, float], text: str, color: str, count: int | None, *, wide: bool = False
) -> None:
    half = 1.25 if wide else 0.72
    x, y = place
    box = FancyBboxPatch(
        (x - half, y - 0.34),
        2 * half,
        0.68,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=color,
        edgecolor="white",
        alpha=0.9 if color == PALE else 0.32,
        zorder=3,
    )
    ax.add_patch(box)
    habit = " *" if text.endswith(" *") else ""
    text = "\n".join(textwrap.wrap(text.removesuffix(" *"), 20 if wide else 12))
    if count is None or not count:
        text += habit
    number = "" if count is None else f"\n{human(float(f'{count:.3g}'))}{habit}" if count else "\nnone"
    label = text + number
    ax.text(x, y, label, ha="center", va="center", fontsize=SMALL, color=INK, zorder=5, linespacing=1.0)
