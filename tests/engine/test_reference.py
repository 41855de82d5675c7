"""Tests of the slow twin: each states a law of the model or an oracle."""

import copy
import itertools
import math
from collections import Counter
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from support import plain_worlds as by_hand
from support import reference as twin
from support.plain_worlds import world

LIMIT = 4.0  # standard errors


def route(fields=(), attempts=1.0, success=1.0, traits=(), capabilities=()):
    """Return a route; each letter of a text is a name."""
    return by_hand.route(list(fields), attempts, success, list(traits), list(capabilities))


def attack(name, kind, routes=(), grants=(), **more):
    """Return an attack with plain defaults; each letter of `grants` is a name if it is a text."""
    return by_hand.attack(name, kind, routes, list(grants), **more)


def segment(name, accounts, blocks, clock_rates=None, resets=()):
    """Return a segment; blocks is a list of (fields, coverage), and each letter of a text is a field."""
    own = [(list(fields), coverage) for fields, coverage in blocks]
    return by_hand.segment(name, accounts, own, clock_rates=clock_rates or {}, resets=list(resets))


def toy_attacks():
    """Return the two attacks of the worked toy."""
    return [
        attack("sim_swap", "initial", [route("PK"), route("PNS")]),
        attack("new_account", "initial", [route("NSD")]),
    ]


def full_world():
    """Return a small world in which every feature of the law acts."""
    postpaid = segment(
        "postpaid",
        20_000,
        [(["name", "ssn"], 0.7), (["phone", "imei"], 0.9), (["pin"], 0.5), (["email"], 0.6)],
        {"line": 0.002, "handset": 0.003},
        [{"day": 100.0, "fields": ["pin"]}],
    )
    prepaid = segment(
        "prepaid", 10_000, [(["name", "phone"], 0.8), (["email", "imei"], 0.5)], {"line": 0.004}
    )
    swap = attack(
        "sim_swap",
        "initial",
        [
            route(["phone", "pin"], 0.9, 0.6),
            route(["phone", "name"], 0.5, 0.4, ["sms"]),
            route(["imei"], 0.3, 0.5),
        ],
        ["number"],
        clocks=["line", "handset"],
        background=0.02,
        severity_mean=300.0,
        severity_sigma=0.7,
    )
    mailbox = attack(
        "mailbox",
        "follow_on",
        [route(["email"], 0.7, 0.5, capabilities=["number"]), route([], 0.6, 0.4, capabilities=["carrier"])],
        ["mail"],
        severity_mean=50.0,
        severity_sigma=0.3,
    )
    carrier = attack(
        "carrier_login",
        "follow_on",
        [route([], 0.3, 0.8, capabilities=["number"]), route(["name"], 0.9, 0.7, capabilities=["mail"])],
        ["carrier"],
        severity_mean=20.0,
    )
    crypto = attack(
        "crypto_theft",
        "follow_on",
        [route([], 0.5, 0.6, ["crypto"], ["number"]), route([], 0.4, 0.4, [], ["mail"])],
        background=0.01,
        severity_mean=2_000.0,
        severity_sigma=1.0,
    )
    phish = attack(
        "phish",
        "initial",
        [route(["email"], 4.0, 0.3)],
        capacity=9_000.0,
        onset_median_days=30.0,
        onset_sigma=1.0,
        background=0.05,
        severity_mean=100.0,
        severity_sigma=0.5,
    )
    insider = attack("insider", "background_only", background=0.01, severity_mean=900.0)
    return world(
        [postpaid, prepaid],
        [swap, mailbox, carrier, crypto, phish, insider],
        2,
        event_days=[45.0],
        traits={"sms": 0.6, "crypto": 0.3},
        clocks={"line": ["phone", "imsi"], "handset": ["imei"]},
        anchors=[{"attack": "sim_swap", "mean_loss": 5_000.0, "follow_ons": ["crypto_theft"]}],
        people_background=0.09,
    )


def moved_world():
    """Return the full world after a release, in regimes, with more to steal and to wait for."""
    w = full_world()
    swap, _, _, _, phish, _ = w["attacks"]
    swap |= {"onset_median_days": 200.0, "reference_median_days": 120.0}
    swap["regimes"] = [{"until_day": 130.0, "factor": 0.5}, {"until_day": None, "factor": 1.5}]
    phish |= {"onset_sigma": 1.3, "reference_sigma": 1.0, "grants": ["password"]}
    phish["regimes"] = [{"until_day": -5.0, "factor": 9.0}, {"until_day": None, "factor": 1.2}]
    elsewhere = attack("pin_elsewhere", "initial", [route(["pin"], 2.0, 0.5)], reset_proof=True)
    both_keys = [route([], 0.8, 0.7, [], ["password", "mail"]), route(["name"], 0.5, 0.3, [], ["number"])]
    w["attacks"] += [elsewhere, attack("takeover", "follow_on", both_keys)]
    return w


def protection(factor, from_day=0.0, until_day=math.inf):
    """Return a protection of an attack."""
    return {"factor": factor, "from_day": from_day, "until_day": until_day}


def protected_world():
    """Return the moved world, smaller, with protections of attacks and traits and withheld fields."""
    w = moved_world()
    postpaid, prepaid = w["segments"]
    postpaid |= {"accounts": 3_000, "withheld": [{"fields": ["ssn", "pin"], "share": 0.3}]}
    prepaid |= {"accounts": 2_000, "withheld": [{"fields": [], "share": 0.2}]}
    w["traits"]["sms"] *= 0.5
    thinned = {
        "sim_swap": [protection(0.6, 60.0), protection(0.5, 130.0, 400.0)],
        "mailbox": [protection(0.8), protection(0.7)],
        "crypto_theft": [protection(0.5)],
        "phish": [protection(0.2, 0.0, 20.0)],
        "pin_elsewhere": [protection(0.3, 77.7)],
    }
    for a in w["attacks"]:
        a["protections"] = thinned.get(a["name"], [])
    return w


def within(found, wanted, variance):
    """Assert that a simulated figure lies within a few standard errors."""
    assert abs(found - wanted) <= LIMIT * math.sqrt(max(variance, 0.0)) + 1e-9 * abs(wanted)


# Sets and reach ------------------------------------------------------------


def test_enabling_sets_of_the_toy():
    """The minimal enabling sets of any harm are {P,K}, {N,P,S} and {N,S,D}."""
    assert set(twin.enabling_sets(toy_attacks())) == set(map(frozenset, ["PK", "NPS", "NSD"]))
    assert set(twin.enabling_sets(toy_attacks(), "new_account")) == {frozenset("NSD")}


def test_protection_sets_of_the_toy():
    """The minimal protection sets of any harm are NP, NK, PS, PD and KS."""
    found = twin.protection_sets(toy_attacks(), ["sim_swap", "new_account"])
    assert set(found) == set(map(frozenset, ["NP", "NK", "PS", "PD", "KS"]))


def test_sets_follow_chains_but_never_background():
    """An earlier attack counts only if it is itself possible; an insider enables nothing."""
    attacks = [
        attack("insider", "background_only", grants=["number"]),
        attack("swap", "initial", [route("PK", traits=["sms"])], ["number"]),
        attack("theft", "follow_on", [route("E", capabilities=["number"])]),
    ]
    assert twin.enabling_sets(attacks, "theft") == [frozenset("PKE")]
    assert twin.protection_sets(attacks, "theft") == [frozenset("E"), frozenset("K"), frozenset("P")]
    assert twin.enabling_sets(attacks, "insider") == []
    assert twin.protection_sets(attacks, "insider") == [frozenset()]


