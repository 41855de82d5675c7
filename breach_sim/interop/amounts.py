"""Parse numbers and names of external files, or reject them with a reason.

A count is a whole number of records. Files write it as 1200, 1200.0, "1,200", "1.2 million", null, -1 or
"unknown". A value that is not a count is read as unknown, never as 0.

A text may be a number in two ways: "1.200" is 1200 where a dot divides thousands and 1.2 where it is the
decimal mark. :func:`readings` returns both; whoever knows the rest of the file decides.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from breach_sim.catalog.reader import Reader, data, parse
from breach_sim.formatting.messages import shown
from breach_sim.formatting.strangers import TURNING
from breach_sim.inputs.segment import MAX_ACCOUNTS

MOST_LETTERS = 200
"""Longest name or title that is kept."""
WORDS = "formats/table.toml"
"""File of the words of spreadsheets."""
NOT_KNOWN = "not known"
"""What is said of an amount that is missing."""
_NO_ANSWER = ("unknown", "?", "n/a", "na", "null", "none", "unk")
_MOST_DIGITS = 40
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u02b9\u2032\u00b4`\uff07]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_WITH_WORD = re.compile(r"(.*\d)\s*([^\W\d_]+\.?)", re.DOTALL)
_FORMS = (
    # digits alone, with a decimal mark that no group of thousands could be, and with a power of ten
    (re.compile(r"\d+", re.ASCII), "", ""),
    (re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII), "", "."),
    (re.compile(r"(?:\d+(?:,\d+)?|,\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII), "", ","),
    # thousands
    (re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII), ",", "."),
    (re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", re.ASCII), ".", ","),
    # lakh and crore
    (re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?", re.ASCII), ",", "."),
    *(
        (re.compile(rf"\d{{1,3}}(?:{group}\d{{3}})+(?:\{mark}\d+)?", re.ASCII), group, mark)
        for group in (" ", "'", "_")
        for mark in (".", ",")
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text as a number.

    Parameters
    ----------
    value
        The number.
    mark
        Decimal mark of whoever writes so, "." or ","; "" where the text says nothing about it.
    """

    value: Decimal
    mark: str


def readings(text: str) -> tuple[Reading, ...]:
    """Return every number that a text may be.

    Parameters
    ----------
    text
        Digits with or without marks, groups (dots, commas, spaces, apostrophes, lakh), a power of ten, or a
        word for one such as "million".

    Returns
    -------
    None if it is no number, one if it is plain, two if a mark may divide thousands or be the decimal mark.

    Examples
    --------
    >>> [(str(way.value), way.mark) for way in readings("1.200")]
    [('1.200', '.'), ('1200', ',')]
    >>> [int(way.value) for text in ("1.200.000", "12,00,000", "54.6 million") for way in readings(text)]
    [1200000, 1200000, 54600000]
    """
    plain = plain_text(text)
    if not plain or len(plain) > MOST_LETTERS or not any(sign.isdigit() for sign in plain):
        return ()
    factor = 1
    worded = _WITH_WORD.fullmatch(plain)
    if worded:
        factor = multipliers().get(worded.group(2).casefold(), 0)
        plain = worded.group(1)
    if not factor or sum(sign.isdigit() for sign in plain) > _MOST_DIGITS:
        return ()
    found: dict[Decimal, set[str]] = {}
    for form, group, mark in _FORMS:
        if form.fullmatch(plain):
            number = plain.replace(group, "") if group else plain
            # A mark that does not occur, as in 1 200, says nothing; groups by dot or comma do.
            said = mark if mark and mark in number else {".": ",", ",": "."}.get(group, "")
            found.setdefault(Decimal(number.replace(",", ".")) * factor, set()).add(said)
    return tuple(Reading(value, min(marks)) for value, marks in found.items())


@lru_cache(maxsize=1)
def table_words() -> Mapping[str, Any]:
    """Return the words of spreadsheets: headings, totals, units of numbers, and ways to write a share.

    Returns
    -------
    ``columns``, ``rows``, ``words`` and ``long``: lists of words by purpose; ``multiplier``: tables with
    factor and words; ``unclear_multiplier``: tables with words and reason; ``about``: widths, as shares.

    Raises
    ------
    CatalogError
        If the file of the words is invalid.
    """
    reader = Reader(WORDS, ())
    tables = parse(data(*WORDS.split("/")), WORDS)
    lists, of_tables = ("columns", "rows", "words", "long"), ("multiplier", "unclear_multiplier")
    reader.keys(tables, "", (*lists, *of_tables, "about"), (*lists, *of_tables, "about"))
    for name in lists:
        for purpose in tables[name]:
            reader.texts(tables[name], name, purpose)
    for name, key in (("multiplier", "factor"), ("unclear_multiplier", "reason")):
        for number, table in enumerate(tables[name]):
            reader.keys(table, f"{name}[{number}]", (key, "words"), (key, "words"))
            reader.texts(table, f"{name}[{number}]", "words")
    reader.keys(tables["about"], "about", ("relative", "at_end"), ("relative", "at_end"))
    return tables


