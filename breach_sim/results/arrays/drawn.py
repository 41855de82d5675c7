"""What a run has drawn, by pool of like segments, and what of it fell to each segment.

Like segments are drawn together (docs/model.md, section 3). Tables of the whole run are sums over pools. The
counts and losses of single segments are drawn when somebody asks for them, given those of the pools.

Not here: the draws themselves (``engine.counts``, ``engine.severity``), and the run (``simulation``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.counts import SegmentCounts, draw_all_counts, split_counts
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.draws.throws import side_by_side
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import Pool, SegmentLaw, pooled
from breach_sim.engine.severity import EXACT, draw_losses, mean_loss, split_losses
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.graph import AttackGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCounts:
    """Counts of a run, by pool or by segment; the last axis is the replicate.

    Parameters
    ----------
    exposed, people
        Accounts with any leaked field; victims of any attack. Shape (P, R). [accounts]
    attackable, attempted, victims
        Accounts by attack. Shape (A, P, R). [accounts]
    """

    exposed: Counts
    people: Counts
    attackable: Counts
    attempted: Counts
    victims: Counts


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only.

    Parameters
    ----------
    array
        Any array; the flag of the array itself is changed.

    Returns
    -------
    The same array.

    Examples
    --------
    >>> bool(read_only(np.zeros(2)).flags.writeable)
    False
    """
    array.flags.writeable = False
    return array


def draw_pools(
    law: Law, laws: Mapping[str, SegmentLaw], luck: tuple[str, ...]
) -> tuple[tuple[Pool, ...], DrawnCounts]:
    """Put like segments into pools, and draw the counts of these.

    Parameters
    ----------
    law, laws
        Of the run, and by name of the segment. Like segments share one object.
    luck
        First parts of the names of the streams.

    Returns
    -------
    The pools, and their counts.
    """
    draws = law.parameters
    pools = pooled(laws, {segment.name: law.accounts(segment) for segment in law.scenario.segments})
    accounts = {pool.name: _accounts(law, pool).sum(axis=0) for pool in pools}
    own = {pool.name: laws[pool.name] for pool in pools}
    counts = draw_all_counts(own, law.graph, accounts, draws.seed, draws.replicates, luck)
    return pools, _stacked(law.graph, counts)


def _stacked(graph: AttackGraph, counts: Sequence[SegmentCounts]) -> DrawnCounts:
    """Counts of several pools or segments as arrays, read-only."""
    by_attack = {
        word: np.stack([getattr(c, word)[attack] for attack in graph.names for c in counts]).reshape(
            len(graph.names), len(counts), -1
        )
        for word in ("attackable", "attempted", "victims")
    }
    found = DrawnCounts(
        exposed=np.stack([c.exposed for c in counts]),
        people=np.stack([c.people for c in counts]),
        **by_attack,
    )
    for word in found.__slots__:
        read_only(getattr(found, word))
    return found


def _accounts(law: Law, pool: Pool) -> Counts:
    """Accounts of the segments of a pool, whole numbers. Shape (S, R), or (S, 1) if none is uncertain."""
    segments = (law.scenario.segments[place] for place in pool.members)
    rows = [np.atleast_1d(np.rint(law.accounts(segment)).astype(np.int64)) for segment in segments]
    width = max(len(row) for row in rows)
    return np.stack([np.broadcast_to(row, (width,)) for row in rows])


