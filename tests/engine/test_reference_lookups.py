"""Tests of what the slow twin knows from elsewhere: each states a law of section 6 or an oracle."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import numpy as np
import pytest
from support import reference as twin
from support import reference_lookups as lookups
from support import reference_parts as parts
from support.plain_worlds import attack, route, segment, world
from support.planted_faults import FAULTS, SHOWS
from support.sampled import some

LIMIT = 4.0
"""Standard errors."""
EXACT = 1e-12
CASES = 12
World = dict[str, Any]


def lookup(share, *given, directory=False):
    """Return an entry of a field; every argument of `given` is a set of fields."""
    return {"share": share, "given": [fields.split() for fields in given], "directory": directory}


def toy(leaked="name address ssn", entries=None, **more):
    """Return the toy of the page: one route of name, birth date and SSN; a thousand accounts."""
    entries = {"birth": lookup(0.7, "name address")} if entries is None else entries
    credit = attack("credit", "initial", [route("name birth ssn", 0.5, 0.4)], severity_mean=100.0)
    return world([segment("all", 1_000, [(leaked, 1.0)])], [credit], lookups=entries, **more)


def only(found):
    """Return the row of the single segment of a run."""
    (row,) = found["segments"].values()
    return row


# Toys of the page ----------------------------------------------------------------------


def test_seventy_percent_of_the_toy_are_attackable_all_of_it_together():
    """One field in three is looked up for 70 % of the accounts: all their harm is "together"."""
    row = only(parts.expected_parts(toy()))
    p = 700 * -math.expm1(-0.5 * 0.4)
    assert {"all": pytest.approx(700), "by_leak_alone": 0} == row["attacks"]["credit"]["attackable"]
    wanted = {"all": pytest.approx(p), "replaceable": 0, "by_leak_alone": 0, "together": pytest.approx(p)}
    assert row["attacks"]["credit"]["victims"] == wanted
    assert row["people"] == wanted
    assert row["attacks"]["credit"]["loss"]["together"] == pytest.approx(100 * p)


def test_nothing_leaked_is_exactly_nothing():
    """A breach that leaks nothing harms nobody, although everything is listed and found."""
    listed = {field: lookup(1.0, directory=True) for field in ("name", "birth", "ssn")}
    row = only(parts.expected_parts(toy("", listed)))
    assert set(row["people"].values()) == {0}
    assert row["attacks"]["credit"]["attackable"] == {"all": 0, "by_leak_alone": 0}


def test_all_is_replaceable_where_all_are_listed():
    """All three fields leaked and all three listed with e = 1: all victims are "replaceable"."""
    listed = {field: lookup(1.0, directory=True) for field in ("name", "birth", "ssn")}
    row = only(parts.expected_parts(toy("name birth ssn", listed)))
    p = 1_000 * -math.expm1(-0.2)
    wanted = {"all": pytest.approx(p), "replaceable": pytest.approx(p), "by_leak_alone": 0, "together": 0}
    assert row["attacks"]["credit"]["victims"] == wanted


def test_all_is_by_the_leak_alone_without_look_ups():
    """With every e at 0 the law is that of the first version, and all harm is by the leak alone."""
    w = toy("name birth ssn", {})
    plain = twin.expected(w)
    closed = {field: lookup(0.0, "name", directory=True) for field in ("birth", "ssn")}
    for entries in ({}, closed):
        row = only(parts.expected_parts({**w, "lookups": entries, "easy_to_find": 0.6}))
        victims = row["attacks"]["credit"]["victims"]
        assert victims["all"] == only(plain)["attacks"]["credit"]["victims"]
        assert (victims["replaceable"], victims["together"]) == (0, 0)
        assert row["attacks"]["credit"]["attackable"] == {"all": 1_000, "by_leak_alone": 1_000}


def test_a_device_number_leads_to_no_name():
    """A directory adds to E and never to K: a record of a device number stays without a name."""
    entries = {"name": lookup(1.0, directory=True)}
    swap = attack("swap", "initial", [route("imei name")])
    row = only(twin.expected(world([segment("all", 10, [("imei", 1.0)])], [swap], lookups=entries)))
    assert row["attacks"]["swap"] | {"attackable": 0, "victims": 0} == row["attacks"]["swap"]


def test_fields_of_the_leak_and_of_directories_do_not_mix():
    """A route needs all its fields in K or all in E: one leaked field and a listed one are not enough."""
    entries = {"name": lookup(1.0, directory=True), "birth": lookup(1.0, "name")}
    mixed = attack("mixed", "initial", [route("ssn birth")])
    fine = attack("fine", "initial", [route("name birth")])
    row = only(
        twin.expected(world([segment("all", 10, [("ssn name", 1.0)])], [mixed, fine], lookups=entries))
    )
    assert row["attacks"]["mixed"]["attackable"] == 10  # the name leaked, so the birth date is in K
    row = only(twin.expected(world([segment("all", 10, [("ssn", 1.0)])], [mixed, fine], lookups=entries)))
    assert row["attacks"]["mixed"]["attackable"] == row["attacks"]["fine"]["attackable"] == 0


@pytest.mark.parametrize("kappa", [0.0, 0.3, 1.0])
def test_easy_people_are_found_throughout(kappa):
    """Two coins of e and f both show "found" with probability ef + kappa^2 min(e, 1 - e) min(f, 1 - f)."""
    entries = {"birth": lookup(0.7, "name"), "ssn": lookup(0.2, "name")}
    row = only(twin.expected(toy("name", entries, easy_to_find=kappa)))
    wanted = 1_000 * (0.7 * 0.2 + kappa**2 * 0.3 * 0.2)
    assert row["attacks"]["credit"]["attackable"] == pytest.approx(wanted)
    single = sum(
        p for found, p in lookups.all_found(toy("", entries, easy_to_find=kappa)).items() if "ssn" in found
    )
    assert single == pytest.approx(0.2)


def test_a_route_without_fields_is_in_every_part():
    """A follow-on of a capability alone is replaceable exactly where its first step is."""
    entries = {"name": lookup(0.4, directory=True), "birth": lookup(0.5, "name")}
    first = attack("first", "initial", [route("name birth", 2.0, 0.3)], "key")
    later = attack("later", "follow_on", [route("", 0.5, 0.8, capabilities="key")])
    w = world([segment("all", 1_000, [("name", 0.6)])], [first, later], lookups=entries, easy_to_find=0.5)
    row = only(parts.expected_parts(w))
    for part in parts.PARTS:
        found = row["attacks"]["later"]["victims"][part]
        assert found == pytest.approx(0.4 * row["attacks"]["first"]["victims"][part])
    assert row["attacks"]["later"]["victims"]["replaceable"] > 0


def test_a_looked_up_field_has_its_clock_and_its_reset():
    """Clocks and resets act on a field in the same way whether it leaked or was looked up."""
    swap = attack("swap", "initial", [route("name phone", 2.0, 0.5)], clocks=["line"])
    more = {"clock_rates": {"line": 0.01}, "resets": [{"day": 90.0, "fields": ["phone"]}]}
    clocks = {"line": ["phone"]}
    leaked = world([segment("all", 100, [("name phone", 1.0)], **more)], [swap], clocks=clocks)
    entries = {"phone": lookup(1.0, "name")}
    looked = world([segment("all", 100, [("name", 1.0)], **more)], [swap], clocks=clocks, lookups=entries)
    assert only(twin.expected(looked))["people"] == only(twin.expected(leaked))["people"] > 0


# Known sets against brute force ----------------------------------------------------------


NAMES = tuple("abcdefgh")


def random_lookups(rng: np.random.Generator, names=NAMES) -> World:
    """Return random entries of most fields: chains, cycles and alternatives, some listed."""
    entries = {}
    for field in names:
        if rng.random() < 0.25:
            continue
        others = [other for other in names if other != field]
        given = [
            sorted(rng.choice(others, int(rng.integers(1, 3)), replace=False).tolist())
            for _ in range(int(rng.integers(0, 3)))
        ]
        share = float(rng.choice([0.0, 1.0, rng.uniform(), rng.uniform(), rng.uniform()]))
        entries[field] = {"share": share, "given": given, "directory": bool(rng.random() < 0.3)}
    return entries


def least_closed(entries: World, start: set[str], coins: set[str], *, listed: bool) -> frozenset[str]:
    """Return the least closed set by looking at all 256: the meet of the closed sets above the start."""

    def closed(fields: frozenset[str]) -> bool:
        for field in coins:
            entry = entries[field]
            by_list = listed and entry["directory"]
            if (by_list or any(fields.issuperset(g) for g in entry["given"])) and field not in fields:
                return False
        return fields >= start

    above = [
        frozenset(some)
        for size in range(len(NAMES) + 1)
        for some in itertools.combinations(NAMES, size)
        if closed(frozenset(some))
    ]
    return frozenset.intersection(*above)


@pytest.mark.parametrize("seed", range(CASES))
def test_known_fields_are_the_least_closed_sets(seed):
    """K and E are the least sets closed under the coins, found among all sets of eight fields."""
    rng = np.random.default_rng(seed)
    entries = random_lookups(rng)
    for _ in range(10):
        leaked = set(rng.choice(NAMES, int(rng.integers(0, 5)), replace=False).tolist())
        coins = {field for field in entries if rng.random() < 0.7}
        assert lookups.known_fields(entries, leaked, coins) == least_closed(
            entries, leaked, coins, listed=False
        )
        assert lookups.had_anyway(entries, coins) == least_closed(entries, set(), coins, listed=True)


def random_world(rng: np.random.Generator, accounts: int = 1_000, *, chains: bool = True) -> World:
    """Return a random system of up to eight fields with chained look-ups, blocks, a trait and follow-ons."""

    def some(low, high, names=NAMES):
        return " ".join(rng.choice(names, int(rng.integers(low, high + 1)), replace=False).tolist())

    def ways(low, high, **more):
        return [
            route(some(low, high), float(rng.uniform(0.2, 1.0)), float(rng.uniform(0.2, 1.0)), **more)
            for _ in range(int(rng.integers(1, 4)))
        ]

    shuffled = rng.permutation(NAMES).tolist()
    blocks = [(" ".join(shuffled[:2]), 0.8), (" ".join(shuffled[2:4]), float(rng.uniform(0.2, 1.0)))]
    attacks = [attack("one", "initial", ways(1, 3), "key", severity_mean=100.0, severity_sigma=0.5)]
    attacks.append(attack("two", "initial", [*ways(1, 3), route(some(1, 2), 0.7, 0.9, traits="t")]))
    if chains:
        attacks.append(attack("three", "follow_on", ways(0, 1, capabilities="key"), "door"))
        attacks.append(attack("four", "follow_on", ways(0, 2, capabilities="door"), severity_mean=500.0))
    return world(
        [segment("all", accounts, blocks)],
        attacks,
        traits={"t": 0.4},
        lookups=random_lookups(rng),
        easy_to_find=float(rng.choice([0.0, 1.0, rng.uniform()])),
    )


def brute_victims(w: World) -> dict[str, dict[str, float]]:
    """Return attackable accounts and the parts of victims of initial attacks, from the page, coin by coin."""
    (only_segment,) = w["segments"]
    entries, kappa = w["lookups"], w["easy_to_find"]
    result = {a["name"]: dict.fromkeys(("attackable", "alone", "E", "EL", "K"), 0.0) for a in w["attacks"]}
    n_blocks, fields = len(only_segment["blocks"]), list(entries)
    for easy, trait in itertools.product((1, -1), (0, 1)):
        for coins in itertools.product((0, 1), repeat=n_blocks + len(fields)):
            p = [block["coverage"] for block in only_segment["blocks"]]
            p += [e["share"] + easy * kappa * min(e["share"], 1 - e["share"]) for e in entries.values()]
            weight = 0.5 * (w["traits"]["t"] if trait else 1 - w["traits"]["t"])
            weight *= math.prod(q if coin else 1 - q for q, coin in zip(p, coins, strict=True))
            if weight == 0:
                continue
            leaked = {
                f
                for block, coin in zip(only_segment["blocks"], coins[:n_blocks], strict=True)
                if coin
                for f in block["fields"]
            }
            found = {field for field, coin in zip(fields, coins[n_blocks:], strict=True) if coin}
            known, had = closure(entries, leaked, found), closure(entries, set(), found, listed=True)
            for a in w["attacks"]:
                row, best = result[a["name"]], dict.fromkeys(("E", "EL", "K"), 0.0)
                reached = alone = False
                for r in a["routes"]:
                    own = set(r["fields"])
                    if not own & leaked:
                        continue
                    where = {
                        "E": own <= had,
                        "EL": own <= had or own <= leaked,
                        "K": own <= known or own <= had,
                    }
                    reached, alone = reached or where["K"], alone or own <= leaked
                    for word, is_known in where.items():
                        if is_known and (trait or not r["traits"]):
                            best[word] = max(best[word], r["attempts"] * r["success"])
                row["attackable"] += weight * reached
                row["alone"] += weight * alone
                for word, rate in best.items():
                    row[word] -= weight * math.expm1(-rate)
    return result


def closure(entries, start, found, *, listed=False):
    """Return the least closed set by as many rounds as there are fields."""
    fields = set(start)
    for _ in entries:
        fields |= {
            f
            for f in found
            if (listed and entries[f]["directory"]) or any(fields.issuperset(g) for g in entries[f]["given"])
        }
    return fields


@pytest.mark.parametrize("seed", range(CASES))
def test_random_systems_are_the_sum_over_all_coins(seed):
    """Attackable accounts and all parts equal a sum over every coin, written from the page alone."""
    w = random_world(np.random.default_rng([7, seed]), 1, chains=False)
    row, brute = only(parts.expected_parts(w)), brute_victims(w)
    for name, wanted in brute.items():
        found = row["attacks"][name]
        assert found["attackable"] == pytest.approx(
            {"all": wanted["attackable"], "by_leak_alone": wanted["alone"]}, abs=EXACT
        )
        steps = {
            "all": wanted["K"],
            "replaceable": wanted["E"],
            "by_leak_alone": wanted["EL"] - wanted["E"],
            "together": wanted["K"] - wanted["EL"],
        }
        assert found["victims"] == pytest.approx(steps, abs=EXACT)


# Laws of random systems -------------------------------------------------------------------


def every_figure(row):
    """Return all divided figures of a row: of people, and of victims and losses of every attack."""
    return [row["people"], *(own[word] for own in row["attacks"].values() for word in ("victims", "loss"))]


@pytest.mark.parametrize("seed", range(CASES))
def test_parts_are_never_negative_and_sum_to_the_whole(seed):
    """The three parts of victims, losses and people sum to the whole and none is negative."""
    w = random_world(np.random.default_rng([8, seed]))
    row, whole = only(parts.expected_parts(w)), only(twin.expected(w))
    for figure in every_figure(row):
        assert sum(figure[part] for part in parts.PARTS) == pytest.approx(figure["all"], rel=EXACT)
        assert all(figure[part] >= -1e-9 for part in parts.PARTS)
    assert row["people"]["all"] == whole["people"]
    for own in row["attacks"].values():
        assert own["attackable"]["by_leak_alone"] <= own["attackable"]["all"] + 1e-9
        assert own["victims"]["all"] <= own["attackable"]["all"] + 1e-9


def figures(w):
    """Return people, and the victims and attackable accounts of every attack, scales as they are."""
    row = only(twin.expected(w))
    return [
        row["people"],
        *(own[word] for own in row["attacks"].values() for word in ("attackable", "victims")),
    ]


@pytest.mark.parametrize("seed", range(CASES))
def test_more_look_ups_never_harm_fewer(seed):
    """No figure falls when a field can be found more often, given one set more, or in directories."""
    rng = np.random.default_rng([9, seed])
    w = random_world(rng)
    field = str(rng.choice(list(w["lookups"])))
    entry = w["lookups"][field]
    other = next(name for name in NAMES if name != field)
    for more in (
        {"share": (1 + entry["share"]) / 2},
        {"given": [*entry["given"], [other]]},
        {"directory": True},
    ):
        larger = {**w, "lookups": {**w["lookups"], field: {**entry, **more}}}
        assert all(a <= b + 1e-9 for a, b in zip(figures(w), figures(larger), strict=True))


@pytest.mark.parametrize("seed", range(CASES))
def test_one_more_leaked_field_never_helps(seed):
    """No figure falls when one more field leaks with a block."""
    rng = np.random.default_rng([10, seed])
    w = random_world(rng)
    (only_segment,) = w["segments"]
    leaked = {field for block in only_segment["blocks"] for field in block["fields"]}
    for field in sorted(set(NAMES) - leaked):
        larger = copy.deepcopy(w)
        larger["segments"][0]["blocks"][1]["fields"].append(field)
        assert all(a <= b + 1e-9 for a, b in zip(figures(w), figures(larger), strict=True))


def test_a_binding_capacity_can_spare_victims_unless_its_scale_is_kept():
    """More look-ups can draw scarce attempts to a weaker route; at kept scales they never harm fewer."""
    strong = route("name pin", 1.0, 1.0)
    one = attack("one", "initial", [strong, route("phone birth", 1.0, 0.01)], capacity=50.0)
    fields = [segment("a", 100, [("name pin", 1.0)]), segment("b", 900, [("phone", 1.0)])]
    w = world(fields, [one], lookups={"birth": lookup(0.0, "phone")})
    more = {**w, "lookups": {"birth": lookup(1.0, "phone")}}

    def victims(own, scales=None):
        return sum(row["people"] for row in twin.expected(own, scales)["segments"].values())

    assert victims(more) < victims(w) < victims(more, twin.capacity_scales(w))


def test_answers_are_the_figures_of_the_runs():
    """The flat answers hold the figures of the enumeration and of its parts, and nothing else."""
    w = full_world(1_000)
    found, row = parts.answers(w), twin.expected(w)
    divided = parts.expected_parts(w)["segments"]["old"]
    assert found["total", "loss_second_moment"] == row["total"]["loss_second_moment"]
    assert found["old", "swap", "attempted"] == row["segments"]["old"]["attacks"]["swap"]["attempted"]
    assert found["old", "swap", "victims", "together"] == divided["attacks"]["swap"]["victims"]["together"]
    assert found["old", "swap", "attackable", "by_leak_alone"] > 0
    assert found["scale", "swap"] == twin.capacity_scales(w)["swap"] < 1
    assert found["factor", "crypto"] == twin.anchor_factors(w, twin.capacity_scales(w))["crypto"]
    assert len(found) == 3 + 3 + 1 + 2 * (1 + 4 + 3 * (1 + 4 + 4 + 2))


# Enumeration against accounts -----------------------------------------------------------------


def near(found: float, wanted: float, n: float) -> bool:
    """Tell whether a count of n accounts is within the limit of its expectation, in standard errors."""
    p = wanted / n
    return abs(found - wanted) <= LIMIT * math.sqrt(max(n * p * (1 - p), 0.0)) + 1e-9


@pytest.mark.parametrize("seed", some(range(3)))
def test_accounts_live_the_parts_that_are_enumerated(seed):
    """Parts counted account by account lie within 4 standard errors of the enumeration (20,000 accounts)."""
    n = 20_000
    w = random_world(np.random.default_rng([11, seed]), n)
    drawn, wanted = only(parts.simulate_parts(w, seed)), only(parts.expected_parts(w))
    for part in parts.PARTS:
        assert near(drawn["people"][part], wanted["people"][part], n)
        for name, own in wanted["attacks"].items():
            assert near(drawn["attacks"][name][part], own["victims"][part], n), (name, part)


def full_world(n: int = 20_000) -> World:
    """Return a world with look-ups in which everything else acts too."""
    entries = {
        "birth": lookup(0.6, "name address", "name phone"),
        "address": lookup(0.5, "name", directory=True),
        "name": lookup(0.8, "phone", directory=True),
        "phone": lookup(0.4, "name address"),
    }
    swap = attack(
        "swap",
        "initial",
        [
            route("phone birth", 1.2, 0.5),
            route("phone ssn", 0.5, 0.4, "sms"),
            route("name address", 0.3, 0.4),
        ],
        "number",
        clocks=["line"],
        capacity=0.3 * n,
        background=0.02,
        severity_mean=300.0,
        severity_sigma=0.7,
    )
    credit = attack("credit", "initial", [route("name birth ssn", 0.9, 0.6)], severity_mean=900.0)
    crypto = attack(
        "crypto",
        "follow_on",
        [route("", 0.3, 0.5, "coins", "number"), route("birth", 0.7, 0.5, "", "number")],
        severity_mean=2_000.0,
        severity_sigma=1.0,
        protections=[{"factor": 0.8, "from_day": 0.0, "until_day": math.inf}],
    )
    blocks = [("name ssn", 0.7), ("phone", 0.6), ("address", 0.3)]
    held = {
        "clock_rates": {"line": 0.002},
        "resets": [{"day": 100.0, "fields": ["phone"]}],
        "withheld": [{"fields": ["name"], "share": 0.2}],
    }
    return world(
        [segment("old", n, blocks, **held), segment("new", n // 2, [("name phone", 0.5)])],
        [swap, credit, crypto],
        2,
        event_days=[45.0],
        traits={"sms": 0.6, "coins": 0.3},
        clocks={"line": ["phone"]},
        anchors=[{"attack": "swap", "mean_loss": 5_000.0, "follow_ons": ["crypto"]}],
        people_background=0.09,
        lookups=entries,
        easy_to_find=0.5,
        drivers={"attempts": 1.6, "severity": 0.7},
    )


def test_accounts_live_what_is_enumerated():
    """Attempts drawn one by one agree with the enumeration within 4 standard errors (30,000 accounts)."""
    w = full_world()
    drawn, wanted = twin.simulate(w, 3), twin.expected(w)
    for s in w["segments"]:
        own, row, n = drawn["segments"][s["name"]], wanted["segments"][s["name"]], s["accounts"]
        for word in ("exposed", "people"):
            assert near(own[word], row[word], n), word
        for name, figure in row["attacks"].items():
            for word in ("attackable", "attempted", "victims"):
                assert near(own["attacks"][name][word], figure[word], n), (s["name"], name, word)
            spread = math.sqrt(figure["loss_variance"]) if figure["loss_variance"] > 0 else 0.0
            assert abs(own["attacks"][name]["loss"] - figure["loss"]) <= LIMIT * spread + 1e-9


def test_accounts_of_the_full_world_live_its_parts():
    """All parts of the full world lie within 4 standard errors, and none of them is empty."""
    w = full_world()
    drawn, wanted = parts.simulate_parts(w, 4), parts.expected_parts(w)
    for s in w["segments"]:
        own, row = drawn["segments"][s["name"]], wanted["segments"][s["name"]]
        for part in parts.PARTS:
            assert near(own["people"][part], row["people"][part], s["accounts"])
            for name, figure in row["attacks"].items():
                assert near(own["attacks"][name][part], figure["victims"][part], s["accounts"]), (name, part)
    first = wanted["segments"]["old"]["attacks"]["swap"]["victims"]
    assert min(first[part] for part in parts.PARTS) > 10


def test_parts_by_day_end_in_the_parts_of_the_horizon():
    """At the horizon the parts are those of section 6; before it they sum to the probability by the day."""
    w = full_world(100)
    scales = twin.capacity_scales(w)
    by_day, wanted = parts.parts_by_day(w, [10.0, 200.0, 730.0], scales), parts.expected_parts(w, scales)
    whole = twin.timeline(w, [10.0, 200.0, 730.0], scales)
    for s in w["segments"]:
        for name, found in by_day[s["name"]].items():
            last = {part: s["accounts"] * p[-1] for part, p in found.items()}
            assert last == pytest.approx(wanted["segments"][s["name"]]["attacks"][name]["victims"])
            sums = [sum(found[part][k] for part in parts.PARTS) for k in range(3)]
            assert sums == pytest.approx(whole[s["name"]][name])


def test_the_capacity_scale_is_that_of_all_known_routes():
    """Parts share the scale of R_K: the capacity is used up by all of them together."""
    w = toy("name address birth ssn", {"birth": lookup(0.7, "name"), "name": lookup(0.5, directory=True)})
    w["segments"].append(segment("more", 1_000, [("name ssn", 1.0)]))
    w["attacks"][0]["capacity"] = 250.0
    assert twin.capacity_scales(w)["credit"] == pytest.approx(250 / (0.5 * 1_700))
    found = parts.expected_parts(w)["segments"]
    total = sum(found[name]["people"]["all"] for name in found)
    assert total == pytest.approx(1_700 * -math.expm1(-0.2 * 250 / 850))


# Fields that decide -----------------------------------------------------------------------------


def test_fields_that_decide():
    """An attack is closed for want of one field if that field alone, had it leaked, would open it."""
    entries = {"address": lookup(0.5, "name"), "never": lookup(0.0, "name")}
    attacks = [
        attack("open", "initial", [route("name address")], "key"),
        attack("wants ssn", "initial", [route("name ssn"), route("pin iris ssn")]),
        attack("wants never", "initial", [route("address never")]),
        attack("wants two", "initial", [route("pin iris")]),
        attack("later", "follow_on", [route("pin", capabilities="key")]),
        attack("behind", "initial", [route("street")]),
    ]
    w = world([segment("all", 5, [("name", 0.5)])], attacks, lookups=entries)
    assert parts.closed_for_want(w) == {
        "wants ssn": {"ssn"},
        "wants never": {"never"},
        "later": {"pin"},
        "behind": {"street"},
    }


# What is refused, and faults -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"lookups": {"a": lookup(1.2, "b")}}, "not in"),
        ({"lookups": {"a": lookup(0.5, "a b")}}, "itself"),
        ({"lookups": {"a": lookup(0.5, "")}}, "empty"),
        ({"easy_to_find": 1.1}, "easy_to_find"),
        ({"routes": "mine"}, "routes"),
    ],
)
def test_look_ups_outside_the_law_are_refused(more, says):
    """A share or kappa outside [0, 1], a look-up that needs itself, and unknown words are refused."""
    with pytest.raises(ValueError, match=says):
        twin.check(toy() | more)


def fault_world() -> World:
    """Return a world in which every planted fault shows."""
    w = full_world(1_000)
    w["attacks"].append(attack("listed", "initial", [route("name address", 0.8, 0.5), route("birth phone")]))
    return w


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_planted_faults_show(fault):
    """Every planted fault moves some figure of people or of parts by more than one in a thousand."""
    w = fault_world()
    scales = twin.capacity_scales(w)
    true = parts.expected_parts(w, scales, {})["segments"]
    with pytest.MonkeyPatch.context() as patch:
        wrong = parts.expected_parts(fault(w, patch), scales, {})["segments"]
    moved = [
        abs(b[part] / a["all"] - a[part] / a["all"])
        for s in true
        for a, b in zip(every_figure(true[s]), every_figure(wrong[s]), strict=True)
        for part in ("all", *parts.PARTS)
        if a["all"] > 0
    ]
    assert max(moved) > 1e-3
    after = parts.expected_parts(w, scales, {})["segments"]
    assert after == true


def test_every_fault_says_where_it_shows():
    """Each planted fault has a line that says what a world needs for it to show."""
    assert set(SHOWS) == set(FAULTS)
