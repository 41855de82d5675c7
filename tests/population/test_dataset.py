"""Laws of data sets: whole files or none, the same files from anybody, gone on with after any stop.

Faults are tried on `populations.Few`, whose blocks cost nothing; what readers see, on the engine itself.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from support.command_line import refused, say
from support.populations import ROWS, TABLES, Few, tree

import breach_sim as bs
from breach_sim import api
from breach_sim.inputs import fields
from breach_sim.interop.records import expose_records
from breach_sim.population.dataset import workers
from breach_sim.population.dataset import writer as dataset
from breach_sim.population.dataset.digest import digest_of, root_digest
from breach_sim.population.dataset.formats import GROUP_BLOCKS
from breach_sim.population.dataset.places import ASIDE
from breach_sim.population.dataset.writer import FILE_BLOCKS, Written
from breach_sim.population.population import Population
from breach_sim.population.values.columns import BLOCK_ROWS

BOTH = {"tables": TABLES, "blocks_per_file": 2}
NEVER = 10**9
CHILD = Path(__file__).parents[1] / "support" / "populations.py"


def write(people: Any, path: Any = None, **options: Any) -> Written:
    """Write, with a stub in the place of a population."""
    return dataset.write(people, path, **options)


def manifest(folder: Path) -> dict[str, Any]:
    """Return what the folder says of itself."""
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("data") / "whole"
    write(Few(), folder, workers=1, **BOTH)
    return folder


def child(folder: Path, moment: int = NEVER, threads: int = 1, most_bytes: int = 0) -> Any:
    """Write in a process of its own that may die."""
    return subprocess.run(  # noqa: S603 - our own interpreter, our own file
        [sys.executable, CHILD, *map(str, (folder, moment, threads, most_bytes))],
        capture_output=True,
        text=True,
        check=False,
    )


# What is written -----------------------------------------------------------------------------------------


def test_a_folder_a_table_and_a_manifest(whole: Path) -> None:
    """Files of equal numbers of blocks in one folder a table, nothing left aside, SHA-256 of each given."""
    names = [f"{table}/part-{i:05d}.parquet" for table in TABLES for i in range(5)]
    assert sorted([*names, "manifest.json"]) == sorted(tree(whole))
    assert not (whole / ASIDE).exists()
    tables = manifest(whole)["tables"]
    found = {file["name"]: file["sha256"] for table in TABLES for file in tables[table]["files"]}
    assert {name: digest for name, digest in tree(whole).items() if name != "manifest.json"} == found
    assert (len(Few()), 1) == (tables["subscribers"]["rows"], tables["subscribers"]["header"]["seed"])
    sizes = {file["name"]: file["bytes"] for table in TABLES for file in tables[table]["files"]}
    assert sizes == {name: (whole / name).stat().st_size for name in names}


def test_the_rows_are_those_of_the_blocks(whole: Path) -> None:
    """Read back in the order of the files, each table is its blocks one after the other."""
    for table in TABLES:
        blocks = [Few().block(i, table) for i in range(10)]
        made = pa.Table.from_batches(blocks)
        found = pa.concat_tables(pq.read_table(file) for file in sorted((whole / table).iterdir()))
        assert made.num_rows == found.num_rows
        for name in made.column_names:
            assert made.column(name).to_pylist() == found.column(name).to_pylist()


@pytest.mark.parametrize("sink", ["parquet", "csv"])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_any_number_of_workers_makes_the_same_files(sink: str, threads: int, tmp_path: Path) -> None:
    """One, two and four threads: the same names and bytes."""
    write(Few(), tmp_path / "one", sink=sink, workers=1, **BOTH)
    write(Few(pause=0.001), tmp_path / "many", sink=sink, workers=threads, **BOTH)
    assert tree(tmp_path / "one") == tree(tmp_path / "many")


def test_any_chunk_and_any_workers_give_one_digest() -> None:
    """Chunks of 1 to 16 blocks by 1, 2 and 4 workers have one digest; another seed or table has another."""
    found = {
        write(Few(), sink="hash", workers=threads, blocks_per_file=chunk).digest
        for chunk in (1, 2, 3, 8, 16)
        for threads in (1, 2, 4)
    }
    others = {write(Few(seed=2), sink="hash").digest, write(Few(), sink="hash", tables=["devices"]).digest}
    both = write(Few(), sink="hash", tables=TABLES)
    assert (1, 2, 0) == (len(found), len(others), len(found & others))
    assert both.digest not in found | others
    assert both.digests["subscribers"] in found
    assert len(both.digest) == 64


@pytest.mark.parametrize(
    ("rows", "chunks"),
    [
        (2 * BLOCK_ROWS + 77, (1, 2, 16)),
        pytest.param(17 * BLOCK_ROWS + 77, (1, 2, 3, 5, 8, 13, 16), marks=pytest.mark.slow),
    ],
)
def test_the_engine_has_one_digest_for_any_chunk_and_workers(rows: int, chunks: tuple[int, ...]) -> None:
    """Real rows in chunks of 1 to 16 blocks, by 1, 2 and 4 workers: one SHA-256, that of the blocks."""
    people = bs.subscribers("tmobile-2021-claimed", seed=3, rows=rows)
    found = {
        write(people, sink="hash", workers=threads, blocks_per_file=chunk).digest
        for chunk in chunks
        for threads in (1, 2, 4)
    }
    assert {root_digest(people.header(), map(digest_of, people.blocks()))} == found


@pytest.fixture
def by_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make processes work even where there is little to do."""
    monkeypatch.setattr(dataset, "_PROCESSES_FROM", 0)


