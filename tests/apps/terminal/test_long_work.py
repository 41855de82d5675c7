"""Laws of long work on a terminal: it shows that it goes on, stops at Ctrl-C, and says what it left."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from breach_sim.apps.cli import main as cli

A, B = "tmobile-2021-stated", "equifax-2017"
LONG = {
    "run": [A],
    "combine": [A, B],
    "portfolio": [A, B],
    "league": [A, B, "prosper-2025", "experian-2015", "facebook-2021"],
    "compare": [A, "credit-freeze", "pin-reset"],
    "diff": [A, B],
    "firm": [A],
    "report": [A, "--out", "r.html"],
    "page": [A, "--out", "p.html"],
    "adviser": ["--out", "a.html"],
    "play": [A, "--out", "game.html"],
    "card": [A],
    "forms": [A],
    "export": [A, "--format", "ord", "--out", "e"],
    "attribute": [A],
    "explain": [A],
    "assumptions": [A],
    "follow": ["1", "--scenario", A],
    "backtest": [],
    "yardsticks": [A],
    "import": ["hibp", "entries.json", "--run"],
    "generate": [A, "--rows", "20000000", "--workers", "2", "--out", "people"],
}
"""Commands that take seconds, with words for each; file names are in an empty folder."""
SHORT = {
    "score", "seal", "requires", "enisa", "new", "validate", "expose", "lessons", "scenarios", "fields",
    "attacks", "countries",
    "mitigations", "sources",
}  # fmt: skip
"""Commands that read and list. Counting records and scoring show progress, too, where there is much."""
UNDER_WAY = re.compile(r"\d:\d\d:\d\d|\d+%|\d+/\d+")
"""Time, share, or parts that a line of progress shows."""
SECOND = 1.0
SHORTEST = 3.0  # [s] of work that needs no progress: the start of the program, a second, and one more
PATIENCE = 300.0  # [s] on a machine that has other things to do
ENTRY = {
    "Name": "Made", "Title": "Made", "Domain": "made.example", "BreachDate": "2021-01-01",
    "PwnCount": 1_000_000, "Description": "Made up.", "DataClasses": ["Email addresses", "Passwords"],
}  # fmt: skip


def test_every_command_is_long_or_short() -> None:
    """Every command is either stopped in the law below, or listed among the short ones."""
    every = {name for group in cli._COMMANDS.values() for name in group}
    assert every == set(LONG) | SHORT
    assert not set(LONG) & SHORT


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize("command", LONG)
def test_long_work_shows_itself_and_stops_at_once(command: str, tmp_path: Path) -> None:
    """Progress comes first; Ctrl-C costs no second of work and ends with 130; nothing half written stays."""
    own = [{"Name": f"Made{i}", "Domain": f"made{i}.example", "PwnCount": 10**6 + 7 * i} for i in range(200)]
    entries = [ENTRY | {"Title": one["Name"]} | one for one in own]
    (tmp_path / "entries.json").write_text(json.dumps(entries), encoding="utf-8")
    child, ours = started([command, *LONG[command]], tmp_path)
    said = read_until(ours, UNDER_WAY)
    soon = UNDER_WAY.search(said) is None  # it has ended before there was anything to show
    before = 0.0 if soon else cpu_of(child.pid)
    if not soon:
        os.killpg(child.pid, signal.SIGINT)
        said += read_until(ours, None)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
    if soon:
        assert 0 == child.returncode, text[-2_000:]
        assert used.ru_utime + used.ru_stime < SHORTEST
        return
    # Python itself ends by the signal where that came while it ran text as code; shells say 130 of both.
    assert child.returncode in {130, -signal.SIGINT}, text[-2_000:]
    assert "Traceback" not in text
    assert "stopped; " in text
    assert ("resume to go on" if command == "generate" else "start the command again") in " ".join(
        text.split()
    )
    assert used.ru_utime + used.ru_stime - before < SECOND
    left = {path.name for path in tmp_path.iterdir()} - {"entries.json"}
    assert left <= {"people"}


def started(words: list[str], folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command in a group and a pseudo-terminal of its own; return it and our end."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    child = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-m", "breach_sim.apps.cli.main", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    os.close(theirs)
    return child, ours


def read_until(ours: int, wanted: re.Pattern[str] | None) -> str:
    """Read what a terminal shows until it shows something, or to its end."""
    said, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1.0)[0]:
            continue
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            piece = b""
        said += piece
        if wanted is not None and wanted.search(said.decode(errors="replace")):
            return said.decode(errors="replace")
        if not piece:
            return said.decode(errors="replace")
    pytest.fail(f"nothing more within {PATIENCE:g} s: {said[-2_000:]!r}")


def cpu_of(pid: int) -> float:
    """Return the seconds of work of a process so far."""
    psutil = pytest.importorskip("psutil")
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
