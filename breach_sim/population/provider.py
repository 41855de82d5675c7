"""A Faker provider of mobile-phone subscribers who cannot exist.

The quantity is a record: what a carrier's file says of one customer. One record
is one person with one account and one line, and its columns agree: the first
name is of the stated sex, the account was opened at 18 or later, the area code
lies in the state and the ZIP code in the state's range, the e-mail address may
be made from the name, past handsets differ from the present one. A column is
null when its field did not leak, and only then.

Laws of chance, every one **assumed** (no public count exists, or none was found
again): age triangular on 18 to 90 with its mode at 35; opening date uniform from
the 18th birthday (1994 at the earliest) to the reference date; each area code
equally likely, so states weigh as their number of area codes; the shares named
in the constants below. Names, streets and cities follow Faker's own weights.

Not modelled: families and several lines on one account, moves and ported
numbers, names by region or birth year, cities by state, licences by state
(their form would let a real number be computed), dates in the handset history,
people who gave another sex than F or M, applicants who never had a line (their
record has one; what leaked of it is the caller's word).

Place in the corridor: imports Faker, as nothing outside this folder does.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from faker.providers import BaseProvider

from breach_sim.spelling import unknown

from . import identifiers
from .geography import STATE_OF_AREA_CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from random import Random

_Kind = TypeVar("_Kind", int, str)

Record: TypeAlias = "dict[str, str | date | bool | None]"
"""One subscriber: column name to value."""

Draw: TypeAlias = "Callable[[str, int], int]"
"""From (field, slot) to an index in the field's space; slots above 0 are past handsets."""

COLUMN_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_name": "full_name",
        "last_name": "full_name",
        "sex": "gender",
        "date_of_birth": "date_of_birth",
        "ssn": "ssn",
        "drivers_license_number": "drivers_license_number",
        "drivers_license_state": "drivers_license_number",
        "phone_number": "phone_number",
        "email_address": "email_address",
        "street_address": "postal_address",
        "city": "postal_address",
        "state": "postal_address",
        "zip_code": "postal_address",
        "account_pin": "account_pin",
        "service_plan": "service_plan",
        "account_opened_on": "service_plan",
        "imsi": "imsi",
        "imei": "imei",
        "imei_history": "imei_history",
        "iccid": "iccid",
    }
)
"""Column of a record to the field of the vocabulary with which it leaks."""

FIELDS: Final = tuple(dict.fromkeys(COLUMN_FIELDS.values()))
"""Fields that a record can have, in the order of its columns."""

REFERENCE_DATE: Final = date(2021, 8, 16)
"""The day as of which ages and openings are told; a literal, never today."""

ADULT_AGE: Final = 18  # [years]
OLDEST_AGE: Final = 90  # [years]
MODAL_AGE: Final = 35  # [years]
EARLIEST_OPENING: Final = date(1994, 1, 1)
DAYS_PER_YEAR: Final = 365.25

# All assumed. The three patterns are the common head of every published count of
# four-digit codes; their shares are of that order and were not looked up.
PIN_LENGTH_SHARES: Final[Mapping[int, float]] = MappingProxyType({4: 0.70, 5: 0.05, 6: 0.25})
PIN_KIND_SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"ascending": 0.10, "ones": 0.06, "zeros": 0.02, "birth_year": 0.06, "uniform": 0.76}
)
PIN_BIRTH_YEARS: Final = range(1940, 2000)
EMAIL_FROM_NAME_SHARE: Final = 0.70
PREPAID_SHARE: Final = 0.25
PAST_HANDSET_SHARES: Final[Mapping[int, float]] = MappingProxyType({1: 0.5, 2: 0.3, 3: 0.2})
PREPAID_PLANS: Final = ("Prepaid Monthly", "Prepaid Unlimited", "Pay As You Go")
POSTPAID_PLANS: Final = ("Unlimited", "Unlimited Plus", "Shared Data", "Talk and Text")


