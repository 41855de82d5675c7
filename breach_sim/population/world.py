"""Compiled population: cells, pools, streams, permutations and calendar.

`World` computes once what all rows of a population share: calendar lookups, the permutations
of the identifiers, the named streams of words.

Not here: the attributes of a row (`laws`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from breach_sim.inputs.scenario import Scenario
from breach_sim.population.cells import Cells
from breach_sim.population.draws.chance import UNIT, Choice, Lookup, WordStream
from breach_sim.population.draws.permutation import Network, Shuffle
from breach_sim.population.values import identifiers
from breach_sim.population.values.geography import AREA_CODES
from breach_sim.population.values.locales import Pools, pools

EPOCH: Final = date(1970, 1, 1)
REFERENCE_DATE: Final = date(2021, 8, 16)
"""The day as of which ages and openings are computed if a scenario has no day zero."""

ADULT_AGE: Final = 18  # [years]
OLDEST_AGE: Final = 90  # [years]
MODAL_AGE: Final = 35  # [years]
DAYS_PER_YEAR: Final = 365.25
EARLIEST_OPENING: Final = date(1994, 1, 1)
HISTORY_START: Final = date(2004, 1, 1)
"""First day of the record of handsets."""
SHORTEST_RECORD: Final = 3653  # [days]
"""Where day zero lies before 2014 the record of handsets and the first opening are this much older."""

# All assumed. The three patterns are the common head of every published count of four-digit codes; their
# shares are of that order and were not looked up.
PIN_LENGTH_SHARES: Final[Mapping[int, float]] = MappingProxyType({4: 0.70, 5: 0.05, 6: 0.25})
PIN_KIND_SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"ascending": 0.10, "ones": 0.06, "zeros": 0.02, "birth_year": 0.06, "uniform": 0.76}
)

SIDE: Final = 10**4
"""Four digits: the side of the networks of identifiers."""
GROUPS_PER_HUNDREDTH: Final = 3_333
PHONE_GROUPS: Final = len(AREA_CODES) * 100 * GROUPS_PER_HUNDREDTH
"""Accounts that can have `MAX_LINES` telephone numbers each: 119,654,700."""
HUNDREDTHS: Final = 100


def day_of(day: date) -> int:
    """Return a date as days since 1970.

    Parameters
    ----------
    day
        Any date.

    Returns
    -------
    int
        Negative before 1970. [days]
    """
    return (day - EPOCH).days


def birthday(born: date, age: int) -> date:
    """Return the day on which a person reaches an age.

    Parameters
    ----------
    born
        Birth date.
    age
        Age reached [years].

    Returns
    -------
    datetime.date
        The birthday; for February 29, March 1 in a common year.

    Examples
    --------
    >>> birthday(date(2000, 2, 29), 18)
    datetime.date(2018, 3, 1)
    """
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


class World:
    """Compiled population: cells, pools, streams, permutations and calendars.

    Parameters
    ----------
    scenario
        Leaked fields by segment.
    seed
        Seed of the population.
    rows
        Rows of the population.
    locale
        Name of the locale.
    traits
        Share of people with each trait. [share]
    """

    def __init__(
        self, scenario: Scenario, seed: int, rows: int, locale: str, traits: Mapping[str, float]
    ) -> None:
        self.rows = rows
        self.seed = seed
        self.cells = Cells(scenario, seed, rows)
        self.pools: Pools = pools(locale)
        self.traits = {name: round(share * UNIT) for name, share in traits.items()}
        self._streams: dict[str, WordStream] = {}
        self._set_calendar(date.fromisoformat(scenario.day_zero) if scenario.day_zero else REFERENCE_DATE)
        self._set_networks()
        lengths = PIN_LENGTH_SHARES.values()
        ways = [kind * length for kind in PIN_KIND_SHARES.values() for length in lengths]
        self.pin_ways = Choice(dict(enumerate(ways)))

    def _set_calendar(self, reference: date) -> None:
        """Days that the laws of dates need."""
        self.reference = day_of(reference)
        old = self.reference - SHORTEST_RECORD
        self.earliest_opening = min(day_of(EARLIEST_OPENING), old)
        self.history_start = min(day_of(HISTORY_START), old)
        self.youngest = day_of(birthday(reference, -ADULT_AGE))
        first = self.youngest - int((OLDEST_AGE - ADULT_AGE) * DAYS_PER_YEAR) - 1
        births = [EPOCH + timedelta(days=day) for day in range(first, self.youngest + 1)]
        self.first_birth = first
        self.eighteenths = Lookup([day_of(birthday(born, ADULT_AGE)) for born in births])
        self.birth_years = Lookup([born.year for born in births])

    def _set_networks(self) -> None:
        """Permutations of the identifiers."""
        holders = max(self.cells.n_holders("ssn"), 1)
        self.ssn = Shuffle(max(holders, identifiers.SSN_STRICT_SPACE), self.seed, "ssn")
        self.ssn_letters = Shuffle(identifiers.SSN_LETTER_SPACE, self.seed, "ssn letters")
        self.ssn_shifts = self.cells.rank_shifts("ssn")
        self.licence_shifts = self.cells.rank_shifts("drivers_license_number")
        names = ("drivers_license_number", "imsi", "imei", "iccid", "email_address")
        self.networks = {name: Network.named(SIDE, SIDE, self.seed, name) for name in names}
        hundredths = len(AREA_CODES) * HUNDREDTHS
        self.group_side = max(GROUPS_PER_HUNDREDTH, -(-self.rows // hundredths))
        self.groups = Network.named(hundredths, self.group_side, self.seed, "phone groups")
        exchanges = identifiers.EXCHANGES_PER_AREA_CODE
        self.lines = Network.named(exchanges, SIDE, self.seed, "phone lines")

    def stream(self, name: str) -> WordStream:
        """Return the stream of a name.

        Parameters
        ----------
        name
            Name of the stream.

        Returns
        -------
        WordStream
            The stream (cached).
        """
        if name not in self._streams:
            self._streams[name] = WordStream.named(self.seed, name)
        return self._streams[name]


def check_spaces(world: World) -> None:
    """Reject more rows than a leaked identifier has distinct values.

    Parameters
    ----------
    world
        The population.

    Raises
    ------
    ValueError
        If a space is too small. The message names it and its size.
    """
    held = {
        "phone_number": (PHONE_GROUPS, world.rows),
        "email_address": (identifiers.EMAIL_SPACE, world.rows),
        "drivers_license_number": (identifiers.DRIVERS_LICENSE_SPACE, None),
    }
    for field, (space, needed) in held.items():
        holders = world.cells.n_holders(field)
        wanted = holders if needed is None else needed
        if holders and wanted > space:
            what = "accounts" if field == "phone_number" else "rows"
            msg = (
                f"rows is {world.rows:,}, of which {holders:,} have a {field}; its space that can belong to "
                f"nobody holds {space:,} {what}, and {wanted:,} would be needed: make fewer rows, or a "
                "scenario in which it did not leak."
            )
            raise ValueError(msg)
