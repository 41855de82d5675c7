"""Laws of the answer: tables, bands, ledgers, and the document that carries them."""

from __future__ import annotations

import dataclasses
import html
import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv
from support import worlds
from support.worlds import way

import breach_sim as bs
from breach_sim.formatting.digits import earned, human
from breach_sim.formatting.errors import mean_error, quantile_error
from breach_sim.formatting.tables import spread
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS
from breach_sim.results.simulation import simulate

R = 2000
WORDS = ("exposed", "attackable", "attempted", "victims", "loss_usd")
LEVELS = (0.05, 0.5, 0.95)
STATISTICS = ["p5", "p50", "p95", "mean"]
STATED = bs.load_scenario("tmobile-2021-stated")
GRAPH = bs.load_attacks()


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Return the impact of the stated scenario."""
    return simulate(STATED, GRAPH, replicates=R, seed=1)


@pytest.fixture(scope="module")
def full() -> Impact:
    """Return the impact of a world in which every feature of the law acts."""
    what, graph, years = worlds.full_world()
    return simulate(
        dataclasses.replace(what, notes=("one", "two")), graph, replicates=R, seed=2, horizon_years=years
    )


@pytest.fixture(params=["stated", "full"])
def impact(request: pytest.FixtureRequest) -> Impact:
    """Return each of the two in turn."""
    found: Impact = request.getfixturevalue(request.param)
    return found


def sure(number: float, accounts: int = 1000, **rest: Any) -> tuple[Scenario, AttackGraph]:
    """Return a world with one attack that hits an account within a year with a fixed probability."""
    hit = worlds.attack("loan", [way("ssn", -math.log1p(-number), 1.0)], **rest)
    return worlds.scenario([worlds.segment("a", accounts, [("ssn", 1.0)])]), worlds.graph(
        [hit], people_background=0.09
    )


def small(replicates: int = 20, seed: int = 1, **rest: Any) -> Impact:
    """Return the impact of a small world."""
    return simulate(
        *sure(0.2, severity=100.0, sigma=0.5), replicates=replicates, seed=seed, horizon_years=1, **rest
    )


def totals(impact: Impact) -> dict[str, dict[str, np.ndarray]]:
    """Return the samples behind the funnel, by attack and word."""
    rows = {
        name: {"exposed": impact.exposed_counts.sum(axis=0)} | {w: impact.per_attack(w)[i] for w in WORDS[1:]}
        for i, name in enumerate(impact.attacks.names)
    }
    every = {"exposed": impact.exposed_counts.sum(axis=0), "victims": impact.people, "loss_usd": impact.loss}
    return rows | {"any": every}


# The funnel ------------------------------------------------------------------------------------------


def test_the_funnel_narrows_in_every_replicate(impact: Impact) -> None:
    """In every replicate victims <= attempted <= attackable <= exposed <= accounts; people lie between."""
    accounts = np.array([s.accounts for s in impact.scenario.segments])[:, None]
    assert (impact.victim_counts <= impact.attempted_counts).all()
    assert (impact.attempted_counts <= impact.attackable_counts).all()
    assert (impact.attackable_counts <= impact.exposed_counts).all()
    assert (impact.exposed_counts <= accounts).all()
    assert (impact.victim_counts.max(axis=0) <= impact.people_counts).all()
    assert (impact.people_counts <= impact.victim_counts.sum(axis=0)).all()
    assert (impact.victim_counts >= 0).all()
    assert ((impact.losses > 0) <= (impact.victim_counts > 0)).all()


def test_the_funnel_in_numbers_is_that_of_the_arrays(impact: Impact) -> None:
    """Numbers of the funnel are quantiles of the draws and means of the expectations, nothing rounded."""
    frame = impact.funnel(numbers=True)
    parts = [(part, "mean") for part in PARTS if impact.searches]
    assert [*((w, s) for w in WORDS for s in STATISTICS), *parts] == list(frame.columns)
    assert [*impact.attacks.names, "any"] == list(frame.index)
    for name, row in totals(impact).items():
        for word, sample in row.items():
            mean = impact.expected(word, None if word == "exposed" else name).mean()
            assert [*np.quantile(sample, LEVELS), mean] == frame.loc[name, word].tolist()
    assert frame.loc["any", ["attackable", "attempted"]].isna().all()


def test_the_funnel_in_text_shows_what_is_earned(impact: Impact) -> None:
    """Each cell is the median, with the 90 % interval in brackets, rounded to its sampling error."""
    frame = impact.funnel()
    assert [*WORDS, *["parts"] * impact.searches] == list(frame.columns)
    for row, samples in zip(frame.itertuples(index=False), totals(impact).values(), strict=False):
        for word, sample in samples.items():
            values = sample.astype(float)
            low, middle, high = (
                human(earned(float(np.quantile(values, p)), quantile_error(values, p, impact.scramble)))
                for p in LEVELS
            )
            expected = middle if low == middle == high else f"{middle} ({low} to {high})"
            assert expected == getattr(row, word)


def test_the_notes_close_every_table(impact: Impact) -> None:
    """The text funnel shows the notes below itself; every table carries them beside its rows."""
    notes = impact.notes
    assert notes[: len(impact.scenario.notes)] == impact.scenario.notes != ()
    whole = impact.funnel()
    assert repr(whole).splitlines()[-len(notes) :] == [f"note: {note}" for note in notes]
    below = whole._repr_html_().partition("</table>")[2]
    assert [html.unescape(note) for note in re.findall(r">([^<]+)</p>", below)] == list(notes)
    assert "note: " not in repr(whole.head(2))
    frames = [
        whole,
        impact.funnel(numbers=True),
        impact.quantiles(),
        impact.by_segment(),
        impact.excess(),
        impact.exceedance(),
        impact.error_budget(),
        impact.bearers(),
        impact.capacity(),
        impact.sources(),
    ]
    assert all(notes == frame.attrs["notes"] for frame in frames)
    assert all(f"note: {note}" in repr(impact) for note in notes)


def test_no_note_no_row() -> None:
    """A scenario without notes has a funnel of its attacks and people only."""
    assert ["loan", "any harm (people)"] == list(small().funnel().index)


def test_what_leaks_nothing_harms_nobody() -> None:
    """Without a leaked field everything but the number of accounts is exactly zero."""
    what, graph = sure(0.5, severity=100.0, background=0.5)
    bare = dataclasses.replace(what, segments=(dataclasses.replace(what.segments[0], leaks=()),))
    impact = simulate(bare, graph, replicates=50, seed=1)
    assert (1000, 0, 0, 0.0) == (bare.accounts, impact.exposed, impact.people.max(), impact.loss.max())
    assert (impact.excess() == 0).all(axis=None)
    assert (impact.error_budget() == 0).all(axis=None)
    assert (impact.exceedance() == 0).all(axis=None)


@pytest.mark.parametrize("word", ["exposed", "victim", "", "loss"])
def test_an_unknown_word_of_the_funnel_is_refused(word: str) -> None:
    """Only the four words that exist by attack are answered; the message lists them."""
    with pytest.raises(ValueError, match=rf"'{word}' is no word .* attackable, attempted, victims, loss_usd"):
        small().per_attack(word)


# Quantiles and sums ----------------------------------------------------------------------------------


def test_quantiles_come_with_their_errors(impact: Impact) -> None:
    """Quantiles of the draws have the error of the draws; means of expectations that of the expectations."""
    frame = impact.quantiles()
    assert [*STATISTICS, *(f"se_{statistic}" for statistic in STATISTICS)] == list(frame.columns)
    samples = {
        "people": (impact.people, impact.expected("people")),
        "loss_usd": (impact.loss, impact.expected("loss_usd")),
    }
    for i, name in enumerate(impact.attacks.names):
        for word in ("victims", "loss_usd"):
            samples[f"{name}.{word}"] = impact.per_attack(word)[i], impact.expected(word, name)
    assert list(samples) == list(frame.index)
    for name, (sample, mean) in samples.items():
        row = frame.loc[name]
        assert [*np.quantile(sample, LEVELS), mean.mean()] == row[STATISTICS].tolist()
        errors = [quantile_error(sample, level, impact.scramble) for level in LEVELS]
        assert errors == row[["se_p5", "se_p50", "se_p95"]].tolist()
        assert mean_error(mean, impact.scramble) == row["se_mean"]


def test_one_replicate_has_quantiles_without_certainty() -> None:
    """With one replicate every quantile is the draw itself and its error is infinite."""
    frame = small(replicates=1).quantiles()
    assert (frame["p5"] == frame["p95"]).all()
    assert np.isinf(frame[["se_p5", "se_p50", "se_p95", "se_mean"]]).all(axis=None)


def test_segments_sum_exactly_to_the_total(impact: Impact) -> None:
    """Each column of the table by segment sums, to the last bit, to its last row, and that to the run."""
    frame = impact.by_segment()
    assert [*(s.title for s in impact.scenario.segments), "total"] == list(frame.index)
    assert (frame.iloc[:-1].sum(axis=0) == frame.loc["total"]).all()
    total = frame.loc["total"]
    assert impact.scenario.accounts == total["accounts"]
    assert impact.expected("people").mean() == pytest.approx(total["people"], rel=1e-12)
    assert impact.expected("loss_usd").mean() == pytest.approx(total["loss_usd"], rel=1e-12)
    for name in impact.attacks.names:
        assert impact.expected("victims", name).mean() == pytest.approx(total[name], rel=1e-12)


def test_bearers_share_the_loss_and_nothing_else(impact: Impact) -> None:
    """Each attack's loss is split over its bearers in their shares; rows and columns sum to the loss."""
    frame = impact.bearers()
    for attack in impact.attacks.attacks:
        loss = impact.expected("loss_usd", attack.name).mean()
        row = frame.loc[attack.label]
        assert loss == pytest.approx(row["all"], rel=1e-12)
        split = {who: share.central * loss for who, share in attack.bearers.items()}
        assert split == pytest.approx({who: row[who] for who in split}, rel=1e-12)
        assert row["all"] == pytest.approx(row.drop("all").sum(), rel=1e-12)
    assert impact.expected("loss_usd").mean() == pytest.approx(frame.loc["total", "all"], rel=1e-12)
    assert not frame.isna().any(axis=None)


