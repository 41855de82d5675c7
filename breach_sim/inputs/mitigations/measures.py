"""Mitigations: changes to scenario and attacks, with their uncertain effects and costs.

A mitigation is a list of *changes*: a reset, a factor on success, fields withheld from the leak, a field
replaced or dropped. :meth:`Mitigation.apply` returns a changed scenario and changed attacks, on which the
model is run again. Benefits of mitigations do not add up. Each number is an Estimate, so a mitigation is as
uncertain as the evidence for it.

Not here: the benefit of a mitigation (``comparison``, ``bundle``), and the list of mitigations
(``catalog/data/mitigations.toml``, read by ``catalog``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.changes import Change, Drop, Protect, Reset, Withhold, World
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations.costs import Cost, Duty
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario

ACTORS: Mapping[str, str] = {
    "firm": "the breached firm",
    "bureau": "credit bureaus",
    "state": "an office of the state, such as the tax office",
    "person": "each person concerned",
    "services": "banks, exchanges and other services",
}
"""Who can carry out a mitigation."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Mitigation(Displayable):
    """Measure that could be taken, or could have been taken.

    Parameters
    ----------
    name, label
        Name on the command line, and name for tables.
    changes
        Changes to the scenario and the attacks.
    cost
        Cost to the party that carries it out.
    day
        Day after the sale on which it starts; None if it is done before the breach or by others.
    description
        What is done, and by whom, in one sentence.
    hours
        Time it costs one person to do it; None if a single person cannot do it. [hours/person]
    actor
        Who can carry it out: one of :data:`ACTORS`; "" if not stated.
    duties
        Laws that demand it anyway.
    earliest_day, why_then
        First day after the sale on which it can be done at all, and the reason; None where it is done before
        the breach or nothing is stated. [0, inf)

    Raises
    ------
    ValueError
        If it starts before the breach, a change needs a day and none is given, or the actor is unknown.
    """

    name: str
    label: str
    changes: tuple[Change, ...]
    cost: Cost = dataclasses.field(default_factory=Cost)
    day: float | None = None
    description: str = ""
    hours: Estimate | None = None
    actor: str = ""
    duties: tuple[Duty, ...] = ()
    earliest_day: float | None = None
    why_then: str = ""

    def __post_init__(self) -> None:
        if self.actor and self.actor not in ACTORS:
            raise ValueError(unknown("actor", self.actor, ACTORS, f"mitigation {self.name!r}", ACTORS))
        first = self.earliest_day
        if first is not None and not (_number(first) and 0 <= first < math.inf):
            raise ValueError(
                f"mitigation {self.name!r} can be done from day {shown(first)} at the earliest; give a day "
                "from 0 on, or none"
            )
        if self.hours is not None and self.hours.unit != "hours/person":
            raise ValueError(f"{self.hours.name} is in {self.hours.unit!r}; it must be in 'hours/person'")
        if self.day is not None and not (_number(self.day) and 0 <= self.day < math.inf):
            raise ValueError(
                f"mitigation {self.name!r} starts on day {shown(self.day)}, before the breach; day 0 is the "
                "day of the sale: start on day 0 or later (what is done before, such as drop-ssn, has no day)"
            )
        if self.day is None and any(isinstance(change, Reset) for change in self.changes):
            raise ValueError(f"mitigation {self.name!r} resets fields and has no day; give one, 0 or later")

    def apply(self, scenario: Scenario, graph: AttackGraph) -> World:
        """Return scenario and attacks with the mitigation applied.

        Parameters
        ----------
        scenario, graph
            Scenario and attacks without mitigations.

        Returns
        -------
        New scenario and attacks; the same objects if nothing changes.
        """
        return together([self], scenario, graph)

    def by_one(self) -> Mitigation:
        """Return the mitigation for one person who carries it out: every uptake is 1.

        Returns
        -------
        A new mitigation.
        """
        sure = Estimate.fixed(f"{self.name}.uptake of one", 1.0, "share")
        changes = tuple(
            dataclasses.replace(change, uptake=sure) if isinstance(change, Protect) else change
            for change in self.changes
        )
        return dataclasses.replace(self, changes=changes)

    def why_not(self, scenario: Scenario, graph: AttackGraph) -> str:
        """Return the reasons why the mitigation has no effect.

        Parameters
        ----------
        scenario, graph
            As given.

        Returns
        -------
        Reasons as text; "" if the mitigation changes something.
        """
        world = (scenario, graph)
        after = self.apply(*world)
        if after[0] is not scenario or after[1] is not graph:
            return ""
        return "; ".join(change.why_not(world, self.day or 0.0) for change in self.changes)

    @property
    def is_past(self) -> bool:
        """Whether it changes what was stored or taken, which cannot be done once the data are sold."""
        return any(isinstance(change, Drop | Withhold) for change in self.changes)

    def demanded(self, scenario: Scenario) -> str:
        """Return the law that demands the mitigation after a breach.

        Parameters
        ----------
        scenario
            The breach.

        Returns
        -------
        The first law that holds; "" if it is a choice.
        """
        return next((duty.law for duty in self.duties if duty.holds(scenario)), "")

    def starting_from(self, day: float) -> Mitigation:
        """Return the mitigation as it is if nothing can be done before a day.

        Parameters
        ----------
        day
            Days after the sale. [0, inf)

        Returns
        -------
        With a later day where its own, or the earliest possible, is before it; the same object where it has
        no day: what others do, or what was done before the breach (:attr:`is_past`).

        Raises
        ------
        ValueError
            If the day is negative or not a number.
        """
        check_day(day)
        if self.day is None:
            return self
        first = max(day, self.earliest_day or 0.0)
        return self if first <= self.day else self.on_day(first)

    def on_day(self, day: float) -> Mitigation:
        """Return the mitigation with another start day.

        Parameters
        ----------
        day
            Days after the sale. [0, inf)

        Returns
        -------
        A new mitigation.

        Raises
        ------
        ValueError
            If the mitigation has no day, or the day is before the breach.
        """
        if self.day is None:
            raise ValueError(
                f"mitigation {self.name!r} has no day: it is done before the breach, or by others"
            )
        return dataclasses.replace(self, day=day, name=f"{self.name.partition('-day-')[0]}-day-{day:g}")

    def costing(self, usd: float) -> Mitigation:
        """Return the mitigation with a known total cost.

        Parameters
        ----------
        usd
            Total one-time cost. [0, inf) [USD]

        Returns
        -------
        A new mitigation.

        Raises
        ------
        ValueError
            If the price is negative or not a number.
        """
        if not _number(usd) or not 0 <= usd < math.inf:
            raise ValueError(f"the cost of {self.name!r} is {shown(usd)} USD; it must be a number from 0 on")
        fixed = Estimate.fixed(f"mitigations.{self.name}.cost", float(usd), "USD")
        return dataclasses.replace(self, cost=Cost(fixed=fixed))

    def estimates(self) -> tuple[Estimate, ...]:
        """Return the estimates of the mitigation's cost and changes.

        Returns
        -------
        Estimates with unique names, those of the cost first.
        """
        of_changes = (estimate for change in self.changes for estimate in change.estimates())
        every = (*self.cost.estimates(), *of_changes)
        return tuple({estimate.name: estimate for estimate in every}.values())

    def summary(self) -> str:
        """Name, label, day and the kinds of its changes."""
        start = "no day" if self.day is None else f"from day {self.day:g}"
        changes = ", ".join(type(change).__name__ for change in self.changes) or "no change"
        return f"{self.name}: {self.label}; {start}; {changes}"


