"""Expectations of a run, as drawn and with hard ends: how much of the spread is structure.

*Ignorance* is the variance of E[X given the parameters] with low and high as hard ends and without common
drivers, on the same uniform numbers. *Structure* is what soft ends and drivers add to it. Only means are
computed: no counts, no losses.

Not here: the arrays of a run (``replicates``) and the table (``tables.uncertainty``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.formatting.arrays import Array


def expected(law: Law, laws: Mapping[str, SegmentLaw], factors: Mapping[str, Array]) -> dict[str, Array]:
    """Expected value of every measure of the error budget, given the parameters.

    Parameters
    ----------
    law, laws
        Of the run, and by name of the segment.
    factors
        Anchor factor by follow-on. Shape (R,) each. [1]

    Returns
    -------
    ``people``, ``NAME.victims`` for each attack, and ``loss_usd``. Shape (R,) each. [accounts], [USD]
    """
    size = law.parameters.replicates
    people, loss, victims = np.zeros(size), np.zeros(size), {}
    places = law.unlike()
    for segment, accounts in places:
        people = people + accounts * laws[segment.name].people
    for attack in law.graph.attacks:
        hit = np.zeros(size)
        for segment, accounts in places:
            hit = hit + accounts * laws[segment.name].victim.get(attack.name, np.zeros(1))
        victims[f"{attack.name}.victims"] = hit
        loss = loss + hit * mean_loss(law.parameters, law.graph, attack, factors)
    return {"people": people, **victims, "loss_usd": loss}


def expected_with_hard_ends(law: Law, held: Mapping[str, Mapping[str, Array]]) -> dict[str, Array] | None:
    """Expected values with hard ends and without drivers, on the same uniform numbers.

    Parameters
    ----------
    law
        Of the run.
    held
        ``scales`` and ``factors`` that the run took from another one, empty where it computed its own. They
        are taken here, too.

    Returns
    -------
    As for :func:`expected`; None if the run has no soft ends and no drivers, and the values are its own.
    """
    if law.graph.drivers is None and not any(estimate.soft for estimate in law.parameters.used):
        return None
    hard = Law(
        law.scenario,
        law.graph.undriven(),
        law.parameters.hardened(),
        law.horizon_years,
        held["scales"] or None,
        cuts=law.cuts,
    )
    laws = hard.segment_laws()
    hard.forget_time()
    return expected(hard, laws, held["factors"] or anchor_factors(hard, laws))
