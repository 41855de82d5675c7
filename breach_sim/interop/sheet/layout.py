"""Find the table of segments in a file: its sheet, its heading, and what each column means.

Not here: the rows (``rows``) and the cells (``shares``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.headings import letters
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.amounts import clean, missing, multipliers, plain_text, table_words
from breach_sim.interop.registers.headings import recognize
from breach_sim.interop.sheet.grids import LOOKED_AT, Grid
from breach_sim.interop.sheet.shares import share

RESERVED = ("segment", "accounts", "kind")
"""Columns that are no field."""
PARTS = ("low", "mode", "high")
"""Parts of an uncertain share that may stand in a column each."""
_ACCOUNTS = 100
"""Score of a heading that names the accounts; each known column adds 1."""
_NAMED = 4
_REPEATED = 30
"""Letters of a heading that a remedy repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Column of a table, and its meaning.

    Parameters
    ----------
    index
        Position, from 0.
    heading
        As it stands in the table.
    name
        A field, or one of :data:`RESERVED`.
    part
        One of :data:`PARTS` if the column holds a part of an uncertain share, else "".
    soft
        Whether low and high are the 5 % and 95 % quantiles.
    per_cent
        Whether the heading says that the numbers are percentages.
    factor
        Accounts that one stands for: 1000 under "accounts (thousands)".
    reason
        How the meaning was found; "" if the heading is the name itself.
    """

    index: int
    heading: str
    name: str
    part: str = ""
    soft: bool = False
    per_cent: bool = False
    factor: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user says about the layout.

    Parameters
    ----------
    columns
        Meaning of a column by heading: a field, "segment", "accounts" or "kind".
    ignore
        Headings of columns to leave out.
    hidden
        Whether hidden rows and columns are read.
    """

    columns: Mapping[str, str]
    ignore: tuple[str, ...] = ()
    hidden: bool = False

    def meaning(self, heading: str) -> str:
        """Name that the user gave to a heading; "" if none."""
        wanted = {_key(title): name for title, name in self.columns.items()}
        return self.columns.get(heading, wanted.get(_key(heading), ""))


def title(cell: Any) -> str:
    """Return the text of a heading; "" if the cell is empty."""
    return "" if missing(cell) else clean(str(cell))


def score(cells: Sequence[Any]) -> int:
    """Return how much a row looks like the heading of a table of segments.

    Parameters
    ----------
    cells
        Cells of the row.

    Returns
    -------
    Number of columns whose meaning is known, and 100 more if one is the accounts. [0, inf)
    """
    names = [found.name for cell in cells if (found := _known(title(cell), 0))]
    fields = [name for name in names if name not in RESERVED]
    return len(names) + (_ACCOUNTS if "accounts" in names and fields else 0)


def choose_sheet(
    grids: Sequence[Grid], charts: Iterable[str], sheet: str | None, wishes: Wishes, place: str
) -> tuple[Grid, list[LeftOut]]:
    """Return the sheet that is the table of segments, and the sheets that are not read.

    Parameters
    ----------
    grids
        Sheets with cells.
    charts
        Names of sheets without cells.
    sheet
        Name of the sheet to read; None to find it.
    wishes
        What the user says about the layout.
    place
        The file, for messages.

    Returns
    -------
    The sheet, and one record for each other one.

    Raises
    ------
    ValueError
        If there is no such sheet, or several could be meant.
    """
    by_name = {grid.sheet: grid for grid in grids}
    if sheet is not None:
        found = by_name.get(sheet) or {name.casefold(): grid for name, grid in by_name.items()}.get(
            sheet.casefold()
        )
        if found is None or not found.sheet:
            raise ValueError(unknown("sheet", sheet, filter(None, by_name), f"{place} (sheet=, --sheet)"))
        chosen = found
    else:
        tables = [grid for grid in grids if not grid.hidden and _is_table(grid, wishes)]
        if len(tables) > 1:
            names = " and ".join(repr(grid.sheet) for grid in tables[:_NAMED])
            raise ValueError(
                f"{place}: sheets {names} each hold a table of segments; say which one: "
                f"sheet={tables[0].sheet!r} (--sheet)"
            )
        visible = [grid for grid in grids if not grid.hidden]
        chosen = (tables or visible or list(grids))[0]
    others = [grid for grid in grids if grid is not chosen]
    left_out = [LeftOut(kind="sheet", name=grid.sheet, reason=_why(grid, wishes)) for grid in others]
    left_out += [LeftOut(kind="sheet", name=name, reason="a chart, without cells") for name in charts]
    return chosen, left_out


