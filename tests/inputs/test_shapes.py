"""Laws of the distributions that a user may give: means, quantiles, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import Override

U = (np.arange(200_000) + 0.5) / 200_000
Z95 = stats.norm.ppf(0.95)
LEVELS = np.array([0.01, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999])


def made(kind: str, unit: str = "USD", **numbers: Any) -> Estimate:
    """An estimate of a user."""
    return Estimate(
        name="own", kind=kind, unit=unit, status="user", sources=("user-input",), note="x", **numbers
    )


KINDS = {
    "triangular": made("triangular", low=1.0, mode=2.0, high=7.0),
    "uniform": made("uniform", low=1.0, high=7.0),
    "normal": made("normal", low=10.0, high=20.0),
    "clipped normal": made("normal", unit="share", low=0.1, high=0.99),
    "low normal": made("normal", low=0.0, high=5.0),
    "quantiles": made("quantiles", quantiles=((5, 1.0), (50, 2.0), (95, 9.0))),
    "log quantiles": made("quantiles", quantiles=((5, 1.0), (50, 2.0), (95, 9.0)), scale="log"),
    "share quantiles": made(
        "quantiles", unit="share", quantiles=((10, 0.1), (60, 0.5), (95, 0.97)), scale="log"
    ),
    "samples": made("samples", samples=(3.0, 1.0, 8.0, 8.0)),
}
"""One estimate of each kind that only users give."""


@pytest.mark.parametrize("name", KINDS)
def test_the_mean_is_that_of_the_quantiles(name: str) -> None:
    """The closed mean equals the mean of 200,000 evenly spread quantiles, which rise and stay in the unit."""
    own = KINDS[name]
    values = own.ppf(U)
    assert own.mean() == pytest.approx(values.mean(), rel=2e-4)
    assert (np.diff(values) >= 0).all()
    assert values.min() >= 0
    assert own.unit != "share" or values.max() <= 1


def test_a_triangle_and_a_normal_are_those_of_the_books() -> None:
    """Quantiles of a triangle and a normal are those of SciPy."""
    triangle = stats.triang(c=1 / 6, loc=1, scale=6)
    assert np.allclose(KINDS["triangular"].ppf(LEVELS), triangle.ppf(LEVELS))
    normal = stats.norm(15, 5 / Z95)
    assert np.allclose(KINDS["normal"].ppf(LEVELS), normal.ppf(LEVELS))


def test_quantiles_of_a_lognormal_give_it_back() -> None:
    """Quantiles taken from a lognormal, joined on the logarithm, are that lognormal."""
    whole = made("lognormal", low=2.0, high=50.0)
    points = tuple((100 * level, float(whole.ppf(np.array([level]))[0])) for level in (0.05, 0.5, 0.95))
    joined = made("quantiles", quantiles=points, scale="log")
    assert np.allclose(joined.ppf(LEVELS), whole.ppf(LEVELS))
    assert joined.mean() == pytest.approx(whole.mean(), rel=1e-9)


def test_given_quantiles_are_met() -> None:
    """Each quantile that was given is one of the distribution."""
    for name in ("quantiles", "log quantiles", "share quantiles"):
        own = KINDS[name]
        levels, values = (np.array(part) for part in zip(*own.quantiles, strict=True))
        assert np.allclose(own.ppf(levels / 100), values)


def test_samples_are_equally_likely() -> None:
    """Each sample is drawn for its share of the probabilities."""
    assert [1, 3, 8, 8] == KINDS["samples"].ppf(np.array([0.1, 0.3, 0.6, 0.9])).tolist()


@pytest.mark.parametrize("name", [name for name in KINDS if "share" not in name and "clipped" not in name])
def test_every_kind_can_be_scaled(name: str) -> None:
    """A scaled estimate of any kind has the factor on all its quantiles."""
    own = KINDS[name]
    twice = Override(parameter="own", reason="x", scale=2.0).of(own)
    assert np.allclose(twice.ppf(LEVELS), 2 * own.ppf(LEVELS))


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_words(name: str) -> None:
    """Numbers, summary and implied quantiles of every kind can be shown."""
    own = KINDS[name]
    assert own.numbers_text()
    assert own.as_part() in own.summary()
    implied = own.implied()
    assert implied["p5"] <= implied["p50"] <= implied["p95"]
    assert own.held_at(0.5).is_certain


@pytest.mark.parametrize(
    ("kind", "numbers", "words"),
    [
        ("quantiles", {"quantiles": ((5, 1.0),)}, "at least 2"),
        ("quantiles", {"quantiles": ((5, 2.0), (50, 1.0))}, "must rise"),
        ("quantiles", {"quantiles": ((0, 1.0), (50, 2.0))}, "above 0 and below 100"),
        ("quantiles", {"quantiles": ((5, 0.0), (50, 2.0)), "scale": "log"}, "has no 0"),
        ("samples", {"samples": (1.0, 1.0)}, "all samples are 1"),
        ("samples", {"samples": (1.0, -1.0)}, "at least 0"),
        ("samples", {"samples": (1.0, "x")}, "needs a number"),
        ("uniform", {"low": 2.0, "high": 1.0}, "must rise"),
        ("uniform", {"low": 1.0, "high": 2.0, "samples": (1.0, 2.0)}, "no use for samples"),
        ("triangular", {"low": 2.0, "high": 3.0}, "needs a number"),
    ],
)  # fmt: skip
def test_wrong_numbers_are_refused(kind: str, numbers: dict[str, Any], words: str) -> None:
    """Too few, falling, negative and missing numbers are refused with the rule."""
    with pytest.raises(ValueError, match=words):
        made(kind, **numbers)
