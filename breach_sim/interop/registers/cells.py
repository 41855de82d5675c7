"""Read the cells of an official list: numbers of people, dates, yes and no.

American lists write the month first. A cell that is not known, or that could be read in two ways, is no
number and no date; the reason says why.

Not here: the words for kinds of data (``kinds``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.inputs.segment import MAX_ACCOUNTS
from breach_sim.interop.amounts import MOST_LETTERS, clean, count
from breach_sim.interop.registers.lists import load_lists

_ABOUT = {
    r"approximately|approx\.?|about|around|roughly|estimated|est\.?|circa|~|\u2248": "an approximate number",
    r"at least|more than|over|>=?|\u2265|in excess of": "a lower bound",
    r"up to|as many as|at most|fewer than|less than|under|<=?|\u2264|no more than": "an upper bound",
}
_UNITS = {"million": 10**6, "m": 10**6, "mio": 10**6, "billion": 10**9, "thousand": 10**3, "k": 10**3}
_NOUNS = (
    "individuals?|people|persons?|residents?|records?|customers?|patients?|consumers?|accounts?|employees?|"
    "members?|students?|in total|total|nationwide|affected|impacted"
)
_AMOUNT = re.compile(
    rf"(?P<about>{'|'.join(_ABOUT)})?\s*(?P<number>\d[\d,.]*)\s*(?P<unit>{'|'.join(_UNITS)})?\b\s*"
    r"(?P<plus>\+|or more|or fewer|or less|\((?:estimated|approx\w*\.?|est\.?)\)|\((?:US|USA|total)\))?\s*"
    rf"(?:{_NOUNS}|\s)*(?P<guess>\(?estimated\)?|\(?est\.?\)?)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d[\d,.]*\s*(-|\u2013|\u2014|to|and)\s*\d", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4}|\d{2})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[-\s]+{_MONTH}[-\s,]+(?P<y>\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<y>\d{{4}})\s+{_MONTH}\s+(?P<d>\d{{1,2}})(?!\d)", re.IGNORECASE),
)
_CENTURY = 2000
_WHOLE = re.compile(r"\d{1,3}(,\d{3})+|\d{1,13}", re.ASCII)


@dataclass(frozen=True, slots=True)
class People:
    """Number of people in a cell.

    Parameters
    ----------
    number
        The number; None if the cell gives none. [people]
    remark
        How it was read, or why there is none; "" for a plain number.
    """

    number: int | None
    remark: str = ""


def people(value: Any) -> People:
    """Read a number of people.

    Parameters
    ----------
    value
        Cell.

    Returns
    -------
    The number, or the reason why there is none.

    Examples
    --------
    >>> people("approximately 5,000 residents")
    People(number=5000, remark="'approximately 5,000 residents' is an approximate number, read as 5,000")
    >>> people("1,000 - 9,999").number
    """
    number, remark = count(value)
    if number is not None:
        return People(number, "" if re.fullmatch(r"'?[\d,]+'?", shown(value)) else remark)
    text = clean(value)
    if not text:
        return People(None, remark)
    if _RANGE.search(text):
        return People(None, f"{shown(text)} is a range; write one number")
    match = _AMOUNT.fullmatch(text) if len(text) <= MOST_LETTERS else None
    found = _scaled(match.group("number"), (match.group("unit") or "").lower()) if match else None
    if match is None or found is None or not 1 <= found <= MAX_ACCOUNTS:
        return People(None, remark)
    return People(found, f"{shown(text)} is {_certainty(match)}, read as {found:,}")


def _scaled(number: str, unit: str) -> int | None:
    """Whole number of people; None if the text could mean two numbers."""
    if unit:
        if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", number):
            return None
        return round(float(number) * _UNITS[unit])
    return int(number.replace(",", "")) if _WHOLE.fullmatch(number) else None


def _certainty(match: re.Match[str]) -> str:
    about = (match.group("about") or "").lower()
    plus = (match.group("plus") or "").lower()
    if plus in ("+", "or more"):
        return "a lower bound"
    if plus in ("or fewer", "or less"):
        return "an upper bound"
    for pattern, meaning in _ABOUT.items():
        if about and re.fullmatch(pattern, about, re.IGNORECASE):
            return meaning
    return "an approximate number" if plus or match.group("guess") else "a number in words"


def first_date(value: Any) -> tuple[str, str]:
    """Read the earliest date of a cell.

    Parameters
    ----------
    value
        Cell: a date, or text with one date, several, or a range.

    Returns
    -------
    Date as YYYY-MM-DD, "" if there is none; and a remark, "" for none.

    Examples
    --------
    >>> first_date("11/20/2019, 12/03/2019")
    ('2019-11-20', "the first of 2 dates in '11/20/2019, 12/03/2019'")
    >>> first_date("2021 Aug 18 12:00:00 AM")
    ('2021-08-18', '')
    """
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())[:10]
        return (text, "") if is_date(text) else ("", f"{shown(value)} is no date")
    text = clean(value)
    found: list[str] = []
    rest = text
    for pattern in _DATES:
        found += [day for match in pattern.finditer(rest) if (day := _day(match))]
        rest = pattern.sub(" ", rest)
    if not found:
        return "", f"{shown(value)} is no date; write month/day/year or YYYY-MM-DD" if text else ""
    several = len(set(found))
    return min(found), f"the first of {several} dates in {shown(text)}" if several > 1 else ""


def _day(match: re.Match[str]) -> str:
    parts = match.groupdict()
    month = _MONTHS.index(parts["month"].lower()) + 1 if parts.get("month") else int(parts["m"])
    year = int(parts["y"]) + (_CENTURY if len(parts["y"]) < len("2000") else 0)
    try:
        text = date(year, month, int(parts["d"])).isoformat()
    except ValueError:
        return ""
    return text if is_date(text) else ""


def answer(value: Any) -> bool | None:
    """Read yes or no.

    Parameters
    ----------
    value
        Cell.

    Returns
    -------
    Whether it says yes; None if it says neither.
    """
    words = load_lists().words
    text = "" if value is None else str(value).strip().lower()
    text = text.removesuffix(".0")
    return True if text in words["yes"] else False if text in words["no"] else None
