"""Classes of accounts: sets of known routes and traits that open the same routes.

What no attack can distinguish is merged. The law is then computed once per class, not once per set of leaked
fields.

Not here: which routes are known (``known``), and what an attack does to a class (``law``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.granted import Number, never
from breach_sim.engine.known import attack_bits, numbered
from breach_sim.formatting.arrays import Array, total
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.protections import thinned
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment

StandsIn = Callable[[Attack, Segment, Route, Route], bool]
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
        Open routes of each attack (fields and shared traits held, private traits assumed, capabilities
        within reach), by attack name.
    opened
        The same routes, numbered as in :func:`~breach_sim.engine.known.numbered`. [bit set]
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
    opened: int = 0
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
    stands_in
        Whether, in a segment, the first of two routes of an attack does all that the second does.
    """

    def __init__(self, graph: AttackGraph, parameters: Parameters, stands_in: StandsIn) -> None:
        self._stands_in = stands_in
        self._spare: dict[str, list[tuple[int, int]]] = {}
        self._graph = graph
        self._parameters = parameters
        self._private = private_traits(graph)
        self._routes = numbered(graph)
        own = {
            name: sum(1 << n for n, r in enumerate(self._routes) if name in r.traits) for name in graph.traits
        }
        self._reading: dict[str, int] = {name: bits for name, bits in own.items() if bits}
        self._attack_bits = attack_bits(graph)
        bits = [(1 << number, route.capabilities) for number, route in enumerate(self._routes)]
        self._direct = sum(bit for bit, capabilities in bits if not capabilities)
        self._indirect = [(bit, capabilities) for bit, capabilities in bits if capabilities]
        self._grants = [(self._attack_bits[attack.name], attack.grants) for attack in graph.granting]
        # No other attack can have a private trait in its routes.
        self._reading_private = [a.name for a in graph.attacks if traits_read([a.routes]) & self._private]
        self._mixtures: dict[tuple[str, int], tuple[Variant, ...] | None] = {}
        self._opened: dict[int, int] = {}
        self._of_attack: dict[tuple[str, int], tuple[Route, ...]] = {}
        self._by_opened: dict[int, dict[str, tuple[Route, ...]]] = {}
        self._shares: dict[frozenset[str], dict[frozenset[str], Array]] = {}

    def classes_of(self, segment: Segment, known: Mapping[int, Array]) -> list[AccountClass]:
        """Return the classes of accounts that have the given sets of known routes.

        Parameters
        ----------
        segment
            Decides which resets apply; named in errors.
        known
            Weight by set of known routes, of :class:`~breach_sim.engine.known.KnownRoutes`. Shape (R,) or
            (1,) each.

        Returns
        -------
        At least one class. Their weights sum to the total weight.
        """
        # Fields first, then traits: a trait splits a class only if an open route reads it. This keeps the
        # 2**traits combinations to a few classes.
        groups = _summed((self._needed(segment, self.opened(bits)), weight) for bits, weight in known.items())
        split = _summed(
            (self._needed(segment, bits), weight) for bits, weight in self._by_trait(segment, groups)
        )
        return [
            AccountClass(weight, self._by_attack(opened), opened, self._variants(segment, opened))
            for opened, weight in split.items()
        ]

    def opened(self, known: int) -> int:
        """Return the routes that a set of known routes opens, assuming traits and all reachable capabilities.

        Parameters
        ----------
        known
            Routes whose fields are known. [bit set]

        Returns
        -------
        Least fixpoint: the known routes whose capabilities earlier attacks grant. [bit set]
        """
        if known not in self._opened:
            granted: set[str] = set()
            while True:
                # The closure assumes success: it finds the chains that can be reached, not how likely.
                opened = known & self._direct
                for bit, capabilities in self._indirect:
                    if known & bit and granted.issuperset(capabilities):
                        opened |= bit
                reached = {name for bits, grants in self._grants if bits & opened for name in grants}
                if reached <= granted:
                    break
                granted |= reached
            self._opened[known] = opened
        return self._opened[known]

    def opened_weights(self, known: Mapping[int, Array]) -> dict[int, Array]:
        """Return the weight of each set of open routes, every trait and reachable capability assumed.

        Parameters
        ----------
        known
            As for :meth:`classes_of`.

        Returns
        -------
        Shape (R,) or (1,) each. [bit set]
        """
        return _summed((self.opened(bits), weight) for bits, weight in known.items())

    def _needed(self, segment: Segment, opened: int) -> int:
        """Open routes without those in whose place another open route stands. [bit set]."""
        if segment.name not in self._spare:
            spare = []
            first = 0
            for attack in self._graph.attacks:
                spare += [
                    (1 << first + i, 1 << first + j)
                    for i, j in permutations(range(len(attack.routes)), 2)
                    if self._spares(attack, segment, i, j)
                ]
                first += len(attack.routes)
            self._spare[segment.name] = spare
        left = opened
        for better, worse in self._spare[segment.name]:
            if opened & better:
                left &= ~worse
        return left

    def _spares(self, attack: Attack, segment: Segment, i: int, j: int) -> bool:
        """Whether the open route i makes route j of an attack needless."""
        one, other = attack.routes[i], attack.routes[j]
        if not self._stands_in(attack, segment, one, other):
            return False
        if i < j:
            return True
        # Of equally good routes the first listed counts, so none with other numbers may stand between them.
        numbers = {(r.attempts, r.success, r.multiplier) for r in attack.routes[j : i + 1]}
        return len(numbers) == 1 and not self._stands_in(attack, segment, other, one)

    def attackable(self, known: Mapping[int, Array]) -> dict[str, Array]:
        """Return the probability that some route is open, every trait and success assumed.

        Parameters
        ----------
        known
            As for :meth:`classes_of`.

        Returns
        -------
        By attack, for attacks that can happen. Shape (R,) or (1,).
        """
        groups = self.opened_weights(known)
        result = {}
        for name, own in self._attack_bits.items():
            weights = [weight for opened, weight in groups.items() if opened & own]
            if weights:
                result[name] = np.asarray(sum(weights[1:], weights[0]))
        return result

    def _by_attack(self, opened: int) -> dict[str, tuple[Route, ...]]:
        """Open routes by attack; one object for the same routes, in whatever segment."""
        if opened not in self._by_opened:
            routes = {}
            for name, own in self._attack_bits.items():
                key = (name, opened & own)
                if key not in self._of_attack:
                    self._of_attack[key] = tuple(r for n, r in enumerate(self._routes) if key[1] >> n & 1)
                routes[name] = self._of_attack[key]
            self._by_opened[opened] = routes
        return self._by_opened[opened]

    def _by_trait(self, segment: Segment, groups: Mapping[int, Array]) -> Iterator[tuple[int, Array]]:
        """Open routes and weights of every class, for each combination of its shared traits."""
        for opened, weight in groups.items():
            read = {name for name, bits in self._reading.items() if bits & opened}
            shared = frozenset(read) - self._private
            for held, share in self._trait_shares(segment, shared).items():
                # Private traits are assumed here; their shares enter later as a mixture (_variants).
                left = opened
                for name in shared - held:
                    left &= ~self._reading[name]
                # A route that loses its trait may have been the only one that grants a capability.
                yield self.opened(left), weight * share

    def _variants(self, segment: Segment, opened: int) -> dict[str, tuple[Variant, ...]]:
        """Routes left open by the private traits of each attack, with their shares."""
        variants = {}
        for name in self._reading_private:
            key = (name, opened & self._attack_bits[name])
            if key not in self._mixtures:
                own = self._by_attack(opened)[name]
                traits = traits_read([own]) & self._private
                self._mixtures[key] = self._mixture(segment, own, traits) if traits else None
            mixture = self._mixtures[key]
            if mixture is not None:
                variants[name] = mixture
        return variants

    def _mixture(
        self, segment: Segment, own: tuple[Route, ...], traits: frozenset[str]
    ) -> tuple[Variant, ...]:
        """Open routes of one attack for each outcome of its private traits, with the share of the outcome."""
        shares: dict[tuple[Route, ...], Array] = {}
        for held, share in self._trait_shares(segment, traits).items():
            left = tuple(route for route in own if (traits & set(route.traits)) <= held)
            shares[left] = shares[left] + share if left in shares else share
        return tuple((share, left) for left, share in shares.items() if left)

    def _trait_shares(self, segment: Segment, read: frozenset[str]) -> dict[frozenset[str], Array]:
        """Share of accounts with each combination of some traits, independent."""
        if len(read) > MAX_TRAITS:
            raise ValueError(
                f"segments.{segment.name}: attacks read {len(read)} traits; at most {MAX_TRAITS} may"
            )
        if read in self._shares:
            return self._shares[read]
        shares: dict[frozenset[str], Array] = {frozenset(): np.ones(1)}
        for name in sorted(read):
            trait = self._graph.traits[name]
            # Equation (16). Traits are independent, so each trait adds one factor.
            share = thinned(self._parameters(trait.share), trait.protections, self._parameters)
            shares = {held: weight * (1 - share) for held, weight in shares.items()} | {
                held | {name}: weight * share for held, weight in shares.items()
            }
        self._shares[read] = shares
        return shares


