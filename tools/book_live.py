"""A live class inside the book: the pages of its notebooks get a link that runs them in the browser.

A plain link, and not jupyterlite-sphinx: that would build the site anew with each book, from whatever the
environment holds, and this one is made from files with known hashes (decision 0142). Not here: making the
site (``live_site.py``), the book (``book.py``).
"""

import html
import shutil
from pathlib import Path

MARK = "live.json"
FOLDER = "live"
WORDS = "Try it live: run this page in your browser"
CLASS = 'class="try-live"'


def refuse_unless_live(site: Path) -> None:
    """Refuse a folder that is no live class.

    Raises
    ------
    ValueError
        If it was not made by ``python run.py live``.
    """
    if not (site / MARK).is_file():
        raise ValueError(f"{site} is no live class: make it with `python run.py live`")


def try_it_live(made: Path, site: Path) -> int:
    """Put a live class into a finished book, and a link on the page of each notebook that it has.

    Parameters
    ----------
    made
        Folder of the book.
    site
        Folder of the live class.

    Returns
    -------
    Number of pages with a link.

    Raises
    ------
    ValueError
        If a page has no title to put the link below.
    """
    shutil.copytree(site, made / FOLDER)
    linked = 0
    for notebook in sorted((site / "files").rglob("*.ipynb")):
        place = notebook.relative_to(site / "files").as_posix()
        page = made / "notebooks" / f"{place.removeprefix('notebooks/').removesuffix('.ipynb')}.html"
        if page.is_file():
            up = "../" * len(page.relative_to(made).parent.parts)
            put_below_title(page, f"{up}{FOLDER}/notebooks/index.html?path={place}", WORDS)
            linked += 1
    put_below_title(made / "index.html", f"{FOLDER}/index.html", "Try it live: lessons in your browser")
    return linked


def put_below_title(page: Path, address: str, words: str) -> None:
    """Put a link below the title of a page."""
    text = page.read_text(encoding="utf-8")
    before, end, after = text.partition("</h1>")
    if not end:
        raise ValueError(f"{page} has no title to put a link below")
    link = f'<p {CLASS}><a href="{html.escape(address)}">{html.escape(words)}</a></p>'
    page.write_text(f"{before}{end}\n{link}{after}", encoding="utf-8")
