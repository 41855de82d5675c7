"""Loss by bundle as tables: one for each chain of attacks and segment, over the mitigations that touch it.

Not here: what bundles cost (``payments``), and which is best (``choice``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.time import resets_of
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.segment import Segment
from breach_sim.whatif.whose_money import FirmSide

REGRETS = 200
"""Replicates in which the best bundle of the replicate is searched."""


@dataclass(frozen=True)
class Term:
    """Amount by bundle of the mitigations that touch it, such as the loss of some chains in some segments.

    Parameters
    ----------
    touching
        Numbers of mitigations, rising.
    mean
        By their bit sets. Shape (2**T,). [USD]
    first
        The same by replicate, for the first replicates. Shape (2**T, size). [USD]
    """

    touching: tuple[int, ...]
    mean: Array
    first: Array

    def __add__(self, other: Term) -> Term:
        """Both at once; what touches the other touches this."""
        rows = places(other.touching, self.touching)
        return Term(self.touching, self.mean + other.mean[rows], self.first + other.first[rows])


def places(touching: Sequence[int], among: Sequence[int]) -> NDArray[np.int64]:
    """Return the row in a table of some mitigations, for every bundle of others among which they are.

    Parameters
    ----------
    touching
        Numbers of the mitigations of the table.
    among
        Numbers of the mitigations of the bundles.

    Returns
    -------
    By bit set. Shape (2**len(among),).

    Notes
    -----
    Built by doubling: the bundles with one more mitigation are those without it, its bit set where the table
    knows it.
    """
    rows = np.zeros(1, dtype=np.int64)
    for number in among:
        bit = 1 << touching.index(number) if number in touching else 0
        rows = np.concatenate([rows, rows | bit])
    return rows


def sum_of(terms: Iterable[Term], count: int) -> Array:
    """Return the sum of terms for every bundle.

    Parameters
    ----------
    terms
        Any.
    count
        Number of mitigations, M.

    Returns
    -------
    Means, by bit set. Shape (2**M,). [USD]
    """
    total = np.zeros(1 << count)
    for term in terms:
        total += term.mean[places(term.touching, range(count))]
    return total


def joined(terms: Iterable[Term]) -> list[Term]:
    """Add terms to one that all their mitigations touch as well.

    Parameters
    ----------
    terms
        Any.

    Returns
    -------
    Fewer tables with the same sum.
    """
    found: list[Term] = []
    for term in sorted(terms, key=lambda term: -len(term.touching)):
        wider = [i for i, other in enumerate(found) if set(term.touching) <= set(other.touching)]
        if wider:
            found[wider[-1]] += term
        else:
            found.append(term)
    return found


def terms_of(expected: ExpectedHarm, mitigations: Sequence[Mitigation]) -> Iterable[Term]:
    """Yield a table for each chain and segment in which something can happen.

    Parameters
    ----------
    expected
        Expected harm of the breach.
    mitigations
        Those that bundles are made of.

    Yields
    ------
    The loss of the chain in the segment. [USD]
    """
    worlds = [mitigation.apply(expected.scenario, expected.graph) for mitigation in mitigations]
    for chain in range(len(expected.chains)):
        read = expected.fields_of(chain)
        marks = [expected.mark(graph, chain) for _, graph in worlds]
        base = expected.mark(expected.graph, chain)
        for row, segment in enumerate(expected.scenario.segments):
            bits = expected.bits_of(chain)
            resets = [resets_of(changed, segment, bits) for changed, _ in worlds]
            before = resets_of(expected.scenario, segment, bits)
            weighing = [
                i
                for i, (changed, _) in enumerate(worlds)
                if _seen(changed.segments[row], read) != _seen(segment, read)
            ]
            acting = [i for i in range(len(worlds)) if marks[i] != base or resets[i] != before]
            term = _term(expected, mitigations, (chain, row), (tuple(weighing), tuple(acting)))
            if term is not None:
                yield term


def firm_term(expected: ExpectedHarm, mitigations: Sequence[Mitigation], side: FirmSide) -> Term:
    """Return the cost of the firm by bundle of the mitigations that change what leaked, or of whom.

    Parameters
    ----------
    expected
        Expected harm of the breach.
    mitigations
        Those that bundles are made of.
    side
        The firm's ledger.

    Returns
    -------
    The table. [USD of 2024]

    Raises
    ------
    ValueError
        If there is no ledger.
    """
    if not side.ledger:
        raise ValueError(
            f"{expected.scenario.name} has no cost of a firm, for which no bundle can be chosen; leave out "
            "whose='firm'"
        )
    world = (expected.scenario, expected.graph)
    touching = tuple(
        i for i, own in enumerate(mitigations) if own.apply(*world)[0].segments != world[0].segments
    )
    size = min(REGRETS, expected.parameters.replicates)
    means, firsts = [], []
    for chosen in subsets(touching):
        left = side.left(together([mitigations[i] for i in chosen], *world)[0])
        means.append(left.mean())
        firsts.append(left[:size])
    return Term(touching, np.array(means), np.stack(firsts))


def _seen(segment: Segment, read: frozenset[str]) -> tuple[Any, ...]:
    """What of a segment matters to attacks that read some fields."""
    leaks = [(frozenset(leak.fields) & read, leak.coverage) for leak in segment.leaks]
    withheld = tuple(part for part in segment.withheld if part.bits & vocabulary.mask(read))
    return tuple(leak for leak in leaks if leak[0]), withheld


def _term(
    expected: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    where: tuple[int, int],
    touching: tuple[tuple[int, ...], tuple[int, ...]],
) -> Term | None:
    """Table of one chain in one segment: weights of sets of open routes times what is done with them."""
    (chain, row), (weighing, acting) = where, touching
    segment = expected.scenario.segments[row]
    losses: dict[int, Array | None] = {}
    size = min(REGRETS, expected.parameters.replicates)
    means, firsts = [], []
    accounts = expected.law.accounts(segment)
    possible = False
    for chosen in subsets(weighing):
        changed, _ = together([mitigations[i] for i in chosen], expected.scenario, expected.graph)
        mean, first = np.zeros(1 << len(acting)), np.zeros((1 << len(acting), size))
        for opened, weight in expected.chain_weights(chain, changed.segments[row]).items():
            if opened not in losses:
                losses[opened] = _losses(expected, mitigations, chain, segment, opened, acting)
            loss = losses[opened]
            if loss is not None:
                possible = True
                many = whole(accounts * weight, expected)
                mean += loss @ many / len(many)
                first += loss[:, :size] * many[:size]
        means.append(mean)
        firsts.append(first)
    if not possible:
        return None
    both = tuple(sorted({*weighing, *acting}))
    # Rows stand by set of those that change weights, then of those that change losses; one may do both.
    rows = places(weighing, both) * (1 << len(acting)) + places(acting, both)
    return Term(both, np.concatenate(means)[rows], np.concatenate(firsts)[rows])


def _losses(
    expected: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    chain: int,
    segment: Segment,
    opened: int,
    acting: tuple[int, ...],
) -> Array | None:
    """Expected loss of an account by bundle, certain routes open. Shape (2**V, R); None if there is none."""
    rows = []
    for chosen in subsets(acting):
        changed, graph = together([mitigations[i] for i in chosen], expected.scenario, expected.graph)
        harm = expected.chain_harm(chain, changed, graph, segment, opened, expected.mark(graph, chain))
        if harm is None:
            return None
        rows.append(harm.loss)
    return np.stack(rows)


def subsets(numbers: tuple[int, ...]) -> Iterable[list[int]]:
    """Yield every subset of some numbers.

    Parameters
    ----------
    numbers
        Rising.

    Yields
    ------
    Numbers, in the order of the bit set.
    """
    for bits in range(1 << len(numbers)):
        yield [number for place, number in enumerate(numbers) if bits >> place & 1]


def whole(values: Array, expected: ExpectedHarm) -> Array:
    """Return values for every replicate.

    Parameters
    ----------
    values
        Shape (R,) or (1,).
    expected
        Gives the number of replicates.

    Returns
    -------
    Shape (R,).
    """
    return np.asarray(np.broadcast_to(values, (expected.parameters.replicates,)))


def sums(parts: Array) -> Array:
    """Return the sum over the members of every bundle.

    Parameters
    ----------
    parts
        One a mitigation. Shape (M, ...).

    Returns
    -------
    By bit set. Shape (2**M, ...).
    """
    found = np.zeros((1, *parts.shape[1:]))
    for part in parts:
        found = np.concatenate([found, found + part])
    return found
