"""Inputs for the fuzzer: good files of every format, all invented, and what a hostile or careless hand does.

A number and a door give an input, the same for the same seed. A document is changed as a tree first, so that
most inputs are still of their format; then, at times, as bytes; then, at times, it is no ordinary file.

Not here: reading them (``fuzz_doors``), and limits and reports (``fuzz``).
"""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w

SCENARIO: dict[str, Any] = {
    "name": "fuzzed",
    "label": "A breach",
    "day_zero": "2024-03-01",
    "sources": ["own"],
    "notes": ["a caution"],
    "customers": 5_000_000,
    "source": {"own": {"title": "Our notice", "grade": "C", "verified": "seen", "url": "x", "year": "2024"}},
    "estimates": {
        "shared": {
            "kind": "pert",
            "low": 0.1,
            "mode": 0.3,
            "high": 0.6,
            "unit": "share",
            "status": "assumed",
            "sources": ["analyst-judgment"],
            "note": "a guess",
        }
    },
    "release": {"sold_once": 0.5, "resold": 0.5, "status": "assumed", "sources": ["own"], "note": "a guess"},
    "dossier": {
        "breach": "fuzzed",
        "standing": "claimed",
        "countries": ["US"],
        "dates": [{"what": "seen", "value": "2024-03-01", "status": "seen", "source": "own"}],
        "counts": [{"what": "claimed", "value": "1,000", "status": "derived", "note": "a sum"}],
    },
    "segments": {
        "current": {
            "accounts": 1_200_000,
            "kind": "postpaid",
            "sources": ["own"],
            "leaks": [
                {"fields": ["full_name", "ssn"], "coverage": 0.4},
                {"fields": ["phone_number"], "coverage": "shared"},
            ],
        },
        "former": {
            "accounts": 300_000,
            "kind": "former",
            "leaks": [{"fields": ["email_address", "date_of_birth"], "coverage": 1.0}],
        },
    },
    "events": [{"kind": "reset", "day": 12, "fields": ["account_pin"], "segments": ["current"]}],
    "overrides": {"attacks.new_account_fraud.attempts": {"scale": 0.5, "reason": "own data"}},
}
OVERRIDES: dict[str, Any] = {
    "attacks.new_account_fraud.attempts": {"scale": 0.333, "reason": "our own claims"},
    "firm": {
        "settlement": {"low": 5, "mode": 10, "high": 20, "unit": "USD/person", "reason": "counsel"},
    },
    "attack": {
        "claims_fraud": {
            "needs": ["full_name", "health_insurance_id"],
            "attempts": [1e-3, 3e-3, 2e-2],
            "severity": [500, 2000, 9000],
            "reason": "claims team",
        }
    },
}
HIBP: list[Any] = [
    {
        "Name": "Shop",
        "Title": "Shop",
        "Domain": "shop.example",
        "BreachDate": "2020-05-01",
        "AddedDate": "2020-06-01T00:00:00Z",
        "ModifiedDate": "2020-06-01T00:00:00Z",
        "PwnCount": 120_000,
        "Description": "In May 2020 a shop lost <em>bcrypt</em> hashes, 40% of them with phone numbers.",
        "DataClasses": ["Email addresses", "Passwords", "Names", "Phone numbers"],
        "IsVerified": True,
        "IsSensitive": False,
        "IsSpamList": False,
    },
    {
        "Name": "Clinic",
        "Title": "Clinic",
        "Domain": "",
        "BreachDate": "2019-01-01",
        "PwnCount": 77,
        "Description": "Numbers of a clinic in France.",
        "DataClasses": ["Social security numbers", "Dates of birth"],
        "IsVerified": False,
    },
]
VERIS: list[Any] = [
    {
        "incident_id": "I-1",
        "summary": "A laptop was lost.",
        "timeline": {"incident": {"year": 2020, "month": 2, "day": 3}},
        "victim": {
            "victim_id": "Clinic",
            "industry": "622110",
            "country": ["US"],
            "employee_count": "11 to 100",
        },
        "actor": {"external": {"variety": ["Unaffiliated"], "motive": ["Financial"]}},
        "action": {"hacking": {"variety": ["Use of stolen creds"], "vector": ["Web application"]}},
        "attribute": {
            "confidentiality": {
                "data_disclosure": "Yes",
                "data_total": 150,
                "data_victim": ["Patient"],
                "data": [{"variety": "Personal", "amount": 120}, {"variety": "Medical", "amount": 40}],
                "state": ["Stored unencrypted"],
            }
        },
    },
    {
        "incident_id": "I-2",
        "victim": {"country": ["DE"], "industry": "52"},
        "attribute": {
            "confidentiality": {
                "data_disclosure": "Yes",
                "data_total": 9,
                "data": [{"variety": "Credentials"}],
            }
        },
    },
]
TABLE = [
    ["segment", "accounts", "kind", "ssn", "date_of_birth", "email_address"],
    ["current", "1,200", "customer", "25 %", "0.5", "1"],
    ["former", "800", "customer", "0.1", "", "0.25"],
]
REGISTERS = [
    [
        ["Name of Covered Entity", "State", "Covered Entity Type", "Individuals Affected",
         "Breach Submission Date", "Type of Breach", "Location of Breached Information",
         "Business Associate Present", "Web Description"],
        ["Clinic One", "TX", "Healthcare Provider", "1,203", "10/20/2019", "Theft", "Laptop, Paper/Films", "No",
         "text"],
        ["Plan Two", "OH", "Health Plan", "501", "01/02/2023", "Hacking/IT Incident", "Network Server", "Yes",
         "The information included names and Social Security numbers."],
    ],
    [
        ["DateAware", "DateSubmitted", "DataBreachCause", "Name", "Id", "WashingtoniansAffected",
         "InformationType"],
        ["2021-08-01", "2021-08-18", "Cyberattack", "Firm A", "1", "2,000", "Name; Social Security Number"],
        ["2021-08-01", "2021-08-18", "Cyberattack", "Firm B", "2", "700", "Medical Information"],
    ],
]  # fmt: skip
OUTCOMES = [
    ["breach", "year", "country", "sector", "people", "fields", "kind", "amount", "currency", "set_on", "bound",
     "use", "reason", "what_it_is", "source_title", "publisher", "url", "grade", "verified", "note"],
    ["Shop", "2019", "US", "retail", "120000", "full_name;ssn", "settlement", "115000", "USD", "2020-08-15", "",
     "fit", "", "fund", "A title", "A court", "x", "A", "seen", ""],
    ["Clinic, Inc.", "2018", "US", "health", "800", "ssn", "fine", "5000", "EUR", "2019-01-02", "floor",
     "left out", "a reason", "a fine", "A title", "An office", "x", "B", "seen", "note"],
]  # fmt: skip
RECORDS = [
    ["ssn", "full_name", "date_of_birth", "kind", "phone_number"],
    ["900-12-3456", "A B", "1970-01-01", "postpaid", "555-0100"],
    ["", "C D", "unknown", "prepaid", ""],
    ["N/A", "", "1980-02-03", "former", "555-0101"],
]
ODD_TEXTS = (
    "", " ", "0", "-1", "1e999", "NaN", "null", "N/A", "unknown", "1.200", "1,2,3", "9" * 400, "true",
    "2021-02-30", "99/99/9999", "0000-00-00", "Total", "\x1b]0;pwn\x07", "\x1b[2J", "\u202egnp.exe", "\u2028",
    "\ufeff", '"', "'", "=1+1", "<script>alert(1)</script>", "[x](javascript:1)", "%s%n", "((((", "{", "\\",
    "| a | b |", "```", "Social Security Number", "\u6f22\u5b57", "a" * 3000, "1 - 9", "< 5", "12 million",
    "-0", "1_000", "\u0661\u0662", "Infinity", "0x10", "2e3", "50 %", "yes", "../../etc", "a/b", "ssn",
    "full_name", "sim_swap", "postpaid", "2024-03-01", "US", "XX", "\u0000", "x" * 100_000,
)  # fmt: skip
ODD_NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 0.5, 1.5, -0.0, 1e308, 1e-320, float("inf"), float("nan"), 10**13, 10**13 + 1, 2**63, 10**30,
    10**4000, 1e22, 0.1 + 0.2, 5e-324, True, False,
)  # fmt: skip
NAMES = ("name", "kind", "accounts", "fields", "coverage", "sources", "low", "mode", "high", "value", "unit",
         "status", "note", "quantiles", "samples", "segments", "leaks", "scale", "Name", "PwnCount", "data",
         "day", "x", "", "\x1b[31m", "a" * 300)  # fmt: skip
