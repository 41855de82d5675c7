"""Import VERIS incidents (1.3.x and 1.4) as scenarios: one, a list, or the folders of a VCDB checkout.

An incident names varieties of data with amounts of records, many of them unknown. The importer reads
``attribute.confidentiality`` (``data[].variety`` and ``amount``, ``data_total``, ``data_disclosure``,
``state``), ``victim`` and ``timeline.incident``. Varieties are broad ("Personal"), so most fields are
assumed (``catalog/data/formats/veris.toml``).

*Amounts.* An amount counts records; each record is read as one account. An unknown amount is set to
``data_total`` if known (an upper bound), else to the largest known amount, with the shares of *perhaps*.
Amounts are nested: accounts in a smaller amount are assumed to be in every larger one, an upper bound for
combinations, and each step becomes a segment. An incident without any amount is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words import ASSUMED, NO_COUNTERPART, NOTHING, Dictionary, Meaning
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.interop.amounts import MOST_LETTERS, NOT_KNOWN, clean, count, slug
from breach_sim.interop.files import json_files, read_json
from breach_sim.interop.imported import Import, ImportRow, entry_list, inert_rows, read_entries
from breach_sim.interop.leaks import cautions, leaks

FORMAT = "veris"
LISTS = ("incidents", "data", "results")
"""Keys under which a file may hold its list of incidents."""
NO_LOSS = {"No": "data_disclosure is 'No': it says that no data got out"}
NO_INCIDENT = {
    "False positive": "security_incident is 'False positive': nothing happened",
    "Near miss": "security_incident is 'Near miss': nothing got out",
}
SHARES = "Imported from VERIS, whose varieties are wide: which fields leaked is assumed, and wide."
NESTED = "Amounts of several varieties are nested, the smaller within the larger: an upper bound."
DISCLOSED = {
    "Potentially": "VERIS: data potentially disclosed, not confirmed; read as if they had been.",
    "Unknown": "VERIS: whether data were disclosed is unknown; read as if they had been.",
}
ENCRYPTED = "VERIS: the data were encrypted; read as if they could be opened, an upper bound."
_DEEPEST = 4
"""Levels of lists in lists that are unfolded."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One variety of an incident: its meaning, its amount, and what is to be said about the amount."""

    word: str
    meaning: Meaning
    amount: int | None
    remark: str


def from_veris(source: str | Path | Mapping[str, Any] | list[Any], *, accounts: int | None = None) -> Import:
    """Import scenarios from VERIS incidents.

    Parameters
    ----------
    source
        A JSON file (an incident or a list of them), a folder of such files, an incident, or a list.
    accounts
        Number of accounts for incidents without any amount, which are otherwise refused. [1, 10**13]

    Returns
    -------
    One scenario per incident, with a report on every variety and amount. If there are several incidents,
    those that cannot be read are listed in ``refused``.

    Raises
    ------
    ValueError
        If a file is not JSON, or if no incident can be read.

    Examples
    --------
    >>> data = [{"variety": "Medical", "amount": 120}, {"variety": "Unknown"}]
    >>> incident = {"incident_id": "A1", "attribute": {"confidentiality": {"data": data}}}
    >>> from_veris(incident).scenario.accounts
    120
    """
    if accounts is not None and count(accounts)[0] != accounts:
        raise ValueError(f"accounts is {shown(accounts)}; it must be a whole number from 1 to 10**13")
    found, alone, place, refused = _documents(source)
    words = catalog.load_dictionary(FORMAT)
    scenarios, rows = read_entries(
        (
            (_label(incident, where or f"incident {number}"), incident)
            for number, (where, incident) in enumerate(found, start=1)
        ),
        lambda label, incident, taken: _incident(
            incident, label, slug(f"veris-{label}", taken), words, accounts
        ),
        alone=alone,
        refused=refused,
        place=place,
        noun="incidents",
    )
    return Import(format=FORMAT, scenarios=tuple(scenarios.values()), rows=tuple(rows), refused=refused)


# Documents ---------------------------------------------------------------------------------------------


def _documents(source: Any) -> tuple[list[tuple[str, Any]], bool, str, dict[str, str]]:
    """Return incidents with their place, whether it is a single one, a common name, and refused files."""
    if not isinstance(source, (str, Path)):
        incidents, alone = _incidents(source, "the value given")
        return [("", incident) for incident in incidents], alone, "the value given", {}
    if not Path(source).is_dir():
        incidents, alone = _incidents(read_json(source)[0], str(source))
        where = Path(source).name if alone else ""
        return [(where, incident) for incident in incidents], alone, str(source), {}
    found: list[tuple[str, Any]] = []
    refused: dict[str, str] = {}
    for path in json_files(source):
        name = str(path.relative_to(source))
        try:
            incidents, alone = _incidents(read_json(path)[0], name)
        except ValueError as error:
            refused[name] = str(error)
            continue
        found += [(name if alone else f"{name} [{i}]", incident) for i, incident in enumerate(incidents)]
    return found, False, str(source), refused


