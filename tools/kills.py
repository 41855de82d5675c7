"""Kill generations of subscribers at seeded moments, go on, and compare every byte: ``python run.py kills``.

    python run.py kills [--kills N] [--rows N] [--seed N] [--by threads,processes,dask] [--signal KILL]

Each way of working in turn is killed again and again, half of the times while its workers start. Two seconds
after each kill no process of it may live, and every file that has its name must be whole. Then a copy of what
the kill left is finished with `--resume`, and must have the same bytes as a run that nobody disturbed; the
folder itself is continued, and killed again. Nothing is asked of any other machine: Dask's scheduler and
workers run on this one.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = "tmobile-2021-stated"
PATIENCE = 2.0
"""Seconds after which nothing of a killed run may live."""
WAYS = ("threads", "processes", "dask")
WRITE = """
import sys
from breach_sim import api
from breach_sim.apps.cli import main as cli
from breach_sim.population.dataset import writer
writer._PROCESSES_FROM = {processes_from}
writer.FILE_BLOCKS = writer.write.__kwdefaults__["blocks_per_file"] = {per_file}
sys.argv = ["breach-sim", *sys.argv[1:]]
cli.main()
"""
"""The command line, with the way of working and the size of files fixed; by itself the rows decide the way."""  # noqa: E501
REFUSED = 2
"""Exit status of a command that refuses."""


@dataclass
class Tally:
    """What the kills came to: how many there were, and after how many of them what holds."""

    kills: int = 0
    equal: int = 0
    orphans: int = 0
    refused: int = 0
    torn: int = 0
    whole_files: int = 0
    too_late: int = 0


def main(words: list[str]) -> int:
    """Kill, go on, compare; return 1 if anything was not as it should be."""
    parser = argparse.ArgumentParser(prog="run.py kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=40, help="in all (default %(default)s)")
    parser.add_argument("--rows", type=int, default=10_000_000, help="subscribers (default %(default)s)")
    parser.add_argument("--seed", type=int, default=20210817, help="of the moments (default %(default)s)")
    parser.add_argument(
        "--by", default=",".join(WAYS), help="ways of working, by commas (default %(default)s)"
    )
    parser.add_argument("--signal", default="KILL", choices=("KILL", "TERM", "INT"))
    said = parser.parse_args(words)
    ways = said.by.split(",")
    if not set(ways) <= set(WAYS):
        print(f"run.py kills: --by is {said.by!r}; name some of {', '.join(WAYS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # take scheduler, workers and files away, too
    dice, number = random.Random(said.seed), getattr(signal, f"SIG{said.signal}")
    print(
        f"{said.rows:,} rows of {SCENARIO}, {said.kills} times SIG{said.signal}, moments by seed {said.seed}"
    )
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        start = time.monotonic()
        whole = Path(place, "whole")
        subprocess.run(  # noqa: S603 - our own words
            command(whole, said.rows, "threads", ""),
            check=True,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment(),
        )
        wanted, took = tree(whole), time.monotonic() - start
        print(
            f"undisturbed: {len(wanted) - 1} files, {size_of(whole) / 1e6:,.0f} MB, {took:.0f} s", flush=True
        )
        tallies = {}
        for i, way in enumerate(ways):
            kills = said.kills // len(ways) + (i < said.kills % len(ways))
            tallies[way] = killed_by(way, kills, Path(place), wanted, said.rows, took, dice, number)
            print(f"{way}: {tallies[way]}", flush=True)
    print(f"together: {sum(t.kills for t in tallies.values())} kills, ", end="")
    print(f"{sum(t.equal for t in tallies.values())} equal byte for byte after --resume")
    bad = sum(t.orphans + t.refused + t.torn + t.kills - t.equal for t in tallies.values())
    return 1 if bad else 0


def killed_by(
    way: str,
    kills: int,
    place: Path,
    wanted: dict[str, str],
    rows: int,
    took: float,
    dice: random.Random,
    number: int,
) -> Tally:
    """Kill runs of one way of working, one after the other; after each kill finish a copy and compare it."""
    tally, folder, copy = Tally(), place / way, place / f"{way}-copy"
    with ExitStack() as stack:
        address = stack.enter_context(cluster()) if way == "dask" else ""
        while tally.kills < kills:
            moment = dice.choice([dice.uniform(0.05, 2.5), dice.uniform(0.5, 0.5 * took)])
            status, family = killed_at(moment, command(folder, rows, way, address), number)
            if status == 0:  # it was faster than the moment: begin anew
                tally.too_late += 1
                shutil.rmtree(folder)
                continue
            tally.kills += 1
            tally.refused += status == REFUSED
            _, alive = psutil.wait_procs(family, timeout=PATIENCE)
            tally.orphans += sum(is_alive(process) for process in alive)
            left = {name: digest for name, digest in tree(folder).items() if not name.startswith(".partial")}
            tally.torn += sum(wanted.get(name) != digest for name, digest in left.items())
            tally.whole_files += len(left)
            if folder.exists():
                shutil.copytree(folder, copy)
            finish(tally, command(copy, rows, way, address), copy, wanted)
    shutil.rmtree(folder, ignore_errors=True)
    return tally


def killed_at(moment: float, words: list[str], number: int) -> tuple[int, list[psutil.Process]]:
    """Start a command, kill it after some seconds, and return its status and its children by then."""
    child = subprocess.Popen(  # noqa: S603 - our own words
        words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    end, family = time.monotonic() + moment, []
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    if child.poll() is None:
        family = psutil.Process(child.pid).children(recursive=True)
        child.send_signal(number)
    try:
        complaint = child.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        child.kill()
        complaint = child.communicate()[1]
        complaint += "\nit had to be killed, or somebody kept its standard error open"
    if child.returncode == REFUSED or "Traceback" in complaint:
        print(complaint[-500:])
    return child.returncode, family


def finish(tally: Tally, words: list[str], folder: Path, wanted: dict[str, str]) -> None:
    """Let a folder be finished, compare it with the undisturbed one, and take it away."""
    done = subprocess.run(  # noqa: S603 - our own words
        words, check=False, env=environment(), capture_output=True, text=True
    )
    if done.returncode:
        print(done.stderr[-500:])
        tally.refused += 1
    tally.equal += tree(folder) == wanted
    shutil.rmtree(folder, ignore_errors=True)


def command(folder: Path, rows: int, way: str, address: str) -> list[str]:
    """Return the words that generate, or go on where something stands already."""
    code = WRITE.format(processes_from=0 if way == "processes" else 10**9, per_file=8)
    words = ["generate", SCENARIO, "--rows", str(rows), "--workers", "2", "--out", str(folder)]
    words += ["--scheduler", address] if address else []
    return [sys.executable, "-c", code, *words, *(["--resume"] if folder.exists() else [])]


@contextmanager
def cluster() -> Iterator[str]:
    """Start a scheduler and a worker of Dask on this machine, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment()}
    dask = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    work = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nworkers",
        "2",
        "--nthreads",
        "1",
        "--no-dashboard",
        "--local-directory",
        tempfile.gettempdir(),
    ]
    started = [subprocess.Popen(words, **quiet) for words in (dask, work)]  # noqa: S603 - our own words
    try:
        time.sleep(8)
        yield address
    finally:
        family = [p for each in started for p in psutil.Process(each.pid).children(recursive=True)]
        for each in started:
            each.terminate()
        for process in family:
            if is_alive(process):
                process.kill()
        for each in started:
            each.wait()


def environment() -> dict[str, str]:
    """Return the variables of a child: the package of this checkout."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def is_alive(process: psutil.Process) -> bool:
    """Say whether a process works: one that nobody buried does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        try:
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
        except (IsADirectoryError, FileNotFoundError):
            continue
    return found


def size_of(folder: Path) -> int:
    """Return the bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
