"""The pages to share in a real browser: sums, taps, keys, addresses, and axe-core.

``python run.py pages`` calls this in the locked environment. It writes pages into out/pages, opens them in
headless Chromium as files, and compares every set of fields of a small breach and 1,000 random ones of a
large one with the engine. It measures taps, reads bad addresses, walks with the keyboard alone, asks axe-core
for violations by day and by night, runs the Python that a page shows, plays a game by keyboard, and takes
pictures. Without a browser on the path it says so and passes: nothing was tried. ``--few`` compares 50 random
ones.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import Any

from browsing import BROWSERS, browser, found

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from support.page_cases import (  # noqa: E402 - the tests' own cases
    ASKED,
    WORDS,
    Case,
    Engine,
    all_fields,
    at_random,
    columns,
    difference,
    numbered,
)

import breach_sim as bs  # noqa: E402 - the checkout's
from breach_sim.apps.page.adviser import write_adviser  # noqa: E402
from breach_sim.apps.page.play import write_play  # noqa: E402
from breach_sim.apps.page.what_if import write_what_if  # noqa: E402
from breach_sim.apps.page.world import measures_of, world_of  # noqa: E402

PLACE = ROOT / "out" / "pages"
SMALL, LARGE, SHOWN = "verizon-2017-claimed", "equifax-2017", "tmobile-2021-stated"
AGREE = 1e-9
SIZES = ((390, 844), (1366, 768), (1920, 1080))
SMALLEST = 24
"""Least width and height of what is tapped. [px]"""
AT_ONCE = 50
"""Cases that are asked for in one call."""
TAPS, PAUSE = 60, 500
"""How often a field is tapped, and the time between two taps. [ms]"""
TAP = """
(place) => {
  const start = performance.now();
  document.querySelectorAll('#recipes th.field button')[place].click();
  document.body.offsetHeight;
  return performance.now() - start;
}
"""
"""A tap on a field; milliseconds until the answer is laid out."""
TOO_SMALL = """
(least) => [...document.querySelectorAll('button, input, select, summary')].filter((own) => {
  const box = own.getBoundingClientRect();
  return box.width && (box.width < least || box.height < least);
}).map((own) => own.outerHTML.slice(0, 80))
"""
"""Controls that are smaller than a number of pixels."""
NAME = "const name = (own) => own.id || own.dataset.field || own.textContent.trim().slice(0, 30);"
CONTROLS = f"""
() => {{
  {NAME}
  const all = [...document.querySelectorAll('button, input, summary')];
  return all.filter((own) => !own.disabled && own.checkVisibility()).map(name);
}}
"""
"""Names of all controls."""
FOCUSED = f"""
() => {{
  {NAME}
  const own = document.activeElement, box = own.getBoundingClientRect();
  const strip = document.querySelector('.answer').getBoundingClientRect();
  const over = box.top < strip.bottom - 1 && box.bottom > strip.top;
  return {{
    name: name(own),
    seen: box.top >= 0 && box.bottom <= innerHeight + 1,
    answer: strip.bottom > 0 && strip.top < innerHeight,
    hidden: !own.closest('.answer') && over,
  }};
}}
"""
"""The focused control: whether it is in view, whether the answer is, and whether the answer hides it."""


def main() -> int:
    """Drive the pages and return the exit status: 0 if all was well, or no browser is there."""
    if not found():
        print(f"pages: skipped, no browser is on the path (looked for {', '.join(BROWSERS)})")
        return 0
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in (SMALL, LARGE, SHOWN):
        write_what_if(name, PLACE / f"{name}.html")
    write_adviser(PLACE / "adviser.html")
    write_play(SHOWN, PLACE / "play.html")
    count = 50 if "--few" in sys.argv[1:] else 1_000
    wrong: list[str] = []
    with opened() as (window, asked):
        for name, cases in ((SMALL, all_fields), (LARGE, lambda fields: at_random(fields, 0, count, 1))):
            wrong += summed(window, name, cases)
        for check in (tapped, addressed, copied, advised, played, accessible, by_keyboard, pictured):
            wrong += check(window)
    wrong += [f"a page asked for {url}" for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    for sentence in wrong:
        print(f"pages: {sentence}", file=sys.stderr)
    print(f"pages: {'FAILED' if wrong else 'passed'}; pages and pictures in {PLACE.relative_to(ROOT)}")
    return 1 if wrong else 0


@contextlib.contextmanager
def opened() -> Iterator[tuple[Any, list[str]]]:
    """Start the browser; yield it, and the addresses that its pages ask for."""
    with browser() as window:
        context = window.new_context(accept_downloads=True)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        window.pages_of = context
        yield window, asked


def page_of(
    window: Any, name: str, hash_: str = "", size: tuple[int, int] = (1366, 768), scheme: str = "light"
) -> Any:
    """Open a page and wait for its answer; what it throws becomes a line of its own list."""
    page = window.pages_of.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    page.thrown = []
    page.on("pageerror", lambda error: page.thrown.append(str(error)))
    page.goto((PLACE / f"{name}.html").as_uri() + hash_)
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    return page


def summed(window: Any, name: str, choose: Callable[[list[str]], list[Case]]) -> list[str]:
    """Compare the sums of a page with those of the engine."""
    page, worst = page_of(window, name), 0.0
    impact = bs.simulate(name, replicates=page.evaluate("breachSim.world.size"), seed=1)
    measures = measures_of(impact, bs.load_mitigations())
    law, engine = world_of(impact, measures), Engine(impact, measures)
    cases = choose(columns(impact))
    script = (
        f"(cases) => {{ const WORDS = {json.dumps(WORDS)}; {ASKED} return asked(breachSim.world, cases); }}"
    )
    for first in range(0, len(cases), AT_ONCE):
        part = cases[first : first + AT_ONCE]
        for place, (case, answer) in enumerate(
            zip(part, page.evaluate(script, numbered(part, law)), strict=True), first
        ):
            # Victims by attack come from a slower part of the engine: of every tenth case.
            worst = max(worst, difference(answer, engine.answer(case, victims=place % 10 == 0)))
    print(f"pages: {name}: {len(cases)} sets of fields, largest relative difference {worst:.1e}")
    page.close()
    return [] if worst < AGREE else [f"{name}: the page differs from the engine by {worst:.1e}"]


def tapped(window: Any) -> list[str]:
    """Tap fields at random; print the time from the tap to the answer, by the clock and of the processor."""
    wrong = []
    for name in (SHOWN, LARGE):
        page = page_of(window, name, size=SIZES[0])
        page.wait_for_selector("html[data-warm]", timeout=300_000)
        # Time of the page's thread: what the taps would take on a machine that does nothing else.
        client = page.context.new_cdp_session(page)
        client.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        client.send("Performance.enable")
        heads, draw = page.locator("#recipes th.field button").count(), random.Random(1)
        clock, work = [], []
        for _ in range(TAPS):
            # A reader reads between two taps, and the page computes ahead.
            page.wait_for_timeout(PAUSE)
            before = worked(client)
            clock.append(page.evaluate(TAP, draw.randrange(heads)))
            work.append(1000 * (worked(client) - before))
        print(
            f"pages: {name}: {TAPS} taps {PAUSE} ms apart at 390 px, from tap to laid-out answer: "
            f"{spread(clock)}; of the processor {spread(work)}; load {os.getloadavg()[0]:.1f}"
        )
        wrong += [f"{name}: {error}" for error in page.thrown]
        page.close()
    return wrong


def worked(client: Any) -> float:
    """Seconds that the page's thread has worked."""
    metrics = client.send("Performance.getMetrics")["metrics"]
    return float(next(own["value"] for own in metrics if own["name"] == "TaskDuration"))


