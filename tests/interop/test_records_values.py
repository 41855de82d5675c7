"""Laws of what counts as leaked in a record: one definition of empty, and no flag taken for a value."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import dask.dataframe as dd
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import EMPTY, cells

from breach_sim.interop.records import expose_records

pytestmark = pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
LAW = settings(derandomize=True, deadline=None, database=None, max_examples=40)


def relation(table: pa.Table) -> Any:
    """Return the table as a DuckDB relation."""
    connection = duckdb.connect()
    connection.register("rows_of_a_test", table)
    return connection.sql("select * from rows_of_a_test")


ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(maps_as_pydicts="strict"),
    "pandas of Arrow types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas of objects": lambda table: table.to_pandas(maps_as_pydicts="strict").astype(object),
    "polars": pl.from_arrow,
    "polars, lazy": lambda table: pl.from_arrow(table).lazy(),  # type: ignore[union-attr]
    "duckdb": relation,
    "dask": lambda table: dd.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=3),
}


@pytest.mark.parametrize("engine", list(ENGINES))
def test_every_engine_has_the_same_definition_of_empty(engine: str) -> None:
    """A table of every type and every kind of emptiness gives the cells made by hand, whatever the engine."""
    found = cells(expose_records(ENGINES[engine](pa.table(EMPTY))))
    assert {("records", frozenset(EMPTY)): 2, ("records", frozenset()): 6} == found


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "", " ", "n/a", "-", "0", "ann", "Null Null", "\u200b"]),
            st.sampled_from([None, math.nan, 0.0, 1.5]),
            st.sampled_from([None, [], [None], [""], ["a"]]),
            st.sampled_from([None, date(1900, 1, 1), date(1980, 1, 1)]),
        ),
        min_size=1,
        max_size=12,
    )
)
@LAW
def test_engines_agree_on_any_rows(rows: list[tuple[Any, ...]]) -> None:
    """Polars, PyArrow, pandas and DuckDB give the same cells for any mixture of values and emptiness."""
    types = {
        "full_name": pa.string(), "income": pa.float64(), "imei_history": pa.list_(pa.string()),
        "date_of_birth": pa.date32(),
    }  # fmt: skip
    columns = zip(*rows, strict=True)
    table = pa.table({n: pa.array(c, t) for (n, t), c in zip(types.items(), columns, strict=True)})
    wanted = cells(expose_records(table, as_values=types))
    for engine in ("polars", "duckdb", "pandas", "pandas of Arrow types"):
        assert wanted == cells(expose_records(ENGINES[engine](table), as_values=types)), engine


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (
            "ssn",
            ["n.a.", "NOT AVAILABLE", "<null>", "(none)", "#REF!", "\\N", "111-11-1111", "123-45-6789", "0"],
        ),
        ("ssn", ["k.A.", "Unbekannt", "n/v/t", "078-05-1120", "-999", "{}", "[]", "\ufeff", "--", "TBD"]),
        ("date_of_birth", ["1900-01-01", "01/01/1900", "1.1.1900", "0000-00-00", "19000101"]),
        ("date_of_birth", ["1900-01-01 00:00:00", "9999-12-31T00:00:00Z", "00/00/0000"]),
        ("email_address", ["no-email@x.org", "na@na.com", "noemail@x.org"]),
    ],
)
def test_placeholders_are_nothing(column: str, values: list[str]) -> None:
    """Words, repeated digits and days that stand for nothing are not leaked, in any case and punctuation."""
    found = expose_records(pl.DataFrame({column: values}))
    assert {("records", frozenset()): len(values)} == cells(found)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("full_name", ["Ann Nunn", "Na Li", "Nat King", "Noneman Al", "Al Unknownson"]),
        ("password_plain", ["null", "xxx", "000000", "none", "n/a", "unknown"]),
        ("ssn", ["900-00-0004", "101-01-0101", "123-45-6788"]),
        ("date_of_birth", ["1970-01-01", "1900-02-01", "2000-01-01"]),
        ("account_pin", ["0000", "1111", "1234"]),
        ("income", ["0", "1", "999999999"]),
    ],
)
def test_what_people_bear_is_a_value(column: str, values: list[str]) -> None:
    """Names that hold such words, passwords of any kind and pins of zeros are values."""
    found = expose_records(pl.DataFrame({column: values}), as_values=[column])
    assert {("records", frozenset({column})): len(values)} == cells(found)


def test_words_of_the_user_are_nothing_too_and_the_list_can_be_left_out() -> None:
    """`missing` adds words; without placeholders only null, blank and these are nothing."""
    rows = pl.DataFrame({"ssn": ["900-00-0004", "gibt es nicht", "n/a", None, " ", "900-00-0001"]})
    assert 3 == expose_records(rows).holding(1 << 6)
    assert 2 == expose_records(rows, missing=["Gibt es NICHT"]).holding(1 << 6)
    assert 4 == expose_records(rows, placeholders=False).holding(1 << 6)
    assert 3 == expose_records(rows, placeholders=False, missing=["n/a"]).holding(1 << 6)
    with pytest.raises(ValueError, match=r"missing is 'n/a'; give a list of words"):
        expose_records(rows, missing="n/a")


def test_what_stood_for_nothing_is_said_with_counts() -> None:
    """The scenario's notes name columns, numbers and words; so does every run of it."""
    rows = pl.DataFrame({"SSN": [f"900-00-{n:04d}" for n in range(4)] + ["N/A", "N/A", "-", "", None]})
    notes = " ".join(expose_records(rows).scenario.all_notes)
    assert "Written, and taken as nothing (values by column): SSN 4 ('N/A', blank, '-')." in notes
    assert "Columns read by their headings: SSN as ssn." in notes


