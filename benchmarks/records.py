"""Measure records counted: ``python benchmarks/records.py FOLDER [--rounds 3]``.

FOLDER holds the subscribers of ``breach-sim generate``. In turn, in one
process each: the mask, the fields, and what DuckDB needs by itself to count the rows of the same columns that
hold something, by the same regular expressions. Beside the clock stands the time of all processors, because
a machine with other work stretches the clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys

FIELDS = {
    "first_name": "full_name", "sex": "gender", "street_address": "postal_address", "email": "email_address",
    "date_of_birth": "date_of_birth", "ssn": "ssn", "drivers_license_number": "drivers_license_number",
    "phone_number": "phone_number", "imsi": "imsi", "imei": "imei", "iccid": "iccid",
    "account_pin": "account_pin", "service_plan": "service_plan",
}  # fmt: skip
START = """
import json, resource, time
from breach_sim.interop.records import expose_records, placeholders
def done(start, result):
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.perf_counter() - start
    print(json.dumps(dict(seconds=seconds, cpu=used.ru_utime + used.ru_stime, result=result)))
folder, columns = {folder!r}, {columns!r}
start = time.perf_counter()
"""
OURS = """
found = expose_records(folder, {given}, segment="segment")
done(start, int(found.accounts.sum()))
"""
DUCKDB = """
import duckdb
connection = duckdb.connect(config=dict(preserve_insertion_order="false"))
connection.execute("SET enable_progress_bar = false")
files = f"read_parquet('{{folder}}/*.parquet')"
types = dict(connection.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM {{files}})").fetchall())
days = ", ".join(str(int(day)) for day in placeholders.days())
def held(name, field):
    if types[name] == "DATE":
        number = f"year({{name}}) * 10000 + month({{name}}) * 100 + day({{name}})"
        return f"{{name}} IS NOT NULL AND {{number}} NOT IN ({{days}})"
    pattern = placeholders.nothing(frozenset([field])).replace("'", "''")
    return f"{{name}} IS NOT NULL AND NOT regexp_matches({{name}}, '{{pattern}}')"
counts = ", ".join(f"count(*) FILTER ({{held(*pair)}})" for pair in columns.items())
done(start, connection.sql(f"SELECT count(*), {{counts}} FROM {{files}}").fetchall()[0][0])
"""


def main() -> None:
    """Measure in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="folder of the Parquet files")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    start = START.replace("{folder!r}", repr(options.folder)).replace("{columns!r}", repr(FIELDS))
    cases = {
        "by the mask": OURS.format(given="None"),
        "by thirteen fields": OURS.format(given="columns"),
        "DuckDB, the same thirteen": DUCKDB.format(),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
    for _ in range(options.rounds):
        for name, code in cases.items():
            done = subprocess.run(  # noqa: S603 - our own Python on our own code
                [sys.executable, "-c", start + code], capture_output=True, text=True, check=True
            )
            found[name].append(json.loads(done.stdout.strip().splitlines()[-1]))
    print("| what | rows | s, median (min to max) | processor s |\n|---|---|---|---|")
    for name, runs in found.items():
        clock = [run["seconds"] for run in runs]
        spread = f"{statistics.median(clock):.3g} ({min(clock):.3g} to {max(clock):.3g})"
        cpu = statistics.median(run["cpu"] for run in runs)
        print(f"| {name} | {runs[0]['result']:,.0f} | {spread} | {cpu:.3g} |")
    for unit in ("seconds", "cpu"):
        pairs = zip(found["by thirteen fields"], found["DuckDB, the same thirteen"], strict=True)
        ratios = sorted(one[unit] / other[unit] for one, other in pairs)
        print(f"fields / DuckDB by {unit}: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


if __name__ == "__main__":
    main()
