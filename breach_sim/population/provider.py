"""A Faker provider of mobile-phone subscribers who cannot exist.

It returns records of a `Population`; Faker's random source selects the row. The default population has 10**8
US subscribers of every kind, who lost every field that has a column.

Not modeled: what `laws` leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Final

from faker.providers import BaseProvider

from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.population.population import Population
from breach_sim.population.record import Record, record_of
from breach_sim.population.values import identifiers
from breach_sim.population.values.columns import COLUMN_FIELDS

if TYPE_CHECKING:
    from random import Random

FIELDS: Final = tuple(dict.fromkeys(COLUMN_FIELDS.values()))
"""Fields that a record can have, in the order of its columns."""
KIND_ACCOUNTS: Final = {
    "postpaid": 55_000_000,
    "prepaid": 20_000_000,
    "former": 15_000_000,
    "prospect": 10_000_000,
}
"""Rows of each kind among the subscribers of the provider; assumed."""


class SubscriberProvider(BaseProvider):
    """Subscribers and their identifiers, none of which can be real.

    Faker's seed controls every draw. Single identifiers are drawn with replacement; the rows of a
    `Population` have unique ones.

    Examples
    --------
    >>> from faker import Faker
    >>> fake = Faker()
    >>> fake.add_provider(SubscriberProvider)
    >>> fake.seed_instance(1)
    >>> fake.imsi().startswith("00101")
    True
    """

    def subscriber(
        self,
        number: int | None = None,
        *,
        leaked: Collection[str] | None = None,
        of: Population | None = None,
    ) -> Record:
        """Return one customer record with consistent columns, as in a leaked file.

        Parameters
        ----------
        number
            Row of the population; random by default.
        leaked
            Fields to show; other columns are None. By default, those that leaked in the population.
        of
            The population; `everyone` by default.

        Returns
        -------
        dict
            The same as ``of[number]``. The person does not depend on `leaked`.

        Raises
        ------
        ValueError
            If `leaked` names a field that records do not have.
        TypeError
            If `leaked` is a single text instead of a collection.
        IndexError
            If there is no such row.
        """
        people = everyone() if of is None else of
        row = people.checked_row(self._random.randrange(len(people)) if number is None else number)
        shown = None if leaked is None else mask(known_fields(leaked, "subscriber(leaked=...)"))
        return record_of(people.world, row, shown)

    def account_pin(self) -> str:
        """Return a customer-care PIN of four to six digits; some are far more common than others.

        Returns
        -------
        str
            The PIN of a random subscriber. Not unique, by design.
        """
        return str(self.subscriber(leaked=["account_pin"])["account_pin"])

    def subscriber_ssn(self) -> str:
        """Return a Social Security number of the strict set.

        Returns
        -------
        str
            See `identifiers.ssn`. (Faker's own `ssn` returns assignable numbers.)
        """
        return identifiers.ssn(self._index("ssn"))

    def drivers_license_number(self) -> str:
        """Return a driver's license number that no state issues.

        Returns
        -------
        str
            See `identifiers.drivers_license_number`.
        """
        return identifiers.drivers_license_number(self._index("drivers_license_number"))

    def subscriber_phone_number(self) -> str:
        """Return a telephone number with a real area code and an impossible exchange.

        Returns
        -------
        str
            See `identifiers.phone_number`. (Faker's own `phone_number` may return real numbers.)
        """
        return identifiers.phone_number(self._index("phone_number"))

    def imsi(self) -> str:
        """Return a subscriber identity of a test network.

        Returns
        -------
        str
            See `identifiers.imsi`.
        """
        return identifiers.imsi(self._index("imsi"))

    def imei(self) -> str:
        """Return a device identity that no body allocates.

        Returns
        -------
        str
            See `identifiers.imei`.
        """
        return identifiers.imei(self._index("imei"))

    def iccid(self) -> str:
        """Return a SIM card number of no country.

        Returns
        -------
        str
            See `identifiers.iccid`.
        """
        return identifiers.iccid(self._index("iccid"))

    @property
    def _random(self) -> Random:
        """Faker's random source."""
        source: Random = self.generator.random
        return source

    def _index(self, field: str) -> int:
        """Place by chance; for SSNs in the strict set, which holds digits only."""
        space = identifiers.SSN_STRICT_SPACE if field == "ssn" else identifiers.SPACES[field]
        return self._random.randrange(space)


@cache
def everyone() -> Population:
    """Return the default population: every kind, every field, 10**8 rows, seed 0.

    Returns
    -------
    Population
        The population (cached).
    """
    coverage = Estimate.fixed("provider.coverage", 1.0, "share")
    segments = tuple(
        Segment(name=kind, kind=kind, accounts=accounts, leaks=(Leak(fields=FIELDS, coverage=coverage),))
        for kind, accounts in KIND_ACCOUNTS.items()
    )
    return Population(Scenario(name="everyone", segments=segments), seed=0)


def known_fields(leaked: Collection[str], place: str) -> frozenset[str]:
    """Return leaked fields as a set, if each is a field of a record.

    Parameters
    ----------
    leaked
        Names of fields.
    place
        Where they were given, for the error message.

    Returns
    -------
    frozenset of str
        The names.

    Raises
    ------
    ValueError
        If a name is unknown or given twice.
    TypeError
        If `leaked` is a single text instead of a collection.
    """
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