Document = Any


def odd(rng: random.Random, *, plain: bool = False) -> Any:
    """Return a value that does not belong where it is put."""
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(ODD_TEXTS)
    if kind < 0.8:
        return rng.choice(ODD_NUMBERS)
    if kind < 0.9 or plain:
        return rng.choice([[], {}, [[]], [1, "x"], {"a": 1}, ["x"] * 50, [{}], {"low": 1, "high": 0}])
    deep: Any = rng.choice([[], {}])
    for _ in range(rng.choice([3, 30, 300])):
        deep = [deep] if rng.random() < 0.5 else {"a": deep}
    return deep


def near(value: Any, rng: random.Random) -> Any:
    """Return another value of the same type, which may well be meant."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        factor = rng.choice([0, 0.5, 0.9, 2, 10, 1000, -1])
        try:
            return type(value)(value * factor)
        except (OverflowError, ValueError):  # beyond every float, or no number
            return -value
    if isinstance(value, str):
        return rng.choice(
            [value.upper(), value + "s", value[1:], f" {value}", value * 2, value.replace("_", " ")]
        )
    return value


def places(value: Document) -> list[tuple[Any, Any]]:
    """Every list and table inside a document, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        one = stack.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            stack.append(one[key])
    return found


def changed(document: Document, rng: random.Random) -> Document:
    """Return a document with one to four changes of its tree."""
    tree = copy.deepcopy(document)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 4])):
        spots = places(tree)
        if not spots:
            return odd(rng)
        holder, key = rng.choice(spots)
        act = rng.random()
        if act < 0.3:
            holder[key] = near(holder[key], rng)
        elif act < 0.55:
            holder[key] = odd(rng)
        elif act < 0.65:
            del holder[key]
        elif act < 0.7 and isinstance(holder, dict):
            holder[rng.choice([*NAMES, *ODD_TEXTS])] = holder.pop(key)
        elif act < 0.8:
            other, place = rng.choice(spots)
            holder[key] = copy.deepcopy(other[place]) if place in _keys(other) else odd(rng)
        elif act < 0.9 and isinstance(holder, list):
            holder += [copy.deepcopy(holder[key])] * rng.choice([1, 2, 300])
        elif isinstance(holder, dict):
            holder[rng.choice(NAMES)] = odd(rng)
        else:
            holder.insert(0, odd(rng))
    return tree


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def as_toml(tree: Document) -> str:
    """Return TOML text; what TOML cannot hold is written as text."""
    try:
        return tomli_w.dumps(tree if isinstance(tree, dict) else {"value": tree})
    except RecursionError:  # the writer is not as deep as the input
        return f"segments = {'[' * 300}{']' * 300}\n"


