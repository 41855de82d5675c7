"""Several breaches of the same persons as one: cells of their segments, events, dates, and cautions.

A person is in a segment of each breach of a set. The *cell* of such segments holds these persons; its blocks
and withholdings keep the name of their breach. Breaches are taken in the order of their names, so that the
order in which they are given changes nothing.

Not here: how many persons are in which breaches (``numbers.overlaps``), and breaches by name (``api``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import TypeAlias

import numpy as np

from breach_sim.catalog.reader import load_sources
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import Membership, Universe, central
from breach_sim.inputs.numbers.overlaps import bounds, independent
from breach_sim.inputs.numbers.protections import Withheld
from breach_sim.inputs.published import Dossier
from breach_sim.inputs.scenario import Scenario, look_alike
from breach_sim.inputs.segment import Event, Leak, Segment

OverlapLike: TypeAlias = float | Estimate
"""An overlap: a number, or an estimate that is drawn in each replicate. [share]"""
Overlaps: TypeAlias = OverlapLike | Mapping[tuple[str, str], OverlapLike] | None
"""One overlap for all pairs, overlaps by pair of names, or None for independent breaches."""
HOME, ADULTS = "US", "us-adults"
"""Country whose adults are a universe, and the id of the source of their number."""
MAX_BREACHES = 6
"""Most breaches of a union: 2**6 sets of breaches."""
MAX_CELLS = 300
"""Most cells of a union; each is a segment of the run."""
_SLACK = 1e-9
"""How far an overlap may lie beyond its bounds by rounding."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Segments of a cell by breach, in the order of the names, with its persons and their central number."""

    segments: Mapping[str, Segment]
    membership: Membership
    accounts: int

    @property
    def name(self) -> str:
        return " + ".join(f"{breach}/{segment.name}" for breach, segment in self.segments.items())


def union_of(breaches: Sequence[Scenario], universe: float, overlap: Overlaps = None) -> Scenario:
    """Return the scenario that several breaches of the same persons make together.

    Parameters
    ----------
    breaches
        At least two, of different names, in any order.
    universe
        Persons whom they concern. [persons]
    overlap
        Share of the smaller breach of a pair that is in the larger one too.

    Returns
    -------
    Scenario whose accounts are persons, with a segment for each cell. Its notes give the overlaps with their
    bounds.

    Raises
    ------
    ValueError
        If there are too few or too many breaches, two are the same, the universe is too small, an overlap
        lies outside its bounds, or countries or dates do not fit together.
    """
    ordered = sorted(breaches, key=lambda breach: breach.name)
    _check_breaches(ordered)
    countries = _countries(ordered)
    later = _later(ordered)
    persons = _persons(universe, ordered)
    everyone = Universe(
        persons=persons,
        breaches=tuple(breach.name for breach in ordered),
        sizes=tuple(breach.accounts for breach in ordered),
        overlaps=_overlaps(ordered, persons, overlap),
    )
    cells = list(_cells(ordered, everyone))
    alike = all(breach.release == ordered[0].release for breach in ordered)
    last = min(ordered, key=lambda breach: (later[breach.name], breach.name))
    own = {source.id: source for breach in ordered for source in breach.own_sources}
    return Scenario(
        name=f"union of {' + '.join(everyone.breaches)}",
        label=" + ".join(breach.title for breach in ordered),
        segments=tuple(_segment(cell, later) for cell in cells),
        events=tuple(_events(ordered, cells, later)),
        day_zero=last.day_zero,
        notes=(*_notes(ordered, everyone, last, alike=alike), *_own_notes(ordered)),
        sources=tuple(dict.fromkeys(source for breach in ordered for source in breach.sources)),
        own_sources=tuple(own.values()),
        release=dict(ordered[0].release) if alike else {},
        dossier=Dossier(countries=countries),
    )


