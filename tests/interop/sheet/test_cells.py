"""Laws of the cells of a table: numbers of every locale, uncertain shares, and blanks of every kind."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sheets import accounts, shares, text_table, workbook

import breach_sim as bs
from breach_sim.interop.amounts import count, readings
from breach_sim.interop.scenario_file import to_toml
from breach_sim.interop.sheet.shares import share


def one(**columns: Any) -> bs.Import:
    """Return the import of a frame of one row."""
    cells = {"segment": "a", "accounts": 1000, "imei": 1} | columns
    return bs.from_table(pd.DataFrame({name: [cell] for name, cell in cells.items()}))


# accounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number"),
    [("3.400.000", 3_400_000), ("3'400'000", 3_400_000), ("3\u2019400\u2019000", 3_400_000),
     ("34,00,000", 3_400_000), ("3\u00a0400\u00a0000", 3_400_000), ("3\u2009400\u202f000", 3_400_000),
     ("3_400", 3400), ("3.4 million", 3_400_000), ("3,4 Mio.", 3_400_000), ("3.4M", 3_400_000),
     ("3.4E+06", 3_400_000), ("3,4e6", 3_400_000), ("3400.0", 3400), ("34 lakh", 3_400_000), ("12k", 12_000),
     ("1,1 Mrd", 1_100_000_000), ("about 3,400", 3400), ("ca. 2 Millionen", 2_000_000), ("\u0661\u0662", 12),
     (3400.0, 3400), (Decimal(3400), 3400), (np.int64(3400), 3400), (np.float32(3400), 3400)],
)  # fmt: skip
def test_a_number_of_accounts_of_any_locale_is_read_and_named(cell: Any, number: int) -> None:
    """Groups, decimal marks, words and powers of ten give the number; a text that is no digits is named."""
    found = one(accounts=cell)
    assert {"a": number} == accounts(found)
    assert isinstance(cell, str) == any(row.word == "a: accounts" for row in found.rows)


@pytest.mark.parametrize(
    ("cell", "part"),
    [("1.200", "write 1200 without marks"), ("400.000", "write 400000 without marks"),
     ("1.234 Mio", "may be"), ("5 mil", "a thousand in Spanish"), ("500+", "one number"),
     ("500-900", "range"),
     ("> 500", "one number"), ("12 apples", "whole number"), (1.2, "read the column as text"),
     ("3.5", "whole number"), ("\u00bd", "whole number"), ("5\u00b2", "whole number"), (True, "whole number"),
     ("1e99", "whole number"), (float("inf"), "whole number"), ("unknown", "whole number"),
     (None, "blank"), (pd.NA, "blank")],
)  # fmt: skip
def test_what_may_be_two_numbers_or_none_is_refused_with_the_way_to_write_it(cell: Any, part: str) -> None:
    """Row, column, value and remedy; a dot before three digits is thousands only with evidence."""
    with pytest.raises(ValueError, match=r"row 2, column 'accounts'") as refusal:
        one(accounts=cell)
    assert part in str(refusal.value)


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("segment;accounts;ssn", "a;1.200;0,5"), 1200),
        (("segment;accounts;ssn", "a;1.200;1", "b;2.500.000;1"), 1200),
        (("segment;accounts;ssn", "a;1.200;12,5 %"), 1200),
        (("segment,accounts,ssn", 'a,"1,200",0.5'), 1200),
        (("segment,accounts,ssn", 'a,"1,200",1'), 1200),
        (("segment;accounts;ssn", "a;1,200;0.5"), 1200),
        (("segment;accounts (thousands);ssn", "a;1,2;1"), 1200),
    ],
)
def test_other_cells_say_which_mark_is_the_decimal_one(
    tmp_path: Any, lines: tuple[str, ...], number: int
) -> None:
    """A cell that can be read in one way only decides for the others of the column, or else of the table."""
    assert number == accounts(bs.from_table(text_table(tmp_path, *lines)))["a"]


@pytest.mark.parametrize("lines", [("a;1.200;0,5;0.5",), ("a;1,200;1;1",), ("a;1.200;1;1", "b;2.400;1;1")])
def test_without_evidence_or_with_two_kinds_a_number_is_refused(tmp_path: Any, lines: tuple[str]) -> None:
    """Semicolons or conflicting marks leave a number with one mark open, and it is refused."""
    path = text_table(tmp_path, "segment;accounts;ssn;imei", *lines)
    with pytest.raises(ValueError, match="no other cell says which mark"):
        bs.from_table(path)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.integers(1, 10**12), st.sampled_from([",", ".", " ", "'", "\u202f"]))
def test_a_grouped_number_is_itself_or_open(number: int, group: str) -> None:
    """Whatever divides the thousands, the number is among the readings, and alone if it has two groups."""
    ways = [way.value for way in readings(f"{number:,}".replace(",", group))]
    assert number in ways
    assert len(ways) == 1 or 1000 <= number < 10**6


def test_a_count_without_a_table_is_english() -> None:
    """Formats in English group by commas; a dot before three digits is no count there."""
    assert (1200, None, 1_200_000) == (count("1,200")[0], count("1.200")[0], count("1.2 million")[0])


# shares --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [("20-40 %", (0.2, 0.3, 0.4)), ("20\u201340%", (0.2, 0.3, 0.4)), ("20 % to 40 %", (0.2, 0.3, 0.4)),
     ("zwischen 20 und 40 Prozent", (0.2, 0.3, 0.4)), ("0.2-0.4", (0.2, 0.3, 0.4)),
     ("0,2 - 0,4", (0.2, 0.3, 0.4)),
     ("1-100 %", (0.01, 0.1, 1)), ("~80 %", (0.75, 0.8, 0.85)), ("about 80 percent", (0.75, 0.8, 0.85)),
     ("ca. 80%", (0.75, 0.8, 0.85)), ("80 % (approx.)", (0.75, 0.8, 0.85)), ("< 8 %", (0, 0.04, 0.08)),
     ("\u2264 8 %", (0, 0.04, 0.08)), ("up to 8 %", (0, 0.04, 0.08)), ("bis zu 8 %", (0, 0.04, 0.08)),
     ("> 90 %", (0.9, 0.95, 1)), ("at least 90 %", (0.9, 0.95, 1)), ("90 %+", (0.9, 0.95, 1)),
     ("50 \u00b1 10 %", (0.4, 0.5, 0.6)), ("10 / 20 / 60 %", (0.1, 0.2, 0.6)), ("~100 %", (0.9, 0.975, 1))],
)  # fmt: skip
def test_a_share_that_is_no_single_number_is_uncertain_with_the_reason(
    cell: str, numbers: tuple[float, ...]
) -> None:
    """Ranges, bounds and "about" become low, most likely and high; account and estimate quote the cell."""
    found = one(ssn=cell)
    (leak,) = [leak for leak in found.scenario.segments[0].leaks if "ssn" in leak.fields]
    own = leak.coverage
    assert numbers == pytest.approx((own.low, own.mode, own.high), abs=1e-3)
    assert own.note
    assert [row for row in found.rows if row.word == "a: ssn" and row.reason == own.note]


@pytest.mark.parametrize("cell", ["yes", "Ja", "oui", "x", True, np.True_])
def test_yes_says_that_a_field_leaked_and_not_for_how_many(cell: Any) -> None:
    """The share is then the wide one of a field that is named, and the run says so."""
    found = one(ssn=cell)
    (leak,) = [leak for leak in found.scenario.segments[0].leaks if "ssn" in leak.fields]
    assert ("assumed", False) == (leak.coverage.status, leak.coverage.is_certain)
    assert any("ssn of a" in note for note in found.scenario.notes)


@pytest.mark.parametrize("cell", ["no", "Nein", "non", False, 0, "0 %"])
def test_no_is_nobody(cell: Any) -> None:
    """A field that did not leak is in no leak."""
    assert {"a": 0.0} == shares(one(ssn=cell), "ssn")


@pytest.mark.parametrize(
    "cell",
    ["none", "-", "most", "few", "40-20 %", "10 % - 50", "10-50", "1/3", "3 of 4", "120 %", "-5 %", "25",
     pd.Timestamp("2024-01-05"), "#DIV/0!", "\u00bd", "~", "%", "e5"],
)  # fmt: skip
def test_a_share_that_may_be_several_is_refused(cell: Any) -> None:
    """Row, column and value, and what a share looks like."""
    with pytest.raises(ValueError, match=r"row 2, column 'ssn': .*(share|number|write)"):
        one(ssn=cell)


def test_unknown_and_yes_in_one_table_are_written_to_one_file() -> None:
    """The wide share of a field that is named and that of one that may be meant have names of their own."""
    frame = pd.DataFrame({"segment": ["a", "b"], "accounts": [5, 6], "ssn": ["yes", "unknown"]})
    assert "ssn_named" in to_toml(bs.from_table(frame).scenario)


def test_low_mode_and_high_may_have_a_column_each() -> None:
    """They are the user's own numbers; without the most likely one the middle is assumed."""
    frame = pd.DataFrame(
        {"accounts": [9], "SSN (low)": [0.1], "SSN most likely": ["20 %"], "SSN (high)": [0.6]}
    )
    own = bs.from_table(frame).scenario.segments[0].leaks[0].coverage
    assert (0.1, 0.2, 0.6, "user", False) == (own.low, own.mode, own.high, own.status, own.soft)
    middle = bs.from_table(frame.drop(columns="SSN most likely")).scenario.segments[0].leaks[0].coverage
    assert "assumed" == middle.status
    assert middle.mode == pytest.approx(0.35)
    with pytest.raises(ValueError, match="give one for low and one for high"):
        bs.from_table(frame.drop(columns="SSN (high)"))
    with pytest.raises(ValueError, match="they must rise"):
        bs.from_table(frame.assign(**{"SSN (low)": 0.5}))


