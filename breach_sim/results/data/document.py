"""One result as a JSON document, and the hash of everything that made it.

``catalog/data/templates/impact.schema.json`` is the JSON Schema of the document, and docs/data.md says what
may change without a new major number of :data:`VERSION`.

Not here: the parts beside the answer (``sections``), what a run was made of (``given``), tables, and files of
them (``interop.export``).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import standard_errors, summary
from breach_sim.formatting.versions import made_with
from breach_sim.inputs.firm.payments import PaymentRows
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.membership import Universe
from breach_sim.results.data.given import given
from breach_sim.results.data.sections import UNITS, sections
from breach_sim.results.expectations import expected, expected_part
from breach_sim.results.parts import PARTS
from breach_sim.results.replicates import WORDS, Replicates
from breach_sim.results.tables.by_part import summaries
from breach_sim.results.tables.money import firm_cost, firm_lines, ledger_notes
from breach_sim.results.tables.uncertainty import budget_rows

SCHEMA, VERSION = "breach_sim/impact", "1.1"
"""Name and version of the schema of the document."""
UNHASHED = frozenset(("left_out", "overrides", "own", "quantiles", "samples"))
"""Attributes that the hash leaves out where they are empty."""


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
    made_of = [run.scenario, run.attacks, run.seed, run.replicates, run.horizon_years, run.sampling]
    made_of += [run.fixed_from_baseline, run.firm]
    made_of += [run.posterior.digest] if run.posterior is not None else []
    text = json.dumps(made_of, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Return a frozen object as plain data, its class by name."""
    if isinstance(value, PaymentRows):
        # The rows are named by the hash of the data that they were fitted on.
        return {"hash": value.hash, "figures": value.figures, "_": "PaymentRows"}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        # A scenario of which all was read and nothing was changed keeps the hash it had before.
        parts = {name: part for name, part in parts.items() if part or name not in UNHASHED}
        if parts.get("country", "") is None:
            del parts["country"]  # and so does a run on US numbers
        if isinstance(value, AttackGraph):
            del parts["home"]  # it changes words, no numbers
        return parts | {"_": type(value).__name__}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
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
    more; every uncertain number is ``{"p5", "p50", "p95", "mean"}``. ``firm_notes`` say why there is no cost
    of the firm, or how to read it. ``parts`` are those of people and loss, and in ``attacks`` those of the
    victims. ``standard_errors`` has the same shape, null where one replicate
    has none. ``spread`` says what makes the width of people and loss: the standard deviations by ignorance,
    structure and luck. ``schema`` names the schema and its version, ``units`` the unit of each key;
    ``segments``, ``ledgers``, ``timeline``, ``excess``, ``drivers`` and ``exceedance`` stand beside the
    answer (:func:`~breach_sim.results.data.sections.sections`); ``overrides``, ``readings`` and
    ``parameters`` say what it was made of (:func:`~breach_sim.results.data.given.given`). For combined
    breaches also ``union``, with the overlap of every pair and its bounds.
    """
    costs = firm_lines(run)
    cost = firm_cost(costs)
    pairs: dict[str, Any] = {"people": (run.people, expected(run, "people"))}
    pairs |= {"loss_usd": (run.loss, expected(run, "loss_usd"))}
    pairs |= {"firm_cost_usd": None if cost is None else (cost, cost)}
    attacks = {name: _pairs_of(run, i, name) for i, name in enumerate(run.attacks.names)}
    people, loss = summaries(run)
    budget, bands = budget_rows(run), ("sd_ignorance", "sd_structure", "sd_luck")
    document = {
        "schema": {"id": SCHEMA, "version": VERSION},
        "units": dict(UNITS),
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replicates": run.replicates,
        "sampling": run.sampling,
        "calibrated": run.posterior is not None,
        "horizon_years": run.horizon_years,
        "accounts": run.scenario.accounts,
        "exposed": run.exposed,
        "firm_notes": list(ledger_notes(run)),
        **_each(pairs, lambda pair: summary(*pair)),
        "parts": {"people": people, "loss_usd": loss},
        "spread": {name: {band: budget[name][band] for band in bands} for name in ("people", "loss_usd")},
        "attacks": _each(attacks, lambda pair: summary(*pair)),
        "standard_errors": _each({**pairs, "attacks": attacks}, lambda pair: _errors(run, *pair)),
        **sections(run, costs),
        **given(run),
        "bound_by_capacity": dict(run.bound_by_capacity),
        "at_capacity": run.at_capacity,
        "zeros": [zero.document() for zero in run.zeros],
        "closed_for_one_field": {name: list(fields) for name, fields in run.closed_for_one_field.items()},
        "notes": list(run.notes),
        "left_out": [dataclasses.asdict(part) for part in run.scenario.left_out],
        "input_hash": input_hash(run),
        "numpy": np.__version__,
        "made_with": made_with(),
        "version": run.version,
    }
    universe = run.scenario.universe
    if universe is not None:
        document["union"] = _union(universe)
    return json.dumps(document, indent=2)


def _pairs_of(run: Replicates, number: int, name: str) -> dict[str, Any]:
    """Draws and expectations of one attack: the steps of the funnel, and the parts of its victims."""
    steps: dict[str, Any] = {
        word: (run.per_attack(word)[number], expected(run, word, name)) for word in WORDS[1:]
    }
    victims = {part: run.split.victims(part)[number].sum(axis=0) for part in PARTS}
    parts = {part: (own, expected_part(run, part, "victims", name)) for part, own in victims.items()}
    return steps | {"parts": parts}


def _each(tree: Mapping[str, Any], change: Callable[[tuple[Any, Any]], Any]) -> dict[str, Any]:
    """The same nested mapping with every pair of draws and expectations changed; None stays."""
    return {
        name: _each(part, change) if isinstance(part, Mapping) else None if part is None else change(part)
        for name, part in tree.items()
    }


def _errors(run: Replicates, sample: NDArray[Any], mean: Array) -> dict[str, float | None]:
    """Standard errors by statistic; None for what is not finite, which JSON cannot say."""
    errors = standard_errors(sample, mean, run.scramble)
    return {name.removeprefix("se_"): error if np.isfinite(error) else None for name, error in errors.items()}


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
