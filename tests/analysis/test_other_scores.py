"""Laws of FAIR's terms, of the tiers, of clashes between yardsticks, and of the two commands."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import math
import re
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta
from support.command_line import refused, say
from support.worlds import attack, fixed, graph, scenario, segment, way

import breach_sim
from breach_sim import api, catalog
from breach_sim.analysis.other_scores import disagreement, fair, tier
from breach_sim.analysis.other_scores.board import Yardsticks
from breach_sim.analysis.other_scores.disagreement import Measured
from breach_sim.analysis.other_scores.enisa import INPUTS
from breach_sim.engine.exposure import expose
from breach_sim.inputs import fields
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import simulate

STATED = "tmobile-2021-stated"
NOTHING: dict[str, Any] = {"dpc": 1, "ei": 1} | dict.fromkeys(INPUTS[2:], 0)
LAW = settings(derandomize=True, deadline=None, database=None, max_examples=40)


@pytest.fixture(scope="module")
def stated() -> Yardsticks:
    """Return the board of the first case among the bundled four."""
    peers = ["tmobile-2021-claimed", "tmobile-2021-class"]
    return api.yardsticks(STATED, peers=peers, replicates=200)


def toy(*, severity_a: float = 5000.0) -> AttackGraph:
    """Return attacks: `swap` leads to `bank` (5,000 USD), `credit` as given, `text` 100, `track` nothing."""
    return graph([
        attack("swap", [way("phone_number account_pin"), way("phone_number ssn")], "number"),
        attack("bank", [way(capabilities="number")], severity=5000.0),
        attack("credit", [way("full_name ssn")], severity=severity_a),
        attack("text", [way("phone_number full_name")], severity=100.0),
        attack("track", [way("imei")]),
    ])  # fmt: skip


# FAIR -------------------------------------------------------------------------------------------------


def test_the_chain_holds_in_every_row(stated: Yardsticks) -> None:
    """TEF x vulnerability = LEF and LEF x LM = ALE for each attack; ALE x horizon is the expected loss."""
    rows = stated.fair.attacks()
    assert np.allclose(rows["tef"] * rows["vulnerability"], rows["lef"], rtol=1e-12)
    assert np.allclose(rows["lef"] * rows["lm_usd"], rows["ale_usd"], rtol=1e-12)
    assert rows["vulnerability"].between(0, 1).all()
    impact = stated.impact
    assert np.isclose(
        rows.loc["all", "ale_usd"] * impact.horizon_years, impact.expected("loss_usd").mean(), rtol=1e-12
    )


def test_primary_and_secondary_are_the_firms_ledger(stated: Yardsticks) -> None:
    """Every line of the firm's ledger stands on one side, and both sides sum to it in every replicate."""
    assert set(stated.impact.firm_lines) == set(fair.PRIMARY) | set(fair.SECONDARY)
    assert not set(fair.PRIMARY) & set(fair.SECONDARY)
    assert np.allclose(stated.fair.magnitude, stated.impact.firm_cost, rtol=1e-12)
    assert np.isclose(
        stated.fair.breach().loc["beside it: victims", "mean"], stated.impact.expected("loss_usd").mean()
    )


def test_a_breach_that_happened_has_no_annual_loss(stated: Yardsticks) -> None:
    """Without a frequency LEF is one event and there is no ALE; with one, ALE is frequency x mean LM."""
    assert stated.fair.annual is None
    assert "1 event" in stated.fair.frequency_text
    tenth = fair.Fair(impact=stated.impact, frequency=0.1)
    assert np.isclose(tenth.annual or 0, 0.1 * stated.fair.magnitude.mean())


