"""Tests of the slow twin: each states a law of the model or an oracle."""

import copy
import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import reference as twin

LIMIT = 4.0  # standard errors


def route(fields=(), attempts=1.0, success=1.0, traits=(), capabilities=()):
    """Return a route."""
    return {
        "fields": list(fields),
        "traits": list(traits),
        "capabilities": list(capabilities),
        "attempts": attempts,
        "success": success,
    }


def attack(name, kind, routes=(), grants=(), **more):
    """Return an attack with plain defaults."""
    return {
        "name": name,
        "kind": kind,
        "routes": list(routes),
        "grants": list(grants),
        "clocks": [],
        "capacity": None,
        "onset_median_days": 120.0,
        "onset_sigma": 1.725,
        "background": 0.0,
        "severity_mean": 0.0,
        "severity_sigma": 0.0,
        **more,
    }


def segment(name, accounts, blocks, clock_rates=None, resets=()):
    """Return a segment; blocks is a list of (fields, coverage)."""
    return {
        "name": name,
        "accounts": accounts,
        "blocks": [{"fields": list(f), "coverage": c} for f, c in blocks],
        "clock_rates": clock_rates or {},
        "resets": list(resets),
    }


def world(segments, attacks, years=1, **more):
    """Return a world with plain defaults."""
    return {
        "horizon_years": years,
        "segments": segments,
        "event_days": [],
        "traits": {},
        "clocks": {},
        "attacks": attacks,
        "anchors": [],
        "people_background": 0.0,
        **more,
    }


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
    told = twin.stories(w, w["segments"][0], {"s": 1.0}, {}, np.random.default_rng(3))
    found = Counter(story.victim for story in told)
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


# Simulation against enumeration ---------------------------------------------------


@pytest.fixture(scope="module")
def both():
    """Return the full world, its expectation and one simulation of it."""
    w = full_world()
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
