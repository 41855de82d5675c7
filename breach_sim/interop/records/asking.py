"""Columns that may say that a field is there, in place of holding it: asked about, never counted in silence.

A column is in doubt if what it holds

- is only words or numbers of a flag (0 and 1, Y and N, true and false), whatever the number of rows; a text
  that is always "1" and never "0" is none;
- has at most two different values in 20 rows or more;
- is one value in 20 rows or more, and in a fifth of those that hold something;
- has a mask, as in ``***-**-1234``, in one of a hundred.

Fields whose values are few by their nature, such as gender or carrier, are never in doubt for the second and
third reason. Columns of type Boolean are flags and are read as such.

Doubt arises on a sample (20,000 rows that hold something; of many files, from files spread evenly) and is
then checked on all rows.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from breach_sim import catalog
from breach_sim.formatting.digits import percent
from breach_sim.formatting.messages import named, shown
from breach_sim.interop.records import placeholders
from breach_sim.interop.records.values import Definition, holds, is_flag, is_number, is_text

if TYPE_CHECKING:
    import narwhals as nw

SAMPLE = 20_000
"""Rows of a column that are looked at."""
FEWEST = 20
"""Rows from which on two values, or one that dominates, are in doubt."""
DOMINATING = 0.2
"""Share of one value from which on it is in doubt."""
MASKED = 0.01
"""Share of values with a mask from which on they are in doubt."""
_NAMED = 5
Rows = Callable[["nw.LazyFrame[Any]"], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a column is in doubt.

    Parameters
    ----------
    kind
        "flags", "two", "one" or "mask".
    values
        Values with their number of rows; masks with their digits hidden.
    rows
        Rows that hold something.
    """

    kind: str
    values: tuple[tuple[str, int], ...]
    rows: int


def doubts(
    frame: nw.LazyFrame[Any],
    sample: nw.LazyFrame[Any],
    fields: Mapping[str, frozenset[str]],
    definition: Definition,
    rows: Rows,
) -> dict[str, Doubt]:
    """Return the columns that are in doubt.

    Parameters
    ----------
    frame
        The table.
    sample
        The table, or part of it.
    fields
        Fields that each column to look at reveals.
    definition
        What counts as nothing.
    rows
        Fetches the rows of a query.

    Returns
    -------
    Doubts by column.
    """
    schema = dict(frame.collect_schema())
    found = {}
    for name, own in fields.items():
        dtype = schema[name]
        if not is_text(dtype) and not is_number(dtype) and not dtype.is_temporal():
            continue
        there = holds(name, dtype, own, definition)
        first = _profile(sample, name, dtype, own, there, rows)
        whole = sample is frame and first.rows < SAMPLE
        if not whole and first.rows < FEWEST:
            first = _profile(frame, name, dtype, own, there, rows)
            whole = first.rows < SAMPLE
        if is_text(dtype) and {str(value).strip() for value, _ in first.top} == {"1"}:
            first = _without_zeros(frame, name, first, rows)
        doubt = _judged(first, own)
        if doubt and not whole:
            doubt = _judged(_checked(frame, name, dtype, own, there, first, rows), own)
        if doubt:
            found[name] = doubt
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    rows: int
    top: tuple[tuple[Any, int], ...]
    distinct: int
    flags: int
    masks: int
    example: str


def _profile(
    frame: nw.LazyFrame[Any],
    name: str,
    dtype: nw.dtypes.DType,
    fields: frozenset[str],
    there: nw.Expr,
    rows: Rows,
) -> _Profile:
    """Count the values of a column in the first rows that hold something; the engine counts, not we."""
    import narwhals as nw

    held = frame.filter(there).select(value=nw.col(name)).head(SAMPLE)
    grouped = held.group_by("value").agg(nw.len().alias("n"))
    top = rows(grouped.sort("n", "value", descending=[True, False]).head(_NAMED))
    tests = _tests("value", dtype, fields)
    sums = {key: nw.when(test).then(nw.col("n")).otherwise(nw.lit(0)).sum() for key, test in tests.items()}
    total = rows(grouped.select(rows=nw.col("n").sum(), distinct=nw.len(), **sums))[0]
    example = ""
    if tests.get("masks") is not None and total["masks"]:
        example = str(rows(grouped.filter(tests["masks"]).sort("n", "value").head(1))[0]["value"])
    return _Profile(
        rows=int(total["rows"] or 0),
        top=tuple((row["value"], int(row["n"])) for row in top),
        distinct=int(total["distinct"] or 0),
        flags=int(total.get("flags") or 0),
        masks=int(total.get("masks") or 0),
        example=example,
    )


def _without_zeros(frame: nw.LazyFrame[Any], name: str, profile: _Profile, rows: Rows) -> _Profile:
    """A text of "1" is a flag only beside a "0", which in many fields stands for nothing."""
    import narwhals as nw

    text = nw.col(name).cast(nw.String)
    others = frame.filter(~text.is_null()).filter(text.str.contains(placeholders.flags(yes=False)))
    return (
        profile if rows(others.head(1).select(nw.len()))[0]["len"] else dataclasses.replace(profile, flags=0)
    )


def _tests(name: str, dtype: nw.dtypes.DType, fields: frozenset[str]) -> dict[str, nw.Expr]:
    import narwhals as nw

    found = {}
    if is_text(dtype) or is_number(dtype):
        found["flags"] = is_flag(name, dtype)
    pattern = placeholders.masked(fields)
    if is_text(dtype) and pattern:
        found["masks"] = nw.col(name).cast(nw.String).str.contains(pattern)
    return found


