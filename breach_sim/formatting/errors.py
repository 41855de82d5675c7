"""Standard errors of means and quantiles, for plain draws and for scrambles of a sequence.

Replicates are either *plain*, that is independent of each other, or they belong to a few independent
**scrambles** of one low-discrepancy sequence. Replicates of one scramble depend on each other, and only whole
scrambles can be compared: the spread of the scrambles' estimates, over the root of their number, is the
error of the pooled estimate.

With eight scrambles a standard deviation has 7 degrees of freedom. Its average falls short of the true one by
the factor c4 = 0.965; the functions here divide by it, so that an error is right on average over seeds. A
single one still has a relative standard deviation of 27 %. The 90 % interval of a mean is therefore
mean +- 1.83 errors, not 1.645 (t with 7 degrees of freedom, times c4).

Not here: how many digits an error leaves (``digits``).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

T_95 = 1.829
"""A 90 % interval reaches so many errors to either side, if they come from eight scrambles."""
WIDE = 10.0
"""Half width of the window of order statistics that matter, in binomial standard deviations of the rank."""
ROUNDING = 1e-14
"""Draws that differ by less, relative to the largest, are equal; an error that is less is none."""
WHOLE = 2_000
"""Up to this many draws the window is all of them."""


def mean_error(values: NDArray[Any], scramble: NDArray[np.int64] | None = None) -> float:
    """Return the standard error of a mean.

    Parameters
    ----------
    values
        One value a replicate. Shape (R,).
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    Unit of the values. Infinite for one replicate, or for one scramble.

    Notes
    -----
    Plain draws: their standard deviation over the root of R. Scrambles: the standard deviation of their k
    means, over c4(k) and the root of k.

    Examples
    --------
    >>> mean_error(np.array([1.0, 3.0]))
    1.0
    >>> mean_error(np.array([1.0, 3.0, 1.0, 3.0]), np.array([0, 1, 0, 1])).__round__(3)
    1.253
    """
    sample = np.asarray(values, dtype=np.float64)
    number = np.ones(len(sample)) if scramble is None else np.bincount(scramble)
    if np.count_nonzero(number) < 2:  # noqa: PLR2004 - one value, or one scramble, has no spread
        return math.inf
    if np.ptp(sample) <= ROUNDING * np.abs(sample).max():
        return 0.0
    if scramble is None:
        return float(sample.std(ddof=1)) / math.sqrt(len(sample))
    sums = np.bincount(scramble, weights=sample - sample[:1])
    return _of_scrambles(sums[number > 0] / number[number > 0])


def quantile_error(
    values: NDArray[Any],
    level: float,
    scramble: NDArray[np.int64] | None = None,
    at: float | None = None,
) -> float:
    """Return the standard error of an empirical quantile.

    Parameters
    ----------
    values
        One drawn value a replicate, luck included; sorted or not for plain draws. Shape (R,).
    level
        Level of the quantile. (0, 1)
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.
    at
        The quantile, where it is known already.

    Returns
    -------
    Unit of the values. Infinite for one replicate, or for one scramble.

    Notes
    -----
    The rank of the true quantile among the draws is uncertain; the error is the standard deviation of the
    order statistics over this uncertainty (Maritz and Jarrett 1978). For plain draws the rank is that of R
    independent draws. For scrambles it is that of as many independent draws as give the share of values
    below the quantile the error that it has between the scrambles. Whole numbers of accounts are why the
    error is not the spread of the scrambles' quantiles: a pooled quantile is one of two neighboring whole
    numbers and does not average. Where values are dense, both agree.
    """
    sample = np.asarray(values, dtype=np.float64)
    number = len(sample)
    if number < 2:  # noqa: PLR2004 - one draw has no spread
        return math.inf
    reach = rank_error(sample, level, scramble, at)
    if reach == 0.0 or not math.isfinite(reach):
        return reach
    equivalent = max(level * (1.0 - level) * (number / reach) ** 2, 2.0)
    first, weights = _rank_weights(number, level, equivalent)
    last = first + len(weights) - 1
    near = np.sort(np.partition(sample, (first, last))[first : last + 1])
    largest = max(abs(near[0]), abs(near[-1]))
    # Differences from the mean are squared, not the values: squares of large numbers lose small differences.
    near = near - near[len(near) // 2]
    error = math.sqrt(float(weights @ (near - float(weights @ near)) ** 2))
    return 0.0 if error <= ROUNDING * largest else error


def rank_error(
    values: NDArray[Any],
    level: float,
    scramble: NDArray[np.int64] | None = None,
    at: float | None = None,
) -> float:
    """Return the standard error of the rank that the true quantile has among the values.

    Parameters
    ----------
    values, level, scramble, at
        As for :func:`quantile_error`.

    Returns
    -------
    sqrt(R p (1 - p)) for plain draws; for scrambles R times the standard error of the share of values below
    the quantile. [ranks]

    Examples
    --------
    >>> rank_error(np.arange(100.0), 0.5)
    5.0
    """
    sample = np.asarray(values, dtype=np.float64)
    if scramble is None:
        return math.sqrt(len(sample) * level * (1.0 - level))
    at = float(np.quantile(sample, level)) if at is None else at
    # Ties make two shares of one: those below, and those not above. Their variances are averaged.
    below, not_above = (
        mean_error(inside.astype(np.float64), scramble) for inside in (sample < at, sample <= at)
    )
    return len(sample) * math.sqrt((below**2 + not_above**2) / 2.0)


@lru_cache(maxsize=64)
def _rank_weights(number: int, level: float, equivalent: float) -> tuple[int, NDArray[np.float64]]:
    """Rank of the first order statistic that matters, and the probability that each is the quantile.

    Each is a difference of the tail in which it lies. The distribution function is close to 1 in the upper
    tail, where its differences would be rounding.
    """
    from scipy.special import betainc

    spread = math.sqrt(level * (1.0 - level) / equivalent) * number
    first, last = 0, number - 1
    if number > WHOLE:
        first = max(0, math.floor(number * level - WIDE * spread) - 1)
        last = min(number - 1, math.ceil(number * level + WIDE * spread) + 1)
    ranks = np.arange(first, last + 2)
    below, above = (equivalent + 1.0) * level, (equivalent + 1.0) * (1.0 - level)
    turn = int(np.searchsorted(ranks, number * level))
    # Not betaincc: where its result is next to 0 or 1, SciPy 1.14 in a browser returns no number.
    lower = betainc(below, above, ranks[:turn] / number)
    upper = betainc(above, below, (number - ranks[turn:]) / number)
    weights = np.concatenate([np.diff(lower), [1.0 - lower[-1] - upper[0]], -np.diff(upper)])
    weights /= weights.sum()
    weights.flags.writeable = False
    return first, weights


def _of_scrambles(estimates: NDArray[np.float64]) -> float:
    """Standard error of the mean of two or more independent estimates, right on average for normal ones."""
    number = len(estimates)
    shortfall = math.sqrt(2.0 / (number - 1)) * math.exp(
        math.lgamma(number / 2.0) - math.lgamma((number - 1) / 2.0)
    )
    return float(estimates.std(ddof=1)) / shortfall / math.sqrt(number)
