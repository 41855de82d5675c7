"""Make the documentation: ``python run.py docs [--out DIR]``; for a class: ``python run.py classroom``.

Both are one book of static pages (tools/book.py). The documentation is made for a static host and has the
page for instructors; the folder for a class opens behind a plain file server, without a network.
``python -m http.server --directory DIR`` serves either; straight from the disk all works but the excerpts of
the search. ``--live out/live`` puts a live class into it: its notebooks get a link, and run in the browser.
"""

import argparse
import sys
import time
from pathlib import Path

import book

FOR_A_CLASS = book.ROOT / "out" / "classroom"
DOCUMENTATION = book.ROOT / "out" / "docs"


def main(words: list[str]) -> int:
    """Build the folder; return the exit status."""
    documentation = words[:1] == ["docs"]
    verb, target = ("docs", DOCUMENTATION) if documentation else ("classroom", FOR_A_CLASS)
    reader = argparse.ArgumentParser(prog=f"python run.py {verb}", description="make the book of pages")
    usual = target.relative_to(book.ROOT).as_posix()
    reader.add_argument("--out", type=Path, default=target, metavar="DIR", help=f"folder ({usual})")
    reader.add_argument("--live", type=Path, metavar="DIR", help="a live class, from `python run.py live`")
    asked = reader.parse_args(words[1:] if documentation else words)
    target = asked.out.absolute()
    start = time.monotonic()
    try:
        pages = book.build(target, instructors=documentation, hosted=documentation, live=asked.live)
    except ValueError as error:
        print(f"{verb}: {error}", file=sys.stderr)
        return 2
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    print(f"{pages} pages, {size:.0f} MB, in {target}: {time.monotonic() - start:.0f} s")
    print(
        f"to open it: python -m http.server --bind 127.0.0.1 --directory {target}, then http://127.0.0.1:8000"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
