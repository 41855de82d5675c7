"""Laws of the impact card: what it says, that each number is a figure, and that its JSON-LD is one."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support.command_line import refused, say
from support.readability import page_text, prose_faults

import breach_sim as bs
from breach_sim.apps.documents.card_content import vocabulary
from breach_sim.apps.documents.quoted import Quoted
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.protections import Withheld

FEW = 256
HEADINGS = [
    "What leaked",
    "Who is harmed",
    "How sure is that",
    "What it rests on",
    "What was not modeled",
    "What was left out",
]
SCHEMA_ORG = {
    "name", "description", "identifier", "version", "measurementTechnique", "variableMeasured", "isBasedOn",
    "temporalCoverage", "spatialCoverage", "propertyID", "unitText", "value", "creditText", "url",
    "additionalType",
}  # fmt: skip
"""Words of schema.org that a card uses."""


@pytest.fixture(scope="module")
def impact() -> bs.Impact:
    """Return a run with a firm, a caution, and something that was not read."""
    scenario = bs.load_scenario("tmobile-2021-stated")
    parts = (LeftOut(kind="column", name="<b>Pets|x", reason="no field & no price", nearest="ssn", count=7),)
    return bs.simulate(dataclasses.replace(scenario, left_out=parts), replicates=FEW)


@pytest.fixture(scope="module")
def card(impact: bs.Impact) -> bs.Card:
    """Return its card."""
    return bs.card(impact)


class Page(HTMLParser):
    """Tags of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))


def test_every_number_of_a_card_is_a_figure_that_explain_finds(impact: bs.Impact, card: bs.Card) -> None:
    """Each number is the value of its figure to 1e-9, or a count of the scenario."""
    figures = {number.figure: number for number in card.content.numbers}
    assert len(figures) > 30
    for name, number in figures.items():
        assert isinstance(number, Quoted)
        if name.startswith("scenario."):
            assert float(number.text.replace(",", "")) == number.value
            continue
        node = bs.explain(impact, name)
        assert node.value == pytest.approx(number.value, rel=1e-9)
        assert node.unit == number.unit


def test_all_three_pages_have_the_same_sections(card: bs.Card) -> None:
    """HTML and Markdown have the six headings in order, and say what was not read, escaped."""
    html, markdown = card.to_html(), card.to_markdown()
    assert re.findall(r"<h2>(.*?)</h2>", html) == HEADINGS
    assert re.findall(r"^## (.*)$", markdown, re.MULTILINE) == HEADINGS
    assert "&lt;b&gt;Pets|x" in html
    assert "<b>" not in html
    assert "\\<b\\>Pets\\|x" in markdown
    assert "no field &amp; no price" in html


def test_the_page_is_complete_and_asks_nobody(card: bs.Card) -> None:
    """Nothing on the page is fetched, a policy forbids it, and each number carries its figure."""
    page = Page(card.to_html())
    names = [tag for tag, _ in page.tags]
    assert not {"img", "link", "iframe"} & set(names)
    assert not any("src" in attributes for _, attributes in page.tags)
    quoted = [attributes for tag, attributes in page.tags if tag == "data"]
    figures = {number.figure: number.value for number in card.content.numbers}
    assert {each["title"]: float(each["value"] or "") for each in quoted} == figures
    assert "Content-Security-Policy" in card.to_html()


def keys_of(value: Any) -> set[str]:
    """Return all keys of a document, its context left out."""
    if isinstance(value, dict):
        inner = (keys_of(part) for key, part in value.items() if key != "@context")
        return {key for key in value if key != "@context"}.union(*inner)
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_the_json_ld_uses_words_of_schema_org_and_its_own_and_no_others(card: bs.Card) -> None:
    """Each key is a keyword, a known word of schema.org, or an own word that the context maps and is used."""
    document = json.loads(card.to_json_ld())
    own = set(vocabulary())
    context = document["@context"]
    assert context["@vocab"] == "https://schema.org/"
    assert {word: context[word]["@id"] for word in own} == {word: f"own:{word}" for word in own}
    assert keys_of(document) - {"@id", "@type"} <= SCHEMA_ORG | own
    assert own <= keys_of(document)
    assert document["@type"] == ["Report", "Dataset"]
    assert document["leftOut"][0]["nearest"] == "ssn"
    inside = re.search(r'<script type="application/ld\+json">(.*?)</script>', card.to_html(), re.DOTALL)
    assert inside is not None
    assert json.loads(inside[1]) == document


def test_the_same_run_gives_the_same_card(impact: bs.Impact, card: bs.Card) -> None:
    """Two cards of one run are equal in every form."""
    again = bs.card(impact)
    assert (again.to_html(), again.to_markdown(), again.to_json_ld()) == (
        card.to_html(),
        card.to_markdown(),
        card.to_json_ld(),
    )


def test_the_command_prints_or_writes_the_card(tmp_path: Path) -> None:
    """Markdown is printed, JSON-LD with --json, and a file is written as its ending says."""
    asked = ("card", "talktalk-2015-confirmed", "--replicates", 64)
    card = bs.card(bs.simulate("talktalk-2015-confirmed", replicates=64))
    assert say(*asked).out.startswith("# Impact card: TalkTalk")
    assert json.loads(say(*asked, "--json").out) == json.loads(card.to_json_ld())
    for name, text in (("a.html", card.to_html()), ("a.md", card.to_markdown())):
        said = say(*asked, "--out", tmp_path / name)
        assert (said.code, said.err) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_a_file_that_ends_otherwise_is_refused_before_the_run(tmp_path: Path) -> None:
    """An unknown ending is refused with the known ones, and nothing is written."""
    refused(say("card", "talktalk-2015-confirmed", "--out", tmp_path / "a.docx"), ".docx", ".html", ".md")
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_a_mitigation_is_refused(impact: bs.Impact) -> None:
    """A run whose figures cannot be explained has no card."""
    share = bs.Estimate.fixed("kept", 0.5, "share")
    first, *others = impact.scenario.segments
    parts = (dataclasses.replace(first, withheld=(Withheld(share=share),)), *others)
    held = dataclasses.replace(impact, scenario=dataclasses.replace(impact.scenario, segments=parts))
    with pytest.raises(ValueError, match="withheld fields"):
        bs.card(held)


def test_a_card_says_which_numbers_are_the_users_own() -> None:
    """Numbers that a user gave are counted as such on the card and in its JSON-LD."""
    scaled = {"scale": 0.5, "reason": "our own count"}
    own = bs.with_overrides("talktalk-2015-confirmed", {"attacks.credential_stuffing.attempts": scaled})
    card = bs.card(bs.simulate(own, replicates=64))
    assert json.loads(card.to_json_ld())["user"] == 1
    assert "1 user" in card.to_markdown()


def test_the_card_reads_like_a_page(card: bs.Card) -> None:
    """No sentence of the card is long, and no word is private or British."""
    assert [] == prose_faults("card", page_text(card.to_html()))
