"""Do the tests notice a small change of the core? ``python tools/mutants.py --sample 300 --seed 1``.

A sample of all mutants of the core's modules (``mutated_code.py``) is tried, each in a process of its own.
The files of the checkout stay as they are: an import hook hands the changed module to the tests. A mutant
meets the tests that run the changed lines, the quickest first, and with ``--again`` more. It is killed
if a test fails.

Which tests run which lines is measured once (``--map``, minutes) and kept under out/mutants. Survivors must
stand in ``mutants_explained.toml`` with the reason why no test can or need notice them.

The limit of 90 % counts explained survivors as survivors.
"""

from __future__ import annotations

import argparse
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutated_code import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "out" / "mutants"
EXPLAINED = Path(__file__).with_name("mutants_explained.toml")
WANTED = 0.90
"""Share of the sample that the tests must notice."""
CORE: Mapping[str, tuple[str, ...]] = {
    "attacks": ("inputs/attacks.py", "inputs/graph.py", "inputs/requirements.py"),
    "exposure": ("engine/exposure.py",),
    "hazards": ("engine/hazards.py",),
    "law": ("engine/law.py", "engine/granted.py", "engine/segment_law.py"),
    "counts": ("engine/counts.py", "engine/draws/binomial.py"),
    "severity": ("engine/severity.py",),
    "mitigation": (
        "inputs/mitigations/costs.py", "inputs/mitigations/measures.py", "catalog/mitigations.py",
        "whatif/worth.py",
    ),
    "calibration": (
        "analysis/calibration/gaussian.py", "analysis/calibration/hurdle.py", "analysis/calibration/rows.py",
        "analysis/nation/likelihood.py", "analysis/nation/sums.py", "inputs/numbers/posterior.py",
    ),
    "identifiers": ("population/values/identifiers.py",),
    "permutation": ("population/draws/permutation.py",),
    "guard": ("population/values/guard.py",),
    "look-ups": ("inputs/lookups.py", "engine/known.py", "catalog/look_ups.py"),
}  # fmt: skip
"""Modules of the core, by the name under which the table counts them."""
ROOMS = ("inputs", "engine", "population", "whatif", "analysis", "catalog", "results", "api")
"""Folders of tests that hold the core; those of pages, commands and figures are left out."""
OPTIONS = (
    "-q", "-p", "no:cacheprovider", "-p", "no:nbval", "--tb=line",
    "-o", "addopts=--import-mode=importlib --strict-markers", "-m", "not slow and not smoke and not core",
)  # fmt: skip
FIRST, SECOND = 6.0, 15.0
"""Most seconds of tests of the first round and of ``--again``, as measured without a change."""
MOST_TESTS = 80
"""Tests that are kept for a line: those of the module's own file, and the quickest."""
PATIENCE = 4.0
"""How many times longer than without a change tests may take: then they hang, and the mutant is killed."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Tests by the lines that they run, and how long each takes.

    ``lines`` is by file and line; ``seconds`` by test.
    """

    lines: Mapping[str, Mapping[str, list[str]]]
    seconds: Mapping[str, float]

    def of(self, mutant: Mutant) -> list[str]:
        """Tests that run a line of a mutant: those of the module's own file first, the quickest first."""
        own = self.lines.get(mutant.file, {})
        found = {test for line in range(mutant.line, mutant.last_line + 1) for test in own.get(str(line), ())}
        stem = Path(mutant.file).stem
        return sorted(found, key=lambda test: (f"test_{stem}" not in test, self.seconds.get(test, 1.0), test))

    def time_of(self, tests: Iterable[str]) -> float:
        """Seconds of some tests, or of whole files."""
        wanted = set(tests)
        return sum(s for test, s in self.seconds.items() if test in wanted or test.split("::")[0] in wanted)


def main(words: Sequence[str] | None = None) -> int:
    """Try a sample and print a table; return the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("--sample", type=int, default=300, help="how many mutants (300)")
    options.add_argument("--seed", type=int, default=1, help="seed of the sample (1)")
    options.add_argument("--module", default="", help="only mutants of this name, such as hazards")
    options.add_argument("--map", action="store_true", help="measure anew which tests run which lines")
    options.add_argument("--list", action="store_true", help="print the sample and try nothing")
    options.add_argument("--part", default="1/1", help="only this part of the sample, such as 1/2 or 2/2")
    options.add_argument("--again", action="store_true", help="try only those that survived the last run")
    given = options.parse_args(words)
    sample = whole = sampled(given.sample, given.seed, given.module)
    if given.again:
        before = json.loads((STORE / "results.json").read_text(encoding="utf-8"))
        sample = [one for one in sample if before.get(one.key, {}).get("end", "survived") == "survived"]
    part, parts = (int(word) for word in given.part.split("/"))
    if given.list:
        print("\n".join(f"{one.line}: {one.key}" for one in sample))
        return 0
    if given.map or not (STORE / "coverage.json").is_file():
        measure()
    coverage = Coverage(**json.loads((STORE / "coverage.json").read_text(encoding="utf-8")))
    ready()
    gc.freeze()  # children leave what they share alone
    results: dict[str, dict[str, Any]] = {}
    sample = sample[part - 1 :: parts]
    for number, mutant in enumerate(sample, 1):
        end, killer, seconds = tried(mutant, coverage, wider=given.again)
        results[mutant.key] = {"end": end, "by": killer, "seconds": round(seconds, 1), "line": mutant.line}
        print(f"{number}/{len(sample)} {end:<9} {mutant.line}: {mutant.key} {killer}", flush=True)
        own = STORE / f"part-{part}-{'again' if given.again else 'first'}.json"
        own.write_text(json.dumps(results, indent=1), encoding="utf-8")
    every = with_others(results)
    return report([one for one in whole if one.key in every], every)


def with_others(results: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add results to those of other parts and rounds, keep them, and return all."""
    kept = STORE / "results.json"
    every: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    every |= results
    kept.write_text(json.dumps(every, indent=1, sort_keys=True), encoding="utf-8")
    return every


