"""What would have helped: mitigations compared, bundled and delayed, by name.

Not here: the runs themselves (``whatif``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.api.impacts import REPLICATES, _graph
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.whatif import bundle, delay, mitigated_runs
from breach_sim.whatif.bundle import Bundle
from breach_sim.whatif.comparison import Comparison


def compare(
    scenario: str | Path | Scenario | Impact,
    *mitigations: str | Mitigation,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    pairs: bool = True,
) -> Comparison:
    """What would have helped: what each mitigation averts and costs, alone, in pairs and all together.

    Parameters
    ----------
    scenario
        A scenario by name, file or object; or an impact that is at hand, whose attacks, draws and horizon
        are then used.
    *mitigations
        Names such as "pin-reset-day-1", "credit-freeze", "drop-ssn", "retention-5-years"; or mitigations.
    attacks
        As for :func:`simulate`.
    seed, replicates, horizon_years
        As for :func:`simulate`.
    pairs
        Whether every two are run together as well; without, ``overlap()`` is empty and the rest the same.

    Returns
    -------
    The comparison: ``table()``, ``worth()``, ``overlap()``, ``sources()``, ``to_json()``.

    Raises
    ------
    ValueError
        If a name is unknown or comes twice, or an argument is out of range.

    Examples
    --------
    >>> found = compare("stated", "drop-ssn", "notice", replicates=50)
    >>> found.averted[1].loss.max(), bool(found.averted[0].loss.min() > 0)
    (np.float64(0.0), True)
    """
    what, graph, baseline = _given(scenario, attacks)
    return mitigated_runs.compare(
        what, graph, _mitigations(mitigations), seed=seed, replicates=replicates,
        horizon_years=horizon_years, baseline=baseline, pairs=pairs,
    )  # fmt: skip


def best_bundle(
    scenario: str | Path | Scenario | Impact,
    mitigations: Iterable[str | Mitigation],
    budget: float,
    *,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = 2_000,
    horizon_years: float = 5,
) -> Bundle:
    """The mitigations to buy for a budget: the largest expected net benefit of all their bundles.

    Parameters
    ----------
    scenario, attacks, seed, replicates, horizon_years
        As for :func:`compare`.
    mitigations
        Names or mitigations, at most 20.
    budget
        Most that the bundle may cost on average. [0, inf) [USD]

    Returns
    -------
    The bundle, with its regret.

    Raises
    ------
    ValueError
        If the budget is negative, a name unknown, or there are too many.

    Examples
    --------
    >>> best_bundle("stated", ["drop-ssn", "tax-pin-for-all"], 1e9, replicates=50).chosen
    ('drop-ssn',)
    """
    what, graph, baseline = _given(scenario, attacks)
    return bundle.best_bundle(
        what, graph, _mitigations(mitigations), budget, seed=seed, replicates=replicates,
        horizon_years=horizon_years, baseline=baseline,
    )  # fmt: skip


def delay_cost(
    mitigation: str | Mitigation,
    scenario: str | Path | Scenario | Impact,
    *,
    days: float = 1,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
) -> Any:
    """The price of waiting one day, or some, with a mitigation.

    Parameters
    ----------
    mitigation
        Name or mitigation, one that has a day.
    scenario, attacks, seed, replicates, horizon_years
        As for :func:`compare`.
    days
        Length of the delay. (0, inf)

    Returns
    -------
    DataFrame: one row a day of start, what a delay that begins there costs, and what is left. See
    ``comparison.delay_cost``.

    Raises
    ------
    ValueError
        If a name is unknown, the mitigation has no day, or the delay is no positive number.

    Examples
    --------
    >>> frame = delay_cost("pin-reset-day-10", "claimed", days=20, replicates=50)
    >>> bool(frame.loc[10.0, ("people", "p5")] > 0)
    True
    """
    what, graph, baseline = _given(scenario, attacks)
    (own,) = _mitigations([mitigation])
    return delay.delay_cost(
        own, what, graph, days=days, seed=seed, replicates=replicates, horizon_years=horizon_years,
        baseline=baseline,
    )  # fmt: skip


def _given(
    scenario: str | Path | Scenario | Impact, attacks: AttackGraph | Iterable[str] | None
) -> tuple[Scenario, AttackGraph, Impact | None]:
    """Scenario and attacks, and the impact that they come from."""
    if isinstance(scenario, Impact):
        own = scenario.scenario
        return own, scenario.attacks if attacks is None else _graph(attacks, own), scenario
    breach = catalog.scenario_of(scenario)
    return breach, _graph(attacks, breach), None


def _mitigations(mitigations: Iterable[str | Mitigation]) -> list[Mitigation]:
    named = [mitigations] if isinstance(mitigations, (str, Mitigation)) else mitigations
    return [own if isinstance(own, Mitigation) else catalog.load_mitigation(own) for own in named]
