"""Read the words of an official list for kinds of data: a cell of words, or a description in sentences.

A cell is split at semicolons, else at commas, outside brackets. Each part is looked up in the dictionary;
where a word stands inside a longer phrase, the longest known word decides, unless the phrase denies it.

Not here: the dictionary (``catalog/data/formats/register.toml``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, NOTHING, Meaning, Word
from breach_sim.interop.amounts import clean
from breach_sim.interop.registers.lists import load_lists

WORDS = "register"
"""Name of the dictionary."""
MOST_TEXT = 20_000
"""Letters of a cell that are read."""
_BRACKETS = re.compile(r"\([^()]*\)")
_ENDS = re.compile(
    r"\s+(information|info|data|number|numbers|nos?|#|details|records?|\(s\)|id|code|or ids?)\.?$"
)
_FRONT = re.compile(
    r"^(and|or|also|the|your|their|his|her|patients?'?s?|individuals?'?s?|consumers?'?s?|employees?'?s?|"
    r"customers?'?s?|certain|some|full|limited|unencrypted|copies of|copy of|images? of|scans? of|possibly|"
    r"potentially|in some cases|as well as|other|personal|user|account holder|full-text)\s+"
)
_SENTENCE = re.compile(r"(?<=[.!?])(?:\s+(?=[A-Z])|(?=[A-Z][a-z]))")
_NEXT = 40
"""Letters after the beginning of a list in which it may begin again: "involved in the breach included"."""
_BEHIND = re.compile(r"(was|were|is|are|did|does) ", re.IGNORECASE)
_SHORTEST = 3
_ALIKE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Kind of data that a list names, and how it was read.

    Parameters
    ----------
    word
        As the list writes it.
    meaning
        Fields, state and reason.
    nearest
        Nearest known word, if the kind is not known; "" otherwise.
    denied
        Fields that the list says were not there.
    """

    word: str
    meaning: Meaning
    nearest: str = ""
    denied: tuple[str, ...] = ()


def kinds_of(value: Any) -> tuple[Kind, ...]:
    """Read a cell of words for kinds of data.

    Parameters
    ----------
    value
        Text with words between semicolons, commas or bars; a list of words, also one written as JSON.

    Returns
    -------
    One kind for each word, in the order of the cell.

    Examples
    --------
    >>> [kind.meaning.fields for kind in kinds_of("Name; Social Security Number; Full Date of Birth")]
    [('full_name',), ('ssn',), ('date_of_birth',)]
    """
    tails = "|".join(load_lists().words["tails"])
    found: dict[str, Kind] = {}
    over = False
    for part in _parts(value):
        over = over or bool(re.search(tails, part, re.IGNORECASE))
        for kind in _read(part, denied=over):
            found.setdefault(kind.word, kind)
    return tuple(found.values())


def kinds_in_sentences(description: Any) -> tuple[Kind, ...]:
    """Read the kinds of data that sentences list, as in "the information included names and diagnoses".

    Parameters
    ----------
    description
        Text.

    Returns
    -------
    The kinds that are known words, also those that are denied; anything else in a sentence is no kind.
    """
    words = load_lists().words
    begins = re.compile("|".join(words["lists"]), re.IGNORECASE)
    about = re.compile("|".join(words["about"]), re.IGNORECASE)
    remedies = re.compile("|".join(words["remedies"]), re.IGNORECASE)
    denies = re.compile("|".join(f"(?:{pattern})" for pattern in words["denials"]), re.IGNORECASE)
    refuses = re.compile("|".join(words["refusals"]), re.IGNORECASE)
    found: dict[str, Kind] = {}
    for sentence in _SENTENCE.split(clean_text(description)):
        match = begins.search(sentence)
        if not match or not about.search(sentence[: match.start()]):
            continue
        said = sentence[match.end() :]
        while again := begins.search(said[:_NEXT]):
            said = said[again.end() :]
        # In a sentence everything after a "no" is denied: "but there were no SSNs, cards, or addresses".
        denial = denies.search(said)
        end = 0 if refuses.search(sentence[: match.start()]) else denial.start() if denial else len(said)
        parts = [(part, False) for part in _split(said[:end])] + [(part, True) for part in _split(said[end:])]
        for part, denied in parts:
            for kind in () if remedies.search(part) else _read(part, denied=denied):
                if kind.meaning.state in (MAPPED, ASSUMED) or kind.denied:
                    found.setdefault(kind.word, kind)
    return tuple(found.values())


