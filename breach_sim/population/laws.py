"""Attributes of subscribers, each defined once for single rows and for arrays.

Attributes are integers (codes of names, days, indices of identifiers) that depend only on the seed and the
row number. `RowAttributes` computes them over a compiled `World` with the operations of `chance.ArrayOps` or
`chance.ScalarOps`, so a single record and a streamed block always agree. Text is generated elsewhere.

Laws of chance, every one **assumed** (no public count exists, or none was found again): age triangular on
18 to 90 with its mode at 35; account opened uniformly from the holder's 18th birthday (1994 at the
earliest) to the reference date, a further line from that day and its user's own 18th birthday; handsets
kept for 820 to 1,640 days; each area code equally likely, so states weigh as their number of area codes;
the shares named in the constants below. Names, streets and cities follow Faker's own weights.

Not modeled: names by birth cohort or region, children, moves and ported numbers, cities by state,
licenses by state (their form would let a real number be computed), sexes other than F and M.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from breach_sim.population.cells import FORMER, MAX_LINES, PREPAID, Positions
from breach_sim.population.draws.chance import UNIT, ArrayOps, Integers, Lookup
from breach_sim.population.values import identifiers
from breach_sim.population.world import (
    ADULT_AGE,
    DAYS_PER_YEAR,
    HUNDREDTHS,
    MODAL_AGE,
    OLDEST_AGE,
    PIN_KIND_SHARES,
    PIN_LENGTH_SHARES,
    SIDE,
    World,
)

EMAIL_FROM_NAME_SHARE: Final = 0.70
FAMILY_NAME_SHARE: Final = 0.75
"""Share of the further lines of a family plan whose user has the holder's last name."""
PREPAID_PLANS: Final = ("Prepaid Monthly", "Prepaid Unlimited", "Pay As You Go")
POSTPAID_PLANS: Final = ("Unlimited", "Unlimited Plus", "Shared Data", "Talk and Text")
PLANS: Final = (*PREPAID_PLANS, *POSTPAID_PLANS)

HANDSET_DAYS: Final = (820, 1640)
"""Shortest and longest time a line keeps a handset. [days]"""
MAX_DEVICES: Final = 8
"""Handsets of a line, at most."""

# A PIN is one of fifteen ways: five kinds by three lengths. Of each: the first four digits (or none), whether
# drawn digits or the birth year go there, and where in the tails it begins and among how many it is drawn.
_WAYS: Final = [(kind, length - 4) for kind in PIN_KIND_SHARES for length in PIN_LENGTH_SHARES]
_RUNS: Final = {"ascending": "123456", "ones": "111111", "zeros": "000000"}
PIN_TAILS: Final = ("", *(f"{digit}" for digit in range(10)), *(f"{pair:02d}" for pair in range(100)))
"""What follows the first four digits of a PIN."""
_TAIL_STARTS: Final = (0, 1, 11)
_HEADS: Final = Lookup([int(_RUNS.get(kind, "0000")[:4]) for kind, _ in _WAYS])
_YEARS: Final = Lookup([int((kind, extra) == ("birth_year", 0)) for kind, extra in _WAYS])
_DRAWN: Final = Lookup(
    [int(kind not in _RUNS and (kind, extra) != ("birth_year", 0)) for kind, extra in _WAYS]
)
_TAILS: Final = Lookup(
    [
        PIN_TAILS.index(_RUNS[kind][4 : 4 + extra]) if kind in _RUNS else _TAIL_STARTS[extra]
        for kind, extra in _WAYS
    ]
)
_AMONG: Final = Lookup([0 if kind in _RUNS else 10**extra for kind, extra in _WAYS])


