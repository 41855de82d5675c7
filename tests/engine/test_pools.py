"""Like segments are drawn together and split when asked for: the law is that of segments drawn one by one."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from support import worlds
from support.worlds import way

from breach_sim.catalog import attacks_for, load_attacks, load_scenario
from breach_sim.engine import counts as engine_counts
from breach_sim.engine import severity
from breach_sim.engine.draws.parameters import JoinedParameters, Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.law import Law
from breach_sim.engine.severity import EXACT, draw_losses, split_losses
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

Array = NDArray[np.float64]
R = 40_000
LEAST_P = 1e-4
HIGH = 0.95


def like(scenario: Scenario, sizes: dict[str, int]) -> Scenario:
    """Return a scenario with more segments that are like its first one in everything but name and size."""
    first = scenario.segments[0]
    more = tuple(dataclasses.replace(first, name=name, label="", accounts=n) for name, n in sizes.items())
    return dataclasses.replace(scenario, segments=(*scenario.segments, *more))


# The toy --------------------------------------------------------------------------------------------------

COVERAGE = 0.6
OPEN, TRIED, USED, SPAM = 0.9, 0.5, 0.6, 0.4
"""Successes of year one of the granting attack; q and success of its follow-on; successes of another."""


def toy() -> tuple[Scenario, AttackGraph]:
    """Return two like segments of two accounts and one, an attack with a follow-on, and a third attack."""
    one = worlds.segment("a", 2, [("full_name", COVERAGE)])
    what = worlds.scenario([one, dataclasses.replace(one, name="b", accounts=1)])
    attacks = worlds.graph(
        [
            worlds.attack("open", [way("full_name", 1.5, OPEN / 1.5)], "key"),
            worlds.attack("use", [way(attempts=TRIED, success=USED, capabilities="key")]),
            worlds.attack("spam", [way("full_name", SPAM)]),
        ]
    )
    return what, attacks


def of_accounts(n: int) -> dict[tuple[int, ...], float]:
    """Return the law of (exposed, people, victims of open, use and spam) of n accounts, one after another."""
    opened, spammed, used = 1 - math.exp(-OPEN), 1 - math.exp(-SPAM), TRIED * USED
    one: defaultdict[tuple[int, ...], float] = defaultdict(float, {(0, 0, 0, 0, 0): 1 - COVERAGE})
    for o, u, s in product((0, 1), repeat=3):
        if u and not o:
            continue
        p = COVERAGE * (opened if o else 1 - opened) * (spammed if s else 1 - spammed)
        p *= (used if u else 1 - used) if o else 1.0
        one[1, int(o or s), o, u, s] += p
    law: dict[tuple[int, ...], float] = {(0, 0, 0, 0, 0): 1.0}
    for _ in range(n):
        more: defaultdict[tuple[int, ...], float] = defaultdict(float)
        for (before, p), (own, q) in product(law.items(), one.items()):
            more[tuple(np.add(before, own).tolist())] += p * q
        law = dict(more)
    return law


def test_segments_and_total_have_the_joint_law_of_segments_drawn_one_by_one() -> None:
    """In the toy all counts of both segments have the joint law enumerated account by account."""
    impact = simulate(*toy(), replicates=R, seed=1, horizon_years=1, sampling="plain")
    assert [(0, 1)] == [pool.members for pool in impact.pools]
    own = [
        np.array([impact.exposed_counts[j], impact.people_counts[j], *impact.victim_counts[:, j]])
        for j in range(2)
    ]
    seen = Counter(map(tuple, np.concatenate(own).T.tolist()))
    law = {(*a, *b): p * q for (a, p), (b, q) in product(of_accounts(2).items(), of_accounts(1).items())}
    assert math.isclose(sum(law.values()), 1, rel_tol=1e-12)
    assert set(seen) <= set(law)
    often = [cell for cell, p in law.items() if p * R >= 8]
    found = [seen[cell] for cell in often]
    wanted = [law[cell] * R for cell in often]
    assert len(often) > 100
    assert stats.chisquare([*found, R - sum(found)], [*wanted, R - sum(wanted)]).pvalue > LEAST_P


# Large segments ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Return the stated cohorts with three segments more that are like the first."""
    scenario = like(load_scenario("tmobile-2021-stated"), {"b": 300_000, "a": 2_000_000, "c": 40})
    scenario = dataclasses.replace(scenario, events=())
    return simulate(scenario, attacks_for(scenario), replicates=4_000, seed=2, sampling="plain")


