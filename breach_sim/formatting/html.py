"""HTML tables and cards: one escaped template for every table of the package.

In a notebook cell, objects use the default look, which needs no style sheet. A page or panel passes its own
:class:`Look`.

Not here: whole pages (``apps.reporting``). Jinja2 is imported when a table is first rendered.
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
    """HTML attributes of the elements of a table, such as classes and styles.

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
    """Load the macros of a template file, with escaping of every value.

    Parameters
    ----------
    package
        Package that contains the file in a folder ``templates``.
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
    """Return a value as escaped HTML text.

    Parameters
    ----------
    value
        Any value; HTML marked as safe is unchanged.

    Returns
    -------
    Safe HTML, for an element or a quoted attribute.

    Notes
    -----
    Jinja2 writes ``'`` as ``&#39;``, Python's :func:`html.escape` as ``&#x27;``. Stored notebooks contain the
    latter, so templates use it. Jinja2's own escaping then has nothing left to escape.

    Examples
    --------
    >>> str(escaped("<b title='x'>"))
    '&lt;b title=&#x27;x&#x27;&gt;'
    """
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(html.escape(str(value)))  # noqa: S704 - escaped here


def _attributes(pairs: Attributes) -> Any:
    """Return attributes as written in a tag, each with a leading space."""
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
    """Return an HTML table whose rows begin with their headings.

    Parameters
    ----------
    rows
        Cells, row by row. Each is shown as escaped ``str``. Numbers are right-aligned.
    head
        Column headings, one per cell; none if empty.
    caption
        Line above the table.
    notes
        Paragraphs below the table.
    look
        Attributes of the elements.
    headings
        Number of heading cells at the start of each row. [0, inf)
    numbers
        Whether each column contains numbers, headings included. If empty, the type of each cell decides.

    Returns
    -------
    HTML without scripts or links, and with no styles other than those of the look.

    Examples
    --------
    >>> "<td" in table([("a", 1)], ("name", "number"))
    True
    """
    return str(
        _template().render(
            rows=list(rows), head=head, caption=caption, notes=notes, look=look, headings=headings,
            numbers=numbers,
        )
    )  # fmt: skip


def card(title: str, pairs: Iterable[tuple[str, Any]], *, notes: Sequence[str] = ()) -> str:
    """Return an HTML card of one object: a title and one line per fact.

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
    HTML without scripts, own styles or links.

    Examples
    --------
    >>> "<caption" in card("Segment", [("accounts", 5)])
    True
    """
    return table(pairs, caption=title, notes=notes)
