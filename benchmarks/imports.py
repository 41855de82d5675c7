"""Measure imports: ``python benchmarks/imports.py [--dump breaches.json]``.

Without a dump a thousand breaches are made from the committed fixture by repetition, with other names and
counts. They are imported and each is run at 200 replicates, in this one process; then the parts are timed.
With a dump the entries of that file are taken.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import breach_sim as bs

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "hibp_classes.json"
BREACHES = 1_000
REPLICATES = 200


def made(folder: Path) -> Path:
    """Write a file of a thousand breaches, repeated from the fixture."""
    entries = json.loads(SAMPLE.read_text(encoding="utf-8"))["breaches"]
    dice = random.Random(1)
    many = [
        entries[i % len(entries)]
        | {"Name": f"{entries[i % len(entries)]['Name']}-{i}", "PwnCount": int(10 ** dice.uniform(3, 8))}
        for i in range(BREACHES)
    ]
    path = folder / "breaches.json"
    path.write_text(json.dumps(many), encoding="utf-8")
    return path


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a part took, by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    print(
        f"{what:<44}{time.perf_counter() - clock:8.2f} s by the clock"
        f"{time.process_time() - processor:8.2f} s of processor",
        flush=True,
    )


def main() -> None:
    """Import and run every breach, and print a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dump", type=Path, help="a breaches.json of Have I Been Pwned")
    dump = parser.parse_args().dump
    with tempfile.TemporaryDirectory() as folder, timed("in all (at most 60 s for 1,000)"):
        path = dump or made(Path(folder))
        with timed("the attacks and dictionaries, once"):
            bs.load_attacks()
            bs.from_hibp({"Name": "x", "PwnCount": 1, "DataClasses": ["Names"]})
        with timed("import"):
            imported = bs.from_hibp(path)
        seconds = []
        with timed(f"{len(imported):,} runs at {REPLICATES} replicates"):
            for breach in imported:
                start = time.perf_counter()
                bs.simulate(breach, replicates=REPLICATES, seed=1)
                seconds.append(time.perf_counter() - start)
        percentiles = ", ".join(
            f"{1000 * q:.1f}" for q in (*statistics.quantiles(seconds, n=20)[::9], max(seconds))
        )
        print(f"a run: 5 %, median, 95 %, largest: {percentiles} ms; {len(imported.refused)} entries refused")


if __name__ == "__main__":
    main()
