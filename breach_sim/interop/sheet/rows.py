"""Read the rows of a table of segments, and leave out by name what is no segment.

No segments are rows above the heading, hidden rows, notes below the table, and totals. A row that may be a
total and may be a segment is refused.

Not here: which columns there are (``layout``), and the segments themselves (``table``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from breach_sim.catalog.words.headings import letters
from breach_sim.formatting.messages import shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.rules import OWN
from breach_sim.inputs.segment import MAX_ACCOUNTS
from breach_sim.interop.amounts import (
    clean,
    count,
    missing,
    one_of,
    plain_text,
    readings,
    table_words,
    whole_of,
)
from breach_sim.interop.sheet.grids import Grid
from breach_sim.interop.sheet.layout import PARTS, RESERVED, Column, Wishes
from breach_sim.interop.sheet.shares import Share, share, spread, without_about

_NUMBER = re.compile(r"\d[\d.,' _]*\d|\d")
_ROUNDING = 0.005
"""How far, as a part of it, a named total may be from the sum; and a share from the mean share."""
_SEVERAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Row of a table of segments.

    Parameters
    ----------
    place
        File, sheet and row, for messages.
    number
        As a spreadsheet counts, from 1.
    name
        Name of the segment; "" if the row has none.
    accounts
        Size; None if the cell is blank.
    kind
        As written; "" if nothing is.
    shares
        By field, in the order of the columns.
    remarks
        Word, fields and reason of each value that was interpreted; and whether a part of it is assumed.
    """

    place: str
    number: int
    name: str
    accounts: int | None
    kind: str = ""
    shares: Mapping[str, Share] = field(default_factory=dict)
    remarks: tuple[tuple[str, tuple[str, ...], str, bool], ...] = ()

    @property
    def title(self) -> str:
        """Name, or the number of the row."""
        return self.name or f"row {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What the cells of a column say about each other.

    Parameters
    ----------
    marks
        Decimal mark by column; "" where no cell proves one.
    per_cent
        Columns with a number above 1, under a heading that says percent.
    """

    marks: Mapping[int, str]
    per_cent: frozenset[int]


def read_rows(
    grid: Grid, heading: int, columns: Sequence[Column], wishes: Wishes, *, per_cent: bool
) -> tuple[list[Row], list[LeftOut]]:
    """Read all rows below the heading.

    Parameters
    ----------
    grid
        The table.
    heading
        Its heading row, from 0.
    columns
        Its columns.
    wishes
        What the user says about the layout.
    per_cent
        Whether numbers without a unit are percentages.

    Returns
    -------
    Rows in order, totals included, and one record for each row that is not read.

    Raises
    ------
    ValueError
        With the row, if it is longer than the heading, or a cell cannot be read or may mean two things.
    """
    left_out = _above(grid, heading)
    clues = Clues(
        marks=_decimal_marks(grid, heading, columns), per_cent=_sure_per_cent(grid, heading, columns)
    )
    rows: list[Row] = []
    below = [row for row in range(heading + 1, len(grid.rows)) if grid.filled(row)]
    accounts = next(column.index for column in columns if column.name == "accounts")
    last = max((row for row in below if not missing(grid.at(row, accounts))), default=heading)
    for number in below:
        _check_length(grid, number, heading)
        if number in grid.hidden_rows and not wishes.hidden:
            why = "hidden, perhaps by a filter" if grid.filtered else "hidden"
            size = count(grid.at(number, accounts))[0]
            left_out.append(_row_left_out(grid, number, grid.filled(number), why, size))
        elif number > last and _is_note(grid, number, columns):
            why = "below the table, without accounts"
            left_out.append(_row_left_out(grid, number, grid.filled(number), why))
        else:
            rows.append(_read_row(grid, number, columns, clues, per_cent=per_cent))
    return rows, left_out


def without_totals(
    rows: Sequence[Row], *, totals: bool | None = None, hint: str = ""
) -> tuple[list[Row], list[LeftOut]]:
    """Leave out the rows that are totals of others.

    Parameters
    ----------
    rows
        All rows.
    totals
        True to leave out what may be a total, False to read it as a segment, None to refuse what is not
        certain.
    hint
        Added to the message if a total disagrees with its rows.

    Returns
    -------
    The segments, and one record for each total.

    Raises
    ------
    ValueError
        If a row may be a total and may be a segment, or a total disagrees with its rows.
    """
    named = {row.number for row in rows if _is_total(row.name)}
    parts = [row for row in rows if row.number not in named]
    if totals is False or not parts:
        return list(rows), []
    left_out: list[LeftOut] = []
    kept: list[Row] = []
    for row in rows:
        whole = _total(row, rows, parts, named=row.number in named)
        if totals is None:
            _check_total(row, whole, parts, named=row.number in named, hint=hint)
        if whole or row.number in named:
            reason = (
                f"the total of {whole}" if whole else "a total, as asked; it disagrees with the other rows"
            )
            place = f"row {row.number}"
            left_out.append(
                LeftOut(kind="row", name=row.title, reason=reason, place=place, count=row.accounts)
            )
        else:
            _check_part(row)
            kept.append(row)
    return kept, left_out


def _check_total(row: Row, whole: str, parts: Sequence[Row], *, named: bool, hint: str) -> None:
    """Refuse a row that may be a total and may be none."""
    if named and not whole:
        others = sum(part.accounts or 0 for part in parts)
        raise ValueError(
            f"{row.place}: {shown(row.name)} has {row.accounts:,} accounts, the other rows {others:,}{hint}; "
            "correct the numbers or add the missing segment, or say totals=True (--totals) to leave the row "
            "out, totals=False (--no-totals) to read it as a segment"
        )
    sure = named or _is_everything(row.name) or (not row.name and any(part.name for part in parts))
    if whole and not sure:
        raise ValueError(
            f"{row.place}: {shown(row.title)} has as many accounts as {whole} together "
            f"({row.accounts:,}), and their mean shares or none; if it is their total, delete it or say "
            "totals=True (--totals), and if it is a segment, totals=False (--no-totals)"
        )


def _total(row: Row, rows: Sequence[Row], parts: Sequence[Row], *, named: bool) -> str:
    """Say of which rows a row is the total; "" if of none."""
    if named and row.accounts is None:
        return "the other rows"
    for what, others in _runs(row, rows, parts, named=named):
        whole = sum(other.accounts or 0 for other in others)
        if named and abs(whole - (row.accounts or 0)) <= _ROUNDING * whole:
            return what
        if whole == row.accounts and (_is_everything(row.name) or _alike(row, others)):
            return what
    return ""


def _runs(
    row: Row, rows: Sequence[Row], parts: Sequence[Row], *, named: bool
) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows whose total a row may be."""
    least = 1 if named else _SEVERAL
    numbers = {part.number for part in parts}
    above = [other for other in parts if other.number < row.number]
    below = [other for other in parts if other.number > row.number]
    others = [other for other in parts if other.number != row.number]
    found = [("the rows above", above), ("the rows below", below), ("the other rows", others)]
    # A subtotal is that of the rows since the last one, or up to the next one.
    before = [other.number for other in rows if other.number < row.number and other.number not in numbers]
    after = [other.number for other in rows if other.number > row.number and other.number not in numbers]
    found.append(("the rows above", [other for other in above if other.number > max(before, default=0)]))
    if after:
        found.append(("the rows below", [other for other in below if other.number < min(after)]))
    if named:
        found += [("the rows above", above[-size:]) for size in range(1, len(above))]
        found += [("the rows below", below[:size]) for size in range(1, len(below))]
    yield from ((what, run) for what, run in found if len(run) >= least)


