"""Several breaches (section 7), for the slow twin: membership, cells, split, and shared capacity.

For agreement tests. A *union* is plain data with every parameter fixed:

``breaches``
    List of ``{"name", "day_zero", "segments", "event_days"}``. ``day_zero`` is a day on one calendar for all
    breaches; segments are those of :func:`support.reference.check`, their days counted from the day 0 of
    their own breach. Names of breaches differ.
``universe``
    U, persons; at least the accounts of the largest breach.
``overlaps``
    ``{(name, name): share of the smaller breach}``, in either order of the names; a pair that is missing is
    independent. A share beyond the bounds of equation (26) is set to the bound.
``world``
    Everything else of a world (attacks, traits, clocks, anchors, look-ups, drivers, horizon, ...), as it
    holds for the union: days of regimes and protections are counted from the latest day 0, and onset and
    capacity come with the factors of the release that holds.

=========================== ================================================================================
:func:`membership`          the share of the universe in exactly the breaches of every set
:func:`union_world`         the world of all cells; every function of the twin takes it
:func:`expected_union`      victims, people and losses over all cells, with what is only together
:func:`shapley`             the share of every breach in the harm, equation (28)
:func:`portfolio_scales`    capacity scales of breaches side by side, equation (10) with section 7.3
=========================== ================================================================================
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

from support import reference as twin
from support.reference_lookups import World
from support.reference_parts import with_routes
from support.remembered import remembered

Union = dict[str, Any]
Names = frozenset[str]

MAX_BREACHES = 6
MAX_ROUNDS = 20_000
TOLERANCE, AT_THE_EDGE = 1e-14, 1e-6
"""Errors at which the fit ends, and that are left at most where a cell that no pair empties is empty."""


def subsets(names: Iterable[str]) -> list[Names]:
    """Return all sets of the names, small ones first."""
    names = sorted(names)
    return [frozenset(c) for size in range(len(names) + 1) for c in itertools.combinations(names, size)]


# Membership --------------------------------------------------------------------------


def both_share(n_a: float, n_b: float, universe: float, overlap: float | None) -> float:
    """Return the share of the universe that is in both breaches of a pair.

    The overlap is the share of the smaller breach; None is independence. It is set to the Fréchet bounds.
    """
    smaller, larger = min(n_a, n_b), max(n_a, n_b)
    if smaller == 0:
        return 0.0
    lowest = max(0.0, n_a + n_b - universe) / smaller  # Equation (26)
    share = larger / universe if overlap is None else overlap
    return min(max(share, lowest), 1.0) * smaller / universe


def membership(
    sizes: Mapping[str, float], universe: float, overlaps: Mapping[tuple[str, str], float] | None = None
) -> dict[Names, float]:
    """Return the share of the universe that is in exactly the breaches of every set.

    Iterative proportional fitting from the independent table: pair after pair, the four numbers "in both, in
    one, in the other, in neither" are scaled to what they should be, until nothing moves. The sizes are
    margins of the pairs.

    Parameters
    ----------
    sizes : mapping
        Breach -> accounts.
    universe : float
        Persons.
    overlaps : mapping, optional
        Pair of names -> share of the smaller breach that is in the larger one too.

    Returns
    -------
    dict
        Every set of breaches (the empty one too) -> share; the shares sum to one.

    Raises
    ------
    ValueError
        If there are too many breaches, the universe is too small, or no table has these overlaps.
    """
    if len(sizes) > MAX_BREACHES or universe < max(sizes.values()):
        raise ValueError(
            f"at most {MAX_BREACHES} breaches, none larger than the universe of {universe}: {sizes}"
        )
    given = {frozenset(pair): share for pair, share in (overlaps or {}).items()}
    unknown = sorted(set().union(*given, set()) - set(sizes))
    if unknown:
        raise ValueError(f"overlaps of breaches that are not there: {unknown}")
    table = {
        inside: math.prod(n / universe if b in inside else 1 - n / universe for b, n in sizes.items())
        for inside in subsets(sizes)
    }
    pairs = {
        (a, b): both_share(sizes[a], sizes[b], universe, given.get(frozenset((a, b))))
        for a, b in itertools.combinations(sorted(sizes), 2)
    }
    moved = 0.0
    for _ in range(MAX_ROUNDS):
        moved = 0.0
        for (a, b), both in pairs.items():
            p_a, p_b = sizes[a] / universe, sizes[b] / universe
            target = {(1, 1): both, (1, 0): p_a - both, (0, 1): p_b - both, (0, 0): 1 - p_a - p_b + both}
            moved = max(moved, fit(table, a, b, target))
        if moved < TOLERANCE:
            return table
    if moved < AT_THE_EDGE:
        return table
    raise ValueError(f"no table has these overlaps: {overlaps}")


def fit(table: dict[Names, float], a: str, b: str, target: Mapping[tuple[int, int], float]) -> float:
    """Scale the four margins of a pair to their targets, in place; return the largest error before."""
    now = dict.fromkeys(target, 0.0)
    for inside, share in table.items():
        now[a in inside, b in inside] += share
    for inside in table:
        margin = (a in inside, b in inside)
        table[inside] *= max(target[margin], 0.0) / now[margin] if now[margin] > 0 else 0.0
    return max(abs(target[margin] - now[margin]) for margin in target)


# Cells -------------------------------------------------------------------------------


def size_of(breach: Mapping[str, Any]) -> float:
    """Return the accounts of a breach."""
    return float(sum(segment["accounts"] for segment in breach["segments"]))


def membership_of(union: Union) -> dict[Names, float]:
    """Return the membership table of a union."""
    sizes = {breach["name"]: size_of(breach) for breach in union["breaches"]}
    return membership(sizes, union["universe"], union.get("overlaps"))


def cell_name(parts: Mapping[str, str]) -> str:
    """Return the name of a cell: its segments, by breach, in the order of the names of the breaches."""
    return " + ".join(f"{breach}/{parts[breach]}" for breach in sorted(parts))


def tagged(breach: str, entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks or withholdings with the name of their breach."""
    return [{**entry, "breach": breach} for entry in entries]


