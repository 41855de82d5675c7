"""Error messages about names: unknown ones with the nearest known, those that stand there twice, and lists.

A message is read on a terminal, so nothing of it grows with what a stranger's file holds.

Not here: the checks themselves, which each folder makes for its own names.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping

from breach_sim.formatting.strangers import visible

_SHOWN = 12
_NEAR = 0.6
_LONGEST = 64
COMPARED = 80
"""Letters of an unknown name that are compared: the time grows with the square of their number."""
_LONGEST_KNOWN = 200
"""Letters of a known name that are compared: a table may bring longer ones than any of ours."""
_ROOM = 220
"""Letters of a list of names: a message is at most some lines of a terminal."""
LONGEST_WORD = 80
"""Letters of one word of a message: a name in a stranger's file may have 100,000."""
LONGEST_MESSAGE = 600
"""Letters of a message."""
_END = 250
"""Letters kept of the end of a message that is too long: there it says what to do."""
_PROBLEMS = 3
"""Problems of one message."""
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
    near = sorted(range(len(names)), key=lambda number: -likeness[names[number]])
    fit = sorted(near[: _fitting(names[number] for number in near)])
    listed = _listed([names[number] for number in fit], len(names))
    return f"unknown {what} {shown(name)} in {place}{hint} Known: {listed}."


def named(names: Iterable[str]) -> str:
    """Return names for a message: the first ones, as many as a reader takes in, and how many more.

    Parameters
    ----------
    names
        Any number of names, of any length.

    Returns
    -------
    At most 12 names and about 250 letters; "none" if there is no name. Control characters are escaped.

    Examples
    --------
    >>> named(["ssn", "imei"]), named("ab" * 10)
    ('ssn, imei', 'a, b, a, b, a, b, a, b, a, b, a, b and 8 more')
    """
    every = list(names)
    return _listed(every[: _fitting(every)], len(every))


def repeated(names: Iterable[object]) -> str:
    """Return which of some names stand there more than once, and how often.

    Parameters
    ----------
    names
        Any number of names, of which one at least is repeated.

    Returns
    -------
    The first of those that are repeated, and how many others are.

    Examples
    --------
    >>> repeated(["ssn", "imei", "ssn"]), repeated(["a", "b", "a", "b"])
    ("'ssn' 2 times", "'a' 2 times, and 1 other more than once")
    """
    often = [(name, count) for name, count in Counter(names).items() if count > 1]
    (name, count), others = often[0], len(often) - 1
    return f"{shown(name)} {count:,} times" + (
        f", and {others:,} other{'s' * (others > 1)} more than once" if others else ""
    )


def together(problems: Iterable[str]) -> str:
    """Return several problems as one message.

    Parameters
    ----------
    problems
        Sentences, each with or without its full stop.

    Returns
    -------
    The first three, and how many more there are.

    Examples
    --------
    >>> together(["a is 1; give 2", "b is 1; give 2."])
    'a is 1; give 2. b is 1; give 2.'
    """
    every = [each.rstrip(".") for each in problems]
    more = len(every) - _PROBLEMS
    return ". ".join(every[:_PROBLEMS]) + (f". There are {more:,} more of them." if more > 0 else ".")


def readable(message: str, word: int = LONGEST_WORD) -> str:
    """Return a message without its parts that are too long to read.

    Parameters
    ----------
    message
        Any text.
    word
        Letters of a word, such as a name or a path; longer ones lose their middle. [10, inf)

    Returns
    -------
    At most 600 letters. The middle of a longer text is left out: the place stands at its start, and the
    remedy at its end.

    Examples
    --------
    >>> readable("a is 1; give 2"), len(readable("x" * 5000)), len(readable("x " * 5000))
    ('a is 1; give 2', 80, 600)
    """
    if len(message) <= word:
        return message
    text = re.sub(rf"\S{{{word + 1},}}", lambda found: _cut(found.group(), word, word // 2), message)
    return _cut(text, LONGEST_MESSAGE, _END)


def _cut(text: str, longest: int, end: int) -> str:
    """A text without its middle, if it is too long."""
    return text if len(text) <= longest else f"{text[: longest - end - 3]}...{text[-end:]}"


def _fitting(names: Iterable[str]) -> int:
    """How many of some names a list has room for; one at least."""
    room, number = _ROOM, 0
    for name in names:
        room -= len(_in_list(name)) + 2
        if number >= _SHOWN or (number and room < 0):
            break
        number += 1
    return number


def _listed(names: list[str], of: int) -> str:
    more = f" and {of - len(names):,} more" if of > len(names) else ""
    return (", ".join(_in_list(visible(name)) for name in names) or "none") + more


def _in_list(name: str) -> str:
    """A known name as a list shows it: a table of strangers may have columns of 100,000 letters."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."


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
