"""Laws of the combination logic: enabling and protection sets, closure, and what a graph refuses."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference as twin
from support import worlds
from support.worlds import way

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import expose, exposed_share, mask_weights
from breach_sim.inputs import fields
from breach_sim.inputs.attacks import Anchor
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.requirements import enabling_sets, one_field_short, protection_sets
from breach_sim.inputs.scenario import Scenario

N, P, K, S, D = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
Sets = set[frozenset[str]]
FIELDS_12 = fields.FIELD_NAMES[:12]


def toy() -> AttackGraph:
    """Return the two attacks of the worked toy."""
    return worlds.graph(
        [
            worlds.attack("sim_swap", [way(f"{P} {K}"), way(f"{P} {N} {S}")]),
            worlds.attack("new_account", [way(f"{N} {S} {D}")]),
        ]
    )


def toy_scenario() -> Scenario:
    """Return 10,000 accounts whose P, K, N and S leaked independently."""
    return worlds.scenario([worlds.segment("s", 10_000, [(P, 0.9), (K, 0.5), (N, 0.9), (S, 0.6)])])


def as_sets(found: Sequence[Sequence[str]]) -> Sets:
    """Return tuples of names as a set of sets; none may stand there twice."""
    result = {frozenset(names) for names in found}
    assert len(result) == len(found)
    return result


def test_background_stays_beside_its_own_kind_of_attack() -> None:
    """Background is kept with a possible attack of its technique, and alone where nothing is possible."""
    background = dataclasses.replace(worlds.attack("insider", []), technique="T1")
    swap = dataclasses.replace(worlds.attack("sim_swap", [way(f"{P} {K}")]), technique="T1")
    account = dataclasses.replace(worlds.attack("new_account", [way(f"{N} {S} {D}")]), technique="T2")
    whole = worlds.graph([background, swap, account])
    assert whole.within([P, K]).names == ("insider", "sim_swap")
    assert whole.within([N, S, D]).names == ("new_account",)
    assert whole.within([D]).names == ("insider",)


# Sets ------------------------------------------------------------------------------------------------


def test_enabling_sets_of_the_toy() -> None:
    """The minimal enabling sets of any harm are {P,K}, {N,P,S} and {N,S,D}."""
    assert {frozenset(s) for s in ((P, K), (N, P, S), (N, S, D))} == as_sets(enabling_sets(toy()))
    assert {frozenset((N, S, D))} == as_sets(enabling_sets(toy(), "new_account"))


def test_protection_sets_of_the_toy() -> None:
    """The minimal protection sets of any harm are {N,P}, {N,K}, {P,S}, {P,D} and {K,S}."""
    wanted = {frozenset(s) for s in ((N, P), (N, K), (P, S), (P, D), (K, S))}
    assert wanted == as_sets(protection_sets(toy()))


def test_sets_are_sorted_shortest_first() -> None:
    """Sets come shortest first, and the same graph with its attacks turned round gives the same answer."""
    turned = dataclasses.replace(toy(), attacks=toy().attacks[::-1])
    sizes = [len(names) for names in enabling_sets(toy())]
    assert sorted(sizes) == sizes
    assert enabling_sets(toy()) == enabling_sets(turned)
    assert protection_sets(toy()) == protection_sets(turned)


def test_possible_share_of_the_toy_in_whole_accounts() -> None:
    """With P .9, K .5, N .9, S .6 independent a SIM swap is possible for 0.693 of whole accounts."""
    exposure = expose(toy_scenario())
    sets = [fields.mask(names) for names in enabling_sets(toy(), "sim_swap")]
    assert 6_930 == exposure.holding_any(sets)
    assert 10_000 == exposure.accounts.sum()
    assert round(10_000 * 0.9 * 0.5) == exposure.holding(fields.mask([P, K]))
    assert round(10_000 * (1 - 0.1 * 0.5)) == exposure.touching(fields.mask([P, K]))


def test_possible_share_of_the_toy_in_weights() -> None:
    """The weights of the masks in which a SIM swap is possible sum to 0.693, neither 0.7173 nor 0.936."""
    graph, segment = toy(), toy_scenario().segments[0]
    weights = mask_weights(segment, None, Parameters(0, 1))
    won = closure(graph, np.array(list(weights), dtype=np.uint64))[:, 0]
    share = sum(float(w[0]) for w, success in zip(weights.values(), won, strict=True) if success)
    assert pytest.approx(0.693, abs=1e-12) == share
    assert pytest.approx(1.0, abs=1e-12) == sum(float(w[0]) for w in weights.values())
    assert pytest.approx(1 - 0.1 * 0.5 * 0.1 * 0.4) == float(exposed_share(segment, Parameters(0, 1))[0])


def test_blocks_without_a_read_field_do_not_split_cells() -> None:
    """Masks over the relevant fields alone carry the same weight as the full masks cut down to them."""
    segment = toy_scenario().segments[0]
    few = mask_weights(segment, [P, K], Parameters(0, 1))
    full = mask_weights(segment, None, Parameters(0, 1))
    assert 4 == len(few)
    for bits, weight in few.items():
        same = [w[0] for mask, w in full.items() if mask & fields.mask([P, K]) == bits]
        assert pytest.approx(sum(same)) == float(weight[0])


def random_rules(rng: np.random.Generator) -> AttackGraph:
    """Return a monotone rule set of up to ten fields: initial attacks, chains and cycles."""
    pool = [str(f) for f in rng.choice(fields.FIELD_NAMES, int(rng.integers(2, 11)), replace=False)]
    n_initial, n_follow = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    capabilities = [f"c{i}" for i in range(int(rng.integers(1, 4)))]

    def some(names: Sequence[str], low: int, high: int) -> str:
        size = min(len(names), int(rng.integers(low, high + 1)))
        return " ".join(str(n) for n in rng.choice(list(names), size, replace=False)) if size else ""

    plans = []
    for i in range(n_initial):
        ways = [way(some(pool, 1, 5), traits=some(["t"], 0, 1)) for _ in range(int(rng.integers(1, 5)))]
        plans.append((f"i{i}", ways, some(capabilities, 0, 2)))
    plans[0] = (*plans[0][:2], " ".join(capabilities[:1]))
    grants = [some(capabilities, 0, 2) for _ in range(n_follow)]
    granted = sorted({c for plan in plans for c in plan[2].split()} | {c for g in grants for c in g.split()})
    for i in range(n_follow):
        ways = [
            way(some(pool, 0, 3), capabilities=some(granted, 1, 2)) for _ in range(int(rng.integers(1, 4)))
        ]
        plans.append((f"f{i}", ways, grants[i]))
    attacks = [worlds.attack(*plans[int(k)]) for k in rng.permutation(len(plans))]
    if rng.random() < 0.2:
        attacks.insert(0, worlds.attack("insider", grants=capabilities[0]))
    return worlds.graph(attacks, {"t": 0.5})


def possible_everywhere(graph: AttackGraph, pool: Sequence[str]) -> dict[str, list[bool]]:
    """Say of every attack and every subset of the pool (bit i: field i) whether it is possible."""
    known: dict[str, list[bool]] = {name: [] for name in graph.names}
    position = {name: i for i, name in enumerate(pool)}
    rules = [
        (
            a.name,
            [(sum(1 << position[f] for f in r.fields), set(r.capabilities)) for r in a.routes],
            set(a.grants),
        )
        for a in graph.attacks
    ]
    for subset in range(1 << len(pool)):
        held: set[str] = set()
        done: set[str] = set()
        while True:
            new = {
                name
                for name, routes, _ in rules
                if any(bits & subset == bits and needs <= held for bits, needs in routes)
            }
            held = set().union(*(grants for name, _, grants in rules if name in new))
            if new == done:
                break
            done = new
        for name in graph.names:
            known[name].append(name in done)
    return known


def brute_sets(works: Sequence[bool], pool: Sequence[str], *, protect: bool) -> Sets:
    """Return the minimal enabling or protection sets by looking at every subset."""
    everything = len(works) - 1

    def good(bits: int) -> bool:
        return not works[everything & ~bits] if protect else works[bits]

    minimal = [
        b
        for b in range(len(works))
        if good(b) and not any(good(b & ~(1 << i)) for i in range(len(pool)) if b >> i & 1)
    ]
    return {frozenset(f for i, f in enumerate(pool) if b >> i & 1) for b in minimal}


def test_sets_equal_brute_force_on_500_rule_sets() -> None:
    """On 500 rule sets with chains and cycles both kinds of minimal sets equal brute force."""
    rng = np.random.default_rng(20210817)
    chained = 0
    for _ in range(500):
        graph = random_rules(rng)
        pool = sorted({f for a in graph.attacks for r in a.routes for f in r.fields})
        known = possible_everywhere(graph, pool)
        known["any"] = [any(column) for column in zip(*known.values(), strict=True)]
        for harm in (str(rng.choice(graph.names)), "any"):
            works = known[harm]
            assert brute_sets(works, pool, protect=False) == as_sets(enabling_sets(graph, harm))
            assert brute_sets(works, pool, protect=True) == as_sets(protection_sets(graph, harm))
            chained += harm != "any" and graph[harm].kind == "follow_on" and any(works)
    assert chained > 100, "the rule sets hardly follow any chain"


def test_sets_equal_the_twin_on_rule_sets() -> None:
    """The twin, which has not seen the engine, finds the same minimal sets."""
    rng = np.random.default_rng(7)
    for _ in range(25):
        graph = random_rules(rng)
        world = worlds.twin_world(toy_scenario(), graph, 1)
        if len({f for a in graph.attacks for r in a.routes for f in r.fields}) > 7:
            continue
        for harm in graph.names:
            assert set(twin.enabling_sets(world["attacks"], harm)) == as_sets(enabling_sets(graph, harm))
            assert set(twin.protection_sets(world["attacks"], harm)) == as_sets(protection_sets(graph, harm))
        assert set(twin.enabling_sets(world["attacks"])) == as_sets(enabling_sets(graph))


def test_twelve_fields_take_at_most_a_second() -> None:
    """At twelve fields, forty routes and a chain of three, both kinds of sets take at most a second."""
    rng = np.random.default_rng(3)
    needs = [" ".join(rng.choice(FIELDS_12, 4, replace=False)) for _ in range(40)]
    graph = worlds.graph(
        [
            worlds.attack("a", [way(n) for n in needs[:20]], "one"),
            worlds.attack("b", [way(n.split()[0], capabilities="one") for n in needs[20:]], "two"),
            worlds.attack("c", [way(n.split()[1], capabilities="one two") for n in needs[20:]]),
        ]
    )
    start = time.process_time()
    enabling, protecting = enabling_sets(graph, "c"), protection_sets(graph, "c")
    assert time.process_time() - start <= 1.0
    for protection in protecting:
        assert all(set(protection) & set(enabled) for enabled in enabling)


# Closure ---------------------------------------------------------------------------------------------


SEEDS = st.integers(0, 10_000)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS, data=st.data())
def test_closure_is_monotone(seed: int, data: st.DataObject) -> None:
    """One more leaked field, or one more coin on heads, never makes an attack fail."""
    rng = np.random.default_rng(seed)
    graph = random_rules(rng)
    pool = sorted({f for a in graph.attacks for r in a.routes for f in r.fields})
    small = data.draw(st.sets(st.sampled_from(pool)))
    big = small | data.draw(st.sets(st.sampled_from(pool)))
    few = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(graph.attacks), max_size=len(graph.attacks)))
    )
    many = few | (rng.random(len(few)) < 0.5)
    masks = np.array([fields.mask(small), fields.mask(big)], dtype=np.uint64)
    low, high = closure(graph, masks, few), closure(graph, masks, many)
    assert np.all(low[0] <= low[1])
    assert np.all(low <= high)
    assert not low[:, ~few].any()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_closure_is_order_free(seed: int) -> None:
    """The attacks that succeed do not depend on the order in which the graph lists them."""
    rng = np.random.default_rng(seed)
    graph = random_rules(rng)
    masks = rng.integers(0, 1 << len(fields.FIELDS), 32, dtype=np.uint64)
    coins = rng.random(len(graph.attacks)) < 0.8
    order = rng.permutation(len(graph.attacks))
    turned = dataclasses.replace(graph, attacks=tuple(graph.attacks[i] for i in order))
    assert np.array_equal(closure(graph, masks, coins)[:, order], closure(turned, masks, coins[order]))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_closure_is_idempotent_and_equals_brute_force(seed: int) -> None:
    """Tossing only the winners' coins again gives the same winners, those of brute force."""
    rng = np.random.default_rng(seed)
    graph = random_rules(rng)
    pool = sorted({f for a in graph.attacks for r in a.routes for f in r.fields})[:6]
    known = possible_everywhere(worlds_cut(graph, pool), pool)
    subsets = [[f for i, f in enumerate(pool) if b >> i & 1] for b in range(1 << len(pool))]
    masks = np.array([fields.mask(s) for s in subsets], dtype=np.uint64)
    won = closure(worlds_cut(graph, pool), masks)
    for number, name in enumerate(graph.names):
        assert known[name] == won[:, number].tolist()
    for row, mask in zip(won[::8], masks[::8], strict=True):
        assert np.array_equal(row, closure(worlds_cut(graph, pool), np.array([mask]), row)[0])


