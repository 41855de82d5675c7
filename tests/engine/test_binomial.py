"""Laws of counts by inversion: the steps of the distribution function stand where they should."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from breach_sim.engine.draws.binomial import CHUNK, FEW, binomial_quantile
from breach_sim.engine.draws.streams import uniforms

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=150)
STEP, GRID = 1e-11, 2.0**-49
"""Stated accuracy: relative to the smaller of F and 1 - F, and at least."""
LARGEST = 1 - 2.0**-53
FACTORIALS = 1_000
"""Below, factorials are whole numbers; above, Stirling's series is right to 40 digits."""


def one(chance: float, number: int, probability: float) -> int:
    """Return a single count."""
    return int(binomial_quantile(np.array([chance]), np.array([number]), np.array([probability]))[0])


def steps_stand(number: int, probability: float, count: int, below: float, above: float) -> None:
    """Check the step from a count to the next, whose probabilities of at most and of more are given."""
    room = STEP * min(below, above) + GRID
    if below - room > 0:
        assert one(below - room, number, probability) <= count
    if below + room < 1:
        assert one(min(below + room, LARGEST), number, probability) > count


def exact(number: int, probability: float) -> Iterator[tuple[int, float, float]]:
    """Yield each count with the probability of at most it, and of more, in whole numbers."""
    p = Fraction(probability)
    whole, part = p.denominator, p.numerator
    term, total, all_of_it = (whole - part) ** number, 0, whole**number
    for k in range(number):
        total += term
        yield k, total / all_of_it, (all_of_it - total) / all_of_it
        term = term * (number - k) * part // ((k + 1) * (whole - part))


@pytest.mark.parametrize(
    "probability", [1 / 1024, 1 / 16, 1 / 4, 15 / 32, 1 / 2, 17 / 32, 7 / 8, 1023 / 1024]
)
@pytest.mark.parametrize("number", [1, 2, 7, 20, 45, 100, 400])
def test_every_step_of_few_trials_is_that_of_whole_numbers(number: int, probability: float) -> None:
    """For up to 400 trials each step of the count is at F(k), computed in whole numbers, within 1e-11."""
    for count, below, above in exact(number, probability):
        if below > 2.0**-47 and above > 2.0**-47:
            steps_stand(number, probability, count, below, above)


def tails(number: int, probability: float, count: int) -> tuple[float, float]:
    """Return P(count <= k) and P(count > k) of many trials: Stirling in 60 digits, then sums of quotients."""
    with localcontext() as context:
        context.prec = 60
        p, n, k = Decimal(probability), Decimal(number), Decimal(count)
        turn = Decimal("6.283185307179586476925286766559005768394338798750211641949889")

        def log_factorial(x: Decimal) -> Decimal:
            if x < FACTORIALS:
                return Decimal(math.factorial(int(x))).ln()
            more = sum(
                Decimal(c) / d / x**e
                for c, d, e in [(1, 12, 1), (-1, 360, 3), (1, 1260, 5), (-1, 1680, 7), (1, 1188, 9)]
            )
            return x * x.ln() - x + (turn * x).ln() / 2 + more

        log = log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k * p.ln() + (n - k) * (1 - p).ln()
        here = Fraction(log.exp())
    ratio = Fraction(probability)
    odds, unit = ratio / (1 - ratio), 1 << 130
    up, down = odds.numerator, odds.denominator
    mean = number * probability
    # The sum of the nearer tail; the other is the rest.
    total = term = here.numerator * unit // here.denominator
    k = count
    if count < mean:
        while term > total >> 70:
            term = term * (k * down) // ((number - k + 1) * up)
            total, k = total + term, k - 1
        return total / unit, (unit - total) / unit
    total = 0
    while k == count or term > total >> 70:
        term = term * ((number - k) * up) // ((k + 1) * down)
        total, k = total + term, k + 1
    return (unit - total) / unit, total / unit


@pytest.mark.parametrize("score", [-7.5, -4.0, -2.0, -0.5, 0.0, 1.0, 3.0, 7.0])
@pytest.mark.parametrize(
    ("number", "mean"),
    [
        (10**6, 11.0),
        (10**13, 30.0),
        (10**5, 1_000.0),
        (5 * 10**7, 4_000.0),
        (10**13, 2e5),
        (10**7, 3e6),
        (10**13, 1e9),
        pytest.param(10**13, 4e12, marks=pytest.mark.slow),
    ],
)
def test_steps_of_many_trials_are_those_of_sixty_digits(number: int, mean: float, score: float) -> None:
    """For up to 10^13 trials the step from k to k + 1 is at F(k), computed in 60 digits, within 1e-11."""
    probability = mean / number
    count = round(mean + score * math.sqrt(mean * (1 - probability)))
    if count > 0 or mean > 100:
        count = max(count, 1)
        below, above = tails(number, probability, count)
        if min(below, above) > 2.0**-47:
            steps_stand(number, probability, count, below, above)


