"""Laws of several breaches as one scenario: cells, dates, cautions, and what is refused."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import pytest
from support import reference_breaches as twin
from support import unions, worlds

from breach_sim.catalog.unions import MAX_BREACHES, union_of
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import central
from breach_sim.inputs.scenario import Scenario

U = 10_000


def uncertain(low: float = 0.2, mode: float = 0.5, high: float = 0.9, unit: str = "share") -> Estimate:
    """Return an uncertain overlap."""
    return Estimate(
        name="overlap.all", kind="pert", low=low, mode=mode, high=high, unit=unit, status="assumed",
        sources=("user-input",), note="a test",
    )  # fmt: skip


# Cells -----------------------------------------------------------------------------------------------


def test_cells_are_those_of_the_twin() -> None:
    """Names, exact accounts, kinds and resets of every cell are those of the twin."""
    own, given = unions.three(), {("a", "b"): 0.6, ("b", "c"): 0.7}
    union = union_of(own, universe=U, overlap=given)
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
    wanted = union_of(own, universe=U, overlap={("a", "b"): 0.6, ("b", "c"): 0.4})
    turned = {("b", "a"): 0.6, ("c", "b"): 0.4}
    assert union_of([own[i] for i in order], universe=U, overlap=turned) == wanted


def test_day_zero_kind_and_release_are_those_of_the_rules() -> None:
    """Day 0 is the latest; the kind of a cell is that of its latest segment; unlike releases give none."""
    own = unions.three()
    union = union_of(own, universe=U)
    kinds = {segment.name: segment.kind for segment in union.segments}
    assert union.day_zero == "2021-03-01"
    assert kinds["a/t"] == "prepaid"
    assert kinds["a/t + b/s"] == "postpaid"
    assert kinds["a/s + c/u"] == "customer"
    days = {event.label: event.day for event in union.events}
    assert days == {"reset (a)": 84.0, "notice (b)": 45.0, "reset (b)": 60.0, "reset (c)": 0.0}
    ways = {"resold": Estimate.fixed("release.resold", 1.0, "share")}
    like = [dataclasses.replace(each, release=ways) for each in own]
    assert union_of(like, universe=U).release == ways
    mixed = union_of([like[0], *own[1:]], universe=U)
    assert mixed.release == {}
    assert any("tables of releases differ" in note for note in mixed.notes)
    first = union_of(unions.three(day_zero=False), universe=U)
    assert first.day_zero == ""
    assert {s.name: s.kind for s in first.segments}["a/t + b/s"] == "prepaid"


def test_a_field_leaks_once_in_a_breach_and_again_in_another() -> None:
    """Blocks of a cell carry the name of their breach; a field leaks once in each breach."""
    cell = next(s for s in union_of(unions.three(), universe=U).segments if s.name == "a/s + b/s")
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
    notes = union_of(own, universe=6_000, overlap=0.7).notes
    assert "Overlap of b and c: 0.7 of the smaller one; possible are 0.5 to 1 (Fréchet bounds)." in notes
    assert any(note.startswith("People in at least one of the breaches: 5,600 of 6,000;") for note in notes)
    free = union_of(own, universe=U).notes
    assert (
        "Overlap of b and c: 0.5 of the smaller one, as if independent; possible are 0 to 1 (Fréchet bounds)."
        in free
    )
    beyond = union_of(own, universe=6_000, overlap=uncertain(0.2, 0.6, 0.9)).notes
    assert "overlap.all: a drawn overlap beyond the bounds is set to the bound." in beyond


def test_a_union_is_scaled_as_a_whole() -> None:
    """Scaled to half its accounts, every cell has half its exact accounts."""
    union = union_of(unions.three(), universe=U)
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
        union_of(breaches, **{"universe": U, **options})


def test_a_union_is_no_breach_of_another_union() -> None:
    """Breaches are combined in one call, because a cell knows one universe."""
    union = union_of(unions.three(), universe=U)
    with pytest.raises(ValueError, match="is a union already; name all its breaches in one call"):
        union_of([union, unions.breach("z", [worlds.segment("s", 10, [])])], universe=U)
