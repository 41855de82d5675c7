"""Laws of drafts of forms: numbers that explain finds, questions for blanks, deadlines by the calendar."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from support.command_line import refused, say
from support.readability import page_text, prose_faults
from support.sampled import some

import breach_sim as bs
from breach_sim.apps.documents.card_content import leaked_fields
from breach_sim.apps.documents.deadlines import due, given_dates
from breach_sim.apps.documents.drafts import ABOUT, DRAFT, READ
from breach_sim.apps.documents.rules import EVENTS, Deadline, load_templates

NAMES = ("gdpr-33", "gdpr-34", "sec-8k", "hhs", "fcc-cpni", "state-ag")
FEW = 32
QUICK = {"talktalk-2015-confirmed", "facebook-2021", "national-public-data-2024-claimed"}
"""Scenarios whose figures are explained in every run of the tests; the others take some minutes."""
OF_FIRM = {"of_revenue", "of_income", "of_cash", "insurance"}
"""Places that only the user can answer."""
KNOWN = re.compile(r"\{([a-z0-9_.]+)\}")


def count_of(impact: bs.Impact, name: str) -> float:
    """Return a number that the scenario or the run gives, by its name on a form."""
    first, _, rest = name.partition(".")
    if name == "run.horizon_years":
        return impact.horizon_years
    assert first == "scenario"
    kind, _, own = rest.partition(".")
    if kind == "accounts":
        return impact.scenario.accounts
    if kind == "fields":
        return dict(leaked_fields(impact))[own]
    return {part.name: part.accounts for part in impact.scenario.segments}[own]


@pytest.mark.parametrize("name", some(sorted(QUICK)))
def test_every_number_of_every_form_is_found_by_explain(name: str) -> None:
    """In all forms of a scenario each number is that of its figure to 1e-9, or a given count."""
    check_numbers(name)


@pytest.mark.slow
def test_every_number_of_the_forms_of_all_scenarios_is_found_by_explain() -> None:
    """The same holds for every other scenario of the catalog."""
    for name in sorted(set(bs.scenario_names()) - QUICK):
        check_numbers(name)


def check_numbers(name: str) -> None:
    """Hold every number of the forms of a scenario against its figure."""
    impact = bs.simulate(name, replicates=FEW)
    drafts = bs.forms(impact)
    assert tuple(draft.name for draft in drafts) == NAMES
    quoted = {number.figure: number for draft in drafts for number in draft.numbers}
    assert all(draft.numbers for draft in drafts)
    for figure, number in quoted.items():
        if figure.partition(".")[0] in {"scenario", "run"}:
            assert count_of(impact, figure) == number.value
            continue
        node = bs.explain(impact, figure)
        assert node.value == pytest.approx(number.value, rel=1e-9, abs=1e-9)
        assert node.unit == number.unit


@pytest.fixture(scope="module")
def impact() -> bs.Impact:
    """Return a run of a breach of a carrier."""
    return bs.simulate("tmobile-2021-stated", replicates=FEW)


def test_every_blank_has_its_question(impact: bs.Impact) -> None:
    """Each item has an answer or asks a question, and every form says that it is a draft."""
    for draft in bs.forms(impact):
        text, page = draft.to_markdown(), draft.to_html()
        items = [item for _, items in draft.parts for item in items]
        assert all(item.ask.endswith((".", "?")) for item in items)
        empty = [item.ask for item in items if not item.line]
        assert empty
        assert set(empty) <= set(draft.blanks)
        assert text.count("**To be filled in.**") == len(empty) == page.count('class="blank"')
        assert f"**{DRAFT}.** {ABOUT}" in text
        assert f"{DRAFT}." in page
        assert not KNOWN.search(text)


def test_a_template_names_only_what_a_run_can_answer(impact: bs.Impact) -> None:
    """Each place in a text of a template is a fact, a list, a date of an event, or a figure."""
    facts = {"label", "vector", "sector", "horizon", "fields", "groups", "attacks", "scenario.accounts"}
    figures = {"people", "exposed", "loss_usd", "firm_cost_usd"} | {f"firm.{x}" for x in impact.firm_lines}
    for template in load_templates().values():
        places = {
            place for _, items in template.parts for item in items for place in KNOWN.findall(item.text)
        }
        assert places <= facts | figures | OF_FIRM | {f"date.{event}" for event in EVENTS}
        assert {rule.source for rule in template.deadlines} == set(template.sources)
        assert all(source.url.startswith("http") for source in template.sources.values())


@pytest.mark.parametrize(
    ("form", "place", "event", "moment", "by"),
    [
        ("gdpr-33", 0, "aware", "2026-02-14T09:00", "2026-02-17 09:00"),
        ("gdpr-33", 0, "aware", "2026-02-14", "2026-02-17 00:00"),
        ("sec-8k", 0, "material", "2026-02-13", "2026-02-20"),  # Friday; Presidents' Day follows
        ("sec-8k", 0, "material", "2026-02-14", "2026-02-20"),  # Saturday: counts from Tuesday on
        ("hhs", 0, "discovered", "2026-02-14", "2026-04-15"),
        ("fcc-cpni", 0, "determined", "2026-06-17", "2026-06-29"),  # Juneteenth lies between
        ("fcc-cpni", 1, "determined", "2026-06-17", "2026-07-17"),
        ("state-ag", 0, "determined", "2026-02-14T23:00", "2026-03-16"),
        ("state-ag", 4, "discovered", "2026-02-13", "2026-03-06"),  # Vermont, 14 business days
        ("state-ag", 5, "notified", "2026-03-01", "2026-03-16"),  # California
    ],
)
def test_deadlines_are_those_of_the_calendar(
    impact: bs.Impact, form: str, place: int, event: str, moment: str, by: str
) -> None:
    """Hours count as hours, days as days, and business days leave out weekends and federal holidays."""
    (draft,) = bs.forms(impact, form, dates={event: moment})
    assert draft.deadlines[place].by == by
    assert draft.deadlines[place].ask == ""
    assert by in draft.to_markdown()


def test_a_missing_date_is_asked_for() -> None:
    """Without a date there is no deadline; the day of the discovery stands in where nothing is earlier."""
    rule = load_templates()["gdpr-33"].deadlines[0]
    without = due(rule, {}, 1e6)
    assert (without.by, without.ask) == ("", EVENTS["aware"])
    instead = due(rule, {"discovered": "2026-02-14"}, 1e6)
    assert (instead.by, instead.ask) == ("2026-02-17 00:00", EVENTS["aware"])
    assert "earliest" in instead.counted
    material = load_templates()["sec-8k"].deadlines[0]
    assert due(material, {"discovered": "2026-02-14"}, 1e6).by == ""


def test_small_breaches_are_reported_with_the_year() -> None:
    """Fewer than 500 people go to the HHS within 60 days after the year, 500 and more within 60 days."""
    large, small, _ = load_templates()["hhs"].deadlines
    dates = {"discovered": "2026-02-14"}
    assert (due(large, dates, 499).by, due(small, dates, 499).by) == ("", "2027-03-01")
    assert (due(large, dates, 500).by, due(small, dates, 500).by) == ("2026-04-15", "")


def test_dates_that_a_dossier_states_to_the_day_are_used() -> None:
    """A published day of the discovery is taken, a month is not, and a date that is given goes before it."""
    dates = bs.load_scenario("anthem-2015-confirmed").dossier.dates
    assert given_dates({}, dates) == {"discovered": "2015-01-29"}
    assert given_dates({"discovered": "2015-01-27"}, dates) == {"discovered": "2015-01-27"}


def test_a_form_for_others_says_so(impact: bs.Impact) -> None:
    """A form of another country or another trade carries a caution; that of its own does not."""
    drafts = {draft.name: draft.cautions[0] for draft in bs.forms(impact)}
    assert "live in US; this form is for people in" in drafts["gdpr-33"]
    assert "this form is for health care" in drafts["hhs"]
    assert "Ask whether" not in drafts["fcc-cpni"] + drafts["sec-8k"]


def test_a_rule_that_makes_no_sense_is_refused() -> None:
    """An unknown event or unit, or a negative period, is refused with its name."""
    good = {"what": "x", "after": "aware", "count": 1, "unit": "days", "source": "s"}
    for change, said in (
        ({"after": "awake"}, "did you mean 'aware'"),
        ({"unit": "day"}, "did you mean 'days'"),
        ({"count": -1}, "0 or more"),
    ):
        with pytest.raises(ValueError, match=said):
            Deadline(**(good | change))  # type: ignore[arg-type]


def test_the_command_prints_or_writes_the_drafts(tmp_path: Path) -> None:
    """Markdown is printed, plain data with --json, and a folder takes both forms of each draft."""
    dated = ("--form", "gdpr-33", "--date", "aware=2026-02-14T09:00")
    asked = ("forms", "talktalk-2015-confirmed", "--replicates", FEW, *dated)
    assert "2026-02-17 09:00" in say(*asked).out
    document = json.loads(say(*asked, "--json").out)["forms"][0]
    assert (document["name"], document["draft"]) == ("gdpr-33", DRAFT)
    assert document["deadlines"][0]["by"] == "2026-02-17 09:00"
    assert {"figure", "value", "unit", "text"} == set(document["numbers"][0])
    said = say(*asked, "--out", tmp_path / "drafts")
    assert (said.code, said.err) == (0, "")
    assert {"gdpr-33.md", "gdpr-33.html"} == {path.name for path in (tmp_path / "drafts").iterdir()}


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--form", "gdpr"), ("unknown form 'gdpr'", "gdpr-33")),
        (("--date", "aware"), ("--date", "EVENT=DATE")),
        (("--date", "awake=2026-02-14"), ("unknown event 'awake'", "did you mean 'aware'")),
        (("--date", "aware=14.2.2026"), ("'14.2.2026'", "YYYY-MM-DD")),
        (("--date", "aware=2026-02-14T25:00"), ("T25:00", "YYYY-MM-DD")),
        (("--date", "aware=2026-02-14", "--date", "aware=2026-02-15"), ("twice",)),
    ],
)
def test_bad_words_are_refused_before_the_run(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """An unknown form, event or date is refused in one line, with the remedy."""
    refused(say("forms", "talktalk-2015-confirmed", *words), *parts)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Drafts go into a folder; a file of that name is left alone."""
    place = tmp_path / "drafts"
    place.write_text("mine", encoding="utf-8")
    refused(say("forms", "talktalk-2015-confirmed", "--out", place), "is a file", "folder")
    assert place.read_text(encoding="utf-8") == "mine"


