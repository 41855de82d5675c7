"""The command ``breach-sim league``: breaches ranked by expected harm, as text, table, document or page."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.analysis.leagues.standings import League
from breach_sim.apps.cli.options import Json, Priors, Seed, With, Years, changed, changed_import
from breach_sim.apps.reporting.league_page import league_page
from breach_sim.apps.reporting.report_file import check_place, write_page
from breach_sim.apps.reporting.screen import fitted
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import plural, shortened
from breach_sim.interop.formats import FORMATS, read_format

TOP = 20
"""Places that are printed."""
STEPS = 10
"""Lines of progress on a long list."""
LONG = 100
"""Breaches from which on progress is printed."""
_LETTERS = 40


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
    """Rank breaches by expected harm, with how sure each place is, and what decides it.

    Example: breach-sim league breaches.json --page league.html
    """
    _check(page, top, as_csv=as_csv, as_json=as_json)
    given = [_read(source, form, own) for source in sources]
    drawn: dict[str, Any] = {"replicates": replicates, "seed": seed, "horizon_years": years}
    drawn |= {"calibrated": not priors, "readings": None if readings else []}
    found = api.league(given, by=by, progress=_say_progress, **drawn)
    if page is not None:
        place = write_page(page, league_page(found))
        size = place.stat().st_size / 1e6
        typer.echo(f"{place} written, {size:.1f} MB: whole, and it asks no network.", err=True)
    if as_json:
        typer.echo(found.to_json())
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        typer.echo(fitted("\n".join(_lines(found, top))))


def _check(page: Path | None, top: int, *, as_csv: bool, as_json: bool) -> None:
    """Refuse options that cannot be met, before anything is run."""
    if as_csv and as_json:
        raise ValueError("--csv and --json print different things; give one of them")
    if top < 1:
        raise ValueError(f"--top is {top}; it must be 1 or more")
    if page is not None:
        check_place(page)


def _read(source: str, form: str, own: Path | None) -> Any:
    """Scenarios of a list, or a name or scenario file as it is given, with numbers of one's own."""
    path = Path(source)
    if path.suffix.lower() == ".toml" or not path.exists():
        return changed(source, own)
    return changed_import(read_format(form, source, {}, "breach-sim league --format"), own)


def _say_progress(done: int, size: int) -> None:
    """Print a few lines on standard error while a long list is computed, none for a short one."""
    if size >= 2 * LONG and done % (size // STEPS) == 0:
        typer.echo(f"league: {done / size:.0%} done", err=True)


def _csv(league: League) -> str:
    """All places as CSV, with a heading for each column."""
    frame = league.table()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["breach", *frame.columns])
    for name, *cells in frame.itertuples():
        writer.writerow([name, *("" if cell != cell else cell for cell in cells)])  # noqa: PLR0124 - NaN
    return text.getvalue()


def _lines(league: League, top: int) -> list[str]:
    """The league for a terminal."""
    unit = "USD" if league.by == "loss_usd" else "people"
    frame = league.table().head(top)
    lines = [f"League of {plural(len(league.names), 'breach', 'breaches')}"]
    lines += [f"  {label}: {text}" for label, text in league.lines()]
    lines += ["", "Place (90 % of its ranks), breach, expected harm, most of it through:"]
    for (_, row), scenario in zip(frame.iterrows(), league.scenarios, strict=False):
        harm = human(significant(float(row["expected"]), 2))
        attack = f"{row['attack']} {percent(row['share'])}" if row["attack"] else "no attack"
        ranks = f"({row['rank_p5']} to {row['rank_p95']})"
        title = shortened(scenario.title, _LETTERS)
        lines.append(f"  {row['place']:>4} {ranks:<14} {title}: {harm} {unit}; {attack}")
    more = len(league.names) - len(frame)
    lines += [f"  and {more:,} more; all of them: --csv, --json or --page OUT.html"] if more else []
    if league.draws.readings:
        lines += ["", "Kendall's tau with the order under other readings:"]
        lines += [
            f"  {_tau(row['tau'])} {name}: {row['what']}"
            + ("" if row["stable"] else f" (moves {row['movers']})")
            for name, row in league.readings.iterrows()
        ]
    return [*lines, *(f"note: {note}" for note in league.notes)]


def _tau(value: float) -> str:
    """Kendall's tau in words; a dash where there is nothing to compare."""
    return "   -" if math.isnan(value) else f"{value:.2f}"
