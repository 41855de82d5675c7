"""Look through the code of a notebook, by its words, for calls of what gives the key away.

The code is split into words and never compiled, so that no text can stop the program. Whoever hides such a
call can; an answer that was typed in after it shows with ``--run --salt``.
"""

from __future__ import annotations

import io
import re
import token
import tokenize
from collections.abc import Collection, Iterator, Sequence

GIVE_AWAY = ("key", "judge", "solve", "EXERCISES")
"""Names of the package that lead to a key."""
_QUOTED = re.compile(r"""^[rbuRBU]*["'](.*)["']$""")
_EXERCISE = re.compile(r"^\d\.\d$")


def asks_for_keys(sources: Sequence[str], exercises: Collection[str]) -> frozenset[str]:
    """Exercises whose key the code of a notebook asks for.

    Parameters
    ----------
    sources
        Text of its code cells.
    exercises
        Those of the notebook.

    Returns
    -------
    The exercise that a call names. All of the notebook where none is named: the name stands in a variable, or
    the function got another name.
    """
    found: set[str] = set()
    for source in sources:
        words = tuple(_words(source))
        detour = "getattr" in words
        for line in _lines(words):
            imported = line[:1] == ["from"] and "teaching" in line and "import" in line
            for i, word in enumerate(line):
                after = line[i + 1] if i + 1 < len(line) else ""
                before = line[max(0, i - 2) : i]
                quoted = _QUOTED.match(word)
                if quoted and detour and quoted.group(1) in GIVE_AWAY:
                    found |= set(exercises)
                elif word in GIVE_AWAY and _leads_to_a_key(word, before, after, imported=imported):
                    found |= _named(word, line[i + 2 : i + 3], exercises)
    return frozenset(found)


def _leads_to_a_key(word: str, before: Sequence[str], after: str, *, imported: bool) -> bool:
    """Whether a name of the package is called, taken from the package, or given another name."""
    if before[-1:] == ["def"]:
        return False
    renamed = (imported and after == "as") or before == ["teaching", "."]
    return word == "EXERCISES" or after == "(" or renamed


def _named(word: str, argument: Sequence[str], exercises: Collection[str]) -> set[str]:
    """The exercise that a call of key names, or all."""
    quoted = _QUOTED.match(argument[0]) if argument else None
    if word == "key" and quoted and _EXERCISE.match(quoted.group(1)):
        return {quoted.group(1)} & set(exercises)
    return set(exercises)


def _lines(words: Sequence[str]) -> Iterator[list[str]]:
    """Words line by line."""
    line: list[str] = []
    for word in words:
        if word == "\n":
            yield line
            line = []
        else:
            line.append(word)
    yield line


def _words(source: str) -> Iterator[str]:
    """Words of a cell without its comments; by a rough rule from where it is no Python."""
    try:
        for one in tokenize.generate_tokens(io.StringIO(source).readline):
            if one.type in {token.NEWLINE, tokenize.NL}:
                yield "\n"
            elif one.type != tokenize.COMMENT and one.string:
                yield one.string
    except (tokenize.TokenError, SyntaxError, RecursionError, MemoryError, ValueError):
        for line in source.splitlines():
            yield from re.findall(r"""\w+|["'][^"']*["']|\S""", line.partition("#")[0])
            yield "\n"
