"""Tests of several breaches in the slow twin: each states a law of section 7 or an oracle."""

from __future__ import annotations

import copy
import functools
import itertools
import math

import numpy as np
import pytest
from scipy import optimize
from support import plain_worlds as by_hand
from support import reference as twin
from support import reference_breaches as breaches
from support import reference_parts as parts

TIGHT = 1e-9
LIMIT = 4.0
"""Standard errors."""


def route(fields="", attempts=0.8, success=0.5, capabilities=""):
    """Return a route."""
    return by_hand.route(fields, attempts, success, capabilities=capabilities)


attack = functools.partial(by_hand.attack, severity_mean=100.0, severity_sigma=0.5)


def segment(name, accounts, fields, coverage=1.0, **more):
    """Return a segment with one block."""
    return by_hand.segment(name, accounts, [(fields, coverage)], **more)


def breach(name, *segments, day_zero=0.0, event_days=()):
    """Return a breach."""
    return {"name": name, "segments": list(segments), "day_zero": day_zero, "event_days": list(event_days)}


def attacks():
    """Return attacks of one field, of two fields, and a follow-on that needs a field."""
    return [
        attack("one", "initial", [route("name")]),
        attack("two", "initial", [route("name ssn", 0.9, 0.6), route("phone pin", 0.5, 0.5)], "key"),
        attack("later", "follow_on", [route("mail", 0.6, 0.7, "key"), route("", 0.1, 0.9, "key")]),
    ]


def rest(**more):
    """Return a world without segments and events, which come from the breaches."""
    return by_hand.world([], attacks(), **more)


def three(overlaps=None, universe=10_000.0, **more):
    """Return a union of three breaches, one with two segments."""
    return {
        "breaches": [
            breach("a", segment("s", 3_000, "name phone", 0.8), segment("t", 1_000, "name mail")),
            breach("b", segment("s", 2_000, "ssn mail", 0.7)),
            breach("c", segment("s", 5_000, "pin", 0.9)),
        ],
        "universe": universe,
        "overlaps": overlaps or {},
        "world": rest(**more),
    }


def harm_of(found):
    """Return the harm of a world with its own scales and factors."""
    scales = twin.capacity_scales(found)
    return breaches.harm(found, scales, twin.anchor_factors(found, scales))


# Membership ----------------------------------------------------------------------------


def margins(table, names):
    """Return the shares in every breach and in every pair, and of all."""
    sizes = {b: sum(p for inside, p in table.items() if b in inside) for b in names}
    pairs = {
        pair: sum(p for inside, p in table.items() if inside.issuperset(pair))
        for pair in itertools.combinations(sorted(names), 2)
    }
    return sizes, pairs, sum(table.values())


def test_independent_breaches_are_the_product():
    """Without overlaps the table is that of independent memberships."""
    sizes = {"a": 4_000, "b": 2_000, "c": 5_000}
    table = breaches.membership(sizes, 10_000)
    for inside, share in table.items():
        wanted = math.prod(n / 10_000 if b in inside else 1 - n / 10_000 for b, n in sizes.items())
        assert share == pytest.approx(wanted, rel=TIGHT)


def test_two_breaches_are_exact():
    """Of two breaches of 3 and 5 in a universe of 10 with an overlap of 80 %, 2.4 are in both."""
    table = breaches.membership({"a": 3, "b": 5}, 10, {("b", "a"): 0.8})
    wanted = {"": 0.44, "a": 0.06, "b": 0.26, "ab": 0.24}
    assert table == pytest.approx({frozenset(names): share for names, share in wanted.items()})


@pytest.mark.parametrize(("overlap", "both"), [(-1.0, 200), (0.1, 200), (0.5, 300), (1.0, 600), (7.0, 600)])
def test_the_overlap_lies_in_its_bounds(overlap, both):
    """600 and 600 of 1,000 persons share at least 200 and at most 600, whatever the overlap is."""
    table = breaches.membership({"a": 600, "b": 600}, 1_000, {("a", "b"): overlap})
    assert 1_000 * table[frozenset("ab")] == pytest.approx(max(both, 200))


