"""One run: parameters drawn, the law of each segment, counts and losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np

from breach_sim.engine.counts import SegmentCounts, draw_counts
from breach_sim.engine.law import Law, anchor_factors
from breach_sim.engine.parameters import Parameters
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import draw_losses
from breach_sim.engine.streams import check_seed, generator
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact, _freeze

MAX_REPLICATES = 10_000_000


def simulate(
    scenario: Scenario,
    attacks: AttackGraph,
    *,
    replicates: int = 10_000,
    seed: int,
    horizon_years: float = 5,
    scales: Mapping[str, Array] | None = None,
    factors: Mapping[str, Array] | None = None,
    firm: FirmCosts | None = None,
    cuts: Sequence[float] = (),
) -> Impact:
    """Impact of a breach.

    Parameters
    ----------
    scenario
        What leaked, for whom, when.
    attacks
        What it enables.
    replicates
        Joint draws of parameters and outcomes, R. [1, 10**7]
    seed
        Whole number; the same seed gives the same impact. [0, 2**63)
    horizon_years
        Years after the sale. (0, 100]
    scales
        Capacity scale by attack, held from a baseline for a what-if (``baseline.law.scales``); computed
        if None. Shape (R,) each.
    factors
        Anchor factor by follow-on, held from a baseline (``baseline.factors``); computed if None.
    firm
        Rates of the firm's ledger; without them there is none.
    cuts
        Further days at which time is cut, so that this run is cut like another with other dates. [days]

    Returns
    -------
    The impact, which remembers what made it.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The cost does not depend on the number of accounts. See docs/model.md for the law.
    """
    replicates, horizon_years = check_replicates(replicates), _plain_number(horizon_years)
    scales, factors = _own(scales, replicates), _own(factors, replicates)
    parameters = Parameters(check_seed(seed), replicates)
    law = Law(scenario, attacks, parameters, horizon_years, scales, cuts=cuts)
    laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    law.forget_time()
    held: dict[str, Mapping[str, Array]] = {"scales": dict(scales or {}), "factors": dict(factors or {})}
    held |= {"cuts": {"days": np.array(cuts, dtype=np.float64)}} if len(cuts) else {}
    factors = anchor_factors(law, laws) if factors is None else dict(factors)
    _freeze_law(law, laws, factors)
    counts = [
        draw_counts(laws[segment.name], attacks, segment.accounts, segment.name, seed, replicates)
        for segment in scenario.segments
    ]
    victims = _stack(attacks, counts, "victims")
    return Impact(
        scenario=scenario,
        attacks=attacks,
        seed=int(seed),
        replicates=replicates,
        horizon_years=float(horizon_years),
        held=held,
        version=_version(),
        exposed_counts=_freeze(np.stack([count.exposed for count in counts])),
        attackable_counts=_stack(attacks, counts, "attackable"),
        attempted_counts=_stack(attacks, counts, "attempted"),
        victim_counts=victims,
        people_counts=_freeze(np.stack([count.people for count in counts])),
        losses=_losses(scenario, attacks, parameters, factors, victims),
        law=law,
        laws=laws,
        factors=factors,
        firm=firm,
    )


def check_replicates(replicates: Any) -> int:
    """Number of replicates, or what is wrong with it.

    Parameters
    ----------
    replicates
        Whole number. [1, 10**7]

    Returns
    -------
    The number as a Python integer.

    Raises
    ------
    ValueError
        If it is not a whole number in range.
    """
    number = _plain_number(replicates)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_REPLICATES:
        raise ValueError(f"replicates is {shown(replicates)}; it must be a whole number from 1 to 10**7")
    return number


def _freeze_law(law: Law, laws: Mapping[str, SegmentLaw], factors: Mapping[str, Array]) -> None:
    """Make everything read-only that tables are computed from."""
    for own in laws.values():
        own.freeze()
    for array in (*law.scales.values(), *factors.values()):
        _freeze(array)


def _plain_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _own(arrays: Mapping[str, Array] | None, replicates: int) -> dict[str, Array] | None:
    """Copies of arrays held from another run, so that the caller's stay as they are."""
    if arrays is None:
        return None
    return {name: np.array(np.broadcast_to(a, (replicates,)), dtype=np.float64) for name, a in arrays.items()}


@lru_cache(maxsize=1)
def _version() -> str:
    try:
        return metadata.version("breach-sim")
    except metadata.PackageNotFoundError:
        return "not installed"


def _stack(graph: AttackGraph, counts: list[SegmentCounts], word: str) -> Counts:
    """Counts of one word. Shape (A, S, R)."""
    return _freeze(np.stack([np.stack([getattr(c, word)[name] for c in counts]) for name in graph.names]))


def _losses(
    scenario: Scenario,
    graph: AttackGraph,
    parameters: Parameters,
    factors: Mapping[str, Array],
    victims: Counts,
) -> Array:
    """Loss by attack and segment [USD]. Shape (A, S, R)."""
    losses = np.zeros(victims.shape)
    for i, attack in enumerate(graph.attacks):
        mean = parameters(attack.severity) * factors.get(attack.name, np.ones(1))
        sigma = parameters(attack.severity_sigma)
        for j, segment in enumerate(scenario.segments):
            stream = generator(parameters.seed, "luck", segment.name, attack.name, "severity")
            losses[i, j] = draw_losses(stream, victims[i, j], mean, sigma)
    return _freeze(losses)
