"""One SHA-256 for a data set, whatever the chunks, files and workers.

The quantity is the digest of the *logical* rows. Of a column of a block: SHA-256 over whether each row has a
value (a bit each, the first row in the lowest bit, the last byte filled with zeros), then, of text, the
length of each row in bytes (32 bits, little-endian, 0 for a null; where all values are of one length that
length once, and 0 where there is no value) and the bytes of all values; of anything
else the values themselves (little-endian, 0 under a null; flags a bit each). Of a block: SHA-256 over the
digests of its columns. Of a data set: SHA-256 over its header (JSON with sorted keys) and the digests of
its blocks in order.

How a text is stored (plain, from a dictionary, with long offsets) does not matter, so that a Parquet file
read back gives the same.

Place in the corridor: over `text`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .text import text_parts

if TYPE_CHECKING:
    import pyarrow as pa


def digest_of(batch: pa.RecordBatch) -> bytes:
    """Digest of the rows of one block.

    Parameters
    ----------
    batch
        A whole block, made or read back. Columns in the order of the schema.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    TypeError
        If a column is of a type that no table here has.
    """
    return hashlib.sha256(b"".join(column_digest(column) for column in batch.columns)).digest()


def root_digest(header: Mapping[str, Any], block_digests: Iterable[bytes]) -> str:
    """Digest of a data set.

    Parameters
    ----------
    header
        What `Population.header` says; plain JSON values.
    block_digests
        Of every block, in order.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    whole = hashlib.sha256(json.dumps(dict(header), sort_keys=True, separators=(",", ":")).encode())
    for digest in block_digests:
        whole.update(digest)
    return whole.hexdigest()


def column_digest(column: pa.Array) -> bytes:
    """Digest of one column of a block.

    Parameters
    ----------
    column
        Text, whole numbers, dates or flags.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    TypeError
        If the column is of another type.
    """
    import pyarrow as pa
    import pyarrow.types as of

    kind = column.type
    if of.is_dictionary(kind):
        words = _words(column) if of.is_string(kind.value_type) else None
        if words is not None:
            whole = hashlib.sha256(_validity(column))
            length: Any = np.array([words.itemsize if len(words) else 0], dtype=np.int32)
            whole.update(length)
            whole.update(words)
            return whole.digest()
        column = column.dictionary_decode()
        kind = column.type
    if of.is_large_string(kind) or of.is_string_view(kind):
        column = column.cast(pa.string())
        kind = column.type
    whole = hashlib.sha256(_validity(column))
    if of.is_string(kind):
        lengths, data = text_parts(column)
        whole.update(_lengths(column, lengths))
        whole.update(data)
    elif of.is_boolean(kind):
        flags = column.fill_null(False) if column.null_count else column  # noqa: FBT003
        whole.update(_bits(flags, 1))
    elif of.is_integer(kind) or of.is_date32(kind):
        number = column.view(pa.int32()) if of.is_date32(kind) else column
        number = number.fill_null(0) if number.null_count else number
        values: Any = np.ascontiguousarray(number.to_numpy())
        whole.update(values)
    else:
        msg = (
            f"a column of type {kind} has no digest; the tables here have text, whole numbers, dates "
            "and flags: cast it to the type that the schema of the population names."
        )
        raise TypeError(msg)
    return whole.digest()


def _lengths(column: pa.Array, lengths: Any) -> Any:
    """Lengths as they are hashed: one, where all values have the same."""
    longest = lengths.max(initial=0)
    n_values = len(column) - column.null_count
    same = int(lengths.sum(dtype=np.int64)) == int(longest) * n_values
    return np.array([longest], dtype=np.int32) if same else lengths


def _words(column: pa.DictionaryArray) -> Any:
    """The values of a column whose dictionary has texts of one width, in a row; None for any other."""
    names = column.dictionary
    widths, texts = text_parts(names)
    width = widths.max(initial=0)
    if names.null_count or width == 0 or (widths != width).any():
        return None
    indices = column.indices.drop_null() if column.null_count else column.indices
    return np.frombuffer(texts, dtype=f"V{width}").take(indices.to_numpy())


def _validity(column: pa.Array) -> Any:
    n = len(column)
    if not column.null_count:
        return np.packbits(np.ones(n, dtype=bool), bitorder="little")
    return _bits(column, 0)


def _bits(column: pa.Array, buffer: int) -> Any:
    """A buffer of bits, from the column's first row on, zeros after its last."""
    n = len(column)
    bits = np.frombuffer(column.buffers()[buffer], dtype=np.uint8)
    if column.offset:
        return np.packbits(
            np.unpackbits(bits, count=column.offset + n, bitorder="little")[column.offset :],
            bitorder="little",
        )
    bits = bits[: (n + 7) // 8]
    if n % 8:
        bits = bits.copy()
        bits[-1] &= (1 << n % 8) - 1
    return bits
