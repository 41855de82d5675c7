"""Tests of uncertain numbers, common drivers and excess in the slow twin: sections 8.1, 8.3 and 2.7."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from support import plain_worlds as by_hand
from support import reference as twin
from support import reference_excess as excess
from support import reference_numbers as numbers
from support.plain_worlds import attack, route

LIMIT = 4.0
"""Standard errors."""


# Ends and scale ------------------------------------------------------------------------


def estimate(low, mode, high, scale="linear", status="assumed", **more):
    """Return an estimate."""
    return {"low": low, "mode": mode, "high": high, "scale": scale, "status": status, **more}


CASES = [
    estimate(1, 2, 3),
    estimate(0.0, 0.1, 1.0),
    estimate(0.2, 0.2, 0.9),
    estimate(2.0, 5.0, 5.0),
    estimate(0.01, 0.02, 4.0, "log"),
    estimate(1e-6, 1e-3, 2e-3, "log"),
    estimate(3.0, 3.0, 90.0, "log"),
    estimate(10, 400, 1_000, status="cited", hard=False),
]


@pytest.mark.parametrize("own", CASES)
def test_soft_ends_put_low_and_high_at_five_and_ninety_five_percent(own):
    """A PERT between the soft ends has its quantiles at low and high, by a density integrated afresh."""
    lower, upper = numbers.ends(own)
    low, mode, high = (numbers.on_scale(own, own[word]) for word in ("low", "mode", "high"))
    assert lower < low < high < upper
    a, b = 1 + 4 * (mode - lower) / (upper - lower), 1 + 4 * (upper - mode) / (upper - lower)

    def density(x):
        return (x - lower) ** (a - 1) * (upper - x) ** (b - 1)

    whole = integrate.quad(density, lower, upper, epsabs=0, epsrel=1e-12)[0]
    below = integrate.quad(density, lower, low, epsabs=0, epsrel=1e-12)[0] / whole
    above = integrate.quad(density, high, upper, epsabs=0, epsrel=1e-12)[0] / whole
    assert (below, above) == pytest.approx((0.05, 0.05), rel=1e-7)
    peak = optimize.minimize_scalar(lambda x: -density(x), bounds=(lower, upper), method="bounded").x
    assert peak == pytest.approx(mode, abs=1e-4 * (upper - lower))


@pytest.mark.parametrize("own", CASES)
def test_a_root_finder_finds_the_same_ends(own):
    """Two equations in two unknown ends, solved together, give the ends of the bisection."""
    lower, upper = numbers.ends(own)
    low, mode, high = (numbers.on_scale(own, own[word]) for word in ("low", "mode", "high"))

    def errors(logs):
        lo, hi = low - math.exp(logs[0]), high + math.exp(logs[1])
        a, b = 1 + 4 * (mode - lo) / (hi - lo), 1 + 4 * (hi - mode) / (hi - lo)
        law = stats.beta(a, b, lo, hi - lo)
        return law.cdf(low) - 0.05, law.sf(high) - 0.05

    start = [math.log(0.3 * (high - low))] * 2
    found = optimize.root(errors, start, tol=1e-13).x
    assert (low - math.exp(found[0]), high + math.exp(found[1])) == pytest.approx((lower, upper), rel=1e-6)


def test_the_symmetric_case_by_hand():
    """With the mode in the middle the law is Beta(3, 3): I(x) = 10x^3 - 15x^4 + 6x^5 = 5 % at 0.18926."""
    x = optimize.brentq(lambda x: 10 * x**3 - 15 * x**4 + 6 * x**5 - 0.05, 0, 0.5)
    width = 2 / (1 - 2 * x)
    assert numbers.ends(estimate(1, 2, 3)) == pytest.approx((2 - width / 2, 2 + width / 2))
    assert x == pytest.approx(0.18926, abs=1e-5)


@pytest.mark.parametrize(
    ("status", "hard", "wanted"),
    [
        ("assumed", None, False),
        ("cited", None, True),
        ("derived", None, True),
        ("assumed", True, True),
        ("cited", False, False),
        ("derived", False, False),
    ],
)
def test_which_ends_are_hard(status, hard, wanted):
    """Assumed PERTs have soft ends, cited and derived ones hard ends, unless they say otherwise."""
    own = estimate(1, 2, 4, status=status, hard=hard)
    assert numbers.is_hard(own) == wanted
    assert (numbers.ends(own) == (1, 4)) == wanted
    if wanted:
        assert (numbers.quantile(own, 0.0), numbers.quantile(own, 1.0)) == (1, 4)
    else:
        assert (numbers.quantile(own, 0.05), numbers.quantile(own, 0.95)) == pytest.approx((1, 4))


def test_the_scale_is_said_and_never_inferred():
    """Over four decades a linear PERT stays linear: hard, its mean is (low + 4 mode + high) / 6."""
    own = estimate(0.01, 1.0, 100.0, hard=True)
    assert numbers.mean(own) == pytest.approx(104.01 / 6, rel=1e-4)
    logs = estimate(0.01, 1.0, 100.0, "log", hard=True)
    assert numbers.quantile(logs, 0.5) == pytest.approx(1.0)
    assert numbers.quantile(logs, 0.2) * numbers.quantile(logs, 0.8) == pytest.approx(1.0)


def test_a_value_beyond_the_range_of_its_unit_is_set_to_the_end():
    """A soft share goes below 0 and above 1 and is set to 0 and to 1."""
    own = estimate(0.02, 0.3, 0.97, unit_range=(0.0, 1.0))
    free = estimate(0.02, 0.3, 0.97)
    assert numbers.quantile(free, 0.0) < 0
    assert numbers.quantile(free, 1.0) > 1
    assert (numbers.quantile(own, 0.0), numbers.quantile(own, 1.0)) == (0.0, 1.0)
    assert numbers.quantile(own, 0.5) == numbers.quantile(free, 0.5)


def test_zero_with_a_probability():
    """With p_zero = 0.3 the value is 0 below 0.3, and the quantile of the rest above it."""
    rest = estimate(2.0, 3.0, 5.0, "log")
    own = rest | {"p_zero": 0.3}
    assert [0.0, 0.0] == [numbers.quantile(own, u) for u in (0.0, 0.2999)]
    for u in (0.3, 0.5, 0.65, 0.99):
        assert numbers.quantile(own, u) == pytest.approx(numbers.quantile(rest, (u - 0.3) / 0.7))
    assert numbers.mean(own) == pytest.approx(0.7 * numbers.mean(rest))


def test_an_estimate_without_width_is_its_value():
    """With low, mode and high alike every quantile is the value, on both scales."""
    for scale in ("linear", "log"):
        own = estimate(2.5, 2.5, 2.5, scale)
        assert [numbers.quantile(own, u) for u in (0.0, 0.4, 1.0)] == pytest.approx([2.5] * 3)


def test_an_estimate_out_of_order_is_refused():
    """A mode outside low and high is refused."""
    with pytest.raises(ValueError, match="low <= mode <= high"):
        numbers.ends(estimate(1, 5, 4))


# Worlds ----------------------------------------------------------------------------------


def world(attacks, n=1_000, years=1, **more):
    """Return a world of one segment in which the name leaks to everyone and the mail to half."""
    return by_hand.world([by_hand.segment("all", n, [("name", 1.0), ("mail", 0.5)])], attacks, years, **more)


# Common drivers ------------------------------------------------------------------------------


def chain(**more):
    """Return a swap and a theft behind it, anchored at 5,000 USD."""
    swap = attack("swap", "initial", [route("name", 0.4, 0.5)], "key", severity_mean=30.0, severity_sigma=0.4)
    theft = attack(
        "theft",
        "follow_on",
        [route("mail", 0.6, 0.5, capabilities="key")],
        severity_mean=70.0,
        severity_sigma=0.8,
    )
    return world([swap, theft], **more)


def anchored(**more):
    """Return the chain with an anchor."""
    return chain(anchors=[{"attack": "swap", "mean_loss": 5_000.0, "follow_ons": ["theft"]}], **more)


def figures(w):
    """Return victims and losses of every attack."""
    row = twin.expected(w)["segments"]["all"]["attacks"]
    return {(name, word): own[word] for name, own in row.items() for word in ("attempted", "victims", "loss")}


def test_the_driver_of_attempts_acts_once_along_a_chain():
    """With a = 2 the swap has 1 - exp(-2 x 0.2), and the theft the same share of it as before."""
    before, after = figures(chain()), figures(chain(drivers={"attempts": 2.0}))
    assert after["swap", "victims"] == pytest.approx(1_000 * -math.expm1(-0.4))
    assert after["swap", "attempted"] == pytest.approx(1_000 * -math.expm1(-0.8))
    assert after["theft", "victims"] == pytest.approx(0.15 * after["swap", "victims"])
    assert before["theft", "victims"] == pytest.approx(0.15 * before["swap", "victims"])


@pytest.mark.parametrize("driver", [0.5, 1.0, 2.0])
def test_the_national_capacity_is_not_multiplied(driver):
    """Where the capacity binds, the attempts are the capacity whatever the driver is."""
    w = chain(drivers={"attempts": driver})
    w["attacks"][0]["capacity"] = 100.0
    assert twin.capacity_scales(w)["swap"] == pytest.approx(100 / (400 * driver))
    assert figures(w)["swap", "attempted"] == pytest.approx(1_000 * -math.expm1(-0.1))


def test_the_driver_of_severities_acts_after_the_anchor():
    """With l = 0.5 a swap's victim loses half of the published 5,000 USD in the follow-on."""
    w = anchored(drivers={"severity": 0.5})
    assert twin.anchor_factors(w, {"swap": 1.0, "theft": 1.0})["theft"] == pytest.approx(5_000 / (0.15 * 70))
    found = figures(w)
    assert found["theft", "loss"] / found["swap", "victims"] == pytest.approx(2_500)
    assert found["swap", "loss"] / found["swap", "victims"] == pytest.approx(15)