def test_quantiles_are_no_ends() -> None:
    """Under p5 and p95 stand quantiles, and a plain column beside them is the most likely share."""
    frame = pd.DataFrame({"accounts": [9], "ssn p5": [0.1], "ssn": [0.2], "ssn p95": [0.6]})
    own = bs.from_table(frame).scenario.segments[0].leaks[0].coverage
    assert (0.2, False) == (own.mode, own.hard)


@pytest.mark.parametrize(("heading", "cell"), [("SSN (%)", 25), ("ssn percent", 25), ("% of ssn", "25")])
def test_a_heading_may_say_per_cent(heading: str, cell: Any) -> None:
    """A number above 1 under it is a percentage; one of at most 1 is refused if nothing else decides."""
    frame = pd.DataFrame({"segment": ["a", "b"], "accounts": [5, 6], heading: [cell, 1]})
    assert {"a": 0.25, "b": 0.01} == shares(bs.from_table(frame), "ssn")
    with pytest.raises(ValueError, match="may be a share or percent"):
        bs.from_table(frame.assign(**{heading: [0.5, 1]}))


def test_a_cell_shown_as_per_cent_holds_a_share(tmp_path: Any) -> None:
    """25 % in a spreadsheet is 0.25, also where other numbers are percentages."""

    def shown_so(sheet: Any) -> None:
        sheet["C2"].number_format = "0.0%"

    rows: list[list[Any]] = [["segment", "accounts", "ssn"], ["a", 5, 0.25], ["b", 6, 50]]
    found = bs.from_table(workbook(tmp_path / "a.xlsx", rows, change=shown_so), per_cent=True)
    assert {"a": 0.25, "b": 0.5} == shares(found, "ssn")