def test_the_exceedance_curve_falls_and_meets_the_sample(stated: Yardsticks) -> None:
    """A share p of replicates lies beyond the loss exceeded with p; of a year it follows the Poisson law."""
    frequency = 0.3
    yearly = fair.Fair(impact=stated.impact, frequency=frequency)
    curve = yearly.exceedance((0.5, 0.2, 0.1, 0.05))
    assert curve["breach_usd"].is_monotonic_increasing
    for chance, row in curve.iterrows():
        beyond = np.mean(stated.fair.magnitude > row["breach_usd"])
        assert abs(beyond - float(str(chance))) <= 1 / 200
        if row["year_usd"]:
            once = float(np.mean(stated.fair.magnitude > row["year_usd"]))
            assert abs(fair.occurrence_exceedance(frequency, once) - float(str(chance))) <= frequency / 200
    assert 0 == curve.loc[0.5, "year_usd"]
    victims = stated.fair.exceedance([0.1], stakeholder="victims")
    assert np.isclose(victims.loc[0.1, "breach_usd"], np.quantile(stated.impact.loss, 0.9))


def test_at_least_one_event_in_closed_form() -> None:
    """With N Poisson(f) independent losses, P(some loss beyond x) is 1 - exp(-f P(X > x)), summed over N."""
    for frequency, chance in itertools.product((0.01, 0.7, 3.0), (0.0, 0.2, 1.0)):
        total = math.fsum(
            math.exp(-frequency) * frequency**n / math.factorial(n) * (1 - (1 - chance) ** n)
            for n in range(60)
        )
        assert math.isclose(total, fair.occurrence_exceedance(frequency, chance), abs_tol=1e-12)


PERTS = {"Loss Event Frequency": (0.1, 0.5, 2.0), "Primary Loss": (1e6, 2e6, 6e6)}
SECONDARY_USD, SIZE = 3e6, 40_000
EXACT = (0.1 + 4 * 0.5 + 2.0) / 6 * ((1e6 + 4 * 2e6 + 6e6) / 6 + SECONDARY_USD)
"""Mean of LEF x (PL + SL): a PERT has the mean (low + 4 mode + high) / 6."""


def test_annual_loss_agrees_with_the_closed_form() -> None:
    """The mean of LEF x (PL + SL) of independent PERT inputs is the product of their means."""
    samples = []
    for low, mode, high in PERTS.values():
        a, b = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
        samples.append(low + (high - low) * beta.ppf((np.arange(SIZE) + 0.5) / SIZE, a, b))
    spread = (np.arange(SIZE) * 7_919) % SIZE  # prime to the size: each sample runs evenly over the other
    ours = fair.annual_loss(samples[0][spread], samples[1], SECONDARY_USD)
    assert abs(ours.mean() / EXACT - 1) < 0.002


@pytest.mark.slow
def test_annual_loss_agrees_with_pyfair() -> None:
    """On pyfair's own draws our annual loss is its risk; its mean the closed form within 4 s.e."""
    pyfair = pytest.importorskip("pyfair")
    model = pyfair.FairModel(name="check", n_simulations=SIZE)
    for name, (low, mode, high) in PERTS.items():
        model.input_data(name, low=low, mode=mode, high=high)
    model.input_data("Secondary Loss", constant=SECONDARY_USD)
    model.calculate_all()
    theirs = {name: column.to_numpy() for name, column in model.export_results().items()}
    again = fair.annual_loss(theirs["Loss Event Frequency"], theirs["Primary Loss"], SECONDARY_USD)
    assert np.allclose(again, theirs["Risk"], rtol=1e-12)
    assert abs(theirs["Risk"].mean() - EXACT) < 4 * theirs["Risk"].std() / math.sqrt(SIZE)


@pytest.mark.parametrize("frequency", [0, -1, 1e308, 10**400, math.nan, math.inf, True, "often"])
def test_a_frequency_that_is_none_is_refused(stated: Yardsticks, frequency: Any) -> None:
    """A frequency is a number above 0, or left out."""
    with pytest.raises(ValueError, match=r"frequency is .* in FAIR's terms; .*left out"):
        fair.Fair(impact=stated.impact, frequency=frequency)


