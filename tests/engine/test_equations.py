"""The engine and the page of the law name the same equations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
LABEL = re.compile(r"^ {4}.*\((\d+)\)$", re.MULTILINE)
REFERENCE = re.compile(r"[Ee]quations? ((?:\(\d+\)(?:, | and )?)+)")
ELSEWHERE = {
    **dict.fromkeys((12, 14, 20), "results"),
    **dict.fromkeys((26, 27, 33, 34, 40), "inputs"),
    **dict.fromkeys((28, 29, 31, 32, 35, 36, 37, 38, 39), "analysis"),
}
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
    assert len(found) >= 32


def test_rooms_name_only_equations_of_the_page() -> None:
    """Whatever number the engine or another room names stands on the page."""
    rooms = {"engine", *ELSEWHERE.values()}
    assert set().union(*map(referred, rooms)) <= {int(n) for n in LABEL.findall(PAGE)}


STEPS = {
    "_chance": (22,),
    "_looked_up": (23,),
    "_had_anyway": (23, 24),
    "_known_sets": (25,),
}
"""Functions of the engine's look-ups, and the equations that they name."""


@pytest.mark.parametrize(("function", "equations"), STEPS.items())
def test_equations_of_look_ups_are_named_at_their_steps(function: str, equations: tuple[int, ...]) -> None:
    """Coins, fields from the record, fields had anyway and nested sets of routes name their equations."""
    text = (ROOT / "breach_sim" / "engine" / "known.py").read_text(encoding="utf-8")
    (body,) = re.findall(rf"^ *def {function}\(.*?(?=^ *def |\Z)", text, re.MULTILINE | re.DOTALL)
    assert numbers(body) == set(equations)
    assert set(equations) <= {int(n) for n in LABEL.findall(PAGE)}


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
