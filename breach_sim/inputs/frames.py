"""Read segments from a data frame: one row per segment, one column per field.

Not here: external tables with their own column names (``interop``).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any

from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Leak, Segment

_RESERVED = ("accounts", "segment", "kind")


def segments_of_frame(frame: Any, blocks: Sequence[Iterable[str]] = ()) -> tuple[Segment, ...]:
    """Return the segments of a table, with fixed coverages.

    Parameters
    ----------
    frame
        A pandas DataFrame as ``Scenario.from_frame`` takes it.
    blocks
        Fields that leak together.

    Returns
    -------
    One per row, in order.

    Raises
    ------
    ValueError
        If a column is not a field, a share is missing or outside [0, 1], or a count is not a whole number.
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
    return tuple(_segment_of_row(number, row, together) for number, row in enumerate(rows))


def _column(name: str) -> str:
    """Name of a field that heads a column."""
    if name not in FIELD_NAMES:
        columns = (*FIELD_NAMES, *_RESERVED)
        raise ValueError(unknown("field", name, columns, "the columns of the frame", FIELD_DESCRIPTIONS))
    return name


def whole_number(count: Any) -> Any:
    """Convert a NumPy integer, or a float without a fraction, to a Python ``int``.

    Parameters
    ----------
    count
        Value given as a count.

    Returns
    -------
    An ``int``, or the unchanged value if it is not a whole number. The caller must reject it.
    """
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
    One note, or none if at most one field leaked for a part of the accounts.
    """
    partial = {f for s in segments for leak in s.leaks if leak.coverage.central < 1 for f in leak.fields}
    if len(partial) < 2:  # noqa: PLR2004 - a single field cannot depend on another
        return ()
    return (
        f"Leaks of {', '.join(sorted(partial))} are taken as independent unless they stand in one block.",
    )
