"""One incident as a scenario: amounts are nested, so accounts in a smaller amount are in every larger one.

Nesting is an upper bound for combinations of data. Each step between two amounts becomes a segment.

Not here: contents of records (``contents``), amounts (``counts``), and the rows of the account (``account``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from breach_sim.catalog.words.meanings import NO_COUNTERPART
from breach_sim.formatting.messages import named, shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.published import Dossier
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.interop.amounts import clean
from breach_sim.interop.imported import ImportRow, inert_rows
from breach_sim.interop.leaks import cautions, leaks_by_level
from breach_sim.interop.veris.account import day_zero, left_out, rows_of
from breach_sim.interop.veris.contents import (
    Part,
    first_table,
    highest,
    lower,
    parts_of,
    setting_of,
    words_of,
)
from breach_sim.interop.veris.counts import Counted, counted
from breach_sim.interop.veris.identity import Entry

NO_LOSS = {"No": "data_disclosure is 'No': it says that no data got out"}
NO_INCIDENT = {
    "False positive": "security_incident is 'False positive': nothing happened",
    "Near miss": "security_incident is 'Near miss': nothing got out",
}
SHARES = "Imported from VERIS, whose varieties are wide: which fields leaked is assumed, and wide."
RECORDS = "VERIS counts records; each is read as the account of another person, an upper bound."
NESTED = "Amounts of several varieties are nested, the smaller within the larger: an upper bound."
DISCLOSED = {
    "Potentially": "VERIS: data potentially disclosed, not confirmed; read as if they had been.",
    "Unknown": "VERIS: whether data were disclosed is unknown; read as if they had been.",
}
ENCRYPTED = "VERIS: the data were encrypted; read as if they could be opened, an upper bound."


def scenario_of(
    entry: Entry,
    name: str,
    skipped: tuple[LeftOut, ...],
    accounts: int | None,
    countries: tuple[str, ...],
) -> tuple[Scenario, list[ImportRow]]:
    """Return the scenario and the account of one incident.

    Parameters
    ----------
    entry
        The incident and its copies.
    name
        Name of the scenario.
    skipped
        Files and columns of the source that are not read.
    accounts
        Number of accounts where the incident says none.
    countries
        Codes of where the people live; empty for the country of the victim.

    Returns
    -------
    Scenario, and the rows of the account.

    Raises
    ------
    ValueError
        If nothing got out, nothing that is known to harm people, or nobody knows how much.
    """
    try:
        return _scenario(entry, name, skipped, accounts, countries)
    except ValueError as error:
        times = f" (given {len(entry.copies) + 1} times)" if entry.copies else ""
        raise ValueError(f"{error}{times}") from None


def _scenario(
    entry: Entry,
    name: str,
    skipped: tuple[LeftOut, ...],
    accounts: int | None,
    countries: tuple[str, ...],
) -> tuple[Scenario, list[ImportRow]]:
    incident, label = entry.incident, entry.label
    if not isinstance(incident, Mapping):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{label} is {shown(incident)}; an incident is an object with attribute and victim"
        )
    lost = first_table(first_table(incident.get("attribute")).get("confidentiality"))
    _check_lost(incident, lost, label)
    setting = setting_of(incident, lost, countries)
    parts = parts_of(lost, setting)
    _check_parts(parts, label)
    counts = counted(parts, lost, setting.countries, accounts, label)
    source = _source(incident, label, name)
    segments = _segments(counts, source.id)
    day, day_row = day_zero(incident, name)
    breach = Scenario(
        name=name,
        segments=segments,
        label=clean(first_table(incident.get("victim")).get("victim_id"), label),
        day_zero=day,
        notes=(SHARES, RECORDS, *_notes(lost, segments), *counts.notes),
        sources=(source.id,),
        own_sources=(source,),
        dossier=Dossier(countries=() if counts.beyond and not setting.given else setting.countries),
        left_out=left_out(incident, lost, setting, counts, (*entry.copies, *skipped)),
    )
    rows = [*rows_of(entry, lost, setting, counts, name), day_row]
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


def _check_parts(parts: list[Part], label: str) -> None:
    """Reject an incident whose varieties carry no attack."""
    if any(part.levels for part in parts):
        return
    listed = named(part.word for part in parts)
    odd = next((p.meaning.reason for p in parts if p.meaning.state == NO_COUNTERPART), "").rstrip(".")
    raise ValueError(
        f"{label}: no variety of its data carries an attack on a person ({listed}{odd and ': '}{odd}); "
        "nothing to simulate"
    )


def _word(value: Any) -> str:
    """Word of an enumeration, written as VERIS writes it."""
    return clean(value).capitalize()


def _segments(counts: Counted, source: str) -> tuple[Segment, ...]:
    """One segment a step of the nested amounts, the largest set of varieties first."""
    found: list[Segment] = []
    below = 0
    for step in sorted({own.accounts for own in counts.reach.values()}):
        inside = [(counts.parts[i], own) for i, own in counts.reach.items() if own.accounts >= step]
        levels = highest(_held(part.levels, stated=own.stated) for part, own in inside)
        found.append(
            Segment(
                name=f"records-{len(found) + 1}",
                accounts=step - below,
                leaks=leaks_by_level(levels),
                label=", ".join(part.word for part, _ in inside),
                sources=(source,),
            )
        )
        below = step
    return tuple(found)


def _held(levels: Mapping[str, str], *, stated: bool) -> Mapping[str, str]:
    """Levels of a variety, one lower where nobody says how many records of it there are."""
    return levels if stated else {name: lower(level) for name, level in levels.items()}


def _notes(lost: Mapping[str, Any], segments: tuple[Segment, ...]) -> list[str]:
    notes = [NESTED] if len(segments) > 1 else []
    disclosed = DISCLOSED.get(_word(lost.get("data_disclosure")))
    named = {_word(state) for state in words_of(lost.get("state"))}
    secret = named & {"Stored encrypted", "Transmitted encrypted"}
    clear = named & {"Stored unencrypted", "Transmitted unencrypted", "Printed"}
    return [*notes, *([disclosed] if disclosed else []), *([ENCRYPTED] if secret and not clear else [])]


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
