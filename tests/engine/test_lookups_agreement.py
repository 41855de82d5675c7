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
from support.worlds import way

from breach_sim import catalog
from breach_sim.engine import hazards, known
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.expected_harm import chains_of
from breach_sim.engine.law import Law
from breach_sim.engine.timeline import victims_by
from breach_sim.inputs import fields as vocabulary

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


@settings(derandomize=True, deadline=None, max_examples=30)
@given(seed=SEEDS)
def test_expected_numbers_of_random_worlds_agree(seed: int) -> None:
    """Victims, attempts, people, loss and its variance, scales and factors of small worlds equal the twin's."""
    assert apart(rows(lw.random_world(np.random.default_rng(seed)))) == {}


@settings(derandomize=True, deadline=None, max_examples=12)
@given(seed=SEEDS)
def test_parts_of_random_worlds_agree(seed: int) -> None:
    """Counts of the routes R_E, of R_E and R_L, and of R_L equal the twin's, scales held."""
    case = lw.random_world(np.random.default_rng(seed))
    for routes in ROUTES:
        assert apart(parts_of(case, routes)) == {}, routes


def test_the_full_world_agrees() -> None:
    """With every feature of the law and six look-ups, every number and every part equals the twin's."""
    case = lw.full_world(0.01)
    assert apart(rows(case)) == {}
    for routes in ROUTES:
        assert apart(parts_of(case, routes)) == {}, routes


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
    law, days = Law(what, attacks, Parameters(0, 1), years), [365 / 12, 365 / 4, 365.0, 365 * years]
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
    kept = dataclasses.replace(attacks, lookups=type(found).of(own, found.easy_to_find))
    still, fixed = worlds.frozen(what, kept, parameters, replicate, boost=30.0, room=1e-4)
    return still, fixed, 2.0


def test_every_attack_of_the_catalog_is_compared() -> None:
    """The chain and the single attacks below are all thirty attacks of the catalog."""
    assert len(CHAIN) + sum(len(own) for own in SINGLE) == len(CATALOG.attacks) == 30
    assert all(len(own) == 1 for own in SINGLE)


@pytest.mark.parametrize("name", [own for (own,) in SINGLE])
def test_single_attacks_of_the_catalog_agree(name: str) -> None:
    """Attacks of the catalog that feed no other, with up to eight of its look-ups, equal the twin."""
    both = rows(catalog_case(name, 0, FEWEST[False]))
    assert apart(both) == {}
    assert both[1]["all people"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAIN)
def test_chained_attacks_of_the_catalog_agree(name: str) -> None:
    """Each attack of the catalog's chain, with what it follows and three look-ups, equals the twin."""
    both = rows(catalog_case(name, 1, FEWEST[True]))
    assert apart(both) == {}
    assert both[1]["all people"] > 0
