"""Make a class a book of its own: ``python run.py classroom [--out DIR]``.

A static folder: every notebook and lesson as a page with its stored outputs, and the pages of ``docs``, with
contents and search. Nothing is run again, and no page asks the network for anything: scripts, styles,
figures and the index of the search are files of the folder, and the build refuses a page that says otherwise.
Lessons come without their solutions. ``python -m http.server --directory DIR`` serves it; straight
from the disk all works but the excerpts of the search.

Sphinx, myst-nb and Furo do the work (decision 0072). Here: which pages there are, in which order, and what
is taken out of them. Not here: the pages about public names (tools/api_reference.py).
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import api_reference
from student_copies import without_solution

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "out" / "classroom"
MARK = "classroom.json"
"""A file of every folder made here: nothing else is ever replaced."""
PAGES = {
    "model": "the law, to the letter: what is computed, and how",
    "glossary": "one word, one meaning",
    "architecture": "twelve rooms, and one call through them",
    "catalog": "every scenario: accounts, fields, standing, largest harm",
    "scoreboard": "every prediction beside what came of it, misses by name",
    "yardsticks": "three known measures beside our numbers, and what divides them",
    "benchmarks": "how long it takes, and against what",
    "notebooks-in-your-ci": "how to test the numbers of your own notebooks",
}
"""Pages of `docs` in their order, and what they are for; others follow by name."""
FOR_INSTRUCTORS = {"teaching"}
"""Pages of `docs` that a class has no use for."""
WORDS = re.compile(r"<td>(?=[A-Za-z][^<]{30})")
"""A cell of a table that holds a sentence; numbers and short words stand flush right, on one line."""
INTERVAL = re.compile(r"<td>([^<()]+) (\([^<()]+ to [^<()]+\))</td>")
"""A number and its interval, which stand below each other, so that a table of them fits the page."""
REMARK = re.compile(r'<td class="words">([^<]*)</td>((?:\s*<td></td>)+)')
"""A sentence with nothing beside it, such as a note below a table: it takes the whole row."""
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
SETTINGS: dict[str, Any] = {
    "project": "breach_sim",
    "author": "",
    "extensions": ["myst_nb", *api_reference.EXTENSIONS],
    "html_theme": "furo",
    "html_title": "breach_sim",
    "html_favicon": "style/icon.svg",
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_permalinks": False,
    "html_use_index": False,
    "html_static_path": ["style"],
    "html_css_files": ["classroom.css"],
    "html_theme_options": {"top_of_page_buttons": []},
    "language": "en",
    "smartquotes": False,
    "myst_enable_extensions": [],
    "myst_heading_anchors": 3,
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "nb_merge_streams": True,
    **api_reference.SETTINGS,
}
STYLE = """
.content { width: 54em; }
@media (min-width: 82em) and (max-width: 90em) { .content { width: 46em; } }
@media (max-width: 67em) { .content { width: 100%; } }
div.highlight pre { font-size: 0.78rem; }
article table.docutils, div.cell_output table.dataframe { display: block; overflow-x: auto; }
article table.docutils { font-size: 0.9rem; box-shadow: none; }
div.cell_output table.dataframe { border: none; border-collapse: collapse; font-size: 0.8rem; }
div.cell_output table.dataframe :is(th, td) {
  border: none; border-bottom: 1px solid var(--color-background-border);
  padding: 0.25em 0.6em; text-align: right; vertical-align: top !important;
}
div.cell_output table.dataframe td { white-space: nowrap; }
div.cell_output table.dataframe thead :is(th, td) { vertical-align: bottom !important; }
div.cell_output table.dataframe tbody th { font-weight: 600; text-align: left; }
div.cell_output table.dataframe td.words { min-width: 14em; text-align: left; white-space: normal; }
div.cell_output { overflow-x: auto; }
details { border-left: 3px solid var(--color-background-border); margin: 0.4rem 0 1rem; }
details { padding-left: 0.8rem; }
details > summary { color: var(--color-brand-content); cursor: pointer; }
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3"'
    ' fill="#0072B2"/><path d="M3 8h4m2 0h4" stroke="#fff" stroke-width="3"/></svg>\n'
)
DECISIONS = "Decisions"
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the book: its file in the checkout, its title, and the first sentences after it."""

    source: Path
    title: str
    about: str

    @property
    def name(self) -> str:
        """Its place in the book, without the ending: that of the file in the checkout."""
        return self.source.relative_to(ROOT).with_suffix("").as_posix()


def main(words: list[str]) -> int:
    """Build the folder; return the exit status."""
    reader = argparse.ArgumentParser(prog="python run.py classroom", description="make the book for a class")
    reader.add_argument("--out", type=Path, default=TARGET, metavar="DIR", help="folder (out/classroom)")
    target = reader.parse_args(words).out.absolute()
    start = time.monotonic()
    try:
        pages = build(target)
    except ValueError as error:
        print(f"classroom: {error}", file=sys.stderr)
        return 2
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    print(f"{pages} pages, {size:.0f} MB, in {target}: {time.monotonic() - start:.0f} s")
    print(
        f"to open it: python -m http.server --bind 127.0.0.1 --directory {target}, then http://127.0.0.1:8000"
    )
    return 0


def build(target: Path) -> int:
    """Make the book in a folder; return the number of its pages.

    Parameters
    ----------
    target
        Folder to make, or one that was made here before and is replaced.

    Raises
    ------
    ValueError
        If the folder holds something else, a link leads nowhere, or a page asks for something from outside.
    """
    free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not free and not (target / MARK).is_file():
        raise ValueError(f"{target} holds something that is no classroom: name a new folder with --out")
    parts = book()
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        write_source(parts, source)
        run_sphinx(source, made, Path(folder) / "trees")
        wrong = list(outside(made))
        if wrong:
            raise ValueError(f"{len(wrong)} things are asked from outside, the first: {wrong[0]}")
        names = [page.name for pages in parts.values() for page in pages]
        (made / MARK).write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent))
        shutil.copytree(made, aside, dirs_exist_ok=True)
        aside.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        aside.replace(target)
    return len(names)


# What is in the book ----------------------------------------------------------------------------------------


def book() -> dict[str, list[Page]]:
    """Pages by part of the book, in the order of reading."""
    docs = ROOT / "docs"
    order = {name: place for place, name in enumerate(PAGES)}
    some = [path for path in docs.glob("*.md") if path.stem not in FOR_INSTRUCTORS]
    pages = sorted(some, key=lambda path: (order.get(path.stem, len(order)), path.stem))
    found = {
        "Notebooks": sorted((ROOT / "notebooks").glob("*.ipynb")),
        "Lessons": sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb")),
        "Pages": pages,
        DECISIONS: sorted((docs / "decisions").glob("*.md")),
    }
    return {part: [read_page(path) for path in paths] for part, paths in found.items() if paths}


def read_page(path: Path) -> Page:
    """Title and first sentence of a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "".join(next(cell for cell in cells if cell["cell_type"] == "markdown")["source"])
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        raise ValueError(
            f"{path.relative_to(ROOT)} does not begin with a title: put '# ...' on its first line"
        )
    about = PAGES.get(path.stem, "") if path.suffix == ".md" else opening(rest)
    return Page(source=path, title=title.removeprefix("# ").strip(), about=about)


