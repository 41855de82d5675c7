"""Columns of tables: numbers flush right, words flush left, one side for a whole column; notes below.

An extension of Sphinx for tables of Markdown and reStructuredText, and a function for tables in the outputs
of notebooks.

Not here: how columns look (the style sheet in tools/book.py).
"""

import re
from collections.abc import Sequence
from typing import Any

import bs4

NUMBER, WORDS = "number", "words"
"""Classes of cells."""
UNITS = "to of and million billion trillion thousand nan none inf ms s min h d USD EUR GBP kB MB GB TB B M k"
SIGNS = "()[]/%+-<>=~:;$.*\u2212\u2013\u2264\u2265\u00d7\u20ac\u2026\u00b1"
"""Signs that stand among numbers, such as minus, a dash, comparisons and multiplication."""
POWERS = "\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b"
PARTS = rf"\d[\d.,']*(?:e[+-]?\d+)?|[{re.escape(SIGNS)}]|[{POWERS}]+|\b(?:{UNITS.replace(' ', '|')})\b"
EMPTY = {"", "-", "\u2013", "\u2014", "nan", "none"}
NUMERIC = re.compile(rf"(?:\s|{PARTS})*", re.IGNORECASE)
INTERVAL = re.compile(r"([^<()]+) (\([^<()]+ to [^<()]+\))")
"""A number and its interval, which stand below each other, so that a table of them fits the page."""
SHORTEST_NOTE = 30
"""Letters from which on a text that stands alone in its row is a note."""


def is_number(text: str) -> bool:
    """Whether the text of a cell is a number, a range, a share, or several of them."""
    return any(sign.isdigit() for sign in text) and NUMERIC.fullmatch(text) is not None


def sides(rows: Sequence[Sequence[str]]) -> list[str]:
    """The class of each column: numbers if all cells that are not empty are numbers.

    Parameters
    ----------
    rows
        Texts of the cells below the headings, row by row.
    """
    width = max(map(len, rows), default=0)
    columns = [[row[at].strip() for row in rows if at < len(row)] for at in range(width)]
    filled = [[text for text in column if text.lower() not in EMPTY] for column in columns]
    return [NUMBER if column and all(map(is_number, column)) else WORDS for column in filled]


def laid_out(html: str) -> str:
    """HTML of an output in which tables of pandas have one side a column, and notes below.

    An interval stands below its number. A sentence with nothing beside it is no row: it becomes a note.

    Parameters
    ----------
    html
        The HTML of an output. Tables that say themselves how they are aligned stay as they are.
    """
    if "<table" not in html or "dataframe" not in html:
        return html
    soup = bs4.BeautifulSoup(html, "html.parser")
    for table in soup.select("table.dataframe"):
        notes = [note for row in table.select("tbody tr") if (note := only_note(row))]
        body = list(table.select("tbody tr"))
        texts = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in body]
        kinds = sides(texts)
        for row in table.select("tr"):
            for at, cell in enumerate(row.find_all(["td", "th"])):
                align(cell, kinds[at] if at < len(kinds) else WORDS)
        if notes:
            below = soup.new_tag("div", attrs={"class": "table-notes"})
            for note in notes:
                paragraph = soup.new_tag("p")
                paragraph.string = note
                below.append(paragraph)
            table.insert_after(below)
    return str(soup)


def only_note(row: bs4.Tag) -> str:
    """The text of a row that is a note, which is then taken out of its table; "" for any other row."""
    texts = [cell.get_text().strip() for cell in row.find_all("td")]
    filled = [text for text in texts if text]
    if len(texts) < 2 or len(filled) != 1 or len(filled[0]) < SHORTEST_NOTE or is_number(filled[0]):  # noqa: PLR2004
        return ""
    row.extract()
    return filled[0]


def align(cell: bs4.Tag, kind: str) -> None:
    """Give a cell the class of its column, and break its interval off; an empty heading is a plain cell."""
    cell["class"] = kind
    cell.name = "td" if not cell.get_text().strip() else cell.name
    cell.attrs.pop("style", None)
    found = INTERVAL.fullmatch(cell.get_text()) if cell.name == "td" else None
    if found:
        cell.clear()
        cell.append(found[1])
        cell.append(bs4.BeautifulSoup("<br/>", "html.parser"))
        cell.append(found[2])


def align_tables(_app: Any, tree: Any) -> None:
    """Give the cells of the tables of a page the class of their column."""
    from docutils import nodes

    for table in tree.findall(nodes.table):
        body = [row for part in table.findall(nodes.tbody) for row in part.findall(nodes.row)]
        kinds = sides([[cell.astext() for cell in row.findall(nodes.entry)] for row in body])
        for row in table.findall(nodes.row):
            for at, cell in enumerate(row.findall(nodes.entry)):
                cell["classes"] += [kinds[at] if at < len(kinds) else WORDS]


def setup(app: Any) -> dict[str, bool]:
    """Make this module an extension of Sphinx."""
    app.connect("doctree-read", align_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
