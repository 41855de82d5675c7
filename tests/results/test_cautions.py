"""What a run says where nobody is harmed, where capacity decides, and where its people live elsewhere."""

from __future__ import annotations

import dataclasses
import json
import random

import numpy as np
import pandas as pd
import pytest
from support import worlds
from support.sampled import some
from support.worlds import way

import breach_sim as bs
from breach_sim import api
from breach_sim.apps.reporting import summary
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.requirements import nearest
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.cautions.limits import DECIDES
from breach_sim.results.cautions.sentences import LONGEST
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

NOBODY, SOME = "Nobody is harmed at the 95 % quantile", "nobody is harmed, even at the 95 % quantile"
DECIDED = "Capacity decides the answer"
HIGH = 0.95


def of_frame(*rows: dict[str, float], **options: object) -> Scenario:
    """Return a scenario of a table with a row for each segment."""
    frame = pd.DataFrame([{"segment": f"part {i}", **row} for i, row in enumerate(rows)]).fillna(0.0)
    return Scenario.from_frame(frame.astype({"accounts": int}), **options)  # type: ignore[arg-type]


def zero_note(impact: Impact) -> str:
    """Return the note that says why nobody is harmed, in the run or in a part of it, or ""."""
    found = [note for note in impact.notes if note.startswith(NOBODY) or SOME in note]
    assert len(found) <= 1
    return found[0] if found else ""


def check_law(impact: Impact) -> None:
    """Hold the law of zeros for a run: a note and a reason for each zero, and none where there is no zero."""
    whole = float(np.quantile(impact.people, HIGH)) == 0
    zero = {
        segment.name
        for segment, people in zip(impact.scenario.segments, impact.people_counts, strict=True)
        if segment.accounts and float(np.quantile(people, HIGH)) == 0
    }
    note = zero_note(impact)
    assert whole == note.startswith(NOBODY)
    assert bool(zero) == bool(note)
    assert zero == {own.segment for own in impact.zeros}
    names = (impact.asked or impact.attacks).names
    leaks = {segment.name: set(segment.fields) for segment in impact.scenario.segments}
    for own in impact.zeros:
        assert own.reason in {"nothing_leaked", "no_attack", "too_rare"}
        assert (own.reason == "nothing_leaked") == (not own.attack)
        assert not own.attack or own.attack in names
        for fields in own.lacks:
            assert fields
            assert not set(fields) & leaks[own.segment]
    assert all(len(text) <= LONGEST for text in impact.notes), [t for t in impact.notes if len(t) > LONGEST]
    assert len(impact.notes) == len(set(impact.notes))


# Zeros ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", some(api.scenario_names()))
@pytest.mark.parametrize("elsewhere", ["catalog", None])
def test_no_scenario_of_the_catalog_has_a_silent_zero(name: str, elsewhere: str | None) -> None:
    """People are 0 at the 95 % quantile of a run or a segment if and only if a note says why."""
    check_law(bs.simulate(name, replicates=40, seed=1, elsewhere=elsewhere))


def test_no_small_scenario_has_a_silent_zero() -> None:
    """The law holds for 200 breaches of few accounts, few fields and any countries."""
    dice = random.Random(16)
    seen: set[object] = set()
    for number in range(200):
        rows = []
        for _ in range(dice.randint(1, 4)):
            fields = dice.sample(FIELD_NAMES, dice.randint(0, 4))
            shares = {name: dice.choice([0.0, 0.01, 0.5, 1.0]) for name in fields}
            rows.append({"accounts": dice.choice([1, 30, 2_000, 10**6])} | shares)
        what = of_frame(*rows, name=f"small-{number}").with_countries(dice.choice(["", "US", "DE", "US,CA"]))
        attacks = dice.choice([None, None, ["smishing"]])
        impact = bs.simulate(
            what, attacks, replicates=12, seed=number, elsewhere=dice.choice(["catalog", None])
        )
        check_law(impact)
        seen |= {own.reason for own in impact.zeros}
        seen.add(bool(impact.zeros))
    assert {"nothing_leaked", "no_attack", "too_rare", True, False} == seen


def test_a_zero_names_the_nearest_attack_and_what_it_lacks() -> None:
    """Names without telephone numbers are said to lack the one field that opens an attack by text."""
    what = of_frame({"accounts": 10**6, "full_name": 1.0})
    impact = bs.simulate(what, ["smishing", "sim_swap"], replicates=20, seed=1, elsewhere=None)
    (zero,) = impact.zeros
    assert ("no_attack", "smishing", (("phone_number",),)) == (zero.reason, zero.attack, zero.lacks)
    note = zero_note(impact)
    assert "every 0 means that nothing is modeled, not that nothing happens" in note
    assert "Scam text that names the firm lacks phone number" in note


