"""What the controls of a panel say: a scenario, and what a reader changed about it. No widgets.

:class:`PanelInputs` holds changed sizes of segments, leaked fields, days, readings of the evidence and chosen
mitigations. It builds the scenario and the attacks that ``simulate`` takes.

Not here: running the model (``panel_result``), and the controls themselves (``controls``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from breach_sim import api
from breach_sim.analysis import with_ssn_share, with_uplift
from breach_sim.catalog import readings_of
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.attacks import RELEASES
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import USER, Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event, Leak, Segment
from breach_sim.results.tables.readings import UPLIFTS

LONGEST_DAYS = 10**6
"""Days that an event is moved to lie below this. [days]"""
AS_STATED = ""
"""The reading that changes nothing."""


@dataclass(frozen=True, kw_only=True)
class PanelInputs:
    """A scenario, and what a reader changed about it.

    Parameters
    ----------
    scenario
        The scenario before any change.
    sizes
        Accounts by segment, of those that differ; 0 leaves the segment out. [0, 10**13] [accounts]
    leaked
        Fields that leaked, by segment, of those that differ. A field that did not leak in a segment joins its
        most widely shared leak; where there is none, it leaks for all accounts of the segment.
    days
        Days of events, by their number in the scenario, of those that differ. [0, inf) [days]
    day_zero
        Date of the sale as YYYY-MM-DD; "" for the scenario's.
    ssn
        Name of a reading of the share of accounts whose SSN leaked; "" for what the scenario says.
    uplift
        "traced" or "surveyed": how much new-account fraud a breach adds; "" for the whole range.
    release
        How the data got out, for certain; "" for the scenario's table.
    mitigations
        Names, as for ``compare``.
    horizon_years
        Years after the sale. (0, 100]
    seed
        Whole number. [0, 2**63)
    """

    scenario: Scenario
    sizes: Mapping[str, int] = field(default_factory=dict)
    leaked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    days: Mapping[int, float] = field(default_factory=dict)
    day_zero: str = ""
    ssn: str = AS_STATED
    uplift: str = AS_STATED
    release: str = AS_STATED
    mitigations: tuple[str, ...] = ()
    horizon_years: float = 5
    seed: int = 1

    def breach(self) -> Scenario:
        """The scenario with every change.

        Returns
        -------
        A new scenario; the very same where nothing differs.

        Raises
        ------
        ValueError
            If a segment, an event, a field or a reading is unknown, a number out of range, or no account
            is left.
        """
        self._check_names()
        changed = self._segments()
        names = {segment.name for segment in changed}
        numbered = ((number, event) for number, event in enumerate(self.scenario.events))
        events = [_moved(event, self.days.get(number), names) for number, event in numbered]
        parts: dict[str, object] = {
            "segments": changed,
            "events": tuple(event for event in events if event is not None),
            "day_zero": self.day_zero or self.scenario.day_zero,
            "release": self._release(),
        }
        changes = {name: value for name, value in parts.items() if value != getattr(self.scenario, name)}
        scenario = dataclasses.replace(self.scenario, **changes) if changes else self.scenario  # type: ignore[arg-type]
        return with_ssn_share(scenario, self._ssn_share()) if self.ssn else scenario

    def attacks(self) -> AttackGraph:
        """The attacks that the fields of the breach can enable, under the reading of the evidence.

        Returns
        -------
        Those of ``attacks_of``, which ``simulate`` takes as well, where there is no reading.

        Raises
        ------
        ValueError
            If the breach or the reading cannot be.
        """
        graph = api.attacks_of(self.breach())
        if self.uplift and self.uplift not in UPLIFTS:
            place = "the control 'new-account fraud added'"
            raise ValueError(unknown("choice", self.uplift, UPLIFTS, place))
        return with_uplift(graph, self.uplift) if self.uplift else graph

    def _check_names(self) -> None:
        names = [segment.name for segment in self.scenario.segments]
        self._check_types()
        for name in (*self.sizes, *self.leaked):
            if name not in names:
                raise ValueError(unknown("segment", name, names, f"the panel of {self.scenario.name!r}"))
        last = len(self.scenario.events) - 1
        for number in self.days:
            if not 0 <= number <= last:
                raise ValueError(
                    f"event {shown(number)} is moved in the panel of {self.scenario.name!r}; its events are "
                    f"numbered from 0 to {last}"
                    if last >= 0
                    else f"{self.scenario.name!r} has no events"
                )

    def _check_types(self) -> None:
        """Refuse values of another type with the name, the value and the rule."""
        for name in ("day_zero", "ssn", "uplift", "release"):
            if not isinstance(value := getattr(self, name), str):
                raise TypeError(f"{name} of a panel is {shown(value)}; it must be a text")
        for segment, fields in self.leaked.items():
            if not (isinstance(fields, frozenset) and all(isinstance(field, str) for field in fields)):
                raise TypeError(
                    f"leaked[{shown(segment)}] is {shown(fields)}; it must be a frozenset of fields"
                )
        for number, day in self.days.items():
            fine = isinstance(day, (int, float)) and not isinstance(day, bool)
            if not (isinstance(number, int) and fine and abs(day) < LONGEST_DAYS):
                raise TypeError(
                    f"days[{shown(number)}] is {shown(day)}; the key must be the number of an event, and the "
                    "day a number below 10**6"
                )
        for segment, size in self.sizes.items():
            if not isinstance(size, (int, float)):  # other numbers are refused by the segment
                raise TypeError(f"sizes[{shown(segment)}] is {shown(size)}; it must be a whole number")

    def _segments(self) -> tuple[Segment, ...]:
        """Segments of another size and with other fields, those of no account left out."""
        kept = []
        for segment in self.scenario.segments:
            size = self.sizes.get(segment.name, segment.accounts)
            if size == 0 and not isinstance(size, bool):
                continue
            sized = segment if size == segment.accounts else dataclasses.replace(segment, accounts=size)
            wanted = self.leaked.get(segment.name)
            kept.append(sized if wanted is None else _with_fields(sized, wanted))
        if not kept:
            raise ValueError(
                f"every segment of {self.scenario.name!r} has 0 accounts: nobody is left to ask about; give "
                "one of them an account or more"
            )
        return tuple(kept)

    def _release(self) -> Mapping[str, Estimate]:
        if not self.release:
            return self.scenario.release
        if self.release not in RELEASES:
            raise ValueError(unknown("way out", self.release, RELEASES, "the control 'how the data got out'"))
        return {
            name: Estimate.fixed(f"release.{name}", float(name == self.release), "share") for name in RELEASES
        }

    def _ssn_share(self) -> float:
        shares = ssn_readings(self.scenario)
        if self.ssn not in shares:
            place = f"the panel of {self.scenario.name!r}"
            raise ValueError(unknown("reading of the SSN share", self.ssn, shares, place))
        return shares[self.ssn]


def ssn_readings(scenario: Scenario) -> dict[str, float]:
    """Readings of the share of all accounts whose SSN leaked.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    Shares by name; empty for a breach without. [share]
    """
    return {reading.name.rpartition(".")[2]: reading.central for reading in readings_of(scenario)}


def _moved(event: Event, day: float | None, names: set[str]) -> Event | None:
    """An event on another day, among the segments that are left; None if it touches none of them."""
    kept = tuple(name for name in event.segments if name in names)
    if event.segments and not kept:
        return None
    if day is None and kept == event.segments:
        return event
    return dataclasses.replace(event, day=event.day if day is None else float(day), segments=kept)


def _with_fields(segment: Segment, wanted: frozenset[str]) -> Segment:
    """The segment with these fields leaked and no others."""
    for name in wanted:
        check_field(name, f"what leaked in segment {segment.name!r}")
    held = frozenset(segment.fields)
    if wanted == held:
        return segment
    new = tuple(name for name in FIELD_NAMES if name in wanted - held)
    kept_leaks = [leak for leak in segment.leaks if held & set(leak.fields)]
    widest = max(kept_leaks, key=lambda leak: leak.coverage.central, default=None)
    leaks = []
    for leak in kept_leaks:
        kept = tuple(name for name in leak.fields if name in wanted) + (new if leak is widest else ())
        if kept:
            leaks.append(dataclasses.replace(leak, fields=kept))
    if new and widest is None:
        coverage = Estimate.fixed(f"segments.{segment.name}.added.coverage", 1.0, "share")
        leaks.append(Leak(fields=new, coverage=coverage))
    return dataclasses.replace(segment, leaks=tuple(leaks), sources=(*segment.sources, USER))
