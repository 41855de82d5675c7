"""Which incidents are the same one, given more than once.

The same incident has the same ``incident_id``, victim and date of the incident: real collections also hold
one id for several victims, which are other incidents. Without an id, or with another one, the same contents
are the same incident if they have a summary. Of two versions the one that was modified last is read.

Not here: what an incident says (``incident``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.amounts import clean
from breach_sim.interop.veris.contents import first_table

_PASSING = ("plus", "incident_id", "source_id", "reference", "schema_version", "schema_name")
"""Keys that are about the record of an incident and not about the incident."""


@dataclass
class Entry:
    """An incident with all its copies.

    Parameters
    ----------
    label
        Its id, or where it stands.
    incident
        The version that is read.
    where
        Where it stands.
    copies
        Other versions, which are not read.
    namesakes
        Number of other incidents with the same id.
    """

    label: str
    incident: Any
    where: str
    copies: list[LeftOut] = field(default_factory=list)
    namesakes: int = 0


def unique(found: Iterable[tuple[str, Any]]) -> list[Entry]:
    """Return incidents once each.

    Parameters
    ----------
    found
        Where each incident stands, and the incident.

    Returns
    -------
    Incidents in the order of their first copies.
    """
    entries: list[Entry] = []
    by_key: dict[str, Entry] = {}
    by_id: dict[str, list[Entry]] = {}
    for number, (where, incident) in enumerate(found, start=1):
        place = where or f"incident {number}"
        name = clean(incident.get("incident_id")) if isinstance(incident, Mapping) else ""
        keys = _keys(incident, name) if isinstance(incident, Mapping) else []
        same = next((by_key[key] for key in keys if key in by_key), None)
        if same is None:
            same = Entry(label=name or place, incident=incident, where=place)
            entries.append(same)
            if name:
                by_id.setdefault(name.casefold(), []).append(same)
        else:
            _add(same, incident, place)
        by_key.update((key, same) for key in keys if key not in by_key)
    for sharing in by_id.values():
        for entry in sharing:
            entry.namesakes = len(sharing) - 1
    return entries


def _keys(incident: Mapping[str, Any], name: str) -> list[str]:
    """What two copies of an incident have in common."""
    keys = []
    if name:
        victim = clean(first_table(incident.get("victim")).get("victim_id"))
        when = _text(first_table(first_table(incident.get("timeline")).get("incident")))
        keys.append(f"id {name.casefold()} of {re.sub(r'[^a-z0-9]', '', victim.casefold())} at {when}")
    if not name or clean(incident.get("summary")):
        core = {key: value for key, value in incident.items() if key not in _PASSING}
        if core:
            keys.append(f"contents {_text(core)}")
    return keys


def _text(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def _add(entry: Entry, incident: Mapping[str, Any], place: str) -> None:
    """Add a copy; the version that was modified last is kept as the one that is read."""
    old, where = entry.incident, entry.where
    equal = _text(_facts(old)) == _text(_facts(incident))
    if _modified(incident) > _modified(old):
        entry.incident, entry.where = incident, place
        place = where
    reason = "the same incident again" if equal else "another version of the same incident, with other data"
    entry.copies.append(LeftOut(kind="entry", name=entry.label, reason=reason, place=place))


def _facts(incident: Any) -> Any:
    return incident.get("attribute") if isinstance(incident, Mapping) else incident


def _modified(incident: Any) -> str:
    return clean(first_table(incident.get("plus")).get("modified")) if isinstance(incident, Mapping) else ""
