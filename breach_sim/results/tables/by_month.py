"""Victims and losses by month, and the dated events of a scenario.

Not here: what mitigations change by month (``whatif.by_month``), and the law in time (``engine.timeline``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from breach_sim.engine.timeline import month_ends
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.walk import followed, walk

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
    days = month_ends(run.horizon_years)
    own = walk(run) if attack is None else followed(run, (run.attacks[attack].name,), days)
    happening = events_by_month(run, days)
    rows: list[Row] = []
    for number, end in enumerate(days):
        row: dict[str, Any] = {"end_day": end, "end_date": run.scenario.date_of(end)}
        counts = summary(own.victims[number], own.expected_victims[number])
        money = summary(own.losses[number], own.expected_losses[number])
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