def test_fair_refuses_what_it_cannot_tell(stated: Yardsticks) -> None:
    """No firm's ledger, a chance of 1 and an unknown stakeholder are refused with a remedy."""
    bare = simulate(scenario([segment("s", 10, [("ssn", 1.0)])]), toy(), replicates=5, seed=1)
    with pytest.raises(ValueError, match=r"no firm's ledger.*firm=\.\.\."):
        fair.Fair(impact=bare)
    with pytest.raises(ValueError, match="chance is 1; it must lie strictly between 0 and 1"):
        stated.fair.exceedance([1])
    with pytest.raises(ValueError, match=r"unknown stakeholder 'firms'.*did you mean 'firm'"):
        stated.fair.exceedance(stakeholder="firms")


# Tiers ------------------------------------------------------------------------------------------------


def test_the_toy_in_full() -> None:
    """Sets that are enough for one fraud and for several severe ones, worked out by hand."""
    one, several, severe = tier.sufficient_sets(toy())
    sets = [{frozenset(fields.names(bits)) for bits in found} for found in (one, several)]
    assert sets[0] == {
        frozenset({"phone_number", "account_pin"}), frozenset({"phone_number", "ssn"}),
        frozenset({"full_name", "ssn"}), frozenset({"phone_number", "full_name"}),
    }  # fmt: skip
    assert sets[1] == {frozenset({"phone_number", "ssn", "full_name"})}
    assert ("swap", "credit") == severe
    cheap = tier.sufficient_sets(toy(severity_a=2999.0))
    assert (frozenset(), ("swap",)) == cheap[1:]


def by_brute_force(attacks: AttackGraph, bits: int, threshold: float) -> int:
    """Return the tier of a set of fields, way in by way in, each alone through the closure."""
    costs, severe = 0, 0
    for number, way_in in enumerate(attacks.attacks):
        if way_in.kind != "initial":
            continue
        coins = np.array([own.kind == "follow_on" for own in attacks.attacks])
        coins[number] = True
        won = closure(attacks, np.array([bits], dtype=np.uint64), coins)[0]
        losses = [tier.mean_loss(own) for own, hit in zip(attacks.attacks, won, strict=True) if hit]
        if won[number]:
            costs += max(losses) > 0
            severe += max(losses) >= threshold
    return 2 if severe > 1 else int(costs > 0)


@given(st.sets(st.sampled_from(fields.FIELD_NAMES[:27])), st.sampled_from([500.0, 3000.0, 10_000.0]))
@LAW
def test_tiers_agree_with_the_closure(names: set[str], threshold: float) -> None:
    """On the whole catalog a set's tier by minimal sets is the tier by following every way in alone."""
    attacks = api.load_attacks()
    one, several, _ = tier.sufficient_sets(attacks, threshold)
    bits = fields.mask(names)
    found = tier.tier_of(np.array([bits], dtype=np.uint64), one, several)[0]
    assert by_brute_force(attacks, bits, threshold) == found


def test_tiers_hold_every_exposed_account_once(stated: Yardsticks) -> None:
    """Accounts by tier sum to the exposed ones, segment by segment and in all; shares sum to 1."""
    exposure = expose(stated.impact.scenario)
    assert sum(stated.tiers.total) == int(exposure.accounts[exposure.masks != 0].sum())
    assert stated.tiers.accounts["prepaid"] == (0, 0, 850_000)
    assert math.isclose(1, sum(stated.tiers.shares))
    assert stated.tiers.verdict == tier.TIERS[2]


def test_more_fields_never_lower_a_tier() -> None:
    """Adding a field to a set keeps or raises its tier, for every pair of sets of the toy."""
    one, several, _ = tier.sufficient_sets(toy())
    names = ("full_name", "ssn", "phone_number", "account_pin", "imei")
    known = {
        frozenset(some): int(tier.tier_of(np.array([fields.mask(some)], dtype=np.uint64), one, several)[0])
        for size in range(6)
        for some in itertools.combinations(names, size)
    }
    assert {0, 1, 2} == set(known.values())
    assert all(known[small] <= known[large] for small in known for large in known if small <= large)


