"""Read ``overrides.toml``: a user's own numbers, firm lines, attacks and mitigations, each with a reason.

A table named after a parameter scales, shifts or replaces it. ``[firm.LINE]``, ``[attack.NAME]`` and
``[mitigation.NAME]`` do what their names say. Own attacks and mitigations are written like those of the
catalog; what a user need not repeat (status, sources, kind, unit) is filled in, and what an attack leaves out
is taken from ``data/templates/own_attack.toml`` and said in the notes.

Not here: what a change is (``inputs.numbers.overrides``), and where it is applied (``attacks``,
``mitigations``, ``amounts.firm``).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from breach_sim.catalog.amounts.firm import load_firm
from breach_sim.catalog.attacks import attacks_with, load_attacks, read_own_attack
from breach_sim.catalog.mitigations import load_mitigations, read_own_mitigation
from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.firm.ledger import LINES
from breach_sim.inputs.numbers.estimates import USER, Estimate, estimates_in
from breach_sim.inputs.numbers.overrides import LINE_UNITS, Override, Overrides, OwnLine, overridden
from breach_sim.inputs.numbers.rules import OWN, WIDE
from breach_sim.inputs.numbers.shapes import normal_ends
from breach_sim.inputs.scenario import Scenario

TEMPLATE = "own_attack.toml"
"""File of what an own attack need not say."""
REMEDY = "see docs/overrides.md for what stands in one"
NUMBERS = ("value", "low", "mode", "high")
"""Keys of the numbers of a distribution."""
_RESERVED = ("firm", "attack", "mitigation")
_ABOUT = ("kind", "unit", "sources", "note", "for_low", "for_high", "hard", "p_zero", "scale", "reason")
_GIVEN = (*NUMBERS, "kind", "quantiles", "samples", "mean", "sd")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
_UNIT_OF = {
    "success": "victims/attempt", "severity": "USD/victim", "severity_sigma": "log-USD",
    "hours": "hours/victim", "background": "probability/year", "capacity": "attempts/year",
    "reporting": "complaints/victim", "multiplier": "ratio", "factor": "ratio",
}  # fmt: skip
"""Units of the numbers of an own attack; attempts depend on the kind of its routes, bearers are shares."""
_UNIT_OF_COST = {
    "fixed": "USD", "each": "USD/person", "uptake": "share", "share": "share", "effect": "share",
    "power": "ratio", "hours": "hours/person", "factor": "ratio",
}  # fmt: skip
"""Units of the numbers of an own mitigation."""


def with_overrides(scenario: Scenario, source: str | Path | Mapping[str, Any]) -> Scenario:
    """Return a scenario with a user's own numbers, which every run of it takes.

    Parameters
    ----------
    scenario
        Any; its own coverages can be changed as well.
    source
        Path of a ``.toml`` file, or its contents as a mapping.

    Returns
    -------
    A new scenario with notes that say what was changed. Overrides that it had before stay.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    if isinstance(source, Mapping):
        tables, file = dict(source), "overrides"
    else:
        tables, file = parse(Path(source), str(source), REMEDY), str(source)
    new = read_overrides(tables, file, scenario)
    whole = new
    if scenario.overrides:
        whole = read_overrides(_joined(scenario.overrides.tables, tables, file), file, scenario)
    segments = Reader(file, ()).build("", lambda: overridden(scenario.segments, new.changes))
    before = (*scenario.overrides.in_words(), *cautions(scenario.overrides))
    notes = tuple(note for note in scenario.notes if note not in before)
    notes = (*notes, *whole.in_words(), *cautions(whole))
    return dataclasses.replace(scenario, segments=segments, overrides=whole, notes=notes)


def read_overrides(tables: Table, file: str, scenario: Scenario) -> Overrides:
    """Read the tables of an overrides file.

    Parameters
    ----------
    tables
        Contents of the file.
    file
        Name for messages.
    scenario
        Whose coverages and segments it may name.

    Returns
    -------
    The changes, all of them checked and possible.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy: an unknown parameter (with the nearest), another unit, a
        missing reason, numbers out of order, an own attack or mitigation that is invalid.
    """
    reader = Reader(file, load_sources(), ours=False)
    attacks, mitigations = (
        {name: filled(reader, name, table) for name, table in _named(reader, tables, word)}
        for word, filled in (("attack", _filled_attack), ("mitigation", _filled_mitigation))
    )
    own = Overrides(attacks=attacks, mitigations=mitigations, tables=dict(tables))
    made: list[object] = [read_own_attack(name, table, file) for name, table in attacks.items()]
    made += [read_own_mitigation(name, table, own, file) for name, table in mitigations.items()]
    own_numbers = {e.name: e for thing in (*made, scenario.segments) for e in estimates_in(thing)}
    known = {**_catalog_numbers(), **own_numbers}
    changes, lines = _changes(reader, tables, known)
    whole = dataclasses.replace(own, changes=changes, lines=lines)
    # Whatever two changes do together, such as a driver that can be 0, shows where they are applied.
    reader.build("", lambda: attacks_with(whole))
    return whole


