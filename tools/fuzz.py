"""Feed hostile and careless inputs to every reader of the package, and read the refusals.

::

    python tools/fuzz.py --inputs 20000 --seed 2
    python tools/fuzz.py --door hibp --number 812 --seed 2      # one input again, with its traceback

Every input has a door, a number and a seed, and is made again from them. Workers open the doors, in processes
of their own: an input may take 10 s of processor time and 1 GB of memory. What a refusal says is read: the
file, the place in it, the value, the rule and the remedy. Exit code 1 if an input ends in anything but an
answer or a sentence, or passes a limit.

Not here: the inputs (``fuzz_inputs``) and the doors (``fuzz_doors``).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
from breach_sim.formatting.messages import LONGEST_MESSAGE  # noqa: E402 - of this checkout

MOST_SECONDS = 10.0
"""Processor time that an input may take. [s]"""
MOST_WALL = 60.0
"""Time by the clock after which an input hangs: a busy machine gives a process a part of its time. [s]"""
MOST_MEMORY = 1_000_000_000
"""Memory that a worker may have while it looks at an input. [bytes]"""
IDLE_LOOKS = 20
"""Looks at a worker, half a second apart, before it is said to wait for ever."""
EACH = 100
"""Inputs after which the number of inputs and faults so far is shown."""
AGAIN = 400
"""Inputs after which a worker is replaced, so that what adds up in it is not the next input's fault."""
PARTS: dict[str, str] = {
    "file": "",
    "place": r"line \d|row \d|column|byte \d|\[\d+\]|segments|[a-z_]+\.[a-z_]+|entr(y|ies)|incident|sheet|--\w|\bkey\b|"
    r"argument|option|command|control|event|exercise|file, \S+|"
    r"(^|[:,] )(?!it |this )[\w \(\),]+ (is|are|holds) |the (table|panel|file|format|catalog)|seed|"
    r"I-\d|Shop|Clinic|\w+\[['\"]|\w+\(\w+=|standard input|"
    # what is said of a file or folder as a whole
    r"[Nn]o such file|is a (directory|device|pipe)|too long|symbolic links|cannot be read as|is no \w+ file|has no rows|"
    r"no row\b|the ending|at end of|unknown (key|parameter)|"
    # what a function or command was given for its one argument
    r"in (sources|requires|explain|elsewhere|countries|breach-sim [a-z]+)\b",
    "value": r"--?\w|True|False|a list|has no row|not every row|['\"“].*['\"”]|\d|None|nothing|none|empty|no such file|\[\]|\{\}|missing|directory|a pipe|a device|a folder|"
    r"is (nan|inf|\[\[|\[\{)|levels of symbolic links|cannot be read as|is no \w+ file|not valid|no row\b|has no\b",
    "rule": r"must|at most|at least|only|cannot|can be|is no\b|not\b|need|unknown|[Mm]issing|no such|larger|twice|"
    r"may |is longer|no ordinary|more than|[Nn]o such|write |the header has|has a |has no|does not|have no|is given|requires|holds|are possible|already|without|expected|differ|none|out of range|"
    r"\ban? \w+ (is|has) |\bonce\b|should be|outside of|from \S+ to |count from|names no|no (column|field|file)|that are read|belong",
    "remedy": r";|Known:|\b(did you mean|write|give|choose|remove|name|save|take|use|add|correct|split|check|See|leave|"
    r"must be|needs|start with|make|ask|open|Expected|install|look|put|say)\b",
}
"""How a refusal shows what it has to say."""
OWN_NAMES = r"\S*\b(input|special|mine|odd|own|list)\.[a-z]+"
"""Names of the files that are fed: a name is neither a place in the file nor a value of it."""
REMARKS = frozenset({"lessons", "notebooks"})
"""Doors that give remarks on an answer of a student, and refuse nothing."""


