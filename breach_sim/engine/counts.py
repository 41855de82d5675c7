"""Draw whole numbers of accounts from the law of a segment, nested in every replicate.

The order is: accounts by set H of granting attacks (multinomial), then the other attacks given H, then the
accounts that were attempted or attackable without becoming victims. Each attack's count follows its exact
binomial law, and ``people`` is exact. Because each count is drawn inside the one that contains it,
victims <= attempted <= attackable <= exposed and max victims <= people <= sum of victims hold in every
replicate.

Approximation: for ``people``, the attacks that hit the same account are resolved exactly, and follow-ons are
drawn given the exact set of granted attacks. Among accounts with the same set, the overlap of two attacks'
counts is that of independent thinning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breach_sim.engine.draws.binomial import binomial_quantile
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.graph import AttackGraph


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """Accounts of a segment per replicate.

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


class _Dice:
    """Binomial draws by name, for one segment of one run."""

    def __init__(self, seed: int, segment: str, replicates: int) -> None:
        self._seed = seed
        self._segment = segment
        self.zero = np.zeros(replicates, dtype=np.int64)

    def __call__(self, name: str, number: Counts, part: Array, whole: Array | float = 1.0) -> Counts:
        """Binomial(number, part / whole), the ratio kept in [0, 1]."""
        whole = np.asarray(whole, dtype=np.float64)
        # Equation (17). A draw nested in another uses the ratio of the two probabilities. Rounding can take
        # this ratio slightly outside [0, 1].
        ratio = np.clip(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0), 0.0, 1.0)
        if not ratio.any():
            return self.zero
        if ratio.all() and np.all(ratio == 1.0):
            return number
        chance = uniforms(self._seed, "luck", self._segment, name, size=len(number))
        return binomial_quantile(chance, number, ratio)


def draw_counts(
    law: SegmentLaw, graph: AttackGraph, accounts: int, segment: str, seed: int, replicates: int
) -> SegmentCounts:
    """Draw the nested counts of one segment.

    Parameters
    ----------
    law
        Probabilities of an account of the segment.
    graph
        The attacks.
    accounts
        Accounts of the segment, n.
    segment
        Name of the segment; part of the names of its random streams.
    seed, replicates
        Seed of the run, and number of replicates R.

    Returns
    -------
    Nested counts.
    """
    dice = _Dice(seed, segment, replicates)
    exposed = dice("exposed", np.full(replicates, accounts, dtype=np.int64), law.exposed)
    granted, untouched = _granted(dice, law, exposed)
    victims = {
        attack.name: _total(dice, [n for bits, n in granted.items() if bits >> i & 1])
        for i, attack in enumerate(graph.granting)
    }
    people = _total(dice, list(granted.values()))
    idle: dict[tuple[str, int], Counts] = {}
    people = people + _others(dice, law, graph, granted, untouched, victims, idle)
    attackable, attempted = {}, {}
    for attack in graph.attacks:
        name = attack.name
        victims.setdefault(name, dice.zero)
        if attack.kind == "follow_on":
            vain = _in_vain(dice, law, name, granted, idle)
            attempted[name] = victims[name] + vain
            attackable[name] = _able(dice, law, name, exposed, attempted[name], law.attempted.get(name))
        else:
            attackable[name] = _able(dice, law, name, exposed, victims[name], law.victim.get(name))
            attempted[name] = _tried(dice, law, name, attackable[name], victims[name])
    return SegmentCounts(exposed, people, attackable, attempted, victims)


def _total(dice: _Dice, parts: list[Counts]) -> Counts:
    total = dice.zero
    for part in parts:
        total = total + part
    return total


def _granted(dice: _Dice, law: SegmentLaw, exposed: Counts) -> tuple[dict[int, Counts], Counts]:
    """Accounts by non-empty set of granting attacks, and those left with none."""
    # A multinomial as a chain of binomials: each set H is drawn from the accounts left by earlier sets.
    left, chance_left = exposed, np.asarray(law.exposed, dtype=np.float64)
    counts: dict[int, Counts] = {}
    for bits in sorted(law.granted):
        if bits:
            counts[bits] = dice(f"granted {bits}", left, law.granted[bits], chance_left)
            left = left - counts[bits]
            chance_left = chance_left - law.granted[bits]
    return counts, left


