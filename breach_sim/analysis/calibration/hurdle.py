"""Whether there is a payment: posterior of h and eta of equation (33), by line.

A line has two numbers, so that its posterior is computed on a grid and drawn from it. A breach without a
payment after some years may still get one: the chance that it would have come by then enters its likelihood.
See docs/model.md, section 9.2.

Not here: how large a payment is (``gaussian``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.calibration.luck import Luck
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.payments import UNIT_PEOPLE

SLOPE, SLOPE_SD = 0.3, 0.15
"""Prior mean and standard deviation of eta."""
LEVEL_SD = 1.0
"""Prior standard deviation of h."""
_GRID = (241, 121)
_REACH = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsMade:
    """Breaches of about one size, and how many of them paid on one line.

    Parameters
    ----------
    line
        Line of payment.
    people
        Size. (0, inf) [people]
    breaches, paid
        How many, and how many of them paid. [1, inf), [0, breaches]
    years
        Years since the breach, or to the payment. (0, inf) [years]
    source, note
        Id of the source, and what one must know.
    """

    line: str
    people: float
    breaches: int
    paid: int
    years: float
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if not (self.people > 0 and self.years > 0 and 0 <= self.paid <= self.breaches and self.breaches):
            raise ValueError(
                f"{self.paid} of {self.breaches} breaches of {self.people} people paid within {self.years} "
                "years; people and years must be positive and paid lie between 0 and breaches"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Time from a breach to its payment: lognormal.

    Parameters
    ----------
    center, spread
        Mean and standard deviation of ln years.
    """

    center: float
    spread: float

    @classmethod
    def fit(cls, years: Sequence[float]) -> Lag:
        """Fit by the moments of ln years.

        Parameters
        ----------
        years
            Lags seen. Shape (n,), n at least 2. (0, inf) [years]

        Returns
        -------
        The law.
        """
        logs = np.log(np.asarray(years, dtype=np.float64))
        return cls(center=float(logs.mean()), spread=float(logs.std(ddof=1)))

    def by(self, years: float) -> float:
        """Probability that a payment that comes has come.

        Parameters
        ----------
        years
            Since the breach. (0, inf) [years]

        Returns
        -------
        (0, 1)
        """
        from scipy.special import ndtr

        return float(ndtr((math.log(years) - self.center) / self.spread))


def log_likelihood(made: Sequence[PaymentsMade], lag: Lag, level: Array, slope: Array) -> Array:
    """Log likelihood of counts of one line.

    Parameters
    ----------
    made
        Counts.
    lag
        Time to a payment.
    level, slope
        h and eta. Any shape, alike.

    Returns
    -------
    Of their shape.
    """
    total = np.zeros(np.broadcast(level, slope).shape)
    for row in made:
        chance = 1 / (1 + np.exp(-(level + slope * math.log(row.people / UNIT_PEOPLE))))
        missing = row.breaches - row.paid
        total = total + row.paid * np.log(chance) + missing * np.log1p(-chance * lag.by(row.years))
    return total


def draw(made: Sequence[PaymentsMade], lag: Lag, level: float, draws: int, rng: Luck) -> tuple[Array, Array]:
    """Draw h and eta of one line.

    Parameters
    ----------
    made
        Counts of the line; none give draws of the prior.
    lag
        Time to a payment.
    level
        Prior mean of h.
    draws
        How many.
    rng
        Generator.

    Returns
    -------
    h and eta. Shape (draws,) each.
    """
    levels = level + LEVEL_SD * np.linspace(-_REACH, _REACH, _GRID[0])[:, None]
    slopes = SLOPE + SLOPE_SD * np.linspace(-_REACH, _REACH, _GRID[1])
    away = ((levels - level) / LEVEL_SD) ** 2 + ((slopes - SLOPE) / SLOPE_SD) ** 2
    log_density = log_likelihood(made, lag, levels, slopes) - 0.5 * away
    weight = np.exp(log_density - log_density.max()).ravel()
    edges = np.cumsum(weight / weight.sum())
    edges[-1] = 1.0
    chosen = np.searchsorted(edges, rng.random(draws), side="right")
    at = np.unravel_index(chosen, _GRID)
    # Within a cell the density is nearly flat, so that a uniform number inside it fills the grid's gaps.
    step = 2 * _REACH / (np.array(_GRID) - 1)
    inside = rng.random((2, draws)) - 0.5
    h = levels[at[0], 0] + LEVEL_SD * step[0] * inside[0]
    return h, slopes[at[1]] + SLOPE_SD * step[1] * inside[1]
