"""One answer everywhere: documents compared across Pythons and libraries, ``python tools/one_answer.py``.

In each environment under out/one-answer the same things are made: the JSON documents of a few scenarios and
of a comparison, and digests of rows of subscribers and devices in each locale. Whole numbers and texts must
be equal, other numbers equal to 1e-12 of their size. Versions that a document names are left out. Digests of
rows must be equal where Faker is the same: names come from its lists, which grow with each version.

Environments hold the locked versions but for what their name says. What a machine lacks is named and passed
over. WebAssembly is compared by the class that runs in a browser (``run.py live --check``).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "out" / "one-answer"
LIBRARIES = (
    "numpy", "pandas", "scipy", "matplotlib", "faker", "typer", "rich", "jinja2", "lazy-loader", "tomli-w",
    "pyarrow", "loky",
)  # fmt: skip
"""What the answers need: the core, and the extra `people`."""
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
    """

    name: str
    python: str
    with_others: Mapping[str, str] = field(default_factory=dict)
    lowest: bool = False
    threads: int = 1


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
)


def main(words: Sequence[str] | None = None) -> int:
    """Make and compare; return the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("--write", type=Path, help="only make the answers of this environment, into a file")
    options.add_argument(
        "--only", action="append", default=[], help="only environments whose name holds this"
    )
    given = options.parse_args(words)
    if given.write:
        given.write.write_text(json.dumps(answers(), indent=1), encoding="utf-8")
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
        bad += bool(found)
        words_of = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
        print(f"{environment.name}: {compared(first)} values, {len(found)} differ ({words_of})", flush=True)
        if found:
            print(f"    largest relative difference of a number: {largest(first, made):.1e}")
        for line in found[:8]:
            print(f"    {line}")
    return int(bad > 0 or first is None)


# The answers -----------------------------------------------------------------------------------------------


def answers() -> dict[str, Any]:
    """Return documents and digests as this environment makes them, and its versions."""
    import platform

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
    for locale in LOCALES:
        people = Population(scenario, 7, 3_000, locale)
        rows |= {f"{locale} {table}": digest_of(people.block(0, table)).hex() for table in TABLES}
    return {"versions": versions | {"faker": faker.VERSION}, "documents": documents, "rows": rows}


def made_in(environment: Environment) -> dict[str, Any] | None:
    """Answers of an environment; None, and a line that says why, if the machine lacks what it needs."""
    folder = STORE / re.sub(r"[^a-z0-9.]+", "-", environment.name.lower())
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    lacks = installed(environment, folder, python)
    if lacks:
        print(f"{environment.name}: LEFT OUT, {lacks}", flush=True)
        return None
    file = folder / "answers.json"
    threads = dict.fromkeys(THREADS, str(environment.threads))
    env = {
        **os.environ,
        **threads,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
    }
    done = subprocess.run(  # noqa: S603 - its own words
        [str(python), str(Path(__file__).resolve()), "--write", str(file)], env=env, check=False
    )
    if done.returncode:
        raise SystemExit(f"one_answer.py: no answer in '{environment.name}'; see above")
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


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
    if environment.lowest:
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


def compared(made: Mapping[str, Any]) -> int:
    """Number of values that are compared."""
    return sum(1 for _ in flat({"documents": made["documents"], "rows": made["rows"]}))


def differences(first: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between the answers of two environments, in words."""
    old, new = dict(flat(first["documents"])), dict(flat(other["documents"]))
    for place in sorted(old.keys() ^ new.keys()):
        yield f"{place}: in one document only"
    for place in old.keys() & new.keys():
        if not same(old[place], new[place]):
            yield f"{place}: {old[place]!r} and {new[place]!r}"
    if first["versions"]["faker"] == other["versions"]["faker"]:
        for name in sorted(first["rows"].keys() | other["rows"].keys()):
            if first["rows"].get(name) != other["rows"].get(name):
                yield f"rows of {name}: other digests"


def largest(first: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return the largest relative difference of two numbers of the documents; infinite if a text differs."""
    old, new = dict(flat(first["documents"])), dict(flat(other["documents"]))
    worst = 0.0
    for place in old.keys() & new.keys():
        one, two = old[place], new[place]
        if one != two:
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
