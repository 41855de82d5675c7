"""The guard that every writer calls: checks a whole batch, in a few nanoseconds per value.

`require_synthetic_batch` checks every identifier of a record batch by the rules of
`identifiers.is_synthetic`, on bytes instead of text, and reports the first row that fails. For an email
address it checks only the domain and that there is one @: no account exists at a reserved domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from breach_sim.population.values import identifiers
from breach_sim.population.values.geography import AREA_CODES
from breach_sim.population.values.text import present, text_parts

if TYPE_CHECKING:
    import pyarrow as pa

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Words64 = NDArray[np.uint64]

_ZERO: Final = ord("0")
_DIGIT: Final = 0x0F
_LONG_MAIL: Final = 14
_SUFFIX: Final = 12
_WORD: Final = 8
_BEYOND_ASCII: Final = np.uint8(0x80)
_NEVER: Final = 1
_WITHOUT_SERIAL: Final = 2


def require_synthetic_batch(batch: pa.RecordBatch, place: str = "the batch", first_row: int = 0) -> None:
    """Reject a batch that is not marked as synthetic or has an identifier that could be real.

    Parameters
    ----------
    batch
        Rows of any table of a population, as they are to be written. Nulls pass; columns without
        identifiers are ignored.
    place
        Description of the batch, for the error message.
    first_row
        Number of its first row, for the error message.

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
    """Return the first row of a column whose value could be real.

    Parameters
    ----------
    field
        One of the values of `IDENTIFIER_COLUMNS`.
    column
        Text.

    Returns
    -------
    int or None
        Row in the column; None if all values are synthetic or null.
    """
    import pyarrow as pa

    n_values = len(column) - column.null_count
    if not n_values:
        return None
    if column.type != pa.string():
        column = column.cast(pa.string())
    lengths, data = text_parts(column)
    letters = np.frombuffer(data, dtype=np.uint8)
    if field == "email_address":
        good = _mails(
            lengths.take(np.flatnonzero(present(column))) if column.null_count else lengths, letters
        )
    else:
        template, judge = _JUDGES[field]
        width = len(template)
        if np.count_nonzero(lengths == width) != n_values or len(letters) != n_values * width:
            wrong = lengths != width
            return int(np.argmax(wrong & present(column) if column.null_count else wrong))
        good = judge(letters, template)
    if good.all():
        return None
    bad = int(np.argmin(good))
    return int(np.flatnonzero(present(column))[bad]) if column.null_count else bad


# Judges: letters of texts of one width, and what they must look like, to whether each text is synthetic.
# Texts are read eight letters at a time, as one number each, and all letters of it are judged at once.


@dataclass(frozen=True, slots=True)
class _Window:
    """Eight letters of a template as one number, the first letter lowest."""

    offset: int
    value: np.uint64
    """The letters themselves, and 0 for a digit."""
    fixed: np.uint64
    """Bits in which a text may not differ from them."""
    digits: np.uint64
    """The highest bit of every letter that must be a digit."""
    doubled: np.uint64
    """Bits of digits that a Luhn sum doubles, and no window before this one holds."""
    single: np.uint64
    """Bits of the others."""


@cache
def _windows(template: str) -> tuple[_Window, ...]:
    """Split a template: ``#`` is a digit, ``b`` is 0 or 1, ``?`` is anything, the rest is literal."""
    result: list[_Window] = []
    for offset in sorted({*range(0, len(template) - _WORD, _WORD), len(template) - _WORD}):
        letters = list(enumerate(template[offset : offset + _WORD], offset))
        seen = result[-1].offset + _WORD if result else 0
        values = [_ZERO if letter in "#b?" else ord(letter) for _, letter in letters]
        fixed = [{"#": 0, "?": 0, "b": 0xFE}.get(letter, 0xFF) for _, letter in letters]
        digits = [0x80 * (letter == "#") for _, letter in letters]
        added = [_DIGIT * (letter == "#" and place >= seen) for place, letter in letters]
        second = [(len(template) - place) % 2 == 0 for place, _ in letters]
        doubled = [bits * twice for bits, twice in zip(added, second, strict=True)]
        single = [bits * (not twice) for bits, twice in zip(added, second, strict=True)]
        parts = (values, fixed, digits, doubled, single)
        result.append(_Window(offset, *(np.uint64(int.from_bytes(bytes(part), "little")) for part in parts)))
    return tuple(result)


def _every(byte: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([byte] * _WORD), "little"))


def _apart(letters: Bytes, template: str, window: _Window) -> Words64:
    """Return the difference of texts from a template in a window; for a digit, the digit itself."""
    n = len(letters) // len(template)
    words = np.ndarray(n, "<u8", letters.data, window.offset, (len(template),))
    apart: Words64 = words ^ window.value
    return apart


