"""Laws of the book for a class: what is in it, what is left out, and that it asks nothing of the network.

The fast part looks at single pages. The slow part builds the whole book, follows every link in it and opens
it in headless Chromium, where there is one, with the network off.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Room = tuple[Path, list[str]]


@pytest.fixture(scope="module")
def classroom() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("classroom", ROOT / "tools" / "classroom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["classroom"] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        spec.loader.exec_module(module)
    return module


def cell(kind: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    """Return a cell of a notebook."""
    return {"cell_type": kind, "source": source, "metadata": {}, "outputs": list(outputs)}


def test_the_book_has_every_notebook_and_page(classroom: ModuleType) -> None:
    """Every notebook, lesson, page and decision but the one for instructors is a page, once, with a title."""
    pages = [page for part in classroom.book().values() for page in part]
    wanted = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks" / "lessons").glob("*.ipynb")]
    wanted += [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")]
    wanted.remove(ROOT / "docs" / "teaching.md")
    assert sorted(page.source for page in pages) == sorted(wanted)
    assert all(page.title for page in pages)
    assert set(classroom.PAGES) <= {page.source.stem for page in pages}


def test_solutions_are_left_out(classroom: ModuleType) -> None:
    """A cell with a solution keeps its other lines, gets a stub, and shows nothing; others are untouched."""
    said = {"output_type": "stream", "name": "stdout", "text": "2.1 right."}
    lesson = {
        "cells": [
            cell("code", "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION\ncheck(answer)", said),
            cell("code", "print(1)", said),
        ]
    }
    first, second = classroom.shown(lesson, ROOT / "notebooks" / "x.ipynb", set())["cells"]
    assert "42" not in first["source"]
    assert first["source"].splitlines()[0].startswith("answer = ...")
    assert first["source"].splitlines()[1] == "check(answer)"
    assert first["outputs"] == []
    assert second == {**cell("code", "print(1)", said), "metadata": {}}


def test_a_figure_keeps_its_words(classroom: ModuleType) -> None:
    """The alternative text of an output becomes that of the picture on the page."""
    words = {"image/png": {"alt": "A falling curve."}}
    figure = {"output_type": "display_data", "data": {"image/png": "x"}, "metadata": words}
    notebook = {"cells": [cell("code", "draw()", figure)]}
    shown = classroom.shown(notebook, ROOT / "notebooks" / "x.ipynb", set())
    assert shown["cells"][0]["metadata"]["mystnb"]["image"]["alt"] == "A falling curve."


def test_a_note_below_a_table_fills_its_row(classroom: ModuleType) -> None:
    """A sentence spans the empty cells beside it; an interval stands below its number; numbers stay."""
    note = "<td>As claimed by the seller; the company confirmed less.</td>\n <td></td>\n <td></td>"
    table = classroom.laid_out(f"<tr><td>5,500 (2,600 to 15,000)</td></tr><tr>{note}</tr><td>a</td><td></td>")
    wide = '<td class="words" colspan="3">As claimed by the seller; the company confirmed less.</td>'
    assert table == f"<tr><td>5,500<br>(2,600 to 15,000)</td></tr><tr>{wide}</tr><td>a</td><td></td>"


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
def test_links_that_lead_out_of_the_book_are_words(classroom: ModuleType, text: str, left: str) -> None:
    """A link to a page of the book, a place in it or another site stays; one to another file is its words."""
    inside = {ROOT / "docs" / "model.md"}
    assert classroom.kept_links(text, ROOT / "notebooks" / "x.ipynb", inside) == left


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
def test_what_is_asked_from_outside_is_found(classroom: ModuleType, tmp_path: Path, asking: str) -> None:
    """Scripts, styles, fonts and images of another machine are found; links and local files are not."""
    page = tmp_path / "page.html"
    page.write_text(
        '<a href="https://example.org">x</a><img src="a.png"><script src="b.js"></script>', "utf-8"
    )
    assert list(classroom.outside(tmp_path)) == []
    page.write_text(page.read_text("utf-8") + asking, "utf-8")
    assert len(list(classroom.outside(tmp_path))) == 1


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_classroom_is_not_replaced(
    classroom: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """A folder with something else in it, or a file of that name, is refused with status 2 and stays."""
    target = tmp_path / "mine"
    precious = target / "thesis.txt" if kind == "folder" else target
    precious.parent.mkdir(exist_ok=True)
    precious.write_text("years", encoding="utf-8")
    assert classroom.main(["--out", str(target)]) == 2
    assert precious.read_text(encoding="utf-8") == "years"
    assert "--out" in capsys.readouterr().err


# The whole book -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(classroom: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """The book, built, and the names of its pages."""
    target = tmp_path_factory.mktemp("book") / "classroom"
    count = classroom.build(target)
    names = [page.name for part in classroom.book().values() for page in part]
    assert count == len(names)
    return target, names


class Page(HTMLParser):
    """Reads the links, places and pictures of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.pictures: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what one tag says."""
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag in {"a", "link"} and "href" in given:
            self.links.append(given["href"])
        if tag in {"script", "img"} and "src" in given:
            self.links.append(given["src"])
        if tag == "img":
            self.pictures.append((given["src"], given.get("alt", "")))


@pytest.mark.slow
def test_every_page_is_there_and_asks_nothing_from_outside(classroom: ModuleType, room: Room) -> None:
    """Each notebook, lesson and page is an HTML file, and no file of the folder asks another machine."""
    folder, names = room
    assert [name for name in names if not (folder / f"{name}.html").is_file()] == []
    assert list(classroom.outside(folder)) == []
    assert not list(folder.rglob("*.ipynb"))
    assert (folder / "searchindex.js").is_file()


@pytest.mark.slow
def test_every_link_of_the_book_leads_somewhere(room: Room) -> None:
    """Every local link, script and picture is a file of the folder, and every place in a link exists."""
    folder, _ = room
    pages = {path: Page(path) for path in folder.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link == "#":
                continue
            aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not aim.is_file() or (parts.fragment and unquote(parts.fragment) not in pages[aim].places):
                wrong.append(f"{path.relative_to(folder)}: {link}")
    assert len(pages) > 30
    assert wrong == []


@pytest.mark.slow
def test_every_picture_of_the_book_has_words(room: Room) -> None:
    """Every figure on a page of a notebook has an alternative text of more than a word."""
    folder, _ = room
    pictures = {path: Page(path).pictures for path in (folder / "notebooks").rglob("*.html")}
    assert sum(map(len, pictures.values())) > 30
    assert [
        (path.name, words) for path, found in pictures.items() for _, words in found if len(words) < 20
    ] == []


@pytest.mark.slow
def test_a_second_book_has_the_same_bytes(classroom: ModuleType, room: Room, tmp_path: Path) -> None:
    """Two builds give the same files, and the second replaces a book that stood there."""
    folder, _ = room
    target = tmp_path / "again"
    target.mkdir()
    (target / classroom.MARK).write_text("[]", encoding="utf-8")
    (target / "old.html").write_text("old", encoding="utf-8")
    classroom.build(target)
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
    tool = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
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
    with tool.sync_playwright() as play:
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