def worlds_cut(graph: AttackGraph, pool: Sequence[str]) -> AttackGraph:
    """Return the graph with the fields outside a pool struck from its routes (one is always left)."""
    attacks = []
    for a in graph.attacks:
        routes = []
        for r in a.routes:
            left = tuple(f for f in r.fields if f in pool)
            routes.append(dataclasses.replace(r, fields=left or (() if r.capabilities else (pool[0],))))
        attacks.append(dataclasses.replace(a, routes=tuple(routes)))
    return dataclasses.replace(graph, attacks=tuple(attacks))


def test_an_insider_grants_nothing() -> None:
    """A background-only attack is never possible and its capability never granted."""
    insider = worlds.attack("insider", grants="number")
    swap = worlds.attack("swap", [way(f"{P} {K}", traits="sms")], "number")
    theft = worlds.attack("theft", [way("email_address", capabilities="number")])
    graph = worlds.graph([insider, swap, theft], {"sms": 0.5})
    everything = np.array([(1 << len(fields.FIELDS)) - 1, 0], dtype=np.uint64)
    assert [[False, True, True], [False, False, False]] == closure(graph, everything).tolist()
    assert {frozenset((P, K, "email_address"))} == as_sets(enabling_sets(graph, "theft"))
    assert () == enabling_sets(graph, "insider")
    assert ((),) == protection_sets(graph, "insider")


