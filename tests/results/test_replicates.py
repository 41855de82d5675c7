"""Laws of the split: tables are functions of frozen arrays alone, and an impact is a face over them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import worlds

import breach_sim as bs
from breach_sim.engine.severity import mean_loss
from breach_sim.inputs.segment import Segment
from breach_sim.results import expectations
from breach_sim.results.data import document, loss_tables, samples, stix, tidy
from breach_sim.results.data.face import AsData
from breach_sim.results.impact import Impact
from breach_sim.results.replicates import Replicates
from breach_sim.results.simulation import simulate
from breach_sim.results.tables import by_month, by_part, funnel, money, observed, sources, uncertainty

R = 150
COMPLAINTS = {"complaints": 400.0, "loss_usd": 5e6}
TABLES: dict[str, tuple[Callable[[Replicates], Any], Callable[[Impact], Any]]] = {
    "funnel": (funnel.by_attack, Impact.funnel),
    "numbers": (lambda run: funnel.by_attack(run, numbers=True), lambda i: i.funnel(numbers=True)),
    "quantiles": (funnel.quantiles, Impact.quantiles),
    "by_segment": (funnel.by_segment, Impact.by_segment),
    "parts": (by_part.parts, Impact.parts),
    "lorenz": (funnel.lorenz, Impact.lorenz),
    "capacity": (funnel.capacity, Impact.capacity),
    "bearers": (money.bearers, Impact.bearers),
    "loss_by_bearer": (money.loss_by_bearer, Impact.loss_by_bearer),
    "firm_lines": (money.firm_lines, lambda i: i.firm_lines),
    "firm_cost": (lambda run: money.firm_cost(money.firm_lines(run)), lambda i: i.firm_cost),
    "notified": (lambda run: money.notified(run.scenario), Impact.notified),
    "ledgers": (money.ledgers, Impact.ledgers),
    "hours": (money.hours, Impact.hours),
    "exceedance": (uncertainty.exceedance, Impact.exceedance),
    "appetite": (
        lambda run: uncertainty.appetite(run, {0.05: 1e9}),
        lambda i: i.appetite({0.05: 1e9}),
    ),
    "firm_exceedance": (money.firm_exceedance, Impact.firm_exceedance),
    "error_budget": (uncertainty.error_budget, Impact.error_budget),
    "expected_loss": (lambda run: run.loss_moments[0], Impact.expected_loss),
    "expected": (lambda run: expectations.expected(run, "people"), lambda i: i.expected("people")),
    "convergence": (uncertainty.convergence, Impact.convergence),
    "timeline": (by_month.timeline, Impact.timeline),
    "dated_events": (
        lambda run: by_month.dated_events(run.scenario, run.attacks),
        Impact.dated_events,
    ),
    "excess": (observed.excess, Impact.excess),
    "reported": (
        lambda run: observed.reported(run, "sim_swap", **COMPLAINTS),
        lambda i: i.reported("sim_swap", **COMPLAINTS),
    ),
    "parameters": (sources.estimates, Impact.parameters),
    "sources": (sources.by_status, Impact.sources),
    "to_json": (document.to_json, Impact.to_json),
    "tidy": (tidy.tidy, Impact.tidy),
    "samples": (samples.samples, Impact.samples),
    "to_stix": (stix.to_stix, Impact.to_stix),
    "event_losses": (loss_tables.event_losses, Impact.event_losses),
    "period_losses": (loss_tables.period_losses, Impact.period_losses),
    "loss_summaries": (loss_tables.summaries, Impact.loss_summaries),
    "input_hash": (document.input_hash, lambda i: i.input_hash),
}
NO_TABLE = {"people", "loss", "exposed", "per_attack", "loss_moments", "notes", "scramble"}
NO_TABLE |= {"bound_by_capacity", "closed_for_one_field", "split", "searches", "zeros", "at_capacity"}
NO_TABLE |= {"hard_means", "kept"}
NO_TABLE |= {"sampling", "posterior", "segments", "by_segment_drawn", "losses"}
NO_TABLE |= {f"{word}_counts" for word in ("exposed", "people", "attackable", "attempted", "victim")}
"""Public names that a face has from its arrays."""


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Return an impact with rates of the firm, anchors, capacities and regimes."""
    return bs.simulate("tmobile-2021-stated", replicates=R, seed=3)


@pytest.fixture(scope="module")
def arrays(impact: Impact) -> Replicates:
    """Return the arrays of the impact and nothing else."""
    parts = {part.name: getattr(impact, part.name) for part in dataclasses.fields(Replicates)}
    return Replicates(**parts)


