"""What leaked, for whom, and when: segments of accounts, blocks of fields, dates.

A *scenario* says of every segment of accounts which fields leaked for which share of them. Fields that
leak together form a *leak* (a block) with one coverage; leaks of a segment are independent of each other.
A field named in no leak of a segment did not leak there.

Not here: what the leak enables (``attacks``), or how many people stand behind the accounts.

Place in the corridor: above ``fields`` and ``estimates``; a stranger to ``attacks``.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from breach_sim.dates import LATEST, is_date
from breach_sim.dossier import Dossier, check_read
from breach_sim.estimates import Estimate, Source
from breach_sim.fields import FIELD_NAMES, TOLD, check_field
from breach_sim.protections import Withheld
from breach_sim.spelling import shown, unknown

KINDS = ("postpaid", "prepaid", "former", "prospect", "customer")
"""Kinds of segment; a clock may run at another rate in each."""

EVENTS = ("reset", "notice")
"""Kinds of dated event: "reset" ends the validity of fields, "notice" tells the people (no effect yet)."""

SLACK = 1e-9
"""How far a table of probabilities may be from 1 in all."""
MAX_BLOCKS = 18
"""Most partly leaked blocks of a segment: 2**18 cells."""
MAX_ACCOUNTS = 10**13
"""Largest number of accounts in a segment; beyond it whole numbers lose exactness on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Fields that leaked together.

    Parameters
    ----------
    fields
        Canonical names, at least one, each once.
    coverage
        Share of the segment's accounts whose fields of this leak got out. [share]

    Raises
    ------
    ValueError
        If a field is unknown or repeated, or the coverage is not a share.
    """

    fields: tuple[str, ...]
    coverage: Estimate

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Accounts of one kind that lost the same blocks of fields.

    Parameters
    ----------
    name
        Short name, unique in the scenario.
    accounts
        How many customer records. [1, 10**13]
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

    Raises
    ------
    ValueError
        If the count is not a whole number from 1, the kind is unknown, or a field stands in two leaks.
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

    def __post_init__(self) -> None:
        place = f"segments.{self.name}"
        if self.status:
            check_read(self.status, f"{place}.status")
        count = self.accounts
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_ACCOUNTS:
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
        seen: set[str] = set()
        for leak in self.leaks:
            twice = seen.intersection(leak.fields)
            if twice:
                raise ValueError(f"{place} names {min(twice)!r} in two leaks; a field leaks once per segment")
            seen.update(leak.fields)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that leaked for some account, in the order of their bits."""
        leaked = {name for leak in self.leaks for name in leak.fields if not _is_nil(leak)}
        return tuple(name for name in FIELD_NAMES if name in leaked)

    @property
    def title(self) -> str:
        """Label, or the name where there is none."""
        return self.label or self.name


