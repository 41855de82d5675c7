"""Laws of Explore: every control gives what `simulate` and `compare` give, and errors are text."""

from __future__ import annotations

import asyncio
import dataclasses
import html
import re
import sys
from typing import Any

import numpy as np
import pytest

import breach_sim as bs
from breach_sim import api, catalog
from breach_sim.analysis import with_ssn_share, with_uplift
from breach_sim.apps.explorer import controls, readings, view
from breach_sim.apps.explorer import panel as panel_module
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
    if panel.values:
        panel.reset()


def same(panel: Panel, scenario: Scenario, graph: Any = None, **more: Any) -> bool:
    """Say whether the panel shows the impact of these inputs, to the last byte."""
    impact = api.simulate(scenario, graph, replicates=FEW, **({"seed": 1} | more))
    return panel.result.impact.input_hash == impact.input_hash and bool(
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
    made = controls.by_name(controls.sections(found, catalog.load_mitigations()))
    for values in ({}, controls.first_values(made)):
        reading = readings.read(found, made, values)
        assert reading.inputs.breach() is found
        assert not reading.problems


def test_size_gives_the_segment_that_size(panel: Panel) -> None:
    """A slider for accounts gives what `simulate` gives for a segment of that many accounts."""
    panel.move({"size:applicants": 12.0})
    assert same(panel, with_segment("applicants", accounts=12_000_000))
    panel.move({"size:former": 670.0})
    assert panel.inputs.sizes == {"applicants": 12_000_000, "former": 670_000}


def test_size_zero_leaves_the_segment_out_with_its_events(panel: Panel) -> None:
    """0 accounts leave a segment out; an event of that segment alone goes with it and does not touch all."""
    panel.move({"size:prepaid": 0.0})
    segments = tuple(s for s in STATED.segments if s.name != "prepaid")
    events = tuple(e for e in STATED.events if not e.segments)
    assert len(events) < len(STATED.events)
    assert same(panel, dataclasses.replace(STATED, segments=segments, events=events))


def test_unticked_field_did_not_leak(panel: Panel) -> None:
    """Unticking a field gives what `simulate` gives for a leak without it."""
    panel.move({"leaked:applicants:ssn": False})
    names, leak = next(s for s in STATED.segments if s.name == "applicants").leaks
    left = tuple(name for name in leak.fields if name != "ssn")
    changed = with_segment("applicants", leaks=(names, dataclasses.replace(leak, fields=left)))
    got = panel.result.impact
    want = api.simulate(changed, replicates=FEW, seed=1)
    np.testing.assert_array_equal(want.losses, got.losses)
    assert want.loss.mean() < api.simulate(STATED, replicates=FEW, seed=1).loss.mean()


def test_ticked_field_leaks_with_the_widest_block(panel: Panel) -> None:
    """A field ticked for a segment joins its block, and its exposed cells are those of both together."""
    panel.move({"leaked:former:account_pin": True})
    got = bs.expose(panel.inputs.breach())
    former = next(s for s in STATED.segments if s.name == "former")
    assert got.holding(mask([*former.fields, "account_pin"])) >= former.accounts
    panel.move({"added:imei_history": True})
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
    panel.move({"use:pin-reset": True})
    panel.move({"day:pin-reset": 3})
    panel.move({"use:drop-ssn": True})
    want = api.compare(STATED, "pin-reset-day-3", "drop-ssn", seed=1, replicates=FEW)
    assert [own.name for own in want.averted] == [own.name for own in panel.result.averted]
    for mine, theirs in zip(panel.result.averted, want.averted, strict=True):
        np.testing.assert_array_equal(theirs.loss, mine.loss)
        np.testing.assert_array_equal(theirs.cost, mine.cost)
    assert panel.result.left() == pytest.approx(want.averted[-1].left[0].mean(), rel=1e-12)
    assert "Averted by all chosen" in panel.widget.opening["strip"]


def test_every_mitigation_of_the_catalog_has_a_box(panel: Panel) -> None:
    """Every mitigation can be ticked, and has a day exactly where the catalog gives it one."""
    for own in catalog.load_mitigations():
        assert f"use:{own.name}" in panel.explorer.controls
        assert (f"day:{own.name}" in panel.explorer.controls) == (own.day is not None)


def test_dates_move_events_sale_and_horizon(panel: Panel) -> None:
    """An event's slider, the date of the sale and the horizon give what `simulate` gives for them."""
    panel.move({"event:0": 60})
    first, *others = STATED.events
    moved = dataclasses.replace(STATED, events=(dataclasses.replace(first, day=60.0), *others))
    assert same(panel, moved)
    panel.move({"day_zero": "2020-01-31"})
    panel.move({"horizon": 2.0})
    assert same(panel, dataclasses.replace(moved, day_zero="2020-01-31"), horizon_years=2.0)


def test_release_and_seed(panel: Panel) -> None:
    """A certain way out replaces the scenario's table; another seed gives other draws."""
    panel.move({"release": "posted"})
    shares = {n: Estimate.fixed(f"release.{n}", float(n == "posted"), "share") for n in STATED.release}
    assert same(panel, dataclasses.replace(STATED, release=shares))
    panel.move({"seed": 2})
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
    panel.move({"ssn": "seller", "uplift": "surveyed"})
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
    """Emptying every segment puts a sentence into the panel and its text; only code gets an error."""
    panel.move({f"size:{name}": 0.0 for name in LOST})
    assert "nobody is left" in panel.widget.opening["error"]
    assert "strip" not in panel.widget.opening
    assert "this cannot be answered" in repr(panel)
    assert "nobody is left" in panel._repr_mimebundle_()["text/html"]
    with pytest.raises(ValueError, match="nobody is left"):
        panel.result.lines()
    panel.move({"size:former": 100.0})
    assert panel.widget.opening["error"] == ""
    assert panel.result.impact.scenario.accounts == 100_000


def test_several_controls_are_one_move(panel: Panel) -> None:
    """`move` sets controls by name and asks once; an unknown name moves none and names the nearest."""
    panel.move({"seed": 3, "release": "held"})
    assert (panel.result.inputs.seed, panel.result.inputs.release) == (3, "held")
    with pytest.raises(ValueError, match="did you mean 'size:former'"):
        panel.move({"seed": 4, "size:forme": 1.0})
    assert panel.values == {"seed": 3, "release": "held"}
    panel.reset()
    assert panel.inputs == PanelInputs(scenario=STATED)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("day:pin-reset", -5, "from day is -5, outside of its range; give a number from 0 to 3,650"),
        ("day:pin-reset", "99999", "from day is 99,999, outside"),
        ("day:pin-reset", "banana", "from day is 'banana', which is no number"),
        ("day:pin-reset", "", "from day is empty"),
        ("day:pin-reset", float("nan"), "which is no number"),
        ("horizon", True, "which is no number"),
        ("size:former", 2010.1, r"size is 2,010.1, outside.*from 0 to 2,010 \[thousand accounts\]"),
        ("seed", 1.5, "give a whole number"),
        ("horizon", 0, "years that are counted is 0, outside"),
        ("day_zero", "1900-01-01", "date of the sale is 1900-01-01, outside.*2000-01-01 to 2040-12-31"),
        ("day_zero", "2090-01-01", "outside of its range"),
        ("day_zero", "", "date of the sale is empty.*the scenario says 2021-08-11"),
        ("day_zero", "31.1.2020", "which is no date"),
        ("release", "post", "did you mean 'posted'"),
        ("leaked:former:ssn", "yes", "must be true or false"),
    ],
)
def test_values_out_of_range_are_said_and_moved_nowhere(
    panel: Panel, name: str, value: Any, message: str
) -> None:
    """A value that a control does not take is refused beside it, in words, and nothing is answered for it."""
    panel.move({name: value})
    opening = panel.widget.opening
    assert re.search(message, opening["problems"][name])
    assert opening["problems"][name].rstrip(".") in opening["error"]
    assert panel.inputs == PanelInputs(scenario=STATED)


