"""Which routes are known: every set of routes against plain enumeration of the coins, and what must hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import lookup_worlds as lw
from support import reference_lookups as plain
from support import worlds
from support.lookup_worlds import lookup, lookups
from support.worlds import way

from breach_sim.engine import known as engine_known
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.known import ROUTE_SETS, KnownRoutes, attack_bits, numbered
from breach_sim.engine.law import Law
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookups

EXACT = 1e-12
SEEDS = st.integers(0, 2**32 - 1)
NAME, ADDRESS, BIRTH, SSN = "full_name", "postal_address", "date_of_birth", "ssn"


def draws() -> Parameters:
    """Return the draws of one replicate; all numbers of these tests are fixed."""
    return Parameters(0, 1)


def toy(leaked: str, found: Lookups) -> Law:
    """Return the law of one route of name, birth date and SSN; a thousand accounts."""
    credit = worlds.attack("credit", [way(f"{NAME} {BIRTH} {SSN}", 0.5, 0.4)], severity=100.0)
    attacks = dataclasses.replace(worlds.graph([credit]), lookups=found)
    blocks = [(leaked, 1.0)] if leaked else []
    return Law(worlds.scenario([worlds.segment("all", 1_000, blocks)]), attacks, draws(), 1.0)


def parts(law: Law) -> tuple[float, float, float]:
    """Return the probability of being a victim: replaceable, by the leak alone, together."""
    (segment,) = law.scenario.segments
    none, unmixed, every = (
        float(law.segment_law(segment, routes).victim.get("credit", np.zeros(1))[0])
        for routes in ("elsewhere", "unmixed", "known")
    )
    return none, unmixed - none, every - unmixed


# Toys ------------------------------------------------------------------------------


def test_seventy_percent_of_the_toy_are_attackable() -> None:
    """One field of three is looked up for 70 % of the accounts: 70 % are attackable, all "together"."""
    law = toy(f"{NAME} {ADDRESS} {SSN}", lookups(lookup(BIRTH, 0.7, f"{NAME} {ADDRESS}")))
    (segment,) = law.scenario.segments
    assert law.attackable(segment)["credit"] == pytest.approx(0.7, abs=EXACT)
    assert law.attackable(segment, "leaked") == {}
    assert parts(law) == (0.0, 0.0, pytest.approx(-0.7 * np.expm1(-0.2), abs=EXACT))


@pytest.mark.parametrize("share", [0.7, 1.0])
def test_nothing_leaked_is_exactly_nothing(share: float) -> None:
    """A breach that leaks nothing harms nobody, although everything is listed and found."""
    law = toy("", lookups(*(lookup(f, share, directory=True) for f in (NAME, BIRTH, SSN)), easy=0.5))
    own = law.segment_law(law.scenario.segments[0])
    assert float(own.people[0]) == 0.0
    assert not any(value.any() for value in (*own.victim.values(), *own.attackable.values(), own.exposed))
    assert parts(law) == (0.0, 0.0, 0.0)


def test_all_is_replaceable_where_all_are_listed() -> None:
    """All three fields leaked and all three listed with e = 1: all victims are "replaceable"."""
    listed = lookups(*(lookup(f, 1.0, directory=True) for f in (NAME, BIRTH, SSN)))
    assert parts(toy(f"{NAME} {BIRTH} {SSN}", listed)) == (pytest.approx(-np.expm1(-0.2)), 0.0, 0.0)


def test_a_search_in_directories_starts_from_a_person() -> None:
    """A record with an SSN only leads to no name, although all names are listed: directories are not in K."""
    listed = lookups(lookup(NAME, 1.0, directory=True), lookup(BIRTH, 1.0, NAME))
    assert parts(toy(SSN, listed)) == (0.0, 0.0, 0.0)
    assert parts(toy(f"{SSN} {NAME}", listed))[2] == pytest.approx(-np.expm1(-0.2))


def test_coins_of_one_account_go_together() -> None:
    """Two listed fields of share e = 0.4 are found together with e^2 + (kappa e)^2: 0.1924 at 0.45."""
    found = lookups(*(lookup(f, 0.4, SSN) for f in (NAME, BIRTH)), easy=0.45)
    law = toy(SSN, found)
    wanted = 0.4**2 + (0.45 * 0.4) ** 2
    assert law.attackable(law.scenario.segments[0])["credit"] == pytest.approx(wanted, abs=EXACT)


# Against plain enumeration ------------------------------------------------------------


def random_system(rng: np.random.Generator) -> tuple[AttackGraph, dict[str, Any]]:
    """Return random routes over eight fields with chained look-ups, and the twin's entries."""
    pool = rng.permutation(FIELD_NAMES)[: int(rng.integers(4, 9))].tolist()
    ways = [way(" ".join(rng.choice(pool, int(rng.integers(1, 4)), replace=False))) for _ in range(6)]
    attacks = [worlds.attack("a", ways[:2], "c"), worlds.attack("b", ways[2:])]
    later = [way(capabilities="c"), way(str(pool[0]), capabilities="c")]
    found = lw.random_lookups(rng, pool, most=min(7, len(pool)))
    graph = dataclasses.replace(worlds.graph([*attacks, worlds.attack("c", later)]), lookups=found)
    return graph, worlds.twin_lookups(graph, lambda estimate: float(draws()(estimate)[0]))