# Columns in doubt ------------------------------------------------------------------------------------------

FLAGS: dict[str, list[Any]] = {
    "whole numbers": [1, 0, 0, 1],
    "numbers with a point": [1.0, 0.0, None, 1.0],
    "letters": ["Y", "N", "n", "Y"],
    "words": ["True", "False", "false", "TRUE"],
    "digits as text": ["1", "0", "0", "1"],
    "other languages": ["ja", "nein", "Nein", "ja"],
    "ticks": ["x", None, "", "x"],
}


@pytest.mark.parametrize("kind", list(FLAGS))
@pytest.mark.parametrize("engine", ["pandas", "pandas of objects", "polars", "duckdb", "pyarrow"])
def test_flags_are_asked_about(kind: str, engine: str) -> None:
    """A column of words or numbers of flags is refused with its remedy, which then counts the true ones."""
    table = ENGINES[engine](pa.table({"ssn": FLAGS[kind]}))
    with pytest.raises(ValueError, match=r"Column 'ssn' holds only words of a flag .*as_flags=True"):
        expose_records(table)
    for as_flags in (True, ["ssn"]):
        assert 2 == expose_records(table, as_flags=as_flags).holding(1 << 6)


def test_categories_of_flags_are_asked_about() -> None:
    """Categories of true and false are flags like text of them."""
    table = pd.DataFrame({"ssn": pd.Categorical([True, False, True])})
    with pytest.raises(ValueError, match=r"only words of a flag"):
        expose_records(table)
    assert 2 == expose_records(table, as_flags=True).holding(1 << 6)


def test_a_flag_that_holds_something_else_is_refused() -> None:
    """A column that is to be read as a flag must hold nothing else; the rows that do are counted."""
    rows = pl.DataFrame({"ssn": ["Y", "N", "900-00-0004"]})
    with pytest.raises(ValueError, match=r"'ssn' is to be read as a flag, and 1 rows hold something else"):
        expose_records(rows, as_flags=["ssn"])