def _is_nil(leak: Leak) -> bool:
    return leak.coverage.is_certain and leak.coverage.central == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens on one day and changes what the data are worth.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A breach: segments by leaked fields, and the dates.

    Parameters
    ----------
    name
        Short name, as on the command line.
    segments
        At least one, with different names.
    events
        Dated events, in any order.
    label
        Title for tables and figures.
    day_zero
        Calendar date of day 0, as text (for labels only).
    notes
        Cautions that every table of results carries.
    sources
        Ids of the sources of the whole.
    own_sources
        Sources that the scenario brings along, beside the catalogue's.
    release
        How the data got out: probability of each way, certain, summing to 1; empty where nothing is said,
        which is read as resold. [share]
    dossier
        What is told of the breach beside the model.

    Raises
    ------
    ValueError
        If there is no segment, a name comes twice, an event names an unknown segment, or the release table
        does not sum to 1.
    """

    name: str
    segments: tuple[Segment, ...]
    events: tuple[Event, ...] = ()
    label: str = ""
    day_zero: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    own_sources: tuple[Source, ...] = ()
    release: Mapping[str, Estimate] = field(default_factory=dict)
    dossier: Dossier = field(default_factory=Dossier)

    def __post_init__(self) -> None:
        self._check_release()
        if self.day_zero and not is_date(self.day_zero):
            raise ValueError(
                f"day_zero is {shown(self.day_zero)}; write the date as YYYY-MM-DD, before the year {LATEST}"
            )
        names = [segment.name for segment in self.segments]
        if not names:
            raise ValueError(f"scenario {self.name!r} has no segment; it needs at least one")
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise ValueError(f"scenario {self.name!r} has two segments {name!r}; names must differ")
            seen.add(name)
        for event in self.events:
            for name in event.segments:
                if name not in names:
                    raise ValueError(unknown("segment", name, names, f"an event of scenario {self.name!r}"))

    def _check_release(self) -> None:
        for share in self.release.values():
            if share.unit != "share" or not share.is_certain:
                raise ValueError(
                    f"{share.name} is {share.kind} in {share.unit!r}; a probability of the release table is "
                    "a fixed 'share'"
                )
        total = math.fsum(share.central for share in self.release.values())
        if self.release and abs(total - 1) > SLACK:
            told = ", ".join(f"{name} {share.central:g}" for name, share in self.release.items())
            raise ValueError(f"the release table is {told}: in all {total:g}; it must sum to 1")

    def day_of(self, text: str) -> float:
        """Days from day 0 to a calendar date.

        Parameters
        ----------
        text
            Date, as YYYY-MM-DD.

        Returns
        -------
        Negative for dates before; minus infinity where the scenario gives no date of day 0.
        """
        if not self.day_zero:
            return -math.inf
        return float((date.fromisoformat(text) - date.fromisoformat(self.day_zero)).days)

    def date_of(self, day: float) -> str:
        """Calendar date of a day after day 0.

        Parameters
        ----------
        day
            Days after day 0; a part of a day does not count.

        Returns
        -------
        Date as YYYY-MM-DD, or "" where the scenario gives no date of day 0.
        """
        if not self.day_zero:
            return ""
        return (date.fromisoformat(self.day_zero) + timedelta(days=math.floor(day))).isoformat()

    @property
    def accounts(self) -> int:
        """Accounts of all segments together."""
        return sum(segment.accounts for segment in self.segments)

    @property
    def title(self) -> str:
        """Label, or the name where there is none."""
        return self.label or self.name

    def with_own_sources(self, catalog: Mapping[str, Source]) -> dict[str, Source]:
        """Sources of a catalogue together with those that the scenario brings along.

        Parameters
        ----------
        catalog
            Sources by id.

        Returns
        -------
        By id; the scenario's own go before the catalogue's.
        """
        return dict(catalog) | {source.id: source for source in self.own_sources}

    def scaled(self, accounts: int) -> Scenario:
        """The same breach with another number of accounts.

        Parameters
        ----------
        accounts
            New total; shared out in proportion, by largest remainder, so that it is met exactly.

        Returns
        -------
        A new scenario with a note that says so.

        Raises
        ------
        ValueError
            If the total leaves a segment without an account, or is no whole number.
        """
        accounts = _whole(accounts)
        if isinstance(accounts, bool) or not isinstance(accounts, int) or not 1 <= accounts <= MAX_ACCOUNTS:
            raise ValueError(f"accounts is {shown(accounts)}; it must be a whole number from 1 to 10**13")
        counts = apportion([segment.accounts for segment in self.segments], accounts)
        for segment, count in zip(self.segments, counts, strict=True):
            if count == 0:
                raise ValueError(
                    f"{accounts:,} accounts leave segment {segment.name!r} empty; "
                    f"take at least {math.ceil(self.accounts / min(s.accounts for s in self.segments)):,}"
                )
        segments = tuple(
            dataclasses.replace(segment, accounts=count)
            for segment, count in zip(self.segments, counts, strict=True)
        )
        note = f"Scaled from {self.accounts:,} to {accounts:,} accounts; every segment in proportion."
        return dataclasses.replace(self, segments=segments, notes=(*self.notes, note))

    @classmethod
    def from_frame(
        cls, frame: Any, *, name: str = "from-frame", blocks: Sequence[Iterable[str]] = ()
    ) -> Scenario:
        """Scenario from a table: one row a segment, one column a field.

        Parameters
        ----------
        frame
            A pandas DataFrame with a column ``accounts``, optional columns ``segment`` and ``kind``, and
            one column per field with the share of the segment's accounts that lost it. [0, 1]
        name
            Name of the scenario.
        blocks
            Fields that leak together, for example ``[("ssn", "date_of_birth")]``; their shares must be
            equal in every row. Fields in no block leak independently of each other.

        Returns
        -------
        Scenario with fixed coverages.

        Raises
        ------
        ValueError
            If a column is no field, a share is outside [0, 1] or missing, or a count is no whole number.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"accounts": [1000], "full_name": [1.0], "ssn": [0.5]})
        >>> Scenario.from_frame(table).accounts
        1000
        """
        rows = frame.to_dict("records")
        columns = [str(column) for column in frame.columns]
        if "accounts" not in columns:
            near = difflib.get_close_matches("accounts", columns, n=1)
            what = f"column {near[0]!r}" if near else f"columns {shown(columns)}"
            raise ValueError(
                f"{what} in the frame: there is no column 'accounts'; did you mean 'accounts'? Add it"
            )
        fields = [_column(name) for name in columns if name not in _RESERVED]
        together = [tuple(block) for block in blocks]
        if () in together:
            raise ValueError("blocks holds an empty block; name the fields that leak together")
        together += [(field,) for field in fields if not any(field in block for block in together)]
        for block in together:
            for name_of_field in block:
                if name_of_field not in fields:
                    raise ValueError(unknown("field", name_of_field, fields, "blocks"))
        segments = tuple(_segment_of_row(number, row, together) for number, row in enumerate(rows))
        return cls(name=name, segments=segments, notes=_independence_note(segments))


_RESERVED = ("accounts", "segment", "kind")


def _column(name: str) -> str:
    """Name of a field that heads a column."""
    if name not in FIELD_NAMES:
        raise ValueError(unknown("field", name, (*FIELD_NAMES, *_RESERVED), "the columns of the frame", TOLD))
    return name


def _whole(count: Any) -> Any:
    """A whole number of NumPy or a float without fraction as Python's own; anything else as it is."""
    plain = count.item() if hasattr(count, "item") else count
    if isinstance(plain, float) and math.isfinite(plain) and plain == int(plain):
        return int(plain)
    return plain


