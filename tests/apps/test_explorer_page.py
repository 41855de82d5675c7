"""Laws of the explorer's page: links, replies, what can be taken away, and the server to this machine."""

from __future__ import annotations

import csv
import http.client
import importlib.util
import io
import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim import api, catalog
from breach_sim.apps.explorer import addresses, answering, exports, readings
from breach_sim.apps.explorer.panel_result import PanelResult
from breach_sim.interop.scenario_file import to_toml

FEW = 30
STATED = answering.Explorer(
    catalog.load_scenario("tmobile-2021-stated"), "tmobile-2021-stated", replicates=FEW, quick=5
)
KEY = "a-key_1"
NAMESPACE = "http://www.w3.org/2000/svg"
"""The name of a kind of markup; it looks like an address and is never asked."""
ROOT = Path(__file__).resolve().parents[2]


def value_of(name: str) -> st.SearchStrategy[Any]:
    """Return a strategy for values that a control of the stated breach takes."""
    control = STATED.controls[name]
    if control.kind == "tick":
        return st.booleans()
    if control.kind == "choice":
        return st.sampled_from([option for option, _ in control.options])
    if control.kind == "date":
        return st.dates().map(str).filter(lambda day: str(control.low) <= day <= str(control.high))
    if control.name == "seed":
        return st.integers(0, 2**31 - 1)
    # A size is written in accounts, the rest to the digits of a control.
    digits = 3 if name.startswith("size:") else 2
    return st.floats(float(control.low), float(control.high)).map(lambda x: round(x, digits))


STATES = st.sets(st.sampled_from(sorted(STATED.controls)), max_size=8).flatmap(
    lambda names: st.fixed_dictionaries({name: value_of(name) for name in sorted(names)})
)


@settings(max_examples=100, deadline=None)
@given(STATES)
def test_an_address_reads_back_as_the_same_inputs(values: dict[str, Any]) -> None:
    """The address of any state of the controls, read again, gives the same inputs and no complaint."""
    said = {name: readings.taken(STATED.controls[name], value) for name, value in values.items()}
    moved = {name: value for name, value in said.items() if value != STATED.controls[name].value}
    address = addresses.write_address("tmobile-2021-stated", STATED.controls, moved)
    found, complaints = addresses.read_address(address, STATED.controls)
    assert complaints == []
    assert STATED.read(found).inputs == STATED.read(values).inputs
    assert addresses.scenario_in(address) == "tmobile-2021-stated"


def test_an_address_is_short_where_a_field_leaked_nowhere() -> None:
    """A field that no segment lost any longer is named once, one of a single segment with its segment."""
    values, complaints = addresses.read_address("off=ssn&on=former:account_pin", STATED.controls)
    assert complaints == []
    assert values == {
        "leaked:postpaid_ssn:ssn": False,
        "leaked:applicants:ssn": False,
        "leaked:former:account_pin": True,
    }
    assert addresses.write_address("", STATED.controls, values) == "off=ssn&on=former:account_pin"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("off=banana", "unknown field 'banana'"),
        ("off=nobody:ssn", "unknown segment 'nobody'"),
        ("off=card_pin&on=card_pin", "card PIN"),
        ("use=pin-rest", "did you mean 'pin-reset'"),
        ("use=pin-reset-day--5", "from day is -5, outside"),
        ("use=drop-ssn-day-3", "drop-ssn has no day"),
        ("size=former", "write NAME:NUMBER"),
        ("size=former:-1", "outside of its range"),
        ("size=former:many", "'many', which is no number"),
        ("event=9:3", "unknown event '9'"),
        ("years=100", "years that are counted is 100, outside"),
        ("sale=2090-01-01", "outside of its range"),
        ("release=post", "did you mean 'posted'"),
        ("of=ssn", "did you mean 'off'"),
        ("seed=1.5", "whole number"),
    ],
)
def test_what_an_address_cannot_mean_is_left_out_and_said(address: str, complaint: str) -> None:
    """A part that cannot be read gives a sentence and changes nothing; the rest of the address counts."""
    values, complaints = addresses.read_address(f"?scenario=x&{address}&seed=7", STATED.controls)
    assert any(complaint in sentence for sentence in complaints), complaints
    assert all(sentence.endswith("It is left out.") for sentence in complaints)
    assert values.get("seed") == 7.0
    assert set(values) <= {"seed", "use:pin-reset", "added:card_pin"}


def test_names_of_a_users_segments_are_escaped() -> None:
    """A segment whose name holds signs of an address keeps its name on the way through one."""
    text = to_toml(STATED.scenario).replace("segments.former", 'segments."a&b:c,d%=1"')
    own = answering.of_text("mine.toml", text)
    values = {"size:a&b:c,d%=1": 5.0, "leaked:a&b:c,d%=1:full_name": False}
    address = addresses.write_address("", own.controls, values)
    assert addresses.read_address(address, own.controls) == (values, [])


