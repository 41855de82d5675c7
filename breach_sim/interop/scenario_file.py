"""Convert a scenario to plain data, and to a TOML file that reads back as the same scenario.

Coverages named ``estimates.NAME`` are written once and referenced by name. Other coverages are written where
they are used, and get the name of this place (``segments.X.leaks[0].coverage``) when read back. Empty
optional values are omitted.

Not here: reading scenario files (``catalog.scenarios``), and their schema (``catalog.faces.schema``).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import tomli_w

from breach_sim.catalog.reader import MAX_BYTES, attributes_of, required_of
from breach_sim.formatting.strangers import brief, first_barred, too_much
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment

_SHARED = "estimates."


def to_toml(scenario: Scenario) -> str:
    """Return the text of a scenario file.

    Parameters
    ----------
    scenario
        Scenario without withheld fields, which a file cannot express.

    Returns
    -------
    TOML text. ``catalog.read_scenario`` returns the same scenario from it.

    Raises
    ------
    ValueError
        If a segment has withheld fields, two estimates share a name, a text has a control character or a
        lone surrogate, or the file would be larger than the reader accepts.
    """
    tables = as_plain(scenario)
    text = tomli_w.dumps(tables)
    if found := first_barred(text, tables):
        raise ValueError(f"scenario {brief(scenario.name)!r}, {found[0]}: {found[1]}")
    if wrong := too_much(text):
        raise ValueError(f"scenario {brief(scenario.name)!r}: {wrong}")
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ValueError(
            f"scenario {scenario.name!r} holds {text[error.start]!a}, half a sign; take it out"
        ) from None
    if size > MAX_BYTES:
        raise ValueError(
            f"the file of scenario {brief(scenario.name)!r} would have {size:,} bytes, and at most "
            f"{MAX_BYTES:,} are read: put like segments together, or shorten the notes"
        )
    return text


def as_plain(scenario: Scenario) -> dict[str, Any]:
    """Return the tables of a scenario file.

    Parameters
    ----------
    scenario
        Scenario without withheld fields, which a file cannot express.

    Returns
    -------
    Dictionaries, lists, texts and numbers, with the keys of a scenario file; valid as JSON.

    Raises
    ------
    ValueError
        If a segment has withheld fields, or two estimates share a name.
    """
    tables = _attributes(scenario, ("own_sources", "overrides", "release", "segments", "dossier"))
    return {
        **tables,
        **_unless_empty("source", {s.id: _attributes(s, ("id",)) for s in scenario.own_sources}),
        **_unless_empty("estimates", {k: _estimate(v) for k, v in _shared(scenario).items()}),
        **_unless_empty("dossier", _attributes(scenario.dossier)),
        **_unless_empty("release", _release(scenario)),
        **_unless_empty("overrides", dict(scenario.overrides.tables)),
        "segments": {segment.name: _segment(segment) for segment in scenario.segments},
    }


def _unless_empty(key: str, table: dict[str, Any]) -> dict[str, Any]:
    return {key: table} if table else {}


def _attributes(thing: Any, absent: Collection[str] = ()) -> dict[str, Any]:
    """Attributes of a dataclass as plain data; those that are empty and have a default are left out."""
    cls: Any = type(thing)
    required = required_of(cls)
    values = {name: getattr(thing, name) for name in attributes_of(cls) if name not in absent}
    return {
        name: _plain(value)
        for name, value in values.items()
        if name in required or not (value is None or value in ("", ()))
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, (str, int, float)) else _attributes(value)


def _shared(scenario: Scenario) -> dict[str, Estimate]:
    """Return the coverages that are written once, by short name."""
    shared: dict[str, Estimate] = {}
    for leak in (leak for segment in scenario.segments for leak in segment.leaks):
        if not leak.coverage.name.startswith(_SHARED):
            continue
        name = leak.coverage.name.removeprefix(_SHARED)
        if shared.setdefault(name, leak.coverage) != leak.coverage:
            raise ValueError(
                f"two coverages are named {leak.coverage.name!r} and differ; a name has one estimate"
            )
    return shared


def _estimate(estimate: Estimate) -> dict[str, Any]:
    absent = ("name", "quantiles") if estimate.p_zero else ("name", "quantiles", "p_zero")
    quantiles = {f"{percent:.15g}": value for percent, value in estimate.quantiles}
    return _attributes(estimate, absent) | _unless_empty("quantiles", quantiles)


def _segment(segment: Segment) -> dict[str, Any]:
    if segment.withheld:
        raise ValueError(
            f"segment {segment.name!r} has withheld fields, for which a file has no key; write it without"
        )
    if segment.membership is not None:
        raise ValueError(
            f"segment {segment.name!r} is a cell of several breaches, for which a file has no key; write "
            "each breach, and combine them again"
        )
    table = _attributes(segment, ("name", "withheld", "leaks"))
    return table | {"leaks": [_leak(leak) for leak in segment.leaks]}


def _leak(leak: Leak) -> dict[str, Any]:
    named = leak.coverage.name.startswith(_SHARED)
    coverage = leak.coverage.name.removeprefix(_SHARED) if named else _estimate(leak.coverage)
    return {"fields": list(leak.fields), "coverage": coverage}


def _release(scenario: Scenario) -> dict[str, Any]:
    """Return the releases by name, with the information that they share."""
    if not scenario.release:
        return {}
    first = next(iter(scenario.release.values()))
    about = {"status": first.status, "sources": list(first.sources), "note": first.note}
    shares = {name: share.value for name, share in scenario.release.items()}
    return shares | {name: value for name, value in about.items() if value}
