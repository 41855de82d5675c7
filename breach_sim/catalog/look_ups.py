"""Load what thieves can look up about a person: the shares of ``elsewhere.toml``, or of a user's file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.strangers import exists
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES
from breach_sim.inputs.lookups import Lookup, Lookups

FILE = "elsewhere.toml"
"""File of the look-ups."""
EASY = "easy_to_find"
"""Key of the one table there that is no field."""
CATALOG = "catalog"
"""Name of the catalog's look-ups."""
NONE = "none"
"""Name for nothing that can be looked up: fields are known where they leaked."""


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


def look_ups_of(elsewhere: Lookups | str | Path | None) -> Lookups | None:
    """Return the look-ups that a user asks for.

    Parameters
    ----------
    elsewhere
        "catalog"; "none" or None; the path of a ``.toml`` file written like ``elsewhere.toml``, which stands
        in place of the catalog's (a field without a table cannot be looked up); or look-ups.

    Returns
    -------
    The look-ups; None if nothing can be looked up.

    Raises
    ------
    CatalogError
        If a file is missing or invalid: with file, key, value, rule and remedy.
    ValueError
        If the name is unknown, or it is something else.
    """
    if elsewhere is None or elsewhere == NONE:
        return None
    if isinstance(elsewhere, Lookups):
        return elsewhere
    if elsewhere == CATALOG:
        return load_look_ups()
    if not isinstance(elsewhere, (str, Path)):
        raise ValueError(  # noqa: TRY004 - every wrong input is a ValueError
            f"elsewhere is {shown(elsewhere)}; give 'catalog', 'none', the path of a .toml file, or Lookups"
        )
    path = Path(elsewhere)
    if path.suffix.lower() != ".toml":
        known = (CATALOG, NONE, "FILE.toml")
        raise ValueError(unknown("set of look-ups", str(elsewhere), known, "elsewhere"))
    if not exists(path):
        raise CatalogError("no such file; give the path of a file with one table for each field", str(path))
    return read_look_ups(parse(path, str(path)), load_sources(), str(path), ours=False)


def read_look_ups(
    tables: Table, sources: Mapping[str, object], file: str = FILE, *, ours: bool = True
) -> Lookups:
    """Build the look-ups from the tables of a file.

    Parameters
    ----------
    tables
        One table a field, with ``share``, ``given`` and ``directory``; and ``easy_to_find``, an estimate.
    sources
        Sources that the numbers may cite, by id.
    file
        Name of the file, for messages.
    ours
        Whether it is the catalog's file, whose numbers may be provisional.

    Returns
    -------
    The validated look-ups. Numbers are named ``elsewhere.FIELD`` and ``elsewhere.easy_to_find``.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    reader = Reader(file, sources, ours=ours)
    if EASY not in tables:
        raise CatalogError(f"key {EASY!r} is missing; it is needed there: an estimate in 'share'", file)
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
