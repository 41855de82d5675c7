"""Worlds of the slow twin by hand: attacks, segments and worlds as plain data, with plain defaults.

Names are given as one text, separated by blanks, or as any collection of texts. What a world holds stands in
:func:`support.reference.check`.

Not here: worlds of the package's own objects (``worlds``).
"""

from collections.abc import Iterable
from typing import Any

from support.reference import Attack, Route, Segment, World

Names = str | Iterable[str]


def listed(names: Names) -> list[str]:
    """Return names as a list."""
    return names.split() if isinstance(names, str) else list(names)


def route(
    fields: Names = "",
    attempts: float = 1.0,
    success: float = 1.0,
    traits: Names = "",
    capabilities: Names = "",
) -> Route:
    """Return a route."""
    return {
        "fields": listed(fields),
        "traits": listed(traits),
        "capabilities": listed(capabilities),
        "attempts": attempts,
        "success": success,
    }


def attack(name: str, kind: str, routes: Iterable[Route] = (), grants: Names = "", **more: Any) -> Attack:
    """Return an attack without clocks, capacity, background and loss, unless they are given."""
    return {
        "name": name,
        "kind": kind,
        "routes": list(routes),
        "grants": listed(grants),
        "clocks": [],
        "capacity": None,
        "onset_median_days": 120.0,
        "onset_sigma": 1.725,
        "background": 0.0,
        "severity_mean": 0.0,
        "severity_sigma": 0.0,
        **more,
    }


def segment(name: str, accounts: float, blocks: Iterable[tuple[Names, float]], **more: Any) -> Segment:
    """Return a segment without clocks and resets, unless they are given; a block is (fields, coverage)."""
    return {
        "name": name,
        "accounts": accounts,
        "blocks": [{"fields": listed(fields), "coverage": coverage} for fields, coverage in blocks],
        "clock_rates": {},
        "resets": [],
        **more,
    }


def world(segments: list[Segment], attacks: list[Attack], years: float = 1, **more: Any) -> World:
    """Return a world without events, traits, clocks, anchors and background, unless they are given."""
    return {
        "horizon_years": years,
        "segments": segments,
        "event_days": [],
        "traits": {},
        "clocks": {},
        "attacks": attacks,
        "anchors": [],
        "people_background": 0.0,
        **more,
    }
