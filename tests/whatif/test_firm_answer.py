"""Laws of the firm's answer: curve, appetite, materiality, cash by quarter, present value."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import breach_sim as bs
from breach_sim import catalog
from breach_sim.inputs.firm.ledger import LINES
from breach_sim.inputs.firm.timing import Delays, Timing

RUN = bs.simulate("tmobile-2021-stated", replicates=256, seed=3, elsewhere=None)
PROGRAM = bs.Program(layers=(bs.Layer(name="primary", retention=1e7, limit=1e8, coinsurance=0.1),))


@pytest.mark.parametrize("program", [None, PROGRAM], ids=["model", "program"])
def test_cash_sums_to_the_cost(program: bs.Program | None) -> None:
    """In every replicate the quarters sum to what the firm bears; undiscounted it is the present value."""
    answer = bs.cost_to_firm(RUN, program=program)
    paid = np.sum(list(answer.quarters.values()), axis=0).sum(axis=0)
    np.testing.assert_allclose(paid, answer.cost, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(answer.present_value, answer.cost, rtol=1e-9, atol=1e-3)
    frame = answer.cash_by_quarter()
    assert frame["mean"].sum() == pytest.approx(answer.cost.mean(), rel=1e-9)
    assert frame["paid"].iloc[-1] == pytest.approx(answer.cost.mean(), rel=1e-9)
    lines = [name for name in frame.columns if name in LINES]
    np.testing.assert_allclose(frame[lines].sum(axis=1), frame["mean"], rtol=1e-9, atol=1e-3)


def test_with_a_program_the_cost_is_the_net_one() -> None:
    """With a program the firm bears the net cost of the same draws; the model's own insurance is out."""
    answer = bs.cost_to_firm(RUN, program=PROGRAM)
    np.testing.assert_array_equal(answer.cost, bs.insured(RUN, PROGRAM).net)
    assert not answer.lines["insurance_recovery"].any()
    assert answer.table().loc["primary", "mean"] == pytest.approx(-answer.insured.ceded.mean())


def test_without_a_program_the_cost_is_the_ledger() -> None:
    """Without a program the answer is the ledger of the run, line by line."""
    answer = bs.cost_to_firm(RUN)
    np.testing.assert_allclose(answer.cost, RUN.firm_cost, rtol=1e-12)
    pd_curve = RUN.firm_exceedance((0.5, 0.05))
    assert answer.exceedance((0.5, 0.05)).equals(pd_curve)


def test_discounting_lowers_what_is_paid_late() -> None:
    """A payment of year t is worth (1 + rate) to the power of -t, at the middle of its quarter."""
    answer = bs.cost_to_firm(RUN, discount=0.08)
    total = np.sum(list(answer.quarters.values()), axis=0)
    years = (np.arange(len(total)) + 0.5) / 4
    by_hand = sum(row * 1.08**-year for row, year in zip(total, years, strict=True))
    np.testing.assert_allclose(answer.present_value, by_hand, rtol=1e-9, atol=1e-3)
    assert answer.present_value.mean() < answer.cost.mean()


def test_the_appetite_is_held_against_the_curve() -> None:
    """A row is inside where the amount exceeded with its chance is no more than the appetite."""
    curve = RUN.firm_exceedance((0.5, 0.05))["var_usd"]
    answer = bs.cost_to_firm(RUN, appetite={0.05: curve[0.05] * 1.01, 0.5: curve[0.5] * 0.99})
    table = answer.appetite()
    assert list(table.index) == [0.5, 0.05]
    assert list(table["inside"]) == [False, True]
    assert (table["model_usd"] == curve).all()
    assert table.loc[0.5, "chance_of_exceeding"] == (answer.cost > curve[0.5] * 0.99).mean()
    for run in (RUN, bs.portfolio(["stated", "claimed"], replicates=64)):
        frame = run.appetite({0.05: 1e30, 0.5: 0.0})
        assert list(frame["inside"]) == [False, True]