@pytest.mark.usefixtures("by_processes")
def test_processes_make_the_same_files_and_one_digest(whole: Path, tmp_path: Path) -> None:
    """Two processes in place of threads: the same names and bytes, the same digest, progress to the end."""
    heard: list[tuple[int, int, int]] = []
    write(Few(), tmp_path / "x", workers=2, progress=lambda *counts: heard.append(counts), **BOTH)
    assert tree(whole) == tree(tmp_path / "x")
    assert (0, 0, 20) == heard[0]
    assert (20, 20) == heard[-1][1:]
    people = bs.subscribers("tmobile-2021-stated", seed=3, rows=2 * BLOCK_ROWS + 7)
    digest = root_digest(people.header(), map(digest_of, people.blocks()))
    assert digest == write(people, sink="hash", workers=2, blocks_per_file=1).digest


@pytest.mark.usefixtures("by_processes")
def test_an_error_in_a_process_is_the_error_here(tmp_path: Path) -> None:
    """A value that could be somebody's, found by another process, is refused with the same words."""
    with pytest.raises(ValueError, match=r"ssn '123-45-6789' in row 7 of block 4 of subscribers .*nobody"):
        write(Few(real_ssn_at=4, pause=0.01), tmp_path / "x", workers=2, **BOTH)
    assert not (tmp_path / "x" / "subscribers" / "part-00002.parquet").exists()
    assert not (tmp_path / "x" / "manifest.json").exists()


def test_a_process_that_is_killed_is_told_with_the_remedy() -> None:
    """A worker that dies of a signal ends the run with an error that says how to go on."""
    pool = workers.Workers(number=2, processes=True)
    with pytest.raises(OSError, match=r"worker process was killed from outside.*take fewer workers"):
        pool.map(killed, [1, 2])


def killed(_piece: int, _report: workers.Report) -> None:
    """Die as a process dies that takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="there the parent of a process may be a launcher")
def test_a_worker_whose_caller_died_before_it_started_ends() -> None:
    """A worker that starts after the death of its caller ends at once, with status 1."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    start = f"from {workers.__name__} import _stop_with_the_caller as start; start({gone.pid})"
    words = [sys.executable, "-c", f"{start}; import time; time.sleep(60)"]
    assert subprocess.run(words, timeout=50, check=False).returncode == 1  # noqa: S603 - fixed words


def test_a_count_is_that_of_the_cells() -> None:
    """The count adds up the blocks: rows by segment and mask, whatever the workers."""
    people = Few()
    for threads in (1, 3):
        made = write(people, sink="count", workers=threads, blocks_per_file=3)
        assert made.cells == {(segment, mask): n for segment, mask, n in people.counts()}
        assert {"subscribers": len(people)} == dict(made.rows)


