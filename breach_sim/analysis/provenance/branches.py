"""Trees of probabilities: an account of a segment is attackable, attempted, a victim, harmed at all.

Follows docs/model.md 2.2 to 2.4 step by step, on values already drawn, and keeps of every rule only what
the number depends on: a route that never is the best, a clock, a step, a trait or a coverage whose change
leaves the number as it is has no place in its tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.chain import Plan, idle
from breach_sim.analysis.provenance.mixtures import Mixtures, of_any
from breach_sim.analysis.provenance.tree import Node
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.segment import Segment

Open = Mapping[str, tuple[Route, ...]]


class Branches(Mixtures):
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
        behind = self._behind(attack)

        def rule(known: int, held: frozenset[str]) -> Node | None:
            if not self._open(behind, known, held)[attack.name]:
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
        return self._harmed_by(segment, first, "harmed by any attack")

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
        return self._harmed_by(segment, givers, "lost control of")

    def _harmed_by(self, segment: Segment, first: Sequence[Attack], what: str) -> Node | None:
        """Probability of being victim of any of some initial attacks, over what an account has."""
        if self.searched(segment, first):
            return self.mixed_any(segment, first, partial(self._each, segment, first), what)
        return self._mixed(segment, first, partial(self._any_given, segment, first), what)

    def _each(
        self, segment: Segment, first: Sequence[Attack], known: int, held: frozenset[str]
    ) -> tuple[Node, ...]:
        """Probability of each initial attack that is open."""
        usable = self._open(first, known, held)
        return tuple(self.initial(segment, a, usable[a.name], "successes") for a in first if usable[a.name])

    def _any_given(
        self, segment: Segment, first: Sequence[Attack], known: int, held: frozenset[str]
    ) -> Node | None:
        """Probability of being victim of any of some initial attacks."""
        found = self._each(segment, first, known, held)
        if len(found) < 2:  # noqa: PLR2004 - of one attack nothing is to be combined
            return found[0] if found else None
        key = ("any", *(id(node) for node in found))
        return self.once(
            key, lambda: tree.made("victim of at least one of these", "any", "probability", found, of_any)
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

    # ------------------------------------------------------------------------------------ chains

    def _victim_given(
        self, segment: Segment, attack: Attack, known: int, held: frozenset[str], *, with_: str = ""
    ) -> Node | None:
        """Probability of being a victim for accounts with these known routes and traits."""
        usable = self._open(self._behind(attack), known, held)
        if not usable[attack.name]:
            return None
        if attack.kind == "initial":
            return self.initial(segment, attack, usable[attack.name], "successes")
        return self._chain(segment, attack, usable, "successes", with_)

    def _attempted_given(
        self, segment: Segment, attack: Attack, known: int, held: frozenset[str]
    ) -> Node | None:
        """Probability of being attempted for accounts with these known routes and traits."""
        usable = self._open(self._behind(attack), known, held)
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
