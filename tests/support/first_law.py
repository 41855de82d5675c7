"""Expected numbers of the first version's law for twenty breaches, stored; run as a script, it stores them.

The stored file holds the draws of every parameter beside the numbers, so that the comparison does not depend
on the catalog of today: capacities, soft ends and drivers play no part in it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from breach_sim import catalog
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario

FILE = Path(__file__).parents[1] / "data" / "first_law.npz"
REPLICATES, SEED, YEARS = 8, 1, 5.0
SCENARIOS = 20
CHANGED = ("tmobile-2021-class", "tmobile-2021-stated")
"""Breaches whose coverages are uncertain now: what leaked is not what it was."""


def expected(scenario: Scenario, graph: AttackGraph, parameters: Parameters) -> dict[str, Array]:
    """Return victims by attack and segment, people by segment and losses by attack, given the parameters."""
    law = Law(scenario, graph, parameters, YEARS)
    laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    factors = anchor_factors(law, laws)
    found: dict[str, Array] = {}
    for segment in scenario.segments:
        own = laws[segment.name]
        found[f"{segment.name}|people"] = segment.accounts * own.people
        for name, chance in own.victim.items():
            victims = segment.accounts * chance
            found[f"{segment.name}|{name}|victims"] = victims
            loss = victims * mean_loss(parameters, graph, graph[name], factors)
            found[f"{name}|loss"] = found.get(f"{name}|loss", 0.0) + loss
        for name, chance in own.attackable.items():
            found[f"{segment.name}|{name}|attackable"] = segment.accounts * chance
    return {key: np.broadcast_to(value, (REPLICATES,)) for key, value in found.items()}


LICENSE = Estimate(
    name="multipliers.drivers_license",
    kind="pert",
    low=1.0,
    mode=1.25,
    high=1.5,
    unit="ratio",
    status="assumed",
    sources=("analyst-judgment",),
    note="the factor that a license was; now it is a route of benefits fraud",
)


def with_license_as_factor(graph: AttackGraph) -> AttackGraph:
    """Return the graph with a license as the first version read it: a factor on three attacks."""
    changed = []
    for attack in graph.attacks:
        routes = tuple(route for route in attack.routes if route.name != "licence")
        if attack.name in {"benefits_fraud", "new_account_fraud", "tax_refund_fraud"}:
            routes += tuple(
                replace(
                    whole,
                    name="identity_licence",
                    fields=(*whole.fields, "drivers_license_number"),
                    multiplier=LICENSE,
                )
                for whole in routes
                if whole.name == "identity"
            )
        changed.append(replace(attack, routes=routes))
    return replace(graph, attacks=tuple(changed))


def stored_numbers() -> dict[str, tuple[dict[str, Array], Parameters]]:
    """Return the stored numbers of each breach, and its parameters with the stored draws."""
    with np.load(FILE) as file:
        stored = {key: file[key] for key in file.files}
    common = {key.split("#", 1)[1]: value for key, value in stored.items() if key.startswith("draws#")}
    found = {}
    for name in dict.fromkeys(
        key.split("#")[0] for key in stored if not key.startswith(("draws#", "chance#"))
    ):
        own = {key.removeprefix(f"{name}#"): v for key, v in common.items() if key.startswith(f"{name}#")}
        chances = {"release": stored[f"chance#{name}"]} if f"chance#{name}" in stored else {}
        numbers = {key.split("#", 1)[1]: v for key, v in stored.items() if key.startswith(f"{name}#")}
        found[name] = numbers, Parameters(SEED, REPLICATES, overrides=common | own, chances=chances)
    return found


def main() -> None:
    """Store the numbers of the code that runs this."""
    names = [name for name in catalog.scenario_names() if name not in CHANGED]
    chosen = [names[round(place)] for place in np.linspace(0, len(names) - 1, SCENARIOS - 4)]
    chosen += [n for n in names if n.startswith(("tmobile-2021", "national-public", "experian", "equifax"))]
    stored: dict[str, Array] = {}
    for name in list(dict.fromkeys(chosen))[:SCENARIOS]:
        scenario = catalog.scenario_of(name)
        parameters = Parameters(SEED, REPLICATES)
        numbers = expected(scenario, catalog.attacks_for(scenario), parameters)
        stored |= {f"{name}#{key}": value for key, value in numbers.items()}
        for estimate in parameters.used:
            draws, key = parameters(estimate), f"draws#{estimate.name}"
            if key in stored and not np.array_equal(stored[key], draws):
                key = f"draws#{name}#{estimate.name}"  # two breaches may give one name different numbers
            stored[key] = draws
        if scenario.release:
            stored[f"chance#{name}"] = parameters.chance("release")
    np.savez_compressed(FILE, **stored)
    sys.stdout.write(f"{len(stored)} arrays\n")


if __name__ == "__main__":
    main()
