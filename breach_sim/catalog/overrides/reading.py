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
import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from breach_sim.catalog.amounts.exchange import USD
from breach_sim.catalog.amounts.firm import load_firm
from breach_sim.catalog.attacks import load_attacks, read_own_attack
from breach_sim.catalog.mitigations import load_mitigations, read_own_mitigation
from breach_sim.catalog.overrides.countries import attacks_in, country_of
from breach_sim.catalog.overrides.filling import (
    GIVEN,
    NAME,
    OwnReader,
    defaults_of_attacks,
    estimate_of,
    filled_attack,
    filled_mitigation,
    reason_of,
)
from breach_sim.catalog.reader import CatalogError, Reader, Table, load_sources, parse
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.firm.ledger import LINES
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.numbers.links import Correlation, Factor, mixing
from breach_sim.inputs.numbers.overrides import (
    AMOUNTS,
    LINE_UNITS,
    Override,
    Overrides,
    OwnLine,
    overridden,
)
from breach_sim.inputs.scenario import Scenario

REMEDY = "see docs/overrides.md for what stands in one"
_MONEY = ("currency", "month", "rate", "price_year")
_RESERVED = ("firm", "attack", "mitigation", "accounts", "driver", "correlation", *_MONEY)
_ABOUT = ("kind", "unit", "sources", "note", "for_low", "for_high", "hard", "p_zero", "scale", "reason")


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
    segments = tuple(
        dataclasses.replace(segment, accounts=max(1, round(new.accounts[segment.name].central)))
        if segment.name in new.accounts
        else segment
        for segment in segments
    )
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
    reader = OwnReader(file, load_sources(), tables)
    attacks, mitigations = (
        {name: filled(reader, name, table) for name, table in _named(reader, tables, word)}
        for word, filled in (("attack", filled_attack), ("mitigation", filled_mitigation))
    )
    own = Overrides(attacks=attacks, mitigations=mitigations, tables=dict(tables))
    own = dataclasses.replace(own, money=reader.money, currency=reader.currency)
    made: list[object] = [read_own_attack(name, table, file) for name, table in attacks.items()]
    made += [read_own_mitigation(name, table, own, file) for name, table in mitigations.items()]
    own_numbers = {e.name: e for thing in (*made, scenario.segments) for e in estimates_in(thing)}
    known = {**_numbers_of_runs(), **own_numbers}
    if (
        not _names_in(tables) <= known.keys()
    ):  # few files change a mitigation, and all of them take long to read
        known = {**_numbers_of_mitigations(), **known}
    lived_in = scenario.dossier.countries
    if country_of(lived_in) is not None:
        known |= {estimate.name: estimate for estimate in attacks_in(lived_in).estimates()}
    changes, lines, amounts = _changes(reader, tables, known)
    links = _links(reader, tables, known)
    accounts = _accounts(reader, tables, scenario)
    own = dataclasses.replace(own, changes=changes, lines=lines, amounts=amounts)
    whole = dataclasses.replace(own, accounts=accounts, **links)
    # Whatever two changes do together, such as a driver that can be 0, shows where they are applied.
    reader.build("", lambda: attacks_in(lived_in, overrides=whole))
    return whole


def _changes(
    reader: OwnReader, tables: Table, known: Mapping[str, Estimate]
) -> tuple[tuple[Override, ...], tuple[OwnLine, ...], dict[str, Estimate]]:
    """Changes of parameters, lines of the firm's ledger, and yearly amounts of the firm."""
    changes = [_change(reader, name, table, known) for name, table in _parameters(tables)]
    firm = {estimate.name for estimate in load_firm().estimates()}
    lines: list[OwnLine] = []
    amounts: dict[str, Estimate] = {}
    for name, table in _named(reader, tables, "firm"):
        if name in AMOUNTS:
            amounts[name] = _amount(reader, name, table)
        elif name in LINES:
            lines.append(_line(reader, name, table))
        elif f"firm.{name}" in firm:
            changes.append(_change(reader, f"firm.{name}", table, known))
        else:
            every = (*LINES, *AMOUNTS, *(each.removeprefix("firm.") for each in firm))
            raise CatalogError(unknown("line of the firm's ledger", name, every, "firm"), reader.file, "firm")
    changed = [change.parameter for change in changes]
    for name in changed:
        if changed.count(name) > 1:
            raise CatalogError("it is changed twice; keep one of the two tables", reader.file, name)
    for change in changes:
        reader.build(change.parameter, partial(change.of, known[change.parameter]))
    return tuple(changes), tuple(lines), amounts


