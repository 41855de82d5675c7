"""The command ``breach-sim generate``: subscribers on disk, counted or digested, and how far that is."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import Annotated, Any

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json, With, changed
from breach_sim.apps.terminal.place import fitted

_EVERY = 0.2  # [s] between two drawings of the bar
_LARGE = 100  # [MB] what a worker process holds at least


def generate(
    scenario: Annotated[
        str | None, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="Number of subscribers; one for each account if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 1,
    out: Annotated[str | None, typer.Option(help="Folder or fsspec address; for parquet and csv.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; one for each core if not given.")
    ] = None,
    sink: Annotated[str, typer.Option(help="parquet, csv, count or hash.")] = "parquet",
    tables: Annotated[
        str, typer.Option(help="Tables to make, separated by commas: subscribers,devices.")
    ] = "subscribers",
    locale: Annotated[str, typer.Option(help="Faker's locale for names and places.")] = "en_US",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, whose workers are used instead.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a run that was stopped, in its folder.")
    ] = False,
    verify: Annotated[
        str | None,
        typer.Option(
            help="Make nothing: compare every byte of a folder with its manifest.", metavar="FOLDER"
        ),
    ] = None,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Generate synthetic subscribers, up to hundreds of millions, with identifiers that nobody has.

    Example: breach-sim generate tmobile-2021-claimed --rows 1000000 --seed 1 --out subscribers

    With --sink hash one SHA-256 is printed and nothing written; with --sink count, the subscribers by cell.
    """
    if verify is not None:
        _verify(verify, scenario, out, workers, as_json=as_json)
        return
    if scenario is None:
        raise ValueError("no scenario is named; give one, or --verify FOLDER to check what was made before")
    names = _table_names(tables, sink, out)
    people = api.subscribers(changed(scenario, own), seed=seed, rows=rows, locale=locale)
    progress = RunProgress()
    how = {"sink": sink, "tables": names, "workers": workers, "resume": resume, "progress": progress}
    made = _made(people, out, scheduler, how)
    typer.echo(json.dumps(_as_record(made), indent=2) if as_json else fitted(_lines(made)))
    if progress.rows:
        typer.echo(progress.summary(), err=True)


def _made(people: Any, out: str | None, scheduler: str | None, how: dict[str, Any]) -> Any:
    """Write, count or digest subscribers, here or on a cluster."""
    from breach_sim.population.dataset import write

    client = None if scheduler is None else _client(scheduler)
    try:
        return write(people, out, client=client, **how)
    finally:
        how["progress"].end()
        if client is not None:
            client.close()


def _verify(
    folder: str, scenario: str | None, out: str | None, workers: int | None, *, as_json: bool
) -> None:
    """Compare every byte of a data set with its manifest, and say what was compared."""
    from breach_sim.population.dataset import verify

    if scenario is not None or out is not None:
        given = "--out" if scenario is None else "a scenario"
        raise ValueError(f"--verify reads a folder and makes nothing, and {given} is given; leave it out")
    progress = RunProgress()
    try:
        found = verify(folder, workers=workers, progress=progress)
    finally:
        progress.end()
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), indent=2))
        return
    rows = ", ".join(f"{number:,} {table}" for table, number in found.rows.items())
    files = "1 file" if found.files == 1 else f"{found.files:,} files"
    size = f"{found.size / 1e6:,.1f} MB"
    typer.echo(fitted(f"{rows} in {files}, {size}: every byte is as manifest.json says, {found.path}"))


def _table_names(tables: str, sink: str, out: str | None) -> list[str]:
    """Names of the tables to make, once they are known to fit the sink and its place."""
    from breach_sim.population.dataset import FILE_SINKS

    if not out and sink in FILE_SINKS:
        raise ValueError(f"--sink {sink} writes files and no place is named; add --out FOLDER")
    names = [name.strip() for name in tables.split(",")]
    if sink == "count" and names == ["devices"]:
        raise ValueError(
            "--tables devices: a count is of subscribers; leave --tables out, or take --sink hash"
        )
    return names


def _client(address: str) -> Any:
    from breach_sim.population.dataset.workers import cluster_client

    return cluster_client(address)


