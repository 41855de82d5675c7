"""The joint normal of published amounts given the scales, with the coefficients integrated out.

The quantity is the density of ln amounts, equations (31) and (32), given the scales; the predictive normal
of a breach without its own rows; and draws of the coefficients. All in closed form. See docs/model.md,
sections 9.1 and 9.4.

Not here: the draws of the scales (``sampler``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breach_sim.analysis.calibration.luck import Luck
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.payments import (
    DATA_KINDS,
    GROUP_OF,
    GROUPS,
    LINES,
    PLACES,
    SPREADS,
    Case,
    spread_index,
)

MEAN_INTERCEPT, MEAN_SLOPE = 15.0, 0.6
"""Prior means of a and b."""
SD_INTERCEPT, SD_GROUP, SD_SLOPE, SD_DATA, SD_PLACE = 3.0, 1.0, 0.2, 0.7, 0.7
"""Prior standard deviations of a, a_g, b, c_f and delta_j."""
SCALES = ("tau_a", "tau_b", "tau_c", "s", "rho")
"""Scales before those of the lines, in order; the first four as logarithms, the last as logit."""
HALF_NORMAL = {"tau_a": 0.7, "tau_b": 0.15, "tau_c": 0.5, "s": 1.5}
"""Prior scales."""
SPREAD_SD = 0.5
"""Prior standard deviation of ln(s_k / s)."""
DIMENSIONS = len(SCALES) + len(SPREADS)
"""Numbers that a draw of the scales holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRow:
    """One published amount as the fit reads it.

    Parameters
    ----------
    breach
        Identity of the breach; rows of one breach share its effect.
    line
        Line of payment.
    case
        People, kinds of data, country.
    ln_amount
        The figure, or its bound. [ln USD of 2024]
    bound
        "exact", "ceiling" or "floor".
    """

    breach: str
    line: str
    case: Case
    ln_amount: float
    bound: str = "exact"

    @property
    def people(self) -> float:
        """People whom the amount concerns."""
        return self.case.people

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of data that leaked."""
        return self.case.kinds

    @property
    def country(self) -> str:
        """Two letters."""
        return self.case.country


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """One draw of the scales.

    Parameters
    ----------
    tau_a, tau_b, tau_c
        Standard deviations of what lines have of their own: intercept, slope, effects of data. (0, inf)
    rho
        Share of the variance that the lines of a breach have in common. (0, 1)
    spread
        s_k by entry of ``SPREADS``. Shape (8,). (0, inf)
    """

    tau_a: float
    tau_b: float
    tau_c: float
    rho: float
    spread: Array

    @classmethod
    def of(cls, numbers: Array) -> Scales:
        """Read the scales from unbounded numbers.

        Parameters
        ----------
        numbers
            ln of tau_a, tau_b, tau_c and s, logit of rho, z by spread. Shape (13,).

        Returns
        -------
        The scales.
        """
        tau_a, tau_b, tau_c, s = (math.exp(number) for number in numbers[:4])
        spread = s * np.exp(SPREAD_SD * numbers[len(SCALES) :])
        return cls(tau_a=tau_a, tau_b=tau_b, tau_c=tau_c, rho=1 / (1 + math.exp(-numbers[4])), spread=spread)


def log_prior(numbers: Array) -> float:
    """Log density of the prior of the scales, over the unbounded numbers.

    Parameters
    ----------
    numbers
        As for :meth:`Scales.of`. Shape (13,).

    Returns
    -------
    Up to a constant; the Jacobian is included.
    """
    halves = sum(
        -0.5 * (math.exp(number) / width) ** 2 + number
        for number, width in zip(numbers[:4], HALF_NORMAL.values(), strict=True)
    )
    logit = float(numbers[4])
    uniform = -abs(logit) - 2 * math.log1p(math.exp(-abs(logit)))
    return float(halves) + uniform - 0.5 * float(np.sum(numbers[len(SCALES) :] ** 2))


class Gaussian:
    """Joint normal of a set of rows.

    Parameters
    ----------
    rows
        The amounts.
    """

    def __init__(self, rows: Sequence[FitRow]) -> None:
        self.rows = tuple(rows)
        self.line = np.array([LINES.index(row.line) for row in rows], dtype=np.int64)
        self.x = np.array([row.case.x for row in rows])
        self.data = np.array([row.case.data() for row in rows]).reshape(-1, len(DATA_KINDS))
        self.places = np.array([row.case.places(row.line) for row in rows]).reshape(-1, len(PLACES))
        self.spread = np.array([spread_index(row.line) for row in rows], dtype=np.int64)
        self.ln_amount = np.array([row.ln_amount for row in rows])
        self.breach = np.array([row.breach for row in rows])
        self.mean = MEAN_INTERCEPT + MEAN_SLOPE * self.x

    @cached_property
    def _parts(self) -> tuple[Array, Array, Array, Array, Array]:
        """Covariances that scale with 1, tau_a^2, tau_b^2, tau_c^2, and who shares a breach. Shape (n, n)."""
        groups = np.array([GROUP_OF[LINES[k]] for k in self.line])
        line = (self.line[:, None] == self.line).astype(np.float64)
        group = (groups[:, None] == groups).astype(np.float64)
        size = np.outer(self.x, self.x)
        alike = self.data @ self.data.T
        fixed = SD_INTERCEPT**2 + SD_GROUP**2 * group + SD_SLOPE**2 * size
        fixed = fixed + SD_DATA**2 * alike + SD_PLACE**2 * (self.places @ self.places.T)
        together = (self.breach[:, None] == self.breach).astype(np.float64)
        return fixed, line, size * (group + line), alike * line, together

    def covariance(self, scales: Scales) -> Array:
        """Covariance of ln amounts.

        Parameters
        ----------
        scales
            One draw.

        Returns
        -------
        Shape (n, n). [ln^2]
        """
        fixed, line, slope, data, together = self._parts
        spread = scales.spread[self.spread]
        found = fixed + scales.tau_a**2 * line
        found += scales.tau_b**2 * slope
        found += scales.tau_c**2 * data
        shared = math.sqrt(scales.rho) * spread
        found += (shared[:, None] * together) * shared
        found.flat[:: len(found) + 1] += (1.0 - scales.rho) * spread**2
        return found

    def log_density(self, scales: Scales, ln_amount: Array) -> float:
        """Log density of ln amounts.

        Parameters
        ----------
        scales
            One draw.
        ln_amount
            Amounts, those behind bounds included. Shape (n,). [ln USD of 2024]

        Returns
        -------
        Up to a constant.
        """
        from scipy.linalg.lapack import dpotrf, dtrtrs

        root, failed = dpotrf(self.covariance(scales), lower=True, overwrite_a=True)
        if failed:
            return -math.inf
        away, _ = dtrtrs(root, ln_amount - self.mean, lower=True)
        return float(-0.5 * away @ away - np.log(np.diag(root)).sum())

    def draw_coefficients(self, scales: Scales, ln_amount: Array, rng: Luck) -> Coefficients:
        """Draw the coefficients given the scales and the amounts.

        Parameters
        ----------
        scales
            One draw.
        ln_amount
            Shape (n,). [ln USD of 2024]
        rng
            Generator.

        Returns
        -------
        One draw.

        Notes
        -----
        A draw of the prior is moved by what the data say of its error, which makes it a draw of the
        posterior (Matheron's rule).
        """
        prior = Coefficients.of_prior(scales, rng)
        spread = scales.spread[self.spread]
        effects = {name: rng.standard_normal() for name in np.unique(self.breach)}
        shared = np.array([effects[name] for name in self.breach])
        noise = math.sqrt(scales.rho) * shared
        noise = noise + math.sqrt(1 - scales.rho) * rng.standard_normal(len(self.x))
        seen = prior.mean(self.line, self.x, self.data, self.places) + spread * noise
        pull = np.linalg.solve(self.covariance(scales), ln_amount - seen)
        return prior.moved(self, scales, pull)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """Coefficients of all lines.

    Parameters
    ----------
    intercept, slope
        alpha and beta. Shape (lines,).
    data_effect
        gamma. Shape (lines, 5).
    place_effect
        delta. Shape (4,).
    """

    intercept: Array
    slope: Array
    data_effect: Array
    place_effect: Array

    @classmethod
    def of_prior(cls, scales: Scales, rng: Luck) -> Coefficients:
        """Draw from equation (32).

        Parameters
        ----------
        scales
            One draw.
        rng
            Generator.

        Returns
        -------
        One draw.
        """
        lines, group = len(LINES), _group_numbers()
        intercept = MEAN_INTERCEPT + SD_INTERCEPT * rng.standard_normal()
        intercept = intercept + SD_GROUP * rng.standard_normal(len(GROUPS))[group]
        slope = MEAN_SLOPE + SD_SLOPE * rng.standard_normal()
        slope = slope + scales.tau_b * rng.standard_normal(len(GROUPS))[group]
        data = SD_DATA * rng.standard_normal(len(DATA_KINDS))
        return cls(
            intercept=intercept + scales.tau_a * rng.standard_normal(lines),
            slope=slope + scales.tau_b * rng.standard_normal(lines),
            data_effect=data + scales.tau_c * rng.standard_normal((lines, len(DATA_KINDS))),
            place_effect=SD_PLACE * rng.standard_normal(len(PLACES)),
        )

    def mean(self, line: NDArray[np.int64], x: Array, data: Array, places: Array) -> Array:
        """Mean of ln amount of rows.

        Parameters
        ----------
        line
            Number of the line. Shape (n,).
        x, data, places
            Covariates. Shape (n,), (n, 5), (n, 4).

        Returns
        -------
        Shape (n,). [ln USD of 2024]
        """
        effects = np.sum(self.data_effect[line] * data, axis=1) + places @ self.place_effect
        return np.asarray(self.intercept[line] + self.slope[line] * x + effects)

    def moved(self, fitted: Gaussian, scales: Scales, pull: Array) -> Coefficients:
        """Add the covariance of each coefficient with the rows, times what the data pull.

        Parameters
        ----------
        fitted
            The rows.
        scales
            One draw.
        pull
            Inverse covariance of the rows times the error of the prior draw. Shape (n,).

        Returns
        -------
        Coefficients after the data.
        """
        own = (np.arange(len(LINES))[:, None] == fitted.line).astype(np.float64)
        group = _group_numbers()
        kin = (group[:, None] == group[fitted.line]).astype(np.float64)
        by_x, by_data = pull * fitted.x, fitted.data * pull[:, None]
        level = SD_INTERCEPT**2 + SD_GROUP**2 * kin + scales.tau_a**2 * own
        tilt = SD_SLOPE**2 + scales.tau_b**2 * (kin + own)
        return Coefficients(
            intercept=self.intercept + level @ pull,
            slope=self.slope + tilt @ by_x,
            data_effect=self.data_effect + (SD_DATA**2 + scales.tau_c**2 * own) @ by_data,
            place_effect=self.place_effect + SD_PLACE**2 * (fitted.places.T @ pull),
        )


def _group_numbers() -> NDArray[np.int64]:
    """Number of the group of each line. Shape (lines,)."""
    names = list(GROUPS)
    return np.array([names.index(GROUP_OF[line]) for line in LINES], dtype=np.int64)
