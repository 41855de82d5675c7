"""Laws of records counted where they lie: equal cells from every engine, nothing but counts comes back.

The table of these tests is made by hand, so its cells are known; each engine is given the same rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference as twin
from support import worlds
from support.agreement import LIMIT, distance
from support.command_line import refused, say
from support.records import CELLS, COLUMNS, MASKS, TABLE, cells
from support.remembered import remembered

import breach_sim as bs
from breach_sim.inputs import fields
from breach_sim.interop.records import counting, expose_records, read_columns

pytestmark = pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
LAW = settings(derandomize=True, deadline=None, database=None, max_examples=40)
SECRETS = ["Ann", "Birch", "900-00", "1980", "4321"]


def relation(table: pa.Table) -> Any:
    """Return the table as a DuckDB relation."""
    connection = duckdb.connect()
    connection.register("rows_of_a_test", table)
    return connection.sql("select * from rows_of_a_test")


def dask_frame(table: pa.Table) -> Any:
    """Return the table as a Dask DataFrame of three parts."""
    return dd.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=3)


ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas of Arrow types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas of objects": lambda table: table.to_pandas().astype(object),
    "pandas with categories": lambda table: table.to_pandas().astype({"kind": "category", "ssn": "category"}),
    "polars": pl.from_arrow,
    "polars, lazy": lambda table: pl.from_arrow(table).lazy(),  # type: ignore[union-attr]
    "duckdb": relation,
    "dask": dask_frame,
}


# One table, many engines -----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", list(ENGINES))
def test_every_engine_gives_the_cells_made_by_hand(engine: str) -> None:
    """Null, NaN, blank text and false are no leak; columns of a field count once; zero income is a value."""
    assert CELLS == cells(expose_records(ENGINES[engine](TABLE), COLUMNS, segment="kind"))


@pytest.mark.parametrize("engine", [e for e in ENGINES if e != "pandas of objects"])
def test_every_engine_reads_a_mask(engine: str) -> None:
    """By the mask column, named or by its usual name, rows are counted by the bits they bring."""
    wanted: dict[tuple[str, frozenset[str]], int] = {}
    for bits in MASKS:
        key = ("records", frozenset(fields.names(bits)))
        wanted[key] = wanted.get(key, 0) + 1
    for mask in (None, "leaked_fields"):
        assert wanted == cells(expose_records(ENGINES[engine](TABLE), mask=mask))


@pytest.mark.parametrize("form", ["file", "folder", "pattern", "text"])
def test_parquet_files_are_read_where_they_lie(form: str, tmp_path: Path) -> None:
    """A file, a folder, a pattern: the same cells; files set aside are no part of a folder."""
    folder = tmp_path / "a [folder] of 'records'"
    (folder / "kind").mkdir(parents=True)
    pq.write_table(TABLE[:2], folder / "0.parquet")
    pq.write_table(TABLE[2:], folder / "kind" / "1.parquet")
    pq.write_table(TABLE, folder / ".partial.parquet")
    pq.write_table(TABLE, tmp_path / "whole.parquet")
    pattern = str(tmp_path / "w*.parquet")
    paths = {"file": tmp_path / "whole.parquet", "folder": folder, "pattern": pattern, "text": str(folder)}
    assert CELLS == cells(expose_records(paths[form], COLUMNS, segment="kind"))


def test_folders_of_two_tables_are_not_read_as_one(tmp_path: Path) -> None:
    """Tables side by side are refused with both folders and a column that one lacks; folders of one pass."""
    for name in ("devices", "subscribers", "subscribers/more"):
        (tmp_path / name).mkdir()
        pq.write_table(TABLE.select(["pin"]) if name == "devices" else TABLE, tmp_path / name / "0.parquet")
    with pytest.raises(
        ValueError, match=r"holds more than one table: of .*devices and .*subscribers only one"
    ):
        expose_records(tmp_path, {"pin": "account_pin"})
    assert 12 == expose_records(tmp_path / "subscribers", COLUMNS, segment="kind").accounts.sum()


def test_a_list_without_entries_is_nothing() -> None:
    """A column of lists leaked where the list has an entry."""
    table = pa.table({"imei_history": [["a"], [], None, ["a", "b"]]})
    for engine in (ENGINES["polars"], ENGINES["duckdb"], ENGINES["pyarrow"]):
        counts = cells(expose_records(engine(table)))
        assert {("records", frozenset()): 2, ("records", frozenset({"imei_history"})): 2} == counts


def test_columns_that_bear_names_of_fields_need_not_be_named() -> None:
    """Without columns and mask the table's own names tell, and all other columns are left alone."""
    assert cells(expose_records(TABLE.select(["ssn", "pin"]))) == {
        ("records", frozenset({"ssn"})): 4,
        ("records", frozenset()): 2,
    }


