"""Published facts: the dossier of a breach, and rates of harm.

A *dossier* states who claims the breach, where and when it happened, how many records it concerns, and what
is unknown. Only ``countries`` affects results: an attack that exists in some countries only does not occur
if the breach concerns no people there. A *rate* is one published figure about harm at large, with what
became of it: the parameters that it informs, or why none.

Not here: amounts published afterwards (``outcomes``), and the reading of files (``catalog``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.messages import repeated, shown, unknown

STANDINGS = ("", "claimed", "confirmed", "sampled", "misreading")
"""Who stands behind the number: criminals or a first headline, the firm or an authority, a sample."""

READ = ("seen", "recalled", "derived")
"""How a published number is known: read in a text, remembered, or arithmetic on other published numbers."""
NO_COUNTRY = {
    "UK": "write GB for the United Kingdom",
    "EL": "write GR for Greece",
    "EU": "name the countries of the Union, as in DE, FR",
    "XX": "leave the countries out where they are not known",
    "ZZ": "leave the countries out where they are not known",
}
"""Two letters that are often written for a country, and what to write in their place."""
GRADES = ("A", "B", "C")
"""Who published it: official or peer reviewed; an industry survey; press, a vendor or a blog."""


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
        If a code is not two capital letters, as in ISO 3166, is no code of a country, or is repeated.
    """
    for code in codes:
        if not isinstance(code, str) or not re.fullmatch("[A-Z]{2}", code):
            raise ValueError(
                f"country {shown(code)} in {place}; write two capital letters, as in US, GB or NL"
            )
        if code in NO_COUNTRY:
            raise ValueError(f"country {shown(code)} in {place} is no code of a country; {NO_COUNTRY[code]}")
    if len(set(codes)) != len(codes):
        raise ValueError(f"{place} names country {repeated(codes)}; each may stand there once: keep one")


def country_codes(countries: str | Iterable[str], place: str) -> tuple[str, ...]:
    """Return country codes as a scenario holds them.

    Parameters
    ----------
    countries
        Codes of two letters, of any case: a text with commas or blanks between them, or one by one.
    place
        Where they were given, for the error message.

    Returns
    -------
    Capital letters, in the order given.

    Raises
    ------
    ValueError
        If a code is not two letters, is no code of a country, or is repeated.

    Examples
    --------
    >>> country_codes("de, FR", "--countries")
    ('DE', 'FR')
    """
    given = re.split(r"[\s,;]+", countries.strip()) if isinstance(countries, str) else list(countries)
    codes = tuple(code.strip().upper() if isinstance(code, str) else code for code in given if code != "")
    check_countries(codes, place)
    return codes


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PublishedRate(Displayable):
    """Published figure about harm or its cost, and what becomes of it in the catalog.

    Parameters
    ----------
    quantity, population
        What was counted, and among whom.
    period
        Year or years of which the figure speaks.
    country
        Two capital letters, or "world".
    unit
        As published, such as "share of users".
    title, publisher, url
        Where it was read, which may be a reprint.
    grade
        "A" official or peer reviewed, "B" industry survey, "C" press, vendor or a blog.
    status
        One of :data:`READ`.
    value, low, high
        The figure and its published ends; None where there is none.
    source
        Id of its row among the sources of the catalog, or "".
    informs
        Names of the parameters that it informs.
    how
        How it informs them, in a sentence; "" if it informs none.
    why_not
        Why it informs none; "" if it informs some.

    Raises
    ------
    ValueError
        If the status or the grade is unknown, an end lies beyond the value, or not exactly one of ``how``
        (with ``informs``) and ``why_not`` is given.
    """

    quantity: str
    population: str
    period: str
    country: str
    unit: str
    title: str
    publisher: str
    url: str
    grade: str
    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = ""
    informs: tuple[str, ...] = ()
    how: str = ""
    why_not: str = ""

    def __post_init__(self) -> None:
        check_read(self.status, self.quantity)
        if self.grade not in GRADES:
            raise ValueError(unknown("grade", self.grade, GRADES, self.quantity))
        if bool(self.how) == bool(self.why_not) or bool(self.how) != bool(self.informs):
            raise ValueError(
                f"{self.quantity} informs {shown(list(self.informs))}; "
                "say how, or name no parameter and say why_not"
            )
        numbers = [number for number in (self.low, self.value, self.high) if number is not None]
        if numbers != sorted(numbers):
            raise ValueError(f"{self.quantity} has {numbers}; low, value and high must be in order")

    def summary(self) -> str:
        """Quantity, figure and period, with the parameters that it informs."""
        figure = "no figure" if self.value is None else f"{self.value:g} {self.unit}"
        return f"{self.quantity}, {self.period}: {figure}; informs {listed(self.informs) or 'nothing'}"


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