@dataclass
class Tally:
    """What became of the inputs of one door."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    largest: int = 0
    has: Counter[str] = field(default_factory=Counter)


@dataclass
class Worker:
    """A process that opens doors."""

    process: subprocess.Popen[str]
    task: tuple[str, int] | None = None
    since: float = 0.0
    done: int = 0
    used: float = 0.0
    idle: int = 0


def main() -> int:
    """Run the fuzzer; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--door", default="")
    parser.add_argument("--number", type=int, default=None)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, default=None, help="file for figures and faults")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.worker:
        return work(words.seed)
    if words.number is not None:
        return once(words.door, words.number, words.seed)
    from fuzz_doors import DOORS

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts aside ignore it
    doors = [words.door] if words.door else list(DOORS)
    tasks = [(doors[number % len(doors)], number // len(doors)) for number in range(words.inputs)]
    tallies, faults, poor = fed(tasks, words.seed, words.workers)
    sys.stdout.write(report(tallies, faults, poor))
    if words.json:
        about = {name: vars(one) | {"has": dict(one.has)} for name, one in tallies.items()}
        words.json.write_text(json.dumps({"doors": about, "faults": faults, "poor": poor}, indent=1))
    return 1 if faults else 0


def once(door: str, number: int, seed: int) -> int:
    """Open one door with one input, and show what happens."""
    from fuzz_doors import opened

    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        sys.stdout.write(opened(door, number, seed, Path(folder)) + "\n")
    return 0


# The parent ------------------------------------------------------------------------------------------------


def fed(
    tasks: list[tuple[str, int]], seed: int, workers: int
) -> tuple[dict[str, Tally], list[dict[str, Any]], list[dict[str, Any]]]:
    """Feed tasks to workers; return the tallies, the faults, and refusals that lack something."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    faults: list[dict[str, Any]] = []
    poor: list[dict[str, Any]] = []
    waiting = list(reversed(tasks))
    whole, shown = len(waiting), 0
    watch = selectors.DefaultSelector()
    crew = [_started(seed, watch) for _ in range(workers)]
    try:
        while waiting or any(one.task for one in crew):
            for place, one in enumerate(crew):
                if one.task is None and waiting:
                    if one.done >= AGAIN:
                        _stopped(one, watch)
                        one = crew[place] = _started(seed, watch)  # noqa: PLW2901 - the new one
                    _given(one, waiting.pop())
            while shown < len(faults):
                sys.stderr.write(
                    f"\n{faults[shown]['door']} {faults[shown]['number']}: {faults[shown]['fault']:.600}\n"
                )
                shown += 1
            if len(waiting) % EACH == 0 and waiting and len(waiting) < whole:
                sys.stderr.write(f"\r{whole - len(waiting):,} of {whole:,} inputs, {len(faults)} faults ")
            for key, _ in watch.select(timeout=0.5):
                one = key.data
                line = one.process.stdout.readline() if one.process.stdout else ""
                if one.task is None and line:
                    continue
                if line:
                    _noted(one.task, json.loads(line), tallies, faults, poor)
                    one.task, one.done = None, one.done + 1
                elif one.task is not None:
                    _lost(one, "the process died", tallies, faults)
                    _stopped(one, watch)
                    crew[crew.index(one)] = _started(seed, watch)
            for place, one in enumerate(crew):
                if one.task is not None and (reason := _over(one)):
                    _lost(one, reason, tallies, faults)
                    _stopped(one, watch)
                    crew[place] = _started(seed, watch)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the table is of the inputs so far\n")
    finally:
        for one in crew:
            _stopped(one, watch)
    return dict(tallies), faults, poor


def _started(seed: int, watch: selectors.BaseSelector) -> Worker:
    alone = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, __file__, "--worker", "--seed", str(seed)]
    process = subprocess.Popen(  # noqa: S603 - this file
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
        env=os.environ | alone,
    )  # fmt: skip
    one = Worker(process)
    watch.register(process.stdout, selectors.EVENT_READ, one)  # type: ignore[arg-type]
    return one


def _stopped(one: Worker, watch: selectors.BaseSelector) -> None:
    if one.process.stdout is not None and one.process.stdout in watch.get_map():
        watch.unregister(one.process.stdout)
    one.process.kill()
    one.process.wait()
    one.task = None


def _given(one: Worker, task: tuple[str, int]) -> None:
    one.task, one.since, one.idle = task, time.monotonic(), 0
    one.used = _processor(one.process.pid)
    if one.process.stdin is not None:
        one.process.stdin.write(json.dumps(task) + "\n")
        one.process.stdin.flush()


def _over(one: Worker) -> str:
    """Whether a worker is beyond its limits."""
    used, waited = _processor(one.process.pid) - one.used, time.monotonic() - one.since
    if used > 2 * MOST_SECONDS:
        return f"over {2 * MOST_SECONDS:.0f} s of processor time, and stopped"
    if (
        waited > MOST_WALL and used < 1
    ):  # a busy machine gives a process little, and one that waits takes none
        one.idle += 1
        return (
            f"waits for {MOST_WALL:.0f} s by the clock"
            if one.idle > IDLE_LOOKS and waited > 5 * MOST_WALL
            else ""
        )
    return ""


def _processor(pid: int) -> float:
    """Processor time of a process so far, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _lost(one: Worker, reason: str, tallies: dict[str, Tally], faults: list[dict[str, Any]]) -> None:
    door, number = one.task or ("", -1)
    tallies[door].inputs += 1
    faults.append({"door": door, "number": number, "fault": reason})


def _noted(
    task: Any,
    reply: dict[str, Any],
    tallies: dict[str, Tally],
    faults: list[dict[str, Any]],
    poor: list[dict[str, Any]],
) -> None:
    """Count an answer, and judge its sentence."""
    door, number = task
    tally = tallies[door]
    tally.inputs += 1
    tally.slowest = max(tally.slowest, reply["seconds"])
    tally.largest = max(tally.largest, reply["bytes"])
    about: dict[str, Any] = {"door": door, "number": number}
    if reply["seconds"] > MOST_SECONDS:
        faults.append(about | {"fault": f"took {reply['seconds']:.1f} s of processor time"})
    if reply["bytes"] > MOST_MEMORY:
        faults.append(about | {"fault": f"took {reply['bytes'] / 1e9:.2f} GB"})
    if reply["fault"]:
        faults.append(about | {"fault": reply["fault"]})
    elif reply["said"] != "read" and (wrong := _badly(judged(door, reply["said"]))):
        faults.append(about | {"fault": f"a refusal {wrong}: {reply['said'][:LONGEST_MESSAGE]}"})
    elif reply["said"] == "read":
        tally.read += 1
    else:
        tally.refused += 1
        found = judged(door, reply["said"])
        tally.has.update(part for part, has in found.items() if has)
        lacking = [part for part, has in found.items() if not has]
        if lacking:
            poor.append(about | {"lacks": lacking, "said": reply["said"][:300]})


def judged(door: str, said: str) -> dict[str, bool]:
    """Say which parts of a refusal its sentence holds, and whether it can be printed."""
    from fuzz_doors import FILES

    said, found = said.strip().removeprefix("breach-sim: "), {}
    if door not in REMARKS:
        rest = re.sub(OWN_NAMES, "file", said)
        found = {part: bool(re.search(pattern, rest)) for part, pattern in PARTS.items() if pattern}
    if door in FILES:
        found["file"] = bool(
            re.search(r"input\.|special|missing|below|zero|nnnn|/dev/|file|^columns\[|^kinds", said)
        )
    found["whole"] = "\n" not in said
    found["short"] = len(said) <= LONGEST_MESSAGE
    found["plain"] = not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said)
    return found


def _badly(found: dict[str, bool]) -> str:
    """What is wrong with the form of a refusal, whatever it says."""
    wrong = {"whole": "of several lines", "short": f"of over {LONGEST_MESSAGE} letters", "plain": "with control characters"}  # fmt: skip
    return ", ".join(what for part, what in wrong.items() if not found[part])


def report(tallies: dict[str, Tally], faults: list[dict[str, Any]], poor: list[dict[str, Any]]) -> str:
    """Return a table of the doors, and the faults."""
    parts = ("file", "place", "value", "rule", "remedy", "whole", "short", "plain")
    lines = [
        "door           inputs  read  refused  slowest[s]  most[MB]  "
        + "  ".join(f"{one:>6}" for one in parts)
    ]
    for name, one in tallies.items():
        shares = (
            f"{one.has[part] / one.refused:6.1%}" if one.refused and one.has[part] else "     -"
            for part in parts
        )
        lines.append(
            f"{name:14} {one.inputs:6}  {one.read:4}  {one.refused:7}  {one.slowest:10.1f}  {one.largest / 1e6:8.0f}  "
            + "  ".join(shares)
        )
    whole = sum(one.inputs for one in tallies.values())
    lines.append(f"{whole:,} inputs, {len(faults)} faults, {len(poor)} sentences that lack something")
    lines += [f"FAULT {one['door']} {one['number']}: {one['fault'][:1500]}" for one in faults]
    lacking = Counter((one["door"], ", ".join(one["lacks"])) for one in poor)
    lines += [f"lacking {what} at {door}: {count}" for (door, what), count in lacking.most_common(12)]
    return "\n".join(lines) + "\n"


# A worker --------------------------------------------------------------------------------------------------


def work(seed: int) -> int:
    """Open the doors that the parent names, one line each."""
    import resource

    from fuzz_doors import opened

    resource.setrlimit(resource.RLIMIT_DATA, (6 * MOST_MEMORY, 6 * MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        door, number = json.loads(line)
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        _reset_peak()
        start, said, fault = time.process_time(), "", ""
        try:
            said = opened(door, number, seed, folder)
        except KeyboardInterrupt:
            return 130
        except BaseException as error:  # noqa: BLE001 - the law is that there is none
            trace = traceback.extract_tb(error.__traceback__)[-3:]
            where = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(trace))
            fault = f"{type(error).__name__}: {str(error)[:1200]} at {where}"
        reply = {
            "said": said[:4000],
            "fault": fault,
            "seconds": time.process_time() - start,
            "bytes": _peak(),
        }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak() -> int:
    """Largest resident memory since it was reset, in bytes."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found.group(1)) * 1024 if found else 0


if __name__ == "__main__":
    sys.exit(main())
