"""The harm of a run in three parts: by the leak alone, together, replaceable.

A victim is *replaceable* if the attack was possible without this breach, *by the leak alone* if it was
possible because of the leaked fields only, and *together* if it needs a leaked field and one that is looked
up (docs/model.md, section 6). The parts of expected victims are differences of the law at three sets of known
routes. The drawn victims are split with these shares, so the parts sum to the victims in every replicate.

Not here: tables of the parts (``tables``), and which routes are known (``engine``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.counts import split_victims
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import Pool, SegmentLaw
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.segment import Segment
from breach_sim.results.arrays.drawn import DrawnCounts

PARTS = ("by_leak_alone", "together", "replaceable")
"""The three parts, in the order of every table."""
ROUNDING = 1e-12
"""Two probabilities that differ by less, relative to the larger, are the same."""
Levels = tuple[Array, Array, Array]
"""Probability of being a victim by the routes of R_E, of R_E and R_L, and of R_K. Each is at least the one
before. Shape (R,) or (1,) each."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Victims, people and losses of a run by part; the last axis is the replicate.

    Like segments are split together, as the pools in which they were drawn: P of them.

    Parameters
    ----------
    victim_counts, losses
        By attack and pool, in all. Shape (A, P, R). [accounts], [USD]
    people_counts
        By pool, in all. Shape (P, R). [accounts]
    victims_inside
        Victims of the parts *together* and *replaceable*. Shape (A, P, R) each. [accounts]
    people_inside
        People of the same two parts. Shape (P, R) each. [accounts]
    levels
        Probabilities by segment and attack, for attacks that can happen.
    attackable
        Probability that an account is attackable by the leak alone, by segment and attack. Shape (R,) or
        (1,) each.
    """

    victim_counts: Counts
    losses: Array
    people_counts: Counts
    victims_inside: tuple[Counts, Counts]
    people_inside: tuple[Counts, Counts]
    levels: Mapping[str, Mapping[str, Levels]]
    attackable: Mapping[str, Mapping[str, Array]]

    def victims(self, part: str) -> Counts:
        """Victims of one part.

        Parameters
        ----------
        part
            One of :data:`PARTS`.

        Returns
        -------
        Shape (A, P, R). [accounts]
        """
        return _one(part, self.victim_counts, self.victims_inside)

    def people(self, part: str) -> Counts:
        """People of one part.

        Parameters
        ----------
        part
            One of :data:`PARTS`.

        Returns
        -------
        Shape (P, R). [accounts]
        """
        return _one(part, self.people_counts, self.people_inside)

    def loss(self, part: str) -> Array:
        """Loss of one part: the loss of an attack in a pool, in proportion to its drawn victims.

        Parameters
        ----------
        part
            One of :data:`PARTS`.

        Returns
        -------
        By attack, over all segments. Shape (A, R). The three parts sum to the loss of the attack. [USD]
        """
        number = PARTS.index(part)
        lost = np.zeros((self.losses.shape[0], self.losses.shape[2]))
        for i, (own, victims) in enumerate(zip(self.losses, self.victim_counts, strict=True)):
            inside = [part[i] for part in self.victims_inside]
            ends = _ends(victims, (inside[0], inside[1]))
            whole = np.maximum(victims, 1)
            before = own * (ends[number] / whole)
            after = own if number + 1 == len(PARTS) else own * (ends[number + 1] / whole)
            # Where nobody is a victim nothing is lost: both are 0.
            lost[i] = (after - before).sum(axis=0)
        return lost

    def chances(self, part: str, segment: str) -> dict[str, Array]:
        """Probability of being a victim of one part, given the parameters.

        Parameters
        ----------
        part
            One of :data:`PARTS`.
        segment
            Name of a segment.

        Returns
        -------
        By attack, for attacks that can happen. Shape (R,) or (1,) each. [probability]
        """
        number = PARTS.index(part)
        return {name: shares(levels)[number] for name, levels in self.levels[segment].items()}

    def share(self, part: str, segment: str) -> Array:
        """Share of one part in all expected victims of a segment, given the parameters.

        Parameters
        ----------
        part, segment
            As for :meth:`chances`.

        Returns
        -------
        Shape (R,) or (1,); 0 where no victims are expected. [share]
        """
        parts = summed(self.levels[segment])
        whole = parts[0] + parts[1] + parts[2]
        return np.where(whole > 0, parts[PARTS.index(part)] / np.where(whole > 0, whole, 1.0), 0.0)


def _one(part: str, whole: Counts, inside: tuple[Counts, Counts]) -> Counts:
    """Counts of one part, the first of which is what the others leave."""
    number = PARTS.index(part)
    return whole - inside[0] - inside[1] if number == 0 else inside[number - 1]


def _ends(whole: Counts, inside: tuple[Counts, Counts]) -> tuple[Counts, Counts, Counts]:
    """Victims before each part, if the parts stand in a row."""
    return np.zeros_like(whole), whole - inside[0] - inside[1], whole - inside[1]


def shares(levels: Levels) -> tuple[Array, Array, Array]:
    """Return the probabilities of the three parts, equation (25).

    Parameters
    ----------
    levels
        Nested probabilities.

    Returns
    -------
    In the order of :data:`PARTS`. Shape (R,) or (1,) each. [probability]
    """
    elsewhere, unmixed, known = levels
    return unmixed - elsewhere, known - unmixed, elsewhere


def summed(levels: Mapping[str, Levels]) -> tuple[Array, Array, Array]:
    """Return the expected victims of the three parts, summed over attacks.

    Parameters
    ----------
    levels
        Nested probabilities by attack.

    Returns
    -------
    In the order of :data:`PARTS`, of one account; an account counts once for each attack. Shape (R,) or (1,)
    each.
    """
    found = (np.zeros(1), np.zeros(1), np.zeros(1))
    for own in levels.values():
        one, two, three = shares(own)
        found = (found[0] + one, found[1] + two, found[2] + three)
    return found


def share_of(samples: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    """Return the share of each part in the mean of a sum.

    Parameters
    ----------
    samples
        Samples by part. Shape (R,) each.

    Returns
    -------
    By part; not a number where the sum is 0. [share]
    """
    means = {part: float(np.mean(sample)) for part, sample in samples.items()}
    whole = sum(means.values())
    return {part: mean / whole if whole else np.nan for part, mean in means.items()}


def in_percent(samples: Mapping[str, NDArray[Any]]) -> str:
    """Return the shares of the parts as text.

    Parameters
    ----------
    samples
        Samples by part, in the order of :data:`PARTS`. Shape (R,) each.

    Returns
    -------
    Text such as ``"71 / 24 / 5 %"``; empty where there is nothing to split. The numbers sum to 100.
    """
    parts = 100.0 * np.array(list(share_of(samples).values()))
    if np.isnan(parts).any():
        return ""
    whole = np.floor(parts).astype(np.int64)
    # The percents that rounding down leaves over go to the largest remainders.
    order = np.argsort(whole - parts, kind="stable")
    whole[order[: 100 - int(whole.sum())]] += 1
    return " / ".join(str(number) for number in whole) + " %"


def split(
    law: Law,
    laws: Mapping[str, SegmentLaw],
    pools: Sequence[Pool],
    counts: DrawnCounts,
    losses: Array,
    luck: tuple[str, ...] = (),
) -> Split:
    """Split what a run has drawn.

    Parameters
    ----------
    law, laws
        Probabilities given the parameters: of the run, and by segment.
    pools
        Segments that were drawn together.
    counts
        By pool.
    losses
        By attack and pool. Shape (A, P, R). [USD]
    luck
        First parts of the names of the streams.

    Returns
    -------
    The three parts. Without look-ups everything is by the leak alone, and nothing is computed or drawn.
    """
    attacks, victims, people = law.graph, counts.victims, counts.people
    levels = _levels(attacks, law, laws)
    found = {
        id(own): law.attackable(segment, "leaked") if can_search(attacks) else own.attackable
        for segment, own in _unlike(law, laws)
    }
    attackable = {segment: found[id(own)] for segment, own in laws.items()}
    law.forget_time()
    own = (
        _drawn(law, pools, levels, (victims, people), luck)
        if can_search(attacks)
        else _nothing(victims, people)
    )
    return Split(
        victim_counts=victims,
        losses=losses,
        people_counts=people,
        victims_inside=own[0],
        people_inside=own[1],
        levels=levels,
        attackable=attackable,
    )


def can_search(attacks: AttackGraph) -> bool:
    """Return whether anything can be looked up.

    Parameters
    ----------
    attacks
        Attack graph of a run.

    Returns
    -------
    False if everything is by the leak alone.
    """
    return attacks.lookups is not None and bool(attacks.lookups.possible)


def _levels(attacks: AttackGraph, law: Law, laws: Mapping[str, SegmentLaw]) -> dict[str, dict[str, Levels]]:
    """Nested probabilities by segment and attack."""
    zero = np.zeros(1)
    if not can_search(attacks):
        # A route without leaked fields needs a capability, so that no attack is possible without a leak.
        return {
            segment: {name: (zero, chance, chance) for name, chance in own.victim.items()}
            for segment, own in laws.items()
        }
    found: dict[int, dict[str, Levels]] = {}
    for segment, own in _unlike(law, laws):
        unmixed = law.segment_law(segment, "unmixed").victim
        elsewhere = law.segment_law(segment, "elsewhere").victim
        found[id(own)] = {
            name: nested(elsewhere.get(name, zero), unmixed.get(name, zero), chance)
            for name, chance in own.victim.items()
        }
    return {segment: found[id(own)] for segment, own in laws.items()}


def _unlike(law: Law, laws: Mapping[str, SegmentLaw]) -> Iterator[tuple[Segment, SegmentLaw]]:
    """The first of the segments that share a law, and the law."""
    first = {id(laws[segment.name]): segment for segment in reversed(law.scenario.segments)}
    return ((segment, laws[segment.name]) for segment in first.values())


def nested(elsewhere: Array, unmixed: Array, known: Array) -> Levels:
    """Return three probabilities without the rounding errors of their differences.

    Parameters
    ----------
    elsewhere, unmixed, known
        Probabilities for growing sets of routes. Shape (R,) or (1,) each.

    Returns
    -------
    The same, those that are equal but for rounding made equal.
    """
    unmixed = np.where(known - unmixed <= ROUNDING * known, known, unmixed)
    return np.where(unmixed - elsewhere <= ROUNDING * unmixed, unmixed, elsewhere), unmixed, known


def _nothing(victims: Counts, people: Counts) -> tuple[tuple[Counts, Counts], tuple[Counts, Counts]]:
    """No victims and no people in two parts; the zeros take no memory."""
    none = np.zeros((), dtype=np.int64)
    empty, nobody = np.broadcast_to(none, victims.shape), np.broadcast_to(none, people.shape)
    return (empty, empty), (nobody, nobody)


def _drawn(
    law: Law,
    pools: Sequence[Pool],
    levels: Mapping[str, Mapping[str, Levels]],
    counts: tuple[Counts, Counts],
    luck: tuple[str, ...],
) -> tuple[tuple[Counts, Counts], tuple[Counts, Counts]]:
    """Victims and people of the parts together and replaceable."""
    victims, people = counts
    hurt = np.zeros((2, *victims.shape), dtype=np.int64)
    harmed = np.zeros((2, *people.shape), dtype=np.int64)
    names = law.graph.names
    for j, pool in enumerate(pools):
        own = levels[pool.name]
        if not own:
            continue
        # All expected victims of the segment decide about people: exact where nobody is harmed twice.
        chances = {name: shares(levels) for name, levels in own.items()} | {"people": summed(own)}
        whole = {name: victims[i, j] for i, name in enumerate(names)} | {"people": people[j]}
        parts = split_victims(whole, chances, pool.name, law.parameters.seed, luck)
        for i, name in enumerate(names):
            hurt[:, i, j] = parts.get(name, 0)
        harmed[:, j] = parts["people"]
    for array in (hurt, harmed):
        array.flags.writeable = False
    return (hurt[0], hurt[1]), (harmed[0], harmed[1])
