"""Laws of faults around a command: full disk, no memory, no room to write, closed output, odd surroundings.

Each command runs in a process of its own, so these are slow; ``python run.py verify`` runs them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCENARIO = "tmobile-2021-stated"
QUICK = ["run", SCENARIO, "--replicates", "50"]
MAIN = ["-m", "breach_sim.apps.cli.main"]
PEOPLE = ["generate", SCENARIO, "--rows", "200000", "--workers", "2"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs limits of processes"),
]


def command(
    *words: str,
    flags: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
    out: int = subprocess.PIPE,
    folder: Path | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own, with changed surroundings."""
    env = {name: value for name, value in os.environ.items() if name not in without}
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | variables
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, *flags, *MAIN, *words],
        stdout=out,
        stderr=subprocess.PIPE,
        env=env,
        cwd=folder,
        preexec_fn=before,
        check=False,
    )


def limited(what: str, most: int) -> Callable[[], None]:
    """Return what limits a resource of a new process."""

    def limit() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(getattr(resource, what), (most, most))

    return limit


def is_sentence(said: bytes) -> bool:
    """Say whether standard error holds one line of the command and no traceback."""
    lines = said.decode().strip().splitlines()
    return len(lines) == 1 and lines[0].startswith("breach-sim: ") and len(lines[0]) < 700


@pytest.fixture(scope="module")
def plain() -> bytes:
    """What a run prints where all is well."""
    done = command(*QUICK, "--json")
    assert 0 == done.returncode
    json.loads(done.stdout)
    return done.stdout