# Excess ----------------------------------------------------------------------------------------------


def test_excess_never_exceeds_gross(impact: Impact) -> None:
    """Excess victims are some of the gross ones, in every quantile and in the mean."""
    frame = impact.excess()
    assert [*(a.label for a in impact.attacks.attacks), "any harm (people)"] == list(frame.index)
    words = ("gross", "excess", "never_otherwise", "background")
    assert [(a, s) for a in words for s in STATISTICS] == list(frame.columns)
    assert (frame["excess"] <= frame["gross"]).all(axis=None)
    assert (frame["never_otherwise"] <= frame["gross"]).all(axis=None)
    assert (frame["never_otherwise"] <= frame["excess"]).iloc[:-1].all(axis=None)
    for attack in impact.attacks.attacks:
        gross = impact.expected("victims", attack.name).mean()
        assert gross == pytest.approx(frame.loc[attack.label, ("gross", "mean")])


def test_those_never_harmed_otherwise_of_the_model_page() -> None:
    """A million people, background 9 %, breach 2 %: 18,200 never otherwise, exactly in the mean.

    The median of the draws agrees within 4 standard errors, each sqrt(pi / 2) times that of a mean of 400.
    """
    what, graph = sure(0.02, 1_000_000)
    row = simulate(what, graph, replicates=400, seed=3, horizon_years=1).excess().loc["any harm (people)"]
    error = math.sqrt(math.pi / 2 * 1e6 * 0.0182 * (1 - 0.0182) / 400)
    assert 18_200 == pytest.approx(row["never_otherwise", "mean"], rel=1e-9)
    assert 20_000 == pytest.approx(row["gross", "mean"], rel=1e-9)
    assert 18_200 == pytest.approx(row["never_otherwise", "p50"], abs=4 * error)
    assert 20_000 == pytest.approx(row["gross", "p50"], abs=4 * error * 1.05)
    assert 90_000 == pytest.approx(row["background", "mean"], rel=1e-9)
    assert 4 * error < 1800  # the test would see the difference


