"""Load the dictionaries of other formats, and the groups of fields in imported records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.catalog.words import NO_COUNTERPART, Dictionary, FieldGroup, Meaning, PhraseRule, Word
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import FIELD_NAMES


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
        shares = {
            level: reader.estimate(
                dict(zip(("low", "mode", "high"), table[level], strict=True))
                | {
                    "kind": "pert",
                    "scale": scale,
                    # With soft ends a field that is named could, far down in the tail, have a smaller share
                    # than one that may be meant.
                    "hard": True,
                    "unit": "share",
                    "status": "assumed",
                    "sources": ["analyst-judgement"],
                }
                | {"note": f"{table['note']}{'' if level == 'sure' else '; perhaps another datum is meant'}"},
                f"estimates.{name}",
            )
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
    reader.keys(tables, "", ("mapped", "assumed", "described", "nothing", "unknown"))
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
    return Dictionary(name, by_name)


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
    A meaning without fields; the reason suggests the nearest known name.
    """
    answer = unknown(what, name[:60], load_dictionary(format_), "the entry")
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