def moved_resets(segment: twin.Segment, later: float) -> list[dict[str, Any]]:
    """Return the resets of a segment counted from a day 0 that is later, none of them before it."""
    return [{**reset, "day": max(0.0, reset["day"] - later)} for reset in segment["resets"]]


def union_world(union: Union) -> World:
    """Return the world of all cells of a union.

    Every cell is a segment: persons who are in one segment of each breach of a set and in no other breach.
    Its blocks and withholdings keep the name of their breach; a withholding takes fields from what leaked in
    its own breach. The clocks are those of the segment in the latest breach (of equally late ones, the first
    by name).

    Parameters
    ----------
    union : dict
        See the docstring of this module.

    Returns
    -------
    dict
        A world for every function of the twin; the accounts of a cell are no whole number.
    """
    breaches = {breach["name"]: breach for breach in union["breaches"]}
    if len(breaches) < len(union["breaches"]):
        raise ValueError("two breaches have one name")
    latest = max(breach["day_zero"] for breach in breaches.values())
    later = {name: latest - breach["day_zero"] for name, breach in breaches.items()}
    cells = []
    for inside, share in membership_of(union).items():
        names = sorted(inside)
        for segments in itertools.product(*(breaches[name]["segments"] for name in names)):
            if not names:
                continue
            accounts = union["universe"] * share  # Equation (27)
            for name, segment in zip(names, segments, strict=True):
                size = size_of(breaches[name])
                accounts *= segment["accounts"] / size if size else 0.0
            cells.append(make_cell(dict(zip(names, segments, strict=True)), accounts, later))
    days = [
        max(0.0, day - later[name])
        for name, breach in breaches.items()
        for day in breach.get("event_days", [])
    ]
    world = {**union["world"], "segments": cells, "event_days": sorted(days)}
    twin.check(world)
    return world


def make_cell(
    segments: Mapping[str, twin.Segment], accounts: float, later: Mapping[str, float]
) -> twin.Segment:
    """Return the cell of one segment of each of some breaches."""
    last = min(segments, key=lambda name: (later[name], name))
    blocks = [block for name, s in segments.items() for block in tagged(name, s["blocks"])]
    withheld = [entry for name, s in segments.items() for entry in tagged(name, s.get("withheld", []))]
    resets = [reset for name, s in segments.items() for reset in moved_resets(s, later[name])]
    return {
        "name": cell_name({name: segment["name"] for name, segment in segments.items()}),
        "accounts": accounts,
        "blocks": blocks,
        "withheld": withheld,
        "clock_rates": segments[last]["clock_rates"],
        "resets": resets,
    }


# Harm --------------------------------------------------------------------------------


