"""The law of scale: closed forms against other ways to compute them, coverage, and where knowledge ends."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from breach_sim.analysis.backtesting.law_of_scale import (
    INTERVAL,
    MASS,
    ScaleLaw,
    binomial_p,
    fit,
    kinds_differ,
    leave_one_out,
)
from breach_sim.engine.draws import streams

PEOPLE = np.array([1.6e5, 8.9e6, 2.2e7, 7.3e7, 7.7e7, 1.1e8, 1.5e8, 5.3e8])
PAID = np.array([5e5, 1.3e7, 6.3e7, 1.5e8, 3.5e8, 2.8e7, 3.8e8, 2.8e8])
WORLDS = 1_500
sizes = st.lists(st.floats(3, 10), min_size=4, max_size=9, unique_by=lambda x: round(x, 2))


def fitted() -> ScaleLaw:
    """Return the law of eight payments."""
    return fit(PEOPLE, PAID)


# The fit ---------------------------------------------------------------------------------------------------


def test_the_line_is_that_of_the_normal_equations() -> None:
    """Intercept, slope and sigma solve the normal equations, and agree with SciPy's regression."""
    law, x, y = fitted(), np.log(PEOPLE), np.log(PAID)
    design = np.column_stack([np.ones_like(x), x])
    exact = np.linalg.solve(design.T @ design, design.T @ y)
    assert np.allclose(exact, [law.intercept, law.slope], rtol=1e-9)
    rest = y - design @ exact
    assert math.isclose(law.sigma, math.sqrt(rest @ rest / (len(x) - 2)), rel_tol=1e-9)
    other = stats.linregress(x, y)
    assert math.isclose(other.slope, law.slope, rel_tol=1e-9)
    half = stats.t.ppf(0.95, len(x) - 2) * other.stderr
    assert np.allclose(law.slope_interval(), (other.slope - half, other.slope + half), rtol=1e-9)


def test_the_interval_is_students_t_with_the_inverse_of_the_design() -> None:
    """Quantiles are the line plus t times s sqrt(1 + x' (X'X)^-1 x), written with matrices."""
    law, x = fitted(), np.log(PEOPLE)
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    for people in (1e3, 7.66e7, 5e9):
        at = np.array([1.0, math.log(people)])
        scale = law.sigma * math.sqrt(1 + at @ inverse @ at)
        middle = at @ [law.intercept, law.slope]
        expected = np.exp(middle + scale * stats.t.ppf(INTERVAL, len(x) - 2))
        assert np.allclose(expected, law.quantiles(people), rtol=1e-8)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.5, 0.9, 0.999])
def test_percentile_undoes_quantile(level: float) -> None:
    """The percentile of a quantile is its level."""
    law = fitted()
    for people in (1e4, 1e8):
        amount = float(law.quantiles(people, level))
        assert math.isclose(level, law.percentile(people, amount), rel_tol=1e-9)


