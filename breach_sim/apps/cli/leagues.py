"""The command ``breach-sim league``: breaches ranked by expected harm, as text, table, document or page."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.analysis.leagues.standings import League
from breach_sim.apps.cli.options import Json, Priors, Seed, With, Years, changed, changed_import
from breach_sim.apps.reporting.league_page import league_page
from breach_sim.apps.reporting.report_file import write_page
from breach_sim.apps.terminal.money import league_text
from breach_sim.apps.terminal.place import screen
from breach_sim.apps.terminal.progress import working
from breach_sim.interop.export import check_ending
from breach_sim.interop.formats import FORMATS, read_format

TOP = 20
"""Places that are printed."""


def league(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Lists of breaches, such as breaches.json, names of scenarios, or .toml files.",
            metavar="FILE_OR_NAME...",
        ),
    ],
    form: Annotated[
        str, typer.Option("--format", help=f"Format of lists: one of {', '.join(FORMATS)}.")
    ] = "hibp",
    by: Annotated[
        Literal["loss_usd", "people"], typer.Option(help="What breaches are ranked by.")
    ] = "loss_usd",
    page: Annotated[
        Path | None,
        typer.Option(help="HTML file for the page: all places, to be sorted.", metavar="OUT.html"),
    ] = None,
    replicates: Annotated[int, typer.Option(help="Number of shared points of the parameters.")] = 1_024,
    seed: Seed = 1,
    years: Years = 5.0,
    top: Annotated[int, typer.Option(help="Number of places to print.")] = TOP,
    readings: Annotated[
        bool, typer.Option(help="Compare the order with that under other readings of the evidence.")
    ] = True,
    priors: Priors = False,
    own: With = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all places as CSV and nothing else.")] = False,
    as_json: Json = False,
) -> None:
    """Rank breaches by expected harm, with an interval for each rank, and what decides it.

    Example: breach-sim league breaches.json --page league.html
    """
    _check(page, top, as_csv=as_csv, as_json=as_json)
    given = [_read(source, form, own) for source in sources]
    drawn: dict[str, Any] = {"replicates": replicates, "seed": seed, "horizon_years": years}
    drawn |= {"calibrated": not priors, "readings": None if readings else []}
    with working("Ranking breaches") as progress:
        found = api.league(given, by=by, progress=progress, **drawn)
    if page is not None:
        place = write_page(page, league_page(found))
        size = place.stat().st_size / 1e6
        typer.echo(f"{place} written, {size:.1f} MB: complete; it loads nothing from a network.", err=True)
    if as_json:
        typer.echo(found.to_json())
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        typer.echo(league_text(found, top, screen()))


def _check(page: Path | None, top: int, *, as_csv: bool, as_json: bool) -> None:
    """Refuse options that cannot be met, before anything is run."""
    if as_csv and as_json:
        raise ValueError("--csv and --json print different things; give one of them")
    if top < 1:
        raise ValueError(f"--top is {top}; it must be 1 or more")
    if page is not None:
        check_ending(page, "--page", (".html", ".htm"))


def _read(source: str, form: str, own: Path | None) -> Any:
    """Scenarios of a list, or a name or scenario file as it is given, with numbers of one's own."""
    path = Path(source)
    if path.suffix.lower() == ".toml" or not path.exists():
        return changed(source, own)
    return changed_import(read_format(form, source, {}, "breach-sim league --format"), own)


def _csv(league: League) -> str:
    """All places as CSV, with a heading for each column."""
    frame = league.table()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["breach", *frame.columns])
    for name, *cells in frame.itertuples():
        writer.writerow([name, *("" if cell != cell else cell for cell in cells)])  # noqa: PLR0124 - NaN
    return text.getvalue()
