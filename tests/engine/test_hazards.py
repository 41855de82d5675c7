"""Laws of time: activity, clocks, resets, and how little the cut into months matters."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference as twin
from support import worlds
from support.worlds import way

from breach_sim.catalog import attacks_for, load_scenario
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.hazards import Hazards, Intensity
from breach_sim.engine.law import Law
from breach_sim.engine.time import time_edges
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event

LINE = {
    "line": ("phone_number imsi", {"prepaid": 0.3, "default": 0.1}),
    "handset": ("imei", {"default": 0.2}),
}


def one_segment(fields: str, *events: Event, kind: str = "customer") -> Scenario:
    """Return a scenario of one segment that lost some fields for sure."""
    return worlds.scenario([worlds.segment("s", 1_000_000, [(fields, 1.0)], kind)], events)


def people(what: Scenario, attacks: AttackGraph, years: float, steps: int = 1) -> float:
    """Return the probability that an account of the first segment is harmed."""
    law = Law(what, attacks, Parameters(0, 1), years, None, steps)
    return float(law.segment_law(what.segments[0]).people[0])


def intensity(what: Scenario, attacks: AttackGraph, years: float) -> Intensity:
    """Return the intensity of the first attack with all its routes open."""
    a = attacks.attacks[0]
    return Hazards(what, attacks, Parameters(0, 1), years).intensity(a, what.segments[0], a.routes)


def share(day: float, median: float = 120.0, sigma: float = 1.725) -> float:
    """Return the lognormal distribution function."""
    return 0.5 * math.erfc(-math.log(day / median) / sigma / math.sqrt(2)) if day > 0 else 0.0


# Activity ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("years", "mass"), [(1.0, 1.0), (5.0, 1.27)])
def test_activity_mass(years: float, mass: float) -> None:
    """At median 120 and sigma 1.725 activity has mass 1 in year one and 1.27 in five years, not 5."""
    what, attacks = one_segment("ssn"), worlds.graph([worlds.attack("a", [way("ssn", 1.0, 0.5)])])
    found = intensity(what, attacks, years)
    assert pytest.approx(mass, abs=0.005) == float(found.attempts[0])
    assert pytest.approx(share(365 * years) / share(365), rel=1e-12) == float(found.attempts[0])
    assert pytest.approx(0.5 * found.attempts[0]) == found.successes[0]
    assert pytest.approx(1.0, rel=1e-12) == float(found.attempts_year[0])


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    median=st.floats(1, 2_000), sigma=st.floats(0.2, 3), years=st.floats(0.05, 20), cut=st.floats(0.01, 8_000)
)
def test_activity_does_not_depend_on_cuts(median: float, sigma: float, years: float, cut: float) -> None:
    """Without clocks the mass is (F(horizon) - F(0)) / F(365) wherever time is cut."""
    attacks = worlds.graph([worlds.attack("a", [way("ssn")], when=worlds.onset("o", median, sigma))])
    wanted = share(365 * years, median, sigma) / share(365, median, sigma)
    for events in ((), (Event(kind="notice", day=cut),)):
        found = intensity(one_segment("ssn", *events), attacks, years)
        assert pytest.approx(wanted, rel=1e-9) == float(found.attempts[0])
        assert pytest.approx(1.0, rel=1e-9) == float(found.attempts_year[0])


@pytest.mark.parametrize(("day", "percent"), [(10.0, 9.516), (30.0, 25.918)])
def test_race_between_attack_and_reset(day: float, percent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PIN hazard of 0.01 a day until a reset hits 9.516 % by day 10 and 25.918 % by day 30."""
    monkeypatch.setattr(Hazards, "_activity_of", lambda self, _onset: np.diff(self._edges)[:, None] / 365.0)
    attacks = worlds.graph([worlds.attack("a", [way("account_pin", 3.65, 1.0)])])
    found = 100 * people(one_segment("account_pin", worlds.reset(day, "account_pin")), attacks, 5)
    assert pytest.approx(percent, abs=5e-4) == found


