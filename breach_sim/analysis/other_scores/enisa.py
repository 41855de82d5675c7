"""ENISA breach severity of 2013: SE = DPC x EI + CB, in exact quarters.

SE is the *severity* of a personal-data breach for one person. DPC, the context of the data, runs from 1 to 4;
EI, the ease of identification, is 0.25, 0.5, 0.75 or 1; CB, the circumstances, is the sum of confidentiality,
integrity, availability and intent, from 0 to 2. Bands: Low below 2, Medium from 2, High from 3, Very high
from 4. Neither the number of people nor what several data open together enters.

Source: a transcription of the methodology, an example list and a public reference implementation. **The
document of 2013 itself was not read**: check the wording against it before quoting.

Not here: how a scenario is scored (``enisa_scoring``), and which category a datum has (``categories``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from breach_sim.formatting import html
from breach_sim.formatting.messages import shown, unknown

BANDS = ("Low", "Medium", "High", "Very high")
"""Bands, rising; each begins at its bound and the bound belongs to it."""
BOUNDS = (2, 3, 4)
"""SE at which Medium, High and Very high begin."""
EI = {"negligible": 0.25, "limited": 0.5, "significant": 0.75, "maximum": 1.0}
"""Ease of identification, by word."""
CONFIDENTIALITY = {"no_access": 0.0, "known_recipients": 0.25, "unknown_recipients": 0.5}
"""Who has the data: nobody as far as known; a limited number, known; an unknown number, or the public."""
INTEGRITY = {"recovered": 0.0, "recoverable": 0.25, "unrecoverable": 0.5}
"""What became of altered data: not altered or recovered before use; recoverable; lost."""
AVAILABILITY = {"easily_restored": 0.0, "restored_with_effort": 0.25, "lost": 0.5}
"""Whether the data can be had again."""
MALICIOUS = 0.5
"""Points for theft, hacking or sale; none for an error or accident."""
INPUTS = ("dpc", "ei", "confidentiality", "integrity", "availability", "malicious")
"""Names of the inputs, in order."""
_CB = {"confidentiality": CONFIDENTIALITY, "integrity": INTEGRITY, "availability": AVAILABILITY}
_ANY = "the inputs of the ENISA score"


class Severity(NamedTuple):
    """Score and band.

    Parameters
    ----------
    se
        Severity; a whole number of quarters, so exact as a float. [0.25, 6]
    band
        One of :data:`BANDS`.
    """

    se: float
    band: str

    def _repr_html_(self) -> str:
        return html.card("ENISA severity", [("SE", f"{self.se:g}"), ("band", self.band)])


def severity(
    dpc: Any,
    ei: Any,
    confidentiality: Any = 0,
    integrity: Any = 0,
    availability: Any = 0,
    malicious: Any = False,
) -> Severity:
    """Compute the ENISA severity of a breach from its six inputs.

    Parameters
    ----------
    dpc
        Data processing context. 1, 2, 3 or 4
    ei
        Ease of identification: 0.25, 0.5, 0.75 or 1, or a word of :data:`EI`.
    confidentiality, integrity, availability
        Circumstances: 0, 0.25 or 0.5, or a word of the table of the same name.
    malicious
        Whether it was intended: True or False, or the points, 0.5 or 0.

    Returns
    -------
    Score, from 0.25 to 6, and band. More of any input never gives less.

    Raises
    ------
    ValueError
        If an input is not one of its values.

    Examples
    --------
    >>> severity(4, 0.75, 0, 0, "restored_with_effort", malicious=True)
    Severity(se=3.75, band='High')
    """
    quarters = _dpc(dpc) * _quarters("ei", ei, EI)
    for name, value in zip(_CB, (confidentiality, integrity, availability), strict=True):
        quarters += _quarters(name, value, _CB[name])
    quarters += 2 * _meant(malicious)
    return Severity(quarters / 4, BANDS[sum(quarters >= 4 * bound for bound in BOUNDS)])


def severity_of(case: Any, place: str = "the case") -> Severity:
    """Severity of a case out of a JSON document.

    Parameters
    ----------
    case
        Mapping with the keys :data:`INPUTS`; other keys do not matter.
    place
        Where the case stands, for messages.

    Returns
    -------
    Score and band.

    Raises
    ------
    ValueError
        If it is no mapping, a key is missing, or an input is none of its values; the message has the place.
    """
    if not isinstance(case, Mapping):
        raise ValueError(  # noqa: TRY004 - bad input is a ValueError, whatever its type
            f"{place} is {shown(case)}; it must be an object with the keys {', '.join(INPUTS)}"
        )
    missing = [name for name in INPUTS if name not in case]
    if missing:
        keys = ", ".join(map(str, case)) or "none"
        raise ValueError(f"{place} has the keys {shown(keys)}; {missing[0]!r} is missing: add it")
    try:
        return severity(*(case[name] for name in INPUTS))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def band_rank(band: str) -> int:
    """Place of a band, from 0 for Low.

    Parameters
    ----------
    band
        One of :data:`BANDS`.

    Returns
    -------
    0 to 3.

    Raises
    ------
    ValueError
        If there is no such band; the message names the nearest.
    """
    if band not in BANDS:
        raise ValueError(unknown("band", band, BANDS, "the ENISA bands"))
    return BANDS.index(band)


def _dpc(value: Any) -> int:
    wanted = {number: number for number in range(1, 5)}
    found = None if isinstance(value, bool) else _looked_up(value, wanted)
    if found is None:
        raise ValueError(
            f"dpc is {shown(value)} in {_ANY}; it must be 1, 2, 3 or 4: take the highest category that "
            "matches, after its adjustment"
        )
    return found


def _quarters(name: str, value: Any, words: Mapping[str, float]) -> int:
    """An input in quarters."""
    if isinstance(value, str):
        if value not in words:
            raise ValueError(unknown(f"word for {name}", value, words, _ANY))
        return round(4 * words[value])
    wanted = {number: round(4 * number) for number in words.values()}
    found = None if isinstance(value, bool) else _looked_up(value, wanted)
    if found is None:
        numbers = ", ".join(f"{number:g} ({word})" for word, number in words.items())
        raise ValueError(
            f"{name} is {shown(value)} in {_ANY}; it must be one of {numbers}: nothing in between"
        )
    return found


def _meant(value: Any) -> bool:
    found = _looked_up(value, {0: 0, MALICIOUS: 1}) if value is not True else 1
    if found is None:
        raise ValueError(
            f"malicious is {shown(value)} in {_ANY}; it must be true (theft, hacking, sale) or false "
            "(error, accident), or the points, 0.5 or 0"
        )
    return bool(found)


def _looked_up(value: Any, wanted: Mapping[Any, int]) -> int | None:
    """Number under a value that equals a key; None for anything else, be it without a hash."""
    try:
        return wanted.get(value)
    except TypeError:
        return None
