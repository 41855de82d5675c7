"""Parts of the JSON document beside the answer: segments, ledgers, months, excess, drivers, curves.

Keys are names. Here are no notes and no hashes (``document``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import STATISTICS, summary
from breach_sim.results.expectations import expected
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.by_month import events_by_month, month_rows
from breach_sim.results.tables.curves import curve_rows
from breach_sim.results.tables.money import firm_cost, ledger_rows
from breach_sim.results.tables.observed import excess_rows
from breach_sim.results.tables.uncertainty import exceedance_rows

UNITS: Mapping[str, str] = {
    "accounts": "accounts",
    "exposed": "accounts",
    "people": "accounts",
    "attackable": "accounts",
    "attempted": "accounts",
    "victims": "accounts",
    "gross": "accounts",
    "excess": "accounts",
    "never_otherwise": "accounts",
    "background": "accounts",
    "loss_usd": "USD",
    "firm_cost_usd": "USD of 2024",
    "var_usd": "USD",
    "tvar_usd": "USD",
    "band_low_usd": "USD",
    "band_high_usd": "USD",
    "ignorance_usd": "USD",
    "hours": "hours",
    "end_day": "days after the sale",
    "horizon_years": "years",
    "probability": "share",
    "at_capacity": "share",
    "bound_by_capacity": "share",
    "drivers": "ratio",
}
"""Units by key of the document."""


def sections(run: Replicates, costs: Mapping[str, Array]) -> dict[str, Any]:
    """Parts of the document beside the answer.

    Parameters
    ----------
    run
        Arrays of the run.
    costs
        Cost of the firm by line; empty where there is none. Shape (R,) each. [USD]

    Returns
    -------
    ``segments``, ``ledgers``, ``timeline``, ``excess``, ``drivers``, ``exceedance``: plain data.
    """
    return {
        "segments": segments(run),
        "ledgers": _ledgers(run, costs),
        "timeline": _months(run),
        "excess": _excess(run),
        "drivers": _drivers(run),
        "exceedance": _curves(run, costs),
    }


def segments(run: Replicates) -> list[dict[str, Any]]:
    """Each segment: what leaked, and what is expected.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By segment: name, label, kind, accounts and fields, and the means of exposed and people [accounts],
    loss_usd [USD], and victims by attack [accounts].
    """
    found = []
    for segment in run.scenario.segments:
        own = segment.name
        means = {word: expected(run, word, None, own).mean() for word in ("exposed", "people", "loss_usd")}
        victims = {name: expected(run, "victims", name, own).mean() for name in run.attacks.names}
        found.append(
            {
                "name": own,
                "label": segment.title,
                "kind": segment.kind,
                "accounts": segment.accounts,
                "fields": list(segment.fields),
                "mean": {word: float(value) for word, value in means.items()}
                | {"victims": {name: float(value) for name, value in victims.items()}},
            }
        )
    return found


def _ledgers(run: Replicates, costs: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    """Both ledgers and the hours by line; the line "all" is the sum, and no ledger is added to another."""
    found: dict[str, dict[str, Any]] = {}
    for (ledger, line), row in ledger_rows(run, costs):
        found.setdefault(ledger, {})[line] = {word: float(row[word]) for word in STATISTICS}
    return found


def _months(run: Replicates) -> list[dict[str, Any]]:
    """Victims and loss by month, and the events of each as a list."""
    rows, found = month_rows(run), []
    happening = events_by_month(run, [row["end_day"] for _, row in rows])
    for (month, row), events in zip(rows, happening, strict=True):
        entry: dict[str, Any] = {"month": month, "end_day": float(row["end_day"])}
        entry["end_date"] = row["end_date"] or None
        for measure in ("victims", "loss_usd"):
            entry[measure] = {word: float(row[f"{measure}_{word}"]) for word in STATISTICS}
        found.append(entry | {"events": events})
    return found


def _excess(run: Replicates) -> dict[str, Any]:
    """Victims beyond the background by attack; "any" counts people."""
    return {
        name: {kind: summary(*cell) for kind, cell in cells.items()} for name, _, cells in excess_rows(run)
    }


def _drivers(run: Replicates) -> dict[str, Any]:
    """Common factors of the run, and those of US numbers abroad, as drawn; empty where there are none."""
    graph = run.attacks
    common, abroad = graph.drivers, graph.country
    factors = [] if common is None else [common.attempts, common.loss]
    factors += [] if abroad is None else [abroad.attempts, abroad.loss]
    used = {estimate.name for estimate in run.law.parameters.used}
    return {f.name: summary(np.asarray(run.law.parameters(f))) for f in factors if f.name in used}


def _curves(run: Replicates, costs: Mapping[str, Array]) -> dict[str, Any]:
    """Exceedance curves of the loss, and of the cost of the firm where it has a ledger."""
    found = {"loss_usd": exceedance_rows(run)}
    cost = firm_cost(costs)
    return found if cost is None else found | {"firm_cost_usd": curve_rows(cost, None, run.scramble)}