def test_the_luck_of_like_segments_is_their_own(stated: Impact) -> None:
    """Standardized by its binomial law each count has mean 0 and variance 1, and like segments share no luck.

    Given the parameters the counts of segments are independent; 4.5 standard errors.
    """
    places = [0, *range(len(stated.segments) - 3, len(stated.segments) - 1)]
    size = stated.replicates
    laws = stated.laws[stated.scenario.segments[0].name]
    cases = {"people": (laws.people, stated.people_counts), "exposed": (laws.exposed, stated.exposed_counts)}
    for i, name in enumerate(stated.attacks.names):
        for word, array in (("victim", stated.victim_counts), ("attempted", stated.attempted_counts)):
            if name in getattr(laws, word):
                cases[f"{name} {word}"] = getattr(laws, word)[name], array[i]
    compared = 0
    for name, (chance, array) in cases.items():
        numbers = [stated.scenario.segments[j].accounts for j in places]
        p = np.broadcast_to(chance, (size,))
        some = min(numbers) * p * (1 - p) > 5
        p, root = p[some], math.sqrt(max(some.sum(), 1))
        if some.sum() < 1_000:
            continue
        scores = np.array(
            [
                (array[j, some] - n * p) / np.sqrt(n * p * (1 - p))
                for j, n in zip(places, numbers, strict=True)
            ]
        )
        assert np.all(np.abs(scores.mean(axis=1)) < 4.5 / root), name
        assert np.all(np.abs(scores @ scores.T / root**2 - np.eye(3)) < 4.5 * math.sqrt(2.2) / root), name
        compared += 1
    assert compared > 8


def test_segments_sum_to_their_pool_and_are_nested(stated: Impact) -> None:
    """Counts of segments sum to those drawn, losses to 1e-12, and (18) holds in each segment."""
    drawn, victims = stated.drawn, stated.victim_counts
    number = len(stated.segments)
    (pool,) = [pool for pool in stated.pools if len(pool.members) > 1]
    assert "a" == pool.name
    assert {0, number - 3, number - 2, number - 1} == set(pool.members)
    members, place = list(pool.members), stated.pools.index(pool)
    pairs = [
        (victims, drawn.victims),
        (stated.attempted_counts, drawn.attempted),
        (stated.attackable_counts, drawn.attackable),
        (stated.people_counts[None], drawn.people[None]),
        (stated.exposed_counts[None], drawn.exposed[None]),
    ]
    for segments, pools in pairs:
        assert (segments[:, members].sum(axis=1) == pools[:, place]).all()
    np.testing.assert_allclose(
        stated.losses[:, members].sum(axis=1), stated.pool_losses[:, place], rtol=1e-12, atol=1e-9
    )
    assert (victims <= stated.attempted_counts).all()
    assert (stated.attempted_counts <= stated.attackable_counts).all()
    assert (stated.attackable_counts <= stated.exposed_counts).all()
    assert (victims.max(axis=0) <= stated.people_counts).all()
    assert (stated.people_counts <= victims.sum(axis=0)).all()
    hit = (victims[:, members] > 0) & (stated.pool_losses[:, [place]] > 0)
    lost = stated.losses[:, members]
    # The one victim beyond the sixteenth loses nothing where the normal sum of the others was cut at 0.
    assert (lost[~hit] == 0).all()
    assert np.mean(lost[hit] > 0) > 1 - 1e-4


