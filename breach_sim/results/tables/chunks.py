"""Replicates in chunks, which threads share. No result depends on either.

Not here: what is computed in a chunk (``by_month``, ``observed``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from breach_sim.formatting.arrays import Array

CHUNK, MOST_THREADS = 5_000, 4
"""Replicates of a timeline that are computed together, and the most threads that share the work."""


def in_chunks(replicates: int, compute: Callable[[slice], Array]) -> Iterator[tuple[slice, Array]]:
    """Compute an array for all replicates, some at a time, because arrays over months are large.

    Parameters
    ----------
    replicates
        R.
    compute
        Takes rows of replicates and returns the array of these rows.

    Yields
    ------
    Rows, in order, and their array.
    """
    starts = range(0, replicates, CHUNK)
    parts = [slice(start, min(start + CHUNK, replicates)) for start in starts]
    with ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        yield from zip(parts, pool.map(compute, parts), strict=True)
