"""Count the exposure of existing records: which fields are present in each row, without loading the rows.

The result is a count of accounts per *cell*: segment and set of leaked fields. A field leaked for a row if
one of its columns has a value: not null, not NaN, not empty text, and, in a Boolean column, true.
Alternatively, each row has a mask (bit i set: field i of ``fields.FIELDS`` leaked).

All kinds of tables use one code path, narwhals. The engine of the table runs one group-and-count query, and
only its result is fetched. Of the records' values, only the segment names leave the engine. DuckDB reads
Parquet files from paths.

Not here: whether the values are true, whose they are, or how many people the rows represent.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim.engine.exposure import Exposure, counted
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES, FIELDS, check_field
from breach_sim.inputs.segment import KINDS

if TYPE_CHECKING:
    import narwhals as nw

MASK_COLUMN = "leaked_fields"
"""Column that is taken for a mask when neither columns nor a mask are named."""
MOST_CELLS = 2**16
"""Most cells that are counted; more cannot be kinds of customers."""
MOST_SEGMENTS = 1_000
"""Most segments that are kept apart."""
UNKNOWN = "unknown"
"""Segment of rows that name none."""
_HIDDEN = (".", "_")
_READABLE = (
    "a pandas or Polars DataFrame, a Polars LazyFrame, a PyArrow table, a DuckDB relation, a Dask, PySpark "
    "or Ibis table, or the path of Parquet files"
)


def expose_records(
    table: Any,
    columns: Mapping[str, str | Iterable[str]] | None = None,
    *,
    segment: str | None = None,
    kinds: Mapping[str, str] | str | None = None,
    mask: str | None = None,
    name: str = "records",
) -> Exposure:
    """Count the rows of a table by segment and set of leaked fields.

    Parameters
    ----------
    table
        pandas or Polars DataFrame, Polars LazyFrame, PyArrow table, DuckDB relation, Dask, PySpark or Ibis
        table; or the path of a Parquet file, of a folder of them, or a pattern with ``*``. Only the data
        that the group-and-count query reads are loaded.
    columns
        Field or fields that each column reveals, by column name. A field with several columns leaked if any
        of them has a value; if one column is enough, name the shortest to read it fastest. If neither
        columns nor a mask are given, the column ``leaked_fields`` is used as mask if it exists, else the
        columns that are named like fields.
    segment
        Column with the name of each row's segment. If None, all rows form one segment.
    kinds
        Kind of segment (``scenario.KINDS``) by segment name, or one kind for all. By default, a segment
        named like a kind has this kind, and any other is a "customer".
    mask
        Column of whole numbers with the set of leaked fields of each row. [bit set]
    name
        Name of the scenario, and of the segment if there is only one.

    Returns
    -------
    Exposure whose cells sum to the number of rows. Pass it to ``simulate(exposure=...)``, or use its
    ``scenario`` like any other scenario.

    Raises
    ------
    TypeError
        If this type of table cannot be read.
    ValueError
        If a column, field, kind or file does not exist, both columns and a mask are given, a mask contains an
        unknown bit or a null, there are no rows, or there are more than 1,000 segments or 65,536 cells.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"phone": ["212-055-0100", None], "ssn": ["900-00-0000", "900-00-0001"]})
    >>> expose_records(rows, {"phone": "phone_number", "ssn": "ssn"}).table()["accounts"].tolist()
    [1, 1]
    """
    frame = _frame(table)
    schema = dict(frame.collect_schema())
    wanted, mask = _what_to_read(schema, columns, mask)
    keys = _keys(schema, wanted, mask)
    if segment is not None:
        keys["segment"] = _column(segment, schema, "segment")
    if mask is not None:
        _check_mask_type(schema[mask], mask)
    rows = _count(frame, keys, table, mask)
    cells: dict[tuple[str, int], int] = {}
    for row in rows:
        group = name if segment is None else _segment_name(row["segment"])
        bits = _bits_of(row, wanted) if mask is None else _checked_mask(row["mask"], mask, row["n"])
        cells[group, bits] = cells.get((group, bits), 0) + int(row["n"])
    if not cells:
        raise ValueError(f"{_place(table)} has no rows; an exposure needs at least one")
    groups = sorted({group for group, _ in cells})
    if len(groups) > MOST_SEGMENTS:
        raise ValueError(
            f"column {segment!r} has more than {MOST_SEGMENTS:,} values; a segment is a kind of customer "
            "that lost the same fields: name a column with few values, or leave segment out"
        )
    return counted(cells, _kinds(groups, kinds), name, [_note(sum(cells.values()), name)])


def read_columns(text: str) -> dict[str, tuple[str, ...]]:
    """Parse the fields that columns reveal from one line of text.

    Parameters
    ----------
    text
        ``COLUMN=FIELD`` pairs separated by commas; several fields of a column are joined by ``+``.

    Returns
    -------
    ``columns`` for :func:`expose_records`.

    Raises
    ------
    ValueError
        If a pair has no ``=``, a column is repeated, or a field is unknown.

    Examples
    --------
    >>> read_columns("msisdn=phone_number,dl=drivers_license_number+date_of_birth")["msisdn"]
    ('phone_number',)
    """
    columns: dict[str, tuple[str, ...]] = {}
    for pair in text.split(","):
        column, sign, fields = (part.strip() for part in pair.partition("="))
        if not sign or not column or not fields:
            raise ValueError(f"--columns holds {shown(pair)}; write COLUMN=FIELD, as in phone=phone_number")
        if column in columns:
            raise ValueError(f"--columns names column {shown(column)} twice; join its fields with +")
        place = f"--columns {pair.strip()} (the column stands first: COLUMN=FIELD)"
        columns[column] = tuple(check_field(name.strip(), place) for name in fields.split("+"))
    return columns


def _note(rows: int, name: str) -> str:
    return f"Counted from the {rows:,} rows of {name}; a row counts as one account."


# The table ---------------------------------------------------------------------------------------------


def _frame(table: Any) -> nw.LazyFrame[Any]:
    """Any table as a lazy one."""
    import narwhals as nw

    if isinstance(table, (str, Path)):
        table = _parquet(table)
    try:
        frame: nw.LazyFrame[Any] = nw.from_native(table).lazy()
    except (TypeError, AttributeError):
        kind = f"{type(table).__module__}.{type(table).__qualname__}".removeprefix("builtins.")
        raise TypeError(f"a table of type {kind} cannot be read; give {_READABLE}") from None
    return frame


def _parquet(path: str | Path) -> Any:
    """Return a DuckDB relation over Parquet files. Only their columns have been read."""
    import duckdb

    files = [glob.escape(file) for file in _files(path)]
    connection = duckdb.connect(config={"preserve_insertion_order": "false"})
    # Only if it is on: in a notebook without ipywidgets it is off, and to say so again is an error.
    if connection.sql("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        connection.execute("SET enable_progress_bar = false")
    try:
        _require_one_table(connection, path, files)
        return connection.read_parquet(files)
    except duckdb.Error as error:
        raise ValueError(f"{path} cannot be read as Parquet: {_first_line(error)}") from None


def _require_one_table(connection: Any, path: str | Path, files: list[str]) -> None:
    """Reject folders with different tables, because DuckDB would read the first one's columns from all."""
    firsts: dict[str, str] = {}
    for file in files:
        firsts.setdefault(str(Path(file).parent), file)
    if len(firsts) == 1:
        return
    own = {
        place: set(connection.read_parquet(file, hive_partitioning=False).columns)
        for place, file in firsts.items()
    }
    first, columns = next(iter(own.items()))
    for place, others in own.items():
        if others != columns:
            name = min(columns ^ others)
            raise ValueError(
                f"{path} holds more than one table: of {first} and {place} only one has a column {name!r}; "
                "give the folder of one of them"
            )


