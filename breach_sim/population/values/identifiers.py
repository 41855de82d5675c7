"""Identifiers with a realistic form that can belong to no person, line or device.

Each identifier is a value in a space that is never assigned. A function maps
a whole number in [0, space) to text, one value per number; `is_synthetic`
tests whether a value lies in such a space.

======================  =================================  ==================
field                   form                               values
======================  =================================  ==================
ssn                     strict set, then letter range      2,645,068,902
imsi                    ``00101`` + 10 digits              10**10
imei                    ``0099`` + 10 digits + Luhn        10**10
iccid                   ``8900`` + 14 digits + Luhn        10**14
phone_number            area code, exchange 0XX or 1XX     718,000,000
drivers_license_number  ``ZZ`` + 8 digits                  10**8
email_address           at example.com, .net or .org       3 * 10**8
======================  =================================  ==================

Why they cannot be real. SSN: areas 000 and 666, group 00 and serial 0000 are
never issued, and of 9XX only groups are used that no ITIN, ATIN or IRSN has;
further values start with a letter. IMSI: country code 001 is for
test networks. IMEI: reporting body 00 is for test devices, and 99 is no two-digit
country code. ICCID: no country code starts with 0 (``8901`` is real, ``8900`` is
not). Phone: an exchange starts with 2 to 9. License: no US state has two letters
and eight digits; a structural guarantee only, so the issuing state is ``XX``.
Email: the three domains are reserved for documentation.
Read in a public source: the rules for SSN, IMSI, reporting body 00, ICCID and
phone. Recalled, not looked up again: 99 as a country code, the email domains
(RFC 2606), ``8901`` as the form of real cards.

Not modeled: names, birth dates and street addresses, for which no such space
exists, and account PINs, which are not identifiers.

Identifiers are text: as numbers they would lose their leading zeros.
"""

from __future__ import annotations

import operator
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, SupportsIndex

from breach_sim.formatting.messages import unknown
from breach_sim.population.values.geography import AREA_CODES, STATE_OF_AREA_CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Groups of 9XX numbers that real taxpayers have. The tax office has widened the
# first list before (50-65 were added) and may again: this is the one place.
ITIN_GROUPS: Final = frozenset([*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)])
ATIN_GROUPS: Final = frozenset([93])
IRSN_GROUPS: Final = frozenset([*range(1, 11), *range(17, 20), 28, 29, *range(37, 40), 49, 66, 89])
FREE_GROUPS: Final = tuple(
    group for group in range(100) if group not in ITIN_GROUPS | ATIN_GROUPS | IRSN_GROUPS
)
"""Groups of 9XX numbers that no ITIN, ATIN or IRSN has: 34 of 100."""

NEVER_AREAS: Final = ("000", "666")
ISSUABLE_AREAS: Final = tuple(
    area for area in (f"{number:03d}" for number in range(900)) if area not in NEVER_AREAS
)

_SERIALS: Final = 10_000
_SSN_BLOCKS: Final = (
    100 * len(FREE_GROUPS) * _SERIALS,  # areas 900 to 999, free groups
    len(NEVER_AREAS) * 100 * _SERIALS,  # areas 000 and 666
    len(ISSUABLE_AREAS) * _SERIALS,  # group 00
    len(ISSUABLE_AREAS) * 99,  # serial 0000
)
SSN_STRICT_SPACE: Final = sum(_SSN_BLOCKS)
"""All-digit SSNs that nobody can have: 45,068,902."""
SSN_LETTER_SPACE: Final = 26 * 10**8
"""SSNs whose first digit is a letter (``A12-34-5678``), used above the strict set."""
SSN_SPACE: Final = SSN_STRICT_SPACE + SSN_LETTER_SPACE

IMSI_PREFIX: Final = "00101"
IMSI_SPACE: Final = 10**10
IMEI_PREFIX: Final = "0099"
IMEI_SPACE: Final = 10**10
ICCID_PREFIX: Final = "8900"
ICCID_SPACE: Final = 10**14

EXCHANGES_PER_AREA_CODE: Final = 200
PHONES_PER_AREA_CODE: Final = EXCHANGES_PER_AREA_CODE * 10_000
PHONE_SPACE: Final = len(AREA_CODES) * PHONES_PER_AREA_CODE

DRIVERS_LICENSE_PREFIX: Final = "ZZ"
DRIVERS_LICENSE_STATE: Final = "XX"
DRIVERS_LICENSE_SPACE: Final = 10**8

EMAIL_DOMAINS: Final = ("example.com", "example.net", "example.org")
EMAIL_SPACE: Final = len(EMAIL_DOMAINS) * 10**8

HISTORY_SEPARATOR: Final = ";"
HISTORY_LENGTH: Final = 3
"""Past handsets in an `imei_history`, at most."""

