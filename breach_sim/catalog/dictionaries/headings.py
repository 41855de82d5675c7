"""Load the headings of other people's tables, and what stands in their columns where there is no value."""

from __future__ import annotations

import dataclasses
import difflib
from functools import lru_cache, partial

from breach_sim.catalog.dictionaries.formats import load_dictionary
from breach_sim.catalog.reader import CatalogError, Reader, data, parse
from breach_sim.catalog.words.headings import Heading, Headings, Placeholders, letters, words_of
from breach_sim.catalog.words.meanings import MAPPED
from breach_sim.inputs.fields import check_field

_LIKE, _SHORTEST = 0.8, 4
"""Likeness of letters that makes a heading near to a known one; letters of a word looked for inside one."""


@lru_cache(maxsize=1)
def load_headings() -> Headings:
    """Load the headings of columns in other people's tables, and the field that each means.

    Returns
    -------
    The headings; every field is one under its own name too.

    Raises
    ------
    CatalogError
        If the file is invalid, or a heading is repeated.
    """
    file = "formats/headings.toml"
    reader = Reader(file, ())
    tables = parse(data(*file.split("/")), file)
    reader.keys(tables, "", ("fields", "ambiguous", "nothing", "owners", "endings", "relatives"))
    found: dict[str, Heading] = {}
    parts: dict[str, tuple[str, ...]] = {}

    def add(words: tuple[str, ...], heading: Heading) -> None:
        for word in words:
            if found.setdefault(letters(word), heading) != heading:
                raise CatalogError(f"heading {word!r} stands there twice; a heading has one reading", file)

    for name, table in tables["fields"].items():
        key = f"fields.{name}"
        check_field(name, f"{file}, fields")
        reader.keys(table, key, ("alone", "together", "beside"), ("alone",))
        for role in ("alone", "beside"):
            add(reader.texts(table, key, role), Heading(role=role, fields=(name,)))
        add((name,), Heading(role="alone", fields=(name,)))
        for columns in table.get("together", []):
            parts[name] = tuple(columns)
            for part, words in columns.items():
                add(tuple(words), Heading(role="together", fields=(name,), part=part))
    for table in tables["ambiguous"]:
        add(tuple(table["words"]), Heading(role="ambiguous", fields=tuple(table["fields"])))
    for table in tables["nothing"]:
        add(tuple(table["words"]), Heading(role="nothing", reason=table["reason"]))
    sets = {name: frozenset(reader.texts(tables, "", name)) for name in ("owners", "endings", "relatives")}
    return Headings(by_word=found, parts=parts, **sets)


@lru_cache(maxsize=1)
def load_placeholders() -> Placeholders:
    """Load what stands in a column of records where there is no value.

    Returns
    -------
    Words, numbers and dates that stand for nothing, and the fields in which they do.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    file = "formats/placeholders.toml"
    reader = Reader(file, ())
    table = parse(data(*file.split("/")), file)
    known = [attribute.name for attribute in dataclasses.fields(Placeholders)]
    reader.keys(table, "", known, known)
    lists = {name: reader.texts(table, "", name) for name in known if name not in {"by_field", "masked"}}
    by_field = {name: tuple(patterns) for name, patterns in table["by_field"].items()}
    return reader.build("", partial(Placeholders, **lists, by_field=by_field, masked=dict(table["masked"])))


@lru_cache(maxsize=4096)
def read_heading(text: str) -> Heading | None:
    """Return the meaning of a heading of a column.

    Parameters
    ----------
    text
        Heading, in any spelling; a data class of Have I Been Pwned that means one field is one too.

    Returns
    -------
    Its meaning; None if it is not known.
    """
    found = load_headings().read(text)
    if found:
        return found
    word = load_dictionary("hibp").get(text)
    reading = word.read() if word else None
    sure = reading is not None and reading.state == MAPPED and len(reading.fields) == 1
    return Heading(role="alone", fields=reading.fields) if reading and sure else None


def field_of_heading(text: str) -> str | None:
    """Return the field that a heading of a column means, regardless of case, punctuation and synonyms.

    Parameters
    ----------
    text
        Heading, such as "DOB", "e-mail", "customerSSN" or "Date of Birth".

    Returns
    -------
    Name of the field; None if the heading is unknown, means no field, or could mean several. Given name and
    family name both mean ``full_name``: see ``part`` of :func:`read_heading`.

    Examples
    --------
    >>> [field_of_heading(text) for text in ("DOB", "Customer E-Mail", "first_name", "password", "colour")]
    ['date_of_birth', 'email_address', 'full_name', None, None]
    """
    found = read_heading(text)
    return found.fields[0] if found and found.role in {"alone", "together"} else None


@lru_cache(maxsize=4096)
def nearest_field(text: str) -> str:
    """Return the field that is nearest to a heading, for a message; never to be taken without asking.

    Parameters
    ----------
    text
        Heading of a column.

    Returns
    -------
    Name of a field, or names joined by " or "; "" if none is near.

    Examples
    --------
    >>> [nearest_field(text) for text in ("ssn_hash", "pasport no.", "password", "zzz")]
    ['ssn', 'passport_number', 'password_plain or password_hash', '']
    """
    found = read_heading(text)
    if found:
        return " or ".join(found.fields)
    known = {key: heading for key, heading in load_headings().by_word.items() if heading.fields}
    for word in sorted(words_of(text), key=len, reverse=True):
        if word in known and known[word].role != "nothing":
            return known[word].fields[0]
    whole = letters(text)
    inside = [key for key in known if len(key) >= _SHORTEST and key in whole]
    alike = difflib.get_close_matches(whole, known, n=1, cutoff=_LIKE) if len(whole) >= _SHORTEST else []
    best = alike or ([max(inside, key=len)] if inside else [])
    return known[best[0]].fields[0] if best else ""