def test_typed_numbers_are_read_as_people_write_them(panel: Panel) -> None:
    """Blanks around a number and commas between thousands are read; other commas are not."""
    control = panel.explorer.controls["size:former"]
    assert [readings.taken(control, text) for text in (" 1,200 ", "1200.0", ".5")] == [1200.0, 1200.0, 0.5]
    with pytest.raises(ValueError, match="no number"):
        readings.taken(control, "1,20")


def test_labels_are_text_and_never_markup() -> None:
    """A label of a user's scenario is shown as it is written; a page gets it as data and makes text of it."""
    label = "<script>alert(1)</script>&"
    segment = bs.Segment(name="a", accounts=100, leaks=(), label=label)
    own = explore(Scenario(name="x", segments=(segment,), label=label, notes=(label,)), replicates=5, quick=5)
    opening = own.widget.opening
    texts = [own._repr_mimebundle_()["text/html"]]
    texts += [opening[part] for part in ("strip", "figure", "numbers", "mitigations", "cautions")]
    assert any("&lt;script&gt;" in text for text in texts)
    assert not any("<script" in text for text in texts)
    assert opening["panel"]["title"] == label


def test_every_control_has_a_label_and_sliders_have_a_unit(panel: Panel) -> None:
    """Each control stands in a group with a legend, says what it is, and numbers have a range and a unit."""
    groups = [group for section in panel.explorer.sections for group in section.groups]
    assert all(group.legend and group.controls for group in groups)
    assert sum(len(group.controls) for group in groups) == len(panel.explorer.controls)
    for name, control in panel.explorer.controls.items():
        assert control.label, name
        assert "_" not in control.label + control.hint, name
        if control.kind in {"range", "number"}:
            assert control.unit, name
            assert float(control.low) <= float(control.value) <= float(control.high), name


