"""The panel of ``bs.explore`` as a page, served to this machine alone: ``python run.py dashboard``.

    python run.py dashboard [SCENARIO] [--port N] [--no-browser]

One process answers all pages: it keeps nothing about a reader, as each request carries the state that it asks
about. It listens on this machine's own address, takes requests that name it and come with the key of the
printed address, and sends a policy that forbids the browser to load anything from elsewhere. Connections are
few, and closed when idle. Only the standard library serves.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from breach_sim.apps.explorer import addresses, answering
from breach_sim.formatting.html import templates

FIRST = "tmobile-2021-claimed"
PORT = 8866
LAST_PORT = 65_535
LARGEST = 400_000
"""Bytes of a request: those of the largest scenario file, twice."""
MOST = 32
"""Connections at once; a page uses two or three."""
IDLE = 60
"""Seconds without a request after which a connection is closed."""
AT_WORK = 2
"""Answers that are computed at once; others wait, as long as a connection may be idle."""
KEY = "BREACH_SIM_DASHBOARD_KEY"
"""Variable with a key of one's own, for a program that drives the page; a new one is drawn without it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load: its own script and style, and the pictures that it makes."""
NO_KEY = (
    '<!doctype html><html lang="en"><title>The key is missing</title><p>This page needs the key of its'
    " address. Open the address that <code>run.py dashboard</code> printed.</p></html>"
)
LONGEST_NUMBER = 10
"""Digits of the size of a request."""
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
    if not 0 <= said.port <= LAST_PORT:
        print(f"run.py dashboard: --port is {said.port}; it must lie in [0, {LAST_PORT}]", file=sys.stderr)
        return 2
    server = serving(said.scenario, said.port)
    if server is None:
        print(f"run.py dashboard: port {said.port} is taken; give another with --port", file=sys.stderr)
        return 2
    address = f"http://127.0.0.1:{server.server_port}/?key={quote(server.key, safe='')}"
    print(
        f"The dashboard is at {address} (Ctrl+C stops it).\n"
        f"Only this machine can ask, and only with the key; {MOST} connections at once at most, "
        f"closed after {IDLE} s without a request.",
        flush=True,
    )
    if not said.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


def serving(scenario: str, port: int, key: str = "") -> Server | None:
    """Return a server that is ready to answer, with its first answer computed; None if the port is taken."""
    answering.of_catalog(scenario).answered({}, settled=True)
    try:
        return Server(scenario, port, key or os.environ.get(KEY, "") or secrets.token_urlsafe(16))
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


class Server(ThreadingHTTPServer):
    """A server to this machine, with a limit of connections."""

    daemon_threads = True
    request_queue_size = 2 * MOST  # with five, the default, a burst of connections waits for a second try

    def __init__(self, scenario: str, port: int, key: str) -> None:
        self.scenario, self.key = scenario, key
        self.free = threading.BoundedSemaphore(MOST)
        self.at_work = threading.BoundedSemaphore(AT_WORK)
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread of its own, or refuse one too many."""
        if self.free.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        request.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a reader who went away in the middle of a reply."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers the four addresses of the page, and the requests of its script."""

    server: Server
    timeout = IDLE
    protocol_version = "HTTP/1.1"
    server_version = "breach_sim"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the page, its style or its script."""
        if not self.is_for_us():
            return
        place = self.path.partition("?")[0]  # as it was sent: "http://[" has no parts
        if place == "/":
            self.answer(HTML, lambda: page(self.path, self.server.scenario))
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
        said = self.headers.get("Content-Length") or ""
        length = int(said) if said.isascii() and said.isdigit() and len(said) < LONGEST_NUMBER else 0
        json_said = self.headers.get("Content-Type", "").startswith("application/json")
        # A page of another site can send forms without asking, but not JSON.
        if self.path != "/ask" or not json_said or not 0 < length <= LARGEST:
            self.close_connection = True
            self.reply(HTML, "", HTTPStatus.BAD_REQUEST)
            return
        try:
            request = json.loads(self.rfile.read(length))
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            self.reply(HTML, "", HTTPStatus.BAD_REQUEST)
            return
        self.answer(
            "application/json",
            lambda: json.dumps(
                answering.replied(request, lambda: answering.of_catalog(self.server.scenario))
            ),
        )

    def answer(self, kind: str, compute: Callable[[], str]) -> None:
        """Send what has to be computed, when it is its turn."""
        if not self.server.at_work.acquire(timeout=IDLE):
            self.close_connection = True
            self.reply(HTML, "", HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            text = compute()
        finally:
            self.server.at_work.release()
        self.reply(kind, text)

    def is_for_us(self) -> bool:
        """Refuse a request whose host is not this machine by name, or that has no key.

        Another site's name may point here. The key of the address becomes a cookie that no script reads and
        no other site sends along; the address of the page is then free of it.
        """
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        except ValueError:
            host = None
        if host not in {"127.0.0.1", "localhost"}:
            self.close_connection = True
            self.reply(HTML, "", HTTPStatus.MISDIRECTED_REQUEST)
            return False
        cookie = f"breach_sim_{self.server.server_port}={self.server.key}"
        cookies = [part.strip() for part in self.headers.get("Cookie", "").split(";")]
        place, _, query = self.path.partition("?")
        parts = query.split("&")
        if self.command == "GET" and place == "/" and any(map(self.is_key, parts)):
            rest = "&".join(part for part in parts if not part.startswith("key="))
            more = {
                "Location": f"/?{rest}" if rest else "/",
                "Set-Cookie": f"{cookie}; Path=/; HttpOnly; SameSite=Strict",
            }
            self.reply(HTML, "", HTTPStatus.SEE_OTHER, more)
            return False
        if any(hmac.compare_digest(each.encode(), cookie.encode()) for each in cookies):
            return True
        self.close_connection = True
        self.reply(HTML, NO_KEY, HTTPStatus.FORBIDDEN)
        return False

    def is_key(self, part: str) -> bool:
        """Say whether a part of an address is the key."""
        return hmac.compare_digest(part.encode(), f"key={quote(self.server.key, safe='')}".encode())

    def reply(
        self,
        kind: str,
        text: str,
        status: HTTPStatus = HTTPStatus.OK,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send a text with the headers that every reply has."""
        content = text.encode()
        self.send_response(status)
        for name, value in {
            **more,
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
