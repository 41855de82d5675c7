"""The columns of the two tables: names, fields, kinds, and their Arrow schema.

`SUBSCRIBERS` lists every column with the field with which it leaks: a value is present if and only if this
field leaked for the row. Columns without a field are *structural* and always present (ids, segment, account
type, traits, the mask, the mark). There is one exception: `closed_on` also requires a closed account.

Not here: computing the columns (`blocks`), and single records (`record`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa


if TYPE_CHECKING:
    import pyarrow as pa

PERSON_ID: Final = 1_000_000_000
ACCOUNT_ID: Final = 2_000_000_000
LINE_ID: Final = 3_000_000_000
"""Where the ids of each entity begin: the first digit tells which it is, the others the row."""
MAX_ROWS: Final = 1_000_000_000
"""Rows that nine digits of an id can tell apart."""
SEXES: Final = ("F", "M")
LETTERS: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        Name in the table.
    field
        Field with which it leaks; empty for a structural column.
    kind
        ``text``, ``code`` (text from a small dictionary), ``id``, ``date``, ``mask`` or ``flag``.
    meaning
        Short description for the data card.
    """

    name: str
    field: str
    kind: str
    meaning: str


SUBSCRIBERS: Final = (
    Column("person_id", "", "id", "the person; 1 and nine digits"),
    Column("account_id", "", "id", "the account, shared by the lines of a family plan; 2 and nine digits"),
    Column("line_id", "", "id", "the line, of an applicant the one applied for; 3 and nine digits"),
    Column("segment", "", "code", "segment of the scenario"),
    Column("account_type", "", "code", "kind of contract"),
    Column("first_name", "full_name", "code", "given name, from Faker's pool for the person's sex"),
    Column("middle_initial", "full_name", "code", "a letter; of first letters of Faker's names of that sex"),
    Column("last_name", "full_name", "code", "family name, from Faker's pool; families mostly share it"),
    Column("sex", "gender", "code", "F or M"),
    Column("date_of_birth", "date_of_birth", "date", "an adult on day zero and when the line was opened"),
    Column("ssn", "ssn", "text", "`AAA-GG-SSSS`"),
    Column("drivers_license_number", "drivers_license_number", "text", "`ZZ` and 8 digits"),
    Column("dl_state", "drivers_license_number", "code", "issuing state, always `XX`"),
    Column("phone_number", "phone_number", "text", "`NPA-NXX-XXXX` with a real area code"),
    Column("imsi", "imsi", "text", "15 digits"),
    Column("imei", "imei", "text", "15 digits with a right Luhn digit; the present handset"),
    Column("iccid", "iccid", "text", "19 digits with a right Luhn digit"),
    Column("account_pin", "account_pin", "text", "4 to 6 digits, one for all lines of an account"),
    Column("street_address", "postal_address", "text", "number and street, perhaps a flat; of the account"),
    Column("city", "postal_address", "text", "of the account; not matched to the state"),
    Column("state", "postal_address", "code", "the one of the phone's area code; of the account"),
    Column("zip_code", "postal_address", "text", "five digits in the range of the state; of the account"),
    Column("email", "email_address", "text", "mostly from the name"),
    Column("service_plan", "service_plan", "code", "rate plan, of the kind of the contract"),
    Column("opened_on", "service_plan", "date", "day the line was opened"),
    Column("closed_on", "service_plan", "date", "day the line was closed; of former accounts only"),
)
"""Columns of the subscribers, before the traits."""
LAST: Final = (
    Column("leaked_fields", "", "mask", "fields that leaked, a bit each in the order of the vocabulary"),
    Column("synthetic", "", "flag", "always true"),
)
"""Columns after the traits."""
DEVICES: Final = (
    Column("line_id", "", "id", "the line, as in the subscribers"),
    Column("imei", "imei_history", "text", "15 digits with a right Luhn digit"),
    Column("first_seen", "imei_history", "date", "first day in the line, not before it was opened"),
    Column("last_seen", "imei_history", "date", "last day in the line; day zero for the present handset"),
    Column("synthetic", "", "flag", "always true"),
)
"""Columns of the handsets; a line has rows there if and only if its `imei_history` leaked."""
COLUMN_FIELDS: Final[Mapping[str, str]] = MappingProxyType({c.name: c.field for c in SUBSCRIBERS if c.field})
"""Column of the subscribers to the field with which it leaks."""


def columns_of(table: str, traits: Mapping[str, object]) -> tuple[Column, ...]:
    """Return the columns of a table.

    Parameters
    ----------
    table
        ``subscribers`` or ``devices``.
    traits
        Traits of the population.

    Returns
    -------
    tuple of Column
        In the order of the table.
    """
    if table == "devices":
        return DEVICES
    of_traits = (
        Column(name, "", "flag", "a trait that an attack reads; drawn by its share") for name in traits
    )
    return (*SUBSCRIBERS, *of_traits, *LAST)


def schema_of(table: str, traits: Mapping[str, object]) -> pa.Schema:
    """Return the Arrow schema of a table.

    Parameters
    ----------
    table
        ``subscribers`` or ``devices``.
    traits
        Traits of the population.

    Returns
    -------
    pyarrow.Schema
        Structural columns are not nullable.
    """
    import pyarrow as pa

    kinds = {
        "text": pa.string(),
        "code": pa.dictionary(pa.int32(), pa.string()),
        "id": pa.int64(),
        "date": pa.date32(),
        "mask": pa.uint64(),
        "flag": pa.bool_(),
    }
    columns = columns_of(table, traits)
    return pa.schema([pa.field(c.name, kinds[c.kind], nullable=bool(c.field)) for c in columns])


TABLES: Final = ("subscribers", "devices")
"""Tables of a population."""
BLOCK_ROWS: Final = 65_536
"""Rows of subscribers in a block; fixed in the format."""
FORMAT: Final = 1
"""Version of the format: rises whenever the same arguments would give other rows."""
