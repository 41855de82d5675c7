"""Titles of breaches that a figure knows by name only."""

from __future__ import annotations

from breach_sim.catalog import load_scenario
from breach_sim.catalog.faces.labels import words_of

_SMALL_WORDS = frozenset({"of", "and", "for", "the", "as", "de", "es", "i", "en"})
"""Words that have no capital inside a name."""


def label_of_breach(name: str) -> str:
    """Return the title of a breach.

    Parameters
    ----------
    name
        Name of a breach of the catalog, or another.

    Returns
    -------
    Its title; another name as words with capitals; a name that is words already stays as it is.

    Examples
    --------
    >>> label_of_breach("equifax-2017"), label_of_breach("my-own-firm-2030"), label_of_breach("My firm")
    ('Equifax 2017', 'My Own Firm 2030', 'My firm')
    """
    if " " in name:
        return name
    try:
        return load_scenario(name).title
    except ValueError:
        words = words_of(name).split(" ")
        return " ".join(word if word in _SMALL_WORDS else word[:1].upper() + word[1:] for word in words)