@given(st.lists(st.tuples(*[st.sampled_from([None, "", "x"])] * 3), min_size=1, max_size=30))
@LAW
def test_cells_add_up_to_the_rows(rows: list[tuple[str | None, ...]]) -> None:
    """Every row is in one cell, and a field is held by as many accounts as rows hold something."""
    names = ("ssn", "imei", "photo")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    found = expose_records(frame, as_values=names)
    assert len(rows) == found.accounts.sum()
    for i, name in enumerate(names):
        assert sum(bool(row[i]) for row in rows) == found.holding(fields.mask([name]))


# Nothing but counts ----------------------------------------------------------------------------------


def test_a_lazy_table_is_asked_one_grouped_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a million lazy rows only counts and groups are collected, and only the columns named are read."""
    collected: list[pl.DataFrame] = []
    once = pl.LazyFrame.collect

    def watched(frame: pl.LazyFrame, *args: Any, **options: Any) -> pl.DataFrame:
        collected.append(once(frame, *args, **options))
        return collected[-1]

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)
    explode = pl.col("ssn").map_batches(_never, return_dtype=pl.String).alias("costly")
    frame = pl.DataFrame({"ssn": ["a", None] * 500_000, "imei": ["b", "b"] * 500_000}).lazy()
    names = {"ssn": "ssn", "imei": "imei"}
    found = expose_records(frame.with_columns(explode), names, as_values=names)
    assert [2] == [len(frame) for frame in collected]
    assert {pl.Int64, pl.get_index_type()} >= set(collected[0].dtypes)
    collected.clear()
    every = frame.with_columns(explode, ssn=pl.int_range(pl.len()).cast(pl.String))
    expose_records(every, {"ssn": "ssn"})
    assert max(len(frame) for frame in collected) <= 5, "at most the commonest values"
    assert 500_000 == found.holding(fields.mask(["ssn"]))


def _never(_: Any) -> Any:
    raise RuntimeError("a column that nobody named was computed")


def test_a_dask_frame_stays_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed of a Dask frame is the table of groups, never the frame itself."""
    computed: list[Any] = []
    once = dd.DataFrame.compute

    def watched(frame: Any, *args: Any, **options: Any) -> Any:
        computed.append(once(frame, *args, **options))
        return computed[-1]

    monkeypatch.setattr(dd.DataFrame, "compute", watched)
    table = pa.table({"ssn": ["a", None] * 5_000})
    expose_records(dd.from_pandas(table.to_pandas(), npartitions=4), as_values=["ssn"])
    assert [2] == [len(frame) for frame in computed]


def test_no_value_leaves() -> None:
    """The exposure, its tables, its scenario and an impact of it hold no value but names of segments."""
    found = expose_records(TABLE, COLUMNS, segment="kind")
    impact = bs.simulate(exposure=found, replicates=5, seed=1)
    outputs = [
        found,
        found.table().to_string(),
        found.to_json(),
        vars(found),
        found.scenario,
        impact.to_json(),
    ]
    # The digits of a mean after its point are no value of a row.
    text = re.sub(r"\.\d+", ".", " ".join(map(repr, outputs)))
    assert [] == [secret for secret in SECRETS if secret in text]
    assert "prepaid" in text


def test_a_wrong_table_is_answered_without_its_values() -> None:
    """Messages about types, masks and cells show names of columns, never a value of a row."""
    many = pl.DataFrame({"ssn": [f"900-00-{i:04d}" for i in range(2_000)]})
    for call in (
        lambda: expose_records(many, {"ssn": "ssn"}, segment="ssn"),
        lambda: expose_records(many, mask="ssn"),
        lambda: expose_records(TABLE.to_pandas().to_numpy().tolist(), COLUMNS),
    ):
        with pytest.raises((ValueError, TypeError)) as caught:
            call()
        assert not re.search(r"900-00|Ann", str(caught.value))


# Into the simulation ---------------------------------------------------------------------------------


def test_the_scenario_of_an_exposure_has_its_cells() -> None:
    """Exposed again, the scenario of counted cells gives the same cells, and kinds follow the names."""
    found = expose_records(TABLE, COLUMNS, segment="kind")
    again = bs.expose(found.scenario)
    np.testing.assert_array_equal(found.masks, again.masks)
    np.testing.assert_array_equal(found.accounts, again.accounts)
    assert cells(found) == cells(again)
    assert {"prepaid": "prepaid", "postpaid": "postpaid", "unknown": "customer"} == dict(
        found.table()[["segment", "kind"]].itertuples(index=False)
    )