def _others(
    dice: _Dice,
    law: SegmentLaw,
    graph: AttackGraph,
    granted: dict[int, Counts],
    untouched: Counts,
    victims: dict[str, Counts],
    idle: dict[tuple[str, int], Counts],
) -> Counts:
    """Draw the victims of attacks that grant nothing into ``victims``; return the people they add.

    ``idle`` receives the accounts of each granted set that are not victims of the attack.
    """
    # Accounts without a granted attack: `hit` counts each once, with the first attack that hits it.
    left, chance_left = untouched, law.exposed - sum((law.granted[bits] for bits in granted), np.zeros(1))
    hit, chance_hit = dice.zero, np.zeros(1)
    for attack in graph.attacks:
        name = attack.name
        if attack.grants or name not in law.victim:
            continue
        count = dice.zero
        for bits, holders in granted.items():
            if (name, bits) in law.with_granted:
                chance = law.with_granted[name, bits]
                hurt = dice(f"{name} after {bits}", holders, chance, law.granted[bits])
                count, idle[name, bits] = count + hurt, holders - hurt
        if name in law.first:
            count = count + dice(f"{name} again", hit, law.again[name], chance_hit)
            fresh = dice(f"{name} first", left, law.first[name], chance_left)
            count, hit, left = count + fresh, hit + fresh, left - fresh
            chance_hit, chance_left = chance_hit + law.first[name], chance_left - law.first[name]
        victims[name] = count
    return hit


def _in_vain(
    dice: _Dice,
    law: SegmentLaw,
    name: str,
    granted: dict[int, Counts],
    idle: dict[tuple[str, int], Counts],
) -> Counts:
    """Draw the holders of a capability for whom a follow-on was attempted without success, by granted set."""
    count = dice.zero
    for bits, holders in granted.items():
        if (name, bits) in law.in_vain:
            left = law.granted[bits] - law.with_granted.get((name, bits), np.zeros(1))
            pool = idle.get((name, bits), holders)
            count = count + dice(f"{name} in vain {bits}", pool, law.in_vain[name, bits], left)
    return count


def _able(
    dice: _Dice, law: SegmentLaw, name: str, exposed: Counts, inside: Counts, chance: Array | None
) -> Counts:
    """Draw the attackable accounts of one attack, which include its victims and attempted accounts."""
    if name not in law.attackable:
        return dice.zero
    able = law.attackable[name]
    if np.all(able == law.exposed):
        return exposed
    known = np.zeros(1) if chance is None else chance
    # Equation (18): known attackable accounts are included, so that the funnel stays nested.
    return inside + dice(f"{name} able", exposed - inside, able - known, law.exposed - known)


def _tried(dice: _Dice, law: SegmentLaw, name: str, attackable: Counts, victims: Counts) -> Counts:
    """Draw the attempted accounts of an initial attack, between its victims and the attackable."""
    if name not in law.attackable:
        return dice.zero
    won, tried = law.victim.get(name, np.zeros(1)), law.attempted.get(name, np.zeros(1))
    return victims + dice(f"{name} tried", attackable - victims, tried - won, law.attackable[name] - won)


def split_victims(
    victims: Counts, chances: tuple[Array, Array, Array], name: str, segment: str, seed: int
) -> tuple[Counts, Counts]:
    """Split victims over three parts by a multinomial, drawn as nested binomials.

    Parameters
    ----------
    victims
        Victims of one attack in one segment, or people. Shape (R,). [accounts]
    chances
        Probability of being a victim of each part. Shape (R,) or (1,) each.
    name, segment
        The attack, or ``"people"``, and the segment: parts of the names of the random streams.
    seed
        Seed of the run.

    Returns
    -------
    Victims of the second part and of the third; the rest are of the first. Shape (R,) each. [accounts]
    """
    dice = _Dice(seed, segment, len(victims))
    first, second, third = chances
    rest = victims - dice(f"{name} part 1", victims, first, first + second + third)
    inside = dice(f"{name} part 2", rest, second, second + third)
    return inside, rest - inside
