"""Display of objects: one line as repr, an HTML card in a notebook.

Not here: the HTML itself (``html``), and the summary of an object, which its own class defines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from breach_sim.formatting.html import card

LONGEST = 120
"""Most characters of a repr; more would fill a cell instead of naming what is in it."""
_LISTED = 6


class Displayable:
    """Base class of frozen dataclasses with a summary line and an HTML card.

    Declare subclasses with ``repr=False``. Override :meth:`summary` if a sentence is clearer than a list of
    the fields, and ``_facts`` if the card should not have one line per field.
    """

    __slots__ = ()

    def summary(self) -> str:
        """Return the object in one line.

        Returns
        -------
        Name and most important facts, without a line break.
        """
        named = ("name", "label")  # these say themselves what they are
        return "; ".join(text if label in named else f"{label} {text}" for label, text in self._facts())

    def as_part(self) -> str:
        """Return the object in one line, as part of another object.

        Returns
        -------
        The summary, or a shorter text without what the other object already shows.
        """
        return self.summary()

    def _facts(self) -> list[tuple[str, str]]:
        """Label and text of each line of the card: every field that differs from its default."""
        pairs = []
        for part in dataclasses.fields(self):  # type: ignore[arg-type] # subclasses are dataclasses
            value = getattr(self, part.name)
            text = as_text(value)
            if text and value != part.default:
                pairs.append((part.name.replace("_", " "), text))
        return pairs

    def __repr__(self) -> str:
        # Text out of a file may hold line breaks; a repr is one line.
        text = " ".join(f"{type(self).__name__} {self.summary()}".split())
        return f"<{shortened(text, LONGEST - 2)}>"

    def _repr_html_(self) -> str:
        return card(type(self).__name__, self._facts())


def as_text(value: Any) -> str:
    """Return the text of a value for a line of a card.

    Parameters
    ----------
    value
        Text, number, displayable object, or a sequence or mapping of these.

    Returns
    -------
    Short text; "" for None and empty values.

    Examples
    --------
    >>> as_text(7_800_000), as_text(("ssn", "imei")), as_text(None)
    ('7,800,000', 'ssn, imei', '')
    """
    match value:
        case None:
            text = ""
        case bool():  # before int: True is one too
            text = "yes" if value else "no"
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:g}"
        case Displayable():
            text = value.as_part()
        case Mapping():
            text = "; ".join(f"{name}: {as_text(part)}" for name, part in value.items())
        case tuple() | list():
            objects = any(isinstance(part, Displayable) for part in value)
            text = ("; " if objects else ", ").join(as_text(part) for part in value)
        case _:
            text = str(value)
    return text


def listed(names: Iterable[str], most: int = _LISTED) -> str:
    """Return the first of some names and the number of the others.

    Parameters
    ----------
    names
        Any number of names.
    most
        Maximum number of names to list. [1, inf)

    Returns
    -------
    Text such as "ssn, imei and 3 more"; "none" if there is no name.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2), listed([])
    ('a, b and 1 more', 'none')
    """
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return (", ".join(every[:most]) or "none") + more


def in_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence.

    Parameters
    ----------
    label
        Label that begins with a capital.

    Returns
    -------
    The label in lower case at its start, unless it starts with an abbreviation.

    Examples
    --------
    >>> in_sentence("Tax-refund fraud"), in_sentence("SIM swap")
    ('tax-refund fraud', 'SIM swap')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a count with its noun.

    Parameters
    ----------
    count
        How many. [0, inf)
    noun
        Noun in the singular; the plural adds an "s".
    several
        Irregular plural, if there is one.

    Returns
    -------
    For example "1 leak" or "1,200 accounts".

    Examples
    --------
    >>> plural(1, "leak"), plural(1200, "account")
    ('1 leak', '1,200 accounts')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {several or noun + 's'}"


def shortened(text: str, longest: int) -> str:
    """Truncate text to a length, ending in three dots if anything is cut.

    Parameters
    ----------
    text
        Any text.
    longest
        Maximum length of the result. [3, inf)

    Returns
    -------
    The text itself if it is short enough.

    Examples
    --------
    >>> shortened("segments", 8), shortened("segments", 6)
    ('segments', 'seg...')
    """
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
