"""Commands that hand a breach on: ``report``, ``card``, ``forms``, pages to share, ``firm``, ``export``."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.apps.cli.options import (
    CanStartOn,
    Draws,
    Elsewhere,
    Json,
    Priors,
    Sampling,
    Seed,
    With,
    Years,
    changed,
    numbers_by,
    simulated,
)
from breach_sim.apps.documents import card_pages, drafts
from breach_sim.apps.page import adviser as advice
from breach_sim.apps.page import play as game
from breach_sim.apps.page import what_if
from breach_sim.apps.reporting import report_file
from breach_sim.apps.terminal.money import firm_text
from breach_sim.apps.terminal.place import fitted, screen
from breach_sim.apps.terminal.progress import working
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm.insurance import Layer, Program
from breach_sim.interop.export import FORMATS, check_ending, export_folder, export_text
from breach_sim.interop.export import export as write_table

FormNames = Annotated[
    list[str] | None,
    typer.Option(help="gdpr-33, gdpr-34, sec-8k, hhs, fcc-cpni or state-ag; all of them without it."),
]
Dates = Annotated[
    list[str] | None,
    typer.Option(
        help="When something happened, such as aware=2026-02-14T09:00: occurred, discovered, aware, "
        "determined, material or notified.",
        metavar="EVENT=DATE",
    ),
]
Revenue = Annotated[float | None, typer.Option(help="Yearly revenue of the firm. [USD]")]
Income = Annotated[float | None, typer.Option(help="Yearly income of the firm. [USD]")]
Cash = Annotated[float | None, typer.Option(help="Cash of the firm. [USD]")]
Retention = Annotated[
    float | None, typer.Option(help="Insurance: cost that the firm keeps before it pays. [USD]")
]
Limit = Annotated[float | None, typer.Option(help="Insurance: most that it pays for the breach. [USD]")]
Coinsurance = Annotated[float, typer.Option(help="Insurance: share of the layer that the firm bears. [0, 1)")]
Sublimit = Annotated[
    list[str] | None,
    typer.Option(help="Insurance: most that counts of a line, LINE=USD; may be repeated."),
]
Aggregate = Annotated[float | None, typer.Option(help="Insurance: most that it pays in the year. [USD]")]
Appetite = Annotated[
    list[str] | None,
    typer.Option(help="Largest acceptable cost at a chance, CHANCE=USD such as 0.05=100e6; may be repeated."),
]


def report(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[Path, typer.Option(help="File to write: .html, .ipynb or .pdf.")],
    to: Annotated[
        str | None, typer.Option(help="html, notebook or pdf; by the ending of the file if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report.")] = 1,
    replicates: Draws = api.REPLICATES,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    can_start_on: CanStartOn = None,
    retention: Retention = None,
    limit: Limit = None,
    coinsurance: Coinsurance = 0.0,
    sublimit: Sublimit = None,
    aggregate: Aggregate = None,
    appetite: Appetite = None,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
) -> None:
    """Write a report that opens without a network: the answer first, all numbers and sources as an appendix.

    Example: breach-sim report tmobile-2021-claimed --out report.html

    A notebook is run with your parameters: --to notebook writes it, --to pdf prints the page through a
    browser. Insurance and appetite are those of the firm, as for breach-sim firm.
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
        can_start_on=can_start_on,
        program=_program(retention, limit, coinsurance, sublimit or [], aggregate),
        appetite=numbers_by(appetite, "--appetite", "0.05=100e6", float, float),
    )
    _say_written(place)


def _say_written(place: Path) -> None:
    size = place.stat().st_size / 1e6
    typer.echo(f"{place} written, {size:.1f} MB: complete; it loads nothing from a network.")


def page(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[Path, typer.Option(help="File to write, ending in .html.")],
    seed: Seed = 1,
    replicates: Annotated[
        int | None,
        typer.Option(
            help=f"Number of draws, at most {what_if.MOST:,}; by default {what_if.REPLICATES}, or "
            f"{what_if.FEWER} for a breach with many blocks."
        ),
    ] = None,
    years: Years = 5.0,
    priors: Priors = False,
    own: With = None,
) -> None:
    """Write a page to share: tap a field out of the breach, and see who is still harmed.

    Example: breach-sim page tmobile-2021-stated --out what-if.html

    One file, without a network or Python. Its address holds what was tapped, so that it can be linked to.
    """
    what_if.check_page(out)
    said = json.dumps(scenario)
    with working("Computing the page"):
        place = what_if.write_what_if(
            changed(scenario, own),
            out,
            python=said if own is None else f"bs.with_overrides({said}, {json.dumps(str(own))})",
            replicates=replicates,
            seed=seed,
            horizon_years=years,
            calibrated=not priors,
        )
    _say_written(place)


def adviser(
    out: Annotated[Path, typer.Option(help="File to write, ending in .html.")],
    seed: Seed = 1,
) -> None:
    """Write a private adviser: a person ticks what they lost and gets three actions with odds and hours.

    Example: breach-sim adviser --out adviser.html

    Nothing that is ticked leaves the page. It is for people in the United States.
    """
    with working("Computing the page"):
        place = advice.write_adviser(out, seed=seed)
    _say_written(place)


def play(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[Path, typer.Option(help="File to write, ending in .html.")],
    seed: Seed = 1,
    replicates: Annotated[
        int, typer.Option(help=f"Number of draws, at most {game.MOST_REPLICATES}.")
    ] = game.REPLICATES,
    years: Years = 5.0,
    priors: Priors = False,
    own: With = None,
) -> None:
    """Write a game for a class: be one person of the breach, with an hour a month to spend.

    Example: breach-sim play tmobile-2021-stated --out play.html

    One file, without a network or Python. It holds a quiz of five questions and four seats for a class, too.
    """
    what_if.check_page(out)
    place = game.write_play(
        changed(scenario, own),
        out,
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        calibrated=not priors,
    )
    _say_written(place)


