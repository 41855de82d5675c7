"""Mitigations by name: compare them, choose a bundle for a budget, price a delay.

Not here: the runs themselves (``whatif``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from breach_sim import catalog
from breach_sim.api.lookup import (
    AttacksLike,
    ElsewhereLike,
    ScenarioLike,
    graph_of,
    ledger_of,
    mitigations_of,
    posterior_of,
)
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.whatif import bundle, delay, mitigated_runs
from breach_sim.whatif.bundle import Bundle
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    import pandas as pd


def compare(
    scenario: ScenarioLike | Impact,
    *mitigations: str | Mitigation,
    attacks: AttacksLike = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    pairs: bool = True,
    elsewhere: ElsewhereLike = catalog.CATALOG,
    sampling: str = "sobol",
    calibrated: bool = True,
    firm: FirmCosts | None = None,
    can_start_on: float | None = None,
) -> Comparison:
    """Compare mitigations: what each averts and costs, alone, in pairs and all together.

    Parameters
    ----------
    scenario
        A scenario by name, file or object; or an impact, whose attacks, draws and horizon are then used.
    *mitigations
        Names, such as "pin-reset-day-1", "credit-freeze" or "retention-5-years", or mitigations.
    attacks
        As for :func:`simulate`.
    seed
        The same seed gives the same comparison. [0, 2**63)
    replicates
        Joint draws of the parameters, R. By default 8,192. [1, 10**7]
    horizon_years
        Years after the sale of the data. (0, 100]
    pairs
        Whether each pair is run as well. Without, ``overlap()`` is empty and everything else is the same.
    elsewhere
        What can be looked up about a person; as for :func:`simulate`. An impact brings its own.
    sampling, calibrated, firm
        As for :func:`simulate`; an impact brings its own.
    can_start_on
        First day after the sale on which anything can be done. Mitigations that start before it start then;
        those of before the breach stay in the table, marked as past, and out of the row of all together.
        None takes the days of the mitigations. [0, inf)

    Returns
    -------
    The comparison, with ``table()``, ``worth()``, ``who()``, ``overlap()``, ``sources()`` and ``to_json()``.

    Raises
    ------
    ValueError
        If a name is unknown or comes twice, or an argument is out of range.

    Examples
    --------
    >>> comparison = compare("stated", "drop-ssn", "notice", replicates=50)
    >>> comparison.averted[1].loss.max(), bool(comparison.averted[0].loss.min() > 0)
    (np.float64(0.0), True)
    """
    breach, graph, baseline = _breach_of(scenario, attacks, elsewhere)
    return mitigated_runs.compare(
        breach,
        graph,
        mitigations_of(mitigations, breach),
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        sampling=sampling,
        posterior=posterior_of(breach, calibrated=calibrated),
        baseline=baseline,
        pairs=pairs,
        firm=ledger_of(firm, breach),
        can_start_on=can_start_on,
    )


def best_bundle(
    scenario: ScenarioLike | Impact,
    mitigations: Iterable[str | Mitigation],
    budget: float,
    *,
    attacks: AttacksLike = None,
    seed: int = 1,
    replicates: int = FEWER_REPLICATES,
    horizon_years: float = 5,
    elsewhere: ElsewhereLike = catalog.CATALOG,
    sampling: str = "sobol",
    calibrated: bool = True,
    firm: FirmCosts | None = None,
    can_start_on: float | None = None,
    whose: Literal["others", "firm"] = "others",
) -> Bundle:
    """Choose the mitigations to buy for a budget: the bundle with the largest expected net benefit.

    Parameters
    ----------
    scenario, attacks, seed, horizon_years, elsewhere, sampling, calibrated, firm
        As for :func:`compare`.
    mitigations
        Names or mitigations, at most 20.
    budget
        Largest mean cost of what is a choice. What a law demands is in every bundle, and its cost counts, but
        not against the budget. [0, inf) [USD]
    can_start_on
        As for :func:`compare`; what could be done before the breach only is left out.
    whose
        Whose money the benefit is: "others" for the loss of victims, lenders and others, against the cost to
        whoever acts; "firm" for the firm's own ledger, against the cost of what the firm does.
    replicates
        Joint draws of the parameters. By default 2,048: a bundle is chosen by its mean. [1, 10**7]

    Returns
    -------
    The bundle, with its regret: what another choice would have gained, had the parameters been known.

    Raises
    ------
    ValueError
        If the budget is negative, a name is unknown, there are too many mitigations, or an argument is out
        of range.

    Examples
    --------
    >>> best_bundle("stated", ["drop-ssn", "tax-pin-for-all"], 1e9, replicates=50).chosen
    ('drop-ssn',)
    """
    breach, graph, baseline = _breach_of(scenario, attacks, elsewhere)
    return bundle.best_bundle(
        breach,
        graph,
        mitigations_of(mitigations, breach),
        budget,
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        sampling=sampling,
        posterior=posterior_of(breach, calibrated=calibrated),
        baseline=baseline,
        firm=ledger_of(firm, breach),
        can_start_on=can_start_on,
        whose=whose,
    )


def delay_cost(
    mitigation: str | Mitigation,
    scenario: ScenarioLike | Impact,
    *,
    days: float = 1,
    attacks: AttacksLike = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    elsewhere: ElsewhereLike = catalog.CATALOG,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> pd.DataFrame:
    """Price a delay: what it costs to wait some days with a mitigation.

    Parameters
    ----------
    mitigation
        Name or mitigation. It must have a day on which it starts.
    scenario, attacks, seed, replicates, horizon_years, elsewhere, sampling, calibrated
        As for :func:`compare`.
    days
        Length of the delay. (0, inf) [days]

    Returns
    -------
    One row for each day of start: the mitigation's own, that plus the delay, and a ladder of days within the
    horizon; index ``start_day``. Columns ``loss_usd`` and ``people`` (p5, p50, p95, mean of each): the cost
    of a delay of this length that begins on this day. ``left_usd``: expected loss if the mitigation starts
    on this day. [USD], [accounts]

    Raises
    ------
    ValueError
        If a name is unknown, the mitigation has no day, or an argument is out of range.

    Notes
    -----
    A delay costs nothing once the field is reset anyway or used up. A mitigation that lasts keeps its tail.

    Examples
    --------
    >>> frame = delay_cost("pin-reset-day-10", "claimed", days=20, replicates=50)
    >>> bool(frame.loc[10.0, ("people", "p5")] > 0)
    True
    """
    breach, graph, baseline = _breach_of(scenario, attacks, elsewhere)
    (delayed,) = mitigations_of([mitigation], breach)
    return delay.delay_cost(
        delayed,
        breach,
        graph,
        days=days,
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        sampling=sampling,
        posterior=posterior_of(breach, calibrated=calibrated),
        baseline=baseline,
    )


def _breach_of(
    scenario: ScenarioLike | Impact, attacks: AttacksLike, elsewhere: ElsewhereLike
) -> tuple[Scenario, AttackGraph, Impact | None]:
    """Scenario and attacks, and the impact that they come from if there is one."""
    if isinstance(scenario, Impact):
        breach = scenario.scenario
        return breach, scenario.attacks if attacks is None else graph_of(attacks, breach, elsewhere), scenario
    breach = catalog.scenario_of(scenario)
    return breach, graph_of(attacks, breach, elsewhere), None