def sampled(number: int, seed: int, module: str = "") -> list[Mutant]:
    """Mutants of the core, drawn without repetition; the same seed and source give the same ones."""
    names = [name for name in CORE if module in {"", name}]
    if not names:
        raise SystemExit(f"mutants.py: no module is named '{module}'; known: {', '.join(CORE)}")
    every = [one for name in names for file in CORE[name] for one in mutants_of(ROOT, f"breach_sim/{file}")]
    return random.Random(seed).sample(every, min(number, len(every)))


def report(sample: Sequence[Mutant], results: Mapping[str, Mapping[str, Any]]) -> int:
    """Print killed and tried by module, and every survivor with its reason; return the exit status."""
    why = explained()
    killed = {one.key for one in sample if results[one.key]["end"] != "survived"}
    print(f"\n{'module':<14}killed  tried")
    for name, files in CORE.items():
        own = [one for one in sample if one.file.removeprefix("breach_sim/") in files]
        if own:
            print(f"{name:<14}{sum(one.key in killed for one in own):>6}{len(own):>7}")
    survivors = [one for one in sample if one.key not in killed]
    share = 1 - len(survivors) / len(sample)
    print(f"{'all':<14}{len(sample) - len(survivors):>6}{len(sample):>7}  {share:.1%}")
    print(f"explained survivors: {sum(one.key in why for one in survivors)} of {len(survivors)}")
    for one in survivors:
        print(f"  {one.file}:{one.line} {one.key.split('::')[1]}\n    {why.get(one.key, 'NOT EXPLAINED')}")
    return int(share < WANTED or any(one.key not in why for one in survivors))


def explained() -> dict[str, str]:
    """Why a survivor may survive, by its key."""
    if not EXPLAINED.is_file():
        return {}
    tables = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["mutant"]
    return {table["key"]: table["reason"] for table in tables}


# One mutant ------------------------------------------------------------------------------------------------


def tried(mutant: Mutant, coverage: Coverage, *, wider: bool) -> tuple[str, str, float]:
    """Let a mutant meet its tests: how it ended, what killed it, and the seconds that it took."""
    begin = time.monotonic()
    own = coverage.of(mutant)
    tests = within(own, coverage, FIRST)
    if wider:
        tests = mirrors(mutant) + within(own[len(tests) :], coverage, SECOND)
    tests = tests or mirrors(mutant)
    end, killer = run(mutant, tests, coverage.time_of(tests)) if tests else ("survived", "")
    return end, killer, time.monotonic() - begin


def within(tests: Sequence[str], coverage: Coverage, most: float) -> list[str]:
    """The first tests that together take at most so many seconds; one at least."""
    chosen: list[str] = []
    spent = 0.0
    for test in tests:
        own = coverage.time_of([test])
        if not chosen or spent + own <= most:
            chosen.append(test)
            spent += own
    return chosen


def mirrors(mutant: Mutant) -> list[str]:
    """Test files of a module by name, and those about small changes."""
    stem, room = Path(mutant.file).stem, mutant.file.split("/")[1]
    found = sorted((ROOT / "tests").rglob("test_*.py"))
    own = [
        p for p in found if p.stem == "test_small_changes" or (p.stem == f"test_{stem}" and room in p.parts)
    ]
    return [str(p.relative_to(ROOT)) for p in own]


def run(mutant: Mutant, tests: Sequence[str], expected: float) -> tuple[str, str]:
    """Run tests on a mutant in a child process: "killed", "hung" or "survived", and the test that failed."""
    log = STORE / f"last-{os.getpid()}.txt"
    child = os.fork()
    if child == 0:
        in_child(mutant, tests, log)
    patience = time.monotonic() + 20 + PATIENCE * expected
    while time.monotonic() < patience:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            text = log.read_text(encoding="utf-8", errors="replace")
            if status == 0:
                return "survived", ""
            failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
            return "killed", (failed or ["an import fails"])[0].split(" - ")[0]
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung", ""


