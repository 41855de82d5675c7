"""Table of the three parts of the harm: by the leak alone, together, replaceable.

Not here: how victims are split (``parts``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import STATISTICS, summary, two_level
from breach_sim.results.expectations import expected_part
from breach_sim.results.parts import PARTS, share_of
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd

Pair = tuple[NDArray[Any], Array]
"""Sample, and expectations given the parameters. Shape (R,) each."""


def parts(run: Replicates) -> pd.DataFrame:
    """Victims, people and loss by part.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack (victims), one for people, and one for the loss. Columns (part, "p5" | "p50" | "p95" |
    "mean" | "share"), and ("attackable", "by_leak_alone"). [accounts], [USD], [share]
    """
    import pandas as pd

    split = run.split
    rows: list[tuple[str, dict[str, Pair]]] = []
    victims = {part: split.victims(part).sum(axis=1) for part in PARTS}
    for i, attack in enumerate(run.attacks.attacks):
        means = {part: expected_part(run, part, "victims", attack.name) for part in PARTS}
        rows.append((attack.label, {part: (victims[part][i], means[part]) for part in PARTS}))
    people, loss = _totals(run)
    rows += [("any harm (people)", people), ("loss [USD]", loss)]
    frame = two_level(rows, PARTS, run.notes, index="attack")
    for part in PARTS:
        frame[part, "share"] = [share_of({p: own[p][1] for p in PARTS})[part] for _, own in rows]
    open_to = [_attackable(run, attack.name) for attack in run.attacks.attacks]
    frame["attackable", "by_leak_alone"] = [*open_to, np.nan, np.nan]
    order = [(part, word) for part in PARTS for word in (*STATISTICS, "share")]
    columns = pd.MultiIndex.from_tuples(
        [*order, ("attackable", "by_leak_alone")], names=["part", "statistic"]
    )
    table = frame.reindex(columns=columns)
    table.attrs["notes"] = run.notes
    return table


def _attackable(run: Replicates, attack: str) -> float:
    """Share of the expected attackable accounts of an attack that are so by the leak alone."""
    alone, every = 0.0, 0.0
    for segment, accounts in run.law.unlike():
        own = run.split.attackable[segment.name].get(attack)
        alone += 0.0 if own is None else float(np.mean(accounts * own))
        able = run.laws[segment.name].attackable.get(attack)
        every += 0.0 if able is None else float(np.mean(accounts * able))
    return alone / every if every else np.nan


def summaries(run: Replicates) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Quantiles and means of people and of the loss, by part.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By part: of people [accounts], and of the loss [USD].
    """
    people, loss = _totals(run)
    return {part: summary(*people[part]) for part in PARTS}, {part: summary(*loss[part]) for part in PARTS}


def _totals(run: Replicates) -> tuple[dict[str, Pair], dict[str, Pair]]:
    """Samples and expectations of people and of the loss, by part."""
    split = run.split
    people = {part: (split.people(part).sum(axis=0), expected_part(run, part, "people")) for part in PARTS}
    loss = {part: (split.loss(part).sum(axis=0), expected_part(run, part, "loss_usd")) for part in PARTS}
    return people, loss
