"""How wide the loss of T-Mobile 2021 is: first version, soft ends, common drivers, both.

    python benchmarks/width.py

Prints the table of docs/benchmarks.md. The four runs share their uniform numbers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from breach_sim import api
from breach_sim.inputs.numbers.estimates import Estimate

SCENARIO, REPLICATES, SEED = "tmobile-2021-stated", 10_000, 1


def hardened(value: Any) -> Any:
    """Return an object in which every estimate has hard ends."""
    if isinstance(value, Estimate):
        return value.hardened()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {part.name: hardened(getattr(value, part.name)) for part in dataclasses.fields(value)}
        return dataclasses.replace(value, **own)
    if isinstance(value, tuple):
        return tuple(hardened(part) for part in value)
    if isinstance(value, Mapping):
        return {key: hardened(part) for key, part in value.items()}
    return value


def main() -> None:
    """Print the table."""
    breach, graph = api.load_scenario(SCENARIO), api.attacks_of(SCENARIO)
    narrow = 0.0
    print("| ends | drivers | p5 | p50 | p95 | mean | p95 / p5 | to the first version |")
    print("|---|---|---|---|---|---|---|---|")
    for soft, drivers in ((False, False), (True, False), (False, True), (True, True)):
        what, attacks = (breach, graph) if soft else (hardened(breach), hardened(graph))
        run = api.simulate(what, attacks, replicates=REPLICATES, seed=SEED, drivers=drivers)
        low, middle, high = np.quantile(run.loss, (0.05, 0.5, 0.95))
        narrow = narrow or high / low
        words = "soft" if soft else "hard", "yes" if drivers else "no"
        amounts = (f"{x / 1e6:,.0f}" for x in (low, middle, high, run.loss.mean()))
        print("|", " | ".join([*words, *amounts, f"{high / low:.1f}", f"{high / low / narrow:.2f}"]), "|")


if __name__ == "__main__":
    main()
