"""Law of three disagreements, by command line alone: each of at most three lines reaches eight answers."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support.command_line import say

STATED = "tmobile-2021-stated"
ATTEMPTS = '["attacks.new_account_fraud.attempts"]\nscale = 0.333\nreason = "our own claims data"'
SETTLEMENT = (
    "[firm]\n"
    'settlement = { low = 5, mode = 10, high = 20, unit = "USD/person", reason = "estimate of our counsel" }'
)
ATTACK = (
    "[attack]\n"
    'claims_fraud = { needs = ["full_name", "ssn"], attempts = [1e-3, 3e-3, 8e-3], severity = 900, '
    'reason = "own claims team" }'
)
DISAGREEMENTS = {
    "attempts": (ATTEMPTS, "our own claims data", "attacks.new_account_fraud.attempts", "loss_usd.mean"),
    "settlement": (SETTLEMENT, "estimate of our counsel", "firm.lines.settlement", "firm_cost_usd.mean"),
    "attack": (
        ATTACK,
        "own claims team",
        "attacks.claims_fraud.attempts",
        "attacks.claims_fraud.victims.mean",
    ),
}
"""The lines; then the reason, the parameter and a figure in which each shows."""
SHORT = ("--replicates", 20)


@pytest.fixture(params=DISAGREEMENTS)
def one(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str, str, str]:
    """The file of one disagreement; its reason, its parameter and its figure."""
    text, reason, parameter, figure = DISAGREEMENTS[request.param]
    assert len(text.splitlines()) <= 3
    place = tmp_path / "own.toml"
    place.write_text(text, encoding="utf-8")
    return place, reason, parameter, figure


@cache
def plainly(*words: object) -> str:
    """What a command prints without overrides."""
    return say(*words).out


def other(*words: object, own: Path) -> str:
    """What a command prints with overrides, which is not what it prints without."""
    said = say(*words, "--with", own)
    assert said.code == 0, said.err
    assert said.out != plainly(*words)
    return said.out


def flat(text: str) -> str:
    """Text without its line breaks, which depend on the width of the screen."""
    return " ".join(text.split())


def test_it_reaches_the_run(one: tuple[Path, str, str, str]) -> None:
    """The screen of a run is another one, and gives the reason."""
    assert one[1] in flat(other("run", STATED, *SHORT, own=one[0]))


def test_it_reaches_the_document_and_the_hash(one: tuple[Path, str, str, str]) -> None:
    """The JSON of a run has the reason, other money, the number with status user, and another hash."""
    asked = ("run", STATED, *SHORT, "--json")
    own, plain = (json.loads(text) for text in (other(*asked, own=one[0]), plainly(*asked)))
    assert own["input_hash"] != plain["input_hash"]
    assert any(one[1] in note for note in own["notes"])
    assert [change["reason"] for change in own["overrides"]] == [one[1]]
    assert plain["overrides"] == []
    assert {row["name"]: row["status"] for row in own["parameters"]}[one[2]] == "user"
    money: list[Any] = [(each["loss_usd"], each["firm_cost_usd"]) for each in (own, plain)]
    assert money[0] != money[1]


def test_it_reaches_the_sheet(one: tuple[Path, str, str, str], tmp_path: Path) -> None:
    """The workbook of assumptions has the parameter with status user, its numbers, and the reason."""
    place = tmp_path / "assumptions.xlsx"
    say("assumptions", STATED, *SHORT, "--with", one[0], "--out", place)
    rows = list(openpyxl.load_workbook(place).active.values)
    head = next(row for row in rows if "status" in row)
    found = next(dict(zip(head, row, strict=True)) for row in rows if row[0] == one[2])
    assert found["status"] == "user"
    assert one[1] in found["note"]
    assert all(isinstance(found[word], (int, float)) for word in ("low", "mode", "high", "p5", "p95"))


def test_it_reaches_the_explanation(one: tuple[Path, str, str, str]) -> None:
    """The tree of a figure has the parameter as the user's."""
    said = other("explain", one[3], "--scenario", STATED, *SHORT, own=one[0])
    assert f"`{one[2]}` [user" in flat(said)


def test_it_reaches_the_comparison(one: tuple[Path, str, str, str]) -> None:
    """What a mitigation averts, for others or for the firm, is another number, and a note has the reason."""
    asked = ("compare", STATED, "drop-ssn", *SHORT, "--json")
    own, plain = (json.loads(text) for text in (other(*asked, own=one[0]), plainly(*asked)))
    assert any(one[1] in note for note in own["notes"])
    assert own["mitigations"] != plain["mitigations"]


def test_it_reaches_the_attribution(one: tuple[Path, str, str, str]) -> None:
    """The attribution has the reason, and other shares where the loss of victims is another one.

    A line of the firm's ledger moves no loss of victims, so that only the note of it arrives.
    """
    asked = ("attribute", STATED, *SHORT, "--json")
    own, plain = (json.loads(text) for text in (other(*asked, own=one[0]), plainly(*asked)))
    assert any(one[1] in note for note in own["notes"])
    moved = {key: value for key, value in own.items() if key != "notes"} != {
        key: value for key, value in plain.items() if key != "notes"
    }
    assert moved == ("firm" not in one[2])


@pytest.mark.slow
def test_all_three_reach_the_report(tmp_path: Path) -> None:
    """A report with the three in one file has each reason, and each parameter as the user's."""
    texts, reasons, _, _ = zip(*DISAGREEMENTS.values(), strict=True)
    (tmp_path / "own.toml").write_text("\n".join(texts), encoding="utf-8")
    out = tmp_path / "report.html"
    said = say("report", STATED, "--replicates", 32, "--with", tmp_path / "own.toml", "--out", out)
    assert said.code == 0, said.err
    page = flat(html.unescape(re.sub(r"<[^>]+>", " ", out.read_text(encoding="utf-8"))))
    assert [] == [reason for reason in reasons if reason not in page]
    assert "Claims fraud" in page
