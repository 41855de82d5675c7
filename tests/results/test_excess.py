"""Laws of victims in excess: at the time of the harm, whatever the horizon, as the twin has them."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from support import reference_excess as twin
from support import worlds
from support.agreement import LIMIT, Case
from support.worlds import way

from breach_sim import api
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.timeline import excess_share, month_ends, victims_between
from breach_sim.results.impact import Impact
from breach_sim.results.replicates import Replicates
from breach_sim.results.simulation import simulate
from breach_sim.results.tables import chunks, observed, walk

PEOPLE = "any harm (people)"


def struck_at_once(years: float, background: float = 0.09, replicates: int = 100) -> Impact:
    """Return a million people, all harmed in the first month."""
    at_once = worlds.onset("at_once", median=1.0, sigma=0.1)
    harm = worlds.attack("harm", [way("ssn", 1_000.0)], background=background, when=at_once)
    what = worlds.scenario([worlds.segment("all", 1_000_000, [("ssn", 1.0)])])
    graph = worlds.graph([harm], people_background=0.09)
    return simulate(what, graph, replicates=replicates, seed=4, horizon_years=years)


def expected(case: Case) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the engine's share in excess and expected excess victims, by segment and attack."""
    what, graph, years = case
    law, days = Law(what, graph, Parameters(0, 1), years), month_ends(years)
    found = {}
    for own in what.segments:
        for name, grown in victims_between(law, own, days).items():
            share = excess_share(grown, days, law.parameters(graph[name].background))
            found[own.name, name] = (float(share[0]), float(own.accounts * grown.sum() * share[0]))
    return found


def assert_as_the_twin(case: Case) -> None:
    """Compare every share and every number with those of the twin, to 1e-9."""
    wanted = twin.expected_excess(worlds.twin_world(*case))
    for (segment, name), (share, number) in expected(case).items():
        row = wanted[segment]["attacks"][name]
        assert share == pytest.approx(row["share"], rel=1e-9, abs=1e-12), (segment, name)
        assert number == pytest.approx(row["excess"], rel=1e-9, abs=1e-9), (segment, name)


def test_the_share_in_excess_of_the_full_world_is_the_twins() -> None:
    """Chains, cycles, clocks, resets and a binding capacity: x of equation (13) is the twin's."""
    assert_as_the_twin(worlds.full_world())


def test_the_share_in_excess_of_random_worlds_is_the_twins() -> None:
    """The same on twelve random worlds with regimes, releases and traits."""
    for seed in range(12):
        assert_as_the_twin(worlds.random_sale(np.random.default_rng(seed)))


def test_the_table_of_the_full_world_is_the_twins() -> None:
    """Means of the table, people included, lie within 4 standard errors of the twin (seed 6, 400 runs)."""
    what, graph, years = worlds.full_world()
    table = simulate(what, graph, replicates=400, seed=6, horizon_years=years).excess()
    wanted = twin.expected_excess(worlds.twin_world(what, graph, years))
    rows = {graph[name].label: [own["attacks"][name] for own in wanted.values()] for name in graph.names}
    rows[PEOPLE] = [own["people"] for own in wanted.values()]
    for label, own in rows.items():
        for word in ("excess", "never_otherwise"):
            number = sum(row[word] for row in own)
            # A binomial count has at most the variance of its mean.
            assert abs(table.loc[label, (word, "mean")] - number) <= LIMIT * math.sqrt(number / 400) + 1e-9