def test_attackable_share_of_the_toy():
    """With P .9, K .5, N .9, S .6 independent a SIM swap is possible for 0.693 of the accounts."""
    blocks = [("P", 0.9), ("K", 0.5), ("N", 0.9), ("S", 0.6)]
    w = world([segment("s", 1_000, blocks)], toy_attacks())
    row = twin.expected(w)["segments"]["s"]
    assert row["attacks"]["sim_swap"]["attackable"] == pytest.approx(693.0)
    assert row["exposed"] == pytest.approx(1_000 * (1 - 0.1 * 0.5 * 0.1 * 0.4))


# Time ----------------------------------------------------------------------


@pytest.mark.parametrize(("day", "share"), [(10.0, 0.09516), (30.0, 0.25918)])
def test_race_between_attack_and_reset(monkeypatch, day, share):
    """A hazard of 0.01 a day until a reset hits 9.516 % by day 10 and 25.918 % by day 30."""
    monkeypatch.setattr(twin, "activity", lambda a, b, _: (b - a) / twin.DAYS_PER_YEAR)
    w = world(
        [segment("s", 100_000, [("K", 1.0)], resets=[{"day": day, "fields": ["K"]}])],
        [attack("a", "initial", [route("K", 3.65)])],
    )
    assert twin.expected(w)["segments"]["s"]["people"] / 1e5 == pytest.approx(share, abs=5e-6)
    within(twin.simulate(w, 1)["segments"]["s"]["people"], 1e5 * share, 1e5 * share * (1 - share))


def test_activity_has_mass_one_in_year_one():
    """A median of 120 days and sigma 1.725 give mass 1 in year one and 1.27 in five years."""
    w = world([], [], 5, event_days=[17.0, 400.5])
    cuts = twin.intervals(w)
    masses = [twin.activity(a, b, attack("a", "initial")) for a, b in cuts]
    assert sum(m for m, (_, b) in zip(masses, cuts, strict=False) if b <= 365) == pytest.approx(1.0)
    assert sum(masses) == pytest.approx(1.27, abs=0.005)
    assert len(cuts) == 74


def test_clock_states_are_what_a_random_moment_finds():
    """The state weights are the shares of random moments that find these clocks running."""
    rates, start, end, n = {"x": 0.01, "y": 0.03}, 20.0, 60.0, 200_000
    rng = np.random.default_rng(2)
    moments = rng.uniform(start, end, n)
    rings = {clock: rng.exponential(1 / rate, n) for clock, rate in rates.items()}
    states = twin.clock_states(rates, start, end)
    assert sum(weight for _, weight in states) == pytest.approx(1.0)
    for running, weight in states:
        found = np.ones(n, dtype=bool)
        for clock in rates:
            found &= (rings[clock] > moments) == (clock in running)
        within(found.sum(), n * weight, n * weight * (1 - weight))


def test_attempts_take_the_best_live_route():
    """While the clock runs the attempts go to the better route, afterwards to the other one."""
    routes = [route("A", 1.0, 0.1), route("B", 2.0, 0.5)]
    a = attack("a", "initial", routes, clocks=["c"])
    s = segment("s", 1, [("AB", 1.0)], {"c": 0.01})
    w = world([s], [a], clocks={"c": ["B"]})
    found = twin.streams(w, s, a, twin.Mask(frozenset("AB"), frozenset()))
    live = sum(twin.activity(x, y, a) * twin.still_running(0.01, x, y) for x, y in twin.intervals(w))
    assert sum(f.attempts for f in found if f.success == 0.5) == pytest.approx(2 * live)
    assert sum(f.attempts for f in found if f.success == 0.1) == pytest.approx(1 - live)


def test_best_is_attempts_times_success_and_the_first_of_equals():
    """The best route has the largest attempts x success; of equal ones it is the first listed."""
    routes = [route("A", 1.0, 0.5), route("B", 10.0, 0.1), route("C", 5.0, 0.2)]
    assert twin.best_route(routes) is routes[1]
    assert twin.best_route([]) is None


def test_a_clock_that_is_not_listed_does_not_thin():
    """A clock acts only on attacks that list it; a reset acts on all."""
    a = attack("a", "initial", [route("B", 0.7)])
    s = segment("s", 1, [("B", 1.0)], {"c": 0.5})
    mask = twin.Mask(frozenset("B"), frozenset())
    w = world([s], [a], clocks={"c": ["B"]})
    assert sum(f.attempts for f in twin.streams(w, s, a, mask)) == pytest.approx(0.7)
    s["resets"] = [{"day": 0.0, "fields": ["B"]}]
    assert twin.streams(w, s, a, mask) == []


def mass(day, median, sigma):
    """Return the lognormal distribution function, by the normal of the standard library."""
    return NormalDist().cdf(math.log(day / median) / sigma)


def total_attempts(w, name):
    """Return the attempts on an account of the first segment from which everything leaked, at scale 1."""
    s = w["segments"][0]
    mask = twin.Mask(frozenset(f for b in s["blocks"] for f in b["fields"]), frozenset(w["traits"]))
    a = next(a for a in w["attacks"] if a["name"] == name)
    return sum(stream.attempts for stream in twin.streams(w, s, a, mask))


def test_a_regime_doubles_one_month():
    """A factor 2 on the third month adds the mass of that month to the year, and nothing else."""
    months = [365 / 6, 365 / 4]
    ends = zip([*months, None], [1.0, 2.0, 1.0], strict=True)
    regimes = [{"until_day": day, "factor": factor} for day, factor in ends]
    w = world(
        [segment("s", 1, [("F", 1.0)])], [attack("a", "initial", [route("F", 1.0, 0.5)], regimes=regimes)]
    )
    third = (mass(months[1], 120, 1.725) - mass(months[0], 120, 1.725)) / mass(365, 120, 1.725)
    assert third == pytest.approx((0.4369 - 0.3469) / 0.7405, abs=2e-4)
    assert total_attempts(w, "a") == pytest.approx(1 + third)
    victims = twin.expected(w)["segments"]["s"]["attacks"]["a"]["victims"]
    assert victims == pytest.approx(1 - math.exp(-0.5 * (1 + third)))


def test_a_regime_ends_on_its_day_for_its_own_attack_only():
    """Between awkward days each attack has its own factor; one regime that ended by day 0 never acts."""
    mine = [{"until_day": d, "factor": f} for d, f in ((-30.0, 70.0), (0.0, 80.0), (41.5, 3.0), (None, 0.0))]
    w = world(
        [segment("s", 1, [("F", 1.0)])],
        [attack("a", "initial", [route("F")], regimes=mine), attack("b", "initial", [route("F")])],
    )
    assert (31 * 365 / 24) not in {start for start, _ in twin.intervals(w)}
    assert [b for _, b in twin.intervals(w)].count(41.5) == 1
    assert total_attempts(w, "a") == pytest.approx(3 * mass(41.5, 120, 1.725) / mass(365, 120, 1.725))
    assert total_attempts(w, "b") == pytest.approx(1.0)


def test_capacity_looks_at_regimes_of_year_one():
    """Under a binding capacity a factor on year one changes nothing, a factor on year two acts in full."""

    def attempts(first, second):
        regimes = [{"until_day": 365.0, "factor": first}, {"until_day": None, "factor": second}]
        a = attack("a", "initial", [route("F", 4.0)], capacity=100.0, regimes=regimes)
        w = world([segment("s", 50, [("F", 1.0)])], [a], 2)
        return 50 * twin.capacity_scales(w)["a"] * total_attempts(w, "a")

    later = mass(730, 120, 1.725) / mass(365, 120, 1.725) - 1
    assert attempts(1.0, 1.0) == pytest.approx(100 * (1 + later))
    assert attempts(2.5, 2.5) == pytest.approx(100 * (1 + later))
    assert attempts(1.0, 3.0) == pytest.approx(100 * (1 + 3 * later))
    assert attempts(2.0, 1.0) == pytest.approx(100 * (1 + later / 2))


