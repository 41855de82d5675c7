"""Tests of the second fit of the firm's model (`tools/check_firm.py`) against the slow twin.

What needs NumPyro (the extra ``calibrate``) is skipped without it.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import payment_toys as toys
from support import payments_reference as twin

LIMIT = 4.0
"""Standard errors."""
NEEDS = 'pip install -e ".[calibrate]"'


@pytest.fixture(scope="module")
def check_firm():
    """tools/check_firm.py."""
    path = Path(__file__).resolve().parents[3] / "tools" / "check_firm.py"
    spec = importlib.util.spec_from_file_location("check_firm", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_firm"] = module  # its dataclasses look for their module
    spec.loader.exec_module(module)
    return module


def bounded(rows):
    """Return the rows, the second with a ceiling just above it, the third with a floor just below."""
    changed = {1: ("ceiling", 0.5), 2: ("floor", -0.5)}
    return [
        replace(r, ln_amount=r.ln_amount + changed[i][1], bound=changed[i][0]) if i in changed else r
        for i, r in enumerate(rows)
    ]


def test_words_are_those_of_the_twin(check_firm):
    """Lines, groups, kinds, places and shared scales are the same in the check and in the twin."""
    assert check_firm.GROUPS == twin.GROUPS
    assert check_firm.KINDS == twin.KINDS
    assert check_firm.PLACES == twin.PLACES
    assert check_firm.EASTERN == twin.EASTERN
    for k, line in enumerate(twin.LINES):
        assert twin.NOISES[check_firm.NOISE_OF_LINE[k]] == twin.noise_of(line)


def test_covariates_are_those_of_the_twin(check_firm):
    """For every row, the arrays hold the weights which the twin gives to the independent numbers."""
    given = toys.scales()
    rows = bounded(toys.draw_rows(8, 30, 3, given))
    data = check_firm.arrays(rows)
    assert set(data.side.tolist()) == {-1, 0, 1}
    for i, row in enumerate(rows):
        weights = twin.weights(row, given, "here")
        assert data.x[i] == weights["b",]
        assert weights["a_line", twin.LINES[data.line[i]]] == 1
        assert [weights.get(("c", kind), 0) for kind in twin.KINDS] == data.kinds[i].tolist()
        assert [weights.get(("delta", place), 0) for place in twin.PLACES] == data.places[i].tolist()
        same = [r.breach == row.breach for r in rows]
        assert data.has_effect[i] == (sum(same) > 1)
        if data.has_effect[i]:
            assert (data.has_effect & (data.breach == data.breach[i])).tolist() == same


def test_a_row_with_other_words_is_refused(check_firm):
    """A kind, a line or a bound that the text does not have is refused, with the breach."""
    row = toys.draw_row(np.random.default_rng(1), 1)
    object.__setattr__(row, "bound", "about")
    with pytest.raises(ValueError, match=r"breach 1.*about"):
        check_firm.arrays([row])


def test_batch_means_see_what_draws_repeat(check_firm):
    """The error of a mean by batch means is that of an autoregression in closed form.

    x' = 0.8 x + noise, 100,000 draws, seed 2: deviation over (1 - 0.8) √n, within 4 standard errors of an
    estimate with 39 degrees of freedom.
    """
    rng = np.random.default_rng(2)
    draws = np.zeros(100_000)
    for i, noise in enumerate(rng.standard_normal(draws.size - 1)):
        draws[i + 1] = 0.8 * draws[i] + noise
    wanted = 1 / (1 - 0.8) / math.sqrt(draws.size)
    assert abs(check_firm.batch_error(draws) / wanted - 1) < LIMIT / math.sqrt(2 * 39)


def test_a_posterior_that_moved_is_found(check_firm):
    """Equal posteriors are not far apart; one that is moved, or wider, or lacks a number, is named."""
    rng = np.random.default_rng(3)
    ours = {name: rng.standard_normal((4, 1000)) for name in ("same", "moved", "wider")}
    shipped = {name: rng.standard_normal(4000) for name in ours}
    assert [line.name for line in check_firm.compare(ours, shipped) if line.far] == []
    shipped["moved"] += 0.15
    shipped["wider"] *= 1.15
    lines = {line.name: line for line in check_firm.compare(ours, shipped)}
    assert [name for name, line in lines.items() if line.far] == ["moved", "wider"]
    assert lines["moved"].of_means < -LIMIT
    assert abs(lines["wider"].of_means) < LIMIT
    assert lines["wider"].of_spreads < -LIMIT
    with pytest.raises(KeyError, match="no same"):
        check_firm.compare(ours, {"moved": shipped["moved"], "wider": shipped["wider"]})


def test_an_equal_number_is_not_far_and_a_missing_value_is(check_firm):
    """Draws against themselves differ by zero; a posterior with a NaN is far from any other."""
    draws = np.random.default_rng(4).standard_normal(4000)
    assert check_firm.compare({"x": draws}, {"x": draws})[0].of_means == 0
    broken = draws.copy()
    broken[7] = np.nan
    assert check_firm.compare({"x": draws}, {"x": broken})[0].far


# With NumPyro ------------------------------------------------------------------------------------------


def test_density_given_all_numbers_is_that_of_the_twin(check_firm):
    """Given every independent number, NumPyro's density is that of (31) row by row, bounds included."""
    numpyro = pytest.importorskip("numpyro", reason=NEEDS)
    from numpyro.infer.util import log_density

    numpyro.enable_x64()
    given = toys.scales()
    rows = bounded(toys.draw_rows(9, 12, 3, given))
    data = check_firm.arrays(rows)
    rng = np.random.default_rng(9)
    shapes = {"a": (), "a_group": (4,), "a_line": (16,), "b": (), "b_group": (4,), "b_line": (16,),
              "c": (5,), "c_line": (16, 5), "d": (4,), "u": (int(data.breach.max()) + 1,)}  # fmt: skip
    times = Counter(r.breach for r in rows)
    several = [breach for breach, count in times.items() if count > 1]
    assert 1 < len(several) < len(times)
    units = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    z = np.array([given["z"][noise] for noise in twin.NOISES])
    scales = {name: given[name] for name in ("tau_a", "tau_b", "tau_c", "rho", "s")}
    found, _ = log_density(check_firm.model, (data,), {}, units | scales | {"z": z})

    def unit(number):
        keys = {"class": 0, "regulator": 1, "network": 2, "cost": 3}
        keys |= {word: i for words in (twin.LINES, twin.KINDS, twin.PLACES) for i, word in enumerate(words)}
        keys |= {breach: i for i, breach in enumerate(several)}
        name = "d" if number[0] == "delta" else number[0]
        return units[name][tuple(keys[word] for word in number[1:])]

    wanted = twin.log_prior(given) + sum(-0.5 * (v**2 + math.log(2 * math.pi)).sum() for v in units.values())
    for row in rows:
        center, spread = 0.0, 0.0
        for number, weight in twin.weights(row, given, "here").items():
            mean, deviation = twin.prior(number, given)
            if number[0] == "noise" or (number[0] == "u" and number[1] not in several):
                spread = math.hypot(spread, weight)
            else:
                center += weight * (mean + deviation * unit(number))
        at = (row.ln_amount - center) / spread
        wanted += {
            "": -0.5 * at**2 - math.log(spread) - 0.5 * math.log(2 * math.pi),
            "ceiling": twin.log_ndtr(at),
            "floor": twin.log_ndtr(-at),
        }[row.bound]
    assert float(found) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("with_ceiling", [False, True])
