"""The model of payments is the slow twin's: densities, predictions without a breach, coefficients, counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from support import payment_toys
from support import payments_reference as twin

from breach_sim.analysis.backtesting.leave_one_out import leave_out, systematic
from breach_sim.analysis.calibration import gaussian, hurdle, sampler
from breach_sim.analysis.calibration.gaussian import FitRow, Gaussian, Scales
from breach_sim.inputs.firm.payments import LINES, SPREADS, Case, spread_index


def rows_of(rows: Sequence[twin.Row]) -> list[FitRow]:
    """The twin's rows as those of the package."""
    return [
        FitRow(
            breach=row.breach,
            line=row.line,
            case=Case(people=row.people, kinds=row.kinds, country=row.country),
            ln_amount=row.ln_amount,
            bound=row.bound or "exact",
        )
        for row in rows
    ]


def numbers_of(given: twin.Scales) -> np.ndarray:
    """The twin's scales as unbounded numbers."""
    rho = given["rho"]
    first = [math.log(given[name]) for name in ("tau_a", "tau_b", "tau_c", "s")]
    return np.array([*first, math.log(rho / (1 - rho)), *(given["z"][name] for name in SPREADS)])


TOY = payment_toys.draw_rows(seed=5, breaches=9, most_lines=3, given=payment_toys.scales())


