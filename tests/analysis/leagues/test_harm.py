"""Laws of the expected harm of a league: that of single runs, whatever the batches, columns and order."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from support import unions, worlds

from breach_sim import catalog
from breach_sim.analysis.leagues import harm
from breach_sim.analysis.leagues.harm import BreachHarm, Member, wanted_attempts
from breach_sim.analysis.leagues.worlds import READINGS, Draws, with_own_names
from breach_sim.engine.draws.parameters import JoinedParameters, Parameters
from breach_sim.engine.law import Law
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.side_by_side import run as portfolio
from breach_sim.results.simulation import simulate
from breach_sim.results.tables.readings import with_uplift

NAMES = ("equifax-2017", "tmobile-2021-stated", "talktalk-2015-confirmed", "att-snowflake-2024")
R = 32


def harms(
    members: list[Member], drawn: Draws, horizon_years: float, by: str = "loss_usd"
) -> list[BreachHarm]:
    """Return the expected harm of breaches, without the names of the parameters."""
    return harm.harms(members, drawn, horizon_years, by)[0]


def certain(scenario: Scenario) -> Scenario:
    """Return the breach without doubts of its own: coverages at their middle, no way of release."""
    segments = []
    for segment in scenario.segments:
        leaks = [
            dataclasses.replace(
                leak, coverage=Estimate.fixed(leak.coverage.name, leak.coverage.central, "share")
            )
            for leak in segment.leaks
        ]
        segments.append(dataclasses.replace(segment, leaks=tuple(leaks)))
    return dataclasses.replace(scenario, segments=tuple(segments), release={})


@pytest.fixture(scope="module")
def members() -> list[Member]:
    """Return four breaches of the catalog without doubts of their own, with their attacks."""
    return [(own, catalog.attacks_for(own)) for own in (certain(catalog.load_scenario(n)) for n in NAMES)]


def draws(*readings: str, replicates: int = R) -> Draws:
    """Return shared points on calibrated parameters, with some readings."""
    return Draws(3, replicates, catalog.load_posterior(), readings)


def test_harm_is_the_expectation_of_a_run(members: list[Member]) -> None:
    """Without doubts of its own, a breach has the expected people and loss of a run, and of its attacks."""
    for own, found in zip(members, harms(members, draws(), 5.0), strict=True):
        run = simulate(*own, replicates=R, seed=3, posterior=catalog.load_posterior())
        assert found.people == pytest.approx(run.expected("people"), rel=1e-9)
        assert found.loss_usd == pytest.approx(run.expected_loss(), rel=1e-9)
        for name, (victims, loss) in found.by_attack.items():
            assert victims == pytest.approx(run.expected("victims", name).mean(), rel=1e-9)
            assert loss == pytest.approx(run.expected("loss_usd", name).mean(), rel=1e-9)


def test_breaches_of_one_year_share_capacities_as_in_a_portfolio() -> None:
    """Expected harm of like breaches of one year is that of the portfolio, and more where each is alone."""
    segment = worlds.segment(
        "s", 20_000, [("phone_number account_pin full_name email_address", 1.0)], "postpaid"
    )
    own = [unions.breach(f"like{i}", [segment], day_zero="2021-05-01") for i in range(3)]
    graph = unions.graph()
    side = portfolio([(each, graph, None) for each in own], seed=3, replicates=R, horizon_years=2.0)
    plain = Draws(3, R, None, ("capacity alone",))
    for impact, found in zip(side.impacts, harms([(each, graph) for each in own], plain, 2.0), strict=True):
        assert found.people == pytest.approx(impact.expected("people"), rel=1e-9)
        alone = simulate(impact.scenario, graph, replicates=R, seed=3, horizon_years=2.0)
        assert found.readings["capacity alone"] == pytest.approx(alone.expected_loss().mean(), rel=1e-9)


def test_attempts_of_an_attack_need_no_other_attack(members: list[Member]) -> None:
    """Attempts of year one, attack by attack, are those over the classes of all attacks together."""
    for scenario, graph in members:
        law = Law(scenario, graph, Parameters(2, R), 5.0, scales={})
        wanted = law.attempts_of_year_one()
        found = wanted_attempts(law)
        assert found.keys() == wanted.keys()
        for name, attempts in wanted.items():
            assert found[name] == pytest.approx(np.broadcast_to(attempts, (R,)), rel=1e-9)


def test_every_reading_is_the_run_that_it_describes(members: list[Member]) -> None:
    """Each reading gives the expectations of a run with that horizon, those look-ups, drivers or numbers."""
    scenario, graph = members[0]
    (loss,) = harms([members[0]], draws(*READINGS), 5.0)
    (people,) = harms([members[0]], draws(*READINGS), 5.0, "people")
    posterior = catalog.load_posterior()
    nothing = catalog.attacks_for(scenario, elsewhere=None)
    runs = {
        "one year": simulate(scenario, graph, replicates=R, seed=3, horizon_years=1, posterior=posterior),
        "nothing looked up": simulate(scenario, nothing, replicates=R, seed=3, posterior=posterior),
        "no common drivers": simulate(
            scenario, graph, replicates=R, seed=3, drivers=False, posterior=posterior
        ),
        "priors": simulate(scenario, graph, replicates=R, seed=3),
        "capacity alone": simulate(scenario, graph, replicates=R, seed=3, posterior=posterior),
    }
    for word in ("traced", "surveyed"):
        runs[word] = simulate(scenario, with_uplift(graph, word), replicates=R, seed=3, posterior=posterior)
    for name, run in runs.items():
        assert loss.readings[name] == pytest.approx(run.expected_loss().mean(), rel=1e-9), name
        assert people.readings[name] == pytest.approx(run.expected("people").mean(), rel=1e-9), name
    assert loss.readings.keys() == people.readings.keys() == READINGS.keys()
    assert loss.readings["hard ends"] != loss.at_points


def test_batches_columns_and_order_change_nothing(
    members: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm is the same bit for bit in another order, and to rounding in small batches and few columns."""
    every = draws("no common drivers", "capacity alone", "one year")
    whole = harms(members, every, 5.0)
    back = harms(members[::-1], every, 5.0)[::-1]
    monkeypatch.setattr(harm, "BATCH", 1)
    monkeypatch.setattr(harm, "WIDE", 20)
    small = harms(members, every, 5.0)
    for one, other, third in zip(whole, back, small, strict=True):
        assert (one.loss_usd == other.loss_usd).all()
        assert (one.people == other.people).all()
        assert one.readings == other.readings
        assert third.loss_usd == pytest.approx(one.loss_usd, rel=1e-9)
        assert third.people == pytest.approx(one.people, rel=1e-9)
        for name, mean in one.readings.items():
            assert third.readings[name] == pytest.approx(mean, rel=1e-9)


