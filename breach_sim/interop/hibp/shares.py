"""Shares that a description states, in numbers ("61 % of members") or in words ("a small number of records").

A quantity reaches forward over the kinds of data that its sentence names after it, to the next quantity; or
back over the one before it ("dates of birth for 20M users"). A quantity that counts e-mail addresses has
another base than the accounts of the entry, and is left alone.

Not here: the words (``catalog/data/formats/descriptions.toml``), and the leaks that follow (``blocks``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from breach_sim import catalog
from breach_sim.formatting.sentences import denied, sentences
from breach_sim.inputs.fields import FIELD_NAMES

_UNITS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
_AMOUNT = r"(?P<{0}>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)"
_PERCENT = re.compile(
    rf"(?P<about>\b(?:about|around|approximately|roughly|nearly|almost|some|an estimated) |~ ?)?"
    rf"(?P<most>\b(?:less than|fewer than|under|up to|at most|no more than|not more than) |< ?)?"
    rf"(?P<least>\b(?:more than|over|at least|above|upwards of) |> ?)?"
    rf"(?<![\w.,])(?:{_AMOUNT.format('low')} ?(?:%|per ?cent)? ?(?:-|\u2013|to|and) ?)?"
    rf"{_AMOUNT.format('percent')} ?(?:%|per ?cent\b)",
    re.IGNORECASE,
)
_PER = re.compile(r"%|per ?cent", re.IGNORECASE)
_HALF_A = re.compile(r"\b(?P<half>half|quarter of) an? (?P<unit>million|billion)\b", re.IGNORECASE)
_COUNT = re.compile(
    rf"(?<![\w.,$-])(?<!\bsha )(?<!\bin ){_AMOUNT.format('count')}"
    r"(?: ?(?P<unit>k|thousand|m|million|bn?|billion)\b)?(?![\w-]|[.,]\d| ?(?:%|per ?cent))",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:\w+ ){0,3}?(?:records?|accounts?|users?|customers?|members?|people|individuals|persons|subscribers?|"
    r"profiles?|rows|employees|patients|clients|them|these|those|victims)"
)
_COUNTED = re.compile(
    rf"^(?: of (?:the |these |those |its |their )?{_PEOPLE}| {_PEOPLE})?,? ?(?:of which )?(?:also |further |"
    rf"additionally )?(?:had|have|has|included?|including|includes|contained|contain|containing|with|held|"
    rf"hold|carried|listed)\b",
    re.IGNORECASE,
)
"""What follows a number that counts accounts with more data."""
_BACK = re.compile(
    r"\b(?:for|of|on|from|in|by|belonging to)(?: only| just| about| around| over| approximately)*\s*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^[\s,]*(?:(?:which |that )?(?:were|was|are|is|had been|being) )?(?:also |only )?(?:present|included|"
    r"exposed|held|available|provided|stored|recorded|listed|leaked|found|given|known|there)?\s*"
    r"(?:\(\s*|\(?(?:for|of|on|from|in|by|belonging to)"
    r"(?: only| just| about| around| over| approximately)*\s*)$",
    re.IGNORECASE,
)
"""What may stand between a kind of data and the quantity after it: "were present for", or a bracket."""
_END = re.compile(r"[;!?]|\.(?:\s|$)|\bwhil(?:st|e)\b|\balthough\b|\bbut\b", re.IGNORECASE)
_LOCKED = re.compile(
    r"\b(?:encrypted|tokeni[sz]ed|masked|redacted|obfuscated|hashed) (?:\w+ )?$", re.IGNORECASE
)
_DOUBT = re.compile(
    r"\b(?:no|not|never|neither|nor|without|none|excluding|except|encrypted|tokeni[sz]ed|masked|redacted|"
    r"obfuscated|hashed)\b|n't\b",
    re.IGNORECASE,
)
"""A sentence without one of these denies nothing and locks nothing."""
_OF = re.compile(r"^(?: of| of the| of their)? (?:unique |distinct )?")
_PAIR = re.compile(r"[^,]*?(?:\b(?:and|or)\b[^,]*?(?=\band\b|,|$)|(?=,|$))")
_OTHERWISE = re.compile(
    r"\b(?:reus|re-us|chang|reset|crack|convert|resolv|decrypt|confirm|generat|who also had accounts|"
    r"duplicat|previously)\w*\b",
    re.IGNORECASE,
)
"""Verbs by which a share is a share of something else."""
_OBJECTS = frozenset({"private_messages", "sms_content", "transaction_history", "photo"})
"""Fields of which a number counts things, not accounts."""
_YEARS = (1900, 2100)
"""Numbers without a unit that are rather years when a kind of data follows."""
_METHOD = re.compile(r"\b(?:md5|sha|bcrypt|hash|salt|unsalt|plain|encrypt)", re.IGNORECASE)
"""A share of the hashes, in brackets, is no share of the accounts."""
_NEXT = 24
_AROUND = 400
"""Letters on each side of a quantity that are looked at: a sentence of 10,000 numbers is read in a second."""
_ABOUT = 0.2
_EXACT = 0.1
_NEARLY_ALL = 0.7
"""Counts from this share on count the accounts themselves, not a part of them."""
_MOST, _DECADE = 0.995, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Share of the accounts that a description states for some fields.

    Parameters
    ----------
    fields
        Fields that leaked for that share.
    share
        Low, most likely and high. [share]
    scale
        "linear" or "log".
    derived
        Whether it comes from a number, not from a word.
    quote
        The words that state it.
    """

    fields: tuple[str, ...]
    share: tuple[float, float, float]
    scale: str
    derived: bool
    quote: str


