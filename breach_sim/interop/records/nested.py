"""Columns of bytes, lists, structs, maps and Python objects as Boolean ones: true where they hold something.

Every engine has functions of its own for them. A list, a map or a struct holds something if one of its
entries does, at any depth; text in them is read as in a column of text.

Not here: columns of plain types (``values``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from breach_sim.formatting.messages import named

PLAIN = "holds"
"""Text that stands for a Python object that holds something."""


def plain(native: Any, columns: Mapping[str, str], engine: str) -> Any:
    """Replace nested columns of a table by Boolean ones.

    Parameters
    ----------
    native
        Table of an engine.
    columns
        Regular expression of texts that are nothing, by name of the column.
    engine
        Name of the engine, as narwhals writes it in lower case.

    Returns
    -------
    Table of the same engine; columns of plain types are left as they are.

    Raises
    ------
    TypeError
        If nobody knows how this engine reads such columns.
    """
    ways: dict[str, Callable[[Any, Mapping[str, str]], Any]] = {
        "pandas": _pandas,
        "pyarrow": _arrow,
        "polars": _polars,
        "duckdb": _duckdb,
        "dask": _dask,
        "pyspark": _spark,
        "ibis": _ibis,
    }
    if engine not in ways:
        raise TypeError(
            f"columns {named(map(repr, columns))} hold lists, structs or bytes, which are not read from "
            f"{engine}; give them as text or Boolean, or leave them out"
        )
    return ways[engine](native, columns)


def _that_hold(names: Sequence[str]) -> list[str]:
    """Fields of a struct that can hold something; a struct of key and value is an entry of a map."""
    return ["value"] if set(names) == {"key", "value"} else list(names)


# PyArrow, and what is made of it -------------------------------------------------------------------------


def _arrow(table: Any, columns: Mapping[str, str]) -> Any:
    for name, pattern in columns.items():
        array = table[name].combine_chunks()
        table = table.set_column(table.column_names.index(name), name, held(array, pattern))
    return table


def held(array: Any, pattern: str) -> Any:  # noqa: PLR0911 - one a type
    """Return where an Arrow array holds something.

    Parameters
    ----------
    array
        Array of any type.
    pattern
        Regular expression of texts that are nothing.

    Returns
    -------
    Boolean array without nulls. Shape as ``array``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as of

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind = array.type
    if of.is_null(kind):
        return pa.array([False] * len(array))
    if of.is_dictionary(kind):
        return held(array.dictionary_decode(), pattern)
    if of.is_boolean(kind):
        return pc.fill_null(array, fill_value=False)
    there = array.is_valid()
    if of.is_struct(kind):
        names = [kind.field(i).name for i in range(kind.num_fields)]
        inside = [held(array.field(names.index(name)), pattern) for name in _that_hold(names)]
        return pc.and_(there, _any(inside, len(array)))
    if of.is_map(kind) or of.is_list(kind) or of.is_large_list(kind) or of.is_fixed_size_list(kind):
        return _with_entries(array, pattern)
    if of.is_binary(kind) or of.is_large_binary(kind) or of.is_fixed_size_binary(kind):
        size = pc.binary_length(array.cast(pa.large_binary()))
        return pc.and_(there, pc.fill_null(pc.greater(size, 0), fill_value=False))
    if of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind):
        empty = pc.match_substring_regex(array.cast(pa.large_string()), pattern)
        return pc.and_(there, pc.invert(pc.fill_null(empty, fill_value=True)))
    if of.is_floating(kind):
        return pc.and_(there, pc.invert(pc.fill_null(pc.is_nan(array), fill_value=True)))
    return there


