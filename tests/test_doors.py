"""The ways in that are no checkout: each file can be read, and its versions are those of the project."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def text_of(*parts: str) -> str:
    """Return a file of the checkout as text."""
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def verbs() -> set[str]:
    """Return the verbs of run.py, as its table names them."""
    table = text_of("run.py").partition("\nVERBS = {")[2].partition("\n}")[0]
    return set(re.findall(r'^    "(\w+)":', table, re.MULTILINE))


def images() -> list[str]:
    """Return the tags of the Python images that containers start from."""
    container = json.loads(text_of(".devcontainer", "devcontainer.json"))["image"]
    return [container, *re.findall(r"^FROM (\S+)$", text_of("Dockerfile"), re.MULTILINE)]


def test_containers_start_from_a_python_of_the_project() -> None:
    """Both images are the official Python, of a version that the project names, and no other host's."""
    named = [re.fullmatch(r"python:(3\.\d+)(?:-slim)?", image) for image in images()]
    assert 2 == len(named)
    listed = {c.rpartition(" ")[2] for c in PROJECT["classifiers"]}
    assert all(match is not None and match[1] in listed for match in named)


def test_containers_call_verbs_that_exist() -> None:
    """The commands of Dockerfile and dev container are verbs of run.py, and run as no root in the first."""
    container = json.loads(text_of(".devcontainer", "devcontainer.json"))
    called = re.findall(
        r"python run\.py ?(\w*)", container["postCreateCommand"] + "\n" + text_of("Dockerfile")
    )
    assert {verb for verb in called if verb} <= verbs()
    assert re.search(r"^USER [1-9]\d*$", text_of("Dockerfile"), re.MULTILINE)
    hidden = text_of(".dockerignore").splitlines()
    assert {".git", ".venv", "out"} <= set(hidden)


def test_binder_has_the_versions_of_the_lock() -> None:
    """Each line of the binder's requirements is a pin of the lock, the core is whole, its Python allowed."""
    pins = set(re.findall(r"^([a-z0-9-]+==[\w.]+)", text_of("requirements.lock"), re.MULTILINE))
    asked = [line for line in text_of(".binder", "requirements.txt").splitlines() if not line.startswith("#")]
    assert set(asked) <= pins
    core = {re.split(r"[>=<]", requirement)[0] for requirement in PROJECT["dependencies"]}
    assert core <= {line.partition("==")[0] for line in asked}
    python = text_of(".binder", "runtime.txt").strip().removeprefix("python-")
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    script = ROOT / ".binder" / "postBuild"
    assert os.name == "nt" or os.access(script, os.X_OK)
    for name in re.findall(r"python (tools/\S+)", script.read_text(encoding="utf-8")):
        assert (ROOT / name).is_file()


def test_the_conda_recipe_asks_for_what_the_core_asks_for() -> None:
    """Version, entry point and bounds of the recipe are those of pyproject.toml."""
    text = text_of("conda", "recipe.yaml")
    oldest = yaml.safe_load(text)["context"]["python_min"]  # feedstocks are checked for this way to write it
    recipe = yaml.safe_load(text.replace("${{ python_min }}", oldest))
    assert f"python {oldest}.*" in recipe["requirements"]["host"]
    assert PROJECT["version"] == recipe["context"]["version"]
    name, _, place = recipe["build"]["python"]["entry_points"][0].partition(" = ")
    assert PROJECT["scripts"] == {name: place}
    lines = [line.replace("matplotlib-base", "matplotlib") for line in recipe["requirements"]["run"]]
    have = {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}
    want = {re.split(r"[>=<]", r)[0]: re.sub(r"^[\w-]+", "", r) for r in PROJECT["dependencies"]}
    assert want | {"python": PROJECT["requires-python"]} == have


def test_the_guide_names_this_version() -> None:
    """Every wheel and every version that the guide to other ways in names is the one of pyproject.toml."""
    guide = text_of("docs", "how-to", "open-elsewhere.md")
    named = re.findall(r"breach_sim-(\d[\w.]*)-py3|breach-sim==(\d[\w.]*)|@v(\d[\w.]*)", guide)
    versions = {version for found in named for version in found if version}
    assert {PROJECT["version"]} == versions
    for door in (".devcontainer", ".binder", "Dockerfile", "uvx --from", "Colab"):
        assert door in guide


def test_the_changelog_has_a_section_for_this_version() -> None:
    """The newest section with a number is that of pyproject.toml, and begins with results that move."""
    sections = re.findall(r"^## (\S+).*\n+(?:(?!#).*\n+)*(### .*)?", text_of("CHANGELOG.md"), re.MULTILINE)
    numbered = [(version, first) for version, first in sections if version[0].isdigit()]
    assert (PROJECT["version"], "### Results that move") == numbered[0]
    order = [Version(version) for version, _ in numbered]
    assert sorted(order, reverse=True) == order


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_trust_nothing_by_name(path: Path) -> None:
    """Actions are pinned by hash with their version beside it, rights are given job by job, and few."""
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    uses = re.findall(r"uses: (.*)", text)
    assert [line for line in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert {} == workflow["permissions"]
    rights = [job["permissions"] for job in workflow["jobs"].values()]
    publishes = {"id-token", "attestations", "pages"}
    assert all(set(right) <= publishes or right == {"contents": "read"} for right in rights)
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    kept = [step["with"] for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(with_ == {"persist-credentials": False} for with_ in kept)
    assert "secrets." not in text
    assert "${{" not in "".join(step.get("run", "") for step in steps(workflow))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_what_a_reader_runs(path: Path) -> None:
    """Every command of a workflow is a verb of run.py, so that anybody can run it."""
    commands = [step["run"].split() for step in steps(yaml.safe_load(text_of(str(path)))) if "run" in step]
    assert [words for words in commands if words[:2] != ["python", "run.py"]] == []
    assert {words[2] for words in commands} <= verbs()


def test_what_publishes_holds_no_code() -> None:
    """The job with the right to publish checks nothing out and runs no command; it has an environment."""
    job = yaml.safe_load(text_of(".github", "workflows", "release.yml"))["jobs"]["publish"]
    assert [step for step in job["steps"] if "run" in step or "checkout" in step["uses"]] == []
    assert "release" == job["environment"]
    assert "build" == job["needs"]