def answer_of(values: dict[str, Any]) -> PanelResult:
    """Return the settled answer to values."""
    return STATED.result(values, settled=True)


CHANGED: dict[str, Any] = {
    "size:former": 10.0,
    "leaked:applicants:ssn": False,
    "event:0": 60.0,
    "use:pin-reset": True,
    "day:pin-reset": 3.0,
    "horizon": 2.0,
    "day_zero": "2020-01-31",
    "ssn": "seller",
    "uplift": "surveyed",
    "release": "posted",
    "seed": 2.0,
}


def test_the_python_gives_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """The code that a panel hands over, run by itself, prints the panel's own answer."""
    for values in ({}, CHANGED):
        result = answer_of(values)
        code = exports.as_python(result.inputs, "tmobile-2021-stated", replicates=FEW)
        exec(code, {})  # noqa: S102 - our own words
        assert capsys.readouterr().out == f"{result!r}\n"
        assert max(map(len, code.splitlines())) <= 100


def test_the_table_to_take_away_holds_the_numbers_of_the_run() -> None:
    """Each row of the CSV is an attack with the quantiles of its run, and the last is people and loss."""
    result = answer_of({})
    rows = list(csv.DictReader(io.StringIO(exports.as_csv(result))))
    impact = result.impact
    assert [row["attack"] for row in rows[:-1]] == [row.label for row in result.rows]
    swap = next(row for row in rows if row["attack"] == "SIM swap")
    victims = impact.per_attack("victims")[impact.attacks.names.index("sim_swap")]
    assert float(swap["victims_p95"]) == pytest.approx(np.quantile(victims, 0.95))
    assert float(rows[-1]["loss_usd_p50"]) == pytest.approx(np.median(impact.loss))


def test_replies_are_what_json_can_hold() -> None:
    """A reply goes through JSON unchanged, and one to nonsense is a sentence."""
    for request in (
        {"values": {"size:former": 10}},
        {"open": True, "scenario": "equifax-2017", "address": "off=ssn"},
        {"values": {"size:forme": 10}},
        {"values": {"seed": [1]}},
        {"values": 3},
        {"scenario": "../../etc/passwd"},
        {"scenario": "mine.toml", "open": True},
        {"text": "x = ", "file": "mine.toml", "open": True},
        {"text": "#" * (answering.LARGEST_FILE + 1), "file": "mine.toml"},
    ):
        reply = answering.replied(request, lambda: STATED)
        assert json.loads(json.dumps(reply))["error"] == reply["error"]
        assert bool(reply["error"]) == ("strip" not in reply)


def test_an_own_file_is_read_from_its_text() -> None:
    """A scenario file that a page sends is the scenario that its path gives; no link claims to hold it."""
    text = to_toml(STATED.scenario)
    reply = answering.replied({"open": True, "text": text, "file": "mine.toml"}, lambda: STATED)
    assert reply["panel"]["title"] == STATED.scenario.title
    assert "scenario=" not in reply["address"]
    assert "bs.load_scenario('mine.toml')" in reply["code"]
    assert catalog.scenario_from(text, "mine.toml") == STATED.scenario


def test_an_unmoved_answer_is_that_of_simulate() -> None:
    """What an explorer compares with is the run of the scenario, whatever values were asked before."""
    STATED.answered({"size:former": 1.0}, settled=True)
    want = api.simulate(STATED.scenario, replicates=FEW, seed=1)
    np.testing.assert_array_equal(STATED.start(FEW).impact.losses, want.losses)


