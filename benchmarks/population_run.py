"""Measure the population at full size, its peers and the floor: ``python benchmarks/population_run.py``.

Every case runs in a fresh process; cases are taken in turn, round by round, so that a slow moment of the
machine hits all alike. Each is given in seconds for 100 million rows. The peers make fewer rows (a Faker row
takes a millisecond); ours makes `--rows`. The floor is Parquet alone: a finished Arrow table, written again
and again with the same settings by as many threads.

Beside the clock stands the processor time, divided by the workers: what the clock would say if nobody else
used the cores, and the share of the machine's time that its host gave to others meanwhile (Linux alone). The
peak of memory is that of all processes of a case together, looked at twice a second, with what they share
counted once (Linux alone; elsewhere it is that of the largest).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
WHOLE = 100_000_000

START = """
import json, resource, shutil, sys, time
from pathlib import Path
sys.path.insert(0, {benchmarks!r})
import population_peers as peers
folder = Path({folder!r})

def usages():
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]

def used():
    return sum(u.ru_utime + u.ru_stime for u in usages())

def host():
    place = Path("/proc/stat")
    ticks = [int(n) for n in place.read_text().split(chr(10))[0].split()[1:9]] if place.exists() else [0] * 8
    return ticks[7], sum(ticks)

began, ticks = used(), host()

def measured(seconds, rows, **more):
    gone, passed = (b - a for a, b in zip(ticks, host()))
    more |= dict(cpu=used() - began, stolen=gone / max(passed, 1))
    more |= dict(peak_mb=max(u.ru_maxrss for u in usages()) / 1024)
    print(json.dumps(dict(seconds=seconds, rows=rows) | more))

def ours(rows):
    from breach_sim.inputs.numbers.estimates import Estimate
    from breach_sim.population import Population
    from breach_sim.inputs.scenario import Scenario, apportion
    from breach_sim.inputs.segment import Leak, Segment
    sure = Estimate.fixed("coverage", 1.0, "share")
    counts = apportion([round(share * 100) for _, share, _ in peers.SEGMENTS.values()], rows)
    segments = tuple(
        Segment(name=name, accounts=n, leaks=(Leak(fields=fields, coverage=sure),), kind=kind)
        for (name, (kind, _, fields)), n in zip(peers.SEGMENTS.items(), counts)
    )
    return Population(Scenario(name="dense", segments=segments), 1, traits=dict.fromkeys(peers.TRAITS, 0.5))
"""
OURS = """
from breach_sim.population.dataset import write
people = ours({rows})
target = folder / "ours"
if {sink!r} == "parquet":
    shutil.rmtree(target, ignore_errors=True)
start = time.perf_counter()
made = write(people, target, sink={sink!r}, workers={workers})
measured(time.perf_counter() - start, sum(made.rows.values()), columns=len(people.schema().names),
     bytes=sum(f.stat().st_size for f in target.rglob("*.parquet")))
