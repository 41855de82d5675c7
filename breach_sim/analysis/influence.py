"""What could I be asked about: every assumption of an impact, ranked by its effect on the answer.

The effect of a parameter is the rank correlation (Spearman) between its draws and the expected loss given
the parameters, so that the luck of single victims does not blur it; the swing is the mean expected loss in
the replicates of its highest fifth over that of its lowest fifth. Certain numbers have no effect to rank,
though another value of theirs would have one; they stand last.

The rates of the firm's ledger are ranked by their effect on the firm's cost, and the ways in which the data
got out by what the loss does where each was drawn.

Not here: effects of two parameters together, and what it would be worth to know one better.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd

FIFTH = 0.2
BESIDE = ("hours/victim", "probability/year", "complaints/victim")
"""Units of parameters that the loss does not depend on: time lost, background, reporting."""
_FEW = 10


def assumptions(impact: Impact, catalog: Mapping[str, Source] | None = None) -> pd.DataFrame:
    """Every number behind an impact, the most influential first: ``api.assumptions`` with given sources.

    Parameters
    ----------
    impact
        Result of ``simulate`` with at least ten replicates.
    catalog
        Sources by id, for the column ``published``; ids alone if None.

    Returns
    -------
    One row for each parameter, as ``api.assumptions`` describes.

    Raises
    ------
    ValueError
        If there are fewer than ten replicates.
    """
    if impact.replicates < _FEW:
        raise ValueError(
            f"the impact has {impact.replicates} replicates; effects need at least {_FEW}, better 1,000"
        )
    catalog = impact.scenario.with_own_sources(catalog or {})
    frame = impact.sources(catalog)
    loss = impact.expected_loss()
    firm = {estimate.name for estimate in impact.firm.estimates()} if impact.firm else set()
    cost = np.zeros(1) if impact.firm_cost is None else impact.firm_cost
    own = {estimate.name: estimate for estimate in impact.parameters()}
    effects = [
        effect(impact, own[name], cost if name in firm else loss) if name in own else (0.0, 1.0)
        for name in frame.index
    ]
    frame.insert(0, "swing", [swing for _, swing in effects])
    frame.insert(0, "effect", [size for size, _ in effects])
    frame.insert(0, "on", ["firm cost" if name in firm else "loss" for name in frame.index])
    for side in ("for_low", "for_high"):
        frame[side] = [getattr(own[name], side) if name in own else "" for name in frame.index]
    frame["published"] = [_published(own[name], catalog) if name in own else "" for name in frame.index]
    start = list(frame.columns).index("unit")
    for place, (column, values) in enumerate(_as_numbers(frame.index, own).items()):
        frame.insert(start + place, column, values)
    order = np.lexsort((-np.abs(frame["effect"].to_numpy()), frame["on"].to_numpy() == "firm cost"))
    ranked = frame.iloc[order]
    ranked.attrs["notes"] = impact.notes
    return ranked


def _as_numbers(names: Iterable[str], own: Mapping[str, Estimate]) -> dict[str, list[float]]:
    """Low, mode and high as entered, and the quantiles they imply, as columns; NaN where there is none."""
    words, found = ("low", "mode", "high"), []
    for name in names:
        estimate = own.get(name)
        if estimate is None:
            found.append([math.nan] * 6)
            continue
        ends = [getattr(estimate, word) for word in words]
        if estimate.is_certain:
            ends = [estimate.value] * 3
        implied = estimate.implied()
        quantiles = [implied[word] for word in ("p5", "p50", "p95")]
        found.append([math.nan if number is None else float(number) for number in (*ends, *quantiles)])
    return {word: [row[place] for row in found] for place, word in enumerate((*words, "p5", "p50", "p95"))}


def effect(impact: Impact, estimate: Estimate, loss: Array) -> tuple[float, float]:
    """Effect of one parameter on the expected loss.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    estimate
        A parameter of it.
    loss
        Expected loss given the parameters, or the firm's cost. Shape (R,). [USD]

    Returns
    -------
    Spearman correlation, and the ratio of mean losses between highest and lowest fifth; (0, 1) for a
    parameter that is certain or that the loss does not depend on, or where nothing is lost. The sampling
    error of the correlation is about 1 / sqrt(R).
    """
    if not loss.any() or np.ptp(loss) == 0:
        return 0.0, 1.0
    if estimate.name.startswith("release."):
        return _effect_of_release(impact, estimate.name.removeprefix("release."), loss)
    if estimate.is_certain or estimate.unit in BESIDE:
        return 0.0, 1.0
    draws = impact.law.parameters(estimate)
    order = np.argsort(draws, kind="stable")
    some = max(1, int(len(draws) * FIFTH))
    low, high = float(loss[order[:some]].mean()), float(loss[order[-some:]].mean())
    return float(np.corrcoef(_ranks(draws), _ranks(loss))[0, 1]), high / low if low else np.inf


def _effect_of_release(impact: Impact, way: str, loss: Array) -> tuple[float, float]:
    """Rank correlation of one way of getting out with the loss, and its mean loss over that of the others."""
    release = impact.law.release
    drawn = (
        np.zeros(1, dtype=bool)
        if release is None
        else release.kind == list(impact.scenario.release).index(way)
    )
    if drawn.all() or not drawn.any():
        return 0.0, 1.0
    correlation = float(np.corrcoef(drawn.astype(float), _ranks(loss))[0, 1])
    return correlation, float(loss[drawn].mean() / loss[~drawn].mean())


def _ranks(values: Array) -> Array:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


def _published(estimate: Estimate, catalog: Mapping[str, Source]) -> str:
    """What the sources of an estimate say, in one line."""
    said = []
    for name in estimate.sources:
        source = catalog.get(name)
        if source is not None and source.value:
            ends = f" ({source.low} to {source.high})" if source.low and source.high else ""
            said.append(f"{source.parameter}: {source.value}{ends} {source.unit} [{name}]")
    return "; ".join(said)
