"""Draw the scales of the model of payments, the values behind bounds, and then the coefficients.

The scales are drawn by slice sampling, one at a time, on the density with all coefficients integrated out;
a value behind a bound is drawn from its normal given all others, cut at the bound. Each chain has its own
generator, so that chains may run side by side. See docs/model.md, section 9.1.

Not here: the densities (``gaussian``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.calibration.gaussian import (
    DIMENSIONS,
    Coefficients,
    FitRow,
    Gaussian,
    Scales,
    log_prior,
)
from breach_sim.analysis.calibration.luck import Luck
from breach_sim.formatting.arrays import Array

START = (math.log(0.5), math.log(0.15), math.log(0.3), 0.2, 0.0)
"""Where every chain starts, before its warm-up: tau_a, tau_b, tau_c, s, rho."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Draws of one chain or of several.

    Parameters
    ----------
    numbers
        Scales as unbounded numbers. Shape (draws, 13).
    ln_amount
        Amounts with the values drawn behind bounds. Shape (draws, n). [ln USD of 2024]
    coefficients
        One a draw.
    """

    numbers: Array
    ln_amount: Array
    coefficients: tuple[Coefficients, ...]


def sample(rows: Sequence[FitRow], *, draws: int, warm_up: int, thin: int, rng: Luck) -> Draws:
    """Run one chain.

    Parameters
    ----------
    rows
        The published amounts.
    draws, warm_up, thin
        Draws to keep, steps before the first of them, steps between two.
    rng
        Generator of the chain.

    Returns
    -------
    The draws that were kept.
    """
    model = Gaussian(rows)
    numbers = np.zeros(DIMENSIONS)
    numbers[: len(START)] = START
    amounts = model.ln_amount.copy()
    kept: list[tuple[Array, Array, Coefficients]] = []
    for step in range(warm_up + draws * thin):
        numbers = _step(model, numbers, amounts, rng)
        amounts = behind_bounds(model, Scales.of(numbers), amounts, rng)
        if step >= warm_up and (step - warm_up) % thin == thin - 1:
            own = model.draw_coefficients(Scales.of(numbers), amounts, rng)
            kept.append((numbers.copy(), amounts.copy(), own))
    return Draws(
        numbers=np.array([own for own, _, _ in kept]),
        ln_amount=np.array([own for _, own, _ in kept]),
        coefficients=tuple(own for _, _, own in kept),
    )


def _step(model: Gaussian, numbers: Array, amounts: Array, rng: Luck) -> Array:
    """Draw every scale once, given the others."""

    def log_posterior(at: Array) -> float:
        if np.any(np.abs(at) > 8):  # noqa: PLR2004 - e^8 is far outside every prior; beyond, exp overflows
            return -math.inf
        return log_prior(at) + model.log_density(Scales.of(at), amounts)

    height = log_posterior(numbers)
    for dimension in range(DIMENSIONS):
        numbers, height = _slice(log_posterior, numbers, height, dimension, rng)
    return numbers


def _slice(
    log_posterior: Callable[[Array], float],
    numbers: Array,
    height: float,
    dimension: int,
    rng: Luck,
) -> tuple[Array, float]:
    """One step of a slice sampler with stepping out (Neal 2003), width 1."""

    def at(value: float) -> tuple[Array, float]:
        moved = numbers.copy()
        moved[dimension] = value
        return moved, log_posterior(moved)

    level = height + math.log(rng.random())
    low = numbers[dimension] - rng.random()
    high = low + 1.0
    while at(low)[1] > level:
        low -= 1.0
    while at(high)[1] > level:
        high += 1.0
    while True:
        value = low + (high - low) * rng.random()
        moved, found = at(value)
        if found > level:
            return moved, found
        low, high = (value, high) if value < numbers[dimension] else (low, value)


def behind_bounds(model: Gaussian, scales: Scales, amounts: Array, rng: Luck) -> Array:
    """Draw each amount of which only a bound is known, given all others.

    Parameters
    ----------
    model
        The rows.
    scales
        One draw.
    amounts
        Present values. Shape (n,). [ln USD of 2024]
    rng
        Generator.

    Returns
    -------
    New values: those of exact rows unchanged, those behind bounds on their side of them. Shape (n,).
    """
    from scipy.special import ndtr, ndtri

    bounded = [number for number, row in enumerate(model.rows) if row.bound != "exact"]
    if not bounded:
        return amounts
    found = amounts.copy()
    precision = np.linalg.inv(model.covariance(scales))
    for i in bounded:
        sd = 1.0 / math.sqrt(precision[i, i])
        center = found[i] - sd**2 * float(precision[i] @ (found - model.mean))
        edge = float(ndtr((model.ln_amount[i] - center) / sd))
        low, high = (0.0, edge) if model.rows[i].bound == "ceiling" else (edge, 1.0)
        chance = low + (high - low) * rng.random()
        drawn = center + sd * float(ndtri(min(max(chance, 1e-300), 1 - 1e-16)))
        beyond = min if model.rows[i].bound == "ceiling" else max
        found[i] = beyond(drawn, model.ln_amount[i])
    return found
