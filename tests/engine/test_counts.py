"""Laws of whole numbers of accounts: nested funnels, binomial laws, excess, same bytes."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from support import reference as twin
from support import worlds
from support.worlds import way

from breach_sim.catalog import load_attacks, load_scenario, scenario_names
from breach_sim.engine import granted, segment_law
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

LIMIT = 4.0
"""Standard errors."""
R = 4_000


def check_funnel(impact: Impact) -> None:
    """Assert the nested inequalities in every replicate, segment by segment."""
    victims, attempted, attackable = impact.victim_counts, impact.attempted_counts, impact.attackable_counts
    accounts = np.array([s.accounts for s in impact.scenario.segments])[:, None]
    assert np.all(victims >= 0)
    assert np.all(victims <= attempted)
    assert np.all(attempted <= attackable)
    assert np.all(attackable <= impact.exposed_counts[None])
    assert np.all(impact.exposed_counts <= accounts)
    assert np.all(victims.max(axis=0) <= impact.people_counts)
    assert np.all(impact.people_counts <= victims.sum(axis=0))
    assert np.all((impact.losses == 0) | (victims > 0))
    assert np.all(impact.losses >= 0)


# Funnels -----------------------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_funnels_are_nested_in_every_replicate(seed: int) -> None:
    """Victims <= attempted <= attackable <= exposed and max victims <= people <= sum of victims, always."""
    what, attacks, years = worlds.random_case(np.random.default_rng(seed))
    check_funnel(simulate(what, attacks, replicates=2_000, seed=seed, horizon_years=years))


@pytest.mark.parametrize("name", [name for name in scenario_names() if "2021-" in name or "everyone" in name])
def test_funnels_of_the_catalog_are_nested(name: str) -> None:
    """The same with the catalog's attacks, all parameters uncertain."""
    impact = simulate(load_scenario(name), load_attacks(), replicates=500, seed=3)
    check_funnel(impact)
    assert impact.people.min() >= 0
    assert impact.people.mean() > 100


def test_funnels_of_a_boosted_world_are_nested() -> None:
    """The same where most accounts are hit by several attacks at once."""
    what, attacks, years = worlds.full_world()
    everywhere = AttackGraph(
        attacks=tuple(dataclasses.replace(a, capacity=None) for a in attacks.attacks),
        traits=attacks.traits,
        clocks=attacks.clocks,
        people_background=attacks.people_background,
    )
    small = Scenario(name="small", segments=tuple(dataclasses.replace(s, accounts=7) for s in what.segments))
    check_funnel(simulate(small, everywhere, replicates=5_000, seed=3, horizon_years=10 * years))


# Binomial laws -----------------------------------------------------------------------------------------


def binomial_misfit(sample: NDArray[np.int64], n: int, p: float) -> tuple[float, float]:
    """Return the distances of mean and variance from those of Binomial(n, p), in standard errors."""
    mean, variance = n * p, n * p * (1 - p)
    if variance < 1e-9:
        return float(np.max(np.abs(sample - mean)) * 1e6), 0.0
    kurtosis = (1 - 6 * p * (1 - p)) / variance
    spread = float(np.mean((sample - mean) ** 2))
    return (
        (float(sample.mean()) - mean) / math.sqrt(variance / len(sample)),
        (spread - variance) / (variance * math.sqrt((2 + kurtosis) / len(sample))),
    )


def test_every_count_has_its_binomial_law() -> None:
    """With parameters fixed, mean and variance of every count are n p and n p (1 - p) within 4 se.

    The probabilities are the twin's. At 4,000 replicates 4 se are 9 % of a variance, under 3 % of a mean.
    """
    what, attacks, years = worlds.full_world()
    reference = twin.expected(worlds.twin_world(what, attacks, years))["segments"]
    impact = simulate(what, attacks, replicates=R, seed=11, horizon_years=years)
    misfits = {}
    for j, s in enumerate(what.segments):
        row, n = reference[s.name], s.accounts
        samples = {
            "exposed": (impact.exposed_counts[j], row["exposed"]),
            "people": (impact.people_counts[j], row["people"]),
        }
        for i, name in enumerate(attacks.names):
            for word, counts in (
                ("attackable", impact.attackable_counts),
                ("attempted", impact.attempted_counts),
                ("victims", impact.victim_counts),
            ):
                samples[f"{name} {word}"] = (counts[i, j], row["attacks"][name][word])
        for key, (sample, mean) in samples.items():
            assert mean == 0 or mean > 40, "too few to see an error of 5 %"
            misfits[s.name, key] = binomial_misfit(sample, n, mean / n)
    assert len(misfits) == 52
    assert max(max(abs(a), abs(b)) for a, b in misfits.values()) <= LIMIT, misfits


