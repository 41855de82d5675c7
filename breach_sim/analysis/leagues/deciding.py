"""What decides the place of a breach: the attack with the largest share of its harm, its fields, a parameter.

The deciding parameter is the one whose uniform numbers go with the rank of the breach most closely
(Spearman), over the shared draws. A parameter that moves all breaches alike, such as a common driver, decides
no place. That is why ranks are surer than amounts.

Not here: the shares of single fields by Shapley value (``attributions``).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.analysis.leagues.harm import BreachHarm, Member
from breach_sim.analysis.leagues.worlds import Draws, with_own_names
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario

NOISE = 4.0
"""Times one over the root of the number of points: a correlation of this size is no chance."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides a place.

    Parameters
    ----------
    attack, label
        Name and label of the attack with the largest share of the expected harm; "" if there is no harm.
    share
        Its share, of the loss or of the victims of all attacks. [0, 1]
    fields
        Leaked fields that its routes use, and those of the attacks before it.
    parameter
        Name of the parameter that goes with the rank most closely; "" if none does.
    correlation
        With the rank, so that a negative number moves the breach up. [-1, 1]
    """

    attack: str
    label: str
    share: float
    fields: tuple[str, ...]
    parameter: str
    correlation: float


def deciding(
    members: Sequence[Member],
    found: Sequence[BreachHarm],
    read: Collection[str],
    ranks: Counts,
    draws: Draws,
    *,
    by_loss: bool,
) -> list[Deciding]:
    """Return what decides the place of each breach.

    Parameters
    ----------
    members, found
        Breaches with their attacks, and their harm.
    read
        Names of the uncertain parameters that the harm was computed from.
    ranks
        Shape (B, R).
    draws
        The shared draws.
    by_loss
        Whether harm is loss; otherwise it is people.

    Returns
    -------
    In the order of the members.
    """
    centered, spreads = _standard(np.asarray(ranks, dtype=np.float64))
    coverages = [_coverages(scenario) for scenario, _ in members]
    names = sorted(set(read).difference(*coverages))
    levels = _levels(names, draws)
    together = centered @ levels.T / ranks.shape[1]
    result = []
    for number, ((scenario, graph), harm) in enumerate(zip(members, found, strict=True)):
        attack, share = _largest(harm, by_loss=by_loss)
        own = dict(zip(names, together[number].tolist(), strict=True)) if spreads[number] > 0 else {}
        if spreads[number] > 0:
            together_own = _levels(coverages[number], draws) @ centered[number] / ranks.shape[1]
            own |= dict(zip(coverages[number], together_own.tolist(), strict=True))
        name = min(own, key=lambda each: (-abs(own[each]), each), default="")
        clear = bool(name) and abs(own[name]) >= NOISE / math.sqrt(ranks.shape[1])
        result.append(
            Deciding(
                attack=attack,
                label=graph[attack].label if attack else "",
                share=share,
                fields=_fields_of(graph[attack], graph, scenario) if attack else (),
                parameter=name if clear else "",
                correlation=own[name] if clear else 0.0,
            )
        )
    return result


def _largest(harm: BreachHarm, *, by_loss: bool) -> tuple[str, float]:
    """Attack with the largest part of the harm, and its share."""
    parts = {name: pair[int(by_loss)] for name, pair in harm.by_attack.items()}
    whole = sum(parts.values())
    if not whole:
        return "", 0.0
    name = min(parts, key=lambda each: (-parts[each], each))
    return name, parts[name] / whole


def _fields_of(attack: Attack, graph: AttackGraph, scenario: Scenario) -> tuple[str, ...]:
    """Leaked fields that an attack, and those before it, use in routes whose fields can all be known."""
    used: set[str] = set()
    for segment in scenario.segments:
        there = set(graph.obtainable(segment.fields))
        left, seen = [attack], {attack.name}
        while left:
            routes = [route for route in left.pop().routes if set(route.fields) <= there]
            needed = {capability for route in routes for capability in route.capabilities}
            used.update(name for route in routes for name in route.fields if name in segment.fields)
            before = [one for one in graph.granting if one.name not in seen and needed & set(one.grants)]
            seen.update(one.name for one in before)
            left += before
    return tuple(name for name in FIELD_NAMES if name in used)


def _standard(values: Array) -> tuple[Array, NDArray[np.float64]]:
    """Rows with mean 0 and standard deviation 1, those of equal numbers left at 0; and the deviations."""
    from scipy.stats import rankdata

    rows = np.asarray(rankdata(values, axis=1))
    rows -= rows.mean(axis=1, keepdims=True)
    spreads = rows.std(axis=1)
    return rows / np.where(spreads > 0, spreads, 1.0)[:, None], spreads


def _coverages(scenario: Scenario) -> list[str]:
    """Names of the uncertain coverages of a breach, as they are drawn for it alone."""
    own = (leak.coverage for segment in with_own_names(scenario).segments for leak in segment.leaks)
    return sorted({coverage.name for coverage in own if not coverage.is_certain})


def _levels(names: Sequence[str], draws: Draws) -> Array:
    """Uniform numbers of parameters in standard form. Shape (len(names), R)."""
    if not names:
        return np.zeros((0, draws.replicates))
    base = Draws(draws.seed, draws.replicates, draws.posterior, ()).parameters([])
    return _standard(np.stack([base.chance(name) for name in names]))[0]
