"""The environment ``.venv`` of run.py: made from the lock, mended if damaged, by one process at a time.

Only the standard library is used: this runs before anything is installed, on whatever Python there is.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "breach-sim.json"
TURN = ROOT / ".venv.lock"
"""File that the process which makes ``.venv`` keeps locked; the system frees it when the process ends."""
PROBES = ("pip", "numpy", "scipy", "pandas", "matplotlib", "typer")
"""Packages of which a file is looked for at each start; of the others only that they are listed."""
PLACE = "place"
"""What the stamp says of the checkout's path."""
NO_NETWORK = re.compile(
    r"NewConnectionError|failure in name resolution|Name or service not known|nodename nor servname"
    r"|getaddrinfo failed|Network is unreachable|No route to host|Connection refused|Connection reset"
    r"|ConnectTimeout|[Rr]ead timed out|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|dns error"
    r"|error sending request|operation timed out|No matching distribution found"
)
"""What pip and uv say where no index answers, or none has the package."""


class Refusal(Exception):  # noqa: N818 - not an error of the program: it says what to do
    """A sentence for the user: value, rule, remedy. The process ends with status 2."""


def venv_python() -> Path:
    """Return the path of the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def text_bytes(path: Path) -> bytes:
    """Return the bytes of a text file whatever its line ends."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def pins(*names: str) -> str:
    """Return the lines of the lock for some packages, with their hashes; an unknown name has none."""
    found = re.finditer(r"^([a-z0-9-]+)==(?:.*\\\n)*.*$", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return "".join(f"{pin.group()}\n" for pin in found if pin.group(1) in names)


def make_environment(parts: str, first: "tuple[str, ...]", env: "dict[str, str]") -> None:
    """Make ``.venv`` from the lock unless it is there already, whole and of this lock.

    With the parts "first" it has the packages that are named; with "all", the rest is added to what is there.
    The variables are those of a child.
    """
    if is_whole(parts):
        return
    with one_at_a_time():
        if not is_whole(parts):  # the process before us may have made it
            _make(parts, first, env)


def is_whole(parts: str) -> bool:
    """Say whether ``.venv`` has what these parts need, and nothing is missing from it."""
    return any(environment_is(stamp(each)) for each in (parts, "all")) and not missing()


def _make(parts: str, first: "tuple[str, ...]", env: "dict[str, str]") -> None:
    lost, known = missing(), [each for each in ("first", "all") if environment_is(stamp(each))]
    grows = bool(known) and "pip" not in lost
    if not grows and Path(sys.prefix).resolve() == VENV.resolve():
        raise Refusal(
            "run.py was started by the Python inside .venv, which must be made again:"
            " start it with the Python outside."
        )
    start = time.monotonic()
    if lost and grows:
        print(f"set-up: .venv lacks {', '.join(lost[:3])}: mending it", flush=True)
    elif grows:
        print("set-up: adding to .venv what this verb needs (once)", flush=True)
    elif os.path.lexists(str(VENV)):
        print(f"set-up: .venv is {why_not(parts)}: making it again", flush=True)
    else:
        print("set-up: making .venv (once)", flush=True)
    if grows:
        parts = "all" if "all" in known else parts
        STAMP.unlink()
        for name in lost:
            forget(name)
    else:
        remove_environment()
        step([sys.executable, "-m", "venv", str(VENV)], env)
    install_locked(parts, first, env)
    pip = [str(venv_python()), "-m", "pip", "install", "-q"]
    step([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], env)
    want = dict(stamp(parts), packages=sorted(listed()))
    aside = STAMP.with_suffix(".part")
    aside.write_text(json.dumps(want, indent=1), encoding="utf-8")
    aside.replace(STAMP)
    print(f"set-up: done in {time.monotonic() - start:.0f} s", flush=True)


# What is there --------------------------------------------------------------------------------------------


def stamp(parts: str) -> "dict[str, object]":
    """Return what an environment was made from: lock and project, Python, place, and its parts."""
    return {
        "parts": parts,
        "lock": hashlib.sha256(text_bytes(LOCK) + b"\0" + text_bytes(PROJECT)).hexdigest(),
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        PLACE: str(ROOT),
    }


def read_stamp() -> "dict[str, object]":
    """Return what ``.venv`` says of itself; it is written last, so an unfinished one says nothing."""
    try:
        have = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return have if isinstance(have, dict) else {}


def environment_is(want: "dict[str, object]") -> bool:
    """Say whether ``.venv`` was made from this, for this checkout, wherever it is seen from."""
    have = read_stamp()
    same = all(have.get(key) == value for key, value in want.items() if key != PLACE)
    return same and is_here(have.get(PLACE)) and venv_python().exists()


def is_here(place: object) -> bool:
    """Say whether the environment of a checkout at this path is ours: the same folder, or one that moved.

    A copy of a checkout beside the first one gets its own: the packages of the other point there.
    """
    if place == str(ROOT):
        return True
    if not isinstance(place, str):
        return False
    try:
        return Path(place).samefile(ROOT)
    except OSError:
        return True  # it is not there: this checkout was moved, or is seen at another path


def is_moved() -> bool:
    """Say whether ``.venv`` was made when the checkout was at another path."""
    return read_stamp().get(PLACE, str(ROOT)) != str(ROOT)


def why_not(parts: str) -> str:
    """Say why ``.venv`` cannot serve."""
    have, want = read_stamp(), stamp(parts)
    if not have:
        return "unfinished"
    if not is_here(have.get(PLACE)):
        return f"that of another checkout, {have.get(PLACE)}"
    for key, what in (("lock", "of another lock"), ("python", f"of Python {have.get('python')}")):
        if have.get(key) != want[key]:
            return what
    return "damaged"


def packages_folder() -> Path:
    """Return the folder of the environment's packages."""
    inside = "Lib" if os.name == "nt" else "lib/python{}.{}".format(*sys.version_info[:2])
    return VENV / inside / "site-packages"


def listed() -> "set[str]":
    """Return the packages that are listed with their files, as names of folders."""
    return {record.parent.name for record in packages_folder().glob("*.dist-info/RECORD")}


def missing() -> "list[str]":
    """Return the names of packages that were there and are not whole now; none for an unfinished one."""
    have = read_stamp()
    if not have or not venv_python().exists():
        return []
    before = have.get("packages")
    wanted = {name for name in before if isinstance(name, str)} if isinstance(before, list) else set()
    lost = {name.partition("-")[0] for name in wanted - listed()}
    lost |= {name for name in PROBES if not (packages_folder() / name / "__init__.py").is_file()}
    return sorted(lost)


def forget(name: str) -> None:
    """Take away the list of a package that is damaged, so that it is installed again."""
    for folder in packages_folder().glob(f"{name}-*.dist-info"):
        shutil.rmtree(str(folder), ignore_errors=True)


def remove_environment() -> None:
    """Remove ``.venv``, or a link or file of that name, if there is one."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
        return
    try:
        if STAMP.exists():
            STAMP.unlink()
        if VENV.exists():
            shutil.rmtree(str(VENV))
    except OSError as error:
        raise Refusal(
            f".venv cannot be removed ({error}): close what uses it, delete it, try again."
        ) from error


# One at a time --------------------------------------------------------------------------------------------


@contextmanager
def one_at_a_time() -> "Iterator[None]":
    """Wait until no other run.py makes ``.venv``."""
    try:
        turn = TURN.open("a+b")
    except OSError as error:
        raise Refusal(
            f"{ROOT} cannot be written ({error.strerror}), and .venv must be made there: copy the checkout to"
            " a folder that you can write, or make .venv where it can be written."
        ) from error
    with turn:
        if not taken(turn):
            print("set-up: another run.py makes .venv; waiting for it (Ctrl-C stops waiting)", flush=True)
            while not taken(turn):
                time.sleep(0.2)
        yield


def taken(turn: Any) -> bool:
    """Lock an open file until it is closed, and say whether nobody else had; where no locks are, nobody."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(turn.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(turn.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


# Installing -----------------------------------------------------------------------------------------------


def install_locked(parts: str, first: "tuple[str, ...]", env: "dict[str, str]") -> None:
    """Install the lock: with uv for speed, with pip where uv cannot or the user's index is set for pip."""
    python = str(venv_python())
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "parts.lock"
        lock.write_text(pins(*first) if parts == "first" else LOCK.read_text("utf-8"), encoding="utf-8")
        # Every package that is needed is named: whoever installs has nothing to find out.
        locked = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(lock)]
        uv = None if pip_has_own_index(env) else install_uv(Path(folder) / "uv", env)
        if uv is not None:
            if step([uv, "pip", "install", "-q", "--python", python, *locked], env, check=False) == 0:
                return
            print("set-up: uv could not install the lock; pip does it now (some minutes)", flush=True)
        step([python, "-m", "pip", "install", "-q", *locked], env)


