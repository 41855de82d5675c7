"""Markup of finished pages that a screen reader and a keyboard need and the theme leaves out.

Names of landmarks, levels of headings, keyboard access to what scrolls, a heading for the search page, and
signatures without a list inside a term. `python run.py accessibility` checks the result with axe-core.

Not here: alternative texts (they come from the notebooks), and columns of tables (tools/table_columns.py).
"""

import re
from pathlib import Path

WORDS = (
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Contents">'),
    ('<aside class="toc-drawer">', '<aside class="toc-drawer" aria-label="On this page">'),
    ('<aside class="toc-drawer no-toc">', '<aside class="toc-drawer no-toc" aria-label="On this page">'),
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ('<div id="search-results"></div>', '<h1>Search</h1>\n<div id="search-results"></div>'),
    ("<pre>", '<pre tabindex="0">'),
    ('<table class="docutils', '<table tabindex="0" class="docutils'),
    ('<table border="1" class="dataframe', '<table tabindex="0" class="dataframe'),
)
LINES = re.compile(r'(<span class="sig-paren">\(</span>\s*)<dl>(.*?)</dl>', re.DOTALL)
"""Parameters of a signature, one a line: a list where HTML allows none."""


def mended(page: str) -> str:
    """The text of a page with the markup that was missing."""
    for before, after in WORDS:
        page = page.replace(before, after)
    return LINES.sub(lambda found: f'{found[1]}<span class="sig-lines">{lines(found[2])}</span>', page)


def lines(parameters: str) -> str:
    """Parameters as lines of a signature."""
    return parameters.replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")


def mend(folder: Path) -> None:
    """Give every page of a folder the markup that was missing."""
    for path in sorted(folder.rglob("*.html")):
        path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8")
