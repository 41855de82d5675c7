"""Laws of the two ledgers: every sum holds to the cent, in every replicate, and nothing is added across."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from support import worlds
from support.worlds import way

from breach_sim import api
from breach_sim.catalog import load_attacks, load_firm, load_scenario
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.inputs.firm.ledger import CUSTOMERS, LINES, OUTCOME, PAYMENTS, RESPONSE
from breach_sim.inputs.graph import AttackGraph
from breach_sim.results import simulation as engine
from breach_sim.results.impact import Impact

CENT = 0.005
STATISTICS = ["p5", "p50", "p95", "mean"]
SCENARIOS = ["tmobile-2021-stated", "tmobile-2021-class", "tmobile-2021-claimed"]
FIRM_PEOPLE = {
    "tmobile-2021-stated": (54_617_000, 13_950_000),
    "tmobile-2021-class": (76_600_000, 35_933_000),
}
"""By hand: everyone notified, and postpaid, prepaid and unspecified customers among them."""


@pytest.fixture(scope="module", params=SCENARIOS)
def impact(request: pytest.FixtureRequest) -> Impact:
    """Return a scenario of the catalog over five years."""
    return api.simulate(request.param, replicates=300, seed=8)


@pytest.fixture(scope="module")
def thirds() -> Impact:
    """Return a large loss borne by three in thirds of ten digits, which sum to 0.9999999999."""
    shares = {"person": 0.3333333333, "bank": 0.3333333333, "lender": 0.3333333333}
    attacks = worlds.graph([worlds.attack("a", [way("ssn")], severity=9e4, sigma=0.5, bearers=shares)])
    what = worlds.scenario([worlds.segment("s", 10**7, [("ssn", 1.0)])])
    return engine.simulate(what, attacks, replicates=20, seed=1, horizon_years=1)


# Victims' side --------------------------------------------------------------------------------------------


def test_bearers_sum_to_the_loss_in_every_replicate(impact: Impact) -> None:
    """What bearers bear is, to the cent, all that is lost, replicate by replicate."""
    borne = impact.loss_by_bearer()
    assert sorted(borne) == list(borne)
    assert {who for a in impact.attacks.attacks for who in a.bearers} == set(borne)
    assert np.abs(sum(borne.values()) - impact.loss).max() <= CENT
    assert all(float(np.min(amount)) >= 0 for amount in borne.values())


def test_bearers_sum_to_the_loss_of_their_attack(impact: Impact) -> None:
    """Each row of the table sums to the expected loss of its attack, each column to its total (a cent)."""
    table = impact.bearers()
    means = [impact.expected("loss_usd", name).mean() for name in impact.attacks.names]
    assert [a.label for a in impact.attacks.attacks] == list(table.index[:-1])
    np.testing.assert_allclose(table["all"].to_numpy()[:-1], means, rtol=0, atol=CENT)
    np.testing.assert_allclose(
        table.drop(columns="all").sum(axis=1).to_numpy(), table["all"].to_numpy(), rtol=0, atol=CENT
    )
    np.testing.assert_allclose(
        table.iloc[:-1].sum().to_numpy(), table.loc["total"].to_numpy(), rtol=0, atol=CENT
    )
    for a, mean in zip(impact.attacks.attacks, means, strict=True):
        for who, share in a.bearers.items():
            assert abs(table.loc[a.label, who] - share.central * mean) <= CENT


def test_thirds_leave_no_money_over(thirds: Impact) -> None:
    """Shares that are a little off 1, as thirds in decimals are, still bear a hundred billion to the cent."""
    assert thirds.loss.min() > 1e11
    assert np.abs(sum(thirds.loss_by_bearer().values()) - thirds.loss).max() <= CENT
    assert abs(thirds.bearers().loc["a", "all"] - thirds.expected("loss_usd").mean()) <= CENT


def test_segments_sum_to_the_total(impact: Impact) -> None:
    """Accounts, people, victims and, to the cent, losses of all segments are those of the whole."""
    table = impact.by_segment()
    assert impact.scenario.accounts == table.loc["total", "accounts"]
    assert abs(table.loc["total", "loss_usd"] - impact.expected("loss_usd").mean()) <= CENT
    assert pytest.approx(impact.expected("people").mean(), rel=1e-12) == table.loc["total", "people"]
    assert np.abs(impact.losses.sum(axis=(0, 1)) - impact.loss).max() <= CENT
    for name in impact.attacks.names:
        own = impact.expected("victims", name)
        assert pytest.approx(own.mean(), rel=1e-12) == table.loc["total", name]
    np.testing.assert_allclose(table.iloc[:-1].sum(), table.loc["total"], rtol=1e-12)


def test_hours_are_victims_times_hours_of_one(impact: Impact) -> None:
    """The hours of all attacks sum to the last row, and each is its victims times the draws of its hours."""
    table = impact.hours()
    assert pytest.approx(table["mean"].iloc[:-1].sum(), rel=1e-12) == table["mean"].iloc[-1]
    for i, a in enumerate(impact.attacks.attacks):
        own = impact.victim_counts[i].sum(axis=0) * Parameters(8, 300)(a.hours)
        assert pytest.approx(float(np.median(own)), rel=1e-12) == table["p50"].iloc[i]


# The table of both ----------------------------------------------------------------------------------------


def test_the_ledgers_agree_with_bearers_and_hours(impact: Impact) -> None:
    """Means of the table are the totals of bearers() and hours(), to the cent; each row has its unit."""
    table = impact.ledgers()
    bearers, hours = impact.bearers().loc["total"], impact.hours().iloc[-1]
    for who in impact.loss_by_bearer():
        assert abs(table.loc[("victims", who), "mean"] - bearers[who]) <= CENT
    assert abs(table.loc[("victims", "all"), "mean"] - bearers["all"]) <= CENT
    assert abs(table.loc[("victims", "all"), "mean"] - impact.expected("loss_usd").mean()) <= CENT
    assert dict(hours[STATISTICS]) == dict(table.loc[("hours", "all"), STATISTICS])
    assert {"victims": {"USD"}, "hours": {"hours"}, "firm": {"USD"}} == {
        ledger: set(rows["unit"]) for ledger, rows in table.groupby(level="ledger")
    }
    assert set(impact.notes) <= set(table.attrs["notes"])


def test_the_ledgers_are_never_added(impact: Impact) -> None:
    """Every row belongs to one ledger, and no row holds the sum of two."""
    table = impact.ledgers()
    assert ["victims", "hours", "firm"] == list(dict.fromkeys(table.index.get_level_values("ledger")))
    assert [*LINES, "all"] == list(table.loc["firm"].index)
    assert [*impact.loss_by_bearer(), "all"] == list(table.loc["victims"].index)
    both = table.loc[("victims", "all"), "mean"] + table.loc[("firm", "all"), "mean"]
    assert not np.isclose(table["mean"].to_numpy(dtype=float), both).any()


def test_asking_for_ledgers_changes_nothing() -> None:
    """Tables, in any order, leave the list of numbers used and the hash of inputs as they are."""
    runs = [api.simulate("tmobile-2021-stated", replicates=20, seed=2, horizon_years=1) for _ in range(2)]
    for call in ("ledgers", "timeline", "lorenz", "excess", "hours", "bearers"):
        getattr(runs[0], call)()
    first, second = runs
    assert {e.name: e for e in first.parameters()} == {e.name: e for e in second.parameters()}
    assert first.to_json() == second.to_json()


# The firm -------------------------------------------------------------------------------------------------


def test_the_lines_sum_to_the_cost_of_the_firm(impact: Impact) -> None:
    """The lines are, to the cent, the firm's cost: per replicate, in the table and in the document."""
    assert list(LINES) == list(impact.firm_lines)
    cost = impact.firm_cost
    assert cost is not None
    assert np.abs(sum(impact.firm_lines.values()) - cost).max() <= CENT
    firm = impact.ledgers().loc["firm"]
    assert abs(firm.loc[list(LINES), "mean"].sum() - firm.loc["all", "mean"]) <= CENT
    cost_usd = json.loads(impact.to_json())["firm_cost_usd"]
    assert cost_usd == dict(firm.loc["all", STATISTICS])
    assert pytest.approx(np.median(cost), rel=1e-12) == cost_usd["p50"]