@pytest.mark.parametrize("threshold", [0, -5, math.nan, math.inf, "much", True])
def test_a_threshold_that_is_none_is_refused(threshold: Any) -> None:
    """The threshold is a number of USD above 0."""
    with pytest.raises(ValueError, match=r"threshold is .* in the tiers; it must be a number of USD above 0"):
        tier.sufficient_sets(toy(), threshold)


# Clashes ----------------------------------------------------------------------------------------------


def point(name: str, se: float, losses: list[float], breach: Scenario | None = None) -> Measured:
    """Return a breach with given measures."""
    own = dataclasses.replace(breach or scenario([segment("s", 10, [("ssn", 1.0)])]), name=name)
    sample = np.array(losses)
    return Measured(
        scenario=own, enisa_se=se, band="Low", several_severe_share=0.0, people=1.0,
        loss_usd=float(sample.mean()), people_error=0.0, losses=sample,
    )  # fmt: skip


def test_a_clash_is_an_opposite_order_or_a_level_score() -> None:
    """Opposite orders and level scores with losses twice apart clash; equal orders and near losses do not."""
    high, low = point("a", 3.0, [1.0, 2.0]), point("b", 2.0, [10.0, 11.0])
    found = disagreement.clash(low, high)
    assert found is not None
    assert ("opposite", "a", "b") == (found.kind, found.one.scenario.name, found.other.scenario.name)
    assert disagreement.clash(point("a", 3.0, [10.0, 11.0]), point("b", 2.0, [1.0, 2.0])) is None
    level = disagreement.clash(point("a", 2.0, [1.0, 1.0]), point("b", 2.0, [2.0, 2.0]))
    assert level is not None
    assert "level" == level.kind
    assert disagreement.clash(point("a", 2.0, [1.0, 1.0]), point("b", 2.0, [1.9, 1.9])) is None


def test_a_loss_within_two_standard_errors_is_no_clash() -> None:
    """A paired difference of less than two standard errors is sampling, not an order."""
    high = point("a", 3.0, [1.0, 3.0, 2.0, 4.0])
    assert disagreement.clash(high, point("b", 2.0, [3.0, 1.0, 4.0, 2.5])) is None
    assert disagreement.clash(high, point("b", 2.0, [1.5, 3.5, 2.5, 4.5])) is not None


def test_agreement_counts_every_pair_once() -> None:
    """Three breaches make three pairs; level ones are counted as level."""
    found = [point("a", 1.0, [3.0, 3.0]), point("b", 2.0, [2.0, 2.0]), point("c", 2.0, [9.0, 9.0])]
    assert (1, 1, 1) == disagreement.agreement(found)["enisa_se", "loss_usd"]


def test_the_input_that_divides_is_found() -> None:
    """A PIN puts ten accounts above ten million without one: the number of people settles it.

    Taking the PIN out, or the other's fields in, leaves scores level and losses a million times apart.
    Without what the attack needs there is no loss to disagree about. What is equal in both is not tried.
    """
    ways = {"posted": 1.0}
    small = scenario([segment("s", 10, [("full_name ssn account_pin", 1.0)])], ways=ways)
    large = scenario([segment("s", 10**7, [("full_name ssn", 1.0)])], ways=ways)
    own = graph(
        [attack("credit", [way("full_name ssn", 0.01)], severity=100.0)], releases={"posted": (1, 1, 1)}
    )
    measure = disagreement.measuring(lambda _: own, seed=1, replicates=20, horizon_years=1)
    one, other = (
        measure(dataclasses.replace(breach, name=name)) for breach, name in ((small, "a"), (large, "b"))
    )
    found = disagreement.clash(one, other)
    assert found is not None
    assert "opposite" == found.kind
    explanation = disagreement.explained(found, measure, ["ssn", "full_name"])
    assert {
        "a with 10,000,000 accounts": True,
        "a with the cohorts and fields of b": False,
        "a without account PIN": False,
        "name out of both": True,
        "SSN out of both": True,
    } == {own.change: own.removes for own in explanation.tried}


