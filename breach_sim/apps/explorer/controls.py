"""The controls of a panel as data: one for each input, with its name, unit, range and group.

Names of controls: "size:SEGMENT", "leaked:SEGMENT:FIELD", "added:FIELD", "use:MITIGATION", "day:MITIGATION",
"event:NUMBER", "day_zero", "horizon", "ssn", "uplift", "release", "seed". The values of a panel are a mapping
from names to values that holds only what differs from the first value.

Not here: what the values mean to the model (``readings``), and how a control looks (``templates/panel.js``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from breach_sim import catalog
from breach_sim.apps.explorer.panel_inputs import AS_STATED, ssn_readings
from breach_sim.inputs.attacks import RELEASES
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

LARGEST = 3
"""How many times as large as stated a segment may be made."""
LONGEST_DAY, LONGEST_YEARS = 3650.0, 20.0
FIRST_DATE, LAST_DATE = "2000-01-01", "2040-12-31"
"""Dates of the sale that a panel takes."""
ACTOR_LABELS = {
    "firm": "By the firm",
    "person": "By each person",
    "bureau": "By the credit bureaus",
    "state": "By the state",
    "services": "By banks and other services",
}
UNITS = {1: "accounts", 1_000: "thousand accounts", 1_000_000: "million accounts"}


@dataclass(frozen=True, kw_only=True)
class Control:
    """One input of a panel.

    Parameters
    ----------
    name
        Its name among the controls of the panel.
    kind
        "range", "number", "tick", "date" or "choice".
    label
        Its name for readers; together with the legend of its group it says what it is.
    value
        Its first value: a number, a bool or a text.
    low, high, step
        Range of a number, in the unit; of a date, as texts.
    unit
        Unit of a number; "" for none.
    options
        Values and labels of a choice.
    hint
        What it means, in a sentence; "" for none.
    """

    name: str
    kind: str
    label: str
    value: float | str
    low: float | str = 0.0
    high: float | str = 0.0
    step: float = 1.0
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Controls under one legend.

    Parameters
    ----------
    legend
        What they are about: a segment, an actor, dates.
    hint
        Remark beside it; "" for none.
    controls
        In the order in which they are shown.
    """

    legend: str
    hint: str = ""
    controls: tuple[Control, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Groups that are shown together.

    Parameters
    ----------
    title
        Text of the button that shows them.
    groups
        In the order in which they are shown.
    """

    title: str
    groups: tuple[Group, ...]


def sections(scenario: Scenario, mitigations: tuple[Mitigation, ...]) -> tuple[Section, ...]:
    """All controls of a scenario.

    Parameters
    ----------
    scenario
        The scenario before any change.
    mitigations
        Those to choose from.

    Returns
    -------
    What leaked, what would help, dates, evidence.
    """
    return (
        Section(title="Who and what leaked", groups=_leaks(scenario)),
        Section(title="What would help", groups=_remedies(mitigations)),
        Section(title="Dates", groups=_dates(scenario)),
        Section(title="Evidence", groups=_evidence(scenario)),
    )


def by_name(parts: Iterable[Section]) -> dict[str, Control]:
    """Controls of sections, by name.

    Parameters
    ----------
    parts
        As :func:`sections` returns them.

    Returns
    -------
    In the order in which they are shown.
    """
    return {control.name: control for part in parts for group in part.groups for control in group.controls}


def as_plain(parts: Iterable[Section]) -> list[dict[str, Any]]:
    """Sections as lists and dictionaries, for a page.

    Parameters
    ----------
    parts
        As :func:`sections` returns them.

    Returns
    -------
    What JSON can hold, with the names of the dataclasses' parameters.
    """
    return [dataclasses.asdict(part) for part in parts]


def steps(accounts: int) -> tuple[int, int]:
    """Unit and step of a slider for a number of accounts.

    Parameters
    ----------
    accounts
        As stated. [1, inf)

    Returns
    -------
    1, a thousand or a million; and the step, a twentieth to a two-hundredth of them. [accounts]

    Examples
    --------
    >>> steps(7_800_000), steps(667_000), steps(100_000_000)
    ((1000000, 100000), (1000, 10000), (1000000, 1000000))
    """
    unit = 1_000_000 if accounts >= 1_000_000 else 1_000 if accounts >= 1_000 else 1  # noqa: PLR2004
    return unit, 10 ** max(0, math.floor(math.log10(accounts / 2)) - 1) if accounts > 1 else 1


def _leaks(scenario: Scenario) -> tuple[Group, ...]:
    """Size and fields of each segment, then the fields that leaked nowhere."""
    held = {name for segment in scenario.segments for name in segment.fields}
    graph = catalog.attacks_in(scenario.dossier.countries)
    read = {name for a in graph.attacks for route in a.routes for name in route.fields}
    groups = [
        Group(
            legend=segment.title,
            hint=f"{segment.accounts:,} accounts as stated; what each of them lost:",
            controls=(
                _size(segment),
                *(
                    _tick(
                        f"leaked:{segment.name}:{name}",
                        catalog.label_of_field(name),
                        on=name in segment.fields,
                    )
                    for name in FIELD_NAMES
                    if name in held
                ),
            ),
        )
        for segment in scenario.segments
    ]
    added = tuple(
        _tick(f"added:{name}", catalog.label_of_field(name)) for name in FIELD_NAMES if name in read - held
    )
    if added:
        groups.append(Group(legend="What if these had leaked too?", hint="in every segment", controls=added))
    return tuple(groups)


def _size(segment: Segment) -> Control:
    unit, step = steps(segment.accounts)
    most = math.ceil(LARGEST * segment.accounts / step) * step
    return Control(
        name=f"size:{segment.name}",
        kind="range",
        label="size",
        value=segment.accounts / unit,
        high=most / unit,
        step=step / unit,
        unit=UNITS[unit],
        hint="0 leaves the segment out",
    )


def _tick(name: str, label: str, *, on: bool = False, hint: str = "") -> Control:
    return Control(name=name, kind="tick", label=label, value=on, hint=hint)


def _remedies(mitigations: tuple[Mitigation, ...]) -> tuple[Group, ...]:
    """The mitigations of each actor, each with the day from which it works where it has one."""
    groups = []
    for actor in dict.fromkeys(one.actor for one in mitigations):
        parts = []
        for one in (each for each in mitigations if each.actor == actor):
            parts.append(_tick(f"use:{one.name}", one.label, hint=one.description))
            if one.day is not None:
                parts.append(_day(f"day:{one.name}", "from day", one.day))
        legend = ACTOR_LABELS.get(actor, "By others")
        hint = "days count from the sale" if any(part.kind == "number" for part in parts) else ""
        groups.append(Group(legend=legend, hint=hint, controls=tuple(parts)))
    return tuple(groups)


def _day(name: str, label: str, day: float) -> Control:
    return Control(
        name=name, kind="number", label=label, value=day, high=LONGEST_DAY, unit="days after the sale"
    )


def _dates(scenario: Scenario) -> tuple[Group, ...]:
    """The horizon, the date of the sale, and each event."""
    years = Control(
        name="horizon",
        kind="range",
        label="years that are counted",
        value=5.0,
        low=0.5,
        high=LONGEST_YEARS,
        step=0.5,
        unit="years after the sale",
    )
    sale = Control(
        name="day_zero",
        kind="date",
        label="date of the sale",
        value=scenario.day_zero,
        low=FIRST_DATE,
        high=LAST_DATE,
        hint="day 0; some attacks were more or less frequent until a date",
    )
    groups = [Group(legend="How long, and from when", controls=(years, sale))]
    events = tuple(
        Control(
            name=f"event:{number}",
            kind="range",
            label=event.label or event.kind,
            value=event.day,
            high=max(365.0, event.day),
            unit="days after the sale",
        )
        for number, event in enumerate(scenario.events)
    )
    if events:
        groups.append(Group(legend="What the firm did, and when", controls=events))
    return tuple(groups)


def _evidence(scenario: Scenario) -> tuple[Group, ...]:
    """Readings of the evidence, how the data got out, and the seed."""
    as_said = (AS_STATED, "as the scenario says")
    ssn = tuple(
        (name, f"{name}: {share:.0%} of all, if so many named one".replace("%", " %"))
        for name, share in ssn_readings(scenario).items()
    )
    uplift = (
        (AS_STATED, "the whole range"),
        ("traced", "traced: next to none"),
        ("surveyed", "surveyed: four to five times as much"),
    )
    out = tuple((name, _way_out(name)) for name in RELEASES)
    return (
        Group(
            legend="Where the sources disagree",
            controls=(
                _choice("ssn", "share whose SSN leaked", (as_said, *ssn)),
                _choice("uplift", "new-account fraud added", uplift),
                _choice("release", "how the data got out", (as_said, *out)),
            ),
        ),
        Group(
            legend="Random draws",
            controls=(
                Control(
                    name="seed",
                    kind="number",
                    label="seed",
                    value=1.0,
                    high=2.0**31 - 1,
                    unit="whole number",
                    hint="the same seed gives the same draws",
                ),
            ),
        ),
    )


def _way_out(name: str) -> str:
    """How the data got out, in words; the label of its chance begins with what that is a chance of."""
    return catalog.label_of_parameter(f"release.{name}").removeprefix("chance that the data were ")


def _choice(name: str, label: str, options: tuple[tuple[str, str], ...]) -> Control:
    return Control(name=name, kind="choice", label=label, value=AS_STATED, options=options)


def first_values(controls: Mapping[str, Control]) -> dict[str, float | str]:
    """First value of each control.

    Parameters
    ----------
    controls
        By name.

    Returns
    -------
    By name.
    """
    return {name: control.value for name, control in controls.items()}
