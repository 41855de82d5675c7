"""Three parts of the harm (section 6), for the slow twin: replaceable, by the leak alone, together.

For agreement tests. A world is that of :func:`support.reference.check` with the look-ups of
:mod:`support.reference_lookups`, every parameter fixed. Scales and factors are those of the world with all
its known routes, and the same for every part.

========================= ==================================================================================
:func:`expected_parts`    victims, losses, people and attackable accounts by part, by enumeration
:func:`parts_by_day`      the same parts of the probability of being a victim by a day
:func:`simulate_parts`    the same parts, counted account by account
:func:`answers`           everything at once as one flat mapping, for a comparison name by name
:func:`closed_for_want`   the attacks that are closed for want of one field, and the fields that decide
========================= ==================================================================================

The second moment of the loss, exposed and attempted accounts, scales and anchor factors are those of
:func:`support.reference.expected`, which knows what was looked up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from support import reference as twin
from support.reference_lookups import World, all_found
from support.remembered import remembered

PARTS = ("replaceable", "by_leak_alone", "together")
NESTED = ("elsewhere", "unmixed", "known")
"""Sets of routes, each inside the next; the parts are their differences."""

Parts = dict[str, float]


def with_routes(world: World, routes: str) -> World:
    """Return a world in which only these routes count as known (see :mod:`support.reference_lookups`)."""
    return {**world, "routes": routes}


def differences(nested: Iterable[float]) -> Parts:
    """Return the parts of numbers for R_E, for R_E and R_L, and for R_K."""
    none, unmixed, known = nested
    return {  # Equation (25)
        "all": known,
        "replaceable": none,
        "by_leak_alone": unmixed - none,
        "together": known - unmixed,
    }


@remembered()
def expected_parts(
    world: World, scales: Mapping[str, float] | None = None, factors: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return victims, losses, people and attackable accounts by part, in expectation.

    Parameters
    ----------
    world : dict
        See :func:`support.reference.check` and :mod:`support.reference_lookups`.
    scales, factors : mapping, optional
        Capacity scales and anchor factors; computed from this world if left out.

    Returns
    -------
    dict
        ``{"segments": {segment: {"people": parts, "attacks": {attack: {"victims": parts, "loss": parts,
        "attackable": {"all", "by_leak_alone"}}}}}}``; parts are ``{"all", "replaceable", "by_leak_alone",
        "together"}``, in accounts or USD, and the last three sum to the first.
    """
    world = with_routes(world, "known")
    scales, factors = twin.held(world, scales, factors)
    runs = [twin.expected(with_routes(world, routes), scales, factors)["segments"] for routes in NESTED]
    result = {}
    for segment in world["segments"]:
        rows = [run[segment["name"]] for run in runs]
        alone: dict[str, float] = defaultdict(float)
        for mask, weight in twin.all_masks(with_routes(world, "leaked"), segment):
            for name in twin.attackable(world["attacks"], mask):
                alone[name] += segment["accounts"] * weight
        attacks = {}
        for name, known in rows[-1]["attacks"].items():
            attacks[name] = {
                "victims": differences(row["attacks"][name]["victims"] for row in rows),
                "loss": differences(row["attacks"][name]["loss"] for row in rows),
                "attackable": {"all": known["attackable"], "by_leak_alone": alone[name]},
            }
        result[segment["name"]] = {"people": differences(row["people"] for row in rows), "attacks": attacks}
    return {"segments": result}


def answers(
    world: World, scales: Mapping[str, float] | None = None, factors: Mapping[str, float] | None = None
) -> dict[tuple[str, ...], float]:
    """Return every expected number of a world by name, for tests of agreement.

    Parameters
    ----------
    world : dict
        See :func:`expected_parts`.
    scales, factors : mapping, optional
        Capacity scales and anchor factors; computed from this world if left out.

    Returns
    -------
    dict
        Keys are tuples. ``(segment, "exposed")`` in accounts; ``(segment, "people", part)`` in accounts;
        ``(segment, attack, "attackable", "all" or "by_leak_alone")``, ``(segment, attack, "attempted")`` and
        ``(segment, attack, "victims", part)`` in accounts; ``(segment, attack, "loss", part)`` in USD; parts
        are ``all``, ``replaceable``, ``by_leak_alone`` and ``together``. ``("total", "loss")`` in USD,
        ``("total", "loss_variance")`` and ``("total", "loss_second_moment")`` in USD squared; ``("scale",
        attack)`` and ``("factor", follow-on)`` as they were used, without the common driver.
    """
    world = with_routes(world, "known")
    scales, factors = twin.held(world, scales, factors)
    whole, divided = twin.expected(world, scales, factors), expected_parts(world, scales, factors)
    found: dict[tuple[str, ...], float] = {("total", word): value for word, value in whole["total"].items()}
    found |= {("scale", name): value for name, value in scales.items()}
    found |= {("factor", name): value for name, value in factors.items()}
    for segment, row in divided["segments"].items():
        found[segment, "exposed"] = whole["segments"][segment]["exposed"]
        found |= {(segment, "people", part): value for part, value in row["people"].items()}
        for name, own in row["attacks"].items():
            found[segment, name, "attempted"] = whole["segments"][segment]["attacks"][name]["attempted"]
            for word, figure in own.items():
                found |= {(segment, name, word, part): value for part, value in figure.items()}
    return found