def test_those_never_harmed_otherwise_are_thinned_by_the_years() -> None:
    """Over Y years a victim is never harmed otherwise with probability (1 - b) to the power Y (4 se)."""
    what, graph = sure(0.5, 100_000, background=0.2)
    impact = simulate(what, graph, replicates=100, seed=3, horizon_years=3)
    row = impact.excess().loc["loan"]
    gross = row["gross", "mean"]
    error = math.sqrt(math.pi / 2 * (gross * 0.512 - (gross * 0.512) ** 2 / 1e5) / 100)
    assert 0.512 * gross == pytest.approx(row["never_otherwise", "mean"], rel=1e-12)
    assert 0.512 * gross == pytest.approx(row["never_otherwise", "p50"], abs=4 * error)
    assert row["excess", "mean"] > row["never_otherwise", "mean"]
    assert impact.excess().equals(impact.excess())


# The tail --------------------------------------------------------------------------------------------


def test_the_exceedance_curve_is_that_of_the_sorted_losses(impact: Impact) -> None:
    """The loss exceeded with probability p is the quantile of the other tables, to the last bit."""
    frame = impact.exceedance()
    chances = frame.index.to_numpy()
    assert (np.diff(chances) < 0).all()
    assert (np.diff(frame["var_usd"]) >= 0).all()
    assert (np.diff(frame["tvar_usd"]) >= 0).all()
    assert (frame["tvar_usd"] >= frame["var_usd"]).all()
    assert (frame["band_low_usd"] <= frame["var_usd"]).all()
    assert (frame["var_usd"] <= frame["band_high_usd"]).all()
    for chance, row in frame.iterrows():
        over, not_under = np.mean(impact.loss > row["var_usd"]), np.mean(impact.loss >= row["var_usd"])
        assert over - 1 / R <= float(chance) <= not_under + 1 / R
        tail = np.sort(impact.loss)[-math.floor(R * float(chance) + 1e-9) :]
        assert tail.mean() == pytest.approx(row["tvar_usd"], rel=1e-12)
    printed = impact.quantiles().loc["loss_usd", ["p50", "p95"]].tolist()
    assert impact.exceedance((0.5, 0.05))["var_usd"].tolist() == printed


def test_the_band_of_the_curve_covers() -> None:
    """The 90 % band of the value at risk holds the true quantile in about 90 % of 200 seeds (4 se)."""
    what, graph = sure(0.999999, 1, severity=100.0, sigma=1.0)
    truth = 100 * math.exp(-0.5 + 1.2815515655446004)
    inside = 0
    for seed in range(200):
        row = simulate(what, graph, replicates=300, seed=seed, horizon_years=1).exceedance((0.1,)).loc[0.1]
        inside += row["band_low_usd"] <= truth <= row["band_high_usd"]
    assert 0.9 == pytest.approx(inside / 200, abs=0.02 + 4 * math.sqrt(0.9 * 0.1 / 200))


@pytest.mark.parametrize("chance", [0, 1, -0.1, 1.5, math.nan])
def test_a_chance_outside_the_unit_interval_is_refused(chance: float) -> None:
    """Probabilities of exceeding lie strictly between 0 and 1; the message repeats the value."""
    with pytest.raises(
        ValueError, match=re.escape(f"probability is {chance!r}; it must lie strictly between 0 and 1")
    ):
        small().exceedance((0.5, chance))


def test_chances_come_once_and_falling() -> None:
    """Given in any order and twice, each probability has one row, the likeliest first."""
    assert [0.9, 0.5, 0.001] == small().exceedance((0.5, 0.9, 0.5, 0.001)).index.tolist()


# How sure --------------------------------------------------------------------------------------------


def beta_toy() -> tuple[Scenario, AttackGraph]:
    """Return 1,000 accounts whose number of victims is Binomial(1000, p) with p ~ Beta(2, 8), exactly.

    A first attack surely succeeds (rate 1e4 a year) and gives a capability; its follow-on is tried on every
    holder and succeeds with p. The estimate of p is the beta whose 5 % and 95 % quantiles are those of
    Beta(2, 8); two quantiles fix both shapes, so it is that beta.
    """
    door = worlds.attack("door", [way("ssn", 1e4, 1.0)], "key")
    theft = worlds.attack("theft", [way(attempts=1.0, success=1.0, capabilities="key")])
    low, high = (float(q) for q in betaincinv(2, 8, [0.05, 0.95]))
    chance = Estimate(
        name="p",
        kind="beta",
        low=low,
        high=high,
        unit="victims/attempt",
        status="assumed",
        sources=("toy",),
        note="Beta(2, 8)",
    )
    routes = (dataclasses.replace(theft.routes[0], success=chance),)
    graph = worlds.graph([door, dataclasses.replace(theft, routes=routes)])
    return worlds.scenario([worlds.segment("a", 1000, [("ssn", 1.0)])]), graph


