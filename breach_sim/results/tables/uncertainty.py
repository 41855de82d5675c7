"""How sure: exceedance curve, error budget, and convergence with the number of replicates.

Not here: which parameter the doubt comes from (``analysis``), and the search for a sufficient number of
replicates (``convergence``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.errors import mean_error, quantile_error
from breach_sim.formatting.tables import table
from breach_sim.results.expectations import expected
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.curves import curve_rows, level_of, within_appetite

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 100
"""Fewest replicates that a row of the convergence table is made from."""


class Lossy(Protocol):
    """A run, or several side by side: a sample of the total loss, and its moments given the parameters."""

    @property
    def loss(self) -> Array:
        """Money lost in all [USD]. Shape (R,)."""

    @property
    def loss_moments(self) -> tuple[Array, Array]:
        """Mean and variance given the parameters [USD], [USD^2]. Shape (R,) each."""

    @property
    def scramble(self) -> NDArray[np.int64] | None:
        """Number of the scramble of each replicate, shape (R,); None for plain draws."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions."""


def exceedance(run: Lossy, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
    """Exceedance curve of the total loss.

    Parameters
    ----------
    run
        Arrays of the run.
    probabilities
        Chances of exceeding; a useful set if None. (0, 1)

    Returns
    -------
    One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd, ignorance_usd. The mean
    loss beyond a quantile has no closed form: ``tvar_usd`` is a mean of draws. [USD]

    Raises
    ------
    ValueError
        If a probability is not strictly between 0 and 1.
    """
    import pandas as pd

    frame = pd.DataFrame(exceedance_rows(run, probabilities)).set_index("probability")
    frame.attrs["notes"] = run.notes
    return frame


def exceedance_rows(run: Lossy, probabilities: Iterable[float] | None = None) -> list[dict[str, float]]:
    """Rows of the exceedance curve of the total loss, as plain numbers.

    Parameters
    ----------
    run, probabilities
        As for :func:`exceedance`.

    Returns
    -------
    By probability, falling: probability and the columns of :func:`exceedance`. [USD]

    Raises
    ------
    ValueError
        If a probability is not strictly between 0 and 1.
    """
    rows = curve_rows(run.loss, probabilities, run.scramble)
    levels = [level_of(row["probability"]) for row in rows]
    means = np.quantile(run.loss_moments[0], levels)
    return [row | {"ignorance_usd": float(mean)} for row, mean in zip(rows, means, strict=True)]


def appetite(run: Lossy, amounts: Mapping[float, float]) -> pd.DataFrame:
    """Hold the total loss against a risk appetite.

    Parameters
    ----------
    run
        Arrays of the run.
    amounts
        Largest acceptable amount by the chance of exceeding it. (0, 1), [0, inf) [USD]

    Returns
    -------
    One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]
    """
    frame = within_appetite(run.loss, amounts, run.scramble)
    frame.attrs["notes"] = run.notes
    return frame


def error_budget(run: Replicates) -> pd.DataFrame:
    """Variance of each measure: ignorance of the parameters, structure, luck, and sampling error.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a measure: mean, sd_ignorance, sd_structure, sd_luck, luck_share, and se_monte_carlo, the standard
    error of the mean, in which luck has no part. [accounts] or [USD]
    """
    return table(list(budget_rows(run).items()), run.notes, index="measure")


def budget_rows(run: Replicates) -> dict[str, dict[str, float]]:
    """Rows of the error budget, as plain numbers.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By measure: the columns of :func:`error_budget`.
    """
    laws = run.laws
    moments = {"people": _count_moments(run, {segment: law.people for segment, law in laws.items()})}
    for name in run.attacks.names:
        chances = {segment: law.victim.get(name, np.zeros(1)) for segment, law in laws.items()}
        moments[f"{name}.victims"] = _count_moments(run, chances)
    moments["loss_usd"] = run.loss_moments
    rows = {}
    for name, (mean, variance) in moments.items():
        # Law of total variance: the variance of the mean, and the mean of the variance.
        unknown, luck = float(np.var(mean)), float(np.mean(variance))
        whole = unknown + luck
        # Where soft ends and drivers narrow the mean, as a binding capacity can, they add nothing.
        hard = run.hard_means
        ignorance = unknown if hard is None else min(unknown, float(np.var(hard[name])))
        rows[name] = {
            "mean": float(np.mean(mean)),
            "sd_ignorance": ignorance**0.5,
            "sd_structure": (unknown - ignorance) ** 0.5,
            "sd_luck": luck**0.5,
            "luck_share": luck / whole if whole else 0.0,
            "se_monte_carlo": mean_error(mean, run.scramble),
        }
    return rows


def _count_moments(run: Replicates, chances: Mapping[str, Array]) -> tuple[Array, Array]:
    """Conditional mean and variance of a count, from its chance by segment. Shape (R,) each."""
    # Equation (20): the accounts of a segment are independent given the parameters.
    mean, variance = np.zeros(run.replicates), np.zeros(run.replicates)
    for segment, accounts in run.law.unlike():
        p = np.broadcast_to(chances[segment.name], (run.replicates,))
        mean = mean + accounts * p
        variance = variance + accounts * p * (1 - p)
    return mean, variance


def convergence(run: Replicates) -> pd.DataFrame:
    """People and loss from fewer and fewer of the replicates.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a number of replicates: people_p50, people_se, loss_p50, loss_se, loss_mean, loss_mean_se,
    rel_se. [accounts], [USD], [1]
    """
    rows = []
    size, means, scramble = run.replicates, expected(run, "loss_usd"), run.scramble
    while size >= FEWEST or size == run.replicates:
        people, loss, mean = run.people[:size], run.loss[:size], float(means[:size].mean())
        own = None if scramble is None else scramble[:size]
        error = mean_error(means[:size], own)
        row = {
            "people_p50": float(np.median(people)),
            "people_se": quantile_error(people, 0.5, own),
            "loss_p50": float(np.median(loss)),
            "loss_se": quantile_error(loss, 0.5, own),
            "loss_mean": mean,
            "loss_mean_se": error,
            "rel_se": error / mean if mean else 0.0,
        }
        rows.append((size, row))
        size //= 2
    return table(rows, run.notes, index="replicates")
