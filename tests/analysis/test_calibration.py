"""The fit of the victims' side: toys with a known posterior, sums of a year, and the shipped rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from support.worlds import all_leaked

from breach_sim import catalog
from breach_sim.analysis.nation import likelihood, rows, victims
from breach_sim.analysis.nation import sums as joint
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.targets import Ceiling, Count, Member, Study
from breach_sim.results import side_by_side
from breach_sim.results.simulation import simulate

WHOLE = Estimate.fixed("toy.share", 1.0, "share")
ONE = Estimate.fixed("toy.reporting", 1.0, "share")
DRAWS, SEED = 32_768, 5
NAME = "toy.rate"


@dataclasses.dataclass(frozen=True)
class Toy:
    """A run of one attack, whose victims are exp(mean + sigma z) in one year."""

    by_year: Mapping[tuple[str, int], Array]
    reporting: Mapping[str, Array] = dataclasses.field(default_factory=dict)


def count(value: float, years: tuple[int, ...] = (2020,), reporting: Estimate = ONE) -> Count:
    """Return a count of a toy nation."""
    return Count(
        year=years[0], value=value, years=years, reporting=reporting, status="assumed", sources=("x",)
    )


def ceiling(*counts: Count, discrepancy: float) -> Ceiling:
    """Return the counts of a toy nation."""
    return Ceiling(name="toy", label="toy", attacks=("a",), discrepancy=discrepancy, counts=counts)


def study(**given: object) -> Study:
    """Return a toy study."""
    usual: dict[str, object] = {"name": "toy", "label": "toy", "attacks": ("a",), "fields": ("ssn",)}
    usual |= {"accounts": 1000, "days": 365.0, "reporting": ONE, "discrepancy": 0.5, "status": "assumed"}
    return Study(**{**usual, "sources": ("x",), **given})  # type: ignore[arg-type]


def levels() -> Array:
    """Return the uniform numbers of the toy's one parameter."""
    return uniforms(SEED, "toy", size=DRAWS)


def scores(log_likelihood: Array) -> Array:
    """Return normal scores of the posterior rows that a likelihood gives."""
    chosen = rows.resampled(rows.weights_of(log_likelihood), levels())
    return np.asarray(ndtri(rows.posterior_of((NAME,), {NAME: levels()}, chosen, "0" * 64).at(NAME, EACH)))


EACH = (np.arange(rows.ROWS) + 0.5) / rows.ROWS


def off(sample: Array, mean: float, variance: float, log_likelihood: Array) -> float:
    """Return how many standard errors the mean of rows is from the known one: weights and resampling."""
    size = rows.effective_size(rows.weights_of(log_likelihood))
    return float(abs(sample.mean() - mean) / np.sqrt(variance * (1 / size + 1 / len(sample))))


# --------------------------------------------------------------------------------------- toys


@pytest.mark.parametrize(
    ("room", "sigma", "discrepancy"), [(0.0, 1.0, 0.5), (-0.7, 1.5, 0.3), (1.0, 0.6, 1.0)]
)
def test_a_ceiling_gives_the_skew_normal(room: float, sigma: float, discrepancy: float) -> None:
    """With ln victims = sigma z and ln count = room, the mean of z given the ceiling has a closed form.

    The posterior of z is proportional to phi(z) Phi((room - sigma z) / discrepancy). Within 4 standard
    errors; seed 5. Without the weights the mean is more than 10 errors away.
    """
    run = Toy({("a", 2020): np.exp(sigma * ndtri(levels()))})
    log = likelihood.of_ceiling(ceiling(count(np.exp(room)), discrepancy=discrepancy), run, WHOLE)
    root = np.hypot(discrepancy, sigma)
    slope, at = sigma / root, room / root
    mills = np.exp(-0.5 * at**2) / np.sqrt(2 * np.pi) / ndtr(at)
    mean = -slope * mills
    variance = 1 - slope**2 * mills * (at + mills)
    assert off(scores(log), mean, variance, log) < 4
    assert off(scores(np.zeros(DRAWS)), mean, variance, log) > 10
    evidence = float(np.exp(log).mean())
    assert abs(evidence - ndtr(at)) < 4 * np.exp(log).std() / np.sqrt(DRAWS)


def test_a_study_gives_the_normal() -> None:
    """A normal prior of a logarithm and a normal error of a study give the normal posterior, within 4 errors.

    Mean and variance of the rows; seed 5.
    """
    middle, sigma, discrepancy, seen = np.log(0.002), 1.2, 0.7, 0.01
    log = likelihood.of_study(
        study(value=seen, discrepancy=discrepancy), np.exp(middle + sigma * ndtri(levels()))
    )
    whole = sigma**2 + discrepancy**2
    mean, variance = sigma * (np.log(seen) - middle) / whole, discrepancy**2 / whole
    assert off(scores(log), mean, variance, log) < 4
    size = rows.effective_size(rows.weights_of(log))
    assert abs(scores(log).var() / variance - 1) < 4 * np.sqrt(2 / size + 2 / rows.ROWS)


