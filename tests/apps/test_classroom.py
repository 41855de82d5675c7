"""Laws of the documentation as a book: what is in it, what is left out, and that it asks no other machine.

The fast part looks at single pages, and reads all of them with Sphinx without writing any. The slow part
builds the whole book, follows every link in it and opens it in headless Chromium, where there is one, with
the network off.
"""

from __future__ import annotations

import functools
import http.server
import importlib
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import breach_sim as bs
from breach_sim.apps.cli.main import app
from breach_sim.catalog.faces.schema import schema_text
from breach_sim.inputs.fields import FIELD_NAMES

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Room = tuple[Path, list[str]]


def tool(name: str) -> ModuleType:
    """Return a script of tools/ as a module; it finds the other scripts beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def book() -> ModuleType:
    """tools/book.py."""
    return tool("book")


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    """tools/book_checks.py."""
    return tool("book_checks")


@pytest.fixture(scope="module")
def columns() -> ModuleType:
    """tools/table_columns.py."""
    return tool("table_columns")


def cell(kind: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    """Return a cell of a notebook."""
    return {"cell_type": kind, "source": source, "metadata": {}, "outputs": list(outputs)}


def sources(book: ModuleType, folder: Path) -> Path:
    """Return a folder with what Sphinx reads, of notebooks their text only."""
    book.write_source(book.book(instructors=True), folder)
    for path in folder.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = [part for part in notebook["cells"] if part["cell_type"] == "markdown"]
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def test_every_page_is_of_one_of_four_kinds(book: ModuleType) -> None:
    """Every notebook, page and decision is in the contents once, with a title; a class gets no notes."""
    kinds = book.book(instructors=True)
    pages = [page for kind in kinds for page in kind.pages]
    wanted = [
        *(ROOT / "notebooks").rglob("*.ipynb"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        ROOT / "forecasts" / "README.md",
        ROOT / "synthetic_data" / "DATA_CARD.md",
    ]
    wanted = [path for path in wanted if ".ipynb_checkpoints" not in path.parts]
    wanted.remove(book.INTRODUCTION)
    assert sorted(page.source for page in pages if page.source) == sorted(wanted)
    assert all(page.title for page in pages)
    assert ["Tutorials", "Lessons", "How-to guides", "Reference", "Explanation"] == [k.name for k in kinds]
    made = {"api/index", "reference/commands", "reference/names", "reference/scenario-file"}
    assert {page.name for page in pages if page.source is None} == made
    students = {page.name for kind in book.book() for page in kind.pages}
    instructors = {"docs/teaching", "docs/how-to/grade-a-class", "docs/how-to/play", "docs/how-to/rubric"}
    assert instructors == {page.name for page in pages} - students


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace('"docs/model.md" =', '# "docs/model.md" ='),
            "docs/model.md is in no list",
        ),
        (
            lambda text: text.replace('"docs/model.md"', '"docs/gone.md"'),
            "'docs/gone.md', which is not in the",
        ),
        (lambda text: text.replace('"docs/data.md"', '"docs/model.md"'), "docs/model twice"),
    ],
)
def test_a_page_of_no_kind_is_refused(
    book: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, said: str
) -> None:
    """A page that no list names, a name without a page, and a page of two kinds end the build, by name."""
    contents = tmp_path / "contents.toml"
    contents.write_text(change(book.CONTENTS.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setattr(book, "CONTENTS", contents)
    with pytest.raises(ValueError, match=said):
        book.book()


@pytest.mark.slow  # `python run.py docs` reads them, too
def test_sphinx_reads_every_page_without_a_warning(book: ModuleType, tmp_path: Path) -> None:
    """Contents, links between pages, anchors and docstrings of public names give no warning."""
    book.run_sphinx(sources(book, tmp_path / "source"), tmp_path / "made", tmp_path / "trees", "dummy")


def test_a_link_that_leads_nowhere_is_a_warning(book: ModuleType, tmp_path: Path) -> None:
    """A link to an anchor that no page has ends the build."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# A\n\n[there](index.md#gone)\n", encoding="utf-8")
    (source / "style").mkdir()
    for name in ("classroom.css", "icon.svg"):
        (source / "style" / name).write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="gone"):
        book.run_sphinx(source, tmp_path / "made", tmp_path / "trees", "dummy")


