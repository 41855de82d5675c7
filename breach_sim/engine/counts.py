"""Draw whole numbers of accounts from the law of a segment, nested in every replicate.

The order is: accounts by set H of granting attacks (multinomial), then the other attacks given H, then the
accounts that were attempted or attackable without becoming victims. Each attack's count follows its exact
binomial law, and ``people`` is exact. Because each count is drawn inside the one that contains it,
victims <= attempted <= attackable <= exposed and max victims <= people <= sum of victims hold in every
replicate.

Segments are drawn side by side, those that share a law as rows of one array. Each has its own streams, so its
counts do not depend on its neighbors. What is drawn as one segment may be a pool of like segments; its counts
are split when somebody asks for one of these (:func:`split_counts`).

Approximation: for ``people``, the attacks that hit the same account are resolved exactly, and follow-ons are
drawn given the exact set of granted attacks. Among accounts with the same set, the overlap of two attacks'
counts is that of independent thinning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.engine.draws.hypergeometric import STEP
from breach_sim.engine.draws.throws import (
    MANY,
    Drawing,
    Throw,
    draw,
    drawn_in,
    ratio,
    side_by_side,
    spread_over,
)
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.graph import AttackGraph

AT_ONCE = 1 << 16
"""Counts of one kind, segments times replicates, that are drawn side by side: it bounds the memory."""


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """Accounts of a segment per replicate, or of several: shapes are then (S, R).

    Parameters
    ----------
    exposed, people
        Accounts with any leaked field; accounts that are victim of any attack. Shape (R,).
    attackable, attempted, victims
        By attack. Shape (R,) each.
    """

    exposed: Counts
    people: Counts
    attackable: dict[str, Counts]
    attempted: dict[str, Counts]
    victims: dict[str, Counts]


@dataclass(frozen=True, slots=True)
class _Group:
    """Segments that share a law.

    Parameters
    ----------
    law
        Probabilities of an account.
    streams
        First parts of the names of the streams of each segment. S names.
    zero
        No account anywhere. Shape (S, R).
    """

    law: SegmentLaw
    streams: tuple[tuple[str, ...], ...]
    zero: Counts

    def throw(self, name: str, number: Counts, part: Array, whole: Array | float = 1.0) -> Throw:
        """Binomial(number, part / whole) from the streams of a name."""
        return Throw([(*own, name) for own in self.streams], number, ratio(part, whole))


def draw_counts(
    law: SegmentLaw,
    graph: AttackGraph,
    accounts: int | Array,
    segment: str,
    seed: int,
    replicates: int,
    luck: tuple[str, ...] = (),
) -> SegmentCounts:
    """Draw the nested counts of one segment.

    Parameters
    ----------
    law
        Probabilities of an account of the segment.
    graph
        The attacks.
    accounts
        Accounts of the segment, n; the nearest whole number is drawn from. Shape (R,), (1,) or a number.
    segment
        Name of the segment; part of the names of its random streams.
    seed, replicates
        Seed of the run, and number of replicates R.
    luck
        First parts of the names of its random streams.

    Returns
    -------
    Nested counts.
    """
    return draw_all_counts({segment: law}, graph, {segment: accounts}, seed, replicates, luck)[0]


def draw_all_counts(
    laws: Mapping[str, SegmentLaw],
    graph: AttackGraph,
    accounts: Mapping[str, int | Array],
    seed: int,
    replicates: int,
    luck: tuple[str, ...] = (),
) -> list[SegmentCounts]:
    """Draw the nested counts of several segments; each gets what :func:`draw_counts` would give it alone.

    Parameters
    ----------
    laws
        Probabilities of an account, by name of the segment. Segments may share one object.
    graph, seed, replicates, luck
        As for :func:`draw_counts`.
    accounts
        Accounts by name of the segment, as for :func:`draw_counts`.

    Returns
    -------
    Nested counts, in the order of ``laws``.
    """
    found: dict[str, SegmentCounts] = {}
    names, step = list(laws), max(1, AT_ONCE // replicates)
    for first in range(0, len(names), step):
        groups: dict[int, list[str]] = {}
        for name in names[first : first + step]:
            groups.setdefault(id(laws[name]), []).append(name)
        drawings = []
        for own in groups.values():
            whole = np.empty((len(own), replicates), dtype=np.int64)
            for row, name in enumerate(own):
                whole[row] = np.rint(accounts[name]).astype(np.int64)
            streams = tuple((*luck, "luck", name) for name in own)
            drawings.append(_nested(_Group(laws[own[0]], streams, np.zeros_like(whole)), graph, whole))
        for own, counts in zip(groups.values(), draw(drawings, seed), strict=True):
            found |= {name: _row(counts, row) for row, name in enumerate(own)}
    return [found[name] for name in names]


def _row(counts: SegmentCounts, row: int) -> SegmentCounts:
    """Counts of one of the segments that share a law."""
    return _each(lambda own: own[row], counts)


def _each(change: Callable[..., Counts], *counts: SegmentCounts) -> SegmentCounts:
    """Counts made of those of the same name."""
    first = counts[0]
    by_attack = (
        {name: change(*(getattr(own, word)[name] for own in counts)) for name in getattr(first, word)}
        for word in ("attackable", "attempted", "victims")
    )
    exposed, people = (change(*(getattr(own, word) for own in counts)) for word in ("exposed", "people"))
    return SegmentCounts(exposed, people, *by_attack)


def split_counts(
    law: SegmentLaw,
    graph: AttackGraph,
    accounts: Counts,
    pool: str,
    seed: int,
    luck: tuple[str, ...] = (),
) -> list[SegmentCounts]:
    """Split the counts of a pool over its segments (docs/model.md, section 3).

    Parameters
    ----------
    law, graph, seed, luck
        As for :func:`draw_counts`.
    accounts
        Accounts of each segment of the pool. Shape (S, R).
    pool
        Name under which the pool was drawn.

    Returns
    -------
    Nested counts of each segment; they sum to those of the pool.

    Notes
    -----
    Each count of the pool is a sum of binomial counts with one probability, so that those of the segments,
    given the sum and the counts around them, are multivariate hypergeometric.
    """
    place, size = (*luck, "luck", pool), accounts.shape[1]
    whole = accounts.sum(axis=0)[None]
    wholes = drawn_in(_nested(_Group(law, (place,), np.zeros_like(whole)), graph, whole), seed)

    def part(first: int) -> SegmentCounts:
        rows = slice(first, first + step)
        own = accounts[:, rows]
        drawing = _nested(_Group(law, (place,), np.zeros_like(own)), graph, own)
        totals = [[count[0, rows] for count in counts] for counts in wholes]
        return spread_over(drawing, totals, (*place, "by segment"), seed, first)

    step = max(1, AT_ONCE // len(accounts) // STEP) * STEP
    parts = side_by_side(part, range(0, size, step), MANY)
    whole_parts = _each(lambda *own: np.concatenate(own, axis=1), *parts)
    return [_row(whole_parts, row) for row in range(len(accounts))]


def _nested(group: _Group, graph: AttackGraph, whole: Counts) -> Drawing[SegmentCounts]:
    """Counts of segments that share a law. Shape (S, R) each."""
    law = group.law
    (exposed,) = yield [group.throw("exposed", whole, law.exposed)]
    granted, untouched = yield from _granted(group, exposed)
    victims = {
        attack.name: _total(group, [n for bits, n in granted.items() if bits >> i & 1])
        for i, attack in enumerate(graph.granting)
    }
    people = _total(group, list(granted.values()))
    idle: dict[tuple[str, int], Counts] = {}
    people = people + (yield from _others(group, graph, granted, untouched, victims, idle))
    follow_ons = [attack.name for attack in graph.attacks if attack.kind == "follow_on"]
    attempted = yield from _in_vain(group, follow_ons, granted, idle)
    for name in graph.names:
        victims.setdefault(name, group.zero)
        if name in attempted:
            attempted[name] = victims[name] + attempted[name]
    attackable = yield from _able(group, graph, exposed, victims, attempted)
    attempted |= yield from _tried(group, graph, attackable, victims)
    return SegmentCounts(exposed, people, attackable, attempted, victims)


def _total(group: _Group, parts: Sequence[Counts]) -> Counts:
    total = group.zero
    for part in parts:
        total = total + part
    return total


def _granted(group: _Group, exposed: Counts) -> Drawing[tuple[dict[int, Counts], Counts]]:
    """Accounts by non-empty set of granting attacks, and those left with none."""
    # A multinomial as a chain of binomials: each set H is drawn from the accounts left by earlier sets.
    left, chance_left = exposed, np.asarray(group.law.exposed, dtype=np.float64)
    counts: dict[int, Counts] = {}
    for bits in sorted(group.law.granted):
        if bits:
            (counts[bits],) = yield [
                group.throw(f"granted {bits}", left, group.law.granted[bits], chance_left)
            ]
            left = left - counts[bits]
            chance_left = chance_left - group.law.granted[bits]
    return counts, left


def _others(
    group: _Group,
    graph: AttackGraph,
    granted: dict[int, Counts],
    untouched: Counts,
    victims: dict[str, Counts],
    idle: dict[tuple[str, int], Counts],
) -> Drawing[Counts]:
    """Draw the victims of attacks that grant nothing into ``victims``; return the people they add.

    ``idle`` receives the accounts of each granted set that are not victims of the attack.
    """
    law = group.law
    names = [attack.name for attack in graph.attacks if not attack.grants and attack.name in law.victim]
    after = [(name, bits) for name in names for bits in granted if (name, bits) in law.with_granted]
    hurt = yield [
        group.throw(f"{name} after {bits}", granted[bits], law.with_granted[name, bits], law.granted[bits])
        for name, bits in after
    ]
    victims |= dict.fromkeys(names, group.zero)
    for (name, bits), count in zip(after, hurt, strict=True):
        victims[name], idle[name, bits] = victims[name] + count, granted[bits] - count
    # Accounts without a granted attack: `hit` counts each once, with the first attack that hits it.
    left, chance_left = untouched, law.exposed - sum((law.granted[bits] for bits in granted), np.zeros(1))
    hit, chance_hit = group.zero, np.zeros(1)
    again = {}
    for name in names:
        if name in law.first:
            again[name] = group.throw(f"{name} again", hit, law.again[name], chance_hit)
            (fresh,) = yield [group.throw(f"{name} first", left, law.first[name], chance_left)]
            victims[name], hit, left = victims[name] + fresh, hit + fresh, left - fresh
            chance_hit, chance_left = chance_hit + law.first[name], chance_left - law.first[name]
    for name, count in zip(again, (yield list(again.values())), strict=True):
        victims[name] = victims[name] + count
    return hit


def _in_vain(
    group: _Group,
    names: Sequence[str],
    granted: dict[int, Counts],
    idle: dict[tuple[str, int], Counts],
) -> Drawing[dict[str, Counts]]:
    """Draw the holders of a capability for whom a follow-on was attempted without success."""
    law = group.law
    asked = [(name, bits) for name in names for bits in granted if (name, bits) in law.in_vain]
    counts = yield [
        group.throw(
            f"{name} in vain {bits}",
            idle.get((name, bits), granted[bits]),
            law.in_vain[name, bits],
            law.granted[bits] - law.with_granted.get((name, bits), np.zeros(1)),
        )
        for name, bits in asked
    ]
    found = dict.fromkeys(names, group.zero)
    for (name, _), count in zip(asked, counts, strict=True):
        found[name] = found[name] + count
    return found


def _able(
    group: _Group,
    graph: AttackGraph,
    exposed: Counts,
    victims: Mapping[str, Counts],
    attempted: Mapping[str, Counts],
) -> Drawing[dict[str, Counts]]:
    """Draw the attackable accounts of every attack, which include its victims and attempted accounts."""
    law, asked = group.law, {}
    found = dict.fromkeys(graph.names, group.zero)
    for name in graph.names:
        if name not in law.attackable:
            continue
        able, inside = law.attackable[name], attempted.get(name, victims[name])
        if np.all(able == law.exposed):
            found[name] = exposed
            continue
        chances = law.attempted if name in attempted else law.victim
        known = chances.get(name, np.zeros(1))
        # Equation (18): known attackable accounts are included, so that the funnel stays nested.
        asked[name] = inside, group.throw(f"{name} able", exposed - inside, able - known, law.exposed - known)
    counts = yield [throw for _, throw in asked.values()]
    for (name, (inside, _)), count in zip(asked.items(), counts, strict=True):
        found[name] = inside + count
    return found


def _tried(
    group: _Group, graph: AttackGraph, attackable: Mapping[str, Counts], victims: Mapping[str, Counts]
) -> Drawing[dict[str, Counts]]:
    """Draw the attempted accounts of initial attacks, between their victims and the attackable."""
    law, asked, none = group.law, {}, np.zeros(1)
    initial = [attack.name for attack in graph.attacks if attack.kind != "follow_on"]
    for name in initial:
        if name in law.attackable:
            won, tried = law.victim.get(name, none), law.attempted.get(name, none)
            asked[name] = group.throw(
                f"{name} tried", attackable[name] - victims[name], tried - won, law.attackable[name] - won
            )
    found = dict.fromkeys(initial, group.zero)
    for name, count in zip(asked, (yield list(asked.values())), strict=True):
        found[name] = victims[name] + count
    return found


def split_victims(
    victims: Mapping[str, Counts],
    chances: Mapping[str, tuple[Array, Array, Array]],
    segment: str,
    seed: int,
    luck: tuple[str, ...] = (),
) -> dict[str, tuple[Counts, Counts]]:
    """Split victims over three parts by a multinomial, drawn as nested binomials.

    Parameters
    ----------
    victims
        Victims in one segment by attack, or people under ``"people"``: parts of the names of the random
        streams. Shape (R,) each. [accounts]
    chances
        Probability of being a victim of each part, for some of the same names. Shape (R,) or (1,) each.
    segment
        Name of the segment.
    seed, luck
        As for :func:`draw_counts`.

    Returns
    -------
    Victims of the second part and of the third, for the names of ``chances``; the rest are of the first.
    Shape (R,) each. [accounts]
    """
    place = (*luck, "luck", segment)
    drawings = [_parts(place, name, victims[name][None], own) for name, own in chances.items()]
    return {
        name: (second[0], third[0])
        for name, (second, third) in zip(chances, draw(drawings, seed), strict=True)
    }


def _parts(
    place: tuple[str, ...], name: str, victims: Counts, chances: tuple[Array, Array, Array]
) -> Drawing[tuple[Counts, Counts]]:
    """Victims of the second part and of the third. Shape (1, R) each."""
    first, second, third = chances
    one = Throw([(*place, f"{name} part 1")], victims, ratio(first, first + second + third))
    (count,) = yield [one]
    rest = victims - count
    (inside,) = yield [Throw([(*place, f"{name} part 2")], rest, ratio(second, second + third))]
    return inside, rest - inside