def _amount(reader: OwnReader, of: str, table: Table) -> Estimate:
    """Yearly revenue or income, or cash, of the firm."""
    key = f"firm.{of}"
    found = estimate_of(reader, table, f"firm.amounts.{of}", USD, reason_of(reader, table, key))
    if found.unit != USD or not found.is_certain or not found.central > 0:
        raise CatalogError(
            f"it is {found.numbers_text()} {found.unit}; give one amount of money above 0, as in value = 5e9",
            reader.file,
            key,
        )
    return found


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
        parts = {e.name.removeprefix(f"attacks.{name}."): e.note for e in estimates_in(attack)}
        taken = [part for part, note in parts.items() if note in defaults_of_attacks()[1]]
        if taken:
            listed = ", ".join(dict.fromkeys(part.split(".")[-1] for part in taken))
            found.append(f"Attack {name} says nothing of {listed}: the defaults of own attacks hold.")
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
            raise CatalogError(
                "the scenario has an override of this name already; change it in one file", file, key
            )
    return joined


def _named(reader: OwnReader, tables: Table, word: str) -> Iterator[tuple[str, Table]]:
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
        if isinstance(value, Mapping) and value and not set(value) & {*GIVEN, *_ABOUT, "shift"}:
            yield from _parameters(value, f"{name}.")
        else:
            yield name, value


def _names_in(tables: Table) -> set[str]:
    """Names of parameters in a file, those in drivers and correlations too; other words may be among them."""
    found = {name for name, _ in _parameters(tables)}
    for word in ("driver", "correlation"):
        several = tables.get(word)
        for table in several if isinstance(several, list) else ():
            own = table if isinstance(table, Mapping) else {}
            listed = own.get("parameters")
            several_names = [own.get("a"), own.get("b"), *(listed if isinstance(listed, list) else ())]
            found |= {name for name in several_names if isinstance(name, str)}
    return found


@lru_cache(maxsize=1)
def _numbers_of_runs() -> Mapping[str, Estimate]:
    """Every parameter of the catalog that a run can read, by name."""
    things: tuple[object, ...] = (load_attacks(), load_firm().estimates())
    return {estimate.name: estimate for thing in things for estimate in estimates_in(thing)}


@lru_cache(maxsize=1)
def _numbers_of_mitigations() -> Mapping[str, Estimate]:
    """Every parameter of the mitigations of the catalog, by name."""
    return {estimate.name: estimate for estimate in estimates_in(load_mitigations())}


def _no_parameter(name: str, known: Iterable[str]) -> str:
    """Message about a name that no parameter has; there are too many to list."""
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return (
        f"unknown parameter {shown(name)}{hint} See 'breach-sim assumptions SCENARIO', which lists all names."
    )


def _change(reader: OwnReader, name: str, table: Any, known: Mapping[str, Estimate]) -> Override:
    """Change of a parameter: by a factor, by a shift, or by another distribution."""
    if name not in known:
        raise CatalogError(_no_parameter(name, known), reader.file)
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; it must be a table with scale, shift or the numbers of a "
            'distribution, and with reason = "..."',
            reader.file,
            name,
        )
    reason = reason_of(reader, table, name)
    parts: dict[str, Any] = {"parameter": name, "reason": reason}
    if not isinstance(table.get("scale"), str):
        parts["scale"] = reader.number(table, name, "scale")
    parts["shift"] = reader.number(table, name, "shift")
    if set(table) & set(GIVEN):
        numbers = {
            key: value for key, value in table.items() if key not in {k for k, v in parts.items() if v}
        }
        parts["estimate"] = estimate_of(reader, numbers, name, known[name].unit, reason)
    else:
        reader.keys(table, name, ("scale", "shift", "reason"))
    return reader.build(name, lambda: Override(**parts))