def _fits(letters: Bytes, template: str) -> Flags:
    """Whether texts are as their template says."""
    if letters.max(initial=0) >= _BEYOND_ASCII:
        plain: Flags = letters.reshape(-1, len(template)).max(axis=1) < _BEYOND_ASCII
        return plain & _fits(letters % _BEYOND_ASCII, template)
    wrong: Any = np.uint64(0)
    for window in _windows(template):
        apart = _apart(letters, template, window)
        if window.fixed:
            wrong = wrong | apart & window.fixed
        # What is above 9 reaches the highest bit of its letter, and no further.
        apart += _every(0x80 - 10)
        apart &= window.digits
        apart |= wrong
        wrong = apart
    return wrong == 0  # type: ignore[no-any-return]


def _with_luhn_digit(letters: Bytes, template: str) -> Flags:
    """Whether texts are as their template says and pass the Luhn test."""
    sums: Any = np.uint64(0)
    for window in _windows(template):
        apart = _apart(letters, template, window)
        twice = apart & window.doubled
        nines = twice + _every(0x80 - 5)
        nines >>= np.uint64(7)
        nines &= _every(1)
        nines *= np.uint64(9)
        twice <<= np.uint64(1)
        apart &= window.single
        apart += twice
        apart -= nines
        apart += sums
        sums = apart
    sums *= _every(1)
    sums >>= np.uint64(56)
    good = _fits(letters, template)
    good &= _luhn_rest(template).take(sums.view(np.int64))
    return good


@cache
def _luhn_rest(template: str) -> Flags:
    """Whether a sum, with what the prefix adds, can be divided by ten."""
    check = int(identifiers.luhn_digit(template.replace("#", "0")[:-1]))
    rest: Flags = np.arange(256) % 10 == check
    return rest


def _phones(letters: Bytes, template: str) -> Flags:
    good = _fits(letters, template)
    good &= _area_codes().take(_number(letters, len(template), (0, 1, 2)), mode="clip")
    return good


def _ssns(letters: Bytes, template: str) -> Flags:
    width = len(template)
    lettered = (letters[::width] - np.uint8(ord("A"))) < 26  # noqa: PLR2004 - letters of the alphabet
    rule = _ssn_rules().take(_number(letters, width, (0, 1, 2, 4, 5)), mode="clip")
    no_serial = np.ndarray(len(letters) // width, "<u4", letters.data, 7, (width,)) == _ZEROS
    ruled = (rule == _NEVER) | ((rule == _WITHOUT_SERIAL) & no_serial)
    strict: Flags = (letters[::width] - np.uint8(_ZERO) <= 9) & ruled  # noqa: PLR2004 - the last digit
    return _fits(letters, template) & (lettered | strict)


def _number(letters: Bytes, width: int, places: Sequence[int]) -> NDArray[np.int64]:
    """Digits at some places as a number, the first the highest; where they are no digits, any number."""
    result = np.zeros(len(letters) // width, dtype=np.int64)
    for place in places:
        result *= 10
        result += letters[place::width] & _DIGIT
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
    good: Flags = lengths >= _LONG_MAIL
    if not good.all():
        return good
    start = np.cumsum(lengths, dtype=np.int64) - _SUFFIX
    ends = np.ndarray(len(letters) - _SUFFIX + 1, f"V{_SUFFIX}", letters.data, 0, (1,))[start]
    words = ends.view("<u4").reshape(-1, 3)
    good = words[:, 0] == _word("@exa")
    good &= words[:, 1] == _word("mple")
    end = words[:, 2]
    good &= (end == _word(".com")) | (end == _word(".net")) | (end == _word(".org"))
    is_at = letters == ord("@")
    if np.count_nonzero(is_at) != len(lengths):
        ats = np.flatnonzero(is_at)
        counts = np.bincount(np.searchsorted(start + _SUFFIX, ats, side="right"), minlength=len(lengths))
        good &= counts == 1
    return good


def _word(text: str) -> int:
    return int.from_bytes(text.encode(), "little")


_ZEROS: Final = _word("0000")
_JUDGES: Final[Mapping[str, tuple[str, Callable[[Bytes, str], Flags]]]] = MappingProxyType(
    {
        "ssn": ("?##-##-####", _ssns),
        "drivers_license_number": (f"{identifiers.DRIVERS_LICENSE_PREFIX}########", _fits),
        "phone_number": ("###-b##-####", _phones),
        "imsi": (f"{identifiers.IMSI_PREFIX}##########", _fits),
        "imei": (f"{identifiers.IMEI_PREFIX}###########", _with_luhn_digit),
        "iccid": (f"{identifiers.ICCID_PREFIX}###############", _with_luhn_digit),
    }
)
"""What each identifier looks like, and its judge."""
