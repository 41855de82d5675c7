"""The command ``breach-sim backtest``: predictions held against what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json
from breach_sim.apps.reporting.screen import fitted

if TYPE_CHECKING:
    from breach_sim.analysis.backtesting.scoreboard import Scoreboard

_SHOWN = (1, 2, 3, 5, 6, 7, 8)
"""Columns of the board that a terminal has room for."""


def backtest(
    outcomes: Annotated[
        Path | None, typer.Option(help="TOML file of published outcomes; default: those of the catalog.")
    ] = None,
    replicates: Annotated[
        int, typer.Option(help="Number of random draws for the firm's ledger.")
    ] = api.REPLICATES,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    page: Annotated[bool, typer.Option("--page", help="Print docs/scoreboard.md in Markdown.")] = False,
    as_json: Json = False,
) -> None:
    """Compare every prediction with its published outcome, misses included.

    Example: breach-sim backtest

    Exit code 1 if too many outcomes miss their 90 % intervals (law of scale; binomial p below 0.01).
    """
    from breach_sim.analysis.backtesting.predictions import backtest as run_backtest

    if page and as_json:
        raise ValueError("--page and --json were both given; take one of them")
    board = run_backtest(outcomes, replicates=replicates, seed=seed)
    if as_json:
        typer.echo(board.to_json())
    else:
        typer.echo(board.page().rstrip("\n") if page else fitted(board_text(board)))
    if board.refuted:
        raise typer.Exit(1)


def board_text(board: Scoreboard) -> str:
    """The board for a terminal.

    Parameters
    ----------
    board
        What to show.

    Returns
    -------
    Lines joined by line breaks: rows, then what they come to, then predictions that wait.
    """
    import pandas as pd

    from breach_sim.analysis.backtesting.scoreboard import HEAD, as_text, interval_text
    from breach_sim.apps.reporting.terminal import text_table

    cells = [row.cells() for row in board.rows]
    index = [cell[0] for cell in cells]
    frame = pd.DataFrame(
        [[cell[i] for i in _SHOWN] for cell in cells], index=index, columns=[HEAD[i] for i in _SHOWN]
    )
    lines = [text_table(frame), "", *board.sentences()]
    if board.open_predictions:
        rows = [
            [as_text(own.people, 3), interval_text(own.payment), interval_text(own.ledger)]
            for own in board.open_predictions
        ]
        names = ["people", "a settlement or a fine, given one [USD]", "firm's ledger [USD]"]
        waiting = pd.DataFrame(rows, index=[own.scenario for own in board.open_predictions], columns=names)
        lines += ["", "No payment published yet:", text_table(waiting)]
    return "\n".join(lines)