SPACES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "ssn": SSN_SPACE,
        "drivers_license_number": DRIVERS_LICENSE_SPACE,
        "phone_number": PHONE_SPACE,
        "email_address": EMAIL_SPACE,
        "imsi": IMSI_SPACE,
        "imei": IMEI_SPACE,
        "iccid": ICCID_SPACE,
    }
)
"""Size of the space of each identifier: the valid indices are [0, size)."""

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# [0-9], never \d, which also takes the digits of other scripts.
_SSN: Final = re.compile(r"([0-9]{3})-([0-9]{2})-([0-9]{4})|[A-Z][0-9]{2}-[0-9]{2}-[0-9]{4}")
_IMSI: Final = re.compile(IMSI_PREFIX + r"[0-9]{10}")
_IMEI: Final = re.compile(IMEI_PREFIX + r"[0-9]{11}")
_ICCID: Final = re.compile(ICCID_PREFIX + r"[0-9]{15}")
_PHONE: Final = re.compile(r"([2-9][0-9]{2})-[01][0-9]{2}-[0-9]{4}")
_LICENSE: Final = re.compile(DRIVERS_LICENSE_PREFIX + r"[0-9]{8}")
_EMAIL: Final = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@example\.(?:com|net|org)")


def ssn(index: int) -> str:
    """Return a Social Security number that never was and never will be issued.

    Parameters
    ----------
    index
        Index in the space, in [0, `SSN_SPACE`). Below `SSN_STRICT_SPACE` the
        number has nine digits; from there on it starts with a letter.

    Returns
    -------
    str
        ``AAA-GG-SSSS``, always with hyphens: bare nine digits may equal an
        employer's number.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> ssn(0), ssn(34_000_000), ssn(SSN_STRICT_SPACE - 1), ssn(SSN_STRICT_SPACE)
    ('900-00-0000', '000-00-0000', '899-99-0000', 'A00-00-0000')
    """
    place = _placed("ssn", index)
    free, never, group_zero, serial_zero = _SSN_BLOCKS
    if place < free:
        area, rest = divmod(place, len(FREE_GROUPS) * _SERIALS)
        group, serial = divmod(rest, _SERIALS)
        return f"{900 + area}-{FREE_GROUPS[group]:02d}-{serial:04d}"
    place -= free
    if place < never:
        area, rest = divmod(place, 100 * _SERIALS)
        return f"{NEVER_AREAS[area]}-{rest // _SERIALS:02d}-{rest % _SERIALS:04d}"
    place -= never
    if place < group_zero:
        area, serial = divmod(place, _SERIALS)
        return f"{ISSUABLE_AREAS[area]}-00-{serial:04d}"
    place -= group_zero
    if place < serial_zero:
        area, group = divmod(place, 99)
        return f"{ISSUABLE_AREAS[area]}-{group + 1:02d}-0000"
    letter, rest = divmod(place - serial_zero, 10**8)
    digits = f"{rest:08d}"
    return f"{chr(ord('A') + letter)}{digits[:2]}-{digits[2:4]}-{digits[4:]}"


def imsi(index: int) -> str:
    """Return a subscriber identity of the test network 001-01.

    Parameters
    ----------
    index
        Index in the space, in [0, `IMSI_SPACE`).

    Returns
    -------
    str
        Fifteen digits, leading zeros included.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> imsi(42)
    '001010000000042'
    """
    return f"{IMSI_PREFIX}{_placed('imsi', index):010d}"


def imei(index: int) -> str:
    """Return a device identity with a type allocation code that no body allocates.

    Parameters
    ----------
    index
        Index in the space, in [0, `IMEI_SPACE`); the first four of its ten
        digits are the rest of the type allocation code.

    Returns
    -------
    str
        Fifteen digits, the last a correct Luhn digit. (A wrong one would not
        protect anybody: it is not part of the identity.)

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> imei(42)
    '009900000000424'
    """
    digits = f"{IMEI_PREFIX}{_placed('imei', index):010d}"
    return digits + luhn_digit(digits)


def iccid(index: int) -> str:
    """Return a SIM card number of no country: ``89`` followed by ``00``.

    Parameters
    ----------
    index
        Index in the space, in [0, `ICCID_SPACE`).

    Returns
    -------
    str
        Nineteen digits, the last a correct Luhn digit.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> iccid(42)
    '8900000000000000425'
    """
    digits = f"{ICCID_PREFIX}{_placed('iccid', index):014d}"
    return digits + luhn_digit(digits)


def phone_number(index: int) -> str:
    """Return a telephone number with a real area code and an impossible exchange.

    Parameters
    ----------
    index
        Index in the space, in [0, `PHONE_SPACE`). Each area code, in rising
        order, has `PHONES_PER_AREA_CODE` numbers.

    Returns
    -------
    str
        ``NPA-NXX-XXXX`` with N of 0 or 1. The hyphens keep it text in every
        reader of tables.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> phone_number(0), phone_number(PHONE_SPACE - 1)
    ('201-000-0000', '989-199-9999')
    """
    code, rest = divmod(_placed("phone_number", index), PHONES_PER_AREA_CODE)
    exchange, line = divmod(rest, 10_000)
    return f"{AREA_CODES[code]}-{exchange:03d}-{line:04d}"


