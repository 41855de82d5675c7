"""What a run says of its limits: crews that are too few, and attacks closed for want of one field."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from support import worlds
from support.worlds import way

import breach_sim as bs
from breach_sim.apps.reporting import summary
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

CREWS, CLOSED = "The number of crews in the country", "Closed to everyone here because one field is missing"


def larger(what: Scenario, times: int) -> Scenario:
    """Return a breach of more accounts with the same fields."""
    grown = (dataclasses.replace(own, accounts=own.accounts * times) for own in what.segments)
    return dataclasses.replace(what, segments=tuple(grown))


def noted(impact: Impact, beginning: str) -> str:
    """Return the one note that begins so, or "" if there is none."""
    found = [note for note in impact.notes if note.startswith(beginning)]
    assert len(found) <= 1
    return found[0] if found else ""


def pair(times: int) -> Impact:
    """Return a run of two attacks, one with 100 attempts a year, on a number of thousand accounts."""
    attacks = worlds.graph(
        [
            worlds.attack("rare", [way("ssn", 0.5, 0.5)], capacity=100.0),
            worlds.attack("free", [way("ssn", 1e-3, 0.5)], capacity=1e9),
        ]
    )
    what = worlds.scenario([worlds.segment("all", 1_000 * times, [("ssn", 1.0)])])
    return simulate(what, attacks, replicates=200, seed=1)


# Crews ---------------------------------------------------------------------------------------------


def test_crews_that_are_the_limit_are_named_with_their_share() -> None:
    """A capacity that binds in every replicate is named with 100 %, one that never binds is not named."""
    impact = pair(1)
    assert {"rare": 1.0} == dict(impact.bound_by_capacity)
    note = noted(impact, CREWS)
    assert "rare (100 %)" in note
    assert "free" not in note
    assert "ten times as large would make about the same number of victims" in note


def test_the_note_is_true() -> None:
    """Where the note names an attack, ten times the accounts give the same victims within 1 %."""
    one, ten = (pair(times).per_attack("victims").mean(axis=1) for times in (100, 1_000))
    assert ten[0] == pytest.approx(one[0], rel=0.01)
    assert ten[1] == pytest.approx(10 * one[1], rel=0.01)


def test_the_headline_does_not_ignore_size_in_silence() -> None:
    """Of two runs of twenty-fold size, an attack that grows less than ten-fold is named as bound by crews."""
    what = bs.load_scenario("equifax-2017")
    small, large = (bs.simulate(larger(what, times), replicates=300, seed=1) for times in (1, 20))
    tenfold = 10 * small.per_attack("victims").mean(axis=1)
    slow = [
        name
        for i, name in enumerate(small.attacks.names)
        if 0 < large.per_attack("victims")[i].mean() < tenfold[i]
    ]
    assert slow, "no attack is bound, so the test shows nothing"
    initial = {name for name in slow if small.attacks[name].kind == "initial"}
    assert initial <= set(large.bound_by_capacity)
    # The note is short: it names the attacks that are bound most often, and counts the others.
    note, bound = noted(large, CREWS), large.bound_by_capacity
    named = [name for name in bound if large.attacks[name].label in note]
    assert f"and {len(bound) - len(named)} more" in note
    assert min(bound[name] for name in named) >= max(bound[name] for name in set(bound) - set(named))


def test_a_share_below_one_percent_is_still_named() -> None:
    """A capacity that binds in one replicate of 200 is named with "under 1 %"."""
    impact = pair(1)
    scale = np.ones(200)
    scale[3] = 0.9
    impact.law.scales = {"free": scale}
    assert "free (under 1 %)" in noted(impact, CREWS)


def test_every_face_says_that_crews_are_the_limit() -> None:
    """Funnel, text, card, document and summary carry the note."""
    impact = bs.simulate("equifax-2017", replicates=50, seed=1)
    note = noted(impact, CREWS)
    assert note
    assert note in impact.funnel().attrs["notes"]
    assert note in impact.funnel(numbers=True).attrs["notes"]
    assert note in repr(impact)
    assert note.split(":", maxsplit=1)[0] in impact._repr_html_()
    document = json.loads(impact.to_json())
    assert note in document["notes"]
    assert dict(impact.bound_by_capacity) == document["bound_by_capacity"]
    assert note in summary.summary_page(impact, bs.load_sources())


# Fields that decide --------------------------------------------------------------------------------


def test_an_ssn_with_name_and_address_lacks_a_birth_date() -> None:
    """Without look-ups a leak of names and SSNs names the birth date as what keeps credit fraud closed."""
    impact = bs.simulate("national-public-data-2024-sampled", replicates=20, seed=1, elsewhere=None)
    for name in ("new_account_fraud", "tax_refund_fraud", "benefits_fraud"):
        assert impact.closed_for_one_field[name] == ("date_of_birth",)
        assert not impact.per_attack("attackable")[impact.attacks.names.index(name)].any()
    assert "birth date (New-account credit fraud, Tax-refund fraud" in noted(impact, CLOSED)
    assert len(noted(impact, CLOSED)) < 600


def test_a_birth_date_that_can_be_looked_up_closes_nothing() -> None:
    """With look-ups the same leak opens credit fraud for some accounts, and the birth date is not named."""
    impact = bs.simulate("national-public-data-2024-sampled", "new_account_fraud", replicates=20, seed=1)
    assert not impact.closed_for_one_field
    able = impact.per_attack("attackable")[0]
    assert ((0 < able) & (able < impact.exposed)).all()


def test_what_is_open_is_not_called_closed() -> None:
    """No attack that some account meets is named, and every named field would open its attack."""
    impact = bs.simulate("kt-2012", replicates=20, seed=1, elsewhere=None)
    closed = impact.closed_for_one_field
    attackable = impact.per_attack("attackable").max(axis=1)
    assert not {n for n, c in zip(impact.attacks.names, attackable, strict=True) if c} & set(closed)
    leaked = set(bs.load_scenario("kt-2012").segments[0].fields)
    for name, fields in closed.items():
        for one in fields:
            sets = bs.requires(name)["enabling_sets"]
            assert any(set(own["fields"]) <= leaked | {one} for own in sets)


def test_attacks_of_other_countries_are_not_called_closed() -> None:
    """A breach in Korea names no attack that exists in the United States alone."""
    closed = bs.simulate("sk-telecom-2025", replicates=5, seed=1).closed_for_one_field
    assert not {"tax_refund_fraud", "benefits_fraud", "medical_identity_theft"} & set(closed)


def test_a_run_of_chosen_attacks_names_those_alone() -> None:
    """Asked for one attack, a run says what that one lacks."""
    impact = bs.simulate("kt-2012", "port_out", replicates=5, seed=1, elsewhere=None)
    assert {"port_out": ("account_pin",)} == dict(impact.closed_for_one_field)
    # The note on the zero says it, so that no other note repeats it.
    assert "Port-out lacks account PIN" in noted(impact, "Nobody is harmed")
    assert not noted(impact, CLOSED)


def test_nothing_is_said_where_all_is_open() -> None:
    """A run in which every attack is open names no field."""
    assert "" == noted(pair(1), CLOSED)
    assert not pair(1).closed_for_one_field
