"""New victims by attack and calendar year of breaches that are run together, and of the people of a study.

Breaches share parameters by their names, and the national capacity of the calendar year of their day 0. What
is uncertain in one scenario only, coverages and the way the data got out, is drawn for each breach by itself.
Everything is expected given the parameters; luck is small beside what is not known.

Not here: national counts (``likelihood``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.law import Law
from breach_sim.engine.time import YEAR
from breach_sim.engine.timeline import victims_by
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.numbers.targets import Member, Study
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.side_by_side import shared_scales

HORIZON_YEARS = 5.0
"""Years of each breach; use of the data after that is not counted."""
RELEASE = "release"
CHUNK = 1_024
"""Replicates computed at once: the arrays over time stay small."""
World = tuple[Scenario, AttackGraph]


@dataclasses.dataclass(frozen=True)
class Sums:
    """Harm of all breaches together, and of the people of each study.

    Parameters
    ----------
    by_year
        Expected new victims by attack and calendar year. Shape (R,) each. [accounts]
    studies
        Share of the people of a study that its attacks harmed. Shape (R,) each.
    reporting
        Drawn reporting rates of attacks that counts are compared through, by name. Shape (R,) each.
    levels
        Uniform numbers of all parameters that the run read and that other scenarios share, by name. (R,)
    estimates
        The priors of these parameters, by name.
    """

    by_year: Mapping[tuple[str, int], Array]
    studies: Mapping[str, Array]
    reporting: Mapping[str, Array]
    levels: Mapping[str, Array]
    estimates: Mapping[str, Estimate]

    @property
    def total(self) -> Array:
        """Victims of all attacks in all years, accounts. Shape (R,)."""
        return np.asarray(sum(self.by_year.values(), np.zeros(1)))


def as_run(member: Member, scenario: Scenario) -> Scenario:
    """Return the scenario of a member as the joint run takes it.

    Parameters
    ----------
    member
        Which segments count, and a date where the scenario has none.
    scenario
        Of the catalog.

    Returns
    -------
    With a day 0.

    Raises
    ------
    ValueError
        If neither the scenario nor the member has a date of day 0.
    """
    kept = tuple(s for s in scenario.segments if not member.segments or s.name in member.segments)
    day_zero = scenario.day_zero or member.day_zero
    if not day_zero:
        raise ValueError(
            f"{scenario.name} has no date of day 0, so its victims belong to no year; give day_zero in the "
            "targets"
        )
    return dataclasses.replace(scenario, segments=kept, day_zero=day_zero)


def sums(
    worlds: Sequence[World],
    studies: Sequence[tuple[Study, AttackGraph]],
    years: tuple[int, int],
    *,
    reporting: Sequence[Estimate] = (),
    replicates: int,
    seed: int,
    posterior: Posterior | None = None,
) -> Sums:
    """Run breaches and studies together.

    Parameters
    ----------
    worlds
        Breaches with a date of day 0, each with its attacks.
    studies
        Studies, each with the attacks that its fields enable.
    years
        First and last calendar year.
    reporting
        Reporting rates that are parameters of the model.
    replicates
        Joint draws, R. [1, inf)
    seed
        Of the draws. [0, 2**63)
    posterior
        Rows of fitted parameters; None draws every prior.

    Returns
    -------
    Sums over the breaches, and the uniform numbers behind them.
    """
    whole = _Drawn(seed, replicates, posterior)
    by_year: dict[tuple[str, int], Array] = {}
    for group in _by_year(worlds):
        for attack, year, rows, victims in _victims(group, whole, years):
            place = (attack, year)
            by_year.setdefault(place, np.zeros(replicates))[rows] += victims
    shares = {study.name: _share(study, graph, whole) for study, graph in studies}
    parameters = whole.of("", ())
    rates = {estimate.name: parameters(estimate) for estimate in reporting}
    whole.note(parameters, ())
    own = {name: e for name, e in whole.used.items() if not e.is_certain}
    return Sums(by_year, shares, rates, {name: parameters.chance(name) for name in own}, own)


class _Drawn:
    """Parameters of the breaches on shared draws."""

    def __init__(self, seed: int, replicates: int, posterior: Posterior | None) -> None:
        self.replicates = replicates
        self._seed, self._posterior = seed, posterior
        self.used: dict[str, Estimate] = {}

    def of(self, breach: str, own: Sequence[str]) -> Parameters:
        """Parameters of a breach; those of the names given are its own."""
        chances = {
            name: uniforms(self._seed, "calibration", breach, name, size=self.replicates) for name in own
        }
        return Parameters(self._seed, self.replicates, chances=chances, posterior=self._posterior)

    def note(self, parameters: Parameters, own: Sequence[str]) -> None:
        """Keep which parameters were read, besides those of the scenario itself."""
        self.used |= {e.name: e for e in parameters.used if e.name not in own}


def _by_year(worlds: Sequence[World]) -> list[list[World]]:
    """Breaches of the same calendar year share capacities."""
    years: dict[str, list[World]] = {}
    for world in worlds:
        years.setdefault(world[0].day_zero[:4], []).append(world)
    return list(years.values())


def _victims(
    group: Sequence[World], whole: _Drawn, years: tuple[int, int]
) -> Iterator[tuple[str, int, slice, Array]]:
    """New victims of the breaches of one year by attack and calendar year, some replicates at a time."""
    named = [(*{e.name for e in estimates_in(s.segments)}, RELEASE) for s, _ in group]
    drawn = [whole.of(s.name, names) for (s, _), names in zip(group, named, strict=True)]
    for start in range(0, whole.replicates, CHUNK):
        rows = slice(start, min(start + CHUNK, whole.replicates))
        parts = [parameters.part(rows) for parameters in drawn]
        laws = [
            Law(s, graph, part, HORIZON_YEARS, scales={}, cuts=tuple(ends_of_years(s, years[1]).values()))
            for (s, graph), part in zip(group, parts, strict=True)
        ]
        scales = shared_scales(laws)
        for law, scale in zip(laws, scales, strict=True):
            for attack, by_year in _by_calendar(law.limited(scale), years).items():
                for year, victims in by_year.items():
                    yield attack, year, rows, victims
        for part, names in zip(parts, named, strict=True):
            whole.note(part, names)


def ends_of_years(scenario: Scenario, last: int) -> dict[int, float]:
    """Return the day on which each calendar year ends, cut at the horizon.

    Parameters
    ----------
    scenario
        With a date of day 0.
    last
        Last calendar year.

    Returns
    -------
    By year, from that of day 0 to the last one in which the breach is active. [days]
    """
    start, horizon = date.fromisoformat(scenario.day_zero), HORIZON_YEARS * YEAR
    found: dict[int, float] = {}
    for year in range(start.year, last + 1):
        if (date(year, 1, 1) - start).days < horizon:
            found[year] = min(float((date(year + 1, 1, 1) - start).days), horizon)
    return found


def _by_calendar(law: Law, years: tuple[int, int]) -> dict[str, dict[int, Array]]:
    """New victims of one breach by attack and calendar year, accounts. Shape (R,) each."""
    ends = ends_of_years(law.scenario, years[1])
    days = sorted({*ends.values(), HORIZON_YEARS * YEAR})
    found: dict[str, dict[int, Array]] = {}
    for segment in law.scenario.segments:
        accounts = law.accounts(segment)
        for attack, chance in victims_by(law, segment, days).items():
            grown = np.diff(chance, axis=0, prepend=0.0)
            for year, end in ends.items():
                if year >= years[0]:
                    own = found.setdefault(attack, {})
                    own[year] = own.get(year, np.zeros(1)) + accounts * grown[days.index(end)]
    return found


def _share(study: Study, graph: AttackGraph, whole: _Drawn) -> Array:
    """Share of the people of a study that its attacks harmed, some replicates at a time. Shape (R,)."""
    full = Estimate.fixed(f"calibration.{study.name}.coverage", 1.0, "share")
    leak = Leak(fields=study.fields, coverage=full)
    scenario = Scenario(
        name=study.name, segments=(Segment(name="people", accounts=study.accounts, leaks=(leak,)),)
    )
    drawn = whole.of(study.name, ())
    shares = []
    for start in range(0, whole.replicates, CHUNK):
        part = drawn.part(slice(start, min(start + CHUNK, whole.replicates)))
        law = Law(scenario, graph, part, max(study.days / YEAR, 1.0), cuts=(study.days,))
        days = sorted({study.days, law.horizon_years * YEAR})
        chances = victims_by(law, scenario.segments[0], days)
        missed = np.ones(part.replicates)
        for attack in study.attacks:
            if attack in chances:
                missed = missed * (1.0 - chances[attack][0])
        shares.append(1.0 - missed)
        whole.note(part, ())
    return np.concatenate(shares)