@pytest.mark.parametrize("day", [10.0, 30.0, 365.0, 1_000.0])
def test_race_under_the_onset_law(day: float) -> None:
    """Until a reset on day d the hazard is attempts x F(d) / F(365), and nothing after it."""
    attacks = worlds.graph([worlds.attack("a", [way("account_pin", 2.0, 0.5)])])
    found = people(one_segment("account_pin", worlds.reset(day, "account_pin")), attacks, 5)
    assert pytest.approx(1 - math.exp(-share(day) / share(365)), rel=1e-12) == found


# Resets ------------------------------------------------------------------------------------------------


def test_a_reset_on_day_0_leaves_nothing() -> None:
    """A reset on day 0 leaves exactly no attempts and no victims, though the account stays attackable."""
    what = one_segment("account_pin phone_number", worlds.reset(0, "account_pin"))
    attacks = worlds.graph([worlds.attack("a", [way("account_pin phone_number", 5.0)])])
    law = Law(what, attacks, Parameters(0, 1), 5).segment_law(what.segments[0])
    assert 0.0 == float(law.people[0])
    assert 0.0 == float(law.attempted["a"][0])
    assert 1.0 == float(law.attackable["a"][0])


def test_a_reset_ends_only_its_fields_and_segments() -> None:
    """A reset thins no route without its fields, and no other segment."""
    attacks = worlds.graph([worlds.attack("a", [way("account_pin", 2.0, 0.5)])])
    free = people(one_segment("account_pin"), attacks, 2)
    assert free == pytest.approx(
        people(one_segment("account_pin", worlds.reset(5, "ssn")), attacks, 2), rel=1e-12
    )
    two = worlds.scenario(
        [
            worlds.segment("s", 10, [("account_pin", 1.0)]),
            worlds.segment("other", 10, [("account_pin", 1.0)]),
        ],
        [worlds.reset(5, "account_pin", "other")],
    )
    assert free == pytest.approx(people(two, attacks, 2), rel=1e-12)


def test_after_a_reset_the_next_route_takes_over() -> None:
    """When a reset ends the best route, attempts go to the next one from that day on."""
    best, next_one = way("account_pin", 2.0, 0.5), way("ssn", 1.0, 0.25)
    attacks = worlds.graph([worlds.attack("a", [next_one, best])])
    early, year = share(60.0) / share(365), 1.0
    found = people(one_segment("account_pin ssn", worlds.reset(60, "account_pin")), attacks, 1)
    assert pytest.approx(1 - math.exp(-early - 0.25 * (year - early)), rel=1e-12) == found


def test_the_earliest_of_two_resets_counts() -> None:
    """Of two resets of a route's fields the earlier one ends it, whatever their order in the scenario."""
    attacks = worlds.graph([worlds.attack("a", [way("account_pin ssn", 2.0, 0.5)])])
    events = (worlds.reset(90, "ssn"), worlds.reset(30, "account_pin"))
    once = people(one_segment("account_pin ssn", events[1]), attacks, 1)
    for order in (events, events[::-1]):
        assert once == pytest.approx(people(one_segment("account_pin ssn", *order), attacks, 1), rel=1e-12)


def test_a_reset_after_the_horizon_changes_nothing() -> None:
    """A reset on the last day of the horizon or later leaves every figure as it was."""
    attacks = worlds.graph([worlds.attack("a", [way("account_pin", 2.0, 0.5)])])
    free = people(one_segment("account_pin"), attacks, 2)
    for day in (730.0, 731.0, 1e9):
        assert free == people(one_segment("account_pin", worlds.reset(day, "account_pin")), attacks, 2)


# Clocks ------------------------------------------------------------------------------------------------


def test_clock_states_sum_to_the_unthinned_mass() -> None:
    """The activity spent in all clock states together is the activity without clocks."""
    attacks = worlds.graph(
        [worlds.attack("a", [way("phone_number"), way("imei"), way("ssn")], clocks="line handset")], {}, LINE
    )
    what = one_segment("phone_number imei ssn")
    hazards = Hazards(what, attacks, Parameters(0, 1), 5)
    a = attacks.attacks[0]
    for start, stop in ((0.0, 1_825.0), (0.0, 365.0), (365.0, 1_825.0)):
        states = hazards._states(a, what.segments[0], list(a.routes), start, stop)
        assert 4 == len(states)
        assert min(float(weight[0]) for weight, _ in states) > 0
        wanted = (share(stop) - share(start)) / share(365)
        assert pytest.approx(wanted, rel=1e-12) == sum(float(weight[0]) for weight, _ in states)


