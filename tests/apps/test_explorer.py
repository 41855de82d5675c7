"""Laws of Explore: every control gives what `simulate` and `compare` give, and errors are text."""

from __future__ import annotations

import asyncio
import builtins
import dataclasses
import html
import re
import sys
from datetime import date
from typing import Any

import numpy as np
import pytest

import breach_sim as bs
from breach_sim import api, catalog
from breach_sim.analysis import with_ssn_share, with_uplift
from breach_sim.apps.explorer import controls
from breach_sim.apps.explorer.panel import Panel, explore
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import compute
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event

FEW = 40
"""Replicates of these tests: equality is exact at any number."""
STATED = catalog.load_scenario("tmobile-2021-stated")
LOST = {segment.name: frozenset(segment.fields) for segment in STATED.segments}


@pytest.fixture(scope="module")
def panel() -> Panel:
    """A panel of the stated breach."""
    return explore(STATED, replicates=FEW, quick=FEW // 2)


@pytest.fixture(autouse=True)
def as_at_first(panel: Panel) -> Any:
    """Put every control back when a test is over, without asking for an answer."""
    yield
    panel._held = True
    for name, value in panel._first.items():
        panel.controls[name].value = value
    panel._held = False


def same(panel: Panel, scenario: Scenario, graph: Any = None, **more: Any) -> bool:
    """Say whether the panel shows the impact of these inputs, to the last byte."""
    impact = api.simulate(scenario, graph, replicates=FEW, **({"seed": 1} | more))
    return panel.settled and panel.result.impact.input_hash == impact.input_hash and bool(
        np.array_equal(panel.result.impact.losses, impact.losses)
    )  # fmt: skip


def with_segment(name: str, **parts: Any) -> Scenario:
    """Return the stated breach with one segment changed, by hand."""
    return dataclasses.replace(
        STATED,
        segments=tuple(dataclasses.replace(s, **parts) if s.name == name else s for s in STATED.segments),
    )


def test_untouched_panel_is_the_scenario(panel: Panel) -> None:
    """Before anything moves, the inputs hold the very scenario and the result is that of `simulate`."""
    assert panel.inputs.breach() is STATED
    assert panel.inputs == PanelInputs(scenario=STATED)
    assert same(panel, STATED)


@pytest.mark.parametrize("scenario", catalog.scenario_names()[::6])
def test_every_scenario_has_a_panel_that_changes_nothing(scenario: str) -> None:
    """Controls made for a scenario read back as that scenario, whatever its sizes and dates."""
    found = catalog.load_scenario(scenario)
    made = {**controls.sizes(found), **controls.leaks(found), **controls.remedies(())}
    made |= {**controls.dates(found), **controls.evidence(found)}
    assert controls.read(found, made).breach() is found


def test_size_gives_the_segment_that_size(panel: Panel) -> None:
    """A slider for accounts gives what `simulate` gives for a segment of that many accounts."""
    panel.controls["size:applicants"].value = 12.0
    assert same(panel, with_segment("applicants", accounts=12_000_000))
    panel.controls["size:former"].value = 670.0
    assert panel.inputs.sizes == {"applicants": 12_000_000, "former": 670_000}


def test_size_zero_leaves_the_segment_out_with_its_events(panel: Panel) -> None:
    """0 accounts leave a segment out; an event of that segment alone goes with it and does not touch all."""
    panel.controls["size:prepaid"].value = 0.0
    segments = tuple(s for s in STATED.segments if s.name != "prepaid")
    events = tuple(e for e in STATED.events if not e.segments)
    assert len(events) < len(STATED.events)
    assert same(panel, dataclasses.replace(STATED, segments=segments, events=events))


def test_unticked_field_did_not_leak(panel: Panel) -> None:
    """Unticking a field gives what `simulate` gives for a leak without it."""
    panel.controls["leaked:applicants:ssn"].value = False
    names, leak = next(s for s in STATED.segments if s.name == "applicants").leaks
    left = tuple(name for name in leak.fields if name != "ssn")
    changed = with_segment("applicants", leaks=(names, dataclasses.replace(leak, fields=left)))
    got = panel.result.impact
    want = api.simulate(changed, replicates=FEW, seed=1)
    np.testing.assert_array_equal(want.losses, got.losses)
    assert want.loss.mean() < api.simulate(STATED, replicates=FEW, seed=1).loss.mean()


def test_ticked_field_leaks_with_the_widest_block(panel: Panel) -> None:
    """A field ticked for a segment joins its block, and its exposed cells are those of both together."""
    panel.controls["leaked:former:account_pin"].value = True
    got = bs.expose(panel.inputs.breach())
    former = next(s for s in STATED.segments if s.name == "former")
    assert got.holding(mask([*former.fields, "account_pin"])) >= former.accounts
    panel.controls["added:imei_history"].value = True
    fields = {s.name: frozenset(s.fields) for s in panel.inputs.breach().segments}
    assert fields == {
        n: f | {"imei_history"} | ({"account_pin"} if n == "former" else set()) for n, f in LOST.items()
    }


def test_fields_of_partly_leaked_blocks_keep_their_shares() -> None:
    """With two blocks, what is dropped goes from its own block, and what is added joins the wider one."""
    half, whole = (Estimate.fixed(f"c{x}", x, "share") for x in (0.5, 0.9))
    leaks = (bs.Leak(fields=("ssn", "imei"), coverage=half), bs.Leak(fields=("full_name",), coverage=whole))
    scenario = Scenario(name="two", segments=(bs.Segment(name="a", accounts=100, leaks=leaks),))
    wanted = frozenset({"imei", "full_name", "phone_number"})
    (segment,) = PanelInputs(scenario=scenario, leaked={"a": wanted}).breach().segments
    assert [(leak.fields, leak.coverage) for leak in segment.leaks] == [
        (("imei",), half),
        (("full_name", "phone_number"), whole),
    ]
    (empty,) = PanelInputs(scenario=scenario, leaked={"a": frozenset()}).breach().segments
    assert empty.leaks == ()


def test_a_field_in_an_empty_segment_leaks_for_all() -> None:
    """Where nothing leaked, a ticked field leaks for every account of the segment."""
    scenario = Scenario(name="nil", segments=(bs.Segment(name="a", accounts=100, leaks=()),))
    found = PanelInputs(scenario=scenario, leaked={"a": frozenset({"ssn"})}).breach()
    assert bs.expose(found).holding(mask(["ssn"])) == 100


def test_mitigations_give_what_compare_gives(panel: Panel) -> None:
    """Ticked mitigations, with their days, avert what `compare` says they avert, alone and together."""
    panel.controls["use:pin-reset"].value = True
    panel.controls["day:pin-reset"].value = 3
    panel.controls["use:drop-ssn"].value = True
    want = api.compare(STATED, "pin-reset-day-3", "drop-ssn", seed=1, replicates=FEW)
    assert [own.name for own in want.averted] == [own.name for own in panel.result.averted]
    for mine, theirs in zip(panel.result.averted, want.averted, strict=True):
        np.testing.assert_array_equal(theirs.loss, mine.loss)
        np.testing.assert_array_equal(theirs.cost, mine.cost)
    assert panel.result.left() == pytest.approx(want.averted[-1].left[0].mean(), rel=1e-12)
    assert "Averted by all chosen" in panel.outputs["headline"].value


def test_every_mitigation_of_the_catalogue_has_a_box(panel: Panel) -> None:
    """Every mitigation can be ticked, and has a day exactly where the catalogue gives it one."""
    for own in catalog.load_mitigations():
        assert f"use:{own.name}" in panel.controls
        assert (f"day:{own.name}" in panel.controls) == (own.day is not None)


def test_dates_move_events_sale_and_horizon(panel: Panel) -> None:
    """An event's slider, the date of the sale and the horizon give what `simulate` gives for them."""
    panel.controls["event:0"].value = 60
    first, *others = STATED.events
    moved = dataclasses.replace(STATED, events=(dataclasses.replace(first, day=60.0), *others))
    assert same(panel, moved)
    panel.controls["day_zero"].value = date(2020, 1, 31)
    panel.controls["horizon"].value = 2.0
    assert same(panel, dataclasses.replace(moved, day_zero="2020-01-31"), horizon_years=2.0)


def test_release_and_seed(panel: Panel) -> None:
    """A certain way out replaces the scenario's table; another seed gives other draws."""
    panel.controls["release"].value = "posted"
    shares = {n: Estimate.fixed(f"release.{n}", float(n == "posted"), "share") for n in STATED.release}
    assert same(panel, dataclasses.replace(STATED, release=shares))
    panel.controls["seed"].value = 2
    assert same(panel, dataclasses.replace(STATED, release=shares), seed=2)


def test_readings_are_those_of_the_structural_table(panel: Panel) -> None:
    """The world under a reading has the expected loss that `structural` gives for it."""
    impact = api.simulate(STATED, replicates=FEW, seed=1)
    table = api.structural(impact)
    for question, reading in table.index:
        own = compute(PanelInputs(scenario=STATED, **{question: reading}), replicates=FEW).impact
        loss = api.compare(own, "drop-ssn").base.total("loss").mean()
        assert loss == pytest.approx(table.loc[(question, reading), "loss_usd"], rel=1e-9)
    assert set(table.index.get_level_values(0)) == {"ssn", "uplift"}
    panel.controls["ssn"].value, panel.controls["uplift"].value = "seller", "surveyed"
    assert (panel.result.inputs.ssn, panel.result.inputs.uplift) == ("seller", "surveyed")


def test_readings_change_nothing_where_they_do_not_apply() -> None:
    """Without an SSN, or without new-account fraud, a reading gives the very same objects back."""
    none = Scenario(name="nil", segments=(bs.Segment(name="a", accounts=100, leaks=()),))
    graph = api.load_attacks().only(["sim_swap"])
    assert with_ssn_share(none, 0.3) is none
    assert with_uplift(graph, "traced") is graph
    with pytest.raises(ValueError, match="did you mean 'traced'"):
        with_uplift(graph, "trace")


def test_compare_without_pairs_is_the_same_but_for_the_overlap() -> None:
    """Leaving the pairs out changes nothing but the table of overlaps, which is empty."""
    names = ("drop-ssn", "credit-freeze", "pin-reset")
    whole, lean = (api.compare(STATED, *names, replicates=FEW, pairs=pairs) for pairs in (True, False))
    assert whole.worth().equals(lean.worth())
    assert (len(whole.overlap()), len(lean.overlap())) == (3, 0)
    assert '"overlap": []' in lean.to_json()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"sizes": {"applicant": 1}}, "unknown segment 'applicant'.*did you mean 'applicants'"),
        ({"sizes": {"applicants": -1}}, "accounts is -1; it must be a whole number"),
        ({"sizes": {"applicants": 1.5}}, "accounts is 1.5; it must be a whole number"),
        ({"sizes": {"applicants": False}}, "accounts is False"),
        ({"sizes": dict.fromkeys(LOST, 0)}, "nobody is left to ask about"),
        ({"leaked": {"former": frozenset({"snn"})}}, "unknown field 'snn'.*did you mean 'ssn'"),
        ({"days": {7: 1.0}}, "event 7 is moved.*from 0 to 1"),
        ({"days": {0: -1.0}}, "0 or more"),
        ({"day_zero": "31.1.2020"}, "YYYY-MM-DD"),
        ({"ssn": "sellers"}, "did you mean 'seller'"),
        ({"uplift": "survey"}, "did you mean 'surveyed'"),
        ({"release": "post"}, "did you mean 'posted'"),
        ({"mitigations": ("pin-rest",)}, "did you mean 'pin-reset'"),
        ({"mitigations": ("drop-ssn", "drop-ssn")}, "named twice"),
        ({"horizon_years": 0}, "horizon"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_settings_are_refused_in_words(parts: dict[str, Any], message: str) -> None:
    """Inputs that cannot be run are refused with the value and a remedy, before anything is drawn."""
    with pytest.raises(ValueError, match=f"(?s){message}"):
        compute(PanelInputs(scenario=STATED, **parts), replicates=FEW)


def test_errors_stand_in_the_panel_as_text(panel: Panel) -> None:
    """Emptying every segment puts a sentence into the panel, keeps the last result, and raises nothing."""
    before = panel.settle()
    for name in LOST:
        panel.controls[f"size:{name}"].value = 0.0
    assert "nobody is left" in panel.error
    assert 'role="alert"' in panel.outputs["headline"].value
    assert "Traceback" not in panel.outputs["headline"].value
    assert not panel.settled
    assert panel.result.impact.scenario.accounts < before.impact.scenario.accounts  # the last one left
    panel.controls["size:former"].value = 100.0
    assert (panel.error, panel.settled) == ("", True)


def test_several_controls_are_one_move(panel: Panel) -> None:
    """`move` sets controls by name and asks once; an unknown name moves none and names the nearest."""
    panel.move({"seed": 3, "release": "held"})
    assert (panel.result.inputs.seed, panel.result.inputs.release, panel.settled) == (3, "held", True)
    with pytest.raises(ValueError, match="did you mean 'size:former'"):
        panel.move({"seed": 4, "size:forme": 1.0})
    assert panel.controls["seed"].value == 3


def test_labels_are_text_and_never_markup() -> None:
    """A label of a user's scenario is shown as it is written, wherever it stands."""
    label = "<script>alert(1)</script>&"
    segment = bs.Segment(name="a", accounts=100, leaks=(), label=label)
    own = explore(Scenario(name="x", segments=(segment,), label=label, notes=(label,)), replicates=5, quick=5)
    texts = [own._repr_mimebundle_()["text/html"], *(out.value for out in own.outputs.values())]
    texts += [child.value for child in every(own.widget) if type(child).__name__ == "HTML"]
    assert any("&lt;script&gt;" in text for text in texts)
    assert not any("<script" in text for text in texts)


def every(widget: Any) -> list[Any]:
    """Return a widget and all inside it."""
    return [widget, *(one for child in getattr(widget, "children", ()) for one in every(child))]


def test_every_control_is_shown_once_with_a_label(panel: Panel) -> None:
    """Each control is laid out exactly once and says what it is, sliders with their unit."""
    shown = every(panel.widget)
    for name, control in panel.controls.items():
        assert sum(one is control for one in shown) == 1, name
        assert control.description, name
        if type(control).__name__ == "FloatSlider":
            assert re.search(r"\[.+\]", control.description), name


def test_figure_and_table_tell_the_same(panel: Panel) -> None:
    """The drawing has a row for every attack that is open, and so has the table."""
    rows = list(panel.result.funnel())
    drawn, table = panel.outputs["funnel"].value, panel.outputs["numbers"].value
    assert [label for label in rows if html.escape(label) not in drawn] == []
    assert drawn.count("<circle") == 3 * len(rows)
    assert table.count('scope="row"') == len(rows)
    assert re.search(r'aria-label="Funnel by attack, \d+ attacks; most victims by [^"]+"', drawn)


def test_nothing_attackable_is_said_in_words() -> None:
    """A breach that opens no attack is answered by zeros and a sentence in place of the drawing."""
    nothing = Scenario(name="nil", segments=(bs.Segment(name="a", accounts=1, leaks=()),))
    own = explore(nothing, replicates=5, quick=5)
    assert "No attack is open" in own.outputs["funnel"].value
    assert own.result.worst == ("", 0.0)
    assert "people harmed: 0" in repr(own)


def test_moving_says_so_and_settles_aside(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a running loop a move gives a quick look that says so; the settled result follows."""
    monkeypatch.setattr("breach_sim.apps.explorer.panel.PAUSE", 0.0)

    async def moves() -> list[tuple[str, int, bool]]:
        seen = []
        panel.controls["size:applicants"].value = 30.0
        panel.controls["size:applicants"].value = 20.0
        headline = panel.outputs["headline"].value
        seen.append((headline, panel.result.replicates, panel.settled))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if panel.settled:
                break
        return [*seen, (panel.outputs["headline"].value, panel.result.replicates, panel.settled)]

    quick, full = asyncio.run(moves())
    assert (quick[1:], full[1:]) == ((FEW // 2, False), (FEW, True))
    assert f"<b>Quick look</b>: {FEW // 2} replicates while you move" in quick[0]
    assert f"<b>Settled</b>: {FEW} replicates" in full[0]
    assert panel.result.inputs.sizes == {"applicants": 20_000_000}


def test_what_a_page_sends_back_is_no_move(panel: Panel) -> None:
    """A slider that sends 4.999999999999999 for 5 asks for nothing new."""
    before = panel.settle()
    panel.controls["horizon"].value = 5.000000000000001
    panel.controls["size:former"].value = 667.0000000000001
    assert panel.result is before


def test_cell_shows_the_widget_and_a_text_that_never_changes(panel: Panel) -> None:
    """Beside the widget a cell holds the result as text and page: for the same inputs the same."""
    panel.settle()
    again = explore(STATED, replicates=FEW, quick=FEW // 2)._repr_mimebundle_()
    mine = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in mine
    assert {k: v for k, v in mine.items() if "widget" not in k} == {
        k: v for k, v in again.items() if "widget" not in k
    }
    assert mine["text/plain"].startswith(
        "Explore T-Mobile US 2021, as stated by the company\n  accounts: 54,617,000"
    )
    assert "0x" not in mine["text/plain"] + mine["text/html"]


def test_without_ipywidgets_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ipywidgets is missing, `explore` says how to install it; the pure part works without."""
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "ipywidgets", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        explore(STATED, replicates=5)
    assert compute(PanelInputs(scenario=STATED), replicates=5).replicates == 5


@pytest.mark.parametrize("bad", [0, 1.5, True, 10**8])
def test_replicates_are_checked_at_the_door(bad: Any) -> None:
    """Both numbers of replicates are refused out of range."""
    for parts in ({"replicates": bad}, {"quick": bad}):
        with pytest.raises(ValueError, match="replicates is"):
            explore(STATED, **({"replicates": 5} | parts))


def test_sliders_reach_from_nobody_to_three_times() -> None:
    """A slider begins at the stated size, reaches from 0 to at least three times, in at most 600 steps."""
    for accounts in (1, 9, 850, 667_000, 7_800_000, 100_000_000, 10**10):
        unit, step = controls.steps(accounts)
        own = Scenario(name="x", segments=(bs.Segment(name="a", accounts=accounts, leaks=()),))
        slider = controls.sizes(own)["size:a"]
        assert slider.value * unit == accounts
        assert slider.min == 0
        assert slider.max * unit >= 3 * accounts
        assert 3 <= slider.max * unit / step <= 600


def test_an_event_of_all_segments_stays_one_of_all() -> None:
    """An event without segments touches all that are left; one of two loses only the segment left out."""
    two = tuple(bs.Segment(name=n, accounts=10, leaks=()) for n in "ab")
    events = (
        Event(kind="notice", day=1.0),
        Event(kind="reset", day=2.0, fields=("ssn",), segments=("a", "b")),
    )
    scenario = Scenario(name="x", segments=two, events=events)
    found = PanelInputs(scenario=scenario, sizes={"a": 0}).breach().events
    assert [event.segments for event in found] == [(), ("b",)]
