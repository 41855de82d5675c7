"""Import a spreadsheet as a scenario: one row per segment, one column per field, a share in each cell.

Columns are ``segment`` (optional), ``accounts``, ``kind`` (optional), and one per field, or three for low,
mode and high. Headings match without regard to case, punctuation and synonyms. A share is a number in
[0, 1], a percentage with a percent sign, a range, or words such as "about 60 %" or "yes". Blank means "not
leaked"; "unknown" gives a wide estimate. The import report lists every value that was interpreted, and
``Scenario.left_out`` everything that was not read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.headings import letters
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import USER, Estimate
from breach_sim.inputs.published import Dossier, country_codes
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import KINDS, MAX_SEGMENTS, Leak, Segment, independence_note
from breach_sim.interop.amounts import clean, slug
from breach_sim.interop.imported import Import, ImportRow, inert_rows
from breach_sim.interop.leaks import cautions
from breach_sim.interop.sheet.grids import Grid, file_grids, frame_grid
from breach_sim.interop.sheet.layout import (
    RESERVED,
    Column,
    Wishes,
    check_other_table,
    choose_sheet,
    heading_row,
    read_columns,
    score,
)
from breach_sim.interop.sheet.rows import Row, read_rows, without_totals
from breach_sim.interop.sheet.shares import Share

FORMAT = "table"
OPTIONS = (
    "per_cent",
    "ignore",
    "blocks",
    "columns",
    "countries",
    "day_zero",
    "hidden",
    "label",
    "sheet",
    "totals",
)
"""Arguments of the reader that the command line offers."""
_DECADE = 10.0
_NAMED = 3


def from_table(
    source: Any,
    *,
    name: str | None = None,
    label: str | None = None,
    per_cent: bool = False,
    blocks: Sequence[Iterable[str]] = (),
    columns: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    sheet: str | None = None,
    hidden: bool = False,
    totals: bool | None = None,
    day_zero: str = "",
    countries: str | Iterable[str] = (),
) -> Import:
    """Import a scenario from a spreadsheet: segment, accounts, and one column of shares per field.

    Parameters
    ----------
    source
        A CSV or xlsx file, or a data frame of pandas, Polars or PyArrow. Names in the index of a pandas frame
        are the names of the segments.
    name
        Name of the scenario; if None, the name of the file.
    label
        Title of the scenario; if None, the name.
    per_cent
        Whether numbers without a unit are percentages. If False, 25 is refused and "25 %" is 0.25.
    blocks
        Fields that leak together; their shares must be equal in every row. Other fields are independent.
    columns
        Meaning of columns whose headings are not known: a field, "segment", "accounts" or "kind", by heading.
    ignore
        Columns to ignore; the import report lists them.
    sheet
        Sheet of a workbook. If None, the one sheet that is a table of segments.
    hidden
        Whether hidden rows and columns are read. If False they are left out, and named.
    totals
        Whether rows that may be totals of others are left out (True) or read as segments (False). If None,
        certain totals are left out, and uncertain ones refused.
    day_zero
        Date of day 0, as YYYY-MM-DD; it decides the state of the protections and the prices.
    countries
        Where the people live: two capital letters each, as in ["DE", "AT"] or "DE,AT". Some attacks exist in
        some countries only.

    Returns
    -------
    One scenario, with a report on every column. What was not read is in ``scenario.left_out``.

    Raises
    ------
    ValueError
        With file, sheet, row and column, if a column is unknown, missing or repeated, a share is above 1 or
        not a number, a count is not a whole number, or something can be read in two ways.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"segment": ["all"], "accounts": [1000], "ssn": ["25 %"]})
    >>> from_table(rows).scenario.segments[0].leaks[0].coverage.central
    0.25
    """
    wishes = Wishes(columns=dict(columns or {}), ignore=_names(ignore), hidden=hidden)
    grid, sheets, place = _grid_of(source, sheet, wishes)
    _check_rows(grid.place, len(grid.rows), 5 * MAX_SEGMENTS)  # totals and empty rows are looked for below
    heading = heading_row(grid, wishes)
    if heading < 0:
        heading = next((row for row in range(len(grid.rows)) if grid.filled(row)), 0)
    found, unread = read_columns(grid, heading, wishes, grid.place)
    _check_faults(grid, heading, found)
    together = _blocks(blocks, found, grid.place)
    rows, passed = read_rows(grid, heading, found, wishes, per_cent=per_cent)
    concealed = any(part.reason.startswith("hidden") for part in passed)
    hint = " (without hidden rows; hidden=True or --hidden reads them)" if concealed else ""
    rows, dropped = without_totals(rows, totals=totals, hint=hint)
    if not rows:
        raise ValueError(f"{grid.place} has a heading and no row; give a row for each segment")
    entry = slug(clean(name) or (Path(place).stem if place != "the table" else "table"))
    _check_rows(grid.place, len(rows), MAX_SEGMENTS)
    segments = _segments(rows, together)
    left_out = (*sheets, *unread, *passed, *dropped)
    breach = Scenario(
        name=entry,
        segments=segments,
        label=clean(label) or clean(name, entry),
        day_zero=day_zero,
        notes=_notes(segments),
        sources=(USER,),
        dossier=Dossier(countries=country_codes(countries, "countries")),
        left_out=left_out,
    )
    account = [*_account(grid, found, rows, left_out, entry), *inert_rows(cautions(segments), entry)]
    return Import(format=FORMAT, scenarios=(breach,), rows=tuple(account))


def _check_rows(place: str, number: int, most: int) -> None:
    if number > most:
        raise ValueError(
            f"{place} has {number:,} rows, and each is a segment; at most {MAX_SEGMENTS:,} are possible: put "
            "those together that lost the same fields (breach-sim expose counts rows of people)"
        )


def _check_faults(grid: Grid, heading: int, columns: Sequence[Column]) -> None:
    """Refuse a formula without a value, and an error, where they are read."""
    read = {column.index for column in columns}
    for (row, column), text in grid.faults().items():
        if row >= heading and column in read:
            raise ValueError(f"{grid.place}, row {row + 1}, column {column + 1} is {text}")


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Names of a list; a text is one name."""
    return (names,) if isinstance(names, str) else tuple(names)


