"""Laws of printed means: means of E[X | theta], which agree with the draws and are the same everywhere."""

from __future__ import annotations

import dataclasses
import json
import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from support import worlds
from support.worlds import way

from breach_sim import api
from breach_sim.formatting.errors import mean_error, quantile_error, rank_error
from breach_sim.formatting.tables import LEVELS
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results import expectations
from breach_sim.results.expectations import by_bearer, expected
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate
from breach_sim.results.tables.difference import diff

R = 2_000
WORDS = ("attackable", "attempted", "victims", "loss_usd")


@pytest.fixture(scope="module", params=["full", "sold", "random"])
def impact(request: pytest.FixtureRequest) -> Impact:
    """Return a world in which every feature acts, one with a release table, and one drawn at random."""
    what, graph, years = {
        "full": worlds.full_world,
        "sold": worlds.sold_world,
        "random": lambda: worlds.random_case(np.random.default_rng(16)),
    }[request.param]()
    return simulate(what, graph, replicates=R, seed=4, horizon_years=years)


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Return the stated cohorts over five years."""
    return api.simulate("tmobile-2021-stated", replicates=400, seed=2)


def drawn(impact: Impact) -> dict[tuple[str, str | None, str], Any]:
    """Return the draws by word, attack and segment."""
    arrays = (impact.attackable_counts, impact.attempted_counts, impact.victim_counts, impact.losses)
    found: dict[tuple[str, str | None, str], Any] = {}
    for j, segment in enumerate(impact.scenario.segments):
        found["exposed", None, segment.name] = impact.exposed_counts[j]
        found["people", None, segment.name] = impact.people_counts[j]
        for (word, array), (i, name) in product(
            zip(WORDS, arrays, strict=True), enumerate(impact.attacks.names)
        ):
            found[word, name, segment.name] = array[i, j]
            hours = impact.law.parameters(impact.attacks[name].hours)
            found["hours", name, segment.name] = impact.victim_counts[i, j] * hours
    return found


# The expectation of the draws -----------------------------------------------------------------------------


def test_draws_scatter_around_their_expectation(impact: Impact) -> None:
    """For every word, attack and segment the mean luck is nil within 4.5 of its standard errors (R = 2,000).

    Up to 400 comparisons; of one such comparison in 150,000 the normal law makes a false alarm. Losses of few
    victims are skewed, so that seeds are fixed. Rounding leaves 1e-9 of the expectation.
    """
    some = 0
    for (word, attack, segment), sample in drawn(impact).items():
        mean = impact.expected(word, attack, segment)
        assert (R,) == mean.shape
        luck = sample - mean
        error = luck.std(ddof=1) / math.sqrt(R)
        assert abs(luck.mean()) <= 4.5 * error + 1e-9 * mean.mean(), (word, attack, segment)
        some += bool(error > 0)
    assert some > 10


def test_the_luck_of_the_draws_is_the_same_size_as_that_of_the_budget(impact: Impact) -> None:
    """The standard error that luck added to the mean of people is gone: it is that of the expectation."""
    row = impact.error_budget().loc["people"]
    mean = impact.expected("people")
    assert mean_error(mean) == row["se_monte_carlo"] == impact.quantiles().loc["people", "se_mean"]
    assert mean.mean() == pytest.approx(row["mean"], rel=1e-12)
    whole = math.hypot(row["sd_ignorance"], row["sd_luck"]) / math.sqrt(R)
    assert row["se_monte_carlo"] <= whole * (1 + 1e-3)


def test_those_never_harmed_otherwise_of_an_expectation(impact: Impact) -> None:
    """They are the expected victims times the chance that the background spares them."""
    frame = impact.excess()
    for name in impact.attacks.names:
        mean = impact.expected("never_otherwise", name)
        chance = (1 - impact.law.parameters(impact.attacks[name].background)) ** impact.horizon_years
        np.testing.assert_allclose(mean, impact.expected("victims", name) * chance, rtol=1e-12)
        assert mean.mean() == frame.loc[impact.attacks[name].label, ("never_otherwise", "mean")]


# Sums -----------------------------------------------------------------------------------------------------


def test_parts_sum_to_the_whole(stated: Impact) -> None:
    """Segments and attacks sum to all of them; "any" counts accounts once, and sums money and hours."""
    segments = [segment.name for segment in stated.scenario.segments]
    for word in expectations.OF_ATTACKS:
        for attack in (None, *stated.attacks.names):
            parts = sum(expected(stated, word, attack, name) for name in segments)
            np.testing.assert_allclose(parts, expected(stated, word, attack), rtol=1e-12)
        parts = sum(expected(stated, word, name) for name in stated.attacks.names)
        np.testing.assert_allclose(parts, expected(stated, word), rtol=1e-12)
    np.testing.assert_array_equal(expected(stated, "victims", "any"), expected(stated, "people"))
    np.testing.assert_array_equal(expected(stated, "loss_usd", "any"), expected(stated, "loss_usd"))
    np.testing.assert_array_equal(expected(stated, "exposed", None, "any"), expected(stated, "exposed"))
    np.testing.assert_allclose(stated.expected("loss_usd"), stated.expected_loss(), rtol=1e-9)
    np.testing.assert_allclose(sum(by_bearer(stated).values()), stated.expected("loss_usd"), rtol=1e-12)
    assert (expected(stated, "victims", "any") <= expected(stated, "victims")).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("victim",), r"unknown word 'victim' in expected; did you mean 'victims'"),
        (("victims", "sim_swp"), r"unknown attack 'sim_swp' in expected; did you mean 'sim_swap'"),
        (("victims", None, "prepayd"), r"unknown segment 'prepayd' in expected; did you mean 'prepaid'"),
        (("people", "sim_swap"), r"expected\('people', attack='sim_swap'\): there is no such expectation"),
        (("attempted", "any"), r"of 'any' attack there are victims, loss_usd, hours, never_otherwise"),
    ],
)
def test_what_has_no_expectation_is_refused(stated: Impact, arguments: tuple[Any, ...], message: str) -> None:
    """A misspelled name is answered with the nearest, a word that has no value with those that have."""
    with pytest.raises(ValueError, match=message):
        stated.expected(*arguments)


# Exactness ------------------------------------------------------------------------------------------------


def linear_toy(accounts: int) -> Impact:
    """Return a world in which half of the accounts lose a mean amount between 0 and 200 USD."""
    severity = Estimate(
        name="severity", kind="pert", low=0.0, mode=100.0, high=200.0, unit="USD/victim", status="assumed",
        sources=("toy",), note="toy", scale="linear", hard=True,
    )  # fmt: skip
    attack = worlds.attack("a", [way("ssn", 0.5, 1.0)], sigma=1.0)
    graph = worlds.graph([dataclasses.replace(attack, severity=severity)])
    what = worlds.scenario([worlds.segment("s", accounts, [("ssn", 1.0)])])
    return simulate(what, graph, replicates=500, seed=9, horizon_years=1, sampling="plain")


@pytest.mark.parametrize("accounts", [20, 10**8])
def test_the_error_of_a_linear_toy_is_exact(accounts: int) -> None:
    """Loss = accounts x probability x severity: mean and error are those of the severities drawn."""
    found = linear_toy(accounts)
    severity = found.law.parameters(found.attacks["a"].severity)
    chance = -math.expm1(-0.5)
    row = found.quantiles().loc["loss_usd"]
    assert accounts * chance * severity.mean() == pytest.approx(row["mean"], rel=1e-12)
    error = accounts * chance * severity.std(ddof=1) / math.sqrt(500)
    assert error == pytest.approx(row["se_mean"], rel=1e-12)
    people = found.quantiles().loc["people"]
    assert (accounts * chance, 0.0) == (pytest.approx(people["mean"], rel=1e-12), people["se_mean"])


# One number everywhere ------------------------------------------------------------------------------------


def test_a_mean_is_the_same_in_every_table(stated: Impact) -> None:
    """Funnel, quantiles, error budget, ledgers, bearers, months, segments, excess and document agree."""
    rows = stated.quantiles()
    document = json.loads(stated.to_json())
    budget, segments, bearers = stated.error_budget(), stated.by_segment(), stated.bearers()
    numbers, ledgers, excess = stated.funnel(numbers=True), stated.ledgers(), stated.excess()
    loss = rows.loc["loss_usd", "mean"]
    for other in (
        document["loss_usd"]["mean"],
        numbers.loc["any", ("loss_usd", "mean")],
        ledgers.loc[("victims", "all"), "mean"],
    ):
        assert loss == other
    for other in (
        budget.loc["loss_usd", "mean"],
        segments.loc["total", "loss_usd"],
        bearers.loc["total", "all"],
        stated.timeline()["loss_usd_mean"].sum(),
        stated.lorenz()["loss_usd"].sum(),
        stated.convergence()["loss_mean"].iloc[0],
    ):
        assert loss == pytest.approx(other, rel=1e-9)
    people = rows.loc["people", "mean"]
    for other in (
        document["people"]["mean"],
        numbers.loc["any", ("victims", "mean")],
        segments.loc["total", "people"],
        budget.loc["people", "mean"],
        excess.loc["any harm (people)", ("gross", "mean")],
    ):
        assert people == pytest.approx(other, rel=1e-9)
    for name in stated.attacks.names:
        for word in ("victims", "loss_usd"):
            mean = rows.loc[f"{name}.{word}", "mean"]
            assert mean == document["attacks"][name][word]["mean"] == numbers.loc[name, (word, "mean")]


def test_a_difference_of_means_is_the_mean_of_the_difference(stated: Impact) -> None:
    """`diff` has the difference and the ratio of the printed means."""
    other = api.simulate("tmobile-2021-class", replicates=400, seed=2)
    frame, a, b = diff(stated, other), stated.quantiles(), other.quantiles()
    for name in ("people", "loss_usd", "sim_swap.victims", "sim_swap.loss_usd"):
        first, second = a.loc[name, "mean"], b.loc[name, "mean"]
        assert second - first == pytest.approx(frame.loc[name, "mean"], rel=1e-9)
        assert first == 0 or second / first == pytest.approx(frame.loc[name, "ratio_of_means"], rel=1e-12)


def test_every_error_knows_the_scrambles(stated: Impact) -> None:
    """With scrambles on the draws, every table has the errors of the scrambles, of few replicates too."""
    found = stated
    rows, scramble = found.quantiles(), np.arange(400) % 8
    for name, sample in (("people", found.people), ("loss_usd", found.loss)):
        mean = found.expected(name)
        assert mean_error(mean, scramble) == rows.loc[name, "se_mean"] != mean_error(mean)
        for statistic, level in zip(("p5", "p50", "p95"), LEVELS, strict=True):
            assert quantile_error(sample, level, scramble) == rows.loc[name, f"se_{statistic}"]
    assert rows.loc["people", "se_mean"] == found.error_budget().loc["people", "se_monte_carlo"]
    convergence = found.convergence()
    half = mean_error(found.expected("loss_usd")[:200], scramble[:200])
    assert half == convergence.loc[200, "loss_mean_se"]
    assert rows.loc["loss_usd", "se_mean"] == convergence.loc[400, "loss_mean_se"]


def test_the_band_of_the_exceedance_curve_knows_the_scrambles(stated: Impact) -> None:
    """Its ends are the losses 1.829 rank errors of the scrambles to either side of the rank."""
    found = stated
    ranks = 1.829 * rank_error(found.loss, 0.9, np.arange(400) % 8)
    row, ordered = found.exceedance((0.1,)).loc[0.1], np.sort(found.loss)
    ends = ordered[math.floor(359.1 - ranks)], ordered[min(399, math.ceil(359.1 + ranks))]
    assert ends == (row["band_low_usd"], row["band_high_usd"])
