"""Segments of a breach, with their accounts and leaks, also from a data frame; and dated events.

A frame has one row per segment and one column per field.

Not here: external tables with their own column names (``interop``), and the breach as a whole (``scenario``).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.messages import repeated, shown, unknown
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES, check_field
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import Membership
from breach_sim.inputs.numbers.protections import Withheld
from breach_sim.inputs.published import check_read

KINDS = ("postpaid", "prepaid", "former", "prospect", "customer")
"""Kinds of segment; a clock may run at another rate in each."""

EVENTS = ("reset", "notice")
"""Kinds of dated event: "reset" ends the validity of fields, "notice" tells the people (no effect yet)."""
MAX_BLOCKS = 18
"""Most partly leaked blocks of a segment: 2**18 cells."""
MAX_ACCOUNTS = 10**13
"""Largest number of accounts in a segment; beyond it whole numbers lose exactness on the way."""
MAX_SEGMENTS = 1_000
"""Most segments of a scenario, however it is made: a run keeps about 3.5 kB for each and each replicate."""
_FEWEST = 2
"""Rows of which another one may be the total."""
_NEAR = 0.005
"""How far a share may be from the mean share."""
_COLUMNS = ("accounts", "segment", "kind")
"""Columns of a frame that are no field."""


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
            raise ValueError(
                f"{place} name {repeated(self.fields)}; each field may stand there once: keep one"
            )
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


def segments_of_frame(frame: Any, blocks: Sequence[Iterable[str]] = ()) -> tuple[Segment, ...]:
    """Return the segments of a table, with fixed coverages.

    Parameters
    ----------
    frame
        A data frame as ``Scenario.from_frame`` takes it.
    blocks
        Fields that leak together.

    Returns
    -------
    One per row, in order.

    Raises
    ------
    ValueError
        If a column is not a field or stands there twice, a share is missing or outside [0, 1], a count is not
        a whole number, or a row looks like the total of those above it.
    """
    columns, rows = _rows_of(frame)
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the frame has two columns {twice!r}; keep one")
    if "accounts" not in columns:
        near = difflib.get_close_matches("accounts", columns, n=1)
        what = f"column {near[0]!r}" if near else f"columns {shown(columns)}"
        raise ValueError(
            f"{what} in the frame: there is no column 'accounts'; did you mean 'accounts'? Add it"
        )
    fields = [_column(name) for name in columns if name not in _COLUMNS]
    together = [tuple(block) for block in blocks]
    if () in together:
        raise ValueError("blocks holds an empty block; name the fields that leak together")
    together += [(field,) for field in fields if not any(field in block for block in together)]
    for block in together:
        for name_of_field in block:
            if name_of_field not in fields:
                raise ValueError(unknown("field", name_of_field, fields, "blocks"))
    segments = tuple(_segment_of_row(number, row, together) for number, row in enumerate(rows))
    _check_totals(segments)
    return segments


def _rows_of(frame: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows of a frame of pandas, Polars or PyArrow."""
    if hasattr(frame, "to_pylist"):
        return [str(name) for name in frame.column_names], frame.to_pylist()
    if hasattr(frame, "to_dicts"):
        return [str(name) for name in frame.columns], frame.to_dicts()
    if not hasattr(frame, "itertuples"):
        raise ValueError(
            f"a {type(frame).__name__} is no data frame; give one of pandas, Polars or PyArrow, or read a "
            "file with from_table"
        )
    columns = [str(name) for name in frame.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
    if "segment" not in columns and all(isinstance(name, str) for name in frame.index):
        # An index of texts names the rows.
        rows = [{"segment": name} | row for name, row in zip(frame.index, rows, strict=True)]
    return columns, rows


def _check_totals(segments: Sequence[Segment]) -> None:
    """Refuse a row that has the accounts of all rows above it together, and their mean shares or none."""
    for number in range(_FEWEST, len(segments)):
        row, above = segments[number], segments[:number]
        whole = sum(segment.accounts for segment in above)
        if row.accounts != whole:
            continue
        means = dict.fromkeys(FIELD_NAMES, 0.0)
        for segment in above:
            for name, share in _shares(segment).items():
                means[name] += share * segment.accounts / whole
        own = _shares(row)
        if not own or all(abs(means[name] - own.get(name, 0.0)) < _NEAR for name in means):
            raise ValueError(
                f"row {row.name!r} has as many accounts as the rows above together ({whole:,}), and their "
                "mean shares or none; if it is their total, leave it out; if it is a segment, put it first"
            )


def _shares(segment: Segment) -> dict[str, float]:
    return {name: leak.coverage.central for leak in segment.leaks for name in leak.fields}


def _column(name: str) -> str:
    """Name of a field that heads a column."""
    if name not in FIELD_NAMES:
        columns = (*FIELD_NAMES, *_COLUMNS)
        raise ValueError(unknown("field", name, columns, "the columns of the frame", FIELD_DESCRIPTIONS))
    return name


def whole_number(count: Any) -> Any:
    """Convert a NumPy integer, or a float or decimal number without a fraction, to a Python ``int``.

    Parameters
    ----------
    count
        Value given as a count.

    Returns
    -------
    An ``int``, or the unchanged value if it is not a whole number. The caller must reject it.
    """
    plain = count.item() if hasattr(count, "item") else count
    if isinstance(plain, (float, Decimal)) and math.isfinite(plain) and plain == int(plain):
        return int(plain)
    return plain


def _share(row: dict[str, Any], name: str, field: str) -> float:
    """Share in one cell of a frame."""
    try:
        # A truth value says that a field leaked, and not for which share.
        truth = isinstance(getattr(row[field], "item", lambda: row[field])(), bool)
        share = math.nan if truth else float(row[field])
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise ValueError(
            f"row {name!r}, column {field!r} is {shown(row[field])}; it is a share of accounts and must lie "
            "in [0, 1] (0 for a field that did not leak); from_table reads blanks, percentages and ranges too"
        )
    return share


def _text(value: Any, otherwise: str) -> str:
    """Text in a cell of a frame; NaN, NA, None and blank text are none."""
    try:
        present = bool(value == value)  # noqa: PLR0124 - what is missing is not equal to itself
    except TypeError:
        present = False
    return str(value) if value is not None and present and str(value).strip() else otherwise


def _segment_of_row(number: int, row: dict[str, Any], blocks: list[tuple[str, ...]]) -> Segment:
    """Segment from one row of a frame."""
    name = _text(row.get("segment"), f"row {number}")
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
    kind = _text(row.get("kind"), "customer")
    return Segment(
        name=name,
        accounts=whole_number(row["accounts"]),
        leaks=tuple(leaks),
        kind=kind,
        sources=("user-input",),
    )


def independence_note(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    """Return a caution if fields of a frame are assumed to leak independently.

    Parameters
    ----------
    segments
        Segments read from the frame.

    Returns
    -------
    One note, or none if no segment has two blocks that leaked for a part of its accounts.
    """
    partial: set[str] = set()
    for segment in segments:
        blocks = [leak.fields for leak in segment.leaks if leak.coverage.central < 1]
        if len(blocks) > 1:
            partial.update(*blocks)
    if not partial:
        return ()
    return (
        f"Leaks of {', '.join(sorted(partial))} are taken as independent unless they stand in one block.",
    )
