"""Measure a league: ``python benchmarks/league.py [--dump breaches.json] [--breaches N] [--by people]``.

Without a dump, breaches are made from the committed fixture by repetition, with other names, counts and
years. Printed are the seconds by the clock and of the processor, the peak of the memory, and the league.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from pathlib import Path
from typing import Any

import breach_sim as bs

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "hibp_classes.json"


def made(number: int) -> list[dict[str, Any]]:
    """Return entries repeated from the fixture."""
    entries = json.loads(SAMPLE.read_text(encoding="utf-8"))["breaches"]
    dice = random.Random(1)
    return [
        {
            **entries[place % len(entries)],
            "Name": f"Breach{place}",
            "Title": f"Breach {place}",
            "PwnCount": int(10 ** dice.uniform(4, 8.5)),
            "BreachDate": f"{dice.randint(2010, 2025)}-0{dice.randint(1, 9)}-01",
        }
        for place in range(number)
    ]


def main() -> None:
    """Measure one league, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dump", type=Path)
    parser.add_argument("--breaches", type=int, default=875)
    parser.add_argument("--points", type=int, default=1_024)
    parser.add_argument("--by", default="loss_usd")
    options = parser.parse_args()
    source: Any = options.dump or made(options.breaches)
    start = time.perf_counter()
    found = bs.from_hibp(source)
    print(f"import of {len(found)}: {time.perf_counter() - start:.2f} s")
    choices: tuple[list[str] | None, ...] = ([], None)
    for readings in choices:
        start, work = time.perf_counter(), time.process_time()
        league = bs.league(found, by=options.by, replicates=options.points, readings=readings)
        document = league.to_json()
        clock, work = time.perf_counter() - start, time.process_time() - work
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{len(league.names)} breaches x {options.points} points, {len(league.draws.readings)} readings: "
            f"{clock:.0f} s by the clock, {work:.0f} s of the processor, peak {peak:.0f} MB, "
            f"{len(document) / 1e6:.1f} MB of JSON"
        )
    print(league)
    print(league.readings[["tau", "stable"]].to_string())


if __name__ == "__main__":
    main()