def test_the_lines_by_hand(impact: Impact) -> None:
    """Parts of the response, customers lost and what insurance pays follow from the draws.

    Payments themselves are held against the slow twin in tests/inputs/firm.
    """
    draw, rates = Parameters(8, 300), load_firm()
    value = {rate.name.removeprefix("firm."): draw(rate) for rate in rates.estimates()}
    reached = [s for s in impact.scenario.segments if s.fields]
    n = sum(s.accounts for s in reached)
    m = sum(s.accounts for s in reached if s.kind in ("postpaid", "prepaid", "customer"))
    assert (n, m) == FIRM_PEOPLE.get(impact.scenario.name, (100_000_000, 100_000_000))
    lines = impact.firm_lines
    parts = {
        "incident_response": value["incident_response"],
        "notice": n * (value["letters"] * value["letter"] + (1 - value["letters"]) * value["electronic"]),
        "call_centre": n * value["calls"] * value["call"],
        "monitoring": n * value["takeup"] * value["monitoring"],
    }
    assert tuple(parts) == RESPONSE
    response = np.sum([lines[part] for part in parts], axis=0)
    for part, cost in parts.items():
        share = cost / np.sum(list(parts.values()), axis=0)
        np.testing.assert_allclose(lines[part], response * share, rtol=1e-12, err_msg=part)
    customers = impact.scenario.customers or m
    np.testing.assert_allclose(lines["churn"], customers * value["churn"] * value["margin"], rtol=1e-12)
    gross = np.sum([lines[line] for line in (*RESPONSE, *PAYMENTS)], axis=0)
    covered = lines["insurance_recovery"] < 0
    assert 0 < covered.mean() < 1
    np.testing.assert_allclose(
        lines["insurance_recovery"], -np.where(covered, value["cover"] * gross, 0.0), rtol=1e-12
    )
    assert set(OUTCOME) < set(PAYMENTS)
    assert ("postpaid", "prepaid", "customer") == CUSTOMERS


