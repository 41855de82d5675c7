"""Laws of the notebooks as a book: titles, headings, figures and their words, hints, and links that lead on.

Cells, counts and stored outputs are the business of tests/test_project.py and of nbval. Read here are the
committed files; nothing is run.
"""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
CHAPTERS = [path for path in NOTEBOOKS if re.match(r"\d\d_", path.name)]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "synthetic_data").glob("*.md")),
    *sorted((ROOT / "notebooks").rglob("*.md")),
]
LINK = re.compile(r"(?P<image>!?)\[(?P<words>[^\]]*)\]\((?P<address>[^)\s]+)\)")
SHOWS = "*What the figure shows: "
SHORTEST, LONGEST = 20, 1_000
"""Letters of an alternative text."""
of_notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
of_chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
of_pages = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
Cell = dict[str, Any]


@cache
def cells(path: Path) -> list[Cell]:
    """Return the cells of a notebook, each source one text."""
    found: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


@cache
def prose(path: Path) -> str:
    """Return the text of a page, or of the markdown cells of a notebook, without blocks of code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell["source"] for cell in cells(path) if cell["cell_type"] == "markdown")
    return re.sub(r"^( *)```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(path: Path) -> list[tuple[int, str]]:
    """Return level and text of the headings."""
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) +(.*?) *$", prose(path), re.MULTILINE)]


def figures(cell: Cell) -> list[dict[str, Any]]:
    """Return the pictures that a cell stored."""
    return [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def captions(cell: Cell) -> list[str]:
    """Return the captions that a cell stored, as text."""
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    found = [data for data in shown if "breach-sim-caption" in "".join(data.get("text/html", ""))]
    return ["".join(data["text/plain"]) for data in found]


def below(path: Path, number: int) -> str:
    """Return the prose between a cell and the next code cell."""
    sources = []
    for cell in cells(path)[number + 1 :]:
        if cell["cell_type"] != "markdown":
            break
        sources.append(cell["source"])
    return "\n\n".join(sources)


def anchors(path: Path) -> set[str]:
    """Return the places of a page that a link can name, as code hosts and the book write them."""
    seen: dict[str, int] = {}
    found = set()
    for _, words in headings(path):
        plain = re.sub(r"[^\w\- ]", "", LINK.sub(r"\g<words>", words).lower()).replace(" ", "-")
        found.add(f"{plain}-{seen[plain]}" if plain in seen else plain)
        seen[plain] = seen.get(plain, 0) + 1
    return found


@of_notebooks
def test_a_notebook_begins_with_its_question(path: Path) -> None:
    """The first cell is the one title, a question, with what the reader will be able to do."""
    first = cells(path)[0]
    assert first["cell_type"] == "markdown"
    assert first["source"].splitlines()[0].startswith("# ")
    titles = [words for level, words in headings(path) if level == 1]
    assert len(titles) == 1
    assert titles[0].endswith("?")
    assert re.search(r"^You will be able to\n\n- |^\*\*Objective\.\*\* ", first["source"], re.MULTILINE)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.stem)
def test_headings_step_down_one_level_at_a_time(path: Path) -> None:
    """No heading is more than one level below the one before it, and none is empty."""
    levels = [0, *(level for level, _ in headings(path))]
    steps = zip(levels, levels[1:], headings(path), strict=False)
    assert [words for before, level, (_, words) in steps if level > before + 1 or not words] == []


@of_notebooks
def test_every_figure_has_an_alternative_text(path: Path) -> None:
    """Each stored picture says in its metadata what it shows; `run.py notebooks NAME` puts it there."""
    sentences = {
        cell["id"]: figure["metadata"].get("image/png", {}).get("alt", "")
        for cell in cells(path)
        for figure in figures(cell)
    }
    assert {name: words for name, words in sentences.items() if not SHORTEST <= len(words) <= LONGEST} == {}
    assert {name: words for name, words in sentences.items() if re.search(r"[*`\n]", words)} == {}


@of_notebooks
def test_every_figure_has_a_caption_and_a_reading(path: Path) -> None:
    """A cell shows one picture with its alternative text as a caption; a reading of it follows."""
    wrong = []
    for number, cell in enumerate(cells(path)):
        drawn = figures(cell)
        if drawn and not ("panel" in cell["source"] and "bs.explore" in cell["source"]):
            words = drawn[0]["metadata"]["image/png"]["alt"]
            right = len(drawn) == 1 and captions(cell) == [words] and "**Reading.**" in below(path, number)
            wrong += [] if right else [cell["id"]]
    assert wrong == []


@of_chapters
def test_every_figure_has_a_table_before_it(path: Path) -> None:
    """In the section of a picture, above it, a table or a printed line says what it draws."""
    tables, wrong = 0, []
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            tables = 0 if re.search(r"^## ", cell["source"], re.MULTILINE) else tables
            continue
        if figures(cell) and not tables:
            wrong.append(cell["id"])
        kinds = {kind for output in cell["outputs"] for kind in output.get("data", {"text/plain": ""})}
        tables += "image/png" not in kinds and bool(kinds)
    assert wrong == []


@of_chapters
def test_every_exercise_hides_a_hint(path: Path) -> None:
    """Exercises are numbered from 1, and each has one folded hint, open to Markdown and closed again."""
    text = prose(path).partition("\n## Exercises\n")[2]
    first, *exercises = re.split(r"^\*\*(?=\d+\.)", text, flags=re.MULTILINE)
    assert not first.strip()
    assert len(exercises) >= 3
    assert [int(exercise.partition(".")[0]) for exercise in exercises] == list(range(1, len(exercises) + 1))
    hint = re.compile(r"\n\n<details><summary>Hint</summary>\n\n.+\n</details>\s*$", re.DOTALL)
    assert [exercise[:30] for exercise in exercises if not hint.search(exercise)] == []
    assert [exercise[:30] for exercise in exercises if exercise.count("<details>") != 1] == []


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    """Each relative link is a file of the checkout, inside it, and a place that it names is a heading."""
    wrong = []
    for found in LINK.finditer(prose(path)):
        address = found["address"]
        if re.match(r"[a-z]+:", address):
            continue
        file, _, place = address.partition("#")
        aim = (path.parent / unquote(file)).resolve() if file else path
        if not aim.exists() or not aim.is_relative_to(ROOT) or (place and place not in anchors(aim)):
            wrong.append(address)
    assert wrong == []


@of_pages
def test_every_picture_of_a_page_is_here_and_has_words(path: Path) -> None:
    """A picture of a page is a file of the checkout and has an alternative text."""
    images = [(found["address"], found["words"]) for found in LINK.finditer(prose(path)) if found["image"]]
    assert [address for address, _ in images if "://" in address] == []
    assert [address for address, words in images if len(words) < SHORTEST] == []


def test_the_readme_shows_a_figure_and_every_chapter() -> None:
    """README has a picture and a link to every chapter and lesson."""
    links = {found["address"] for found in LINK.finditer(prose(ROOT / "README.md"))}
    assert any(address.endswith(".png") for address in links)
    assert {path.relative_to(ROOT).as_posix() for path in CHAPTERS} <= links


def test_anchors_are_those_of_code_hosts() -> None:
    """The places of a page follow from its headings: small letters, hyphens, no other signs."""
    found = anchors(ROOT / "docs" / "model.md")
    assert {"the-model", "1-what-goes-in", "21-time"} <= found


@pytest.fixture(scope="module")
def regenerate() -> ModuleType:
    """The script that stores the outputs, as a module."""
    spec = importlib.util.spec_from_file_location("regenerate", ROOT / "tools" / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("metadata", "below", "alt"),
    [
        ({}, "*What the figure shows: three bars. The **first** is tall.*\n\nMore.",
         "Three bars. The first is tall."),
        ({}, f"*What the figure shows: {'a' * 90}. And more.*", f"{'A' + 'a' * 89}."),
        ({"image/png": {"alt": "Its own."}}, "*What the figure shows: three bars.*", "Its own."),
        ({"image/png": {"width": 9}}, "*What the figure shows: three bars.*", "Three bars."),
        ({}, "**Reading.** Nothing is told.", None),
    ],
)  # fmt: skip
def test_a_figure_without_words_takes_those_below_it(
    regenerate: ModuleType, metadata: dict[str, Any], below: str, alt: str | None
) -> None:
    """Its own text stays; without one come the first sentences below it; nothing is made up."""
    output = {"output_type": "display_data", "data": {"image/png": "x"}, "metadata": metadata}
    regenerate.describe(output, below)
    assert output["metadata"].get("image/png", {}).get("alt") == alt
    text = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}
    regenerate.describe(text, below)
    assert text["metadata"] == {}


MOST_BEFORE_A_PICTURE = 150
"""Words of prose before the first picture."""


@of_notebooks
def test_the_first_picture_comes_early(path: Path) -> None:
    """At most 150 words stand before the first picture, or before the panel of explore."""
    words = 0
    for cell in cells(path):
        if figures(cell) or "bs.explore" in cell["source"]:
            break
        words += len(re.findall(r"\w[^\s]*", cell["source"])) if cell["cell_type"] == "markdown" else 0
    assert words <= MOST_BEFORE_A_PICTURE
