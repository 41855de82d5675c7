"""Laws of two engines that are tried with the real thing, and are no part of the environment: Spark and Ibis.

What pandas, Polars, DuckDB and Dask are asked for in `test_interop_records` and `test_dataset` is asked of
them here. Every test is slow and is skipped, with the reason, where the engine is missing. To try them:

    .venv/bin/python -m pip install pyspark "ibis-framework[duckdb]"
    .venv/bin/python -m pytest tests/test_spark_and_ibis.py -m slow

Spark needs Java 17 or later.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.records import CELLS, COLUMNS, EMPTY, MASKS, TABLE, cells

import breach_sim as bs
from breach_sim.inputs import fields
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.interop.records import expose_records
from breach_sim.population.dataset import writer as dataset
from breach_sim.population.provider import FIELDS
from breach_sim.population.values.columns import COLUMN_FIELDS

pytestmark = pytest.mark.slow
ENGINES = ["spark", "ibis"]
ACCOUNTS = {"prepaid": 90_000, "postpaid": 70_000, "former": 25_000, "prospect": 15_000}
SPARK_TYPES = {
    pa.string(): "string",
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
}
KEYS = {"subscribers": ["line_id"], "devices": ["line_id", "first_seen"]}
LISTS = pa.table({"imei_history": [["a"], [], None, ["a", "b"]]})


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Return a Spark session of two threads on this machine."""
    sql = pytest.importorskip(
        "pyspark.sql", reason="no pyspark here: .venv/bin/python -m pip install pyspark"
    )
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17 or later, and there is none here")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "Pacific/Honolulu",  # a date must not move with the clock's zone
    }
    session = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def given(request: pytest.FixtureRequest) -> Callable[[str, pa.Table | Path], Any]:
    """Return what gives an engine a table, or the Parquet files of a folder, as a table of its own."""

    def give(engine: str, table: pa.Table | Path) -> Any:
        if engine == "spark":
            session = request.getfixturevalue("spark")
            if isinstance(table, Path):
                return session.read.parquet(str(table))
            return session.createDataFrame(table)
        ibis = pytest.importorskip(
            "ibis", reason='no Ibis here: .venv/bin/python -m pip install "ibis-framework[duckdb]"'
        )
        connection = ibis.duckdb.connect()
        if isinstance(table, Path):
            return connection.read_parquet(str(table / "*.parquet"))
        return ibis.memtable(table)

    return give


