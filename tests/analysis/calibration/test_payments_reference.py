"""Tests of the slow twin of the firm's model against closed forms: section 9 of docs/model.md."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats
from support import payment_toys as toys
from support import payments_reference as twin

LIMIT = 4.0
"""Standard errors."""

CARD = frozenset({"card"})
NONE = frozenset()


def row(line, people=2e6, kinds=CARD, country="US", breach="b", amount=16.0, bound=""):
    """Return a row."""
    return twin.Row(breach, line, people, kinds, country, amount, bound)


# Words -------------------------------------------------------------------------------------------------


def test_sixteen_lines_in_four_groups():
    """There are sixteen lines, and each is in one group."""
    assert len(twin.LINES) == 16 == sum(map(len, twin.GROUPS.values()))
    assert len(twin.UNDER_GDPR) == 27 + 3


@pytest.mark.parametrize(
    ("lines", "noise"),
    [
        *[([line], line) for line in ("settlement", "state_ag", "fine", "fine_gdpr", "fine_ocr", "total")],
        (["response", "response_part", "security", "redress", "interruption", "ransom"], "cost"),
        (["settlement_total", "settlement_investors", "fine_sec", "card_networks"], "rest"),
    ],
)
def test_six_lines_have_a_scale_of_their_own(lines, noise):
    """s_k is s exp(0.5 z_h), with a z_h for six lines, one for the other costs, one for the rest."""
    given = toys.scales()
    for line in lines:
        assert twin.noise_scale(line, given) == pytest.approx(1.2 * math.exp(0.5 * given["z"][noise]))


@pytest.mark.parametrize(
    ("line", "country", "wanted"),
    [
        ("fine", "US", ()),
        ("fine", "AU", ("abroad",)),
        ("fine", "GB", ("abroad", "uk", "uk_fine")),
        ("fine_gdpr", "GB", ("abroad", "uk")),
        ("fine_gdpr", "DE", ("abroad",)),
        ("fine_gdpr", "PL", ("abroad", "eastern")),
    ],
)
def test_places_add_up(line, country, wanted):
    """A breach in the UK or in the east of the EU is abroad as well; a fine in the UK has its own effect."""
    assert twin.places(line, country) == wanted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"line": "bribe"}, "line 'bribe'"),
        ({"bound": "about"}, "bound 'about'"),
        ({"kinds": frozenset({"card", "unknown"})}, "unknown alone"),
        ({"kinds": frozenset({"ssn"})}, "ssn"),
        ({"country": "UK"}, "GB"),
        ({"people": 0}, "people 0"),
    ],
)
def test_a_row_outside_of_the_text_is_refused(wrong, words):
    """A row with a word that the text does not have is refused, with the word."""
    with pytest.raises(ValueError, match=words):
        row(**{"line": "fine"} | wrong)


# Density -----------------------------------------------------------------------------------------------


def test_one_row_by_hand():
    """The log density of one row is that of the normal whose mean and variance stand in (31) and (32)."""
    given = toys.scales()
    x = math.log(2)
    mean = 15 + 0.6 * x
    variance = (
        9 + 1 + 0.5**2  # alpha
        + x**2 * (0.2**2 + 0.1**2 + 0.1**2)  # beta
        + 0.7**2 + 0.3**2  # gamma
        + (1.2 * math.exp(0.5 * given["z"]["settlement"])) ** 2
    )  # fmt: skip
    found = twin.log_density([row("settlement")], given)
    assert found == pytest.approx(stats.norm.logpdf(16.0, mean, math.sqrt(variance)), rel=1e-13)


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        # The same breach, another group: a, b, kind of data, breach effect.
        (row("total"), lambda x, s: 9 + 0.04 * x * x + 0.49 + 0.4 * s("settlement") * s("total")),
        # Another breach, the same group and no common kind: a, a_g, b, b_g.
        (
            row("settlement_total", breach="c", people=3e6, kinds=NONE),
            lambda x, _: 9 + 1 + (0.04 + 0.01) * x * math.log(3),
        ),
        # Another breach, the same line: as well a_k, b_k and the kind of data of the line.
        (
            row("settlement", breach="c", people=3e6),
            lambda x, _: 9 + 1 + 0.25 + (0.04 + 0.02) * x * math.log(3) + 0.49 + 0.09,
        ),
    ],
)
def test_covariance_of_two_rows_by_hand(other, shared):
    """Two payments share what their lines, groups, kinds of data and breaches share, and nothing else."""
    given = toys.scales()
    _, covariance = twin.joint_of_rows([row("settlement"), other], given)
    wanted = shared(math.log(2), lambda line: twin.noise_scale(line, given))
    assert covariance[0, 1] == covariance[1, 0] == pytest.approx(wanted, rel=1e-13)


def test_effects_of_places_are_shared():
    """Two fines in the UK share three place effects; a fine in the UK and one in Poland share one."""
    given = toys.scales()

    def shared(first, second):
        rows = [row("fine", country=country, breach=country + str(i), people=1e6, kinds=NONE)
                for i, country in enumerate((first, second))]  # fmt: skip
        return twin.joint_of_rows(rows, given)[1][0, 1] - (9 + 1 + 0.25)

    assert shared("US", "US") == pytest.approx(0)
    assert shared("GB", "GB") == pytest.approx(3 * 0.49)
    assert shared("GB", "PL") == pytest.approx(0.49)
    assert shared("HU", "PL") == pytest.approx(2 * 0.49)


def test_moments_of_drawn_rows():
    """Rows whose numbers are drawn one by one have the mean and the covariance of the joint normal.

    4,000 draws, seed 5; within 4.5 standard errors, 44 comparisons.
    """
    given = toys.scales()
    rng = np.random.default_rng(5)
    plain = toys.draw_rows(1, 4, 3, given)[:8]
    mean, covariance = twin.joint_of_rows(plain, given)
    draws = np.array([[r.ln_amount for r in toys.with_amounts(plain, rng, given)] for _ in range(4_000)])
    off = draws - mean
    assert np.abs(off.mean(0) / (off.std(0) / math.sqrt(len(draws)))).max() < LIMIT + 0.5
    products = off[:, :, None] * off[:, None, :]
    error = products.std(0) / math.sqrt(len(draws))
    assert np.abs((products.mean(0) - covariance) / error).max() < LIMIT + 0.5


@pytest.mark.parametrize("seed", range(4))
def test_density_is_that_of_scipy_and_knows_no_order(seed):
    """The log density is SciPy's of the joint normal, in whatever order the rows come."""
    given = toys.draw_scales(seed)
    rows = toys.draw_rows(seed, 7, 4, given)
    mean, covariance = twin.joint_of_rows(rows, given)
    wanted = stats.multivariate_normal.logpdf([r.ln_amount for r in rows], mean, covariance)
    assert twin.log_density(rows, given) == pytest.approx(wanted, rel=1e-9)
    assert twin.log_density(rows[::-1], given) == pytest.approx(wanted, rel=1e-9)
    assert twin.log_density([], given) == 0


