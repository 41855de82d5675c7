"""Laws of progress: on a terminal after a second, gone at the end; elsewhere nothing."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace

import pytest

from breach_sim.apps.terminal import progress


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal; not in a fixture, as pytest catches the streams anew for each test."""
    made = Terminal()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setenv("TERM", "xterm-256color")
    return made


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work of less than a second leaves the terminal alone."""
    stream = terminal(monkeypatch)
    with progress.working("Counting"):
        pass
    assert stream.getvalue() == ""


def test_what_takes_long_is_named_and_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its second a line says what is done and how far; at the end the line is erased."""
    stream = terminal(monkeypatch)
    monkeypatch.setattr(progress, "AFTER", 0.01)
    with progress.working("Counting") as note:
        note(1, 4)
        until = time.monotonic() + 5
        while "Counting" not in stream.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert "Counting" in stream.getvalue()
    assert stream.getvalue().rstrip().endswith("\x1b[2K")


def test_a_failure_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error passes through, and nothing draws any more."""
    stream = terminal(monkeypatch)
    monkeypatch.setattr(progress, "AFTER", 0.01)
    with pytest.raises(ValueError, match="no"), progress.working("Counting"):
        raise ValueError("no")
    before = stream.getvalue()
    time.sleep(0.3)
    assert stream.getvalue() == before


def test_elsewhere_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where standard error is no terminal, no thread is started and nothing is printed."""
    started = SimpleNamespace(Thread=pytest.fail, Event=pytest.fail)
    monkeypatch.setattr(progress, "threading", started)
    with progress.working("Counting") as note:
        note(1, 4)
    assert capsys.readouterr().err == ""
