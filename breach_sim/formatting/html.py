"""HTML for a notebook cell: one table and one card, escaped, for every noun of the package.

Not here: whole pages (``apps.reporting``). Jinja2 is imported when a table is first drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

_TABLE = """\
<table class="breach-sim">
{%- if caption %}<caption style="text-align:left">{{ caption }}</caption>{% endif %}
{%- if head %}<thead><tr>{% for cell in head %}<th>{{ cell }}</th>{% endfor %}</tr></thead>{% endif %}
<tbody>
{%- for row in rows %}<tr>{% for cell in row %}
{%- if loop.first %}<th style="text-align:left">{{ cell }}</th>
{%- else %}<td style="text-align:{{ 'right' if cell is number else 'left' }}">{{ cell }}</td>{% endif %}
{%- endfor %}</tr>{% endfor %}</tbody></table>
{%- for note in notes %}<p class="breach-sim-note">{{ note }}</p>{% endfor %}"""


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment

    return Environment(autoescape=True).from_string(_TABLE)


def table(
    rows: Iterable[Sequence[Any]],
    head: Sequence[str] = (),
    *,
    caption: str = "",
    notes: Sequence[str] = (),
) -> str:
    """HTML table; the first cell of a row is its heading.

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

    Returns
    -------
    HTML without scripts, styles of its own or links.

    Examples
    --------
    >>> "<td" in table([("a", 1)], ("name", "number"))
    True
    """
    return str(_template().render(rows=list(rows), head=head, caption=caption, notes=notes))


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