@dataclass(frozen=True, slots=True)
class _Quantity:
    start: int
    end: int
    share: tuple[float, float, float]
    scale: str
    derived: bool


def stated_shares(text: str, accounts: int) -> tuple[Stated, ...]:
    """Return the shares that a description states.

    Parameters
    ----------
    text
        Description as plain text.
    accounts
        Accounts of the entry; the base of counts. [1, inf)

    Returns
    -------
    In the order of the text; a field stands in the first that names it.

    Examples
    --------
    >>> stated_shares("It held names, and social security numbers for 61% of members.", 1000)[0].share
    (0.549, 0.61, 0.671)
    """
    reached: list[tuple[_Quantity, Mapping[str, int], str]] = []
    for part in sentences(text):
        quantities = sorted(_quantities(part, accounts), key=lambda q: (q.start, -q.end))
        ends = list(accumulate((q.end for q in quantities), max, initial=0))
        quantities = [q for q, end in zip(quantities, ends, strict=False) if q.start >= end]
        for i, quantity in enumerate(quantities):
            following = quantities[i + 1].start if i + 1 < len(quantities) else len(part)
            fields, quote = _reach(part, quantity, following)
            if fields and "email_address" not in fields:
                reached.append((quantity, fields, quote))
    # "Most passwords as bcrypt, a small number in plain text": the narrower word has the field.
    owner = {
        name: min((fields[name], i) for i, (_, fields, _) in enumerate(reached) if name in fields)[1]
        for name in {name for _, fields, _ in reached for name in fields}
    }
    return tuple(
        Stated(fields=own, share=quantity.share, scale=quantity.scale, derived=quantity.derived, quote=quote)
        for i, (quantity, fields, quote) in enumerate(reached)
        if (own := tuple(name for name in FIELD_NAMES if name in fields and owner[name] == i))
    )


def _quantities(part: str, accounts: int) -> Iterator[_Quantity]:
    """Quantities of a sentence: percent, counts, and words."""
    for match in _PERCENT.finditer(part) if _PER.search(part) else ():
        share = _per_cent(match)
        if share:
            scale = "log" if share[2] >= _DECADE * share[0] else "linear"
            yield _Quantity(match.start(), match.end(), share, scale, derived=True)
    for match in _HALF_A.finditer(part):
        part_of = 0.5 if match["half"].lower() == "half" else 0.25
        yield from _counted(match, part_of * _UNITS[match["unit"].lower()], part, accounts)
    for match in _COUNT.finditer(part):
        number = float(match["count"].replace(",", "")) * _UNITS.get((match["unit"] or "").lower(), 1.0)
        yield from _counted(match, number, part, accounts)
    words = catalog.load_descriptions().quantities
    for match in _quantity_words().finditer(part):
        quantity = words[int((match.lastgroup or "q0")[1:])]
        yield _Quantity(match.start(), match.end(), quantity.share, quantity.scale, derived=False)


def _per_cent(match: re.Match[str]) -> tuple[float, float, float] | None:
    """Low, most likely and high of a share in percent: a number, a range, or a bound."""
    number = float(match["percent"].replace(",", "")) / 100
    first = float(match["low"].replace(",", "")) / 100 if match["low"] else number
    if not 0 < first <= number <= 1:
        return None
    if first < number:
        ends = (first, (first * number) ** 0.5, number)
    elif match["most"]:
        ends = (number / 10, number / 2, number)
    elif match["least"]:
        ends = (number, number + (1 - number) / 10, number + (1 - number) / 2)
    else:
        return _around(number, _ABOUT if match["about"] else _EXACT)
    low, mode, high = (round(end, 9) for end in ends)
    return low, mode, high


def _around(number: float, width: float) -> tuple[float, float, float]:
    """Low, most likely and high around a share."""
    mode = min(number, _MOST)
    return round(mode * (1 - width), 9), round(mode, 9), round(min(mode * (1 + width), 1.0), 9)


def _counted(match: re.Match[str], number: float, part: str, accounts: int) -> Iterator[_Quantity]:
    share = number / accounts
    after = part[match.end() : match.end() + _AROUND]
    counts = _COUNTED.match(after) is not None
    year = match.re is _COUNT and match["unit"] is None and _YEARS[0] <= number <= _YEARS[1]
    own = None if year else _nouns().match(_OF.sub("", after))
    noun = own is not None and not _OBJECTS.intersection(_fields_at(own))
    back = (
        _BACK.search(part[max(match.start() - _AROUND, 0) : match.start()]) is not None
        and re.match(rf" (?:of )?{_PEOPLE}\b", after) is not None
    )
    if 0 < share < _NEARLY_ALL and (counts or noun or back):
        yield _Quantity(match.start(), match.end(), _around(share, _EXACT), "linear", derived=True)


