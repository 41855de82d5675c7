"""One run: draw the parameters, compute the law of each segment, draw counts and losses.

Not here: the law itself (``engine``), the tables of a result (``impact``), and scenarios by name (``api``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np

from breach_sim.engine.counts import SegmentCounts, draw_counts
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import check_seed, generator
from breach_sim.engine.law import Law, anchor_factors
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import draw_losses, mean_loss
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.replicates import read_only

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
    luck: tuple[str, ...] = (),
) -> Impact:
    """Impact of a scenario and its attacks, as :func:`breach_sim.api.impacts.simulate` describes it.

    Here scenario, attacks and the rates of the firm are objects; nothing comes from the catalog. ``scales``
    (capacity scale by attack, ``baseline.law.scales``) and ``factors`` (anchor factor by follow-on,
    ``baseline.factors``) are held from a baseline for a what-if and computed if None; shape (R,) each.
    ``cuts`` are further days at which time is cut, so that two runs with other dates are cut alike [days].
    ``luck`` are the first parts of the names of the streams of luck, so that breaches side by side have
    their own.
    An argument out of range raises ValueError. The cost does not depend on the number of accounts.
    """
    replicates, horizon_years = check_replicates(replicates), _plain_number(horizon_years)
    scales, factors = _copied(scales, replicates), _copied(factors, replicates)
    parameters = Parameters(check_seed(seed), replicates)
    law = Law(scenario, attacks, parameters, horizon_years, scales, cuts=cuts)
    laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    law.forget_time()
    fixed: dict[str, Mapping[str, Array]] = {"scales": dict(scales or {}), "factors": dict(factors or {})}
    fixed |= {"cuts": {"days": np.array(cuts, dtype=np.float64)}} if len(cuts) else {}
    factors = anchor_factors(law, laws) if factors is None else dict(factors)
    _make_read_only(law, laws, factors)
    counts = [
        draw_counts(laws[segment.name], attacks, law.accounts(segment), segment.name, seed, replicates, luck)
        for segment in scenario.segments
    ]
    victims = _stack(attacks, counts, "victims")
    return Impact(
        scenario=scenario,
        attacks=attacks,
        seed=int(seed),
        replicates=replicates,
        horizon_years=float(horizon_years),
        fixed_from_baseline=fixed,
        version=_version(),
        exposed_counts=read_only(np.stack([count.exposed for count in counts])),
        attackable_counts=_stack(attacks, counts, "attackable"),
        attempted_counts=_stack(attacks, counts, "attempted"),
        victim_counts=victims,
        people_counts=read_only(np.stack([count.people for count in counts])),
        losses=_losses(scenario, attacks, parameters, factors, victims, luck),
        luck=luck,
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


def _make_read_only(law: Law, laws: Mapping[str, SegmentLaw], factors: Mapping[str, Array]) -> None:
    """Make everything that tables are computed from read-only."""
    for segment_law in laws.values():
        segment_law.freeze()
    for array in (*law.scales.values(), *factors.values()):
        read_only(array)


def _plain_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _copied(arrays: Mapping[str, Array] | None, replicates: int) -> dict[str, Array] | None:
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
    return read_only(np.stack([np.stack([getattr(c, word)[name] for c in counts]) for name in graph.names]))


def _losses(
    scenario: Scenario,
    graph: AttackGraph,
    parameters: Parameters,
    factors: Mapping[str, Array],
    victims: Counts,
    luck: tuple[str, ...],
) -> Array:
    """Loss by attack and segment [USD]. Shape (A, S, R)."""
    losses = np.zeros(victims.shape)
    for i, attack in enumerate(graph.attacks):
        mean = mean_loss(parameters, attack, factors)
        sigma = parameters(attack.severity_sigma)
        for j, segment in enumerate(scenario.segments):
            stream = generator(parameters.seed, *luck, "luck", segment.name, attack.name, "severity")
            losses[i, j] = draw_losses(stream, victims[i, j], mean, sigma)
    return read_only(losses)