# The server -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The tool that serves the page."""
    spec = importlib.util.spec_from_file_location("dashboard_tool", ROOT / "tools" / "dashboard.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dashboard_tool"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def port(tool: ModuleType) -> Iterator[int]:
    """A server on a free port of this machine."""
    server = tool.serving("equifax-2017", 0, KEY)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(
    port: int, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of a reply."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"breach_sim_{port}={KEY}"} | headers
    line.request(
        method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    reply = line.getresponse()
    return reply.status, reply.read().decode(), dict(reply.getheaders())


def test_the_page_opens_in_the_state_of_its_address(port: int) -> None:
    """The page of an address has a title, a language, and the answer to that state; bad parts are said."""
    status, text, headers = asked(port, "GET", "/?scenario=tmobile-2023&years=2&off=banana")
    assert status == 200
    assert '<html lang="en">' in text
    assert "<title>T-Mobile US, interface misuse, January 2023: what if? | breach_sim</title>" in text
    opening = json.loads(text.partition('id="opening">')[2].partition("</script>")[0])
    assert opening["values"] == {"horizon": 2.0}
    assert "banana" in opening["complaints"][0]
    assert opening["error"] == ""
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, other, _ = asked(port, "GET", "/?scenario=nothing")
    assert "unknown scenario" in other
    assert "<title>Equifax 2017" in other


def test_the_page_asks_nobody_else(port: int) -> None:
    """No file of the page names another host, and the policy would let none be asked."""
    for place in ("/", "/page.css", "/page.js", "/panel.css", "/panel.js"):
        status, text, headers = asked(port, "GET", place)
        assert status == 200
        assert "http" not in headers["Content-Security-Policy"]
        words = {word.strip("\\") for word in text.split('"')}
        assert {word for word in words if word.startswith(("http:", "https:", "//"))} <= {NAMESPACE}
    assert asked(port, "GET", "/elsewhere")[0] == 404


def test_the_server_answers_this_machine_and_its_own_page_alone(port: int) -> None:
    """Another name for this machine, a form of another site, and nonsense are refused with a status."""
    body = json.dumps({"values": {}, "settled": False})
    assert asked(port, "GET", "/", Host="evil.example")[0] == 421
    assert asked(port, "POST", "/ask", body, Content_Type="text/plain")[0] == 400
    assert asked(port, "POST", "/ask", "[1", Content_Type="application/json")[0] == 400
    assert asked(port, "POST", "/ask", "[1]", Content_Type="application/json")[0] == 400
    assert asked(port, "POST", "/ask", "[" * 100_000, Content_Type="application/json")[0] == 400
    assert asked(port, "GET", "http://[", Host="127.0.0.1")[0] == 404
    assert asked(port, "POST", "/ask", "", Content_Type="application/json", Content_Length="many")[0] == 400
    assert asked(port, "GET", "/", Host="[")[0] == 421
    assert asked(port, "POST", "/other", body, Content_Type="application/json")[0] == 400
    status, text, _ = asked(port, "POST", "/ask", body, Content_Type="application/json")
    assert (status, json.loads(text)["error"]) == (200, "")


def test_the_server_answers_with_its_key_alone(port: int) -> None:
    """Without the key nothing is answered; with it the address loses it, and a strict cookie replaces it."""
    body = json.dumps({"values": {}, "settled": False})
    for cookie in ("", f"breach_sim_{port}=a-key_2", f"other={KEY}", f"breach_sim_{port}=\xe9"):
        for place in ("/", "/?key=a-key_2", "/?key=", "/page.js", f"/page.js?key={KEY}"):
            status, text, headers = asked(port, "GET", place, Cookie=cookie)
            assert (403, True) == (status, "needs the key of its address" in text)
            assert "Set-Cookie" not in headers
        assert 403 == asked(port, "POST", "/ask", body, Content_Type="application/json", Cookie=cookie)[0]
        assert 403 == asked(port, "POST", f"/ask?key={KEY}", body, Cookie=cookie)[0]
    status, _, headers = asked(port, "GET", f"/?off=ssn&key={KEY}&years=2", Cookie="")
    assert (303, "/?off=ssn&years=2") == (status, headers["Location"])
    assert headers["Set-Cookie"] == f"breach_sim_{port}={KEY}; Path=/; HttpOnly; SameSite=Strict"
    for policy in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
        assert policy in headers["Content-Security-Policy"]
    assert 421 == asked(port, "GET", f"/?key={KEY}", Host="evil.example", Cookie="")[0]


def test_connections_are_few(tool: ModuleType, port: int) -> None:
    """One connection too many is answered with 503; idle ones end by themselves, and make room."""
    lines = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(tool.MOST)]
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as late:
            assert late.recv(100).startswith(b"HTTP/1.1 503 ")
    finally:
        for line in lines:
            line.close()
    assert 0 < tool.Handler.timeout <= 60
    for _ in range(100):  # the server sees that they are gone
        try:
            status = asked(port, "GET", "/page.css")[0]
        except OSError:
            status = 503
        if status == 200:
            break
    assert status == 200


def test_the_tool_refuses_what_it_cannot_serve(
    tool: ModuleType, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown scenario and a port that is taken end with status 2 and a sentence."""
    assert tool.main(["equifox-2017", "--no-browser"]) == 2
    assert tool.main(["--port", str(port), "--no-browser"]) == 2
    assert tool.main(["--port", "65536", "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert "did you mean 'equifax-2017'" in said
    assert f"port {port} is taken" in said
    assert "--port is 65536; it must lie in [0, 65535]" in said