def test_prior_of_the_scales():
    """The log prior is the sum of SciPy's half-normals, a uniform and eight normals."""
    given = toys.scales()
    wanted = sum(
        stats.halfnorm.logpdf(given[name], scale=width)
        for name, width in (("tau_a", 0.7), ("tau_b", 0.15), ("tau_c", 0.5), ("s", 1.5))
    ) + sum(stats.norm.logpdf(z) for z in given["z"].values())
    assert twin.log_prior(given) == pytest.approx(wanted, rel=1e-13)
    for outside in ({"tau_a": -0.1}, {"s": -1.0}, {"rho": 0.0}, {"rho": 1.0}):
        assert twin.log_prior(given | outside) == -math.inf


# Bounds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_ceiling_and_floor_share_the_density_of_the_others(seed):
    """The likelihoods of a ceiling and of a floor at one amount sum to the density of the other rows."""
    given = toys.draw_scales(seed)
    rows = toys.draw_rows(seed, 5, 3, given)
    others = twin.log_density(rows[1:], given)
    both = [
        twin.log_density([replace(rows[0], bound=bound), *rows[1:]], given) for bound in ("ceiling", "floor")
    ]
    assert np.logaddexp(*both) == pytest.approx(others, abs=1e-9)


def test_the_slope_of_a_ceiling_is_the_density():
    """The likelihood of a ceiling grows with the amount at the rate of the density of an exact row."""
    given = toys.scales()
    rows = toys.draw_rows(3, 5, 3, given)
    step = 1e-4

    def at(amount):
        return math.exp(
            twin.log_density([*rows[:-1], replace(rows[-1], ln_amount=amount, bound="ceiling")], given)
        )

    amount = rows[-1].ln_amount
    slope = (at(amount + step) - at(amount - step)) / (2 * step)
    assert slope == pytest.approx(math.exp(twin.log_density(rows, given)), rel=1e-6)


