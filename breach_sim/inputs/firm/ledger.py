"""Costs of the breached firm by line: response, settlement, regulators, and what else it pays.

Each payment line is drawn from the fitted model of payments (``payments``): a posterior row and a breach
effect that all lines of a replicate share, a noise of the line's own, and whether there is a payment. The
response is split into its parts, and lost customers and insurance come from estimates. See docs/model.md,
section 9.3.

Not here: what victims lose (a separate ledger; do not add the two), and the model's fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.firm.payments import GDPR, LARGEST, SMALLEST, Case, PaymentRows
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import OwnLine

RESPONSE = ("incident_response", "notice", "call_centre", "monitoring")
"""Parts of the response."""
PAYMENTS = (
    "settlement",
    "state_ag",
    "fine",
    "fine_gdpr",
    "fine_ocr",
    "card_networks",
    "security",
    "redress",
    "interruption",
    "ransom",
)
"""Lines that are paid in a part of breaches."""
LINES = (*RESPONSE, *PAYMENTS, "churn", "insurance_recovery")
"""Lines of the firm's ledger, in order."""
OUTCOME = ("settlement", "fine", "security")
"""Lines that became public for the first case."""
CUSTOMERS = ("postpaid", "prepaid", "customer")
"""Kinds of segment that are customers now."""
STREAMS = {"row": "firm.row", "breach": "firm.breach", "cover": "firm.insured"}
"""Names of the uniform numbers of the ledger; a line k adds firm.k.size and firm.k.paid."""
_UNITS = {
    "incident_response": "USD", "letters": "share", "letter": "USD/person", "electronic": "USD/person",
    "calls": "calls/person", "call": "USD/call", "takeup": "share", "monitoring": "USD/enrollee",
    "churn": "share", "margin": "USD/customer", "covered": "share", "cover": "share",
}  # fmt: skip
FIRM_NUMBERS = tuple(_UNITS)
"""Names of the estimates of the ledger, in order."""


