"""What a run was made of, as plain data: every parameter, the user's own numbers, readings of the evidence.

Not here: the answer (``document``) and its parts (``sections``).
"""

from __future__ import annotations

import math
from typing import Any

from breach_sim.catalog import readings_of
from breach_sim.formatting.tables import summary
from breach_sim.inputs.numbers.estimates import Estimate, weakest_first
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.results.expectations import expected
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.money import firm_cost, firm_lines
from breach_sim.results.tables.readings import outside_rows, reading_rows
from breach_sim.results.tables.sources import estimates

ENDS = ("low", "mode", "high")
QUANTILES = ("p5", "p50", "p95")


def given(run: Replicates) -> dict[str, Any]:
    """What a run was made of.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    ``overrides``, ``readings`` and ``parameters``, each a list of plain data, ``reading_notes`` and
    ``currency``.
    """
    rows = reading_rows(run, readings_of(run.scenario))
    return {
        "overrides": overrides(run.scenario.overrides),
        "currency": currency(run),
        "readings": [row | {"times": _or_none(row["times"])} for row in rows],
        "reading_notes": list(outside_rows(run, rows)),
        "parameters": [parameter(estimate) for estimate in weakest_first(estimates(run))],
    }


def currency(run: Replicates) -> dict[str, Any] | None:
    """Loss and cost in the currency of a user's amounts.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    ``code``, ``usd_per_unit``, ``about``, and in that currency ``loss`` and ``firm_cost`` (None without a
    ledger); None where amounts were given in USD.
    """
    own = run.scenario.overrides.currency
    if own is None:
        return None
    cost = firm_cost(firm_lines(run))
    loss = summary(run.loss / own.usd_per_unit, expected(run, "loss_usd") / own.usd_per_unit)
    return {
        "code": own.code,
        "usd_per_unit": own.usd_per_unit,
        "about": own.about,
        "loss": loss,
        "firm_cost": None if cost is None else summary(cost / own.usd_per_unit),
    }


def parameter(estimate: Estimate) -> dict[str, Any]:
    """One parameter as it was entered, and the quantiles that its numbers imply.

    Parameters
    ----------
    estimate
        Any.

    Returns
    -------
    ``name``, ``kind``, ``low``, ``mode``, ``high`` (None where the kind has none, all the same where it is
    certain), ``p5``, ``p50``, ``p95``, ``unit``, ``status``, ``sources``, ``note``.
    """
    implied = estimate.implied()
    ends = {word: estimate.value if estimate.is_certain else getattr(estimate, word) for word in ENDS}
    return {
        "name": estimate.name,
        "kind": estimate.kind,
        **{word: None if value is None else float(value) for word, value in ends.items()},
        **{word: _or_none(implied[word]) for word in QUANTILES},
        "unit": estimate.unit,
        "status": estimate.status,
        "sources": list(estimate.sources),
        "note": estimate.note,
    }


def overrides(own: Overrides) -> list[dict[str, Any]]:
    """Everything that a user changed, one entry for each change.

    Parameters
    ----------
    own
        Overrides of a scenario.

    Returns
    -------
    ``of`` (parameter, firm_line, firm_amount, accounts, driver, correlation, attack, mitigation or money),
    ``name``,
    ``change`` (replaced, scaled, shifted or added), ``by`` (factor, shift or correlation; else None),
    ``parameters`` that a driver or a correlation names, ``estimate`` (the user's distribution; else None)
    and ``reason``.
    """
    found: list[dict[str, Any]] = []
    for change in own.changes:
        by = change.scale if change.scale is not None else change.shift
        done = "scaled" if change.scale is not None else "shifted"
        done = "replaced" if change.replaces else done
        found.append(_entry("parameter", change.parameter, done, change.reason, by, change.estimate))
    for line in own.lines:
        done = "replaced" if line.estimate is not None else "scaled"
        found.append(_entry("firm_line", line.line, done, line.reason, line.scale, line.estimate))
    found += [_entry("firm_amount", of, "added", e.note, None, e) for of, e in own.amounts.items()]
    found += [_entry("accounts", name, "replaced", e.note, None, e) for name, e in own.accounts.items()]
    for factor in own.factors:
        entry = _entry("driver", factor.name, "added", factor.estimate.note, None, factor.estimate)
        found.append(entry | {"parameters": list(factor.parameters)})
    for pair in own.correlations:
        entry = _entry("correlation", f"{pair.a} and {pair.b}", "added", pair.reason, pair.rho)
        found.append(entry | {"parameters": [pair.a, pair.b]})
    for word, named in (("attack", own.attacks), ("mitigation", own.mitigations)):
        found += [_entry(word, name, "added", own.reason(word, name)) for name in named]
    if own.money:
        found.append(_entry("money", str(own.tables.get("currency", "USD")), "added", own.money))
    return found


def _entry(
    of: str, name: str, change: str, reason: str, by: float | None = None, estimate: Estimate | None = None
) -> dict[str, Any]:
    """One change as plain data."""
    entry: dict[str, Any] = {"of": of, "name": name, "change": change, "by": by, "parameters": []}
    return entry | {"estimate": None if estimate is None else parameter(estimate), "reason": reason}


def _or_none(value: float) -> float | None:
    """A number that JSON can say; None for others."""
    return float(value) if math.isfinite(value) else None
