"""Laws of importing a spreadsheet: shares as written, odd cells named, errors with row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import breach_sim as bs
from breach_sim.catalog.words.meanings import ASSUMED, NO_COUNTERPART
from breach_sim.interop.amounts import count
from breach_sim.interop.sheet.shares import share


def table(**columns: Any) -> pd.DataFrame:
    """Return a table of one row with some columns."""
    return pd.DataFrame(
        {name: [value] for name, value in ({"segment": "all", "accounts": 1000} | columns).items()}
    )


def coverage(scenario: bs.Scenario, field: str) -> float:
    """Return the central share of the first segment's accounts that lost a field."""
    return next((leak.coverage.central for leak in scenario.segments[0].leaks if field in leak.fields), 0.0)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("25 %", 0.25), ("25%", 0.25), ("2,5 %", 0.025), (0.25, 0.25), ("0,25", 0.25), (".5", 0.5), (1, 1.0),
     ("100 %", 1.0), (0, 0.0), (None, 0.0), ("", 0.0)],
)  # fmt: skip
def test_a_share_is_what_is_written(cell: Any, value: float) -> None:
    """Numbers in [0, 1], percent with the sign, decimal commas; blank is not leaked."""
    assert value == pytest.approx(coverage(bs.from_table(table(ssn=cell, imei=1)).scenario, "ssn"))


@pytest.mark.parametrize(
    "cell", [25, "25", 1.0001, -0.1, "-1", "120 %", "many", float("inf"), 10**400, "0.2.3"]
)
def test_what_is_no_share_is_refused_with_its_place(cell: Any) -> None:
    """The message gives the value, the row and the column; a bare 25 is not taken for a quarter."""
    with pytest.raises(ValueError, match=r"row 2, column 'ssn': ") as refusal:
        bs.from_table(table(ssn=cell))
    assert "percent" in str(refusal.value) or "[0, 1]" in str(refusal.value)


def test_bare_per_cent_is_read_when_said() -> None:
    """With per_cent=True 25 is a quarter, and 0.25 a quarter of a percent."""
    assert 0.25 == coverage(bs.from_table(table(ssn=25), per_cent=True).scenario, "ssn")
    assert 0.0025 == coverage(bs.from_table(table(ssn=0.25), per_cent=True).scenario, "ssn")


def test_odd_cells_stand_in_the_account() -> None:
    """Blank, unknown, percent and grouped counts are named; unknown becomes a wide estimate."""
    imported = bs.from_table(table(ssn="unknown", imei="", email_address="50 %", accounts="1,200"))
    rows = {row.word: row for row in imported.rows}
    assert ASSUMED == rows["all: ssn"].state == rows["all: imei"].state == rows["all: accounts"].state
    assert "0.5" in rows["all: email_address"].reason
    (leak,) = [leak for leak in imported.scenario.segments[0].leaks if leak.fields == ("ssn",)]
    assert ("assumed", False) == (leak.coverage.status, leak.coverage.is_certain)


def test_columns_may_bear_the_names_of_data_classes() -> None:
    """A heading is a field, however spelt, or a class of Have I Been Pwned that means one."""
    frame = table(**{"Email addresses": 1, "SSN": 0.5, "date of birth": 0.25})
    assert ("date_of_birth", "ssn", "email_address") == bs.from_table(frame).scenario.segments[0].fields


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"acounts": [5], "ssn": [1]}), "did you mean 'accounts'"),
        (pd.DataFrame({"segment": ["a"], "ssn": [1]}), "must be a column 'accounts'"),
        (pd.DataFrame({"accounts": [5]}), "no column of a field"),
        (table(snn=1), "did you mean 'ssn'"),
        (table(ssn=1, SSN=1), "both mean 'ssn'"),
        (table(ssn=1, accounts=0), "column 'accounts': 0"),
        (table(ssn=1, accounts=1.5), "column 'accounts': 1.5"),
        (table(ssn=1, kind="postpayed"), "did you mean 'postpaid'"),
        (pd.DataFrame({"segment": ["a", "a"], "accounts": [1, 2], "ssn": [1, 1]}), "stands in row 2 too"),
        (pd.DataFrame({"accounts": [], "ssn": []}), "no row"),
        ([1, 2], "is no table"),
    ],
)
def test_a_bad_table_is_refused(frame: Any, message: str) -> None:
    """A missing, unknown or doubled column, a bad count, a bad kind: value, place, rule, remedy."""
    with pytest.raises(ValueError, match=r".") as refusal:
        bs.from_table(frame)
    assert message in str(refusal.value)


