"""Ranks of breaches over shared draws, the probability that one is worse, and Kendall's tau of two orders.

The rank of a breach is one more than the number of breaches that are worse, so that equal breaches share a
rank. Rank intervals hold whole ranks that occur.

Not here: what is ranked (``harm``).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array, Counts

LOW, HIGH = 0.05, 0.95
"""Ends of the intervals."""


def ranks(values: Array) -> Counts:
    """Return the rank of each breach in each replicate.

    Parameters
    ----------
    values
        Harm. Shape (B, R), or (B,) for one order. [0, inf)

    Returns
    -------
    1 for the worst; 1 plus the number of worse ones for each. Same shape. [1, B]

    Examples
    --------
    >>> ranks(np.array([3.0, 7.0, 3.0, 0.0])).tolist()
    [2, 1, 2, 4]
    """
    columns = np.atleast_2d(values.T).T if values.ndim > 1 else values[:, None]
    found = np.empty(columns.shape, dtype=np.int64)
    for place in range(columns.shape[1]):
        own = columns[:, place]
        found[:, place] = 1 + len(own) - np.searchsorted(np.sort(own), own, side="right")
    return found.reshape(values.shape)


def intervals(found: Counts) -> NDArray[np.int64]:
    """Return the ranks between which each breach lies in 90 % of the replicates.

    Parameters
    ----------
    found
        Of :func:`ranks`. Shape (B, R).

    Returns
    -------
    Shape (B, 2). [1, B]
    """
    ends = np.quantile(found, (LOW, HIGH), axis=1, method="inverted_cdf")
    return np.asarray(ends.T, dtype=np.int64)


def worse(one: Array, other: Array) -> float:
    """Return the probability that one breach is worse than another, equal ones counting for half.

    Parameters
    ----------
    one, other
        Harm on shared draws. Shape (R,) each.

    Returns
    -------
    [0, 1]. The probabilities of a pair, one way and the other, sum to 1.

    Examples
    --------
    >>> worse(np.array([2.0, 5.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0, 2.0]))
    0.625
    """
    return float(np.mean(one > other) + np.mean(one == other) / 2)


def tau(one: Iterable[float], other: Iterable[float]) -> float | None:
    """Return Kendall's tau-b of two orders of the same breaches.

    Parameters
    ----------
    one, other
        A number for each breach.

    Returns
    -------
    1 for the same order, -1 for the reverse; ties are corrected for. None where an order has nothing to
    compare: fewer than two breaches, or all equal. [-1, 1]

    Examples
    --------
    >>> tau([1, 2, 3], [10, 20, 30]), tau([1, 2, 3], [3, 2, 1]), tau([1, 1], [1, 2])
    (1.0, -1.0, None)
    """
    from scipy.stats import kendalltau

    pair = np.asarray(list(one), dtype=np.float64), np.asarray(list(other), dtype=np.float64)
    if len(pair[0]) < 2 or any(np.ptp(each) == 0 for each in pair):  # noqa: PLR2004 - a pair
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(kendalltau(*pair).statistic)


def tau_over(values: Array, sizes: Array) -> tuple[float, float] | None:
    """Return the 90 % interval over replicates of Kendall's tau with an order that does not change.

    Parameters
    ----------
    values
        Harm. Shape (B, R).
    sizes
        The other order, such as numbers of accounts. Shape (B,).

    Returns
    -------
    Quantiles at 5 % and 95 %; None where there is nothing to compare. [-1, 1]
    """
    found = [own for own in (tau(column, sizes) for column in values.T) if own is not None]
    if not found:
        return None
    low, high = np.quantile(found, (LOW, HIGH))
    return float(low), float(high)
