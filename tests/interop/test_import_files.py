"""Laws of imported files: any encoding, any size, whole or not at all; what is written reads back."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator
from support.command_line import refused, say, tree
from support.imports import ENTRIES, SAMPLE, SIGNS, entry, incident, inert, part

import breach_sim as bs
from breach_sim import api
from breach_sim.catalog import read_scenario
from breach_sim.catalog.faces.schema import scenario_schema
from breach_sim.interop.formats import FORMATS, read_format
from breach_sim.interop.scenario_file import as_plain, to_toml


def again(scenario: bs.Scenario, folder: Path) -> bs.Scenario:
    """Return what a scenario reads as after it was written."""
    path = folder / "again.toml"
    path.write_text(to_toml(scenario), encoding="utf-8", newline="\n")
    return read_scenario(path, path.name)


def test_every_imported_scenario_reads_back_equal(tmp_path: Path) -> None:
    """Written as TOML and read again, a scenario is the same in every part."""
    found = [*bs.from_hibp(ENTRIES[:25])]
    found += bs.from_veris(
        incident([part("Personal", 5), part("Medical", 50), part("Bank")], state=["Stored encrypted"])
    )
    found += bs.from_table(
        pd.DataFrame({"segment": ["a b", 'c"d'], "accounts": [5, 6], "ssn": [0.3, 1], "imei": ["?", ""]})
    )
    for scenario in found:
        assert scenario == again(scenario, tmp_path), scenario.name


def test_the_catalog_reads_back_equal(tmp_path: Path) -> None:
    """The law holds for scenarios of the catalog too, with events, releases and named estimates."""
    for name in api.scenario_names():
        scenario = api.load_scenario(name)
        assert scenario == again(scenario, tmp_path), name


def test_what_an_import_could_not_use_is_said_by_the_run(tmp_path: Path) -> None:
    """That no attack can start is said by each run, of its own catalog; the file says nothing of it."""
    imported = bs.from_hibp(entry("Genders"))
    written = again(imported.scenario, tmp_path)
    assert inert(imported) == {written.name}
    assert not [note for note in written.notes if "attack" in note]
    notes = bs.simulate(written, replicates=2, seed=1).notes
    assert [note for note in notes if "nothing is modeled" in note]


@settings(derandomize=True, deadline=None, max_examples=12)
@given(SIGNS, SIGNS)
def test_any_name_reads_back(tmp_path_factory: pytest.TempPathFactory, name: str, title: str) -> None:
    """Quotes, line breaks, controls and half signs in names leave a file that reads back the same."""
    scenario = bs.from_hibp(entry("Names", "Passwords", Name=name, Title=title)).scenario
    assert scenario == again(scenario, tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"])
def test_json_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """A file reads the same in every encoding; what is no UTF-8 is said in the account."""
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([entry("Names", Name="Caffè")], ensure_ascii=False).encode(encoding))
    imported = bs.from_hibp(path)
    assert "Caffè" == imported.scenario.label
    assert encoding.startswith("utf-8") != any(row.word == "encoding" for row in imported.rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"<html>", "line 1, column 1"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "thousands of digits"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"\x00\x01\x02\x03", "is not JSON"),
        (b'{"Name": NaN}', "no breach"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Value, place, rule, remedy; never a traceback."""
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r".") as refusal:
        bs.from_hibp(path)
    assert message in str(refusal.value)
    assert "a.json" in str(refusal.value)
    refused(say("import", "hibp", path), "a.json")


def test_ten_megabytes_are_read(tmp_path: Path) -> None:
    """A file of more than 10 MB is nothing special."""
    path = tmp_path / "big.json"
    path.write_text(json.dumps([entry("Names", Description="x" * 11_000_000)]), encoding="utf-8")
    assert 1000 == bs.from_hibp(path).scenario.accounts


# the command line ----------------------------------------------------------------------------------------


def test_the_command_writes_files_that_run_reads(tmp_path: Path) -> None:
    """`import --out` writes a file a scenario; each loads as the scenario that was imported."""
    said = say("import", "hibp", SAMPLE, "--out", tmp_path / "out", "--account", tmp_path / "account.csv")
    assert (0, "") == (said.code, said.err)
    imported = bs.from_hibp(SAMPLE)
    assert {f"{s.name}.toml" for s in imported} == {path.name for path in (tmp_path / "out").iterdir()}
    for scenario in list(imported)[:5]:
        assert scenario == api.load_scenario(str(tmp_path / "out" / f"{scenario.name}.toml"))
    assert len(imported.account()) == len(pd.read_csv(tmp_path / "account.csv"))