def _links(reader: OwnReader, tables: Table, known: Mapping[str, Estimate]) -> dict[str, Any]:
    """Common factors and correlations of parameters."""
    factors: list[Factor] = []
    for number, table in enumerate(reader.get(tables, "", "driver", list, [])):
        key = f"driver[{number}]"
        name = reader.get(table, key, "name", str, "")
        if not NAME.fullmatch(name) or name in {factor.name for factor in factors}:
            raise CatalogError(f"name is {shown(name)}; give a name of its own", reader.file, key)
        named = reader.texts(table, key, "parameters")
        _check_uncertain(reader, named, known, key)
        numbers = {part: value for part, value in table.items() if part not in ("name", "parameters")}
        if not set(numbers) & {"kind", "mode", "value"}:
            numbers["kind"] = "lognormal"
        reason = reason_of(reader, table, key)
        factor = estimate_of(reader, numbers, f"driver.{name}", "ratio", reason)
        factors.append(Factor(name=name, parameters=named, estimate=factor))
    correlations = []
    for number, table in enumerate(reader.get(tables, "", "correlation", list, [])):
        key = f"correlation[{number}]"
        reader.check(Correlation, table, key)
        correlations.append(reader.make(Correlation, table, key))
        _check_uncertain(reader, (correlations[-1].a, correlations[-1].b), known, key)
    reader.build("correlation", partial(mixing, correlations))
    return {"factors": tuple(factors), "correlations": tuple(correlations)}


def _check_uncertain(
    reader: OwnReader, names: Iterable[str], known: Mapping[str, Estimate], key: str
) -> None:
    """Refuse names that no parameter has, and parameters that are certain."""
    for name in names:
        if name not in known:
            raise CatalogError(_no_parameter(name, known), reader.file, key)
        if known[name].is_certain:
            raise CatalogError(
                f"{name} is certain ({known[name].numbers_text()}), and has nothing in common with others; "
                "replace it by a distribution of yours in its own table, in another file that is given first",
                reader.file,
                key,
            )


def _accounts(reader: OwnReader, tables: Table, scenario: Scenario) -> dict[str, Estimate]:
    """Uncertain numbers of accounts, by segment."""
    names = [segment.name for segment in scenario.segments]
    found = {}
    for name, table in _named(reader, tables, "accounts"):
        key = f"accounts.{name}"
        if name not in names:
            raise CatalogError(unknown("segment", name, names, "accounts"), reader.file, "accounts")
        if scenario.universe:
            raise CatalogError(
                "accounts of combined breaches follow from each breach; change them there and combine again",
                reader.file,
                key,
            )
        found[name] = estimate_of(reader, table, key, "accounts", reason_of(reader, table, key))
        if found[name].unit != "accounts":
            raise CatalogError(f"unit is {found[name].unit!r}; accounts are in 'accounts'", reader.file, key)
    return found


def _line(reader: OwnReader, line: str, table: Table) -> OwnLine:
    """Line of the firm's ledger."""
    key = f"firm.{line}"
    reason = reason_of(reader, table, key)
    if not set(table) & set(GIVEN):
        reader.keys(table, key, ("scale", "reason"))
        scale = reader.number(table, key, "scale")
        return reader.build(key, lambda: OwnLine(line=line, reason=reason, scale=scale))
    if "unit" not in table:
        raise CatalogError(
            f"unit is missing; give {' or '.join(repr(unit) for unit in LINE_UNITS)}", reader.file, key
        )
    estimate = estimate_of(reader, table, f"firm.lines.{line}", "", reason)
    return reader.build(key, lambda: OwnLine(line=line, reason=reason, estimate=estimate))