def test_two_bounds_are_refused():
    """The density with two bounded rows is an integral in two dimensions, and refused."""
    rows = [row("fine", bound="ceiling"), row("total", bound="floor")]
    with pytest.raises(ValueError, match="2 rows are bounded"):
        twin.log_density(rows, toys.scales())
    with pytest.raises(ValueError, match="replace each"):
        twin.predict(rows, toys.scales(), row("fine", breach="new"))


@pytest.mark.parametrize("z", [5.0, 0.0, -3.0, -29.9, -30.1, -80.0, -1e4])
def test_logarithm_of_the_normal_distribution(z):
    """The logarithm of the normal distribution function is SciPy's, also where the function itself is 0."""
    assert twin.log_ndtr(z) == pytest.approx(special.log_ndtr(z), rel=1e-12)


def test_values_behind_bounds():
    """A value behind its bound makes the row exact; one on the wrong side, or one too many, is refused."""
    rows = [row("fine", bound="ceiling"), row("total"), row("state_ag", bound="floor")]
    assert [(r.ln_amount, r.bound) for r in twin.behind(rows, [15.0, 17.0])] == [
        (15.0, ""), (16.0, ""), (17.0, ""),
    ]  # fmt: skip
    for values, words in (
        ([16.5, 17], "wrong side"),
        ([15, 15], "wrong side"),
        ([15], "fewer"),
        ([15, 17, 1], "1 val"),
    ):
        with pytest.raises(ValueError, match=words):
            twin.behind(rows, values)


# Prediction --------------------------------------------------------------------------------------------


def test_prediction_without_rows_is_the_prior():
    """Without rows a prediction is the normal of one row, written down by hand."""
    given = toys.scales()
    mean, deviation = twin.predict([], given, row("fine", people=1e6, kinds=NONE, country="AU"))
    assert mean == pytest.approx(15)
    assert deviation**2 == pytest.approx(9 + 1 + 0.25 + 0.49 + twin.noise_scale("fine", given) ** 2)


def test_prediction_from_one_row_by_hand():
    """From one row, a prediction moves by covariance over variance times what the row was off."""
    given = toys.scales()
    old = row("settlement", people=1e6, kinds=NONE, amount=18.0)
    mean, deviation = twin.predict([old], given, row("state_ag", people=1e6, kinds=NONE, breach="new"))
    s_old, s_new = (twin.noise_scale(line, given) for line in ("settlement", "state_ag"))
    variance, shared = 10.25 + s_old**2, 9.0
    assert mean == pytest.approx(15 + shared / variance * 3)
    assert deviation**2 == pytest.approx(10.25 + s_new**2 - shared**2 / variance)


