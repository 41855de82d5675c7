"""Two checkouts side by side: ``python benchmarks/side_by_side.py OTHER [ROUNDS]``.

Each round starts one process a case and checkout, in turn, so that a slow quarter of an hour slows both.
Printed are the medians of both checkouts and the median of the ratios, round by round. OTHER is a folder
with another checkout, such as one that `git worktree add` made.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
CASES = {
    "simulate, 10^8 accounts x 10,000": """
import time
import breach_sim as bs
scenario = bs.load_scenario("tmobile-2021-claimed")
bs.simulate(scenario, replicates=1000, seed=1)
times = []
for seed in range(3):
    start = time.perf_counter()
    bs.simulate(scenario, replicates=10_000, seed=seed)
    times.append(time.perf_counter() - start)
print(min(times))
""",
    "10^6 subscribers, processor time": """
import time
import breach_sim as bs
people = bs.subscribers("tmobile-2021-claimed", seed=1, rows=1_000_000)
times = []
for _ in range(3):
    start = time.process_time()
    rows = sum(block.num_rows for block in people.blocks())
    times.append(time.process_time() - start)
print(min(times))
""",
    "import": """
import time
start = time.perf_counter()
import breach_sim
print(time.perf_counter() - start)
""",
    "import, every public name": """
import time
start = time.perf_counter()
import breach_sim as bs
for name in bs.__all__:
    getattr(bs, name)
print(time.perf_counter() - start)
""",
}


def seconds(checkout: Path, code: str) -> float:
    """Return what a case takes in a checkout, in a process of its own."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPATH"] = str(checkout)
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code], cwd=checkout, env=env, capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def main(other: Path, rounds: int) -> None:
    """Print a table: case, seconds there, seconds here, ratio."""
    print(f"{'case':<36}{'there':>9}{'here':>9}{'ratio':>8}   median of {rounds} rounds, seconds")
    for name, code in CASES.items():
        pairs = [(seconds(other, code), seconds(HERE, code)) for _ in range(rounds)]
        there, here = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(new / old for old, new in pairs)
        print(f"{name:<36}{there:>9.4f}{here:>9.4f}{ratio:>8.3f}")


if __name__ == "__main__":
    if len(sys.argv) < 2:  # noqa: PLR2004 - the other checkout
        sys.exit(str(__doc__))
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if sys.argv[2:] else 5)
