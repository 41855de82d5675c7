"""The checkout keeps its own promises: one set of bounds, a lock that names no host, honest notebooks."""

import ast
import importlib
import json
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from breach_sim.formatting.extras import EXTRAS

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "python-duckdb": "duckdb"}
MOST_CELLS, MOST_LINES = 25, 22
MACHINE_PATH = re.compile(r"(?<![\w.~$}-])/(?:work|home|tmp|root|Users)/|\b[A-Z]:\\Users\\")
TEXT = {".py", ".ipynb", ".toml", ".md", ".yml", ".yaml", ".cfg", ".csv", ".json", ".txt", ".lock", ".svg"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock() -> str:
    """requirements.lock."""
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def notebooks() -> dict[str, dict[str, Any]]:
    """Every notebook, by its path in the checkout; the template of reports is data of the package."""
    package = ROOT / "breach_sim"
    paths = [p for p in committed() if p.suffix == ".ipynb" and package not in p.parents]
    if not paths:
        pytest.skip("there are no notebooks yet")
    return {p.relative_to(ROOT).as_posix(): json.loads(p.read_text(encoding="utf-8")) for p in paths}


def committed() -> list[Path]:
    """Return the files git keeps or would keep; without git, all but hidden folders and out/."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S603 - fixed words
        return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    inside = (p for p in ROOT.rglob("*") if p.is_file())
    return [p for p in inside if not {".venv", "out", "__pycache__"} & set(p.relative_to(ROOT).parts)]


def bounds(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Return the specifiers of plain requirements by canonical name."""
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, requirements)}


def here(requirement: Requirement) -> bool:
    """Return whether a requirement holds on this machine, without extras."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def code_cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the code cells in their order."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def source(cell: dict[str, Any]) -> str:
    """Return the text of a cell."""
    return "".join(cell["source"])


def test_conda_file_agrees_with_pyproject(project: dict[str, Any]) -> None:
    """environment.yml asks for the packages of pyproject.toml, no more, no fewer, with equal bounds."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [d for d in conda["dependencies"] if isinstance(d, str) and d != "pip"]
    have = {CONDA_NAMES.get(name, name): SpecifierSet(b) for name, _, b in (d.partition(" ") for d in lines)}
    want = bounds(project["project"]["dependencies"] + project["dependency-groups"]["dev"])
    want["python"] = SpecifierSet(project["project"]["requires-python"])
    assert have == want
    assert conda["name"] == project["project"]["name"]
    assert conda["channels"] == ["conda-forge", "nodefaults"]
    assert [d for d in conda["dependencies"] if not isinstance(d, str)] == [{"pip": ["-e ."]}]


def test_lock_names_no_host_and_no_path(lock: str) -> None:
    """Every line of the lock is a pin or a hash: no address, path, option or comment."""
    pin = re.compile(r"[a-z0-9-]+==[\w.!+]+(?: ; [\w .'<>=!()*]+)? \\")
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert [n for n in lock.splitlines() if not (pin.fullmatch(n) or hashed.fullmatch(n))] == []


def test_lock_pins_what_the_project_asks_for(lock: str, project: dict[str, Any]) -> None:
    """Every dependency of every group is pinned, within its bounds; a release has its own lock."""
    groups = [group for name, group in project["dependency-groups"].items() if name != "release"]
    wanted = bounds(project["project"]["dependencies"] + [r for group in groups for r in group])
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([\w.!+]+)", lock, re.MULTILINE):
        pins.setdefault(name, []).append(version)
    assert sorted(set(wanted) - set(pins)) == []
    assert [(n, v) for n, bound in wanted.items() for v in pins[n] if not bound.contains(v)] == []