def drivers_license_number(index: int) -> str:
    """Return a driver's license number of a form that no US state uses.

    Parameters
    ----------
    index
        Index in the space, in [0, `DRIVERS_LICENSE_SPACE`).

    Returns
    -------
    str
        ``ZZ`` and eight digits. It encodes neither name nor birth date.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> drivers_license_number(42)
    'ZZ00000042'
    """
    place = _placed("drivers_license_number", index)
    return f"{DRIVERS_LICENSE_PREFIX}{place:08d}"


def email_address(index: int, name: str = "") -> str:
    """Return an email address at a domain reserved for documentation.

    Parameters
    ----------
    index
        Index in the space, in [0, `EMAIL_SPACE`). Distinct indices give distinct
        addresses whatever the names are.
    name
        Text to begin with; characters other than a to z separate words. Empty: ``user``.

    Returns
    -------
    str
        ``name.########@example.{com,net,org}`` in lower case.

    Raises
    ------
    ValueError
        If `index` lies outside the space.
    TypeError
        If `index` is not a whole number.

    Examples
    --------
    >>> email_address(7), email_address(7, "Ann Lee")
    ('user.00000002@example.net', 'ann.lee.00000002@example.net')
    """
    number, domain = divmod(_placed("email_address", index), len(EMAIL_DOMAINS))
    words = ".".join(re.findall("[a-z]+", name.lower())) or "user"
    return f"{words}.{number:08d}@{EMAIL_DOMAINS[domain]}"


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` pass the Luhn test.

    Parameters
    ----------
    digits
        Decimal digits, without the check digit.

    Returns
    -------
    str
        One digit.

    Examples
    --------
    >>> luhn_digit("7992739871")
    '3'
    """
    total = sum(_DOUBLED[int(digit)] for digit in digits[::-2])
    total += sum(int(digit) for digit in digits[-2::-2])
    return str(-total % 10)


def is_synthetic(field: str, value: object) -> bool:
    """Return whether a value lies in a space that is never assigned.

    Parameters
    ----------
    field
        An identifier of the vocabulary: one of `SPACES`, or ``imei_history``.
    value
        Value to test. Anything but text returns False: a number has lost its
        leading zeros, and a null is not evidence of a synthetic value.

    Returns
    -------
    bool
        True only for the exact written form that this module produces.

    Raises
    ------
    ValueError
        If no such space is known for `field`.

    Examples
    --------
    >>> is_synthetic("imsi", "001010000000042"), is_synthetic("imsi", "310260000000042")
    (True, False)
    """
    test = _TESTS.get(field)
    if test is None:
        msg = (
            f"{unknown('field', field, _TESTS, 'is_synthetic(field, value)')} "
            "Fields without a never-assignable space (names, dates, addresses, PINs) "
            "cannot be tested."
        )
        raise ValueError(msg)
    return isinstance(value, str) and test(value)


def _placed(field: str, index: SupportsIndex) -> int:
    """`index` as a plain whole number, once it is known to lie in the space."""
    space = SPACES[field]
    try:
        place = operator.index(index)
    except TypeError:
        place = None
    if place is None or isinstance(index, bool):
        msg = (
            f"index {index!r} of {field}(index) is a {type(index).__name__}; an index "
            f"is a whole number in [0, {space:,}): pass an int."
        )
        raise TypeError(msg)
    if not 0 <= place < space:
        msg = (
            f"index {place:,} of {field}(index) lies outside [0, {space:,}), the space "
            "that can belong to nobody; make fewer rows, or permute the row number "
            "into the space."
        )
        raise ValueError(msg)
    return place


def _is_synthetic_ssn(value: str) -> bool:
    match = _SSN.fullmatch(value)
    if match is None:
        return False
    area, group, serial = match.groups()
    if area is None:  # the letter range
        return True
    if area[0] == "9":
        return int(group) in FREE_GROUPS
    return area in NEVER_AREAS or group == "00" or serial == "0000"


def _is_synthetic_imei(value: str) -> bool:
    return _IMEI.fullmatch(value) is not None and _ends_in_luhn(value)


def _is_synthetic_phone(value: str) -> bool:
    match = _PHONE.fullmatch(value)
    return match is not None and match[1] in STATE_OF_AREA_CODE


def _is_synthetic_history(value: str) -> bool:
    past = value.split(HISTORY_SEPARATOR)
    return len(past) <= HISTORY_LENGTH and all(map(_is_synthetic_imei, past))


def _ends_in_luhn(digits: str) -> bool:
    return digits[-1] == luhn_digit(digits[:-1])


_TESTS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "ssn": _is_synthetic_ssn,
        "drivers_license_number": lambda value: _LICENSE.fullmatch(value) is not None,
        "phone_number": _is_synthetic_phone,
        "email_address": lambda value: _EMAIL.fullmatch(value) is not None,
        "imsi": lambda value: _IMSI.fullmatch(value) is not None,
        "imei": _is_synthetic_imei,
        "imei_history": _is_synthetic_history,
        "iccid": lambda value: _ICCID.fullmatch(value) is not None and _ends_in_luhn(value),
    }
)

TESTED_FIELDS: Final = tuple(_TESTS)
"""Fields that `is_synthetic` can judge."""