def feasible(seed, k=3):
    """Return sizes and overlaps that some table has: those of a random table."""
    rng = np.random.default_rng([3, seed])
    names = "abcd"[:k]
    shares = rng.dirichlet(np.full(2**k, 0.7))
    table = dict(zip(breaches.subsets(names), shares, strict=True))
    sizes, pairs, _ = margins(table, names)
    overlaps = {pair: both / min(sizes[pair[0]], sizes[pair[1]]) for pair, both in pairs.items()}
    return sizes, overlaps, pairs


@pytest.mark.parametrize("k", [3, 4])
@pytest.mark.parametrize("seed", range(6))
def test_the_table_keeps_sizes_and_pairs_and_has_no_further_interaction(seed, k):
    """Margins are kept, and every three-way odds ratio is one, as in the independent table."""
    sizes, overlaps, pairs = feasible(seed, k)
    table = breaches.membership(sizes, 1.0, overlaps)
    found = margins(table, sizes)
    assert found[0] == pytest.approx(sizes, abs=1e-7)
    assert found[1] == pytest.approx(pairs, abs=1e-7)
    assert found[2] == pytest.approx(1.0)
    for triple in itertools.combinations(sorted(sizes), 3):
        others = set(sizes) - set(triple)
        for more in breaches.subsets(others):
            log_odds = sum(
                (-1) ** (3 - len(inside)) * math.log(table[inside | more])
                for inside in breaches.subsets(triple)
            )
            assert log_odds == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_the_table_is_the_closest_to_independence(seed):
    """It is the table found by minimizing the divergence from the independent one, by its dual."""
    sizes, overlaps, pairs = feasible(seed)
    names, cells = sorted(sizes), breaches.subsets(sizes)
    start = np.array([math.prod(sizes[b] if b in t else 1 - sizes[b] for b in names) for t in cells])
    terms = [*({b} for b in names), *(set(pair) for pair in pairs)]
    design = np.array([[term <= t for term in terms] for t in cells], dtype=float)
    target = np.array([*(sizes[b] for b in names), *pairs.values()])

    def dual(weights):
        tilted = start * np.exp(design @ weights)
        return math.log(tilted.sum()) - weights @ target, design.T @ tilted / tilted.sum() - target

    best = optimize.minimize(dual, np.zeros(len(terms)), jac=True, tol=1e-12, method="BFGS").x
    tilted = start * np.exp(design @ best)
    wanted = dict(zip(cells, tilted / tilted.sum(), strict=True))
    assert breaches.membership(sizes, 1.0, overlaps) == pytest.approx(wanted, abs=1e-6)


def test_overlaps_that_no_table_has_are_refused(monkeypatch):
    """Two breaches of 30 that lie wholly in one of 50 share somebody."""
    monkeypatch.setattr(breaches, "MAX_ROUNDS", 500)
    wrong = {("a", "b"): 1.0, ("a", "c"): 1.0, ("b", "c"): 0.0}
    with pytest.raises(ValueError, match="no table"):
        breaches.membership({"a": 50, "b": 30, "c": 30}, 100, wrong)


def test_a_universe_smaller_than_a_breach_is_refused():
    """A universe holds at least the persons of the largest breach."""
    with pytest.raises(ValueError, match="universe"):
        breaches.membership({"a": 50, "b": 30}, 40)


# Cells -----------------------------------------------------------------------------------


def test_cells_keep_the_accounts_of_every_segment():
    """Summed over cells, every segment keeps its accounts."""
    union = three({("a", "b"): 0.6, ("b", "c"): 0.7})
    found = breaches.union_world(union)["segments"]
    assert len(found) == 3 * 2 * 2 - 1
    for own in union["breaches"]:
        for s in own["segments"]:
            total = sum(
                c["accounts"] for c in found if f"{own['name']}/{s['name']}" in c["name"].split(" + ")
            )
            assert total == pytest.approx(s["accounts"], rel=1e-7)


def test_one_breach_alone_is_the_scenario():
    """The union of one breach is the world of its segments."""
    union = three()
    union["breaches"] = union["breaches"][:1]
    plain = rest() | {"segments": union["breaches"][0]["segments"], "event_days": []}
    assert breaches.expected_union(union)["all"] == pytest.approx(harm_of(plain))
    assert set(breaches.expected_union(union)["only_together"].values()) == {0.0}


