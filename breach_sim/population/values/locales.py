"""Faker's weighted pools of one locale, compiled once into lookup tables.

`Pools` are the names, streets and cities that Faker can generate for a locale, with Faker's weights, as
tables from which millions of rows are drawn. The pools and the templates of streets and cities are read from
Faker. What Faker does not provide (the region of a telephone area code) is defined in `LOCALES`. To add a
locale, add a line there; no code is needed.

A template such as ``{{building_number}} {{street_name}}`` becomes *alternatives* (one for each way through
the nested templates) of *pieces*; a piece is drawn from a pool of texts, blanks included.

========  =============================  ==========================================================
locale    state and ZIP code             identifiers
========  =============================  ==========================================================
en_US     of the phone's area code       all of the US
de_DE     drawn apart from each other    the same, US ones: Germany has no safe space of 10**8 phone
                                         numbers, and no number like an SSN; `state` is the Land
========  =============================  ==========================================================

Not modeled: names by birth cohort (Faker has none), cities by state, streets by city. German cities are
Faker's list of real towns; US ones are invented.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any, Final
from unicodedata import normalize

from breach_sim.formatting.messages import unknown
from breach_sim.population.draws.chance import Choice, Lookup, sum_in_order
from breach_sim.population.values.geography import AREA_CODES, STATE_OF_AREA_CODE

Weights = dict[str, float]

_TOKEN: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_DIGITS: Final[Mapping[str, str]] = MappingProxyType({"#": string.digits, "%": "123456789"})
_POOLS_OF_TOKENS: Final = MappingProxyType(
    {
        "first_name": "first_names",
        "last_name": "last_names",
        "city_name": "cities",
        "city_prefix": "city_prefixes",
        "city_suffix": "city_suffixes",
        "street_suffix": "street_suffixes",
        "street_suffix_short": "street_suffixes_short",
        "street_suffix_long": "street_suffixes_long",
    }
)
_CHUNK: Final = 3
_NUMBERED: Final = ("building_number", "secondary_address")
_SHARP: Final[Mapping[str, str]] = MappingProxyType(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"}
)


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions where people of a locale live.

    Parameters
    ----------
    by_phone
        Whether state and ZIP code follow from the telephone's area code.
    """

    by_phone: bool


LOCALES: Final[Mapping[str, Regions]] = MappingProxyType(
    {"en_US": Regions(by_phone=True), "de_DE": Regions(by_phone=False)}
)
"""Locales a population can have."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Texts composed of pieces.

    Parameters
    ----------
    pool
        Every piece there is, each once.
    alternative
        Which way through the templates is taken.
    slots
        One choice for each piece, with one law for each alternative. Outcomes are places in the pool.
    """

    pool: tuple[str, ...]
    alternative: Choice
    slots: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Pools:
    """Names, streets and cities that Faker can generate for a locale.

    Parameters
    ----------
    locale
        Its name.
    first_names, last_names
        Names, each once, in rising order.
    first, last
        Choices of places in them; `first` has one law for women (0) and one for men (1).
    initial
        Choice of a letter of the alphabet: the first letter of a first name, by sex.
    first_mail, last_mail
        The names as an e-mail address has them: a to z only.
    street, city
        Street address and city.
    regions
        Values of the column `state`.
    region_of_code
        Place in `regions` by place of the area code; None where they are drawn apart.
    zip_starts, zip_sizes
        First ZIP code of each region and how many follow.
    digest
        SHA-256 over all of it, in hexadecimal.
    """

    locale: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    first: Choice
    last: Choice
    initial: Choice
    first_mail: tuple[str, ...]
    last_mail: tuple[str, ...]
    street: Pieces
    city: Pieces
    regions: tuple[str, ...]
    region_of_code: Lookup | None
    zip_starts: Lookup
    zip_sizes: Lookup
    digest: str


def check_locale(locale: str) -> str:
    """Return the name of a locale if it is supported.

    Parameters
    ----------
    locale
        Name as Faker writes it, such as ``en_US``.

    Returns
    -------
    str
        The name itself.

    Raises
    ------
    ValueError
        If it is not supported. The message suggests the nearest supported one.
    """
    if locale not in LOCALES:
        raise ValueError(unknown("locale", locale, LOCALES, "Population(locale=...)"))
    return locale