def as_json(tree: Document, rng: random.Random) -> str:
    """Return JSON text in one of the forms that lists come in."""
    if isinstance(tree, list) and rng.random() < 0.1:
        return "\n".join(json.dumps(one) for one in tree)
    return json.dumps(tree, indent=rng.choice([None, 1]))


def rows_of(rows: list[list[str]], rng: random.Random) -> list[list[Any]]:
    """Return rows with odd cells, or with rows and columns taken out, doubled or moved."""
    made: list[list[Any]] = [list(row) for row in rows]
    for _ in range(rng.choice([1, 1, 2, 3])):
        act, row = rng.random(), rng.randrange(len(made))
        if act < 0.6 and made[row]:
            value = odd(rng, plain=True)
            made[row][rng.randrange(len(made[row]))] = (
                value if isinstance(value, (str, int, float)) else str(value)
            )
        elif act < 0.7:
            made.insert(row, list(made[row]))
        elif act < 0.75 and len(made) > 1:
            del made[row]
        elif act < 0.85:
            column = rng.randrange(max(map(len, made)) or 1)
            for one in made:
                one[column : column + 1] = [] if rng.random() < 0.9 else [1, 2]
        elif act < 0.95:
            made[row] = made[row] + [str(odd(rng, plain=True))]
        else:
            made += [list(made[row]) for _ in range(rng.choice([3, 40, 1500]))]
    return made or [[]]


def as_csv(rows: list[list[Any]], rng: random.Random) -> str:
    """Return CSV text with one of the usual delimiters."""
    text = io.StringIO()
    csv.writer(text, delimiter=rng.choice(",,,;\t|")).writerows(
        [_printable(cell) for cell in row] for row in rows
    )
    return text.getvalue()


def _printable(cell: Any) -> Any:
    return repr(cell.bit_length()) if isinstance(cell, int) and cell.bit_length() > 10_000 else cell