def enumerated(
    graph: AttackGraph, world: dict[str, Any], leaks: tuple[int, ...], which: str
) -> dict[int, float]:
    """Return the probability of each set of known routes, adding up all outcomes of the coins."""
    law: dict[int, float] = {}
    named = tuple((str(i), frozenset(vocabulary.names(bits))) for i, bits in enumerate(leaks))
    for found, p in plain.all_found(world).items():
        ways = plain.ways_of({**world, "routes": which}, named, found)
        bits = sum(1 << i for i, r in enumerate(numbered(graph)) if plain.is_known(r.fields, ways))
        law[bits] = law.get(bits, 0.0) + p
    return law


def distance(ours: Mapping[int, Any], theirs: Mapping[int, float]) -> float:
    """Return the largest difference of two laws of sets of routes."""
    return max(abs(float(np.ravel(ours.get(k, 0.0))[0]) - theirs.get(k, 0.0)) for k in {*ours, *theirs})


def random_leak(rng: np.random.Generator, graph: AttackGraph) -> int:
    """Return a random set of leaked fields."""
    names = sorted(KnownRoutes(graph, draws()).fields)
    return vocabulary.mask(name for name in names if rng.random() < 0.4)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_known_routes_equal_enumeration(seed: int) -> None:
    """For every meaning of "known", each set of routes has the probability of plain enumeration, to 1e-12."""
    rng = np.random.default_rng(seed)
    graph, world = random_system(rng)
    routes = KnownRoutes(graph, draws())
    leaks = tuple(random_leak(rng, graph) for _ in range(3))
    for which in ROUTE_SETS:
        for parted in ((leaks[0],), leaks):
            theirs = enumerated(graph, world, parted, which)
            assert distance(routes.of({parted: np.ones(1)}, which), theirs) <= EXACT, which
        assert (
            distance(routes.of({leaks[0]: np.ones(1)}, which), enumerated(graph, world, leaks[:1], which))
            <= EXACT
        )


@settings(derandomize=True, deadline=None, max_examples=50)
@given(seed=SEEDS)
def test_weights_of_several_leaks_add(seed: int) -> None:
    """A mixture of leaks has the mixture of their laws, in every replicate, also for some attacks alone."""
    rng = np.random.default_rng(seed)
    graph, world = random_system(rng)
    weights = rng.dirichlet(np.ones(4), 3).T
    leaks = [random_leak(rng, graph) for _ in range(4)]
    table: dict[int, Any] = {}
    for bits, weight in zip(leaks, weights, strict=True):
        table[bits] = table.get(bits, 0.0) + weight
    whole = KnownRoutes(graph, Parameters(0, 3)).of(table)
    some = KnownRoutes(graph, Parameters(0, 3), ("b",)).of(table)
    own = attack_bits(graph)["b"]
    for r in range(3):
        theirs: dict[int, float] = {}
        for bits, weight in table.items():
            for known, p in enumerated(graph, world, (bits,), "known").items():
                theirs[known] = theirs.get(known, 0.0) + weight[r] * p
        ours = {k: np.broadcast_to(v, (3,))[r] for k, v in whole.items()}
        assert distance(ours, theirs) <= EXACT
        less: dict[int, float] = {}
        for known, p in theirs.items():
            less[known & own] = less.get(known & own, 0.0) + p
        assert distance({k: np.broadcast_to(v, (3,))[r] for k, v in some.items()}, less) <= EXACT


