"""Sum the classes of a segment into the probabilities from which its counts are drawn.

Each function adds the contribution of one class, weighted by its share of the accounts. Sums are kept by
attack and by the set H of granting attacks, because counts are drawn given H (docs/model.md, section 3).

Not here: the law of one class (``law``), and the draws (``counts``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from breach_sim.engine.granted import TINY, ClassLaw, Number, never
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.graph import AttackGraph, closure


@dataclass(slots=True)
class SegmentLaw:
    """Probabilities for an account of a segment, given the parameters of each replicate.

    Parameters
    ----------
    exposed
        Any field leaked. Shape (R,) or (1,).
    attackable, attempted, victim, victim_year
        By attack; ``victim_year`` for the first 365 days, follow-ons included. Shape (R,) or (1,).
    granted
        P(H) by bit set of granting attacks; only sets that can occur.
    with_granted
        By (other attack, non-empty set H): victim, and exactly the attacks of H were granted.
    in_vain
        By (follow-on, set H): attempted without success, and exactly the attacks of H were granted.
    first, again
        By initial attack that grants nothing: victim of it, of no granting attack and of no attack listed
        before it; victim of it, of no granting attack, and of an attack listed before it.
    anchored, anchored_year
        By (anchoring attack, follow-on): victim of both; within the first 365 days.
    people
        Victim of any attack. Shape (R,).
    """

    exposed: Array
    attackable: dict[str, Array] = field(default_factory=dict)
    attempted: dict[str, Array] = field(default_factory=dict)
    victim: dict[str, Array] = field(default_factory=dict)
    victim_year: dict[str, Array] = field(default_factory=dict)
    granted: dict[int, Array] = field(default_factory=dict)
    with_granted: dict[tuple[str, int], Array] = field(default_factory=dict)
    in_vain: dict[tuple[str, int], Array] = field(default_factory=dict)
    first: dict[str, Array] = field(default_factory=dict)
    again: dict[str, Array] = field(default_factory=dict)
    anchored: dict[tuple[str, str], Array] = field(default_factory=dict)
    anchored_year: dict[tuple[str, str], Array] = field(default_factory=dict)
    people: Array = field(default_factory=lambda: np.zeros(1))

    def freeze(self) -> None:
        """Make every array read-only."""
        self.exposed.flags.writeable = self.people.flags.writeable = False
        for sums in (self.attackable, self.attempted, self.victim, self.victim_year, self.first, self.again):
            freeze(sums.values())
        freeze(self.granted.values())
        for pairs in (self.with_granted, self.in_vain, self.anchored, self.anchored_year):
            freeze(pairs.values())


def attackable(graph: AttackGraph, masks: Mapping[int, Array]) -> dict[str, Array]:
    """Return the probability that the leaked fields satisfy some route, by attack.

    Parameters
    ----------
    graph
        The attacks.
    masks
        Weight by set of leaked fields. Shape (R,) or (1,) each.

    Returns
    -------
    By attack, for attacks that can happen. Shape (R,) or (1,).
    """
    won = closure(graph, np.array(list(masks), dtype=np.uint64))
    result = {}
    for number, name in enumerate(graph.names):
        weights = [weight for weight, success in zip(masks.values(), won[:, number], strict=True) if success]
        if weights:
            result[name] = np.asarray(sum(weights[1:], weights[0]))
    return result


def add_granting(graph: AttackGraph, law: SegmentLaw, weight: Array, own: ClassLaw) -> None:
    """Add the granting attacks of one class.

    Parameters
    ----------
    graph
        The attacks.
    law
        Sums of the segment, changed in place.
    weight
        Share of the segment's accounts in the class. Shape (R,) or (1,).
    own
        Law of the class.
    """
    for granted, chance in enumerate(own.granted):
        if not never(chance):
            _add(law.granted, granted, weight * chance)
    for number, attack in enumerate(graph.granting):
        for granted, chance in enumerate(own.granted):
            if never(chance):
                continue
            if granted >> number & 1:
                _add(law.victim, attack.name, weight * chance)
                _add(law.attempted, attack.name, weight * chance)
            elif not never(own.attempted[attack.name][granted]):
                tried, won = own.attempted[attack.name][granted], own.victim[attack.name][granted]
                # Equation (9): attempted without success, given that the attack is outside H.
                failed = np.where(np.asarray(won) < 1, (tried - won) / np.maximum(1 - won, TINY), 0.0)
                _add(law.attempted, attack.name, weight * chance * failed)
                if attack.kind == "follow_on":
                    _add(law.in_vain, (attack.name, granted), weight * chance * failed)
    # A victim of any granting attack is harmed, so the other attacks add people only where H is empty.
    law.people = law.people + weight * (1.0 - own.granted[0])


def add_others(graph: AttackGraph, law: SegmentLaw, weight: Array, own: ClassLaw) -> None:
    """Add the attacks of one class that grant nothing. They are independent given H.

    Parameters
    ----------
    graph, law, weight, own
        As for :func:`add_granting`.
    """
    spared: Number = 1.0
    for attack in graph.attacks:
        if attack.grants or not attack.routes:
            continue
        name, none = attack.name, own.granted[0]
        for granted, chance in enumerate(own.granted):
            won = own.victim[name][granted]
            if never(chance) or never(won):
                continue
            _add(law.victim, name, weight * chance * won)
            _add(law.attempted, name, weight * chance * own.attempted[name][granted])
            if granted:
                _add(law.with_granted, (name, granted), weight * chance * won)
                if attack.kind == "follow_on":
                    vain = own.attempted[name][granted] - won
                    _add(law.in_vain, (name, granted), weight * chance * vain)
        # Equation (18), people: an account counts once, with the first listed attack that hits it. `spared`
        # is the probability that no earlier attack did.
        alone = own.victim[name][0]
        if not never(alone) and not never(none):
            _add(law.first, name, weight * none * alone * spared)
            _add(law.again, name, weight * none * alone * (1.0 - spared))
            spared = spared * (1.0 - alone)
    law.people = law.people + weight * own.granted[0] * (1.0 - spared)


def add_anchored(
    graph: AttackGraph, sums: dict[tuple[str, str], Array], weight: Array, own: ClassLaw
) -> None:
    """Add the victims of both an anchoring attack and one of its follow-ons.

    Parameters
    ----------
    graph, weight, own
        As for :func:`add_granting`.
    sums
        Probability by (anchoring attack, follow-on), changed in place.
    """
    numbers = {attack.name: i for i, attack in enumerate(graph.granting)}
    for attack in graph.attacks:
        for name in attack.anchor.follow_ons if attack.anchor and attack.routes else ():
            for granted, chance in enumerate(own.granted):
                if not granted >> numbers[attack.name] & 1 or never(chance):
                    continue
                if name in numbers:
                    won: Number = float(granted >> numbers[name] & 1)
                else:
                    won = own.victim[name][granted]
                _add(sums, (attack.name, name), weight * chance * won)


def add_year(graph: AttackGraph, law: SegmentLaw, weight: Array, own: ClassLaw) -> None:
    """Add what one class contributes to the first 365 days.

    Parameters
    ----------
    graph, law, weight
        As for :func:`add_granting`.
    own
        Law of the class over the first year.
    """
    add_anchored(graph, law.anchored_year, weight, own)
    for attack in graph.attacks:
        if attack.grants:
            continue
        for granted, chance in enumerate(own.granted):
            won = own.victim[attack.name][granted]
            if not never(chance) and not never(won):
                _add(law.victim_year, attack.name, weight * chance * won)
    for number, attack in enumerate(graph.granting):
        for granted, chance in enumerate(own.granted):
            if granted >> number & 1 and not never(chance):
                _add(law.victim_year, attack.name, weight * chance)


def freeze(arrays: Iterable[Array]) -> None:
    """Make arrays read-only.

    Parameters
    ----------
    arrays
        Any number.
    """
    for array in arrays:
        array.flags.writeable = False


def _add(sums: dict, key: object, value: Number) -> None:  # type: ignore[type-arg]
    known = sums.get(key)
    sums[key] = np.asarray(value) if known is None else known + value
