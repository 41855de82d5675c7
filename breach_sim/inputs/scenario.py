"""Scenarios: what leaked, for whom and when, as segments of accounts, blocks of fields, and dates.

A *scenario* states, for each segment of accounts, which fields leaked for which share of the accounts.
Fields that leak together form a *leak* (a block) with one coverage. The leaks of a segment are independent.
A field that no leak of a segment names did not leak there.

Not here: the attacks that the leak enables (``attacks``), and the number of people behind the accounts.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from breach_sim.formatting.dates import LATEST, is_date
from breach_sim.formatting.digits import percent
from breach_sim.formatting.display import Displayable, plural, shortened
from breach_sim.formatting.html import card, table
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.formatting.strangers import TURNING, brief
from breach_sim.inputs.left_out import LeftOut, not_read
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.numbers.membership import Universe
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.published import Dossier, breach_of, country_codes
from breach_sim.inputs.segment import (
    MAX_ACCOUNTS,
    MAX_SEGMENTS,
    Event,
    Segment,
    independence_note,
    segments_of_frame,
    whole_number,
)

SLACK = 1e-9
"""How far a table of probabilities may be from 1 in all."""
ALIKE = 1.25
"""Accounts of two scenarios of one breach differ by no more than this factor."""
NEAR_DAYS = 732
"""Days by which the dates of two scenarios of one breach may differ; often only a year is known."""
FEWEST, _ROUND = 1_000, 1_000
"""Fewest accounts of breaches that are compared: one firm has many small incidents in a year. A number of
accounts that is a multiple of the second one is round, and may be that of two breaches."""
_MOST_NAMED = 3
"""Scenarios of one breach that a sentence names."""
_MOST_COMPARED = 500
"""Scenarios, the next in accounts, that one is compared with: ten thousand shops are read in seconds."""
_PREFIXES = frozenset(("hibp", "veris"))
"""Words with which imports begin the names of their scenarios."""

_TURNED = (
    "A text of this scenario holds signs such as U+202E that turn letters around: what is read on "
    "the screen may not be what the file says."
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scenario(Displayable):
    """A breach: segments by leaked fields, and the dates.

    Parameters
    ----------
    name
        Short name, as on the command line.
    segments
        At least one, with different names.
    events
        Dated events, in any order.
    label
        Title for tables and figures.
    day_zero
        Calendar date of day 0, as text. Attacks may be more or less frequent in some years; "" for no date.
    notes
        Cautions that every table of results carries.
    sources
        Ids of the sources of the whole.
    own_sources
        Sources that the scenario brings along, beside the catalog's.
    release
        How the data got out: probability of each way, certain, summing to 1; empty where nothing is said,
        which is read as resold. [share]
    dossier
        What was published about the breach beside the model.
    firm
        Whether a firm stands behind the data; false for a compilation or a list of criminals, which has no
        ledger of a firm.
    customers
        All current customers of the firm, exposed or not; None if not known. [accounts]
    left_out
        What an import did not read of the source.
    overrides
        The user's own numbers, for whatever is made of the scenario.

    Raises
    ------
    ValueError
        If there is no segment, a name is repeated, an event names an unknown segment, or the release table
        does not sum to 1.
    """

    name: str
    segments: tuple[Segment, ...]
    events: tuple[Event, ...] = ()
    label: str = ""
    day_zero: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    own_sources: tuple[Source, ...] = ()
    release: Mapping[str, Estimate] = field(default_factory=dict)
    dossier: Dossier = field(default_factory=Dossier)
    firm: bool = True
    customers: int | None = None
    left_out: tuple[LeftOut, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)

    def __post_init__(self) -> None:
        self._check_release()
        if self.customers is not None and not 0 < self.customers <= MAX_ACCOUNTS:
            raise ValueError(
                f"customers of scenario {self.name!r} is {shown(self.customers)}; it must be a whole number "
                f"from 1 to {MAX_ACCOUNTS:,}, or left out"
            )
        if self.day_zero and not is_date(self.day_zero):
            raise ValueError(
                f"day_zero is {shown(self.day_zero)}; write the date as YYYY-MM-DD, before the year {LATEST}"
            )
        names = [segment.name for segment in self.segments]
        if not names:
            raise ValueError(f"scenario {self.name!r} has no segment; it needs at least one")
        if len(names) > MAX_SEGMENTS:
            raise ValueError(
                f"scenario {brief(self.name)!r} has {len(names):,} segments; at most {MAX_SEGMENTS:,} are "
                "possible: put those together that lost the same fields"
            )
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise ValueError(f"scenario {self.name!r} has two segments {name!r}; names must differ")
            seen.add(name)
        for event in self.events:
            for name in event.segments:
                if name not in names:
                    raise ValueError(unknown("segment", name, names, f"an event of scenario {self.name!r}"))

    def _check_release(self) -> None:
        for share in self.release.values():
            if share.unit != "share" or not share.is_certain:
                raise ValueError(
                    f"{share.name} is {share.kind} in {share.unit!r}; a probability of the release table is "
                    "a fixed 'share'"
                )
        total = math.fsum(share.central for share in self.release.values())
        if self.release and abs(total - 1) > SLACK:
            listed = ", ".join(f"{name} {share.central:g}" for name, share in self.release.items())
            raise ValueError(f"the release table is {listed}: in all {total:g}; it must sum to 1")

    def day_of(self, text: str) -> float:
        """Return the number of days from day 0 to a calendar date.

        Parameters
        ----------
        text
            Date, as YYYY-MM-DD.

        Returns
        -------
        Negative for earlier dates; minus infinity if the scenario has no date of day 0.
        """
        if not self.day_zero:
            return -math.inf
        return float((date.fromisoformat(text) - date.fromisoformat(self.day_zero)).days)

    def date_of(self, day: float) -> str:
        """Return the calendar date of a day after day 0.

        Parameters
        ----------
        day
            Days after day 0; fractions of a day are ignored.

        Returns
        -------
        Date as YYYY-MM-DD, or "" if the scenario has no date of day 0.
        """
        if not self.day_zero:
            return ""
        return (date.fromisoformat(self.day_zero) + timedelta(days=math.floor(day))).isoformat()

    @property
    def accounts(self) -> int:
        """Number of accounts of all segments."""
        return sum(segment.accounts for segment in self.segments)

    @property
    def universe(self) -> Universe | None:
        """Persons and breaches of a union of several breaches; None for a single breach."""
        members = (segment.membership for segment in self.segments if segment.membership)
        return next((member.universe for member in members), None)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Notes of the scenario, what was not read, and a warning of letters that are turned around."""
        missing = not_read(self.left_out)
        texts = (self.name, self.label, *self.notes, *(segment.name for segment in self.segments))
        turned = _TURNED if any(TURNING.search(text) for text in texts) else ""
        return (*self.notes, *(note for note in (missing, turned) if note))

    @property
    def title(self) -> str:
        """Label, or the name if there is no label."""
        return self.label or self.name

    def with_own_sources(self, catalog: Mapping[str, Source]) -> dict[str, Source]:
        """Return the sources of a catalog together with the scenario's own.

        Parameters
        ----------
        catalog
            Sources by id.

        Returns
        -------
        Sources by id; the scenario's own come first.
        """
        return dict(catalog) | {source.id: source for source in self.own_sources}

    def with_countries(self, countries: str | Iterable[str]) -> Scenario:
        """Return the scenario with other countries of its people.

        Parameters
        ----------
        countries
            Codes of two letters, as a text such as "DE,FR" or one by one; none if people may live anywhere.

        Returns
        -------
        A new scenario. Attacks that exist in other countries only cannot happen in its runs.

        Raises
        ------
        ValueError
            If a code is not two letters, is no code of a country, or is repeated.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"accounts": [1000], "full_name": [1.0]})
        >>> Scenario.from_frame(table).with_countries("DE, FR").dossier.countries
        ('DE', 'FR')
        """
        codes = country_codes(countries, "countries")
        return dataclasses.replace(self, dossier=dataclasses.replace(self.dossier, countries=codes))

    def scaled(self, accounts: int) -> Scenario:
        """Return the scenario with another number of accounts.

        Parameters
        ----------
        accounts
            New total, apportioned to the segments by largest remainder.

        Returns
        -------
        A new scenario with a note about the scaling.

        Raises
        ------
        ValueError
            If the total leaves a segment without an account, or is not a whole number.
        """
        accounts = whole_number(accounts)
        if isinstance(accounts, bool) or not isinstance(accounts, int) or not 1 <= accounts <= MAX_ACCOUNTS:
            raise ValueError(f"accounts is {shown(accounts)}; it must be a whole number from 1 to 10**13")
        if self.overrides.accounts:
            raise ValueError(
                f"accounts of {named(self.overrides.accounts)} are uncertain by overrides; scale the "
                "scenario first, then give it the overrides"
            )
        counts = apportion([segment.accounts for segment in self.segments], accounts)
        for segment, count in zip(self.segments, counts, strict=True):
            if count == 0 and segment.accounts:
                smallest = min(segment.accounts for segment in self.segments if segment.accounts)
                raise ValueError(
                    f"{accounts:,} accounts leave segment {segment.name!r} empty; "
                    f"take at least {math.ceil(self.accounts / smallest):,}"
                )
        segments = tuple(
            _resized(segment, count, accounts / self.accounts)
            for segment, count in zip(self.segments, counts, strict=True)
        )
        note = f"Scaled from {self.accounts:,} to {accounts:,} accounts; every segment in proportion."
        return dataclasses.replace(self, segments=segments, notes=(*self.notes, note))

    @classmethod
    def from_frame(
        cls, frame: Any, *, name: str = "from-frame", blocks: Sequence[Iterable[str]] = ()
    ) -> Scenario:
        """Create a scenario from a table: one row per segment, one column per field.

        Parameters
        ----------
        frame
            A data frame of pandas, Polars or PyArrow with a column ``accounts``, optional columns ``segment``
            (or names in the index) and ``kind``, and one column per field with the share of the segment's
            accounts that lost it. [0, 1]
        name
            Name of the scenario.
        blocks
            Fields that leak together, for example ``[("ssn", "date_of_birth")]``; their shares must be
            equal in every row. Other fields leak independently of each other.

        Returns
        -------
        Scenario with fixed coverages.

        Raises
        ------
        ValueError
            If a column is not a field or stands there twice, a share is missing or outside [0, 1], a count is
            not whole, or a row looks like the total of those above it.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"accounts": [1000], "full_name": [1.0], "ssn": [0.5]})
        >>> Scenario.from_frame(table).accounts
        1000
        """
        segments = segments_of_frame(frame, blocks)
        return cls(name=name, segments=segments, notes=independence_note(segments))

    def summary(self) -> str:
        """Name, accounts, segments, and the date of day 0."""
        dated = f"; day 0 is {self.day_zero}" if self.day_zero else ""
        return (
            f"{self.name}: {plural(self.accounts, 'account')} in {plural(len(self.segments), 'segment')}, "
            f"{plural(len(self.events), 'event')}{dated}"
        )

    def _repr_html_(self) -> str:
        facts = [("name", self.name), ("accounts", f"{self.accounts:,}"), ("day 0", self.day_zero)]
        facts += [(self.date_of(event.day) or "event", event.summary()) for event in self.events]
        rows = [
            (segment.title, segment.kind, f"{segment.accounts:,}", _coverages(segment))
            for segment in self.segments
        ]
        segments = table(
            rows, ("segment", "kind", "accounts", "what leaked, for which share"), notes=self.all_notes
        )
        return card(self.title, [(label, text) for label, text in facts if text]) + segments


