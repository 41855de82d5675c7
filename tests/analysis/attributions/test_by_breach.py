"""Laws of the split between breaches, of what is only together, and of the bounds of overlaps."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from support import reference_breaches as twin
from support import unions, worlds

from breach_sim.analysis.attributions.by_breach import (
    bounds_of_harm,
    breach_values,
    only_together,
    split_by_breach,
)
from breach_sim.catalog.unions import union_of
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Withheld
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

U = 10_000
GIVEN = {("a", "b"): 0.6, ("b", "c"): 0.7}
WORDS = {"loss_usd": "loss", "people": "people"}


def run(union: Scenario, replicates: int = 3) -> Impact:
    """Return an impact of a union."""
    return simulate(union, unions.graph(), replicates=replicates, seed=3, horizon_years=unions.YEARS)


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Return the impact of three breaches."""
    return run(union_of(unions.three(), universe=U, overlap=GIVEN))


@pytest.mark.parametrize("of", ["loss_usd", "people"])
def test_shares_are_those_of_the_twin(impact: Impact, of: str) -> None:
    """The Shapley value of every breach, scales and factors held, agrees with the twin to 1e-9."""
    wanted = twin.shapley(unions.for_twin(unions.three(), unions.graph(), U, GIVEN))
    found = breach_values(impact, of)
    for name, harm in wanted.items():
        assert found[name] == pytest.approx(np.full(3, harm[WORDS[of]]), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("of", ["loss_usd", "people"])
def test_only_together_is_that_of_the_twin(impact: Impact, of: str) -> None:
    """The harm of routes that no single breach makes known agrees with the twin to 1e-8, and is above 0."""
    wanted = twin.expected_union(unions.for_twin(unions.three(), unions.graph(), U, GIVEN))["only_together"]
    found = only_together(impact, of)
    assert found == pytest.approx(np.full(3, wanted[WORDS[of]]), rel=1e-8)
    assert wanted[WORDS[of]] > 1


def test_shares_sum_to_the_expected_harm(impact: Impact) -> None:
    """In every replicate the shares of the breaches sum to the expected loss of the run."""
    total = sum(breach_values(impact).values(), np.zeros(1))
    assert total == pytest.approx(impact.expected_loss(), rel=1e-12)
    table = split_by_breach(impact)
    assert list(table.index[-2:]) == ["total", "only together"]
    assert table["share"].iloc[:-2].sum() == pytest.approx(1.0)
    assert table.loc["total", "mean"] == pytest.approx(float(impact.expected_loss().mean()))
    assert (np.diff(table["mean"].iloc[:-2]) <= 0).all()


def test_breaches_without_a_common_person_do_nothing_together() -> None:
    """Without a common person each breach has its own harm as its share, and nothing is only together."""
    whole = run(union_of(unions.three(), universe=20_000, overlap=0.0))
    assert only_together(whole) == pytest.approx(np.zeros(3), abs=1e-9)
    assert only_together(whole, "people") == pytest.approx(np.zeros(3), abs=1e-9)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_the_order_of_breaches_changes_nothing(impact: Impact, order: tuple[int, ...]) -> None:
    """Counts, losses and shares are the same in whatever order the breaches are named."""
    own = unions.three()
    turned = {("c", "b"): 0.7, ("b", "a"): 0.6}
    other = run(union_of([own[i] for i in order], universe=U, overlap=turned))
    assert (other.loss == impact.loss).all()
    assert (other.people == impact.people).all()
    found = breach_values(other)
    for name, values in breach_values(impact).items():
        assert found[name] == pytest.approx(values, rel=1e-12)


def test_other_names_change_nothing() -> None:
    """Expected harm and shares do not depend on what the breaches are called."""
    renamed = {"a": "z", "b": "y", "c": "x"}
    own = [dataclasses.replace(each, name=renamed[each.name]) for each in unions.three()]
    given = {(renamed[a], renamed[b]): share for (a, b), share in GIVEN.items()}
    # The segments named in events keep their names; only the breaches have others.
    other = breach_values(run(union_of(own, universe=U, overlap=given)))
    first = breach_values(run(union_of(unions.three(), universe=U, overlap=GIVEN)))
    for name, values in first.items():
        assert other[renamed[name]] == pytest.approx(values, rel=1e-10)


def test_a_single_breach_is_not_split() -> None:
    """A scenario of one breach, and an unknown measure, are refused."""
    alone = simulate(unions.three()[0], unions.graph(), replicates=2, seed=1, horizon_years=1)
    with pytest.raises(ValueError, match=r"scenario 'a' is a single breach; combine it with others"):
        split_by_breach(alone)
    with pytest.raises(ValueError, match=r"unknown measure 'loss' in of"):
        split_by_breach(run(union_of(unions.three(), universe=U)), of="loss")


def test_only_together_is_of_breaches_as_they_were() -> None:
    """Fields that a what-if withholds everywhere are refused, because they belong to no breach."""
    union = union_of(unions.three(), universe=U)
    share = Estimate.fixed("x", 0.5, "share")
    segments = tuple(dataclasses.replace(s, withheld=(Withheld(share=share),)) for s in union.segments)
    with pytest.raises(ValueError, match="fields that no breach stored"):
        only_together(run(dataclasses.replace(union, segments=segments)))


# Bounds ----------------------------------------------------------------------------------------------


def test_bounds_stand_beside_the_answer() -> None:
    """People at every kind of overlap are those of the table, and the harm stands beside them."""
    union = union_of(unions.three(), universe=U, overlap=GIVEN)
    frame = bounds_of_harm(union, unions.graph(), seed=3, replicates=2, horizon_years=1.0, harm=True)
    assert list(frame.index) == ["lowest", "independent", "given", "highest"]
    assert frame["a & b"].tolist() == [0.0, 0.4, 0.6, 1.0]
    assert frame.loc["independent", "people"] == pytest.approx(U * (1 - 0.6 * 0.8 * 0.5))
    assert frame.loc["highest", "people"] == pytest.approx(5_000)
    given = simulate(union, unions.graph(), replicates=2, seed=3, horizon_years=1.0)
    assert frame.loc["given", "loss_usd"] == pytest.approx(float(given.expected_loss().mean()))


def test_bounds_that_no_persons_can_have_are_missing() -> None:
    """Three breaches that fill more than the universe cannot all be apart: the row says so."""
    own = unions.three()
    union = union_of(own, universe=U)
    frame = bounds_of_harm(union, unions.graph(), seed=3, replicates=2, horizon_years=1.0, harm=False)
    assert np.isnan(frame.loc["lowest", "people"])
    assert any("where they are lowest" in note for note in frame.attrs["notes"])
    one = worlds.scenario([worlds.segment("s", 10, [])])
    with pytest.raises(ValueError, match="is a single breach"):
        bounds_of_harm(one, unions.graph(), seed=1, replicates=2, horizon_years=1.0, harm=False)
