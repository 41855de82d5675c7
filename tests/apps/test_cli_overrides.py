"""Laws of ``--with``: every command has it, and three disagreements in a file reach every answer."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
import typer.main

import breach_sim as bs
from breach_sim.apps.cli import main as cli
from breach_sim.apps.cli.options import WITHOUT_OWN
from breach_sim.apps.reporting.report_file import written_down
from tests.support.command_line import refused, say

STATED = "tmobile-2021-stated"
THREE = """
["attacks.new_account_fraud.attempts"]
scale = 0.333
reason = "own claims"

[firm]
settlement = { low = 5, mode = 10, high = 20, unit = "USD/person", reason = "counsel" }

[attack]
claims_fraud = { needs = ["full_name", "ssn"], attempts = [1e-3, 3e-3, 8e-3], severity = 900, reason = "own" }
"""
"""Three disagreements, of at most three lines each."""
NAMES = ("attacks.new_account_fraud.attempts", "firm.lines.settlement", "attacks.claims_fraud.attempts")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the three disagreements."""
    place = tmp_path_factory.mktemp("own") / "overrides.toml"
    place.write_text(THREE, encoding="utf-8")
    return place


def test_every_command_takes_overrides_or_says_why_not(file: Path) -> None:
    """Each command has --with; one that has not refuses it with a stated reason, which its help shows too."""
    table = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    lacking = {name for name, each in table.items() if not any("--with" in p.opts for p in each.params)}
    assert lacking == set(WITHOUT_OWN)
    for name in lacking:
        refused(say(name, "--with", file), f"{name} takes no --with: {WITHOUT_OWN[name]}.")
        assert WITHOUT_OWN[name] in table[name].epilog


def test_a_league_ranks_by_the_users_numbers(file: Path) -> None:
    """Harm of the league is that of a run with the overrides, which the notes name."""
    asked = ("league", STATED, "experian-2015", "--replicates", 32, "--no-readings", "--json")
    own, plain = (json.loads(say(*asked, *more).out) for more in (("--with", file), ()))
    assert own["breaches"][STATED]["loss_usd"] != plain["breaches"][STATED]["loss_usd"]
    assert any("own claims" in note for note in own["notes"])


ENTRY = {
    "Name": "Valor", "Title": "Valor", "BreachDate": "2020-02-14", "PwnCount": 3_200_000,
    "DataClasses": ["Names", "Social security numbers"], "Description": "A list of members.",
}  # fmt: skip
"""An entry of Have I Been Pwned."""


def test_an_import_takes_overrides_into_its_files_and_runs(file: Path, tmp_path: Path) -> None:
    """Scenario files of an import hold the overrides, and its runs are those of the files."""
    (tmp_path / "one.json").write_text(json.dumps([ENTRY]), encoding="utf-8")
    asked = ("import", "hibp", tmp_path / "one.json", "--run", "--replicates", 20, "--json")
    own = json.loads(say(*asked, "--with", file, "--out", tmp_path / "mine").out)["impacts"][0]
    plain = json.loads(say(*asked).out)["impacts"][0]
    breach = bs.load_scenario(str(next((tmp_path / "mine").glob("*.toml"))))
    assert list(breach.overrides.attacks) == ["claims_fraud"]
    assert own["loss_usd"]["mean"] == bs.simulate(breach, replicates=20, seed=1).expected("loss_usd").mean()
    assert own["loss_usd"]["mean"] != plain["loss_usd"]["mean"]


def test_counted_records_take_overrides(tmp_path: Path) -> None:
    """A run of counted records has the own attack, also where nothing of the catalog reads its fields."""
    place = tmp_path / "rows.csv"
    place.write_text("name,id\nA B,\nC D,H1\nE F,H2\n", encoding="utf-8")
    text = (
        '[attack]\nclaims = { needs = ["full_name", "health_insurance_id"], attempts = 0.9, severity = 900, '
        'success = 1, reason = "own" }\n'
    )
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    asked = ("expose", place, "--columns", "name=full_name,id=health_insurance_id", "--run", "--json")
    said = say(*asked, "--replicates", 40, "--with", tmp_path / "own.toml")
    attack = json.loads(said.out)["attacks"]["claims"]
    assert attack["attackable"]["p50"] == 2
    assert attack["victims"]["mean"] > 0


