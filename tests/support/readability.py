"""Sentences of pages and notebooks: how long they are, and the words that a reader would not know.

``python tests/support/readability.py FILES`` prints every fault of the named files. The words are data:
tests/data/prose.toml.

Not here: which pages are watched by the tests (tests/test_readability.py).
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 35
"""Words of a sentence."""
CODE_BLOCK = re.compile(r"^( *)(```|~~~).*?^ *\2 *$", re.MULTILINE | re.DOTALL)
GENERATED = re.compile(r"<!-- (begin: )?(\w+) -->.*?<!-- (?:end: |/)\2 -->", re.DOTALL)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
END = re.compile(r"(?<=[.!?])[\"'”)*_]*\s+(?=[\"'“(*_`]*[A-Z0-9`])")
"""Where a sentence ends: a full stop, and a capital letter, number or name after it."""
MOST_OF_A_SYMBOL = 2
"""Letters of a symbol of a formula."""
HIDDEN = frozenset({"script", "style", "svg", "pre", "code", "template"})
INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup", "var", "wbr"}
)
SHORT = re.compile(r"\b(?:e\.g|i\.e|vs|cf|etc|no|approx|c\.d\.f|St|U\.S|Art)\.", re.IGNORECASE)
BREAKS = re.compile(r"^\s*(?:[-*+]|\d+\.|#+|>|\|.*)\s")


class Fault(NamedTuple):
    """What is wrong with a sentence of a page."""

    page: str
    what: str
    words: str


@cache
def prose_words() -> dict[str, Any]:
    """Return the words of tests/data/prose.toml."""
    return tomllib.loads((ROOT / "tests" / "data" / "prose.toml").read_text(encoding="utf-8"))


def markdown_of(path: Path) -> str:
    """Return the text of a page, or of the markdown cells of a notebook, without code and generated parts."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return LINK.sub(r"\1", CODE_BLOCK.sub("", GENERATED.sub("", text)))


class _Page(HTMLParser):
    """Paragraphs, items, and cells of a page; scripts, styles, drawings and code are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = [""]
        self.hidden = 0

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, or something that is not read."""
        self.hidden += tag in HIDDEN
        if tag not in INLINE:
            self.parts.append("")

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, or something that is not read."""
        self.hidden -= tag in HIDDEN and self.hidden > 0
        if tag not in INLINE:
            self.parts.append("")

    def handle_data(self, data: str) -> None:
        """Add words."""
        if not self.hidden:
            self.parts[-1] += data


def page_text(html: str, *, until: str = "") -> str:
    """Return the paragraphs of a page, as text in Markdown.

    ``until`` is the head of an appendix, which is left out. Items of a list in a line, with semicolons
    between, are paragraphs, as the items of a list below one another are.
    """
    page = _Page()
    page.feed(html.partition(until)[0] if until else html)
    parts = (item for part in page.parts for item in part.split("; "))
    return "\n\n".join(re.sub(r"^[-*+#>|]+|^\d+\.", "", " ".join(part.split())) for part in parts)


def paragraphs(text: str) -> Iterator[str]:
    """Yield paragraphs, items of lists and cells of tables, without signs of Markdown.

    Code in a line counts as one word, a link as its words.
    """
    kept: list[str] = []
    for line in [*text.splitlines(), ""]:
        starts = not line.strip() or line.startswith(("    ", "|")) or BREAKS.match(line)
        if starts and kept:
            yield plain(" ".join(kept))
            kept = []
        if line.startswith("|"):
            yield from (plain(cell) for cell in line.strip("|").split("|") if re.search(r"\w", cell))
        elif line.strip() and not line.startswith("    "):
            kept.append(re.sub(r"^\s*(?:[-*+]|\d+\.|#+|>)\s+", "", line).strip())


def plain(text: str) -> str:
    """Return the words of a piece of Markdown."""
    text = re.sub(r"<(?:br|/?\w+)[^>]*>", " ", LINK.sub(r"\1", text))
    return re.sub(r"(?<![\w*])\*+|\*+(?![\w*])", "", re.sub(r"``?[^`]+``?", "Code", text)).strip()


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in Markdown."""
    for paragraph in paragraphs(text):
        guarded = SHORT.sub(lambda found: found.group().replace(".", "\0"), paragraph)
        yield from (part.replace("\0", ".").strip() for part in END.split(guarded) if part.strip())


def length(sentence: str) -> int:
    """Return the number of words of a sentence: pieces between blanks with a letter or a digit."""
    return sum(1 for piece in sentence.split() if re.search(r"[^\W_]", piece))


def long_sentences(page: str, text: str, longest: int = LONGEST) -> list[Fault]:
    """Return the sentences of a page that have too many words."""
    return [Fault(page, f"{n} words", part) for part in sentences(text) if (n := length(part)) > longest]


def private_words(page: str, text: str) -> list[Fault]:
    """Return the private words of a page, with what to write in their place."""
    banned: dict[str, str] = prose_words()["private"] | prose_words()["british"]
    return [
        Fault(page, f"'{word}': write {better}", part)
        for part in sentences(text)
        for word, better in banned.items()
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", part, re.IGNORECASE)
    ]


def prose_faults(page: str, text: str) -> list[Fault]:
    """Return long sentences and private words of a text that the program writes."""
    return [*long_sentences(page, text), *private_words(page, text)]


def checked(pages: Iterable[tuple[str, str]]) -> list[Fault]:
    """Return what Harper, a checker of spelling and grammar, finds in pages: pairs of a name and a text.

    Left out are the rules that prose.toml turns off and words that it knows, each with a reason there.
    """
    from harper import Linter

    words = prose_words()
    linter = Linter()
    symbols = frozenset(words["symbols"]["pages"])
    linter.import_words([word for group in words["known"].values() for word in group])
    linter.set_lint_config({**linter.get_lint_config(), **dict.fromkeys(words["rules_off"], False)})
    right = {(entry["rule"], entry["text"]) for entry in words["right"]}
    return [
        Fault(page, f"{rule}: {lint.message}", text[max(0, lint.span.start - 50) : lint.span.end + 30])
        for page, text in pages
        for rule, lints in linter.organized_lints(text).items()
        for lint in lints
        if (rule, lint.problem_text.strip()) not in right
        and not (rule == "SpellCheck" and is_symbol(text, lint.span.start, lint.span.end))
        and not (page in symbols and rule in words["symbols"]["rules_off"])
    ]


def is_symbol(text: str, start: int, end: int) -> bool:
    """Return whether a piece of a text is a symbol: one or two letters, or a part of one, such as `e_f`."""
    letters = sum(sign.isalpha() for sign in text[start:end])
    return letters <= MOST_OF_A_SYMBOL or "_" in text[max(0, start - 1) : end + 1]


def faults(pages: Iterable[tuple[str, str]]) -> list[Fault]:
    """Return everything that is wrong with pages: pairs of a name and a text."""
    given = list(pages)
    own = [
        fault for page, text in given for fault in (*long_sentences(page, text), *private_words(page, text))
    ]
    return [*own, *checked(given)]


def main(words: list[str]) -> int:
    """Print the faults of the named files; return 1 if there are any."""
    found = faults((word, markdown_of(Path(word))) for word in words)
    for fault in found:
        sys.stdout.write(f"{fault.page}: {fault.what}\n    {' '.join(fault.words.split())}\n")
    sys.stdout.write(f"{len(words)} files, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