@lru_cache(maxsize=1)
def multipliers() -> dict[str, int]:
    """Return the words that stand for a power of ten, such as "million", in lower case, with the factor."""
    tables = table_words()["multiplier"]
    return {word.casefold(): table["factor"] for table in tables for word in table["words"]}


def plain_text(text: str) -> str:
    """Return a text with plain spaces, apostrophes and digits, without invisible signs.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    One line without spaces at its ends.

    Examples
    --------
    >>> plain_text("1\u202f200\u00a0000"), plain_text("1\u2019200")
    ('1 200 000', "1'200")
    """
    short = _SPACES.sub(" ", _APOSTROPHES.sub("'", _INVISIBLE.sub("", text[: 4 * MOST_LETTERS])))
    signs = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in short)
    return " ".join("".join(signs).split())


def missing(value: Any) -> bool:
    """Return whether a cell is empty: None, blank text, NaN, NaT or NA of any library.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    True if there is nothing in the cell.

    Examples
    --------
    >>> missing(None), missing(" "), missing(float("nan")), missing(0)
    (True, True, True, False)
    """
    if value is None or isinstance(value, str):
        return value is None or not plain_text(value)
    try:
        return bool(value != value)  # noqa: PLR0124 - what is missing is not equal to itself
    except (TypeError, ArithmeticError):
        # NA has no truth value, and a signaling NaN cannot be compared.
        return True
    except ValueError:
        return False


def plain_value(value: Any) -> Any:
    """Return the Python value of one of NumPy or Arrow.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    The value itself if it is no scalar of another library; None for what is missing.
    """
    for name in ("item", "as_py"):
        if hasattr(value, name):
            try:
                value = getattr(value, name)()
            except (TypeError, ValueError):
                return value
    return None if missing(value) else value


def count(value: Any, mark: str = "") -> tuple[int | None, str]:
    """Parse a whole number of records.

    Parameters
    ----------
    value
        Anything.
    mark
        Decimal mark of the file, which decides where a text may be two numbers. Without it "1,200" is 1200,
        as in English, and "1.200" no count.

    Returns
    -------
    The number, or None if it is unknown; and a remark, "" for none.

    Examples
    --------
    >>> count(1200.0), count("1,200")
    ((1200, ''), (1200, "'1,200' is text, read as a number"))
    >>> count("1.200", ",")
    (1200, "'1.200' is text, read as a number")
    >>> count(-3)
    (None, '-3 is no number of records')
    """
    value = plain_value(value)
    if value is None or (isinstance(value, str) and value.strip().lower() in _NO_ANSWER):
        return None, NOT_KNOWN if value is None else f"{shown(value)}: {NOT_KNOWN}"
    number: Any = value
    if isinstance(value, str):
        number = one_of(readings(value), value, mark)
    whole = whole_of(number)
    if whole is None:
        return None, f"{shown(value)} is no number of records"
    if not isinstance(value, str):
        return whole, ""
    if re.sub(r"\D", "", value) == str(whole):
        return whole, f"{shown(value)} is text, read as a number"
    kind = "a number in words" if _WITH_WORD.fullmatch(plain_text(value)) else "text"
    return whole, f"{shown(value)} is {kind}, read as {whole:,}"


def one_of(ways: tuple[Reading, ...], text: str, mark: str) -> Decimal | None:
    """Return the number that a text is in a file with some decimal mark.

    Parameters
    ----------
    ways
        Readings of the text.
    text
        The text.
    mark
        Decimal mark of the file; "" if not known, and then a comma may divide thousands, as in English.

    Returns
    -------
    The number; None if there is none, or if it cannot be decided.
    """
    if len(ways) < 2:  # noqa: PLR2004 - nothing to decide
        return ways[0].value if ways else None
    if not mark and ("." in text or not plain_text(text)[-1].isdigit()):
        return None
    return next((way.value for way in ways if way.mark == (mark or ".")), None)


def whole_of(number: Any) -> int | None:
    """Return a number of accounts as a Python ``int``.

    Parameters
    ----------
    number
        Any value, also a float or a decimal number without a fraction.

    Returns
    -------
    From 1 to 10**13; None if it is no such number.
    """
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        return None
    if not isinstance(number, int) and not (math.isfinite(number) and 1 <= number <= MAX_ACCOUNTS):
        return None
    return int(number) if 1 <= number <= MAX_ACCOUNTS and number == int(number) else None


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
        " " if unicodedata.category(sign) in ("Cc", "Cs") else sign
        for sign in TURNING.sub("", value[: 4 * MOST_LETTERS])
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
    if name not in gone:
        return name
    # Steps that double, then half: a list of one name 10,000 times is read in a second, not in a minute.
    free = 2
    while f"{name}-{free}" in gone:
        free *= 2
    used = max(free // 2, 1)
    while free - used > 1:
        half = (free + used) // 2
        used, free = (half, free) if f"{name}-{half}" in gone else (used, half)
    return f"{name}-{free}"
