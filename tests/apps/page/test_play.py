"""The game: a month adds what the engine adds in it, and the page keeps to its rules."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command_line import refused, say
from support.page_cases import TEMPLATES, in_node, node

import breach_sim as bs
from breach_sim.apps.page.play import MOST_REPLICATES, TURNS, in_the_letter, letter_day, play, turns
from breach_sim.apps.page.what_if import LARGEST
from breach_sim.apps.page.world import measures_of
from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.law import Law
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.mitigations import together
from breach_sim.inputs.numbers.estimates import Estimate

needs_node = pytest.mark.skipif(node() is None, reason="no Node here; run.py pages plays in a browser")
SHOWN = "tmobile-2021-stated"
REPLICATES = 8
AGREE = 1e-9
LOADED = f"require({json.dumps(str(TEMPLATES / 'play_law.js'))});"


@functools.cache
def _page(name: str = SHOWN) -> str:
    return play(name, replicates=REPLICATES)


def _inside(name: str, page: str | None = None) -> Any:
    text = page or _page()
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


class _Person:
    """The engine's law of one account that lost all that its segment's leaks name."""

    def __init__(self, group: int, held: Mapping[int, int], words: Mapping[str, Any]) -> None:
        self.impact = bs.simulate(SHOWN, replicates=REPLICATES, seed=1)
        own = self.impact.scenario.segments[group]
        leaks = tuple(
            dataclasses.replace(leak, coverage=Estimate.fixed(f"{number}.coverage", 1.0, "share"))
            for number, leak in enumerate(own.leaks)
            if words["groups"][group]["lost"][number]
        )
        segments = list(self.impact.scenario.segments)
        segments[group] = dataclasses.replace(own, leaks=leaks)
        self.group = group
        self.scenario = dataclasses.replace(self.impact.scenario, segments=tuple(segments))
        names = sorted({t for a in self.impact.attacks.attacks for r in a.routes for t in r.traits})
        traits = dict(self.impact.attacks.traits)
        for number, has in held.items():
            name = names[number]
            share = Estimate.fixed(f"own.{name}", float(has), "share")
            traits[name] = dataclasses.replace(traits[name], share=share)
        self.graph = dataclasses.replace(self.impact.attacks, traits=traits)
        shelf = [one.by_one() for one in bs.load_mitigations() if one.hours is not None]
        self.measures = measures_of(self.impact, shelf)
        self.days = words["days"]
        self.cuts = sorted({*self.days, *(own.earliest_day or 0.0 for own in self.measures)} - {0.0})

    def by(self, day: float, done: Mapping[int, int]) -> Array:
        """Chance of being harmed up to a day, with actions from the turns of `done`. Shape (R,)."""
        impact = self.impact
        chosen = []
        for number, turn in done.items():
            own = self.measures[number]
            start = max(self.days[turn], own.earliest_day or 0.0)
            chosen.append(own if own.day is None else own.on_day(start))
        changed = together(chosen, self.scenario, self.graph)
        law = Law(self.scenario, self.graph, impact.law.parameters, day / 365, impact.law.scales)
        return np.asarray(ExpectedHarm(law, impact.factors, self.cuts).harm(*changed).people[self.group])

    def course(self, done: Mapping[int, int], times: Sequence[int]) -> list[Array]:
        """Chances at some times: a month adds what the law adds in it, for what is done by its beginning."""
        found, chance = [], self.by(self.days[0], {})
        for time in range(max(times) + 1):
            if time in times:
                found.append(chance)
            if time < max(times):
                by = {number: turn for number, turn in done.items() if turn <= time}
                chance = chance + self.by(self.days[time + 1], by) - self.by(self.days[time], by)
        return found


def _played(folder: Path, group: int, held: Mapping[int, int], done: Mapping[int, int], times: Any) -> Any:
    script = (
        f"{LOADED} const game = new globalThis.breachSim.Game(data.law, data.words);"
        "const person = { group: data.group, held: new Map(data.held) };"
        "const months = game.course(person, new Map(data.done));"
        "return data.times.map((k) => Array.from(months[k].each));"
    )
    asked = {"group": group, "held": list(held.items()), "done": list(done.items()), "times": list(times)}
    return in_node(script, folder, law=_inside("law"), words=_inside("words"), **asked)


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "held", "done"),
    [
        (0, {0: 1, 1: 1, 3: 1, 4: 1}, {}),
        (0, {0: 1, 1: 1, 3: 1, 4: 1}, {2: 1, 3: 3, 4: 5}),
        (4, {0: 0, 2: 1}, {0: 0, 1: 1, 5: 2}),
    ],
)
def test_a_month_adds_what_the_engine_adds(
    group: int, held: dict[int, int], done: dict[int, int], tmp_path: Path
) -> None:
    """Up to every time, a person's chance on the page equals the engine's, replicate by replicate."""
    words = _inside("words")
    times = range(len(words["days"]))
    own = _Person(group, held, words).course(done, list(times))
    found = _played(tmp_path, group, held, done, times)
    for page, engine in zip(found, own, strict=True):
        assert np.asarray(page) == pytest.approx(engine, rel=AGREE, abs=1e-15)


@needs_node
def test_a_person_at_the_end_has_the_chance_of_the_engine(tmp_path: Path) -> None:
    """Dated actions, each on its own day, give at the horizon the engine's chance with these days."""
    words, done = _inside("words"), {2: 1, 3: 3}
    last = len(words["days"]) - 1
    (found,) = _played(tmp_path, 0, {0: 1}, done, [last])
    own = _Person(0, {0: 1}, words)
    assert np.asarray(found) == pytest.approx(own.by(own.days[-1], done), rel=AGREE)


