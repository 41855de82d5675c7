"""Laws of standard errors: right on average for plain draws and scrambles, dense values and whole numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, ndtri

from breach_sim.formatting.errors import mean_error, quantile_error

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=100)
LEVELS = (0.05, 0.5, 0.95)
EIGHT = 8


def scrambles(size: int) -> np.ndarray:
    """Return the number of the scramble of each replicate, as the engine deals them."""
    return np.arange(size) % EIGHT


# Means ----------------------------------------------------------------------------------------------------


def test_the_error_of_a_mean_by_hand() -> None:
    """Plain: standard deviation over root R. Scrambles: that of their means over c4 and root 8."""
    draws = np.array([1.0, 4.0, 2.0, 9.0, 3.0, 3.0, 8.0, 0.0])
    assert draws.std(ddof=1) / math.sqrt(8) == pytest.approx(mean_error(draws), rel=1e-12)
    c4 = math.sqrt(2 / 7) * math.gamma(4) / math.gamma(3.5)
    assert 0.9650 == pytest.approx(c4, abs=5e-5)
    twice = np.concatenate([draws - 1.0, draws + 1.0])  # the mean of each scramble is one draw
    assert mean_error(draws) / c4 == pytest.approx(mean_error(twice, scrambles(16)), rel=1e-12)


@pytest.mark.parametrize(
    ("expected", "draws", "scramble"),
    [
        (math.inf, [3.0], None),
        (math.inf, [], None),
        (0.0, [0.1] * 7, None),
        (math.inf, [3.0, 4.0], [2, 2]),
        (0.0, [0.1] * 16, list(range(8)) * 2),
    ],
)
def test_the_error_of_a_mean_at_the_ends(
    expected: float, draws: list[float], scramble: list[int] | None
) -> None:
    """One draw, or one scramble, has no error that could be known; equal draws have exactly none."""
    assert expected == mean_error(np.array(draws), None if scramble is None else np.array(scramble))


def test_errors_of_scrambles_are_right_on_average() -> None:
    """Over 2,000 normal samples the error averages that of the mean (4 se; one has a relative sd of 27 %)."""
    generator = np.random.default_rng(21)
    errors = np.array([mean_error(generator.standard_normal(64), scrambles(64)) for _ in range(2000)])
    assert 1 / 8 == pytest.approx(errors.mean(), rel=4 * 0.273 / math.sqrt(2000))
    assert 0.273 == pytest.approx(errors.std() / errors.mean(), rel=0.1)


def test_replicates_that_depend_on_each_other_are_seen() -> None:
    """Where each scramble is stratified, its error is that of strata and not of plain draws (4 se)."""
    generator = np.random.default_rng(22)
    points, repeats = 32, 400
    found, means = [], []
    for _ in range(repeats):
        draws = (np.arange(points)[:, None] + generator.random((points, EIGHT))) / points
        found.append(mean_error(draws.ravel(), scrambles(points * EIGHT)))
        means.append(draws.mean())
    law = math.sqrt(1 / 12 / points**3 / EIGHT)
    assert law == pytest.approx(np.mean(found), rel=4 * 0.273 / math.sqrt(repeats))
    assert law == pytest.approx(np.std(means), rel=4 / math.sqrt(2 * repeats))
    assert mean_error(draws.ravel()) > 20 * law


def test_the_interval_of_eight_scrambles_covers() -> None:
    """Mean +- 1.83 errors holds the truth in 90 % of 4,000 normal samples (4 se), 1.645 errors in less."""
    generator = np.random.default_rng(23)
    samples = generator.standard_normal((4000, 16))
    off = np.array([abs(s.mean()) / mean_error(s, scrambles(16)) for s in samples])
    assert 0.9 == pytest.approx(np.mean(off <= 1.829), abs=4 * math.sqrt(0.09 / 4000))
    assert np.mean(off <= 1.645) < 0.88


# Quantiles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
def test_quantile_error_is_the_asymptotic_one(level: float) -> None:
    """On normal samples the error averages sqrt(p (1 - p) / n) / density, within a tenth and 4 se."""
    n, repeats = 4000, 200
    generator = np.random.default_rng(11)
    errors = np.array([quantile_error(generator.standard_normal(n), level) for _ in range(repeats)])
    law = math.sqrt(level * (1 - level) / n) / (math.exp(-(ndtri(level) ** 2) / 2) / math.sqrt(2 * math.pi))
    assert law == pytest.approx(errors.mean(), rel=0.1, abs=4 * errors.std() / math.sqrt(repeats))


def test_quantile_error_covers() -> None:
    """The sample median lies within two of its errors of the true one in about 95 % of samples (4 se)."""
    generator = np.random.default_rng(12)
    samples = generator.exponential(size=(1000, 500))
    inside = np.mean([abs(np.median(s) - math.log(2)) <= 2 * quantile_error(s, 0.5) for s in samples])
    assert pytest.approx(inside, abs=0.01 + 4 * math.sqrt(0.95 * 0.05 / 1000)) == 0.95


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.sampled_from([0.05, 0.5, 0.95]))
@LAW
def test_quantile_error_knows_no_order(draws: list[float], level: float) -> None:
    """The error is never negative, ignores the order of the draws and leaves the sample as it was."""
    sample = np.array(draws)
    error = quantile_error(sample, level)
    assert draws == sample.tolist()
    assert error == quantile_error(np.sort(sample)[::-1].copy(), level) >= 0


@pytest.mark.parametrize(("expected", "draws"), [(math.inf, [3.0]), (math.inf, []), (0.0, [3.0] * 50)])
def test_quantile_error_at_the_ends(expected: float, draws: list[float]) -> None:
    """One draw earns nothing; draws that all agree earn everything."""
    assert expected == quantile_error(np.array(draws), 0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_scrambles_of_plain_draws_have_the_errors_of_plain_draws(level: float) -> None:
    """On normal draws dealt to eight scrambles the error averages the asymptotic one (a tenth and 4 se)."""
    n, repeats = 4000, 200
    generator = np.random.default_rng(24)
    errors = np.array(
        [quantile_error(generator.standard_normal(n), level, scrambles(n)) for _ in range(repeats)]
    )
    law = math.sqrt(level * (1 - level) / n) / (math.exp(-(ndtri(level) ** 2) / 2) / math.sqrt(2 * math.pi))
    assert law == pytest.approx(errors.mean(), rel=0.1, abs=4 * errors.std() / math.sqrt(repeats))


@pytest.mark.parametrize("dealt", [False, True])
@pytest.mark.parametrize("mean", [3.0, 12.0])
@pytest.mark.parametrize("level", LEVELS)
def test_errors_of_quantiles_of_whole_numbers(level: float, mean: float, *, dealt: bool) -> None:
    """For Poisson numbers of an uncertain mean the error averages the spread over samples, within 25 %.

    400 samples: the spread has a standard error of 3.5 %. Where the quantile is the same whole number in
    nearly all samples its spread is below a quarter of an account. A sample cannot say that it is so small,
    and the error is larger by at most 0.13 accounts.
    """
    generator = np.random.default_rng(25)
    n, repeats = 1000, 400
    samples = generator.poisson(mean * generator.gamma(4.0, 0.25, (repeats, n)))
    spread = np.quantile(samples, level, axis=1).std(ddof=1)
    errors = [quantile_error(s, level, scrambles(n) if dealt else None) for s in samples]
    assert spread == pytest.approx(np.mean(errors), rel=0.25, abs=0.13)


@pytest.mark.parametrize("level", [0.005, *LEVELS, 0.99])
def test_a_window_of_order_statistics_is_enough(level: float) -> None:
    """For many draws the error is that of all order statistics with the weights of Maritz and Jarrett."""
    draws = np.sort(np.random.default_rng(26).lognormal(sigma=2.0, size=5000))
    weights = np.diff(betainc(5001 * level, 5001 * (1 - level), np.arange(5001) / 5000))
    by_hand = math.sqrt(weights @ (draws - weights @ draws) ** 2)
    assert by_hand == pytest.approx(quantile_error(draws, level), rel=1e-6)


@pytest.mark.parametrize(("level", "far"), [(0.05, 30), (0.05, 55), (0.5, 275)])
def test_a_mirrored_sample_has_the_same_error(level: float, far: int) -> None:
    """Draws turned around have the error of the opposite level, however unlikely the draws that differ."""
    draws = np.zeros(400)
    draws[far:] = 1e6
    error = quantile_error(draws, level)
    assert error == pytest.approx(quantile_error(-draws, 1.0 - level), rel=1e-10)
    assert 0 < error < 5e5


def test_draws_that_differ_by_rounding_are_equal() -> None:
    """What sums of shares leave in the last digit is no error, of a mean or of a quantile."""
    draws = 47.8e6 * np.array([1.0, 1.0 + 4e-16, 1.0 - 4e-16] * 40)
    assert np.ptp(draws) > 0
    assert 0.0 == mean_error(draws) == mean_error(draws, scrambles(120)) == quantile_error(draws, 0.5)
    assert mean_error(draws + np.arange(120) % 3 * 1e-6) > 0


def test_the_error_of_a_quantile_holds_luck() -> None:
    """Where all that varies is luck, quantiles have an error and the mean of expectations has none."""
    draws = np.random.default_rng(27).poisson(5.0, 1000)
    assert quantile_error(draws, 0.95) > 0.05
    assert 0.0 == mean_error(np.full(1000, 5.0))
