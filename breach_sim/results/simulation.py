"""One run: draw the parameters, compute the law of each segment, draw counts and losses.

Not here: the law itself (``engine``), the tables of a result (``impact``), and scenarios by name (``api``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np

from breach_sim.engine.counts import SegmentCounts, draw_all_counts
from breach_sim.engine.draws.parameters import REPLICATES, Parameters
from breach_sim.engine.draws.streams import check_seed, uniforms
from breach_sim.engine.draws.throws import side_by_side
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import EXACT, anchor_factors, draw_losses, mean_loss
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.replicates import read_only

MAX_REPLICATES = 10_000_000


def simulate(
    scenario: Scenario,
    attacks: AttackGraph,
    *,
    replicates: int = REPLICATES,
    seed: int,
    horizon_years: float = 5,
    scales: Mapping[str, Array] | None = None,
    factors: Mapping[str, Array] | None = None,
    firm: FirmCosts | None = None,
    cuts: Sequence[float] = (),
    asked: AttackGraph | None = None,
    drivers: bool = True,
    sampling: str = "sobol",
    luck: tuple[str, ...] = (),
    posterior: Posterior | None = None,
) -> Impact:
    """Impact of a scenario and its attacks, as :func:`breach_sim.api.impacts.simulate` describes it.

    Here scenario, attacks and the rates of the firm are objects; nothing comes from the catalog. ``scales``
    (capacity scale by attack, ``baseline.law.scales``) and ``factors`` (anchor factor by follow-on,
    ``baseline.factors``) are held from a baseline for a what-if and computed if None; shape (R,) each.
    ``cuts`` are further days at which time is cut, so that two runs with other dates are cut alike [days].
    ``asked`` are the attacks asked for, closed ones included, so that the run can name what is closed.
    Without ``drivers`` the attacks lose their common drivers. ``luck`` are the first parts of the names of
    the streams of luck, so that breaches side by side have their own. ``posterior`` holds the rows of fitted
    parameters; without them all are drawn from their priors. An argument out of range raises
    ValueError. The cost does not depend on the number of accounts.
    """
    replicates, horizon_years = check_replicates(replicates), _plain_number(horizon_years)
    scales, factors = _copied(scales, replicates), _copied(factors, replicates)
    attacks = attacks if drivers else attacks.undriven()
    posterior = fitted(posterior, attacks.country)
    parameters = Parameters(check_seed(seed), replicates, sampling=sampling, posterior=posterior)
    law = Law(scenario, attacks, parameters, horizon_years, scales, cuts=cuts)
    laws = law.segment_laws()
    law.forget_time()
    fixed = _fixed(scales, factors, cuts)
    factors = anchor_factors(law, laws) if factors is None else dict(factors)
    _make_read_only(law, laws, factors)
    accounts = {segment.name: law.accounts(segment) for segment in scenario.segments}
    counts = draw_all_counts(laws, attacks, accounts, seed, replicates, luck)
    stacked = _stacked(attacks, counts)
    return Impact(
        scenario=scenario,
        attacks=attacks,
        seed=int(seed),
        replicates=replicates,
        horizon_years=float(horizon_years),
        fixed_from_baseline=fixed,
        version=package_version(),
        **stacked,  # type: ignore[arg-type]
        losses=_losses(scenario, attacks, parameters, factors, stacked["victim_counts"], luck),
        luck=luck,
        law=law,
        laws=laws,
        factors=factors,
        firm=firm,
        asked=asked,
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
def package_version() -> str:
    """Return the version of the package; "not installed" from a folder of code.

    Returns
    -------
    Text such as "2.0.0".
    """
    try:
        return metadata.version("breach-sim")
    except metadata.PackageNotFoundError:
        return "not installed"


def _fixed(
    scales: Mapping[str, Array] | None, factors: Mapping[str, Array] | None, cuts: Sequence[float]
) -> dict[str, Mapping[str, Array]]:
    """What a run takes from another one."""
    fixed: dict[str, Mapping[str, Array]] = {"scales": dict(scales or {}), "factors": dict(factors or {})}
    return fixed | ({"cuts": {"days": np.array(cuts, dtype=np.float64)}} if len(cuts) else {})


def _stacked(graph: AttackGraph, counts: list[SegmentCounts]) -> dict[str, Counts]:
    """Counts of all segments. Shape (S, R), or (A, S, R) by attack."""
    words = {"attackable_counts": "attackable", "attempted_counts": "attempted", "victim_counts": "victims"}
    by_attack = {
        name: np.stack([np.stack([getattr(c, word)[attack] for c in counts]) for attack in graph.names])
        for name, word in words.items()
    }
    by_attack["exposed_counts"] = np.stack([count.exposed for count in counts])
    by_attack["people_counts"] = np.stack([count.people for count in counts])
    return {name: read_only(array) for name, array in by_attack.items()}


def _losses(
    scenario: Scenario,
    graph: AttackGraph,
    parameters: Parameters,
    factors: Mapping[str, Array],
    victims: Counts,
    luck: tuple[str, ...],
) -> Array:
    """Loss by attack and segment [USD]. Shape (A, S, R)."""
    losses, size = np.zeros(victims.shape), (parameters.replicates, EXACT + 1)
    draws = [(mean_loss(parameters, graph, a, factors), parameters(a.severity_sigma)) for a in graph.attacks]
    some = np.argwhere(victims.any(axis=2)).tolist()

    def draw(place: list[int]) -> None:
        i, j = place
        name = (*luck, "luck", scenario.segments[j].name, graph.attacks[i].name, "severity")
        chances = uniforms(parameters.seed, *name, size=size[0] * size[1]).reshape(size)
        losses[i, j] = draw_losses(chances, victims[i, j], *draws[i])

    side_by_side(draw, some, size[0] * EXACT)
    return read_only(losses)
