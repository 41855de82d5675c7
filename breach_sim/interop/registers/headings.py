"""Which official list a table is, and what each of its columns says.

Not here: the descriptions of the lists (``lists``), and the cells (``cells``, ``kinds``).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from breach_sim import catalog
from breach_sim.formatting.messages import shown
from breach_sim.interop.amounts import clean
from breach_sim.interop.registers.lists import Lists, Register, load_lists, plain

COUNTS = ("total", "people", "residents")
"""Roles of a number of people, the widest first."""
DATES = ("breach", "discovered", "reported")
"""Roles of a date, the earliest event first."""
_RESIDENTS = re.compile(r"(residents?|affected|impacted|notified)$")
_BY_CODE = re.compile(
    r"(?:total|number|no|nbr|num|of)*(?P<code>[a-z]{2})"
    r"(?:residents?(?:affected|impacted|notified)?|affected|impacted|notified)"
)
_ALIKE = 0.75
_OTHER = Register(id="register", title="list of breaches whose publisher is not known", unsaid=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A table that is an official list: which one, and its columns.

    Parameters
    ----------
    register
        The list.
    roles
        Indexes of the columns of a role, the plainest heading first.
    flags
        Word for a kind of data by the index of a column that answers yes or no.
    unread
        Indexes of the columns that nothing is known about.
    state
        Code of the state whose residents are counted; "" if none.
    headings
        The headings as the file writes them.
    assumed
        Roles whose column is known by its place only.
    """

    register: Register
    roles: Mapping[str, tuple[int, ...]]
    flags: Mapping[int, str]
    unread: tuple[int, ...]
    state: str
    headings: tuple[str, ...]
    assumed: tuple[str, ...] = ()

    def heading(self, role: str) -> str:
        """Return the first heading of a role; "" if there is no such column."""
        return self.headings[self.roles[role][0]] if role in self.roles else ""

    def nearest(self, index: int) -> str:
        """Return the known heading that is most like the one of a column; "" if none is."""
        return _nearest(self.headings[index])


def register_kind(headings: Iterable[object]) -> str:
    """Return which list of breaches a table with these headings is.

    Parameters
    ----------
    headings
        Headings of the columns, in any order and case.

    Returns
    -------
    Title without an article, such as "breach portal of the HHS Office for Civil Rights"; "" if the table is
    no list of breaches.

    Examples
    --------
    >>> register_kind(["Name", "DateSubmitted", "WashingtoniansAffected"])
    'list of breach notices of Washington'
    >>> register_kind(["segment", "accounts", "ssn"])
    ''
    """
    columns = recognize(list(headings))
    return columns.register.title if columns else ""


def recognize(headings: Sequence[object]) -> Columns | None:
    """Return the list that a table is, with the roles of its columns.

    Parameters
    ----------
    headings
        Cells of the first row.

    Returns
    -------
    List and columns; None if the table is no list of breaches.
    """
    lists = load_lists()
    names = [plain(heading) for heading in headings]
    roles, residents, states = _roles(names, lists)
    register = _known(names, roles, residents, lists) or _other(roles, residents, states, lists)
    if register is None:
        return None
    assumed = []
    for role, place in register.by_place.items():
        if role not in roles and place <= len(names) and names[place - 1].startswith(register.machine):
            roles[role] = (place - 1,)
            assumed.append(role)
    if residents:
        roles["residents"] = (*residents, *roles.get("residents", ()))
    flags = _flags(headings, names, roles, lists)
    used = {index for places in roles.values() for index in places}
    return Columns(
        register=register,
        roles=roles,
        flags=flags,
        unread=tuple(i for i, name in enumerate(names) if name and i not in used and i not in flags),
        state=states[0] if len(set(states)) == 1 else "",
        headings=tuple(clean(str(heading), f"column {i + 1}") for i, heading in enumerate(headings)),
        assumed=tuple(assumed),
    )


def read_heading(rows: Sequence[Sequence[object]], place: str, depth: int = 10) -> tuple[Columns, int]:
    """Find the heading of a list among the first rows of a table.

    Parameters
    ----------
    rows
        Rows of cells.
    place
        Where the table stands, for the error message.
    depth
        How many rows may stand above the heading, such as a title. [rows]

    Returns
    -------
    Columns, and the index of the row with the headings.

    Raises
    ------
    ValueError
        If no row is the heading of a list that can be read.
    """
    for index, row in enumerate(rows[:depth]):
        columns = recognize([clean(cell) for cell in row])
        if columns is None:
            continue
        if columns.register.refusal:
            raise ValueError(f"{place} is the {columns.register.title}; {columns.register.refusal}")
        _check_roles(columns, place)
        return columns, index
    first = clean(rows[0][0]) if rows and rows[0] else ""
    if first.startswith("<"):
        raise ValueError(f"{place} is a web page, no table; take the export of the list as CSV or xlsx")
    titles = ", ".join(shown(clean(str(cell))) for cell in rows[0][:6]) if rows else "none"
    raise ValueError(
        f"{place} is no list of breaches that is known (its columns: {titles}). A list has a column for the "
        "firm, such as 'Entity Name', and one for the people, such as 'Individuals Affected'; segments of "
        "one breach are read by 'import table'"
    )


