"""Laws of `breach-sim seal` and `breach-sim score`: what they write, print and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command_line import refused, say, tree

from breach_sim.analysis.backtesting.forecasts import read_chain

OPEN = "odido-2026-confirmed"
FILE = Path("forecasts", "forecasts.jsonl")
OUTCOMES = "breach,identity,kind,amount,currency,year,country,people,set_on\n"
FINE = OUTCOMES + "Odido,odido-2026,fine,12000000,EUR,2026,NL,6200000,2027-05-04\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds an empty one for forecasts."""
    monkeypatch.chdir(tmp_path)
    FILE.parent.mkdir()
    return tmp_path


@pytest.fixture
def sealed() -> str:
    """Seal one breach on one day and another on the next; return what was printed."""
    said = [
        say("seal", name, "--date", day)
        for name, day in ((OPEN, "2026-11-29"), ("prosper-2025", "2026-11-30"))
    ]
    assert [(0, ""), (0, "")] == [(own.code, own.err) for own in said]
    return said[0].out + said[1].out


def test_seal_appends_and_prints_what_was_sealed(sealed: str, place: Path) -> None:
    """Each call appends its entry, prints it, and leaves nothing else behind."""
    text = FILE.read_text(encoding="utf-8")
    first, second = read_chain(text, FILE.name)
    assert [(1, OPEN, "2026-11-29"), (2, "prosper-2025", "2026-11-30")] == [
        (own.number, own.scenario, own.date) for own in (first, second)
    ]
    assert first.hash == second.previous
    for own in (first, second):
        assert f"entry {own.number}: {own.scenario}, {own.date}; chances: settlement " in sealed
        assert own.hash[:12] in sealed
    assert {"forecasts", FILE.as_posix()} == set(tree(place))


def test_the_same_seal_gives_the_same_bytes(sealed: str) -> None:  # noqa: ARG001 - it seals
    """What is sealed depends on scenario, date, seed and posterior alone."""
    before = FILE.read_bytes()
    FILE.unlink()
    assert 0 == say("seal", OPEN, "--date", "2026-11-29").code
    assert 0 == say("seal", "prosper-2025", "--date", "2026-11-30").code
    assert before == FILE.read_bytes()


def test_score_compares_what_came_later(sealed: str) -> None:  # noqa: ARG001 - it seals
    """A later fine has a percentile and a CRPS; a matter closed without one scores its chance."""
    Path("outcomes.csv").write_text(FINE, encoding="utf-8")
    words = ("score", "--outcomes", "outcomes.csv", "--closed", "odido-2026:settlement:2027-06-01")
    said = say(*words, "--json")
    assert (0, "") == (said.code, said.err)
    document = json.loads(said.out)
    fine, none = document["scores"]
    assert (1, OPEN, "fine_gdpr", "hit") == tuple(fine[k] for k in ("number", "scenario", "line", "verdict"))
    assert 0.01 <= fine["percentile"] <= 0.99
    assert fine["crps"] > 0
    assert ("settlement", None, "no payment") == tuple(none[k] for k in ("line", "outcome", "verdict"))
    shown = say(*words)
    assert "Chain of 2 entries verified." in shown.out
    assert "Mean log score of 2 chances" in shown.out


def test_an_outcome_before_the_seal_is_not_compared(sealed: str) -> None:  # noqa: ARG001 - it seals
    """A forecast that was sealed when the outcome was known proves nothing."""
    Path("outcomes.csv").write_text(FINE.replace("2027-05-04", "2026-11-29"), encoding="utf-8")
    said = say("score", "--outcomes", "outcomes.csv")
    assert 0 == said.code
    assert "Not compared: odido-2026, fine: no forecast of this line was sealed before" in said.out


def test_a_changed_entry_is_refused_by_both_commands(sealed: str, place: Path) -> None:  # noqa: ARG001 - it seals
    """Exit code 2 with value, place, rule and remedy; nothing is appended to a file that does not verify."""
    Path("outcomes.csv").write_text(FINE, encoding="utf-8")
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.replace('"seed":1', '"seed":2', 1), encoding="utf-8")
    before = tree(place)
    for words in (("score", "--outcomes", "outcomes.csv"), ("seal", "kt-2012", "--date", "2026-12-01")):
        refused(say(*words), f"{FILE}, entry 1: its hash is ", "was changed", "restore the file")
    assert before == tree(place)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("seal",), ("--date",)),
        (("seal", OPEN, "--date", "29.11.2026"), ("'29.11.2026'", "2026-11-29")),
        (("seal", "equifax-2017", "--date", "2026-11-29"), ("does not wait for an outcome",)),
        (("seal", "odido", "--date", "2026-11-29"), ("unknown scenario 'odido'", "did you mean")),
        (("seal", OPEN, "--date", "2026-11-29", "--file", "no/f.jsonl"), ("no such directory",)),
        (("seal", OPEN, "--date", "2026-11-29", "--seed", "-1"), ("seed", "-1")),
        (("score", "--outcomes", "none.csv", "--file", "none.jsonl"), ("none.jsonl", "no such file", "seal")),
        (("score",), ("--outcomes",)),
    ],
)
def test_bad_words_are_refused(words: tuple[str, ...], parts: tuple[str, ...], place: Path) -> None:
    """Bad input is one sentence and exit code 2; nothing is written."""
    refused(say(*words), *parts)
    assert {"forecasts"} == set(tree(place))