def test_a_cycle_without_an_entrance_is_never_entered() -> None:
    """Two follow-ons that only feed each other stay impossible: the fixpoint is the least one."""
    a = worlds.attack("a", [way(capabilities="y")], "x")
    b = worlds.attack("b", [way(capabilities="x")], "y")
    start = worlds.attack("start", [way(P)], "z")
    graph = worlds.graph([a, b, start])
    assert [[False, False, True]] == closure(graph, np.array([fields.mask([P])], dtype=np.uint64)).tolist()
    assert () == enabling_sets(graph, "a")


# What a graph refuses ----------------------------------------------------------------------------------


def test_mixed_routes_are_refused() -> None:
    """An attack with initial and follow-on routes is refused."""
    initial, follow = worlds.attack("a", [way(P)]), worlds.attack("b", [way(capabilities="c")])
    mixed = (initial.routes[0], dataclasses.replace(follow.routes[0], name="other"))
    with pytest.raises(ValueError, match=r"attacks\.a mixes initial and follow-on routes"):
        dataclasses.replace(initial, routes=mixed)


def test_unknown_capability_is_refused_and_named() -> None:
    """A capability that no attack with routes grants is refused, even if an insider grants it."""
    theft = worlds.attack("theft", [way(capabilities="number_contrl")])
    swap = worlds.attack("swap", [way(P)], "number_control")
    with pytest.raises(ValueError, match=r"unknown capability 'number_contrl'.*number_control"):
        worlds.graph([swap, theft])
    with pytest.raises(ValueError, match="unknown capability 'number_contrl'"):
        worlds.graph([worlds.attack("insider", grants="number_contrl"), theft])