def as_xlsx(rows: list[list[Any]], rng: random.Random) -> bytes:
    """Return a workbook, at times with a hostile sheet inside."""
    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    sheet = book.active
    for row, cells in enumerate(rows[:200], start=1):
        for column, cell in enumerate(cells, start=1):
            try:
                sheet.cell(row, column).value = (
                    _printable(cell) if not isinstance(cell, str) else cell[:30_000]
                )
            except (IllegalCharacterError, ValueError):
                continue
    out = io.BytesIO()
    book.save(out)
    return _hostile(out.getvalue(), rng) if rng.random() < 0.4 else out.getvalue()


def _hostile(raw: bytes, rng: random.Random) -> bytes:
    """A workbook whose parts were changed by hand."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet1.xml"
    act = rng.randrange(9)
    far = rng.choice([b"999999999999", b"1048576", b"200000", b"30000", b"-5", b"0", b"1e5"])
    if act == 0:
        row = b'<row r="' + far + b'"><c r="A' + far + b'"><v>1</v></c></row></sheetData>'
        parts[name] = parts[name].replace(b"</sheetData>", row)
    elif act == 1:
        cell = (
            b'<row r="9"><c r="'
            + rng.choice([b"XFD9", b"ZZZZZ9", b"9", b"A", b"ALL9"])
            + b'"><v>1</v></c></row>'
        )
        parts[name] = parts[name].replace(b"</sheetData>", cell + b"</sheetData>")
    elif act == 2:
        many = b"<row><c><v>1</v></c></row>" * rng.choice([1_000, 100_000, 3_000_000])
        parts[name] = parts[name].replace(b"</sheetData>", many + b"</sheetData>")
    elif act == 3:
        del parts[rng.choice(list(parts))]
    elif act == 4:
        part = rng.choice(list(parts))
        parts[part] = as_bytes(parts[part], rng)
    elif act == 5:
        laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        parts[name] = laughs + parts[name].replace(b"<v>1</v>", b"<v>&b;</v>")
    elif act == 6:
        area = rng.choice(
            [b"A1:B1", b"A1:B3", b"A2:C90", b"A1:ALL100", b"A1:ZZ20000", b"A1:XFD1048576", b"B9:A1"]
        )
        merged = b'</sheetData><mergeCells><mergeCell ref="' + area + b'"/></mergeCells>'
        parts[name] = parts[name].replace(b"</sheetData>", merged)
    elif act == 7:
        parts["xl/sharedStrings.xml"] = b"<sst>" + b"<si><t>a</t></si>" * 200_000 + b"</sst>"
    else:
        parts[name] = parts[name].replace(b' r="', b" r='").replace(b'"', b"'")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in parts.items():
            book.writestr(part, content)
    return out.getvalue()


def as_bytes(raw: bytes, rng: random.Random) -> bytes:
    """Return bytes cut, mixed or in another encoding."""
    made = bytearray(raw)
    act = rng.randrange(6)
    if act == 0:
        return bytes(made[: rng.randrange(len(made) + 1)])
    if act == 1:
        for _ in range(rng.randrange(1, 6)):
            if made:
                made[rng.randrange(len(made))] = rng.randrange(256)
        return bytes(made)
    if act == 2:
        start = rng.randrange(len(made) + 1)
        return bytes(made[:start] + made[start + rng.randrange(1, 60) :])
    if act == 3:
        text = raw.decode("utf-8", "replace")
        return text.encode(rng.choice(["utf-16", "utf-16-be", "utf-32", "cp1252", "utf-8-sig"]), "replace")
    if act == 4:
        start = rng.randrange(len(made) + 1)
        return (
            bytes(made[:start]) + rng.choice(ODD_TEXTS).encode("utf-8", "surrogatepass") + bytes(made[start:])
        )
    return raw * rng.choice([2, 3])


def special(folder: Path, ending: str, rng: random.Random) -> Path:
    """Return a path that is no ordinary file."""
    path = folder / f"special{ending}"
    makers: list[Callable[[], Path]] = [
        lambda: (os.mkfifo(path), path)[1],
        lambda: (path.mkdir(), path)[1],
        lambda: (path.symlink_to(path), path)[1],
        lambda: (path.symlink_to("/dev/zero"), path)[1],
        lambda: (path.symlink_to(folder / "nothing"), path)[1],
        lambda: (path.touch(), path)[1],
        lambda: folder / f"missing{ending}",
        lambda: folder / f"{'n' * 100_000}{ending}",
        lambda: folder / f"zero\x00sign{ending}",
        lambda: Path("/dev/zero"),
        lambda: folder / "file" / f"below{ending}",
    ]
    (folder / "file").touch()
    return rng.choice(makers)()
