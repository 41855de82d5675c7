"""A small sample of subscribers in given proportions, reproducible from a seed.

The quantity is a list of records. A row is a pure function of the cells, the
number of rows, the seed and its own number; its person and identifiers depend
on seed and number only, so a longer sample begins with the same people, and the
same person shows more or less of themselves in other cells. Identifiers are
unique: each row number is permuted into the space of the identifier, and no
value is remembered.

Rows are shared out over cells by largest remainders, at least one row a cell,
and mixed by a permutation of the row numbers.

Not modelled: speed. One row costs about a millisecond; millions of rows
need arrays. Nor SSNs above the strict set of 45,068,902.

Place in the corridor: over `provider`; imports Faker when called.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

from . import identifiers
from .permutation import permuted, stream_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .provider import Draw, Record

Cell: TypeAlias = "tuple[str, Collection[str], float]"
"""Segment name, leaked fields, and share or number of accounts."""

MAX_ROWS: Final = identifiers.SSN_STRICT_SPACE
"""Rows with a unique SSN of the strict set."""

_IMEIS_PER_ROW: Final = 1 + identifiers.HISTORY_LENGTH


def sample_records(cells: Sequence[Cell], rows: int, seed: int) -> list[Record]:
    """Subscribers of several cells in proportion, none of whom can exist.

    Parameters
    ----------
    cells
        (segment name, leaked field names, share) of each cell. Shares are
        relative: numbers of accounts do as well.
    rows
        Records to make, at least one a cell.
    seed
        Any whole number.

    Returns
    -------
    list of dict
        `rows` records as `SubscriberProvider.subscriber` makes them, with
        unique identifiers, cells mixed.

    Raises
    ------
    ValueError
        If there is no cell, a share is not positive, a field is unknown, `rows`
        is too small or too large, or a value made is not synthetic.

    Examples
    --------
    >>> cells = [("prepaid", ["phone_number"], 9), ("applicants", ["ssn"], 1)]
    >>> records = sample_records(cells, rows=10, seed=1)
    >>> [record["segment"] for record in records].count("applicants")
    1
    """
    from faker import Faker

    from .provider import SubscriberProvider, known_fields

    seed = operator.index(seed)
    leaked = [
        known_fields(fields, f"cells[{number}] ({segment!r})")
        for number, (segment, fields, _) in enumerate(cells)
    ]
    bounds = list(accumulate(shared_out([share for *_, share in cells], rows)))
    order = stream_key(seed, "cell")
    fake = Faker("en_US")
    fake.add_provider(SubscriberProvider)
    records: list[Record] = []
    for row in range(rows):
        place = permuted(row, rows, order)
        cell = next(number for number, bound in enumerate(bounds) if place < bound)
        fake.seed_instance(stream_key(seed, "row", row))
        record: Record = fake.subscriber(cells[cell][0], leaked=leaked[cell], draw=_unique_indices(row, seed))
        require_synthetic(record, f"row {row}")
        records.append(record)
    return records


def shared_out(shares: Sequence[float], rows: int) -> list[int]:
    """Whole rows in proportion to shares, by largest remainders, at least one each.

    Parameters
    ----------
    shares
        Positive numbers; their sum does not matter.
    rows
        Rows to share out.

    Returns
    -------
    list of int
        Rows of each share; they sum to `rows`. Equal remainders: the earlier
        one is served. A row that lifts a share from zero to one comes from the
        share that has most.

    Raises
    ------
    ValueError
        If there are no shares, one is not positive and finite, or `rows` lies
        outside [number of shares, `MAX_ROWS`].

    Examples
    --------
    >>> shared_out([7.8, 5.3, 40, 0.667, 0.85], 1000)
    [143, 97, 732, 12, 16]
    """
    for number, share in enumerate(shares):
        if not (math.isfinite(share) and share > 0):
            msg = (
                f"share {share!r} of cells[{number}] is not a positive number; "
                "leave out a cell that has no accounts."
            )
            raise ValueError(msg)
    if not shares or not len(shares) <= rows <= MAX_ROWS:
        msg = (
            f"rows is {rows:,} for {len(shares)} cells; there must be a cell, and rows "
            f"must lie between the number of cells and {MAX_ROWS:,}, as each cell "
            "gets a row and each row an SSN of its own."
        )
        raise ValueError(msg)
    exact = [Fraction(share) for share in shares]
    quotas = [share * rows / sum(exact) for share in exact]
    counts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(counts)), key=lambda i: counts[i] - quotas[i])
    for i in by_remainder[: rows - sum(counts)]:
        counts[i] += 1
    while 0 in counts:
        counts[counts.index(max(counts))] -= 1
        counts[counts.index(0)] = 1
    return counts


def require_synthetic(record: Mapping[str, object], place: str) -> None:
    """Refuse a record that is not marked or whose identifiers could be real.

    Parameters
    ----------
    record
        Columns to values, as they are to be written. Nulls pass.
    place
        Which record it is; for the message.

    Raises
    ------
    ValueError
        If ``synthetic`` is not True, or an identifier lies outside its
        never-assignable space.
    """
    if record.get("synthetic") is not True:
        msg = f"column 'synthetic' of {place} is {record.get('synthetic')!r}; it must be True."
        raise ValueError(msg)
    for field in identifiers.TESTED_FIELDS:
        value = record.get(field)
        if value is not None and not identifiers.is_synthetic(field, value):
            msg = (
                f"{field} {value!r} of {place} lies outside the space that can belong to "
                f"nobody; nothing is written. Make it with identifiers.{field}(index)."
            )
            raise ValueError(msg)


def _unique_indices(row: int, seed: int) -> Draw:
    """Indices of one row: distinct rows and slots never share one."""

    def draw(field: str, slot: int) -> int:
        space = identifiers.SPACES[field]
        number = row
        if field == "ssn":
            space = identifiers.SSN_STRICT_SPACE
        elif field == "imei":
            number = row * _IMEIS_PER_ROW + slot
        return permuted(number, space, stream_key(seed, field))

    return draw