def test_materiality_is_a_share_of_what_was_given() -> None:
    """Cost over revenue, income or cash at 1 in 2, 20 and 200; nothing where nothing was given."""
    answer = bs.cost_to_firm(RUN, revenue=1e9, cash=1e8)
    table = answer.materiality()
    assert set(table.index.get_level_values("of")) == {"revenue", "cash"}
    costs = answer.exceedance((0.5, 0.05, 0.005))["var_usd"]
    for chance in (0.5, 0.05, 0.005):
        assert table.loc[("revenue", chance), "share"] == pytest.approx(costs[chance] / 1e9)
    assert len(bs.cost_to_firm(RUN).materiality()) == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"appetite": {}}, "the appetite is empty"),
        ({"appetite": {1.0: 1e6}}, "strictly between 0 and 1"),
        ({"appetite": {0.05: -1.0}}, "an amount from 0 on"),
        ({"appetite": {0.5: 1e8, 0.05: 1e6}}, "a rarer amount must not be smaller"),
        ({"revenue": 0.0}, "revenue is 0.0 USD; give an amount above 0"),
        ({"cash": math.nan}, "cash is nan USD"),
        ({"discount": 5.0}, "yearly rate from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(asked, words: str) -> None:
    """An appetite, amount or rate out of range is refused with value, rule and remedy."""
    with pytest.raises(ValueError, match=words):
        bs.cost_to_firm(RUN, **asked)


def test_without_a_ledger_there_is_no_answer() -> None:
    """A breach of 100 people has no ledger, and the answer says so."""
    with pytest.raises(ValueError, match="100 are notified"):
        bs.cost_to_firm(bs.load_scenario("stated").scaled(100), replicates=5)


def test_the_document_holds_the_tables() -> None:
    """The JSON document has the numbers of the tables, and is valid JSON without NaN."""
    answer = bs.cost_to_firm(RUN, program=PROGRAM, appetite={0.05: 1e9}, revenue=1e9, discount=0.05)
    found = json.loads(answer.to_json(), parse_constant=pytest.fail)
    assert found["cost_usd"]["mean"] == pytest.approx(answer.cost.mean())
    assert found["cash_by_quarter"][0]["quarter"] == 0
    assert found["appetite"][0]["inside"] in {True, False}
    assert set(found["layers"]) == {"primary"}


# When it is paid ----------------------------------------------------------------------------------------


def test_delays_are_those_that_were_published() -> None:
    """Drawn delays lie within the published ones, with their median, and lines with few dates are pooled."""
    timing = catalog.load_timing()
    evenly = (np.arange(1000) + 0.5) / 1000
    for own in timing.delays.values():
        drawn = own.at(evenly)
        assert own.years[0] <= drawn.min() <= drawn.max() <= own.years[-1]
        assert float(np.median(drawn)) == pytest.approx(float(np.median(own.years)), abs=0.05)
        assert len(own.years) >= 5
    assert timing.delays["settlement"].years[0] > 0.9
    assert timing.delays["card_networks"].pooled == "settlement"
    assert any("card networks with class settlement" in note for note in timing.notes(catalog.label_of_line))
    assert set(timing.reasons) == {*timing.shares, "insurance_recovery"}


@given(
    costs=st.lists(st.floats(0, 1e9), min_size=3, max_size=3),
    chance=st.floats(0.001, 0.999),
    lag=st.integers(0, 4),
)
@settings(max_examples=50, deadline=None)
def test_every_line_is_paid_once(costs: list[float], chance: float, lag: int) -> None:
    """Whatever the costs, delays and lag, quarters of each line sum to the line, recoveries included."""
    timing = toy(recovery_lag=lag)
    lines = {"notice": np.array(costs), "settlement": np.array(costs[::-1]), "churn": np.ones(3)}
    lines["insurance_recovery"] = -0.5 * (lines["notice"] + lines["settlement"])
    paid = timing.by_quarter(lines, lambda _: np.full(3, chance))
    for line, cost in lines.items():
        np.testing.assert_allclose(paid[line].sum(axis=0), cost, rtol=1e-9, atol=1e-6)
    assert not paid["insurance_recovery"][:lag].any()


def toy(**more) -> Timing:
    """Return a timing in which every line but the settlement is paid in two quarters."""
    delays = {"settlement": Delays(line="settlement", years=(0.5, 1.0, 3.0))}
    shares = {line: (0.5, 0.5) for line in LINES if line not in {"settlement", "insurance_recovery"}}
    made = {"delays": delays, "shares": shares, "reasons": {}, "recovery_lag": 1} | more
    return Timing(**made)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Delays(line="fine", years=()), "give years from 0 on"),
        (lambda: Delays(line="fine", years=(2.0, 1.0)), "give them rising"),
        (lambda: toy(recovery_lag=-1), "give quarters from 0 on"),
        (lambda: toy(delays={}), "needs either delays or shares"),
        (lambda: toy(shares=toy().shares | {"notice": (0.5, 0.4)}), "they must sum to 1"),
        (lambda: toy(shares=toy().shares | {"fin": (1.0,)}), "did you mean 'fine'"),
    ],
)
def test_a_timing_that_cannot_be_is_refused(make, words: str) -> None:
    """Delays and shares that do not cover each line once, or do not sum, are refused."""
    with pytest.raises(ValueError, match=words):
        make()
