"""Classes of accounts: sets of leaked fields and traits for which the same routes are open.

Masks and traits are merged as soon as nothing can tell them apart, so that the law is computed once a class
and not once a mask.

Not here: what an attack does to a class (``law``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from breach_sim.engine.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.protections import thinned
from breach_sim.inputs.segment import Segment

Variant = tuple[Array, tuple[Route, ...]]
"""Share of a class, shape (R,) or (1,), and the routes that are open for it."""
MAX_TRAITS = 12
"""Most traits that the attacks open in one segment may read: 2**12 combinations."""


@dataclass(frozen=True, slots=True)
class AccountClass:
    """Accounts of a segment for which the same routes are open.

    Parameters
    ----------
    weight
        Share of the segment's accounts. Shape (R,) or (1,).
    routes
        Open routes of each attack (fields and shared traits held, its private traits assumed; capabilities
        within reach), by attack name.
    variants
        For attacks with private traits: share of the class and open routes, one pair for each set of
        routes that these traits leave open. The shares sum to 1.

    Notes
    -----
    A trait is private when one attack alone reads it and that attack grants nothing: given all else it
    touches no other attack, so that a mixture of probabilities is the same law with fewer classes.
    """

    weight: Array
    routes: Mapping[str, tuple[Route, ...]]
    variants: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Variant, ...]:
        """Share and open routes of one attack, for every set of routes its private traits leave open.

        Parameters
        ----------
        name
            An attack.

        Returns
        -------
        Pairs of a share, shape (R,) or (1,), and routes; at least one pair has a route, or there is none.
        """
        if name in self.variants:
            return self.variants[name]
        return ((np.ones(1), self.routes[name]),) if self.routes[name] else ()


class Classifier:
    """Sorts accounts into classes, for one attack graph and one set of draws.

    Parameters
    ----------
    graph
        The attacks.
    parameters
        Draws per replicate, for the shares of traits.
    """

    def __init__(self, graph: AttackGraph, parameters: Parameters) -> None:
        self._graph = graph
        self._parameters = parameters
        self._private = private_traits(graph)

    def classes_of(self, segment: Segment, masks: Mapping[int, Array]) -> list[AccountClass]:
        """Classes of accounts that lost given sets of fields, whatever leaked in their segment.

        Parameters
        ----------
        segment
            Decides the rates of clocks and which resets apply.
        masks
            Weight by set of leaked fields. Shape (R,) or (1,) each.

        Returns
        -------
        At least one; their weights sum to those of the masks.
        """
        # Fields first, traits second: a trait splits a class only where an open route reads it, so that
        # 2**traits combinations are met by few classes.
        leaked = zip(reachable(self._graph, list(masks)), masks.values(), strict=True)
        groups = merged(self._graph, leaked)
        split = merged(self._graph, self._by_trait(segment, groups))
        return [
            AccountClass(group.weight, group.routes, self._variants(segment, group.routes)) for group in split
        ]

    def _by_trait(
        self, segment: Segment, groups: Iterable[AccountClass]
    ) -> Iterator[tuple[dict[str, tuple[Route, ...]], Array]]:
        """Open routes and weights of every class, for each combination of its shared traits."""
        for group in groups:
            shared = traits_read(group.routes.values()) - self._private
            for held, share in self._trait_shares(segment, shared).items():
                # A private trait is assumed here; its share enters later as a mixture (_variants).
                yield with_traits(self._graph, group.routes, held | self._private), group.weight * share

    def _variants(
        self, segment: Segment, routes: Mapping[str, tuple[Route, ...]]
    ) -> dict[str, tuple[Variant, ...]]:
        """Routes left open by the private traits of each attack, with their shares."""
        variants = {}
        for name, own in routes.items():
            traits = traits_read([own]) & self._private
            if not traits:
                continue
            shares: dict[tuple[Route, ...], Array] = {}
            for held, share in self._trait_shares(segment, traits).items():
                left = tuple(route for route in own if (traits & set(route.traits)) <= held)
                shares[left] = shares[left] + share if left in shares else share
            variants[name] = tuple((share, left) for left, share in shares.items() if left)
        return variants

    def _trait_shares(self, segment: Segment, read: frozenset[str]) -> dict[frozenset[str], Array]:
        """Share of accounts with each combination of some traits, independent."""
        traits = sorted(read)
        if len(traits) > MAX_TRAITS:
            raise ValueError(
                f"segments.{segment.name}: attacks read {len(traits)} traits; at most {MAX_TRAITS} may"
            )
        shares: dict[frozenset[str], Array] = {frozenset(): np.ones(1)}
        for name in traits:
            trait = self._graph.traits[name]
            # Equation (15). Traits are independent, so the combinations grow by one factor a trait.
            share = thinned(self._parameters(trait.share), trait.protections, self._parameters)
            shares = {held: weight * (1 - share) for held, weight in shares.items()} | {
                held | {name}: weight * share for held, weight in shares.items()
            }
        return shares


def merged(
    graph: AttackGraph, parts: Iterable[tuple[Mapping[str, tuple[Route, ...]], Array]]
) -> list[AccountClass]:
    """Classes of accounts with the same open routes.

    Parameters
    ----------
    graph
        The attacks.
    parts
        Open routes by attack, and the weight of the accounts that have them. Shape (R,) or (1,).

    Returns
    -------
    One class for each set of open routes, the weights added.
    """
    found: dict[tuple[tuple[str, ...], ...], AccountClass] = {}
    for routes, weight in parts:
        key = tuple(tuple(route.name for route in routes[name]) for name in graph.names)
        known = found.get(key)
        found[key] = AccountClass(weight if known is None else known.weight + weight, routes)
    return list(found.values())


def reachable(graph: AttackGraph, masks: Sequence[int]) -> Iterator[dict[str, tuple[Route, ...]]]:
    """Routes whose fields leaked and whose capabilities are within reach, every trait assumed.

    Parameters
    ----------
    graph
        The attacks.
    masks
        Sets of leaked fields. [bit sets]

    Yields
    ------
    Open routes by attack, for one mask after another.
    """
    attacks = graph.attacks
    # The closure assumes success: it says which chains can be reached, not how probable they are.
    for mask, won in zip(masks, closure(graph, np.array(masks, dtype=np.uint64)), strict=True):
        pairs = zip(attacks, won, strict=True)
        granted = {name for attack, success in pairs if success for name in attack.grants}
        yield {
            attack.name: tuple(
                route
                for route in attack.routes
                if route.field_mask & mask == route.field_mask and granted.issuperset(route.capabilities)
            )
            for attack in attacks
        }


def with_traits(
    graph: AttackGraph, routes: Mapping[str, tuple[Route, ...]], held: frozenset[str]
) -> dict[str, tuple[Route, ...]]:
    """Routes that are left when only some traits are held.

    Parameters
    ----------
    graph
        The attacks.
    routes
        Open routes by attack, every trait assumed.
    held
        Traits of the account.

    Returns
    -------
    Open routes by attack.
    """
    left = {name: tuple(r for r in own if held.issuperset(r.traits)) for name, own in routes.items()}
    # A route that loses its trait may have been the only way to a capability: cut what hung on it, until
    # nothing changes.
    while True:
        granted = {c for attack in graph.attacks if left[attack.name] for c in attack.grants}
        pruned = {n: tuple(r for r in own if granted.issuperset(r.capabilities)) for n, own in left.items()}
        if pruned == left:
            return left
        left = pruned


def traits_read(routes: Iterable[tuple[Route, ...]]) -> frozenset[str]:
    """Traits that some routes read.

    Parameters
    ----------
    routes
        Routes, attack by attack.

    Returns
    -------
    Names of traits.
    """
    return frozenset(trait for own in routes for route in own for trait in route.traits)


def private_traits(graph: AttackGraph) -> frozenset[str]:
    """Traits that one attack of the whole graph alone reads, which grants nothing.

    Not of the routes open in a class: there a trait may look private only because another, missing trait
    has closed the routes that share it, and the class already holds it or not.
    """
    readers: dict[str, list[Attack]] = {}
    for attack in graph.attacks:
        for trait in traits_read([attack.routes]):
            readers.setdefault(trait, []).append(attack)
    return frozenset(
        trait for trait, attacks in readers.items() if len(attacks) == 1 and not attacks[0].grants
    )


def fields_read(graph: AttackGraph) -> set[str]:
    """Fields that some route of some attack reads.

    Parameters
    ----------
    graph
        The attacks.

    Returns
    -------
    Names of fields.
    """
    return {name for attack in graph.attacks for route in attack.routes for name in route.fields}