"""
FLOOR = """
from concurrent.futures import ThreadPoolExecutor
import pyarrow as pa
from breach_sim.population.dataset.writer import FILE_BLOCKS
from breach_sim.population.dataset.formats import GROUP_BLOCKS, ParquetFile
people = ours({rows})
blocks = [people.block(i) for i in range(min(GROUP_BLOCKS, people.n_blocks))]
per_file = sum(block.num_rows for block in blocks) * (FILE_BLOCKS // GROUP_BLOCKS)
files = max(1, round({rows} / per_file))

def one(number):
    place = str(folder / f"floor-{{number}}.parquet")
    with pa.OSFile(place, "wb") as stream, ParquetFile(stream, people.schema()) as out:
        for _ in range(FILE_BLOCKS // GROUP_BLOCKS):
            for block in blocks:
                out.write(block)
        out.finish({{}})

start = time.perf_counter()
with ThreadPoolExecutor({workers}) as pool:
    list(pool.map(one, range(files)))
seconds = time.perf_counter() - start
for file in folder.glob("floor-*"):
    file.unlink()
measured(seconds, files * per_file)
"""
PROCESSES = """
import os
os.makedirs(folder / "peer", exist_ok=True)
if __name__ == "__main__":
    start = time.perf_counter()
    rows = peers.by_processes({who!r}, {rows}, {workers}, str(folder / "peer"))
    measured(time.perf_counter() - start, rows)
    shutil.rmtree(folder / "peer")
"""
DUCKDB = """
import duckdb
connection = duckdb.connect()
connection.execute("SET threads = {workers}; SET preserve_insertion_order = false")
connection.execute("SET enable_progress_bar = false")
start = time.perf_counter()
connection.execute(peers.sql({rows}, str(folder / "duckdb.parquet")))
seconds = time.perf_counter() - start
(folder / "duckdb.parquet").unlink()
measured(seconds, {rows})
"""
EXPOSE = """
from breach_sim.interop.records import expose_records
columns = {{"first_name": "full_name", "sex": "gender", "street_address": "postal_address"}}
columns |= {{"email": "email_address", "date_of_birth": "date_of_birth"}}
columns |= {{name: name for name in ("ssn", "drivers_license_number", "phone_number", "imsi", "imei")}}
columns |= {{name: name for name in ("iccid", "account_pin", "service_plan")}}
narrow = {{"street_address": "state"}}  # the state of a synthetic license, XX, stands for nothing
narrow = {{narrow.get(name, name): field for name, field in columns.items()}}
start = time.perf_counter()
found = expose_records(folder / "ours" / "subscribers", {columns}, segment="segment")
measured(time.perf_counter() - start, int(found.accounts.sum()), cells=len(found.masks))
"""
ONE = """
import random
people = ours({rows})
people[0]
numbers = random.Random(1).sample(range(len(people)), 1_000)
start = time.perf_counter()
for number in numbers:
    people[number]
measured((time.perf_counter() - start) / 1_000, 1)
"""


def cases(options: argparse.Namespace) -> dict[str, str]:
    """Code of each case by name, those that read the data set after the one that writes it."""
    common = {"rows": options.rows, "workers": options.workers}
    peers = {"faker": options.faker_rows, "mimesis": options.mimesis_rows}
    found = {
        "ours, Parquet": OURS.format(sink="parquet", **common),
        "ours, hash": OURS.format(sink="hash", **common),
        "ours, count": OURS.format(sink="count", **common),
        "floor: Parquet alone": FLOOR.format(**common),
        **{f"{who}": PROCESSES.format(who=who, rows=n, workers=options.workers) for who, n in peers.items()},
        "DuckDB SQL": DUCKDB.format(rows=options.duckdb_rows, workers=options.workers),
        "expose by mask": EXPOSE.format(columns="None"),
        "expose by fields": EXPOSE.format(columns="columns"),
        "expose by fields, shorter columns": EXPOSE.format(columns="narrow"),
        "one record": ONE.format(**common),
    }
    if options.only:
        found = {name: code for name, code in found.items() if any(word in name for word in options.only)}
    return found


def measure(code: str, folder: str) -> dict[str, float]:
    """Run a case in a fresh process; its last line is JSON."""
    start = START.format(folder=folder, benchmarks=str(Path(__file__).resolve().parent))
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        case = subprocess.Popen(  # noqa: S603 - our own Python on our own code
            [sys.executable, "-c", start + code], stdout=out, stderr=errors, cwd=ROOT, env=usual()
        )
        peak = 0.0
        while case.poll() is None:
            peak = max(peak, shared_out(case.pid))
            time.sleep(0.5)
        errors.seek(0)
        out.seek(0)
        if case.returncode:
            raise SystemExit(f"benchmarks: a run failed:\n{errors.read()[-3000:]}")
        result: dict[str, float] = json.loads(out.read().strip().splitlines()[-1])
    return result | ({"peak_mb": peak} if peak > result["peak_mb"] else {})


def usual() -> dict[str, str]:
    """The environment, in which Python keeps what it has compiled, or every start would take seconds more."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def shared_out(pid: int) -> float:
    """Memory of a process and all below it, what they share counted once, in MB."""
    total = 0
    with contextlib.suppress(psutil.Error):
        one = psutil.Process(pid)
        for process in (one, *one.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += getattr(process.memory_full_info(), "pss", 0)
    return total / 2**20


def table(found: dict[str, list[dict[str, float]]], workers: int) -> str:
    """The figures as Markdown: medians, and by how much the runs differ."""
    lines = [
        "| what | rows | s for 10^8 rows, median (min to max) | processor s a core | times ours by processor "
        "| host gave away | peak memory [MB] |",
        "|---|---|---|---|---|---|---|",
    ]
    base = None
    for name, results in found.items():
        one = name == "one record"
        per = [r["seconds"] * (1 if one else WHOLE / r["rows"]) for r in results]
        cpu = statistics.median(r["cpu"] / workers * WHOLE / r["rows"] for r in results)
        base = cpu if name == "ours, Parquet" else base
        ratio = "" if base is None or one else f"{cpu / base:.3g}"
        peak = statistics.median(r["peak_mb"] for r in results)
        stolen = statistics.median(r["stolen"] for r in results)
        spread = f"{statistics.median(per):,.4g} ({min(per):,.4g} to {max(per):,.4g})"
        spent = "" if one else f"{cpu:,.4g}"
        rows = f"{results[0]['rows']:,.0f}"
        lines.append(f"| {name} | {rows} | {spread} | {spent} | {ratio} | {stolen:.0%} | {peak:,.0f} |")
    return "\n".join([*lines, "", "One record is given in seconds a record, not for 10^8 rows."])


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=WHOLE, help="rows that ours makes")
    parser.add_argument("--faker-rows", type=int, default=10_000, help="rows that Faker makes")
    parser.add_argument("--mimesis-rows", type=int, default=100_000, help="rows that Mimesis makes")
    parser.add_argument("--duckdb-rows", type=int, default=3_000_000, help="rows that DuckDB makes")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="for everyone")
    parser.add_argument("--runs", type=int, default=3, help="rounds")
    parser.add_argument("--folder", help="where data sets go; a temporary one by default, 10 GB at full size")
    parser.add_argument("--only", nargs="*", help="cases whose names hold one of these words")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in cases(options)}
        for number in range(options.runs):
            for name, code in cases(options).items():
                found[name].append(measure(code, folder))
                print(f"round {number + 1}: {name}: {found[name][-1]}", flush=True)
    print(table(found, options.workers))


if __name__ == "__main__":
    main()
