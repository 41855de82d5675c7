"""The three parts of the harm: by the leak alone, together, replaceable (docs/model.md, section 6)."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from support import lookup_worlds, worlds
from support.reference_parts import answers

from breach_sim import api
from breach_sim.engine.law import Law
from breach_sim.inputs.lookups import Lookup
from breach_sim.results.expectations import expected, expected_part
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS, in_percent, nested
from breach_sim.results.simulation import simulate

LIMIT = 4.0
"""Standard errors."""
Answers = dict[tuple[str, ...], float]
CREDIT = worlds.attack(
    "credit", [worlds.way("full_name date_of_birth ssn", 0.6, 0.9)], severity=100.0, sigma=0.5
)


def toy(leaked: str, *entries: Lookup, coverage: float = 1.0, replicates: int = 200) -> Impact:
    """Return a run of one segment and one attack that needs name, birth date and SSN."""
    what = worlds.scenario([worlds.segment("all", 10_000, [(leaked, coverage)])])
    graph = dataclasses.replace(worlds.graph([CREDIT]), lookups=lookup_worlds.lookups(*entries))
    return simulate(what, graph, replicates=replicates, seed=1)


@pytest.fixture(scope="module")
def full() -> Impact:
    """Return a run of the world in which every feature acts, look-ups included."""
    what, graph, years = lookup_worlds.full_world()
    return simulate(what, graph, replicates=300, seed=2, horizon_years=years)


@pytest.fixture(scope="module")
def full_answers(full: Impact) -> Answers:
    """Return every expected number of this world by the twin."""
    return twin_answers(full)


def twin_answers(impact: Impact) -> Answers:
    """Return every expected number of a run with fixed parameters by the twin."""
    world = worlds.twin_world(impact.scenario, impact.attacks, impact.horizon_years, impact.law.parameters)
    return answers(world)


def check_sums(impact: Impact) -> None:
    """Assert that no part is negative and that the parts sum to the whole in every replicate."""
    split = impact.split
    for of_part, whole in ((split.victims, impact.victim_counts), (split.people, impact.people_counts)):
        parts = [of_part(part) for part in PARTS]
        assert min(part.min() for part in parts) >= 0
        np.testing.assert_array_equal(sum(parts), whole)
    lost = [split.loss(part) for part in PARTS]
    assert min(part.min() for part in lost) >= 0
    np.testing.assert_allclose(sum(lost), impact.losses.sum(axis=1), rtol=1e-12)


def test_parts_sum_in_every_replicate(full: Impact) -> None:
    """In every replicate, segment and attack the parts of victims, people and losses sum to the whole."""
    check_sums(full)
    assert all(full.split.people(part).any() for part in PARTS)


@pytest.mark.parametrize("case", range(12))
def test_parts_of_random_worlds_sum(case: int) -> None:
    """Cycles, ties, anchors and shares of 0 and 1 included, the parts are never negative and sum exactly."""
    what, graph, years = lookup_worlds.random_world(np.random.default_rng(700 + case))
    impact = simulate(what, graph, replicates=20, seed=1, horizon_years=years)
    check_sums(impact)
    for name in graph.names:
        parts = [expected_part(impact, part, "victims", name) for part in PARTS]
        assert min(part.min() for part in parts) >= 0
        np.testing.assert_allclose(sum(parts), expected(impact, "victims", name), rtol=1e-12)


@pytest.mark.parametrize("case", range(12))
def test_expected_parts_are_those_of_the_twin(case: int) -> None:
    """Expected victims by part, loss by part and attackable by the leak alone equal the twin's to 1e-9."""
    what, graph, years = lookup_worlds.random_world(np.random.default_rng(700 + case))
    impact = simulate(what, graph, replicates=1, seed=1, horizon_years=years)
    check_against_twin(impact, twin_answers(impact))


def test_expected_parts_of_the_full_world_are_those_of_the_twin(full: Impact, full_answers: Answers) -> None:
    """In the world in which every feature acts, all expected parts equal the twin's to 1e-9."""
    check_against_twin(full, full_answers)