class SubscriberProvider(BaseProvider):
    """Subscribers and their identifiers, none of which can belong to anybody.

    Add it to a Faker of the locale ``en_US``. Faker's own seed governs every
    draw. Single identifiers are drawn with replacement; `sample_records` makes
    unique ones.

    Examples
    --------
    >>> from faker import Faker
    >>> fake = Faker("en_US")
    >>> fake.add_provider(SubscriberProvider)
    >>> fake.seed_instance(1)
    >>> fake.imsi().startswith("00101")
    True
    """

    def subscriber_ssn(self) -> str:
        """Social Security number of the strict set.

        Returns
        -------
        str
            See `identifiers.ssn`. (Faker's own `ssn` makes assignable numbers.)
        """
        return identifiers.ssn(self._index("ssn"))

    def drivers_license_number(self) -> str:
        """Driver licence number of no state.

        Returns
        -------
        str
            See `identifiers.drivers_license_number`.
        """
        return identifiers.drivers_license_number(self._index("drivers_license_number"))

    def subscriber_phone_number(self) -> str:
        """Telephone number with a real area code and an impossible exchange.

        Returns
        -------
        str
            See `identifiers.phone_number`. (Faker's own `phone_number` makes
            numbers that may ring.)
        """
        return identifiers.phone_number(self._index("phone_number"))

    def imsi(self) -> str:
        """Subscriber identity in a test network.

        Returns
        -------
        str
            See `identifiers.imsi`.
        """
        return identifiers.imsi(self._index("imsi"))

    def imei(self) -> str:
        """Device identity that no body hands out.

        Returns
        -------
        str
            See `identifiers.imei`.
        """
        return identifiers.imei(self._index("imei"))

    def iccid(self) -> str:
        """SIM card number of no country.

        Returns
        -------
        str
            See `identifiers.iccid`.
        """
        return identifiers.iccid(self._index("iccid"))

    def account_pin(self, birth_year: int | None = None) -> str:
        """Customer-care PIN of four to six digits, some far more common than others.

        Parameters
        ----------
        birth_year
            Year that the owner may use as the PIN; absent, one of
            `PIN_BIRTH_YEARS`.

        Returns
        -------
        str
            Digits. Not unique, and not meant to be.

        Notes
        -----
        The law is assumed: `PIN_LENGTH_SHARES` and `PIN_KIND_SHARES`. A birth
        year has four digits; at other lengths that share goes to uniform digits.
        """
        length = self._chosen(PIN_LENGTH_SHARES)
        kind = self._chosen(PIN_KIND_SHARES)
        year = birth_year or self._random.choice(PIN_BIRTH_YEARS)
        number = self._random.randrange(10**length)
        if kind == "birth_year" and length == len(str(year)):
            return str(year)
        common = {"ascending": "123456"[:length], "ones": "1" * length, "zeros": "0" * length}
        return common.get(kind, f"{number:0{length}d}")

    def subscriber(
        self,
        segment: str | None = None,
        *,
        leaked: Collection[str] | None = None,
        draw: Draw | None = None,
    ) -> Record:
        """One customer whose columns agree, as a leaked file would show them.

        Parameters
        ----------
        segment
            Name of the cohort, kept as it is. One that begins with ``prepaid``
            gets a prepaid plan. Absent: ``prepaid`` or ``postpaid`` by chance.
        leaked
            Fields that leaked; the columns of all others are None. Absent: all.
        draw
            Where the index of each identifier comes from. Absent: by chance,
            with replacement.

        Returns
        -------
        dict
            ``segment``, ``synthetic`` (True), and the columns of `COLUMN_FIELDS`.
            The person does not depend on `leaked`: what leaks is only shown.

        Raises
        ------
        ValueError
            If `leaked` names a field that a record does not have, or the Faker
            has another locale than ``en_US``.
        TypeError
            If `leaked` is one text in place of a collection.
        """
        shown = known_fields(leaked, "subscriber(leaked=...)")
        self._require_us_locale()
        if segment is None:
            segment = "prepaid" if self._random.random() < PREPAID_SHARE else "postpaid"
        index = draw or (lambda field, _slot: self._index(field))
        born = self._birth_date()
        values: Record = {"date_of_birth": born} | self._named_person() | self._numbers(index)
        values |= self._contact(values, index) | self._account(born, segment)
        record: Record = {"segment": segment, "synthetic": True}
        for column, field in COLUMN_FIELDS.items():
            record[column] = values[column] if field in shown else None
        return record

    def _birth_date(self) -> date:
        """Birth date of somebody who is an adult on the reference date."""
        span = (OLDEST_AGE - ADULT_AGE) * DAYS_PER_YEAR
        mode = (MODAL_AGE - ADULT_AGE) * DAYS_PER_YEAR
        days = int(self._random.triangular(0.0, span, mode))
        youngest = REFERENCE_DATE.replace(year=REFERENCE_DATE.year - ADULT_AGE)
        return youngest - timedelta(days=days)

    def _named_person(self) -> Record:
        """Sex, and a name of it."""
        sex = self._random.choice("FM")
        first = self.generator.first_name_female if sex == "F" else self.generator.first_name_male
        return {"sex": sex, "first_name": first(), "last_name": self.generator.last_name()}

    def _numbers(self, index: Draw) -> Record:
        """Identifiers of the person, the line, the card and the handsets."""
        n_past = self._chosen(PAST_HANDSET_SHARES)
        past = [identifiers.imei(index("imei", slot)) for slot in range(1, n_past + 1)]
        return {
            "ssn": identifiers.ssn(index("ssn", 0)),
            "drivers_license_number": identifiers.drivers_license_number(index("drivers_license_number", 0)),
            "drivers_license_state": identifiers.DRIVERS_LICENSE_STATE,
            "phone_number": identifiers.phone_number(index("phone_number", 0)),
            "imsi": identifiers.imsi(index("imsi", 0)),
            "imei": identifiers.imei(index("imei", 0)),
            "imei_history": identifiers.HISTORY_SEPARATOR.join(past),
            "iccid": identifiers.iccid(index("iccid", 0)),
        }

    def _contact(self, values: Record, index: Draw) -> Record:
        """Address in the state of the phone number, and an e-mail address."""
        state = STATE_OF_AREA_CODE[str(values["phone_number"])[:3]]
        named = self._random.random() < EMAIL_FROM_NAME_SHARE
        name = f"{values['first_name']} {values['last_name']}" if named else ""
        return {
            "street_address": self.generator.street_address(),
            "city": self.generator.city(),
            "state": state,
            "zip_code": self.generator.postcode_in_state(state),
            "email_address": identifiers.email_address(index("email_address", 0), name),
        }

    def _account(self, born: date, segment: str) -> Record:
        """PIN, plan and opening date."""
        earliest = max(birthday(born, ADULT_AGE), EARLIEST_OPENING)
        days = self._random.randrange((REFERENCE_DATE - earliest).days + 1)
        plans = PREPAID_PLANS if segment.startswith("prepaid") else POSTPAID_PLANS
        # The place in the list, not the list, is drawn first: another segment
        # must not move the draws that follow.
        place = self._random.random()
        return {
            "account_pin": self.account_pin(born.year),
            "service_plan": plans[int(place * len(plans))],
            "account_opened_on": earliest + timedelta(days=days),
        }

    @property
    def _random(self) -> Random:
        """Faker's own source of chance."""
        source: Random = self.generator.random
        return source

    def _index(self, field: str) -> int:
        """Place by chance; for SSNs in the strict set, which holds digits only."""
        space = identifiers.SSN_STRICT_SPACE if field == "ssn" else identifiers.SPACES[field]
        return self._random.randrange(space)

    def _chosen(self, shares: Mapping[_Kind, float]) -> _Kind:
        return self._random.choices(list(shares), list(shares.values()))[0]

    def _require_us_locale(self) -> None:
        if not hasattr(self.generator, "postcode_in_state"):
            msg = (
                "this Faker has no US addresses, which subscriber() needs: its states, "
                "area codes and ZIP codes must agree. Make it with Faker('en_US')."
            )
            raise ValueError(msg)