def _check_roles(columns: Columns, place: str) -> None:
    """Refuse a list without firms, without people, or without any statement about the data."""
    register = columns.register
    if "name" not in columns.roles:
        raise ValueError(f"{place} is the {register.title}, without a column for the firm; add 'Entity Name'")
    if not any(role in columns.roles for role in COUNTS):
        raise ValueError(
            f"{place} is the {register.title}, without a column for the people affected; how many is never "
            "guessed: add 'Individuals Affected'"
        )
    named = "kinds" in columns.roles or columns.flags or "description" in columns.roles
    if not named and not register.holdings:
        raise ValueError(
            f"{place} is a {register.title}, without a column for the kinds of data, which are never "
            "guessed; add 'Information Type' with words such as 'Social Security number'"
        )


def _roles(
    names: Sequence[str], lists: Lists
) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...], list[str]]:
    """Columns by role, those that count the residents of a state, and the states."""
    found: dict[str, list[tuple[int, int]]] = {}
    residents: list[int] = []
    states: list[str] = []
    for index, name in enumerate(names):
        role, rank = lists.roles.get(name, ("", 0))
        if role:
            found.setdefault(role, []).append((rank, index))
        elif name and (state := _state(name, lists)):
            residents.append(index)
            states.append(state)
    return {role: tuple(i for _, i in sorted(hits)) for role, hits in found.items()}, tuple(residents), states


def _state(name: str, lists: Lists) -> str:
    """Code of the state whose residents a heading counts; "" if it counts none."""
    if not _RESIDENTS.search(name) or "range" in name:
        return ""
    for title, code in lists.states.items():
        if title.replace(" ", "") in name:
            return code
    match = _BY_CODE.fullmatch(name)
    code = match.group("code").upper() if match else ""
    return code if code in lists.state_names else ""


@lru_cache(maxsize=1024)
def _nearest(heading: str) -> str:
    known = {name.casefold(): name for name in load_lists().headings}
    alike = get_close_matches(heading[:80].casefold(), known, n=1, cutoff=_ALIKE)
    return known[alike[0]] if alike else ""


def _known(
    names: Sequence[str], roles: Mapping[str, tuple[int, ...]], residents: Sequence[int], lists: Lists
) -> Register | None:
    """The first list whose headings are all there."""
    there = set(names)
    counted = bool(residents) or any(role in roles for role in COUNTS)
    for register in lists.registers:
        if all(group & there for group in register.needs) and not (counted and register.without):
            return register
    return None


def _other(
    roles: Mapping[str, tuple[int, ...]], residents: Sequence[int], states: Sequence[str], lists: Lists
) -> Register | None:
    """A list of a state by its residents, or one whose publisher is not known."""
    if "name" not in roles or not (residents or any(role in roles for role in COUNTS)):
        return None
    if len(set(states)) == 1:
        state = lists.state_names[states[0]]
        title = lists.statute.title.format(state=state)
        return dataclasses.replace(
            lists.statute, id=states[0].lower(), title=title, publisher=f"State of {state}", grade="A"
        )
    if not any(role in roles for role in (*DATES, "kinds", "cause")):
        return None
    return _OTHER


def _flags(
    headings: Sequence[object], names: Sequence[str], roles: Mapping[str, tuple[int, ...]], lists: Lists
) -> dict[int, str]:
    """Kinds of data by the columns that answer yes or no to them."""
    used = {index for places in roles.values() for index in places}
    words = catalog.load_dictionary("register")
    endings = "|".join(lists.words["endings"])
    found = {}
    for index, heading in enumerate(headings):
        text = re.sub(r"^[\d\s_.\-]+", "", str(heading)[:200]).replace("_", " ").strip()
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
        text = re.sub(rf"\s*\b({endings})$", "", text, flags=re.IGNORECASE).strip()
        if index not in used and names[index] and (word := words.get(text)) and (word.fields or word.perhaps):
            found[index] = word.name
    return found
