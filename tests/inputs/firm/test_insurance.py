"""Layers of insurance are exact on every draw, and no cost is paid twice."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.inputs.firm.insurance import COVERED, Layer, Program

COSTS = {"notice": np.array([1.0, 5.0, 0.0]), "settlement": np.array([0.0, 20.0, 100.0])}


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Stacked layers with random limits, coinsurance, sublimits and aggregate."""
    layers, start = [], 0.0
    for number in range(draw(st.integers(1, 4))):
        start += draw(st.floats(0, 20))
        limit = draw(st.one_of(st.floats(0.1, 50), st.just(math.inf)))
        sublimits = draw(st.dictionaries(st.sampled_from(COVERED), st.floats(0, 40), max_size=2))
        layers.append(
            Layer(
                name=f"layer {number}",
                retention=start,
                limit=limit,
                coinsurance=draw(st.floats(0, 0.9)),
                lines=tuple(draw(st.lists(st.sampled_from(COVERED), max_size=3, unique=True))),
                sublimits=sublimits,
            )
        )
        if math.isinf(limit):
            break
        start += limit
    return Program(layers=tuple(layers), aggregate=draw(st.one_of(st.floats(1, 80), st.just(math.inf))))


@given(programs(), st.lists(st.tuples(*[st.floats(0, 1e3)] * len(COVERED)), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_net_and_ceded_make_the_ground_up_cost_and_net_is_never_negative(
    program: Program, rows: list[tuple[float, ...]]
) -> None:
    """Net is what no layer pays: 0 or more on every draw, and never more than the ground-up cost."""
    lines = {line: np.array([row[i] for row in rows]) for i, line in enumerate(COVERED)}
    ground_up = np.sum(list(lines.values()), axis=0)
    ceded = np.sum(list(program.ceded([lines]).values()), axis=0)
    net = ground_up - ceded
    assert (net >= -1e-9 * (1 + ground_up)).all()
    assert (ceded >= 0).all()
    assert (ceded <= program.aggregate * (1 + 1e-12)).all()
    np.testing.assert_allclose(net + ceded, ground_up, rtol=1e-9)


def test_a_layer_pays_the_part_above_its_retention_up_to_its_limit() -> None:
    """Of 1, 25 and 100 a layer of 50 above 10 pays 0, 15 and 50."""
    paid = Layer(name="first", retention=10, limit=50).pays(COSTS)
    assert paid.tolist() == [0.0, 15.0, 50.0]


def test_coinsurance_and_sublimit_reduce_what_is_paid() -> None:
    """With a sublimit of 30 on settlements and a fifth of its own, 100 gives 0.8 x 20."""
    layer = Layer(name="first", retention=10, limit=50, coinsurance=0.2, sublimits={"settlement": 30})
    assert layer.pays(COSTS).tolist() == pytest.approx([0.0, 0.8 * 15, 0.8 * 20])


def test_a_layer_of_some_lines_pays_for_them_alone() -> None:
    """A layer for notice does not pay for settlements."""
    assert Layer(name="notice", lines=("notice",)).pays(COSTS).tolist() == [1.0, 5.0, 0.0]


def test_an_aggregate_holds_over_all_events_of_a_year() -> None:
    """Two events of 15 and 50 under an aggregate of 60: every layer pays the same share less."""
    program = Program(layers=(Layer(name="first", retention=10, limit=50),), aggregate=60)
    assert program.ceded([COSTS, COSTS])["first"].tolist() == [0.0, 30.0, 60.0]


def test_with_no_limits_and_no_retention_all_is_ceded_and_a_huge_retention_cedes_nothing() -> None:
    """The two ends: everything and nothing."""
    everything = Program(layers=(Layer(name="all"),)).ceded([COSTS])["all"]
    assert everything.tolist() == [1.0, 25.0, 100.0]
    assert Program(layers=(Layer(name="far", retention=1e12),)).ceded([COSTS])["far"].tolist() == [0.0] * 3


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Layer(name="a", retention=-1), "retention of layer 'a' is -1; it must be 0 USD or more"),
        (lambda: Layer(name="a", limit=0), "limit of layer 'a' is 0; it must be above 0 USD"),
        (lambda: Layer(name="a", coinsurance=1), "coinsurance of layer 'a' is 1"),
        (lambda: Layer(name="a", lines=("notise",)), "did you mean 'notice'"),
        (lambda: Layer(name="a", sublimits={"fine": -1}), "sublimit of fine in layer 'a' is -1"),
        (lambda: Program(layers=()), "the program has no layer"),
        (lambda: Program(layers=(Layer(name="a", limit=1),), aggregate=0), "aggregate is 0"),
        (lambda: Program(layers=(Layer(name="a", limit=1), Layer(name="a", retention=1))), "names must"),
        (
            lambda: Program(layers=(Layer(name="a", limit=10), Layer(name="b", retention=5))),
            "layers 'a', 'b' together pay 200% of cost from 5 to 10 USD",
        ),
    ],
)
def test_bad_layers_are_refused_with_value_and_rule(make: object, sentence: str) -> None:
    """A layer that cannot be meant is refused, with its name, value and rule."""
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        make()  # type: ignore[operator]
