"""Run a student's notebook, if the teacher says so, in a process with limits.

The process has a limit of time, of memory and of the size of files, an empty folder, and none of the
teacher's variables. Where the system can make namespaces (most of Linux), it has no network, and everything
it started ends with it. From Linux 5.13 on it reads nothing but the system, Python and this package, and
writes into its own folder only.

Not here: what the process does (``student_process``).
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from breach_sim.apps.teaching.checking import EXERCISES, data
from breach_sim.apps.teaching.marks import closed_files
from breach_sim.apps.teaching.marks.notebooks import HandIn, plain_answer

SECONDS = 60
"""Time that a notebook has, on the clock and of the processor. [s]"""
MEMORY = 4_000_000_000
"""Memory that it may address. [bytes]"""
FILE = 20_000_000
"""Largest file that it may write. [bytes]"""
_MOST = 1_000_000
_PROCESS = Path(__file__).with_name("student_process.py")
_FENCE = ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")


@functools.cache
def fence() -> tuple[str, ...]:
    """Words before a command that close the network and end all its processes with it.

    Returns
    -------
    Empty where the system has no such thing.
    """
    if not shutil.which(_FENCE[0]):
        return ()
    tried = subprocess.run([*_FENCE, "true"], capture_output=True, check=False)  # noqa: S603 - fixed words
    return _FENCE if tried.returncode == 0 else ()


def run(hand_in: HandIn, seed: int, *, seconds: int = SECONDS) -> dict[str, Any]:
    """Run a notebook with the data of a seed.

    Parameters
    ----------
    hand_in
        The notebook.
    seed
        Of the data that its exercises get, whatever seed the notebook names. [0, 2**63)
    seconds
        Time that it has. [s]

    Returns
    -------
    Answers by exercise as plain JSON, the last one of each; None for an answer that cannot be read. Those
    given before the time was over count.

    Raises
    ------
    ValueError
        If the system cannot limit a process.
    """
    if os.name != "posix":
        raise ValueError("--run needs Linux or macOS, where a process can be limited; leave it out")
    limits = {"RLIMIT_CPU": seconds, "RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": FILE, "RLIMIT_CORE": 0}
    request = {
        "path": _path(),
        "limits": limits,
        "close_files": closed_files.version() > 0,
        "data": {name: data(name, seed=seed) for name in sorted(hand_in.asked)},
        "cells": list(hand_in.code),
    }
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as out:
        _ran(json.dumps(request) + "\n", folder, out, seconds)
        out.seek(0)
        return _answers(out.read(_MOST))


def _path() -> list[str]:
    """Where Python looks for packages; the folder of the teacher only if this package is there."""
    home, here = Path(__file__).resolve().parents[4], Path.cwd()
    found = [Path(one).resolve() for one in sys.path]
    return [str(one) for one in found if one != here or one == home]


def kept_out() -> str:
    """What a notebook that runs cannot reach on this system, in words."""
    network = "no network" if fence() else "the NETWORK OPEN, because this system cannot close it"
    closed = closed_files.version() > 0
    files = "no files of yours" if closed else "YOUR FILES OPEN, because this system cannot close them"
    return f"notebooks ran with limits of time and memory, with {network}, and with {files}"


def _ran(request: str, folder: str, out: Any, seconds: int) -> None:
    own = {"HOME": folder, "MPLCONFIGDIR": folder, "MPLBACKEND": "Agg", "PATH": os.defpath}
    process = subprocess.Popen(  # noqa: S603 - fixed words; the student's text goes in as data
        [*fence(), sys.executable, "-I", "-B", str(_PROCESS)],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=own | {"OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        process.communicate(request.encode(), timeout=seconds + 10)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in raw.decode(errors="replace").splitlines():
        try:
            record: Mapping[str, Any] = json.loads(line)
            name, answer = record["exercise"], record["answer"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # the notebook wrote something of its own
        if isinstance(name, str) and name in EXERCISES:
            found[name] = plain_answer(answer)
    return found
