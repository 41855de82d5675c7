"""The process in which a student's notebook runs: limited first, then without what gives keys away.

It is started by ``running`` and reads one JSON document: the cells, the data of the exercises, and limits.
For each answer it writes a line. ``data`` gives what the teacher's side drew, whatever seed the notebook
names; ``key``, ``judge`` and the exercises are not there. Limits are those of the operating system. The rest
is a closed door and no wall: it keeps answers honest and does not keep an attacker in.
"""

from __future__ import annotations

import code
import copy
import importlib
import json
import os
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    """Read the request, run its cells, and write each answer that they check."""
    request = json.loads(sys.stdin.readline())
    answers = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)  # what a notebook prints goes nowhere
    sys.path[:] = request["path"]
    close_files = importlib.import_module("breach_sim.apps.teaching.marks.closed_files").close_files
    _limit(request["limits"])
    if request["close_files"]:
        system = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/dev")
        own = (sys.prefix, sys.base_prefix, *request["path"])
        close_files((*system, *own), (str(Path.cwd()), os.devnull))
    _close_doors(request["data"], answers)
    interpreter = code.InteractiveInterpreter({"__name__": "__main__"})
    for source in request["cells"]:
        try:
            interpreter.runsource(_plain(source), "<cell>", "exec")
        except BaseException:  # noqa: BLE001, S112 - a cell may end in any way; the next one runs
            continue


def _limit(limits: Mapping[str, int]) -> None:
    import resource

    for name, most in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        own = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (own, own))
        except (ValueError, OSError):  # macOS refuses a limit of memory
            continue


def _close_doors(data: Mapping[str, Any], answers: int) -> None:
    """Put in place of the exercises a module that hands out data and takes answers."""
    teaching = importlib.import_module("breach_sim.apps.teaching")
    keeping = importlib.import_module("breach_sim.apps.teaching.keeping")
    door = types.ModuleType("breach_sim.apps.teaching")
    own: Any = door
    own.data = lambda exercise, seed=None: copy.deepcopy(data[str(exercise)])  # noqa: ARG005
    own.check = _taker(keeping.answer_record, teaching.EXERCISES, answers)
    own.toy_graph, own.key, own.judge = teaching.toy_graph, _refuse, _refuse
    toy = sys.modules["breach_sim.apps.teaching.toy"]
    for name in [name for name in sys.modules if name.startswith("breach_sim.apps.teaching")]:
        del sys.modules[name]
    sys.modules["breach_sim.apps.teaching"], sys.modules["breach_sim.apps.teaching.toy"] = door, toy
    for place in ("breach_sim", "breach_sim.apps"):
        setattr(sys.modules[place], "teaching", door)  # noqa: B010 - a module has no such attribute by type


def _taker(
    record: Callable[..., dict[str, Any]], exercises: Mapping[str, Any], answers: int
) -> Callable[..., None]:
    def check(exercise: Any, answer: Any = None, **_: Any) -> None:
        found = record(exercises[str(exercise)], answer, 0)
        if found:
            os.write(answers, json.dumps(found).encode() + b"\n")

    return check


def _refuse(*_: Any, **__: Any) -> None:
    raise PermissionError("there is no key where marks are given")


def _plain(source: str) -> str:
    """A cell without the lines that only a notebook understands, and closed by an end of line."""
    lines = [line for line in source.split("\n") if not line.lstrip().startswith(("%", "!"))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