def opening(text: str) -> str:
    """The objective of a lesson, or the first two sentences of a notebook, without links."""
    paragraphs = [p.replace("\n", " ") for p in text.split("\n\n") if p.strip()]
    aim = next((p for p in paragraphs if p.startswith("**Objective.**")), "")
    first = aim.removeprefix("**Objective.**").strip() or (paragraphs or [""])[0]
    return " ".join(re.split(r"(?<=[.?!])\s+", LINK.sub(r"\1", first))[:2])


def write_source(parts: dict[str, list[Page]], folder: Path) -> None:
    """Write what Sphinx reads: pages in the places they have in the checkout, figures, and contents."""
    inside = {page.source for pages in parts.values() for page in pages}
    for page in (page for pages in parts.values() for page in pages):
        place = folder / page.source.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        text = page.source.read_text(encoding="utf-8")
        if page.source.suffix == ".ipynb":
            text = json.dumps(shown(json.loads(text), page.source, inside))
        else:
            text = kept_links(text, page.source, inside)
        place.write_text(text, encoding="utf-8")
    figures = ROOT / "docs" / "figures"
    if figures.is_dir():
        shutil.copytree(figures, folder / "docs" / "figures")
    (folder / "style").mkdir()
    (folder / "style" / "classroom.css").write_text(STYLE, encoding="utf-8")
    (folder / "style" / "icon.svg").write_text(ICON, encoding="utf-8")
    for name, text in api_reference.pages().items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    (folder / "index.md").write_text(contents(parts), encoding="utf-8")
    decisions = folder / "docs" / "decisions" / "index.md"
    why = [f"# {DECISIONS}", "", "Why things are as they are."]
    why += toctree([page.source.stem for page in parts.get(DECISIONS, [])], [])
    decisions.write_text("\n".join(why), encoding="utf-8")


