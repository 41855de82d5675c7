"""One entry of Have I Been Pwned as a scenario, with the account of how each of its words was read.

The order matters: the nature of the list, where its people live, the classes in the light of both, then the
shares that the description states.

Not here: files and lists of entries (``entries``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, Dictionary, Meaning
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.formatting.sentences import plain_text
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.published import Dossier
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.interop.amounts import MOST_LETTERS, clean, count
from breach_sim.interop.hibp.blocks import MEMBERSHIP, blocks
from breach_sim.interop.hibp.nature import Nature, nature_of
from breach_sim.interop.hibp.people import AMERICAN, countries_of, of_country, passcodes, pins
from breach_sim.interop.hibp.shares import Stated, doubted_shares, stated_shares
from breach_sim.interop.hibp.storage import storage
from breach_sim.interop.imported import ImportRow, inert_rows
from breach_sim.interop.leaks import cautions

FORMAT = "hibp"
SEGMENT = "accounts"
"""Name of the one segment of an imported entry."""
COUNTED = "Email addresses"
"""Data class by which Have I Been Pwned counts accounts: it leaked for each."""
PASSWORDS = ("Passwords", "Historical passwords")
PINS = "PINs"
SHARES = (
    "Imported from Have I Been Pwned, which names data classes without shares: every coverage but that of a "
    "counted e-mail address is assumed, and wide."
)
SENSITIVE = "Membership of this site can be held against a person: extortion over it is counted."
_BY_WORDS = "the description suggests it, and no flag says so"
_LAST_FOUR = re.compile(
    r"\b(?:last (?:four|4) digits of (?:their |the |each )?|partial(?:ly redacted)? |truncated )(?:US )?"
    r"(?:social security numbers?|SSNs?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What an entry says of the data, and of the people.

    Parameters
    ----------
    meanings
        Meaning of each data class, and of what the description adds.
    nature
        What kind of list it is.
    countries
        Where the people live; empty where nothing is known.
    why
        Words that say where.
    text
        Description as plain text.
    """

    meanings: Mapping[str, Meaning]
    nature: Nature
    countries: tuple[str, ...]
    why: str
    text: str

    @property
    def sure(self) -> list[str]:
        """Fields that the entry names."""
        return [name for r in self.meanings.values() if r.state == MAPPED for name in r.fields]

    @property
    def perhaps(self) -> list[str]:
        """Fields that it may mean."""
        return [
            name
            for r in self.meanings.values()
            for name in (*r.perhaps, *(r.fields if r.state != MAPPED else ()))
        ]