def test_counts_are_binomial_to_the_last_number() -> None:
    """In a segment of 25 accounts the whole distribution of every count is binomial (chi-square)."""
    what, attacks, years = worlds.full_world()
    small = Scenario(
        name="small",
        segments=tuple(dataclasses.replace(s, accounts=25) for s in what.segments),
        events=what.events,
    )
    unbound = dataclasses.replace(
        attacks, attacks=tuple(dataclasses.replace(a, capacity=None) for a in attacks.attacks)
    )
    reference = twin.expected(worlds.twin_world(small, unbound, years))["segments"]
    impact = simulate(small, unbound, replicates=20_000, seed=2, horizon_years=years)
    for j, s in enumerate(small.segments):
        row = reference[s.name]
        cases = {"people": (impact.people_counts[j], row["people"] / 25)}
        cases |= {
            name: (impact.victim_counts[i, j], row["attacks"][name]["victims"] / 25)
            for i, name in enumerate(unbound.names)
            if row["attacks"][name]["victims"] > 0
        }
        for name, (sample, p) in cases.items():
            assert chi_square(sample, p) > 1e-4, (s.name, name)
            if p > 0.05:
                assert chi_square(sample, 1.1 * p) < 1e-4, "an error of 10 % would not be seen"


def chi_square(sample: NDArray[np.int64], p: float) -> float:
    """Return the p-value of a sample against Binomial(25, p), rare numbers pooled."""
    expected = len(sample) * stats.binom.pmf(np.arange(26), 25, p)
    seen = np.bincount(sample, minlength=26).astype(float)
    common = expected >= 10
    expected, seen = ([*part[common], part[~common].sum() + 1e-9] for part in (expected, seen))
    return float(stats.chisquare(seen, np.array(expected) * sum(seen) / sum(expected)).pvalue)


def test_the_binomial_comparison_sees_a_planted_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """With independence planted across shared steps the binomial comparison fails."""
    right = granted.granted_law

    def independent(table: list[list[granted.Number]]) -> list[granted.Number]:
        law, count = right(table), len(table)
        own = [sum((law[h] for h in range(1 << count) if h >> g & 1), 0.0) for g in range(count)]
        return [
            math.prod((own[g] if h >> g & 1 else 1.0 - own[g] for g in range(count)), start=1.0)
            for h in range(1 << count)
        ]

    monkeypatch.setattr(segment_law, "granted_law", independent)
    with pytest.raises(AssertionError):
        test_every_count_has_its_binomial_law()


# Joint laws of counts ------------------------------------------------------------------------------------


def chained() -> tuple[Scenario, AttackGraph]:
    """Return a swap, a mailbox behind it, and a theft that is rare with the number and sure with both."""
    attacks = worlds.graph(
        [
            worlds.attack("swap", [way("phone_number", 1.0, 1.0)], "num"),
            worlds.attack("mail", [way(attempts=1.0, success=0.5, capabilities="num")], "mail"),
            worlds.attack(
                "theft",
                [
                    way(attempts=1.0, success=0.02, capabilities="num"),
                    way(attempts=1.0, success=1.0, capabilities="num mail"),
                ],
                severity=100.0,
            ),
        ]
    )
    return worlds.scenario([worlds.segment("s", 1_000, [("phone_number", 1.0)])]), attacks