@given(sizes, st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
@settings(derandomize=True, deadline=None, max_examples=20)
def test_another_currency_and_another_count_change_nothing(
    logs: list[float], rate: float, count: float
) -> None:
    """All amounts times a rate: quantiles times the rate. All people times a count: the same quantiles."""
    people = 10.0 ** np.array(logs)
    paid = people**0.7 * np.exp(np.sin(1e3 * np.array(logs)))
    first, second, third = fit(people, paid), fit(people, paid * rate), fit(people * count, paid)
    assert np.allclose(first.quantiles(1e6) * rate, second.quantiles(1e6), rtol=1e-6)
    assert np.allclose(first.quantiles(1e6), third.quantiles(1e6 * count), rtol=1e-6)


@given(sizes)
@settings(derandomize=True, deadline=None, max_examples=20)
def test_the_interval_is_narrowest_where_the_data_are(logs: list[float]) -> None:
    """The width is least at the geometric mean of the people and grows away from it, on both sides."""
    people = 10.0 ** np.array(logs)
    law = fit(people, people * np.exp(np.cos(1e3 * np.array(logs))))
    center = math.exp(law.center)
    for side in (1.0, -1.0):
        ends = [law.quantiles(center * 10 ** (side * step)) for step in (0, 1, 2, 3)]
        widths = [math.log(high) - math.log(low) for low, _, high in ends]
        assert widths == sorted(widths)


def test_payments_on_a_line_leave_no_doubt() -> None:
    """Payments exactly on a power law give it back, with an interval of no width."""
    law = fit(PEOPLE, 3.0 * PEOPLE**0.8)
    assert math.isclose(law.slope, 0.8, rel_tol=1e-9)
    assert np.allclose(law.quantiles(1e7), 3.0 * 1e7**0.8, rtol=1e-6)


# Leave one out ---------------------------------------------------------------------------------------------


def test_brute_force_equals_the_shortcut_by_the_hat_matrix() -> None:
    """Standardised errors of refits are the externally studentised residuals of the one fit."""
    x, y = np.log(PEOPLE), np.log(PAID)
    n = len(x)
    design = np.column_stack([np.ones_like(x), x])
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    rest = y - hat @ y
    lever = np.diag(hat)
    without = (rest @ rest - rest**2 / (1 - lever)) / (n - 3)
    shortcut = stats.t.cdf(rest / np.sqrt(without * (1 - lever)), n - 3)
    laws = leave_one_out(PEOPLE, PAID, range(n))
    brute = [law.percentile(p, a) for law, p, a in zip(laws, PEOPLE, PAID, strict=True)]
    assert np.allclose(shortcut, brute, rtol=1e-9)


def test_a_breach_is_left_out_with_all_its_payments() -> None:
    """Two payments of one breach are predicted from the others alone; their own amounts do not matter."""
    breaches = ["a", "a", *"bcdefg"]
    laws = leave_one_out(PEOPLE, PAID, breaches)
    assert [6, 6, *[7] * 6] == [law.n for law in laws]
    moved = leave_one_out(PEOPLE, PAID * np.array([50, 0.02, 1, 1, 1, 1, 1, 1]), breaches)
    assert laws[:2] == moved[:2]
    assert laws[2] != moved[2]


def test_the_intervals_cover_as_often_as_they_say() -> None:
    """Of 1,500 new payments drawn from a known law 90 % lie inside, within four standard errors."""
    worlds, width = WORLDS, len(PEOPLE) + 1
    noise = special.ndtri(streams.uniforms(7, "scale", "coverage", size=worlds * width)) * 1.3
    noise = noise.reshape(worlds, width)
    logs = np.log(PEOPLE)
    inside = 0
    for row in noise:
        law = fit(PEOPLE, np.exp(2.0 + 0.8 * logs + row[:-1]))
        low, _, high = law.quantiles(2e6)
        inside += bool(low <= math.exp(2.0 + 0.8 * math.log(2e6) + row[-1]) <= high)
    error = math.sqrt(MASS * (1 - MASS) / worlds)
    assert abs(inside / worlds - MASS) < 4 * error


def test_a_normal_interval_would_cover_too_seldom() -> None:
    """With the normal law in place of Student's t the same check fails: the test above can fail."""
    narrow = stats.norm.ppf(0.95) / stats.t.ppf(0.95, len(PEOPLE) - 2)
    covered = 2 * stats.t.cdf(narrow * stats.t.ppf(0.95, len(PEOPLE) - 2), len(PEOPLE) - 2) - 1
    assert covered < MASS - 4 * math.sqrt(MASS * (1 - MASS) / WORLDS)


# No freedom left -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2])
def test_without_freedom_the_interval_is_endless(n: int) -> None:
    """Two payments or fewer: from 0 to infinity, and no percentile; two still tell the line."""
    law = fit(PEOPLE[:n], PAID[:n])
    low, middle, high = law.quantiles(1e7)
    assert law.endless
    assert (0.0, math.inf) == (low, high)
    assert math.isnan(law.percentile(1e7, 1e7))
    assert (-math.inf, math.inf) == law.slope_interval()
    assert math.isfinite(middle) == (n == 2)


def test_payments_of_one_size_say_nothing_of_size() -> None:
    """Where all breaches are alike in size the interval is endless, also at that size."""
    law = fit([1e6] * 5, PAID[:5])
    assert law.endless
    assert (0.0, math.inf) == tuple(law.quantiles(1e6)[[0, 2]])


def test_three_payments_leave_one_degree() -> None:
    """Three payments leave one degree of freedom: an interval that ends, far away; left out, endless ones."""
    law = fit(PEOPLE[:3], PAID[:3])
    assert 1 == law.freedom
    assert not law.endless
    assert all(other.endless for other in leave_one_out(PEOPLE[:3], PAID[:3], "abc"))


def test_an_extrapolation_beyond_floats_is_endless_not_an_error() -> None:
    """A quantile too large for a float is infinity."""
    law = replace(fit(PEOPLE[:3], PAID[:3]), sigma=1e3)
    assert math.inf == law.quantiles(1e300)[2]


# Kinds -----------------------------------------------------------------------------------------------------


def test_the_test_of_kinds_is_the_t_test_of_a_dummy() -> None:
    """With two kinds F is the square of t: the p value is that of the kind's own coefficient."""
    kinds = list("sfssfsff")
    x, y = np.log(PEOPLE), np.log(PAID)
    design = np.column_stack([np.ones_like(x), x, [kind == "f" for kind in kinds]]).astype(float)
    found = np.linalg.solve(design.T @ design, design.T @ y)
    rest = y - design @ found
    left = len(x) - 3
    error = math.sqrt(rest @ rest / left * np.linalg.inv(design.T @ design)[2, 2])
    expected = 2 * stats.t.sf(abs(found[2]) / error, left)
    assert math.isclose(expected, kinds_differ(PEOPLE, PAID, kinds), rel_tol=1e-7)


def test_kinds_that_differ_are_found_and_one_kind_is_no_question() -> None:
    """A kind a thousand times as dear has a tiny p; a single kind, or too few payments, has none."""
    dear = np.array([1, 1e3] * 4)
    assert kinds_differ(PEOPLE, PAID * dear, ["a", "b"] * 4) < 0.01
    assert math.isnan(kinds_differ(PEOPLE, PAID, ["a"] * 8))
    assert math.isnan(kinds_differ(PEOPLE[:3], PAID[:3], "aba"))


# Counting hits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [0, 1, 5, 9, 30])
def test_the_binomial_p_is_scipys(of: int) -> None:
    """For every count the exact two-sided p is that of SciPy."""
    for inside in range(of + 1):
        expected = stats.binomtest(inside, of, MASS).pvalue if of else 1.0
        assert math.isclose(expected, binomial_p(inside, of), rel_tol=1e-9)


def test_the_p_refutes_few_hits() -> None:
    """Of nine, five inside refute the intervals at 0.01, and six do not."""
    assert binomial_p(5, 9) < 0.01 < binomial_p(6, 9)


# Bad input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_payment_is_refused(bad: float) -> None:
    """A payment or a number of people that is zero, negative or no number is named, with the reason."""
    for people, paid in (([1e6, bad], [1e6, 2e6]), ([1e6, 2e6], [1e6, bad])):
        with pytest.raises(ValueError, match="each must be a positive number"):
            fit(people, paid)
    with pytest.raises(ValueError, match=r"people is .*; it must be a positive number"):
        fitted().quantiles(bad)
    with pytest.raises(ValueError, match=r"paid is .*; it must be a positive number"):
        fitted().percentile(1e6, bad)


def test_shapes_and_levels_are_checked() -> None:
    """Unequal lengths, tables in place of lists, levels of 0 or 1 and impossible counts are refused."""
    with pytest.raises(ValueError, match="2 numbers of people and 1 payments"):
        fit([1e6, 2e6], [1e6])
    with pytest.raises(ValueError, match="has 2 dimensions"):
        fit([[1e6]], [[1e6]])
    with pytest.raises(ValueError, match="1 breaches for 8 payments"):
        leave_one_out(PEOPLE, PAID, "a")
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="strictly between 0 and 1"):
            fitted().quantiles(1e6, level)
    with pytest.raises(ValueError, match="inside is 3"):
        binomial_p(3, 2)
