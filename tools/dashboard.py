"""The panel of ``bs.explore`` as a page, served to this machine alone: ``python run.py dashboard``.

    python run.py dashboard [SCENARIO] [--port N] [--no-browser]

One process answers all pages: it keeps nothing about a reader, as each request carries the state that it asks
about. It listens on this machine's own address, takes requests that name it, and sends a policy that forbids
the browser to load anything from elsewhere. Only the standard library serves.
"""

from __future__ import annotations

import argparse
import json
import sys
import webbrowser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from breach_sim.apps.explorer import addresses, answering
from breach_sim.formatting.html import templates

FIRST = "tmobile-2021-claimed"
PORT = 8866
LARGEST = 400_000
"""Bytes of a request: those of the largest scenario file, twice."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load: its own script and style, and the pictures that it makes."""
HTML, SCRIPT, STYLE = "text/html", "text/javascript", "text/css"

FILES = {
    "/page.css": (STYLE, "page.html.j2", "css"),
    "/page.js": (SCRIPT, "page.html.j2", "script"),
    "/panel.css": (STYLE, "assets.html.j2", "css"),
    "/panel.js": (SCRIPT, "assets.html.j2", "script"),
}
"""Kind, template and macro of each file of the page."""


def main(words: list[str]) -> int:
    """Serve until interrupted; return the exit status."""
    parser = argparse.ArgumentParser(prog="run.py dashboard", description="Serve the panel of bs.explore.")
    parser.add_argument("scenario", nargs="?", default=FIRST, help="the first breach that is shown")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    said = parser.parse_args(words)
    if said.scenario not in dict(answering.listed()):
        print(f"run.py dashboard: {unknown_scenario(said.scenario)}", file=sys.stderr)
        return 2
    server = serving(said.scenario, said.port)
    if server is None:
        print(f"run.py dashboard: port {said.port} is taken; give another with --port", file=sys.stderr)
        return 2
    address = f"http://127.0.0.1:{server.server_port}/"
    print(f"The dashboard is at {address} (Ctrl+C stops it)", flush=True)
    if not said.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


def serving(scenario: str, port: int) -> ThreadingHTTPServer | None:
    """Return a server that is ready to answer, with its first answer computed; None if the port is taken."""
    answering.of_catalog(scenario).answered({}, settled=True)

    class ForScenario(Handler):
        first = scenario

    try:
        return ThreadingHTTPServer(("127.0.0.1", port), ForScenario)
    except (OSError, OverflowError):
        return None


def unknown_scenario(name: str) -> str:
    """Return the sentence about a scenario that the catalog does not have."""
    return str(answering.replied({"scenario": name}, lambda: answering.of_catalog(FIRST))["error"])


def page(path: str, first: str) -> str:
    """Return the page of an address, with its first answer.

    What the address cannot mean is left out, and the page says so.
    """
    name = addresses.scenario_in(path) or first
    complaints = []
    if name not in dict(answering.listed()):
        complaints, name = [f"{unknown_scenario(name)} {first} is shown."], first
    explorer = answering.of_catalog(name)
    opening = answering.opened(explorer, urlsplit(path).query)
    opening["complaints"] = complaints + opening["complaints"]
    text = json.dumps(opening).replace("<", "\\u003c").replace("&", "\\u0026")
    return str(macros("page.html.j2").page(explorer.scenario.title, text))


def macros(name: str) -> Any:
    """Return the macros of a template of the explorer."""
    return templates("breach_sim.apps.explorer", name)


class Handler(BaseHTTPRequestHandler):
    """Answers the four addresses of the page, and the requests of its script."""

    first = FIRST
    protocol_version = "HTTP/1.1"
    server_version = "breach_sim"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the page, its style or its script."""
        if not self.is_for_us():
            return
        place = urlsplit(self.path).path
        if place == "/":
            self.reply(HTML, page(self.path, self.first))
            return
        if place not in FILES:
            self.reply(HTML, "<!doctype html><title>Not here</title>", HTTPStatus.NOT_FOUND)
            return
        kind, template, macro = FILES[place]
        self.reply(kind, str(getattr(macros(template), macro)()))

    def do_POST(self) -> None:
        """Answer the controls of a page."""
        if not self.is_for_us():
            return
        length = int(self.headers.get("Content-Length") or 0)
        json_said = self.headers.get("Content-Type", "").startswith("application/json")
        # A page of another site can send forms without asking, but not JSON.
        if self.path != "/ask" or not json_said or not 0 < length <= LARGEST:
            self.close_connection = True
            self.reply(HTML, "", HTTPStatus.BAD_REQUEST)
            return
        try:
            request = json.loads(self.rfile.read(length))
        except ValueError:
            request = None
        if not isinstance(request, dict):
            self.reply(HTML, "", HTTPStatus.BAD_REQUEST)
            return
        reply = answering.replied(request, lambda: answering.of_catalog(self.first))
        self.reply("application/json", json.dumps(reply))

    def is_for_us(self) -> bool:
        """Refuse a request whose host is not this machine by name: another site's name may point here."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if host in {"127.0.0.1", "localhost"}:
            return True
        self.close_connection = True
        self.reply(HTML, "", HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def reply(self, kind: str, text: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Send a text with the headers that every reply has."""
        content = text.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(content)),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what a reader asks about is nobody's business."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