MANY = [f"900-00-{n:04d}" for n in range(60)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["safe"] * 15 + ["lost"] * 5, r"at most two values \('safe' 75 %, 'lost' 25 %"),
        (["900-00-0004"] * 20, r"at most two values"),
        (["900-00-0004"] * 20 + MANY, r"one value for many rows \('900-00-0004' 26 %"),
        ([*MANY, "***-**-1234"], r"masked values \('\*\*\*-\*\*-9999'.*ssn_last4"),
        (["XXX-XX-1234", "XXX-XX-4321", *MANY], r"masked values"),
    ],
)
def test_columns_in_doubt_are_refused(values: list[str], message: str) -> None:
    """Two values, a dominating one, and masks are named with shares; as values, they are counted."""
    rows = pl.DataFrame({"ssn": values})
    with pytest.raises(ValueError, match=message):
        expose_records(rows)
    assert len(values) == expose_records(rows, as_values=["ssn"]).holding(1 << 6)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("ssn", ["900-00-0004"] * 19),
        ("ssn", ["safe", "lost"]),
        ("gender", ["F", "M"] * 50),
        ("gender", ["m", "w"] * 5),
        ("carrier_name", ["A"] * 100),
        ("income", ["0"] * 50 + ["1"] * 50),
        ("ssn_last4", [f"***-**-{n:04d}" for n in range(1, 60)]),
        ("ssn", ["900-00-0004"] * 10 + MANY),
        ("ssn", ["1", "1", "1"]),
    ],
)
def test_small_tables_and_fields_of_few_values_are_not_asked_about(column: str, values: list[str]) -> None:
    """Few rows, fields with few values by nature, and fields that are parts raise no doubt."""
    assert len(values) == expose_records(pl.DataFrame({column: values})).accounts.sum()


def test_a_doubt_of_the_first_rows_is_checked_on_all() -> None:
    """What begins with one value is not refused if the rest differs, and what ends with one is."""
    first = ["900-00-0004"] * 25_000 + [str(n) for n in range(900_000_000, 900_200_000)]
    assert 225_000 == expose_records(pl.DataFrame({"ssn": first}).lazy()).accounts.sum()
    last = [str(n) for n in range(900_000_000, 900_030_000)] + ["900-00-0004"] * 30_000
    with pytest.raises(ValueError, match=r"one value for many rows"):
        expose_records(pl.DataFrame({"ssn": last}))


# People counted twice --------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [e for e in ENGINES if e != "pandas of objects"])
def test_a_person_counts_once_with_all_fields(engine: str) -> None:
    """Rows of one person are joined, rows that name nobody count alone, and the duplicates are said."""
    table = pa.table(
        {
            "member": ["a", "a", "b", None, "n/a", "b", "b"],
            "ssn": ["900-00-0004", None, None, "900-00-0001", None, None, "-"],
            "email": [None, "a@x.org", "b@x.org", None, "c@x.org", None, None],
            "kind": ["prepaid", "prepaid", "postpaid", "prepaid", "prepaid", "prepaid", "postpaid"],
        }
    )
    found = expose_records(ENGINES[engine](table), unique="member", segment="kind")
    assert {
        ("prepaid", frozenset({"ssn", "email_address"})): 1,
        ("postpaid", frozenset({"email_address"})): 1,
        ("prepaid", frozenset({"ssn"})): 1,
        ("prepaid", frozenset({"email_address"})): 1,
    } == cells(found)
    note = found.scenario.notes[0]
    assert "7 rows of records: 4 accounts by column 'member', and 3 further rows of the same ones" in note
    assert "1 of them stand in several segments" in note


def test_unique_needs_a_column_and_no_mask() -> None:
    """A column that is not there, or a mask beside it, is refused."""
    rows = pl.DataFrame({"ssn": ["900-00-0004"], "leaked_fields": [1]})
    with pytest.raises(ValueError, match=r"unknown column 'sn' in unique"):
        expose_records(rows, {"ssn": "ssn"}, unique="sn")
    with pytest.raises(ValueError, match=r"unique='ssn' is given and a mask too"):
        expose_records(rows, unique="ssn")


