"""Messages about names nobody knows: value, place, nearest known name, and what is known.

Place in the corridor: the bottom. Imports nothing of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 12


def unknown(what: str, name: object, known: Iterable[str], place: str) -> str:
    """Sentence that answers an unknown name.

    Parameters
    ----------
    what
        What the name should be the name of: "field", "attack", "verb".
    name
        The value found.
    known
        All names that would have been right.
    place
        Where the value stands: file and key, argument, or option.

    Returns
    -------
    One or two sentences without a trailing line break.

    Examples
    --------
    >>> unknown("field", "snn", ["ssn", "imei"], "x.toml, leaks")
    "unknown field 'snn' in x.toml, leaks; did you mean 'ssn'? Known: ssn, imei."
    """
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    ordered = sorted(names, key=lambda other: _distance(str(name), other))
    shown = [other for other in names if other in set(ordered[:_SHOWN])]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"unknown {what} {name!r} in {place}{hint} Known: {', '.join(shown)}{more}."


def _distance(name: str, other: str) -> float:
    return -difflib.SequenceMatcher(None, name, other).ratio()
