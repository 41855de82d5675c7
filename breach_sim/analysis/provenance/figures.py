"""Where a printed figure comes from: its tree down to segment, route, step, parameter, source and grade.

A figure has a path, such as ``attacks.sim_swap.victims.p50``: measure, then statistic. Its tree is that of
the expectation given the parameters. The tree of a mean is over all replicates. A quantile is one of the
drawn values: its tree is over the replicates *near* it (:func:`near`), and what chance added in their draws
is one leaf beside it. The leaves give the printed figure again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.analysis.attributions.by_fields import check_as_it_was
from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.branches import Branches
from breach_sim.analysis.provenance.ledger import firm_tree, line_tree
from breach_sim.analysis.provenance.tree import Node
from breach_sim.analysis.provenance.words import named
from breach_sim.catalog import label_of_capability
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.errors import mean_error, quantile_error
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.tables import LEVELS, STATISTICS
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.firm.ledger import LINES
from breach_sim.results.impact import Impact, check_impact

WORDS = {
    "attackable": "accounts",
    "attempted": "accounts",
    "victims": "accounts",
    "loss_usd": "USD",
    "hours": "hours",
}
"""What can be explained of every attack, and its unit."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """A sample that tables print, and how its tree is made."""

    unit: str
    sample: Callable[[], NDArray[Any]]
    tree: Callable[[Branches], Node | None]


def figures(impact: Impact) -> tuple[str, ...]:
    """Paths of all figures that can be explained.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Measure and statistic, joined by a dot.
    """
    return tuple(f"{name}.{statistic}" for name in _measures(impact) for statistic in STATISTICS)


def samples(impact: Impact) -> Mapping[str, tuple[str, Callable[[], NDArray[Any]]]]:
    """Samples behind the figures that can be explained, for pages that quote them.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    By measure, such as ``people``: its unit, and a function that returns the drawn values, shape (R,). The
    quantile of a sample is the value of :func:`explain` for that measure and statistic.

    Raises
    ------
    ValueError
        If the impact contains mitigations.
    """
    check_as_it_was(impact)
    return {name: (measure.unit, measure.sample) for name, measure in _measures(impact).items()}


def explain(impact: Impact, path: str) -> Node:
    """Explain a figure: the tree of parameters, counts and draws that it comes from.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    path
        The figure: ``people``, ``loss_usd``, ``firm_cost_usd``, ``exposed``, ``firm.<line>`` or
        ``attacks.<name>.<word>``, followed by ``.p5``, ``.p50``, ``.p95`` or ``.mean``.

    Returns
    -------
    Root of the tree; its value is the printed figure, and its note has the standard error. Its first child is
    the expectation given the parameters: over all replicates, or over those near a quantile.
    ``provenance.as_text`` and ``provenance.as_json`` print the tree, ``provenance.recompute`` computes it
    from its leaves.

    Raises
    ------
    ValueError
        If there is no such figure (the message names those that exist), or the impact contains mitigations.

    Notes
    -----
    Capacity scales are held: they are leaves. Anchor factors are followed to their parameters unless the
    impact holds them from another run. A parameter stands in the tree exactly if a small change of it moves
    the expectation. Probabilities of the release table are no leaves: they decide which way was drawn, and
    the tree is of the way that was.

    Examples
    --------
    >>> from breach_sim import api
    >>> node = explain(api.simulate("tmobile-2021-stated", replicates=50), "attacks.sim_swap.victims.mean")
    >>> node.unit, [child.kind for child in node.children]
    ('accounts', ['sum'])
    """
    check_impact(impact)
    check_as_it_was(impact)
    measures = _measures(impact)
    name, _, statistic = path.rpartition(".")
    if name not in measures or statistic not in STATISTICS:
        raise ValueError(
            f"{unknown('figure', path, _near(path, measures), 'explain')} Every attack has "
            f"{', '.join(WORDS)}, and every figure {', '.join(f'.{s}' for s in STATISTICS)}; "
            "'breach-sim run --json' lists attacks and lines."
        )
    measure = measures[name]
    if statistic == "mean":
        return _of_mean(impact, path, measure)
    sample = np.asarray(measure.sample(), dtype=np.float64)
    return _of_quantile(impact, path, measure, sample, statistic)


def _near(path: str, measures: Mapping[str, _Measure]) -> list[str]:
    """Figures to name to who wrote another: all of one measure, or one of each."""
    name, _, statistic = path.rpartition(".")
    for measure in (path, name):
        if measure in measures:
            return [f"{measure}.{each}" for each in STATISTICS]
    return [f"{each}.{statistic if statistic in STATISTICS else 'mean'}" for each in measures]


def near(sample: Array, level: float) -> NDArray[np.int64]:
    """Replicates near a quantile: those that the sampling error cannot tell from it.

    Parameters
    ----------
    sample
        One drawn value a replicate. Shape (R,).
    level
        Level of the quantile. (0, 1)

    Returns
    -------
    Numbers of the replicates whose rank lies within one standard deviation of a binomial rank,
    sqrt(R p (1 - p)), of the rank of the quantile, ascending; at least one.

    Examples
    --------
    >>> near(np.arange(100.0), 0.5)[[0, -1]]
    array([45, 54])
    """
    middle = (len(sample) - 1) * level
    reach = np.sqrt(len(sample) * level * (1.0 - level))
    first, last = int(np.ceil(middle - reach)), int(np.floor(middle + reach))
    order = np.argsort(sample, kind="stable")
    return np.sort(order[max(min(first, round(middle)), 0) : max(last, round(middle)) + 1])


def _of_mean(impact: Impact, path: str, measure: _Measure) -> Node:
    """Tree of a mean: the expectation, over all replicates."""
    expected = _expected(measure, Branches(impact, slice(None)))
    error = _shown(mean_error(expected.values, impact.scramble), measure.unit)
    note = f"the mean over {impact.replicates:,} replicates of the expectation; standard error {error}"
    return _figure(impact, path, measure.unit, [expected], note)


def _of_quantile(impact: Impact, path: str, measure: _Measure, sample: Array, statistic: str) -> Node:
    """Tree of a quantile: expectation and chance over the replicates near it, and what is left."""
    level = LEVELS[STATISTICS.index(statistic)]
    rows = near(sample, level)
    printed, own = float(np.quantile(sample, level)), sample[rows]
    expected = _expected(measure, Branches(impact, rows))
    children = [replace(expected, note=_with_error(expected.note, expected))]
    luck = own - expected.values
    if np.any(np.abs(luck) > _ROUNDING * np.abs(own)):
        chance = _leaf("what chance added", "chance", measure.unit, luck)
        note = "given the parameters, single accounts and losses are drawn"
        children.append(replace(chance, note=_with_error(note, chance)))
    rest = printed - float(own.mean())
    if abs(rest) > _ROUNDING * abs(printed):
        note = "the quantile is one value, and those near it lie on both sides of it"
        children.append(
            _leaf("from their mean to the quantile", "chance", measure.unit, np.array([rest]), note)
        )
    error = _shown(quantile_error(sample, level, impact.scramble), measure.unit)
    which = (
        f"the {statistic[1:]} % quantile of {impact.replicates:,} replicates; standard error {error}; its "
        f"parts are means over the {len(rows):,} nearest, which the error of a rank cannot tell from it"
    )
    return _figure(impact, path, measure.unit, children, which)


def _expected(measure: _Measure, branches: Branches) -> Node:
    """Tree of the expectation; a leaf of zeros where nothing can happen."""
    found = measure.tree(branches)
    if found is not None:
        return found
    return _leaf("expected: nothing can happen", "given", measure.unit, np.zeros(branches.size))


def _figure(impact: Impact, path: str, unit: str, children: list[Node], note: str) -> Node:
    """Root of a tree: the printed figure."""
    label = f"{path} of {impact.scenario.title}"
    note = f"{note}; {impact.horizon_years:g} years, seed {impact.seed}"
    return replace(tree.total(label, unit, children, note), kind="figure")


def _with_error(note: str, node: Node) -> str:
    """Note of a part of a quantile, with the standard error of its mean over the replicates near it."""
    if node.values.size == 1:
        return note
    error = (
        f"the mean over these replicates has a standard error of {_shown(mean_error(node.values), node.unit)}"
    )
    return f"{note}; {error}" if note else error


def _shown(error: float, unit: str) -> str:
    return f"{error:.2g} {unit}"


_ROUNDING = 1e-12
"""Below it, relative, a difference is rounding and not luck."""
_SAME = 1e-10
"""Below it, relative, two ways to one number agree: 1 - (1 - p) has lost the last digits of a small p."""


def _leaf(label: str, kind: str, unit: str, values: Array, note: str = "") -> Node:
    return Node(label=label, kind=kind, unit=unit, values=values, note=note)


# ------------------------------------------------------------------------------------ measures


def _measures(impact: Impact) -> dict[str, _Measure]:
    """Everything that has a tree, by the first part of its path."""
    found = {
        "people": _Measure("accounts", lambda: impact.people, partial(_people, impact)),
        "loss_usd": _Measure("USD", lambda: impact.loss, partial(_loss, impact)),
        "exposed": _Measure("accounts", lambda: impact.drawn.exposed.sum(axis=0), partial(_exposed, impact)),
    }
    if impact.firm_lines:
        found["firm_cost_usd"] = _Measure("USD", lambda: _cost(impact), partial(firm_tree, impact))
        for line in LINES:
            found[f"firm.{line}"] = _Measure(
                "USD", partial(_line_cost, impact, line), partial(line_tree, impact, line)
            )
    circle = Branches(impact, slice(0, 1))
    for number, attack in enumerate(impact.attacks.attacks):
        for word, unit in WORDS.items():
            if word == "attempted" and attack.grants and circle.in_circle(attack):
                continue
            found[f"attacks.{attack.name}.{word}"] = _Measure(
                unit, partial(_of_attack, impact, number, word), partial(_attack, impact, attack, word)
            )
    return found


def _of_attack(impact: Impact, number: int, word: str) -> NDArray[Any]:
    if word == "hours":
        attack = impact.attacks.attacks[number]
        return np.asarray(impact.drawn.victims[number].sum(axis=0) * impact.law.parameters(attack.hours))
    arrays = {
        "attackable": impact.drawn.attackable,
        "attempted": impact.drawn.attempted,
        "victims": impact.drawn.victims,
        "loss_usd": impact.pool_losses,
    }
    return np.asarray(arrays[word][number].sum(axis=0))


def _cost(impact: Impact) -> Array:
    return np.zeros(impact.replicates) if impact.firm_cost is None else impact.firm_cost


def _line_cost(impact: Impact, line: str) -> Array:
    return np.asarray(np.broadcast_to(impact.firm_lines[line], (impact.replicates,)))


def _people(impact: Impact, branches: Branches) -> Node | None:
    """Expected people harmed: over segments, accounts x probability of any harm."""
    parts = []
    for segment in impact.scenario.segments:
        harmed = branches.harmed(segment)
        if harmed is not None:
            label = f"people of segment {named(segment)}"
            parts.append(tree.product(label, "accounts", [branches.accounts(segment), harmed]))
    return tree.total("expected people harmed by any attack", "accounts", parts) if parts else None


def _exposed(impact: Impact, branches: Branches) -> Node | None:
    """Accounts with any field leaked: 1 less the shares kept, block by block."""
    parts = []
    for segment in impact.scenario.segments:
        leaks = [leak for leak in segment.leaks if set(leak.fields) & set(segment.fields)]
        leaves = [branches.parameter(leak.coverage) for leak in leaks]
        places = list({id(leaf): leaf for leaf in leaves}.values())
        if places:
            fold = partial(_lost_any, [places.index(leaf) for leaf in leaves])
            share = tree.made(f"share of segment {named(segment)} exposed", "share", "share", places, fold)
            label = f"exposed accounts of segment {named(segment)}"
            parts.append(tree.product(label, "accounts", [branches.accounts(segment), share]))
    return tree.total("expected accounts exposed", "accounts", parts) if parts else None


def _lost_any(index: list[int], parts: Any) -> Array:
    spared: Array = np.ones(1)
    for place in index:
        spared = spared * (1.0 - parts[place])
    return 1.0 - spared


def _attack(impact: Impact, attack: Attack, word: str, branches: Branches) -> Node | None:
    if word == "loss_usd":
        return _loss_of(impact, attack, branches)
    if word == "hours":
        parts = _accounts(impact, attack, "victims", branches)
        hours = branches.parameter(attack.hours)
        if parts is None or not hours.values.any():
            return None
        return tree.product(f"expected hours lost to {attack.label}", "hours", [hours, parts])
    return _accounts(impact, attack, word, branches)


def _accounts(impact: Impact, attack: Attack, word: str, branches: Branches) -> Node | None:
    """Expected accounts of one word of the funnel: over segments, accounts x probability."""
    chance = {"attackable": branches.attackable, "attempted": branches.attempted, "victims": branches.victim}
    parts = []
    for segment in impact.scenario.segments:
        share = chance[word](segment, attack)
        if share is not None:
            label = f"{word} of {attack.label} in segment {named(segment)}"
            parts.append(tree.product(label, "accounts", [branches.accounts(segment), share]))
    return tree.total(f"expected accounts, {attack.label}: {word}", "accounts", parts) if parts else None


def _loss(impact: Impact, branches: Branches) -> Node | None:
    """Expected loss: over attacks."""
    found = {attack.name: _loss_of(impact, attack, branches) for attack in impact.attacks.attacks}
    parts = [part for part in found.values() if part is not None and part.values.any()]
    for anchor in impact.attacks.attacks:
        own = [
            part
            for name in (anchor.anchor.follow_ons if anchor.anchor else ())
            if (part := found[name]) is not None
        ]
        met = _anchored(impact, anchor, own, branches)
        if met is not None:
            parts = [part for part in parts if part not in own] + [met]
    return tree.total("expected loss, over attacks", "USD", parts) if parts else None


def _loss_of(impact: Impact, attack: Attack, branches: Branches) -> Node | None:
    """Expected loss of one attack: victims x mean loss of a victim x anchor factor."""
    severity = branches.parameter(attack.severity)
    if not severity.values.any():
        return None
    victims = _accounts(impact, attack, "victims", branches)
    if victims is None:
        return None
    factor = _factor(impact, attack, branches)
    children = [severity, victims] if factor is None else [severity, victims, factor]
    children += _common(impact, attack, branches)
    node = tree.product(f"expected loss to {attack.label}", "USD", children)
    sole = [a for a in impact.attacks.attacks if a.anchor and a.anchor.follow_ons == (attack.name,)]
    met = _anchored(impact, sole[0], [node], branches) if sole else None
    return node if met is None else met


def _common(impact: Impact, attack: Attack, branches: Branches) -> list[Node]:
    """Leaves of what mean losses have in common; none if the graph has no drivers and US numbers."""
    return [branches.parameter(factor) for factor in impact.attacks.on_loss(attack)]


# ------------------------------------------------------------------------------------ anchors


def _factor(impact: Impact, attack: Attack, branches: Branches) -> Node | None:
    """Anchor factor of a follow-on, followed to its parameters; None for an attack without one."""
    if attack.name not in impact.factors:
        return None
    anchors = [a for a in impact.attacks.attacks if a.anchor and attack.name in a.anchor.follow_ons]
    if impact.fixed_from_baseline["factors"] or not anchors:
        values = np.broadcast_to(impact.factors[attack.name], (impact.replicates,))[branches.rows]
        return _leaf(f"anchor factor of {attack.label}", "held", "1", values, "held from another run")
    return branches.once(("factor", anchors[0].name), lambda: _ratio(impact, anchors[0], branches))


def _anchored(impact: Impact, anchor: Attack, own: list[Node], branches: Branches) -> Node | None:
    """Loss to all follow-ons of an anchor where it meets its mean whatever the split; None elsewhere.

    There the numbers behind the split move nothing.
    """
    met = _met(impact, anchor, branches) if own and not impact.fixed_from_baseline["factors"] else None
    if met is None or not np.allclose(sum(p.values for p in own), met.values, rtol=_SAME, atol=0):
        return None
    return met


def _met(impact: Impact, anchor: Attack, branches: Branches) -> Node | None:
    """Loss of all who hold what an anchor grants, if each loses the published mean."""
    if anchor.anchor is None:
        return None
    parts = []
    for segment in impact.scenario.segments:
        share = branches.holding(segment, anchor)
        if share is not None:
            gained = " and ".join(map(label_of_capability, anchor.grants))
            label = f"accounts of segment {named(segment)} with {gained} in wrong hands"
            parts.append(tree.product(label, "accounts", [branches.accounts(segment), share]))
    if not parts:
        return None
    names = "; ".join(impact.attacks[name].label for name in anchor.anchor.follow_ons)
    return tree.product(
        f"expected loss to the follow-ons of {anchor.label}",
        "USD",
        [
            branches.parameter(anchor.anchor.mean_loss),
            tree.total("accounts lost control of", "accounts", parts),
            *_common(impact, impact.attacks[anchor.anchor.follow_ons[0]], branches),
        ],
        f"anchored to a published mean, whatever the split over {names}",
    )


def _ratio(impact: Impact, anchor: Attack, branches: Branches) -> Node | None:
    if anchor.anchor is None:
        return None
    lost = []
    for name in anchor.anchor.follow_ons:
        attack, parts = impact.attacks[name], []
        severity = branches.parameter(attack.severity)
        for segment in impact.scenario.segments if severity.values.any() else ():
            both = branches.both(segment, anchor, attack)
            if both is not None:
                label = f"victims of {anchor.label} and of {attack.label} in segment {named(segment)}"
                parts.append(tree.product(label, "accounts", [branches.accounts(segment), both]))
        if parts:
            victims = tree.total(f"victims of {anchor.label} and of {attack.label}", "accounts", parts)
            label = f"lost to {attack.label} after {anchor.label}, before the factor"
            lost.append(tree.product(label, "USD", [severity, victims]))
    swapped = _accounts(impact, anchor, "victims", branches)
    if not lost or swapped is None:
        return None
    target = branches.parameter(anchor.anchor.mean_loss)
    money = tree.total(f"lost after {anchor.label}, before the factor", "USD", lost)
    label = f"anchor factor: published mean loss x victims of {anchor.label} / what they lose without it"
    return tree.made(label, "ratio", "1", [target, swapped, money], _meeting)


def _meeting(parts: Any) -> Array:
    target, victims, money = parts
    return np.where(money > 0, target * victims / np.where(money > 0, money, 1.0), 1.0)
