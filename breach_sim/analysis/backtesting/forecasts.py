"""Sealed forecasts: entries in a chain of hashes, so that an old one cannot change unnoticed.

A file of forecasts has one entry a line, as JSON with sorted keys and no spaces. An entry holds its number,
its date, the version, the seed, the hash of the posterior, what was predicted, and the hash of the entry
before. Its own hash is the SHA-256 of the line without ``hash``. See docs/model.md, section 9.4.

Not here: who makes an entry (``sealing``), and what came of it (``sealed_scores``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from breach_sim.catalog import CatalogError
from breach_sim.formatting.messages import shown

FIRST = "0" * 64
"""What the first entry names in place of the hash of an entry before."""
LEVELS = tuple(number / 100 for number in range(1, 100))
"""Levels of the quantiles of an entry."""
_REMEDY = "an entry is never edited: restore the file from its history"
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLine:
    """Prediction for one line of payment.

    Parameters
    ----------
    chance
        Probability that there is a payment. [0, 1]
    ln_usd
        Quantiles of ln payment at :data:`LEVELS`, given that there is one. Length 99, ascending.
        [ln USD of 2024]

    Raises
    ------
    ValueError
        If the chance is no probability, or the quantiles are not 99 ascending numbers.
    """

    chance: float
    ln_usd: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.chance <= 1:
            raise ValueError(f"chance is {shown(self.chance)}; a probability lies in [0, 1]")
        finite = all(math.isfinite(end) for end in self.ln_usd)
        if len(self.ln_usd) != len(LEVELS) or not finite or list(self.ln_usd) != sorted(self.ln_usd):
            raise ValueError(
                f"ln_usd has {len(self.ln_usd)} quantiles; there must be {len(LEVELS)}, finite and ascending"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One entry: what was predicted for a breach on a day.

    Parameters
    ----------
    number
        Place in the file, from 1.
    date
        Day on which it was sealed, such as "2026-11-29".
    version
        Of the package.
    seed
        Of the draws of the ledger. [0, 2**63)
    posterior
        SHA-256 of the posterior rows, 64 hexadecimal digits.
    scenario
        Name of the scenario.
    people, country
        What the model was given: people notified [people], and two letters.
    lines
        Prediction by line of payment; ``"ledger"`` is the whole cost of the firm.
    previous
        Hash of the entry before; :data:`FIRST` for the first.

    Raises
    ------
    ValueError
        If a date or a hash is not written as described.
    """

    number: int
    date: str
    version: str
    seed: int
    posterior: str
    scenario: str
    people: float
    country: str
    lines: Mapping[str, SealedLine]
    previous: str

    def __post_init__(self) -> None:
        check_day(self.date)
        for name in ("posterior", "previous"):
            if not _HEX.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} is {shown(getattr(self, name))}; a hash has 64 hexadecimal digits")

    @property
    def hash(self) -> str:
        """SHA-256 of the entry's contents, 64 hexadecimal digits."""
        return hashlib.sha256(_canonical(asdict(self)).encode()).hexdigest()

    def line(self) -> str:
        """The entry as it stands in a file.

        Returns
        -------
        JSON without a line break: keys sorted, no spaces, ``hash`` among them.
        """
        return _canonical(asdict(self) | {"hash": self.hash})


def check_day(text: str) -> None:
    """Check a day.

    Parameters
    ----------
    text
        Such as "2026-11-29".

    Raises
    ------
    ValueError
        If it is no day of the calendar, written in this way.
    """
    try:
        right = dt.date.fromisoformat(text).isoformat() == text
    except (TypeError, ValueError):
        right = False
    if not right:
        raise ValueError(f"date is {shown(text)}; write a day of the calendar as 2026-11-29")


