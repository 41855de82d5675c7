"""The engine and the page of the law name the same equations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
LABEL = re.compile(r"^ {4}.*\((\d+)\)$", re.MULTILINE)
REFERENCE = re.compile(r"[Ee]quations? ((?:\(\d+\)(?:, | and )?)+)")
ELSEWHERE = {12: "results", 14: "results", 20: "results", 22: "analysis", 23: "analysis"}
"""Equations that are computed outside the engine, and the room that does it."""


def numbers(text: str) -> set[int]:
    """Return the equations that a text refers to."""
    return {int(n) for found in REFERENCE.findall(text) for n in re.findall(r"\d+", found)}


def referred(room: str) -> set[int]:
    """Return the equations that the modules of a room refer to."""
    files = (ROOT / "breach_sim" / room).rglob("*.py")
    return {n for path in files for n in numbers(path.read_text(encoding="utf-8"))}


def test_equations_are_numbered_in_order() -> None:
    """The page numbers its equations 1, 2, 3, ... without a gap."""
    found = [int(n) for n in LABEL.findall(PAGE)]
    assert list(range(1, len(found) + 1)) == found
    assert len(found) >= 20


def test_the_engine_names_only_equations_of_the_page() -> None:
    """Whatever number the engine names stands on the page."""
    assert referred("engine") <= {int(n) for n in LABEL.findall(PAGE)}


def test_every_equation_is_named_where_it_is_computed() -> None:
    """Every equation is named by the engine, or by the room that computes it."""
    rooms = {room: referred(room) for room in {"engine", *ELSEWHERE.values()}}
    lost = [n for n in map(int, LABEL.findall(PAGE)) if n not in rooms[ELSEWHERE.get(n, "engine")]]
    assert [] == lost


@pytest.mark.parametrize(
    ("text", "found"), [("# Equation (3): why", {3}), ("Equations (7) and (8) of", {7, 8}), ("f(3)", set())]
)
def test_references_are_read(text: str, found: set[int]) -> None:
    """A reference is the word and a number in brackets, and nothing else."""
    assert found == numbers(text)