def _resized(segment: Segment, accounts: int, factor: float) -> Segment:
    """A segment with another number of accounts; the exact accounts of a cell are scaled by the factor."""
    member = segment.membership
    if member is not None:
        member = dataclasses.replace(member, share=member.share * factor)
    return dataclasses.replace(segment, accounts=accounts, membership=member)


def apportion(weights: Sequence[int], total: int) -> list[int]:
    """Apportion a whole number in proportion to weights, by largest remainder.

    Parameters
    ----------
    weights
        Positive whole numbers. Shape (S,).
    total
        Number to apportion. [0, inf)

    Returns
    -------
    Whole numbers that sum to the total; ties go to the first. Shape (S,).

    Examples
    --------
    >>> apportion([1, 1, 1], 100)
    [34, 33, 33]
    """
    # Whole numbers throughout: with floats the remainders of 10**13 accounts would be noise.
    whole = sum(weights)
    shares = [weight * total // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(weights[i] * total % whole), i))
    for i in rest[: total - sum(shares)]:
        shares[i] += 1
    return shares


def _coverages(segment: Segment) -> str:
    """Each leak of a segment in words: central coverage and fields."""
    return "; ".join(
        f"{percent(leak.coverage.central, 3)}: {', '.join(leak.fields)}" for leak in segment.leaks
    )


# One breach loaded twice ---------------------------------------------------------------------------------


def look_alike(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return a caution for each group of scenarios that seem to describe one breach.

    Parameters
    ----------
    scenarios
        Of one portfolio, union or import.

    Returns
    -------
    Sentences. Two scenarios look alike if both have at least 1,000 accounts, within a factor of 1.25, their
    dates are at most two years apart or not known, and either their names share all words of the shorter one,
    or their accounts are equal and no round number.

    Notes
    -----
    Only scenarios that share a word, or the number of accounts, are compared: thousands take a second. Two
    that name their breaches (``dossier.breach``) are not compared: the names say whether it is one. Of those
    that share a word, each is compared with the 500 that are next in accounts.
    """
    every = [breach for breach in scenarios if breach.accounts >= FEWEST]
    words = [_named_words(breach) for breach in every]
    sizes = [breach.accounts for breach in every]
    known: dict[object, list[int]] = {}
    for number, breach in enumerate(every):
        keys: set[object] = {word for names in words[number] for word in names}
        keys |= {breach.accounts} if _is_telling(breach.accounts) else set()
        for key in keys:
            known.setdefault(key, []).append(number)
    group = list(range(len(every)))
    for members in known.values():
        members.sort(key=sizes.__getitem__)
        unnamed = [number for number in members if not every[number].dossier.breach]
        passed = 0
        for place, a in enumerate(members):
            named = bool(every[a].dossier.breach)
            passed += not named
            rest, first = (unnamed, passed) if named else (members, place + 1)
            most = ALIKE * sizes[a]
            for b in rest[first : first + _MOST_COMPARED]:
                if sizes[b] > most:
                    break
                old, new = sorted((_leader(group, a), _leader(group, b)), reverse=True)
                if old != new and _one_breach(every[a], every[b], words[a], words[b]):
                    group[old] = new
    together: dict[int, list[Scenario]] = {}
    for number, breach in enumerate(every):
        together.setdefault(_leader(group, number), []).append(breach)
    return tuple(_alike_sentence(breaches) for breaches in together.values() if len(breaches) > 1)


def _leader(group: list[int], number: int) -> int:
    """First member of a group, found over members that point to earlier ones; the way is made shorter."""
    while group[number] != number:
        group[number] = group[group[number]]
        number = group[number]
    return number


def _alike_sentence(breaches: Sequence[Scenario]) -> str:
    named = [f"{shortened(one.name, 40)} ({one.accounts:,} accounts)" for one in breaches[:_MOST_NAMED]]
    more = len(breaches) - _MOST_NAMED
    listed = ", ".join(named) + (f" and {more:,} more" if more > 0 else "")
    return f"These look alike: {listed}. If they describe one breach, keep one of them: sums count it twice."


def _is_telling(accounts: int) -> bool:
    """Whether a number of accounts is hardly that of two breaches."""
    return accounts > 10 * FEWEST and accounts % _ROUND != 0


def _one_breach(a: Scenario, b: Scenario, words: list[frozenset[str]], others: list[frozenset[str]]) -> bool:
    """Whether two scenarios with accounts of about one number seem to describe one breach."""
    if a.dossier.breach and b.dossier.breach:
        return False
    if a.day_zero and b.day_zero and abs(a.day_of(b.day_zero)) > NEAR_DAYS:
        return False
    if a.accounts == b.accounts and _is_telling(a.accounts):
        return True
    return any(one <= other or other <= one for one in words for other in others)


def _named_words(breach: Scenario) -> list[frozenset[str]]:
    """Words that tell the name of a breach, by its name and by its label; without any, it has none."""
    texts = (breach_of(breach.name), re.split(r"[,(]|\b(?:19|20)\d\d\b", breach.label)[0])
    found = []
    for text in texts:
        words = [word for word in re.split(r"[\W_]+", text.lower()) if word and word not in _PREFIXES]
        # A number counts as a name only where there is nothing else: "126", but not "shop-2".
        named = [word for word in words if not word.isdigit()] or words
        found += [frozenset(named)] if named else []
    return found
