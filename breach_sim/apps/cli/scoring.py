"""The command ``breach-sim backtest``: predictions held against what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from breach_sim.analysis.backtesting.scoreboard import Scoreboard

_SHOWN = (1, 2, 3, 5, 6, 7, 8)
"""Columns of the board that a terminal has room for."""


def backtest(
    outcomes: Annotated[
        Path | None, typer.Option(help="TOML file of outcomes to be held against; else the catalogue's.")
    ] = None,
    replicates: Annotated[int, typer.Option(help="Draws of the firm's ledger.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same board.")] = 1,
    page: Annotated[bool, typer.Option("--page", help="Print docs/scoreboard.md in Markdown.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """How good is this model: every prediction beside what came of it, and no miss left out.

    Example: breach-sim backtest

    Ends with code 1 if the intervals of the law of scale are refuted (binomial p below 0.01).
    """
    from breach_sim.analysis.backtesting.predictions import backtest as held

    if page and as_json:
        raise ValueError("--page and --json were both given; take one of them")
    board = held(outcomes, replicates=replicates, seed=seed)
    told = board.to_json() if as_json else board.page().rstrip("\n") if page else screen(board)
    typer.echo(told)
    if board.refuted:
        raise typer.Exit(1)


def screen(board: Scoreboard) -> str:
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
