"""Several breaches of one person: the engine agrees with the twin and with sums over all memberships."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from support import reference_breaches as twin
from support import unions, worlds
from support.agreement import LIMIT, distance

from breach_sim.catalog.unions import union_of
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import expose, exposed_share, mask_weights
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

U = 10_000
GIVEN = {("a", "b"): 0.6, ("b", "c"): 0.7}


def run(union: Scenario, attacks: AttackGraph | None = None, *, replicates: int = 2, seed: int = 3) -> Impact:
    """Return an impact of a union."""
    return simulate(
        union, attacks or unions.graph(), replicates=replicates, seed=seed, horizon_years=unions.YEARS
    )


def expected(impact: Impact) -> dict[str, float]:
    """Return people, loss and victims by attack, in expectation given the fixed parameters."""
    law, found = impact.law, {"people": 0.0, "loss": float(impact.expected_loss()[0])}
    for segment in impact.scenario.segments:
        own, accounts = impact.laws[segment.name], float(np.broadcast_to(law.accounts(segment), (1,))[0])
        found["people"] += accounts * float(np.broadcast_to(own.people, (2,))[0])
        for name in impact.attacks.names:
            victim = own.victim.get(name, np.zeros(1))
            found[f"victims {name}"] = found.get(f"victims {name}", 0.0) + accounts * float(victim[0])
    return found


@pytest.mark.parametrize("given", [{}, GIVEN], ids=["independent", "overlaps"])
def test_expectations_are_those_of_the_twin(given: dict[tuple[str, str], float]) -> None:
    """People, loss and victims of every attack over all cells agree with the twin to 1e-9."""
    own = unions.three()
    impact = run(union_of(own, universe=U, overlap=given or None))
    wanted = twin.expected_union(unions.for_twin(own, unions.graph(), U, given))["all"]
    assert expected(impact) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert wanted["people"] > 100


def toy() -> AttackGraph:
    """Return an attack of one field and an attack of two."""
    one = worlds.attack("one", [worlds.way("full_name", 0.8, 0.5)], severity=100.0, sigma=0.5)
    two = worlds.attack("two", [worlds.way("full_name ssn", 0.9, 0.6)], severity=50.0, sigma=0.5)
    return worlds.graph([one, two])


def plain(coverages: tuple[float, float, float] = (0.8, 0.7, 0.6)) -> list[Scenario]:
    """Return three breaches of names, of SSNs, and of both."""
    rows = zip("abc", (4_000, 2_000, 5_000), ("full_name", "ssn", "full_name ssn"), coverages, strict=True)
    return [unions.breach(n, [worlds.segment("s", size, [(f, c)])]) for n, size, f, c in rows]


def test_a_union_is_the_sum_over_all_memberships_of_a_person() -> None:
    """Harm equals a sum over 2^3 memberships and 2^3 leaks of one person, written from the page."""
    impact = run(union_of(plain(), universe=U, overlap=GIVEN), toy())
    sizes, fields = {"a": 4e3, "b": 2e3, "c": 5e3}, {"a": {"n"}, "b": {"s"}, "c": {"n", "s"}}
    covered = {"a": 0.8, "b": 0.7, "c": 0.6}
    hit_one = -math.expm1(-0.8 * 0.5 * activity())
    hit_two = -math.expm1(-0.9 * 0.6 * activity())
    wanted = {"one": 0.0, "two": 0.0}
    for inside, share in twin.membership(sizes, U, GIVEN).items():
        for coins in itertools.product((0, 1), repeat=len(inside)):
            weight, known = U * share, set[str]()
            for name, coin in zip(sorted(inside), coins, strict=True):
                weight *= covered[name] if coin else 1 - covered[name]
                known |= fields[name] if coin else set()
            wanted["one"] += weight * hit_one * ("n" in known)
            wanted["two"] += weight * hit_two * (known == {"n", "s"})
    found = expected(impact)
    assert {name: found[f"victims {name}"] for name in wanted} == pytest.approx(wanted, rel=1e-11)


def activity() -> float:
    """Return the activity of the toys' onset over the horizon."""
    onset = run(union_of(plain(), universe=U), toy()).law
    segment = onset.scenario.segments[0]
    attack = onset.graph["one"]
    return float(onset.hazards.mass(attack, segment, (), 0.0, unions.YEARS * 365)[0])


def test_overlap_zero_is_the_plain_sum() -> None:
    """Breaches without a common person harm what each harms alone."""
    own = plain()
    impact = run(union_of(own, universe=20_000, overlap=0.0), toy())
    alone = [expected(run(each, toy())) for each in own]
    wanted = {word: sum(row[word] for row in alone) for word in alone[0]}
    assert expected(impact) == pytest.approx(wanted, rel=1e-11)