def test_three_disagreements_reach_the_json_and_the_hash(file: Path) -> None:
    """The JSON of a run has the own attack, a note of each change, and another hash."""
    asked = ("run", STATED, "--replicates", 30, "--json")
    own, plain = (json.loads(say(*asked, *more).out) for more in (("--with", file), ()))
    assert own["input_hash"] != plain["input_hash"]
    assert own["attacks"]["claims_fraud"]["victims"]["mean"] > 0
    assert own["firm_cost_usd"]["p50"] != plain["firm_cost_usd"]["p50"]
    assert any("own claims" in note and "counsel" in note for note in own["notes"])


def test_three_disagreements_reach_the_sheet(file: Path, tmp_path: Path) -> None:
    """The workbook of assumptions has the three numbers with status user, as numbers and not as text."""
    place = tmp_path / "assumptions.xlsx"
    say("assumptions", STATED, "--replicates", 30, "--with", file, "--out", place)
    rows = list(openpyxl.load_workbook(place).active.values)
    head = next(row for row in rows if "status" in row)
    found = {row[head.index("parameter")]: dict(zip(head, row, strict=True)) for row in rows if row[0]}
    for name in NAMES:
        assert found[name]["status"] == "user"
        assert all(
            isinstance(found[name][word], (int, float)) for word in ("low", "mode", "high", "p5", "p95")
        )


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "firm_cost_usd.mean", "--scenario", STATED, "--replicates", 20),
        ("firm", STATED, "--replicates", 20),
        ("compare", STATED, "credit-freeze", "--replicates", 20),
        ("attribute", STATED, "--replicates", 20),
        ("diff", STATED, "tmobile-2021-claimed", "--replicates", 20),
        ("follow", 5, "--scenario", STATED, "--replicates", 20),
        ("portfolio", STATED, "experian-2015", "--replicates", 20),
        ("combine", STATED, "experian-2015", "--replicates", 20, "--elsewhere", "none"),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_three_disagreements_move_every_answer(words: tuple[object, ...], file: Path) -> None:
    """With overrides each command answers, and answers otherwise."""
    own, plain = say(*words, "--with", file, "--json"), say(*words, "--json")
    assert (0, 0) == (own.code, plain.code)
    assert json.loads(own.out) != json.loads(plain.out)


def test_three_disagreements_reach_the_report(file: Path, tmp_path: Path) -> None:
    """The scenario file from which the report runs gives back the scenario with its overrides."""
    breach = bs.with_overrides(STATED, file)
    name, text = written_down(breach)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert bs.load_scenario(str(tmp_path / name)) == breach


def test_validate_checks_overrides(file: Path, tmp_path: Path) -> None:
    """Validate reads a scenario file together with overrides."""
    say("new", tmp_path / "mine.toml")
    assert say("validate", tmp_path / "mine.toml", "--with", file).code == 0


def test_wrong_overrides_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    """A wrong file is refused with value, place and remedy, and no output is made."""
    place = tmp_path / "bad.toml"
    place.write_text('["attacks.new_account_fraud.attempt"]\nscale = 2\nreason = "x"\n', encoding="utf-8")
    out = tmp_path / "a.csv"
    refused(say("assumptions", STATED, "--with", place, "--out", out), "bad.toml", "did you mean", NAMES[0])
    assert not out.exists()
    refused(say("run", STATED, "--with", tmp_path / "none.toml"), "no such file", "docs/overrides.md")


def test_results_are_shown_in_the_users_currency_too(tmp_path: Path) -> None:
    """Run and card say loss and cost in the currency of the file, at its rate; without one they do not."""
    place = tmp_path / "own.toml"
    place.write_text('currency = "EUR"\nrate = 2.0\n[firm]\nrevenue = { value = 5, reason = "x" }\n', "utf-8")
    for command in ("run", "card"):
        asked = (command, STATED, "--replicates", 20)
        said = " ".join(say(*asked, "--with", place).out.split())
        assert "In EUR, at 2 USD each (the rate that was given): loss" in said
        assert "; cost of the firm" in said
        assert "In EUR" not in say(*asked).out
    assert bs.with_overrides(STATED, place).overrides.amounts["revenue"].value == 10
