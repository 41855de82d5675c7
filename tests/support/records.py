"""A small table of records with known cells."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from breach_sim.engine.exposure import Exposure
from breach_sim.inputs import fields

BORN = date(1980, 5, 1)

ROWS: dict[str, list[Any]] = {
    "kind": ["prepaid", "prepaid", "postpaid", None, "prepaid", "postpaid"],
    "first": ["Ann", "", None, "Ben", "Cleo", "Dora"],
    "last": ["Ash", "Birch", None, None, "Cherry", "Date"],
    "ssn": ["900-00-0001", "", None, "900-00-0002", "900-00-0003", "900-00-0004"],
    "born": [BORN, None, None, BORN, BORN, BORN],
    "pin": [1234, None, 77, 0, 4321, 1],
    "income": [1.0, None, 2.0, None, 0.0, 3.0],
    "photo": [True, False, None, True, True, False],
}

COLUMNS = {
    "first": "full_name",
    "last": "full_name",
    "ssn": ("ssn", "ssn_last4"),
    "born": "date_of_birth",
    "pin": "account_pin",
    "income": "income",
    "photo": "photo",
}

ALL = "full_name date_of_birth ssn ssn_last4 account_pin income photo"

CELLS = {
    ("prepaid", frozenset(ALL.split())): 2,
    ("prepaid", frozenset({"full_name"})): 1,
    ("postpaid", frozenset({"account_pin", "income"})): 1,
    ("unknown", frozenset(ALL.split()) - {"income"}): 1,
    ("postpaid", frozenset(ALL.split()) - {"photo"}): 1,
}

MASKS = [fields.mask(ALL.split()), 1, fields.mask(["income"]), 0, 1, 1 << 56]

TABLE = pa.table(ROWS | {"leaked_fields": pa.array(MASKS, pa.int64())})


EMPTY: dict[str, pa.Array] = {
    "ssn": pa.array(["900-00-0004", None, "", " \u3000", "N/A", "000-00-0000", "xxx-xx-xxxx", "900-00-0001"]),
    "email_address": pa.array(
        ["a@b.c", "none@none.com", "unknown", "-", None, "?", "\u00a0", "d@e.f"]
    ).dictionary_encode(),
    "full_name": pa.array(["Ann A", "NULL", "nan", "None", "#N/A", "n.a.", ".", "Bo B"], pa.large_string()),
    "date_of_birth": pa.array(
        [date(1980, 1, 2), date(1900, 1, 1), date(9999, 12, 31), None, date(1899, 12, 30), date(1901, 1, 1),
         date(1, 1, 1), date(1970, 1, 1)]
    ),
    "phone_number": pa.array([2125550100, 0, 9999999999, None, -1, 5555555, 1234567890, 2125550101]),
    "geolocation": pa.array([1.5, math.nan, None, 0.0, math.nan, None, None, 2.5]),
    "credit_score": pa.array([700, 0, None, None, 0, None, 0, 710], pa.int16()),
    "tax_id": pa.array(
        [Decimal(900123456), Decimal(0), None, Decimal(999999999), None, None, None, Decimal(900123457)],
        pa.decimal128(12, 0),
    ),
    "photo": pa.array([b"\x89", b"", None, b"", b"", None, None, b"x"]),
    "imei_history": pa.array([["a"], [], None, [None], ["", "n/a"], [None, " "], [], ["b", None]]),
    "medical_record": pa.array(
        [{"a": "b", "n": None}, {"a": None, "n": None}, None, {"a": "", "n": None}, {"a": "N/A", "n": None},
         {"a": None, "n": None}, {"a": " ", "n": None}, {"a": None, "n": 1}],
        pa.struct([("a", pa.string()), ("n", pa.int64())]),
    ),
    "device_info": pa.array(
        [[("os", "a")], [], None, [("os", None)], [("os", "")], [("os", "n/a")], [],
         [("os", None), ("v", "b")]],
        pa.map_(pa.string(), pa.string()),
    ),
    "biometric_fingerprint": pa.array([True, False, None, False, False, None, None, True]),
    "transaction_history": pa.array(
        [[{"x": [1]}], [], None, [None], [{"x": []}], [{"x": None}], [{"x": [None]}], [{"x": [2]}, None]]
    ),
    "cell_location": pa.array([datetime(2020, 1, 1), *[None] * 6, datetime(2021, 1, 1)]),  # noqa: DTZ001
}  # fmt: skip
"""Every type and kind of emptiness: the first and last row of a column hold something, the others nothing."""


def cells(found: Exposure) -> dict[tuple[str, frozenset[str]], int]:
    """Return the cells as plain data."""
    columns = zip(found.groups, found.masks.tolist(), found.accounts.tolist(), strict=True)
    plain = {(group, frozenset(fields.names(mask))): accounts for group, mask, accounts in columns}
    assert len(plain) == len(found.masks)
    return plain
