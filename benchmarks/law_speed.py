"""Speed of the law: ``python benchmarks/law_speed.py``, in this checkout or in one of the first version.

Printed are seconds, the median of three runs after one that is not counted, with default replicates and one
process. What the first version does not have is left out there.
"""

from __future__ import annotations

import dataclasses
import functools
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import breach_sim as bs

ROUNDS = 3
FEW, MANY = 200, 15
"""Replicates of a small run, and how often it is timed."""
SEGMENTS, KINDS, POINTS = 1_000, 40, 1_024


def timed(run: Callable[[], Any], rounds: int = ROUNDS) -> str:
    """Return the median time of some runs: by the clock, and of the processor, both cores added [seconds]."""
    clock, cpu = [], []
    for _ in range(rounds):
        start = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
    return f"{statistics.median(clock):.3f} by the clock, {statistics.median(cpu):.3f} of processor"


def segments_of(first: Any, kinds: int) -> tuple[Any, ...]:
    """Return segments like the first; the coverage of its first leak tells the kinds apart."""
    found = []
    for number in range(SEGMENTS):
        own = first
        if kinds > 1:
            leak, *more = first.leaks
            name = f"kind {number % kinds}"
            share = bs.Estimate.fixed(name, (1 + number % kinds) / (1 + kinds), "share")
            own = dataclasses.replace(first, leaks=(dataclasses.replace(leak, coverage=share), *more))
        found.append(dataclasses.replace(own, name=f"segment {number}"))
    return tuple(found)


def kept(impacts: list[bs.Impact], run: Callable[..., bs.Impact]) -> None:
    """Keep the impact of a run with many segments."""
    impacts.append(run(replicates=POINTS))


def main() -> None:
    """Print one line for each case."""
    claimed, stated = (bs.load_scenario(f"tmobile-2021-{name}") for name in ("claimed", "stated"))
    bs.simulate(claimed, seed=1)
    for name, scenario in (("claimed", claimed), ("stated", stated)):
        few = functools.partial(bs.simulate, scenario, seed=1, replicates=FEW)
        few()
        print(f"{name}, {FEW} replicates", timed(few, MANY))
    print("claimed, 10^8 accounts", timed(lambda: bs.simulate(claimed, seed=1)))
    print("peak memory [MB]", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    large = claimed.scaled(10**10)
    print("claimed, 10^10 accounts", timed(lambda: bs.simulate(large, seed=1)))
    print("stated", timed(lambda: bs.simulate(stated, seed=1)))
    if not hasattr(bs, "combine"):
        return
    print("stated, elsewhere=None", timed(lambda: bs.simulate(stated, seed=1, elsewhere=None)))
    union = bs.combine("tmobile-2021-stated", "experian-2015", "national-public-data-2024-confirmed")
    print(f"union of three, {len(union.segments)} cells", timed(lambda: bs.simulate(union, seed=1), 1))
    for kinds in (1, KINDS):
        parts = segments_of(stated.segments[0], kinds)
        many = functools.partial(
            bs.simulate, dataclasses.replace(stated, name="alike", events=(), segments=parts), seed=1
        )
        what = f"{SEGMENTS:,} segments, {kinds} of them unlike, {POINTS:,} replicates"
        impacts: list[bs.Impact] = []
        print(what, timed(functools.partial(kept, impacts, many), 1), flush=True)
        print("  expected numbers by segment", timed(impacts[0].by_segment, 1), flush=True)
        print(
            "  drawn counts and losses by segment", timed(functools.partial(getattr, impacts[0], "losses"), 1)
        )


if __name__ == "__main__":
    main()
