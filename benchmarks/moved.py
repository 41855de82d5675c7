"""Headline numbers with one change of the law after the other taken out: the table of the changelog.

``python benchmarks/moved.py`` prints people harmed and loss (mean, and 90 % interval) of some breaches: as
simulated, without look-ups, and without look-ups and common drivers. In a checkout of the first version the
same command prints its one answer.
"""

from __future__ import annotations

import inspect
import sys

import breach_sim as bs

BREACHES = (
    "tmobile-2021-claimed",
    "tmobile-2021-stated",
    "tmobile-2021-class",
    "equifax-2017",
    "national-public-data-2024-sampled",
    "national-public-data-2024-claimed",
    "prosper-2025",
    "change-healthcare-2024",
    "experian-2015",
    "facebook-2021",
)


def main() -> None:
    """Print one line for each breach and variant."""
    known = inspect.signature(bs.simulate).parameters
    variants = {"as simulated": {}}
    if "elsewhere" in known:
        variants["without look-ups"] = {"elsewhere": None}
        variants["without look-ups and drivers"] = {"elsewhere": None, "drivers": False}
    names = [name for name in BREACHES if name in bs.scenario_names()]
    for name in names:
        for label, options in variants.items():
            impact = bs.simulate(name, seed=1, **options)  # type: ignore[arg-type]
            table = impact.quantiles()
            cells = []
            for row, unit, places in (("people", 1e3, 0), ("loss_usd", 1e6, 0)):
                low, high, mean = (float(table.loc[row, c]) / unit for c in ("p5", "p95", "mean"))
                cells.append(f"{mean:,.{places}f} ({low:,.{places}f} to {high:,.{places}f})")
            sys.stdout.write(f"{name} | {label} | {cells[0]} thousand people | {cells[1]} million USD\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
