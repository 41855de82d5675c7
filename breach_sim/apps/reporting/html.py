"""Pieces of a report page, and the page around them, which opens anywhere.

Everything that comes from a scenario is escaped here, once. A figure is inside the page and has its
alternative text and the table behind it. Nothing on a page is ever fetched, and a policy in its head forbids
the browser to try. The markup stands in ``templates/page.html.j2``, the style in ``templates/page.css``.

Not here: what is said (``chapters``), and how a report is made of a notebook (``report_file``).
"""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from breach_sim import plots
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.html import Look, templates
from breach_sim.formatting.html import table as table_html

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may load for the page: the pictures inside it, and nothing else."""
LINKED = re.compile(r"https?://[^\s\"'<>]+")
"""Addresses that may become a link; one of another kind, such as javascript:, stays text."""
BREAKS = re.compile(r"(?<=[a-z0-9][._])(?=[a-z])")
"""Places in a name where a line may end."""
HEADED = re.compile(r"<h2>([^<]*)</h2>")
"""Headings of chapters, which the contents lead to."""
LATER = re.compile(r'<details class="later"><summary>([^<]*)</summary>(.*?)</details>', re.DOTALL)
"""What is folded on a screen and stands at the end on paper; nothing is folded inside it."""
BEHIND = "The table behind this figure"
"""What is folded below a figure; its caption says the rest."""
NUMBERED = re.compile(r'<a href="#([a-z0-9-]+)"><span class="words">([^<]*)</span><span class="page"></span>')
"""Entries of the contents, which get the numbers of their pages on paper."""
APPENDIX = "Appendix"
"""First word of a heading of the appendix."""
TABLES = f"{APPENDIX} D: tables behind the figures"
"""Heading of the last part on paper; on a screen each table is folded below its figure."""
LONG = 20
"""Letters of a word from which on it may be broken."""
LOOK = Look(
    table=(),
    caption=(),
    head=(("scope", "col"),),
    head_number=(("scope", "col"), ("class", "n")),
    row=(("scope", "row"),),
    text=(),
    number=(("class", "n"),),
)
"""Tables take their look from the style sheet of the page."""


def _macros() -> Any:
    return templates("breach_sim.apps.reporting", "page.html.j2")


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


def joined(pieces: Iterable[Piece]) -> Piece:
    """Several pieces as one.

    Parameters
    ----------
    pieces
        In their order on the page.

    Returns
    -------
    One piece.
    """
    whole = Piece("", "")
    for piece in pieces:
        whole += piece
    return whole


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
    return Piece(_macros().paragraph(text, kind), text)


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
    return Piece(_macros().heading(text, level), text)


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


def contents(headings: Iterable[str]) -> Piece:
    """The contents of the page, each entry a link to its chapter.

    Parameters
    ----------
    headings
        Headings of the chapters.

    Returns
    -------
    The piece; without text. On paper each entry has the number of its page, where it was put in
    (:func:`with_pages`).
    """
    return Piece(_macros().contents("In this report", [(anchor(name), name) for name in headings]), "")


def with_pages(page: str, numbers: Mapping[str, int]) -> str:
    """Put the numbers of pages into the contents.

    Parameters
    ----------
    page
        A whole page.
    numbers
        Number of the page on which a heading stands, by its id; headings that are not in it get none.

    Returns
    -------
    The page.
    """

    def numbered(found: re.Match[str]) -> str:
        name, words = found[1], found[2]
        number = f"{numbers[name]}" if name in numbers else ""
        return f'<a href="#{name}"><span class="words">{words}</span><span class="page">{number}</span>'

    return NUMBERED.sub(numbered, page)


def link(address: str) -> str:
    """An address as a link, or as text where it is none of the web.

    Parameters
    ----------
    address
        What a source gives as its address.

    Returns
    -------
    Safe HTML; following the link does not reveal which page it stood on.
    """
    safe: str = _macros().link(address) if LINKED.fullmatch(address) else Markup.escape(address)
    return safe


def listed(items: Sequence[str]) -> Piece:
    """A list of lines.

    Parameters
    ----------
    items
        Lines of text; those that are marked as safe HTML stay as they are.

    Returns
    -------
    The piece; without text.
    """
    return Piece(_macros().listed(items), "")


def numbered(items: Sequence[str]) -> Piece:
    """A list of lines with numbers, from 1.

    Parameters
    ----------
    items
        As for :func:`listed`.

    Returns
    -------
    The piece; without text.
    """
    return Piece(_macros().numbered(items), "")


def code(text: str) -> Piece:
    """A command or a file, letter by letter.

    Parameters
    ----------
    text
        What it holds.

    Returns
    -------
    The piece.
    """
    return Piece(_macros().code(text), text)


def folded(summary: str, inside: Piece, *, later: bool = False) -> Piece:
    """Something to be opened by whoever wants it.

    Parameters
    ----------
    summary
        Words of the line that is always seen.
    inside
        What stands behind it; with ``later`` nothing folded.
    later
        Whether it moves to the appendix on paper, where nothing can be opened.

    Returns
    -------
    The piece; its text is empty, as a terminal folds nothing.
    """
    return Piece(_macros().folded(summary, _safe(inside), "later" if later else ""), "")


def _safe(piece: Piece) -> Markup:
    """The HTML of a piece, which was escaped when it was made."""
    return Markup(piece.html)  # noqa: S704 - see above


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
    levels = [str(name or "") for name in frame.index.names]
    numbers = [any(_is_number(row[i]) for _, row in rows) for i in range(len(frame.columns))]
    inside = table_html(
        [[_breakable(value) for value in (*_parts(label), *row)] for label, row in rows],
        [*levels, *map(_column_name, frame.columns)],
        caption=caption,
        look=LOOK,
        headings=len(levels),
        numbers=[*(False for _ in levels), *numbers],
    )
    whole = _macros().scrolled(caption, Markup(inside))  # noqa: S704 - `table_html` has escaped every cell
    below = _macros().paragraph(under, "under") if under else ""
    return Piece(f"{whole}{below}", caption)


def figure(ax: Axes, reading: str, behind: Piece | None = None) -> Piece:
    """A figure inside the page, with alternative text and, folded, the table behind it.

    Parameters
    ----------
    ax
        Axes that a function of ``plots`` drew; their figure is left open.
    reading
        What a reader should see in it, one sentence or two.
    behind
        Table that it was drawn from; None where the page has it elsewhere.

    Returns
    -------
    The piece; its text is the alternative text and the reading. The picture is a drawing of lines and letters
    (SVG): the same figure gives the same letters.

    Raises
    ------
    ValueError
        If the axes belong to no figure.
    """
    alt = " ".join(str(plots.figure_of(ax).get_label()).split())
    picture = base64.b64encode(plots.as_svg(ax).encode("utf-8")).decode("ascii")
    shown = Piece(_macros().figure(alt, picture, reading), " ".join(filter(None, (alt, reading))))
    if behind is None:
        return shown
    return shown + folded(BEHIND, behind, later=True)


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
    return Piece(_macros().data(name, Markup(text)), "")  # noqa: S704 - without <, > and & it is no markup


def document(body: str, title: str, *, on_paper: bool = False) -> str:
    """A whole page of its body.

    Parameters
    ----------
    body
        HTML.
    title
        For the tab of the browser; plain text.
    on_paper
        Whether what is folded stands open, and the tables behind the figures stand at the end.

    Returns
    -------
    HTML that asks nobody for anything.
    """
    body = _on_paper(body) if on_paper else body
    body = HEADED.sub(_with_anchor, body)
    return str(_macros().page(title, POLICY, Markup(body)))  # noqa: S704 - the pieces have escaped everything


def _with_anchor(found: re.Match[str]) -> str:
    """A heading of a chapter with its id; the first of the appendix begins a page on paper."""
    words = html.unescape(found[1])
    first = ' class="first"' if words.startswith(f"{APPENDIX} A") else ""
    return f'<h2 id="{anchor(words)}"{first}>{found[1]}</h2>'


def _on_paper(body: str) -> str:
    """Everything open, and at the end what would interrupt a reader who cannot fold it."""
    kept = [
        found[2] if found[1] == BEHIND else f"<h3>{found[1]}</h3>{found[2]}" for found in LATER.finditer(body)
    ]
    body = LATER.sub("", body).replace("<details>", "<details open>")
    if not kept:
        return body
    entry = str(_macros().entry(anchor(TABLES), TABLES))
    body = body.replace("</ol></nav>", f"{entry}</ol></nav>", 1)
    return "\n".join([body, str(_macros().heading(TABLES, 2)), *kept])


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _column_name(name: Any) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _parts(label: Any) -> tuple[Any, ...]:
    return label if isinstance(label, tuple) else (label,)


def _breakable(value: Any) -> str:
    """A value as a reader takes it in; a long name may be broken after its dots and underscores."""
    text = _as_text(value)
    if all(len(word) <= LONG for word in text.split()):
        return text
    return Markup("<wbr>").join(BREAKS.split(text))


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return human(significant(value)) if math.isfinite(value) else "endless"
    return f"{value:,}" if _is_number(value) and isinstance(value, Integral) else str(value)