@pytest.mark.parametrize("seed", range(4))
def test_deletion_is_conditioning(seed):
    """Deleting a breach gives what the inverse of the covariance of all rows says without deletion.

    With K the covariance and r the residuals of all rows, the rows of a breach given the others have
    covariance C = ((K⁻¹)_own)⁻¹ and mean y - C (K⁻¹ r)_own.
    """
    given = toys.draw_scales(10 + seed)
    rows = toys.draw_rows(seed, 6, 4, given)
    mean, covariance = twin.joint_of_rows(rows, given)
    inverse = np.linalg.inv(covariance)
    amounts = np.array([r.ln_amount for r in rows])
    total = twin.log_density(rows, given)
    for breach in {r.breach for r in rows}:
        own = [i for i, r in enumerate(rows) if r.breach == breach]
        found = twin.leave_out(rows, given, breach)
        wanted = np.linalg.inv(inverse[np.ix_(own, own)])
        np.testing.assert_allclose(found.covariance, wanted, rtol=1e-7, atol=1e-9)
        shift = wanted @ (inverse @ (amounts - mean))[own]
        np.testing.assert_allclose(found.mean, amounts[own] - shift, rtol=1e-7)
        assert found.log_density == pytest.approx(
            stats.multivariate_normal.logpdf(amounts[own], found.mean, found.covariance), abs=1e-7
        )
        others = [r for r in rows if r.breach != breach]
        assert total == pytest.approx(twin.log_density(others, given) + found.log_density, abs=1e-9)


def test_a_left_out_breach_may_have_a_ceiling():
    """With one ceiling in the breach, its density is that of its exact rows times a probability."""
    given = toys.scales()
    rows = toys.draw_rows(2, 6, 1, given)
    own = [row("settlement", breach="b"), row("fine_sec", breach="b", amount=15.0, bound="ceiling")]
    found = twin.leave_out([*rows, *own], given, "b")
    mean, deviation = twin.row_given_others([*rows, *own], given, len(rows) + 1)
    exact = stats.norm.logpdf(own[0].ln_amount, found.mean[0], math.sqrt(found.covariance[0, 0]))
    assert found.log_density == pytest.approx(exact + stats.norm.logcdf(15.0, mean, deviation), abs=1e-9)


def test_lines_of_a_new_breach_share_its_effect():
    """Two lines of a new breach covary by rho times their scales more than lines of two new breaches."""
    given = toys.scales()
    rows = toys.draw_rows(4, 6, 3, given)
    new = [row("settlement", breach="new"), row("total", breach="new")]
    mean, together = twin.predict_lines(rows, given, new)
    apart = twin.predict_rows(rows, given, [new[0], replace(new[1], breach="other")])[1]
    extra = 0.4 * twin.noise_scale("settlement", given) * twin.noise_scale("total", given)
    np.testing.assert_allclose(together - apart, [[0, extra], [extra, 0]], atol=1e-9)
    for i, line in enumerate(new):
        assert twin.predict(rows, given, line) == pytest.approx((mean[i], math.sqrt(together[i, i])))
    with pytest.raises(ValueError, match="one breach"):
        twin.predict_lines(rows, given, [new[0], replace(new[1], breach="other")])
    with pytest.raises(ValueError, match="without rows"):
        twin.predict(rows, given, replace(new[0], breach=rows[0].breach))


def test_predictions_follow_from_the_coefficients():
    """A prediction is alpha + beta x + gammas + deltas given the rows, plus noise of variance s_k²."""
    given = toys.scales()
    rows = toys.draw_rows(6, 8, 3, given)
    new = row("fine", people=5e5, kinds=frozenset({"card", "medical"}), country="GB", breach="new")
    wanted = ["alpha[fine]", "beta[fine]", "gamma[fine,card]", "gamma[fine,medical]",
              "delta[abroad]", "delta[uk]", "delta[uk_fine]"]  # fmt: skip
    weights = np.array([1, math.log(0.5), 1, 1, 1, 1, 1])
    mean, covariance = twin.coefficients(rows, given, wanted)
    center, deviation = twin.predict(rows, given, new)
    assert center == pytest.approx(weights @ mean)
    assert deviation**2 == pytest.approx(
        weights @ covariance @ weights + twin.noise_scale("fine", given) ** 2
    )


