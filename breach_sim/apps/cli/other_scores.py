"""The commands ``breach-sim yardsticks`` and ``breach-sim enisa``."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json, With, changed
from breach_sim.apps.terminal.place import fitted
from breach_sim.apps.terminal.progress import working

_PLACE = "standard input"


def yardsticks(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.", metavar="SCENARIO")],
    replicates: Annotated[int, typer.Option(help="Number of random draws of parameters and outcomes.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Years counted after the sale of the data.")] = 5.0,
    frequency: Annotated[
        float | None,
        typer.Option(help="Breaches like this one per year; if not given, this breach has happened."),
    ] = None,
    severe: Annotated[
        float, typer.Option(help="Mean loss in USD per victim from which an attack counts as severe.")
    ] = 3_000.0,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Score a breach by ENISA, FAIR and tiers beside our results, and show which input makes them differ.

    Example: breach-sim yardsticks tmobile-2021-stated
    """
    with working("Scoring the breach"):
        scores = api.yardsticks(
            changed(scenario, own),
            replicates=replicates,
            seed=seed,
            horizon_years=years,
            frequency=frequency,
            severe_usd=severe,
        )
        text = scores.to_json() if as_json else fitted(scores.as_text())
    typer.echo(text)


def enisa() -> None:
    """Score cases by ENISA: a JSON list on standard input, scores and bands on standard output.

    Each case has dpc, ei, confidentiality, integrity, availability, malicious.

    Example: breach-sim enisa < cases.json
    """
    from breach_sim.analysis.other_scores.enisa import severity_of

    cases = _read()
    if not isinstance(cases, list):
        raise ValueError(  # noqa: TRY004 - bad input is a ValueError, whatever its type
            f"{_PLACE} holds a JSON {type(cases).__name__}; it must be a list of cases: [{{...}}]"
        )
    scores = [severity_of(case, f"{_PLACE}, case {number}") for number, case in enumerate(cases, start=1)]
    typer.echo(json.dumps([score._asdict() for score in scores]))


def _read() -> Any:
    if sys.stdin.isatty():
        raise ValueError("standard input is a terminal; send a list of cases: breach-sim enisa < cases.json")
    try:
        return json.loads(sys.stdin.read())
    except json.JSONDecodeError as error:
        raise ValueError(f"{_PLACE} is no JSON: {error}; send a list of cases: [{{...}}]") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{_PLACE}: byte {error.start} is not UTF-8; send UTF-8 text") from None
    except RecursionError:
        raise ValueError(f"{_PLACE} is nested too deeply; send a list of cases: [{{...}}]") from None
