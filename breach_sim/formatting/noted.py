"""A table of text with notes below it. Imports pandas: ``tables`` loads it when a table is first made."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from breach_sim.formatting.html import Look, table

_LOOK = Look(
    table=(("class", "dataframe breach-sim"), ("border", "1")),
    number=(("style", "text-align:right;white-space:nowrap"),),
    head_number=(("style", "text-align:right"),),
)


class NotedTable(pd.DataFrame):
    """Table of text that shows its notes below itself, in a notebook and in a terminal.

    The notes are those of ``attrs["notes"]``. A part of the table is a plain data frame.
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def _notes(self) -> tuple[str, ...]:
        return tuple(self.attrs.get("notes", ()))

    def __repr__(self) -> str:
        return "\n".join([super().__repr__(), *(f"note: {note}" for note in self._notes())])

    def _repr_html_(self) -> str:
        rows = [(label, *map(_cell, row)) for label, row in zip(self.index, self.to_numpy(), strict=True)]
        head = [str(name or "").replace("_usd", " [USD]") for name in (self.index.name, *self.columns)]
        numbers = (False, *([True] * len(self.columns)))
        return table(rows, head, notes=self._notes(), look=_LOOK, numbers=numbers)


def _cell(text: Any) -> Any:
    """A number with its interval below it; other text as it is."""
    words = str(text)
    middle, bracket, interval = words.partition(" (")
    if not bracket or not interval.endswith(")"):
        return words
    return Markup("{}<br><small>({}</small>").format(middle, interval)
