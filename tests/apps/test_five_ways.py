"""Law of the ways in: a breach that is described in five ways has one answer, to the last digit."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import breach_sim as bs
from tests.support.command_line import say

LOGIN = ("username", "email_address", "password_hash")
DAY, LABEL = "2026-02-14", "Valor Health Plan"
OF_THE_WAY = ("input_hash", "notes", "overrides", "parameters")
"""Keys that say how a breach was described: names of shares, cautions of the reader, the user's reasons."""


def insurer(**other: Any) -> pd.DataFrame:
    """An invented health insurer of 3.2 million members; one row a segment, one column a field."""
    shares = {
        "ssn": [0.80, 0.52, 0.75, 0.275],
        "medical_record": [0.55, 0.90, 0.40, 0.35],
        "bank_account_number": [0, 0.35, 0.60, 0],
        **{name: [0.30, 0, 0.70, 0] for name in LOGIN},
    }
    return pd.DataFrame(
        {
            "segment": ["commercial", "medicare", "individual", "former"],
            "accounts": [1_400_000, 600_000, 400_000, 800_000],
            **dict.fromkeys(("full_name", "date_of_birth", "postal_address", "health_insurance_id"), 1.0),
            **shares,
            **other,
        }
    )


def of_frame(frame: pd.DataFrame) -> bs.Scenario:
    """The scenario of a frame, with day 0, title and country."""
    breach = bs.Scenario.from_frame(frame, name="valor", blocks=[LOGIN])
    return dataclasses.replace(breach, day_zero=DAY, label=LABEL).with_countries("US")


def as_toml(breach: bs.Scenario) -> str:
    """A scenario file as a person writes it."""
    lines = [f'name = "valor"\nlabel = "{LABEL}"\nday_zero = "{DAY}"\n[dossier]\ncountries = ["US"]']
    for segment in breach.segments:
        lines += [f'[segments.{segment.name}]\naccounts = {segment.accounts}\nsources = ["user-input"]']
        for leak in segment.leaks:
            lines += [f"[[segments.{segment.name}.leaks]]", f"fields = {json.dumps(leak.fields)}"]
            lines += [f"coverage = {leak.coverage.central}"]
    return "\n".join(lines)


def document(path: Path, *more: object) -> dict[str, Any]:
    """What ``run --json`` prints, without what says how the breach was described."""
    said = say("run", path, "--replicates", 64, "--json", *more)
    assert said.code == 0, said.err
    whole = json.loads(said.out)
    return {key: value for key, value in whole.items() if key not in OF_THE_WAY}


@pytest.fixture(scope="module")
def by_toml(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of the scenario file."""
    place = tmp_path_factory.mktemp("toml") / "valor.toml"
    place.write_text(as_toml(of_frame(insurer())), encoding="utf-8")
    return document(place)


def test_a_frame_gives_the_answer_of_the_file(by_toml: dict[str, Any]) -> None:
    """A frame and a scenario file give one document."""
    whole = json.loads(bs.simulate(of_frame(insurer()), replicates=64, seed=1).to_json())
    assert by_toml == {key: value for key, value in whole.items() if key not in OF_THE_WAY}


@pytest.mark.parametrize("ending", [".xlsx", pytest.param(".csv", marks=pytest.mark.slow)])
def test_a_sheet_gives_the_answer_of_the_file(ending: str, by_toml: dict[str, Any], tmp_path: Path) -> None:
    """A table that the command line imports gives the document of the scenario file."""
    place = tmp_path / f"valor{ending}"
    if ending == ".csv":
        insurer().to_csv(place, index=False)
    else:
        insurer().to_excel(place, index=False)
    about = ("--day-zero", DAY, "--label", LABEL, "--countries", "US", "--block", ",".join(LOGIN))
    said = say("import", "table", place, "--out", tmp_path / "made", *about)
    assert said.code == 0, said.err
    assert by_toml == document(tmp_path / "made" / "valor.toml")


def test_overrides_give_the_answer_of_the_file(by_toml: dict[str, Any], tmp_path: Path) -> None:
    """Another breach that overrides turn into the insurer gives the document of the scenario file."""
    wrong = insurer(ssn=[0.5, 0.5, 0.5, 0.5], accounts=[1_000_000, 600_000, 400_000, 800_000])
    (tmp_path / "wrong.toml").write_text(as_toml(of_frame(wrong)), encoding="utf-8")
    breach = bs.load_scenario(str(tmp_path / "wrong.toml"))
    lines = ['[accounts]\ncommercial = { value = 1_400_000, reason = "own count" }']
    for segment, share in zip(breach.segments, insurer()["ssn"], strict=True):
        name = next(leak.coverage.name for leak in segment.leaks if leak.fields == ("ssn",))
        lines += [f'["{name}"]\nvalue = {share}\nreason = "own count"']
    (tmp_path / "own.toml").write_text("\n".join(lines), encoding="utf-8")
    assert by_toml == document(tmp_path / "wrong.toml", "--with", tmp_path / "own.toml")
    assert by_toml != document(tmp_path / "wrong.toml")
