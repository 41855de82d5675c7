"""Laws of time: what a list repeats many times is read in steps that are as many, and not their square."""

from __future__ import annotations

import dataclasses
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

import breach_sim as bs
from breach_sim.interop.amounts import slug
from breach_sim.interop.hibp.shares import stated_shares

ROWS = 200
"""Equal rows: few, because steps are counted."""


@pytest.mark.parametrize("number", ["", "one"], ids=["no identifier", "one identifier"])
def test_equal_rows_are_put_together_in_one_step(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that say the same, or have one identifier, become one breach once, not once for each row."""
    steps = []

    def counted(old: Any, **changes: Any) -> Any:
        steps.append(old)
        return plain(old, **changes)

    plain = dataclasses.replace
    monkeypatch.setattr(dataclasses, "replace", counted)
    row = {"Id": number, "Name": "Firm", "WashingtoniansAffected": 700, "InformationType": "Name; SSN"}
    found = bs.from_register([row] * ROWS).scenario
    assert len(steps) < 20
    assert 700 == found.accounts
    assert (0 if number else ROWS - 1) == sum(part.kind == "row" for part in found.left_out)


class Counted(set[str]):
    """A set that counts how often it is asked."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return super().__contains__(name)


def test_a_free_name_is_found_among_ten_thousand_of_one_kind() -> None:
    """The next free number is the one after the last, and few are tried."""
    taken = Counted(["shop", *(f"shop-{number}" for number in range(2, 10_001))])
    assert "shop-10001" == slug("Shop", taken)
    assert taken.asked < 50
    names: dict[str, None] = {}
    for _ in range(40):
        names[slug("Shop", names)] = None
    assert ["shop", *(f"shop-{number}" for number in range(2, 41))] == list(names)


def test_a_sentence_of_many_numbers_is_read_in_a_second() -> None:
    """Five thousand shares in one sentence took five seconds of processor time."""
    start = time.process_time()
    found = stated_shares("40% " * 4_999 + "40% had phone numbers", 1_000)
    assert time.process_time() - start < 2
    assert [("phone_number",)] == [one.fields for one in found]


def test_files_that_are_not_read_are_not_listed_in_every_scenario(tmp_path: Path) -> None:
    """A scenario names a thousand of them and counts the rest; the report names each."""
    data = [{"variety": "Personal", "amount": 120}]
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        for number in range(1_010):
            made.writestr(f"{number}.png", "")
        for own in ("A", "B"):
            incident = {"incident_id": own, "attribute": {"confidentiality": {"data": data}}}
            made.writestr(f"{own}.json", json.dumps(incident))
    found = bs.from_veris(tmp_path / "all.zip")
    for scenario in found:
        others = [part for part in scenario.left_out if part.kind == "file"]
        assert 1_001 == len(others)
        assert ("10 more", 10) == (others[-1].name, others[-1].count)
    assert 1_010 == sum(row.word.endswith(".png") for row in found.rows)
