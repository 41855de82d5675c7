"""Predictions held against what was published: ``breach-sim backtest``, ``seal`` and ``score``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breach_sim import catalog
from breach_sim.apps.cli.options import Json, Seed, Wide
from breach_sim.apps.terminal.place import fitted, screen
from breach_sim.apps.terminal.progress import working
from breach_sim.formatting.messages import shown
from breach_sim.formatting.strangers import STANDARD_INPUT, brief, exists
from breach_sim.interop.export import export_text

if TYPE_CHECKING:
    from breach_sim.analysis.backtesting.forecasts import Forecast

DEFAULT = Path("forecasts", "forecasts.jsonl")
"""Where the forecasts of a checkout stand."""
File = Annotated[Path, typer.Option("--file", help="File of sealed forecasts.", metavar="FILE.jsonl")]
_WHERE = (
    "CSV file of published amounts (breach, kind, amount, currency, people, ...); default: the catalog's."
)


def backtest(
    outcomes: Annotated[Path | None, typer.Option(help=_WHERE)] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    page: Annotated[bool, typer.Option("--page", help="Print the text of docs/scoreboard.md.")] = False,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """Compare every prediction with its published outcome, misses included.

    Example: breach-sim backtest --outcomes outcomes.csv --json

    Payments are predicted without any figure of their own breach. Exit code 1 if
    the percentiles of the outcomes are not uniform (p below 0.01).
    """
    from breach_sim.analysis.backtesting.markdown import page as markdown
    from breach_sim.analysis.backtesting.predictions import backtest as run_backtest
    from breach_sim.apps.terminal.boards import board_text

    if page and as_json:
        raise ValueError("--page and --json were both given; take one of them")
    if page and outcomes:
        raise ValueError("--page and --outcomes were both given; the page is of the catalog's outcomes")
    if outcomes:
        for name in catalog.ignored_columns(outcomes):
            typer.echo(f"not read: column {shown(name)}", err=True)
    with working("Predicting every payment without its own breach"):
        board = run_backtest(outcomes, seed=seed)
    if as_json:
        typer.echo(board.to_json())
    else:
        typer.echo(markdown(board).rstrip("\n") if page else board_text(board, screen(wide=wide)))
    if board.refuted:
        raise typer.Exit(1)


def seal(
    date: Annotated[str, typer.Option(help="Date of the entries, such as 2026-11-29.", metavar="YYYY-MM-DD")],
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios; default: all without a published payment.", metavar="[SCENARIO]..."),
    ] = None,
    seed: Seed = 1,
    file: File = DEFAULT,
    as_json: Json = False,
) -> None:
    """Append predictions to a file whose entries are never edited.

    Example: breach-sim seal odido-2026-confirmed --date 2026-11-29

    Predicted are breaches without a published payment.

    An entry holds the date, the version, the seed, the hash of the posterior,
    the prediction, and the hash of the entry before it. A breach gets a new entry
    only when the posterior has changed.
    """
    from breach_sim.analysis.backtesting.forecasts import as_text
    from breach_sim.analysis.backtesting.sealing import seal as append_forecasts
    from breach_sim.analysis.backtesting.sealing import sealable

    if str(file) == STANDARD_INPUT or (exists(file) and not file.is_file()):
        raise ValueError(f"--file is {brief(file)}, no ordinary file; entries go to its end, so name a file")
    if not file.parent.is_dir():
        raise ValueError(f"{file.parent}: no such directory; make it, or name another file with --file")
    before = _chain(file) if file.exists() else ()
    with working("Predicting what is open"):
        after = append_forecasts(before, sealable(before, scenarios or ()), date, seed)
    export_text(as_text(after), file)
    if as_json:
        new = as_text(after).splitlines()[len(before) :]
        typer.echo(json.dumps({"entries": len(after), "new": [json.loads(line) for line in new]}, indent=2))
        return
    lines = [_sealed(entry) for entry in after[len(before) :]]
    typer.echo(fitted("\n".join([*lines, f"{len(after)} entries in {file}. An entry is never edited."])))


def score(
    outcomes: Annotated[
        Path,
        typer.Option(
            help="CSV file of published amounts (breach, kind, amount, currency, set_on, ...).",
            metavar="FILE.csv",
        ),
    ],
    closed: Annotated[
        list[str] | None,
        typer.Option(
            help="A matter closed without a payment, such as odido-2026:settlement:2027-03-01.",
            metavar="BREACH:LINE:DAY",
        ),
    ] = None,
    file: File = DEFAULT,
    as_json: Json = False,
) -> None:
    """Verify the chain of sealed forecasts, then compare them with later outcomes.

    Example: breach-sim score --outcomes outcomes.csv --json

    Prints percentile and CRPS of ln amount, and the log score of the probability
    of a payment. An outcome is compared with the newest forecast that was sealed
    before the outcome was set.
    """
    from breach_sim.analysis.backtesting.sealed_scores import closed as closed_matter
    from breach_sim.analysis.backtesting.sealed_scores import score_sealed
    from breach_sim.apps.terminal.boards import sealed_text

    chain = _chain(file)
    for name in catalog.ignored_columns(outcomes):
        typer.echo(f"not read: column {shown(name)}", err=True)
    without = [closed_matter(text) for text in closed or ()]
    with working("Comparing with the outcomes"):
        board = score_sealed(chain, catalog.read_amounts(outcomes), without)
    typer.echo(board.to_json() if as_json else sealed_text(board, screen()))


def _chain(file: Path) -> tuple[Forecast, ...]:
    from breach_sim.analysis.backtesting.forecasts import read_chain

    remedy = "seal forecasts first (breach-sim seal), or name a file with --file"
    return read_chain(catalog.content_of(file, str(file), ".jsonl", remedy), str(file))


def _sealed(entry: Forecast) -> str:
    """One entry in a line."""
    from breach_sim.formatting.digits import percent

    chances = ", ".join(
        f"{line} {percent(own.chance)}" for line, own in entry.lines.items() if own.chance < 1
    )
    return f"entry {entry.number}: {entry.scenario}, {entry.date}; chances: {chances}; hash {entry.hash[:12]}"
