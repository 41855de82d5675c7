"""Time after the sale: interval edges, ends of regimes, and cuts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import shown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

YEAR = 365.0
"""Days in a year; a month is a twelfth of it."""
MONTHS = 12
MAX_YEARS = 100
"""Longest horizon, in years."""


def check_horizon(horizon_years: object) -> None:
    """Refuse what is no horizon.

    Parameters
    ----------
    horizon_years
        Years after the sale. (0, 100]

    Raises
    ------
    ValueError
        If it is not a number in range.
    """
    years = horizon_years if isinstance(horizon_years, (int, float)) else math.nan
    if isinstance(years, bool) or not 0 < years <= MAX_YEARS:
        raise ValueError(
            f"horizon_years is {shown(horizon_years)}; it must be a number above 0 and at most {MAX_YEARS}"
        )


def time_edges(horizon_years: float, event_days: Sequence[float], steps_per_month: int = 1) -> Array:
    """Return the interval edges: half months in the first year, then month ends, plus events.

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
    Ascending days from 0 to the horizon, or to the end of year one if later. Shape (T + 1,).

    Raises
    ------
    ValueError
        If the horizon is not a number in range.
    """
    check_horizon(horizon_years)
    end = max(horizon_years * YEAR, YEAR)
    steps = int(np.ceil(end / YEAR * MONTHS * steps_per_month))
    cuts = np.arange(steps + 1) * YEAR / (MONTHS * steps_per_month)
    halves = np.arange(2 * MONTHS) * YEAR / (2 * MONTHS)
    events = [day for day in event_days if 0 < day < end]
    return np.unique(np.concatenate([cuts[cuts < end], halves, [end, YEAR, horizon_years * YEAR], events]))


def regime_ends(attack: Attack, scenario: Scenario) -> list[float]:
    """Return the days on which the regimes of an attack end.

    Parameters
    ----------
    attack, scenario
        The attack gives the regimes, the scenario gives day 0.

    Returns
    -------
    Days after day 0. Minus infinity for dates if the scenario has no date of day 0; infinity for the last.
    """
    return [scenario.day_of(regime.until) if regime.until else np.inf for regime in attack.regimes]


def cut_days(scenario: Scenario, graph: AttackGraph) -> list[float]:
    """Return the days at which a scenario and its attacks cut time.

    Parameters
    ----------
    scenario, graph
        The scenario gives the events, the graph the regimes and protections.

    Returns
    -------
    Unordered; may contain infinite values. [days]
    """
    days = [event.day for event in scenario.events]
    for attack in graph.attacks:
        days += regime_ends(attack, scenario)
        days += [day for own in attack.protections for day in (own.day, own.until)]
    return days


def resets_of(scenario: Scenario, segment: Segment, bits: int) -> tuple[tuple[str, float], ...]:
    """Return the day of the first reset of each field of a set, in a segment.

    Parameters
    ----------
    scenario, segment
        Of the baseline or a what-if.
    bits
        Fields. [bit set]

    Returns
    -------
    Names and days, in alphabetical order; fields without a reset are left out.
    """
    days: dict[str, float] = {}
    for event in scenario.events:
        if event.kind == "reset" and (not event.segments or segment.name in event.segments):
            for name in event.fields:
                if vocabulary.mask([name]) & bits:
                    days[name] = min(days.get(name, np.inf), event.day)
    return tuple(sorted(days.items()))