@pytest.mark.parametrize(
    ("median", "sigma", "year_one", "five_years"),
    [(240.0, 1.725, 0.5960 / 0.7405, 0.8802 / 0.7405), (120.0, 2.5875, 0.6664 / 0.7405, 0.8536 / 0.7405)],
)
def test_a_release_moves_the_onset_but_not_its_measure(median, sigma, year_one, five_years):
    """After a release mass is F'(t) / F(365): later or longer use makes year one lighter than 1."""
    a = attack("a", "initial", [route("F")], onset_median_days=median, onset_sigma=sigma)
    a |= {"reference_median_days": 120.0, "reference_sigma": 1.725}
    for years, wanted in ((1, year_one), (5, five_years)):
        w = world([segment("s", 1, [("F", 1.0)])], [a], years)
        assert total_attempts(w, "a") == pytest.approx(
            mass(365 * years, median, sigma) / mass(365, 120, 1.725)
        )
        assert total_attempts(w, "a") == pytest.approx(wanted, abs=2e-4)
    cataloged = attack("b", "initial")
    assert twin.activity(0, 1e12, a) == pytest.approx(twin.activity(0, 1e12, cataloged), rel=1e-4)


def test_reset_proof_attacks_outlive_a_reset():
    """After a reset on day 100 only the reset-proof attack goes on; a clock it lists still thins it."""
    routes, reset = [route("P", 2.0)], {"day": 100.0, "fields": ["P"]}
    w = world(
        [segment("s", 1, [("P", 1.0)], {"c": 0.01}, [reset])],
        [
            attack("here", "initial", routes),
            attack("elsewhere", "initial", routes, reset_proof=True),
            attack("ageing", "initial", routes, reset_proof=True, clocks=["c"]),
        ],
        clocks={"c": ["P"]},
    )
    assert total_attempts(w, "here") == pytest.approx(2 * mass(100, 120, 1.725) / mass(365, 120, 1.725))
    assert total_attempts(w, "elsewhere") == pytest.approx(2.0)
    ageing = w["attacks"][2]
    thinned = sum(twin.activity(x, y, ageing) * twin.still_running(0.01, x, y) for x, y in twin.intervals(w))
    assert total_attempts(w, "ageing") == pytest.approx(2 * thinned)
    assert 100.0 in {start for start, _ in twin.intervals(w)}


def test_regimes_out_of_order_are_refused():
    """The days of regimes rise, and exactly the last has none."""
    for days in ((20.0, 10.0, None), (10.0, 10.0, None), (10.0, 20.0), (None, None), (None, 10.0)):
        regimes = [{"until_day": day, "factor": 1.0} for day in days]
        w = world([], [attack("a", "initial", [route("F")], regimes=regimes)])
        with pytest.raises(ValueError, match="regime"):
            twin.expected(w)


# Protections -------------------------------------------------------------------


def protected_mass(factor, start, end):
    """Return the mass of year one with a factor on the days from start to end."""
    parts = [mass(day, 120, 1.725) for day in (start, end)]
    return 1 - (1 - factor) * (parts[1] - parts[0]) / mass(365, 120, 1.725)


@pytest.mark.parametrize("reset_proof", [False, True])
def test_a_protection_thins_successes_and_not_attempts(reset_proof):
    """From its first day to its end it multiplies Lambda of the successes of its own attack, and no more."""
    routes = [route("F", 2.0, 0.5)]
    mine = {"protections": [protection(0.3, 77.7, 200.5)], "reset_proof": reset_proof, "capacity": 1_500.0}
    w = world(
        [segment("s", 1_000, [("F", 1.0)])],
        [attack("a", "initial", routes, **mine), attack("b", "initial", routes)],
    )
    assert {77.7, 200.5} < {start for start, _ in twin.intervals(w)}
    assert twin.capacity_scales(w) == pytest.approx({"a": 0.75, "b": 1.0})
    row = twin.expected(w)["segments"]["s"]["attacks"]
    assert row["a"]["attempted"] == pytest.approx(1_000 * -math.expm1(-1.5))
    assert row["a"]["victims"] == pytest.approx(1_000 * -math.expm1(-0.75 * protected_mass(0.3, 77.7, 200.5)))
    assert row["b"]["attempted"] == pytest.approx(1_000 * -math.expm1(-2.0))
    assert row["b"]["victims"] == pytest.approx(1_000 * -math.expm1(-1.0))


def test_by_a_day_a_protection_has_acted_only_since_its_own():
    """By day t the sums are cut at t: nothing is thinned before day d, and only [d, t) is after it."""
    w = world(
        [segment("s", 1, [("F", 1.0)])],
        [attack("a", "initial", [route("F", 2.0, 0.5)], protections=[protection(0.25, 50.0)])],
        event_days=[20.0, 120.0],
    )
    share = {day: mass(day, 120, 1.725) / mass(365, 120, 1.725) for day in (20.0, 50.0, 120.0)}
    wanted = [share[20.0], share[50.0], 0.75 * share[50.0] + 0.25 * share[120.0]]
    found = twin.timeline(w, [20.0, 50.0, 120.0])["s"]["a"]
    assert found == pytest.approx([-math.expm1(-size) for size in wanted])


@pytest.mark.parametrize(("day", "share"), [(10.0, 0.09516), (30.0, 0.25918)])
def test_race_between_attack_and_protection(monkeypatch, day, share):
    """A full protection ends a hazard of 0.01 a day as a reset does, but the attempts go on all year."""
    monkeypatch.setattr(twin, "activity", lambda a, b, _: (b - a) / twin.DAYS_PER_YEAR)
    pin = attack("a", "initial", [route("K", 3.65)], protections=[protection(0.0, day)])
    n = 20_000
    w = world([segment("s", n, [("K", 1.0)])], [pin])
    wanted = {"victims": n * share, "attempted": n * -math.expm1(-3.65)}
    mean, drawn = (x["segments"]["s"]["attacks"]["a"] for x in (twin.expected(w), twin.simulate(w, 21)))
    for word, number in wanted.items():
        assert mean[word] == pytest.approx(number, abs=5e-6 * n)
        within(drawn[word], number, number * (1 - number / n))
    w["segments"][0]["resets"] = [{"day": day, "fields": ["K"]}]
    pin["protections"] = [protection(0.5, day / 2)]
    mean = twin.expected(w)["segments"]["s"]["attacks"]["a"]
    assert mean["victims"] == pytest.approx(n * -math.expm1(-0.0075 * day))
    assert mean["attempted"] == pytest.approx(n * share, abs=5e-6 * n)


def test_protections_multiply_where_both_hold():
    """On days 0-40, 40-90 and 90-365 factors .5 until 90 and .2 from 40 make .5, .1 and .2."""
    thinned = [protection(0.5, 0.0, 90.0), protection(0.2, 40.0)]
    a = attack("a", "initial", [route("F", 3.0, 0.5)], protections=thinned)
    n = 20_000
    w = world([segment("s", n, [("F", 1.0)])], [a])
    to_40, to_90 = (mass(day, 120, 1.725) / mass(365, 120, 1.725) for day in (40, 90))
    p = -math.expm1(-1.5 * (0.5 * to_40 + 0.1 * (to_90 - to_40) + 0.2 * (1 - to_90)))
    assert twin.expected(w)["segments"]["s"]["people"] == pytest.approx(n * p)
    within(twin.simulate(w, 22)["segments"]["s"]["people"], n * p, n * p * (1 - p))


