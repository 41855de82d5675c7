"""Error messages about unknown names: value, place, nearest known name, and all known names.

Not here: the checks themselves, which each folder makes for its own names.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable, Mapping

from breach_sim.formatting.strangers import visible

_SHOWN = 12
_NEAR = 0.6
_LONGEST = 64
COMPARED = 80
"""Letters of an unknown name that are compared: the time grows with the square of their number."""
_LONGEST_KNOWN = 200
"""Letters of a known name that are compared and shown: a table may bring longer ones than any of ours."""
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 2, 60, 60, 40


def unknown(
    what: str,
    name: object,
    known: Iterable[str],
    place: str,
    descriptions: Mapping[str, str] | None = None,
) -> str:
    """Return an error message for an unknown name.

    Parameters
    ----------
    what
        What the name should denote: "field", "attack", "verb".
    name
        The unknown name.
    known
        All valid names.
    place
        Where the name was given: file and key, argument, or option.
    descriptions
        Description of each known name; its words are matched too ("social_security" finds "ssn").

    Returns
    -------
    One or two sentences without a trailing newline.

    Examples
    --------
    >>> unknown("field", "snn", ["ssn", "imei"], "x.toml, leaks")
    "unknown field 'snn' in x.toml, leaks; did you mean 'ssn'? Known: ssn, imei."
    """
    names = list(known)
    start = str(name)[:COMPARED]
    about = descriptions or {}
    likeness = {other: _likeness(start, other[:_LONGEST_KNOWN], about.get(other, "")) for other in names}
    best = max(names, key=lambda other: likeness[other], default="")
    hint = f"; did you mean {_in_list(best)!r}?" if best and likeness[best] >= _NEAR else "."
    nearest = set(sorted(names, key=lambda other: -likeness[other])[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    listed = visible(", ".join(_in_list(other) for other in names if other in nearest)) or "none"
    return f"unknown {what} {shown(name)} in {place}{hint} Known: {listed}{more}."


def _in_list(name: str) -> str:
    """A known name as a list shows it: a table of strangers may have columns of 100,000 letters."""
    return name if len(name) <= _LONGEST_KNOWN else f"{name[: _LONGEST_KNOWN - 3]}..."


def _likeness(name: str, other: str, description: str) -> float:
    """How alike two names are: by letters, and by whole words of name and description."""
    letters = difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()
    words, other_words = _words(name), _words(other)
    # Words of the description count as much as those of the name: who types "social_security" knows the
    # thing and not our name for it, which shares hardly a letter with it.
    in_name, in_description = words & other_words, words & (_words(description) - other_words)
    return letters + len(in_name) / max(len(words), 1) + len(in_description) / max(len(words), 1)


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", text.lower()) if len(word) > 2}  # noqa: PLR2004 - no "of"


def shown(value: object) -> str:
    """Return a short text of a value for an error message.

    Parameters
    ----------
    value
        Any value, also deeply nested or very long.

    Returns
    -------
    Its repr, truncated to about 60 characters.

    Examples
    --------
    >>> shown(1.5), len(shown("x" * 1000)) < 70
    ('1.5', True)
    """
    text = _SHORT.repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
