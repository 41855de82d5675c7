"""Notebooks, lessons and pages as one book of static HTML: contents, search, tables, figures.

Nothing is run again, and no page asks the network for anything: scripts, styles, figures and the index of the
search are files of the folder. The build fails on a warning of Sphinx, on a link that leads nowhere, and on
anything that would be asked of another machine. `docs/contents.toml` says which page is of which kind:
tutorial, how-to guide, reference or explanation. Lessons come without their solutions.

Sphinx, myst-nb and Furo do the work (decisions 0072 and 0136). Not here: the commands (tools/classroom.py),
pages that are read from the package (tools/api_reference.py,
tools/cli_reference.py, tools/data_reference.py), columns of tables (tools/table_columns.py), and what is
checked at the end (tools/book_checks.py).
"""

import base64
import io
import json
import os
import re
import shutil
import tempfile
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import api_reference
import book_checks
import book_live
import cli_reference
import data_reference
import page_markup
import table_columns
from student_copies import without_solution

ROOT = Path(__file__).resolve().parents[1]
CONTENTS = ROOT / "docs" / "contents.toml"
INTRODUCTION = ROOT / "docs" / "introduction.md"
"""Text of the first page, above the contents."""
MARK = "classroom.json"
"""A file of every folder made here: nothing else is ever replaced."""
FOR_INSTRUCTORS = {"docs/teaching", "docs/how-to/grade-a-class", "docs/how-to/play", "docs/how-to/rubric"}
"""Pages that a class has no use for."""
DECISIONS = "docs/decisions"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
SHARED = "tmobile-2021-stated"
"""The breach of the page to share that the book holds."""
TRY = (
    '<p>Try it, nothing to install: <a href="play.html">play one person of a breach</a> for ten minutes, '
    '<a href="what-if.html">tap a field out of the breach</a>, or '
    '<a href="adviser.html">tick what you lost and get three actions</a>.</p>'
)
"""Links from the first page to the pages to share. Written as HTML: Sphinx knows only pages of its own."""
THUMBNAIL = 360
"""Width of the small picture of a notebook, in pixels."""
TALLEST = 0.625
"""Height over width of a small picture; of a taller figure it shows the upper part."""
SETTINGS: dict[str, Any] = {
    "project": "breach_sim",
    "author": "",
    "extensions": ["myst_nb", "table_columns", *api_reference.EXTENSIONS],
    "html_theme": "furo",
    "html_title": "breach_sim",
    "html_favicon": "style/icon.svg",
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_permalinks_icon": "#",
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
article table :is(th, td).number { font-variant-numeric: tabular-nums; text-align: right; }
article table :is(th, td).words { text-align: left; }
article table.docutils td { vertical-align: top; }
article table td.number p { white-space: nowrap; }
div.cell_output table.dataframe { border: none; border-collapse: collapse; font-size: 0.8rem; }
div.cell_output table.dataframe :is(th, td) {
  border: none; border-bottom: 1px solid var(--color-background-border);
  padding: 0.25em 0.6em; vertical-align: top !important;
}
div.cell_output table.dataframe td.number { white-space: nowrap; }
div.cell_output table.dataframe thead :is(th, td) { vertical-align: bottom !important; }
div.cell_output table.dataframe tbody th { font-weight: 600; }
div.cell_output table.dataframe td.words { min-width: 6em; max-width: 24em; white-space: normal; }
div.cell_output { overflow-x: auto; }
div.table-notes { font-size: 0.8rem; margin: 0.5rem 0 1rem; max-width: 48em; }
div.table-notes p { margin: 0.25rem 0; }
details { border-left: 3px solid var(--color-background-border); margin: 0.4rem 0 1rem; }
details { padding-left: 0.8rem; }
details > summary { color: var(--color-brand-content); cursor: pointer; }
div.cell_output table.breach-sim { border-collapse: collapse; font-size: 0.85rem; }
div.cell_output table.breach-sim :is(th, td) { padding: 0.2em 0.6em; vertical-align: top; }
p.breach-sim-note { font-size: 0.85rem; margin: 0.3rem 0; }
.sig-line { display: block; padding-left: 2em; }
.toc-tree li > a.reference { display: block; min-height: 24px; padding: 0.25em 0; }
div.cards ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
div.cards ul { list-style: none; margin: 0; padding: 0; }
div.cards li {
  border: 1px solid var(--color-background-border); border-radius: 0.4rem; font-size: 0.85rem;
  overflow: hidden; padding: 0.6rem;
}
div.cards li > p { margin: 0; }
div.cards a { display: block; font-size: 0.95rem; font-weight: 600; margin-bottom: 0.3rem; }
div.cards img { aspect-ratio: 16 / 10; background: #fff; display: block; object-fit: contain; width: 100%; }
div.cards br { display: none; }
div.cards img { margin-bottom: 0.4rem; }
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3"'
    ' fill="#0072B2"/><path d="M3 8h4m2 0h4" stroke="#fff" stroke-width="3"/></svg>\n'
)
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the book: its place without the ending, its title, what it is about, and its file.

    A page that is made here, such as the reference of commands, has no file.
    """

    name: str
    title: str
    about: str
    source: Path | None


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages of one kind, in the order of reading."""

    name: str
    about: str
    pages: tuple[Page, ...]


def build(target: Path, *, instructors: bool = False, hosted: bool = False, live: Path | None = None) -> int:
    """Make the book in a folder; return the number of its pages.

    Parameters
    ----------
    target
        Folder to make, or one that was made here before and is replaced.
    instructors
        Whether pages for instructors are in it.
    hosted
        Whether it is made for a static host: with `.nojekyll`, which keeps folders that begin with an
        underscore, and with the inventory of names for other books.
    live
        A live class (`python run.py live`) to put into it, with a link on each of its notebooks.

    Raises
    ------
    ValueError
        If the folder holds something else, a page is of no kind, a link leads nowhere, or a page asks for
        something from outside.
    """
    free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not free and not (target / MARK).is_file():
        raise ValueError(
            f"{target} holds something that is no book of this project: name a new folder with --out"
        )
    if live is not None:
        book_live.refuse_unless_live(live)
    kinds = book(instructors=instructors)
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        write_source(kinds, source)
        run_sphinx(source, made, Path(folder) / "trees")
        finish(made, hosted=hosted)
        share(made)
        for what, faults in (
            ("things are asked from outside", list(book_checks.outside(made))),
            ("links lead nowhere", list(book_checks.dead_links(made))),
        ):
            if faults:
                raise ValueError(f"{len(faults)} {what}, the first: {faults[0]}")
        names = [page.name for kind in kinds for page in kind.pages]
        (made / MARK).write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
        if live is not None:
            book_live.try_it_live(made, live)
        put(made, target)
    return len(names)


def finish(made: Path, *, hosted: bool) -> None:
    """Take out what only Sphinx needs; add what readers and a static host need."""
    page_markup.mend(made)
    (made / ".buildinfo").unlink(missing_ok=True)
    shutil.rmtree(made / "_sources", ignore_errors=True)
    if hosted:
        (made / ".nojekyll").write_text("", encoding="utf-8")
    else:
        (made / "objects.inv").unlink(missing_ok=True)


def share(made: Path) -> None:
    """Put the pages to share beside the first page, which links to them."""
    from breach_sim.apps.page.adviser import write_adviser
    from breach_sim.apps.page.play import write_play
    from breach_sim.apps.page.what_if import write_what_if

    write_play(SHARED, made / "play.html")
    write_what_if(SHARED, made / "what-if.html")
    write_adviser(made / "adviser.html")


def put(made: Path, target: Path) -> None:
    """Put a finished folder in its place, in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent))
    shutil.copytree(made, aside, dirs_exist_ok=True)
    aside.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    aside.replace(target)


# What is in the book ----------------------------------------------------------------------------------------


def book(*, instructors: bool = False) -> tuple[Kind, ...]:
    """Pages by kind, in the order of reading.

    Raises
    ------
    ValueError
        If a file that is listed is not there, or a page of `docs` is of no kind or of two.
    """
    kinds = tuple(
        Kind(part["name"], part["about"], tuple(pages_of(part["pages"], instructors=instructors)))
        for part in tomllib.loads(CONTENTS.read_text(encoding="utf-8"))["kind"]
    )
    names = [page.name for kind in kinds for page in kind.pages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"docs/contents.toml lists {twice[0]} twice: a page is of one kind; leave one out")
    have = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    left = sorted(have - set(names) - FOR_INSTRUCTORS - {"docs/introduction"})
    if left:
        raise ValueError(f"{left[0]}.md is in no list of docs/contents.toml: add it to one of its four kinds")
    return kinds


def pages_of(entries: dict[str, str], *, instructors: bool) -> list[Page]:
    """The pages that the entries of one kind name."""
    made = {f"{api_reference.FOLDER}/index": api_reference.TITLE, cli_reference.NAME: cli_reference.TITLE}
    made |= data_reference.TITLES
    found = []
    for entry, about in entries.items():
        if entry in made:
            found.append(Page(entry, made[entry], about, None))
            continue
        paths = sorted(ROOT.glob(entry))
        if not paths:
            raise ValueError(
                f"docs/contents.toml lists {entry!r}, which is not in the checkout: leave it out"
            )
        found += [read_page(path, about) for path in paths]
    return [page for page in found if instructors or page.name not in FOR_INSTRUCTORS]


def read_page(path: Path, about: str) -> Page:
    """A page with its title; without a text about it, its first sentences."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "".join(next(cell for cell in cells if cell["cell_type"] == "markdown")["source"])
    title, _, rest = text.partition("\n")
    name = path.relative_to(ROOT)
    if not title.startswith("# "):
        raise ValueError(f"{name} does not begin with a title: put '# ...' on its first line")
    if not about and path.suffix == ".ipynb":
        about = opening(rest)
    return Page(name.with_suffix("").as_posix(), title.removeprefix("# ").strip(), about, path)


def opening(text: str) -> str:
    """The objective of a lesson, or the first two sentences of a notebook, without links."""
    paragraphs = [p.replace("\n", " ") for p in text.split("\n\n") if p.strip()]
    aim = next((p for p in paragraphs if p.startswith("**Objective.**")), "")
    first = aim.removeprefix("**Objective.**").strip() or (paragraphs or [""])[0]
    return " ".join(re.split(r"(?<=[.?!])\s+", LINK.sub(r"\1", first))[:2])


# What Sphinx reads ------------------------------------------------------------------------------------------


def write_source(kinds: tuple[Kind, ...], folder: Path) -> None:
    """Write what Sphinx reads: pages in the places they have in the checkout, figures, and contents."""
    pages = [page for kind in kinds for page in kind.pages]
    inside = {page.source for page in pages if page.source is not None}
    for page in pages:
        if page.source is not None:
            write(folder / page.source.relative_to(ROOT), page_text(page.source, inside))
    figures = ROOT / "docs" / "figures"
    shutil.copytree(figures, folder / "docs" / "figures")
    write(folder / "style" / "classroom.css", STYLE)
    write(folder / "style" / "icon.svg", ICON)
    made = {
        **api_reference.pages(),
        **data_reference.pages(),
        f"{cli_reference.NAME}.md": cli_reference.page(),
    }
    for name, text in made.items():
        write(folder / name, text)
    small = thumbnails(pages, folder / "thumbnails")
    write(folder / "index.md", contents(kinds, small, inside))
    why = ["# Decisions", "", "Why things are as they are.", ""]
    why += toctree([Path(page.name).name for page in pages if page.name.startswith(DECISIONS)], [])
    write(folder / DECISIONS / "index.md", "\n".join(why))


def write(path: Path, text: str) -> None:
    """Write a file, and the folder it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def page_text(path: Path, inside: set[Path]) -> str:
    """The text of a page as the book shows it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return json.dumps(shown(json.loads(text), path, inside))
    return kept_links(text, path, inside)


def shown(notebook: Node, path: Path, inside: set[Path]) -> Node:
    """A notebook as a reader sees it: no solutions, links that lead somewhere, words for every figure."""
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
                data["text/html"] = table_columns.laid_out("".join(data["text/html"]))
        alts = [out.get("metadata", {}).get("image/png", {}).get("alt") for out in cell["outputs"]]
        alt = next(filter(None, alts), None)
        cell["metadata"] = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    return notebook


def kept_links(text: str, path: Path, inside: set[Path]) -> str:
    """Text in which links to files of the checkout that are not in the book are words."""

    def kept(found: re.Match[str]) -> str:
        words, address = found.groups()
        file = address.partition("#")[0]
        if "://" in address or not file or (path.parent / file).resolve() in inside:
            return found.group()
        return words

    return LINK.sub(kept, text)


def thumbnails(pages: list[Page], folder: Path) -> dict[str, str]:
    """Write a small picture of the first figure of each notebook; return their places by page."""
    from PIL import Image

    places = {}
    for page in pages:
        if page.source is None or page.source.suffix != ".ipynb":
            continue
        data = first_figure(json.loads(page.source.read_text(encoding="utf-8")))
        if data:
            folder.mkdir(exist_ok=True)
            picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
            width, height = picture.size
            picture = picture.crop((0, 0, width, min(height, round(width * TALLEST))))
            picture.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
            place = folder / f"{page.source.stem}.png"
            picture.quantize(64).save(place, optimize=True)
            places[page.name] = place.relative_to(folder.parent).as_posix()
    return places


def first_figure(notebook: Node) -> str:
    """The first stored picture of a notebook, encoded; "" if it has none."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    pictures = ("".join(output.get("data", {}).get("image/png", "")) for output in outputs)
    return next(filter(None, pictures), "")


def contents(kinds: tuple[Kind, ...], small: dict[str, str], inside: set[Path]) -> str:
    """The first page: what this is, and a line for each page, kind by kind."""
    text = kept_links(INTRODUCTION.read_text(encoding="utf-8"), INTRODUCTION, inside)
    text = re.sub(r"\]\((?!https?:|#)(?:\.\./)?", lambda found: found.group() + "docs/", text)
    lines = [text.replace("](../docs/", "](").replace("](docs/../", "](").rstrip(), ""]
    lines += [TRY, ""]
    for kind in kinds:
        listed = [page for page in kind.pages if not page.name.startswith(DECISIONS)]
        cards = any(page.name in small for page in listed)
        lines += [f"## {kind.name}", "", kind.about, "", *(["```{container} cards", ""] if cards else [])]
        lines += [line(page, small.get(page.name, "")) for page in listed]
        lines += ["", "```", ""] if cards else [""]
        entries = [f"{label(page)} <{page.name}>" for page in listed]
        if len(listed) < len(kind.pages):
            lines.insert(len(lines) - 1, f"- [Decisions]({DECISIONS}/index.md)<br>why things are as they are")
            entries.append(f"Decisions <{DECISIONS}/index>")
        lines += toctree(entries, [":hidden:", f":caption: {kind.name}"])
    return "\n".join(lines)


def line(page: Page, picture: str) -> str:
    """The line about a page in the contents, with its small picture if it has one."""
    generated = ".rst" if page.name.startswith(api_reference.FOLDER) else ".md"
    ending = page.source.suffix if page.source else generated
    image = f"![]({picture})" if picture else ""
    about = f"<br>{page.about}" if page.about else ""
    return f"- [{image}{label(page)}]({page.name}{ending}){about}"


def toctree(entries: list[str], options: list[str]) -> list[str]:
    """Lines that put pages into the contents at the side; options such as ``:hidden:``."""
    return ["", "```{toctree}", *options, "", *entries, "```", ""]


def label(page: Page) -> str:
    """A short title for the contents, with the number of a chapter or lesson."""
    number = re.match(r"(?:lesson_)?(\d+)_", Path(page.name).name)
    numbered = number and page.source is not None and page.source.suffix == ".ipynb"
    return f"{number[1]} {page.title}" if number and numbered else page.title


# Sphinx -----------------------------------------------------------------------------------------------------


def run_sphinx(source: Path, made: Path, trees: Path, builder: str = "html") -> None:
    """Build the pages; a warning is an error."""
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # no page has a date
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with (
        warnings.catch_warnings(),
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
        patch_docutils(source),
        docutils_namespace(),
    ):
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # among parts of Sphinx
        app = Sphinx(source, None, made, trees, builder, confoverrides=SETTINGS, status=None, warning=log)
        app.build()
        log.seek(0)
        said = log.read().strip()
    if app.statuscode or said:
        first = said.replace(f"{source}{os.sep}", "")
        raise ValueError(f"the book has {len(said.splitlines())} faults:\n{first}")