@pytest.mark.parametrize("sink", dataset.SINKS)
def test_progress_is_told_from_start_to_end(sink: str, tmp_path: Path) -> None:
    """Progress rises from nothing to all blocks and rows, in the thread that called."""
    heard: list[tuple[int, int, int]] = []
    write(Few(), tmp_path / "x", sink=sink, progress=lambda *counts: heard.append(counts), workers=2)
    assert (0, 0, 10) == heard[0]
    assert (len(Few()), 10, 10) == heard[-1]
    assert heard == sorted(heard)


# What readers see ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Population, Path]:
    """Return a population of the engine, of two blocks, and where it was written."""
    people = Population(bs.load_scenario("tmobile-2021-stated"), 7, BLOCK_ROWS + 1000)
    folder = tmp_path_factory.mktemp("data") / "stated"
    write(people, folder, tables=TABLES)
    return people, folder


def test_every_reader_sees_the_same_types(stated: tuple[Population, Path]) -> None:
    """pandas, Polars and DuckDB, given the folder, see text, dates, whole numbers, flags; no categories."""
    folder = stated[1] / "subscribers"
    wanted = {
        "ssn": "text",
        "segment": "text",
        "date_of_birth": "date",
        "leaked_fields": "int64",
        "synthetic": "bool",
    }
    arrow = {pa.string(): "text", pa.date32(): "date", pa.int64(): "int64", pa.bool_(): "bool"}
    schema = pyarrow.dataset.dataset(folder).schema
    assert wanted == {name: arrow[schema.field(name).type] for name in wanted}
    polars = {pl.String: "text", pl.Date: "date", pl.Int64: "int64", pl.Boolean: "bool"}
    lazy = pl.scan_parquet(folder).collect_schema()
    assert wanted == {name: polars[lazy[name].base_type()] for name in wanted}
    duck = {"VARCHAR": "text", "DATE": "date", "BIGINT": "int64", "BOOLEAN": "bool"}
    relation = duckdb.read_parquet(f"{folder}/*.parquet")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert wanted == {name: duck[types[name]] for name in wanted}
    frame = pd.read_parquet(folder, columns=list(wanted))
    assert ("str", "int64", "bool") == tuple(
        str(frame[c].dtype) for c in ("ssn", "leaked_fields", "synthetic")
    )
    assert not any(isinstance(t, pd.CategoricalDtype) for t in frame.dtypes)


def test_the_file_tells_what_it_is(stated: tuple[Population, Path]) -> None:
    """Parquet metadata hold scenario, seed, rows, version and hash, and the mark that it is synthetic."""
    people, folder = stated
    metadata = pq.read_metadata(folder / "subscribers" / "part-00000.parquet").metadata
    plain = {key.decode().removeprefix("breach_sim."): value.decode() for key, value in metadata.items()}
    assert ("tmobile-2021-stated", "7", str(len(people))) == tuple(
        plain[k] for k in ("scenario", "seed", "rows")
    )
    assert (bs.__version__, "true") == (plain["version"], plain["synthetic"])
    assert manifest(folder)["tables"]["subscribers"]["header_sha256"] == plain["header_sha256"]
    assert dataset.header_hash(people.header("subscribers")) == plain["header_sha256"]


def test_files_and_row_groups_are_of_a_sensible_size() -> None:
    """A file holds about two million rows, a row group about a quarter of a million: whole blocks both."""
    assert 1.5e6 < FILE_BLOCKS * BLOCK_ROWS < 2.5e6
    assert 2e5 < GROUP_BLOCKS * BLOCK_ROWS < 1.1e6
    assert FILE_BLOCKS % GROUP_BLOCKS == 0


def test_a_row_group_is_some_blocks(tmp_path: Path) -> None:
    """Row groups are cut by blocks, the last one short."""
    write(Few(), tmp_path / "x", blocks_per_file=10)
    read = pq.read_metadata(tmp_path / "x" / "subscribers" / "part-00000.parquet")
    sizes = [read.row_group(i).num_rows for i in range(read.num_row_groups)]
    assert [GROUP_BLOCKS * ROWS, GROUP_BLOCKS * ROWS, 2 * ROWS - 3] == sizes


