"""The private adviser: odds of one person equal the engine's, and nothing leaves the page."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command_line import refused, say
from support.page_cases import TEMPLATES, Case, Engine, difference, in_node, node, numbered

import breach_sim as bs
from breach_sim.apps.page.adviser import ACCOUNTS, LARGEST, MOST_REPLICATES, adviser, one_person
from breach_sim.apps.page.world import measures_of, world_of
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.expectations import expected

needs_node = pytest.mark.skipif(node() is None, reason="no Node here; run.py pages does the same")
TICKED = ("full_name", "date_of_birth", "ssn", "phone_number")
ANSWERED = "return asked(new World(data.law), data.cases);"


@functools.cache
def _page() -> str:
    return adviser()


@functools.cache
def _run() -> Any:
    impact = bs.simulate(one_person(), replicates=16, seed=1)
    actions = measures_of(impact, [own.by_one() for own in bs.load_mitigations() if own.hours is not None])
    return impact, actions, world_of(impact, actions)


def _inside(name: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', _page(), re.DOTALL)
    assert found
    return json.loads(found[1])


def _without(ticked: tuple[str, ...], law: Any) -> tuple[str, ...]:
    """Every field but those that were ticked."""
    return tuple(name for name in law["fields"] if name not in ticked)


@needs_node
def test_odds_and_actions_are_those_of_the_engine(tmp_path: Path) -> None:
    """For what was ticked, and for every action of this person, the page sums what the engine sums."""
    impact, actions, law = _run()
    off = _without(TICKED, law)
    cases = [Case(off), *(Case(off, (number,), 30) for number in range(len(actions)))]
    found = in_node(ANSWERED, tmp_path, law=law, cases=numbered(cases, law))
    engine = Engine(impact, actions)
    assert max(difference(p, engine.answer(case)) for p, case in zip(found, cases, strict=True)) < 1e-9


@needs_node
def test_odds_are_those_of_a_breach_that_lost_just_this(tmp_path: Path) -> None:
    """Leaving out what was not ticked is the same as a breach in which only the ticked fields leaked."""
    _, _, law = _run()
    (page,) = in_node(ANSWERED, tmp_path, law=law, cases=numbered([Case(_without(TICKED, law))], law))
    whole = one_person()
    leak = dataclasses.replace(whole.segments[0].leaks[0], fields=TICKED)
    just = dataclasses.replace(whole, segments=(dataclasses.replace(whole.segments[0], leaks=(leak,)),))
    own = expected(bs.simulate(just, replicates=16, seed=1), "people", "any")
    assert np.asarray(page["people"]) == pytest.approx(own, rel=1e-9)


@needs_node
@pytest.mark.parametrize(("trait", "share"), [("holds_crypto", 0), ("holds_crypto", 1), ("reuses_pin", 1)])
def test_what_a_person_says_of_themselves_takes_the_place_of_a_share(
    trait: str, share: int, tmp_path: Path
) -> None:
    """A trait that a person has, or has not, gives the engine's odds with that share at 1, or at 0."""
    impact, _, law = _run()
    number = sorted({t for a in impact.attacks.attacks for r in a.routes for t in r.traits}).index(trait)
    ticked = (*TICKED, "account_pin", "email_address")
    case = Case(_without(ticked, law))
    found = in_node(
        "const w = new World(data.law); const [off] = data.cases[0];"
        "const own = w.evaluate(new Set(off), new Set(), 0, new Map([[data.trait, data.share]]));"
        "return { people: Array.from(own.people), hours: Array.from(own.hours) };",
        tmp_path,
        law=law,
        cases=numbered([case], law),
        trait=number,
        share=share,
    )
    sure = dataclasses.replace(
        impact.attacks.traits[trait], share=Estimate.fixed(f"traits.{trait}.share", float(share), "share")
    )
    graph = dataclasses.replace(impact.attacks, traits={**impact.attacks.traits, trait: sure})
    own = Engine(bs.simulate(impact.scenario, graph, replicates=16, seed=1), []).answer(case, victims=False)
    for word in found:
        assert np.asarray(found[word]) == pytest.approx(own[word], rel=1e-9)


def test_the_breach_is_small_enough_for_every_crew() -> None:
    """No capacity binds, so that a person's odds do not depend on the size that the page assumes."""
    impact = bs.simulate(one_person(), seed=1)
    assert impact.scenario.accounts == ACCOUNTS
    assert min(float(scale.min()) for scale in impact.law.scales.values()) == 1.0


def test_the_adviser_fits() -> None:
    """The page has at most 500,000 bytes."""
    assert len(_page().encode()) < LARGEST


def test_nothing_is_stored_or_sent() -> None:
    """The scripts name no store, no address and no request, and the policy forbids them."""
    scripts = "".join((TEMPLATES / name).read_text() for name in ("engine.js", "numbers.js", "adviser.js"))
    for word in ("localStorage", "sessionStorage", "indexedDB", "cookie", "fetch(", "XMLHttp", "location",
                 "history", "sendBeacon", "http:", "https:"):  # fmt: skip
        assert word not in scripts
    assert "default-src &#39;none&#39;" in _page() or "default-src &#x27;none&#x27;" in _page()


def test_every_action_says_what_to_do() -> None:
    """Each action has a sentence for the person who carries it out, and hours."""
    actions = _inside("words")["actions"]
    advised = set(re.findall(r'data-action="([\w-]+)"', _page()))
    assert {own["name"] for own in actions} == advised
    assert all(0 < own["hours"] < 10 for own in actions)


def test_the_groups_of_fields_hold_fields_that_attacks_read() -> None:
    """Every field of a group on the page exists, is read by an attack or a look-up, and is in one group."""
    grouped = [name for own in re.findall(r'data-fields="([^"]*)"', _page()) for name in own.split()]
    read = {own["name"] for own in _inside("words")["fields"] if own["read"]}
    assert set(grouped) <= read
    assert len(grouped) == len(set(grouped)) >= 20


def test_a_wrong_place_is_refused(tmp_path: Path) -> None:
    """Another ending than .html is refused with exit code 2; too many draws are refused by name."""
    refused(say("adviser", "--out", tmp_path / "a.pdf"), "unknown ending")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match=f"at most {MOST_REPLICATES}"):
        adviser(replicates=MOST_REPLICATES + 1)