@dataclass(frozen=True, slots=True)
class Severities:
    """Severity of every attack in the replicates of a run, and where its random streams are.

    Parameters
    ----------
    parameters, graph, factors
        Draws, attacks, and anchor factor by follow-on.
    luck
        First parts of the names of the streams.
    """

    parameters: Parameters
    graph: AttackGraph
    factors: Mapping[str, Array]
    luck: tuple[str, ...]

    def losses(self, victims: Counts, pools: Sequence[Pool]) -> Array:
        """Draw the losses of pools.

        Parameters
        ----------
        victims
            By attack and pool. Shape (A, P, R).
        pools
            The pools.

        Returns
        -------
        Shape (A, P, R). [USD]
        """
        losses, laws = np.zeros(victims.shape), self._laws()

        def draw(place: list[int]) -> None:
            i, j = place
            losses[i, j] = draw_losses(self._chances(self._name(i, pools[j])), victims[i, j], *laws[i])

        some = np.argwhere(victims.any(axis=2)).tolist()
        side_by_side(draw, some, self.parameters.replicates * EXACT)
        return read_only(losses)

    def split(self, losses: Array, pools: Sequence[Pool], victims: Counts) -> Array:
        """Split the losses of pools over their segments.

        Parameters
        ----------
        losses
            By attack and pool. Shape (A, P, R). [USD]
        pools
            The pools.
        victims
            By attack and segment. Shape (A, S, R).

        Returns
        -------
        Shape (A, S, R). [USD]
        """
        found, laws = np.zeros(victims.shape), self._laws()

        def split(place: list[int]) -> None:
            i, j = place
            members, name = list(pools[j].members), self._name(i, pools[j])
            if len(members) == 1:
                found[i, members[0]] = losses[i, j]
                return
            found[i, members] = split_losses(
                self._chances(name),
                losses[i, j],
                victims[i, members],
                *laws[i],
                (*name, "by segment"),
                self.parameters.seed,
            )

        some = np.argwhere(losses.any(axis=2)).tolist()
        side_by_side(split, some, self.parameters.replicates * EXACT)
        return read_only(found)

    def _laws(self) -> list[tuple[Array, Array]]:
        """Mean and shape of the loss of a victim of each attack. Shape (R,) each."""
        draws, size = self.parameters, (self.parameters.replicates,)
        pairs = (
            (mean_loss(draws, self.graph, attack, self.factors), draws(attack.severity_sigma))
            for attack in self.graph.attacks
        )
        return [(np.broadcast_to(mean, size), np.broadcast_to(sigma, size)) for mean, sigma in pairs]

    def _name(self, attack: int, pool: Pool) -> tuple[str, ...]:
        return (*self.luck, "luck", pool.name, self.graph.attacks[attack].name, "severity")

    def _chances(self, name: tuple[str, ...]) -> Array:
        """Uniform numbers of one attack in one pool. Shape (R, 17)."""
        size = (self.parameters.replicates, EXACT + 1)
        return uniforms(self.parameters.seed, *name, size=size[0] * size[1]).reshape(size)


def split_over(
    counts: DrawnCounts,
    law: Law,
    laws: Mapping[str, SegmentLaw],
    pools: Sequence[Pool],
    luck: tuple[str, ...],
) -> DrawnCounts:
    """Split the counts of pools over their segments.

    Parameters
    ----------
    counts
        By pool.
    law, laws
        Of the run, and by name of the segment.
    pools
        The pools.
    luck
        First parts of the names of the streams.

    Returns
    -------
    By segment; the same object if no segments are alike.
    """
    if all(len(pool.members) == 1 for pool in pools):
        return counts
    parameters, number = law.parameters, len(law.scenario.segments)
    found: list[SegmentCounts | None] = [None] * number
    for j, pool in enumerate(pools):
        own = _accounts(law, pool)
        if len(own) == 1:
            rows = [_of_pool(law.graph, counts, j)]
        else:
            own = np.broadcast_to(own, (len(own), parameters.replicates))
            rows = split_counts(laws[pool.name], law.graph, own, pool.name, parameters.seed, luck)
        for place, row in zip(pool.members, rows, strict=True):
            found[place] = row
    return _stacked(law.graph, [row for row in found if row is not None])


def _of_pool(graph: AttackGraph, counts: DrawnCounts, pool: int) -> SegmentCounts:
    """Counts of one pool."""
    by_attack = (
        {name: getattr(counts, word)[i, pool] for i, name in enumerate(graph.names)}
        for word in ("attackable", "attempted", "victims")
    )
    return SegmentCounts(counts.exposed[pool], counts.people[pool], *by_attack)
