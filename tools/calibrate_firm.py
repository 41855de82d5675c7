"""Fit the model of payments on the catalog's outcomes and write its posterior rows.

    python tools/calibrate_firm.py            fit and write catalog/data/outcomes/payment_rows.npz
    python tools/calibrate_firm.py --check    fit with another seed and compare with the rows that ship

Four chains run in two processes. NumPy and SciPy do all the work; docs/model.md, section 9, is the law.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.backtesting.leave_one_out import leave_out
from breach_sim.analysis.calibration import hurdle, sampler
from breach_sim.analysis.calibration.gaussian import Scales
from breach_sim.analysis.calibration.rows import fit_rows
from breach_sim.catalog.amounts import payments
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.payments import LINES, spread_index

CHAINS, DRAWS, WARM_UP, SEED = 4, 1_000, 100, 20261129
REFIT_DRAWS, LEFT_OUT_DRAWS, LEAST_EFFECTIVE = 500, 1_000, 100
KAPPA_SD = 1.0
DAYS, MONTHS = 365.25, 12
LEAST_LAG = 0.1
ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "breach_sim" / "catalog" / "data" / "outcomes" / payments.FILE


def generator(seed: int) -> np.random.Generator:
    """Generator of a seed."""
    return np.random.default_rng(np.random.Philox(seed))


def chain(number: int) -> sampler.Draws:
    """One chain, by its number from the seed on."""
    return sampler.sample(fit_rows(), draws=DRAWS, warm_up=WARM_UP, thin=1, rng=generator(number))


def lags() -> list[float]:
    """Years from the breach to each payment whose dates are known."""
    found = []
    for amount in catalog.load_amounts():
        if amount.use != "fit" or not amount.set_on or not amount.year:
            continue
        year, month = [*amount.set_on.split("-"), "7"][:2]
        # A breach is dated by its year alone: its middle is half a year in.
        found.append(max(int(year) + (int(month) - 0.5) / MONTHS - amount.year - 0.5, LEAST_LAG))
    return found


def chances(draws: int, seed: int) -> Array:
    """h, eta and kappa by draw and line. Shape (draws, lines, 3)."""
    rng = generator(seed)
    lag, priors = hurdle.Lag.fit(lags()), payments.load_hurdles()
    made = [
        hurdle.PaymentsMade(
            line=row["line"],
            people=float(row["people"]),
            breaches=int(row["breaches"]),
            paid=int(row["paid"]),
            years=float(row["years"]),
            source=row["source"],
            note=row["note"],
        )
        for row in payments.load_payments_made()
    ]
    found = np.zeros((draws, len(LINES), 3))
    for k, line in enumerate(LINES):
        own, prior = [row for row in made if row.line == line], priors[line]
        found[:, k, 0], found[:, k, 1] = hurdle.draw(own, lag, float(prior["h"]), draws, rng)
        if "abroad" in prior:
            found[:, k, 2] = float(prior["abroad"]) + KAPPA_SD * rng.standard_normal(draws)
    print(
        f"lag: median {math.exp(lag.center):.2f} years, spread {lag.spread:.2f}, from {len(lags())} payments"
    )
    return found


def fit(seed: int) -> dict[str, Array]:
    """All arrays of the file of rows."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        chains = list(pool.map(chain, range(seed, seed + CHAINS)))
    numbers = np.concatenate([own.numbers for own in chains])
    coefficients = [own for chained in chains for own in chained.coefficients]
    # Rows of one chain are alike; neighbors in the file should not be.
    order = generator(seed).permutation(len(numbers))
    spread = np.array([Scales.of(own).spread for own in numbers])
    arrays = {
        "intercept": np.array([own.intercept for own in coefficients]),
        "slope": np.array([own.slope for own in coefficients]),
        "data_effect": np.array([own.data_effect for own in coefficients]),
        "place_effect": np.array([own.place_effect for own in coefficients]),
        "spread": spread[:, [spread_index(line) for line in LINES]],
        "shared": 1 / (1 + np.exp(-numbers[:, 4])),
        "numbers": numbers,
        "ln_amount": np.concatenate([own.ln_amount for own in chains]),
    }
    report_mixing(chains)
    return {name: own[order] for name, own in arrays.items()} | {"paid": chances(len(numbers), seed)}