def test_a_field_left_out_is_left_out_everywhere() -> None:
    """Without a field no segment leaks it and no reset names it; what named nothing else is gone."""
    breach = api.load_scenario(STATED)
    left = disagreement.without(breach, "account_pin")
    assert not [s.name for s in left.segments if "account_pin" in s.fields]
    assert ["notice"] == [event.kind for event in left.events]
    assert disagreement.without(breach, "medical_record") == breach


def test_the_board_of_the_first_case(stated: Yardsticks) -> None:
    """ENISA puts the PIN cohort, reset at once, above the SSN cohorts, which lose over twice as much."""
    high, low, left = stated.cohort_clash or pytest.fail("no cohorts clash")
    assert ("prepaid", "account_pin") == (high.name, high.set_by)
    # 47 and 21 USD: with look-ups an SSN is found for some of those whose PIN leaked, too.
    assert low.loss_per_account > 2 * high.loss_per_account
    assert left == low.enisa_se
    # Both name the SSN for an uncertain share of the same cohorts: the two orders agree.
    assert "tmobile-2021-class" not in {own.other.scenario.name for own in stated.clashes}


def test_the_board_is_the_same_document_every_time(stated: Yardsticks) -> None:
    """Same inputs and seed, same JSON; the ranks are by falling loss and hold every breach once."""
    first, again = (
        api.yardsticks(STATED, peers=["tmobile-2021-claimed"], replicates=20).to_json() for _ in range(2)
    )
    assert first == again
    ranked = json.loads(stated.to_json())["ranked"]
    losses = [row["loss_usd"] for row in ranked]
    assert losses == sorted(losses, reverse=True)
    assert 3 == len({row["scenario"] for row in ranked})


def test_one_threshold_holds_for_the_breach_and_its_peers() -> None:
    """What counts as severe moves the tiers and the column of the ranking together."""
    low, high = (
        breach_sim.yardsticks("stated", peers=["tmobile-2021-class"], replicates=5, severe_usd=usd)
        for usd in (3_000, 10_000)
    )
    for board in (low, high):
        own = {one.scenario.name: one.several_severe_share for one in board.ranked}
        assert own["tmobile-2021-stated"] == board.tiers.shares[2]
    shares = [{one.scenario.name: one.several_severe_share for one in x.ranked} for x in (low, high)]
    assert all(shares[1][name] < share for name, share in shares[0].items())


def test_what_is_no_number_is_refused_before_any_work() -> None:
    """Replicates and seed are looked at before the breach is; a breach nobody knows is not even missed."""
    for wrong, message in (({"replicates": 0}, "replicates is 0"), ({"seed": -1}, "seed is -1")):
        with pytest.raises(ValueError, match=message):
            breach_sim.yardsticks("no-such-breach", **wrong)


def test_the_public_verb_is_that_of_the_api() -> None:
    """`breach_sim.yardsticks` gives the board that the API gives, and without peers there is no clash."""
    called = breach_sim.yardsticks(STATED, peers=[], replicates=5)
    assert called.to_json() == api.yardsticks(STATED, peers=[], replicates=5).to_json()
    assert () == called.clashes


# In a notebook ----------------------------------------------------------------------------------------


def test_nouns_show_themselves_in_a_notebook(stated: Yardsticks) -> None:
    """Board, scores, FAIR's terms and tiers are tables of their own numbers, every text of them escaped."""
    assert f"{stated.enisa.score.se:g}" in stated.enisa.score._repr_html_()
    assert all(step.step in stated.enisa._repr_html_() for step in stated.enisa.leading.steps)
    assert all(f"{accounts:,}" in stated.tiers._repr_html_() for accounts in stated.tiers.total)
    assert stated.fair.frequency_text in stated.fair._repr_html_()
    assert all(own.scenario.name in stated._repr_html_() for own in stated.ranked)
    risky = dataclasses.replace(stated.tiers, scenario="<b>x</b>")._repr_html_()
    assert "&lt;b&gt;x" in risky
    assert "<b>" not in risky


# The commands -----------------------------------------------------------------------------------------


