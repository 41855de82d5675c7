"""Points at which a function of uniform numbers is evaluated, and what is estimated from its values.

*Variance-based* (Sobol): two samples A and B of one scrambled Sobol sequence, and for every column the sample
A with this column of B. First order by Saltelli et al. (2010), total order by Jansen (1999), intervals by
bootstrap over the rows. *Screening* (Morris 1991): trajectories on a grid of four levels that change one
column a step.

SciPy has the first (``scipy.stats.sobol_indices``), but with intervals from another bootstrap, and not the
second. Points and random choices are those of SALib 1.5 with the same seed, which the first versions used:
a printed table does not move. A test compares both.

Not here: the function that is studied (``indices``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breach_sim.engine.draws.streams import numpy_generator
from breach_sim.formatting.arrays import Array

RESAMPLES = 100
"""Bootstrap samples behind an interval."""
_Z = 1.959963984540054
_LEVELS = 4
_STEP = _LEVELS / (2.0 * (_LEVELS - 1))
"""A step of a trajectory, in widths of the grid."""
_NO_VARIANCE = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class Indices:
    """Indices of every column.

    Parameters
    ----------
    first, total
        First and total order. Shape (d,). [share of the variance]
    first_95, total_95
        Half-widths of their 95 % intervals. Shape (d,).
    """

    first: Array
    first_95: Array
    total: Array
    total_95: Array


def sobol_points(columns: int, base: int, seed: int) -> Array:
    """Return the points of a variance-based analysis.

    Parameters
    ----------
    columns
        Number of independent uniform numbers, d. [1, 10_000]
    base
        Size of the base sample, a power of two.
    seed
        Seed of the scramble. [1, 2**31)

    Returns
    -------
    Shape (base * (d + 2), d). [0, 1). For each base point: A, A with one column of B at a time, B.
    """
    from scipy.stats import qmc

    both = qmc.Sobol(d=2 * columns, scramble=True, seed=seed).random(base)
    a, b = both[:, :columns], both[:, columns:]
    points = np.repeat(a[:, None, :], columns + 2, axis=1)
    own = np.arange(columns)
    points[:, own + 1, own] = b
    points[:, -1] = b
    return points.reshape(base * (columns + 2), columns)


def sobol_estimates(values: Array, columns: int, seed: int) -> Indices:
    """Estimate first and total order.

    Parameters
    ----------
    values
        Values at the points of `sobol_points`, in that order. Shape (base * (d + 2),).
    columns
        Number of columns, d.
    seed
        Seed of the bootstrap. [1, 2**31)

    Returns
    -------
    Indices; zero where the values do not vary.
    """
    if np.ptp(values) == 0:
        return Indices(*(np.zeros(columns) for _ in range(4)))
    # Centered: the estimates are biased otherwise.
    table = ((values - values.mean()) / values.std()).reshape(-1, columns + 2)
    a, b = table[:, 0], table[:, -1]
    rows = numpy_generator(seed).integers(len(table), size=(len(table), RESAMPLES))
    a_again, b_again = a[rows], b[rows]
    variance, variance_again = _variance(a, b), _variance(a_again, b_again)
    result = np.zeros((4, columns))
    for number in range(columns):
        mixed = table[:, number + 1]
        mixed_again = mixed[rows]
        result[0, number] = _share(_first(a, b, mixed), variance)
        result[1, number] = _half(_share(_first(a_again, b_again, mixed_again), variance_again))
        result[2, number] = _share(_total(a, mixed), variance)
        result[3, number] = _half(_share(_total(a_again, mixed_again), variance_again))
    return Indices(*result)


def _variance(a: Array, b: Array) -> Array:
    return np.asarray(np.var(np.r_[a, b], axis=0))


def _first(a: Array, b: Array, mixed: Array) -> Array:
    """Variance of the conditional mean (Saltelli et al. 2010)."""
    return np.asarray(np.mean(b * (mixed - a), axis=0))


def _total(a: Array, mixed: Array) -> Array:
    """Mean of the conditional variance (Jansen 1999)."""
    return np.asarray(0.5 * np.mean((a - mixed) ** 2, axis=0))


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > _NO_VARIANCE)


def _half(resampled: Array) -> float:
    return float(_Z * resampled.std(ddof=1))


def morris_points(columns: int, trajectories: int, seed: int, low: float, high: float) -> Array:
    """Return the points of a screening.

    Parameters
    ----------
    columns
        Number of columns, d. [2, 10_000]
    trajectories
        Number of trajectories, T.
    seed
        Seed of the trajectories. [1, 2**31)
    low, high
        Ends of the grid of every column. [0, 1]

    Returns
    -------
    Shape (T * (d + 1), d). Each point of a trajectory differs from the one before in one column.
    """
    random = numpy_generator(seed)
    grid = np.linspace(0, 1 - _STEP, _LEVELS // 2)
    before = np.tril(np.ones((columns + 1, columns), dtype=int), -1)
    points = np.empty((trajectories, columns + 1, columns))
    for number in range(trajectories):
        order = np.eye(columns)
        random.shuffle(order)
        up_or_down = random.choice([-1, 1], columns)
        start = random.choice(grid, columns)
        moved = (2.0 * before @ order.T - 1.0) * up_or_down
        points[number] = start + _STEP / 2.0 * (moved + 1.0)
    return points.reshape(-1, columns) * (high - low) + low


def morris_effects(points: Array, values: Array) -> Array:
    """Return the mean size of the elementary effects of every column (mu*).

    Parameters
    ----------
    points
        Points of `morris_points`. Shape (T * (d + 1), d).
    values
        Values there. Shape (T * (d + 1),).

    Returns
    -------
    Shape (d,). [unit of the values, over the width of the grid]
    """
    columns = points.shape[1]
    steps = np.diff(points.reshape(-1, columns + 1, columns), axis=1) != 0
    sizes = np.abs(np.diff(values.reshape(-1, columns + 1), axis=1)) / _STEP
    return np.asarray(np.einsum("tsc,ts->ct", steps, sizes).mean(axis=1))