def read_chain(text: str, file: str) -> tuple[Forecast, ...]:
    """Read a file of forecasts and verify its chain.

    Parameters
    ----------
    text
        Contents: one entry a line, each ended by a line break.
    file
        Name for messages.

    Returns
    -------
    Entries in order.

    Raises
    ------
    CatalogError
        With file, entry, value, rule and remedy, for the first entry that was changed, or before which one
        was removed, inserted or moved.
    """
    text = text.replace("\r\n", "\n")  # a checkout on Windows may have them
    if text and not text.endswith("\n"):
        last = text.count("\n") + 1
        raise CatalogError(f"the line has no end; {_REMEDY}", file, f"entry {last}")
    found: list[Forecast] = []
    for number, line in enumerate(text.split("\n")[:-1], 1):
        place = f"entry {number}"
        document = _document(line, file, place)
        _check_place(document, number, found[-1] if found else None, file, place)
        found.append(_entry(document, file, place))
        if document.get("hash") != found[-1].hash or line != found[-1].line():
            raise CatalogError(
                f"its hash is {_brief(document.get('hash'))}, and its contents give "
                f"{_brief(found[-1].hash)}; the entry was changed, and {_REMEDY}",
                file,
                place,
            )
    return tuple(found)


def append(chain: Sequence[Forecast], **parts: Any) -> tuple[Forecast, ...]:
    """Append an entry.

    Parameters
    ----------
    chain
        Entries so far.
    parts
        Parameters of :class:`Forecast` but ``number`` and ``previous``.

    Returns
    -------
    The chain with one more entry.

    Raises
    ------
    ValueError
        If the date lies before that of the last entry, or a part is not valid.
    """
    previous = chain[-1].hash if chain else FIRST
    new = Forecast(number=len(chain) + 1, previous=previous, **parts)
    if chain and new.date < chain[-1].date:
        raise ValueError(
            f"date is {new.date!r}, before that of entry {chain[-1].number}, {chain[-1].date}; "
            "entries are sealed in the order of their dates: give that day or a later one"
        )
    return (*chain, new)


def as_text(chain: Sequence[Forecast]) -> str:
    """Return entries as the text of a file.

    Parameters
    ----------
    chain
        Entries.

    Returns
    -------
    One line each, ended by a line break.
    """
    return "".join(f"{entry.line()}\n" for entry in chain)


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _brief(value: object) -> str:
    """First digits of a hash, which suffice to find it; anything else as it is."""
    return value[:12] if isinstance(value, str) and _HEX.fullmatch(value) else shown(value)


def _document(line: str, file: str, place: str) -> dict[str, Any]:
    """One line as plain data."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise CatalogError(f"{shown(line)} is no JSON object; {_REMEDY}", file, place)
    return document


def _check_place(
    document: Mapping[str, Any], number: int, before: Forecast | None, file: str, place: str
) -> None:
    """Reject an entry that does not stand where it was sealed."""
    if document.get("number") != number:
        raise CatalogError(
            f"its number is {shown(document.get('number'))}, and it is entry {number} of the file; an entry "
            f"was removed, inserted or moved, and {_REMEDY}",
            file,
            place,
        )
    expected = FIRST if before is None else before.hash
    if document.get("previous") != expected:
        earlier = "the entry before" if before is None else f"entry {before.number}"
        raise CatalogError(
            f"it names {_brief(document.get('previous'))} as the hash of the entry before, which is "
            f"{_brief(expected)}; {earlier} was changed, removed or inserted, and {_REMEDY}",
            file,
            place,
        )


def _entry(document: Mapping[str, Any], file: str, place: str) -> Forecast:
    """One entry from plain data."""
    names = [own.name for own in fields(Forecast)]
    if sorted(document) != sorted([*names, "hash"]):
        other = sorted(set(document) ^ {*names, "hash"})
        raise CatalogError(
            f"keys {shown(other)} are missing or unknown; the entry was changed, and {_REMEDY}", file, place
        )
    try:
        lines = {
            str(name): SealedLine(chance=own["chance"], ln_usd=tuple(own["ln_usd"]))
            for name, own in document["lines"].items()
        }
        return Forecast(**{name: document[name] for name in names} | {"lines": lines})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CatalogError(f"{error}; the entry was changed, and {_REMEDY}", file, place) from None