def test_protections_of_follow_ons_by_hand():
    """On a follow-on q stays and q x success is multiplied: P(b) = .5 x .8 x .5 x f, and c after it."""
    w = chain_world(1)
    w["attacks"][1]["protections"] = [protection(0.5), protection(0.6)]
    w["attacks"][2]["protections"] = [protection(0.4)]
    row = twin.expected(w)["segments"]["s"]["attacks"]
    b, c_after_b, c_alone = 0.4 * 0.3, 0.5 * 0.4, 0.45 * 0.4
    assert (row["b"]["attempted"], row["b"]["victims"]) == pytest.approx((0.4, 0.5 * b))
    assert row["c"]["attempted"] == pytest.approx(0.5 * (b * 0.5 + (1 - b) * 0.25 * 0.9))
    assert row["c"]["victims"] == pytest.approx(0.5 * (b * c_after_b + (1 - b) * 0.25 * c_alone))


@pytest.mark.parametrize("kind", ["initial", "follow_on"])
def test_the_best_route_is_chosen_without_protections(kind):
    """A factor of zero leaves the attempts on the route that is best without it."""
    capability, scale = ("", 1.0) if kind == "initial" else ("A", 0.1)
    routes = [
        route("F", 1.0 * scale, 0.1, capabilities=capability),
        route("F", 2.0 * scale, 0.5, capabilities=capability),
    ]
    a = attack("a", kind, routes, protections=[protection(0.0)])
    w = world([segment("s", 1, [("F", 1.0)])], [a, attack("door", "initial", [route("F", 1e4)], "A")])
    found = twin.expected(w)["segments"]["s"]["attacks"]["a"]
    assert found["victims"] == 0
    assert found["attempted"] == pytest.approx(-math.expm1(-2.0) if kind == "initial" else 0.2)


def toy_loss(*, follow_on, swap=1.0, account=1.0, blocks=("P", "N", "K", "S", "D"), resets=(), n=1):
    """Return the world of the toy, 20 USD for each attack possible, with factors on both.

    Either both are follow-ons of a certain attack, or so rare that 1 - exp(-x) is x.
    """
    w = world([segment("s", n, [(f, 1.0) for f in blocks], resets=resets)], toy_attacks())
    rare = 1.0 if follow_on else 1e-7
    for a, factor in zip(w["attacks"], (swap, account), strict=True):
        a |= {"protections": [protection(factor)], "severity_mean": 20.0 / rare}
        for r in a["routes"]:
            r["attempts"] = rare
            r["capabilities"] = ["door"] if follow_on else []
        a["kind"] = "follow_on" if follow_on else "initial"
    w["attacks"].append(attack("door", "initial", [route("P", 1e4)], ["door"]))
    return w


@pytest.mark.parametrize("follow_on", [True, False])
def test_residual_of_the_toy(follow_on):
    """Of 40 USD a freeze (x .1 on new accounts) leaves 22, with a SIM lock (x .2) 6, the lock alone 24."""
    for swap, account, wanted in ((1.0, 1.0, 40.0), (1.0, 0.1, 22.0), (0.2, 0.1, 6.0), (0.2, 1.0, 24.0)):
        w = toy_loss(follow_on=follow_on, swap=swap, account=account)
        assert twin.expected(w)["total"]["loss"] == pytest.approx(wanted, rel=1e-6)
    reset, no_ssn = [{"day": 0.0, "fields": ["K"]}], ("P", "N", "K", "D")
    for more, wanted in (
        ({"resets": reset}, 22.0),
        ({"blocks": no_ssn}, 20.0),
        ({"blocks": no_ssn, "resets": reset}, 20.0 if follow_on else 0.0),
    ):
        loss = twin.expected(toy_loss(follow_on=follow_on, account=0.1, **more))["total"]["loss"]
        assert loss == pytest.approx(wanted, rel=1e-6)


def test_simulated_residual_of_the_toy():
    """Account by account, with SIM lock and freeze all are attempted and lose 4 and 2 USD in the mean."""
    n = 5_000
    w = toy_loss(follow_on=True, swap=0.2, account=0.1, n=n)
    row = twin.simulate(w, 23)["segments"]["s"]["attacks"]
    for name, p in (("sim_swap", 0.2), ("new_account", 0.1)):
        assert row[name]["attempted"] == row[name]["attackable"] == n
        within(row[name]["loss"], 20 * n * p, 400 * n * p * (1 - p))


def test_withheld_fields_are_taken_out_of_the_mask():
    """A withheld share acts on exposed, attackable and victims, independent of blocks, traits and others."""
    n, t = 10_000, 0.3
    s = segment("s", n, [("PN", 0.9), ("K", 0.5)])
    s["withheld"] = [{"fields": f, "share": x} for f, x in (("K", 0.4), ("", 0.25), ("PK", 0.1))]
    w = world(
        [s],
        [
            attack("pin", "initial", [route("K", 1e4)], "A"),
            attack("both", "initial", [route("PK", 1e4, traits="t")]),
            attack("later", "follow_on", [route("N", capabilities="A")]),
        ],
        traits={"t": t},
    )
    pin = 0.75 * 0.5 * 0.6 * 0.9
    wanted = {"pin": (pin, pin), "both": (pin * 0.9, pin * 0.9 * t), "later": (pin * 0.9, pin * 0.9)}
    exposed = 0.75 * (0.9 + 0.1 * 0.5 * 0.6 * 0.9)
    mean, drawn = twin.expected(w)["segments"]["s"], twin.simulate(w, 24)["segments"]["s"]
    pairs = [(mean["exposed"], drawn["exposed"], exposed), (mean["people"], drawn["people"], pin)]
    for name, shares in wanted.items():
        for word, p in zip(("attackable", "victims"), shares, strict=True):
            pairs.append((mean["attacks"][name][word], drawn["attacks"][name][word], p))
    for e, found, p in pairs:
        assert e == pytest.approx(n * p)
        within(found, n * p, n * p * (1 - p))


def test_all_withheld_is_nothing_leaked():
    """Where every field of every account is withheld every figure is exactly zero, and a share 0 is none."""
    w = chain_world(50)
    plain = twin.expected(w), twin.simulate(w, 25)
    w["segments"][0]["withheld"] = [{"fields": ["F"], "share": 0.0}, {"fields": [], "share": 0.0}]
    assert twin.expected(w) == plain[0]
    w["segments"][0]["withheld"] = [{"fields": [], "share": 1.0}]
    for result in (twin.expected(w), twin.simulate(w, 25)):
        row = result["segments"]["s"]
        figures = [row["exposed"], row["people"], *(x for e in row["attacks"].values() for x in e.values())]
        assert set(figures) == {0}


def test_capacity_looks_at_what_was_not_withheld():
    """The attempts that capacity is held against are those of the masks that are left."""
    s = segment("s", 1_000, [("F", 0.5)]) | {"withheld": [{"fields": ["F"], "share": 0.2}]}
    w = world([s], [attack("a", "initial", [route("F", 4.0)], capacity=400.0)])
    assert twin.capacity_scales(w) == pytest.approx({"a": 400 / (1_000 * 0.5 * 0.8 * 4)})


def test_a_what_if_that_changes_nothing_differs_by_zero():
    """A protection of factor 1 moves figures by its cut alone; a run cut on the same day has them exactly."""
    plain, same = full_world(), full_world()
    scales = twin.capacity_scales(plain)
    same["attacks"][0]["protections"] = [protection(1.0, 50.0, 70.0)]
    cut = plain | {"cut_days": [-3.0, 0.0, 50.0, 70.0, 9e9, math.inf]}
    assert twin.intervals(cut) == twin.intervals(same)
    wanted = twin.expected(same, scales, {})
    assert twin.expected(cut, scales, {}) == wanted
    assert twin.expected(plain, scales, {}) != wanted


