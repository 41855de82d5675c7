"""Laws of sums of heavy-tailed losses: exact while few, right in mean and in distribution when many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.severity import EXACT, draw_losses, moments, truncated_moments

Array = NDArray[np.float64]
R = 12_000
LEAST_P = 1e-4
"""p of the two-sided Kolmogorov-Smirnov test below which laws differ: 4 standard errors are 6e-5."""


def chances(seed: int, size: int) -> Array:
    """Return the uniform numbers of one attack in one segment."""
    return uniforms(seed, "severity", size=size * (EXACT + 1)).reshape(size, EXACT + 1)


def engine(n: int, sigma: float, size: int = R, mean: float = 1_000.0, seed: int = 1) -> Array:
    """Return sums of n losses as the engine draws them."""
    return draw_losses(chances(seed, size), np.full(size, n), np.full(size, mean), np.full(size, sigma))


def brute(n: int, sigma: float, size: int = R, mean: float = 1_000.0, seed: int = 2) -> Array:
    """Return sums of n lognormal losses, one by one."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.lognormal(math.log(mean) - sigma**2 / 2, sigma, (len(chunk), n)).sum(axis=1)
        for chunk in np.array_split(np.arange(size), 20)
    ]
    return np.concatenate(parts)


@pytest.mark.parametrize("sigma", [1.6, 2.0])
@pytest.mark.parametrize("n", [1, 5, 16, 17, 20, 100, 766])
def test_sums_have_the_law_of_brute_force(n: int, sigma: float) -> None:
    """Sums have the distribution of losses drawn one by one (KS); a 10 % error would be seen."""
    ours, theirs = engine(n, sigma), brute(n, sigma)
    assert stats.ks_2samp(ours, theirs).pvalue > LEAST_P
    if n >= 5:
        assert stats.ks_2samp(1.1 * ours, theirs).pvalue < LEAST_P


@pytest.mark.parametrize("sigma", [1.6, 2.0])
@pytest.mark.parametrize("n", [5, 17, 100, 766])
def test_capped_means_are_those_of_brute_force(n: int, sigma: float) -> None:
    """The mean of sums capped at their 95 % quantile is that of brute force within 4 se."""
    ours, theirs = engine(n, sigma), brute(n, sigma)
    cap = float(np.quantile(theirs, 0.95))
    a, b = np.minimum(ours, cap), np.minimum(theirs, cap)
    error = math.sqrt(a.var() / len(a) + b.var() / len(b))
    assert abs(a.mean() - b.mean()) <= 4 * error
    assert 4 * error < 0.1 * b.mean()
    if n >= 100:
        assert 4 * error < 0.05 * b.mean()


@pytest.mark.parametrize("n", [1, 16, 17, 100, 5_000])
def test_mean_and_variance_at_a_mild_shape(n: int) -> None:
    """At sigma 0.5 mean and variance are n m and n m^2 (exp(s^2) - 1), within 4 se."""
    drawn = engine(n, 0.5, 20_000)
    variance = n * 1e6 * math.expm1(0.25)
    assert abs(drawn.mean() - n * 1_000) <= 4 * math.sqrt(variance / len(drawn))
    spread = (drawn - drawn.mean()) ** 2
    assert abs(spread.mean() - variance) <= 4 * spread.std() / math.sqrt(len(drawn))


def test_tails_are_not_cut() -> None:
    """The share of sums above the 99.5 % quantile of brute force is 0.5 % within 4 se."""
    theirs = brute(766, 2.0, 8_000, seed=5)
    level = float(np.quantile(theirs, 0.995))
    above = np.array([np.mean(x > level) for x in (engine(766, 2.0, 40_000), theirs)])
    assert abs(above[0] - above[1]) <= 4 * math.sqrt(0.005 * 0.995 * (1 / 40_000 + 1 / 8_000))


@pytest.mark.parametrize("n", [1, 2, 15, 16])
def test_up_to_sixteen_losses_are_exact(n: int) -> None:
    """Up to 16 losses no normal law is used: the seventeenth uniform number changes nothing."""
    plain = chances(3, 200)
    other = plain.copy()
    other[:, EXACT] = 1 - 2.0**-53

    def drawn(rows: Array, count: int) -> list[float]:
        return draw_losses(rows, np.full(200, count), np.full(200, 5.0), np.full(200, 2.0)).tolist()

    assert drawn(plain, n) == drawn(other, n)
    pairs = list(zip(drawn(plain, 17), drawn(other, 17), strict=True))
    assert all(a <= b for a, b in pairs)
    assert any(a < b for a, b in pairs)
    assert 16 == EXACT


