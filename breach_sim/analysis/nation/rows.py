"""Weights of draws, and the posterior rows that are resampled with them.

Not here: likelihoods (``likelihood``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.posterior import STEPS, Posterior

ROWS = 4_000
"""Rows that are shipped."""
MOVES = 3.5
"""A parameter gets a column if its correlation with the likelihood is more than so many standard errors of
one that has nothing to do with it."""


def weights_of(log_likelihood: Array) -> Array:
    """Return weights that sum to 1.

    Parameters
    ----------
    log_likelihood
        Of each draw. Shape (R,). [-inf, inf)

    Returns
    -------
    Shape (R,). [0, 1]

    Raises
    ------
    ValueError
        If no draw is possible at all.
    """
    top = float(np.max(log_likelihood))
    if not np.isfinite(top):
        raise ValueError("every draw has likelihood 0; the priors and the data exclude each other: widen one")
    weights = np.exp(log_likelihood - top)
    return np.asarray(weights / weights.sum())


def effective_size(weights: Array) -> float:
    """Return the effective sample size, equation (39).

    Parameters
    ----------
    weights
        They sum to 1. Shape (R,)

    Returns
    -------
    [1, R]

    Examples
    --------
    >>> effective_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(1.0 / np.sum(weights**2))


def moved(levels: Mapping[str, Array], log_likelihood: Array) -> tuple[str, ...]:
    """Return the parameters that the data say something about, in alphabetical order.

    Parameters
    ----------
    levels
        Uniform numbers by name. Shape (R,) each.
    log_likelihood
        Of each draw. Shape (R,)

    Returns
    -------
    Names. The data leave the others as they are, and so their draws.
    """
    from scipy.stats import rankdata

    # Ranks see what moves all of a distribution; weights see what cuts off its end
    targets = (rankdata(log_likelihood), weights_of(log_likelihood))
    seen = [target for target in targets if np.ptp(target) > 0]
    bar = MOVES / np.sqrt(len(log_likelihood))
    ranks = {name: rankdata(own) for name, own in sorted(levels.items())}
    return tuple(
        name
        for name, own in ranks.items()
        if any(abs(float(np.corrcoef(own, target)[0, 1])) > bar for target in seen)
    )


def resampled(weights: Array, order: Array, rows: int = ROWS) -> NDArray[np.int64]:
    """Return draws in proportion to their weights, in the order of a quantity.

    Parameters
    ----------
    weights
        They sum to 1. Shape (R,)
    order
        Quantity by which neighbors shall be alike. Shape (R,)
    rows
        How many. [1, inf)

    Returns
    -------
    Numbers of draws, systematic: a draw of weight w comes floor(w rows) or one more times. Shape (rows,)

    Examples
    --------
    >>> resampled(np.array([0.5, 0.0, 0.5]), np.array([3.0, 2.0, 1.0]), 4).tolist()
    [2, 2, 0, 0]
    """
    sequence = np.argsort(order, kind="stable")
    edges = np.cumsum(weights[sequence])
    places = np.searchsorted(edges / edges[-1], (np.arange(rows) + 0.5) / rows, side="left")
    return np.asarray(sequence[np.minimum(places, len(sequence) - 1)], dtype=np.int64)


def posterior_of(
    names: tuple[str, ...], levels: Mapping[str, Array], chosen: NDArray[np.int64], digest: str
) -> Posterior:
    """Return the rows of chosen draws.

    Parameters
    ----------
    names
        Parameters with a column.
    levels
        Uniform numbers by name. Shape (R,) each. (0, 1)
    chosen
        Numbers of the draws, in order. Shape (rows,)
    digest
        Of the data that they were fitted to.

    Returns
    -------
    Rows of levels in 16 bits.
    """
    columns = [np.minimum((levels[name][chosen] * STEPS).astype(np.int64), STEPS - 1) for name in names]
    table = np.stack(columns, axis=1) if columns else np.zeros((len(chosen), 0), dtype=np.int64)
    return Posterior(names, table.astype(np.uint16), digest)