def test_moments_of_losses_follow_the_driver():
    """The mean of the loss goes with l and its variance with l squared; victims stay."""
    plain, driven = twin.expected(anchored()), twin.expected(anchored(drivers={"severity": 1.7}))
    assert driven["total"]["loss"] == pytest.approx(1.7 * plain["total"]["loss"])
    assert driven["total"]["loss_variance"] == pytest.approx(1.7**2 * plain["total"]["loss_variance"])
    assert driven["segments"]["all"]["people"] == plain["segments"]["all"]["people"]


def test_drawn_losses_follow_the_drivers():
    """Losses drawn victim by victim agree within 4 standard errors (20,000 accounts, seed 2)."""
    w = anchored(n=20_000, drivers={"attempts": 1.4, "severity": 0.6})
    drawn, wanted = twin.simulate(w, 2), twin.expected(w)["segments"]["all"]["attacks"]
    for name, own in wanted.items():
        found = drawn["segments"]["all"]["attacks"][name]
        assert abs(found["victims"] - own["victims"]) < LIMIT * math.sqrt(own["victims"])
        assert abs(found["loss"] - own["loss"]) < LIMIT * math.sqrt(own["loss_variance"])


def test_drivers_at_one_are_none():
    """Drivers at one change no figure by a bit."""
    assert figures(anchored(drivers={"attempts": 1.0, "severity": 1.0})) == figures(anchored())


