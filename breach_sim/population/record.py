"""Single records by row number, as Python values, in well under a millisecond.

A record is a dict from column to value, equal to the row of a streamed block. Its attributes are those of
`laws`, computed for one row; its texts are those of `identifiers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from breach_sim.inputs.fields import FIELD_NAMES, mask
from breach_sim.population.cells import CONTRACTS, FORMER
from breach_sim.population.draws.chance import ScalarOps
from breach_sim.population.laws import PIN_TAILS, PLANS, RowAttributes
from breach_sim.population.values import identifiers
from breach_sim.population.values.columns import (
    ACCOUNT_ID,
    LETTERS,
    LINE_ID,
    PERSON_ID,
    SEXES,
    SUBSCRIBERS,
    columns_of,
)
from breach_sim.population.values.geography import AREA_CODES
from breach_sim.population.world import EPOCH, SIDE, World

if TYPE_CHECKING:
    import pandas as pd

Record: TypeAlias = "dict[str, str | int | date | bool | None]"
"""One subscriber: column name to value."""

_BITS: Final = {name: mask([name]) for name in FIELD_NAMES}


def attributes_of_row(world: World, row: int) -> RowAttributes:
    """Return the attributes of one row.

    Parameters
    ----------
    world
        The population.
    row
        Row number.

    Returns
    -------
    RowAttributes
        Attributes as single numbers.
    """
    seat = world.cells.position(row)
    return RowAttributes(world, ScalarOps, seat, row - seat.slot)


def record_of(world: World, row: int, leaked: int | None = None) -> Record:
    """Return one record.

    Parameters
    ----------
    world
        The population.
    row
        Row number, already checked to be in range.
    leaked
        Fields to show instead of those that leaked. [bit set]

    Returns
    -------
    dict
        Value by column, in the order of the table.
    """
    attributes = attributes_of_row(world, row)
    own: int = world.cells.masks[attributes.positions.cell]
    shown = own if leaked is None else leaked
    record: Record = {
        column.name: _MAKERS[column.name](attributes)
        if not column.field or shown & _BITS[column.field]
        else None
        for column in SUBSCRIBERS
    }
    for name in world.traits:
        record[name] = attributes.trait(name)
    record["leaked_fields"] = shown
    record["synthetic"] = True
    return record


def frame_of(world: World, rows: Sequence[int]) -> pd.DataFrame:
    """Return records as a data frame, without PyArrow: for some thousand rows.

    Parameters
    ----------
    world
        The population.
    rows
        Row numbers, already checked to be in range.

    Returns
    -------
    pandas.DataFrame
        The same as from blocks. Index: row numbers. Dates as ``datetime64``, nulls as missing values.
    """
    import pandas as pd

    records = [record_of(world, row) for row in rows]
    kinds = {"id": "int64", "date": "datetime64[ms]", "mask": "uint64", "flag": "bool"}
    index = pd.Index(np.array(rows, dtype=np.int64), name="row")
    text = pd.Series(["a"]).dtype
    columns = {
        column.name: pd.Series(
            [record[column.name] for record in records], index, kinds.get(column.kind, text)
        )
        for column in columns_of("subscribers", world.traits)
    }
    return pd.DataFrame(columns, index)


def devices_of(world: World, row: int) -> list[Record]:
    """Return the handsets of one line, oldest first, whether or not they leaked.

    Parameters
    ----------
    world
        The population.
    row
        Row number, already checked to be in range.

    Returns
    -------
    list of dict
        One to eight.
    """
    attributes = attributes_of_row(world, row)
    first, last, count, days = attributes.handsets
    starts = [device_start(attributes, first, last, days, number) for number in range(count)]
    ends = [*(start - 1 for start in starts[1:]), last]
    return [
        {
            "line_id": LINE_ID + row,
            "imei": _imei(attributes, count - 1 - number),
            "first_seen": _date(starts[number]),
            "last_seen": _date(ends[number]),
            "synthetic": True,
        }
        for number in range(count)
    ]


def device_start(attributes: RowAttributes, first: Any, last: Any, days: Any, number: Any) -> Any:
    """Return the first day of a handset: even steps, each delayed by up to a quarter of a step.

    Parameters
    ----------
    attributes
        Attributes of the lines, one per handset.
    first, last, days
        As in `RowAttributes.handsets`.
    number
        Number of the handset of the line, starting at 0.

    Returns
    -------
    Days since 1970.
    """
    late = attributes.ops.below(attributes.word("handset late", attributes.row * 8 + number), days // 4)
    start = first + number * days + late * (number > 0)
    return attributes.ops.minimum(start, last)


def email_text(named: object, name: str, number: int, domain: int) -> str:
    """Return an email address.

    Parameters
    ----------
    named
        Whether it contains the name.
    name
        First and last name as written in email addresses, joined by a dot.
    number
        Eight digits.
    domain
        Index in the reserved domains.

    Returns
    -------
    str
        ``name.########@domain``.
    """
    return f"{name if named else 'user'}.{number:08d}@{identifiers.EMAIL_DOMAINS[domain]}"


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def _imei(attributes: RowAttributes, slot: int) -> str:
    top, left, right = attributes.imei(slot)
    return identifiers.imei(top * SIDE * SIDE + left * SIDE + right)


def _joined(attributes: RowAttributes, name: str) -> str:
    pool = getattr(attributes.world.pools, name).pool
    return "".join(pool[place] for place in attributes.pieces(name))


def _phone(attributes: RowAttributes) -> str:
    code, exchange, line = attributes.phone
    return f"{AREA_CODES[code]}-{exchange:03d}-{line:04d}"


def _pin(attributes: RowAttributes) -> str:
    head, tail = attributes.pin
    return f"{head:04d}{PIN_TAILS[tail]}"


def _email(attributes: RowAttributes) -> str:
    named, domain, left, right = attributes.email
    source = attributes.world.pools
    name = f"{source.first_mail[attributes.first_name]}.{source.last_mail[attributes.last_name]}"
    return email_text(named, name, left * SIDE + right, domain)


def _numbered(make: Callable[[int], str], groups: tuple[int, int, int]) -> str:
    top, left, right = groups
    return make((top * SIDE + left) * SIDE + right)


_MAKERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "person_id": lambda attributes: PERSON_ID + attributes.row,
    "account_id": lambda attributes: ACCOUNT_ID + attributes.account,
    "line_id": lambda attributes: LINE_ID + attributes.row,
    "segment": lambda attributes: attributes.world.cells.names[
        attributes.world.cells.segments.numbers[attributes.positions.cell]
    ],
    "account_type": lambda attributes: CONTRACTS[attributes.positions.contract],
    "first_name": lambda attributes: attributes.world.pools.first_names[attributes.first_name],
    "middle_initial": lambda attributes: LETTERS[attributes.initial],
    "last_name": lambda attributes: attributes.world.pools.last_names[attributes.last_name],
    "sex": lambda attributes: SEXES[attributes.sex],
    "date_of_birth": lambda attributes: _date(attributes.born),
    "ssn": lambda attributes: identifiers.ssn(attributes.ssn),
    "drivers_license_number": lambda attributes: identifiers.drivers_license_number(
        attributes.licence[0] * SIDE + attributes.licence[1]
    ),
    "dl_state": lambda _attributes: identifiers.DRIVERS_LICENSE_STATE,
    "phone_number": _phone,
    "imsi": lambda attributes: _numbered(identifiers.imsi, attributes.imsi),
    "imei": lambda attributes: _imei(attributes, 0),
    "iccid": lambda attributes: _numbered(identifiers.iccid, attributes.iccid),
    "account_pin": _pin,
    "street_address": lambda attributes: _joined(attributes, "street"),
    "city": lambda attributes: _joined(attributes, "city"),
    "state": lambda attributes: attributes.world.pools.regions[attributes.region],
    "zip_code": lambda attributes: f"{attributes.zip_code:05d}",
    "email": _email,
    "service_plan": lambda attributes: PLANS[attributes.plan],
    "opened_on": lambda attributes: _date(attributes.opened),
    "closed_on": lambda attributes: (
        _date(attributes.closed) if attributes.positions.contract == FORMER else None
    ),
}
