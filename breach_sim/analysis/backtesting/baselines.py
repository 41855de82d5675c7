"""Simple predictions of a payment, to beat, and those of the first version.

Each is fitted without any row of the breach that it predicts. See docs/model.md, section 9.4.

Not here: the model (``leave_one_out``), the scores (``scoring``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from breach_sim.analysis.backtesting.law_of_scale import ScaleLaw, fit
from breach_sim.analysis.backtesting.scoring import Law, Normals, StudentT
from breach_sim.analysis.calibration.gaussian import FitRow
from breach_sim.catalog.amounts.exchange import constant_usd
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate

PER_RECORD_USD = 161.0
"""Published average cost of a lost record [ibm21-record]. [USD of 2021/person]"""
FEWEST = 4
"""Rows of a line below which the constant takes the rows of all lines."""
BASELINES = ("cost per record", "line on size", "constant", "first law of scale", "first ledger")
"""Names of the baselines, in order."""
FIRST_RATES = {
    "settlement": (0.2569, 2.0, 2.851),
    "fine": (0.073, 0.73, 1.461),
    "fine_gdpr": (0.073, 0.73, 1.461),
    "security": (0.68, 2.15, 6.803),
}
"""Rates of the first version's ledger: low, mode and high of a PERT on the logarithm. [USD/person]"""


@dataclass(frozen=True, slots=True)
class Proportional:
    """People times a PERT of a rate per person: a line of the first version's ledger.

    Parameters
    ----------
    people
        [people]
    rate
        [USD/person]
    """

    people: float
    rate: Estimate

    def cdf(self, at: Array) -> Array:
        """Distribution function, of the shape of ``at``."""
        levels = np.linspace(0, 1, 4001)[1:-1]
        return np.interp(at, self.quantile(levels), levels, left=0.0, right=1.0)

    def log_density(self, at: float) -> float:
        """Log density, by a difference quotient; minus infinity outside the ends."""
        step = 1e-3
        low, high = self.cdf(np.array([at - step, at + step]))
        return math.log((high - low) / (2 * step)) if high > low else -math.inf

    def quantile(self, levels: Array) -> Array:
        """Quantiles of ln amount, of the shape of ``levels``."""
        return np.asarray(math.log(self.people) + np.log(self.rate.ppf(np.asarray(levels))))


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """The baselines over one set of rows.

    Parameters
    ----------
    rows
        Rows that they are fitted on. Rows behind bounds are left out.
    first
        The nine payments of the first version: breach, people and nominal USD.
    """

    rows: tuple[FitRow, ...]
    first: tuple[tuple[str, float, float], ...]

    @cached_property
    def _exact(self) -> tuple[FitRow, ...]:
        return tuple(row for row in self.rows if row.bound == "exact")

    def law(self, name: str, row: FitRow) -> Law | None:
        """Prediction of one baseline for one row.

        Parameters
        ----------
        name
            One of :data:`BASELINES`.
        row
            The amount to predict; none of its breach is used.

        Returns
        -------
        Distribution of ln amount; None where the baseline does not speak about the line.
        """
        others = [own for own in self._exact if own.breach != row.breach]
        made: dict[str, Callable[[], Law | None]] = {
            "cost per record": lambda: _per_record(row, others),
            "line on size": lambda: _student(_line(others), row),
            "constant": lambda: _constant(row, others),
            "first law of scale": lambda: _student(self._first_law(row.breach), row),
            "first ledger": lambda: _first_ledger(row),
        }
        return made[name]()

    def _first_law(self, breach: str) -> ScaleLaw:
        kept = [(people, usd) for own, people, usd in self.first if own != breach]
        return fit([people for people, _ in kept], [usd for _, usd in kept])


def _per_record(row: FitRow, others: Sequence[FitRow]) -> Normals:
    """Mean as published; the spread is that of the other rows around it."""
    rate = math.log(constant_usd(PER_RECORD_USD, "2021", None))
    away = np.array([own.ln_amount - math.log(own.people) - rate for own in others])
    spread = math.sqrt(float(np.mean(away**2)))
    return Normals(np.array([math.log(row.people) + rate]), np.array([spread]))


def _line(rows: Sequence[FitRow]) -> ScaleLaw:
    return fit([row.people for row in rows], [math.exp(row.ln_amount) for row in rows])


def _student(law: ScaleLaw, row: FitRow) -> StudentT:
    center, scale = law.predictive(row.people)
    return StudentT(center, scale, law.freedom)


def _constant(row: FitRow, others: Sequence[FitRow]) -> StudentT:
    """Mean and spread of the other rows of the line, with Student's t for the doubt of both."""
    alike = [own.ln_amount for own in others if own.line == row.line]
    if len(alike) < FEWEST:
        alike = [own.ln_amount for own in others]
    n = len(alike)
    return StudentT(float(np.mean(alike)), float(np.std(alike, ddof=1)) * math.sqrt(1 + 1 / n), n - 1)


def _first_ledger(row: FitRow) -> Proportional | None:
    if row.line not in FIRST_RATES:
        return None
    low, mode, high = FIRST_RATES[row.line]
    rate = Estimate(
        name=f"first.{row.line}",
        kind="pert",
        scale="log",
        hard=True,
        low=low,
        mode=mode,
        high=high,
        unit="USD/person",
        status="assumed",
        sources=("analyst-judgment",),
        note="rate of the first version's ledger, kept to be compared with",
    )
    return Proportional(row.people, rate)
