"""Commands that write pages about one breach: ``report`` and ``card``, to be printed or handed on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json, Priors, Sampling, Seed, Years
from breach_sim.apps.documents import card_pages
from breach_sim.apps.reporting import report_file
from breach_sim.apps.reporting.screen import fitted


def report(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[Path, typer.Option(help="File to write: .html, .ipynb or .pdf.")],
    to: Annotated[
        str | None, typer.Option(help="html, notebook or pdf; by the ending of the file if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report.")] = 1,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws of parameters and outcomes.")
    ] = api.REPLICATES,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
) -> None:
    """Write a one-page report that opens without a network; results first, then assumptions and inputs.

    Example: breach-sim report tmobile-2021-claimed --out report.html

    A notebook is run with your parameters: --to notebook writes it, --to pdf prints the page through a
    browser.
    """
    progress = sys.stderr.isatty()
    place = report_file.write_report(
        scenario,
        out,
        to=to,
        seed=seed,
        replicates=replicates,
        horizon_years=years,
        progress=progress,
        sampling=sampling,
        calibrated=not priors,
    )
    typer.echo(f"{place} written, {place.stat().st_size / 1e6:.1f} MB: whole, and it asks no network.")


def card(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .html, .md or .jsonld; without it Markdown is printed."),
    ] = None,
    seed: Seed = 1,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws of parameters and outcomes.")
    ] = api.REPLICATES,
    years: Years = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    as_json: Json = False,
) -> None:
    """Write the impact card: one page on what leaked, who is harmed, how sure that is, and on what it rests.

    Example: breach-sim card tmobile-2021-stated --out card.html
    """
    if out is not None:
        card_pages.check_ending(out)
        report_file.check_place(out)
    impact = api.simulate(
        scenario,
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        sampling=sampling,
        calibrated=not priors,
    )
    made = card_pages.card(impact)
    if out is not None:
        place = made.write(out)
        typer.echo(f"{place} written: complete; it opens without a network.", err=as_json)
    if as_json:
        typer.echo(made.to_json_ld())
    elif out is None:
        typer.echo(fitted(made.to_markdown()))
