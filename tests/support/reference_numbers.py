"""Uncertain numbers (section 8.1), for the slow twin: PERTs with hard and soft ends.

For agreement tests. An estimate is plain data, every number in its unit:

``low``, ``mode``, ``high``
    low <= mode <= high.
``scale``
    ``"linear"`` or ``"log"``; on the log scale all three are positive.
``status``, ``hard``
    ``"assumed"``, ``"cited"`` or ``"derived"``; ``hard`` is True, False or None (not said).
``unit_range``
    The (lowest, highest) value of the unit; default: any number.
``p_zero``
    The probability of exactly zero; default 0.

================== =====================================================================================
:func:`is_hard`    whether low and high are the ends themselves
:func:`ends`       the ends of the PERT on its scale
:func:`quantile`   the value at a uniform number
:func:`mean`       the mean of the value, by a sum over many quantiles
================== =====================================================================================

The quantiles of the beta law are those of SciPy; the ends are found by bisection.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

LAMBDA = 4.0
LOW_LEVEL, HIGH_LEVEL = 0.05, 0.95
"""Levels of low and high when the ends are soft."""
BISECTIONS = 200


def is_hard(estimate: Mapping[str, Any]) -> bool:
    """Tell whether low and high are the ends; if not said, they are unless the estimate is assumed."""
    hard = estimate.get("hard")
    return bool(hard) if hard is not None else estimate["status"] != "assumed"


def on_scale(estimate: Mapping[str, Any], value: float) -> float:
    """Return a number of the estimate on its scale."""
    return math.log(value) if estimate["scale"] == "log" else float(value)


def shape(place: float) -> tuple[float, float]:
    """Return the two shapes of the beta law of a PERT whose mode is at a place in [0, 1] between its ends."""
    return 1 + LAMBDA * place, 1 + LAMBDA * (1 - place)


def standard_quantile(place: float, level: float) -> float:
    """Return a quantile of a PERT between 0 and 1 with the mode at a place."""
    return float(stats.beta.ppf(level, *shape(place)))


def ends(estimate: Mapping[str, Any]) -> tuple[float, float]:
    """Return the ends of the PERT on its scale.

    With hard ends they are low and high. Otherwise low and high are the quantiles at 5 % and 95 % of a PERT
    with the same mode. The place t of the mode between the ends decides all else: the mode must lie between
    the two quantiles in the same proportion as it does between low and high,

        (t - q05(t)) / (q95(t) - q05(t)) = (mode - low) / (high - low),

    and the left side rises from below 0 to above 1 as t goes from 0 to 1.

    Parameters
    ----------
    estimate : mapping
        See the docstring of this module.

    Returns
    -------
    tuple of float
        The lower and the upper end: the number, or its logarithm.
    """
    low, mode, high = (on_scale(estimate, estimate[word]) for word in ("low", "mode", "high"))
    if not low <= mode <= high:
        raise ValueError(f"low <= mode <= high does not hold: {low}, {mode}, {high}")
    if is_hard(estimate) or low == high:
        return low, high
    wanted = (mode - low) / (high - low)
    left, right = 0.0, 1.0
    for _ in range(BISECTIONS):
        place = (left + right) / 2
        q_low, q_high = standard_quantile(place, LOW_LEVEL), standard_quantile(place, HIGH_LEVEL)
        if (place - q_low) / (q_high - q_low) < wanted:
            left = place
        else:
            right = place
        if right - left < 1e-16:
            break
    width = (high - low) / (q_high - q_low)
    return low - q_low * width, low + (1 - q_low) * width


def quantile(estimate: Mapping[str, Any], u: float) -> float:
    """Return the value of an estimate at a uniform number.

    Parameters
    ----------
    estimate : mapping
        See the docstring of this module.
    u : float
        In [0, 1].

    Returns
    -------
    float
        Zero if u < p_zero; otherwise the quantile of the rest, set to the end of the range of its unit if it
        lies beyond.
    """
    p_zero = estimate.get("p_zero", 0.0)
    if u < p_zero:
        return 0.0
    return quantile_of_rest(estimate, (u - p_zero) / (1 - p_zero) if p_zero < 1 else 1.0)


def quantile_of_rest(
    estimate: Mapping[str, Any], u: float, found: tuple[float, float] | None = None
) -> float:
    """Return the quantile of an estimate that is not zero by chance; `found` are its ends if known."""
    low, high = ends(estimate) if found is None else found
    if low == high:
        value = on_scale(estimate, estimate["mode"])
    else:
        place = (on_scale(estimate, estimate["mode"]) - low) / (high - low)
        value = low + (high - low) * standard_quantile(place, u)
    value = math.exp(value) if estimate["scale"] == "log" else value
    lowest, highest = estimate.get("unit_range", (-math.inf, math.inf))
    return float(min(max(value, lowest), highest))


def mean(estimate: Mapping[str, Any], points: int = 2_000) -> float:
    """Return the mean of an estimate, by the midpoints of `points` equal slices of the unit interval."""
    found = ends(estimate)
    levels = (np.arange(points) + 0.5) / points
    rest = float(np.mean([quantile_of_rest(estimate, float(u), found) for u in levels]))
    return float(1 - estimate.get("p_zero", 0.0)) * rest