def test_an_upper_limit_is_one_sided() -> None:
    """A study of at most some share has the distribution function where another has the density."""
    share = np.array([1e-6, 0.01, 0.04])
    one = np.exp(likelihood.of_study(study(value=0.01, at_most=True), share))
    assert np.allclose(one, ndtr((np.log(0.01) - np.log(share)) / 0.5), rtol=1e-12)


def test_breaches_with_fraud_are_binomial() -> None:
    """One of 24 breaches of 1,000 people with traced fraud has the binomial probability."""
    share = np.array([1e-5, 5e-5])
    chance = 1 - np.exp(-1000 * share)
    got = np.exp(likelihood.of_study(study(shown=1, breaches=24, discrepancy=0.0), share))
    assert np.allclose(got, 24 * chance * (1 - chance) ** 23, rtol=1e-12)


def test_only_the_worst_year_counts() -> None:
    """Years far below their count change nothing, and a year without victims neither."""
    run = Toy({("a", 2020): np.array([90.0]), ("a", 2021): np.array([2.0]), ("a", 2022): np.array([0.0])})
    alone = likelihood.of_ceiling(ceiling(count(100.0), discrepancy=0.3), run, WHOLE)
    assert np.allclose(alone, np.log(ndtr(-np.log(0.9) / 0.3)))
    more = ceiling(count(100.0), count(100.0, (2021, 2022)), discrepancy=0.3)
    assert np.array_equal(alone, likelihood.of_ceiling(more, run, WHOLE))


def test_a_reporting_rate_is_averaged_or_drawn() -> None:
    """A rate that is a parameter has its drawn value; any other is averaged over its levels."""
    rate = Estimate(
        name="attacks.a.reporting", kind="pert", low=0.1, mode=0.4, high=0.9, unit="share",
        status="assumed", sources=("x",), note="x",
    )  # fmt: skip
    run = Toy({("a", 2020): np.array([300.0, 300.0])})
    own = ceiling(count(100.0, reporting=rate), discrepancy=0.2)
    at = rate.ppf(likelihood.LEVELS)
    wanted = ndtr(-np.log(3 * at) / 0.2).mean()
    assert np.allclose(np.exp(likelihood.of_ceiling(own, run, WHOLE)), wanted, rtol=1e-12)
    drawn = dataclasses.replace(run, reporting={rate.name: np.array([0.2, 0.6])})
    wanted = ndtr(-np.log(3 * np.array([0.2, 0.6])) / 0.2)
    assert np.allclose(np.exp(likelihood.of_ceiling(own, drawn, WHOLE)), wanted, rtol=1e-12)
    assert likelihood.inside(own, drawn, 2020, given=WHOLE).tolist() == [1.0, 0.0]
    assert np.allclose(likelihood.inside(own, run, 2020, given=None), np.mean(3 * at <= 1))


def test_a_share_of_the_nation_lowers_a_ceiling() -> None:
    """With the breaches causing at most a share of the harm, the ceiling is that share of the count."""
    run = Toy({("a", 2020): np.array([40.0, 80.0])})
    half = Estimate.fixed("toy.share", 0.5, "share")
    got = likelihood.of_ceiling(ceiling(count(100.0), discrepancy=0.3), run, half)
    wanted = likelihood.of_ceiling(ceiling(count(50.0), discrepancy=0.3), run, WHOLE)
    assert np.allclose(got, wanted, rtol=1e-12)
    assert sorted(likelihood.SHUFFLED.tolist()) == list(range(32))


def test_resampling_is_systematic() -> None:
    """Every draw comes floor(w n) or one more times, and rows are in the order asked for."""
    weights = rows.weights_of(np.log(uniforms(1, "w", size=500)))
    order = uniforms(1, "order", size=500)
    chosen = rows.resampled(weights, order, 4_000)
    times = np.bincount(chosen, minlength=500)
    assert (np.abs(times - weights * 4_000) < 1).all()
    assert (np.diff(order[chosen]) >= 0).all()
    with pytest.raises(ValueError, match="exclude each other"):
        rows.weights_of(np.full(3, -np.inf))


def test_only_what_the_data_speak_of_gets_a_column() -> None:
    """Of twenty parameters the one behind the likelihood is fitted, and none of the others. Seed 5."""
    own = {f"toy.{i}": uniforms(SEED, "toy", str(i), size=4_096) for i in range(20)}
    log = np.log(ndtr(-ndtri(own["toy.7"])))
    assert rows.moved(own, log) == ("toy.7",)
    assert rows.moved(own, np.zeros(4_096)) == ()


