"""Time after the sale: edges of periods, ends of regimes, days at which time is cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import shown
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario

YEAR = 365.0
"""Days in a year; a month is a twelfth of it."""
MONTHS = 12
MAX_YEARS = 100
"""Longest horizon, in years."""


def time_edges(horizon_years: float, event_days: Sequence[float], steps_per_month: int = 1) -> Array:
    """Days at which time is cut: half months in the first year, month ends after it, and events.

    Parameters
    ----------
    horizon_years
        Years after the sale. (0, 100]
    event_days
        Days of events; those outside the range are left out. [days]
    steps_per_month
        Equal cuts of each month, to study the error of constant hazards; 1 adds none. [1, inf)

    Returns
    -------
    Rising days from 0 to the horizon, or to the end of the first year if that is later. Shape (T + 1,).

    Raises
    ------
    ValueError
        If the horizon is not a number in range.
    """
    number = isinstance(horizon_years, (int, float)) and not isinstance(horizon_years, bool)
    if not number or not 0 < horizon_years <= MAX_YEARS:
        raise ValueError(
            f"horizon_years is {shown(horizon_years)}; it must be a number above 0 and at most {MAX_YEARS}"
        )
    end = max(horizon_years * YEAR, YEAR)
    steps = int(np.ceil(end / YEAR * MONTHS * steps_per_month))
    cuts = np.arange(steps + 1) * YEAR / (MONTHS * steps_per_month)
    halves = np.arange(2 * MONTHS) * YEAR / (2 * MONTHS)
    events = [day for day in event_days if 0 < day < end]
    return np.unique(np.concatenate([cuts[cuts < end], halves, [end, YEAR, horizon_years * YEAR], events]))


def regime_ends(attack: Attack, scenario: Scenario) -> list[float]:
    """Days on which the regimes of an attack end.

    Parameters
    ----------
    attack, scenario
        Whose regimes, and whose day 0.

    Returns
    -------
    Days after day 0, minus infinity for dates of a scenario without one, infinity for the last.
    """
    return [scenario.day_of(regime.until) if regime.until else np.inf for regime in attack.regimes]


def cut_days(scenario: Scenario, graph: AttackGraph) -> list[float]:
    """Days at which a scenario and its attacks cut time.

    Parameters
    ----------
    scenario, graph
        Events of the one; regimes and protections of the other.

    Returns
    -------
    In no order; infinite ones among them. [days]
    """
    days = [event.day for event in scenario.events]
    for attack in graph.attacks:
        days += regime_ends(attack, scenario)
        days += [day for own in attack.protections for day in (own.day, own.until)]
    return days
