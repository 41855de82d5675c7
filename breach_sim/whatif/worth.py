"""What mitigations avert and cost, whether they are worth it, how they overlap, and what the numbers rest on.

Each function takes :class:`~breach_sim.whatif.averted.AvertedReplicates`.

Not here: the same by month (``by_month``), and which mitigations to buy for a budget (``bundle``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import earned_percent
from breach_sim.formatting.errors import mean_error
from breach_sim.formatting.tables import Row, summary, table, two_level
from breach_sim.formatting.versions import made_with
from breach_sim.inputs.numbers.estimates import weakest_first
from breach_sim.results.data.given import overrides
from breach_sim.results.simulation import package_version
from breach_sim.whatif.averted import Averted, AvertedReplicates
from breach_sim.whatif.trajectory import ROUNDING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "loss_usd", "people", "hours", "cost_usd", "net_usd", "victims_usd", "lenders_usd", "others_usd",
    "firm_usd",
)  # fmt: skip
"""Measures of the table of what is averted, in order."""
BEFORE = "it changes what was stored or taken, which could be done before the breach only"
"""Why a mitigation is past."""
OVERLAP = ("a_usd", "b_usd", "both_usd", "sum_usd", "overlap_usd", "overlap_share")
"""Columns of the table of pairs, in order."""
SCHEMA, VERSION = "breach_sim/comparison", "1.0"
"""Name and version of the schema of the document."""
UNITS: Mapping[str, str] = {
    "loss_usd": "USD",
    "people": "accounts",
    "averted_loss_usd": "USD",
    "averted_people": "accounts",
    "averted_hours": "hours",
    "averted_victims_usd": "USD",
    "averted_lenders_usd": "USD",
    "averted_others_usd": "USD",
    "averted_firm_usd": "USD of 2024",
    "cost_usd": "USD",
    "net_usd": "USD",
    "se_paired": "USD",
    "se_unpaired": "USD",
    "overlap_usd": "USD",
    "share": "share",
    "p_worth": "share",
    "start_day": "days after the sale",
    "earliest_day": "days after the sale",
    "can_start_on": "days after the sale",
    "horizon_years": "years",
}
"""Units by key of the document."""


def averted(run: AvertedReplicates) -> pd.DataFrame:
    """What each mitigation averts and costs.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a mitigation and one for all together; columns (measure, "p5" | "p50" | "p95" | "mean"). [USD],
    [accounts], [hours]
    """
    rows: list[Row] = []
    for row in run.averted:
        samples = {"loss_usd": row.loss, "people": row.people, "hours": row.hours}
        samples |= {"cost_usd": row.cost, "net_usd": row.net}
        rows.append((row.name, samples | sides(row)))
    return two_level(rows, COLUMNS, run.notes, index="mitigation")


def sides(row: Averted) -> dict[str, Array]:
    """Whose money a mitigation averts.

    Parameters
    ----------
    row
        What it averts.

    Returns
    -------
    victims_usd, lenders_usd, others_usd, which sum to the loss averted; and firm_usd where there is a ledger,
    never to be added to them. Shape (R,) each. [USD]
    """
    found = {f"{side}_usd": averted for side, averted in row.by_side.items()}
    return found if row.firm is None else found | {"firm_usd": row.firm}


def who_and_when(run: AvertedReplicates) -> pd.DataFrame:
    """Who can carry out each mitigation, whether a law demands it, and from which day it can be done.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a mitigation: actor, law ("" for a choice), start_day and earliest_day (missing where it has none)
    [days], possible (False where it could be done before the breach only), and reason.
    """
    rows: list[Row] = []
    for mitigation in run.mitigations:
        row = {
            "actor": mitigation.actor,
            "law": mitigation.demanded(run.scenario),
            "start_day": np.nan if mitigation.day is None else mitigation.day,
            "earliest_day": np.nan if mitigation.earliest_day is None else mitigation.earliest_day,
            "possible": not mitigation.is_past,
            "reason": BEFORE if mitigation.is_past else mitigation.why_then,
        }
        rows.append((mitigation.name, row))
    return table(rows, run.notes, index="mitigation")


def worth(run: AvertedReplicates) -> pd.DataFrame:
    """Whether each mitigation is worth its price, and how sure that is.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a mitigation and one for all together: loss_usd, share, cost_usd, net_usd, p_worth, sd_ignorance,
    sd_luck, se_paired, se_unpaired. [USD], [share]
    """
    whole = float(run.base.total("loss").mean())
    before = mean_error(run.base.total("loss"), run.scramble)
    rows: list[Row] = []
    for averts in run.averted:
        ignorance, luck = float(np.var(averts.loss)), float(np.mean(averts.luck_loss))
        after = mean_error(averts.left[0], run.scramble)
        row = {
            "loss_usd": float(averts.loss.mean()),
            "share": float(averts.loss.mean()) / whole if whole else 0.0,
            "cost_usd": float(averts.cost.mean()),
            "net_usd": float(averts.net.mean()),
            "p_worth": float(np.mean(averts.loss > averts.cost)),
            "sd_ignorance": ignorance**0.5,
            "sd_luck": luck**0.5,
            "se_paired": mean_error(averts.loss, run.scramble),
            # Two separate runs share no draw: the variances of both means add.
            "se_unpaired": (before**2 + after**2) ** 0.5,
        }
        rows.append((averts.name, row))
    return table(rows, run.notes, index="mitigation")


def share_texts(run: AvertedReplicates, row: Averted) -> tuple[str, str]:
    """Share of the loss that a mitigation averts, and how often it is worth its cost, to the digits earned.

    Parameters
    ----------
    run
        Arrays of the comparison.
    row
        One of its mitigations.

    Returns
    -------
    Two percentages.
    """
    total = run.base.total("loss")
    whole = float(total.mean())
    share = float(row.loss.mean()) / whole if whole else 0.0
    # The error of a ratio of two means on the same draws, by its first derivative.
    error = mean_error(row.loss - share * total, run.scramble) / whole if whole else 0.0
    worth_it = (row.loss > row.cost).astype(np.float64)
    often = earned_percent(float(worth_it.mean()), mean_error(worth_it, run.scramble))
    return earned_percent(share, error), often


def pair_names(run: AvertedReplicates) -> list[tuple[str, str]]:
    """Names of the pairs of mitigations.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    In the order of :func:`overlap`.
    """
    return [(run.mitigations[i].name, run.mitigations[j].name) for i, j in run.pairs]


def overlap(run: AvertedReplicates) -> pd.DataFrame:
    """What two mitigations avert together, against the sum of what each averts.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a pair, index (a, b), columns :data:`OVERLAP`. [USD], [share]
    """
    import pandas as pd

    means = [float(row.loss.mean()) for row in run.averted]
    rows = []
    for (i, j), both in run.pairs.items():
        sides = {"a_usd": means[i], "b_usd": means[j], "both_usd": both, "sum_usd": means[i] + means[j]}
        whole = means[i] + means[j]
        less, lesser = whole - both, min(means[i], means[j])
        less = 0.0 if abs(less) <= ROUNDING * float(run.base.total("loss").mean()) else less
        rows.append(sides | {"overlap_usd": less, "overlap_share": less / lesser if lesser else np.nan})
    index = pd.MultiIndex.from_tuples(pair_names(run), names=["a", "b"])
    frame = pd.DataFrame(rows, index=index, columns=list(OVERLAP))
    frame.attrs["notes"] = run.notes
    return frame


def sources(run: AvertedReplicates) -> pd.DataFrame:
    """Every number behind the mitigations, assumptions first.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a number: status, kind, numbers, unit, sources, note.
    """
    numbers = {number.name: number for mitigation in run.mitigations for number in mitigation.estimates()}
    rows: list[Row] = []
    for estimate in weakest_first(numbers.values()):
        row = {
            "status": estimate.status,
            "kind": estimate.kind,
            "numbers": estimate.numbers_text(),
            "unit": estimate.unit,
            "sources": ", ".join(estimate.sources),
            "note": estimate.note,
        }
        rows.append((estimate.name, row))
    return table(rows, run.notes, index="parameter")


def to_json(run: AvertedReplicates) -> str:
    """A comparison as a JSON document.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    ``schema, units, scenario, seed, replicates, sampling, baseline, mitigations`` by name, ``overlap``,
    ``overrides``, ``notes``, ``version``; ``catalog/data/templates/comparison.schema.json`` has every key.
    """
    means = worth(run).to_dict("index")
    who = {
        name: {key: None if value != value else value for key, value in row.items()}  # noqa: PLR0124 - NaN
        for name, row in who_and_when(run).to_dict("index").items()
    }
    mitigations = {
        row.name: {
            "label": row.label,
            "averted_loss_usd": summary(row.loss),
            "averted_people": summary(row.people),
            "averted_hours": summary(row.hours),
            "cost_usd": summary(row.cost),
            "net_usd": summary(row.net),
            **{f"averted_{name}": summary(sample) for name, sample in sides(row).items()},
            "touches": not row.why_not,
            **who.get(row.name, {}),
            **{name: means[row.name][name] for name in ("share", "p_worth", "se_paired", "se_unpaired")},
        }
        for row in run.averted
    }
    pairs: list[Any] = [
        {name: None if np.isnan(value) else value for name, value in row.items()}
        for row in overlap(run).to_dict("records")
    ]
    document = {
        "schema": {"id": SCHEMA, "version": VERSION},
        "units": dict(UNITS),
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replicates": run.replicates,
        "sampling": run.law.parameters.sampling,
        "horizon_years": run.horizon_years,
        "can_start_on": run.can_start_on,
        "baseline": {
            "loss_usd": summary(run.base.total("loss")),
            "people": summary(run.base.total("people")),
        },
        "mitigations": mitigations,
        "overlap": [{"a": a, "b": b, **row} for (a, b), row in zip(pair_names(run), pairs, strict=True)],
        "overrides": overrides(run.scenario.overrides),
        "notes": list(run.notes),
        "made_with": made_with(),
        "version": package_version(),
    }
    return json.dumps(document, indent=2)