def spread(times: list[float]) -> str:
    """Median, 95 % quantile and longest of some times in milliseconds."""
    ordered = sorted(times)
    late = ordered[int(0.95 * len(ordered))]
    return f"median {statistics.median(ordered):.0f} ms, p95 {late:.0f} ms, longest {ordered[-1]:.0f} ms"


def addressed(window: Any) -> list[str]:
    """An address opens its state; what is wrong in it is said and ignored."""
    page = page_of(window, SHOWN, f"#s={SHOWN}&off=ssn,full_name&do=pin-reset&day=30")
    first = page.inner_text("#people")
    pressed = page.eval_on_selector_all("[aria-pressed=true]", "all => all.length")
    wrong = [] if pressed == 3 and not page.inner_text("#notice") else ["an address does not open its state"]  # noqa: PLR2004
    page.evaluate("location.hash = '#off=banana,ssn&day=-5&do=magic&what=1&s=other'")
    page.wait_for_function("document.getElementById('notice').textContent !== ''")
    said = page.inner_text("#notice")
    wrong += [
        f"{word!r} in an address is not named"
        for word in ("banana", "-5", "magic", "what", "other")
        if word not in said
    ]
    wrong += [] if page.inner_text("#people") != first else ["a changed address changes nothing"]
    page.click("#reset")
    wrong += [] if not page.inner_text("#notice") else ["the notice stays"]
    page.close()
    return wrong


