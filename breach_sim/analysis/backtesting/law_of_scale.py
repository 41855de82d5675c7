"""How payments grow with the number of people: a law of scale with a predictive interval in closed form.

The quantity is one payment, a settlement or a fine in USD, given that there is one, for a breach of so
many people: ln payment = a + b ln people + sigma x noise, three numbers by least squares. Its predictive
law is Student's t with n - 2 degrees of freedom; with none left the interval is endless. See docs/model.md,
section 9.4, where it is a baseline.

Not here: whether there is a payment at all, which payments were published (``published``), and the ledger
whose rates come from single firms (``firm``).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from breach_sim.formatting.arrays import Array

MASS = 0.9
"""Probability of the intervals."""
INTERVAL = (0.05, 0.5, 0.95)
"""Quantiles of a prediction: low end, middle, high end."""
FEWEST = 3
"""Payments below which no degree of freedom is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleLaw:
    """A fitted law of scale.

    Parameters
    ----------
    n
        Payments behind it. [0, inf)
    intercept, slope
        a and b of ln payment [ln USD] = a + b ln people. Not a number if the sizes do not determine them.
    sigma
        Standard deviation of ln payment around the line, estimated on n - 2 degrees of freedom. [ln USD]
    center, squares
        Mean of ln people, and the sum of squares around it.
    """

    n: int
    intercept: float
    slope: float
    sigma: float
    center: float
    squares: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom: n - 2, from -2 on."""
        return self.n - 2

    @property
    def endless(self) -> bool:
        """Whether every interval goes from 0 to infinity: fewer than three payments, or one size only."""
        return self.n < FEWEST or self.squares == 0

    def quantiles(self, people: float, chances: ArrayLike = INTERVAL) -> Array:
        """Quantiles of a payment for a breach of so many people.

        Parameters
        ----------
        people
            Whom the payment is about. (0, inf) [people]
        chances
            Levels. Any shape. (0, 1)

        Returns
        -------
        Of the shape of ``chances``. [USD] Endless: 0 below the middle, infinity above it.

        Raises
        ------
        ValueError
            If the people are not a positive number or a level lies outside (0, 1).
        """
        from scipy import special

        levels = np.asarray(chances, dtype=np.float64)
        if not np.all((levels > 0) & (levels < 1)):
            raise ValueError(f"chances are {chances!r}; each must lie strictly between 0 and 1")
        middle = self.intercept + self.slope * self._log(people)
        if self.endless:
            ends = np.where(levels < 0.5, -np.inf, np.inf)  # noqa: PLR2004 - the middle
            return np.asarray(np.exp(np.where(levels == 0.5, middle, ends)))  # noqa: PLR2004
        with np.errstate(over="ignore"):
            return np.asarray(
                np.exp(middle + self._scale(people) * special.stdtrit(self.freedom, levels)), np.float64
            )

    def percentile(self, people: float, paid: float) -> float:
        """Probability that a payment lies below an amount.

        Parameters
        ----------
        people
            Whom the payment is about. (0, inf) [people]
        paid
            The amount. (0, inf) [USD]

        Returns
        -------
        [0, 1]; not a number where the law is endless.

        Raises
        ------
        ValueError
            If either is not a positive number.
        """
        from scipy import special

        away = _checked(paid, "paid") - self.intercept - self.slope * self._log(people)
        if self.endless:
            return math.nan
        return float(special.stdtr(self.freedom, away / self._scale(people)))

    def slope_interval(self) -> tuple[float, float]:
        """The 90 % interval of the slope b; below 1 throughout would show that costs a person fall.

        Returns
        -------
        Low and high end; minus and plus infinity where the law is endless.
        """
        from scipy import special

        if self.endless:
            return -math.inf, math.inf
        half = float(special.stdtrit(self.freedom, INTERVAL[2])) * self.sigma / math.sqrt(self.squares)
        return self.slope - half, self.slope + half

    def predictive(self, people: float) -> tuple[float, float]:
        """Center and scale of the Student's t of ln payment for a breach of so many people.

        Parameters
        ----------
        people
            Whom the payment is about. (0, inf) [people]

        Returns
        -------
        Both in ln USD; the degrees of freedom are :attr:`freedom`.

        Raises
        ------
        ValueError
            If the people are not a positive number.
        """
        return self.intercept + self.slope * self._log(people), self._scale(people)

    def _scale(self, people: float) -> float:
        # The farther a breach is from the others in size, the less the line is known there.
        away = (self._log(people) - self.center) ** 2 / self.squares
        return self.sigma * math.sqrt(1 + 1 / self.n + away)

    def _log(self, people: float) -> float:
        return _checked(people, "people")


def _checked(value: float, what: str) -> float:
    """Logarithm of a positive number."""
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{what} is {value!r}; it must be a positive number")
    return math.log(value)


def fit(people: ArrayLike, paid: ArrayLike) -> ScaleLaw:
    """Fit the law of scale to payments, by least squares of logarithms.

    Parameters
    ----------
    people
        Whom each payment is about. Shape (n,). (0, inf) [people]
    paid
        The payments. Shape (n,). (0, inf) [USD]

    Returns
    -------
    The law.

    Raises
    ------
    ValueError
        If the shapes differ or a number is not positive.

    Examples
    --------
    >>> law = fit([1e6, 1e7, 1e8], [1e6, 5e6, 3e7])
    >>> round(law.slope, 2), law.freedom
    (0.74, 1)
    """
    x, y = _logs(people, "people"), _logs(paid, "paid")
    if x.shape != y.shape:
        raise ValueError(f"{x.size} numbers of people and {y.size} payments; give one each")
    n = x.size
    center = float(x.mean()) if n else math.nan
    squares = float(np.sum((x - center) ** 2)) if np.unique(x).size > 1 else 0.0
    # Equation (31) by least squares; without two different sizes there is no slope.
    slope = float(np.sum((x - center) * y)) / squares if squares else math.nan
    intercept = float(y.mean()) - slope * center if n else math.nan
    rest = float(np.sum((y - intercept - slope * x) ** 2))
    sigma = math.sqrt(rest / (n - 2)) if n >= FEWEST else math.nan
    return ScaleLaw(n=n, intercept=intercept, slope=slope, sigma=sigma, center=center, squares=squares)


def _logs(values: ArrayLike, what: str) -> Array:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"{what} has {numbers.ndim} dimensions; give a list of numbers")
    for value in numbers[~((numbers > 0) & np.isfinite(numbers))]:
        raise ValueError(
            f"{what} holds {value:g}; each must be a positive number. A breach that paid nothing is left "
            "out: the law is that of payments, given that there is one"
        )
    return np.log(numbers)


def leave_one_out(people: ArrayLike, paid: ArrayLike, breaches: Sequence[Hashable]) -> tuple[ScaleLaw, ...]:
    """For each payment the law fitted without any payment of its breach.

    Parameters
    ----------
    people, paid
        As for :func:`fit`.
    breaches
        Which breach each payment belongs to. Shape (n,).

    Returns
    -------
    One law a payment, in order.

    Raises
    ------
    ValueError
        If the shapes differ or a number is not positive.
    """
    sizes, amounts = np.asarray(people, dtype=np.float64), np.asarray(paid, dtype=np.float64)
    if len(breaches) != sizes.size:
        raise ValueError(f"{len(breaches)} breaches for {sizes.size} payments; give one each")
    kept = {own: np.array([other != own for other in breaches]) for own in dict.fromkeys(breaches)}
    laws = {own: fit(sizes[others], amounts[others]) for own, others in kept.items()}
    return tuple(laws[own] for own in breaches)


def kinds_differ(people: ArrayLike, paid: ArrayLike, kinds: Sequence[Hashable]) -> float:
    """F test of whether kinds of payment need lines of their own height.

    Parameters
    ----------
    people, paid
        As for :func:`fit`.
    kinds
        Kind of each payment. Shape (n,).

    Returns
    -------
    The probability of so large a gain, were all kinds alike; not a number with one kind, or with no
    degrees of freedom left. [0, 1]

    Raises
    ------
    ValueError
        If a number is not positive.
    """
    from scipy import special

    x, y = _logs(people, "people"), _logs(paid, "paid")
    names = list(dict.fromkeys(kinds))
    pooled = np.column_stack([np.ones_like(x), x])
    apart = np.column_stack([x, *(np.array([kind == name for kind in kinds], float) for name in names)])
    rests = [float(np.sum((y - m @ np.linalg.lstsq(m, y, rcond=None)[0]) ** 2)) for m in (pooled, apart)]
    more, left = len(names) - 1, x.size - len(names) - 1
    if more < 1 or left < 1 or rests[1] == 0:
        return math.nan
    ratio = (rests[0] - rests[1]) / more / (rests[1] / left)
    return float(special.fdtrc(more, left, max(ratio, 0.0)))


def binomial_p(inside: int, of: int, mass: float = MASS) -> float:
    """Exact two-sided probability of a count of hits as unlikely as this one.

    Parameters
    ----------
    inside
        Outcomes inside their intervals. [0, of]
    of
        Outcomes held against one. [0, inf)
    mass
        Probability with which each should be inside. (0, 1)

    Returns
    -------
    Sum of the probabilities of all counts that are no likelier. [0, 1]

    Raises
    ------
    ValueError
        If the count does not lie in [0, of].

    Examples
    --------
    >>> round(binomial_p(5, 9), 4)
    0.0083
    """
    if not 0 <= inside <= of:
        raise ValueError(f"inside is {inside}; it must lie in [0, {of}]")
    chance = [math.comb(of, k) * mass**k * (1 - mass) ** (of - k) for k in range(of + 1)]
    slack = 1 + 1e-9  # equal probabilities count, whatever their last bit
    return min(1.0, sum(c for c in chance if c <= chance[inside] * slack))
