"""What the varieties of an incident hold: fields with a level each, by variety, context and country.

A variety names a kind of record (``catalog/data/formats/record_kinds.toml``). What such records hold depends
on the incident: customers of a service on the internet, a personal file, a patient's file. A variety whose
amount is not known, and that nothing but another's amount stands for, is one level less likely.

Not here: how many records there are (``amounts``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, NO_COUNTERPART, Meaning
from breach_sim.formatting.messages import shown
from breach_sim.inputs.published import check_countries
from breach_sim.interop.amounts import MOST_LETTERS, clean, count

FORMAT = "veris"
HOME = "US"
"""Country whose people have Social Security numbers."""
NO_ANSWER = ("unknown", "other", "na", "n/a", "")
"""Words of an enumeration that say nothing."""
_WRITTEN = {"UK": "GB", "EL": "GR", "USA": "US"}
"""Codes of other lists that are often written for a country."""
_DEEPEST = 4
"""Levels of lists in lists that are unfolded."""
_NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Part:
    """One variety of an incident.

    Parameters
    ----------
    word
        Name of the variety.
    meaning
        Its meaning.
    levels
        Level of each field that such records hold; empty for a variety without an attack.
    amount
        Number of records; None if not known.
    remark
        What is to be said about the amount; "" for nothing.
    known
        Whether the format knows the variety.
    nearest
        Nearest known variety, for one that is not known; "" if none is near.
    """

    word: str
    meaning: Meaning
    levels: Mapping[str, str]
    amount: int | None
    remark: str
    known: bool = True
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Circumstances of an incident that decide what its records hold.

    Parameters
    ----------
    context
        Name of a context of the dictionary; "" for none.
    why
        What in the incident says so.
    countries
        Two capital letters each; empty if not known.
    odd
        Countries that are no codes of two letters, as written.
    given
        Whether the caller named the countries.
    """

    context: str
    why: str
    countries: tuple[str, ...]
    odd: tuple[str, ...]
    given: bool


def setting_of(
    incident: Mapping[str, Any], lost: Mapping[str, Any], countries: tuple[str, ...] = ()
) -> Setting:
    """Return the circumstances of an incident.

    Parameters
    ----------
    incident
        The incident.
    lost
        Its ``attribute.confidentiality``.
    countries
        Codes of the countries of the people, if the caller names them.

    Returns
    -------
    Context and countries.
    """
    victim = first_table(incident.get("victim"))
    industry = re.sub(r"\D", "", clean(victim.get("industry")) or _digits(victim.get("industry")))
    victims = [word.capitalize() for word in words_of(lost.get("data_victim"))]
    context, why = _context(industry, victims)
    codes, odd = _countries(victim.get("country"))
    return Setting(context, why, countries or codes, () if countries else odd, bool(countries))


