"""What each of several breaches of the same persons does: its share of the harm, and what is only together.

The game: of all breaches only the fields of those of a set T leaked, in the cells of all of them; v(T) is
then the expected harm given the parameters. The share of a breach is its Shapley value, equation (28). *Only
together* is the harm through routes that no single breach makes known, equation (29). Capacity scales and
anchor factors are held from the impact.

Not here: the cells of several breaches (``catalog.unions``), and values of fields (``shapley``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.analysis.sensitivities.indices import MEASURES
from breach_sim.analysis.subjects import marked
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.exposure import mask_weights_by_breach
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.membership import Universe
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.arrays.hardened import expected
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd

TOTAL, ONLY_TOGETHER = "total", "only together"
"""Rows of the table after the breaches."""
MOST = 2_000
"""Most replicates of an impact that the bounds of its harm are computed from."""
_ROUNDING = 1e-12
"""Relative difference of two expectations that is rounding."""
_WORDS = {"loss_usd": "loss", "people": "people"}


def split_by_breach(impact: Impact, *, of: str = "loss_usd") -> pd.DataFrame:
    """Split the expected harm of several breaches between them, by exact Shapley values.

    Parameters
    ----------
    impact
        Result of ``simulate`` for a union that ``combine`` made.
    of
        "loss_usd" or "people".

    Returns
    -------
    One row for each breach, the largest first; then ``total``, to which they sum in every replicate; then
    ``only together``, the part of the total that no breach causes by itself. Columns ``mean``, ``p5``,
    ``p50``, ``p95`` and ``share`` of the total. [USD] or [people]; ``attrs["of"]`` says which.

    Raises
    ------
    ValueError
        If the impact is of a single breach, or ``of`` is unknown.
    """
    universe = _universe_of(impact.scenario)
    if of not in _WORDS:
        raise ValueError(unknown("measure", of, MEASURES, "of"))
    values = breach_values(impact, of)
    whole = sum(values.values(), np.zeros(1))
    mean = float(whole.mean())

    def row(sample: Array) -> dict[str, float]:
        sample = np.broadcast_to(sample, (impact.replicates,))
        own = summary(sample)
        share = own["mean"] / mean if mean else 0.0
        return {"mean": own["mean"], "p5": own["p5"], "p50": own["p50"], "p95": own["p95"], "share": share}

    names = sorted(universe.breaches, key=lambda name: -float(np.mean(values[name])))
    rows: list[Row] = [(name, row(values[name])) for name in names]
    rows += [(TOTAL, row(whole)), (ONLY_TOGETHER, row(only_together(impact, of)))]
    frame = table(rows, impact.notes)
    frame.index.name = "breach"
    frame.attrs["of"] = of
    return marked(frame, impact)


def breach_values(impact: Impact, of: str = "loss_usd") -> dict[str, Array]:
    """Shapley value of every breach of a union, replicate by replicate.

    Parameters
    ----------
    impact, of
        As for :func:`split_by_breach`.

    Returns
    -------
    By breach; they sum to the expected harm. Shape (R,) each. [USD] or [people]
    """
    names = _universe_of(impact.scenario).breaches
    expected = ExpectedHarm(impact.law, impact.factors)
    value = {
        frozenset(inside): expected.harm(_only_leaked_in(impact.scenario, inside), impact.attacks).total(
            _WORDS[of]
        )
        for size in range(len(names) + 1)
        for inside in combinations(names, size)
    }
    expected.law.forget_time()
    k, found = len(names), {}
    for name in names:
        share = np.zeros(impact.replicates)
        for inside, before in value.items():
            if name not in inside:
                weight = math.factorial(len(inside)) * math.factorial(k - len(inside) - 1) / math.factorial(k)
                share = share + weight * (value[inside | {name}] - before)  # Equation (28)
        found[name] = share
    return found


def _only_leaked_in(scenario: Scenario, breaches: tuple[str, ...]) -> Scenario:
    """The union if only the fields of some breaches had leaked, in the cells of all."""
    segments = tuple(
        dataclasses.replace(
            segment,
            leaks=tuple(leak for leak in segment.leaks if leak.breach in breaches),
            withheld=tuple(part for part in segment.withheld if part.breach in {"", *breaches}),
        )
        for segment in scenario.segments
    )
    return dataclasses.replace(scenario, segments=segments)


def _universe_of(scenario: Scenario) -> Universe:
    if scenario.universe is None:
        raise ValueError(
            f"scenario {scenario.name!r} is a single breach; combine it with others: combine('a', 'b')"
        )
    return scenario.universe


# Only together -------------------------------------------------------------------------------------------


def only_together(impact: Impact, of: str = "loss_usd") -> Array:
    """Expected harm through routes whose fields no single breach makes known.

    Parameters
    ----------
    impact, of
        As for :func:`split_by_breach`.

    Returns
    -------
    Shape (R,). [USD] or [people]
    """
    _universe_of(impact.scenario)
    law, total = impact.law, np.zeros(impact.replicates)
    means = {a.name: mean_loss(law.parameters, law.graph, a, impact.factors) for a in impact.attacks.attacks}
    for segment in impact.scenario.segments:
        if segment.membership is None or len(segment.membership.breaches) < 2:  # noqa: PLR2004 - alone
            continue
        groups = law.classes_of(segment, _known_by_one(law, segment))
        single = _harm_of(law.sums_of(segment, groups), means, of)
        known = _harm_of(impact.laws[segment.name], means, of)
        more = known - single  # Equation (29)
        more = np.where(np.abs(more) <= _ROUNDING * known, 0.0, more)
        total = total + law.accounts(segment) * more
    law.forget_time()
    return total


def _known_by_one(law: Law, segment: Segment) -> dict[int, Array]:
    """Weight of each set of routes that the fields of a single breach make known, look-ups included."""
    everywhere = [part for part in segment.withheld if not part.breach]
    if everywhere:
        raise ValueError(
            f"segment {segment.name!r} has fields that no breach stored; what is only together is of "
            "breaches as they were: take the impact of the union without mitigations"
        )
    masks = mask_weights_by_breach(segment, law.known.fields, law.parameters)
    weights: dict[tuple[int, ...], Array] = {}
    for combination in product(*(own.items() for own in masks.values())):
        weight = np.ones(1)
        for _, share in combination:
            weight = weight * share
        key = tuple(mask for mask, _ in combination)
        weights[key] = weights[key] + weight if key in weights else weight
    # The coins are those of the person, the same in every breach.
    return law.known.of(weights, "single")


def _harm_of(law: SegmentLaw, means: Mapping[str, Array], of: str) -> Array:
    """Expected loss of an account, or its probability of being a victim of any attack. Shape (R,)."""
    if of == "people":
        return law.people
    return np.asarray(sum((chance * means[name] for name, chance in law.victim.items()), np.zeros(1)))


# Bounds --------------------------------------------------------------------------------------------------


def bounds_of_harm(
    scenario: Scenario,
    graph: AttackGraph,
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    harm: bool,
    posterior: Posterior | None = None,
) -> pd.DataFrame:
    """Overlaps, people and harm of a union at the Fréchet bounds: see ``api.several.overlap_bounds``.

    Parameters
    ----------
    scenario, graph
        A union, and its attacks.
    seed, replicates, horizon_years
        Of the expected harm.
    harm
        Whether the expected harm is computed.
    posterior
        Rows of fitted parameters; None draws every prior.

    Returns
    -------
    One row for each world; see ``api.several.overlap_bounds``.
    """
    universe = _universe_of(scenario)
    pairs = list(universe.pairs())
    worlds: dict[str, list[Estimate | None]] = {
        "lowest": [_fixed(universe, pair, universe.bounds(pair)[0]) for pair in pairs],
        "independent": [None] * len(pairs),
        "given": list(universe.overlaps),
        "highest": [_fixed(universe, pair, universe.bounds(pair)[1]) for pair in pairs],
    }
    if worlds["given"] == worlds["independent"]:
        del worlds["given"]
    notes, rows = list(scenario.all_notes), []
    for word, overlaps in worlds.items():
        world = dataclasses.replace(universe, overlaps=tuple(overlaps))
        parameters = Parameters(seed, replicates, posterior=fitted(posterior, graph.country))
        row = {
            f"{universe.breaches[i]} & {universe.breaches[j]}": _overlap(
                universe, (i, j), overlap, parameters
            )
            for (i, j), overlap in zip(pairs, overlaps, strict=True)
        }
        try:
            row["people"] = float(np.mean(world.in_any(parameters)))
        except ValueError:
            notes.append(f"No table has all overlaps at once where they are {word}; no harm is given there.")
            row |= dict.fromkeys(("people", *(("people_harmed", "loss_usd") if harm else ())), np.nan)
        else:
            row |= _harm_in(_in_universe(scenario, world), graph, parameters, horizon_years) if harm else {}
        rows.append((word, row))
    frame = table(rows, tuple(notes))
    frame.index.name = "overlap"
    return frame


def _fixed(universe: Universe, pair: tuple[int, int], value: float) -> Estimate:
    a, b = (universe.breaches[place] for place in pair)
    return Estimate.fixed(f"overlap.{a}.{b}.bound", value, "share")


def _overlap(
    universe: Universe, pair: tuple[int, int], overlap: Estimate | None, parameters: Parameters
) -> float:
    """Mean overlap of a pair inside its bounds, or that of independent breaches."""
    if overlap is None:
        return universe.independent(pair)
    return float(np.clip(parameters(overlap), *universe.bounds(pair)).mean())


def _in_universe(scenario: Scenario, universe: Universe) -> Scenario:
    """The same cells with other overlaps."""
    segments = []
    for segment in scenario.segments:
        member = segment.membership
        own = None if member is None else dataclasses.replace(member, universe=universe)
        segments.append(dataclasses.replace(segment, membership=own))
    return dataclasses.replace(scenario, segments=tuple(segments))


def _harm_in(
    scenario: Scenario, graph: AttackGraph, parameters: Parameters, horizon_years: float
) -> dict[str, float]:
    """Mean expected people harmed and loss, scales and factors computed from the world itself."""
    law = Law(scenario, graph, parameters, horizon_years)
    laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    means = expected(law, laws, anchor_factors(law, laws))
    return {"people_harmed": float(means["people"].mean()), "loss_usd": float(means["loss_usd"].mean())}
