"""Laws of overlaps: bounds, and the table of who is in which breaches."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from support import reference_breaches as twin

from breach_sim.inputs.numbers.overlaps import bounds, independent, membership_table

U = 10_000


def table_of(
    sizes: dict[str, float], universe: float, given: dict[tuple[str, str], float]
) -> dict[Any, float]:
    """Return the engine's table by set of names."""
    names = sorted(sizes)
    places = {(names.index(a), names.index(b)): np.array([value]) for (a, b), value in given.items()}
    found = membership_table([sizes[name] for name in names], universe, places)
    return {
        frozenset(name for i, name in enumerate(names) if inside >> i & 1): float(found[inside, 0])
        for inside in range(len(found))
    }


# Membership ------------------------------------------------------------------------------------------


def test_independent_breaches_are_the_product() -> None:
    """Without overlaps the table is that of independent memberships, to the last digits."""
    found = table_of({"a": 4_000, "b": 2_000, "c": 5_000}, U, {})
    for inside, share in found.items():
        wanted = math.prod(
            n / U if b in inside else 1 - n / U for b, n in (("a", 4e3), ("b", 2e3), ("c", 5e3))
        )
        assert share == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("overlap", [0.2, 0.5, 0.8, 1.0])
def test_two_breaches_are_exact(overlap: float) -> None:
    """Of two breaches of 3 and 5 in a universe of 10, both hold 3 x overlap."""
    found = table_of({"a": 3, "b": 5}, 10, {("a", "b"): overlap})
    both = 0.3 * overlap
    wanted = {"": 0.2 + both, "a": 0.3 - both, "b": 0.5 - both, "ab": both}
    assert found == pytest.approx({frozenset(k): v for k, v in wanted.items()}, abs=1e-15)


@pytest.mark.parametrize("k", [3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_the_table_is_that_of_the_twin(seed: int, k: int) -> None:
    """Sizes, pairs and every cell agree with the twin's table to 1e-12 at overlaps that some table has."""
    rng = np.random.default_rng([8, seed])
    names = "abcd"[:k]
    table = dict(zip(twin.subsets(names), rng.dirichlet(np.full(2**k, 2.0)), strict=True))
    sizes = {b: sum(p for inside, p in table.items() if b in inside) for b in names}
    given = {
        (a, b): sum(p for inside, p in table.items() if inside >= {a, b}) / min(sizes[a], sizes[b])
        for a, b in itertools.combinations(names, 2)
    }
    found = table_of(sizes, 1.0, given)
    for name, size in sizes.items():
        assert sum(p for inside, p in found.items() if name in inside) == pytest.approx(size, abs=1e-12)
    assert found == pytest.approx(twin.membership(sizes, 1.0, given), abs=1e-12)


def test_every_replicate_has_its_own_table() -> None:
    """A table of several overlaps at once equals the tables of each alone."""
    sizes, given = [4_000, 2_000, 5_000], np.array([0.1, 0.4, 0.9])
    pairs = {(0, 1): given, (1, 2): 1 - given}
    whole = membership_table(sizes, U, pairs)
    assert whole.shape == (8, 3)
    for r in range(3):
        alone = membership_table(sizes, U, {pair: values[r : r + 1] for pair, values in pairs.items()})
        assert whole[:, r] == pytest.approx(alone[:, 0], abs=1e-13)
    assert whole.sum(axis=0) == pytest.approx(np.ones(3), abs=1e-13)


def test_bounds_and_independence() -> None:
    """600 and 600 of 1,000 persons share 200 to 600, and 360 if independent; a drawn overlap is set there."""
    assert bounds(600, 600, 1_000) == pytest.approx((200 / 600, 1.0))
    assert independent(600, 600, 1_000) == pytest.approx(0.6)
    found = membership_table([600, 600], 1_000, {(0, 1): np.array([0.0, 0.6, 1.0])})
    assert 1_000 * found[3] == pytest.approx([200, 360, 600])


def test_overlaps_that_no_table_has_are_refused() -> None:
    """Two breaches of 30 that lie wholly in one of 50 share somebody; three halves are never all apart."""
    apart = dict.fromkeys(itertools.combinations(range(3), 2), np.array([0.5, 0.0]))
    with pytest.raises(ValueError, match=r"in 1 of 2 replicates no table has all of them"):
        membership_table([50, 50, 50], 100, apart)
    wrong = {(0, 1): np.ones(1), (0, 2): np.ones(1), (1, 2): np.zeros(1)}
    with pytest.raises(ValueError, match=r"in 1 of 1 replicates no table has all of them"):
        membership_table([50, 30, 30], 100, wrong)


def test_a_table_at_the_edge_is_found() -> None:
    """Three halves of which nobody is in all three and nobody in none have one table, and it is exact."""
    edge = dict.fromkeys(itertools.combinations(range(3), 2), np.array([1 / 3]))
    found = membership_table([50, 50, 50], 100, edge)[:, 0]
    assert found == pytest.approx([0, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 0], abs=1e-12)


def test_breaches_that_fit_by_threes_only_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five halves with 36 % in common fit three by three; together they need 40 %, and the fit says so."""
    monkeypatch.setattr("breach_sim.inputs.numbers.overlaps.MAX_ROUNDS", 200)
    pairs = dict.fromkeys(itertools.combinations(range(5), 2), np.array([0.36]))
    with pytest.raises(ValueError, match=r"in 1 of 1 replicates no table has all of them"):
        membership_table([50] * 5, 100, pairs)
