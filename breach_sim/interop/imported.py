"""Result of an import: scenarios, and a report with one row per word that was read, assumed or ignored.

The report lists everything in the file that concerns leaked data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from breach_sim.catalog.words.meanings import NOTHING, STATES
from breach_sim.formatting import html
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.inputs.scenario import Scenario, look_alike

if TYPE_CHECKING:
    import pandas as pd

GIVEN = "the value given"
"""Place of what comes from no file."""
_SHOWN = 60
"""Rows of the account that a notebook shows."""
_REFUSED = 10
"""Refused entries that a repr names."""
_ALIKE = 3
"""Groups of scenarios that look alike that a repr names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """Word of an entry, and how it was read.

    Parameters
    ----------
    entry
        Name of the scenario.
    word
        Word as written in the file: a data class, a variety, a column, or a key.
    fields
        Fields to which it was mapped.
    state
        One of ``words.STATES``.
    reason
        Reason; "" if the name is clear.
    """

    entry: str
    word: str
    fields: tuple[str, ...]
    state: str
    reason: str


def inert_rows(cautions: Iterable[str], entry: str) -> list[ImportRow]:
    """Return rows stating that no attack can start from a scenario.

    Parameters
    ----------
    cautions
        Cautions about the scenario; usually empty.
    entry
        Name of the scenario.

    Returns
    -------
    One row per caution.
    """
    return [
        ImportRow(entry=entry, word="all fields", fields=(), state=NOTHING, reason=sentence)
        for sentence in cautions
    ]


def entry_list(value: Any, keys: Sequence[str], *, place: str, noun: str, remedy: str) -> list[Any]:
    """Entries of a document: a list, or what an object holds as a list.

    Parameters
    ----------
    value
        Contents of the document.
    keys
        Keys under which an object may hold the list; the first that does is taken.
    place, noun, remedy
        For messages: where the document stands, what an entry is, and what to give.

    Returns
    -------
    At least one entry, none of which has been looked at.

    Raises
    ------
    ValueError
        If there is no such list, or nothing in it.
    """
    if isinstance(value, Mapping):
        value = next((value[key] for key in keys if isinstance(value.get(key), list)), value)
    if not isinstance(value, list):
        raise ValueError(  # noqa: TRY004 - a value of a file
            f"{place} holds {shown(value)}, no {noun}; give {remedy}"
        )
    if not value:
        raise ValueError(f"{place} holds an empty list; give at least one {noun}")
    return value


def read_entries(
    entries: Iterable[tuple[str, Any]],
    read: Callable[[str, Any, Iterable[str]], tuple[Scenario, list[ImportRow]]],
    *,
    alone: bool,
    refused: dict[str, str],
    place: str,
    noun: str,
) -> tuple[dict[str, Scenario], list[ImportRow]]:
    """Scenarios of all entries that can be read.

    Parameters
    ----------
    entries
        Label and contents of each.
    read
        Makes scenario and rows of a label, an entry and the names that are taken; ValueError refuses it.
    alone
        Whether there is one entry by itself, whose refusal is raised.
    refused
        Reason by label; refused entries are added to it.
    place, noun
        For messages: where the entries stand, and what several are called.

    Returns
    -------
    Scenarios by name, and the rows of all of them.

    Raises
    ------
    ValueError
        If an entry by itself is refused, or every one of several.
    """
    scenarios: dict[str, Scenario] = {}
    rows: list[ImportRow] = []
    for number, (label, entry) in enumerate(entries, start=1):
        try:
            breach, account = read(label, entry, scenarios)
        except ValueError as error:
            if alone:
                own = place == GIVEN or str(error).startswith(place)  # no file is there to be named
                raise ValueError(f"{error}" if own else f"{place}, {error}") from None
            refused[label if label not in refused else f"{label} ({number})"] = str(error)
            continue
        scenarios[breach.name] = breach
        rows += account
    if not scenarios:
        first = next(iter(refused.values()), "there is none")
        raise ValueError(f"{place}: none of {len(refused)} {noun} can be read; the first: {first}")
    return scenarios, rows


