"""Engine and slow twin agree on worlds with look-ups, to rounding; planted faults show.

Expected numbers are compared one by one: no draws, and a tolerance of 1e-10 of each number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import lookup_worlds as lw
from support import reference as twin
from support import reference_parts, worlds
from support.laws import one, parts_of, rows
from support.lookup_worlds import Case, lookup, lookups
from support.remembered import remembered
from support.worlds import way

from breach_sim import catalog
from breach_sim.engine import hazards, known
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.expected_harm import chains_of
from breach_sim.engine.law import Law
from breach_sim.engine.timeline import victims_by
from breach_sim.inputs.lookups import searched_from

EXACT = 1e-10
"""Relative distance; numbers below 1e-6 accounts or dollars count as that much."""
SEEDS = st.integers(0, 2**32 - 1)
ROUTES = ("unmixed", "elsewhere", "leaked")


def apart(both: tuple[dict[str, float], dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Return the numbers in which engine and twin differ."""
    ours, theirs = both
    assert ours.keys() == theirs.keys()
    far = {k for k, v in theirs.items() if not abs(ours[k] - v) <= EXACT * max(abs(v), 1e-6)}
    return {k: (ours[k], theirs[k]) for k in sorted(far)}


# Worlds ----------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=SEEDS)
def test_expected_numbers_of_random_worlds_agree(seed: int) -> None:
    """Victims, attempts, people, loss, its variance, scales and factors of small worlds equal the twin's."""
    assert apart(rows(lw.random_world(np.random.default_rng(seed)))) == {}


@settings(derandomize=True, deadline=None, max_examples=12)
@given(seed=SEEDS)
def test_parts_of_random_worlds_agree(seed: int) -> None:
    """Counts of the routes R_E, of R_E and R_L, and of R_L equal the twin's, scales held."""
    case = lw.random_world(np.random.default_rng(seed))
    for routes in ROUTES:
        assert apart(parts_of(case, routes)) == {}, routes


def test_the_full_world_agrees() -> None:
    """With every feature of the law and four look-ups, every number equals the twin's."""
    assert apart(rows(lw.full_world(0.01))) == {}


def test_parts_are_differences_of_segment_laws() -> None:
    """The twin's answers by part are the differences of the engine's laws: equation (25)."""
    case = lw.full_world(0.01)
    what, attacks, years = case
    theirs = reference_parts.answers(worlds.twin_world(*case))
    law = Law(what, attacks, Parameters(0, 1), years)
    seen = dict.fromkeys(reference_parts.PARTS, 0.0)
    for s in what.segments:
        laws = [law.segment_law(s, routes) for routes in reference_parts.NESTED]
        for name in attacks.names:
            ps = [s.accounts * one(own.victim.get(name, 0.0)) for own in laws]
            for part, p in reference_parts.differences(ps).items():
                assert p == pytest.approx(theirs[s.name, name, "victims", part], rel=1e-9, abs=1e-9)
                seen[part] = seen.get(part, 0.0) + p
        people = reference_parts.differences([s.accounts * one(own.people) for own in laws])
        for part, p in people.items():
            assert p == pytest.approx(theirs[s.name, "people", part], rel=1e-9, abs=1e-9)
    assert min(seen[part] for part in reference_parts.PARTS) > 1


def test_the_timeline_agrees() -> None:
    """With look-ups the probability of being a victim by a day equals the twin's, day by day."""
    what, attacks, years = case = lw.full_world(0.01)
    law, days = Law(what, attacks, Parameters(0, 1), years), [365 / 4, 365 * years]
    with remembered():
        theirs = twin.timeline(worlds.twin_world(*case), days)
    for s in what.segments:
        ours = victims_by(law, s, days)
        for name, wanted in theirs[s.name].items():
            found = ours.get(name, np.zeros((len(days), 1)))[:, 0]
            assert found.tolist() == pytest.approx(wanted, rel=1e-9, abs=1e-12), name


# The catalog's attacks -----------------------------------------------------------------


CATALOG = catalog.load_attacks()
CHAIN, *SINGLE = chains_of(CATALOG)
FEWEST = {True: 3, False: 8}
"""Most look-ups of a world of the twin, of a chain and of a single attack: it adds up all their outcomes."""