def _is_table(grid: Grid, wishes: Wishes) -> bool:
    return heading_row(grid, wishes) >= 0


def _why(grid: Grid, wishes: Wishes) -> str:
    if grid.hidden:
        return "a hidden sheet"
    return "another sheet was chosen" if _is_table(grid, wishes) else "no table of segments"


def heading_row(grid: Grid, wishes: Wishes) -> int:
    """Return the row that names the columns.

    Parameters
    ----------
    grid
        The table.
    wishes
        What the user says about the layout.

    Returns
    -------
    Its number from 0; -1 if none of the first rows has a column of accounts and one of a field.
    """

    def cell(row: int, column: int) -> str:
        head = title(grid.at(row, column))
        return wishes.meaning(head) or head

    top = range(min(len(grid.rows), LOOKED_AT))
    scores = {row: score([cell(row, column) for column in range(grid.width(row))]) for row in top}
    best = max(top, key=lambda row: scores[row], default=-1)
    return best if best >= 0 and scores[best] > _ACCOUNTS else -1


def check_other_table(grid: Grid, place: str) -> None:
    """Refuse a table that is known and no table of segments.

    Parameters
    ----------
    grid
        The table.
    place
        File, for messages.

    Raises
    ------
    ValueError
        If it is a list of breaches, or has one row for each field, with the remedy.
    """
    words = table_words()
    for row in range(min(len(grid.rows), LOOKED_AT)):
        register = recognize(grid.rows[row])
        if register:
            remedy = register.register.refusal or f"read it with: breach-sim import register {place}"
            raise ValueError(
                f"{place} is a list of breaches ({register.register.title}), with one row for each, and no "
                f"table of the segments of one breach; {remedy}"
            )
        keys = {_sign(title(cell)) for cell in grid.rows[row]} - {""}
        long = [keys & {_sign(word) for word in words["long"][part]} for part in ("field", "share")]
        if all(long) and not [key for key in keys if catalog.field_of_heading(key)]:
            named = " and ".join(
                repr(next(title(cell) for cell in grid.rows[row] if _sign(title(cell)) in found))
                for found in long
            )
            raise ValueError(
                f"{place} has one row for each field (columns {named}); write one row for each segment and "
                "one column for each field, as a pivot table does"
            )


def read_columns(grid: Grid, heading: int, wishes: Wishes, place: str) -> tuple[list[Column], list[LeftOut]]:
    """Return the columns of a table, and those that are not read.

    Parameters
    ----------
    grid
        The table.
    heading
        Its heading row, from 0.
    wishes
        What the user says about the layout.
    place
        For messages.

    Returns
    -------
    Columns in order, and one record for each other one.

    Raises
    ------
    ValueError
        If a column is unknown, missing or repeated, or may mean several fields.
    """
    _check_merged_headings(grid, heading, place)
    found: list[Column] = []
    left_out: list[LeftOut] = []
    ignored = {_key(name) for name in wishes.ignore}
    heads = {index: title(grid.at(heading, index)) for index in range(grid.width(heading))}
    named = {_known(head, 0).name for head in heads.values() if _known(head, 0)}  # type: ignore[union-attr]
    free = "segment" not in named | set(map(wishes.meaning, heads.values()))
    for index, head in heads.items():
        cells = [grid.at(row, index) for row in range(heading + 1, len(grid.rows))]
        reason = ""
        if head in wishes.ignore or (head and _key(head) in ignored):
            reason = "left out as asked"
        elif index in grid.hidden_columns and not wishes.hidden:
            reason = "a hidden column"
        elif free and _may_name(head, cells):
            how = "the column of names" if head else "names in a column without a heading"
            found.append(Column(index=index, heading=head or "segment", name="segment", reason=how))
            free = False
            continue
        elif not head:
            reason = "a column without a heading"
        else:
            meaning = _meaning(head, index, wishes, place)
            if isinstance(meaning, Column):
                found.append(meaning)
            else:
                left_out.append(meaning)
        if reason and any(not missing(cell) for cell in (head, *cells)):
            nearest = catalog.nearest_field(head) if head else ""
            left_out.append(
                LeftOut(kind="column", name=head or f"column {index + 1}", reason=reason, nearest=nearest)
            )
    _check_columns(found, list(heads.values()), left_out, place)
    return found, left_out


