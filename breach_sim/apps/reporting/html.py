"""One page that opens anywhere: pieces of HTML, and the document around them.

The quantity is text. Everything that comes from a scenario is escaped here, once; a figure is inside the page
and has its alternative text and the table behind it; nothing on a page is ever fetched, and a policy in its
head forbids the browser to try.

Not here: what is said (``chapters``), and how a report is made of a notebook (``publish``).
"""

from __future__ import annotations

import base64
import html
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from breach_sim import plots
from breach_sim.formatting.digits import human, significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DPI = 140
"""Dots an inch of a figure: 8 inches are 1,120 dots, more than the column of text has on most screens."""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may load for the page: the pictures inside it, and nothing else."""
LINKED = re.compile(r"https?://[^\s\"'<>]+")
"""Addresses that may become a link; one of another kind, such as javascript:, stays text."""
BREAKS = re.compile(r"(?<=[a-z0-9])([._])(?=[a-z])")
"""Places in a name where a line may end."""
HEADED = re.compile(r"<h2>([^<]*)</h2>")
"""Headings of chapters, which the contents lead to."""
LONG = 20
"""Letters of a word from which on it may be broken."""
STYLE = """
:root { --ink: #222; --soft: #555; --line: #ddd; --pale: #f5f6f8; --blue: #005a8f; --orange: #b34700; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 5rem; max-width: 56rem; color: var(--ink); background: #fff;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3.2rem 0 .6rem; padding-top: .9rem;
  border-top: 3px solid var(--blue); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .7rem 0; overflow-wrap: anywhere; }
.kind { color: var(--soft); margin: 0; }
.answer { font-size: 1.2rem; line-height: 1.5; }
.caution { border-left: 4px solid var(--orange); background: #fdf5ef; padding: .5rem .9rem; margin: .5rem 0; }
.small, figcaption, .under { color: var(--soft); font-size: .92rem; }
.under { margin-top: .3rem; }
nav ol { columns: 2; margin: .3rem 0 0; padding-left: 1.4rem; }
nav { background: var(--pale); padding: .8rem 1.1rem; margin: 1.5rem 0 0; }
a { color: var(--blue); }
figure { margin: 1.2rem 0 .4rem; }
figure img { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: .4rem; }
.wide { overflow-x: auto; margin: .8rem 0 .2rem; }
.wide:focus-visible { outline: 2px solid var(--blue); }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; min-width: 50%; }
caption { text-align: left; font-weight: 600; padding: .2rem 0 .35rem; }
th, td { padding: .32rem .9rem .32rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
td { overflow-wrap: break-word; max-width: 32rem; }
thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; }
th { font-weight: 600; }
tbody th { font-weight: 500; }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
details { margin: .6rem 0 1rem; border: 1px solid var(--line); border-radius: 4px; padding: 0 .9rem; }
details[open] { padding-bottom: .7rem; }
summary { cursor: pointer; padding: .5rem 0; color: var(--blue); font-size: .95rem; }
pre { background: var(--pale); padding: .9rem; overflow-x: auto; font-size: .82rem; line-height: 1.45;
  white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-size: .9em; overflow-wrap: anywhere; }