def default_universe(breaches: Sequence[Scenario]) -> tuple[float, str]:
    """Return how many persons several breaches concern, if nothing else is said.

    Parameters
    ----------
    breaches
        At least one.

    Returns
    -------
    Persons, and a sentence on where the number comes from: the adults of the United States where all breaches
    concern people there, otherwise, or if a breach is larger, the accounts of the largest breach.
    """
    largest = max(breaches, key=lambda breach: breach.accounts)
    adults = load_sources()[ADULTS]
    persons = float(adults.value)
    if all(HOME in breach.dossier.countries for breach in breaches) and largest.accounts <= persons:
        return persons, (
            f"Universe: {human(persons)} adults of the United States ({ADULTS}: {adults.title}, "
            f"{adults.verified})."
        )
    return float(largest.accounts), (
        f"Universe: the {human(largest.accounts)} accounts of {largest.name}, the largest breach, because no "
        "other number of persons is known; all other breaches lie inside it."
    )


# Checks --------------------------------------------------------------------------------------------------


def _check_breaches(breaches: Sequence[Scenario]) -> None:
    names = [breach.name for breach in breaches]
    if not 2 <= len(names) <= MAX_BREACHES:  # noqa: PLR2004 - several
        given = ", ".join(names) or "none"
        raise ValueError(
            f"{plural(len(names), 'name')} of breaches given ({given}); name at least two and at most "
            f"{MAX_BREACHES}"
        )
    for a, b in combinations(breaches, 2):
        if a.name == b.name:
            raise ValueError(f"breach {a.name!r} is named twice; name each breach once")
        if a.dossier.breach and a.dossier.breach == b.dossier.breach:
            raise ValueError(
                f"{a.name!r} and {b.name!r} both describe {a.dossier.breach!r}; name one of them, because "
                "its people would count as two breaches"
            )
    for breach in breaches:
        if any(segment.membership for segment in breach.segments):
            raise ValueError(f"{breach.name!r} is a union already; name all its breaches in one call")
    cells = math.prod(1 + len(breach.segments) for breach in breaches) - 1
    if cells > MAX_CELLS:
        raise ValueError(
            f"the segments of {named(names)} make {cells:,} cells; at most {MAX_CELLS} are possible: "
            "take fewer breaches, or put segments together"
        )


def _countries(breaches: Sequence[Scenario]) -> tuple[str, ...]:
    """Countries of the people of any breach; empty if those of one may live anywhere."""
    for a, b in combinations(breaches, 2):
        here, there = a.dossier.countries, b.dossier.countries
        if here and there and not set(here) & set(there):
            raise ValueError(
                f"the people of {a.name!r} live in {named(here)}, those of {b.name!r} in "
                f"{named(there)}; they are no one universe, and attacks that exist in one country only "
                "would be open to people of the other: combine breaches of one country, and run the others "
                "side by side (portfolio)"
            )
    if not all(breach.dossier.countries for breach in breaches):
        return ()
    return tuple(dict.fromkeys(code for breach in breaches for code in breach.dossier.countries))


def _later(breaches: Sequence[Scenario]) -> dict[str, float]:
    """Days from the day 0 of each breach to that of the latest."""
    undated = [breach.name for breach in breaches if not breach.day_zero]
    if undated and len(undated) < len(breaches):
        raise ValueError(
            f"{undated[0]!r} has no date of day 0 and {_dated(breaches)!r} has one; give day_zero to all "
            "breaches or to none, because the union begins on the latest of them"
        )
    if undated:
        return dict.fromkeys((breach.name for breach in breaches), 0.0)
    days = {breach.name: date.fromisoformat(breach.day_zero) for breach in breaches}
    return {name: float((max(days.values()) - day).days) for name, day in days.items()}


def _dated(breaches: Sequence[Scenario]) -> str:
    return next(breach.name for breach in breaches if breach.day_zero)


def _persons(universe: float, breaches: Sequence[Scenario]) -> float:
    largest = max(breaches, key=lambda breach: breach.accounts)
    number = universe.item() if isinstance(universe, np.generic) else universe
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
        raise ValueError(f"universe is {shown(universe)}; it must be a finite number of persons")
    if number < largest.accounts:
        raise ValueError(
            f"universe is {human(float(number))} persons; {largest.name!r} alone has "
            f"{largest.accounts:,} accounts: give at least these, because an account is a person"
        )
    return float(number)