def _grid_of(source: Any, sheet: str | None, wishes: Wishes) -> tuple[Grid, list[LeftOut], str]:
    """Return the table of a source, the sheets that are not read, and the name of the source."""
    if isinstance(source, (str, Path)):
        place = str(source)
        grids, charts = file_grids(source, score)
        grid, left_out = choose_sheet(grids, charts, sheet, wishes, place)
    else:
        place = "the table"
        frame = frame_grid(source)
        if frame is None:
            raise ValueError(
                f"{_kind_of(source)} is no table; give a CSV or xlsx file, or a data frame of pandas, Polars "
                "or PyArrow"
            )
        if sheet is not None:
            raise ValueError(f"sheet is {sheet!r}, and a data frame has no sheets; leave it out")
        grid, left_out = frame, []
    check_other_table(grid, place)
    return grid, left_out, place


def _kind_of(source: Any) -> str:
    """Name a source for a message; the repr of a frame would draw it."""
    lazy = hasattr(source, "collect")
    return f"a {type(source).__name__} (call .collect() first)" if lazy else shown(source).split("\n")[0]


def _blocks(blocks: Sequence[Iterable[str]], columns: Sequence[Column], place: str) -> list[tuple[str, ...]]:
    """Return the blocks with the names of their fields; a block may name headings."""
    fields = list(dict.fromkeys(column.name for column in columns if column.name not in RESERVED))
    headings = {letters(column.heading): column.name for column in columns}
    together = [
        tuple(name if name in fields else headings.get(letters(str(name)), name) for name in _names(block))
        for block in blocks
    ]
    for name in (name for block in together for name in block):
        if name not in fields:
            raise ValueError(unknown("field", name, fields, f"blocks; {place} has no such column"))
    if len({name for block in together for name in block}) != sum(map(len, together)) or () in together:
        raise ValueError("blocks names a field twice, or no field; a field leaks in one block")
    return together


def _segments(rows: Sequence[Row], blocks: Sequence[tuple[str, ...]]) -> tuple[Segment, ...]:
    seen: dict[str, Row] = {}
    for row in rows:
        if row.title in seen:
            raise ValueError(
                f"{row.place}: segment {row.title!r} stands in row {seen[row.title].number} too (names must "
                "differ; a merged cell names one row only)"
            )
        seen[row.title] = row
    return tuple(_segment(row, blocks) for row in rows)