def test_coefficients_are_those_of_a_ridge_regression():
    """Coefficients given the rows are weighted least squares with the prior as further observations."""
    given = toys.scales()
    rows = toys.draw_rows(7, 8, 3, given)
    sums = [twin.weights(r, given, str(i)) for i, r in enumerate(rows)]
    names = sorted({n for one in sums for n in one if n[0] not in {"u", "noise"}})
    design = np.array([[one.get(name, 0.0) for name in names] for one in sums])
    priors = np.array([twin.prior(name, given) for name in names])
    s = np.array([twin.noise_scale(r.line, given) for r in rows])
    same = np.array([[a.breach == b.breach for b in rows] for a in rows])
    noise = np.outer(s, s) * (0.4 * same + 0.6 * np.eye(len(rows)))
    precision = np.diag(priors[:, 1] ** -2) + design.T @ np.linalg.inv(noise) @ design
    right = priors[:, 0] / priors[:, 1] ** 2 + design.T @ np.linalg.inv(noise) @ [r.ln_amount for r in rows]
    solved, covariance = np.linalg.solve(precision, right), np.linalg.inv(precision)
    lines = sorted({r.line for r in rows})
    pick = np.array([[float(n in twin.alpha(line)) for n in names] for line in lines])
    mean, found = twin.coefficients(rows, given, [f"alpha[{line}]" for line in lines])
    np.testing.assert_allclose(mean, pick @ solved, rtol=1e-8)
    np.testing.assert_allclose(found, pick @ covariance @ pick.T, rtol=1e-7, atol=1e-10)


def test_names_of_all_coefficients():
    """There are 16 alphas, 16 betas, 80 gammas and 4 deltas."""
    names = list(twin.coefficient_sums())
    assert len(names) == len(set(names)) == 16 + 16 + 80 + 4
    assert twin.coefficients([], toys.scales())[0].shape == (116,)


# Hurdle ------------------------------------------------------------------------------------------------


def test_hurdle_by_hand():
    """Breaches with a payment count as P; those without one after t years as 1 - P F(t)."""
    p = 1 / (1 + math.exp(-(-1 + 0.3 * math.log(2))))
    lag = stats.lognorm.cdf(3, s=0.5, scale=math.exp(0.8))
    counts = [twin.Counted(2e6, 10, 4, 3.0), twin.Counted(1e6, 1, 0, 0.0)]
    wanted = 4 * math.log(p) + 6 * math.log(1 - p * lag)
    assert twin.hurdle_log_likelihood(counts, -1, 0.3, 0.8, 0.5) == pytest.approx(wanted)
    assert twin.chance(1e6, 0, 5) == 0.5


def test_class_actions_are_rare_abroad():
    """Outside of the US kappa is added to the logit; its prior is N(-2, 1)."""
    at_home, abroad = (twin.Counted(1e6, 1, 1, 2.0, country) for country in ("US", "FR"))
    both = twin.hurdle_log_likelihood([at_home, abroad], 0.5, 0.3, 1, 1, kappa=-2.5)
    assert both == pytest.approx(-math.log1p(math.exp(-0.5)) - math.log1p(math.exp(2)))
    kappa = stats.norm.logpdf(-2.5, -2, 1)
    assert twin.hurdle_log_prior(0, 0.3, 0, -2.5) == pytest.approx(twin.hurdle_log_prior(0, 0.3, 0) + kappa)


def test_a_settlement_abroad_needs_kappa():
    """In the ledger kappa lowers the chance of a settlement outside of the US, and nowhere else."""
    given = posterior(kappa=dict.fromkeys(twin.LINES, 0.0) | {"settlement": -2.0})
    for country, limit in (("US", 0.5), ("FR", 1 / (1 + math.exp(2)))):
        for paid in (limit - 1e-9, limit + 1e-9):
            found = twin.ledger(1e6, NONE, country, 0, given, ESTIMATES, luck(paid=paid))
            assert (found["settlement"] > 0) == (paid < limit)