def test_ignorance_and_luck_of_the_worked_toy() -> None:
    """With p ~ Beta(2, 8): ignorance 14,545.45 (se 1.6 %) and luck 145.45 (se 0.4 %), within 4 se."""
    impact = simulate(*beta_toy(), replicates=10_000, seed=5, sampling="plain")
    row = impact.error_budget().loc["theft.victims"]
    assert 1000 * (impact.victim_counts[0] == 1000).all() == 1000
    assert 14_545.45 == pytest.approx(row["sd_ignorance"] ** 2, rel=4 * 0.016)
    assert 145.45 == pytest.approx(row["sd_luck"] ** 2, rel=4 * 0.004)
    assert 200 == pytest.approx(row["mean"], abs=4 * math.sqrt(14_690.9 / 10_000))
    assert 145.45 / 14_690.9 == pytest.approx(row["luck_share"], rel=0.07)
    assert math.sqrt(14_545.45 / 10_000) == pytest.approx(row["se_monte_carlo"], rel=0.04)
    assert 14_690.9 == pytest.approx(impact.per_attack("victims")[1].var(), rel=4 * 0.016)


def variance_error(sample: np.ndarray) -> float:
    """Return the standard error of a sample variance, from the fourth moment."""
    centered = sample - sample.mean()
    return float(math.sqrt((np.mean(centered**4) - np.mean(centered**2) ** 2) / len(sample)))


def test_the_two_bands_add_up_to_the_variance_of_the_counts(impact: Impact) -> None:
    """Ignorance, structure and luck make the variance of the sample, within 4 se, for people and victims."""
    frame = impact.error_budget()
    samples = {"people": impact.people}
    samples |= {
        f"{n}.victims": v for n, v in zip(impact.attacks.names, impact.per_attack("victims"), strict=True)
    }
    assert [*samples, "loss_usd"] == list(frame.index)
    for name, sample in samples.items():
        row = frame.loc[name]
        whole = row["sd_ignorance"] ** 2 + row["sd_structure"] ** 2 + row["sd_luck"] ** 2
        assert whole == pytest.approx(sample.var(), abs=4 * variance_error(sample) + 1e-9)
        error = max(float(sample.std()), row["sd_luck"]) / math.sqrt(R)
        assert row["mean"] == pytest.approx(sample.mean(), abs=4 * error + 1e-9)
        attack = name.removesuffix(".victims")
        mean = impact.expected("people") if name == "people" else impact.expected("victims", attack)
        assert mean_error(mean, impact.scramble) == pytest.approx(row["se_monte_carlo"], rel=1e-9, abs=1e-9)


def test_the_two_bands_add_up_to_the_variance_of_the_loss(full: Impact) -> None:
    """With light-tailed losses, ignorance plus luck is the variance of the total loss, within 4 se."""
    row = full.error_budget().loc["loss_usd"]
    whole = row["sd_ignorance"] ** 2 + row["sd_luck"] ** 2
    assert whole == pytest.approx(full.loss.var(), abs=4 * variance_error(full.loss))
    assert row["mean"] == pytest.approx(full.loss.mean(), abs=4 * math.sqrt(whole / R))
    assert full.expected_loss().mean() == pytest.approx(row["mean"], rel=1e-12)


def test_the_luck_of_a_loss_is_that_of_the_compound_law() -> None:
    """Fixed parameters leave luck alone: variance n (p E X^2 - p^2 m^2); the sample agrees (4 se)."""
    impact = simulate(*sure(0.2, severity=100.0, sigma=0.5), replicates=4000, seed=6, horizon_years=1)
    row = impact.error_budget().loc["loss_usd"]
    expected = 1000 * (0.2 * 1e4 * math.exp(0.25) - 0.04 * 1e4)
    assert 20_000 == pytest.approx(row["mean"], rel=1e-9)
    assert expected == pytest.approx(row["sd_luck"] ** 2, rel=1e-9)
    assert 0 == pytest.approx(row["sd_ignorance"], abs=1e-6)
    assert 1 == pytest.approx(row["luck_share"], rel=1e-9)
    assert expected == pytest.approx(impact.loss.var(), abs=4 * variance_error(impact.loss))
    counts = impact.error_budget().loc["people"]
    assert 1000 * 0.2 * 0.8 == pytest.approx(counts["sd_luck"] ** 2, rel=1e-9)


# Capacity and complaints -----------------------------------------------------------------------------


def test_a_capacity_of_a_tenth_of_the_demand_scales_by_a_tenth() -> None:
    """Attempts of year one are cut to the capacity, in every replicate where it binds and in no other."""
    what, graph = sure(1 - math.exp(-0.5), capacity=50.0)
    frame = simulate(what, graph, replicates=20, seed=1, horizon_years=1).capacity()
    assert [0.1, 0.1, 0.1, 0.1, 1.0] == pytest.approx(
        frame.loc["loan", [*STATISTICS, "binds"]].tolist(), rel=1e-9
    )
    what, graph = sure(1 - math.exp(-0.5), capacity=501.0)
    frame = simulate(what, graph, replicates=20, seed=1, horizon_years=1).capacity()
    assert [1.0, 0.0] == frame.loc["loan", ["mean", "binds"]].tolist()


