"""Make a live class: ``python run.py live [--out DIR] [--cache DIR]``; prove it in a browser: ``--check``.

The folder holds the lessons and four notebooks, which run in a browser without a server that computes
anything. ``python -m http.server --directory DIR`` serves it, and so does any web host or learning platform,
which takes DIR.zip. What is fetched once stays in the cache; a second build needs no network.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET, CACHE = ROOT / "out" / "live", ROOT / "out" / "live-cache"


def main(words: list[str]) -> int:
    """Build the folder, or check it in a browser; return the exit status."""
    reader = argparse.ArgumentParser(prog="python run.py live", description="lessons that run in a browser")
    reader.add_argument("--out", type=Path, default=TARGET, metavar="DIR", help="folder (out/live)")
    reader.add_argument(
        "--cache", type=Path, default=CACHE, metavar="DIR", help="files once fetched (out/live-cache)"
    )
    reader.add_argument("--check", action="store_true", help="run every notebook of the folder in Chromium")
    reader.add_argument("--only", default="", metavar="TEXT", help="check those with this in their name")
    asked = reader.parse_args(words)
    target, start = asked.out.absolute(), time.monotonic()
    try:
        if asked.check:
            import live_check

            return live_check.checked(target, asked.only)
        import live_site

        size = live_site.build(target, asked.cache.absolute())
    except ValueError as error:
        print(f"live: {error}", file=sys.stderr)
        return 2
    packed = target.with_name(f"{target.name}.zip").stat().st_size
    print(f"{size / 1e6:.0f} MB in {target}, {packed / 1e6:.0f} MB as {target.name}.zip beside it:"
          f" {time.monotonic() - start:.0f} s")  # fmt: skip
    print(
        f"to open it: python -m http.server --bind 127.0.0.1 --directory {target}, then http://127.0.0.1:8000"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
