"""Read attacks, traits, clocks and onsets from TOML.

``data/attacks/`` has one file per attack; ``data/shared.toml`` holds what several attacks share. The allowed
and required keys of a file follow from the dataclasses of ``inputs.attacks``.

Not here: the attacks that a breach enables, and numbers of other countries (``overrides.countries``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from breach_sim.catalog.look_ups import load_look_ups
from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse, parse_folder
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.attacks import Anchor, Attack, Clock, Drivers, Onset, Regime, Release, Route, Trait
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import Overrides, overridden
from breach_sim.inputs.scenario import Scenario

SHARED = "shared.toml"
"""File of what the attacks share."""
Shared = TypeVar("Shared", Onset, Clock, Release)


@lru_cache(maxsize=1)
def load_attacks() -> AttackGraph:
    """Load the catalog's attacks, with traits, clocks, onsets, and what can be looked up about a person.

    Returns
    -------
    The default graph of ``simulate``; attacks in the order of the files' ``place``.

    Raises
    ------
    CatalogError
        If a file is invalid.
    """
    return read_attacks(parse(data(SHARED), SHARED), parse_folder("attacks"))


def read_attacks(shared: Table, files: Mapping[str, Table]) -> AttackGraph:
    """Build the attack graph from the tables of its files.

    Parameters
    ----------
    shared
        Tables of ``shared.toml``: onsets, clocks, releases, multipliers, drivers, background of people.
    files
        Tables of each attack, by file: "attacks/NAME.toml".

    Returns
    -------
    The validated graph; attacks in the order of the files.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    sources = load_sources()
    traits = _traits(Reader("traits.toml", sources), parse(data("traits.toml"), "traits.toml"))
    reader = Reader(SHARED, sources)
    known = ("clocks", "drivers", "home", "onsets", "people_background", "releases", "multipliers")
    reader.keys(shared, "", known, ("people_background",))
    reader.shared, onsets = _of_several(reader, shared)
    attacks = []
    for file, table in files.items():
        own = Reader(file, sources)
        own.shared = reader.shared
        name = file.rpartition("/")[2].removesuffix(".toml")
        attacks.append(_attack(own, name, table, onsets, traits))
    parts: dict[str, Any] = {
        "clocks": _by_name(reader, Clock, shared, "clocks"),
        "releases": _by_name(reader, Release, shared, "releases"),
        "people_background": reader.estimate(shared["people_background"], "people_background"),
        "lookups": load_look_ups(),
        "drivers": _drivers(reader, shared),
        "home": reader.get(shared, "", "home", str, ""),
    }
    return Reader("attacks", sources).build(
        "", lambda: AttackGraph(attacks=tuple(attacks), traits=traits, **parts)
    )


def with_own(graph: AttackGraph, overrides: Overrides) -> AttackGraph:
    """Return attacks with a user's numbers in place of their own, and the user's attacks behind them.

    Parameters
    ----------
    graph
        All attacks of the catalog, with the numbers of some country.
    overrides
        Changes of parameters, and own attacks.

    Returns
    -------
    The graph itself if nothing of it changes.

    Raises
    ------
    ValueError
        If an own attack is invalid, or a change is not possible.
    """
    if overrides.attacks:
        own = tuple(read_own_attack(name, table) for name, table in overrides.attacks.items())
        graph = dataclasses.replace(graph, attacks=(*graph.attacks, *own))
    return overridden(graph, overrides.changes)


