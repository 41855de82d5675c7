"""Laws of what would have helped: the toy, races, nothing for nothing, never worse, and the best bundle."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import json
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import lookup_worlds, worlds
from support.bundle_costs import price_of
from support.figure_laws import broken_laws
from support.sampled import some
from support.worlds import way

from breach_sim import api, catalog, plots
from breach_sim.apps.cli import main as cli
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.exposure import expose, exposed_share
from breach_sim.engine.hazards import Hazards
from breach_sim.engine.known import chains_of
from breach_sim.engine.law import Law
from breach_sim.engine.time import cut_days
from breach_sim.engine.timeline import month_ends, victims_by
from breach_sim.formatting.arrays import cumulated
from breach_sim.inputs.attacks import Trait
from breach_sim.inputs.changes import Drop, Protect, Reset, Withhold
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Cost, Mitigation, together
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection, Withheld
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import simulate
from breach_sim.whatif.bundle import best_bundle
from breach_sim.whatif.delay import delay_cost
from breach_sim.whatif.mitigated_runs import compare, expected_harm

N, P, K, S, D = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
TINY = 1e-9
"""Attempts an account and year in the toy: so few that nobody is tried twice."""
SCENARIOS = ("tmobile-2021-stated", "tmobile-2021-claimed", "tmobile-2021-class")
ROUNDING = 1e-12
SHIPPED = [own.name for own in catalog.load_mitigations()]


def share(name: str, value: float) -> Estimate:
    """Return a share without doubt."""
    return worlds.fixed(name, value, "share")


def usd(name: str, value: float) -> Cost:
    """Return a fixed cost without doubt."""
    return Cost(fixed=worlds.fixed(f"{name}.cost", value, "USD"))


def protect(
    name: str, effect: float, *attacks: str, uptake: float = 1.0, day: float = 0.0, **more
) -> Mitigation:
    """Return a mitigation that takes a share of the success of some attacks."""
    change = Protect(
        attacks=attacks, uptake=share(f"{name}.u", uptake), effect=share(f"{name}.e", effect), **more
    )
    return Mitigation(name=name, label=name, changes=(change,), day=day)


SURE = share("sure", 1.0)


def drop(field: str) -> Mitigation:
    """Return the mitigation that does not store a field."""
    return Mitigation(name=f"drop-{field}", label=field, changes=(Drop(fields=(field,)),))


def reset(day: float, field: str = K) -> Mitigation:
    """Return a reset on a day."""
    return Mitigation(name="pin-reset", label="reset", changes=(Reset(fields=(field,)),), day=day)


def withhold(name: str, value: float, *fields: str) -> Mitigation:
    """Return a mitigation that withholds fields for a share of the accounts."""
    change = Withhold(withheld=Withheld(share=share(name, value), fields=fields))
    return Mitigation(name=name, label=name, changes=(change,))


# The toy ------------------------------------------------------------------------------------------------


def toy() -> tuple[Scenario, AttackGraph]:
    """Return the worked toy in the engine: two attacks of 20 USD an account, all five fields leaked."""
    mean = 20 / -math.expm1(-TINY)
    swap = [way(f"{P} {K}", TINY), way(f"{P} {N} {S}", TINY)]
    attacks = worlds.graph(
        [
            worlds.attack("sim_swap", swap, severity=mean),
            worlds.attack("new_account", [way(f"{N} {S} {D}", TINY)], severity=mean),
        ]
    )
    return worlds.scenario([worlds.segment("s", 1, [(f"{N} {P} {K} {S} {D}", 1.0)])]), attacks


LOCK, FREEZE = protect("lock", 0.8, "sim_swap"), protect("freeze", 0.9, "new_account")


@pytest.mark.parametrize(
    ("mitigations", "residual"),
    [
        ([], 40),
        ([reset(0)], 40),
        ([drop(S)], 20),
        ([reset(0), drop(S)], 0),
        ([FREEZE], 22),
        ([FREEZE, drop(S)], 20),
        ([LOCK, FREEZE], 6),
    ],
    ids=["nothing", "reset", "drop", "reset and drop", "freeze", "freeze and drop", "lock and freeze"],
)
def test_residuals_of_the_toy(mitigations: list[Mitigation], residual: float) -> None:
    """Residuals of the 40 USD are 40, 20, 0, 22, 20 and 6: benefits are never added."""
    what, attacks = toy()
    expected = expected_harm(what, attacks, mitigations, seed=0, replicates=1, horizon_years=1)
    left = expected.harm(*together(mitigations, what, attacks)).total("loss")[0]
    assert pytest.approx(residual, rel=1e-8, abs=1e-12) == float(left)


def test_overlap_of_the_toy() -> None:
    """PIN reset and dropping the SSN need each other (overlap -20); freeze and dropping do not overlap."""
    what, attacks = toy()
    found = compare(what, attacks, [reset(0), drop(S), FREEZE], seed=0, replicates=2, horizon_years=1)
    frame = found.overlap()["overlap_usd"]
    assert pytest.approx(-20, rel=1e-7) == frame["pin-reset", "drop-ssn"]
    assert pytest.approx(18, rel=1e-7) == frame["drop-ssn", "freeze"]
    assert pytest.approx(0, abs=1e-7) == frame["pin-reset", "freeze"]
    assert pytest.approx(40, rel=1e-7) == float(found.averted[-1].loss[0])


def test_order_of_mitigations_does_not_matter() -> None:
    """Dropping, keeping the last four digits, withholding, resetting and protecting commute."""
    what, attacks = toy()
    four = Mitigation(name="four", label="", changes=(Drop(fields=(S,), by="ssn_last4"),))
    some = [LOCK, reset(0.5), withhold("w", 0.3, N), catalog.load_mitigation("drop-ssn"), four]
    expected = expected_harm(what, attacks, some, seed=0, replicates=1, horizon_years=1)
    losses = {
        round(float(expected.harm(*together(order, what, attacks)).total("loss")[0]), 9)
        for order in itertools.permutations(some)
    }
    assert len(losses) == 1


# The law of protections ---------------------------------------------------------------------------------


def onset_share(day: float, median: float = 120.0, sigma: float = 1.725) -> float:
    """Return the lognormal distribution function."""
    return 0.5 * math.erfc(-math.log(day / median) / sigma / math.sqrt(2)) if day > 0 else 0.0


def law_of(what: Scenario, attacks: AttackGraph, years: float = 5) -> Law:
    """Return the law at fixed parameters."""
    return Law(what, attacks, Parameters(0, 1), years)


def one(fields: str = K) -> Scenario:
    """Return a million accounts that lost some fields."""
    return worlds.scenario([worlds.segment("s", 1_000_000, [(fields, 1.0)])])


@pytest.mark.parametrize(
    ("day", "until"), [(0.0, math.inf), (40.0, math.inf), (40.0, 500.0), (3_000.0, math.inf)]
)
def test_a_protection_thins_successes_while_it_holds(day: float, until: float) -> None:
    """The hazard is thinned by 1 - uptake x effect from its day to its end, against the closed form."""
    own = Protection(name="p", uptake=share("u", 0.5), effect=share("e", 0.6), day=day, until=until)
    base = worlds.graph([worlds.attack("a", [way(K, 2.0, 0.4)])])
    attacks = dataclasses.replace(base, attacks=(dataclasses.replace(base["a"], protections=(own,)),))
    end = 5 * 365
    inside = onset_share(min(until, end)) - onset_share(min(day, end))
    hazard = 0.8 * (onset_share(end) - 0.3 * inside) / onset_share(365)
    segment = one().segments[0]
    law, plain = law_of(one(), attacks), law_of(one(), base)
    found, before = law.segment_law(segment), plain.segment_law(segment)
    assert pytest.approx(-math.expm1(-hazard), rel=1e-12) == float(found.victim["a"][0])
    assert found.attempted["a"][0] == before.attempted["a"][0]
    by_end = cumulated(law.happens_between(attacks["a"], segment, attacks["a"].routes, [day or 1.0, end]))
    assert pytest.approx(float(found.victim["a"][0]), rel=1e-12) == by_end[-1, 0]


def test_protections_multiply_and_spare_attempts_and_capacity() -> None:
    """Two protections multiply; attempts, the attempted and the capacity scale are the very same numbers."""
    base = worlds.graph([worlds.attack("a", [way(f"{K} {P}", 2.0, 0.4)], capacity=100_000.0, clocks="line")],
                        clocks={"line": (P, {"default": 0.05})})  # fmt: skip
    what = one(f"{K} {P}")
    both = together([protect("x", 0.5, "a"), protect("y", 0.4, "a", uptake=0.5)], what, base)
    law, plain = law_of(*both), law_of(what, base)
    found, before = law.segment_law(what.segments[0]), plain.segment_law(what.segments[0])
    assert law.scales["a"] == plain.scales["a"] < 1
    assert found.attempted["a"] == before.attempted["a"]
    assert found.attackable["a"] == before.attackable["a"]
    thinned = math.log1p(-float(found.victim["a"][0])) / math.log1p(-float(before.victim["a"][0]))
    assert pytest.approx(0.5 * 0.8, rel=1e-10) == thinned


def chain() -> AttackGraph:
    """Return a swap that opens a bank to those with text codes."""
    return worlds.graph(
        [
            worlds.attack("swap", [way(P, 3.0, 0.5)], "number"),
            worlds.attack("bank", [way(attempts=0.5, success=0.8, traits="sms", capabilities="number")]),
        ],
        {"sms": 0.6},
    )


def test_a_follow_on_is_protected_from_day_0() -> None:
    """On a follow-on p_victim is q x success x factor and p_attempted is q; a later day is refused."""
    what, base = one(P), chain()
    segment = what.segments[0]
    found = law_of(*protect("x", 0.25, "bank").apply(what, base)).segment_law(segment)
    before = law_of(what, base).segment_law(segment)
    assert pytest.approx(0.75 * float(before.victim["bank"][0]), rel=1e-12) == float(found.victim["bank"][0])
    assert pytest.approx(float(before.attempted["bank"][0]), rel=1e-12) == float(found.attempted["bank"][0])
    with pytest.raises(ValueError, match="no clock of its own: let it hold from day 0 on"):
        protect("x", 0.25, "bank", day=3.0).apply(what, base)


def test_a_protection_of_a_trait_acts_on_its_share() -> None:
    """Codes moved from text multiply the trait's share by 1 - uptake x effect; a later day is refused."""
    what, base = one(P), chain()
    change = Protect(traits=("sms",), uptake=share("u", 0.5), effect=share("e", 0.4))
    moved = Mitigation(name="app", label="app", changes=(change,))
    found = law_of(*moved.apply(what, base)).segment_law(what.segments[0])
    before = law_of(what, base).segment_law(what.segments[0])
    assert pytest.approx(0.8, rel=1e-12) == float(found.victim["bank"][0] / before.victim["bank"][0])
    own = Protection(name="p", uptake=share("u", 0.5), effect=share("e", 0.4), day=2.0)
    with pytest.raises(ValueError, match="what a person has from the start"):
        Trait(name="sms", label="", share=share("s", 0.6), protections=(own,))


