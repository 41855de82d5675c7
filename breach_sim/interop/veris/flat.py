"""Turn rows of a CSV with dotted columns into incidents.

VCDB publishes one row an incident and one column a word:
``attribute.confidentiality.data.variety.Medical`` is TRUE, and
``attribute.confidentiality.data.amount.Medical`` a number. Tools that flatten JSON write
``attribute.confidentiality.data.0.variety``, or the list as text in one cell. All three are read.

Not here: opening files and finding the delimiter (``documents``).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

NEEDED = "attribute.confidentiality"
"""Beginning of the columns without which a table is none of incidents."""
_DATA = "attribute.confidentiality.data"
_WORDS = (
    "attribute.confidentiality.data_disclosure",
    "attribute.confidentiality.data_victim",
    "attribute.confidentiality.state",
    "security_incident",
    "victim.country",
)
"""Enumerations that a table writes as one column a word."""
_VALUES = (
    "attribute.confidentiality.data_total",
    "attribute.confidentiality.data_volume",
    "attribute.confidentiality.data_volume.amount",
    "attribute.confidentiality.data_volume.unit",
    "incident_id",
    "schema_version",
    "summary",
    "plus.modified",
    "victim.victim_id",
    "victim.industry",
    "timeline.incident.year",
    "timeline.incident.month",
    "timeline.incident.day",
)
_TRUE = ("true", "t", "yes", "y", "1", "1.0", "x")
_BLANK = ("", "na", "n/a", "nan", "null", "none")
_WHOLE = re.compile(r"\d{1,15}(\.\d+)?(e\+?\d{1,2})?", re.ASCII | re.IGNORECASE)
_NUMBERS = (
    "attribute.confidentiality.data_total",
    "timeline.incident.year",
    "timeline.incident.month",
    "timeline.incident.day",
)


def is_flat(heading: Sequence[str]) -> bool:
    """Return whether a heading is that of a table of incidents.

    Parameters
    ----------
    heading
        Names of the columns.

    Returns
    -------
    True if a column begins with ``attribute.confidentiality``.
    """
    return any(_path(name).lower().startswith(NEEDED) for name in heading)


def unread_columns(heading: Sequence[str]) -> list[str]:
    """Return the columns about data that are not read.

    Parameters
    ----------
    heading
        Names of the columns.

    Returns
    -------
    Columns below ``attribute.confidentiality`` that have no meaning here.
    """
    known = (*_WORDS, *_VALUES, _DATA, "attribute.confidentiality.notes")
    paths = {name: _path(name) for name in heading}
    return [
        name
        for name, path in paths.items()
        if path.lower().startswith(f"{NEEDED}.")
        and not any(path.lower() == own or path.lower().startswith(f"{own}.") for own in known)
    ]


def columns_of(heading: Sequence[str]) -> list[tuple[int, str]]:
    """Return the columns that are read.

    Parameters
    ----------
    heading
        Names of the columns; VCDB's table has more than two thousand.

    Returns
    -------
    Place of each, and its path with dots.
    """
    known = (*_WORDS, _DATA)
    paths = enumerate(_path(name) for name in heading)
    return [
        (place, path)
        for place, path in paths
        if path.lower() in _VALUES
        or any(path.lower() == own or path.lower().startswith(f"{own}.") for own in known)
    ]


def incident_of(columns: Sequence[tuple[int, str]], row: Sequence[str]) -> dict[str, Any]:
    """Return the incident of a row.

    Parameters
    ----------
    columns
        Columns that are read.
    row
        Cells.

    Returns
    -------
    Incident as in JSON.
    """
    cells = {path: row[place].strip() for place, path in columns if place < len(row)}
    filled = {path: cell for path, cell in cells.items() if cell.lower() not in _BLANK}
    by_lower = {path.lower(): cell for path, cell in filled.items()}
    incident: dict[str, Any] = {}
    for path in _VALUES:
        if path in by_lower:
            cell = by_lower[path]
            _put(incident, path, _number(cell) if path in _NUMBERS else cell)
    for path in _WORDS:
        words = [by_lower[path], *_named(filled, path)] if path in by_lower else _named(filled, path)
        words = [each for word in words for each in _listed(word)]
        if words:
            single = path in ("security_incident", "attribute.confidentiality.data_disclosure")
            _put(incident, path, words[0] if single else words)
    data = _data(filled)
    if data:
        _put(incident, _DATA, data)
    incident.setdefault("attribute", {}).setdefault("confidentiality", {})
    return incident


def _path(name: str) -> str:
    """Name of a column with dots between its parts."""
    return re.sub(r"\.{2,}", ".", re.sub(r"__|/|\[|\]", ".", name.strip().strip("\ufeff"))).strip(".")


def _named(cells: Mapping[str, str], path: str) -> list[str]:
    """Words of an enumeration whose column is true."""
    start = f"{path}."
    return [
        name[len(start) :]
        for name, cell in cells.items()
        if name.lower().startswith(start) and (cell.lower() in _TRUE or name[len(start) :].isdigit())
        for name in [start + cell if name[len(start) :].isdigit() else name]
    ]


def _data(cells: Mapping[str, str]) -> list[dict[str, Any]]:
    """Varieties with their amounts."""
    found: dict[str, dict[str, Any]] = {}
    for name, cell in cells.items():
        if name.lower() == _DATA:
            return [{"variety": word} if isinstance(word, str) else word for word in _listed(cell)]
        if not name.lower().startswith(f"{_DATA}."):
            continue
        key, _, rest = name[len(_DATA) + 1 :].partition(".")
        if key.isdigit() and rest in ("variety", "amount"):
            found.setdefault(key, {})[rest] = _number(cell) if rest == "amount" else cell
        elif key == "variety" and not rest:
            found.setdefault(cell, {"variety": cell})
        elif key == "variety" and cell.lower() in _TRUE:
            found.setdefault(rest.lower(), {})["variety"] = rest
        elif key == "amount" and rest and _is_positive(cell):
            found.setdefault(rest.lower(), {}).update(variety=rest, amount=_number(cell))
    return [piece for piece in found.values() if "variety" in piece]


def _is_positive(cell: str) -> bool:
    """Whether an amount says that there is something: a zero beside a variety that is not named is filler."""
    return bool(re.search("[1-9]", cell))


def _listed(cell: str) -> list[Any]:
    """List that a cell holds as text, as JSON or as Python writes it; else the cell, at its commas."""
    if cell[:1] in "[{":
        for read in (json.loads, ast.literal_eval):
            try:
                value = read(cell)
            except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                continue
            return value if isinstance(value, list) else [value]
    return [part.strip() for part in re.split(r"[,;|]", cell) if part.strip()]


def _number(cell: str) -> int | str:
    """Whole number of a cell, also as R and pandas write it (500.0, 1e+06); other text as it is."""
    if not _WHOLE.fullmatch(cell):
        return cell
    number = float(cell)
    return int(number) if number == int(number) else cell


def _put(incident: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    table = incident
    for key in way:
        inner = table.get(key)
        if not isinstance(inner, dict):
            inner = {} if inner is None else {"amount": inner}
            table[key] = inner
        table = inner
    table[last] = value
