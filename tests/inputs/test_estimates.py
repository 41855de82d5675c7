"""Laws of uncertain numbers: shapes, means, and what is refused at the door."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special

from breach_sim.engine.draws.streams import uniforms
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.numbers.rules import KINDS, SCALES, STATUSES, UNITS

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=100)
LEVELS = np.concatenate(
    [
        10.0 ** -np.arange(1, 13),
        1 - 10.0 ** -np.arange(1, 13),
        np.linspace(0.001, 0.999, 997),
        uniforms(1, "levels", size=5000),
    ]
)
Z95 = float(special.ndtri(0.95))
PLAIN = [(0.10, 0.40, 0.87), (1.0, 1.0, 9.9), (1.0, 9.9, 9.9), (2.0, 10.0, 19.9), (0.435, 0.66, 0.955)]
DECADES = [(6e-6, 4e-5, 3e-4), (1.0, 10.0, 10.0), (1.0, 1.0, 1e5), (0.05, 0.15, 0.5), (2.0, 10.0, 40.0)]
BETAS = [(0.01, 0.2), (0.3, 0.7), (0.9, 0.99), (0.0410, 0.4291), (0.45, 0.55)]
LOGNORMALS = [(1.0, 10.0), (30.0, 290.0), (1e-6, 1e-4)]


def make(kind: str = "pert", unit: str = "days", **numbers: Any) -> Estimate:
    """Return an estimate that lacks nothing but what is overridden."""
    rest: dict[str, Any] = {
        "name": "room.number",
        "status": "assumed",
        "sources": ("a-source",),
        "note": "why",
    }
    return Estimate(**(rest | {"kind": kind, "unit": unit} | numbers))


def pert(low: float, mode: float, high: float, scale: str = "linear", unit: str = "days") -> Estimate:
    """Return a PERT with hard ends, in days."""
    return make(unit=unit, low=low, mode=mode, high=high, scale=scale, hard=True)


def beta_shape(low: float, high: float) -> tuple[float, float]:
    """Shape of the beta with 5 % below low and 5 % above high, found by another way than the package's."""

    def miss(shape: np.ndarray) -> list[float]:
        a, b = np.exp(shape)
        ends = special.betaincinv(a, b, [0.05, 0.95])
        return [float(v) for v in special.logit(ends) - special.logit([low, high])]

    a, b = np.exp(optimize.root(miss, [0.7, 0.7], tol=1e-13).x)
    return float(a), float(b)


# Quantiles -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "mode", "high"), PLAIN)
def test_pert_quantiles_are_those_of_scipy(low: float, mode: float, high: float) -> None:
    """On the linear scale the quantile is low + (high - low) times SciPy's of the beta, to 1e-6."""
    a, b = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    expected = low + (high - low) * special.betaincinv(a, b, LEVELS)
    np.testing.assert_allclose(pert(low, mode, high).ppf(LEVELS), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("low", "mode", "high"),
    [*DECADES, (1.0, 1.0, 1e7)],
)
def test_log_pert_quantiles_are_those_of_scipy(low: float, mode: float, high: float) -> None:
    """On the log scale the logarithm has the PERT's quantile, to 1e-6 relative in the number itself."""
    width = math.log(high / low)
    a, b = 1 + 4 * math.log(mode / low) / width, 1 + 4 * math.log(high / mode) / width
    expected = low * np.exp(width * special.betaincinv(a, b, LEVELS))
    np.testing.assert_allclose(pert(low, mode, high, "log").ppf(LEVELS), expected, rtol=1e-6)


@pytest.mark.parametrize(("low", "high"), BETAS)
def test_beta_quantiles_are_those_of_scipy(low: float, high: float) -> None:
    """A beta has its ends at 5 % and 95 % and SciPy's quantiles between, to 1e-6 relative."""
    estimate = make("beta", "share", low=low, high=high)
    np.testing.assert_allclose(estimate.ppf(np.array([0.05, 0.95])), [low, high], rtol=1e-6)
    expected = special.betaincinv(*beta_shape(low, high), LEVELS)
    np.testing.assert_allclose(estimate.ppf(LEVELS), expected, rtol=1e-6)