def _overlaps(breaches: Sequence[Scenario], persons: float, overlap: Overlaps) -> tuple[Estimate | None, ...]:
    """Overlap of every pair, in the order of ``Universe.pairs``, each checked against its bounds."""
    names = [breach.name for breach in breaches]
    pairs = list(combinations(range(len(names)), 2))
    if isinstance(overlap, Mapping):
        given = _by_place(names, overlap)
    else:
        given = {} if overlap is None else dict.fromkeys(pairs, overlap)
    return tuple(
        _estimate(given[i, j], breaches[i], breaches[j], persons) if (i, j) in given else None
        for i, j in pairs
    )


def _by_place(
    names: Sequence[str], overlap: Mapping[tuple[str, str], OverlapLike]
) -> dict[tuple[int, int], OverlapLike]:
    """Overlaps by the places of their breaches."""
    found: dict[tuple[int, int], OverlapLike] = {}
    for pair, value in overlap.items():
        if not isinstance(pair, tuple) or len(pair) != 2:  # noqa: PLR2004 - a pair
            raise ValueError(f"overlap has the key {shown(pair)}; a key is a pair of names of breaches")
        for name in pair:
            if name not in names:
                raise ValueError(unknown("breach", name, names, "overlap"))
        places = (min(names.index(pair[0]), names.index(pair[1])), max(map(names.index, pair)))
        if places[0] == places[1]:
            raise ValueError(f"overlap names {pair[0]!r} with itself; name two breaches")
        if places in found:
            raise ValueError(f"overlap of {pair[0]!r} and {pair[1]!r} is given twice; give it once")
        found[places] = value
    return found


def _estimate(value: OverlapLike, a: Scenario, b: Scenario, persons: float) -> Estimate:
    """An overlap as an estimate, its central value inside the bounds."""
    place = f"overlap of {a.name!r} and {b.name!r}"
    if isinstance(value, Estimate):
        if value.unit != "share":
            raise ValueError(f"{place} is in {value.unit!r}; an overlap is a 'share' of the smaller breach")
        middle = value.central
    else:
        number = value.item() if isinstance(value, np.generic) else value
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise ValueError(f"{place} is {shown(value)}; it must be a number from 0 to 1, or an estimate")
        middle = float(number)
    low, high = bounds(a.accounts, b.accounts, persons)
    if not low - _SLACK <= middle <= high + _SLACK:
        raise ValueError(
            f"{place} is {middle:.4g}; {a.accounts:,} and {b.accounts:,} accounts of {human(persons)} "
            f"persons share {low:.4g} to {high:.4g} of the smaller breach (Fréchet bounds): give a number in "
            f"between, or none for independent breaches ({independent(a.accounts, b.accounts, persons):.4g})"
        )
    if isinstance(value, Estimate):
        return value
    return Estimate.fixed(f"overlap.{a.name}.{b.name}", min(max(middle, low), high), "share")


# Cells ---------------------------------------------------------------------------------------------------


def _cells(breaches: Sequence[Scenario], everyone: Universe) -> Iterator[_Cell]:
    """Cells in the order of their sets of breaches, those that hold nobody at these overlaps included."""
    shares = everyone.shares(central)
    for inside in range(1, 1 << len(breaches)):
        own = [breach for i, breach in enumerate(breaches) if inside >> i & 1]
        for segments in product(*(breach.segments for breach in own)):
            parts = zip(segments, own, strict=True)
            share = math.prod(segment.accounts / breach.accounts for segment, breach in parts)
            membership = Membership(universe=everyone, inside=inside, share=share)
            accounts = float(membership.accounts(shares)[0])
            named = {breach.name: segment for breach, segment in zip(own, segments, strict=True)}
            yield _Cell(named, membership, round(accounts))


