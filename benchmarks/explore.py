"""How long a moved control takes: ``python benchmarks/explore.py`` (in ``.venv``), 50 moves a row.

A move sets one slider of a panel of 100 million accounts; the time is that of the quick look with all its
tables and the drawing, in the kernel. CPU time is given beside the clock's, as the machine is shared; the
time in a browser, from a key to the redrawn number, is measured by ``python run.py browser``.
"""

from __future__ import annotations

import time

import numpy as np

import breach_sim as bs
from breach_sim.apps.explorer import Panel, compute

MOVES = 50
TICKED = ("pin-reset", "sim-lock", "credit-freeze", "drop-ssn", "monitoring")


def main() -> None:
    """Print one line a case."""
    import asyncio

    panel = bs.explore("tmobile-2021-claimed")
    everything = [name.removeprefix("use:") for name in panel.controls if name.startswith("use:")]
    print(f"{panel.scenario.accounts:,} accounts, {panel.quick} replicates a quick look; seconds")
    print(f"{'':34}{'CPU p50':>9}{'CPU p95':>9}{'clock p50':>11}{'clock p95':>11}")
    for label, ticked in (("no mitigation", ()), ("five mitigations", TICKED), ("all of them", everything)):
        panel.move({f"use:{name}": name in ticked for name in everything})
        asyncio.run(moved(panel, f"quick look, {label}"))
    start = time.process_time()
    compute(panel.inputs, replicates=panel.replicates)
    print(f"{'settled result, all of them':34}{time.process_time() - start:>9.3f}")


async def moved(panel: Panel, label: str) -> None:
    """Move a slider to and fro; in a running loop the settled results wait and are never asked for."""
    slider = panel.controls["size:full_record"]
    slider.value = 20.0
    cpu, clock = [], []
    for number in range(MOVES):
        start = time.process_time(), time.perf_counter()
        slider.value = 15.0 + number % 10
        cpu.append(time.process_time() - start[0])
        clock.append(time.perf_counter() - start[1])
    row = [np.quantile(sample, level) for sample in (cpu, clock) for level in (0.5, 0.95)]
    print(f"{label:34}{row[0]:>9.3f}{row[1]:>9.3f}{row[2]:>11.3f}{row[3]:>11.3f}", flush=True)


if __name__ == "__main__":
    main()
