"""Trees of probabilities: an account of a segment is attackable, attempted, a victim, harmed at all.

Follows docs/model.md 2.2 to 2.4 step by step, on values already drawn, and keeps of every rule only what
the number depends on: a route that never is the best, a clock, a step, a trait or a coverage whose change
leaves the number as it is has no place in its tree.

Place in the corridor: inside ``explain``, above ``tree``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim import fields as vocabulary
from breach_sim.attacks import Attack, Route, closure
from breach_sim.estimates import Estimate
from breach_sim.explain import tree
from breach_sim.explain.tree import Node
from breach_sim.hazards import YEAR, Hazards, regime_ends
from breach_sim.impact import Impact
from breach_sim.outcomes import Number, granted_law
from breach_sim.parameters import Parameters
from breach_sim.scenario import Segment

Array = NDArray[np.float64]
Open = Mapping[str, tuple[Route, ...]]
Rows = slice | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something an account has or has not: a block of leaked fields, or a trait."""

    name: str
    estimate: Estimate
    bits: int = 0
    """Fields of a block; 0 for a trait."""


class Branches:
    """Trees of one impact at some of its replicates.

    Parameters
    ----------
    impact
        Result of ``simulate``; capacity scales are held.
    rows
        The replicates the trees are of.
    """

    def __init__(self, impact: Impact, rows: Rows) -> None:
        self.impact = impact
        self.rows = rows
        self.size = len(np.arange(impact.replicates)[rows])
        self._graph = impact.attacks
        self._law = impact.law
        self._known: dict[tuple[Any, ...], Node | None] = {}

    # ------------------------------------------------------------------------------------ leaves

    def parameter(self, estimate: Estimate) -> Node:
        """Leaf of a parameter.

        Parameters
        ----------
        estimate
            The parameter.

        Returns
        -------
        One and the same node for one parameter.
        """

        def leaf() -> Node:
            certain = estimate.is_certain
            return Node(
                label=estimate.name,
                kind="parameter",
                unit=estimate.unit,
                values=np.full(self.size, estimate.central) if certain else self.drawn(estimate),
                estimate=estimate,
                sources=estimate.sources,
            )

        key = ("parameter", estimate.name, estimate.central if estimate.is_certain else None)
        return self.once(key, leaf)

    def drawn(self, estimate: Estimate) -> Array:
        """Draws of a parameter in the replicates of the trees.

        Parameters
        ----------
        estimate
            The parameter.

        Returns
        -------
        Shape (n,).
        """
        return self._law.parameters(estimate)[self.rows]

    def accounts(self, segment: Segment) -> Node:
        """Leaf of the size of a segment.

        Parameters
        ----------
        segment
            One of the scenario's.

        Returns
        -------
        A number given with the scenario. [accounts]
        """

        def leaf() -> Node:
            return Node(
                label=f"accounts of segment {segment.name}",
                kind="given",
                unit="accounts",
                values=np.full(self.size, float(segment.accounts)),
                sources=segment.sources,
            )

        return self.once(("accounts", segment.name), leaf)

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What was made before under a key, else make it.

        Parameters
        ----------
        key, make
            Its name, and how.

        Returns
        -------
        One and the same object for one key.
        """
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

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
            return self.once(("sure",), lambda: self._given("some route is satisfied", 1.0))

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

        def rule(mask: int, held: frozenset[str]) -> Node | None:
            usable = self._open(first, mask, held)
            found = [self._initial(segment, a, usable[a.name], "successes") for a in first if usable[a.name]]
            if len(found) < 2:  # noqa: PLR2004 - of one attack nothing is to be combined
                return found[0] if found else None
            key = ("any", *(id(node) for node in found))
            return self.once(
                key, lambda: tree.made("victim of at least one of these", "any", "probability", found, _any)
            )

        return self._mixed(segment, first, rule, "harmed by any attack")

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

    def _given(self, label: str, value: float) -> Node:
        return Node(label=label, kind="given", unit="1", values=np.full(self.size, value))

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
        wanted = {attack.name}
        while True:
            needed = {c for name in wanted for route in self._graph[name].routes for c in route.capabilities}
            grown = wanted | {g.name for g in self._graph.granting if needed & set(g.grants)}
            if grown == wanted:
                return [a for a in self._graph.attacks if a.name in wanted]
            wanted = grown

    def _open(self, attacks: Iterable[Attack], mask: int, held: frozenset[str]) -> dict[str, tuple[Route, ...]]:
        """Routes of some attacks that are open to accounts with these fields and traits."""
        own = list(attacks)
        granted: set[str] = set()
        while True:
            found = {
                a.name: tuple(
                    route
                    for route in a.routes
                    if route.field_mask & mask == route.field_mask
                    and held.issuperset(route.traits)
                    and granted.issuperset(route.capabilities)
                )
                for a in own
            }
            grown = {c for a in own if found[a.name] for c in a.grants}
            if grown == granted:
                return found
            granted = grown

    def _switches(self, segment: Segment, attacks: Sequence[Attack], *, traits: bool) -> list[Switch]:
        """Blocks and traits of a segment that some attacks read."""
        wide = vocabulary.mask(segment.fields)
        everything = frozenset(self._graph.traits)
        usable = self._open(attacks, wide, everything)
        routes = [route for own in usable.values() for route in own]
        read = 0
        for route in routes:
            read |= route.field_mask
        blocks = [
            Switch(f"{', '.join(leak.fields)} leaked", leak.coverage, vocabulary.mask(leak.fields) & read)
            for leak in segment.leaks
            if vocabulary.mask(leak.fields) & read and not (leak.coverage.is_certain and not leak.coverage.central)
        ]
        names = sorted({name for route in routes for name in route.traits}) if traits else []
        return blocks + [Switch(name, self._graph.traits[name].share) for name in names]

    def _mixed(
        self,
        segment: Segment,
        attacks: Sequence[Attack],
        rule: Callable[[int, frozenset[str]], Node | None],
        what: str,
        *,
        traits: bool = True,
    ) -> Node | None:
        """Mixture of a probability over what an account has: blocks of leaked fields and traits."""
        switches = self._switches(segment, attacks, traits=traits)
        assumed = frozenset() if traits else frozenset(self._graph.traits)

        def at(on: Sequence[bool]) -> Node | None:
            mask = sum(s.bits for s, is_on in zip(switches, on, strict=True) if is_on)
            held = frozenset(s.name for s, is_on in zip(switches, on, strict=True) if is_on and not s.bits)
            return rule(mask, held | assumed)

        found = {on: at(on) for on in product((False, True), repeat=len(switches))}
        matters = [i for i in range(len(switches)) if _matters(found, i)]
        cases: dict[int, tuple[Node, list[tuple[bool, ...]]]] = {}
        for on, node in found.items():
            if node is not None and not any(is_on for i, is_on in enumerate(on) if i not in matters):
                known = next((key for key, (other, _) in cases.items() if _same(node, other)), id(node))
                cases.setdefault(known, (node, []))[1].append(tuple(on[i] for i in matters))
        own = [switches[i] for i in matters]
        told = [self._case(segment, own, node, combos) for node, combos in cases.values()]
        parts = [part for part in told if part is not None]
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
        told = " or ".join(_combination(switches, combo) for combo in combos[:3])
        told += f" or {len(combos) - 3} more" if len(combos) > 3 else ""  # noqa: PLR2004 - three are told
        key = ("share", segment.name, tuple(s.name for s in switches), tuple(combos))
        share = self.once(
            key,
            lambda: tree.made(
                f"share of segment {segment.name} with {told}", "share", "share", places,
                partial(_share, index, combos),
            ),
        )  # fmt: skip
        if not share.values.any():
            return None
        return tree.product(f"in segment {segment.name}, with {told}", "probability", [share, node])

    # ------------------------------------------------------------------------------------ initial attacks

    def _initial(self, segment: Segment, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        """Probability of at least one success (or attempt), given the open routes."""
        names = tuple(route.name for route in routes)
        key = ("initial", segment.name, attack.name, names, word)
        return self.once(key, lambda: self._escape(segment, attack, routes, word))

    def _escape(self, segment: Segment, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        parts = self._spells(segment, attack, routes, word)
        whose = f"expected {word} of {attack.label} on an account"
        expected = parts[0] if len(parts) == 1 else tree.total(whose, word, parts)
        children = [expected]
        if attack.name in self._law.scales:
            children.insert(0, self._scale(attack))
        opened = " or ".join(route.name for route in routes)
        label = f"{attack.label} by route {opened}: 1 - exp(- expected {word})"
        return tree.made(label, "escape", "probability", children, _at_least_once)

    def _scale(self, attack: Attack) -> Node:
        capacity = attack.capacity

        def leaf() -> Node:
            behind = f"min(1, {capacity.name} / attempts of year one)" if capacity else "from another run"
            return Node(
                label=f"capacity scale of {attack.label}",
                kind="held",
                unit="1",
                values=self._law.scales[attack.name][self.rows],
                note=f"held: {behind}, computed on the whole scenario",
                sources=capacity.sources if capacity else (),
            )

        return self.once(("scale", attack.name), leaf)

    def _spells(self, segment: Segment, attack: Attack, routes: tuple[Route, ...], word: str) -> list[Node]:
        """Expected successes, one part for each stretch of time and state of the clocks with its own rate."""
        hazards = self._law.hazards
        parts = []
        for start, stop, alive in hazards.phases(attack, segment, routes, hazards.horizon):
            ruling = {route.name: hazards.clocks_of(attack, route) for route in alive}
            clocks = tuple(c for c in attack.clocks if any(c in own for own in ruling.values()))
            subsets = [frozenset(s) for n in range(len(clocks) + 1) for s in combinations(clocks, n)]
            live = {s: tuple(r for r in alive if ruling[r.name] <= s) for s in subsets}
            rates = {s: self._rate(attack, own, word) if own else None for s, own in live.items()}
            ticking = tuple(c for c in clocks if _ticks(rates, c))
            for state in subsets:
                rate = rates[state]
                if rate is None or not state <= set(ticking):
                    continue
                activity = self._activity(segment, attack, (start, stop), tuple(sorted(state)), ticking)
                label = f"expected {word} of {attack.label} from day {start:g} to {stop:g}"
                if ticking:
                    label += f", still running: {', '.join(sorted(state)) or 'no clock'}"
                parts.append(tree.product(label, word, [activity, rate]))
        return parts

    def _rate(self, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        """Attempts, or attempts times success, of the best of some routes."""
        names = tuple(route.name for route in routes)
        return self.once(("rate", attack.name, names, word), lambda: self._best(attack, routes, word))

    def _best(self, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        wins = np.stack([self._drawn(route) for route in routes])
        best = wins.argmax(axis=0)
        winners = [i for i in range(len(routes)) if np.any(best == i)]
        nodes: list[Node] = []
        for i in winners:
            route = routes[i]
            estimates = [route.attempts]
            estimates += [route.multiplier] if route.multiplier else []
            estimates += [route.success] if word == "successes" else []
            unit = f"{word}/{'holder' if attack.kind == 'follow_on' else 'account-year'}"
            over = f", the best of {len(routes)} open" if len(routes) > 1 else ""
            label = f"route {route.name} of {attack.label}{over}: needs {', '.join(route.needs)}"
            nodes.append(tree.product(label, unit, [self.parameter(e) for e in estimates]))
        if len({tuple(p.name for p in tree.parameters(node)) for node in nodes}) == 1:
            return nodes[0]
        places = np.searchsorted(winners, best)
        label = f"best route of {attack.label}, replicate by replicate"
        fold = _largest if word == "successes" else partial(_chosen, places)
        return tree.made(label, "best", nodes[0].unit, nodes, fold)

    def _drawn(self, route: Route) -> Array:
        tried = self.drawn(route.attempts)
        tried = tried if route.multiplier is None else tried * self.drawn(route.multiplier)
        return tried * self.drawn(route.success)

    def _activity(
        self,
        segment: Segment,
        attack: Attack,
        span: tuple[float, float],
        state: tuple[str, ...],
        ticking: tuple[str, ...],
    ) -> Node:
        """Activity over a span that meets exactly some of the clocks still running."""
        rates = tuple(self._graph.clocks[name].rate(segment.kind).name for name in ticking)
        onset = attack.onset.median.name if attack.onset else ""
        own = attack.name if attack.regimes else ""
        key = ("activity", onset, own, span, state, rates)
        return self.once(key, lambda: self._make_activity(segment, attack, span, state, ticking))

    def _make_activity(
        self,
        segment: Segment,
        attack: Attack,
        span: tuple[float, float],
        state: tuple[str, ...],
        ticking: tuple[str, ...],
    ) -> Node:
        estimates = self._behind_activity(segment, attack, span, ticking)
        children = [self.parameter(e) for e in estimates]
        if not children:
            return self._given("activity over the first year", 1.0)
        names = [estimate.name for estimate in estimates]
        still = [attack.onset.median, attack.onset.sigma] if attack.onset else []
        others = {estimate.name: self.drawn(estimate) for estimate in still}

        def fold(parts: Sequence[Array]) -> Array:
            drawn = self._hazards(others | dict(zip(names, parts, strict=True)))
            return _exactly(drawn, attack, segment, state, ticking, span, slice(None))

        values = _exactly(self._law.hazards, attack, segment, state, ticking, span, self.rows)
        label = f"activity from day {span[0]:g} to {span[1]:g}"
        label += f" while {', '.join(state)} still run" if state else ""
        note = "" if self._law.release is None else f"data got out: {self._ways()}"
        return Node(
            label=label, kind="activity", unit="1", values=np.broadcast_to(values, (self.size,)),
            children=tuple(children), fold=fold, note=note,
        )  # fmt: skip

    def _hazards(self, overrides: Mapping[str, Array]) -> Hazards:
        """Intensities at other values of some parameters, the release as drawn."""
        drawn = self._law.parameters.chance("release")[self.rows]
        chances = {"release": drawn} if self._law.release is not None else {}
        parameters = Parameters(self.impact.seed, self.size, overrides, chances)
        return Hazards(self.impact.scenario, self._graph, parameters, self.impact.horizon_years)

    def _ways(self) -> str:
        """How the data got out in these replicates."""
        if self._law.release is None:
            return ""
        kinds = np.unique(self._law.release.kind[self.rows])
        names = list(self.impact.scenario.release)
        return ", ".join(names[int(kind)] for kind in kinds)

    def _behind_activity(
        self, segment: Segment, attack: Attack, span: tuple[float, float], ticking: tuple[str, ...]
    ) -> list[Estimate]:
        """Parameters on which the activity of an attack over a span depends."""
        onset, found = attack.onset, []
        if onset is not None and (ticking or attack.regimes or span != (0.0, YEAR) or self._moved()):
            found += [onset.median, onset.sigma]
        found += [self._graph.clocks[name].rate(segment.kind) for name in ticking]
        if self._law.release is not None:
            names = list(self.impact.scenario.release)
            for kind in np.unique(self._law.release.kind[self.rows]):
                way = self._graph.releases[names[int(kind)]]
                found += [way.onset, way.tail]
        starts = [0.0, *regime_ends(attack, self.impact.scenario)]
        for regime, begin, end in zip(attack.regimes, starts, starts[1:], strict=False):
            if max(begin, span[0]) < min(end, span[1]):
                found.append(regime.factor)
        return found

    def _moved(self) -> bool:
        """Whether the release moves the onset in any of the replicates."""
        release = self._law.release
        return release is not None and bool(
            np.any(release.onset[self.rows] != 1) or np.any(release.tail[self.rows] != 1)
        )

    # ------------------------------------------------------------------------------------ chains

    def _victim_given(
        self, segment: Segment, attack: Attack, mask: int, held: frozenset[str], *, with_: str = ""
    ) -> Node | None:
        """Probability of being a victim for accounts with these fields and traits."""
        usable = self._open(self._behind(attack), mask, held)
        if not usable[attack.name]:
            return None
        if attack.kind == "initial":
            return self._initial(segment, attack, usable[attack.name], "successes")
        return self._chain(segment, attack, usable, "successes", with_)

    def _attempted_given(
        self, segment: Segment, attack: Attack, mask: int, held: frozenset[str]
    ) -> Node | None:
        """Probability of being attempted for accounts with these fields and traits."""
        usable = self._open(self._behind(attack), mask, held)
        if not usable[attack.name]:
            return None
        if attack.kind == "initial":
            return self._initial(segment, attack, usable[attack.name], "attempts")
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
            idle = [a for a in steps if a.name not in {attack.name, with_} and _idle(steps, a, chances, last)]
            if not idle:
                break
            steps = [a for a in steps if a is not idle[0]]
        plan = _Plan.of(steps, chances, last, attack.name, with_)
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
                found.append(self._initial(segment, attack, routes, word))
            else:
                found.append(self._rate(attack, routes, word))
        return found


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the probability of a follow-on is folded from its steps."""

    nodes: list[Node]
    places: list[list[int]]
    """For every step, then the last one: place of its node given each set, -1 where it is nil."""
    own: int
    """Number of the step that is asked for; -1 if it is the last one."""
    with_: int
    """Number of a step that must have succeeded too; -1 if none."""

    @classmethod
    def of(
        cls,
        steps: Sequence[Attack],
        chances: Mapping[str, list[Node | None]],
        last: list[Node | None] | None,
        name: str,
        with_: str,
    ) -> _Plan:
        names = [a.name for a in steps]
        rows = [chances[n] for n in names] + ([last] if last is not None else [])
        everything = list({id(n): n for row in rows for n in row if n is not None}.values())
        whole = [[-1 if n is None else everything.index(n) for n in row] for row in rows]
        own = -1 if last is not None else names.index(name) if name in names else -1
        plan = cls(everything, whole, own, names.index(with_) if with_ in names else -1)
        law = plan._law([node.values for node in everything])
        possible = [bits for bits, chance in enumerate(law) if not (isinstance(chance, float) and not chance)]
        needed: set[int] = set()
        for number, row in enumerate(whole):
            step = number < len(steps)
            needed |= {row[b] for b in possible if not step or not b >> number & 1}
        kept = [i for i in range(len(everything)) if i in needed]
        if last is not None and not any(whole[-1][b] >= 0 for b in possible) or (with_ and plan.with_ < 0):
            kept = []
        places = [[kept.index(i) if i in kept else -1 for i in row] for row in whole]
        return cls([everything[i] for i in kept], places, own, plan.with_)

    def _law(self, parts: Sequence[Array]) -> list[Number]:
        steps = self.places if self.own >= 0 else self.places[:-1]
        rows: list[list[Number]] = [[parts[i] if i >= 0 else 0.0 for i in row] for row in steps]
        return granted_law(rows)

    def fold(self, parts: Sequence[Array]) -> Array:
        total: Number = np.zeros(1)
        for bits, chance in enumerate(self._law(parts)):
            if isinstance(chance, float) and not chance:
                continue
            if self.with_ >= 0 and not bits >> self.with_ & 1:
                continue
            if self.own >= 0:
                total = total + (chance if bits >> self.own & 1 else 0.0)
            elif self.places[-1][bits] >= 0:
                total = total + chance * parts[self.places[-1][bits]]
        return np.asarray(total)


