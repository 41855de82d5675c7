"""Validate the arguments of a population. Each check returns the value or raises an error.

Not here: checks of locales (`values.locales`) and of seeds (`engine.streams`).
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from breach_sim.formatting.messages import shown, unknown
from breach_sim.population.values.columns import MAX_ROWS, TABLES, columns_of


def checked_rows(rows: Any) -> int:
    """Return a valid number of rows.

    Parameters
    ----------
    rows
        Any value; NumPy integers are accepted.

    Returns
    -------
    int
        In [1, `MAX_ROWS`].

    Raises
    ------
    TypeError
        If it is not a whole number.
    ValueError
        If it is out of range.
    """
    plain = rows.item() if hasattr(rows, "item") else rows
    if isinstance(plain, bool) or not isinstance(plain, int):
        msg = f"rows is {shown(rows)}; it must be a whole number from 1 to {MAX_ROWS:,}."
        raise TypeError(msg)
    if not 1 <= plain <= MAX_ROWS:
        given = f"{plain:,}" if abs(plain) < MAX_ROWS**2 else shown(plain)
        msg = (
            f"rows is {given}; it must lie between 1 and {MAX_ROWS:,}: person_id, account_id and line_id "
            f"number their rows with nine digits, which hold {MAX_ROWS:,}. "
            f"{'Make fewer rows' if plain > MAX_ROWS else 'Ask for one row or more'}."
        )
        raise ValueError(msg)
    return plain


def checked_traits(traits: Mapping[str, float]) -> dict[str, float]:
    """Return valid traits with their shares.

    Parameters
    ----------
    traits
        Share of people with each trait, by name. [share]

    Returns
    -------
    dict
        The shares as floats.

    Raises
    ------
    ValueError
        If a share lies outside [0, 1] or a trait has the name of a column.
    """
    taken = {column.name for column in columns_of("subscribers", {})}
    for name, share in traits.items():
        if name in taken:
            msg = f"trait {name!r} of Population(traits=...) has the name of a column; give it another."
            raise ValueError(msg)
        if not 0 <= share <= 1:
            msg = (
                f"the share of trait {name!r} in Population(traits=...) is {share!r}; it must lie in [0, 1]."
            )
            raise ValueError(msg)
    return {name: float(share) for name, share in traits.items()}


def checked_table(table: str) -> str:
    """Return a valid name of a table.

    Parameters
    ----------
    table
        One of `TABLES`.

    Returns
    -------
    str
        The name itself.

    Raises
    ------
    ValueError
        If there is no such table. The message suggests the nearest name.
    """
    if table not in TABLES:
        raise ValueError(unknown("table", table, TABLES, "a Population"))
    return table


def checked_count(n: Any, verb: str) -> int:
    """Return a valid number of rows to show.

    Parameters
    ----------
    n
        Any value with an index.
    verb
        Name of the calling method, for the error message.

    Returns
    -------
    int
        0 or more.

    Raises
    ------
    ValueError
        If it is negative.
    """
    count = operator.index(n)
    if count < 0:
        msg = f"n of {verb}(n) is {count:,}; it must be 0 or more."
        raise ValueError(msg)
    return count
