"""The attack graph: which fields enable which attacks, directly or through other attacks.

Not here: probabilities and rates (``engine``), and pictures of the graph (``plots``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.html import table
from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Clock, Drivers, Release, Route, Trait
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.published import abroad

RESERVED = frozenset({"any", "people"})
"""Names that no attack may have."""
MAX_GRANTING = 6
"""Most granting attacks in a graph: the law of sets of granted attacks has 2**6 members."""


@dataclass(frozen=True, kw_only=True, repr=False)
class AttackGraph(Displayable, Mapping[str, Attack]):
    """Set of attacks that feed each other, with the traits and clocks they read.

    Parameters
    ----------
    people_background
        Probability of any identity theft without the breach. [probability/year]
    attacks
        Attacks with unique names, in the order of tables.
    traits, clocks
        By name; all that the attacks use must be present.
    releases
        By name. A scenario with a release table needs those it names.
    drivers
        What attempts and losses have in common; None if each parameter errs on its own.

    Raises
    ------
    ValueError
        If an attack uses a trait, clock or capability that nothing defines or grants.
    """

    people_background: Estimate
    attacks: tuple[Attack, ...]
    traits: Mapping[str, Trait] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    releases: Mapping[str, Release] = field(default_factory=dict)
    drivers: Drivers | None = None

    def __post_init__(self) -> None:
        names = [attack.name for attack in self.attacks]
        taken = RESERVED.intersection(names)
        if taken:
            raise ValueError(f"an attack is named {min(taken)!r}, which means all of them; give another name")
        if not names or len(set(names)) != len(names):
            raise ValueError(f"attacks are {names}; there must be at least one, with different names")
        granted = {capability for attack in self.attacks if attack.routes for capability in attack.grants}
        for attack in self.attacks:
            self._check(attack, granted, names)
        anchored = [name for attack in self.attacks if attack.anchor for name in attack.anchor.follow_ons]
        for name in anchored:
            if anchored.count(name) > 1:
                raise ValueError(f"attacks.{name} is scaled by two anchors; it may be named by one")
        if len(self.granting) > MAX_GRANTING:
            raise ValueError(f"{len(self.granting)} attacks grant a capability; at most {MAX_GRANTING} may")

    def _check(self, attack: Attack, granted: set[str], names: list[str]) -> None:
        place = f"attacks.{attack.name}"
        for route in attack.routes:
            where = f"{place}.routes.{route.name}"
            for name in route.fields:
                vocabulary.check_field(name, where)
            _check_known("trait", route.traits, self.traits, where)
            _check_known("capability", route.capabilities, granted, where)
        _check_known("clock", attack.clocks, self.clocks, f"{place}.clocks")
        if attack.anchor and attack.routes and not attack.grants:
            raise ValueError(f"{place} has an anchor and grants nothing; its follow-ons could not be reached")
        follow_ons = attack.anchor.follow_ons if attack.anchor else ()
        _check_known("attack", follow_ons, names, f"{place}.anchor.follow_ons")
        for name in follow_ons:
            if self[name].kind != "follow_on":
                raise ValueError(
                    f"{place}.anchor names {name!r}, which is no follow-on; name attacks behind it"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attacks, in order."""
        return tuple(attack.name for attack in self.attacks)

    @property
    def granting(self) -> tuple[Attack, ...]:
        """Attacks that grant a capability: the shared steps of chains."""
        return tuple(attack for attack in self.attacks if attack.grants and attack.routes)

    def estimates(self) -> tuple[Estimate, ...]:
        """Every estimate of the graph, once each, in the order of its attributes."""
        return tuple({estimate.name: estimate for estimate in estimates_in(self)}.values())

    def __getitem__(self, name: str) -> Attack:
        for attack in self.attacks:
            if attack.name == name:
                return attack
        raise ValueError(unknown("attack", name, self.names, "the attack graph"))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.attacks)

    # `Mapping` asks for a KeyError where a name is unknown. Ours is a ValueError with the nearest name, so
    # that one `except ValueError` answers every wrong input: what relies on the KeyError is written anew.
    def __contains__(self, name: object) -> bool:
        return name in self.names

    def get(self, name: str, default: Any = None) -> Any:
        """Return the attack with a name, or a default.

        Parameters
        ----------
        name
            Name of an attack.
        default
            Value to return for an unknown name.

        Returns
        -------
        The attack, or the default.
        """
        return next((attack for attack in self.attacks if attack.name == name), default)

    def only(self, names: Iterable[str]) -> AttackGraph:
        """Return the graph of the named attacks and of the earlier attacks they need.

        Parameters
        ----------
        names
            Attacks to keep. The order of the graph is kept.

        Returns
        -------
        A smaller graph that includes the attacks which grant needed capabilities, recursively. An
        anchor keeps the remaining follow-ons, which then carry the whole anchored loss. To compare with
        a run of the whole graph, pass the ``factors`` of that run to ``impact.simulate``.

        Raises
        ------
        ValueError
            If a name is unknown.
        """
        wanted = {self[name].name for name in names}
        while True:
            needed = {c for name in wanted for route in self[name].routes for c in route.capabilities}
            givers = {attack.name for attack in self.granting if needed.intersection(attack.grants)}
            if givers <= wanted:
                break
            wanted |= givers
        kept = tuple(_anchored_to(attack, wanted) for attack in self.attacks if attack.name in wanted)
        return dataclasses.replace(self, attacks=kept)

    def undriven(self) -> AttackGraph:
        """Return the graph without common drivers: each parameter errs on its own.

        Returns
        -------
        The graph itself if it has none.
        """
        return self if self.drivers is None else dataclasses.replace(self, drivers=None)

    def in_countries(self, countries: Collection[str]) -> AttackGraph:
        """Return the graph in which attacks of other countries are background only.

        Parameters
        ----------
        countries
            Codes as in ``scenario.dossier.countries``; empty if people may live anywhere.

        Returns
        -------
        A graph with the same names, in which an attack that cannot hit people of these countries has no
        routes. The graph itself if nothing changes.
        """
        foreign = {attack.name for attack in self.attacks if abroad(countries, attack.countries)}
        if not foreign:
            return self
        # The attack stays, without routes, so that rows and random streams keep their names. What needs
        # routes, as `Attack` checks, goes with them.
        closed: dict[str, Any] = dict.fromkeys(("routes", "regimes", "clocks", "protections"), ())
        closed |= {"onset": None, "anchor": None}
        return dataclasses.replace(
            self,
            attacks=tuple(
                dataclasses.replace(attack, **closed) if attack.name in foreign else attack
                for attack in self.attacks
            ),
        )

    def within(self, fields: Iterable[str]) -> AttackGraph:
        """Return the graph of the attacks that some leaked fields can enable.

        Parameters
        ----------
        fields
            Names of the fields that leaked for at least one account.

        Returns
        -------
        A smaller graph, in the same order: attacks that these fields enable, directly or through chains,
        assuming every trait; attacks that are background only; and the traits and clocks they read.

        Raises
        ------
        ValueError
            If a field is unknown, or no attack remains.

        Notes
        -----
        The attacks left out cannot happen, and random streams are addressed by name. The law of the other
        attacks and all draws of their parameters are therefore those of the whole graph.
        """
        leaked = vocabulary.mask(fields)
        possible = closure(self, np.array([leaked], dtype=np.uint64))[0]
        pairs = zip(self.attacks, possible, strict=True)
        wanted = {attack.name for attack, able in pairs if able or not attack.routes}
        if not wanted:
            raise ValueError(
                f"the fields {', '.join(vocabulary.names(leaked)) or '(none)'} enable no attack of the "
                "graph; use the whole graph, in which all numbers are zero"
            )
        kept = tuple(_anchored_to(attack, wanted) for attack in self.attacks if attack.name in wanted)
        read = {trait for attack in kept for route in attack.routes for trait in route.traits}
        listed = {clock for attack in kept for clock in attack.clocks}
        return dataclasses.replace(
            self,
            attacks=kept,
            traits={name: trait for name, trait in self.traits.items() if name in read},
            clocks={name: clock for name, clock in self.clocks.items() if name in listed},
        )

    def summary(self) -> str:
        """Number of attacks and the first names."""
        return f"{plural(len(self), 'attack')}: {listed(self)}"

    def _repr_html_(self) -> str:
        rows = [
            (attack.label, attack.routes_in_words or "background only", ", ".join(attack.grants))
            for attack in self.attacks
        ]
        return table(rows, ("attack", "routes", "grants"), caption=plural(len(self), "attack"))