def test_each_breach_has_coverages_of_its_own() -> None:
    """Of two breaches that differ in name alone, coverages are drawn apart and all else is shared."""
    one = catalog.load_scenario("talktalk-2015-claimed")
    two = dataclasses.replace(one, name="another")
    names = [
        {leak.coverage.name for s in with_own_names(own).segments for leak in s.leaks} for own in (one, two)
    ]
    assert not names[0] & names[1]
    found = harms([(own, catalog.attacks_for(own)) for own in (one, two)], draws(replicates=256), 5.0)
    assert (found[0].loss_usd != found[1].loss_usd).any()
    sure_of = [dataclasses.replace(certain(one), name=name) for name in ("one", "two")]
    found = harms([(own, catalog.attacks_for(own)) for own in sure_of], draws(), 5.0)
    assert (found[0].loss_usd == found[1].loss_usd).all()


def test_the_first_points_of_a_reading_are_those_of_the_league() -> None:
    """Fewer points are the first of more, so that a reading is compared on the same worlds."""
    estimate = catalog.load_attacks()["smishing"].routes[0].attempts
    posterior = catalog.load_posterior()
    many, few = (Parameters(1, size, posterior=posterior) for size in (1_024, 256))
    assert (many(estimate)[:256] == few(estimate)).all()
    joined = JoinedParameters([many, few])
    assert joined.replicates == 1_280
    assert (joined(estimate)[1_024:] == few(estimate)).all()
    assert (joined.chance(estimate.name)[:1_024] == many.chance(estimate.name)).all()