def _changes(
    reader: Reader, tables: Table, known: Mapping[str, Estimate]
) -> tuple[tuple[Override, ...], tuple[OwnLine, ...]]:
    """Changes of parameters, and lines of the firm's ledger."""
    changes = [_change(reader, name, table, known) for name, table in _parameters(tables)]
    firm = {estimate.name for estimate in load_firm().estimates()}
    lines = []
    for name, table in _named(reader, tables, "firm"):
        if name in LINES:
            lines.append(_line(reader, name, table))
        elif f"firm.{name}" in firm:
            changes.append(_change(reader, f"firm.{name}", table, known))
        else:
            every = (*LINES, *(each.removeprefix("firm.") for each in firm))
            raise CatalogError(unknown("line of the firm's ledger", name, every, "firm"), reader.file, "firm")
    changed = [change.parameter for change in changes]
    for name in changed:
        if changed.count(name) > 1:
            raise CatalogError("it is changed twice; keep one of the two tables", reader.file, name)
    for change in changes:
        reader.build(change.parameter, partial(change.of, known[change.parameter]))
    return tuple(changes), tuple(lines)


def cautions(overrides: Overrides) -> tuple[str, ...]:
    """Return what a user must know about own attacks: what was filled in, and grants that nobody needs.

    Parameters
    ----------
    overrides
        Read before.

    Returns
    -------
    Sentences.
    """
    own = {name: read_own_attack(name, table) for name, table in overrides.attacks.items()}
    every = (*load_attacks().attacks, *own.values())
    needed = {need for attack in every for route in attack.routes for need in route.capabilities}
    found = []
    for name, attack in own.items():
        taken = [estimate.note for estimate in estimates_in(attack) if estimate.note in _defaults()[1]]
        if taken:
            listed = "; ".join(dict.fromkeys(note.partition(" without ")[2] for note in taken))
            found.append(f"Attack {name} takes the defaults of own attacks. Without {listed}.")
        found += [
            f"Attack {name} grants {grant!r}, which no attack needs; it opens no further attack."
            for grant in attack.grants
            if grant not in needed
        ]
    return tuple(found)


def _joined(old: Table, new: Table, file: str) -> dict[str, Any]:
    """Tables of two files; one thing may be changed by one of them."""
    joined = dict(old)
    for key, value in new.items():
        if key not in joined:
            joined[key] = value
        elif key in _RESERVED and isinstance(value, Mapping):
            joined[key] = _joined(joined[key], value, file)
        elif isinstance(value, list) and isinstance(joined[key], list):
            joined[key] = [*joined[key], *value]
        else:
            raise CatalogError("the scenario has an override of this name; change it in one file", file, key)
    return joined


def _named(reader: Reader, tables: Table, word: str) -> Iterator[tuple[str, Table]]:
    """Tables under a word, such as those of own attacks, by name."""
    for name, table in reader.get(tables, "", word, dict, {}).items():
        if not isinstance(table, Mapping):
            raise CatalogError(
                f"the value is {shown(table)}; it must be a table", reader.file, f"{word}.{name}"
            )
        yield name, table


