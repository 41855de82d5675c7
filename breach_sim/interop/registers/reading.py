"""Read an official list: its file, the rows that are about one breach, and what is left out.

A list repeats itself: one row for each kind of data (Washington), one for each state that published the
notice (Privacy Rights Clearinghouse), the same notice twice. Rows with one identifier are one breach; of
equal rows the first is read; a row of totals is no breach.

Not here: one breach as a scenario (``rows``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from breach_sim.catalog.words.meanings import ASSUMED, NO_COUNTERPART, NOTHING
from breach_sim.formatting.messages import shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.amounts import clean, count, slug
from breach_sim.interop.files import read_json, read_sheet
from breach_sim.interop.imported import Import, ImportRow, entry_list, read_entries
from breach_sim.interop.registers.cells import first_date, people
from breach_sim.interop.registers.headings import COUNTS, DATES, Columns, read_heading
from breach_sim.interop.registers.lists import load_lists, plain
from breach_sim.interop.registers.rows import Breach, scenario_of

FORMAT = "register"
LISTS = ("data", "results", "breaches", "exposedBreaches", "rows")
"""Keys under which a JSON file may hold its list of breaches."""
_TABLE = "the table"


def from_register(source: Any, *, accounts: int | None = None) -> Import:
    """Import the breaches of an official list: the HHS breach portal, a state, Privacy Rights Clearinghouse.

    The list is recognized by its headings, in any order and case.

    Parameters
    ----------
    source
        A CSV or xlsx file, a JSON file with one object for each row, a list of such objects, or a DataFrame
        (pandas, Polars or PyArrow).
    accounts
        Number of people for rows that give none, which are otherwise refused. [1, 10**13]

    Returns
    -------
    One scenario for each breach, with a report on every word. Rows that cannot be read are listed in
    ``refused``; columns and rows that were not read are in ``left_out`` of the scenarios.

    Raises
    ------
    ValueError
        If it is no list of breaches that is known, the list gives no people, or no row can be read.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame(
    ...     {"Entity Name": ["Shop"], "Total Affected": [900], "Information Type": ["Name; SSN"]}
    ... )
    >>> from_register(rows).scenario.accounts
    900
    """
    if accounts is not None and count(accounts)[0] != accounts:
        raise ValueError(f"accounts is {shown(accounts)}; it must be a whole number from 1 to 10**13")
    place, table, encoding = _table(source)
    columns, at = read_heading(table, place)
    rows = [(number, row) for number, row in enumerate(table[at + 1 :], start=at + 2)]
    if not rows:
        raise ValueError(
            f"{place} has the headings of a {columns.register.title} and no row; it needs one for each breach"
        )
    breaches = _breaches(rows, columns)
    refused: dict[str, str] = {}
    scenarios, account = read_entries(
        ((breach.label, breach) for breach in breaches),
        lambda _, breach, taken: scenario_of(_not_total(breach), _name(breach, taken), accounts),
        alone=len(breaches) == 1,
        refused=refused,
        place=place,
        noun="rows",
    )
    account = [*_table_rows(columns, encoding, place), *account]
    return Import(format=FORMAT, scenarios=tuple(scenarios.values()), rows=tuple(account), refused=refused)


# The table ---------------------------------------------------------------------------------------------


def _table(source: Any) -> tuple[str, list[Sequence[Any]], str]:
    """Return the place, the rows with the heading first, and a remark about the encoding."""
    if isinstance(source, (str, Path)) and Path(source).suffix.lower() == ".json":
        value, remark = read_json(source)
        return str(source), _of_objects(value, str(source)), remark
    if isinstance(source, (str, Path)):
        rows, remark = read_sheet(source)
        return str(source), list(rows), remark
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        rows = [list(row) for row in source.itertuples(index=False, name=None)]
        return _TABLE, [list(source.columns), *([_plain(cell) for cell in row] for row in rows)], ""
    for method in ("to_dicts", "to_pylist"):
        if hasattr(source, method):
            return _TABLE, _of_objects(getattr(source, method)(), _TABLE), ""
    if isinstance(source, (list, Mapping)):
        return "the value given", _of_objects(source, "the value given"), ""
    raise ValueError(f"{shown(source)} is no list of breaches; give a CSV, xlsx or JSON file, or a DataFrame")


def _of_objects(value: Any, place: str) -> list[Sequence[Any]]:
    """Rows of a list of objects, with the keys as heading."""
    if isinstance(value, Mapping) and not any(isinstance(value.get(key), list) for key in LISTS):
        value = [value]
    remedy = "a list with one object for each breach"
    entries = entry_list(value, LISTS, place=place, noun="list of breaches", remedy=remedy)
    objects = [entry for entry in entries if isinstance(entry, Mapping)]
    if len(objects) != len(entries):
        odd = next(entry for entry in entries if not isinstance(entry, Mapping))
        raise ValueError(f"{place} holds {shown(odd)}, no object with the columns of a row; give {remedy}")
    heading = list(dict.fromkeys(key for entry in objects for key in entry))
    return [heading, *([_plain(entry.get(key)) for key in heading] for entry in objects)]


def _plain(value: Any) -> Any:
    """Convert a missing value to None and a NumPy value to a Python value."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    missing = isinstance(value, (float, Decimal)) and value != value  # noqa: PLR0124 - only NaN differs
    return None if missing else value