@settings(derandomize=True, deadline=None, max_examples=40)
@given(score=st.floats(-5, 7), sigma=st.floats(0.05, 3))
def test_truncated_moments_equal_numerical_integration(score: float, sigma: float) -> None:
    """Mean and standard deviation below a quantile equal numerical integration."""

    def moment(power: int) -> float:
        def part(z: float) -> float:
            return math.exp(power * (sigma * z - sigma**2 / 2) - z * z / 2) / math.sqrt(2 * math.pi)

        low = min(score, power * sigma) - 12
        middle = min(score, power * sigma)
        left = integrate.quad(part, low, middle, epsabs=0, epsrel=1e-11, limit=400)[0]
        right = (
            integrate.quad(part, middle, score, epsabs=0, epsrel=1e-11, limit=400)[0]
            if score > middle
            else 0.0
        )
        return left + right

    whole = moment(0)
    mean, spread = truncated_moments(np.array([score]), np.array([sigma]))
    first, second = moment(1) / whole, moment(2) / whole
    assert pytest.approx(first, rel=1e-7) == float(mean[0])
    assert pytest.approx(second - first**2, rel=1e-5, abs=1e-7 * second) == float(spread[0]) ** 2


def test_zero_victims_lose_exactly_nothing() -> None:
    """No victims, or a mean of nil, lose exactly 0, next to others who lose."""
    victims = np.array([0, 3, 0, 1_000, 5])
    mean = np.array([9.0, 9.0, 0.0, 9.0, 0.0])
    drawn = draw_losses(chances(0, 5), victims, mean, np.full(5, 2.0))
    assert [True, False, True, False, True] == (drawn == 0.0).tolist()
    assert [0.0] * 3 == draw_losses(chances(0, 3), np.zeros(3, int), np.ones(3), np.ones(3)).tolist()


def test_a_replicate_reads_its_own_row() -> None:
    """The loss of a replicate depends on its own victims and uniform numbers, not on those of others."""
    rows, victims = chances(4, 300), np.arange(300) % 40
    mean, sigma = np.full(300, 9.0), np.full(300, 2.0)
    whole = draw_losses(rows, victims, mean, sigma)
    some = np.arange(300) % 3 == 1
    assert draw_losses(rows, np.where(some, victims, 0), mean, sigma)[some].tolist() == whole[some].tolist()
    assert draw_losses(rows[some], victims[some], mean[some], sigma[some]).tolist() == whole[some].tolist()


@pytest.mark.parametrize("n", [1, 16, 17, 100, 10**12])
def test_sigma_zero_gives_n_times_the_mean(n: int) -> None:
    """Without spread the sum is n times the mean."""
    assert np.allclose(n * 7.0, engine(n, 0.0, 50, 7.0), rtol=1e-12, atol=0)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(n=st.integers(1, 10**13), sigma=st.floats(0, 3), seed=st.integers(0, 1_000))
def test_sums_are_finite_and_positive(n: int, sigma: float, seed: int) -> None:
    """Any number of victims loses a finite amount above 0, in proportion to the mean."""
    one, ten = (engine(n, sigma, 20, mean, seed) for mean in (1.0, 10.0))
    assert np.all(np.isfinite(one))
    assert np.all(one > 0)
    assert np.allclose(10 * one, ten, rtol=1e-12)


def test_moments_of_a_loss() -> None:
    """E X is the mean and E X^2 is mean^2 exp(sigma^2)."""
    first, second = moments(np.array([3.0]), np.array([0.7]))
    sample = np.random.default_rng(0).lognormal(math.log(3) - 0.245, 0.7, 400_000)
    for wanted, found in ((sample, first), (sample**2, second)):
        assert abs(wanted.mean() - float(found[0])) <= 4 * wanted.std() / math.sqrt(len(wanted))
        assert 4 * wanted.std() / math.sqrt(len(wanted)) < 0.05 * float(found[0])


def test_no_warning_at_sigma_zero() -> None:
    """Few victims without spread draw no warning, however many replicates."""
    with np.errstate(invalid="raise"):
        engine(1, 0.0, 300_000)