@pytest.mark.parametrize(("low", "high"), LOGNORMALS)
def test_lognormal_quantiles_are_those_of_scipy(low: float, high: float) -> None:
    """A lognormal has its ends at 5 % and 95 % and the geometric mean of them as median."""
    mu, sigma = math.log(low * high) / 2, math.log(high / low) / 2 / Z95
    expected = np.exp(mu + sigma * special.ndtri(LEVELS))
    np.testing.assert_allclose(make("lognormal", low=low, high=high).ppf(LEVELS), expected, rtol=1e-9)


@given(
    st.floats(0.001, 1e6),
    st.floats(0, 1),
    st.floats(1.01, 1e5),
    st.sampled_from(SCALES),
    st.lists(st.floats(1e-15, 1 - 1e-15), min_size=2, max_size=20),
)
@LAW
def test_quantiles_rise_and_stay_between_the_ends(
    low: float, place: float, ratio: float, scale: str, u: list[float]
) -> None:
    """Quantiles of any PERT rise with the probability and leave low to high by no more than rounding."""
    estimate = pert(low, low * (1 + place * (ratio - 1)), low * ratio * (1 + 1e-12), scale)
    values = estimate.ppf(np.sort(u))
    assert (np.diff(values) >= -1e-12 * values[1:]).all()
    assert low * (1 - 1e-9) <= values.min() <= values.max() <= low * ratio * (1 + 1e-9)


def test_quantiles_keep_the_shape_of_what_is_asked() -> None:
    """The answer has the shape of the probabilities, for every kind."""
    asked = np.full((2, 3), 0.4)
    for estimate in (
        pert(1, 2, 3),
        pert(1, 2, 30, "log"),
        make("fixed", value=4.0),
        make("lognormal", low=1.0, high=2.0),
        make("beta", "share", low=0.1, high=0.2),
    ):
        assert asked.shape == estimate.ppf(asked).shape


# The scale -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wide", "low", "high"),
    [
        (False, 1.0, 9.999),
        (True, 1.0, 10.0),
        (True, 1.0, 11.0),
        (True, 0.05, 0.5),
        (True, 0.0, 0.5),
        (False, 0.1, 0.999),
    ],
)
def test_over_a_decade_the_scale_must_be_said(wide: bool, low: float, high: float) -> None:
    """Without a scale a PERT is linear, and refused if high is ten times low or more or low is zero."""
    if not wide:
        assert not make(low=low, mode=high / 2, high=high).log
        return
    with pytest.raises(ValueError, match=r'no scale is said; write scale = "log" .* or scale = "linear"'):
        make(low=low, mode=high / 2, high=high)


def test_a_decade_in_decimals_is_a_decade() -> None:
    """Low and high that differ by one place of the decimal point make a decade, whatever their digits."""
    for k in range(1, 1000):
        with pytest.raises(ValueError, match="a decade or more"):
            make(low=float(f"{k}e-3"), mode=float(f"{k}e-3"), high=float(f"{k}e-2"))


def test_the_scale_is_said_and_never_inferred() -> None:
    """Over four decades a linear PERT stays linear, and over a tenth a logarithmic one logarithmic."""
    assert pert(0.01, 1.0, 100.0).mean() == pytest.approx(104.01 / 6, rel=1e-12)
    assert pert(0.01, 1.0, 100.0, "log").ppf(np.array([0.5]))[0] == pytest.approx(1.0, rel=1e-6)
    near = pert(1.0, 1.05, 1.1, "log").ppf(LEVELS)
    assert (np.abs(near - pert(1.0, 1.05, 1.1).ppf(LEVELS)) > 1e-6).any()


@pytest.mark.parametrize("kind", ["fixed", "lognormal", "beta"])
def test_only_a_pert_has_a_scale(kind: str) -> None:
    """Kinds other than a PERT are never on the logarithm, and have no soft ends."""
    numbers = {
        "fixed": {"value": 3.0},
        "lognormal": {"low": 1.0, "high": 99.0},
        "beta": {"low": 0.01, "high": 0.9},
    }
    estimate = make(kind, "share" if kind == "beta" else "days", **numbers[kind])
    assert (estimate.log, estimate.soft) == (False, False)