def test_a_segment_is_the_same_whatever_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and losses by segment depend on the run alone: not on tables, pieces or the first question."""
    scenario = like(load_scenario("tmobile-2021-stated"), {"b": 3_000, "a": 20_000})
    one, two = (simulate(scenario, load_attacks(), replicates=96, seed=5) for _ in range(2))
    losses = one.losses
    two.funnel(), two.by_segment(), two.parts()
    monkeypatch.setattr(engine_counts, "AT_ONCE", 40)
    monkeypatch.setattr(severity, "_AT_ONCE", 70)
    assert two.victim_counts.tolist() == one.victim_counts.tolist()
    assert two.people_counts.tolist() == one.people_counts.tolist()
    assert two.losses.tolist() == losses.tolist()


def test_the_order_of_like_segments_changes_no_draw() -> None:
    """With the segments in another order, each has the counts that it had."""
    what, attacks = toy()
    turned = dataclasses.replace(what, segments=what.segments[::-1])
    one, two = (simulate(own, attacks, replicates=300, seed=4, horizon_years=1) for own in (what, turned))
    assert one.victim_counts.tolist() == two.victim_counts[:, ::-1].tolist()
    assert one.people.tolist() == two.people.tolist()


def test_what_is_not_alike_is_not_put_together() -> None:
    """Another kind parts segments, another label does not, and 10^13 accounts bound a pool."""
    scenario = like(load_scenario("tmobile-2021-stated"), {"b": 10, "a": 20})
    first, last = scenario.segments[0], scenario.segments[-1]
    attacks = attacks_for(scenario)

    def pools_with(**changes: object) -> set[int]:
        own = (*scenario.segments[:-1], dataclasses.replace(last, **changes))  # type: ignore[arg-type]
        found = simulate(dataclasses.replace(scenario, segments=own), attacks, replicates=8, seed=1)
        return {len(pool.members) for pool in found.pools}

    assert {1, 3} == pools_with(label="another")
    assert {1, 2} == pools_with(kind="former" if first.kind != "former" else "prepaid")
    assert {1, 2} == pools_with(accounts=10**13)


def test_coverages_that_are_read_separately_are_not_alike() -> None:
    """Uncertain coverages are alike if they are one parameter, and not if they have the same law only."""
    law = {"kind": "pert", "low": 0.1, "mode": 0.2, "high": 0.5, "unit": "share", "status": "user"}
    one = Estimate(name="one", sources=("user-input",), **law)  # type: ignore[arg-type]
    other = dataclasses.replace(one, name="other")
    segments = tuple(
        Segment(name=name, accounts=9, leaks=(Leak(fields=("full_name",), coverage=own),))
        for name, own in {"a": one, "b": other, "c": one}.items()
    )
    _, attacks = toy()
    found = simulate(worlds.scenario(segments), attacks, replicates=50, seed=1, horizon_years=1)
    assert [(0, 2), (1,)] == [pool.members for pool in found.pools]


def test_certain_coverages_are_alike_by_their_number() -> None:
    """Coverages with names of their own part no segments where both are one certain number, unless set."""
    names = ("a", "b", "c")
    what = worlds.scenario(
        [worlds.segment(name, 5, [("full_name", 0.7 if name == "c" else 0.6)]) for name in names]
    )
    _, attacks = toy()
    found = simulate(what, attacks, replicates=50, seed=1, horizon_years=1)
    assert [(0, 1), (2,)] == [pool.members for pool in found.pools]
    own = what.segments[1].leaks[0].coverage.name
    plain, changed = (Parameters(1, 50, overrides=set_) for set_ in ({}, {own: 0.2}))
    for parameters, pools in ((plain, 2), (changed, 3), (changed.part(slice(0, 9)), 3)):
        assert pools == len({id(law) for law in Law(what, attacks, parameters, 1).segment_laws().values()})
    joined = Law(what, attacks, JoinedParameters([plain, changed]), 1).segment_laws()
    assert 3 == len({id(law) for law in joined.values()})


def test_expectations_of_a_pool_are_sums_over_its_segments(stated: Impact) -> None:
    """What is expected in all is the sum of what is expected by segment, to rounding."""
    for word, attack in (("people", None), ("victims", "sim_swap"), ("loss_usd", None), ("attackable", None)):
        parts = sum(stated.expected(word, attack, name) for name in stated.segments)
        np.testing.assert_allclose(stated.expected(word, attack), parts, rtol=1e-12)


def test_a_small_segment_of_a_pool_is_named_where_nobody_is_harmed() -> None:
    """In a pool the probability that nobody is harmed decides: (1 - p)^n of at least 95 %."""
    one = worlds.segment("a", 1_000, [("full_name", 1.0)])
    sizes = {"b": 1, "c": 20, "d": 4, "e": 6}
    what = like(worlds.scenario([one]), sizes)
    p = 0.01
    attacks = worlds.graph([worlds.attack("spam", [way("full_name", -math.log1p(-p))])])
    impact = simulate(what, attacks, replicates=50, seed=1, horizon_years=1)
    wanted = {name for name, n in sizes.items() if (1 - p) ** n >= HIGH}
    assert wanted == {zero.segment for zero in impact.zeros}
    assert {"b", "d"} == wanted


# Losses --------------------------------------------------------------------------------------------------


def split(victims: list[int], sigma: float, size: int) -> tuple[Array, Array]:
    """Return losses of the segments of a pool, and of the pool, with mean 1."""
    chances = uniforms(7, "pool", str(victims), size=size * (EXACT + 1)).reshape(size, EXACT + 1)
    ones, shape = np.ones(size), np.full(size, sigma)
    whole = draw_losses(chances, np.full(size, sum(victims)), ones, shape)
    counts = np.repeat(np.array(victims)[:, None], size, axis=1)
    return split_losses(chances, whole, counts, ones, shape, ("by segment", str(victims)), 7), whole


def alone(n: int, sigma: float, size: int) -> Array:
    """Return losses of n victims drawn by themselves, with mean 1."""
    rng = np.random.default_rng(n)
    parts = [rng.lognormal(-(sigma**2) / 2, sigma, (size // 10, n)).sum(axis=1) for _ in range(10)]
    return np.concatenate(parts)


@pytest.mark.parametrize("sigma", [1.0, 2.0])
@pytest.mark.parametrize(
    "victims", [[2, 5, 1], [9, 7], [10, 7], [17, 3], [40, 300, 5], [1, 0, 2_000], [700, 700]]
)
def test_losses_of_segments_have_the_law_of_their_victims(victims: list[int], sigma: float) -> None:
    """Each segment's loss has the law of so many lognormal losses (KS), and the pool's is their sum."""
    size = 6_000
    parts, whole = split(victims, sigma, size)
    np.testing.assert_allclose(parts.sum(axis=0), whole, rtol=1e-12)
    for n, own in zip(victims, parts, strict=True):
        if n == 0:
            assert not own.any()
            continue
        assert stats.ks_2samp(own, alone(n, sigma, size)).pvalue > LEAST_P, n


@pytest.mark.parametrize("victims", [[9, 7], [10, 12], [40, 60], [700, 500]])
def test_losses_of_segments_share_no_luck(victims: list[int]) -> None:
    """The losses of two segments of a pool are independent: ranks have no correlation (4.5 errors)."""
    size = 20_000
    parts, _ = split(victims, 1.6, size)
    assert abs(stats.spearmanr(parts[0], parts[1]).statistic) < 4.5 / math.sqrt(size)


def test_means_and_variances_of_losses_are_those_of_the_victims() -> None:
    """Mean n and variance n (exp(sigma^2) - 1) of each segment, and no covariance, within 4.5 errors."""
    victims, sigma, size = [60, 900, 9], 1.0, 40_000
    parts, _ = split(victims, sigma, size)
    each = math.exp(sigma**2) - 1
    for n, own in zip(victims, parts, strict=True):
        centered = (own - n) ** 2
        assert abs(own.mean() - n) < 4.5 * math.sqrt(n * each / size)
        assert abs(centered.mean() - n * each) < 4.5 * centered.std() / math.sqrt(size)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = (parts[i] - victims[i]) * (parts[j] - victims[j])
        assert abs(both.mean()) < 4.5 * both.std() / math.sqrt(size)
