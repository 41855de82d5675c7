"""Write a population to files, or count or digest it without writing.

A data set has one folder per table, whose files contain equal numbers of blocks, and a ``manifest.json`` that
is written last and contains the SHA-256 of every file. Files are split by blocks, so any number of workers,
local or on a cluster, writes the same files. An interrupted run leaves complete files, and in ``.partial``
its plan and the list of finished files. The next run with ``resume`` hashes these and writes the rest.

Not here: the rows (`population`), atomic files (`places`), what is there already (`folders`), one run at a
time (`claim`), file formats (`formats`), workers (`workers`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from breach_sim import __version__
from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.versions import FILL, made_with
from breach_sim.population.dataset.claim import claimed, refuse_busy, require_run
from breach_sim.population.dataset.digest import digest_of, root_digest
from breach_sim.population.dataset.folders import MANIFEST, PLAN, Wanted, check_files, is_record, look
from breach_sim.population.dataset.formats import FILES, file_schema
from breach_sim.population.dataset.places import ASIDE, Local, Remote, place_at
from breach_sim.population.dataset.source import Source
from breach_sim.population.dataset.workers import Progress, Report, Workers, cores
from breach_sim.population.values.columns import TABLES
from breach_sim.population.values.guard import require_synthetic_batch

FILE_SINKS: Final = tuple(FILES)
"""Kinds of file."""
SINKS: Final = (*FILE_SINKS, "count", "hash")
"""Where rows go: files of two kinds, a count of cells, or one digest."""
FILE_BLOCKS: Final = 32
"""Blocks of a file: about two million rows."""
LAYOUT: Final = 1
"""Version of folder and manifest."""
_DONE: Final = f"{ASIDE}/done"
_PROCESSES_FROM: Final = 128
"""Blocks from which processes pay for the time that they take to start."""
_MOST: Final = 1_024  # workers, or blocks of a file
_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Written:
    """Result of a run of the writer.

    Parameters
    ----------
    sink
        One of `SINKS`.
    path
        Folder or address; empty if nothing is written.
    rows
        Rows by table.
    files
        Names of files relative to the path, in the order of their rows.
    kept
        Number of files that an earlier run had written; their bytes were hashed and are the same.
    mended
        Names of files of an earlier run that were damaged and are made again.
    digests
        SHA-256 of the rows by table, 64 hexadecimal digits; only for the sink "hash".
    cells
        Rows by segment and mask of leaked fields [bit set]; only for the sink "count".
    """

    sink: str
    path: str = ""
    rows: Mapping[str, int]
    files: tuple[str, ...] = ()
    kept: int = 0
    mended: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[tuple[str, int], int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the only table, or over the digests of several in their order."""
        if len(self.digests) < 2:  # noqa: PLR2004 - one table speaks for itself
            return next(iter(self.digests.values()), "")
        return hashlib.sha256("".join(self.digests.values()).encode()).hexdigest()