def test_a_wide_plain_pert_would_have_a_median_far_above_its_mode() -> None:
    """Over two decades a plain PERT has its median far above its mode; a symmetric log-PERT has it there."""
    assert pert(1, 10, 100).ppf(np.array([0.5]))[0] > 1.5 * 10
    assert pert(1, 10, 100, "log").ppf(np.array([0.5]))[0] == pytest.approx(10, rel=1e-6)


# Means -----------------------------------------------------------------------------------------------

EVERY = [pert(*numbers) for numbers in (*PLAIN, (0.0, 2.214e-4, 8.856e-4))]
EVERY += [pert(*numbers, "log") for numbers in DECADES]
EVERY += [make(low=low, mode=mode, high=high) for low, mode, high in PLAIN]
EVERY += [make(low=low, mode=mode, high=high, scale="log", p_zero=0.2) for low, mode, high in DECADES[3:]]
EVERY += [
    make(unit="share", scale=scale, low=low, mode=mode, high=high)
    for scale in SCALES
    for low, mode, high in ((0.02, 0.3, 0.97), (0.0007, 0.1, 1.0), (0.5, 0.99, 1.0))
]
EVERY += [make("beta", "share", low=low, high=high) for low, high in BETAS]
EVERY += [make("lognormal", low=low, high=high) for low, high in LOGNORMALS]
EVERY += [make("fixed", value=12.5)]


def spelled(estimate: Estimate) -> str:
    """Return the numbers of an estimate as the name of a case."""
    soft = " soft" if estimate.soft else ""
    return f"{estimate.kind} {estimate.low} {estimate.mode} {estimate.high} {estimate.scale}{soft}"


@pytest.mark.parametrize("estimate", EVERY, ids=spelled)
def test_the_mean_is_the_integral_of_the_quantiles(estimate: Estimate) -> None:
    """The closed form agrees with quadrature of the quantile function over the normal score, to 1e-6."""

    def term(z: float) -> float:
        return (
            float(estimate.ppf(special.ndtr(np.array([z])))[0])
            * math.exp(-z * z / 2)
            / math.sqrt(2 * math.pi)
        )

    expected = integrate.quad(term, -8, 8, epsabs=0, epsrel=1e-8, limit=200)[0]
    assert expected == pytest.approx(estimate.mean(), rel=2e-6)


@pytest.mark.parametrize("estimate", [e for e in EVERY if e.kind != "fixed"], ids=spelled)
def test_the_mean_is_the_mean_of_the_draws(estimate: Estimate) -> None:
    """The mean of 200,000 draws lies within 4 standard errors, and that error is below 4 %."""
    draws = estimate.ppf(uniforms(2, "mean", spelled(estimate), size=200_000))
    error = float(draws.std() / math.sqrt(len(draws)))
    assert estimate.mean() == pytest.approx(draws.mean(), abs=4 * error)
    assert error < 0.04 * estimate.mean()


def test_means_known_by_hand() -> None:
    """A plain PERT has mean (low + 4 mode + high) / 6 and a lognormal exp(mu + sigma squared / 2)."""
    assert pert(0.10, 0.40, 0.87).mean() == pytest.approx((0.10 + 1.6 + 0.87) / 6, rel=1e-12)
    sigma = math.log(10) / 2 / Z95
    expected = math.exp(math.log(10) / 2 + sigma**2 / 2)
    assert expected == pytest.approx(make("lognormal", low=1.0, high=10.0).mean(), rel=1e-12)


@pytest.mark.parametrize("estimate", EVERY, ids=spelled)
def test_the_implied_shape_is_shown_back(estimate: Estimate) -> None:
    """What the numbers imply is the 5, 50 and 95 % quantile and the mean."""
    p5, p50, p95 = estimate.ppf(np.array([0.05, 0.5, 0.95]))
    assert {"p5": p5, "p50": p50, "p95": p95, "mean": estimate.mean()} == estimate.implied()


def test_the_central_value_of_each_kind() -> None:
    """Central is the value, the mode, the median of a lognormal and the mean of a beta."""
    beta = make("beta", "share", low=0.1, high=0.3)
    found = (make("fixed", value=7.0).central, pert(1, 2, 30, "log").central, beta.central)
    assert (7.0, 2.0, beta.mean()) == found
    assert make("lognormal", low=2.0, high=8.0).central == pytest.approx(4.0, rel=1e-12)


