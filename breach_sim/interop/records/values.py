"""Whether a column holds something in each row: one definition, by the type of the column.

=====================  ==================================================================================
type                   holds nothing where it is
=====================  ==================================================================================
any                    null
Boolean                false
text, categories       blank, a placeholder of the catalog or of the user
number                 NaN; in identifiers and dates, the numbers that stand for none
date, date and time    in birth dates, the days that stand for none
bytes                  empty
list, array, map       without an entry that holds something
struct                 without a field that holds something
=====================  ==================================================================================

Not here: bytes, lists, maps and structs, which each engine reads in its own way (``nested``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breach_sim import catalog
from breach_sim.interop.records import placeholders

if TYPE_CHECKING:
    import narwhals as nw


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What counts as nothing beside null and blank.

    Parameters
    ----------
    more
        Words of the user.
    listed
        Whether the placeholders of the catalog count as nothing.
    flags
        Columns that are read as flags.
    """

    more: tuple[str, ...] = ()
    listed: bool = True
    flags: frozenset[str] = frozenset()


def is_text(dtype: nw.dtypes.DType) -> bool:
    """Return whether a type is text or categories.

    Parameters
    ----------
    dtype
        Type of a column.

    Returns
    -------
    True or False.
    """
    import narwhals as nw

    return isinstance(dtype, (nw.String, nw.Categorical, nw.Enum))


def is_number(dtype: nw.dtypes.DType) -> bool:
    """Return whether a type is a number.

    Parameters
    ----------
    dtype
        Type of a column.

    Returns
    -------
    True or False.
    """
    return bool(dtype.is_numeric())


def holds(name: str, dtype: nw.dtypes.DType, fields: frozenset[str], definition: Definition) -> nw.Expr:
    """Return whether a column holds something in each row.

    Parameters
    ----------
    name, dtype
        Name and type of the column.
    fields
        Fields that it reveals.
    definition
        What counts as nothing.

    Returns
    -------
    Expression of type Boolean, never null.
    """
    import narwhals as nw

    column = nw.col(name)
    there = ~column.is_null()
    if isinstance(dtype, nw.Boolean):
        return there & column
    if name in definition.flags:
        return there & _is_yes(name, dtype)
    if is_text(dtype):
        pattern = placeholders.nothing(fields, definition.more, listed=definition.listed)
        return there & ~column.cast(nw.String).str.contains(pattern)
    numbers = placeholders.numbers(fields) if definition.listed else ()
    numbers += tuple(float(word) for word in definition.more if _is_float(word))
    if is_number(dtype):
        found = there & ~column.is_nan() if dtype.is_float() else there
        return found & ~column.cast(nw.Float64).is_in(numbers) if numbers else found
    birth = bool(fields & set(catalog.load_placeholders().date_fields)) and definition.listed
    if birth and isinstance(dtype, (nw.Date, nw.Datetime)):
        year, month, day = (
            part.fill_null(0).cast(nw.Int64)
            for part in (column.dt.year(), column.dt.month(), column.dt.day())
        )
        number = year * 10_000 + month * 100 + day
        return there & ~number.is_in([int(day) for day in placeholders.days()])
    return there


def is_flag(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """Return whether the value of a column is a word or a number of a flag, whichever it says.

    Parameters
    ----------
    name, dtype
        Name and type of the column, text or number.

    Returns
    -------
    Expression of type Boolean; null where the column is.
    """
    import narwhals as nw

    if is_number(dtype):
        return nw.col(name).cast(nw.Float64).is_in([0.0, 1.0])
    text = nw.col(name).cast(nw.String)
    return text.str.contains(placeholders.flags(yes=True)) | text.str.contains(placeholders.flags(yes=False))


def _is_yes(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    import narwhals as nw

    if is_number(dtype):
        return nw.col(name).cast(nw.Float64) == 1.0
    return nw.col(name).cast(nw.String).str.contains(placeholders.flags(yes=True))


def _is_float(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return word.strip().lower() not in {"nan", "inf", "-inf", "infinity"}
