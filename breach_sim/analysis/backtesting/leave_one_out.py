"""Predict each published amount without any row of its breach.

For each posterior draw of the scales the prediction without the breach is normal, in closed form. The draws
were made with the breach, so each is weighted with 1 / p(rows of the breach | other rows, scales). See
docs/model.md, section 9.4.

Not here: the densities (``calibration.gaussian``), the scores (``scoring``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.analysis.backtesting.scoring import Normals
from breach_sim.analysis.calibration.gaussian import FitRow, Gaussian, Scales
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.arrays import Array

PARTS = 400
"""Normals that a mixture is resampled to."""
FEWER_PARTS = 100
"""The same for an amount that is no row, whose normals take longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Predictions of all rows, each without its breach.

    Parameters
    ----------
    rows
        The amounts.
    mean
        Mean of ln amount by draw and row. Shape (draws, n). [ln USD of 2024]
    covariance
        Of the rows of each breach, by draw. Shape (draws, m, m) each. [ln^2]
    weight
        Weight of each draw, by breach. Shape (draws,) each; they sum to 1.
    numbers
        Draws of the scales, as unbounded numbers. Shape (draws, 13).
    ln_amount
        Amounts of each draw. Shape (draws, n). [ln USD of 2024]
    """

    rows: tuple[FitRow, ...]
    mean: Array
    covariance: dict[str, Array]
    weight: dict[str, Array]
    numbers: Array
    ln_amount: Array

    def members(self, breach: str) -> list[int]:
        """Numbers of the rows of a breach, in order."""
        return [number for number, row in enumerate(self.rows) if row.breach == breach]

    def effective_draws(self, breach: str) -> float:
        """Effective number of draws behind the prediction of a breach.

        Parameters
        ----------
        breach
            Its identity.

        Returns
        -------
        1 / sum of squared weights. [1, draws]
        """
        return float(1 / np.sum(self.weight[breach] ** 2))

    def law(self, number: int) -> Normals:
        """Prediction of one row.

        Parameters
        ----------
        number
            Of the row. [0, n)

        Returns
        -------
        Mixture of normals of ln amount.
        """
        breach = self.rows[number].breach
        place = self.members(breach).index(number)
        chosen = systematic(self.weight[breach], PARTS)
        variance = self.covariance[breach][chosen, place, place]
        return Normals(self.mean[chosen, number], np.sqrt(variance))

    def other_law(self, row: FitRow) -> Normals:
        """Prediction of an amount that is no row, of a breach that has rows; none of these is used.

        Parameters
        ----------
        row
            The amount.

        Returns
        -------
        Mixture of normals of ln amount.
        """
        chosen = systematic(self.weight[row.breach], FEWER_PARTS)
        kept = np.array([own.breach != row.breach for own in self.rows])
        model = Gaussian((*(own for own in self.rows if own.breach != row.breach), row))
        parts = []
        for draw in chosen:
            covariance = model.covariance(Scales.of(self.numbers[draw]))
            cross, inner = covariance[-1, :-1], covariance[:-1, :-1]
            away = self.ln_amount[draw, kept] - model.mean[:-1]
            pull = np.linalg.solve(inner, np.column_stack([away, cross]))
            parts.append((model.mean[-1] + cross @ pull[:, 0], covariance[-1, -1] - cross @ pull[:, 1]))
        mean, variance = np.array(parts).T
        return Normals(mean, np.sqrt(variance))

    def sums(self, numbers: Sequence[int], size: int, seed: int) -> Array:
        """Draw the sum of several amounts of one breach.

        Parameters
        ----------
        numbers
            Of the rows, all of one breach.
        size
            Number of draws.
        seed
            Of the generator.

        Returns
        -------
        Shape (size,). [USD of 2024]
        """
        from scipy.special import ndtri

        breach = self.rows[numbers[0]].breach
        places = np.array([self.members(breach).index(number) for number in numbers], dtype=np.int64)
        chosen = systematic(self.weight[breach], size)
        roots = np.linalg.cholesky(np.asarray(self.covariance[breach])[np.ix_(chosen, places, places)])
        chances = uniforms(seed, "sum of amounts", breach, size=size * len(numbers))
        noise = np.einsum("rij,rj->ri", roots, ndtri(chances).reshape(size, len(numbers)))
        return np.asarray(
            np.exp(self.mean[np.ix_(chosen, np.asarray(numbers, dtype=np.int64))] + noise).sum(axis=1)
        )


def with_refits(found: LeftOut, refits: Mapping[str, tuple[Array, Array]]) -> LeftOut:
    """Replace the predictions of some breaches by those of fits that never saw them.

    Parameters
    ----------
    found
        Predictions by weights.
    refits
        By breach: draws of the scales (draws, 13) and amounts (draws, n) of a fit without its rows. As many
        draws as ``found`` has, or a divisor of that number.

    Returns
    -------
    The predictions; the draws of a refit are repeated to the number of ``found``, with equal weights.
    """
    mean, covariance, weight = found.mean.copy(), dict(found.covariance), dict(found.weight)
    for breach, (numbers, ln_amount) in refits.items():
        own = leave_out(found.rows, numbers, ln_amount, only={breach})
        repeat = len(mean) // len(numbers)
        places = found.members(breach)
        mean[:, places] = np.tile(own.mean[:, places], (repeat, 1))
        covariance[breach] = np.tile(own.covariance[breach], (repeat, 1, 1))
        weight[breach] = np.full(len(mean), 1.0 / len(mean))
    return dataclasses.replace(found, mean=mean, covariance=covariance, weight=weight)


def systematic(weight: Array, size: int) -> NDArray[np.int64]:
    """Resample draws to equal weights, evenly.

    Parameters
    ----------
    weight
        Shape (draws,); they sum to 1.
    size
        Number of draws to take.

    Returns
    -------
    Numbers of draws, in ascending order. Shape (size,).
    """
    edges = np.cumsum(weight)
    edges[-1] = 1.0
    return np.searchsorted(edges, (np.arange(size) + 0.5) / size).astype(np.int64)


def leave_out(
    rows: Sequence[FitRow], numbers: Array, ln_amount: Array, only: Collection[str] | None = None
) -> LeftOut:
    """Predict every row without the rows of its breach.

    Parameters
    ----------
    rows
        The amounts.
    numbers
        Posterior draws of the scales, as unbounded numbers. Shape (draws, 13).
    ln_amount
        Amounts of each draw, with the values behind bounds. Shape (draws, n). [ln USD of 2024]
    only
        Breaches to predict; None predicts all. The mean of other rows is left as nan.

    Returns
    -------
    The predictions.

    Raises
    ------
    ValueError
        If a breach has more than one bound: its weight has no closed form.
    """
    model = Gaussian(rows)
    asked = dict.fromkeys(name for name in model.breach.tolist() if only is None or name in only)
    members = {name: np.flatnonzero(model.breach == name) for name in asked}
    bounded = np.array([row.bound != "exact" for row in rows])
    for name, own in members.items():
        if bounded[own].sum() > 1:
            raise ValueError(
                f"breach {name!r} has {bounded[own].sum()} bounds; leave out all but one of them"
            )
    pull, diagonal, precision = _precisions(model, numbers, ln_amount, members)
    # The rows of a breach, given all others: their precision is a block of that of all rows.
    mean = np.full_like(ln_amount, np.nan)
    covariance, log_weight = {}, {}
    for name, own in members.items():
        alone = len(own) == 1
        block = np.asarray(1.0 / diagonal[:, own, None] if alone else np.linalg.inv(precision[name]))
        mean[:, own] = ln_amount[:, own] - (block @ pull[:, own, None])[:, :, 0]
        covariance[name] = block
        log_weight[name] = -_log_densities(model, own, mean[:, own], block)
    weight = {name: _normalized(own) for name, own in log_weight.items()}
    return LeftOut(
        rows=tuple(rows),
        mean=mean,
        covariance=covariance,
        weight=weight,
        numbers=numbers,
        ln_amount=ln_amount,
    )


def _normalized(log_weight: Array) -> Array:
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _precisions(
    model: Gaussian, numbers: Array, ln_amount: Array, members: Mapping[str, NDArray[np.int64]]
) -> tuple[Array, Array, dict[str, Array]]:
    """Precision of all rows, in each draw, as far as a prediction reads it.

    Precision times distance from the mean, and the diagonal: shape (draws, n) each. Blocks of the breaches
    with several rows: shape (draws, rows, rows) each.
    """
    places = {name: np.ix_(own, own) for name, own in members.items() if len(own) > 1}
    blocks = {name: np.empty((len(numbers), len(members[name]), len(members[name]))) for name in places}
    pull, diagonal = np.empty_like(ln_amount), np.empty_like(ln_amount)
    for draw, (scales, amounts) in enumerate(zip(map(Scales.of, numbers), ln_amount, strict=True)):
        precision = np.linalg.inv(model.covariance(scales))
        pull[draw] = precision @ (amounts - model.mean)
        diagonal[draw] = precision.diagonal()
        for name, place in places.items():
            blocks[name][draw] = precision[place]
    return pull, diagonal, blocks


def _log_densities(model: Gaussian, own: NDArray[np.int64], mean: Array, covariance: Array) -> Array:
    """Log probability of the rows of a breach given all others: exact ones, then the bound, if any.

    Mean of shape (draws, rows), covariance of shape (draws, rows, rows). Returns shape (draws,), up to a
    constant.
    """
    exact = np.array([model.rows[i].bound == "exact" for i in own])
    away = model.ln_amount[own] - mean
    inner = covariance[:, exact][:, :, exact]
    pulled = np.linalg.solve(inner, away[:, exact, None])[:, :, 0]
    total = -0.5 * (away[:, exact] * pulled).sum(axis=1) - 0.5 * np.linalg.slogdet(inner)[1]
    for place in np.flatnonzero(~exact):
        cross = covariance[:, place, exact]
        center = (cross * pulled).sum(axis=1)
        known = (cross * np.linalg.solve(inner, cross[:, :, None])[:, :, 0]).sum(axis=1)
        edge = (away[:, place] - center) / np.sqrt(covariance[:, place, place] - known)
        total = total + _log_beyond(edge, model.rows[own[place]].bound)
    return np.asarray(total)


def _log_beyond(edge: Array, bound: str) -> Array:
    """Log probability that a standard normal lies below a ceiling, or above a floor."""
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(edge if bound == "ceiling" else -edge))