def test_no_protection_raises_a_victim():
    """On the same cuts, scales and factors, what resets, thins, withholds or drops raises no number."""
    base = moved_world() | {"cut_days": [60.0, 90.0], "horizon_years": 0.5}
    scales = twin.capacity_scales(base)
    factors = twin.anchor_factors(base, scales)
    reset, thin, trait, withhold, drop = (copy.deepcopy(base) for _ in range(5))
    reset["segments"][0]["resets"].append({"day": 60.0, "fields": ["name", "phone"]})
    thin["attacks"][0]["protections"] = [protection(0.4, 60.0, 90.0)]
    thin["attacks"][1]["protections"] = [protection(0.4)]
    trait["traits"]["sms"] *= 0.5
    withhold["segments"][0]["withheld"] = [{"fields": ["phone", "email"], "share": 0.3}]
    drop["segments"][0]["blocks"][0]["fields"].remove("name")
    before = twin.expected(base, scales, factors)["segments"]["postpaid"]
    for w in (reset, thin, trait, withhold, drop):
        after = twin.expected(w, scales, factors)["segments"]["postpaid"]
        for key in ("exposed", "people", "loss"):
            assert after[key] <= before[key] * (1 + 1e-12)
        assert after["people"] < before["people"] * 0.999
        for name, x in before["attacks"].items():
            assert after["attacks"][name]["victims"] <= x["victims"] * (1 + 1e-12)


def test_protections_outside_the_law_are_refused():
    """Factors and shares lie in [0, 1], days rise, follow-ons have none, no routes no protection."""
    follow_on = {"kind": "follow_on", "routes": [route("F", capabilities="A")]}
    cases = [
        ({}, protection(1.1)),
        ({}, protection(-0.1)),
        ({}, protection(math.nan)),
        ({}, protection(0.5, -1.0)),
        ({}, protection(0.5, 10.0, 10.0)),
        (follow_on, protection(0.5, 1.0)),
        (follow_on, protection(0.5, 0.0, 100.0)),
        ({"kind": "background_only", "routes": []}, protection(0.5)),
    ]
    for more, wrong in cases:
        a = attack("a", "initial", [route("F")]) | more | {"protections": [wrong]}
        with pytest.raises(ValueError, match="protection"):
            twin.expected(world([], [a]))
    for share in (-0.1, 1.1, math.nan):
        s = segment("s", 1, [("F", 1.0)]) | {"withheld": [{"fields": ["F"], "share": share}]}
        with pytest.raises(ValueError, match="withheld"):
            twin.expected(world([s], []))


# Closure ---------------------------------------------------------------------


def chain_world(n):
    """Return a chain a -> b -> c in which c is also reached from a with a trait."""
    return world(
        [segment("s", n, [("F", 1.0)])],
        [
            attack("a", "initial", [route("F", math.log(2))], ["A"], severity_mean=100.0),
            attack("b", "follow_on", [route("", 0.8, 0.5, capabilities="A")], ["B"], severity_mean=10.0),
            attack(
                "c",
                "follow_on",
                [route("", 0.5, 1.0, capabilities="B"), route("", 0.9, 0.5, "t", "A")],
                severity_mean=1.0,
            ),
        ],
        traits={"t": 0.25},
    )


def test_follow_on_chain_by_hand():
    """P(a) = .5, P(b) = .5 x .4, P(c) = .5 (.4 x .5 + .6 x .25 x .45), as by hand."""
    row = twin.expected(chain_world(1))["segments"]["s"]
    got = {name: (x["attempted"], x["victims"]) for name, x in row["attacks"].items()}
    assert got["a"] == pytest.approx((0.5, 0.5))
    assert got["b"] == pytest.approx((0.4, 0.2))
    assert got["c"] == pytest.approx((0.5 * (0.2 + 0.135), 0.5 * (0.2 + 0.0675)))
    assert row["people"] == pytest.approx(0.5)
    p = {0: 0.5, 111: 0.1, 110: 0.1, 101: 0.5 * 0.6 * 0.25 * 0.45}
    p[100] = 0.5 * 0.6 - p[101]
    mean = sum(x * w for x, w in p.items())
    second = sum(x**2 * w for x, w in p.items())
    assert row["loss"] == pytest.approx(mean)
    assert row["loss_variance"] == pytest.approx(second - mean**2)


def test_the_fixpoint_does_not_depend_on_the_order():
    """A chain of four certain steps is followed to its end in whatever order it is listed."""
    steps = [attack("a", "initial", [route("F", 1e4)], "A")]
    steps += [
        attack(name, "follow_on", [route("", capabilities=needs)], name.upper())
        for name, needs in ("bA", "cB", "dC")
    ]
    for order in itertools.permutations(steps):
        w = world([segment("s", 3, [("F", 1.0)])], list(order))
        for result in (twin.expected(w), twin.simulate(w, 1)):
            entries = result["segments"]["s"]["attacks"].values()
            assert [x["victims"] for x in entries] == pytest.approx([3] * 4)


def recursion(p):
    """Return P(H) by the recursion of the law over sets of granting attacks."""
    names = list(p)
    subsets = [frozenset(c) for k in range(len(names) + 1) for c in itertools.combinations(names, k)]
    q, law = {}, {}
    for h in subsets:
        q[h] = 1 - sum(q[s] * math.prod(1 - p[g][s] for g in h - s) for s in q if s < h)
        law[h] = q[h] * math.prod(1 - p[g][h] for g in names if g not in h)
    return law


@pytest.mark.parametrize("seed", range(12))
def test_recursion_of_the_law_equals_enumeration(seed):
    """For random monotone dependence the recursion over sets is exactly the law of the coins."""
    rng = np.random.default_rng(seed)
    names = "abc" if seed < 10 else "abcd"
    subsets = [frozenset(c) for k in range(len(names) + 1) for c in itertools.combinations(names, k)]
    p = {}
    for g in names:
        raw = {h: Fraction(int(rng.integers(0, 13)), 12) for h in subsets}
        p[g] = {h: max(raw[s] * len(s) / len(names) for s in subsets if s <= h) for h in subsets}
        if g == "a":
            p[g] = {h: max(value, Fraction(1, 3)) for h, value in p[g].items()}
    law = twin.law_of_granted(p)
    assert sum(law.values()) == 1
    assert law == recursion(p)


def test_law_of_granted_by_hand():
    """For a cycle entered at a: P(a) = 1/2, then b at 1/2, and a alone keeps 1/4."""
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    law = twin.law_of_granted(
        {
            "a": lambda h: Fraction(3, 4) if "b" in h else half,
            "b": lambda h: half if "a" in h else Fraction(0),
        }
    )
    assert law == {frozenset(): half, frozenset("a"): quarter, frozenset("b"): 0, frozenset("ab"): quarter}
    with pytest.raises(ValueError, match="falls"):
        twin.law_of_granted({"a": lambda h: 0.5 - 0.1 * len(h)})


def cycle_world(n):
    """Return a start s and two granting follow-ons x and y that feed each other."""
    x = [route("", 0.6, 0.5, capabilities="S"), route("", 0.9, 0.8, capabilities="Y")]
    y = [route("", 0.5, 0.4, capabilities="S"), route("", 0.7, 0.9, capabilities="X")]
    return world(
        [segment("s", n, [("F", 1.0)])],
        [
            attack("y", "follow_on", y, "Y"),
            attack("s", "initial", [route("F", 1.1, 0.7)], "S"),
            attack("x", "follow_on", x, "X"),
        ],
    )


def test_simulated_law_is_the_law_of_granted():
    """The simulated sets of granting attacks follow the enumerated law."""
    w, n = cycle_world(40_000), 40_000
    law = twin.law_of_granted(
        {
            "s": lambda _: 1 - math.exp(-0.77),
            "x": lambda h: 0.72 if "y" in h else 0.3 if "s" in h else 0.0,
            "y": lambda h: 0.63 if "x" in h else 0.2 if "s" in h else 0.0,
        }
    )
    stories = twin.stories(w, w["segments"][0], {"s": 1.0}, {}, np.random.default_rng(3))
    found = Counter(story.victim for story in stories)
    for outcome, p in law.items():
        within(found[outcome], n * float(p), n * p * (1 - p))


