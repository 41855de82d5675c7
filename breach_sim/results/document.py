"""One result as a JSON document, and the hash of everything that made it.

Not here: tables, and files of them (``interop.export``).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping

import numpy as np

from breach_sim.formatting.tables import summary
from breach_sim.inputs.numbers.membership import Universe
from breach_sim.results.replicates import WORDS, Replicates
from breach_sim.results.tables.money import firm_cost, firm_lines


def input_hash(run: Replicates) -> str:
    """SHA-256 over everything that made a run.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    64 hexadecimal digits.
    """
    made_of = [run.scenario, run.attacks, run.seed, run.replicates, run.horizon_years]
    made_of += [run.fixed_from_baseline, run.firm]
    text = json.dumps(made_of, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Return a frozen object as plain data, its class by name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)} | {
            "_": type(value).__name__
        }
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a hash of inputs")


def to_json(run: Replicates) -> str:
    """One run as a JSON document.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    ``scenario, seed, replicates, accounts, exposed, people, firm_cost_usd, attacks, version`` and more; every
    uncertain number is ``{"p5", "p50", "p95", "mean"}``. For combined breaches also ``union``, with the
    overlap of every pair and its bounds.
    """
    attacks = {
        name: {word: summary(run.per_attack(word)[i]) for word in WORDS[1:]}
        for i, name in enumerate(run.attacks.names)
    }
    cost = firm_cost(firm_lines(run))
    document = {
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replicates": run.replicates,
        "horizon_years": run.horizon_years,
        "accounts": run.scenario.accounts,
        "exposed": run.exposed,
        "people": summary(run.people),
        "loss_usd": summary(run.loss),
        "firm_cost_usd": None if cost is None else summary(cost),
        "attacks": attacks,
        "notes": list(run.notes),
        "input_hash": input_hash(run),
        "numpy": np.__version__,
        "version": run.version,
    }
    universe = run.scenario.universe
    if universe is not None:
        document["union"] = _union(universe)
    return json.dumps(document, indent=2)


def _union(universe: Universe) -> dict[str, object]:
    """Breaches of a union, and how many people they can share."""
    pairs = []
    for (i, j), overlap in zip(universe.pairs(), universe.overlaps, strict=True):
        low, high = universe.bounds((i, j))
        given = universe.independent((i, j)) if overlap is None else overlap.central
        entry = {"breaches": [universe.breaches[i], universe.breaches[j]], "overlap": given}
        pairs.append(entry | {"given": overlap is not None, "lowest": low, "highest": high})
    few, many = universe.bounds_of_any()
    return {
        "universe": universe.persons,
        "breaches": dict(zip(universe.breaches, universe.sizes, strict=True)),
        "overlaps": pairs,
        "people_lowest": few,
        "people_highest": many,
    }
