"""Points of low discrepancy: eight independent scrambles of a Sobol sequence.

Replicate r is point r // 8 of scramble r mod 8. A scramble of one dimension multiplies the binary digits of
the points by a random lower triangular matrix with ones on the diagonal and adds random digits (Matousek
1998). The variance of a mean is then the same as with Owen's nested scrambling (Owen 2003). Each point is
uniform. Within a scramble points are spread evenly; scrambles are independent of each other, so the spread of
their means gives a standard error.

Evenness is that of the first 2**k points of a scramble. With another number of replicates expectations are
still right, but the last points are not balanced: between two powers of two the error falls no faster than
that of plain draws. If R is no multiple of 8, some scrambles have one point more than others.

Not here: which parameter has which dimension (``order``), and the numbers behind the points (``directions``).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.directions import DIMENSIONS, direction_numbers
from breach_sim.engine.draws.order import DIMENSION
from breach_sim.engine.draws.streams import unit_interval, words
from breach_sim.formatting.arrays import Array

SCRAMBLES = 8
"""Independent scrambles of the sequence."""
_DIGITS = 53
"""Binary digits of a coordinate."""
_ROW = 64
"""Random words of a scramble in one dimension: one for each digit, and the last for the shift."""


def dimension_of(name: str) -> int | None:
    """Return the dimension of a parameter or of a table of kinds.

    Parameters
    ----------
    name
        Its name.

    Returns
    -------
    Its place in the stored order; None if it has no place or there are not so many dimensions. [0, 512)
    """
    place = DIMENSION.get(name)
    return place if place is not None and place < DIMENSIONS else None


def scramble_of(replicates: int) -> NDArray[np.int64]:
    """Return the number of the scramble of each replicate.

    Parameters
    ----------
    replicates
        Number of replicates, R. [0, inf)

    Returns
    -------
    Shape (R,). [0, 8)
    """
    return np.arange(replicates) % SCRAMBLES


def coordinates(seed: int, dimension: int, replicates: int) -> Array:
    """Return one coordinate of the points of all replicates.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    dimension
        Number of the coordinate. [0, 512)
    replicates
        Number of replicates, R. More replicates begin with those of fewer. [0, inf)

    Returns
    -------
    Shape (R,). Multiples of 2**-53 plus half a step, so that neither 0 nor 1 occurs.
    """
    each = -(-replicates // SCRAMBLES)
    levels = max(each - 1, 0).bit_length()
    random = words(seed, "sobol", str(dimension), size=SCRAMBLES * _ROW).reshape(SCRAMBLES, _ROW)
    random >>= np.uint64(64 - _DIGITS)
    steps = _scrambled(dimension, levels, random)
    points = np.empty((SCRAMBLES, 1 << levels), dtype=np.uint64)
    points[:, 0] = random[:, -1]
    for level in range(levels):
        half = 1 << level
        points[:, half : 2 * half] = points[:, :half] ^ steps[:, level, None]
    return unit_interval(points[:, :each].T.reshape(-1)[:replicates])


def _scrambled(dimension: int, levels: int, random: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Columns of the generator matrix times the random matrix of each scramble. Shape (8, levels)."""
    places = np.arange(levels, dtype=np.uint64)
    # Column b of the random matrix: a 1 at digit b, random digits below it.
    ones = np.uint64(1) << (np.uint64(_DIGITS - 1) - places)
    columns = (random[:, :levels] & (ones - np.uint64(1))) | ones
    chosen = np.where(_digits(dimension, levels), columns[:, None, :], np.uint64(0))
    return np.asarray(np.bitwise_xor.reduce(chosen, axis=2), dtype=np.uint64)


@lru_cache(maxsize=DIMENSIONS)
def _digits(dimension: int, levels: int) -> NDArray[np.bool_]:
    """Digit b, from the point on, of direction number j, which has j + 1 digits. Shape (levels, levels)."""
    numbers = direction_numbers(dimension, levels)
    rows = [[j >= b and number >> (j - b) & 1 for b in range(levels)] for j, number in enumerate(numbers)]
    return np.array(rows, dtype=bool).reshape(levels, levels)
