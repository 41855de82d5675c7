"""Laws of time: who is a victim by which day, months that sum to the horizon, and how fine to cut."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from support import reference as twin
from support import worlds
from support.remembered import remembered
from support.worlds import way

from breach_sim import api
from breach_sim.catalog import attacks_for, load_attacks, load_scenario
from breach_sim.engine import hazards, time, timeline
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.timeline import month_ends, victims_between, victims_by
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate
from breach_sim.results.tables import chunks
from breach_sim.results.tables.walk import followed, walk

Case = tuple[Scenario, AttackGraph, float]
CENT = 0.005
STATED = "tmobile-2021-stated"


def some_days(years: float) -> list[float]:
    """Return a handful of month ends: early, in the middle, late and the horizon."""
    ends = month_ends(years)
    return sorted({ends[0], ends[len(ends) // 2], ends[-1]})


@remembered()
def timeline_of_twin(case: Case) -> dict[tuple[str, str], list[float]]:
    """Return the twin's probability of being a victim by each of a handful of days."""
    reference = twin.timeline(worlds.twin_world(*case), some_days(case[2]))
    return {(segment, name): own for segment, row in reference.items() for name, own in row.items()}


def distance(case: Case, reference: dict[tuple[str, str], list[float]]) -> float:
    """Return the largest relative distance of the engine's timeline from the twin's."""
    what, attacks, years = case
    law = Law(what, attacks, Parameters(0, 1), years)
    days = some_days(years)
    worst = 0.0
    for segment in what.segments:
        own = victims_by(law, segment, days)
        for name in attacks.names:
            ours = np.ravel(own.get(name, np.zeros((len(days), 1))))
            for a, b in zip(ours, reference[segment.name, name], strict=True):
                worst = max(worst, abs(float(a) - b) / max(b, 1e-12))
    return worst


@functools.cache
def sold() -> tuple[Case, dict[tuple[str, str], list[float]]]:
    """Return the sold world and what the twin says of its days."""
    case = worlds.sold_world()
    return case, timeline_of_twin(case)


# Against the twin -----------------------------------------------------------------------------------------


def test_the_timeline_of_the_sold_world_is_the_twins() -> None:
    """With release, regimes, resets, clocks, capacity and chains every attack has the twin's timeline."""
    case, reference = sold()
    assert distance(case, reference) <= 1e-9
    assert sum(row[0] > 0 for row in reference.values()) >= 10, "too little happens in the first month"
    assert all(a <= b for row in reference.values() for a, b in itertools.pairwise(row))


def test_the_timeline_of_the_protected_world_is_the_twins() -> None:
    """Protections that begin and end, and withheld fields, have the twin's timeline."""
    case = worlds.protected_world()
    assert distance(case, timeline_of_twin(case)) <= 1e-9


@pytest.mark.parametrize("start", [0, 15, 30])
def test_the_timeline_of_random_sales_is_the_twins(start: int) -> None:
    """The same on 45 random worlds with cycles, ties, awkward resets and regimes, traits and releases."""
    for seed in range(start, start + 15):
        case = worlds.random_sale(np.random.default_rng(seed))
        assert distance(case, timeline_of_twin(case)) <= 1e-9, seed


def test_the_timeline_of_the_catalog_is_the_twins() -> None:
    """All attacks of the catalog on the stated cohorts, at one drawn replicate, have its timeline."""
    what = load_scenario(STATED)
    case = (*worlds.frozen(what, attacks_for(what, elsewhere=None), Parameters(3, 5), 2), 0.5)
    assert distance(case, timeline_of_twin(case)) <= 1e-9


def _dated_by_the_end(self: Any, group: Any, name: str, given: Any) -> list[Any]:
    """Return a planted fault: granting attacks succeed by every day as by the horizon."""
    found = GIVEN(self, group, name, given)
    return [np.broadcast_to(own[-1:], own.shape) if isinstance(own, np.ndarray) else own for own in found]


def _without_capacity(self: Any, attack: Any, segment: Any, routes: Any, days: Any, _scale: Any) -> Any:
    """Return a planted fault: the timeline forgets the capacity scale."""
    return HAPPENS(self, attack, segment, routes, days)