def test_kinds_are_given_by_segment_or_for_all() -> None:
    """A mapping names the kind of some segments, one word that of all."""
    some = expose_records(TABLE, COLUMNS, segment="kind", kinds={"unknown": "prospect"}).table()
    assert {"prospect", "prepaid", "postpaid"} == set(some["kind"])
    assert {"former"} == set(expose_records(TABLE, COLUMNS, segment="kind", kinds="former").table()["kind"])


POOL = ["full_name", "ssn", "phone_number", "account_pin", "email_address", "imei", "photo"]


def drawn_table(rows: int, seed: int) -> pd.DataFrame:
    """Return records of two segments whose fields leaked in ways that are not independent."""
    dice = np.random.default_rng(seed)
    kind = dice.choice(["prepaid", "postpaid"], rows)
    latent = dice.random(rows)
    there = {f: np.where(dice.random(rows) < 0.25 + 0.6 * latent, "x", "") for f in POOL}
    return pd.DataFrame({"kind": kind} | there)


def test_the_simulation_of_records_is_the_twins() -> None:
    """What the twin lives through, row by row, lies within 4 se of the engine on the merged cells.

    The same comparison fails when fields of one segment are taken as independent of each other.
    """
    table = drawn_table(30_000, 3).drop(columns=["photo"])
    _, attacks, years = worlds.full_world()
    found = expose_records(table, segment="kind", as_flags=True)
    with remembered():
        reference = twin.simulate(worlds.twin_world(found.scenario, attacks, years), 3)
    impact = bs.simulate(exposure=found, attacks=attacks, replicates=400, seed=2, horizon_years=years)
    assert len(impact.scenario.segments) < len(found.scenario.segments) * 0.9
    assert {} == far(impact, reference)
    kinds = ["prepaid", "postpaid"]
    parts = [table[table["kind"] == kind] for kind in kinds]
    shares = {f: [part[f].ne("").mean() for part in parts] for f in POOL[:-1]}
    alone = pd.DataFrame(shares | {"segment": kinds, "kind": kinds, "accounts": list(map(len, parts))})
    wrong = bs.simulate(bs.Scenario.from_frame(alone), attacks, replicates=400, seed=2, horizon_years=years)
    assert far(wrong, reference)


def far(impact: Any, reference: Any) -> dict[str, float]:
    """Return the figures over all segments that lie farther than four standard errors from the twin's."""
    rows = list(reference["segments"].values())
    found = {"people": distance(sum(row["people"] for row in rows), impact.people)}
    for word in ("attackable", "attempted", "victims"):
        for name, sample in zip(impact.attacks.names, impact.per_attack(word), strict=True):
            found[f"{name} {word}"] = distance(sum(row["attacks"][name][word] for row in rows), sample)
    return {key: z for key, z in found.items() if abs(z) > LIMIT}


def test_merging_cells_moves_nothing_but_luck() -> None:
    """Simulated cell by cell or merged: the same accounts attackable, and equal expectations within 4 se."""
    found = expose_records(drawn_table(3_000, 1), segment="kind", as_flags=True)
    merged = bs.simulate(exposure=found, replicates=400, seed=1, elsewhere=None)
    plain = bs.simulate(found.scenario, replicates=400, seed=1, elsewhere=None)
    assert len(merged.scenario.segments) < len(plain.scenario.segments)
    np.testing.assert_array_equal(merged.per_attack("attackable"), plain.per_attack("attackable"))
    np.testing.assert_array_equal(merged.exposed_counts.sum(axis=0), plain.exposed_counts.sum(axis=0))
    for one, other in zip(merged.per_attack("victims"), plain.per_attack("victims"), strict=True):
        error = np.sqrt(2 * max(one.mean(), other.mean(), 1 / 400) / 400)
        assert abs(one.mean() - other.mean()) <= LIMIT * error


