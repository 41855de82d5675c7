"""What mitigations avert: the frozen arrays of a comparison, from which its tables are made.

Not here: how they are computed (``mitigated_runs``), tables (``worth``, ``by_month``), and the object that
offers them (``comparison``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.expected_harm import Harm
from breach_sim.engine.law import Law
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.replicates import scramble_of
from breach_sim.results.tables.sources import estimates_of
from breach_sim.whatif.dropped_fields import why_first

ALL = "all together"
"""Name of the row for all mitigations at once."""


@dataclass(frozen=True, kw_only=True)
class Averted:
    """What one mitigation, or several at once, avert.

    Parameters
    ----------
    name, label
        Name and name for tables.
    loss, people, hours
        Expectation given the parameters. Shape (R,). [USD], [accounts], [hours]
    luck_loss, luck_people
        Variance given the parameters, of the same coins; that of the loss is an upper bound, exact where
        no account suffers two attacks. Shape (R,). [USD^2], [accounts^2]
    left
        Expected loss that is left, and its variance given the parameters. Shape (R,) each. [USD], [USD^2]
    cost
        Shape (R,). [USD]
    why_not
        Why it touches nothing here; "" where it does.
    by_side
        Expected loss averted by who would have borne it: victims, lenders, others. Shape (R,) each. [USD]
    firm
        What it saves the firm; None where there is no ledger. Shape (R,). [USD of 2024]
    law
        Law that demands it anyway; "" for a choice.
    past
        Whether it could have been done before the breach only.
    """

    name: str
    label: str
    loss: Array
    people: Array
    hours: Array
    luck_loss: Array
    luck_people: Array
    left: tuple[Array, Array]
    cost: Array
    why_not: str = ""
    by_side: Mapping[str, Array] = field(default_factory=dict)
    firm: Array | None = None
    law: str = ""
    past: bool = False

    @property
    def net(self) -> Array:
        """Loss averted less cost [USD]. Shape (R,)."""
        return np.asarray(self.loss - self.cost)


@dataclass(frozen=True, kw_only=True, repr=False)
class AvertedReplicates:
    """Arrays of a comparison of mitigations; the last axis is always the replicate.

    Parameters
    ----------
    scenario, seed, replicates, horizon_years
        What made it. [years]
    mitigations
        In the order given.
    base
        Harm of the baseline.
    averted
        By mitigation, and last of all together where there are two or more.
    pairs
        Expected loss averted by two at once, by their numbers. [USD], mean over replicates
    law
        Law of the baseline.
    factors
        Anchor factor by follow-on. Shape (R,) each. [1]
    can_start_on
        First day after the sale on which anything can be done; None if not asked. [days]
    """

    scenario: Scenario
    seed: int
    replicates: int
    horizon_years: float
    mitigations: tuple[Mitigation, ...]
    base: Harm
    averted: tuple[Averted, ...]
    pairs: Mapping[tuple[int, int], float]
    law: Law
    factors: Mapping[str, Array]
    can_start_on: float | None = None

    @property
    def together(self) -> tuple[Mitigation, ...]:
        """Mitigations of the row of all together: without those for which it is too late, if asked."""
        return tuple(own for own in self.mitigations if self.can_start_on is None or not own.is_past)

    @property
    def scramble(self) -> NDArray[np.int64] | None:
        """Number of the scramble of each replicate, shape (R,); None for plain draws."""
        return scramble_of(self.law)

    def parameters(self) -> tuple[Estimate, ...]:
        """Every number behind a comparison: of the breach, its attacks, and the mitigations, each once."""
        own = {number.name: number for number in estimates_in(self.mitigations)}
        return (*estimates_of(self.law, self.scenario), *own.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """The scenario's cautions, which mitigations touch nothing, and why one dropped field is first."""
        idle = [
            f"{row.name} touches nothing in {self.scenario.name} and changes nothing: {row.why_not}."
            for row in self.averted
            if row.why_not
        ]
        # The row of all together drops several fields: it is not one of those compared.
        losses = [float(row.loss.mean()) for row in self.averted]
        reason = why_first(self.law.graph, list(zip(self.mitigations, losses, strict=False)))
        demanded = [
            f"{row.name} is no choice here: {row.law} asks for it. Its cost is in the firm's ledger too."
            for row in self.averted
            if row.law
        ]
        return (*self.scenario.all_notes, *idle, *demanded, *self._too_late(), *((reason,) if reason else ()))

    def _too_late(self) -> tuple[str, ...]:
        late = [row.name for row in self.averted if row.past]
        if self.can_start_on is None or not late:
            return ()
        return (
            f"From day {self.can_start_on:g} on it is too late for {', '.join(late)}; the row of all "
            "together has the others.",
        )