def test_attempted_without_success_among_granting_attacks():
    """Outside H an open granting attack was attempted with (p_att - p_vic) / (1 - p_vic)."""
    w = cycle_world(1)
    mask = twin.Mask(frozenset("F"), frozenset())
    start = twin.initial_chance(w, w["segments"][0], w["attacks"][1], mask, 1.0)
    law = twin.granting_outcomes(w, mask, {"s": start})
    for done in (frozenset("s"), frozenset("sx"), frozenset("sy")):
        total = sum(p for (_, victim), p in law.items() if victim == done)
        for a in w["attacks"]:
            if a["name"] in done:
                continue
            tried, hit = twin.follow_on_chance(a, mask, twin.grants_of(w["attacks"], done))
            found = sum(p for (tries, victim), p in law.items() if victim == done and a["name"] in tries)
            assert found / total == pytest.approx((tried - hit) / (1 - hit))


# Capacity, anchor, background --------------------------------------------------


def test_capacity_binds_the_attempts_of_year_one():
    """With a binding capacity the expected attempts of year one are the capacity."""
    w = full_world()
    scales = twin.capacity_scales(w)
    share = {"postpaid": 0.6, "prepaid": 0.5}
    wanted = sum(s["accounts"] * share[s["name"]] * 4.0 for s in w["segments"])
    assert scales.pop("phish") == pytest.approx(9_000 / wanted)
    assert set(scales.values()) == {1.0}


def test_anchor_makes_the_follow_ons_of_a_victim_worth_the_published_loss():
    """After anchoring, the named follow-ons cost an anchor victim the published mean."""
    w = full_world()
    scales = twin.capacity_scales(w)
    kappa = twin.anchor_factors(w, scales)["crypto_theft"]
    w["attacks"][3]["severity_mean"] *= kappa
    assert kappa != pytest.approx(1.0)
    assert twin.anchor_factors(w, scales)["crypto_theft"] == pytest.approx(1.0)
    by_hand = chain_world(10)
    by_hand["anchors"] = [{"attack": "a", "mean_loss": 7.0, "follow_ons": ["b", "c"]}]
    kappa = 7 * 0.5 / (0.2 * 10 + 0.13375 * 1)
    assert twin.anchor_factors(by_hand, {"a": 1.0}) == pytest.approx({"b": kappa, "c": kappa})


def test_excess_of_twenty_thousand_people():
    """Of 20,000 people hit, at 9 % a year of any identity theft 18,200 are excess after a year."""
    w = world(
        [segment("s", 40_000, [("F", 0.5)])],
        [attack("a", "initial", [route("F", 1e4)], background=0.5)],
        people_background=0.09,
    )
    row = twin.expected(w)["segments"]["s"]
    assert row["people"] == pytest.approx(20_000)
    assert row["excess_people"] == pytest.approx(18_200)
    assert row["attacks"]["a"]["excess"] == pytest.approx(10_000)
    p = 18_200 / 40_000
    within(twin.simulate(w, 4)["segments"]["s"]["excess_people"], 18_200, 18_200 * (1 - p))


def test_background_of_five_years_leaves_62_percent():
    """At 9 % a year over five years 0.91 ** 5 of the victims are excess, 38 % fewer than gross."""
    w = world(
        [segment("s", 10_000, [("F", 1.0)])],
        [attack("a", "initial", [route("F", 1e4)])],
        5,
        people_background=0.09,
    )
    row = twin.expected(w)["segments"]["s"]
    assert row["excess_people"] == pytest.approx(10_000 * 0.91**5)
    assert row["attacks"]["a"]["excess"] == pytest.approx(10_000)
    assert 1 - row["excess_people"] / row["people"] == pytest.approx(0.38, abs=0.005)


def test_a_breach_that_leaks_nothing_harms_nobody():
    """Without a leaked field every figure is exactly zero."""
    w = full_world()
    for s in w["segments"]:
        s["accounts"] = 500
        for block in s["blocks"]:
            block["coverage"] = 0.0
    for result in (twin.simulate(w, 5), twin.expected(w)):
        for row in result["segments"].values():
            figures = [row["exposed"], row["people"], row["excess_people"]]
            figures += [x for entry in row["attacks"].values() for x in entry.values()]
            assert set(figures) == {0}


def test_worlds_outside_the_law_are_refused():
    """A field in two blocks, or an initial route without a field, is refused."""
    two = world([segment("s", 1, [("F", 1.0), ("F", 0.5)])], [])
    bare = world([], [attack("a", "initial", [route("", traits=["t"])])])
    for wrong in (two, bare):
        with pytest.raises(ValueError, match="field"):
            twin.expected(wrong)


# Timeline ---------------------------------------------------------------------


DAYS = (7.0, 45.0, 100.0, 365.0, 500.0, 730.0)


def hit_by(day, size, median=120.0, years=2):
    """Return 1 - exp(-size x the mass before a day that ends a month or half month of year one)."""
    return -math.expm1(-size * mass(min(day, 365 * years), median, 1.725) / mass(365, median, 1.725))


def two_starts(*follow_ons, other="B"):
    """Return a world of two initial attacks, a granting A and b granting B, and some follow-ons."""
    return world(
        [segment("s", 1, [("F", 1.0)])],
        [
            *follow_ons,
            attack("a", "initial", [route("F", 0.8)], "A"),
            attack("b", "initial", [route("F", 1.6, 0.75)], other, onset_median_days=400.0),
        ],
        2,
        event_days=list(DAYS[:-1]),
    )


def share_a(day):
    """Return the probability that `a` of two_starts has happened."""
    return hit_by(day, 0.8)


def share_b(day):
    """Return the probability that `b` of two_starts has happened."""
    return hit_by(day, 1.2, 400.0)


def by_day(w, name, days=DAYS):
    """Return the enumerated timeline of one attack in the only segment."""
    return twin.timeline(w, days)["s"][name]


def test_an_initial_attack_has_happened_by_its_lambda():
    """By day t an initial attack has happened with 1 - exp(-Lambda(t)), Lambda a line inside an interval."""
    w = two_starts()
    assert by_day(w, "a") == pytest.approx([share_a(day) for day in DAYS])
    assert by_day(w, "b") == pytest.approx([share_b(day) for day in DAYS])
    assert by_day(w, "a", [-1.0, 0.0, 9_999.0]) == pytest.approx([0.0, 0.0, share_a(730)])
    low, high = (math.log(1 - share_a(day)) for day in (365 / 12, 45.0))
    inside = 0.25 * (365 / 12) + 0.75 * 45
    assert by_day(w, "a", [inside]) == pytest.approx([1 - math.exp(0.25 * low + 0.75 * high)])


def test_either_of_two_granting_attacks_is_soon_enough():
    """A follow-on that two initial attacks can feed happens at the earlier of their two times."""
    w = two_starts(attack("f", "follow_on", [route("", 0.6, 0.5, capabilities="A")]), other="A")
    wanted = [0.3 * (1 - (1 - share_a(day)) * (1 - share_b(day))) for day in DAYS]
    assert by_day(w, "f") == pytest.approx(wanted)


@pytest.mark.parametrize("grants", ["", "C"])
def test_a_follow_on_of_two_capabilities_waits_for_the_later(grants):
    """A follow-on that needs capabilities of two initial attacks happens at the later of their times."""
    w = two_starts(attack("f", "follow_on", [route("", 0.6, 0.5, capabilities="AB")], grants))
    assert by_day(w, "f") == pytest.approx([0.3 * share_a(day) * share_b(day) for day in DAYS])