def _parameters(tables: Table, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Tables of parameters, by name: ["attacks.x.attempts"], or the same without the quotation marks."""
    for key, value in tables.items():
        if not prefix and key in _RESERVED:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and not set(value) & {*_GIVEN, *_ABOUT, "shift"}:
            yield from _parameters(value, f"{name}.")
        else:
            yield name, value


@lru_cache(maxsize=1)
def _catalog_numbers() -> Mapping[str, Estimate]:
    """Every parameter of the catalog that can be changed, by name."""
    things: tuple[object, ...] = (load_attacks(), load_mitigations(), load_firm().estimates())
    return {estimate.name: estimate for thing in things for estimate in estimates_in(thing)}


def _change(reader: Reader, name: str, table: Any, known: Mapping[str, Estimate]) -> Override:
    """Change of a parameter: by a factor, by a shift, or by another distribution."""
    if name not in known:
        raise CatalogError(unknown("parameter", name, known, "the overrides"), reader.file, name)
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; it must be a table with scale, shift or the numbers of a "
            'distribution, and with reason = "..."',
            reader.file,
            name,
        )
    reason = _reason(reader, table, name)
    parts: dict[str, Any] = {"parameter": name, "reason": reason}
    if not isinstance(table.get("scale"), str):
        parts["scale"] = reader.number(table, name, "scale")
    parts["shift"] = reader.number(table, name, "shift")
    if set(table) & set(_GIVEN):
        numbers = {
            key: value for key, value in table.items() if key not in {k for k, v in parts.items() if v}
        }
        parts["estimate"] = _estimate(reader, numbers, name, known[name].unit, reason)
    else:
        reader.keys(table, name, ("scale", "shift", "reason"))
    return reader.build(name, lambda: Override(**parts))


def _line(reader: Reader, line: str, table: Table) -> OwnLine:
    """Line of the firm's ledger."""
    key = f"firm.{line}"
    reason = _reason(reader, table, key)
    if not set(table) & set(_GIVEN):
        reader.keys(table, key, ("scale", "reason"))
        scale = reader.number(table, key, "scale")
        return reader.build(key, lambda: OwnLine(line=line, reason=reason, scale=scale))
    if "unit" not in table:
        raise CatalogError(
            f"unit is missing; give {' or '.join(repr(unit) for unit in LINE_UNITS)}", reader.file, key
        )
    estimate = _estimate(reader, table, f"firm.lines.{line}", "", reason)
    return reader.build(key, lambda: OwnLine(line=line, reason=reason, estimate=estimate))


def _reason(reader: Reader, table: Table, key: str) -> str:
    reason: str = reader.get(table, key, "reason", str, "")
    if not reason.strip():
        raise CatalogError('reason is missing; write reason = "why your number is better"', reader.file, key)
    return reason.strip()


def _estimate(reader: Reader, value: Any, name: str, unit: str, reason: str) -> Estimate:
    """Estimate of a user: a number, [low, mode, high], or a table with at least its numbers."""
    return reader.estimate(_filled(reader, value, name, unit, reason), name)


def _filled(reader: Reader, value: Any, key: str, unit: str, reason: str) -> dict[str, Any]:
    """Table of an estimate with kind, unit, status, sources and note filled in."""
    if isinstance(value, list):
        if len(value) != len(NUMBERS) - 1:
            raise CatalogError(f"the value is {shown(value)}; a list is [low, mode, high]", reader.file, key)
        value = dict(zip(NUMBERS[1:], value, strict=True)) | _scale_of_list(value, reason)
    elif not isinstance(value, Mapping):
        value = {"value": value}
    table = {name: part for name, part in value.items() if name not in ("reason", "status")}
    if "kind" not in table:
        table["kind"] = _kind(reader, table, key)
    if "mean" in table or "sd" in table:
        reader.keys(table, key, table, ("mean", "sd"))
        mean, sd = (float(reader.number(table, key, word) or 0.0) for word in ("mean", "sd"))
        table = {name: part for name, part in table.items() if name not in ("mean", "sd")}
        table["low"], table["high"] = normal_ends(mean, sd)
        if table["kind"] != "normal" or table["low"] < 0:
            raise CatalogError(
                f"mean and sd are {mean:g} and {sd:g}; they are those of a normal, whose 5 % quantile may not "
                'lie below 0: give kind = "lognormal" with low and high',
                reader.file,
                key,
            )
    table["note"] = reader.get(table, key, "note", str, "") or reason
    return {"unit": unit, "sources": [USER]} | table | {"status": OWN}


def _scale_of_list(numbers: list[Any], reason: str) -> dict[str, Any]:
    """A list that spans a decade or more is on the logarithm, and its note says so."""
    low, _, high = numbers
    plain = all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers)
    if not plain or low <= 0 or high * (1 + 1e-12) < WIDE * low:
        return {}
    return {"scale": "log", "note": f"{reason} (a PERT of the logarithm: a decade or more)"}