def catalog_case(name: str, replicate: int, most: int) -> Case:
    """Return one attack of the catalog and those it follows, all numbers fixed at one replicate.

    Of the catalog's look-ups the likeliest stay among those that these attacks read. Of the fields that
    attacks and look-ups read, a third leaked, in three blocks.
    """
    parameters = Parameters(20211014, 8)
    found = catalog.load_look_ups()
    attacks = dataclasses.replace(CATALOG.only([name]), lookups=found)
    read = known.KnownRoutes(attacks, parameters).fields
    own = sorted((x for x in found.possible if x.field in read), key=lambda x: -x.share.central)[:most]
    needed = {f for a in attacks.attacks for r in a.routes for f in r.fields}
    unsearched = sorted(needed - {x.field for x in own})
    order = np.random.default_rng([replicate, len(name)]).permutation(sorted(read - {*unsearched})).tolist()
    blocks = [(" ".join([*unsearched, *order[::5]]), 0.9), *((f, 0.5) for f in order[1:3])]
    what = worlds.scenario(
        [worlds.segment("all", 100_000, [block for block in blocks if block[0]])], day_zero="2021-08-11"
    )
    read_traits = {t for a in attacks.attacks for r in a.routes for t in r.traits}
    kept = dataclasses.replace(
        attacks,
        traits={t: trait for t, trait in attacks.traits.items() if t in read_traits},
        lookups=type(found).of(own, found.easy_to_find),
    )
    still, fixed = worlds.frozen(what, kept, parameters, replicate, boost=1_000.0, room=0.01)
    return still, fixed, 2.0


def test_every_attack_of_the_catalog_is_compared() -> None:
    """The chain and the single attacks below are all attacks of the catalog that have routes."""
    named = {*CHAIN, *(name for own in SINGLE for name in own)}
    assert named == {attack.name for attack in CATALOG.attacks if attack.routes}
    assert len(CATALOG.attacks) == 30
    assert all(len(own) == 1 for own in SINGLE)


@pytest.mark.parametrize("name", [own for (own,) in SINGLE])
def test_single_attacks_of_the_catalog_agree(name: str) -> None:
    """Attacks of the catalog that feed no other, with up to eight of its look-ups, equal the twin."""
    both = rows(catalog_case(name, 0, FEWEST[False]))
    assert apart(both) == {}
    assert both[1]["all people"] > 0


@pytest.mark.parametrize("name", CHAIN)
def test_chained_attacks_of_the_catalog_agree(name: str) -> None:
    """Each attack of the catalog's chain, with what it follows and three look-ups, equals the twin."""
    both = rows(catalog_case(name, 1, FEWEST[True]))
    assert apart(both) == {}
    assert both[1]["all people"] > 0


# Planted faults --------------------------------------------------------------------------


def coins_apart(patch: pytest.MonkeyPatch) -> None:
    """Look-ups are independent of the shared trait "easy to find"."""

    def chance(self: Any, number: int) -> Any:
        share = self._parameters(self._shares[number])
        return np.stack([share, share])

    patch.setattr(known.KnownRoutes, "_chance", chance)


def nothing_need_leak(patch: pytest.MonkeyPatch) -> None:
    """A route counts although none of its fields leaked."""
    right = known._known_sets

    def known_sets(search: Any, start: tuple[int, ...], which: str) -> Any:
        found = right(search, start, which)
        had = known._had_anyway(search)
        for number, fields in enumerate(search.routes):
            if which in ("known", "unmixed", "elsewhere"):
                found[number] |= (had & np.uint64(fields)) == np.uint64(fields)
        return found

    patch.setattr(known, "_known_sets", known_sets)


def directories_in_the_record(patch: pytest.MonkeyPatch) -> None:
    """What directories list is added to K, as if a record without a name led to a person."""

    def looked_up(search: Any, leaked: int) -> Any:
        found, listed = known._found(search.coins), 0
        for bit, directory in zip(search.coins, search.listed, strict=True):
            listed |= bit if directory else 0
        start = np.uint64(leaked) | (found & np.uint64(listed))
        return searched_from(start, found, zip(search.coins, search.given, strict=True))

    patch.setattr(known, "_looked_up", looked_up)