def test_withheld_fields_leave_the_mask() -> None:
    """A share x of accounts loses the fields from its mask: exposed, attackable and victims follow."""
    base = worlds.graph([worlds.attack("a", [way(f"{N} {S}", 1.0)]), worlds.attack("b", [way(N, 1.0)])])
    what = worlds.scenario([worlds.segment("s", 1_000, [(f"{N} {S}", 0.8), (D, 0.5)])])
    segment = together([withhold("x", 0.3, S)], what, base)[0].segments[0]
    draw = Parameters(0, 1)
    law = Law(dataclasses.replace(what, segments=(segment,)), base, draw, 1.0).segment_law(segment)
    assert pytest.approx(0.8 * 0.7) == float(law.attackable["a"][0])
    assert pytest.approx(0.8) == float(law.attackable["b"][0])
    assert pytest.approx(1 - 0.2 * 0.5) == float(exposed_share(segment, draw)[0])
    whole = together([withhold("x", 0.3), withhold("y", 0.5, N, S)], what, base)[0].segments[0]
    assert pytest.approx(0.7 * (1 - (1 - 0.8 * 0.5) * 0.5)) == float(exposed_share(whole, draw)[0])
    cells = expose(dataclasses.replace(what, segments=(segment,)))
    assert cells.accounts.sum() == 1_000
    assert pytest.approx(560, abs=1) == cells.holding_any([law_bits(N, S)])