def _check_known(what: str, names: Iterable[str], known: Iterable[str], place: str) -> None:
    """Reject a name that nothing defines."""
    defined = list(known)
    for name in names:
        if name not in defined:
            raise ValueError(unknown(what, name, defined, place))


def _anchored_to(attack: Attack, kept: set[str]) -> Attack:
    """The attack with its anchor reduced to the follow-ons that are kept."""
    if attack.anchor is None:
        return attack
    follow_ons = tuple(name for name in attack.anchor.follow_ons if name in kept)
    anchor = dataclasses.replace(attack.anchor, follow_ons=follow_ons) if follow_ons else None
    return dataclasses.replace(attack, anchor=anchor)


def closure(
    graph: AttackGraph, masks: NDArray[np.uint64], coins: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return the attacks that succeed when every chain is followed to its end, assuming every trait.

    Parameters
    ----------
    graph
        The attacks.
    masks
        Leaked fields of each cell. Shape (C,). [bit set]
    coins
        Whether each attack would succeed if attempted; all true by default. Shape (A,).

    Returns
    -------
    Shape (C, A). Monotone in both arguments and independent of the order of attacks.

    Raises
    ------
    ValueError
        If a mask has an unknown bit.

    Notes
    -----
    Least fixpoint, at most A + 1 sweeps.
    """
    cells = np.atleast_1d(np.asarray(masks, dtype=np.uint64))
    vocabulary.names(int(np.bitwise_or.reduce(cells, initial=0)))
    # Routes only ask for more, never for less: sweeping until nothing is added reaches the least fixpoint,
    # in whatever order the attacks stand. Each sweep but the last adds a capability, so that it ends.
    heads = np.ones(len(graph.attacks), dtype=bool) if coins is None else np.asarray(coins, dtype=bool)
    capability_bit = {name: 1 << i for i, name in enumerate(_capabilities(graph))}
    held = np.zeros(len(cells), dtype=np.uint64)
    won = np.zeros((len(cells), len(graph.attacks)), dtype=bool)
    while True:
        before = held.copy()  # `won` follows from `held`: a sweep that adds no capability wins no more
        for number, attack in enumerate(graph.attacks):
            if heads[number]:
                won[:, number] = _open(attack, cells, held, capability_bit)
                grants = np.uint64(sum(capability_bit[name] for name in attack.grants))
                held = np.where(won[:, number], held | grants, held)
        if np.array_equal(before, held):
            return won


def open_fields(graph: AttackGraph, masks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the leaked fields that open some route. Masks with equal results have the same routes.

    Parameters
    ----------
    graph
        The attacks.
    masks
        Leaked fields of each cell. Shape (C,). [bit set]

    Returns
    -------
    Union of the fields of all routes whose fields leaked, assuming capabilities. Shape (C,). [bit set]
    """
    cells = np.asarray(masks, dtype=np.uint64)
    union = np.zeros_like(cells)
    for route in (route for attack in graph.attacks for route in attack.routes):
        needed = np.uint64(route.field_mask)
        union |= np.where((cells & needed) == needed, needed, np.uint64(0))
    return union


def _capabilities(graph: AttackGraph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for attack in graph.attacks for name in attack.grants))


def _open(
    attack: Attack, cells: NDArray[np.uint64], held: NDArray[np.uint64], bits: Mapping[str, int]
) -> NDArray[np.bool_]:
    """Whether some route of the attack is open in each cell, traits assumed."""
    result = np.zeros(len(cells), dtype=bool)
    for route in attack.routes:
        fields = np.uint64(route.field_mask)
        capabilities = np.uint64(sum(bits[name] for name in route.capabilities))
        result |= ((cells & fields) == fields) & ((held & capabilities) == capabilities)
    return result


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