def copied(window: Any) -> list[str]:
    """The Python of a page prints the page's means; CSV and PNG are saved."""
    page = page_of(window, SHOWN, "#off=ssn,imsi&do=pin-reset,credit-freeze,codes-by-app&day=30")
    code = page.text_content("#python")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "page", "exec"), {})  # noqa: S102 - what the page shows a reader
    printed = [float(word) for word in said.getvalue().split()]
    shown = page.evaluate(
        "() => { const { answer, state } = breachSim; const own = answer(state.off, state.doing, state.day);"
        "return [own.people.mean, own.loss.mean]; }"
    )
    gap = max(abs(a / b - 1) for a, b in zip(printed, shown, strict=True))
    print(f"pages: the Python of the page prints its means; relative difference {gap:.1e}")
    wrong = [] if gap < AGREE else [f"the Python of the page prints {printed}, the page computes {shown}"]
    for button, ending in (("#csv", ".csv"), ("#png", ".png")):
        with page.expect_download() as saved:
            page.click(button)
        place = PLACE / f"saved{ending}"
        saved.value.save_as(place)
        wrong += [] if place.stat().st_size > 500 else [f"{ending} is empty"]  # noqa: PLR2004
    wrong += page.thrown
    page.close()
    return wrong


def advised(window: Any) -> list[str]:
    """Ticks give odds and three actions, and the address stays empty."""
    page = page_of(window, "adviser", size=SIZES[0])
    start = time.perf_counter()
    for label in ("name", "birth date", "SSN", "phone number"):
        page.get_by_label(label, exact=True).check()
    page.wait_for_function("document.querySelectorAll('#actions li').length === 3")
    print(f"pages: adviser: {page.inner_text('#odds')}, then {page.inner_text('#after')}; "
          f"{time.perf_counter() - start:.1f} s for four ticks")  # fmt: skip
    wrong = [] if "#" not in page.url else ["what was ticked stands in the address"]
    wrong += page.thrown
    page.screenshot(path=PLACE / "adviser_390.png", full_page=True)
    page.close()
    return wrong