def test_overlap_one_of_like_breaches_is_the_union_of_their_fields() -> None:
    """Two breaches of the same persons harm like one breach with the blocks of both."""
    names = worlds.segment("s", 1_000, [("full_name", 0.8)])
    numbers = worlds.segment("s", 1_000, [("ssn", 0.7)])
    both = worlds.segment("s", 1_000, [("full_name", 0.8), ("ssn", 0.7)])
    union = union_of(
        [unions.breach("a", [names]), unions.breach("b", [numbers])], universe=5_000, overlap=1.0
    )
    assert expected(run(union, toy())) == pytest.approx(
        expected(run(worlds.scenario([both]), toy())), rel=1e-11
    )


def test_one_field_in_two_breaches_is_known_if_it_leaked_in_either() -> None:
    """A name that leaks to 60 % in one breach and to 50 % in another is known of 80 % of those in both."""
    own = [
        unions.breach(n, [worlds.segment("s", 100, [("full_name", c)])]) for n, c in (("a", 0.6), ("b", 0.5))
    ]
    union = union_of(own, universe=100)
    cell = union.segments[-1]
    assert cell.accounts == 100
    weights = mask_weights(cell, None, Parameters(1, 1))
    assert sum(float(w[0]) for mask, w in weights.items() if mask) == pytest.approx(0.8)
    assert float(exposed_share(cell, Parameters(1, 1))[0]) == pytest.approx(0.8)
    assert int(expose(union).accounts[expose(union).masks > 0].sum()) == 80


def test_a_withholding_takes_fields_from_its_own_breach_only() -> None:
    """A phone number that breach a withheld for all has still leaked in breach b."""
    first, second, _ = unions.three()
    gone = dataclasses.replace(
        first.segments[0].withheld[0], share=Estimate.fixed("w", 1.0, "share"), fields=()
    )
    first = dataclasses.replace(first, segments=(dataclasses.replace(first.segments[0], withheld=(gone,)),))
    cell = union_of([first, second], universe=3_000).segments[-1]
    weights = mask_weights(cell, None, Parameters(1, 1))
    assert {m.bit_count(): round(float(w[0]), 12) for m, w in weights.items() if w[0]} == {0: 0.3, 2: 0.7}
    assert float(exposed_share(cell, Parameters(1, 1))[0]) == pytest.approx(0.7)


# Uncertain overlaps ----------------------------------------------------------------------------------


def doubt() -> Estimate:
    """Return an uncertain overlap."""
    return Estimate(
        name="overlap.all",
        kind="pert",
        low=0.2,
        mode=0.5,
        high=0.9,
        unit="share",
        status="assumed",
        hard=True,
        sources=("user-input",),
        note="a test",
    )


def test_every_replicate_has_the_accounts_of_its_own_overlap() -> None:
    """With an uncertain overlap the expected loss of a replicate is that of a run with its drawn value."""
    own = plain()
    impact = run(union_of(own, universe=U, overlap=doubt()), toy(), replicates=5)
    drawn = impact.law.parameters(doubt())
    for r in range(5):
        alone = run(union_of(own, universe=U, overlap=float(drawn[r])), toy())
        assert impact.expected_loss()[r] == pytest.approx(float(alone.expected_loss()[0]), rel=1e-11)
    assert np.ptp(impact.expected_loss()) > 0
    assert impact.law.part(slice(2, 4)).accounts(impact.scenario.segments[-1]) == pytest.approx(
        np.asarray(impact.law.accounts(impact.scenario.segments[-1]))[2:4]
    )


def test_segments_keep_their_persons_in_every_replicate() -> None:
    """Summed over cells, every segment of every breach keeps its accounts, whatever the overlap is."""
    own = unions.three()
    impact = run(union_of(own, universe=U, overlap=doubt()), replicates=6)
    for breach in own:
        for segment in breach.segments:
            name = f"{breach.name}/{segment.name}"
            cells = [s for s in impact.scenario.segments if name in s.name.split(" + ")]
            total = sum((impact.law.accounts(cell) for cell in cells), np.zeros(1))
            assert total == pytest.approx(np.full(6, segment.accounts), abs=1e-6)


@pytest.mark.parametrize("overlap", [0.6, doubt()], ids=["fixed", "uncertain"])
def test_drawn_counts_have_the_mean_of_the_law(overlap: float | Estimate) -> None:
    """Mean victims and people of 4,000 replicates lie within 4 se of the expectation (seed 5)."""
    impact = run(union_of(plain(), universe=U, overlap=overlap), toy(), replicates=4_000, seed=5)
    rounded = sum(np.rint(impact.law.accounts(s)) for s in impact.scenario.segments)
    assert (impact.exposed_counts.sum(axis=0) <= rounded).all()
    for place, name in enumerate(impact.attacks.names):
        mean = sum(
            np.rint(impact.law.accounts(s)) * impact.laws[s.name].victim.get(name, np.zeros(1))
            for s in impact.scenario.segments
        )
        drawn = impact.victim_counts[place].sum(axis=0) - mean
        assert abs(distance(0.0, drawn)) <= LIMIT
    people = sum(
        np.rint(impact.law.accounts(s)) * impact.laws[s.name].people for s in impact.scenario.segments
    )
    assert abs(distance(0.0, impact.people - people)) <= LIMIT
