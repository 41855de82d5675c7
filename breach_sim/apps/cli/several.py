"""Commands on several breaches: ``combine`` (the same persons in all) and ``portfolio`` (side by side)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim import api
from breach_sim.apps.cli import runs
from breach_sim.apps.cli.options import (
    Elsewhere,
    Json,
    Notes,
    Out,
    Priors,
    Replicates,
    Sampling,
    Seed,
    Until,
    Wide,
    With,
    Years,
    changed,
    numbers_by,
)
from breach_sim.apps.documents import portfolio_page
from breach_sim.apps.reporting.report_file import write_page
from breach_sim.apps.terminal.money import combined_text, portfolio_text
from breach_sim.apps.terminal.place import screen
from breach_sim.apps.terminal.progress import working
from breach_sim.formatting.messages import shown
from breach_sim.interop.export import check_ending
from breach_sim.results.tables.curves import checked_appetite


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
    wide: Wide = False,
    notes: Notes = False,
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
    place = screen(wide=wide, notes=notes)
    runs.answer(union, made_of, out=out, as_json=as_json, place=place, more=combined_text)


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


def portfolio(
    breaches: Annotated[list[str], typer.Argument(help="Names of scenarios, or .toml files.")],
    frequency: Annotated[
        list[str] | None,
        typer.Option(
            help="Breaches expected in a year, one for each: A=0.1; low, most likely, high if uncertain: "
            "A=0.02,0.1,0.5.",
            metavar="NAME=NUMBER",
        ),
    ] = None,
    appetite: Annotated[
        list[str] | None,
        typer.Option(help="Largest acceptable amount by its chance: 0.05=1e9.", metavar="CHANCE=USD"),
    ] = None,
    of: Annotated[
        Literal["loss_usd", "firm_cost_usd"],
        typer.Option(help="Money of the years: of victims and others, or of the firms."),
    ] = "loss_usd",
    out: Annotated[Path | None, typer.Option(help="HTML file for the page of the portfolio.")] = None,
    replicates: Annotated[int, typer.Option(help="Number of random draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    priors: Priors = False,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Run breaches side by side: their sum, the tail of the sum, and which breach drives each.

    Example: breach-sim portfolio equifax-2017 anthem-2015-confirmed

    With frequencies: breach-sim portfolio A B --frequency A=0.1 --frequency B=0.02 --appetite 0.05=1e9
    """
    often, accepted = _frequencies(frequency), _accepted(appetite)
    if of != "loss_usd" and often is None:
        raise ValueError(f"--of {of} is of years; give --frequency NAME=NUMBER for each breach as well")
    if out is not None:
        check_ending(out, "--out", (".html", ".htm"))
    with working("Running the model on each"):
        found = api.portfolio(
            [changed(each, own) for each in breaches],
            frequencies=often,
            replicates=replicates,
            seed=seed,
            horizon_years=years,
            calibrated=not priors,
        )
    if out is not None:
        place = write_page(out, portfolio_page.portfolio_page(found, accepted, of))
        typer.echo(f"{place} written: complete; it opens without a network.", err=as_json)
    if as_json:
        typer.echo(found.to_json())
        return
    typer.echo(portfolio_text(found, of, accepted, screen()))


def _accepted(words: list[str] | None) -> dict[float, float] | None:
    """Acceptable amounts by chance, checked before anything is run."""
    found = numbers_by(words, "--appetite", "0.05=1e9", float, float)
    return None if found is None else checked_appetite(found)


def _frequencies(words: list[str] | None) -> dict[str, Any] | None:
    """Yearly frequencies by name: a number, or low, most likely and high."""
    return numbers_by(
        words, "--frequency", "A=0.1, or A=0.02,0.1,0.5 where it is uncertain", str, _one_or_three
    )


def _one_or_three(text: str) -> float | list[float]:
    """One number, or a list of three."""
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) not in (1, 3):
        raise ValueError("one number or three")
    return numbers[0] if len(numbers) == 1 else numbers