def clean_text(value: Any) -> str:
    """Return a long text on one line; "" for anything that is no text.

    Parameters
    ----------
    value
        Cell.

    Returns
    -------
    Text of at most 20,000 letters.
    """
    return " ".join(value[:MOST_TEXT].split()) if isinstance(value, str) else ""


def meaning_of(name: str) -> Meaning | None:
    """Return what a word of the dictionary means; None if it is none.

    Parameters
    ----------
    name
        Word as a list writes it.

    Returns
    -------
    Its meaning.
    """
    word = _look_up(name)
    return word.read() if word else None


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _parts(part)
        return
    if isinstance(value, Mapping):
        yield from (str(key) for key, held in value.items() if held not in (False, None, 0, "", "No", "no"))
        return
    text = clean_text(value)
    if text[:1] in ("[", "{"):
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, (list, dict)) and len(text) < MOST_TEXT:
            yield from _flat(read)
            return
    yield from _split(text.strip("[]{}"))


def _flat(value: list[Any] | dict[str, Any]) -> Iterator[str]:
    """Words of a list or an object written as JSON, one level deep."""
    items = [str(k) for k, v in value.items() if v] if isinstance(value, dict) else value
    yield from (str(item)[:200] for item in items if isinstance(item, (str, int)))


def _split(text: str) -> Iterator[str]:
    """Split at semicolons and bars, else at commas; never inside brackets."""
    held: list[str] = []

    def hide(match: re.Match[str]) -> str:
        held.append(match.group(0))
        return f"\x00{len(held) - 1}\x00"

    hidden = _BRACKETS.sub(hide, text.replace("\x00", " "))
    whole = meaning_of(text) is not None
    marks = r"$^" if whole else r"[;|\n\u2022]" if re.search(r"[;|\u2022]", hidden) else r",|\s&\s(?=[A-Z])"
    for part in re.split(marks, hidden):
        shown = re.sub("\x00(\\d+)\x00", lambda match: held[int(match.group(1))], part)
        text = re.sub(r"^(and|or)\s+", "", clean(shown.strip(" .\"'")), flags=re.IGNORECASE)
        if text:
            yield text


def _read(part: str, *, denied: bool = False) -> Iterator[Kind]:
    """Kinds that one part names: the whole part, else the known words inside it."""
    lists = load_lists().words
    denial = re.search("|".join(lists["negation"]), part, re.IGNORECASE)
    word = _look_up(part)
    said_nothing = word is not None and word.read().state in (NOTHING, NO_COUNTERPART)
    if word and (said_nothing or not denial) and not denied:
        yield Kind(word=part, meaning=_whole_or_part(word, part))
        return
    inside = list(_inside(_BRACKETS.sub(" ", part)))
    for place, known in inside:
        # "no SSN" denies what follows, "SSNs were not involved" what stands before it too.
        no = denial is not None and (denial.start() <= place or bool(_BEHIND.match(denial.group(0))))
        not_there = Meaning(state=NOTHING, reason="the list says that it was not there")
        meaning = not_there if no or denied else _whole_or_part(known, part)
        name = part if len(inside) == 1 else known.name
        yield Kind(word=name, meaning=meaning, denied=known.fields if no or denied else ())
    if not inside and len(part) >= _SHORTEST:
        near = _nearest(part)
        reason = "no kind of data that is known here" + (f"; did you mean {near!r}?" if near else "")
        yield Kind(word=part, meaning=Meaning(state=NO_COUNTERPART, reason=reason), nearest=near)


