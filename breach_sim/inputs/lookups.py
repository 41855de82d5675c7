"""What can be looked up about a person: for each field the probability, and what a search needs.

A leak holds some fields of a person. Others can be had elsewhere: from directories, people-search sites and
earlier leaks. A *look-up* of a field says how probable this is, and which other fields must be known first.

Which fields are known in the end follows from the fields that leaked and from the look-ups that worked.

Not here: the chances of several look-ups together (``engine``), the numbers
(``catalog/data/elsewhere.toml``), and how anything is looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.display import Displayable, plural
from breach_sim.formatting.messages import repeated, shown, unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.published import abroad, check_countries


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Lookup(Displayable):
    """Chance that whoever works a leak finds one field of a person elsewhere.

    Parameters
    ----------
    field
        The field that is looked up.
    share
        Probability that it is found, for a person about whom enough is known to look it up. [share]
    given
        Alternative sets of fields. All fields of one set must be known about the person.
    directory
        Whether persons are listed with the field, so that a search can start from it without any record.
    countries
        Codes of the countries whose people have such a field; empty if those of any country do.

    Raises
    ------
    ValueError
        If a field is unknown, the share has another unit, a set is empty, holds a field twice or holds the
        field itself, a share above 0 has neither a set nor a directory, or a country code is invalid.
    """

    field: str
    share: Estimate
    given: tuple[tuple[str, ...], ...] = ()
    directory: bool = False
    countries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        place = f"elsewhere.{self.field}"
        vocabulary.check_field(self.field, "elsewhere")
        _check_share(self.share, f"{place}.share")
        check_countries(self.countries, place)
        for needed in self.given:
            self._check_set(needed, f"{place}.given")
        if not (self.given or self.directory or self.never_found):
            raise ValueError(
                f"{place}.given is {shown(self.given)}, and the share is above 0; a search must start "
                "somewhere: name a set of fields, or set directory = true"
            )

    def _check_set(self, needed: tuple[str, ...], place: str) -> None:
        if not needed:
            raise ValueError(
                f"{place} holds an empty set; a set names at least one field: remove it, or set "
                "directory = true"
            )
        for name in needed:
            vocabulary.check_field(name, place)
        if self.field in needed:
            raise ValueError(
                f"{place} holds {shown(list(needed))}, which needs {self.field!r} to look up {self.field!r}; "
                "a set may not hold the field itself: remove it"
            )
        if len(set(needed)) != len(needed):
            raise ValueError(f"{place} holds {repeated(needed)}; each field may stand there once: keep one")

    @property
    def label(self) -> str:
        """What the field is called in a sentence."""
        return vocabulary.FIELD_LABELS[self.field]

    @property
    def bit(self) -> int:
        """The field as a bit set."""
        return vocabulary.mask((self.field,))

    @property
    def given_bits(self) -> tuple[int, ...]:
        """The alternative sets of fields as bit sets."""
        return _as_bits(self.given)

    @property
    def never_found(self) -> bool:
        """Whether the field is certain not to be found: a fixed share of 0."""
        return self.share.is_certain and not self.share.central

    def summary(self) -> str:
        """Field, share and the number of sets, and whether there is a directory."""
        listed = "; in directories" if self.directory else ""
        return f"{self.field}: {self.share.as_part()}; {plural(len(self.given), 'set')}{listed}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Lookups(Displayable):
    """Everything that can be looked up. A field without a look-up cannot be found.

    Parameters
    ----------
    by_field
        Look-ups by the field that they find.
    easy_to_find
        How much the look-ups of one person go together: 0 not at all, 1 as much as their shares allow.
        [share]

    Raises
    ------
    ValueError
        If a look-up stands under the name of another field, or `easy_to_find` has another unit.
    """

    by_field: Mapping[str, Lookup]
    easy_to_find: Estimate

    def __post_init__(self) -> None:
        for name, lookup in self.by_field.items():
            if name != lookup.field:
                raise ValueError(
                    f"elsewhere.{name} looks up {lookup.field!r}; a look-up stands under the name of its "
                    f"field: call it {lookup.field!r}"
                )
        _check_share(self.easy_to_find, "elsewhere.easy_to_find")

    @classmethod
    def of(cls, lookups: Iterable[Lookup], easy_to_find: Estimate) -> Lookups:
        """Collect look-ups.

        Parameters
        ----------
        lookups
            Look-ups of different fields.
        easy_to_find
            As for the class.

        Returns
        -------
        The look-ups by field, in the order given.

        Raises
        ------
        ValueError
            If a field has two look-ups.
        """
        by_field: dict[str, Lookup] = {}
        for lookup in lookups:
            if lookup.field in by_field:
                raise ValueError(
                    f"elsewhere.{lookup.field} stands there twice; a field has one look-up: give its sets of "
                    "fields together, under 'given'"
                )
            by_field[lookup.field] = lookup
        return cls(by_field=by_field, easy_to_find=easy_to_find)

    @property
    def possible(self) -> tuple[Lookup, ...]:
        """Look-ups that can succeed: all but those with a fixed share of 0."""
        return tuple(lookup for lookup in self.by_field.values() if not lookup.never_found)

    def __getitem__(self, field: str) -> Lookup:
        if field not in self.by_field:
            raise ValueError(unknown("look-up", field, self.by_field, "elsewhere"))
        return self.by_field[field]

    def __contains__(self, field: object) -> bool:
        return field in self.by_field

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_field)

    def __len__(self) -> int:
        return len(self.by_field)

    def read_for(self, fields: int) -> int:
        """Return the fields that decide whether some fields are known: these, and those that searches need.

        Parameters
        ----------
        fields
            Fields that an attacker wants. [bit set]

        Returns
        -------
        They themselves, and the fields that allow their look-ups, theirs, and so on. [bit set]
        """
        own = [(lookup.bit, lookup.given_bits) for lookup in self.possible]
        read, before = fields, -1
        while read != before:
            before = read
            for bit, given in own:
                if bit & read:
                    for needed in given:
                        read |= needed
        return read

    def in_countries(self, countries: Collection[str]) -> Lookups:
        """Return the look-ups that can succeed for people of some countries.

        Parameters
        ----------
        countries
            Codes as in ``scenario.dossier.countries``; empty if people may live anywhere.

        Returns
        -------
        Look-ups without those of fields that nobody there has. The object itself if nothing changes.
        """
        kept = {name: own for name, own in self.by_field.items() if not abroad(countries, own.countries)}
        return self if len(kept) == len(self) else Lookups(by_field=kept, easy_to_find=self.easy_to_find)

    def known_fields(self, leaked: NDArray[np.uint64], found: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the fields that are known of persons from what leaked and what look-ups lead to.

        Parameters
        ----------
        leaked
            Leaked fields of each person. [bit set]
        found
            Fields that can be found if enough is known to look them up. The shapes broadcast. [bit set]

        Returns
        -------
        The least sets that hold the leaked fields and are closed under the look-ups. [bit set]

        Notes
        -----
        Least fixpoint, equation (23). Directories play no part: a search in them starts from a person.
        """
        searches = [(lookup.bit, lookup.given_bits) for lookup in self.by_field.values()]
        return searched_from(np.bitwise_or(leaked, np.zeros_like(found)), found, searches)

    def had_anyway(self, found: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the fields that could have been had of persons without any leak.

        Parameters
        ----------
        found
            As for :meth:`known_fields`. [bit set]

        Returns
        -------
        The least sets that hold what directories list and are closed under the look-ups. [bit set]

        Notes
        -----
        Least fixpoint, equation (24). It has the coins of equation (23).
        """
        listed = (name for name, lookup in self.by_field.items() if lookup.directory)
        return self.known_fields(found & np.uint64(vocabulary.mask(listed)), found)

    def chances(self, *, easy: bool) -> dict[str, float]:
        """Return the chance that each field can be found for a person who is easy, or hard, to find.

        Parameters
        ----------
        easy
            Whether the person is easy to find.

        Returns
        -------
        By field, at the central values of the shares; equation (22). The mean of both kinds is the share.
        [probability]
        """
        together = self.easy_to_find.central * (1 if easy else -1)
        shares = {name: own.share.central for name, own in self.by_field.items()}
        return {name: share + together * min(share, 1 - share) for name, share in shares.items()}

    def chance_of_any(self, sets: Iterable[Collection[str]]) -> float:
        """Return the probability that all fields of at least one set can be found for a person.

        Parameters
        ----------
        sets
            Alternative sets of fields that have look-ups. An empty set is always found.

        Returns
        -------
        Exact, at the central values of the shares, over people who are easy and hard to find. [probability]
        """
        alternatives = frozenset(frozenset(each) for each in sets)
        kinds = (self.chances(easy=True), self.chances(easy=False))
        return sum(_any_found(alternatives, chances) for chances in kinds) / len(kinds)

    def summary(self) -> str:
        """Number of look-ups, and of those that can succeed."""
        found = [lookup.field for lookup in self.possible]
        return f"{plural(len(self), 'look-up')}, of which {len(found)} can succeed: {', '.join(found)}"


def _check_share(estimate: Estimate, place: str) -> None:
    """Reject an estimate in another unit than a share, whose numbers lie in [0, 1] by the unit's own rule."""
    if estimate.unit != "share":
        raise ValueError(
            f"{place} is in {shown(estimate.unit)}; it is a probability in [0, 1]: give it in 'share'"
        )


@lru_cache(maxsize=1024)
def _as_bits(sets: tuple[tuple[str, ...], ...]) -> tuple[int, ...]:
    """Sets of fields as bit sets."""
    return tuple(vocabulary.mask(needed) for needed in sets)


def searched_from(
    known: NDArray[np.uint64], found: NDArray[np.uint64], searches: Iterable[tuple[int, tuple[int, ...]]]
) -> NDArray[np.uint64]:
    """Return the least sets of fields that are closed under look-ups: equations (23) and (24).

    Parameters
    ----------
    known
        Fields at the start. [bit set]
    found
        Fields that can be found if enough is known to look them up. The shape of ``known``. [bit set]
    searches
        Field of each look-up, and the alternative sets that allow it. [bit sets]

    Returns
    -------
    The shape of ``known``. [bit set]
    """
    own = [(np.uint64(bit), [np.uint64(needed) for needed in given]) for bit, given in searches]
    # Only fields are added, and there are finitely many: in whatever order, the sweeps end at one set.
    while True:
        before = known
        for bit, given in own:
            enough = np.zeros(known.shape, dtype=bool)
            for needed in given:
                enough |= (known & needed) == needed
            known = np.where(enough, known | (found & bit), known)
        if np.array_equal(before, known):
            return known


def _any_found(sets: frozenset[frozenset[str]], chances: Mapping[str, float]) -> float:
    """Probability that some set is found whole, coins independent: one coin at a time is found or is not."""
    if not sets or frozenset() in sets:
        return float(bool(sets))
    coin = min(name for each in sets for name in each)
    with_it = frozenset(each - {coin} for each in sets)
    without = frozenset(each for each in sets if coin not in each)
    chance = chances[coin]
    return chance * _any_found(with_it, chances) + (1 - chance) * _any_found(without, chances)
