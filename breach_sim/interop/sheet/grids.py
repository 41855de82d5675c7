"""Cells of a table, with what its layout says: merged and hidden cells, and percentages.

One grid is one sheet of a workbook, one CSV file or one data frame. Row 1 of a frame is its heading.

Not here: which row is the heading, and what the columns mean (``layout``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown
from breach_sim.interop.amounts import missing, plain_value
from breach_sim.interop.files import decoded, sheet_bytes

LOOKED_AT = 30
"""Rows at the top that may hold the heading."""
_DELIMITERS = ",;\t|"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_SAID = re.compile(r"\s*\"?sep=(.)\"?\s*\r?\n", re.IGNORECASE)
Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells of one table.

    Parameters
    ----------
    place
        File and sheet, for messages.
    rows
        Cells; rows may differ in length. Row 0 is the first row of the source.
    sheet
        Name of the sheet; "" if there is one table only.
    merged
        Cell that holds the value of a merged one, by cell; the holding cell is among the keys.
    signed
        Cells that the spreadsheet shows as percent.
    hidden_rows, hidden_columns
        From 0.
    errors
        Cells that hold an error of the spreadsheet, and what to do.
    formulas
        Reads the formulas of the sheet, by cell: only of the one that is used, for it takes as long again.
    filtered
        Whether a filter is on, which hides rows.
    hidden
        Whether the sheet itself is hidden.
    semicolons
        Whether semicolons divide the columns, as they do where the comma is the decimal mark.
    remark
        Remark about the encoding; "" for none.
    """

    place: str
    rows: tuple[tuple[Any, ...], ...]
    sheet: str = ""
    merged: Mapping[Place, Place] = field(default_factory=dict)
    signed: frozenset[Place] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    errors: Mapping[Place, str] = field(default_factory=dict)
    formulas: Callable[[], Mapping[Place, str]] = dict
    filtered: bool = False
    hidden: bool = False
    semicolons: bool = False
    remark: str = ""

    def at(self, row: int, column: int) -> Any:
        """Value of a cell, that of the whole merged range included; None if there is none."""
        row, column = self.merged.get((row, column), (row, column))
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else None

    def faults(self) -> dict[Place, str]:
        """Cells that hold an error or a formula without a value, and what to do."""
        found = {
            place: f"{shown(text)}, a formula without a value; open the file in a spreadsheet and save it, "
            "or write the number"
            for place, text in self.formulas().items()
            if missing(self.at(*place))
        }
        return {**self.errors, **found}

    def width(self, row: int) -> int:
        """Columns of a row, those that are merged into it included."""
        spans = [column + 1 for at, column in self.merged if at == row]
        return max([len(self.rows[row]), *spans])

    def filled(self, row: int) -> list[int]:
        """Columns of a row that hold something of their own."""
        return [number for number, cell in enumerate(self.rows[row]) if not missing(cell)]


def file_grids(path: str | Path, score: Callable[[Sequence[Any]], int]) -> tuple[list[Grid], tuple[str, ...]]:
    """Read the tables of a CSV or xlsx file.

    Parameters
    ----------
    path
        File.
    score
        How much a row looks like the heading; the columns of a CSV file are divided so that it is largest.

    Returns
    -------
    One grid for each sheet with cells, in order; and the names of sheets that hold a chart and no cells.

    Raises
    ------
    ValueError
        If the file cannot be read, has another ending, holds nothing, or a formula without a value.
    """
    place = Path(path)
    raw, ending = sheet_bytes(place)
    if ending == ".xlsx":
        grids, charts = _workbook(place, raw)
    else:
        grids, charts = [_text_grid(place, *decoded(raw), score)], ()
    kept = [grid for grid in grids if any(grid.filled(row) for row in range(len(grid.rows)))]
    if not kept:
        raise ValueError(f"{place} holds no row; the first names the columns, such as segment, accounts, ssn")
    return kept, charts


def frame_grid(source: Any) -> Grid | None:
    """Return the grid of a data frame of pandas, Polars, PyArrow, or of any library with Arrow's interface.

    Parameters
    ----------
    source
        Data frame or table.

    Returns
    -------
    The grid; None if it is no table. Names in the index of a pandas frame become the column ``segment``.

    Raises
    ------
    ValueError
        If the columns of a pandas frame have several levels.
    """
    if hasattr(source, "itertuples") and hasattr(source, "columns"):
        return _pandas_grid(source)
    if not isinstance(source, (str, bytes)) and hasattr(source, "__arrow_c_stream__"):
        require("tables of other libraries than pandas", "files", "pyarrow")
        import pyarrow as pa

        source = pa.table(source)
        columns = [column.to_pylist() for column in source.columns]
        return _grid(source.column_names, zip(*columns, strict=True))
    return None