def test_the_digest_of_the_files_is_that_of_the_rows(stated: tuple[Population, Path]) -> None:
    """Rows read back from Parquet, block by block, have the digests that the sink "hash" is made of."""
    people, folder = stated
    table = pq.read_table(folder / "subscribers" / "part-00000.parquet")
    table = table.cast(
        pa.schema([f.with_type(t.type) for f, t in zip(table.schema, _plain(people), strict=True)])
    )
    for number in range(people.n_blocks):
        batch = table.slice(number * BLOCK_ROWS, BLOCK_ROWS).combine_chunks().to_batches()[0]
        assert digest_of(people.block(number)) == digest_of(batch)


def _plain(people: Population) -> Iterator[pa.Field]:
    for column in people.schema():
        kind = column.type
        yield column.with_type(kind.value_type if pa.types.is_dictionary(kind) else kind)


def test_a_population_written_and_counted_has_the_cells_of_its_scenario(
    stated: tuple[Population, Path],
) -> None:
    """By the mask and by the fields, records scanned where they lie give exactly the cells of the draw."""
    people, folder = stated
    wanted = {(segment, mask): n for segment, mask, n in people.counts() if n}
    same = ("date_of_birth", "ssn", "imsi", "imei", "drivers_license_number", "phone_number", "account_pin")
    columns = dict(zip(same, same, strict=True))
    columns |= {"first_name": "full_name", "street_address": "postal_address"}
    for found in (
        expose_records(folder / "subscribers", segment="segment"),
        expose_records(folder / "subscribers", columns, segment="segment"),
    ):
        cells = zip(found.groups, found.masks.tolist(), found.accounts.tolist(), strict=True)
        assert wanted == {(segment, mask): n for segment, mask, n in cells}
    assert wanted == write(people, sink="count").cells


def test_text_files_hold_the_same_rows(tmp_path: Path) -> None:
    """CSV: a head line in every file, text in quotes, nulls empty, dates as YYYY-MM-DD, no value lost."""
    write(Few(), tmp_path / "x", sink="csv", blocks_per_file=3)
    rows = []
    for file in sorted((tmp_path / "x" / "subscribers").iterdir()):
        with file.open(encoding="utf-8", newline="") as text:
            rows += list(csv.DictReader(text))
    made = [row for i in range(10) for row in Few().block(i, "subscribers").to_pylist()]
    assert [row["ssn"] or "" for row in made] == [row["ssn"] for row in rows]
    assert [row["date_of_birth"].isoformat() for row in made] == [row["date_of_birth"] for row in rows]
    assert [str(row["leaked_fields"]) for row in made] == [row["leaked_fields"] for row in rows]
    first = (tmp_path / "x" / "subscribers" / "part-00000.csv").read_bytes()
    assert b'"900-00-0001"' in first
    assert b"\r" not in first


# Killed ---------------------------------------------------------------------------------------------------

