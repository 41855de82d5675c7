"""Load the dictionaries of other formats, groups of fields, and kinds of records.

A *kind of record* says what a record holds where a format names no field, only "Medical" or "Payment". Each
field has one of four levels, from *nearly always* to *rarely*; a level is a wide share.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.catalog.words.descriptions import Country, Descriptions, Nature, Quantity
from breach_sim.catalog.words.meanings import (
    NO_COUNTERPART,
    Dictionary,
    FieldGroup,
    Meaning,
    PhraseRule,
    Word,
)
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.numbers.estimates import Estimate

_MISSPELLED = 0.85
"""Likeness of two names from which on one is the other with a few wrong letters."""
SETTINGS = ("contexts", "synonyms")
"""Tables of a dictionary that are no words: see :func:`load_contexts` and :func:`load_synonyms`."""
RECORD_KINDS = "formats/record_kinds.toml"
_MILLION = 1_000_000
LEVELS = ("nearly_always", "often", "sometimes", "rarely")
"""How many records of a kind hold a field, from most to fewest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """Kind of record, and what such records hold.

    Parameters
    ----------
    name
        Name of the kind.
    levels
        Level of each field, one of :data:`LEVELS`.
    reason
        What is known of such records, and what is not.
    instead
        The kind in a context, by the name of the context.

    Raises
    ------
    ValueError
        If a field is unknown, or there is none.
    """

    name: str
    levels: Mapping[str, str]
    reason: str
    instead: Mapping[str, RecordKind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.levels:
            check_field(name, f"kind of record {self.name!r}")
        if not self.levels or not self.reason:
            raise ValueError(f"kind of record {self.name!r} has no field or no reason; give both")

    @property
    def likely(self) -> list[str]:
        """Fields of the two upper levels."""
        return [name for name, level in self.levels.items() if level in LEVELS[:2]]

    @property
    def unlikely(self) -> list[str]:
        """Fields of the two lower levels."""
        return [name for name, level in self.levels.items() if level in LEVELS[2:]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Circumstances of an entry in which kinds of records hold other fields.

    Parameters
    ----------
    industries
        First digits of the industry's code.
    victims
        Words for whose data they are.
    """

    industries: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_field_groups() -> Mapping[str, FieldGroup]:
    """Load the groups of fields that imported records contain together, with their shares.

    Returns
    -------
    Groups by name; every field of the vocabulary is in exactly one.

    Raises
    ------
    CatalogError
        If the file is invalid, or a field is in no group or in two.
    """
    file = "formats/field_groups.toml"
    reader = Reader(file, load_sources())
    groups = {}
    for name, table in parse(data(*file.split("/")), file).items():
        keys = ("fields", "sure", "perhaps", "scales", "note")
        reader.keys(table, name, keys, keys)
        notes = {"sure": table["note"], "perhaps": f"{table['note']}; perhaps another datum is meant"}
        shares = {
            level: _share(reader, name, table[level], scale, notes[level])
            for level, scale in zip(("sure", "perhaps"), table["scales"], strict=True)
        }
        fields = reader.texts(table, name, "fields")
        groups[name] = reader.build(name, partial(FieldGroup, name=name, fields=fields, **shares))
    listed = sorted(field for group in groups.values() for field in group.fields)
    if listed != sorted(FIELD_NAMES):
        odd = sorted({field for field in (*listed, *FIELD_NAMES) if listed.count(field) != 1})
        raise CatalogError(
            f"{', '.join(odd)} must stand in exactly one group; list it under the fields of that group",
            file,
        )
    return groups


def _share(reader: Reader, name: str, ends: list[float], scale: str, note: str) -> Estimate:
    """Assumed share of the records."""
    table = dict(zip(("low", "mode", "high"), ends, strict=True)) | {
        "kind": "pert",
        "scale": scale,
        # With soft ends a field that is named could, far down in the tail, have a smaller share than one that
        # may be meant.
        "hard": True,
        "unit": "share",
        "status": "assumed",
        "sources": ["analyst-judgment"],
        "note": note,
    }
    return reader.estimate(table, f"estimates.{name}")


@lru_cache(maxsize=4)
def load_dictionary(name: str) -> Dictionary:
    """Load the dictionary of another format: its words and their meanings.

    Parameters
    ----------
    name
        "hibp", "veris" or "register".

    Returns
    -------
    The dictionary.

    Raises
    ------
    CatalogError
        If the file is invalid, or a word is repeated.
    """
    file = f"formats/{name}.toml"
    reader = Reader(file, ())
    tables = parse(data(*file.split("/")), file)
    parts = ("mapped", "assumed", "described", "nothing", "unknown", "older", "nearest")
    reader.keys(tables, "", (*parts, *SETTINGS))
    words: list[tuple[str, Table]] = [(n, {"fields": names}) for n, names in tables.get("mapped", {}).items()]
    words += list(tables.get("assumed", {}).items())
    for part in ("described", "nothing", "unknown"):
        words += [
            (word, table | {"known": part != "unknown"})
            for table in tables.get(part, [])
            for word in table["words"]
        ]
    words = [(word, _of_kind(table)) for word, table in words]
    by_name: dict[str, Word] = {}
    for word, table in words:
        if word in by_name:
            raise CatalogError(f"word {word!r} stands there twice; a word has one reading", file)
        by_name[word] = reader.build(word, partial(_word, reader, word, table))
    older = {}
    for old, word in tables.get("older", {}).items():
        if word not in by_name:
            raise CatalogError(unknown("word", word, by_name, f"older.{old}"), file)
        older[old] = by_name[word]
    near = tables.get("nearest", {})
    for nearest in near:
        reader.build(nearest, partial(check_field, nearest, "nearest"))
    return Dictionary(name, by_name, older, {n: reader.texts(near, "nearest", n) for n in near})


@lru_cache(maxsize=1)
def load_descriptions() -> Descriptions:
    """Load the words by which descriptions say more than the classes of their entries.

    Returns
    -------
    Natures, ways to hold passwords, quantities and countries, in the order of the file.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    file = "formats/descriptions.toml"
    reader = Reader(file, load_sources())
    tables = parse(data(*file.split("/")), file)
    parts = ("nature", "sensitive", "storage", "quantities", "nouns", "shares", "pins", "countries")
    reader.keys(tables, "", parts, parts)
    phrases = {part: _phrases(reader, tables, part) for part in ("sensitive", "storage", "pins")}
    return Descriptions(
        **phrases,
        natures=tuple(
            reader.build(name, partial(Nature, name=name, **_lists_as_tuples(table)))
            for name, table in tables["nature"].items()
        ),
        quantities=tuple(
            reader.build(name, partial(Quantity, name=name, **_lists_as_tuples(table)))
            for name, table in tables["quantities"].items()
        ),
        nouns=tuple(
            reader.build("nouns", partial(PhraseRule, **_lists_as_tuples(table))) for table in tables["nouns"]
        ),
        shares={
            name: _share(reader, name, table["share"], table["scale"], table["note"])
            for name, table in tables["shares"].items()
        },
        countries={
            code: reader.build(code, partial(Country, code=code, **_lists_as_tuples(table)))
            for code, table in tables["countries"].items()
        },
    )


def _phrases(reader: Reader, tables: Table, part: str) -> Mapping[str, tuple[str, ...]]:
    """Lists of phrases by purpose; a single text is a list of one."""
    table = tables[part]
    return {
        name: (value,) if isinstance(value, str) else reader.texts(table, part, name)
        for name, value in table.items()
    }


def _lists_as_tuples(table: Table) -> Table:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


@lru_cache(maxsize=4096)
def no_counterpart(name: str, what: str, format_: str) -> Meaning:
    """Return the empty meaning of a name that the dictionary of a format does not contain.

    Parameters
    ----------
    name
        The unknown name.
    what
        What the name should denote, for the message.
    format_
        Name of the dictionary.

    Returns
    -------
    A meaning without fields; the reason names a known name that differs by a few letters, or else the field
    that is nearest in meaning, or else the known name that is nearest in its letters.
    """
    words = load_dictionary(format_)
    misspelled = difflib.get_close_matches(name[:60], words, n=1, cutoff=_MISSPELLED)
    nearest = words.nearest_field(name)
    if nearest and not misspelled:
        return Meaning(state=NO_COUNTERPART, reason=f"unknown {what} {name[:60]!r}; nearest field: {nearest}")
    if words.near and not misspelled:
        return Meaning(state=NO_COUNTERPART, reason=f"unknown {what} {name[:60]!r}; no known name is near")
    answer = unknown(what, name[:60], words, "the entry")
    return Meaning(state=NO_COUNTERPART, reason=answer.partition(" Known:")[0])


def record_kind(name: str) -> RecordKind:
    """Return a kind of record.

    Parameters
    ----------
    name
        Its name.

    Returns
    -------
    The kind.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    kinds = _record_kinds()[1]
    if name not in kinds:
        raise ValueError(unknown("kind of record", name, kinds, RECORD_KINDS))
    return kinds[name]


@lru_cache(maxsize=256)
def level_share(group: str, level: str) -> Estimate:
    """Return the share of records that hold the fields of a group.

    Parameters
    ----------
    group
        Name of a field group.
    level
        One of :data:`LEVELS`.

    Returns
    -------
    Estimate named ``estimates.GROUP_LEVEL``, so that the shares of two groups are drawn apart. [share]
    """
    table = _record_kinds()[0][level]
    given = dict(zip(("low", "mode", "high"), table["share"], strict=True))
    own = {"kind": "pert", "scale": table["scale"], "hard": True, "unit": "share", "status": "assumed"}
    about = {"sources": ["analyst-judgment"], "note": table["note"]}
    return Reader(RECORD_KINDS, load_sources()).estimate(given | own | about, f"estimates.{group}_{level}")


@lru_cache(maxsize=4)
def load_contexts(name: str) -> Mapping[str, Context]:
    """Return the contexts that the dictionary of a format describes.

    Parameters
    ----------
    name
        Name of the format.

    Returns
    -------
    Contexts by name, in the order in which they are tried.
    """
    file = f"formats/{name}.toml"
    reader = Reader(file, ())
    keys = ("industries", "victims")
    found = {}
    for context, table in parse(data(*file.split("/")), file).get("contexts", {}).items():
        reader.keys(table, context, keys)
        industries, victims = (reader.texts(table, context, key) for key in keys)
        found[context] = Context(industries=industries, victims=victims)
    return found


@lru_cache(maxsize=4)
def load_synonyms(name: str) -> Mapping[str, str]:
    """Return other names of the words of a format.

    Parameters
    ----------
    name
        Name of the format.

    Returns
    -------
    Word of the dictionary by synonym in lower case.

    Raises
    ------
    CatalogError
        If a synonym stands for no word of the dictionary.
    """
    file = f"formats/{name}.toml"
    words = load_dictionary(name)
    found = parse(data(*file.split("/")), file).get("synonyms", {})
    for other, word in found.items():
        if word not in words.words:
            raise CatalogError(unknown("word", word, words, f"synonym {other!r}"), file)
    return {other.casefold(): word for other, word in found.items()}


@lru_cache(maxsize=1)
def load_populations() -> Mapping[str, int]:
    """Return how many people countries have, and the world.

    Returns
    -------
    People by code of two capital letters; "" stands for the world.
    """
    file = "formats/populations.toml"
    reader = Reader(file, ())
    tables = parse(data(*file.split("/")), file)
    reader.keys(tables, "", ("world", "millions"), ("world", "millions"))
    millions = {"": tables["world"], **tables["millions"]}
    return {code: round(number * _MILLION) for code, number in millions.items()}


@lru_cache(maxsize=1)
def _record_kinds() -> tuple[Mapping[str, Table], Mapping[str, RecordKind]]:
    """Tables of the levels, and the kinds."""
    reader = Reader(RECORD_KINDS, ())
    tables = parse(data(*RECORD_KINDS.split("/")), RECORD_KINDS)
    reader.keys(tables, "", ("levels", "kinds"), ("levels", "kinds"))
    reader.keys(tables["levels"], "levels", LEVELS, LEVELS)
    for level, table in tables["levels"].items():
        keys = ("share", "scale", "note")
        reader.keys(table, level, keys, keys)
    kinds: dict[str, RecordKind] = {}
    for name, table in tables["kinds"].items():
        instead = {
            context: _kind(reader, f"{name}.instead.{context}", own, {})
            for context, own in table.get("instead", {}).items()
        }
        kinds[name] = _kind(reader, name, table, instead)
    return tables["levels"], kinds


def _kind(reader: Reader, name: str, table: Table, instead: Mapping[str, RecordKind]) -> RecordKind:
    """One kind of record, or what it is in one context."""
    reader.keys(table, name, (*LEVELS, "reason", "instead"), ("reason",))
    levels = {own: level for level in LEVELS for own in reader.texts(table, name, level)}
    reason = reader.get(table, name, "reason", str, "")
    return reader.build(name, partial(RecordKind, name=name, levels=levels, reason=reason, instead=instead))


def _of_kind(table: Table) -> Table:
    """Entry of a word, with what records of its kind hold if it names one."""
    if "kind" not in table:
        return table
    kind = record_kind(table["kind"])
    own = {"fields": kind.likely, "perhaps": kind.unlikely, "reason": kind.reason}
    return {**table, **own}


def _word(reader: Reader, name: str, table: Table) -> Word:
    """One word of a dictionary."""
    texts = ("reason", "about", "kind", "parent")
    lists = ("fields", "otherwise", "perhaps", "ignored")
    reader.keys(table, name, (*texts, *lists, "words", "known", "says", "flags"))
    rules = tuple(
        PhraseRule(phrases=reader.texts(part, name, "phrases"), fields=reader.texts(part, name, "fields"))
        for part in reader.get(table, name, "says", list, [])
    )
    return Word(
        name=name,
        fields=reader.texts(table, name, "fields"),
        perhaps=(*reader.texts(table, name, "perhaps"), *reader.texts(table, name, "otherwise")),
        known=table.get("known", True),
        reason=reader.get(table, name, "reason", str, ""),
        about=reader.get(table, name, "about", str, ""),
        kind=reader.get(table, name, "kind", str, ""),
        parent=reader.get(table, name, "parent", str, ""),
        rules=rules,
        ignored=reader.texts(table, name, "ignored"),
        flags={flag: tuple(names) for flag, names in table.get("flags", {}).items()},
    )
