"""Tables of counts: the funnel by attack, by segment, quantiles, concentration, and binding capacities.

Each function takes :class:`~breach_sim.results.replicates.Replicates` and returns a table.

Not here: money by who pays it (``money``), and how sure a figure is (``uncertainty``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import (
    Row,
    spread,
    standard_errors,
    summary,
    table,
    two_level,
    with_notes,
)
from breach_sim.results.expectations import ANY, expected
from breach_sim.results.replicates import WORDS, Replicates

if TYPE_CHECKING:
    import pandas as pd


def by_attack(run: Replicates, *, numbers: bool = False) -> pd.DataFrame:
    """Funnel by attack: exposed, attackable, attempted, victims, loss.

    Parameters
    ----------
    run
        Arrays of the run.
    numbers
        Numbers in place of text: columns (word, "p5" | "p50" | "p95" | "mean"), nothing rounded.

    Returns
    -------
    One row an attack, one for people and the total loss, and the scenario's notes. [accounts], [USD]
    """
    last = {"exposed": run.exposed_counts.sum(axis=0), "victims": run.people, "loss_usd": run.loss}
    rows = [_steps(run, i) for i in range(len(run.attacks.attacks))]
    if numbers:
        named = [*zip(run.attacks.names, rows, strict=True), (ANY, last)]
        pairs = [(name, {w: (row[w], _mean_of(run, w, name)) for w in row}) for name, row in named]
        return two_level(pairs, WORDS, run.notes)
    labels = [*(attack.label for attack in run.attacks.attacks), "any harm (people)"]
    scramble = run.scramble
    cells = [{w: spread(row[w], scramble) if w in row else "" for w in WORDS} for row in (*rows, last)]
    return with_notes(table(list(zip(labels, cells, strict=True)), run.notes), run.notes)


def _mean_of(run: Replicates, word: str, attack: str) -> Array:
    """Expectation whose mean stands in a row of the funnel. Shape (R,)."""
    return expected(run, word, None if word == "exposed" else attack)


def _steps(run: Replicates, attack: int) -> dict[str, NDArray[Any]]:
    """Samples of every step of the funnel of one attack, by word. Shape (R,) each."""
    return {
        "exposed": run.exposed_counts.sum(axis=0),
        "attackable": run.attackable_counts[attack].sum(axis=0),
        "attempted": run.attempted_counts[attack].sum(axis=0),
        "victims": run.victim_counts[attack].sum(axis=0),
        "loss_usd": run.losses[attack].sum(axis=0),
    }


def quantiles(run: Replicates) -> pd.DataFrame:
    """Quantiles and mean of victims, people and loss, each with its standard error.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a measure: p5, p50, p95, mean, se_p5, se_p50, se_p95, se_mean. [accounts] or [USD]
    """
    measures = {
        "people": (run.people, expected(run, "people")),
        "loss_usd": (run.loss, expected(run, "loss_usd")),
    }
    for name, victims, loss in zip(
        run.attacks.names, run.per_attack("victims"), run.per_attack("loss_usd"), strict=True
    ):
        measures[f"{name}.victims"] = victims, expected(run, "victims", name)
        measures[f"{name}.loss_usd"] = loss, expected(run, "loss_usd", name)
    scramble = run.scramble
    rows = [(name, summary(*pair) | standard_errors(*pair, scramble)) for name, pair in measures.items()]
    return table(rows, run.notes)


def by_segment(run: Replicates) -> pd.DataFrame:
    """Expected numbers by segment; each column sums exactly to its last row.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a segment and the total: accounts, exposed, people, loss_usd, and victims by attack. [accounts],
    [USD]
    """
    rows = []
    for segment in run.scenario.segments:
        row = {
            "accounts": float(segment.accounts),
        }
        row |= {
            w: float(expected(run, w, None, segment.name).mean()) for w in ("exposed", "people", "loss_usd")
        }
        row |= {n: float(expected(run, "victims", n, segment.name).mean()) for n in run.attacks.names}
        rows.append((segment.title, row))
    return table(rows, run.notes, total=True)


def lorenz(run: Replicates) -> pd.DataFrame:
    """Lorenz curve of the expected loss over segments.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a segment, the least loss per account first: accounts, loss_usd, loss_per_account, and the
    cumulated shares of both; the Gini coefficient is in ``attrs["gini"]``. [accounts], [USD], [USD/account]
    """
    names = [segment.name for segment in run.scenario.segments]
    means = np.array([expected(run, "loss_usd", None, name).mean() for name in names])
    order = np.argsort(means / [s.accounts for s in run.scenario.segments], kind="stable")
    accounts, loss = 0.0, 0.0
    rows: list[Row] = []
    area = 0.0
    whole = float(means.sum()) or 1.0
    for j in order:
        segment = run.scenario.segments[j]
        width, before = segment.accounts / run.scenario.accounts, loss
        accounts, loss = accounts + width, loss + float(means[j]) / whole
        # Twice the trapezoid under the curve, so that Gini = 1 - sum.
        area += width * (before + loss)
        row = {"accounts": float(segment.accounts), "loss_usd": float(means[j])}
        row |= {"loss_per_account": float(means[j]) / segment.accounts}
        rows.append((segment.title, row | {"share_of_accounts": accounts, "share_of_loss": loss}))
    frame = table(rows, run.notes)
    frame.attrs["gini"] = 1.0 - area if means.any() else 0.0
    return frame


def capacity(run: Replicates) -> pd.DataFrame:
    """Capacities that bind: the share of attempts that crews and markets can make.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack with a capacity: the scale (p5, p50, p95, mean) and ``binds``, the share of replicates
    in which it is below 1. [share]
    """
    rows = [
        (run.attacks[name].label, summary(scale) | {"binds": float(np.mean(scale < 1))})
        for name, scale in run.law.scales.items()
    ]
    return table(rows, run.notes)
