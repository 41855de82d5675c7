"""HTML of tables: one template for every table of the package, escaped, in the look of its place.

A noun in a notebook cell takes the default look, which needs no style sheet; a page or a panel brings a
:class:`Look` of its own.

Not here: whole pages (``apps.reporting``). Jinja2 is imported when a table is first drawn.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_TABLE = """\
<table{{ look.table|attributes }}>
{%- if caption %}<caption{{ look.caption|attributes }}>{{ caption }}</caption>{% endif %}
{%- if head %}<thead><tr>{% for cell in head %}
{%- set side = look.head_number if numbers and numbers[loop.index0] else look.head -%}
<th{{ side|attributes }}>{{ cell }}</th>
{%- endfor %}</tr></thead>{% endif %}
<tbody>
{%- for row in rows %}<tr>{% for cell in row %}
{%- set right = numbers[loop.index0] if numbers else cell is number %}
{%- if loop.index0 < headings %}<th{{ look.row|attributes }}>{{ cell }}</th>
{%- else %}<td{{ (look.number if right else look.text)|attributes }}>{{ cell }}</td>{% endif %}
{%- endfor %}</tr>{% endfor %}</tbody></table>
{%- for note in notes %}<p{{ look.note|attributes }}>{{ note }}</p>{% endfor %}"""

Attributes = tuple[tuple[str, str], ...]
"""Attributes of an element: name and value, in their order."""
_LEFT: Attributes = (("style", "text-align:left"),)
_RIGHT: Attributes = (("style", "text-align:right"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Attributes of the elements of a table, such as classes and styles.

    Parameters
    ----------
    table, caption
        Of the table and its caption.
    head, head_number
        Of a column heading, and of one above numbers.
    row
        Of the heading of a row.
    text, number
        Of a cell with text, and of one with a number.
    note
        Of a paragraph below the table.
    """

    table: Attributes = (("class", "breach-sim"),)
    caption: Attributes = _LEFT
    head: Attributes = ()
    head_number: Attributes = ()
    row: Attributes = _LEFT
    text: Attributes = _LEFT
    number: Attributes = _RIGHT
    note: Attributes = (("class", "breach-sim-note"),)


NOTEBOOK = Look()
"""The look of a noun in a notebook cell."""


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment

    environment = Environment(autoescape=True)
    environment.filters["attributes"] = _attributes
    return environment.from_string(_TABLE)


@lru_cache
def templates(package: str, name: str) -> Any:
    """The macros of a template file, every value of which is escaped.

    Parameters
    ----------
    package
        Package that holds the file in a folder ``templates``.
    name
        Name of the file.

    Returns
    -------
    A module of Jinja2: each macro of the file is a function that returns safe HTML.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True, finalize=escaped, loader=PackageLoader(package), undefined=StrictUndefined
    )
    return environment.get_template(name).module


def escaped(value: Any) -> Any:
    """A value as text in which nothing is markup.

    Parameters
    ----------
    value
        Anything; HTML that is marked as safe stays as it is.

    Returns
    -------
    Safe HTML, for an element or a quoted attribute.

    Notes
    -----
    Jinja2 writes ``'`` as ``&#39;`` and Python's own :func:`html.escape` as ``&#x27;``. Stored notebooks hold
    the latter, so templates escape with it; Jinja2's own escaping finds nothing left to do.

    Examples
    --------
    >>> str(escaped("<b title='x'>"))
    '&lt;b title=&#x27;x&#x27;&gt;'
    """
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(html.escape(str(value)))  # noqa: S704 - escaped here


def _attributes(pairs: Attributes) -> Any:
    """Attributes as they stand in a tag, with a space before each."""
    from markupsafe import Markup

    return Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in pairs)


def table(
    rows: Iterable[Sequence[Any]],
    head: Sequence[Any] = (),
    *,
    caption: str = "",
    notes: Sequence[str] = (),
    look: Look = NOTEBOOK,
    headings: int = 1,
    numbers: Sequence[bool] = (),
) -> str:
    """HTML table whose rows begin with their headings.

    Parameters
    ----------
    rows
        Cells, row by row; each is shown as ``str`` gives it, escaped. Numbers stand to the right.
    head
        Column headings, one a cell; none if empty.
    caption
        Line above the table.
    notes
        Paragraphs below the table.
    look
        Attributes of the elements.
    headings
        How many cells of a row are its headings. [0, inf)
    numbers
        Whether a column holds numbers, one a cell, headings included; by the type of each cell if empty.

    Returns
    -------
    HTML without scripts or links, and without styles but those of the look.

    Examples
    --------
    >>> "<td" in table([("a", 1)], ("name", "number"))
    True
    """
    return str(
        _template().render(
            rows=list(rows),
            head=head,
            caption=caption,
            notes=notes,
            look=look,
            headings=headings,
            numbers=numbers,
        )
    )


def card(title: str, pairs: Iterable[tuple[str, Any]], *, notes: Sequence[str] = ()) -> str:
    """HTML card of one object: a title, and what there is to know about it, line by line.

    Parameters
    ----------
    title
        Line above the card.
    pairs
        Label and value of each line.
    notes
        Paragraphs below.

    Returns
    -------
    HTML without scripts, styles of its own or links.

    Examples
    --------
    >>> "<caption" in card("Segment", [("accounts", 5)])
    True
    """
    return table(pairs, caption=title, notes=notes)