LAST = 86
"""Blocks made, waits for the disk and renamings of a whole run."""
MOMENTS = random.Random(20210817).sample(range(1, LAST // 3), 6)
"""Those before which it is killed, counted anew in each run."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_the_moments_are_those_of_a_whole_run(tmp_path: Path) -> None:
    """A run has as many moments as are tried, and before the last but one it has no manifest."""
    assert f"done {LAST}\n" == child(tmp_path / "a").stdout
    assert -signal.SIGKILL == child(tmp_path / "b", LAST - 1).returncode
    assert not (tmp_path / "b" / "manifest.json").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize(("threads", "moments"), [(1, MOMENTS[:4]), (3, MOMENTS[4:])])
def test_killed_at_any_moment_it_goes_on_where_it_was(
    threads: int, moments: list[int], whole: Path, tmp_path: Path
) -> None:
    """Killed before seeded moments, run after run: what has a name is whole, and the end is the same."""
    folder, wanted = tmp_path / "x", tree(whole)
    for moment in moments:
        assert -signal.SIGKILL == child(folder, moment, threads).returncode
        left = {name: digest for name, digest in tree(folder).items() if not name.startswith(ASIDE)}
        assert left.items() <= wanted.items()
    done = child(folder, NEVER, threads)
    assert 0 == done.returncode, done.stderr
    assert wanted == tree(folder)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_processes_end_with_their_caller(whole: Path, tmp_path: Path) -> None:
    """Where the caller is killed its processes soon end, in silence; the next run makes the same files."""
    psutil = pytest.importorskip("psutil")
    folder = tmp_path / "x"
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from breach_sim.population.dataset import writer; from support.populations import Few\n"
        f"writer._PROCESSES_FROM = 0; writer.write(Few(pause=0.5), {str(folder)!r}, workers=2, **{BOTH!r})"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)  # noqa: S603 - our own code
    while len(list(folder.rglob("part-*.parquet"))) < 3:
        assert caller.poll() is None
        time.sleep(0.05)
    family = psutil.Process(caller.pid).children(recursive=True)
    caller.kill()
    assert b"" == caller.communicate()[1]
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) >= 2
    assert [] == [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    write(Few(), folder, resume=True, **BOTH)
    assert tree(whole) == tree(folder)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_files_of_a_killed_run_are_kept(tmp_path: Path) -> None:
    """The run that goes on hashes what it found, and says so before it makes the missing files alone."""
    assert child(tmp_path / "x", 60).returncode == -signal.SIGKILL
    stamps = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "x" / "subscribers").iterdir()}
    heard: list[tuple[int, int, int]] = []
    made = write(Few(), tmp_path / "x", resume=True, progress=lambda *counts: heard.append(counts), **BOTH)
    assert 5 <= made.kept < 10
    assert (0, 0, 20) == heard[0]
    assert (0, made.kept * 2, 20) == max(counts for counts in heard if counts[0] == 0)
    assert (20, 20) == heard[-1][1:]
    again = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "x" / "subscribers").iterdir()}
    assert stamps.items() <= again.items()


def test_a_file_that_was_cut_is_made_again(whole: Path, tmp_path: Path) -> None:
    """A file that is shorter than its note says is not whole, whoever cut it."""
    child(tmp_path / "x", 60)
    victim = tmp_path / "x" / "subscribers" / "part-00002.parquet"
    victim.write_bytes(victim.read_bytes()[:-1])
    write(Few(), tmp_path / "x", resume=True, **BOTH)
    assert tree(whole) == tree(tmp_path / "x")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file sizes")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_is_told_and_leaves_what_was_whole(threads: int, tmp_path: Path) -> None:
    """No room for later files: the error tells place and whole files, nothing partial stays, it goes on."""
    folder = tmp_path / "x"
    failed = child(folder, threads=threads, most_bytes=20_000)
    assert failed.returncode == 1
    last = failed.stderr.strip().splitlines()[-1]
    assert last.startswith(f"OSError: {folder}: File too large; "), last
    assert "of 10 files are whole and stay: make room" in last
    files = [p for p in (folder / "subscribers").iterdir() if p.suffix == ".parquet"]
    least = 4 - threads  # of the three files before, the other thread may still have one in its hands
    assert least <= len(files) < 5
    assert all(pq.read_table(file).num_rows == 2 * ROWS for file in files)
    assert [] == [p for p in (folder / ASIDE).iterdir() if p.is_file() and p.name != "plan.json"]
    made = write(Few(swells_at=6), folder, resume=True, **BOTH)
    write(Few(swells_at=6), tmp_path / "y", **BOTH)
    assert made.kept >= least
    assert tree(tmp_path / "y") == tree(folder)


def test_an_error_in_a_block_stops_all_workers(tmp_path: Path) -> None:
    """A value that could be somebody's stops the run in all threads, and its file never gets a name."""
    with pytest.raises(ValueError, match=r"ssn '123-45-6789' in row 7 of block 4 of subscribers .*nobody"):
        write(Few(real_ssn_at=4, pause=0.01), tmp_path / "x", workers=2, **BOTH)
    assert not (tmp_path / "x" / "subscribers" / "part-00002.parquet").exists()
    assert not (tmp_path / "x" / "manifest.json").exists()


# Refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "options", "message"),
    [
        (Few(seed=2), BOTH, r"holds another data set: seed 1 of few, 397 rows, while seed 2 of few.*in seed"),
        (Few(n_blocks=11), BOTH, r"397 rows, while seed 1 of few, 437 rows is asked for"),
        (Few(), BOTH | {"sink": "csv"}, r"with sink 'parquet', and 'csv' is asked for"),
        (Few(), BOTH | {"blocks_per_file": 3}, r"with blocks_per_file 2, and 3 is asked for"),
    ],
)
@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("state", ["whole", "stopped"])
def test_another_data_set_is_left_untouched(
    people: Few, options: dict[str, Any], message: str, resume: bool, state: str, tmp_path: Path
) -> None:
    """A folder with another seed, size, sink or cut is refused, finished or not, and not a byte moves."""
    folder = tmp_path / "x"
    if state == "whole":
        write(Few(), folder, **BOTH)
    else:
        with pytest.raises(ValueError, match="nobody"):
            write(Few(real_ssn_at=4), folder, workers=1, **BOTH)
    before = tree(folder)
    with pytest.raises(ValueError, match=message):
        write(people, folder, resume=resume, **options)
    assert before == tree(folder)


def test_the_same_data_set_is_gone_on_with_only_if_asked(whole: Path, tmp_path: Path) -> None:
    """Without resume the data set that is there is refused; with it nothing is left to do."""
    before = tree(whole)
    with pytest.raises(ValueError, match=r"holds this data set already; go on with resume"):
        write(Few(), whole, **BOTH)
    made = write(Few(), whole, resume=True, **BOTH)
    assert (10, 10) == (made.kept, len(made.files))
    child(tmp_path / "x", 30)
    with pytest.raises(ValueError, match=r"holds an unfinished run of this data set; go on with resume"):
        write(Few(), tmp_path / "x", **BOTH)
    with pytest.raises(
        ValueError, match=r"a run of subscribers, devices that was stopped, and devices is asked"
    ):
        write(Few(), tmp_path / "x", resume=True, tables=["devices"], blocks_per_file=2)
    assert before == tree(whole)


def test_a_table_may_be_added(whole: Path, tmp_path: Path) -> None:
    """Tables written one after the other into a folder are those written together."""
    for table in TABLES:
        write(Few(), tmp_path / "x", tables=[table], blocks_per_file=2)
    assert tree(whole) == tree(tmp_path / "x")


def test_a_folder_of_others_and_a_file_are_no_place(tmp_path: Path) -> None:
    """A folder that holds anything else, or a file, is refused and left as it is."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.doc").write_text("mine", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"x holds 'thesis\.doc' and no data set of ours; give an empty folder"
    ):
        write(Few(), tmp_path / "x", resume=True)
    with pytest.raises(ValueError, match=r"thesis\.doc is a file; give a folder"):
        write(Few(), tmp_path / "x" / "thesis.doc")
    assert ["thesis.doc"] == os.listdir(tmp_path / "x")  # noqa: PTH208 - names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sink": "parket"}, r"unknown sink 'parket' in sink; did you mean 'parquet'"),
        ({"tables": ["subscriber"]}, r"unknown table 'subscriber' in tables; did you mean 'subscribers'"),
        ({"tables": "subscribers"}, r"tables is 'subscribers'; name one or more of subscribers, devices"),
        ({"tables": []}, r"tables is \[\]; name one"),
        ({"tables": ["devices", "devices"]}, r"each once"),
        ({"workers": 0}, r"workers is 0; it must be a whole number from 1"),
        ({"workers": True}, r"workers is True"),
        ({"blocks_per_file": 1.5}, r"blocks_per_file is 1\.5"),
        ({"path": None}, r"sink is 'parquet' and there is no path"),
        ({"path": "nosuch://x"}, r"path is 'nosuch://x', and it cannot be opened"),
        ({"path": ""}, r"path is ''; name the folder"),
    ],
)
def test_wrong_arguments_are_answered(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    """Sink, tables, workers, file size and path: value, rule, remedy; nothing is made."""
    with pytest.raises(ValueError, match=message):
        write(Few(), **{"path": tmp_path / "x"} | options)
    assert not (tmp_path / "x").exists()


def test_a_column_that_readers_differ_on_is_refused(tmp_path: Path) -> None:
    """A schema with a type that Spark or pandas would bend is refused before anything is written."""

    class Odd(Few):
        def schema(self, table: str) -> pa.Schema:
            return super().schema(table).append(pa.field("when", pa.timestamp("ns")))

    with pytest.raises(TypeError, match=r"column 'when' is of type timestamp\[ns\].*make it string, date32"):
        write(Odd(), tmp_path / "x")
    assert not (tmp_path / "x").exists()


# Elsewhere -------------------------------------------------------------------------------------------------


def test_any_address_of_fsspec_is_a_place(whole: Path) -> None:
    """At an address in memory the files have the bytes they have on disk, stopped and gone on with."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.rm("/", recursive=True)
    with pytest.raises(ValueError, match="nobody"):
        write(Few(real_ssn_at=5), "memory://a/b", workers=1, **BOTH)
    with pytest.raises(ValueError, match=r"memory://a/b holds another data set: seed 1"):
        write(Few(seed=3), "memory://a/b", resume=True, **BOTH)
    made = write(Few(), "memory://a/b", resume=True, **BOTH)
    assert made.kept > 0
    found = {
        path.removeprefix("/a/b/"): hashlib.sha256(memory.cat(path)).hexdigest()
        for path in memory.find("/a/b")
    }
    assert tree(whole) == found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Return a client of three worker processes, started as the documentation says."""
    dask = pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    environment = {"MALLOC_TRIM_THRESHOLD_": "268435456"}
    with (
        dask.config.set(
            {"distributed.nanny.pre-spawn-environ": environment, "distributed.admin.log-format": ""}
        ),
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client


@pytest.mark.slow
def test_a_cluster_makes_the_same_bytes_though_a_worker_dies(
    cluster: Any, whole: Path, tmp_path: Path
) -> None:
    """Three processes, one killed after the first file: the same files, byte for byte, one digest."""
    pids = list(cluster.run(os.getpid).values())
    assert len(set(pids)) == 3
    heard: list[tuple[int, int, int]] = []

    def progress(*counts: int) -> None:
        heard.append(counts)  # type: ignore[arg-type]
        if len(heard) == 2:
            os.kill(pids[0], signal.SIGKILL)

    made = write(Few(pause=0.1), tmp_path / "x", client=cluster, progress=progress, **BOTH)
    assert (10, 0) == (len(made.files), made.kept)
    assert tree(whole) == tree(tmp_path / "x")
    assert (20, 20) == heard[-1][1:]
    assert pids[0] not in cluster.run(os.getpid).values()
    assert (
        write(Few(), sink="hash").digest
        == write(Few(), sink="hash", client=cluster, blocks_per_file=3).digest
    )
    assert write(Few(), sink="count").cells == write(Few(), sink="count", client=cluster).cells


@pytest.mark.slow
def test_an_error_on_a_cluster_is_the_error_here(cluster: Any, tmp_path: Path) -> None:
    """A value that could be somebody's, found on a worker, is refused with the same words."""
    with pytest.raises(ValueError, match=r"ssn '123-45-6789' in row 7 of block 4 of subscribers"):
        write(Few(real_ssn_at=4), tmp_path / "x", client=cluster, **BOTH)
    assert not (tmp_path / "x" / "manifest.json").exists()


def test_a_scheduler_that_does_not_answer_is_told_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nobody listens, or that is none: an error with the address and the remedy."""
    monkeypatch.setattr(workers, "_PATIENCE", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(
            OSError, match=rf"scheduler '{address}' does not answer .*within 1 s.*dask schedu"
        ):
            workers.cluster_client(address)


def test_a_listener_that_stays_silent_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who takes the connection and says nothing is refused; to wait for him would never end."""
    monkeypatch.setattr(workers, "_PATIENCE", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(OSError, match=rf"scheduler '{address}' does not answer .*within 1 s"):
            workers.cluster_client(address)


def test_without_dask_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Dask is missing the message names what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"breach-sim\[dask\]"):
        workers.cluster_client("tcp://127.0.0.1:9")
    refused(
        say("generate", "stated", "--rows", 5, "--sink", "hash", "--scheduler", "tcp://x:1"),
        "breach-sim[dask]",
    )


# The command line ------------------------------------------------------------------------------------------


def test_the_command_writes_counts_and_digests(tmp_path: Path) -> None:
    """`generate` writes a data set, `--sink hash` prints its one digest, `--sink count` its cells."""
    words = ("generate", "stated", "--rows", 2_000, "--seed", 3)
    people = api.subscribers("stated", seed=3, rows=2_000)
    assert set(bs.attacks_of("stated").traits) < set(people.schema().names)
    digest = say(*words, "--sink", "hash", "--workers", 2)
    assert (0, write(people, sink="hash").digest + "\n") == (digest.code, digest.out)
    said = say(*words, "--out", tmp_path / "x", "--tables", "subscribers,devices")
    assert said.out.startswith("2,000 subscribers, ")
    assert "million rows a second, peak memory" in said.err
    assert "[#" not in said.err
    assert pq.read_table(tmp_path / "x" / "subscribers").num_rows == 2_000
    counted = json.loads(say(*words, "--sink", "count", "--json").out)
    assert 2_000 == sum(cell["rows"] for cell in counted["cells"])
    assert set(counted["cells"][0]["fields"]) <= set(fields.FIELD_NAMES)
    again = say(*words, "--out", tmp_path / "x", "--tables", "subscribers,devices", "--resume")
    assert "2 of them from an earlier run" in again.out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--rows", 0, "--sink", "count"], ["rows is 0", "Ask for one row or more"]),
        (["--rows", -5, "--sink", "count"], ["rows is -5"]),
        (["--rows", 10**12, "--sink", "count"], ["rows is 1,000,000,000,000", "Make fewer rows"]),
        (["--rows", 10, "--sink", "hush"], ["unknown sink 'hush'", "did you mean 'hash'?"]),
        (["--rows", 10, "--sink", "hash", "--locale", "en_UK"], ["en_UK", "en_US"]),
        (["--rows", 10, "--sink", "hash", "--tables", "device"], ["unknown table 'device'"]),
        (["--rows", 10], ["add --out FOLDER"]),
        (["--rows", 10, "--out", ""], ["add --out FOLDER"]),
        (["--rows", "1e6", "--sink", "count"], ["'--rows'", "'1e6' is given", "breach-sim generate --help"]),
        (["--rows", 10, "--sink", "hash", "--workers", 0], ["workers is 0"]),
        (
            ["--rows", 10, "--sink", "count", "--tables", "devices"],
            ["--tables devices", "leave --tables out"],
        ),
    ],
)
def test_the_command_refuses_in_a_sentence(words: list[Any], parts: list[str]) -> None:
    """Rows, sink, locale, tables, workers and a missing place: exit code 2 and one line."""
    refused(say("generate", "stated", *words), *parts)


