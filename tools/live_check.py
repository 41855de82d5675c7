"""The proof of a live class: ``python run.py live --check`` runs every notebook of it in headless Chromium.

The folder is served below a sub-path of this machine. Whatever the browser asks of another machine goes to a
proxy that refuses and counts it. Each lesson runs as the key, as the student's copy with the reference
answers, and each notebook as it is: opened, Run All, and every stored text output compared strictly. Figures
are counted. ``to_json()`` of three breaches is compared with the Python outside. Not here: the outputs
themselves (``live_outputs.py``).
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
from browsing import PICTURES, browser, found
from live_outputs import compared, disagreements, documents, errors, question
from live_site import MARK, NOTEBOOKS, SHOWN
from student_copies import LESSONS, filled, student, verdicts

BELOW = "/a/class/live/"
"""Where the folder is served: a site need not be at the root of its host."""
OUTSIDE = "http://another.machine.example/"
SILENT = (
    "--disable-features=OptimizationHints,AutofillServerCommunication,MediaRouter,Translate,NetworkTimeServiceQuerying",
    *(f"--{what}-url=http://127.0.0.1:9/" for what in ("gaia", "gcm-checkin", "gcm-registration")),
    "--disable-domain-reliability",
    "--no-pings",
)
"""Options without which the browser itself calls its maker: for sign-in, messages and filling in forms."""
OWN = (
    "accounts.google.com",
    "android.clients.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "update.googleapis.com",
    "www.google.com",
)
"""Machines that Chromium calls for itself all the same. A file of the site that names one is a fault."""
PATIENCE = 900.0
"""Longest time for one notebook. [s]"""
STEP = 250
"""Time between two looks at the outputs. [ms]"""
ENOUGH = 0.98
"""Least share of stored text outputs that are equal to the last letter."""
KEPT = "Kept for your teacher"
"""What only a student's copy prints: it is stored nowhere to be compared with."""
SHOWN_FIRST = "lesson 2, copy with answers"
"""The notebook whose times count: opened first, in a browser that has nothing of the site yet."""
READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady === true"
START = """
() => {
  window.finished = null;
  window.jupyterapp.commands.execute('notebook:run-all-cells')
    .then(() => { window.finished = 'all'; }, (error) => { window.finished = `${error}`; });
}
"""
LOOK = """
() => {
  const cells = window.jupyterapp.shell.currentWidget.context.model.toJSON().cells;
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  const data = outputs.filter((one) => one.data).map((one) => one.data);
  return {
    text: outputs.some((one) => one.output_type === 'stream') || data.some((one) => one['text/plain']),
    figure: data.some((one) => one['image/png']),
    finished: window.finished,
  };
}
"""
MODEL = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON()"
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


@dataclass(frozen=True, slots=True)
class Case:
    """A notebook that is run: what it is called, where it is, what is served there, what should come out."""

    name: str
    place: str
    served: dict[str, Any] | None
    stored: dict[str, Any] | None


@dataclass(slots=True)
class Ran:
    """What came of a notebook: outputs, and when the first text and the first figure were there (seconds)."""

    notebook: dict[str, Any]
    opened: float
    text: float
    figure: float
    all: float
    troubles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sum:
    """What was found in all notebooks."""

    equal: int = 0
    texts: int = 0
    wrong: list[str] = field(default_factory=list)


