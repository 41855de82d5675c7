"""The best bundle of mitigations for a budget, exact in the mean, and what a wrong choice could cost.

Benefits do not add, so every bundle is looked at. That is cheap, because the expected loss of a bundle is a
sum over chains of attacks and segments, and each term depends only on the mitigations that touch it: on those
that change which fields leaked (weights) and those that change what is done with them (tolls). A table of
weights times tolls for each term, and the loss of a million bundles is a sum of looked-up numbers.

*Regret* is what the bundle chosen on average falls short of the one that would have been best had the
parameters of a replicate been known: its mean is the value of knowing them before choosing.

Terms that the same mitigations touch are one table. In a replicate, a mitigation that takes less off every
entry of every table than it costs is in no best bundle; only bundles of the others are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.expected_harm import ExpectedHarm, resets_of
from breach_sim.engine.exposure import mask_weights
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import summary, table
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.changes import Drop, Reset
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact
from breach_sim.whatif.mitigated_runs import check_names, outlook

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
"""Most mitigations that are looked at: 2**20 bundles."""
REGRETS = 200
"""Replicates in which the best bundle of the replicate is looked for."""
BEST = 10
"""Bundles shown beside the best one."""
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class Bundle:
    """The best bundle, and what stands beside it.

    Parameters
    ----------
    scenario, mitigations, budget, replicates, seed
        What made it. [USD]
    chosen
        Names of the mitigations of the bundle, in the order given; may be none.
    loss_usd, cost_usd
        Loss averted and cost, means. [USD]
    net
        Net benefit of every bundle, by bit set of mitigations, mean; minus infinity beyond the budget.
        Shape (2**M,). [USD]
    regret
        By replicate. Shape (200,) or less. [0, inf) [USD]
    """

    scenario: Scenario
    mitigations: tuple[str, ...]
    budget: float
    replicates: int
    seed: int
    chosen: tuple[str, ...]
    loss_usd: float
    cost_usd: float
    net: Array
    regret: Array

    @property
    def net_usd(self) -> float:
        """Net benefit of the best bundle, mean [USD]."""
        return float(self.net.max())

    def table(self) -> pd.DataFrame:
        """The best bundles.

        Returns
        -------
        One row a bundle, the best first: its mitigations, and the mean net benefit [USD].
        """
        best = np.argsort(-self.net, kind="stable")[:BEST]
        rows = [
            (rank + 1, {"bundle": ", ".join(self._names(int(s))) or "nothing", "net_usd": float(self.net[s])})
            for rank, s in enumerate(best)
            if np.isfinite(self.net[s])
        ]
        return table(rows, self.scenario.notes)

    def _names(self, bits: int) -> tuple[str, ...]:
        return tuple(name for i, name in enumerate(self.mitigations) if bits >> i & 1)

    def told(self) -> dict[str, Any]:
        """The bundle in plain values.

        Returns
        -------
        ``budget_usd``, ``chosen``, ``loss_usd``, ``cost_usd``, ``net_usd``, ``regret_usd``.
        """
        return {
            "budget_usd": self.budget,
            "chosen": list(self.chosen),
            "loss_usd": self.loss_usd,
            "cost_usd": self.cost_usd,
            "net_usd": self.net_usd,
            "regret_usd": summary(self.regret),
        }

    def to_json(self) -> str:
        """The bundle as one JSON document: what :meth:`told` gives, and the scenario's name."""
        return json.dumps({"scenario": self.scenario.name} | self.told(), indent=2)

    def __repr__(self) -> str:
        from breach_sim.formatting.digits import human, significant

        def usd(value: float) -> str:
            return human(significant(value))

        missed = float(np.mean(self.regret > 0))
        return "\n".join(
            [
                f"Best bundle for {usd(self.budget)} USD, {self.scenario.title}",
                f"  {', '.join(self.chosen) or 'nothing: no bundle is worth its price'}",
                f"  averts {usd(self.loss_usd)} USD for {usd(self.cost_usd)} USD on average: "
                f"net {usd(self.net_usd)} USD",
                f"  best of {len(self.net):,} bundles over {self.replicates:,} replicates; another one would "
                f"have been better in {missed:.0%} of {len(self.regret)}, by {usd(self.regret.mean())} USD "
                "on average over all",
            ]
        )