@pytest.mark.parametrize("years", [1, 5])
def test_all_harmed_in_the_first_month(years: float) -> None:
    """A share of 0.91^(1/12) is in excess whatever the horizon, within 4 standard errors (seed 4)."""
    table = struck_at_once(years).excess()
    share = 0.91 ** (1 / 12)
    error = math.sqrt(1e6 * share * (1 - share) / 100)
    for label in ("harm", PEOPLE):
        assert table.loc[label, ("gross", "mean")] == 1_000_000
        assert abs(table.loc[label, ("excess", "mean")] - 1e6 * share) <= LIMIT * error
        never = table.loc[label, ("never_otherwise", "mean")]
        assert never == pytest.approx(1e6 * 0.91**years, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_excess_does_not_melt_with_the_horizon(seed: int) -> None:
    """A longer horizon adds victims in excess and takes none away, by attack and segment."""
    what, graph, _ = worlds.random_sale(np.random.default_rng(100 + seed))
    runs = [expected((what, graph, years)) for years in (1, 2, 4, 8)]
    for short, long in itertools.pairwise(runs):
        for place, (_, number) in short.items():
            assert long[place][1] >= number * (1 - 1e-9), place


def test_those_never_harmed_otherwise_melt() -> None:
    """Where all are harmed at once, a longer horizon leaves fewer who would never have been harmed."""
    short, long = (struck_at_once(years).excess().loc["harm"] for years in (1, 5))
    assert long["never_otherwise", "mean"] < 0.75 * short["never_otherwise", "mean"]
    assert long["excess", "mean"] == pytest.approx(short["excess", "mean"], rel=1e-4)


def test_people_have_the_mean_share_of_the_attacks() -> None:
    """The share of people is the mean of the attacks' shares, weighted by their expected victims."""
    graph = worlds.graph(
        [
            worlds.attack("often", [way("ssn", 0.06)], background=0.5),
            worlds.attack("seldom", [way("ssn", 0.02)], background=0.0),
        ],
        people_background=0.09,
    )
    what = worlds.scenario([worlds.segment("all", 1_000_000, [("ssn", 1.0)])])
    table = simulate(what, graph, replicates=200, seed=2, horizon_years=2).excess()
    means = {label: table.loc[label, ("excess", "mean")] for label in ("often", "seldom")}
    gross = {label: table.loc[label, ("gross", "mean")] for label in (*means, PEOPLE)}
    share = sum(means.values()) / (gross["often"] + gross["seldom"])
    assert table.loc[PEOPLE, ("excess", "mean")] / gross[PEOPLE] == pytest.approx(share, rel=1e-3)


def test_the_smaller_number_is_part_of_the_larger() -> None:
    """In every replicate those never harmed otherwise are among those in excess, where the law allows it."""
    rng = np.random.default_rng(7)
    gross = rng.integers(0, 60, size=(2, 500))
    spared, share = rng.uniform(size=500), rng.uniform(size=(2, 500))
    never = rng.binomial(gross, spared)
    drawn = observed.excess_given_never(rng.random(gross.shape), gross, never, spared, share)
    assert (drawn <= gross).all()
    assert (drawn >= never)[share >= spared].all()
    assert (drawn <= never)[share < spared].all()
    # 1,000 binomial counts of about 30: the standardized sum is normal to well within 4 standard errors.
    variance = (gross * share * (1 - share)).sum()
    assert abs((drawn - gross * share).sum()) <= LIMIT * math.sqrt(variance)


def test_excess_does_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replicates taken 7 at a time by one thread give the same bytes as all at once."""
    what, graph, years = worlds.full_world()
    run = simulate(what, graph, replicates=50, seed=1, horizon_years=years)
    whole = observed.excess(run)
    monkeypatch.setattr(chunks, "CHUNK", 7)
    monkeypatch.setattr(chunks, "MOST_THREADS", 1)
    assert whole.equals(observed.excess(dataclasses.replace(run)))


def test_a_background_that_is_certain_spares_nobody() -> None:
    """With a background of 1 nobody is in excess; with 0 everybody is."""
    grown = np.array([[0.1, 0.0], [0.2, 0.0]])
    assert (excess_share(grown, [30.0, 45.0], np.ones(1)) == 0).all()
    assert excess_share(grown, [30.0, 45.0], np.zeros(1)).tolist() == [1.0, 0.0]


def test_the_months_are_followed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Excess, months and document of a run read one pass over time; a run of another seed makes its own."""
    passes: list[int] = []
    whole = walk.followed

    def counted(run: Replicates, *rest: Any) -> walk.Walk:
        passes.append(run.seed)
        return whole(run, *rest)

    monkeypatch.setattr(walk, "followed", counted)
    first, second = (api.simulate("home-depot-2014", replicates=16, seed=seed) for seed in (1, 2))
    first.excess()
    first.timeline()
    first.to_json()
    second.timeline()
    assert passes == [1, 2]
    monkeypatch.setattr(walk, "KEPT", 8)
    third = api.simulate("home-depot-2014", replicates=16, seed=3)
    assert third.timeline().equals(third.timeline())
    assert passes == [1, 2, 3, 3], "many replicates are not kept"