@pytest.mark.parametrize("shares", [{"person": 0.5}, {"person": 0.6, "bank": 0.5}, {}])
def test_bearers_must_sum_to_one(shares: dict[str, float]) -> None:
    """Shares of bearers that do not sum to one are refused."""
    with pytest.raises(ValueError, match=r"attacks\.a\.bearers.*sum to 1"):
        worlds.attack("a", [way(P)], bearers=shares)


def test_a_route_without_field_and_capability_is_refused() -> None:
    """A route that needs no leaked field and no capability is refused: the breach would not matter to it."""
    with pytest.raises(ValueError, match=r"attacks\.a\.routes\.r0 needs no leaked field and no capability"):
        worlds.attack("a", [way(traits="t")])


def test_two_anchors_on_one_follow_on_are_refused() -> None:
    """A follow-on named by two anchors is refused."""
    swap = worlds.attack("swap", [way(P)], "c", anchor=(100.0, "theft"))
    port = worlds.attack("port", [way(K)], "c", anchor=(100.0, "theft"))
    theft = worlds.attack("theft", [way(capabilities="c")])
    with pytest.raises(ValueError, match=r"attacks\.theft is scaled by two anchors"):
        worlds.graph([swap, port, theft])


def test_an_anchor_needs_a_grant_and_known_follow_ons() -> None:
    """An anchor on an attack that grants nothing, or that names an unknown attack, is refused."""
    with pytest.raises(ValueError, match="has an anchor and grants nothing"):
        worlds.graph([worlds.attack("swap", [way(P)], anchor=(1.0, "swap"))])
    with pytest.raises(ValueError, match="unknown attack 'thft'"):
        worlds.graph(
            [
                worlds.attack("swap", [way(P)], "c", anchor=(1.0, "thft")),
                worlds.attack("theft", [way(capabilities="c")]),
            ]
        )


