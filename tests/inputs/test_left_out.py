"""What an import left out travels with the scenario: into its file, its hash, and the notes of a run."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import breach_sim as bs
from breach_sim.catalog.scenarios import read_scenario
from breach_sim.inputs.left_out import KINDS, LeftOut, not_read
from breach_sim.interop.scenario_file import to_toml

PARTS = (
    LeftOut(kind="data class", name="Health records", reason="unknown data class", nearest="medical_record"),
    LeftOut(kind="row", name="Total", reason="the sum of the rows above", place="Sheet1", count=1000),
)


def _scenario(left_out: tuple[LeftOut, ...]) -> bs.Scenario:
    frame = pd.DataFrame({"accounts": [1000], "full_name": [1.0], "ssn": [0.5], "date_of_birth": [0.5]})
    return replace(bs.Scenario.from_frame(frame, name="shop"), left_out=left_out)


def test_nothing_left_out_is_no_sentence() -> None:
    """Without parts left out there is nothing to say."""
    assert not_read(()) == ""


def test_the_sentence_names_kind_name_place_nearest_and_count() -> None:
    """The sentence names kind, name, nearest field, place and count of each part."""
    assert not_read(PARTS) == (
        "Not read: 1 data class 'Health records' (nearest: medical_record); 1 row 'Total' (in Sheet1, "
        "1,000). What they hold is not part of the results."
    )


def test_the_sentence_counts_what_it_does_not_name() -> None:
    """Of many parts of a kind four are named and the others counted."""
    parts = [LeftOut(kind="variety", name=f"v{i}", reason="unknown") for i in range(6)]
    assert "6 varieties 'v0', 'v1', 'v2', 'v3' and 2 more" in not_read(parts)


def test_every_note_of_a_run_and_its_document_say_what_was_left_out() -> None:
    """The notes of a run and its JSON document say what was left out."""
    impact = bs.simulate(_scenario(PARTS), replicates=50, seed=1)
    assert not_read(PARTS) in impact.notes
    document = json.loads(impact.to_json())
    assert document["left_out"][0]["nearest"] == "medical_record"
    assert document["left_out"][1]["count"] == 1000


def test_a_scenario_file_keeps_what_was_left_out(tmp_path: Path) -> None:
    """A scenario file gives back what was left out."""
    path = tmp_path / "shop.toml"
    path.write_text(to_toml(_scenario(PARTS)))
    assert read_scenario(path, "shop.toml").left_out == PARTS


def test_what_was_left_out_is_in_the_hash_and_nothing_left_out_is_not() -> None:
    """Parts left out change the hash of the inputs."""
    hashes = {bs.simulate(_scenario(parts), replicates=8, seed=1).input_hash for parts in ((), PARTS)}
    assert len(hashes) == 2


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    """An unknown kind is refused, with the nearest known one."""
    with pytest.raises(ValueError, match=r"unknown kind 'colum'.*did you mean 'column'"):
        LeftOut(kind="colum", name="x", reason="y")
    assert "column" in KINDS


def test_a_negative_count_is_refused() -> None:
    """A count below zero is refused with its value and the rule."""
    with pytest.raises(ValueError, match="count of left-out 'x' is -1; it must be 0 or more"):
        LeftOut(kind="row", name="x", reason="y", count=-1)


def test_the_sentence_stays_short() -> None:
    """Of any number of parts of every kind the sentence counts all and has at most 300 characters."""
    for number in (1, 3, 40):
        parts = [
            LeftOut(kind=kind, name=f"{kind} {i} " + "x" * 50, reason="-")
            for kind in KINDS
            for i in range(number)
        ]
        text = not_read(parts)
        assert len(text) <= 300
        assert all(f"{number} {kind[:4]}" in text for kind in KINDS)
