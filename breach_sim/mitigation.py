"""Mitigations: what could be done, as a change of scenario and attacks, with its numbers and its price.

A mitigation is a list of *changes*: a reset, a factor on success, fields withheld from the leak, a field
replaced or dropped. :meth:`Mitigation.apply` turns a scenario and its attacks into new ones, on which the
model is run again; benefits are never added. Each number is an Estimate, so a mitigation is as unsure as
what is known of it.

Not here: what a mitigation is worth (``comparison``, ``bundle``), or which ones there are
(``data/mitigations.toml``, read by ``catalog``).

Place in the corridor: above ``impact``, of which it needs nothing: it changes inputs.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from breach_sim import fields as vocabulary
from breach_sim.attacks import Attack, AttackGraph
from breach_sim.estimates import Estimate
from breach_sim.protections import Protection, Withheld
from breach_sim.scenario import KINDS, Event, Scenario, Segment
from breach_sim.spelling import shown, unknown

Array = NDArray[np.float64]
Draw = Callable[[Estimate], Array]
World = tuple[Scenario, AttackGraph]
FIXED_UNITS = ("USD",)
EACH_UNITS = ("USD/person", "USD/enrollee", "USD/customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A field is not stored, or only a part of it.

    Parameters
    ----------
    fields
        Fields that are in no leak any more.
    by
        Field that stands in the place of the first, such as ``ssn_last4``; "" for none.
    """

    order: ClassVar[int] = 0
    fields: tuple[str, ...]
    by: str = ""

    def __post_init__(self) -> None:
        for name in (*self.fields, *([self.by] if self.by else [])):
            vocabulary.check_field(name, "a change of kind 'drop'")

    def estimates(self) -> tuple[Estimate, ...]:
        """Numbers behind it: none."""
        return ()

    def apply(self, world: World, day: float) -> World:
        """The world without the fields; the very same where they leaked nowhere."""
        del day
        return _with_segments(world, self._stripped)

    def _stripped(self, segment: Segment) -> Segment:
        if not any(set(leak.fields) & set(self.fields) for leak in segment.leaks):
            return segment
        leaks = []
        for leak in segment.leaks:
            left = [name for name in leak.fields if name not in self.fields]
            if self.by and self.fields[0] in leak.fields and self.by not in segment.fields:
                left.append(self.by)
            if left:
                leaks.append(dataclasses.replace(leak, fields=tuple(left)))
        return dataclasses.replace(segment, leaks=tuple(leaks))

    def why_not(self, world: World, day: float) -> str:
        """Reason why it changes nothing."""
        del world, day
        return f"no segment lost {' or '.join(self.fields)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withhold:
    """Fields are not there for a share of the accounts.

    Parameters
    ----------
    withheld
        Fields (all if none is named) and share.
    kinds
        Kinds of segment it acts on; all if empty.
    """

    order: ClassVar[int] = 1
    withheld: Withheld
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(unknown("kind of segment", kind, KINDS, "a change of kind 'withhold'"))

    def estimates(self) -> tuple[Estimate, ...]:
        """Numbers behind it."""
        return tuple(part for part in (self.withheld.share, self.withheld.power) if part is not None)

    def apply(self, world: World, day: float) -> World:
        """The world with the fields withheld; the very same where there is nothing to withhold."""
        del day
        share = self.withheld.share
        if share.is_certain and share.central == 0:
            return world
        return _with_segments(world, self._thinned)

    def _thinned(self, segment: Segment) -> Segment:
        if self.kinds and segment.kind not in self.kinds:
            return segment
        if not vocabulary.mask(segment.fields) & self.withheld.bits:
            return segment
        return dataclasses.replace(segment, withheld=(*segment.withheld, self.withheld))

    def why_not(self, world: World, day: float) -> str:
        """Reason why it changes nothing."""
        del world, day
        what = " or ".join(self.withheld.fields) or "anything"
        kinds = f" of kind {' or '.join(self.kinds)}" if self.kinds else ""
        if self.withheld.share.is_certain and self.withheld.share.central == 0:
            return "nothing is that old"
        return f"no segment{kinds} lost {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Fields are replaced on the day of the mitigation, so that the leaked ones are worth nothing.

    Parameters
    ----------
    fields
        At least one.
    """

    order: ClassVar[int] = 2
    fields: tuple[str, ...]

    def estimates(self) -> tuple[Estimate, ...]:
        """Numbers behind it: none."""
        return ()

    def apply(self, world: World, day: float) -> World:
        """The world with a reset in every segment that lost the fields and has none as early."""
        scenario, graph = world
        wanted = [segment.name for segment in scenario.segments if self._late(scenario, segment, day)]
        if not wanted:
            return world
        everyone = len(wanted) == len(scenario.segments)
        event = Event(
            kind="reset",
            day=day,
            fields=self.fields,
            segments=() if everyone else tuple(wanted),
            label=f"reset of {', '.join(self.fields)} (what-if)",
        )
        return dataclasses.replace(scenario, events=(*scenario.events, event)), graph

    def _late(self, scenario: Scenario, segment: Segment, day: float) -> bool:
        lost = set(segment.fields) & set(self.fields)
        return any(_reset_day(scenario, segment, name) > day for name in lost)

    def why_not(self, world: World, day: float) -> str:
        """Reason why it changes nothing."""
        lost = [s for s in world[0].segments if set(s.fields) & set(self.fields)]
        if not lost:
            return f"no segment lost {' or '.join(self.fields)}"
        return f"{' and '.join(self.fields)} were reset by day {day:g} anyway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protect:
    """Success of attacks, or shares of traits, are multiplied by 1 - uptake x effect.

    Parameters
    ----------
    attacks, traits
        Names; those that a graph does not have are left out.
    uptake, effect
        Share of accounts that have it, and of success that it takes away. [share]
    lasts
        Days for which it holds; without end unless given. (0, inf]
    before_notice
        True for what only brings a notice forward: it ends with the scenario's own notice.
    """

    order: ClassVar[int] = 3
    attacks: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    uptake: Estimate
    effect: Estimate
    lasts: float = math.inf
    before_notice: bool = False

    def estimates(self) -> tuple[Estimate, ...]:
        """Numbers behind it."""
        return self.uptake, self.effect

    def apply(self, world: World, day: float) -> World:
        """The world with the protection; the very same where no named attack or trait has a route."""
        scenario, graph = world
        until = self._end(scenario, day)
        if until <= day or not self._held(graph):
            return world
        own = Protection(name=self.effect.name, uptake=self.uptake, effect=self.effect, day=day, until=until)
        attacks = tuple(_protected(attack, own, self.attacks) for attack in graph.attacks)
        traits = {name: _protected(trait, own, self.traits) for name, trait in graph.traits.items()}
        return scenario, dataclasses.replace(graph, attacks=attacks, traits=traits)

    def _held(self, graph: AttackGraph) -> bool:
        attacks = any(graph[name].routes for name in self.attacks if name in graph.names)
        return attacks or any(name in graph.traits for name in self.traits)

    def _end(self, scenario: Scenario, day: float) -> float:
        told = [event.day for event in scenario.events if event.kind == "notice"]
        return min([day + self.lasts, *(told if self.before_notice else [])])

    def why_not(self, world: World, day: float) -> str:
        """Reason why it changes nothing."""
        if self._end(world[0], day) <= day:
            return f"people were told by day {day:g} anyway"
        return f"none of {', '.join((*self.attacks, *self.traits))} is in the attack graph"


Change = Drop | Withhold | Reset | Protect


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a mitigation costs whoever does it.

    Parameters
    ----------
    fixed
        Once, or None. [USD]
    each
        For each person it concerns, or None. [USD/person], [USD/enrollee] or [USD/customer]
    uptake
        Share of those persons who are paid for, or None for all. [share]
    holding
        It concerns segments that lost one of these fields; all that lost any if empty.
    kinds
        It concerns segments of these kinds; all if empty.

    Raises
    ------
    ValueError
        If a number is in another unit, or a field or kind unknown.
    """

    fixed: Estimate | None = None
    each: Estimate | None = None
    uptake: Estimate | None = None
    holding: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part, units in ((self.fixed, FIXED_UNITS), (self.each, EACH_UNITS), (self.uptake, ("share",))):
            if part is not None and part.unit not in units:
                raise ValueError(f"{part.name} is in {part.unit!r}; it must be in {' or '.join(units)}")
        for name in self.holding:
            vocabulary.check_field(name, "the cost of a mitigation")
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(unknown("kind of segment", kind, KINDS, "the cost of a mitigation"))

    def estimates(self) -> tuple[Estimate, ...]:
        """Numbers behind it."""
        return tuple(part for part in (self.fixed, self.each, self.uptake) if part is not None)

    def people(self, scenario: Scenario) -> int:
        """Accounts of the segments that it concerns, in the scenario as given."""
        return sum(
            segment.accounts
            for segment in scenario.segments
            if segment.fields
            and (not self.kinds or segment.kind in self.kinds)
            and (not self.holding or set(segment.fields) & set(self.holding))
        )

    def drawn(self, scenario: Scenario, draw: Draw) -> Array:
        """Cost per replicate.

        Parameters
        ----------
        scenario
            As given, before the mitigation.
        draw
            Gives the draws of a number. Shape (R,).

        Returns
        -------
        Shape (R,), or (1,) where nothing is uncertain. [USD]
        """
        cost = np.zeros(1) if self.fixed is None else draw(self.fixed)
        if self.each is not None:
            taken = np.ones(1) if self.uptake is None else draw(self.uptake)
            cost = cost + self.people(scenario) * draw(self.each) * taken
        return np.asarray(cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """Something that could be done, or could have been done.

    Parameters
    ----------
    name, label
        Name as on the command line, and name for tables.
    changes
        What it does to scenario and attacks.
    cost
        What it costs.
    day
        Day after the sale on which it starts; None for what is done before the breach, or by others.
    description
        What is done, by whom, in a sentence.
    hours
        Time that it costs one person who does it; None for what a person cannot do. [hours/person]

    Raises
    ------
    ValueError
        If it starts before the breach, or a change needs a day and there is none.
    """

    name: str
    label: str
    changes: tuple[Change, ...]
    cost: Cost = dataclasses.field(default_factory=Cost)
    day: float | None = None
    description: str = ""
    hours: Estimate | None = None

    def __post_init__(self) -> None:
        if self.hours is not None and self.hours.unit != "hours/person":
            raise ValueError(f"{self.hours.name} is in {self.hours.unit!r}; it must be in 'hours/person'")
        if self.day is not None and not (_number(self.day) and 0 <= self.day < math.inf):
            raise ValueError(
                f"mitigation {self.name!r} starts on day {shown(self.day)}, before the breach; day 0 is the "
                "day of the sale: start on day 0 or later (what is done before, such as drop-ssn, has no day)"
            )
        if self.day is None and any(isinstance(change, Reset) for change in self.changes):
            raise ValueError(f"mitigation {self.name!r} resets fields and has no day; give one, 0 or later")

    def apply(self, scenario: Scenario, graph: AttackGraph) -> World:
        """Scenario and attacks as they are with the mitigation.

        Parameters
        ----------
        scenario, graph
            As they are without.

        Returns
        -------
        New ones; the very same objects where it changes nothing.
        """
        return together([self], scenario, graph)

    def by_one(self) -> Mitigation:
        """The same for a person who does it: every uptake is 1.

        Returns
        -------
        A new mitigation.
        """
        sure = Estimate.fixed(f"{self.name}.uptake of one", 1.0, "share")
        changes = tuple(
            dataclasses.replace(change, uptake=sure) if isinstance(change, Protect) else change
            for change in self.changes
        )
        return dataclasses.replace(self, changes=changes)

    def why_not(self, scenario: Scenario, graph: AttackGraph) -> str:
        """Why it touches nothing here.

        Parameters
        ----------
        scenario, graph
            As given.

        Returns
        -------
        Reasons, or "" where it does change something.
        """
        world = (scenario, graph)
        after = self.apply(*world)
        if after[0] is not scenario or after[1] is not graph:
            return ""
        return "; ".join(change.why_not(world, self.day or 0.0) for change in self.changes)

    def on_day(self, day: float) -> Mitigation:
        """The same, started on another day.

        Parameters
        ----------
        day
            Days after the sale. [0, inf)

        Returns
        -------
        A new mitigation.

        Raises
        ------
        ValueError
            If it has no day, or the day is before the breach.
        """
        if self.day is None:
            raise ValueError(
                f"mitigation {self.name!r} has no day: it is done before the breach, or by others"
            )
        return dataclasses.replace(self, day=day, name=f"{self.name.partition('-day-')[0]}-day-{day:g}")

    def costing(self, usd: float) -> Mitigation:
        """The same at a price you know.

        Parameters
        ----------
        usd
            Once, for all. [0, inf) [USD]

        Returns
        -------
        A new mitigation.

        Raises
        ------
        ValueError
            If the price is negative or no number.
        """
        if not _number(usd) or not 0 <= usd < math.inf:
            raise ValueError(f"the cost of {self.name!r} is {shown(usd)} USD; it must be a number from 0 on")
        fixed = Estimate.fixed(f"mitigations.{self.name}.cost", float(usd), "USD")
        return dataclasses.replace(self, cost=Cost(fixed=fixed))

    def estimates(self) -> tuple[Estimate, ...]:
        """Every number behind it, each once."""
        found = [*self.cost.estimates(), *(own for change in self.changes for own in change.estimates())]
        return tuple({estimate.name: estimate for estimate in found}.values())


def together(mitigations: Iterable[Mitigation], scenario: Scenario, graph: AttackGraph) -> World:
    """Scenario and attacks under several mitigations at once, whatever their order.

    Parameters
    ----------
    mitigations
        Any number.
    scenario, graph
        As they are without.

    Returns
    -------
    New ones; the very same objects where nothing changes.

    Notes
    -----
    What is not stored is dropped before parts of it are withheld; resets and protections come last.
    """
    world = (scenario, graph)
    steps = [(change, own.day or 0.0) for own in mitigations for change in own.changes]
    for change, day in sorted(steps, key=lambda step: _rank(step[0])):
        world = change.apply(world, day)
    return world


def _rank(change: Change) -> tuple[int, bool]:
    return change.order, bool(getattr(change, "by", ""))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _with_segments(world: World, changed: Callable[[Segment], Segment]) -> World:
    """The world with every segment changed; the very same where none is."""
    scenario, graph = world
    segments = tuple(changed(segment) for segment in scenario.segments)
    if all(new is old for new, old in zip(segments, scenario.segments, strict=True)):
        return world
    return dataclasses.replace(scenario, segments=segments), graph


def _protected(holder: Any, protection: Protection, names: tuple[str, ...]) -> Any:
    """An attack or trait with one more protection, if it is named and can be attacked at all."""
    if holder.name not in names or (isinstance(holder, Attack) and not holder.routes):
        return holder
    return dataclasses.replace(holder, protections=(*holder.protections, protection))


def _reset_day(scenario: Scenario, segment: Segment, field: str) -> float:
    """Day on which a field is reset in a segment; infinite if never."""
    days = [
        event.day
        for event in scenario.events
        if event.kind == "reset"
        and field in event.fields
        and (not event.segments or segment.name in event.segments)
    ]
    return min(days, default=math.inf)
