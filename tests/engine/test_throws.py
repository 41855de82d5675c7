"""Laws of counts that are drawn together: each is what it would be alone."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from breach_sim.catalog import attacks_for, load_scenario
from breach_sim.engine import counts as engine_counts
from breach_sim.engine.counts import SegmentCounts, draw_all_counts, draw_counts
from breach_sim.engine.draws import throws
from breach_sim.engine.draws.binomial import CHUNK, binomial_quantile
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms, words
from breach_sim.engine.draws.throws import Drawing, Throw, counts_of, draw, ratio
from breach_sim.engine.law import Law
from breach_sim.formatting.arrays import Counts
from breach_sim.inputs.scenario import Scenario

R, SEED = 120, 3


def throw_of(name: str, numbers: list[int], chance: float | list[float], size: int = R) -> Throw:
    """A throw in segments called after their row."""
    number = np.repeat(np.array(numbers)[:, None], size, axis=1)
    return Throw([("luck", str(row), name) for row in range(len(numbers))], number, np.atleast_1d(chance))


def alone(throw: Throw, row: int) -> Counts:
    """Counts of one row, drawn without this module."""
    number = throw.number[row]
    return binomial_quantile(uniforms(SEED, *throw.streams[row], size=len(number)), number, throw.chance)


@pytest.mark.parametrize("size", [1, R, CHUNK - 1, CHUNK + 1])
def test_a_count_does_not_depend_on_what_is_drawn_beside_it(size: int) -> None:
    """Every row of every throw has the counts of its own stream, with chances 0 and 1 and no trials, too."""
    cases = [
        throw_of("few", [0, 1, 30, 10**9], 0.3, size),
        throw_of("never", [5, 6], 0.0, size),
        throw_of("sure", [5, 0], 1.0, size),
        throw_of("each", [10**6, 40], np.linspace(0.0, 1.0, size).tolist(), size),
    ]
    for throw, drawn in zip(cases, counts_of(cases, SEED), strict=True):
        assert throw.number.shape == drawn.shape
        for row in range(len(throw.number)):
            assert alone(throw, row).tolist() == drawn[row].tolist()


def test_drawings_in_step_get_what_each_gets_alone() -> None:
    """Drawings of different lengths, one of which asks for nothing, go on as if nobody else drew."""

    def nested(name: str, rounds: int) -> Drawing[list[int]]:
        number = np.full((1, R), 10**6)
        for turn in range(rounds):
            (number,) = yield [Throw([("luck", name, str(turn))], number, np.array([0.5]))]
        yield []
        return [int(count) for count in number[0]]

    shape = [("a", 3), ("b", 0), ("c", 1), ("a", 2)]
    together = draw([nested(*own) for own in shape], SEED)
    assert together == [draw([nested(*own)], SEED)[0] for own in shape]
    assert draw([], SEED) == []


def test_a_ratio_is_kept_between_0_and_1() -> None:
    """Part over whole is cut to [0, 1], and 0 where the whole is 0."""
    part, whole = np.array([0.0, 0.2, 0.5, 1e-17, -1e-17]), np.array([0.0, 0.4, 0.4999, 0.0, 0.3])
    assert ratio(part, whole).tolist() == [0.0, 0.5, 1.0, 0.0, 0.0]
    assert ratio(np.array([0.25])).tolist() == [0.25]


def test_threads_draw_the_words_of_one() -> None:
    """Words of many streams are the same, whether threads share the work or not."""
    names = [str(number) for number in range(64)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        shared = list(pool.map(lambda name: words(SEED, name, size=5_000).tolist(), names))
    assert shared == [words(SEED, name, size=5_000).tolist() for name in names]


def test_threads_draw_the_counts_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are the same, whether threads share the work or not."""
    cases = [throw_of(str(n), [10**n, 7], 0.4, 4_000) for n in range(8)]
    alike = [drawn.tolist() for drawn in counts_of(cases, SEED)]
    monkeypatch.setattr(throws, "MANY", 10**9)
    assert alike == [drawn.tolist() for drawn in counts_of(cases, SEED)]


# Segments ----------------------------------------------------------------------------------------------


def twins(sizes: list[int]) -> Scenario:
    """The segments of a breach, and some that are like its first one in everything but size."""
    scenario = load_scenario("tmobile-2021-stated")
    first = scenario.segments[0]
    more = [
        dataclasses.replace(first, name=f"twin {size}", accounts=size, label=f"twin {size}") for size in sizes
    ]
    return dataclasses.replace(scenario, segments=(*scenario.segments, *more), events=())


def listed(counts: SegmentCounts) -> list[object]:
    """All counts of a segment, as lists."""
    by_attack = [counts.attackable, counts.attempted, counts.victims]
    return [
        counts.exposed.tolist(),
        counts.people.tolist(),
        [{name: own.tolist() for name, own in each.items()} for each in by_attack],
    ]


@pytest.mark.parametrize("at_once", [1, 3 * R, 1 << 16])
def test_segments_side_by_side_are_what_each_is_alone(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All counts of a segment are those of its law and streams, however many segments are drawn with it."""
    scenario = twins([2, 1, 50, 10**12])
    attacks = attacks_for(scenario)
    laws = Law(scenario, attacks, Parameters(SEED, R), 5).segment_laws()
    accounts = {segment.name: segment.accounts for segment in scenario.segments}
    monkeypatch.setattr(engine_counts, "AT_ONCE", at_once)
    drawn = draw_all_counts(laws, attacks, accounts, SEED, R)
    for segment, counts in zip(scenario.segments, drawn, strict=True):
        own = draw_counts(laws[segment.name], attacks, segment.accounts, segment.name, SEED, R)
        assert listed(own) == listed(counts)


def test_segments_that_are_alike_share_their_law() -> None:
    """Segments alike in everything but name and size have one law; a reset of one of them parts it."""
    scenario = twins([10, 20])
    attacks = attacks_for(scenario)
    law = Law(scenario, attacks, Parameters(SEED, R), 5)
    laws, first = law.segment_laws(), scenario.segments[0]
    assert laws["twin 10"] is laws["twin 20"] is laws[first.name]
    assert law.classes(scenario.segments[-1]) is law.classes(first)
    assert len({id(own) for own in laws.values()}) == len(scenario.segments) - 2
    reset = dataclasses.replace(
        load_scenario("tmobile-2021-stated").events[0], fields=("full_name",), segments=("twin 20",)
    )
    parted = Law(dataclasses.replace(scenario, events=(reset,)), attacks, Parameters(SEED, R), 5)
    laws = parted.segment_laws()
    assert laws["twin 10"] is laws[first.name]
    assert laws["twin 20"] is not laws[first.name]


def test_a_segment_keeps_its_law_beside_its_like() -> None:
    """The law of a segment that shares it equals that of the same segment alone, to the last digit."""
    scenario = twins([10])
    attacks = attacks_for(scenario)
    first = scenario.segments[0]
    scales = Law(scenario, attacks, Parameters(SEED, R), 5).scales
    shared = Law(scenario, attacks, Parameters(SEED, R), 5, scales).segment_laws()["twin 10"]
    only = dataclasses.replace(scenario, segments=(first,))
    single = Law(only, attacks, Parameters(SEED, R), 5, scales).segment_law(first)
    assert {name: chance.tolist() for name, chance in shared.victim.items()} == {
        name: chance.tolist() for name, chance in single.victim.items()
    }
    assert shared.people.tolist() == single.people.tolist()
