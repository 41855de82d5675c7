"""Commands that simulate: ``run``, ``expose``, ``compare``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.apps.cli.options import (
    CanStartOn,
    Countries,
    Elsewhere,
    Json,
    Notes,
    Out,
    Priors,
    Replicates,
    Samples,
    Sampling,
    Seed,
    Until,
    Wide,
    With,
    Years,
    changed,
)
from breach_sim.apps.terminal.place import Screen, fitted, screen
from breach_sim.apps.terminal.progress import working
from breach_sim.interop.export import check_ending, export

_Missing = Annotated[
    str | None, typer.Option(help="Further words that mean a missing value.", metavar="WORD,...")
]
_Placeholders = Annotated[bool, typer.Option(help="Treat N/A, unknown, 000-00-0000 and the like as missing.")]
_AsFlags = Annotated[
    bool, typer.Option("--as-flags", help="Columns of 0 and 1, Y and N say whether the field leaked.")
]
_AsValues = Annotated[
    str | None, typer.Option(help="Columns in doubt to count as they are.", metavar="COLUMN,...")
]
_Unique = Annotated[
    str | None, typer.Option(help="Column that names a person, whose rows count once.", metavar="COLUMN")
]


def run(
    scenario: Annotated[
        str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="NAME_OR_FILE")
    ],
    accounts: Annotated[
        int | None, typer.Option(help="Scale the breach to this many accounts in total.")
    ] = None,
    countries: Countries = None,
    replicates: Replicates = None,
    seed: Seed = 1,
    years: Years = 5.0,
    until: Until = None,
    out: Out = None,
    samples: Samples = None,
    elsewhere: Elsewhere = "catalog",
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    wide: Wide = False,
    notes: Notes = False,
    as_json: Json = False,
) -> None:
    """Run the model on a breach: exposed, attackable and attempted accounts, victims and loss by attack.

    Example: breach-sim run tmobile-2021-stated --replicates 2048 --out out

    A terminal shows the answer on one screen; a pipe gets all rows, columns and notes.
    """
    breach = api.load_scenario(scenario)
    if accounts is not None:
        breach = breach.scaled(accounts)
    if countries is not None:
        breach = breach.with_countries(countries)
    breach = changed(breach, own)
    made_of: dict[str, Any] = {"replicates": replicates, "seed": seed, "horizon_years": years}
    made_of |= {"until": until, "elsewhere": elsewhere, "sampling": sampling, "calibrated": not priors}
    place = screen(wide=wide, notes=notes)
    answer(breach, made_of, out=out, as_json=as_json, samples=samples, place=place, command=scenario)


def answer(
    breach: Any,
    made_of: Mapping[str, Any],
    *,
    out: Path | None,
    as_json: bool,
    place: Screen,
    command: str = "",
    more: Callable[[Any, Screen], str] | None = None,
    samples: Path | None = None,
) -> None:
    """Run a scenario and print what ``run`` prints.

    Parameters
    ----------
    breach
        The scenario.
    made_of
        Arguments of ``simulate``.
    out, as_json
        Options of ``run``.
    place
        Where it is printed.
    command
        Name or file of the scenario as the user typed it; "" where it has none.
    more
        Makes further text for the screen from the impact.
    samples
        File for the draws.
    """
    from breach_sim.apps.terminal.answer import impact_text

    files = []
    if samples is not None:
        check_ending(samples, "--samples")
    with working("Running the model"):
        if out is None:
            impact = api.simulate(breach, **made_of)
        else:
            from breach_sim.apps.reporting import folder  # draws figures: a run without --out needs none

            folder.check_folder(out)
            impact = api.simulate(breach, **made_of)
            files = folder.write(impact, out, api.load_sources())
        if samples is not None:
            export(impact.samples(), samples)
        texts = [] if as_json else [impact_text(impact, place, command)]
        if more is not None and not as_json:
            texts.append(more(impact, place))
    if as_json:
        typer.echo(impact.to_json())
        return
    typer.echo("\n".join(texts))
    if out is not None:
        typer.echo(f"\n{len(files)} files in {out}: start with {out / 'summary.md'}")
    if samples is not None:
        typer.echo(f"\n{impact.replicates:,} draws in {samples}, one a row")


def expose(
    path: Annotated[str, typer.Argument(help="A Parquet, CSV or JSON lines file, a folder, or a pattern.")],
    columns: Annotated[
        str | None,
        typer.Option(help="Field that each column reveals: COLUMN=FIELD,...", metavar="COLUMN=FIELD,..."),
    ] = None,
    mask: Annotated[str | None, typer.Option(help="Column with the leaked fields as a bit mask.")] = None,
    segment: Annotated[str | None, typer.Option(help="Column that names the segment.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of all segments; taken from their names if not given.")
    ] = None,
    missing: _Missing = None,
    placeholders: _Placeholders = True,
    as_flags: _AsFlags = False,
    as_values: _AsValues = None,
    unique: _Unique = None,
    simulate: Annotated[bool, typer.Option("--run", help="Print the impact instead of the counts.")] = False,
    replicates: Annotated[int, typer.Option(help="With --run: number of random draws.")] = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="With --run: the same seed gives the same document.")] = 1,
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    wide: Wide = False,
    notes: Notes = False,
    as_json: Json = False,
) -> None:
    """Count which fields leaked for how many of your own records; only counts are shown.

    Example: breach-sim expose records.parquet --columns msisdn=phone_number,first=full_name,last=full_name
    """
    pairs = None if columns is None else api.read_columns(columns)
    with working("Counting the records"):
        exposure = api.expose_records(
            path,
            pairs,
            segment=segment,
            kinds=kind,
            mask=mask,
            name=Path(path).name.partition(".")[0] or Path(path).stem,
            missing=_listed(missing),
            placeholders=placeholders,
            as_flags=as_flags,
            as_values=_listed(as_values),
            unique=unique,
        )
    exposure = dataclasses.replace(exposure, scenario=changed(exposure.scenario, own))
    if simulate:
        made_of = {"replicates": replicates, "seed": seed, "sampling": sampling, "calibrated": not priors}
        place = screen(wide=wide, notes=notes)
        answer(None, made_of | {"exposure": exposure}, out=None, as_json=as_json, place=place)
        return
    typer.echo(exposure.to_json() if as_json else _cells_text(exposure))


def _cells_text(exposure: Any) -> str:
    """Cells, and what a reader of them must know."""
    lines = [
        f"{accounts:>15,}  {group}: {names or 'nothing'}"
        for group, _, names, accounts in exposure.table().itertuples(index=False)
    ]
    return fitted("\n".join([f"{exposure}\n", *lines, "", *exposure.scenario.all_notes]))


def _listed(text: str | None) -> list[str]:
    return [] if text is None else [word.strip() for word in text.split(",") if word.strip()]


def compare(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.")],
    mitigations: Annotated[list[str], typer.Argument(help="Names; see breach-sim mitigations.")],
    budget: Annotated[
        float | None, typer.Option(help="Also find the best bundle of mitigations for this many USD.")
    ] = None,
    replicates: Annotated[int, typer.Option(help="Number of random draws of parameters.")] = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    can_start_on: CanStartOn = None,
    whose: Annotated[
        Literal["others", "firm"],
        typer.Option(
            help="With --budget: whose money the best bundle saves, the firm's own or that of others."
        ),
    ] = "others",
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Compare mitigations: avoided loss and victims, cost, and whether each is worth its cost.

    Example: breach-sim compare stated credit-freeze drop-ssn retention-5-years --budget 20e6
    """
    shared: dict[str, Any] = {
        "seed": seed,
        "horizon_years": years,
        "sampling": sampling,
        "calibrated": not priors,
        "can_start_on": can_start_on,
    }
    from breach_sim.apps.terminal.comparisons import comparison_text

    breach = changed(scenario, own)
    best = None
    with working("Comparing mitigations"):
        if budget is not None:
            fewer = min(replicates, api.FEWER_REPLICATES)
            best = api.best_bundle(breach, mitigations, budget, replicates=fewer, whose=whose, **shared)
        comparison = api.compare(breach, *mitigations, replicates=replicates, **shared)
    if as_json:
        document = json.loads(comparison.to_json()) | ({"bundle": best.as_dict()} if best else {})
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo(comparison_text(comparison, best, screen()))
