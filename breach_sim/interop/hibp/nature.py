"""What kind of list an entry is: its nature, its flags, and whether membership can be held against a person.

The nature comes before the classes, because it decides how passwords are held and whether a firm stands
behind the data. Flags of any type are read; one that cannot be read, or is unknown, is left out by name.

Not here: the words (``catalog/data/formats/descriptions.toml``).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.descriptions import Nature as Kind
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown
from breach_sim.formatting.sentences import compiled, found, sentences
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.amounts import clean

FLAGS = (
    "IsVerified", "IsFabricated", "IsSensitive", "IsRetired", "IsSpamList", "IsMalware", "IsStealerLog",
    "IsSubscriptionFree",
)  # fmt: skip
"""Flags of version 3 of the interface, as of 2026. The last says who may search, and nothing of the data."""
KEYS = (
    "Name", "Title", "Domain", "BreachDate", "AddedDate", "ModifiedDate", "PwnCount", "Description",
    "DataClasses", *FLAGS,
)  # fmt: skip
"""Keys that are read, or that say nothing of the data."""
UNREAD = (
    "LogoPath", "LogoType", "Logo", "FaviconUrl", "Attribution", "DisclosureUrl", "Id", "Slug", "Path",
    "FormattedDate", "EmailAddresses", "EmailsCount", "CreatedAt", "UpdatedAt",
)  # fmt: skip
"""Keys about the page of an entry; they say nothing of the data."""
YES, NO = ("true", "yes", "y", "1", "t", "on"), ("false", "no", "n", "0", "f", "off", "", "none", "null")
STALE_YEARS = 3
"""Years from the breach to the day on which the data surfaced, from which on a run says so."""
_ALIKE = 0.6
_KNOWN = {key.lower(): key for key in (*KEYS, *UNREAD)}
_IS_FLAG = {flag.lower(): flag for flag in FLAGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What kind of list an entry is.

    Parameters
    ----------
    firm
        Whether a firm stands behind the data.
    passwords
        How passwords are held where no sentence says so: fields; empty if the nature does not say.
    notes
        Cautions for every table of results.
    rows
        Word, state and reason of each thing that was read from the flags and the description.
    membership
        "flag" if membership is said to be sensitive, "words" if only the description suggests it, else "".
    left_out
        Flags and keys that were not read.
    """

    firm: bool
    passwords: tuple[str, ...]
    notes: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    membership: str
    left_out: tuple[LeftOut, ...]


def nature_of(own: Mapping[str, Any], text: str) -> Nature:
    """Return what kind of list an entry is.

    Parameters
    ----------
    own
        Values of the entry by key in small letters, without underscores.
    text
        Its description as plain text.

    Returns
    -------
    The nature.

    Examples
    --------
    >>> nature_of({"name": "Pairs"}, "A combo list of e-mail addresses and passwords.").firm
    False
    """
    flags, left_out = _flags(own)
    parts = sentences(text)
    titles = [title for title in (clean(own.get("title")), clean(own.get("name"))) if title]
    kinds: list[tuple[Kind, str]] = []
    for kind in catalog.load_descriptions().natures:
        why = _why(kind, flags, parts, titles)
        if why:
            kinds.append((kind, why))
    notes, rows = [kind.note for kind, _ in kinds], [(f"nature: {k.name}", MAPPED, why) for k, why in kinds]
    stale = _years_hidden(own)
    if stale >= STALE_YEARS:
        late = f"The data surfaced {stale} years after the breach, and day 0 is the day of the breach."
        notes.append(f"{late} By then more numbers and passwords had changed than a run takes.")
        rows.append(("AddedDate", ASSUMED, f"{stale} years after BreachDate"))
    firm = all(kind.firm for kind, _ in kinds)
    return Nature(
        firm=firm,
        passwords=next((kind.passwords for kind, _ in kinds if kind.passwords), ()),
        notes=tuple(notes),
        rows=tuple(rows),
        membership=_membership(flags, parts, titles) if firm else "",
        left_out=tuple(left_out),
    )


def _flags(own: Mapping[str, Any]) -> tuple[dict[str, bool], list[LeftOut]]:
    """Flags by name, and the keys and values that cannot be read."""
    flags: dict[str, bool] = {}
    left_out = []
    for key, value in own.items():
        if key in _IS_FLAG:
            said = _truth(value)
            if value is None:
                continue
            if said is None:
                reason = f"its value is {shown(value)}; write true or false"
                left_out.append(LeftOut(kind="flag", name=_IS_FLAG[key], reason=reason))
            else:
                flags[_IS_FLAG[key]] = said
        elif key not in _KNOWN and _holds(value):
            near = difflib.get_close_matches(key, _KNOWN, n=1, cutoff=_ALIKE)
            name, nearest = clean(key, "key"), _KNOWN[near[0]] if near else ""
            left_out.append(
                LeftOut(kind="flag", name=name, reason="no key of the format is so named", nearest=nearest)
            )
    return flags, left_out


def _truth(value: Any) -> bool | None:
    """What a flag of any type says; None if it cannot be read."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, (str, int, float)) else "?"
    text = text.removesuffix(".0")
    return True if text in YES else False if text in NO else None


def _holds(value: Any) -> bool:
    """Whether a value says anything."""
    return value not in (None, False, "", 0, [], {})


def _why(kind: Kind, flags: Mapping[str, bool], parts: list[str], titles: list[str]) -> str:
    """Return the words or the flag that show a nature, or ""."""
    for flag, value in kind.flags.items():
        if flags.get(flag) is value:
            return f"{flag} is {str(value).lower()}"
    if kind.by_flag and any(flag in flags for flag in kind.flags):
        return ""
    if not compiled(kind.phrases).search(" ".join((*titles, *parts))):
        return ""
    for part in (*titles, *parts):
        match = next(found(kind.phrases, part), None)
        if match and not compiled(kind.unless).search(part):
            return f"as the entry says: {shown(match.group(0))}"
    return ""


def _membership(flags: Mapping[str, bool], parts: list[str], titles: list[str]) -> str:
    """How it is known that membership can be held against a person: "flag", "words" or ""."""
    words = catalog.load_descriptions().sensitive
    first = " ".join([*titles, *parts[:2]])
    if flags.get(words["flag"][0]):
        other_reason = compiled(words["never"]).search(" ".join(parts))
        return "" if other_reason and not compiled(words["words"]).search(first) else "flag"
    about = compiled(words["about"]).search(first)
    return "words" if about and next(found(words["weak"], first), None) else ""


def _years_hidden(own: Mapping[str, Any]) -> int:
    """Whole years from the breach to the day on which the entry was added; 0 if not known."""
    days = [clean(own.get(key))[:10] for key in ("breachdate", "addeddate")]
    if not all(map(is_date, days)):
        return 0
    start, end = map(date.fromisoformat, days)
    return max((end - start).days, 0) // 365