def read_own_attack(name: str, table: Table, file: str = "overrides") -> Attack:
    """Build a user's attack from its table.

    Parameters
    ----------
    name
        Of the attack.
    table
        Written like a file of the catalog's attacks.
    file
        Name for messages.

    Returns
    -------
    The validated attack. Its traits and capabilities are checked when it joins a graph.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    reader = Reader(file, load_sources(), ours=False)
    reader.shared, onsets = _of_catalog()
    return _attack(reader, name, table, onsets, load_attacks().traits)


@lru_cache(maxsize=1)
def _of_catalog() -> tuple[dict[str, Estimate], dict[str, Onset]]:
    """Multipliers and onsets of the catalog, which an own attack may name."""
    return _of_several(Reader(SHARED, load_sources()), parse(data(SHARED), SHARED))


def _of_several(reader: Reader, shared: Table) -> tuple[dict[str, Estimate], dict[str, Onset]]:
    """Multipliers and onsets that several attacks name."""
    multipliers = {
        name: reader.estimate(table, f"multipliers.{name}")
        for name, table in reader.get(shared, "", "multipliers", dict, {}).items()
    }
    return multipliers, _by_name(reader, Onset, shared, "onsets")


def agreed_overrides(breaches: Iterable[Scenario]) -> Overrides:
    """Return the overrides that several breaches have in common.

    Parameters
    ----------
    breaches
        Scenarios that are run together.

    Returns
    -------
    Those of every breach; none if no breach has any.

    Raises
    ------
    ValueError
        If they differ.
    """
    found: list[Overrides] = []
    for breach in breaches:
        found += [] if breach.overrides in found else [breach.overrides]
    if len(found) > 1:
        raise ValueError(
            "breaches that are run together have different numbers of the user's own; give all of them the "
            "same overrides, on the command line by one --with FILE"
        )
    return found[0] if found else Overrides()


@lru_cache(maxsize=1)
def load_bare_fields() -> Mapping[str, str]:
    """Load the fields that no attack needs, with the reason for each.

    Returns
    -------
    Reason by field, in the order of the vocabulary.

    Raises
    ------
    CatalogError
        If the file is invalid, lacks a field that no route needs, or lists a field that a route needs.
    """
    file = "formats/bare_fields.toml"
    reader, tables = Reader(file, ()), parse(data(*file.split("/")), file)
    reader.keys(tables, "", FIELD_NAMES)
    needed = {name for attack in load_attacks().attacks for route in attack.routes for name in route.fields}
    for name in FIELD_NAMES:
        if (name in needed) == (name in tables):
            remedy = "a route needs it: leave it out" if name in needed else "no route needs it: say why here"
            raise CatalogError(f"field {name!r} is misplaced; {remedy}", file, name)
    return {name: reader.get(tables, "", name, str) for name in FIELD_NAMES if name in tables}


def _traits(reader: Reader, tables: Table) -> dict[str, Trait]:
    result = {}
    for name, table in tables.items():
        reader.check(Trait, table, name, absent=("name", "protections"))
        result[name] = reader.make(Trait, table, f"traits.{name}", name=name)
    return result


def _drivers(reader: Reader, shared: Table) -> Drivers | None:
    if "drivers" not in shared:
        return None
    reader.check(Drivers, shared["drivers"], "drivers")
    return reader.make(Drivers, shared["drivers"], "drivers")


def _by_name(reader: Reader, cls: type[Shared], tables: Table, key: str) -> dict[str, Shared]:
    """Objects of one kind that attacks share, by name."""
    result = {}
    for name, table in reader.get(tables, "", key, dict, {}).items():
        reader.check(cls, table, f"{key}.{name}", absent=("name",))
        result[name] = reader.make(cls, table, f"{key}.{name}", name=name)
    return result


def _attack(
    reader: Reader, name: str, table: Table, onsets: Mapping[str, Onset], traits: Mapping[str, Trait]
) -> Attack:
    """Attack of a file; attempts and success there are those of every route that has none of its own."""
    key = f"attacks.{name}"
    rates = ("attempts", "success")
    reader.check(Attack, table, key, absent=("name", "protections"), optional=("routes",), also=rates)
    onset = table.get("onset")
    if onset is not None and onset not in onsets:
        raise CatalogError(unknown("onset", onset, onsets, "onset"), reader.file, key)
    shared = {part: reader.estimate(table[part], f"{key}.{part}") for part in rates if part in table}
    routes = reader.get(table, key, "routes", dict, {}).items()
    regimes = reader.get(table, key, "regimes", dict, {}).items()
    return reader.make(
        Attack,
        table,
        key,
        name=name,
        onset=onsets[onset] if onset else None,
        routes=tuple(_route(reader, f"{key}.routes.{n}", n, part, shared, traits) for n, part in routes),
        regimes=tuple(_regime(reader, f"{key}.regimes.{n}", part) for n, part in regimes),
        anchor=_anchor(reader, f"{key}.anchor", table.get("anchor")),
    )


def _regime(reader: Reader, key: str, table: Table) -> Regime:
    reader.check(Regime, table, key, optional=("until",))
    return reader.make(Regime, {"until": ""} | dict(table), key)


def _anchor(reader: Reader, key: str, table: Table | None) -> Anchor | None:
    if table is None:
        return None
    reader.check(Anchor, table, key)
    return reader.make(Anchor, table, key)


def _route(
    reader: Reader,
    key: str,
    name: str,
    table: Table,
    shared: Mapping[str, Estimate],
    traits: Mapping[str, Trait],
) -> Route:
    """Route of an attack; ``needs`` lists fields, traits and capabilities together."""
    listed = ("fields", "traits", "capabilities")
    reader.check(Route, table, key, absent=("name", *listed), optional=tuple(shared), also=("needs",))
    reader.keys(table, key, table, ("needs",))
    needs = reader.texts(table, key, "needs")
    conditions: dict[str, Any] = {
        "fields": tuple(need for need in needs if need in FIELD_NAMES),
        "traits": tuple(need for need in needs if need in traits),
        "capabilities": tuple(need for need in needs if need not in FIELD_NAMES and need not in traits),
    }
    rates = {part: rate for part, rate in shared.items() if part not in table}
    multiplier = _multiplier(reader, table, key)
    return reader.make(Route, table, key, name=name, multiplier=multiplier, **conditions, **rates)


def _multiplier(reader: Reader, route: Table, key: str) -> Estimate | None:
    name = reader.get(route, key, "multiplier", str, "")
    if name and name not in reader.shared:
        raise CatalogError(unknown("multiplier", name, reader.shared, "multiplier"), reader.file, key)
    return reader.shared[name] if name else None
