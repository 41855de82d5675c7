"""Import entries of Have I Been Pwned as scenarios: files, lists, and entries that stand there twice.

An entry gives a number of accounts (``PwnCount``, by distinct email address) and a list of data classes. It
does not state how many accounts had each class, and the class does not state whether passwords were hashed.
Both stay uncertain: coverages are wide and assumed (``catalog/data/formats/field_groups.toml``) unless the
description states them, and password storage is read from the description, or from the nature of the list.

Not here: the meaning of the classes (``catalog/data/formats/hibp.toml``), and one entry (``entry``).
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED
from breach_sim.formatting.messages import shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.published import country_codes
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop.amounts import clean, count, slug
from breach_sim.interop.files import check_values, contents_of, decoded, delimiter, json_of
from breach_sim.interop.hibp.entry import FORMAT, keys_of, scenario_of
from breach_sim.interop.imported import Import, ImportRow, entry_list, read_entries

LISTS = ("breaches", "data", "results")
"""Keys under which a file may hold its list of entries."""
LINES = (".jsonl", ".ndjson", ".jsonlines")
"""Endings of files with one entry a line."""
TABLES = (".csv", ".tsv")
"""Endings of tables."""
NEEDED = ("pwncount", "dataclasses")
"""Columns without which a table holds no entries."""
_REMEDY = "an entry with Name, PwnCount and DataClasses, or a list of entries"


def from_hibp(
    source: str | Path | Mapping[str, Any] | list[Any], *, countries: str | Iterable[str] = ()
) -> Import:
    """Import scenarios from Have I Been Pwned: one breach, or all of ``breaches.json``.

    Parameters
    ----------
    source
        A JSON file, a file with one JSON entry a line (``.jsonl``), or a table with the columns PwnCount and
        DataClasses (``.csv``); one entry as a mapping, or a list of entries.
    countries
        Where the people of every entry live: codes of two letters, as in "SE" or "DE, FR". If there are none,
        the description and the domain of an entry may say so.

    Returns
    -------
    One scenario per entry, with a report on every data class. An entry that stands there twice is loaded
    once, as last modified. If there are several entries, those that cannot be read are listed in ``refused``.

    Raises
    ------
    ValueError
        If a file is not of these formats or holds no such list, a code is no country, or no entry can be
        read.

    Examples
    --------
    >>> entry = {"Name": "Shop", "PwnCount": 1000, "DataClasses": ["Email addresses", "Passwords"]}
    >>> imported = from_hibp(entry)
    >>> imported.scenario.accounts
    1000
    >>> imported.account()["state"].tolist()
    ['mapped', 'mapped', 'assumed', 'no counterpart']
    """
    codes = country_codes(countries, "countries")
    place, encoding = "the value given", ""
    if isinstance(source, (str, Path)):
        place = str(source)
        source, encoding = _contents(Path(source))
    entries, alone = _entries(source, place)
    kept = _once(entries)
    words = catalog.load_dictionary(FORMAT)
    refused: dict[str, str] = {}

    def read(label: str, own: Any, taken: Iterable[str]) -> tuple[Scenario, list[ImportRow]]:
        return scenario_of(own, label, slug(f"hibp-{label}", taken), words, codes)

    copies = {id(own): others for own, others in kept}
    scenarios, rows = read_entries(
        ((_label(own, number), own) for number, (own, _) in enumerate(kept, start=1)),
        lambda label, own, taken: _with_copies(*read(label, own, taken), own, copies[id(own)]),
        alone=alone,
        refused=refused,
        place=place,
        noun="entries",
    )
    if encoding:
        rows.insert(0, ImportRow(entry=place, word="encoding", fields=(), state=ASSUMED, reason=encoding))
    return Import(format=FORMAT, scenarios=tuple(scenarios.values()), rows=tuple(rows), refused=refused)


def _contents(path: Path) -> tuple[Any, str]:
    """Value of a file by its ending: a JSON document, one entry a line, or a table."""
    text, remark = decoded(contents_of(path))
    ending = path.suffix.lower()
    if ending in LINES:
        return _of_lines(text, str(path)), remark
    if ending in TABLES:
        return _of_table(text, str(path)), remark
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines
    ):
        return _of_lines(text, str(path)), remark
    return json_of(text, str(path)), remark


def _of_lines(text: str, place: str) -> list[Any]:
    """Entries of a file with one a line; a line that is no JSON is an entry that will be refused."""
    check_values(text, place)
    entries: list[Any] = []
    for line in filter(str.strip, text.splitlines()):
        try:
            entries.append(json.loads(line))
        except (ValueError, RecursionError):
            entries.append(line.strip())
    if not any(isinstance(own, Mapping) for own in entries):
        raise ValueError(f"{place} holds no JSON object in any of its lines; give {_REMEDY}")
    return entries


def _of_table(text: str, place: str) -> list[dict[str, Any]]:
    """Entries of a table, whose headings are the keys."""
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter(text)))
    except csv.Error as error:
        raise ValueError(f"{place} is no CSV: {error}; save it as CSV again, or give breaches.json") from None
    headings = keys_of(dict.fromkeys(rows[0] if rows else (), ""))
    lacking = [name for name in NEEDED if name not in headings]
    if lacking:
        raise ValueError(
            f"{place} is a table without the columns PwnCount and DataClasses, no list of breaches; give "
            "breaches.json, or use 'import table' for a table with one column a field"
        )
    return [{key: value for key, value in row.items() if key and value} for row in rows]


def _entries(value: Any, place: str) -> tuple[list[Any], bool]:
    """Return the entries of a document, and whether it is a single entry."""
    if isinstance(value, Mapping):
        keys = keys_of(value)
        if "dataclasses" in keys or "pwncount" in keys:
            return [value], True
    noun = "breach of Have I Been Pwned"
    return entry_list(value, LISTS, place=place, noun=noun, remedy=_REMEDY), False


def _label(entry: Any, number: int) -> str:
    own = keys_of(entry) if isinstance(entry, Mapping) else {}
    return next(
        (name for key in ("name", "title", "domain") if (name := clean(own.get(key)))), f"entry {number}"
    )


# Entries that stand there twice --------------------------------------------------------------------------


def _once(entries: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """Entries without their copies: each as last modified, and the others of the same breach."""
    groups: list[list[Any]] = []
    places: dict[Any, list[int]] = {}
    for entry in entries:
        marks = _marks(entry) if isinstance(entry, Mapping) else []
        same = next((place for mark in marks for place in places.get(mark, ())), None)
        if same is None:
            groups.append([entry])
            same = len(groups) - 1
        else:
            groups[same].append(entry)
        for mark in marks:
            places.setdefault(mark, []).append(same)
    result = []
    for group in groups:
        # A stable sort: of copies with one date of change, the first stays.
        best = max(range(len(group)), key=lambda i: (_modified(group[i]), -i))
        result.append((group[best], [own for i, own in enumerate(group) if i != best]))
    return result


def _marks(entry: Mapping[Any, Any]) -> list[tuple[str, ...]]:
    """What makes two entries the same breach: name and date, name and accounts, or title, domain and both."""
    own = keys_of(entry)
    name, title, domain = (clean(own.get(key)).casefold() for key in ("name", "title", "domain"))
    day, accounts = clean(own.get("breachdate"))[:10], str(count(own.get("pwncount"))[0] or "")
    marks: list[tuple[str, ...]] = []
    if name and day:
        marks.append(("name and date", name, day))
    if name and accounts:
        marks.append(("name and accounts", name, accounts))
    if (title or domain) and day and accounts:
        marks.append(("title", title, domain, day, accounts))
    return marks


def _modified(entry: Any) -> str:
    own = keys_of(entry) if isinstance(entry, Mapping) else {}
    return clean(own.get("modifieddate")) or clean(own.get("addeddate"))


def _with_copies(
    breach: Scenario, rows: list[ImportRow], entry: Any, others: list[Any]
) -> tuple[Scenario, list[ImportRow]]:
    """Scenario and account of an entry, with a word on its copies."""
    if not others:
        return breach, rows
    differ = [own for own in others if keys_of(own) != keys_of(entry)]
    what = "; they differ, and this is the one last modified, or the first" if differ else ""
    times = f"the entry stands {len(others) + 1} times in the source, and is loaded once{what}"
    rows = [*rows, ImportRow(entry=breach.name, word="Name", fields=(), state=ASSUMED, reason=times)]
    if not differ:
        return breach, rows
    part = LeftOut(
        kind="entry",
        name=clean(keys_of(entry).get("name"), breach.label),
        reason=f"another version of {shown(breach.label)}",
        count=len(differ),
    )
    return dataclasses.replace(breach, left_out=(*breach.left_out, part)), rows
