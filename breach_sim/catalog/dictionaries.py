"""Load the dictionaries of other formats, and the groups of fields in imported records."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache, partial

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.catalog.words import (
    NO_COUNTERPART,
    Country,
    Descriptions,
    Dictionary,
    FieldGroup,
    Meaning,
    Nature,
    PhraseRule,
    Quantity,
    Word,
)
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.numbers.estimates import Estimate

_MISSPELLED = 0.85
"""Likeness of two names from which on one is the other with a few wrong letters."""


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
        "sources": ["analyst-judgement"],
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
    reader.keys(tables, "", ("mapped", "assumed", "described", "nothing", "unknown", "older", "nearest"))
    words: list[tuple[str, Table]] = [(n, {"fields": names}) for n, names in tables.get("mapped", {}).items()]
    words += list(tables.get("assumed", {}).items())
    for part in ("described", "nothing", "unknown"):
        words += [
            (word, table | {"known": part != "unknown"})
            for table in tables.get(part, [])
            for word in table["words"]
        ]
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


def _word(reader: Reader, name: str, table: Table) -> Word:
    """One word of a dictionary."""
    texts = ("reason", "about")
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
        rules=rules,
        ignored=reader.texts(table, name, "ignored"),
        flags={flag: tuple(names) for flag, names in table.get("flags", {}).items()},
    )