def test_a_follow_on_of_a_follow_on_happens_with_the_first_step():
    """A chain a -> f -> g happens at the time of a with the product of the chances, in whatever order."""
    g = attack("g", "follow_on", [route("", 0.5, capabilities="C")])
    f = attack("f", "follow_on", [route("", 0.8, 0.5, capabilities="A")], "C")
    for steps in ((f, g), (g, f)):
        w = two_starts(*steps)
        assert by_day(w, "f") == pytest.approx([0.4 * share_a(day) for day in DAYS])
        assert by_day(w, "g") == pytest.approx([0.2 * share_a(day) for day in DAYS])


@pytest.mark.parametrize("grants", ["", "C"])
def test_a_weak_route_comes_first_and_a_strong_one_later(grants):
    """A coin under the weak route falls with the first of a and b, one between the two with b alone."""
    routes = [route("", 0.4, 0.5, capabilities="A"), route("", 0.6, capabilities="B")]
    w = two_starts(attack("f", "follow_on", routes, grants))
    either = [1 - (1 - share_a(day)) * (1 - share_b(day)) for day in DAYS]
    wanted = [0.2 * p + 0.4 * share_b(day) for p, day in zip(either, DAYS, strict=True)]
    assert by_day(w, "f") == pytest.approx(wanted)


def test_of_equal_routes_the_first_open_sets_the_time():
    """Of two equal routes the one open first tells when, in whatever order they are listed."""
    routes = [route("", 0.5, capabilities="B"), route("", 1.0, 0.5, capabilities="A")]
    wanted = [0.5 * (1 - (1 - share_a(day)) * (1 - share_b(day))) for day in DAYS]
    for listed in (routes, routes[::-1]):
        assert by_day(two_starts(attack("f", "follow_on", listed)), "f") == pytest.approx(wanted)


def test_a_cycle_happens_when_it_is_entered():
    """Two follow-ons that feed each other both happen at the time of the attack that starts them."""
    w = cycle_world(1)
    whole = twin.expected(w)["segments"]["s"]["attacks"]
    for name in "xy":
        wanted = [whole[name]["victims"] * hit_by(day, 0.77) / hit_by(365, 0.77) for day in (73.0, 365.0)]
        w["event_days"] = [73.0]
        assert by_day(w, name, [73.0, 365.0]) == pytest.approx(wanted)


def test_a_cycle_entered_from_two_sides_follows_the_recursion_at_every_day():
    """Where a feeds x, b feeds y and these feed each other, P(H) by day t is that of Lambda(t)."""
    x = [route("", 0.3, capabilities="A"), route("", 0.8, capabilities="Y")]
    y = [route("", 0.5, capabilities="B"), route("", 0.6, capabilities="X")]
    w = two_starts(attack("x", "follow_on", x, "X"), attack("y", "follow_on", y, "Y"))
    by_day = twin.timeline(w, DAYS)["s"]
    subsets = [frozenset(c) for size in range(5) for c in itertools.combinations("abxy", size)]
    p_x = {h: 0.8 if "y" in h else 0.3 if "a" in h else 0.0 for h in subsets}
    p_y = {h: 0.6 if "x" in h else 0.5 if "b" in h else 0.0 for h in subsets}
    for k, day in enumerate(DAYS):
        p_a, p_b = dict.fromkeys(subsets, share_a(day)), dict.fromkeys(subsets, share_b(day))
        law = recursion({"a": p_a, "b": p_b, "x": p_x, "y": p_y})
        for name in "abxy":
            assert by_day[name][k] == pytest.approx(sum(p for h, p in law.items() if name in h))


def test_the_timeline_ends_in_the_victims_of_the_horizon():
    """Months add up: by the horizon the timeline holds the expected victims, and it never falls."""
    w = moved_world()
    mean = twin.expected(w)["segments"]
    days = [*np.linspace(0, 730, 13), 800.0]
    by_day = twin.timeline(w, days)
    for s in w["segments"]:
        for name, row in by_day[s["name"]].items():
            assert row[0] == 0
            assert np.diff(row).min() >= -1e-12
            assert [s["accounts"] * p for p in row[-2:]] == pytest.approx(
                [mean[s["name"]]["attacks"][name]["victims"]] * 2
            )


@pytest.mark.parametrize("make", [moved_world, lambda: two_starts_many(1_000)])
def test_a_shorter_horizon_is_a_cut_of_a_longer_one(make):
    """With the horizon at a cut of time the run is the timeline of the longer run at that day."""
    w = make()
    scales = twin.capacity_scales(w)
    for day in (365 / 24, 45.0, 100.0, 365 / 2, 365 * 1.5):
        short = w | {"horizon_years": day / 365}
        assert twin.capacity_scales(short) == pytest.approx(scales)
        by_day, mean = twin.timeline(w, [day], scales), twin.expected(short, scales, {})["segments"]
        for s in w["segments"]:
            wanted = {name: x["victims"] for name, x in mean[s["name"]]["attacks"].items()}
            assert {name: s["accounts"] * row[0] for name, row in by_day[s["name"]].items()} == pytest.approx(
                wanted
            )
            laws = (twin.segment_laws(w, s, scales, day), twin.segment_laws(short, s, scales))
            for (weight, law), (same, cut) in zip(*laws, strict=True):
                assert weight == same
                assert law.victims == pytest.approx(cut.victims)
                assert law.attempted == pytest.approx(cut.attempted)


@pytest.mark.parametrize("grants", ["", "C"])
def test_days_of_one_account(grants):
    """The weak route is enough for a low coin, a middle one waits for the strong route, a high one fails."""
    mask = twin.Mask(frozenset("F"), frozenset())
    routes = [route("", 0.2, capabilities="A"), route("", 0.6, capabilities="B")]
    w = two_starts(
        attack("two", "follow_on", routes, grants),
        attack("keys", "follow_on", [route("", 0.5, capabilities="AB")], grants),
    )
    a_first, b_first = {"a": 4.0, "b": 9.0}, {"b": 4.0, "a": 9.0}
    cases = [
        (a_first, 0.1, {"two": 4.0, "keys": 9.0}),
        (a_first, 0.3, {"two": 9.0, "keys": 9.0}),
        (a_first, 0.55, {"two": 9.0}),
        (a_first, 0.65, {}),
        (b_first, 0.1, {"two": 4.0, "keys": 9.0}),
        (b_first, 0.55, {"two": 4.0}),
        ({"a": 4.0}, 0.1, {"two": 4.0}),
        ({"a": 4.0}, 0.3, {}),
        ({}, 0.1, {}),
    ]
    for first, coin, wanted in cases:
        coins = {"two": coin, "keys": coin}
        assert twin.follow_in_time(w["attacks"], mask, first, coins) == (set(wanted), wanted)


def test_days_of_one_account_go_through_chains():
    """A second start raises the chance of a step, and all that waited for the step happens that day."""
    attacks = moved_world()["attacks"]
    mask = twin.Mask(frozenset(["email", "name", "phone"]), frozenset())
    coins = {"mailbox": 0.3, "carrier_login": 0.5, "crypto_theft": 0.2, "takeover": 0.4}
    for phish, takeover in ((4.0, 9.0), (20.0, 20.0)):
        _, days = twin.follow_in_time(attacks, mask, {"sim_swap": 9.0, "phish": phish}, coins)
        assert days == {"mailbox": 9.0, "carrier_login": 9.0, "takeover": takeover}
    coins |= {"crypto_theft": 0.1, "takeover": 0.1}
    _, days = twin.follow_in_time(attacks, mask, {"sim_swap": 9.0, "phish": 20.0}, coins)
    assert days == dict.fromkeys(coins, 9.0)


