"""Turn one breach of an official list into a scenario, with an account of every cell that was read.

Not here: which rows are one breach (``reading``), and the meaning of cells and words (``cells``, ``kinds``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, NOTHING, Meaning
from breach_sim.formatting.messages import named, shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.published import Dossier, Published
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.interop.amounts import clean
from breach_sim.interop.imported import ImportRow, inert_rows
from breach_sim.interop.leaks import cautions, leaks
from breach_sim.interop.registers.cells import People, answer, first_date, people
from breach_sim.interop.registers.headings import COUNTS, DATES, Columns
from breach_sim.interop.registers.kinds import Kind, kinds_in_sentences, kinds_of, meaning_of
from breach_sim.interop.registers.lists import Holding, load_lists

SEGMENT = "people"
"""Name of the one segment of an imported row."""
SHARES = "The list names kinds of data without shares: every coverage is assumed, and wide."
_EVENTS = {"breach": "breach", "discovered": "discovered", "reported": "reported"}
_COUNT_NAMES = {"total": "all people", "people": "people", "residents": "residents"}
_NAMES_OF_US = ("", "us", "usa", "unitedstates", "unitedstatesofamerica")
_IN_WORDS = "a number in words"
"""What is said of a number with a noun behind it: it is meant, and stands for no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Rows of a list that are about one breach.

    Parameters
    ----------
    lines
        Numbers of the rows in the file, from 1.
    cells
        Cells of each row.
    columns
        The list and its columns.
    left_out
        Rows that say nothing more, and were not read.
    remarks
        What is to be said about the rows.
    """

    lines: tuple[int, ...]
    cells: tuple[Sequence[Any], ...]
    columns: Columns
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[str, ...] = ()

    def values(self, role: str) -> Iterator[Any]:
        """Yield the cells of a role that are not blank, row by row."""
        for row in self.cells:
            for index in self.columns.roles.get(role, ()):
                value = row[index] if index < len(row) else None
                if value is not None and str(value).strip():
                    yield value

    def text(self, role: str) -> str:
        """Return the different texts of a role, with semicolons between; "" if there are none."""
        return "; ".join(dict.fromkeys(clean(str(value)) for value in self.values(role)))[:300]

    @property
    def name(self) -> str:
        """Name of the firm."""
        return clean(str(next(self.values("name"), "")))

    @property
    def label(self) -> str:
        """Where the breach stands in the file, and the firm."""
        return f"row {self.lines[0]}: {self.name or 'no name'}"


def scenario_of(breach: Breach, name: str, accounts: int | None) -> tuple[Scenario, list[ImportRow]]:
    """Return the scenario of one breach of a list.

    Parameters
    ----------
    breach
        Its rows.
    name
        Name of the scenario.
    accounts
        Number of people where the list gives none; None to refuse such a breach. [people]

    Returns
    -------
    Scenario, and the account of its cells.

    Raises
    ------
    ValueError
        If the number of people is not known, or nothing is known about the data.
    """
    register = breach.columns.register
    if not breach.name:
        raise ValueError(f"row {breach.lines[0]} has no {breach.columns.heading('name')!r}; write the firm")
    number, rows, notes = _number(breach, name, accounts)
    kinds = _kinds(breach)
    holdings = _holdings(breach, kinds)
    sure = [field for kind in kinds for field in kind.meaning.fields]
    sure += [field for part in holdings for field in part.fields]
    perhaps = [field for kind in kinds for field in kind.meaning.perhaps]
    denied = {field for kind in kinds for field in kind.denied}
    perhaps += [field for part in holdings for field in part.perhaps if field not in denied]
    if not sure and not perhaps:
        listed = named(kind.word for kind in kinds)
        raise ValueError(
            f"{breach.label}: it names no kind of data that carries an attack ({listed}); nothing to simulate"
        )
    source = _source(breach, name, number)
    segment = Segment(
        name=SEGMENT, accounts=number, leaks=leaks((*sure, *perhaps), sure), sources=(source.id,)
    )
    day, row = _day_zero(breach, name)
    rows += [_kind_row(kind, name) for kind in kinds]
    rows += [_holding_row(part, breach, name) for part in holdings]
    rows += [*row, *_cause_rows(breach, name), *inert_rows(cautions([segment]), name)]
    scenario = Scenario(
        name=name,
        segments=(segment,),
        label=breach.name,
        day_zero=day,
        notes=(f"From the {register.title}. {SHARES}", *notes, *_notes(breach, holdings)),
        sources=(source.id,),
        own_sources=(source,),
        dossier=_dossier(breach, source, number),
        left_out=(*breach.left_out, *_left_out(breach, kinds)),
    )
    return scenario, rows


# People ------------------------------------------------------------------------------------------------


def _number(breach: Breach, entry: str, accounts: int | None) -> tuple[int, list[ImportRow], list[str]]:
    """Number of people, its account, and the notes about it."""
    found = {role: _largest(breach, role) for role in COUNTS}
    total, residents = found["total"].number, found["residents"].number
    if total is not None and residents is not None and total < residents:
        raise ValueError(
            f"{breach.label}: {total:,} people in all are fewer than {residents:,} residents of one state; "
            "one of the numbers is wrong: correct it"
        )
    role = next((role for role in COUNTS if found[role].number is not None), "")
    people_found = found[role] if role else People(accounts, "given by you; the list gives no number")
    number = people_found.number
    if number is None:
        raise ValueError(_no_number(breach, found))
    _check_number(breach, number, given=not role or _IN_WORDS in people_found.remark)
    heading = breach.columns.heading(role) if role else "accounts"
    reason = people_found.remark or f"{number:,} people; a person is read as an account"
    rows = [ImportRow(entry=entry, word=heading, fields=(), state=MAPPED, reason=reason)]
    if people_found.remark:
        rows[0] = ImportRow(entry=entry, word=heading, fields=(), state=ASSUMED, reason=reason)
    notes = [f"Number of people: {people_found.remark}."] if people_found.remark and role else []
    return number, rows, [*notes, *_count_notes(breach, role, found)]


def _largest(breach: Breach, role: str) -> People:
    """The largest number of a role; several rows of one breach report it at different times."""
    found = [people(value) for value in breach.values(role)]
    known = [part for part in found if part.number is not None]
    if known:
        return max(known, key=lambda part: part.number or 0)
    return found[0] if found else People(None)


def _no_number(breach: Breach, found: Mapping[str, People]) -> str:
    place = next((breach.columns.heading(role) for role in COUNTS if role in breach.columns.roles), "")
    why = next((part.remark for part in found.values() if part.remark), "") or "it is blank"
    return (
        f"{breach.label}: {place!r} gives no number of people ({why}); how many is never guessed: write the "
        "number, or give accounts=N (--accounts N) if you know"
    )


def _check_number(breach: Breach, number: int, *, given: bool) -> None:
    """Reject more people than live, and a number that stands for one that is not known."""
    register = breach.columns.register
    mankind = load_lists().limits["mankind"]
    if number > mankind:
        raise ValueError(
            f"{breach.label}: {number:,} people are more than mankind has ({mankind:,}); correct the number"
        )
    if given or number not in register.placeholders:
        return
    if re.search(register.placeholder_source, breach.text("source"), re.IGNORECASE):
        raise ValueError(
            f"{breach.label}: {number} people is {register.placeholder}; look up the final number, write it "
            f"in the row, and read again; if {number} is meant, write '{number} individuals in total'"
        )


def _count_notes(breach: Breach, role: str, found: dict[str, People]) -> Iterator[str]:
    """What a number leaves out."""
    states = load_lists().state_names
    limit = load_lists().limits.get(breach.columns.register.country)
    most = max((part.number or 0 for part in found.values()), default=0)
    if limit and most > limit:
        yield f"{most:,} people are more than the country has ({limit:,}): records, or people elsewhere too."
    if role == "residents":
        state = states.get(breach.columns.state, "one state")
        yield (
            f"The list counts residents of {state} only. People elsewhere are not in the results; the breach "
            "as a whole may be many times as large."
        )
    elif role == "people" and breach.columns.register.unsaid:
        heading = breach.columns.heading(role)
        yield f"Whether {heading!r} counts all people or those of one state is not said; read as all."
    elif role == "total" and found["residents"].number is not None:
        state = states.get(breach.columns.state, "one state")
        yield f"All people are read, of whom {found['residents'].number:,} are residents of {state}."


# Kinds of data -----------------------------------------------------------------------------------------


def _kinds(breach: Breach) -> tuple[Kind, ...]:
    """Kinds of data that the cells, the answers and the description name, each once."""
    found: dict[str, Kind] = {}
    cells = [kind for value in breach.values("kinds") for kind in kinds_of(value)]
    answers = list(_answers(breach))
    denied = {field for kind in cells for field in kind.denied}
    for kind in (*cells, *answers):
        found.setdefault(kind.word, kind)
    for value in breach.values("description"):
        for kind in kinds_in_sentences(value):
            if not denied.intersection(kind.meaning.fields):
                found.setdefault(kind.word, kind)
    return tuple(found.values())


def _answers(breach: Breach) -> Iterator[Kind]:
    """Yield kinds of data that a column answers with yes or no; any other answer is not read."""
    for index, word in breach.columns.flags.items():
        values = [row[index] if index < len(row) else None for row in breach.cells]
        heading = breach.columns.headings[index]
        answers = [answer(value) for value in values]
        meaning = meaning_of(word) or Meaning(state=NO_COUNTERPART)
        if True in answers:
            yield Kind(word=heading, meaning=meaning)
        elif None not in answers:
            reason = "the list says that it was not there"
            denied = (*meaning.fields, *meaning.perhaps)
            yield Kind(word=heading, meaning=Meaning(state=NOTHING, reason=reason), denied=denied)
        else:
            odd = shown(values[answers.index(None)])
            reason = f"{odd} is neither yes nor no"
            yield Kind(word=heading, meaning=Meaning(state=NO_COUNTERPART, reason=reason))


def _holdings(breach: Breach, kinds: Iterable[Kind]) -> tuple[Holding, ...]:
    """What the records hold by the nature of the list, where the row itself names no kind that is known."""
    held = breach.columns.register.held(breach.text("sector"))
    fields = {field for kind in kinds for field in kind.meaning.fields}
    named = any(kind.meaning.fields or kind.meaning.perhaps for kind in kinds)
    statute = breach.columns.register.id.upper() in load_lists().state_names
    if not named:
        return held
    # A notice by law presupposes the name; which number leaked, the row says itself.
    if statute:
        return tuple(
            Holding(fields=part.fields, reason=part.reason) for part in held if set(part.fields) - fields
        )
    return tuple(part for part in held if not part.alone)


# The account -------------------------------------------------------------------------------------------


def _kind_row(kind: Kind, entry: str) -> ImportRow:
    meaning = kind.meaning
    return ImportRow(
        entry=entry,
        word=kind.word,
        fields=(*meaning.fields, *meaning.perhaps),
        state=meaning.state,
        reason=meaning.reason,
    )


def _holding_row(part: Holding, breach: Breach, entry: str) -> ImportRow:
    word = breach.text("sector") or breach.columns.register.title
    fields = (*part.fields, *part.perhaps)
    return ImportRow(entry=entry, word=word, fields=fields, state=ASSUMED, reason=part.reason)


def _cause_rows(breach: Breach, entry: str) -> list[ImportRow]:
    cause = breach.text("cause")
    if not cause:
        return []
    reason = "how the data got out; in the dossier, without effect on the results"
    return [ImportRow(entry=entry, word=f"cause: {cause}", fields=(), state=NOTHING, reason=reason)]


def _notes(breach: Breach, holdings: Sequence[Holding]) -> Iterator[str]:
    """What a reader of results must know beyond the number of people."""
    yield from breach.remarks
    for part in holdings:
        if part.perhaps:
            yield f"Which fields leaked is assumed, and wide: {part.reason}."
    yield from _cause_notes(breach.text("cause"))
    yield from _country_notes(breach)


def _cause_notes(cause: str) -> Iterator[str]:
    """What a cause other than an attack means for results."""
    lists = load_lists()
    if not cause or re.search("|".join(lists.words["attack"]), cause, re.IGNORECASE):
        return
    for kind in lists.causes:
        if re.search("|".join(kind.about), cause, re.IGNORECASE):
            yield f"Cause {shown(cause)}: {kind.note}."
            return


def _countries(breach: Breach) -> tuple[str, ...]:
    """Country of the people: that of the list, else the one the row gives as two letters."""
    own = breach.columns.register.country
    said = breach.text("country").strip().upper()
    if own:
        return (own,)
    if re.sub(r"[^a-z]+", "", said.casefold()) in _NAMES_OF_US[1:]:
        return ("US",)
    return (said,) if re.fullmatch(r"[A-Z]{2}", said) else ()


def _country_notes(breach: Breach) -> Iterator[str]:
    """What is not known about where the people live."""
    firm = breach.text("country")
    abroad = re.sub(r"[^a-z]+", "", firm.casefold()) not in _NAMES_OF_US
    if breach.columns.register.country and abroad:
        yield (
            f"The firm is in {shown(firm)}. The people that an American list counts are read as living in "
            "the United States."
        )
    elif not _countries(breach):
        where = f" ({shown(firm)} is no code of two letters)" if firm else ""
        yield f"In which country the people live is not known{where}; read as the United States."


def _left_out(breach: Breach, kinds: Iterable[Kind]) -> Iterator[LeftOut]:
    """Yield the kinds of data and the columns that were not read."""
    silent = load_lists().words["silent"]
    for kind in kinds:
        if kind.meaning.state == NO_COUNTERPART and kind.word.casefold() not in silent:
            yield LeftOut(kind="data class", name=kind.word, reason=kind.meaning.reason, nearest=kind.nearest)
    for index in breach.columns.unread:
        if any(index < len(row) and row[index] not in (None, "") for row in breach.cells):
            yield LeftOut(
                kind="column",
                name=breach.columns.headings[index],
                reason="no heading of a list that is known",
                nearest=breach.columns.nearest(index),
            )


# Dates and source --------------------------------------------------------------------------------------


def _day_zero(breach: Breach, entry: str) -> tuple[str, list[ImportRow]]:
    """Calendar date of day 0: of the breach, else of its discovery, else of the report."""
    odd = ""
    for role in DATES:
        found = [first_date(value) for value in breach.values(role)]
        days = sorted(day for day, _ in found if day)
        odd = odd or next((remark for day, remark in found if not day and remark), "")
        if days:
            remark = next((remark for day, remark in found if day == days[0] and remark), "")
            late = "" if role == "breach" else f"; the breach was before it was {role}"
            reason = f"{days[0]}, taken for the day of sale, which may be later{late}"
            reason += f"; {remark}" if remark else ""
            row = ImportRow(
                entry=entry, word=breach.columns.heading(role), fields=(), state=ASSUMED, reason=reason
            )
            return days[0], [row]
    reason = f"{odd or 'no date is given'}; the scenario has no calendar"
    return "", [ImportRow(entry=entry, word="date", fields=(), state=NO_COUNTERPART, reason=reason)]


def _dossier(breach: Breach, source: Source, number: int) -> Dossier:
    """Facts of the row that are no inputs."""
    dates = []
    for role, what in _EVENTS.items():
        text = breach.text(role)
        if text:
            dates.append(Published(what=what, value=text, status="seen", source=source.id))
    counts = [
        Published(what=_COUNT_NAMES[role], value=text, status="seen", source=source.id)
        for role in COUNTS
        if (text := breach.text(role))
    ]
    return Dossier(
        breach=f"{breach.name} ({number:,})" if not dates else f"{breach.name}, {dates[0].value}",
        standing="confirmed",
        countries=_countries(breach),
        sector=breach.text("sector"),
        vector=breach.text("cause"),
        dates=tuple(dates),
        counts=tuple(counts),
    )


def _source(breach: Breach, name: str, number: int) -> Source:
    """The row as a source."""
    register = breach.columns.register
    day = next((day for role in DATES for v in breach.values(role) if (day := first_date(v)[0])), "")
    where = breach.text("place")
    state = f"; firm in {where}" if where else ""
    return Source(
        id=name,
        title=f"{register.title[:1].upper()}{register.title[1:]}: {breach.name}",
        publisher=register.publisher or "publisher not known",
        url=register.url,
        year=day[:4],
        parameter="people affected and kinds of data",
        value=f"{number:,}",
        grade=register.grade,
        verified="seen",
        notes=f"row {breach.lines[0]}{state}; kinds of data without shares",
    )
