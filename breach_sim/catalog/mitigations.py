"""Load mitigations by names such as "pin-reset-day-10" or "retention-5-years"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from breach_sim.catalog.amounts.firm import load_firm
from breach_sim.catalog.attacks import load_attacks, with_own
from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.changes import Change, Drop, Protect, Reset, Withhold
from breach_sim.inputs.fields import FIELD_LABELS, check_field
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Cost, Duty, Mitigation
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import Overrides, overridden
from breach_sim.inputs.numbers.protections import Withheld


def mitigation_names() -> tuple[str, ...]:
    """Return the names of the mitigations. FIELD and N are placeholders, as in "retention-N-years"."""
    return tuple(_plainly(name) for name in _mitigation_tables()[1])


def load_mitigation(text: str, overrides: Overrides | None = None) -> Mitigation:
    """Load a mitigation of the catalog, or of a user, by its name.

    Parameters
    ----------
    text
        Name such as "credit-freeze", "pin-reset-day-10" (start on day 10), "drop-ssn", "retention-5-years".
    overrides
        Own mitigations, which go before those of the catalog, and changes of their numbers.

    Returns
    -------
    The validated mitigation.

    Raises
    ------
    CatalogError
        If the file is invalid.
    ValueError
        If the name is unknown, the day is before the breach, or a number is out of range.

    Examples
    --------
    >>> load_mitigation("pin-reset-day-10").day
    10.0
    """
    own = Overrides() if overrides is None else overrides
    if text in own.mitigations:
        return overridden(read_own_mitigation(text, own.mitigations[text], own), own.changes)
    reader, tables = _mitigation_tables()
    for name in (text, *tables):
        shape = re.escape(name).replace(r"\{field\}", r"(?P<field>[a-z][\w-]*?)")
        shape = shape.replace(r"\{years\}", f"(?P<years>{_NUMBER})").replace(
            r"\{days\}", f"(?P<days>{_NUMBER})"
        )
        table = tables.get(name, {})
        match = re.fullmatch(shape + (f"(?:-day-(?P<day>{_NUMBER}))?" if "day" in table else ""), text)
        if match and table:
            words = {k: v for k, v in match.groupdict().items() if v}
            return overridden(_mitigation(reader, name, table, text, words), own.changes)
    known = (*own.mitigations, *(_plainly(name) for name in tables))
    raise ValueError(unknown("mitigation", text, known, "the catalog"))


def load_mitigations(overrides: Overrides | None = None) -> tuple[Mitigation, ...]:
    """Load every mitigation of the catalog, with a typical value for each placeholder.

    Parameters
    ----------
    overrides
        Own mitigations, which stand behind those of the catalog, and changes of their numbers.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    _, tables = _mitigation_tables()
    names = [re.sub(r"\{\w+\}", str(table.get("default", "")), name) for name, table in tables.items()]
    own = () if overrides is None else tuple(overrides.mitigations)
    return tuple(load_mitigation(name, overrides) for name in (*names, *own))


