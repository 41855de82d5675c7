"""Commands that write pages about one breach: ``report``, ``card`` and ``forms``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json, Priors, Sampling, Seed, With, Years, changed
from breach_sim.apps.documents import card_pages, drafts
from breach_sim.apps.reporting import report_file
from breach_sim.apps.reporting.screen import fitted
from breach_sim.formatting.messages import shown


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
    own: With = None,
    as_json: Json = False,
) -> None:
    """Write the impact card: one page on what leaked, who is harmed, how sure that is, and on what it rests.

    Example: breach-sim card tmobile-2021-stated --out card.html
    """
    if out is not None:
        card_pages.check_ending(out)
        report_file.check_place(out)
    impact = api.simulate(
        changed(scenario, own),
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


def forms(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    form: Annotated[
        list[str] | None,
        typer.Option(help="gdpr-33, gdpr-34, sec-8k, hhs, fcc-cpni or state-ag; all of them without it."),
    ] = None,
    date: Annotated[
        list[str] | None,
        typer.Option(
            help="When something happened, such as aware=2026-02-14T09:00: occurred, discovered, aware, "
            "determined, material or notified.",
            metavar="EVENT=DATE",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the drafts, as .md and .html.")] = None,
    seed: Seed = 1,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws of parameters and outcomes.")
    ] = api.REPLICATES,
    years: Years = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Draft the forms that a breach asks for, with the deadlines, and a question for each blank.

    Example: breach-sim forms tmobile-2021-stated --form sec-8k --date material=2021-08-20

    The drafts are no advice. Each number is a figure that breach-sim explain finds.
    """
    dates = _dates(date or [])
    drafts.check_asked(form, dates)
    if out is not None:
        drafts.check_folder(out)
    impact = api.simulate(
        changed(scenario, own),
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        sampling=sampling,
        calibrated=not priors,
    )
    made = drafts.forms(impact, form, dates=dates)
    if out is not None:
        files = drafts.write_forms(made, out)
        typer.echo(f"{len(files)} files in {out}: drafts, not advice.", err=as_json)
    if as_json:
        typer.echo(drafts.as_json(made))
    elif out is None:
        typer.echo(fitted("\n\n".join(draft.to_markdown() for draft in made)))


def _dates(words: list[str]) -> dict[str, str]:
    """Dates by event, from the words of the option."""
    found: dict[str, str] = {}
    for word in words:
        event, sign, text = word.partition("=")
        if not sign:
            raise ValueError(f"--date is {shown(word)}; write EVENT=DATE, such as aware=2026-02-14T09:00")
        if event in found:
            raise ValueError(f"--date gives {shown(event)} twice; give each event once")
        found[event] = text
    return found