def test_the_command_tells_the_account(tmp_path: Path) -> None:
    """Of one entry every word stands on the screen with its state; with --json the same as a document."""
    path = tmp_path / "one.json"
    path.write_text(
        json.dumps(entry("Email addresses", "Passwords", "Tattoo status", "Zzz")), encoding="utf-8"
    )
    out = say("import", "hibp", path).out
    for state in ("mapped", "assumed", "carries no attack", "no counterpart"):
        assert state in out
    document = json.loads(say("import", "hibp", path, "--json", "--run").out)
    words = document["impacts"][0]["words"]
    assert len(words["people"].split(" ")[0].strip("0,")) <= 3, "no more digits than 200 replicates earn"
    assert 1000 == document["scenarios"][0]["accounts"] == document["impacts"][0]["accounts"]
    assert {"Zzz", "Tattoo status"} <= {row["word"] for row in document["account"]}


@pytest.mark.parametrize(
    "words",
    [
        ("hipb", SAMPLE),
        ("hibp", SAMPLE, "--accounts", "5"),
        ("veris", SAMPLE, "--per-cent"),
        ("hibp", SAMPLE, "--account", "account.doc"),
        ("table", SAMPLE),
        ("veris", SAMPLE),
        ("hibp", "no-such-file.json"),
        ("veris", "no-such-folder"),
        ("hibp", SAMPLE, "--run", "--replicates", "0"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_written(tmp_path: Path, words: tuple[Any, ...]) -> None:
    """Exit code 2, one sentence, no file."""
    refused(say("import", *words, "--out", tmp_path / "out"))
    assert {} == tree(tmp_path)


def test_files_that_exist_are_kept(tmp_path: Path) -> None:
    """If one of the files is there already nothing is written, and nothing half written is left."""
    name = f"{next(iter(bs.from_hibp(SAMPLE))).name}.toml"
    (tmp_path / name).write_text("mine", encoding="utf-8")
    refused(say("import", "hibp", SAMPLE, "--out", tmp_path), "exists already", name)
    assert ("mine", [name]) == (
        (tmp_path / name).read_text(encoding="utf-8"),
        [path.name for path in tmp_path.iterdir()],
    )


def test_files_are_added_to_a_folder(tmp_path: Path) -> None:
    """A folder that holds other files keeps them and gets the new ones."""
    (tmp_path / "other.txt").write_text("mine", encoding="utf-8")
    assert 0 == say("import", "hibp", SAMPLE, "--out", tmp_path).code
    assert len(ENTRIES) + 1 == len(list(tmp_path.iterdir()))


def test_an_account_is_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    """A class that begins like a formula is marked as text in the CSV of the account."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps(entry("Names", "=cmd|' /C calc'!A0")), encoding="utf-8")
    assert 0 == say("import", "hibp", path, "--account", tmp_path / "account.csv").code
    text = (tmp_path / "account.csv").read_text(encoding="utf-8")
    assert "'=cmd" in text
    assert ",=cmd" not in text


def test_every_format_takes_its_options() -> None:
    """The options that the command line offers for a format are keyword arguments of its reader."""
    for name, form in FORMATS.items():
        assert set(form.options) <= set(inspect.signature(form.read).parameters), name
    assert "hibp" == read_format("hibp", entry("Names"), {"accounts": None, "ignore": []}, "here").format
    with pytest.raises(ValueError, match=r"--accounts is for 'import veris', not 'import hibp'"):
        read_format("hibp", entry("Names"), {"accounts": 0}, "here")
    with pytest.raises(ValueError, match=r"unknown format 'hipb' in here; did you mean 'hibp'"):
        read_format("hipb", entry("Names"), {}, "here")


def test_what_is_written_is_plain_data() -> None:
    """A scenario as plain data goes through JSON unchanged, and its keys are those of a scenario file."""
    for name in api.scenario_names():
        tables = as_plain(api.load_scenario(name))
        assert tables == json.loads(json.dumps(tables)), name
        assert [] == [error.message for error in Draft7Validator(scenario_schema()).iter_errors(tables)]
