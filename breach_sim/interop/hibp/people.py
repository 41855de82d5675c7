"""Where the people of an entry live, and what their numbers are: an SSN is a number of the United States.

A country is read from the first sentences ("the Swedish forum", "in Iceland") or from the domain; words about
those who took the data ("a Turkish hacker collective") are not about the people.

Not here: the words (``catalog/data/formats/descriptions.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NOTHING, Meaning
from breach_sim.formatting.sentences import compiled, found, sentences

AMERICAN = "US"
OTHER_NUMBER = {"ssn": "national_id_number", "ssn_last4": "national_id_number"}
"""Fields that exist in the United States only, and what the same words mean elsewhere."""
_READ = 2
"""Sentences in which the people are introduced."""
_WORDS = r"^[\s-]*(?:(?!suffered|was|were|had|has|left|announced|said)[\w'&,.-]+ ){0,3}?"
_NOT_PEOPLE = re.compile(
    rf"^-(?:based|language|speaking)|{_WORDS}(?:hack\w*|attack\w*|collective|gang|group known|threat|actor|"
    r"ransomware|security research\w*|researcher|server|ip address|police|authorit\w*|law enforcement|"
    r"intelligence|army|newspaper|tabloid|journalist|media outlet|nhtcu|bka|cybercrime|underground|darknet|"
    r"dark web|breach(?:es)? in|data breaches|justice department|state department|secret service|dollars?)\b",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"(?:post\w*|appear\w*|shar\w*|leak\w*|publish\w*|sold|discovered|found|located|hosted|address) (?:\w+ )"
    r"{0,3}(?:on|to|in|via|by|at) (?:an? |the )?(?:\w+ ){0,2}$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"^[\s-]*(?:[\w'&,.-]+ ){0,5}?(?:sites?|websites?|forums?|compan\w*|firms?|retailers?|stores?|shops?|"
    r"banks?|services?|airlines?|telcos?|telecom\w*|providers?|platforms?|apps?|citizens?|residents?|users?|"
    r"customers?|people|members|subscribers?|portal|community|network|business|agency|government|publisher|"
    r"marketplace|magazine|games?|gaming|startup|maker|isp|hospital|clinic|universit\w*|schools?|part(?:y|ies)|"
    r"social|bookings?|jobs?|online|dating|insurer|operator|chain|brand|lawyers|voters?|\w+ \w+)\b",
    re.IGNORECASE,
)
_INHABITANTS = re.compile(
    r"^ (?:\w+ ){0,2}?(?:citizens|residents|users|people|credentials|victims|accounts|e-?mail|individuals|"
    r"nationals|consumers|voters|customers)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(r"\b(?:in|of|from|across|for)(?: the)? $", re.IGNORECASE)
_CITIZENS_OF = re.compile(
    r"\b(?:citizens|residents|people|users|inhabitants) (?:of|in|from)(?: the)? $", re.IGNORECASE
)
_OF_THE_US = re.compile(r"\b(?:US|U\.S\.) (?:social security|SSN)", re.IGNORECASE)


def countries_of(text: str, domain: str, *, firm: bool = True) -> tuple[tuple[str, ...], str]:
    """Return where the people of an entry live, as its description or its domain suggests.

    Parameters
    ----------
    text
        Description as plain text.
    domain
        Domain of the site; "" if none is given.
    firm
        Whether a firm stands behind the list. If none does, only words about the people themselves count.

    Returns
    -------
    Codes of countries, none if nothing says so or the words disagree; and the words that say so.

    Examples
    --------
    >>> countries_of("In 2015, the Swedish forum Prat was hacked by a Russian group.", "")
    (('SE',), "'Swedish'")
    """
    found_in: dict[str, str] = {}
    pattern, codes = _adjectives()
    for part in sentences(text)[:_READ]:
        for match in pattern.finditer(part):
            if _of_people(part[: match.start()], part[match.end() :], firm=firm):
                found_in.setdefault(codes[match.group(0)], repr(match.group(0)))
    if not found_in and _OF_THE_US.search(text):
        found_in = {AMERICAN: "'US social security numbers'"}
    if len(found_in) == 1:
        code, quote = next(iter(found_in.items()))
        return (code,), quote
    ending = domain.lower().rstrip(".").rpartition(".")[2]
    known = catalog.load_descriptions().countries.values() if firm and ending else ()
    by_domain = next((country.code for country in known if country.domain == ending), "")
    if by_domain and (not found_in or by_domain in found_in):
        return (by_domain,), f"the domain {ending!r}"
    return (), ""


def _of_people(before: str, after: str, *, firm: bool) -> bool:
    """Whether a word for a country is about those whose data leaked."""
    if not firm:
        return bool(_INHABITANTS.match(after) or _CITIZENS_OF.search(before))
    if _NOT_PEOPLE.match(after) or _POSTED.search(before):
        return False
    return bool(_FIRM.match(after) or _PLACED.search(before))


@lru_cache(maxsize=1)
def _adjectives() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """One expression for all words about countries, the longest first, and the code of each word."""
    codes = {
        word: country.code
        for country in catalog.load_descriptions().countries.values()
        for word in country.words
    }
    words = "|".join(re.escape(word) for word in sorted(codes, key=len, reverse=True))
    # Capitals count: "us" is no country.
    return re.compile(rf"(?<![\w.])(?:{words})(?!\w)"), codes


def of_country(meaning: Meaning, countries: tuple[str, ...]) -> Meaning:
    """Return what a word means for people of some countries.

    Parameters
    ----------
    meaning
        Meaning of the word in the United States.
    countries
        Where the people live; empty where nothing is known.

    Returns
    -------
    The same meaning, or with a national identity number in place of an SSN where nobody lives in the US.
    """
    if not countries or AMERICAN in countries:
        return meaning
    fields, perhaps = (
        tuple(dict.fromkeys(OTHER_NUMBER.get(name, name) for name in names))
        for names in (meaning.fields, meaning.perhaps)
    )
    if (fields, perhaps) == (meaning.fields, meaning.perhaps):
        return meaning
    perhaps = tuple(name for name in perhaps if name not in fields)
    reason = f"people of {', '.join(countries)}: their national number, which is no SSN"
    more = f"; {meaning.reason}" if meaning.reason else ""
    state = meaning.state if meaning.state != ASSUMED or not fields else ASSUMED
    return Meaning(fields=fields, perhaps=perhaps, state=state, reason=f"{reason}{more}")


def pins(text: str, title: str, domain: str) -> Meaning:
    """Return whose PIN leaked: that of a line at a carrier, of a bank card, or of a site.

    Parameters
    ----------
    text
        Description as plain text.
    title, domain
        Of the entry.

    Returns
    -------
    Meaning of the class "PINs".
    """
    words = catalog.load_descriptions().pins
    said = f"{title} {domain} {text}"
    carrier, bank = (compiled(words[kind]).search(said) for kind in ("carrier", "bank"))
    if carrier and not bank:
        reason = f"the PIN of an account at a carrier, as {carrier.group(0)!r} suggests"
        return Meaning(fields=("account_pin",), state=MAPPED, reason=reason)
    if bank and not carrier:
        reason = f"the PIN of a bank card, as {bank.group(0)!r} suggests"
        return Meaning(fields=("card_pin",), state=MAPPED, reason=reason)
    if carrier and bank:
        reason = "the PIN of a carrier or of a card: the entry names both"
        return Meaning(perhaps=("account_pin", "card_pin"), state=ASSUMED, reason=reason)
    reason = "the PIN of another site: of worth there, and nowhere else"
    return Meaning(state=NOTHING, reason=reason)


def passcodes(text: str, title: str, domain: str) -> Meaning | None:
    """Return the passcodes of a carrier that a description names though no class does.

    Parameters
    ----------
    text
        Description as plain text.
    title, domain
        Of the entry.

    Returns
    -------
    Their meaning; None if none are named, or the firm is no carrier.
    """
    words = catalog.load_descriptions().pins
    named = next((m.group(0) for part in sentences(text) for m in found(words["named"], part)), "")
    if not named or not compiled(words["carrier"]).search(f"{title} {domain} {text}"):
        return None
    reason = f"no class names them, but the description does: {named!r}"
    return Meaning(perhaps=("account_pin",), state=ASSUMED, reason=reason)