# blanks and frames ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", [None, float("nan"), np.nan, pd.NA, pd.NaT, Decimal("NaN"), "", " ", "\u00a0", "\u200b", "\t"]
)
def test_every_missing_value_is_blank_and_named(cell: Any) -> None:
    """Null, NaN, NA, NaT and blank text are "not leaked", and the account says so."""
    found = one(ssn=cell)
    assert {"a": 0.0} == shares(found, "ssn")
    assert [row.reason for row in found.rows if row.word == "a: ssn"] == ["blank: read as not leaked"]


@pytest.mark.parametrize("kind", ["float64", "Float64", "double[pyarrow]", "object", "Float32"])
def test_a_missing_share_is_the_same_in_every_type(kind: Any) -> None:
    """A column of any nullable type reads like one of floats."""
    frame = pd.DataFrame({"accounts": [4, 6], "ssn": pd.array([0.5, None], dtype=kind)})
    assert {"row 2": 0.5, "row 3": 0.0} == shares(bs.from_table(frame), "ssn")


FRAME = pd.DataFrame({"segment": ["a", "b"], "accounts": [4, 5], "ssn": [0.5, 0.25], "imei": [1.0, None]})


@pytest.mark.parametrize(
    "source", [pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME), FRAME.convert_dtypes()]
)
def test_frames_of_all_libraries_read_alike(source: Any) -> None:
    """Polars, PyArrow and pandas give the same scenario."""
    assert bs.from_table(FRAME).scenario == bs.from_table(source).scenario


def test_names_in_the_index_are_the_segments() -> None:
    """An index of texts names the rows, and one of several levels with all its parts."""
    frame = FRAME.set_index("segment")
    assert {"a": 4, "b": 5} == accounts(bs.from_table(frame))
    two = frame.set_axis(pd.MultiIndex.from_tuples([("x", "a"), ("x", "b")]))
    assert {"x / a", "x / b"} == set(accounts(bs.from_table(two)))


def test_a_segment_without_a_name_has_the_number_of_its_row() -> None:
    """NaN and NA are no names."""
    frame = FRAME.assign(segment=pd.array([None, "b"], dtype="string"))
    assert {"row 2", "b"} == set(accounts(bs.from_table(frame)))


def test_what_is_no_frame_is_named_without_its_drawing() -> None:
    """A lazy frame is refused with the remedy."""
    with pytest.raises(ValueError, match=r"LazyFrame \(call .collect\(\) first\)"):
        bs.from_table(pl.from_pandas(FRAME).lazy())


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_is_a_share_or_a_sentence(cell: Any) -> None:
    """A cell gives numbers that rise in [0, 1], or a ValueError."""
    with contextlib.suppress(ValueError):
        found = share(cell)
        assert 0 <= found.low <= found.mode <= found.high <= 1
