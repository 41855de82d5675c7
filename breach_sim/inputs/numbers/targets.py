"""What the victims' side is calibrated on: national counts by kind of harm, and studies of breached people.

A *ceiling* is a series of national counts of one kind of harm: the cataloged breaches together may not cause
more. A *study* states what share of the people of a breach was harmed. Both see only a part of the harm
(reporting), and both have an error that their own sampling does not show (discrepancy). See docs/model.md,
section 10.

Not here: reading of the file (``catalog.evidence.calibration``) and likelihoods (``analysis.nation``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.estimates import Estimate

CENTURIES = (1900, 2100)


@dataclass(frozen=True, kw_only=True)
class Count:
    """One count of a nation.

    Parameters
    ----------
    year
        Calendar year that was counted.
    value
        Victims or reports. (0, inf)
    years
        Calendar years for which the count stands.
    reporting
        Reports a victim; 1 for a survey of victims.
    status, sources, note
        As for an estimate.

    Raises
    ------
    ValueError
        If the value is not above 0, or no year or an impossible one is named.
    """

    year: int
    value: float
    years: tuple[int, ...]
    reporting: Estimate
    status: str
    sources: tuple[str, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.value < math.inf:
            raise ValueError(f"value is {self.value!r}; a count is a number above 0")
        first, last = CENTURIES
        if not self.years or not all(first <= year <= last for year in (self.year, *self.years)):
            raise ValueError(
                f"year {self.year} stands for {shown(list(self.years))}; name at least one year from {first} "
                f"to {last}"
            )


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """National counts of one kind of harm, which the breaches of a year together may not exceed.

    Parameters
    ----------
    name, label
        Key in the file, and words for tables.
    attacks
        Attacks whose victims are of this kind.
    discrepancy
        Standard deviation of the logarithm of the error that all counts of the series share. (0, inf)
    counts
        At least one; no calendar year stands in two.
    note
        What to beware of.

    Raises
    ------
    ValueError
        If there is no attack or no count, the discrepancy is not above 0, or two counts stand for one year.
    """

    name: str
    label: str
    attacks: tuple[str, ...]
    discrepancy: float
    counts: tuple[Count, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.attacks or not self.counts:
            raise ValueError("a ceiling names at least one attack and has at least one count")
        if not 0 < self.discrepancy < math.inf:
            raise ValueError(f"discrepancy is {self.discrepancy!r}; it is a number above 0, such as 0.25")
        years = [year for count in self.counts for year in count.years]
        twice = sorted({year for year in years if years.count(year) > 1})
        if twice:
            raise ValueError(f"two counts stand for {twice[0]}; give each calendar year to one of them")


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a study saw happen to the people of breaches.

    Parameters
    ----------
    name, label
        Key in the file, and words for tables.
    attacks
        Attacks whose victims were counted.
    fields
        What the people had lost.
    accounts
        People of a breach. [1, inf)
    days
        How long they were watched. [days]
    reporting
        What the study sees of a true victim: a share where misuse is traced, a ratio where people are asked.
    discrepancy
        Standard deviation of the logarithm of its error. [0, inf)
    value
        Share of the people harmed; None where breaches are counted. (0, 1)
    at_most
        Whether the value is an upper limit.
    shown, breaches
        Breaches with harm, of how many; None where people are counted.
    status, sources, note
        As for an estimate.

    Raises
    ------
    ValueError
        If there is neither a value with a discrepancy above 0 nor a count of breaches, or both.
    """

    name: str
    label: str
    attacks: tuple[str, ...]
    fields: tuple[str, ...]
    accounts: int
    days: float
    reporting: Estimate
    discrepancy: float
    status: str
    sources: tuple[str, ...]
    value: float | None = None
    at_most: bool = False
    shown: int | None = None
    breaches: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        counted = self.shown is not None and self.breaches is not None
        if counted == (self.value is not None):
            raise ValueError("a study has either value, or shown and breaches")
        if self.value is not None and not (0 < self.value < 1 and 0 < self.discrepancy < math.inf):
            raise ValueError(
                f"value is {self.value!r} with discrepancy {self.discrepancy!r}; the value is a share "
                "between 0 and 1, the discrepancy a number above 0"
            )
        if counted and not 0 <= (self.shown or 0) <= (self.breaches or 0):
            raise ValueError(f"shown is {self.shown} of {self.breaches} breaches; it cannot be more than all")
        if not 0 < self.days < math.inf or self.accounts < 1:
            raise ValueError(f"{self.accounts} accounts over {self.days} days; both must be above 0")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One breach of the joint run.

    Parameters
    ----------
    scenario
        Name in the catalog.
    day_zero
        Date of day 0 where the scenario has none; "" elsewhere.
    segments
        Segments whose people the nation counts; all if none is named.
    note
        Reason.
    """

    scenario: str
    day_zero: str = ""
    segments: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Everything that the fit is made on.

    Parameters
    ----------
    members
        Breaches that are run together.
    share
        Share of the nation's harm of a kind that the breaches cause at most. [share]
    ceilings, studies
        Data.
    """

    members: tuple[Member, ...]
    share: Estimate
    ceilings: tuple[Ceiling, ...]
    studies: tuple[Study, ...]

    @property
    def years(self) -> tuple[int, int]:
        """First and last calendar year for which a count stands."""
        years = [year for ceiling in self.ceilings for count in ceiling.counts for year in count.years]
        return min(years), max(years)
