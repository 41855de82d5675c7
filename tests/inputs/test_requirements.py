"""Laws of the sets of leaked fields that suffice where other fields can be looked up."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from support import reference_lookups as twin
from support import worlds
from support.worlds import way

from breach_sim.catalog import load_attacks, load_look_ups
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.requirements import Completed, completed_sets, enabling_sets

N, D, S, A = "full_name", "date_of_birth", "ssn", "postal_address"
POOL = (N, D, S, A)


def share(field: str, value: float) -> Estimate:
    """Return a share that is certain."""
    return Estimate.fixed(f"elsewhere.{field}", value, "share")


def lookups_of(plain: dict[str, Any], together: float = 0.0) -> Lookups:
    """Return look-ups from the plain entries that the twin reads."""
    own = [
        Lookup(
            field=field,
            share=share(field, entry["share"]),
            given=tuple(tuple(each) for each in entry["given"]),
            directory=entry.get("directory", False),
        )
        for field, entry in plain.items()
    ]
    return Lookups.of(own, share("easy_to_find", together))


def random_entries(rng: np.random.Generator) -> dict[str, Any]:
    """Return random look-ups of some fields of the pool."""
    entries: dict[str, Any] = {}
    for field in POOL:
        others = [other for other in POOL if other != field]
        sets = [
            tuple(str(f) for f in rng.choice(others, int(rng.integers(1, 3)), replace=False))
            for _ in range(int(rng.integers(1, 3)))
        ]
        if rng.random() < 0.8:
            share_of = float(rng.uniform(0.05, 0.95))
            entries[field] = {"share": share_of, "given": sets, "directory": bool(rng.random() < 0.4)}
    return entries


def toy(lookups: Lookups | None) -> AttackGraph:
    """Return fraud by name, birth date and SSN or by address and SSN, and an attack behind it."""
    attacks = [
        worlds.attack("fraud", [way(f"{N} {D} {S}"), way(f"{A} {S}")], "credit"),
        worlds.attack("behind", [way(N, capabilities="credit")]),
    ]
    return dataclasses.replace(worlds.graph(attacks), lookups=lookups)


def opens(entries: dict[str, Any], leaked: tuple[str, ...], found: tuple[str, ...], harm: str) -> bool:
    """Say by the twin whether the harm of the toy is possible."""
    world = {"lookups": entries}
    ways = twin.ways_of(world, (("", frozenset(leaked)),), found)
    fraud = any(twin.is_known(fields, ways) for fields in ({N, D, S}, {A, S}))
    return fraud and (harm == "fraud" or twin.is_known({N}, ways))


def subsets(names: Any) -> list[tuple[str, ...]]:
    """Return all subsets."""
    names = tuple(names)
    return [c for size in range(len(names) + 1) for c in itertools.combinations(names, size)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("harm", ["fraud", "behind"])
def test_sets_with_look_ups_are_those_of_brute_force(seed: int, harm: str) -> None:
    """Leaks and look-ups together: the minimal pairs of the twin's rule over all leaks and all coins."""
    entries = random_entries(np.random.default_rng(seed))
    works = {
        (frozenset(leaked), frozenset(found))
        for leaked in subsets(POOL)
        for found in subsets(entries)
        if opens(entries, leaked, found, harm)
    }
    minimal = {(a, b) for a, b in works if not any((c, d) != (a, b) and c <= a and d <= b for c, d in works)}
    rows = completed_sets(toy(lookups_of(entries)), harm)
    assert minimal == {(frozenset(row.leaked), frozenset(t)) for row in rows for t in row.looked_up}
    smallest = {a for a, _ in minimal if not any(c < a for c, _ in minimal)}
    assert smallest == {frozenset(row.leaked) for row in rows if row.smallest}


@pytest.mark.parametrize("together", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_chances_are_those_of_the_twin(seed: int, together: float) -> None:
    """The chance that a leak suffices is the weight of the twin's coins with which the harm is possible."""
    entries = random_entries(np.random.default_rng(seed))
    lookups = lookups_of(entries, together)
    rows = completed_sets(toy(lookups), "behind")
    law = twin.all_found({"lookups": entries, "easy_to_find": together})
    for leaked in subsets(POOL):
        enough = [each for row in rows if set(row.leaked) <= set(leaked) for each in row.looked_up]
        expected = sum(w for found, w in law.items() if opens(entries, leaked, tuple(found), "behind"))
        assert pytest.approx(expected, abs=1e-12) == lookups.chance_of_any(enough)


def test_what_could_be_had_anyway_is_a_part() -> None:
    """With all three in directories each field opens the route, and each such route is replaceable."""
    listed = {f: {"share": 0.5, "given": [], "directory": True} for f in (N, D, S)}
    graph = toy(lookups_of(listed))
    whole = completed_sets(graph, "fraud")
    anyway = completed_sets(graph, "fraud", replaceable=True)
    assert {(N,), (D,), (S,)} == {row.leaked for row in anyway} == {r.leaked for r in whole if r.smallest}
    assert all(((N, D, S),) == row.looked_up for row in anyway)


@pytest.mark.parametrize("lookups", [None, lookups_of({})])
@pytest.mark.parametrize("harm", ["sim_swap", "new_account_fraud", "any"])
def test_without_look_ups_the_sets_are_those_of_the_leak(lookups: Lookups | None, harm: str) -> None:
    """Where nothing can be looked up, the sets are the enabling sets, and none of them could be replaced."""
    graph = dataclasses.replace(load_attacks(), lookups=lookups)
    expected = tuple(
        Completed(leaked=fields, looked_up=((),), smallest=True) for fields in enabling_sets(graph, harm)
    )
    assert expected == completed_sets(graph, harm)
    assert () == completed_sets(graph, harm, replaceable=True)


def test_a_missing_birth_date_costs_a_look_up() -> None:
    """In the catalog, name and SSN suffice for new-account fraud where the birth date can be looked up."""
    lookups = load_look_ups()
    graph = dataclasses.replace(load_attacks(), lookups=lookups)
    rows = {row.leaked: row for row in completed_sets(graph, "new_account_fraud")}
    assert ((),) == rows[N, D, S].looked_up
    assert ((D,),) == rows[N, S].looked_up
    assert pytest.approx(0.7) == lookups.chance_of_any(rows[N, S].looked_up)
    assert rows[S,].smallest
    assert not rows[N, D, S].smallest
