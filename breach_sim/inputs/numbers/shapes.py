"""Distributions that a user may give beside PERT, lognormal and beta: quantiles and means.

*triangular* and *uniform* have their ends where they say. A *normal* is given by its quantiles at 5 % and
95 % and ends where its unit ends. *quantiles* are joined on the scale of normal scores: between two of them
the number (or its logarithm) is a straight line in the normal score, and beyond the outer ones the last line
goes on, so that three quantiles of a normal or a lognormal give it back. *samples* are equally likely.

Not here: the checks (``rules``, ``estimates``), and the PERT (``pert``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.quantiles import NORMAL_95

Points = tuple[tuple[float, float], ...]
"""Pairs of a probability in percent and a value."""
_FAR = 40.0
"""Normal score beyond which nothing is."""


def points_of(table: Mapping[str, float]) -> Points:
    """Return quantiles of a file, such as ``{ 5 = 1.0, 50 = 2.0, 95 = 7.0 }``.

    Parameters
    ----------
    table
        Values by probability in percent, as text.

    Returns
    -------
    By rising probability.

    Raises
    ------
    ValueError
        If a key is no number.
    """
    for percent in table:
        if not re.fullmatch(r"\d+(\.\d+)?", percent):
            raise ValueError(f"{shown(percent)} is no probability in percent; write {{ 5 = 1.0, 50 = 2.0 }}")
    return tuple(
        sorted(((float(percent), value) for percent, value in table.items()), key=lambda pair: pair[0])
    )


def triangular_quantile(low: float, mode: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of a triangular distribution.

    Parameters
    ----------
    low, mode, high
        Ends and mode, low < high.
    u
        Probabilities. Any shape. (0, 1)

    Returns
    -------
    Same shape.
    """
    width, place = high - low, (mode - low) / (high - low)
    left = low + width * np.sqrt(u * place)
    right = high - width * np.sqrt((1 - np.asarray(u)) * (1 - place))
    return np.where(np.asarray(u) < place, left, right)


def normal_points(low: float, high: float) -> Points:
    """Return a normal as two of its quantiles.

    Parameters
    ----------
    low, high
        Quantiles at 5 % and 95 %.

    Returns
    -------
    Two points.
    """
    return (5.0, low), (95.0, high)


def joined_quantile(
    points: Points, u: NDArray[np.float64], *, log: bool, limits: tuple[float, float]
) -> NDArray[np.float64]:
    """Return quantiles of a distribution of which some are given.

    Parameters
    ----------
    points
        At least two, rising.
    u
        Probabilities. Any shape. (0, 1)
    log
        Whether the logarithm is joined, and not the number.
    limits
        Lowest and highest value; what lies beyond is set to them.

    Returns
    -------
    Same shape.
    """
    from scipy.special import ndtri

    scores, slopes, values = _lines(points, log=log)
    wanted = ndtri(np.asarray(u))
    place = np.clip(np.searchsorted(scores, wanted, side="right") - 1, 0, len(slopes) - 1)
    found = values[place] + slopes[place] * (wanted - scores[place])
    return np.clip(np.exp(found) if log else found, *limits)


def joined_mean(points: Points, *, log: bool, limits: tuple[float, float]) -> float:
    """Return the mean of such a distribution, in closed form.

    Parameters
    ----------
    points, log, limits
        As for :func:`joined_quantile`.

    Returns
    -------
    In the unit of the values.
    """
    from scipy.special import ndtr

    scores, slopes, values = _lines(points, log=log)
    first, last = limits
    ends = [_transformed(first, log=log), _transformed(last, log=log)]
    starts = np.concatenate(([-_FAR], scores[1:-1]))
    stops = np.concatenate((scores[1:-1], [_FAR]))
    total = 0.0
    for start, stop, slope, value, score in zip(starts, stops, slopes, values[:-1], scores[:-1], strict=True):
        # The line meets the limits where its value is theirs; below and above it stays there.
        base = value - slope * score
        low, high = start, stop
        if slope > 0:
            low = min(max((ends[0] - base) / slope, start), stop)
            high = max(min((ends[1] - base) / slope, stop), low)
            total += first * float(ndtr(low) - ndtr(start))
            total += last * float(ndtr(stop) - ndtr(high)) if math.isfinite(last) else 0.0
        total += _piece(base, slope, low, high, log=log)
    return total


def _piece(base: float, slope: float, low: float, high: float, *, log: bool) -> float:
    """Integral of a line, or of its exponential, times the normal density between two scores."""
    from scipy.special import ndtr

    if log:
        return math.exp(base + slope**2 / 2) * float(ndtr(high - slope) - ndtr(low - slope))
    density = (math.exp(-(low**2) / 2) - math.exp(-(high**2) / 2)) / math.sqrt(2 * math.pi)
    return base * float(ndtr(high) - ndtr(low)) + slope * density


def _lines(
    points: Points, *, log: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Normal scores of the points, slopes between them, and their values or logarithms."""
    from scipy.special import ndtri

    scores = np.asarray(ndtri(np.array([percent / 100 for percent, _ in points])))
    values = np.array([_transformed(value, log=log) for _, value in points])
    return scores, np.diff(values) / np.diff(scores), values


def _transformed(value: float, *, log: bool) -> float:
    if not log:
        return value
    return math.log(value) if value > 0 else -math.inf


def sample_quantile(samples: Sequence[float], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of equally likely values.

    Parameters
    ----------
    samples
        At least two, in any order.
    u
        Probabilities. Any shape. (0, 1)

    Returns
    -------
    Same shape; each value for 1/n of the probabilities.
    """
    rising = np.sort(np.asarray(samples, dtype=np.float64))
    return rising[np.minimum((np.asarray(u) * len(rising)).astype(np.int64), len(rising) - 1)]


def normal_ends(mean: float, sd: float) -> tuple[float, float]:
    """Return the quantiles at 5 % and 95 % of a normal.

    Parameters
    ----------
    mean, sd
        Mean and standard deviation.

    Returns
    -------
    Low and high.
    """
    return mean - NORMAL_95 * sd, mean + NORMAL_95 * sd