def _alike(row: Row, others: Sequence[Row]) -> bool:
    """Whether the shares of a row are the mean shares of others, or blank."""
    if not any(each.mode or each.group for each in row.shares.values()):
        return True
    whole = sum(other.accounts or 0 for other in others)
    for name, own in row.shares.items():
        if own.group or any(other.shares[name].group for other in others):
            if any(other.shares[name].group != own.group for other in others):
                return False
            continue
        mean = sum((other.accounts or 0) * other.shares[name].mode for other in others) / whole
        if abs(mean - own.mode) > _ROUNDING:
            return False
    return True


def _check_part(row: Row) -> None:
    """Refuse a row that says that it is a part of another."""
    words = table_words()["rows"]["part"]
    name = plain_text(row.name).casefold()
    if any(name.startswith(f"{word} ") or name == word for word in words):
        raise ValueError(
            f"{row.place}: {shown(row.name)} is a part of another row; segments must not overlap: write the "
            "parts instead of the whole, or the whole instead of the parts"
        )


def _is_everything(name: str) -> bool:
    """Whether a name means all accounts, which is a total only if the numbers agree."""
    return letters(name) in set(map(letters, table_words()["rows"]["everything"]))


@lru_cache(maxsize=1)
def _total_words() -> frozenset[str]:
    return frozenset(map(letters, table_words()["rows"]["total"]))


def _is_total(name: str) -> bool:
    """Whether a name is or holds a word for a total, as in "Total prepaid"."""
    tokens = [letters(word) for word in re.findall(r"[^\W_]+", name)]
    pairs = [first + second for first, second in pairwise(tokens)]
    return any(word in _total_words() for word in (*tokens, *pairs))