def _kind(reader: Reader, table: Table, key: str) -> str:
    """Kind of a distribution of which the numbers are given."""
    if "value" in table:
        return "fixed"
    if "mode" in table:
        return "pert"
    for word in ("quantiles", "samples"):
        if word in table:
            return word
    if "mean" in table or "sd" in table:
        return "normal"
    raise CatalogError(
        "kind is missing; low, mode and high are a PERT, value is one certain number, and low and high alone "
        'need kind = "uniform", "normal", "lognormal" or "beta"',
        reader.file,
        key,
    )


def _is_estimate(value: Any) -> bool:
    return isinstance(value, (int, float, list)) or (
        isinstance(value, Mapping) and bool(set(value) & set(_GIVEN))
    )


def _numbers_filled(
    reader: Reader, table: Table, key: str, units: Mapping[str, str], reason: str
) -> dict[str, Any]:
    """A table in which every number that is an estimate is one in full, at any depth."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        place = f"{key}.{name}"
        if name in units and _is_estimate(value) and not isinstance(value, str):
            found[name] = _filled(reader, value, place, units[name], reason)
        elif isinstance(value, Mapping):
            found[name] = _numbers_filled(reader, value, place, units, reason)
        elif isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
            found[name] = [
                _numbers_filled(reader, part, f"{place}[{number}]", units, reason)
                for number, part in enumerate(value)
            ]
        else:
            found[name] = value
    return found


def _filled_attack(reader: Reader, name: str, table: Table) -> dict[str, Any]:
    """Own attack as a file of the catalog would have it."""
    key = f"attack.{name}"
    _check_name(reader, name, load_attacks().names, "attack")
    reason = _reason(reader, table, key)
    own = {part: value for part, value in table.items() if part != "reason"}
    if "needs" in own:
        if "routes" in own:
            raise CatalogError("needs and routes are both given; keep routes", reader.file, key)
        own["routes"] = {"main": {"needs": own.pop("needs")}}
    routes = reader.get(own, key, "routes", dict, {})
    if not routes:
        raise CatalogError(
            "it has no route; give needs = [...], the fields that the attack needs, or routes.NAME",
            reader.file,
            key,
        )
    needs = [need for route in routes.values() for need in reader.texts(route, key, "needs")]
    alone = set(needs) <= {*FIELD_NAMES, *load_attacks().traits}
    units = _UNIT_OF | {"attempts": "attempts/account-year" if alone else "attempts/holder"}
    borne = reader.get(own, key, "bearers", dict, {})
    filled = _numbers_filled(reader, own, key, units | dict.fromkeys(borne, "share"), reason)
    if "attempts" not in own and not all("attempts" in route for route in routes.values()):
        raise CatalogError(
            f"attempts is missing; give [low, mode, high] in {units['attempts']}", reader.file, key
        )
    if "severity" not in own:
        raise CatalogError("severity is missing; give [low, mode, high] in USD/victim", reader.file, key)
    defaults = dict(_defaults()[0])
    if not alone:
        del defaults["onset"]
    if all("success" in route for route in routes.values()):
        del defaults["success"]
    return defaults | {"label": _in_words(name), "description": reason} | filled


def _filled_mitigation(reader: Reader, name: str, table: Table) -> dict[str, Any]:
    """Own mitigation as the catalog's file would have it."""
    key = f"mitigation.{name}"
    _check_name(reader, name, [each.name for each in load_mitigations()], "mitigation")
    reason = _reason(reader, table, key)
    own = {part: value for part, value in table.items() if part != "reason"}
    filled = _numbers_filled(reader, own, key, _UNIT_OF_COST, reason)
    return {"label": _in_words(name), "description": reason, "changes": []} | filled


def _check_name(reader: Reader, name: str, taken: Any, what: str) -> None:
    if name in taken:
        raise CatalogError(
            f"the catalog has {'an' if what[0] == 'a' else 'a'} {what} of this name; give another name, or change single numbers of it",
            reader.file,
            f"{what}.{name}",
        )
    if not _NAME.fullmatch(name):
        raise CatalogError(
            "a name has small letters, digits and _ (or -) between them", reader.file, f"{what}.{name}"
        )


def _in_words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


@lru_cache(maxsize=1)
def _defaults() -> tuple[Table, frozenset[str]]:
    """Defaults of own attacks as tables, and their notes."""
    tables = parse(data("templates", TEMPLATE), TEMPLATE)
    found: set[str] = set()
    for table in tables.values():
        parts = (table, *table.values()) if isinstance(table, Mapping) else ()
        found |= {part["note"] for part in parts if isinstance(part, Mapping) and "note" in part}
    return tables, frozenset(found)