class Draws(Protocol):
    """What draws the parameters of a run."""

    def __call__(self, estimate: Estimate) -> Array:
        """Draws of one parameter. Shape (R,)."""

    def chance(self, name: str) -> Array:
        """Uniform numbers of one stream in (0, 1). Shape (R,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached:
    """What the ledger asks of a breach.

    Parameters
    ----------
    case
        People notified, kinds of data, country.
    customers
        All current customers of the firm. [accounts]
    customers_stated
        False if only those among the exposed accounts are counted, a lower bound.
    """

    case: Case
    customers: float
    customers_stated: bool = True

    def lines(self) -> tuple[str, ...]:
        """Payment lines that this breach can have, in order.

        Returns
        -------
        Those of :data:`PAYMENTS` that its country and its data allow.
        """
        country, kinds = self.case.country, self.case.kinds
        excluded = {
            "state_ag": country != "US",
            "fine": country in GDPR,
            "fine_gdpr": country not in GDPR,
            "fine_ocr": country != "US" or "medical" not in kinds,
            "card_networks": "card" not in kinds,
        }
        return tuple(line for line in PAYMENTS if not excluded.get(line, False))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FirmCosts(Displayable):
    """Numbers of the firm's ledger.

    Parameters
    ----------
    rows
        Posterior rows of the model of payments.
    incident_response
        Cost of finding and closing the breach. [USD]
    letters
        Share of notified people who get a letter. [share]
    letter, electronic
        Cost of notifying one person by letter; by text message or email. [USD/person]
    calls, call
        Calls per notified person, and the cost of a call. [calls/person], [USD/call]
    takeup, monitoring
        Share of notified people who enroll in monitoring, and its price. [share], [USD/enrollee]
    churn, margin
        Share of all customers who leave because of the breach, and the margin lost with each. [share],
        [USD/customer]
    covered, cover
        Probability that insurance pays, and the share of gross cost that it pays. [share]
    own
        Lines as a user has them. They count in the gross cost of which insurance pays a share.

    Raises
    ------
    ValueError
        If a number has another unit.
    """

    rows: PaymentRows
    incident_response: Estimate
    letters: Estimate
    letter: Estimate
    electronic: Estimate
    calls: Estimate
    call: Estimate
    takeup: Estimate
    monitoring: Estimate
    churn: Estimate
    margin: Estimate
    covered: Estimate
    cover: Estimate
    own: tuple[OwnLine, ...] = ()

    def __post_init__(self) -> None:
        for name, unit in _UNITS.items():
            estimate = getattr(self, name)
            if estimate.unit != unit:
                raise ValueError(f"{estimate.name} is in {estimate.unit!r}; it must be in {unit!r}")
        for own in self.own:
            if own.line not in LINES:
                raise ValueError(unknown("line", own.line, LINES, "the firm's ledger"))

    def estimates(self) -> tuple[Estimate, ...]:
        """Return all estimates; the posterior rows are none.

        Returns
        -------
        In the order of the fields, then those of the user's lines.
        """
        lines = (own.estimate for own in self.own if own.estimate is not None)
        return (*(getattr(self, name) for name in FIRM_NUMBERS), *lines)

    def own_line(self, line: str) -> OwnLine | None:
        """Return a line as the user has it.

        Parameters
        ----------
        line
            One of :data:`LINES`.

        Returns
        -------
        The line; None if it is the model's.
        """
        return next((own for own in self.own if own.line == line), None)

    def _with_own(self, line: str, modeled: Array, draw: Draws, people: float) -> Array:
        """Cost of a line: the user's in place of the model's, if there is one [USD]. Shape (R,)."""
        own = self.own_line(line)
        if own is None:
            return modeled
        if own.estimate is None:
            return modeled * float(own.scale or 1.0)
        sign = -1.0 if line == "insurance_recovery" else 1.0
        return sign * draw(own.estimate) * (people if own.estimate.unit == "USD/person" else 1.0)

    def lines(self, draw: Draws, breached: Breached) -> dict[str, Array]:
        """Return the cost by line and replicate: equation (34).

        Parameters
        ----------
        draw
            Draws of the run.
        breached
            The breach.

        Returns
        -------
        By :data:`LINES`; 0 where a line is not paid or does not exist in the country. What insurance pays is
        negative. Shape (R,) each. [USD of 2024]
        """
        from scipy.special import ndtri

        rows = self.rows.pick(draw.chance(STREAMS["row"]))
        shared = ndtri(draw.chance(STREAMS["breach"]))

        def size(line: str) -> Array:
            own = ndtri(draw.chance(f"firm.{line}.size"))
            return np.exp(self.rows.log_payment(line, breached.case, rows, shared, own))

        found = self._response(draw, breached.case.people_drawn(), size("response"))
        asked = breached.lines()
        for line in PAYMENTS:
            if line not in asked:
                found[line] = np.zeros(len(rows))
                continue
            paid = draw.chance(f"firm.{line}.paid") < self.rows.chance_of_payment(line, breached.case, rows)
            found[line] = np.where(paid, size(line), 0.0)
        people = breached.case.people
        found = {line: self._with_own(line, cost, draw, people) for line, cost in found.items()}
        # A policy pays a share of what the breach cost, not of what customers who left would have brought.
        gross = np.sum(list(found.values()), axis=0)
        found["churn"] = breached.customers * draw(self.churn) * draw(self.margin)
        pays = draw.chance(STREAMS["cover"]) < draw(self.covered)
        found["insurance_recovery"] = -np.where(pays, draw(self.cover) * gross, 0.0)
        for line in ("churn", "insurance_recovery"):
            found[line] = self._with_own(line, found[line], draw, people)
        return {line: found[line] for line in LINES}

    def _response(self, draw: Draws, people: float | Array, whole: Array) -> dict[str, Array]:
        """Split the response in USD in proportion to its estimated parts. Shape (R,) each."""
        letters = draw(self.letters)
        each = {
            "incident_response": draw(self.incident_response),
            "notice": people * (letters * draw(self.letter) + (1.0 - letters) * draw(self.electronic)),
            "call_centre": people * draw(self.calls) * draw(self.call),
            "monitoring": people * draw(self.takeup) * draw(self.monitoring),
        }
        total = np.sum(list(each.values()), axis=0)
        return {part: whole * own / total for part, own in each.items()}

    def summary(self) -> str:
        """Rows of the posterior, number of estimates, and the names of the lines of the ledger."""
        return f"{self.rows.summary()}, {len(self.estimates())} estimates; lines {', '.join(LINES)}"


def why_no_ledger(people: float, firm: bool) -> str:
    """Return why there is no ledger for a breach.

    Parameters
    ----------
    people
        People notified. [0, inf)
    firm
        Whether a firm stands behind the data.

    Returns
    -------
    A sentence; "" if there is a ledger.
    """
    if not firm:
        return "No firm stands behind this list, so there is no ledger of a firm."
    if not SMALLEST <= people <= LARGEST:
        return (
            f"The ledger of the firm holds for {human(SMALLEST)} to {human(LARGEST)} people; "
            f"here {human(people)} are notified, so none is given."
        )
    return ""
