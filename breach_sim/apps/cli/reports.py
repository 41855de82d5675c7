"""Commands that hand a breach on: ``report``, one page for readers, and ``export``, data for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Elsewhere, Priors, Sampling
from breach_sim.apps.reporting import report_file
from breach_sim.interop.export import FORMATS, check_ending, export_folder, export_text
from breach_sim.interop.export import export as write_table


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


Format = Literal["stix", "ord", "fair", "tidy", "samples"]


def export(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    to: Annotated[
        Format,
        typer.Option(
            "--format",
            help="stix: STIX 2.1 bundle; ord: event and period loss tables of Oasis; fair: quantiles of "
            "frequency and magnitude; tidy: every number, one a row; samples: every draw, one a row.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="File: .json for stix; .csv, .xlsx or .parquet for a table. A folder for ord."),
    ],
    frequency: Annotated[
        float | None, typer.Option(help="For fair: breaches like this one a year; else it has happened.")
    ] = None,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws of parameters and outcomes.")
    ] = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    elsewhere: Elsewhere = "catalog",
    sampling: Sampling = "sobol",
    priors: Priors = False,
) -> None:
    """Write a result for other programs; docs/data.md says what every column means.

    Example: breach-sim export tmobile-2021-stated --format ord --out losses
    """
    _check_out(out, to)
    if frequency is not None and to != "fair":
        raise ValueError(
            f"--frequency is given with --format {to}; only fair has a frequency, so leave it out"
        )
    impact = api.simulate(
        scenario,
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        elsewhere=elsewhere,
        sampling=sampling,
        calibrated=not priors,
    )
    typer.echo(_write(impact, to, out, frequency))


def _write(impact: Any, to: str, out: Path, frequency: float | None) -> str:
    """Write one format; return what is said of it."""
    if to == "ord":
        written = export_folder(_loss_tables(impact), out)
        return f"{len(written)} files in {out}: the losses of victims and of the firm are never added"
    makers: Mapping[str, Callable[[], Any]] = {
        "tidy": impact.tidy,
        "samples": impact.samples,
        "fair": partial(_fair, impact, frequency),
    }
    if to == "stix":
        export_text(impact.to_stix() + "\n", out)
    else:
        write_table(makers[to](), out)
    return f"{out} written"


def _fair(impact: Any, frequency: float | None) -> Any:
    """Quantiles of frequency and magnitude in FAIR's terms."""
    from breach_sim.analysis.other_scores.fair import Fair

    return Fair(impact=impact, frequency=frequency).inputs()


def _check_out(out: Path, to: str) -> None:
    """Refuse a place that does not suit a format, before anything is computed."""
    if to != "ord":
        check_ending(out, f"--out of --format {to}", (".json",) if to == "stix" else FORMATS)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"--out {out} exists and is no empty folder; name another folder for --format ord")


def _loss_tables(impact: Any) -> dict[str, Any]:
    """Loss tables of both ledgers, by name of the file."""
    tables = {}
    for ledger in ("victims", *(("firm",) if impact.firm_lines else ())):
        parts = {
            "selt": impact.event_losses(ledger),
            "splt": impact.period_losses(ledger),
            "summary-info": impact.loss_summaries(ledger),
        }
        for part, frame in parts.items():
            tables[f"{ledger}_{part}.parquet"] = frame.set_index(frame.columns[0])
    return tables
