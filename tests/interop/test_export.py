"""Laws of tables as files: whole or not at all, read back equal, harmless in a spreadsheet, with notes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from support.command_line import refused, say, tree

from breach_sim import api
from breach_sim.interop import export as module
from breach_sim.interop.export import FORMATS, export
from breach_sim.results.impact import Impact

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "x\r=1",
    "x\n=1",
    '=HYPERLINK("x")',
    "=cmd|' /C calc'!A0",
]
TABLES: dict[str, Callable[[Impact], pd.DataFrame]] = {
    "funnel": lambda i: i.funnel(),
    "numbers": lambda i: i.funnel(numbers=True),
    "quantiles": lambda i: i.quantiles(),
    "by_segment": lambda i: i.by_segment(),
    "excess": lambda i: i.excess(),
    "exceedance": lambda i: i.exceedance(),
    "ledgers": lambda i: i.ledgers(),
    "timeline": lambda i: i.timeline(),
    "lorenz": lambda i: i.lorenz(),
    "convergence": lambda i: i.convergence(),
    "bearers": lambda i: i.bearers(),
    "sources": lambda i: i.sources(api.load_sources()),
    "assumptions": api.assumptions,
    "diff": lambda i: api.diff(i, i),
}


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Return a small run."""
    return api.simulate("tmobile-2021-stated", replicates=120, seed=1, horizon_years=1)


def small(value: Any = 1.5, notes: tuple[str, ...] = ("beware",)) -> pd.DataFrame:
    """Return a table of one cell."""
    frame = pd.DataFrame({"value": [value]}, index=["first"])
    frame.attrs["notes"] = notes
    return frame


