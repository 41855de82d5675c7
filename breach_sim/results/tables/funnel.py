"""Tables of counts: the funnel by attack, by segment, quantiles, concentration, and binding capacities.

Each function takes :class:`~breach_sim.results.replicates.Replicates` and returns a table.

Not here: money by who pays it (``money``), and how sure a figure is (``uncertainty``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import earned
from breach_sim.formatting.tables import (
    Row,
    spread,
    standard_errors,
    summary,
    table,
    two_level,
    with_notes,
)
from breach_sim.results.expectations import ANY, expected, expected_part
from breach_sim.results.parts import PARTS, in_percent
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
    One row an attack, and one for people and the total loss; text shows the notes below. [accounts], [USD].
    If anything can be looked up, also the parts of victims and people: their means, or shares as text in the
    order by the leak alone / together / replaceable.
    """
    last = {"exposed": run.drawn.exposed.sum(axis=0), "victims": run.people, "loss_usd": run.loss}
    rows = [_steps(run, i) for i in range(len(run.attacks.attacks))]
    split = _parts(run) if run.searches else []
    if numbers:
        named = [*zip(run.attacks.names, rows, strict=True), (ANY, last)]
        pairs = [(name, {w: (row[w], _mean_of(run, w, name)) for w in row}) for name, row in named]
        frame = two_level(pairs, WORDS, run.notes, index="attack")
        for part in PARTS if split else ():
            frame[part, "mean"] = [float(own[part].mean()) for own in split]
        return frame
    labels = [*(attack.label for attack in run.attacks.attacks), "any harm (people)"]
    scramble = run.scramble
    cells = [{w: spread(row[w], scramble) if w in row else "" for w in WORDS} for row in (*rows, last)]
    for cell, own in zip(cells, split, strict=False):
        cell["parts"] = in_percent(own)
    return with_notes(table(list(zip(labels, cells, strict=True)), run.notes), run.notes)


def _mean_of(run: Replicates, word: str, attack: str) -> Array:
    """Expectation whose mean stands in a row of the funnel. Shape (R,)."""
    return expected(run, word, None if word == "exposed" else attack)


def _steps(run: Replicates, attack: int) -> dict[str, NDArray[Any]]:
    """Samples of every step of the funnel of one attack, by word. Shape (R,) each."""
    return {
        "exposed": run.drawn.exposed.sum(axis=0),
        "attackable": run.drawn.attackable[attack].sum(axis=0),
        "attempted": run.drawn.attempted[attack].sum(axis=0),
        "victims": run.drawn.victims[attack].sum(axis=0),
        "loss_usd": run.pool_losses[attack].sum(axis=0),
    }


def _parts(run: Replicates) -> list[dict[str, Array]]:
    """Expected parts of the victims of each attack, then of people. Shape (R,) each."""
    found = [
        {part: expected_part(run, part, "victims", name) for part in PARTS} for name in run.attacks.names
    ]
    return [*found, {part: expected_part(run, part, "people") for part in PARTS}]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelRow:
    """One attack of a drawn funnel.

    Parameters
    ----------
    name, label
        The attack, and its name for readers.
    attackable, attempted
        Medians. [accounts]
    victims, loss
        5 % quantile, median and 95 % quantile. [accounts], [USD]
    errors
        Standard errors of the medians of victims and loss.
    """

    name: str
    label: str
    attackable: float
    attempted: float
    victims: tuple[float, float, float]
    loss: tuple[float, float, float]
    errors: tuple[float, float]


def ranked(run: Replicates, *, by: str = "victims") -> tuple[FunnelRow, ...]:
    """Return the rows of a drawn funnel, the largest first.

    Parameters
    ----------
    run
        Arrays of the run.
    by
        What decides the order: "victims" or "loss": the median as printed, then the median, then the mean.

    Returns
    -------
    One row for each attack that some account is open to. The same rows serve figure, report and panel.

    Raises
    ------
    ValueError
        If ``by`` is another word.
    """
    if by not in {"victims", "loss"}:
        raise ValueError(f"by is {by!r}; a funnel is sorted by 'victims' or 'loss'")
    kept: list[tuple[tuple[float, float, float], FunnelRow]] = []
    for number, attack in enumerate(run.attacks.attacks):
        steps = _steps(run, number)
        if not steps["attackable"].any():
            continue
        ends = {word: summary(steps[word]) for word in WORDS[1:]}
        errors = {word: standard_errors(steps[word], None, run.scramble)["se_p50"] for word in WORDS[-2:]}
        row = FunnelRow(
            name=attack.name,
            label=attack.label,
            attackable=ends["attackable"]["p50"],
            attempted=ends["attempted"]["p50"],
            victims=_ends(ends["victims"]),
            loss=_ends(ends["loss_usd"]),
            errors=(errors["victims"], errors["loss_usd"]),
        )
        word = "victims" if by == "victims" else "loss_usd"
        # As printed first: 30,000 would else stand below 27,000, if only its error is larger.
        printed = earned(ends[word]["p50"], errors[word])
        kept.append(((printed, ends[word]["p50"], ends[word]["mean"]), row))
    kept.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(row for _, row in kept)


def _ends(values: dict[str, float]) -> tuple[float, float, float]:
    return values["p5"], values["p50"], values["p95"]


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
    return table(rows, run.notes, index="measure")


def by_segment(run: Replicates) -> pd.DataFrame:
    """Expected numbers by segment; each column sums exactly to its last row.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a segment and the total: accounts, exposed, people, loss_usd, and victims by attack. If anything
    can be looked up, people by part after people. [accounts], [USD]
    """
    rows = []
    parts = PARTS if run.searches else ()
    for segment in run.scenario.segments:
        own = segment.name
        row = {
            "accounts": float(np.mean(run.law.accounts(segment))),
            "exposed": float(expected(run, "exposed", None, own).mean()),
            "people": float(expected(run, "people", None, own).mean()),
        }
        row |= {f"people_{p}": float(expected_part(run, p, "people", segment=own).mean()) for p in parts}
        row["loss_usd"] = float(expected(run, "loss_usd", None, own).mean())
        row |= {n: float(expected(run, "victims", n, own).mean()) for n in run.attacks.names}
        rows.append((segment.title, row))
    return _counted(table(rows, run.notes, total=True, index="segment"))


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Table with its accounts as whole numbers; those of a cell of several breaches are an expectation."""
    if (frame["accounts"] % 1 == 0).all():
        frame["accounts"] = frame["accounts"].astype("int64")
    return frame


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
    frame = _counted(table(rows, run.notes, index="segment"))
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
    return table(rows, run.notes, index="attack")
