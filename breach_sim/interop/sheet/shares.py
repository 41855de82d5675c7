"""Parse the share in a cell: a number, a percentage, a range, "about 60 %", "yes".

What is not one number becomes an uncertain share with the reason. What can be read in two ways is refused
with the way to write it.

Not here: the words (``catalog/data/formats/table.toml``), and the wide shares of a field whose cell says
only that it leaked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.rules import OWN
from breach_sim.interop.amounts import MOST_LETTERS, one_of, plain_text, plain_value, readings, table_words

HOW = "a share is a number in [0, 1], or percent with the sign, as in 25 %"
"""What a cell should hold."""
ASSUMED = "assumed"
_HUNDRED = 100.0
_DECADE = 10.0
_NUMBER = r"[+-]?(?:\d[\d.,' _]*\d|\d|[.,]\d+)(?:e[+-]?\d{1,3})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share in a cell.

    Parameters
    ----------
    low, mode, high
        Ends and most likely value; all the same if the share is certain. [0, 1]
    group
        "sure" if the cell says only that the field leaked, "perhaps" if it says that nothing is known; the
        share is then that of the field's group. "" if there are numbers.
    hard
        Whether low and high are the ends, and not the 5 % and 95 % quantiles.
    status
        "user" if the numbers are the user's, "assumed" if a part of them is ours.
    remark
        How the cell was read; "" if as it stands.
    """

    low: float = 0.0
    mode: float = 0.0
    high: float = 0.0
    group: str = ""
    hard: bool = True
    status: str = OWN
    remark: str = ""

    @property
    def certain(self) -> bool:
        """Whether it is one number."""
        return not self.group and self.low == self.high

    @property
    def numbers(self) -> tuple[str, float, float, float]:
        """What two shares of one block must have in common."""
        return self.group, self.low, self.mode, self.high


def share(value: Any, *, per_cent: bool = False, signed: bool = False, mark: str = "") -> Share:
    """Parse the share in a cell.

    Parameters
    ----------
    value
        Number, truth value, or text such as "0.25", "0,25", "25 %", "10-50 %", "about 60 %", "< 5 %", "yes";
        blank, or "unknown".
    per_cent
        Whether numbers without a unit are percentages.
    signed
        Whether the spreadsheet shows the cell as percent; its number is a share then.
    mark
        Decimal mark of the file; "" if not known.

    Returns
    -------
    The share.

    Raises
    ------
    ValueError
        If it is not a share, or may be several. The message begins with the value.

    Examples
    --------
    >>> share("25 %").mode, share("10-50 %").numbers
    (0.25, ('', 0.1, 0.3, 0.5))
    """
    value = plain_value(value)
    if value is None:
        return Share(remark="blank: read as not leaked")
    if isinstance(value, bool):
        return Share(group="sure", status=ASSUMED, remark=_no_share(value)) if value else _at(0, f"{value}")
    if isinstance(value, str):
        return _text_share(value, per_cent, mark)
    if hasattr(value, "year"):
        raise ValueError(
            f"{value} is a date, which spreadsheets make of a range such as 1-5; write it as text: 1 % - 5 %"
        )
    if not isinstance(value, (int, float, Decimal)):
        raise ValueError(f"{shown(value)}; {HOW}")  # noqa: TRY004 - a value of a file
    part = value if isinstance(value, int) and abs(value) > _HUNDRED else float(value)
    scaled = part / _HUNDRED if per_cent and not signed and abs(part) <= _HUNDRED else part
    number = _checked(scaled, shown(value), unit=per_cent or signed)
    return _at(number, f"{shown(value)} read as {number:g}" if per_cent and not signed else "")


