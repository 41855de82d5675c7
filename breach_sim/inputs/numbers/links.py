"""What a user says that parameters have in common: a factor on several of them, and correlations of two.

Correlated parameters keep their distributions; their uniform numbers are joined by a Gaussian copula with the
given correlations of normal scores.

Not here: drawing (``engine.draws.parameters``), and the drivers of the catalog (``inputs.attacks``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.estimates import Estimate

LEAST = 1e-10
"""Smallest eigenvalue of a matrix of correlations that counts as positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """Common factor on several parameters, drawn once a replicate.

    Parameters
    ----------
    name
        Short name.
    parameters
        Names of the parameters that it multiplies.
    estimate
        The factor, named ``driver.NAME``. [ratio]
    """

    name: str
    parameters: tuple[str, ...]
    estimate: Estimate

    def in_words(self) -> str:
        """Name, parameters and reason, as part of a sentence."""
        numbers = f"{self.estimate.numbers_text()} {self.estimate.unit}"
        return f"driver {self.name} of {numbers} on {', '.join(self.parameters)} ({self.estimate.note})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Correlation of the normal scores of two parameters.

    Parameters
    ----------
    a, b
        Names of the parameters.
    rho
        (-1, 1)
    reason
        Why.

    Raises
    ------
    ValueError
        If the reason is missing, both are one parameter, or rho is out of range.
    """

    a: str
    b: str
    rho: float
    reason: str

    def __post_init__(self) -> None:
        place = f"the correlation of {self.a} and {self.b}"
        if not self.reason.strip():
            raise ValueError(f'{place} has no reason; write reason = "..." beside it')
        if self.a == self.b:
            raise ValueError(f"{place} is of one parameter with itself; name two")
        number = isinstance(self.rho, (int, float)) and not isinstance(self.rho, bool)
        if not number or not -1 < self.rho < 1:
            raise ValueError(f"{place} is {shown(self.rho)}; it must lie between -1 and 1")

    def in_words(self) -> str:
        """Both names, the correlation and the reason, as part of a sentence."""
        return f"correlation of {self.a} and {self.b} {self.rho:g} ({self.reason})"


def correlated(correlations: Sequence[Correlation]) -> tuple[str, ...]:
    """Return the parameters that some correlations name, each once, in their order.

    Parameters
    ----------
    correlations
        Of different pairs.

    Returns
    -------
    Names.
    """
    return tuple(dict.fromkeys(name for each in correlations for name in (each.a, each.b)))


def mixing(correlations: Sequence[Correlation]) -> NDArray[np.float64]:
    """Return the matrix that makes independent normal scores correlated.

    Parameters
    ----------
    correlations
        Of different pairs.

    Returns
    -------
    Lower Cholesky factor. Shape (n, n) for the n names of :func:`correlated`.

    Raises
    ------
    ValueError
        If a pair comes twice, or no distribution has these correlations; the pair most at fault is named.
    """
    names = correlated(correlations)
    matrix = np.eye(len(names))
    for each in correlations:
        i, j = names.index(each.a), names.index(each.b)
        if matrix[i, j]:
            raise ValueError(f"{each.a} and {each.b} are correlated twice; give each pair once")
        matrix[i, j] = matrix[j, i] = each.rho
    values, vectors = np.linalg.eigh(matrix)
    if len(names) and values[0] < LEAST:
        worst = _worst(correlations, dict(zip(names, vectors[:, 0], strict=True)))
        raise ValueError(
            f"the correlation of {worst.a} and {worst.b} is {worst.rho:g}, and with the others the matrix is "
            "not positive definite: no distribution has them all; take one nearer to 0"
        )
    return np.asarray(np.linalg.cholesky(matrix))


def _worst(correlations: Sequence[Correlation], weights: Mapping[str, float]) -> Correlation:
    """Pair that takes most from the smallest eigenvalue; of equals the last one."""
    parts = [round(weights[each.a] * weights[each.b] * each.rho, 9) for each in correlations]
    return correlations[len(parts) - 1 - parts[::-1].index(min(parts))]
