"""Import entries of Have I Been Pwned as scenarios.

An entry gives a number of accounts (``PwnCount``, by distinct email address) and a list of data classes. It
does not state how many accounts had each class, and the class does not state whether passwords were hashed.
Both stay uncertain: coverages are wide and assumed (``catalog/data/formats/field_groups.toml``), and password
storage is read from the description, or left open if the description does not state it.

Not here: the meaning of the classes (``catalog/data/formats/hibp.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words import ASSUMED, MAPPED, NO_COUNTERPART, Dictionary, Meaning
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.interop.amounts import MOST_LETTERS, clean, count, slug
from breach_sim.interop.files import read_json
from breach_sim.interop.imported import Import, ImportRow, entry_list, inert_rows, read_entries
from breach_sim.interop.leaks import cautions, leaks

FORMAT = "hibp"
SEGMENT = "accounts"
"""Name of the one segment of an imported entry."""
COUNTED = "Email addresses"
"""Data class by which Have I Been Pwned counts accounts: it leaked for each."""
LISTS = ("breaches", "data", "results")
"""Keys under which a file may hold its list of entries."""
SHARES = (
    "Imported from Have I Been Pwned, which names data classes without shares: every coverage but that of a "
    "counted e-mail address is assumed, and wide."
)
FLAGS = {
    "isfabricated": (True, "Have I Been Pwned marks this breach as fabricated: it may not have happened."),
    "isverified": (False, "Have I Been Pwned marks this breach as unverified."),
    "isspamlist": (True, "Have I Been Pwned marks this as a spam list: collected, not broken into."),
    "isretired": (True, "Have I Been Pwned has retired this breach."),
    "ismalware": (True, "Have I Been Pwned marks this as taken by malware from devices, not from one firm."),
    "isstealerlog": (
        True,
        "Have I Been Pwned marks this as stealer logs: typed into many sites, not one firm.",
    ),
}
"""Flags that a reader must know, by the value that says so."""
NO_FIRM = ("isspamlist", "ismalware", "isstealerlog")
"""Flags of a list behind which no firm stands."""
_COMBINED = re.compile(r"combo|compilation|collection|credential stuffing|\bantipublic\b", re.IGNORECASE)
"""Titles and descriptions of lists that were put together from many sources."""


def from_hibp(source: str | Path | Mapping[str, Any] | list[Any]) -> Import:
    """Import scenarios from Have I Been Pwned: one breach, or all of ``breaches.json``.

    Parameters
    ----------
    source
        A JSON file, one entry as a mapping, or a list of entries.

    Returns
    -------
    One scenario per entry, with a report on every data class. If there are several entries, those that
    cannot be read are listed in ``refused``.

    Raises
    ------
    ValueError
        If a file is not JSON or not such a list, or if no entry can be read.

    Examples
    --------
    >>> entry = {"Name": "Shop", "PwnCount": 1000, "DataClasses": ["Email addresses", "Passwords"]}
    >>> imported = from_hibp(entry)
    >>> imported.scenario.accounts
    1000
    >>> imported.account()["state"].tolist()
    ['mapped', 'mapped', 'assumed', 'no counterpart']
    """
    place, encoding = "the value given", ""
    if isinstance(source, (str, Path)):
        place = str(source)
        source, encoding = read_json(source)
    entries, alone = _entries(source, place)
    words = catalog.load_dictionary(FORMAT)
    refused: dict[str, str] = {}
    scenarios, rows = read_entries(
        ((_label(entry, number), entry) for number, entry in enumerate(entries, start=1)),
        lambda label, entry, taken: _entry(entry, label, slug(f"hibp-{label}", taken), words),
        alone=alone,
        refused=refused,
        place=place,
        noun="entries",
    )
    if encoding:
        rows.insert(0, ImportRow(entry=place, word="encoding", fields=(), state=ASSUMED, reason=encoding))
    return Import(format=FORMAT, scenarios=tuple(scenarios.values()), rows=tuple(rows), refused=refused)


def _entries(value: Any, place: str) -> tuple[list[Any], bool]:
    """Return the entries of a document, and whether it is a single entry."""
    if isinstance(value, Mapping):
        keys = _keys(value)
        if "dataclasses" in keys or "pwncount" in keys:
            return [value], True
    remedy = "an entry with Name, PwnCount and DataClasses, or a list of entries"
    return entry_list(value, LISTS, place=place, noun="breach of Have I Been Pwned", remedy=remedy), False


def _keys(entry: Mapping[Any, Any]) -> dict[str, Any]:
    """Values by their key in small letters, without underscores."""
    return {str(key)[:MOST_LETTERS].lower().replace("_", ""): value for key, value in entry.items()}


def _label(entry: Any, number: int) -> str:
    own = _keys(entry) if isinstance(entry, Mapping) else {}
    return next(
        (name for key in ("name", "title", "domain") if (name := clean(own.get(key)))), f"entry {number}"
    )


def _entry(entry: Any, label: str, name: str, words: Dictionary) -> tuple[Scenario, list[ImportRow]]:
    """Scenario and account of one entry."""
    if not isinstance(entry, Mapping):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{label} is {shown(entry)}; an entry is an object with Name, PwnCount and DataClasses"
        )
    own = _keys(entry)
    accounts, remark = count(own.get("pwncount"))
    if accounts is None:
        raise ValueError(
            f"{label}: PwnCount is {shown(own.get('pwncount'))}; it must be a whole number of accounts from "
            "1 to 10**13 (how many is never guessed)"
        )
    read = _classes(own, label, words)
    sure = [field for r in read.values() if r.state == MAPPED for field in r.fields]
    perhaps = [
        field for r in read.values() for field in (*r.perhaps, *(r.fields if r.state != MAPPED else ()))
    ]
    if not sure and not perhaps:
        odd = next((f" ({r.reason})" for r in read.values() if r.state == NO_COUNTERPART), "")
        raise ValueError(
            f"{label}: none of its data classes carries an attack: {', '.join(list(read)[:6])}{odd}; there "
            "is nothing to simulate"
        )
    rows = [_count_row(accounts, remark, name)]
    rows += [
        ImportRow(entry=name, word=word, fields=(*r.fields, *r.perhaps), state=r.state, reason=r.reason)
        for word, r in read.items()
    ]
    source = _source(own, label, name)
    certain = [_counted(source.id)] if COUNTED in read else []
    segment = Segment(
        name=SEGMENT, accounts=accounts, leaks=leaks((*sure, *perhaps), sure, certain), sources=(source.id,)
    )
    day, row = _day_zero(own.get("breachdate"), name)
    breach = Scenario(
        name=name,
        segments=(segment,),
        label=clean(own.get("title"), label),
        day_zero=day,
        notes=(SHARES, *_flag_notes(own)),
        sources=(source.id,),
        own_sources=(source,),
        firm=_has_firm(own),
    )
    return breach, [*rows, *row, *inert_rows(cautions([segment]), name)]


def _has_firm(own: Mapping[str, Any]) -> bool:
    """Whether a firm stands behind an entry: none does behind spam lists, malware logs and combined lists."""
    flagged = any(own.get(flag) is True for flag in NO_FIRM)
    return not flagged and not _COMBINED.search(clean(own.get("title")) or clean(own.get("name")))


def _count_row(accounts: int, remark: str, entry: str) -> ImportRow:
    reason = remark or f"{accounts:,} accounts, counted by e-mail address"
    return ImportRow(
        entry=entry, word="PwnCount", fields=(), state=ASSUMED if remark else MAPPED, reason=reason
    )


def _classes(own: Mapping[str, Any], label: str, words: Dictionary) -> dict[str, Meaning]:
    """Meaning of every data class of an entry, each once."""
    named = own.get("dataclasses")
    if isinstance(named, str):
        named = [part.strip() for part in re.split(r"[,;\n]", named) if part.strip()]
    if not isinstance(named, (list, tuple)) or not named:
        raise ValueError(
            f"{label}: DataClasses is {shown(named)}; it must be a list that names at least one kind of data"
        )
    description = own.get("description")
    text = description if isinstance(description, str) else ""
    flags = tuple(key for key, value in own.items() if value is True)
    found = {}
    for value in named:
        if not isinstance(value, str) or not clean(value):
            found[shown(value)] = Meaning(state=NO_COUNTERPART, reason="no text; a data class is a name")
            continue
        word = words.get(value[:MOST_LETTERS])
        name = word.name if word else clean(value)
        found[name] = word.read(text, flags) if word else catalog.no_counterpart(name, "data class", FORMAT)
    return found


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


def _flag_notes(own: Mapping[str, Any]) -> list[str]:
    return [note for key, (value, note) in FLAGS.items() if own.get(key) is value]


def _day_zero(value: Any, entry: str) -> tuple[str, list[ImportRow]]:
    """Return the calendar date of day 0, and a remark."""
    text = clean(value)[:10]
    if is_date(text):
        why = "date of the breach; taken for the day of sale, which may be years later"
        return text, [ImportRow(entry=entry, word="BreachDate", fields=(), state=ASSUMED, reason=why)]
    found = "no date is given" if value is None else f"{shown(value)} is no date YYYY-MM-DD"
    why = f"{found}; the scenario has no calendar"
    return "", [ImportRow(entry=entry, word="BreachDate", fields=(), state=NO_COUNTERPART, reason=why)]