def _any(parts: list[Any], length: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.array([False] * length)
    for part in parts:
        found = pc.or_(found, part)
    return found


def _with_entries(array: Any, pattern: str) -> Any:
    """Where a list has an entry that holds something, and a map a value that does."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as of

    if of.is_map(array.type):
        # As a list of its values; the offsets are those of the slice into all values.
        values = pa.ListArray.from_arrays(array.offsets, array.items)
        inside = _with_entries(values, pattern)
        return pc.and_(array.is_valid(), inside)
    parents = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
    inside = held(pc.list_flatten(array), pattern).to_numpy(zero_copy_only=False)
    found = np.zeros(len(array), dtype=bool)
    found[parents[inside.astype(bool)]] = True
    return pa.array(found)


# pandas and Dask -----------------------------------------------------------------------------------------


def _pandas(frame: Any, columns: Mapping[str, str]) -> Any:
    import pandas as pd
    import pyarrow as pa

    found = {}
    for name, pattern in columns.items():
        series = frame[name]
        try:
            array = pa.array(series, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            found[name] = series.map(as_text_of(pattern)).astype("string")
            continue
        if pa.types.is_nested(array.type) or pa.types.is_binary(array.type) or pa.types.is_null(array.type):
            array = held(array, pattern)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        found[name] = pd.Series(pd.array(array, dtype=pd.ArrowDtype(array.type)), index=frame.index)
    return frame.assign(**found)


def _dask(frame: Any, columns: Mapping[str, str]) -> Any:
    import pandas as pd

    nested = {n: p for n, p in columns.items() if _is_arrow(frame._meta[n].dtype)}  # noqa: SLF001
    meta = frame._meta.assign(  # noqa: SLF001 - what Dask says of the parts it has not made yet
        **{n: pd.Series(dtype=pd.ArrowDtype(_boolean()) if n in nested else "string") for n in columns}
    )

    def part(rows: Any) -> Any:
        rows = _pandas(rows, nested)
        texts = {
            n: rows[n].map(as_text_of(p)).astype("string") for n, p in columns.items() if n not in nested
        }
        return rows.assign(**texts)

    return frame.map_partitions(part, meta=meta)


def _is_arrow(dtype: Any) -> bool:
    """Whether a type is one of Arrow's that holds entries or bytes, and no category."""
    return str(dtype).startswith(
        ("list", "large_list", "fixed_size", "struct", "map", "binary", "large_binary")
    )


def _boolean() -> Any:
    import pyarrow as pa

    return pa.bool_()


def as_text_of(pattern: str) -> Callable[[Any], str | None]:
    """Return what makes a text of a Python object, and None of one that holds nothing.

    Parameters
    ----------
    pattern
        Regular expression of texts that are nothing.

    Returns
    -------
    Function of one object.
    """
    empty = re.compile(pattern)

    def text(value: Any) -> str | None:
        # NaT and <NA> are equal to nothing and refuse to be asked.
        if value is None or type(value).__name__ in {"NAType", "NaTType"}:
            return None
        if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
            return None
        if isinstance(value, (bytes, bytearray)):
            return PLAIN if value else None
        if isinstance(value, Mapping):
            return PLAIN if any(map(inside, value.values())) else None
        if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "tolist"):
            entries = value.tolist() if hasattr(value, "tolist") else value
            return (PLAIN if any(map(inside, entries)) else None) if _many(entries) else str(entries)
        return str(value)

    def inside(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        shown = text(value)
        return shown is not None and (not isinstance(value, str) or not empty.search(shown))

    return text


def _many(entries: Any) -> bool:
    return isinstance(entries, (list, tuple, set, frozenset))


# Engines with expressions --------------------------------------------------------------------------------


def _polars(frame: Any, columns: Mapping[str, str]) -> Any:
    import polars as pl

    schema = frame.collect_schema()

    def holds(column: Any, dtype: Any, pattern: str) -> Any:  # noqa: PLR0911 - one a type
        there = column.is_not_null()
        # Only newer versions of Polars have maps; older ones read them as lists of key and value.
        if type(dtype).__name__ == "Map":
            return there & holds(column.map.values(), pl.List(dtype.value), pattern)
        if isinstance(dtype, pl.Struct):
            own = {f.name: f.dtype for f in dtype.fields}
            parts = [holds(column.struct.field(n), own[n], pattern) for n in _that_hold(list(own))]
            return there & pl.any_horizontal(parts) if parts else pl.lit(value=False) & there
        if isinstance(dtype, (pl.List, pl.Array)):
            inner = pl.List(dtype.inner)
            entries = column.cast(inner).list.eval(holds(pl.element(), dtype.inner, pattern))
            return there & entries.list.any().fill_null(value=False)
        if dtype == pl.Binary:
            return there & (column.bin.size() > 0)
        if dtype == pl.Boolean:
            return column.fill_null(value=False)
        if dtype == pl.Null:
            return pl.lit(value=False) & there
        if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
            return there & ~column.cast(pl.String).str.contains(pattern).fill_null(value=True)
        if dtype == pl.Object:
            return column.map_elements(as_text_of(pattern), return_dtype=pl.String).is_not_null()
        return there & column.is_not_nan().fill_null(value=False) if dtype.is_float() else there

    return frame.with_columns(
        holds(pl.col(name), schema[name], pattern).alias(name) for name, pattern in columns.items()
    )


def _duckdb(relation: Any, columns: Mapping[str, str]) -> Any:
    types = dict(zip(relation.columns, relation.types, strict=True))

    def holds(column: str, kind: Any, pattern: str, depth: int = 0) -> str:  # noqa: PLR0911 - one a type
        there = f"({column} IS NOT NULL"
        if kind.id == "struct":
            own = dict(kind.children)
            names = _that_hold(list(own))
            parts = [holds(f"{column}.{_quoted(n)}", own[n], pattern, depth) for n in names]
            return f"{there} AND ({' OR '.join(parts) or 'false'}))"
        if kind.id in {"list", "array", "map"}:
            entry = f"entry{depth}"
            entries = f"map_values({column})" if kind.id == "map" else column
            own = dict(kind.children)["value" if kind.id == "map" else "child"]
            test = holds(entry, own, pattern, depth + 1)
            return f"{there} AND len(list_filter({entries}, lambda {entry}: {test})) > 0)"
        if kind.id == "blob":
            return f"{there} AND octet_length({column}) > 0)"
        if kind.id == "boolean":
            return f"coalesce({column}, false)"
        if str(kind) == '"NULL"' or kind.id == "null":
            return "false"
        if kind.id in {"varchar", "enum"}:
            return f"{there} AND NOT regexp_matches({column}::VARCHAR, {_text(pattern)}))"
        return f"{there} AND NOT isnan({column}))" if kind.id in {"float", "double"} else f"{there})"

    replaced = ", ".join(
        f"{holds(_quoted(name), types[name], pattern)} AS {_quoted(name)}"
        for name, pattern in columns.items()
    )
    return relation.project(f"* REPLACE ({replaced})")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _spark(frame: Any, columns: Mapping[str, str]) -> Any:
    from pyspark.sql import functions as spark

    def holds(column: Any, kind: Any, pattern: str) -> Any:  # noqa: PLR0911 - one a type
        there, name = column.isNotNull(), kind.typeName()
        false = spark.lit(False)  # noqa: FBT003 - Spark's own form
        if name == "struct":
            found = false
            types = {own.name: own.dataType for own in kind.fields}
            for own in _that_hold(list(types)):
                found |= holds(column.getField(own), types[own], pattern)
            return there & found
        if name in {"array", "map"}:
            entries = spark.map_values(column) if name == "map" else column
            own = kind.valueType if name == "map" else kind.elementType
            test = spark.exists(entries, lambda entry: holds(entry, own, pattern))
            return there & spark.coalesce(test, false)
        if name == "binary":
            return there & (spark.octet_length(column) > 0)
        if name == "boolean":
            return spark.coalesce(column, false)
        if name in {"string", "char", "varchar"}:
            return there & ~spark.coalesce(column.rlike(pattern), spark.lit(True))  # noqa: FBT003
        if name == "void":
            return false
        return there & ~spark.isnan(column) if name in {"float", "double"} else there

    for name, pattern in columns.items():
        frame = frame.withColumn(name, holds(frame[name], frame.schema[name].dataType, pattern))
    return frame


def _ibis(table: Any, columns: Mapping[str, str]) -> Any:
    import ibis

    yes, no = ibis.literal(value=True), ibis.literal(value=False)

    def holds(column: Any, pattern: str) -> Any:  # noqa: PLR0911 - one a type
        kind, there = column.type(), column.notnull()  # noqa: PD004 - Ibis has no other name
        if kind.is_struct():
            found = no
            for own in _that_hold(kind.names):
                found |= holds(column[own], pattern)
            return there & found
        if kind.is_array() or kind.is_map():
            entries = column.values() if kind.is_map() else column
            number = entries.filter(lambda entry: holds(entry, pattern)).length()
            return there & (number.fill_null(0) > 0)
        if kind.is_binary():
            return there & (column.cast("string").length() > 0)
        if kind.is_boolean():
            return column.fill_null(no)
        if kind.is_null():
            return no
        if kind.is_string():
            return there & ~column.re_search(pattern).fill_null(yes)
        return there & ~column.isnan().fill_null(yes) if kind.is_floating() else there

    return table.mutate(**{name: holds(table[name], pattern) for name, pattern in columns.items()})
