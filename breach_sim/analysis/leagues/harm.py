"""Expected harm of each of many breaches on shared draws, under the league's reading and all others at once.

Given the parameters, harm is an expectation: luck is integrated out. Breaches are taken in two passes. The
first adds up the attempts of each calendar year, because the breaches of a year share the national capacities
(docs/model.md, section 7.3); the second computes each breach under the scales that follow. Sums go by the
names of the breaches, so that the order in which they are given changes nothing. Breaches are computed in
batches, and a batch of wide ones in slices of columns: memory does not grow with their number.

Not here: the readings (``worlds``), and ranks (``order``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from breach_sim.analysis.leagues.worlds import ALONE, BASE, HORIZON, YEAR, Draws, with_own_names
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.known import KnownRoutes
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.arrays.drawn import read_only

LOSS = "loss_usd"
"""Measure of money; the other one is people."""
BATCH = 64
"""Breaches that use one set of drawn parameters, which is then dropped."""
WIDE = 4_096
"""Most columns that are computed at once: a breach with many classes needs an array of these for each."""
Member: TypeAlias = tuple[Scenario, AttackGraph]
"""A breach and its attacks."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with the breaches done and all breaches, each pass counting for half."""
Wanted: TypeAlias = Mapping[str, Array]
"""Attempts of year one by attack, shape (columns,). [attempts]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachHarm:
    """Expected harm of one breach, given the parameters.

    Parameters
    ----------
    people, loss_usd
        People harmed and money lost. Shape (R,) each. [accounts], [USD]
    by_attack
        Expected victims, each account once for each attack, and loss, by attack. [accounts], [USD]
    readings
        What breaches are ranked by under each reading, mean over its points. [accounts] or [USD]
    at_points
        The same of the league itself over the same points, for comparison. [accounts] or [USD]
    bound
        Share of the points at which the capacity of crews limits an attack, by name. (0, 1]
    """

    people: Array
    loss_usd: Array
    by_attack: Mapping[str, tuple[float, float]]
    readings: Mapping[str, float]
    at_points: float
    bound: Mapping[str, float] = field(default_factory=dict)


def harms(
    members: Sequence[Member],
    draws: Draws,
    horizon_years: float,
    by: str = LOSS,
    progress: Progress | None = None,
) -> tuple[list[BreachHarm], frozenset[str]]:
    """Return the expected harm of breaches on shared draws.

    Parameters
    ----------
    members
        Breaches of different names, with their attacks.
    draws
        Shared points and readings.
    horizon_years
        Years after the sale. (0, 100]
    by
        What breaches are ranked by: "loss_usd" or "people".
    progress
        Called after each breach.

    Returns
    -------
    Harm in the order given, and the names of all uncertain parameters that it was computed from.
    """
    order = sorted(range(len(members)), key=lambda place: members[place][0].name)
    own = [(with_own_names(members[place][0]), members[place][1]) for place in order]
    count = _Count(progress, 2 * len(own))
    totals = _totals(own, draws, horizon_years, count)
    found: list[BreachHarm | None] = [None] * len(own)
    read: set[str] = set()
    for numbers, parameters in _batches(own, draws):
        for number in numbers:
            scenario, graph = own[number]
            year = scenario.day_zero[:4]
            law = Law(scenario, graph, parameters, horizon_years, scales={})
            found[order[number]] = _of_breach(law, draws, by, totals.get(year))
            count.one_more()
        read |= {estimate.name for estimate in parameters.used if not estimate.is_certain}
    return [harm for harm in found if harm is not None], frozenset(read)


class _Count:
    """Breaches done so far."""

    def __init__(self, progress: Progress | None, size: int) -> None:
        self.progress, self.size, self.done = progress, size, 0

    def one_more(self) -> None:
        """Count one, and report it."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.size)