def checked(site: Path, only: str = "") -> int:
    """Run the notebooks of a live class; print what was found, and return the exit status.

    Raises
    ------
    ValueError
        If the folder is no live class, or no browser is on the path.
    """
    if not (site / MARK).is_file():
        raise ValueError(f"{site} is no live class: make it with `python run.py live`")
    if not found():
        raise ValueError("no browser is on the path: install Chromium, then check again")
    PICTURES.mkdir(parents=True, exist_ok=True)
    total, asked = Sum(), list[str]()
    overlay: dict[str, bytes] = {}
    with serving(Site, overlay, site) as here, serving(Outside, asked) as proxy:
        address = f"http://127.0.0.1:{here}{BELOW}"
        with browser(f"--proxy-server=http://127.0.0.1:{proxy}", *SILENT) as one:
            total.wrong += blocked(one, address, asked)
            for case in cases():
                if only in case.name:
                    judge(case, run(case, one, address, overlay), total)
    total.wrong += [f"a file of the site names {host}" for host in OWN if named(host, site)]
    asked = [what for what in asked if not any(host in what for host in OWN)]
    total.wrong += [f"another machine was asked: {what}" for what in asked]
    return reported(total, len(asked))


def judge(case: Case, ran: Ran, total: Sum) -> None:
    """Add what came of a notebook to the sum, and print a line about it."""
    wrong = [*ran.troubles, *errors(ran.notebook)]
    equal = texts = 0
    if case.stored is None:
        wrong += disagreements(documents(ran.notebook))
    else:
        equal, texts, different = compared(case.stored, ran.notebook)
        different = [one for one in different if KEPT not in one.where]
        for one in different:
            print(f"live: {case.name}, cell {one.cell}, {one.kind}: {one.where}", flush=True)
    if case.place.startswith("lessons/"):
        states = verdicts("\n".join(said(ran.notebook)))
        wrong += [f"exercise {n}: {state}" for n, state in states.items() if state != "right"]
        wrong += [] if states or case.stored is None else ["no exercise answered"]
    total.equal, total.texts = total.equal + equal, total.texts + texts
    total.wrong += [f"{case.name}: {sentence}" for sentence in wrong]
    print(
        f"live: {case.name:<28} {equal:>3} of {texts:>3} texts equal; first text {ran.text:5.1f} s,"
        f" first figure {ran.figure:5.1f} s, all {ran.all:5.1f} s after opening; {len(wrong)} faults",
        flush=True,
    )


def reported(total: Sum, outside: int) -> int:
    """Print the sum and return the exit status."""
    share = total.equal / total.texts if total.texts else 1.0
    print(
        f"live: {total.equal} of {total.texts} stored texts equal ({share:.2%}), {outside} outside requests"
    )
    if share < ENOUGH:
        total.wrong.append(f"{share:.2%} of the stored text outputs are equal, and {ENOUGH:.0%} must be")
    for sentence in total.wrong:
        print(f"live: {sentence}", file=sys.stderr)
    print(f"live: {'FAILED' if total.wrong else 'passed'}")
    return 1 if total.wrong else 0


def cases() -> Iterator[Case]:
    """Yield what is run: the lesson whose times count first."""
    lessons = [(path, nbformat.read(path, as_version=4)) for path in sorted(LESSONS.glob("*.ipynb"))]
    answered = []
    for path, key in lessons:
        copy = student(key)
        copy["cells"] = filled(copy)["cells"]
        number, place = path.stem.split("_")[1], f"lessons/{path.name}"
        answered.append(Case(f"lesson {number}, copy with answers", place, copy, key))
        answered.append(Case(f"lesson {number}, key", place, cleared(key), key))
    yield from sorted(answered, key=lambda case: case.name != SHOWN_FIRST)
    for name in SHOWN:
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        yield Case(f"notebook {name[:2]}", f"notebooks/{name}.ipynb", None, notebook)
    yield Case("to_json() of three breaches", f"lessons/{lessons[0][0].name}", question(), None)


