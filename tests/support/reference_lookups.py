"""What is known from elsewhere: coins, known fields and sets of routes (section 6), for the slow twin.

Everything here is about one account and plain sets of names. The twin (:mod:`support.reference`) asks this
module which fields of an account are known; :mod:`support.reference_parts` computes what follows.

A world may have three keys more; without them nothing can be looked up:

``lookups``
    ``{field: {"share": e, "given": [sets of fields], "directory": bool}}``. ``share`` is e_f in [0, 1].
    ``given`` are the alternative sets G_f; none is empty and none holds the field itself. ``directory``
    (default False) says that persons are listed with the field in public directories.
``easy_to_find``
    kappa in [0, 1], default 0: how far the coins of one account move together.
``routes``
    Which routes count as known, default ``"known"``. One of

    ========== =======================================================================================
    known      R_K: one field leaked, and all are in K or all in E
    unmixed    R_E and R_L together: one field leaked, and all leaked or all in E
    elsewhere  R_E: one field leaked, and all are in E
    leaked     R_L: all fields leaked
    single     the union of R_b over breaches: through the leaked fields of one breach alone (section 7.2)
    ========== =======================================================================================

A route is known if some *way* to it exists. A way is a pair of sets: one field of the route is in the first
(what leaked), all of them are in the second (what the thief can put together). Every set of routes above is
a list of such pairs, so one rule, :func:`is_known`, serves them all.

==================== ==================================================================================
:func:`chances`      the chance of every coin for an easy or a hard account, equation (22)
:func:`all_found`    every set of coins that show "found", with its probability
:func:`draw_found`   the same, drawn account by account
:func:`known_fields` K, equation (23)
:func:`had_anyway`   E, equation (24)
:func:`ways_of`      the ways of one account to its routes
:func:`is_known`     whether the fields of a route are known
==================== ==================================================================================
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

World = dict[str, Any]
Fields = frozenset[str]
Ways = tuple[tuple[Fields, Fields], ...]
Leaks = tuple[tuple[str, Fields], ...]  # what leaked in each breach; one breach without a name is ""

ROUTE_SETS = ("known", "unmixed", "elsewhere", "leaked", "single")
MAX_LOOKUPS = 12


def check_lookups(world: World) -> None:
    """Refuse look-ups that the law does not cover.

    Parameters
    ----------
    world : dict
        See the docstring of this module.

    Raises
    ------
    ValueError
        If a share or ``easy_to_find`` is outside [0, 1], a set of ``given`` is empty or holds the field
        itself, ``routes`` is unknown, or more than ten fields can be looked up.
    """
    lookups = world.get("lookups", {})
    for field, entry in lookups.items():
        if not 0 <= entry["share"] <= 1:
            raise ValueError(f"look-up of {field}: the share {entry['share']} is not in [0, 1]")
        if any(not given or field in given for given in entry["given"]):
            raise ValueError(f"look-up of {field}: a set of given is empty or holds the field itself")
    if not 0 <= world.get("easy_to_find", 0.0) <= 1:
        raise ValueError(f"easy_to_find is not in [0, 1]: {world['easy_to_find']}")
    if world.get("routes", "known") not in ROUTE_SETS:
        raise ValueError(f"routes is one of {', '.join(ROUTE_SETS)}, not {world['routes']}")
    if len(lookups) > MAX_LOOKUPS:
        raise ValueError(f"at most {MAX_LOOKUPS} fields can be looked up, not {len(lookups)}")


# Coins -----------------------------------------------------------------------------


def chances(world: World, *, easy: bool) -> dict[str, float]:
    """Return the chance that the coin of every field shows "found", for one kind of account.

    Parameters
    ----------
    world : dict
        See the docstring of this module.
    easy : bool
        Whether the account is easy or hard to find.

    Returns
    -------
    dict
        Field -> probability, in the order of ``lookups``.
    """
    kappa, sign = world.get("easy_to_find", 0.0), 1 if easy else -1
    shares = {field: entry["share"] for field, entry in world.get("lookups", {}).items()}
    return {f: e + sign * kappa * min(e, 1 - e) for f, e in shares.items()}  # Equation (22)


def all_found(world: World) -> dict[Fields, float]:
    """Return the probability of every set of fields whose coins (no others) show "found".

    The account is easy or hard to find, with probability one half each; given that, the coins are
    independent.
    """
    law: dict[Fields, float] = defaultdict(float)
    for easy in (False, True):
        p = chances(world, easy=easy)
        for coins in itertools.product((False, True), repeat=len(p)):
            weight = math.prod(q if coin else 1 - q for coin, q in zip(coins, p.values(), strict=True))
            found = frozenset(field for field, coin in zip(p, coins, strict=True) if coin)
            if weight > 0:
                law[found] += 0.5 * weight
    return dict(law)


def draw_found(world: World, n: int, rng: np.random.Generator) -> list[Fields]:
    """Draw the kind and then the coins of `n` accounts; return the fields found for each."""
    fields = list(world.get("lookups", {}))
    easy = np.array(list(chances(world, easy=True).values()))
    hard = np.array(list(chances(world, easy=False).values()))
    found = []
    for is_easy in rng.random(n) < 0.5:
        coins = rng.random(len(fields)) < (easy if is_easy else hard)
        found.append(frozenset(itertools.compress(fields, coins)))
    return found


# Known fields -----------------------------------------------------------------------


def known_fields(lookups: Mapping[str, Any], leaked: Iterable[str], found: Iterable[str]) -> Fields:
    """Return K, the least set that holds the leaked fields and is closed under look-ups.

    Parameters
    ----------
    lookups : mapping
        The entries of the world.
    leaked : iterable of str
        L, the leaked fields of the account.
    found : iterable of str
        The fields whose coins show "found".

    Returns
    -------
    frozenset of str
        Equation (23). Directories play no part: a search in them starts from a person.
    """
    known, found = set(leaked), set(found)
    changed = True
    while changed:
        changed = False
        for field in found - known:
            if any(known.issuperset(given) for given in lookups[field]["given"]):
                known.add(field)
                changed = True
    return frozenset(known)


def had_anyway(lookups: Mapping[str, Any], found: Iterable[str]) -> Fields:
    """Return E, the least set of fields that could have been had without this breach.

    It starts from directories and from nothing else; the coins are those of K.

    Parameters
    ----------
    lookups : mapping
        The entries of the world.
    found : iterable of str
        The fields whose coins show "found".

    Returns
    -------
    frozenset of str
        Equation (24).
    """
    found = set(found)
    # What directories list takes the place of the leaked fields; the same searches lead on from there.
    listed = {field for field in found if lookups[field].get("directory", False)}
    return known_fields(lookups, listed, found)


def ways_of(world: World, leaks: Leaks, found: Iterable[str]) -> Ways:
    """Return the ways of one account to its routes.

    Parameters
    ----------
    world : dict
        ``lookups`` and ``routes`` matter.
    leaks : tuple of (str, frozenset of str)
        What leaked in each breach.
    found : iterable of str
        The fields whose coins show "found".

    Returns
    -------
    tuple of (frozenset of str, frozenset of str)
        A route is known if, for some pair, one of its fields is in the first set and all are in the second.
    """
    lookups, which = world.get("lookups", {}), world.get("routes", "known")
    leaked = frozenset().union(*(fields for _, fields in leaks))
    had = had_anyway(lookups, found)
    if which == "leaked":
        return ((leaked, leaked),)
    if which == "elsewhere":
        return ((leaked, had),)
    if which == "unmixed":
        return (leaked, leaked), (leaked, had)
    if which == "single":
        pairs = [((own, known_fields(lookups, own, found)), (own, had)) for _, own in leaks]
        return tuple(itertools.chain.from_iterable(pairs))
    return (leaked, known_fields(lookups, leaked, found)), (leaked, had)


def is_known(fields: Iterable[str], ways: Ways) -> bool:
    """Tell whether the fields of a route are known: one leaked, and all in K or all in E.

    A route without fields has no such condition.
    """
    fields = frozenset(fields)
    return not fields or any(fields & leaked and fields <= whole for leaked, whole in ways)
