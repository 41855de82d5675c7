"""Compute one SHA-256 for a data set, independent of chunks, files and workers.

The quantity is the digest of the *logical* rows. Of a column of a block: SHA-256 over whether each row has a
value (a bit each, the first row in the lowest bit, the last byte filled with zeros), and then over

- of text: the length of each row in bytes (0 for a null; a byte each where none is above 255, else 32 bits,
  little-endian; where all values are of one length that length once, as 32 bits, and 0 where there is no
  value) and the bytes of all values;
- of text of few values (columns of the kind ``code``): the distinct texts of the block in the order of their
  bytes, as a column of text without nulls; and for each row its place among them (in 8, 16 or 32 bits,
  little-endian, the fewest that serve), 0 under a null;
- of anything else: the values themselves (little-endian, 0 under a null; flags a bit each).

Of a block: SHA-256 over the digests of its columns. Of a data set: SHA-256 over its header (JSON with sorted
keys) and the digests of its blocks in order.

The storage of text (plain, dictionary, long offsets) does not matter, so a Parquet file that is read back
has the same digest. Columns of few values are recognized by their names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from breach_sim.population.values.columns import SUBSCRIBERS
from breach_sim.population.values.text import present, text_parts

if TYPE_CHECKING:
    import pyarrow as pa

CODES: Final = frozenset(column.name for column in SUBSCRIBERS if column.kind == "code")
"""Columns of few values."""
_BYTE: Final = 255


def digest_of(batch: pa.RecordBatch) -> bytes:
    """Return the digest of the rows of one block.

    Parameters
    ----------
    batch
        A whole block, generated or read back. Columns in the order of the schema.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    TypeError
        If a column has a type that no table uses.
    """
    digests = [
        column_digest(column, few=name in CODES)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return hashlib.sha256(b"".join(digests)).digest()


def root_digest(header: Mapping[str, Any], block_digests: Iterable[bytes]) -> str:
    """Return the digest of a data set.

    Parameters
    ----------
    header
        Result of `Population.header`; plain JSON values.
    block_digests
        Digests of all blocks, in order.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    whole = hashlib.sha256(json.dumps(dict(header), sort_keys=True, separators=(",", ":")).encode())
    for digest in block_digests:
        whole.update(digest)
    return whole.hexdigest()


def column_digest(column: pa.Array, *, few: bool = False) -> bytes:
    """Return the digest of one column of a block.

    Parameters
    ----------
    column
        Text, whole numbers, dates or flags.
    few
        Whether it is text with few distinct values.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    TypeError
        If the column has another type.
    """
    import pyarrow as pa
    import pyarrow.types as of

    column = _stored(column, few=few)
    kind = column.type
    whole = hashlib.sha256(_validity(column))
    if of.is_dictionary(kind):
        names, places = _few(column)
        whole.update(column_digest(names))
        whole.update(places)
    elif of.is_string(kind):
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


def _stored(column: pa.Array, *, few: bool) -> pa.Array:
    """Return text with 32-bit offsets, dictionary-encoded if of few values; other types unchanged."""
    import pyarrow as pa
    import pyarrow.types as of

    if of.is_dictionary(column.type):
        if few:
            return column
        column = column.dictionary_decode()
    if of.is_large_string(column.type) or of.is_string_view(column.type):
        column = column.cast(pa.string())
    return column.dictionary_encode() if few else column


def _few(column: pa.DictionaryArray) -> tuple[pa.StringArray, Any]:
    """Distinct texts of a column in the order of their bytes, and the place of each row's among them."""
    import pyarrow.compute as pc

    indices = column.indices
    values = np.frombuffer(indices.buffers()[1], dtype=indices.type.to_pandas_dtype())
    places = values[indices.offset : indices.offset + len(indices)].astype(np.int64)
    places += 1  # 0 is no value
    if indices.null_count:
        places *= present(indices)
    used = np.zeros(len(column.dictionary) + 1, dtype=bool)
    used[places] = True
    found = np.flatnonzero(used[1:])
    names = column.dictionary.take(found)
    if pc.count_distinct(names).as_py() < len(names):  # a dictionary that names a text twice
        return _few(column.dictionary_decode().dictionary_encode())
    order = pc.sort_indices(names)
    widths = (np.uint8, np.uint16, np.uint32)
    ranks = np.zeros(
        len(used), dtype=next(width for width in widths if len(found) - 1 <= np.iinfo(width).max)
    )
    ranks[found[order.to_numpy()] + 1] = np.arange(len(found))
    return names.take(order), ranks.take(places)


def _lengths(column: pa.Array, lengths: Any) -> Any:
    """Return the lengths to hash: a single one if all values have the same length."""
    longest = lengths.max(initial=0)
    n_values = len(column) - column.null_count
    same = int(lengths.sum(dtype=np.int64)) == int(longest) * n_values
    if same:
        return np.array([longest], dtype=np.int32)
    return lengths.astype(np.uint8) if longest <= _BYTE else lengths


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
