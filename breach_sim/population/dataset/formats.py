"""The file formats of a data set: Parquet and CSV.

Only types that pandas, Polars, DuckDB and Spark read alike are used: text, date32, flags, int64. The mask
``leaked_fields``, uint64 in memory, is int64 in files: Spark reads uint64 as a decimal, and bit 63 will
never be a field. Parquet files omit Arrow's type metadata, because dictionary text would otherwise be read
back as categories.

Not here: which rows go into which file (`writer`), and atomic writing (`places`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

GROUP_BLOCKS: Final = 4
"""Blocks of a row group: about a quarter of a million rows."""

_PAGE: Final = 1 << 16
"""Bytes of a page before it is compressed: small enough to stay in a core's cache meanwhile."""
_RISING: Final = ("person_id", "account_id", "line_id")
"""Columns whose numbers go up row by row."""


class ParquetFile:
    """Snappy Parquet file with row groups of several blocks; text of few values uses dictionaries.

    Parameters
    ----------
    stream
        Stream to write to.
    schema
        Schema of the blocks.
    """

    def __init__(self, stream: Any, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq
        import pyarrow.types as of

        self._schema = file_schema(schema)
        self._batches: list[pa.RecordBatch] = []
        self._writer = pq.ParquetWriter(
            stream,
            self._schema,
            compression="snappy",
            use_dictionary=[column.name for column in schema if of.is_dictionary(column.type)],
            column_encoding={name: "DELTA_BINARY_PACKED" for name in schema.names if name in _RISING},
            write_statistics=_numbers(self._schema),
            data_page_size=_PAGE,
            store_schema=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a block; write it when a row group is complete.

        Parameters
        ----------
        batch
            Rows.
        """
        self._batches.append(_as(self._schema, batch))
        if len(self._batches) == GROUP_BLOCKS:
            self._flush()

    def finish(self, metadata: Mapping[str, Any]) -> None:
        """Write the remaining rows and the metadata of the file.

        Parameters
        ----------
        metadata
            Names to values, for the metadata of the file.
        """
        self._flush()
        text = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()
        }
        self._writer.add_key_value_metadata({f"breach_sim.{key}": value for key, value in text.items()})

    def _flush(self) -> None:
        import pyarrow as pa

        if self._batches:
            group = pa.Table.from_batches(self._batches)
            self._writer.write_table(group, row_group_size=max(1, group.num_rows))
            self._batches = []


def _numbers(schema: pa.Schema) -> list[str]:
    """Columns worth a least and a greatest value; of texts, even of few, they cost as much as the writing."""
    import pyarrow.types as of

    return [column.name for column in schema if of.is_integer(column.type) or of.is_date32(column.type)]


class CsvFile:
    """CSV file with a heading line: text in quotes, nulls empty, newline as line ending.

    Parameters
    ----------
    stream
        Stream to write to.
    schema
        Schema of the blocks.
    """

    def __init__(self, stream: Any, schema: pa.Schema) -> None:
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.types as of

        self._schema = pa.schema(
            [
                column.with_type(column.type.value_type) if of.is_dictionary(column.type) else column
                for column in file_schema(schema)
            ]
        )
        self._writer = pa.csv.CSVWriter(stream, self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a block.

        Parameters
        ----------
        batch
            Rows.
        """
        self._writer.write(batch.cast(self._schema))

    def finish(self, metadata: Mapping[str, Any]) -> None:
        """Finish the file; CSV has no place for metadata.

        Parameters
        ----------
        metadata
            Ignored.
        """


FILES: Final[Mapping[str, Any]] = {"parquet": ParquetFile, "csv": CsvFile}
"""Kinds of file by name of the sink, which is also the end of the file's name."""


def file_schema(schema: pa.Schema) -> pa.Schema:
    """Return the columns as stored in files.

    Parameters
    ----------
    schema
        Of the blocks of a table.

    Returns
    -------
    pyarrow.Schema
        The same columns; uint64 is int64.

    Raises
    ------
    TypeError
        If a column is neither text, date32, flag, whole number nor float: readers would differ on it.
    """
    import pyarrow as pa
    import pyarrow.types as of

    columns = []
    for column in schema:
        kind = column.type.value_type if of.is_dictionary(column.type) else column.type
        fine = of.is_string(kind) or of.is_date32(kind) or of.is_boolean(kind) or of.is_uint64(kind)
        if not (fine or of.is_signed_integer(kind) or of.is_floating(kind)):
            raise TypeError(
                f"column {column.name!r} is of type {column.type}, which readers take for different "
                "things; make it string, date32, bool, int64 or double"
            )
        columns.append(column.with_type(pa.int64()) if of.is_uint64(kind) else column)
    return pa.schema(columns)


def _as(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with the columns of files; no value is copied."""
    import pyarrow as pa
    import pyarrow.types as of

    columns = [column.view(pa.int64()) if of.is_uint64(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
