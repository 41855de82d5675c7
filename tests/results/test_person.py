"""One person before the law: the odds of a cell, summed over everybody, are what the crowd suffers."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

import breach_sim as bs
from breach_sim import api
from breach_sim.inputs.fields import mask, names
from breach_sim.results.impact import Impact
from breach_sim.results.person import follow

STATED = "tmobile-2021-stated"


@pytest.fixture(scope="module")
def impact() -> Impact:
    """A small run of the class, nothing looked up: ``test_searches.py`` has the laws of look-ups."""
    return bs.simulate("tmobile-2021-class", replicates=20, seed=3, elsewhere=None)


def record_of(impact: Impact, segment: str, leaked: Any, held: Any = ()) -> dict[str, Any]:
    """Return a row with these fields and traits."""
    traits = {name: name in held for name in impact.attacks.traits}
    return {"segment": segment, "leaked_fields": mask(leaked), **traits}


def test_everybody_together_is_the_segment(impact: Impact) -> None:
    """Persons weighted by the shares of their masks and traits have the law of the segment, to 1e-12."""
    segment = next(s for s in impact.scenario.segments if s.name == "postpaid_ssn")
    traits = tuple(impact.attacks.traits)
    draw = impact.law.parameters
    sure, doubtful = segment.leaks
    share = draw(doubtful.coverage)
    people: Any = 0.0
    victims: Any = dict.fromkeys(impact.attacks.names, 0.0)
    for lost, bits in itertools.product((False, True), itertools.product((False, True), repeat=len(traits))):
        held = [name for name, bit in zip(traits, bits, strict=True) if bit]
        fields = (*sure.fields, *(doubtful.fields if lost else ()))
        weight = share if lost else 1.0 - share
        for name, bit in zip(traits, bits, strict=True):
            own = draw(impact.attacks.traits[name].share)
            weight = weight * (own if bit else 1.0 - own)
        law = follow(record_of(impact, segment.name, fields, held), impact).law()
        found = law.segment_law(law.scenario.segments[0])
        people = people + weight * found.people
        for name, chance in found.victim.items():
            victims[name] = victims[name] + weight * chance
    wanted = impact.laws[segment.name]
    np.testing.assert_allclose(people, wanted.people, rtol=1e-12)
    for name, chance in wanted.victim.items():
        np.testing.assert_allclose(victims[name], chance, rtol=1e-12)


def test_the_rows_of_a_population_add_up_to_its_expected_victims() -> None:
    """Over 3,000 rows the odds of attacks on the SSN sum to what the scanned cells expect, to 1e-12.

    Attacks without traits, clocks and resets, and without a release table: scanned cells know none.
    """
    scenario = dataclasses.replace(bs.load_scenario("tmobile-2021-class").scaled(3_000), release={})
    graph = bs.load_attacks().only(["new_account_fraud", "tax_refund_fraud", "synthetic_identity"])
    frame = bs.subscribers(scenario, seed=2).head(3_000)
    seen = bs.expose_records(frame, mask="leaked_fields", segment="segment")
    impact = bs.simulate(scenario, graph, replicates=10, seed=5, elsewhere=None)
    crowd = api.simulate(exposure=seen, attacks=graph, replicates=10, seed=5, elsewhere=None)
    total = dict.fromkeys(graph.names, np.zeros(10))
    for (segment, leaked), rows in frame.groupby(["segment", "leaked_fields"]):
        record = record_of(impact, str(segment), names(int(leaked)))
        law = follow(record, impact).law()
        for name, chance in law.segment_law(law.scenario.segments[0]).victim.items():
            total[name] = total[name] + len(rows) * chance
    for name in graph.names:
        expected: Any = sum(
            s.accounts * crowd.laws[s.name].victim.get(name, np.zeros(1)) for s in crowd.scenario.segments
        )
        np.testing.assert_allclose(total[name], expected, rtol=1e-12)
    assert total["new_account_fraud"].min() > 0


def test_odds_name_the_routes_and_rise_with_time(impact: Impact) -> None:
    """A row of odds names an open route; a year is less than five; months end at the horizon."""
    person = follow(record_of(impact, "applicants", ("full_name", "date_of_birth", "ssn")), impact)
    odds = person.odds()
    assert "Synthetic identity" in odds.index
    assert odds.loc["Synthetic identity", "routes"] == "SSN + birth date"
    whole = odds.iloc[:-1]
    assert (whole["year"] < whole["horizon"]).all()
    months = person.timeline()
    assert (months.diff().dropna() >= 0).all().all()
    for name in months.columns:
        assert months[name].iloc[-1] == pytest.approx(odds.loc[name, "horizon"], rel=1e-12)


def test_every_combination_of_traits_has_odds(impact: Impact) -> None:
    """Whatever traits a person has or lacks, odds, months and routes name the same attacks, all possible."""
    segment = next(s for s in impact.scenario.segments if s.name == "postpaid_ssn")
    everything = tuple(impact.attacks.traits)
    for held in ((), everything, *(tuple(t for t in everything if t != own) for own in everything)):
        person = follow(record_of(impact, segment.name, segment.fields, held), impact)
        odds = person.odds().iloc[:-1]
        labels = {impact.attacks[name].label for name in person.routes()}
        assert set(odds.index) == labels == set(person.timeline().columns)
        assert (odds["horizon"] > 0).all()


def test_who_lost_nothing_has_nothing_to_fear(impact: Impact) -> None:
    """Without a leaked field no attack is open, and the sentences say so."""
    person = follow(record_of(impact, "former", ()), impact)
    assert person.sentences(bs.load_mitigations())[-1] == "No attack of the catalog is open with that."
    assert person.odds().iloc[-1]["horizon"] == 0


def test_the_action_that_helps_most_comes_first(impact: Impact) -> None:
    """Actions are sorted by what they avert, cost hours, and never raise the odds."""
    person = follow(record_of(impact, "applicants", ("full_name", "date_of_birth", "ssn")), impact)
    actions = person.actions(bs.load_mitigations())
    assert len(actions) >= 5
    assert (np.diff(actions["averted"]) <= 0).all()
    assert (actions["after"] <= actions["before"]).all()
    assert (actions["hours"] > 0).all()
    assert actions.index[0].startswith("Credit freeze")
    assert any("What helps most" in line for line in person.sentences(bs.load_mitigations()))


def test_expected_losses_add_up_and_name_another_action() -> None:
    """The steps' expected losses sum to the whole; passkeys spare a crypto holder money but no first harm."""
    impact = bs.simulate(STATED, replicates=200, seed=1, elsewhere=None, calibrated=False)
    segment = next(s for s in impact.scenario.segments if s.name == "postpaid_ssn")
    held = ("holds_crypto", "sms_codes_at_exchange", "banks_online", "sms_codes_at_bank")
    person = follow(record_of(impact, segment.name, segment.fields, held), impact)
    odds = person.odds()
    assert odds["expected_usd"].iloc[:-1].sum() == pytest.approx(odds["expected_usd"].iloc[-1], rel=1e-12)
    law = person.law()
    chance = law.segment_law(law.scenario.segments[0]).victim["tax_refund_fraud"]
    draw, attacks = impact.law.parameters, impact.attacks
    assert attacks.drivers is not None
    by_hand = np.mean(chance * draw(attacks["tax_refund_fraud"].severity) * draw(attacks.drivers.loss))
    assert odds.loc[impact.attacks["tax_refund_fraud"].label, "expected_usd"] == pytest.approx(by_hand)
    keys, codes = (bs.load_mitigation(name) for name in ("passkeys", "credit-freeze"))
    actions = person.actions([keys, codes])
    assert list(actions.index) == [codes.label, keys.label]
    assert actions.loc[keys.label, "averted"] == pytest.approx(0, abs=1e-12)
    assert actions.loc[keys.label, "averted_usd"] > actions.loc[codes.label, "averted_usd"] > 0
    assert person.sentences([keys, codes])[-1].startswith(f"What spares most money on average: {keys.label}")


@pytest.mark.parametrize("row", [-1, 54_617_000, 10**30, True, 1.5])
def test_a_row_that_is_not_there_is_refused(row: Any) -> None:
    """The message names the row and the last one there is."""
    with pytest.raises(ValueError, match=r"row is .*from 0 to 54,616,999"):
        api.follow(STATED, row, replicates=10)


def test_a_record_without_traits_or_of_another_scenario_is_refused(impact: Impact) -> None:
    """A missing column is named with the way to get it; an unknown segment gets the nearest known name."""
    record = record_of(impact, "applicants", ("ssn",))
    del record["holds_crypto"]
    with pytest.raises(ValueError, match=r"no 'holds_crypto'; take a row of subscribers"):
        follow(record, impact)
    with pytest.raises(ValueError, match=r"unknown segment 'aplicants'.*did you mean 'applicants'"):
        follow(record_of(impact, "aplicants", ("ssn",)), impact)