# Refusals --------------------------------------------------------------------------------------------

P, F, L, B = (
    {"low": 1.0, "mode": 2.0, "high": 3.0},
    {"value": 1.0},
    {"low": 1.0, "high": 3.0},
    {"low": 0.1, "high": 0.3},
)
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("pert", "day", P, r"unknown unit 'day' in room\.number; did you mean 'days'\? Known: .*share"),
    ("pert", "", P, r"unknown unit '' in room\.number"),
    ("prt", "days", P, r"unknown kind 'prt' in room\.number; did you mean 'pert'\?"),
    ("pert", "days", P | {"status": "guessed"}, r"unknown status 'guessed' .*Known: cited, derived, assumed"),
    ("pert", "days", P | {"status": ""}, r"unknown status ''"),
    ("pert", "days", P | {"sources": ()}, r"room\.number names no source; give sources = \[\.\.\.\]"),
    ("pert", "days", P | {"note": ""}, r"room\.number is 'assumed' without a note; write the reason"),
    ("pert", "days", P | {"note": " \n"}, r"is 'assumed' without a note"),
    ("pert", "days", P | {"status": "derived", "note": ""}, r"'derived' without a note; write the formula"),
    ("pert", "days", P | {"low": math.nan}, r"room\.number: low is nan; it must be a finite number"),
    ("pert", "days", P | {"high": math.inf}, r"high is inf; it must be a finite number"),
    ("fixed", "days", {"value": -math.inf}, r"value is -inf; it must be a finite number"),
    ("pert", "days", P | {"low": -1.0}, r"low is -1\.0; in days it must be at least 0$"),
    ("fixed", "share", {"value": 1.01}, r"value is 1\.01; in share it must be at least 0 and at most 1"),
    ("pert", "victims/attempt", {"low": 0.1, "mode": 0.2, "high": 2.0}, r"high is 2\.0; in victims/attempt"),
    (
        "pert",
        "days",
        {"low": 3.0, "mode": 2.0, "high": 4.0},
        r"low mode high are \[3\.0, 2\.0, 4\.0\]; they must rise",
    ),
    ("pert", "days", {"low": 1.0, "mode": 5.0, "high": 4.0}, r"they must rise"),
    ("pert", "days", {"low": 2.0, "mode": 2.0, "high": 2.0}, r"they must rise .*kind = \"fixed\""),
    ("pert", "days", {"low": 0.0, "mode": 0.0, "high": 2.0}, r"mode is 0; a PERT needs a mode above 0"),
    ("pert", "days", {"low": 1.0, "high": 3.0}, r"mode is None; kind 'pert' needs a number there"),
    ("pert", "days", P | {"mode": "2"}, r"mode is '2'; kind 'pert' needs a number there"),
    ("pert", "days", P | {"low": True}, r"low is True; kind 'pert' needs a number there"),
    ("pert", "days", P | {"scale": "lin"}, r"unknown scale 'lin' in room\.number; did you mean 'linear'\?"),
    ("pert", "days", P | {"scale": "log", "low": 0.0}, r"low is 0 on the logarithm.*p_zero"),
    ("pert", "days", P | {"hard": "yes"}, r"hard is 'yes'; it must be true .* or false"),
    ("pert", "days", P | {"hard": 1}, r"hard is 1; it must be true"),
    ("pert", "days", P | {"p_zero": 1.0}, r"p_zero is 1\.0; it is the probability of exactly 0 .*\[0, 1\)"),
    ("pert", "days", P | {"p_zero": -0.1}, r"p_zero is -0\.1"),
    ("pert", "days", P | {"p_zero": math.nan}, r"p_zero is nan"),
    ("pert", "days", P | {"p_zero": "a half"}, r"p_zero is 'a half'"),
    ("fixed", "days", F | {"scale": "log"}, r"kind 'fixed' has no use for scale = 'log'; remove it"),
    ("lognormal", "days", L | {"hard": True}, r"kind 'lognormal' has no use for hard = True; remove it"),
    ("beta", "share", B | {"p_zero": 0.1}, r"kind 'beta' has no use for p_zero = 0\.1; remove it"),
    ("pert", "days", P | {"value": 2.0}, r"has no use for value = 2\.0; remove it"),
    ("fixed", "days", F | {"low": 0.5}, r"has no use for low = 0\.5; remove it"),
    ("fixed", "days", {}, r"value is None; kind 'fixed' needs a number there"),
    ("lognormal", "days", {"low": 0.0, "high": 3.0}, r"a lognormal needs low > 0"),
    ("lognormal", "share", B, r"a lognormal needs low > 0 and a unit without upper end; use kind"),
    ("lognormal", "days", L | {"mode": 2.0}, r"has no use for mode = 2\.0"),
    (
        "beta",
        "days",
        B,
        r"a beta needs a share or probability with 0 < low < high < 1; it has 0\.1 to 0\.3 days",
    ),
    ("beta", "share", {"low": 0.0, "high": 0.3}, r"a beta needs a share"),
    ("beta", "share", {"low": 0.1, "high": 1.0}, r"a beta needs a share"),
    ("beta", "share", {"low": 0.3, "high": 0.1}, r"they must rise"),
]


