"""Laws of how public objects show themselves: a short repr of their own, and escaped HTML in a notebook."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

import breach_sim as bs
from breach_sim import api, catalog
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event
from breach_sim.results.impact import Impact

SCRIPT = "<script>alert(1)</script>"
LONGEST_INPUT = 200
LONGEST_RESULT = 1_500
PLAIN = {"CatalogError", "CompletedSet", "FieldSet", "FieldUse", "Requirements"}
"""An error, and dictionaries: Python shows them well."""


@lru_cache(maxsize=1)
def hostile() -> Scenario:
    """Return a scenario whose every free text is markup."""
    plain = catalog.load_scenario("stated")
    segments = tuple(dataclasses.replace(part, label=f"{SCRIPT}{part.name}") for part in plain.segments)
    event = Event(kind="notice", day=3.0, label=SCRIPT)
    return dataclasses.replace(
        plain, label=SCRIPT, segments=segments, events=(*plain.events, event), notes=(SCRIPT,)
    )


@lru_cache(maxsize=1)
def impact() -> Impact:
    """Return a small impact of the scenario."""
    return api.simulate(hostile(), replicates=20)


@lru_cache(maxsize=1)
def yardsticks() -> Any:
    """Return the other scores of the scenario, with two peers."""
    return api.yardsticks(hostile(), peers=["stated", "claimed"], replicates=20)


def imported() -> Any:
    """Return the import of one breach, whose name and unknown word are markup."""
    return api.from_hibp({"Name": SCRIPT, "PwnCount": 1_000, "DataClasses": ["Email addresses", SCRIPT]})


def layers() -> Any:
    """Return a program of one layer, whose name is markup."""
    return bs.Program(layers=(bs.Layer(name=SCRIPT, retention=1e6, limit=1e8),))


RESULTS: dict[str, Callable[[], Any]] = {
    "Impact": impact,
    "Comparison": lambda: api.compare(impact(), "drop-ssn", "notice"),
    "Bundle": lambda: api.best_bundle(impact(), ["drop-ssn", "notice"], 1e9),
    "FirmAnswer": lambda: bs.cost_to_firm(impact(), appetite={0.05: 1e8}, revenue=1e9),
    "Insured": lambda: bs.insured(impact(), layers()),
    "Person": lambda: api.follow(hostile(), 5, impact=impact()),
    "Node": lambda: api.explain(impact(), "attacks.sim_swap.victims.mean"),
    "Exposure": lambda: bs.expose(hostile()),
    "Population": lambda: api.subscribers(hostile()),
    "Yardsticks": yardsticks,
    "EnisaScore": lambda: yardsticks().enisa,
    "Fair": lambda: yardsticks().fair,
    "Tiers": lambda: yardsticks().tiers,
    "Severity": lambda: api.enisa_severity(3, 0.75),
    "Scoreboard": lambda: bs.backtest([]),
    "Import": imported,
}
"""What the verbs return, by class."""
INPUTS: dict[str, Callable[[], Any]] = {
    "Scenario": hostile,
    "AttackGraph": api.load_attacks,
    "FirmCosts": api.load_firm,
    "Lookups": api.load_look_ups,
    "Lookup": lambda: api.load_look_ups()["ssn"],
    "Mitigation": lambda: api.load_mitigation("credit-freeze"),
    "Layer": lambda: layers().layers[0],
    "Program": layers,
    "Segment": lambda: hostile().segments[0],
    "Event": lambda: hostile().events[-1],
    "Estimate": lambda: api.load_attacks().attacks[0].routes[0].success,
}
"""What the verbs take, by class; ``tests/inputs/test_display.py`` has the rest of the inputs."""
NOUNS = RESULTS | INPUTS


def public_classes() -> dict[str, type]:
    """Return the classes among the public names."""
    named = {name: getattr(bs, name) for name in bs.__all__}
    return {name: kind for name, kind in named.items() if inspect.isclass(kind)}


@pytest.mark.parametrize("name", sorted(set(public_classes()) - PLAIN))
def test_every_public_class_shows_itself(name: str) -> None:
    """No public class leaves its repr to dataclasses or object, or a notebook cell without HTML."""
    kind = public_classes()[name]
    assert callable(kind._repr_html_)  # type: ignore[attr-defined]
    if name != "Severity":  # two values: the repr of a named tuple is the shortest
        assert not hasattr(kind.__repr__, "__wrapped__"), "made by dataclass"
        assert kind.__repr__ is not object.__repr__


@pytest.mark.parametrize("name", NOUNS)
def test_a_repr_is_short(name: str) -> None:
    """A repr names the object: at most 1,500 characters for a result, 200 for an input."""
    noun = NOUNS[name]()
    assert type(noun).__name__ == name
    assert 0 < len(repr(noun)) <= (LONGEST_RESULT if name in RESULTS else LONGEST_INPUT)


@pytest.mark.parametrize("name", NOUNS)
def test_html_is_escaped(name: str) -> None:
    """Whatever a scenario or a file holds, no markup of it reaches a notebook."""
    page = NOUNS[name]()._repr_html_()
    assert page.startswith("<")
    assert "<script" not in page


@pytest.mark.parametrize("name", ["Scenario", "Segment", "Event", "Impact", "Person", "Exposure", "Import"])
def test_markup_is_shown_as_text(name: str) -> None:
    """Objects that show free texts show them: escaped, not dropped."""
    assert "&lt;script&gt;" in NOUNS[name]()._repr_html_()
