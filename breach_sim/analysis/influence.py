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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.results.impact import Impact, check_impact

if TYPE_CHECKING:
    import pandas as pd

FIFTH = 0.2
BESIDE = ("hours/victim", "probability/year", "complaints/victim")
"""Units of parameters that the loss does not depend on: time lost, background, reporting."""
RELEASE = "release."
"""Beginning of the names of the chances of the ways in which the data got out."""
OWN = (RELEASE, "estimates.", "segments.")
"""Beginnings of the names of parameters that belong to one breach and not to every breach."""
COMMON = ("drivers.", "countries.")
"""Beginnings of the names of factors that move every breach alike, and explain none."""
ASSUMED = ("assumed", "user")
"""Statuses of numbers that somebody chose."""
FELT = 0.1
"""Rank correlation from which on an assumption is felt: many sampling errors at the usual replicates."""
_FEW = 10


@dataclass(frozen=True, slots=True)
class Deciding:
    """The assumption that decides most how large the loss of a breach is.

    Parameters
    ----------
    estimate
        The assumption.
    way
        Where it is the chance of one way in which the data got out, the name of that way; otherwise "".
    low_usd, high_usd
        Mean expected loss in the fifth of the replicates with its lowest values, and with its highest. Of a
        way of getting out: where it was not drawn, and where it was. [USD]
    is_own
        Whether it belongs to this breach, and not to an attack that other breaches share.
    """

    estimate: Estimate
    way: str
    low_usd: float
    high_usd: float
    is_own: bool


def deciding(impact: Impact) -> Deciding | None:
    """Find the assumption that decides most how large the loss of this breach is.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Of the assumptions that belong to the breach the one with the largest effect on the expected loss, if it
    is felt at all; otherwise that of all attacks. Factors that move every breach alike are left out. None
    with fewer than ten replicates, without a loss, or where nothing uncertain moves it.
    """
    loss = impact.expected_loss()
    if impact.replicates < _FEW or not loss.any():
        return None
    assumed = [
        own for own in impact.parameters() if own.status in ASSUMED and not own.name.startswith(COMMON)
    ]
    of_breach = [own for own in assumed if _own_name(own).startswith(OWN)]
    for candidates, least in ((of_breach, FELT), (assumed, 0.0)):
        sizes = [abs(effect(impact, own, loss)[0]) for own in candidates]
        if sizes and max(sizes) > least:
            chosen = _likely_way(candidates, sizes)
            return _decided(impact, chosen, loss, is_own=candidates is of_breach)
    return None


def _likely_way(candidates: Sequence[Estimate], sizes: Sequence[float]) -> Estimate:
    """The assumption with the largest effect; of the ways of getting out, the likeliest that has half of it.

    The chances of these ways sum to 1: they are one assumption, and a reader thinks of the likeliest.
    """
    largest = candidates[int(np.argmax(sizes))]
    if not _own_name(largest).startswith(RELEASE):
        return largest
    ways = [
        own
        for own, size in zip(candidates, sizes, strict=True)
        if _own_name(own).startswith(RELEASE) and size >= max(sizes) / 2
    ]
    return max(ways, key=lambda own: own.central)


def _own_name(estimate: Estimate) -> str:
    """Name of a parameter without the breach of a union that it belongs to."""
    return estimate.name.rpartition(": ")[2]


def _decided(impact: Impact, estimate: Estimate, loss: Array, *, is_own: bool) -> Deciding:
    """The assumption with the mean losses at its two ends."""
    drawn = _drawn_release(impact, estimate)
    if drawn is None:
        low, high = _ends(impact.law.parameters(estimate), loss)
        return Deciding(estimate, "", low, high, is_own)
    way = estimate.name.removeprefix(RELEASE)
    return Deciding(estimate, way, float(loss[~drawn].mean()), float(loss[drawn].mean()), is_own)


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
    check_impact(impact)
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
    drawn = _drawn_release(impact, estimate)
    if drawn is not None:
        return _effect_of_release(drawn, loss)
    if estimate.is_certain or estimate.unit in BESIDE:
        return 0.0, 1.0
    draws = impact.law.parameters(estimate)
    low, high = _ends(draws, loss)
    return float(np.corrcoef(_ranks(draws), _ranks(loss))[0, 1]), high / low if low else np.inf


def _ends(draws: Array, loss: Array) -> tuple[float, float]:
    """Mean losses in the fifth of the replicates with the lowest draws, and with the highest."""
    order = np.argsort(draws, kind="stable")
    some = max(1, int(len(draws) * FIFTH))
    return float(loss[order[:some]].mean()), float(loss[order[-some:]].mean())


def _drawn_release(impact: Impact, estimate: Estimate) -> NDArray[np.bool_] | None:
    """Replicates in which the data got out in the way whose chance this is; None for other parameters."""
    if not estimate.name.startswith(RELEASE):
        return None
    release = impact.law.release
    if release is None:
        return np.zeros(1, dtype=bool)
    return np.asarray(
        release.kind == list(impact.scenario.release).index(estimate.name.removeprefix(RELEASE))
    )


def _effect_of_release(drawn: NDArray[np.bool_], loss: Array) -> tuple[float, float]:
    """Rank correlation of one way of getting out with the loss, and its mean loss over that of the others."""
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
