"""Points and estimates of the two sensitivity analyses are those of SALib, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from breach_sim.analysis.sensitivities import designs


def curved(points: np.ndarray) -> np.ndarray:
    """Return values in which columns act together."""
    weights = np.arange(1, points.shape[1] + 1) / points.shape[1]
    return np.exp(points @ weights) * (1 + points[:, 0])


@pytest.mark.parametrize(("columns", "base", "seed"), [(1, 64, 9), (3, 64, 5), (17, 256, 123_456)])
def test_sobol_is_as_in_salib(columns: int, base: int, seed: int) -> None:
    """Points, both orders and both half-widths equal SALib's from the same seed."""
    sampling = pytest.importorskip("SALib.sample.sobol")
    analysis = pytest.importorskip("SALib.analyze.sobol")
    problem = {"num_vars": columns, "names": [*map(str, range(columns))], "bounds": [[0.0, 1.0]] * columns}
    points = sampling.sample(problem, base, calc_second_order=False, seed=seed)
    own = designs.sobol_points(columns, base, seed)
    assert np.array_equal(points, own)
    found = analysis.analyze(problem, curved(points), calc_second_order=False, num_resamples=100, seed=seed)
    mine = designs.sobol_estimates(curved(own), columns, seed)
    for key, name in {"S1": "first", "S1_conf": "first_95", "ST": "total", "ST_conf": "total_95"}.items():
        assert np.array_equal(np.asarray(found[key]), getattr(mine, name))


@pytest.mark.parametrize("columns", [2, 40, 130])
def test_morris_is_as_in_salib(columns: int) -> None:
    """Trajectories and mean sizes of elementary effects equal SALib's from the same seed."""
    sampling = pytest.importorskip("SALib.sample.morris")
    analysis = pytest.importorskip("SALib.analyze.morris")
    problem = {"num_vars": columns, "names": [*map(str, range(columns))], "bounds": [[0.05, 0.95]] * columns}
    points = sampling.sample(problem, 12, seed=77)
    own = designs.morris_points(columns, 12, 77, 0.05, 0.95)
    assert np.array_equal(points, own)
    found = analysis.analyze(problem, points, curved(points), num_resamples=2, seed=77)["mu_star"]
    assert np.array_equal(np.asarray(found), designs.morris_effects(own, curved(own)))


def test_a_constant_has_no_shares() -> None:
    """Where nothing varies, every index is 0."""
    indices = designs.sobol_estimates(np.ones(64 * 4), 2, 1)
    assert not indices.first.any()
    assert not indices.total_95.any()
