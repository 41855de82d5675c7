"""What a mitigation costs whoever carries it out, and the law that may demand it anyway.

Not here: what it changes and when (``measures``), and the firm's ledger, of which a cost may be a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.changes import Draw
from breach_sim.inputs.firm.ledger import RESPONSE
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import KINDS

_COST_UNITS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("USD",),
    "each": ("USD/person", "USD/enrollee", "USD/customer"),
    "uptake": ("share",),
    "letter": ("USD/person",),
    "letters": ("share",),
    "per_account": ("USD/account",),
    "floor": ("USD",),
    "message": ("USD/person",),
}
"""Units of the numbers of a cost, in their order."""
NOTICE = "notice"
"""Line of the ledger whose letters carry every other message."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Duty(Displayable):
    """Law that demands a mitigation anyway, so that it is no choice.

    Parameters
    ----------
    law
        Which law, in words.
    countries
        Where it holds, two letters each; everywhere if empty.
    fields
        It holds if one of these leaked; if empty, whatever leaked.

    Raises
    ------
    ValueError
        If the law is not named, or a field is unknown.
    """

    law: str
    countries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.law:
            raise ValueError("a duty names no law; say which one demands it")
        for name in self.fields:
            vocabulary.check_field(name, "a duty")

    def holds(self, scenario: Scenario) -> bool:
        """Return whether the law demands it after a breach.

        Parameters
        ----------
        scenario
            The breach. Where no country is stated it is that of the catalog's rates, the US.

        Returns
        -------
        False where no firm stands behind the data.
        """
        leaked = {name for segment in scenario.segments for name in segment.fields}
        there = not self.countries or bool({*(scenario.dossier.countries or ("US",))} & {*self.countries})
        return scenario.firm and there and bool(leaked & {*self.fields} if self.fields else leaked)

    def summary(self) -> str:
        """The law, and where it holds."""
        return f"{self.law} ({', '.join(self.countries) or 'everywhere'})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Cost(Displayable):
    """Cost of a mitigation to the party that carries it out.

    Parameters
    ----------
    fixed
        One-time cost, or None. [USD]
    each
        Cost per person concerned, or None. [USD/person], [USD/enrollee] or [USD/customer]
    uptake
        Share of the people concerned for whom the cost is paid, or None for all. [share]
    letter, letters
        Price of a letter in place of ``each``, and the share of people who get one; both or none.
        [USD/person], [share]
    per_account, floor
        Cost that grows with all accounts of the breach, and the least that it is; both or none.
        [USD/account], [USD]
    message
        Price of a message to each person concerned, or None. Mitigations of one bundle share it: nobody is
        written to twice, and a notice says it as well. [USD/person]
    line
        Line of the firm's ledger that is this cost, such as "notice"; "" for none. Where there is a ledger,
        the line is taken draw for draw; where there is none, the other parts.
    holding
        Concerns segments that lost one of these fields; if empty, segments that lost any field.
    kinds
        Concerns segments of these kinds; all if empty.

    Raises
    ------
    ValueError
        If a number has another unit, one of a pair is missing, or a field, kind or line is unknown.
    """

    fixed: Estimate | None = None
    each: Estimate | None = None
    uptake: Estimate | None = None
    letter: Estimate | None = None
    letters: Estimate | None = None
    per_account: Estimate | None = None
    floor: Estimate | None = None
    message: Estimate | None = None
    line: str = ""
    holding: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, units in _COST_UNITS.items():
            part = getattr(self, name)
            if part is not None and part.unit not in units:
                raise ValueError(f"{part.name} is in {part.unit!r}; it must be in {' or '.join(units)}")
        for one, other in (("letter", "letters"), ("per_account", "floor")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"a cost gives one of {one} and {other}; give both or none")
        if self.letter is not None and self.each is None:
            raise ValueError("a cost gives a letter and no 'each', which is paid where no letter is sent")
        for name in self.holding:
            vocabulary.check_field(name, "the cost of a mitigation")
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(unknown("kind of segment", kind, KINDS, "the cost of a mitigation"))
        if self.line and self.line not in RESPONSE:
            raise ValueError(unknown("line", self.line, RESPONSE, "the cost of a mitigation"))

    def estimates(self) -> tuple[Estimate, ...]:
        """Return the estimates that the cost uses.

        Returns
        -------
        Estimates that are not None, in the order of the attributes.
        """
        parts = (getattr(self, name) for name in _COST_UNITS)
        return tuple(part for part in parts if part is not None)

    def concerns(self, scenario: Scenario) -> tuple[int, ...]:
        """Return the segments that the cost concerns.

        Parameters
        ----------
        scenario
            Scenario before the mitigation.

        Returns
        -------
        Their numbers, rising.
        """
        return tuple(
            number
            for number, segment in enumerate(scenario.segments)
            if segment.fields
            and (not self.kinds or segment.kind in self.kinds)
            and (not self.holding or set(segment.fields) & set(self.holding))
        )

    def people(self, scenario: Scenario) -> int:
        """Return the number of accounts in the segments that the cost concerns.

        Parameters
        ----------
        scenario
            Scenario before the mitigation.

        Returns
        -------
        Whole number. [accounts]
        """
        return sum(scenario.segments[number].accounts for number in self.concerns(scenario))

    def alone(self, scenario: Scenario, draw: Draw, ledger: Mapping[str, Array] | None = None) -> Array:
        """Return the cost per replicate without the message that a bundle shares.

        Parameters
        ----------
        scenario
            Scenario before the mitigation.
        draw
            Function that returns the draws of a number. Shape (R,).
        ledger
            Cost of the firm by line; empty or None where there is no ledger. Shape (R,) each. [USD]

        Returns
        -------
        Shape (R,), or (1,) if nothing is uncertain. [USD]
        """
        if ledger and self.line:
            return ledger[self.line]
        cost = np.zeros(1) if self.fixed is None else draw(self.fixed)
        if self.each is not None:
            taken = np.ones(1) if self.uptake is None else draw(self.uptake)
            price = draw(self.each)
            if self.letter is not None and self.letters is not None:
                price = draw(self.letters) * draw(self.letter) + (1.0 - draw(self.letters)) * price
            cost = cost + self.people(scenario) * price * taken
        if self.per_account is not None and self.floor is not None:
            cost = cost + np.maximum(draw(self.floor), scenario.accounts * draw(self.per_account))
        return np.asarray(cost)

    def drawn(self, scenario: Scenario, draw: Draw, ledger: Mapping[str, Array] | None = None) -> Array:
        """Return the cost per replicate of the mitigation by itself.

        Parameters
        ----------
        scenario, draw, ledger
            As for :meth:`alone`.

        Returns
        -------
        Shape (R,), or (1,) if nothing is uncertain. [USD]
        """
        return self.alone(scenario, draw, ledger) + messages([self], scenario, draw)

    def summary(self) -> str:
        """Numbers of the cost, and who is concerned."""
        parts = [part.as_part() for part in self.estimates()]
        parts += [f"line {self.line} of the firm's ledger"] if self.line else []
        parts += [f"segments that lost {' or '.join(self.holding)}"] if self.holding else []
        parts += [f"segments of kind {' or '.join(self.kinds)}"] if self.kinds else []
        return "; ".join(parts) or "none"


def messages(costs: Iterable[Cost], scenario: Scenario, draw: Draw) -> Array:
    """Return the cost of the messages that several mitigations need.

    Parameters
    ----------
    costs
        Those of the mitigations of one bundle.
    scenario
        Scenario before the mitigations.
    draw
        Function that returns the draws of a number. Shape (R,).

    Returns
    -------
    Everybody is written to once, at the higher price where prices differ; nothing where a notice goes to all
    anyway. Shape (R,), or (1,) if nothing is uncertain. [USD]
    """
    asked = list(costs)
    total: Array = np.zeros(1)
    if any(cost.line == NOTICE for cost in asked):
        return total
    for number, segment in enumerate(scenario.segments):
        prices = {
            cost.message.name: cost.message
            for cost in asked
            if cost.message is not None and number in cost.concerns(scenario)
        }
        if prices:
            total = total + segment.accounts * np.max([draw(price) for price in prices.values()], axis=0)
    return np.asarray(total)