FIRM = """
[firm]
revenue = { value = 5e9, unit = "USD", reason = "annual report" }
insurance_recovery = { value = 2e6, unit = "USD", reason = "broker" }
"""


def test_what_the_firm_gives_stands_in_the_8k(impact: bs.Impact) -> None:
    """Revenue, income, cash and insurance of cost_to_firm fill the blanks, with the numbers of the answer."""
    asked = [question for question in bs.forms(impact, "sec-8k")[0].blanks if "share" in question]
    assert len(asked) == 3
    layer = bs.Layer(name="primary", retention=1e7, limit=5e8)
    program = bs.Program(layers=(layer,))
    firm = bs.cost_to_firm(impact, program=program, revenue=8e10, cash=6e9)
    (draft,) = bs.forms(impact, "sec-8k", firm=firm)
    assert [question for question in asked if question in draft.blanks] == [asked[1]]
    assert not any("insured" in question for question in draft.blanks)
    quoted = {number.figure: number.value for number in draft.numbers}
    assert (quoted["given.revenue"], quoted["given.cash"]) == (8e10, 6e9)
    shares = firm.materiality()["share"]
    assert quoted["cost_to_firm.share_of_revenue.p50"] == pytest.approx(shares["revenue", 0.5], rel=1e-9)
    assert quoted["cost_to_firm.share_of_cash.p95"] == pytest.approx(shares["cash", 0.05], rel=1e-9)
    table = bs.insured(impact, program).table()
    for name in ("ceded", "net"):
        assert quoted[f"cost_to_firm.{name}.p50"] == pytest.approx(table.loc[name, "p50"], rel=1e-9)
    with pytest.raises(ValueError, match="of the same impact"):
        bs.forms(bs.simulate("experian-2015", replicates=8), firm=firm)


