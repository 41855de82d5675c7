"""One run: draw the parameters, compute the law of each segment, draw counts and losses.

Not here: the law itself (``engine``), the tables of a result (``impact``), and scenarios by name (``api``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np

from breach_sim.engine.draws.parameters import REPLICATES, Parameters
from breach_sim.engine.draws.streams import check_seed
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import anchor_factors
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.arrays.drawn import Severities, draw_pools, read_only
from breach_sim.results.impact import Impact

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
    pools, drawn = draw_pools(law, laws, luck)
    severities = Severities(parameters, attacks, factors, luck)
    return Impact(
        scenario=scenario,
        attacks=attacks,
        seed=int(seed),
        replicates=replicates,
        horizon_years=float(horizon_years),
        fixed_from_baseline=fixed,
        version=package_version(),
        pools=pools,
        drawn=drawn,
        pool_losses=severities.losses(drawn.victims, pools),
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
