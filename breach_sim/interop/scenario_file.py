"""A scenario as the text of a TOML file that reads back as the same scenario.

Coverages named ``estimates.NAME`` stand in the file once and are used by that name; every other is written
where it is used, and takes the name of its place (``segments.X.leaks[0].coverage``) when read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import fields as parts_of
from typing import Any

from breach_sim.inputs.dossier import Dossier
from breach_sim.inputs.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHARED = "estimates."


def to_toml(scenario: Scenario) -> str:
    """Text of a scenario file.

    Parameters
    ----------
    scenario
        Any without withheld fields, which no file can say.

    Returns
    -------
    TOML; ``catalog.read_scenario`` gives the same scenario back.

    Raises
    ------
    ValueError
        If a segment has withheld fields, two estimates share a name, or a text holds half a sign.
    """
    lines = [
        f"{name} = {_value(getattr(scenario, name))}"
        for name in ("name", "label", "day_zero", "notes", "sources")
    ]
    for source in scenario.own_sources:
        lines += ["", f"[source.{_key(source.id)}]"]
        told = {part.name: getattr(source, part.name) for part in parts_of(source) if part.name != "id"}
        lines += [f"{name} = {_value(value)}" for name, value in told.items() if value]
    for name, estimate in _shared(scenario).items():
        lines += ["", f"[estimates.{_key(name)}]", *_estimate_lines(estimate)]
    lines += [*_dossier_lines(scenario.dossier), *_release_lines(scenario)]
    for segment in scenario.segments:
        lines += _segment_lines(segment)
    for event in scenario.events:
        lines += ["", "[[events]]"]
        lines += [f"{part.name} = {_value(getattr(event, part.name))}" for part in parts_of(event)]
    text = "\n".join(lines) + "\n"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"scenario {scenario.name!r} holds {text[error.start]!a}, half a sign; take it out"
        ) from None
    return text


def _shared(scenario: Scenario) -> dict[str, Estimate]:
    """Coverages that stand in the file once, by their short name."""
    found: dict[str, Estimate] = {}
    for leak in (leak for segment in scenario.segments for leak in segment.leaks):
        if not leak.coverage.name.startswith(_SHARED):
            continue
        name = leak.coverage.name.removeprefix(_SHARED)
        if found.setdefault(name, leak.coverage) != leak.coverage:
            raise ValueError(
                f"two coverages are named {leak.coverage.name!r} and differ; a name has one estimate"
            )
    return found


def _dossier_lines(dossier: Dossier) -> Iterable[str]:
    """What is told beside the model; the countries in it decide which attacks arise."""
    told = {part.name: getattr(dossier, part.name) for part in parts_of(dossier)}
    told = {name: value for name, value in told.items() if value}
    published = {name: told.pop(name) for name in ("dates", "counts") if name in told}
    if told or published:
        yield from ("", "[dossier]", *(f"{name} = {_value(value)}" for name, value in told.items()))
    for name, rows in published.items():
        for row in rows:
            yield from ("", f"[[dossier.{name}]]")
            about = {part.name: getattr(row, part.name) for part in parts_of(row)}
            yield from (f"{key} = {_value(value)}" for key, value in about.items() if value or key == "value")


def _segment_lines(segment: Segment) -> Iterable[str]:
    if segment.withheld:
        raise ValueError(
            f"segment {segment.name!r} has withheld fields, which no file can say; write it without"
        )
    key = f"segments.{_key(segment.name)}"
    yield from ("", f"[{key}]", f"accounts = {segment.accounts}")
    for name in ("label", "kind", "sources", "note", "status"):
        if getattr(segment, name):
            yield f"{name} = {_value(getattr(segment, name))}"
    if not segment.leaks:
        yield "leaks = []"
    for leak in segment.leaks:
        yield from ("", f"[[{key}.leaks]]", f"fields = {_value(leak.fields)}")
        if leak.coverage.name.startswith(_SHARED):
            yield f"coverage = {_value(leak.coverage.name.removeprefix(_SHARED))}"
        else:
            yield f"[{key}.leaks.coverage]"
            yield from _estimate_lines(leak.coverage)


def _estimate_lines(estimate: Estimate) -> list[str]:
    told = {part.name: getattr(estimate, part.name) for part in parts_of(estimate) if part.name != "name"}
    return [f"{name} = {_value(value)}" for name, value in told.items() if value is not None and value != ""]


def _release_lines(scenario: Scenario) -> list[str]:
    if not scenario.release:
        return []
    first = next(iter(scenario.release.values()))
    lines = ["", "[release]", *(f"{name} = {_value(part.value)}" for name, part in scenario.release.items())]
    about = {"status": first.status, "sources": first.sources, "note": first.note}
    return [*lines, *(f"{name} = {_value(value)}" for name, value in about.items() if value)]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)
