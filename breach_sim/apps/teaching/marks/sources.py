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
        words = list(_words(source))
        for i, word in enumerate(words):
            if _leads_to_a_key(words, i):
                named = words[i + 2] if words[i + 1 : i + 2] == ["("] and i + 2 < len(words) else ""
                quoted = _QUOTED.match(named)
                one = quoted.group(1) if quoted else ""
                found |= {one} & set(exercises) if word == "key" and _EXERCISE.match(one) else set(exercises)
    return frozenset(found)


def _leads_to_a_key(words: Sequence[str], i: int) -> bool:
    """Whether a word is a call or an import of what gives a key away, or its name in quotation marks."""
    word = words[i]
    before, after = words[i - 1] if i else "", words[i + 1] if i + 1 < len(words) else ""
    quoted = _QUOTED.match(word)
    if quoted:
        return quoted.group(1) in GIVE_AWAY[:3] and "getattr" in words
    if word not in GIVE_AWAY or before == "def":
        return False
    if word == "EXERCISES" or after == "(":
        return True
    line = words[max(0, len(words[:i]) - words[:i][::-1].index("\n")) if "\n" in words[:i] else 0 : i]
    imported = line[:1] == ["from"] and "teaching" in line and after == "as"
    return imported or (before == "." and "teaching" in words[max(0, i - 2) : i])


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