def test_the_command_names_both_seeds(tmp_path: Path) -> None:
    """A folder of another seed is refused with both, and stays as it was."""
    words = ("generate", "stated", "--rows", 500, "--out", tmp_path / "x")
    say(*words, "--seed", 1)
    before = tree(tmp_path / "x")
    refused(say(*words, "--seed", 2, "--resume"), "seed 1 of", "seed 2 of", "nothing was changed")
    assert before == tree(tmp_path / "x")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_the_bar_shows_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar shows share, rate and time left; blocks of an earlier run count as no speed."""
    import rich.progress  # noqa: F401 - takes the clock when it is imported: before it is replaced here

    from breach_sim.apps.cli import population as cli_population

    times = iter([0.0, 10.0, 20.0])
    monkeypatch.setattr(cli_population.time, "monotonic", lambda: next(times))
    monkeypatch.setattr(cli_population.sys, "stderr", screen := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    progress = cli_population.RunProgress()
    shown = []
    for done in ((0, 50, 100), (25_000_000, 75, 100)):
        progress(*done)
        shown.append(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue()))
    progress.end()
    assert " 50%" in shown[0]
    assert "a second" not in shown[0]
    assert " 75% 2.50 million rows a second  10 s left" in shown[1]


def test_without_a_terminal_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard error is a file, progress counts rows and writes nothing."""
    from breach_sim.apps.cli import population as cli_population

    monkeypatch.setattr(cli_population.sys, "stderr", screen := io.StringIO())
    progress = cli_population.RunProgress()
    progress(0, 0, 2)
    progress(1_000, 2, 2)
    progress.end()
    assert screen.getvalue() == ""
    assert progress.summary().startswith("1,000 rows in ")
