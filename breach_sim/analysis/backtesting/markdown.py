"""The scoreboard as a page in Markdown, docs/scoreboard.md.

Not here: the numbers (``scoreboard``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from breach_sim.analysis.backtesting.scoreboard import (
    HEAD,
    MODEL,
    Scoreboard,
    ScoreRow,
    as_text,
    interval_text,
)
from breach_sim.analysis.backtesting.scoring import Summary
from breach_sim.analysis.evidence_shares import ABOUT_SHARES, share_rows, stored_shares

BINS = 10
"""Bins of the histogram of percentiles."""
_END = ("outcome", "percentile", "verdict")
LEAST_ROWS = 5
"""Rows of a group from which on its scores are shown."""
FEW_DRAWS = 100
"""Effective draws below which a prediction without its breach is named as rough."""


def page(board: Scoreboard) -> str:
    """The board as a page.

    Parameters
    ----------
    board
        Of the catalog's outcomes.

    Returns
    -------
    Markdown that ends with a line break.
    """
    lines = [
        "# Scoreboard: predictions and outcomes",
        "Made by `breach-sim backtest --page`; a test compares this page with the command. Every published "
        "amount of `catalog/data/outcomes/amounts.csv` has a row, and no miss is left out. [The "
        "model, section 9](model.md) defines the terms. Amounts are in USD of their month; "
        "predictions are made in USD of "
        "2024 and converted back.",
        *(f"- {words}" for words in board.sentences()),
        "## Model against baselines",
        "Each prediction is made without any row of its breach. CRPS and log score are of ln amount: a lower "
        "CRPS and a higher log score are better; p is the probability of percentiles as uneven as "
        "these by chance. The first law of scale is that of the first version, fitted on nine "
        "payments; the first ledger predicted three lines only.",
        _summary_table(board),
        "## Percentiles",
        _histogram(board),
        _draws(board),
        "## Payments, predicted without their breach",
        _markdown([*HEAD, "note"], ((*row.cells(), row.note) for row in _rows(board, predicted=True))),
        "## Sums and whole ledgers",
        "*Predicted*: without the breach. *Reproduced*: the ledger of a scenario, whose lines were fitted on "
        "rows of the breach too.",
        _markdown(("breach", "what", "how", "predicted [USD of 2024]", *_END), _sums(board)),
        "## Complaints, by the attacks",
        "Ceilings for a year: hit when the 95 % quantile lies below.",
        _markdown(
            ("scenario", "quantity", "predicted (90 %)", "ceiling", "percentile", "verdict"), _attacks(board)
        ),
        "## What the loss rests on",
        ABOUT_SHARES,
        _markdown(*_shares()),
        "## Published, but not predicted",
        _markdown(
            ("breach", "kind", "published", "why"),
            ((*row.cells()[:2], row.cells()[4], row.note) for row in _rows(board, predicted=False)),
        ),
        "## Predictions that wait for an outcome",
        "Chance of a class settlement and of a regulator's fine, and how large each is *given that there is "
        "one*; then all lines of the firm's ledger. USD of 2024, median and 90 % interval.",
        _markdown(("scenario", "people", "settlement", "fine", "firm's ledger"), _waiting(board)),
    ]
    return "\n\n".join(_joined(lines)) + "\n"


def _rows(board: Scoreboard, *, predicted: bool) -> list[ScoreRow]:
    own = [row for row in board.rows if (row.score is not None) == predicted]
    return sorted(own, key=lambda row: (row.amount.kind, -(row.amount.people or 0.0), row.amount.breach))


def _summary_table(board: Scoreboard) -> str:
    head = ("group", "by", "rows", "inside 90 %", "inside 50 %", "median width", "CRPS", "log score", "p")
    lines = []
    for group, by in board.summaries().items():
        if by[MODEL].rows < LEAST_ROWS:
            continue
        for name, own in by.items():
            first = group if name == MODEL else ""
            lines.append((first, f"**{name}**" if name == MODEL else name, *_summary_cells(own)))
    return _markdown(head, lines)


def _summary_cells(own: Summary) -> tuple[str, ...]:
    shares = (f"{own.cover90:.0%}", f"{own.cover50:.0%}")
    return (
        str(own.rows),
        *shares,
        as_text(own.width),
        f"{own.crps:.3f}",
        f"{own.log_score:.2f}",
        f"{own.uniform_p:.2g}",
    )


def _histogram(board: Scoreboard) -> str:
    counts, _ = np.histogram(board.percentiles, bins=BINS, range=(0, 1))
    even = len(board.percentiles) / BINS
    bars = [
        f"{10 * place:3d} to {10 * (place + 1):3d}  {'#' * int(count)} {count}"
        for place, count in enumerate(counts)
    ]
    about = f"Outcomes by the percentile of their prediction; {even:.1f} a bin would be even."
    return about + "\n\n```text\n" + "\n".join(bars) + "\n```"


def _draws(board: Scoreboard) -> str:
    few = {name: own for name, own in board.effective_draws.items() if own < FEW_DRAWS}
    listed = ", ".join(f"{name} ({own:.0f})" for name, own in sorted(few.items(), key=lambda item: item[1]))
    return (
        f"Predictions without their breach with fewer than {FEW_DRAWS} effective posterior draws, and so "
        f"rough: {listed or 'none'}."
    )


def _sums(board: Scoreboard) -> Iterable[tuple[str, ...]]:
    for row in board.sums:
        end = (as_text(row.outcome, 3), f"{100 * row.percentile:.0f}", _verdict(row.verdict))
        yield (row.breach, row.label, row.how, interval_text(row.quantiles), *end)


def _attacks(board: Scoreboard) -> Iterable[tuple[str, ...]]:
    for row in board.attacks:
        end = (as_text(row.outcome, 3), f"{100 * row.percentile:.0f}", _verdict(row.verdict))
        yield (row.scenario, row.quantity, interval_text(row.quantiles), *end)


def _waiting(board: Scoreboard) -> Iterable[tuple[str, ...]]:
    for own in board.open_predictions:
        payments = [f"{own.chances[line]:.0%}: {interval_text(ends)}" for line, ends in own.payments.items()]
        ledger = "no ledger" if own.ledger is None else interval_text(own.ledger)
        yield (own.scenario, as_text(own.people, 3), *payments, ledger)


def _shares() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    head, *rows = share_rows(stored_shares())
    return head, tuple(rows)


def _verdict(word: str) -> str:
    return "**miss**" if word == "miss" else word


def _markdown(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    return "\n".join(
        "| " + " | ".join(_bold(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _bold(cell: str) -> str:
    return "**miss**" if cell == "miss" else cell


def _joined(lines: Sequence[str]) -> list[str]:
    """Paragraphs, with the items of a list in one."""
    made: list[str] = []
    for line in lines:
        if made and line.startswith("- ") and made[-1].startswith("- "):
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return made
