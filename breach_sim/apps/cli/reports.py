"""The command ``breach-sim report``: one page about one breach, to be opened, printed or handed on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Priors, Sampling, With, changed
from breach_sim.apps.reporting import report_file


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
    own: With = None,
) -> None:
    """Write a one-page report that opens without a network; results first, then assumptions and inputs.

    Example: breach-sim report tmobile-2021-claimed --out report.html

    A notebook is run with your parameters: --to notebook writes it, --to pdf prints the page through a
    browser.
    """
    progress = sys.stderr.isatty()
    place = report_file.write_report(
        changed(scenario, own),
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
