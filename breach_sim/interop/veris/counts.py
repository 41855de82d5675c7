"""How many accounts the varieties of an incident reach, held against each other and against living people.

An amount counts records; each record is read as one account. An amount above ``data_total`` is a typing error
more often than not: the total is taken. An unknown amount is that of ``data_total``, unless the total is the
amount of another variety; else that of the largest known variety, one level less likely. More records than
people are alive are no count of people, and are refused.

Not here: what the records hold (``contents``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breach_sim import catalog
from breach_sim.interop.amounts import count
from breach_sim.interop.veris.contents import Part

MUCH = 1.25
"""A number that was replaced by one smaller by more than this factor is worth a note."""
ACCOUNTED = 0.9
"""Share of the total from which on known amounts stand for it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Accounts that a variety reaches.

    Parameters
    ----------
    accounts
        Number of accounts.
    stated
        Whether its own amount, or the total, says so; else it is an upper bound.
    remark
        How the number was found.
    """

    accounts: int
    stated: bool
    remark: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Amounts of an incident, as they are read.

    Parameters
    ----------
    parts
        The varieties.
    reach
        Accounts of those that carry an attack, by their place in ``parts``.
    total
        ``data_total``; None if not known or not credible.
    remark
        What is to be said about the total; "" for nothing.
    notes
        What moves results by a lot.
    beyond
        Whether there are more records than the countries have people, who then may live anywhere.
    """

    parts: tuple[Part, ...]
    reach: Mapping[int, Reach]
    total: int | None
    remark: str
    notes: tuple[str, ...]
    beyond: bool


def counted(
    parts: Sequence[Part],
    lost: Mapping[str, Any],
    countries: tuple[str, ...],
    accounts: int | None,
    label: str,
) -> Counted:
    """Return the accounts of each variety of an incident.

    Parameters
    ----------
    parts
        Its varieties.
    lost
        Its ``attribute.confidentiality``.
    countries
        Codes of the countries of the victim; empty if not known.
    accounts
        Number of accounts that the caller gives, for incidents without a credible number.
    label
        Name of the incident, for messages.

    Returns
    -------
    Amounts that fit each other.

    Raises
    ------
    ValueError
        If nothing says how many accounts there are.
    """
    people = catalog.load_populations()
    total, remark = count(lost.get("data_total"))
    excess = [
        number for number in (total, *(part.amount for part in parts)) if number and number > people[""]
    ]
    if total in excess:
        remark = f"{total:,} are more than the {people['']:,} people alive; not used"
        total = None
    adjusted = [_adjusted(part, total, people[""]) for part in parts]
    kept = tuple(part for part, _ in adjusted)
    reach = _reach(kept, total, accounts)
    if not reach:
        raise ValueError(_refusal(kept, lost, excess, label))
    most = max(own.accounts for own in reach.values())
    notes = [note for i, (_, note) in enumerate(adjusted) if note and kept[i].levels]
    borrowed = [kept[i].word for i, own in reach.items() if not own.stated]
    if total and borrowed and max((kept[i].amount or 0 for i in reach), default=0) < ACCOUNTED * total:
        # The total is that of a variety without an attack; beside one with an attack nesting says enough.
        notes.append(
            f"VERIS: data_total counts {_owner(kept, total)}; how many records of {', '.join(borrowed)} "
            f"there are is not known, and {total:,} is an upper bound."
        )
    living = sum(people.get(code, people[""]) for code in countries) if countries else people[""]
    if most > living:
        notes.append(
            f"{most:,} records are more than the {living:,} people of {', '.join(countries)}: people may "
            "live elsewhere or be counted several times, an upper bound."
        )
    return Counted(kept, reach, total, remark, tuple(notes), most > living)


def _adjusted(part: Part, total: int | None, world: int) -> tuple[Part, str]:
    """Part with an amount that can be meant, and a note if this moves results."""
    amount = part.amount
    if amount and total and amount > total:
        why = f"amount {amount:,} of {part.word} is above data_total: read as {total:,}"
        # A difference within rounding is no reason for a note in every table.
        return dataclasses.replace(
            part, amount=total, remark=why
        ), f"VERIS: {why}." if amount > MUCH * total else ""
    if amount and amount > world:
        why = f"amount {amount:,} is more than the {world:,} people alive: read as not known"
        return dataclasses.replace(part, amount=None, remark=why), ""
    return part, ""


def _reach(parts: Sequence[Part], total: int | None, accounts: int | None) -> dict[int, Reach]:
    """Accounts of each part that has fields."""
    known = {i: part.amount for i, part in enumerate(parts) if part.levels and part.amount}
    largest = max([*known.values(), total or 0])
    other = _owner(parts, total)
    reach = {}
    for i, part in enumerate(parts):
        if not part.levels:
            continue
        if i in known:
            reach[i] = Reach(known[i], stated=True, remark=part.remark)
        elif total and not other:
            reach[i] = Reach(total, stated=True, remark=f"{part.remark}: read as data_total, {total:,}")
        elif largest:
            why = f"data_total, which counts {other}" if total else "the largest number known"
            why = f"{part.remark}: read as {why}, {largest:,}, an upper bound and less likely"
            reach[i] = Reach(largest, stated=False, remark=why)
        elif accounts:
            reach[i] = Reach(
                accounts, stated=True, remark=f"{part.remark}: read as the number given, {accounts:,}"
            )
    return reach


def _owner(parts: Sequence[Part], total: int | None) -> str:
    """Varieties whose amounts stand for the total, if they do; "" if the total may count others."""
    if not total:
        return ""
    amounts = {part.word: part.amount for part in parts if part.amount}
    alone = next((word for word, amount in amounts.items() if amount >= ACCOUNTED * total), "")
    return alone or (" and ".join(amounts) if sum(amounts.values()) >= ACCOUNTED * total else "")


def _refusal(parts: Sequence[Part], lost: Mapping[str, Any], excess: Sequence[int], label: str) -> str:
    """Why an incident without a number is refused."""
    listed = ", ".join(part.word for part in parts[:6]) or "none"
    remedy = "give accounts=N (--accounts N) if you know"
    if excess:
        world = catalog.load_populations()[""]
        return (
            f"{label}: {max(excess):,} records are more than the {world:,} people alive, so they are no "
            f"count of people ({listed}); how many people is never guessed: {remedy}"
        )
    volume = volume_of(lost)
    size = f"; data_volume is {volume}, which does not say how many people" if volume else ""
    return (
        f"{label}: neither data_total nor the amount of a variety is known ({listed}{size}); how many is "
        f"never guessed: {remedy}"
    )


def volume_of(lost: Mapping[str, Any]) -> str:
    """Volume of the data in words, where an incident says it.

    Parameters
    ----------
    lost
        ``attribute.confidentiality`` of the incident.

    Returns
    -------
    For example "4 TB"; "" if it is not said.
    """
    value = next((lost[key] for key in ("data_volume", "volume") if lost.get(key)), None)
    pieces = value if isinstance(value, list) else [value]
    texts = []
    for piece in pieces[:3]:
        if isinstance(piece, Mapping):
            words = [
                str(piece[key])[:40]
                for key in ("amount", "value", "size", "unit")
                if piece.get(key) is not None
            ]
            texts.append(" ".join(words) or str(dict(piece))[:60])
        elif piece is not None:
            texts.append(str(piece)[:60])
    return ", ".join(filter(None, texts))
