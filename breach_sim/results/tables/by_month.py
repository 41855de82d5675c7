"""Victims and losses by month, and the dated events of a scenario.

Not here: what mitigations change by month (``whatif.by_month``), and the law in time (``engine.timeline``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.severity import mean_loss
from breach_sim.engine.timeline import month_ends, victims_by
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.chunks import in_chunks

if TYPE_CHECKING:
    import pandas as pd


def timeline(run: Replicates, attack: str | None = None) -> pd.DataFrame:
    """Victims and losses by month, with the events of each.

    Parameters
    ----------
    run
        Arrays of the run.
    attack
        Name of one attack; all together if None.

    Returns
    -------
    One row a month, numbered from 1: end_day, end_date, victims and loss (p5, p50, p95, mean each), and
    events. [days], [accounts], [USD]

    Raises
    ------
    ValueError
        If the attack is unknown.
    """
    return table(month_rows(run, attack), run.notes, index="month")


def month_rows(run: Replicates, attack: str | None = None) -> list[Row]:
    """Rows of the timeline, as plain numbers.

    Parameters
    ----------
    run
        Arrays of the run.
    attack
        Name of one attack; all together if None.

    Returns
    -------
    Number of the month, from 1, and the columns of :func:`timeline`.

    Raises
    ------
    ValueError
        If the attack is unknown.
    """
    wanted = run.attacks.names if attack is None else (run.attacks[attack].name,)
    days = month_ends(run.horizon_years)
    (victims, losses), (expected_victims, expected_losses) = in_months(run, wanted, days)
    happening = events_by_month(run, days)
    rows: list[Row] = []
    for number, end in enumerate(days):
        row: dict[str, Any] = {"end_day": end, "end_date": run.scenario.date_of(end)}
        counts = summary(victims[number], expected_victims[number])
        money = summary(losses[number], expected_losses[number])
        row |= {f"victims_{name}": value for name, value in counts.items()}
        row |= {f"loss_usd_{name}": value for name, value in money.items()}
        rows.append((number + 1, row | {"events": "; ".join(happening[number])}))
    return rows


def events_by_month(run: Replicates, days: Sequence[float]) -> list[list[str]]:
    """Labels of the events in each month.

    Parameters
    ----------
    run
        Arrays of the run.
    days
        Ends of the months, rising. [days]

    Returns
    -------
    One list a month, in order of time; day 0 belongs to the first month.
    """
    return in_their_months(dated_events(run.scenario, run.attacks), days)


def in_their_months(dated: Sequence[tuple[float, str]], days: Sequence[float]) -> list[list[str]]:
    """Labels of dated things in the month in which each lies.

    Parameters
    ----------
    dated
        Days after the sale and labels, in order. [days]
    days
        Ends of the months, rising. [days]

    Returns
    -------
    One list a month; day 0 belongs to the first.
    """
    starts = (-1.0, *days)
    return [
        [label for day, label in dated if start < day <= end]
        for start, end in zip(starts, days, strict=False)
    ]


def dated_events(scenario: Scenario, attacks: AttackGraph) -> list[tuple[float, str]]:
    """Events of a scenario and ends of regimes of its attacks.

    Parameters
    ----------
    scenario, attacks
        Breach and attack graph.

    Returns
    -------
    Days after the sale and labels, in order. [days]
    """
    events = {(event.day, event.label or event.kind) for event in scenario.events}
    for attack in attacks.attacks:
        for regime in attack.regimes:
            if regime.until:
                events.add((scenario.day_of(regime.until), regime.label or "a regime ends"))
    return sorted(events)


def in_months(
    run: Replicates, wanted: Sequence[str], days: Sequence[float]
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Victims and losses of some attacks in each month.

    Parameters
    ----------
    run
        Arrays of the run.
    wanted
        Names of the attacks.
    days
        Ends of the months, rising; the last is the horizon. [days]

    Returns
    -------
    Drawn victims and losses, and those expected given the parameters. Shape (months, R) each; in every
    replicate the months sum to the horizon. [accounts], [USD]
    """
    sums = np.zeros((4, len(days), run.replicates))
    for rows, sums_of_rows in in_chunks(run.replicates, partial(_up_to_days, run, wanted, days)):
        sums[:, :, rows] = sums_of_rows
    grown = np.diff(sums, axis=1, prepend=0.0)
    return (grown[0], grown[1]), (grown[2], grown[3])


def _up_to_days(run: Replicates, wanted: Sequence[str], days: Sequence[float], rows: slice) -> Array:
    """Victims and losses of some replicates up to each day, drawn and expected. Shape (4, days, rows)."""
    law = run.law.part(rows)
    sums = np.zeros((4, len(days), law.parameters.replicates))
    factors = {name: np.broadcast_to(f, (run.replicates,))[rows] for name, f in run.factors.items()}
    for j, pool in enumerate(run.pools):
        segments = [run.scenario.segments[place] for place in pool.members]
        accounts = sum(law.accounts(segment) for segment in segments)
        for name, chance in victims_by(law, segments[0], days).items():
            if name not in wanted:
                continue
            i = run.attacks.names.index(name)
            # Equation (14): counts are split by the expected share of each month, so that months sum to them.
            end = np.where(chance[-1] > 0, chance[-1], 1.0)
            sums[0] += chance * (run.drawn.victims[i, j, rows] / end)
            sums[1] += chance * (run.pool_losses[i, j, rows] / end)
            sums[2] += accounts * chance
            each = mean_loss(law.parameters, run.attacks, run.attacks.attacks[i], factors)
            sums[3] += accounts * each * chance
    return sums