def pip_has_own_index(env: "dict[str, str]") -> bool:
    """Say whether the user told pip to use another index, or none; uv would not know."""
    done = subprocess.run(  # noqa: S603 - our own words
        [str(venv_python()), "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
        check=False,
    )
    return re.search(r"\.(index-url|no-index)=", done.stdout) is not None


def install_uv(folder: Path, env: "dict[str, str]") -> "str | None":
    """Install uv at its locked version and hashes into a folder; return the program, if that worked."""
    only_uv = folder.with_suffix(".lock")
    only_uv.write_text(pins("uv"), encoding="utf-8")
    pip = ["-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--target", str(folder)]
    if step([str(venv_python()), *pip, "--require-hashes", "-r", str(only_uv)], env, check=False):
        return None
    return shutil.which("uv", path=str(folder / "bin"))


def step(command: "list[str]", env: "dict[str, str]", *, check: bool = True) -> int:
    """Run a step of the set-up; where no index answers, say so in a sentence in place of its own words."""
    done = subprocess.run(  # noqa: S603 - our own words
        command,
        cwd=str(ROOT),
        env=env,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode and NO_NETWORK.search(done.stderr):
        raise Refusal(
            "the packages of requirements.lock could not be fetched: no package index answers with them. Go"
            " online, or name a proxy (HTTPS_PROXY), an index (PIP_INDEX_URL), or a folder of wheels"
            " (PIP_FIND_LINKS); then start this again. Nothing needs to be deleted."
        )
    print(done.stderr, end="", file=sys.stderr, flush=True)
    if check and done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command)
    return done.returncode
