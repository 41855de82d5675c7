"""Laws of the pages: their examples run, the files and functions that they name exist, the picture is fresh.

Links between pages are held by tests/test_notebooks.py.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import breach_sim as bs

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "breach_sim"
GUIDES = ("docs/architecture.md", "CONTRIBUTING.md")
"""Pages that lead into the code."""
CODE = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"([\w/.-]+\.(?:py|toml|md|csv|yml|cff|ipynb))(?:: ([\w.]+))?")
of_guides = pytest.mark.parametrize("page", GUIDES)


def prose(page: str) -> str:
    """Return the text of a page without its blocks of code."""
    return re.sub(
        r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )


@cache
def definitions(path: Path) -> frozenset[str]:
    """Return the names that a module defines at its top, and those of the members of its classes."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            inner = node.body if isinstance(node, ast.ClassDef) else []
            found |= {f"{node.name}.{part.name}" for part in inner if isinstance(part, ast.FunctionDef)}
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def missing(text: str) -> list[str]:
    """Return the places in code type that are not there: a file, or a name that a file should define.

    A path counts from the package or from the checkout. Names in capitals, such as NAME.toml, stand for any.
    """
    wrong = []
    for words in CODE.findall(text):
        match = PLACE.fullmatch(words)
        if not match or "NAME" in words:
            continue
        path, name = match.groups()
        file = next((folder / path for folder in (PACKAGE, ROOT) if (folder / path).is_file()), None)
        if file is None or (name and name not in definitions(file)):
            wrong.append(words)
    return wrong


def script(name: str) -> ModuleType:
    """Return a script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def draw_rooms() -> ModuleType:
    """tools/draw_rooms.py."""
    return script("draw_rooms")


@pytest.fixture(scope="module")
def api_reference() -> ModuleType:
    """tools/api_reference.py."""
    return script("api_reference")


@of_guides
def test_places_in_the_code_exist(page: str) -> None:
    """Every file, and every function in it, that a guide names is there."""
    assert [] == missing(prose(page))
    assert len([words for words in CODE.findall(prose(page)) if PLACE.fullmatch(words)]) > 15


def test_a_wrong_place_is_found() -> None:
    """A file that is gone and a function that is gone are both named; what is there is not."""
    text = "`engine/draws/streams.py: words`, `engine/gone.py`, `engine/counts.py: gone`, "
    text += "`results/impact.py: Impact.gone`"
    assert ["engine/gone.py", "engine/counts.py: gone", "results/impact.py: Impact.gone"] == missing(text)
    assert [] == missing(
        "`inputs/fields.py: FIELDS`, `formats/NAME.toml`, `tests/qc/sources.csv`, `bs.simulate`"
    )


def test_the_walk_through_the_rooms_runs() -> None:
    """The examples of the page on architecture give what the page says."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, "architecture.md", None, 0)
    assert len(examples.examples) > 15
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failed = runner.run(examples, out=said.append).failed
    assert 0 == failed, "".join(said)


def test_the_picture_of_the_rooms_is_that_of_the_contract(draw_rooms: ModuleType) -> None:
    """The stored picture is what the contract and the table give; `python tools/draw_rooms.py` makes it."""
    assert draw_rooms.TARGET.read_text(encoding="utf-8") == draw_rooms.picture()
    assert sorted(draw_rooms.subjects()) == sorted(room for rooms in draw_rooms.floors() for room in rooms)
    sizes = [int(size) for size in re.findall(r'font-size="(\d+)"', draw_rooms.picture())]
    assert min(sizes) >= 12
    assert len(sizes) > 12


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))