@remembered()
def harm(world: World, scales: Mapping[str, float], factors: Mapping[str, float]) -> dict[str, float]:
    """Return people, loss and the victims of every attack over all segments, in expectation.

    The keys are ``"people"``, ``"loss"`` and ``"victims <attack>"``.
    """
    expected = twin.expected(world, scales, factors)
    rows = expected["segments"].values()
    found = {"people": sum(row["people"] for row in rows), "loss": expected["total"]["loss"]}
    for attack in world["attacks"]:
        name = attack["name"]
        found[f"victims {name}"] = sum(row["attacks"][name]["victims"] for row in rows)
    return found


def expected_union(
    union: Union, scales: Mapping[str, float] | None = None, factors: Mapping[str, float] | None = None
) -> dict[str, dict[str, float]]:
    """Return the harm of a union, and what of it is only together.

    Parameters
    ----------
    union : dict
        See the docstring of this module.
    scales, factors : mapping, optional
        Capacity scales and anchor factors; those of the world of all cells if left out.

    Returns
    -------
    dict
        ``{"all": harm, "only_together": harm}`` with the keys of :func:`harm`; the second is the harm of
        routes that no single breach makes known.
    """
    world = union_world(union)
    scales, factors = twin.held(world, scales, factors)
    everything = harm(with_routes(world, "known"), scales, factors)
    single = harm(with_routes(world, "single"), scales, factors)
    only = {word: everything[word] - single[word] for word in everything}  # Equation (29)
    return {"all": everything, "only_together": only}


def only_leaked_in(world: World, breaches: Iterable[str]) -> World:
    """Return a world of cells in which only the fields of some breaches had leaked."""
    inside = set(breaches)
    segments = [
        {
            **segment,
            "blocks": [block for block in segment["blocks"] if block["breach"] in inside],
            "withheld": [entry for entry in segment["withheld"] if entry["breach"] in inside],
        }
        for segment in world["segments"]
    ]
    return {**world, "segments": segments}


def shapley(
    union: Union, scales: Mapping[str, float] | None = None, factors: Mapping[str, float] | None = None
) -> dict[str, dict[str, float]]:
    """Return the share of every breach in the harm.

    Parameters
    ----------
    union : dict
        See the docstring of this module.
    scales, factors : mapping, optional
        Capacity scales and anchor factors, kept for every set of breaches; those of the world of all cells
        if left out.

    Returns
    -------
    dict
        Breach -> harm with the keys of :func:`harm`; over breaches it sums to the harm of the union.
    """
    world = union_world(union)
    scales, factors = twin.held(world, scales, factors)
    names = sorted(breach["name"] for breach in union["breaches"])
    value = {inside: harm(only_leaked_in(world, inside), scales, factors) for inside in subsets(names)}
    k, shares = len(names), {}
    for name in names:
        shares[name] = dict.fromkeys(value[frozenset()], 0.0)
        for inside in subsets(set(names) - {name}):
            weight = math.factorial(len(inside)) * math.factorial(k - len(inside) - 1) / math.factorial(k)
            for word in shares[name]:  # Equation (28)
                shares[name][word] += weight * (value[inside | {name}][word] - value[inside][word])
    return shares


# A portfolio -------------------------------------------------------------------------


def portfolio_scales(worlds: Mapping[str, World], years: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """Return the capacity scales of breaches side by side.

    Breaches of one calendar year share the national capacity: the scale of each is the capacity with the
    factor of its own release, over the attempts of all of them, and at most one.

    Parameters
    ----------
    worlds : mapping
        Breach -> world; a capacity comes with the factor of the release of its own breach.
    years : mapping
        Breach -> calendar year of its day 0.

    Returns
    -------
    dict
        ``{breach: {attack: scale}}``, for the `scales` of every function of the twin.
    """
    wanted = {
        name: {
            attack["name"]: twin.attempts_of_year_one(twin.to_year_one(world), attack)
            for attack in twin.attacks_of(world, "initial")
        }
        for name, world in worlds.items()
    }
    result = {}
    for name, world in worlds.items():
        result[name] = {attack["name"]: 1.0 for attack in world["attacks"]}
        for attack in twin.attacks_of(world, "initial"):
            own = attack["name"]
            total = sum(wanted[other].get(own, 0.0) for other in worlds if years[other] == years[name])
            if attack["capacity"] is not None and total > attack["capacity"]:
                result[name][own] = attack["capacity"] / total
    return result
