"""The command line in a pseudo-terminal of a given width: what a person sees there, line by line."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from typing import NamedTuple

_BETWEEN = "=== next command"
_DRIVER = f"""
import functools, json, sys
import typer.main
from breach_sim.apps.cli import main as cli
typer.main.get_command = functools.cache(typer.main.get_command)  # made once, as in a program
for words in json.loads(sys.argv[1]):
    sys.argv = ["breach-sim", *words]
    try:
        cli.main()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    print("{_BETWEEN}", code, flush=True)
"""
_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_ASKED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERMINAL_WIDTH")


class Seen(NamedTuple):
    """What one command put on a terminal: exit code, text with escape codes."""

    code: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Lines without escape codes; what a later text of the same line covers is a line, too."""
        return re.split(r"\r\n|\r|\n", _CODES.sub("", self.text).rstrip())


def on_terminal(commands: list[list[str]], width: int, **environment: str) -> list[Seen]:
    """Run commands one after another in a pseudo-terminal; standard error is the terminal, too."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, width, 0, 0))
    process = subprocess.Popen(  # noqa: S603 - this interpreter, words of a test
        [sys.executable, "-c", _DRIVER, json.dumps(commands)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=_environment("xterm-256color", environment),
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    process.wait()
    return _split(said.decode(), len(commands))


def in_pipe(commands: list[list[str]], **environment: str) -> list[Seen]:
    """Run commands one after another with standard output in a pipe."""
    done = subprocess.run(  # noqa: S603 - this interpreter, words of a test
        [sys.executable, "-c", _DRIVER, json.dumps(commands)],
        capture_output=True,
        env=_environment("xterm-256color", environment),
        check=True,
    )
    assert done.stderr == b"", done.stderr
    return _split(done.stdout.decode(), len(commands))


def _environment(terminal: str, more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ASKED}
    return kept | {"TERM": terminal, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | more


def _split(text: str, number: int) -> list[Seen]:
    """What each command said."""
    parts = re.split(rf"{_BETWEEN} (\S+)\r?\n", text)
    assert len(parts) == 2 * number + 1, text[-2_000:]
    return [Seen(code, said) for said, code in zip(parts[0:-1:2], parts[1::2], strict=True)]
