"""Parse numbers, shares and names of external files, or reject them with a reason.

A count is a whole number of records. Files write it as 1200, 1200.0, "1,200", null, -1 or "unknown". A value
that is not a count is read as unknown, never as 0.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from breach_sim.formatting.messages import shown
from breach_sim.inputs.segment import MAX_ACCOUNTS

MOST_LETTERS = 200
"""Longest name or title that is kept."""
NOT_KNOWN = "not known"
"""What is said of an amount that is missing."""
_GROUPED = re.compile(r"\d{1,3}([ ,_'\u00a0\u202f]\d{3})+", re.ASCII)
_PLAIN = re.compile(r"\d{1,20}", re.ASCII)
_SHARE = re.compile(r"(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%?)", re.ASCII)
_NO_ANSWER = ("unknown", "?", "n/a", "na", "null", "none", "unk")
_HUNDRED = 100.0


def count(value: Any) -> tuple[int | None, str]:
    """Parse a whole number of records.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    The number, or None if it is unknown; and a remark, "" for none.

    Examples
    --------
    >>> count(1200.0), count("1,200")
    ((1200, ''), (1200, "'1,200' is text, read as a number"))
    >>> count(-3)
    (None, '-3 is no number of records')
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", *_NO_ANSWER)):
        return None, NOT_KNOWN if value is None else f"{shown(value)}: {NOT_KNOWN}"
    text = value.strip() if isinstance(value, str) else ""
    number: Any = value
    if text and len(text) <= MOST_LETTERS and (_GROUPED.fullmatch(text) or _PLAIN.fullmatch(text)):
        number = int(re.sub(r"\D", "", text))
    if isinstance(number, float) and math.isfinite(number) and number == math.floor(number):
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_ACCOUNTS:
        return None, f"{shown(value)} is no number of records"
    return number, f"{shown(value)} is text, read as a number" if text else ""


def share(value: Any, *, per_cent: bool = False) -> tuple[float | None, str]:
    """Parse a share in [0, 1].

    Parameters
    ----------
    value
        Number, or text such as "0.25", "0,25", "25 %"; blank, or "unknown".
    per_cent
        Whether numbers without a unit are percentages.

    Returns
    -------
    The share, or None if the cell states that it is unknown; and a remark, "" for none.

    Raises
    ------
    ValueError
        If it is not a share. The message begins with the value.

    Examples
    --------
    >>> share("25 %")
    (0.25, "'25 %' read as 0.25")
    """
    text = value.strip() if isinstance(value, str) else ""
    if value is None or (isinstance(value, str) and not text) or _is_nan(value):
        return 0.0, "blank: read as not leaked"
    if text.lower() in _NO_ANSWER:
        return None, f"{shown(value)}: not known"
    match = _SHARE.fullmatch(text) if len(text) <= MOST_LETTERS else None
    number = float(match.group(1).replace(",", ".")) if match else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{shown(value)}; a share is a number in [0, 1], or per cent with the sign, as in 25 %"
        )
    signed = bool(match and match.group(2))
    small = abs(number) <= _HUNDRED
    part = number / _HUNDRED if small and (signed or per_cent) else number
    if not 0 <= part <= 1:
        rule = "a share must lie in [0, 1]"
        more = (
            ""
            if signed or per_cent
            else "; if shares are in per cent, write 25 % or say so (per_cent=True, --per-cent)"
        )
        raise ValueError(f"{shown(value)}; {rule}{more}")
    plain = not signed and not per_cent and "," not in text
    remark = "" if plain else f"{shown(value)} read as {part:g}"
    return float(part), remark


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def clean(value: Any, otherwise: str = "") -> str:
    """Return text suitable for a title: one line of at most 200 valid, printable characters.

    Parameters
    ----------
    value
        Anything.
    otherwise
        Replacement for a value that is empty or not text.

    Returns
    -------
    Text.
    """
    if not isinstance(value, str):
        return otherwise
    if value.isascii() and value.isprintable():
        return " ".join(value[: 4 * MOST_LETTERS].split())[:MOST_LETTERS].strip() or otherwise
    kept = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in value[: 4 * MOST_LETTERS]
    )
    return " ".join(kept.split())[:MOST_LETTERS].strip() or otherwise


def slug(text: str, taken: Iterable[str] = ()) -> str:
    """Return a name suitable for a file: lower-case letters, digits and hyphens, not yet taken.

    Parameters
    ----------
    text
        Any text.
    taken
        Names already in use.

    Returns
    -------
    At most about 60 characters; "entry" if no letter or digit remains.

    Examples
    --------
    >>> slug("Adobe & Co."), slug("Adobe", {"adobe"})
    ('adobe-co', 'adobe-2')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "entry"
    gone = taken if isinstance(taken, (set, dict)) else set(taken)
    number, found = 1, name
    while found in gone:
        number += 1
        found = f"{name}-{number}"
    return found
