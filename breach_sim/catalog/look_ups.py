"""Load what thieves can look up about a person: the shares of ``elsewhere.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES
from breach_sim.inputs.lookups import Lookup, Lookups

FILE = "elsewhere.toml"
"""File of the look-ups."""
EASY = "easy_to_find"
"""Key of the one table there that is no field."""


@lru_cache(maxsize=1)
def load_look_ups() -> Lookups:
    """Load the catalog's look-ups.

    Returns
    -------
    Look-ups by field, in the order of the file.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return read_look_ups(parse(data(FILE), FILE), load_sources())


def read_look_ups(tables: Table, sources: Mapping[str, object], file: str = FILE) -> Lookups:
    """Build the look-ups from the tables of a file.

    Parameters
    ----------
    tables
        One table a field, with ``share``, ``given`` and ``directory``; and ``easy_to_find``, an estimate.
    sources
        Sources that the numbers may cite, by id.
    file
        Name of the file, for messages.

    Returns
    -------
    The validated look-ups. Numbers are named ``elsewhere.FIELD`` and ``elsewhere.easy_to_find``.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    reader = Reader(file, sources)
    if EASY not in tables:
        raise CatalogError(f"key {EASY!r} is missing; it is needed there", file)
    found = [_look_up(reader, name, table) for name, table in tables.items() if name != EASY]
    easy = reader.estimate(tables[EASY], f"elsewhere.{EASY}")
    return reader.build("", lambda: Lookups.of(found, easy))


def _look_up(reader: Reader, name: str, table: Table) -> Lookup:
    """Look-up of one field; its share is named after the field."""
    key = f"elsewhere.{name}"
    if name not in FIELD_NAMES:
        known = (*FIELD_NAMES, EASY)
        raise CatalogError(unknown("field", name, known, "the file", FIELD_DESCRIPTIONS), reader.file)
    reader.check(Lookup, table, key, absent=("field",))
    share = reader.estimate(table["share"], key)
    return reader.make(Lookup, table, key, field=name, share=share, given=_sets(reader, table, key))


def _sets(reader: Reader, table: Table, key: str) -> tuple[tuple[str, ...], ...]:
    """Alternative sets of fields under ``given``: a list of lists of texts."""
    sets = []
    for each in reader.get(table, key, "given", list, []):
        if not isinstance(each, list):
            raise CatalogError(
                f'given holds {shown(each)}; it must be a list of sets, such as [["full_name", "ssn"]]',
                reader.file,
                key,
            )
        sets.append(reader.texts({"given": each}, key, "given"))
    return tuple(sets)
