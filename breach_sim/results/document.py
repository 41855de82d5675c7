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
from breach_sim.results.expectations import expected, expected_part
from breach_sim.results.parts import PARTS
from breach_sim.results.replicates import WORDS, Replicates
from breach_sim.results.tables.by_part import summaries
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
    ``scenario, seed, replicates, accounts, exposed, people, firm_cost_usd, attacks, parts, version`` and
    more; every uncertain number is ``{"p5", "p50", "p95", "mean"}``. ``parts`` are those of people and loss,
    and in ``attacks`` those of the victims.
    """
    attacks: dict[str, dict[str, object]] = {
        name: {word: summary(run.per_attack(word)[i], expected(run, word, name)) for word in WORDS[1:]}
        for i, name in enumerate(run.attacks.names)
    }
    victims = {part: run.split.victims(part).sum(axis=1) for part in PARTS}
    for i, name in enumerate(run.attacks.names):
        attacks[name]["parts"] = {
            part: summary(own[i], expected_part(run, part, "victims", name)) for part, own in victims.items()
        }
    people, loss = summaries(run)
    cost = firm_cost(firm_lines(run))
    document = {
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replicates": run.replicates,
        "horizon_years": run.horizon_years,
        "accounts": run.scenario.accounts,
        "exposed": run.exposed,
        "people": summary(run.people, expected(run, "people")),
        "loss_usd": summary(run.loss, expected(run, "loss_usd")),
        "firm_cost_usd": None if cost is None else summary(cost),
        "parts": {"people": people, "loss_usd": loss},
        "attacks": attacks,
        "bound_by_capacity": dict(run.bound_by_capacity),
        "closed_for_one_field": {name: list(fields) for name, fields in run.closed_for_one_field.items()},
        "notes": list(run.notes),
        "input_hash": input_hash(run),
        "numpy": np.__version__,
        "version": run.version,
    }
    return json.dumps(document, indent=2)
