"""Laws of the PERT with soft ends, of its exact zero, and its agreement with the slow twin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special
from support import reference_numbers as twin
from support.sampled import some

from breach_sim.engine.draws.streams import uniforms
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.pert import pert, soft_place
from breach_sim.inputs.numbers.rules import SCALES, UNITS

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=150)
FREE = (-math.inf, math.inf)
ENDS = np.array([0.05, 0.95])


def estimate(low: float, mode: float, high: float, scale: str = "linear", **more: Any) -> Estimate:
    """Return an assumed PERT in days."""
    about: dict[str, Any] = {"name": "n", "unit": "days", "status": "assumed", "sources": ("s",), "note": "w"}
    return Estimate(**about | {"kind": "pert", "low": low, "mode": mode, "high": high, "scale": scale} | more)


def plain(own: Estimate) -> dict[str, Any]:
    """Return an estimate as the twin reads it."""
    words = ("low", "mode", "high", "scale", "status", "hard", "p_zero")
    return {word: getattr(own, word) for word in words} | {"unit_range": (0.0, UNITS[own.unit])}


# Soft ends -------------------------------------------------------------------------------------------


@given(st.floats(0, 1))
@LAW
def test_low_and_high_are_the_quantiles_of_the_soft_ends(place: float) -> None:
    """For every place of the mode, 5 % lie below low and 5 % above high, and the mode is kept, to 1e-12."""
    mode, low, high = soft_place(place)
    a, b = 1 + 4 * mode, 1 + 4 * (1 - mode)
    assert special.betainc(a, b, low) == pytest.approx(0.05, abs=1e-12)
    assert special.betaincc(a, b, high) == pytest.approx(0.05, abs=1e-12)
    assert (mode - low) / (high - low) == pytest.approx(place, abs=1e-12)
    assert 0 < low <= mode <= high < 1


@given(st.floats(1e-6, 1e6), st.floats(0, 1), st.floats(1.001, 1e5), st.sampled_from(SCALES))
@LAW
def test_the_ends_lie_beyond_low_and_high_with_the_same_mode(
    low: float, place: float, ratio: float, scale: str
) -> None:
    """The ends are beyond low and high, the mode stays inside, and the quantiles meet both, to 1e-9."""
    high = low * ratio
    mode = min(max(low + place * (high - low), low), high)
    own = pert(low, mode, high, log=scale == "log", soft=True, limits=FREE)
    on = math.log if scale == "log" else float
    assert own.lower < on(low) <= on(mode) <= on(high) < own.upper
    place = (own.shape[0] - 1) / 4
    assert own.lower + place * (own.upper - own.lower) == pytest.approx(
        on(mode), abs=1e-12 * (own.upper - own.lower) + 1e-12 * abs(on(mode))
    )
    found = own.lower + (own.upper - own.lower) * special.betaincinv(*own.shape, ENDS)
    assert found.tolist() == pytest.approx([on(low), on(high)], rel=1e-9, abs=1e-9 * (own.upper - own.lower))


def test_the_symmetric_case_by_hand() -> None:
    """With the mode in the middle the law is Beta(3, 3): 10x^3 - 15x^4 + 6x^5 = 5 % at 0.18926."""
    x = optimize.brentq(lambda x: 10 * x**3 - 15 * x**4 + 6 * x**5 - 0.05, 0, 0.5, xtol=1e-15)
    assert x == pytest.approx(0.18926, abs=1e-5)
    own = pert(1, 2, 3, log=False, soft=True, limits=FREE)
    assert (own.lower, own.upper) == pytest.approx((2 - 1 / (1 - 2 * x), 2 + 1 / (1 - 2 * x)), rel=1e-12)


@pytest.mark.parametrize(
    ("status", "hard", "soft"),
    [
        ("assumed", None, True),
        ("cited", None, False),
        ("derived", None, False),
        ("assumed", True, False),
        ("cited", False, True),
        ("derived", False, True),
    ],
)
def test_the_status_decides_unless_it_is_said(status: str, hard: bool | None, soft: bool) -> None:
    """Ends of what is assumed are soft, those of what is cited or derived hard, unless `hard` says other."""
    own = estimate(1, 2, 4, status=status, hard=hard)
    assert own.soft == soft
    beyond = own.ppf(np.array([1e-9, 1 - 1e-9]))
    assert (beyond[0] < 1 and beyond[1] > 4) == soft
    assert own.hardened().soft is False
    assert own.hardened().ppf(ENDS).tolist() == estimate(1, 2, 4, hard=True).ppf(ENDS).tolist()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    "numbers",
    some([(0.02, 0.3, 0.97), (0.0007, 0.1, 1.0), (0.5, 0.99, 1.0), (0.2, 0.2, 0.9), (0.3, 0.8, 0.8)], 2),
)
@pytest.mark.parametrize("p_zero", [0.0, 0.3])
def test_the_twin_has_the_same_quantiles_and_mean(
    numbers: tuple[float, float, float], scale: str, p_zero: float
) -> None:
    """Quantiles agree with the slow twin to 1e-6, and means as closely as its sum allows."""
    own = estimate(*numbers, scale, unit="share", p_zero=p_zero)
    levels = [0.001, 0.05, 0.2999, 0.31, 0.5, 0.8, 0.95, 0.9999]
    expected = [twin.quantile(plain(own), u) for u in levels]
    assert own.ppf(np.array(levels)).tolist() == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert own.mean() == pytest.approx(twin.mean(plain(own)), rel=1e-4)


def test_a_value_beyond_the_range_of_its_unit_is_set_to_its_end() -> None:
    """A soft share is set to 0 and to 1 where its PERT goes beyond, and days only to 0."""
    u = np.array([1e-6, 1 - 1e-6])
    assert estimate(0.02, 0.3, 0.97, unit="share").ppf(u).tolist() == [0.0, 1.0]
    low, high = estimate(0.02, 0.3, 0.97).ppf(u)
    assert (low, high > 1) == (0.0, True)
    assert estimate(0.02, 0.3, 0.97, "log", unit="share").ppf(u)[0] > 0


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("numbers", [(0.02, 0.3, 0.97), (0.0007, 0.1, 1.0), (0.5, 0.99, 1.0)])
def test_the_mean_of_what_was_set_to_an_end_is_exact(numbers: tuple[float, float, float], scale: str) -> None:
    """The mean is the integral of the clipped value times the beta density, to 1e-8."""
    own = pert(*numbers, log=scale == "log", soft=True, limits=(0.0, 1.0))
    a, b = own.shape
    width, constant = own.upper - own.lower, special.beta(a, b)

    def term(x: float) -> float:
        value = own.lower + width * x
        value = math.exp(value) if own.log else value
        return min(max(value, 0.0), 1.0) * x ** (a - 1) * (1 - x) ** (b - 1) / constant

    kinks = [-own.lower / width, ((0.0 if own.log else 1.0) - own.lower) / width]
    inside = [x for x in kinks if 0 < x < 1] or None
    expected = integrate.quad(term, 0, 1, points=inside, epsabs=0, epsrel=1e-11, limit=400)[0]
    assert own.mean() == pytest.approx(expected, rel=1e-8)


# Zero ------------------------------------------------------------------------------------------------


def test_zero_with_a_probability_is_exact() -> None:
    """With p_zero = 0.3 exactly the draws with u < 0.3 are 0, and the rest has its quantiles."""
    own, rest = estimate(2.0, 3.0, 5.0, "log", p_zero=0.3), estimate(2.0, 3.0, 5.0, "log")
    u = uniforms(3, "zero", size=10_000)
    drawn = own.ppf(u)
    assert ((drawn == 0) == (u < 0.3)).all()
    np.testing.assert_allclose(drawn[u >= 0.3], rest.ppf((u[u >= 0.3] - 0.3) / 0.7), rtol=1e-12)
    assert own.mean() == pytest.approx(0.7 * rest.mean(), rel=1e-12)
    assert np.isfinite(own.ppf(np.array([0.3]))).all()


@given(
    st.floats(0.001, 0.5),
    st.floats(0, 1),
    st.sampled_from(SCALES),
    st.floats(0, 0.9),
    st.lists(st.floats(1e-12, 1 - 1e-12), min_size=2, max_size=30),
)
@LAW
def test_draws_rise_with_the_uniform_number_and_stay_in_the_unit(
    low: float, place: float, scale: str, p_zero: float, u: list[float]
) -> None:
    """A soft share with an exact zero is a rising function of one uniform number, within [0, 1]."""
    own = estimate(low, low + place * (1 - low), 1.0, scale, unit="share", p_zero=p_zero)
    values = own.ppf(np.sort(u))
    assert (np.diff(values) >= -1e-12).all()
    assert 0 <= values.min() <= values.max() <= 1


def test_one_certain_value_forgets_scale_ends_and_zero() -> None:
    """An estimate held at a value is that value, with its name and evidence."""
    held = estimate(1.0, 2.0, 30.0, "log", p_zero=0.1, hard=False).held_at(3.0)
    assert (held.kind, held.value, held.name, held.status) == ("fixed", 3.0, "n", "assumed")
