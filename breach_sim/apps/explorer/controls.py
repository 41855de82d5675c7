"""The controls of a panel: one widget for each input, with its label and its unit.

Names of controls: "size:SEGMENT", "leaked:SEGMENT:FIELD", "added:FIELD", "use:MITIGATION", "day:MITIGATION",
"event:NUMBER", "day_zero", "horizon", "ssn", "uplift", "release", "seed". :func:`read` makes the
inputs of what they say.

Not here: what happens when one is moved (``panel``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from breach_sim import catalog
from breach_sim.apps.explorer.panel_inputs import AS_STATED, PanelInputs, ssn_readings
from breach_sim.inputs.attacks import RELEASES
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario

LARGEST = 3
"""How many times as large as stated a segment may be made."""
LONGEST_DAY, LONGEST_YEARS = 3650.0, 20.0
MISSING = (
    "a panel needs ipywidgets, which is not installed: `pip install ipywidgets`, then start the notebook anew"
)
RELEASE_LABELS = {
    "held": "never passed on",
    "sold_once": "sold once",
    "resold": "resold",
    "posted": "posted for all",
}
FIELD_LABELS = {
    "ssn_last4": "last 4 of SSN",
    "sim_ki": "SIM key",
    "drivers_license_number": "driver's licence number",
}
CAPITALS = {"ssn", "imei", "imsi", "iccid", "pin", "id", "sms", "ip", "cvv"}


def toolkit() -> Any:
    """The ipywidgets module.

    Returns
    -------
    The module.

    Raises
    ------
    ImportError
        With the remedy, if it is not installed.
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(MISSING) from error
    return ipywidgets


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


def sizes(scenario: Scenario) -> dict[str, Any]:
    """A slider for the accounts of every segment.

    Parameters
    ----------
    scenario
        The scenario before any change.

    Returns
    -------
    Controls by name.
    """
    w, widgets = toolkit(), {}
    for segment in scenario.segments:
        unit, step = steps(segment.accounts)
        most = math.ceil(LARGEST * segment.accounts / step) * step
        word = {1: "accounts", 1_000: "thousand accounts", 1_000_000: "million accounts"}[unit]
        widgets[f"size:{segment.name}"] = w.FloatSlider(
            value=segment.accounts / unit,
            min=0.0,
            max=most / unit,
            step=step / unit,
            readout_format=f".{max(0, round(math.log10(unit / step)))}f",
            description=f"[{word}]",
            tooltip=f"{segment.title}: number of accounts [{word}]; 0 leaves the segment out",
            style={"description_width": "130px"},
            layout={"width": "98%"},
        )
    return widgets


def leaks(scenario: Scenario) -> dict[str, Any]:
    """A tick box for every field of the breach in every segment, and for those that leaked nowhere, by name.

    The scenario is that of :func:`sizes`.
    """
    w, widgets = toolkit(), {}
    held = {name for segment in scenario.segments for name in segment.fields}
    graph = catalog.attacks_in(scenario.dossier.countries)
    read = {name for a in graph.attacks for route in a.routes for name in route.fields}
    layout, style = w.Layout(width="190px"), {"description_width": "initial"}
    more: dict[str, Any] = {"indent": False, "layout": layout, "style": style}
    for segment in scenario.segments:
        for name in (n for n in FIELD_NAMES if n in held):
            tip = f"{segment.title}: {plain(name)} leaked"
            widgets[f"leaked:{segment.name}:{name}"] = w.Checkbox(
                value=name in segment.fields, description=plain(name), tooltip=tip, **more
            )
    for name in (n for n in FIELD_NAMES if n in read - held):
        tip = f"{plain(name)} leaked as well, in every segment"
        widgets[f"added:{name}"] = w.Checkbox(value=False, description=plain(name), tooltip=tip, **more)
    return widgets


def plain(field: str) -> str:
    """Name of a field in plain words.

    Parameters
    ----------
    field
        Canonical name.

    Returns
    -------
    With spaces; abbreviations in capitals.
    """
    words = (word.upper() if word in CAPITALS else word for word in field.split("_"))
    return FIELD_LABELS.get(field, " ".join(words))


def remedies(mitigations: tuple[Mitigation, ...]) -> dict[str, Any]:
    """A tick box for every mitigation, and the day of those that have one.

    Parameters
    ----------
    mitigations
        Those to choose from.

    Returns
    -------
    Controls by name.
    """
    w, widgets = toolkit(), {}
    wide = {"description_width": "initial"}
    for mitigation in mitigations:
        tip = mitigation.description or mitigation.label
        widgets[f"use:{mitigation.name}"] = w.Checkbox(
            value=False,
            description=mitigation.label,
            tooltip=tip,
            indent=False,
            layout={"width": "330px"},
            style=wide,
        )
        if mitigation.day is not None:
            widgets[f"day:{mitigation.name}"] = w.BoundedFloatText(
                value=mitigation.day,
                min=0,
                max=LONGEST_DAY,
                step=1,
                description="from day",
                style=wide,
                layout={"width": "150px"},
                tooltip=f"{mitigation.label}: days after the sale [days]",
            )
    return widgets