@settings(derandomize=True, deadline=None, max_examples=50)
@given(seed=SEEDS)
def test_expect_is_the_mean_over_known_routes(seed: int) -> None:
    """The expectation of any function of the known routes is its mean over their law, leak by leak."""
    rng = np.random.default_rng(seed)
    graph, _ = random_system(rng)
    routes = KnownRoutes(graph, draws())
    values = rng.normal(size=1 << len(numbered(graph)))
    leaks = [random_leak(rng, graph) for _ in range(5)]
    found = routes.expect(leaks, lambda known: np.array([values[known]]))
    for bits, mean in zip(leaks, found, strict=True):
        wanted = sum(float(p[0]) * values[known] for known, p in routes.of({bits: np.ones(1)}).items())
        assert float(mean[0]) == pytest.approx(wanted, abs=1e-11)


@pytest.mark.parametrize("kappa", [0.0, 0.37, 1.0])
def test_the_mean_of_a_coin_is_its_share(kappa: float) -> None:
    """Whatever kappa is, a field is found with probability e in the mean, replicate by replicate."""
    for share in (0.0, 0.2, 0.5, 0.9, 1.0):
        law = toy(f"{NAME} {SSN}", lookups(lookup(BIRTH, share, NAME), easy=kappa))
        found = law.attackable(law.scenario.segments[0])
        assert float(found.get("credit", np.zeros(1))[0]) == pytest.approx(share, abs=EXACT)


def test_more_than_sixty_two_routes() -> None:
    """Routes beyond one machine word are kept apart: 160 field sets, against enumeration."""
    pool = list(FIELD_NAMES[:14])
    rng = np.random.default_rng(3)
    sets = sorted({tuple(sorted(rng.choice(pool, 3, replace=False).tolist())) for _ in range(300)})[:160]
    attacks = [worlds.attack(f"a{i}", [way(" ".join(own))]) for i, own in enumerate(sets)]
    entries = [lookup(f, 0.6, pool[i], directory=True) for i, f in enumerate(pool[4:10])]
    found = lookups(*entries, easy=0.4)
    graph = dataclasses.replace(worlds.graph(attacks), lookups=found)
    world = worlds.twin_lookups(graph, lambda estimate: float(draws()(estimate)[0]))
    leaked = vocabulary.mask(pool[:6])
    for which in ("known", "unmixed"):
        theirs = enumerated(graph, world, (leaked,), which)
        assert len(theirs) > 1
        assert distance(KnownRoutes(graph, draws()).of({leaked: np.ones(1)}, which), theirs) <= EXACT


def test_too_many_look_ups_are_refused() -> None:
    """More than sixteen look-ups that attacks read are refused with the number, the rule and the remedy."""
    names = FIELD_NAMES[:18]
    attacks = [worlds.attack("a", [way(" ".join(names))])]
    found = lookups(*(lookup(name, 0.5, directory=True) for name in names))
    graph = dataclasses.replace(worlds.graph(attacks), lookups=found)
    with pytest.raises(ValueError, match=r"18 look-ups .* at most 16"):
        KnownRoutes(graph, draws())
    with pytest.raises(ValueError, match="one of known"):
        KnownRoutes(dataclasses.replace(graph, lookups=None), draws()).of({0: np.ones(1)}, "all")
    assert engine_known.MAX_COINS == 16


# What must hold --------------------------------------------------------------------


def harmed(case: lw.Case, scales: Mapping[str, Any]) -> tuple[float, dict[str, float], Law]:
    """Return people and victims of a world whose capacity scales are held."""
    what, attacks, years = case
    law = Law(what, attacks, draws(), years, scales)
    people, victims = 0.0, dict.fromkeys(attacks.names, 0.0)
    for segment in what.segments:
        own = law.segment_law(segment)
        people += segment.accounts * float(own.people[0])
        for name, p in own.victim.items():
            victims[name] += segment.accounts * float(p[0])
    return people, victims, law


