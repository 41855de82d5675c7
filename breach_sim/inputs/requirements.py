"""Which leaked fields an attack needs: minimal sets that enable it, and minimal sets that prevent it.

With look-ups fewer leaked fields suffice, for the people whose other fields can be found.

Not here: the attacks and their closure (``graph``), and how many accounts lost a set (``engine``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph, closure_of_routes
from breach_sim.inputs.lookups import Lookups
from breach_sim.inputs.numbers.estimates import Estimate

Ways = Mapping[str, frozenset[int]]
"""Minimal sets that lead to a field, by its name. Bits of leaked fields, and :data:`_FOUND` higher those of
look-ups that work."""
_FOUND = len(vocabulary.FIELDS)
"""Distance from the bit of a leaked field to that of its look-up."""
MOST_MISSING = 3
"""Most fields that may be missing from a leak for an attack to count as near."""
_NEVER = Estimate.fixed("elsewhere.easy_to_find", 0.0, "share")
"""People are alike where nothing can be looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A leaked set that makes an attack possible where certain look-ups work.

    Parameters
    ----------
    leaked
        Leaked fields, in the order of their bits.
    looked_up
        Alternative sets of fields that must be found, shortest first. One empty set if none need be.
    smallest
        Whether no smaller leaked set would do, with any look-ups.
    """

    leaked: tuple[str, ...]
    looked_up: tuple[tuple[str, ...], ...]
    smallest: bool


def minimal(sets: Iterable[int]) -> frozenset[int]:
    """Return the bit sets that contain no other set of the collection.

    Parameters
    ----------
    sets
        Bit sets as integers; repetition is allowed.

    Returns
    -------
    The minimal sets (an antichain).
    """
    kept: list[int] = []
    # A subset has fewer members: taken by size, a set can only contain one that is already kept.
    for candidate in sorted(set(sets), key=lambda bits: (bits.bit_count(), bits)):
        if not any(candidate & other == other for other in kept):
            kept.append(candidate)
    return frozenset(kept)


def enabling_sets(graph: AttackGraph, harm: str = "any") -> tuple[tuple[str, ...], ...]:
    """Return the minimal sets of leaked fields that make an attack possible without any look-up.

    Follow-ons are expanded to fields, assuming that earlier attacks succeed and every trait is present.

    Parameters
    ----------
    graph
        The attacks.
    harm
        Name of an attack, or "any" for at least one attack.

    Returns
    -------
    Minimal sets as tuples of field names, shortest first. Empty if no set of fields suffices.

    Raises
    ------
    ValueError
        If the harm is unknown.
    """
    return _sorted_names(_sets_of(graph, harm, lambda route: frozenset({route.field_mask})))


def completed_sets(
    graph: AttackGraph, harm: str = "any", *, replaceable: bool = False
) -> tuple[Completed, ...]:
    """Return the sets of leaked fields that make an attack possible with look-ups.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up.
    harm
        Name of an attack, or "any" for at least one attack.
    replaceable
        Whether to take only routes of which all fields could have been had without the leak.

    Returns
    -------
    Leaked sets with the look-ups that they need, shortest first. None of the look-ups, and none of the leaked
    fields, could be left out. Chains and traits are taken as in :func:`enabling_sets`.

    Raises
    ------
    ValueError
        If the harm is unknown.

    Notes
    -----
    A route is known if one of its fields leaked, and all follow from what leaked (equation 23), or all from
    directories (equation 24). Both are monotone in the leaks and in the look-ups, so that minimal sets of
    both together describe them.
    """
    lookups = graph.lookups or Lookups(by_field={}, easy_to_find=_NEVER)
    listed = {own.field: frozenset({_coin(own.field)}) for own in lookups.possible if own.directory}
    starts = [_followed(lookups, listed)]
    if not replaceable:
        leaks = {name: frozenset({vocabulary.mask([name])}) for name in vocabulary.FIELD_NAMES}
        starts.append(_followed(lookups, leaks))
    sets = _sets_of(graph, harm, lambda route: _known(route, starts))
    by_leak: dict[int, list[int]] = {}
    for bits in sets:
        by_leak.setdefault(bits & ((1 << _FOUND) - 1), []).append(bits >> _FOUND)
    smallest = minimal(by_leak)
    return tuple(
        Completed(
            leaked=vocabulary.names(leaked),
            looked_up=_sorted_names(by_leak[leaked]),
            smallest=leaked in smallest,
        )
        for leaked in sorted(by_leak, key=_size)
    )


class Chances:
    """Chance that an attack is possible, by the fields that leaked of a person.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up.
    harm
        Name of an attack, or "any" for at least one attack.
    replaceable
        As for :func:`completed_sets`.

    Attributes
    ----------
    sets
        What :func:`completed_sets` gives.
    """

    def __init__(self, graph: AttackGraph, harm: str = "any", *, replaceable: bool = False) -> None:
        self.sets = completed_sets(graph, harm, replaceable=replaceable)
        self._lookups = graph.lookups
        self._bits = [vocabulary.mask(own.leaked) for own in self.sets]
        self._known: dict[frozenset[tuple[str, ...]], float] = {}

    def __call__(self, leaked: int) -> float:
        """Return the probability that what leaked and what can be looked up suffice.

        Parameters
        ----------
        leaked
            Leaked fields. [bit set]

        Returns
        -------
        Exact at the central values of the shares, every trait and earlier success assumed. [probability]
        """
        inside = (own for own, bits in zip(self.sets, self._bits, strict=True) if bits & leaked == bits)
        ways = frozenset(fields for own in inside for fields in own.looked_up)
        if ways not in self._known:
            certain = float(() in ways)
            self._known[ways] = self._lookups.chance_of_any(ways) if self._lookups else certain
        return self._known[ways]


def _coin(field: str) -> int:
    """Bit of the look-up of a field."""
    return vocabulary.mask([field]) << _FOUND


def _followed(lookups: Lookups, start: Ways) -> Ways:
    """Minimal ways to every field that look-ups lead to from some ways: least fixpoint over antichains."""
    ways = dict(start)
    while True:
        before = dict(ways)
        for own in lookups.possible:
            known = set(ways.get(own.field, ()))
            for needed in own.given:
                if all(name in ways for name in needed):
                    known |= {_coin(own.field) | bits for bits in _joined(ways[name] for name in needed)}
            if known:
                ways[own.field] = minimal(known)
        if ways == before:
            return ways


def _known(route: Route, starts: Iterable[Ways]) -> frozenset[int]:
    """Minimal sets with which the fields of a route are known: one of them leaked, all by one start."""
    if not route.fields:
        return frozenset({0})
    sets: set[int] = set()
    for ways in starts:
        if all(name in ways for name in route.fields):
            whole = _joined(ways[name] for name in route.fields)
            sets |= {vocabulary.mask([name]) | bits for name in route.fields for bits in whole}
    return minimal(sets)


def _joined(families: Iterable[frozenset[int]]) -> frozenset[int]:
    """Minimal unions of one set from each family."""
    unions = frozenset({0})
    for family in families:
        unions = minimal(one | other for one in unions for other in family)
    return unions


def protection_sets(graph: AttackGraph, harm: str = "any") -> tuple[tuple[str, ...], ...]:
    """Return the minimal sets of fields that, if they do not leak, make an attack impossible.

    Parameters
    ----------
    graph
        The attacks.
    harm
        Name of an attack, or "any" for at least one attack.

    Returns
    -------
    Minimal hitting sets of :func:`enabling_sets`, shortest first. One empty set if nothing enables
    the harm.

    Raises
    ------
    ValueError
        If the harm is unknown.
    """
    # Protection sets are the dual of enabling sets: the harm is impossible if and only if at least one field
    # of every enabling set is safe. Berge's algorithm: take the enabling sets one by one; a hitting set that
    # misses the next one is grown by each of its fields, and what is no longer minimal is dropped.
    hitting: frozenset[int] = frozenset({0})
    for enabling in enabling_sets(graph, harm):
        bits = [vocabulary.mask([name]) for name in enabling]
        whole = vocabulary.mask(enabling)
        hitting = minimal(
            grown
            for known in hitting
            for grown in ([known] if known & whole else [known | bit for bit in bits])
        )
    return _sorted_names(hitting)


def _known_harm(graph: AttackGraph, harm: str) -> str:
    if harm not in graph.names:
        raise ValueError(unknown("harm", harm, (*graph.names, "any"), "requires"))
    return harm


def _size(bits: int) -> tuple[int, int]:
    """Key that sorts bit sets, the shortest first."""
    return bits.bit_count(), bits


def _sorted_names(sets: Iterable[int]) -> tuple[tuple[str, ...], ...]:
    return tuple(vocabulary.names(bits) for bits in sorted(sets, key=_size))


def _sets_of(graph: AttackGraph, harm: str, of_route: Callable[[Route], frozenset[int]]) -> frozenset[int]:
    """Minimal sets of a harm, given those that make the fields of a route known."""
    wanted = graph.names if harm == "any" else (_known_harm(graph, harm),)
    sets = _minimal_sets(graph, of_route)
    return minimal(bits for name in wanted for bits in sets[name])


def _minimal_sets(graph: AttackGraph, of_route: Callable[[Route], frozenset[int]]) -> Ways:
    """Minimal enabling sets of every attack: least fixpoint over antichains."""
    # At first nothing enables anything; each round follows chains one step further. Sets of an attack only
    # gain members or get smaller ones, and there are finitely many, so that cycles end as well.
    own = [(attack.name, [(route, of_route(route)) for route in attack.routes]) for attack in graph.attacks]
    sets: dict[str, frozenset[int]] = {attack.name: frozenset() for attack in graph.attacks}
    while True:
        before = dict(sets)
        for name, routes in own:
            enabling = set(sets[name])
            for route, known in routes:
                enabling |= _unfold(graph, route, known, sets)
            sets[name] = minimal(enabling)
        if sets == before:
            return sets


def _unfold(graph: AttackGraph, route: Route, known: frozenset[int], sets: Ways) -> frozenset[int]:
    """Sets that open a route, its capabilities replaced by what enables their granting attacks."""
    # Every way to one capability is joined with every way to the next. A capability that nothing enables
    # has no way, and then the route has none either.
    combined = known
    for capability in route.capabilities:
        granting = [attack.name for attack in graph.attacks if capability in attack.grants]
        combined = _joined((combined, minimal(bits for name in granting for bits in sets[name])))
    return combined


def one_field_short(graph: AttackGraph, leaked: Iterable[Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return the attacks that are closed to everyone for want of one field, and the fields that would do.

    Parameters
    ----------
    graph
        The attacks asked for, closed ones included, and what can be looked up.
    leaked
        For each segment the fields that leaked for some of its accounts.

    Returns
    -------
    Fields by attack, in the orders of graph and vocabulary. Chains count; open attacks are left out, and so
    are fields that can be looked up.
    """
    masks = np.unique(np.array([vocabulary.mask(own) for own in leaked], dtype=np.uint64))
    is_open = _each_reached(graph, masks).any(axis=0)
    if is_open.all():
        return {}
    deciding = _deciding(graph)
    # Every field beside every segment, in one array: the sweeps take as long as for one.
    added = np.array([vocabulary.mask([one]) for one in deciding], dtype=np.uint64)
    reached = _each_reached(graph, (added[:, None] | masks).ravel())
    opened = np.asarray(reached.reshape(len(added), len(masks), len(graph.names)).any(axis=1))
    would_open = np.logical_and(opened, ~is_open)
    found = {
        name: tuple(one for one, opens in zip(deciding, own, strict=True) if opens)
        for name, own in zip(graph.names, would_open.T, strict=True)
    }
    return {name: fields for name, fields in found.items() if fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The attack that is nearest to a leak from which none can start, and what it lacks.

    Parameters
    ----------
    attack
        Name of the attack.
    fields
        Alternative sets of fields, each of which would open it, in the order of the vocabulary. Fields of its
        own routes, where these suffice.
    uses_leak
        Whether it would use a field that leaked.
    """

    attack: str
    fields: tuple[tuple[str, ...], ...]
    uses_leak: bool


def nearest(graph: AttackGraph, leaked: Iterable[str]) -> Missing | None:
    """Return the closed attack that lacks the fewest fields, look-ups considered.

    Parameters
    ----------
    graph
        The attacks asked for, closed ones included, and what can be looked up.
    leaked
        Fields that leaked.

    Returns
    -------
    Of attacks that would use some leaked field, otherwise of all, the one that lacks the fewest fields; of
    equals the one with the most victims a year at central rates. None if nothing is closed, or more than
    three fields are missing.
    """
    own = vocabulary.mask(leaked)
    before = _each_reached(graph, np.array([own], dtype=np.uint64))[0]
    free = [name for name in _read(graph) if not vocabulary.mask([name]) & own]
    useless: Missing | None = None
    for size in range(1, MOST_MISSING + 1):
        sets = list(combinations(free, size))
        added = np.array([vocabulary.mask(names) for names in sets], dtype=np.uint64)
        opened = _each_reached(graph, added | np.uint64(own)) & ~before
        found = _likeliest(graph, sets, opened & ~_each_reached(graph, added), uses_leak=True)
        if found is not None:
            return found
        useless = useless or _likeliest(graph, sets, opened, uses_leak=False)
    return useless


def _likeliest(
    graph: AttackGraph, sets: list[tuple[str, ...]], opened: NDArray[np.bool_], *, uses_leak: bool
) -> Missing | None:
    """Of the attacks that some sets open, the one with the highest central rate, and its sets."""
    if not opened.any():
        return None
    # Where the leak is of no use, the set that opens most attacks says most.
    among = opened if uses_leak else opened[[int(opened.sum(axis=1).argmax())]]
    rates = np.where(among.any(axis=0), [_rate(attack) for attack in graph.attacks], -1.0)
    best = int(rates.argmax())
    fields = tuple(names for names, one in zip(sets, opened[:, best], strict=True) if one)
    # What a route asks for comes before what a look-up would lead from.
    asked = {name for route in graph.attacks[best].routes for name in route.fields}
    direct = tuple(names for names in fields if asked.issuperset(names))
    return Missing(attack=graph.names[best], fields=direct or fields, uses_leak=uses_leak)


def _rate(attack: Attack) -> float:
    """Victims by account and year at central values; 0 for an attack that needs an earlier one."""
    if attack.kind != "initial":
        return 0.0
    return max(route.attempts.central * route.success.central for route in attack.routes)


def _deciding(graph: AttackGraph) -> tuple[str, ...]:
    """Fields that routes or look-ups read and that cannot be looked up."""
    looked_up = {own.field for own in graph.possible_lookups}
    return tuple(name for name in _read(graph) if name not in looked_up)


def _read(graph: AttackGraph) -> tuple[str, ...]:
    """Fields that routes or look-ups read."""
    read = 0
    for route in (route for attack in graph.attacks for route in attack.routes):
        read |= route.field_mask
    return vocabulary.names(read if graph.lookups is None else graph.lookups.read_for(read))


def _each_reached(graph: AttackGraph, masks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each attack is open to each account, look-ups and earlier attacks assumed. Shape (C, A)."""
    return np.asarray(closure_of_routes(graph, graph.within_reach(masks)))
