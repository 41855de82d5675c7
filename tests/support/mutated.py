"""Files of every import format, all invented, and what becomes of files: cut, mixed, misspelled."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from support.imports import entry, incident, part

HHS = """Name of Covered Entity,State,Covered Entity Type,Individuals Affected,Breach Submission Date,\
Type of Breach,Location of Breached Information,Business Associate Present,Web Description
Clinic One,TX,Healthcare Provider,"1,203",10/20/2019,Theft,"Laptop, Paper/Films",No,text
Plan Two,OH,Health Plan,501,01/02/2023,Hacking/IT Incident,Network Server,Yes,
Plan Three,WA,Health Plan,88210,01/02/2023,Hacking/IT Incident,Email,No,\
"The information included names, Social Security numbers and diagnoses."
"""
WASHINGTON = """DateAware,DateSubmitted,DataBreachCause,Name,Id,WashingtoniansAffected,InformationType
2021-08-01,2021-08-18,Cyberattack,Firm A,1,"2,000",Name; Social Security Number
2021 Aug 01 12:00:00 AM,2021 Aug 18 12:00:00 AM,Cyberattack,Firm B,2,700,Name
2021 Aug 01 12:00:00 AM,2021 Aug 18 12:00:00 AM,Cyberattack,Firm B,2,700,Medical Information
"""
CLEARINGHOUSE = """id|org_name|reported_date|breach_date|information_affected|organization_type|breach_type|\
group_uuid|total_affected|residents_affected|source
1|Loans Inc|2023-05-01|2023-03-02|Names, Social Security numbers|BSF|HACK|g1|12000|40|Maine AG
2|Loans, Inc.|2023-05-03|UNKN|Names; bank account numbers|BSF|HACK|g1|UNKN|77|Montana AG
3|Clinic|2023-06-01|UNKN|UNKN|MED|PORT|g3|7201|UNKN|US HHS
"""
TABLE = """segment,accounts,kind,ssn,date_of_birth,email_address
current,"1,200",customer,25 %,0.5,1
former,800,customer,unknown,,0.25
"""
MASSACHUSETTS = """Breach Number,Date Reported To OCA,Reporting Organization Name,MA Residents Affected,\
SSN Breached,Medical Records Breached,Credit/Debit Numbers Breached
2026-1,24-Aug-26,Inn Insurance,40,Yes,Yes,
2026-2,24-Aug-26,Union Credit,400,,No,Yes
"""
_HIBP = [
    entry(
        "Email addresses",
        "Passwords",
        "Names",
        Description="Stored as <em>bcrypt</em> hashes.",
        IsVerified=True,
    ),
    entry(
        "Social security numbers",
        "Dates of birth",
        Name="Other",
        Title="Other",
        PwnCount=77,
        Domain="a.example",
    ),
]
_VERIS = [
    incident(
        [part("Personal", 120), part("Medical", 40), part("Unknown")],
        data_total=150,
        state=["Stored unencrypted"],
    )
    | {"timeline": {"incident": {"year": 2020, "month": 2, "day": 3}}, "victim": {"victim_id": "Shop"}},
    incident([part("Credentials")], data_total=9) | {"incident_id": "I-2"},
]
FILES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "hibp": ((".json", json.dumps(_HIBP)), (".json", json.dumps(_HIBP[0], indent=1))),
    "veris": ((".json", json.dumps(_VERIS)), (".json", json.dumps(_VERIS[0], indent=1))),
    "table": ((".csv", TABLE), (".tsv", TABLE.replace('"1,200"', "1200").replace(",", "\t"))),
    "register": (
        *((".csv", text) for text in (HHS, WASHINGTON, CLEARINGHOUSE, MASSACHUSETTS)),
        (".json", json.dumps(list(csv.DictReader(io.StringIO(WASHINGTON))))),
    ),
}
"""Ending and text of good files, by format."""
ODD = (
    "", " ", "0", "-1", "1e999", "NaN", "null", "N/A", "unknown", "1.200", "1,2,3", "9" * 400, "true",
    "500", "501", "2021-02-30", "99/99/9999", "0000-00-00", "Total", "\x00", "\x1b[31m", "\ud7ff",
    "\u2028", "\ufeff", '"', "'", "=1+1", "<script>", "%s%n", "((((", "[[[[", "{", "\\", ";;;;", "||||",
    "Social Security Number", "no names", "\u6f22\u5b57", "a" * 3000, "1 - 9", "< 5",
    "approximately 12", "12 million", '["Name"]', '{"SSN": 1}', "-0", "1_000", "\u0661\u0662",
    "Infinity", "0x10", "2e3", "50 %", "yes", "None",
)  # fmt: skip
"""Values that do not belong where they are put."""


def _cut(text: str, rng: random.Random) -> str:
    """Return the beginning only, as after a broken download."""
    return text[: rng.randrange(len(text) + 1)]


def _drop(text: str, rng: random.Random) -> str:
    """Return the text without a stretch of it."""
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.randrange(1, 40) :]


def _insert(text: str, rng: random.Random) -> str:
    """Return the text with something odd inside."""
    start = rng.randrange(len(text) + 1)
    return text[:start] + rng.choice(ODD) + text[start:]


def _swap(text: str, rng: random.Random) -> str:
    """Return the text with one sign in place of another wherever it stands."""
    signs = sorted(set(text)) or [" "]
    return text.replace(rng.choice(signs), rng.choice(signs))


def _lines(text: str, rng: random.Random) -> str:
    """Return the lines in another order, some twice and some never."""
    lines = text.split("\n")
    return "\n".join(rng.choice(lines) for _ in range(rng.randrange(1, len(lines) + 3)))


def _cell(text: str, rng: random.Random) -> str:
    """Return the text with an odd value in one of its cells."""
    lines = text.split("\n")
    index = rng.randrange(len(lines))
    sign = max(",|\t", key=lines[index].count)
    cells = lines[index].split(sign)
    cells[rng.randrange(len(cells))] = rng.choice(ODD)
    lines[index] = sign.join(cells)
    return "\n".join(lines)


def _value(text: str, rng: random.Random) -> str:
    """Return a JSON text with an odd value, a wrong type or a missing key somewhere; other text unchanged."""
    try:
        value = json.loads(text)
    except ValueError:
        return _cell(text, rng)
    places = list(_places(value))
    if not places:
        return json.dumps(rng.choice(ODD))
    holder, key = rng.choice(places)
    other: Any = rng.choice([*ODD, None, True, 0, -1, 1.5, 10**30, [], {}, [[]], [None], {"a": 1}, ["x", 1]])
    if rng.random() < 0.2:
        del holder[key]
    elif rng.random() < 0.2 and isinstance(holder, dict):
        holder[rng.choice(ODD)] = holder.pop(key)
    else:
        holder[key] = other
    return json.dumps(value)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every list and object inside a value, with each of its keys."""
    if isinstance(value, dict):
        found: list[tuple[Any, Any]] = [(value, key) for key in value]
        return found + [place for part in value.values() for place in _places(part)]
    if isinstance(value, list):
        found = [(value, index) for index in range(len(value))]
        return found + [place for part in value for place in _places(part)]
    return []


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _cut, _drop, _insert, _swap, _lines, _cell, _cell, _value, _value, _value,
)  # fmt: skip


def mutated(form: str, number: int) -> tuple[str, bytes]:
    """Return the ending and the bytes of a mutated file; the same number gives the same file.

    Up to three mutations, then one of several encodings, and at times a few wrong bytes.
    """
    rng = random.Random(f"{form} {number}")
    ending, text = FILES[form][number % len(FILES[form])]
    # Most files stay JSON or a table: what cannot be parsed at all is refused before anything is read.
    gentle = rng.random() < 0.7
    for _ in range(rng.randrange(1, 4)):
        text = (_value if gentle else rng.choice(MUTATIONS))(text, rng)
    encoding = rng.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "cp1252", "utf-16-be"])
    raw = bytearray(text.encode(encoding, errors="replace"))
    if raw and rng.random() < 0.15:
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    return ending, bytes(raw)
