"""Laws of the table of formats: each has a reader, a test file, and no dictionary lies about unread."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from breach_sim.interop.formats import FORMATS

DICTIONARIES = Path(__file__).parents[2] / "breach_sim" / "catalog" / "data" / "formats"
OF_FIELDS = {
    "bare_fields",
    "descriptions",
    "field_groups",
    "headings",
    "placeholders",
    "populations",
    "record_kinds",
    "register_lists",
}
"""Files of the folder that hold no words of a single format."""


def unread(dictionaries: Iterable[str], formats: Iterable[str]) -> list[str]:
    """Return the dictionaries that belong to no format."""
    return sorted(set(dictionaries) - OF_FIELDS - set(formats))


def untested(formats: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return the formats without a test file of their own."""
    return sorted(name for name in formats if f"test_import_{name}.py" not in set(files))


def test_every_dictionary_has_a_reader() -> None:
    """A file of words in catalog/data/formats bears the name of a format that can be imported."""
    # Labels are words that are shown, not read.
    found = [path.stem for path in DICTIONARIES.glob("*.toml") if path.stem != "labels"]
    assert set(found) >= OF_FIELDS | {"hibp", "veris"}
    assert unread(found, FORMATS) == [], "add a row for these to interop/formats.py"


def test_every_format_has_a_test() -> None:
    """A format that can be imported has tests/interop/test_import_NAME.py."""
    assert untested(FORMATS, [path.name for path in Path(__file__).parent.glob("*.py")]) == [], (
        "write tests/interop/test_import_NAME.py for these formats"
    )


def test_a_format_that_is_half_there_is_found() -> None:
    """A dictionary without a format, and a format without a test, are both named."""
    assert unread(["hibp", "planted", "bare_fields"], ["hibp"]) == ["planted"]
    assert untested(["hibp", "planted"], ["test_import_hibp.py"]) == ["planted"]
