"""Costs of the breached firm, by line: notice, calls, monitoring, settlement, fine, security, churn.

Costs are computed per replicate from the number of people notified and the number of current customers
among them. The rates are those of other firms, so that a prediction can be compared with the firm's own
outcome. Costs per person fall with the size of a breach; these rates hold for ten million people or more.

Not here: what victims lose (a separate ledger; do not add the two), and the scaling law.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable
from breach_sim.inputs.numbers.estimates import Estimate

LINES = ("notice", "call_centre", "monitoring", "settlement", "fine", "security", "churn")
"""Lines of the firm's ledger, in order."""
OUTCOME = ("settlement", "fine", "security")
"""Lines that became public for the first case."""
CUSTOMERS = ("postpaid", "prepaid", "customer")
"""Kinds of segment that are customers now."""
_UNITS = {
    "letters": "share", "letter": "USD/person", "electronic": "USD/person", "calls": "calls/person",
    "call": "USD/call", "takeup": "share", "monitoring": "USD/enrollee", "settlement": "USD/person",
    "fine": "USD/person", "security": "USD/person", "churn": "share", "margin": "USD/customer",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FirmCosts(Displayable):
    """Rates of the firm's ledger.

    Parameters
    ----------
    letters
        Share of notified people who get a letter. [share]
    letter, electronic
        Cost of notifying one person by letter; by text message or email. [USD/person]
    calls, call
        Calls per notified person, and the cost of a call. [calls/person], [USD/call]
    takeup, monitoring
        Share of notified people who enroll in monitoring, and its price. [share], [USD/enrollee]
    settlement, fine, security
        Cost per notified person. [USD/person]
    churn, margin
        Share of customers who leave because of the breach, and the margin lost with each. [share],
        [USD/customer]

    Raises
    ------
    ValueError
        If a number has another unit.
    """

    letters: Estimate
    letter: Estimate
    electronic: Estimate
    calls: Estimate
    call: Estimate
    takeup: Estimate
    monitoring: Estimate
    settlement: Estimate
    fine: Estimate
    security: Estimate
    churn: Estimate
    margin: Estimate

    def __post_init__(self) -> None:
        for estimate, unit in zip(self.estimates(), _UNITS.values(), strict=True):
            if estimate.unit != unit:
                raise ValueError(f"{estimate.name} is in {estimate.unit!r}; it must be in {unit!r}")

    def estimates(self) -> tuple[Estimate, ...]:
        """Return all rates.

        Returns
        -------
        In the order of the fields.
        """
        return tuple(getattr(self, part.name) for part in dataclasses.fields(self))

    def lines(self, draw: Callable[[Estimate], Array], notified: int, customers: int) -> dict[str, Array]:
        """Return the cost by line and replicate.

        Parameters
        ----------
        draw
            Function that returns the draws of a number. Shape (R,).
        notified, customers
            People whom the firm notifies and pays, and current customers among them. [accounts]

        Returns
        -------
        By :data:`LINES`. Shape (R,) each. [USD]
        """
        letters = draw(self.letters)
        notice = letters * draw(self.letter) + (1.0 - letters) * draw(self.electronic)
        return {
            "notice": notified * notice,
            "call_centre": notified * draw(self.calls) * draw(self.call),
            "monitoring": notified * draw(self.takeup) * draw(self.monitoring),
            "settlement": notified * draw(self.settlement),
            "fine": notified * draw(self.fine),
            "security": notified * draw(self.security),
            "churn": customers * draw(self.churn) * draw(self.margin),
        }

    def summary(self) -> str:
        """Number of rates, and the names of the lines of the ledger."""
        return f"{len(dataclasses.fields(self))} rates behind the lines {', '.join(LINES)}"