def check_against_twin(impact: Impact, theirs: Answers) -> None:
    """Compare every expected part of a run with fixed parameters with the twin's."""
    for segment in impact.scenario.segments:
        place = segment.name
        for name in impact.attacks.names:
            for part in PARTS:
                victims = expected_part(impact, part, "victims", name, place)[0]
                assert victims == pytest.approx(theirs[place, name, "victims", part], rel=1e-9, abs=1e-9)
                lost = expected_part(impact, part, "loss_usd", name, place)[0]
                assert lost == pytest.approx(theirs[place, name, "loss", part], rel=1e-9, abs=1e-6)
            alone = impact.split.attackable[place].get(name, np.zeros(1))[0] * segment.accounts
            assert alone == pytest.approx(
                theirs[place, name, "attackable", "by_leak_alone"], rel=1e-9, abs=1e-9
            )
        # People: the shares of all expected victims of the segment.
        whole = theirs[place, "people", "all"]
        every = sum(theirs[place, name, "victims", "all"] for name in impact.attacks.names)
        for part in PARTS if every else ():
            share = sum(theirs[place, name, "victims", part] for name in impact.attacks.names) / every
            mine = expected_part(impact, part, "people", segment=place)[0]
            assert mine == pytest.approx(whole * share, rel=1e-9, abs=1e-9)


def test_people_harmed_once_are_split_exactly() -> None:
    """With one attack the parts of people are the differences of the law of people."""
    impact = toy(
        "full_name ssn",
        lookup_worlds.lookup("date_of_birth", 0.7, "full_name", directory=True),
        lookup_worlds.lookup("ssn", 0.2, "full_name date_of_birth"),
        lookup_worlds.lookup("full_name", 0.5, directory=True),
        coverage=0.8,
    )
    law, segment = impact.law, impact.scenario.segments[0]
    assert isinstance(law, Law)
    levels = [law.segment_law(segment, routes).people[0] for routes in ("elsewhere", "unmixed", "known")]
    exact = [levels[1] - levels[0], levels[2] - levels[1], levels[0]]
    for part, probability in zip(PARTS, exact, strict=True):
        mine = expected_part(impact, part, "people")[0]
        assert mine == pytest.approx(10_000 * probability, rel=1e-9, abs=1e-9)


def test_drawn_parts_have_the_expected_means(full: Impact) -> None:
    """Means of drawn parts over 300 replicates lie within 4 se of their expectations (seed 2)."""
    for part in PARTS:
        drawn = full.split.victims(part).sum(axis=1)
        for name, own in zip(full.attacks.names, drawn, strict=True):
            mean = expected_part(full, part, "victims", name)[0]
            error = max(own.std(ddof=1), np.sqrt(mean)) / np.sqrt(full.replicates)
            assert abs(own.mean() - mean) <= LIMIT * error + 1e-9, (part, name)


# Toys of section 6 --------------------------------------------------------------------------------------


def test_a_looked_up_birth_date_makes_victims_together() -> None:
    """Name, address and SSN leaked, e = 0.7 for the birth date: 70 % attackable, all victims together."""
    entry = lookup_worlds.lookup("date_of_birth", 0.7, "full_name postal_address")
    impact = toy("full_name postal_address ssn", entry)
    assert impact.laws["all"].attackable["credit"][0] == pytest.approx(0.7, rel=1e-12)
    assert not impact.split.attackable["all"].get("credit", np.zeros(1)).any()
    assert impact.people.any()
    np.testing.assert_array_equal(impact.split.people("together"), impact.people_counts)
    np.testing.assert_array_equal(impact.split.victims("together"), impact.victim_counts)


