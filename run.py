"""Set up the project's own environment, then do one thing in it: ``python run.py [verb]``.

Only the standard library is used. The environment is ``.venv`` beside this file, made from
``requirements.lock``; a second call finds it as it should be and installs nothing.
"""

import difflib
import hashlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
from environment import (
    LOCK,
    PROJECT,
    ROOT,
    VENV,
    Refusal,
    is_moved,
    make_environment,
    text_bytes,
    venv_python,
)

# The first line that Python 2 cannot read, so it is the one that its error shows.
RELEASE_LOCK: str = "tools/release.lock"  # breach_sim needs Python 3.11 or newer: python3 run.py
OLDEST, NEWEST = (3, 11), (3, 14)
CORE = ROOT / "out" / "core"
EXTRAS = ("people", "files", "report", "explore", "dask", "all")
"""Extras of pyproject.toml that `run.py core` can try."""
FIRST_CASE = (
    "annotated-doc", "annotated-types", "colorama", "contourpy", "cycler", "faker", "fonttools",
    "jinja2", "kiwisolver", "lazy-loader", "markdown-it-py", "markupsafe", "matplotlib", "mdurl", "numpy",
    "packaging", "pandas", "pillow", "pydantic", "pydantic-core", "pygments", "pyparsing",
    "python-dateutil", "rich", "scipy", "setuptools", "shellingham", "tomli-w", "typer",
    "typing-extensions", "typing-inspection", "tzdata",
)  # fmt: skip
"""Packages of the lock that the first case needs: the core, what it needs, and what installs the checkout."""
FIRST_SCENARIO = "tmobile-2021-claimed"

VERBS = {
    "": f"set up, then run the first scenario ({FIRST_SCENARIO}) into out/",
    "test": "set up, then every check: style, types, layers, tests, notebooks (--quick: a part of them)",
    "lab": "set up, then open the notebooks in JupyterLab (further words go to it)",
    "dashboard": "set up, then serve the controls of bs.explore as a page (--help lists its options)",
    "browser": "try dashboard and panel in headless Chromium, by keyboard too (skipped without one)",
    "pages": "try the pages to share in headless Chromium: sums, keys, axe-core (skipped without one)",
    "notebooks": "run all notebooks again and store their outputs (or only the named ones)",
    "lessons": "write the students' copies of the lessons to out/lessons (or --check them)",
    "catalog": "make docs/catalog.md again, the page of all scenarios, from their files",
    "calibrate": "fit both sides to data again: posterior rows and docs/calibration.md (or --check them)",
    "evidence": "compute again on which numbers the loss of four scenarios rests (minutes)",
    "bench": "run benchmarks/run_all.py (further words go to it)",
    "classroom": "make out/classroom (or --out DIR): notebooks, lessons and docs as a book to open offline",
    "live": "make out/live (or --out DIR): lessons that run in a browser, with no server; or --check it",
    "docs": "make out/docs (or --out DIR): the documentation, ready for a static host, every link checked",
    "accessibility": "check pages of the documentation (or the named pages) with axe-core in Chromium",
    "core": "try the package with the core's dependencies alone, or with the named extras alone",
    "lowest": "try the package on the oldest Python with the oldest dependencies that pyproject.toml allows",
    "newest": "try the package with the newest dependencies that there are, on this Python",
    "release": "build wheel and sdist, try both on every Python here, list what they need (--help)",
    "verify": "run the slow proofs: the tests marked slow (the better part of an hour)",
    "kills": "kill a generation of ten million rows 40 times and compare every byte (--help; 20 minutes)",
    "mutation": "raise ten numbers by a tenth: a notebook's table must notice (or try the named notebooks)",
    "lock": "make requirements.lock again from pyproject.toml, with the newest versions",
}
UNWANTED = {"PYTHONHOME", "PYTHONPATH", "MPLBACKEND", "PYTHONDONTWRITEBYTECODE"}
"""Variables that no child gets. With the last, every process would compile its modules anew."""
DASHBOARD = (os.path.join("tools", "dashboard.py"),)  # noqa: PTH118 - a word, not a place
"""How the dashboard is served: to this machine alone, and without asking any other."""
TAKES_WORDS = {"test", "lab", "notebooks", "pages", "lessons", "bench", "dashboard", "classroom", "calibrate",
               "docs", "accessibility", "core", "release", "kills", "mutation", "live"}  # fmt: skip