def _files(path: str | Path) -> list[str]:
    """Parquet files at a path, in a folder and the folders in it, or of a pattern."""
    text = str(path)
    if "://" in text:
        raise ValueError(
            f"{shown(text)} is an address; open it with an engine of yours that reads it, such as "
            "polars.scan_parquet(address), and give the table"
        )
    if not text.strip():
        raise ValueError("the path is empty; give a Parquet file, a folder of them ('.' for this one)")
    place = Path(path)
    if place.is_file():
        return [text]
    found = place.rglob("*.parquet") if place.is_dir() else map(Path, glob.glob(text, recursive=True))  # noqa: PTH207 - an absolute pattern
    files = sorted(
        str(file)
        for file in found
        if file.is_file() and not _is_hidden(file.relative_to(_above(place, file)))
    )
    if files:
        return files
    rule = (
        "the folder holds no .parquet file" if place.is_dir() else "there is no such file, folder or pattern"
    )
    raise ValueError(
        f"{text}: {rule}; give a Parquet file, a folder of them, or a pattern such as data/*.parquet"
    )


def _above(place: Path, file: Path) -> Path:
    """Return the folder below which hidden names are not part of the data."""
    return place if place.is_dir() else file.parent


def _is_hidden(file: Path) -> bool:
    """Return whether a file or folder is hidden, by the convention of folder readers."""
    return any(part.startswith(_HIDDEN) for part in file.parts)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _place(table: Any) -> str:
    return str(table) if isinstance(table, (str, Path)) else "the table"


# What to read of it ------------------------------------------------------------------------------------