def write(
    population: Source,
    path: str | os.PathLike[str] | None = None,
    *,
    sink: str = "parquet",
    tables: Sequence[str] = ("subscribers",),
    workers: int | None = None,
    resume: bool = False,
    client: Any = None,
    progress: Progress | None = None,
    blocks_per_file: int = FILE_BLOCKS,
) -> Written:
    """Write a population, or count or digest it without writing.

    Parameters
    ----------
    population
        Population to write.
    path
        Folder, created if needed, or an fsspec address. Not needed to count or digest.
    sink
        One of `SINKS`.
    tables
        Names of tables, one folder each. A count covers subscribers only.
    workers
        Number of workers; if None, one per core. Threads, or processes from 128 blocks (eight million rows)
        on. Ignored with a client. [1, 1024]
    resume
        Whether to continue an interrupted run of the same data set.
    client
        A ``dask.distributed.Client`` whose workers write the files. They must have access to the path, and
        need a non-default environment: see `workers.cluster_client`.
    progress
        Function called with rows written in this run, blocks done and total blocks, in the calling thread.
    blocks_per_file
        Blocks per file, or per piece of work if nothing is written. [1, 1024]

    Returns
    -------
    Result of the run.

    Raises
    ------
    ValueError
        If an argument is out of range, the folder contains another data set or other files, or an identifier
        could be real.
    OSError
        If the location cannot be written or is full, or the cluster has no worker.

    Notes
    -----
    The digest depends neither on `workers` nor on `blocks_per_file`; the files do not depend on `workers`.
    """
    _check(sink, tables, workers, blocks_per_file)
    if sink != "count":
        require("data sets of subscribers", "people")
    many = sink != "count" and population.n_blocks >= _PROCESSES_FROM
    pool = Workers(number=workers or cores(), client=client, progress=progress, processes=many)
    if sink == "count":
        return _count(population, pool, blocks_per_file)
    if sink == "hash":
        return _hash(population, tables, pool, blocks_per_file)
    if path is None:
        raise ValueError(f"sink is {sink!r} and there is no path; name the folder to write into")
    plan = _Plan(population, place_at(path), sink, tuple(tables), blocks_per_file)
    return _write_files(plan, pool, resume=resume)


def _check(sink: str, tables: Sequence[str], workers: int | None, per_file: int) -> None:
    if sink not in SINKS:
        raise ValueError(unknown("sink", sink, SINKS, "sink"))
    if isinstance(tables, str) or not tables or len(set(tables)) != len(tables):
        raise ValueError(f"tables is {shown(tables)}; name one or more of {', '.join(TABLES)}, each once")
    for table in tables:
        if table not in TABLES:
            raise ValueError(unknown("table", table, TABLES, "tables"))
    for what, number in (("workers", workers), ("blocks_per_file", per_file)):
        whole = isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= _MOST
        if number is not None and not whole:
            raise ValueError(f"{what} is {shown(number)}; it must be a whole number from 1 to {_MOST:,}")


# Pieces, counted and digested ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """Blocks of one table that are made one after the other."""

    population: Source
    table: str
    first: int
    last: int


@dataclass(frozen=True)
class _Made:
    """Result of a piece."""

    rows: int
    blocks: int
    digests: Sequence[bytes] = ()
    cells: Any = None
    record: Mapping[str, Any] = field(default_factory=dict)


def _pieces(population: Source, table: str, per_piece: int) -> list[_Piece]:
    blocks = population.n_blocks
    return [_Piece(population, table, i, min(i + per_piece, blocks)) for i in range(0, blocks, per_piece)]


def _count(population: Source, pool: Workers, per_piece: int) -> Written:
    pool.expect(population.n_blocks)
    made = pool.map(_count_piece, _pieces(population, TABLES[0], per_piece))
    whole = sum((piece.cells for piece in made[1:]), made[0].cells)
    cells: Counter[tuple[str, int]] = Counter()
    for (segment, mask, _), rows in zip(population.counts(), whole.tolist(), strict=True):
        cells[segment, mask] += rows
    return Written(sink="count", rows={TABLES[0]: cells.total()}, cells=dict(cells))


def _count_piece(piece: _Piece, report: Report) -> _Made:
    """Rows of some blocks by cell."""
    total: Any = 0
    for number in range(piece.first, piece.last):
        counts = piece.population.block_counts(number)
        total = total + counts
        report(int(counts.sum()))
    return _Made(int(total.sum()), piece.last - piece.first, cells=total)


def _hash(population: Source, tables: Sequence[str], pool: Workers, per_piece: int) -> Written:
    pool.expect(population.n_blocks * len(tables))
    rows, digests = {}, {}
    for table in tables:
        made = pool.map(_hash_piece, _pieces(population, table, per_piece))
        rows[table] = sum(piece.rows for piece in made)
        digests[table] = root_digest(population.header(table), [d for piece in made for d in piece.digests])
    return Written(sink="hash", rows=rows, digests=digests)


