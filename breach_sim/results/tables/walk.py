"""A run followed month by month, once: what the tables by month and of the excess read.

The law in time is the dear part of both, so that both are summed in one pass, and the pass is kept.

Not here: the tables (``by_month``, ``observed``), and the law in time (``engine.timeline``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from breach_sim.engine.severity import mean_loss
from breach_sim.engine.timeline import excess_share, month_ends, victims_between
from breach_sim.formatting.arrays import Array
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.chunks import in_chunks

KEPT = 20_000
"""Replicates up to which a pass is kept; for more it would hold hundreds of megabytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What a run does in each month, and who would have been harmed anyway.

    Parameters
    ----------
    victims, losses
        Drawn, by month. Shape (months, R). [accounts], [USD]
    expected_victims, expected_losses
        Expected given the parameters, by month. Shape (months, R). [accounts], [USD]
    shares
        Share of the victims in excess, by attack and pool, then of people. Shape (A + 1, P, R). [0, 1]; 0
        for an attack that was not followed
    """

    victims: Array
    losses: Array
    expected_victims: Array
    expected_losses: Array
    shares: Array


def walk(run: Replicates) -> Walk:
    """Follow all attacks of a run to its horizon.

    Parameters
    ----------
    run
        Arrays of the run, which keep the pass.

    Returns
    -------
    The pass; in every replicate the months sum to the horizon.
    """
    if "walk" in run.kept:
        kept: Walk = run.kept["walk"]
        return kept
    made = followed(run, run.attacks.names, month_ends(run.horizon_years))
    if run.replicates <= KEPT:
        run.kept["walk"] = made
    return made


def followed(run: Replicates, wanted: Sequence[str], days: Sequence[float]) -> Walk:
    """Follow some attacks of a run.

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
    The pass; in every replicate the months sum to the horizon.
    """
    sums = np.zeros((4, len(days), run.replicates))
    shares = np.zeros((len(run.attacks) + 1, len(run.pools), run.replicates))
    for rows, (own_sums, own_shares) in in_chunks(run.replicates, partial(_rows_of, run, wanted, days)):
        sums[:, :, rows], shares[:, :, rows] = own_sums, own_shares
    victims, losses, expected_victims, expected_losses = sums
    return Walk(victims, losses, expected_victims, expected_losses, shares)


def _rows_of(
    run: Replicates, wanted: Sequence[str], days: Sequence[float], rows: slice
) -> tuple[Array, Array]:
    """Sums of each month, shape (4, days, rows), and shares in excess, shape (A + 1, P, rows)."""
    law, names = run.law.part(rows), run.attacks.names
    size = law.parameters.replicates
    sums = np.zeros((4, len(days), size))
    shares = np.zeros((len(names) + 1, len(run.pools), size))
    factors = {name: np.broadcast_to(f, (run.replicates,))[rows] for name, f in run.factors.items()}
    for j, pool in enumerate(run.pools):
        segments = [run.scenario.segments[place] for place in pool.members]
        accounts = sum(law.accounts(segment) for segment in segments)
        victims, in_excess = np.zeros(size), np.zeros(size)
        for name, grown in victims_between(law, segments[0], days).items():
            if name not in wanted:
                continue
            i = names.index(name)
            # Equation (14): counts are split by the expected share of each month, so that months sum to them.
            whole = grown.sum(axis=0)
            end = np.where(whole > 0, whole, 1.0)
            sums[0] += grown * (run.drawn.victims[i, j, rows] / end)
            sums[1] += grown * (run.pool_losses[i, j, rows] / end)
            sums[2] += accounts * grown
            each = mean_loss(law.parameters, run.attacks, run.attacks.attacks[i], factors)
            sums[3] += accounts * each * grown
            shares[i, j] = excess_share(grown, days, law.parameters(run.attacks[name].background))
            victims += whole
            in_excess += whole * shares[i, j]
        # People: the mean of the attacks' shares, weighted by expected victims.
        shares[-1, j] = in_excess / np.where(victims > 0, victims, 1.0)
    return sums, shares