def best_bundle(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Sequence[Mitigation],
    budget: float,
    *,
    seed: int,
    replicates: int = 2_000,
    horizon_years: float = 5,
    baseline: Impact | None = None,
) -> Bundle:
    """The bundle of mitigations with the largest expected net benefit that the budget pays for.

    Parameters
    ----------
    scenario, graph
        As given.
    mitigations
        At most 20, with different names.
    budget
        Most that the bundle may cost on average. [0, inf] [USD]
    seed, replicates, horizon_years, baseline
        As for ``comparison.compare``.

    Returns
    -------
    The best bundle over the mean of the replicates; of equal ones the first with the fewest.

    Raises
    ------
    ValueError
        If the budget is negative, there are too many mitigations, or one resets a field that another puts
        in the place of a dropped one.
    """
    check_names(mitigations)
    _check(mitigations, budget)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates, "horizon_years": horizon_years}
    looked = outlook(scenario, graph, mitigations, **made_of, baseline=baseline)
    terms = _joined(_terms(looked, mitigations))
    costs = np.stack([_whole(own.cost.drawn(scenario, looked.parameters), looked) for own in mitigations])
    left = np.zeros(1 << len(mitigations))
    for term in terms:
        left += term.mean[_places(term.touching, range(len(mitigations)))]
    price = _sums(costs.mean(axis=1)[:, None])[:, 0]
    afford = price <= budget * (1 + _SLACK)
    net = np.where(afford, left[0] - left - price, -np.inf)
    best = int(np.argmax(net >= net.max() - _SLACK * left[0]))
    return Bundle(
        scenario=scenario,
        mitigations=tuple(own.name for own in mitigations),
        budget=float(budget),
        replicates=looked.parameters.replicates,
        seed=looked.parameters.seed,
        chosen=tuple(own.name for i, own in enumerate(mitigations) if best >> i & 1),
        loss_usd=float(left[0] - left[best]),
        cost_usd=float(price[best]),
        net=net,
        regret=_regret(terms, costs, afford, best),
    )


def _check(mitigations: Sequence[Mitigation], budget: float) -> None:
    if len(mitigations) > MOST:
        raise ValueError(
            f"{len(mitigations)} mitigations are named; at most {MOST} can be bundled: drop some"
        )
    plain = isinstance(budget, (int, float)) and not isinstance(budget, bool)
    if not plain or not budget >= 0:
        raise ValueError(f"the budget is {shown(budget)} USD; it must be a number from 0 on")
    changes = [change for own in mitigations for change in own.changes]
    placed = {change.by for change in changes if isinstance(change, Drop) and change.by}
    again = {name for change in changes if isinstance(change, Reset) for name in change.fields} & placed
    if again:
        raise ValueError(
            f"one mitigation resets {min(again)!r} and another puts it in the place of a dropped field; such "
            "two cannot be bundled: leave one out"
        )


@dataclass(frozen=True)
class _Term:
    """Loss of some chains in some segments, by bundle of the mitigations that touch it.

    ``touching`` are numbers of mitigations, rising. ``mean`` is by their bit sets, shape (2**T,); ``first``
    is the same by replicate, for the first replicates, shape (2**T, size).
    """

    touching: tuple[int, ...]
    mean: Array
    first: Array

    def __add__(self, other: _Term) -> _Term:
        """Both at once; what touches the other touches this."""
        rows = _places(other.touching, self.touching)
        return _Term(self.touching, self.mean + other.mean[rows], self.first + other.first[rows])


def _places(touching: Sequence[int], among: Sequence[int]) -> NDArray[np.int64]:
    """Row in a table of some mitigations, for every bundle of others among which they are.

    Built by doubling: the bundles with one more mitigation are those without it, its bit set where the table
    knows it. Shape (2**len(among),).
    """
    rows = np.zeros(1, dtype=np.int64)
    for number in among:
        bit = 1 << touching.index(number) if number in touching else 0
        rows = np.concatenate([rows, rows | bit])
    return rows


def _joined(terms: Iterable[_Term]) -> list[_Term]:
    """Terms added to one that all their mitigations touch as well: fewer tables, the same sum."""
    joined: list[_Term] = []
    for term in sorted(terms, key=lambda term: -len(term.touching)):
        wider = [i for i, other in enumerate(joined) if set(term.touching) <= set(other.touching)]
        if wider:
            joined[wider[-1]] += term
        else:
            joined.append(term)
    return joined


def _terms(looked: ExpectedHarm, mitigations: Sequence[Mitigation]) -> Iterable[_Term]:
    """A table for each chain and segment in which something can happen."""
    worlds = [own.apply(looked.scenario, looked.graph) for own in mitigations]
    for chain in range(len(looked.chains)):
        read = looked.fields_of(chain)
        marks = [looked.mark(graph, chain) for _, graph in worlds]
        base = looked.mark(looked.graph, chain)
        for row, segment in enumerate(looked.scenario.segments):
            bits = looked.bits_of(chain)
            resets = [resets_of(changed, segment, bits) for changed, _ in worlds]
            before = resets_of(looked.scenario, segment, bits)
            weighing = [
                i
                for i, (changed, _) in enumerate(worlds)
                if _seen(changed.segments[row], read) != _seen(segment, read)
            ]
            tolling = [i for i in range(len(worlds)) if marks[i] != base or resets[i] != before]
            term = _term(looked, mitigations, (chain, row), (tuple(weighing), tuple(tolling)))
            if term is not None:
                yield term


def _seen(segment: Segment, read: frozenset[str]) -> tuple[Any, ...]:
    """What of a segment matters to attacks that read some fields."""
    leaks = [(frozenset(leak.fields) & read, leak.coverage) for leak in segment.leaks]
    withheld = tuple(own for own in segment.withheld if own.bits & vocabulary.mask(read))
    return tuple(leak for leak in leaks if leak[0]), withheld


