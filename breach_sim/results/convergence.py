"""As many replicates as an answer needs: simulate, look at the error, double, and say if it never suffices.

A goal names one printed number and the relative standard error that it must fall below: the mean, the 5 %,
50 % or 95 % quantile of the loss or of people. Draws are by name, so that a longer run begins with the
parameters of the shorter one; each size is a run of its own, and the last one is the answer. Where the most
replicates allowed do not suffice the impact is handed back with a note that says so.

Not here: the table of one run's error at fewer replicates (``Impact.convergence``), and how errors are
estimated (``formatting.errors``).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import STATISTICS, standard_errors, summary
from breach_sim.results.expectations import expected
from breach_sim.results.impact import Impact

FIRST = 1_024
"""Replicates of the first run."""
MOST = 131_072
"""Most replicates tried unless another limit is given."""
MEASURES = {"loss": "loss_usd", "people": "people"}
"""What a goal may be about, and its word; the first one unless another is named."""
_GOAL = re.compile(
    r"\s*rel_se(?:_(?P<measure>[a-z]+))?(?:_(?P<statistic>p[0-9]+|mean))?"
    r"\s*<\s*(?P<number>[0-9]*\.?[0-9]+(?:e-?[0-9]+)?)\s*(?P<percent>%?)\s*"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """Relative standard error that one printed number must fall below.

    Parameters
    ----------
    measure
        One of :data:`MEASURES`.
    statistic
        "p5", "p50", "p95" or "mean".
    below
        A share. (0, 1)
    """

    measure: str
    statistic: str
    below: float

    @property
    def number(self) -> str:
        """The number in words, such as "the 95 % quantile of the loss"."""
        which = "mean" if self.statistic == "mean" else f"{self.statistic[1:]} % quantile of the"
        return f"the {which} {self.measure}"


def goal(until: str) -> Goal:
    """Read a goal.

    Parameters
    ----------
    until
        For example ``"rel_se<1%"`` or ``"rel_se<0.01"`` for the mean loss, ``"rel_se_p95<2%"`` for a quantile
        of the loss, ``"rel_se_people<1%"`` and ``"rel_se_people_p50<1%"`` for people.

    Returns
    -------
    Which number, and the share that its relative standard error must fall below.

    Raises
    ------
    ValueError
        If the text is another, or the goal is out of range; the message names the goals that exist.
    """
    parts = _GOAL.fullmatch(until) if isinstance(until, str) else None
    measure, statistic = (parts["measure"], parts["statistic"]) if parts else (None, None)
    if measure is not None and statistic is None and measure in STATISTICS:
        measure, statistic = None, measure
    measure, statistic = measure or next(iter(MEASURES)), statistic or "mean"
    if parts is None or measure not in MEASURES or statistic not in STATISTICS:
        raise ValueError(
            f"until is {shown(until)}; write the relative standard error to reach, such as "
            f'"rel_se<1%" for the mean loss; the goals are {", ".join(_names())}'
        )
    below = float(parts["number"]) / (100.0 if parts["percent"] else 1.0)
    if not 0.0 < below < 1.0:
        raise ValueError(
            f'until is {shown(until)}; the error must lie between 0 and 100 %, as in "rel_se<1%"'
        )
    return Goal(measure, statistic, below)


def _names() -> list[str]:
    """Left sides of all goals, in their shortest form."""
    left_out = {next(iter(MEASURES)), "mean"}
    parts = (
        (part for part in pair if part not in left_out) for pair in product(MEASURES, reversed(STATISTICS))
    )
    return ["_".join(("rel_se", *named)) for named in parts]


def relative_error(impact: Impact, measure: str = "loss", statistic: str = "mean") -> float:
    """Standard error of a printed number over the number.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    measure
        One of :data:`MEASURES`.
    statistic
        "p5", "p50", "p95" or "mean".

    Returns
    -------
    A share; 0 for a number that is exactly 0 with no error, infinite for one replicate.
    """
    word = MEASURES[measure]
    pair = (impact.loss if word == "loss_usd" else impact.people), expected(impact, word)
    number = summary(*pair)[statistic]
    error = standard_errors(*pair, impact.scramble)[f"se_{statistic}"]
    if number == 0.0 and (error == 0.0 or not pair[0].any()):
        return 0.0
    return error / number if number else np.inf


def simulate_until(run: Callable[[int], Impact], until: str, most: int = MOST) -> Impact:
    """Impact with as many replicates as a goal needs.

    Parameters
    ----------
    run
        Makes the impact of a number of replicates.
    until
        The goal, see :func:`goal`.
    most
        Most replicates to try. [1, inf)

    Returns
    -------
    The first impact whose error lies below the goal; else that of ``most`` replicates, with a note that
    it has not converged, the error reached and the replicates that would be needed.

    Notes
    -----
    Stopping by the error seen favors runs that happened to look calm. The doubling keeps that small; with
    scrambles a single error has a relative standard deviation of 27 %, so that a goal is met on average and
    not in each run.
    """
    wanted = goal(until)
    replicates = min(FIRST, most)
    while True:
        impact = run(replicates)
        error = relative_error(impact, wanted.measure, wanted.statistic)
        if error < wanted.below:
            return impact
        if replicates == most:
            break
        replicates = min(2 * replicates, most)
    need = most * (error / wanted.below) ** 2
    needed = f"about {need:,.0f} would be needed" if np.isfinite(need) else "more are needed"
    note = (
        f"Not converged: {wanted.number} has a relative standard error of {error:.2%} after {most:,} "
        f"replicates, asked for was less than {wanted.below:.2%}; {needed}."
    )
    return dataclasses.replace(impact, cautions=(note,))