def test_a_breach_has_the_lines_of_its_country_and_data(impact: Impact) -> None:
    """A breach of US people without cards or medical data has no GDPR, OCR or card line; the rest is paid."""
    lines = impact.firm_lines
    for line in ("fine_gdpr", "fine_ocr", "card_networks"):
        assert not lines[line].any(), line
    for line in ("settlement", "state_ag", "fine", "security"):
        assert 0 < (lines[line] > 0).mean() < 1, line
    for line in RESPONSE:
        assert (lines[line] > 0).all(), line


def firm_lines(segments: list[Any], attacks: AttackGraph | None = None, replicates: int = 10) -> Any:
    """Return the firm's lines for some segments."""
    graph = attacks or worlds.graph([worlds.attack("a", [way("ssn")])])
    run = engine.simulate(worlds.scenario(segments), graph, replicates=replicates, seed=3, firm=load_firm())
    return run.firm_lines


def test_the_firm_tells_whom_anything_leaked_from() -> None:
    """Segments without a leak, or with a coverage of nil, are not notified; a partial one is, as a whole."""
    full = worlds.segment("full", 1_000, [("email_address", 1.0)])
    silent = [worlds.segment("none", 5_000, []), worlds.segment("nil", 7_000, [("ssn", 0.0)])]
    partial = worlds.segment("full", 1_000, [("email_address", 0.01), ("ssn", 0.0)])
    expected = firm_lines([full])
    assert expected
    for other in ([full, *silent], [partial, *silent]):
        for line, cost in firm_lines(other).items():
            np.testing.assert_array_equal(expected[line], cost, err_msg=line)
    assert {} == firm_lines(silent)


@pytest.mark.parametrize("kind", ["postpaid", "prepaid", "customer", "former", "prospect"])
def test_who_is_no_customer_cannot_leave(kind: str) -> None:
    """Churn is paid for customers of now alone; every other line does not ask for the kind."""
    lines = firm_lines([worlds.segment("s", 1_000, [("ssn", 1.0)], kind)])
    usual = firm_lines([worlds.segment("s", 1_000, [("ssn", 1.0)])])
    assert (kind in {"postpaid", "prepaid", "customer"}) == bool(np.any(lines["churn"] > 0))
    for line in set(LINES) - {"churn"}:
        np.testing.assert_array_equal(usual[line], lines[line])