def test_unknown_field_trait_and_clock_are_refused() -> None:
    """A field outside the vocabulary, an undefined trait and an undefined clock are refused by name."""
    with pytest.raises(ValueError, match="unknown field 'phone'"):
        worlds.graph([worlds.attack("a", [way("phone")])])
    with pytest.raises(ValueError, match="unknown trait 't'"):
        worlds.graph([worlds.attack("a", [way(P, traits="t")])])
    with pytest.raises(ValueError, match="unknown clock 'line'"):
        worlds.graph([worlds.attack("a", [way(P)], clocks="line")])


def test_names_come_once() -> None:
    """Two attacks of one name, two routes of one name, or no attack at all are refused."""
    one = worlds.attack("a", [way(P)])
    with pytest.raises(ValueError, match="different names"):
        worlds.graph([one, one])
    with pytest.raises(ValueError, match="two routes of one name"):
        dataclasses.replace(one, routes=one.routes * 2)
    with pytest.raises(ValueError, match="at least one"):
        worlds.graph([])


def test_a_wrong_unit_is_refused() -> None:
    """Attempts of an initial route in the unit of a follow-on are refused."""
    one, two = worlds.attack("a", [way(P)], "c"), worlds.attack("b", [way(capabilities="c")])
    route = dataclasses.replace(one.routes[0], attempts=two.routes[0].attempts)
    with pytest.raises(ValueError, match="attempts/holder"):
        dataclasses.replace(one, routes=(route,))


def test_unknown_harm_and_foreign_bits_are_refused() -> None:
    """A harm that the graph does not hold, and a mask with a bit outside the vocabulary, are refused."""
    for sets in (enabling_sets, protection_sets):
        with pytest.raises(ValueError, match="unknown harm 'simswap'"):
            sets(toy(), "simswap")
    with pytest.raises(ValueError, match="outside the vocabulary"):
        closure(toy(), np.array([1 << len(fields.FIELDS)], dtype=np.uint64))


def test_at_most_six_granting_attacks() -> None:
    """Six granting attacks are taken, seven refused."""
    attacks = [worlds.attack(f"a{i}", [way(P)], f"c{i}") for i in range(7)]
    assert 6 == len(worlds.graph(attacks[:6]).granting)
    with pytest.raises(ValueError, match="7 attacks grant a capability; at most 6"):
        worlds.graph(attacks)


def test_anchor_objects_are_plain() -> None:
    """An anchor remembers its mean loss and its follow-ons."""
    swap = worlds.attack("swap", [way(P)], "c", anchor=(100.0, "theft more"))
    assert isinstance(swap.anchor, Anchor)
    assert (100.0, ("theft", "more")) == (swap.anchor.mean_loss.central, swap.anchor.follow_ons)


def test_subsets_of_a_pool_are_all_looked_at() -> None:
    """The brute force of this file looks at every subset: it finds the toy's sets as well."""
    pool = sorted((N, P, K, S, D))
    known = possible_everywhere(toy(), pool)
    works = [a or b for a, b in zip(known["sim_swap"], known["new_account"], strict=True)]
    assert 2 ** len(pool) == len(works)
    assert {frozenset(s) for s in ((P, K), (N, P, S), (N, S, D))} == brute_sets(works, pool, protect=False)
    subsets = [set(c) for n in range(6) for c in itertools.combinations(pool, n)]
    twins = {frozenset(s) for s in subsets if not works[-1 & sum(1 << pool.index(f) for f in set(pool) - s)]}
    assert brute_sets(works, pool, protect=True) == {s for s in twins if not any(t < s for t in twins)}


