"""What look-ups find about one person: coins of their own, known fields, and what is said of them."""

from __future__ import annotations

import dataclasses
import math
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from support import reference_lookups as twin
from support import worlds
from support.worlds import way

import breach_sim as bs
from breach_sim.catalog import load_look_ups
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.inputs.fields import mask
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.person import follow
from breach_sim.results.searches import Searches, draw_searches

N, D, S, A = "full_name", "date_of_birth", "ssn", "postal_address"
ENTRIES: dict[str, Any] = {
    N: {"share": 0.8, "given": [[S]], "directory": True},
    A: {"share": 0.75, "given": [[N, D], [S]], "directory": True},
    D: {"share": 0.7, "given": [[N, A]]},
    S: {"share": 0.15, "given": [[N, D, A]]},
}
TOGETHER = 0.5
PEOPLE = 3_000
LIMIT = 4.0
"""Standard errors."""


def share(field: str, value: float) -> Estimate:
    """Return a share that is certain."""
    return Estimate.fixed(f"elsewhere.{field}", value, "share")


def toy_lookups(together: float = TOGETHER, entries: dict[str, Any] | None = None) -> Lookups:
    """Return the look-ups of the entries."""
    own = [
        Lookup(
            field=field,
            share=share(field, entry["share"]),
            given=tuple(map(tuple, entry["given"])),
            directory=entry.get("directory", False),
        )
        for field, entry in (ENTRIES if entries is None else entries).items()
    ]
    return Lookups.of(own, share("easy_to_find", together))


def toy(lookups: Lookups | None) -> AttackGraph:
    """Return fraud by three fields, which grants credit, and an attack behind it that needs the address."""
    attacks = [
        worlds.attack("fraud", [way(f"{N} {D} {S}")], "credit"),
        worlds.attack("behind", [way(A, capabilities="credit", traits="t")]),
    ]
    return dataclasses.replace(worlds.graph(attacks, {"t": 0.5}), lookups=lookups)


def opened(world: dict[str, Any], leaked: tuple[str, ...], found: Any) -> tuple[bool, bool]:
    """Say by the twin whether each attack of the toy is open, the trait present."""
    ways = twin.ways_of(world, (("", frozenset(leaked)),), found)
    fraud = twin.is_known({N, D, S}, ways)
    return fraud, fraud and twin.is_known({A}, ways)


@lru_cache(maxsize=1)
def many() -> list[Searches]:
    """Return what look-ups find about the first people."""
    return [draw_searches(toy_lookups(), Parameters(1, 1), 1, row) for row in range(PEOPLE)]


@pytest.mark.parametrize("leaked", [(N, A, S), (N,), (S,), (N, D), ()])
def test_over_many_people_open_attacks_have_the_probability_of_the_law(leaked: tuple[str, ...]) -> None:
    """Of 3,000 people (seed 1) an attack is open to the share of the twin, within 4 standard errors."""
    world = {"lookups": ENTRIES, "easy_to_find": TOGETHER}
    law = twin.all_found(world)
    graph = toy(toy_lookups())
    open_now: dict[tuple[str, ...], list[str]] = {}
    counts = dict.fromkeys(graph.names, 0)
    for searches in many():
        if searches.found not in open_now:
            open_now[searches.found] = list(searches.open_routes(graph, leaked, {"t": True}))
        for name in open_now[searches.found]:
            counts[name] += 1
    for number, name in enumerate(graph.names):
        p = sum(weight for found, weight in law.items() if opened(world, leaked, found)[number])
        assert abs(counts[name] / PEOPLE - p) <= LIMIT * math.sqrt(p * (1 - p) / PEOPLE)