# Excess --------------------------------------------------------------------------------------


def struck_at_once(years=1, background=0.09):
    """Return a million people, all harmed in the first month."""
    harm = attack(
        "harm",
        "initial",
        [route("name", 1_000.0)],
        background=background,
        onset_median_days=1.0,
        onset_sigma=0.1,
    )
    return world([harm], 1_000_000, years, people_background=0.09)


@pytest.mark.parametrize("years", [1, 5])
def test_all_harmed_in_the_first_month(years):
    """A share of 0.91^(1/12) is in excess, whatever the horizon; those never otherwise fall."""
    found = excess.expected_excess(struck_at_once(years))["all"]
    for row in (found["attacks"]["harm"], found["people"]):
        assert row["victims"] == pytest.approx(1_000_000)
        assert row["share"] == pytest.approx(0.91 ** (1 / 12))
        assert row["never_otherwise"] == pytest.approx(1_000_000 * 0.91**years)


def test_eighteen_thousand_never_otherwise():
    """A million people, a background of 9 % and a breach that hits an independent 2 %: 18,200."""
    harm = attack("harm", "initial", [route("name", -math.log(0.98))], background=0.09)
    w = world([harm], 1_000_000, people_background=0.09)
    found = excess.expected_excess(w)["all"]
    assert found["attacks"]["harm"]["never_otherwise"] == pytest.approx(18_200)
    assert found["people"]["never_otherwise"] == pytest.approx(18_200)
    assert twin.expected(w)["segments"]["all"]["attacks"]["harm"]["excess"] == pytest.approx(18_200)
    assert 18_200 < found["people"]["excess"] < 20_000


