"""Rows of published amounts drawn from the model of section 9, and scales to draw them with.

For tests of the slow twin (:mod:`support.payments_reference`) and of what is compared with it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from support import payments_reference as twin


def scales(**changes: Any) -> dict[str, Any]:
    """Return scales near the middle of their priors, every z another one; `z` changes single ones."""
    z = {noise: 0.3 * i - 1 for i, noise in enumerate(twin.NOISES)} | changes.pop("z", {})
    return {"tau_a": 0.5, "tau_b": 0.1, "tau_c": 0.3, "rho": 0.4, "s": 1.2, "z": z} | changes


def draw_scales(seed: int) -> dict[str, Any]:
    """Return scales drawn from their priors (32)."""
    rng = np.random.default_rng(seed)
    half = {"tau_a": 0.7, "tau_b": 0.15, "tau_c": 0.5, "s": 1.5}
    drawn = {name: abs(width * rng.standard_normal()) for name, width in half.items()}
    return drawn | {"rho": rng.uniform(), "z": {noise: rng.standard_normal() for noise in twin.NOISES}}


def draw_row(rng: np.random.Generator, breach: int, line: str | None = None) -> twin.Row:
    """Return a row without an amount; what it says of its breach depends on the breach only."""
    same = np.random.default_rng(breach)
    country = str(same.choice(["US", "US", "GB", "DE", "PL", "AU"]))
    kinds = frozenset(kind for kind in twin.KINDS[:4] if same.uniform() < 1 / 3)
    if same.uniform() < 1 / 5:
        kinds = frozenset({"unknown"})
    return twin.Row(
        breach=f"breach {breach}",
        line=str(rng.choice(twin.LINES)) if line is None else line,
        people=float(np.exp(same.uniform(np.log(1e3), np.log(1e8)))),
        kinds=kinds,
        country=country,
    )


def draw_rows(seed: int, breaches: int, most_lines: int, given: Mapping[str, Any]) -> list[twin.Row]:
    """Return rows of some breaches, one to `most_lines` lines each, with amounts drawn from (31)."""
    rng = np.random.default_rng(seed)
    rows = []
    for breach in range(breaches):
        lines = rng.choice(twin.LINES, size=int(rng.integers(1, most_lines + 1)), replace=False)
        rows += [draw_row(rng, breach, str(line)) for line in lines]
    return with_amounts(rows, rng, given)


def with_amounts(rows: list[twin.Row], rng: np.random.Generator, given: Mapping[str, Any]) -> list[twin.Row]:
    """Return the rows with amounts drawn from (31), every independent number drawn by itself."""
    numbers: dict[twin.Number, float] = {}
    result = []
    for i, row in enumerate(rows):
        amount = 0.0
        for number, weight in twin.weights(row, given, f"row {i}").items():
            if number not in numbers:
                mean, deviation = twin.prior(number, given)
                numbers[number] = mean + deviation * rng.standard_normal()
            amount += weight * numbers[number]
        result.append(replace(row, ln_amount=amount))
    return result
