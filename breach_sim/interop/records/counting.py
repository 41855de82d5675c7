"""Count rows by segment and set of leaked fields, with one query of the table's own engine.

Each field becomes a bit of a whole number, so that the engine groups by one column. Of the columns that are
read, the number of values that are not null is counted as well: what is left of them after those that hold
something was written as nothing.

Not here: which columns are read (``layout``), and when a value holds something (``values``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from breach_sim.inputs import fields as vocabulary
from breach_sim.interop.records.layout import Layout
from breach_sim.interop.records.values import Definition, holds, is_number, is_text

if TYPE_CHECKING:
    import narwhals as nw

MOST_CELLS = 2**16
"""Most cells that are counted; more cannot be kinds of customers."""
_SEGMENT, _KEY, _ROWS, _PERSONS, _SPLIT = "segment", "fields", "rows", "n", "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cells of a table.

    Parameters
    ----------
    cells
        Rows of the result: fields (a mask, or what the mask column holds), segment if there is one, n.
    nothing
        Values that are written and stand for nothing, by column.
    rows
        Rows counted.
    split
        Persons of several segments, if rows are joined by person.
    """

    cells: tuple[Mapping[str, Any], ...]
    nothing: Mapping[str, int] = field(default_factory=dict)
    rows: int
    split: int = 0


def presence(
    schema: Mapping[str, nw.dtypes.DType], layout: Layout, definition: Definition
) -> dict[str, nw.Expr]:
    """Return whether each field is present in a row.

    Parameters
    ----------
    schema
        Types by column.
    layout
        What is read.
    definition
        What counts as nothing.

    Returns
    -------
    Boolean expressions by field, never null.
    """
    fields = layout.fields_of()
    found: dict[str, list[nw.Expr]] = {}
    for name, own in layout.alone.items():
        for one in own:
            found.setdefault(one, []).append(holds(name, schema[name], fields[name], definition))
    for one, parts in layout.together.items():
        every = [
            reduce(or_, [holds(name, schema[name], fields[name], definition) for name in names])
            for names in parts.values()
        ]
        found.setdefault(one, []).append(reduce(and_, every))
    return {one: reduce(or_, found[one]) for one in vocabulary.FIELD_NAMES if one in found}


def listed_columns(schema: Mapping[str, nw.dtypes.DType], layout: Layout, *, joined: bool) -> dict[str, str]:
    """Return the columns whose placeholders are counted: those of text and of whole numbers.

    Parameters
    ----------
    schema
        Types by column.
    layout
        What is read.
    joined
        Whether rows are joined by person.

    Returns
    -------
    By column, the field that only it reveals, if there is one and rows are not joined: the placeholders are
    then what is not null and not in the cells, which needs no second look at the values. "" otherwise.
    """
    fields = layout.fields_of()
    owners = [one for own in fields.values() for one in own]
    found = {}
    for name, own in fields.items():
        if not is_text(schema[name]) and (not is_number(schema[name]) or schema[name].is_float()):
            continue
        alone = len(own) == 1 and owners.count(*own) == 1 and not joined
        found[name] = next(iter(own)) if alone else ""
    return found


