"""Faults planted on purpose: a test of agreement that does not see them is blind.

Each fault takes a world of the slow twin and a monkeypatch, and returns the world to ask instead. Inside the
patch the twin then makes the mistake, so that a comparison with the true law must fail::

    with pytest.MonkeyPatch.context() as patch:
        wrong = twin.expected(fault(world, patch), scales, factors)

A fault shows only where the world has what it spoils: :data:`SHOWS` names it.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from support import reference as twin
from support import reference_lookups as lookups

World = dict[str, Any]
Fault = Callable[[World, pytest.MonkeyPatch], World]


def coins_apart(world: World, _patch: pytest.MonkeyPatch) -> World:
    """Look-ups are independent of the shared trait."""
    return {**world, "easy_to_find": 0.0}


def nothing_need_leak(world: World, patch: pytest.MonkeyPatch) -> World:
    """A route counts although none of its fields leaked."""

    def known(fields: Iterable[str], ways: lookups.Ways) -> bool:
        return not set(fields) or any(set(fields) <= whole for _, whole in ways)

    patch.setattr(twin, "is_known", known)
    return world


def driver_twice(world: World, _patch: pytest.MonkeyPatch) -> World:
    """The driver of attempts acts again on every follow-on."""
    factor = world.get("drivers", {}).get("attempts", 1.0)
    world = copy.deepcopy(world)
    for attack in twin.attacks_of(world, "follow_on"):
        for route in attack["routes"]:
            route["attempts"] = min(1.0, route["attempts"] * factor)
    return world


def elsewhere_from_the_leak(world: World, patch: pytest.MonkeyPatch) -> World:
    """E starts from the leaked fields, as if the record had been had anyway."""

    def wrong(asked: World, leaks: lookups.Leaks, found: Iterable[str]) -> lookups.Ways:
        leaked = frozenset[str]().union(*(fields for _, fields in leaks))

        def had(entries: Mapping[str, Any], coins: Iterable[str]) -> lookups.Fields:
            listed = {field for field in coins if entries[field].get("directory", False)}
            return lookups.known_fields(entries, leaked | listed, coins)

        patch.setattr(lookups, "had_anyway", had)
        return lookups.ways_of(asked, leaks, found)

    patch.setattr(twin, "ways_of", wrong)
    return world


FAULTS: dict[str, Fault] = {
    "look-ups independent of the shared trait": coins_apart,
    "a route without a leaked field counted": nothing_need_leak,
    "drivers applied twice along a chain": driver_twice,
    "E started from the leaked fields": elsewhere_from_the_leak,
}

SHOWS = {
    "look-ups independent of the shared trait": "easy_to_find above 0 and a route with two looked-up fields",
    "a route without a leaked field counted": "a route whose fields can all be looked up without any leaking",
    "drivers applied twice along a chain": "a driver of attempts other than 1 and a follow-on",
    "E started from the leaked fields": "a leaked field, and the parts (replaceable above all)",
}
"""What a world must have for a fault to show."""