@needs_node
def test_rules_of_the_game(tmp_path: Path) -> None:
    """Dots never go out, minutes are never below zero, and a code gives back its table."""
    found = in_node(
        LOADED + "const { Game, Table, lit, dealt } = globalThis.breachSim;"
        "const game = new Game(data.law, data.words), table = new Table(data.law, data.words);"
        "const person = { group: 0, held: dealt(7, data.words.traits).held };"
        "const plan = game.schedule([2, 3, 0, 1, 4, 5]);"
        "const dots = lit(game.course(person, plan)), none = lit(game.course(person, new Map()));"
        "const state = { cards: new Set([1, 3]), day: 42, pace: 2 };"
        "const again = table.decoded(table.code(state));"
        "const by = (turn) => new Map([...plan].filter(([, own]) => own <= turn));"
        "return { counts: dots.map((m) => m.count), none: none.map((m) => m.count),"
        " hits: dots.map((m) => m.hits.length), plan: [...plan], costs: game.costs,"
        " left: [...plan].map(([, turn]) => game.inHand(by(turn), turn)),"
        " order: dealt(7, data.words.traits).order, same: dealt(7, data.words.traits).order,"
        " again: [[...again.cards], again.day, again.pace],"
        " wrong: ['', 'x', '1-2', '1-366-2', '1-2-4', 'zzzzzz-2-2', 'v-2-2'].map((t) => table.decoded(t)) };",
        tmp_path,
        law=_inside("law"),
        words=_inside("words"),
    )
    assert found["counts"] == sorted(found["counts"])
    assert all(own <= none for own, none in zip(found["counts"], found["none"], strict=True))
    assert sum(found["hits"]) == found["counts"][-1]
    assert len(found["plan"]) == len(found["costs"])
    assert min(found["left"]) >= 0
    assert sorted(found["order"]) == list(range(1200))
    assert found["order"] == found["same"]
    assert found["again"] == [[1, 3], 42, 2]
    assert found["wrong"] == [None] * 7


@needs_node
@pytest.mark.slow
def test_seats_see_the_whole_breach(tmp_path: Path) -> None:
    """The empty table has the engine's people and loss, and twice the pace is a law with twice the crews."""
    found = in_node(
        f"{LOADED} const table = new globalThis.breachSim.Table(data.law, data.words);"
        "return [1, 2].map((pace) => { const own = table.scores({ cards: new Set(), day: 6, pace });"
        "return [Array.from(own.harmed), Array.from(own.loss)]; });",
        tmp_path,
        law=_inside("law"),
        words=_inside("words"),
    )
    impact = bs.simulate(SHOWN, replicates=REPLICATES, seed=1)
    law, accounts = impact.law, impact.scenario.accounts
    ones = np.ones(REPLICATES)
    initial = [attack for attack in impact.attacks.attacks if attack.kind == "initial"]
    twice = {attack.name: 2 * law.scales.get(attack.name, ones) for attack in initial}
    for page, scales in zip(found, (law.scales, twice), strict=True):
        own = Law(impact.scenario, impact.attacks, law.parameters, law.horizon_years, scales)
        harm = ExpectedHarm(own, impact.factors, (6.0,)).harm(impact.scenario, impact.attacks)
        assert np.asarray(page[0]) == pytest.approx(1e6 * harm.total("people") / accounts, rel=AGREE)
        assert np.asarray(page[1]) == pytest.approx(1e3 * harm.total("loss") / accounts, rel=AGREE)


def test_the_game_fits_and_asks_nobody() -> None:
    """The page is below its limit, its scripts name no store and no request, its policy forbids them."""
    page = play(SHOWN)
    assert len(page.encode()) < LARGEST
    assert re.search("default-src &#(39|x27);none", page)
    scripts = "".join((TEMPLATES / name).read_text() for name in ("play_law.js", "play.js", "seats.js"))
    for word in ("localStorage", "sessionStorage", "indexedDB", "cookie", "fetch(", "XMLHttp", "sendBeacon",
                 "http:", "https:"):  # fmt: skip
        assert word not in scripts


def test_every_action_says_what_to_do() -> None:
    """Each card of the hand has a sentence of advice, and each lever a seat and a bill."""
    words = _inside("words")
    advised = set(re.findall(r'data-action="([\w-]+)"', _page()))
    assert {own["name"] for own in words["actions"]} <= advised
    assert {own["seat"] for own in words["levers"]} == {"firm", "customers", "regulator"}
    assert all(own["cost"] > 0 for own in words["levers"])


def test_a_letter_names_what_most_of_a_group_lost() -> None:
    """A block that few lost is in no letter, and every group has a letter."""
    blocks = [in_the_letter(own) for own in bs.load_scenario("equifax-2017").segments]
    assert all(any(own) for own in blocks)
    assert not all(all(own) for own in blocks)


def test_months_begin_with_the_letter() -> None:
    """The first month starts with the notice and ends with a month after the sale; later ones follow it."""
    scenario = bs.load_scenario(SHOWN)
    days = turns(scenario, 5)
    assert days[0] == letter_day(scenario) == 6
    assert days[1 : TURNS + 1] == pytest.approx([365 / 12 * number for number in range(1, TURNS + 1)])
    assert days[TURNS + 1 :] == [730, 1095, 1460, 1825]


def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    """A wrong ending, too many draws and a horizon that ends early are refused, and nothing is written."""
    refused(say("play", SHOWN, "--out", tmp_path / "a.pdf"), "unknown ending")
    refused(say("play", SHOWN, "--years", 0.5, "--out", tmp_path / "a.html"), "take more years")
    refused(
        say("play", SHOWN, "--replicates", MOST_REPLICATES + 1, "--out", tmp_path / "a.html"),
        f"at most {MOST_REPLICATES}",
    )
    assert not list(tmp_path.iterdir())