def test_sampler_agrees_with_importance_sampling_of_the_twin(check_firm, with_ceiling):
    """The No-U-Turn sampler has the posterior means that the twin's density gives to draws of the prior.

    14 rows of 8 breaches; 8,000 draws of the scales from their prior, seed 1, weighted with the density of
    the rows; the sampler with 4 chains of 1,000, seed 1. Within 4.5 standard errors.
    """
    pytest.importorskip("numpyro", reason=NEEDS)
    rows = toys.draw_rows(12, 8, 3, toys.scales())
    if with_ceiling:
        rows[0] = replace(rows[0], ln_amount=rows[0].ln_amount - 2, bound="ceiling")
    drawn = [toys.draw_scales(seed) for seed in range(8_000)]
    logs = np.array([twin.log_density(rows, one) for one in drawn])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    assert twin.effective_number(weights.tolist()) > 200
    values = {
        name: np.array([one[name] for one in drawn]) for name in ("tau_a", "tau_b", "tau_c", "rho", "s")
    }
    for line in ("settlement", "fine_gdpr", "total", "response", "fine_sec"):
        values[f"s[{line}]"] = np.array([twin.noise_scale(line, one) for one in drawn])
    if not with_ceiling:
        kept = weights > weights.max() * 1e-6  # coefficients are costly, and the rest weighs nothing
        names = ["alpha[settlement]", "alpha[total]", "beta[fine]", "gamma[fine,card]", "delta[abroad]"]
        means = np.zeros((len(drawn), len(names)))
        for i in np.flatnonzero(kept):
            means[i] = twin.coefficients(rows, drawn[i], names)[0]
        values |= {name: means[:, j] for j, name in enumerate(names)}
    ours, diverged = check_firm.fit(rows, 4, 1000, 1)
    assert diverged <= 4
    far = {}
    for name, value in values.items():
        center = float(weights @ value)
        error = math.hypot(
            math.sqrt(float(weights**2 @ (value - center) ** 2)), check_firm.batch_error(ours[name])
        )
        far[name] = (float(ours[name].mean()) - center) / error
    assert max(map(abs, far.values())) < LIMIT + 0.5, far