def test_a_trait_in_a_wrong_unit_is_refused() -> None:
    """A trait whose share is no share is refused."""
    good = worlds.graph([worlds.attack("a", [way(P, traits="t")])], {"t": 0.5})
    share = worlds.fixed("traits.t.share", 5.0, "USD/victim")
    with pytest.raises(ValueError, match="share"):
        dataclasses.replace(good, traits={"t": dataclasses.replace(good.traits["t"], share=share)})


def test_a_clock_of_an_unknown_field_is_refused() -> None:
    """A clock that governs a field outside the vocabulary is refused: it would thin nothing, silently."""
    with pytest.raises(ValueError, match="unknown field 'phone'"):
        worlds.graph([worlds.attack("a", [way(P)], clocks="line")], {}, {"line": ("phone", {"default": 0.1})})


def test_a_clock_listed_twice_is_refused() -> None:
    """An attack that lists one clock twice is refused: it would be thinned at twice the rate."""
    with pytest.raises(ValueError, match="line"):
        worlds.graph([worlds.attack("a", [way(P)], clocks="line line")], {}, {"line": (P, {"default": 0.1})})


def test_a_clock_without_a_default_rate_is_refused() -> None:
    """A clock without a default rate is refused with a sentence, not by a KeyError in the run."""
    with pytest.raises(ValueError, match="default"):
        worlds.graph([worlds.attack("a", [way(P)], clocks="line")], {}, {"line": (P, {"postpaid": 0.1})})


@pytest.mark.parametrize("follow_ons", ["swap", "loan"])
def test_an_anchor_names_follow_ons_only(follow_ons: str) -> None:
    """An anchor that names its own attack, or an initial one, is refused: its own severity stays outside."""
    swap = worlds.attack("swap", [way(P)], "c", severity=5.0, anchor=(100.0, follow_ons))
    with pytest.raises(ValueError, match="anchor"):
        worlds.graph([swap, worlds.attack("loan", [way(S)])])


# A graph as a mapping ---------------------------------------------------------------------------------


def test_a_graph_is_a_mapping_from_names_to_attacks() -> None:
    """Length, iteration, membership, keys, values and items are those of a dictionary."""
    graph = toy()
    same = {attack.name: attack for attack in graph.attacks}
    assert isinstance(graph, Mapping)
    assert len(graph) == len(same) == 2
    assert list(graph) == list(graph.keys()) == list(graph.names) == list(same)
    assert list(graph.values()) == list(same.values())
    assert dict(graph.items()) == dict(graph) == same
    assert "sim_swap" in graph
    assert "sim_swop" not in graph
    assert graph["sim_swap"] is graph.get("sim_swap") is graph.attacks[0]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """Square brackets raise a ValueError with the nearest name; `get` gives the default instead."""
    graph = toy()
    with pytest.raises(ValueError, match=r"unknown attack 'sim_swop' .* did you mean 'sim_swap'"):
        graph["sim_swop"]
    assert graph.get("sim_swop") is None
    assert graph.get("sim_swop", graph.attacks[1]) is graph.attacks[1]


def _lacking() -> AttackGraph:
    """Return a graph of a route of three fields, a chain behind it, and a route of one field."""
    return worlds.graph(
        [
            worlds.attack("loan", [way("full_name date_of_birth ssn")], grants="account"),
            worlds.attack("after", [way(capabilities="account")]),
            worlds.attack("card", [way("payment_card_number"), way("ssn imei")]),
        ]
    )


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (
            [("full_name", "ssn")],
            {
                "loan": ("date_of_birth",),
                "after": ("date_of_birth",),
                "card": ("imei", "payment_card_number"),
            },
        ),
        ([("full_name",)], {"card": ("payment_card_number",)}),
        ([("full_name", "ssn", "date_of_birth")], {"card": ("imei", "payment_card_number")}),
        ([("full_name", "ssn", "date_of_birth"), ("payment_card_number",)], {}),
        (
            [("full_name",), ("date_of_birth", "ssn")],
            {"loan": ("full_name",), "after": ("full_name",), "card": ("imei", "payment_card_number")},
        ),
        ([], {}),
    ],
)
def test_attacks_closed_for_want_of_one_field(
    known: list[tuple[str, ...]], wanted: dict[str, tuple[str, ...]]
) -> None:
    """Closed to every segment, and open to some one with one field more: chains and single fields count."""
    found = one_field_short(_lacking(), known)
    assert {name: set(fields) for name, fields in found.items()} == {n: set(f) for n, f in wanted.items()}