def main(words: "list[str]") -> int:
    """Do what the words say and return the exit status."""
    if words and words[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0
    try:
        verb, rest = read_words(words)
        check_python()
        make_environment("first" if verb == "" else "all", FIRST_CASE, surroundings())
        return act(verb, rest)
    except Refusal as refusal:
        print(f"run.py: {refusal}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"run.py: this step failed: {show(error.cmd)}", file=sys.stderr)
        return error.returncode if error.returncode > 0 else 1
    except KeyboardInterrupt as stop:
        print("run.py: stopped; start the same again to go on", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)


def end(number: int, _frame: object) -> None:
    """End a step in good order at SIGTERM, too."""
    raise KeyboardInterrupt(number)


def usage() -> str:
    """Return the help text, one line a verb."""
    lines = [f"  {'python run.py ' + verb:<29}{meaning}" for verb, meaning in VERBS.items()]
    return "\n".join(["usage: python run.py [verb]", "", *lines])


def read_words(words: "list[str]") -> "tuple[str, list[str]]":
    """Split the command line into a verb and the rest, or refuse."""
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if verb not in VERBS:
        near = difflib.get_close_matches(verb[:40].lower(), [name for name in VERBS if name], n=1, cutoff=0.5)
        meant = f"; did you mean '{near[0]}'?" if near else "."
        known = ", ".join(name for name in VERBS if name)
        raise Refusal(
            f"unknown verb {verb[:40]!r}{meant} Known: {known}. `python run.py --help` explains them."
        )
    if rest and verb not in TAKES_WORDS:
        raise Refusal(
            f"unexpected {rest[0][:40]!r} after '{verb}': this verb stands alone; leave the rest out."
        )
    return verb, rest


def check_python() -> None:
    """Refuse a Python for which there is no lock, or one that cannot make an environment."""
    have = sys.version_info[:2]
    if not OLDEST <= have <= NEWEST:
        raise Refusal(
            f"this is Python {have[0]}.{have[1]}, and breach_sim needs 3.{OLDEST[1]} to 3.{NEWEST[1]}:"
            f" start run.py with one of these, for example `python3.{NEWEST[1]} run.py`."
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Refusal(
            f"this Python {have[0]}.{have[1]} has no venv module with pip, which run.py needs: install it"
            f" (Debian and Ubuntu: `apt install python{have[0]}.{have[1]}-venv`)."
        )
    if not LOCK.is_file() or not PROJECT.is_file():
        raise Refusal("requirements.lock or pyproject.toml is missing beside run.py: use a whole checkout.")


def surroundings() -> "dict[str, str]":
    """Return the variables for a child: those of the user, minus those that would lead it elsewhere."""
    env = {k: v for k, v in os.environ.items() if k not in UNWANTED}
    tools = str(venv_python().parent)
    env.update(
        VIRTUAL_ENV=str(VENV),
        PATH=tools + os.pathsep + env.get("PATH", os.defpath),
        PYTHONUTF8="1",
        JUPYTER_PREFER_ENV_PATH="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        UV_PYTHON_DOWNLOADS="never",
    )
    if is_moved():  # its packages look for ours where the checkout was
        env["PYTHONPATH"] = str(ROOT)
    return env


def call(*command: str, check: bool = True) -> int:
    """Run a command in the checkout and return its status; with `check`, a failure ends run.py."""
    status = subprocess.run(command, cwd=str(ROOT), env=surroundings(), check=False).returncode
    if check and status:
        raise subprocess.CalledProcessError(status, list(command))
    return status


def in_venv(*words: str, check: bool = True) -> int:
    """Run the environment's Python with these words."""
    return call(str(venv_python()), *words, check=check)


def show(command: "list[str]") -> str:
    """Return a command as one would read it, the interpreter's path left out."""
    return " ".join(["python", *command[1:]])


# The verbs ------------------------------------------------------------------------------------------------


def act(verb: str, rest: "list[str]") -> int:
    """Do what a verb stands for."""
    if verb == "lock":
        return lock()
    if verb in {"lowest", "newest"}:
        return at_the_end(verb)
    if verb == "core":
        return core(rest)
    if verb == "bench" and not (ROOT / "benchmarks" / "run_all.py").is_file():
        raise Refusal("benchmarks/run_all.py is missing: use a whole checkout.")
    commands = {
        "": ["-m", "breach_sim.apps.cli.main", "run", FIRST_SCENARIO, "--out", "out"],
        "test": [os.path.join("tools", "checks.py"), *rest],  # noqa: PTH118 - a word, not a place
        "lab": ["-m", "jupyterlab", "--notebook-dir=notebooks", *rest],
        "notebooks": [os.path.join("tools", "regenerate.py"), *rest],  # noqa: PTH118 - a word, not a place
        "lessons": [os.path.join("tools", "student_copies.py"), *rest],  # noqa: PTH118 - the same
        "bench": [os.path.join("benchmarks", "run_all.py"), *rest],  # noqa: PTH118 - the same
        "dashboard": [*DASHBOARD, *rest],
        "browser": [os.path.join("tools", "drive_dashboard.py")],  # noqa: PTH118 - a word, not a place
        "pages": [os.path.join("tools", "drive_pages.py"), *rest],  # noqa: PTH118 - the same
        "catalog": [os.path.join("tools", "make_catalog.py")],  # noqa: PTH118 - the same
        "evidence": [os.path.join("tools", "evidence_shares.py")],  # noqa: PTH118 - the same
        "classroom": [os.path.join("tools", "classroom.py"), *rest],  # noqa: PTH118 - the same
        "docs": [os.path.join("tools", "classroom.py"), "docs", *rest],  # noqa: PTH118 - the same
        "live": [os.path.join("tools", "live.py"), *rest],  # noqa: PTH118 - the same
        "accessibility": [os.path.join("tools", "accessibility.py"), *rest],  # noqa: PTH118 - the same
        "calibrate": [os.path.join("tools", "calibrate.py"), *rest],  # noqa: PTH118 - the same
        "release": [os.path.join("tools", "release.py"), *rest],  # noqa: PTH118 - the same
        "kills": [os.path.join("tools", "kills.py"), *rest],  # noqa: PTH118 - the same
        "verify": ["-m", "pytest", "tests", "-m", "slow", "-n", "auto", "--dist", "worksteal"],
        "mutation": [os.path.join("tools", "mutation.py"), *rest],  # noqa: PTH118 - the same
    }
    return in_venv(*commands[verb], check=False)


def lock() -> int:
    """Make requirements.lock again: every platform, every Python of the project, hashes, no host."""
    uv = "-m uv pip compile -q --universal --upgrade --generate-hashes --no-config --no-header --no-annotate"
    hidden = "--no-emit-index-url --no-emit-find-links --fork-strategy fewest"  # one NumPy for every Python
    oldest = f"--python-version {OLDEST[0]}.{OLDEST[1]}"
    groups = " ".join(
        f"--group {own}" for own in ("dev", "bench", "browser", "book", "live", "prose", "proofs")
    )
    in_venv(*f"{uv} {hidden} {oldest} {groups} pyproject.toml -o {LOCK.name}".split())
    # The tools of a release have a lock of their own: .venv need not hold them.
    in_venv(*f"{uv} {hidden} {oldest} --group release -o {RELEASE_LOCK}".split())
    number = len(re.findall(r"^\S+==", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    print(f"requirements.lock: {number} pins; the next call of run.py installs them")
    return 0


def at_the_end(verb: str) -> int:
    """Run the smoke tests with the oldest or newest direct dependencies, in an environment under out/.

    The oldest run on the oldest Python, the newest on this one; the index may have newer ones every day.
    """
    oldest = verb == "lowest"
    version = f"{OLDEST[0]}.{OLDEST[1]}" if oldest else sys.executable
    folder = ROOT / "out" / verb
    python, made_from = folder / venv_python().relative_to(VENV), folder / "made-from.txt"
    want = hashlib.sha256(text_bytes(PROJECT)).hexdigest()
    if not oldest or not made_from.is_file() or made_from.read_text(encoding="utf-8") != want:
        if in_venv("-m", "uv", "venv", "-q", "--clear", "--python", version, str(folder), check=False):
            raise Refusal(f"Python {version} is not on this machine: install it, then start this again.")
        install = ["-m", "uv", "pip", "install", "-q", "--only-binary", ":all:"]
        install += ["--resolution", "lowest-direct" if oldest else "highest"]
        what = ["--extra", "people", "--extra", "files", "--requirements", str(PROJECT), "pytest>=9"]
        in_venv(*install, *what, "--python", str(python))
        made_from.write_text(want, encoding="utf-8")
    # `python -m` finds the package in the checkout; the options of the whole suite need nbval.
    options = "-p no:cacheprovider -m smoke -o addopts=--import-mode=importlib --strict-markers -q"
    return call(str(python), "-m", "pytest", *options.split(), "tests/test_smoke.py", check=False)


def core(extras: "list[str]") -> int:
    """Run the tests marked core with the core's dependencies alone, or with each named extra alone.

    Each environment is new, under out/core, with the versions of the lock.
    """
    for name in extras:
        if name not in EXTRAS:
            raise Refusal(f"unknown extra '{name}' after 'core'; known: {', '.join(EXTRAS)}.")
    return max([_core_with(name) for name in extras] or [_core_with("")])


def _core_with(extra: str) -> int:
    folder = CORE / (extra or "alone")
    python = folder / venv_python().relative_to(VENV)
    print(f"== the core {'and ' + extra if extra else 'alone'}", flush=True)
    in_venv("-m", "uv", "venv", "-q", "--clear", "--python", sys.executable, str(folder))
    with tempfile.TemporaryDirectory() as aside:
        versions = Path(aside) / "versions.txt"
        known = re.findall(r"^([a-z0-9-]+==[^\\\n]*)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
        versions.write_text("\n".join(known), encoding="utf-8")
        install = "-m uv pip install -q --only-binary :all: --constraints"
        what = [str(PROJECT), *(["--extra", extra] if extra else []), "pytest>=9", "--python", str(python)]
        in_venv(*install.split(), str(versions), "--requirements", *what)
    # A notebook that is run, as for a report, must find the package from whatever folder.
    editable = ["-m", "uv", "pip", "install", "-q", "--no-deps", "--editable", str(ROOT)]
    in_venv(*editable, "--python", str(python))
    options = "-p no:cacheprovider -m core -o addopts=--import-mode=importlib --strict-markers -q"
    only = ["-k", "extra"] if extra else []  # the core itself is tried alone
    return call(str(python), "-m", "pytest", *options.split(), *only, "tests/test_core.py", check=False)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, end)
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 141
    sys.exit(status)
