"""What could be observed: victims beyond the background, and complaints filed in the first year.

Not here: published outcomes and how the model does against them (``analysis.backtesting``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breach_sim.engine.draws.binomial import binomial_quantile
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.severity import mean_loss
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.tables import summary, table, two_level
from breach_sim.results.expectations import ANY, expected, spared
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.walk import walk

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("gross", "excess", "never_otherwise", "background")
"""Columns of the table of the excess."""


def excess(run: Replicates) -> pd.DataFrame:
    """Gross victims, those whom the background had not struck by then, and those it would never have struck.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack and one for people; columns (gross | excess | never_otherwise | background, "p5" | "p50"
    | "p95" | "mean"). [accounts]
    """
    rows = [(label, cells) for _, label, cells in excess_rows(run)]
    return two_level(rows, KINDS, run.notes, index="attack")


def excess_rows(run: Replicates) -> list[tuple[str, str, dict[str, tuple[Array, Array]]]]:
    """Rows of the table of the excess, as samples and expectations.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    Name ("any" for people), label, and by kind the sample and the expectation given the parameters. Shape
    (R,) each. [accounts]
    """
    rows = []
    cases = [(a.name, a.name, a.label, run.drawn.victims[i]) for i, a in enumerate(run.attacks.attacks)]
    cases.append((ANY, "people", "any harm (people)", run.drawn.people))
    exposed, expected_exposed = run.drawn.exposed.sum(axis=0), expected(run, "exposed")
    shares = walk(run).shares
    for i, (attack, name, label, gross) in enumerate(cases):
        chance = spared(run, attack)
        struck = _struck(run, attack)
        never = binomial_quantile(_chances(run, gross, name, "excess"), gross, chance)
        later = _chances(run, gross, name, "excess at the time of harm")
        in_excess = excess_given_never(later, gross, never, chance, shares[i]).sum(axis=0)
        row = {
            "gross": (gross.sum(axis=0), expected(run, "victims", attack)),
            "excess": (in_excess, _expected_excess(run, attack, shares[i])),
            "never_otherwise": (never.sum(axis=0), expected(run, "never_otherwise", attack)),
            "background": (exposed * struck, expected_exposed * struck),
        }
        rows.append((attack, label, row))
    return rows


def _struck(run: Replicates, attack: str) -> Array:
    """Return the chance that the background does not spare a person. Shape (R,). [probability]."""
    background = run.attacks.people_background if attack == ANY else run.attacks[attack].background
    # Not 1 less the chance to be spared: for a rare harm that would be the rounding of a number next to 1.
    with np.errstate(divide="ignore"):  # a background of 1 strikes everybody
        return np.asarray(-np.expm1(run.horizon_years * np.log1p(-run.law.parameters(background))))


def _chances(run: Replicates, gross: Counts, *name: str) -> Array:
    """Uniform numbers for victims by pool. Shape (P, R)."""
    return uniforms(run.seed, *run.luck, "luck", *name, size=gross.size).reshape(gross.T.shape).T


def _expected_excess(run: Replicates, attack: str, shares: Array) -> Array:
    """Expected victims in excess of an attack, or of people. Shape (R,). [accounts]."""
    total = np.zeros(run.replicates)
    for pool, share in zip(run.pools, shares, strict=True):
        law = run.laws[pool.name]
        chance = law.people if attack == ANY else law.victim.get(attack, np.zeros(1))
        accounts = sum(run.law.accounts(run.scenario.segments[place]) for place in pool.members)
        total += share * (accounts * chance)
    return total


def excess_given_never(chances: Array, gross: Counts, never: Counts, spared: Array, share: Array) -> Counts:
    """Draw the victims in excess, given those of them who would never have been harmed otherwise.

    Parameters
    ----------
    chances
        Uniform numbers of the draw. Shape (S, R). (0, 1)
    gross, never
        Victims, and those never harmed otherwise, binomial with ``spared``. Shape (S, R). [accounts]
    spared, share
        Shares of the victims never harmed otherwise, and in excess. Shape (R,) or (S, R). [0, 1]

    Returns
    -------
    Binomial in ``gross`` with ``share``. They contain ``never`` where the share is at least ``spared``, as it
    is for every attack, and are part of it elsewhere: the background of people is that of any identity theft.
    Shape (S, R). [accounts]
    """
    spared = np.broadcast_to(spared, gross.shape)
    more = share >= spared
    upper = (share - spared) / np.where(spared < 1, 1.0 - spared, 1.0)
    lower = share / np.where(spared > 0, spared, 1.0)
    chance = np.clip(np.where(more, upper, lower), 0.0, 1.0)
    drawn = binomial_quantile(chances, np.where(more, gross - never, never), chance)
    return np.asarray(np.where(more, never + drawn, drawn))


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
    lost = _in_first_year(run, attack) * mean_loss(draw, run.attacks, node, run.factors)
    for name in node.anchor.follow_ons if node.anchor else ():
        mean = mean_loss(draw, run.attacks, run.attacks[name], run.factors)
        lost = lost + _in_first_year(run, name, attack) * mean
    money = draw(node.reporting) * lost
    rows = []
    for label, sample, figure in (("complaints", filed, complaints), ("loss_usd", money, loss_usd)):
        against = {"figure": figure, "p_exceed": float(np.mean(sample > figure))}
        rows.append((label, summary(sample) | against))
    return table(rows, run.notes, index="measure")


def _in_first_year(run: Replicates, attack: str, after: str = "") -> Array:
    """Expected victims of the first 365 days; given ``after``, of both attacks [accounts]. Shape (R,)."""
    total = np.zeros(run.replicates)
    for segment, accounts in run.law.unlike():
        law = run.laws[segment.name]
        chance = law.anchored_year.get((after, attack)) if after else law.victim_year.get(attack)
        total = total + accounts * (np.zeros(1) if chance is None else chance)
    return total
