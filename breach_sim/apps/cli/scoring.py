"""The command ``breach-sim backtest``: predictions held against what was published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breach_sim.apps.cli.options import Json, Wide
from breach_sim.apps.terminal.place import screen
from breach_sim.apps.terminal.progress import working
from breach_sim.catalog import ignored_columns

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
        for name in ignored_columns(outcomes):
            typer.echo(f"not read: column {name!r}", err=True)
    with working("Predicting every payment without its own breach"):
        board = run_backtest(outcomes, seed=seed)
    if as_json:
        typer.echo(board.to_json())
    else:
        typer.echo(markdown(board).rstrip("\n") if page else board_text(board, screen(wide=wide)))
    if board.refuted:
        raise typer.Exit(1)
