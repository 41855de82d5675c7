"""What bundles cost: each mitigation by itself, messages that are shared, and what a law demands.

Not here: the cost of one mitigation (``inputs.mitigations``), and what bundles avert (``tables``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.mitigations import NOTICE, Mitigation, messages
from breach_sim.whatif.bundle.tables import REGRETS, Term, places, subsets, sums, whole
from breach_sim.whatif.whose_money import FirmSide

WHOSE = ("others", "firm")
"""Whose money a bundle is chosen for."""
SLACK = 1e-9
"""Relative rounding that a budget and a tie allow for."""


@dataclass(frozen=True)
class Payments:
    """What bundles cost.

    Parameters
    ----------
    alone
        Cost of each mitigation without messages. Shape (M, R). [USD]
    messages
        What a bundle pays for messages.
    given
        Numbers of the mitigations that a law demands.
    carriers
        Numbers of those whose letters carry the messages of others.
    """

    alone: Array
    messages: Term
    given: tuple[int, ...]
    carriers: tuple[int, ...]

    @property
    def price(self) -> Array:
        """Mean cost of every bundle, by bit set. Shape (2**M,)."""
        alone = sums(self.alone.mean(axis=1)[:, None])[:, 0]
        return np.asarray(alone + self.messages.mean[places(self.messages.touching, range(len(self.alone)))])

    @property
    def due(self) -> float:
        """Mean cost of what a law demands [USD]."""
        return float(self.alone[list(self.given)].mean(axis=1).sum()) if self.given else 0.0

    def within(self, budget: float) -> NDArray[np.bool_]:
        """Return which bundles hold what is demanded and have choices that the budget pays.

        Parameters
        ----------
        budget
            [0, inf) [USD]

        Returns
        -------
        By bit set. Shape (2**M,).
        """
        needed = sum(1 << number for number in self.given)
        choices = self.price - self.due
        bundles = np.arange(1 << len(self.alone))
        return np.asarray((choices <= budget * (1 + SLACK)) & (bundles & needed == needed))


def payments_of(
    expected: ExpectedHarm, mitigations: Sequence[Mitigation], side: FirmSide, whose: str
) -> Payments:
    """Return the costs of the side that a bundle is chosen for: whoever acts, or the firm beyond its ledger.

    Parameters
    ----------
    expected
        Expected harm of the breach.
    mitigations
        Those that bundles are made of.
    side
        The firm's ledger.
    whose
        One of :data:`WHOSE`.

    Returns
    -------
    The costs.
    """
    scenario, draw = expected.scenario, expected.parameters
    alone = []
    for mitigation in mitigations:
        cost = whole(mitigation.cost.alone(scenario, draw, side.ledger), expected)
        ours = mitigation.actor in {"", "firm"} and not mitigation.cost.line
        alone.append(cost if whose == WHOSE[0] or ours else np.zeros(len(cost)))
    carriers = tuple(i for i, own in enumerate(mitigations) if own.cost.line == NOTICE)
    writing = {i for i, own in enumerate(mitigations) if own.cost.message is not None}
    touching = tuple(sorted(writing | {*carriers} if writing else ()))
    written = np.stack(
        [
            whole(messages([mitigations[i].cost for i in chosen], scenario, draw), expected)
            for chosen in subsets(touching)
        ]
    )
    return Payments(
        alone=np.stack(alone),
        messages=Term(touching, written.mean(axis=1), written[:, : min(REGRETS, draw.replicates)]),
        given=tuple(i for i, own in enumerate(mitigations) if own.demanded(scenario)),
        carriers=carriers,
    )