def _incidents(value: Any, place: str) -> tuple[list[Any], bool]:
    """Return the incidents of a document, and whether it is a single one."""
    keys = ("attribute", "incident_id", "victim", "action")
    if isinstance(value, Mapping) and any(key in value for key in keys):
        return [value], True
    remedy = "an object with attribute, victim and timeline, or a list of them"
    return entry_list(value, LISTS, place=place, noun="incident of VERIS", remedy=remedy), False


def _label(incident: Any, otherwise: str) -> str:
    return clean(incident.get("incident_id"), otherwise) if isinstance(incident, Mapping) else otherwise


def _table(value: Any, key: str) -> Mapping[str, Any]:
    """Object under a key; of a list, its first object; empty where there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(found, list):
        found = next((part for part in found if isinstance(part, Mapping)), None)
    return found if isinstance(found, Mapping) else {}


# One incident ------------------------------------------------------------------------------------------


def _incident(
    incident: Any, label: str, name: str, words: Dictionary, accounts: int | None
) -> tuple[Scenario, list[ImportRow]]:
    """Scenario and account of one incident."""
    if not isinstance(incident, Mapping):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{label} is {shown(incident)}; an incident is an object with attribute and victim"
        )
    lost = _table(_table(incident, "attribute"), "confidentiality")
    _check_lost(incident, lost, label)
    parts = _parts(lost, words)
    total, remark = count(lost.get("data_total"))
    listed = ", ".join(part.word for part in parts[:6]) or "none"
    if not any(part.meaning.fields or part.meaning.perhaps for part in parts):
        odd = next((p.meaning.reason for p in parts if p.meaning.state == NO_COUNTERPART), "").rstrip(".")
        raise ValueError(
            f"{label}: no variety of its data carries an attack on a person ({listed}{odd and ': '}{odd}); "
            "nothing to simulate"
        )
    amounts = _amounts(parts, total, accounts)
    if not amounts:
        raise ValueError(
            f"{label}: neither data_total nor the amount of a variety is known ({listed}); how many is never "
            "guessed: give accounts=N (--accounts N) if you know"
        )
    source = _source(incident, label, name)
    segments = _segments(parts, amounts, source.id)
    day, row = _day_zero(_table(_table(incident, "timeline"), "incident"), name)
    rows = [_part_row(part, amounts.get(i), name) for i, part in enumerate(parts)]
    rows += [*_total_rows(lost, total, remark, name), row, *_other_rows(lost, name)]
    breach = Scenario(
        name=name,
        segments=segments,
        label=clean(_table(incident, "victim").get("victim_id"), label),
        day_zero=day,
        notes=(SHARES, *_notes(lost, segments)),
        sources=(source.id,),
        own_sources=(source,),
    )
    return breach, [*rows, *inert_rows(cautions(segments), name)]


def _check_lost(incident: Mapping[str, Any], lost: Mapping[str, Any], label: str) -> None:
    """Reject an incident in which no data leaked."""
    why = NO_INCIDENT.get(_word(incident.get("security_incident"))) or NO_LOSS.get(
        _word(lost.get("data_disclosure"))
    )
    if why:
        raise ValueError(f"{label}: {why}; there is nothing to simulate")
    if not lost:
        raise ValueError(f"{label}: attribute.confidentiality is missing; no data are said to have got out")


def _word(value: Any) -> str:
    """Word of an enumeration, written as VERIS writes it."""
    return clean(value).capitalize()


def _parts(lost: Mapping[str, Any], words: Dictionary) -> list[_Part]:
    """Varieties of an incident with their amounts; the same variety twice counts with its larger amount."""
    found: dict[str, _Part] = {}
    for piece in _pieces(lost.get("data")):
        value = piece.get("variety") if isinstance(piece, Mapping) else piece
        amount, remark = count(piece.get("amount") if isinstance(piece, Mapping) else None)
        if not isinstance(value, str) or not clean(value):
            name, meaning = shown(value), Meaning(state=NO_COUNTERPART, reason="no text; a variety is a name")
        else:
            word = words.get(value[:MOST_LETTERS])
            name = word.name if word else clean(value)
            meaning = word.read() if word else catalog.no_counterpart(name, "variety", FORMAT)
        old = found.get(name)
        if old is None or (old.amount or 0) < (amount or 0):
            found[name] = _Part(name, meaning, amount, remark)
    return list(found.values())


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


def _amounts(parts: list[_Part], total: int | None, accounts: int | None) -> dict[int, tuple[int, bool]]:
    """Accounts of each part that has fields, and whether its own amount or the total tells them."""
    carrying = {i: part for i, part in enumerate(parts) if part.meaning.fields or part.meaning.perhaps}
    known = {i: part.amount for i, part in carrying.items() if part.amount}
    largest = max([*known.values(), total or 0]) or accounts
    if not largest:
        return {}
    return {
        i: (known[i], True) if i in known else (total, True) if total else (largest, False) for i in carrying
    }


def _segments(
    parts: list[_Part], amounts: Mapping[int, tuple[int, bool]], source: str
) -> tuple[Segment, ...]:
    """One segment a step of the nested amounts, the largest set of varieties first."""
    sure = [name for i, (_, stated) in amounts.items() if stated for name in parts[i].meaning.fields]
    found: list[Segment] = []
    below = 0
    for step in sorted({number for number, _ in amounts.values()}):
        inside = [parts[i] for i, (number, _) in amounts.items() if number >= step]
        held = [name for part in inside for name in (*part.meaning.fields, *part.meaning.perhaps)]
        found.append(
            Segment(
                name=f"records-{len(found) + 1}",
                accounts=step - below,
                leaks=leaks(held, sure),
                label=", ".join(part.word for part in inside),
                sources=(source,),
            )
        )
        below = step
    return tuple(found)


# The account -------------------------------------------------------------------------------------------


def _part_row(part: _Part, amount: tuple[int, bool] | None, entry: str) -> ImportRow:
    """Return the report row of a variety."""
    fields = (*part.meaning.fields, *part.meaning.perhaps)
    reasons = [part.meaning.reason]
    if amount:
        number, own = amount
        if part.amount:
            reasons.append(f"amount {number:,}" + (f" ({part.remark})" if part.remark else ""))
        else:
            stands = "data_total" if own else "the largest number known or given, and perhaps only"
            reasons.append(f"amount {part.remark}: read as {stands}, {number:,}")
    elif part.amount or part.remark != NOT_KNOWN:
        reasons.append(f"amount {part.amount:,}" if part.amount else f"amount {part.remark}")
    return ImportRow(
        entry=entry,
        word=part.word,
        fields=fields,
        state=part.meaning.state,
        reason="; ".join(filter(None, reasons)),
    )


def _total_rows(lost: Mapping[str, Any], total: int | None, remark: str, entry: str) -> list[ImportRow]:
    if "data_total" not in lost:
        return []
    reason = remark or f"{total:,} records of all varieties; read as accounts where a variety tells no amount"
    state = ASSUMED if total else NO_COUNTERPART
    return [ImportRow(entry=entry, word="data_total", fields=(), state=state, reason=reason)]


def _other_rows(lost: Mapping[str, Any], entry: str) -> list[ImportRow]:
    """Return report rows for other statements of the incident about the data."""
    rows = []
    for key, reason in (
        ("data_disclosure", "whether data got out; see the notes of the scenario"),
        ("state", "whether the data were encrypted; see the notes of the scenario"),
        ("data_victim", "whose data; the segment stays a 'customer'"),
    ):
        if lost.get(key) is not None:
            value = f"{key}: {shown(lost[key])}"
            rows.append(ImportRow(entry=entry, word=value, fields=(), state=NOTHING, reason=reason))
    return rows


def _notes(lost: Mapping[str, Any], segments: tuple[Segment, ...]) -> list[str]:
    notes = [NESTED] if len(segments) > 1 else []
    disclosed = DISCLOSED.get(_word(lost.get("data_disclosure")))
    states = lost.get("state")
    named = {_word(state) for state in states} if isinstance(states, list) else {_word(states)}
    secret = named & {"Stored encrypted", "Transmitted encrypted"}
    clear = named & {"Stored unencrypted", "Transmitted unencrypted", "Printed"}
    return [*notes, *([disclosed] if disclosed else []), *([ENCRYPTED] if secret and not clear else [])]


def _day_zero(timeline: Mapping[str, Any], entry: str) -> tuple[str, ImportRow]:
    """Calendar date of day 0, where day, month and year are known."""
    word = "timeline.incident"
    parts = [timeline.get(part) for part in ("year", "month", "day")]
    if all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
        year, month, day = (int(part) for part in parts if part is not None)
        try:
            text = date(year, month, day).isoformat()
        except (ValueError, OverflowError):
            text = ""
        if is_date(text):
            why = "date of the incident; taken for the day of sale, which may be later"
            return text, ImportRow(entry=entry, word=word, fields=(), state=ASSUMED, reason=why)
    why = f"{shown(parts)} is no whole date; the scenario has no calendar"
    return "", ImportRow(entry=entry, word=word, fields=(), state=NO_COUNTERPART, reason=why)


def _source(incident: Mapping[str, Any], label: str, name: str) -> Source:
    """The incident as a source."""
    version = clean(incident.get("schema_version"))
    return Source(
        id=name,
        title=f"VERIS incident {label}",
        publisher="VERIS incident, as given",
        parameter="varieties and amounts of data",
        grade="C",
        verified="seen",
        notes=f"VERIS {version}" if version else "version of VERIS not given",
    )