def test_nothing_leaked_is_nothing_in_excess():
    """A breach that leaks nothing has exactly zero gross and excess victims."""
    w = struck_at_once()
    w["segments"][0]["blocks"] = []
    row = excess.expected_excess(w)["all"]["people"]
    assert (row["victims"], row["excess"], row["never_otherwise"]) == (0, 0, 0)


def test_the_share_in_excess_by_hand():
    """With the onset's distribution function the share is a sum over twelve months."""
    harm = attack("harm", "initial", [route("name", 1e-6)], background=0.3)
    found = excess.expected_excess(world([harm]))["all"]["attacks"]["harm"]
    law = stats.lognorm(1.725, scale=120.0)
    ends = [365 * m / 12 for m in range(13)]
    mass = [law.cdf(b) - law.cdf(a) for a, b in itertools.pairwise(ends)]
    wanted = sum(m * 0.7 ** (end / 365) for m, end in zip(mass, ends[1:], strict=True)) / sum(mass)
    assert found["share"] == pytest.approx(wanted, rel=1e-5)


def mixed(n=1_000):
    """Return a world of a chain and a phish with backgrounds, over a year and a quarter."""
    w = chain(n=n, years=1.25)
    w["attacks"].append(
        attack("phish", "initial", [route("mail", 0.9, 0.5)], background=0.4, onset_median_days=20.0)
    )
    w["attacks"][0]["background"], w["attacks"][1]["background"] = 0.2, 0.1
    return w


def test_months_sum_to_the_horizon_and_people_have_the_mean():
    """Shares of 15 months sum to one; the x of people is that of attacks, weighted by their victims."""
    w = mixed()
    assert len(excess.month_ends(w)) == 15
    for shares in excess.month_shares(w)["all"].values():
        assert sum(shares) == pytest.approx(1.0)
    found = excess.expected_excess(w)["all"]
    rows = list(found["attacks"].values())
    wanted = np.average([row["share"] for row in rows], weights=[row["victims"] for row in rows])
    assert found["people"]["share"] == pytest.approx(wanted)
    for row in rows:
        assert row["never_otherwise"] <= row["excess"] <= row["victims"]


def test_victims_live_their_excess():
    """Backgrounds drawn victim by victim agree within 4 standard errors (40,000 accounts, seed 6)."""
    w = mixed(40_000)
    drawn, wanted = excess.simulate_excess(w, 6)["all"], excess.expected_excess(w)["all"]["attacks"]
    for name, own in wanted.items():
        for word in ("victims", "excess", "never_otherwise"):
            assert abs(drawn[name][word] - own[word]) < LIMIT * math.sqrt(own[word])


def test_excess_of_a_longer_horizon_is_not_smaller():
    """A longer horizon adds victims in excess and takes none away; it takes from those never otherwise."""
    short, long = (
        excess.expected_excess(struck_at_once(years))["all"]["attacks"]["harm"] for years in (1, 4)
    )
    assert long["excess"] == pytest.approx(short["excess"])
    w = copy.deepcopy(mixed())
    one, two = (excess.expected_excess(w | {"horizon_years": y})["all"]["attacks"]["phish"] for y in (1, 2))
    assert one["excess"] < two["excess"]