def test_capacity_lists_what_can_bind(stated: Impact) -> None:
    """Every attack with a capacity is listed, with a scale above 0 and at most 1."""
    frame = stated.capacity()
    assert [a.label for a in GRAPH.attacks if a.capacity] == list(frame.index)
    assert ((frame[STATISTICS] > 0) & (frame[STATISTICS] <= 1)).all(axis=None)
    assert frame["binds"].between(0, 1).all()
    assert ["p5", "p50", "p95", "mean", "binds"] == list(
        small().capacity().columns
    ) or small().capacity().empty


def test_the_stated_breach_would_not_have_shown_in_the_complaints(stated: Impact) -> None:
    """Median added SIM-swap complaints of the first year stay at or below 415 and their loss below 5M USD."""
    frame = stated.reported("sim_swap", complaints=415, loss_usd=5e6)
    assert [*STATISTICS, "figure", "p_exceed"] == list(frame.columns)
    assert ["complaints", "loss_usd"] == list(frame.index)
    assert frame.loc["complaints", "p50"] <= 415
    assert frame.loc["loss_usd", "p50"] <= 5e6
    assert [415, 5e6] == frame["figure"].tolist()
    assert frame["p_exceed"].between(0.001, 0.5).all()


def test_the_chance_of_exceeding_falls_with_the_figure(stated: Impact) -> None:
    """The chance of exceeding less than 0 is 1, of exceeding the median one half, and it falls to 0."""
    median = stated.reported("sim_swap", complaints=0, loss_usd=0)["p50"]
    chances = [
        stated.reported("sim_swap", complaints=k * median.iloc[0], loss_usd=k * median.iloc[1])[
            "p_exceed"
        ].tolist()
        for k in (-1, 1, 1e9)
    ]
    assert [[1.0, 1.0], [0.5, 0.5], [0.0, 0.0]] == chances


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        ("smishing", "attack 'smishing' has no reporting rate"),
        ("sim_swp", r"unknown attack 'sim_swp' .*; did you mean 'sim_swap'\?"),
    ],
)
def test_complaints_need_a_reporting_rate(stated: Impact, attack: str, message: str) -> None:
    """An attack without a reporting rate, or an unknown one, is refused by name."""
    with pytest.raises(ValueError, match=message):
        stated.reported(attack, complaints=1, loss_usd=1)


# Provenance ------------------------------------------------------------------------------------------


def test_sources_list_assumptions_first(stated: Impact) -> None:
    """Every number used is listed once with unit, sources and note: assumed, then derived, then cited."""
    frame = stated.sources(bs.load_sources())
    order = {"assumed": 0, "derived": 1, "cited": 2}
    ranks = [order[status] for status in frame["status"]]
    assert sorted(ranks) == ranks
    assert {0, 1, 2} == set(ranks)
    assert frame.index.is_unique
    assert (frame["sources"] != "").all()
    assert (frame["grades"] != "").all()
    wanted = {e.name for a in GRAPH.attacks for e in (a.severity, a.hours, a.background, *a.bearers.values())}
    wanted |= {leak.coverage.name for s in STATED.segments for leak in s.leaks}
    assert wanted <= set(frame.index)
    swap = frame.loc["attacks.sim_swap.success"]
    assert ("0.1 / 0.4 / 0.87", "victims/attempt") == (swap["numbers"], swap["unit"])
    assert "grades" not in stated.sources()


def test_repr_counts_the_assumptions(stated: Impact) -> None:
    """The text names title, accounts, years, replicates and seed, and counts numbers by status."""
    text = repr(stated)
    counts = stated.sources()["status"].value_counts()
    for part in (
        STATED.title,
        "54,617,000 accounts",
        "5 years",
        "2,000 replicates",
        "seed 1",
        *(f"{counts[s]} {s}" for s in ("assumed", "derived", "cited")),
    ):
        assert part in text


def test_repr_shows_no_more_digits_than_earned(impact: Impact) -> None:
    """A unit of the last digit shown is no smaller than the sampling error of the figure."""
    lines = [line for line in repr(impact).splitlines() if "people harmed" in line or "loss [USD]" in line]
    words = {"million": 1e6, "billion": 1e9}
    for line, sample in zip(lines, (impact.people.astype(float), impact.loss), strict=True):
        shown = re.findall(r"([\d,]*\.?\d+)(?: (million|billion))?", line.partition("  ")[2].split("  ")[-1])
        assert 3 == len(shown)
        for (digits, word), level in zip(shown, (0.5, 0.05, 0.95), strict=True):
            value = float(digits.replace(",", "")) * words.get(word, 1.0)
            error = quantile_error(sample, level, impact.scramble)
            significant = digits.replace(",", "").replace(".", "").lstrip("0")
            decimals = len(digits.partition(".")[2])
            whole = len(significant) - len(significant.rstrip("0")) if not decimals else 0
            unit = 10.0 ** (whole - decimals) * words.get(word, 1.0)
            assert unit >= error * (1 - 1e-9) or 1 == len(significant.rstrip("0"))
            assert abs(value - np.quantile(sample, level)) <= max(unit, error)


# The document ----------------------------------------------------------------------------------------


