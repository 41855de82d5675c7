"""Commands on several breaches: ``combine`` (the same persons in all) and ``portfolio`` (side by side)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from breach_sim import api
from breach_sim.apps.cli import runs
from breach_sim.apps.cli.options import (
    Elsewhere,
    Json,
    Out,
    Priors,
    Replicates,
    Sampling,
    Seed,
    Until,
    With,
    Years,
    changed,
)
from breach_sim.apps.reporting.screen import fitted
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.messages import shown


def combine(
    breaches: Annotated[list[str], typer.Argument(help="Names of scenarios, or .toml files.")],
    overlap: Annotated[
        list[str] | None,
        typer.Option(
            help="Share of the smaller breach that is in the larger one: 0.3, or A,B=0.3 for a pair."
        ),
    ] = None,
    universe: Annotated[
        float | None, typer.Option(help="Number of persons whom the breaches concern.")
    ] = None,
    accounts: Annotated[
        int | None, typer.Option(help="Scale the union to this many accounts in total.")
    ] = None,
    replicates: Replicates = None,
    seed: Seed = 1,
    years: Years = 5.0,
    until: Until = None,
    out: Out = None,
    elsewhere: Elsewhere = "catalog",
    sampling: Sampling = "sobol",
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Run the model on several breaches of the same persons, whose leaked fields add up.

    Example: breach-sim combine tmobile-2021-stated experian-2015 --overlap 0.5
    """
    union = api.combine(
        *(changed(each, own) for each in breaches), universe=universe, overlap=_overlaps(overlap or [])
    )
    if accounts is not None:
        union = union.scaled(accounts)
    made_of: dict[str, Any] = {"replicates": replicates, "seed": seed, "horizon_years": years}
    made_of |= {"until": until, "elsewhere": elsewhere, "sampling": sampling, "calibrated": not priors}
    runs.answer(union, made_of, out=out, as_json=as_json, more=_beside)


def _overlaps(words: list[str]) -> float | dict[tuple[str, str], float] | None:
    """Overlaps from the words of the option: one for all pairs, or one for each pair named."""
    if not words:
        return None
    if len(words) == 1 and "=" not in words[0]:
        return _share(words[0])
    found: dict[tuple[str, str], float] = {}
    for word in words:
        pair, sign, value = word.rpartition("=")
        names = [name.strip() for name in pair.split(",")]
        if not sign or len(names) != 2:  # noqa: PLR2004 - a pair
            raise ValueError(
                f"--overlap is {shown(word)}; write one number for all pairs, or A,B=0.3 for each pair"
            )
        if (names[0], names[1]) in found:
            raise ValueError(f"--overlap gives {shown(pair)} twice; give each pair once")
        found[names[0], names[1]] = _share(value)
    return found


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"--overlap is {shown(text)}; an overlap is a number from 0 to 1, such as 0.3"
        ) from None


def _beside(impact: Any) -> list[str]:
    """Lines beside the answer: what each breach does, and what is possible whatever the overlaps are."""
    split = api.split_by_breach(impact)
    mean = split["mean"]
    whole = _three(mean["total"])
    lines = ["", f"Of the expected loss of {whole} USD, by Shapley value:"]
    lines += [
        f"  {name}: {_three(row['mean'])} USD ({percent(row['share'], 3)})"
        for name, row in split.iterrows()
        if name not in {"total", "only together"}
    ]
    only = _three(mean["only together"])
    lines += [f"  no breach causes {only} USD of it by itself (only together)"]
    lines += ["Whatever the overlaps are (expected people harmed and loss):"]
    for world, row in api.overlap_bounds(impact).iterrows():
        if row.isna().any():
            lines.append(f"  {world} overlaps: no persons can have all of them at once")
            continue
        people, harmed, lost = (
            human(float(f"{row[k]:.3g}")) for k in ("people", "people_harmed", "loss_usd")
        )
        lines.append(f"  {world} overlaps: {people} people in the breaches, {harmed} harmed, {lost} USD")
    return lines


def _three(value: Any) -> str:
    """A number to three digits, in words."""
    return human(significant(float(value), 3))


def portfolio(
    breaches: Annotated[list[str], typer.Argument(help="Names of scenarios, or .toml files.")],
    replicates: Annotated[int, typer.Option(help="Number of random draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Run breaches side by side: their sum, its tail, and which breach drives either.

    Example: breach-sim portfolio tmobile-2021-stated equifax-2017 anthem-2015-confirmed
    """
    found = api.portfolio(
        [changed(each, own) for each in breaches],
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        calibrated=not priors,
    )
    if as_json:
        typer.echo(found.to_json())
        return
    lines = [repr(found), "", "Mean loss, share of it, and share of the worst 1 % of the total:"]
    lines += [
        f"  {name}: {_three(row['mean_usd'])} USD, {percent(row['share'], 3)}, "
        f"{percent(row['tail_share'], 3)}"
        for name, row in found.ranks().iterrows()
    ]
    lines += ["Loss exceeded:"]
    chances = (0.5, 0.1, 0.05, 0.01)
    lines += [
        f"  with a probability of {percent(chance, 3)}: {_three(value)} USD"
        for chance, value in zip(chances, found.exceedance(chances)["var_usd"], strict=True)
    ]
    typer.echo(fitted("\n".join([*lines, *(f"note: {note}" for note in found.notes)])))
