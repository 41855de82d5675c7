"""One record by its number, in Python's own values and in well under a millisecond.

The quantity is a dict: column to value, the same as the row of a streamed block. The laws are those of
`laws`, told with the kit for single numbers; the texts are those of `identifiers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from breach_sim.inputs.fields import FIELD_NAMES, mask
from breach_sim.population.cells import CONTRACTS, FORMER
from breach_sim.population.draws.chance import Numbers
from breach_sim.population.laws import PIN_TAILS, PLANS, Facts
from breach_sim.population.values import identifiers
from breach_sim.population.values.columns import ACCOUNT_ID, LETTERS, LINE_ID, PERSON_ID, SEXES, SUBSCRIBERS
from breach_sim.population.values.geography import AREA_CODES
from breach_sim.population.world import EPOCH, SIDE, World

Record: TypeAlias = "dict[str, str | int | date | bool | None]"
"""One subscriber: column name to value."""

_BITS: Final = {name: mask([name]) for name in FIELD_NAMES}


def facts_of_row(world: World, row: int) -> Facts:
    """What is true of one row.

    Parameters
    ----------
    world
        The population.
    row
        Row number.

    Returns
    -------
    Facts
        Over single numbers.
    """
    seat = world.cells.seat(row)
    return Facts(world, Numbers, seat, row - seat.slot)


def record_of(world: World, row: int, leaked: int | None = None) -> Record:
    """One record.

    Parameters
    ----------
    world
        The population.
    row
        Row number, known to be in range.
    leaked
        Fields to show in place of those that leaked. [bit set]

    Returns
    -------
    dict
        Column to value, in the order of the table.
    """
    facts = facts_of_row(world, row)
    own: int = world.cells.masks[facts.seats.cell]
    shown = own if leaked is None else leaked
    record: Record = {
        column.name: _MAKERS[column.name](facts) if not column.field or shown & _BITS[column.field] else None
        for column in SUBSCRIBERS
    }
    for name in world.traits:
        record[name] = facts.trait(name)
    record["leaked_fields"] = shown
    record["synthetic"] = True
    return record


def devices_of(world: World, row: int) -> list[Record]:
    """Handsets of one line, the oldest first, whether or not they leaked.

    Parameters
    ----------
    world
        The population.
    row
        Row number, known to be in range.

    Returns
    -------
    list of dict
        One to eight.
    """
    facts = facts_of_row(world, row)
    first, last, count, days = facts.handsets
    starts = [device_start(facts, first, last, days, number) for number in range(count)]
    ends = [*(start - 1 for start in starts[1:]), last]
    return [
        {
            "line_id": LINE_ID + row,
            "imei": _imei(facts, count - 1 - number),
            "first_seen": _date(starts[number]),
            "last_seen": _date(ends[number]),
            "synthetic": True,
        }
        for number in range(count)
    ]


def device_start(facts: Facts, first: Any, last: Any, days: Any, number: Any) -> Any:
    """First day of a handset: even steps, each later by up to a quarter of a step.

    Parameters
    ----------
    facts
        Of the lines, one for each handset.
    first, last, days
        As in `Facts.handsets`.
    number
        Which handset of the line, from 0.

    Returns
    -------
    Days since 1970.
    """
    late = facts.kit.below(facts.word("handset late", facts.row * 8 + number), days // 4)
    start = first + number * days + late * (number > 0)
    return facts.kit.minimum(start, last)


def email_text(named: object, name: str, number: int, domain: int) -> str:
    """An e-mail address.

    Parameters
    ----------
    named
        Whether it has the name.
    name
        First and last name as a mail address has them, with a point between.
    number
        Eight digits.
    domain
        Place in the reserved domains.

    Returns
    -------
    str
        ``name.########@domain``.
    """
    return f"{name if named else 'user'}.{number:08d}@{identifiers.EMAIL_DOMAINS[domain]}"


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def _imei(facts: Facts, slot: int) -> str:
    top, left, right = facts.imei(slot)
    return identifiers.imei(top * SIDE * SIDE + left * SIDE + right)


def _joined(facts: Facts, name: str) -> str:
    pool = getattr(facts.world.pools, name).pool
    return "".join(pool[place] for place in facts.pieces(name))


def _phone(facts: Facts) -> str:
    code, exchange, line = facts.phone
    return f"{AREA_CODES[code]}-{exchange:03d}-{line:04d}"


def _pin(facts: Facts) -> str:
    head, tail = facts.pin
    return f"{head:04d}{PIN_TAILS[tail]}"


def _email(facts: Facts) -> str:
    named, domain, left, right = facts.email
    source = facts.world.pools
    name = f"{source.first_mail[facts.first_name]}.{source.last_mail[facts.last_name]}"
    return email_text(named, name, left * SIDE + right, domain)


def _numbered(make: Callable[[int], str], groups: tuple[int, int, int]) -> str:
    top, left, right = groups
    return make((top * SIDE + left) * SIDE + right)


_MAKERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "person_id": lambda facts: PERSON_ID + facts.row,
    "account_id": lambda facts: ACCOUNT_ID + facts.account,
    "line_id": lambda facts: LINE_ID + facts.row,
    "segment": lambda facts: facts.world.cells.names[facts.world.cells.segments.numbers[facts.seats.cell]],
    "account_type": lambda facts: CONTRACTS[facts.seats.contract],
    "first_name": lambda facts: facts.world.pools.first_names[facts.first_name],
    "middle_initial": lambda facts: LETTERS[facts.initial],
    "last_name": lambda facts: facts.world.pools.last_names[facts.last_name],
    "sex": lambda facts: SEXES[facts.sex],
    "date_of_birth": lambda facts: _date(facts.born),
    "ssn": lambda facts: identifiers.ssn(facts.ssn),
    "drivers_license_number": lambda facts: identifiers.drivers_license_number(
        facts.licence[0] * SIDE + facts.licence[1]
    ),
    "dl_state": lambda _facts: identifiers.DRIVERS_LICENSE_STATE,
    "phone_number": _phone,
    "imsi": lambda facts: _numbered(identifiers.imsi, facts.imsi),
    "imei": lambda facts: _imei(facts, 0),
    "iccid": lambda facts: _numbered(identifiers.iccid, facts.iccid),
    "account_pin": _pin,
    "street_address": lambda facts: _joined(facts, "street"),
    "city": lambda facts: _joined(facts, "city"),
    "state": lambda facts: facts.world.pools.regions[facts.region],
    "zip_code": lambda facts: f"{facts.zip_code:05d}",
    "email": _email,
    "service_plan": lambda facts: PLANS[facts.plan],
    "opened_on": lambda facts: _date(facts.opened),
    "closed_on": lambda facts: _date(facts.closed) if facts.seats.contract == FORMER else None,
}
