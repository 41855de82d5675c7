"""When a firm pays: delays of payments as published, and the quarters of its response.

A payment of a line is made at once, after a delay that is drawn from those of published amounts. The response
and lost customers are spread over the first quarters by assumed shares, and an insurer pays some quarters
after the cost that it covers. Quarter 0 begins on the day of the sale.

Not here: how much is paid (``ledger``, ``insurance``), and the published dates (``catalog.amounts.delays``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.firm.ledger import LINES

QUARTERS_A_YEAR = 4
RECOVERY = "insurance_recovery"
"""Line that follows the others."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Delays(Displayable):
    """Published delays of the payments of one line.

    Parameters
    ----------
    line
        Line of the ledger.
    years
        From the middle of the year of the breach to the day of the amount, rising. [0, inf) [years]
    pooled
        Line whose dates were added because the line has too few of its own; "" for none.

    Raises
    ------
    ValueError
        If there is no delay, or they do not rise.
    """

    line: str
    years: tuple[float, ...]
    pooled: str = ""

    def __post_init__(self) -> None:
        if not self.years or any(not 0 <= year < math.inf for year in self.years):
            raise ValueError(f"delays of {self.line!r} are {shown(self.years)}; give years from 0 on")
        if tuple(sorted(self.years)) != self.years:
            raise ValueError(f"delays of {self.line!r} are {shown(self.years)}; give them rising")

    def at(self, chance: Array) -> Array:
        """Return the delay at a probability, linear between the published ones.

        Parameters
        ----------
        chance
            Uniform numbers. Shape (R,). (0, 1)

        Returns
        -------
        Between the shortest and the longest published delay. Shape (R,). [years]
        """
        places = (np.arange(len(self.years)) + 0.5) / len(self.years)
        return np.asarray(np.interp(chance, places, self.years))

    def summary(self) -> str:
        """Line, number of dates, shortest and longest delay."""
        shared = f", with those of {self.pooled}" if self.pooled else ""
        return (
            f"{self.line}: {len(self.years)} dates{shared}, {self.years[0]:.2g} to {self.years[-1]:.2g} years"
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Timing(Displayable):
    """When each line of the ledger is paid.

    Parameters
    ----------
    delays
        By line, for payments made at once.
    shares
        Share of the cost by quarter, by line; assumed. [share]
    reasons
        Why, by line of ``shares`` and for ``insurance_recovery``.
    recovery_lag
        Quarters from a cost to what an insurer pays of it; assumed. [0, inf)

    Raises
    ------
    ValueError
        If a line is missing, unknown or given twice, or shares do not sum to 1.
    """

    delays: Mapping[str, Delays]
    shares: Mapping[str, tuple[float, ...]]
    reasons: Mapping[str, str]
    recovery_lag: int

    def __post_init__(self) -> None:
        for line in (*self.delays, *self.shares):
            if line not in LINES or line == RECOVERY:
                raise ValueError(
                    unknown("line", line, [name for name in LINES if name != RECOVERY], "timing")
                )
        for line in LINES:
            if line != RECOVERY and (line in self.delays) == (line in self.shares):
                raise ValueError(f"line {line!r} needs either delays or shares by quarter, and not both")
        for line, shares in self.shares.items():
            if any(share < 0 for share in shares) or not math.isclose(sum(shares), 1.0, abs_tol=1e-9):
                raise ValueError(f"shares of {line!r} by quarter are {shown(shares)}; they must sum to 1")
        if self.recovery_lag < 0:
            raise ValueError(f"recovery_lag is {shown(self.recovery_lag)}; give quarters from 0 on")

    @property
    def quarters(self) -> int:
        """Number of quarters in which anything can be paid."""
        last = max((own.years[-1] for own in self.delays.values()), default=0.0)
        most = max([int(last * QUARTERS_A_YEAR) + 1, *map(len, self.shares.values())])
        return most + self.recovery_lag

    def by_quarter(self, lines: Mapping[str, Array], chance: Callable[[str], Array]) -> dict[str, Array]:
        """Spread the cost of each line over quarters.

        Parameters
        ----------
        lines
            Cost by line; what insurance pays is negative. Shape (R,) each. [USD]
        chance
            Uniform numbers of a stream, by name: ``firm.LINE.when``. Shape (R,) each. (0, 1)

        Returns
        -------
        By line; each sums to its cost over the quarters. Shape (Q, R) each. [USD]
        """
        spread = {line: self._of(line, cost, chance) for line, cost in lines.items() if line != RECOVERY}
        if RECOVERY in lines:
            spread[RECOVERY] = self._recovered(spread, lines[RECOVERY])
        return {line: spread[line] for line in lines}

    def _of(self, line: str, cost: Array, chance: Callable[[str], Array]) -> Array:
        size = (self.quarters, len(cost))
        paid = np.zeros(size)
        if line in self.shares:
            own = np.asarray(self.shares[line])
            paid[: len(own)] = own[:, None] * cost
            return paid
        when = (self.delays[line].at(chance(f"firm.{line}.when")) * QUARTERS_A_YEAR).astype(np.int64)
        paid[when, np.arange(size[1])] = cost
        return paid

    def _recovered(self, spread: Mapping[str, Array], cost: Array) -> Array:
        """What an insurer pays, in proportion to what it covers, some quarters later."""
        gross = np.sum([paid for line, paid in spread.items() if line != "churn"], axis=0)
        total = gross.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(total > 0, gross / total, 0.0)
        # Nothing else was paid: what is recovered comes at once.
        shares[0, total <= 0] = 1.0
        later = np.zeros_like(shares)
        end = len(shares) - self.recovery_lag
        later[self.recovery_lag :] = shares[:end]
        return later * cost

    def notes(self, label: Callable[[str], str] = str) -> tuple[str, ...]:
        """What one must know to read cash by quarter.

        Parameters
        ----------
        label
            Makes the words of the name of a line; by default the name stays.

        Returns
        -------
        Which lines rest on which dates, and what is assumed.
        """
        few = [f"{label(own.line)} with {label(own.pooled)}" for own in self.delays.values() if own.pooled]
        pooled = (
            f" Lines with fewer than five dates share those of the nearest line: {', '.join(few)}."
            if few
            else ""
        )
        return (
            "Payments are made after the delays of published amounts, counted from the middle of the year of "
            f"the breach, whatever their size.{pooled}",
            f"The quarters of {', '.join(map(label, self.shares))} and of what insurance pays are assumed.",
        )

    def summary(self) -> str:
        """Number of lines with published delays and with assumed shares."""
        return f"{len(self.delays)} lines with published delays, {len(self.shares)} with assumed quarters"