def test_adding_what_is_lacking_opens_the_attack() -> None:
    """With any of the sets that a zero names as lacking, accounts are attackable by the named attack."""
    opened = 0
    for leaked in ("gender", "medical_record", "username", "ssn", "imsi", "full_name", "sim_ki"):
        impact = bs.simulate(of_frame({"accounts": 1000, leaked: 1.0}), replicates=4, seed=1, elsewhere=None)
        for zero in impact.zeros:
            for fields in zero.lacks if zero.reason == "no_attack" else ():
                row = {"accounts": 1000.0, leaked: 1.0} | dict.fromkeys(fields, 1.0)
                run = bs.simulate(of_frame(row), replicates=4, seed=1, elsewhere=None)
                assert run.per_attack("attackable")[run.attacks.names.index(zero.attack)].all()
                opened += 1
    assert opened >= 5


def test_no_smaller_set_would_open_an_attack() -> None:
    """The nearest attack lacks two fields only where no single field opens an attack that uses the leak."""
    graph = dataclasses.replace(api.load_attacks(), lookups=None)
    found = nearest(graph, ["mothers_maiden_name"])
    assert found is not None
    assert ("account_recovery_answers", (("full_name", "date_of_birth"),)) == (found.attack, found.fields)
    alone = nearest(graph, ["gender"])
    assert alone is not None
    assert not alone.uses_leak


def test_an_open_attack_that_comes_to_nothing_is_named_with_its_number() -> None:
    """Telephone numbers without look-ups open the tracking of lines alone: the note gives its number."""
    what = of_frame({"accounts": 5_000, "phone_number": 1.0})
    impact = bs.simulate(what, replicates=200, seed=1, elsewhere=None)
    (zero,) = impact.zeros
    assert ("too_rare", "location_tracking", ()) == (zero.reason, zero.attack, zero.lacks)
    assert zero.expected_people == pytest.approx(impact.expected("people").mean())
    assert zero.expected_victims == pytest.approx(impact.expected("victims", "location_tracking").mean())
    assert 0 < zero.expected_people < 1
    assert "most by Location tracking by signaling" in zero_note(impact)


@pytest.mark.parametrize(
    "fields",
    [
        ["Phone numbers", "Usernames"],
        ["Phone numbers"],
        ["Email addresses", "Phone numbers"],
        ["Geographic locations", "Phone numbers"],
        ["Genders", "Phone numbers", "Physical addresses"],
    ],
)
@pytest.mark.parametrize("accounts", [163_000, 4_600_000])
@pytest.mark.parametrize("elsewhere", ["catalog", None])
def test_a_list_of_telephone_numbers_harms_or_says_why_not(
    fields: list[str], accounts: int, elsewhere: str | None
) -> None:
    """A list of numbers harms people, by names that can be looked up, or its zero has a reason."""
    entry = {"Name": "Numbers", "PwnCount": accounts, "BreachDate": "2022-03-04", "DataClasses": fields}
    impact = bs.simulate(bs.from_hibp([entry]).scenario, replicates=64, seed=1, elsewhere=elsewhere)
    check_law(impact)
    assert impact.people.mean() > 0 or zero_note(impact)
    if elsewhere:
        smishing = impact.per_attack("victims")[impact.attacks.names.index("smishing")]
        assert smishing.mean() > 1


def test_of_many_segments_three_are_named_and_the_others_counted() -> None:
    """A note on zeros names at most three segments, the largest, and gives the number of the others."""
    rows = [{"accounts": 1000 + i, "gender": 1.0} for i in range(7)]
    impact = bs.simulate(of_frame(*rows), replicates=4, seed=1)
    note = zero_note(impact)
    assert 7 == len(impact.zeros)
    assert 3 >= sum(f"part {i} " in note for i in range(7)) >= 1
    assert "part 6 (1,006 accounts)" in note
    assert "more segments" in note


def test_a_segment_without_harm_is_named_beside_others_with_harm() -> None:
    """Where one segment is harmed and one is not, the note names the segment, and not the run."""
    rows = ({"accounts": 10**6, "full_name": 1.0, "phone_number": 1.0}, {"accounts": 10**6, "gender": 1.0})
    impact = bs.simulate(of_frame(*rows), replicates=40, seed=1)
    assert zero_note(impact).startswith("In 1 of 2 segments (1,000,000 accounts)")
    assert ["part 1"] == [zero.segment for zero in impact.zeros]


def test_every_face_says_why_there_is_no_harm() -> None:
    """Funnel, text, card, document and summary carry the note; the document has its parts as well."""
    impact = bs.simulate(of_frame({"accounts": 1000, "gender": 1.0}), replicates=8, seed=1)
    note, document = zero_note(impact), json.loads(impact.to_json())
    assert note in impact.funnel().attrs["notes"]
    assert note in repr(impact)
    assert NOBODY in impact._repr_html_()
    assert note in document["notes"]
    assert note in summary.summary_page(impact, bs.load_sources())
    (zero,) = document["zeros"]
    assert ("part 0", 1000, "no_attack") == (zero["segment"], zero["accounts"], zero["reason"])
    assert zero["lacks"]


# Capacity ------------------------------------------------------------------------------------------


