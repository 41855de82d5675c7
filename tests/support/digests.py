"""What a few runs draw, in short: digests of counts, and losses to twelve digits.

The same for every NumPy, or a draw depends on more than random words. Counts are compared as digests. Losses
pass through logarithms and exponentials of the machine's library, which may differ in the last bit, so they
are written with twelve digits and compared as numbers. Few libraries are needed (``NEEDS``).

``python tests/support/digests.py`` prints the document; ``--write`` puts it into ``tests/data/digests.json``.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEEDS = ("scipy", "lazy-loader")
"""Libraries beside NumPy."""
FILE = Path(__file__).parents[1] / "data" / "digests.json"
RUNS: dict[str, dict[str, Any]] = {
    "stated": {"scenario": "tmobile-2021-stated", "replicates": 512, "seed": 1},
    "stated, plain draws": {
        "scenario": "tmobile-2021-stated",
        "replicates": 300,
        "seed": 2,
        "sampling": "plain",
    },
    "class, one year": {"scenario": "tmobile-2021-class", "replicates": 200, "seed": 3, "horizon_years": 1},
    "equifax": {"scenario": "equifax-2017", "replicates": 256, "seed": 4},
    "everyone": {"scenario": "everyone-lost-everything", "replicates": 64, "seed": 5},
}
"""Runs by name: arguments of ``simulate``."""


def digest(array: NDArray[Any]) -> str:
    """Return the digest of whole numbers, whatever the machine's order of bytes."""
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<i8").tobytes()).hexdigest()[:32]


def draws() -> dict[str, Any]:
    """Return digests of uniform numbers, of points, and of counts of every size."""
    from breach_sim.engine.draws.binomial import binomial_quantile
    from breach_sim.engine.draws.points import coordinates
    from breach_sim.engine.draws.streams import uniforms

    chance = uniforms(1, "digests", size=4_000)
    found = {"uniform numbers": digest((chance * 2.0**53).astype(np.int64))}
    points = np.concatenate([coordinates(1, dimension, 1_000) for dimension in range(0, 512, 37)])
    found["points"] = digest((points * 2.0**53).astype(np.int64))
    for number in (1, 30, 10**4, 10**8, 10**13):
        for probability in (1e-9, 1e-3, 0.3, 0.5, 0.99):
            counts = binomial_quantile(chance, np.array([number]), np.array([probability]))
            found[f"binomial {number} {probability:g}"] = digest(counts)
    return found


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what one run draws: digests of its counts, and its losses by attack and in single replicates."""
    from breach_sim.catalog import attacks_for, load_scenario
    from breach_sim.results.simulation import simulate

    scenario = load_scenario(arguments["scenario"])
    impact = simulate(
        scenario, attacks_for(scenario), **{k: v for k, v in arguments.items() if k != "scenario"}
    )
    counts = ("exposed_counts", "people_counts", "attackable_counts", "attempted_counts", "victim_counts")
    found: dict[str, Any] = {name: digest(getattr(impact, name)) for name in counts}
    found["loss_by_attack"] = written(impact.losses.sum(axis=(1, 2)))
    found["loss"] = written(impact.loss[:40])
    return found


def written(losses: NDArray[np.float64]) -> list[str]:
    """Return numbers with twelve significant digits."""
    return [f"{loss:.12g}" for loss in losses]


def document() -> dict[str, Any]:
    """Return everything that is compared."""
    return {"draws": draws()} | {name: run(arguments) for name, arguments in RUNS.items()}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return where two documents differ; losses may differ by two units of the twelfth digit."""
    found = []
    for name in sorted({*one, *other}):
        left, right = one.get(name, {}), other.get(name, {})
        for key in sorted({*left, *right}):
            a, b = left.get(key), right.get(key)
            if isinstance(a, list) and isinstance(b, list):
                alike = len(a) == len(b) and np.allclose(
                    np.array(a, dtype=float), np.array(b, dtype=float), rtol=2e-12, atol=0
                )
            else:
                alike = a == b
            if not alike:
                found.append(f"{name}: {key}")
    return found


if __name__ == "__main__":
    text = json.dumps(document(), indent=1) + "\n"
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