def _grid(heading: Sequence[Any], rows: Any) -> Grid:
    plain = [tuple(heading), *(tuple(plain_value(cell) for cell in row) for row in rows)]
    return Grid(place="the table", rows=tuple(plain))


def _pandas_grid(frame: Any) -> Grid:
    if frame.columns.nlevels > 1:
        raise ValueError(
            f"the columns of the frame have {frame.columns.nlevels} levels; give each column one name"
        )
    rows = list(frame.itertuples(index=False, name=None))
    names = [" / ".join(map(str, key)) if isinstance(key, tuple) else key for key in frame.index]
    if not (names and all(isinstance(name, str) for name in names)):
        return _grid(list(frame.columns), rows)
    # An index of texts names the segments, whatever it is called, unless a column does.
    title = "index" if "segment" in [str(name).casefold() for name in frame.columns] else "segment"
    return _grid([title, *frame.columns], [(name, *row) for name, row in zip(names, rows, strict=True)])


def _text_grid(path: Path, text: str, remark: str, score: Callable[[Sequence[Any]], int]) -> Grid:
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    try:
        if said:
            best = said.group(1)
        else:
            tops = {sign: list(islice(_records(text, sign), LOOKED_AT)) for sign in _DELIMITERS}
            first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
            best = max(
                _DELIMITERS, key=lambda sign: (max(map(score, tops[sign]), default=0), first.count(sign))
            )
        rows = tuple(tuple(row) for row in _records(text, best))
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV: {error}; save it as CSV again") from None
    return Grid(place=str(path), rows=rows, semicolons=best == ";", remark=remark)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _workbook(path: Path, raw: bytes) -> tuple[list[Grid], tuple[str, ...]]:
    """Return the sheets of an xlsx file, and the names of its charts."""
    require("Excel files", "files", "openpyxl")
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(raw), data_only=True)
        written = load_workbook(io.BytesIO(raw), read_only=True)
        charts = tuple(sheet.title for sheet in book.chartsheets)
        grids = [
            _sheet_grid(path, sheet, partial(_formulas, written[sheet.title])) for sheet in book.worksheets
        ]
    except Exception as error:  # noqa: BLE001 - the library has no error of its own for a broken file
        cause = " ".join(_CONTROL.sub(" ", str(error)).split())[:80]
        raise ValueError(
            f"{path} is no xlsx file: {type(error).__name__}: {cause}; save it as xlsx or CSV again"
        ) from None
    return grids, charts


def _formulas(sheet: Any) -> dict[Place, str]:
    """Return the formulas of a sheet by place."""
    sheet.reset_dimensions()
    return {
        (cell.row - 1, cell.column - 1): str(getattr(cell.value, "text", cell.value))
        for row in sheet.rows
        for cell in row
        if cell.data_type == "f"
    }


def _sheet_grid(path: Path, sheet: Any, formulas: Callable[[], Mapping[Place, str]]) -> Grid:
    # The public iterators make a cell for each gap, millions of them if one far away has a color.
    cells = {(row - 1, column - 1): cell for (row, column), cell in sheet._cells.items()}  # noqa: SLF001
    full = {place: cell for place, cell in cells.items() if cell.value is not None}
    by_row: dict[int, dict[int, Any]] = {}
    for (row, column), cell in full.items():
        by_row.setdefault(row, {})[column] = cell.value
    errors = {
        place: f"{cell.value}, an error of the spreadsheet; write the value"
        for place, cell in full.items()
        if cell.data_type == "e"
    }
    width = max((column for _, column in full), default=0) + 1
    merged = {
        (row - 1, column - 1): (area.min_row - 1, area.min_col - 1)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    columns = {
        number - 1
        for each in sheet.column_dimensions.values()
        if each.hidden and each.min and each.max
        for number in range(each.min, min(each.max, width) + 1)
    }
    return Grid(
        place=f"{path}, sheet {sheet.title!r}",
        sheet=sheet.title,
        rows=tuple(_cells_of(by_row.get(row, {})) for row in range(max(by_row, default=-1) + 1)),
        merged=merged,
        errors=errors,
        formulas=formulas,
        signed=frozenset(place for place, cell in full.items() if _is_per_cent(cell)),
        hidden_rows=frozenset(row - 1 for row, each in sheet.row_dimensions.items() if each.hidden),
        hidden_columns=frozenset(columns),
        filtered=bool(sheet.auto_filter.ref),
        hidden=sheet.sheet_state != "visible",
    )


def _cells_of(row: Mapping[int, Any]) -> tuple[Any, ...]:
    return tuple(row.get(column) for column in range(max(row, default=-1) + 1))


def _is_per_cent(cell: Any) -> bool:
    return isinstance(cell.value, (int, float)) and "%" in (cell.number_format or "")
