"""The attack graph: which fields enable which attacks, directly or through other attacks.

Not here: minimal sets of fields (``requirements``), probabilities (``engine``), and pictures (``plots``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.html import table
from breach_sim.formatting.messages import named, unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Clock, Drivers, Release, Route, Trait
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.country import Country
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
    lookups
        What can be looked up about a person beside the leak. None if fields are known only where they leaked.
    drivers
        What attempts and losses have in common; None if each parameter errs on its own.
    country
        Whose numbers they are; None for those of the catalog, read off the United States.
    home
        Code of the country from which rates, traits, background and losses were read off; "" if of none. It
        changes what a run says of itself, not what it draws.

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
    lookups: Lookups | None = None
    drivers: Drivers | None = None
    country: Country | None = None
    home: str = ""

    def __post_init__(self) -> None:
        names = [attack.name for attack in self.attacks]
        taken = RESERVED.intersection(names)
        if taken:
            raise ValueError(f"an attack is named {min(taken)!r}, which means all of them; give another name")
        if not names or len(set(names)) != len(names):
            raise ValueError(f"attacks are {named(names)}; there must be at least one, with different names")
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

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the attacks, in order."""
        return tuple(attack.name for attack in self.attacks)

    @cached_property
    def granting(self) -> tuple[Attack, ...]:
        """Attacks that grant a capability: the shared steps of chains."""
        return tuple(attack for attack in self.attacks if attack.grants and attack.routes)

    @property
    def possible_lookups(self) -> tuple[Lookup, ...]:
        """Look-ups that can succeed. Empty if the graph has none."""
        return () if self.lookups is None else self.lookups.possible

    def on_attempts(self, routes: Iterable[Route]) -> tuple[Estimate, ...]:
        """Factors on the attempts of initial routes of an attack: the driver, that of a US rate abroad."""
        common = () if self.drivers is None else (self.drivers.attempts,)
        if self.country is None or any(route.attempts.name in self.country.own for route in routes):
            return common
        return (*common, self.country.attempts)

    def on_loss(self, attack: Attack) -> tuple[Estimate, ...]:
        """Factors on the mean loss of a victim: the driver, and that of a US loss abroad."""
        common = () if self.drivers is None else (self.drivers.loss,)
        if self.country is None or attack.severity.name in self.country.own:
            return common
        return (*common, self.country.loss)

    def estimates(self) -> tuple[Estimate, ...]:
        """Every estimate of the graph and its look-ups, once each, in the order of the attributes."""
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
        """Return the graph in which attacks and look-ups of other countries cannot succeed.

        Parameters
        ----------
        countries
            Codes as in ``scenario.dossier.countries``; empty if people may live anywhere.

        Returns
        -------
        A graph with the same names, in which an attack that cannot hit people of these countries has no
        routes, and without the look-ups of fields that nobody there has. The graph itself if nothing changes.
        """
        absent = () if self.country is None else self.country.absent
        foreign = {a.name for a in self.attacks if abroad(countries, a.countries) or a.name in absent}
        lookups = None if self.lookups is None else self.lookups.in_countries(countries)
        if not foreign and lookups is self.lookups:
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
            lookups=lookups,
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
        assuming every trait and every look-up that can succeed; attacks that are background only, beside
        attacks of the same technique; and the traits and clocks they read. Look-ups stay.

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
        known = self.within_reach(np.array([leaked], dtype=np.uint64))
        possible = closure_of_routes(self, known)[0]
        pairs = zip(self.attacks, possible, strict=True)
        wanted = {attack.name for attack, able in pairs if able}
        near = {attack.technique for attack in self.attacks if attack.name in wanted}
        # Where nothing is possible, background alone keeps the tables of zeros their rows.
        wanted |= {a.name for a in self.attacks if not a.routes and (a.technique in near or not near)}
        if not wanted:
            raise ValueError(
                f"the fields {named(vocabulary.names(leaked)) if leaked else '(none)'} enable no attack of "
                "the graph; use the whole graph, in which all numbers are zero"
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

    def obtainable(self, fields: Iterable[str]) -> tuple[str, ...]:
        """Return the fields that can be known of a person of whom some fields leaked.

        Parameters
        ----------
        fields
            Names of leaked fields.

        Returns
        -------
        The leaked fields, and those that look-ups can lead to from them, in the order of the vocabulary.
        """
        leaked = np.array([vocabulary.mask(fields)], dtype=np.uint64)
        if self.lookups is None:
            return vocabulary.names(int(leaked[0]))
        every = np.array([vocabulary.mask(each.field for each in self.possible_lookups)], dtype=np.uint64)
        return vocabulary.names(int(self.lookups.known_fields(leaked, every)[0]))

    def within_reach(self, leaked: NDArray[np.uint64]) -> list[NDArray[np.bool_]]:
        """Return the routes whose fields are known if every look-up that can succeed does.

        Parameters
        ----------
        leaked
            Leaked fields of each cell. Shape (C,). [bit set]

        Returns
        -------
        For each attack, shape (C, routes).
        """
        if self.lookups is None:
            return [_all_in(attack, leaked) for attack in self.attacks]
        every = np.array([vocabulary.mask(each.field for each in self.possible_lookups)], dtype=np.uint64)
        known, had = self.lookups.known_fields(leaked, every), self.lookups.had_anyway(every)
        return [known_routes(attack, leaked, known, had) for attack in self.attacks]

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
        The attacks. Its look-ups are not used: a field is known where it is in the mask.
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
    return closure_of_routes(graph, [_all_in(attack, cells) for attack in graph.attacks], coins)


def closure_of_routes(
    graph: AttackGraph, known: Sequence[NDArray[np.bool_]], coins: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return the attacks that succeed when it is given which routes have all their fields.

    Parameters
    ----------
    graph
        The attacks.
    known
        For each attack, whether the fields of each of its routes are known in each cell. Shapes (C, routes).
    coins
        Whether each attack would succeed if attempted; all true by default. Shape (A,).

    Returns
    -------
    As for :func:`closure`. Shape (C, A).
    """
    # Routes only ask for more, never for less: sweeping until nothing is added reaches the least fixpoint,
    # in whatever order the attacks stand. Each sweep but the last adds a capability, so that it ends.
    heads = np.ones(len(graph.attacks), dtype=bool) if coins is None else np.asarray(coins, dtype=bool)
    capability_bit = {name: 1 << i for i, name in enumerate(_capabilities(graph))}
    cells = len(known[0])
    held = np.zeros(cells, dtype=np.uint64)
    won = np.zeros((cells, len(graph.attacks)), dtype=bool)
    while True:
        before = held.copy()  # `won` follows from `held`: a sweep that adds no capability wins no more
        for number, attack in enumerate(graph.attacks):
            if heads[number]:
                won[:, number] = _open(attack, known[number], held, capability_bit)
                grants = np.uint64(sum(capability_bit[name] for name in attack.grants))
                held = np.where(won[:, number], held | grants, held)
        if np.array_equal(before, held):
            return won


def known_routes(
    attack: Attack, leaked: NDArray[np.uint64], known: NDArray[np.uint64], had: NDArray[np.uint64]
) -> NDArray[np.bool_]:
    """Return the routes whose fields are known: one of them leaked, and all are in one of two sets.

    Parameters
    ----------
    attack
        An attack.
    leaked
        Leaked fields of each cell. Shape (C,). [bit set]
    known
        Leaked and looked-up fields; see ``Lookups.known_fields``. Shape (C,). [bit set]
    had
        Fields that could have been had without the leak; see ``Lookups.had_anyway``. Shape (C,) or (1,).
        [bit set]

    Returns
    -------
    Shape (C, routes). A route without fields has no such condition.
    """
    some_leaked: NDArray[np.bool_] = (leaked[:, None] & _needed(attack) != 0) | (_needed(attack) == 0)
    return some_leaked & (_all_in(attack, known) | _all_in(attack, had))


def open_fields(graph: AttackGraph, masks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the leaked fields that matter to some route. Masks with equal results have the same routes.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up.
    masks
        Leaked fields of each cell. Shape (C,). [bit set]

    Returns
    -------
    Union of the fields of all routes whose fields leaked, assuming capabilities; with look-ups, all leaked
    fields that attacks read, directly or in a look-up. Shape (C,). [bit set]
    """
    cells = np.asarray(masks, dtype=np.uint64)
    if graph.lookups is not None:
        read = 0
        for route in (route for attack in graph.attacks for route in attack.routes):
            read |= route.field_mask
        return np.asarray(cells & np.uint64(graph.lookups.read_for(read)))
    union = np.zeros_like(cells)
    for route in (route for attack in graph.attacks for route in attack.routes):
        needed = np.uint64(route.field_mask)
        union |= np.where((cells & needed) == needed, needed, np.uint64(0))
    return union


def _capabilities(graph: AttackGraph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for attack in graph.attacks for name in attack.grants))


def _needed(attack: Attack) -> NDArray[np.uint64]:
    """Masks of the fields of the routes of an attack. Shape (routes,)."""
    return np.array([route.field_mask for route in attack.routes], dtype=np.uint64)


def _all_in(attack: Attack, cells: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether all fields of each route of an attack are in a mask. Shape (C, routes)."""
    inside: NDArray[np.bool_] = cells[:, None] & _needed(attack) == _needed(attack)
    return inside


def _open(
    attack: Attack, known: NDArray[np.bool_], held: NDArray[np.uint64], bits: Mapping[str, int]
) -> NDArray[np.bool_]:
    """Whether some route of the attack is open in each cell, traits assumed."""
    result = np.zeros(len(held), dtype=bool)
    for number, route in enumerate(attack.routes):
        capabilities = np.uint64(sum(bits[name] for name in route.capabilities))
        result |= known[:, number] & ((held & capabilities) == capabilities)
    return result
