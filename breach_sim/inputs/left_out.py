"""What an import did not read: one record for each word, column, row, sheet or file that was left out.

The records travel with the scenario: into its file, and into the notes of every run, report and document.

Not here: how a format is read, and why something in it cannot be (``interop``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import shown, unknown

KINDS = ("data class", "flag", "variety", "column", "value", "row", "sheet", "file", "partition", "entry")
"""Kinds of things that an import can leave out, as nouns in the singular."""
_PLURALS = {"variety": "varieties", "entry": "entries", "data class": "data classes"}
_NAMED = 4
"""Most things of one kind that a sentence names."""
_LONGEST = 300
"""Most characters of the sentence; rather than more, fewer things are named and the others counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Part of a source that was not read.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    name
        Name as the source writes it.
    reason
        Why it was not read.
    nearest
        Nearest known name, such as a field; "" if none is near.
    place
        Where it stands, for example a sheet or a file; "" if the source has one place only.
    count
        Accounts, rows or entries that it concerns; None if not known. [0, inf)

    Raises
    ------
    ValueError
        If the kind is unknown, or the count is negative.
    """

    kind: str
    name: str
    reason: str
    nearest: str = ""
    place: str = ""
    count: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(unknown("kind", self.kind, KINDS, f"left-out {self.name!r}"))
        if self.count is not None and self.count < 0:
            raise ValueError(f"count of left-out {self.name!r} is {shown(self.count)}; it must be 0 or more")

    def summary(self) -> str:
        """Return the name, the place, the nearest known name and the count."""
        about = [
            f"in {self.place}" if self.place else "",
            f"nearest: {self.nearest}" if self.nearest else "",
            f"{self.count:,}" if self.count is not None else "",
        ]
        inside = ", ".join(filter(None, about))
        return f"{shown(self.name)} ({inside})" if inside else shown(self.name)


def not_read(left_out: Iterable[LeftOut]) -> str:
    """Return one sentence on what was not read.

    Parameters
    ----------
    left_out
        Parts of a source that were left out.

    Returns
    -------
    Sentence that starts with "Not read: ", or "" if nothing was left out.
    """
    by_kind: dict[str, list[LeftOut]] = {}
    for part in left_out:
        by_kind.setdefault(part.kind, []).append(part)
    if not by_kind:
        return ""
    text = ""
    for named in range(_NAMED, -1, -1):
        listed = "; ".join(_of_kind(kind, parts, named) for kind, parts in by_kind.items())
        text = f"Not read: {listed}. What they hold is not part of the results."
        if len(text) <= _LONGEST:
            break
    return text


def _of_kind(kind: str, parts: list[LeftOut], most: int) -> str:
    number = plural(len(parts), kind, _PLURALS.get(kind, ""))
    if not most:
        return number
    names = ", ".join(part.summary() for part in parts[:most])
    more = f" and {len(parts) - most:,} more" if len(parts) > most else ""
    return f"{number} {names}{more}"
