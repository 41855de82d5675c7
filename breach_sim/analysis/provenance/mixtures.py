"""Mixtures of probabilities over what an account has: leaked fields, fields that are looked up, traits.

Not here: the probabilities that are mixed (``branches``, ``rates``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import product
from operator import or_

import numpy as np

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.chain import same
from breach_sim.analysis.provenance.looked_up import Coins, Outcome, Values, Weights, few
from breach_sim.analysis.provenance.rates import Rates
from breach_sim.analysis.provenance.tree import Node
from breach_sim.analysis.provenance.words import fields_named, named, trait_named
from breach_sim.catalog import words_of
from breach_sim.engine.known import KnownRoutes
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Segment

NAMED = 3
"""How many combinations or routes a label names."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Something an account has or has not: fields that leak together, or a trait."""

    name: str
    estimate: Estimate
    bits: int = 0
    """The fields as a bit set; 0 for a trait."""
    label: str = ""
    """The name in words."""


class Mixtures(Rates):
    """Trees of mixtures in one impact, at some of its replicates.

    Parameters
    ----------
    impact
        Result of ``simulate``; capacity scales are held.
    rows
        The replicates the trees are of.
    """

    # ------------------------------------------------------------------------------------ who is open to what

    def _open(
        self, attacks: Iterable[Attack], known: int, held: frozenset[str]
    ) -> dict[str, tuple[Route, ...]]:
        """Routes of some attacks that are open to accounts with these known routes and traits."""
        own = list(attacks)
        key = ("open", known, held, *(a.name for a in own))
        return self.once(key, lambda: self._find_open(own, known, held))

    def _find_open(
        self, own: Sequence[Attack], known: int, held: frozenset[str]
    ) -> dict[str, tuple[Route, ...]]:
        granted: set[str] = set()
        while True:
            found = {
                a.name: tuple(
                    route
                    for route in a.routes
                    if known & self._bit(a, route)
                    and held.issuperset(route.traits)
                    and granted.issuperset(route.capabilities)
                )
                for a in own
            }
            grown = {c for a in own if found[a.name] for c in a.grants}
            if grown == granted:
                return found
            granted = grown

    def _bit(self, attack: Attack, route: Route) -> int:
        """Place of a route among all routes, as a bit."""
        return self.once(("bits",), self._find_bits)[attack.name, route.name]

    def _find_bits(self) -> dict[tuple[str, str], int]:
        names = ((attack.name, route.name) for attack in self._graph.attacks for route in attack.routes)
        return {name: 1 << number for number, name in enumerate(names)}

    def _leaked_routes(self, attacks: Sequence[Attack], mask: int) -> int:
        """Routes of some attacks of which all fields leaked. [bit set]."""
        return sum(self._bit(a, route) for a in attacks for route in a.routes if not route.field_mask & ~mask)

    def _switches(self, segment: Segment, attacks: Sequence[Attack], *, traits: bool) -> list[Switch]:
        """Leaks and traits of a segment that some attacks read."""
        wide = vocabulary.mask(segment.fields)
        everything = frozenset(self._graph.traits)
        usable = self._open(attacks, self._leaked_routes(attacks, wide), everything)
        routes = [route for own in usable.values() for route in own]
        read = 0
        for route in routes:
            read |= vocabulary.mask(route.fields)
        leaks = [
            Switch(
                ", ".join(leak.fields),
                leak.coverage,
                vocabulary.mask(leak.fields) & read,
                f"{fields_named(leak.fields)} leaked",
            )
            for leak in segment.leaks
            if vocabulary.mask(leak.fields) & read
            and not (leak.coverage.is_certain and not leak.coverage.central)
        ]
        names = sorted({name for route in routes for name in route.traits}) if traits else []
        return leaks + [
            Switch(name, self._graph.traits[name].share, label=trait_named(name, self._graph))
            for name in names
        ]

    def _mixed(
        self,
        segment: Segment,
        attacks: Sequence[Attack],
        rule: Callable[[int, frozenset[str]], Node | None],
        what: str,
        *,
        traits: bool = True,
    ) -> Node | None:
        """Mixture of a probability over what an account has: fields that leaked together, and traits."""
        if self.searched(segment, attacks):
            return self._mixed_known(segment, attacks, rule, what, traits=traits)
        switches = self._switches(segment, attacks, traits=traits)
        assumed = frozenset() if traits else frozenset(self._graph.traits)

        def at(on: Sequence[bool]) -> Node | None:
            # A field may leak in two breaches: bits are joined, not added.
            mask = reduce(or_, (s.bits for s, is_on in zip(switches, on, strict=True) if is_on), 0)
            held = frozenset(s.name for s, is_on in zip(switches, on, strict=True) if is_on and not s.bits)
            return rule(self._leaked_routes(attacks, mask), held | assumed)

        found = {on: at(on) for on in product((False, True), repeat=len(switches))}
        matters = [i for i in range(len(switches)) if _matters(found, i)]
        cases: dict[int, tuple[Node, list[tuple[bool, ...]]]] = {}
        for on, node in found.items():
            if node is not None and not any(is_on for i, is_on in enumerate(on) if i not in matters):
                known = next((key for key, (other, _) in cases.items() if same(node, other)), id(node))
                cases.setdefault(known, (node, []))[1].append(tuple(on[i] for i in matters))
        own = [switches[i] for i in matters]
        shares = [self._case(segment, own, node, combos) for node, combos in cases.values()]
        parts = [part for part in shares if part is not None]
        if not parts:
            return None
        label = f"share of segment {named(segment)}: {what}"
        return parts[0] if len(parts) == 1 else tree.total(label, "probability", parts)

    def _case(
        self, segment: Segment, switches: Sequence[Switch], node: Node, combos: list[tuple[bool, ...]]
    ) -> Node | None:
        """Share of accounts with some combinations of switches, times the probability given them."""
        leaves = [self.parameter(s.estimate) for s in switches]
        places = list({id(leaf): leaf for leaf in leaves}.values())
        index = [places.index(leaf) for leaf in leaves]
        words = " or ".join(_combination(switches, combo) for combo in combos[:NAMED])
        words += f" or {len(combos) - NAMED} more" if len(combos) > NAMED else ""
        # By estimates, not names: the same fields may leak in two breaches.
        key = ("share", segment.name, tuple(s.estimate.name for s in switches), tuple(combos))
        share = self.once(
            key,
            lambda: tree.made(
                f"share of segment {named(segment)} with {words}",
                "share",
                "share",
                places,
                partial(_share, index, combos),
            ),
        )
        if not share.values.any():
            return None
        return tree.product(f"in segment {named(segment)}, with {words}", "probability", [share, node])

    # ------------------------------------------------------------------------------------ look-ups

    def searched(self, segment: Segment, attacks: Sequence[Attack]) -> bool:
        """Whether look-ups change which routes of some attacks are known.

        Parameters
        ----------
        segment, attacks
            Where, and whose routes.

        Returns
        -------
        False where a route is known only if all its fields leaked.
        """
        if not self.impact.searches:
            return False
        key = ("searched", segment.name, *(a.name for a in attacks))
        return self.once(key, lambda: self._coins(segment, attacks, ()).move_with_searches())

    def _coins(self, segment: Segment, attacks: Sequence[Attack], traits: Sequence[str]) -> Coins:
        """Leaks, traits and look-ups of a segment from which the known routes of some attacks follow."""
        names = tuple(a.name for a in attacks)
        key = ("coins", segment.name, names, tuple(traits))
        return self.once(key, lambda: self._make_coins(segment, names, traits))

    def _make_coins(self, segment: Segment, names: Sequence[str], traits: Sequence[str]) -> Coins:
        routes = self.once(("routes", *names), lambda: KnownRoutes(self._graph, self._law.parameters, names))
        leaks = [
            leak
            for leak in segment.leaks
            if set(leak.fields) & routes.fields
            and not (leak.coverage.is_certain and not leak.coverage.central)
        ]
        return Coins(
            leaks=tuple((self.parameter(leak.coverage), vocabulary.mask(leak.fields)) for leak in leaks),
            traits=tuple(self.parameter(self._graph.traits[name].share) for name in traits),
            searches=tuple(self.parameter(estimate) for estimate in routes.estimates),
            known=routes.drawn,
            seed=self.impact.seed,
        )

    def _outcomes(
        self, segment: Segment, attacks: Sequence[Attack], *, traits: bool
    ) -> tuple[Coins, dict[Outcome, frozenset[str]]]:
        """Coins, and the traits held in each outcome: a set of known routes, and which traits show."""
        wide = sum(self._bit(a, route) for a in attacks for route in a.routes)
        everything = frozenset(self._graph.traits)
        usable = self._open(attacks, wide, everything)
        read = {name for own in usable.values() for route in own for name in route.traits}
        names = sorted(read) if traits else []
        coins = self._coins(segment, attacks, names)
        assumed = frozenset() if traits else everything
        return coins, {
            (known, on): assumed | {name for name, is_on in zip(names, on, strict=True) if is_on}
            for known in coins.routes()
            for on in product((False, True), repeat=len(names))
        }

    def _mixed_known(
        self,
        segment: Segment,
        attacks: Sequence[Attack],
        rule: Callable[[int, frozenset[str]], Node | None],
        what: str,
        *,
        traits: bool,
    ) -> Node | None:
        """Mixture of a probability over known routes and traits."""
        coins, outcomes = self._outcomes(segment, attacks, traits=traits)
        cases: dict[int, tuple[Node, list[Outcome]]] = {}
        for outcome, held in outcomes.items():
            node = rule(outcome[0], held)
            if node is not None:
                key = next((k for k, (other, _) in cases.items() if same(node, other)), id(node))
                cases.setdefault(key, (node, []))[1].append(outcome)
        parts = []
        for node, own in cases.values():
            share = self._known_share(segment, attacks, coins, own)
            if share.values.any():
                label = f"in segment {named(segment)}, {node.label.split(':')[0]}"
                parts.append(tree.product(label, "probability", [share, node]))
        if not parts:
            return None
        label = f"share of segment {named(segment)}: {what}"
        return parts[0] if len(parts) == 1 else tree.total(label, "probability", parts)

    def _known_share(
        self, segment: Segment, attacks: Sequence[Attack], coins: Coins, outcomes: Sequence[Outcome]
    ) -> Node:
        """Share of accounts with some sets of known routes and traits."""
        key = ("known", segment.name, *(a.name for a in attacks), tuple(outcomes), len(coins.traits))

        def make() -> Node:
            used = coins.moving(partial(coins.share, outcomes))

            def fold(parts: Sequence[Array]) -> Array:
                values = dict(zip(map(id, used), parts, strict=True))
                return coins.share(outcomes, values, coins.weights(values))

            values = coins.share(outcomes, {}, coins.weights({}))
            return Node(
                label=f"share of segment {named(segment)} with {self._named(attacks, outcomes)}",
                kind="share" if used else "given",
                unit="share",
                values=np.broadcast_to(values, (self.size,)),
                children=used,
                fold=fold if used else None,
                note="look-ups: probability that these routes become known from what leaked",
            )

        return self.once(key, make)

    def _named(self, attacks: Sequence[Attack], outcomes: Sequence[Outcome]) -> str:
        """Known routes in words: those of every outcome first."""
        sets = [
            [
                f"the route by {words_of(route.name)} of {a.label}"
                for a in attacks
                for route in a.routes
                if known & self._bit(a, route) and route.fields
            ]
            for known in dict.fromkeys(known for known, _ in outcomes)
        ]
        least = min(sets, key=len)
        words = " and ".join(least[:NAMED]) or "no route"
        words += f" and {len(least) - NAMED} more" if len(least) > NAMED else ""
        others = f", or {len(sets) - 1} other sets of routes" if len(sets) > 1 else ""
        return f"{words} known{others}"

    def mixed_any(
        self,
        segment: Segment,
        attacks: Sequence[Attack],
        rule: Callable[[int, frozenset[str]], tuple[Node, ...]],
        what: str,
    ) -> Node | None:
        """Probability of at least one of several events, over known routes and traits: one node.

        Parameters
        ----------
        segment, attacks
            Where, and by which attacks.
        rule
            Trees of independent events, given a set of known routes and the traits held.
        what
            What it is the share of.

        Returns
        -------
        Tree; None where it cannot happen.
        """
        coins, outcomes = self._outcomes(segment, attacks, traits=True)
        nodes: dict[int, Node] = {}
        cases: dict[tuple[int, ...], list[Outcome]] = {}
        for outcome, held in outcomes.items():
            own = rule(outcome[0], held)
            if own:
                nodes |= {id(node): node for node in own}
                cases.setdefault(tuple(id(node) for node in own), []).append(outcome)
        cases = {key: own for key, own in cases.items() if coins.share(own, {}, coins.weights({})).any()}
        if not cases:
            return None
        events = list(dict.fromkeys(number for key in cases for number in key))
        places = [([events.index(number) for number in key], own) for key, own in cases.items()]

        def mixture(parts: Sequence[Array], values: Values, weights: Weights) -> Array:
            total = np.zeros(1)
            for place, own in places:
                total = total + coins.share(own, values, weights) * of_any([parts[i] for i in place])
            return total

        children = [nodes[number] for number in events]
        used = coins.moving(partial(mixture, [few(child.values) for child in children]))

        def fold(parts: Sequence[Array]) -> Array:
            values = dict(zip(map(id, used), parts[len(children) :], strict=True))
            return mixture(parts[: len(children)], values, coins.weights(values))

        values = mixture([child.values for child in children], {}, coins.weights({}))
        return Node(
            label=f"share of segment {named(segment)}: {what}, over what is known",
            kind="mixture",
            unit="probability",
            values=np.broadcast_to(values, (self.size,)),
            children=(*children, *used),
            fold=fold,
            note="at least one attack succeeds, given the routes that leaks and look-ups make known",
        )


