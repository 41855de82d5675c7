"""The panel in JupyterLab, in the window of a small laptop: called by ``drive_dashboard.py``.

A notebook of one cell is run; the control that has the focus, and the answer, must be in the window together.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from browsing import PICTURES, ROOT, barriers, browser, free_port, served, tabbed

WINDOW: Any = {"width": 1366, "height": 768}
CELL = "import breach_sim as bs\n\npanel = bs.explore('tmobile-2021-claimed')\npanel"


def in_lab() -> list[str]:
    """Open the panel in JupyterLab; return what was not as it should be."""
    address = f"http://127.0.0.1:{(port := free_port())}/lab"
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1"]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', encoding="utf-8")
        work = Path(folder) / "work"
        work.mkdir()
        (work / "panel.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")
        more = {"JUPYTERLAB_SETTINGS_DIR": str(Path(folder) / "settings"), "PYTHONPATH": str(ROOT)}
        with (
            served([*command, f"--notebook-dir={work}"], address, env=os.environ | more),
            browser() as opened,
        ):
            return tried(opened.new_page(viewport=WINDOW), address)


def notebook() -> dict[str, Any]:
    """Return a notebook that shows a panel."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "panel",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [cell | {"source": CELL}]
    return {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


def tried(page: Any, address: str) -> list[str]:
    """Run the cell, reach the controls by keyboard, move one."""
    page.goto(f"{address}/tree/panel.ipynb")
    page.locator(".jp-Notebook .jp-Cell").first.click(timeout=90_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
    page.keyboard.press("Shift+Enter")
    start = time.monotonic()
    answer = page.locator(".bx .bx-status", has_text="Settled:").first
    answer.wait_for(timeout=90_000)
    print(f"browser: JupyterLab: first answer {time.monotonic() - start:.1f} s after the cell was started")
    page.locator(".bx select").first.focus()
    wrong, reached = tabbed(page, "JupyterLab", most=40)
    page.locator(".bx input[type=range]").first.focus()
    before = page.inner_text(".bx-box")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)
    page.locator(".bx:not(.bx-stale) .bx-status", has_text="Settled:").first.wait_for(timeout=20_000)
    page.screenshot(path=PICTURES / "lab_1_moved.png")
    wrong += [] if page.inner_text(".bx-box") != before else ["JupyterLab: the number did not change"]
    wrong += [] if len(reached) > 20 else [f"JupyterLab: the Tab key reaches {len(reached)} controls"]  # noqa: PLR2004
    return wrong + barriers(page, "JupyterLab", ".bx")