@pytest.mark.parametrize("seed", range(6))
def test_the_density_is_the_twins(seed: int) -> None:
    """The log density of exact rows equals the twin's up to one constant, for any scales."""
    given, other = payment_toys.draw_scales(seed), payment_toys.scales()
    model = Gaussian(rows_of(TOY))
    found = [model.log_density(Scales.of(numbers_of(own)), model.ln_amount) for own in (given, other)]
    wanted = [twin.log_density(TOY, own) for own in (given, other)]
    assert math.isclose(found[0] - found[1], wanted[0] - wanted[1], rel_tol=1e-8, abs_tol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_the_prior_of_the_scales_is_the_twins(seed: int) -> None:
    """The log prior over unbounded numbers is the twin's plus the log Jacobian, up to one constant."""
    differences = []
    for own in (payment_toys.draw_scales(seed), payment_toys.scales()):
        jacobian = sum(math.log(own[name]) for name in ("tau_a", "tau_b", "tau_c", "s"))
        jacobian += math.log(own["rho"]) + math.log1p(-own["rho"])
        differences.append(gaussian.log_prior(numbers_of(own)) - twin.log_prior(own) - jacobian)
    assert math.isclose(*differences, rel_tol=1e-10, abs_tol=1e-10)


@pytest.mark.parametrize("bound", ["", "ceiling", "floor"])
def test_a_breach_left_out_is_predicted_as_by_deleting_it(bound: str) -> None:
    """Mean, covariance and weight of every breach equal the twin's, which deletes its rows."""
    rows = [replace(TOY[0], bound=bound), *TOY[1:]]
    sets = [payment_toys.draw_scales(seed) for seed in (1, 2)]
    numbers = np.array([numbers_of(own) for own in sets])
    amounts = np.array([[row.ln_amount - (0.3 if row.bound else 0.0) for row in rows]] * 2)
    found = leave_out(rows_of(rows), numbers, amounts)
    for breach in dict.fromkeys(row.breach for row in rows):
        if bound and breach != rows[0].breach:
            continue  # the twin wants all other rows exact
        left = [twin.leave_out(rows, own, breach) for own in sets]
        places = found.members(breach)
        for draw, own in enumerate(left):
            np.testing.assert_allclose(found.mean[draw, places], own.mean, rtol=1e-9)
            np.testing.assert_allclose(found.covariance[breach][draw], own.covariance, rtol=1e-8)
        weights = np.exp(-np.array([own.log_density for own in left]) + max(own.log_density for own in left))
        np.testing.assert_allclose(found.weight[breach], weights / weights.sum(), rtol=1e-7)


def test_an_amount_that_is_no_row_is_predicted_without_its_breach() -> None:
    """Another line of a known breach is predicted as if the breach had no rows."""
    given = payment_toys.draw_scales(3)
    numbers, amounts = numbers_of(given)[None], np.array([[row.ln_amount for row in TOY]])
    new = replace(TOY[0], line="ransom", ln_amount=10.0)
    law = leave_out(rows_of(TOY), numbers, amounts).other_law(rows_of([new])[0])
    others = [row for row in TOY if row.breach != new.breach]
    mean, deviation = twin.predict(others, given, new)
    np.testing.assert_allclose((law.mean[0], law.sd[0]), (mean, deviation), rtol=1e-9)


def test_coefficients_are_drawn_from_the_twins_normal() -> None:
    """Means and spreads of 4,000 drawn coefficients are the twin's within five standard errors (seed 7)."""
    given = payment_toys.scales()
    names = ["alpha[settlement]", "beta[fine]", "gamma[fine_ocr,medical]", "delta[abroad]", "alpha[ransom]"]
    mean, covariance = twin.coefficients(TOY, given, names)
    model, rng = Gaussian(rows_of(TOY)), np.random.default_rng(7)
    draws = [
        model.draw_coefficients(Scales.of(numbers_of(given)), model.ln_amount, rng) for _ in range(4_000)
    ]
    at = {name: LINES.index(name) for name in ("settlement", "fine", "fine_ocr", "ransom")}
    found = np.array(
        [
            (
                own.intercept[at["settlement"]],
                own.slope[at["fine"]],
                own.data_effect[at["fine_ocr"], 3],
                own.place_effect[0],
                own.intercept[at["ransom"]],
            )
            for own in draws
        ]
    )
    error = np.sqrt(np.diag(covariance) / len(draws))
    assert np.all(np.abs(found.mean(axis=0) - mean) < 5 * error)
    ratio = found.std(axis=0) / np.sqrt(np.diag(covariance))
    assert np.all(np.abs(ratio - 1) < 5 / math.sqrt(2 * len(draws)))


def test_a_value_behind_a_ceiling_is_drawn_below_it() -> None:
    """Values behind a ceiling follow their normal given the others, cut at the ceiling (seed 3, 5 errors)."""
    from scipy.stats import truncnorm

    rows = [replace(TOY[0], bound="ceiling"), *TOY[1:]]
    given = payment_toys.scales()
    mean, deviation = twin.row_given_others([replace(row, bound="") for row in rows], given, 0)
    model, rng = Gaussian(rows_of(rows)), np.random.default_rng(3)
    scales = Scales.of(numbers_of(given))
    draws = np.array([sampler.behind_bounds(model, scales, model.ln_amount, rng)[0] for _ in range(4_000)])
    law = truncnorm(-np.inf, (rows[0].ln_amount - mean) / deviation, loc=mean, scale=deviation)
    assert draws.max() <= rows[0].ln_amount
    assert abs(draws.mean() - law.mean()) < 5 * law.std() / math.sqrt(len(draws))


def test_the_sampler_finds_the_scales_of_its_prior() -> None:
    """Without rows a chain draws the prior: the median of s is that of a half-normal (seed 2, 5 errors)."""
    toy = [replace(TOY[0], ln_amount=15.0)]
    draws = sampler.sample(rows_of(toy), draws=200, warm_up=20, thin=1, rng=np.random.default_rng(2))
    z = draws.numbers[:, len(gaussian.SCALES) + spread_index("total")]
    assert abs(z.mean()) < 5 / math.sqrt(200)


def test_systematic_resampling_keeps_weights() -> None:
    """Each draw is taken as often as its weight says, to one."""
    weight = np.array([0.5, 0.25, 0.125, 0.125])
    counts = np.bincount(systematic(weight, 800), minlength=4)
    assert np.all(np.abs(counts - 800 * weight) <= 1)


@pytest.mark.parametrize("h", [-2.0, 0.0, 1.5])
def test_the_hurdle_likelihood_is_the_twins(h: float) -> None:
    """Counts with and without a payment have the twin's likelihood."""
    lag = hurdle.Lag(center=0.6, spread=0.9)
    made = [
        hurdle.PaymentsMade(line="fine", people=2e6, breaches=9, paid=4, years=3.0, source="s"),
        hurdle.PaymentsMade(line="fine", people=4e4, breaches=5, paid=0, years=1.5, source="s"),
    ]
    counted = [twin.Counted(row.people, row.breaches, row.paid, row.years) for row in made]
    found = hurdle.log_likelihood(made, lag, np.array(h), np.array(0.35))
    wanted = twin.hurdle_log_likelihood(counted, h, 0.35, 0.6, 0.9)
    assert math.isclose(float(found), wanted, rel_tol=1e-10)


def test_the_hurdle_is_drawn_from_its_posterior() -> None:
    """Draws of h have the mean of the posterior, by a sum over a fine grid (seed 1, 5 errors)."""
    lag = hurdle.Lag(center=0.6, spread=0.9)
    made = [hurdle.PaymentsMade(line="fine", people=5e6, breaches=12, paid=3, years=4.0, source="s")]
    h, eta = hurdle.draw(made, lag, -1.0, 20_000, np.random.default_rng(1))
    grid_h, grid_eta = np.meshgrid(np.linspace(-6, 4, 500), np.linspace(-0.45, 1.05, 300), indexing="ij")
    log_density = hurdle.log_likelihood(made, lag, grid_h, grid_eta)
    log_density -= 0.5 * (grid_h + 1) ** 2 + 0.5 * ((grid_eta - 0.3) / 0.15) ** 2
    weight = np.exp(log_density - log_density.max())
    for drawn, grid in ((h, grid_h), (eta, grid_eta)):
        mean = float((weight * grid).sum() / weight.sum())
        spread = math.sqrt(float((weight * (grid - mean) ** 2).sum() / weight.sum()))
        assert abs(drawn.mean() - mean) < 5 * spread / math.sqrt(len(drawn))