def test_followers_are_drawn_given_the_set() -> None:
    """A theft that is sure behind a mailbox hits at least as many as the mailbox, always."""
    impact = simulate(*chained(), replicates=R, seed=1, horizon_years=1)
    mail, theft = impact.victim_counts[1, 0], impact.victim_counts[2, 0]
    assert np.all(theft >= mail)


def test_followers_vary_with_the_steps_they_need() -> None:
    """The covariance of a step and its follow-on is n (p_both - p p'), within 4 se."""
    impact = simulate(*chained(), replicates=R, seed=1, horizon_years=1)
    mail, theft = impact.victim_counts[1, 0], impact.victim_counts[2, 0]
    own = impact.laws["s"].victim
    p, q = float(own["mail"][0]), float(own["theft"][0])
    products = (mail - 1_000 * p) * (theft - 1_000 * q)
    assert abs(products.mean() - 1_000 * (p - p * q)) <= LIMIT * products.std() / math.sqrt(R)


def test_luck_of_the_error_budget_is_the_variance_of_samples() -> None:
    """With parameters fixed, the luck in the error budget is the variance of samples, within 4 se."""
    what, attacks, years = worlds.full_world()
    impact = simulate(what, attacks, replicates=R, seed=5, horizon_years=years)
    budget = impact.error_budget()
    for i, name in enumerate(attacks.names):
        sample = impact.victim_counts[i].sum(axis=0)
        assert abs(sample.var() - budget.loc[f"{name}.victims", "sd_luck"] ** 2) <= (
            LIMIT * math.sqrt(2 / R) * sample.var()
        )
    luck = budget.loc["people", "sd_luck"] ** 2
    assert abs(impact.people.var() - luck) <= LIMIT * math.sqrt(2 / R) * luck
    assert budget["sd_ignorance"].max() <= 1e-9 * budget["mean"].max()
    loss = budget.loc["loss_usd"]
    assert abs(impact.loss.mean() - loss["mean"]) <= LIMIT * loss["sd_luck"] / math.sqrt(R)


# Nothing from nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [[], [("ssn phone_number", 0.0)], [("gender ethnicity", 1.0)]])
def test_a_breach_that_leaks_nothing_harms_nobody(blocks: list[tuple[str, float]]) -> None:
    """A breach that leaks nothing useful has exactly 0 victims, people, losses and excess."""
    what = worlds.scenario([worlds.segment("s", 10**8, blocks, "postpaid")])
    impact = simulate(what, load_attacks(), replicates=300, seed=1)
    for counts in (
        impact.victim_counts,
        impact.attempted_counts,
        impact.attackable_counts,
        impact.people_counts,
    ):
        assert not counts.any()
    assert not impact.losses.any()
    table = impact.excess()
    assert not table["gross"].to_numpy().any()
    assert not table["excess"].to_numpy().any()
    assert not table["never_otherwise"].to_numpy().any()
    assert not impact.error_budget()["mean"].any()
    assert not impact.error_budget()["sd_luck"].any()
    assert (10**8 if blocks and blocks[0][1] else 0) == impact.exposed


# Excess ----------------------------------------------------------------------------------------------------


def two_percent() -> Impact:
    """Return a million people of whom the breach hits 2 % in a year, with a background of 9 %."""
    what = worlds.scenario([worlds.segment("s", 1_000_000, [("ssn", 1.0)])])
    attacks = worlds.graph(
        [worlds.attack("loan", [way("ssn", -math.log(0.98))], background=0.09)], people_background=0.09
    )
    return simulate(what, attacks, replicates=2_000, seed=1, horizon_years=1)


def test_those_never_harmed_otherwise_by_an_independent_background() -> None:
    """A million people, 9 % background, an independent 2 %: gross 20,000, never otherwise 18,200 (4 se)."""
    table = two_percent().excess()
    for label in ("loan", "any harm (people)"):
        for word, p in (("gross", 0.02), ("never_otherwise", 0.0182)):
            error = math.sqrt(1e6 * p * (1 - p) / 2_000)
            assert abs(table.loc[label, (word, "mean")] - 1e6 * p) <= LIMIT * error
            assert LIMIT * error < 0.001 * 1e6 * p
        assert pytest.approx(90_000) == table.loc[label, ("background", "mean")]
        assert 18_200 < table.loc[label, ("excess", "mean")] < 20_000


