"""Trees of probabilities: an account of a segment is attackable, attempted, a victim, harmed at all.

Follows docs/model.md 2.2 to 2.4 step by step, on values already drawn, and keeps of every rule only what
the number depends on: a route that never is the best, a clock, a step, a trait or a coverage whose change
leaves the number as it is has no place in its tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.chain import Plan, idle, same
from breach_sim.analysis.provenance.rates import Rates
from breach_sim.analysis.provenance.tree import Node
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import closure
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Segment

Open = Mapping[str, tuple[Route, ...]]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something an account has or has not: fields that leak together, or a trait."""

    name: str
    estimate: Estimate
    bits: int = 0
    """The fields as a bit set; 0 for a trait."""


class Branches(Rates):
    """Trees of one impact at some of its replicates.

    Parameters
    ----------
    impact
        Result of ``simulate``; capacity scales are held.
    rows
        The replicates the trees are of.
    """

    # ------------------------------------------------------------------------------------ what is asked for

    def victim(self, segment: Segment, attack: Attack) -> Node | None:
        """Probability that an account is a victim.

        Parameters
        ----------
        segment, attack
            Where, and of what.

        Returns
        -------
        Tree; None where it cannot happen.
        """
        rule = partial(self._victim_given, segment, attack)
        return self.once(
            ("victim", segment.name, attack.name),
            lambda: self._mixed(segment, self._behind(attack), rule, f"victims of {attack.label}"),
        )

    def attempted(self, segment: Segment, attack: Attack) -> Node | None:
        """Probability that an account is attempted.

        Parameters
        ----------
        segment, attack
            Where, and by what.

        Returns
        -------
        Tree; None where it cannot happen.
        """
        rule = partial(self._attempted_given, segment, attack)
        return self._mixed(segment, self._behind(attack), rule, f"attempted by {attack.label}")

    def attackable(self, segment: Segment, attack: Attack) -> Node | None:
        """Probability that the leaked fields satisfy some route, traits and earlier steps assumed.

        Parameters
        ----------
        segment, attack
            Where, and by what.

        Returns
        -------
        Tree; None where they cannot.
        """
        number = self._graph.names.index(attack.name)
        behind = self._behind(attack)

        def rule(mask: int, _: frozenset[str]) -> Node | None:
            if not closure(self._graph, np.array([mask], dtype=np.uint64))[0, number]:
                return None
            return self.once(("sure",), lambda: self.given("some route is satisfied", 1.0))

        return self._mixed(segment, behind, rule, f"attackable by {attack.label}", traits=False)

    def harmed(self, segment: Segment) -> Node | None:
        """Probability that an account is a victim of any attack.

        Parameters
        ----------
        segment
            Where.

        Returns
        -------
        Tree; None where nothing can happen. Whoever is harmed is victim of an initial attack: follow-ons
        add no one.
        """
        first = [attack for attack in self._graph.attacks if attack.kind == "initial"]

        return self._mixed(segment, first, partial(self._any_given, segment, first), "harmed by any attack")

    def holding(self, segment: Segment, anchor: Attack) -> Node | None:
        """Probability that some attack granted what an anchoring attack grants.

        Parameters
        ----------
        segment, anchor
            Where, and an attack that grants.

        Returns
        -------
        Tree; None where it cannot happen, or where a follow-on grants it too.
        """
        givers = [a for a in self._graph.granting if set(a.grants) & set(anchor.grants)]
        if any(a.kind != "initial" for a in givers):
            return None
        return self._mixed(segment, givers, partial(self._any_given, segment, givers), "lost control of")

    def _any_given(
        self, segment: Segment, first: Sequence[Attack], mask: int, held: frozenset[str]
    ) -> Node | None:
        """Probability of being victim of any of some initial attacks."""
        usable = self._open(first, mask, held)
        found = [self.initial(segment, a, usable[a.name], "successes") for a in first if usable[a.name]]
        if len(found) < 2:  # noqa: PLR2004 - of one attack nothing is to be combined
            return found[0] if found else None
        key = ("any", *(id(node) for node in found))
        return self.once(
            key, lambda: tree.made("victim of at least one of these", "any", "probability", found, _any)
        )

    def both(self, segment: Segment, anchor: Attack, attack: Attack) -> Node | None:
        """Probability that an account is victim of an anchoring attack and of its follow-on.

        Parameters
        ----------
        segment, anchor, attack
            Where, and of what.

        Returns
        -------
        Tree; None where it cannot happen.
        """
        rule = partial(self._victim_given, segment, attack, with_=anchor.name)
        return self._mixed(
            segment, self._behind(attack), rule, f"victims of {anchor.label} and of {attack.label}"
        )

    def in_circle(self, attack: Attack) -> bool:
        """Whether an attack grants, in the end, what it needs itself.

        Parameters
        ----------
        attack
            Any.

        Returns
        -------
        Of such a follow-on there is no tree of who is attempted.
        """
        return any(attack in self._behind(a) for a in self._behind(attack) if a is not attack)

    # ------------------------------------------------------------------------------------ who is open to what

    def _behind(self, attack: Attack) -> list[Attack]:
        """An attack and all that grant what it or they need."""
        return self.once(("behind", attack.name), lambda: self._find_behind(attack))

    def _find_behind(self, attack: Attack) -> list[Attack]:
        wanted = {attack.name}
        while True:
            needed = {c for name in wanted for route in self._graph[name].routes for c in route.capabilities}
            grown = wanted | {g.name for g in self._graph.granting if needed & set(g.grants)}
            if grown == wanted:
                return [a for a in self._graph.attacks if a.name in wanted]
            wanted = grown

    def _open(
        self, attacks: Iterable[Attack], mask: int, held: frozenset[str]
    ) -> dict[str, tuple[Route, ...]]:
        """Routes of some attacks that are open to accounts with these fields and traits."""
        own = list(attacks)
        key = ("open", mask, held, *(a.name for a in own))
        return self.once(key, lambda: self._find_open(own, mask, held))

    def _find_open(
        self, own: Sequence[Attack], mask: int, held: frozenset[str]
    ) -> dict[str, tuple[Route, ...]]:
        granted: set[str] = set()
        while True:
            found = {
                a.name: tuple(
                    route
                    for route in a.routes
                    if not self._needs(a, route) & ~mask
                    and held.issuperset(route.traits)
                    and granted.issuperset(route.capabilities)
                )
                for a in own
            }
            grown = {c for a in own if found[a.name] for c in a.grants}
            if grown == granted:
                return found
            granted = grown

    def _needs(self, attack: Attack, route: Route) -> int:
        """Bits of the fields of a route."""
        return self.once(("fields", attack.name, route.name), lambda: route.field_mask)

    def _switches(self, segment: Segment, attacks: Sequence[Attack], *, traits: bool) -> list[Switch]:
        """Leaks and traits of a segment that some attacks read."""
        wide = vocabulary.mask(segment.fields)
        everything = frozenset(self._graph.traits)
        usable = self._open(attacks, wide, everything)
        routes = [route for own in usable.values() for route in own]
        read = 0
        for route in routes:
            read |= vocabulary.mask(route.fields)
        leaks = [
            Switch(f"{', '.join(leak.fields)} leaked", leak.coverage, vocabulary.mask(leak.fields) & read)
            for leak in segment.leaks
            if vocabulary.mask(leak.fields) & read
            and not (leak.coverage.is_certain and not leak.coverage.central)
        ]
        names = sorted({name for route in routes for name in route.traits}) if traits else []
        return leaks + [Switch(name, self._graph.traits[name].share) for name in names]

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
        switches = self._switches(segment, attacks, traits=traits)
        assumed = frozenset() if traits else frozenset(self._graph.traits)

        def at(on: Sequence[bool]) -> Node | None:
            mask = 0
            for switch, is_on in zip(switches, on, strict=True):
                mask |= switch.bits if is_on else 0
            held = frozenset(s.name for s, is_on in zip(switches, on, strict=True) if is_on and not s.bits)
            return rule(mask, held | assumed)

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
        label = f"share of segment {segment.name}: {what}"
        return parts[0] if len(parts) == 1 else tree.total(label, "probability", parts)

    def _case(
        self, segment: Segment, switches: Sequence[Switch], node: Node, combos: list[tuple[bool, ...]]
    ) -> Node | None:
        """Share of accounts with some combinations of switches, times the probability given them."""
        leaves = [self.parameter(s.estimate) for s in switches]
        places = list({id(leaf): leaf for leaf in leaves}.values())
        index = [places.index(leaf) for leaf in leaves]
        words = " or ".join(_combination(switches, combo) for combo in combos[:3])
        words += f" or {len(combos) - 3} more" if len(combos) > 3 else ""  # noqa: PLR2004 - three are named
        key = ("share", segment.name, tuple(s.name for s in switches), tuple(combos))
        share = self.once(
            key,
            lambda: tree.made(
                f"share of segment {segment.name} with {words}",
                "share",
                "share",
                places,
                partial(_share, index, combos),
            ),
        )
        if not share.values.any():
            return None
        return tree.product(f"in segment {segment.name}, with {words}", "probability", [share, node])

    # ------------------------------------------------------------------------------------ chains

    def _victim_given(
        self, segment: Segment, attack: Attack, mask: int, held: frozenset[str], *, with_: str = ""
    ) -> Node | None:
        """Probability of being a victim for accounts with these fields and traits."""
        usable = self._open(self._behind(attack), mask, held)
        if not usable[attack.name]:
            return None
        if attack.kind == "initial":
            return self.initial(segment, attack, usable[attack.name], "successes")
        return self._chain(segment, attack, usable, "successes", with_)

    def _attempted_given(
        self, segment: Segment, attack: Attack, mask: int, held: frozenset[str]
    ) -> Node | None:
        """Probability of being attempted for accounts with these fields and traits."""
        usable = self._open(self._behind(attack), mask, held)
        if not usable[attack.name]:
            return None
        if attack.kind == "initial":
            return self.initial(segment, attack, usable[attack.name], "attempts")
        return self._chain(segment, attack, usable, "attempts", "")

    def _chain(self, segment: Segment, attack: Attack, usable: Open, word: str, with_: str) -> Node | None:
        """Probability of a follow-on: sums over the sets of earlier attacks that succeeded."""
        names = tuple((name, tuple(route.name for route in own)) for name, own in usable.items())
        key = ("chain", segment.name, attack.name, names, word, with_)
        return self.once(key, lambda: self._make_chain(segment, attack, usable, word, with_))

    def _make_chain(
        self, segment: Segment, attack: Attack, usable: Open, word: str, with_: str
    ) -> Node | None:
        # A follow-on that grants is a step of its own law, unless the question is who is attempted.
        inside = bool(attack.grants) and word == "successes"
        steps = [
            a for a in self._behind(attack) if a.grants and usable[a.name] and (inside or a is not attack)
        ]
        while True:
            chances = {a.name: self._given_held(segment, a, usable, steps, "successes") for a in steps}
            last = None if inside else self._given_held(segment, attack, usable, steps, word)
            needless = [
                a for a in steps if a.name not in {attack.name, with_} and idle(steps, a, chances, last)
            ]
            if not needless:
                break
            steps = [a for a in steps if a is not needless[0]]
        plan = Plan.of(steps, chances, last, attack.name, with_)
        if not plan.nodes:
            return None
        label = f"{attack.label} after {' or '.join(a.label for a in steps if a is not attack)}"
        return tree.made(label, "chain", "probability", plan.nodes, plan.fold)

    def _given_held(
        self, segment: Segment, attack: Attack, usable: Open, steps: Sequence[Attack], word: str
    ) -> list[Node | None]:
        """Probability of a step given each set of steps that succeeded; None where it is nil."""
        found: list[Node | None] = []
        for bits in range(1 << len(steps)):
            held = {c for i, step in enumerate(steps) if bits >> i & 1 for c in step.grants}
            routes = tuple(r for r in usable[attack.name] if held.issuperset(r.capabilities))
            if not routes:
                found.append(None)
            elif attack.kind == "initial":
                found.append(self.initial(segment, attack, routes, word))
            else:
                found.append(self.rate(attack, routes, word))
        return found


def _matters(found: Mapping[tuple[bool, ...], Node | None], place: int) -> bool:
    """Whether some probability changes when one switch is turned."""
    for on, node in found.items():
        if not on[place]:
            turned = tuple(is_on or i == place for i, is_on in enumerate(on))
            if not same(node, found[turned]):
                return True
    return False


def _combination(switches: Sequence[Switch], combo: Sequence[bool]) -> str:
    return " and ".join(s.name if on else f"not {s.name}" for s, on in zip(switches, combo, strict=True))


def _share(index: Sequence[int], combos: Sequence[tuple[bool, ...]], parts: Sequence[Array]) -> Array:
    """Share of accounts with some combinations of independent switches."""
    total = np.zeros(1)
    for combo in combos:
        share = np.ones(1)
        for place, on in zip(index, combo, strict=True):
            share = share * (parts[place] if on else 1.0 - parts[place])
        total = total + share
    return total


def _any(parts: Sequence[Array]) -> Array:
    spared = 1.0 - parts[0]
    for part in parts[1:]:
        spared = spared * (1.0 - part)
    return 1.0 - spared