def test_a_column_is_left_out_only_when_asked() -> None:
    """An ignored column stands in the account; an unknown one is refused, for it may be a typing error."""
    imported = bs.from_table(table(ssn=1, remark="x"), ignore=["remark"])
    assert [NO_COUNTERPART] == [row.state for row in imported.rows if row.word == "remark"]
    with pytest.raises(ValueError, match="ignore="):
        bs.from_table(table(ssn=1, remark="x"))


def test_blocks_leak_together() -> None:
    """Fields of a block become one leak; with different shares they are refused."""
    frame = table(ssn=0.5, date_of_birth=0.5, imei=0.1)
    assert ("ssn", "date_of_birth") in {
        leak.fields
        for leak in bs.from_table(frame, blocks=[("ssn", "date_of_birth")]).scenario.segments[0].leaks
    }
    with pytest.raises(ValueError, match="different shares"):
        bs.from_table(frame, blocks=[("ssn", "imei")])


CSV = "Segment;Accounts;SSN;Größe\nprépaid;1000;25 %;x\n\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """A CSV reads the same in every encoding and with semicolons; what is no UTF-8 is said."""
    path = tmp_path / "mine.csv"
    path.write_bytes(CSV.encode(encoding))
    imported = bs.from_table(path, ignore=["Größe"])
    assert ("mine", "prépaid", 0.25) == (
        imported.scenario.name,
        imported.scenario.segments[0].name,
        coverage(imported.scenario, "ssn"),
    )
    assert encoding.startswith("utf-8") != any(row.word == "encoding" for row in imported.rows)


def xlsx(path: Path, *rows: list[Any]) -> Path:
    """Write rows as the first sheet of a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    sheet["C2"].number_format = "0 %"
    book.save(path)
    return path


def test_xlsx_reads_like_csv(tmp_path: Path) -> None:
    """A cell formatted as percent holds its share; the sheet's own numbers are taken."""
    path = xlsx(tmp_path / "a.xlsx", ["segment", "accounts", "ssn"], ["all", 1000, 0.25], [None, None, None])
    assert 0.25 == coverage(bs.from_table(path).scenario, "ssn")


def test_a_formula_without_a_value_is_refused(tmp_path: Path) -> None:
    """A formula that no spreadsheet has worked out is not read as blank."""
    path = xlsx(tmp_path / "a.xlsx", ["segment", "accounts", "ssn"], ["all", 1000, "=1/4"])
    with pytest.raises(ValueError, match="row 2, column 3 is '=1/4', a formula without a value"):
        bs.from_table(path)


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", b"no zip"), ("a.ods", b""), ("a.csv", b""), ("a.csv", b"\n\n")]
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """A broken workbook, another ending, an empty file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=r"a\."):
        bs.from_table(tmp_path / name)


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (5.0, 5), ("5", 5), ("1,200", 1200), ("1 200 300", 1_200_300), ("1,20", None),
     ("1.200", None), (0, None), (-1, None), (10**14, None), (float("nan"), None), (True, None), ([], None),
     ("unknown", None), (None, None)],
)  # fmt: skip
def test_a_count_is_a_count_or_unknown(value: Any, number: int | None) -> None:
    """Only whole numbers from 1 count; the rest stays unknown and is named."""
    found, remark = count(value)
    assert number == found
    assert bool(remark) == (number is None or isinstance(value, str))


def test_a_share_refuses_what_lies_outside() -> None:
    """No text of digits, however long, gives another error than ValueError."""
    for cell in ("9" * 200, "9" * 5000, "1e5", "½"):
        with pytest.raises(ValueError, match="share"):
            share(cell)