def _segment(cell: _Cell, later: Mapping[str, float]) -> Segment:
    """The segment of a cell; its kind is that of the latest breach, of equally late ones the first."""
    last = min(cell.segments, key=lambda name: (later[name], name))
    return Segment(
        name=cell.name,
        accounts=cell.accounts,
        leaks=tuple(_leak(b, leak) for b, segment in cell.segments.items() for leak in segment.leaks),
        kind=cell.segments[last].kind,
        label=" + ".join(f"{segment.title} ({breach})" for breach, segment in cell.segments.items()),
        sources=tuple(dict.fromkeys(source for s in cell.segments.values() for source in s.sources)),
        withheld=tuple(
            _withheld(b, part) for b, segment in cell.segments.items() for part in segment.withheld
        ),
        membership=cell.membership,
    )


def _leak(breach: str, leak: Leak) -> Leak:
    # Two scenarios may give one name to two coverages; here each begins with the name of its breach.
    coverage = dataclasses.replace(leak.coverage, name=f"{breach}.{leak.coverage.name}")
    return dataclasses.replace(leak, coverage=coverage, breach=breach)


def _withheld(breach: str, part: Withheld) -> Withheld:
    share = dataclasses.replace(part.share, name=f"{breach}.{part.share.name}")
    return dataclasses.replace(part, share=share, breach=breach)


def _events(
    breaches: Sequence[Scenario], cells: Sequence[_Cell], later: Mapping[str, float]
) -> Iterator[Event]:
    """Events of all breaches on their own dates, not before day 0, in the cells of their segments."""
    for breach in breaches:
        for event in breach.events:
            touched = tuple(
                cell.name
                for cell in cells
                if breach.name in cell.segments
                and (not event.segments or cell.segments[breach.name].name in event.segments)
            )
            day = max(0.0, event.day - later[breach.name])
            label = f"{event.label or event.kind} ({breach.name})"
            yield dataclasses.replace(event, day=day, segments=touched, label=label)


# Cautions ------------------------------------------------------------------------------------------------


def _notes(breaches: Sequence[Scenario], everyone: Universe, last: Scenario, *, alike: bool) -> Iterator[str]:
    for (i, j), overlap in zip(everyone.pairs(), everyone.overlaps, strict=True):
        low, high = everyone.bounds((i, j))
        if overlap is None:
            text = f"{everyone.independent((i, j)):.3g} of the smaller one, as if independent"
        else:
            text = f"{overlap.numbers_text()} of the smaller one"
        yield (
            f"Overlap of {everyone.breaches[i]} and {everyone.breaches[j]}: {text}; possible are {low:.3g} "
            f"to {high:.3g} (Fréchet bounds)."
        )
        if overlap is not None and not overlap.is_certain:
            p5, p95 = (float(x) for x in overlap.ppf(np.array([0.05, 0.95])))
            if p5 < low or p95 > high:
                yield f"{overlap.name}: a drawn overlap beyond the bounds is set to the bound."
    few, many = everyone.bounds_of_any()
    yield (
        f"People in at least one of the breaches: {human(float(everyone.in_any(central)[0]))} of "
        f"{human(everyone.persons)}; possible are {human(few)} to {human(many)}, whatever the overlaps."
    )
    if last.day_zero:
        yield (
            f"Day 0 is {last.day_zero}, that of {last.name}, the latest; all data are taken to be in use "
            "from then on."
        )
    if not alike:
        yield "The tables of releases differ; the reference, resold, holds for all."
    if len({frozenset(breach.dossier.countries) for breach in breaches}) > 1:
        yield (
            "The breaches name different countries; attacks of any of them are open to all people, so harm "
            "outside the common countries may be overstated."
        )
    yield from look_alike(breaches)
    yield "The ledger of a firm is left out: each firm notifies and pays for its own breach."


def _own_notes(breaches: Sequence[Scenario]) -> Iterator[str]:
    for breach in breaches:
        for note in breach.all_notes:
            yield f"{breach.name}: {note}"
