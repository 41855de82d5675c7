"""Validate dates.

Files write dates as ``YYYY-MM-DD``, so that dates sort as text. Days of a scenario count from its day 0;
dates near the end of Python's calendar are rejected, because adding days would overflow it.
"""

from __future__ import annotations

from datetime import date

LATEST = 9000
"""First year that no date of ours may lie in: five years and more must fit behind it."""


def is_date(text: str) -> bool:
    """Return whether a text is a valid date.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    Whether it is ``YYYY-MM-DD`` and lies before the year `LATEST`.

    Examples
    --------
    >>> is_date("2021-08-17"), is_date("20210817"), is_date("9000-01-01")
    (True, False, False)
    """
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        return False
    # `fromisoformat` also reads 20210817 and 2021-W33-2, which do not sort as text among the others.
    return parsed.isoformat() == text and parsed.year < LATEST
