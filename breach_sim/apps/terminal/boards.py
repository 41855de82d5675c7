"""Predictions beside what was published: the board of ``backtest``, and that of the sealed forecasts.

Not here: how they are scored (``analysis.backtesting``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from breach_sim.apps.terminal.place import ROOM, Screen, fitted
from breach_sim.apps.terminal.tables import Column, left_out, table
from breach_sim.catalog import label_of_line

if TYPE_CHECKING:
    from breach_sim.analysis.backtesting.scoreboard import Scoreboard
    from breach_sim.analysis.backtesting.sealed_scores import SealedBoard

_HEADS = ("people", "predicted (90 %)", "outcome", "%ile", "")
"""Columns of a board behind breach and kind on a terminal: "%ile" is the percentile of the outcome."""


def board_text(board: Scoreboard, place: Screen) -> str:
    """The scoreboard.

    Parameters
    ----------
    board
        What to show.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks: rows that were compared, then scores by group, then what they come to.
    """
    from breach_sim.analysis.backtesting.scoreboard import as_text, interval_text

    compared = [row.cells() for row in board.rows if row.score is not None]
    columns = _plain_columns(compared) if place.plain else _columns(compared)
    silent = sum(row.score is None for row in board.rows)
    lines = [
        table(columns, place),
        *(() if place.plain else ("%ile: how much of the prediction lies below the outcome.",)),
        *(f"More: --wide (the column {head})." for head in left_out(columns, place)),
        "",
        f"Published, but not predicted: {silent} rows; --json names the reasons.",
    ]
    lines += ["", _scores(board, place)] if board.scored else []
    lines += ["", *board.sentences()]
    for own in board.sums:
        lines.append(
            f"{own.breach}, {own.label} ({own.how}): {interval_text(own.quantiles)} USD of 2024, outcome "
            f"{as_text(own.outcome, 3)}, percentile {100 * own.percentile:.0f}, {own.verdict}."
        )
    return fitted("\n".join(lines), place)


def _plain_columns(rows: Sequence[tuple[str, ...]]) -> list[Column]:
    """The columns as the scoreboard names them."""
    from breach_sim.analysis.backtesting.scoreboard import HEAD

    heads = ("", *HEAD[1:])
    return [Column(head=head, cells=tuple(row[i] for row in rows)) for i, head in enumerate(heads)]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[Column]:
    """The same for a terminal: breach and kind in one cell, short headings."""
    breach, kind, *others = zip(*rows, strict=True) if rows else ((),) * len(_HEADS)
    names = tuple(f"{one}: {label_of_line(what)}" for one, what in zip(breach, kind, strict=True))
    rooms = (ROOM, 0, 0, 0, 0)
    columns = zip(_HEADS, others, rooms, strict=True)
    return [
        Column(head="USD of their month", cells=names),
        *(Column(head=head, cells=cells, room=room, alarm="miss") for head, cells, room in columns),
    ]


def _scores(board: Scoreboard, place: Screen) -> str:
    """Coverage, width and CRPS by group, of the model and the best baseline."""
    from breach_sim.analysis.backtesting.scoreboard import MODEL, as_text

    heads = ("", "rows", "inside 90 %", "inside 50 %", "width", "CRPS", "best baseline")
    rows = []
    for group, by in board.summaries().items():
        own = by[MODEL]
        others = {name: other.crps for name, other in by.items() if name != MODEL and other.rows == own.rows}
        best = min(others, key=lambda name: others[name])
        rows.append(
            (
                label_of_line(group) if "_" in group else group,
                f"{own.rows}",
                f"{own.cover90:.0%}",
                f"{own.cover50:.0%}",
                as_text(own.width),
                f"{own.crps:.2f}",
                f"{best} {others[best]:.2f}",
            )
        )
    columns = zip(heads, zip(*rows, strict=True), strict=True)
    prose = not place.plain
    return table(
        [Column(head=head, cells=own, left=prose and head == heads[-1]) for head, own in columns], place
    )


def sealed_text(board: SealedBoard, place: Screen) -> str:
    """The board of sealed forecasts: one row a comparison, then what they come to.

    Parameters
    ----------
    board
        What to show.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks.
    """
    from breach_sim.analysis.backtesting.scoreboard import as_text, interval_text

    heads = ("entry", "scenario", "line", "predicted (90 %)", "outcome", "percentile", "chance", "verdict")
    rows = [
        (
            str(own.number),
            own.scenario,
            own.line,
            interval_text(own.quantiles),
            "none" if own.outcome is None else as_text(own.outcome, 3),
            "" if own.percentile is None else f"{100 * own.percentile:.0f}",
            f"{100 * own.chance:.0f} %",
            own.verdict,
        )
        for own in board.scores
    ]
    lines = []
    if rows:
        columns = zip(heads, zip(*rows, strict=True), strict=True)
        lines = [table([Column(head=head, cells=cells) for head, cells in columns], place)]
        lines += ["Amounts in USD of 2024."]
    return fitted("\n".join([*lines, *board.sentences()]), place)
