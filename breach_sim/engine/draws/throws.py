"""Many binomial counts at once: what several segments ask for at the same time is drawn together.

A *drawing* is a generator of counts. It yields a list of throws, gets their counts back, and returns what it
made of them. Drawings side by side go in step, so that a round of short arrays is one long one. Each row of a
throw reads the stream of its own name; a count is the same whatever is drawn beside it. A drawing can be gone
through again by parts, each count given that of the whole.

Not here: which counts are drawn (``engine.counts``), one count (``binomial``), and a count spread over parts
(``hypergeometric``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from breach_sim.engine.draws.binomial import CHUNK, binomial_quantile
from breach_sim.engine.draws.hypergeometric import spread
from breach_sim.engine.draws.streams import unit_interval, words
from breach_sim.formatting.arrays import Array, Counts

MOST_THREADS = 4
"""Most threads that share the drawing of counts and losses."""
MANY = 1 << 13
"""Length of the arrays of one piece of work from which on threads are worth their cost."""
Item = TypeVar("Item")
Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Throw:
    """Binomial counts with one law, in one segment or in several.

    Parameters
    ----------
    streams
        Name of the stream of each segment. S names.
    number
        Number of trials. Shape (S, R). [0, 10**13]
    chance
        Probability of each trial, as :func:`ratio` gives it. Shape (R,) or (1,). [0, 1]
    """

    streams: Sequence[tuple[str, ...]]
    number: Counts
    chance: Array


Drawing = Generator[list[Throw], list[Counts], Drawn]


def ratio(part: Array, whole: Array | float = 1.0) -> Array:
    """Return the chance of a count that is drawn inside another.

    Parameters
    ----------
    part, whole
        Probabilities, of which the second contains the first. Shape (R,) or (1,) each, or a number.

    Returns
    -------
    part / whole, kept in [0, 1]; 0 where the whole is 0. Shape (R,) or (1,).
    """
    part, whole = np.asarray(part), np.asarray(whole)
    # Equation (17). Rounding can take the ratio of two probabilities slightly outside [0, 1].
    chance = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    np.divide(part, whole, out=chance, where=whole > 0)
    return np.minimum(np.maximum(chance, 0.0, out=chance), 1.0, out=chance)


def draw(drawings: Sequence[Drawing[Drawn]], seed: int) -> list[Drawn]:
    """Return what drawings make of their counts, going through all of them in step.

    Parameters
    ----------
    drawings
        Generators that have not begun.
    seed
        Seed of the streams.

    Returns
    -------
    One result for each drawing.
    """
    results: dict[int, Drawn] = {}
    counts: dict[int, list[Counts] | None] = dict.fromkeys(range(len(drawings)))
    while counts:
        asked: dict[int, list[Throw]] = {}
        for place, own in counts.items():
            try:
                asked[place] = next(drawings[place]) if own is None else drawings[place].send(own)
            except StopIteration as end:
                results[place] = end.value
        drawn = iter(counts_of([throw for throws in asked.values() for throw in throws], seed))
        counts = {place: [next(drawn) for _ in throws] for place, throws in asked.items()}
    return [results[place] for place in range(len(drawings))]


def drawn_in(drawing: Drawing[Drawn], seed: int) -> list[list[Counts]]:
    """Return every count of a drawing, round by round.

    Parameters
    ----------
    drawing
        A generator that has not begun.
    seed
        Seed of the streams.

    Returns
    -------
    Shape (S, R) for each throw.
    """
    found: list[list[Counts]] = []
    try:
        throws = next(drawing)
        while True:
            found.append(counts_of(throws, seed))
            throws = drawing.send(found[-1])
    except StopIteration:
        return found


def spread_over(
    drawing: Drawing[Drawn], wholes: Sequence[Sequence[Counts]], place: tuple[str, ...], seed: int, first: int
) -> Drawn:
    """Return what a drawing by parts makes of counts that are known in all.

    Parameters
    ----------
    drawing
        A generator that has not begun, whose throws have one row for each part.
    wholes
        Counts of the same throws over all parts, round by round, of the same replicates. Shape (R,) each.
    place
        First parts of the names of the random streams; the last part is that of the throw.
    seed, first
        As for :func:`~breach_sim.engine.draws.hypergeometric.spread`.

    Returns
    -------
    Its result.
    """
    try:
        throws = next(drawing)
        for own in wholes:
            counts = [
                spread(whole, throw.number, (*place, throw.streams[0][-1]), seed, first)
                for throw, whole in zip(throws, own, strict=True)
            ]
            throws = drawing.send(counts)
    except StopIteration as end:
        result: Drawn = end.value
        return result
    raise RuntimeError("the whole was drawn in fewer rounds than its parts")


def counts_of(throws: Sequence[Throw], seed: int) -> list[Counts]:
    """Return the counts of throws that do not depend on each other.

    Parameters
    ----------
    throws
        With the same number of replicates R.
    seed
        Seed of the streams.

    Returns
    -------
    Shape (S, R) for each throw. [0, number]
    """
    found, rows = [], []
    for throw in throws:
        size = throw.number.shape[1]
        if not throw.chance.any():
            found.append(np.zeros_like(throw.number))
        elif throw.chance.min() == 1.0:
            found.append(throw.number)
        else:
            counts = np.zeros_like(throw.number)
            rows += [
                (throw, place, counts[place]) for place in np.flatnonzero(throw.number.any(axis=1)).tolist()
            ]
            found.append(counts)
    if rows:
        each = max(1, CHUNK // size)
        parts = [rows[first : first + each] for first in range(0, len(rows), each)]
        side_by_side(lambda part: _fill(part, seed, size), parts, each * size)
    return found


def _fill(rows: Sequence[tuple[Throw, int, Counts]], seed: int, size: int) -> None:
    """Draw the counts of some rows, each a throw, its segment, and where the counts go."""
    digits = np.empty((len(rows), size), dtype=np.uint64)
    number = np.empty(digits.shape, dtype=np.int64)
    chance = np.empty(digits.shape)
    for row, (throw, place, _) in enumerate(rows):
        digits[row] = words(seed, *throw.streams[place], size=size)
        number[row], chance[row] = throw.number[place], throw.chance
    digits >>= np.uint64(11)
    counts = binomial_quantile(unit_interval(digits), number, chance)
    for (_, _, into), drawn in zip(rows, counts, strict=True):
        into[:] = drawn


def side_by_side(work: Callable[[Item], Drawn], items: Sequence[Item], length: int) -> list[Drawn]:
    """Return results for all items. Threads share the work: each draws from streams of its own names.

    Parameters
    ----------
    work
        What is done with an item.
    items
        Any number.
    length
        Numbers in the arrays of an item. With short arrays threads would only wait for each other, and are
        not used.

    Returns
    -------
    One result for each item, in order.
    """
    if length < MANY or len(items) == 1 or (os.cpu_count() or 1) == 1:
        return [work(item) for item in items]
    return list(_pool().map(work, items))


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    """Threads of the whole process: a run has many short rounds, and a start takes as long as one."""
    return ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1))


if hasattr(os, "register_at_fork"):
    # A forked process has no threads but its own.
    os.register_at_fork(after_in_child=_pool.cache_clear)
