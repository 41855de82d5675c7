"""Sum the classes of a segment into the probabilities from which its counts are drawn.

Sums are kept by attack and by the set H of granting attacks, because counts are drawn given H
(docs/model.md, section 3). Look-ups make many classes, but one attack can tell few of them apart, and so can
the granting attacks together: classes are put together before anything is multiplied.

Not here: the law of one class (``law``), and the draws (``counts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from breach_sim.engine.granted import TINY, ClassLaw, Number, granted_law, never, possible_sets
from breach_sim.engine.known import attack_bits
from breach_sim.formatting.arrays import Array, total
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph

MOST = 10**13
"""Most accounts of a pool: larger numbers of trials lose digits."""


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


@dataclass(frozen=True, slots=True)
class Pool:
    """Like segments whose counts are drawn together, as those of one segment.

    Parameters
    ----------
    name
        Part of the names of its random streams: the name of the first segment by name.
    members
        Places of its segments in the scenario, in the order of their names.
    """

    name: str
    members: tuple[int, ...]


def pooled(laws: Mapping[str, SegmentLaw], accounts: Mapping[str, int | Array]) -> tuple[Pool, ...]:
    """Put segments that share a law into pools.

    Parameters
    ----------
    laws
        Law of each segment, by name, in the order of the scenario. Like segments share one object.
    accounts
        Accounts by name of the segment. Shape (R,), (1,) or a number.

    Returns
    -------
    In the order of the first of their segments in the scenario. No pool has more than :data:`MOST` accounts.
    """
    like: dict[int, list[str]] = {}
    for name, law in laws.items():
        like.setdefault(id(law), []).append(name)
    place = {name: number for number, name in enumerate(laws)}
    pools: list[list[int]] = []
    for names in like.values():
        room, own = 0, list[int]()
        for name in sorted(names):
            size = int(np.max(np.rint(accounts[name])))
            if not own or size > room:
                own, room = [], MOST
                pools.append(own)
            own.append(place[name])
            room -= size
    found = [Pool(list(laws)[own[0]], tuple(own)) for own in pools]
    return tuple(sorted(found, key=lambda pool: min(pool.members)))


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
    shares = {granted: weight * chance for granted, chance in own.possible}
    for granted, share in shares.items():
        _add(law.granted, granted, share)
        # A victim of any granting attack is harmed, so other attacks add people only where H is empty. The
        # sum over the other sets keeps the digits of small probabilities, which 1 - P(no attack) would lose.
        if granted:
            law.people = law.people + share
    for number, attack in enumerate(graph.granting):
        for granted, share in shares.items():
            if granted >> number & 1:
                _add(law.victim, attack.name, share)
                _add(law.attempted, attack.name, share)
            elif not never(own.attempted[attack.name][granted]):
                tried, won = own.attempted[attack.name][granted], own.victim[attack.name][granted]
                # Equation (9): attempted without success, given that the attack is outside H.
                failed = np.where(np.asarray(won) < 1, (tried - won) / np.maximum(1 - won, TINY), 0.0)
                vain = share * failed
                _add(law.attempted, attack.name, vain)
                if attack.kind == "follow_on":
                    _add(law.in_vain, (attack.name, granted), vain)


@dataclass(frozen=True, slots=True)
class Lot:
    """Classes of a segment that one attack cannot tell apart.

    Parameters
    ----------
    joint
        Number of the law of the granting attacks.
    members
        Numbers of the classes.
    weight
        Share of the segment's accounts. Shape (R,) or (1,).
    attempted, victim
        Probability of the attack given H, for every H; in the horizon.
    victim_year
        The same of being a victim within the first 365 days.
    """

    joint: int
    members: tuple[int, ...]
    weight: Array
    attempted: list[Number]
    victim: list[Number]
    victim_year: list[Number]


@dataclass(frozen=True, slots=True)
class Divided:
    """Classes of a segment: their weights, and the laws of the granting attacks in them.

    Parameters
    ----------
    weights
        Share of the segment's accounts in each class. Shape (R,) or (1,) each.
    joint
        Number of the law of the granting attacks, class by class.
    laws, laws_year
        Law of the granting attacks, over the horizon and over the first 365 days.
    """

    weights: list[Array]
    joint: list[int]
    laws: list[ClassLaw]
    laws_year: list[ClassLaw]

    def shared(self) -> list[Array]:
        """Share of the accounts with each law of the granting attacks. Shape (R,) or (1,) each."""
        return [
            total([w for w, own in zip(self.weights, self.joint, strict=True) if own == number])
            for number in range(len(self.laws))
        ]


WINDOWS = ("horizon", "year")
"""The horizon, and the first 365 days."""
Given = Callable[[Attack, int, str], list[tuple[Number, Number]]]
"""Probabilities of being attempted and a victim for every set H: of an attack, in a class by its number, in
one of :data:`WINDOWS`."""


def divide(
    graph: AttackGraph, weights: Sequence[Array], opened: Sequence[int], given: Given
) -> tuple[Divided, dict[str, list[Lot]]]:
    """Put classes together where an attack, or the granting attacks together, cannot tell them apart.

    Parameters
    ----------
    graph
        The attacks.
    weights
        Share of the segment's accounts in each class. Shape (R,) or (1,) each.
    opened
        Open routes of each class, numbered as in :func:`~breach_sim.engine.known.numbered`. [bit sets]
    given
        Probabilities of an attack in a class.

    Returns
    -------
    The classes with the laws of the granting attacks, and the lots of every other attack that can happen.
    """
    bits = attack_bits(graph)
    read = sum(bits[attack.name] for attack in graph.granting)
    first: dict[int, int] = {}
    for place, own in enumerate(opened):
        first.setdefault(own & read, place)
    numbers = {own: number for number, own in enumerate(first)}
    joint = [numbers[own & read] for own in opened]
    laws = [[_granting_law(graph, place, given, own) for place in first.values()] for own in WINDOWS]
    divided = Divided(list(weights), joint, *laws)
    lots = {
        attack.name: _lots(attack, bits[attack.name], divided, opened, given)
        for attack in graph.attacks
        if attack.routes and not attack.grants
    }
    return divided, lots


def _granting_law(graph: AttackGraph, place: int, given: Given, window: str) -> ClassLaw:
    """Law of the granting attacks in one class."""
    pairs = {attack.name: given(attack, place, window) for attack in graph.granting}
    victim = {name: [pair[1] for pair in own] for name, own in pairs.items()}
    attempted = {name: [pair[0] for pair in own] for name, own in pairs.items()}
    granted = granted_law([victim[attack.name] for attack in graph.granting])
    return ClassLaw(granted, victim, attempted, possible_sets(granted))


def _lots(attack: Attack, bits: int, classes: Divided, opened: Sequence[int], given: Given) -> list[Lot]:
    """Classes by what an attack that grants nothing does in them."""
    members: dict[tuple[int, int], list[int]] = {}
    for place, own in enumerate(opened):
        if own & bits:
            members.setdefault((classes.joint[place], own & bits), []).append(place)
    chances: dict[int, tuple[list[Number], list[Number], list[Number]]] = {}
    lots = []
    for (joint, own), places in members.items():
        if own not in chances:
            pairs, year = (given(attack, places[0], window) for window in WINDOWS)
            chances[own] = [p[0] for p in pairs], [p[1] for p in pairs], [p[1] for p in year]
        weight = total([classes.weights[place] for place in places])
        lots.append(Lot(joint, tuple(places), weight, *chances[own]))
    return lots


def add_classes(
    graph: AttackGraph, law: SegmentLaw, classes: Divided, lots: Mapping[str, Sequence[Lot]]
) -> None:
    """Add all classes of a segment.

    Parameters
    ----------
    graph
        The attacks.
    law
        Sums of the segment, changed in place.
    classes
        Classes in which some route is open.
    lots
        For each attack that grants nothing and can happen: the classes by what it does in them.
    """
    for weight, own, year in zip(classes.shared(), classes.laws, classes.laws_year, strict=True):
        add_granting(graph, law, weight, own)
        for number, attack in enumerate(graph.granting):
            for granted, chance in year.possible:
                if granted >> number & 1:
                    _add(law.victim_year, attack.name, weight * chance)
        _add_anchored_granting(graph, law.anchored, weight, own)
        _add_anchored_granting(graph, law.anchored_year, weight, year)
    for attack in graph.attacks:
        anchors = [
            (1 << number, one.name)
            for number, one in enumerate(graph.granting)
            if one.anchor and attack.name in one.anchor.follow_ons
        ]
        for lot in lots.get(attack.name, ()):
            _add_lot(anchors, law, attack, lot, classes)
            _add_lot_of_year_one(anchors, law, attack.name, lot, classes)
    _add_people(graph, law, classes, lots)


def _add_lot(
    anchors: Sequence[tuple[int, str]], law: SegmentLaw, attack: Attack, lot: Lot, classes: Divided
) -> None:
    """Add one attack that grants nothing, in classes that it cannot tell apart.

    ``anchors`` are the attacks that anchor it, each with its bit in a set H.
    """
    name = attack.name
    for granted, chance in classes.laws[lot.joint].possible:
        won, tried = lot.victim[granted], lot.attempted[granted]
        if never(won):
            continue
        weight = lot.weight * chance
        hit = weight * won
        _add(law.victim, name, hit)
        _add(law.attempted, name, weight * tried)
        if granted:
            _add(law.with_granted, (name, granted), hit)
            if attack.kind == "follow_on":
                _add(law.in_vain, (name, granted), weight * (tried - won))
        for bit, anchor in anchors:
            if granted & bit:
                _add(law.anchored, (anchor, name), hit)


def _add_lot_of_year_one(
    anchors: Sequence[tuple[int, str]], law: SegmentLaw, name: str, lot: Lot, classes: Divided
) -> None:
    """Add what the same attack does within the first 365 days."""
    for granted, chance in classes.laws_year[lot.joint].possible:
        won = lot.victim_year[granted]
        if not never(won):
            hit = lot.weight * chance * won
            _add(law.victim_year, name, hit)
            for bit, anchor in anchors:
                if granted & bit:
                    _add(law.anchored_year, (anchor, name), hit)


def _add_people(
    graph: AttackGraph, law: SegmentLaw, classes: Divided, lots: Mapping[str, Sequence[Lot]]
) -> None:
    """Add the accounts that no granting attack harms, each with the first listed attack that does.

    Equation (18), people: ``left`` is the probability of a class in which neither a granting attack nor an
    earlier attack has harmed the account.
    """
    left = [
        weight * classes.laws[own].granted[0]
        for weight, own in zip(classes.weights, classes.joint, strict=True)
    ]
    for attack in graph.attacks:
        for lot in lots.get(attack.name, ()):
            alone = lot.victim[0]
            if never(alone) or never(classes.laws[lot.joint].granted[0]):
                continue
            spared = total([left[number] for number in lot.members])
            all_idle = lot.weight * classes.laws[lot.joint].granted[0]
            first = alone * spared
            _add(law.first, attack.name, first)
            law.people = law.people + first
            # Rounding can put the difference of two equal sums slightly below zero.
            _add(law.again, attack.name, alone * np.maximum(all_idle - spared, 0.0))
            escaped = np.asarray(1.0 - alone)
            for number in lot.members:
                here = left[number]
                # In place where the product is no longer: the arrays of all classes are many.
                left[number] = np.multiply(here, escaped, out=here if here.shape >= escaped.shape else None)


def _anchors(graph: AttackGraph, name: str, granted: int) -> list[str]:
    """Attacks of a set H that anchor a follow-on."""
    return [
        attack.name
        for number, attack in enumerate(graph.granting)
        if granted >> number & 1 and attack.anchor and name in attack.anchor.follow_ons
    ]


def _add_anchored_granting(
    graph: AttackGraph, sums: dict[tuple[str, str], Array], weight: Array, own: ClassLaw
) -> None:
    """Add the victims of both an anchoring attack and one of its follow-ons that grants a capability."""
    for number, attack in enumerate(graph.granting):
        for granted, chance in own.possible:
            if granted >> number & 1:
                for anchor in _anchors(graph, attack.name, granted):
                    _add(sums, (anchor, attack.name), weight * chance)


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
    if known is None:
        sums[key] = np.array(value)  # a copy, as sums grow in place
    elif known.shape >= np.shape(value):
        known += value
    else:
        sums[key] = known + value