def test_the_firms_ledger_does_not_look_at_attacks_or_names() -> None:
    """Another attack graph and another name of the segment leave the cost of the firm as it is."""
    one = firm_lines([worlds.segment("s", 1_000, [("ssn", 1.0)])])
    other = firm_lines([worlds.segment("t", 1_000, [("ssn", 1.0)])], load_attacks())
    for line in LINES:
        np.testing.assert_array_equal(one[line], other[line])


def test_twice_the_people_cost_less_than_twice_as_much() -> None:
    """Twice the people double churn; a payment that is made grows, in the mean by less than to the double."""
    one = firm_lines([worlds.segment("s", 1_000_000, [("ssn", 1.0)])], replicates=500)
    double = firm_lines([worlds.segment("s", 2_000_000, [("ssn", 1.0)])], replicates=500)
    np.testing.assert_allclose(2 * one["churn"], double["churn"], rtol=1e-12)
    for line in ("settlement", "state_ag", "fine", "security"):
        both = (one[line] > 0) & (double[line] > 0)
        assert both.sum() >= 50, line
        assert (both | (one[line] == 0)).all(), "a payment to fewer people is one to more"
        growth = np.log(double[line][both] / one[line][both]).mean()
        assert 0 < growth < np.log(2), line


@pytest.mark.parametrize(
    ("people", "firm", "words"),
    [(499, True, "500"), (500, True, ""), (10**6, False, "No firm stands behind this list")],
)
def test_where_there_is_no_ledger_the_run_says_why(people: int, firm: bool, words: str) -> None:
    """Below 500 people and for a list without a firm there is no line, and a note of the table says why."""
    what = dataclasses.replace(worlds.scenario([worlds.segment("s", people, [("ssn", 1.0)])]), firm=firm)
    graph = worlds.graph([worlds.attack("a", [way("ssn")])])
    run = engine.simulate(what, graph, replicates=10, seed=3, firm=load_firm())
    notes = " ".join(run.ledgers().attrs["notes"])
    if words:
        assert {} == run.firm_lines
        assert words in notes
        assert run.firm_cost is None
    else:
        assert set(LINES) == set(run.firm_lines)
        assert "so none is given" not in notes


def test_customers_who_are_stated_are_counted() -> None:
    """Churn counts the customers that a scenario states; without them those exposed, with a note."""
    plain = worlds.scenario([worlds.segment("s", 1_000, [("ssn", 1.0)])])
    stated = dataclasses.replace(plain, customers=50_000)
    graph = worlds.graph([worlds.attack("a", [way("ssn")])])
    few, many = (
        engine.simulate(what, graph, replicates=10, seed=3, firm=load_firm()) for what in (plain, stated)
    )
    np.testing.assert_allclose(50 * few.firm_lines["churn"], many.firm_lines["churn"], rtol=1e-12)
    assert "lower bound" in " ".join(few.ledgers().attrs["notes"])
    assert "lower bound" not in " ".join(many.ledgers().attrs["notes"])
    with pytest.raises(ValueError, match=r"customers of scenario .* is 0; it must be a whole number from 1"):
        dataclasses.replace(plain, customers=0)


def test_without_rates_there_is_no_ledger_of_the_firm(thirds: Impact) -> None:
    """No lines, no cost, `null` in the document, no row in the table; the other ledger stands."""
    assert {} == thirds.firm_lines
    assert thirds.firm_cost is None
    assert json.loads(thirds.to_json())["firm_cost_usd"] is None
    assert ["victims", "hours"] == list(dict.fromkeys(thirds.ledgers().index.get_level_values("ledger")))


def test_rates_in_another_unit_are_refused() -> None:
    """A rate says what it is in and what it must be in."""
    wrong = worlds.fixed("firm.letter", 1.0, "USD/customer")
    with pytest.raises(ValueError, match=r"firm\.letter is in 'USD/customer'; it must be in 'USD/person'"):
        dataclasses.replace(load_firm(), letter=wrong)


