"""Keyed permutations: distinct rows get distinct indices, without storing them.

A permutation is a bijection chosen by a seed and a name: it maps a row number to a scrambled index, and no
two rows share one. A `Network` permutes pairs (left, right) of two sides of at most 65,536. A `Shuffle`
permutes [0, size) by applying a network repeatedly until the result is in range. Both work on single numbers
and on arrays, with equal results.

Not modeled: secrecy. This is a shuffle that looks irregular, not a cipher.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Uint32Array = NDArray[np.uint32]

ROUNDS: Final = 4
"""Half-rounds of a network; even, so that both sides are changed alike. After three both look random."""
MAX_SIDE: Final = 1 << 16
"""Largest side of a network: the product with 16 mixed bits then fits into 32."""

_WORD: Final = (1 << 32) - 1
_MIX: Final = 0x846CA68B


def stream_key(seed: int, *names: str | int) -> int:
    """Return the key of a named stream of a seed.

    Parameters
    ----------
    seed
        The seed of the data set; any whole number.
    *names
        Purpose of the stream, from general to specific.

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


@dataclass(frozen=True, slots=True)
class Network:
    """Permutation of the pairs (left, right): a Feistel network with modular addition.

    Parameters
    ----------
    left
        Number of values of the left side. [1, `MAX_SIDE`]
    right
        Number of values of the right side. [1, `MAX_SIDE`]
    rounds
        An odd factor and an addend for each half-round. Shape (`ROUNDS`,).
    """

    left: int
    right: int
    rounds: tuple[tuple[int, int], ...]

    @classmethod
    def named(cls, left: int, right: int, seed: int, *names: str | int) -> Network:
        """Return the network of a seed and a name.

        Parameters
        ----------
        left, right
            Sizes of the sides. [1, `MAX_SIDE`]
        seed, *names
            As for `stream_key`.

        Returns
        -------
        Network
            The same for the same arguments.

        Raises
        ------
        ValueError
            If a side is empty or above `MAX_SIDE`.
        """
        for side in (left, right):
            if not 1 <= side <= MAX_SIDE:
                msg = f"side {side:,} of a network lies outside [1, {MAX_SIDE:,}]; split the space otherwise."
                raise ValueError(msg)
        keys = [stream_key(seed, *names, number) for number in range(ROUNDS)]
        return cls(left, right, tuple((key & _WORD | 1, key >> 32) for key in keys))

    def moved(self, left: int, right: int, tweak: int = 0) -> tuple[int, int]:
        """Return the image of one pair.

        Parameters
        ----------
        left, right
            The pair; each below the size of its side.
        tweak
            Chooses among permutations. [0, 65536)

        Returns
        -------
        tuple of int
            A pair, distinct for distinct pairs under one tweak.
        """
        shift = tweak << 16
        for number, (factor, addend) in enumerate(self.rounds):
            other, side = (left, self.right) if number & 1 else (right, self.left)
            mixed = ((other + shift) * factor + addend) & _WORD
            mixed = ((mixed ^ (mixed >> 16)) * _MIX) & _WORD
            step = ((mixed >> 16) * side) >> 16
            if number & 1:
                right = (right + step) % side
            else:
                left = (left + step) % side
        return left, right

    def moved_all(
        self, left: Uint32Array, right: Uint32Array, tweak: Uint32Array | int = 0
    ) -> tuple[Uint32Array, Uint32Array]:
        """Return the images of many pairs; the same as `moved` for each.

        Parameters
        ----------
        left, right
            The pairs; not changed. Shape (n,).
        tweak
            Chooses among permutations; one for all or one each. [0, 65536)

        Returns
        -------
        tuple of arrays
            Shape (n,) each.
        """
        left, right = left.copy(), right.copy()
        mixed, spare = np.empty_like(left), np.empty_like(left)
        shift = tweak << 16
        shifted = isinstance(shift, np.ndarray) or shift != 0
        for number, (factor, addend) in enumerate(self.rounds):
            moving, other, side = (right, left, self.right) if number & 1 else (left, right, self.left)
            if shifted:
                np.add(other, shift, out=mixed)
                np.multiply(mixed, factor, out=mixed)
            else:
                np.multiply(other, factor, out=mixed)
            np.add(mixed, addend, out=mixed)
            np.right_shift(mixed, 16, out=spare)
            np.bitwise_xor(mixed, spare, out=mixed)
            np.multiply(mixed, _MIX, out=mixed)
            np.right_shift(mixed, 16, out=mixed)
            np.multiply(mixed, side, out=mixed)
            np.right_shift(mixed, 16, out=mixed)
            np.add(moving, mixed, out=moving)
            # Below the size the subtraction wraps round to a huge number, so the smaller one is right.
            np.subtract(moving, side, out=spare)
            np.minimum(moving, spare, out=moving)
        return left, right


@dataclass(frozen=True)
class Shuffle:
    """Permutation of [0, size).

    Parameters
    ----------
    size
        Number of elements. [1, 2**32)
    seed
        As for `stream_key`.
    name
        Purpose of the permutation.

    Raises
    ------
    ValueError
        If the size lies outside its range.

    Notes
    -----
    The network has at most 2 sqrt(size) + 1 surplus pairs; a result among these is permuted again.

    Examples
    --------
    >>> sorted(Shuffle(10, 7, "rows").place(i) for i in range(10))
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

    size: int
    seed: int
    name: str

    def __post_init__(self) -> None:
        if not 1 <= self.size <= _WORD:
            msg = f"size {self.size:,} of a shuffle lies outside [1, 2**32); number fewer things."
            raise ValueError(msg)

    @cached_property
    def network(self) -> Network:
        """The network that is applied."""
        side = isqrt(self.size - 1) + 1
        return Network.named(side, (self.size + side - 1) // side, self.seed, self.name)

    def place(self, number: int) -> int:
        """Return the image of one number.

        Parameters
        ----------
        number
            In [0, size).

        Returns
        -------
        int
            In [0, size); distinct for distinct numbers.

        Raises
        ------
        ValueError
            If the number lies outside [0, size).
        """
        if not 0 <= number < self.size:
            msg = (
                f"number {number} of a shuffle of [0, {self.size}) lies outside it; "
                "number the rows from 0 and ask for no more than the space holds."
            )
            raise ValueError(msg)
        network = self.network
        while True:
            left, right = network.moved(*divmod(number, network.right))
            number = left * network.right + right
            if number < self.size:
                return number

    def places(self, numbers: Uint32Array) -> Uint32Array:
        """Return the images of many numbers; the same as `place` for each.

        Parameters
        ----------
        numbers
            Each in [0, size); not checked. Shape (n,).

        Returns
        -------
        array
            Shape (n,).
        """
        network = self.network
        left = numbers // network.right
        left, right = network.moved_all(left, numbers - left * network.right)
        left *= network.right
        left += right
        # The pairs of a network are below 2**32 for sides of 16 bits, so nothing wraps.
        outside = np.flatnonzero(left >= self.size)
        if outside.size:
            left[outside] = self.places(left[outside])
        return left