def _above(grid: Grid, heading: int) -> list[LeftOut]:
    """Records of the rows above the heading, but for cells that are merged into it."""
    into = {anchor for (row, _), anchor in grid.merged.items() if row == heading}
    rows = {row: [at for at in grid.filled(row) if (row, at) not in into] for row in range(heading)}
    return [_row_left_out(grid, row, cells, "above the heading") for row, cells in rows.items() if cells]


def _row_left_out(
    grid: Grid, row: int, columns: Sequence[int], reason: str, accounts: int | None = None
) -> LeftOut:
    """Record of a row that is not read, named by its first text."""
    texts = [clean(str(grid.rows[row][column])) for column in columns]
    name = next(filter(None, texts), f"row {row + 1}")
    return LeftOut(kind="row", name=name[:60], reason=reason, place=f"row {row + 1}", count=accounts)


def _is_note(grid: Grid, row: int, columns: Sequence[Column]) -> bool:
    """Whether a row holds one text and nothing else, under no field."""
    filled = grid.filled(row)
    fields = {column.index for column in columns if column.name not in RESERVED}
    return len(filled) == 1 and isinstance(grid.rows[row][filled[0]], str) and filled[0] not in fields


def _check_length(grid: Grid, row: int, heading: int) -> None:
    """Refuse a row with a cell beyond the last heading."""
    width = max(grid.filled(heading), default=-1)
    spans = {column for (at, column) in grid.merged if at == heading}
    width = max(width, *spans) if spans else width
    beyond = [column for column in grid.filled(row) if column > width and column not in grid.hidden_columns]
    if beyond:
        cells = ", ".join(shown(grid.rows[row][column]) for column in beyond[:3])
        raise ValueError(
            f"{grid.place}, row {row + 1} is longer than the heading: {cells} under no heading; name the "
            "column, delete the cell, or put a number with a decimal comma in quotes"
        )


def _decimal_marks(grid: Grid, heading: int, columns: Sequence[Column]) -> dict[int, str]:
    """Return the decimal mark of each column, as its texts, or else those of the table, prove it."""
    proven: dict[int, set[str]] = {}
    for column in columns:
        if column.name in ("segment", "kind"):
            continue
        for row in range(heading + 1, len(grid.rows)):
            cell = grid.at(row, column.index)
            if isinstance(cell, str):
                ways = [readings(part) for part in (cell, *_NUMBER.findall(plain_text(cell)))]
                found = {way[0].mark for way in ways if len(way) == 1 and way[0].mark}
                proven.setdefault(column.index, set()).update(found)
    table = set().union(*proven.values())
    marks = {}
    for column in columns:
        said = proven.get(column.index) or table
        marks[column.index] = next(iter(said)) if len(said) == 1 else ""
    return marks


def _sure_per_cent(grid: Grid, heading: int, columns: Sequence[Column]) -> frozenset[int]:
    rows = range(heading + 1, len(grid.rows))
    return frozenset(
        column.index
        for column in columns
        if column.per_cent and any(_number(grid.at(row, column.index)) > 1 for row in rows)
    )


def _number(value: Any) -> float:
    """Return the number in a cell; 0 if it is none, or has a sign beside it."""
    if isinstance(value, str):
        ways = readings(value)
        return float(ways[0].value) if len(ways) == 1 else 0.0
    return float(value) if _is_number(value) else 0.0


def _read_row(grid: Grid, number: int, columns: Sequence[Column], clues: Clues, *, per_cent: bool) -> Row:
    place = f"{grid.place}, row {number + 1}"
    by_name = {column.name: column for column in columns if column.name in RESERVED}
    cells = {name: grid.at(number, column.index) for name, column in by_name.items()}
    name = "" if missing(cells.get("segment")) else clean(str(cells["segment"]))
    remarks: list[tuple[str, tuple[str, ...], str, bool]] = []
    own = name or f"row {number + 1}"
    accounts, reason = _accounts(grid, number, by_name["accounts"], clues.marks, place)
    if reason:
        remarks.append((f"{own}: accounts", (), reason, True))
    kind = "" if missing(cells.get("kind")) else clean(str(cells["kind"])).lower()
    shares: dict[str, Share] = {}
    for field_name in dict.fromkeys(column.name for column in columns if column.name not in RESERVED):
        parts = {column.part: column for column in columns if column.name == field_name}
        found = _field_share(grid, number, parts, clues, place, per_cent=per_cent)
        shares[field_name] = found
        if found.remark:
            blank = found.remark.startswith("blank")
            remarks.append(
                (f"{own}: {field_name}", (field_name,), found.remark, found.status != OWN or blank)
            )
    return Row(
        place=place,
        number=number + 1,
        name=name,
        accounts=accounts,
        kind=kind,
        shares=shares,
        remarks=tuple(remarks),
    )


