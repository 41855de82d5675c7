"""Laws of ranks, of the probability of being worse, and of Kendall's tau."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.analysis.leagues.order import intervals, ranks, tau, tau_over, worse

values = st.lists(st.lists(st.integers(0, 4).map(float), min_size=6, max_size=6), min_size=1, max_size=7).map(
    np.array
)
"""Harm of a few breaches in six replicates, with many ties."""


@given(values)
def test_a_rank_counts_the_worse(harm: np.ndarray) -> None:
    """The rank of a breach is one more than the number of breaches with larger harm, counted one by one."""
    found = ranks(harm)
    for place in range(len(harm)):
        for column in range(harm.shape[1]):
            assert found[place, column] == 1 + sum(own[column] > harm[place, column] for own in harm)
    assert (ranks(harm[:, 0]) == found[:, 0]).all()


@given(values)
def test_an_interval_holds_nine_tenths_of_the_ranks(harm: np.ndarray) -> None:
    """Both ends are ranks that occur, and at least 90 % of the replicates lie between them."""
    found = ranks(harm)
    for own, (low, high) in zip(found, intervals(found), strict=True):
        assert {low, high} <= set(own.tolist())
        assert np.mean((own >= low) & (own <= high)) >= 0.9


@given(values)
def test_being_worse_is_counted_pair_by_pair(harm: np.ndarray) -> None:
    """It is the share of replicates with more harm, ties for half; both ways sum to 1."""
    one, other = harm[0], harm[-1]
    counted = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in zip(one, other, strict=True))
    assert worse(one, other) == pytest.approx(counted / len(one))
    assert worse(one, other) + worse(other, one) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=8))
@settings(deadline=None)  # the first call loads SciPy
def test_tau_is_that_of_the_pairs(points: list[tuple[int, int]]) -> None:
    """Kendall's tau-b agrees with a count of concordant, discordant and tied pairs."""
    pairs = [(p, q) for i, p in enumerate(points) for q in points[:i]]
    agree = sum(np.sign((a - c) * (b - d)) for (a, b), (c, d) in pairs)
    first = sum(a != c for (a, _), (c, _) in pairs)
    second = sum(b != d for (_, b), (_, d) in pairs)
    found = tau([a for a, _ in points], [b for _, b in points])
    if not first or not second:
        assert found is None
    else:
        assert found == pytest.approx(agree / np.sqrt(first * second))


def test_tau_needs_two_breaches() -> None:
    """One breach, or equal ones, have no order to compare, over replicates either."""
    assert tau([1.0], [2.0]) is None
    assert tau_over(np.ones((3, 4)), np.arange(3.0)) is None
    assert tau_over(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([1.0, 2.0])) == pytest.approx((-0.9, 0.9))