# One breach --------------------------------------------------------------------------------------------


def _breaches(rows: Sequence[tuple[int, Sequence[Any]]], columns: Columns) -> list[Breach]:
    """Breaches of the rows, in the order of the file; each once."""
    single = [Breach(lines=(number,), cells=(row,), columns=columns) for number, row in rows]
    for role in ("group", "id"):
        single = _merged(single, role)
    return _look_alikes(_once(single))


def _merged(breaches: Sequence[Breach], role: str) -> list[Breach]:
    """Rows with the same identifier as one breach, if the firm is the same."""
    if role not in breaches[0].columns.roles:
        return list(breaches)
    found: dict[tuple[str, ...], list[Breach]] = {}
    for breach in breaches:
        own = breach.text(role)
        # A group is one breach under several names; of an identifier only the firm's own rows are meant.
        firm = "" if role == "group" else plain(breach.name)
        found.setdefault((own, firm) if own else (f"row {breach.lines[0]}", ""), []).append(breach)
    return [_joined(parts, role) if len(parts) > 1 else parts[0] for parts in found.values()]


def _joined(parts: Sequence[Breach], role: str) -> Breach:
    heading = parts[0].columns.heading(role)
    remark = (
        f"Rows with the same {heading!r} are read as one breach: all kinds of data, and the largest number "
        "of people."
    )
    return dataclasses.replace(
        parts[0],
        lines=tuple(line for part in parts for line in part.lines),
        cells=tuple(row for part in parts for row in part.cells),
        remarks=(remark,),
    )


def _once(breaches: Sequence[Breach]) -> list[Breach]:
    """Breaches without those that say the same as an earlier one, which are left out by name."""
    found: dict[tuple[str, ...], tuple[Breach, list[LeftOut]]] = {}
    for breach in breaches:
        key = (plain(breach.name), *_said(breach)) if breach.name else (f"row {breach.lines[0]}",)
        first, left_out = found.setdefault(key, (breach, []))
        if first is not breach:
            reason = f"says the same as row {first.lines[0]}; counted once"
            left_out.append(LeftOut(kind="row", name=breach.label, reason=reason, count=_count(breach)))
    return [
        dataclasses.replace(first, left_out=(*first.left_out, *left_out)) if left_out else first
        for first, left_out in found.values()
    ]


def _said(breach: Breach) -> tuple[str, ...]:
    """What a row says about people, dates and kinds of data."""
    days = tuple(first_date(value)[0] for role in DATES for value in breach.values(role))
    return (str(_count(breach)), breach.text("kinds").casefold(), *days)


def _count(breach: Breach) -> int | None:
    numbers = [people(value).number for role in COUNTS for value in breach.values(role)]
    return max((number for number in numbers if number is not None), default=None)


def _look_alikes(breaches: Sequence[Breach]) -> list[Breach]:
    """Breaches with a remark on those of the same firm and the same date of the breach."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, breach in enumerate(breaches):
        day = next((day for value in breach.values("breach") if (day := first_date(value)[0])), "")
        if day and breach.name:
            groups.setdefault((plain(breach.name), day), []).append(index)
    found = list(breaches)
    for members in (members for members in groups.values() if len(members) > 1):
        lines = ", ".join(str(breaches[index].lines[0]) for index in members[:6])
        remark = (
            f"Rows {lines} are of the same firm and date: perhaps notices of one breach at different times. "
            "Do not add their results."
        )
        for index in members:
            found[index] = dataclasses.replace(found[index], remarks=(*found[index].remarks, remark))
    return found


def _not_total(breach: Breach) -> Breach:
    """Reject a row that adds up the others."""
    if clean(breach.name).casefold().rstrip(":.") in load_lists().words["total"]:
        raise ValueError(f"{breach.label}: a row of totals, no breach; it was left out")
    return breach


def _name(breach: Breach, taken: Iterable[str]) -> str:
    """Name of the scenario: the list, the firm and the year."""
    day = next((day for role in DATES for v in breach.values(role) if (day := first_date(v)[0])), "")
    return slug(f"{breach.columns.register.id}-{breach.name[:44]}-{day[:4]}", taken)


# The account of the table ------------------------------------------------------------------------------


def _table_rows(columns: Columns, encoding: str, place: str) -> list[ImportRow]:
    """What is to be said about the file as a whole."""

    def row(word: str, state: str, reason: str) -> ImportRow:
        return ImportRow(entry=place, word=word, fields=(), state=state, reason=reason)

    rows = [row("list", ASSUMED, f"read as {columns.register.title}, by its headings")]
    rows += [row("encoding", ASSUMED, encoding)] if encoding else []
    for role in columns.assumed:
        heading, number = columns.heading(role), columns.roles[role][0] + 1
        rows.append(row(heading, ASSUMED, f"column {number}, which holds the {role} on this list"))
    for index in columns.roles.get("quiet", ()):
        rows.append(row(columns.headings[index], NOTHING, "says nothing about the people or their data"))
    for index in columns.unread:
        rows.append(row(columns.headings[index], NO_COUNTERPART, "no heading of a list that is known"))
    return rows
