"""Laws of identity: an incident that is given twice is read once and said, wherever the copies stand."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from support.imports import incident, part

import breach_sim as bs


def known_as(name: str = "A1", victim: str = "Example", amount: int = 50, year: int = 2020) -> dict[str, Any]:
    """Return an incident with an id, a victim and a year."""
    when = {"incident": {"year": year, "month": 2, "day": 3}}
    return incident([part("Personal", amount)]) | {
        "incident_id": name,
        "victim": {"victim_id": victim, "country": ["US"]},
        "timeline": when,
    }


def test_a_copy_is_read_once_and_said() -> None:
    """Three copies give one scenario, with the number of copies in the account, and the copies left out."""
    imported = bs.from_veris([known_as(), known_as(), known_as()])
    assert 50 == imported.scenario.accounts
    assert ["entry", "entry"] == [left.kind for left in imported.scenario.left_out]
    assert any("given 3 times, read once" in row.reason for row in imported.rows)


@pytest.mark.parametrize(
    "other", [known_as(victim="Another"), known_as(year=2021), known_as(name="A2", amount=51)]
)
def test_another_incident_is_not_a_copy(other: dict[str, Any]) -> None:
    """The same id with another victim or date, and another id, are other incidents."""
    assert 2 == len(bs.from_veris([known_as(), other]))


def test_an_id_of_several_victims_is_said() -> None:
    """If one id stands for several victims, the account says that they are read apart."""
    imported = bs.from_veris([known_as(), known_as(victim="Another")])
    assert any("have the same id" in row.reason for row in imported.rows)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_versions_the_later_is_read(order: int) -> None:
    """Of one incident in two versions the one that was modified last is read, in whatever order they come."""
    old = known_as(amount=5) | {"plus": {"modified": "2019-01-01T00:00:00Z"}}
    new = known_as(amount=6) | {"plus": {"modified": "2021-01-01T00:00:00Z"}}
    imported = bs.from_veris([old, new][::order])
    assert 6 == imported.scenario.accounts
    assert any("another version" in left.reason for left in imported.scenario.left_out)


def test_copies_without_an_id_are_found_by_their_contents() -> None:
    """Without an id, equal contents are one incident; with different ids only if a summary is equal, too."""
    bare = known_as()
    del bare["incident_id"]
    assert 1 == len(bs.from_veris([bare, copy.deepcopy(bare)]))
    assert 2 == len(bs.from_veris([known_as("A1"), known_as("A2")]))
    summary = {"summary": "A disk was lost."}
    assert 1 == len(bs.from_veris([known_as("A1") | summary, known_as("A2") | summary]))


def test_copies_in_files_of_a_folder_are_found(tmp_path: Path) -> None:
    """A checkout with single files and a joined file gives each incident once."""
    (tmp_path / "single").mkdir()
    both = [known_as("A1"), known_as("A2", amount=60)]
    for one in both:
        (tmp_path / "single" / f"{one['incident_id']}.json").write_text(json.dumps(one), encoding="utf-8")
    (tmp_path / "joined.json").write_text(json.dumps(both), encoding="utf-8")
    imported = bs.from_veris(tmp_path)
    assert [50, 60] == sorted(breach.accounts for breach in imported)
    assert 2 == sum("given 2 times" in row.reason for row in imported.rows)


def test_a_refused_incident_is_counted_once() -> None:
    """A refused incident in two copies is one refusal, which says how often it was given."""
    lost = incident([part("Internal", 5)]) | {"incident_id": "B"}
    imported = bs.from_veris([known_as(), lost, copy.deepcopy(lost)])
    (reason,) = imported.refused.values()
    assert "(given 2 times)" in reason
