"""A result as a STIX 2.1 bundle: an incident, and its impacts on confidentiality and money.

The objects follow STIX 2.1 and the extensions "incident core" and "impact" of the OASIS committee, in the
draft of 20 February 2024. An amount has a lowest and a highest value there, both above 0: they are our 5 %
and 95 % quantiles. All of what we know of a number stands in an extension of our own.

Identifiers are made from the hash of the inputs: the same run gives the same bundle.

Not here: who did it, and how they got in. A run knows nothing of that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from breach_sim.formatting.tables import summary
from breach_sim.results.data.document import input_hash
from breach_sim.results.expectations import expected
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.money import firm_cost, firm_lines, ledger_notes

INCIDENT = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
"""Incident core extension of the committee."""
IMPACT = "extension-definition--7cc33dd6-f6a1-489b-98ea-522d351d71b9"
"""Impact extension of the committee."""
OURS = "extension-definition--5f0d1a0e-6f0b-4c57-9d4e-3f2b7a2c9e41"
"""Our own: quantiles and means, and what they were made from."""
UNDATED = "1970-01-01"
"""Stands where the sale of the data has no date, because STIX asks for one."""


def to_stix(run: Replicates) -> str:
    """One run as a STIX 2.1 bundle.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    JSON text: the extension definition, an identity, the incident, and one impact each for the exposed
    records, the loss of victims and third parties, and, where there is a ledger, the cost of the firm. Times
    are those of day zero of the scenario.
    """
    shared = _Shared(input_hash(run), f"{run.scenario.day_zero or UNDATED}T00:00:00.000Z")
    author = shared.made("identity", name="breach_sim", identity_class="system")
    ours = shared.made(
        "extension-definition",
        key="ours",
        name="Uncertain impact of a breach",
        description="Quantiles (p5, p50, p95) and mean of counts and amounts, and what they were made from.",
        created_by_ref=author["id"],
        schema="breach_sim/stix-uncertain-impact",
        version="1.0.0",
        extension_types=["property-extension"],
    ) | {"id": OURS}
    impacts = _impacts(run, shared)
    for impact in impacts:
        impact["created_by_ref"] = author["id"]
    incident = shared.made(
        "incident",
        created_by_ref=author["id"],
        name=run.scenario.title,
        description=" ".join(("Estimated by a model, not observed.", *run.notes, *ledger_notes(run))),
        extensions={
            INCIDENT: {
                "extension_type": "property-extension",
                "determination": "suspected",
                "investigation_status": "open",
                "incident_types": ["unauthorized-access-information"],
                "impact_refs": [impact["id"] for impact in impacts],
                "impacted_entity_counts": {"individual": run.exposed},
            },
            OURS: {"extension_type": "property-extension", **_made_from(run)},
        },
    )
    bundle = {"type": "bundle", "id": shared.identifier("bundle", ""), "objects": [author, ours, incident]}
    bundle["objects"] = [*bundle["objects"], *impacts]
    return json.dumps(bundle, indent=2)


class _Shared:
    """What all objects of a bundle share: the hash of the run, and the time."""

    def __init__(self, digest: str, time: str) -> None:
        self.digest, self.time = digest, time

    def identifier(self, kind: str, key: str) -> str:
        """Identifier of the form of a random UUID, made from the hash."""
        found = hashlib.sha256(f"{self.digest} {kind} {key}".encode()).hexdigest()
        # Version 4 and the variant of RFC 9562, as STIX asks for.
        return f"{kind}--{found[:8]}-{found[8:12]}-4{found[13:16]}-a{found[17:20]}-{found[20:32]}"

    def made(self, kind: str, *, key: str = "", **properties: Any) -> dict[str, Any]:
        """Object with the common properties."""
        common = {"type": kind, "spec_version": "2.1", "id": self.identifier(kind, key)}
        return common | {"created": self.time, "modified": self.time} | properties


def _made_from(run: Replicates) -> dict[str, Any]:
    """What a bundle was made from."""
    return {
        "version": run.version,
        "input_hash": input_hash(run),
        "seed": run.seed,
        "replicates": run.replicates,
        "horizon_years": run.horizon_years,
    }


def _impacts(run: Replicates, shared: _Shared) -> list[dict[str, Any]]:
    """Impacts on confidentiality and money."""
    fields = sorted({field for segment in run.scenario.segments for field in segment.fields})
    found = {"record_count": run.exposed, "information_type": "pii", "loss_type": "suspected-loss"}
    people = summary(run.people, expected(run, "people"))
    records = shared.made(
        "impact",
        key="records",
        description=f"Records with {', '.join(fields) or 'nothing'} left the firm.",
        impact_category="confidentiality",
        impacted_entity_counts={"individual": run.exposed},
        extensions=_extensions("confidentiality", found, {"people_harmed": people, "fields": fields}),
    )
    cost = firm_cost(firm_lines(run))
    losses = {
        "victims": (
            "Loss of victims and third parties; never to be added to the cost of the firm.",
            summary(run.loss, expected(run, "loss_usd")),
            "asset-and-fraud",
        )
    }
    if cost is not None:
        text = "Cost of the firm, USD of 2024; never to be added to the loss of victims and third parties."
        losses["firm"] = (text, summary(cost), "legal-and-regulatory")
    made = [_monetary(shared, key, *own) for key, own in losses.items()]
    return [records, *(impact for impact in made if impact)]


def _monetary(
    shared: _Shared, key: str, text: str, amounts: Mapping[str, float], variety: str
) -> dict[str, Any]:
    """Impact on money, from quantiles and mean."""
    found: dict[str, Any] = {"variety": variety}
    if amounts["p5"] > 0:  # the extension has no amount of 0
        found |= {"currency": "USD", "min_amount": amounts["p5"], "max_amount": amounts["p95"]}
    return shared.made(
        "impact",
        key=key,
        description=text,
        impact_category="monetary",
        extensions=_extensions("monetary", found, {"amount_usd": amounts}),
    )


def _extensions(category: str, found: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Extensions of an impact: that it is one, its category, and our own."""
    return {
        IMPACT: {"extension_type": "new-sdo"},
        f"{category}-ext": dict(found),
        OURS: {"extension_type": "property-extension", **more},
    }