def more_look_ups(found: Lookups, rng: np.random.Generator) -> Lookups:
    """Return look-ups that find no less: shares of kappa 0 raised, one more set, or one more directory."""
    entries = []
    for own in found.by_field.values():
        share = min(1.0, own.share.central + float(rng.choice([0.0, 0.2])))
        listed = own.directory or bool(rng.random() < 0.3)
        needed = str(rng.choice([n for n in worlds.POOL if n != own.field]))
        sets = [" ".join(own_set) for own_set in own.given] + [needed] * int(rng.random() < 0.4)
        entries.append(lookup(own.field, share, *sets, directory=listed))
    absent = [name for name in worlds.POOL if name not in found]
    if absent:
        entries.append(lookup(absent[0], 0.5, str(rng.choice([n for n in worlds.POOL if n != absent[0]]))))
    return lookups(*entries, easy=0.0)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_more_look_ups_never_harm_fewer(seed: int) -> None:
    """With scales held, larger shares, sets or directories lower neither people nor victims of any attack."""
    rng = np.random.default_rng(seed)
    what, attacks, years = lw.random_world(rng)
    assert attacks.lookups is not None
    first = lookups(*attacks.lookups.by_field.values(), easy=0.0)
    attacks = dataclasses.replace(attacks, lookups=first)
    scales = Law(what, attacks, draws(), years).scales
    people, victims, _ = harmed((what, attacks, years), scales)
    wider = dataclasses.replace(attacks, lookups=more_look_ups(first, rng))
    more, others, _ = harmed((what, wider, years), scales)
    assert more >= people - 1e-9
    assert all(others[name] >= value - 1e-9 for name, value in victims.items())


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_one_more_leaked_field_never_helps_the_victim(seed: int) -> None:
    """With scales held, one more block of leaked fields lowers neither people nor victims of any attack."""
    rng = np.random.default_rng(seed)
    what, attacks, years = lw.random_world(rng)
    scales = Law(what, attacks, draws(), years).scales
    people, victims, _ = harmed((what, attacks, years), scales)
    named = {name for leak in what.segments[0].leaks for name in leak.fields}
    spare = [name for name in worlds.POOL if name not in named]
    if not spare:
        spare = [ADDRESS]
    block = worlds.segment("s", 1, [(str(rng.choice(spare)), float(rng.uniform(0.2, 1.0)))]).leaks
    wider = dataclasses.replace(what.segments[0], leaks=(*what.segments[0].leaks, *block))
    changed = dataclasses.replace(what, segments=(wider, *what.segments[1:]))
    more, others, _ = harmed((changed, attacks, years), scales)
    assert more >= people - 1e-9
    assert all(others[name] >= value - 1e-9 for name, value in victims.items())


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=SEEDS)
def test_the_three_parts_are_never_negative(seed: int) -> None:
    """Equation (25): victims and people of R_E, of R_E and R_L, and of R_K never fall, attack by attack."""
    what, attacks, years = lw.random_world(np.random.default_rng(seed))
    law = Law(what, attacks, draws(), years)
    for segment in what.segments:
        rows = [law.segment_law(segment, routes) for routes in ("elsewhere", "unmixed", "known")]
        for smaller, larger in ((rows[0], rows[1]), (rows[1], rows[2])):
            assert float(smaller.people[0]) <= float(larger.people[0]) + EXACT
            for name, p in smaller.victim.items():
                assert float(p[0]) <= float(larger.victim[name][0]) + EXACT, name
            for name, p in smaller.attackable.items():
                assert float(p[0]) <= float(larger.attackable[name][0]) + EXACT, name


def test_other_draws_give_what_a_new_object_gives() -> None:
    """Handed on to other draws, known routes have the weights that graph and draws would make anew."""
    _, attacks, _ = lw.full_world(0.01)
    assert attacks.lookups is not None
    some: dict[str, float | np.ndarray] = {each.share.name: 0.25 for each in attacks.lookups.possible}
    leaked = {vocabulary.mask(worlds.POOL[:2]): np.ones(1)}
    first = KnownRoutes(attacks, draws())
    before = first.of(leaked)
    anew = KnownRoutes(attacks, Parameters(0, 1, some)).of(leaked)
    found = first.drawn(Parameters(0, 1, some)).of(leaked)
    assert found == anew != before
    assert first.of(leaked) == before
