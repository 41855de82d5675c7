"""Templates of forms, as the files of the catalog hold them: what is asked, and by when.

Not here: how a form is filled in (``drafts``), and how a deadline becomes a date (``deadlines``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from breach_sim.catalog.reader import CatalogError, Reader, Table, parse_folder, sources_in
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.estimates import Source

FOLDER = "templates/forms"
"""Folder of the catalog's data with one file for each form."""
UNITS = ("hours", "days", "business days", "days after the year", "without delay")
"""Units of a period."""
EVENTS: Mapping[str, str] = {
    "occurred": "When did the breach begin?",
    "discovered": "On which day was the breach discovered?",
    "aware": "On which day, and at what hour, did the firm become aware that personal data were breached?",
    "determined": "On which day did the firm determine that a breach had happened?",
    "material": "On which day did the firm determine that the incident is material?",
    "notified": "On which day were the people notified?",
}
"""Events that periods run from, and the question for the date of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Period within which something is to be done.

    Parameters
    ----------
    what
        What is to be done.
    after
        One of :data:`EVENTS`, from which the period runs.
    count
        Length of the period. [unit]
    unit
        One of :data:`UNITS`.
    source
        Id of the source of the rule.
    at_least, below
        Numbers of people affected between which the rule holds; None for no limit. [people]
    residents
        Residents of the place from which on the rule holds; None if it does not depend on them. [people]
    where
        Place, such as a state; "" for the whole country.
    note
        Caution.

    Raises
    ------
    ValueError
        If the event or the unit is unknown, or the period is negative.
    """

    what: str
    after: str
    count: int
    unit: str
    source: str
    at_least: float | None = None
    below: float | None = None
    residents: float | None = None
    where: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.after not in EVENTS:
            raise ValueError(unknown("event", self.after, EVENTS, "a deadline"))
        if self.unit not in UNITS:
            raise ValueError(unknown("unit of a period", self.unit, UNITS, "a deadline"))
        if self.count < 0:
            raise ValueError(f"count of the deadline to {self.what} is {self.count}; it must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a form asks.

    Parameters
    ----------
    ask
        Question to ask where the run does not answer it.
    text
        Answer with places such as "{people}"; "" if no run can answer.
    """

    ask: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTemplate:
    """Form before it is filled in.

    Parameters
    ----------
    name
        Short name, that of its file.
    title, to, applies
        What it is, who receives it, and when it is due at all.
    deadlines
        Periods.
    parts
        Headings with the items below each.
    sources
        Sources of the rules, by id.
    countries
        Where the people live for whom the form is; empty for anywhere.
    trades
        Trades that file it; "" for any.
    sectors
        Parts of words by which such a trade is known; empty for any.
    """

    name: str
    title: str
    to: str
    applies: str
    deadlines: tuple[Deadline, ...]
    parts: tuple[tuple[str, tuple[Item, ...]], ...]
    sources: Mapping[str, Source]
    countries: tuple[str, ...] = ()
    trades: str = ""
    sectors: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_templates() -> Mapping[str, FormTemplate]:
    """Load the templates of all forms.

    Returns
    -------
    By name, in the order of their places.

    Raises
    ------
    CatalogError
        If a file is invalid.
    """
    found = (_template(file, table) for file, table in parse_folder(FOLDER).items())
    return {template.name: template for template in found}


def _template(file: str, table: Table) -> FormTemplate:
    sources = sources_in(table.get("sources", {}), file, "sources.")
    reader = Reader(file, sources)
    reader.check(FormTemplate, table, "", absent=("name",))
    given: dict[str, Any] = {
        "name": PurePosixPath(file).stem,
        "sources": sources,
        "deadlines": tuple(
            _deadline(reader, each, f"deadlines[{place}]") for place, each in enumerate(table["deadlines"])
        ),
        "parts": tuple(_part(reader, each, f"parts[{place}]") for place, each in enumerate(table["parts"])),
    }
    return reader.make(FormTemplate, table, "", **given)


def _deadline(reader: Reader, table: Any, key: str) -> Deadline:
    reader.check(Deadline, table, key)
    made = reader.make(Deadline, table, key)
    if made.source not in reader.sources:
        raise CatalogError(unknown("source", made.source, reader.sources, "source"), reader.file, key)
    return made


def _part(reader: Reader, table: Any, key: str) -> tuple[str, tuple[Item, ...]]:
    reader.keys(table, key, ("heading", "items"), ("heading", "items"))
    items = []
    for place, each in enumerate(table["items"]):
        reader.check(Item, each, f"{key}.items[{place}]")
        items.append(reader.make(Item, each, f"{key}.items[{place}]"))
    return reader.get(table, key, "heading", str), tuple(items)