def form_faults(form: dict[str, Any]) -> list[str]:
    """Return what an issue form lacks: its head, labels and ids of questions, the check for real data."""
    faults = [key for key in ("name", "description", "title", "labels", "body") if not form.get(key)]
    parts = form.get("body") or []
    ids = [part.get("id") for part in parts]
    if None in ids or len(set(ids)) != len(ids):
        faults.append("ids")
    kinds = {"textarea", "input", "dropdown", "checkboxes"}
    faults += [str(part.get("id")) for part in parts if part.get("type") not in kinds]
    faults += [str(part.get("id")) for part in parts if not part.get("attributes", {}).get("label")]
    boxes = [box for part in parts for box in part["attributes"].get("options", []) if isinstance(box, dict)]
    if not any("real people" in box["label"] and box["required"] for box in boxes):
        faults.append("no check for real data")
    return faults


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_complete(path: Path) -> None:
    """Each form has its head, questions with ids, and a box that must be ticked: no real data."""
    assert [] == form_faults(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_an_incomplete_form_is_found() -> None:
    """A form without the check, or with one id twice, is refused; five kinds of issue have a form."""
    assert 5 == len(FORMS)
    form = yaml.safe_load(FORMS[0].read_text(encoding="utf-8"))
    assert ["no check for real data"] == form_faults(form | {"body": form["body"][:-1]})
    assert ["ids"] == form_faults(form | {"body": [*form["body"], form["body"][-1]]})
    assert "title" in form_faults(form | {"title": ""})


def test_the_citation_names_this_version() -> None:
    """CITATION.cff has the keys of version 1.2.0 of its format, and version and license of pyproject.toml."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "1.2.0" == cited["cff-version"]
    assert {"message", "title", "authors"} <= set(cited)
    assert (project["version"], project["license"]) == (str(cited["version"]), cited["license"])


def test_commit_hooks_fetch_nothing() -> None:
    """Every hook is local and runs a module of the environment that run.py makes."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert ["local"] == [repository["repo"] for repository in hooks["repos"]]
    entries = [hook["entry"] for hook in hooks["repos"][0]["hooks"]]
    assert {"ruff", "mypy"} == {entry.split()[2] for entry in entries}
    assert {".venv/bin/python -m"} == {" ".join(entry.split()[:2]) for entry in entries}


def test_every_public_name_is_in_the_reference(api_reference: ModuleType) -> None:
    """Each public name has a page and stands in the contents, and every page is about one of them."""
    pages = api_reference.pages()
    contents = pages.pop("api/index.rst")
    assert {f"api/{name}.rst" for name in bs.__all__} == set(pages)
    listed = re.findall(r"^   (\w+)$", contents, re.MULTILINE)
    assert sorted(bs.__all__) == listed
    for name in bs.__all__:
        assert f"   breach_sim.{name}\n" in contents or f"- :doc:`{name}`: " in contents
        assert name in pages[f"api/{name}.rst"]
        assert ".. auto" in pages[f"api/{name}.rst"]


def test_a_new_public_name_enters_the_reference(
    api_reference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function, a class or a module that becomes public gets a page of its kind at once."""
    planted = {"planted_function": len, "PlantedClass": Path, "planted_module": doctest}
    for name, thing in planted.items():
        monkeypatch.setattr(bs, name, thing, raising=False)
    monkeypatch.setattr(bs, "__all__", [*bs.__all__, *planted])
    pages = api_reference.pages()
    assert ".. autofunction:: breach_sim.planted_function" in pages["api/planted_function.rst"]
    assert ".. autoclass:: breach_sim.PlantedClass" in pages["api/PlantedClass.rst"]
    assert ".. autofunction:: doctest.testmod" in pages["api/planted_module.rst"]
    assert all(f"   {name}\n" in pages["api/index.rst"] for name in planted)


def terms(page: str) -> list[str]:
    """Return the terms that a glossary defines, each by itself."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", page, re.MULTILINE)
    return [term.strip() for row in rows for term in row.split(", ")]


def test_the_glossary_gives_each_word_one_meaning() -> None:
    """No term is defined twice, each has a meaning, and the five words of the funnel stand in their order."""
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    defined = terms(page)
    assert sorted(defined) == sorted(set(defined))
    assert len(defined) > 100
    funnel = ["exposed", "attackable", "attempted", "victim", "loss"]
    assert [word for word in defined if word in funnel] == funnel
    assert [] == re.findall(r"^\| \*\*.+\*\* \| *\|", page, re.MULTILINE)


def test_a_word_with_two_meanings_is_found() -> None:
    """A term that stands in two rows, alone or beside others, comes twice."""
    assert ["block", "word", "block"] == terms("| **block, word** | x | |\n| **block** | y | |\n")
