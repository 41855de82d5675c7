"""Aliases of array types, so that signatures read ``Array`` instead of a dtype, and sums of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers, usually one per replicate."""
Counts = NDArray[np.int64]
"""Whole numbers of accounts or people."""


def cumulated(values: Array) -> Array:
    """Return the sums of all rows up to each row.

    Parameters
    ----------
    values
        Shape (T, R).

    Returns
    -------
    Same shape.

    Examples
    --------
    >>> cumulated(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [4.0, 6.0]]
    """
    sums = values.copy()
    # Row by row, which takes a tenth of the time of a cumulated sum down the columns.
    for place in range(1, len(sums)):
        sums[place] += sums[place - 1]
    return sums


def total(arrays: Sequence[Array]) -> Array:
    """Return the sum of some arrays, added in their order.

    Parameters
    ----------
    arrays
        At least one. Shape (R,) or (1,) each.

    Returns
    -------
    Shape (R,) or (1,); the array itself if it is the only one.
    """
    if len(arrays) == 1:
        return arrays[0]
    summed = arrays[0] + arrays[1]
    for array in arrays[2:]:
        summed = np.add(summed, array, out=summed) if summed.shape >= array.shape else summed + array
    return summed
