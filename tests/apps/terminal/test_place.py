"""Laws of the screen: plain lines into a pipe, lines as wide as the terminal on a terminal."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest
from support.command_line import quick

from breach_sim.apps.terminal import place as screen
from breach_sim.apps.terminal.stopping import open_outputs

SENTENCE = (
    "  note: of the 22 million people many were never attributed to a cohort, see https://example.org/a-b"
)
NAMES = {"ssn": "Social Security number", "account_pin": " ".join(["a word and another"] * 9)}


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(params=[40, 80, 120, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A terminal of some width."""
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=Terminal()))
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("TERM", "xterm-256color")
    return int(request.param)


def test_a_pipe_gets_plain_lines() -> None:
    """Where standard output is no terminal, texts stay as they are, however long, and nothing is styled."""
    assert screen.screen() == screen.Screen()
    assert screen.fitted(SENTENCE * 5) == SENTENCE * 5
    assert screen.strong(SENTENCE, screen.screen()) == SENTENCE
    assert screen.two_columns(NAMES).split("\n")[1] == f"account_pin  {NAMES['account_pin']}"


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


def test_an_address_is_kept_whole_and_other_words_are_broken(width: int) -> None:
    """A line with an address of the web is broken between words only; any other line fits."""
    address = "https://example.org/" + "a/" * 150
    assert address in screen.fitted(f"see {address} there").split()
    lines = screen.fitted("a" * 500).split("\n")
    assert max(map(len, lines)) <= width
    assert "".join(line.strip() for line in lines) == "a" * 500


def test_names_that_are_long_stand_above_their_descriptions(width: int) -> None:
    """Where names take more than a third of a line, descriptions that do not fit stand below them."""
    name = "a-name-of-twenty-four-ch"
    lines = screen.two_columns({name: "a word and another " * 9}).split("\n")
    assert max(map(len, lines)) <= width
    assert (lines[0] == name) == (len(name) + 2 > width // 3)


def test_a_screen_shows_what_is_asked_for_or_has_room() -> None:
    """Columns, rows and notes are shown in a pipe, where asked for, and columns where there is room."""
    narrow, pipe = screen.Screen(width=80), screen.Screen()
    assert not narrow.shows(screen.ROOM)
    assert narrow.shows(0)
    assert screen.Screen(width=screen.ROOM).shows(screen.ROOM)
    assert screen.Screen(width=80, wide=True).shows(screen.ROOM)
    assert (narrow.every_row, narrow.every_note) == (False, False)
    assert (pipe.shows(screen.ROOM), pipe.every_row, pipe.every_note) == (True, True, True)


def test_a_sign_that_an_output_cannot_encode_is_printed_as_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a file that is not UTF-8 ends no command with a refusal after its work is done."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="utf-8", errors="strict"))
    open_outputs()
    sys.stdout.write("a\udcff.toml written\n")
    sys.stdout.flush()
    assert raw.getvalue() == b"a\\udcff.toml written\n"
