"""Mitigations month by month: victims and losses without and with each, and the dates at which they act.

Not here: how the months are computed (``trajectory``), and the months of one run (``results.by_month``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.timeline import month_ends
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.mitigations import together
from breach_sim.results.tables.by_month import in_their_months
from breach_sim.whatif.averted import ALL, AvertedReplicates
from breach_sim.whatif.trajectory import Trajectory, dates_of, trajectories_of

if TYPE_CHECKING:
    import pandas as pd


def dates(run: AvertedReplicates) -> list[tuple[float, str, str]]:
    """Days on which the mitigations of a comparison begin and end.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    Day, name, and "begins" or "ends", in order. [days]
    """
    return dates_of(run.mitigations, run.scenario, run.law.graph)


def trajectories(run: AvertedReplicates) -> tuple[Trajectory, tuple[Trajectory, ...]]:
    """Expected harm by month without mitigations, and what each row of a comparison averts of it.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    The baseline, and one trajectory averted for each row, all together last; cumulated.
    """
    sets = [[mitigation] for mitigation in run.mitigations]
    sets += [list(run.together)] if len(sets) > 1 else []
    worlds = [together(mitigations, run.scenario, run.law.graph) for mitigations in sets]
    return trajectories_of(run.law, run.factors, worlds, month_ends(run.horizon_years))


def timeline(run: AvertedReplicates) -> pd.DataFrame:
    """Victims and losses by month without and with each mitigation.

    Parameters
    ----------
    run
        Arrays of the comparison.

    Returns
    -------
    One row a mitigation and month, index (mitigation, month), "without" first and all together last: end_day,
    victims and loss_usd (p5, p50, p95, mean each), averted_usd, events. [days], [accounts], [USD]
    """
    import pandas as pd

    without, averted = trajectories(run)
    names = ["without", *(row.name for row in run.averted)]
    none = Trajectory(np.zeros_like(without.victims), np.zeros_like(without.loss))
    rows: list[Row] = []
    for name, spared in zip(names, (none, *averted), strict=True):
        cumulated = {"victims": without.victims - spared.victims, "loss_usd": without.loss - spared.loss}
        monthly = {column: np.diff(part, axis=0, prepend=0.0) for column, part in cumulated.items()}
        averted_usd = np.diff(spared.loss, axis=0, prepend=0.0)
        for number, (end, events) in enumerate(_months(run, name)):
            row: dict[str, Any] = {"end_day": end}
            for column, part in monthly.items():
                row |= {f"{column}_{q}": v for q, v in summary(part[number]).items()}
            row |= {"averted_usd": float(averted_usd[number].mean()), "events": events}
            rows.append(((name, number + 1), row))
    frame = table(rows, run.notes)
    frame.index = pd.MultiIndex.from_tuples([label for label, _ in rows], names=["mitigation", "month"])
    return frame


def _months(run: AvertedReplicates, name: str) -> list[tuple[float, str]]:
    """End of each month, and the events in it where a mitigation is taken."""
    labels = [(event.day, event.label or event.kind) for event in run.scenario.events]
    labels += [(day, f"{taken} {what}") for day, taken, what in dates(run) if name in {taken, ALL}]
    days = month_ends(run.horizon_years)
    events = in_their_months(sorted(labels), days)
    return [(end, "; ".join(dict.fromkeys(own))) for end, own in zip(days, events, strict=True)]
