"""Replicates in chunks, which threads share. No result depends on either.

Not here: what is computed in a chunk (``walk``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")

CHUNK, MOST_THREADS = 4_096, 4
"""Replicates of a timeline that are computed together, and the most threads that share the work."""


def in_chunks(replicates: int, compute: Callable[[slice], Made]) -> Iterator[tuple[slice, Made]]:
    """Compute arrays for all replicates, some at a time, because arrays over months are large.

    Parameters
    ----------
    replicates
        R.
    compute
        Takes rows of replicates and returns what belongs to these rows.

    Yields
    ------
    Rows, in order, and what belongs to them.
    """
    starts = range(0, replicates, CHUNK)
    parts = [slice(start, min(start + CHUNK, replicates)) for start in starts]
    threads = min(MOST_THREADS, os.cpu_count() or 1, len(parts))
    if threads <= 1:  # a browser has one core and no threads
        yield from ((part, compute(part)) for part in parts)
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from zip(parts, pool.map(compute, parts), strict=True)
