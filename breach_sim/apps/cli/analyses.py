"""Commands that ask why and how sure: attribution, explanation, assumptions, differences, one person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from breach_sim import api, catalog
from breach_sim.apps.cli.options import (
    Draws,
    Json,
    Notes,
    Priors,
    Sampling,
    Wide,
    With,
    changed,
    simulated,
)
from breach_sim.apps.terminal.place import fitted, screen
from breach_sim.apps.terminal.progress import working

_MEASURES = {"loss_usd": "loss", "": "-"}
"""What an effect is on, in words."""


def diff(
    a: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.")],
    b: Annotated[str, typer.Argument(help="Another scenario, or a .toml file.")],
    replicates: Draws = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="Seed of both runs.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    wide: Wide = False,
    notes: Notes = False,
    as_json: Json = False,
) -> None:
    """Compare two breaches on the same random draws: medians, difference, ratio.

    Example: breach-sim diff claimed stated
    """
    from breach_sim.apps.terminal import comparisons

    with working("Running the model on both"):
        frame = api.diff(
            changed(a, own),
            changed(b, own),
            replicates=replicates,
            seed=seed,
            horizon_years=years,
            sampling=sampling,
            calibrated=not priors,
        )
    place = screen(wide=wide, notes=notes)
    typer.echo(comparisons.diff_json(frame) if as_json else comparisons.diff_text(frame, place))


def assumptions(
    scenario: Annotated[
        str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="NAME_OR_FILE")
    ],
    out: Annotated[Path | None, typer.Option(help="File to write: .csv, .xlsx or .parquet.")] = None,
    replicates: Draws = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """List every number behind a result, the most influential first.

    Example: breach-sim assumptions tmobile-2021-stated --out assumptions.xlsx
    """
    from breach_sim.interop.export import check_ending, export

    if out is not None:
        check_ending(out, "--out")
    with working("Running the model"):
        impact = simulated(
            scenario, own, replicates=replicates, seed=seed, years=years, sampling=sampling, priors=priors
        )
        sheet = api.assumptions(impact)
    if out is not None:
        typer.echo(f"{len(sheet)} numbers in {export(sheet, out)}", err=as_json)
    if as_json:
        typer.echo(sheet.reset_index().to_json(orient="records", indent=2))
    elif out is None:
        typer.echo(fitted(_sheet_text(sheet, impact)))


def _sheet_text(sheet: Any, impact: Any) -> str:
    """The sheet for a terminal: effect, status, what it is, its name to type, numbers, reason."""
    lines = []
    for name, row in sheet.iterrows():
        label = catalog.label_of_parameter(str(name), impact.scenario, impact.attacks)
        on = _MEASURES.get(row["on"], row["on"])
        lines.append(f"{row['effect']:+.2f} on {on:<6}  {label} [{row['status']}]")
        lines.append(f"      {name}: {row['numbers']} {row['unit']}")
        sides = [side for side in ("note", "for_low", "for_high") if row[side]]
        lines += [f"      {side.replace('_', ' ')}: {row[side]}" for side in sides]
    return "\n".join(lines)


def attribute(
    scenario: Annotated[
        str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="NAME_OR_FILE")
    ],
    by_segment: Annotated[bool, typer.Option(help="One row for each segment and field.")] = False,
    pairs: Annotated[bool, typer.Option(help="Show pairs of fields that act together.")] = False,
    replicates: Draws = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Attribute the expected loss to the leaked fields, by Shapley values.

    Example: breach-sim attribute tmobile-2021-stated --by-segment
    """
    from breach_sim.apps.terminal import questions

    if by_segment and pairs:
        raise ValueError("--by-segment and --pairs were both given; take one of them")
    with working("Attributing the loss"):
        impact = simulated(
            scenario, own, replicates=replicates, seed=seed, years=years, sampling=sampling, priors=priors
        )
        frame = api.attribution_pairs(impact) if pairs else api.attribution(impact, by_segment=by_segment)
    typer.echo(questions.attribution_json(frame) if as_json else questions.attribution_text(frame, screen()))


def explain(
    path: Annotated[str, typer.Argument(help="A figure, such as attacks.sim_swap.victims.p50.")],
    scenario: Annotated[
        str, typer.Option(help="Name of a scenario, or a .toml file.")
    ] = "tmobile-2021-stated",
    replicates: Draws = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The seed of the run that printed the figure.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Trace a figure of a result to the segments, attacks, parameters and sources behind it.

    Example: breach-sim explain people.mean --scenario tmobile-2021-claimed
    """
    from breach_sim.apps.terminal import questions

    with working("Tracing the figure"):
        impact = simulated(
            scenario, own, replicates=replicates, seed=seed, years=years, sampling=sampling, priors=priors
        )
        text = questions.explained(impact, path, as_json=as_json)
    typer.echo(text if as_json else fitted(text))


def follow(
    row: Annotated[int, typer.Argument(help="Number of the person in the synthetic population.")],
    scenario: Annotated[
        str, typer.Option(help="Name of a scenario, or a .toml file.")
    ] = "tmobile-2021-stated",
    seed: Annotated[int, typer.Option(help="Seed of the population and of the draws.")] = 1,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws of parameters.")
    ] = api.FEWER_REPLICATES,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Follow one synthetic person: leaked fields, possible attacks, odds, and the best protective action.

    Example: breach-sim follow 73456 --scenario tmobile-2021-claimed
    """
    breach = catalog.scenario_of(changed(scenario, own))
    with working("Following the person"):
        person = api.follow(
            breach, row, seed=seed, replicates=replicates, sampling=sampling, calibrated=not priors
        )
    remedies = catalog.load_mitigations(breach.overrides)
    if not as_json:
        typer.echo(fitted("\n".join(person.sentences(remedies))))
        return
    tables = {
        name: json.loads(frame.to_json(orient="index"))
        for name, frame in (("odds", person.odds()), ("actions", person.actions(remedies)))
    }
    typer.echo(
        json.dumps({"row": row, "segment": person.segment, "leaked": person.leaked} | tables, indent=2)
    )
