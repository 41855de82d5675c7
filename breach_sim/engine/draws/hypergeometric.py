"""A total spread over parts, as if each of its items were drawn from all of them without replacement.

The law is the multivariate hypergeometric (model page, 3). A random subset of a given size is made of coins
and corrections: every item is taken with the same chance, so that each part gives a binomial number; then, as
the sum has missed the total, some items are taken or given back, again a random subset, of a size near the
root of the first. When at most 16 items are missing, they are picked one by one. Given their number, coins
take every subset with the same probability, and so does every correction: nothing is approximated.

Not here: which totals are spread (``engine.counts``).
"""

from __future__ import annotations

import numpy as np

from breach_sim.engine.draws.binomial import binomial_quantile
from breach_sim.engine.draws.streams import unit_interval, words
from breach_sim.formatting.arrays import Array, Counts

FEW = 16
"""Most items that are picked one by one."""
STEP = 4
"""Replicates are asked for from a multiple of this number on: a generator makes as many words at once."""


def spread(total: Counts, sizes: Counts, name: tuple[str, ...], seed: int, first: int = 0) -> Counts:
    """Spread a total over parts, given their sizes.

    Parameters
    ----------
    total
        Items to be drawn, by replicate. Shape (R,). [0, sum of the sizes]
    sizes
        Items of each part. Shape (S, R). [0, 10**13]
    name
        First parts of the names of the random streams.
    seed
        Seed of the streams.
    first
        Number of the first replicate, a multiple of :data:`STEP`: replicates that are drawn apart are those
        that are drawn together.

    Returns
    -------
    Items of each part; they sum to the total. Shape (S, R). [0, size]
    """
    taken = np.zeros(sizes.shape, dtype=np.int64)
    step = 0
    while True:
        missing = total - taken.sum(axis=0)
        places = np.flatnonzero(np.abs(missing) > FEW)
        if not len(places):
            break
        chance = _uniforms(seed, (*name, f"coins {step}"), first, sizes.shape)[:, places]
        sign = np.sign(missing[places])
        left = np.where(sign > 0, (sizes - taken)[:, places], taken[:, places])
        drawn = binomial_quantile(chance, left, np.abs(missing[places]) / left.sum(axis=0))
        taken[:, places] += sign * drawn
        step += 1
    places = np.flatnonzero(missing)
    if len(places):
        sign = np.sign(missing[places])
        left = np.where(sign > 0, (sizes - taken)[:, places], taken[:, places])
        owners = picked(np.abs(missing[places]), left, name, seed, first, (len(total), places))
        for own in owners:
            some = np.flatnonzero(own >= 0)
            taken[own[some], places[some]] += sign[some]
    return taken


def picked(
    number: Counts,
    sizes: Counts,
    name: tuple[str, ...],
    seed: int,
    first: int = 0,
    among: tuple[int, Counts] | None = None,
) -> Counts:
    """Pick items one after the other, every one at most once.

    Parameters
    ----------
    number
        How many, by replicate. Shape (R,). [0, 16], and no more than there are
    sizes, name, seed, first
        As for :func:`spread`.
    among
        Number of replicates of which these are some, and their places among them; None if these are all.

    Returns
    -------
    The part of each item, in the order in which they were picked; -1 where no more are asked for. Shape
    (16, R).
    """
    count, places = (len(number), slice(None)) if among is None else among
    chance = _uniforms(seed, (*name, "picks"), first, (FEW, count))[:, places]
    ends = np.cumsum(sizes, axis=0)
    owners = np.full((FEW, len(number)), -1, dtype=np.int64)
    known = np.empty((FEW, len(number)), dtype=np.int64)
    for place in range(int(number.max(initial=0))):
        left = ends[-1] - place
        item = np.minimum((chance[place] * np.maximum(left, 0)).astype(np.int64), left - 1)
        # The item is the one of this rank among those that are left: it moves up by one for each that was
        # picked before and does not lie above it.
        for rank in range(place):
            item += item >= known[rank]
        owners[place] = np.where(place < number, _part(item, ends), -1)
        moved = item
        for rank in range(place):
            known[rank], moved = np.minimum(known[rank], moved), np.maximum(known[rank], moved)
        known[place] = moved
    return owners


def _part(item: Counts, ends: Counts) -> Counts:
    """Part in which an item lies: the first whose end is above it. Shape (R,)."""
    places = np.arange(len(item))
    low, high = np.zeros(len(item), dtype=np.int64), np.full(len(item), len(ends) - 1)
    for _ in range(len(ends).bit_length()):
        middle = (low + high) // 2
        above = ends[middle, places] > item
        high = np.where(above, middle, high)
        low = np.where(above, low, np.minimum(middle + 1, high))
    return high


def _uniforms(seed: int, name: tuple[str, ...], first: int, shape: tuple[int, int]) -> Array:
    """Uniform numbers of some replicates, each with its own rows of the stream. Shape (S, R)."""
    parts, size = shape
    return unit_interval(
        words(seed, *name, size=parts * size, skip=first * parts).reshape(size, parts).T >> np.uint64(11)
    )
