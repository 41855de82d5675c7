"""Quantiles of PERT and beta distributions: shape parameters, and a fast inverse.

Not here: the meaning of the numbers, and the choice of the distribution (``estimates``).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NORMAL_95 = 1.6448536269514722
"""Standard normal quantile at 95 %."""


def pert_shape(low: float, mode: float, high: float) -> tuple[float, float]:
    """Return the shape parameters of the beta distribution of a PERT.

    Parameters
    ----------
    low, mode, high
        Ends and mode, low < high.

    Returns
    -------
    Both parameters of the beta distribution on [0, 1], rescaled from [low, high]. [1, 5]
    """
    # Lambda is 4, the usual PERT: the mean is then (low + 4 mode + high) / 6, as in `Estimate.mean`.
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


@lru_cache(maxsize=512)
def beta_shape(low: float, high: float) -> tuple[float, float]:
    """Return the shape parameters of the beta distribution with a given central 90 % interval.

    Parameters
    ----------
    low, high
        Quantiles at 5 % and 95 %. (0, 1)

    Returns
    -------
    Both parameters.

    Raises
    ------
    ValueError
        If no beta distribution has this interval.
    """
    from scipy.optimize import least_squares
    from scipy.special import betainc, betaincc, ndtri

    # Misses are measured in standard normal scores: a probability of 1e-9 or 1e-12 is the same miss of 5 %,
    # so that a bad start would have no slope to follow. Logarithms keep both parameters positive.
    def miss(logs: NDArray[np.float64]) -> list[float]:
        a, b = np.exp(logs)
        below = ndtri(np.clip(betainc(a, b, low), 1e-300, 1)) + NORMAL_95
        above = ndtri(np.clip(betaincc(a, b, high), 1e-300, 1)) + NORMAL_95
        return [float(np.clip(below, -30, 30)), float(np.clip(above, -30, 30))]

    # The solver is local. The starts span a U shape (size below 1) to a narrow peak, with the mass in the
    # middle, at one end, or between on the scale of the logarithm; the first that meets both ends is taken.
    best = None
    for size in (0.5, 2.0, 10.0, 100.0, 1e4):
        for middle in (
            (low + high) / 2,
            low,
            high,
            math.sqrt(low * high),
            1 - math.sqrt((1 - low) * (1 - high)),
        ):
            start = np.log([max(middle * size, 1e-3), max((1 - middle) * size, 1e-3)])
            fit = least_squares(miss, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=400)
            best = fit if best is None or fit.cost < best.cost else best
            if best.cost < 1e-18:  # noqa: PLR2004 - both ends met to nine digits
                a, b = np.exp(best.x)
                return float(a), float(b)
    raise ValueError(
        f'no beta distribution was found with the 90 % interval {low} to {high}; use kind = "pert"'
    )


_STEP = 0.125
"""Distance of two entries of the table, in logit(u); error of the interpolation falls with its 4th power."""
_REACH = 38.0
"""Ends of the table in logit(u); a uniform draw of 53 bits lies within."""


@lru_cache(maxsize=1024)
def _logit_table(a: float, b: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """logit(x) and its slope at equal steps of logit(u), for the beta(a, b) quantile x of u."""
    from scipy.special import betaincinv, betaln

    # 1 - u and 1 - x lose all digits near 1. Above the median the table therefore takes the quantile of the
    # complement, which is a beta with the shape parameters exchanged.
    z = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    x = betaincinv(a, b, 1 / (1 + np.exp(-np.minimum(z, 0))))
    rest = betaincinv(b, a, 1 / (1 + np.exp(np.maximum(z, 0))))
    log_x = np.where(z <= 0, np.log(x), np.log1p(-rest))
    log_rest = np.where(z <= 0, np.log1p(-x), np.log(rest))
    # d logit(x)/dz = (dx/du)(du/dz) / (x (1 - x)), with dx/du = 1 / density = B(a, b) x^(1-a) (1-x)^(1-b)
    # and du/dz = u (1 - u): one exponential of a sum of logarithms, which cannot overflow on the way.
    log_du_dz = -np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z)))
    slope = np.exp(log_du_dz - a * log_x - b * log_rest + betaln(a, b))
    return log_x - log_rest, slope


def beta_quantile(a: float, b: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return beta quantiles, by cubic Hermite interpolation of logit(x) in logit(u).

    Parameters
    ----------
    a, b
        Shape parameters.
    u
        Probabilities. Any shape. (0, 1)

    Returns
    -------
    Same shape. Relative error below 1e-6. [0, 1]
    """
    # logit(x) is nearly a straight line in logit(u) at both ends, slopes 1/a and 1/b: few entries
    # serve the tails, where the quantile itself runs over many powers of ten.
    value, slope = _logit_table(a, b)
    position = (np.log(u) - np.log1p(-np.asarray(u)) + _REACH) / _STEP
    left = np.clip(position.astype(np.int64), 0, len(value) - 2)
    t = position - left  # in [0, 1] inside the table; beyond its ends the last cubic goes on
    rise = value[left + 1] - value[left]
    # Hermite's form as a chord plus a correction that is zero at both ends and gives each end its slope.
    one, two = slope[left] * _STEP - rise, rise - slope[left + 1] * _STEP
    logit = value[left] + t * rise + t * (1 - t) * ((1 - t) * one + t * two)
    return np.asarray(1 / (1 + np.exp(-logit)))
