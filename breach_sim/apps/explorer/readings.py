"""What the values of controls mean: each checked against its range, all together the inputs of a run.

A value that cannot be taken is refused with a sentence that names the value, the control, the rule and what
to do. Nothing is moved silently into its range.

Not here: the controls themselves (``controls``), and addresses (``addresses``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_sim.apps.explorer.controls import Control, steps
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.scenario import Scenario

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+")
_LONGEST_BITS = 1000
"""Longest whole number that is turned into a float, in bits."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")


@dataclass(frozen=True)
class Reading:
    """What the values of a panel mean.

    Parameters
    ----------
    inputs
        Inputs of a run, without the values that are refused.
    problems
        Why a value is refused, by the name of its control.
    """

    inputs: PanelInputs
    problems: Mapping[str, str]


def read(scenario: Scenario, controls: Mapping[str, Control], values: Mapping[str, Any]) -> Reading:
    """Make inputs of the values of controls.

    Parameters
    ----------
    scenario
        The scenario before any change.
    controls
        By name, as ``controls.by_name`` returns them.
    values
        By name, of those that were moved; numbers may be texts.

    Returns
    -------
    The inputs, which hold only what differs from the scenario, and what is wrong with the values.

    Raises
    ------
    ValueError
        If there is no control of that name.
    """
    said: dict[str, Any] = {name: control.value for name, control in controls.items()}
    problems: dict[str, str] = {}
    for name, value in values.items():
        if name not in controls:
            raise ValueError(unknown("control", name, controls, f"the panel of {scenario.name!r}"))
        try:
            said[name] = taken(controls[name], value)
        except ValueError as error:
            problems[name] = str(error)
    days = {n: said[f"event:{n}"] for n in range(len(scenario.events))}
    inputs = PanelInputs(
        scenario=scenario,
        sizes=_sizes(scenario, said),
        leaked=_fields(scenario, said),
        days={n: day for n, day in days.items() if day != scenario.events[n].day},
        day_zero="" if said["day_zero"] == scenario.day_zero else said["day_zero"],
        mitigations=tuple(_mitigations(said)),
        horizon_years=said["horizon"],
        seed=int(said["seed"]),
        **{name: said[name] for name in ("ssn", "uplift", "release")},
    )
    return Reading(inputs, problems)


def taken(control: Control, value: Any) -> float | str:
    """Check one value of a control.

    Parameters
    ----------
    control
        The control.
    value
        What a reader gave: a number, a text or a bool.

    Returns
    -------
    The value as a number, a text or a bool.

    Raises
    ------
    ValueError
        With the value, the rule and what to do, if it cannot be taken.

    Examples
    --------
    >>> taken(Control(name="d", kind="number", label="from day", value=1.0, high=3650.0, unit="days"), "30")
    30.0
    """
    if control.kind == "tick":
        if not isinstance(value, bool):
            raise ValueError(
                f"the control {shown(control.label)} is {shown(value)}; it must be true or false"
            )
        return value
    if control.kind == "choice":
        known = [name for name, _ in control.options]
        if value not in known:
            place = f"the control {shown(control.label)}"
            raise ValueError(unknown("choice", value, filter(None, known), place))
        return str(value)
    return _date(control, value) if control.kind == "date" else _number(control, value)


def _number(control: Control, value: Any) -> float:
    """A number in the range of its control; a text such as "1,200" is read."""
    rule = f"give a number from {control.low:,g} to {control.high:,g}" + (
        f" [{control.unit}]" if control.unit else ""
    )
    text = _THOUSANDS.sub("", value.strip()) if isinstance(value, str) else value
    if isinstance(text, str):
        if not text:
            raise ValueError(f"{control.label} is empty; {rule}")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{control.label} is {shown(value)}, which is no number; {rule}")
        text = float(text)
    long = isinstance(text, int) and text.bit_length() > _LONGEST_BITS
    if isinstance(text, bool) or not isinstance(text, int | float) or long or not math.isfinite(text):
        raise ValueError(f"{control.label} is {shown(value)}, which is no number; {rule}")
    # A slider may add last digits, such as 5.000000000000001 for 5.
    number = round(float(text), 6)
    if not float(control.low) <= number <= float(control.high):
        raise ValueError(f"{control.label} is {number:,.12g}, outside of its range; {rule}")
    if control.name == "seed" and number != int(number):
        raise ValueError(f"{control.label} is {number:g}; give a whole number, 0 or more")
    return number


def _date(control: Control, value: Any) -> str:
    rule = f"give a date from {control.low} to {control.high} as YYYY-MM-DD"
    if value == control.value:
        return str(value)
    if not value:
        raise ValueError(f"{control.label} is empty; {rule} (the scenario says {control.value})")
    try:
        found = date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(f"{control.label} is {shown(value)}, which is no date; {rule}") from None
    if not str(control.low) <= found <= str(control.high):
        raise ValueError(f"{control.label} is {found}, outside of its range; {rule}")
    return found


def _sizes(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, int]:
    """Accounts of the segments whose slider stands elsewhere than at first."""
    sized = {}
    for segment in scenario.segments:
        unit, _ = steps(segment.accounts)
        value = said[f"size:{segment.name}"]
        if round(value, 6) != round(segment.accounts / unit, 6):
            sized[segment.name] = round(value * unit)
    return sized


def _fields(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Fields of the segments in which other fields are ticked than at first."""
    added = {name.removeprefix("added:") for name, on in said.items() if name.startswith("added:") and on}
    chosen = {}
    for segment in scenario.segments:
        start = f"leaked:{segment.name}:"
        ticked = {name.removeprefix(start) for name, on in said.items() if name.startswith(start) and on}
        chosen[segment.name] = frozenset(ticked | added)
    stated = {segment.name: frozenset(segment.fields) for segment in scenario.segments}
    return {name: fields for name, fields in chosen.items() if fields != stated[name]}


def _mitigations(said: Mapping[str, Any]) -> list[str]:
    """Names of the ticked mitigations, with their day where they have one."""
    chosen = [name.removeprefix("use:") for name, on in said.items() if name.startswith("use:") and on]
    days = {name: said.get(f"day:{name}") for name in chosen}
    return [name if days[name] is None else f"{name}-day-{days[name]:g}" for name in chosen]
