"""The account of an incident: one row a statement about data, and what of the incident is not read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, NOTHING
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.amounts import clean
from breach_sim.interop.imported import ImportRow
from breach_sim.interop.veris.contents import Setting, first_table
from breach_sim.interop.veris.counts import Counted, volume_of
from breach_sim.interop.veris.identity import Entry

_READ = ("data", "data_total", "data_disclosure", "data_victim", "state", "notes", "data_volume", "volume")
"""Keys of ``attribute.confidentiality`` that are read or have a row of their own."""
_ABOUT_DATA = ("plus", "partner", "partner_data", "data")
"""Keys of an incident that may hold data beside ``attribute``."""
_AFTERWARDS = ("credit_monitoring", "data_abuse")
"""Keys of extensions about what came of the data, not about what they are."""
_EMPTY = ("", "unknown", "na", "n/a", "none", "no")
_LONGEST = 60


def rows_of(
    entry: Entry, lost: Mapping[str, Any], setting: Setting, counts: Counted, name: str
) -> list[ImportRow]:
    """Return the account of an incident.

    Parameters
    ----------
    entry
        The incident and its copies.
    lost
        Its ``attribute.confidentiality``.
    setting
        Its context and countries.
    counts
        Its varieties and amounts.
    name
        Name of the scenario.

    Returns
    -------
    Rows: varieties, total, volume, other statements, countries, and copies.
    """
    found = [*_total(lost, counts), *_others(lost), *_countries(setting, counts)]
    found += [
        (part.name, NO_COUNTERPART, part.reason)
        for part in left_out(entry.incident, lost, setting, counts, ())
        if part.kind == "value"
    ]
    if entry.copies:
        kinds = "; ".join(dict.fromkeys(copy.reason for copy in entry.copies))
        times = f"given {len(entry.copies) + 1} times, read once, from {entry.where}"
        found.append(("incident_id", ASSUMED, f"{times}: {kinds}"))
    if entry.namesakes:
        why = f"{entry.namesakes} other incidents of other victims or dates have the same id; read apart"
        found.append(("incident_id", ASSUMED, why))
    rest = [
        ImportRow(entry=name, word=word, fields=(), state=state, reason=reason)
        for word, state, reason in found
    ]
    return [*_varieties(counts, name), *rest]


def _varieties(counts: Counted, name: str) -> list[ImportRow]:
    """One row a variety, with what its records hold and how many there are."""
    rows = []
    for i, part in enumerate(counts.parts):
        reach = counts.reach.get(i)
        amount = ""
        if part.amount:
            amount = f"amount {part.amount:,}" + (f" ({part.remark})" if part.remark else "")
        elif reach:
            amount = f"amount {reach.remark}"
        rows.append(
            ImportRow(
                entry=name,
                word=part.word,
                fields=tuple(part.levels),
                state=part.meaning.state,
                reason="; ".join(filter(None, (part.meaning.reason, amount))),
            )
        )
    return rows


def _total(lost: Mapping[str, Any], counts: Counted) -> list[tuple[str, str, str]]:
    if "data_total" not in lost:
        return []
    stands = (
        f"{counts.total:,} records of all varieties; read as accounts where no amount says otherwise"
        if counts.total
        else ""
    )
    return [("data_total", ASSUMED if counts.total else NO_COUNTERPART, counts.remark or stands)]


def _others(lost: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return rows for other statements of the incident about the data."""
    found = []
    for key, reason in (
        ("data_disclosure", "whether data got out; see the notes of the scenario"),
        ("state", "whether the data were encrypted; see the notes of the scenario"),
        ("data_victim", "whose data; decides what the records hold, and the segment stays a 'customer'"),
    ):
        if lost.get(key) is not None:
            found.append((f"{key}: {shown(lost[key])}", NOTHING, reason))
    return found


def _countries(setting: Setting, counts: Counted) -> list[tuple[str, str, str]]:
    if not setting.countries:
        return []
    codes = " ".join(setting.countries)
    if setting.given:
        return [(f"countries: {codes}", MAPPED, "given by the caller in place of victim.country")]
    if counts.beyond:
        return [
            (f"victim.country: {codes}", ASSUMED, "more records than people there; people may live anywhere")
        ]
    return [(f"victim.country: {codes}", ASSUMED, "country of the victim, taken for that of the people")]


def left_out(
    incident: Mapping[str, Any],
    lost: Mapping[str, Any],
    setting: Setting,
    counts: Counted,
    beside: tuple[LeftOut, ...],
) -> tuple[LeftOut, ...]:
    """Return what of an incident is not read.

    Parameters
    ----------
    incident, lost
        The incident, and its ``attribute.confidentiality``.
    setting
        Its countries.
    counts
        Its varieties.
    beside
        Copies, files and columns that are not read.

    Returns
    -------
    Unknown varieties, statements about data under other keys, the volume, and what is beside.
    """
    found = [
        LeftOut(
            kind="variety",
            name=part.word,
            reason=part.meaning.reason,
            nearest=part.nearest,
            count=part.amount,
        )
        for part in counts.parts
        if not part.known
    ]
    volume = volume_of(lost)
    if volume:
        found.append(_value(f"data_volume: {volume}", "a volume does not say how many people or which data"))
    found += [
        _value(f"attribute.confidentiality.{key}", "no key of VERIS that says which data")
        for key, value in lost.items()
        if key not in _READ and _says(value)
    ]
    found += [_value(f"victim.country: {word}", "no code of two letters, as in US") for word in setting.odd]
    plus = first_table(first_table(first_table(incident.get("plus")).get("attribute")).get("confidentiality"))
    found += [
        _value(
            f"plus.attribute.confidentiality.{key}: {shown(value)}", "an extension of VERIS that is not read"
        )
        for key, value in plus.items()
        if _says(value) and not str(key).startswith(_AFTERWARDS)
    ]
    found += [
        _value(key, "may hold data of others; only attribute.confidentiality is read")
        for key in _ABOUT_DATA
        if key != "plus" and _says(incident.get(key))
    ]
    return (*found, *beside)


def _value(name: str, reason: str) -> LeftOut:
    return LeftOut(kind="value", name=clean(name)[:_LONGEST], reason=reason)


def _says(value: Any) -> bool:
    """Whether a value says something."""
    if isinstance(value, Mapping):
        return any(_says(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(_says(inner) for inner in value)
    return value is not None and value is not False and str(value)[:_LONGEST].strip().lower() not in _EMPTY


def day_zero(incident: Mapping[str, Any], name: str) -> tuple[str, ImportRow]:
    """Return the calendar date of day 0, where day, month and year are known.

    Parameters
    ----------
    incident
        The incident.
    name
        Name of the scenario.

    Returns
    -------
    Date as YYYY-MM-DD, "" if it is not whole; and the row of the account.
    """
    timeline = first_table(first_table(incident.get("timeline")).get("incident"))
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
            return text, ImportRow(entry=name, word=word, fields=(), state=ASSUMED, reason=why)
    why = f"{shown(parts)} is no whole date; the scenario has no calendar"
    return "", ImportRow(entry=name, word=word, fields=(), state=NO_COUNTERPART, reason=why)
