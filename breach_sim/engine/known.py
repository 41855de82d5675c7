"""Which routes are known: fields that leaked, and fields that can be looked up elsewhere.

Each account has one coin for each field that can be looked up. Given what leaked, the coins decide which
routes the thief can put together (docs/model.md, section 6). :class:`KnownRoutes` gives the probability of
each set of known routes. The coins are read as a decision diagram, in which states with the same future are
one node: its cost grows with the number of nodes, not with the number of outcomes of the coins.

Not here: traits and capabilities (``classes``), and the shares of the look-ups (``catalog``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import searched_from
from breach_sim.inputs.numbers.estimates import Estimate

ROUTE_SETS = ("known", "unmixed", "elsewhere", "leaked", "single")
"""R_K; R_E and R_L together; R_E; R_L; the union of R_b over the breaches of a person."""
MAX_COINS = 16
"""Most fields that attacks read and that can be looked up: 2**16 outcomes of the coins."""
_ROWS = 2
"""Rows of a weight once a coin was read: accounts that are easy and that are hard to find."""
_WORD = 62
"""Routes whose state is kept in one whole number."""
Weights = Mapping[int, Array] | Mapping[tuple[int, ...], Array]
"""Weight by leaked fields of an account, in all or breach by breach. [bit set]"""


@dataclass(frozen=True, slots=True)
class _Search:
    """What can be looked up, as bit sets.

    ``routes`` are the field sets of the routes, each once; ``coins`` the bits of the fields that have a coin;
    ``given`` the sets that allow the search of each; ``listed`` whether directories hold it.
    """

    routes: tuple[int, ...]
    coins: tuple[int, ...]
    given: tuple[tuple[int, ...], ...]
    listed: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Diagram:
    """Coins read one after the other, from several starting points.

    ``roots`` is the first node of each. ``levels`` has one pair of arrays for each coin: the next node if it
    shows "not found", and if it shows "found". ``outcomes`` is the set of field sets, by number in
    ``_Search.routes``, that is known in each last node. [bit set]
    """

    roots: tuple[int, ...]
    levels: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]
    outcomes: tuple[int, ...]


class KnownRoutes:
    """Probabilities of the sets of known routes, for one attack graph and one set of draws.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up.
    parameters
        Draws per replicate, for the shares of the look-ups.
    among
        Names of the attacks whose routes are asked about; all if None. Numbers of routes stay the same.

    Raises
    ------
    ValueError
        If too many fields can be looked up.
    """

    def __init__(
        self, graph: AttackGraph, parameters: Parameters, among: Collection[str] | None = None
    ) -> None:
        self._parameters = parameters
        bits = attack_bits(graph)
        asked = sum(own for name, own in bits.items() if among is None or name in among)
        own = [(1 << number, route.field_mask) for number, route in enumerate(numbered(graph))]
        own = [(bit, fields) for bit, fields in own if bit & asked]
        # Routes with the same fields are known together.
        sets = tuple(dict.fromkeys(fields for _, fields in own))
        self._bits = tuple(sum(bit for bit, fields in own if fields == each) for each in sets)
        self._search = _search_of(graph, sets)
        read = 0
        for fields in (*sets, *self._search.coins, *(g for own in self._search.given for g in own)):
            read |= fields
        self._read = read
        self.fields: frozenset[str] = frozenset(vocabulary.names(read))
        lookups = graph.lookups
        self._easy = [] if lookups is None else [lookups.easy_to_find]
        self._shares = (
            []
            if lookups is None
            else [lookups[name].share for bit in self._search.coins for name in vocabulary.names(bit)]
        )
        self._chances: dict[int, Array] = {}

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Shares of the look-ups, and how they go together; none if nothing can be looked up."""
        return (*self._shares, *self._easy) if self._shares else ()

    def drawn(self, parameters: Parameters) -> KnownRoutes:
        """Return the same routes and look-ups with other draws.

        Parameters
        ----------
        parameters
            Draws per replicate, for the shares of the look-ups.

        Returns
        -------
        What the graph and these draws would make, without going through the graph again.
        """
        other: KnownRoutes = copy.copy(self)
        other._parameters, other._chances = parameters, {}
        return other

    def of(self, leaked: Weights, which: str = "known") -> dict[int, Array]:
        """Return the weight of each set of known routes.

        Parameters
        ----------
        leaked
            Weight by leaked fields. Shape (R,) or (1,) each.
        which
            One of :data:`ROUTE_SETS`.

        Returns
        -------
        Weight by set of routes, numbered as in :func:`numbered`. Shape (R,) or (1,) each. They sum to the
        total weight. [bit set]
        """
        if which not in ROUTE_SETS:
            raise ValueError(f"routes are {which!r}; they are one of {', '.join(ROUTE_SETS)}")
        read = self._read
        starts: dict[tuple[int, ...], Array] = {}
        for each, weight in leaked.items():
            parts = (each,) if isinstance(each, int) else each
            start = tuple(bits & read for bits in parts)
            starts[start] = starts[start] + weight if start in starts else weight
        diagram = _diagram(self._search, tuple(starts), which)
        weights = self._weights(diagram, list(starts.values()))
        return {self._routes(outcome): weight for outcome, weight in weights.items()}

    def expect(self, leaked: Sequence[int], value: Callable[[int], Array | float]) -> list[Array]:
        """Return the expectation of a function of the known routes, for several sets of leaked fields.

        Parameters
        ----------
        leaked
            Sets of leaked fields. [bit sets]
        value
            The function of a set of known routes, numbered as in :func:`numbered`. Shape (R,) or a number.

        Returns
        -------
        One array for each set. Shape (R,) or (1,).
        """
        read = self._read
        starts = tuple(dict.fromkeys((bits & read,) for bits in leaked))
        diagram = _diagram(self._search, starts, "known")
        # From the last coin back to the first: a node is worth the mean of its two successors. All starting
        # points share the nodes.
        values = [np.atleast_2d(value(self._routes(outcome))) for outcome in diagram.outcomes]
        for number in reversed(range(len(diagram.levels))):
            without, found = diagram.levels[number]
            values = [
                values[a] if a == b else values[a] + self._chance(number) * (values[b] - values[a])
                for a, b in zip(without.tolist(), found.tolist(), strict=True)
            ]
        at = dict(zip(starts, diagram.roots, strict=True))
        return [values[at[(bits & read,)]].mean(axis=0) for bits in leaked]

    def _routes(self, outcome: int) -> int:
        """Bits of the routes whose field sets are known in an outcome."""
        return sum(bits for number, bits in enumerate(self._bits) if outcome >> number & 1)

    def _weights(self, diagram: _Diagram, starts: Sequence[Array]) -> dict[int, Array]:
        """Weight of each last node: the starting weights, divided at every coin."""
        nodes: dict[int, Array] = {}
        # Two rows, easy and hard to find, with probability 1/2 each.
        for root, weight in zip(diagram.roots, starts, strict=True):
            nodes[root] = nodes[root] + weight if root in nodes else np.asarray(weight)[None, :]
        for number, (without, found) in enumerate(diagram.levels):
            following: dict[int, Array] = {}
            for node, weight in nodes.items():
                a, b = int(without[node]), int(found[node])
                if a == b:
                    _add(following, a, weight)
                    continue
                part = weight * self._chance(number)
                _add(following, b, part)
                _add(following, a, weight - part)
            nodes = following
        return {diagram.outcomes[node]: weight.mean(axis=0) for node, weight in nodes.items()}

    def _chance(self, number: int) -> Array:
        """Chance that a coin shows "found", for an account that is easy and one that is hard to find."""
        if number not in self._chances:
            own = self._shares[number]
            share = self._parameters(own)
            together = self._parameters(self._easy[0]) * np.minimum(share, 1.0 - share)
            # Equation (22): the mean over the two kinds of accounts is the share itself.
            self._chances[number] = np.stack([share + together, share - together])
        return self._chances[number]


