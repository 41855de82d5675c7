"""English text of other people: plain sentences, and whether a sentence denies what it names.

"No passwords", "passwords were not exposed" and "not a combo list" name a thing and say the opposite. The
rules are those of a reader of reports: a negation reaches from its word to the end of its clause, and along
a list if it belongs to the verb ("did not include names, passwords or cards").

Not here: what the named things mean (``catalog.words``).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

MOST_TEXT = 20_000
"""Letters of a text that are read."""
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-"}
)
_SENTENCE = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')]))(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+")
_BREAK = re.compile(
    r"[;:()!?]|\.\s|\b(?:but|however|although|though|whilst|while|whereas|yet|alongside|along with|together "
    r"with|and (?:also |then )?(?:includ|expos|contain|were|was|stored|held|had)\w*)\b",
    re.IGNORECASE,
)
"""Where a negation before it ends."""
_HARMLESS = re.compile(
    r"\b(?:no|without|zero)(?: an?| any| the| added)? salt\w*"
    r"|\bnot (?:only|just|merely|least|yet|until|salted|all|every\w*)\b"
    r"|\bno (?:longer|fewer|less|doubt|response|reply|comment|later|\.? ?\d+)\b"
    r"|\b(?:did|does|do|could|would|was|were|is|has|have)(?: not|n't) (?:\w+ )?(?:respond|repl|discover|"
    r"disclos|identif|notif|know|confirm|receiv|sign|us(?:e|ing)\b)\w*"
    r"|\bnot us(?:e|ing)\b"
    r"|\bwithout (?:an? |any |the )?(?:password|authenti|authori|protect|permission|consent|knowledge|"
    r"encryption|using)\w*"
    r"|\bnever(?:theless| before)\b",
    re.IGNORECASE,
)
"""Negations that deny nothing which leaked."""
_NO = re.compile(
    r"\b(?:no|not|never|neither|nor|without|none|excluding|except|cannot|lack(?:s|ed|ing)?|rather than|other "
    r"than|instead of|free of|minus|unclear (?:if|whether))\b|n't\b",
    re.IGNORECASE,
)
_ENDED = re.compile(r"\b(?:had|whose|with|contained)\b", re.IGNORECASE)
"""Verbs after a negation that begin something else."""
_LISTED = re.compile(
    r"(?:(?<!was )(?<!were )(?<!been )\bnot|(?<!was)(?<!were)n't|\bnever) (?:\w+ ){0,2}"
    r"(?:includ|expos|contain|involv|compromis|affect|reveal|leak|hold)\w*"
    r"|\b(?:no|neither|without|excluding|none of)\b",
    re.IGNORECASE,
)
"""Negations that reach along a list."""
_VERB = re.compile(
    r"\b(?:was|were|is|are|had|has|have|included|includes|including|contained|containing|exposed|held|stored|"
    r"also|leaked|appeared|with|along)\b",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^(?:[^\w,;]+[\w'/-]+){0,5}?[^\w,;]*"
    r"\b(?:was|were|is|are|been|be|did|do|has|have|had|could|would)?(?: not|n't| never)\b (?:\w+ ){0,2}"
    r"(?:expos|includ|compromis|leak|access|affect|impact|part of|stolen|disclos|present|contain|obtain|"
    r"taken|reveal|among|in the|breach|involv|lost|at risk)\w*"
    r"(?! (?:on|for|in|by|to|of) (?:all|every|each))"
    r"|^(?:[^\w,;]+[\w'/-]+){0,4}?[^\w,;]*\b(?:was|were|is|are|been|remain(?:s|ed)?|stayed) (?:\w+ )?"
    r"(?:unaffected|untouched|unharmed|safe|secure)\b",
    re.IGNORECASE,
)


def plain_text(description: str) -> str:
    """Return a description as one line of plain text.

    Parameters
    ----------
    description
        Text, with or without HTML tags and entities.

    Returns
    -------
    At most 20,000 letters, without tags, with straight quotes and single spaces.

    Examples
    --------
    >>> plain_text("<p>&quot;salted&quot; <em>MD5</em></p>")
    '"salted" MD5'
    """
    text = html.unescape(_TAG.sub(" ", description[:MOST_TEXT])).translate(_QUOTES)
    return re.sub(r" ([.,;:)])", r"\1", _SPACE.sub(" ", text)).strip()


def sentences(text: str) -> list[str]:
    """Return the sentences of a plain text.

    Parameters
    ----------
    text
        Made by :func:`plain_text`.

    Returns
    -------
    In order.

    Examples
    --------
    >>> sentences("U.S. numbers leaked. Passwords did not.")
    ['U.S. numbers leaked.', 'Passwords did not.']
    """
    return [part for part in _SENTENCE.split(text) if part]


@lru_cache(maxsize=1024)
def compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return one expression for several phrases.

    Parameters
    ----------
    phrases
        Regular expressions.

    Returns
    -------
    Matches whatever one of them matches, without regard to case; nothing if there are none.
    """
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases) or r"(?!)", re.IGNORECASE)


def found(phrases: tuple[str, ...], sentence: str) -> Iterator[re.Match[str]]:
    """Return the matches of phrases that a sentence does not deny.

    Parameters
    ----------
    phrases
        Regular expressions.
    sentence
        One sentence of plain text.

    Returns
    -------
    Matches, in order.

    Examples
    --------
    >>> [match.group() for match in found(("passwords?",), "No passwords, but password hints leaked.")]
    ['password']
    """
    return (m for m in compiled(phrases).finditer(sentence) if not denied(sentence, m.start(), m.end()))


def denied(sentence: str, start: int, end: int) -> bool:
    """Whether a sentence says that what it names did not leak, or is not so.

    Parameters
    ----------
    sentence
        One sentence of plain text.
    start, end
        Where the words stand that name it.

    Returns
    -------
    True after "no", "without", "did not include" and the like, and before "were not exposed".

    Examples
    --------
    >>> text = "Passwords were not exposed, names were"
    >>> denied(text, 0, 9), denied(text, 28, 33)
    (True, False)
    """
    clause = max((match.end() for match in _BREAK.finditer(sentence, 0, start)), default=0)
    before = _HARMLESS.sub(" ", sentence[clause:start])
    earlier, _, last = before.rpartition(",")
    negation = max((match.end() for match in _NO.finditer(last)), default=-1)
    if negation >= 0 and not _ENDED.search(last, negation):
        return True
    listing = next(iter(_LISTED.finditer(earlier)), None)
    if listing and not _VERB.search(before, listing.end()):
        return True
    after = re.split(r"[;.,]", sentence[end : end + 160], maxsplit=1)[0]
    return _DENIED_AFTER.search(after) is not None
