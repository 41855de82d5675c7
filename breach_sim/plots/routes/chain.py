"""The chain of attacks: what a taken-over phone number leads on to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.patches import FancyBboxPatch

from breach_sim.analysis.subjects import subject
from breach_sim.catalog import label_of_capability
from breach_sim.formatting.display import in_sentence
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.plots.colors import DIM, GREY, INK, VICTIMS
from breach_sim.plots.language.captions import describe
from breach_sim.plots.language.header import finding, signed, wrapped
from breach_sim.plots.language.placing import say_empty
from breach_sim.plots.language.style import LABEL, SMALL, WIDTH, axes_or_new, in_style
from breach_sim.plots.language.words import victims_by_attack
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
_BOX, _PILL, _GAP, _PAD = 1.62, 0.96, 0.29, 0.06
"""Widths of an attack and of a capability, the space between columns, and inside a box. [inches]"""
_LINE = 0.15
"""Height of a line of text. [inches]"""


@dataclass(frozen=True, slots=True)
class _Box:
    """What is drawn at one place of the chain."""

    name: str
    lines: tuple[str, ...]
    victims: str
    column: int

    def height(self) -> float:
        return _LINE * (len(self.lines) + bool(self.victims)) + 2 * _PAD


@in_style
def chain(of: Impact | AttackGraph, ax: Axes | None = None, *, footer: bool = True) -> Axes:
    """Draw which attacks lead on to which: a graph of the attacks that grant something and of what they open.

    Parameters
    ----------
    of
        Result of ``simulate``, which adds the victims; or attacks.
    ax
        Axes to draw on; if None, new axes are created.
    footer
        Whether a new figure says at its foot where its numbers are from.

    Returns
    -------
    The axes. From left to right: first attacks, what they give, and the attacks that need it. Victims are
    medians. [accounts]
    """
    impact = of if isinstance(of, Impact) else None
    graph = of.attacks if isinstance(of, Impact) else of
    title = subject(of) if isinstance(of, Impact) else "All attacks of the graph"
    boxes, arrows = _boxes(graph, impact)
    if not arrows:
        what = "No attack leads on to another"
        return say_empty(axes_or_new(ax, WIDTH, 1.0), what, title, "no attack needs an earlier one")
    columns = [[box for box in boxes if box.column == c] for c in range(max(box.column for box in boxes) + 1)]
    height = max(sum(box.height() + 0.12 for box in column) for column in columns) + 0.1
    ax = axes_or_new(ax, WIDTH, height + 0.1)
    places = _draw(ax, columns, height)
    for start, end in arrows:
        _arrow(ax, places[start], places[end])
    sentence = _sentence(graph, impact)
    finding(ax, sentence, f"{title}. An arrow reads: gives, or is needed for.")
    describe(ax, f"{sentence}. Chain of attacks for {title}: {_in_words(graph, arrows)}.")
    return signed(ax, impact, footer)


def _in_words(graph: AttackGraph, arrows: Sequence[tuple[str, str]]) -> str:
    """What gives each capability, and what it opens."""
    sentences = []
    for given in dict.fromkeys(name for arrow in arrows for name in arrow if name not in graph.names):
        givers = [in_sentence(graph[start].label) for start, end in arrows if end == given]
        opened = [in_sentence(graph[end].label) for start, end in arrows if start == given]
        verb = "gives" if len(givers) == 1 else "give"
        what = label_of_capability(given)
        sentences.append(f"{' and '.join(givers)} {verb} {what}, which opens {', '.join(opened)}")
    return "; ".join(sentences)


def _boxes(graph: AttackGraph, impact: Impact | None) -> tuple[list[_Box], list[tuple[str, str]]]:
    """Attacks and capabilities with their columns, and the arrows between them."""
    victims = victims_by_attack(impact) if impact else {}
    needed = _needed(graph)
    giving = {a.name: sorted(needed & set(a.grants)) for a in graph.attacks if a.routes}
    later = {a.name: _least(a) for a in graph.attacks if any(route.capabilities for route in a.routes)}
    column = _columns(graph, giving, later)
    arrows = [(name, given) for name, own in giving.items() if name in column for given in own]
    for name, sets in later.items():
        if name in column:
            arrows += [(given, name) for given in sorted({given for own in sets for given in own})]
    shown = {name for arrow in arrows for name in arrow}
    return [_box(name, at, graph, victims) for name, at in column.items() if name in shown], arrows


def _needed(graph: AttackGraph) -> set[str]:
    return {c for attack in graph.attacks for route in attack.routes for c in route.capabilities}


def _columns(
    graph: AttackGraph, giving: Mapping[str, list[str]], later: Mapping[str, list[frozenset[str]]]
) -> dict[str, int]:
    """Column of each attack and capability: behind everything that gives it, as far to the left as may be."""
    column = {name: 0 for name, own in giving.items() if own and name not in later}
    first = tuple(column)
    for _ in graph.attacks:
        for name in [name for name in giving if name in column]:
            for given in giving[name]:
                column.setdefault(given, column[name] + 1)
        for name, sets in later.items():
            reached = [max(column[given] for given in own) for own in sets if own <= set(column)]
            if reached:
                column.setdefault(name, min(reached) + 1)
    # What is given late as well stands behind its last giver, and its first givers right before it.
    for given in [name for name in column if name not in graph.names]:
        givers = [name for name, own in giving.items() if given in own and name in column]
        column[given] = max(column[name] for name in givers) + 1
    for name, sets in later.items():
        if name in column:
            column[name] = min(max(column[given] for given in own) for own in sets if own <= set(column)) + 1
    return column | {name: min(column[given] for given in giving[name]) - 1 for name in first}


def _least(attack: Attack) -> list[frozenset[str]]:
    """Alternative sets of capabilities, without those that ask for more than another one."""
    later = [route for route in attack.routes if route.capabilities]
    routes = [(frozenset(route.capabilities), set(route.traits)) for route in later]
    kept = {
        own for own, traits in routes if not any(other < own and habits <= traits for other, habits in routes)
    }
    return sorted(kept, key=sorted)


def _box(name: str, column: int, graph: AttackGraph, victims: Mapping[str, str]) -> _Box:
    if name not in graph.names:
        words = wrapped(label_of_capability(name), SMALL, _PILL - 2 * _PAD, bold=True)
        return _Box(name, tuple(words.split("\n")), "", column)
    words = wrapped(graph[name].label, LABEL, _BOX - 2 * _PAD)
    return _Box(name, tuple(words.split("\n")), _people(victims[name]) if victims else "", column)


def _people(number: str) -> str:
    return "1 victim" if number == "1" else f"{number} victims"


def _sentence(graph: AttackGraph, impact: Impact | None) -> str:
    """What is given first, and how many attacks it opens."""
    needed = _needed(graph)
    first = [a for a in graph.attacks if needed & set(a.grants) and any(r.fields for r in a.routes)]
    given = next((c for a in first for c in a.grants if c in needed), min(needed))
    opened = [a for a in graph.attacks if a not in first and any(r.capabilities for r in a.routes)]
    what = f"Anyone who gains {label_of_capability(given)} can go on to "
    if len(opened) == 1:
        return what + in_sentence(opened[0].label)
    what += f"{len(opened)} other attacks"
    if impact is None:
        return what
    means = dict(zip(impact.attacks.names, impact.per_attack("loss_usd").mean(axis=1), strict=True))
    losses = {a.label: float(means[a.name]) for a in opened}
    worst = max(losses, key=lambda label: losses[label])
    return f"{what}; {in_sentence(worst)} costs most" if losses[worst] else what


def _draw(ax: Axes, columns: list[list[_Box]], height: float) -> dict[str, tuple[float, float, float]]:
    """Draw the boxes, in inches; return left edge, right edge and middle height of each."""
    widths = [_BOX if n % 2 == 0 else _PILL for n in range(len(columns))]
    whole = sum(widths) + _GAP * (len(columns) - 1)
    wide = max(WIDTH - 0.1, whole)
    ax.set(xlim=(0, wide), ylim=(height, 0))
    ax.axis("off")
    places, x = {}, (wide - whole) / 2
    for column, width in zip(columns, widths, strict=True):
        free = height - sum(box.height() for box in column)
        gap = free / (len(column) + 1)
        y = gap
        for box in column:
            _draw_box(ax, box, x, y, width)
            places[box.name] = (x, x + width, y + box.height() / 2)
            y += box.height() + gap
        x += width + _GAP
    return places


def _draw_box(ax: Axes, box: _Box, x: float, y: float, width: float) -> None:
    pill = width == _PILL
    shape = f"round,pad=0,rounding_size={0.14 if pill else 0.05}"
    look: dict[str, Any] = {"facecolor": INK if pill else "white", "edgecolor": INK if pill else GREY}
    ax.add_patch(FancyBboxPatch((x, y), width, box.height(), boxstyle=shape, zorder=3, linewidth=1, **look))
    middle = x + width / 2
    text: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4}
    own: dict[str, Any] = {"color": INK, "fontsize": LABEL}
    if pill:
        own = {"color": "white", "weight": "bold", "fontsize": SMALL}
    for number, line in enumerate(box.lines):
        ax.text(middle, y + _PAD + _LINE * (number + 0.5), line, **text, **own)
    if box.victims:
        at = y + _PAD + _LINE * (len(box.lines) + 0.5)
        ax.text(middle, at, box.victims, color=VICTIMS, weight="bold", fontsize=SMALL, **text)


def _arrow(ax: Axes, start: tuple[float, float, float], end: tuple[float, float, float]) -> None:
    """A curve between the facing edges of two boxes."""
    forward = end[0] > start[1]
    first, last = (start[1], end[0]) if forward else (start[0], end[1])
    down = end[2] - start[2]
    bend = 0.0 if abs(down) < _LINE / 10 else 0.12 * (-1 if (down > 0) == forward else 1)
    look = {"arrowstyle": "-|>", "color": DIM, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
    look["connectionstyle"] = f"arc3,rad={bend:g}"
    ax.annotate("", (last, end[2]), (first, start[2]), arrowprops=look, zorder=2)
