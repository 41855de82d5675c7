"""Laws of what bundles cost: one price for notice, messages once, costs that scale, duties, two sides."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from support.bundle_costs import price_of

from breach_sim import api, catalog
from breach_sim.inputs.mitigations import Cost, Duty, Mitigation, together
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.simulation import simulate
from breach_sim.whatif.bundle import best_bundle
from breach_sim.whatif.mitigated_runs import compare, expected_harm
from breach_sim.whatif.whose_money import FirmSide

NAMES = (
    "notice", "credit-freeze", "tax-pin", "sim-lock-opt-in", "monitoring", "drop-ssn", "retention-5-years",
    "pin-reset-day-1", "sim-lock", "codes-by-app", "dwell-30-days", "ssn-last-four",
)  # fmt: skip
"""Twelve mitigations of every kind of cost."""
KEPT = ("new_account_fraud", "tax_refund_fraud", "pin_reuse")


def graph():
    """Return a few attacks without look-ups, which are fast."""
    return dataclasses.replace(api.load_attacks().only(list(KEPT)), lookups=None)


def mean_of(name, *mitigations, **more):
    """Return the mean cost of each row of a comparison, by name."""
    found = api.compare(name, *mitigations, replicates=64, pairs=False, elsewhere=None, **more)
    return {row.name: float(row.cost.mean()) for row in found.averted}


@pytest.mark.parametrize("count", [6, pytest.param(12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("demanded", [True, False], ids=["demanded", "choice"])
def test_the_best_bundle_is_that_of_brute_force_with_shared_costs(count: int, demanded: bool) -> None:
    """All 64 (4,096) bundles have the net benefit, price and regret of their own sums."""
    what, attacks, firm = api.load_scenario("claimed"), graph(), catalog.load_firm()
    some = [api.load_mitigation(name) for name in NAMES[:count]]
    if not demanded:
        some = [dataclasses.replace(own, duties=()) for own in some]
    expected = expected_harm(what, attacks, some, seed=4, replicates=4, horizon_years=5)
    draw = expected.parameters
    ledger = FirmSide(what, firm, draw).ledger
    base = expected.loss(what, attacks).mean()
    due = price_of(some[:1], what, draw, ledger).mean() if demanded else 0.0
    nets, prices, each = [], [], []
    for bits in range(1 << count):
        own = [m for i, m in enumerate(some) if bits >> i & 1]
        left, price = expected.loss(*together(own, what, attacks)), price_of(own, what, draw, ledger)
        nets.append(base - left.mean() - price.mean())
        prices.append(price.mean())
        each.append(-left - price)
    nets, prices, each = np.array(nets), np.array(prices), np.array(each)
    has_notice = np.arange(1 << count) & 1 == 1
    for budget in (0.0, 2e7, 1e12):
        found = best_bundle(what, attacks, some, budget, seed=4, replicates=4, firm=firm)
        afford = (prices - due <= budget * (1 + 1e-9)) & (has_notice | (not demanded))
        np.testing.assert_allclose(found.net[afford], nets[afford], rtol=1e-9, atol=1e-9 * base)
        assert (found.net[~afford] == -np.inf).all()
        chosen = sum(1 << i for i, own in enumerate(some) if own.name in found.chosen)
        assert nets[chosen] == pytest.approx(nets[afford].max(), abs=1e-9 * base)
        assert found.cost_usd == pytest.approx(prices[chosen], rel=1e-9)
        np.testing.assert_allclose(found.regret, each[afford].max(axis=0) - each[chosen], atol=1e-8 * base)
        assert found.given == (("notice",) if demanded else ())


def test_notice_has_one_price() -> None:
    """The cost of notice and of monitoring is their line of the firm's ledger, draw for draw."""
    impact = api.simulate("anthem-2015-confirmed", replicates=200)
    found = api.compare(impact, "notice", "monitoring")
    for row in found.averted[:2]:
        np.testing.assert_array_equal(row.cost, impact.firm_lines[row.name])


def test_without_a_ledger_notice_costs_its_letters() -> None:
    """A list without a firm has the price of letters and messages that a ledger would be split by."""
    what = api.load_scenario("anthem-2015-confirmed").scaled(400)
    found = api.compare(what, "notice", replicates=50, elsewhere=None)
    draw, firm = found.law.parameters, catalog.load_firm()
    share = draw(firm.letters)
    by_hand = 400 * (share * draw(firm.letter) + (1 - share) * draw(firm.electronic))
    np.testing.assert_allclose(found.averted[0].cost, by_hand, rtol=1e-12)
    assert found.averted[0].firm is None


