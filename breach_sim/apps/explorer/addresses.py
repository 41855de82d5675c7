"""The state of a panel as the last part of an address: ``scenario=equifax-2017&off=ssn&use=credit-freeze``.

=========  ==========================================================================================
scenario   name of a scenario of the catalog
off, on    fields that did not leak, or leaked too: FIELD for every segment, SEGMENT:FIELD for one
size       SEGMENT:ACCOUNTS
use        mitigations: NAME, or NAME-day-N
event      NUMBER:DAY, for the events of the scenario
sale       date of the sale, YYYY-MM-DD
years      years that are counted
ssn, uplift, release   readings of the evidence
seed       whole number
=========  ==========================================================================================

Several values of a key are separated by commas. What cannot be read is left out, and a sentence says so.

Not here: what values mean to the model (``readings``).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

from breach_sim import catalog
from breach_sim.apps.explorer.controls import UNITS, Control
from breach_sim.apps.explorer.readings import taken
from breach_sim.formatting.display import shortened
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.strangers import visible
from breach_sim.inputs.fields import FIELD_NAMES

PLAIN = {"years": "horizon", "sale": "day_zero", "ssn": "ssn", "uplift": "uplift", "release": "release",
         "seed": "seed"}  # fmt: skip
"""Keys that give the value of one control, and its name."""
KEYS = ("scenario", "off", "on", "size", "use", "event", *PLAIN)
SAFE = ":.-_"
"""Characters of a value that need no escape in an address, beside letters and digits."""
_DAY = re.compile(r"(.+)-day-(-?[\d.]+)")
Pair = tuple[str, list[str]]


def pairs(address: str) -> list[Pair]:
    """Take an address apart.

    Parameters
    ----------
    address
        The part after the question mark; the mark, and all before it, may be there.

    Returns
    -------
    Keys in their order, and the values of each, unescaped.

    Examples
    --------
    >>> pairs("?scenario=equifax-2017&off=ssn,date_of_birth")
    [('scenario', ['equifax-2017']), ('off', ['ssn', 'date_of_birth'])]
    """
    text = address.rpartition("?")[2].partition("#")[0]
    parts = (part.partition("=") for part in text.split("&") if part)
    return [
        (unquote_plus(key), [unquote_plus(value) for value in values.split(",") if value])
        for key, _, values in parts
    ]


def scenario_in(address: str) -> str:
    """Name of the scenario in an address.

    Parameters
    ----------
    address
        As for :func:`pairs`.

    Returns
    -------
    The name as it is given; "" for none.
    """
    return next((values[0] for key, values in pairs(address) if key == "scenario" and values), "")


def read_address(address: str, controls: Mapping[str, Control]) -> tuple[dict[str, Any], list[str]]:
    """Read the values of controls from an address.

    Parameters
    ----------
    address
        As for :func:`pairs`.
    controls
        Of the scenario, by name.

    Returns
    -------
    Values by name of those that differ; and a sentence for each part that is left out.
    """
    values: dict[str, Any] = {}
    complaints = []
    for key, words in pairs(address):
        if key not in KEYS:
            complaints.append(f"{unknown('word', key, KEYS, 'the address')} It is left out.")
        elif key != "scenario":
            for word in words if key not in PLAIN else [",".join(words)]:
                try:
                    found = dict(_meant(key, word, controls))
                    values |= {name: taken(controls[name], value) for name, value in found.items()}
                except ValueError as error:
                    complaints.append(
                        f"{key}={shortened(visible(word), 60)}: {str(error).rstrip('.')}. It is left out."
                    )
    return {name: value for name, value in values.items() if value != controls[name].value}, complaints


def _meant(key: str, word: str, controls: Mapping[str, Control]) -> Iterator[tuple[str, Any]]:
    """Controls and values that one word of an address stands for."""
    if key in PLAIN:
        yield PLAIN[key], word
    elif key in {"off", "on"}:
        yield from _field(word, controls, on=key == "on")
    elif key == "use":
        yield from _use(word, controls)
    else:
        name, colon, number = word.rpartition(":")
        if not colon:
            raise ValueError(f"{shown(word)} has no colon; write NAME:NUMBER")
        control = _known(f"{key}:{name}", controls)
        yield control.name, _in_unit(number, control) if key == "size" else number


def _known(name: str, controls: Mapping[str, Control]) -> Control:
    """The control of that name, or a refusal that names those of its kind."""
    kind, _, rest = name.partition(":")
    if name not in controls:
        known = [other.partition(":")[2] for other in controls if other.startswith(f"{kind}:")]
        what = {"size": "segment", "use": "mitigation"}.get(kind, kind)
        raise ValueError(unknown(what, rest, known, "this scenario"))
    return controls[name]


def _field(word: str, controls: Mapping[str, Control], *, on: bool) -> Iterator[tuple[str, bool]]:
    """A field in one segment or in all; one that leaked nowhere has a control of its own."""
    segment, colon, field = word.rpartition(":")
    if colon:
        _known(f"size:{segment}", controls)
    if field not in FIELD_NAMES:
        raise ValueError(unknown("field", field, FIELD_NAMES, "the address"))
    start = f"leaked:{segment}:" if colon else "leaked:"
    names = [name for name in controls if name.startswith(start) and name.rpartition(":")[2] == field]
    names = names or ([f"added:{field}"] if f"added:{field}" in controls else [])
    if not names:
        raise ValueError(
            f"no attack on this scenario asks for {catalog.label_of_field(field)}, and it did not leak"
        )
    yield from ((name, on) for name in names)


def _use(word: str, controls: Mapping[str, Control]) -> Iterator[tuple[str, Any]]:
    """A mitigation, and its day where one is given."""
    name, day = word, None
    if f"use:{word}" not in controls and (found := _DAY.fullmatch(word)):
        name, day = found.groups()
    _known(f"use:{name}", controls)
    yield f"use:{name}", True
    if day is not None:
        if f"day:{name}" not in controls:
            raise ValueError(f"{name} has no day; leave '-day-{day}' out")
        yield f"day:{name}", day


def _scale(control: Control) -> int:
    """Accounts in the unit of a slider for sizes."""
    return next(scale for scale, unit in UNITS.items() if unit == control.unit)


def _in_unit(number: str, control: Control) -> Any:
    """A number of accounts in the unit of its slider; text that is no number stays as it is."""
    try:
        return int(number.replace(",", "")) / _scale(control)
    except ValueError:
        return number


def write_address(scenario: str, controls: Mapping[str, Control], values: Mapping[str, Any]) -> str:
    """Write the state of a panel as the last part of an address.

    Parameters
    ----------
    scenario
        Name of the scenario; "" leaves it out.
    controls
        Of the scenario, by name.
    values
        By name, of those that differ; each as ``readings.taken`` returns it.

    Returns
    -------
    Text without a question mark, which :func:`read_address` reads back.
    """
    parts: dict[str, list[str]] = {"scenario": [scenario] if scenario else []}
    parts |= {
        key: [f"{name.rpartition(':')[0].partition(':')[2]}:{name.rpartition(':')[2]}" for name in names]
        for key, names in _ticked(controls, values).items()
    }
    off, on = ({word.rpartition(":")[2] for word in parts[key]} for key in ("off", "on"))
    for key in ("off", "on"):
        parts[key] = list(_for_all(parts[key], controls, on=key == "on", single=off & on))
    parts["size"] = [
        f"{name.partition(':')[2]}:{round(values[name] * _scale(controls[name]))}"
        for name in _moved(controls, values, "size:")
    ]
    parts["use"] = [
        _with_day(name.partition(":")[2], controls, values) for name in _moved(controls, values, "use:")
    ]
    parts["event"] = [f"{n.partition(':')[2]}:{values[n]:g}" for n in _moved(controls, values, "event:")]
    parts |= {
        key: [f"{values[name]:.10g}" if isinstance(values[name], float) else str(values[name])]
        for key, name in PLAIN.items()
        if name in values
    }
    return "&".join(
        f"{key}={','.join(quote(word, safe=SAFE) for word in words)}" for key, words in parts.items() if words
    )


def _moved(controls: Mapping[str, Control], values: Mapping[str, Any], start: str) -> list[str]:
    """Names of moved controls with a beginning, in the order of the panel."""
    return [name for name in controls if name.startswith(start) and name in values]


def _ticked(controls: Mapping[str, Control], values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Moved controls of fields, by the key of the address."""
    names = [*_moved(controls, values, "leaked:"), *_moved(controls, values, "added:")]
    return {"off": [n for n in names if not values[n]], "on": [n for n in names if values[n]]}


def _for_all(
    words: Iterable[str], controls: Mapping[str, Control], *, on: bool, single: Container[str]
) -> Iterator[str]:
    """Words SEGMENT:FIELD, with FIELD alone in place of those of every segment where it was otherwise.

    A field that is ticked in one segment and unticked in another is named with its segment.
    """
    of_field: dict[str, list[str]] = {}
    for word in words:
        of_field.setdefault(word.rpartition(":")[2], []).append(word)
    for field, found in of_field.items():
        boxes = [c for n, c in controls.items() if n.startswith("leaked:") and n.rpartition(":")[2] == field]
        others = sum(box.value is not on for box in boxes)
        yield from [field] if len(found) == max(1, others) and field not in single else found


def _with_day(name: str, controls: Mapping[str, Control], values: Mapping[str, Any]) -> str:
    """A mitigation, with its day where that was moved."""
    day = values.get(f"day:{name}") if f"day:{name}" in controls else None
    return name if day is None else f"{name}-day-{day:g}"
