"""Scores of one prediction and summaries of several, against the slow twin and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from support import payments_reference as twin

from breach_sim.analysis.backtesting.baselines import Proportional
from breach_sim.analysis.backtesting.scoring import LEVELS, Law, Normals, Score, StudentT, score, summarize
from breach_sim.inputs.numbers.estimates import Estimate

RELATIVE = 0.01
"""The quantiles come from 401 points and the CRPS from 1,000 levels: errors stay below 1 %."""


def mixture(seed: int, parts: int = 4) -> tuple[Normals, twin.Mixture]:
    """Return one mixture as the package and as the twin write it."""
    rng = np.random.default_rng(seed)
    mean, sd = 15 + 2 * rng.standard_normal(parts), rng.uniform(0.5, 2.5, parts)
    return Normals(mean, sd), twin.Mixture(np.ones(parts), mean, sd)


@pytest.mark.parametrize("away", [-6.0, -1.0, 0.3, 5.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_scores_are_those_of_the_twin(seed: int, away: float) -> None:
    """Percentile, CRPS, log score and width are those of the twin's integrals over the density."""
    own, other = mixture(seed)
    found, wanted = score(own, 15 + away), twin.score(other, 15 + away)
    assert math.isclose(found.percentile, wanted.pit, abs_tol=1e-12)
    assert math.isclose(found.log_score, wanted.log_score, rel_tol=1e-9)
    assert math.isclose(found.crps, wanted.crps, rel_tol=RELATIVE)
    assert math.isclose(math.log(found.width), math.log(wanted.width), rel_tol=RELATIVE)
    assert (found.inside_half, found.inside) == (wanted.inside_50, wanted.inside_90)


def test_quantiles_are_those_of_the_twin() -> None:
    """The five quantiles of a mixture are those that the twin finds by halving an interval."""
    own, other = mixture(3)
    wanted = [other.quantile(level) for level in LEVELS]
    assert np.allclose(own.quantile(np.array(LEVELS)), wanted, atol=0.02)
    assert np.allclose(np.log(score(own, 15.0).quantiles), wanted, atol=0.02)


def laws() -> dict[str, tuple[Law, stats.rv_continuous]]:
    """Return laws in closed form beside SciPy's."""
    return {
        "one normal": (Normals(np.array([12.0]), np.array([1.5])), stats.norm(12, 1.5)),
        "Student's t": (StudentT(12.0, 1.5, 7), stats.t(7, 12, 1.5)),
    }


@pytest.mark.parametrize("name", ["one normal", "Student's t"])
@pytest.mark.parametrize("at", [8.0, 12.0, 14.5])
def test_laws_are_scipys(name: str, at: float) -> None:
    """Distribution function, log density and quantiles of a single law are SciPy's."""
    own, other = laws()[name]
    assert math.isclose(own.cdf(np.array([at]))[0], other.cdf(at), rel_tol=1e-9)
    assert math.isclose(own.log_density(at), other.logpdf(at), rel_tol=1e-9)
    assert np.allclose(own.quantile(np.array(LEVELS)), other.ppf(LEVELS), atol=0.02)


@pytest.mark.parametrize("away", [-2.0, 0.0, 0.7])
def test_the_crps_of_a_normal_is_its_closed_form(away: float) -> None:
    """For a normal the CRPS is sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))."""
    wanted = away * (2 * stats.norm.cdf(away) - 1) + 2 * stats.norm.pdf(away) - 1 / math.sqrt(math.pi)
    found = score(Normals(np.array([10.0]), np.array([2.0])), 10 + 2 * away)
    assert math.isclose(found.crps, 2 * wanted, rel_tol=RELATIVE)


def test_a_rate_per_person_is_a_law_of_the_amount() -> None:
    """People times a PERT: quantiles are those of the rate, and the distribution function undoes them."""
    rate = Estimate(
        name="toy", kind="pert", scale="log", hard=True, low=0.1, mode=1.0, high=5.0, unit="USD/person",
        status="assumed", sources=("analyst-judgment",), note="toy",
    )  # fmt: skip
    law, levels = Proportional(1e6, rate), np.array(LEVELS)
    ends = law.quantile(levels)
    assert np.allclose(np.exp(ends), 1e6 * rate.ppf(levels))
    assert np.allclose(law.cdf(ends), levels, atol=1e-4)
    assert math.isclose(law.log_density(math.log(1e8)), -math.inf)
    middle = float(ends[2])
    slope = (law.cdf(np.array([middle + 0.05])) - law.cdf(np.array([middle - 0.05])))[0] / 0.1
    assert math.isclose(math.exp(law.log_density(middle)), slope, rel_tol=0.02)


def drawn(seed: int, size: int, *, sd: float = 1.0, shift: float = 0.0) -> list[Score]:
    """Return scores of a standard normal prediction of normal outcomes."""
    law = Normals(np.zeros(1), np.ones(1))
    rng = np.random.default_rng(seed)
    return [score(law, float(y)) for y in shift + sd * rng.standard_normal(size)]


def test_a_summary_is_what_its_scores_come_to() -> None:
    """Coverage, median width and means follow from the scores, and p is the twin's exact KS probability."""
    scores = drawn(7, 40)
    found = summarize(scores)
    assert found.rows == 40
    assert found.cover90 == np.mean([0.05 <= own.percentile <= 0.95 for own in scores])
    assert found.cover50 == np.mean([0.25 <= own.percentile <= 0.75 for own in scores])
    assert found.width == np.median([own.quantiles[4] / own.quantiles[0] for own in scores])
    assert math.isclose(found.crps, math.fsum(own.crps for own in scores) / 40)
    assert math.isclose(found.log_score, math.fsum(own.log_score for own in scores) / 40)
    _, p = twin.kolmogorov_smirnov([own.percentile for own in scores])
    assert math.isclose(found.uniform_p, p, rel_tol=1e-6)


def test_honest_predictions_are_covered_and_dishonest_ones_found() -> None:
    """Outcomes from the law itself are covered within four standard errors; wider or shifted ones fail."""
    size = 400
    honest = summarize(drawn(11, size))
    assert abs(honest.cover90 - 0.9) < 4 * math.sqrt(0.9 * 0.1 / size)
    assert abs(honest.cover50 - 0.5) < 4 * math.sqrt(0.5 * 0.5 / size)
    assert honest.uniform_p > 0.01
    for planted in (drawn(11, size, sd=2.0), drawn(11, size, sd=0.4), drawn(11, size, shift=0.7)):
        found = summarize(planted)
        assert found.uniform_p < 0.001
    assert summarize(drawn(11, size, sd=2.0)).cover90 < 0.84
    assert summarize(drawn(11, size, sd=0.4)).cover90 > 0.98


def test_the_true_law_has_the_best_scores() -> None:
    """Of laws with half, the same and twice the spread, the true one has the best CRPS and log score."""
    outcomes = np.random.default_rng(13).standard_normal(400)
    found = {
        sd: summarize([score(Normals(np.zeros(1), np.array([sd])), float(y)) for y in outcomes])
        for sd in (0.5, 1.0, 2.0)
    }
    assert min(found, key=lambda sd: found[sd].crps) == 1.0
    assert max(found, key=lambda sd: found[sd].log_score) == 1.0
