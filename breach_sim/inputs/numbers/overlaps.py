"""How several breaches share the persons of one universe: bounds of an overlap, and the membership table.

The table gives, for each set T of breaches, the share m_T of the universe that is in exactly the breaches of
T. It keeps the size of every breach and the overlap of every pair, and among such tables it is the closest to
independence (docs/model.md, section 7.1). All functions are pure and work on all replicates at once.

Not here: who names the breaches and their overlaps (``membership``), and the cells (``catalog.unions``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from breach_sim.formatting.arrays import Array

MAX_ROUNDS = 20_000
"""Most rounds of the fit."""
TOLERANCE = 1e-13
"""Largest error of a share at which the fit ends."""
AT_THE_EDGE = 1e-6
"""Error that is left at most where a set that no pair empties is empty; the fit is slow there."""
_EMPTY = 5e-14
"""Share below which a set is empty by rounding; below the tolerance, so that the fit can end."""


def bounds(n_a: float, n_b: float, universe: float) -> tuple[float, float]:
    """Return the Fréchet bounds of the overlap of two breaches.

    Parameters
    ----------
    n_a, n_b
        Accounts of the two. (0, universe]
    universe
        Persons.

    Returns
    -------
    Lowest and highest share of the smaller breach that is in the larger one too. [0, 1]

    Examples
    --------
    >>> bounds(600, 600, 1000)
    (0.3333333333333333, 1.0)
    """
    # Equation (26): if both do not fit into the universe beside each other, some persons are in both.
    return max(0.0, n_a + n_b - universe) / min(n_a, n_b), 1.0


def independent(n_a: float, n_b: float, universe: float) -> float:
    """Return the overlap of two independent breaches.

    Parameters
    ----------
    n_a, n_b, universe
        As for :func:`bounds`.

    Returns
    -------
    Share of the smaller breach that is in the larger one too: the share of the universe in the larger. [0, 1]
    """
    return max(n_a, n_b) / universe


def membership_table(
    sizes: Sequence[float], universe: float, overlaps: Mapping[tuple[int, int], Array] | None = None
) -> Array:
    """Return the share of the universe that is in exactly the breaches of every set.

    Parameters
    ----------
    sizes
        Accounts of each breach, at most ``universe``. Shape (k,).
    universe
        Persons.
    overlaps
        By pair of places (i, j) with i < j: share of the smaller breach that is in the larger one too. Values
        beyond the bounds are set to the bound. A pair that is missing is independent. Shape (R,) or (1,).

    Returns
    -------
    Shares, which sum to one in every replicate. Row T is the set of breaches whose bits are set in T. Shape
    (2**k, R), or (2**k, 1) if no overlap is uncertain.

    Raises
    ------
    ValueError
        If no table has these overlaps.

    Examples
    --------
    >>> membership_table([3, 5], 10, {(0, 1): np.array([0.8])})[:, 0].round(2).tolist()
    [0.44, 0.06, 0.26, 0.24]
    """
    shares = [n / universe for n in sizes]
    width = max((len(np.atleast_1d(given)) for given in (overlaps or {}).values()), default=1)
    table = _product(shares)[:, None] * np.ones(width)
    if not overlaps:
        return table
    pairs = {}
    for i, j in combinations(range(len(sizes)), 2):
        low, high = bounds(sizes[i], sizes[j], universe)
        given = overlaps.get((i, j), np.array([independent(sizes[i], sizes[j], universe)]))
        both = np.clip(given, low, high) * min(shares[i], shares[j])
        pairs[i, j] = np.broadcast_to(both, (width,))
    _trim(table, shares, pairs)
    return _fitted(table, shares, pairs)


def _product(shares: Sequence[float]) -> Array:
    """The table of independent breaches. Shape (2**k,)."""
    table = np.ones(1)
    for share in shares:
        # One more breach is one more bit: the sets without it, then those with it.
        table = np.concatenate([table * (1.0 - share), table * share])
    return table


def _trim(table: Array, shares: Sequence[float], pairs: Mapping[tuple[int, int], Array]) -> None:
    """Empty the sets that three breaches leave no choice about, in place; refuse what they cannot have.

    Both would be found by the fit alone, but slowly: near an empty set each round moves it less.
    """
    sets = np.arange(len(table))
    for places in combinations(range(len(shares)), 3):
        i, j, k = places
        ij, ik, jk = pairs[i, j], pairs[i, k], pairs[j, k]
        # How many persons are at least, and at most, in all three.
        inside = (ij + ik - shares[i], ij + jk - shares[j], ik + jk - shares[k])
        least = np.maximum.reduce([np.zeros_like(ij), *inside])
        none = 1.0 - shares[i] - shares[j] - shares[k] + ij + ik + jk
        most = np.minimum.reduce([ij, ik, jk, none])
        wrong = int((least > most + AT_THE_EDGE).sum())
        if wrong:
            raise ValueError(_impossible(wrong, len(ij)))
        margins = {0b111: least, 0b011: ij - least, 0b101: ik - least, 0b110: jk - least, 0: none - least}
        margins |= {1 << n: least - part for n, part in enumerate(inside)}
        own = np.zeros_like(sets)
        for n, place in enumerate(places):
            own |= (sets >> place & 1) << n
        for inside_set, margin in margins.items():
            empty = (most - least < _EMPTY) & (margin < _EMPTY)
            table[np.ix_(own == inside_set, empty)] = 0.0


def _impossible(wrong: int, size: int) -> str:
    return (
        f"no persons can have these overlaps together: in {wrong:,} of {size:,} replicates no table has all "
        "of them, although each lies in its bounds; leave one out, or take one nearer to its independent "
        "value"
    )


def _fitted(table: Array, shares: Sequence[float], pairs: Mapping[tuple[int, int], Array]) -> Array:
    """The table with the given overlaps, by iterative proportional fitting of every pair."""
    found = table.copy()
    rows = np.arange(table.shape[1])
    moved = np.zeros(table.shape[1])
    for _ in range(MAX_ROUNDS):
        own, moved = found[:, rows], np.zeros(len(rows))
        for (i, j), both in pairs.items():
            own, error = _scaled(own, (i, j), (shares[i], shares[j]), both[rows])
            moved = np.maximum(moved, error)
        found[:, rows] = own
        rows, moved = rows[moved >= TOLERANCE], moved[moved >= TOLERANCE]
        # Two breaches are exact after one round; the second round only confirms it.
        if not len(rows):
            return found
    if np.all(moved < AT_THE_EDGE):
        return found
    raise ValueError(_impossible(len(rows), found.shape[1]))


def _scaled(
    table: Array, pair: tuple[int, int], shares: tuple[float, float], both: Array
) -> tuple[Array, Array]:
    """The table with the four margins of a pair set to their targets, and the largest error before."""
    sets = np.arange(len(table))
    with_i, with_j = sets >> pair[0] & 1 == 1, sets >> pair[1] & 1 == 1
    targets = (
        (with_i & with_j, both),
        (with_i & ~with_j, shares[0] - both),
        (~with_i & with_j, shares[1] - both),
        (~with_i & ~with_j, 1.0 - shares[0] - shares[1] + both),
    )
    error = np.zeros(table.shape[1])
    scaled = np.empty_like(table)
    for inside, target in targets:
        wanted = np.maximum(target, 0.0)  # at a bound, rounding can leave a margin slightly below zero
        margin = table[inside].sum(axis=0)
        error = np.maximum(error, np.abs(wanted - margin))
        factor = np.where(margin > 0, wanted / np.where(margin > 0, margin, 1.0), 0.0)
        scaled[inside] = table[inside] * factor
    return scaled, error
