"""Hold any program that computes the ENISA score of 2013 against the cases of this folder.

Run: python runner.py PROGRAM [ARGUMENT ...]

The program is started once. It reads a JSON list of cases on standard input (objects with dpc, ei,
confidentiality, integrity, availability, malicious) and writes a JSON list on standard output: for each case,
in order, an object with se (a number) and band (a text). Exit code 0: all agree; 1: some differ; 2: no answer
that could be compared. Python 3.11 and nothing else is needed; README.md says more.
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INPUTS = ("dpc", "ei", "confidentiality", "integrity", "availability", "malicious")
SHOWN = 5
"""Differences that are printed."""
SLACK = 1e-9
"""How far a score may be off: scores are quarters, so this forgives only binary rounding."""


def load() -> list[dict[str, Any]]:
    """Return every case of the folder: the whole space, the worked cases, the boundaries."""
    worked = json.loads((HERE / "worked.json").read_text(encoding="utf-8"))
    space = json.loads((HERE / "enisa.json").read_text(encoding="utf-8"))
    return [*space, *worked["worked"], *worked["boundaries"]]


def asked(cases: list[dict[str, Any]]) -> str:
    """Return the question: the inputs of all cases as a JSON list."""
    return json.dumps([{name: case[name] for name in INPUTS} for case in cases])


def differences(cases: list[dict[str, Any]], answers: Any) -> list[tuple[dict[str, Any], Any]]:
    """Return the cases whose answer differs, each with the answer."""
    if not isinstance(answers, list) or len(answers) != len(cases):
        kind = f"a list of {len(answers)}" if isinstance(answers, list) else type(answers).__name__
        raise ValueError(f"the answer is {kind}; it must be a list of {len(cases)} objects, one a case")
    return [(case, own) for case, own in zip(cases, answers, strict=True) if not _agrees(case, own)]


def _agrees(case: dict[str, Any], own: Any) -> bool:
    score = own.get("se") if isinstance(own, dict) else None
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        return False
    return abs(score - case["se"]) <= SLACK and own.get("band") == case["band"]


def account(cases: list[dict[str, Any]], wrong: list[tuple[dict[str, Any], Any]]) -> str:
    """Return what came of it: how many, the first that differ, and the input on which most of them lie."""
    lines = [f"{len(cases) - len(wrong)} of {len(cases)} cases agree"]
    for case, own in wrong[:SHOWN]:
        inputs = ", ".join(f"{name} {case[name]}" for name in INPUTS)
        lines.append(f"  {inputs}: {case['se']} {case['band']}, answered {json.dumps(own)}")
    if wrong:
        held = collections.Counter((name, str(case[name])) for case, _ in wrong for name in INPUTS)
        of_all = collections.Counter((name, str(case[name])) for case in cases for name in INPUTS)
        (name, value), count = max(held.items(), key=lambda item: (item[1] / of_all[item[0]], item[1]))
        lines.append(f"  most differ where {name} is {value}: {count} of {of_all[name, value]} such cases")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Run the program in the words and return the exit code."""
    if not words:
        sys.stderr.write("no program named; run: python runner.py PROGRAM [ARGUMENT ...]\n")
        return 2
    cases = load()
    try:
        done = subprocess.run(  # noqa: S603 - the program that the user named
            words, input=asked(cases), capture_output=True, text=True, check=True, encoding="utf-8"
        )
        wrong = differences(cases, json.loads(done.stdout))
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{words[0]}: {error}\n")
        return 2
    sys.stdout.write(account(cases, wrong) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