def test_figure_and_table_show_the_same(panel: Panel) -> None:
    """The drawings have a row for every attack that is open, the most victims first, and so has the table."""
    opening = panel.widget.opening
    rows = [row.label for row in panel.result.rows]
    victims = [row.victims[1] for row in panel.result.rows]
    assert victims == sorted(victims, reverse=True)
    drawn, table = opening["figure"], opening["numbers"]
    assert drawn.count("<svg") == 3
    for svg in drawn.split("<svg")[1:]:
        places = [svg.index(f">{html.escape(label)}<") for label in rows]
        assert places == sorted(places)
        assert svg.count('r="4.5"') == 1 + len(rows)  # the key has one
    assert table.count('scope="row"') == len(rows)
    assert re.search(
        r'aria-label="Of [^"]+ accounts about [^"]+ Funnel of \d+ attacks. The largest: [^"]+"', drawn
    )


def test_strip_says_what_was_at_first(panel: Panel) -> None:
    """Once something is moved, people and loss stand beside what they were, drawn from as many replicates."""
    first = panel.widget.opening["strip"]
    assert "at first" not in first
    panel.move({"size:applicants": 0.0})
    boxes = view.boxes(panel.result, panel.explorer.start(FEW))
    people = api.simulate(STATED, replicates=FEW, seed=1).people
    ratio = float(np.median(panel.result.impact.people)) / float(np.median(people))
    assert boxes[0]["against"].endswith(view.change(ratio, 1.0))
    assert "at first" in panel.widget.opening["strip"]


def test_nothing_attackable_is_said_in_words() -> None:
    """A breach that opens no attack is answered by zeros and a sentence in place of the drawing."""
    nothing = Scenario(name="nil", segments=(bs.Segment(name="a", accounts=1, leaks=()),))
    own = explore(nothing, replicates=5, quick=5)
    assert "No attack is open" in own.widget.opening["figure"]
    assert own.result.worst == ("", 0.0)
    assert "people harmed: 0" in repr(own)


