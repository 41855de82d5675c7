"""Tables of counts: the funnel by attack, by segment, quantiles, concentration, and binding capacities.

Each function takes :class:`~breach_sim.results.replicates.Replicates` and returns a table.

Not here: money by who pays it (``money``), and how sure a figure is (``uncertainty``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.digits import quantile_error
from breach_sim.formatting.tables import Row, spread, summary, table, two_level, with_notes
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
        return two_level([*zip(run.attacks.names, rows, strict=True), ("any", last)], WORDS, run.notes)
    labels = [*(attack.label for attack in run.attacks.attacks), "any harm (people)"]
    cells = [{w: spread(row[w]) if w in row else "" for w in WORDS} for row in (*rows, last)]
    return with_notes(table(list(zip(labels, cells, strict=True)), run.notes), run.notes)


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
    """Quantiles and mean of victims, people and loss, with their sampling errors.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a measure: p5, p50, p95, mean, se_p50, se_mean. [accounts] or [USD]
    """
    rows = []
    measures = {"people": run.people.astype(float), "loss_usd": run.loss}
    for i, name in enumerate(run.attacks.names):
        measures[f"{name}.victims"] = run.victim_counts[i].sum(axis=0).astype(float)
        measures[f"{name}.loss_usd"] = run.losses[i].sum(axis=0)
    for name, sample in measures.items():
        error = float(sample.std(ddof=1) / np.sqrt(len(sample))) if len(sample) > 1 else np.inf
        errors = {"se_p50": quantile_error(sample, 0.5), "se_mean": error}
        rows.append((name, summary(sample) | errors))
    return table(rows, run.notes)


def by_segment(run: Replicates) -> pd.DataFrame:
    """Means by segment; each column sums exactly to its last row.

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
    for j, segment in enumerate(run.scenario.segments):
        row = {
            "accounts": float(np.mean(run.law.accounts(segment))),
            "exposed": float(run.exposed_counts[j].mean()),
            "people": float(run.people_counts[j].mean()),
            "loss_usd": float(run.losses[:, j].sum(axis=0).mean()),
        }
        row |= {name: float(run.victim_counts[i, j].mean()) for i, name in enumerate(run.attacks.names)}
        rows.append((segment.title, row))
    return table(rows, run.notes, total=True)


def lorenz(run: Replicates) -> pd.DataFrame:
    """Lorenz curve of the mean loss over segments.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a segment, the least loss per account first: accounts, loss_usd, loss_per_account, and the
    cumulated shares of both; the Gini coefficient is in ``attrs["gini"]``. [accounts], [USD], [USD/account]
    """
    means = run.losses.sum(axis=0).mean(axis=1)
    sizes = np.array([float(np.mean(run.law.accounts(segment))) for segment in run.scenario.segments])
    # A cell of several breaches may hold less than one person; nobody there loses anything.
    per_account = means / np.where(sizes > 0, sizes, 1.0)
    order = np.argsort(per_account, kind="stable")
    accounts, loss = 0.0, 0.0
    rows: list[Row] = []
    area = 0.0
    whole = float(means.sum()) or 1.0
    for j in order:
        segment = run.scenario.segments[j]
        width, before = float(sizes[j] / sizes.sum()), loss
        accounts, loss = accounts + width, loss + float(means[j]) / whole
        # Twice the trapezoid under the curve, so that Gini = 1 - sum.
        area += width * (before + loss)
        row = {"accounts": float(sizes[j]), "loss_usd": float(means[j])}
        row |= {"loss_per_account": float(per_account[j])}
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
