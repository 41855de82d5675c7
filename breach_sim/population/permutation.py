"""A keyed permutation of [0, size): distinct rows get distinct indices.

The quantity is a bijection of [0, size) chosen by a 64-bit key. It lets a data
set have unique identifiers without remembering which were used: row number in,
scrambled index out, and no two rows meet.

Not modelled: secrecy. This is a shuffle that looks irregular, not a cipher.

Place in the corridor: read by `records`; imports nothing of the package. Whole
numbers of at most 64 bits and a fixed number of rounds only, so that the same
law can be written over arrays.
"""

from __future__ import annotations

import hashlib
from math import isqrt
from typing import Final

ROUNDS: Final = 6
"""Half-rounds of the Feistel network; even, so that both halves are changed."""

_WORD: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


def stream_key(seed: int, *names: str | int) -> int:
    """Key of one named stream of a seed.

    Parameters
    ----------
    seed
        The seed of the data set; any whole number.
    *names
        What the stream is for, from the general to the particular.

    Returns
    -------
    int
        A number in [0, 2**64), the same on every machine.

    Examples
    --------
    >>> stream_key(1, "ssn") == stream_key(1, "ssn")
    True
    >>> stream_key(1, "ssn") == stream_key(1, "imsi")
    False
    """
    text = "/".join(str(part) for part in (seed, *names))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def permuted(index: int, size: int, key: int) -> int:
    """Image of `index` under the permutation of [0, size) that `key` names.

    Parameters
    ----------
    index
        A whole number in [0, size).
    size
        How many values there are; at least 1.
    key
        The permutation to use; see `stream_key`.

    Returns
    -------
    int
        A whole number in [0, size); distinct for distinct `index`.

    Raises
    ------
    ValueError
        If `index` lies outside [0, size).

    Notes
    -----
    A Feistel network with modular addition over pairs below ceil(sqrt(size)),
    walked on until it lands below `size`. At most 2 sqrt(size) + 1 pairs are
    too many, so a walk is rare.

    Examples
    --------
    >>> sorted(permuted(i, 10, key=7) for i in range(10))
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    if not 0 <= index < size:
        msg = (
            f"index {index} of permuted(index, size={size}) lies outside [0, {size}); "
            "number the rows from 0 and ask for no more than the space holds."
        )
        raise ValueError(msg)
    side = isqrt(size - 1) + 1
    value = index
    while True:
        left, right = divmod(value, side)
        for step in range(ROUNDS):
            moved = (left + _mixed(right, key + step * _GOLDEN)) % side
            left, right = right, moved
        value = left * side + right
        if value < size:
            return value


def _mixed(value: int, key: int) -> int:
    """64-bit hash of `value` under `key` (the finaliser of splitmix64)."""
    word = (value + key) & _WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)