def in_child(mutant: Mutant, tests: Sequence[str], log: Path) -> None:
    """Run the tests in this process, which ends with their status."""
    status = 1
    try:
        os.setsid()
        with log.open("w", encoding="utf-8") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        import hypothesis
        import pytest

        hypothesis.settings.register_profile("mutants", database=None, derandomize=True)
        hypothesis.settings.load_profile("mutants")
        sys.meta_path.insert(0, Changed(mutant))
        status = int(pytest.main([*OPTIONS, "-x", "-rfE", *tests]))
    finally:
        sys.stdout.flush()
        os._exit(status)


class Changed(importlib.abc.MetaPathFinder):
    """Finder that hands out one module with a change, and leaves all others to those behind it."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self.path = ROOT / mutant.file
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the changed module, or nothing for another name."""
        del path, target
        if fullname != self.name:
            return None
        loader = ChangedLoader(fullname, str(self.path))
        loader.mutant = self.mutant
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


class ChangedLoader(importlib.machinery.SourceFileLoader):
    """Loader that compiles the changed text. Nothing is read from the cache or written to it."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the changed module."""
        del fullname
        source = self.mutant.applied(Path(self.path).read_bytes())
        return compile(source, self.path, "exec", dont_inherit=True)


def ready() -> None:
    """Import what all tests need, once: children of this process start with it."""
    os.chdir(ROOT)
    os.environ["MPLBACKEND"] = "Agg"
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    for name in (
        "hypothesis", "hypothesis.extra.numpy", "matplotlib.pyplot", "numpy", "pandas", "pytest",
        "scipy.optimize", "scipy.special", "scipy.stats", "pyarrow", "faker",
    ):  # fmt: skip
        if importlib.util.find_spec(name.split(".")[0]):
            importlib.import_module(name)


# Which tests run which lines -------------------------------------------------------------------------------


def measure() -> None:
    """Run the tests of the core once, and keep which lines each of them runs and how long it takes."""
    STORE.mkdir(parents=True, exist_ok=True)
    for old in STORE.glob("map-*.json"):
        old.unlink()
    rooms = [f"tests/{room}" for room in ROOMS if (ROOT / "tests" / room).is_dir()]
    here = str(Path(__file__).resolve().parent)
    search = os.pathsep.join([here, str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603 - its own words
        [sys.executable, "-m", "pytest", *OPTIONS, "-p", "mutants", "-n", "2", *rooms],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": search, "MUTANTS_MAP": str(STORE)},
        check=False,
    )
    if done.returncode not in {0, 1}:
        raise SystemExit("mutants.py: the tests could not be run without a change; see above")
    lines: dict[str, dict[str, list[str]]] = {}
    seconds: dict[str, float] = {}
    for part in STORE.glob("map-*.json"):
        found = json.loads(part.read_text(encoding="utf-8"))
        seconds |= found["seconds"]
        for file, own in found["lines"].items():
            kept = lines.setdefault(file, {})
            for line, tests in own.items():
                kept.setdefault(line, []).extend(tests)
    for file, own in lines.items():
        name = f"test_{Path(file).stem}"
        for line, tests in own.items():
            first = sorted(set(tests), key=lambda test: (name not in test, seconds.get(test, 1.0), test))
            own[line] = first[:MOST_TESTS]
    (STORE / "coverage.json").write_text(json.dumps({"lines": lines, "seconds": seconds}), encoding="utf-8")


class Recorder:
    """Plugin of pytest that notes which lines of the core each test runs."""

    def __init__(self, folder: Path) -> None:
        from coverage import Coverage as Measured

        self.folder = folder
        self.files = [f"breach_sim/{file}" for files in CORE.values() for file in files]
        self.measured = Measured(data_file=None, include=[str(ROOT / file) for file in self.files])
        self.measured.start()
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin the context of a test."""
        self.measured.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note how long a test takes; one that fails without a change can kill nothing."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.seconds[report.nodeid] = float("inf")

    def pytest_sessionfinish(self) -> None:
        """Write what was seen."""
        self.measured.stop()
        data = self.measured.get_data()
        failed = {test for test, own in self.seconds.items() if own == float("inf")}
        lines: dict[str, dict[str, list[str]]] = {}
        for file in self.files:
            by_line = data.contexts_by_lineno(str(ROOT / file))
            own = {line: sorted(set(tests) - failed - {""}) for line, tests in by_line.items()}
            lines[file] = {str(line): tests for line, tests in own.items() if tests}
        seconds = {test: own for test, own in self.seconds.items() if test not in failed}
        text = json.dumps({"lines": lines, "seconds": seconds})
        (self.folder / f"map-{os.getpid()}.json").write_text(text, encoding="utf-8")


def pytest_configure(config: Any) -> None:
    """Measure in the processes that run tests, when this module is a plugin of pytest."""
    folder = os.environ.get("MUTANTS_MAP")
    if folder and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Recorder(Path(folder)), "mutants-recorder")


if __name__ == "__main__":
    sys.exit(main())