def spread(low: Share, mode: Share | None, high: Share, *, hard: bool) -> Share:
    """Return the share of a row with columns for low, most likely and high.

    Parameters
    ----------
    low, mode, high
        Shares in the columns; the most likely one may be absent.
    hard
        Whether low and high are the ends, and not the 5 % and 95 % quantiles.

    Returns
    -------
    The share; its status is "user" if there is a most likely value, else "assumed".

    Raises
    ------
    ValueError
        If one is no number, or they do not rise.
    """
    for part in filter(None, (low, mode, high)):
        if not part.certain:
            raise ValueError("low, mode and high are one number each; write numbers or percentages")
    if mode is None:
        return _between(low.mode, high.mode, "low and high columns", hard=hard)
    numbers = (low.mode, mode.mode, high.mode)
    if list(numbers) != sorted(numbers):
        text = ", ".join(f"{number:g}" for number in numbers)
        raise ValueError(f"low, mode and high are {text}; they must rise")
    words = f"low, mode and high: {numbers[0]:g} / {numbers[1]:g} / {numbers[2]:g}"
    return Share(low=numbers[0], mode=numbers[1], high=numbers[2], hard=hard, remark=words)


def without_about(text: str) -> str:
    """Return a text without a word such as "about" before the number.

    Parameters
    ----------
    text
        Contents of a cell.

    Returns
    -------
    The rest; the whole text if there is no such word.

    Examples
    --------
    >>> without_about("ca. 1.2 million")
    '1.2 million'
    """
    words = "|".join(rf"{re.escape(word)}{_edge(word)}" for word in sorted(_words("about"), key=len)[::-1])
    return re.sub(rf"^(?:{words})\s*", "", plain_text(text), flags=re.IGNORECASE)


def _at(number: float, remark: str = "") -> Share:
    return Share(low=number, mode=number, high=number, remark=remark)


def _no_share(value: Any) -> str:
    return f"{shown(value)}: leaked, for an unknown share of the accounts"


def _checked(part: float, text: str, *, unit: bool) -> float:
    """Return a share, or refuse it."""
    if not 0 <= part <= 1:
        more = "" if unit else "; if shares are in percent, write 25 % or say so (per_cent=True, --per-cent)"
        raise ValueError(f"{text}; a share must lie in [0, 1]{more}")
    return float(part)


@lru_cache(maxsize=1)
def _grammar() -> dict[str, re.Pattern[str]]:
    """Return the forms of a share that are more than one number."""
    words = table_words()["words"]

    def any_of(*purposes: str) -> str:
        found = sorted({_fold(word) for purpose in purposes for word in words[purpose]}, key=len)
        return "|".join(rf"{re.escape(word)}{_edge(word)}" for word in reversed(found))

    number = rf"({_NUMBER})\s*({any_of('per_cent')}|)"
    forms = {
        "one": number,
        "triple": rf"{number}\s*/\s*{number}\s*/\s*{number}",
        "range": rf"(?:(?:{any_of('between')})\s*)?{number}\s*(?:{any_of('range', 'and')})\s*{number}",
        "margin": rf"{number}\s*(?:{any_of('margin')})\s*{number}",
        "about": rf"(?:{any_of('about')})\s*{number}",
        "about after": rf"{number}\s*\(?(?:{any_of('about')})\)?",
        "at_most": rf"(?:{any_of('at_most')})\s*{number}",
        "at_least": rf"(?:{any_of('at_least')})\s*{number}",
        "at_least after": rf"({_NUMBER})\s*\+\s*({any_of('per_cent')}|)|{number}\s*\+",
    }
    return {name: re.compile(form) for name, form in forms.items()}


def _edge(word: str) -> str:
    """A word ends where it ends: "a" is no beginning of "about"."""
    return r"(?![^\W\d_])" if word[-1].isalpha() else ""


def _fold(text: str) -> str:
    dashes = re.sub("[\u2010-\u2015\u2212\ufe58\uff0d]", "-", plain_text(text).casefold())
    return dashes.replace("\uff05", "%").replace("\ufe6a", "%").replace("\u066a", "%")


@lru_cache(maxsize=16)
def _words(purpose: str) -> frozenset[str]:
    return frozenset(_fold(word) for word in table_words()["words"][purpose])