def read_own_mitigation(name: str, table: Table, overrides: Overrides, file: str = "overrides") -> Mitigation:
    """Build a user's mitigation from its table.

    Parameters
    ----------
    name
        Of the mitigation.
    table
        Written like a table of the catalog's mitigations, without placeholders.
    overrides
        With the user's own attacks, which it may name.
    file
        Name for messages.

    Returns
    -------
    The validated mitigation.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    ours, _ = _mitigation_tables()
    reader = Reader(file, load_sources(), ours=False)
    reader.shared = ours.shared
    return _mitigation(reader, name, table, name, {}, with_own(load_attacks(), overrides))


_NUMBER = r"-?\d+(?:\.\d+)?"


def _plainly(name: str) -> str:
    """Return a name with placeholders: retention-N-years."""
    return name.replace("{field}", "FIELD").replace("{years}", "N").replace("{days}", "N")


@lru_cache(maxsize=1)
def _mitigation_tables() -> tuple[Reader, Mapping[str, Table]]:
    file = "mitigations.toml"
    reader = Reader(file, load_sources())
    tables = parse(data(file), file)
    reader.keys(tables, "", ("estimates", "mitigations"), ("mitigations",))
    for name, table in tables.get("estimates", {}).items():
        reader.shared[name] = reader.estimate(table, f"mitigations.{name}")
    reader.shared |= {estimate.name: estimate for estimate in load_firm().estimates()}
    return reader, tables["mitigations"]


def _mitigation(
    reader: Reader,
    name: str,
    table: Table,
    text: str,
    said: Mapping[str, str],
    graph: AttackGraph | None = None,
) -> Mitigation:
    """Build one mitigation, with the placeholders of its name filled in."""
    key = f"mitigations.{name}"
    reader.check(Mitigation, table, key, absent=("name",), also=("default",))
    words = dict(said)
    if "field" in words:
        words["field"] = check_field(words["field"].replace("-", "_"), f"mitigation {text!r}")
    day = reader.number(table, key, "day")
    day = float(words.pop("day")) if "day" in words else day
    place = f"mitigations.{name.format(**words)}"
    changes = [
        _change(reader, f"{place}.changes[{number}]", change, words, graph)
        for number, change in enumerate(reader.get(table, key, "changes", list))
    ]
    duties = [_duty(reader, f"{place}.duties[{n}]", own) for n, own in enumerate(table.get("duties", []))]
    cost = reader.get(table, key, "cost", dict, {})
    reader.check(Cost, cost, f"{key}.cost")
    return reader.make(
        Mitigation,
        table,
        place,
        name=text,
        label=reader.get(table, key, "label", str).format(**_in_words(words)),
        changes=tuple(changes),
        duties=tuple(duties),
        cost=reader.make(Cost, cost, f"{place}.cost"),
        day=None if day is None else float(day),
    )


def _in_words(words: Mapping[str, str]) -> dict[str, str]:
    """What stands in the placeholders of a name, for its label."""
    return {kind: FIELD_LABELS.get(word, word) for kind, word in words.items()}


def _duty(reader: Reader, key: str, table: Table) -> Duty:
    reader.check(Duty, table, key)
    return reader.make(Duty, table, key)


_CHANGES: dict[str, tuple[type, tuple[str, ...], tuple[str, ...]]] = {
    "drop": (Drop, (), ()),
    "reset": (Reset, (), ()),
    "withhold": (Withhold, ("withheld",), ("fields", "share", "power", "span", "sources")),
    "protect": (Protect, (), ()),
}
"""Changes by their kind: the class, its attributes that no file gives, and keys that stand for them."""


def _change(
    reader: Reader, key: str, table: Table, words: Mapping[str, str], graph: AttackGraph | None
) -> Change:
    """One change of a mitigation."""
    kind = table.get("kind")
    if kind not in _CHANGES:
        raise CatalogError(unknown("kind", kind, _CHANGES, "a change"), reader.file, key)
    cls, absent, also = _CHANGES[kind]
    reader.check(cls, table, key, absent=absent, also=("kind", *also))
    fields = tuple(name.format(**words) for name in reader.texts(table, key, "fields"))
    if cls is Protect:
        return _protect(reader, key, table, graph or load_attacks())
    if cls is Withhold:
        return reader.make(Withhold, table, key, withheld=_withheld(reader, key, table, words, fields))
    change: Change = reader.make(cls, table, key, fields=fields)
    return change


def _protect(reader: Reader, key: str, table: Table, graph: AttackGraph) -> Protect:
    """A factor on attacks and traits, all of them known."""
    for what, known in (("attack", graph.names), ("trait", graph.traits)):
        for name in reader.texts(table, key, f"{what}s"):
            if name not in known:
                raise CatalogError(unknown(what, name, known, key), reader.file, key)
    lasts = float(reader.number(table, key, "lasts") or math.inf)
    return reader.make(Protect, table, key, lasts=lasts)


def _withheld(
    reader: Reader, key: str, table: Table, words: Mapping[str, str], fields: tuple[str, ...]
) -> Withheld:
    """Return the withheld share of a change: a given share, or the part of a time span beyond a limit."""
    power = reader.named_estimate(table["power"], f"{key}.power") if "power" in table else None
    if "share" in table:
        share = reader.named_estimate(table["share"], f"{key}.share")
        return reader.build(key, lambda: Withheld(share=share, fields=fields, power=power))
    span = float(reader.number(table, key, "span") or 1.0)
    word, text = next(iter(words.items()))
    number = float(text)
    if number < 0:
        raise ValueError(f"mitigation {key.split('.')[1]!r} says {number:g} {word}; give 0 or more")
    share = Estimate(
        name=f"{key}.share",
        kind="fixed",
        value=max(0.0, 1.0 - number / span),
        unit="share",
        status="derived",
        sources=reader.cited(table, key),
        note=f"1 - {number:g} / {span:g} {word}, at an even pace; raised to the power beside it",
    )
    return reader.build(key, lambda: Withheld(share=share, fields=fields, power=power))