def scenario() -> Scenario:
    """Return 200,000 accounts of four segments, of which three groups of fields leaked for some each."""
    groups = (FIELDS[:5], (*FIELDS[5:9], "imei_history"), FIELDS[9:])
    segments = tuple(
        Segment(
            name=f"{kind} customers",
            kind=kind,
            accounts=accounts,
            leaks=tuple(
                Leak(fields=group, coverage=Estimate.fixed("coverage", share, "share"))
                for group, share in zip(groups, (0.9, 0.6, 0.3), strict=True)
            ),
        )
        for kind, accounts in ACCOUNTS.items()
    )
    return Scenario(name="four-segments", segments=segments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where both tables of a population lie, each in several files."""
    made = tmp_path_factory.mktemp("data") / "four-segments"
    people = bs.subscribers(scenario(), seed=7)
    dataset.write(people, made, tables=["subscribers", "devices"], blocks_per_file=1)
    return made


# Reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", list(KEYS))
def test_spark_reads_what_was_written(table: str, folder: Path, given: Any) -> None:
    """Every column has the plain type that was promised, and every value of every row is PyArrow's."""
    frame = given("spark", folder / table)
    wanted = pq.read_table(folder / table)
    assert {f.name: SPARK_TYPES[f.type] for f in wanted.schema} == dict(frame.dtypes)
    order = [(name, "ascending") for name in KEYS[table]]
    found, wanted = (rows.sort_by(order).combine_chunks() for rows in (frame.toArrow(), wanted))
    assert wanted.num_rows == found.num_rows > 100_000
    assert [] == [
        name
        for name in wanted.column_names
        if not found[name].cast(wanted.schema.field(name).type).equals(wanted[name])
    ]


def test_what_spark_reads_has_what_is_hard_to_read(folder: Path) -> None:
    """The rows compared hold ids written as steps, nulls, dates before 1970, and several files."""
    files = sorted((folder / "subscribers").iterdir())
    assert len(files) == 4
    group = pq.read_metadata(files[0]).row_group(0)
    by_name = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    for name in ("person_id", "account_id", "line_id"):
        assert "DELTA_BINARY_PACKED" in by_name[name].encodings
    rows = pq.read_table(folder / "subscribers")
    assert min(d for d in rows["date_of_birth"].to_pylist() if d is not None) < date(1940, 1, 1)
    assert all(0 < rows[name].null_count < rows.num_rows for name in COLUMN_FIELDS)


# Counting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_gives_the_cells_made_by_hand(engine: str, given: Any) -> None:
    """By the fields: null, NaN, empty text and false are no leak; several columns count once."""
    assert CELLS == cells(expose_records(given(engine, TABLE), COLUMNS, segment="kind"))
    nan = pa.table({"income": [1.0, float("nan"), None]})
    found = cells(expose_records(given(engine, nan)))
    assert {("records", frozenset()): 2, ("records", frozenset({"income"})): 1} == found


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_reads_a_mask(engine: str, given: Any) -> None:
    """By the mask: rows are counted by the bits they bring, the highest too, and an unknown one is named."""
    wanted = Counter(("records", frozenset(fields.names(bits))) for bits in MASKS)
    assert wanted == cells(expose_records(given(engine, TABLE)))
    bit = len(fields.FIELD_NAMES)
    odd = pa.table({"m": pa.array([1, 1 << bit, 1 << bit], pa.int64())})
    with pytest.raises(ValueError, match=rf"'m' has unknown bit {bit} set in 2 rows; bits 0 to {bit - 1}"):
        expose_records(given(engine, odd), mask="m")
    null = pa.table({"m": pa.array([1, None], pa.int64())})
    with pytest.raises(ValueError, match=r"'m' is null in 1 rows; .*write 0"):
        expose_records(given(engine, null), mask="m")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_list_without_entries_is_nothing(engine: str, given: Any) -> None:
    """A column of lists leaked where the list has an entry."""
    counts = cells(expose_records(given(engine, LISTS)))
    assert {("records", frozenset()): 2, ("records", frozenset({"imei_history"})): 2} == counts


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("column", list(EMPTY))
def test_the_engine_has_the_same_definition_of_empty(engine: str, column: str, given: Any) -> None:
    """A column of any type gives the cells made by hand: six rows hold nothing, two something."""
    values = EMPTY[column]
    plain = values.dictionary_decode() if column == "email_address" else values
    found = cells(expose_records(given(engine, pa.table({column: plain}))))
    assert {("records", frozenset({column})): 2, ("records", frozenset()): 6} == found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_population_has_the_cells_of_its_scenario(engine: str, folder: Path, given: Any) -> None:
    """By the mask and by the fields: exactly the cells of the files' path, and of the scenario's draw."""
    path = folder / "subscribers"
    drawn: Counter[tuple[str, frozenset[str]]] = Counter(cells(bs.expose(scenario())))
    table = given(engine, path)
    assert len(drawn) > 20
    assert drawn == cells(expose_records(path, segment="segment"))
    assert drawn == cells(expose_records(table, segment="segment"))
    seen: Counter[tuple[str, frozenset[str]]] = Counter()
    for (segment, leaked), accounts in drawn.items():
        seen[segment, leaked & set(COLUMN_FIELDS.values())] += accounts
    assert seen == cells(expose_records(path, COLUMN_FIELDS, segment="segment"))
    assert seen == cells(expose_records(table, COLUMN_FIELDS, segment="segment"))


def test_only_groups_leave_spark(monkeypatch: pytest.MonkeyPatch, folder: Path, given: Any) -> None:
    """Of all rows nothing reaches Python but the groups with their counts, and the commonest values."""
    table = given("spark", folder / "subscribers")
    left: list[int] = []
    for name in ("toArrow", "toPandas", "collect", "_collect_as_arrow"):
        if not hasattr(type(table), name):
            continue
        once = getattr(type(table), name)

        def watched(frame: Any, *words: Any, once: Any = once, **options: Any) -> Any:
            left.append(frame.count())
            return once(frame, *words, **options)

        monkeypatch.setattr(type(table), name, watched)
    found = expose_records(table, COLUMN_FIELDS, segment="segment")
    assert left
    assert len(found.masks) in left
    assert max(number for number in left if number != len(found.masks)) <= 5