def _digits(value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _context(industry: str, victims: list[str]) -> tuple[str, str]:
    """Name of the context, and what says so."""
    contexts = catalog.load_contexts(FORMAT)
    staff = [
        name for name, own in contexts.items() if victims and set(victims) <= {"Employee"} & set(own.victims)
    ]
    if staff:
        return staff[0], "data_victim is Employee"
    by_code = {
        name: max((len(code) for code in own.industries if industry.startswith(code)), default=0)
        for name, own in contexts.items()
    }
    best = max(by_code, key=lambda name: by_code[name], default="")
    if best and by_code[best]:
        return best, f"industry {industry}"
    for name, own in contexts.items():
        named = [word for word in victims if word in own.victims]
        if named:
            return name, f"data_victim is {named[0]}"
    return "", ""


def _countries(value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the countries, and what is no code."""
    codes, odd = [], []
    for word in words_of(value):
        code = _WRITTEN.get(word.upper(), word.upper())
        if _is_country(code):
            codes.append(code)
        elif word.lower() not in NO_ANSWER:
            odd.append(word)
    return tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(odd))


def _is_country(code: str) -> bool:
    try:
        check_countries((code,), "victim.country")
    except ValueError:
        return False
    return True


def words_of(value: Any) -> list[str]:
    """Words of an enumeration: one text, or the texts of a list.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    Texts of one line each; empty ones are left out.
    """
    values = value if isinstance(value, (list, tuple)) else [value]
    return [word for each in values if (word := clean(each))]


def first_table(value: Any) -> Mapping[str, Any]:
    """Object itself, or the first object of a list; empty where there is none.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    An object.
    """
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, Mapping)), None)
    return value if isinstance(value, Mapping) else {}


def parts_of(lost: Mapping[str, Any], setting: Setting) -> list[Part]:
    """Return the varieties of an incident.

    Parameters
    ----------
    lost
        ``attribute.confidentiality`` of the incident.
    setting
        Its circumstances.

    Returns
    -------
    One part a variety; of the same variety twice, the one with the larger amount.
    """
    found: dict[str, Part] = {}
    for piece in _pieces(lost.get("data")):
        value = piece.get("variety") if isinstance(piece, Mapping) else piece
        amount, remark = count(piece.get("amount") if isinstance(piece, Mapping) else None)
        part = _part(value, amount, remark, setting)
        old = found.get(part.word)
        if old is None or (old.amount or 0) < (amount or 0):
            found[part.word] = part
    return list(found.values())


def _part(value: Any, amount: int | None, remark: str, setting: Setting) -> Part:
    """One variety, looked up."""
    if not isinstance(value, str) or not clean(value):
        meaning = Meaning(state=NO_COUNTERPART, reason="no text; a variety is a name")
        return Part(shown(value), meaning, {}, amount, remark, known=False)
    words = catalog.load_dictionary(FORMAT)
    written = clean(value)
    synonym = catalog.load_synonyms(FORMAT).get(" ".join(re.split(r"[\s_\-]+", written.casefold())), "")
    word = words.get(synonym or value[:MOST_LETTERS])
    if word is None:
        meaning = catalog.no_counterpart(written, "variety", FORMAT)
        return Part(written, meaning, {}, amount, remark, known=False, nearest=_nearest(written))
    kind = word.kind and catalog.record_kind(word.kind)
    if not kind:
        return Part(word.name, word.read(), {}, amount, remark, known=word.known)
    own = kind.instead.get(setting.context, kind)
    reason = own.reason + (f" ({setting.why})" if own is not kind else "")
    reason += f"; read as a kind of {word.parent}" if word.parent else ""
    reason += f"; {written!r} is read as {word.name}" if synonym else ""
    levels = local(own.levels, setting.countries)
    held = [
        [name for name, level in levels.items() if (level in catalog.LEVELS[:2]) is upper]
        for upper in (True, False)
    ]
    meaning = Meaning(fields=tuple(held[0]), perhaps=tuple(held[1]), state=ASSUMED, reason=reason)
    return Part(word.name, meaning, levels, amount, remark)


def _nearest(name: str) -> str:
    """Nearest variety to an unknown one, by its name or a synonym."""
    known = {word.casefold(): word for word in catalog.load_dictionary(FORMAT)} | dict(
        catalog.load_synonyms(FORMAT)
    )
    match = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=_NEAR)
    words = set(re.split(r"[^a-z]+", name.casefold()))
    inside = [known[other] for other in known if other in words]
    return known[match[0]] if match else (inside[0] if inside else "")


def _pieces(data: Any, depth: int = 0) -> list[Any]:
    """Elements of ``data``, however folded: a list, one object, an object by variety, lists in lists."""
    if isinstance(data, Mapping):
        if "variety" in data and isinstance(data["variety"], list):
            return [{"variety": name, "amount": data.get("amount")} for name in data["variety"]]
        if "variety" in data or not data:
            return [data] if data else []
        return [{"variety": name, "amount": amount} for name, amount in data.items()]
    if not isinstance(data, list):
        return [] if data is None else [data]
    if depth > _DEEPEST:
        return [None]
    nested = [(_pieces(part, depth + 1) if isinstance(part, (list, Mapping)) else [part]) for part in data]
    return [piece for group in nested for piece in group]


def local(levels: Mapping[str, str], countries: tuple[str, ...]) -> dict[str, str]:
    """Levels of fields for people of some countries.

    Parameters
    ----------
    levels
        Level by field.
    countries
        Codes; empty if not known.

    Returns
    -------
    The same for the United States. Elsewhere another identity number stands for the SSN; for people of
    several or unknown countries both are possible, and each is one level less likely.
    """
    if "ssn" not in levels or countries == (HOME,):
        return dict(levels)
    own = levels["ssn"]
    rest = {name: level for name, level in levels.items() if name != "ssn"}
    mixed = not countries or HOME in countries
    number = lower(own) if mixed else own
    both = {"national_id_number": number} | ({"ssn": number} if mixed else {})
    return highest([rest, both])


def lower(level: str) -> str:
    """Return the next lower level.

    Parameters
    ----------
    level
        One of ``catalog.LEVELS``.

    Returns
    -------
    The level below; the lowest stays.
    """
    return catalog.LEVELS[min(catalog.LEVELS.index(level) + 1, len(catalog.LEVELS) - 1)]


def highest(several: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the highest level of each field.

    Parameters
    ----------
    several
        Levels by field.

    Returns
    -------
    Level by field.
    """
    found: dict[str, str] = {}
    rank = catalog.LEVELS.index
    for levels in several:
        for name, level in levels.items():
            if name not in found or rank(level) < rank(found[name]):
                found[name] = level
    return found