def law_bits(*names: str) -> int:
    """Return the bit set of some fields."""
    from breach_sim.inputs.fields import mask

    return mask(names)


# Races and delay ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "percent"), [(10.0, 9.516), (30.0, 25.918)])
def test_race_between_attack_and_reset(day: float, percent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PIN hazard of 0.01 a day hits 9.516 % by a reset on day 10 and 25.918 % by one on day 30."""
    what, attacks = race(monkeypatch)
    expected = expected_harm(what, attacks, [reset(day)], seed=0, replicates=1, horizon_years=5)
    people = expected.harm(*reset(day).apply(what, attacks)).total("people")[0]
    assert pytest.approx(percent, abs=5e-4) == 100 * people / 1_000_000


def race(monkeypatch: pytest.MonkeyPatch) -> tuple[Scenario, AttackGraph]:
    """Return a million accounts under a constant hazard of 0.01 a day."""
    monkeypatch.setattr(Hazards, "_activity_of", lambda self, _onset: np.diff(self.edges)[:, None] / 365.0)
    return one(), worlds.graph([worlds.attack("a", [way(K, 3.65)], severity=20.0)])


def test_price_of_twenty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty days of delay from day 10 cost 164,019 accounts in a million; one day costs e^-0.1 - e^-0.11."""
    what, attacks = race(monkeypatch)
    frame = delay_cost(reset(10.0), what, attacks, days=20, seed=0, replicates=1)
    assert pytest.approx(164_019, abs=0.5) == frame.loc[10.0, ("people", "mean")]
    assert pytest.approx(20 * 164_019, rel=1e-5) == frame.loc[10.0, ("loss_usd", "mean")]
    day = delay_cost(reset(10.0), what, attacks, seed=0, replicates=1)
    assert pytest.approx(1e6 * (math.exp(-0.1) - math.exp(-0.11))) == day.loc[10.0, ("people", "p50")]


def test_what_lasts_keeps_its_tail_and_what_is_reset_stops() -> None:
    """After a reset nothing more happens by the PIN; after a freeze the SSN goes on, thinned."""
    attacks = worlds.graph([worlds.attack("pin", [way(K, 1.0)]), worlds.attack("number", [way(S, 1.0)])])
    what = one(f"{K} {S}")
    far = {}
    for years in (1.0, 5.0):
        thawed = together([reset(30), protect("freeze", 0.9, "number", day=30.0)], what, attacks)
        law = Law(*thawed, Parameters(0, 1), years).segment_law(what.segments[0])
        far[years] = {name: float(law.victim[name][0]) for name in ("pin", "number")}
    assert far[1.0]["pin"] == pytest.approx(far[5.0]["pin"], rel=1e-12)
    early, late = (-math.log1p(-far[years]["number"]) * onset_share(365) for years in (1.0, 5.0))
    assert pytest.approx(0.1 * (onset_share(5 * 365) - onset_share(365)), rel=1e-9) == late - early


def test_a_later_start_never_costs_less() -> None:
    """On the claimed scenario a later start of a dated mitigation leaves at least as much, each replicate."""
    what, attacks = api.load_scenario("claimed"), api.load_attacks()
    for name in ("pin-reset", "credit-freeze-for-all", "notice"):
        days = [0.0, 1.0, 7.0, 40.0, 400.0]
        ladder = [api.load_mitigation(f"{name}-day-{day:g}") for day in days]
        expected = expected_harm(what, attacks, ladder, seed=3, replicates=40, horizon_years=5)
        left = [expected.harm(*own.apply(what, attacks)).total("loss") for own in ladder]
        for sooner, later in itertools.pairwise(left):
            assert (sooner <= later * (1 + ROUNDING)).all()
        assert (left[0] < left[-1]).all()


# Nothing for nothing, and never worse -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notice", "pin-reset-day-10", "retention-17-years", "drop-passport-number"])
def test_what_touches_nothing_is_exactly_zero(name: str) -> None:
    """A mitigation that touches nothing differs by exactly 0 in every replicate, and says why."""
    found = api.compare("stated", name, "sim-lock-day-11", replicates=30)
    own = found.averted[0]
    assert own.why_not
    assert all(not array.any() for array in (own.loss, own.people, own.hours))
    assert all(not array.any() for array in (own.luck_loss, own.luck_people))
    assert any(name in note and "touches nothing" in note for note in found.notes)
    assert api.load_mitigation(name).apply(found.scenario, api.load_attacks())[0] is found.scenario


def test_a_change_that_no_attack_reads_is_exactly_zero() -> None:
    """Dropping a field that leaked and that no attack reads changes nothing, and says so."""
    found = api.compare("stated", "drop-postal-address", replicates=30)
    assert not found.averted[0].loss.any()
    assert "no attack that the leak makes possible meets it" in found.averted[0].why_not


@pytest.mark.parametrize("name", some(SCENARIOS))
def test_no_shipped_mitigation_raises_an_expected_number(name: str) -> None:
    """No mitigation raises the expected victims of any attack, or people, in any segment and replicate."""
    what, attacks = api.load_scenario(name), api.load_attacks()
    if name != SCENARIOS[0]:  # look-ups are slow, and one scenario with them is enough
        attacks = dataclasses.replace(attacks, lookups=None)
    parameters = Parameters(5, 60)
    plain = Law(what, attacks, parameters, 5)
    for own in [*catalog.load_mitigations(), api.load_mitigation("pin-reset-day-3.5")]:
        after = own.apply(what, attacks)
        cuts = cut_days(*after)
        base = Law(what, attacks, parameters, 5, plain.scales, cuts=cuts)
        law = Law(*after, parameters, 5, plain.scales, cuts=cuts)
        for old, new in zip(what.segments, after[0].segments, strict=True):
            before, now = base.segment_law(old), law.segment_law(new)
            for attack in attacks.names:
                limit = before.victim.get(attack, np.zeros(1)) * (1 + ROUNDING)
                assert (now.victim.get(attack, np.zeros(1)) <= limit).all(), (own.name, attack)
            assert (now.people <= before.people * (1 + 1e-9)).all(), own.name
            assert (now.exposed <= before.exposed * (1 + ROUNDING)).all(), own.name


def random_mitigations(rng: np.random.Generator, attacks: AttackGraph) -> list[Mitigation]:
    """Return some mitigations of every kind for a random world."""
    initial = [a.name for a in attacks.attacks if a.kind == "initial"]
    follow = [a.name for a in attacks.attacks if a.kind == "follow_on"] or initial
    fields = [str(name) for name in rng.permutation(worlds.POOL)]
    trait = Protect(traits=("t0",), uptake=share("tu", rng.uniform(0, 1)), effect=share("te", 0.7))
    return [
        reset(float(rng.choice([0.0, 6.0, 33.3, 400.0])), fields[0]),
        protect("x", rng.uniform(0, 1), *initial, day=float(rng.choice([0.0, 20.5])), lasts=300.0),
        protect("y", rng.uniform(0, 1), *follow[:1]),
        Mitigation(name="t", label="t", changes=(trait,)),
        drop(fields[1]),
        withhold("w", rng.uniform(0, 1), fields[2], fields[3]),
        withhold("all", rng.uniform(0, 1)),
    ]


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_mitigation_raises_harm_in_random_worlds(seed: int) -> None:
    """In random worlds with cycles, clocks and capacities no residual exceeds the smaller single one."""
    rng = np.random.default_rng(seed)
    what, attacks, years = worlds.random_case(rng)
    some = random_mitigations(rng, attacks)
    expected = expected_harm(what, attacks, some, seed=0, replicates=1, horizon_years=years)

    def left(*own: Mitigation) -> np.ndarray[Any, Any]:
        harm = expected.harm(*together(own, what, attacks))
        return np.array([harm.total(word)[0] for word in ("loss", "people", "hours")])

    base = left()
    single = {own.name: left(own) for own in some}
    for name, residual in single.items():
        assert (residual <= base * (1 + 1e-9)).all(), name
    for a, b in itertools.combinations(some, 2):
        smaller = np.minimum(single[a.name], single[b.name])
        assert (left(a, b) <= smaller * (1 + 1e-9) + 1e-12).all(), (a.name, b.name)


@pytest.mark.parametrize(
    ("scenarios", "names", "look_ups"),
    [
        (SCENARIOS, SHIPPED, False),
        (SCENARIOS[:1], ("drop-ssn", "tokenise-ssn", "ssn-last-four", "credit-freeze", "pin-reset"), True),
        pytest.param(SCENARIOS, SHIPPED, True, marks=pytest.mark.slow),
    ],
    ids=["without look-ups", "some", "all"],
)
def test_shipped_pairs_leave_no_more_than_the_better_one(
    scenarios: tuple[str, ...], names: list[str], look_ups: bool
) -> None:
    """Two shipped mitigations together leave at most what the better one leaves, in every replicate.

    One pair is another: the last four digits stand outside the vault, so that with them a vault protects
    nothing more.
    """
    for scenario in scenarios:
        what, attacks = api.load_scenario(scenario), api.load_attacks()
        attacks = attacks if look_ups else dataclasses.replace(attacks, lookups=None)
        some = [api.load_mitigation(name) for name in names]
        expected = expected_harm(what, attacks, some, seed=2, replicates=10, horizon_years=5)
        single = [expected.harm(*own.apply(what, attacks)).total("loss") for own in some]
        for (i, a), (j, b) in itertools.combinations(enumerate(some), 2):
            both = expected.harm(*together([a, b], what, attacks)).total("loss")
            better = np.minimum(single[i], single[j])
            if {a.name, b.name} == {"ssn-last-four", "tokenise-ssn"}:
                better = single[i] if a.name == "ssn-last-four" else single[j]
            assert (both <= better * (1 + ROUNDING)).all(), (a.name, b.name)


# The table by chain is the engine -----------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_table_by_chain_equals_the_engine(seed: int) -> None:
    """In random worlds, loss, people, hours and luck by chain are those of the engine to twelve digits."""
    equal_tables(np.random.default_rng(seed), worlds.random_case)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_table_by_chain_equals_the_engine_with_look_ups(seed: int) -> None:
    """With look-ups, shared numbers and withheld fields, what-ifs by chain are those of the engine."""
    equal_tables(np.random.default_rng(seed), lookup_worlds.random_world)


def equal_tables(rng: np.random.Generator, world_of: Callable[[np.random.Generator], Any]) -> None:
    """Assert that what-ifs of a random world have the harm of their own runs."""
    what, attacks, years = world_of(rng)
    base = simulate(what, attacks, replicates=2, seed=0, horizon_years=years)
    some = random_mitigations(rng, attacks)
    days = [day for own in some for day in cut_days(*own.apply(what, attacks))]
    expected = ExpectedHarm(base.law, base.factors, days)
    for own in ([], some[:2], some):
        world = together(own, what, attacks)
        harm = expected.harm(*world)
        cuts = [d for one_ in some for d in cut_days(*one_.apply(what, attacks)) if np.isfinite(d)]
        run = simulate(
            *world, replicates=2, seed=0, horizon_years=years, scales=base.law.scales, factors=base.factors,
            cuts=cuts,
        )  # fmt: skip
        np.testing.assert_allclose(harm.total("loss"), run.expected_loss(), rtol=1e-9, atol=1e-9)
        people = sum(s.accounts * run.laws[s.name].people for s in world[0].segments)
        np.testing.assert_allclose(harm.total("people"), people + np.zeros(2), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(harm.luck(), run.loss_moments[1], rtol=1e-6, atol=1e-6)
        hours = sum(
            s.accounts * p * run.law.parameters(attacks[name].hours)
            for s in world[0].segments
            for name, p in run.laws[s.name].victim.items()
        )
        np.testing.assert_allclose(harm.total("hours"), hours + np.zeros(2), rtol=1e-9, atol=1e-9)


def test_chains_share_neither_capability_nor_trait() -> None:
    """Every attack with routes is in exactly one chain, and no capability or trait is in two."""
    attacks = api.load_attacks()
    chains = chains_of(attacks)
    assert sorted(name for own in chains for name in own) == sorted(
        a.name for a in attacks.attacks if a.routes
    )
    links = [
        {need for name in own for r in attacks[name].routes for need in (*r.capabilities, *r.traits)}
        for own in chains
    ]
    assert all(not a & b for a, b in itertools.combinations(links, 2))
    assert ("new_account_fraud",) in chains


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_baseline_at_hand_gives_the_same(name: str) -> None:
    """Handing over the impact of the baseline changes nothing, and its expected loss is the table's."""
    impact = api.simulate(name, replicates=40, seed=7)
    some = ("drop-ssn", "retention-5-years", "codes-by-app")
    given_, fresh = api.compare(impact, *some), api.compare(name, *some, replicates=40, seed=7)
    for one_, other in zip(given_.averted, fresh.averted, strict=True):
        np.testing.assert_allclose(one_.loss, other.loss, rtol=1e-12)
    np.testing.assert_allclose(given_.base.total("loss"), impact.expected_loss(), rtol=1e-12)
    assert (given_.seed, given_.replicates) == (7, 40)
    with pytest.raises(ValueError, match="not of this"):
        compare(api.load_scenario("claimed").scaled(1000), impact.attacks, [FREEZE], seed=1, baseline=impact)


# Luck and precision -------------------------------------------------------------------------------------


def test_luck_of_averted_counts_is_that_of_the_same_coins() -> None:
    """Averted people are Binomial(n, p0 - p1): the variance given, against 4,000 draws of shared coins."""
    what, attacks = one(f"{K}"), worlds.graph([worlds.attack("a", [way(K, 1.0)], severity=100.0)])
    found = compare(what, attacks, [protect("x", 0.5, "a")], seed=0, replicates=1, horizon_years=1)
    q = math.exp(-0.5) - math.exp(-1.0)
    own = found.averted[0]
    assert pytest.approx(1e6 * q * (1 - q), rel=1e-9) == float(own.luck_people[0])
    assert pytest.approx(1e4 * 1e6 * q * (1 - q), rel=1e-9) == float(own.luck_loss[0])
    coins = np.random.default_rng(1).random((4_000, 1_000))
    averted = ((coins < -math.expm1(-1.0)) & (coins >= -math.expm1(-0.5))).sum(axis=1)
    error = math.sqrt(2 / 4_000)
    assert abs(averted.var() / (1_000 * q * (1 - q)) - 1) < 4 * error


@pytest.mark.parametrize("name", SCENARIOS)
def test_shared_draws_are_ten_times_as_sharp(name: str) -> None:
    """A mitigation that averts at most 5 % of the loss has a paired error at most a tenth of the unpaired."""
    found = api.compare(name, *SHIPPED, replicates=1_000, pairs=False, elsewhere=None).worth()
    small = found[(found["share"] <= 0.05) & (found["share"] > 0)]
    assert len(small) >= 6
    assert (small["se_paired"] <= small["se_unpaired"] / 10).all()


def test_worth_counts_replicates() -> None:
    """p_worth is the share of replicates whose expected benefit exceeds the cost, net their difference."""
    mine = [api.load_mitigation("credit-freeze").costing(0), api.load_mitigation("tax-pin").costing(1e15)]
    frame = api.compare("stated", *mine, replicates=50).worth()
    assert frame.loc["credit-freeze", "p_worth"] == 1.0
    assert frame.loc["tax-pin", "p_worth"] == 0.0
    np.testing.assert_allclose(frame["net_usd"], frame["loss_usd"] - frame["cost_usd"], rtol=1e-12)


# The best bundle ----------------------------------------------------------------------------------------


def twelve() -> list[Mitigation]:
    """Return twelve mitigations of every kind, with costs."""
    names = [
        "pin-reset-day-1", "pin-reset-day-9", "sim-lock", "sim-lock-opt-in", "credit-freeze",
        "tax-pin-for-all", "monitoring", "codes-by-app", "drop-ssn", "ssn-last-four",
        "retention-5-years", "dwell-30-days",
    ]  # fmt: skip
    return [api.load_mitigation(name) for name in names]


@pytest.mark.parametrize(
    "left_out",
    [
        {"pin-reset-day-1", "sim-lock-opt-in", "tax-pin-for-all", "retention-5-years"},
        pytest.param(set(), marks=pytest.mark.slow),
    ],
    ids=["8", "12"],
)
def test_best_bundle_equals_brute_force(left_out: set[str]) -> None:
    """The best of 8 (12) is the best of all 256 (4,096) bundles, each by itself, under every budget."""
    what, some = api.load_scenario("claimed"), [own for own in twelve() if own.name not in left_out]
    bundles = 1 << len(some)
    kept = ["bank_code_interception", "new_account_fraud", "tax_refund_fraud", "imei_misuse", "pin_reuse"]
    attacks = dataclasses.replace(api.load_attacks().only(kept), lookups=None)
    expected = expected_harm(what, attacks, some, seed=4, replicates=3, horizon_years=5)
    draw = expected.parameters
    base = expected.harm(what, attacks).total("loss").mean()
    nets, prices, each = np.empty(bundles), np.empty(bundles), np.empty((bundles, 3))
    for bits in range(bundles):
        own = [m for i, m in enumerate(some) if bits >> i & 1]
        left = expected.harm(*together(own, what, attacks)).total("loss")
        price = price_of(own, what, draw)
        prices[bits] = price.mean()
        nets[bits] = base - left.mean() - prices[bits]
        each[bits] = -left - price
    for budget in (1e6, 2e7, 1e12):
        found = best_bundle(what, attacks, some, budget, seed=4, replicates=3)
        afford = prices <= budget
        assert pytest.approx(nets[afford].max(), abs=1e-9 * base) == found.net_usd
        np.testing.assert_allclose(found.net[afford], nets[afford], atol=1e-9 * base)
        assert (found.net[prices > budget * 1.001] == -np.inf).all()
        chosen = sum(1 << i for i, own in enumerate(some) if own.name in found.chosen)
        assert pytest.approx(nets[chosen], abs=1e-9 * base) == found.net_usd
        missed = each[afford].max(axis=0) - each[chosen]
        np.testing.assert_allclose(found.regret, missed, atol=1e-9 * base)


@settings(derandomize=True, deadline=None, max_examples=4)
@given(seed=st.integers(0, 2**32 - 1))
def test_best_bundle_equals_brute_force_in_random_worlds(seed: int) -> None:
    """In random worlds the tables give every one of 128 bundles its own loss."""
    equal_bundles(np.random.default_rng(seed), worlds.random_case)


@settings(derandomize=True, deadline=None, max_examples=4)
@given(seed=st.integers(0, 2**32 - 1))
def test_best_bundle_equals_brute_force_with_look_ups(seed: int) -> None:
    """With look-ups the tables give every one of 128 bundles its own loss."""
    equal_bundles(np.random.default_rng(seed), lookup_worlds.random_world)


def equal_bundles(rng: np.random.Generator, world_of: Callable[[np.random.Generator], Any]) -> None:
    """Assert that every bundle of a random world has the net benefit of its own run."""
    what, attacks, years = world_of(rng)
    some = [
        dataclasses.replace(own, cost=usd(own.name, 10 * i))
        for i, own in enumerate(random_mitigations(rng, attacks))
    ]
    found = best_bundle(what, attacks, some, 1e9, seed=0, replicates=2, horizon_years=years)
    expected = expected_harm(what, attacks, some, seed=0, replicates=2, horizon_years=years)
    base = expected.harm(what, attacks).total("loss").mean()
    each = np.empty((128, 2))
    for bits in range(128):
        own = [i for i in range(7) if bits >> i & 1]
        left = expected.harm(*together([some[i] for i in own], what, attacks)).total("loss")
        each[bits] = -left - 10 * sum(own)
        assert pytest.approx(base + each[bits].mean(), abs=1e-9 * max(base, 1)) == found.net[bits]
    chosen = sum(1 << i for i, own in enumerate(some) if own.name in found.chosen)
    missed = each.max(axis=0) - each[chosen]
    np.testing.assert_allclose(found.regret, missed, atol=1e-9 * max(base, 1))


def test_best_bundle_of_the_toy() -> None:
    """At 3 USD each reset and dropping the SSN are bought as a pair, though the reset alone is worth 0."""
    what, attacks = toy()
    some = [dataclasses.replace(own, cost=usd(own.name, 3.0)) for own in (reset(0), drop(S), FREEZE)]
    found = best_bundle(what, attacks, some, 10.0, seed=0, replicates=1, horizon_years=1)
    assert found.chosen == ("pin-reset", "drop-ssn")
    assert pytest.approx(34, rel=1e-6) == found.net_usd
    poor = best_bundle(what, attacks, some, 5.0, seed=0, replicates=1, horizon_years=1)
    assert poor.chosen == ("drop-ssn",)
    assert best_bundle(what, attacks, some, 0.0, seed=0, replicates=1, horizon_years=1).chosen == ()


def test_regret_is_never_negative_and_none_where_all_is_certain() -> None:
    """No bundle beats the best of its own replicate; with one replicate the chosen one is the best."""
    found = best_bundle(
        api.load_scenario("stated"), api.load_attacks(), twelve(), 5e7, seed=1, replicates=250
    )
    assert len(found.regret) == 200
    assert (found.regret >= 0).all()
    assert found.regret.max() > 0
    sure = best_bundle(
        api.load_scenario("stated"), api.load_attacks(), twelve()[:5], 5e7, seed=1, replicates=1
    )
    assert pytest.approx(0, abs=1e-3) == float(sure.regret[0])


# The catalog ------------------------------------------------------------------------------------------


def test_every_number_of_a_mitigation_has_a_source_that_exists() -> None:
    """Every number behind a mitigation names known sources; what is assumed says why and is wide."""
    known = catalog.load_sources()
    numbers = {e.name: e for own in catalog.load_mitigations() for e in own.estimates()}
    assert len(numbers) > 25
    for estimate in numbers.values():
        assert set(estimate.sources) <= known.keys()
        assert estimate.note or estimate.status == "cited"
        if (
            estimate.status == "assumed"
            and estimate.kind == "pert"
            and estimate.name.startswith("mitigations.")
        ):
            span = (estimate.high or 0) - (estimate.low or 0)
            assert span >= 0.25 * (estimate.mode or 0), estimate.name


def test_numbers_copied_from_the_facts() -> None:
    """Freeze, tax-PIN, monitoring and notice numbers are those of their sources."""
    known = catalog.load_sources()
    freeze = {e.name: e for e in api.load_mitigation("credit-freeze").estimates()}[
        "mitigations.freeze_uptake"
    ]
    said = [float(known[s].value) for s in ("freeze-credsesame", "freeze-notice", "freeze-jdp")]
    assert [freeze.low, freeze.mode, freeze.high] == said
    notice = [e for e in api.load_mitigation("notice").estimates() if e.name.endswith("effect")]
    assert notice[0].high == -float(known["romanosky"].value)
    taken = [e for e in api.load_mitigation("monitoring").estimates() if e.name == "firm.takeup"]
    assert taken == [catalog.load_firm().takeup]


def test_retention_grows_shorter_and_averts_more() -> None:
    """Keeping records for fewer years averts more in every replicate; seventeen years avert nothing."""
    found = api.compare("stated", *(f"retention-{n}-years" for n in (1, 3, 5, 12, 17)), replicates=50)
    losses = [own.loss for own in found.averted[:-1]]
    assert all((more >= less).all() for more, less in itertools.pairwise(losses))
    assert (losses[0] > losses[3]).all()
    assert not losses[4].any()


def test_names_read_their_numbers() -> None:
    """A day, a field and years stand in the name; a day replaces the usual one."""
    assert api.load_mitigation("pin-reset").day == 1
    assert api.load_mitigation("pin-reset-day-10").day == 10
    assert api.load_mitigation("credit-freeze-for-all-day-2.5").day == 2.5
    assert api.load_mitigation("drop-date-of-birth").changes == (Drop(fields=(D,)),)
    assert api.load_mitigation("drop-ssn").changes == (Drop(fields=(S, "ssn_last4")),)
    assert len(api.load_mitigations()) == len(api.mitigation_names())


def test_notice_only_brings_forward() -> None:
    """Where the scenario has its own notice, an earlier one protects until that day and no longer."""
    what, attacks = api.load_scenario("stated"), api.load_attacks()
    own = api.load_mitigation("notice-day-2").apply(what, attacks)[1]["new_account_fraud"].protections[0]
    assert (own.day, own.until) == (2.0, 6.0)
    free = dataclasses.replace(what, events=())
    assert (
        api.load_mitigation("notice-day-2").apply(free, attacks)[1]["new_account_fraud"].protections[0].until
        == math.inf
    )


# Bad input ----------------------------------------------------------------------------------------------


def refusals() -> list[tuple[Any, str]]:
    """Return calls with bad input and what must be said."""
    stated = "tmobile-2021-stated"
    return [
        (lambda: api.compare(stated, "credit-freez"), "'credit-freez'.*did you mean 'credit-freeze'"),
        (lambda: api.compare(stated, "pin-rest-day-3"), "did you mean 'pin-reset'"),
        (lambda: api.compare(stated, "drop-social_security"), "unknown field.*did you mean 'ssn"),
        (lambda: api.compare(stated, "pin-reset-day--3"), "starts on day -3.*before.*day 0 or later"),
        (lambda: api.compare(stated, "retention--1-years"), "-1 years; give 0 or more"),
        (lambda: api.compare(stated), "name at least one"),
        (lambda: api.compare(stated, "notice", "notice"), "'notice' is named twice"),
        (lambda: api.compare(stated, "notice", replicates=0), "replicates is 0"),
        (lambda: api.best_bundle(stated, ["notice"], -1), "budget is -1 USD; it must be a number from 0"),
        (lambda: api.best_bundle(stated, ["notice"], math.nan), "budget is nan"),
        (lambda: api.best_bundle(stated, [f"drop-ssn-{i}" for i in range(3)], 1), "unknown field"),
        (lambda: api.best_bundle(stated, [f"pin-reset-day-{i}" for i in range(21)], 1), "at most 20"),
        (lambda: api.load_mitigation("notice").costing(-5), "cost of 'notice' is -5 USD; it must be a"),
        (lambda: api.delay_cost("drop-ssn", stated), "has no day: it is done before the breach"),
        (lambda: api.delay_cost("pin-reset", stated, days=0), "days is 0; a delay is a number"),
        (lambda: Mitigation(name="x", label="x", changes=(Reset(fields=(K,)),)), "has no day; give one"),
        (lambda: Protection(name="p", uptake=share("u", 1), effect=SURE, day=-1), "starts on day -1"),
        (lambda: Protection(name="p", uptake=share("u", 1), effect=SURE, day=5, until=5), "not after"),
        (lambda: Withheld(share=share("x", 0.5), fields=("sssn",)), "did you mean 'ssn'"),
        (lambda: Cost(fixed=share("x", 0.5)), "must be in USD"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(refusals())))
def test_bad_input_is_answered_in_a_sentence(number: int) -> None:
    """Bad input is a ValueError that says value, rule and remedy."""
    call, said = refusals()[number]
    with pytest.raises(ValueError, match=said):
        call()


# Figures and the command line ---------------------------------------------------------------------------


def say(*words: object) -> tuple[Any, str, str]:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["breach-sim", *map(str, words)])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code
    return code, out.getvalue(), err.getvalue()


def test_compare_on_the_command_line() -> None:
    """`compare` tells what each averts and costs, and the best bundle; --json is one document."""
    words = (
        "compare",
        "stated",
        "credit-freeze",
        "drop-ssn",
        "notice",
        "--replicates",
        50,
        "--budget",
        "1e7",
    )
    code, out, err = say(*words)
    assert (code, err) == (0, "")
    assert "credit-freeze" in out
    assert "Best bundle for 10 million USD" in out
    assert "notice touches nothing in tmobile-2021-stated" in out
    code, out, err = say(*words, "--json")
    document = json.loads(out)
    # Dropping the SSN costs more on average than the budget; notice is demanded, whatever the budget is.
    assert document["bundle"]["chosen"] == ["credit-freeze", "notice"]
    assert document["bundle"]["given"] == ["notice"]
    assert document["mitigations"]["notice"]["averted_loss_usd"]["p95"] == 0.0
    assert document["mitigations"]["notice"]["touches"] is False
    assert len(document["overlap"]) == 3
    assert say(*words, "--json")[1] == out


def test_mitigations_on_the_command_line() -> None:
    """`mitigations` lists every one with what it does."""
    code, out, _ = say("mitigations")
    assert code == 0
    assert all(name in out for name in api.mitigation_names())
    listed = json.loads(say("mitigations", "--json")[1])
    assert [entry["name"] for entry in listed] == list(api.mitigation_names())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", "stated", "credit-freez"), "did you mean 'credit-freeze'"),
        (("compare", "stated", "notice", "--budget=-3"), "it must be a number from 0 on"),
        (("compare", "stated", "pin-reset-day--1"), "before the breach"),
        (("compare", "stated"), "Missing argument"),
    ],
)
def test_the_command_line_refuses_in_one_line(words: tuple[str, ...], said: str) -> None:
    """Bad input on the command line is one line on standard error and exit code 2."""
    code, out, err = say(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_figures_show_their_table() -> None:
    """The figures draw one row a mitigation that averts anything, and every pair of those."""
    found = api.compare("stated", "sim-lock", "drop-ssn", "notice", "credit-freeze", replicates=60)
    with plots.closing():
        ax = plots.mitigations(found)
        net = {own.label: float(np.median(own.loss - own.cost)) for own in found.averted if own.loss.any()}
        drawn = [text.get_text() for text in ax.get_yticklabels()]
        assert sorted(drawn) == sorted(net)
        assert [net[label] for label in drawn[:-1]] == sorted(
            (net[label] for label in drawn[:-1]), reverse=True
        )
        paying = sum(value > 0 for value in list(net.values())[:-1])
        assert len(ax.patches) == sum(value > 0 for value in net.values())
        assert plots.title_of(ax).startswith(f"{paying} of 3 mitigations")
        assert "Loss averted" in ax.figure.get_label()
        assert broken_laws(ax) == {}
        ax = plots.overlap(found)
        texts = [text.get_text() for text in ax.texts]
        assert sum(text.endswith("%") for text in texts) == 3
        assert set(net) - {"all together"} <= set(texts)
        share = found.overlap().loc[("sim-lock", "drop-ssn"), "overlap_share"]
        assert f"{share:.0%}".replace("%", " %") in texts
        assert broken_laws(ax) == {}
        nothing = api.compare("stated", "notice", replicates=20)
        assert "averts anything" in plots.mitigations(nothing).figure.get_label()


# Month by month -----------------------------------------------------------------------------------------


def test_months_sum_to_the_totals() -> None:
    """Months of the baseline and of every mitigation sum to the tables of the comparison, to 1e-9."""
    found = api.compare("tmobile-2021-stated", "drop-ssn", "monitoring", "notice", replicates=20)
    without, averted = found.trajectories()
    np.testing.assert_allclose(without.loss[-1], found.base.total("loss"), rtol=1e-9)
    for own, course in zip(found.averted, averted, strict=True):
        np.testing.assert_allclose(course.loss[-1], own.loss, rtol=1e-9, atol=1e-9 * without.loss[-1].max())
    frame: Any = found.timeline()
    sums = frame.groupby("mitigation")["averted_usd"].sum()
    for own in found.averted:
        assert sums[own.name] == pytest.approx(own.loss.mean(), rel=1e-9, abs=1e-3)
    left = frame.loc[["drop-ssn"], "loss_usd_mean"].sum() + sums["drop-ssn"]
    assert left == pytest.approx(found.base.total("loss").mean(), rel=1e-9)


def test_the_course_of_the_baseline_is_that_of_its_timeline() -> None:
    """The baseline's months have the shares that the law of time gives each attack and segment."""
    found = api.compare("tmobile-2021-stated", "pin-reset-day-1", replicates=10)
    law = found.law
    days = month_ends(5)
    victims: Any = 0.0
    for segment in law.scenario.segments:
        by_attack = victims_by(law, segment, days)
        victims = victims + segment.accounts * sum(by_attack.values())
    np.testing.assert_allclose(found.trajectories()[0].victims, victims, rtol=1e-9)


@pytest.mark.parametrize("day", [30.0, 100.0, 365.0])
def test_what_has_not_begun_changes_nothing(day: float) -> None:
    """A mitigation from day d averts exactly nothing in months that end by d, and something after."""
    some = [catalog.load_mitigation(f"{name}-day-{day:g}") for name in ("pin-reset", "credit-freeze-for-all")]
    found = api.compare("tmobile-2021-claimed", *some, replicates=20)
    _, averted = found.trajectories()
    before = np.array(month_ends(5)) <= day
    for course in averted:
        assert not course.loss[before].any()
        assert not course.victims[before].any()
        assert (course.loss[~before][1:] > 0).all()
    assert found.dates() == [(day, own.name, "begins") for own in sorted(some, key=lambda own: own.name)]


def test_chunks_of_replicates_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Months computed a few replicates at a time are the very same."""
    found = api.compare("tmobile-2021-class", "pin-reset-day-1", "passkeys", replicates=11)
    whole, averted = found.trajectories()
    monkeypatch.setattr("breach_sim.whatif.trajectory.CHUNK", 4)
    parts, spared = found.trajectories()
    np.testing.assert_array_equal(whole.loss, parts.loss)
    np.testing.assert_array_equal(averted[-1].victims, spared[-1].victims)


def test_months_name_what_begins_and_ends() -> None:
    """Monitoring begins in month 1 and ends in month 25, and only its own rows and all together say so."""
    found = api.compare("tmobile-2021-stated", "monitoring", "drop-ssn", "notice", replicates=5)
    events: Any = found.timeline()["events"]
    assert found.dates() == [(6.0, "monitoring", "begins"), (736.0, "monitoring", "ends")]
    for name in ("monitoring", "all together"):
        assert "monitoring begins" in events[name, 1]
        assert "monitoring ends" in events[name, 25]
    assert not any("begins" in words or "ends" in words for words in events["drop-ssn"])
    assert all("company confirms" in events[name, 1] for name in ("without", "drop-ssn", "notice"))


def test_the_figure_over_time_marks_the_days() -> None:
    """On given axes: a line for the baseline and for each mitigation that averts, a dotted line a date."""
    found = api.compare("tmobile-2021-stated", "monitoring", "drop-ssn", "notice", replicates=20)
    with plots.closing():
        ax = plots.mitigation_timeline(found)
        dotted = [line for line in ax.lines if line.get_linestyle() == ":" and len(line.get_xdata()) == 2]
        steps = [line for line in ax.lines if len(line.get_xdata()) == 61]
        words = {text.get_text() for text in ax.texts}
        assert [6 * 12 / 365, 736 * 12 / 365] == pytest.approx([float(d.get_xdata()[0]) for d in dotted])
        assert len(steps) == 3
        assert {"without", "Never store the SSN", "day 736: Credit monitoring for two years ends"} <= words
        idle = api.compare("tmobile-2021-stated", "notice", replicates=5)
        assert "no mitigation averts" in str(plots.mitigation_timeline(idle, ax).figure.get_label())


def test_many_overlaps_are_gathered_in_groups() -> None:
    """Of six mitigations and more, like ones stand together, and each block of pairs has its mean."""
    some = (
        "drop-ssn",
        "sim-lock",
        "sim-lock-opt-in",
        "credit-freeze",
        "credit-freeze-for-all",
        "codes-by-app",
    )
    found = api.compare("stated", *some, replicates=40)
    with plots.closing():
        ax = plots.overlap(found)
        names = [text.get_text() for text in ax.texts if not text.get_text().endswith("%")]
        label = {name: catalog.load_mitigation(name).label for name in some}
        assert {label["sim-lock"], label["sim-lock-opt-in"]} <= set(names[3:])
        assert len(ax.patches) == 15
        assert len(names) == 6
        assert len(ax.texts) - 6 <= 6
        table: Any = found.overlap()
        a, b = table["overlap_share"].idxmax()
        title = plots.title_of(ax)
        assert all(f"'{label[name]}'" in title for name in (a, b))
        assert f"{table['overlap_share'].max():.0%}".replace("%", " %") in title
        assert broken_laws(ax) == {}


def test_a_selection_of_attacks_is_named_in_the_figures() -> None:
    """Where a part of the attacks was compared, the figures say so; of all, none does."""
    some = ("sim-lock", "credit-freeze", "drop-ssn")
    part = api.compare("stated", *some, replicates=20, attacks=["sim_swap", "port_out"])
    whole = api.compare("stated", *some, replicates=20)
    for draw in (plots.mitigations, plots.overlap, plots.mitigation_timeline):
        with plots.closing():
            assert "2 attacks only: SIM swap, port-out" in plots.title_of(draw(part))
            assert "only:" not in plots.title_of(draw(whole))