class Ear:
    """Takes the place of a widget's line to the browser: remembers what is sent."""

    def __init__(self, panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.panel = panel
        self.replies: list[dict[str, Any]] = []
        monkeypatch.setattr(panel.widget, "send", lambda reply, **_: self.replies.append(reply))

    def ask(self, **request: Any) -> None:
        """Send a request as a view does."""
        self.panel._heard(self.panel.widget, request, [])


def test_a_view_gets_a_quick_look_at_once_and_the_settled_answer_aside(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a running loop a move is answered before control returns; a settled answer follows by its number."""
    ear = Ear(panel, monkeypatch)

    async def moves() -> None:
        ear.ask(number=1, values={"size:applicants": 20.0}, settled=False)
        ear.ask(number=2, values={"size:applicants": 20.0}, settled=True)
        assert [reply["number"] for reply in ear.replies] == [1]
        await asyncio.gather(*panel._tasks)

    asyncio.run(asyncio.wait_for(moves(), 20))
    quick, full = ear.replies
    assert f"<b>Quick look</b>: {FEW // 2} replicates" in quick["strip"]
    assert f"<b>Settled</b>: {FEW} replicates" in full["strip"]
    assert (quick["cautions"], quick["spoken"]) == (None, "")
    assert full["spoken"].startswith("Settled. People harmed")
    assert panel.inputs.sizes == {"applicants": 20_000_000}
    assert panel.result.replicates == FEW


def test_a_view_may_show_another_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that chooses another breach gets its controls, and the panel is about that one from then on."""
    panel = explore(STATED, replicates=5, quick=5)
    ear = Ear(panel, monkeypatch)
    ear.ask(number=1, scenario="equifax-2017", open=True)
    assert ear.replies[0]["panel"]["title"] == "Equifax 2017"
    assert panel.scenario.name == "equifax-2017"
    ear.ask(number=2, scenario="equifox", open=True)
    assert "did you mean 'equifax-2017'" in ear.replies[1]["error"]
    assert panel.scenario.name == "equifax-2017"


def test_what_a_page_sends_back_is_no_move(panel: Panel) -> None:
    """A slider that sends 4.999999999999999 for 5 asks for nothing new."""
    panel.move({"horizon": 5.000000000000001, "size:former": 667.0000000000001})
    assert panel.inputs == PanelInputs(scenario=STATED)


def test_cell_shows_the_widget_and_a_text_that_never_changes(panel: Panel) -> None:
    """Beside the widget a cell holds the result as text and page: for the same inputs the same."""
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


def test_the_state_of_a_link_can_be_opened_from_code() -> None:
    """`explore` takes the state that a panel copies; what it cannot mean is refused with the nearest name."""
    panel = explore("?scenario=equifax-2017&off=ssn&years=2", replicates=5, quick=5)
    assert (panel.scenario.name, panel.inputs.horizon_years) == ("equifax-2017", 2.0)
    assert not any("ssn" in segment.fields for segment in panel.inputs.breach().segments)
    with pytest.raises(ValueError, match="did you mean 'ssn'"):
        explore("?scenario=equifax-2017&off=snn", replicates=5)


def test_without_anywidget_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where anywidget is missing, `explore` says how to install it; the pure part works without."""
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.setattr(
        "breach_sim.apps.explorer.panel._widget_class", panel_module._widget_class.__wrapped__
    )
    with pytest.raises(ImportError, match=r"pip install 'breach-sim\[explore\]'"):
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
        slider = controls.by_name(controls.sections(own, ()))["size:a"]
        assert float(slider.value) * unit == accounts
        assert slider.low == 0
        assert float(slider.high) * unit >= 3 * accounts
        assert 3 <= float(slider.high) * unit / step <= 600


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
