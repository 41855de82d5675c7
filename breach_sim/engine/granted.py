"""The joint law of the granting attacks: the probability of each set H that succeeds together.

Only attacks that grant a capability can be shared steps of several chains. Their joint law is exact:
equations (7) and (8) of docs/model.md. Given H, all other attacks are independent.

Do not combine shared steps by noisy-or or by adding probabilities.
Not here: the probabilities that go in (``law``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack

Number = float | Array
TINY = 1e-300
"""Least divisor: it keeps a quotient of two zeros from being no number."""


def granted_law(probabilities: Sequence[Sequence[Number]]) -> list[Number]:
    """Return, for every set of granting attacks, the probability that exactly this set succeeds.

    Parameters
    ----------
    probabilities
        ``probabilities[g][H]``: success of granting attack g when the attacks of the bit set H have
        succeeded; it must not fall as H grows. Numbers or arrays of shape (R,). [probability]

    Returns
    -------
    P(H) for H from 0 to 2**G - 1; numbers or arrays of shape (R,). They sum to 1. The float 0.0 marks a
    set that cannot occur.

    Notes
    -----
    Equations (7) and (8) of docs/model.md are evaluated in rounds. The recursion subtracts from 1 and
    leaves rounding errors on impossible sets. In each round, an attack that had not succeeded given the
    previous set joins with probability (p(now) - p(before)) / (1 - p(before)). All terms are positive.
    """
    count = len(probabilities)
    law: list[Number] = [0.0] * (1 << count)
    rounds: dict[tuple[int, int], Number] = {(-1, 0): 1.0}
    while rounds:
        following: dict[tuple[int, int], Number] = {}
        for (before, now), weight in rounds.items():
            joins = {
                number: _joining(own, before, now)
                for number, own in enumerate(probabilities)
                if not now >> number & 1
            }
            able = [number for number, chance in joins.items() if not never(chance)]
            # Any subset of the able attacks may join in this round. An empty subset ends the rounds; its
            # probability is a term of P(H), equation (8).
            for pick in range(1 << len(able)):
                chosen = {number for place, number in enumerate(able) if pick >> place & 1}
                chance: Number = weight
                for number in able:
                    chance = chance * (joins[number] if number in chosen else 1.0 - joins[number])
                if not chosen:
                    law[now] = law[now] + chance
                    continue
                grown = now | sum(1 << number for number in chosen)
                following[now, grown] = following.get((now, grown), 0.0) + chance
        rounds = following
    return law


def held_by_set(granting: Sequence[Attack]) -> list[frozenset[str]]:
    """Return the capabilities that each set H of granting attacks gives.

    Parameters
    ----------
    granting
        The granting attacks.

    Returns
    -------
    By bit set, from 0 to 2**G - 1.
    """
    return [
        frozenset(name for i, attack in enumerate(granting) if bits >> i & 1 for name in attack.grants)
        for bits in range(1 << len(granting))
    ]


def possible_sets(granted: Sequence[Number]) -> list[tuple[int, Number]]:
    """Return the sets H that can occur, with their probabilities.

    Parameters
    ----------
    granted
        P(H) by bit set, as :func:`granted_law` gives it.

    Returns
    -------
    Pairs of a bit set and P(H), in their order.
    """
    return [(bits, chance) for bits, chance in enumerate(granted) if not never(chance)]


def never(value: Number) -> bool:
    """Return whether a probability is the float 0.0 that marks an impossible event.

    Parameters
    ----------
    value
        A number, or an array of shape (R,). An array is never the mark.
    """
    return isinstance(value, float) and value == 0.0


def _joining(own: Sequence[Number], before: int, now: int) -> Number:
    """Probability that an attack joins in this round, given that it did not before."""
    if before < 0:
        return own[now]
    if own[now] is own[before]:  # the same object stands for the same value: nothing new was opened
        return 0.0
    # The account keeps its uniform number. It was not below p(before), so it is below p(now) with probability
    # (p(now) - p(before)) / (1 - p(before)). The numerator is never negative: p does not fall as H grows.
    left = 1.0 - own[before]
    return np.maximum(own[now] - own[before], 0.0) / np.maximum(left, TINY)


@dataclass(frozen=True, slots=True)
class ClassLaw:
    """Law of the attacks in one class.

    Parameters
    ----------
    granted
        P(H) for every bit set H of granting attacks.
    victim, attempted
        By attack: probability given H, for every H. For granting attacks ``victim`` is p_g(H).
    possible
        The sets H that can occur, and P(H) of each. Most cannot, and every sum over H asks.
    """

    granted: list[Number]
    victim: Mapping[str, list[Number]]
    attempted: Mapping[str, list[Number]]
    possible: list[tuple[int, Number]]
