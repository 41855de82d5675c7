"""Laws of how the inputs show themselves: one short line as repr, escaped HTML in a notebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import pytest

from breach_sim import catalog
from breach_sim.formatting.display import LONGEST, Displayable
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Event, Leak

KINDS = (
    "Anchor", "Attack", "AttackGraph", "Clock", "Cost", "Dossier", "Drivers", "Drop", "Duty", "Estimate",
    "Event", "FirmCosts", "Leak", "Lookup", "Lookups", "Mitigation", "Onset", "PaymentRows", "Protect",
    "Published", "PublishedAmount",
    "Regime", "Release", "Reset", "Route", "Scenario", "Segment", "Source", "Trait", "Withheld", "Withhold",
)  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
TEXTS = ("label", "title", "note", "notes", "description", "value", "for_low")


def parts(value: Any) -> Iterator[Displayable]:
    """Yield an object, and all that it is made of."""
    if isinstance(value, Displayable):
        yield value
        for part in dataclasses.fields(value):  # type: ignore[arg-type]
            yield from parts(getattr(value, part.name))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from parts(part)


@lru_cache(maxsize=1)
def cataloged() -> dict[str, list[Displayable]]:
    """Return every object of the catalog by the name of its class."""
    scenarios = tuple(catalog.load_scenario(name) for name in catalog.scenario_names())
    mitigations = catalog.load_mitigations()
    rates = (catalog.load_attacks(), catalog.load_firm(), catalog.load_look_ups())
    whole = (*rates, scenarios, mitigations, catalog.load_amounts())
    objects: dict[str, list[Displayable]] = {}
    for part in parts((*whole, tuple(catalog.load_sources().values()))):
        objects.setdefault(type(part).__name__, []).append(part)
    return objects


@pytest.mark.parametrize("kind", KINDS)
def test_a_repr_is_one_short_line(kind: str) -> None:
    """No repr of an object of the catalog is longer than a line, or leaves out what the object is."""
    for noun in cataloged()[kind]:
        text = repr(noun)
        assert text.startswith(f"<{kind} ")
        assert text.endswith(">")
        assert len(f"<{kind} >") < len(text) <= LONGEST < 200
        assert len(text.splitlines()) == 1


def test_every_kind_of_the_catalog_shows_itself() -> None:
    """The kinds listed here are all that the catalog is made of."""
    assert set(KINDS) == set(cataloged())


@pytest.mark.parametrize("kind", KINDS)
def test_html_has_a_table_and_escapes(kind: str) -> None:
    """Every text that an object shows in a notebook is escaped, whoever wrote it."""
    noun: Any = cataloged()[kind][0]
    known = {part.name: part for part in dataclasses.fields(noun)}
    texts = {name: SCRIPT for name in TEXTS if name in known and isinstance(getattr(noun, name), str)}
    hostile = dataclasses.replace(noun, **texts)
    page = hostile._repr_html_()
    assert page.startswith("<table")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= len(texts)


def test_html_of_a_scenario_shows_segments_events_and_notes() -> None:
    """The page of a scenario holds every segment, event and note, each escaped."""
    plain = catalog.load_scenario("tmobile-2021-stated")
    segments = tuple(dataclasses.replace(part, label=f"{SCRIPT}{part.name}") for part in plain.segments)
    events = (*plain.events, Event(kind="notice", day=3.0, label=SCRIPT))
    page = dataclasses.replace(plain, segments=segments, events=events, notes=(SCRIPT,))._repr_html_()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == len(segments) + 1
    assert f"{plain.accounts:,}" in page
    for segment in segments:
        assert f"{segment.accounts:,}" in page
    assert plain.date_of(3.0) in page
    assert all(name in page for segment in plain.segments for name in segment.fields)


def test_html_of_a_graph_has_one_row_an_attack() -> None:
    """The page of a graph has a row for each attack, with label, routes in words and grants."""
    graph = catalog.load_attacks()
    first = dataclasses.replace(graph.attacks[0], label=SCRIPT)
    page = dataclasses.replace(graph, attacks=(first, *graph.attacks[1:]))._repr_html_()
    body = page.partition("<tbody>")[2]
    assert body.count("<tr>") == len(graph)
    assert "<script" not in page
    assert "phone_number and account_pin" in body
    assert all(name in body for attack in graph.attacks for name in attack.grants)


def test_a_repr_with_line_breaks_and_endless_text_is_cut() -> None:
    """Text from a file, however long and however broken, gives a repr of one line."""
    share = Estimate.fixed("a\nb" * 1000, 0.5, "share")
    text = repr(Leak(fields=("ssn",), coverage=share))
    assert text == "<Leak ssn; coverage 0.5 share (fixed, user)>"
    assert len(repr(share)) == LONGEST
    assert "\n" not in repr(share)
    assert repr(share).endswith("...>")


def test_a_card_of_an_estimate_shows_what_its_numbers_imply() -> None:
    """The card of an estimate holds its numbers, sources and implied quantiles."""
    swap = catalog.load_attacks()["sim_swap"].routes[0].success
    page = swap._repr_html_()
    assert f"p50 {swap.implied()['p50']:.3g}" in page
    assert all(source in page for source in swap.sources)
    assert swap.status in page