def known_fields(leaked: Collection[str] | None, place: str) -> frozenset[str]:
    """Leaked fields as a set, once each is known to be a field of a record.

    Parameters
    ----------
    leaked
        Names of the vocabulary; None for all that a record has.
    place
        Where they were given; for the message.

    Returns
    -------
    frozenset of str
        The names.

    Raises
    ------
    ValueError
        If a name is unknown or given twice.
    TypeError
        If `leaked` is one text in place of a collection.
    """
    if leaked is None:
        return frozenset(FIELDS)
    if isinstance(leaked, str):
        msg = f"{place} is the text {leaked!r}; it must be a collection: pass [{leaked!r}]."
        raise TypeError(msg)
    for name, times in Counter(leaked).items():
        if name not in FIELDS:
            raise ValueError(unknown("field", name, FIELDS, place))
        if times > 1:
            msg = f"field {name!r} stands {times} times in {place}; name each field once."
            raise ValueError(msg)
    return frozenset(leaked)


def birthday(born: date, age: int) -> date:
    """Day on which somebody reaches an age.

    Parameters
    ----------
    born
        Birth date.
    age
        Age reached [years].

    Returns
    -------
    datetime.date
        The birthday; of 29 February, 1 March in a common year.

    Examples
    --------
    >>> birthday(date(2000, 2, 29), 18)
    datetime.date(2018, 3, 1)
    """
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
