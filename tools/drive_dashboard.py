"""The panel in a real browser: on a page at three widths, and in JupyterLab.

``python run.py browser`` calls this in the locked environment. It serves the dashboard on a free port of this
machine, opens it in headless Chromium, reaches every control with the keyboard, moves and types, follows a
link, takes the files that can be taken, and asks axe-core for barriers. It measures the time to the first
answer, and from a key to the redrawn number. Pictures go into out/browser. Without a browser on the path it
says so and passes: nothing was tried.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import drive_notebook
from browsing import BROWSERS, PICTURES, ROOT, Watched, barriers, browser, found, free_port, served, tabbed

sys.path.insert(0, str(ROOT))
from run import DASHBOARD

KEY, KEY_VARIABLE = "driven", "BREACH_SIM_DASHBOARD_KEY"
"""Key of the dashboard's address, and the variable that gives it."""
SIZES = {"phone": (390, 844), "laptop": (1366, 768), "screen": (1920, 1080)}
SECTIONS = ("Who and what leaked", "What would help", "Dates", "Evidence")
FIVE = "use=pin-reset,sim-lock,credit-freeze,drop-ssn,monitoring"
MOVES = 20
SECOND = 1000
SOON = 8.0
"""Seconds within which the first answer stands on the page of a warm server."""
ALL_IDS = """
() => [...document.querySelectorAll('button, input, select, summary, pre, a[href]')]
  .filter((one) => one.checkVisibility())
  .map((one) => one.id || `${one.tagName} `
    + (one.getAttribute('aria-label') || one.textContent.slice(0, 40) || one.type))
"""
WATCH = """
() => {
  window.redraws = []; window.pressed = 0; let before = '';
  const seen = () => document.querySelector('.bx-answer').innerText;
  addEventListener('keydown', () => { window.pressed = performance.now(); before = seen(); }, true);
  new MutationObserver(() => {
    if (window.pressed && seen() && seen() !== before) {
      window.redraws.push(performance.now() - window.pressed); window.pressed = 0;
    }
  }).observe(document.querySelector('.bx-answer'), {subtree: true, childList: true, characterData: true});
}
"""


def main() -> int:
    """Drive page and notebook and return the exit status: 0 if all was well, or no browser is there."""
    if not found():
        print(f"browser: skipped, none is on the path (looked for {', '.join(BROWSERS)})")
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    for try_it in (on_pages, drive_notebook.in_lab):
        for sentence in (found_wrong := try_it()):
            print(f"browser: {sentence}", file=sys.stderr, flush=True)
        wrong += found_wrong
    print(f"browser: {'FAILED' if wrong else 'passed'}; pictures in {PICTURES.relative_to(ROOT).as_posix()}")
    return 1 if wrong else 0


def on_pages() -> list[str]:
    """Serve the dashboard and try it at each width; return what was not as it should be."""
    address = f"http://127.0.0.1:{(port := free_port())}/"
    command = [sys.executable, *DASHBOARD, "--no-browser", f"--port={port}"]
    wrong: list[str] = []
    with served(command, address, env=os.environ | {KEY_VARIABLE: KEY}), browser() as opened:
        for name, (width, height) in SIZES.items():
            page = opened.new_page(viewport={"width": width, "height": height})
            watched = Watched(page)
            wrong += first_answer(page, address, name)
            for number, section in enumerate(SECTIONS):
                wrong += in_reach(page, name, section, number)
            wrong += [*watched.wrong()]
            page.close()
        page = opened.new_page(
            viewport={"width": 1366, "height": 768}, accept_downloads=True, color_scheme="dark"
        )
        watched = Watched(page)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}?key={KEY}")
        settled(page)
        wrong += moved(page, "no mitigation")
        wrong += refused(page)
        wrong += taken_along(page, opened)
        wrong += chosen(page, address)
        wrong += watched.wrong()
    return wrong


def first_answer(page: Any, address: str, name: str) -> list[str]:
    """Open the page; the answer must be there soon, and settle."""
    start = time.monotonic()
    page.goto(f"{address}?key={KEY}", wait_until="domcontentloaded")
    page.wait_for_selector(".bx-box")
    first = time.monotonic() - start
    settled(page)
    whole = time.monotonic() - start
    print(f"browser: {name}: first answer after {first:.1f} s, settled after {whole:.1f} s")
    page.screenshot(path=PICTURES / f"{name}_1_first.png")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    late = [f"{name}: the first answer took {first:.1f} s"] if first > SOON else []
    titled = [] if "T-Mobile US 2021" in page.title() else [f"{name}: the title is {page.title()!r}"]
    return late + titled + ([f"{name}: the page is {wide} px wider than the window"] if wide > 0 else [])


def in_reach(page: Any, name: str, section: str, number: int) -> list[str]:
    """Reach all of a section with the Tab key; control and answer must be in view, and no barrier there."""
    page.get_by_role("button", name=section).click()
    wrong, reached = tabbed(page, f"{name}, {section}")
    missed = set(page.evaluate(ALL_IDS)) - reached
    wrong += [f"{name}, {section}: the Tab key does not reach {', '.join(sorted(missed))}"] if missed else []
    page.screenshot(path=PICTURES / f"{name}_{number + 2}_{section[-4:].strip().lower()}.png")
    return wrong + barriers(page, f"{name}, {section}")