def _hash_piece(piece: _Piece, report: Report) -> _Made:
    """Digests of some blocks."""
    rows, digests = 0, []
    for number in range(piece.first, piece.last):
        batch = piece.population.block(number, piece.table)
        digests.append(digest_of(batch))
        rows += batch.num_rows
        report(batch.num_rows)
    return _Made(rows, piece.last - piece.first, digests)


# Files ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """One file of a data set: its blocks and where it goes."""

    piece: _Piece
    place: Local | Remote
    sink: str
    number: int
    run: str

    @property
    def name(self) -> str:
        """Path below the root."""
        return f"{self.piece.table}/part-{self.number:05d}.{self.sink}"

    def require_run(self) -> None:
        """Stop a worker that outlived its run."""
        require_run(self.place, self.run)


@dataclass(frozen=True)
class _Plan:
    """Plan of the files to write and their locations."""

    population: Source
    place: Local | Remote
    sink: str
    tables: tuple[str, ...]
    per_file: int

    def layout(self) -> dict[str, Any]:
        """Everything that determines how rows are split into files."""
        return {"layout": LAYOUT, "sink": self.sink, "blocks_per_file": self.per_file}

    def wanted(self) -> Wanted:
        """What a folder must hold to be continued."""
        return Wanted(population=self.population, place=self.place, tables=self.tables, layout=self.layout())

    def headers(self) -> dict[str, Any]:
        """Everything that determines the rows of each table, as read back from JSON."""
        wanted = self.wanted()
        return {table: wanted.header(table) for table in self.tables}

    def files(self, table: str, run: str = "") -> list[_File]:
        """Files of a table, in order, to be written by a run."""
        pieces = _pieces(self.population, table, self.per_file)
        return [_File(piece, self.place, self.sink, number, run) for number, piece in enumerate(pieces)]


def _write_files(plan: _Plan, pool: Workers, *, resume: bool) -> Written:
    for table in plan.tables:
        file_schema(plan.population.schema(table))
    refuse_busy(plan.place)
    look(plan.wanted(), resume=resume)
    with claimed(plan.place) as run:
        manifest = look(plan.wanted(), resume=resume)  # it may have been finished in between
        try:
            return _write_missing(plan, pool, run, manifest)
        except KeyboardInterrupt as stop:
            files = [file for table in plan.tables for file in plan.files(table)]
            whole = sum(plan.place.size(_note(file)) is not None for file in files)
            stop.add_note(
                f"{whole} of {len(files)} files are whole and stay in {plan.place}; start the same again "
                "with resume to go on"
            )
            raise


def _write_missing(plan: _Plan, pool: Workers, run: str, manifest: Mapping[str, Any]) -> Written:
    """Write what is missing or damaged, then the manifest."""
    files = [file for table in plan.tables for file in plan.files(table, run)]
    if not set(plan.tables) <= set(manifest.get("tables", {})) and plan.place.read(PLAN) is None:
        _put(plan.place, PLAN, plan.layout() | {"headers": plan.headers()})
    noted = _noted(plan, files, manifest)
    blocks = len(plan.tables) * plan.population.n_blocks
    if noted:
        pool.expect(blocks)
    checked = {found.name: found.state for found in check_files(plan.place, list(noted.values()), pool)}
    found = {name: record for name, record in noted.items() if checked[name] == "whole"}
    missing = [file for file in files if file.name not in found]
    pool.expect(blocks, sum(record["blocks"] for record in found.values()))
    made = _made(plan, pool, missing, len(found))
    records = found | {file.name: piece.record for file, piece in zip(missing, made, strict=True)}
    if missing or not set(plan.tables) <= set(manifest.get("tables", {})):
        manifest = _manifest(plan, records, manifest)
        _put(plan.place, MANIFEST, manifest)
    plan.place.remove(ASIDE)
    mended = tuple(name for name, state in checked.items() if state == "damaged")
    return _written(plan, manifest, len(found), mended)


