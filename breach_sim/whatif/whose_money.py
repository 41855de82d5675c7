"""Whose money a mitigation averts: people's, lenders', others', and the firm's; and what a bundle costs.

The firm's side is its ledger once more, on the same draws: a mitigation that changes which fields leaked,
or of how many people, changes the case that the model of payments is asked about. Success of attacks does
not enter that ledger, so that a freeze or a lock averts nothing of it.

Not here: the loss of victims (``mitigated_runs``), and the choice of a bundle (``bundle``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import exposed_share
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.ledger import LINES, FirmCosts
from breach_sim.inputs.firm.payments import SMALLEST
from breach_sim.inputs.mitigations import Mitigation, check_day, messages
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.tables.money import breached, lines_of, notified

SIDES = ("victims", "lenders", "others")
"""Who bears the loss that attacks make: people; lenders and banks; the state, services and carriers."""


class FirmSide:
    """The firm's ledger of a breach and of what mitigations make of it, on one set of draws.

    Parameters
    ----------
    scenario
        The breach without mitigations.
    firm
        Numbers of the ledger; None for no firm.
    draw
        Draws of the run.
    """

    def __init__(self, scenario: Scenario, firm: FirmCosts | None, draw: Parameters) -> None:
        self._scenario, self._firm, self._draw = scenario, firm, draw
        self._known: dict[tuple[object, ...], Array] = {}

    @cached_property
    def ledger(self) -> Mapping[str, Array]:
        """Cost by line without mitigations; empty where there is no ledger. Shape (R,) each [USD of 2024]."""
        return {} if self._firm is None else lines_of(self._firm, self._draw, self._scenario)

    def left(self, changed: Scenario) -> Array:
        """Return the cost of the firm with mitigations.

        Parameters
        ----------
        changed
            The breach with mitigations; a ledger of the breach exists.

        Returns
        -------
        All lines; 0 where nothing leaks any more. Below 500 people it is that of 500. Shape (R,). [USD of
        2024]
        """
        pairs = list(zip(self._scenario.segments, changed.segments, strict=True))
        people, _ = notified(changed)
        if not people:
            return np.zeros(self._draw.replicates)
        own = breached(changed)
        key = (own.case.kinds, *((bool(new.fields), new.withheld) for _, new in pairs))
        if key not in self._known:
            kept = np.zeros(self._draw.replicates)
            for old, new in pairs:
                if new.fields:
                    before = exposed_share(old, self._draw)
                    after = exposed_share(new, self._draw)
                    with np.errstate(divide="ignore", invalid="ignore"):
                        kept = kept + old.accounts * np.where(before > 0, after / before, 1.0)
            least = min(SMALLEST, people) / people
            case = dataclasses.replace(own.case, kept=np.clip(kept / people, least, 1.0))
            lines = (
                {}
                if self._firm is None
                else self._firm.lines(self._draw, dataclasses.replace(own, case=case))
            )
            self._known[key] = np.asarray(np.sum(list(lines.values()), axis=0))
        return self._known[key]

    def averted(self, changed: Scenario) -> Array | None:
        """Return what mitigations save the firm.

        Parameters
        ----------
        changed
            The breach with mitigations.

        Returns
        -------
        Below 0 where the model expects a higher cost; None where there is no ledger. Shape (R,). [USD of
        2024]
        """
        if not self.ledger:
            return None
        if all(
            (new.fields, new.withheld) == (old.fields, old.withheld)
            for new, old in zip(changed.segments, self._scenario.segments, strict=True)
        ):
            return np.zeros(self._draw.replicates)
        return np.asarray(np.sum([self.ledger[line] for line in LINES], axis=0) - self.left(changed))


def cost_of(
    mitigations: Sequence[Mitigation], scenario: Scenario, draw: Parameters, ledger: Mapping[str, Array]
) -> Array:
    """Return the cost of mitigations taken together.

    Parameters
    ----------
    mitigations
        Of one bundle.
    scenario
        The breach without mitigations.
    draw
        Draws of the run.
    ledger
        The firm's, by line; empty where there is none. Shape (R,) each. [USD of 2024]

    Returns
    -------
    What they cost by themselves, and the messages that they share once. Shape (R,). [USD]
    """
    alone = [mitigation.cost.alone(scenario, draw, ledger) for mitigation in mitigations]
    shared = messages([mitigation.cost for mitigation in mitigations], scenario, draw)
    return np.asarray(np.broadcast_to(sum(alone, shared), (draw.replicates,)))


def startable(mitigations: Sequence[Mitigation], can_start_on: float | None) -> list[Mitigation]:
    """Return mitigations as they are if nothing can be done before a day.

    Parameters
    ----------
    mitigations
        Any.
    can_start_on
        Days after the sale; None leaves them as they are. [0, inf)

    Returns
    -------
    In the same order, those of before the breach unchanged.

    Raises
    ------
    ValueError
        If the day is negative or not a number.
    """
    if can_start_on is None:
        return list(mitigations)
    check_day(can_start_on)
    return [mitigation.starting_from(can_start_on) for mitigation in mitigations]
