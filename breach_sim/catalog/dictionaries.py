"""Words of other formats, and blocks of fields that imported records hold together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.catalog.words import Block, Dictionary, Saying, Word
from breach_sim.inputs.fields import FIELD_NAMES


@lru_cache(maxsize=1)
def load_blocks() -> Mapping[str, Block]:
    """Blocks of fields that imported records hold together, with their shares.

    Returns
    -------
    By name; every field of the vocabulary is in one.

    Raises
    ------
    CatalogError
        If the file is damaged, or a field stands in no block or in two.
    """
    reader = Reader("blocks.toml", load_sources())
    found = {}
    for name, table in parse(data("formats", "blocks.toml"), "blocks.toml").items():
        reader.keys(table, name, ("fields", "sure", "perhaps", "note"), ("fields", "sure", "perhaps", "note"))
        shares = {
            level: reader.estimate(
                dict(zip(("low", "mode", "high"), table[level], strict=True))
                | {"kind": "pert", "unit": "share", "status": "assumed", "sources": ["analyst-judgement"]}
                | {"note": f"{table['note']}{'' if level == 'sure' else '; perhaps another datum is meant'}"},
                f"estimates.{name}",
            )
            for level in ("sure", "perhaps")
        }
        fields = reader.texts(table, name, "fields")
        found[name] = reader.build(name, partial(Block, name=name, fields=fields, **shares))
    listed = sorted(field for block in found.values() for field in block.fields)
    if listed != sorted(FIELD_NAMES):
        odd = sorted({field for field in (*listed, *FIELD_NAMES) if listed.count(field) != 1})
        raise CatalogError(f"{', '.join(odd)} must stand in exactly one block", "blocks.toml")
    return found


@lru_cache(maxsize=4)
def load_dictionary(name: str) -> Dictionary:
    """Words of another format, and what they mean.

    Parameters
    ----------
    name
        "hibp" or "veris".

    Returns
    -------
    The dictionary.

    Raises
    ------
    CatalogError
        If the file is damaged, or a word stands in it twice.
    """
    file = f"{name}.toml"
    reader = Reader(file, ())
    tables = parse(data("formats", file), file)
    reader.keys(tables, "", ("mapped", "assumed", "told", "nothing", "unknown"))
    words: list[tuple[str, Table]] = [(n, {"fields": told}) for n, told in tables.get("mapped", {}).items()]
    words += list(tables.get("assumed", {}).items())
    for part in ("told", "nothing", "unknown"):
        told = [
            (word, table | {"known": part != "unknown"})
            for table in tables.get(part, [])
            for word in table["words"]
        ]
        words += told
    found: dict[str, Word] = {}
    for word, table in words:
        if word in found:
            raise CatalogError(f"word {word!r} stands there twice; a word has one reading", file)
        found[word] = reader.build(word, partial(_word, reader, word, table))
    return Dictionary(name, found)


def _word(reader: Reader, name: str, table: Table) -> Word:
    """One word of a dictionary."""
    texts = ("reason", "about")
    lists = ("fields", "otherwise", "perhaps", "ignored")
    reader.keys(table, name, (*texts, *lists, "words", "known", "says", "flags"))
    sayings = tuple(
        Saying(phrases=reader.texts(part, name, "phrases"), fields=reader.texts(part, name, "fields"))
        for part in reader.get(table, name, "says", list, [])
    )
    return Word(
        name=name,
        fields=reader.texts(table, name, "fields"),
        perhaps=(*reader.texts(table, name, "perhaps"), *reader.texts(table, name, "otherwise")),
        known=table.get("known", True),
        reason=reader.get(table, name, "reason", str, ""),
        about=reader.get(table, name, "about", str, ""),
        sayings=sayings,
        ignored=reader.texts(table, name, "ignored"),
        flags={flag: tuple(told) for flag, told in table.get("flags", {}).items()},
    )