def _batches(members: Sequence[Member], draws: Draws) -> Iterator[tuple[list[int], Parameters]]:
    """Numbers of breaches that share drawn parameters, with these.

    Breaches of different countries may give one name different numbers; a table of ways of getting out, and
    the cells of several breaches, are drawn for one breach alone.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, (scenario, _) in enumerate(members):
        alone = bool(scenario.release) or scenario.universe is not None
        key: tuple[str, ...] = (
            ("", scenario.name) if alone else (",".join(sorted(scenario.dossier.countries)),)
        )
        alike.setdefault(key, []).append(number)
    for key, numbers in alike.items():
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start : start + BATCH]
            own = members[batch[0]][0] if len(key) > 1 else None
            yield batch, draws.parameters([members[number][1] for number in batch], own)


def _totals(
    members: Sequence[Member], draws: Draws, horizon_years: float, count: _Count
) -> dict[str, dict[str, Array]]:
    """Attempts of year one in each calendar year in which several breaches began, by attack."""
    years = [scenario.day_zero[:4] for scenario, _ in members]
    shared = {year for year in years if year and years.count(year) > 1}
    totals: dict[str, dict[str, Array]] = {year: {} for year in shared}
    for numbers, parameters in _batches(members, draws):
        for number in numbers:
            scenario, graph = members[number]
            if years[number] in shared:
                law = Law(scenario, graph, parameters, horizon_years, scales={})
                own = totals[years[number]]
                for name, attempts in wanted_attempts(law).items():
                    own[name] = own.get(name, np.zeros(1)) + attempts
            count.one_more()
    return totals


def wanted_attempts(law: Law) -> dict[str, Array]:
    """Return the attempts of year one without any capacity, attack by attack.

    Parameters
    ----------
    law
        Scenario, attacks and parameters.

    Returns
    -------
    What ``Law.attempts_of_year_one`` gives, without the classes of all attacks together: one attack can tell
    few sets of known routes apart. Shape (R,) each. [attempts]
    """
    wanted = {}
    for attack in law.graph.attacks:
        if attack.kind == "initial" and attack.capacity is not None:
            wanted[attack.name] = _attempts(law, attack)
    return wanted


def _attempts(law: Law, attack: Attack) -> Array:
    """Attempts of one attack in year one."""
    total = np.zeros(law.parameters.replicates)
    if not attack.routes:
        return total
    routes = KnownRoutes(law.graph, law.parameters, among=[attack.name])
    for segment in law.scenario.segments:
        expected: Array = np.zeros(1)
        for group in law.classes_of(segment, routes.of(law.masks(segment))):
            for share, usable in group.of(attack.name):
                rate = law.intensity(attack, segment, usable).attempts_year
                expected = expected + group.weight * share * rate
        total = total + law.accounts(segment) * expected
    return total


def _of_breach(law: Law, draws: Draws, by: str, total: Wanted | None) -> BreachHarm:
    """Expected harm of one breach under all readings."""
    columns, names = draws.columns, law.graph.names
    parts = []
    for start in range(0, draws.size, WIDE):
        rows = slice(start, min(start + WIDE, draws.size))
        whole = rows.stop - rows.start == draws.size
        parts.append(_in_columns(law if whole else law.part(rows), draws, by, total, rows))
    people, victims, losses, scales, year = (
        np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)
    )
    base, few = columns[BASE], slice(0, draws.few)
    loss = losses.sum(axis=0)
    ranked = loss if by == LOSS else people
    readings = {name: float(ranked[place].mean()) for name, place in columns.items() if name != BASE}
    if HORIZON in draws.readings:
        readings[HORIZON] = float(year[few].mean())
    bound = {name: float(np.mean(own < 1)) for name, own in zip(names, scales[:, base], strict=True)}
    return BreachHarm(
        people=read_only(people[base].copy()),
        loss_usd=read_only(loss[base].copy()),
        by_attack={
            name: (float(hit[base].mean()), float(lost[base].mean()))
            for name, hit, lost in zip(names, victims, losses, strict=True)
        },
        readings=readings,
        at_points=float(ranked[few].mean()),
        bound={name: share for name, share in bound.items() if share > 0},
    )


def _in_columns(
    law: Law, draws: Draws, by: str, total: Wanted | None, rows: slice
) -> tuple[Array, Array, Array, Array, Array]:
    """People, victims and loss by attack, capacity scales, and harm of one year, in some columns.

    Shapes (R,), (A, R), (A, R), (A, R) and (R,).
    """
    wanted = law.attempts_of_year_one()
    alone = draws.columns.get(ALONE, slice(0, 0))
    if total is not None:
        own = slice(max(alone.start - rows.start, 0), max(alone.stop - rows.start, 0))
        shared = {name: np.array(total[name][rows]) for name in wanted}
        for name, attempts in wanted.items():
            shared[name][own] = attempts[own]
        wanted = shared
    scales = law.capacity_scales(wanted)
    law = law.limited(scales)
    size = law.parameters.replicates
    laws = law.segment_laws()
    people, victims, losses = _expected(law, laws)
    year = np.zeros(size)
    if HORIZON in draws.readings and by == LOSS:
        first = {
            name: dataclasses.replace(own, victim=own.victim_year, anchored=own.anchored_year)
            for name, own in laws.items()
        }
        year = _expected(law, first)[2].sum(axis=0)
    elif HORIZON in draws.readings:
        short = law.limited(scales, YEAR)
        year = _expected(short, short.segment_laws())[0]
    law.forget_time()
    limits = [np.broadcast_to(scales.get(name, np.ones(1)), (size,)) for name in law.graph.names]
    return people, victims, losses, np.stack(limits), year


def _expected(law: Law, laws: Mapping[str, SegmentLaw]) -> tuple[Array, Array, Array]:
    """Expected people, shape (R,), and victims and loss by attack, shape (A, R) each."""
    factors = anchor_factors(law, laws)
    size = law.parameters.replicates
    people = np.zeros(size)
    victims, losses = (np.zeros((len(law.graph.names), size)) for _ in range(2))
    for segment in law.scenario.segments:
        accounts, own = law.accounts(segment), laws[segment.name]
        people = people + accounts * own.people
        for number, name in enumerate(law.graph.names):
            if name in own.victim:
                victims[number] += accounts * own.victim[name]
    for number, attack in enumerate(law.graph.attacks):
        if victims[number].any():
            losses[number] = mean_loss(law.parameters, law.graph, attack, factors, chance=victims[number])
    return people, victims, losses
