"""Excess victims and those never harmed otherwise (section 2.7), for the slow twin.

For agreement tests. A world is that of :func:`support.reference.check`, every parameter fixed.

========================= ==================================================================================
:func:`month_ends`        the days on which the months of the horizon end
:func:`month_shares`      equation (14): the share of every month in the victims of an attack
:func:`expected_excess`   excess victims (x of equation (13)) and victims never harmed otherwise
:func:`simulate_excess`   the same two, counted account by account
========================= ==================================================================================

The keys ``excess`` and ``excess_people`` of :func:`support.reference.expected` are the victims never harmed
otherwise; there they keep their older name.
"""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from support import reference as twin
from support.reference_lookups import World
from support.remembered import remembered


def month_ends(world: World) -> list[float]:
    """Return the days on which the months end; the last month ends at the horizon."""
    horizon = world["horizon_years"] * twin.DAYS_PER_YEAR
    n_months = math.ceil(world["horizon_years"] * twin.MONTHS_PER_YEAR - 1e-9)
    return [
        min(twin.DAYS_PER_YEAR * month / twin.MONTHS_PER_YEAR, horizon) for month in range(1, n_months + 1)
    ]


@remembered()
def month_shares(
    world: World, scales: Mapping[str, float] | None = None
) -> dict[str, dict[str, list[float]]]:
    """Return the share of every month in the victims of an attack in a segment.

    Parameters
    ----------
    world : dict
        See :func:`support.reference.check`.
    scales : mapping, optional
        Capacity scales; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {attack: [shares]}}``, which sum to one; all zero where the attack has no victims.
    """
    by_day = twin.timeline(world, [0.0, *month_ends(world)], scales)
    return {
        segment: {
            name: [(now - before) / p[-1] if p[-1] > 0 else 0.0 for before, now in itertools.pairwise(p)]
            for name, p in attacks.items()  # Equation (14)
        }
        for segment, attacks in by_day.items()
    }


@remembered()
def expected_excess(world: World, scales: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Return excess victims and victims never harmed otherwise, in expectation.

    Parameters
    ----------
    world : dict
        See :func:`support.reference.check`.
    scales : mapping, optional
        Capacity scales; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {"people": row, "attacks": {attack: row}}}``; a row is ``{"victims", "share", "excess",
        "never_otherwise"}``: accounts, x of equation (13) in [0, 1] (zero without victims), accounts,
        accounts.
    """
    scales = twin.capacity_scales(world) if scales is None else scales
    expected, shares = twin.expected(world, scales, {})["segments"], month_shares(world, scales)
    ends, years = month_ends(world), world["horizon_years"]
    result = {}
    for segment, row in expected.items():
        attacks = {}
        for attack in world["attacks"]:
            name, left = attack["name"], 1 - attack["background"]
            x = sum(  # Equation (13)
                share * left ** (end / twin.DAYS_PER_YEAR)
                for share, end in zip(shares[segment][name], ends, strict=True)
            )
            never = math.exp(-twin.background_hazard(attack["background"], years))
            attacks[name] = excess_row(row["attacks"][name]["victims"], x, never)
        total = sum(own["victims"] for own in attacks.values())
        x = sum(own["excess"] for own in attacks.values()) / total if total > 0 else 0.0
        never = math.exp(-twin.background_hazard(world["people_background"], years))
        result[segment] = {"people": excess_row(row["people"], x, never), "attacks": attacks}
    return result


def excess_row(victims: float, share: float, never: float) -> dict[str, float]:
    """Return victims, the share in excess, and both numbers that follow."""
    return {
        "victims": victims,
        "share": share,
        "excess": victims * share,
        "never_otherwise": victims * never,
    }


def simulate_excess(
    world: World, seed: int, scales: Mapping[str, float] | None = None
) -> dict[str, dict[str, dict[str, int]]]:
    """Count the victims whom the background had not struck by the end of the month of their harm.

    Every victim gets a day on which the background would strike; the harm has the day that the account
    lived through.

    Parameters
    ----------
    world : dict
        See :func:`support.reference.check`.
    seed : int
        Seed of the generator.
    scales : mapping, optional
        Capacity scales; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {attack: {"victims", "excess", "never_otherwise"}}}``, accounts.
    """
    scales = twin.capacity_scales(world) if scales is None else scales
    rng = np.random.default_rng(seed)
    ends, horizon = month_ends(world), world["horizon_years"] * twin.DAYS_PER_YEAR
    yearly = {attack["name"]: twin.background_hazard(attack["background"], 1) for attack in world["attacks"]}
    result = {}
    for segment in world["segments"]:
        counts = {name: dict.fromkeys(("victims", "excess", "never_otherwise"), 0) for name in yearly}
        for story in twin.stories(world, segment, scales, {}, rng):
            for name, day in story.days.items():
                struck = rng.exponential() * twin.DAYS_PER_YEAR / yearly[name] if yearly[name] else math.inf
                end = next(end for end in ends if day <= end)
                counts[name]["victims"] += 1
                counts[name]["excess"] += struck > end
                counts[name]["never_otherwise"] += struck > horizon
        result[segment["name"]] = counts
    return result