def test_an_exposure_of_a_scenario_is_simulated_like_it() -> None:
    """The cells of the stated case with all fields leaked, its reset kept, give its accounts attackable."""
    stated = worlds.all_leaked(bs.load_scenario("tmobile-2021-stated"))
    cells_ = bs.simulate(exposure=bs.expose(stated), replicates=50, seed=1, elsewhere=None)
    whole = bs.simulate(stated, replicates=50, seed=1, elsewhere=None)
    np.testing.assert_array_equal(cells_.per_attack("attackable"), whole.per_attack("attackable"))
    assert [e.kind for e in stated.events] == [e.kind for e in cells_.scenario.events]
    assert cells_.scenario.events[0].segments[0].startswith("prepaid/0x")
    for one, other in zip(cells_.per_attack("attempted"), whole.per_attack("attempted"), strict=True):
        assert abs(one.mean() - other.mean()) <= LIMIT * np.sqrt(2 * max(one.mean(), 1 / 50) / 50)


# Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: expose_records(TABLE, {"sssn": "ssn"}), r"unknown column 'sssn' in columns; .*mean 'ssn'"),
        (lambda: expose_records(TABLE, {"ssn": "snn"}), r"unknown field 'snn' in columns\['ssn'\]; .*'ssn'"),
        (lambda: expose_records(TABLE, {"ssn": ()}), r"columns\['ssn'\] names no field"),
        (lambda: expose_records(TABLE, {}), r"columns is \{\}; map names of columns to fields"),
        (lambda: expose_records(TABLE, "ssn"), r"columns is 'ssn'; map names"),  # type: ignore[arg-type]
        (lambda: expose_records(TABLE, COLUMNS, segment="kin"), r"unknown column 'kin' in segment; .*'kind'"),
        (lambda: expose_records(TABLE, mask="leaked"), r"unknown column 'leaked' in mask; .*'leaked_fields'"),
        (lambda: expose_records(TABLE, {"ssn": "ssn"}, mask="pin"), r"columns are given and mask='pin' too"),
        (
            lambda: expose_records(TABLE, mask="income"),
            r"'income' is of type Float64; a mask is a whole number",
        ),
        (lambda: expose_records(TABLE, mask="pin"), r"'pin' is null in 1 rows; .*write 0"),
        (lambda: expose_records(TABLE.select(["kind"])), r"no column of the table bears the name of a field"),
        (lambda: expose_records(TABLE[:0], COLUMNS), r"the table has no rows"),
        (
            lambda: expose_records(TABLE, COLUMNS, segment="kind", kinds={"prepayd": "prepaid"}),
            r"unknown segment 'prepayd' in kinds; .*did you mean 'prepaid'",
        ),
        (lambda: expose_records(TABLE, COLUMNS, kinds="postpayd"), r"unknown kind of segment 'postpayd'"),
        (lambda: expose_records("no/where"), r"no/where: there is no such file, folder or pattern"),
        (lambda: expose_records(""), r"the path is empty; give a Parquet file, a folder of them"),
        (lambda: expose_records("s3://a/b"), r"'s3://a/b' is an address; open it with an engine of yours"),
    ],
)
def test_wrong_words_are_answered(call: Callable[[], Any], message: str) -> None:
    """Columns, fields, masks, kinds and paths that are none: value, place, nearest name, remedy."""
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("engine", [e for e in ENGINES if e != "pandas of objects"])
@pytest.mark.parametrize("bit", [len(fields.FIELDS), 62])
def test_an_unknown_bit_is_named(engine: str, bit: int) -> None:
    """A bit beyond the vocabulary is refused with its number, whatever the engine."""
    table = pa.table({"m": pa.array([1, 1 << bit, 1 << bit], pa.int64())})
    known = f"bits 0 to {len(fields.FIELDS) - 1}"
    message = rf"'m' has unknown bit {bit} set in 2 rows; {known}.*: clear it, or name columns"
    with pytest.raises(ValueError, match=message):
        expose_records(
            ENGINES[engine](table.append_column("kind", [["a"] * 3]).append_column("ssn", [["a"] * 3])),
            mask="m",
        )


def test_the_highest_and_a_negative_bit() -> None:
    """The last field has the highest bit; the sign of a negative number is bit 63, and unknown."""
    last = 1 << len(fields.FIELDS) - 1
    assert 1 == expose_records(pa.table({"m": [last]}), mask="m").holding(last)
    unknown = ", ".join(map(str, range(len(fields.FIELDS), 64)))
    with pytest.raises(ValueError, match=f"unknown bit {unknown} set"):
        expose_records(pa.table({"m": [-1]}), mask="m")
    with pytest.raises(ValueError, match=r"unknown bit 63 set"):
        expose_records(pa.table({"m": pa.array([1 << 63], pa.uint64())}), mask="m")


