"""Probability that an account is a victim by a given day, attack by attack.

The probability of being a victim by day t is that of the law with every intensity summed up to t. An
account keeps one uniform number per attack, and a follow-on has happened once the best route open so far has
a probability above that number. Chains and cycles are therefore followed exactly, and a shorter horizon is a
truncation of a longer one.

With it comes the share of victims whom the background had not struck by the time of their harm.

Not here: how the counts of a replicate are split over months (``results.by_month``), or dates of events.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breach_sim.engine.classes import AccountClass, by_routes
from breach_sim.engine.granted import Number, granted_law, never
from breach_sim.engine.known import attack_bits
from breach_sim.engine.law import Law
from breach_sim.engine.time import MONTHS, YEAR
from breach_sim.formatting.arrays import Array, cumulated
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.segment import Segment

SAME_WIDTH = 4e-8
"""Days by which two months of one width may differ after rounding."""


def month_ends(horizon_years: float) -> list[float]:
    """Return the days on which the months of a horizon end.

    Parameters
    ----------
    horizon_years
        Years after day 0. (0, 100]

    Returns
    -------
    Ascending; the last is the horizon, even if its month is incomplete. [days]
    """
    horizon = horizon_years * YEAR
    full = int(np.floor(horizon_years * MONTHS + 1e-9))
    ends = [month * YEAR / MONTHS for month in range(1, full + 1)]
    if not ends or ends[-1] < horizon - 1e-6:
        return [*ends, horizon]
    return [*ends[:-1], horizon]


def victims_by(law: Law, segment: Segment, days: Sequence[float]) -> dict[str, Array]:
    """Return the probability that an account is victim of each attack by the given days.

    Parameters
    ----------
    law
        Scenario, graph and parameters.
    segment
        One of the scenario's.
    days
        Month ends, ascending; the last is the horizon. [days]

    Returns
    -------
    By attack, for attacks that can happen in the segment. Shape (len(days), R).
    """
    calendar = _Calendar(law, segment, days)
    return {name: cumulated(own) for name, own in calendar.initial.items()} | calendar.follow_ons


def victims_between(law: Law, segment: Segment, days: Sequence[float]) -> dict[str, Array]:
    """Return the probability that an account becomes a victim of each attack between the given days.

    Parameters
    ----------
    law, segment, days
        As for :func:`victims_by`; the first span begins on day 0.

    Returns
    -------
    By attack, for attacks that can happen in the segment. Shape (len(days), R). For initial attacks late
    months keep their digits: they are no differences of sums.
    """
    calendar = _Calendar(law, segment, days)
    follow_ons = {name: np.diff(own, axis=0, prepend=0.0) for name, own in calendar.follow_ons.items()}
    return calendar.initial | follow_ons


def excess_share(grown: Array, days: Sequence[float], background: Array) -> Array:
    """Return the share of victims whom the background had not struck by the time of the harm.

    Parameters
    ----------
    grown
        Probability of becoming a victim between the days, as :func:`victims_between` gives it. Shape (T, R).
    days
        Month ends, ascending; the last is the horizon. [days]
    background
        Probability of the same harm without the breach. Shape (R,) or (1,). [probability/year]

    Returns
    -------
    x of equation (13). Shape (R,). [0, 1]; 0 where there are no victims

    Examples
    --------
    >>> excess_share(np.array([[1.0], [0.0]]), [365 / 12, 365 / 6], np.array([0.09])).round(4)
    array([0.9922])
    """
    widths = np.diff(np.asarray(days, dtype=np.float64), prepend=0.0)
    left, total, width = np.ones(1), np.zeros(grown.shape[1]), -1.0
    # Equation (13) from its last term to its first. Full months share one power, which is slow to compute.
    for month in range(len(widths) - 1, -1, -1):
        if abs(float(widths[month]) - width) > SAME_WIDTH:
            width = float(widths[month])
            left = (1.0 - background) ** (width / YEAR)
        total = (total + grown[month]) * left
    whole = grown.sum(axis=0)
    return np.clip(np.where(whole > 0, total / np.where(whole > 0, whole, 1.0), 0.0), 0.0, 1.0)


class _Calendar:
    """One segment over time.

    Initial attacks are added up by the span between days, follow-ons by the day: the joint law of the
    attacks that grant something is one of states.
    """

    def __init__(self, law: Law, segment: Segment, days: Sequence[float]) -> None:
        self._law = law
        self._segment = segment
        self._days = days
        self._bits = attack_bits(law.graph)
        self._happened: dict[tuple[str, tuple[str, ...]], Array] = {}
        self.initial: dict[str, Array] = {}
        self.follow_ons: dict[str, Array] = {}
        self._follow()

    def _follow(self) -> None:
        """Add up the classes: probabilities by attack and span, and by attack and day."""
        weights: dict[tuple[str, tuple[str, ...]], Array] = {}
        grown: dict[tuple[str, tuple[str, ...]], Array] = {}
        groups = self._law.classes(self._segment)
        for attack in self._law.graph.attacks:
            # An initial attack does the same in every class with the same open routes. The weights are added
            # first, so that the array over days is multiplied once.
            bits = self._bits[attack.name] if attack.kind == "initial" else 0
            for group, weight in by_routes(groups, bits):
                for share, routes in group.of(attack.name):
                    place = (attack.name, tuple(route.name for route in routes))
                    if place not in grown:
                        grown[place] = self._law.happens_between(attack, self._segment, routes, self._days)
                        if attack.grants:
                            self._happened[place] = cumulated(grown[place])
                    weights[place] = weights.get(place, np.zeros(1)) + weight * share
        self._add_follow_ons()
        for place, weight in weights.items():
            whole = weight.size == 1 and float(weight[0]) == 1.0
            _add(self.initial, place[0], grown[place] if whole else weight * grown[place])

    def _add_follow_ons(self) -> None:
        """Add the follow-ons: sums over the sets H of granted attacks by each day."""
        graph = self._law.graph
        read = sum(self._bits[attack.name] for attack in graph.granting)
        alike: dict[int, list[AccountClass]] = {}
        for group in self._law.classes(self._segment):
            alike.setdefault(group.opened & read, []).append(group)
        for groups in alike.values():
            # Equation (8) day by day: an account keeps its uniform number, so a follow-on has happened when
            # the probability of the best route open so far lies above it. The sets H are the same for all
            # classes with the same routes of granting attacks.
            granted = self._granted(groups[0])
            for attack in graph.attacks:
                if attack.kind == "follow_on":
                    self._add_follow_on(attack, groups, granted)

    def _add_follow_on(
        self, attack: Attack, groups: Sequence[AccountClass], granted: Sequence[Number]
    ) -> None:
        """Add one follow-on in classes with the same sets H."""
        numbers = {one.name: number for number, one in enumerate(self._law.graph.granting)}
        for group, weight in by_routes(groups, self._bits[attack.name]):
            if attack.name in numbers:
                bit = 1 << numbers[attack.name]
                chances: list[Number] = [float(bool(index & bit)) for index in range(len(granted))]
            else:
                chances = self._won(attack, group)
            for value, parts in _by_value(chances, granted):
                _add(self.follow_ons, attack.name, _total(parts) * (weight * value))

    def _won(self, attack: Attack, group: AccountClass) -> list[Number]:
        """Success of a follow-on given each set H."""
        return [won for _, won in self._law.given_granted(attack, self._segment, group)]

    def _granted(self, group: AccountClass) -> list[Number]:
        """Probability of each set H by each day."""
        granting = self._law.graph.granting
        given = {
            attack.name: self._won(attack, group)
            for attack in granting
            if attack.kind == "follow_on" and group.routes[attack.name]
        }
        return granted_law([self._given(group, attack.name, given) for attack in granting])

    def _given(self, group: AccountClass, name: str, given: dict[str, list[Number]]) -> list[Number]:
        """Success of a granting attack by each day, given each set H."""
        if name in given:
            return given[name]
        variants = group.of(name)
        sets = 1 << len(self._law.graph.granting)
        if not variants:
            return [0.0] * sets
        happened = self._happened[name, tuple(route.name for route in variants[0][1])]
        return [happened] * sets


def _by_value(chances: Sequence[Number], granted: Sequence[Number]) -> list[tuple[Number, list[Number]]]:
    """Group the sets H that can occur by the probability given each of them."""
    found: dict[object, tuple[Number, list[Number]]] = {}
    for chance, weight in zip(chances, granted, strict=True):
        if never(chance) or never(weight):
            continue
        key = chance if isinstance(chance, float) else id(chance)
        found.setdefault(key, (chance, []))[1].append(weight)
    return list(found.values())


def _total(parts: Sequence[Number]) -> Number:
    total: Number = parts[0]
    for number, part in enumerate(parts[1:]):
        if number and isinstance(total, np.ndarray):
            total += part
        else:
            total = total + part
    return total


def _add(sums: dict[str, Array], name: str, value: Array) -> None:
    sums[name] = value if name not in sums else sums[name] + value
