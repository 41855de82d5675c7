"""Laws of the screen: plain lines into a pipe, lines as wide as the terminal on a terminal."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from support.command_line import quick

from breach_sim.apps.reporting import screen

ROWS = (
    ("", "victims", "loss [USD]"),
    ("SIM swap", "2,000 (600 to 4,000)", "6 million (300,000 to 40 million)"),
    ("Call in the bank's name [red]", "0", "1.2 billion (1 million to 4 billion)"),
)
SENTENCE = (
    "  note: of the 22 million people many were never attributed to a cohort, see https://example.org/a-b"
)
NAMES = {"ssn": "Social Security number", "account_pin": " ".join(["a word and another"] * 9)}


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def visible(text: str) -> list[str]:
    """Return the lines as a reader sees them: without escape codes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")


@pytest.fixture(params=[40, 80, 120, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A terminal of some width."""
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=Terminal()))
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("TERM", "xterm-256color")
    return int(request.param)


def test_a_pipe_gets_plain_lines() -> None:
    """Where standard output is no terminal, texts stay as they are and columns are aligned, however long."""
    assert screen.terminal_width() is None
    assert screen.fitted(SENTENCE * 5) == SENTENCE * 5
    lines = screen.table(ROWS).split("\n")
    assert [len(line) for line in lines] == [len(lines[0])] * 3
    assert re.split("  +", lines[1]) == list(ROWS[1])
    assert screen.two_columns(NAMES).split("\n")[1] == f"account_pin  {NAMES['account_pin']}"


def test_a_table_fits_the_terminal(width: int) -> None:
    """No line of a table is longer than the terminal is wide, and every word and number stands in it."""
    lines = visible(screen.table(ROWS))
    assert max(map(len, lines)) <= width
    whole = re.sub(r"(?<=\d)B", " billion", re.sub(r"(?<=\d)M", " million", " ".join(lines)))
    words = whole.split()
    for row in ROWS:
        for word in " ".join(row).split():
            assert word in words, word


def test_a_wide_terminal_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is room, each row is one line and units are written out."""
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=Terminal()))
    monkeypatch.setenv("COLUMNS", "200")
    lines = visible(screen.table(ROWS))
    assert len(lines) == 1 + len(ROWS)
    assert "6 million (300,000 to 40 million)" in lines[2]


def test_sentences_fit_the_terminal(width: int) -> None:
    """Long lines are broken between words and indented; no word is lost or cut, and short lines stay."""
    lines = screen.fitted(f"{SENTENCE}\n\n    x").split("\n")
    assert max(map(len, lines)) <= max(width, 40)
    assert " ".join(lines).split() == [*SENTENCE.split(), "x"]
    assert lines[-2:] == ["", "    x"]
    assert all(line.startswith("  ") for line in lines[:-2])
    listed = screen.two_columns(NAMES).split("\n")
    assert max(map(len, listed)) <= width
    assert " ".join(listed).split() == " ".join(" ".join(pair) for pair in NAMES.items()).split()


def test_a_run_is_the_same_into_any_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of the window and colors asked for elsewhere change nothing of what a program reads."""
    before = quick("stated")
    for name, value in (("COLUMNS", "40"), ("FORCE_COLOR", "1"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    assert quick("stated") == before