def by_routes(groups: Sequence[AccountClass], bits: int) -> list[tuple[AccountClass, Array]]:
    """Put classes together where the same of some routes are open, and leave out those where none is.

    Parameters
    ----------
    groups
        Classes of one segment.
    bits
        The routes, such as those of an attack. [bit set]

    Returns
    -------
    One class of each kind, and the weight of all of that kind. Shape (R,) or (1,).
    """
    found: dict[int, list[AccountClass]] = {}
    for group in groups:
        own = group.opened & bits
        if own:
            found.setdefault(own, []).append(group)
    return [(own[0], total([group.weight for group in own])) for own in found.values()]


def mixed(variants: Sequence[Variant], pairs: Sequence[tuple[Number, Number]]) -> tuple[Number, Number]:
    """Return the probabilities of being attempted and a victim over the variants of a class.

    Parameters
    ----------
    variants
        Share of the class, and open routes, by outcome of the private traits.
    pairs
        Probabilities of being attempted and a victim, variant by variant.

    Returns
    -------
    Means over the variants; the float 0.0 where the attack cannot happen.
    """
    tried: Number = 0.0
    won: Number = 0.0
    for (share, _), (attempted, victim) in zip(variants, pairs, strict=True):
        if never(attempted):
            continue
        sole = len(variants) == 1 and share.size == 1 and share[0] == 1.0
        tried = attempted if sole else tried + share * attempted
        won = victim if sole else won + share * victim
    return tried, won