def same(one: Any, other: Any) -> bool:
    """Return whether two results are the same to the last bit, notes and index included."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        return bool(one.attrs == other.attrs)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return bool(one == other)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_a_function_of_the_arrays_alone(name: str, impact: Impact, arrays: Replicates) -> None:
    """The pure function over a copy of the arrays equals the method of the impact, to the last bit."""
    function, method = TABLES[name]
    assert same(function(arrays), method(impact))


def test_every_method_of_an_impact_has_its_function() -> None:
    """No public name of an impact, its arrays apart, is missing among the tables compared above."""
    own = {name for name in {**vars(AsData), **vars(Impact)} if not name.startswith("_")}
    assert own == {name for name in TABLES if name != "numbers"}
    fields = {part.name for part in dataclasses.fields(Replicates)}
    assert {name for name in vars(Replicates) if not name.startswith("_")} - fields == NO_TABLE


def test_an_impact_adds_no_array() -> None:
    """The face has the fields of the arrays and no other."""
    assert dataclasses.fields(Impact) == dataclasses.fields(Replicates)


def arrays_of(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays in a value, inside tuples and mappings too."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from arrays_of(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from arrays_of(part)


def test_arrays_behind_the_tables_are_read_only(impact: Impact) -> None:
    """Counts, losses, factors, moments and the firm's lines cannot be written by a caller."""
    names = [part.name for part in dataclasses.fields(Replicates) if part.name != "fixed_from_baseline"]
    found = [
        array
        for name in (*names, "people", "loss", "loss_moments", "firm_lines")
        for array in arrays_of(getattr(impact, name))
    ]
    assert len(found) > 15
    assert not any(array.flags.writeable for array in found)


def test_the_mean_loss_of_a_victim_is_severity_times_factor() -> None:
    """A follow-on with an anchor factor has its severity scaled by it, another attack has its severity."""
    what, graph, years = worlds.full_world()
    run = simulate(what, graph, replicates=40, seed=2, horizon_years=years)
    draw = run.law.parameters
    assert 0 < len(run.factors) < len(graph.names)
    for attack in graph.attacks:
        severity, found = draw(attack.severity), mean_loss(draw, graph, attack, run.factors)
        expected = severity * run.factors[attack.name] if attack.name in run.factors else severity
        np.testing.assert_array_equal(np.broadcast_to(found, 40), np.broadcast_to(expected, 40))
        half = mean_loss(draw, graph, attack, run.factors, chance=0.5)
        np.testing.assert_allclose(half, 0.5 * expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("kinds", "leaks", "expected"),
    [
        (("customer", "former"), (True, True), (30, 10)),
        (("customer", "former"), (False, True), (20, 0)),
        (("postpaid", "prepaid"), (True, False), (10, 10)),
        (("former", "former"), (False, False), (0, 0)),
    ],
)
def test_people_notified_are_those_of_whom_anything_leaked(
    kinds: tuple[str, str], leaks: tuple[bool, bool], expected: tuple[int, int]
) -> None:
    """Segments without a leak are not notified; customers are those of a kind that is a customer now."""
    segments: list[Segment] = [
        dataclasses.replace(worlds.segment(name, accounts, [("ssn", 1.0)] if leaked else []), kind=kind)
        for name, accounts, kind, leaked in zip("ab", (10, 20), kinds, leaks, strict=True)
    ]
    assert expected == money.notified(worlds.scenario(segments))


def test_an_impact_shows_itself_as_a_card(impact: Impact) -> None:
    """The card has what the text has: title, accounts, people, loss, horizon, replicates, seed and notes."""
    shown, text = impact._repr_html_(), repr(impact)
    assert shown == impact._repr_html_()
    cells = [line.strip().removeprefix("rests on ") for line in text.splitlines()]
    assert f'<caption style="text-align:left">Impact of {impact.scenario.title}</caption>' in shown
    for part in ("5 years, 150 replicates, seed 3, calibrated", cells[4], f"{impact.scenario.accounts:,}"):
        assert f">{part}</td>" in shown
        assert part in text
    for line, label in ((1, "people harmed"), (2, "loss [USD]")):
        assert f">{cells[line].removeprefix(label).strip()}</td>" in shown
    assert shown.count("breach-sim-note") == len(impact.notes) > 0


def test_a_card_is_escaped() -> None:
    """Markup in a title or a note stands as text."""
    what = dataclasses.replace(bs.load_scenario("tmobile-2021-stated"), label="<b>x</b>", notes=("<script>",))
    shown = simulate(what, bs.load_attacks(), replicates=2, seed=1)._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown
    assert "<script>" not in shown
