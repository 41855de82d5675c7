"""Write digits and names as Arrow text, without a Python object per row.

Text of fixed width is written as four-byte words from tables of digits into one buffer. Text of variable
width is taken piece by piece from a pool, and every k-th offset is kept. Nulls have no bytes, so that the
bytes of a column are exactly those of its values.

Not here: the digits (`laws`), and the columns (`columns`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]
Field = tuple[int, NDArray[Any], NDArray[Any]]
"""Offset in the text, a table of words that may stand there, and the place in the table for each text."""


def words_of(texts: Sequence[str]) -> NDArray[Any]:
    """Return texts of equal width as integers of that width, for fast writing.

    Parameters
    ----------
    texts
        ASCII texts of 1, 2, 4 or 8 letters each. Shape (n,).

    Returns
    -------
    array
        Little-endian unsigned numbers. Shape (n,).
    """
    width = len(texts[0])
    return np.frombuffer("".join(texts).encode("ascii"), dtype=f"<u{width}")


@cache
def four_digits() -> NDArray[Any]:
    """Return the numbers 0000 to 9999 as four-byte words.

    Returns
    -------
    array of uint32
        Shape (10000,).
    """
    return words_of([f"{number:04d}" for number in range(10_000)])


class Rows:
    """Rows of a block that have a value, in Arrow's form.

    Parameters
    ----------
    valid
        Whether each row has a value. Shape (n,).
    """

    def __init__(self, valid: Flags) -> None:
        import pyarrow as pa

        self.valid = valid
        self.n = len(valid)
        self.own = np.flatnonzero(valid)
        self.all = len(self.own) == self.n
        self._validity = None if self.all else pa.py_buffer(np.packbits(valid, bitorder="little"))

    @cached_property
    def counted(self) -> NDArray[np.int32]:
        """Values before each row, and all: shape (n + 1,)."""
        counts = np.zeros(self.n + 1, dtype=np.int32)
        np.cumsum(self.valid, out=counts[1:])
        return counts

    def array(self, kind: pa.DataType, values: NDArray[Any]) -> pa.Array:
        """Return an array of numbers for the rows with a value; zero under nulls.

        Parameters
        ----------
        kind
            Arrow type whose values are as wide as those given.
        values
            One for each row with a value. Shape (m,).

        Returns
        -------
        pyarrow.Array
            Shape (n,).
        """
        import pyarrow as pa

        if not self.all:
            spread = np.zeros(self.n, dtype=values.dtype)
            spread[self.own] = values
            values = spread
        buffers = [self._validity, pa.py_buffer(np.ascontiguousarray(values))]
        return pa.Array.from_buffers(kind, self.n, buffers, self.n - len(self.own))

    def codes(self, names: pa.Array, values: NDArray[Any]) -> pa.Array:
        """Return texts from a dictionary.

        Parameters
        ----------
        names
            The dictionary.
        values
            Indices in the dictionary, one per row with a value. Shape (m,).

        Returns
        -------
        pyarrow.DictionaryArray
            Shape (n,).
        """
        import pyarrow as pa

        indices = self.array(pa.int32(), values.astype(np.int32))
        return pa.DictionaryArray.from_arrays(indices, names, safe=False)

    def fixed(self, width: int, fields: Sequence[Field]) -> pa.Array:
        """Return texts of one width.

        Parameters
        ----------
        width
            Bytes of each text.
        fields
            What to write where, in this order; a later one may overwrite the end of an earlier one.

        Returns
        -------
        pyarrow.StringArray
            Shape (n,).
        """
        import pyarrow as pa

        m = len(self.own)
        data = np.empty(m * width, dtype=np.uint8)
        for offset, table, places in fields:
            window = np.ndarray(m, table.dtype, data.data, offset, (width,)) if m else data
            window[...] = table.take(places)
        offsets = (self.counted if not self.all else np.arange(m + 1, dtype=np.int32)) * np.int32(width)
        buffers = [self._validity, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.string(), self.n, buffers, self.n - m)

    def joined(
        self,
        pool: pa.StringArray,
        places: Sequence[NDArray[Any]],
        spread: NDArray[Any] | None = None,
        stamp: tuple[int, NDArray[np.uint64]] | None = None,
    ) -> pa.Array:
        """Return texts composed of pieces from a pool.

        Parameters
        ----------
        pool
            Pieces, without nulls.
        places
            For each piece of a text its place in the pool. Shape (m,) each.
        spread
            Which of those texts each row with a value has; None where they have one each.
        stamp
            How many bytes before its end each text is written over, and with which eight letters, the first
            lowest. Shape (m,).

        Returns
        -------
        pyarrow.StringArray
            Shape (n,).
        """
        import pyarrow as pa

        m, k = len(places[0]), len(places)
        each = np.empty((m, k), dtype=np.int32)
        for number, piece in enumerate(places):
            each[:, number] = piece
        texts = pool.take(pa.array(each.ravel()))
        offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32, count=m * k + 1)[::k]
        if stamp is not None and m:
            letters = np.frombuffer(texts.buffers()[2], dtype=np.uint8)
            np.ndarray(len(letters) - 7, "<u8", letters.data, 0, (1,))[offsets[1:] - stamp[0]] = stamp[1]
        if spread is not None:
            buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), texts.buffers()[2]]
            texts = pa.Array.from_buffers(pa.string(), m, buffers, 0).take(pa.array(spread))
            offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32, count=len(spread) + 1)
        if not self.all:
            offsets = offsets.take(self.counted)
        buffers = [self._validity, pa.py_buffer(np.ascontiguousarray(offsets)), texts.buffers()[2]]
        return pa.Array.from_buffers(pa.string(), self.n, buffers, self.n - len(self.own))


def luhn_sums(digits: int) -> NDArray[np.int64]:
    """Return the Luhn sums of all groups of digits; every second digit, the last included, is doubled.

    Parameters
    ----------
    digits
        Digits of a group; even.

    Returns
    -------
    array
        Sum modulo 10 of each group. Shape (10**digits,).
    """
    sums = np.zeros(1, dtype=np.int64)
    doubled = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])
    for number in range(digits):
        step: NDArray[np.int64] = doubled if number % 2 else np.arange(10)
        sums = (sums[:, None] + step[None, :]).ravel()
    return sums % 10


@cache
def digits() -> NDArray[np.uint8]:
    """Return the digits 0 to 9 as characters.

    Returns
    -------
    array of uint8
        Shape (10,).
    """
    return words_of("0123456789")


def present(column: pa.Array) -> Flags:
    """Return whether each row of a column has a value.

    Parameters
    ----------
    column
        An array with nulls, sliced or not. Shape (n,).

    Returns
    -------
    array of bool
        Shape (n,).
    """
    end = column.offset + len(column)
    bits = np.frombuffer(column.buffers()[0], dtype=np.uint8)
    return np.unpackbits(bits, count=end, bitorder="little")[column.offset :].view(np.bool_)


def text_parts(column: pa.Array) -> tuple[NDArray[np.int32], Any]:
    """Return the length of each text of a column, and all bytes; nulls have none.

    Parameters
    ----------
    column
        A string array, sliced or not. Shape (n,).

    Returns
    -------
    tuple
        Lengths in bytes, 0 for a null, shape (n,); the bytes.
    """
    import pyarrow as pa

    n = len(column)
    if not n:
        return np.zeros(0, dtype=np.int32), b""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32, count=column.offset + n + 1)[column.offset :]
    lengths = offsets[1:] - offsets[:-1]
    if column.null_count and ((lengths != 0) > present(column)).any():
        return text_parts(pa.array(column.to_pylist(), pa.string()))
    data = column.buffers()[2]
    start, end = int(offsets[0]), int(offsets[-1])
    return np.ascontiguousarray(lengths), b"" if data is None else memoryview(data)[start:end]