def elsewhere_from_the_leak(patch: pytest.MonkeyPatch) -> None:
    """E starts from nothing that is listed, so nothing is ever had without the breach."""
    patch.setattr(known, "_had_anyway", lambda search: known._found(search.coins) & np.uint64(0))


def dominance_without_resets(patch: pytest.MonkeyPatch) -> None:
    """A route stands in for another although a reset ends it earlier."""
    right = hazards.Hazards.stands_in

    def stands_in(self: Any, a: Any, segment: Any, one: Any, other: Any) -> bool:
        return right(self, dataclasses.replace(a, reset_proof=True), segment, one, other)

    patch.setattr(hazards.Hazards, "stands_in", stands_in)


def dominance_without_clocks(patch: pytest.MonkeyPatch) -> None:
    """A route stands in for another although a clock rules it and not the other."""
    patch.setattr(hazards.Hazards, "clocks_of", lambda _self, _a, _route: set[str]())


def dominance_without_traits(patch: pytest.MonkeyPatch) -> None:
    """A route stands in for another although only some people have the trait it asks for."""
    right = hazards.Hazards.stands_in

    def stands_in(self: Any, a: Any, segment: Any, one: Any, other: Any) -> bool:
        return right(self, a, segment, dataclasses.replace(one, traits=()), other)

    patch.setattr(hazards.Hazards, "stands_in", stands_in)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "look-ups independent of the shared trait": coins_apart,
    "a route without a leaked field counted": nothing_need_leak,
    "directories added to K": directories_in_the_record,
    "nothing in E": elsewhere_from_the_leak,
    "dominance that ignores resets": dominance_without_resets,
    "dominance that ignores clocks": dominance_without_clocks,
    "dominance that ignores traits": dominance_without_traits,
}


def telling_case() -> Case:
    """Return a world of equal numbers, resets, a clock, a trait and directories: every fault shows."""
    swap = worlds.attack(
        "swap",
        [
            way("phone_number account_pin", 0.9, 0.6),
            way("phone_number ssn", 0.9, 0.6),
            way("ssn", 0.9, 0.6, traits="sms"),
            way("full_name date_of_birth", 0.3, 0.4),
        ],
        "number",
        clocks="line",
        severity=300.0,
    )
    one_, *others = swap.routes
    same = {"attempts": one_.attempts, "success": one_.success}
    routes = (one_, *(dataclasses.replace(r, **same) for r in others[:2]), others[2])
    # The route that asks for a trait has no phone number, so no clock rules it.
    swap = dataclasses.replace(swap, routes=routes)
    later = worlds.attack("crypto", [way(attempts=0.5, success=0.5, capabilities="number")], severity=900.0)
    graph = worlds.graph([swap, later], {"sms": 0.4}, {"line": ("phone_number", {"default": 0.1})})
    blocks = [("ssn", 0.7), ("phone_number account_pin", 0.8), ("imei", 0.5)]
    what = worlds.scenario(
        [worlds.segment("all", 10_000, [*blocks, ("full_name", 0.3)])],
        [worlds.reset(60.0, "account_pin"), worlds.reset(200.0, "ssn")],
    )
    found = lookups(
        lookup("full_name", 0.8, "phone_number", directory=True),
        lookup("date_of_birth", 0.6, "full_name", directory=True),
        lookup("phone_number", 0.5, "full_name date_of_birth", directory=True),
        easy=0.7,
    )
    return what, dataclasses.replace(graph, lookups=found), 1.0


def fresh() -> None:
    """Forget diagrams, which do not depend on draws and would hide a fault or keep one."""
    for cached in (known._diagram, known._looked_up, known._had_anyway):
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_planted_faults_show(fault: Callable[[pytest.MonkeyPatch], None]) -> None:
    """The comparison that holds fails for some number when a fault is planted in the engine."""
    case = telling_case()
    assert all_apart(case) == {}
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        fresh()
        assert all_apart(case) != {}
    fresh()
    assert all_apart(case) == {}


def all_apart(case: Case) -> dict[str, tuple[float, float]]:
    """Return all numbers of a world, and of its parts, in which engine and twin differ."""
    found = apart(rows(case))
    for routes in ROUTES:
        found |= {f"{routes} {k}": v for k, v in apart(parts_of(case, routes)).items()}
    return found