def test_the_document_has_the_keys_of_the_issue(stated: Impact) -> None:
    """Counts are whole numbers, uncertain numbers have four statistics; no rates, no cost of the firm."""
    document = json.loads(stated.to_json())
    wanted = [
        "scenario",
        "seed",
        "replicates",
        "sampling",
        "accounts",
        "exposed",
        "people",
        "firm_cost_usd",
        "attacks",
        "version",
    ]
    assert [key for key in document if key in wanted] == wanted
    others = {"horizon_years", "loss_usd", "parts", "spread", "bound_by_capacity", "closed_for_one_field"}
    others |= {"zeros", "at_capacity", "left_out"}
    others |= {"schema", "units", "segments", "ledgers", "timeline", "excess", "drivers", "exceedance"}
    others |= {"standard_errors", "notes", "input_hash", "numpy", "made_with", "calibrated", "firm_notes"}
    others |= {"overrides", "currency", "readings", "reading_notes", "parameters"}
    assert others == set(document) - set(wanted)
    whole = {key: document[key] for key in ("seed", "replicates", "accounts", "exposed")}
    assert {"seed": 1, "replicates": R, "accounts": 54_617_000, "exposed": 54_617_000} == whole
    assert {int} == {type(value) for value in whole.values()}
    assert ("tmobile-2021-stated", None, str) == (
        document["scenario"],
        document["firm_cost_usd"],
        type(document["version"]),
    )
    assert STATISTICS == list(document["people"])
    assert list(GRAPH.names) == list(document["attacks"])
    for row in document["attacks"].values():
        parts = row.pop("parts")
        assert list(PARTS) == list(parts)
        assert ["attackable", "attempted", "victims", "loss_usd"] == list(row)
        assert all(STATISTICS == list(cell) for cell in parts.values())
        assert all(STATISTICS == list(cell) for cell in row.values())
        assert all(cell["p5"] <= cell["p50"] <= cell["p95"] for cell in row.values())
    assert list(stated.notes) == document["notes"]
    assert dict(stated.bound_by_capacity) == document["bound_by_capacity"]
    assert ["bank_account_number"] == document["closed_for_one_field"]["bank_account_debit"]


def test_the_document_holds_the_funnel(impact: Impact) -> None:
    """Figures of the document are those of the funnel in numbers, and parts those of the table of parts."""
    document, frame = json.loads(impact.to_json()), impact.funnel(numbers=True)
    table = impact.parts()
    for name, row in document["attacks"].items():
        parts = table.loc[impact.attacks[name].label]
        for part, own in row.pop("parts").items():
            assert own == parts[part][list(STATISTICS)].to_dict()
        for word, cell in row.items():
            assert cell == frame.loc[name, word].to_dict()
    assert document["people"] == frame.loc["any", "victims"].to_dict()


def test_the_document_holds_the_standard_errors(impact: Impact) -> None:
    """Errors have the shape of the figures and are those of the table; one replicate has none."""
    errors, table = json.loads(impact.to_json())["standard_errors"], impact.quantiles()
    for measure, row in table.iterrows():
        name, _, word = str(measure).rpartition(".")
        cell = errors["attacks"][name][word] if name else errors[word]
        assert cell == {statistic: row[f"se_{statistic}"] for statistic in STATISTICS}
    alone = json.loads(small(replicates=1).to_json())["standard_errors"]
    assert dict.fromkeys(STATISTICS) == alone["people"]


def test_the_same_seed_gives_the_same_document() -> None:
    """Two runs of one seed agree byte for byte; another seed differs."""
    one, two, other = small(), small(), small(seed=2)
    assert one.to_json() == two.to_json()
    assert one.losses.tobytes() == two.losses.tobytes()
    assert one.to_json() != other.to_json()
    assert repr(one) == repr(two)


def test_looking_changes_nothing() -> None:
    """Making every table leaves the document, the hash and the provenance as they were."""
    seen, unseen = small(), small()
    for table in (
        "funnel",
        "quantiles",
        "by_segment",
        "excess",
        "exceedance",
        "error_budget",
        "bearers",
        "capacity",
    ):
        getattr(seen, table)()
    assert unseen.to_json() == seen.to_json()
    assert unseen.sources().equals(seen.sources())
    assert repr(unseen) == repr(seen)


Change = Callable[[Scenario, AttackGraph], tuple[Scenario, AttackGraph]]


def in_segment(**part: Any) -> Change:
    """Return a change of the segment."""

    def change(what: Scenario, graph: AttackGraph) -> tuple[Scenario, AttackGraph]:
        return dataclasses.replace(what, segments=(dataclasses.replace(what.segments[0], **part),)), graph

    return change


def in_scenario(**part: Any) -> Change:
    """Return a change of the scenario."""
    return lambda what, graph: (dataclasses.replace(what, **part), graph)


def in_attack(**part: Any) -> Change:
    """Return a change of the attack."""
    return lambda what, graph: (
        what,
        dataclasses.replace(graph, attacks=(dataclasses.replace(graph.attacks[0], **part),)),
    )


