"""Entries of Have I Been Pwned and incidents of VERIS, as the tests of imports need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import breach_sim as bs
from breach_sim.engine.exposure import expose
from breach_sim.inputs.fields import mask
from breach_sim.inputs.graph import closure, closure_of_routes
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.interop.leaks import INERT

SAMPLE = Path(__file__).parents[1] / "data" / "hibp_classes.json"

ENTRIES: list[dict[str, Any]] = json.loads(SAMPLE.read_text(encoding="utf-8"))["breaches"]

SIGNS = st.text(
    st.sampled_from(
        "aZ09 .,%=+-@'\"\\\n\r\t\x00\x1b\x7f\x85<&>[]#\u00fc\u2028\ufeff\u6f22\U0001f600\ud800\udfff"
    ),
    max_size=30,
)
"""Texts of what hurts: quotes, controls, half signs, other alphabets; the whole of Unicode takes seconds."""


def entry(*classes: str, **more: Any) -> dict[str, Any]:
    """Return an entry that names some classes."""
    return {"Name": "Shop", "PwnCount": 1000, "BreachDate": "2020-02-03", "DataClasses": list(classes)} | more


def attackable(scenario: bs.Scenario) -> np.ndarray:
    """Return how many accounts of central cells each attack could reach."""
    cells = expose(scenario)
    return (closure(bs.load_attacks(), cells.masks) * cells.accounts[:, None]).sum(axis=0)


def reachable(scenario: bs.Scenario) -> bool:
    """Whether the fields of one segment open an attack, with every look-up that can succeed."""
    graph = bs.load_attacks()
    for segment in scenario.segments:
        leaked = np.array([mask(segment.fields)], dtype=np.uint64)
        if closure_of_routes(graph, graph.within_reach(leaked)).any():
            return True
    return False


def coverage_of(scenario: bs.Scenario, field: str, segment: int = 0) -> Estimate:
    """Return the coverage of a field in a segment."""
    return next(leak.coverage for leak in scenario.segments[segment].leaks if field in leak.fields)


def inert(imported: bs.Import) -> set[str]:
    """Return the scenarios of which the account says that no attack can start."""
    return {row.entry for row in imported.rows if row.reason == INERT}


def incident(data: Any, **more: Any) -> dict[str, Any]:
    """Return an incident with some data."""
    lost = {"data_disclosure": "Yes", "data": data} | more
    return {"incident_id": "I-1", "schema_version": "1.3.7", "attribute": {"confidentiality": lost}}


def part(variety: str, amount: Any = None) -> dict[str, Any]:
    """Return an element of the data of an incident."""
    return {"variety": variety, "amount": amount}