def played(window: Any) -> list[str]:
    """Play a whole game by keyboard alone at each width, answer the quiz, and set a table; ask axe-core."""
    wrong, axe = [], axe_script()
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = page_of(window, "play", size=size, scheme=scheme)
            page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
            for state in (guessed, lived, quizzed, seated):
                state(page)
                where = f"play at {size[0]} px, {scheme}, {state.__name__}"
                wrong += [f"{where}: {fault}" for fault in faults(page, axe)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                wrong += [] if wide <= size[0] else [f"{where}: {wide} px wide"]
                page.screenshot(path=PLACE / f"play_{size[0]}_{scheme}_{state.__name__}.png", full_page=True)
            wrong += [f"play: {error}" for error in page.thrown]
            page.close()
    print(f"pages: a game, a quiz and a table at {len(SIZES)} widths: {len(wrong)} findings")
    return wrong


def guessed(page: Any) -> None:
    """Start without guesses, which is refused; then guess and start."""
    page.locator("#start").press("Enter")
    assert page.inner_text("#guess-missing")  # noqa: S101 - a step of the drive
    page.fill("#guess-harmed", "100")
    page.fill("#guess-early", "10")
    page.select_option("#guess-card", index=1)
    page.locator("#start").press("Enter")


def lived(page: Any) -> None:
    """Choose an action as soon as there are minutes, and go to the end."""
    page.locator("#next").press("Enter")
    page.locator(".card[aria-disabled=false]").nth(2).press("Space")
    page.locator("#next").press("Enter")
    page.locator("#wait").press("Enter")
    page.locator("#next").press("Enter")
    page.wait_for_selector("#result:not([hidden])")


def quizzed(page: Any) -> None:
    """Answer every question, some wrongly."""
    page.locator(".parts a[href='#quiz']").press("Enter")
    for number in range(1, 6):
        page.locator(f"#question-{number} .option").nth(number % 3).press("Enter")
    # The page may still draw the last answer on a busy machine; without a score this ends in an error.
    page.wait_for_function("document.querySelector('#quiz-score').innerText")


def seated(page: Any) -> None:
    """Put two cards on the table, and set the table of a code that is none."""
    page.locator(".parts a[href='#seats']").press("Enter")
    page.wait_for_selector("html[data-seats]")
    for number in range(2):
        page.locator(".firm .lever").nth(number).press("Space")
    page.fill("#code", "no code")
    page.locator("#code").press("Enter")
    assert "no code" in page.inner_text("#code-said")  # noqa: S101 - a step of the drive


def faults(page: Any, axe: str | None) -> list[str]:
    """What axe-core finds on a page as it stands, and controls that are too small."""
    found = [f"below {SMALLEST} px: {own}" for own in page.evaluate(TOO_SMALL, SMALLEST)]
    if axe is not None:
        page.evaluate(axe)
        asked = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        found += [f"axe {own['id']}: {own['nodes'][0]['html'][:120]}" for own in asked["violations"]]
    return found


def axe_script() -> str | None:
    """Return the script of axe-core; None, and a line, where it is not installed."""
    package = util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        print("pages: axe-core is not installed (axe-playwright-python); accessibility was not checked")
        return None
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def accessible(window: Any) -> list[str]:
    """Ask axe-core by day and by night, in every state."""
    axe = axe_script()
    if axe is None:
        return []
    wrong, rules = [], 0
    for name, hash_ in ((SHOWN, "#off=ssn&do=pin-reset"), (LARGE, ""), ("adviser", "")):
        for size in SIZES[:2]:
            for scheme in ("light", "dark"):
                page = page_of(window, name, hash_, size, scheme)
                if name == "adviser":
                    page.get_by_label("SSN", exact=True).check()
                page.eval_on_selector_all("details", "all => all.forEach((own) => { own.open = true; })")
                page.evaluate(axe)
                found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
                rules = len(found["passes"])
                wrong += [
                    f"{name} at {size[0]} px, {scheme}: axe {own['id']}: {own['nodes'][0]['html'][:120]}"
                    for own in found["violations"]
                ]
                small = page.evaluate(TOO_SMALL, SMALLEST)
                wrong += [f"{name} at {size[0]} px: below {SMALLEST} px: {own}" for own in small]
                page.close()
    print(f"pages: axe-core: {len(wrong)} findings over 12 views ({rules} rules passed in the last)")
    return wrong


def by_keyboard(window: Any) -> list[str]:
    """The Tab key reaches every control, and then answer and control are in view together."""
    wrong = []
    for size in SIZES:
        page = page_of(window, SHOWN, "#off=imei", size)
        controls = page.evaluate(CONTROLS)
        reached = set()
        for _ in range(len(controls) + 5):
            page.keyboard.press("Tab")
            own = page.evaluate(FOCUSED)
            reached.add(own["name"])
            if own["name"] in controls and not (own["seen"] and own["answer"] and not own["hidden"]):
                wrong.append(f"at {size[0]} px {own['name']!r} is focused and not in view with the answer")
        wrong += [f"at {size[0]} px the Tab key does not reach {name!r}" for name in set(controls) - reached]
        page.locator("#recipes th.field button").first.focus()
        before = page.inner_text("#people")
        page.keyboard.press("Space")
        wrong += [] if page.inner_text("#people") != before else ["the space bar changes nothing"]
        wide = page.evaluate("document.documentElement.scrollWidth")
        wrong += [] if wide <= size[0] else [f"at {size[0]} px the page is {wide} px wide"]
        page.close()
    return wrong


def pictured(window: Any) -> list[str]:
    """Take pictures at three widths, by day and by night, and print one page."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = page_of(window, SHOWN, "#off=ssn&do=pin-reset&day=30", size, scheme)
            page.screenshot(path=PLACE / f"page_{size[0]}_{scheme}.png", full_page=True)
            page.close()
    page = page_of(window, SHOWN, "#off=ssn")
    page.pdf(path=PLACE / "page.pdf")
    page.close()
    return []


if __name__ == "__main__":
    sys.exit(main())