def test_two_clocks_run_out_together() -> None:
    """A route under two clocks is thinned as by one clock with the sum of their rates."""
    both = worlds.graph(
        [worlds.attack("a", [way("phone_number imei", 2.0, 0.5)], clocks="line handset")], {}, LINE
    )
    one = worlds.graph(
        [worlds.attack("a", [way("phone_number imei", 2.0, 0.5)], clocks="sum")],
        {},
        {"sum": ("imei", {"default": 0.3})},
    )
    what = one_segment("phone_number imei")
    assert pytest.approx(people(what, one, 5), rel=1e-12) == people(what, both, 5)
    assert (
        people(what, both, 5) < 0.75 * people(what, worlds.graph([worlds.attack("a", [way("ssn")])]), 5) + 1
    )


def test_a_clock_governs_all_its_fields_at_once() -> None:
    """A line given up takes number and IMSI together: needing both is no worse than needing one."""
    for needs in ("phone_number", "imsi", "phone_number imsi"):
        attacks = worlds.graph([worlds.attack("a", [way(needs, 2.0, 0.5)], clocks="line")], {}, LINE)
        found = people(one_segment("phone_number imsi"), attacks, 5)
        if needs == "phone_number":
            first = found
        assert first == found


def test_a_clock_that_is_not_listed_does_not_thin() -> None:
    """An attack that does not list a clock is not thinned by it."""
    for clocks in ("", "handset"):
        attacks = worlds.graph([worlds.attack("a", [way("phone_number", 1.0)], clocks=clocks)], {}, LINE)
        assert pytest.approx(1 - math.exp(-1), rel=1e-12) == people(one_segment("phone_number"), attacks, 1)


def test_the_clock_of_the_kind_counts() -> None:
    """A prepaid line rings at the prepaid rate, any other kind at the default."""
    attacks = worlds.graph([worlds.attack("a", [way("phone_number", 2.0, 0.5)], clocks="line")], {}, LINE)
    slow, fast = (
        people(one_segment("phone_number", kind=kind), attacks, 5) for kind in ("customer", "prepaid")
    )
    assert slow == people(one_segment("phone_number", kind="former"), attacks, 5)
    assert fast < 0.9 * slow


def test_one_interval_by_hand() -> None:
    """A clock of rate r per day lets (1 - exp(-rb)) / (rb) of the attempts of the interval [0, b) through."""
    month = 365 / 12
    half = month / 2
    attacks = worlds.graph([worlds.attack("a", [way("phone_number")], clocks="line")], {}, LINE)
    rate = 0.1 / month
    wanted = share(half) / share(365) * (1 - math.exp(-rate * half)) / (rate * half)
    assert pytest.approx(wanted, rel=1e-12) == float(
        intensity(one_segment("phone_number"), attacks, 1 / 24).attempts[0]
    )
    assert pytest.approx(twin.still_running(rate, 0, half), rel=1e-12) == wanted * share(365) / share(half)


@pytest.mark.parametrize(
    "rate",
    [
        1e-12,
        1e-6,
        1e-15,
        1e-16,
    ],
)
def test_a_clock_that_hardly_moves_hardly_thins(rate: float) -> None:
    """As its rate goes to zero a clock stops to matter, without a jump."""
    attacks = worlds.graph(
        [worlds.attack("a", [way("phone_number")], clocks="line")],
        {},
        {"line": ("phone_number", {"default": rate})},
    )
    assert pytest.approx(1 - math.exp(-1), rel=1e-4) == people(one_segment("phone_number"), attacks, 1)


# Cuts --------------------------------------------------------------------------------------------------