def _noted(plan: _Plan, files: Sequence[_File], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return by name what an earlier run said of the files that it finished; a damaged note says nothing."""
    tables: Mapping[str, Any] = manifest.get("tables", {})
    if set(plan.tables) <= set(tables):
        notes = {record["name"]: record for table in plan.tables for record in tables[table]["files"]}
    else:
        notes = {file.name: _note_of(file) for file in files}
    return {file.name: notes[file.name] for file in files if _fits(notes.get(file.name), file)}


def _note_of(file: _File) -> object:
    try:
        note: object = file.place.read(_note(file))
    except ValueError:
        return None
    return note


def _fits(record: Any, file: _File) -> bool:
    """Say whether a record is one of these blocks."""
    place = file.piece.first, file.piece.last - file.piece.first
    return is_record(record, file.name) and (record["first_block"], record["blocks"]) == place


def _made(plan: _Plan, pool: Workers, missing: Sequence[_File], kept: int) -> list[_Made]:
    """Write the missing files; if the disk is full, report which files are complete."""
    try:
        return pool.map(_write_file, missing)
    except OSError as error:
        whole = kept + sum(plan.place.size(_note(file)) is not None for file in missing)
        raise OSError(
            f"{plan.place}: {error.strerror or error}; {whole} of {len(missing) + kept} files are whole and "
            "stay: make room, or mend what is wrong, and start again with resume"
        ) from error


def _write_file(file: _File, report: Report) -> _Made:
    """Write one file, then the note that it is complete."""
    piece, rows = file.piece, 0
    header = dict(piece.population.header(piece.table))
    metadata = header | {"version": __version__, "header_sha256": header_hash(header), "synthetic": True}
    with file.place.new_file(file.name, file.require_run) as stream:
        with FILES[file.sink](stream, piece.population.schema(piece.table)) as out:
            for number in range(piece.first, piece.last):
                batch = piece.population.block(number, piece.table)
                require_synthetic_batch(batch, f"block {number} of {piece.table}")
                out.write(batch)
                rows += batch.num_rows
                report(batch.num_rows)
            out.finish(metadata | {"file": file.name, "file_rows": rows})
        blocks = piece.last - piece.first
        record = {"name": file.name, "first_block": piece.first, "blocks": blocks, "rows": rows}
        record |= {"bytes": stream.size, "sha256": stream.digest()}
    _put(file.place, _note(file), record)
    return _Made(rows, blocks, record=record)


def header_hash(header: Mapping[str, Any]) -> str:
    """Return the hash of everything that determines the rows of a table.

    Parameters
    ----------
    header
        Header of the table, from the population.

    Returns
    -------
    str
        SHA-256 of the header as JSON with sorted keys, 64 hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(dict(header), sort_keys=True).encode()).hexdigest()


def _put(place: Local | Remote, name: str, value: Any) -> None:
    with place.new_file(name) as stream:
        stream.write((json.dumps(value, indent=1) + "\n").encode())


def _note(file: _File) -> str:
    """Return the path of the note that a file is complete."""
    return f"{_DONE}/{file.name}.json"


def _manifest(
    plan: _Plan, records: Mapping[str, Mapping[str, Any]], older: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the manifest of the folder, including tables of earlier runs."""
    contents = dict(older.get("tables", {}))
    for table, header in plan.headers().items():
        own = [records[file.name] for file in plan.files(table)]
        rows = sum(record["rows"] for record in own)
        contents[table] = {"header": header, "header_sha256": header_hash(header), "rows": rows, "files": own}
    said = {"synthetic": True, "version": __version__, "made_with": made_with(FILL), "tables": contents}
    return plan.layout() | said


def _written(plan: _Plan, manifest: Mapping[str, Any], kept: int, mended: tuple[str, ...]) -> Written:
    contents = {table: manifest["tables"][table] for table in plan.tables}
    return Written(
        sink=plan.sink,
        path=str(plan.place),
        rows={table: entry["rows"] for table, entry in contents.items()},
        files=tuple(file["name"] for entry in contents.values() for file in entry["files"]),
        kept=kept,
        mended=mended,
    )