@pytest.mark.parametrize(
    ("kind", "unit", "numbers", "message"), REFUSED, ids=[f"{r[0]}-{r[3][:30]}" for r in REFUSED]
)
def test_what_is_wrong_is_refused(kind: str, unit: str, numbers: dict[str, Any], message: str) -> None:
    """Every wrong estimate is refused with its value, the parameter's name, the rule and the remedy."""
    with pytest.raises(ValueError, match=message) as caught:
        make(kind, unit, **numbers)
    assert "room.number" in str(caught.value)


def test_a_number_beyond_floats_is_refused() -> None:
    """A whole number too large for a float is refused like any other number out of range."""
    with pytest.raises(ValueError, match=r"room\.number: value is .*must be"):
        make("fixed", value=10**400)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0.05, 0.95),
        (0.7562407001720842, 0.999996575738463),
        (2.1053890274707993e-07, 0.30530459301328705),
    ],
)
def test_every_beta_that_is_accepted_can_be_drawn(low: float, high: float) -> None:
    """A beta that passed the door has quantiles: any 90 % interval inside (0, 1) belongs to some beta."""
    estimate = make("beta", "share", low=low, high=high)
    np.testing.assert_allclose(estimate.ppf(np.array([0.05, 0.95])), [low, high], rtol=1e-5)


def test_a_fixed_number_comes_from_the_user() -> None:
    """A number of the user is one value without doubt, and no assumption of the package."""
    estimate = Estimate.fixed("x", 0.5, "share")
    assert (estimate.kind, estimate.status, estimate.sources, estimate.value) == (
        "fixed",
        "user",
        ("user-input",),
        0.5,
    )
    assert (estimate.is_certain, pert(1, 2, 3).is_certain) == (True, False)
    assert estimate.ppf(np.array([0.1, 0.9])).tolist() == [0.5, 0.5]


def test_estimates_are_frozen() -> None:
    """No part of an estimate or a source can be changed after it was checked."""
    for thing, part in (
        (pert(1, 2, 3), "high"),
        (Source(id="a", title="t", grade="A", verified="seen"), "grade"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, part, 5.0)


@pytest.mark.parametrize(
    ("part", "word", "message"),
    [
        ("grade", "D", r"unknown grade 'D' in source 'mine'.* Known: A, B, C"),
        ("grade", "", r"unknown grade ''"),
        ("verified", "sen", r"unknown word for 'verified' 'sen' in source 'mine'; did you mean 'seen'\?"),
    ],
)
def test_a_source_has_a_grade_and_a_word_for_how_it_was_read(part: str, word: str, message: str) -> None:
    """A source whose grade or verification is no known word is refused by name."""
    with pytest.raises(ValueError, match=message):
        Source(**({"id": "mine", "title": "t", "grade": "A", "verified": "seen"} | {part: word}))


def test_the_vocabularies_are_not_mixed() -> None:
    """The words for the status of a number and for the reading of a source have none in common."""
    assert {"cited", "derived", "assumed", "user"} == set(STATUSES)
    kinds = {"fixed", "pert", "lognormal", "beta", "triangular", "uniform", "normal", "quantiles", "samples"}
    assert kinds == set(KINDS)
    assert all(top in (1.0, math.inf) for top in UNITS.values())