@cache
def pools(locale: str) -> Pools:
    """Compile the pools of a locale (cached).

    Parameters
    ----------
    locale
        One of `LOCALES`.

    Returns
    -------
    Pools
        Tables with Faker's weights.

    Raises
    ------
    ValueError
        If the locale is unknown.
    """
    source = _Source(check_locale(locale))
    sexes = [source.weights("first_names_female"), source.weights("first_names_male")]
    lasts = source.weights("last_names")
    first_names = tuple(sorted({name for weights in sexes for name in weights}))
    last_names = tuple(sorted(lasts))
    street, city = source.pieces("street_address"), source.pieces("city")
    regions, of_code, starts, sizes = _regions(locale, source)
    parts = (sexes, lasts, street.pool, city.pool, regions, of_code, starts, sizes, source.formats())
    return Pools(
        locale=locale,
        first_names=first_names,
        last_names=last_names,
        first=_placed(sexes, first_names),
        last=_placed([lasts], last_names),
        initial=Choice(*(_initials(weights) for weights in sexes)),
        first_mail=tuple(map(mail_name, first_names)),
        last_mail=tuple(map(mail_name, last_names)),
        street=street,
        city=city,
        regions=regions,
        region_of_code=None if of_code is None else Lookup(of_code),
        zip_starts=Lookup(starts),
        zip_sizes=Lookup(sizes),
        digest=hashlib.sha256(repr(parts).encode()).hexdigest(),
    )


def mail_name(name: str) -> str:
    """Return a name as written in email addresses.

    Parameters
    ----------
    name
        Any name.

    Returns
    -------
    str
        Its letters from a to z; German letters are written out, accents dropped.

    Examples
    --------
    >>> mail_name("Jürgen"), mail_name("O'Neil"), mail_name("René")
    ('juergen', 'oneil', 'rene')
    """
    spelt = "".join(_SHARP.get(letter, letter) for letter in name)
    return "".join(letter for letter in normalize("NFKD", spelt).lower() if letter in string.ascii_lowercase)


class _Source:
    """Faker of one locale: pools with weights, and templates."""

    def __init__(self, locale: str) -> None:
        from faker import Faker

        generator = Faker(locale).factories[0]
        wanted = ("faker.providers.person.", "faker.providers.address.")
        self._made: dict[str, Weights] = {}
        self._providers = [p for p in generator.get_providers() if type(p).__module__.startswith(wanted)]

    def raw(self, name: str) -> Any:
        """An attribute of Faker's providers of persons and addresses."""
        return next(getattr(p, name) for p in self._providers if hasattr(p, name))

    def weights(self, name: str) -> Weights:
        """Return a pool with its weights, which sum to 1; a repeated text gets the sum of its weights."""
        elements = self.raw(name)
        pairs = elements.items() if isinstance(elements, Mapping) else ((text, 1.0) for text in elements)
        result: Weights = {}
        for text, weight in pairs:
            result[text] = result.get(text, 0.0) + float(weight)
        total = sum_in_order(result.values())
        return {text: weight / total for text, weight in result.items()}

    def formats(self) -> list[tuple[str, Any]]:
        """Every template in use."""
        names = ("street_address", "street_name", "city", *_NUMBERED)
        found = [(name, [getattr(p, f"{name}_formats", None) for p in self._providers]) for name in names]
        return [(name, [list(each) for each in every if each]) for name, every in found]

    def alternatives(self, token: str) -> Iterator[tuple[float, list[str | Weights]]]:
        """Every way to write a token: its weight, and literal texts and pools in turn."""
        if token in _POOLS_OF_TOKENS:
            yield 1.0, [self._made.setdefault(token, self.weights(_POOLS_OF_TOKENS[token]))]
            return
        for template, weight in self.weights(f"{token}_formats").items():
            if token in _NUMBERED:
                yield weight, self._chunks(token, template)
                continue
            parts = _TOKEN.split(template)
            inner = [list(self.alternatives(name)) for name in parts[1::2]]
            for chosen in product(*inner):
                total, written = weight, [parts[0]]
                sequence: list[str | Weights] = list(written)
                for (share, pieces), literal in zip(chosen, parts[2::2], strict=True):
                    total *= share
                    sequence += [*pieces, literal]
                yield total, sequence

    def _chunks(self, token: str, template: str) -> list[str | Weights]:
        """A template of digits, in pieces of at most three; as many for each template of the token."""
        most = max(len(_cut(other)) for other in self.weights(f"{token}_formats"))
        cut = _cut(template)
        result: list[str | Weights] = []
        for chunk in [*[""] * (most - len(cut)), *cut]:
            made = self._made.setdefault(f"digits {chunk}", {})
            made.update(made or dict.fromkeys(_numbers(chunk), 1.0))
            result.append(made)
        return result

    def pieces(self, token: str) -> Pieces:
        """Texts of a token, compiled."""
        joined = _Joined()
        ways = [(weight, joined.parts(parts)) for weight, parts in self.alternatives(token)]
        most = max(len(parts) for _, parts in ways)
        nothing = {"": 1.0}
        padded = [(weight, [*parts, *[nothing] * (most - len(parts))]) for weight, parts in ways]
        pieces = {id(piece): piece for _, parts in padded for piece in parts}
        pool = tuple(dict.fromkeys(text for piece in pieces.values() for text in piece))
        places = {text: place for place, text in enumerate(pool)}
        laws = {key: _by_place(piece, places) for key, piece in pieces.items()}
        slots = tuple(Choice(*(laws[id(parts[slot])] for _, parts in padded)) for slot in range(most))
        return Pieces(pool, Choice({number: weight for number, (weight, _) in enumerate(padded)}), slots)