def test_the_first_page_has_a_card_for_every_notebook(book: ModuleType, tmp_path: Path) -> None:
    """Each notebook with a figure has a small picture, no wider than a card, and the page links all pages."""
    source = sources(book, tmp_path / "source")
    text = (source / "index.md").read_text(encoding="utf-8")
    pictures = sorted((source / "thumbnails").glob("*.png"))
    assert len(pictures) >= 15
    assert [path.name for path in pictures if f"(thumbnails/{path.name})" not in text] == []
    from PIL import Image

    sizes = [Image.open(path).size for path in pictures]
    assert max(width for width, _ in sizes) <= book.THUMBNAIL
    for kind in book.book(instructors=True):
        for page in kind.pages:
            assert "decisions/" in page.name or f"({page.name}." in text, page.name


def test_every_command_is_in_the_reference() -> None:
    """Each command has a heading, its usage and every option that its help has; a group is a chapter."""
    text = tool("cli_reference").page()
    commands = vars(typer.main.get_command(app))["commands"]
    assert re.findall(r"^### (\S+)$", text, re.MULTILINE) == list(commands)
    assert "\n## Run the model\n" in text
    for name, command in commands.items():
        part = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert f"breach-sim {name}" in part
        options = {word for given in command.params for word in given.opts if word.startswith("--")}
        assert [word for word in options - {"--help"} if f"`{word}" not in part] == [], name


def test_every_name_and_key_is_in_the_reference() -> None:
    """Each field, attack, mitigation and key of a scenario file has a row; required keys say so."""
    pages = tool("data_reference").pages()
    names = pages["reference/names.md"]
    found = re.findall(r"^\| `(.+?)` \|", names, re.MULTILINE)
    wanted = [*FIELD_NAMES, *(attack.name for attack in bs.load_attacks().attacks)]
    assert found == [*wanted, *(mitigation.name for mitigation in bs.load_mitigations())]
    keys = pages["reference/scenario-file.md"]
    schema = json.loads(schema_text())
    assert set(schema["definitions"]) == set(tool("data_reference").PARTS)
    parts = [schema, *schema["definitions"].values()]
    assert len(re.findall(r"^\| `", keys, re.MULTILINE)) == sum(len(part["properties"]) for part in parts)
    assert re.search(r"^\| `name` \| text \| required\. ", keys, re.MULTILINE)


def test_solutions_are_left_out(book: ModuleType) -> None:
    """A cell with a solution keeps its other lines, gets a stub, and shows nothing; others are untouched."""
    said = {"output_type": "stream", "name": "stdout", "text": "2.1 right."}
    lesson = {
        "cells": [
            cell("code", "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION\ncheck(answer)", said),
            cell("code", "print(1)", said),
        ]
    }
    first, second = book.shown(lesson, ROOT / "notebooks" / "x.ipynb", set())["cells"]
    assert "42" not in first["source"]
    assert first["source"].splitlines()[0].startswith("answer = ...")
    assert first["source"].splitlines()[1] == "check(answer)"
    assert first["outputs"] == []
    assert second == {**cell("code", "print(1)", said), "metadata": {}}


def test_a_figure_keeps_its_words(book: ModuleType) -> None:
    """The alternative text of an output becomes that of the picture on the page."""
    words = {"image/png": {"alt": "A falling curve."}}
    figure = {"output_type": "display_data", "data": {"image/png": "x"}, "metadata": words}
    notebook = {"cells": [cell("code", "draw()", figure)]}
    shown = book.shown(notebook, ROOT / "notebooks" / "x.ipynb", set())
    assert shown["cells"][0]["metadata"]["mystnb"]["image"]["alt"] == "A falling curve."


def test_a_column_has_one_side(columns: ModuleType) -> None:
    """A column of numbers, intervals or empty cells stands right; one with a single word stands left."""
    rows = [
        ["SIM swap", "5,500 (2,600 to 15,000)", "91 / 0 / 9 %", "1.5e-3", "2021-08-11", "4"],
        ["Port-out", "64 million", "", "NaN", "-", "about 5"],
    ]
    number, words = columns.NUMBER, columns.WORDS
    assert columns.sides(rows) == [words, number, number, number, number, words]
    assert columns.sides([["a"], ["1", "2"]]) == [words, number]
    assert columns.sides([]) == []


