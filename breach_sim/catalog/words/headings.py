"""Headings of columns in tables of other people, and values that stand for nothing.

Not here: reading files (``interop``). The headings are data (``data/formats/headings.toml``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import check_field

ROLES = ("alone", "together", "beside", "ambiguous", "nothing")
"""What a column under a heading is for a field."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Meaning of a heading of a column.

    Parameters
    ----------
    role
        "alone": a value is the field; "together": one of several columns that are the field only if each
        has a value; "beside": belongs to the field, is not enough; "ambiguous": may be several fields;
        "nothing": no field.
    fields
        The field; several if ambiguous, none for "nothing".
    part
        Which part of the field, such as "given"; "" unless the role is "together".
    reason
        Why it is no field; "" unless the role is "nothing".

    Raises
    ------
    ValueError
        If a field or the role is unknown.
    """

    role: str
    fields: tuple[str, ...] = ()
    part: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(unknown("role", self.role, ROLES, "a heading"))
        for name in self.fields:
            check_field(name, "a heading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """All known headings.

    Parameters
    ----------
    by_word
        Meaning by the letters and digits of a heading, see :func:`letters`.
    owners, endings
        Words before and after a heading that do not change its meaning.
    relatives
        Words before a heading that make it one about a relative.
    parts
        Parts that make up a field together, by field.
    """

    by_word: Mapping[str, Heading]
    owners: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    relatives: frozenset[str] = frozenset()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, text: str) -> Heading | None:
        """Return the meaning of a heading.

        Parameters
        ----------
        text
            Heading, in any spelling: "Date of Birth", "dateOfBirth", "DATE-OF-BIRTH", "customer_dob".

        Returns
        -------
        Its meaning; None if it is not known.
        """
        words = [word for word in words_of(text) if not word.isdigit()] or words_of(text)
        about_relative = bool(words) and words[0] in self.relatives and "maiden" not in words
        found = self._found(text, words)
        if about_relative and found and found.fields == ("full_name",):
            return Heading(role="alone", fields=("family_members",))
        return None if about_relative and found and words[1:] and self._whole(text) is None else found

    def _whole(self, text: str) -> Heading | None:
        return self.by_word.get(letters(text))

    def _found(self, text: str, words: list[str]) -> Heading | None:
        """Return the meaning of the whole, else of what is left without owners, endings and numbers."""
        whole = self._whole(text)
        if whole:
            return whole
        first, last = 0, len(words)
        while last - first > 1 and words[last - 1] in self.endings:
            last -= 1
        while first < last:
            for end in (len(words), last):
                kept = "".join(words[first:end])
                found = self.by_word.get(kept) or self.by_word.get(kept.rstrip("0123456789"))
                if found and kept:
                    return found
            if words[first] not in self.owners | self.relatives:
                return None
            first += 1
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholders:
    """What stands in a column of records where there is no value, and which columns are asked about.

    Parameters
    ----------
    words, errors
        Texts that stand for nothing; a space in a word stands for any punctuation or none.
    verbatim
        Fields that hold what somebody typed, in which only blank is nothing.
    zeros, identifiers
        Fields in which zeros are nothing; in which one repeated digit, sequences and negative codes are.
    sequences
        Digits that stand for no number, in identifiers.
    dates, date_fields
        Days that stand for no day, as YYYY-MM-DD, and the fields in which they do.
    alike
        Fields whose values are few by their nature.
    yes, no
        Words of flags.
    by_field
        Further regular expressions by field.
    masked
        What a masked value of a field may be instead, by field.

    Raises
    ------
    ValueError
        If a field is unknown.
    """

    words: tuple[str, ...]
    errors: tuple[str, ...]
    verbatim: tuple[str, ...]
    zeros: tuple[str, ...]
    identifiers: tuple[str, ...]
    sequences: tuple[str, ...]
    dates: tuple[str, ...]
    date_fields: tuple[str, ...]
    alike: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    by_field: Mapping[str, tuple[str, ...]]
    masked: Mapping[str, str]

    def __post_init__(self) -> None:
        listed = (*self.verbatim, *self.zeros, *self.identifiers, *self.date_fields, *self.alike)
        for name in (*listed, *self.by_field, *self.masked, *self.masked.values()):
            check_field(name, "the placeholders")


def letters(text: str) -> str:
    """Return the letters and digits of a text, without accents and in lower case.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    Text without spaces and punctuation.

    Examples
    --------
    >>> letters("E-Mail_Adreßé")
    'emailadresse'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def words_of(text: str) -> list[str]:
    """Return the words of a heading, also if only capitals divide them.

    Parameters
    ----------
    text
        Heading.

    Returns
    -------
    Words of letters and digits, in lower case.

    Examples
    --------
    >>> words_of("PersonEmail"), words_of("customer-SSN"), words_of("Mother's name")
    (['person', 'email'], ['customer', 'ssn'], ['mothers', 'name'])
    """
    joined = re.sub(r"['\u2019]", "", text)
    split = _HUMP.sub(" ", joined)
    return [word for word in map(letters, re.split(r"[\W_]+", split)) if word]