@dataclass(frozen=True, kw_only=True, repr=False)
class Import:
    """Scenarios read from another format, and the report on the import.

    Parameters
    ----------
    format
        "hibp", "veris", "table" or "register".
    scenarios
        In the order of the file.
    rows
        Rows of the report.
    refused
        Entries that could not be read, with the reason of each.
    """

    format: str
    scenarios: tuple[Scenario, ...]
    rows: tuple[ImportRow, ...]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The scenario, if there is exactly one.

        Raises
        ------
        ValueError
            If there are several scenarios.
        """
        if len(self.scenarios) != 1:
            names = named(breach.name for breach in self.scenarios)
            raise ValueError(
                f"the import holds {len(self.scenarios)} scenarios ({names}); take one by name, as in "
                f"imported[{self.scenarios[0].name!r}], or go through .scenarios"
            )
        return self.scenarios[0]

    def __len__(self) -> int:
        return len(self.scenarios)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios)

    def __getitem__(self, name: str) -> Scenario:
        for breach in self.scenarios:
            if breach.name == name:
                return breach
        raise ValueError(unknown("scenario", name, [breach.name for breach in self.scenarios], "the import"))

    def account(self) -> pd.DataFrame:
        """Return the import report: how each word was read.

        Returns
        -------
        One row per word: entry, word, fields (joined by commas), state, reason. Refused entries come
        last, with the state "refused".
        """
        import pandas as pd

        rows = [(r.entry, r.word, ", ".join(r.fields), r.state, r.reason) for r in self.rows]
        rows += [(entry, "", "", "refused", reason) for entry, reason in self.refused.items()]
        return pd.DataFrame(rows, columns=["entry", "word", "fields", "state", "reason"])

    def counts(self) -> dict[str, int]:
        """Return the number of words in each state.

        Returns
        -------
        Counts by state, in the order of ``words.STATES``, then the number of refused entries.
        """
        number = Counter(row.state for row in self.rows)
        return {state: number[state] for state in STATES} | {"refused": len(self.refused)}

    @cached_property
    def look_alike(self) -> tuple[str, ...]:
        """A caution for each group of scenarios that seem to describe one breach."""
        return look_alike(self.scenarios)

    def to_json(self) -> str:
        """Return the scenarios and the report as one JSON document.

        Returns
        -------
        Format, scenarios (name, label, accounts, fields, notes), account, refused, look_alike.
        """
        document = {
            "format": self.format,
            "scenarios": [
                {
                    "name": breach.name,
                    "label": breach.label,
                    "accounts": breach.accounts,
                    "fields": sorted({name for segment in breach.segments for name in segment.fields}),
                    "notes": list(breach.all_notes),
                }
                for breach in self.scenarios
            ],
            "account": [
                {
                    "entry": r.entry,
                    "word": r.word,
                    "fields": list(r.fields),
                    "state": r.state,
                    "reason": r.reason,
                }
                for r in self.rows
            ],
            "refused": dict(self.refused),
            "look_alike": list(self.look_alike),
        }
        return json.dumps(document, indent=2)

    def __repr__(self) -> str:
        people = sum(breach.accounts for breach in self.scenarios)
        counts = ", ".join(f"{number} {state}" for state, number in self.counts().items() if number)
        number = plural(len(self.scenarios), "scenario")
        first = f"Import of {number}, {people:,} accounts ({self.format}): {counts}"
        lines = [f"  refused {entry}: {reason}" for entry, reason in list(self.refused.items())[:_REFUSED]]
        more = len(self.refused) - _REFUSED
        lines += [f"  and {more} more refused"] if more > 0 else []
        return "\n".join([first, *lines, *self.alike_lines()])

    def alike_lines(self) -> list[str]:
        """Return the first cautions on scenarios that look alike, and the number of the others.

        Returns
        -------
        Lines for a terminal; none if no two look alike.
        """
        more = len(self.look_alike) - _ALIKE
        lines = [f"  caution: {sentence}" for sentence in self.look_alike[:_ALIKE]]
        return [*lines, *([f"  and {more:,} more groups that look alike"] if more > 0 else [])]

    def _repr_html_(self) -> str:
        frame = self.account()
        first, *others = repr(self).split("\n")
        more = [f"and {len(frame) - _SHOWN:,} rows more: .account()"] if len(frame) > _SHOWN else []
        rows = frame.head(_SHOWN).itertuples(index=False, name=None)
        return html.table(rows, list(frame.columns), caption=first, notes=[*others, *more])