# --------------------------------------------------------------------------------------- sums of a year


def world(name: str = "verizon-2017-confirmed", **changes: object) -> joint.World:
    """Return a breach without uncertain shares of its own, with its attacks."""
    scenario = all_leaked(dataclasses.replace(catalog.load_scenario(name), **changes))  # type: ignore[arg-type]
    return scenario, catalog.attacks_for(scenario, countries=("US",))


def test_the_years_of_a_breach_sum_to_its_victims() -> None:
    """New victims of all calendar years are the expected victims of the run, in every replicate."""
    scenario, graph = world(release={})
    found = joint.sums([(scenario, graph)], [], (2017, 2024), replicates=64, seed=3)
    cuts = tuple(joint.ends_of_years(scenario, 2024).values())
    impact = simulate(scenario, graph, replicates=64, seed=3, cuts=cuts)
    for attack in graph.names:
        own = [value for (name, _), value in found.by_year.items() if name == attack]
        total = np.sum(own, axis=0) if own else np.zeros(64)
        assert np.allclose(total, impact.expected("victims", attack), rtol=1e-9, atol=1e-12)
    years = {year for _, year in found.by_year}
    assert years == set(range(2017, 2023))
    fewer = joint.sums([(scenario, graph)], [], (2019, 2020), replicates=64, seed=3)
    assert {year for _, year in fewer.by_year} == {2019, 2020}
    assert all(np.array_equal(value, found.by_year[place]) for place, value in fewer.by_year.items())


def test_breaches_of_one_year_share_the_nations_capacity() -> None:
    """Two large breaches of one year have together the victims that a portfolio of them has."""
    (first, graph) = world(release={})
    first = first.scaled(150_000_000)
    second = dataclasses.replace(first, name="second")
    found = joint.sums([(first, graph), (second, graph)], [], (2017, 2024), replicates=32, seed=3)
    both = side_by_side.run(
        [(first, graph, None), (second, graph, None)], seed=3, replicates=32, horizon_years=5
    )
    wanted = sum(np.sum([i.expected("victims", a) for a in graph.names], axis=0) for i in both.impacts)
    assert np.allclose(found.total, wanted, rtol=0.01)  # the portfolio does not cut time at ends of years
    alone = joint.sums([(first, graph)], [], (2017, 2024), replicates=32, seed=3)
    assert (found.total <= 2 * alone.total * (1 + 1e-12)).all()
    assert found.total.mean() < 1.97 * alone.total.mean()


def test_a_breach_without_a_date_needs_one() -> None:
    """A scenario without day 0 takes the date of its member, and is refused without one."""
    scenario = catalog.load_scenario("home-depot-2014")
    assert joint.as_run(Member(scenario="x", day_zero="2014-09-15"), scenario).day_zero == "2014-09-15"
    with pytest.raises(ValueError, match="give day_zero"):
        joint.as_run(Member(scenario="x"), scenario)
    (only,) = joint.as_run(
        Member(scenario="x", segments=("us",)), catalog.load_scenario("capital-one-2019")
    ).segments
    assert only.name == "us"


# --------------------------------------------------------------------------------------- shipped rows


@cache
def calibrated() -> joint.Sums:
    """Return a run of all breaches from the shipped rows."""
    return victims.run_together(
        catalog.load_targets(), draws=4_096, seed=11, posterior=catalog.load_posterior()
    )


@pytest.mark.slow
def test_the_sums_of_every_year_stay_inside() -> None:
    """From the shipped rows the sums of all kinds stay inside the national totals, probability at least 0.95.

    4,096 draws; seed 11.
    """
    targets = catalog.load_targets()
    years = sorted({y for c in targets.ceilings for y in victims.active_years(c, calibrated())})
    chances = {year: victims.chance_of_year(targets, calibrated(), year, given=True) for year in years}
    assert all(chance >= 0.95 for chance in chances.values()), chances


@pytest.mark.slow
def test_the_script_gives_the_shipped_rows_again() -> None:
    """The same fit gives the shipped rows, level by level; a fit on another seed their quantiles.

    Quantiles of levels within 0.05: 4 standard errors of a median of 4,096 weighed draws.
    """
    shipped, targets = catalog.load_posterior(), catalog.load_targets()
    again = victims.fit(targets).posterior
    assert again.names == shipped.names
    assert np.abs(again.levels.astype(int) - shipped.levels.astype(int)).max() <= 1
    other = victims.fit(targets, draws=4_096, seed=99).posterior
    for name in set(shipped.names) & set(other.names):
        for each in (0.05, 0.5, 0.95):
            one, two = (float(np.quantile(p.at(name, EACH), each)) for p in (shipped, other))
            assert abs(one - two) < 0.05, name
