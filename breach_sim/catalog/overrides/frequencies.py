"""Read how often a breach happens in a year: a number, or a distribution where that is uncertain.

Not here: years that are drawn from it (``results.tables.yearly``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from breach_sim.catalog.overrides.filling import OwnReader, estimate_of
from breach_sim.catalog.reader import CatalogError, load_sources
from breach_sim.inputs.numbers.estimates import Estimate

PLACE = "frequencies"
"""Name for messages."""
UNIT = "breaches/year"
REASON = "yearly frequency as the user gave it"


def frequency_of(name: str, value: Any) -> Estimate:
    """Read the yearly frequency of a breach.

    Parameters
    ----------
    name
        Name of the scenario.
    value
        A number; [low, mode, high], a PERT with hard ends; a table as in an overrides file, such as
        ``{"kind": "lognormal", "low": 0.02, "high": 0.5, "reason": "..."}``; or an estimate. [0, 100]

    Returns
    -------
    Estimate named ``frequency.NAME`` with status "user". [breaches/year]

    Raises
    ------
    CatalogError
        If it is none of these, or its numbers are not valid, with the remedy.
    """
    key = f"frequency.{name}"
    if isinstance(value, Estimate):
        if value.unit != UNIT:
            raise CatalogError(f"unit is {value.unit!r}; a frequency is in {UNIT!r}", PLACE, key)
        return value
    reader = OwnReader(PLACE, load_sources(), {})
    reason = REASON
    if isinstance(value, Mapping):
        reason = reader.get(value, key, "reason", str, "").strip() or REASON
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = list(value)
    found = estimate_of(reader, value, key, UNIT, reason)
    if found.unit != UNIT:
        raise CatalogError(f"unit is {found.unit!r}; a frequency is in {UNIT!r}", PLACE, key)
    return found
