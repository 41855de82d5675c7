"""Run the checks of the project: ``python run.py test``, or ``test --quick`` for a part of them.

Every part runs, whatever the others say. At the end stands a table with a line for each part: seconds by the
clock, seconds of the processors (of one part and all that it started; a busy machine moves the first, hardly
the second), and the result. Then what was left out, and why.
"""

import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
IMPORT_LINTER = "from importlinter.cli import lint_imports_command as go; go()"  # it has no `python -m`
SHARED = ("-m", "pytest", "-n", "auto", "--dist")
"""How pytest shares the work: a process for every core; tests one by one, notebooks whole."""
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"][
    "addopts"
]
PLAIN = (
    *("-p", "no:nbval", "--doctest-modules"),
    *("-o", "addopts=" + shlex.join(word for word in OPTIONS if not word.startswith("--nbval"))),
)
"""Options where no notebook is run: to load what runs them takes each process two seconds."""
STYLE = {
    "ruff check": ("-m", "ruff", "check"),
    "ruff format": ("-m", "ruff", "format", "--check"),
    "mypy": ("-m", "mypy", "--num-workers", "auto"),
    "import-linter": ("-c", IMPORT_LINTER, "--no-logo"),
}
"""Parts without tests. They take one core each for most of their time, so they run beside each other."""
WHOLE = {
    "tests": (*SHARED, "worksteal", *PLAIN, "breach_sim", "tests"),
    "notebooks": (*SHARED, "loadfile", "notebooks"),
}
"""Parts that pytest runs: each of them takes all cores."""
CORE_LAWS = ("tests/test_architecture.py", "tests/engine", "tests/inputs", "tests/catalog/test_qc.py")
FIRST_NOTEBOOK = "notebooks/01_first_look.ipynb"
QUICK = {
    "core laws": (*SHARED, "worksteal", *PLAIN, *CORE_LAWS),
    "notebook 01": ("-m", "pytest", FIRST_NOTEBOOK),
}
"""The same parts in short: the laws that the figures rest on, and the notebook that every reader opens."""
BUSY = "Failed to establish connection with worker"
LEFT_TO_THE_WHOLE = "other tests, notebooks, and examples of docstrings: `python run.py test` runs them"


class Part(NamedTuple):
    """What came of a part: name, seconds by the clock and of the processors, and whether it passed."""

    name: str
    seconds: float
    processors: "float | None"
    passed: bool


def main(words: "list[str]") -> int:
    """Run every part, a failure not stopping the next; print the table and the totals last."""
    if words not in ([], ["--quick"]):
        print(f"run.py: unknown word '{words[0]}': `test` takes nothing, or --quick", file=sys.stderr)
        return 2
    tested = QUICK if words else WHOLE
    begin, table, skipped, totals = time.monotonic(), [], [], {"passed": 0, "failed": 0}
    with ThreadPoolExecutor() as side_by_side:
        quiet = {name: side_by_side.submit(timed, name, part) for name, part in STYLE.items()}
        for name, part in {**STYLE, **tested}.items():
            print(f"\n== {name}", flush=True)
            done, text = quiet[name].result() if name in quiet else timed(name, part, speak=True)
            print(text if name in quiet else "", end="")
            table.append(done)
            print(f"== {name}: {done.seconds:.1f} s, {'passed' if done.passed else 'FAILED'}", flush=True)
            if name in tested:
                skipped += re.findall(r"^(?:SKIPPED|DESELECTED) .*$", text, re.MULTILINE)
                for word, count in pytest_totals(text, passed=done.passed).items():
                    totals[word] += count
    print_table(table, [*skipped, *([LEFT_TO_THE_WHOLE] if words else [])], time.monotonic() - begin)
    print(f"{totals['passed']} passed, {totals['failed']} failed", flush=True)
    return 0 if all(done.passed for done in table) else 1


def timed(name: str, words: "tuple[str, ...]", *, speak: bool = False) -> "tuple[Part, str]":
    """Run this Python with the words; return what came of it, and its text; with `speak`, print that too."""
    start, lines, processors = time.monotonic(), [], None
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as child:
        for line in child.stdout or ():
            if speak:
                print(line, end="", flush=True)
            lines.append(line)
        if hasattr(os, "wait4"):  # not on Windows
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            processors = used.ru_utime + used.ru_stime
    text = "".join(lines)
    if BUSY in text and "--num-workers" in words:
        # On a busy machine its processes do not find each other in time: one process does it all.
        return timed(name, words[: words.index("--num-workers")], speak=speak)
    return Part(name, time.monotonic() - start, processors, child.returncode == 0), text


def pytest_totals(text: str, *, passed: bool) -> "dict[str, int]":
    """Read pytest's closing line; an error counts as failed, and so does a run that broke off."""
    closing = re.findall(r"^=+ (.*) in [\d.]+s\b.*=+$", text, re.MULTILINE)
    counts = {"passed": 0, "failed": 0}
    for number, word in re.findall(r"(\d+) (passed|failed|error)", closing[-1] if closing else ""):
        counts["passed" if word == "passed" else "failed"] += int(number)
    if not passed and not counts["failed"]:
        counts["failed"] = 1
    return counts


def print_table(table: "list[Part]", skipped: "list[str]", seconds: float) -> None:
    """Print one line a part, the seconds of all (parts overlap), then what was left out and why."""
    print(f"\n{'part':<16}{'seconds':>8}{'processors':>12}  result")
    for done in table:
        used = "" if done.processors is None else f"{done.processors:.1f}"
        print(f"{done.name:<16}{done.seconds:>8.1f}{used:>12}  {'passed' if done.passed else 'FAILED'}")
    all_used = sum(done.processors or 0 for done in table)
    print(f"{'all':<16}{seconds:>8.1f}{all_used:>12.1f}")
    print("\nleft out: " + ("nothing" if not skipped else ""))
    for line in dict.fromkeys(skipped):
        print(f"  {line}")
    print()


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