def test_overrides_and_options_fill_the_8k(tmp_path: Path) -> None:
    """Amounts under [firm] of an overrides file stand in the form and the answer; options go before them."""
    (tmp_path / "own.toml").write_text(FIRM, encoding="utf-8")
    few = ("--replicates", 8, "--with", tmp_path / "own.toml", "--json")
    said = json.loads(say("forms", "tmobile-2021-stated", "--form", "sec-8k", *few).out)["forms"][0]
    quoted = {number["figure"]: number["value"] for number in said["numbers"]}
    assert (quoted["given.revenue"], quoted["cost_to_firm.recovery.p50"]) == (5e9, 2e6)
    answer = json.loads(say("firm", "tmobile-2021-stated", *few).out)["materiality"]
    assert {row["of_usd"] for row in answer} == {5e9}
    more = ("--revenue", "7e9", "--retention", "1e6", "--limit", "2e6")
    said = json.loads(say("forms", "tmobile-2021-stated", "--form", "sec-8k", *few, *more).out)["forms"][0]
    quoted = {number["figure"]: number["value"] for number in said["numbers"]}
    assert quoted["given.revenue"] == 7e9
    assert quoted["cost_to_firm.ceded.p50"] <= 2e6
    bad = tmp_path / "bad.toml"
    bad.write_text('[firm]\nrevenue = { low = 1, mode = 2, high = 3, reason = "x" }\n', encoding="utf-8")
    refused(say("forms", "tmobile-2021-stated", "--with", bad), "firm.revenue", "one amount of money above 0")


def test_how_a_rule_is_known_stands_beside_it(impact: bs.Impact) -> None:
    """Each deadline says whether its rule was read, and where; none of the catalog's is only recalled."""
    for draft in bs.forms(impact):
        assert all(
            READ[draft.template.sources[due.rule.source].verified] in draft.due_rows()[place][3]
            for place, due in enumerate(draft.deadlines)
        )
        assert "NOT READ" not in draft.to_markdown()
        source = draft.template.sources[draft.deadlines[0].rule.source]
        recalled = dataclasses.replace(source, verified="recalled")
        known = {**draft.template.sources, recalled.id: recalled}
        own = dataclasses.replace(draft.template, sources=known)
        assert "recalled and NOT READ" in dataclasses.replace(draft, template=own).to_html()


def test_the_forms_read_like_pages(impact: bs.Impact) -> None:
    """No sentence of a draft is long, and no word is private or British."""
    drafts = bs.forms(impact)
    assert len(drafts) > 3
    assert [] == [fault for own in drafts for fault in prose_faults(own.name, page_text(own.to_html()))]