CHANGES: dict[str, Change] = {
    "scenario name": in_scenario(name="other"),
    "scenario note": in_scenario(notes=("n",)),
    "scenario source": in_scenario(sources=("s",)),
    "event": in_scenario(events=(Event(kind="notice", day=1.0),)),
    "accounts": in_segment(accounts=1001),
    "kind of segment": in_segment(kind="former"),
    "leak": in_segment(leaks=worlds.segment("a", 1, [("ssn", 0.5)]).leaks),
    "attack label": in_attack(label="other"),
    "severity": in_attack(severity=worlds.fixed("attacks.loan.severity", 101.0, "USD/victim")),
    "background": in_attack(background=worlds.fixed("attacks.loan.background", 0.1, "probability/year")),
    "hours": in_attack(hours=worlds.fixed("attacks.loan.hours", 2.0, "hours/victim")),
    "capacity": in_attack(capacity=worlds.fixed("attacks.loan.capacity", 2.0, "attempts/year")),
    "source of a number": in_attack(
        hours=Estimate.fixed("attacks.loan.hours", 1.0, "hours/victim", source="s")
    ),
    "route": in_attack(routes=worlds.attack("loan", [way("imei")]).routes),
    "grant": in_attack(grants=("key",)),
    "trait": lambda what, graph: (
        what,
        dataclasses.replace(graph, traits=worlds.graph(graph.attacks, {"t": 0.1}).traits),
    ),
    "people background": lambda what, graph: (what, worlds.graph(graph.attacks, people_background=0.1)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_hash_covers_every_input(name: str) -> None:
    """Another value anywhere in scenario or attacks is another hash."""
    what, graph = sure(0.2, severity=100.0, sigma=0.5)
    changed = CHANGES[name](what, graph)
    hashes = {
        simulate(*pair, replicates=2, seed=1, horizon_years=1).input_hash for pair in ((what, graph), changed)
    }
    assert 2 == len(hashes)


def test_the_hash_covers_seed_replicates_and_horizon() -> None:
    """Seed, replicates and horizon are inputs; the same inputs have the same 64 hexadecimal digits."""
    what, graph = sure(0.2)
    runs = [{"seed": 1}, {"seed": 2}, {"seed": 1, "replicates": 3}, {"seed": 1, "horizon_years": 2}]
    hashes = [
        simulate(what, graph, **({"replicates": 2, "horizon_years": 1} | run)).input_hash for run in runs
    ]
    assert 4 == len(set(hashes))
    again = simulate(what, graph, replicates=2, seed=np.int64(1), horizon_years=1.0).input_hash  # type: ignore[arg-type]
    assert hashes[0] == again
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in hashes)


def test_arrays_cannot_be_written(impact: Impact) -> None:
    """Every array of an impact is read-only."""
    arrays = [
        impact.exposed_counts,
        impact.people_counts,
        impact.attackable_counts,
        impact.attempted_counts,
        impact.victim_counts,
        impact.losses,
        impact.people,
        impact.loss,
    ]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        impact.seed = 5  # type: ignore[misc]


def test_shapes_are_attacks_segments_replicates(impact: Impact) -> None:
    """Counts are whole numbers of shape (A, S, R), money is of the same shape, exposed is a whole number."""
    shape = (len(impact.attacks.attacks), len(impact.scenario.segments), R)
    for array in (impact.attackable_counts, impact.attempted_counts, impact.victim_counts, impact.losses):
        assert shape == array.shape
    assert (shape[1:], shape[1:], (R,)) == (
        impact.exposed_counts.shape,
        impact.people_counts.shape,
        impact.people.shape,
    )
    assert np.dtype(np.int64) == impact.victim_counts.dtype == impact.people.dtype
    assert int is type(impact.exposed)
    assert np.isfinite(impact.losses).all()


BAD: list[tuple[str, Any, str]] = [
    *(
        ("replicates", v, "it must be a whole number from 1 to")
        for v in (0, -1, 1.5, True, "5", None, 10**8, math.nan)
    ),
    *(("seed", v, "it must be a whole number from 0 to") for v in (-1, 1.5, True, "5", None, 2**63)),
    *(
        ("horizon_years", v, "it must be a number above 0 and at most 100")
        for v in (0, -1, 101, math.nan, math.inf, -math.inf, "5", None, True)
    ),
]


@pytest.mark.parametrize(("name", "value", "rule"), BAD, ids=[f"{b[0]}={b[1]!r}" for b in BAD])
def test_arguments_out_of_range_are_refused(name: str, value: Any, rule: str) -> None:
    """Replicates, seed and horizon out of range are refused with name, value and rule."""
    arguments: dict[str, Any] = {"replicates": 2, "seed": 1, "horizon_years": 1}
    with pytest.raises(ValueError, match=re.escape(f"{name} is {value!r}; {rule}")):
        simulate(*sure(0.2), **(arguments | {name: value}))


def test_a_seed_must_be_given() -> None:
    """There is no seed by default, so that no two runs differ without a reason."""
    with pytest.raises(TypeError, match="seed"):
        simulate(*sure(0.2))  # type: ignore[call-arg]


def test_counts_hardly_cost_more_accounts() -> None:
    """Ten million million accounts are simulated as exactly as a thousand: mean rate within 4 se."""
    what, graph = sure(0.2, 10**13)
    impact = simulate(what, graph, replicates=50, seed=1, horizon_years=1)
    assert 0.2 == pytest.approx(impact.people.mean() / 1e13, abs=4 * math.sqrt(0.16 / 1e13 / 50) + 1e-12)


# Edges -----------------------------------------------------------------------------------------------


def two_segments(one: str, other: str) -> Impact:
    """Return the impact of two segments of 10 and 20 accounts with these labels."""
    what, graph = sure(0.5)
    parts = tuple(
        dataclasses.replace(what.segments[0], name=name, label=label, accounts=accounts)
        for name, label, accounts in (("a", one, 10), ("b", other, 20))
    )
    return simulate(dataclasses.replace(what, segments=parts), graph, replicates=5, seed=1)


@pytest.mark.parametrize("labels", [("same", "same"), ("total", "x"), ("b", "")])
def test_labels_may_meet(labels: tuple[str, str]) -> None:
    """Whatever the labels, each segment has its row and the total counts every account."""
    frame = two_segments(*labels).by_segment()
    assert [10.0, 20.0, 30.0] == frame["accounts"].tolist()


def test_an_uncertain_coverage_is_listed_once() -> None:
    """Every parameter counts once among the assumptions."""
    what, graph = sure(0.2)
    coverage = Estimate(
        name="cov",
        kind="pert",
        low=0.2,
        mode=0.5,
        high=0.9,
        unit="share",
        status="assumed",
        sources=("s",),
        note="n",
    )
    leak = dataclasses.replace(what.segments[0].leaks[0], coverage=coverage)
    what = dataclasses.replace(what, segments=(dataclasses.replace(what.segments[0], leaks=(leak,)),))
    impact = simulate(what, graph, replicates=5, seed=1)
    assert 1 == [estimate.name for estimate in impact.parameters()].count("cov")


def test_the_hash_covers_held_scales() -> None:
    """Scales held from a baseline are an input like any other."""
    what, graph = sure(0.2, capacity=10.0)
    free = simulate(what, graph, replicates=5, seed=1)
    held = simulate(what, graph, replicates=5, seed=1, scales={"loan": np.full(5, 0.001)})
    assert free.people.tolist() != held.people.tolist()
    assert free.input_hash != held.input_hash


def test_held_scales_and_factors_are_used_and_hashed() -> None:
    """A run that holds its own scales and factors gives its own counts; other factors move money alone."""
    what, graph, years = worlds.full_world()
    free = simulate(what, graph, replicates=50, seed=1, horizon_years=years)
    same = simulate(
        what, graph, replicates=50, seed=1, horizon_years=years, scales=free.law.scales, factors=free.factors
    )
    twice = {name: 2 * factor for name, factor in free.factors.items()}
    dear = simulate(what, graph, replicates=50, seed=1, horizon_years=years, factors=twice)
    assert free.losses.tobytes() == same.losses.tobytes()
    assert free.victim_counts.tobytes() == dear.victim_counts.tobytes()
    position = graph.names.index("crypto")
    np.testing.assert_allclose(dear.losses[position], 2 * free.losses[position], rtol=1e-12)
    assert len({free.input_hash, same.input_hash, dear.input_hash}) == 3


def test_days_out_of_an_array_can_be_hashed() -> None:
    """A scenario built with NumPy numbers has a document."""
    what, graph = sure(0.2)
    what = dataclasses.replace(what, events=(Event(kind="notice", day=np.int64(6)),))
    assert simulate(what, graph, replicates=2, seed=1).to_json()


def test_arrays_of_the_law_cannot_be_written(full: Impact) -> None:
    """What the tables are computed from is as read-only as the counts."""
    arrays = [*full.law.scales.values(), *full.factors.values()]
    arrays += [full.laws[s.name].people for s in full.scenario.segments]
    assert not any(array.flags.writeable for array in arrays)


def test_tables_are_frames(stated: Impact) -> None:
    """Every table is a fresh frame: writing into one leaves the next as it was."""
    first = stated.quantiles()
    first.loc[:, :] = 0.0
    assert isinstance(first, pd.DataFrame)
    assert (stated.quantiles()["p50"] != 0).any()


def test_a_printed_interval_holds_its_median() -> None:
    """However few the replicates, the figures of a printed interval do not cross."""
    dice = np.random.default_rng(0)
    for _ in range(1000):
        sample = dice.lognormal(dice.uniform(-2, 12), dice.uniform(0, 2), int(dice.integers(2, 40)))
        figures = [value_of(text) for text in re.split(r" \(| to |\)", spread(sample)) if text]
        assert figures in ([figures[0]], [figures[0], min(figures), max(figures)])


def value_of(text: str) -> float:
    """Return the number that a figure in words stands for."""
    number, _, word = text.partition(" ")
    return float(number.replace(",", "")) * {"million": 1e6, "billion": 1e9}.get(word, 1.0)


@pytest.mark.parametrize("name", ["any", "people"])
def test_reserved_words_name_no_attack(name: str) -> None:
    """An attack may not be called what ``requires`` or a table calls all attacks together."""
    with pytest.raises(ValueError, match=f"'{name}'"):
        worlds.graph([worlds.attack(name, [way("ssn")])])


def test_a_bearer_called_all_is_refused() -> None:
    """A bearer may not be called what the table calls all bearers together."""
    with pytest.raises(ValueError, match="'all'"):
        worlds.attack("loan", [way("ssn")], bearers={"all": 0.5, "bank": 0.5})


def test_held_scales_stay_the_callers_own() -> None:
    """A run copies what it holds: the caller may write into his arrays, and the run does not change."""
    what, graph = sure(0.2, capacity=10.0)
    own = np.full(5, 0.5)
    impact = simulate(what, graph, replicates=5, seed=1, scales={"loan": own})
    before = impact.input_hash
    own[:] = 0.1
    assert impact.input_hash == before


def test_chances_may_come_in_an_array() -> None:
    """Probabilities of exceeding may be any sequence of numbers."""
    assert small().exceedance(np.array([0.5, 0.1])).index.tolist() == [0.5, 0.1]  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [{"replicates": np.int64(5)}, {"horizon_years": np.int64(1)}])
def test_whole_numbers_of_numpy_are_numbers(part: dict[str, Any]) -> None:
    """Arguments may come out of an array."""
    plain = {name: int(value) for name, value in part.items()}
    arguments = {"replicates": 5, "seed": 1, "horizon_years": 1}
    runs = [simulate(*sure(0.2), **(arguments | own)) for own in (part, plain)]
    assert runs[0].to_json() == runs[1].to_json()
