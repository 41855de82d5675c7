"""What the words of other formats mean: their data classes in our fields, and how sure that is.

A *word* is a name that another format has for a kind of data ("Passwords", "Sensitive Personal"). It is
read in one of four states: *mapped* (it means these fields), *assumed* (it may mean them), *carries no
attack* (known, and none of our fields), *no counterpart* (unknown here, or it says that it does not know).
A *field group* is a set of fields that an imported record holds together, with the share of the records
that do.

Not here: reading files, entries and amounts (``interop``). The readings are data (``data/*.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from breach_sim.inputs.estimates import Estimate
from breach_sim.inputs.fields import FIELD_NAMES, check_field

MAPPED = "mapped"
ASSUMED = "assumed"
NOTHING = "carries no attack"
NO_COUNTERPART = "no counterpart"
STATES = (MAPPED, ASSUMED, NOTHING, NO_COUNTERPART)
"""How a word was read, from sure to not at all."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Phrases of a description, and what a word means where one of them stands.

    Parameters
    ----------
    phrases
        Regular expressions, matched without regard to case.
    fields
        What the word means where one of them stands.

    Raises
    ------
    ValueError
        If a field is unknown or a phrase is no expression.
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
        """First place of a text that one of the phrases matches.

        Parameters
        ----------
        text
            Plain text.

        Returns
        -------
        The words matched, or "".
        """
        for phrase in self.phrases:
            match = re.search(phrase, text, re.IGNORECASE)
            if match:
                return match.group(0)
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a word means in one entry.

    Parameters
    ----------
    fields
        Fields that it means.
    perhaps
        Fields that it may mean.
    state
        One of :data:`STATES`.
    reason
        Why it is read so; "" where the name says it.
    """

    fields: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A name that another format has for a kind of data.

    Parameters
    ----------
    name
        As it stands there.
    fields, perhaps
        Fields that it means, and that it may mean.
    known
        Whether it names a kind of data; "Unknown" does not.
    reason
        Why; needed wherever the word is not simply a field.
    about
        Only sentences of a description with this word are read; all if "".
    rules
        What a description may say about it, and what it means then.
    ignored
        Regular expressions of what is taken out of the description first.
    flags
        Fields that the word means when a flag of the entry is true, by name of the flag.

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

    def __post_init__(self) -> None:
        for name in (*self.fields, *self.perhaps, *(f for fields in self.flags.values() for f in fields)):
            check_field(name, f"word {self.name!r}")
        if not self.reason and (self.perhaps or not self.fields):
            raise ValueError(f"word {self.name!r} has no reason; say why it means no field, or perhaps one")

    def read(self, description: str = "", flags: Iterable[str] = ()) -> Meaning:
        """What the word means, given what the entry says in words.

        Parameters
        ----------
        description
            Text, with or without HTML tags.
        flags
            Names of the flags that are true of the entry.

        Returns
        -------
        Its meaning.
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
        text = _TAG.sub("", description)
        for phrase in self.ignored:
            text = re.sub(phrase, " ", text, flags=re.IGNORECASE)
        sentences = [part for part in _SENTENCE.split(text) if self.about in part.lower()]
        for rule in self.rules:
            words = rule.match(" ".join(sentences))
            if words:
                evidence |= dict.fromkeys(rule.fields, f"{words!r}")
        return evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields that an imported record holds together.

    Parameters
    ----------
    name
        Short name.
    fields
        The fields.
    sure, perhaps
        Share of the records that hold them where the format names one of them, and where it may mean one.
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
    """All words of one format: a mapping from names to words, however a name is spelt.

    Case, hyphens and underscores of a name do not matter.

    Parameters
    ----------
    format
        Name of the format.
    words
        By name, as the format writes it.

    Examples
    --------
    >>> words = Dictionary("mine", {"Passport numbers": Word(name="Passport numbers", fields=("ssn",))})
    >>> "passport-numbers" in words, len(words), list(words)
    (True, 1, ['Passport numbers'])
    """

    format: str
    words: Mapping[str, Word]

    @cached_property
    def _by_plain_name(self) -> dict[str, Word]:
        return {_plain(name): word for name, word in self.words.items()}

    def __getitem__(self, name: str) -> Word:
        return self.words.get(name) or self._by_plain_name[_plain(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


def _plain(name: str) -> str:
    return " ".join(re.split(r"[^a-z0-9]+", name.casefold())).strip()