def test_overlap_zero_is_the_plain_sum():
    """Breaches without a common person harm what each harms alone, and nothing is only together."""
    pairs = itertools.combinations("abc", 2)
    union = three(dict.fromkeys(pairs, 0.0), universe=20_000.0)
    found = breaches.expected_union(union)
    wanted = dict.fromkeys(found["all"], 0.0)
    for own in union["breaches"]:
        alone = harm_of(rest() | {"segments": own["segments"], "event_days": []})
        wanted = {word: wanted[word] + alone[word] for word in wanted}
    assert found["all"] == pytest.approx(wanted)
    assert found["only_together"] == pytest.approx(dict.fromkeys(wanted, 0.0), abs=1e-6)


def test_overlap_one_of_like_breaches_is_the_union_of_their_fields():
    """Two breaches of the same persons harm like one breach with the blocks of both."""
    own = {
        "breaches": [
            breach("a", segment("s", 1_000, "name", 0.8)),
            breach("b", segment("s", 1_000, "ssn mail", 0.7)),
        ],
        "universe": 5_000,
        "overlaps": {("a", "b"): 1.0},
        "world": rest(),
    }
    both = segment("s", 1_000, "name", 0.8)
    both["blocks"] += segment("s", 1, "ssn mail", 0.7)["blocks"]
    wanted = harm_of(rest() | {"segments": [both], "event_days": []})
    found = breaches.expected_union(own)
    assert found["all"] == pytest.approx(wanted)
    alone = 1_000 * 0.8 * -math.expm1(-0.4)
    assert found["all"]["victims one"] == pytest.approx(alone)
    assert found["only_together"]["victims two"] == pytest.approx(1_000 * 0.56 * -math.expm1(-0.54))
    assert found["only_together"]["victims one"] == pytest.approx(0.0, abs=1e-9)


def test_a_field_leaked_if_it_leaked_in_any_breach():
    """A name that leaks to 60 % in one breach and to 50 % in another is known of 80 % of both."""
    own = {
        "breaches": [breach(x, segment("s", 100, "name", c)) for x, c in (("a", 0.6), ("b", 0.5))],
        "universe": 100,
        "overlaps": {},
        "world": rest(),
    }
    found = twin.expected(breaches.union_world(own))["segments"]["a/s + b/s"]
    assert found["attacks"]["one"]["attackable"] == pytest.approx(80)


def test_a_withholding_takes_fields_from_its_own_breach_only():
    """A name withheld in one breach has still leaked in the other."""
    own = {
        "breaches": [
            breach("a", segment("s", 100, "name ssn", withheld=[{"fields": [], "share": 1.0}])),
            breach("b", segment("s", 100, "name")),
        ],
        "universe": 100,
        "overlaps": {},
        "world": rest(),
    }
    row = twin.expected(breaches.union_world(own))["segments"]["a/s + b/s"]
    assert row["attacks"]["one"]["attackable"] == 100
    assert row["attacks"]["two"]["attackable"] == 0


