"""How passwords were held, read from the sentences of a description: slowly hashed, weakly, or in clear.

A sentence counts if passwords are its subject, or if it names an algorithm and nothing else that was hashed.
What it denies ("not in plain text") counts for the opposite. Where two ways are named, both are read.

Not here: the words (``catalog/data/formats/descriptions.toml``), and how often a hash is guessed
(``catalog/data/traits.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, Meaning
from breach_sim.formatting.sentences import compiled, denied, found, sentences
from breach_sim.inputs.fields import FIELD_NAMES

SLOW, WEAK, HASH, CLEAR = "password_hash_slow", "password_hash_weak", "password_hash", "password_plain"
HASHES = (SLOW, WEAK, HASH)
"""Fields of hashed passwords."""
_OPEN_DATABASE = re.compile(r"\b(?:without (?:a|any)|with no|no) password\b(?! (?:hash|data))", re.IGNORECASE)
_PRONOUN = re.compile(r"^(?:they|these|those|it|all|both|each)\b", re.IGNORECASE)
_AND = re.compile(r"^[\s,&/\"']*(?:and|or|as well as|plus)?[\s,\"']*(?:\w+ )?$", re.IGNORECASE)
_OF = re.compile(r"^ (?:for|of|from|to|in|belonging|used|associated|linked)\b", re.IGNORECASE)
_SALTED_HASH = re.compile(r"\bsalted (?:\w+ )?hash(?:es|ed)?\b", re.IGNORECASE)
"""Hashes that are of passwords without the word: nothing else is salted."""
_NEXT = 24
"""Letters after "plain text" within which its noun stands."""
_NEAR = 28
"""Letters around an algorithm within which its salt is named."""

Words = Mapping[str, tuple[str, ...]]


def storage(text: str, by_nature: tuple[str, ...]) -> Meaning:
    """Return how the passwords of an entry were held.

    Parameters
    ----------
    text
        Description as plain text.
    by_nature
        Fields that the nature of the list means where no sentence says more.

    Returns
    -------
    Meaning: mapped if the entry says it, assumed if it follows from less, or from nothing.

    Examples
    --------
    >>> storage("Passwords stored as unsalted MD5 hashes leaked.", ()).fields
    ('password_hash_weak',)
    """
    words = catalog.load_descriptions().storage
    said: dict[str, str] = {}
    denials: set[str] = set()
    before = False
    doubt = ""
    for raw in sentences(text):
        part = _OPEN_DATABASE.sub("unprotected", raw)
        named = compiled(words["password"]).search(part) is not None or bool(_SALTED_HASH.search(part))
        if not named and not before and not compiled((*words["slow"], *words["fast"])).search(part):
            continue
        about = named or (before and _PRONOUN.match(part) is not None)
        own = _algorithms(part, words, about=about)
        doubt = doubt or own.pop("doubt", "")
        if not own and about and not compiled(words["not_of"]).search(part):
            own = _some_hash(part, words)
        own |= _clear(part, words, before=before, denials=denials)
        if named and _all_denied(part, words):
            denials.add("passwords")
        for name, quote in own.items():
            said.setdefault(name, quote)
        before = named or (before and about)
    return _meaning(said, denials, doubt, by_nature, text, words)


def _meaning(
    said: Mapping[str, str],
    denials: set[str],
    doubt: str,
    by_nature: tuple[str, ...],
    text: str,
    words: Words,
) -> Meaning:
    """Put together what sentences say, what they deny, and what the nature of the list means."""
    if said:
        fields = tuple(name for name in FIELD_NAMES if name in said)
        quotes = ", ".join(dict.fromkeys(f"{said[name]!r}" for name in fields))
        more = f"; {doubt}" if doubt and WEAK in fields else ""
        return Meaning(fields=fields, state=MAPPED, reason=f"as the entry says: {quotes}{more}")
    if "passwords" in denials:
        reason = "the class is named, but the description says that no passwords leaked: perhaps a few did"
        return Meaning(perhaps=(HASH, CLEAR), state=ASSUMED, reason=reason)
    if CLEAR in denials:
        return Meaning(fields=(HASH,), state=MAPPED, reason="the entry says: not in clear; how is not said")
    return _inferred(by_nature, text, words)


def _inferred(by_nature: tuple[str, ...], text: str, words: Words) -> Meaning:
    """How passwords were held where no sentence says so: by the nature of the list, or by what ran there."""
    if by_nature:
        reason = "in clear: a list of this nature is of no use with hashes, and no sentence says otherwise"
        return Meaning(fields=by_nature, state=MAPPED, reason=reason)
    valid = next((m.group(0) for p in sentences(text) for m in found(words["valid"], p)), "")
    if valid:
        reason = f"in clear: they were tried, as the entry says: {valid[:60]!r}"
        return Meaning(fields=(CLEAR,), state=MAPPED, reason=reason)
    software = compiled(words["software"]).search(text)
    if software:
        reason = f"hashed, as {software.group(0)!r} does; how is not said"
        return Meaning(fields=(HASH,), state=ASSUMED, reason=reason)
    reason = "the class does not say whether hashed or in clear, and the description says nothing"
    reason = f"{reason}: both are possible"
    return Meaning(perhaps=(HASH, CLEAR), state=ASSUMED, reason=reason)


def _algorithms(part: str, words: Words, *, about: bool) -> dict[str, str]:
    """Fields by the algorithms that a sentence names, with its words; and a doubt about salt."""
    if compiled(words["not_of"]).search(part):
        return {}
    own: dict[str, str] = {}
    for match in found(words["slow"], part):
        own.setdefault(SLOW, match.group(0))
    fast = list(found(words["fast"], part))
    if not about and not own and not (fast and re.search(r"\bhash|\bsalt", part, re.IGNORECASE)):
        return {SLOW: own[SLOW]} if SLOW in own else {}
    for match in fast:
        unsalted, salted = _salt(part, match, words)
        bare = compiled(words["bare_is_weak"]).fullmatch(match.group(0)) is not None
        field = WEAK if unsalted or (bare and not salted) else HASH
        quote = unsalted or salted
        own.setdefault(field, f"{quote} {match.group(0)}".strip() if quote != match.group(0) else quote)
        if field == WEAK and not unsalted:
            own["doubt"] = "no salt is named, so none is assumed"
    if not fast and SLOW not in own:
        unsalted_hash = next(found(words["unsalted"], part), None)
        if unsalted_hash and about:
            own[WEAK] = unsalted_hash.group(0)
    return own


def _salt(part: str, algorithm: re.Match[str], words: Words) -> tuple[str, str]:
    """Return the words near an algorithm that say that there was no salt, or that there was one."""
    start = max(algorithm.start() - _NEAR, 0)
    lead = re.split(r"[,;(]|\band\b|\bremainder\b", part[start : algorithm.start()])[-1]
    tail = re.split(r"[,;.]", part[algorithm.end() : algorithm.end() + 2 * _NEAR + 20])[0]
    near = f"{lead} {tail}"
    unsalted = compiled(words["unsalted"]).search(near)
    if unsalted:
        return unsalted.group(0), ""
    salted = compiled(words["salted"]).search(near) or compiled(words["salted"]).search(part)
    return "", salted.group(0) if salted else ""


def _some_hash(part: str, words: Words) -> dict[str, str]:
    """Hashes of which a sentence names no algorithm, if passwords are what is hashed."""
    match = next(found(words["hashed"], part), None)
    if match and _SALTED_HASH.search(part):
        return {HASH: match.group(0)}
    if match is None or not _subject(part, match, words, before=True):
        return {}
    return {HASH: match.group(0)}


def _clear(part: str, words: Words, *, before: bool, denials: set[str]) -> dict[str, str]:
    """Passwords in clear, if they are what is in clear; a denial is noted."""
    for match in compiled(words["clear"]).finditer(part):
        if not _subject(part, match, words, before=before):
            continue
        if not denied(part, match.start(), match.end()):
            return {CLEAR: match.group(0)}
        denials.add(CLEAR)
    return {}


def _subject(part: str, match: re.Match[str], words: Words, *, before: bool) -> bool:
    """Whether passwords are what some words of a sentence speak of: the noun after them, or those before."""
    password, other = compiled(words["password"]), compiled(words["other"])
    if password.search(match.group(0)):
        return True
    after = re.split(r"[,;.]| and | or ", part[match.end() : match.end() + _NEXT])[0]
    following = [
        (m.start(), kind) for kind, p in ((True, password), (False, other)) for m in p.finditer(after)
    ]
    if following:
        return min(following)[1]
    nouns = [(m.start(), m.end(), True) for m in password.finditer(part, 0, match.start())]
    nouns += [
        (m.start(), m.end(), False)
        for m in other.finditer(part, 0, match.start())
        if not any(start <= m.start() < end for start, end, _ in nouns)
    ]
    nouns.sort()
    if not nouns:
        return before and _PRONOUN.match(part) is not None
    end = nouns[-1][0]
    for start, stop, is_password in reversed(nouns):
        if stop <= end and not _AND.match(part[stop:end]) and not _OF.match(part[stop:end]):
            break
        if is_password:
            return True
        end = start
    return False


def _all_denied(part: str, words: Words) -> bool:
    """Whether a sentence names passwords only to say that none leaked."""
    named = list(compiled(words["password"]).finditer(part))
    return bool(named) and all(denied(part, m.start(), m.end()) for m in named)