def touched(scenario: Scenario) -> dict[tuple[str, str], Hashable]:
    """Return what decides the intensities of each segment: its kind, and the resets that touch it.

    Parameters
    ----------
    scenario
        Segments and events.

    Returns
    -------
    A key by name and kind. Segments with equal keys share what an attack does to given open routes.
    """
    resets = [(i, event.segments) for i, event in enumerate(scenario.events) if event.kind == "reset"]
    return {
        (s.name, s.kind): (s.kind, *(i for i, names in resets if not names or s.name in names))
        for s in scenario.segments
    }


def alike(
    scenario: Scenario, keys: Mapping[tuple[str, str], Hashable], parameters: Parameters
) -> dict[str, str]:
    """Return the first segment that is like each in everything but name and size.

    Parameters
    ----------
    scenario
        Segments.
    keys
        Of :func:`touched`.
    parameters
        Draws: coverages that are the same certain number are alike, whatever their names.

    Returns
    -------
    Name of the first by name. Accounts of segments that are alike have the same law.
    """
    if len(scenario.segments) == 1:
        return {}
    first: dict[Hashable, str] = {}

    def read(leak: Leak) -> Hashable:
        number = parameters.certain(leak.coverage)
        return leak.fields, leak.breach, leak.coverage if number is None else number

    return {
        s.name: first.setdefault((keys[s.name, s.kind], tuple(map(read, s.leaks)), s.withheld), s.name)
        for s in scenario.segments
    }


def _summed(parts: Iterable[tuple[int, Array]]) -> dict[int, Array]:
    """Sum of the weights by set of routes."""
    found: dict[int, Array] = {}
    for bits, weight in parts:
        found[bits] = found[bits] + weight if bits in found else weight
    return found


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