def test_easy_people_are_found_more_often() -> None:
    """Coins of 3,000 people (seed 1) have the chances of equation (22), within 4 standard errors."""
    drawn = many()
    for easy in (False, True):
        own = [each for each in drawn if each.easy == easy]
        assert abs(len(own) - PEOPLE / 2) <= LIMIT * math.sqrt(PEOPLE / 4)
        chances = twin.chances({"lookups": ENTRIES, "easy_to_find": TOGETHER}, easy=easy)
        for field, p in chances.items():
            seen = sum(field in each.found for each in own) / len(own)
            assert abs(seen - p) <= LIMIT * math.sqrt(p * (1 - p) / len(own))


def test_coins_of_a_person_are_their_own() -> None:
    """The same seed and row give the same coins, and one more look-up leaves the others alone."""
    parameters = Parameters(1, 1)
    fewer = toy_lookups(entries={field: ENTRIES[field] for field in (N, D)})
    rows = [draw_searches(toy_lookups(), parameters, 3, row) for row in range(50)]
    assert rows == [draw_searches(toy_lookups(), parameters, 3, row) for row in range(50)]
    assert rows != [draw_searches(toy_lookups(), parameters, 4, row) for row in range(50)]
    for row, whole in enumerate(rows):
        part = draw_searches(fewer, parameters, 3, row)
        assert set(part.found) == set(whole.found) & {N, D}


def test_known_fields_and_routes_of_one_person() -> None:
    """K and E are those of the twin, and look-ups that are certain lead to the same routes."""
    lookups = toy_lookups()
    parameters = Parameters(1, 1)
    for row in range(40):
        searches = draw_searches(lookups, parameters, 5, row)
        for leaked in ((N, A), (S,), (N, D, S), ()):
            assert twin.known_fields(ENTRIES, leaked, searches.found) == set(searches.known(leaked))
        assert twin.had_anyway(ENTRIES, searches.found) == set(searches.had_anyway())
        certain = searches.certain()
        assert all(each.share.is_certain for each in certain.by_field.values())
        assert {name for name in certain if certain[name].share.central} == set(searches.found)


def test_over_many_people_harm_has_the_probability_of_the_law() -> None:
    """Over 3,000 people (seed 1) the mean odds are those of the segment, within 4 standard errors."""
    leaked = (N, A, S)
    breach = worlds.scenario([worlds.segment("a", 10, [(" ".join(leaked), 1.0)])])
    impact = bs.simulate(breach, toy(toy_lookups()), replicates=2)
    record = {"segment": "a", "leaked_fields": mask(leaked)}
    chances: dict[Any, dict[str, float]] = {}
    drawn: dict[str, list[float]] = {name: [] for name in impact.attacks.names}
    for row, searches in enumerate(many()):
        for t in (True, False):
            key = (searches.found, t)
            if key not in chances:
                person = follow(record | {"t": t}, impact, seed=1, row=row)
                assert searches == person.searches
                law = person.law()
                victim = law.segment_law(law.scenario.segments[0]).victim
                chances[key] = {name: float(np.mean(p)) for name, p in victim.items()}
                assert set(person.routes()) == {name for name, p in chances[key].items() if p > 0}
        for name, own in drawn.items():
            own.append(sum(chances[searches.found, t].get(name, 0.0) for t in (True, False)) / 2)
    for name, own in drawn.items():
        wanted = float(np.mean(impact.laws["a"].victim[name]))
        assert wanted > 0
        assert abs(np.mean(own) - wanted) <= LIMIT * np.std(own) / math.sqrt(len(own))


