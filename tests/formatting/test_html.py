"""Laws of HTML tables: nothing becomes markup, numbers stand to the right, a look changes attributes only."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from breach_sim.formatting.html import Look, card, escaped, table

PLAIN = Look(table=(), caption=(), row=(("scope", "row"),), text=(), number=(("class", "n"),), note=())


class Parts(HTMLParser):
    """Tags and texts of a piece of HTML, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - theirs
        """Keep a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep a text that is more than a line break."""
        if data.strip():
            self.texts.append(data)


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1))
def test_no_text_becomes_markup(words: str) -> None:
    """Whatever a cell, a heading, a caption or a note holds, it is read back as the same text."""
    parts = Parts(table([(words, words)], (words, words), caption=words, notes=[words]))
    assert parts.tags == ["table", "caption", "thead", "tr", "th", "th", "tbody", "tr", "th", "td", "p"]
    assert "".join(parts.texts) == words * 6


def test_numbers_stand_to_the_right() -> None:
    """A number is right by its type, or by its column where that is said; headings of rows never are."""
    assert re.findall(r"text-align:(\w+)", table([("a", 1, "x")])) == ["left", "right", "left"]
    by_column = table([("a", "b", "1")], ("", "", "n"), look=PLAIN, headings=2, numbers=[False, False, True])
    cells = re.findall(r"<t[hd]\b[^>]*>", by_column)
    assert cells == ["<th>"] * 3 + ['<th scope="row">'] * 2 + ['<td class="n">']


def test_a_look_changes_attributes_only() -> None:
    """The same table in two looks has the same tags and texts."""
    rows = [("a", 1), ("b", "<")]
    one = Parts(table(rows, ("x", "y"), caption="c", notes=["n"]))
    other = Parts(table(rows, ("x", "y"), caption="c", notes=["n"], look=PLAIN))
    assert (one.tags, one.texts) == (other.tags, other.texts)


def test_a_card_is_a_table_of_pairs() -> None:
    """A card has its title as caption and one row for each pair."""
    assert card("Segment", [("accounts", 5)]) == table([("accounts", 5)], caption="Segment")


def test_escaping_is_that_of_python_and_happens_once() -> None:
    """Quotes are escaped as Python's own library does; HTML that is safe already stays as it is."""
    assert str(escaped("'\"<&")) == "&#x27;&quot;&lt;&amp;"
    assert escaped(escaped("<")) == "&lt;"
