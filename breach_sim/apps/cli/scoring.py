"""The command ``breach-sim backtest``: predictions held against what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breach_sim.apps.cli.options import Json
from breach_sim.apps.reporting.screen import fitted
from breach_sim.catalog import ignored_columns

if TYPE_CHECKING:
    import pandas as pd

    from breach_sim.analysis.backtesting.scoreboard import Scoreboard

_WHERE = (
    "CSV file of published amounts (breach, kind, amount, currency, people, ...); default: the catalog's."
)


def backtest(
    outcomes: Annotated[Path | None, typer.Option(help=_WHERE)] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    page: Annotated[bool, typer.Option("--page", help="Print the text of docs/scoreboard.md.")] = False,
    as_json: Json = False,
) -> None:
    """Compare every prediction with its published outcome, misses included.

    Example: breach-sim backtest --outcomes outcomes.csv --json

    Payments are predicted without any figure of their own breach. Exit code 1 if
    the percentiles of the outcomes are not uniform (p below 0.01).
    """
    from breach_sim.analysis.backtesting.markdown import page as markdown
    from breach_sim.analysis.backtesting.predictions import backtest as run_backtest

    if page and as_json:
        raise ValueError("--page and --json were both given; take one of them")
    if page and outcomes:
        raise ValueError("--page and --outcomes were both given; the page is of the catalog's outcomes")
    if outcomes:
        for name in ignored_columns(outcomes):
            typer.echo(f"not read: column {name!r}", err=True)
    board = run_backtest(outcomes, seed=seed)
    if as_json:
        typer.echo(board.to_json())
    else:
        typer.echo(markdown(board).rstrip("\n") if page else fitted(board_text(board)))
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
    Lines joined by line breaks: rows that were compared, then scores by group, then what they come to.
    """
    import pandas as pd

    from breach_sim.analysis.backtesting.scoreboard import HEAD, as_text, interval_text
    from breach_sim.apps.reporting.terminal import text_table

    cells = [row.cells() for row in board.rows if row.score is not None]
    frame = pd.DataFrame([cell[1:] for cell in cells], index=[c[0] for c in cells], columns=[*HEAD[1:]])
    silent = sum(row.score is None for row in board.rows)
    lines = [text_table(frame), "", f"Published, but not predicted: {silent} rows; --json names the reasons."]
    lines += ["", text_table(_scores(board))] if board.scored else []
    lines += ["", *board.sentences()]
    for own in board.sums:
        lines.append(
            f"{own.breach}, {own.label} ({own.how}): {interval_text(own.quantiles)} USD of 2024, outcome "
            f"{as_text(own.outcome, 3)}, percentile {100 * own.percentile:.0f}, {own.verdict}."
        )
    return "\n".join(lines)


def _scores(board: Scoreboard) -> pd.DataFrame:
    """Coverage, width and CRPS by group, of the model and the best baseline."""
    import pandas as pd

    from breach_sim.analysis.backtesting.scoreboard import MODEL, as_text

    rows = {}
    for group, by in board.summaries().items():
        own = by[MODEL]
        others = {name: other.crps for name, other in by.items() if name != MODEL and other.rows == own.rows}
        best = min(others, key=lambda name: others[name])
        rows[group] = {
            "rows": f"{own.rows}",
            "inside 90 %": f"{own.cover90:.0%}",
            "inside 50 %": f"{own.cover50:.0%}",
            "width": as_text(own.width),
            "CRPS": f"{own.crps:.2f}",
            "best baseline": f"{best} {others[best]:.2f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index")