def test_all_outcomes_together_are_the_segment() -> None:
    """Persons of every outcome of the look-ups, weighted by the twin's law, have the law of the segment."""
    lookups = toy_lookups()
    breach = worlds.scenario([worlds.segment("a", 10, [(f"{N} {A} {S}", 1.0)])])
    impact = bs.simulate(breach, toy(lookups), replicates=3)
    person = follow({"segment": "a", "leaked_fields": mask((N, A, S)), "t": True}, impact)
    total: dict[str, Any] = dict.fromkeys(impact.attacks.names, 0.0)
    people: Any = 0.0
    for found, weight in twin.all_found({"lookups": ENTRIES, "easy_to_find": TOGETHER}).items():
        outcome = Searches(lookups=lookups, easy=True, found=tuple(sorted(found)), shares={})
        for t in (True, False):
            one = dataclasses.replace(person, searches=outcome, traits={"t": t})
            law = one.law()
            own = law.segment_law(law.scenario.segments[0])
            people = people + weight / 2 * own.people
            for name, chance in own.victim.items():
                total[name] = total[name] + weight / 2 * chance
    np.testing.assert_allclose(people, impact.laws["a"].people, rtol=1e-12)
    for name, chance in impact.laws["a"].victim.items():
        np.testing.assert_allclose(total[name], chance, rtol=1e-12)


# The person ----------------------------------------------------------------------------------------------


def person_of(found: tuple[str, ...], leaked: tuple[str, ...], lookups: Lookups | None = None) -> Any:
    """Return a person of the toy with given outcomes of the look-ups."""
    own = lookups or toy_lookups()
    breach = worlds.scenario([worlds.segment("a", 10, [(f"{N} {A} {S}", 1.0)])])
    impact = bs.simulate(breach, toy(None), replicates=5)
    impact = dataclasses.replace(impact, attacks=toy(own))
    person = follow({"segment": "a", "leaked_fields": mask(leaked), "t": True}, impact, seed=1, row=3)
    shares = {name: ENTRIES[name]["share"] for name in own}
    return dataclasses.replace(person, searches=Searches(lookups=own, easy=True, found=found, shares=shares))


def test_a_person_has_coins_only_where_the_attacks_have_look_ups() -> None:
    """Without look-ups a person has none, and their routes and sentences are those of the leak."""
    impact = bs.simulate("stated", replicates=5)
    plain = dataclasses.replace(impact, attacks=dataclasses.replace(impact.attacks, lookups=None))
    record = bs.subscribers("stated")[5]
    person = follow(record, plain)
    assert person.searches is None
    assert () == person.looked_up
    assert not any("look-up" in line for line in person.sentences())


def test_a_look_up_that_worked_is_said() -> None:
    """Whose birth date was found has the route of three fields open, and reads so."""
    person = person_of((D,), (N, A, S))
    assert (D,) == person.looked_up
    assert {"fraud", "behind"} == set(person.routes())
    said = person.searches.sentences(person.impact.attacks, person.leaked, person.traits)
    assert [
        "The birth date was not in this leak; it takes a look-up that works for about 7 in 10, and it "
        "worked here."
    ] == said
    assert "looked up: birth date" in person._repr_html_()


def test_a_look_up_that_failed_is_said() -> None:
    """Whose birth date was not found has no route open, and reads what it would have taken."""
    person = person_of((), (N, A, S))
    assert () == person.looked_up
    assert {} == person.routes()
    said = person.searches.sentences(person.impact.attacks, person.leaked, person.traits)
    assert [
        "The birth date was not in this leak; it takes a look-up that works for about 7 in 10, and it did "
        "not work here."
    ] == said


def test_what_the_leak_was_not_needed_for_is_said() -> None:
    """Who could be attacked by what directories list reads that the leak was not needed."""
    said_of = person_of((N, A, D, S), (N, A, S))
    said = said_of.searches.sentences(said_of.impact.attacks, said_of.leaked, said_of.traits)
    labels = ", ".join(said_of.impact.attacks[name].label for name in ("fraud", "behind"))
    assert f"All that these need could have been had without this leak: {labels}." == said[-1]


def test_the_catalog_draws_coins_for_all_that_can_be_found() -> None:
    """With the catalog's look-ups each field that can be found has a coin; the shares shown are central."""
    lookups = load_look_ups()
    searches = draw_searches(lookups, Parameters(1, 500), 1, 0)
    assert {own.field: own.share.central for own in lookups.possible} == searches.shares
