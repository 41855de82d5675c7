"""Segments of a breach, with their accounts and leaks, and dated events.

Not here: segments from a data frame (``frames``), and the breach as a whole (``scenario``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import Membership
from breach_sim.inputs.protections import Withheld
from breach_sim.inputs.published import check_read

KINDS = ("postpaid", "prepaid", "former", "prospect", "customer")
"""Kinds of segment; a clock may run at another rate in each."""

EVENTS = ("reset", "notice")
"""Kinds of dated event: "reset" ends the validity of fields, "notice" tells the people (no effect yet)."""
MAX_BLOCKS = 18
"""Most partly leaked blocks of a segment: 2**18 cells."""
MAX_ACCOUNTS = 10**13
"""Largest number of accounts in a segment; beyond it whole numbers lose exactness on the way."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Leak(Displayable):
    """Fields that leaked together.

    Parameters
    ----------
    fields
        Canonical names, at least one, each once.
    coverage
        Share of the segment's accounts whose fields of this leak got out. [share]
    breach
        In a cell of several breaches, the name of the breach; "" elsewhere.

    Raises
    ------
    ValueError
        If a field is unknown or repeated, or the coverage is not a share.
    """

    fields: tuple[str, ...]
    coverage: Estimate
    breach: str = ""

    def __post_init__(self) -> None:
        place = f"the fields of {self.coverage.name}"
        if not self.fields:
            raise ValueError(f"{place} are empty; a leak names at least one field")
        for name in self.fields:
            check_field(name, place)
        if len(set(self.fields)) != len(self.fields):
            raise ValueError(f"{place} are {list(self.fields)}; each field may stand there once")
        if self.coverage.unit != "share":
            raise ValueError(f"{self.coverage.name} is in {self.coverage.unit!r}; a coverage is a 'share'")

    def summary(self) -> str:
        """Fields and coverage."""
        return f"{listed(self.fields)}; coverage {self.coverage.as_part()}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Segment(Displayable):
    """Group of accounts of one kind that lost the same blocks of fields.

    Parameters
    ----------
    name
        Short name, unique in the scenario.
    accounts
        How many customer records. [1, 10**13]; in a cell of several breaches the nearest whole number of its
        central value, which may be 0.
    leaks
        What got out; may be empty.
    kind
        One of :data:`KINDS`; decides how fast phone numbers and handsets turn over.
    label
        Name for tables and figures.
    sources
        Ids of the sources of count and fields.
    note
        What to beware of.
    withheld
        Fields that a share of the accounts did not have in it, whatever leaked of the others.
    status
        How the count is known: "seen", "recalled" or "derived"; "" where nothing is said.
    membership
        In a cell of several breaches, whom it holds; its accounts are then those of ``Law.accounts``.

    Raises
    ------
    ValueError
        If the count is not a positive whole number, the kind is unknown, or a field is in two leaks of one
        breach.
    """

    name: str
    accounts: int
    leaks: tuple[Leak, ...]
    kind: str = "customer"
    label: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    withheld: tuple[Withheld, ...] = ()
    status: str = ""
    membership: Membership | None = None

    def __post_init__(self) -> None:
        place = f"segments.{self.name}"
        if self.status:
            check_read(self.status, f"{place}.status")
        count = self.accounts
        least = 1 if self.membership is None else 0
        if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= MAX_ACCOUNTS:
            raise ValueError(
                f"{place}.accounts is {shown(count)}; it must be a whole number from 1 to 10**13 "
                "(leave out a segment that is empty)"
            )
        if self.kind not in KINDS:
            raise ValueError(unknown("kind of segment", self.kind, KINDS, f"{place}.kind"))
        partial = [
            leak for leak in self.leaks if not leak.coverage.is_certain or 0 < leak.coverage.central < 1
        ]
        if len(partial) > MAX_BLOCKS:
            raise ValueError(
                f"{place} has {len(partial)} partly leaked blocks; at most {MAX_BLOCKS} are possible: put "
                "fields that leak together into one block"
            )
        seen: set[tuple[str, str]] = set()
        for leak in self.leaks:
            own = {(leak.breach, name) for name in leak.fields}
            twice = sorted(name for _, name in seen & own)
            if twice:
                raise ValueError(f"{place} names {twice[0]!r} in two leaks; a field leaks once per segment")
            seen |= own

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that leaked for at least one account, in the order of their bits."""
        leaked = {name for leak in self.leaks for name in leak.fields if not _is_nil(leak)}
        return tuple(name for name in FIELD_NAMES if name in leaked)

    @property
    def title(self) -> str:
        """Label, or the name if there is no label."""
        return self.label or self.name

    def summary(self) -> str:
        """Name, accounts and kind, with the number of fields and leaks."""
        return (
            f"{self.name}: {plural(self.accounts, 'account')} ({self.kind}), "
            f"{plural(len(self.fields), 'field')} in {plural(len(self.leaks), 'leak')}"
        )


def _is_nil(leak: Leak) -> bool:
    return leak.coverage.is_certain and leak.coverage.central == 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Event(Displayable):
    """Event on one day that changes the value of the data, such as a reset.

    Parameters
    ----------
    kind
        One of :data:`EVENTS`.
    day
        Days after day 0, the day of sale. [0, inf)
    fields
        For a reset: the fields that lose their validity.
    segments
        Names of the segments it touches; empty for all.
    label
        For timelines.
    sources
        Ids of the sources of the date.

    Raises
    ------
    ValueError
        If the kind is unknown, the day is negative or not finite, or a reset names no field.
    """

    kind: str
    day: float
    fields: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    label: str = ""
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in EVENTS:
            raise ValueError(unknown("kind of event", self.kind, EVENTS, "events"))
        if not math.isfinite(self.day) or self.day < 0:
            raise ValueError(
                f"the {self.kind} event is on day {self.day!r}; days count from the sale, 0 or more"
            )
        if self.kind == "reset" and not self.fields:
            raise ValueError("a reset event names no field; give fields = [...] that lose their validity")
        for name in self.fields:
            check_field(name, f"the fields of the {self.kind} event")

    def summary(self) -> str:
        """Kind and day, with the fields and segments that it touches."""
        fields = f" of {listed(self.fields)}" if self.fields else ""
        where = listed(self.segments) if self.segments else "all segments"
        return f"{self.kind}{fields} on day {self.day:g}; {where}"
