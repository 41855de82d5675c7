"""Measure the parts of the population engine: ``python benchmarks/population.py``.

Each figure is the lowest and the median of several blocks in one process; other work on the same cores moves
them by a third and more. Whole runs and peers stand elsewhere.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import breach_sim as bs
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.population import BLOCK_ROWS, Population, digest_of, require_synthetic_batch
from breach_sim.population.provider import FIELDS, KIND_ACCOUNTS

TRAITS = {"banks_online": 0.66, "sms_codes_at_bank": 0.78, "holds_crypto": 0.1, "sms_reset_of_mailbox": 0.6}
BLOCKS = 21
RECORDS = 2_000


def everything() -> Scenario:
    """Return 10**8 accounts of every kind that lost every field with a column: 33 columns without a null."""
    coverage = Estimate.fixed("coverage", 1.0, "share")
    segments = tuple(
        Segment(name=kind, kind=kind, accounts=accounts, leaks=(Leak(fields=FIELDS, coverage=coverage),))
        for kind, accounts in KIND_ACCOUNTS.items()
    )
    return Scenario(name="everything", segments=segments)


def nanoseconds(work: Callable[[int], object], blocks: int = BLOCKS) -> str:
    """Return the lowest and the median time a row over some blocks."""
    work(0)
    taken = []
    for number in range(1, blocks + 1):
        start = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - start) / BLOCK_ROWS * 1e9)
    return f"{min(taken):6.0f} {statistics.median(taken):6.0f}"


def main() -> None:
    """Print a table: parts by scenario."""
    print("ns/row, one core, lowest and median of", BLOCKS, "blocks; ms a record, median of", RECORDS)
    for scenario in (everything(), *map(bs.load_scenario, ("tmobile-2021-claimed", "tmobile-2021-stated"))):
        people = Population(scenario, 1, traits=TRAITS)
        start = time.perf_counter()
        first = people.block(0)
        warm = time.perf_counter() - start
        print(
            f"{scenario.name}: {first.nbytes / BLOCK_ROWS:.0f} bytes a row in Arrow, first block {warm:.2f} s"
        )
        print("  generate", nanoseconds(people.block))
        print("  guard   ", nanoseconds(lambda _number: require_synthetic_batch(first)))  # noqa: B023
        print("  digest  ", nanoseconds(lambda _number: digest_of(first)))  # noqa: B023
        print("  count   ", nanoseconds(people.block_counts))
        taken = []
        for number in range(RECORDS):
            start = time.perf_counter()
            _ = people[number * 24_989]
            taken.append((time.perf_counter() - start) * 1e3)
        print(f"  record    {statistics.median(taken):.3f} ms")
        print("  devices ", nanoseconds(lambda number: people.block(number, "devices"), 5))  # noqa: B023


if __name__ == "__main__":
    main()