def test_one_message_says_it_all() -> None:
    """A freeze and a tax PIN share one message, and a notice carries it: it counts once, or not at all."""
    cost = mean_of("anthem-2015-confirmed", "credit-freeze", "tax-pin")
    assert cost["credit-freeze"] == cost["tax-pin"] > 0
    assert cost["all together"] == pytest.approx(cost["tax-pin"], rel=1e-12)
    with_notice = mean_of("anthem-2015-confirmed", "notice", "credit-freeze", "tax-pin")
    assert with_notice["all together"] == pytest.approx(with_notice["notice"], rel=1e-12)


def test_a_project_scales_with_the_accounts() -> None:
    """A change of systems costs its floor for 32,000 members, and in proportion to accounts for many."""
    small, large, huge = (
        mean_of(api.load_scenario("anthem-2015-confirmed").scaled(size), "drop-ssn")["drop-ssn"]
        for size in (32_000, 40_000_000, 400_000_000)
    )
    assert small < 1e6
    assert huge == pytest.approx(10 * large, rel=0.02)


def test_a_law_that_holds_is_named() -> None:
    """Notice is demanded in the US where an SSN leaked, in Germany whatever leaked, never for a list."""
    notice = api.load_mitigation("notice")
    stated = api.load_scenario("stated")
    assert "US state" in notice.demanded(stated)
    assert "GDPR" in notice.demanded(api.load_scenario("tmobile-de-2006"))
    assert not notice.demanded(dataclasses.replace(stated, firm=False))
    assert not api.load_mitigation("credit-freeze").demanded(stated)


def test_nothing_starts_before_the_day_it_can() -> None:
    """With a first day, dated mitigations start then or later, and what is past is out of all together."""
    found = api.compare("claimed", "pin-reset", "tax-pin-for-all-day-90", "drop-ssn", replicates=20,
                        elsewhere=None, can_start_on=30)  # fmt: skip
    assert [own.day for own in found.mitigations] == [30.0, 90.0, None]
    alone = api.compare(
        "claimed", "pin-reset-day-30", "tax-pin-for-all-day-90", replicates=20, elsewhere=None
    )
    np.testing.assert_allclose(found.averted[-1].loss, alone.averted[-1].loss, rtol=1e-12)
    assert found.averted[2].past
    assert any("too late for drop-ssn" in note for note in found.notes)
    timeline = found.timeline().loc["all together"]
    assert float(timeline["averted_usd"].sum()) == pytest.approx(
        float(found.averted[-1].loss.mean()), rel=1e-9
    )
    with pytest.raises(ValueError, match="too late for drop-ssn"):
        api.best_bundle("claimed", ["drop-ssn"], 1e9, can_start_on=30, replicates=5)
    with pytest.raises(ValueError, match="give days after the sale, from 0 on"):
        api.compare("claimed", "drop-ssn", can_start_on=-1)


def test_the_sides_sum_to_the_loss() -> None:
    """What victims, lenders and others are spared is the loss averted, and the baseline's is by bearer."""
    impact = api.simulate("stated", replicates=100)
    found = api.compare(impact, "drop-ssn", "credit-freeze", "pin-reset")
    for row in found.averted:
        np.testing.assert_allclose(sum(row.by_side.values()), row.loss, rtol=1e-9, atol=1e-6)
    base = api.compare(impact, "drop-ssn").base  # no day, so that time is cut as in the run
    borne = impact.bearers().loc["total"]
    assert float(base.total("person").mean()) == pytest.approx(borne["person"], rel=1e-9)
    assert float(base.total("lender").mean()) == pytest.approx(borne["lender"] + borne["bank"], rel=1e-9)


def test_the_firm_saves_what_its_ledger_is_lower_by() -> None:
    """What a mitigation saves the firm is the ledger of the changed breach taken from its own, same draws."""
    what = api.load_scenario("anthem-2015-confirmed")
    attacks, firm = api.attacks_of(what), catalog.load_firm()
    drop = api.load_mitigation("drop-ssn")
    found = compare(
        what, attacks, [drop, api.load_mitigation("credit-freeze")], seed=2, replicates=60, firm=firm
    )
    before = simulate(what, attacks, seed=2, replicates=60, firm=firm).firm_cost
    after = simulate(*drop.apply(what, attacks), seed=2, replicates=60, firm=firm).firm_cost
    np.testing.assert_allclose(found.averted[0].firm, before - after, rtol=1e-9)
    assert not found.averted[1].firm.any()