def cleared(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook without its outputs."""
    copy = nbformat.from_dict(dict(notebook))
    copy["cells"] = [nbformat.from_dict(dict(cell)) for cell in copy["cells"]]
    for cell in copy["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    empty: dict[str, Any] = copy
    return empty


def said(notebook: dict[str, Any]) -> list[str]:
    """What a notebook printed, cell by cell."""
    outputs = [one for cell in notebook["cells"] for one in cell.get("outputs", [])]
    return ["".join(one["text"]) for one in outputs if one["output_type"] == "stream"]


# The browser ------------------------------------------------------------------------------------------------


def run(case: Case, opened: Any, address: str, overlay: dict[str, bytes]) -> Ran:
    """Open a notebook in a browser that knows nothing of the site, run all of it, and return the outcome."""
    overlay.clear()
    if case.served is not None:
        overlay[f"files/{case.place}"] = nbformat.writes(case.served).encode()
    context = opened.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    ran = Ran({"cells": []}, 0.0, float("nan"), float("nan"), float("nan"))
    page.on("pageerror", lambda error: ran.troubles.append(f"the page has an error: {error}"))
    start = time.monotonic()
    page.goto(f"{address}notebooks/index.html?path={case.place}")
    page.wait_for_function(READY, timeout=PATIENCE * 1000)
    page.evaluate(CLEAR)
    ran.opened = time.monotonic() - start
    page.evaluate(START)
    while time.monotonic() - start < PATIENCE:
        look, now = page.evaluate(LOOK), time.monotonic() - start
        if look["text"] and ran.text != ran.text:
            ran.text = now
        if look["figure"] and ran.figure != ran.figure:
            ran.figure = now
            page.screenshot(path=PICTURES / f"live_{case.name.replace(' ', '_').replace(',', '')}.png")
        if look["finished"]:
            ran.all = now
            break
        page.wait_for_timeout(STEP)
    else:
        ran.troubles.append(f"was not at its end after {PATIENCE:.0f} s")
    ran.notebook = page.evaluate(MODEL)
    context.close()
    return ran


def blocked(opened: Any, address: str, asked: list[str]) -> list[str]:
    """Ask another machine on purpose: the request must be refused, and counted."""
    page = opened.new_page()
    page.goto(address)
    page.evaluate("(other) => fetch(other, {mode: 'no-cors'}).catch(() => null)", OUTSIDE)
    page.close()
    counted = [what for what in asked if "another.machine.example" in what]
    asked[:] = [what for what in asked if what not in counted]
    return [] if counted else ["a request to another machine was not counted"]


def named(host: str, site: Path) -> bool:
    """Say whether a file of the site has the name of a machine."""
    return any(host.encode() in path.read_bytes() for path in site.rglob("*") if path.is_file())


# The two servers --------------------------------------------------------------------------------------------


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], *about: Any) -> Iterator[int]:
    """Serve on a free port of this machine until the end, and yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, about))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Site(SimpleHTTPRequestHandler):
    """The folder below a sub-path, as a plain file server gives it, with other notebooks in some places."""

    def __init__(self, about: tuple[dict[str, bytes], Path], *words: Any) -> None:
        self.overlay, site = about
        super().__init__(*words, directory=str(site))

    def do_GET(self) -> None:
        """Answer with a file."""
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(BELOW):
            self.send_error(404)
            return
        inside = path.removeprefix(BELOW)
        if inside in self.overlay:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(self.overlay[inside])))
            self.end_headers()
            self.wfile.write(self.overlay[inside])
            return
        self.path = f"/{inside}"
        with contextlib.suppress(ConnectionError):  # a page that was closed
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


class Outside(BaseHTTPRequestHandler):
    """The world outside: every request is refused and written down."""

    def __init__(self, about: tuple[list[str]], *words: Any) -> None:
        self.asked = about[0]
        super().__init__(*words)

    def refuse(self) -> None:
        """Write a request down and refuse it."""
        self.asked.append(f"{self.command} {self.path}")
        with contextlib.suppress(OSError):  # whoever asked may be gone
            self.send_error(403)

    do_GET = do_HEAD = do_POST = do_PUT = do_CONNECT = do_OPTIONS = refuse  # noqa: N815 - names of http.server

    def log_message(self, *_: Any) -> None:
        """Print nothing."""
