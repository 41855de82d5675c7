"""Mitigations side by side on shared draws: what each averts, alone, in pairs and all together.

Everything is an expectation given the parameters, replicate by replicate on the draws of the baseline, with
its capacity scales and anchor factors; the interval is what we do not know. The luck of a difference is that
of the same coins: averted people are Binomial(n, p0 - p1), as whoever is harmed with the mitigation is
harmed without it too. Two mitigations never avert the sum of what each does: pairs are computed, not added.

Not here: which bundle to buy (``bundle``), and how the firm's side and costs are computed (``whose_money``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from breach_sim.engine.draws.parameters import REPLICATES, Parameters
from breach_sim.engine.draws.streams import check_seed
from breach_sim.engine.expected_harm import ExpectedHarm, Harm
from breach_sim.engine.law import Law
from breach_sim.engine.severity import anchor_factors
from breach_sim.engine.time import cut_days
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import check_replicates
from breach_sim.whatif.averted import ALL, Averted
from breach_sim.whatif.comparison import Comparison
from breach_sim.whatif.trajectory import ROUNDING
from breach_sim.whatif.whose_money import SIDES, FirmSide, cost_of, startable

WORDS = ("loss", "people", "hours")


def expected_harm(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Iterable[Mitigation],
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    baseline: Impact | None = None,
    sampling: str = "sobol",
    posterior: Posterior | None = None,
) -> ExpectedHarm:
    """Table of expected harm, time cut alike for the baseline and for every mitigation.

    Parameters
    ----------
    scenario, graph
        As given.
    mitigations
        Those that will be asked about.
    seed, replicates, horizon_years, sampling, posterior
        Of the run; those of the baseline, if one is handed over.
    baseline
        Impact of scenario and graph, to take draws, capacity scales and anchor factors from.

    Returns
    -------
    The table, still empty.

    Raises
    ------
    ValueError
        If the baseline is that of another scenario or of other attacks.
    """
    cuts = [day for mitigation in mitigations for day in cut_days(*mitigation.apply(scenario, graph))]
    if baseline is not None:
        if baseline.scenario != scenario or baseline.attacks != graph:
            raise ValueError(
                f"the baseline is an impact of {baseline.scenario.name!r}, not of this {scenario.name!r} "
                "with these attacks; hand over the impact of the scenario itself, or none"
            )
        return ExpectedHarm(baseline.law, baseline.factors, cuts)
    own = fitted(posterior, graph.country)
    parameters = Parameters(check_seed(seed), check_replicates(replicates), sampling=sampling, posterior=own)
    law = Law(scenario, graph, parameters, horizon_years)
    laws = {}
    if any(attack.anchor for attack in graph.attacks):
        laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    return ExpectedHarm(law, anchor_factors(law, laws) if laws else {}, cuts)


def check_names(mitigations: Sequence[Mitigation]) -> None:
    """Refuse a mitigation that is named twice.

    Parameters
    ----------
    mitigations
        As given.

    Raises
    ------
    ValueError
        If a name comes twice, or there is none at all.
    """
    names = [mitigation.name for mitigation in mitigations]
    if not names:
        raise ValueError("no mitigation is named; name at least one, such as 'credit-freeze'")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"mitigation {name!r} is named twice; name each once")


def compare(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Sequence[Mitigation],
    *,
    seed: int,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    baseline: Impact | None = None,
    pairs: bool = True,
    sampling: str = "sobol",
    posterior: Posterior | None = None,
    firm: FirmCosts | None = None,
    can_start_on: float | None = None,
) -> Comparison:
    """What mitigations avert and cost: :func:`breach_sim.api.comparisons.compare` of objects.

    ``baseline`` is an impact of scenario and graph, if there is one already; its seed, replicates, horizon,
    sampling, posterior and firm go before those given. A name that comes twice, or an argument out of range,
    raises ValueError.
    """
    mitigations = startable(mitigations, can_start_on)
    check_names(mitigations)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates}
    made_of |= {"horizon_years": horizon_years, "sampling": sampling, "posterior": posterior}
    if baseline is not None:
        made_of, firm = {name: getattr(baseline, name) for name in made_of}, baseline.firm
    expected = expected_harm(scenario, graph, mitigations, **made_of, baseline=baseline)
    base = expected.harm(scenario, graph)
    side = FirmSide(scenario, firm, expected.parameters)
    averted = [
        _averted(expected, base, side, [mitigation], mitigation.name, mitigation.label)
        for mitigation in mitigations
    ]
    if len(mitigations) > 1:
        rest = [own for own in mitigations if can_start_on is None or not own.is_past]
        averted.append(_averted(expected, base, side, rest, ALL, ALL))
    by_two = _averted_by_two(expected, base, mitigations) if pairs else {}
    expected.law.forget_time()
    return Comparison(
        scenario=scenario,
        seed=int(made_of["seed"]),
        replicates=int(made_of["replicates"]),
        horizon_years=float(made_of["horizon_years"]),
        mitigations=tuple(mitigations),
        base=base,
        averted=tuple(averted),
        pairs=by_two,
        law=expected.law,
        factors=expected.factors,
        can_start_on=can_start_on,
    )


def _averted_by_two(
    expected: ExpectedHarm, base: Harm, mitigations: Sequence[Mitigation]
) -> dict[tuple[int, int], float]:
    """Expected loss averted by each pair at once, mean over replicates [USD]."""
    without, world = float(base.total("loss").mean()), (expected.scenario, expected.graph)
    return {
        (i, j): without - float(expected.loss(*together([a, b], *world)).mean())
        for (i, a), (j, b) in combinations(enumerate(mitigations), 2)
    }


def _averted(
    expected: ExpectedHarm,
    base: Harm,
    side: FirmSide,
    mitigations: Sequence[Mitigation],
    name: str,
    label: str,
) -> Averted:
    """What some mitigations avert at once."""
    scenario, graph = together(mitigations, expected.scenario, expected.graph)
    harm = expected.harm(scenario, graph)
    less = {word: _less(getattr(base, word), getattr(harm, word)) for word in WORDS}
    people = np.clip(less["people"], 0.0, 1.0)
    square = np.maximum(base.square - harm.square - less["loss"] ** 2, 0.0)
    idle = [mitigation.why_not(expected.scenario, expected.graph) for mitigation in mitigations]
    why_not = idle[0] if len(idle) == 1 else ""
    if mitigations and not why_not and not any(part.any() for part in less.values()):
        why_not = "no attack that the leak makes possible meets it"
    return Averted(
        name=name,
        label=label,
        **{word: np.asarray((base.accounts * part).sum(axis=0)) for word, part in less.items()},
        luck_loss=np.asarray((base.accounts * square).sum(axis=0)),
        luck_people=np.asarray((base.accounts * people * (1 - people)).sum(axis=0)),
        left=(harm.total("loss"), harm.luck()),
        cost=cost_of(mitigations, expected.scenario, expected.parameters, side.ledger),
        why_not=why_not,
        by_side=_by_side(base, harm),
        firm=side.averted(scenario),
        law=mitigations[0].demanded(expected.scenario) if len(mitigations) == 1 else "",
        past=len(mitigations) == 1 and mitigations[0].is_past,
    )


def _by_side(base: Harm, harm: Harm) -> dict[str, Array]:
    """What each side is spared; the sides sum to the loss averted."""
    words = ("person", "lender", "others")
    spared = [(base.accounts * _less(getattr(base, w), getattr(harm, w))).sum(axis=0) for w in words]
    return dict(zip(SIDES, spared, strict=True))


def _less(before: Array, after: Array) -> Array:
    """Difference; what is below the rounding of sums of products is none."""
    less = before - after
    return np.where(np.abs(less) <= ROUNDING * before, 0.0, less)
