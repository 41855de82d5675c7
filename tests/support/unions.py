"""Unions of toy breaches for the tests, with the same unions for the slow twin."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from breach_sim.catalog.unions import union_of
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Withheld
from breach_sim.inputs.published import Dossier
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event
from support import worlds

YEARS = 3.0


def graph() -> AttackGraph:
    """Return the attacks of the full world: traits, clocks, cycles, a capacity and an anchor."""
    return worlds.full_world()[1]


def breach(name: str, segments: list[Any], events: tuple[Event, ...] = (), day_zero: str = "") -> Scenario:
    """Return a scenario of its own name."""
    return dataclasses.replace(worlds.scenario(segments, events, day_zero=day_zero), name=name)


def three(*, day_zero: bool = True) -> list[Scenario]:
    """Return three breaches: segments, a withholding, resets on three dates, fields in several of them."""
    withheld = Withheld(share=Estimate.fixed("w", 0.3, "share"), fields=("phone_number",))
    first = dataclasses.replace(
        worlds.segment("s", 3_000, [("full_name phone_number", 0.8)], "postpaid"), withheld=(withheld,)
    )
    other = worlds.segment("t", 1_000, [("full_name email_address", 1.0)], "prepaid")
    days = ("2020-01-10", "2021-03-01", "2020-06-30") if day_zero else ("", "", "")
    return [
        breach("a", [first, other], (worlds.reset(500.0, "phone_number", "s"),), days[0]),
        breach(
            "b",
            [worlds.segment("s", 2_000, [("ssn phone_number", 0.7)], "postpaid")],
            (Event(kind="notice", day=45.0), worlds.reset(60.0, "ssn")),
            days[1],
        ),
        breach(
            "c",
            [worlds.segment("u", 5_000, [("account_pin imei", 0.9)], "customer")],
            (worlds.reset(100.0, "account_pin"),),
            days[2],
        ),
    ]


def in_country(scenario: Scenario, *codes: str, breach_of: str = "") -> Scenario:
    """Return the breach with other countries, and another name of what happened."""
    return dataclasses.replace(scenario, dossier=Dossier(countries=codes, breach=breach_of))


def for_twin(
    breaches: list[Scenario],
    attacks: AttackGraph,
    universe: float,
    overlaps: Mapping[tuple[str, str], float] | None = None,
) -> dict[str, Any]:
    """Return the twin's union of the same breaches."""
    parts = []
    for own in breaches:
        world = worlds.twin_world(own, attacks, YEARS)
        day = float(date.fromisoformat(own.day_zero).toordinal()) if own.day_zero else 0.0
        part = {"name": own.name, "day_zero": day, "segments": world["segments"]}
        parts.append(part | {"event_days": world["event_days"]})
    union = union_of(breaches, universe=universe, overlap=dict(overlaps or {}) or None)
    rest = worlds.twin_world(union, attacks, YEARS)
    return {
        "breaches": parts,
        "universe": float(universe),
        "overlaps": dict(overlaps or {}),
        "world": {key: value for key, value in rest.items() if key not in {"segments", "event_days"}},
    }
