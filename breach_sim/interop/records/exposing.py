"""Expose records: from a table or files to the cells of an exposure.

All kinds of tables use one code path, narwhals. The engine of the table runs the queries, and only their
results are fetched. Of the records' values only the names of segments leave the engine, and in a refusal the
values that are in doubt.

Not here: the definition of empty (``values``), headings (``layout``) and files (``opening``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim.engine.exposure import Exposure, counted
from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.strangers import brief, visible
from breach_sim.inputs.fields import FIELD_NAMES, FIELDS
from breach_sim.inputs.segment import KINDS, MAX_SEGMENTS
from breach_sim.interop.records import asking, counting, nested
from breach_sim.interop.records.layout import Layout, column_of, layout_of
from breach_sim.interop.records.opening import Opened, first_line, open_files
from breach_sim.interop.records.placeholders import nothing, spelled
from breach_sim.interop.records.values import Definition, holds, is_number, is_text

if TYPE_CHECKING:
    import narwhals as nw

MOST_SEGMENTS = MAX_SEGMENTS
"""Most segments that are kept apart."""
UNKNOWN = "unknown"
"""Segment of rows that name none."""
_WORDS = 4
"""Placeholders of a column that a note names."""
_RARE = 1e-6
"""Share of rows below which the words are not looked for: it would take a scan to find them."""
_COLUMNS = 12
"""Columns that a note names."""
_ENGINES = ("duckdb", "_duckdb", "polars", "pyarrow", "pandas")
"""Packages whose errors over a value are the table's fault."""
_READABLE = (
    "a pandas or Polars DataFrame, a Polars LazyFrame, a PyArrow table, a DuckDB relation, a Dask, PySpark "
    "or Ibis table, or the path of Parquet files, CSV or JSON lines"
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table that can be asked, and the files that it came from."""

    frame: nw.LazyFrame[Any]
    sample: nw.LazyFrame[Any]
    place: str
    opened: Opened | None

    def rows(self, asked: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
        """Fetch the result of a query; files may turn out to be corrupt."""
        with _explained(self.place, self.opened.format if self.opened else ""):
            return _fetched(asked)


@contextmanager
def _explained(place: str, form: str = "") -> Iterator[None]:
    """Turn errors of engines over a value into sentences that name the table."""
    from narwhals.exceptions import NarwhalsError

    how = f"{brief(place)} cannot be read" + (f" as {form}" if form else "")
    try:
        yield
    except OverflowError as error:  # a date or time that Python has no value for
        reason = f"a value is out of range ({first_line(error)}); correct it, or leave its column out"
    except NarwhalsError as error:
        reason = first_line(error)
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _ENGINES:
            raise
        reason = f"{first_line(error)}; correct the column, or leave it out"
    else:
        return
    raise ValueError(f"{how}: {reason}")


@contextmanager
def _of_file(table: Any) -> Iterator[None]:
    """Name the file in refusals that name a column only."""
    try:
        yield
    except ValueError as error:
        place = brief(table)
        if not isinstance(table, (str, Path)) or place in str(error) or type(error) is not ValueError:
            raise
        raise ValueError(f"{place}: {error}") from None


def expose_records(
    table: Any,
    columns: Mapping[str, str | Iterable[str]] | None = None,
    *,
    segment: str | None = None,
    kinds: Mapping[str, str] | str | None = None,
    mask: str | None = None,
    name: str = "records",
    missing: Iterable[str] = (),
    placeholders: bool = True,
    as_flags: bool | Iterable[str] = False,
    as_values: Iterable[str] = (),
    unique: str | None = None,
) -> Exposure:
    """Count the rows of a table by segment and set of leaked fields.

    Parameters
    ----------
    table
        pandas or Polars DataFrame, Polars LazyFrame, PyArrow table, DuckDB relation, Dask, PySpark or Ibis
        table; or the path of a Parquet, CSV, TSV or JSON lines file (also .gz), of a folder of them, or a
        pattern with ``*``. Folders ``KEY=VALUE`` are columns. Files with different columns are joined by
        name. Only the data that the queries read are loaded.
    columns
        Field or fields that each column reveals, by column name. A field with several columns leaked if any
        of them has a value; if one column is enough, name the shortest to read it fastest. If neither
        columns nor a mask are given, the column ``leaked_fields`` is used as mask if it exists, else the
        columns whose headings mean a field (``catalog.field_of_heading``); given and family name are the
        full name only together. What is not read is in ``scenario.left_out``.
    segment
        Column with the name of each row's segment. If None, all rows form one segment.
    kinds
        Kind of segment (``scenario.KINDS``) by segment name, or one kind for all. By default, a segment
        named like a kind has this kind, and any other is a "customer".
    mask
        Column of whole numbers with the set of leaked fields of each row. [bit set]
    name
        Name of the scenario, and of the segment if there is only one.
    missing
        Further words that stand for nothing, beside those of ``catalog/data/formats/placeholders.toml``.
    placeholders
        Whether those of the catalog (N/A, unknown, -, 000-00-0000, 1900-01-01 ...) stand for nothing. If
        not, only null, NaN, empty and blank values and ``missing`` do.
    as_flags
        Columns that say whether the field leaked (1, y, yes, t, true, x), or True for every column that
        holds only words of flags. Columns of type Boolean always do.
    as_values
        Columns in doubt whose values are counted as they are.
    unique
        Column that names a person; the rows of one person count once, with the fields of all of them, in
        the first of their segments. Rows that name nobody count one by one.

    Returns
    -------
    Exposure whose cells sum to the number of rows, or of persons with ``unique``. Pass it to
    ``simulate(exposure=...)``, or use its ``scenario`` like any other scenario. Notes of the scenario say
    what stood for nothing, how many rows were joined, and which columns were read by their headings.

    Raises
    ------
    TypeError
        If this type of table cannot be read.
    ValueError
        If a column, field, kind or file does not exist, both columns and a mask are given, a mask contains an
        unknown bit or a null, there are no rows, or there are more than 1,000 segments or 65,536 cells. If a
        column is in doubt: it holds only flags, at most two values or one dominating value (in 20 rows or
        more), or masks (:mod:`breach_sim.interop.records.asking` has the rules).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"phone": ["212-055-0100", None], "ssn": ["900-00-0004", "900-00-0001"]})
    >>> expose_records(rows, {"phone": "phone_number", "ssn": "ssn"}).table()["accounts"].tolist()
    [1, 1]
    """
    require("tables of rows", "files", "narwhals", "pyarrow")
    with _of_file(table), _explained(str(table) if isinstance(table, (str, Path)) else "the table"):
        return _exposed(
            table,
            columns,
            segment=segment,
            kinds=kinds,
            mask=mask,
            name=name,
            missing=missing,
            placeholders=placeholders,
            as_flags=as_flags,
            as_values=as_values,
            unique=unique,
        )


def _exposed(
    table: Any,
    columns: Mapping[str, str | Iterable[str]] | None,
    *,
    segment: str | None,
    kinds: Mapping[str, str] | str | None,
    mask: str | None,
    name: str,
    missing: Iterable[str],
    placeholders: bool,
    as_flags: bool | Iterable[str],
    as_values: Iterable[str],
    unique: str | None,
) -> Exposure:
    """Count a table of any kind."""
    definition = Definition(more=spelled(missing), listed=placeholders)
    given, layout, schema = _opened(table, columns, mask, (segment, unique), definition)
    if segment is not None:
        column_of(segment, schema, "segment")
    if unique is not None:
        column_of(unique, schema, "unique")
        _check_unique(unique, layout)
    if layout.mask is not None:
        _check_mask_type(schema[layout.mask], layout.mask)
    definition = _with_flags(given, layout, definition, as_flags, as_values)
    queries = counting.count(given.frame, layout, definition, segment=segment, unique=unique)
    listed = counting.listed_columns(schema, layout, joined=unique is not None)
    found = counting.summed([_few(given.rows(asked), layout.mask) for asked in queries], listed)
    if not found.cells:
        raise ValueError(f"{given.place} has no rows; an exposure needs at least one")
    cells = _cells(found, layout.mask, segment, name)
    groups = sorted({group for group, _ in cells})
    if len(groups) > MOST_SEGMENTS:
        raise ValueError(
            f"column {segment!r} has more than {MOST_SEGMENTS:,} values; a segment is a kind of customer "
            "that lost the same fields: name a column with few values, or leave segment out"
        )
    notes = _notes(given, layout, definition, found, sum(cells.values()), name, unique)
    exposure = counted(cells, _kinds(groups, kinds), name, notes)
    left_out = (*layout.left_out, *(given.opened.left_out if given.opened else ()))
    return dataclasses.replace(exposure, scenario=dataclasses.replace(exposure.scenario, left_out=left_out))


# The table ---------------------------------------------------------------------------------------------


def _opened(
    table: Any,
    columns: Mapping[str, str | Iterable[str]] | None,
    mask: str | None,
    others: tuple[str | None, ...],
    definition: Definition,
) -> tuple[_Table, Layout, dict[str, Any]]:
    """Any table as a lazy one, and what is read of it; nested columns have become Boolean ones."""
    opened = open_files(table) if isinstance(table, (str, Path)) else None
    native = opened.relation if opened else table
    whole = _entered(native)
    engine = whole.implementation.value.lower()
    schema = dict(whole.collect_schema())
    place = str(table) if opened else "the table"
    layout = layout_of(schema, columns, mask, others, place)
    patterns = {
        name: nothing(fields, definition.more, listed=definition.listed)
        for name, fields in layout.fields_of().items()
        if _is_nested(native, engine, name, schema[name])
    }
    if patterns:
        whole = _entered(nested.plain(native, patterns, engine))
        schema = dict(whole.collect_schema())
    frame, sample = whole.lazy(), _thinned(whole)
    if opened and opened.starts is not None and engine == "duckdb":
        starts = opened.starts
        sample = _entered(nested.plain(starts, patterns, engine) if patterns else starts).lazy()
    place = str(table) if opened else "the table"
    return (
        _Table(frame=frame, sample=frame if sample is None else sample, place=place, opened=opened),
        layout,
        schema,
    )


def _entered(native: Any) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """Any table by way of narwhals."""
    import narwhals as nw
    from narwhals.exceptions import NarwhalsError

    try:
        frame: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(native)
        schema = frame.collect_schema()
        frame.lazy()
    except NarwhalsError as error:
        raise ValueError(f"the table cannot be read: {' '.join(str(error).split())[:200]}") from None
    except (TypeError, AttributeError):
        kind = f"{type(native).__module__}.{type(native).__qualname__}".removeprefix("builtins.")
        raise TypeError(f"a table of type {kind} cannot be read; give {_READABLE}") from None
    odd = next((name for name in schema if not isinstance(name, str)), None)
    if odd is not None:
        raise ValueError(f"a column of the table is named {odd!r}; names of columns are text: rename it")
    return frame


def _thinned(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> nw.LazyFrame[Any] | None:
    """A table in memory thinned evenly, because its first rows may be of one kind; None for others."""
    import narwhals as nw

    if not isinstance(frame, nw.DataFrame) or len(frame) <= asking.SAMPLE:
        return None
    return frame.gather_every(-(-len(frame) // asking.SAMPLE)).lazy()


def _is_nested(native: Any, engine: str, name: str, dtype: nw.dtypes.DType) -> bool:
    """Return whether a column is read by functions of its engine."""
    import narwhals as nw

    if not (is_text(dtype) or is_number(dtype) or dtype.is_temporal() or isinstance(dtype, nw.Boolean)):
        return True
    # Text in a column of Python objects is text by what pandas saw of it; there may be anything beside it.
    # Dask cannot turn Arrow's categories into text by itself.
    odd = {"pandas": ("object",), "dask": ("object", "dictionary")}.get(engine, ())
    return bool(odd) and str(native.dtypes[name]).startswith(odd)


def _fetched(asked: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = asked.collect(backend="pyarrow").to_native().to_pylist()
    return rows


def _check_unique(unique: str, layout: Layout) -> None:
    if layout.mask is not None:
        raise ValueError(
            f"unique={unique!r} is given and a mask too; rows of one person are joined by columns of fields"
        )


def _check_mask_type(dtype: nw.dtypes.DType, mask: str) -> None:
    if not dtype.is_integer():
        raise ValueError(
            f"column {mask!r} is of type {dtype}; a mask is a whole number, and others lose bits on the way: "
            "store it as int64"
        )


# Doubt -------------------------------------------------------------------------------------------------


def _with_flags(
    given: _Table,
    layout: Layout,
    definition: Definition,
    as_flags: bool | Iterable[str],
    as_values: Iterable[str],
) -> Definition:
    """The definition with the columns that are flags; columns in doubt are refused."""
    fields = layout.fields_of()
    flags = _named(as_flags, fields, "as_flags") if not isinstance(as_flags, bool) else set()
    values = _named(as_values, fields, "as_values")
    # A month is often 1: parts of a birth date or of a position are few by nature, those of a name are not.
    parts = {
        n for own, of in layout.together.items() if own != "full_name" for names in of.values() for n in names
    }
    look = {name: own for name, own in fields.items() if name not in flags | values | parts}
    found = asking.doubts(given.frame, given.sample, look, definition, given.rows)
    if as_flags is True:
        flags |= {name for name, doubt in found.items() if doubt.kind == "flags"}
    open_ = {name: doubt for name, doubt in found.items() if name not in flags}
    asking.require_clear(open_, fields, given.place)
    asking.check_flags(given.frame, sorted(flags), definition, given.rows, given.place)
    return dataclasses.replace(definition, flags=frozenset(flags))


def _named(names: Any, fields: Iterable[str], place: str) -> set[str]:
    listed = [names] if isinstance(names, str) else list(names)
    return {column_of(name, fields, f"{place}, among the columns that are read") for name in listed}


# Cells -------------------------------------------------------------------------------------------------


def _few(rows: list[dict[str, Any]], mask: str | None) -> list[dict[str, Any]]:
    if len(rows) > counting.MOST_CELLS and mask is not None:
        raise ValueError(
            f"the table has more than {counting.MOST_CELLS:,} cells of segment and column {mask!r}, which "
            "was named as mask; a mask holds the leaked fields as bits and has few values: name another "
            "column"
        )
    if len(rows) > counting.MOST_CELLS:
        raise ValueError(
            f"the table has more than {counting.MOST_CELLS:,} cells of segment and leaked fields; a segment "
            "is a kind of customer: name a column with few values, or fewer columns"
        )
    return rows


def _cells(
    found: counting.Counts, mask: str | None, segment: str | None, name: str
) -> dict[tuple[str, int], int]:
    cells: dict[tuple[str, int], int] = {}
    for row in found.cells:
        group = name if segment is None else _segment_name(row["segment"])
        bits = int(row["fields"]) if mask is None else _checked_mask(row["fields"], mask, row["n"])
        cells[group, bits] = cells.get((group, bits), 0) + int(row["n"])
    return cells


def _segment_name(value: Any) -> str:
    text = "" if value is None else visible(str(value).strip())
    return text or UNKNOWN


def _checked_mask(value: Any, mask: str, rows: int) -> int:
    """A mask from the table, every bit of it known."""
    if value is None:
        raise ValueError(
            f"column {mask!r} is null in {rows:,} rows; a mask says what leaked of every row: write 0 where "
            "nothing did"
        )
    bits = int(value)
    alien = (bits & (2**64 - 1)) >> len(FIELDS)
    if alien:
        which = [len(FIELDS) + i for i in range(alien.bit_length()) if alien >> i & 1]
        raise ValueError(
            f"column {mask!r} has unknown bit {', '.join(map(str, which[:8]))} set in {rows:,} rows; bits 0 "
            f"to {len(FIELDS) - 1} are the fields, from {FIELD_NAMES[0]!r} to {FIELD_NAMES[-1]!r}, in the "
            "order of breach_sim.inputs.fields: clear it, or name columns in place of a mask"
        )
    return bits


def _kinds(groups: list[str], kinds: Mapping[str, str] | str | None) -> dict[str, str]:
    """Kind of every segment."""
    if isinstance(kinds, str):
        kinds = dict.fromkeys(groups, kinds)
    if not isinstance(kinds, Mapping | None):
        raise TypeError(f"kinds is {shown(kinds)}; it must be a kind, or a kind by the name of a segment")
    for group, kind in (kinds or {}).items():
        if not (isinstance(group, str) and isinstance(kind, str)):
            raise TypeError(f"kinds[{shown(group)}] is {shown(kind)}; both must be texts")
        if group not in groups:
            raise ValueError(unknown("segment", group, groups, "kinds; no row bears that name"))
        if kind not in KINDS:
            raise ValueError(unknown("kind of segment", kind, KINDS, f"kinds[{group!r}]"))
    own = {group: group if group in KINDS else "customer" for group in groups}
    return own | dict(kinds or {})


# Notes -------------------------------------------------------------------------------------------------


def _notes(
    given: _Table,
    layout: Layout,
    definition: Definition,
    found: counting.Counts,
    accounts: int,
    name: str,
    unique: str | None,
) -> list[str]:
    """What a reader of the counts must know."""
    notes = [f"Counted from the {found.rows:,} rows of {name}; a row counts as one account."]
    if unique is not None:
        split = (
            f"; {found.split:,} of them stand in several segments and count in the first"
            if found.split
            else ""
        )
        notes = [
            f"Counted from the {found.rows:,} rows of {name}: {accounts:,} accounts by column {unique!r}, "
            f"and {found.rows - accounts:,} further rows of the same ones{split}."
        ]
    if layout.by_heading:
        listed = ", ".join(
            f"{column} as {field}" for column, field in list(layout.by_heading.items())[:_COLUMNS]
        )
        notes.append(f"Columns read by their headings: {listed}{_more(layout.by_heading, _COLUMNS)}.")
    if definition.flags:
        notes.append(f"Columns read as flags: {', '.join(sorted(definition.flags))}.")
    if found.nothing:
        listed = "; ".join(
            f"{column} {number:,}"
            + (_words(given, column, layout, definition) if number >= _RARE * found.rows else "")
            for column, number in list(found.nothing.items())[:_COLUMNS]
        )
        notes.append(
            f"Written, and taken as nothing (values by column): {listed}{_more(found.nothing, _COLUMNS)}."
        )
    return [*notes, *(given.opened.notes if given.opened else ())]


def _more(listed: Mapping[str, Any], shown_: int) -> str:
    return f" and {len(listed) - shown_:,} more" if len(listed) > shown_ else ""


def _words(given: _Table, column: str, layout: Layout, definition: Definition) -> str:
    """The commonest texts of a column that stand for nothing, in the first rows that have them."""
    import narwhals as nw

    if column in definition.flags:
        return ""
    dtype = given.frame.collect_schema()[column]
    there = holds(column, dtype, layout.fields_of()[column], definition)
    empty = given.frame.filter(~nw.col(column).is_null() & ~there).select(value=nw.col(column))
    if is_text(dtype):
        empty = empty.select(value=nw.col("value").cast(nw.String))
    grouped = empty.head(asking.SAMPLE).group_by("value").agg(nw.len().alias("n"))
    top = given.rows(grouped.sort("n", "value", descending=[True, False]).head(_WORDS))
    words = [shown(row["value"]) if str(row["value"]).strip() else "blank" for row in top]
    return f" ({', '.join(dict.fromkeys(words))})" if words else ""
