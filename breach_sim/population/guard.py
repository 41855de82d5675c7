"""The guard that every writer calls: a whole batch, in a few nanoseconds a value.

The quantity is a refusal. `require_synthetic_batch` looks at every identifier of a record batch by the rules
of `identifiers.is_synthetic`, over bytes in place of texts, and names the first row that fails. Of an e-mail
address it asks for the domain and for one @ only: no account exists at a reserved domain, whatever stands
before it.

Place in the corridor: over `identifiers` and `text`; reads no pool and no law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from . import identifiers
from .geography import AREA_CODES
from .text import text_parts

if TYPE_CHECKING:
    import pyarrow as pa

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_HYPHEN: Final = ord("-")
_ZERO: Final = ord("0")
_NINE: Final = 9
_LONG_MAIL: Final = 14
_SUFFIX: Final = 12
_NEVER: Final = 1
_WITHOUT_SERIAL: Final = 2


def require_synthetic_batch(batch: pa.RecordBatch, place: str = "the batch", first_row: int = 0) -> None:
    """Refuse a batch that is not marked or in which an identifier could be real.

    Parameters
    ----------
    batch
        Rows of any table of a population, as they are to be written. Nulls pass; columns that are no
        identifiers are not looked at.
    place
        What the batch is; for the message.
    first_row
        Number of its first row; for the message.

    Raises
    ------
    ValueError
        If ``synthetic`` is missing or not true everywhere, or a value lies outside its never-assignable
        space: names row, field and value.
    """
    names = batch.schema.names
    marks = batch.column("synthetic") if "synthetic" in names else None
    if marks is None or marks.null_count or marks.false_count:
        which = "is missing" if marks is None else "is not true everywhere"
        msg = f"column 'synthetic' of {place} {which}; it must be true in every row: nothing is written."
        raise ValueError(msg)
    for name in names:
        field = IDENTIFIER_COLUMNS.get(name)
        if field is None:
            continue
        bad = first_real(field, batch.column(name))
        if bad is not None:
            value = batch.column(name)[bad].as_py()
            msg = (
                f"{name} {value!r} in row {first_row + bad:,} of {place} lies outside the space that can "
                f"belong to nobody; nothing is written. See identifiers.is_synthetic({field!r}, value)."
            )
            raise ValueError(msg)


IDENTIFIER_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ssn": "ssn",
        "drivers_license_number": "drivers_license_number",
        "phone_number": "phone_number",
        "imsi": "imsi",
        "imei": "imei",
        "iccid": "iccid",
        "email": "email_address",
    }
)
"""Columns that are looked at, and the identifier that each holds."""


def first_real(field: str, column: pa.Array) -> int | None:
    """First row of a column whose value could be real.

    Parameters
    ----------
    field
        One of the values of `IDENTIFIER_COLUMNS`.
    column
        Text.

    Returns
    -------
    int or None
        Row in the column; None where all values are synthetic or null.
    """
    import pyarrow as pa

    if column.type != pa.string():
        column = column.cast(pa.string())
    lengths, data = text_parts(column)
    if column.null_count:
        rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        lengths = lengths.take(rows)
    else:
        rows = None
    letters = np.frombuffer(data, dtype=np.uint8)
    if field == "email_address":
        good = _mails(lengths, letters)
    else:
        width, judge = _JUDGES[field]
        if (lengths != width).any():
            bad = int(np.flatnonzero(lengths != width)[0])
            return bad if rows is None else int(rows[bad])
        good = judge(np.ascontiguousarray(letters.reshape(-1, width).T))
    if good.all():
        return None
    bad = int(np.flatnonzero(~good)[0])
    return bad if rows is None else int(rows[bad])


# Judges: letters of texts of one width, one row a place, to whether each text is synthetic.


def _prefixed(letters: Bytes, prefix: str) -> Flags:
    """Whether texts begin with a prefix and go on in digits."""
    rest = letters[len(prefix) :] - np.uint8(_ZERO)
    good: Flags = np.maximum.reduce(rest, axis=0) <= _NINE
    for place, letter in enumerate(prefix):
        good &= letters[place] == ord(letter)
    return good


def _luhn(letters: Bytes) -> Flags:
    """Whether digits pass the Luhn test."""
    digits = letters[::-1] - np.uint8(_ZERO)
    doubled = digits[1::2] * np.uint8(2)
    doubled -= (doubled > _NINE) * np.uint8(_NINE)
    total = np.add.reduce(doubled, axis=0, dtype=np.uint8)
    total += np.add.reduce(digits[::2], axis=0, dtype=np.uint8)
    return total % np.uint8(10) == 0  # type: ignore[no-any-return]


def _number(letters: Bytes) -> NDArray[np.int64]:
    """Digits as a number, the first the highest."""
    result = np.zeros(letters.shape[1], dtype=np.int64)
    for row in letters:
        result *= 10
        result += row - np.uint8(_ZERO)
    return result


def _are_digits(letters: Bytes) -> Flags:
    return np.maximum.reduce(letters - np.uint8(_ZERO), axis=0) <= _NINE  # type: ignore[no-any-return]


def _phones(letters: Bytes) -> Flags:
    good: Flags = _are_digits(letters[[0, 1, 2, 5, 6, 8, 9, 10, 11]])
    good &= (letters[3] == _HYPHEN) & (letters[7] == _HYPHEN)
    good &= (letters[4] == _ZERO) | (letters[4] == _ZERO + 1)
    code = np.minimum(_number(letters[:3]), 999)
    good &= _area_codes().take(code)
    return good


def _ssns(letters: Bytes) -> Flags:
    good: Flags = _are_digits(letters[[1, 2, 4, 5, 7, 8, 9, 10]])
    good &= (letters[3] == _HYPHEN) & (letters[6] == _HYPHEN)
    lettered = (letters[0] - np.uint8(ord("A"))) < 26  # noqa: PLR2004 - letters of the alphabet
    pair = _number(letters[[0, 1, 2, 4, 5]])
    rule = _ssn_rules().take(np.minimum(pair, len(_ssn_rules()) - 1))
    no_serial = np.maximum.reduce(letters[7:], axis=0) == _ZERO
    ruled = (rule == _NEVER) | ((rule == _WITHOUT_SERIAL) & no_serial)
    strict: Flags = (letters[0] - np.uint8(_ZERO) <= _NINE) & ruled
    result: Flags = good & (lettered | strict)
    return result


@cache
def _area_codes() -> Flags:
    known = np.zeros(1000, dtype=bool)
    known[[int(code) for code in AREA_CODES]] = True
    return known


@cache
def _ssn_rules() -> Bytes:
    """By area and group: 0 may be real, 1 never, 2 never if the serial is 0000."""
    rules = np.full((1000, 100), _WITHOUT_SERIAL, dtype=np.uint8)
    rules[:, 0] = _NEVER
    rules[900:] = 0
    rules[900:, list(identifiers.FREE_GROUPS)] = _NEVER
    rules[[int(area) for area in identifiers.NEVER_AREAS]] = _NEVER
    return rules.ravel()


def _mails(lengths: NDArray[np.int32], letters: Bytes) -> Flags:
    """Whether each text ends in @ and a reserved domain, and has no other @."""
    good = lengths >= _LONG_MAIL
    if not good.all() or not len(lengths):
        return good
    words = np.ndarray(len(letters) - 3, np.dtype("<u4"), letters.data, 0, (1,))
    start = np.cumsum(lengths, dtype=np.int64) - _SUFFIX
    good = words[start] == _word("@exa")
    good &= words[start + 4] == _word("mple")
    end = words[start + 8]
    good &= (end == _word(".com")) | (end == _word(".net")) | (end == _word(".org"))
    is_at = letters == ord("@")
    if np.count_nonzero(is_at) != len(lengths):
        ats = np.flatnonzero(is_at)
        counts = np.bincount(np.searchsorted(start + _SUFFIX, ats, side="right"), minlength=len(lengths))
        good &= counts == 1
    return good


def _word(text: str) -> int:
    return int.from_bytes(text.encode(), "little")


_JUDGES: Final[Mapping[str, tuple[int, Callable[[Any], Flags]]]] = MappingProxyType(
    {
        "ssn": (11, _ssns),
        "drivers_license_number": (10, lambda t: _prefixed(t, identifiers.DRIVERS_LICENSE_PREFIX)),
        "phone_number": (12, _phones),
        "imsi": (15, lambda t: _prefixed(t, identifiers.IMSI_PREFIX)),
        "imei": (15, lambda t: _prefixed(t, identifiers.IMEI_PREFIX) & _luhn(t)),
        "iccid": (19, lambda t: _prefixed(t, identifiers.ICCID_PREFIX) & _luhn(t)),
    }
)
"""Bytes of each identifier, and its judge."""
