"""Numbers of the engine and of the twin, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.severity import anchor_factors, joint_second_moment, mean_loss, moments
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from support import reference as twin
from support import worlds
from support.remembered import remembered

Case = tuple[Scenario, AttackGraph, float]


@remembered()
def rows(case: Case) -> tuple[dict[str, float], dict[str, float]]:
    """Return every expected number of a world by name: the engine's, and the twin's."""
    what, attacks, years = case
    parameters = Parameters(0, 1)
    law = Law(what, attacks, parameters, years)
    laws = {s.name: law.segment_law(s) for s in what.segments}
    factors = anchor_factors(law, laws)
    means, squares = {}, {}
    for a in attacks.attacks:
        mean = mean_loss(parameters, attacks, a, factors)
        means[a.name], squares[a.name] = moments(mean, parameters(a.severity_sigma))
    world = worlds.twin_world(what, attacks, years)
    scales = twin.capacity_scales(world)
    reference = twin.expected(world, scales)
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    for name, value in scales.items():
        ours[f"scale {name}"], theirs[f"scale {name}"] = one(law.scales.get(name, 1.0)), value
    for name, value in twin.anchor_factors(world, scales).items():
        ours[f"factor {name}"], theirs[f"factor {name}"] = one(factors.get(name, 1.0)), value
    for s in what.segments:
        own, row = laws[s.name], reference["segments"][s.name]
        for word, p in (("exposed", own.exposed), ("people", own.people)):
            ours[f"{s.name} {word}"], theirs[f"{s.name} {word}"] = s.accounts * one(p), row[word]
        for name in attacks.names:
            for word, table in (
                ("attackable", own.attackable),
                ("attempted", own.attempted),
                ("victims", own.victim),
            ):
                key = f"{s.name} {name} {word}"
                ours[key], theirs[key] = s.accounts * one(table.get(name, 0.0)), row["attacks"][name][word]
    loss, variance = joint_second_moment(law, means, squares)
    ours |= {"loss": one(loss), "loss variance": one(variance)}
    theirs |= {"loss": reference["total"]["loss"], "loss variance": reference["total"]["loss_variance"]}
    return ours, theirs


@remembered()
def parts_of(case: Case, routes: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the expected numbers if only some routes count as known: the engine's, and the twin's.

    Scales are those of all known routes.
    """
    what, attacks, years = case
    law = Law(what, attacks, Parameters(0, 1), years)
    world = worlds.twin_world(what, attacks, years)
    scales = twin.capacity_scales(world)
    reference = twin.expected({**world, "routes": routes}, scales, {})["segments"]
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    for s in what.segments:
        own, row = law.segment_law(s, routes), reference[s.name]
        ours[f"{s.name} people"], theirs[f"{s.name} people"] = s.accounts * one(own.people), row["people"]
        for name in attacks.names:
            for word, table in (
                ("attackable", own.attackable),
                ("attempted", own.attempted),
                ("victims", own.victim),
            ):
                key = f"{s.name} {name} {word}"
                ours[key], theirs[key] = s.accounts * one(table.get(name, 0.0)), row["attacks"][name][word]
    return ours, theirs


def worst(case: Case) -> tuple[float, str]:
    """Return the largest relative distance of engine and twin, and where it is."""
    ours, theirs = rows(case)
    assert ours.keys() == theirs.keys()
    return max((abs(ours[k] - v) / max(abs(v), 1e-9), k) for k, v in theirs.items())


def one(value: Any) -> float:
    """Return the number of an array of one, or a number."""
    return float(np.ravel(value)[0])
