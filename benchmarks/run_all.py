"""Measure what the project promises, and a peer beside it, in one run: ``python3 run.py bench``.

Each figure is the median of several runs in fresh processes, taken in turn so that a slow moment of the
machine hits all alike. With ``--write`` the table goes into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7

SIMULATE = """
import json, resource, time
import breach_sim as bs
scenario = bs.load_scenario("{scenario}"){scaled}
graph = bs.load_attacks()
start = time.perf_counter()
impact = bs.simulate(scenario, graph, replicates={replicates}, seed=1)
first = time.perf_counter() - start
start = time.perf_counter()
impact = bs.simulate(scenario, graph, replicates={replicates}, seed=2)
again = time.perf_counter() - start
print(json.dumps({{"first": first, "again": again, "accounts": scenario.accounts,
                   "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}))
"""

TABLES = """
import json, resource, time
import pandas
import breach_sim as bs
impact = bs.simulate("{scenario}", replicates=10_000, seed=1)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
start = time.perf_counter()
getattr(impact, "{name}")()
first = time.perf_counter() - start
start = time.perf_counter()
getattr(impact, "{name}")()
again = time.perf_counter() - start
print(json.dumps({{"first": first, "again": again,
                   "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}))
"""

COMPARE = """
import json, resource, time
import breach_sim as bs
scenario = bs.load_scenario("{scenario}")
names = [one.name for one in bs.load_mitigations()][:10]
start = time.perf_counter()
bs.compare(scenario, *names, replicates=10_000, seed=1)
first = time.perf_counter() - start
start = time.perf_counter()
bs.compare(scenario, *names, replicates=10_000, seed=2)
again = time.perf_counter() - start
print(json.dumps({{"first": first, "again": again,
                   "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}))
"""

IMPORT = """
import json, time
start = time.perf_counter()
import {module}
print(json.dumps({{"first": time.perf_counter() - start}}))
"""

PYFAIR = """
import json, time, warnings
warnings.simplefilter("ignore")
import numpy as np
import breach_sim as bs
from breach_sim.parameters import Parameters
from pyfair import FairModel
graph = bs.load_attacks()
attack, draw = graph["new_account_fraud"], Parameters(1, 10_000)
rate = 47_800_000 * draw(attack.routes[0].attempts) * draw(attack.routes[0].success)
mean = draw(attack.severity)
start = time.perf_counter()
model = FairModel(name="one node", n_simulations=10_000)
model.input_raw_data("Loss Event Frequency", list(rate))
model.input_raw_data("Loss Magnitude", list(mean))
model.calculate_all()
first = time.perf_counter() - start
risk = model.export_results()["Risk"].to_numpy()
start = time.perf_counter()
ours = rate * mean
print(json.dumps({"first": first, "numpy": time.perf_counter() - start, "median_usd": float(np.median(risk)),
                  "same": bool(np.allclose(risk, ours))}))
"""


def measure(code: str) -> dict[str, float]:
    """Run a piece of code in a fresh process; its last line is JSON."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(  # noqa: S603 - our own Python on our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    if done.returncode:
        raise SystemExit(f"benchmarks: a run failed:\n{done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def cases() -> dict[str, str]:
    """Code of each case, by name."""
    claimed = "tmobile-2021-claimed"
    full = {"scenario": claimed, "scaled": "", "replicates": 10_000}
    return {
        "claimed 10^8 x 10^4": SIMULATE.format(**full),
        "claimed 10^10 x 10^4": SIMULATE.format(**full | {"scaled": ".scaled(10**10)"}),
        "stated 5.5x10^7 x 10^4": SIMULATE.format(**full | {"scenario": "tmobile-2021-stated"}),
        "class 7.7x10^7 x 10^4": SIMULATE.format(**full | {"scenario": "tmobile-2021-class"}),
        "timeline, claimed": TABLES.format(scenario=claimed, name="timeline"),
        "timeline, class": TABLES.format(scenario="tmobile-2021-class", name="timeline"),
        "ledgers, class": TABLES.format(scenario="tmobile-2021-class", name="ledgers"),
        "exceedance, class": TABLES.format(scenario="tmobile-2021-class", name="exceedance"),
        "compare ten mitigations, stated x 10^4": COMPARE.format(scenario="tmobile-2021-stated"),
        "import breach_sim": IMPORT.format(module="breach_sim"),
        "import breach_sim.api": IMPORT.format(module="breach_sim.api"),
        "import numpy": IMPORT.format(module="numpy"),
        "pyfair one node x 10^4": PYFAIR,
    }


def middle(results: list[dict[str, float]], key: str) -> tuple[float, float, float]:
    """Median, minimum and maximum of one figure."""
    values = [result[key] for result in results]
    return statistics.median(values), min(values), max(values)


def table(found: dict[str, list[dict[str, float]]]) -> str:
    """The figures as Markdown."""
    lines = ["| what | median [s] | min to max [s] | peak memory [MB] |", "|---|---|---|---|"]
    for name, results in found.items():
        for key, words in (("first", ""), ("again", ", second call in the process")):
            if key in results[0]:
                value, low, high = middle(results, key)
                peak = f"{middle(results, 'peak_mb')[0]:.0f}" if "peak_mb" in results[0] else ""
                lines.append(f"| {name}{words} | {value:.3f} | {low:.3f} to {high:.3f} | {peak} |")
    small, large = found["claimed 10^8 x 10^4"], found["claimed 10^10 x 10^4"]
    ratios = [b["first"] / a["first"] for a, b in zip(small, large, strict=True)]
    lines += ["", f"10^10 against 10^8 accounts, pair by pair: {statistics.median(ratios):.2f} times "
              f"({min(ratios):.2f} to {max(ratios):.2f})."]  # fmt: skip
    peer = found["pyfair one node x 10^4"][0]
    lines.append(
        f"pyfair was given the same draws of one frequency and one severity (new-account fraud, stated); its "
        f"result equals their product: {bool(peer['same'])}; median {peer['median_usd']:,.0f} USD a year."
    )
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each case")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in cases()}
    for number in range(options.runs + 1):
        for name, code in cases().items():
            result = measure(code)
            if number:
                found[name].append(result)
        print(f"round {number} of {options.runs}" + (" (not counted)" if not number else ""), flush=True)
    text = table(found)
    print(text)
    if options.write:
        write(text, options.runs)


def write(text: str, runs: int) -> None:
    """Replace the measured part of docs/benchmarks.md."""
    page = ROOT / "docs" / "benchmarks.md"
    start, end = "<!-- measured -->", "<!-- /measured -->"
    old = page.read_text(encoding="utf-8")
    about = (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {runs} rounds after one not counted."
    )
    before, rest = old.split(start)
    _, after = rest.split(end)
    page.write_text(f"{before}{start}\n{about}\n\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
