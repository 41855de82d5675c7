"""Map the data classes of other formats to fields, with the certainty of each mapping.

A *word* is the name of a kind of data in another format ("Passwords", "Sensitive Personal"). Its mapping
has one of four states: *mapped* (it means these fields), *assumed* (it may mean them), *carries no
attack* (known, but none of our fields), *no counterpart* (unknown here, or the format states no kind).
A *field group* is a set of fields that imported records contain together, with the share of the records
that contain them.

Not here: reading files, entries and amounts (``interop``). The mappings are data (``data/*.toml``), and what
a sentence denies is decided in ``formatting.sentences``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from breach_sim.formatting.sentences import found, plain_text, sentences
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.numbers.estimates import Estimate

MAPPED = "mapped"
ASSUMED = "assumed"
NOTHING = "carries no attack"
NO_COUNTERPART = "no counterpart"
STATES = (MAPPED, ASSUMED, NOTHING, NO_COUNTERPART)
"""How a word was read, from sure to not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Phrases of a description, and the meaning of a word if one of them occurs.

    Parameters
    ----------
    phrases
        Regular expressions, matched case-insensitively.
    fields
        Meaning of the word if one of them occurs.

    Raises
    ------
    ValueError
        If a field is unknown, or a phrase is not a regular expression.
    """

    phrases: tuple[str, ...]
    fields: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in self.fields:
            check_field(name, "a phrase of a dictionary")
        for phrase in self.phrases:
            try:
                re.compile(phrase)
            except re.error as error:
                raise ValueError(f"phrase {phrase!r} is no regular expression: {error}") from None

    def match(self, text: str) -> str:
        """Return the first match of any phrase in a sentence that does not deny it.

        Parameters
        ----------
        text
            One sentence of plain text.

        Returns
        -------
        The matched words, or "".
        """
        return next((match.group(0) for match in found(self.phrases, text)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Meaning of a word in one entry.

    Parameters
    ----------
    fields
        Fields that it means.
    perhaps
        Fields that it may mean.
    state
        One of :data:`STATES`.
    reason
        Reason for this reading; "" if the name is clear.
    """

    fields: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Name of a kind of data in another format.

    Parameters
    ----------
    name
        Name as the format writes it.
    fields, perhaps
        Fields that it means, and that it may mean.
    known
        Whether it names a kind of data; "Unknown" does not.
    reason
        Reason; required if the word means no field, or may mean one. A word with a reason is assumed.
    about
        Read only the sentences of a description that contain this word; all if "".
    rules
        Phrases that a description may contain, with the meaning of each.
    ignored
        Regular expressions for text to remove from the description first.
    flags
        Fields that the word means if a flag of the entry is true, by name of the flag.
    kind
        Kind of record that it names (``dictionaries.record_kind``); "" if it names fields.
    parent
        Word of which it is a kind; "" for none.

    Raises
    ------
    ValueError
        If a field is unknown, or a reason is missing.
    """

    name: str
    fields: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    known: bool = True
    reason: str = ""
    about: str = ""
    rules: tuple[PhraseRule, ...] = ()
    ignored: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = ""
    parent: str = ""

    def __post_init__(self) -> None:
        for name in (*self.fields, *self.perhaps, *(f for fields in self.flags.values() for f in fields)):
            check_field(name, f"word {self.name!r}")
        if not self.reason and (self.perhaps or not self.fields):
            raise ValueError(f"word {self.name!r} has no reason; say why it means no field, or perhaps one")

    def read(self, description: str = "", flags: Iterable[str] = ()) -> Meaning:
        """Return the meaning of the word, given the description of the entry.

        Parameters
        ----------
        description
            Text, with or without HTML tags.
        flags
            Names of the flags that are true for the entry.

        Returns
        -------
        Meaning of the word.
        """
        evidence = self._described(description, flags) if self.rules else {}
        if evidence:
            names = tuple(name for name in FIELD_NAMES if name in evidence)
            words = ", ".join(dict.fromkeys(evidence[name] for name in names))
            reason = f"as the entry says: {words}"
            return Meaning(fields=names, state=MAPPED, reason=reason)
        if not self.known:
            return Meaning(state=NO_COUNTERPART, reason=self.reason)
        if not self.fields and not self.perhaps:
            return Meaning(state=NOTHING, reason=self.reason)
        state = ASSUMED if self.reason else MAPPED
        return Meaning(fields=self.fields, perhaps=self.perhaps, state=state, reason=self.reason)

    def _described(self, description: str, flags: Iterable[str]) -> dict[str, str]:
        """Fields that the entry names in words, and the words."""
        true = {flag.lower() for flag in flags}
        evidence = {
            name: flag for flag, fields in self.flags.items() if flag.lower() in true for name in fields
        }
        text = plain_text(description)
        for phrase in self.ignored:
            text = re.sub(phrase, " ", text, flags=re.IGNORECASE)
        parts = [part for part in sentences(text) if self.about in part.lower()]
        for rule in self.rules:
            words = next(filter(None, map(rule.match, parts)), "")
            if words:
                evidence |= dict.fromkeys(rule.fields, f"{words!r}")
        return evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields that imported records contain together.

    Parameters
    ----------
    name
        Short name.
    fields
        The fields.
    sure, perhaps
        Share of the records that contain them if the format names one of them, and if it may mean one.
        [share]

    Raises
    ------
    ValueError
        If a field is unknown.
    """

    name: str
    fields: tuple[str, ...]
    sure: Estimate
    perhaps: Estimate

    def __post_init__(self) -> None:
        for name in self.fields:
            check_field(name, f"field group {self.name!r}")


@dataclass(frozen=True)
class Dictionary(Mapping[str, Word]):
    """All words of one format: a mapping from names to words that ignores spelling variants.

    Case, hyphens, underscores and apostrophes in names are ignored.

    Parameters
    ----------
    format
        Name of the format.
    words
        Words by name, as the format writes it.
    older
        Words under names that the format no longer uses.
    near
        Beginnings of words that an unknown name may hold, by the field that is nearest in meaning.

    Examples
    --------
    >>> words = Dictionary("mine", {"Passport numbers": Word(name="Passport numbers", fields=("ssn",))})
    >>> "passport-numbers" in words, len(words), list(words)
    (True, 1, ['Passport numbers'])
    """

    format: str
    words: Mapping[str, Word]
    older: Mapping[str, Word] = field(default_factory=dict)
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _by_plain_name(self) -> dict[str, Word]:
        return {_plain(name): word for name, word in {**self.older, **self.words}.items()}

    def nearest_field(self, name: str) -> str:
        """Return the field that is nearest in meaning to a name that is no word.

        Parameters
        ----------
        name
            Name of a kind of data.

        Returns
        -------
        Field, or "" if no word of the name is known.
        """
        plain = _plain(name)
        for nearest, stems in self.near.items():
            if any(re.search(rf"\b{re.escape(stem)}", plain) for stem in stems):
                return nearest
        return ""

    def __getitem__(self, name: str) -> Word:
        return self.words.get(name) or self._by_plain_name[_plain(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


def _plain(name: str) -> str:
    joined = re.sub("['\u2019]", "", name.casefold())
    return " ".join(re.split(r"[^a-z0-9]+", joined)).strip()