def dates(scenario: Scenario) -> dict[str, Any]:
    """Controls of the date of the sale, the days of events and the horizon, by name; as for :func:`sizes`."""
    w = toolkit()
    wide: dict[str, Any] = {"style": {"description_width": "150px"}, "layout": {"width": "98%"}}
    zero = date.fromisoformat(scenario.day_zero) if scenario.day_zero else None
    widgets = {
        "horizon": w.FloatSlider(
            value=5.0,
            min=0.5,
            max=LONGEST_YEARS,
            step=0.5,
            readout_format=".1f",
            description="years looked at [years]",
            tooltip="years after the sale that are counted",
            **wide,
        ),
        "day_zero": w.DatePicker(
            value=zero,
            description="date of the sale",
            style=wide["style"],
            layout={"width": "330px"},
            tooltip="day 0; moves the dates until which attacks were more or less active",
        ),
    }
    for number, event in enumerate(scenario.events):
        widgets[f"event:{number}"] = w.FloatSlider(
            value=event.day,
            min=0,
            max=max(365.0, event.day),
            step=1,
            readout_format=".0f",
            description="[day]",
            tooltip=f"{event.label or event.kind}: days after the sale",
            **wide,
        )
    return widgets


def evidence(scenario: Scenario) -> dict[str, Any]:
    """Controls of the readings of the evidence, how the data got out, and the seed; as for :func:`sizes`."""
    w = toolkit()
    wide: dict[str, Any] = {"style": {"description_width": "180px"}, "layout": {"width": "98%"}}
    ssn = [("as the scenario says", AS_STATED)]
    ssn += [
        (f"{name}: {share:.0%} of all, if so many named one", name)
        for name, share in ssn_readings(scenario).items()
    ]
    uplift = [("the whole range", AS_STATED), ("traced: next to none", "traced")]
    uplift += [("surveyed: four to five times as much", "surveyed")]
    out = [("as the scenario says", AS_STATED), *((RELEASE_LABELS[name], name) for name in RELEASES)]
    widgets = {"ssn": w.Dropdown(options=ssn, description="share whose SSN leaked", **wide)}
    widgets["uplift"] = w.Dropdown(options=uplift, description="new-account fraud added", **wide)
    widgets["release"] = w.Dropdown(options=out, description="how the data got out", **wide)
    widgets["seed"] = w.BoundedIntText(
        value=1,
        min=0,
        max=2**31 - 1,
        description="seed [whole number]",
        style=wide["style"],
        layout={"width": "400px"},
    )
    return widgets


def read(scenario: Scenario, controls: Mapping[str, Any]) -> PanelInputs:
    """What the controls say.

    Parameters
    ----------
    scenario
        The scenario before any change.
    controls
        By name.

    Returns
    -------
    The inputs; they hold only what differs from the scenario.
    """
    said = {name: _plainly(control.value) for name, control in controls.items()}
    zero = said["day_zero"].isoformat() if said["day_zero"] else ""
    events = {n: said[f"event:{n}"] for n in range(len(scenario.events))}
    return PanelInputs(
        scenario=scenario,
        sizes=_sizes_said(scenario, said),
        leaked=_fields_said(scenario, said),
        days={n: day for n, day in events.items() if day != scenario.events[n].day},
        day_zero="" if zero == scenario.day_zero else zero,
        mitigations=tuple(_mitigations_said(said)),
        horizon_years=said["horizon"],
        **{name: said[name] for name in ("ssn", "uplift", "release", "seed")},
    )


def _plainly(value: Any) -> Any:
    """A number without the last digits that a slider on a page adds."""
    return round(value, 6) if isinstance(value, float) else value


def _sizes_said(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, int]:
    """Accounts of the segments whose slider stands elsewhere than at first."""
    sized = {}
    for segment in scenario.segments:
        unit, _ = steps(segment.accounts)
        value = said[f"size:{segment.name}"]
        if value != round(segment.accounts / unit, 6):
            sized[segment.name] = round(value * unit)
    return sized


def _fields_said(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Fields of the segments in which other fields are ticked than at first."""
    added = {name.removeprefix("added:") for name, on in said.items() if name.startswith("added:") and on}
    chosen = {}
    for segment in scenario.segments:
        start = f"leaked:{segment.name}:"
        ticked = {name.removeprefix(start) for name, on in said.items() if name.startswith(start) and on}
        chosen[segment.name] = frozenset(ticked | added)
    stated = {segment.name: frozenset(segment.fields) for segment in scenario.segments}
    return {name: fields for name, fields in chosen.items() if fields != stated[name]}


def _mitigations_said(said: Mapping[str, Any]) -> list[str]:
    """Names of the ticked mitigations, with their day where it is not the usual one."""
    chosen = [name.removeprefix("use:") for name, on in said.items() if name.startswith("use:") and on]
    days = {name: said.get(f"day:{name}") for name in chosen}
    return [name if days[name] is None else f"{name}-day-{days[name]:g}" for name in chosen]