def read(path: Path) -> pd.DataFrame:
    """Return a file as a table, missing text as ""."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".xlsx":
        return pd.read_excel(path, sheet_name="table", keep_default_na=False, na_values=["nan"])
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def cells(path: Path) -> list[Any]:
    """Return every cell of every sheet of a workbook."""
    return [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]


# Read back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("name", list(TABLES))
def test_tables_are_read_back_equal(name: str, ending: str, impact: Impact, tmp_path: Path) -> None:
    """Every table in every format has its headings, its rows in order, its numbers (15 digits in xlsx)."""
    frame = TABLES[name](impact)
    path = export(frame, tmp_path / f"{name}{ending}")
    found = read(path)
    depth = frame.index.nlevels
    assert (len(frame), len(frame.columns) + depth) == found.shape
    headings = [" ".join(c).strip() if isinstance(c, tuple) else str(c) for c in frame.columns]
    assert headings == list(found.columns[depth:])
    for number, heading in enumerate(headings):
        wanted, got = frame.iloc[:, number], found.iloc[:, depth + number]
        if pd.api.types.is_numeric_dtype(wanted):
            bits = 1e-15 if ending == ".xlsx" else 0.0
            np.testing.assert_allclose(wanted.astype(float), got.astype(float), rtol=bits, err_msg=heading)
        else:
            texts = [str(text) for text in wanted]
            safe = [f"'{t}" if ending == ".csv" and t.startswith(tuple("=+-@")) else t for t in texts]
            assert safe == got.fillna("").astype(str).tolist(), heading


def test_two_levels_of_columns_become_one(impact: Impact, tmp_path: Path) -> None:
    """A heading of two levels is both words with a blank between; a named index keeps its names."""
    assert "victims p50" in read(export(impact.funnel(numbers=True), tmp_path / "a.parquet")).columns
    assert ["ledger", "line"] == list(read(export(impact.ledgers(), tmp_path / "a.csv")).columns[:2])
    assert "month" == read(export(impact.timeline(), tmp_path / "b.csv")).columns[0]
    assert "row" == read(export(small(), tmp_path / "c.csv")).columns[0]


def test_a_column_may_be_named_as_the_index(tmp_path: Path) -> None:
    """Where a column is called like the index both are kept, under different headings."""
    frame = pd.DataFrame({"row": [7]}, index=["first"])
    assert ["row (row)", "row"] == list(read(export(frame, tmp_path / "a.csv")).columns)


def test_the_table_itself_stays_as_it_is(impact: Impact, tmp_path: Path) -> None:
    """Writing changes neither headings nor notes nor cells of the table."""
    frame = impact.ledgers()
    before = frame.copy()
    for ending in FORMATS:
        export(frame, tmp_path / f"a{ending}")
    pd.testing.assert_frame_equal(before, frame)
    assert impact.notes == frame.attrs["notes"][: len(impact.notes)]


# Formulas -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("place", ["cell", "row", "column", "name of the index", "note"])
def test_no_text_becomes_a_formula(text: str, place: str, tmp_path: Path) -> None:
    """What looks like a formula, or ends its row, is text: cell, label, heading or note, in CSV and xlsx."""
    frame = small(text if place == "cell" else 1.5, (text,) if place == "note" else ("beware",))
    if place == "row":
        frame.index = pd.Index([text])
    if place == "column":
        frame.columns = pd.Index([text])
    if place == "name of the index":
        frame.index.name = text
    found = cells(export(frame, tmp_path / "a.xlsx"))
    assert {"s", "n"} >= {cell.data_type for cell in found}
    bare = text.replace("\r", "")
    assert any(cell.value == bare and cell.data_type == "s" for cell in found)
    export(frame, tmp_path / "a.csv")
    table = pd.read_csv(tmp_path / "a.csv", header=None, dtype=str, keep_default_na=False)
    values = table.to_numpy().ravel().tolist()
    if place == "note":
        assert text.split() == (tmp_path / "a.csv.notes.txt").read_text(encoding="utf-8").split()
    else:
        plain = text.replace("\r", "\n")
        assert (plain if plain[0] == "x" else f"'{plain}") in values
    assert not [one for one in values if one.startswith(tuple("=+-@\t\r"))]


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    """A negative number is no formula: it is written as a number."""
    assert -1.5 == read(export(small(-1.5), tmp_path / "a.csv"))["value"].iloc[0]
    assert -1.5 == read(export(small(-1.5), tmp_path / "a.xlsx"))["value"].iloc[0]


@pytest.mark.parametrize("text", ["a\x00b", "bell\x07", "\x1f", "\ufffe", "x" * 40_000])
@pytest.mark.parametrize("place", ["cell", "column", "note"])
def test_what_xlsx_cannot_hold_is_left_out(text: str, place: str, tmp_path: Path) -> None:
    """Control signs and text beyond 32,767 letters are cut, wherever they stand; the rest is there."""
    frame = small(text if place == "cell" else 1.5, (text,) if place == "note" else ("beware",))
    if place == "column":
        frame.columns = pd.Index([text])
    kept = "".join(sign for sign in text if sign.isprintable())[:32_767]
    assert kept in [cell.value or "" for cell in cells(export(frame, tmp_path / "a.xlsx"))]


@pytest.mark.parametrize(
    "text", ["M\u00fcller \u2013 100\u00a0%", "a\nb", "a\tb", "\u65e5\u672c", "\U0001f600", 'a"b,c;d']
)
def test_other_signs_are_kept(text: str, tmp_path: Path) -> None:
    """Letters of any script, blanks of any width, quotes, line breaks: read back equal in all formats."""
    for ending in FORMATS:
        assert text == read(export(small(text), tmp_path / f"a{ending}"))["value"].iloc[0]


# Notes ----------------------------------------------------------------------------------------------------


def test_notes_go_along(impact: Impact, tmp_path: Path) -> None:
    """Cautions are a second sheet in xlsx, attributes in Parquet, a file beside the table in CSV."""
    frame = impact.ledgers()
    notes = [*frame.attrs["notes"]]
    assert notes
    book = openpyxl.load_workbook(export(frame, tmp_path / "a.xlsx"))
    assert ["table", "notes"] == book.sheetnames
    assert notes == [row[0].value for row in book["notes"].iter_rows()]
    assert notes == list(pd.read_parquet(export(frame, tmp_path / "a.parquet")).attrs["notes"])
    export(frame, tmp_path / "a.csv")
    assert notes == (tmp_path / "a.csv.notes.txt").read_text(encoding="utf-8").splitlines()


def test_no_notes_are_told_as_well(tmp_path: Path) -> None:
    """A table without cautions says so; the notes of an earlier table do not stay behind."""
    export(small(), tmp_path / "a.csv")
    export(small(notes=()), tmp_path / "a.csv")
    assert "no cautions\n" == (tmp_path / "a.csv.notes.txt").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(export(pd.DataFrame({"a": [1]}), tmp_path / "a.xlsx"))
    assert "no cautions" == book["notes"]["A1"].value


# Whole or not at all --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_a_write_that_fails_leaves_the_old_file(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When writing breaks off midway, or is interrupted, the old file is there and nothing beside it."""
    path = export(small(1.0), tmp_path / f"a{ending}")
    before = tree(tmp_path)
    for failure in (OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()):

        def broken(_: pd.DataFrame, aside: Path, failure: BaseException = failure) -> None:
            aside.write_bytes(b"half")
            raise failure

        monkeypatch.setattr(module, f"_{ending[1:]}", broken)
        with pytest.raises(type(failure)):
            export(small(2.0), path)
        assert before == tree(tmp_path)