def test_hurdle_without_a_lag_is_a_logistic_regression():
    """After endless years a breach without a payment counts as 1 - P."""
    counts = [twin.Counted(1e5, 20, 5, math.inf)]
    p = twin.chance(1e5, -0.5, 0.2)
    found = twin.hurdle_log_likelihood(counts, -0.5, 0.2, 1, 1)
    assert found == pytest.approx(stats.binom.logpmf(5, 20, p) - math.log(math.comb(20, 5)))


def test_prior_of_the_hurdle():
    """h_k ~ N(h⁰_k, 1) and eta_k ~ N(0.3, 0.15)."""
    wanted = stats.norm.logpdf(-1.5, -2, 1) + stats.norm.logpdf(0.5, 0.3, 0.15)
    assert twin.hurdle_log_prior(-1.5, 0.5, -2) == pytest.approx(wanted)


# Ledger ------------------------------------------------------------------------------------------------

ESTIMATES = {
    "incident_response": 1e6, "letters": 0.6, "letter": 1.0, "message": 0.1, "calls": 0.05, "call": 8.0,
    "take_up": 0.04, "monitoring": 25.0, "leaving": 0.02, "margin": 300.0, "cover": 0.5, "recovered": 0.4,
}  # fmt: skip


def posterior(**changes):
    """Return a posterior row in which every payment of a US breach of a million people is 1,000 USD."""
    by_line = {line: math.log(1000) for line in twin.LINES}
    zeros = dict.fromkeys(twin.LINES, 0.0)
    return {
        "alpha": by_line, "beta": zeros, "s": dict.fromkeys(twin.LINES, 2.0), "rho": 0.36, "h": zeros,
        "eta": zeros, "kappa": zeros,
        "gamma": {(line, kind): 0.0 for line in twin.LINES for kind in twin.KINDS},
        "delta": dict.fromkeys(twin.PLACES, 0.0),
    } | changes  # fmt: skip


def luck(u=0.0, noise=0.0, paid=0.0, covered=0.9):
    """Return random numbers, the same ones for every line."""
    lines = dict.fromkeys(twin.LINES, noise)
    return {"u": u, "noise": lines, "paid": dict.fromkeys(twin.LINES, paid), "covered": covered}


def test_ledger_by_hand():
    """Seven payments of 1,000 USD, 1,000 of response and 600,000 of churn sum to 608,000."""
    found = twin.ledger(1e6, NONE, "US", 1e5, posterior(), ESTIMATES, luck())
    assert found["total"] == pytest.approx(7 * 1000 + 1000 + 600_000)
    parts = {"incident_response": 1e6, "notice": 0.64e6, "call_centre": 0.4e6, "monitoring": 1e6}
    for part, estimate in parts.items():
        assert found[part] == pytest.approx(1000 * estimate / 3.04e6)
    insured = twin.ledger(1e6, NONE, "US", 1e5, posterior(), ESTIMATES, luck(covered=0.1))
    assert insured["insurance_recovery"] == pytest.approx(-0.4 * 8000)
    assert insured["total"] == pytest.approx(found["total"] - 0.4 * 8000)


def test_luck_in_the_ledger():
    """A payment is multiplied by exp(s (√rho u + √(1 - rho) noise)), response included."""
    found = twin.ledger(1e6, NONE, "US", 0, posterior(), ESTIMATES, luck(u=1, noise=-0.5))
    factor = math.exp(2 * (0.6 * 1 + 0.8 * -0.5))
    assert found["settlement"] == pytest.approx(1000 * factor)
    assert found["total"] == pytest.approx(8000 * factor)


def test_a_line_without_a_payment_is_zero():
    """A line is paid if its uniform number lies below P; the response is always paid."""
    found = twin.ledger(1e6, NONE, "US", 0, posterior(), ESTIMATES, luck(paid=0.5))
    assert found["total"] == pytest.approx(1000)
    assert found["settlement"] == 0
    assert twin.ledger(1e6, NONE, "US", 0, posterior(), ESTIMATES, luck(paid=0.4999))["settlement"] > 0