def test_the_first_case_has_all_that_the_core_needs(project: dict[str, Any], lock: str) -> None:
    """What run.py installs first is the core, all that it needs, and what builds; all of it is pinned."""
    code = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    named: dict[str, Any] = {
        node.targets[0].id: node.value
        for node in code.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    first = set(ast.literal_eval(named["FIRST_CASE"]))
    needed: set[str] = set()
    waiting = [*bounds(project["project"]["dependencies"]), *bounds(project["build-system"]["requires"])]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            asked = [r for r in map(Requirement, metadata.requires(name) or []) if here(r)]
            waiting += [canonicalize_name(r.name) for r in asked]
    elsewhere = {"colorama", "tzdata"}  # of Windows
    assert needed <= first
    assert first - needed <= elsewhere
    assert first <= set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    extras = set(ast.literal_eval(named["EXTRAS"]))
    assert extras == set(project["project"]["optional-dependencies"]) - {"calibrate"}


def test_the_extras_are_those_of_the_sentence(project: dict[str, Any]) -> None:
    """The modules that `formatting.extras` looks for are dependencies of the extra that it names."""
    known = project["project"]["optional-dependencies"]
    for extra, modules in EXTRAS.items():
        assert set(modules) - {"fsspec"} <= set(bounds(known[extra]))  # Dask brings fsspec


def test_every_test_states_its_law() -> None:
    """Every test function in tests/ has a docstring."""
    silent = [
        f"{path.name}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_licence_is_mit(project: dict[str, Any]) -> None:
    """LICENSE is the MIT text, and pyproject.toml says MIT."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License\n\nCopyright (c) 2026 breach_sim contributors\n")
    assert "Permission is hereby granted, free of charge" in text
    assert project["project"]["license"] == "MIT"


def test_ci_runs_what_a_reader_runs() -> None:
    """.ci/run calls `run.py test`, nothing else; the hosted workflow calls that and other verbs."""
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").splitlines() == [
        "#!/usr/bin/env bash",
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        "exec python3 run.py test",
    ]
    assert os.name == "nt" or os.access(script, os.X_OK)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands[:3] == ["python run.py test", "python run.py lowest", "python run.py core"]
    assert commands[3].split()[:3] == ["python", "run.py", "core"]
    assert commands[4:] == ["python run.py release", "python run.py docs"]


def test_the_short_checks_are_a_part_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `test --quick` runs is there, and no option of the whole is lost where notebooks are not run."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    checks = importlib.import_module("checks")
    parts = [*checks.CORE_LAWS, checks.FIRST_NOTEBOOK]
    assert [] == [part for part in parts if not (ROOT / part).exists()]
    assert {part.partition("/")[0] for part in parts} == {"tests", "notebooks"}
    kept = shlex.split(checks.PLAIN[-1].removeprefix("addopts="))
    assert kept == [option for option in checks.OPTIONS if "nbval" not in option]


def test_every_place_names_the_same_pythons(project: dict[str, Any]) -> None:
    """run.py, pyproject.toml, its classifiers and the hosted workflow agree on the Pythons."""
    code = (ROOT / "run.py").read_text(encoding="utf-8")
    found = re.search(r"^OLDEST, NEWEST = \(3, (\d+)\), \(3, (\d+)\)$", code, re.MULTILINE)
    assert found is not None
    pythons = [f"3.{minor}" for minor in range(int(found[1]), int(found[2]) + 1)]
    prefix = "Programming Language :: Python :: "
    listed = [c.removeprefix(prefix) for c in project["project"]["classifiers"] if c.startswith(prefix)]
    assert [version for version in listed if version[0].isdigit() and "." in version] == pythons
    assert project["project"]["requires-python"] == f">={pythons[0]}"
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"] == pythons


def test_no_file_names_a_machine() -> None:
    """No committed text file holds a path of somebody's machine."""
    texts = [p for p in committed() if p.suffix in TEXT or not p.suffix]
    assert texts
    found = [
        f"{p.relative_to(ROOT).as_posix()}:{number}: {match.group()}"
        for p in texts
        for number, line in enumerate(p.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := MACHINE_PATH.search(line))
    ]
    assert found == []


def test_the_path_check_can_fail() -> None:
    """A machine path is seen, quoted or bare; an address and a relative path are not."""
    folders = ["work", "home", "tmp", "root", "Users"]
    assert all(MACHINE_PATH.search(f'"{"/"}{folder}/x"') for folder in folders)
    assert MACHINE_PATH.search("C:" + r"\Users" + "\\x")
    assert not any(MACHINE_PATH.search(f"example.org/{folder}/x or ./{folder}/x") for folder in folders)


def test_notebooks_were_run_from_top_to_bottom(notebooks: dict[str, dict[str, Any]]) -> None:
    """Code cells count 1 to n: without counts the notebook tests would compare nothing."""
    counts = {name: [c["execution_count"] for c in code_cells(n)] for name, n in notebooks.items()}
    assert {name: c for name, c in counts.items() if c != list(range(1, len(c) + 1))} == {}
    assert {name for name, c in counts.items() if not c} == set()


def test_notebooks_skip_nothing(notebooks: dict[str, dict[str, Any]]) -> None:
    """No cell is left out of the comparison, by tag or by comment."""
    skipped = [
        f"{name}: {source(cell)[:40]!r}"
        for name, notebook in notebooks.items()
        for cell in notebook["cells"]
        if "nbval-skip" in cell["metadata"].get("tags", [])
        or re.search(r"^\s*#\s*(?:NBVAL_SKIP|PYTEST_VALIDATE_IGNORE_OUTPUT)", source(cell), re.MULTILINE)
    ]
    assert skipped == []


def test_notebooks_are_short(notebooks: dict[str, dict[str, Any]]) -> None:
    """A notebook has at most 25 code cells, each of at most 22 lines, the words of a caption not counted."""
    words = re.compile(r"\nwords = \(\n.*?\n\)\n_ = bs\.plots\.describe\([^\n]*\)$", re.DOTALL)
    lines = {
        name: [len(words.sub("", source(c)).splitlines()) for c in code_cells(n)]
        for name, n in notebooks.items()
    }
    assert {name: len(c) for name, c in lines.items() if len(c) > MOST_CELLS} == {}
    assert {name: max(c) for name, c in lines.items() if c and max(c) > MOST_LINES} == {}


def test_notebooks_end_with_their_limits_and_exercises(notebooks: dict[str, dict[str, Any]]) -> None:
    """The last two sections of a notebook say what it does not show, and what to try."""
    wrong = {}
    for name, notebook in notebooks.items():
        prose = "\n".join(source(c) for c in notebook["cells"] if c["cell_type"] == "markdown")
        last = re.findall(r"^## +(.*?) *$", prose, re.MULTILINE)[-2:]
        if [heading.lower() for heading in last] != ["what this does not show", "exercises"]:
            wrong[name] = last
    assert wrong == {}


def test_notebooks_say_nothing_of_the_machine(notebooks: dict[str, dict[str, Any]]) -> None:
    """A stored notebook holds no times, widget state or interpreter version, and ids that never change."""
    noisy = [
        name
        for name, notebook in notebooks.items()
        if set(notebook["metadata"]) - {"kernelspec", "language_info"}
        or set(notebook["metadata"].get("language_info", {})) - {"name"}
        or any(set(cell["metadata"]) - {"tags"} for cell in notebook["cells"])
        or [c["id"] for c in notebook["cells"]]
        != [f"{Path(name).stem}-{i:02d}" for i in range(len(notebook["cells"]))]
    ]
    assert noisy == []
