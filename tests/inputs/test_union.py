"""Laws of several breaches as one scenario: memberships, cells, dates, cautions, and what is refused."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from support import reference_breaches as twin
from support import unions, worlds

from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import central
from breach_sim.inputs.numbers.overlaps import bounds, independent, membership_table
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segments.union import MAX_BREACHES

U = 10_000


def uncertain(low: float = 0.2, mode: float = 0.5, high: float = 0.9, unit: str = "share") -> Estimate:
    """Return an uncertain overlap."""
    return Estimate(
        name="overlap.all", kind="pert", low=low, mode=mode, high=high, unit=unit, status="assumed",
        sources=("user-input",), note="a test",
    )  # fmt: skip


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


# Cells -----------------------------------------------------------------------------------------------


def test_cells_are_those_of_the_twin() -> None:
    """Names, exact accounts, kinds and resets of every cell are those of the twin."""
    own, given = unions.three(), {("a", "b"): 0.6, ("b", "c"): 0.7}
    union = Scenario.combined(own, universe=U, overlap=given)
    wanted = twin.union_world(unions.for_twin(own, unions.graph(), U, given))["segments"]
    assert union.universe is not None
    shares = union.universe.shares(central)
    assert [s.name for s in union.segments] != []
    assert {s.name for s in union.segments} == {cell["name"] for cell in wanted}
    cells = {cell["name"]: cell for cell in wanted}
    for segment in union.segments:
        cell = cells[segment.name]
        assert segment.membership is not None
        exact = float(segment.membership.accounts(shares)[0])
        assert exact == pytest.approx(cell["accounts"], abs=1e-8)
        assert segment.accounts == round(exact)
        resets = [
            {"day": e.day, "fields": list(e.fields)}
            for e in union.events
            if e.kind == "reset" and segment.name in e.segments
        ]
        key = str
        assert sorted(resets, key=key) == sorted(cell["resets"], key=key)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_breaches_changes_nothing(order: tuple[int, ...]) -> None:
    """The union is the same object, whatever the order of the breaches and of the names in a pair."""
    own = unions.three()
    wanted = Scenario.combined(own, universe=U, overlap={("a", "b"): 0.6, ("b", "c"): 0.4})
    turned = {("b", "a"): 0.6, ("c", "b"): 0.4}
    assert Scenario.combined([own[i] for i in order], universe=U, overlap=turned) == wanted


def test_day_zero_kind_and_release_are_those_of_the_rules() -> None:
    """Day 0 is the latest; the kind of a cell is that of its latest segment; unlike releases give none."""
    own = unions.three()
    union = Scenario.combined(own, universe=U)
    kinds = {segment.name: segment.kind for segment in union.segments}
    assert union.day_zero == "2021-03-01"
    assert kinds["a/t"] == "prepaid"
    assert kinds["a/t + b/s"] == "postpaid"
    assert kinds["a/s + c/u"] == "customer"
    days = {event.label: event.day for event in union.events}
    assert days == {"reset (a)": 84.0, "notice (b)": 45.0, "reset (b)": 60.0, "reset (c)": 0.0}
    ways = {"resold": Estimate.fixed("release.resold", 1.0, "share")}
    like = [dataclasses.replace(each, release=ways) for each in own]
    assert Scenario.combined(like, universe=U).release == ways
    mixed = Scenario.combined([like[0], *own[1:]], universe=U)
    assert mixed.release == {}
    assert any("tables of releases differ" in note for note in mixed.notes)
    first = Scenario.combined(unions.three(day_zero=False), universe=U)
    assert first.day_zero == ""
    assert {s.name: s.kind for s in first.segments}["a/t + b/s"] == "prepaid"


def test_a_field_leaks_once_in_a_breach_and_again_in_another() -> None:
    """Blocks of a cell carry the name of their breach; a field leaks once in each breach."""
    cell = next(s for s in Scenario.combined(unions.three(), universe=U).segments if s.name == "a/s + b/s")
    assert [(leak.breach, leak.fields) for leak in cell.leaks] == [
        ("a", ("full_name", "phone_number")),
        ("b", ("ssn", "phone_number")),
    ]
    assert [part.breach for part in cell.withheld] == ["a"]
    with pytest.raises(ValueError, match="names 'phone_number' in two leaks"):
        dataclasses.replace(cell, leaks=(*cell.leaks, cell.leaks[1]))


def test_notes_state_overlaps_bounds_and_people() -> None:
    """Every pair stands in the notes with its overlap and its bounds, then the people of the union."""
    own = unions.three()[1:]
    notes = Scenario.combined(own, universe=6_000, overlap=0.7).notes
    assert "Overlap of b and c: 0.7 of the smaller one; possible are 0.5 to 1 (Fréchet bounds)." in notes
    assert any(note.startswith("People in at least one of the breaches: 5,600 of 6,000;") for note in notes)
    free = Scenario.combined(own, universe=U).notes
    assert (
        "Overlap of b and c: 0.5 of the smaller one, as if independent; possible are 0 to 1 (Fréchet bounds)."
        in free
    )
    beyond = Scenario.combined(own, universe=6_000, overlap=uncertain(0.2, 0.6, 0.9)).notes
    assert "overlap.all: a drawn overlap beyond the bounds is set to the bound." in beyond


def test_a_union_is_scaled_as_a_whole() -> None:
    """Scaled to half its accounts, every cell has half its exact accounts."""
    union = Scenario.combined(unions.three(), universe=U)
    half = union.scaled(union.accounts // 2)
    for before, after in zip(union.segments, half.segments, strict=True):
        assert before.membership is not None
        assert after.membership is not None
        factor = half.accounts / union.accounts
        assert after.membership.share == pytest.approx(before.membership.share * factor)


# Refusals --------------------------------------------------------------------------------------------


def dated(index: int, day: str) -> list[Scenario]:
    """Return the three breaches, one with another day 0."""
    own = unions.three()
    own[index] = dataclasses.replace(own[index], day_zero=day)
    return own


def many(number: int) -> list[Scenario]:
    """Return a number of like breaches."""
    return [unions.breach(f"b{i}", [worlds.segment("s", 10, [("ssn", 1.0)])]) for i in range(number)]


@pytest.mark.parametrize(
    ("breaches", "options", "message"),
    [
        ([], {}, r"0 names of breaches given \(none\); name at least two and at most 6"),
        (many(1), {}, r"1 name of breaches given \(b0\); name at least two"),
        (many(MAX_BREACHES + 1), {}, r"7 names of breaches given .*; name at least two and at most 6"),
        ([*many(2), *many(1)], {}, r"breach 'b0' is named twice; name each breach once"),
        (
            [unions.in_country(b, "US", breach_of="one") for b in many(2)],
            {},
            r"'b0' and 'b1' both describe 'one'; name one of them",
        ),
        (
            [unions.in_country(b, code) for b, code in zip(many(2), ("US", "AU"), strict=True)],
            {},
            r"'b0' live in US, those of 'b1' in AU; .* attacks that exist in one country only would be open",
        ),
        (dated(1, ""), {}, r"'b' has no date of day 0 and 'a' has one; give day_zero to all"),
        (unions.three(), {"universe": 4_999}, r"universe is 4,999 persons; 'c' alone has 5,000 accounts"),
        (unions.three(), {"universe": math.inf}, r"universe is inf; it must be a finite number of persons"),
        (unions.three(), {"universe": True}, r"universe is True; it must be a finite number"),
        (
            unions.three(),
            {"universe": 8_000, "overlap": {("a", "c"): 0.1}},
            r"overlap of 'a' and 'c' is 0\.1; 4,000 and 5,000 accounts of 8,000 persons share 0\.25 to 1 of "
            r"the smaller breach \(Fréchet bounds\): .* independent breaches \(0\.625\)",
        ),
        (unions.three(), {"overlap": 1.5}, r"overlap of 'a' and 'b' is 1\.5; .* share 0 to 1 of"),
        (unions.three(), {"overlap": "much"}, r"overlap of 'a' and 'b' is 'much'; it must be a number"),
        (unions.three(), {"overlap": {("a", "x"): 0.1}}, r"unknown breach 'x' in overlap.* Known: a, b, c"),
        (unions.three(), {"overlap": {("a", "a"): 0.1}}, r"overlap names 'a' with itself; name two breaches"),
        (
            unions.three(),
            {"overlap": {("a", "b"): 0.1, ("b", "a"): 0.1}},
            r"overlap of 'b' and 'a' is given twice; give it once",
        ),
        (unions.three(), {"overlap": {"ab": 0.1}}, r"overlap has the key 'ab'; a key is a pair of names"),
        (
            unions.three(),
            {"overlap": uncertain(1.0, 2.0, 3.0, "ratio")},
            r"overlap of 'a' and 'b' is in 'ratio'; an overlap is a 'share'",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    breaches: list[Scenario], options: dict[str, Any], message: str
) -> None:
    """A refusal names value, place, rule and remedy."""
    with pytest.raises(ValueError, match=message):
        Scenario.combined(breaches, **{"universe": U, **options})


def test_a_union_is_no_breach_of_another_union() -> None:
    """Breaches are combined in one call, because a cell knows one universe."""
    union = Scenario.combined(unions.three(), universe=U)
    with pytest.raises(ValueError, match="is a union already; name all its breaches in one call"):
        Scenario.combined([union, unions.breach("z", [worlds.segment("s", 10, [])])], universe=U)
