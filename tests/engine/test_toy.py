"""The worked toy of the model: two attacks, five fields, 40 USD, and what each field is worth in it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from support import worlds

from breach_sim.catalog import load_attacks, load_scenario
from breach_sim.inputs import fields
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.results.simulation import simulate

N, P, K, S, D = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
POOL = (N, P, K, S, D)
COST = 20


def toy_graph() -> AttackGraph:
    """Return the toy: sim_swap needs P and K or P, N and S; new_account needs N, S and D."""
    return worlds.graph(
        [
            worlds.attack("sim_swap", [worlds.way(f"{P} {K}"), worlds.way(f"{P} {N} {S}")]),
            worlds.attack("new_account", [worlds.way(f"{N} {S} {D}")]),
        ]
    )


def loss(names: tuple[str, ...]) -> int:
    """Return the loss of one account that lost these fields, every attack sure and 20 USD each."""
    return COST * int(closure(toy_graph(), np.array([fields.mask(names)], dtype=np.uint64)).sum())


def without(*safe: str) -> tuple[str, ...]:
    """Return the fields but some."""
    return tuple(name for name in POOL if name not in safe)


def test_residuals_do_not_add() -> None:
    """Resetting the PIN leaves 40, keeping the SSN 20, both together 0: benefits must not be added."""
    assert (loss(POOL), loss(without(K)), loss(without(S)), loss(without(K, S))) == (40, 40, 20, 0)


def test_shapley_of_the_toy() -> None:
    """The Shapley values of the 40 USD are P 35/3, N 25/3, S 25/3, D 20/3 and K 5, and sum to 40."""
    value = dict.fromkeys(POOL, Fraction(0))
    for name in POOL:
        others = without(name)
        for size in range(len(others) + 1):
            weight = Fraction(1, len(POOL) * math.comb(len(others), size))
            for known in itertools.combinations(others, size):
                value[name] += weight * (loss((*known, name)) - loss(known))
    thirds = {P: Fraction(35, 3), N: Fraction(25, 3), S: Fraction(25, 3), D: Fraction(20, 3), K: Fraction(5)}
    assert value == thirds
    assert sum(value.values()) == 40


def test_alone_and_leave_one_out_mislead() -> None:
    """Alone every field is worth 0; left out one by one they are worth 20, 20, 20, 20 and the PIN 0."""
    assert [loss((name,)) for name in POOL] == [0] * 5
    left_out = {name: 40 - loss(without(name)) for name in POOL}
    assert left_out == {N: 20, P: 20, K: 0, S: 20, D: 20}


def test_follow_ons_are_tried_on_holders_only() -> None:
    """In every segment and replicate a follow-on is tried on at most those who hold its capability."""
    for name in ("tmobile-2021-stated", "tmobile-2021-claimed"):
        scenario = load_scenario(name).scaled(1_000_000)
        impact = simulate(scenario, load_attacks(), replicates=500, seed=1)
        index = impact.attacks.names.index
        held = impact.victim_counts[index("sim_swap")] + impact.victim_counts[index("port_out")]
        for follow_on in ("mailbox_takeover", "bank_code_interception", "crypto_code_interception"):
            assert (impact.attempted_counts[index(follow_on)] <= held).all()
            assert (impact.victim_counts[index(follow_on)] <= impact.attempted_counts[index(follow_on)]).all()