def test_capacity_that_decides_the_answer_says_so() -> None:
    """Where crews limit most expected victims, a note says so, and ten times the accounts change little."""
    attacks = worlds.graph(
        [
            worlds.attack("rare", [way("ssn", 0.5, 0.5)], capacity=100.0),
            worlds.attack("free", [way("ssn", 1e-6, 0.5)], capacity=1e9),
        ]
    )
    runs = [
        simulate(
            worlds.scenario([worlds.segment("all", accounts, [("ssn", 1.0)])]),
            attacks,
            replicates=200,
            seed=1,
        )
        for accounts in (10**5, 10**6)
    ]
    for run in runs:
        assert run.at_capacity > DECIDES
        assert any(note.startswith(DECIDED) for note in run.notes)
        assert json.loads(run.to_json())["at_capacity"] == run.at_capacity
    assert runs[1].people.mean() < 1.1 * runs[0].people.mean()


def test_capacity_that_binds_rarely_does_not_decide() -> None:
    """Half of the expected victims or fewer under capacity: the attacks are named, the answer is not."""
    impact = bs.simulate("equifax-2017", replicates=100, seed=1)
    assert 0 < impact.at_capacity < DECIDES
    assert not any(note.startswith(DECIDED) for note in impact.notes)
    assert any("of the expected victims), a breach ten times as large" in note for note in impact.notes)


def test_a_follow_on_of_a_limited_attack_is_limited() -> None:
    """If all victims come from one limited attack and what follows from it, all are under capacity."""
    attacks = worlds.graph(
        [
            worlds.attack("first", [way("ssn", 0.5, 0.5)], grants="key", capacity=10.0),
            worlds.attack("second", [way("", 0.5, 0.5, capabilities="key")]),
        ]
    )
    what = worlds.scenario([worlds.segment("all", 10**5, [("ssn", 1.0)])])
    assert 1.0 == simulate(what, attacks, replicates=50, seed=1).at_capacity


# Countries -----------------------------------------------------------------------------------------

STATED = bs.load_scenario("tmobile-2021-stated")


def about_countries(what: Scenario) -> list[str]:
    """Return the notes of a run that are about countries."""
    impact = bs.simulate(what, replicates=4, seed=1)
    words = ("people live", "Left out, because")
    return [note for note in impact.notes if any(word in note for word in words)]


def test_people_of_the_country_of_the_numbers_get_no_caution() -> None:
    """A breach in the United States says nothing about countries."""
    assert not about_countries(STATED)


def test_people_elsewhere_get_the_caution_and_what_is_left_out() -> None:
    """For people in France a run says where its numbers are from, and which attacks do not exist there."""
    caution, left_out = about_countries(STATED.with_countries("FR"))
    assert "The people live in FR" in caution
    assert "the United States" in caution
    assert (
        "Left out, because they do not exist in FR: Tax-refund fraud, Unemployment and benefits" in left_out
    )


def test_some_people_elsewhere_get_the_caution_for_them() -> None:
    """Of people in two countries, those outside the United States are named."""
    (caution,) = about_countries(STATED.with_countries("US,CA"))
    assert caution.startswith("Some of the people live in CA")


def test_unknown_countries_get_a_shorter_caution() -> None:
    """Where nothing says where people live, a run says which numbers it takes, and what is open to all."""
    (caution,) = about_countries(STATED.with_countries(""))
    assert caution.startswith("Where the people live is not stated")
    assert "Tax-refund fraud" in caution


def test_an_own_graph_without_a_country_gets_none() -> None:
    """Attacks that say nothing of a country carry no caution about one."""
    what = worlds.scenario([worlds.segment("all", 100, [("ssn", 1.0)])])
    impact = simulate(
        what, worlds.graph([worlds.attack("own", [way("ssn", 0.5, 0.5)])]), replicates=4, seed=1
    )
    assert not any("live" in note for note in impact.notes)


def test_countries_change_the_numbers_of_attacks_that_exist_elsewhere_only() -> None:
    """With countries, an attack of other countries has no victims, and the inputs have another hash."""
    at_home, away = (
        bs.simulate(STATED.with_countries(codes), replicates=20, seed=1) for codes in ("US", "DE")
    )
    place = at_home.attacks.names.index("tax_refund_fraud")
    assert at_home.per_attack("victims")[place].any()
    assert not away.per_attack("victims")[away.attacks.names.index("tax_refund_fraud")].any()
    assert at_home.input_hash != away.input_hash


def test_the_country_of_the_numbers_is_not_in_the_hash() -> None:
    """A word about the numbers moves no hash: two graphs that differ in it alone hash alike."""
    graph = api.attacks_of(STATED)
    runs = [
        simulate(STATED, dataclasses.replace(graph, home=home), replicates=4, seed=1) for home in ("US", "")
    ]
    assert runs[0].input_hash == runs[1].input_hash


# Sums ----------------------------------------------------------------------------------------------


def test_impacts_are_not_added() -> None:
    """The sum of impacts, and the sum() of a list of them, is refused with the remedy."""
    impact = bs.simulate(STATED, replicates=4, seed=1)
    for add in (lambda: impact + impact, lambda: sum([impact, impact])):
        with pytest.raises(TypeError, match=r"impacts are not added.*bs\.portfolio"):
            add()
