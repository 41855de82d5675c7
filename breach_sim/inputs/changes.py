"""Changes that a mitigation makes to a breach: fields dropped, withheld, reset or protected.

Not here: mitigations, which bundle changes with a day and a cost (``mitigations``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable, listed
from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection, Withheld
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import KINDS, Event, Segment

Draw = Callable[[Estimate], Array]
World = tuple[Scenario, AttackGraph]


class _NamedByKind(Displayable):
    """Change without a name. The card of its mitigation shows its kind."""

    __slots__ = ()

    def as_part(self) -> str:
        """Kind and summary."""
        return f"{type(self).__name__} {self.summary()}"

    def estimates(self) -> tuple[Estimate, ...]:
        """Return the estimates that the change uses.

        Returns
        -------
        An empty tuple if the change has no uncertain number.
        """
        return ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Drop(_NamedByKind):
    """The firm does not store a field, or stores only a part of it.

    Parameters
    ----------
    fields
        Fields to remove from every leak.
    by
        Field that replaces the first one, such as ``ssn_last4``; "" for none.
    """

    order: ClassVar[int] = 0
    fields: tuple[str, ...]
    by: str = ""

    def __post_init__(self) -> None:
        for name in (*self.fields, *([self.by] if self.by else [])):
            vocabulary.check_field(name, "a change of kind 'drop'")

    def apply(self, world: World, day: float) -> World:
        """Remove the fields from every leak.

        Parameters
        ----------
        world
            Scenario and attacks before the change.
        day
            Day after the sale on which the mitigation starts. [0, inf)

        Returns
        -------
        New scenario and the attacks; the same pair if the fields leaked nowhere.
        """
        del day
        return _with_segments(world, self._stripped)

    def _stripped(self, segment: Segment) -> Segment:
        if not any(set(leak.fields) & set(self.fields) for leak in segment.leaks):
            return segment
        leaks = []
        for leak in segment.leaks:
            left = [name for name in leak.fields if name not in self.fields]
            # The stand-in leaks where the first field did, unless it leaked there already: a field may stand
            # in one leak of a segment only.
            if self.by and self.fields[0] in leak.fields and self.by not in segment.fields:
                left.append(self.by)
            if left:
                leaks.append(dataclasses.replace(leak, fields=tuple(left)))
        return dataclasses.replace(segment, leaks=tuple(leaks))

    def why_not(self, world: World, day: float) -> str:
        """Return the reason why the change has no effect.

        Parameters
        ----------
        world, day
            As for :meth:`apply`.

        Returns
        -------
        A clause that can be inserted into a sentence.
        """
        del world, day
        return f"no segment lost {' or '.join(self.fields)}"

    def summary(self) -> str:
        """Fields, and the field that replaces them."""
        return f"{', '.join(self.fields)}{f'; replaced by {self.by}' if self.by else ''}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Withhold(_NamedByKind):
    """Fields were not stored for a share of the accounts.

    Parameters
    ----------
    withheld
        The fields (all if none is named) and the share of accounts.
    kinds
        Kinds of segment it applies to; all if empty.
    """

    order: ClassVar[int] = 1
    withheld: Withheld
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(unknown("kind of segment", kind, KINDS, "a change of kind 'withhold'"))

    def estimates(self) -> tuple[Estimate, ...]:
        """Return the share withheld, and its power if there is one."""
        return tuple(part for part in (self.withheld.share, self.withheld.power) if part is not None)

    def apply(self, world: World, day: float) -> World:
        """Withhold the fields in every segment of the kinds, as :meth:`Drop.apply` drops them.

        The same pair is returned if there is nothing to withhold.
        """
        del day
        share = self.withheld.share
        # Nothing to withhold must give back the very same world: identity is how "changes nothing" is seen.
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
        """Return the reason why the change has no effect; as for :meth:`Drop.why_not`."""
        del world, day
        what = " or ".join(self.withheld.fields) or "anything"
        kinds = f" of kind {' or '.join(self.kinds)}" if self.kinds else ""
        if self.withheld.share.is_certain and self.withheld.share.central == 0:
            return "nothing is that old"
        return f"no segment{kinds} lost {what}"

    def summary(self) -> str:
        """Fields and share, and the kinds of segment."""
        kinds = f"; segments of kind {' or '.join(self.kinds)}" if self.kinds else ""
        return f"{self.withheld.summary()}{kinds}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reset(_NamedByKind):
    """Fields are replaced on the day of the mitigation, which makes the leaked values worthless.

    Parameters
    ----------
    fields
        At least one.
    """

    order: ClassVar[int] = 2
    fields: tuple[str, ...]

    def apply(self, world: World, day: float) -> World:
        """Add a reset in every segment that lost the fields and has none as early; as :meth:`Drop.apply`.

        The same pair is returned if no segment gains by it.
        """
        # A segment that has reset the fields by that day has nothing to gain, and a second reset of the same
        # field would count for nothing: only segments that would wait longer are named.
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
        """Return the reason why the change has no effect; as for :meth:`Drop.why_not`."""
        lost = [s for s in world[0].segments if set(s.fields) & set(self.fields)]
        if not lost:
            return f"no segment lost {' or '.join(self.fields)}"
        return f"{' and '.join(self.fields)} were reset by day {day:g} anyway"

    def summary(self) -> str:
        """The fields."""
        return ", ".join(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Protect(_NamedByKind):
    """The success of attacks, or the shares of traits, are multiplied by 1 - uptake x effect.

    Parameters
    ----------
    attacks, traits
        Names; those missing from a graph are ignored.
    uptake, effect
        Share of accounts that have it, and share of success that it prevents. [share]
    lasts
        Days for which it holds; infinite by default. (0, inf]
    before_notice
        True for an earlier notice: the effect ends with the scenario's own notice.
    """

    order: ClassVar[int] = 3
    attacks: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    uptake: Estimate
    effect: Estimate
    lasts: float = math.inf
    before_notice: bool = False

    def estimates(self) -> tuple[Estimate, ...]:
        """Return uptake and effect."""
        return self.uptake, self.effect

    def apply(self, world: World, day: float) -> World:
        """Add the protection to the named attacks and traits; as :meth:`Drop.apply`.

        The same pair is returned if none of them can be protected.
        """
        scenario, graph = world
        until = self._end(scenario, day)
        if until <= day or not self._held(graph):
            return world
        protection = Protection(
            name=self.effect.name, uptake=self.uptake, effect=self.effect, day=day, until=until
        )
        attacks = tuple(_protected(attack, protection, self.attacks) for attack in graph.attacks)
        traits = {name: _protected(trait, protection, self.traits) for name, trait in graph.traits.items()}
        return scenario, dataclasses.replace(graph, attacks=attacks, traits=traits)

    def _held(self, graph: AttackGraph) -> bool:
        attacks = any(graph[name].routes for name in self.attacks if name in graph.names)
        return attacks or any(name in graph.traits for name in self.traits)

    def _end(self, scenario: Scenario, day: float) -> float:
        # People who have been notified protect themselves anyway: what an earlier notice adds ends there.
        notices = [event.day for event in scenario.events if event.kind == "notice"]
        return min([day + self.lasts, *(notices if self.before_notice else [])])

    def why_not(self, world: World, day: float) -> str:
        """Return the reason why the change has no effect; as for :meth:`Drop.why_not`."""
        if self._end(world[0], day) <= day:
            return f"people were notified by day {day:g} anyway"
        return f"none of {', '.join((*self.attacks, *self.traits))} is in the attack graph"

    def summary(self) -> str:
        """Attacks and traits, uptake and effect."""
        named = listed((*self.attacks, *self.traits))
        return f"{named}; uptake {self.uptake.as_part()}; effect {self.effect.as_part()}"


Change = Drop | Withhold | Reset | Protect


def _with_segments(world: World, changed: Callable[[Segment], Segment]) -> World:
    """The world with every segment changed; the very same where none is."""
    scenario, graph = world
    segments = tuple(changed(segment) for segment in scenario.segments)
    if all(new is old for new, old in zip(segments, scenario.segments, strict=True)):
        return world
    return dataclasses.replace(scenario, segments=segments), graph


def _protected(holder: Any, protection: Protection, names: tuple[str, ...]) -> Any:
    """An attack or trait with one more protection, if it is named and can be attacked at all."""
    # An attack without routes never happens; a protection on it would make a new object of the same law.
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