def test_excess_coins_of_attack_and_people_are_independent() -> None:
    """The coins of an attack and of people differ, though their victims are the same accounts here."""
    table = two_percent().excess()
    assert table.loc["loan", ("gross", "p50")] == table.loc["any harm (people)", ("gross", "p50")]
    quantiles = [("excess", level) for level in ("p5", "p50", "p95")]
    assert table.loc["loan", quantiles].tolist() != table.loc["any harm (people)", quantiles].tolist()


def test_those_never_harmed_otherwise_over_five_years() -> None:
    """Over five years a background of 9 % a year never strikes 0.91^5 = 62.4 % of the victims."""
    what = worlds.scenario([worlds.segment("s", 1_000_000, [("ssn", 1.0)])])
    attacks = worlds.graph(
        [worlds.attack("loan", [way("ssn", 0.05)], background=0.09)], people_background=1.0
    )
    table = simulate(what, attacks, replicates=1_000, seed=2).excess()
    gross, left = (float(table.loc["loan", (word, "mean")]) for word in ("gross", "never_otherwise"))
    assert abs(left - 0.91**5 * gross) <= LIMIT * math.sqrt(gross * 0.91**5 * (1 - 0.91**5) / 1_000)
    assert 0.0 == table.loc["any harm (people)", ("never_otherwise", "p95")]
    assert table.loc["loan", ("excess", "mean")] > 0.9 * gross


# Same bytes ----------------------------------------------


def test_the_same_seed_gives_the_same_bytes() -> None:
    """The same inputs and seed give the same JSON, byte for byte; another seed gives another."""
    what, attacks = load_scenario("everyone-lost-everything"), load_attacks()
    one, two, other = (simulate(what, attacks, replicates=100, seed=seed) for seed in (7, 7, 8))
    first = one.to_json()
    assert first.encode() == two.to_json().encode()
    assert one.losses.tobytes() == two.losses.tobytes()
    assert first != other.to_json()
    assert not np.array_equal(one.people, other.people)
    assert one.input_hash != other.input_hash


def test_a_neighbor_changes_no_draw() -> None:
    """One more segment, or the segments in another order, leaves the figures of the others as they were."""
    what, attacks, years = worlds.full_world()
    free = dataclasses.replace(
        attacks, attacks=tuple(dataclasses.replace(a, capacity=None, anchor=None) for a in attacks.attacks)
    )
    both = simulate(what, free, replicates=200, seed=4, horizon_years=years)
    turned = dataclasses.replace(what, segments=what.segments[::-1])
    other = simulate(turned, free, replicates=200, seed=4, horizon_years=years)
    assert np.array_equal(both.victim_counts, other.victim_counts[:, ::-1])
    assert np.array_equal(both.losses, other.losses[:, ::-1])
    assert np.array_equal(both.people_counts, other.people_counts[::-1])


def test_results_cannot_be_written_to() -> None:
    """Arrays of an impact are read-only."""
    impact = two_percent()
    for array in (impact.victim_counts, impact.losses, impact.people, impact.loss):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


# Complaints ----------------------------------------------


def test_reported_losses_are_those_of_who_complains() -> None:
    """Where every swap victim complains, losses over complaints are the published mean."""
    what = worlds.scenario([worlds.segment("s", 100_000, [("phone_number account_pin", 1.0)])])
    swap = dataclasses.replace(
        worlds.attack("swap", [way("phone_number", 0.01)], "num", anchor=(1_000.0, "theft")),
        reporting=worlds.fixed("attacks.swap.reporting", 1.0, "complaints/victim"),
    )
    port = worlds.attack("port", [way("account_pin", 0.05)], "num")
    theft = worlds.attack("theft", [way(capabilities="num")], severity=10.0)
    impact = simulate(what, worlds.graph([swap, port, theft]), replicates=2, seed=1, horizon_years=1)
    table = impact.reported("swap", complaints=1, loss_usd=1)
    assert pytest.approx(1_000.0) == table.loc["loss_usd", "mean"] / table.loc["complaints", "mean"]