def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A process killed while it writes leaves the old file whole."""
    path = export(small(1.0), tmp_path / "a.csv")
    before = path.read_bytes()
    child = os.fork()
    if child == 0:

        def killed(_: pd.DataFrame, aside: Path) -> None:
            aside.write_bytes(b"half")
            os._exit(9)

        module._csv = killed  # type: ignore[assignment]
        export(small(2.0), path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert 9 == os.waitstatus_to_exitcode(status)
    assert before == path.read_bytes()


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_is_replaced_and_its_folder_made(ending: str, tmp_path: Path) -> None:
    """The folder is made, an old file replaced, the path returned, nothing else left; others may read it."""
    path = tmp_path / "new" / "folder" / f"a{ending}"
    assert path == export(small(1.0), str(path))
    export(small(2.0), path)
    assert 2.0 == read(path)["value"].iloc[0]
    beside = {f"a{ending}", f"a{ending}.notes.txt"} if ending == ".csv" else {f"a{ending}"}
    assert beside == {p.name for p in path.parent.iterdir()}
    assert 0o644 == stat.S_IMODE(path.stat().st_mode)


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    """Through a link the file behind it is written; a link to itself is named and stays."""
    path, link, loop = tmp_path / "there" / "a.csv", tmp_path / "b.csv", tmp_path / "loop.csv"
    export(small(1.0), path)
    link.symlink_to(path)
    loop.symlink_to(loop)
    export(small(2.0), link)
    assert link.is_symlink()
    assert 2.0 == read(path)["value"].iloc[0]
    with pytest.raises(OSError, match=r"symbolic link.*loop\.csv"):
        export(small(2.0), loop)
    assert loop.is_symlink()


@pytest.mark.parametrize("name", ["a.txt", "a", "a.csv.gz", "a.xls", ".csv", "a.parqet"])
def test_another_ending_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ending that cannot be written is named with those that can, and nothing is written."""
    with pytest.raises(
        ValueError, match=r"unknown ending '.*' in the file to write.*\.csv, \.xlsx, \.parquet"
    ):
        export(small(), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    refused(say("assumptions", "stated", "--replicates", 20, "--out", name), "unknown ending", ".xlsx")
    assert {} == tree(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where a file should be, or a file where a folder should be, is named on one line."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    for place in ("file/a.csv", "folder.csv"):
        refused(say("assumptions", "stated", "--replicates", 20, "--out", place), "choose a place")
    assert before == tree(tmp_path)


@pytest.mark.parametrize("ending", FORMATS)
def test_the_sheet_of_assumptions_is_written(ending: str, tmp_path: Path) -> None:
    """The command writes every number used, the file is what it says, and no sign of a user breaks it."""
    breach = tmp_path / "mine.toml"
    breach.write_text(
        'name = "=1+1"\nnotes = ["=2+2", "a\\ttab"]\n[segments.all]\naccounts = 1000\n'
        'leaks = [{ fields = ["ssn", "full_name", "date_of_birth"], coverage = 1.0 }]\n',
        encoding="utf-8",
    )
    said = say("assumptions", breach, "--replicates", 20, "--out", tmp_path / f"sheet{ending}")
    assert (0, "") == (said.code, said.err)
    assert int(said.out.split(" ", 1)[0]) == len(read(tmp_path / f"sheet{ending}"))