def _same(one: Node | None, other: Node | None) -> bool:
    """Whether two trees are of one number: the same values from the same parameters."""
    if one is other or one is None or other is None:
        return one is other
    if not np.array_equal(one.values, other.values):
        return False
    names = [{p.name for p in tree.parameters(node)} for node in (one, other)]
    return names[0] == names[1]


def _matters(found: Mapping[tuple[bool, ...], Node | None], place: int) -> bool:
    """Whether some probability changes when one switch is turned."""
    for on, node in found.items():
        if not on[place]:
            turned = tuple(is_on or i == place for i, is_on in enumerate(on))
            if not _same(node, found[turned]):
                return True
    return False


def _ticks(rates: Mapping[frozenset[str], Node | None], clock: str) -> bool:
    """Whether some rate changes when a clock has rung."""
    return any(clock not in s and not _same(rate, rates[s | {clock}]) for s, rate in rates.items())


def _idle(
    steps: Sequence[Attack],
    step: Attack,
    chances: Mapping[str, list[Node | None]],
    last: list[Node | None] | None,
) -> bool:
    """Whether nothing else changes when a step has succeeded."""
    bit = 1 << [a.name for a in steps].index(step.name)
    rows = [row for name, row in chances.items() if name != step.name] + ([last] if last is not None else [])
    return all(_same(row[b], row[b | bit]) for row in rows for b in range(1 << len(steps)) if not b & bit)


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


def _at_least_once(parts: Sequence[Array]) -> Array:
    return -np.expm1(-parts[0] * parts[1]) if len(parts) > 1 else -np.expm1(-parts[0])


def _largest(parts: Sequence[Array]) -> Array:
    return np.asarray(np.max(np.stack(list(parts)), axis=0))


def _chosen(places: NDArray[np.int64], parts: Sequence[Array]) -> Array:
    return np.asarray(np.choose(places, list(parts)))


def _exactly(
    hazards: Hazards,
    attack: Attack,
    segment: Segment,
    state: tuple[str, ...],
    ticking: tuple[str, ...],
    span: tuple[float, float],
    rows: Rows,
) -> Array:
    """Activity that meets some clocks still running and the other ticking ones not."""
    total = np.zeros(1)
    rest = [clock for clock in ticking if clock not in state]
    for number in range(len(rest) + 1):
        for more in combinations(rest, number):
            clocks = tuple(c for c in attack.clocks if c in {*state, *more})
            mass = hazards.mass(attack, segment, clocks, *span)
            total = total + (-1.0) ** number * mass[rows]
    return np.maximum(total, 0.0) if rest else total
