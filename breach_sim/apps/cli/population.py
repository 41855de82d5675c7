"""The command ``breach-sim generate``: subscribers on disk, counted or digested, and how far that is."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated, Any

import typer

from breach_sim import api

_WIDTH = 24
_EVERY = 0.2  # [s] between two drawings of the bar
_LARGE = 100  # [MB] what a worker process holds at least


def generate(
    scenario: Annotated[str, typer.Argument(help="A scenario, or a .toml file.", metavar="SCENARIO")],
    rows: Annotated[int | None, typer.Option(help="Subscribers; else one for each account.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 1,
    out: Annotated[
        str | None, typer.Option(help="Folder, or an address of fsspec; for parquet and csv.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Of this machine; else one for each core.")] = None,
    sink: Annotated[str, typer.Option(help="parquet, csv, count or hash.")] = "parquet",
    tables: Annotated[str, typer.Option(help="With commas: subscribers,devices.")] = "subscribers",
    locale: Annotated[str, typer.Option(help="Faker's locale for names and places.")] = "en_US",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, whose workers take the place of ours.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in a folder with a run that was stopped.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Make synthetic subscribers, none of whom can exist, up to hundreds of millions.

    Example: breach-sim generate tmobile-2021-claimed --rows 1000000 --seed 1 --out subscribers

    With --sink hash one SHA-256 is printed and nothing written; with --sink count, the subscribers by cell.
    """
    from breach_sim.population.dataset import FILE_SINKS, write

    if not out and sink in FILE_SINKS:
        raise ValueError(f"--sink {sink} writes files and no place is named; add --out FOLDER")
    people = api.subscribers(scenario, seed=seed, rows=rows, locale=locale)
    names = [name.strip() for name in tables.split(",")]
    if sink == "count" and names == ["devices"]:
        raise ValueError(
            "--tables devices: a count is of subscribers; leave --tables out, or take --sink hash"
        )
    client = None if scheduler is None else _client(scheduler)
    bar = _Bar()
    try:
        made = write(
            people, out, sink=sink, tables=names, workers=workers, resume=resume, client=client, progress=bar
        )
    finally:
        bar.end()
        if client is not None:
            client.close()
    typer.echo(json.dumps(_told(made), indent=2) if as_json else _lines(made))
    if bar.rows:
        typer.echo(bar.account(), err=True)


def _client(address: str) -> Any:
    from breach_sim.population.dataset.workers import cluster_client

    try:
        return cluster_client(address)
    except ModuleNotFoundError as error:
        raise ValueError(str(error)) from None


def _told(made: Any) -> dict[str, Any]:
    """What a run came to, as plain data."""
    from breach_sim.inputs import fields

    cells = [
        {"segment": segment, "fields": list(fields.names(mask)), "rows": rows}
        for (segment, mask), rows in made.cells.items()
    ]
    told = {"sink": made.sink, "rows": dict(made.rows), "path": made.path, "files": list(made.files)}
    told |= {"kept": made.kept, "digest": made.digest, "cells": cells}
    return {key: value for key, value in told.items() if value not in ("", [])}


def _lines(made: Any) -> str:
    """What a run came to, in a few lines."""
    if made.sink == "hash":
        return str(made.digest)
    if made.sink == "count":
        return "\n".join(
            f"{cell['rows']:>15,}  {cell['segment']}: {', '.join(cell['fields']) or 'nothing'}"
            for cell in _told(made)["cells"]
        )
    rows = ", ".join(f"{number:,} {table}" for table, number in made.rows.items())
    kept = f", {made.kept} of them from an earlier run" if made.kept else ""
    files = "1 file" if len(made.files) == 1 else f"{len(made.files)} files"
    empty = "" if all(made.rows.values()) else "\nA table has no rows: its field leaked in no segment."
    return f"{rows} in {files}{kept}: {made.path}, manifest.json tells their SHA-256{empty}"


class _Bar:
    """Progress on the standard error of a terminal; elsewhere it only counts."""

    def __init__(self) -> None:
        self.rows = 0
        self._start = time.monotonic()
        self._drawn = 0.0
        self._found = 0
        self._shows = sys.stderr.isatty()

    def __call__(self, rows: int, blocks: int, all_blocks: int) -> None:
        self.rows = rows
        now = time.monotonic()
        if not rows:
            self._start, self._found = now, blocks
        if not self._shows or (now - self._drawn < _EVERY and blocks < all_blocks):
            return
        self._drawn = now
        sys.stderr.write(f"\r{self._line(blocks, all_blocks, now - self._start)}\x1b[K")
        sys.stderr.flush()

    def _line(self, blocks: int, all_blocks: int, seconds: float) -> str:
        share = blocks / max(all_blocks, 1)
        filled = "#" * round(share * _WIDTH)
        if not self.rows:
            return f"[{filled:<{_WIDTH}}] {share:4.0%}"
        left = seconds * (all_blocks - blocks) / max(blocks - self._found, 1)
        rate = f"{self.rows / max(seconds, 1e-9) / 1e6:.2f} million rows a second"
        return f"[{filled:<{_WIDTH}}] {share:4.0%}  {rate}  {left:,.0f} s left"

    def end(self) -> None:
        """Clear the line."""
        if self._shows and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def account(self) -> str:
        """Rows, seconds, rate and peak memory of the run."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        told = (
            f"{self.rows:,} rows in {seconds:,.1f} s, {self.rows / seconds / 1e6:.2f} million rows a second"
        )
        return told + _peak()


def _peak() -> str:
    """Peak memory of this process and of its largest worker process, where the system tells."""
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