def _field_share(
    grid: Grid, row: int, parts: Mapping[str, Column], clues: Clues, place: str, *, per_cent: bool
) -> Share:
    """Return the share of one field in a row, from one column or from those for low, mode and high."""
    found = {
        part: _cell_share(grid, row, column, clues, place, per_cent=per_cent)
        for part, column in parts.items()
    }
    if not set(parts) & set(PARTS):
        return found[""]
    where = f"{place}, columns of {next(iter(parts.values())).name!r}"
    blank = [part or "mode" for part in found if found[part].remark.startswith("blank")]
    if len(blank) == len(found):
        return next(iter(found.values()))
    if blank:
        raise ValueError(f"{where}: the column for {' and '.join(blank)} is blank; fill it")
    try:
        soft = any(column.soft for column in parts.values())
        return spread(found["low"], found.get("mode", found.get("")), found["high"], hard=not soft)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _cell_share(grid: Grid, row: int, column: Column, clues: Clues, place: str, *, per_cent: bool) -> Share:
    """Return the share in one cell."""
    where = (row, column.index)
    anchor = grid.merged.get(where, where)
    signed, value = anchor in grid.signed, grid.at(*where)
    unsure = column.per_cent and column.index not in clues.per_cent and not signed
    if unsure and 0 < _number(value) <= 1:
        raise ValueError(
            f"{place}, column {column.heading!r}: {shown(value)} may be a share or percent; write it with "
            "the sign, as in 0.25 % or 25 %"
        )
    percent = per_cent or column.per_cent
    try:
        found = share(value, per_cent=percent, signed=signed, mark=clues.marks[column.index])
    except ValueError as error:
        raise ValueError(f"{place}, column {column.heading!r}: {error}") from None
    if anchor != where and not found.remark:
        return replace(found, remark=f"a merged cell: {shown(value)} holds for all its rows and columns")
    return found


def _accounts(
    grid: Grid, row: int, column: Column, marks: Mapping[int, str], place: str
) -> tuple[int | None, str]:
    """Return the accounts of a row and a remark, or refuse them with the way to write them."""
    value = grid.at(row, column.index)
    where = f"{place}, column {column.heading!r}"
    if (row, column.index) in grid.merged:
        raise ValueError(
            f"{where}: {shown(value)} stands in a merged cell of several rows or columns; each row needs "
            "its own number of accounts: write one"
        )
    if missing(value):
        return None, ""
    mark = marks[column.index]
    number: Any = value
    remark = ""
    if isinstance(value, str):
        text = without_about(value)
        ways = readings(text)
        number = one_of(ways, text, mark)
        undecided = len(ways) > 1 and not mark and (number is None or grid.semicolons)
        if undecided:
            either = " or ".join(f"{way.value.normalize():,f}" for way in ways)
            raise ValueError(
                f"{where}: {shown(value)} may be {either}, and no other cell says which mark is the decimal "
                f"one; write {int(max(way.value for way in ways))} without marks"
            )
        _check_words(value, number, where)
        plain = re.fullmatch(r"\d+", value.strip(), re.ASCII)
        how = f" (the decimal mark is {mark!r} elsewhere in the table)" if mark and len(ways) > 1 else ""
        remark = "" if plain or number is None else f"{shown(value)} read as {{}}{how}"
    whole = whole_of(number * column.factor) if _is_number(number) else None
    if whole is None:
        raise ValueError(
            f"{where}: {shown(value)}; it must be a whole number from 1 to 10**13{_advice(value, number)}"
        )
    if column.factor > 1 and not remark:
        remark = f"{shown(value)} under {column.heading!r} read as {{}}"
    return whole, remark.format(f"{whole:,}") if "{}" in remark else remark


def _is_number(number: Any) -> bool:
    return not isinstance(number, (bool, str)) and hasattr(number, "__float__")


def _check_words(value: str, number: Any, where: str) -> None:
    """Refuse a word for a power of ten that differs between languages."""
    last = plain_text(value).casefold().split(" ")[-1].lstrip("0123456789.,'")
    for table in table_words()["unclear_multiplier"]:
        if number is None and last in table["words"]:
            raise ValueError(f"{where}: {shown(value)}: {last!r} is {table['reason']}; write all digits")


def _advice(value: Any, number: Any) -> str:
    """Say how to write what is no whole number."""
    if _is_number(number) and not isinstance(number, int) and 0 < float(number) < MAX_ACCOUNTS:
        return (
            "; if a program took the dot of 1.200 for a decimal mark, read the column as text, or write 1200"
        )
    if isinstance(value, str):
        return ", such as 1200000, 1,200,000 or 1.2 million; write one number, without a range or a plus sign"
    return ""