def _text_share(value: str, per_cent: bool, mark: str) -> Share:
    text = _fold(value).strip("()[] ") or _fold(value)
    if text in _words("unknown"):
        return Share(group="perhaps", status=ASSUMED, remark=f"{shown(value)}: not known")
    if text in _words("yes"):
        return Share(group="sure", status=ASSUMED, remark=_no_share(value))
    if text in _words("no"):
        return _at(0.0, f"{shown(value)} read as 0")
    if text in _words("all"):
        return _at(1.0, f"{shown(value)} read as 1")
    if text in _words("unclear"):
        raise ValueError(
            f"{shown(value)} may mean several things; write a number in [0, 1], a percentage, yes or unknown"
        )
    if len(text) <= MOST_LETTERS:
        for form, pattern in _grammar().items():
            match = pattern.fullmatch(text)
            if match:
                parts = [part for part in match.groups() if part is not None]
                pairs = list(zip(parts[::2], parts[1::2], strict=True))
                return _formed(form.removesuffix(" after"), _numbers(pairs, value, per_cent, mark), value)
    raise ValueError(f"{shown(value)}; {HOW}")


def _numbers(pairs: Iterable[tuple[str, str]], value: str, per_cent: bool, mark: str) -> list[float]:
    """Return the numbers of a cell as shares; the unit of the last one is that of all."""
    parts = list(pairs)
    unit = bool(parts[-1][1])
    if not unit and any(sign for _, sign in parts):
        raise ValueError(f"{shown(value)} has a unit at one number only; write it at the last, as in 10-50 %")
    found = []
    for digits, _ in parts:
        ways = readings(digits.lstrip("+-"))
        number = one_of(ways, digits, mark)
        if len(ways) > 1:
            # A share above 1 is none, so that only the decimal reading can be meant.
            limit = _HUNDRED if unit or per_cent else 1.0
            number = min(way.value for way in ways) if min(way.value for way in ways) <= limit else number
        if number is None or not math.isfinite(number):
            raise ValueError(f"{shown(value)}; {HOW}")
        size = -float(number) if digits.startswith("-") else float(number)
        scaled = size / _HUNDRED if (unit or per_cent) and abs(size) <= _HUNDRED else size
        found.append(_checked(scaled, shown(value), unit=unit or per_cent))
    return found


def _formed(form: str, numbers: list[float], value: str) -> Share:
    """Return the share of a cell of one form."""
    first = numbers[0]
    if form == "one":
        plain = re.fullmatch(r"[\d.]+", plain_text(value)) and float(plain_text(value)) == first
        return _at(first, "" if plain else f"{shown(value)} read as {first:g}")
    if form == "triple":
        return spread(*(_at(number) for number in numbers), hard=True)
    if form == "range":
        return _between(first, numbers[1], shown(value), hard=True)
    if form == "margin":
        low, high = max(0.0, first - numbers[1]), min(1.0, first + numbers[1])
        return _uncertain(low, first, high, f"{shown(value)} read as {low:g} to {high:g}", status=OWN)
    if form == "about":
        return _about(first, value)
    return _between(*((0.0, first) if form == "at_most" else (first, 1.0)), shown(value), hard=True)


def _between(low: float, high: float, what: str, *, hard: bool) -> Share:
    """Return the share between two numbers; the most likely one is in the middle."""
    if low > high:
        raise ValueError(f"{what} goes from {low:g} down to {high:g}; write the smaller number first")
    wide = low > 0 and high >= _DECADE * low
    mode = math.sqrt(low * high) if wide else (low + high) / 2
    middle = "the geometric middle" if wide else "the middle"
    remark = f"{what} read as {low:g} to {high:g}, most likely {mode:.3g} ({middle}, assumed)"
    return _uncertain(low, mode, high, remark, hard=hard)


def _about(number: float, value: str) -> Share:
    """Return the share of a cell that says "about"."""
    widths = table_words()["about"]
    if number in (0.0, 1.0):
        end = widths["at_end"]
        low, mode, high = (0.0, end / 4, end) if number == 0 else (1 - end, 1 - end / 4, 1.0)
    else:
        width = widths["relative"] * min(number, 1 - number)
        low, mode, high = number - width, number, number + width
    remark = f"{shown(value)} read as {low:.3g} to {high:.3g}, most likely {mode:.3g} (the width is assumed)"
    return _uncertain(low, mode, high, remark, hard=False)


def _uncertain(
    low: float, mode: float, high: float, remark: str, *, hard: bool = True, status: str = ASSUMED
) -> Share:
    if low == high:
        return _at(low, remark)
    return Share(low=low, mode=mode, high=high, hard=hard, status=status, remark=remark)