def _what_to_read(
    schema: Mapping[str, Any], columns: Mapping[str, str | Iterable[str]] | None, mask: str | None
) -> tuple[dict[str, int], str | None]:
    """Return bits by column, or the name of the mask: as requested, or inferred from the column names."""
    if columns is not None and mask is not None:
        raise ValueError(
            f"columns are given and mask={mask!r} too; a row's fields follow from one of them: leave one out"
        )
    if mask is not None:
        return {}, _column(mask, schema, "mask")
    if columns is not None:
        if not isinstance(columns, Mapping) or not columns:
            raise ValueError(
                f"columns is {shown(columns)}; map names of columns to fields, as in "
                'columns={"phone": "phone_number"}'
            )
        return {
            _column(name, schema, "columns"): _bits(name, fields) for name, fields in columns.items()
        }, None
    if MASK_COLUMN in schema:
        return {}, MASK_COLUMN
    named = {name: vocabulary.mask([name]) for name in schema if name in FIELD_DESCRIPTIONS}
    if not named:
        raise ValueError(
            f"no column of the table bears the name of a field: {shown(list(schema))}; say what they hold, "
            'as in columns={"phone": "phone_number"}'
        )
    return named, None


def _bits(column: str, fields: str | Iterable[str]) -> int:
    names = (fields,) if isinstance(fields, str) else tuple(fields)
    if not names:
        raise ValueError(f"columns[{column!r}] names no field; name one, or leave the column out")
    return vocabulary.mask(check_field(name, f"columns[{column!r}]") for name in names)


def _column(name: str, schema: Mapping[str, Any], place: str) -> str:
    if name not in schema:
        raise ValueError(unknown("column", name, schema, f"{place}; the table has no such column"))
    return name


def _keys(schema: Mapping[str, Any], wanted: Mapping[str, int], mask: str | None) -> dict[str, Any]:
    """Return the grouping keys by new name: presence of each field, or the mask."""
    import narwhals as nw

    if mask is not None:
        return {"mask": nw.col(mask)}
    return {f"has {number}": _present(schema[name], name) for number, name in enumerate(wanted)}


def _present(dtype: nw.dtypes.DType, name: str) -> nw.Expr:
    """Return whether a column has a value in each row."""
    import narwhals as nw

    column = nw.col(name)
    there = ~column.is_null()
    if isinstance(dtype, nw.Boolean):
        return there & column
    if isinstance(dtype, (nw.String, nw.Categorical, nw.Enum)):
        return there & (column.cast(nw.String) != "")
    if isinstance(dtype, nw.Object):
        return there & ~column.cast(nw.String).is_in(["", "False"])
    if dtype.is_float():
        return there & ~column.is_nan()
    if isinstance(dtype, nw.List):
        return there & (column.list.len() > 0)
    return there


def _check_mask_type(dtype: nw.dtypes.DType, mask: str) -> None:
    if not dtype.is_integer():
        raise ValueError(
            f"column {mask!r} is of type {dtype}; a mask is a whole number, and others lose bits on the way: "
            "store it as int64"
        )


# The count ---------------------------------------------------------------------------------------------


def _count(
    frame: nw.LazyFrame[Any], keys: Mapping[str, Any], table: Any, mask: str | None
) -> list[dict[str, Any]]:
    """Count rows by group: the only query that the engine runs."""
    import narwhals as nw

    asked = frame.select(**keys).group_by(*keys).agg(nw.len().alias("n")).head(MOST_CELLS + 1)
    found = _collected(asked, table) if isinstance(table, (str, Path)) else _rows(asked)
    if len(found) > MOST_CELLS and mask is not None:
        raise ValueError(
            f"the table has more than {MOST_CELLS:,} cells of segment and column {mask!r}, which was named "
            "as mask; a mask holds the leaked fields as bits and has few values: name another column"
        )
    if len(found) > MOST_CELLS:
        raise ValueError(
            f"the table has more than {MOST_CELLS:,} cells of segment and leaked fields; a segment is a kind "
            "of customer: name a column with few values, or fewer columns"
        )
    return found


def _rows(asked: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = asked.collect(backend="pyarrow").to_native().to_pylist()
    return rows


def _collected(asked: nw.LazyFrame[Any], path: str | Path) -> list[dict[str, Any]]:
    """Fetch the result of a query over files that may be corrupt."""
    import duckdb
    from narwhals.exceptions import NarwhalsError

    try:
        return _rows(asked)
    except (duckdb.Error, NarwhalsError) as error:
        raise ValueError(f"{path} cannot be read as Parquet: {_first_line(error)}") from None


def _segment_name(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return text or UNKNOWN


def _bits_of(row: Mapping[str, Any], wanted: Mapping[str, int]) -> int:
    """Fields of the columns that hold something."""
    bits = 0
    for number, own in enumerate(wanted.values()):
        bits |= own if row[f"has {number}"] else 0
    return bits


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
    for group, kind in (kinds or {}).items():
        if group not in groups:
            raise ValueError(unknown("segment", group, groups, "kinds; no row bears that name"))
        if kind not in KINDS:
            raise ValueError(unknown("kind of segment", kind, KINDS, f"kinds[{group!r}]"))
    own = {group: group if group in KINDS else "customer" for group in groups}
    return own | dict(kinds or {})
