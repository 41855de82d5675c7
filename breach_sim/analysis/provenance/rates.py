"""Trees of initial attacks: leaves, expected attempts and successes, activity, the best route.

Follows docs/model.md 2.1, 2.2 and 2.5 on values already drawn, and keeps of every rule only what the number
depends on: a route that never is the best and a clock whose ringing changes nothing have no place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.chain import same
from breach_sim.analysis.provenance.tree import Node
from breach_sim.analysis.provenance.words import named, needs_named
from breach_sim.catalog import label_of_parameter, label_of_release, words_of
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.hazards import Hazards, best_route
from breach_sim.engine.time import YEAR, regime_ends
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact

Rows = slice | NDArray[np.int64]
Made = TypeVar("Made")


class Rates:
    """Trees of initial attacks in one impact, at some of its replicates.

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
        self._known: dict[tuple[Any, ...], Any] = {}

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
                label=label_of_parameter(estimate.name, self.impact.scenario, self._graph),
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

    def _accounts(self, segment: Segment) -> Array:
        """Accounts of a segment. Shape (rows,)."""
        accounts = np.asarray(self._law.accounts(segment), dtype=np.float64)
        return np.broadcast_to(accounts, (self._law.parameters.replicates,))[self.rows]

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
                label=f"accounts of segment {named(segment)}",
                kind="given",
                unit="accounts",
                values=self._accounts(segment),
                sources=segment.sources,
            )

        return self.once(("accounts", segment.name), leaf)

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
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
        found: Made = self._known[key]
        return found

    def given(self, label: str, value: float) -> Node:
        """Leaf of a number that follows from no parameter.

        Parameters
        ----------
        label, value
            What it is, and the number.

        Returns
        -------
        The same in all replicates. [1]
        """
        return Node(label=label, kind="given", unit="1", values=np.full(self.size, value))

    # ------------------------------------------------------------------------------------ initial attacks

    def initial(self, segment: Segment, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        """Probability of at least one success (or attempt), given the open routes."""
        names = tuple(route.name for route in routes)
        key = ("initial", segment.name, attack.name, names, word)
        return self.once(key, lambda: self._escape(segment, attack, routes, word))

    def _escape(self, segment: Segment, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        parts = self._spells(segment, attack, routes, word)
        whose = f"expected {word} of {attack.label} on an account"
        if not parts:  # every route is reset on day 0, as an old reset is in a union of breaches
            none = f"{whose}, its fields reset by day 0"
            parts = [Node(label=none, kind="given", unit=word, values=np.zeros(self.size))]
        expected = parts[0] if len(parts) == 1 else tree.total(whose, word, parts)
        children = [expected]
        if attack.name in self._law.scales:
            children.insert(0, self._scale(attack))
        opened = " or ".join(words_of(route.name) for route in routes)
        label = f"{attack.label} by the route {opened}: 1 - exp(- expected {word})"
        return tree.made(label, "escape", "probability", children, _at_least_once)

    def _scale(self, attack: Attack) -> Node:
        capacity = attack.capacity

        def leaf() -> Node:
            behind = (
                f"the smaller of 1 and `{capacity.name}` / attempts of year one"
                if capacity
                else "from another run"
            )
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
            rates = {s: self.rate(attack, own, word) if own else None for s, own in live.items()}
            ticking = tuple(c for c in clocks if _ticks(rates, c))
            for state in subsets:
                rate = rates[state]
                if rate is None or not state <= set(ticking):
                    continue
                activity = self._activity(segment, attack, (start, stop), tuple(sorted(state)), ticking)
                label = f"expected {word} of {attack.label} from day {start:g} to {stop:g}"
                if ticking:
                    label += f", still running: {', '.join(map(words_of, sorted(state))) or 'no clock'}"
                parts.append(tree.product(label, word, [activity, rate]))
        return parts

    def rate(self, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        """Attempts, or attempts times success, of the best of some routes."""
        names = tuple(route.name for route in routes)
        return self.once(("rate", attack.name, names, word), lambda: self._best(attack, routes, word))

    def _best(self, attack: Attack, routes: tuple[Route, ...], word: str) -> Node:
        best = np.zeros(self.size, dtype=np.int64)
        if len(routes) > 1:
            # argmax takes the first of equal routes, as the engine does.
            products = [best_route((route,), self._law.parameters)[1][self.rows] for route in routes]
            best = np.stack(products).argmax(axis=0)
        winners = [i for i in range(len(routes)) if np.any(best == i)]
        nodes: list[Node] = []
        for i in winners:
            route = routes[i]
            estimates = [route.attempts]
            estimates += [route.multiplier] if route.multiplier else []
            estimates += [route.success] if word == "successes" else []
            estimates += self._graph.on_attempts((route,)) if attack.kind == "initial" else ()
            unit = f"{word}/{'holder' if attack.kind == 'follow_on' else 'account-year'}"
            over = f", the best of {len(routes)} open" if len(routes) > 1 else ""
            label = f"route by {words_of(route.name)} of {attack.label}{over}: "
            label += f"needs {needs_named(route, self._graph)}"
            nodes.append(tree.product(label, unit, [self.parameter(e) for e in estimates]))
        if len({tuple(p.name for p in tree.parameters(node)) for node in nodes}) == 1:
            return nodes[0]
        places = np.searchsorted(winners, best)
        label = f"best route of {attack.label}, replicate by replicate"
        fold = _largest if word == "successes" else partial(_chosen, places)
        return tree.made(label, "best", nodes[0].unit, nodes, fold)

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
            return self.given("activity over the first year", 1.0)
        names = [estimate.name for estimate in estimates]
        still = [attack.onset.median, attack.onset.sigma] if attack.onset else []
        others = {estimate.name: self.drawn(estimate) for estimate in still}

        def fold(parts: Sequence[Array]) -> Array:
            drawn = self._hazards(others | dict(zip(names, parts, strict=True)))
            return _exactly(drawn, attack, segment, state, ticking, span, slice(None))

        values = _exactly(self._law.hazards, attack, segment, state, ticking, span, self.rows)
        label = f"activity from day {span[0]:g} to {span[1]:g}"
        label += f" while {', '.join(map(words_of, state))} still run" if state else ""
        note = "" if self._law.release is None else f"data got out: {self._ways()}"
        return Node(
            label=label,
            kind="activity",
            unit="1",
            values=np.broadcast_to(values, (self.size,)),
            children=tuple(children),
            fold=fold,
            note=note,
        )

    def _hazards(self, overrides: Mapping[str, Array]) -> Hazards:
        """Intensities at other values of some parameters, the release as drawn."""
        drawn = self._law.parameters.chance("release")[self.rows]
        chances = {"release": drawn} if self._law.release is not None else {}
        parameters = Parameters(
            self.impact.seed,
            self.size,
            overrides,
            chances,
            sampling=self.impact.sampling,
            posterior=self.impact.posterior,
        )
        return Hazards(self.impact.scenario, self._graph, parameters, self.impact.horizon_years)

    def _kinds(self) -> list[int]:
        """Rows of the release table that were drawn in these replicates."""
        release = self._law.release
        if release is None:
            return []
        return self.once(("kinds",), lambda: np.unique(release.kind[self.rows]).tolist())

    def _ways(self) -> str:
        """How the data got out in these replicates."""
        if self._law.release is None:
            return ""
        kinds = self._kinds()
        names = list(self.impact.scenario.release)
        return ", ".join(label_of_release(names[int(kind)]) for kind in kinds)

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
            for kind in self._kinds():
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


def _ticks(rates: Mapping[frozenset[str], Node | None], clock: str) -> bool:
    """Whether some rate changes when a clock has rung."""
    return any(clock not in s and not same(rate, rates[s | {clock}]) for s, rate in rates.items())


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
