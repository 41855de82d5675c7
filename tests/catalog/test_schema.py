"""Laws of the JSON Schema of a scenario file: what it allows is what the reader allows, key by key."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from jsonschema import Draft7Validator

from breach_sim.catalog import SCHEMA, CatalogError, read_scenario, scenario_names, scenario_template
from breach_sim.catalog.faces.schema import scenario_schema, schema_text
from breach_sim.catalog.reader import Reader, data

CHECK = Draft7Validator(scenario_schema())
DEFINITIONS = scenario_schema()["definitions"]
PLACES = {
    r"": scenario_schema(),
    r"release": scenario_schema()["properties"]["release"],
    r"dossier": DEFINITIONS["dossier"],
    r"dossier\.(dates|counts)\[\d+\]": DEFINITIONS["published"],
    r"source\.[^.]+": DEFINITIONS["source"],
    r"estimates\.[^.]+": DEFINITIONS["estimate"],
    r"segments\.[^.]+": DEFINITIONS["segment"],
    r"segments\.[^.]+\.leaks\[\d+\]": DEFINITIONS["leak"],
    r"segments\.[^.]+\.leaks\[\d+\]\.coverage": DEFINITIONS["estimate"],
    r"events\[\d+\]": DEFINITIONS["event"],
}
"""Part of the schema that speaks of a place of the file."""
FULL = """
[[events]]
kind = "notice"
day = 20
[estimates.shared]
kind = "fixed"
value = 0.5
unit = "share"
status = "assumed"
sources = ["user-input"]
note = "half of them"
[release]
sold_once = 0.5
posted = 0.5
status = "assumed"
sources = ["user-input"]
note = "a guess"
[dossier]
countries = ["US"]
[[dossier.dates]]
what = "announced"
value = "2025-02-01"
status = "derived"
"""
"""What the template leaves out."""


def full() -> dict[str, Any]:
    """Return the tables of a file with every part that a scenario may have."""
    tables = tomllib.loads(scenario_template() + FULL)
    tables["segments"]["prepaid"]["leaks"][0]["coverage"] = "shared"
    return tables


def refusal(tables: Mapping[str, Any], folder: Path) -> str:
    """Return what the reader says against a file, or nothing."""
    path = folder / "mine.toml"
    path.write_text(tomli_w.dumps(tables), encoding="utf-8")
    try:
        read_scenario(path, path.name)
    except CatalogError as error:
        return str(error)
    return ""


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of everything inside nested tables and lists."""
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    return [path, *(found for key, part in parts for found in paths_of(part, (*path, key)))]


def changed(tables: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return the tables with another value at a path."""
    result = copy.deepcopy(tables)
    inner: Any = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


def test_the_stored_schema_is_the_one_that_is_made() -> None:
    """data/templates/scenario.schema.json equals what `python run.py catalog` writes, byte for byte."""
    stored = data("templates", SCHEMA).read_text(encoding="utf-8")
    assert schema_text() == stored, "keys or fields have changed: python run.py catalog"
    Draft7Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize("name", [*scenario_names(), "template", "full"])
def test_every_scenario_validates(name: str) -> None:
    """Every committed scenario, the template and a file with every part fit the schema."""
    texts = {"template": scenario_template, "full": lambda: tomli_w.dumps(full())}
    own = data("breaches", f"{name}.toml")
    text = texts[name]() if name in texts else own.read_text(encoding="utf-8")
    assert [] == [error.message for error in CHECK.iter_errors(tomllib.loads(text))]


def test_the_schema_has_the_keys_of_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every place of a file the schema knows the keys that the reader accepts and asks for, no other."""
    seen: dict[str, tuple[set[str], set[str]]] = {}
    keys = Reader.keys

    def noted(
        self: Reader, table: Mapping[str, Any], key: str, known: Iterable[str], needed: Iterable[str] = ()
    ) -> None:
        known, needed = list(known), list(needed)
        if self.file == "mine.toml":
            seen[key] = set(known), set(needed)
        keys(self, table, key, known, needed)

    monkeypatch.setattr(Reader, "keys", noted)
    assert not refusal(full(), tmp_path)
    met = set()
    for key, (known, needed) in seen.items():
        (place,) = [place for place in PLACES if re.fullmatch(place, key)]
        met.add(place)
        assert known == set(PLACES[place]["properties"]), key
        assert needed == set(PLACES[place]["required"]), key
        assert PLACES[place]["additionalProperties"] is False, key
    assert met == set(PLACES)


@pytest.mark.parametrize("value", [True, 5, -0.5, "nonsense", [], [3], {}, {"odd": 1}], ids=repr)
def test_what_the_schema_refuses_the_reader_refuses(tmp_path: Path, value: object) -> None:
    """Any value at any place of a file that breaks the schema breaks the reader too: it is never stricter."""
    tables = full()
    refused = 0
    for path in paths_of(tables)[1:]:
        odd = changed(tables, path, value)
        if not CHECK.is_valid(odd):
            refused += 1
            assert refusal(odd, tmp_path), (path, value)
    assert refused > 50


def test_an_unknown_key_is_refused_by_both(tmp_path: Path) -> None:
    """A misspelt key in any table of the file is refused by schema and reader; names are free."""
    tables = full()
    free = {("segments",), ("source",), ("estimates",)}
    inner = [path for path in paths_of(tables) if path not in free]
    for path in inner:
        value: Any = tables
        for key in path:
            value = value[key]
        if isinstance(value, dict):
            odd = changed(tables, (*path, "acounts"), 1)
            assert not CHECK.is_valid(odd), path
            assert "unknown key 'acounts'" in refusal(odd, tmp_path), path


def test_every_key_of_the_schema_says_what_it_is() -> None:
    """A key of a table is described in a sentence, which editors show, unless it refers to another table."""
    for definition in (scenario_schema(), *DEFINITIONS.values()):
        for name, part in definition["properties"].items():
            assert "$ref" in part or part["description"].strip(), name