def _checked(
    frame: nw.LazyFrame[Any],
    name: str,
    dtype: nw.dtypes.DType,
    fields: frozenset[str],
    there: nw.Expr,
    first: _Profile,
    rows: Rows,
) -> _Profile:
    """Count in all rows what the first ones made doubtful."""
    import narwhals as nw

    tests = _tests(name, dtype, fields)
    tests |= {f"top {i}": nw.col(name) == nw.lit(value, dtype) if is_number(dtype) else nw.col(name) == value
              for i, (value, _) in enumerate(first.top[:2])}  # fmt: skip
    held = frame.filter(there).select(**{k: nw.when(t).then(1).otherwise(0) for k, t in tests.items()})
    found = rows(held.select(*(nw.col(key).sum() for key in tests), nw.len().alias("rows")))[0]
    top = tuple((value, int(found[f"top {i}"])) for i, (value, _) in enumerate(first.top[:2]))
    few = sum(number for _, number in top) == int(found["rows"])
    return _Profile(
        rows=int(found["rows"]),
        top=top,
        distinct=len(top) if few else max(first.distinct, 3),
        flags=int(found.get("flags") or 0) if first.flags else 0,
        masks=int(found.get("masks") or 0),
        example=first.example,
    )


def _judged(profile: _Profile, fields: frozenset[str]) -> Doubt | None:  # noqa: PLR0911 - one a rule
    """Apply the rules to what was counted."""
    if not profile.rows:
        return None
    alike = fields <= set(catalog.load_placeholders().alike)
    texts = tuple((str(value), number) for value, number in profile.top)
    if profile.flags == profile.rows and not alike:
        return Doubt(kind="flags", values=texts[:3], rows=profile.rows)
    if profile.masks >= max(1, MASKED * profile.rows):
        example = re.sub(r"[0-9]", "9", re.sub(r"[A-Za-wy-z]", "a", profile.example))
        return Doubt(kind="mask", values=((example, profile.masks),), rows=profile.rows)
    if alike or profile.rows < FEWEST:
        return None
    if profile.distinct <= 2:  # noqa: PLR2004 - two values are those of a flag
        return Doubt(kind="two", values=texts[:2], rows=profile.rows)
    if profile.top[0][1] >= max(FEWEST, DOMINATING * profile.rows):
        return Doubt(kind="one", values=texts[:1], rows=profile.rows)
    return None


def require_clear(found: Mapping[str, Doubt], fields: Mapping[str, frozenset[str]], place: str) -> None:
    """Refuse a table with columns in doubt.

    Parameters
    ----------
    found
        Doubts by column.
    fields
        Fields by column.
    place
        The table, for the message.

    Raises
    ------
    ValueError
        If there is a doubt; with column, values, shares and what to do.
    """
    if not found:
        return
    first, *others = found
    more = f" Other columns in doubt: {named(others)}." if others else ""
    raise ValueError(f"{place}: {_sentence(first, found[first], fields[first])}{more}")


def _sentence(name: str, doubt: Doubt, fields: frozenset[str]) -> str:
    shares = ", ".join(f"{shown(value)} {percent(number / doubt.rows)}" for value, number in doubt.values)
    about = f"of {doubt.rows:,} rows that hold something"
    values = f"as_values=[{name!r}] (--as-values {name})"
    if doubt.kind == "flags":
        return (
            f"Column {name!r} holds only words of a flag ({shares} {about}), so it may say whether the field "
            f"leaked: read such columns with as_flags=True (--as-flags), or as values with {values}."
        )
    if doubt.kind == "mask":
        part = next((p for f, p in catalog.load_placeholders().masked.items() if f in fields), "")
        say = f"columns={{{name!r}: {part!r}}} (--columns {name}={part})" if part else "leave the column out"
        return (
            f"Column {name!r} holds masked values ({shares} {about}), which are not the whole field: {say}, "
            f"or count them with {values}."
        )
    what = "at most two values" if doubt.kind == "two" else "one value for many rows"
    word = doubt.values[0][0]
    return (
        f"Column {name!r} holds {what} ({shares} {about}): if a value stands for nothing, say "
        f"missing=[{shown(word)}] (--missing {shown(word)}); if they are real, {values}."
    )


def check_flags(
    frame: nw.LazyFrame[Any], columns: Iterable[str], definition: Definition, rows: Rows, place: str
) -> None:
    """Require that columns read as flags hold nothing but words of flags.

    Parameters
    ----------
    frame
        The table.
    columns
        Their names.
    definition
        What counts as nothing.
    rows
        Fetches the rows of a query.
    place
        The table, for the message.

    Raises
    ------
    ValueError
        If one holds other values too; with the column and their number.
    """
    import narwhals as nw

    schema = dict(frame.collect_schema())
    values = Definition(more=definition.more, listed=definition.listed)
    tests = {
        name: holds(name, schema[name], frozenset(), values) & ~is_flag(name, schema[name])
        for name in columns
        if is_text(schema[name]) or is_number(schema[name])
    }
    if not tests:
        return
    marks = frame.select(**{name: nw.when(test).then(1).otherwise(0) for name, test in tests.items()})
    for name, number in rows(marks.select(*(nw.col(name).sum() for name in tests)))[0].items():
        if number:
            raise ValueError(
                f"{place}: column {name!r} is to be read as a flag, and {int(number):,} rows hold something "
                "else than 1, 0, yes, no, true or false; leave it out of as_flags, or say missing=[...]"
            )
