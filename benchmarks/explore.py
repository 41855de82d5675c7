"""How long a moved control takes: ``python benchmarks/explore.py`` (in ``.venv``), 50 moves a row.

A move sets one slider of a breach of 100 million accounts; the time is that of the quick look with its
drawings, table, link and code, as it is sent to the page. CPU time is given beside the clock's, as the
machine is shared; the time in a browser, from a key to the redrawn number, is measured by ``python run.py
browser``.
"""

from __future__ import annotations

import time

import numpy as np

from breach_sim.apps.explorer import answering

MOVES = 50
TICKED = ("pin-reset", "sim-lock", "credit-freeze", "drop-ssn", "monitoring")


def main() -> None:
    """Print one line a case."""
    explorer = answering.of_catalog("tmobile-2021-claimed")
    everything = [name.removeprefix("use:") for name in explorer.controls if name.startswith("use:")]
    print(f"{explorer.scenario.accounts:,} accounts, {explorer.quick} replicates a quick look; seconds")
    print(f"{'':34}{'CPU p50':>9}{'CPU p95':>9}{'clock p50':>11}{'clock p95':>11}")
    for label, ticked in (("no mitigation", ()), ("five mitigations", TICKED), ("all of them", everything)):
        moved(explorer, {f"use:{name}": True for name in ticked}, f"quick look, {label}")
    start = time.process_time()
    explorer.answered({f"use:{name}": True for name in everything}, settled=True)
    print(f"{'settled answer, all of them':34}{time.process_time() - start:>9.3f}")


def moved(explorer: answering.Explorer, ticked: dict[str, bool], label: str) -> None:
    """Move a slider to and fro, and print how long its quick looks take."""
    explorer.answered(ticked, settled=False)
    cpu, clock = [], []
    for number in range(MOVES):
        start = time.process_time(), time.perf_counter()
        explorer.answered({**ticked, "size:full_record": 15.0 + number % 10}, settled=False)
        cpu.append(time.process_time() - start[0])
        clock.append(time.perf_counter() - start[1])
    row = [np.quantile(sample, level) for sample in (cpu, clock) for level in (0.5, 0.95)]
    print(f"{label:34}{row[0]:>9.3f}{row[1]:>9.3f}{row[2]:>11.3f}{row[3]:>11.3f}", flush=True)


if __name__ == "__main__":
    main()