def _reach(part: str, quantity: _Quantity, following: int) -> tuple[Mapping[str, int], str]:
    """Fields that a quantity is about, each with how many its word means, and the words of both."""
    begin = max(quantity.start - _AROUND, 0)
    before = part[begin : quantity.start]
    if _BACK.search(before) or before.endswith("("):
        # "birth dates for 20M users": the noun right before; "and for some users, phones": none is.
        last = next(reversed(list(_nouns().finditer(before))), None)
        other = before.endswith("(") and _METHOD.search(part[quantity.end : quantity.end + _NEXT])
        if last and not other and _BETWEEN.match(before[last.end() :]):
            if denied(part, begin + last.start(), begin + last.end()):
                return {}, ""
            own = _fields_at(last)
            return dict.fromkeys(own, len(own)), part[begin + last.start() : quantity.end]
    stop = min(following, _scope(part, quantity, following))
    fields: dict[str, int] = {}
    last_end = quantity.end
    for match in _nouns().finditer(part, quantity.end, stop):
        if _OTHERWISE.search(part, quantity.end, match.start()):
            break
        if not denied(part, match.start(), match.end()):
            own = _fields_at(match)
            fields = dict.fromkeys(own, len(own)) | fields
            last_end = match.end()
    return fields, part[quantity.start : last_end]


def _scope(part: str, quantity: _Quantity, following: int) -> int:
    """Where the reach of a quantity ends at the latest, if that is before the following one."""
    ends = _END.search(part, quantity.end, following + _NEXT)
    stop = ends.start() if ends else len(part)
    if part.count("(", 0, quantity.start) > part.count(")", 0, quantity.start):
        closed = part.find(")", quantity.end)
        stop = min(stop, closed) if closed >= 0 else stop
    first = _nouns().match(_OF.sub("", part[quantity.end : quantity.end + _AROUND]))
    if first:
        # "a small number of addresses and phone numbers and passwords": a pair, and no longer list.
        pair = _PAIR.match(part, quantity.end + first.end())
        stop = min(stop, pair.end() if pair else stop)
    return stop


@lru_cache(maxsize=1)
def _nouns() -> re.Pattern[str]:
    """One expression for all nouns; the number of its group is that of the rule."""
    rules = catalog.load_descriptions().nouns
    return re.compile(
        "|".join(f"(?P<n{i}>{'|'.join(r.phrases)})" for i, r in enumerate(rules)), re.IGNORECASE
    )


@lru_cache(maxsize=1)
def _quantity_words() -> re.Pattern[str]:
    """One expression for all words for shares; the number of its group is that of the quantity."""
    words = catalog.load_descriptions().quantities
    return re.compile(
        "|".join(f"(?P<q{i}>{'|'.join(q.phrases)})" for i, q in enumerate(words)), re.IGNORECASE
    )


def _fields_at(match: re.Match[str]) -> tuple[str, ...]:
    return catalog.load_descriptions().nouns[int((match.lastgroup or "n0")[1:])].fields


def doubted_shares(text: str) -> tuple[Stated, ...]:
    """Return shares of kinds of data that a description denies, or says to have been encrypted.

    Parameters
    ----------
    text
        Description as plain text.

    Returns
    -------
    Denied are those that every sentence that names them denies; encrypted are numbers, not passwords.

    Examples
    --------
    >>> doubted_shares("Names leaked. Social security numbers were not exposed.")[0].fields[0]
    'ssn'
    """
    denials: dict[str, str] = {}
    locked: dict[str, str] = {}
    parts = sentences(text)
    for part in filter(_DOUBT.search, parts):
        for match in _nouns().finditer(part):
            fields = _fields_at(match)
            lock = _LOCKED.search(part, 0, match.start())
            if denied(part, match.start(), match.end()):
                denials |= {name: match.group(0) for name in fields if name not in denials}
            elif lock and not match.group(0).lower().startswith(("password", "hashed", "encrypted")):
                locked |= {name: f"{lock.group(0)}{match.group(0)}" for name in fields}
    affirmed = {
        name
        for part in (parts if denials else ())
        for match in _nouns().finditer(part)
        if not denied(part, match.start(), match.end())
        for name in _fields_at(match)
    }
    shares = catalog.load_descriptions().shares
    doubts = [("encrypted", locked), ("denied", {n: q for n, q in denials.items() if n not in affirmed})]
    result = []
    for purpose, quotes in doubts:
        for quote in dict.fromkeys(quotes.values()):
            share = shares[purpose]
            fields = tuple(n for n in FIELD_NAMES if quotes.get(n) == quote and n != "email_address")
            ends = (share.low or 0.0, share.mode or 0.0, share.high or 0.0)
            if fields:
                said = f"{quote} ({'denied' if purpose == 'denied' else 'not readable as they are'})"
                result.append(
                    Stated(
                        fields=fields, share=ends, scale=share.scale or "linear", derived=False, quote=said
                    )
                )
    return tuple(result)
