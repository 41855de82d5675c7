"""Which leaked fields an attack needs: minimal sets that enable it, and minimal sets that prevent it.

Not here: the attacks and their closure (``graph``), and how many accounts lost a set (``engine``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Route
from breach_sim.inputs.graph import AttackGraph


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
    """Return the minimal sets of leaked fields that make an attack possible.

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
    wanted = graph.names if harm == "any" else (_known_harm(graph, harm),)
    sets = _minimal_sets(graph)
    return _sorted_names(minimal(bits for name in wanted for bits in sets[name]))


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


def _sorted_names(sets: Iterable[int]) -> tuple[tuple[str, ...], ...]:
    return tuple(vocabulary.names(bits) for bits in sorted(sets, key=lambda bits: (bits.bit_count(), bits)))


def _minimal_sets(graph: AttackGraph) -> dict[str, frozenset[int]]:
    """Minimal enabling sets of every attack: least fixpoint over antichains."""
    # At first nothing enables anything; each round follows chains one step further. Sets of an attack only
    # gain members or get smaller ones, and there are finitely many, so that cycles end as well.
    sets: dict[str, frozenset[int]] = {attack.name: frozenset() for attack in graph.attacks}
    while True:
        before = dict(sets)
        for attack in graph.attacks:
            enabling = set(sets[attack.name])
            for route in attack.routes:
                enabling |= _unfold(graph, route, sets)
            sets[attack.name] = minimal(enabling)
        if sets == before:
            return sets


def _unfold(graph: AttackGraph, route: Route, sets: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """Field sets that open a route, its capabilities replaced by what enables their granting attacks."""
    # Every way to one capability is joined with every way to the next. A capability that nothing enables
    # has no way, and then the route has none either.
    combined = frozenset({route.field_mask})
    for capability in route.capabilities:
        granting = [attack.name for attack in graph.attacks if capability in attack.grants]
        ways = minimal(bits for name in granting for bits in sets[name])
        combined = minimal(one | other for one in combined for other in ways)
    return combined