class RowAttributes:
    """Attributes of one row or of many.

    Parameters
    ----------
    world
        The population.
    ops
        `ArrayOps` or `ScalarOps`.
    positions
        Positions of the rows.
    account
        Rows of the first lines of their accounts.
    spread
        Index of each row's account in `account`; None if there is one account per row.
    firsts
        Index of the first row of each account; None if there is one account per row.
    """

    def __init__(
        self,
        world: World,
        ops: Any,
        positions: Positions,
        account: Any,
        spread: Integers | None = None,
        firsts: Integers | None = None,
    ) -> None:
        self.world = world
        self.ops = ops
        self.positions = positions
        self.row: Any = positions.row
        self.slot: Any = positions.slot
        self.account = account
        self.spread = spread
        self.firsts = firsts
        self.single = not (positions.slot.any() if ops is ArrayOps else positions.slot)
        self.whole: RowAttributes | None = None
        """Attributes of a larger set of rows; these rows are at `own` in it and reuse its values."""
        self.own: Any = None

    def word(self, name: str, number: Any) -> Any:
        """Return words of a stream of the population.

        Parameters
        ----------
        name
            Name of the stream.
        number
            Rows or accounts.

        Returns
        -------
        Words of 32 bits.
        """
        return self.ops.word(self.world.stream(name), number)

    def each(self, of_accounts: Any) -> Any:
        """Expand quantities of accounts to rows.

        Parameters
        ----------
        of_accounts
            One per account.

        Returns
        -------
        One per row.
        """
        return of_accounts if self.spread is None else of_accounts.take(self.spread)

    def _reused(self, name: str) -> Any:
        """Return values taken from the larger set; None if computing them for these rows is cheaper."""
        if self.whole is None or (
            name not in self.whole.__dict__ and 2 * len(self.own) < len(self.whole.row)
        ):
            return None
        return getattr(self.whole, name).take(self.own)

    # The person -------------------------------------------------------------

    @cached_property
    def sex(self) -> Any:
        """0 for F, 1 for M."""
        if (values := self._reused("sex")) is not None:
            return values
        return self.ops.below(self.word("sex", self.row), 2)

    @cached_property
    def first_name(self) -> Any:
        """Place in the first names of the locale."""
        if (values := self._reused("first_name")) is not None:
            return values
        return self.ops.draw(self.world.pools.first, self.word("first name", self.row), self.sex)

    @cached_property
    def initial(self) -> Any:
        """Middle initial, as a place in the alphabet."""
        return self.ops.draw(self.world.pools.initial, self.word("initial", self.row), self.sex)

    @cached_property
    def last_name(self) -> Any:
        """Place in the last names of the locale; families mostly share the holder's."""
        if (values := self._reused("last_name")) is not None:
            return values
        number = self.row
        if not self.single:
            shared = self.word("family name", self.row) < round(FAMILY_NAME_SHARE * UNIT)
            # The holder's own row, where the name is shared; slot 0 is the holder.
            number = self.row - self.slot * shared
        return self.ops.draw(self.world.pools.last, self.word("last name", number))

    @cached_property
    def born(self) -> Any:
        """Birth date, in days since 1970."""
        if (values := self._reused("born")) is not None:
            return values
        return self._born(self.row)

    def _born(self, number: Any) -> Any:
        """Triangular: the square root of the share below, from the near end of the triangle."""
        span = (OLDEST_AGE - ADULT_AGE) * DAYS_PER_YEAR
        mode = (MODAL_AGE - ADULT_AGE) * DAYS_PER_YEAR
        share = (self.word("birth", number) + 0.5) * (1 / UNIT)
        late = (share >= mode / span) * 1.0
        away = self.ops.root(abs(late - share) * span * (mode + late * (span - mode - mode)))
        return self.world.youngest - self.ops.whole(late * span + (1.0 - 2.0 * late) * away)

    def _eighteenth(self, born: Any) -> Any:
        return self.ops.take(self.world.eighteenths, born - self.world.first_birth)

    # The account ------------------------------------------------------------

    @cached_property
    def holder_born(self) -> Any:
        """Birth date of the account's holder, one per account, in days since 1970."""
        if self.single:
            return self.born
        if self.firsts is None:
            return self._born(self.account)
        # The first row of an account is the holder's, but for accounts that begin before these rows.
        born = self.born.take(self.firsts)
        others = self.slot.take(self.firsts).nonzero()[0]
        born[others] = self._born(self.account.take(others))
        return born

    @cached_property
    def account_opened(self) -> Any:
        """Day the account was opened, one per account, in days since 1970."""
        earliest = self.ops.maximum(self._eighteenth(self.holder_born), self.world.earliest_opening)
        days = self.world.reference + 1 - earliest
        return earliest + self.ops.below(self.word("account opened", self.account), days)

    @cached_property
    def opened(self) -> Any:
        """Day the line was opened, the first with the account, in days since 1970."""
        if (values := self._reused("opened")) is not None:
            return values
        opened = self.each(self.account_opened)
        if self.single:
            return opened
        earliest = self.ops.maximum(opened, self._eighteenth(self.born))
        days = self.world.reference + 1 - earliest
        later = earliest + self.ops.below(self.word("line opened", self.row), days)
        return self.ops.where(self.slot > 0, later, opened)

    @cached_property
    def is_former(self) -> Any:
        """Whether the account is closed."""
        return self.positions.contract == FORMER

    @cached_property
    def closed(self) -> Any:
        """Day a former account was closed, in days since 1970; valid for former accounts."""
        earliest = self.ops.maximum(self.opened, self.world.history_start)
        days = self.world.reference + 1 - earliest
        return earliest + self.ops.below(self.word("closed", self.row), days)

    @cached_property
    def plan(self) -> Any:
        """Place in `PLANS`."""
        word = self.word("plan", self.account)
        prepaid = self.ops.below(word, len(PREPAID_PLANS))
        other = self.ops.below(word, len(POSTPAID_PLANS)) + len(PREPAID_PLANS)
        return self.ops.where(self.positions.contract == PREPAID, self.each(prepaid), self.each(other))

    @cached_property
    def pin(self) -> tuple[Any, Any]:
        """First four digits of the PIN and the place in `PIN_TAILS` of the rest, one per account."""
        ops = self.ops
        way = ops.draw(self.world.pin_ways, self.word("pin way", self.account))
        digits = ops.below(self.word("pin digits", self.account), 10**6)
        head = digits // 100
        pair = digits - head * 100
        year = ops.take(self.world.birth_years, self.holder_born - self.world.first_birth)
        head = ops.take(_HEADS, way) + head * ops.take(_DRAWN, way) + year * ops.take(_YEARS, way)
        return head, ops.take(_TAILS, way) + pair * ops.take(_AMONG, way) // 100

    # The place --------------------------------------------------------------

    @cached_property
    def group(self) -> tuple[Any, Any]:
        """Area code (its place in `AREA_CODES`) and group of numbers in it, one per account."""
        side = self.world.group_side
        high = self.account // side
        left, right = self.ops.moved(self.world.groups, high, self.account - high * side)
        code = left // HUNDREDTHS
        return code, (left - code * HUNDREDTHS) * side + right

    @cached_property
    def phone(self) -> tuple[Any, Any, Any]:
        """Area code (its place), exchange and line number."""
        code, group = self.group
        code, group = self.each(code), self.each(group)
        number = group * MAX_LINES + self.slot
        exchange = number // SIDE
        exchange, line = self.ops.moved(self.world.lines, exchange, number - exchange * SIDE, code)
        return code, exchange, line

    @cached_property
    def region(self) -> Any:
        """Place in the regions of the locale, one per account."""
        table = self.world.pools.region_of_code
        if table is not None:
            return self.ops.take(table, self.group[0])
        return self.ops.below(self.word("region", self.account), len(self.world.pools.regions))

    @cached_property
    def zip_code(self) -> Any:
        """ZIP code as a number, one per account."""
        size = self.ops.take(self.world.pools.zip_sizes, self.region)
        start = self.ops.take(self.world.pools.zip_starts, self.region)
        return start + self.ops.below(self.word("zip", self.account), size)

    def pieces(self, name: str) -> list[Any]:
        """Return the pieces of a street (``street``) or a city (``city``), one per account.

        Parameters
        ----------
        name
            Which of the two.

        Returns
        -------
        list
            Index in the pool for each piece.
        """
        pieces = getattr(self.world.pools, name)
        way = self.ops.draw(pieces.alternative, self.word(f"{name} way", self.account))
        return [
            self.ops.draw(slot, self.word(f"{name} piece {number}", self.account), way)
            for number, slot in enumerate(pieces.slots)
        ]

    # Identifiers ------------------------------------------------------------

    @cached_property
    def ssn(self) -> Any:
        """Index of the SSN in its space; valid for rows that lost it."""
        rank = self.positions.place - self.ops.take(self.world.ssn_shifts, self.positions.cell)
        index = self.ops.place(self.world.ssn, rank)
        strict = identifiers.SSN_STRICT_SPACE
        if self.world.ssn.size <= strict:
            return index
        return self.ops.place_if(self.world.ssn_letters, index - strict, index >= strict) + strict

    @cached_property
    def licence(self) -> tuple[Any, Any]:
        """Driver's license number as two groups of four digits; valid for rows that lost it."""
        rank = self.positions.place - self.ops.take(self.world.licence_shifts, self.positions.cell)
        high = rank // SIDE
        network = self.world.networks["drivers_license_number"]
        left, right = self.ops.moved(network, high, rank - high * SIDE)
        return left, right

    def number(self, name: str, top_size: int, slot: Any = 0, slots: int = 1) -> tuple[Any, Any, Any]:
        """Return the index of an identifier of the line, as three groups of digits.

        Parameters
        ----------
        name
            Which identifier.
        top_size
            Number of values of the first group; the other groups have four digits.
        slot
            Which of the line's identifiers of this kind. [0, slots)
        slots
            Maximum number per line.

        Returns
        -------
        tuple
            Three groups, distinct for distinct (row, slot).

        Notes
        -----
        The last eight digits of the row are permuted with a key from the leading digits, which are then
        shifted by a word of the result. Both steps are invertible, so there are no collisions.
        """
        low, top = self.row, slot
        if self.world.rows > SIDE * SIDE:
            high = self.row // (SIDE * SIDE)
            low, top = self.row - high * (SIDE * SIDE), high * slots + slot
        left = low // SIDE
        left, right = self.ops.moved(self.world.networks[name], left, low - left * SIDE, top)
        moved = self.ops.below(self.word(f"{name} top", left * SIDE + right), top_size)
        if not isinstance(top, int) or top:
            moved = (moved + top) % top_size
        return moved, left, right

    @cached_property
    def imsi(self) -> tuple[Any, Any, Any]:
        """IMSI without prefix: two, four and four digits."""
        return self.number("imsi", 100)

    def imei(self, slot: Any = 0) -> tuple[Any, Any, Any]:
        """Return the IMEI of a handset of the line, without prefix: two, four and four digits.

        Parameters
        ----------
        slot
            Number of later handsets; 0 is the current one. [0, `MAX_DEVICES`)

        Returns
        -------
        tuple
            Three groups of digits.
        """
        return self.number("imei", 100, slot, MAX_DEVICES)

    @cached_property
    def iccid(self) -> tuple[Any, Any, Any]:
        """ICCID without prefix: six, four and four digits."""
        return self.number("iccid", 10**6)

    @cached_property
    def email(self) -> tuple[Any, Any, Any, Any]:
        """Whether the address contains the name; its domain; two groups of four digits."""
        named = self.word("email name", self.row) < round(EMAIL_FROM_NAME_SHARE * UNIT)
        domain, left, right = self.number("email_address", len(identifiers.EMAIL_DOMAINS))
        return named, domain, left, right

    def trait(self, name: str) -> Any:
        """Return whether people have a trait.

        Parameters
        ----------
        name
            A trait of the population.

        Returns
        -------
        Truth values.
        """
        return self.word(f"trait {name}", self.row) < self.world.traits[name]

    # Handsets ---------------------------------------------------------------

    @cached_property
    def handsets(self) -> tuple[Any, Any, Any, Any]:
        """First and last day of a line, its number of handsets, and the days between them."""
        ops = self.ops
        last = ops.where(self.is_former, self.closed, self.world.reference)
        first = ops.minimum(ops.maximum(self.opened, self.world.history_start), last)
        shortest, longest = HANDSET_DAYS
        days = ops.below(self.word("handset", self.row), longest - shortest + 1) + shortest
        return first, last, ops.minimum((last - first) // days, MAX_DEVICES - 1) + 1, days