def _check_merged_headings(grid: Grid, heading: int, place: str) -> None:
    for column in range(grid.width(heading)):
        anchor = grid.merged.get((heading, column))
        if anchor and anchor[1] != column:
            raise ValueError(
                f"{place}, row {heading + 1}: the heading {shown(title(grid.at(*anchor)))} is merged over "
                "several columns; each column needs a heading of its own: give it one"
            )


def _check_columns(
    found: Sequence[Column], heads: Sequence[str], left_out: Sequence[LeftOut], place: str
) -> None:
    seen: dict[tuple[str, str], Column] = {}
    for column in found:
        key = (column.name, column.part)
        if key in seen:
            raise ValueError(
                f"{place}: columns {seen[key].index + 1} ({shown(seen[key].heading)}) and {column.index + 1} "
                f"({shown(column.heading)}) both mean {column.name!r}; a field has one column: keep one, or "
                f"leave one out: ignore=[{column.heading!r}] (--ignore)"
            )
        seen[key] = column
    if ("accounts", "") not in seen:
        titles = ", ".join(shown(head) for head in heads[:8])
        lost = next((part for part in left_out if _is(part.name, "accounts")), None)
        raise ValueError(
            f"{place} has no column 'accounts' (its columns: {titles}); there must be a column 'accounts' "
            "with the size of each segment"
            + (f"; column {lost.name!r} was not read: {lost.reason}" if lost else "")
        )
    fields = {name: {part for other, part in seen if other == name} for name, _ in seen}
    if not set(fields) - set(RESERVED):
        raise ValueError(
            f"{place} has no column of a field; add one, such as ssn or email_address, with shares"
        )
    for name, parts in fields.items():
        if parts & {"low", "high"} and not parts >= {"low", "high"}:
            raise ValueError(
                f"{place}: {name!r} has a column for {' and '.join(sorted(parts - {''}))} only; give one for "
                "low and one for high"
            )
        if {"", "mode"} <= parts:
            raise ValueError(f"{place}: {name!r} has two columns for the most likely share; keep one")


def _is(heading: str, name: str) -> bool:
    found = _known(heading, 0)
    return found is not None and found.name == name


def _may_name(head: str, cells: Sequence[Any]) -> bool:
    """Whether a column may hold the names of segments: no known name, and texts that are no shares."""
    if head and _key(head) not in _columns("perhaps_segment"):
        return False
    texts = [cell for cell in cells if not missing(cell)]
    return bool(texts) and all(isinstance(cell, str) and not _is_share(cell) for cell in texts)


def _is_share(cell: str) -> bool:
    try:
        share(cell, per_cent=True)
    except ValueError:
        return any(sign.isdigit() for sign in cell) and not any(sign.isalpha() for sign in cell)
    return True


