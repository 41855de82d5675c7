"""Speed of the law: ``python benchmarks/law_speed.py``, in this checkout or in one of the first version.

Printed are seconds, the median of three runs after one that is not counted, with default replicates and one
process. What the first version does not have is left out there.
"""

from __future__ import annotations

import dataclasses
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import breach_sim as bs

ROUNDS = 3
SEGMENTS, POINTS = 1_000, 1_024


def timed(run: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the median time of some runs [seconds]."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print one line for each case."""
    claimed, stated = (bs.load_scenario(f"tmobile-2021-{name}") for name in ("claimed", "stated"))
    bs.simulate(claimed, seed=1)
    print("claimed, 10^8 accounts", f"{timed(lambda: bs.simulate(claimed, seed=1)):.2f}")
    print("peak memory [MB]", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    large = claimed.scaled(10**10)
    print("claimed, 10^10 accounts", f"{timed(lambda: bs.simulate(large, seed=1)):.2f}")
    print("stated", f"{timed(lambda: bs.simulate(stated, seed=1)):.2f}")
    if not hasattr(bs, "combine"):
        return
    print("stated, elsewhere=None", f"{timed(lambda: bs.simulate(stated, seed=1, elsewhere=None)):.2f}")
    union = bs.combine("tmobile-2021-stated", "experian-2015", "national-public-data-2024-confirmed")
    print(
        f"union of three, {len(union.segments)} cells", f"{timed(lambda: bs.simulate(union, seed=1), 1):.2f}"
    )
    first = stated.segments[0]
    alike = tuple(dataclasses.replace(first, name=f"segment {n}") for n in range(SEGMENTS))
    like = dataclasses.replace(stated, name="alike", events=(), segments=alike)
    seconds = timed(lambda: bs.simulate(like, seed=1, replicates=POINTS), 1)
    print(f"{SEGMENTS:,} like segments, {POINTS:,} replicates", f"{seconds:.1f}")


if __name__ == "__main__":
    main()