@pytest.mark.parametrize("table", [[1, 2], {"ssn": [1]}, None, 7, np.zeros((2, 2))])
def test_what_is_no_table_is_refused_with_those_that_are(table: Any) -> None:
    """A list, a dict, nothing, an array: the message says what can be read."""
    with pytest.raises(TypeError, match=r"cannot be read; give a pandas or Polars DataFrame.*Parquet files"):
        expose_records(table)


@pytest.mark.parametrize("harm", ["truncated", "no Parquet"])
def test_a_broken_file_is_named(harm: str, tmp_path: Path) -> None:
    """A file that is cut off or is no Parquet at all is a sentence, not a crash."""
    pq.write_table(TABLE, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2] if harm == "truncated" else b"ssn,pin\n")
    with pytest.raises(ValueError, match=r"cannot be read as Parquet: .*b\.parquet"):
        expose_records(tmp_path, {"ssn": "ssn"})


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of a value per row is no segment: refused after at most one cell too many has come back."""
    with pytest.raises(ValueError, match=r"'s' has more than 1,000 values; a segment is a kind of customer"):
        expose_records(
            pl.DataFrame({"s": range(1_001), "ssn": map(str, range(1_001))}), {"ssn": "ssn"}, segment="s"
        )
    monkeypatch.setattr(counting, "MOST_CELLS", 10)
    with pytest.raises(ValueError, match=r"more than 10 cells of segment and leaked fields"):
        expose_records(pl.DataFrame({"s": range(11), "ssn": ["a"] * 11}), {"ssn": "ssn"}, segment="s")
    with pytest.raises(ValueError, match=r"column 'id', which was named as mask; .*name another column"):
        expose_records(pl.DataFrame({"id": range(11)}), mask="id")


@pytest.mark.parametrize("both", [True, False])
def test_simulate_takes_a_scenario_or_an_exposure(both: bool) -> None:
    """Both or neither is refused with the two ways out."""
    found = expose_records(TABLE, COLUMNS)
    given = {"scenario": "stated", "exposure": found} if both else {}
    with pytest.raises(ValueError, match=r"scenario of type .* and an exposure of type .*; give one"):
        bs.simulate(seed=1, **given)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"an exposure of type Table; give one of them"):
        bs.simulate(exposure=TABLE, seed=1)  # type: ignore[arg-type]


# The command line ------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a Parquet file of the table."""
    pq.write_table(TABLE, tmp_path / "mine.parquet")
    return tmp_path / "mine.parquet"


def test_the_command_prints_cells(file: Path) -> None:
    """`expose` prints accounts, segment and fields of each cell, and with --json one document of them."""
    words = ("expose", file, "--columns", "first=full_name,pin=account_pin", "--segment", "kind")
    said = say(*words)
    assert (0, "") == (said.code, said.err)
    assert re.search(r"^ +2  prepaid: full_name, account_pin$", said.out, re.MULTILINE)
    document = json.loads(say(*words, "--json").out)
    assert ("mine", 6) == (document["name"], document["accounts"])
    assert 6 == sum(cell["accounts"] for cell in document["cells"])


def test_the_command_runs_at_once(file: Path) -> None:
    """With --run the impact is printed, and with --json it is the document that simulate gives."""
    words = ("expose", file, "--mask", "leaked_fields", "--run", "--replicates", 30, "--seed", 4)
    assert "Impact of mine: 6 accounts" in say(*words).out
    found = expose_records(file, mask="leaked_fields", name="mine")
    wanted = json.loads(bs.simulate(exposure=found, replicates=30, seed=4).to_json())
    assert wanted == json.loads(say(*words, "--json").out)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--columns", "ssn"], "write COLUMN=FIELD"),
        (["--columns", "ssn=snn"], "did you mean 'ssn'?"),
        (["--columns", "phone_number=first"], "the column stands first: COLUMN=FIELD"),
        (["--columns", "ssn=ssn,ssn=tax_id"], "twice"),
        (["--columns", "sssn=ssn"], "unknown column 'sssn'"),
        (["--mask", "pin"], "null in 1 rows"),
        (["--kind", "x"], "unknown kind of segment 'x'"),
    ],
)
def test_the_command_refuses_in_a_sentence(words: list[str], part: str, file: Path) -> None:
    """Wrong pairs, columns, masks and kinds end with exit code 2 and one line."""
    refused(say("expose", file, *words), part)


def test_columns_are_read_from_a_line() -> None:
    """Pairs are split at commas and equals signs, fields of one column at plus signs."""
    assert {"a": ("ssn", "imei"), "b": ("imsi",)} == read_columns("a=ssn+imei, b = imsi")