@pytest.mark.parametrize(
    ("kinds", "country", "wanted"),
    [
        (NONE, "US", {"state_ag", "fine"}),
        ({"medical"}, "US", {"state_ag", "fine_ocr", "fine"}),
        ({"medical", "card"}, "DE", {"fine_gdpr", "card_networks"}),
        ({"unknown"}, "GB", {"fine_gdpr"}),
        (NONE, "NO", {"fine_gdpr"}),
        (NONE, "CH", {"fine"}),
        (CARD, "", {"state_ag", "card_networks", "fine"}),
    ],
)
def test_which_lines_are_asked(kinds, country, wanted):
    """Regulators depend on where people live, card networks on cards; the other lines are always asked."""
    found = twin.ledger(1e6, frozenset(kinds), country, 0, posterior(), ESTIMATES, luck())
    always = {"settlement", "security", "redress", "interruption", "ransom", *twin.RESPONSE_PARTS}
    assert set(found) == wanted | always | {"churn", "insurance_recovery", "total"}


def test_a_payment_reads_all_of_the_posterior_row():
    """A fine in the UK is exp(alpha + beta x + gamma + three deltas)."""
    gamma = posterior()["gamma"] | {("fine", "card"): 0.5}
    delta = {"abroad": -0.2, "uk": 0.3, "eastern": 9.0, "uk_fine": -1.0}
    beta = dict.fromkeys(twin.LINES, 0.7)
    given = posterior(gamma=gamma, delta=delta, beta=beta)
    found = twin.payment(row("fine", country="GB"), given, 0, 0)
    assert found == pytest.approx(1000 * 2**0.7 * math.exp(0.5 - 0.2 + 0.3 - 1.0))


@pytest.mark.parametrize("people", [499, 3.1e9])
def test_the_ledger_ends_where_its_data_end(people):
    """The ledger is refused below 500 people and above 3 billion."""
    with pytest.raises(ValueError, match="from 500 people to 3 billion"):
        twin.ledger(people, NONE, "US", 0, posterior(), ESTIMATES, luck())


# Scores ------------------------------------------------------------------------------------------------


def mixture(weights, means, deviations):
    """Return a mixture of normals."""
    return twin.Mixture(np.array(weights), np.array(means), np.array(deviations))


def crps_of_normals(prediction, y):
    """Return the closed form E|X - y| - E|X - X'|/2 of a mixture of normals."""

    def mean_of_absolute(m, v):
        s = np.sqrt(v)
        return m * (2 * special.ndtr(m / s) - 1) + 2 * s * stats.norm.pdf(m / s)

    w, m, v = prediction.shares(), prediction.means, prediction.deviations**2
    between = mean_of_absolute(m[:, None] - m, v[:, None] + v)
    return float(w @ mean_of_absolute(y - m, v) - 0.5 * w @ between @ w)


@pytest.mark.parametrize("y", [-6.0, -1.0, 0.3, 1.0, 2.5, 11.0])
def test_crps_of_one_normal(y):
    """The CRPS of one normal is s (z (2 Φ(z) - 1) + 2 φ(z) - 1/√π)."""
    z = (y - 0.3) / 1.7
    wanted = 1.7 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert twin.crps(mixture([1.0], [0.3], [1.7]), y) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_crps_of_a_mixture(seed):
    """The CRPS of a mixture of normals is E|X - y| - E|X - X'|/2, whatever its weights sum to."""
    rng = np.random.default_rng(seed)
    prediction = mixture(rng.uniform(0.1, 3, 5), rng.normal(15, 2, 5), rng.uniform(0.3, 2, 5))
    y = float(rng.normal(15, 3))
    assert twin.crps(prediction, y) == pytest.approx(crps_of_normals(prediction, y), rel=1e-7)