def check_day(day: float) -> None:
    """Check the first day on which anything can be done.

    Parameters
    ----------
    day
        Days after the sale. [0, inf)

    Raises
    ------
    ValueError
        If the day is negative or not a number.
    """
    if not (_number(day) and 0 <= day <= float(np.finfo(float).max)):
        raise ValueError(f"the day to start on is {shown(day)}; give days after the sale, from 0 on")


def together(mitigations: Iterable[Mitigation], scenario: Scenario, graph: AttackGraph) -> World:
    """Apply several mitigations to scenario and attacks. Their order does not matter.

    Parameters
    ----------
    mitigations
        Any number.
    scenario, graph
        Scenario and attacks without mitigations.

    Returns
    -------
    New scenario and attacks; the same objects if nothing changes.

    Notes
    -----
    Fields are dropped first, then withheld; resets and protections come last.
    """
    world = (scenario, graph)
    steps = [(change, mitigation.day or 0.0) for mitigation in mitigations for change in mitigation.changes]
    # By kind, so that the order of the mitigations does not matter. Of two drops of one field, the one
    # without a stand-in (`by`) goes first: then the field is gone and leaves nothing to stand in for.
    for change, day in sorted(steps, key=lambda step: _rank(step[0])):
        world = change.apply(world, day)
    return world


def _rank(change: Change) -> tuple[int, bool]:
    return change.order, bool(getattr(change, "by", ""))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