@media (max-width: 40rem) { nav ol { columns: 1; } body { padding: 1rem .8rem 3rem; }
  figure { overflow-x: auto; } figure img { min-width: 36rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  h2 { break-after: avoid; margin-top: 1.6rem; } figure, tr, .caution { break-inside: avoid; }
  .wide { overflow: visible; } table { font-size: 7.5pt; } td { max-width: none; }
  .n { white-space: normal; } thead { display: table-header-group; } a { color: inherit; } }
@page { size: A4; margin: 16mm 14mm; }
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page, which a notebook shows as HTML and a terminal as text.

    Parameters
    ----------
    html
        What stands on the page; escaped.
    text
        The same in a few plain words.
    """

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text

    def __add__(self, other: Piece) -> Piece:
        return Piece(f"{self.html}\n{other.html}", "\n".join(filter(None, (self.text, other.text))))


def escaped(text: Any) -> str:
    """Text for the page, in which nothing is markup.

    Parameters
    ----------
    text
        Anything; as ``str`` has it.

    Returns
    -------
    Escaped text, safe in an element and in a quoted attribute.

    Examples
    --------
    >>> escaped('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape(str(text), quote=True)


def paragraph(text: str, kind: str = "") -> Piece:
    """A paragraph of plain words.

    Parameters
    ----------
    text
        Words.
    kind
        Class of the style sheet, such as "answer", "caution" or "small"; none if "".

    Returns
    -------
    The piece.
    """
    return Piece(f'<p class="{kind}">{escaped(text)}</p>' if kind else f"<p>{escaped(text)}</p>", text)


def heading(text: str, level: int) -> Piece:
    """A heading.

    Parameters
    ----------
    text
        Words.
    level
        1 to 3.

    Returns
    -------
    The piece.
    """
    return Piece(f"<h{level}>{escaped(text)}</h{level}>", text)


def anchor(name: str) -> str:
    """Id that a heading has on the page.

    Parameters
    ----------
    name
        Words of the heading.

    Returns
    -------
    Small letters, digits and hyphens.

    Examples
    --------
    >>> anchor("How sure is that?")
    'how-sure-is-that'
    """
    return re.sub("[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def link(address: str) -> str:
    """An address as a link, or as text where it is none of the web.

    Parameters
    ----------
    address
        What a source gives as its address.

    Returns
    -------
    HTML; following the link tells nobody which page it stood on.
    """
    words = escaped(address)
    if not LINKED.fullmatch(address):
        return words
    return f'<a href="{words}" rel="noreferrer noopener">{words}</a>'


def listed(items: Sequence[str]) -> Piece:
    """A list of lines that are HTML already.

    Parameters
    ----------
    items
        Lines, escaped.

    Returns
    -------
    The piece; without text.
    """
    return Piece("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>", "")


def folded(summary: str, inside: Piece) -> Piece:
    """Something to be opened by whoever wants it.

    Parameters
    ----------
    summary
        Words of the line that is always seen.
    inside
        What stands behind it.

    Returns
    -------
    The piece; its text is empty, as a terminal folds nothing.
    """
    return Piece(f"<details><summary>{escaped(summary)}</summary>\n{inside.html}\n</details>", "")


def table(frame: pd.DataFrame, caption: str, *, under: str = "") -> Piece:
    """A table.

    Parameters
    ----------
    frame
        Text, whole numbers, floats, which are cut to three digits, NaN, which stay empty. Its index is a
        column of headings.
    caption
        What the table holds, with the unit.
    under
        Sentence below.

    Returns
    -------
    The piece; its text is the caption.
    """
    rows = list(zip(frame.index, frame.itertuples(index=False), strict=True))
    number = [any(_is_number(row[i]) for _, row in rows) for i in range(len(frame.columns))]
    heads = "".join(f'<th scope="col">{escaped(name or "")}</th>' for name in frame.index.names)
    heads += "".join(
        f'<th scope="col"{_side(n)}>{escaped(_head(name))}</th>'
        for name, n in zip(frame.columns, number, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<th scope="row">{_cell(part)}</th>' for part in _parts(label))
        + "".join(f"<td{_side(n)}>{_cell(value)}</td>" for value, n in zip(row, number, strict=True))
        + "</tr>\n"
        for label, row in rows
    )
    below = paragraph(under, "under").html if under else ""
    told = escaped(caption)
    return Piece(
        f'<div class="wide" tabindex="0" role="region" aria-label="{told}"><table><caption>{told}</caption>'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table></div>{below}",
        caption,
    )


def figure(ax: Axes, reading: str, behind: Piece) -> Piece:
    """A figure inside the page, with alternative text and, folded, the table behind it.

    Parameters
    ----------
    ax
        Axes that a function of ``plots`` drew; their figure is left open.
    reading
        What a reader should see in it, one sentence or two.
    behind
        Table that it was drawn from.

    Returns
    -------
    The piece; its text is the alternative text and the reading.

    Raises
    ------
    ValueError
        If the axes belong to no figure.
    """
    own = plots.figure_of(ax)
    alt, canvas = " ".join(str(own.get_label()).split()), io.BytesIO()
    own.savefig(canvas, format="png", dpi=DPI, metadata={"Software": None})
    picture = base64.b64encode(canvas.getvalue()).decode("ascii")
    return Piece(
        f'<figure><img alt="{escaped(alt)}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{escaped(reading)}</figcaption></figure>\n"
        + folded("The table behind this figure", behind).html,
        f"{alt} {reading}",
    )


def data(document: dict[str, Any], name: str) -> Piece:
    """Data inside the page for a program to read, which no browser runs or shows.

    Parameters
    ----------
    document
        Plain data.
    name
        Its id on the page.

    Returns
    -------
    The piece; without text. Nothing in it can end its element: <, > and & are written as escapes of JSON.
    """
    text = json.dumps(document, indent=1)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Piece(f'<script type="application/json" id="{escaped(name)}">\n{text}\n</script>', "")


def document(body: str, title: str, *, unfolded: bool = False) -> str:
    """A whole page of its body.

    Parameters
    ----------
    body
        HTML.
    title
        For the tab of the browser; plain text.
    unfolded
        Whether what is folded stands open, as on paper.

    Returns
    -------
    HTML that asks nobody for anything.
    """
    body = HEADED.sub(lambda found: f'<h2 id="{anchor(html.unescape(found[1]))}">{found[1]}</h2>', body)
    if unfolded:
        body = body.replace("<details>", "<details open>")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _side(number: bool) -> str:
    return ' class="n"' if number else ""


def _head(name: Any) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _parts(label: Any) -> tuple[Any, ...]:
    return label if isinstance(label, tuple) else (label,)


def _cell(value: Any) -> str:
    """A value as a reader takes it in, escaped; a long name may be broken after its dots and underscores."""
    words = escaped(_told(value))
    return BREAKS.sub(r"\1<wbr>", words) if any(len(word) > LONG for word in words.split()) else words


def _told(value: Any) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return human(significant(value)) if math.isfinite(value) else "endless"
    return f"{value:,}" if _is_number(value) and isinstance(value, Integral) else str(value)
