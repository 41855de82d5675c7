"""Laws of ``breach-sim league``: what it prints, its page, and how it refuses."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.command_line import refused, say

import breach_sim as bs
from breach_sim.apps.reporting.league_page import league_page

NAMES = ("equifax-2017", "talktalk-2015-confirmed")
FEW = ("--replicates", 32)
ENTRIES = [
    {"Name": "Alpha", "Title": "Alpha <script>&", "PwnCount": 4_000, "DataClasses": ["Email addresses"]},
    {"Name": "Beta", "PwnCount": 9_000, "DataClasses": ["Email addresses", "Passwords", "Names"]},
    {"Name": "Gamma", "PwnCount": None, "DataClasses": ["Email addresses"]},
]


class Page(HTMLParser):
    """Tags of a page with their attributes, and the words of every cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every tag of one name."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def league() -> bs.League:
    """Return a league of two entries of a list and one breach of the catalog."""
    return bs.league([bs.from_hibp(ENTRIES), "equifax-2017"], replicates=32)


def test_the_command_prints_the_league() -> None:
    """Text, CSV and JSON give the places of the verb."""
    own = bs.league(NAMES, replicates=32)
    said = say("league", *NAMES, *FEW)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("League of 2 breaches\n")
    for scenario in own.scenarios:
        assert scenario.title[:30] in said.out
    assert "Under another reading  Kendall's tau  which is that" in said.out
    assert say("league", *NAMES, *FEW, "--json").out == own.to_json() + "\n"
    rows = list(csv.DictReader(io.StringIO(say("league", *NAMES[::-1], *FEW, "--csv").out)))
    assert [row["breach"] for row in rows] == list(own.names)
    assert [float(row["expected"]) for row in rows] == pytest.approx(own.expected.tolist())


def test_a_list_is_read_and_its_page_written(tmp_path: Path) -> None:
    """Entries of a file are ranked beside names; the page is written, the document stands alone."""
    file, page = tmp_path / "breaches.json", tmp_path / "league.html"
    file.write_text(json.dumps(ENTRIES))
    said = say("league", file, "equifax-2017", *FEW, "--no-readings", "--page", page, "--json")
    assert said.code == 0
    assert "league.html written" in said.err
    document = json.loads(said.out)
    assert set(document["breaches"]) == {"hibp-alpha", "hibp-beta", "equifax-2017"}
    assert document["refused"] == 1
    assert document["readings"] == {}
    assert "No other reading of the evidence was asked for." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("nosuch-2020",), ("nosuch-2020",)),
        ((*NAMES, NAMES[0]), ("is named twice", "give it once")),
        ((*NAMES, "--csv", "--json"), ("give one of them",)),
        ((*NAMES, "--top", "0"), ("--top is 0", "1 or more")),
        ((*NAMES, "--replicates", "0"), ("replicates is 0",)),
    ],
)
def test_a_league_that_cannot_be_is_refused(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """A wrong name or option is answered in one sentence with the remedy."""
    refused(say("league", *words), *parts)


def test_a_wrong_format_or_place_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """An unknown format names the known ones, and a folder is no place for a page."""
    file = tmp_path / "breaches.json"
    file.write_text(json.dumps(ENTRIES))
    refused(say("league", file, "--format", "hipb"), "did you mean 'hibp'")
    refused(say("league", file, "--page", tmp_path), "a folder", ".html")


def test_the_page_asks_for_nothing_and_runs_its_own_script(league: bs.League) -> None:
    """No element loads anything, text of a file is escaped, and the policy allows one script by its hash."""
    text = league_page(league)
    page = Page(text)
    for tag, attributes in page.tags:
        assert not {"href", "onclick", "action"} & attributes.keys()
        assert tag != "link"
        assert (attributes.get("src") or "data:").startswith("data:")
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [m["content"] for m in page.of("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert f"script-src 'sha256-{digest}'" in str(policy)
    assert "default-src 'none'" in str(policy)
    assert "Alpha &lt;script&gt;&amp;" in text
    assert league_page(league) == text


def test_the_table_can_be_sorted_and_read_aloud(league: bs.League) -> None:
    """Every heading is a button in a column heading, one is sorted, cells have values to sort by."""
    text = league_page(league)
    (table,) = re.findall(r'<table id="league".*?</table>', text, re.DOTALL)
    page = Page(table)
    heads = [own for own in page.of("th") if own.get("scope") == "col"]
    assert len(page.of("button")) == len(heads) == 9
    assert [own.get("aria-sort") for own in heads] == ["ascending"] + [None] * 8
    assert len([own for own in page.of("th") if own.get("scope") == "row"]) == len(league.names)
    cells = page.of("td")
    assert len(cells) == len(league.names) * 8
    assert all("data-v" in own for own in cells)
    assert "<caption>" in table
    assert 'role="region"' in text
    assert 'tabindex="0"' in text


def test_the_page_says_what_was_left_out(league: bs.League) -> None:
    """All notes of the league, every reading with its tau, and the answer stand on the page."""
    text = league_page(league)
    for note in league.notes:
        assert html.escape(note) in text
    for name in league.draws.readings:
        assert name in text
    assert "They do not say what happened to anyone" in text
