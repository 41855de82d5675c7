"""Laws of the explorer's page in a real browser: control and answer in view together, and no barrier.

``python run.py browser`` tries more of it, JupyterLab too. These are skipped where no browser is on the path.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def tool(name: str) -> ModuleType:
    """Return a module of the folder of tools."""
    spec = importlib.util.spec_from_file_location(f"{name}_tool", TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"{name}_tool"] = module
    spec.loader.exec_module(module)
    return module


pytestmark = pytest.mark.slow
BROWSING = tool("browsing")
needs_browser = pytest.mark.skipif(
    not BROWSING.found() or importlib.util.find_spec("playwright") is None,
    reason="no browser on the path, or no playwright",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A dashboard on a free port of this machine."""
    server = tool("dashboard").serving("equifax-2017", 0, "k")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Any]:
    """A browser without a window, which has the key of the dashboard."""
    with BROWSING.browser() as opened:
        yield WithKey(opened, address)


class WithKey:
    """A browser whose new pages have been at the address with the key."""

    def __init__(self, opened: Any, address: str) -> None:
        self.opened, self.address = opened, address

    def new_page(self, **more: Any) -> Any:
        """Open a page of its own that is let in."""
        page = self.opened.new_page(**more)
        page.goto(f"{self.address}?key=k")
        assert page.url == self.address or page.url.startswith(f"{self.address}?scenario=")
        return page


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768), (1920, 1080)])
def test_control_and_answer_are_in_view_together(address: str, browser: Any, width: int, height: int) -> None:
    """Whatever has the focus, it and the answer are in the window; all is reached by Tab, and usable."""
    page = browser.new_page(viewport={"width": width, "height": height})
    watched = BROWSING.Watched(page)
    page.goto(address)
    page.locator(".bx-status", has_text="Settled:").wait_for(timeout=60_000)
    wrong, reached = BROWSING.tabbed(page, "first section")
    assert wrong == []
    boxes = page.locator("input:visible, button:visible, select:visible, summary:visible").count()
    assert len(reached) >= boxes
    assert BROWSING.barriers(page, "first section") == []
    assert watched.wrong() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@needs_browser
def test_the_address_holds_the_state(address: str, browser: Any) -> None:
    """A box that is unticked stands in the address, and the address opens with the box unticked."""
    page = browser.new_page()
    page.goto(address)
    page.locator(".bx-status", has_text="Settled:").wait_for(timeout=60_000)
    page.get_by_role("checkbox", name="SSN", exact=True).uncheck()
    page.locator(".bx:not(.bx-stale) .bx-status", has_text="Settled:").wait_for(timeout=60_000)
    assert page.url == f"{address}?scenario=equifax-2017&off=ssn"
    numbers = page.inner_text(".bx-boxes")
    page.reload()
    page.locator(".bx:not(.bx-stale) .bx-status", has_text="Settled:").wait_for(timeout=60_000)
    assert not page.get_by_role("checkbox", name="SSN", exact=True).is_checked()
    assert page.inner_text(".bx-boxes") == numbers
    page.close()


@needs_browser
def test_a_value_out_of_range_stays_and_is_said(address: str, browser: Any) -> None:
    """A day of -5 is refused beside its box and stays there; the answer is dimmed until it is changed."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button", name="What would help").click()
    day = page.get_by_label("from day, Credit freeze, on request")
    day.fill("-5")
    page.get_by_text("from day is -5, outside of its range; give a number from 0 to 3,650").first.wait_for()
    assert day.input_value() == "-5"
    assert page.locator(".bx-stale").count() == 1
    day.fill("5")
    page.locator(".bx:not(.bx-stale) .bx-status").wait_for(timeout=60_000)
    assert page.locator(".bx-problem:visible, .bx-alert:visible").count() == 0
    page.close()
