"""Expected attempts on an account: activity over time, thinned by clocks and resets.

Activity is the density of the onset law, scaled to mass 1 over the first year after the sale. A clock (a
line given up, a handset replaced) or a reset ends the validity of fields. Each attempt takes the best live
route. The result is the expected number of attempts and of successes on an account with given open routes,
over the horizon and over the first year. The probabilities of being attempted and of being a victim are
1 - exp(-x) of these numbers.

Not here: capacity (``law``), and follow-ons, which happen when their capability is granted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.granted import TINY
from breach_sim.engine.time import MONTHS, YEAR, cut_days, regime_ends, time_edges
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.attacks import Attack, Onset, Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection, thinned
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

Spans = dict[tuple[object, ...], Array]


@dataclass(frozen=True, slots=True)
class Intensity:
    """Expected attempts and successes on one account.

    Parameters
    ----------
    attempts, successes
        Over the horizon. Shape (R,). [attempts], [successes, repeats included]
    attempts_year, successes_year
        Over the first 365 days, whatever the horizon. Shape (R,).
    """

    attempts: Array
    successes: Array
    attempts_year: Array
    successes_year: Array


@dataclass(frozen=True, slots=True)
class ReleaseDraw:
    """Way in which the data got out, per replicate.

    Parameters
    ----------
    kind
        Number of the row of the scenario's release table. Shape (R,).
    onset, tail, capacity
        Factors on the median and the sigma of every onset, and on every capacity. Shape (R,). [ratio]
    """

    kind: NDArray[np.int64]
    onset: Array
    tail: Array
    capacity: Array


def draw_release(scenario: Scenario, graph: AttackGraph, parameters: Parameters) -> ReleaseDraw | None:
    """Draw one row of the scenario's release table per replicate: how the data got out.

    Parameters
    ----------
    scenario, graph
        The release table, and the factors of each row.
    parameters
        Draws per replicate.

    Returns
    -------
    The draw, or None for a scenario without a table.

    Raises
    ------
    ValueError
        If the graph does not define a release that the table names.
    """
    if not scenario.release:
        return None
    for name in scenario.release:
        if name not in graph.releases:
            raise ValueError(unknown("release", name, graph.releases, f"scenario {scenario.name!r}"))
    kind = parameters.choose("release", list(scenario.release.values()))
    factors = []
    for part in ("onset", "tail", "capacity"):
        factor = np.ones(parameters.replicates)
        for number, name in enumerate(scenario.release):
            if np.any(kind == number):
                factor = np.where(kind == number, parameters(getattr(graph.releases[name], part)), factor)
        factors.append(factor)
    return ReleaseDraw(kind, *factors)


class Hazards:
    """Intensities of initial attacks in the segments of one scenario.

    Parameters
    ----------
    scenario, graph, parameters, horizon_years, steps_per_month, cuts
        As for :class:`breach_sim.engine.law.Law`.
    like
        Hazards of the same parameters and horizon, whose cuts and arrays by time are reused. Its cuts must
        include those needed here.

    Raises
    ------
    ValueError
        If the horizon is out of range.
    """

    def __init__(
        self,
        scenario: Scenario,
        graph: AttackGraph,
        parameters: Parameters,
        horizon_years: float,
        steps_per_month: int = 1,
        cuts: Sequence[float] = (),
        like: Hazards | None = None,
    ) -> None:
        self._graph = graph
        self._parameters = parameters
        self._scenario = scenario
        self._activity: dict[tuple[str, ...], Array] = {}
        self._intervals: dict[tuple[str, ...], Array] = {}
        self._spans: Spans = {}
        if like is not None:
            self._activity, self._intervals, self._spans = like.by_time
        days = [*cut_days(scenario, graph), *cuts]
        edges = time_edges(horizon_years, days, steps_per_month) if like is None else like.edges
        self._edges: Array = edges
        self.horizon = horizon_years * YEAR
        release = draw_release(scenario, graph, parameters) if like is None else like.release
        self.release: ReleaseDraw | None = release

    @property
    def by_time(self) -> tuple[dict[tuple[str, ...], Array], dict[tuple[str, ...], Array], Spans]:
        """Cached activity, thinned activity, and sums over spans."""
        return self._activity, self._intervals, self._spans

    @property
    def edges(self) -> Array:
        """Days at which time is cut, ascending. Shape (T + 1,)."""
        return self._edges

    def forget(self) -> None:
        """Drop the arrays by time interval, which are rebuilt when needed. Sums over spans are kept."""
        self._activity.clear()
        self._intervals.clear()
        self._spans = {key: span for key, span in self._spans.items() if span.ndim == 1}

    def intensity(self, attack: Attack, segment: Segment, routes: Sequence[Route]) -> Intensity:
        """Return the expected attempts and successes on an account with the given open routes.

        Parameters
        ----------
        attack
            An attack with initial routes.
        segment
            Sets the clock rates and the resets that apply.
        routes
            Open routes, at least one, in the order of the attack.

        Returns
        -------
        Before capacity.
        """
        size = self._parameters.replicates
        sums = {"horizon": [np.zeros(size), np.zeros(size)], "year": [np.zeros(size), np.zeros(size)]}
        for window, end in (("horizon", self.horizon), ("year", YEAR)):
            for start, stop, alive in self.phases(attack, segment, routes, end):
                for weight, live in self._states(attack, segment, alive, start, stop):
                    # Equations (3) and (4) without c: each clock state uses its best live route.
                    tried, won = self._rates(live)
                    sums[window][0] += weight * tried
                    if not attack.protections:
                        sums[window][1] += weight * won
            if attack.protections:
                sums[window][1] += self._protected(attack, segment, routes, end)
        return Intensity(*sums["horizon"], *sums["year"])

    def _protected(self, attack: Attack, segment: Segment, routes: Sequence[Route], end: float) -> Array:
        """Expected successes up to a day of an attack with protections. Shape (R,)."""
        won = np.zeros(self._parameters.replicates)
        for start, stop, alive in self.phases(attack, segment, routes, end, attack.protections):
            for weight, live in self._states(attack, segment, alive, start, stop):
                # Equation (15): protections thin successes and do not affect the choice of the route.
                won += weight * self._thinned(self._rates(live)[1], attack, start)
        return won

    def _rates(self, live: Sequence[Route]) -> tuple[Array, Array]:
        """Attempts, and attempts x success, of the best of some initial routes a year. Shape (R,) each."""
        tried, won = best_route(live, self._parameters)
        # Equations (30) and (41): the same factors on all routes, so they do not change which is best.
        for factor in self._graph.on_attempts(live):
            common = self._parameters(factor)
            tried, won = tried * common, won * common
        return tried, won

    def _thinned(self, rate: Array, attack: Attack, day: float) -> Array:
        """A rate of successes times the factors that hold from a day on."""
        return thinned(rate, [own for own in attack.protections if own.holds(day)], self._parameters)

    def happens_between(
        self,
        attack: Attack,
        segment: Segment,
        routes: Sequence[Route],
        days: Sequence[float],
        scale: Array | float = 1.0,
    ) -> Array:
        """Return the probability that an attack first succeeds between each given day and the one before.

        Parameters
        ----------
        attack, segment, routes
            As for :meth:`intensity`.
        days
            Month ends or the horizon, ascending; the first span begins on day 0. [days]
        scale
            Factor on the successes, such as the capacity scale. Shape (R,) or a number.

        Returns
        -------
        Shape (len(days), R). Small ones keep their digits: none is a difference of two sums.
        """
        sums: Array | None = None
        for start, stop, alive in self.phases(attack, segment, routes, self.horizon, attack.protections):
            skipped = sum(day <= start for day in days)
            ends = [min(day, stop) for day in days[skipped:]]
            for weight, live in self._states(attack, segment, alive, start, ends):
                rate = self._thinned(self._rates(live)[1], attack, start) * -scale
                if sums is None:
                    sums = np.empty((len(days), self._parameters.replicates))
                    sums[:skipped] = 0.0
                    np.multiply(weight, rate, out=sums[skipped:])
                else:
                    sums[skipped:] += weight * rate
        if sums is None:
            return np.zeros((len(days), self._parameters.replicates))
        # Equation (5) cut at each day: 1 - exp(-x), for the accounts spared so far. The array is large and is
        # changed in place. Both factors are negative, which saves a pass.
        spared = -np.ones(self._parameters.replicates)
        for place in range(len(sums)):
            np.expm1(sums[place], out=sums[place])
            sums[place] *= spared
            spared += sums[place]
        return sums

    def phases(
        self,
        attack: Attack,
        segment: Segment,
        routes: Sequence[Route],
        end: float,
        protections: Sequence[Protection] = (),
    ) -> list[tuple[float, float, list[Route]]]:
        """Split time into phases with constant live routes and constant protections.

        Parameters
        ----------
        attack, segment, routes
            As for :meth:`intensity`.
        end
            Last day. [days]
        protections
            Of the attack, where they matter.

        Returns
        -------
        First day, last day, and the routes that no reset has ended. Phases without a route are left out.
        """
        dead = {
            route.name: np.inf if attack.reset_proof else self._reset_day(segment, route) for route in routes
        }
        turns = [day for own in protections for day in (own.day, own.until)]
        days = sorted({0.0, end, *(day for day in (*dead.values(), *turns) if 0 < day < end)})
        phases = []
        for start, stop in pairwise(days):
            alive = [route for route in routes if dead[route.name] > start]
            if alive:
                phases.append((start, stop, alive))
        return phases

    def _reset_day(self, segment: Segment, route: Route) -> float:
        """Day on which a reset ends the validity of some field of a route."""
        days = [
            event.day
            for event in self._scenario.events
            if event.kind == "reset"
            and (not event.segments or segment.name in event.segments)
            and set(event.fields) & set(route.fields)
        ]
        return min(days, default=np.inf)

    def _states(
        self,
        attack: Attack,
        segment: Segment,
        routes: list[Route],
        start: float,
        stop: float | Sequence[float],
    ) -> list[tuple[Array, list[Route]]]:
        """Activity spent in each clock state up to a day, or between several, with the routes live in it."""
        ruling = {route.name: self.clocks_of(attack, route) for route in routes}
        clocks = tuple(name for name in attack.clocks if any(name in own for own in ruling.values()))
        subsets = [subset for size in range(len(clocks) + 1) for subset in combinations(clocks, size)]
        states = []
        for state in subsets:
            live = [route for route in routes if ruling[route.name] <= set(state)]
            if not live:
                continue
            # "These clocks running, those not" follows by inclusion and exclusion from "these running".
            # Products of interval means would be wrong, because both clocks run over the same time.
            weight = self.mass(attack, segment, state, start, stop)
            wider = [other for other in subsets if set(state) < set(other)]
            for other in wider:
                sign = (-1.0) ** (len(other) - len(state))
                weight = weight + sign * self.mass(attack, segment, other, start, stop)
            # Rounding can leave the alternating sum slightly below zero.
            states.append((np.maximum(weight, 0.0) if wider else weight, live))
        return states

    def stands_in(self, attack: Attack, segment: Segment, one: Route, other: Route) -> bool:
        """Return whether the first of two routes does all that the second does, in every replicate.

        Parameters
        ----------
        attack, segment
            An attack, and a segment.
        one, other
            Two of its routes.

        Returns
        -------
        True if their numbers are the same and `one` asks for no other trait or capability, has no other
        clock, and is not ended earlier by a reset. The second can then be left out where both are open.
        """
        same = (one.attempts, one.success, one.multiplier) == (
            other.attempts,
            other.success,
            other.multiplier,
        )
        if not same or not {*one.traits, *one.capabilities} <= {*other.traits, *other.capabilities}:
            return False
        if attack.kind == "follow_on":
            return True
        sooner = not attack.reset_proof and self._reset_day(segment, one) < self._reset_day(segment, other)
        return not sooner and self.clocks_of(attack, one) <= self.clocks_of(attack, other)

    def clocks_of(self, attack: Attack, route: Route) -> set[str]:
        """Return the clocks of an attack that govern a field of one of its routes.

        Parameters
        ----------
        attack, route
            An attack, and one of its routes.

        Returns
        -------
        Names of clocks.
        """
        return {name for name in attack.clocks if set(self._graph.clocks[name].fields) & set(route.fields)}

    def mass(
        self,
        attack: Attack,
        segment: Segment,
        clocks: tuple[str, ...],
        start: float,
        stop: float | Sequence[float],
    ) -> Array:
        """Return the activity between two days that finds all given clocks still running.

        Parameters
        ----------
        attack, segment
            An attack with initial routes, and a segment.
        clocks
            Clocks of the attack that must still run. The state of other clocks is ignored.
        start, stop
            First day, and last day or several, ascending: days at which time is cut. [days]

        Returns
        -------
        Shape (R,); 1 over the first year without clocks. For several last days the activity between each and
        the day before it, shape (len(stop), R). [1]
        """
        onset = attack.onset
        if onset is None:
            raise ValueError(f"attacks.{attack.name} has no onset; only initial attacks have an intensity")
        rates = [self._graph.clocks[name].rate(segment.kind) for name in clocks]
        own = (attack.name,) if attack.regimes else ()
        key = (onset.median.name, onset.sigma.name, *(rate.name for rate in rates), *own)
        if key not in self._intervals:
            thinned = self._activity_of(onset) * self._running(rates)
            self._intervals[key] = thinned * self._regime_factors(attack) if attack.regimes else thinned
        ends = [stop] if isinstance(stop, (int, float)) else list(stop)
        span = (key, start, stop if isinstance(stop, (int, float)) else tuple(ends))
        if span not in self._spans:
            # Sums of the intervals of a span. A difference of two sums from day 0 would lose late digits.
            places = np.searchsorted(self._edges, (start, *ends))
            sums = np.empty((len(ends), self._parameters.replicates))
            for row, (a, b) in enumerate(pairwise(places)):
                self._intervals[key][a:b].sum(axis=0, out=sums[row])
            self._spans[span] = sums[0] if isinstance(stop, (int, float)) else sums
        return self._spans[span]

    def _activity_of(self, onset: Onset) -> Array:
        """Activity in each interval, mass 1 over the first year as cataloged. Shape (T, R)."""
        key = (onset.median.name, onset.sigma.name)
        if key not in self._activity:
            from scipy.special import ndtr

            # Soft ends can reach 0. The limit of a median of 0 is that all use is on day 0.
            median = np.maximum(self._parameters(onset.median), TINY)
            sigma = np.maximum(self._parameters(onset.sigma), TINY)
            year = ndtr((np.log(YEAR) - np.log(median)) / sigma)
            if self.release is not None:
                median = np.maximum(median * self.release.onset, TINY)
                sigma = np.maximum(sigma * self.release.tail, TINY)
            # Day 0 gives log(0) = -inf, whose normal probability is correctly 0.
            with np.errstate(divide="ignore", over="ignore"):
                scores = (np.log(self._edges)[:, None] - np.log(median)) / sigma
            # Equation (1). The divisor is that of the cataloged onset: a release that speeds up use moves
            # more of it into year one and does not increase the total use over all time.
            # Late intervals are differences of the upper tail: there the law itself is close to 1.
            late = scores > 0
            tail = ndtr(-np.abs(scores))
            self._activity[key] = (
                np.diff(late, axis=0) + np.diff(np.where(late, -tail, tail), axis=0)
            ) / year
        return self._activity[key]

    def _regime_factors(self, attack: Attack) -> Array:
        """Factor of the regime in which each interval begins. Shape (T, R)."""
        ends = [*regime_ends(attack, self._scenario)[:-1], np.inf]
        place = np.searchsorted(ends, self._edges[:-1], side="right")
        factors = np.stack([self._parameters(regime.factor) for regime in attack.regimes])
        return np.asarray(factors[place])

    def _running(self, rates: Sequence[Estimate]) -> Array:
        """Mean probability in each interval that all of some clocks still run. Shape (T, R) or (1, 1)."""
        if not rates:
            return np.ones((1, 1))
        # Equation (2): clocks are independent, so "all still running" is one clock with the summed rate.
        per_day = np.add.reduce([self._parameters(rate) for rate in rates]) * MONTHS / YEAR
        length = np.diff(self._edges)[:, None] * per_day
        # The rate of a clock that never rings is 0; the limit of the quotient is 1.
        mean = np.where(length > 0, -np.expm1(-length) / np.where(length > 0, length, 1.0), 1.0)
        return np.asarray(np.exp(-self._edges[:-1, None] * per_day) * mean)


def best_route(routes: Sequence[Route], parameters: Parameters) -> tuple[Array, Array]:
    """Return the attempts, and attempts x success, of the best route per replicate.

    Parameters
    ----------
    routes
        At least one; the first wins ties.
    parameters
        Draws per replicate.

    Returns
    -------
    Two arrays of shape (R,): attempts of the route with the largest attempts x success, and that product.
    """
    tried = _attempts(routes[0], parameters)
    won = tried * parameters(routes[0].success)
    for route in routes[1:]:
        attempts = _attempts(route, parameters)
        product = attempts * parameters(route.success)
        better = product > won  # of equal routes the first listed stays
        tried = np.where(better, attempts, tried)
        won = np.where(better, product, won)
    return tried, won


def _attempts(route: Route, parameters: Parameters) -> Array:
    """Attempts of a route, multiplied where it has a multiplier. Shape (R,)."""
    tried = parameters(route.attempts)
    return tried if route.multiplier is None else tried * parameters(route.multiplier)