def _share(row: dict[str, Any], name: str, field: str) -> float:
    """Share in one cell of a frame."""
    try:
        share = float(row[field])
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise ValueError(
            f"row {name!r}, column {field!r} is {shown(row[field])}; it is a share of accounts and must lie "
            "in [0, 1] (0 for a field that did not leak)"
        )
    return share


def _segment_of_row(number: int, row: dict[str, Any], blocks: list[tuple[str, ...]]) -> Segment:
    """Segment from one row of a frame."""
    name = str(row.get("segment", f"row {number}"))
    leaks = []
    for block in blocks:
        shares = {_share(row, name, field) for field in block}
        share = shares.pop()
        if shares:
            raise ValueError(
                f"row {name!r}: the fields of block {block} have different shares; give them one"
            )
        if share > 0:
            coverage = Estimate.fixed(f"segments.{name}.{'+'.join(block)}.coverage", share, "share")
            leaks.append(Leak(fields=block, coverage=coverage))
    kind = str(row.get("kind", "customer"))
    return Segment(
        name=name, accounts=_whole(row["accounts"]), leaks=tuple(leaks), kind=kind, sources=("user-input",)
    )


def _independence_note(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    partial = {f for s in segments for leak in s.leaks if leak.coverage.central < 1 for f in leak.fields}
    if len(partial) < 2:  # noqa: PLR2004 - a single field cannot depend on another
        return ()
    return (
        f"Leaks of {', '.join(sorted(partial))} are taken as independent unless they stand in one block.",
    )


def apportion(weights: Sequence[int], total: int) -> list[int]:
    """Share out a whole number in proportion, by largest remainder.

    Parameters
    ----------
    weights
        Positive whole numbers. Shape (S,).
    total
        What to share out. [0, inf)

    Returns
    -------
    Whole numbers that sum to the total; ties go to the first. Shape (S,).

    Examples
    --------
    >>> apportion([1, 1, 1], 100)
    [34, 33, 33]
    """
    whole = sum(weights)
    shares = [weight * total // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(weights[i] * total % whole), i))
    for i in rest[: total - sum(shares)]:
        shares[i] += 1
    return shares
