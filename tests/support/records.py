"""A small table of records with known cells."""

from __future__ import annotations

from datetime import date
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


def cells(found: Exposure) -> dict[tuple[str, frozenset[str]], int]:
    """Return the cells as plain data."""
    columns = zip(found.groups, found.masks.tolist(), found.accounts.tolist(), strict=True)
    plain = {(group, frozenset(fields.names(mask))): accounts for group, mask, accounts in columns}
    assert len(plain) == len(found.masks)
    return plain