def count(
    frame: nw.LazyFrame[Any],
    layout: Layout,
    definition: Definition,
    *,
    segment: str | None,
    unique: str | None,
) -> list[nw.LazyFrame[Any]]:
    """Return the queries that count rows by segment and leaked fields.

    Parameters
    ----------
    frame
        The table.
    layout
        What is read.
    definition
        What counts as nothing.
    segment
        Column of the segment, or None.
    unique
        Column that names a person, whose rows are joined; or None.

    Returns
    -------
    One query; two if rows are joined by person, the second for rows that name nobody.
    """
    import narwhals as nw

    schema = dict(frame.collect_schema())
    bits = {name: 1 << vocabulary.FIELD_NAMES.index(name) for name in vocabulary.FIELD_NAMES}
    segments = {} if segment is None else {_SEGMENT: nw.col(segment)}
    if layout.mask is not None:
        masks = {_KEY: nw.col(layout.mask)} | segments
        return [_grouped(frame.select(**masks), list(masks), [])]
    present = presence(schema, layout, definition)
    fields = layout.fields_of()
    values = {
        f"value {i}": nw.col(name) if field else _empty(name, schema[name], fields[name], definition)
        for i, (name, field) in enumerate(listed_columns(schema, layout, joined=unique is not None).items())
    }
    key = reduce(lambda a, b: a + b, [_bit(test, bits[name]) for name, test in present.items()])
    whole = frame.select(**({_KEY: key} | segments | values))
    keys = [_KEY, *segments]
    if unique is None:
        return [_grouped(whole, keys, list(values))]
    named = holds(
        unique, schema[unique], frozenset(), Definition(more=definition.more, listed=definition.listed)
    )
    parts = {f"has {name}": _bit(test, 1) for name, test in present.items()}
    rows = frame.filter(named).select(**({"person": nw.col(unique)} | parts | segments | values))
    persons = _persons(rows, parts, list(segments), list(values))
    joined = reduce(lambda a, b: a + b, [nw.col(f"has {name}") * bits[name] for name in present])
    known = (
        persons.with_columns(joined.alias(_KEY))
        .group_by(*keys)
        .agg(
            nw.len().alias(_PERSONS),
            nw.col(_ROWS).sum().alias(_ROWS),
            *([nw.col(_SPLIT).sum()] if segments else []),
            *(nw.col(name).sum() for name in values),
        )
    )
    nobody = frame.filter(~named).select(**({_KEY: key} | segments | values))
    return [known.head(MOST_CELLS + 1), _grouped(nobody, keys, list(values))]


def _bit(test: nw.Expr, bit: int) -> nw.Expr:
    import narwhals as nw

    return nw.when(test).then(nw.lit(bit, nw.Int64)).otherwise(nw.lit(0, nw.Int64))


def _empty(name: str, dtype: nw.dtypes.DType, fields: frozenset[str], definition: Definition) -> nw.Expr:
    """1 where a column is not null and holds nothing, else null."""
    import narwhals as nw

    test = ~nw.col(name).is_null() & ~holds(name, dtype, fields, definition)
    return nw.when(test).then(nw.lit(1, nw.Int64))


def _grouped(frame: nw.LazyFrame[Any], keys: list[str], values: list[str]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    counts = [nw.col(name).count().alias(name) for name in values]
    return frame.group_by(*keys).agg(nw.len().alias(_PERSONS), *counts).head(MOST_CELLS + 1)


def _persons(
    rows: nw.LazyFrame[Any], parts: Mapping[str, nw.Expr], segments: list[str], values: list[str]
) -> nw.LazyFrame[Any]:
    """One row for each person: what any of its rows has, and the first of its segments."""
    import narwhals as nw

    ends = [nw.col(name).min().alias(name) for name in segments]
    ends += [nw.col(name).max().alias("last segment") for name in segments]
    found = rows.group_by("person").agg(
        *(nw.col(name).max().alias(name) for name in parts),
        *(nw.col(name).count().alias(name) for name in values),
        *ends,
        nw.len().alias(_ROWS),
    )
    if not segments:
        return found
    return found.with_columns(_bit(nw.col(_SEGMENT) != nw.col("last segment"), 1).alias(_SPLIT))


def summed(results: list[list[dict[str, Any]]], listed: Mapping[str, str]) -> Counts:
    """Put the results of the queries together.

    Parameters
    ----------
    results
        Rows of each query.
    listed
        What :func:`listed_columns` gave.

    Returns
    -------
    The cells, and the counts beside them.
    """
    cells = [row for rows in results for row in rows]
    nothing = {}
    for i, (name, own) in enumerate(listed.items()):
        bit = 1 << vocabulary.FIELD_NAMES.index(own) if own else 0
        holding = sum(int(row[_PERSONS]) for row in cells if bit and int(row[_KEY]) & bit)
        nothing[name] = sum(int(row.get(f"value {i}") or 0) for row in cells) - holding
    return Counts(
        cells=tuple(cells),
        nothing={name: number for name, number in nothing.items() if number},
        rows=sum(int(row.get(_ROWS) or row[_PERSONS]) for row in cells),
        split=sum(int(row.get(_SPLIT) or 0) for row in cells),
    )