def refit(task: tuple[str, int]) -> tuple[Array, Array]:
    """Scales and amounts of a fit without one breach; its own amounts stand as published and are not read."""
    breach, seed = task
    rows = fit_rows()
    kept = [number for number, row in enumerate(rows) if row.breach != breach]
    found = sampler.sample(
        [rows[number] for number in kept], draws=REFIT_DRAWS, warm_up=WARM_UP, thin=1, rng=generator(seed)
    )
    amounts = np.tile([row.ln_amount for row in rows], (REFIT_DRAWS, 1))
    amounts[:, kept] = found.ln_amount
    return found.numbers, amounts


def refits(arrays: dict[str, Array], seed: int) -> dict[str, tuple[Array, Array]]:
    """Fits without each breach whose weights would be too uneven."""
    step = len(arrays["numbers"]) // LEFT_OUT_DRAWS
    left = leave_out(fit_rows(), arrays["numbers"][::step], arrays["ln_amount"][::step])
    few = {name: left.effective_draws(name) for name in left.weight}
    names = sorted(name for name, own in few.items() if own < LEAST_EFFECTIVE)
    print("fitted again without: " + ", ".join(f"{name} ({few[name]:.0f} effective)" for name in names))
    with ProcessPoolExecutor(max_workers=2) as pool:
        tasks = [(name, seed + CHAINS + place) for place, name in enumerate(names)]
        return dict(zip(names, pool.map(refit, tasks), strict=True))


def report_mixing(chains: list[sampler.Draws]) -> None:
    """Print R-hat and effective draws of every scale."""
    sets = np.array([own.numbers for own in chains])
    within = sets.var(axis=1, ddof=1).mean(axis=0)
    between = sets.mean(axis=1).var(axis=0, ddof=1)
    r_hat = np.sqrt(1 + between / within)
    effective = len(chains) * within / np.maximum(between, 1e-12)
    print(f"R-hat of the scales: at most {r_hat.max():.3f}; effective draws at least {effective.min():.0f}")


def compare(fresh: dict[str, Array]) -> bool:
    """Whether shipped rows agree with fresh ones within Monte Carlo error; prints the largest difference."""
    shipped, worst = payments.load_payment_arrays(), 0.0
    for name in ("intercept", "slope", "data_effect", "place_effect", "spread", "shared", "paid"):
        spread = fresh[name].std(axis=0)
        away = np.abs(fresh[name].mean(axis=0) - shipped[name].mean(axis=0)) / np.where(spread > 0, spread, 1)
        print(f"{name}: means differ by at most {away.max():.3f} posterior standard deviations")
        worst = max(worst, float(away.max()))
    return worst < TOLERANCE


TOLERANCE = 0.25
"""Largest difference of two fits' means, in posterior standard deviations: about four Monte Carlo errors of
each fit's least mixed coefficient (some 1,000 effective draws of 4,000)."""


def main() -> int:
    """Fit, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the rows that ship; write nothing")
    check = parser.parse_args().check
    start = time.perf_counter()
    arrays = fit(SEED + (1_000 if check else 0))
    print(
        f"{len(arrays['numbers'])} rows from {len(fit_rows())} amounts in {time.perf_counter() - start:.0f} s"
    )
    if check:
        return 0 if compare(arrays) else 1
    packed = payments.pack(arrays, refits(arrays, SEED), figures=len(fit_rows()), hashed=payments.data_hash())
    TARGET.write_bytes(packed)
    print(f"{TARGET.relative_to(ROOT)}: {len(packed) / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
