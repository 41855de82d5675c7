"""Laws of insurance on a run: ground-up is net and ceded, draw by draw, and no layer means no cession."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import breach_sim as bs
from breach_sim.inputs.firm.insurance import COVERED

RUN = bs.simulate("tmobile-2021-stated", replicates=256, seed=3, elsewhere=None)


@st.composite
def programs(draw: st.DrawFn) -> bs.Program:
    """Stacked layers with random limits, coinsurance, sublimits and aggregate."""
    layers, start = [], 0.0
    for number in range(draw(st.integers(1, 4))):
        start += draw(st.floats(0, 1e9))
        limit = draw(st.floats(1e3, 2e9))
        sublimits = draw(st.dictionaries(st.sampled_from(COVERED), st.floats(0, 1e8), max_size=3))
        lines = tuple(draw(st.lists(st.sampled_from(COVERED), max_size=4, unique=True)))
        layers.append(
            bs.Layer(
                name=f"layer {number}",
                retention=start,
                limit=limit,
                coinsurance=draw(st.floats(0, 0.9)),
                lines=lines,
                sublimits=sublimits,
            )
        )
        start += limit
    return bs.Program(layers=tuple(layers), aggregate=draw(st.one_of(st.floats(1e3, 3e9), st.just(math.inf))))


@given(programs())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_net_and_ceded_sum_to_the_ground_up_cost(program: bs.Program) -> None:
    """For random programs net plus what every layer pays is the ground-up cost to 1e-9; none is below 0."""
    found = bs.insured(RUN, program)
    total = found.net + sum(found.by_layer.values())
    np.testing.assert_allclose(total, found.ground_up, rtol=1e-9)
    assert all((paid >= 0).all() for paid in found.by_layer.values())
    assert (found.net >= -1e-9 * found.ground_up).all()
    assert (found.ceded <= program.aggregate * (1 + 1e-9)).all()


def test_the_ground_up_cost_is_the_ledger_without_insurance() -> None:
    """Ground-up cost is every line of the ledger but what the model takes insurance to pay."""
    lines = RUN.firm_lines
    by_hand = sum(cost for line, cost in lines.items() if line != "insurance_recovery")
    found = bs.insured(RUN, bs.Program(layers=(bs.Layer(name="a", retention=1e5),)))
    np.testing.assert_allclose(found.ground_up, by_hand, rtol=1e-12)
    np.testing.assert_allclose(found.net, np.minimum(by_hand, 1e5), rtol=1e-9)


def test_nothing_is_ceded_above_every_cost() -> None:
    """A retention above the largest cost cedes nothing: net is ground-up."""
    found = bs.insured(RUN, bs.Program(layers=(bs.Layer(name="a", retention=1e15, limit=1e16),)))
    assert not found.ceded.any()
    np.testing.assert_array_equal(found.net, found.ground_up)


def test_the_table_and_the_curve_are_of_the_draws() -> None:
    """Rows of the table are quantiles of the draws, and the curve is that of the net cost."""
    found = bs.insured(RUN, bs.Program(layers=(bs.Layer(name="a", retention=1e7, limit=1e8),)))
    table = found.table()
    assert list(table.index) == ["ground-up", "a", "ceded", "net"]
    assert table.loc["net", "mean"] == pytest.approx(found.net.mean())
    assert table.loc["a", "above_0"] == pytest.approx((found.by_layer["a"] > 0).mean())
    curve = found.exceedance((0.5, 0.05))["var_usd"]
    assert curve[0.5] == np.median(found.net)
    assert "net" in repr(found)


def test_without_a_ledger_insurance_is_refused_with_the_reason() -> None:
    """A run of too few people, or without numbers of a firm, has nothing to insure and says why."""
    program = bs.Program(layers=(bs.Layer(name="a"),))
    small = bs.load_scenario("stated").scaled(100)
    with pytest.raises(ValueError, match="100 are notified"):
        bs.insured(bs.simulate(small, replicates=5), program)
    bare = dataclasses.replace(RUN, firm=None)
    with pytest.raises(ValueError, match="firm=load_firm"):
        bs.insured(bare, program)
