"""A real browser for the checks of ``python run.py browser``: opening it, and what every page must hold.

Not here: what is done on a page (``drive_dashboard.py``, ``drive_notebook.py``).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "out" / "browser"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--disable-quic")  # fmt: skip
PATIENCE = 90.0
"""Seconds to wait for a server."""
UNSEEN = """
() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  if (one === document.body) return null;
  const name = one.getAttribute('aria-label') || one.textContent.slice(0, 40) || one.type;
  const said = `${one.tagName} ${name}`;
  const strip = document.querySelector('.bx-strip').getBoundingClientRect();
  const people = document.querySelector('.bx-box').getBoundingClientRect();
  const wrong = [];
  const middle = (box.top + box.bottom) / 2, tall = box.height > innerHeight / 2;
  if (!tall && (box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth + 1))
    wrong.push('is outside of the window');
  if (!one.closest('.bx-strip') && !tall && middle < strip.bottom && middle > strip.top)
    wrong.push('is covered by the answer');
  if (people.top < -1 || people.bottom > innerHeight) wrong.push('leaves the answer outside of the window');
  return {said, id: one.id || said, wrong};
}
"""
"""What is wrong with the place of the control that has the focus, and with that of the answer."""


def found() -> str:
    """Return the path of a browser; "" if none is on the path."""
    return next(filter(None, map(shutil.which, BROWSERS)), "")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], address: str, **more: Any) -> Iterator[None]:
    """Run a server until it answers, and stop it at the end."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, **more)  # noqa: S603
        try:
            wait_for(address, server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - this machine
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"browser: no server answered at {address} within {PATIENCE:.0f} s")


@contextmanager
def browser(*more: str) -> Iterator[Any]:
    """Start the browser without a window, with more of its options, and stop it at the end."""
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*QUIET, *(["--no-sandbox"] if root else []), *more]
    with sync_playwright() as tool:
        opened = tool.chromium.launch(executable_path=found(), args=flags)
        yield opened
        opened.close()


class Watched:
    """A page whose errors and requests are kept.

    Parameters
    ----------
    page
        The page.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("requestfinished", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(f"{error}"))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    def wrong(self) -> list[str]:
        """Return a sentence for each error, and for each other machine that was asked for anything."""
        hosts = {urlsplit(url).hostname for url in self.asked if url.startswith(("http", "ws"))} - {
            "127.0.0.1"
        }
        said = [f"the page asked another machine: {host}" for host in sorted(filter(None, hosts))]
        return said + [f"the page has an error: {error}" for error in self.errors]


def barriers(page: Any, where: str, inside: str = "") -> list[str]:
    """Return a sentence for each thing on a page that not everybody can use, as axe-core finds them."""
    from axe_playwright_python.sync_playwright import Axe

    found_here = Axe().run(page, context=inside or None).response["violations"]
    return [
        f"{where}: {one['id']} ({one['help']}), {len(one['nodes'])} times, {one['nodes'][0]['html'][:120]}"
        for one in found_here
    ]


def tabbed(page: Any, where: str, most: int = 300) -> tuple[list[str], set[str]]:
    """Press Tab until the focus comes round; return what was out of sight, and what was reached."""
    wrong: list[str] = []
    reached: set[str] = set()
    left = False
    for _ in range(most):
        page.keyboard.press("Tab")
        seen = page.evaluate(UNSEEN)
        if seen is None:
            left = True
        elif seen["id"] not in reached:
            reached.add(seen["id"])
            wrong += [f"{where}: {seen['said']} {each}" for each in seen["wrong"]]
        elif left:  # once round: out at the end, in again, and at the first one
            break
    return wrong, reached