@remembered()
def parts_by_day(
    world: World, days: Iterable[float], scales: Mapping[str, float] | None = None
) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Return the parts of the probability of being a victim by each day.

    Parameters
    ----------
    world : dict
        See :func:`expected_parts`.
    days : iterable of float
        Days after the sale.
    scales : mapping, optional
        Capacity scales, the same for every day; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {attack: {part: [probability by each day]}}}``, with the parts of
        :func:`expected_parts`.
    """
    days = list(days)
    world = with_routes(world, "known")
    scales = twin.capacity_scales(world) if scales is None else scales
    runs = [twin.timeline(with_routes(world, routes), days, scales) for routes in NESTED]
    result: dict[str, dict[str, dict[str, list[float]]]] = {}
    for segment, attacks in runs[-1].items():
        result[segment] = {}
        for name in attacks:
            by_day = [differences(now) for now in zip(*(run[segment][name] for run in runs), strict=True)]
            result[segment][name] = {part: [day[part] for day in by_day] for part in ("all", *PARTS)}
    return result


# Account by account ----------------------------------------------------------------


def victims_under(
    world: World,
    segment: twin.Segment,
    mask: twin.Mask,
    scales: Mapping[str, float],
    coins: Mapping[str, float],
    known: dict[Any, dict[str, float]],
) -> set[str]:
    """Return the attacks that an account is a victim of, given one uniform number for each attack.

    `known` keeps the probabilities of initial attacks by mask and is filled on the way.
    """
    if mask not in known:
        known[mask] = {
            a["name"]: twin.initial_chance(world, segment, a, mask, scales[a["name"]])[1]
            for a in twin.attacks_of(world, "initial")
        }
    first = {name for name, p in known[mask].items() if coins[name] < p}
    held = twin.grants_of(world["attacks"], first)
    return first | twin.follow(twin.attacks_of(world, "follow_on"), mask, held, coins)[1]


def simulate_parts(world: World, seed: int, scales: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Count the victims of every part, account by account.

    Every account keeps its coins and its uniform numbers under R_E, under R_E and R_L, and under R_K; its
    part is the first under which it is a victim.

    Parameters
    ----------
    world : dict
        See :func:`expected_parts`; the accounts of a segment are rounded.
    seed : int
        Seed of the generator.
    scales : mapping, optional
        Capacity scales; computed from this world if left out.

    Returns
    -------
    dict
        ``{"segments": {segment: {"people": counts, "attacks": {attack: counts}}}}``; counts are ``{part:
        accounts}`` with the three parts.
    """
    world = with_routes(world, "known")
    scales = twin.capacity_scales(world) if scales is None else scales
    rng = np.random.default_rng(seed)
    names = [attack["name"] for attack in world["attacks"]]
    result = {}
    for segment in world["segments"]:
        people = dict.fromkeys(PARTS, 0)
        attacks = {name: dict.fromkeys(PARTS, 0) for name in names}
        known: dict[Any, dict[str, float]] = {}
        for draw, n in twin.draw_all(world, segment, rng).items():
            masks = [twin.make_mask(with_routes(world, routes), draw) for routes in NESTED]
            for row in rng.random((n, len(names))):
                coins = dict(zip(names, row.tolist(), strict=True))
                before: set[str] = set()
                for part, mask in zip(PARTS, masks, strict=True):
                    now = victims_under(world, segment, mask, scales, coins, known)
                    if before - now:
                        raise ValueError(f"more known routes spare a victim of {sorted(before - now)}")
                    people[part] += bool(now) and not before
                    for name in now - before:
                        attacks[name][part] += 1
                    before = now
        result[segment["name"]] = {"people": people, "attacks": attacks}
    return {"segments": result}


# Fields that decide ----------------------------------------------------------------


def closed_for_want(world: World) -> dict[str, frozenset[str]]:
    """Return the attacks closed for want of one field, each with the fields that decide.

    An attack is closed if no account of any segment is attackable by it. A field decides if it cannot be
    looked up (e_f = 0) and, had it leaked from the accounts of some segment, the attack would be possible.

    Parameters
    ----------
    world : dict
        See :func:`expected_parts`.

    Returns
    -------
    dict
        Attack -> fields, for attacks with routes that are closed and for which some field decides.
    """
    lookups = world.get("lookups", {})
    wanted = {f for a in world["attacks"] for route in a["routes"] for f in route["fields"]}
    wanted |= {f for entry in lookups.values() for given in entry["given"] for f in given}
    wanted = {f for f in wanted if lookups.get(f, {"share": 0.0})["share"] == 0}
    possible: set[str] = set()
    deciding: dict[str, set[str]] = defaultdict(set)
    for segment in world["segments"]:
        draws = [draw for draw, _ in twin.all_draws(world, segment)] if segment["accounts"] else []
        for found in all_found(world):
            for draw in draws:
                own = draw._replace(found=found)
                possible |= twin.attackable(world["attacks"], twin.make_mask(world, own))
                for field in wanted:
                    more = own._replace(leaks=(*own.leaks, ("added", frozenset([field]))))
                    for name in twin.attackable(world["attacks"], twin.make_mask(world, more)):
                        deciding[name].add(field)
    closed = {attack["name"] for attack in world["attacks"] if attack["routes"]} - possible
    return {name: frozenset(deciding[name]) for name in sorted(closed) if deciding[name]}