def test_what_has_happened_by_a_day_is_the_closure_of_what_started_by_then():
    """With the same coins the victims by any day are the fixpoint of the initial attacks until then."""
    attacks, rng = two_starts_many(1)["attacks"], np.random.default_rng(15)
    mask = twin.Mask(frozenset("F"), frozenset())
    follow_ons = [a for a in attacks if a["kind"] == "follow_on"]
    waited = 0
    for _ in range(400):
        coins = {a["name"]: rng.random() for a in follow_ons}
        first = dict(zip("ab", rng.permutation([3.0, 8.0]).tolist(), strict=True))
        attempted, days = twin.follow_in_time(attacks, mask, first, coins)
        for day in (0.0, 3.0, 5.0, 8.0, 100.0):
            so_far = twin.grants_of(attacks, [name for name in first if first[name] <= day])
            tried, victim = twin.follow(follow_ons, mask, so_far, coins)
            assert {name for name in days if days[name] <= day} == victim
        assert attempted == tried
        waited += 8.0 in days.values()
    assert 20 < waited < 380


def test_days_are_those_of_the_attempts():
    """The first success of all clock states falls uniformly on the hazard of its interval, before a reset."""
    resets = [{"day": 10.0, "fields": ["F", "G"]}]
    s = segment("s", 40_000, [("FG", 1.0)], {"c": 0.1}, resets)
    equal = [route("F", 40.0), route("G", 40.0)]
    w = world([s], [attack("a", "initial", equal, clocks=["c"])], clocks={"c": ["F"]})
    stories = list(twin.stories(w, s, {"a": 1.0}, {}, np.random.default_rng(11)))
    days = np.array([story.days["a"] for story in stories if story.victim])
    assert all(set(story.days) == story.victim for story in stories)
    assert days.min() == pytest.approx(0.0, abs=0.05)
    assert 9.95 < days.max() < 10
    size = 40 * mass(10, 120, 1.725) / mass(365, 120, 1.725)
    for day in (2.5, 5.0, 7.5):
        p = -math.expm1(-size * day / 10)
        within((days < day).sum(), 40_000 * p, 40_000 * p * (1 - p))


@pytest.mark.parametrize("make", [moved_world, protected_world, lambda: two_starts_many(30_000)])
def test_simulated_timeline_agrees_with_the_enumerated_one(make):
    """By every day the accounts that have lived through an attack are as many as enumeration says."""
    w = make()
    scales = twin.capacity_scales(w)
    days = (15.0, 50.0, 130.0, 365.0, 730.0)
    by_day, drawn = twin.timeline(w, days, scales), twin.simulate_timeline(w, days, 12, scales)
    compared = 0
    for s in w["segments"]:
        n = s["accounts"]
        for name, row in by_day[s["name"]].items():
            for p, found in zip(row, drawn[s["name"]][name], strict=True):
                within(found, n * p, n * p * (1 - p))
                compared += p > 0
    assert compared >= 25


def two_starts_many(n):
    """Return two starts with follow-ons of every sort on `n` accounts: steps, ends, a cycle, two keys."""
    one, two = route("", 0.3, capabilities="A"), route("", 0.8, 0.9, capabilities="B")
    w = two_starts(
        attack("end", "follow_on", [one, two]),
        attack("step", "follow_on", [one, two, route("", 0.95, capabilities="D")], "C"),
        attack(
            "back", "follow_on", [route("", 0.6, capabilities="C"), route("", 0.4, capabilities="B")], "D"
        ),
        attack("keys", "follow_on", [route("", 0.7, capabilities="AD"), route("", 0.2, capabilities="C")]),
    )
    w["segments"][0]["accounts"] = n
    return w


# Simulation against enumeration ---------------------------------------------------


@pytest.fixture(scope="module", params=[full_world, moved_world, protected_world])
def both(request):
    """Return a world with every feature, its expectation and one simulation of it."""
    w = request.param()
    scales = twin.capacity_scales(w)
    factors = twin.anchor_factors(w, scales)
    return w, twin.expected(w, scales, factors), twin.simulate(w, 6, scales, factors)


def test_simulation_agrees_with_expectation(both):
    """Every simulated figure of the full world lies within four standard errors."""
    w, mean, drawn = both
    compared = 0
    for s in w["segments"]:
        n = s["accounts"]
        wanted, found = mean["segments"][s["name"]], drawn["segments"][s["name"]]
        pairs = [(found[key], wanted[key]) for key in ("exposed", "people", "excess_people")]
        for name, entry in wanted["attacks"].items():
            got = found["attacks"][name]
            pairs += [(got[key], entry[key]) for key in ("attackable", "attempted", "victims", "excess")]
            within(got["loss"], entry["loss"], entry["loss_variance"])
        for got, e in pairs:
            within(got, e, e * (1 - e / n))
            compared += e > 0
        total = sum(entry["loss"] for entry in found["attacks"].values())
        within(total, wanted["loss"], wanted["loss_variance"])
    assert compared > 40


def test_figures_are_nested(both):
    """Victims <= attempted <= attackable <= exposed, and max <= people <= sum, everywhere."""
    _, mean, drawn = both
    for row in [*mean["segments"].values(), *drawn["segments"].values()]:
        slack = 1 + 1e-12
        for x in row["attacks"].values():
            assert x["excess"] <= x["victims"] * slack <= x["attempted"] * slack**2
            assert x["attempted"] <= x["attackable"] * slack <= row["exposed"] * slack**2
        victims = [x["victims"] for x in row["attacks"].values()]
        assert max(victims) <= row["people"] * slack <= sum(victims) * slack**2


def test_second_moment_is_the_formula_of_the_text(both):
    """The enumerated variance of the loss is n [sum p E X2 + 2 sum p_ab m m - (sum p m)2]."""
    w, mean, _ = both
    scales = twin.capacity_scales(w)
    factors = twin.anchor_factors(w, scales)
    m = {a["name"]: a["severity_mean"] * factors.get(a["name"], 1.0) for a in w["attacks"]}
    for s in w["segments"]:
        laws = twin.segment_laws(w, s, scales)

        def joint(*names, laws=laws):
            return sum(
                weight * p
                for weight, law in laws
                for outcome, p in law.victims.items()
                if outcome.issuperset(names)
            )

        first = sum(joint(a) * m[a] for a in m)
        total = sum(
            joint(a["name"]) * m[a["name"]] ** 2 * math.exp(a["severity_sigma"] ** 2) for a in w["attacks"]
        )
        total += 2 * sum(joint(a, b) * m[a] * m[b] for a, b in itertools.combinations(m, 2))
        found = mean["segments"][s["name"]]
        assert found["loss"] == pytest.approx(s["accounts"] * first)
        assert found["loss_variance"] == pytest.approx(s["accounts"] * (total - first**2))


def test_variance_of_simulated_losses():
    """Over many equal segments the losses scatter with the enumerated variance."""
    w = full_world()
    w["horizon_years"] = 0.25
    w["anchors"] = []
    w["attacks"][3]["severity_sigma"] = 0.3
    one = w["segments"][1] | {"accounts": 60}
    w["segments"] = [one]
    scales = {a["name"]: 1.0 for a in w["attacks"]}
    mean = twin.expected(w, scales, {})["segments"]["prepaid"]
    w["segments"] = [copy.deepcopy(one) | {"name": str(i)} for i in range(400)]
    drawn = twin.simulate(w, 7, scales, {})["segments"].values()
    losses = np.array([sum(x["loss"] for x in row["attacks"].values()) for row in drawn])
    squares = (losses - mean["loss"]) ** 2
    within(losses.mean(), mean["loss"], mean["loss_variance"] / len(losses))
    within(squares.mean(), mean["loss_variance"], squares.var(ddof=1) / len(losses))


def test_the_same_seed_tells_the_same_story():
    """A simulation depends on nothing but the world and the seed."""
    w = chain_world(300)
    assert twin.simulate(w, 8) == twin.simulate(w, 8)
    assert twin.simulate(w, 8) != twin.simulate(w, 9)