def _cut(template: str) -> list[str]:
    """A template cut before every place that would be its fourth with a digit in a piece."""
    chunks, wild = [""], 0
    for sign in template:
        if sign in _DIGITS and wild == _CHUNK:
            chunks.append("")
            wild = 0
        wild += sign in _DIGITS
        chunks[-1] += sign
    return chunks


def _numbers(template: str) -> list[str]:
    """Every text of a template of digits."""
    return ["".join(text) for text in product(*(_DIGITS.get(sign, sign) for sign in template))]


class _Joined:
    """Pools with the literal texts around them drawn in; each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, str], tuple[Weights, Weights]] = {}

    def parts(self, parts: Sequence[str | Weights]) -> list[Weights]:
        """Pools only: a literal text goes to the pool before it, the first to the first."""
        pieces: list[tuple[str, Weights, str]] = []
        before = ""
        for part in parts:
            if not isinstance(part, str):
                pieces.append((before, part, ""))
                before = ""
            elif pieces:
                first, pool, after = pieces[-1]
                pieces[-1] = (first, pool, after + part)
            else:
                before += part
        return [self._one(*piece) for piece in pieces]

    def _one(self, before: str, pool: Weights, after: str) -> Weights:
        key = (before, id(pool), after)
        if key not in self._made:
            # The pool is kept beside, so that its identity stays its own.
            self._made[key] = (
                pool,
                {f"{before}{text}{after}": weight for text, weight in pool.items()},
            )
        return self._made[key][1]


def _by_place(weights: Weights, places: Mapping[str, int]) -> dict[int, float]:
    return {places[text]: weight for text, weight in weights.items()}


def _placed(laws: Sequence[Weights], names: Sequence[str]) -> Choice:
    places = {name: place for place, name in enumerate(names)}
    return Choice(*(_by_place(weights, places) for weights in laws))


def _initials(weights: Weights) -> dict[int, float]:
    """Weights of the letters that first names begin with."""
    result: dict[int, float] = {}
    for name, weight in weights.items():
        letter = ord(mail_name(name)[0]) - ord("a")
        result[letter] = result.get(letter, 0.0) + weight
    return result


def _regions(locale: str, source: _Source) -> tuple[tuple[str, ...], list[int] | None, list[int], list[int]]:
    """Regions, the one of each area code, and the ZIP codes of each."""
    if LOCALES[locale].by_phone:
        regions = tuple(sorted(set(STATE_OF_AREA_CODE.values())))
        codes = [regions.index(STATE_OF_AREA_CODE[code]) for code in AREA_CODES]
        ranges = [source.raw("states_postcode")[state] for state in regions]
        return regions, codes, [low for low, _ in ranges], [high - low + 1 for low, high in ranges]
    regions = tuple(sorted(source.weights("states")))
    return regions, None, [0] * len(regions), [10**5] * len(regions)