C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("flags", "without", "variables"),
    [
        ((), ("LANG", "LC_ALL", "PYTHONUTF8"), C_LOCALE),
        ((), (), {"PYTHONIOENCODING": "ascii"}),
        ((), ("HOME",), {}),
        ((), (), {"HOME": "/nonexistent"}),
        (("-O",), (), {}),
        (("-OO",), (), {}),
        (("-W", "error"), (), {}),
        ((), (), {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7"}),
    ],
)
def test_surroundings_change_no_byte(
    flags: tuple[str, ...], without: tuple[str, ...], variables: dict[str, str], plain: bytes
) -> None:
    """Locale, home, optimization, warnings as errors, time zone and hash seed leave every byte as it is."""
    done = command(*QUICK, "--json", flags=flags, without=without, **variables)
    assert (0, b"") == (done.returncode, done.stderr)
    assert plain == done.stdout


def test_text_survives_a_locale_without_letters(tmp_path: Path) -> None:
    """In the C locale and without a home the text and the files of a run are written, figures included."""
    done = command(*QUICK, "--out", str(tmp_path / "o"), without=("HOME", "LANG"), **C_LOCALE)
    assert 0 == done.returncode, done.stderr
    assert b"people harmed" in done.stdout
    assert (tmp_path / "o" / "funnel.png").stat().st_size > 10_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_an_output_that_is_full_is_a_sentence(words: list[str]) -> None:
    """Standard output on a full disk ends with status 2 and a sentence."""
    with Path("/dev/full").open("wb") as full:
        done = command(*QUICK, *words, out=full.fileno())
    assert 2 == done.returncode
    assert is_sentence(done.stderr), done.stderr
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("words", [["fields"], [*QUICK, "--json"]])
def test_a_closed_output_is_no_traceback(words: list[str]) -> None:
    """A closed standard output, and a reader who leaves, end without a traceback."""
    closed = command(*words, before=lambda: os.close(1))
    assert b"Traceback" not in closed.stderr
    ours, theirs = os.pipe()
    os.close(ours)
    gone = command(*words, out=theirs)
    os.close(theirs)
    assert (141, b"") == (gone.returncode, gone.stderr)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Where files cannot grow, a run's folder is not made, and the earlier one stays."""
    command(*QUICK, "--out", str(tmp_path / "o"))
    before = {path: path.read_bytes() for path in (tmp_path / "o").iterdir()}
    done = command(*QUICK, "--out", str(tmp_path / "o"), before=limited("RLIMIT_FSIZE", 20_000))
    assert 2 == done.returncode
    assert is_sentence(done.stderr), done.stderr
    assert before == {path: path.read_bytes() for path in (tmp_path / "o").iterdir()}
    assert ["o"] == [path.name for path in tmp_path.iterdir()]


def test_a_full_disk_in_the_middle_of_subscribers(tmp_path: Path) -> None:
    """Where no file of subscribers fits, the sentence counts the whole ones; with room it goes on."""
    words = [*PEOPLE, "--out", str(tmp_path / "x")]
    done = command(*words, before=limited("RLIMIT_FSIZE", 1_000_000))
    assert 2 == done.returncode
    assert is_sentence(done.stderr), done.stderr
    assert b"File too large; 0 of 1 files are whole and stay: make room" in done.stderr
    again = command(*words, "--resume")
    assert 0 == again.returncode, again.stderr
    assert 0 == command("generate", "--verify", str(tmp_path / "x")).returncode


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A read-only folder is named with its remedy, by all that write."""
    place = tmp_path / "read-only"
    place.mkdir(mode=0o500)
    if os.access(place, os.W_OK):  # root may write there, and nobody makes folders in the kernel's
        place = Path("/sys/kernel")
    if not place.is_dir():
        pytest.skip("root, and no folder of the kernel")
    for words in (
        [*QUICK, "--out", str(place / "o")],
        [*PEOPLE, "--out", str(place / "x")],
        ["card", SCENARIO, "--replicates", "50", "--out", str(place / "card.html")],
        ["page", SCENARIO, "--out", str(place / "p.html")],
    ):
        done = command(*words)
        assert 2 == done.returncode, done
        assert is_sentence(done.stderr), done.stderr
        assert str(place).encode() in done.stderr


def test_too_little_memory_is_a_sentence(tmp_path: Path) -> None:
    """Where memory does not suffice, a run ends with status 2 and a sentence, and writes nothing."""
    done = command(
        "run", SCENARIO, "--replicates", "131072", "--out", str(tmp_path / "o"),
        before=limited("RLIMIT_AS", 1_200_000_000), OPENBLAS_NUM_THREADS="1",
    )  # fmt: skip
    assert 2 == done.returncode, done.stderr
    assert is_sentence(done.stderr), done.stderr
    assert b"memory does not suffice" in done.stderr
    assert [] == list(tmp_path.iterdir())


def test_of_two_writers_one_writes(tmp_path: Path) -> None:
    """Of two processes that write one folder, one succeeds and the other is refused with the truth."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, *MAIN, "generate", SCENARIO, "--rows", "1000000", "--out", str(tmp_path / "x")]
    both = [
        subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603
        for _ in range(2)
    ]
    said = [child.communicate()[1] for child in both]
    assert [0, 2] == sorted(child.returncode for child in both)
    refusal = said[0] if both[0].returncode else said[1]
    assert is_sentence(refusal), refusal
    assert b"is being written by process" in refusal or b"holds this data set already" in refusal
    assert ["manifest.json", "subscribers"] == sorted(path.name for path in (tmp_path / "x").iterdir())


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_processes_in_good_order(number: int, status: int, tmp_path: Path) -> None:
    """SIGTERM and SIGINT end a command and its processes with a status, a sentence, and no warning."""
    psutil = pytest.importorskip("psutil")
    code = (
        "import sys; from breach_sim.apps.cli import main; from breach_sim.population.dataset import writer\n"
        "writer._PROCESSES_FROM = 0; writer.write.__kwdefaults__['blocks_per_file'] = 8\n"
        f"sys.argv = {['breach-sim', *PEOPLE[:3], '20000000', *PEOPLE[4:], '--out', str(tmp_path / 'x')]}\n"
        "main.main()"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.PIPE)  # noqa: S603
    while not list((tmp_path / "x").glob("subscribers/part-*")):
        assert child.poll() is None
        psutil.wait_procs([psutil.Process(child.pid)], timeout=0.1)
    family = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(number)
    said = child.communicate()[1].decode()
    assert status == child.returncode, said
    assert is_sentence(said.encode()), said
    assert "files are whole and stay in" in " ".join(said.split())
    gone, _ = psutil.wait_procs(family, timeout=30)
    assert len(gone) == len(family) >= 2
