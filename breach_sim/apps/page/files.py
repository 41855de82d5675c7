"""One file that holds a whole page: markup, style, scripts, data, and a policy that lets nothing else in.

Not here: what stands on the page (``what_if``, ``adviser``).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from breach_sim.formatting.html import templates
from breach_sim.plots import colors

PACKAGE = "breach_sim.apps.page"
COLORS = {
    "paper": "#ffffff",
    "ink": colors.INK,
    "soft": colors.DIM,
    "line": colors.PALE,
    "pale": "#f3f4f6",
    "victims": colors.VICTIMS,
    "mark": colors.ORANGE,
    "good": colors.MITIGATION,
    "blue": colors.BLUE_TEXT,
    "bar": colors.LOSS_PALE,
    "ghost": colors.DARK_GREY,
}
"""Colors of a page by day; ``page.css`` has those of the night."""


def page_text(
    template: str,
    style: str | Sequence[str],
    scripts: Sequence[str],
    words: Mapping[str, Any],
    law: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> str:
    """Return a page as one text.

    Parameters
    ----------
    template
        Name of the template without its ending.
    style, scripts
        Names of files in ``templates``.
    words, law
        Data of the page and of its law.
    meta
        What the template writes.

    Returns
    -------
    HTML. It asks nobody for anything: the policy in its head allows its own scripts, by their hashes, and its
    own style, and forbids the rest.
    """
    texts = [file_text(name) for name in scripts]
    hashes = " ".join(f"'sha256-{_digest(text)}'" for text in texts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    macros = templates(PACKAGE, f"{template}.html.j2")
    inside = [Markup(text) for text in texts]  # noqa: S704 - files of this package
    return str(macros.page(data(words), data(law), meta, policy, Markup(style_text(style)), inside)) + "\n"  # noqa: S704 - the same


def within(text: str, largest: int, fewer: str) -> str:
    """Return a page, or refuse one that is too large to be shared.

    Parameters
    ----------
    text
        The page.
    largest
        Limit. [bytes]
    fewer
        What to take fewer of, such as "draws than 512".

    Returns
    -------
    The same text.

    Raises
    ------
    ValueError
        If the page is larger.
    """
    size = len(text.encode())
    if size > largest:
        raise ValueError(
            f"the page would have {size:,} bytes, and {largest:,} are the limit; take fewer {fewer}"
        )
    return text


def style_text(names: str | Sequence[str]) -> str:
    """Return style sheets with the colors of the figures.

    Parameters
    ----------
    names
        Name of a file, or names of files.

    Returns
    -------
    CSS.
    """
    sheets = "\n".join(file_text(name) for name in ([names] if isinstance(names, str) else names))
    root = " ".join(f"--{word}: {color};" for word, color in COLORS.items())
    return f":root {{ color-scheme: light dark; {root} }}\n{sheets}"


def file_text(name: str) -> str:
    """Return a file of ``templates``.

    Parameters
    ----------
    name
        Name of the file.

    Returns
    -------
    Its text.
    """
    from jinja2 import Environment, PackageLoader

    return PackageLoader(PACKAGE).get_source(Environment(autoescape=True), name)[0]


def data(content: Mapping[str, Any]) -> Markup:
    """Return data as JSON that can stand in an element of a page.

    Parameters
    ----------
    content
        Numbers, texts, lists and mappings.

    Returns
    -------
    JSON without the signs that a parser of HTML reads.
    """
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - without <, > and & it is no markup


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
