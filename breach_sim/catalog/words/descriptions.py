"""Words by which the description of an entry says more than its classes.

Not here: reading of sentences (``formatting.sentences``). The words are data (``data/formats``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from breach_sim.catalog.words.meanings import PhraseRule
from breach_sim.inputs.numbers.estimates import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What kind of list an entry is, and what follows from it.

    Parameters
    ----------
    name
        Short name.
    phrases
        Regular expressions that say so in a description.
    unless
        Regular expressions that take it back where they are in the same sentence.
    flags
        Flags of an entry that say so, with the value of each.
    by_flag
        Whether words count only where the entry has no such flag at all.
    firm
        Whether a firm stands behind such a list.
    passwords
        How its passwords are held where no sentence says so: fields.
    note
        Caution for every table of results.
    """

    name: str
    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)
    by_flag: bool = False
    firm: bool = True
    passwords: tuple[str, ...] = ()
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Words for a share of the accounts, such as "a third".

    Parameters
    ----------
    name
        Short name.
    phrases
        Regular expressions.
    share
        Low, most likely and high. [share]
    scale
        "linear" or "log".
    """

    name: str
    phrases: tuple[str, ...]
    share: tuple[float, float, float]
    scale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Words for the people of a country.

    Parameters
    ----------
    code
        Two capital letters.
    words
        Adjectives and names.
    domain
        Ending of domains that are used there and hardly anywhere else; "" for none.
    """

    code: str
    words: tuple[str, ...]
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptions:
    """Words by which a description says more than the classes of its entry.

    Parameters
    ----------
    natures
        Kinds of lists.
    sensitive, storage, pins
        Regular expressions by purpose.
    quantities
        Words for shares.
    nouns
        What a share is a share of.
    shares
        Shares that a description suggests without a number, by purpose. [share]
    countries
        By code.
    """

    natures: tuple[Nature, ...]
    sensitive: Mapping[str, tuple[str, ...]]
    storage: Mapping[str, tuple[str, ...]]
    pins: Mapping[str, tuple[str, ...]]
    quantities: tuple[Quantity, ...]
    nouns: tuple[PhraseRule, ...]
    shares: Mapping[str, Estimate]
    countries: Mapping[str, Country]
