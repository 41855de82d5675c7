"""The official lists that are known: their headings, publishers, and what their rows presuppose.

Not here: which list a table is (``headings``). The descriptions are data
(``catalog/data/formats/register_lists.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from breach_sim.catalog.reader import Reader, Table, data, parse
from breach_sim.inputs.fields import check_field

FILE = "formats/register_lists.toml"
"""Where the lists are described."""
_IN_FRONT = re.compile(r"^(\d+[\s_.\-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the records of a row hold where the list names no kind of data.

    Parameters
    ----------
    fields, perhaps
        Fields that they hold, and that they may hold.
    reason
        Why.
    about
        Regular expression for the sector of rows that it is about; all rows if "".
    alone
        Whether it is read by itself only, or beside the holding of the list.

    Raises
    ------
    ValueError
        If a field is unknown.
    """

    fields: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    reason: str = ""
    about: str = ""
    alone: bool = False

    def __post_init__(self) -> None:
        for name in (*self.fields, *self.perhaps):
            check_field(name, "a list of breaches")

    def matches(self, sector: str) -> bool:
        """Return whether a row of this sector is meant."""
        return bool(re.search(self.about, sector, re.IGNORECASE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """An official list of breaches.

    Parameters
    ----------
    id
        Short name, the beginning of the names of its scenarios.
    title
        What it is called in a sentence, without an article.
    publisher, url
        Who publishes it, and where; "" if not known.
    grade
        Grade of the source: "A", "B" or "C".
    country
        Country of the people, as two capital letters; "" if not known.
    needs
        Groups of headings, in small letters and digits; the list has one of each group.
    without
        Roles that the list does not have.
    by_place
        Column (from 1) of a role whose heading is one of the publisher's machine.
    machine
        Beginnings of such headings, in small letters and digits.
    holdings
        What records hold where no kind of data is named.
    placeholders
        Numbers of people that stand for a number not known.
    placeholder
        What they stand for.
    placeholder_source
        Regular expression for the source of the rows that use them; all rows if "".
    refusal
        Why the list cannot be read and what to do; "" if it can.
    unsaid
        Whether the list does not say if it counts all people or those of one state.
    """

    id: str
    title: str
    publisher: str = ""
    url: str = ""
    grade: str = "C"
    country: str = ""
    needs: tuple[frozenset[str], ...] = ()
    without: tuple[str, ...] = ()
    by_place: Mapping[str, int] = field(default_factory=dict)
    machine: tuple[str, ...] = ()
    holdings: tuple[Holding, ...] = ()
    placeholders: tuple[int, ...] = ()
    placeholder: str = ""
    placeholder_source: str = ""
    refusal: str = ""
    unsaid: bool = False

    def held(self, sector: str) -> tuple[Holding, ...]:
        """Return what the records of a row of this sector hold."""
        return tuple(part for part in self.holdings if part.matches(sector))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A kind of cause, and what to beware of.

    Parameters
    ----------
    about
        Regular expressions for the cause as the list gives it.
    note
        The caution.
    """

    about: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Everything that is known about official lists.

    Parameters
    ----------
    registers
        In the order in which they are tried.
    roles
        Role of a heading and its rank in the role, by the heading in small letters and digits.
    headings
        All headings, as the lists write them.
    states
        Code of a state by what its people and it are called, in small letters; longest names first.
    state_names
        Name of a state by its code.
    words
        Lists of words and regular expressions by name.
    limits
        Largest number of people by code of a country, and of mankind.
    causes
        Cautions by cause.
    statute
        What a notice presupposes by law; its title has ``{state}``.
    """

    registers: tuple[Register, ...]
    roles: Mapping[str, tuple[str, int]]
    headings: tuple[str, ...]
    states: Mapping[str, str]
    state_names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, int]
    causes: tuple[Cause, ...]
    statute: Register


def plain(heading: object) -> str:
    """Return a heading in small letters and digits, without numbers in front.

    Parameters
    ----------
    heading
        Heading as the file writes it.

    Returns
    -------
    Text without spaces and punctuation.

    Examples
    --------
    >>> plain("02_01_01_Total Affected"), plain("WashingtoniansAffected")
    ('totalaffected', 'washingtoniansaffected')
    """
    text = _IN_FRONT.sub("", str(heading)[:200].strip())
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


@lru_cache(maxsize=1)
def load_lists() -> Lists:
    """Load the descriptions of official lists.

    Returns
    -------
    The lists, with the roles of headings.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    reader = Reader(FILE, ())
    tables = parse(data(*FILE.split("/")), FILE)
    parts = ("roles", "states", "words", "limits", "causes", "statute", "lists")
    reader.keys(tables, "", parts, parts)
    roles = {
        plain(name): (role, rank)
        for role, names in reversed(tables["roles"].items())
        for rank, name in enumerate(names)
    }
    names = [(name.casefold(), code) for code, listed in tables["states"].items() for name in listed]
    statute = tables["statute"]
    law = {key: value for key, value in statute.items() if key != "title"}
    return Lists(
        registers=tuple(
            reader.build("lists", partial(_register, (law if table.get("by_law") else {}) | table))
            for table in tables["lists"]
        ),
        roles=roles,
        headings=tuple(name for names in tables["roles"].values() for name in names),
        states=dict(sorted(names, key=lambda pair: -len(pair[0]))),
        state_names={code: listed[-1] for code, listed in tables["states"].items()},
        words={name: tuple(words) for name, words in tables["words"].items()},
        limits=tables["limits"],
        causes=tuple(Cause(about=tuple(t["about"]), note=t["note"]) for t in tables["causes"]),
        statute=reader.build("statute", partial(_register, statute | {"id": "state", "country": "US"})),
    )


def _register(table: Table) -> Register:
    """One list, of its table."""
    own = _holding(table)
    texts = ("id", "title", "publisher", "url", "grade", "country", "placeholder", "placeholder_source")
    return Register(
        **{name: table[name] for name in (*texts, "refusal", "by_place", "unsaid") if name in table},
        needs=tuple(frozenset(map(plain, group)) for group in table.get("needs", ())),
        without=tuple(table.get("without", ())),
        machine=tuple(map(plain, table.get("machine", ()))),
        holdings=(*([own] if own.reason else []), *map(_holding, table.get("sectors", ()))),
        placeholders=tuple(table.get("placeholders", ())),
    )


def _holding(table: Table) -> Holding:
    names: Iterable[str] = ("fields", "perhaps")
    return Holding(
        **{name: tuple(table.get(name, ())) for name in names},
        reason=table.get("reason", ""),
        about=table.get("about", ""),
        alone=table.get("alone", False),
    )
