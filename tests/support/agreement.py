"""Distances of the engine from the twin, in standard errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from breach_sim.api import attacks_of
from breach_sim.catalog import load_scenario
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate
from support import worlds

LIMIT = 4.0
"""Standard errors."""

R = 600

FEW = 30

WORDS = {"attackable": "attackable_counts", "attempted": "attempted_counts", "victims": "victim_counts"}

Case = tuple[Scenario, AttackGraph, float]

TwinRun = dict[str, Any]


def distance(expected: float, sample: Any) -> float:
    """Return the distance of one draw of the twin from the engine's mean, in standard errors.

    Numbers below thirty are judged by the tails of the Poisson law and the distance with the same tail.
    """
    values = np.asarray(sample, dtype=float)
    if 0 < values.mean() < FEW and np.all(values == np.rint(values)):
        below, above = (
            stats.poisson.cdf(expected, values.mean()),
            stats.poisson.sf(expected - 1, values.mean()),
        )
        return float(min(0.0, stats.norm.ppf(below)) if below < above else max(0.0, stats.norm.isf(above)))
    spread = values.std(ddof=1) * math.sqrt(1 + 1 / len(values))
    if spread <= 1e-9 * max(1.0, abs(values.mean())):
        return 0.0 if expected == pytest.approx(values.mean(), rel=1e-9) else math.inf
    return float((expected - values.mean()) / spread)


def distances(impact: Impact, reference: TwinRun, *, losses: bool = True) -> dict[str, float]:
    """Return the distance of every figure, segment by segment and over all segments."""
    found = {}
    rows = [reference["segments"][s.name] for s in impact.scenario.segments]
    for j, row in enumerate(rows):
        found[f"{j} exposed"] = distance(row["exposed"], impact.exposed_counts[j])
        found[f"{j} people"] = distance(row["people"], impact.people_counts[j])
    found["people"] = distance(sum(row["people"] for row in rows), impact.people)
    for i, name in enumerate(impact.attacks.names):
        for word, array in WORDS.items():
            counts = getattr(impact, array)[i]
            each = [row["attacks"][name][word] for row in rows]
            found |= {f"{j} {name} {word}": distance(n, counts[j]) for j, n in enumerate(each)}
            found[f"{name} {word}"] = distance(sum(each), counts.sum(axis=0))
        if losses:
            lost = sum(row["attacks"][name]["loss"] for row in rows)
            found[f"{name} loss"] = distance(lost, impact.losses[i].sum(axis=0))
    return found


def worst(found: dict[str, float]) -> float:
    """Return the largest distance."""
    return max(abs(z) for z in found.values())


def engine(case: Case, seed: int = 21, replicates: int = R) -> Impact:
    """Return the engine's impact."""
    what, attacks, years = case
    return simulate(what, attacks, replicates=replicates, seed=seed, horizon_years=years)


def blind_spots(impact: Impact, error: float) -> list[str]:
    """Return the attacks in which a relative error of the number of victims would not show."""
    victims = impact.victim_counts.sum(axis=1)
    return [
        name
        for name, own in zip(impact.attacks.names, victims, strict=True)
        if impact.attacks[name].routes and error * own.mean() < LIMIT * own.std()
    ]


def catalog(name: str, accounts: int, replicate: int, boost: float) -> Case:
    """Return a scenario of the catalog, scaled, its attacks at one replicate, rates boosted."""
    what = load_scenario(name)
    graph = attacks_of(what, elsewhere=None)  # the twin is slow with look-ups
    room = boost * accounts / what.accounts
    parameters = Parameters(20210817, 8)
    return (
        *worlds.frozen(what.scaled(accounts), graph, parameters, replicate, boost=boost, room=room),
        5.0,
    )
