"""The law of one account: probabilities per segment, with every chain followed to its end.

Given parameters and mask, each attack has one uniform number per account. The attack succeeds if this
number lies below the probability of its best open route in the closure. Only attacks that grant a
capability are shared steps; do not combine these by noisy-or or by adding probabilities. The law of the set
H of granted attacks is computed exactly (:func:`granted_law`), and given H all other attacks are
independent. Masks with the same open routes form one class. Nothing is sampled here.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from breach_sim.engine.classes import AccountClass, Classifier, alike, by_routes, mixed, touched
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import exposed_share, mask_weights
from breach_sim.engine.granted import ClassLaw, Number, granted_law, held_by_set, possible_sets
from breach_sim.engine.hazards import Hazards, Intensity, best_route
from breach_sim.engine.known import KnownRoutes, attack_bits
from breach_sim.engine.segment_law import SegmentLaw, add_classes, divide
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.membership import Universe
from breach_sim.inputs.numbers.protections import thinned
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment


class Law:
    """The law of a scenario: classes, capacity scales, and the probabilities of each segment.

    Parameters
    ----------
    scenario, graph
        The leaked fields, and the attacks they enable.
    parameters
        Draws per replicate.
    horizon_years
        Years after the sale. (0, 100]
    scales
        Capacity scale by attack, taken from another run; computed on this scenario if None.
    steps_per_month
        Further cuts of time inside each month.
    cuts
        Further days at which time is cut, so that laws with different dates are cut alike. [days]
    like
        A law of the same parameters and horizon, whose cuts and arrays by time are reused.
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
        self.parameters = parameters.link(scenario.overrides)
        self.horizon_years = horizon_years
        self.cuts = tuple(cuts)
        earlier = None if like is None else like.hazards
        self.hazards: Hazards = Hazards(
            scenario, graph, parameters, horizon_years, steps_per_month, self.cuts, earlier
        )
        self.release = self.hazards.release
        self._shares: dict[Universe, Array] = {}
        self._touched = touched(scenario)
        self._alike = alike(scenario, self._touched, parameters)
        self._intensities: dict[tuple[Hashable, ...], Intensity] = {}
        self._initials: dict[tuple[Hashable, ...], tuple[Number, Number]] = {}
        self._follow_ons: dict[tuple[str, tuple[str, ...]], tuple[Number, Number]] = {}
        self._granting = graph.granting
        self._held = held_by_set(self._granting)
        self._givens: dict[Hashable, tuple[list[Number], list[Number]]] = {}
        self._granted: dict[Hashable, tuple[list[Number], list[tuple[int, Number]]]] = {}
        self._steps = steps_per_month
        self.classifier: Classifier = Classifier(graph, parameters, self.hazards.stands_in)
        self.known = KnownRoutes(graph, parameters)
        self._attack_bits = attack_bits(graph)
        self._read = sum(self._attack_bits[attack.name] for attack in self._granting)
        self._masks: dict[str, dict[int, Array]] = {}
        self._classes: dict[tuple[str, str], list[AccountClass]] = {}
        self._attackable: dict[tuple[str, str], dict[str, Array]] = {}
        own = self.capacity_scales(self.attempts_of_year_one()) if scales is None else scales
        self.scales = dict(own)

    def part(self, rows: slice) -> Law:
        """Return the same law for some of the replicates.

        Parameters
        ----------
        rows
            Which replicates, from start to stop.

        Returns
        -------
        A law with one replicate per row and unchanged capacity scales.
        """
        scales = {name: np.array(scale[rows]) for name, scale in self.scales.items()}
        part = self.parameters.part(rows)
        return Law(self.scenario, self.graph, part, self.horizon_years, scales, self._steps, cuts=self.cuts)

    def limited(self, scales: Mapping[str, Array], horizon_years: float | None = None) -> Law:
        """Return the same law under other capacity scales; what does not depend on them is shared.

        Parameters
        ----------
        scales
            By attack. Shape (R,) each. (0, 1]
        horizon_years
            Another horizon; that of this law if None. (0, 100]

        Returns
        -------
        A law of the same draws.
        """
        other: Law = copy.copy(self)
        other.scales, other._initials, other._givens, other._granted = dict(scales), {}, {}, {}
        if horizon_years is not None:
            other.horizon_years, other._intensities = horizon_years, {}
            other.hazards = Hazards(
                self.scenario, self.graph, self.parameters, horizon_years, self._steps, self.cuts
            )
        return other

    def masks(self, segment: Segment) -> dict[int, Array]:
        """Return the weight of each set of leaked fields that attacks or look-ups read, in a segment.

        Parameters
        ----------
        segment
            One of the scenario's.

        Returns
        -------
        Weight by set of fields. Shape (R,) or (1,) each. [bit set]
        """
        like = self._like(segment)
        if like not in self._masks:
            self._masks[like] = mask_weights(segment, self.known.fields, self.parameters)
        return self._masks[like]

    def classes_of(self, segment: Segment, known: Mapping[int, Array]) -> list[AccountClass]:
        """Return the classes of accounts that have given sets of known routes.

        Parameters
        ----------
        segment
            Decides which resets apply.
        known
            Weight by set of known routes, as ``KnownRoutes.of`` gives it. Shape (R,) or (1,) each.

        Returns
        -------
        At least one class. Their weights sum to the total weight.
        """
        return self.classifier.classes_of(segment, known)

    def intensity(self, attack: Attack, segment: Segment, routes: tuple[Route, ...]) -> Intensity:
        """Return the expected attempts and successes on an account with the given open routes (cached).

        Parameters
        ----------
        attack, segment, routes
            An attack with initial routes, a segment, and the open routes.

        Returns
        -------
        Expected numbers before the capacity scale is applied.
        """
        key = (self._place(segment), attack.name, tuple(route.name for route in routes))
        if key not in self._intensities:
            self._intensities[key] = self.hazards.intensity(attack, segment, routes)
        return self._intensities[key]

    def _place(self, segment: Segment) -> Hashable:
        """Key of what decides the intensities of a segment: its kind, and the resets that touch it."""
        return self._touched.get((segment.name, segment.kind), (segment.name, segment.kind))

    def _like(self, segment: Segment) -> str:
        """Name of the first segment whose accounts have the same law."""
        return self._alike.get(segment.name, segment.name)

    def unlike(self) -> list[tuple[Segment, Array | int]]:
        """Return the first of the segments of each kind that are alike, with the accounts of all of them.

        Returns
        -------
        In the order of the scenario. Accounts as :meth:`accounts` gives them.
        """
        found: dict[str, tuple[Segment, Array | int]] = {}
        for segment in self.scenario.segments:
            first, accounts = found.get(self._like(segment), (segment, 0))
            found[self._like(segment)] = first, accounts + self.accounts(segment)
        return list(found.values())

    def attempts_of_year_one(self) -> dict[str, Array]:
        """Return the attempts of year one that all accounts would receive without any capacity.

        Returns
        -------
        By attack with a capacity. Shape (R,). [attempts]
        """
        wanted = {}
        for attack in self.graph.attacks:
            if attack.kind != "initial" or attack.capacity is None:
                continue
            expected = np.zeros(self.parameters.replicates)
            for segment, accounts in self.unlike():
                for group, weight in by_routes(self.classes(segment), self._attack_bits[attack.name]):
                    for share, routes in group.of(attack.name):
                        rate = self.intensity(attack, segment, routes).attempts_year
                        expected = expected + accounts * weight * share * rate
            wanted[attack.name] = expected
        return wanted

    def capacity_scales(self, wanted: Mapping[str, Array]) -> dict[str, Array]:
        """Return the capacity scales for some expected attempts.

        Parameters
        ----------
        wanted
            Attempts of year one by attack: those of this law, or of all breaches that share the capacity.
            Shape (R,). [attempts]

        Returns
        -------
        min(1, capacity / attempts) by attack. Shape (R,). (0, 1]
        """
        scales = {}
        for name, expected in wanted.items():
            capacity = self.graph[name].capacity
            if capacity is None:
                continue
            room = self.parameters(capacity)
            if self.release is not None:
                room = room * self.release.capacity
            # Equation (10). Without expected attempts there is nothing to scale.
            share = room / np.where(expected > 0, expected, 1.0)
            scales[name] = np.where(expected > 0, np.minimum(1.0, share), 1.0)
        return scales

    def class_law(self, segment: Segment, group: AccountClass, *, year: bool = False) -> ClassLaw:
        """Return the law of the attacks in one class.

        Parameters
        ----------
        segment, group
            The class.
        year
            Use the first 365 days instead of the horizon.

        Returns
        -------
        Probabilities given H, and P(H).
        """
        victim: dict[str, list[Number]] = {}
        attempted: dict[str, list[Number]] = {}
        for attack in self.graph.attacks:
            attempted[attack.name], victim[attack.name] = self._given(attack, segment, group, year=year)
        key = (self._place(segment), group.opened & self._read, year)
        if key not in self._granted:
            granted = granted_law([victim[attack.name] for attack in self._granting])
            self._granted[key] = granted, possible_sets(granted)
        return ClassLaw(self._granted[key][0], victim, attempted, self._granted[key][1])

    def _given(
        self, attack: Attack, segment: Segment, group: AccountClass, *, year: bool
    ) -> tuple[list[Number], list[Number]]:
        """What :meth:`given_granted` gives, as two lists, once for all classes with the same routes."""
        key = (self._place(segment), attack.name, group.opened & self._attack_bits[attack.name], year)
        if key not in self._givens:
            pairs = self.given_granted(attack, segment, group, year=year)
            self._givens[key] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return self._givens[key]

    def given_granted(
        self, attack: Attack, segment: Segment, group: AccountClass, *, year: bool = False
    ) -> list[tuple[Number, Number]]:
        """Return the probabilities of being attempted and of being a victim, for every set H.

        Parameters
        ----------
        attack, segment, group
            The attack, and the class.
        year
            Use the first 365 days instead of the horizon.

        Returns
        -------
        One pair for each bit set H; the float 0.0 where the attack cannot happen. Equal values are the same
        object.
        """
        sets = len(self._held)
        variants = group.of(attack.name)
        if not variants:
            return [(0.0, 0.0)] * sets
        if attack.kind == "initial":
            pairs = [self._initial(attack, segment, routes, year=year) for _, routes in variants]
            # An initial attack needs no capability, so one pair of arrays serves every set H.
            return [mixed(variants, pairs)] * sets
        cache: dict[tuple[tuple[str, ...], ...], tuple[Number, Number]] = {}
        found = []
        for held in self._held:
            usable = [[r for r in routes if held.issuperset(r.capabilities)] for _, routes in variants]
            key = tuple(tuple(route.name for route in routes) for routes in usable)
            if key not in cache:
                pairs = [self._follow_on(attack, own) if own else (0.0, 0.0) for own in usable]
                cache[key] = mixed(variants, pairs)
            found.append(cache[key])
        return found

    def _initial(
        self, attack: Attack, segment: Segment, routes: tuple[Route, ...], *, year: bool
    ) -> tuple[Number, Number]:
        key = (self._place(segment), attack.name, tuple(route.name for route in routes), year)
        if key not in self._initials:
            intensity = self.intensity(attack, segment, routes)
            scale = self.scales.get(attack.name, np.ones(1))
            tried = intensity.attempts_year if year else intensity.attempts
            won = intensity.successes_year if year else intensity.successes
            # Equation (5); expm1 keeps the digits of small probabilities.
            self._initials[key] = -np.expm1(-scale * tried), -np.expm1(-scale * won)
        return self._initials[key]

    def _follow_on(self, attack: Attack, routes: Sequence[Route]) -> tuple[Number, Number]:
        key = (attack.name, tuple(route.name for route in routes))
        if key not in self._follow_ons:
            # Equation (6). A protection of a follow-on holds from day 0, so it is a single factor.
            tried, won = best_route(routes, self.parameters)
            self._follow_ons[key] = tried, thinned(won, attack.protections, self.parameters)
        return self._follow_ons[key]

    def happens_between(
        self, attack: Attack, segment: Segment, routes: tuple[Route, ...], days: Sequence[float]
    ) -> Array:
        """Return the probability that an initial attack first succeeds between each day and the one before.

        Parameters
        ----------
        attack, segment, routes
            An attack with initial routes, a segment, and the open routes.
        days
            Month ends or the horizon, ascending. [days]

        Returns
        -------
        Shape (len(days), R).
        """
        scale = self.scales.get(attack.name, 1.0)
        return self.hazards.happens_between(attack, segment, routes, days, scale)

    def accounts(self, segment: Segment) -> Array | int:
        """Return the accounts of a segment: uncertain in a cell, or where a user says so.

        Parameters
        ----------
        segment
            Of the scenario or of a what-if.

        Returns
        -------
        The whole number of the segment; where it is uncertain shape (R,) or (1,), no whole numbers.
        """
        member = segment.membership
        if member is None:
            own = self.scenario.overrides.accounts.get(segment.name)
            return segment.accounts if own is None else self.parameters(own)
        if member.universe not in self._shares:
            self._shares[member.universe] = member.universe.shares(self.parameters)
        return member.accounts(self._shares[member.universe])

    def accounts_by_segment(self, scenario: Scenario) -> Array:
        """Return the accounts of every segment.

        Parameters
        ----------
        scenario
            That of the law, or a what-if.

        Returns
        -------
        Shape (S, 1), or (S, R) where some are uncertain. [accounts]
        """
        rows = [np.atleast_1d(np.asarray(self.accounts(s), dtype=np.float64)) for s in scenario.segments]
        width = max(len(row) for row in rows)
        return np.stack([np.broadcast_to(row, (width,)) for row in rows])

    def forget_time(self) -> None:
        """Drop the arrays by time interval. Intensities already computed are kept."""
        self.hazards.forget()

    def classes(self, segment: Segment, routes: str = "known") -> list[AccountClass]:
        """Return the classes of a segment.

        Parameters
        ----------
        segment
            One of the scenario's.
        routes
            Which routes count as known: one of :data:`~breach_sim.engine.known.ROUTE_SETS`.

        Returns
        -------
        At least one class. Their weights sum to 1.
        """
        key = (self._like(segment), routes)
        if key not in self._classes:
            known = self.known.of(self.masks(segment), routes)
            self._classes[key] = self.classes_of(segment, known)
            # Both need every set of known routes. These are many, so they are asked for once and not kept.
            self._attackable[key] = self.classifier.attackable(known)
        return self._classes[key]

    def attackable(self, segment: Segment, routes: str = "known") -> dict[str, Array]:
        """Return the probability that an account is attackable.

        Parameters
        ----------
        segment, routes
            As for :meth:`classes`.

        Returns
        -------
        By attack, for attacks that can happen. Shape (R,) or (1,).
        """
        key = (self._like(segment), routes)
        if key in self._attackable:
            return dict(self._attackable[key])
        return self.classifier.attackable(self.known.of(self.masks(segment), routes))

    def segment_laws(self, routes: str = "known") -> dict[str, SegmentLaw]:
        """Return the probabilities for an account of every segment.

        Parameters
        ----------
        routes
            As for :meth:`classes`.

        Returns
        -------
        By segment. Segments that are alike in everything but size share one object.
        """
        laws: dict[str, SegmentLaw] = {}
        for segment in self.scenario.segments:
            like = self._like(segment)
            laws[segment.name] = laws[like] if like in laws else self.segment_law(segment, routes)
        return laws

    def segment_law(self, segment: Segment, routes: str = "known") -> SegmentLaw:
        """Return the probabilities for an account of a segment.

        Parameters
        ----------
        segment, routes
            As for :meth:`classes`.

        Returns
        -------
        The probabilities from which counts are drawn.
        """
        law = self.sums_of(segment, self.classes(segment, routes))
        law.attackable = self.attackable(segment, routes)
        return law

    def sums_of(self, segment: Segment, classes: Sequence[AccountClass]) -> SegmentLaw:
        """Return the probabilities for an account of given classes, all but that of being attackable.

        Parameters
        ----------
        segment, classes
            Where, and its classes or others, such as those of fewer known routes.

        Returns
        -------
        As for :meth:`segment_law`.
        """
        law = SegmentLaw(exposed=exposed_share(segment, self.parameters))
        groups = [group for group in classes if group.opened]
        if groups:
            divided = divide(
                self.graph,
                [group.weight for group in groups],
                [group.opened for group in groups],
                lambda a, place, window: self.given_granted(a, segment, groups[place], year=window == "year"),
            )
            add_classes(self.graph, law, *divided)
        return law
