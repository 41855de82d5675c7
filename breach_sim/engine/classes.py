"""Classes of accounts: sets of leaked fields and traits that open the same routes.

Masks and traits that no attack can distinguish are merged. The law is then computed once per class, not
once per mask.

Not here: what an attack does to a class (``law``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.protections import thinned
from breach_sim.inputs.segment import Segment

Variant = tuple[Array, tuple[Route, ...]]
"""Share of a class, shape (R,) or (1,), and the routes that are open for it."""
OpenRoutes = tuple[Mapping[str, tuple[Route, ...]], Array]
"""Open routes by attack, and the weight of the accounts that have them, shape (R,) or (1,)."""
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
        Open routes of each attack (fields and shared traits held, private traits assumed, capabilities
        within reach), by attack name.
    variants
        For attacks with private traits: share of the class and open routes. One pair for each set of
        routes that these traits can leave open. The shares sum to 1.

    Notes
    -----
    A trait is private when only one attack reads it and that attack grants nothing. Such a trait affects
    no other attack, so a mixture of probabilities gives the same law with fewer classes.
    """

    weight: Array
    routes: Mapping[str, tuple[Route, ...]]
    variants: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Variant, ...]:
        """Return shares and open routes of one attack, one pair per outcome of its private traits.

        Parameters
        ----------
        name
            An attack.

        Returns
        -------
        Pairs of a share, shape (R,) or (1,), and open routes. Empty if no route can be open.
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
        """Return the classes of accounts that lost the given sets of fields.

        Parameters
        ----------
        segment
            Sets the clock rates and the resets that apply.
        masks
            Weight by set of leaked fields. Shape (R,) or (1,) each.

        Returns
        -------
        At least one class. Their weights sum to the total weight of the masks.
        """
        return self.classes_of_routes(
            segment, zip(reachable(self._graph, list(masks)), masks.values(), strict=True)
        )

    def classes_of_routes(self, segment: Segment, parts: Iterable[OpenRoutes]) -> list[AccountClass]:
        """Return the classes of accounts with given open routes.

        Parameters
        ----------
        segment
            Sets the clock rates and the resets that apply.
        parts
            Routes by attack that the fields of some accounts open, every trait and all reachable capabilities
            assumed, and the weight of these accounts. Shape (R,) or (1,) each.

        Returns
        -------
        At least one class. Their weights sum to the total weight of the parts.
        """
        # Fields first, then traits: a trait splits a class only if an open route reads it. This keeps the
        # 2**traits combinations to a few classes.
        groups = merged(self._graph, parts)
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
                # Private traits are assumed here; their shares enter later as a mixture (_variants).
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
            # Equation (15). Traits are independent, so each trait adds one factor.
            share = thinned(self._parameters(trait.share), trait.protections, self._parameters)
            shares = {held: weight * (1 - share) for held, weight in shares.items()} | {
                held | {name}: weight * share for held, weight in shares.items()
            }
        return shares


def merged(graph: AttackGraph, parts: Iterable[OpenRoutes]) -> list[AccountClass]:
    """Merge accounts with the same open routes into classes.

    Parameters
    ----------
    graph
        The attacks.
    parts
        Open routes by attack, and the weight of the accounts that have them. Shape (R,) or (1,).

    Returns
    -------
    One class for each set of open routes, with the sum of the weights.
    """
    found: dict[tuple[tuple[str, ...], ...], AccountClass] = {}
    for routes, weight in parts:
        key = tuple(tuple(route.name for route in routes[name]) for name in graph.names)
        known = found.get(key)
        found[key] = AccountClass(weight if known is None else known.weight + weight, routes)
    return list(found.values())


def reachable(graph: AttackGraph, masks: Sequence[int]) -> Iterator[dict[str, tuple[Route, ...]]]:
    """Yield the routes that each mask opens, assuming every trait and all reachable capabilities.

    Parameters
    ----------
    graph
        The attacks.
    masks
        Sets of leaked fields. [bit sets]

    Yields
    ------
    Open routes by attack, one mapping per mask.
    """
    attacks = graph.attacks
    # The closure assumes success: it finds the chains that can be reached, not their probabilities.
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
    """Keep the routes that an account with the given traits can satisfy.

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
    # A route that loses its trait may have been the only one that grants a capability. Remove the routes
    # that depend on it, and repeat until nothing changes.
    while True:
        granted = {c for attack in graph.attacks if left[attack.name] for c in attack.grants}
        pruned = {n: tuple(r for r in own if granted.issuperset(r.capabilities)) for n, own in left.items()}
        if pruned == left:
            return left
        left = pruned


def traits_read(routes: Iterable[tuple[Route, ...]]) -> frozenset[str]:
    """Return the traits that the given routes read.

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
    """Return the traits read by only one attack of the graph, when that attack grants nothing.

    The whole graph is examined, not the open routes of a class. Within a class a trait can look private
    only because another, missing trait closed the other routes that read it.
    """
    readers: dict[str, list[Attack]] = {}
    for attack in graph.attacks:
        for trait in traits_read([attack.routes]):
            readers.setdefault(trait, []).append(attack)
    return frozenset(
        trait for trait, attacks in readers.items() if len(attacks) == 1 and not attacks[0].grants
    )


def fields_read(graph: AttackGraph) -> set[str]:
    """Return the fields read by any route of any attack.

    Parameters
    ----------
    graph
        The attacks.

    Returns
    -------
    Names of fields.
    """
    return {name for attack in graph.attacks for route in attack.routes for name in route.fields}
