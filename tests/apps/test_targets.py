"""Laws of files that commands write: nothing of anybody else is replaced, and a fault of ours says so."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd
import pytest
from support.command_line import refused, say

import breach_sim as bs
from breach_sim.apps.cli import main as cli
from breach_sim.apps.reporting.report_file import check_place
from breach_sim.apps.reporting.summary import summary_page
from breach_sim.catalog.reader import scenario_template
from breach_sim.interop.export import FORMATS, check_ending, export, is_ours

FEW = ("--replicates", 16)
WRITERS: dict[str, tuple[object, ...]] = {
    "report.html": ("report", "mine.toml", *FEW, "--out"),
    "report.ipynb": ("report", "mine.toml", *FEW, "--out"),
    "report.pdf": ("report", "mine.toml", *FEW, "--out"),
    "page.html": ("page", "mine.toml", *FEW, "--out"),
    "adviser.html": ("adviser", "--out"),
    "card.md": ("card", "mine.toml", *FEW, "--out"),
    "card.jsonld": ("card", "mine.toml", *FEW, "--out"),
    "portfolio.html": ("portfolio", "mine.toml", "mine.toml", *FEW, "--out"),
    "league.html": ("league", "mine.toml", *FEW, "--page"),
    "sheet.csv": ("assumptions", "mine.toml", *FEW, "--out"),
    "draws.parquet": ("run", "mine.toml", *FEW, "--samples"),
    "stix.json": ("export", "mine.toml", "--format", "stix", *FEW, "--out"),
    "tidy.xlsx": ("export", "mine.toml", "--format", "tidy", *FEW, "--out"),
    "account.csv": ("import", "table", "table.csv", "--account"),
    "marks.csv": ("lessons", "seeds", "table.csv", "--salt", "salt.txt", "--out"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario, a table and a salt."""
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(scenario_template(), encoding="utf-8")
    Path("table.csv").write_text("segment,accounts,ssn\nall,1000,0.5\n", encoding="utf-8")
    Path("salt.txt").write_text("salt of the class", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", WRITERS)
def test_no_command_replaces_a_file_of_somebody_else(name: str, place: Path) -> None:
    """A file with the right ending that this package did not write stays as it is."""
    target = place / name
    target.write_bytes(b"mine")
    refused(say(*WRITERS[name], name), name, "did not write", "name another")
    assert b"mine" == target.read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_no_command_replaces_its_input(name: str, place: Path) -> None:
    """The scenario, the table, a folder and a link to nothing are no places for a result."""
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    (place / "link").symlink_to(place / "nothing" / "x")
    for target in ("mine.toml", "table.csv", ".", "link"):
        said = say(*WRITERS[name], target)
        assert 2 == said.code, (said, target)
        assert before == {path.name: path.read_bytes() for path in place.iterdir() if path.name != "link"}


@pytest.mark.parametrize("words", [("run", "mine.toml", "--out"), ("forms", "mine.toml", "--out")])
def test_a_link_to_itself_is_no_fault_of_the_program(words: tuple[str, ...], place: Path) -> None:
    """A folder that is a link to itself is refused in a sentence, and stays."""
    (place / "loop").symlink_to("loop")
    refused(say(*words, "loop"), "loop")
    assert (place / "loop").is_symlink()


@pytest.mark.parametrize("name", ["page.html", "sheet.csv", "draws.parquet", "stix.json"])
def test_a_folder_that_cannot_be_written_is_refused_at_once(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is named before anything is computed: nobody waits for a result that cannot be kept."""
    closed = place / "closed"
    closed.mkdir()
    can = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed and can(path, mode))
    monkeypatch.setattr("breach_sim.api.simulate", None)
    refused(say(*WRITERS[name], closed / "new" / name), f"{closed}: Permission denied", "choose a place")
    assert [] == list(closed.iterdir())


@pytest.mark.parametrize("name", ["-", ".", "pipe.jsonl"])
def test_forecasts_are_sealed_in_an_ordinary_file(name: str, place: Path) -> None:
    """Entries are added to the end of a file: standard input, a folder and a pipe are refused by name."""
    os.mkfifo("pipe.jsonl")
    words = ("seal", "kt-2012", "--date", "2026-12-01", "--file", name)
    refused(say(*words), f"--file is {name}, no ordinary file", "name a file")
    assert not (place / "-").exists()


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_of_ours_may_be_written_again(ending: str, tmp_path: Path) -> None:
    """What export wrote is known as ours, and so is an empty file; the same bytes elsewhere are not."""
    target = tmp_path / f"a{ending}"
    target.touch()
    check_ending(target, "--out")
    export(pd.DataFrame({"a": [1]}), target)
    assert is_ours(target)
    check_ending(target, "--out")
    target.write_bytes(b"PK, or anything")
    if ending != ".csv":  # a table of ours that was edited is still ours: its notes stand beside it
        assert not is_ours(target)


@pytest.mark.parametrize(("name", "words"), [("c.md", "card"), ("w.html", "page")])
def test_a_page_of_ours_may_be_written_again(name: str, words: str, place: Path) -> None:
    """What a command wrote is no file of somebody else."""
    assert 0 == say(words, "mine.toml", *FEW, "--out", name).code
    check_place(place / name)


def test_an_ending_decides_what_a_report_is(place: Path) -> None:
    """A report under a name that says nothing is refused, and nothing is written."""
    refused(say("report", "mine.toml", *FEW, "--out", "notes.txt"), "unknown ending '.txt'", "Known: .html")
    assert not (place / "notes.txt").exists()


def test_edited_drafts_are_not_replaced(place: Path) -> None:
    """Forms are made to be edited: a second run asks for another folder."""
    (place / "forms").mkdir()
    (place / "forms" / "hhs.md").write_text("edited", encoding="utf-8")
    refused(say("forms", "mine.toml", *FEW, "--out", "forms"), "holds hhs.md already", "name another folder")


def test_a_fault_of_the_program_is_one_sentence(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Any other error: exit code 70, one sentence, and a file with the traceback to send."""

    def broken(*_: object) -> None:
        raise AttributeError("x\x1b[2J\nhas no y")

    monkeypatch.setattr(cli.catalog_lists.catalog, "scenario_of", broken)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    said = say("validate", "mine.toml")
    assert (70, "") == (said.code, said.out)
    assert said.err.startswith(
        "breach-sim: this is a fault of breach_sim, and not of your input: AttributeError"
    )
    assert 1 == said.err.count("\n")
    assert "\x1b" not in said.err
    (kept,) = re.findall(r"\S+breach-sim-fault-\S+\.txt", said.err)
    assert "in broken" in Path(kept).read_text(encoding="utf-8")


@pytest.mark.usefixtures("place")
def test_a_hostile_label_is_text_in_the_summary() -> None:
    """Markup of a scenario file stands escaped in summary.md."""
    text = scenario_template().replace("First reading;", "<script>x</script> [a](javascript:b) |")
    Path("evil.toml").write_text(text, encoding="utf-8")
    page = summary_page(bs.simulate("evil.toml", replicates=16), bs.load_sources())
    assert r"\<script\>x\</script\> \[a\](javascript:b) \|" in page
    assert "<script" not in page.replace(r"\<", "")
