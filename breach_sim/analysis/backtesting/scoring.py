"""Score one prediction of an amount with its outcome: percentile, CRPS, log score, interval.

The quantity is a distribution of ln amount held against a published amount. See docs/model.md, section 9.4.

Not here: who makes the prediction (``leave_one_out``, ``baselines``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from breach_sim.formatting.arrays import Array

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of every prediction."""
_POINTS = 401
_REACH = 9.0
_QUADRATURE = 1_000


class Law(Protocol):
    """Distribution of ln amount."""

    def cdf(self, at: Array) -> Array:
        """Distribution function. Shape as ``at``."""

    def log_density(self, at: float) -> float:
        """Log density at one point."""

    def quantile(self, levels: Array) -> Array:
        """Quantiles. Shape as ``levels``."""


@dataclass(frozen=True, slots=True)
class Normals:
    """Mixture of normals with equal weights.

    Parameters
    ----------
    mean, sd
        Of each part. Shape (m,). [ln USD]
    """

    mean: Array
    sd: Array

    def cdf(self, at: Array) -> Array:
        """Distribution function.

        Parameters
        ----------
        at
            Shape (k,). [ln USD]

        Returns
        -------
        Shape (k,). [0, 1]
        """
        from scipy.special import ndtr

        return np.asarray(ndtr((np.asarray(at)[:, None] - self.mean) / self.sd).mean(axis=1))

    def log_density(self, at: float) -> float:
        """Log density.

        Parameters
        ----------
        at
            [ln USD]

        Returns
        -------
        Log of the mean of the parts' densities.
        """
        logs = -0.5 * ((at - self.mean) / self.sd) ** 2 - np.log(self.sd) - 0.5 * math.log(2 * math.pi)
        top = float(logs.max())
        return top + math.log(float(np.exp(logs - top).mean()))

    def quantile(self, levels: Array) -> Array:
        """Quantiles, from the distribution function on a fine grid.

        Parameters
        ----------
        levels
            Any shape. (0, 1)

        Returns
        -------
        Same shape. [ln USD]
        """
        low = float((self.mean - _REACH * self.sd).min())
        high = float((self.mean + _REACH * self.sd).max())
        grid = np.linspace(low, high, _POINTS)
        return np.interp(levels, self.cdf(grid), grid)


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student's t.

    Parameters
    ----------
    center, scale
        [ln USD]
    freedom
        Degrees of freedom. [1, inf)
    """

    center: float
    scale: float
    freedom: int

    def cdf(self, at: Array) -> Array:
        """Distribution function.

        Parameters
        ----------
        at
            Shape (k,). [ln USD]

        Returns
        -------
        Shape (k,). [0, 1]
        """
        from scipy.special import stdtr

        return np.asarray(stdtr(self.freedom, (np.asarray(at) - self.center) / self.scale))

    def log_density(self, at: float) -> float:
        """Log density.

        Parameters
        ----------
        at
            [ln USD]

        Returns
        -------
        In nats.
        """
        n, away = self.freedom, (at - self.center) / self.scale
        constant = math.lgamma((n + 1) / 2) - math.lgamma(n / 2) - 0.5 * math.log(n * math.pi)
        return constant - math.log(self.scale) - (n + 1) / 2 * math.log1p(away**2 / n)

    def quantile(self, levels: Array) -> Array:
        """Quantiles.

        Parameters
        ----------
        levels
            Any shape. (0, 1)

        Returns
        -------
        Same shape. [ln USD]
        """
        from scipy.special import stdtrit

        return np.asarray(self.center + self.scale * stdtrit(self.freedom, levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One prediction and its outcome.

    Parameters
    ----------
    quantiles
        At 5, 25, 50, 75 and 95 %. [USD of 2024]
    percentile
        Probability that the prediction lies below the outcome. [0, 1]
    crps
        Of ln amount. [0, inf) [ln USD]
    log_score
        Log density of ln amount at the outcome.
    """

    quantiles: tuple[float, float, float, float, float]
    percentile: float
    crps: float
    log_score: float

    @property
    def width(self) -> float:
        """95 % quantile over 5 % quantile."""
        return self.quantiles[4] / self.quantiles[0]

    @property
    def inside(self) -> bool:
        """Whether the outcome lies inside the central 90 % interval."""
        return LEVELS[0] <= self.percentile <= LEVELS[4]

    @property
    def inside_half(self) -> bool:
        """Whether the outcome lies inside the central 50 % interval."""
        return LEVELS[1] <= self.percentile <= LEVELS[3]


def score(law: Law, outcome: float) -> Score:
    """Hold a prediction against an outcome.

    Parameters
    ----------
    law
        Distribution of ln amount.
    outcome
        [ln USD of 2024]

    Returns
    -------
    The score.

    Notes
    -----
    The CRPS is the mean over levels a of 2 (1{y < q_a} - a) (q_a - y), with q_a the quantile at level a, by
    the midpoint rule over 1,000 levels.
    """
    levels = (np.arange(_QUADRATURE) + 0.5) / _QUADRATURE
    found = law.quantile(np.concatenate([levels, LEVELS]))
    ends = found[:_QUADRATURE]
    pinball = 2 * ((outcome < ends) - levels) * (ends - outcome)
    p5, p25, p50, p75, p95 = (float(math.exp(end)) for end in found[_QUADRATURE:])
    return Score(
        quantiles=(p5, p25, p50, p75, p95),
        percentile=float(law.cdf(np.array([outcome]))[0]),
        crps=float(pinball.mean()),
        log_score=law.log_density(outcome),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the scores of several rows come to.

    Parameters
    ----------
    rows
        Number of rows.
    cover90, cover50
        Shares inside the central intervals. [0, 1]
    width
        Median width.
    crps, log_score
        Means.
    uniform_p
        Kolmogorov-Smirnov probability of so uneven percentiles. [0, 1]
    """

    rows: int
    cover90: float
    cover50: float
    width: float
    crps: float
    log_score: float
    uniform_p: float


def summarize(scores: Sequence[Score]) -> Summary:
    """Summarize scores.

    Parameters
    ----------
    scores
        At least one.

    Returns
    -------
    The summary.
    """
    from scipy.stats import kstest

    percentiles = [own.percentile for own in scores]
    return Summary(
        rows=len(scores),
        cover90=float(np.mean([own.inside for own in scores])),
        cover50=float(np.mean([own.inside_half for own in scores])),
        width=float(np.median([own.width for own in scores])),
        crps=float(np.mean([own.crps for own in scores])),
        log_score=float(np.mean([own.log_score for own in scores])),
        uniform_p=float(kstest(percentiles, "uniform").pvalue),
    )
