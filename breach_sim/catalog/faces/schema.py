"""JSON Schema of a scenario file, for editors: keys, types, words and field names from the dataclasses.

``python run.py catalog`` writes its text to ``data/templates/scenario.schema.json``. Editors that support
taplo find it through the first line of the template. The schema checks less than the reader: rules that
involve two keys (shares that sum to 1, a source that exists) are checked when the file is read.

Not here: reading a file (``scenarios``).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from breach_sim.catalog.reader import attributes_of, required_of
from breach_sim.inputs.attacks import RELEASES
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.left_out import KINDS as LEFT_OUT
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import GRADES, VERIFIED, Estimate, Source
from breach_sim.inputs.numbers.rules import KINDS, SCALES, STATUSES, UNITS
from breach_sim.inputs.published import READ, STANDINGS, Dossier, Published
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import EVENTS, MAX_ACCOUNTS, Event, Leak, Segment
from breach_sim.inputs.segment import KINDS as SEGMENT_KINDS

Schema = dict[str, Any]
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_FIELDS: Schema = {"type": "array", "items": {"enum": list(FIELD_NAMES)}}
_TYPES: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    float | None: {"type": "number"},
    bool: {"type": "boolean"},
    bool | None: {"type": "boolean"},
    str | None: {"type": "string"},
    tuple[str, ...]: _TEXTS,
}
"""What a file may hold for an attribute, by the type of the attribute."""


_ACCOUNTS: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ACCOUNTS}
_DAY: Schema = {"type": "number", "minimum": 0}


def scenario_schema() -> Schema:
    """Return the JSON Schema of a scenario file.

    Returns
    -------
    A draft 7 schema, the version that TOML editor tools read.
    """
    estimate = {"$ref": "#/definitions/estimate"}
    tables = {
        "source": _by_name({"$ref": "#/definitions/source"}, "Sources of your own, by id."),
        "estimates": _by_name(estimate, "Estimates that several leaks use by their name."),
        "segments": _by_name(
            {"$ref": "#/definitions/segment"}, "Accounts that lost the same fields, by name."
        ),
        "events": _list({"$ref": "#/definitions/event"}),
        "release": _release(),
        "dossier": {"$ref": "#/definitions/dossier"},
        "customers": _ACCOUNTS,
        "left_out": _list({"$ref": "#/definitions/left_out"}),
        "overrides": {"type": "object"},
    }
    root = _object(Scenario, absent=("own_sources",), **tables)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Scenario of breach_sim",
        **root,
        "definitions": {
            "estimate": _estimate(),
            "source": _object(Source, absent=("id",), grade=_words(GRADES), verified=_words(VERIFIED)),
            "segment": _object(
                Segment,
                absent=("name", "withheld", "membership"),
                accounts=_ACCOUNTS,
                kind=_words(SEGMENT_KINDS),
                leaks=_list({"$ref": "#/definitions/leak"}),
                status=_words(("", *READ)),
            ),
            "leak": _object(Leak, absent=("breach",), fields=_FIELDS, coverage=_coverage(estimate)),
            "event": _object(Event, kind=_words(EVENTS), day=_DAY, fields=_FIELDS),
            "dossier": _object(
                Dossier,
                standing=_words(STANDINGS),
                dates=_list({"$ref": "#/definitions/published"}),
                counts=_list({"$ref": "#/definitions/published"}),
            ),
            "published": _object(Published, status=_words(READ)),
            "left_out": _object(LeftOut, kind=_words(LEFT_OUT), count={"type": "integer", "minimum": 0}),
        },
    }


def _estimate() -> Schema:
    return _object(
        Estimate,
        absent=("name",),
        kind=_words(KINDS),
        unit=_words(UNITS),
        status=_words(STATUSES),
        scale=_words(SCALES),
        p_zero={"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        quantiles={"type": "object", "additionalProperties": {"type": "number"}},
        samples={"type": "array", "items": {"type": "number"}},
    )


def schema_text() -> str:
    """Return the text of ``scenario.schema.json``.

    Returns
    -------
    JSON text that ends in a newline.
    """
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(cls: Any, *, absent: Collection[str] = (), **special: Schema) -> Schema:
    """Schema of a table that becomes an object of a dataclass; special keys are given."""
    about = _descriptions(cls)
    properties = {
        name: special.get(name) or _TYPES[kind]
        for name, kind in attributes_of(cls).items()
        if name not in absent
    }
    properties |= {name: part for name, part in special.items() if name not in properties}
    return {
        "type": "object",
        "properties": {
            # Beside "$ref" draft 7 reads nothing else.
            name: part if "$ref" in part else {"description": about[name]} | part if name in about else part
            for name, part in properties.items()
        },
        "required": [name for name in required_of(cls) if name in properties],
        "additionalProperties": False,
    }


def _descriptions(cls: Any) -> dict[str, str]:
    """Descriptions of the attributes, from the docstring of the class."""
    text = re.split(r"\n\w+\n-+\n", inspect.getdoc(cls) or "")[1]
    entries = re.findall(r"^(\S[^\n]*)\n((?:    [^\n]*\n?)+)", text, re.MULTILINE)
    return {
        name: re.sub(r":\w+:`|`", "", " ".join(about.split()))
        for names, about in entries
        for name in names.split(", ")
    }


def _words(words: Collection[str]) -> Schema:
    return {"enum": list(words)}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _by_name(item: Schema, about: str) -> Schema:
    return {"description": about, "type": "object", "additionalProperties": item}


def _coverage(estimate: Schema) -> Schema:
    return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}, estimate]}


def _release() -> Schema:
    """Ways in which the data got out, with the information that they share."""
    ways: Schema = {name: {"type": "number", "minimum": 0, "maximum": 1} for name in RELEASES}
    about = {"status": _words(STATUSES), "sources": _TEXTS, "note": _TYPES[str]}
    return {
        "description": "Probability of each way in which the data got out; in all 1.",
        "type": "object",
        "properties": ways | about,
        "required": ["status", "sources"],
        "additionalProperties": False,
    }