def _meaning(head: str, index: int, wishes: Wishes, place: str) -> Column | LeftOut:
    """Return the meaning of a heading; LeftOut if it is known and no field."""
    wanted = wishes.meaning(head)
    if wanted:
        if wanted not in (*RESERVED, *FIELD_NAMES):
            known = (*RESERVED, *FIELD_NAMES)
            raise ValueError(unknown("field", wanted, known, f"columns, for {head!r}", FIELD_DESCRIPTIONS))
        return Column(index=index, heading=head, name=wanted, reason=f"as asked: {head!r} is {wanted}")
    found = _known(head, index)
    if found:
        return found
    heading = catalog.read_heading(head)
    if heading and heading.role == "ambiguous":
        raise ValueError(
            f"{place}, column {shown(head)} may be {' or '.join(heading.fields)}; name it so, or say "
            f"columns={{{shown(head)}: {heading.fields[0]!r}}} "
            f"(--column {shown(head + '=' + heading.fields[0])})"
        )
    if heading and heading.role in ("nothing", "beside"):
        reason = heading.reason or f"not enough by itself for {heading.fields[0]}"
        nearest = heading.fields[0] if heading.fields else ""
        return LeftOut(kind="column", name=head, reason=reason, nearest=nearest)
    reserved = difflib.get_close_matches(_key(head), RESERVED, n=1, cutoff=0.8)
    near = "" if reserved else catalog.nearest_field(head)
    words = {**FIELD_DESCRIPTIONS, **({near: f"{FIELD_DESCRIPTIONS.get(near, '')} {head}"} if near else {})}
    answer = unknown("column", head, (*RESERVED, *FIELD_NAMES), place, words)
    word = shown(head) if len(head) <= _REPEATED else "NAME"
    raise ValueError(
        f"{answer} If it is a field, name it: columns={{{word}: FIELD}} (--column); if it is none, leave it "
        f"out: ignore=[{word}] (--ignore)"
    )


@lru_cache(maxsize=4096)
def _known(head: str, index: int) -> Column | None:
    """Return the column that a heading surely means; None if that is not known."""
    if not head:
        return None
    make = _maker(head, index)
    key = _key(head)
    for name in RESERVED:
        if key in _columns(name):
            return make(name, "" if key == name else f"{head!r} means {name}")
    sized = _in_units(head)
    if sized:
        return make("accounts", f"in units of {sized:,}", factor=sized)
    field = catalog.field_of_heading(head)
    if field:
        return make(field, "" if key == _key(field) else f"{head!r} means {field}", per_cent="%" in head)
    return _with_words_beside(head, make)


def _maker(head: str, index: int) -> Callable[..., Column]:
    def make(name: str, reason: str, **more: Any) -> Column:
        return Column(index=index, heading=head, name=name, reason=reason, **more)

    return make


def _in_units(head: str) -> int:
    """Accounts that one stands for under a heading such as "accounts (thousands)"; 0 if it is another."""
    *first, last = [word for word in _tokens(head) if word != "in"] or [""]
    return multipliers().get(last, 0) if "".join(first) in _columns("accounts") else 0


def _with_words_beside(head: str, make: Callable[..., Column]) -> Column | None:
    """Read a heading that names a field and says besides that it is a share, percent, or low or high."""
    tokens = _tokens(head)
    roles: list[tuple[str, str]] = []
    while len(tokens) > 1:
        role, word, tokens = _without_end(tokens)
        if not role:
            return None
        roles.append((role, word))
        parts = [role for role, _ in roles if role in PARTS]
        field = catalog.field_of_heading(" ".join(tokens))
        if field and len(parts) <= 1:
            return make(
                field,
                f"{head!r} means {field}",
                part="".join(parts),
                per_cent=any(role == "%" for role, _ in roles),
                soft=any(word in _columns("quantiles") for _, word in roles),
            )
    return None


def _without_end(tokens: list[str]) -> tuple[str, str, list[str]]:
    """Take a known word from the beginning or end of a heading: its role, the word, and the rest."""
    signs = table_words()["words"]["per_cent"]
    beside = {part: _columns(part) for part in (*PARTS, "share")}
    beside["%"] = frozenset(map(_key, signs)) - {""} | {"%"}
    for size in (2, 1):
        for word, rest in ((tokens[:size], tokens[size:]), (tokens[-size:], tokens[:-size])):
            joined = "".join(word)
            role = next((role for role, words in beside.items() if joined in words), "")
            if role and rest:
                return role, joined, rest
    return "", "", tokens


def _tokens(text: str) -> list[str]:
    return re.findall(r"%|[^\W_]+", plain_text(text).casefold())


def _sign(text: str) -> str:
    """Letters of a heading; a percent sign by itself stays one."""
    return "%" if text == "%" else _key(text)


@lru_cache(maxsize=8192)
def _key(text: str) -> str:
    return letters(text)


@lru_cache(maxsize=16)
def _columns(purpose: str) -> frozenset[str]:
    return frozenset(_key(word) for word in table_words()["columns"][purpose])