def shown(notebook: Node, path: Path, inside: set[Path]) -> Node:
    """A notebook as a class sees it: no solutions, links that lead somewhere, words for every figure."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = kept_links(text, path, inside)
            continue
        cell["source"] = without_solution(text)
        if cell["source"] != text:
            cell["outputs"] = []
        for data in (output["data"] for output in cell["outputs"] if "data" in output):
            if "text/html" in data:
                data["text/html"] = laid_out("".join(data["text/html"]))
        alts = [out.get("metadata", {}).get("image/png", {}).get("alt") for out in cell["outputs"]]
        alt = next(filter(None, alts), None)
        cell["metadata"] = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    return notebook


def laid_out(table: str) -> str:
    """HTML of a table that fits: intervals below numbers, sentences flush left, notes across the row."""

    def wide(found: re.Match[str]) -> str:
        columns = 1 + found[2].count("<td>")
        return f'<td class="words" colspan="{columns}">{found[1]}</td>'

    table = INTERVAL.sub(r"<td>\1<br>\2</td>", table)
    return REMARK.sub(wide, WORDS.sub('<td class="words">', table))


def kept_links(text: str, path: Path, inside: set[Path]) -> str:
    """Text in which links to files of the checkout that are not in the book are words."""

    def kept(found: re.Match[str]) -> str:
        words, address = found.groups()
        file = address.partition("#")[0]
        if "://" in address or not file or (path.parent / file).resolve() in inside:
            return found.group()
        return words

    return LINK.sub(kept, text)


def contents(parts: dict[str, list[Page]]) -> str:
    """The first page: what this is, and a line for each page of the book."""
    lines = [
        "# What a breach does",
        "",
        "A breach leaks some fields for some accounts. Which attacks does that enable, how many victims and"
        " how much money, how sure is that, and where does every number come from? The notebooks answer, one"
        " question each; every table and figure here is what they printed when they were run, in order, from"
        " a clean start.",
        "",
        "Everything is in this folder. Nothing is fetched from elsewhere, and what you type stays here.",
        "",
    ]
    for part, pages in parts.items():
        if part == DECISIONS:
            lines += toctree([f"{DECISIONS} <docs/decisions/index>"], [":hidden:"])
            continue
        lines += [f"## {part}", ""]
        for page in pages:
            link = f"[{label(page)}]({page.source.relative_to(ROOT).as_posix()})"
            lines.append(f"- {link}" + (f"<br>{page.about}" if page.about else ""))
        lines += toctree(
            [f"{label(page)} <{page.name}>" for page in pages], [":hidden:", f":caption: {part}"]
        )
    lines += [
        f"## {api_reference.TITLE}",
        "",
        "- [Every public name](api/index.rst)<br>what it takes and returns",
    ]
    lines += toctree([f"{api_reference.TITLE} <api/index>"], [":hidden:"])
    return "\n".join(lines)


def toctree(entries: list[str], options: list[str]) -> list[str]:
    """Lines that put pages into the contents at the side; options such as ``:hidden:``."""
    return ["", "```{toctree}", *options, "", *entries, "```", ""]


def label(page: Page) -> str:
    """A short title for the contents, with the number of a chapter or lesson."""
    number = re.match(r"(?:lesson_)?(\d+)_", page.source.stem)
    return f"{number[1]} {page.title}" if number and page.source.suffix == ".ipynb" else page.title


# Sphinx -----------------------------------------------------------------------------------------------------


def run_sphinx(source: Path, made: Path, trees: Path) -> None:
    """Build the pages; a warning is an error."""
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # no page has a date
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with tempfile.TemporaryFile("w+", encoding="utf-8") as log, patch_docutils(source), docutils_namespace():
        app = Sphinx(source, None, made, trees, "html", confoverrides=SETTINGS, status=None, warning=log)
        app.build()
        log.seek(0)
        warnings = log.read().strip()
    if app.statuscode or warnings:
        first = warnings.replace(f"{source}{os.sep}", "")
        raise ValueError(f"the book has {len(warnings.splitlines())} faults:\n{first}")
    for left in (".buildinfo", "objects.inv"):
        (made / left).unlink(missing_ok=True)
    shutil.rmtree(made / "_sources", ignore_errors=True)


# Nothing from outside ---------------------------------------------------------------------------------------

ASKING = {"src", "srcset", "data", "poster", "background", "xlink:href"}
"""Attributes that make a browser ask for something; of `href` only those of `<link>` do."""
FROM_OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:[a-z]+:)?//[^'\")\s]+)", re.IGNORECASE)


class Asked(HTMLParser):
    """Collects the addresses that a page makes a browser ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes of one tag."""
        for name, value in attrs:
            if value and (name in ASKING or (tag in {"link", "image", "use"} and name == "href")):
                self.found += [part.strip() for part in (value.split(",") if name == "srcset" else [value])]
            if value and name == "style":
                self.found += IN_STYLE.findall(value)


def outside(folder: Path) -> Iterator[str]:
    """Yield the page and address of everything that a browser would ask another machine for.

    Parameters
    ----------
    folder
        A folder of pages. Looked at are tags of HTML and SVG, and addresses in style sheets; what a script
        might do only a browser shows.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".css", ".svg"}:
            continue
        text = path.read_text(encoding="utf-8")
        found = IN_STYLE.findall(text)
        if path.suffix != ".css":
            parser = Asked()
            parser.feed(text)
            found += [address for address in parser.found if FROM_OUTSIDE.match(address)]
        yield from (f"{path.relative_to(folder).as_posix()}: {address}" for address in dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
