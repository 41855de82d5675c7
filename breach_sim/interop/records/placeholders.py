"""What a value looks like that stands for nothing, as one regular expression for each field.

One expression for all engines, in the part of the syntax that RE2, Rust, Java and Python share, so that no
engine has a definition of its own. It is anchored: on most values it fails at the first letters.

Not here: the words (``catalog/data/formats/placeholders.toml``), and what a table's type makes of a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from breach_sim import catalog

_SPACE = (
    "\t-\r\x1c-\x20\x85\xa0\u00ad\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f"
    "\u2060\u2800\u3000\u3164\ufeff"
)
"""White space of Unicode, and signs without width; ranges of a class."""
_MARKS = "_.,:;?!*#/\\\\~=+|'\"<>(){}\\[\\]@&%$\\^`\\-\u2010-\u2015\u2022\u25cf\u2588\u25a0\u2026"
"""Punctuation, and signs that hide what stood there; part of a class."""
_BLANK = f"[{_SPACE}]*"
_ANY = f"[{_MARKS}{_SPACE}]*"
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")
_SAME = 7
"""Times that a digit is repeated to stand for no number; telephone numbers have seven digits and more."""
_LONGEST = 16
_CODES = (-1, -9, -99, -999)


@lru_cache(maxsize=512)
def nothing(fields: frozenset[str], more: tuple[str, ...] = (), *, listed: bool = True) -> str:
    """Return a regular expression that matches the texts that stand for nothing.

    Parameters
    ----------
    fields
        Fields that a column reveals.
    more
        Further words that stand for nothing; case and space around them do not matter.
    listed
        Whether the words of the catalog stand for nothing. If not, only blank text and ``more`` do.

    Returns
    -------
    Expression for a search, anchored at both ends.
    """
    own = "|".join(_literal(word.strip()) for word in more if word.strip())
    known = catalog.load_placeholders()
    if not listed or fields <= set(known.verbatim):
        return f"(?i)^{_BLANK}(?:{own})?{_BLANK}$" if own else f"^{_BLANK}$"
    words = [_literal(word).replace(" ", _ANY) for word in known.words]
    parts = [*words, f"x(?:{_ANY}x)+"]
    parts += [f"0(?:{_ANY}0)*"] if fields & set(known.zeros) else []
    if fields & set(known.identifiers):
        parts += [f"{digit}(?:{_ANY}{digit}){{{_SAME - 1},}}(?:[.]0)?" for digit in "123456789"]
        parts += [_ANY.join(digits) for digits in known.sequences]
    parts += [_day(day) for day in known.dates] if fields & set(known.date_fields) else []
    front = [own, r"\\N", *(f"{_literal(error)}[!?]?" for error in known.errors)]
    front += ["-(?:1|9{1,3})"] if fields & set(known.identifiers) else []
    front += [pattern for name in sorted(fields) for pattern in known.by_field.get(name, ())]
    exact = "|".join(filter(None, front))
    return f"(?i)^(?:{_ANY}(?:{'|'.join(parts)})?{_ANY}|{_BLANK}(?:{exact}){_BLANK})$"


@lru_cache(maxsize=512)
def numbers(fields: frozenset[str]) -> tuple[float, ...]:
    """Return the numbers that stand for nothing in a column of numbers.

    Parameters
    ----------
    fields
        Fields that the column reveals.

    Returns
    -------
    Numbers in increasing order; often none.
    """
    known = catalog.load_placeholders()
    found: set[float] = set()
    if fields & set(known.zeros):
        found |= {0.0}
    if fields & set(known.identifiers):
        found |= {float(digit * length) for digit in "123456789" for length in range(_SAME, _LONGEST + 1)}
        found |= {float(digits) for digits in known.sequences} | {float(code) for code in _CODES}
    if fields & set(known.date_fields):
        found |= set(days())
    return tuple(sorted(found))


def days() -> tuple[float, ...]:
    """Return the days that stand for no day, each as the number YYYYMMDD.

    Returns
    -------
    Numbers.
    """
    return tuple(float(day.replace("-", "")) for day in catalog.load_placeholders().dates)


def masked(fields: frozenset[str]) -> str:
    """Return a regular expression that finds a mask in a text, as in ***-**-1234.

    Parameters
    ----------
    fields
        Fields that the column reveals.

    Returns
    -------
    Expression for a search; "" for fields whose values may hold such signs, or are parts by their nature.
    """
    known = catalog.load_placeholders()
    partial = {*known.masked.values(), *known.verbatim, *known.alike, "username", "photo", "crypto_wallet"}
    if fields & partial:
        return ""
    signs = "\u2022\u25cf\u2588"
    if fields & set(known.identifiers) or fields & set(known.date_fields):
        return f"[*xX#{signs}]{{3,}}|[*{signs}]{{2,}}"
    return f"[*{signs}]{{2,}}"


def flags(*, yes: bool) -> str:
    """Return a regular expression for the words of flags.

    Parameters
    ----------
    yes
        Whether the words mean "leaked"; if not, those that mean "not leaked".

    Returns
    -------
    Expression for a search, anchored at both ends.
    """
    known = catalog.load_placeholders()
    words = "|".join(map(_literal, known.yes if yes else known.no))
    return f"(?i)^{_BLANK}(?:{words})(?:[.]0+)?{_BLANK}$"


def _literal(text: str) -> str:
    """A text as a regular expression that every engine reads alike."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in text)


def _day(day: str) -> str:
    """A day as it is written in tables: year first, day first, or month first, with a time or without."""
    year, month, number = day.split("-")
    short = [part if not part.startswith("0") or part == "00" else f"0?{part[1]}" for part in (month, number)]
    orders = [(year, *short), (short[0], short[1], year), (short[1], short[0], year)]
    written = "|".join("[-/. ]".join(order) for order in dict.fromkeys(orders))
    return f"(?:{year}{month}{number}|{written})(?:[T ][0-9:.,]*(?:Z|[-+][0-9:]*)?)?"


def spelled(words: Iterable[str]) -> tuple[str, ...]:
    """Return words to add to those that stand for nothing, checked.

    Parameters
    ----------
    words
        Words of a user.

    Returns
    -------
    The words.

    Raises
    ------
    ValueError
        If it is one text in place of several, or a word is no text.
    """
    if isinstance(words, str):
        raise ValueError(f"missing is {words!r}; give a list of words, as in missing=[{words!r}]")  # noqa: TRY004
    found = tuple(words)
    for word in found:
        if not isinstance(word, str):
            raise ValueError(f"missing holds {word!r}; a word is text, as in missing=['k.A.', '9999']")  # noqa: TRY004
    return found
