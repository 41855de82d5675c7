"""How large a payment of a breached firm is, and whether there is one: the fitted model as posterior rows.

The quantity is ln of a payment in USD of 2024 for one line and one breach, given the people, the kinds of
data that leaked and the country: equations (31) to (33) of docs/model.md. A posterior row holds one value of
every coefficient, so that all lines of a replicate move together.

Not here: the fit (``analysis.calibration``), the published amounts (``outcomes``), and the lines of a
ledger (``ledger``).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import shown, unknown

GROUPS: Mapping[str, tuple[str, ...]] = {
    "class": ("settlement", "settlement_total", "settlement_investors"),
    "regulator": ("state_ag", "fine", "fine_gdpr", "fine_ocr", "fine_sec"),
    "network": ("card_networks",),
    "cost": ("response", "response_part", "security", "redress", "interruption", "ransom", "total"),
}
"""Groups of lines; lines of one group share part of their coefficients."""
LINES = tuple(line for lines in GROUPS.values() for line in lines)
"""Lines of payment, in the order of the posterior's columns."""
GROUP_OF: Mapping[str, str] = {line: group for group, lines in GROUPS.items() for line in lines}
"""Group of each line."""
DATA_KINDS = ("national_id", "financial", "card", "medical", "unknown")
"""Kinds of data that a payment depends on."""
PART_OF_SSN = "ssn_last4"
"""Field that counts as a national identity number as well."""
PLACES = ("abroad", "uk", "eastern", "uk_fine")
"""Places that a payment depends on."""
OWN_SPREAD = ("settlement", "state_ag", "fine", "fine_gdpr", "fine_ocr", "total")
"""Lines with a spread of their own; the rest of group cost shares one, and so do all others."""
SPREADS = (*OWN_SPREAD, "cost", "rest")
"""Spreads, in order."""
EASTERN = frozenset(["BG", "CY", "CZ", "EE", "GR", "HR", "HU", "LT", "LV", "MT", "PL", "RO", "SI", "SK"])
"""Member states of the EU in the east, as model.md counts them."""
GDPR = EASTERN | frozenset(
    ["AT", "BE", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IS", "IT", "LU", "NL", "NO", "PT", "SE"]
)
"""Countries in which a data protection authority fines under the GDPR, or the UK's like law."""
GDPR_FROM = "2018-05-25"
"""First day of the GDPR."""
UNIT_PEOPLE = 1e6
"""People at which the covariate x is 0."""
SMALLEST, LARGEST = 500.0, 3e9
"""People between which the ledger of a firm is given."""

_LINE_OF = {
    "settlement_cap": "settlement",
    "settlement_floor": "settlement",
    "damages_awarded": "settlement",
    "settlement_banks": "card_networks",
    "settlement_derivative": "settlement_investors",
    "fine_proposed": "fine",
    "cost": "response",
    "cost_contract": "response",
    "cost_notice": "response_part",
    "cost_call_centre": "response_part",
    "cost_monitoring": "response_part",
    "admin_cost": "response_part",
    "cost_security": "security",
    "customer_redress": "redress",
    "cost_gross": "total",
}


def line_of(kind: str, country: str, set_on: str) -> str | None:
    """Return the line on which a published amount stands.

    Parameters
    ----------
    kind
        Kind of the amount, as in the file of outcomes.
    country
        Two letters.
    set_on
        Day, month or year in which it was set, such as "2019-07"; "" if not known.

    Returns
    -------
    One of :data:`LINES`, or None if the model does not speak about the kind.

    Examples
    --------
    >>> line_of("fine", "FR", "2024-12-17"), line_of("fine", "GB", "2016-10-05"), line_of("fees", "US", "")
    ('fine_gdpr', 'fine', None)
    """
    line = _LINE_OF.get(kind, kind)
    if line == "fine" and country in GDPR and set_on >= GDPR_FROM[: len(set_on)] and set_on:
        return "fine_gdpr"
    return line if line in GROUP_OF else None


def known_kinds(kinds: Iterable[str], fields: Collection[str]) -> frozenset[str]:
    """Return the kinds of data that the model knows.

    Parameters
    ----------
    kinds
        Kinds of the leaked data, as ``inputs.firm.outcomes.data_kinds`` names them.
    fields
        The leaked fields; part of a national identity number counts as one.

    Returns
    -------
    Names of :data:`DATA_KINDS`.
    """
    part = {"national_id"} if PART_OF_SSN in fields else set()
    return (frozenset(kinds) | part) & frozenset(DATA_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case(Displayable):
    """What the model knows of a breach: people, kinds of data and country.

    Parameters
    ----------
    people
        Whom the payment concerns. (0, inf) [people]
    kinds
        Those of :data:`DATA_KINDS` that leaked; only "unknown" if the fields are not known.
    country
        Two letters, such as US or GB.
    kept
        Share of the people whom it still concerns, by replicate; None for all. Shape (R,). (0, 1]

    Raises
    ------
    ValueError
        If the people are not a positive number or a kind is unknown.
    """

    people: float
    kinds: frozenset[str] = frozenset()
    country: str = "US"
    kept: Array | None = None

    def __post_init__(self) -> None:
        if not (self.people > 0 and math.isfinite(self.people)):
            raise ValueError(f"people is {shown(self.people)}; it must be a positive number")
        for kind in self.kinds:
            if kind not in DATA_KINDS:
                raise ValueError(unknown("kind of data", kind, DATA_KINDS, "the breach"))

    @property
    def x(self) -> float:
        """Covariate of size: ln(people / 10**6)."""
        return math.log(self.people / UNIT_PEOPLE)

    def x_drawn(self) -> float | Array:
        """Covariate of size by replicate: x where all people are kept. Shape (R,)."""
        return self.x if self.kept is None else self.x + np.log(self.kept)

    def people_drawn(self) -> float | Array:
        """People by replicate. Shape (R,)."""
        return self.people if self.kept is None else self.people * self.kept

    def data(self) -> Array:
        """Indicators of the kinds of data. Shape (5,), 0 or 1."""
        own = {"unknown"} if "unknown" in self.kinds else self.kinds
        return np.array([float(kind in own) for kind in DATA_KINDS])

    def places(self, line: str) -> Array:
        """Indicators of the place for one line. Shape (4,), 0 or 1."""
        uk = self.country == "GB"
        return np.array(
            [self.country != "US", uk, self.country in EASTERN, uk and line == "fine"], dtype=np.float64
        )

    def summary(self) -> str:
        """People, kinds of data and country."""
        return f"{self.people:,.0f} people, {', '.join(sorted(self.kinds)) or 'contact data'}, {self.country}"


def spread_index(line: str) -> int:
    """Return the place in :data:`SPREADS` of the spread of a line.

    Parameters
    ----------
    line
        One of :data:`LINES`.

    Returns
    -------
    [0, 8)
    """
    if line in OWN_SPREAD:
        return SPREADS.index(line)
    return SPREADS.index("cost" if GROUP_OF[line] == "cost" else "rest")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class PaymentRows(Displayable):
    """Posterior rows of the model of payments.

    Parameters
    ----------
    intercept, slope
        alpha and beta by row and line. Shape (rows, lines). [ln USD of 2024], [1]
    data_effect
        gamma by row, line and kind of data. Shape (rows, lines, 5). [ln]
    place_effect
        delta by row and place. Shape (rows, 4). [ln]
    spread
        Standard deviation of ln payment by row and line. Shape (rows, lines). (0, inf)
    shared
        rho, the share of the variance that all lines of a breach have in common. Shape (rows,). (0, 1)
    paid
        h, eta and kappa of the probability that there is a payment. Shape (rows, lines, 3).
    hash
        SHA-256 of the data behind the fit.
    figures
        Number of published amounts behind the fit.
    """

    intercept: Array
    slope: Array
    data_effect: Array
    place_effect: Array
    spread: Array
    shared: Array
    paid: Array
    hash: str
    figures: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PaymentRows) and (self.hash, self.figures) == (other.hash, other.figures)

    def __hash__(self) -> int:
        return hash((self.hash, self.figures))

    def _facts(self) -> list[tuple[str, str]]:
        lines = ", ".join(LINES)
        figures = ("published amounts", f"{self.figures}")
        return [("rows", f"{self.rows:,}"), ("lines", lines), figures, ("hash of the data", self.hash)]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.intercept)

    def pick(self, chance: Array) -> NDArray[np.int64]:
        """Return the row of each replicate.

        Parameters
        ----------
        chance
            Uniform numbers. Shape (R,). (0, 1)

        Returns
        -------
        floor(chance x rows). Shape (R,).
        """
        return np.minimum((chance * self.rows).astype(np.int64), self.rows - 1)

    def log_mean(self, line: str, case: Case, rows: NDArray[np.int64] | slice = slice(None)) -> Array:
        """Return the mean of ln payment given the coefficients.

        Parameters
        ----------
        line
            One of :data:`LINES`.
        case
            The breach.
        rows
            Rows to take.

        Returns
        -------
        Equation (31) without its last term. Shape (number of rows,). [ln USD of 2024]
        """
        k = LINES.index(line)
        mean = self.intercept[rows, k] + self.slope[rows, k] * case.x_drawn()
        mean = mean + self.data_effect[rows, k] @ case.data()
        return np.asarray(mean + self.place_effect[rows] @ case.places(line))

    def spread_of(self, line: str, rows: NDArray[np.int64] | slice = slice(None)) -> Array:
        """Return the standard deviation of ln payment given the coefficients.

        Parameters
        ----------
        line
            One of :data:`LINES`.
        rows
            Rows to take.

        Returns
        -------
        Shape (number of rows,). [ln]
        """
        return self.spread[rows, LINES.index(line)]

    def quantiles(self, line: str, case: Case, levels: Sequence[float]) -> Array:
        """Return quantiles of a payment, given that there is one.

        Parameters
        ----------
        line
            One of :data:`LINES`.
        case
            The breach.
        levels
            (0, 1)

        Returns
        -------
        Of the mixture over all rows, by one evenly spread normal number a row. Shape (levels,). [USD of 2024]
        """
        from scipy.special import ndtri

        # The rows stand in random order, so that evenly spread noise meets them at random.
        noise = ndtri((np.arange(self.rows) + 0.5) / self.rows)
        return np.exp(np.quantile(self.log_mean(line, case) + self.spread_of(line) * noise, levels))

    def log_payment(self, line: str, case: Case, rows: NDArray[np.int64], shared: Array, own: Array) -> Array:
        """Return drawn payments, given that there is one.

        Parameters
        ----------
        line
            One of :data:`LINES`.
        case
            The breach.
        rows
            Row of each replicate. Shape (R,).
        shared, own
            Breach effect u and noise of the line, standard normal. Shape (R,) each.

        Returns
        -------
        Equation (31). Shape (R,). [ln USD of 2024]
        """
        rho = self.shared[rows]
        noise = np.sqrt(rho) * shared + np.sqrt(1.0 - rho) * own
        return np.asarray(self.log_mean(line, case, rows) + self.spread[rows, LINES.index(line)] * noise)

    def chance_of_payment(
        self, line: str, case: Case, rows: NDArray[np.int64] | slice = slice(None)
    ) -> Array:
        """Return the probability that there is a payment on a line.

        Parameters
        ----------
        line
            One of :data:`LINES`.
        case
            The breach.
        rows
            Rows to take.

        Returns
        -------
        Equation (33). Shape (number of rows,). (0, 1)
        """
        own = self.paid[rows, LINES.index(line)]
        away = own[:, 0] + own[:, 1] * case.x_drawn() + own[:, 2] * (case.country != "US")
        return np.asarray(1.0 / (1.0 + np.exp(-away)))

    def summary(self) -> str:
        """Number of rows, and the figures behind them."""
        return (
            f"{self.rows:,} posterior rows of {len(LINES)} lines, fitted on {self.figures} published amounts"
        )
