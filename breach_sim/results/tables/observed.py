"""What could be observed: victims beyond the background, and complaints filed in the first year.

Not here: published outcomes and how the model does against them (``analysis.backtesting``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breach_sim.engine.draws.streams import generator
from breach_sim.engine.severity import mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import summary, table, two_level
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


def excess(run: Replicates) -> pd.DataFrame:
    """Gross victims, and those whom the background would not have hit as well.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack and one for people; columns (gross | excess | background, "p5" | "p50" | "p95" |
    "mean"). [accounts]
    """
    rows = []
    cases = [(a.name, a.label, a.background, run.victim_counts[i]) for i, a in enumerate(run.attacks.attacks)]
    cases.append(("people", "any harm (people)", run.attacks.people_background, run.people_counts))
    exposed = run.exposed_counts.sum(axis=0)
    for name, label, background, gross in cases:
        # Equation (12): exp(-B) = (1 - b)^Y, the chance that the background spares a person for Y years.
        spared = (1.0 - run.law.parameters(background)) ** run.horizon_years
        stream = generator(run.seed, *run.luck, "luck", name, "excess")
        in_excess = stream.binomial(gross, np.broadcast_to(spared, gross.shape)).sum(axis=0)
        row = {"gross": gross.sum(axis=0), "excess": in_excess, "background": exposed * (1.0 - spared)}
        rows.append((label, row))
    return two_level(rows, ("gross", "excess", "background"), run.notes)


def reported(run: Replicates, attack: str, *, complaints: float, loss_usd: float) -> pd.DataFrame:
    """Complaints filed in the first year after the sale, against published figures.

    Parameters
    ----------
    run
        Arrays of the run.
    attack
        Name of an attack with a reporting rate.
    complaints, loss_usd
        Published figures to compare with. [complaints/year], [USD/year]

    Returns
    -------
    Rows ``complaints`` and ``loss_usd``: p5, p50, p95, mean, the figure, and the chance of exceeding it.

    Raises
    ------
    ValueError
        If the attack is unknown or has no reporting rate.
    """
    node = run.attacks[attack]
    if node.reporting is None:
        raise ValueError(f"attack {attack!r} has no reporting rate; nothing is published on its complaints")
    draw = run.law.parameters
    filed = draw(node.reporting) * _in_first_year(run, attack)
    lost = _in_first_year(run, attack) * mean_loss(draw, node, run.factors)
    for name in node.anchor.follow_ons if node.anchor else ():
        lost = lost + _in_first_year(run, name, attack) * mean_loss(draw, run.attacks[name], run.factors)
    money = draw(node.reporting) * lost
    rows = []
    for label, sample, figure in (("complaints", filed, complaints), ("loss_usd", money, loss_usd)):
        against = {"figure": figure, "p_exceed": float(np.mean(sample > figure))}
        rows.append((label, summary(sample) | against))
    return table(rows, run.notes)


def _in_first_year(run: Replicates, attack: str, after: str = "") -> Array:
    """Expected victims of the first 365 days; given ``after``, of both attacks [accounts]. Shape (R,)."""
    total = np.zeros(run.replicates)
    for segment in run.scenario.segments:
        law = run.laws[segment.name]
        chance = law.anchored_year.get((after, attack)) if after else law.victim_year.get(attack)
        total = total + run.law.accounts(segment) * (np.zeros(1) if chance is None else chance)
    return total
