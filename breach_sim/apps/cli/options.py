"""Options that many commands share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from breach_sim import api
from breach_sim.formatting.messages import shown
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop.imported import Import
from breach_sim.results.impact import Impact

Given = TypeVar("Given", str, Scenario)
Key = TypeVar("Key", str, float)
Value = TypeVar("Value")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Elsewhere = Annotated[
    str,
    typer.Option(
        "--elsewhere",
        help="What can be looked up about a person: 'catalog', 'none', or a TOML file of your own.",
        metavar="FILE.toml",
    ),
]
Sampling = Annotated[
    Literal["sobol", "plain"],
    typer.Option(help="How parameters are drawn: evenly spread points, or independent replicates."),
]
Priors = Annotated[
    bool,
    typer.Option("--priors", help="Draw every parameter from its prior, not fitted to national counts."),
]
Replicates = Annotated[
    int | None, typer.Option(help="Number of random draws: 8,192, or at most 131,072 with --until.")
]
Draws = Annotated[int, typer.Option(help="Number of random draws of parameters and outcomes.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same document.")]
Years = Annotated[float, typer.Option(help="Years counted after the sale of the data.")]
Until = Annotated[
    str | None,
    typer.Option(help='Draw until this error is reached, such as "rel_se<1%" or "rel_se_p95<2%".'),
]
Countries = Annotated[
    str | None,
    typer.Option(
        help="Where the people live: codes such as DE,FR. Attacks of other countries cannot happen.",
        metavar="CODES",
    ),
]
Samples = Annotated[
    Path | None,
    typer.Option(
        "--samples", help="File for the draws, one per row: .parquet, .csv or .xlsx.", metavar="FILE"
    ),
]
With = Annotated[
    Path | None,
    typer.Option(
        "--with",
        help="Your own numbers instead of the catalog's: overrides.toml (docs/overrides.md).",
        metavar="FILE.toml",
    ),
]
_LISTS = (
    "it lists the catalog as it ships; breach-sim assumptions SCENARIO --with FILE lists the numbers of a "
    "run with your own among them"
)
WITHOUT_OWN: Mapping[str, str] = {
    "backtest": "numbers that were chosen with the outcomes known predict nothing; lay the ledger of "
    "breach-sim firm SCENARIO --with FILE beside the amounts of breach-sim backtest --json",
    "seal": "an entry must be found again from the version and the fitted rows alone, and a file of yours is "
    "in neither; breach-sim export SCENARIO --with FILE keeps a prediction of your own",
    "score": "it reads entries that were sealed before; leave --with out",
    "adviser": "the page is for people of every breach, with the numbers of the catalog; leave --with out",
    "enisa": "severities by ENISA come from kinds of data and circumstances, and no parameter enters; leave "
    "--with out",
    "new": "it writes an empty template; write your numbers under [overrides] of the file, or give --with to "
    "the command that reads it",
    "lessons": "exercises have numbers of their own, which follow from a student's seed; leave --with out",
    **dict.fromkeys(("scenarios", "fields", "attacks", "countries", "mitigations", "sources"), _LISTS),
}
"""Commands that cannot take numbers of one's own: why not, and what to do instead."""
CanStartOn = Annotated[
    float | None,
    typer.Option(
        help="First day after the sale on which anything can be done; what is too late is marked.",
        metavar="DAY",
    ),
]
Wide = Annotated[bool, typer.Option("--wide", help="On a terminal: show every row and column.")]
Notes = Annotated[bool, typer.Option("--notes", help="On a terminal: show every note.")]
Out = Annotated[Path | None, typer.Option(help="Folder for tables and figures; none are written without it.")]


def numbers_by(
    words: Iterable[str] | None,
    option: str,
    example: str,
    key: Callable[[str], Key],
    value: Callable[[str], Value],
) -> dict[Key, Value] | None:
    """Numbers by what they belong to, from words such as A=0.1.

    Parameters
    ----------
    words
        Words of an option that may be repeated; None if it was not given.
    option, example
        Name of the option and a right word, for messages.
    key
        Makes the key of the text before the last "="; ValueError refuses it.
    value
        Makes the number, or several, of the text behind it.

    Returns
    -------
    By key; None where there is no word.

    Raises
    ------
    ValueError
        If a word is no such pair, or a key comes twice.
    """
    found: dict[Key, Value] = {}
    for word in words or ():
        name, sign, text = word.rpartition("=")
        try:
            own, number = key(name), value(text if sign else "")  # no number without a sign
        except ValueError:
            raise ValueError(f"{option} is {shown(word)}; write it as {example}") from None
        if own in found:
            raise ValueError(f"{option} gives {shown(name)} twice; give each once")
        found[own] = number
    return found or None


def changed(scenario: Given, own: Path | None) -> Given | Scenario:
    """A scenario with the numbers of --with in place of the catalog's.

    Parameters
    ----------
    scenario
        As the user gave it.
    own
        File of the option; None if it was not given.

    Returns
    -------
    The same if there is no file.
    """
    return scenario if own is None else api.with_overrides(scenario, own)


def simulated(
    scenario: Given,
    own: Path | None,
    *,
    replicates: int,
    seed: int,
    years: float,
    sampling: str,
    priors: bool,
) -> Impact:
    """The run that the options of a command ask for.

    Parameters
    ----------
    scenario, own
        As for :func:`changed`.
    replicates, seed, sampling
        As for ``simulate``.
    years
        Horizon. [years]
    priors
        Whether parameters come from their priors.

    Returns
    -------
    The run.
    """
    return api.simulate(
        changed(scenario, own),
        replicates=replicates,
        seed=seed,
        horizon_years=years,
        sampling=sampling,
        calibrated=not priors,
    )


def changed_import(found: Import, own: Path | None) -> Import:
    """An import of which every scenario has the numbers of --with.

    Parameters
    ----------
    found
        Scenarios that were read.
    own
        File of the option; None if it was not given.

    Returns
    -------
    The same if there is no file.
    """
    if own is None:
        return found
    return dataclasses.replace(found, scenarios=tuple(changed(each, own) for each in found))