def test_nothing_leaked_is_nothing_in_every_part() -> None:
    """Where nothing leaked, all parts are exactly zero, whatever directories hold."""
    entries = [
        lookup_worlds.lookup(field, 1.0, directory=True) for field in ("full_name", "date_of_birth", "ssn")
    ]
    impact = toy("full_name date_of_birth ssn", *entries, coverage=0.0)
    for part in PARTS:
        assert not impact.split.victims(part).any()
        assert not impact.split.people(part).any()
        assert not impact.split.loss(part).any()


def test_what_directories_hold_is_replaceable() -> None:
    """All three leaked and all three listed in directories with e = 1: all victims are replaceable."""
    entries = [
        lookup_worlds.lookup(field, 1.0, directory=True) for field in ("full_name", "date_of_birth", "ssn")
    ]
    impact = toy("full_name date_of_birth ssn", *entries)
    assert impact.people.any()
    np.testing.assert_array_equal(impact.split.people("replaceable"), impact.people_counts)
    np.testing.assert_allclose(impact.split.loss("replaceable")[0], impact.loss, rtol=1e-15)


def test_without_look_ups_all_is_by_the_leak_alone() -> None:
    """Without look-ups everything is by the leak alone, and no other law is computed."""
    what, graph, years = worlds.full_world()
    impact = simulate(what, graph, replicates=50, seed=1, horizon_years=years)
    before = len(impact.law._classes)
    check_sums(impact)
    assert before == len(impact.law._classes)
    np.testing.assert_array_equal(impact.split.people("by_leak_alone"), impact.people_counts)
    assert not impact.split.victims("together").any()
    assert "parts" not in impact.funnel().columns


# Tables --------------------------------------------------------------------------------------------------


def test_tables_carry_the_parts(full: Impact) -> None:
    """Shares of a row sum to 1, means of the funnel are those of the table, segments sum to the total."""
    table = full.parts()
    shares = table.loc[:, [(part, "share") for part in PARTS]].sum(axis=1, skipna=False).dropna()
    np.testing.assert_allclose(shares, 1.0, rtol=1e-12)
    numbers = full.funnel(numbers=True)
    for part in PARTS:
        means = table[part, "mean"].to_numpy()
        np.testing.assert_allclose(numbers[part, "mean"].to_numpy(), means[:-1], rtol=1e-12)
    by_segment = full.by_segment()
    split = sum(by_segment[f"people_{part}"] for part in PARTS)
    np.testing.assert_allclose(split, by_segment["people"], rtol=1e-12)
    document = json.loads(full.to_json())
    people = sum(document["parts"]["people"][part]["mean"] for part in PARTS)
    assert people == pytest.approx(document["people"]["mean"], rel=1e-12)
    for own in document["attacks"].values():
        victims = sum(own["parts"][part]["mean"] for part in PARTS)
        assert victims == pytest.approx(own["victims"]["mean"], rel=1e-12)


def test_percents_sum_to_a_hundred() -> None:
    """Shares as text are whole percents that sum to 100; nothing to split gives no text."""
    thirds = {part: np.full(4, 1.0) for part in PARTS}
    assert in_percent(thirds) == "34 / 33 / 33 %"
    few = dict(zip(PARTS, (np.array([709.0]), np.array([242.0]), np.array([49.0])), strict=True))
    assert in_percent(few) == "71 / 24 / 5 %"
    assert in_percent({part: np.zeros(4) for part in PARTS}) == ""


def test_rounding_makes_no_part() -> None:
    """Probabilities that are equal but for rounding make a part of exactly zero."""
    one = np.array([0.1 + 0.2])
    assert nested(np.array([0.3]), np.array([0.3]), one) == (one, one, one)


def test_the_same_seed_splits_alike() -> None:
    """The parts are the same in every run with one seed, whatever was asked before."""
    first, second = (api.simulate("tmobile-2021-stated", replicates=40, seed=5) for _ in range(2))
    second.timeline()
    for part in PARTS:
        np.testing.assert_array_equal(first.split.victims(part), second.split.victims(part))
        np.testing.assert_array_equal(first.split.loss(part), second.split.loss(part))
