"""The law of what an account suffers: probabilities per segment, every chain followed to its end.

Given parameters and mask, each attack has one uniform number per account and succeeds when it lies below
the probability of its best route open in the closure. Only attacks that grant a capability are shared
steps; for them the law of the set H of granted attacks is computed exactly (:func:`granted_law`), and given
H all other attacks are independent. Masks with the same open routes are one class. Nothing is sampled here.

Never: noisy-or across shared steps, or adding probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from breach_sim.engine.exposure import exposed_share, mask_weights
from breach_sim.engine.hazards import Hazards, Intensity, best_route
from breach_sim.engine.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.protections import thinned
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

Number = float | Array
Variant = tuple[Array, tuple[Route, ...]]
_TINY = 1e-300
MAX_TRAITS = 12
"""Most traits that the attacks open in one segment may read: 2**12 combinations."""


def granted_law(probabilities: Sequence[Sequence[Number]]) -> list[Number]:
    """Probability that exactly a set of granting attacks succeeds, for every set.

    Parameters
    ----------
    probabilities
        ``probabilities[g][H]``: success of granting attack g when the attacks of the bit set H have
        succeeded; it must not fall as H grows. Numbers or arrays of shape (R,). [probability]

    Returns
    -------
    P(H) for H from 0 to 2**G - 1; numbers or arrays of shape (R,). They sum to 1. A plain 0.0 marks a
    set that cannot come about.

    Notes
    -----
    The law of docs/model.md 2.4, reached by rounds and not by its recursion, which subtracts from 1 and
    leaves rounding errors on impossible sets. In a round, an attack that had not succeeded given the set
    before joins with probability (p(now) - p(before)) / (1 - p(before)). All terms are positive.
    """
    count = len(probabilities)
    law: list[Number] = [0.0] * (1 << count)
    rounds: dict[tuple[int, int], Number] = {(-1, 0): 1.0}
    while rounds:
        following: dict[tuple[int, int], Number] = {}
        for (before, now), weight in rounds.items():
            joins = {
                number: _joining(own, before, now)
                for number, own in enumerate(probabilities)
                if not now >> number & 1
            }
            able = [number for number, chance in joins.items() if not never(chance)]
            for pick in range(1 << len(able)):
                chosen = {number for place, number in enumerate(able) if pick >> place & 1}
                chance: Number = weight
                for number in able:
                    chance = chance * (joins[number] if number in chosen else 1.0 - joins[number])
                if not chosen:
                    law[now] = law[now] + chance
                    continue
                grown = now | sum(1 << number for number in chosen)
                following[now, grown] = following.get((now, grown), 0.0) + chance
        rounds = following
    return law


def never(value: Number) -> bool:
    """Whether a probability is the plain 0.0 that marks what cannot come about.

    Parameters
    ----------
    value
        A number, or an array of shape (R,), which is never that mark.
    """
    return isinstance(value, float) and value == 0.0


def _joining(own: Sequence[Number], before: int, now: int) -> Number:
    """Probability that an attack joins in this round, given that it did not before."""
    if before < 0:
        return own[now]
    if own[now] is own[before]:
        return 0.0
    left = 1.0 - own[before]
    return np.maximum(own[now] - own[before], 0.0) / np.maximum(left, _TINY)


@dataclass(frozen=True, slots=True)
class AccountClass:
    """Accounts of a segment for which the same routes are open.

    Parameters
    ----------
    weight
        Share of the segment's accounts. Shape (R,) or (1,).
    routes
        Open routes of each attack (fields and shared traits held, its private traits assumed; capabilities
        within reach), by attack name.
    variants
        For attacks with private traits: share of the class and open routes, one pair for each set of
        routes that these traits leave open. The shares sum to 1.

    Notes
    -----
    A trait is private when one attack alone reads it and that attack grants nothing: given all else it
    touches no other attack, so that a mixture of probabilities is the same law with fewer classes.
    """

    weight: Array
    routes: Mapping[str, tuple[Route, ...]]
    variants: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Variant, ...]:
        """Share and open routes of one attack, for every set of routes its private traits leave open.

        Parameters
        ----------
        name
            An attack.

        Returns
        -------
        Pairs of a share, shape (R,) or (1,), and routes; at least one pair has a route, or there is none.
        """
        if name in self.variants:
            return self.variants[name]
        return ((np.ones(1), self.routes[name]),) if self.routes[name] else ()


@dataclass(frozen=True, slots=True)
class ClassLaw:
    """Law of the attacks in one class.

    Parameters
    ----------
    granted
        P(H) for every bit set H of granting attacks.
    victim, attempted
        By attack: probability given H, for every H. For granting attacks ``victim`` is p_g(H).
    """

    granted: list[Number]
    victim: Mapping[str, list[Number]]
    attempted: Mapping[str, list[Number]]


@dataclass(slots=True)
class SegmentLaw:
    """Probabilities for an account of a segment, all given the parameters of a replicate.

    Parameters
    ----------
    exposed
        Any field leaked. Shape (R,) or (1,).
    attackable, attempted, victim, victim_year
        By attack; ``victim_year`` for the first 365 days, follow-ons included. Shape (R,) or (1,).
    granted
        P(H) by bit set of granting attacks, sets that occur only.
    with_granted
        By (other attack, non-empty set H): victim, and exactly the attacks of H were granted.
    in_vain
        By (follow-on, set H): attempted without success, and exactly the attacks of H were granted.
    first, again
        By initial attack that grants nothing: victim, no granting attack and none of the attacks listed
        before; victim, no granting attack but one of those.
    anchored, anchored_year
        By (anchoring attack, follow-on): victim of both; within the first 365 days.
    people
        Victim of any attack. Shape (R,).
    """

    exposed: Array
    attackable: dict[str, Array] = field(default_factory=dict)
    attempted: dict[str, Array] = field(default_factory=dict)
    victim: dict[str, Array] = field(default_factory=dict)
    victim_year: dict[str, Array] = field(default_factory=dict)
    granted: dict[int, Array] = field(default_factory=dict)
    with_granted: dict[tuple[str, int], Array] = field(default_factory=dict)
    in_vain: dict[tuple[str, int], Array] = field(default_factory=dict)
    first: dict[str, Array] = field(default_factory=dict)
    again: dict[str, Array] = field(default_factory=dict)
    anchored: dict[tuple[str, str], Array] = field(default_factory=dict)
    anchored_year: dict[tuple[str, str], Array] = field(default_factory=dict)
    people: Array = field(default_factory=lambda: np.zeros(1))

    def freeze(self) -> None:
        """Make every array read-only."""
        self.exposed.flags.writeable = self.people.flags.writeable = False
        for sums in (self.attackable, self.attempted, self.victim, self.victim_year, self.first, self.again):
            _freeze(sums.values())
        _freeze(self.granted.values())
        for pairs in (self.with_granted, self.in_vain, self.anchored, self.anchored_year):
            _freeze(pairs.values())


class Law:
    """The law of a scenario: classes, capacity scales, and the probabilities of each segment.

    Parameters
    ----------
    scenario, graph
        What leaked, and what it enables.
    parameters
        Draws per replicate.
    horizon_years
        Years after the sale. (0, 100]
    scales
        Capacity scale by attack, held from another run; computed on this scenario if None.
    steps_per_month
        Further cuts of time inside each month.
    cuts
        Further days at which time is cut, so that two laws with other dates are cut alike. [days]
    like
        A law of the same parameters and horizon whose cuts and arrays by time are used.
    """

    def __init__(
        self,
        scenario: Scenario,
        graph: AttackGraph,
        parameters: Parameters,
        horizon_years: float,
        scales: Mapping[str, Array] | None = None,
        steps_per_month: int = 1,
        cuts: Sequence[float] = (),
        like: Law | None = None,
    ) -> None:
        self.scenario = scenario
        self.graph = graph
        self.parameters = parameters
        self.horizon_years = horizon_years
        self.cuts = tuple(cuts)
        self.hazards: Hazards = Hazards(
            scenario,
            graph,
            parameters,
            horizon_years,
            steps_per_month,
            self.cuts,
            None if like is None else like.hazards,
        )
        self.release = self.hazards.release
        self._intensities: dict[tuple[str, str, tuple[str, ...]], Intensity] = {}
        self._follow_ons: dict[tuple[str, tuple[str, ...]], tuple[Number, Number]] = {}
        self._granting = graph.granting
        self._held = _held(self._granting)
        self._steps = steps_per_month
        self._private = _private_traits(graph)
        self._classes = {segment.name: self._classify(segment) for segment in scenario.segments}
        self.scales = dict(scales) if scales is not None else self._capacity_scales()

    def part(self, rows: slice) -> Law:
        """The same law for some of the replicates.

        Parameters
        ----------
        rows
            Which replicates, from start to stop.

        Returns
        -------
        A law with as many replicates as there are rows, capacity scales held.
        """
        scales = {name: np.array(scale[rows]) for name, scale in self.scales.items()}
        part = self.parameters.part(rows)
        return Law(self.scenario, self.graph, part, self.horizon_years, scales, self._steps, cuts=self.cuts)

    # ------------------------------------------------------------------------------------ classes

    def _classify(self, segment: Segment) -> list[AccountClass]:
        """Classes of a segment: masks and traits that open the same routes, merged."""
        return self.classes_of(segment, mask_weights(segment, _fields_read(self.graph), self.parameters))

    def classes_of(self, segment: Segment, masks: Mapping[int, Array]) -> list[AccountClass]:
        """Classes of accounts that lost given sets of fields, whatever leaked in their segment.

        Parameters
        ----------
        segment
            Decides the rates of clocks and which resets apply.
        masks
            Weight by set of leaked fields. Shape (R,) or (1,) each.

        Returns
        -------
        At least one; their weights sum to those of the masks.
        """
        by_fields = self._merged(zip(self._reachable(list(masks)), masks.values(), strict=True))
        merged = self._merged(
            (self._with_traits(group.routes, held | self._private), group.weight * share)
            for group in by_fields
            for held, share in self._trait_shares(
                segment, _read(group.routes.values()) - self._private
            ).items()
        )
        return [
            AccountClass(group.weight, group.routes, self._variants(segment, group.routes))
            for group in merged
        ]

    def _variants(
        self, segment: Segment, routes: Mapping[str, tuple[Route, ...]]
    ) -> dict[str, tuple[Variant, ...]]:
        """Routes left open by the private traits of each attack, with their shares."""
        variants = {}
        for name, own in routes.items():
            traits = _read([own]) & self._private
            if not traits:
                continue
            shares: dict[tuple[Route, ...], Array] = {}
            for held, share in self._trait_shares(segment, traits).items():
                left = tuple(route for route in own if (traits & set(route.traits)) <= held)
                shares[left] = shares[left] + share if left in shares else share
            variants[name] = tuple((share, left) for left, share in shares.items() if left)
        return variants

    def _merged(self, parts: Iterable[tuple[Mapping[str, tuple[Route, ...]], Array]]) -> list[AccountClass]:
        """Classes with the same open routes made one, their weights added."""
        merged: dict[tuple[tuple[str, ...], ...], AccountClass] = {}
        for routes, weight in parts:
            key = tuple(tuple(route.name for route in routes[name]) for name in self.graph.names)
            known = merged.get(key)
            merged[key] = AccountClass(weight if known is None else known.weight + weight, routes)
        return list(merged.values())

    def _reachable(self, masks: Sequence[int]) -> Iterator[dict[str, tuple[Route, ...]]]:
        """Routes whose fields leaked and whose capabilities are within reach, traits assumed, by mask."""
        attacks = self.graph.attacks
        for mask, won in zip(masks, closure(self.graph, np.array(masks, dtype=np.uint64)), strict=True):
            pairs = zip(attacks, won, strict=True)
            granted = {name for attack, success in pairs if success for name in attack.grants}
            yield {
                attack.name: tuple(
                    route
                    for route in attack.routes
                    if route.field_mask & mask == route.field_mask and granted.issuperset(route.capabilities)
                )
                for attack in attacks
            }

    def _trait_shares(self, segment: Segment, read: frozenset[str]) -> dict[frozenset[str], Array]:
        """Share of accounts with each combination of some traits, independent."""
        traits = sorted(read)
        if len(traits) > MAX_TRAITS:
            raise ValueError(
                f"segments.{segment.name}: attacks read {len(traits)} traits; at most {MAX_TRAITS} may"
            )
        shares: dict[frozenset[str], Array] = {frozenset(): np.ones(1)}
        for name in traits:
            trait = self.graph.traits[name]
            share = thinned(self.parameters(trait.share), trait.protections, self.parameters)
            shares = {held: weight * (1 - share) for held, weight in shares.items()} | {
                held | {name}: weight * share for held, weight in shares.items()
            }
        return shares

    def _with_traits(
        self, routes: Mapping[str, tuple[Route, ...]], held: frozenset[str]
    ) -> dict[str, tuple[Route, ...]]:
        """Routes that are left when only some traits are held, and chains through lost ones cut."""
        left = {name: tuple(r for r in own if held.issuperset(r.traits)) for name, own in routes.items()}
        while True:
            granted = {c for attack in self.graph.attacks if left[attack.name] for c in attack.grants}
            pruned = {
                n: tuple(r for r in own if granted.issuperset(r.capabilities)) for n, own in left.items()
            }
            if pruned == left:
                return left
            left = pruned

    # ------------------------------------------------------------------------------------ intensities

    def intensity(self, attack: Attack, segment: Segment, routes: tuple[Route, ...]) -> Intensity:
        """Expected attempts and successes of an account for which some routes are open, computed once.

        Parameters
        ----------
        attack, segment, routes
            An attack with initial routes, where, and which of them are open.

        Returns
        -------
        Before capacity.
        """
        key = (segment.name, attack.name, tuple(route.name for route in routes))
        if key not in self._intensities:
            self._intensities[key] = self.hazards.intensity(attack, segment, routes)
        return self._intensities[key]

    def _capacity_scales(self) -> dict[str, Array]:
        """min(1, capacity / expected attempts of year one) by attack."""
        scales = {}
        for attack in self.graph.attacks:
            if attack.kind != "initial" or attack.capacity is None:
                continue
            expected = np.zeros(self.parameters.replicates)
            for segment in self.scenario.segments:
                for group in self._classes[segment.name]:
                    for share, routes in group.of(attack.name):
                        rate = self.intensity(attack, segment, routes).attempts_year
                        expected = expected + segment.accounts * group.weight * share * rate
            room = self.parameters(attack.capacity)
            if self.release is not None:
                room = room * self.release.capacity
            share = room / np.where(expected > 0, expected, 1.0)
            scales[attack.name] = np.where(expected > 0, np.minimum(1.0, share), 1.0)
        return scales

    # ------------------------------------------------------------------------------------ laws

    def class_law(self, segment: Segment, group: AccountClass, *, year: bool = False) -> ClassLaw:
        """Law of the attacks in one class.

        Parameters
        ----------
        segment, group
            The class.
        year
            Over the first 365 days in place of the horizon.

        Returns
        -------
        Probabilities given H, and P(H).
        """
        victim: dict[str, list[Number]] = {}
        attempted: dict[str, list[Number]] = {}
        for attack in self.graph.attacks:
            pairs = self.given_granted(attack, segment, group, year=year)
            attempted[attack.name] = [pair[0] for pair in pairs]
            victim[attack.name] = [pair[1] for pair in pairs]
        granted = granted_law([victim[attack.name] for attack in self._granting])
        return ClassLaw(granted, victim, attempted)

    def given_granted(
        self, attack: Attack, segment: Segment, group: AccountClass, *, year: bool = False
    ) -> list[tuple[Number, Number]]:
        """Probabilities of being attempted and a victim for every set H of granted attacks.

        Parameters
        ----------
        attack, segment, group
            The attack, and the class.
        year
            Over the first 365 days in place of the horizon.

        Returns
        -------
        One pair for each bit set H; a plain 0.0 where nothing can happen. The same object stands for the
        same value.
        """
        sets = len(self._held)
        variants = group.of(attack.name)
        if not variants:
            return [(0.0, 0.0)] * sets
        if attack.kind == "initial":
            pairs = [self._initial(attack, segment, routes, year=year) for _, routes in variants]
            return [_mixed(variants, pairs)] * sets
        cache: dict[tuple[tuple[str, ...], ...], tuple[Number, Number]] = {}
        found = []
        for held in self._held:
            usable = [[r for r in routes if held.issuperset(r.capabilities)] for _, routes in variants]
            key = tuple(tuple(route.name for route in routes) for routes in usable)
            if key not in cache:
                pairs = [self._follow_on(attack, own) if own else (0.0, 0.0) for own in usable]
                cache[key] = _mixed(variants, pairs)
            found.append(cache[key])
        return found

    def _initial(
        self, attack: Attack, segment: Segment, routes: tuple[Route, ...], *, year: bool
    ) -> tuple[Number, Number]:
        intensity = self.intensity(attack, segment, routes)
        scale = self.scales.get(attack.name, np.ones(1))
        tried = intensity.attempts_year if year else intensity.attempts
        won = intensity.successes_year if year else intensity.successes
        return -np.expm1(-scale * tried), -np.expm1(-scale * won)

    def _follow_on(self, attack: Attack, routes: Sequence[Route]) -> tuple[Number, Number]:
        key = (attack.name, tuple(route.name for route in routes))
        if key not in self._follow_ons:
            tried, won = best_route(routes, self.parameters)
            self._follow_ons[key] = tried, thinned(won, attack.protections, self.parameters)
        return self._follow_ons[key]

    def happened_by(
        self, attack: Attack, segment: Segment, routes: tuple[Route, ...], days: Sequence[float]
    ) -> Array:
        """Probability that an initial attack has made a victim of an account by some days.

        Parameters
        ----------
        attack, segment, routes
            An attack with initial routes, of which these are open.
        days
            Month ends or the horizon, rising. [days]

        Returns
        -------
        Shape (len(days), R).
        """
        scale = self.scales.get(attack.name, np.ones(1))
        happened = self.hazards.cumulated(attack, segment, routes, days, -scale)
        np.expm1(happened, out=happened)
        return np.negative(happened, out=happened)

    def forget_time(self) -> None:
        """Let go of the arrays by time interval; every intensity already asked for is kept."""
        self.hazards.forget()

    def classes(self, segment: Segment) -> list[AccountClass]:
        """Classes of a segment.

        Parameters
        ----------
        segment
            One of the scenario's.

        Returns
        -------
        At least one; their weights sum to 1.
        """
        return self._classes[segment.name]

    def segment_law(self, segment: Segment) -> SegmentLaw:
        """Probabilities for an account of a segment.

        Parameters
        ----------
        segment
            One of the scenario's.

        Returns
        -------
        Everything that counts are drawn from.
        """
        law = SegmentLaw(exposed=exposed_share(segment, self.parameters))
        law.attackable = self._attackable(segment)
        for group in self._classes[segment.name]:
            if not any(group.routes.values()):
                continue
            own = self.class_law(segment, group)
            self._add_granting(law, group.weight, own)
            self._add_others(law, group.weight, own)
            self._add_anchored(law.anchored, group.weight, own)
            self._add_year(law, segment, group)
        return law

    def _attackable(self, segment: Segment) -> dict[str, Array]:
        """Probability that the leaked fields satisfy some route, by attack."""
        masks = mask_weights(segment, _fields_read(self.graph), self.parameters)
        won = closure(self.graph, np.array(list(masks), dtype=np.uint64))
        result = {}
        for number, name in enumerate(self.graph.names):
            weights = [
                weight for weight, success in zip(masks.values(), won[:, number], strict=True) if success
            ]
            if weights:
                result[name] = np.asarray(sum(weights[1:], weights[0]))
        return result

    def _add_granting(self, law: SegmentLaw, weight: Array, own: ClassLaw) -> None:
        for granted, chance in enumerate(own.granted):
            if not never(chance):
                _add(law.granted, granted, weight * chance)
        for number, attack in enumerate(self._granting):
            for granted, chance in enumerate(own.granted):
                if never(chance):
                    continue
                if granted >> number & 1:
                    _add(law.victim, attack.name, weight * chance)
                    _add(law.attempted, attack.name, weight * chance)
                elif not never(own.attempted[attack.name][granted]):
                    tried, won = own.attempted[attack.name][granted], own.victim[attack.name][granted]
                    failed = np.where(np.asarray(won) < 1, (tried - won) / np.maximum(1 - won, _TINY), 0.0)
                    _add(law.attempted, attack.name, weight * chance * failed)
                    if attack.kind == "follow_on":
                        _add(law.in_vain, (attack.name, granted), weight * chance * failed)
        law.people = law.people + weight * (1.0 - own.granted[0])

    def _add_others(self, law: SegmentLaw, weight: Array, own: ClassLaw) -> None:
        """Attacks that grant nothing: independent of each other given H."""
        spared: Number = 1.0
        for attack in self.graph.attacks:
            if attack.grants or not attack.routes:
                continue
            name, none = attack.name, own.granted[0]
            for granted, chance in enumerate(own.granted):
                won = own.victim[name][granted]
                if never(chance) or never(won):
                    continue
                _add(law.victim, name, weight * chance * won)
                _add(law.attempted, name, weight * chance * own.attempted[name][granted])
                if granted:
                    _add(law.with_granted, (name, granted), weight * chance * won)
                    if attack.kind == "follow_on":
                        vain = own.attempted[name][granted] - won
                        _add(law.in_vain, (name, granted), weight * chance * vain)
            alone = own.victim[name][0]
            if not never(alone) and not never(none):
                _add(law.first, name, weight * none * alone * spared)
                _add(law.again, name, weight * none * alone * (1.0 - spared))
                spared = spared * (1.0 - alone)
        law.people = law.people + weight * own.granted[0] * (1.0 - spared)

    def _add_anchored(self, sums: dict[tuple[str, str], Array], weight: Array, own: ClassLaw) -> None:
        """Victims of an anchoring attack and of its follow-on."""
        numbers = {attack.name: i for i, attack in enumerate(self.graph.granting)}
        for attack in self.graph.attacks:
            for name in attack.anchor.follow_ons if attack.anchor and attack.routes else ():
                for granted, chance in enumerate(own.granted):
                    if not granted >> numbers[attack.name] & 1 or never(chance):
                        continue
                    if name in numbers:
                        won: Number = float(granted >> numbers[name] & 1)
                    else:
                        won = own.victim[name][granted]
                    _add(sums, (attack.name, name), weight * chance * won)

    def _add_year(self, law: SegmentLaw, segment: Segment, group: AccountClass) -> None:
        own = self.class_law(segment, group, year=True)
        self._add_anchored(law.anchored_year, group.weight, own)
        for attack in self.graph.attacks:
            if attack.grants:
                continue
            for granted, chance in enumerate(own.granted):
                won = own.victim[attack.name][granted]
                if not never(chance) and not never(won):
                    _add(law.victim_year, attack.name, group.weight * chance * won)
        for number, attack in enumerate(self._granting):
            for granted, chance in enumerate(own.granted):
                if granted >> number & 1 and not never(chance):
                    _add(law.victim_year, attack.name, group.weight * chance)


def _read(routes: Iterable[tuple[Route, ...]]) -> frozenset[str]:
    """Traits that some routes read."""
    return frozenset(trait for own in routes for route in own for trait in route.traits)


def _held(granting: Sequence[Attack]) -> list[frozenset[str]]:
    """Capabilities that each set of granting attacks gives, by bit set."""
    return [
        frozenset(name for i, attack in enumerate(granting) if bits >> i & 1 for name in attack.grants)
        for bits in range(1 << len(granting))
    ]


def _private_traits(graph: AttackGraph) -> frozenset[str]:
    """Traits that one attack of the whole graph alone reads, which grants nothing.

    Not of the routes open in a class: there a trait may look private only because another, missing trait
    has closed the routes that share it, and the class already holds it or not.
    """
    readers: dict[str, list[Attack]] = {}
    for attack in graph.attacks:
        for trait in _read([attack.routes]):
            readers.setdefault(trait, []).append(attack)
    return frozenset(
        trait for trait, attacks in readers.items() if len(attacks) == 1 and not attacks[0].grants
    )


def _mixed(variants: Sequence[Variant], pairs: Sequence[tuple[Number, Number]]) -> tuple[Number, Number]:
    """Probabilities of being attempted and a victim over the variants of a class."""
    tried: Number = 0.0
    won: Number = 0.0
    for (share, _), (attempted, victim) in zip(variants, pairs, strict=True):
        if never(attempted):
            continue
        sole = len(variants) == 1 and share.size == 1 and share[0] == 1.0
        tried = attempted if sole else tried + share * attempted
        won = victim if sole else won + share * victim
    return tried, won


def _freeze(arrays: Iterable[Array]) -> None:
    for array in arrays:
        array.flags.writeable = False


def _fields_read(graph: AttackGraph) -> set[str]:
    return {name for attack in graph.attacks for route in attack.routes for name in route.fields}


def _add(sums: dict, key: object, value: Number) -> None:  # type: ignore[type-arg]
    known = sums.get(key)
    sums[key] = np.asarray(value) if known is None else known + value


def anchor_factors(law: Law, laws: Mapping[str, SegmentLaw]) -> dict[str, Array]:
    """Factors on the severities of anchored follow-ons that meet the published mean loss.

    Parameters
    ----------
    law
        Scenario, graph and parameters.
    laws
        Law of each segment, by name.

    Returns
    -------
    By follow-on. Shape (R,); 1 where nothing is lost through the anchor.
    """
    factors: dict[str, Array] = {}
    for attack in law.graph.attacks:
        if attack.anchor is None:
            continue
        anchored, lost = np.zeros(1), np.zeros(1)
        for segment in law.scenario.segments:
            own = laws[segment.name]
            anchored = anchored + segment.accounts * own.victim.get(attack.name, np.zeros(1))
            for name in attack.anchor.follow_ons:
                both = own.anchored.get((attack.name, name), np.zeros(1))
                lost = lost + segment.accounts * both * law.parameters(law.graph[name].severity)
        target = law.parameters(attack.anchor.mean_loss) * anchored
        factor = np.where(lost > 0, target / np.where(lost > 0, lost, 1.0), 1.0)
        factors |= dict.fromkeys(attack.anchor.follow_ons, factor)
    return factors