def test_a_note_in_a_table_stands_below_it(columns: ModuleType) -> None:
    """A sentence alone in its row leaves the table; an interval stands below its number; sides are set."""
    note = "As claimed by the seller; the company confirmed less."
    shown = columns.laid_out(
        "<table class='dataframe'><thead><tr><th></th><th>victims</th><th>who</th></tr></thead><tbody>"
        "<tr><th>SIM swap</th><td>5,500 (2,600 to 15,000)</td><td>a bank</td></tr>"
        f"<tr><th>note</th><td>{note}</td><td></td></tr></tbody></table>"
    )
    table, _, below = shown.partition("</table>")
    assert note not in table
    assert f'<div class="table-notes"><p>{note}</p></div>' in below
    assert '<td class="number">5,500<br/>(2,600 to 15,000)</td>' in table
    assert '<td class="words">a bank</td>' in table
    assert '<td class="words"></td>' in table, "an empty heading is a plain cell"
    own = "<table class='breach-sim'><tr><td style='text-align:right'>1</td></tr></table>"
    assert columns.laid_out(own) == own


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see [the law](../docs/model.md) now", "see [the law](../docs/model.md) now"),
        ("see [a word](../docs/model.md#2-one-account)", "see [a word](../docs/model.md#2-one-account)"),
        ("see [the code](../breach_sim/plots/impact.py) now", "see the code now"),
        ("see [notes](lessons/notes_1.md)", "see notes"),
        ("see [elsewhere](https://example.org/x)", "see [elsewhere](https://example.org/x)"),
        ("see [above](#one-line)", "see [above](#one-line)"),
        ("![a picture](../docs/figures/a.png)", "![a picture](../docs/figures/a.png)"),
    ],
)
def test_links_that_lead_out_of_the_book_are_words(book: ModuleType, text: str, left: str) -> None:
    """A link to a page of the book, a place in it or another site stays; one to another file is its words."""
    inside = {ROOT / "docs" / "model.md"}
    assert book.kept_links(text, ROOT / "notebooks" / "x.ipynb", inside) == left


@pytest.mark.parametrize(
    "asking",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<img src="http://img.example/a.png">',
        '<img srcset="a.png 1x, https://img.example/b.png 2x">',
        '<div style="background: url(https://img.example/a.png)"></div>',
        '<style>@import "https://css.example/a.css";</style>',
        "<style>@font-face { src: url('https://fonts.example/a.woff2') }</style>",
    ],
)
def test_what_is_asked_from_outside_is_found(checks: ModuleType, tmp_path: Path, asking: str) -> None:
    """Scripts, styles, fonts and images of another machine are found; links and local files are not."""
    page = tmp_path / "page.html"
    page.write_text(
        '<a href="https://example.org">x</a><img src="a.png"><script src="b.js"></script>', "utf-8"
    )
    assert list(checks.outside(tmp_path)) == []
    page.write_text(page.read_text("utf-8") + asking, "utf-8")
    assert len(list(checks.outside(tmp_path))) == 1


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("other.html", True),
        ("other.html#here", True),
        ("#", True),
        ("https://example.org/x", True),
        ("mailto:a@example.org", True),
        ("other.html#gone", False),
        ("gone.html", False),
        ("/other.html", False),
        ("../other.html", False),
        ("https://example/x", False),
        ("htps://example.org", False),
    ],
)
def test_a_dead_link_is_found(checks: ModuleType, tmp_path: Path, link: str, leads: bool) -> None:
    """Links inside are relative and lead somewhere; those to other sites have a scheme and a host."""
    (tmp_path / "other.html").write_text('<p id="here">x</p>', "utf-8")
    (tmp_path / "page.html").write_text(f'<a href="{link}">x</a>', "utf-8")
    assert list(checks.dead_links(tmp_path)) == ([] if leads else [f"page.html: {link}"])


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_book_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """A folder with something else in it, or a file of that name, is refused with status 2 and stays."""
    target = tmp_path / "mine"
    precious = target / "thesis.txt" if kind == "folder" else target
    precious.parent.mkdir(exist_ok=True)
    precious.write_text("years", encoding="utf-8")
    assert tool("classroom").main(["--out", str(target)]) == 2
    assert tool("classroom").main(["docs", "--out", str(target)]) == 2
    assert precious.read_text(encoding="utf-8") == "years"
    assert "--out" in capsys.readouterr().err