def numbered(graph: AttackGraph) -> tuple[Route, ...]:
    """Return all routes of a graph; their places are the bits of sets of routes.

    Parameters
    ----------
    graph
        The attacks.

    Returns
    -------
    Routes, attack by attack.
    """
    return tuple(route for attack in graph.attacks for route in attack.routes)


def attack_bits(graph: AttackGraph) -> dict[str, int]:
    """Return the routes of each attack, numbered as in :func:`numbered`. [bit sets]."""
    bits, first = {}, 0
    for attack in graph.attacks:
        bits[attack.name] = ((1 << len(attack.routes)) - 1) << first
        first += len(attack.routes)
    return bits


def _add(nodes: dict[int, Array], node: int, weight: Array) -> None:
    """Add a weight to a node. Arrays of two rows belong to one node alone, so they grow in place."""
    known = nodes.get(node)
    if known is None:
        nodes[node] = weight
    elif len(known) == _ROWS and known.shape >= weight.shape:
        known += weight
    else:
        nodes[node] = known + weight


def _search_of(graph: AttackGraph, sets: Iterable[int]) -> _Search:
    """The look-ups that attacks read, directly or on the way to a field that they read."""
    routes, lookups = tuple(sets), graph.lookups
    read = 0
    for fields in routes:
        read |= fields
    if lookups is None:
        return _Search(routes, (), (), ())
    possible = {own.field: own for own in lookups.possible}
    names = vocabulary.names(lookups.read_for(read))
    # In the order of the vocabulary, which puts names and birth dates, on which most searches rest, first.
    own = [possible[name] for name in names if name in possible]
    if len(own) > MAX_COINS:
        raise ValueError(
            f"elsewhere holds {len(own)} look-ups of fields that attacks read; at most {MAX_COINS} are "
            "possible: set the share of some of them to a fixed 0"
        )
    return _Search(
        routes=routes,
        coins=tuple(look.bit for look in own),
        given=tuple(look.given_bits for look in own),
        listed=tuple(look.directory for look in own),
    )


