"""The PERT: soft and hard ends, quantiles and mean, on the scale that was said.

Low, most likely and high are put on a scale (the number or its logarithm). A PERT with *hard* ends begins at
low and ends at high. With *soft* ends low and high are its quantiles at 5 % and 95 %: the ends are the two
numbers beyond them for which a PERT with the same mode has these quantiles.

Not here: which of the two holds for an estimate (``estimates``), and what is refused (``rules``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.inputs.numbers.quantiles import beta_quantile, pert_shape

LEVELS = (0.05, 0.95)
"""Probabilities below low and below high where the ends are soft."""
_STEPS = 200
_NODES = 200
"""Nodes of the quadrature for the one mean without a closed form."""


@dataclass(frozen=True, slots=True)
class Pert:
    """A PERT distribution, lambda 4, on the number or on its logarithm.

    Parameters
    ----------
    lower, upper
        Its ends: numbers, or logarithms.
    shape
        Both parameters of the beta distribution on [0, 1], rescaled from the ends. [1, 5]
    log
        Whether it is a distribution of the logarithm.
    limits
        Lowest and highest value; what lies beyond is set to them. None if nothing can.
    """

    lower: float
    upper: float
    shape: tuple[float, float]
    log: bool
    limits: tuple[float, float] | None = None

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return quantiles.

        Parameters
        ----------
        u
            Probabilities. Any shape. (0, 1)

        Returns
        -------
        Same shape. Relative error below 1e-6 of the beta quantile.
        """
        value = self.lower + (self.upper - self.lower) * beta_quantile(*self.shape, u)
        value = np.exp(value) if self.log else value
        return value if self.limits is None else np.clip(value, *self.limits)

    def mean(self) -> float:
        """Return the expected value: in closed form, or by quadrature on a logarithm that meets a limit."""
        width = self.upper - self.lower
        a, b = self.shape
        if not self.log:
            if self.limits is None:
                return self.lower + width * a / (a + b)
            return self.lower + width * self._inside(*((end - self.lower) / width for end in self.limits))
        # E[exp(X)] of a beta on [lower, upper] is the moment generating function: Kummer's 1F1.
        from scipy.special import hyp1f1

        if self.limits is None or self.upper <= math.log(self.limits[1]):
            return math.exp(self.lower) * float(hyp1f1(a, a + b, width))
        return self._below(self.limits[1])

    def _inside(self, first: float, last: float) -> float:
        """Mean of the beta when values below the first and above the last are set to these."""
        from scipy.special import betainc, betaincc

        first, last = max(first, 0.0), min(last, 1.0)
        a, b = self.shape
        middle = a / (a + b) * (betainc(a + 1, b, last) - betainc(a + 1, b, first))
        return float(first * betainc(a, b, first) + middle + last * betaincc(a, b, last))

    def _below(self, top: float) -> float:
        """Mean of min(exp(X), top): top less the integral of the distribution function below it."""
        from scipy.special import betainc

        # By parts: the distribution function is smoother at its ends than the density.
        width = self.upper - self.lower
        last = (math.log(top) - self.lower) / width
        nodes, weights = _gauss()
        place = last * (nodes + 1) / 2
        density = width * np.exp(self.lower + width * place) * betainc(*self.shape, place)
        return top - float(weights @ density) * last / 2


def pert(
    low: float,
    mode: float,
    high: float,
    *,
    log: bool,
    soft: bool,
    limits: tuple[float, float],
) -> Pert:
    """Return the PERT of three numbers.

    Parameters
    ----------
    low, mode, high
        In the unit, low <= mode <= high, low < high; all above 0 on the logarithm.
    log
        Whether the scale is the logarithm.
    soft
        Whether low and high are quantiles at 5 % and 95 % and not the ends.
    limits
        Lowest and highest value of the unit.

    Returns
    -------
    The distribution. Its mode, on its scale, is the given one.
    """
    low, mode, high = (math.log(x) for x in (low, mode, high)) if log else (low, mode, high)
    if not soft:
        return Pert(low, high, pert_shape(low, mode, high), log)
    place, below, above = soft_place((mode - low) / (high - low))
    width = (high - low) / (above - below)
    lower = low - below * width
    return Pert(lower, lower + width, (1 + 4 * place, 1 + 4 * (1 - place)), log, limits)


@lru_cache(maxsize=2048)
def soft_place(wanted: float) -> tuple[float, float, float]:
    """Return where the mode of a PERT with soft ends lies between its ends, and low and high with it.

    Parameters
    ----------
    wanted
        Place of the mode between low and high: 0 at low, 1 at high. [0, 1]

    Returns
    -------
    Places of mode, low and high between the ends, 0 at the lower and 1 at the upper end, exact to 1e-12.
    (0, 1)

    Notes
    -----
    The place of the mode decides the shape, and with it both quantiles. The root is that of

        mode - low = wanted x (high - low),

    whose left side less the right rises from below 0 to above 1: a secant inside a bracket finds it.
    """
    from scipy.special import betaincinv

    def ends(place: float) -> tuple[float, float]:
        a, b = 1 + 4 * place, 1 + 4 * (1 - place)
        # The complement keeps its digits where the upper quantile is close to 1.
        return float(betaincinv(a, b, LEVELS[0])), 1 - float(betaincinv(b, a, 1 - LEVELS[1]))

    def miss(place: float) -> float:
        below, above = ends(place)
        return place - below - wanted * (above - below)

    other, place = 0.0, 1.0
    at_other, at_place = miss(other), miss(place)
    for _ in range(_STEPS):
        new = place - at_place * (place - other) / (at_place - at_other)
        if new == place:
            break
        at_new = miss(new)
        # Illinois: the end that stays counts half, so that both ends of the bracket move.
        if at_new * at_place < 0:
            other, at_other = place, at_place
        else:
            at_other /= 2
        place, at_place = new, at_new
        if at_place == 0:
            break
    return place, *ends(place)


@cache
def _gauss() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights
