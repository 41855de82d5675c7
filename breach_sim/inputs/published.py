"""Published facts about a breach: its dossier.

A *dossier* states who claims the breach, where and when it happened, how many records it concerns, and what
is unknown. Only ``countries`` affects results: an attack that exists in some countries only does not occur
if the breach concerns no people there.

Not here: amounts published afterwards (``outcomes``), and the reading of files (``catalog``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from breach_sim.formatting.display import Displayable, plural
from breach_sim.formatting.messages import shown, unknown

STANDINGS = ("", "claimed", "confirmed", "sampled", "misreading")
"""Who stands behind the number: criminals or a first headline, the firm or an authority, a sample."""

READ = ("seen", "recalled", "derived")
"""How a published number is known: read in a text, remembered, or arithmetic on other published numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Published(Displayable):
    """Date or number as published.

    Parameters
    ----------
    what
        What it is: "intrusion", "announced"; "claimed", "confirmed".
    value
        As text, so that "2015-10-15..2015-10-21" and "200 GB" stay what they are.
    note
        Unit, basis and cautions.
    source
        Id of its source; "" for a derived number.
    status
        One of :data:`READ`.

    Raises
    ------
    ValueError
        If the status is unknown, or a number that was read or recalled has no source.
    """

    what: str
    value: str
    status: str
    note: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        check_read(self.status, f"{self.what} {self.value!r}")
        if self.status != "derived" and not self.source:
            raise ValueError(f"{self.what} {self.value!r} is {self.status} without a source; give its id")

    def summary(self) -> str:
        """What it is, the value as published, and how it is known."""
        return f"{self.what}: {self.value} ({self.status}{f', {self.source}' if self.source else ''})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Dossier(Displayable):
    """Published facts about a breach that are not inputs of the model, except ``countries``.

    Parameters
    ----------
    breach
        Name of the breach; scenarios of the same breach share it.
    standing
        One of :data:`STANDINGS`.
    countries
        Two capital letters each, of the people in the data; empty where they live anywhere.
    sector, vector
        Trade of the firm, and how the data were taken.
    dates, counts
        As published, in the order of the facts.
    unknown
        What was not published, in words.

    Raises
    ------
    ValueError
        If the standing is unknown, or a country code is not two capital letters.
    """

    breach: str = ""
    standing: str = ""
    countries: tuple[str, ...] = ()
    sector: str = ""
    vector: str = ""
    dates: tuple[Published, ...] = ()
    counts: tuple[Published, ...] = ()
    unknown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.standing not in STANDINGS:
            raise ValueError(unknown("standing", self.standing, STANDINGS[1:], "the dossier"))
        check_countries(self.countries, "the dossier")

    def summary(self) -> str:
        """Breach, standing and countries, with the number of dates and counts."""
        parts = [self.breach or "no breach", self.standing, " ".join(self.countries)]
        parts += [plural(len(self.dates), "date"), plural(len(self.counts), "count")]
        return "; ".join(part for part in parts if part)


def check_read(status: str, place: str) -> None:
    """Reject an unknown status.

    Parameters
    ----------
    status
        To check.
    place
        Where the value was given, for the error message.

    Raises
    ------
    ValueError
        If it is not one of :data:`READ`.
    """
    if status not in READ:
        raise ValueError(unknown("status", status, READ, place))


def check_countries(codes: tuple[str, ...], place: str) -> None:
    """Reject invalid country codes.

    Parameters
    ----------
    codes
        To check.
    place
        Where the codes were given, for the error message.

    Raises
    ------
    ValueError
        If a code is not two capital letters, as in ISO 3166, or is repeated.
    """
    for code in codes:
        if not re.fullmatch("[A-Z]{2}", code):
            raise ValueError(
                f"country {shown(code)} in {place}; write two capital letters, as in US, GB or NL"
            )
    if len(set(codes)) != len(codes):
        raise ValueError(f"{place} names countries {list(codes)}; each may stand there once")


def abroad(home: Iterable[str], own: Iterable[str]) -> bool:
    """Return whether something that exists in some countries exists in none of those where people live.

    Parameters
    ----------
    home
        Codes of the countries where the people live; empty if they may live anywhere.
    own
        Codes of the countries where it exists; empty if it exists everywhere.

    Returns
    -------
    True if both name countries and have none in common.
    """
    here, there = set(home), set(own)
    return bool(here and there) and not here & there


def breach_of(scenario: str) -> str:
    """Return the name of the breach that a scenario describes.

    Parameters
    ----------
    scenario
        Name such as "tmobile-2021-stated".

    Returns
    -------
    The name up to its year, or the whole name if it contains no year.

    Examples
    --------
    >>> breach_of("tmobile-2021-stated"), breach_of("everyone-lost-everything")
    ('tmobile-2021', 'everyone-lost-everything')
    """
    dated = re.match(r".*?-(?:19|20)\d\d(?=-|$)", scenario)
    return dated.group() if dated else scenario