def test_day_zero_is_the_latest_and_resets_keep_their_date():
    """Days are counted from the latest day 0; an earlier reset acts from the start in its cells."""
    clock = {"clock_rates": {"line": 0.01}}
    early = segment("s", 50, "name", resets=[{"day": 40.0, "fields": ["name"]}], **clock)
    late = segment("s", 50, "ssn", resets=[{"day": 30.0, "fields": ["ssn"]}], clock_rates={"line": 0.02})
    own = {
        "breaches": [
            breach("a", early, event_days=[40.0, 170.0]),
            breach("b", late, day_zero=100.0, event_days=[30.0]),
        ],
        "universe": 100,
        "world": rest(),
    }
    found = breaches.union_world(own)
    cells = {cell["name"]: cell for cell in found["segments"]}
    assert [0.0, 30.0, 70.0] == found["event_days"]
    resets = cells["a/s + b/s"]["resets"]
    assert [{"day": 0.0, "fields": ["name"]}, {"day": 30.0, "fields": ["ssn"]}] == resets
    assert {"line": 0.02} == cells["a/s + b/s"]["clock_rates"]
    assert {"line": 0.01} == cells["a/s"]["clock_rates"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_the_order_of_breaches_changes_nothing(order):
    """Cells and harm are the same to the bit in whatever order the breaches are named."""
    union = three({("a", "b"): 0.6, ("c", "b"): 0.4})
    turned = {
        **union,
        "breaches": [union["breaches"][k] for k in order],
        "overlaps": {("b", "a"): 0.6, ("b", "c"): 0.4},
    }
    assert breaches.union_world(turned) == breaches.union_world(union)


def test_other_names_change_nothing():
    """Harm does not depend on what the breaches are called, although the fit goes by their names."""
    union = three({("a", "b"): 0.6, ("c", "b"): 0.4})
    turned = copy.deepcopy(union)
    new = {"a": "z", "b": "y", "c": "x"}
    for own in turned["breaches"]:
        own["name"] = new[own["name"]]
    turned["overlaps"] = {(new[a], new[b]): share for (a, b), share in union["overlaps"].items()}
    for part, figures in breaches.expected_union(union).items():
        assert breaches.expected_union(turned)[part] == pytest.approx(figures, rel=1e-7, abs=1e-7)


LOOKUPS = {"ssn": {"share": 0.3, "given": [["name", "mail"]], "directory": False}}


@pytest.mark.parametrize("entries", [{}, LOOKUPS], ids=["leaks", "look-ups"])
def test_a_union_is_the_sum_over_all_memberships_of_a_person(entries):
    """Harm equals a sum over 2^k memberships, segments and leaks of one person, written from the page."""
    union = three({("a", "b"): 0.6, ("b", "c"): 0.7}, lookups=entries)
    table = breaches.membership_of(union)
    own = {b["name"]: b["segments"] for b in union["breaches"]}
    wanted = dict.fromkeys(("one", "two", "later", "only two"), 0.0)
    for inside, share in table.items():
        for chosen in itertools.product(*(own[b] for b in sorted(inside))):
            weight = union["universe"] * share
            for b, s in zip(sorted(inside), chosen, strict=True):
                weight *= s["accounts"] / sum(x["accounts"] for x in own[b])
            blocks = [s["blocks"][0] for s in chosen]
            for coins in itertools.product((0, 1), repeat=len(blocks) + 1):
                odds = [block["coverage"] for block in blocks] + [0.3 if entries else 0.0]
                p = weight * math.prod(q if c else 1 - q for q, c in zip(odds, coins, strict=True))
                leaks = [set(b["fields"]) for b, c in zip(blocks, coins, strict=False) if c]
                known = [looked_up(fields, coins[-1]) for fields in leaks]
                whole = looked_up(set().union(*leaks), coins[-1])
                both, single = chance_two(whole), max((chance_two(fields) for fields in known), default=0.0)
                leaked = set().union(*leaks)
                wanted["one"] += p * (-math.expm1(-0.4) if "name" in leaked else 0.0)
                wanted["two"] += p * both
                wanted["only two"] += p * (both - single)
                wanted["later"] += p * both * (0.42 if "mail" in leaked else 0.09)
    found = breaches.expected_union(union)
    for name in ("one", "two", "later"):
        assert found["all"][f"victims {name}"] == pytest.approx(wanted[name], rel=TIGHT)
    assert found["only_together"]["victims two"] == pytest.approx(wanted["only two"], rel=TIGHT)


def looked_up(fields, coin):
    """Return the known fields of a person whose coin of the SSN is given."""
    return fields | {"ssn"} if coin and {"name", "mail"} <= fields else fields


def chance_two(known):
    """Return the chance of attack two: its first route is the better one."""
    if {"name", "ssn"} <= known:
        return -math.expm1(-0.54)
    return -math.expm1(-0.25) if {"phone", "pin"} <= known else 0.0


def test_persons_drawn_one_by_one_live_the_union():
    """Persons drawn into breaches, segments and leaks agree within 4 standard errors (seed 5, 10,000)."""
    union = three({("a", "b"): 0.6, ("b", "c"): 0.7})
    rng, table = np.random.default_rng(5), breaches.membership_of(union)
    own = {b["name"]: b["segments"] for b in union["breaches"]}
    inside = list(table)
    drawn = rng.choice(len(inside), size=10_000, p=np.array(list(table.values())) / sum(table.values()))
    hits = 0
    for k in drawn:
        leaked: set[str] = set()
        for b in sorted(inside[k]):
            sizes = np.array([s["accounts"] for s in own[b]])
            block = own[b][int(rng.choice(len(sizes), p=sizes / sizes.sum()))]["blocks"][0]
            leaked |= set(block["fields"]) if rng.random() < block["coverage"] else set()
        hits += rng.random() < chance_two(leaked)
    wanted = breaches.expected_union(union)["all"]["victims two"]
    assert abs(hits - wanted) < LIMIT * math.sqrt(wanted)


def test_a_union_has_parts_and_days_like_any_world():
    """Parts sum in every cell, replaceable harm is not only together, and the timeline fits."""
    listed = {"name": {"share": 0.4, "given": [], "directory": True}} | LOOKUPS
    union = three({("a", "b"): 0.6}, lookups=listed, easy_to_find=0.5)
    own = breaches.union_world(union)
    divided, by_day = parts.expected_parts(own)["segments"], twin.timeline(own, [365.0])
    for cell in own["segments"]:
        people = divided[cell["name"]]["people"]
        assert sum(people[part] for part in parts.PARTS) == pytest.approx(people["all"])
        for name, (p,) in by_day[cell["name"]].items():
            assert divided[cell["name"]]["attacks"][name]["victims"]["all"] == pytest.approx(
                cell["accounts"] * p
            )
    whole = breaches.expected_union(union)
    replaceable = sum(row["people"]["replaceable"] for row in divided.values())
    assert 0 < replaceable <= whole["all"]["people"] - whole["only_together"]["people"]


# Split between breaches ------------------------------------------------------------------


def test_shares_of_breaches_sum_to_the_harm():
    """Over breaches the Shapley shares sum to people, losses and victims of the union."""
    union = three({("a", "b"): 0.6}, lookups=LOOKUPS)
    shares, whole = breaches.shapley(union), breaches.expected_union(union)["all"]
    for word, figure in whole.items():
        assert sum(own[word] for own in shares.values()) == pytest.approx(figure, rel=TIGHT)


def test_a_breach_shares_equally_what_needs_both():
    """What needs a field of each of two breaches is halved; what one alone does is its own."""
    own = {
        "breaches": [breach("a", segment("s", 100, "name")), breach("b", segment("s", 100, "ssn"))],
        "universe": 100,
        "world": rest(),
    }
    shares, whole = breaches.shapley(own), breaches.expected_union(own)["all"]
    assert shares["a"]["victims two"] == pytest.approx(whole["victims two"] / 2)
    assert shares["a"]["victims one"] == pytest.approx(whole["victims one"])
    assert shares["b"]["victims one"] == pytest.approx(0.0, abs=1e-12)


def test_the_split_keeps_scales_and_factors():
    """A capacity that binds for the union keeps its scale for every set of breaches."""
    union = three({("a", "b"): 0.6})
    union["world"]["attacks"][0]["capacity"] = 500.0
    scales = twin.capacity_scales(breaches.union_world(union))
    assert scales["one"] == pytest.approx(500 / (0.8 * (0.8 * 3_000 + 1_000)))
    shares = breaches.shapley(union)
    names = 0.8 * 3_000 + 1_000
    assert shares["a"]["victims one"] == pytest.approx(names * -math.expm1(-0.5 * 500 / names))
    assert shares["b"]["victims one"] == pytest.approx(0.0, abs=1e-9)


def test_two_equal_breaches_share_alike():
    """Two breaches with the same fields and persons have the same share."""
    own = {
        "breaches": [breach(x, segment("s", 100, "name", 0.5)) for x in "ab"],
        "universe": 150,
        "overlaps": {("a", "b"): 0.7},
        "world": rest(),
    }
    shares = breaches.shapley(own)
    assert shares["a"] == pytest.approx(shares["b"])


# A portfolio --------------------------------------------------------------------------------


def test_breaches_of_one_year_share_the_capacity():
    """Two breaches of 2020 have the capacity over their common attempts; one of 2021 has all of it."""

    def alone(n, capacity):
        own = rest() | {"segments": [segment("s", n, "name")], "event_days": []}
        own["attacks"][0]["capacity"] = capacity
        return own

    worlds = {"x": alone(1_000, 600.0), "y": alone(3_000, 1_200.0), "z": alone(500, 600.0)}
    scales = breaches.portfolio_scales(worlds, {"x": 2020, "y": 2020, "z": 2021})
    found = {name: own["one"] for name, own in scales.items()}
    assert found == pytest.approx({"x": 600 / 3_200, "y": 1_200 / 3_200, "z": 1.0})
    assert scales["x"]["two"] == scales["x"]["later"] == 1.0
    lone = breaches.portfolio_scales({"x": worlds["x"]}, {"x": 2020})["x"]
    assert lone == pytest.approx(twin.capacity_scales(worlds["x"]))