def keys_of(entry: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the values of an entry by their key in small letters, without underscores.

    Parameters
    ----------
    entry
        Entry as the file has it.

    Returns
    -------
    Values by key.
    """
    return {_plain_key(str(key)): value for key, value in entry.items()}


@lru_cache(maxsize=1024)
def _plain_key(key: str) -> str:
    return re.sub("[^a-z0-9]", "", key[:MOST_LETTERS].lower())


def scenario_of(
    entry: Any, label: str, name: str, words: Dictionary, countries: tuple[str, ...] = ()
) -> tuple[Scenario, list[ImportRow]]:
    """Return the scenario and the account of one entry.

    Parameters
    ----------
    entry
        Entry as the file has it.
    label
        What it is called in messages.
    name
        Name of the scenario.
    words
        Dictionary of the format.
    countries
        Where the people live, as the caller says; empty to read it from the entry.

    Returns
    -------
    Scenario, and one row for each word.

    Raises
    ------
    ValueError
        If it is no entry, its number of accounts or its classes cannot be read, or nothing of it carries an
        attack.
    """
    if not isinstance(entry, Mapping):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{label} is {shown(entry)}; an entry is an object with Name, PwnCount and DataClasses"
        )
    own = keys_of(entry)
    accounts, remark = count(own.get("pwncount"))
    if accounts is None:
        raise ValueError(
            f"{label}: PwnCount is {shown(own.get('pwncount'))}; it must be a whole number of accounts from "
            "1 to 10**13 (how many is never guessed)"
        )
    read = _read(own, label, words, countries)
    source = _source(own, label, name)
    stated = (*stated_shares(read.text, accounts), *doubted_shares(read.text))
    segment = _segment(read, accounts, source, stated, label)
    day, day_row = _day_zero(own.get("breachdate"), name)
    breach = Scenario(
        name=name,
        segments=(segment,),
        label=clean(own.get("title"), label),
        day_zero=day,
        notes=(SHARES, *read.nature.notes, *_notes(read, given=bool(countries))),
        sources=(source.id,),
        own_sources=(source,),
        firm=read.nature.firm,
        dossier=Dossier(countries=read.countries),
        left_out=(*_unknown_classes(read.meanings, words), *read.nature.left_out),
    )
    rows = [
        _row(name, "PwnCount", ASSUMED if remark else MAPPED, remark or _counted_by(accounts)),
        *(
            ImportRow(entry=name, word=word, fields=(*r.fields, *r.perhaps), state=r.state, reason=r.reason)
            for word, r in read.meanings.items()
        ),
        *(_row(name, word, state, why) for word, state, why in read.nature.rows),
        *_people_rows(read, name, given=bool(countries)),
        *_share_rows(stated, segment, name),
        *(_row(name, part.name, NO_COUNTERPART, part.reason) for part in read.nature.left_out),
        *day_row,
        *inert_rows(cautions([segment]), name),
    ]
    return breach, rows


def _row(entry: str, word: str, state: str, reason: str, fields: tuple[str, ...] = ()) -> ImportRow:
    return ImportRow(entry=entry, word=word, fields=fields, state=state, reason=reason)


def _counted_by(accounts: int) -> str:
    return f"{accounts:,} accounts, counted by e-mail address"


def _segment(read: Read, accounts: int, source: Source, stated: tuple[Stated, ...], label: str) -> Segment:
    """The one segment of an entry."""
    membership = {"flag": "membership", "words": "perhaps_membership"}.get(read.nature.membership, "")
    sure, perhaps = read.sure, read.perhaps
    if not sure and not perhaps:
        odd = next((f" ({r.reason})" for r in read.meanings.values() if r.state == NO_COUNTERPART), "")
        raise ValueError(
            f"{label}: none of its data classes carries an attack: {', '.join(list(read.meanings)[:6])}{odd}"
            "; there is nothing to simulate"
        )
    certain = [_counted(source.id)] if COUNTED in read.meanings else []
    leaks = blocks(sure, perhaps, certain=certain, stated=stated, membership=membership, source=source.id)
    return Segment(name=SEGMENT, accounts=accounts, leaks=leaks, sources=(source.id,))


def _read(own: Mapping[str, Any], label: str, words: Dictionary, given: tuple[str, ...]) -> Read:
    """Nature, people and classes of an entry."""
    description = own.get("description")
    text = plain_text(description) if isinstance(description, str) else ""
    title, domain = clean(own.get("title"), clean(own.get("name"))), clean(own.get("domain"))
    nature = nature_of(own, text)
    countries, why = (given, "") if given else countries_of(text, domain, firm=nature.firm)
    meanings: dict[str, Meaning] = {}
    for value in _named(own, label):
        if not isinstance(value, str) or not clean(value):
            meanings[shown(value)] = Meaning(state=NO_COUNTERPART, reason="no text; a data class is a name")
            continue
        word = words.get(value[:MOST_LETTERS])
        name = word.name if word else clean(value)
        if word is None:
            meanings[name] = catalog.no_counterpart(name, "data class", FORMAT)
        elif name in PASSWORDS:
            meanings[name] = storage(text, nature.passwords)
        elif name == PINS:
            meanings[name] = pins(text, title, domain)
        else:
            meanings[name] = of_country(_last_four(word.read(text), text), countries)
    added = passcodes(text, title, domain)
    if added and PINS not in meanings:
        meanings["passcodes (description)"] = added
    return Read(meanings=meanings, nature=nature, countries=countries, why=why, text=text)


def _named(own: Mapping[str, Any], label: str) -> Iterable[Any]:
    """Data classes of an entry."""
    named = own.get("dataclasses")
    if isinstance(named, str):
        named = [part.strip(" []'\"") for part in re.split(r"[,;|\n]", named) if part.strip(" []'\"")]
    if not isinstance(named, (list, tuple)) or not named:
        raise ValueError(
            f"{label}: DataClasses is {shown(named)}; it must be a list that names at least one kind of data"
        )
    return named


def _last_four(meaning: Meaning, text: str) -> Meaning:
    """Read an SSN of which the description says that only its last digits leaked as those."""
    if "ssn" not in (*meaning.fields, *meaning.perhaps):
        return meaning
    match = _LAST_FOUR.search(text)
    if not match:
        return meaning
    fields, perhaps = (
        tuple(dict.fromkeys("ssn_last4" if name == "ssn" else name for name in names))
        for names in (meaning.fields, meaning.perhaps)
    )
    reason = f"as the entry says: {match.group(0)!r}"
    return Meaning(fields=fields, perhaps=perhaps, state=meaning.state, reason=reason)


def _unknown_classes(meanings: Mapping[str, Meaning], words: Dictionary) -> tuple[LeftOut, ...]:
    """Data classes that nobody here knows, each with the nearest field."""
    result = []
    for name, meaning in meanings.items():
        if meaning.state == NO_COUNTERPART:
            nearest = words.nearest_field(name)
            result.append(LeftOut(kind="data class", name=name, reason=meaning.reason, nearest=nearest))
    return tuple(result)


def _notes(read: Read, *, given: bool) -> list[str]:
    """Cautions on what was assumed of the people and moves results by much."""
    notes = []
    if read.nature.membership == "flag":
        notes.append(SENSITIVE)
    if read.countries and not given and AMERICAN not in read.countries:
        notes.append(
            f"The people are taken to live in {', '.join(read.countries)}, because of {read.why}; countries= "
            "(--countries) says otherwise."
        )
    return notes


def _people_rows(read: Read, name: str, *, given: bool) -> list[ImportRow]:
    rows = []
    if read.countries:
        where = f"people of {', '.join(read.countries)}"
        why = f"{where}, as given" if given else f"{where}, because of {read.why}"
        rows.append(_row(name, "countries", MAPPED if given else ASSUMED, why))
    if read.nature.membership:
        why = "IsSensitive is true" if read.nature.membership == "flag" else _BY_WORDS
        rows.append(_row(name, "sensitive membership", ASSUMED, why, (MEMBERSHIP,)))
    return rows


def _share_rows(stated: Iterable[Stated], segment: Segment, name: str) -> list[ImportRow]:
    """Shares of the description that became coverages."""
    rows = []
    for part in stated:
        fields = tuple(field for field in part.fields if field in segment.fields)
        if fields:
            low, mode, high = part.share
            why = f"{low:.3g} to {high:.3g}, most likely {mode:.3g}: {shown(part.quote)}"
            rows.append(_row(name, "share (description)", MAPPED if part.derived else ASSUMED, why, fields))
    return rows


def _counted(source: str) -> Estimate:
    return Estimate(
        name="estimates.email",
        kind="fixed",
        value=1.0,
        unit="share",
        status="derived",
        sources=(source,),
        note="1: the accounts of Have I Been Pwned are counted by their e-mail address",
    )


def _source(own: Mapping[str, Any], label: str, name: str) -> Source:
    """The entry as a source."""
    return Source(
        id=name,
        title=f"Have I Been Pwned: {clean(own.get('title'), label)}",
        publisher="Have I Been Pwned (CC BY 4.0)",
        url="https://haveibeenpwned.com/PwnedWebsites",
        year=clean(own.get("breachdate"))[:4],
        parameter="accounts and data classes",
        value=shown(own.get("pwncount")),
        grade="C",
        verified="seen",
        notes="Counted by e-mail address; classes without shares",
    )


def _day_zero(value: Any, entry: str) -> tuple[str, list[ImportRow]]:
    """Return the calendar date of day 0, and a remark."""
    text = clean(value)[:10]
    if is_date(text):
        why = "date of the breach; taken for the day of sale, which may be years later"
        return text, [_row(entry, "BreachDate", ASSUMED, why)]
    found = "no date is given" if value is None else f"{shown(value)} is no date YYYY-MM-DD"
    why = f"{found}; the scenario has no calendar"
    return "", [_row(entry, "BreachDate", NO_COUNTERPART, why)]