def card(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .html, .md or .jsonld; without it Markdown is printed."),
    ] = None,
    seed: Seed = 1,
    replicates: Draws = api.REPLICATES,
    years: Years = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Write the impact card: one page on what leaked, who is harmed, how sure that is, and why.

    Example: breach-sim card tmobile-2021-stated --out card.html
    """
    if out is not None:
        card_pages.check_ending(out)
        report_file.check_place(out)
    with working("Running the model"):
        impact = simulated(
            scenario, own, replicates=replicates, seed=seed, years=years, sampling=sampling, priors=priors
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
    form: FormNames = None,
    date: Dates = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the drafts, as .md and .html.")] = None,
    revenue: Revenue = None,
    income: Income = None,
    cash: Cash = None,
    retention: Retention = None,
    limit: Limit = None,
    seed: Seed = 1,
    replicates: Draws = api.REPLICATES,
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
    dates, program = _dates(date or []), _program(retention, limit, 0.0, [], None)
    drafts.check_asked(form, dates)
    if out is not None:
        drafts.check_folder(out)
    with working("Running the model"):
        impact = simulated(
            scenario, own, replicates=replicates, seed=seed, years=years, sampling=sampling, priors=priors
        )
        answer = None
        if program is not None or {revenue, income, cash} != {None}:
            answer = api.cost_to_firm(impact, program=program, revenue=revenue, income=income, cash=cash)
        made = drafts.forms(impact, form, dates=dates, firm=answer)
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


def firm(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    retention: Retention = None,
    limit: Limit = None,
    coinsurance: Coinsurance = 0.0,
    sublimit: Sublimit = None,
    aggregate: Aggregate = None,
    appetite: Appetite = None,
    revenue: Revenue = None,
    income: Income = None,
    cash: Cash = None,
    discount: Annotated[float, typer.Option(help="Yearly rate of discount, such as 0.05.")] = 0.0,
    replicates: Annotated[int, typer.Option(help="Number of random draws.")] = api.REPLICATES,
    seed: Seed = 1,
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Estimate what a breach costs its firm: exceedance curve, risk appetite, insurance, cash by quarter.

    Example: breach-sim firm tmobile-2021-stated --retention 10e6 --limit 100e6 --appetite 0.05=1e9
    """
    accepted = numbers_by(appetite, "--appetite", "0.05=100e6", float, float)
    with working("Running the model"):
        answer = api.cost_to_firm(
            changed(scenario, own),
            program=_program(retention, limit, coinsurance, sublimit or [], aggregate),
            appetite=accepted,
            revenue=revenue,
            income=income,
            cash=cash,
            discount=discount,
            replicates=replicates,
            seed=seed,
            calibrated=not priors,
        )
    typer.echo(answer.to_json() if as_json else firm_text(answer, screen()))


def _program(
    retention: float | None,
    limit: float | None,
    coinsurance: float,
    sublimits: list[str],
    aggregate: float | None,
) -> Program | None:
    """One layer from the options; None where none of them is given."""
    if retention is None and limit is None:
        if coinsurance or sublimits or aggregate is not None:
            raise ValueError(
                "--coinsurance, --sublimit and --aggregate belong to an insurance; give --retention or "
                "--limit too"
            )
        return None
    kept, most = retention or 0.0, math.inf if limit is None else limit
    if 0 < most < kept:
        raise ValueError(
            f"--retention is {kept:,.0f} USD, above --limit, {most:,.0f} USD; the limit is what the "
            "insurance pays above the retention: raise it or lower the retention (a layer high above "
            "others is given in Python: bs.Layer)"
        )
    layer = Layer(
        name="insurance",
        retention=kept,
        limit=most,
        coinsurance=coinsurance,
        sublimits=numbers_by(sublimits, "--sublimit", "fine=5e6", _line, float) or {},
    )
    return Program(layers=(layer,), aggregate=math.inf if aggregate is None else aggregate)


def _line(text: str) -> str:
    """Name of a line of the ledger, which may be written with hyphens."""
    return text.strip().replace("-", "_")


Format = Literal["stix", "ord", "fair", "tidy", "samples"]


def export(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    to: Annotated[
        Format,
        typer.Option(
            "--format",
            help="stix: STIX 2.1 bundle; ord: event and period loss tables of Oasis; fair: quantiles of "
            "frequency and magnitude; tidy: each number in a row; samples: each draw in a row.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="File: .json for stix; .csv, .xlsx or .parquet for a table. A folder for ord."),
    ],
    frequency: Annotated[
        float | None, typer.Option(help="For fair: breaches like this one per year; without it, one event.")
    ] = None,
    replicates: Draws = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    elsewhere: Elsewhere = "catalog",
    own: With = None,
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
    with working("Running the model"):
        impact = api.simulate(
            changed(scenario, own),
            replicates=replicates,
            seed=seed,
            horizon_years=years,
            elsewhere=elsewhere,
            sampling=sampling,
            calibrated=not priors,
        )
        said = _write(impact, to, out, frequency)
    typer.echo(said)


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
    """Loss tables of the ledgers, by name of the file."""
    tables = {}
    for ledger in ("victims", *(("firm", "recovery") if impact.firm_lines else ())):
        parts = {
            "selt": impact.event_losses(ledger),
            "splt": impact.period_losses(ledger),
            "summary-info": impact.loss_summaries(ledger),
        }
        for part, frame in parts.items():
            tables[f"{ledger}_{part}.parquet"] = frame.set_index(frame.columns[0])
    return tables