@lru_cache(maxsize=512)
def _diagram(search: _Search, starts: tuple[tuple[int, ...], ...], which: str) -> _Diagram:
    """Decision diagram of the coins. It depends on no draw, so that runs share it."""
    rows, nodes, outcomes = _last_nodes(search, starts, which)
    levels = []
    for _ in search.coins:
        pairs, width = nodes.reshape(len(nodes), -1, 2), int(nodes.max()) + 1
        # Nodes with the same two successors have the same future: they are one.
        keys, nodes = _numbered(pairs[..., 0] * width + pairs[..., 1])
        levels.append((keys // width, keys % width))
    return _Diagram(tuple(nodes[rows, 0].tolist()), tuple(reversed(levels)), outcomes)


def _last_nodes(
    search: _Search, starts: tuple[tuple[int, ...], ...], which: str
) -> tuple[list[int], NDArray[np.int64], tuple[int, ...]]:
    """Number of the outcome for every start and every outcome of the coins, and what is known in it.

    Starts that lead to the same everywhere share a row: returned are the row of each start, the rows, in
    which the last coin is the lowest bit of the column, and the outcomes. Shape (rows, 2**coins).
    """
    at: dict[bytes, int] = {}
    rows, words = [], list[NDArray[np.int64]]()
    for start in starts:
        own = _words(_known_sets(search, start, which))
        row = at.setdefault(own.tobytes(), len(at))
        rows.append(row)
        words += [own] if row == len(words) else []
    nodes: NDArray[np.int64] = np.zeros((len(words), 1 << len(search.coins)), dtype=np.int64)
    outcomes = [0]
    for number, part in enumerate(np.stack(words, axis=1) if search.routes else ()):
        values, places = _numbered(part)
        joined, nodes = _numbered(nodes * len(values) + places)
        before, own = joined // len(values), values[joined % len(values)]
        shown = zip(before.tolist(), own.tolist(), strict=True)
        outcomes = [outcomes[node] | bits << _WORD * number for node, bits in shown]
    return rows, nodes, tuple(outcomes)


def _words(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Columns of truth values as numbers: the first row is the lowest bit. Shape (words, columns)."""
    words = np.zeros((-(-len(known) // _WORD), known.shape[1]), dtype=np.int64)
    for number, row in enumerate(known):
        words[number // _WORD] |= row.astype(np.int64) << (number % _WORD)
    return words


def _numbered(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values that occur, in order, and the place of each value among them."""
    # As `unique` with its inverse, in a third of the time: values are sorted without their places.
    found = np.unique(values)
    return found, np.searchsorted(found, values)


def _known_sets(search: _Search, start: tuple[int, ...], which: str) -> NDArray[np.bool_]:
    """Whether each field set of a route is known, for every outcome of the coins. Shape (sets, 2**coins)."""
    union = 0
    for leaked in start:
        union |= leaked
    had = _had_anyway(search)
    # A route is known by a way: one of its fields is in the first set, and all of them are in the second.
    # More ways know more routes, so that the sets of equation (25) are nested and its parts never negative.
    ways: list[tuple[int, NDArray[np.uint64]]]
    if which == "leaked":
        ways = [(union, np.full_like(had, union))]
    elif which == "elsewhere":
        ways = [(union, had)]
    elif which == "unmixed":
        ways = [(union, np.full_like(had, union)), (union, had)]
    elif which == "single":
        ways = [(own, whole) for own in start for whole in (_looked_up(search, own), had)]
    else:
        ways = [(union, _looked_up(search, union)), (union, had)]
    known = np.zeros((len(search.routes), len(had)), dtype=bool)
    for number, fields in enumerate(search.routes):
        needed = np.uint64(fields)
        for leaked, whole in ways:
            if not fields:
                known[number] = True
            elif fields & leaked:
                known[number] |= (whole & needed) == needed
    return known


@lru_cache(maxsize=256)
def _looked_up(search: _Search, leaked: int) -> NDArray[np.uint64]:
    """Known fields K for every outcome of the coins. Shape (2**coins,). [bit set]."""
    # A coin of a leaked field changes nothing, so only the others are laid out; then each outcome is read
    # from the shorter table.
    own = [number for number, bit in enumerate(search.coins) if not bit & leaked]
    found = _found(tuple(search.coins[number] for number in own))
    searches = [(search.coins[number], search.given[number]) for number in own]
    # Equation (23): the search starts from the leaked fields; directories play no part.
    known = searched_from(np.full_like(found, leaked), found, searches)
    columns, places = np.arange(1 << len(search.coins)), np.zeros(1 << len(search.coins), dtype=np.int64)
    for number in own:
        places = places << 1 | columns >> (len(search.coins) - 1 - number) & 1
    return np.asarray(known[places])


@lru_cache(maxsize=64)
def _had_anyway(search: _Search) -> NDArray[np.uint64]:
    """Fields E that could be had without this breach, for every outcome. Shape (2**coins,). [bit set]."""
    found, listed = _found(search.coins), 0
    for bit, directory in zip(search.coins, search.listed, strict=True):
        listed |= bit if directory else 0
    # Equation (24), with the coins of equation (23): a search that starts from what directories list.
    return searched_from(found & np.uint64(listed), found, zip(search.coins, search.given, strict=True))


def _found(coins: Sequence[int]) -> NDArray[np.uint64]:
    """Fields whose coins show "found", for every outcome; the first coin is the highest bit of its number."""
    found = np.zeros(1, dtype=np.uint64)
    for bit in coins:
        found = (found[:, None] | np.array([0, bit], dtype=np.uint64)).ravel()
    return found


def chains_of(graph: AttackGraph, *, by_trait: bool = True) -> tuple[tuple[str, ...], ...]:
    """Return the chains of an attack graph.

    Parameters
    ----------
    graph
        The attacks; those without routes are in no chain.
    by_trait
        Whether attacks that read the same trait are linked. Needed for probabilities, not for mean losses.

    Returns
    -------
    Names of attacks in the graph's order, chain by chain. No two chains share a capability, nor a trait if
    ``by_trait`` is true.
    """
    chains: list[tuple[set[str], set[str]]] = []
    for attack in graph.attacks:
        if not attack.routes:
            continue
        names, links = {attack.name}, set(attack.grants)
        for route in attack.routes:
            links |= {*route.capabilities, *(route.traits if by_trait else ())}
        apart = [chain for chain in chains if not chain[1] & links]
        for chain in chains:
            if chain[1] & links:
                names, links = names | chain[0], links | chain[1]
        chains = [*apart, (names, links)]
    ordered = [tuple(name for name in graph.names if name in names) for names, _ in chains]
    return tuple(sorted(ordered, key=lambda chain: graph.names.index(chain[0])))