@pytest.fixture
def among_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalog hold two breaches."""
    monkeypatch.setattr(catalog, "scenario_names", lambda: (STATED, "tmobile-2021-class"))


@pytest.mark.usefixtures("among_two")
def test_the_command_prints_all_side_by_side() -> None:
    """On the screen stand every yardstick and what settles a clash."""
    said = say("yardsticks", STATED, "--replicates", 20, "--frequency", 0.1)
    assert (0, "") == (said.code, said.err)
    for part in (
        "ENISA severity   3.00 High", "FAIR frequency   0.1 breaches a year (given)", "FAIR annual loss",
        "enough for several severe ones", "account PIN sets its data context (DPC)", "was not read",
        "among breaches",
    ):  # fmt: skip
        assert part in said.out


def test_the_command_prints_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json the same stands in one JSON document; a breach that happened has no annual loss."""
    monkeypatch.setattr(catalog, "scenario_names", lambda: (STATED,))
    document = json.loads(say("yardsticks", STATED, "--replicates", 20, "--json").out)
    assert {"ours", "enisa", "fair", "tier", "cohorts", "ranked", "agreement", "clashes"} <= set(document)
    assert document["fair"]["ale_usd"] is None


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["tmobile-2021-statd"], ["did you mean 'tmobile-2021-stated'"]),
        ([STATED, "--frequency", -1], ["frequency is -1.0", "above 0"]),
        ([STATED, "--severe", 0], ["threshold is 0", "above 0"]),
        ([STATED, "--replicates", 0], ["replicates is 0"]),
    ],
)
def test_the_command_refuses_in_a_sentence(words: list[object], parts: list[str]) -> None:
    """An unknown scenario and numbers out of range end with exit code 2 and a remedy."""
    refused(say("yardsticks", *words), *parts)


def test_cases_in_scores_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`breach-sim enisa` answers a list of cases with scores and bands in order."""
    text = json.dumps([NOTHING | {"dpc": dpc} for dpc in (1, 4)])
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    said = say("enisa")
    assert [{"se": 1.0, "band": "Low"}, {"se": 4.0, "band": "Very high"}] == json.loads(said.out)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["standard input is no JSON", "send a list of cases"]),
        ("{}", ["a JSON dict", "it must be a list of cases"]),
        ("[3]", ["standard input, case 1 is 3"]),
        (json.dumps([NOTHING, NOTHING | {"dpc": 5}]), ["case 2: dpc is 5", "1, 2, 3 or 4"]),
        (json.dumps([NOTHING | {"ei": 0.3}]), ["case 1: ei is 0.3"]),
        ("[" * 100_000, ["standard input is nested too deeply"]),
    ],
)  # fmt: skip
def test_cases_that_are_none_are_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, parts: list[str]
) -> None:
    """No JSON, JSON of something else and inputs out of range: exit code 2, one line, no scores."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    refused(say("enisa"), *parts)


def test_a_catalog_number_makes_the_mean_loss() -> None:
    """An attack's mean loss is its severity, or the published mean of its anchor where that is larger."""
    attacks = api.load_attacks()
    anchor = attacks["sim_swap"].anchor
    assert anchor is not None
    assert (
        anchor.mean_loss.mean() == tier.mean_loss(attacks["sim_swap"]) > attacks["sim_swap"].severity.mean()
    )
    assert anchor.mean_loss.mode == 25_000
    assert attacks["smishing"].severity.mean() == tier.mean_loss(attacks["smishing"])
    assert 0 == tier.mean_loss(attack("none", [way("ssn")], severity=0.0))
    assert fixed("x", 1.0, "share").mean() == 1.0


def test_a_board_is_in_words() -> None:
    """The text has labels of fields, segments and ways out, and no code name but those of scenarios."""
    text = api.yardsticks("tmobile-2021-stated", peers=["medibank-2022"], replicates=16).as_text()
    assert [] == re.findall(r"\b[a-z\d]+_[a-z\d_]+\b", text)
    assert "'active prepaid, with PIN'" in text
