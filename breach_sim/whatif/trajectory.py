"""What-ifs month by month: what each mitigation has averted by when, and the dates at which it acts.

Expectations given the parameters, on the draws, capacity scales and anchor factors of the baseline, time cut
alike for all. What an account has suffered by a day follows ``timeline``; what two what-ifs share is computed
once, and only what differs is added up, so that a mitigation that has not begun yet has averted exactly
nothing.

Not here: counts by month of one run (``results.by_month``), tables (``by_month``), the price of a day
(``delay``).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.engine.expected_harm import Cell, ExpectedHarm
from breach_sim.engine.law import Law
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.changes import World
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario

CHUNK = 2_500
"""Replicates at a time."""
ROUNDING = 1e-12
"""Relative difference of two expectations that is rounding."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Expected harm up to the end of each month.

    Parameters
    ----------
    victims
        Attacks suffered, or averted; an account hit by two attacks counts twice. Shape (T, R). [accounts]
    loss
        Lost, or averted. Shape (T, R). [USD]
    """

    victims: Array
    loss: Array


def trajectories_of(
    law: Law, factors: Mapping[str, Array], worlds: Sequence[World], days: Sequence[float]
) -> tuple[Trajectory, tuple[Trajectory, ...]]:
    """Harm of the baseline by month, and what every what-if has averted of it.

    Parameters
    ----------
    law
        Of the baseline, its time cut wherever one of the what-ifs cuts it.
    factors
        Anchor factors to hold, by follow-on. Shape (R,).
    worlds
        Scenario and attacks of each what-if.
    days
        Ends of the months, rising; the last is the horizon. [days]

    Returns
    -------
    The baseline, and one trajectory averted for each what-if, cumulated.
    """
    size = law.parameters.replicates
    sums = np.zeros((2, 1 + len(worlds), len(days), size))
    for start in range(0, size, CHUNK):
        rows = slice(start, min(start + CHUNK, size))
        factors_of_rows = {name: np.broadcast_to(factor, (size,))[rows] for name, factor in factors.items()}
        expected = ExpectedHarm(law.part(rows), factors_of_rows)
        for cell, users in _users(expected, worlds):
            harm = expected.by_day(cell, days)
            for number, accounts in users.items():
                for total, part in zip(sums, harm, strict=True):
                    total[number][:, rows] += accounts * part
    base, averted = sums[:, 0], sums[:, 1:]
    averted[np.abs(averted) <= ROUNDING * base[:, None]] = 0.0
    return Trajectory(*base), tuple(Trajectory(*averted[:, number]) for number in range(len(worlds)))


def _users(expected: ExpectedHarm, worlds: Sequence[World]) -> list[tuple[Cell, dict[int, Array]]]:
    """Cells with their accounts: number 0 in the baseline, number 1 on what each what-if has fewer of."""
    cells: dict[Hashable, Cell] = {}
    accounts: list[dict[Hashable, Array]] = []
    for scenario, graph in ((expected.scenario, expected.graph), *worlds):
        weights: dict[Hashable, Array] = {}
        for key, cell, weight in expected.cells(scenario, graph):
            cells.setdefault(key, cell)
            weights[key] = weights[key] + weight if key in weights else weight
        accounts.append(weights)
    base, none = accounts[0], np.zeros(1)
    cells_with_users = []
    for key, cell in cells.items():
        users = {0: base[key]} if key in base else {}
        for number, weights in enumerate(accounts[1:], 1):
            fewer = base.get(key, none) - weights.get(key, none)
            if fewer.any():
                users[number] = fewer
        cells_with_users.append((cell, users))
    return cells_with_users


def dates_of(
    mitigations: Sequence[Mitigation], scenario: Scenario, graph: AttackGraph
) -> list[tuple[float, str, str]]:
    """Days on which mitigations begin and end to act.

    Parameters
    ----------
    mitigations
        Any number.
    scenario, graph
        As given.

    Returns
    -------
    Day, name of the mitigation, and "begins" or "ends", in order; those without a day are left out, and so
    are those that touch nothing here. [days]
    """
    days = []
    for mitigation in mitigations:
        if mitigation.day is None or mitigation.why_not(scenario, graph):
            continue
        days.append((mitigation.day, mitigation.name, "begins"))
        _, after = mitigation.apply(scenario, graph)
        for before, attack in zip(graph.attacks, after.attacks, strict=True):
            added = [p for p in attack.protections if p not in before.protections]
            days += [(p.until, mitigation.name, "ends") for p in added if np.isfinite(p.until)]
    return sorted(set(days))
