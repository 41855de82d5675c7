"""The dashboard in a real browser: a control is moved, the number changes, a screenshot is taken.

``python run.py browser`` calls this in the locked environment. It starts the dashboard on a free port of this
machine, opens it in headless Chromium, moves a slider with the keyboard, ticks a mitigation, asks what cannot
be answered, and measures the time from a key to the redrawn number. Pictures go into out/browser. Without a
browser on the path it says so and passes: nothing was tried.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
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
sys.path.insert(0, str(ROOT))
from run import DASHBOARD  # noqa: E402 - the verb's own words, so that what is tried is what is served

PICTURES = ROOT / "out" / "browser"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--disable-quic")  # fmt: skip
SCREEN: Any = {"width": 1280, "height": 1000}
MOVES = 20
PATIENCE = 90.0
"""Seconds to wait for the server, and for the first answer."""
WATCH = """
() => {
  window.redraws = []; window.pressed = 0; let before = '';
  const seen = () => document.querySelector('[role=status]')?.parentElement.innerText ?? '';
  addEventListener('keydown', () => { window.pressed = performance.now(); before = seen(); }, true);
  new MutationObserver(() => {
    if (window.pressed && seen() && seen() !== before) {
      window.redraws.push(performance.now() - window.pressed); window.pressed = 0;
    }
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


def main() -> int:
    """Drive the dashboard and return the exit status: 0 if all was well, or no browser is there."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"browser: skipped, none is on the path (looked for {', '.join(BROWSERS)})")
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    with dashboard() as address, opened(browser, address) as (page, asked):
        wrong = [*tried(page), *outside(asked)]
    for sentence in wrong:
        print(f"browser: {sentence}", file=sys.stderr)
    print(f"browser: {'FAILED' if wrong else 'passed'}; pictures in {PICTURES.relative_to(ROOT).as_posix()}")
    return 1 if wrong else 0


@contextmanager
def dashboard() -> Iterator[str]:
    """Serve the dashboard on a free port; yield its address, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, *DASHBOARD, "--no-browser", f"--port={port}"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address + "voila/static/", timeout=5):  # noqa: S310 - this machine
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"browser: the dashboard did not answer at {address} within {PATIENCE:.0f} s")


@contextmanager
def opened(browser: str, address: str) -> Iterator[tuple[Any, list[str]]]:
    """Open the page in the browser; yield it, and the addresses that it asks for."""
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*QUIET, *(["--no-sandbox"] if root else [])]
    with sync_playwright() as tool:
        window = tool.chromium.launch(executable_path=browser, args=flags)
        page = window.new_page(viewport=SCREEN)
        asked: list[str] = []
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: asked.append(left(request)))
        start = time.monotonic()
        page.goto(address, wait_until="domcontentloaded", timeout=PATIENCE * 1000)
        page.wait_for_selector("[role=status]", timeout=PATIENCE * 1000)
        print(f"browser: first answer on the page after {time.monotonic() - start:.1f} s")
        yield page, asked
        window.close()


def tried(page: Any) -> list[str]:
    """Do what a reader does; return what was not as it should be."""
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "1_first.png")
    wrong = []
    before = people(page)
    if "Settled" not in status(page):
        wrong.append(f"the first answer is not settled: {status(page)!r}")
    page.evaluate(WATCH)
    handle = page.locator(".noUi-handle").first
    handle.focus()
    for _ in range(MOVES):
        count = page.evaluate("window.redraws.length")
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(f"window.redraws.length > {count}", timeout=20_000)
    if "Quick look" not in status(page):
        wrong.append(f"while a control moves the panel does not say so: {status(page)!r}")
    quick = people(page)
    page.screenshot(path=PICTURES / "2_moving.png")
    wrong += [] if quick != before else [f"the number did not change: people harmed {before}"]
    settled(page)
    report_times(page.evaluate("window.redraws"))
    print(f"browser: people harmed {before}; moved {quick}; settled {people(page)}")
    return wrong + remedies_tried(page) + refusals_tried(page)


def remedies_tried(page: Any) -> list[str]:
    """Tick a mitigation; what it averts must appear, settled, and outlast the table being shown."""
    page.get_by_role("button", name="What would help").click()
    page.get_by_label("PIN reset").first.check()
    page.wait_for_function("document.body.innerText.includes('Averted [USD]')", timeout=20_000)
    settled(page)
    page.screenshot(path=PICTURES / "3_mitigations.png")
    for number, section in enumerate(("Dates", "Evidence"), 4):
        page.get_by_role("button", name=section).click()
        page.wait_for_timeout(200)
        page.screenshot(path=PICTURES / f"{number}_{section.lower()}.png")
    page.get_by_label("show the table behind the figure").check()
    page.set_viewport_size({"width": 1280, "height": 1900})
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "6_whole.png")
    page.set_viewport_size(SCREEN)
    return [] if "worth it" in page.inner_text("body") else ["the table of mitigations is not on the page"]


def refusals_tried(page: Any) -> list[str]:
    """Empty every segment: a sentence must say why there is no answer, and "back" must bring one."""
    page.get_by_role("button", name="Who and what leaked").click()
    page.locator(".noUi-handle:visible").first.wait_for()
    for handle in page.locator(".noUi-handle:visible").all():
        handle.focus()
        page.keyboard.press("Home")
    page.wait_for_selector("[role=alert]", timeout=30_000)
    message = page.inner_text("[role=alert]")
    page.screenshot(path=PICTURES / "7_refused.png")
    page.get_by_role("button", name="Put everything back").click()
    page.wait_for_selector("[role=status]", timeout=30_000)
    settled(page)
    wrong = [] if "nobody is left" in message else [f"an impossible setting is answered by {message!r}"]
    return wrong + (["a traceback stands on the page"] if "Traceback" in page.inner_text("body") else [])


def people(page: Any) -> str:
    """Return the number of people harmed, as it stands on the page."""
    found = re.search(r"People harmed\s+([\d.,]+(?: million)?)", page.inner_text("body"))
    return found.group(1) if found else ""


def status(page: Any) -> str:
    """Return the line that says how far the numbers can be trusted."""
    return str(page.inner_text("[role=status]"))


def settled(page: Any) -> None:
    """Wait for the settled answer."""
    settled = "document.querySelector('[role=status]')?.innerText.startsWith('Settled')"
    page.wait_for_function(settled, timeout=60_000)


def report_times(redraws: list[float]) -> None:
    """Print the time from a key to the redrawn number."""
    whole = sorted(redraws)
    late = whole[max(0, round(0.95 * len(whole)) - 1)]
    print(
        f"browser: from key to redrawn number, {len(whole)} moves: median {statistics.median(whole):.0f} ms, "
        f"p95 {late:.0f} ms, longest {whole[-1]:.0f} ms"
    )


def left(request: Any) -> str:
    """Return the address of a request that failed; "" where the page itself forbade it, so that none left."""
    return "" if request.failure == "csp" else str(request.url)


def outside(asked: list[str]) -> list[str]:
    """Return a sentence for each other machine that the page asked for anything."""
    hosts = {urlsplit(url).hostname for url in asked if url.startswith(("http", "ws"))} - {"127.0.0.1"}
    return [f"the page asked another machine: {host}" for host in sorted(filter(None, hosts))]


if __name__ == "__main__":
    sys.exit(main())