def test_edges_are_month_ends_events_and_horizon() -> None:
    """Time is cut at month ends, in year one at half months, at events, at day 365 and at the horizon."""
    edges = time_edges(1.3, [45.0, 365.0, 9_999.0, 0.0])
    halves = {365 * h / 24 for h in range(24)}
    wanted = sorted({365 * m / 12 for m in range(16)} | halves | {45.0, 1.3 * 365})
    assert wanted == edges.tolist()
    assert 365.0 in time_edges(0.2, []).tolist()
    assert 1 + 12 * 30 * 2 == len(time_edges(2, [], 30))


@pytest.mark.parametrize("years", [0, -1, 101, math.nan, math.inf])
def test_a_horizon_out_of_range_is_refused(years: float) -> None:
    """A horizon that is not above 0 and at most 100 years is refused."""
    with pytest.raises(ValueError, match="horizon_years"):
        time_edges(years, [])


def test_half_months_are_fine_enough() -> None:
    """Cutting months into days moves no mean probability or scale by over 0.1 %, and none by over 0.2 %.

    With hard ends. Soft ends reach faster clocks; ``test_timeline`` holds what they do (0.4 % of a draw).
    """
    means, singles = cut_into_days()
    assert len(means) > 15
    assert max(means.values()) <= 1e-3, means
    assert max(singles.values()) <= 2e-3, singles


Moved = dict[tuple[str, str], float]


def cut_into_days() -> tuple[Moved, Moved]:
    """Return relative changes when months are cut into days: of the mean, and the largest of a draw.

    By segment (or "scale") and attack.
    """
    what, parameters = load_scenario("tmobile-2021-stated"), Parameters(1, 400).hardened()
    attacks = attacks_for(what, elsewhere=None)
    coarse, fine = (Law(what, attacks, parameters, 5, None, steps) for steps in (1, 30))
    pairs = {}
    for s in what.segments:
        months, days = coarse.segment_law(s), fine.segment_law(s)
        assert months.victim.keys() == days.victim.keys()
        for name, p in days.victim.items():
            # A success can be drawn as exactly 0; then it is 0 both ways.
            some = p > 0
            assert not months.victim[name][~some].any()
            pairs[s.name, name] = months.victim[name][some], p[some]
    pairs |= {("scale", name): (coarse.scales[name], scale) for name, scale in fine.scales.items()}
    means = {key: abs(float(np.mean(a) / np.mean(b)) - 1) for key, (a, b) in pairs.items()}
    return means, {key: float(np.max(np.abs(a / b - 1))) for key, (a, b) in pairs.items()}


def test_an_event_that_touches_nothing_changes_nothing_much() -> None:
    """A notice cuts time for all segments and moves a thinned probability by less than 0.1 %."""
    attacks = worlds.graph([worlds.attack("a", [way("phone_number", 2.0, 0.5)], clocks="line")], {}, LINE)
    plain = people(one_segment("phone_number"), attacks, 2)
    cut = people(one_segment("phone_number", Event(kind="notice", day=45.0)), attacks, 2)
    assert plain != cut
    assert pytest.approx(plain, rel=1e-3) == cut


def test_forgetting_time_forgets_no_figure() -> None:
    """Intensities asked for again after the arrays were dropped are the same."""
    what, attacks, years = worlds.full_world()
    hazards = Hazards(what, attacks, Parameters(0, 1), years)
    a = attacks.attacks[0]
    before = hazards.intensity(a, what.segments[0], a.routes)
    hazards.forget()
    assert [x.tolist() for x in dataclasses.astuple(before)] == [
        x.tolist() for x in dataclasses.astuple(hazards.intensity(a, what.segments[0], a.routes))
    ]


def test_two_onsets_of_one_name_are_told_apart_or_refused() -> None:
    """An attack's figures come from its own onset, even if another attack's onset has the same name."""
    slow = dataclasses.replace(worlds.onset("slow", 900.0, 1.0), name="sale")
    a = worlds.attack("a", [way("ssn", 0.1)])
    b = worlds.attack("b", [way("ssn", 0.5)], when=slow)
    what = one_segment("ssn")
    five = [
        float(Law(what, g, Parameters(0, 1), 5).segment_law(what.segments[0]).victim["b"][0])
        for g in (worlds.graph([b]), worlds.graph([a, b]))
    ]
    assert five[0] == five[1]
