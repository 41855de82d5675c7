"""The command line run in this process, and what a refusal looks like."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from breach_sim.apps.cli import main as cli

LONGEST = 600
"""Characters a message may have."""
commands = functools.cache(typer.main.get_command)
"""The table of commands, made once: a program is started once, tests start it a thousand times."""


class Said(NamedTuple):
    """What a command left behind: exit code, standard output, standard error."""

    code: int | str | None
    out: str
    err: str


def say(*words: object) -> Said:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["breach-sim", *map(str, words)])
        patch.setattr(typer.main, "get_command", commands)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code
    return Said(code, out.getvalue(), err.getvalue())


def quick(*words: object) -> Said:
    """Run a scenario with twenty replicates."""
    return say("run", *words, "--replicates", 20)


def refused(said: Said, *parts: str) -> None:
    """Check that a command refused in one line that holds all the parts."""
    assert (2, "") == (said.code, said.out)
    assert re.fullmatch(r"breach-sim: [^\n]+\n", said.err), said.err
    assert len(said.err) <= LONGEST
    assert "Traceback" not in said.err
    assert [] == [part for part in parts if part not in said.err], said.err


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything in a folder: bytes of files, None for folders."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")
    }