def test_fewer_people_make_a_smaller_ledger() -> None:
    """Records of fewer people leave the ledger of so many fewer people, replicate by replicate."""
    what = api.load_scenario("anthem-2015-confirmed")
    attacks, firm = api.attacks_of(what), catalog.load_firm()
    dwell = api.load_mitigation("dwell-30-days")
    found = compare(what, attacks, [dwell], seed=2, replicates=60, firm=firm)
    share = dwell.changes[0].withheld.drawn(found.law.parameters)
    side = FirmSide(what, firm, found.law.parameters)
    left = side.left(dwell.apply(what, attacks)[0])
    for r in (0, 17, 59):
        many = what.scaled(max(500, round(what.accounts * (1 - float(share[r])))))
        lines = simulate(many, attacks, seed=2, replicates=60, firm=firm).firm_lines
        # Customers are those of the firm, however many of its records leaked.
        by_hand = sum(cost[r] for line, cost in lines.items() if line != "churn")
        assert left[r] - side.ledger["churn"][r] == pytest.approx(by_hand, rel=1e-3)


def test_the_firm_chooses_for_its_own_ledger() -> None:
    """For the firm's own money a bundle saves the most of its ledger, and what others do is worth nothing."""
    names = ["notice", "credit-freeze-for-all", "drop-ssn", "retention-5-years"]
    found = api.best_bundle("stated", names, 1e12, replicates=64, whose="firm")
    assert "credit-freeze-for-all" not in found.chosen
    assert "notice" in found.given
    each = api.compare("stated", *names, replicates=64, elsewhere=None)
    alone = {row.name: float(row.firm.mean() - row.cost.mean()) for row in each.averted}
    assert found.net_usd >= alone["drop-ssn"] - 1
    with pytest.raises(ValueError, match="unknown side 'ours'"):
        api.best_bundle("stated", names, 1e9, whose="ours", replicates=5)
    small = api.load_scenario("stated").scaled(100)
    with pytest.raises(ValueError, match="no cost of a firm"):
        api.best_bundle(small, names, 1e9, whose="firm", replicates=5)


USD = Estimate.fixed("m.usd", 1.0, "USD")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Cost(per_account=Estimate.fixed("m.a", 1.0, "USD/account")), "per_account and floor"),
        (lambda: Cost(letter=Estimate.fixed("m.l", 1.0, "USD/person")), "letter and letters"),
        (lambda: Cost(line="settlement"), "unknown line 'settlement'"),
        (lambda: Cost(floor=Estimate.fixed("m.f", 1.0, "share")), "it must be in USD"),
        (lambda: Duty(law=""), "names no law"),
        (lambda: Duty(law="x", fields=("snn",)), "did you mean 'ssn'"),
        (lambda: Mitigation(name="m", label="m", changes=(), actor="frim"), "did you mean 'firm'"),
        (lambda: Mitigation(name="m", label="m", changes=(), earliest_day=-1.0), "a day from 0 on"),
    ],
)
def test_bad_costs_and_duties_are_refused(make, words: str) -> None:
    """A cost, duty or actor that cannot be is refused with value, rule and remedy."""
    with pytest.raises(ValueError, match=words):
        make()


def test_every_mitigation_says_who_acts_and_when() -> None:
    """Every shipped mitigation has an actor, and a first day with its reason or a change of the past."""
    for own in api.load_mitigations():
        assert own.actor, own.name
        assert own.is_past == (own.earliest_day is None), own.name
        assert own.is_past or own.why_then, own.name
        assert own.day is None or own.earliest_day is None or own.earliest_day <= own.day, own.name


def test_messages_of_different_prices_take_the_higher() -> None:
    """Where two prices of a message concern a segment, the higher is paid once."""
    what = api.load_scenario("anthem-2015-confirmed")
    low, high = (Cost(message=Estimate.fixed(f"m.{usd}", usd, "USD/person")) for usd in (0.1, 0.4))
    made = [
        dataclasses.replace(api.load_mitigation(name), cost=cost)
        for name, cost in (("credit-freeze", low), ("tax-pin", high))
    ]
    for order in itertools.permutations(made):
        found = api.compare(what, *order, replicates=5, elsewhere=None, pairs=False)
        assert float(found.averted[-1].cost.mean()) == pytest.approx(0.4 * what.accounts, rel=1e-9)
