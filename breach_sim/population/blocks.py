"""Build blocks of subscribers: attributes of many rows as Arrow columns.

Each column is computed only for rows that have a value. Rows that lost the same fields share their
computed attributes.

Not here: the list of columns (`columns`), the laws (`laws`), single records (`record`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from breach_sim.population.cells import CONTRACTS, FORMER, Positions
from breach_sim.population.draws.chance import ArrayOps, Integers
from breach_sim.population.draws.permutation import Uint32Array
from breach_sim.population.laws import PIN_TAILS, PLANS, RowAttributes
from breach_sim.population.record import device_start
from breach_sim.population.values import identifiers
from breach_sim.population.values.columns import (
    ACCOUNT_ID,
    LETTERS,
    LINE_ID,
    PERSON_ID,
    SEXES,
    SUBSCRIBERS,
    schema_of,
)
from breach_sim.population.values.geography import AREA_CODES
from breach_sim.population.values.locales import pools
from breach_sim.population.values.text import Rows, digits, four_digits, luhn_sums, words_of
from breach_sim.population.world import SIDE, World

if TYPE_CHECKING:
    import pyarrow as pa

if TYPE_CHECKING:
    import pyarrow as pa

_MAIL_END: Final = len(f"00000000@{identifiers.EMAIL_DOMAINS[0]}")
"""From the digits of an e-mail address to its end; the domains are of one length."""
_SHORT_AREA: Final = 4_498
"""Pairs of area and group with ten thousand strict SSNs each; after them come those with one."""


def attributes_of(world: World, rows: Uint32Array) -> RowAttributes:
    """Return the attributes of some rows.

    Parameters
    ----------
    world
        The population.
    rows
        Row numbers in ascending order. Shape (n,).

    Returns
    -------
    RowAttributes
        Over arrays.
    """
    return _attributes(world, world.cells.positions(rows))


class _Picked:
    """Selected positions, with each part computed on first use."""

    def __init__(self, positions: Positions, own: Integers) -> None:
        self._positions = positions
        self._own = own

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._positions, name).take(self._own)
        setattr(self, name, part)
        return part


def _attributes(world: World, positions: Any) -> RowAttributes:
    heads: Any = positions.row - positions.slot.astype(np.uint32)
    new = np.empty(len(heads), dtype=bool)
    new[:1] = True
    np.not_equal(heads[1:], heads[:-1], out=new[1:])
    if new.all():
        return RowAttributes(world, ArrayOps, positions, heads)
    spread = np.cumsum(new, dtype=np.int64)
    spread -= 1
    firsts = np.flatnonzero(new)
    return RowAttributes(world, ArrayOps, positions, heads.take(firsts), spread, firsts)


class Block:
    """Rows of subscribers to be turned into columns.

    Parameters
    ----------
    world
        The population.
    rows
        Row numbers in ascending order. Shape (n,).
    """

    def __init__(self, world: World, rows: Uint32Array) -> None:
        self.world = world
        self.attributes = attributes_of(world, rows)
        self.everyone = Rows(np.ones(len(rows), dtype=bool))
        self._groups: dict[bytes, tuple[Rows, RowAttributes]] = {}

    def group(self, field: str) -> tuple[Rows, RowAttributes]:
        """Return the rows that lost a field, and their attributes.

        Parameters
        ----------
        field
            Name in the vocabulary; empty for all rows.

        Returns
        -------
        tuple
            Rows and attributes; the same tuple for fields that leaked in the same cells.
        """
        holders = self.world.cells.holders(field) if field else None
        if holders is None or holders.all():
            return self.everyone, self.attributes
        key = holders.tobytes()
        if key not in self._groups:
            self._groups[key] = self.of(holders.take(self.attributes.positions.cell) > 0)
        return self._groups[key]

    def of(self, valid: Any) -> tuple[Rows, RowAttributes]:
        """Return the selected rows and their attributes.

        Parameters
        ----------
        valid
            Whether each row is selected. Shape (n,).

        Returns
        -------
        tuple
            Rows and attributes.
        """
        rows = Rows(valid)
        if rows.all:
            return rows, self.attributes
        part = _attributes(self.world, _Picked(self.attributes.positions, rows.own))
        part.whole, part.own = self.attributes, rows.own
        return rows, part

    def arrays(self) -> list[pa.Array]:
        """Return all columns.

        Returns
        -------
        list of pyarrow.Array
            In the order of the table.
        """
        import pyarrow as pa

        result = [
            _MAKERS[column.name](*self.group(column.field))
            for column in SUBSCRIBERS
            if column.name != "closed_on"
        ]
        rows, _ = self.group("service_plan")
        closed = rows.valid & (self.attributes.positions.contract == FORMER)
        rows, attributes = self.of(closed)
        result.append(_days(rows, attributes.closed if len(rows.own) else np.zeros(0)))
        for name in self.world.traits:
            packed = np.packbits(self.attributes.trait(name), bitorder="little")
            result.append(pa.Array.from_buffers(pa.bool_(), self.everyone.n, [None, pa.py_buffer(packed)], 0))
        masks = np.array(self.world.cells.masks, dtype=np.uint64)
        result.append(self.everyone.array(pa.uint64(), masks.take(self.attributes.positions.cell)))
        result.append(marks(self.everyone.n))
        return result


def marks(n: int) -> pa.Array:
    """Return the column `synthetic`.

    Parameters
    ----------
    n
        Rows.

    Returns
    -------
    pyarrow.BooleanArray
        All true. Shape (n,).
    """
    import pyarrow as pa

    packed = np.packbits(np.ones(n, dtype=bool), bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), n, [None, pa.py_buffer(packed)], 0)


@cache
def names_of(texts: tuple[str, ...]) -> pa.Array:
    """Return texts as an Arrow array (cached).

    Parameters
    ----------
    texts
        Any texts.

    Returns
    -------
    pyarrow.StringArray
        Shape (len(texts),).
    """
    import pyarrow as pa

    return pa.array(texts, pa.string())


# Makers: rows with a value, and what is true of them, to a column ---------------


def _ids(rows: Rows, start: int, numbers: Any) -> pa.Array:
    import pyarrow as pa

    return rows.array(pa.int64(), numbers.astype(np.int64) + start)


def _days(rows: Rows, days: Any) -> pa.Array:
    import pyarrow as pa

    return rows.array(pa.date32(), days.astype(np.int32))


def _segments(rows: Rows, attributes: RowAttributes) -> pa.Array:
    cells = attributes.world.cells
    return rows.codes(names_of(tuple(cells.names)), cells.segments.array.take(attributes.positions.cell))


def _ssn(rows: Rows, attributes: RowAttributes) -> pa.Array:
    index = attributes.ssn
    block = index // SIDE
    serial = index - block * SIDE
    strict = identifiers.SSN_STRICT_SPACE
    alone = np.flatnonzero((index >= _SHORT_AREA * SIDE) & (index < strict))
    block[alone] = index.take(alone) - _SHORT_AREA * (SIDE - 1)
    serial[alone] = 0
    lettered = attributes.world.ssn.size > strict
    if lettered:
        letters = np.flatnonzero(index >= strict)
        rest = index.take(letters) - strict
        block[letters] = rest // SIDE + (strict - _SHORT_AREA * (SIDE - 1))
        serial[letters] = rest % SIDE
    heads = _ssn_heads(letters=lettered)
    return rows.fixed(11, [(0, heads, block), (7, four_digits(), serial)])


@cache
def _ssn_heads(*, letters: bool) -> Any:
    """Return the first seven characters of SSNs and a blank: 10,000 serials, one serial, letters."""
    strict = [identifiers.ssn(block * SIDE)[:7] for block in range(_SHORT_AREA)]
    strict += [f"{area}-{group:02d}-" for area in identifiers.ISSUABLE_AREAS for group in range(1, 100)]
    if letters:
        strict += [f"{a}{n // 100:02d}-{n % 100:02d}-" for a in LETTERS for n in range(SIDE)]
    return words_of([f"{head} " for head in strict])


def _licence(rows: Rows, attributes: RowAttributes) -> pa.Array:
    left, right = attributes.licence
    heads = _heads(identifiers.DRIVERS_LICENSE_PREFIX, 4)
    return rows.fixed(10, [(0, heads, left), (6, four_digits(), right)])


@cache
def _code_words() -> tuple[Any, Any]:
    exchanges = range(identifiers.EXCHANGES_PER_AREA_CODE)
    return words_of([f"{code}-" for code in AREA_CODES]), words_of([f"{number:03d}-" for number in exchanges])


def _phone(rows: Rows, attributes: RowAttributes) -> pa.Array:
    codes, exchanges = _code_words()
    code, exchange, line = attributes.phone
    return rows.fixed(12, [(0, codes, code), (4, exchanges, exchange), (8, four_digits(), line)])


@cache
def _heads(prefix: str, digits: int) -> Any:
    """Return a prefix and some digits in eight bytes; unused bytes are overwritten."""
    return words_of([f"{prefix}{number:0{digits}d}".ljust(8) for number in range(10**digits)])


@cache
def _luhn(digits: int) -> Any:
    return luhn_sums(digits).astype(np.uint8)


@cache
def _checks(prefix: str) -> Any:
    """Check letters by the sum of what up to four groups of digits add; each adds at most nine."""
    start = int(luhn_sums(4)[int(prefix)])
    return digits().take((-np.arange(start, start + 37)) % 10)


def imei_text(rows: Rows, groups: tuple[Any, Any, Any]) -> pa.Array:
    """Return IMEIs as text.

    Parameters
    ----------
    rows
        Rows that have an IMEI.
    groups
        Two, four and four digits of each IMEI. Shape (m,) each.

    Returns
    -------
    pyarrow.StringArray
        Shape (n,).
    """
    top, left, right = groups
    sums = _luhn(2).take(top)
    sums += _luhn(4).take(left)
    sums += _luhn(4).take(right)
    groups_of_four = four_digits()
    fields = [
        (0, _heads(identifiers.IMEI_PREFIX, 2), top),
        (6, groups_of_four, left),
        (10, groups_of_four, right),
        (14, _checks(identifiers.IMEI_PREFIX), sums),
    ]
    return rows.fixed(15, fields)


def _imsi(rows: Rows, attributes: RowAttributes) -> pa.Array:
    top, left, right = attributes.imsi
    heads = _heads(identifiers.IMSI_PREFIX, 2)
    return rows.fixed(15, [(0, heads, top), (7, four_digits(), left), (11, four_digits(), right)])


def _iccid(rows: Rows, attributes: RowAttributes) -> pa.Array:
    top, left, right = attributes.iccid
    high = top // SIDE
    low = top - high * SIDE
    sums = _luhn(4).take(left)
    sums += _luhn(4).take(right)
    sums += _luhn(2).take(high)
    sums += _luhn(4).take(low)
    groups_of_four, prefix = four_digits(), identifiers.ICCID_PREFIX
    fields = [
        (0, _heads(prefix, 2), high),
        (6, groups_of_four, low),
        (10, groups_of_four, left),
        (14, groups_of_four, right),
        (18, _checks(prefix), sums),
    ]
    return rows.fixed(19, fields)


@cache
def _pin_pool() -> pa.StringArray:
    return names_of((*(f"{head:04d}" for head in range(SIDE)), *PIN_TAILS))


def _pin(rows: Rows, attributes: RowAttributes) -> pa.Array:
    head, tail = attributes.pin
    return rows.joined(_pin_pool(), [head, tail + SIDE], attributes.spread)


def _written(name: str) -> Callable[[Rows, RowAttributes], pa.Array]:
    def make(rows: Rows, attributes: RowAttributes) -> pa.Array:
        pool = names_of(getattr(attributes.world.pools, name).pool)
        return rows.joined(pool, attributes.pieces(name), attributes.spread)

    return make


def _zip(rows: Rows, attributes: RowAttributes) -> pa.Array:
    head = attributes.zip_code // 10
    last = attributes.zip_code - head * 10
    return rows.fixed(5, [(0, four_digits(), attributes.each(head)), (4, digits(), attributes.each(last))])


@cache
def _mail_pool(locale: str) -> tuple[pa.StringArray, int]:
    """Beginnings of e-mail addresses, then every last name with every end; digits are written later."""
    source = pools(locale)
    firsts = (*source.first_mail, "user")
    lasts = (*(f".{name}" for name in source.last_mail), "")
    rests = [f"{last}.00000000@{domain}" for last in lasts for domain in identifiers.EMAIL_DOMAINS]
    return names_of((*firsts, *rests)), len(firsts)


def _email(rows: Rows, attributes: RowAttributes) -> pa.Array:
    named, domain, left, right = attributes.email
    pool, rests = _mail_pool(attributes.world.pools.locale)
    domains = len(identifiers.EMAIL_DOMAINS)
    first = ArrayOps.where(named, attributes.first_name, rests - 1)
    rest = ArrayOps.where(named, attributes.last_name, (len(pool) - rests) // domains - 1)
    rest *= domains
    rest += domain + rests
    letters = np.empty((len(left), 2), dtype="<u4")
    letters[:, 0], letters[:, 1] = four_digits().take(left), four_digits().take(right)
    return rows.joined(pool, [first, rest], stamp=(_MAIL_END, letters.view("<u8").ravel()))


_MAKERS: Final[dict[str, Callable[[Rows, RowAttributes], Any]]] = {
    "person_id": lambda rows, attributes: _ids(rows, PERSON_ID, attributes.row),
    "account_id": lambda rows, attributes: _ids(rows, ACCOUNT_ID, attributes.each(attributes.account)),
    "line_id": lambda rows, attributes: _ids(rows, LINE_ID, attributes.row),
    "segment": _segments,
    "account_type": lambda rows, attributes: rows.codes(names_of(CONTRACTS), attributes.positions.contract),
    "first_name": lambda rows, attributes: rows.codes(
        names_of(attributes.world.pools.first_names), attributes.first_name
    ),
    "middle_initial": lambda rows, attributes: rows.codes(names_of(LETTERS), attributes.initial),
    "last_name": lambda rows, attributes: rows.codes(
        names_of(attributes.world.pools.last_names), attributes.last_name
    ),
    "sex": lambda rows, attributes: rows.codes(names_of(SEXES), attributes.sex),
    "date_of_birth": lambda rows, attributes: _days(rows, attributes.born),
    "ssn": _ssn,
    "drivers_license_number": _licence,
    "dl_state": lambda rows, attributes: rows.codes(
        names_of((identifiers.DRIVERS_LICENSE_STATE,)), np.zeros(len(attributes.row))
    ),
    "phone_number": _phone,
    "imsi": _imsi,
    "imei": lambda rows, attributes: imei_text(rows, attributes.imei()),
    "iccid": _iccid,
    "account_pin": _pin,
    "street_address": _written("street"),
    "city": _written("city"),
    "state": lambda rows, attributes: rows.codes(
        names_of(attributes.world.pools.regions), attributes.each(attributes.region)
    ),
    "zip_code": _zip,
    "email": _email,
    "service_plan": lambda rows, attributes: rows.codes(names_of(PLANS), attributes.plan),
    "opened_on": lambda rows, attributes: _days(rows, attributes.opened),
}


def devices_block(world: World, rows: Uint32Array) -> pa.RecordBatch:
    """Return the handsets of some lines.

    Parameters
    ----------
    world
        The population.
    rows
        Row numbers of the subscribers in ascending order. Shape (n,).

    Returns
    -------
    pyarrow.RecordBatch
        One to eight rows for each line whose `imei_history` leaked.
    """
    import pyarrow as pa

    lost = world.cells.holders("imei_history").take(world.cells.positions(rows).cell) > 0
    lines = attributes_of(world, rows.take(np.flatnonzero(lost)))
    first, last, count, days = lines.handsets
    line = np.repeat(np.arange(len(lines.row)), count)
    number = np.arange(len(line)) - (np.cumsum(count) - count).take(line)
    each = attributes_of(world, lines.row.take(line))
    start = device_start(each, first.take(line), last.take(line), days.take(line), number)
    end = last.take(line)
    follows = np.flatnonzero(line[1:] == line[:-1])
    end[follows] = start[follows + 1] - 1
    everyone = Rows(np.ones(len(line), dtype=bool))
    arrays = [
        everyone.array(pa.int64(), each.row.astype(np.int64) + LINE_ID),
        imei_text(everyone, each.imei(count.take(line) - 1 - number)),
        everyone.array(pa.date32(), start.astype(np.int32)),
        everyone.array(pa.date32(), end.astype(np.int32)),
        marks(len(line)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of("devices", {}))