# The whole book -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(book: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """The documentation, built, and the names of its pages."""
    target = tmp_path_factory.mktemp("book") / "docs"
    count = book.build(target, instructors=True, hosted=True)
    names = [page.name for kind in book.book(instructors=True) for page in kind.pages]
    assert count == len(names)
    return target, names


@pytest.mark.slow
def test_every_page_is_there_and_asks_nothing_from_outside(checks: ModuleType, room: Room) -> None:
    """Each notebook, lesson and page is an HTML file, and no file of the folder asks another machine."""
    folder, names = room
    assert [name for name in names if not (folder / f"{name}.html").is_file()] == []
    assert list(checks.outside(folder)) == []
    assert not list(folder.rglob("*.ipynb"))
    assert all((folder / name).is_file() for name in ("searchindex.js", ".nojekyll", "objects.inv"))


@pytest.mark.slow
def test_every_link_of_the_book_leads_somewhere(checks: ModuleType, room: Room) -> None:
    """Every local link, script and picture is a file of the folder, and every place in a link exists."""
    folder, _ = room
    assert len(list(folder.rglob("*.html"))) > 100
    assert list(checks.dead_links(folder)) == []


@pytest.mark.slow
def test_every_picture_of_the_book_has_words(checks: ModuleType, room: Room) -> None:
    """Every figure on a page of a notebook has an alternative text of more than a word."""
    folder, _ = room
    pictures = {path: checks.Reader(path).pictures for path in (folder / "notebooks").rglob("*.html")}
    assert sum(map(len, pictures.values())) > 30
    assert [
        (path.name, words) for path, found in pictures.items() for _, words in found if len(words) < 20
    ] == []


@pytest.mark.slow
def test_a_second_book_has_the_same_bytes(book: ModuleType, room: Room, tmp_path: Path) -> None:
    """Two builds give the same files, and the second replaces a book that stood there."""
    folder, _ = room
    target = tmp_path / "again"
    target.mkdir()
    (target / book.MARK).write_text("[]", encoding="utf-8")
    (target / "old.html").write_text("old", encoding="utf-8")
    book.build(target, instructors=True, hosted=True)
    first, second = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (folder, target)
    )
    assert sorted(first) == sorted(second)
    assert [name.as_posix() for name in first if first[name] != second[name]] == []


@pytest.fixture
def address(room: Room) -> Iterator[str]:
    """The book behind a plain file server of this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(room[0]))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_browser_without_a_network_shows_the_book(room: Room, address: str) -> None:
    """In Chromium, every other machine out of reach, pages show, search finds, and nothing else is asked."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser on the path (looked for {', '.join(BROWSERS)})")
    pictures = ROOT / "out" / "browser"
    pictures.mkdir(parents=True, exist_ok=True)
    flags = ["--headless", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    asked: list[str] = []
    faults: list[str] = []
    with driver.sync_playwright() as play:
        window = play.chromium.launch(executable_path=browser, args=flags)
        page = window.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        # What a page still asked for when the next one was opened is dropped, and no fault.
        page.on(
            "requestfailed", lambda lost: faults.extend([lost.url] * ("ABORTED" not in str(lost.failure)))
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        for name in ["index", *room[1]]:
            page.goto(f"{address}{name}.html", wait_until="load")
            broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
            assert page.evaluate(broken) == 0, f"{name} has a picture that does not load"
            if name in {"index", "notebooks/01_first_look"}:
                page.screenshot(path=pictures / f"classroom_{name.rpartition('/')[2]}.png")
        page.goto(f"{address}index.html")
        page.fill("input[name=q]", "exceedance")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li a", timeout=20_000)
        page.wait_for_timeout(2_000)  # results are added one by one
        found = page.locator("#search-results li a").all_inner_texts()
        page.screenshot(path=pictures / "classroom_search.png")
        window.close()
    assert any(re.search(r"How bad was it", title) for title in found)
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert faults == []
