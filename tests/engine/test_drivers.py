"""Laws of the common drivers: where they act, that they act once, and that the slow twin agrees."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from support import reference as twin
from support import worlds
from support.remembered import remembered

import breach_sim as bs
from breach_sim.analysis.attributions.by_fields import severities
from breach_sim.analysis.sensitivities.indices import expectation
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.hazards import Hazards
from breach_sim.engine.law import Law
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.inputs.attacks import Drivers
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

STATED = "tmobile-2021-stated"
Figures = dict[tuple[str, str], float]


def driver(name: str, value: float) -> Estimate:
    """Return a driver of one certain value."""
    return Estimate.fixed(f"drivers.{name}", value, "ratio")


def driven(graph: AttackGraph, attempts: float = 1.0, loss: float = 1.0) -> AttackGraph:
    """Return a graph with certain drivers."""
    drivers = Drivers(attempts=driver("attempts", attempts), loss=driver("loss", loss))
    return dataclasses.replace(graph, drivers=drivers)


def hardened(value: Any) -> Any:
    """Return an object in which every estimate has hard ends."""
    if isinstance(value, Estimate):
        return value.hardened()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {f.name: hardened(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **own)
    if isinstance(value, tuple):
        return tuple(hardened(part) for part in value)
    if isinstance(value, Mapping):
        return {key: hardened(part) for key, part in value.items()}
    return value


def of_engine(what: bs.Scenario, graph: AttackGraph, years: float) -> Figures:
    """Return expected attempted, victims and losses of every attack."""
    law = Law(what, graph, Parameters(0, 1), years)
    laws = {s.name: law.segment_law(s) for s in what.segments}
    factors = anchor_factors(law, laws)
    found: Figures = {}
    for a in graph.attacks:
        mean = mean_loss(law.parameters, graph, a, factors)[0]
        for s in what.segments:
            tried = float(laws[s.name].attempted.get(a.name, np.zeros(1))[0]) * s.accounts
            won = float(laws[s.name].victim.get(a.name, np.zeros(1))[0]) * s.accounts
            place = f"{s.name}.{a.name}"
            found |= {(place, "attempted"): tried, (place, "victims"): won, (place, "loss"): won * mean}
    return found


@remembered()
def of_twin(what: bs.Scenario, graph: AttackGraph, years: float) -> Figures:
    """Return the same of the slow twin."""
    segments = twin.expected(worlds.twin_world(what, graph, years))["segments"]
    return {
        (f"{s}.{a}", word): row[word]
        for s, own in segments.items()
        for a, row in own["attacks"].items()
        for word in ("attempted", "victims", "loss")
    }


def gap(one: Figures, other: Figures) -> float:
    """Return the largest relative difference of two sets of figures."""
    assert set(one) == set(other)
    return max(abs(one[key] - other[key]) / max(abs(other[key]), 1e-12) for key in one)


@pytest.mark.parametrize(("attempts", "loss"), [(1.0, 1.0), (1.7, 1.0), (1.0, 0.6), (0.5, 2.0)])
@pytest.mark.parametrize("world", [worlds.full_world, worlds.sold_world, worlds.protected_world])
def test_the_twin_agrees(world: Callable[[], Any], attempts: float, loss: float) -> None:
    """Victims and losses of every attack in every segment are those of the slow twin, to 1e-9."""
    what, graph, years = world()
    graph = driven(graph, attempts, loss)
    assert gap(of_engine(what, graph, years), of_twin(what, graph, years)) < 1e-9


def _on_follow_ons(patch: pytest.MonkeyPatch) -> None:
    """Multiply the attempts of follow-ons, too."""
    best = Law._follow_on

    def twice(self: Law, attack: Any, routes: Any) -> Any:
        tried, won = best(self, attack, routes)
        return tuple(np.minimum(x * self.parameters(self.graph.drivers.attempts), 1.0) for x in (tried, won))

    patch.setattr(Law, "_follow_on", twice)


def _twice(patch: pytest.MonkeyPatch) -> None:
    """Multiply the attempts of initial routes twice."""
    rates = Hazards._rates

    def again(self: Hazards, live: Any) -> Any:
        return tuple(x * self._parameters(self._graph.drivers.attempts) for x in rates(self, live))

    patch.setattr(Hazards, "_rates", again)


@pytest.mark.parametrize("fault", [_on_follow_ons, _twice])
def test_a_driver_that_acts_twice_is_seen(fault: Callable[[pytest.MonkeyPatch], None]) -> None:
    """The agreement fails where attempts are multiplied once more, on follow-ons or on initial routes."""
    what, graph, years = worlds.full_world()
    graph = driven(graph, 1.7)
    right = of_twin(what, graph, years)
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        assert gap(of_engine(what, graph, years), right) > 1e-3


def test_drivers_at_one_are_none() -> None:
    """Drivers at one change no figure by a bit."""
    what, graph, years = worlds.full_world()
    assert of_engine(what, driven(graph), years) == of_engine(what, graph, years)


def test_the_capacity_is_not_multiplied() -> None:
    """Where the capacity binds at a = 1 and a = 2, the scale halves and the attempts stay."""
    what, graph, years = worlds.full_world()
    laws = [Law(what, driven(graph, a), Parameters(0, 1), years) for a in (1.0, 2.0)]
    bound = [name for name in laws[0].scales if laws[0].scales[name][0] < 1]
    assert bound
    for name in bound:
        assert laws[1].scales[name][0] == pytest.approx(laws[0].scales[name][0] / 2, rel=1e-12)
    figures = [of_engine(what, driven(graph, a), years) for a in (1.0, 2.0)]
    for s in what.segments:
        key = (f"{s.name}.{bound[0]}", "attempted")
        assert figures[1][key] == pytest.approx(figures[0][key], rel=1e-12)


def test_the_catalog_draws_both_drivers_by_name() -> None:
    """Both drivers have median 1 and 90 % between 0.5 and 2, one assumed, one derived; both are drawn."""
    drivers = bs.load_attacks().drivers
    assert drivers is not None
    for own, status in ((drivers.attempts, "assumed"), (drivers.loss, "derived")):
        assert own.ppf(np.array([0.05, 0.5, 0.95])).tolist() == pytest.approx([0.5, 1.0, 2.0])
        assert (own.status, bool(own.note)) == (status, True)
    run = bs.simulate(STATED, replicates=50)
    assert {"drivers.attempts", "drivers.loss"} <= {own.name for own in run.law.parameters.used}
    attempts, loss = (run.law.parameters(own) for own in (drivers.attempts, drivers.loss))
    assert (attempts != loss).all()


def test_without_drivers_nothing_asked_of_the_impact_has_them() -> None:
    """`drivers=False` stays with the attacks: what-ifs, persons and the calculation behind a figure agree."""
    run = bs.simulate(STATED, replicates=50, drivers=False)
    assert run.attacks.drivers is None
    assert not [own.name for own in run.law.parameters.used if own.name.startswith("drivers.")]
    assert run.input_hash != bs.simulate(STATED, replicates=50).input_hash
    one, other = bs.diff(run, STATED, replicates=50, seed=1), bs.diff(run, run)
    np.testing.assert_array_equal(one.to_numpy(), other.to_numpy())


@pytest.mark.parametrize("drivers", [True, False])
def test_every_way_to_the_expected_loss_has_the_same_drivers(drivers: bool) -> None:
    """Moments, chains of what-ifs, fields, uniform numbers and the tree behind the loss agree, to 1e-9."""
    run = bs.simulate(STATED, replicates=40, seed=2, drivers=drivers, sampling="plain")
    loss = run.expected_loss()
    whatifs = ExpectedHarm(run.law, run.factors).harm(run.scenario, run.attacks).total("loss")
    np.testing.assert_allclose(whatifs, loss, rtol=1e-9)
    np.testing.assert_allclose(run.expected("loss_usd"), loss, rtol=1e-9)
    np.testing.assert_allclose(expectation(run, {}, 40), loss, rtol=1e-9)
    by_attack = severities(run)
    hit = {
        a: sum(s.accounts * run.laws[s.name].victim.get(a, np.zeros(1)) for s in run.scenario.segments)
        for a in run.attacks.names
    }
    np.testing.assert_allclose(sum(hit[a] * by_attack[a] for a in run.attacks.names), loss, rtol=1e-9)
    if not drivers:
        return
    assert run.attacks.drivers is not None
    plain = ExpectedHarm(
        Law(run.scenario, run.attacks.undriven(), run.law.parameters, 5, run.law.scales), run.factors
    )
    without = plain.harm(run.scenario, run.attacks.undriven()).total("loss")
    assert (np.abs(without / loss - 1) > 1e-3).mean() > 0.9


@pytest.mark.parametrize("name", [STATED, "tmobile-2021-class"])
def test_hard_ends_of_a_run_are_a_run_with_hard_ends_and_no_drivers(name: str) -> None:
    """A soft run knows, to 1e-9, what it expects with hard ends and no drivers (64 replicates, seed 1).

    That this is the law of the first version is held by ``test_first_law``.
    """
    soft = bs.simulate(name, replicates=64, seed=1, calibrated=False)
    hard = simulate(
        hardened(soft.scenario), hardened(soft.attacks), replicates=64, seed=1, horizon_years=5, drivers=False
    )
    assert soft.hard_means is not None
    for measure in ("loss_usd", "people"):
        expected = hard.expected(measure)
        np.testing.assert_allclose(soft.hard_means[measure], expected, rtol=1e-9)
        assert (np.abs(soft.expected(measure) / expected - 1) > 1e-3).mean() > 0.9


def test_a_factor_of_another_unit_is_refused() -> None:
    """A driver is a ratio above 0."""
    with pytest.raises(ValueError, match=r"drivers\.loss is in 'share'; it must be in 'ratio'"):
        Drivers(attempts=driver("attempts", 1.0), loss=Estimate.fixed("drivers.loss", 0.5, "share"))
    with pytest.raises(ValueError, match=r"drivers\.attempts is 0; a factor must be above 0"):
        Drivers(attempts=driver("attempts", 0.0), loss=driver("loss", 1.0))


# Structure -------------------------------------------------------------------------------------------


def test_ignorance_structure_and_luck_sum_to_the_variance() -> None:
    """Ignorance is the variance with hard ends, and structure what the soft ends and drivers add."""
    run: Impact = bs.simulate(STATED, replicates=400, seed=1)
    budget = run.error_budget()
    assert run.hard_means is not None
    means = {"people": run.expected("people"), "loss_usd": run.expected("loss_usd")}
    means |= {f"{name}.victims": run.expected("victims", name) for name in run.attacks.names}
    assert means.keys() == set(budget.index)
    for name, row in budget.iterrows():
        whole = np.var(means[str(name)])
        assert row["sd_ignorance"] ** 2 + row["sd_structure"] ** 2 == pytest.approx(whole, rel=1e-9)
        assert row["sd_ignorance"] ** 2 <= np.var(run.hard_means[str(name)]) * (1 + 1e-12)
    assert (budget.loc[["people", "loss_usd"], "sd_structure"] > 0).all()
    np.testing.assert_allclose(run.expected("loss_usd"), run.loss_moments[0], rtol=1e-9)


def test_hard_ends_are_drawn_on_the_same_uniform_numbers() -> None:
    """A hardened parameter is the hard quantile of the very uniform number of the soft one, in parts too."""
    own = Estimate(
        name="a", kind="pert", low=1, mode=2, high=4, unit="days", status="assumed", sources=("s",), note="n"
    )
    parameters = Parameters(3, 40)
    hard = own.hardened().ppf(parameters.chance("a"))
    assert parameters.hardened()(own).tolist() == hard.tolist()
    assert parameters(own).tolist() == own.ppf(parameters.chance("a")).tolist() != hard.tolist()
    assert parameters.part(slice(5, 9)).hardened()(own).tolist() == hard[5:9].tolist()


def test_what_has_neither_soft_ends_nor_drivers_has_no_structure() -> None:
    """With certain parameters and no drivers structure is exactly 0, and no second law is computed."""
    what, graph, years = worlds.full_world()
    run = simulate(what, graph, replicates=40, seed=1, horizon_years=years)
    assert run.hard_means is None
    assert (run.error_budget()["sd_structure"] == 0).all()


def test_the_document_has_the_three_parts() -> None:
    """The JSON document says what makes the spread of people and loss."""
    run = bs.simulate(STATED, replicates=50)
    spread = json.loads(run.to_json())["spread"]
    assert list(spread) == ["people", "loss_usd"]
    for name, parts in spread.items():
        assert list(parts) == ["sd_ignorance", "sd_structure", "sd_luck"]
        assert parts["sd_structure"] == pytest.approx(run.error_budget().loc[name, "sd_structure"])