@lru_cache(maxsize=4096)
def _nearest(part: str) -> str:
    """Return the known word that is most like an unknown one; "" if none is.

    Only words with the same first letter are compared: a list may hold ten thousand unknown phrases.
    """
    plain = part[:60].casefold()
    alike = get_close_matches(plain, _by_letter().get(plain[:1], {}), n=1, cutoff=_ALIKE)
    return _by_letter()[plain[:1]][alike[0]] if alike else ""


@lru_cache(maxsize=1)
def _by_letter() -> Mapping[str, Mapping[str, str]]:
    """Words that name a kind of data by first letter, each by its small letters."""
    words = catalog.load_dictionary(WORDS)
    found: dict[str, dict[str, str]] = {}
    for name, word in words.items():
        if word.read().state in (MAPPED, ASSUMED):
            found.setdefault(name[:1].casefold(), {})[name.casefold()] = name
    return found


def _whole_or_part(word: Word, part: str) -> Meaning:
    """Meaning of a word; of a truncated number only what its last digits open; what is hedged is perhaps."""
    meaning = word.read()
    hedge = re.search("|".join(load_lists().words["hedges"]), part, re.IGNORECASE)
    if hedge and meaning.fields:
        reason = f"as the list says: {hedge.group(0).casefold()!r}, so for some people or perhaps"
        meaning = Meaning(perhaps=(*meaning.fields, *meaning.perhaps), state=ASSUMED, reason=reason)
    short = re.search("|".join(load_lists().words["partial"]), part, re.IGNORECASE)
    if not short:
        return meaning
    for whole, rest in (("ssn", "ssn_last4"), ("payment_card_number", "partial_payment_card")):
        if {whole, rest} & {*meaning.fields, *meaning.perhaps[: 1 if hedge else 0]}:
            return Meaning(fields=(rest,), state=MAPPED, reason=f"as the list says: {short.group(0)!r}")
    if not meaning.fields and not meaning.perhaps:
        return meaning
    return Meaning(state=NOTHING, reason=f"{short.group(0)!r}: a part of a number opens nothing")


@lru_cache(maxsize=4096)
def _look_up(text: str) -> Word | None:
    """Return the word of the dictionary for a text, with brackets, articles and endings taken off."""
    words = catalog.load_dictionary(WORDS)
    forms = [text.strip()]
    forms.append(" ".join(_BRACKETS.sub(" ", text).split()))
    for _ in range(4):
        forms.append(_FRONT.sub("", forms[-1].casefold()))
    for _ in range(3):
        forms.append(_ENDS.sub("", forms[-1].casefold().replace("(s)", "")))
    forms.append(re.sub(r"(?<=[a-z])s$", "", forms[-1]))
    return next((word for form in forms if form and (word := words.get(form))), None)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """One pattern for all words, the longest first, and the word of each plain form."""
    words = catalog.load_dictionary(WORDS)
    forms: dict[str, str] = {}
    for name in words:
        meaning = words[name].read()
        form = re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
        if meaning.state != NO_COUNTERPART and len(form) >= _SHORTEST:
            forms.setdefault(form, name)
    listed = sorted(forms, key=lambda form: (-len(form), form))
    joined = "|".join(form.replace(" ", r"[^a-z0-9]+") for form in listed)
    return re.compile(rf"(?<![a-z0-9])({joined})(?:e?s)?(?![a-z0-9])"), forms


def _inside(text: str) -> Iterator[tuple[int, Word]]:
    """Yield the known words inside a text with their places, the longest where several begin."""
    pattern, forms = _patterns()
    words = catalog.load_dictionary(WORDS)
    seen: set[str] = set()
    for match in pattern.finditer(text.casefold()):
        form = re.sub(r"[^a-z0-9]+", " ", match.group(1)).strip()
        name = forms[form]
        if name not in seen:
            seen.add(name)
            yield match.start(), words[name]