def test_scores_of_one_normal():
    """Width, log score, percentile and coverage of one normal have closed forms."""
    prediction = mixture([2.0], [15.0], [1.5])
    z = stats.norm.ppf([0.5, 0.75, 0.95])
    found = twin.score(prediction, 15 + 1.5 * 0.8)
    assert found.width == pytest.approx(math.exp(2 * 1.5 * z[2]))
    assert found.log_score == pytest.approx(stats.norm.logpdf(16.2, 15, 1.5))
    assert found.pit == pytest.approx(stats.norm.cdf(0.8))
    for unit, inside in (
        (0.6, (True, True)),
        (0.7, (False, True)),
        (-1.6, (False, True)),
        (1.7, (False, False)),
    ):
        scores = twin.score(prediction, 15 + 1.5 * unit)
        assert (scores.inside_50, scores.inside_90) == inside


def test_quantiles_of_a_mixture():
    """The distribution function at a quantile is its probability; the density is its slope."""
    prediction = mixture([1.0, 2.0], [10.0, 18.0], [0.5, 2.0])
    for p in (0.001, 0.05, 1 / 3, 0.5, 0.999):
        assert prediction.cdf(prediction.quantile(p)) == pytest.approx(p, abs=1e-12)
    slope = (prediction.cdf(16.0 + 1e-5) - prediction.cdf(16.0 - 1e-5)) / 2e-5
    assert prediction.density(16.0) == pytest.approx(slope, rel=1e-6)


def test_effective_number_of_draws():
    """Equal weights are worth their number; one weight that outgrows the others is worth one."""
    assert twin.effective_number([0.3] * 7) == pytest.approx(7)
    assert twin.effective_number([1e9, 1, 1]) == pytest.approx(1)


def test_weights_make_the_posterior_without_the_breach():
    """Draws weighted with 1 / p(rows of the breach | others) have the posterior of the other rows.

    The scales are one of five sets. The posterior of each is in proportion to the density of all rows; the
    one without the breach is in proportion to the density of the others, which is computed directly.
    """
    sets = [toys.draw_scales(seed) for seed in range(5)]
    rows = toys.draw_rows(5, 6, 3, toys.scales())
    own = [r for r in rows if r.breach == rows[0].breach]
    others = [r for r in rows if r.breach != rows[0].breach]
    shares = np.exp([twin.log_density(rows, one) - twin.log_density(rows, sets[0]) for one in sets])
    found, effective = twin.left_out_mixtures([(rows, one) for one in sets], rows[0].breach, shares)
    wanted = np.exp([twin.log_density(others, one) - twin.log_density(others, sets[0]) for one in sets])
    assert len(found) == len(own)
    for prediction, r in zip(found, own, strict=True):
        np.testing.assert_allclose(prediction.shares(), wanted / wanted.sum(), rtol=1e-8)
        normals = [twin.predict(others, one, r) for one in sets]
        np.testing.assert_allclose(np.c_[prediction.means, prediction.deviations], normals, rtol=1e-9)
    assert effective == pytest.approx(twin.effective_number(wanted.tolist()))


@pytest.mark.parametrize("n", [1, 2, 5, 31, 120])
def test_kolmogorov_and_smirnov(n):
    """Distance and p-value of the percentiles are those of SciPy's exact test."""
    rng = np.random.default_rng(n)
    for power in (1.0, 1.2, 0.6):
        pits = rng.uniform(size=n) ** power
        wanted = stats.kstest(pits, "uniform", method="exact")
        distance, p = twin.kolmogorov_smirnov(pits)
        assert distance == pytest.approx(wanted.statistic, rel=1e-12)
        assert p == pytest.approx(wanted.pvalue, abs=1e-9)


def test_percentiles_of_left_out_rows_are_uniform():
    """Rows drawn from the model have uniform percentiles when their breach is left out at the true scales.

    40 sets of rows, one breach each, seeds 100 to 139; the p-value of Kolmogorov and Smirnov is above 0.001.
    """
    given = toys.scales()
    pits = []
    for seed in range(100, 140):
        rows = toys.draw_rows(seed, 5, 1, given)
        found = twin.leave_out(rows, given, rows[0].breach)
        prediction = mixture([1.0], [found.mean[0]], [math.sqrt(found.covariance[0, 0])])
        pits.append(prediction.cdf(rows[0].ln_amount))
    assert twin.kolmogorov_smirnov(pits)[1] > 0.001
