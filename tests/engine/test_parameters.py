"""Laws of drawing parameters: by name, once, and read-only."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

import breach_sim as bs
from breach_sim.catalog import load_posterior
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.inputs.numbers.estimates import Estimate


def number(name: str, high: float = 3.0) -> Estimate:
    """Return an uncertain number."""
    return Estimate(
        name=name,
        kind="pert",
        low=1.0,
        mode=2.0,
        high=high,
        unit="days",
        status="assumed",
        sources=("s",),
        note="n",
    )


def test_a_parameter_is_drawn_by_inverse_distribution_function() -> None:
    """The draws are the quantiles of the stream ("parameter", name), nothing else."""
    expected = number("a").ppf(uniforms(9, "parameter", "a", size=100))
    assert expected.tolist() == Parameters(9, 100)(number("a")).tolist()


def test_neither_order_nor_company_moves_a_draw() -> None:
    """Whatever else is drawn, before or after, a parameter keeps its draws."""
    names = ("a", "b", "ab", "c")
    alone = {name: Parameters(9, 50)(number(name)).tolist() for name in names}
    for order in itertools.permutations(names):
        parameters = Parameters(9, 50)
        assert alone == {name: parameters(number(name)).tolist() for name in order}
    assert len({tuple(draws) for draws in alone.values()}) == 4


def test_more_replicates_keep_the_first() -> None:
    """A longer run begins with the shorter one, parameter by parameter."""
    assert Parameters(9, 20)(number("a")).tolist() == Parameters(9, 50)(number("a"))[:20].tolist()


def test_every_parameter_of_the_catalog_keeps_its_draws() -> None:
    """Drawn in reverse order, every parameter of a run has the draws it had in the run."""
    run = bs.simulate("tmobile-2021-stated", replicates=20, seed=3).law.parameters
    again = Parameters(3, 20, posterior=load_posterior())
    for estimate in reversed(run.used):
        assert run(estimate).tolist() == again(estimate).tolist()


def test_asking_twice_gives_the_same_array() -> None:
    """A second question, or an equal estimate, is answered with the first draws."""
    parameters = Parameters(1, 5)
    first = parameters(number("a"))
    assert first is parameters(number("a"))
    assert first is parameters(dataclasses.replace(number("a")))


def test_draws_cannot_be_written() -> None:
    """Draws of every kind are read-only."""
    parameters = Parameters(1, 5, {"b": 3.0, "c": np.arange(5.0)})
    for estimate in (number("a"), number("b"), number("c"), Estimate.fixed("d", 4.0, "days")):
        with pytest.raises(ValueError, match="read-only"):
            parameters(estimate)[0] = 0.0


def test_two_numbers_of_one_name_are_refused() -> None:
    """A second parameter of the same name and other numbers is refused by name."""
    parameters = Parameters(1, 5)
    parameters(number("a"))
    with pytest.raises(ValueError, match="two different parameters are named 'a'; names must differ"):
        parameters(number("a", high=4.0))


def test_a_certain_number_has_no_spread() -> None:
    """A fixed number is the same in every replicate and of every seed."""
    for seed in (1, 2):
        assert Parameters(seed, 3)(Estimate.fixed("d", 4.0, "days")).tolist() == [4.0, 4.0, 4.0]


def test_overrides_replace_the_draws_of_one_name() -> None:
    """An override, one number or one for each replicate, replaces that parameter and no other."""
    given = np.array([5.0, 6.0, 7.0])
    parameters = Parameters(1, 3, {"a": 2.5, "b": given, "d": 9.0})
    assert parameters(number("a")).tolist() == [2.5, 2.5, 2.5]
    assert parameters(number("b")).tolist() == [5.0, 6.0, 7.0]
    assert parameters(Estimate.fixed("d", 4.0, "days")).tolist() == [9.0, 9.0, 9.0]
    assert Parameters(1, 3)(number("c")).tolist() == parameters(number("c")).tolist()
    given[0] = 0.0
    assert parameters(number("b"))[0] == pytest.approx(5.0)


def test_an_override_of_another_length_is_refused() -> None:
    """An override with another number of replicates is refused."""
    with pytest.raises(ValueError, match="broadcast"):
        Parameters(1, 3, {"a": np.arange(4.0)})(number("a"))


def test_what_was_asked_for_is_remembered_in_order() -> None:
    """Used parameters are listed once each, in the order of asking."""
    parameters = Parameters(1, 3)
    for name in ("b", "a", "b", "c"):
        parameters(number(name))
    assert [estimate.name for estimate in parameters.used] == ["b", "a", "c"]


@pytest.mark.parametrize("seed", [-1, True, 1.5, "1"])
def test_a_bad_seed_is_refused_at_once(seed: object) -> None:
    """The seed is checked before anything is drawn."""
    with pytest.raises(ValueError, match=r"seed is .*; it must be a whole number"):
        Parameters(seed, 3)  # type: ignore[arg-type]
