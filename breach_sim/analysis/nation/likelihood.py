"""How likely national counts and studies are under given parameters.

Equations (35) to (38) of docs/model.md, for every draw of the parameters at once.

Not here: the harm of the breaches under the parameters (``sums``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import comb
from typing import Protocol

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.targets import Ceiling, Count, Study

LEVELS = (np.arange(32) + 0.5) / 32
"""Levels of a reporting rate over which a likelihood is averaged. (0, 1)"""
SHUFFLED = np.array([int(f"{level:05b}"[::-1], 2) for level in range(32)])
"""Places of the levels of the share beside those of a reporting rate: the pairs fill the square evenly."""
LEAST = 1e-300
"""Sums of no victims at all have a logarithm, too."""


class Harm(Protocol):
    """Victims of breaches that are run together: what ``sums`` returns.

    ``by_year`` has the victims by attack and calendar year, ``reporting`` the drawn reporting rates that are
    parameters of the model, by name. Shape (R,) each.
    """

    @property
    def by_year(self) -> Mapping[tuple[str, int], Array]:
        """Victims by attack and calendar year. Shape (R,) each, accounts."""

    @property
    def reporting(self) -> Mapping[str, Array]:
        """Drawn reporting rates by name. Shape (R,) each."""


def caused(ceiling: Ceiling, run: Harm, year: int) -> Array:
    """Return the victims of one kind in one calendar year.

    Parameters
    ----------
    ceiling
        Names the attacks.
    run
        Victims by attack and calendar year.
    year
        Calendar year.

    Returns
    -------
    Shape (R,) or (1,). [accounts]
    """
    by_attack = (run.by_year.get((attack, year), np.zeros(1)) for attack in ceiling.attacks)
    return np.asarray(sum(by_attack, np.zeros(1)))


def inside(ceiling: Ceiling, run: Harm, year: int, *, given: Estimate | None) -> Array:
    """Return the chance that the reports of a year are no more than the nation counted.

    Parameters
    ----------
    ceiling, run, year
        As for :func:`caused`.
    given
        Share of the nation's harm, with which the ceiling weighs the levels of a reporting rate; None leaves
        them equal.

    Returns
    -------
    Given the parameters; the reporting rate is averaged where it is none of them. Shape (R,). [0, 1]

    Raises
    ------
    ValueError
        If no count stands for the year.
    """
    count = next((own for own in ceiling.counts if year in own.years), None)
    if count is None:
        raise ValueError(f"no count of {ceiling.name} stands for {year}")
    log = np.log(np.maximum(caused(ceiling, run, year), LEAST)) - np.log(count.value)
    below = np.stack([log + _log_reporting(count, run, level) <= 0 for level in range(len(LEVELS))])
    below = np.broadcast_arrays(below, np.zeros((len(LEVELS), _size(run))))[0]
    if given is None:
        return np.asarray(below.mean(axis=0))
    chances = np.exp(np.stack([_covers(ceiling, run, given, level) for level in range(len(LEVELS))]))
    total = np.maximum(chances.sum(axis=0), LEAST)
    return np.asarray((below * chances).sum(axis=0) / total)


def of_ceiling(ceiling: Ceiling, run: Harm, share: Estimate) -> Array:
    """Return the log likelihood of not exceeding the nation in any year, equation (36).

    Parameters
    ----------
    ceiling, run
        As for :func:`caused`.
    share
        Share of the nation's harm that the breaches cause at most. [share]

    Returns
    -------
    Shape (R,). (-inf, 0]
    """
    return _averaged(lambda level: _covers(ceiling, run, share, level))


def _covers(ceiling: Ceiling, run: Harm, share: Estimate, level: int) -> Array:
    """Log of the chance that the error of the series covers the worst year. Shape (R,)."""
    worst = np.full(_size(run), -np.inf)
    for count in ceiling.counts:
        for year in count.years:
            victims = caused(ceiling, run, year)
            if victims.any():
                log = np.log(np.maximum(victims, LEAST)) - np.log(count.value)
                worst = np.maximum(worst, log + _log_reporting(count, run, level))
    room = np.log(_rates(share)[SHUFFLED[level]])
    return _log_ndtr((room - worst) / ceiling.discrepancy)


def _log_reporting(count: Count, run: Harm, level: int) -> Array:
    """Log of a reporting rate: as drawn where it is a parameter of the model, else at one of the levels."""
    drawn = run.reporting.get(count.reporting.name)
    return np.asarray(np.log(_rates(count.reporting)[level] if drawn is None else np.maximum(drawn, LEAST)))


def _size(run: Harm) -> int:
    return max((len(victims) for victims in run.by_year.values()), default=1)


def of_study(study: Study, share: Array) -> Array:
    """Return the log likelihood of what a study saw, equations (37) and (38).

    Parameters
    ----------
    study
        With its value, or its count of breaches.
    share
        Share of the people harmed. Shape (R,)

    Returns
    -------
    Shape (R,).
    """
    reporting = _rates(study.reporting)
    if study.value is None:
        shown, all_of = study.shown or 0, study.breaches or 0

        def counted(level: int) -> Array:
            """Log of the binomial probability."""
            missed = study.accounts * share * reporting[level]
            log_shown = np.log(np.maximum(-np.expm1(-missed), LEAST))
            return np.asarray(np.log(comb(all_of, shown)) + shown * log_shown - (all_of - shown) * missed)

        return _averaged(counted)
    log_value = np.log(study.value)

    def seen(level: int) -> Array:
        """Log of the density of the logarithm, or of the chance of no more than the value."""
        z = (log_value - np.log(np.maximum(share, LEAST)) - np.log(reporting[level])) / study.discrepancy
        return _log_ndtr(z) if study.at_most else np.asarray(-0.5 * z**2)

    return _averaged(seen)


@lru_cache(maxsize=256)
def _rates(reporting: Estimate) -> Array:
    """Values of a reporting rate at the levels. Shape (32,)."""
    return np.maximum(reporting.ppf(LEVELS), LEAST)


def _averaged(at: Callable[[int], Array]) -> Array:
    """Log of the mean over the levels of the reporting rate."""
    total = at(0)
    for level in range(1, len(LEVELS)):
        total = np.logaddexp(total, at(level))
    return np.asarray(total - np.log(len(LEVELS)))


def _log_ndtr(z: Array) -> Array:
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(z))