def _late_by_one(self: Any, attack: Any) -> Any:
    """Return a planted fault: a regime goes on in the interval that begins as it ends."""
    ends = [*time.regime_ends(attack, self._scenario)[:-1], np.inf]
    place = np.searchsorted(ends, self._edges[:-1], side="left")
    return np.stack([self._parameters(regime.factor) for regime in attack.regimes])[place]


def _resets_for_all(self: Any, attack: Any, *rest: Any) -> Any:
    """Return a planted fault: resets act on reset-proof attacks."""
    return PHASES(self, dataclasses.replace(attack, reset_proof=False), *rest)


def _all_at_once(self: Any, group: Any, name: str, given: Any) -> list[Any]:
    """Return a planted fault: a shared step is missing from the chains."""
    return [0.0 if isinstance(own, np.ndarray) else own for own in GIVEN(self, group, name, given)]


GIVEN = timeline._Calendar._given
HAPPENS = hazards.Hazards.happens_between
PHASES = hazards.Hazards.phases
FAULTS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "follow-ons dated by the end": (timeline._Calendar, "_given", _dated_by_the_end),
    "no shared steps": (timeline._Calendar, "_given", _all_at_once),
    "no capacity in the timeline": (hazards.Hazards, "happens_between", _without_capacity),
    "regimes late by one interval": (hazards.Hazards, "_regime_factors", _late_by_one),
    "resets on reset-proof attacks": (hazards.Hazards, "phases", _resets_for_all),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_the_timeline_shows_planted_faults(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault planted in the engine moves the timeline away from the twin's."""
    case, reference = sold()
    monkeypatch.setattr(*FAULTS[fault])
    assert distance(case, reference) > 1e-4


def test_the_twin_lives_its_own_timeline() -> None:
    """Counting accounts by day, the twin meets its enumeration and so the engine (4 se, 20,000 accounts)."""
    what, attacks, years = worlds.sold_world()
    few = tuple(dataclasses.replace(s, accounts=10_000) for s in what.segments)
    case = (dataclasses.replace(what, segments=few), attacks, years)
    world, days = worlds.twin_world(*case), some_days(years)
    lived, reference = twin.simulate_timeline(world, days, 5), timeline_of_twin(case)
    assert distance(case, reference) <= 1e-9
    for (segment, name), chances in reference.items():
        for number, p in zip(lived[segment][name], chances, strict=True):
            assert abs(number - 10_000 * p) <= 4 * math.sqrt(10_000 * p * (1 - p)) + 1


# Cuts and horizons ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [0.01, 1 / 24, 1 / 12, 0.1, 1 / 3, 0.5, 1.0, 1.3, 2.0, 7 / 12, 5.0, 100.0])
def test_months_end_at_twelfths_of_a_year_and_at_the_horizon(years: float) -> None:
    """Month ends rise, are twelfths of 365 days but for the last, which is the horizon."""
    ends = month_ends(years)
    assert years * 365 == ends[-1]
    assert math.ceil(years * 12 - 1e-6) == len(ends)
    assert all(a < b for a, b in itertools.pairwise(ends))
    assert [pytest.approx((k + 1) * 365 / 12, rel=1e-12) for k in range(len(ends) - 1)] == ends[:-1]


@pytest.mark.parametrize("months", [1, 5, 12, 17])
def test_a_shorter_horizon_is_a_cut_of_a_longer_one(months: int) -> None:
    """What the timeline says by a month's end is the law of a run that ends there, capacity scales held."""
    what, attacks, years = worlds.sold_world()
    long = Law(what, attacks, Parameters(0, 1), years)
    short = Law(what, attacks, Parameters(0, 1), months / 12, long.scales)
    computed = Law(what, attacks, Parameters(0, 1), months / 12)
    for name, scale in long.scales.items():
        assert pytest.approx(float(scale[0]), rel=1e-12) == float(computed.scales[name][0])
    days = month_ends(years)
    for segment in what.segments:
        own, now = victims_by(long, segment, days), short.segment_law(segment)
        for name, chance in own.items():
            cut = float(np.ravel(now.victim.get(name, 0.0))[0])
            assert pytest.approx(cut, rel=1e-9, abs=1e-15) == float(chance[months - 1].ravel()[0])


def test_the_end_of_the_timeline_is_the_law(stated: Impact) -> None:
    """By the horizon the timeline has the probabilities that the counts were drawn from."""
    for segment in stated.scenario.segments:
        own = victims_by(stated.law, segment, month_ends(stated.horizon_years))
        law = stated.laws[segment.name].victim
        assert {n for n, p in law.items() if np.any(p > 0)} == {n for n, p in own.items() if np.any(p > 0)}
        for name, chance in own.items():
            np.testing.assert_allclose(chance[-1], np.broadcast_to(law[name], chance[-1].shape), rtol=1e-9)


def test_late_months_keep_their_digits() -> None:
    """Months of a rare attack are the upper tail of its onset law, to 12 digits after all but 1e-9 of it."""
    rare = worlds.attack("rare", [way("ssn", 1e-13, 0.5)], when=worlds.onset("early", median=20.0, sigma=0.9))
    what = worlds.scenario([worlds.segment("all", 1_000_000, [("ssn", 1.0)])])
    law, days = Law(what, worlds.graph([rare]), Parameters(0, 1), 10.0), month_ends(10.0)
    months = victims_between(law, what.segments[0], days)["rare"][:, 0]
    scores = np.log(np.array(days) / 20.0) / 0.9
    tail, year = ndtr(-scores), ndtr(math.log(365 / 20.0) / 0.9)
    assert tail[-1] < 1e-7
    np.testing.assert_allclose(months[12:], 5e-14 / year * -np.diff(tail)[11:], rtol=1e-12)
    by_day = victims_by(law, what.segments[0], days)["rare"][:, 0]
    np.testing.assert_allclose(np.cumsum(months), by_day, rtol=1e-14)


def days_for_months(name: str, steps: int) -> dict[str, Any]:
    """Return what a run of 400 replicates expects, with months cut further."""
    what = load_scenario(name)
    attacks = attacks_for(what, elsewhere=None)
    parameters = Parameters(1, 400)
    law = Law(what, attacks, parameters, 5.0, None, steps)
    laws = {s.name: law.segment_law(s) for s in what.segments}
    found: dict[str, Any] = {f"scale {name}": scale for name, scale in law.scales.items()}
    for word in ("victim", "attempted", "victim_year"):
        for a in attacks.names:
            parts = [s.accounts * getattr(laws[s.name], word).get(a, np.zeros(1)) for s in what.segments]
            found[f"{a} {word}"] = sum(parts) + np.zeros(400)
    found["people"] = sum(s.accounts * laws[s.name].people for s in what.segments)
    ends = month_ends(5.0)
    for a in attacks.names:
        found[f"{a} month 1"] = np.zeros(400)
    for s in what.segments:
        for a, chance in victims_by(law, s, ends).items():
            found[f"{a} month 1"] = found[f"{a} month 1"] + s.accounts * chance[0]
    return found


@pytest.mark.parametrize("name", [STATED, "tmobile-2021-class"])
def test_days_in_place_of_months_change_no_figure_by_a_thousandth(name: str) -> None:
    """Thirty cuts a month move the mean of what all attacks expect by less than 0.1 %.

    Quantiles rest on a few replicates and move by less than 0.15 %; no single replicate moves by 0.4 %
    (what is posted is used within days).
    """
    coarse, fine = days_for_months(name, 1), days_for_months(name, 30)
    assert list(coarse) == list(fine)
    seen = 0
    for measure, values in fine.items():
        if not np.any(values > 0):
            continue
        seen += 1
        assert abs(coarse[measure].mean() - values.mean()) <= 1e-3 * values.mean(), measure
        for level in (0.05, 0.5, 0.95):
            exact = np.quantile(values, level)
            assert abs(np.quantile(coarse[measure], level) - exact) <= 1.5e-3 * exact, (measure, level)
        near = np.abs(coarse[measure] - values)[values > 0] / values[values > 0]
        assert near.max() <= 4e-3, measure
    assert seen >= 60


def test_months_alone_would_not_do() -> None:
    """The same comparison sees half months left out of the first year: the bound of 0.1 % is a tight one."""
    what = load_scenario(STATED)
    attacks = attacks_for(what, elsewhere=None)
    graph = attacks.only(["imei_misuse"])
    fine = Law(what, graph, Parameters(1, 200), 5.0, None, 30).segment_law(what.segments[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hazards, "time_edges", lambda *_: np.arange(61) * 365 / 12)
        rough = Law(what, graph, Parameters(1, 200), 5.0).segment_law(what.segments[0])
    move = float(rough.victim["imei_misuse"].mean() / fine.victim["imei_misuse"].mean()) - 1
    assert abs(move) > 3e-4


# Months sum to the horizon --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Return the stated cohorts, with replicates that are no multiple of a thousand."""
    return api.simulate(STATED, replicates=1_100, seed=5)


@pytest.mark.parametrize("years", [0.02, 1 / 3, 1.3, 2.0])
def test_months_sum_to_the_horizon_in_every_replicate(years: float) -> None:
    """Victims and, to the cent, losses of all months are those of the run, attack by attack."""
    what, attacks, _ = worlds.sold_world()
    found = simulate(what, attacks, replicates=60, seed=2, horizon_years=years)
    whole = np.zeros((2, 60))
    for i, name in enumerate(attacks.names):
        own = followed(found, (name,), month_ends(years))
        months, means = (own.victims, own.losses), (own.expected_victims, own.expected_losses)
        for part, word in zip(means, ("victims", "loss_usd"), strict=True):
            np.testing.assert_allclose(part.sum(axis=0), found.expected(word, name), rtol=1e-9)
        assert months[0].shape == (len(month_ends(years)), 60)
        np.testing.assert_allclose(months[0].sum(axis=0), found.victim_counts[i].sum(axis=0), rtol=1e-12)
        assert np.abs(months[1].sum(axis=0) - found.losses[i].sum(axis=0)).max() <= CENT
        assert min(months[0].min(), months[1].min()) >= 0
        whole += [part.sum(axis=0) for part in months]
    kept = walk(found)
    together = (kept.victims, kept.losses)
    np.testing.assert_allclose(together[0].sum(axis=0), whole[0], rtol=1e-12)
    assert np.abs(together[1].sum(axis=0) - found.loss).max() <= CENT


def test_the_months_of_the_table_sum_to_the_horizon(stated: Impact) -> None:
    """Means of the months add up to the expected victims and, to the cent, the expected loss of the run."""
    table = stated.timeline()
    assert list(range(1, 61)) == list(table.index)
    whole = stated.expected("victims")
    assert pytest.approx(float(whole.mean()), rel=1e-12) == float(table["victims_mean"].sum())
    assert abs(float(table["loss_usd_mean"].sum()) - float(stated.expected("loss_usd").mean())) <= CENT
    assert stated.notes == table.attrs["notes"]
    for part in ("victims", "loss_usd"):
        low, middle, high = (table[f"{part}_{q}"] for q in ("p5", "p50", "p95"))
        assert ((low <= middle) & (middle <= high)).all()


def test_the_attacks_of_a_month_sum_to_it() -> None:
    """In every month the mean losses of single attacks add up to that of all of them."""
    run = api.simulate(STATED, replicates=50, seed=5, horizon_years=2)
    names = [a.name for a in run.attacks.attacks if a.routes]
    parts, whole = [run.timeline(name) for name in names], run.timeline()
    for column in ("victims_mean", "loss_usd_mean"):
        np.testing.assert_allclose(
            sum(part[column].to_numpy() for part in parts), whole[column].to_numpy(), rtol=1e-9
        )


def test_the_timeline_does_not_depend_on_how_it_is_computed(
    stated: Impact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another number of replicates at a time and of threads gives the same months."""
    before = stated.timeline()
    monkeypatch.setattr(chunks, "CHUNK", 83)
    monkeypatch.setattr(chunks, "MOST_THREADS", 1)
    np.testing.assert_allclose(
        before.drop(columns=["end_date", "events"]).to_numpy(dtype=float),
        stated.timeline().drop(columns=["end_date", "events"]).to_numpy(dtype=float),
        rtol=1e-12,
    )


def test_a_part_of_a_law_is_the_law_of_a_part() -> None:
    """Some replicates of a law, further cuts of months included, have what they have in the whole."""
    what, attacks = load_scenario(STATED), load_attacks().only(["imei_misuse", "mailbox_takeover"])
    law = Law(what, attacks, Parameters(4, 30), 1.0, None, 7)
    rows = slice(11, 23)
    part = law.part(rows)
    for segment in what.segments:
        whole, own = law.segment_law(segment), part.segment_law(segment)
        np.testing.assert_array_equal(
            np.broadcast_to(whole.people, 30)[rows], np.broadcast_to(own.people, 12)
        )


def test_nothing_happens_where_nothing_leaks() -> None:
    """A scenario without leaks has months of exact zeros, and a background-only attack never happens."""
    nothing = worlds.scenario([worlds.segment("s", 100, [])])
    _, attacks, _ = worlds.sold_world()
    table = simulate(nothing, attacks, replicates=10, seed=1, horizon_years=0.5).timeline()
    assert 6 == len(table)
    assert not table.drop(columns=["end_day", "end_date", "events"]).to_numpy(dtype=float).any()
    what, attacks, years = worlds.sold_world()
    run = simulate(what, attacks, replicates=10, seed=1, horizon_years=years)
    assert 0.0 == float(run.timeline("insider")["victims_mean"].sum())


def test_a_reset_in_a_month_ends_it() -> None:
    """Victims of a PIN fall in the months before its reset alone; those of a reset-proof attack do not."""
    what = worlds.scenario(
        [worlds.segment("s", 10**6, [("account_pin", 1.0)])], [worlds.reset(365 / 6, "account_pin")]
    )
    attacks = worlds.graph(
        [
            worlds.attack("swap", [way("account_pin", 0.5, 0.5)]),
            worlds.attack("reuse", [way("account_pin", 0.5, 0.5)], reset_proof=True),
        ]
    )
    run = simulate(what, attacks, replicates=20, seed=1, horizon_years=1)
    swap, reuse = run.timeline("swap")["victims_mean"], run.timeline("reuse")["victims_mean"]
    assert [True, True, *[False] * 10] == [bool(n > 0) for n in swap]
    assert (reuse > 0).all()
    assert pytest.approx(float(reuse.iloc[0]), rel=0.01) == float(swap.iloc[0])


# Dates and events -----------------------------------------------------------------------------------------


def test_events_stand_in_their_month() -> None:
    """An event stands in the month that holds its day, the last day of a month in that month, by date."""
    month = 365 / 12
    events = [
        Event(kind="notice", day=0.0, label="first"),
        Event(kind="notice", day=month, label="last of month 1"),
        Event(kind="notice", day=month + 0.01, label="month 2"),
        Event(kind="notice", day=400.0, label="after the horizon"),
        Event(kind="reset", day=200.0, fields=("ssn",)),
    ]
    attacks = worlds.graph([worlds.attack("a", [way("ssn")], regimes=[("2021-10-15", 1.0), ("", 1.0)])])
    what = worlds.scenario([worlds.segment("s", 10, [("ssn", 1.0)])], events, day_zero="2021-08-11")
    table = simulate(what, attacks, replicates=5, seed=1, horizon_years=1).timeline()
    text_by_month = {month: text for month, text in table["events"].items() if text}
    assert {1: "first; last of month 1", 2: "month 2", 3: "a regime ends", 7: "reset"} == text_by_month
    assert "2021-09-10" == table["end_date"].iloc[0]
    assert "2022-08-11" == table["end_date"].iloc[-1]


def test_without_a_day_zero_there_are_no_dates() -> None:
    """A scenario without a calendar date has months by number, empty dates and no ends of regimes."""
    attacks = worlds.graph([worlds.attack("a", [way("ssn")], regimes=[("2021-10-15", 1.0), ("", 1.0)])])
    what = worlds.scenario([worlds.segment("s", 10, [("ssn", 1.0)])])
    table = simulate(what, attacks, replicates=5, seed=1, horizon_years=1).timeline()
    assert {""} == set(table["end_date"]) | set(table["events"])


def test_the_longest_horizon_has_dates() -> None:
    """A hundred years after the latest day 0 allowed there is still a date; later days 0 are refused."""
    attacks = worlds.graph([worlds.attack("a", [way("ssn")])])
    segments = [worlds.segment("s", 10, [("ssn", 1.0)])]
    late = worlds.scenario(segments, day_zero="8999-12-31")
    table = simulate(late, attacks, replicates=2, seed=1, horizon_years=100).timeline()
    assert "9099-12-07" == table["end_date"].iloc[-1]
    with pytest.raises(ValueError, match=r"day_zero is '9998-01-01'; write the date as YYYY-MM-DD, before"):
        worlds.scenario(segments, day_zero="9998-01-01")


def test_an_unknown_attack_has_no_timeline(stated: Impact) -> None:
    """The name is given, with the nearest known one."""
    with pytest.raises(ValueError, match=r"unknown attack 'sim_swp' in .*; did you mean 'sim_swap'"):
        stated.timeline("sim_swp")
