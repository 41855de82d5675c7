"""Check pages with axe-core in headless Chromium: ``python run.py accessibility [PAGE_OR_FOLDER ...]``.

Without words it builds the documentation and checks a sample of its pages. A page is opened at two widths,
light and dark, with every other machine out of reach. One violation of the rules for WCAG 2.2 A and AA, or of
axe-core's good practice, is a failure. Without a browser on the path it says so and passes: nothing was
tried.

axe-core comes with axe-playwright-python (dependency group `browser`). Not here: whether links lead somewhere
(tools/book_checks.py), and the dashboard (tools/drive_dashboard.py).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import book
from browsing import BROWSERS, browser, found

SAMPLE = (
    "index",
    "notebooks/01_first_look",
    "notebooks/06_what_would_have_helped",
    "notebooks/lessons/lesson_2_and_and_or",
    "docs/how-to/read-a-file",
    "docs/model",
    "docs/glossary",
    "docs/catalog",
    "docs/decisions/index",
    "reference/commands",
    "api/index",
    "api/simulate",
    "search",
)
"""Pages of the documentation, at least one of each kind."""
WIDTHS = (390, 1366)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"


def main(words: list[str]) -> int:
    """Check pages and return the exit status: 0 if nothing was found, or no browser is there."""
    if not found():
        print(f"accessibility: skipped, no browser on the path (looked for {', '.join(BROWSERS)})")
        return 0
    missing = [word for word in words if not Path(word).exists()]
    if missing:
        print(f"accessibility: {missing[0]} is not there; name HTML files or folders", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        pages = list(named(words)) if words else sample(Path(folder) / "docs")
        wrong = list(violations(pages))
    for sentence in wrong:
        print(f"accessibility: {sentence}", file=sys.stderr)
    print(f"accessibility: {len(pages)} pages, {len(WIDTHS)} widths, light and dark: {len(wrong)} violations")
    return 1 if wrong else 0


def named(words: list[str]) -> Iterator[Path]:
    """Yield the HTML files that the words name, and those of folders."""
    for path in map(Path, words):
        yield from sorted(path.rglob("*.html")) if path.is_dir() else [path]


def sample(folder: Path) -> list[Path]:
    """Build the documentation in a folder and return pages of every kind."""
    book.build(folder, instructors=True, hosted=True)
    return [folder / f"{name}.html" for name in SAMPLE]


def violations(pages: list[Path]) -> Iterator[str]:
    """Yield one sentence for each rule that a page breaks.

    Parameters
    ----------
    pages
        HTML files.
    """
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with browser("--host-resolver-rules=MAP * ~NOTFOUND") as window:
        for scheme in SCHEMES:
            for width in WIDTHS:
                sheet: Any = window.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
                )
                for page in pages:
                    sheet.goto(page.resolve().as_uri(), wait_until="load")
                    sheet.evaluate(script)
                    for rule in sheet.evaluate(ASK, RULES)["violations"]:
                        yield f"{page.name} at {width} px, {scheme}: {said(rule)}"
                sheet.close()


def said(rule: dict[str, Any]) -> str:
    """What a violated rule asks, how often, and the first place."""
    first = rule["nodes"][0]
    place = " ".join(first["html"].split())[:160]
    return f"{rule['id']}: {rule['help']} ({len(rule['nodes'])} places, the first: {place})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
