"""Regret: what the bundle that is best on average falls short of the best one of each replicate.

Not here: the tables of losses (``tables``), and the choice (``choice``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.whatif.bundle.payments import Payments
from breach_sim.whatif.bundle.tables import REGRETS, Term, places, sums


def regret_of(terms: Sequence[Term], paid: Payments, afford: NDArray[np.bool_], best: int) -> Array:
    """Return what the chosen bundle falls short of the best one of each of the first replicates.

    Parameters
    ----------
    terms
        Losses by bundle, and what messages cost.
    paid
        Other costs.
    afford
        Bundles that may be chosen, by bit set. Shape (2**M,).
    best
        The chosen bundle. [bit set]

    Returns
    -------
    By replicate. Shape (200,) or less. [0, inf) [USD]

    Notes
    -----
    Bundles with a mitigation that cannot be worth its price in the replicate are left out: each is no better
    than the same bundle without it, and no cheaper. What is demanded, and what carries messages, stays.
    """
    regrets = []
    costs, always = paid.alone, {*paid.given, *paid.carriers}
    due, carried = (sum(1 << n for n in group) for group in (paid.given, {*paid.given, *paid.carriers}))
    within = [i for i in range(len(costs)) if afford[1 << i | due] or afford[1 << i | carried]]
    for r in range(min(REGRETS, costs.shape[1])):
        tables = [(term.touching, term.first[:, r]) for term in terms]
        able = _able(tables, costs[:, r], sorted({*within, *always}), always)
        kept = sorted({*able, *_members(best)})
        bundles = np.zeros(1, dtype=np.int64)
        for number in kept:
            bundles = np.concatenate([bundles, bundles | 1 << number])
        net = -sums(costs[kept, r][:, None])[:, 0]
        for touching, lost in tables:
            net += lost[0] - lost[places(touching, kept)]
        regrets.append(net[afford[bundles]].max() - net[np.searchsorted(bundles, best)])
    return np.asarray(regrets)


def _members(bits: int) -> list[int]:
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def _able(
    tables: Sequence[tuple[tuple[int, ...], Array]], costs: Array, able: list[int], always: set[int]
) -> list[int]:
    """Mitigations that avert more than they cost in some bundle of mitigations that do.

    What a mitigation averts beside any others is at most the sum, over tables, of the most that it takes off
    an entry. One that cannot reach its cost leaves every table, which lowers what others can reach.
    """
    parts = [_without(table, touching, set(touching) - set(able)) for touching, table in tables]
    while True:
        most = {n: sum(_most(*part, n) for part in parts if n in part[0]) for n in able}
        idle = {number for number, averted in most.items() if averted <= costs[number]} - always
        if not idle:
            return able
        able = [number for number in able if number not in idle]
        parts = [_without(table, touching, idle) for touching, table in parts]


def _most(touching: tuple[int, ...], table: Array, number: int) -> float:
    """The most that one mitigation takes off an entry of a table."""
    halves = table.reshape(-1, 2, 1 << touching.index(number))
    return float((halves[:, 0] - halves[:, 1]).max())


def _without(table: Array, touching: tuple[int, ...], gone: set[int]) -> tuple[tuple[int, ...], Array]:
    """A table of the bundles without some mitigations."""
    rest = tuple(number for number in touching if number not in gone)
    return rest, table[places(touching, rest)]