def _as_record(made: Any) -> dict[str, Any]:
    """What a run came to, as plain data."""
    from breach_sim.inputs import fields

    cells = [
        {"segment": segment, "fields": list(fields.names(mask)), "rows": rows}
        for (segment, mask), rows in made.cells.items()
    ]
    record = {"sink": made.sink, "rows": dict(made.rows), "path": made.path, "files": list(made.files)}
    record |= {"kept": made.kept, "mended": list(made.mended), "digest": made.digest, "cells": cells}
    return {key: value for key, value in record.items() if value not in ("", [])}


def _lines(made: Any) -> str:
    """What a run came to, in a few lines."""
    if made.sink == "hash":
        return str(made.digest)
    if made.sink == "count":
        return "\n".join(
            f"{cell['rows']:>15,}  {cell['segment']}: {', '.join(cell['fields']) or 'nothing'}"
            for cell in _as_record(made)["cells"]
        )
    rows = ", ".join(f"{number:,} {table}" for table, number in made.rows.items())
    kept = f", {made.kept} of them from an earlier run and hashed" if made.kept else ""
    kept += f", {len(made.mended)} damaged and made again" if made.mended else ""
    files = "1 file" if len(made.files) == 1 else f"{len(made.files)} files"
    empty = "" if all(made.rows.values()) else "\nA table has no rows: its field leaked in no segment."
    return f"{rows} in {files}{kept}: {made.path}, manifest.json tells their SHA-256{empty}"


class RunProgress:
    """Progress of a run: a bar on the standard error of a terminal; elsewhere rows and time are counted only.

    Blocks that an earlier run left are done from the start, and count neither as speed nor for the time left.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._start = time.monotonic()
        self._kept = 0
        self._bar: Any = _bar() if sys.stderr.isatty() else None
        self._task: Any = None
        self._drawn = 0.0

    def __call__(self, rows: int, blocks: int, all_blocks: int) -> None:
        """Take note of what is done.

        Parameters
        ----------
        rows
            Rows made by this run.
        blocks, all_blocks
            Blocks that are done, and all of them.
        """
        self.rows = rows
        now = time.monotonic()
        if not rows:
            self._start, self._kept = now, blocks
        if self._bar is None or (now - self._drawn < _EVERY and 0 < blocks < all_blocks and self._drawn):
            return
        self._drawn = now
        speed = self.speed(now - self._start, all_blocks - blocks, blocks - self._kept)
        if self._task is None:
            self._task = self._bar.add_task("", total=all_blocks, completed=blocks, speed=speed)
            self._bar.start()
        self._bar.update(self._task, total=all_blocks, completed=blocks, speed=speed, refresh=True)

    def speed(self, seconds: float, blocks_left: int, blocks_made: int) -> str:
        """Rate and time left.

        Parameters
        ----------
        seconds
            Since the first block of this run. [s]
        blocks_left, blocks_made
            Blocks to make, and those that this run has made.

        Returns
        -------
        Words for the bar; "" before the first row.
        """
        if not self.rows:
            return ""
        left = seconds * blocks_left / max(blocks_made, 1)
        return f"{_rate(self.rows, seconds)}  {left:,.0f} s left"

    def end(self) -> None:
        """Clear the bar."""
        if self._task is not None:
            self._bar.stop()

    def summary(self) -> str:
        """Rows, seconds, rate and peak memory of the run.

        Returns
        -------
        One line.
        """
        seconds = max(time.monotonic() - self._start, 1e-9)
        return f"{self.rows:,} rows in {seconds:,.1f} s, {_rate(self.rows, seconds)}{_peak()}"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / max(seconds, 1e-9) / 1e6:.2f} million rows a second"


def _bar() -> Any:
    """A bar of Rich that is drawn on request, and gone at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = BarColumn(bar_width=24), TaskProgressColumn(), TextColumn("{task.fields[speed]}")
    # No thread that redraws: worker processes may be forked while the bar stands.
    return Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)


def _peak() -> str:
    """Peak memory of this process and of its largest worker process, where the system reports it."""
    try:
        import resource
    except ImportError:
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    own, worker = (
        resource.getrusage(who).ru_maxrss * unit / 1e6
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f", peak memory {own:,.0f} MB" + (f" and {worker:,.0f} MB in a worker" if worker > _LARGE else "")