def _term(
    looked: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    where: tuple[int, int],
    touching: tuple[tuple[int, ...], tuple[int, ...]],
) -> _Term | None:
    """Table of one chain in one segment: weights of sets of fields times what is done with them."""
    (chain, row), (weighing, tolling) = where, touching
    segment, read = looked.scenario.segments[row], looked.fields_of(chain)
    tolls: dict[int, Array | None] = {}
    size = min(REGRETS, looked.parameters.replicates)
    means, firsts = [], []
    found = False
    for chosen in _subsets(weighing):
        changed, _ = together([mitigations[i] for i in chosen], looked.scenario, looked.graph)
        mean, first = np.zeros(1 << len(tolling)), np.zeros((1 << len(tolling), size))
        for mask, weight in mask_weights(changed.segments[row], read, looked.parameters).items():
            if mask not in tolls:
                tolls[mask] = _losses(looked, mitigations, chain, segment, mask, tolling)
            loss = tolls[mask]
            if loss is not None:
                found = True
                whole = _whole(weight, looked)
                mean += loss @ whole / len(whole)
                first += loss[:, :size] * whole[:size]
        means.append(segment.accounts * mean)
        firsts.append(segment.accounts * first)
    if not found:
        return None
    both = tuple(sorted({*weighing, *tolling}))
    # Rows stand by set of those that weigh, then by set of those that take a toll; one may do both.
    rows = _places(weighing, both) * (1 << len(tolling)) + _places(tolling, both)
    return _Term(both, np.concatenate(means)[rows], np.concatenate(firsts)[rows])


def _losses(
    looked: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    chain: int,
    segment: Segment,
    mask: int,
    tolling: tuple[int, ...],
) -> Array | None:
    """Expected loss of an account that lost certain fields, by bundle. Shape (2**V, R); None if never any."""
    rows = []
    for chosen in _subsets(tolling):
        changed, graph = together([mitigations[i] for i in chosen], looked.scenario, looked.graph)
        harm = looked.chain_harm(chain, changed, graph, segment, mask, looked.mark(graph, chain))
        if harm is None:
            return None
        rows.append(harm.loss)
    return np.stack(rows)


def _subsets(numbers: tuple[int, ...]) -> Iterable[list[int]]:
    """Every subset, in the order of its bit set."""
    for bits in range(1 << len(numbers)):
        yield [number for place, number in enumerate(numbers) if bits >> place & 1]


def _whole(values: Array, looked: ExpectedHarm) -> Array:
    return np.asarray(np.broadcast_to(values, (looked.parameters.replicates,)))


def _sums(parts: Array) -> Array:
    """Sum over the members of every bundle. From shape (M, ...) to (2**M, ...)."""
    sums = np.zeros((1, *parts.shape[1:]))
    for part in parts:
        sums = np.concatenate([sums, sums + part])
    return sums


def _regret(terms: Sequence[_Term], costs: Array, afford: NDArray[np.bool_], best: int) -> Array:
    """What the chosen bundle falls short of the best one of each of the first replicates.

    Bundles with a mitigation that cannot be worth its price in the replicate are left out: each is no better
    than the same bundle without it.
    """
    regrets = []
    for r in range(min(REGRETS, costs.shape[1])):
        tables = [(term.touching, term.first[:, r]) for term in terms]
        able = [i for i in range(len(costs)) if afford[1 << i]]
        kept = sorted({*_able(tables, costs[:, r], able), *_members(best)})
        bundles = np.zeros(1, dtype=np.int64)
        for number in kept:
            bundles = np.concatenate([bundles, bundles | 1 << number])
        net = -_sums(costs[kept, r][:, None])[:, 0]
        for touching, lost in tables:
            net += lost[0] - lost[_places(touching, kept)]
        regrets.append(net[afford[bundles]].max() - net[np.searchsorted(bundles, best)])
    return np.asarray(regrets)


def _members(bits: int) -> list[int]:
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def _able(tables: Sequence[tuple[tuple[int, ...], Array]], costs: Array, able: list[int]) -> list[int]:
    """Mitigations that avert more than they cost in some bundle of mitigations that do.

    What a mitigation averts beside any others is at most the sum, over tables, of the most that it takes off
    an entry. One that cannot reach its cost leaves every table, which lowers what others can reach.
    """
    own = [_without(table, touching, set(touching) - set(able)) for touching, table in tables]
    while True:
        most = {n: sum(_most(*part, n) for part in own if n in part[0]) for n in able}
        idle = {number for number, averted in most.items() if averted <= costs[number]}
        if not idle:
            return able
        able = [number for number in able if number not in idle]
        own = [_without(table, touching, idle) for touching, table in own]


def _most(touching: tuple[int, ...], table: Array, number: int) -> float:
    """The most that one mitigation takes off an entry of a table."""
    halves = table.reshape(-1, 2, 1 << touching.index(number))
    return float((halves[:, 0] - halves[:, 1]).max())


def _without(table: Array, touching: tuple[int, ...], gone: set[int]) -> tuple[tuple[int, ...], Array]:
    """A table of the bundles without some mitigations."""
    rest = tuple(number for number in touching if number not in gone)
    return rest, table[_places(touching, rest)]