def _matters(found: Mapping[tuple[bool, ...], Node | None], place: int) -> bool:
    """Whether some probability changes when one switch is turned."""
    for on, node in found.items():
        if not on[place]:
            turned = tuple(is_on or i == place for i, is_on in enumerate(on))
            if not same(node, found[turned]):
                return True
    return False


def _combination(switches: Sequence[Switch], combo: Sequence[bool]) -> str:
    return " and ".join(s.label if on else f"not {s.label}" for s, on in zip(switches, combo, strict=True))


def _share(index: Sequence[int], combos: Sequence[tuple[bool, ...]], parts: Sequence[Array]) -> Array:
    """Share of accounts with some combinations of independent switches."""
    total = np.zeros(1)
    for combo in combos:
        share = np.ones(1)
        for place, on in zip(index, combo, strict=True):
            share = share * (parts[place] if on else 1.0 - parts[place])
        total = total + share
    return total


def of_any(parts: Sequence[Array]) -> Array:
    """Return the probability of at least one of several independent events.

    Parameters
    ----------
    parts
        Probabilities, at least one. Shape (R,) each.

    Returns
    -------
    Shape (R,). [probability]
    """
    spared = 1.0 - parts[0]
    for part in parts[1:]:
        spared = spared * (1.0 - part)
    return 1.0 - spared