@given(
    st.integers(0, 10**7),
    st.one_of(
        st.floats(0, 1),
        st.floats(-12, 0).map(lambda x: 10.0**x),
        st.floats(-12, 0).map(lambda x: 1 - 10.0**x),
    ),
    st.integers(0, 2**53 - 1).map(lambda i: min((i + 0.5) * 2.0**-53, LARGEST)),
)
@LAW
def test_a_count_is_the_quantile_of_scipy(number: int, probability: float, chance: float) -> None:
    """The count is the smallest k with F(k) >= u by SciPy's distribution function, to 1e-9 of its step."""
    count = one(chance, number, probability)
    assert 0 <= count <= number
    law = stats.binom(number, probability)
    room = 1e-9 * min(chance, 1 - chance) + GRID
    assert law.cdf(count) >= chance - room
    assert law.cdf(count - 1) < chance + room


@pytest.mark.parametrize("number", [3, 40, 10**6, 10**13])
def test_a_count_rises_with_its_uniform_number(number: int) -> None:
    """More u never gives less, for means on both sides of every change of method, 4,000 neighbors each."""
    for mean in (0.01, 1.0, FEW * (1 - 1e-9), FEW * (1 + 1e-9), 300.0, 1e6, number / 2, number - 2.5):
        if 0 < mean < number:
            chance = np.sort(uniforms(3, "rise", str(mean), size=4_000))
            counts = binomial_quantile(chance, np.array([number]), np.array([mean / number]))
            assert np.all(np.diff(counts) >= 0)


@given(st.integers(0, 10**13), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**53 - 1))
@LAW
def test_a_count_rises_with_its_probability(number: int, one_p: float, other_p: float, i: int) -> None:
    """With the same uniform number more probability never gives less."""
    chance = min((i + 0.5) * 2.0**-53, LARGEST)
    low, high = sorted([one_p, other_p])
    assert one(chance, number, low) <= one(chance, number, high)


@pytest.mark.parametrize("middle", [FEW / 1e6, 0.5, 1 - FEW / 1e6, 1e-3])
def test_neighbors_in_probability_do_not_fall(middle: float) -> None:
    """Across every change of method the counts rise with p, 8,001 values at each of 50 uniform numbers."""
    probability = middle * (1 + 1e-6 * np.arange(-4_000, 4_001))
    for chance in uniforms(4, "neighbors", size=50):
        counts = binomial_quantile(np.array([chance]), np.array([10**6]), probability)
        assert np.all(np.diff(counts) >= 0)


def test_edges_are_exact() -> None:
    """No trials or no probability give 0, certainty gives all; the ends of the unit interval stay inside."""
    ends = np.array([2.0**-54, 0.5, LARGEST])
    for number in (0, 1, 17, 10**13):
        assert [0] * 3 == binomial_quantile(ends, np.array([number]), np.array([0.0])).tolist()
        assert [number] * 3 == binomial_quantile(ends, np.array([number]), np.array([1.0])).tolist()
        for p in (5e-324, 1e-300, 1e-15, 0.3, 0.5, 0.7, 1 - 2.0**-53):
            counts = binomial_quantile(ends, np.array([number]), np.array([p]))
            assert np.all((counts >= 0) & (counts <= number) & (np.diff(counts, prepend=0) >= 0))


def test_one_trial_is_a_coin() -> None:
    """With one trial the count is 1 exactly where u exceeds 1 - p."""
    chance = uniforms(5, "coin", size=5_000)
    assert binomial_quantile(chance, np.array([1]), np.array([0.25])).tolist() == (chance > 0.75).tolist()


def test_shapes_and_chunks_change_nothing() -> None:
    """A count depends on its own three numbers: not on shape, order or company."""
    size = 2 * CHUNK + 77
    chance = uniforms(6, "company", size=size)
    number = np.arange(size) % 5_000
    probability = uniforms(6, "p", size=size)
    whole = binomial_quantile(chance, number, probability)
    assert np.dtype(np.int64) == whole.dtype
    parts = [binomial_quantile(chance[i::3], number[i::3], probability[i::3]) for i in range(3)]
    assert all(whole[i::3].tolist() == part.tolist() for i, part in enumerate(parts))
    square = [x[: 2 * CHUNK].reshape(-1, 64).T for x in (chance, number, probability)]
    assert whole[: 2 * CHUNK].tolist() == binomial_quantile(*square).T.reshape(-1).tolist()


@pytest.mark.parametrize(
    ("number", "probability"), [(1_000, 0.003), (500, 0.4), (10**7, 0.2), (10**13, 1e-12), (3_000, 0.999)]
)
def test_many_counts_have_mean_and_variance_of_the_law(number: int, probability: float) -> None:
    """Mean and variance of 100,000 counts are n p and n p (1 - p) within 4 standard errors (seed 7)."""
    size = 100_000
    counts = binomial_quantile(
        uniforms(7, "moments", str(number), size=size), np.array([number]), np.array([probability])
    ).astype(np.float64)
    variance = number * probability * (1 - probability)
    assert abs(counts.mean() - number * probability) <= 4 * math.sqrt(variance / size)
    fourth = float(stats.binom(number, probability).stats("k")) + 2
    assert abs(counts.var() - variance) <= 4 * variance * math.sqrt(fourth / size)