def moved(page: Any, what: str) -> list[str]:
    """Move a slider with the arrow keys: the number changes, soon, and a link holds the state."""
    wrong = []
    for label, address in ((what, ""), ("five mitigations", FIVE)):
        page.goto(f"{page.url.partition('?')[0]}?{address}")
        settled(page)
        before = page.inner_text(".bx-box")
        page.evaluate(WATCH)
        page.locator("input[type=range]").first.focus()
        for _ in range(MOVES):
            count = page.evaluate("window.redraws.length")
            page.keyboard.press("ArrowLeft")
            end = time.monotonic() + 20
            while page.evaluate("window.redraws.length") <= count and time.monotonic() < end:
                page.wait_for_timeout(5)
        report_times(page.evaluate("window.redraws"), label)
        wrong += [] if page.inner_text(".bx-box") != before else [f"{label}: the number did not change"]
        wrong += [] if "at first" in page.inner_text(".bx-strip") else [f"{label}: nothing is compared"]
        settled(page)
    said = page.locator("input[type=range]").first.get_attribute("aria-valuetext")
    wrong += [] if said == "10 million accounts" else [f"a slider says {said!r}"]
    page.screenshot(path=PICTURES / "dark_1_moved.png")
    return wrong + barriers(page, "dark, moved")


def refused(page: Any) -> list[str]:
    """Type what is out of range, then empty all segments: a sentence says so, and "back" brings an answer."""
    wrong = []
    page.get_by_role("button", name="What would help").click()
    day = page.get_by_label("from day, PIN reset")
    for typed in ("-5", "99999", "banana", ""):
        day.fill(typed)
        page.locator(".bx-problem:visible").first.wait_for()
        page.wait_for_timeout(300)
        problem = page.locator(".bx-problem:visible").first.inner_text()
        wrong += (
            [] if (typed or "empty") in problem.replace(",", "") else [f"{typed!r} is answered {problem!r}"]
        )
        wrong += [] if day.input_value() == typed else [f"{typed!r} was changed to {day.input_value()!r}"]
    wrong += [] if page.locator(".bx-stale").count() else ["an old answer is not dimmed"]
    page.screenshot(path=PICTURES / "dark_2_refused.png")
    wrong += barriers(page, "dark, refused")
    page.get_by_role("button", name="Put everything back").click()
    settled(page)
    page.get_by_role("button", name="Who and what leaked").click()
    for slider in page.locator("input[type=range]:visible").all():
        slider.focus()
        page.keyboard.press("Home")
    page.get_by_text("nobody is left").wait_for()
    page.get_by_role("button", name="Put everything back").click()
    settled(page)
    if page.locator(".bx-alert:visible, .bx-problem:visible").count():
        wrong.append("a refusal stays when everything is put back")
    return wrong


def taken_along(page: Any, opened: Any) -> list[str]:
    """Copy link and Python, take CSV, PNG and SVG; the link must open the same answer elsewhere."""
    wrong = []
    page.get_by_role("checkbox", name="SSN", exact=True).first.uncheck()
    settled(page)
    for button, ending in (("CSV", "csv"), ("PNG", "png"), ("SVG", "svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        target = PICTURES / f"taken.{ending}"
        download.value.save_as(target)
        wrong += [] if target.stat().st_size > SECOND else [f"{button} is empty"]
    page.get_by_role("button", name="Copy Python").click()
    page.get_by_text("Copied: Python.").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    wrong += [] if "PanelInputs" in code else ["the Python was not copied"]
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied: the link").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = opened.new_page()
    other.goto(f"{link}{'&' if '?' in link else '?'}key={KEY}")
    settled(other)
    same = other.inner_text(".bx-box") == page.inner_text(".bx-box")
    wrong += [] if same and "off=ssn" in link else [f"the link {link} opens another answer"]
    other.close()
    return wrong


def chosen(page: Any, address: str) -> list[str]:
    """Choose another breach, one by its address, and a file of one's own; a bad address is said."""
    wrong = []
    page.get_by_label("Breach", exact=True).select_option("equifax-2017")
    page.get_by_role("heading", name="Equifax 2017").wait_for()
    settled(page)
    wrong += [] if "scenario=equifax-2017" in page.url else [f"the address is {page.url}"]
    page.goto(f"{address}?scenario=equifax-2017&off=ssn&foo=1&years=99")
    settled(page)
    said = page.inner_text(".bx-alert")
    wrong += [] if "foo" in said and "99" in said else [f"a bad address is answered {said!r}"]
    wrong += (
        [] if not page.get_by_role("checkbox", name="SSN", exact=True).first.is_checked() else ["off=ssn"]
    )
    own = PICTURES / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(own)
    page.get_by_role("heading", name="A shop of my own").wait_for()
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("No link can hold a file").wait_for()
    page.screenshot(path=PICTURES / "dark_3_own.png")
    own.write_text("name = 3", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(own)
    page.get_by_text("This breach cannot be shown.").wait_for()
    return wrong


OWN = """
name = "shop"
label = "A shop of my own"

[segments.customers]
accounts = 5000
leaks = [{ fields = ["full_name", "email_address", "password_plain"], coverage = 1 }]
"""


def settled(page: Any) -> None:
    """Wait for the settled answer to the controls as they stand."""
    page.locator(".bx:not(.bx-stale) .bx-status", has_text="Settled:").first.wait_for(timeout=60_000)


def report_times(redraws: list[float], label: str) -> None:
    """Print the time from a key to the redrawn number."""
    whole = sorted(redraws)
    late = whole[max(0, round(0.95 * len(whole)) - 1)]
    print(
        f"browser: from key to redrawn number, {label}, {len(whole)} moves: median "
        f"{statistics.median(whole):.0f} ms, p95 {late:.0f} ms, longest {whole[-1]:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