def test_other_rates_are_another_input() -> None:
    """The hash of inputs knows the firm's rates; the JSON document their figures."""
    what = load_scenario("tmobile-2021-stated")
    runs = [
        api.simulate(what, ["sim_swap"], replicates=20, seed=1, firm=firm)
        for firm in (None, load_firm(), dataclasses.replace(load_firm(), letter=load_firm().electronic))
    ]
    hashes = [run.input_hash for run in runs]
    assert hashes[0] == hashes[1] != hashes[2]


# Lorenz ---------------------------------------------------------------------------------------------------


def gini_by_pairs(accounts: Any, losses: Any) -> float:
    """Return the Gini coefficient as half the relative mean difference of two random accounts."""
    weights, each = np.asarray(accounts) / np.sum(accounts), np.asarray(losses) / np.asarray(accounts)
    gaps = np.abs(each[:, None] - each[None, :])
    return float((weights[:, None] * weights[None, :] * gaps).sum() / (2 * (weights * each).sum()))


def test_the_lorenz_curve_rises_ever_faster_to_one(impact: Impact) -> None:
    """Cumulated shares rise to 1, the curve is convex and below the diagonal, sums are the run's."""
    table = impact.lorenz()
    accounts, loss = table["share_of_accounts"].to_numpy(), table["share_of_loss"].to_numpy()
    assert pytest.approx(1.0) == accounts[-1]
    assert pytest.approx(1.0) == loss[-1]
    assert (loss <= accounts + 1e-12).all()
    assert (np.diff(table["loss_per_account"]) >= 0).all()
    assert abs(table["loss_usd"].sum() - impact.expected("loss_usd").mean()) <= CENT
    assert impact.scenario.accounts == table["accounts"].sum()
    assert (
        pytest.approx(gini_by_pairs(table["accounts"], table["loss_usd"]), abs=1e-12) == table.attrs["gini"]
    )


def test_the_ends_of_the_gini_coefficient() -> None:
    """Equal losses give 0, one segment of a tenth that bears all gives 0.9, no loss at all gives 0."""
    attacks = worlds.graph([worlds.attack("a", [way("ssn", 50.0)], severity=10.0)])

    def gini(*segments: Any) -> float:
        run = engine.simulate(worlds.scenario(segments), attacks, replicates=5, seed=1, horizon_years=1)
        return float(run.lorenz().attrs["gini"])

    hit, spared = worlds.segment("hit", 1_000, [("ssn", 1.0)]), worlds.segment("no", 9_000, [])
    also = worlds.segment("also", 4_000, [("ssn", 1.0)])
    assert pytest.approx(0.0, abs=1e-9) == gini(hit, also)
    assert pytest.approx(0.9, abs=1e-12) == gini(hit, spared)
    assert 0.0 == gini(spared)
    assert pytest.approx(0.0, abs=1e-12) == gini(hit)


def test_the_curve_of_the_firm_is_that_of_its_sorted_costs() -> None:
    """Value at risk and tail value at risk of the firm are the ledger's quantile and the mean beyond it."""
    impact = api.simulate("tmobile-2021-class", "sim_swap", replicates=200)
    frame, cost = impact.firm_exceedance((0.5, 0.05)), np.sort(impact.firm_cost)
    assert frame["var_usd"].tolist() == impact.ledgers().loc[("firm", "all"), ["p50", "p95"]].tolist()
    assert frame["tvar_usd"].tolist() == pytest.approx([cost[100:].mean(), cost[190:].mean()], rel=1e-12)
    assert impact.ledgers().attrs["notes"] == frame.attrs["notes"]


def test_a_list_without_a_firm_has_no_curve() -> None:
    """The refusal says why there is no ledger."""
    scenario = dataclasses.replace(load_scenario("tmobile-2021-class"), firm=False)
    with pytest.raises(ValueError, match="No firm stands behind this list"):
        api.simulate(scenario, "sim_swap", replicates=20).firm_exceedance()