def _segment(row: Row, blocks: Sequence[tuple[str, ...]]) -> Segment:
    if row.accounts is None:
        raise ValueError(
            f"{row.place}, column 'accounts' is blank; it must be a whole number from 1 to 10**13, or delete "
            "the row"
        )
    kind = row.kind or "customer"
    if kind not in KINDS:
        raise ValueError(unknown("kind of segment", kind, KINDS, f"{row.place}, column 'kind'"))
    return Segment(
        name=row.title,
        accounts=row.accounts,
        leaks=_leaks(row, blocks),
        kind=kind,
        sources=(USER,),
    )


def _leaks(row: Row, blocks: Sequence[tuple[str, ...]]) -> tuple[Leak, ...]:
    """Return the leaks of a row: fully leaked fields together, blocks as given, other fields one by one."""
    for block in blocks:
        if len({row.shares[name].numbers for name in block}) > 1:
            each = ", ".join(f"{name} {row.shares[name].mode:g}" for name in block)
            raise ValueError(
                f"{row.place}: the fields of block {block} have different shares ({each}); give them one"
            )
    blocked = {name for block in blocks for name in block}
    single = {name: part for name, part in row.shares.items() if name not in blocked}
    whole = tuple(name for name, part in single.items() if part.certain and part.mode == 1)
    groups = [*([whole] if whole else []), *blocks, *((name,) for name in single if name not in whole)]
    found: list[Leak] = []
    for group in groups:
        part = row.shares[group[0]]
        if part.certain and part.mode == 0:
            continue
        name = f"segments.{row.title}.leaks[{len(found)}].coverage"
        try:
            found.append(Leak(fields=group, coverage=_coverage(group[0], part, name)))
        except ValueError as error:
            raise ValueError(f"{row.place}, column {group[0]!r}: {error}") from None
    return tuple(found)


def _coverage(field: str, part: Share, name: str) -> Estimate:
    """Coverage of a cell: as given, or in doubt."""
    if part.certain:
        return Estimate.fixed(name, part.mode, "share")
    if part.group:
        group = next(group for group in catalog.load_field_groups().values() if field in group.fields)
        if part.group == "perhaps":
            return group.perhaps
        return dataclasses.replace(group.sure, name=f"{group.sure.name}_named")
    wide = part.high >= _DECADE * part.low
    return Estimate(
        name=name,
        kind="pert",
        low=part.low,
        mode=part.mode,
        high=part.high,
        scale=("log" if part.low else "linear") if wide else None,
        hard=part.hard,
        unit="share",
        status=part.status,
        sources=(USER,),
        note=part.remark,
    )


def _notes(segments: Sequence[Segment]) -> tuple[str, ...]:
    notes = [*independence_note(tuple(segments))]
    unsure = [
        f"{field} of {each.name}"
        for each in segments
        for leak in each.leaks
        if not leak.coverage.is_certain and leak.coverage.status == "assumed"
        for field in leak.fields
    ]
    if unsure:
        named = ", ".join(unsure[:_NAMED]) + (f" and {len(unsure) - _NAMED} more" if unsure[_NAMED:] else "")
        notes.append(f"The table gives no single number for the share of {named}; the width is assumed.")
    return tuple(notes)


def _account(
    grid: Grid, columns: Sequence[Column], rows: Sequence[Row], left_out: Iterable[LeftOut], entry: str
) -> list[ImportRow]:
    """Return the report: sheet, columns and encoding, cells that were interpreted, and what was left out."""

    def line(word: str, state: str, reason: str, fields: tuple[str, ...] = ()) -> ImportRow:
        return ImportRow(entry=entry, word=word, fields=fields, state=state, reason=reason)

    account = [line(f"sheet {grid.sheet!r}", MAPPED, "the sheet that was read")] if grid.sheet else []
    for column in columns:
        fields = () if column.name in RESERVED else (column.name,)
        account.append(line(column.heading, MAPPED, column.reason, fields))
    account += [line("encoding", ASSUMED, grid.remark)] if grid.remark else []
    for row in rows:
        account += [line(w, ASSUMED if doubt else MAPPED, why, f) for w, f, why, doubt in row.remarks]
    for part in left_out:
        number = f"; {part.count:,} accounts" if part.count is not None else ""
        place = f"{part.place}: " if part.place else ""
        near = f"; nearest: {part.nearest}" if part.nearest else ""
        account.append(
            line(part.name, NO_COUNTERPART, f"{part.kind} not read, {place}{part.reason}{number}{near}")
        )
    return account