def test_the_column_of_persons_or_segments_can_be_a_field_too() -> None:
    """An e-mail address that names the person, and a state that names the segment, leaked as well."""
    rows = pl.DataFrame(
        {"email": ["a@x.org", "a@x.org"], "ssn": ["900-00-0004", None], "state": ["NY", "NY"]}
    )
    found = expose_records(rows, unique="email", segment="state")
    assert {("NY", frozenset({"ssn", "email_address", "geolocation"})): 1} == cells(found)
    assert () == found.scenario.left_out


# Headings --------------------------------------------------------------------------------------------------


def test_headings_are_read_and_the_rest_is_named() -> None:
    """Synthea's columns are read without a word; what is not read is left out with the nearest field."""
    rows = pl.DataFrame(
        {
            "Id": ["1"], "BIRTHDATE": ["1980-01-02"], "SSN": ["900-00-0004"], "DRIVERS": ["S99900004"],
            "FIRST": ["Ann"], "LAST": ["Ash"], "ADDRESS": ["1 Road"], "PASSWORD": ["x1"], "shoe_size": ["9"],
        }
    )  # fmt: skip
    found = expose_records(rows)
    wanted = {"full_name", "date_of_birth", "ssn", "drivers_license_number", "postal_address"}
    assert {("records", frozenset(wanted)): 1} == cells(found)
    left = {part.name: part.nearest for part in found.scenario.left_out}
    assert {"PASSWORD": "password_plain or password_hash", "Id": "", "shoe_size": ""} == left
    assert "Not read: 3 columns 'PASSWORD' (nearest: password_plain" in found.scenario.all_notes[-1]


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ({"first": ["Ann"], "last": ["Ash"], "ssn": ["900-00-0004"]}, {"full_name", "ssn"}),
        ({"first": ["Ann"], "last": [None], "ssn": ["900-00-0004"]}, {"ssn"}),
        ({"first": ["Ann"], "ssn": ["900-00-0004"]}, {"ssn"}),
        ({"first": ["Ann"], "name": ["Ann Ash"], "ssn": ["900-00-0004"]}, {"full_name", "ssn"}),
        ({"year_of_birth": [1980], "month_of_birth": [1], "day_of_birth": [2]}, {"date_of_birth"}),
    ],
)
def test_parts_make_a_field_together(columns: dict[str, list[Any]], fields: set[str]) -> None:
    """Given and family name are a full name together, year, month and day a birth date; one is neither."""
    found = expose_records(pl.DataFrame(columns))
    assert {("records", frozenset(fields)): 1} == cells(found)
    single = {part.name for part in found.scenario.left_out}
    assert single == ({"first"} if "last" not in columns and "first" in columns else set())


def test_columns_override_headings() -> None:
    """With `columns` nothing else is read, and all other columns are named as left out."""
    rows = pl.DataFrame({"email": ["a@x.org"], "first": ["Ann"], "ssn": ["900-00-0004"]})
    found = expose_records(rows, {"first": "full_name"})
    assert {("records", frozenset({"full_name"})): 1} == cells(found)
    assert {"email": "email_address", "ssn": "ssn"} == {p.name: p.nearest for p in found.scenario.left_out}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({0: [1], "ssn": ["900-00-0004"]}), r"a column of the table is named 0; .*rename it"),
        (pd.DataFrame([["a", "b"]], columns=["ssn", "ssn"]), r"cannot be read: Expected unique column names"),
        (pd.DataFrame({("a", "ssn"): ["x"]}), r"names of columns are text"),
    ],
)
def test_names_of_columns_must_be_texts_that_differ(table: pd.DataFrame, message: str) -> None:
    """Numbers, pairs and repetition in the names of columns are refused in a sentence."""
    with pytest.raises(ValueError, match=message):
        expose_records(table)
