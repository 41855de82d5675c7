"""The list of a class: who has which seed, and whose a file is."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.messages import named, shown
from breach_sim.interop.files import contents_of, decoded, read_sheet

STUDENT = ("student", "name", "full name")
"""Headings of the column that names a student."""
IDENTITY = ("id", "id number", "email address", "email", "username", "sis user id", "sis login id")
"""Headings of columns by which a platform for learning knows a student."""
HALVES = ("first name", ("last name", "surname"))
"""Headings of Moodle, which has a name in two columns."""
SEED = "seed"
_MOST_SEEDS = 10**9
_SHORTEST_SALT = 8
_SHORTEST_IDENTITY = 3


@dataclass(frozen=True)
class Student:
    """A row of the roster.

    Parameters
    ----------
    name
        As the roster has it.
    seed
        The student's own whole number. [0, 2**63)
    columns
        All cells of the row by heading, apart from the seed.
    """

    name: str
    seed: int
    columns: Mapping[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """Words by which a file is known to be this student's."""
        known = [cell for heading, cell in self.columns.items() if heading.strip().lower() in IDENTITY]
        # A number of one or two digits is more often that of the lesson.
        own = [_word(self.name), *(word for cell in known if len(word := _word(cell)) >= _SHORTEST_IDENTITY)]
        return tuple(word for word in own if word)


def read_salt(path: str | Path) -> bytes:
    """The teacher's salt, a file that no student has.

    Parameters
    ----------
    path
        Text file.

    Returns
    -------
    Its text without blanks at the ends.

    Raises
    ------
    ValueError
        If it cannot be read, or has fewer than eight letters.
    """
    salt = decoded(contents_of(path, 10_000))[0].strip()
    if len(salt) < _SHORTEST_SALT:
        raise ValueError(
            f"{path} holds {len(salt)} letters; a salt that cannot be guessed has at least {_SHORTEST_SALT}"
        )
    return salt.encode()


def seed_from(salt: bytes, name: str, use: str = "seed") -> int:
    """The seed of a student that follows from a salt.

    Parameters
    ----------
    salt
        The teacher's.
    name
        The student's, as in the roster.
    use
        What it is for: another word gives another seed.

    Returns
    -------
    The same for the same words, at most nine digits. Without the salt it cannot be found.
    """
    digest = hmac.new(salt, f"{use}\n{name}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % _MOST_SEEDS


def read_roster(path: str | Path, salt: bytes | None = None) -> tuple[Student, ...]:
    """The students of a class.

    Parameters
    ----------
    path
        CSV or xlsx file with the columns ``student`` and ``seed``; every other column is kept.
    salt
        The teacher's. Seeds follow from it; those of the file must be the same.

    Returns
    -------
    The students in the order of the file.

    Raises
    ------
    ValueError
        With the file, the row, what is wrong, and what to do.
    """
    rows = read_sheet(path)[0]
    heads = [_cell(cell) for cell in rows[0]]
    place = str(path)
    who = _columns_of_names(heads, place)
    number = next((i for i, head in enumerate(heads) if head.lower() == SEED), None)
    if number is None and salt is None:
        raise ValueError(
            f"{place} has no column {SEED!r}; it has {named(heads)}. Add each student's whole number, or "
            "make them: breach-sim lessons seeds CLASS.csv --salt FILE --out seeds.csv"
        )
    students = []
    for line, row in enumerate(rows[1:], start=2):
        cells = [_cell(cell) for cell in row] + [""] * (len(heads) - len(row))
        name = " ".join(cells[i] for i in who).strip()
        if name.lower() == "points possible":
            continue  # the second row of a gradebook of Canvas
        where = f"{place}, row {line}"
        if not name:
            raise ValueError(
                f"{where} names no student; fill in the column {heads[who[0]]!r}, or remove the row"
            )
        seed = _seed(cells[number] if number is not None else "", where, name, salt)
        own = {head: cell for i, (head, cell) in enumerate(zip(heads, cells, strict=False)) if i != number}
        students.append(Student(name, seed, own))
    _distinct(students, place)
    return tuple(students)


def _columns_of_names(heads: Sequence[str], place: str) -> list[int]:
    """Where the name of a student stands: in one column, or in two."""
    small = [head.lower() for head in heads]
    for name in STUDENT:
        if name in small:
            return [small.index(name)]
    last = [small.index(name) for name in HALVES[1] if name in small]
    if HALVES[0] in small and last:
        return [small.index(HALVES[0]), last[0]]
    raise ValueError(f"{place} has no column 'student'; it has {named(heads)}. Name the column of students")


def _seed(text: str, where: str, name: str, salt: bytes | None) -> int:
    if not text and salt is not None:
        return seed_from(salt, name)
    try:
        seed = check_seed(int(text))
    except ValueError:
        raise ValueError(
            f"{where}: the seed of {shown(name)} is {shown(text)}; it must be a whole number from 0 up"
        ) from None
    if salt is not None and seed != seed_from(salt, name):
        raise ValueError(
            f"{where}: the seed of {shown(name)} is {seed} and does not follow from the salt; give the "
            "salt that made it, or make the seeds again with breach-sim lessons seeds"
        )
    return seed


def _distinct(students: Sequence[Student], place: str) -> None:
    if not students:
        raise ValueError(f"{place} names no student; add one row for each")
    for what, values in (
        ("student", [one.name for one in students]),
        ("seed", [str(one.seed) for one in students]),
    ):
        twice = [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise ValueError(
                f"{place} has the {what} {shown(twice[0])} in {Counter(values)[twice[0]]} rows; students are "
                f"distinguished by it, so give each {what} once"
            )


def owner(path: PurePath, students: Sequence[Student]) -> Student | None:
    """Whose a file is, by the words in its name and in those of its folders.

    Parameters
    ----------
    path
        Relative to the folder of the hand-ins.
    students
        The roster.

    Returns
    -------
    The student whose name or identity comes first, the longest of those at one place. First in the name of
    the outermost folder, which the platform gives, and last in that of the file, which the student may have
    chosen. None if there is none, or more than one.
    """
    for part in (*path.parts[:-1], path.stem):
        text = f"_{_word(part)}_"
        places: dict[tuple[int, int], set[str]] = {}
        for one in students:
            for key in one.keys:
                at = text.find(f"_{key}_")
                if at >= 0:
                    places.setdefault((at, -len(key)), set()).add(one.name)
        if places:
            first = places[min(places)]
            return next((one for one in students if {one.name} == first), None)
    return None


def _word(text: str) -> str:
    # Some systems write an accent as a sign of its own.
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", text).casefold()).strip("_")


def _cell(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a spreadsheet stores whole numbers so
    return "" if cell is None else str(cell).strip().lstrip("\ufeff")
