"""The best bundle of mitigations for a budget, exact in the mean, and what a wrong choice could cost.

Benefits do not add, so every bundle is computed. That is cheap, because the expected loss of a bundle is a
sum over chains of attacks and segments, and each term depends only on the mitigations that touch it: on those
that change which fields leaked (weights) and those that change what is done with them (losses of an account).
A table of weights times losses for each term, and the loss of a million bundles is a sum of table entries.

*Regret* is what the bundle chosen on average falls short of the one that would have been best had the
parameters of a replicate been known: its mean is the value of knowing them before choosing.

Terms that the same mitigations touch are one table. In a replicate, a mitigation that takes less off every
entry of every table than it costs is in no best bundle; only bundles of the others are computed.

Not here: expected harm itself (``engine.expected_harm``), and mitigations side by side (``comparison``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.parameters import FEWER_REPLICATES
from breach_sim.engine.expected_harm import ExpectedHarm, resets_of
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import summary, table
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.changes import Drop, Reset
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact
from breach_sim.whatif.mitigated_runs import check_names, expected_harm

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
"""Most mitigations that can be bundled: 2**20 bundles."""
REGRETS = 200
"""Replicates in which the best bundle of the replicate is searched."""
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
        return table(rows, self.scenario.all_notes)

    def _names(self, bits: int) -> tuple[str, ...]:
        return tuple(name for i, name in enumerate(self.mitigations) if bits >> i & 1)

    def as_dict(self) -> dict[str, Any]:
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
        """The bundle as one JSON document: what :meth:`as_dict` gives, and the scenario's name."""
        return json.dumps({"scenario": self.scenario.name} | self.as_dict(), indent=2)

    def _title(self) -> str:
        return f"Best bundle for {_usd(self.budget)} USD, {self.scenario.title}"

    def _members(self) -> str:
        return ", ".join(self.chosen) or "nothing: no bundle is worth its price"

    def _search(self) -> str:
        """Size of the search, and what another choice would have been worth."""
        missed, regret = float(np.mean(self.regret > 0)), float(self.regret.mean())
        return (
            f"best of {len(self.net):,} bundles over {self.replicates:,} replicates; another one would "
            f"have been better in {missed:.0%} of {len(self.regret)}, by {_usd(regret)} USD "
            "on average over all"
        )

    def __repr__(self) -> str:
        lines = [
            self._title(),
            f"  {self._members()}",
            f"  averts {_usd(self.loss_usd)} USD for {_usd(self.cost_usd)} USD on average: "
            f"net {_usd(self.net_usd)} USD",
            f"  {self._search()}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        lines = [
            ("bundle", self._members()),
            ("loss averted, mean [USD]", _usd(self.loss_usd)),
            ("cost, mean [USD]", _usd(self.cost_usd)),
            ("net benefit, mean [USD]", _usd(self.net_usd)),
            ("search", f"{self._search()}; seed {self.seed}"),
        ]
        return html.card(self._title(), lines, notes=self.scenario.all_notes)


def _usd(value: float) -> str:
    return human(significant(value))


def best_bundle(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Sequence[Mitigation],
    budget: float,
    *,
    seed: int,
    replicates: int = FEWER_REPLICATES,
    horizon_years: float = 5,
    baseline: Impact | None = None,
    sampling: str = "sobol",
    posterior: Posterior | None = None,
) -> Bundle:
    """The best bundle for a budget: :func:`breach_sim.api.comparisons.best_bundle` of objects.

    Of bundles with equal net benefit it is the first with the fewest mitigations. ``baseline`` is as for
    :func:`breach_sim.whatif.mitigated_runs.compare`. A negative budget, too many mitigations, or one that
    resets a field which another puts in the place of a dropped one raise ValueError.
    """
    check_names(mitigations)
    _check(mitigations, budget)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates}
    made_of |= {"horizon_years": horizon_years, "sampling": sampling, "posterior": posterior}
    expected = expected_harm(scenario, graph, mitigations, **made_of, baseline=baseline)
    terms = _joined(_terms(expected, mitigations))
    costs = np.stack(
        [_whole(mitigation.cost.drawn(scenario, expected.parameters), expected) for mitigation in mitigations]
    )
    left = np.zeros(1 << len(mitigations))
    for term in terms:
        left += term.mean[_places(term.touching, range(len(mitigations)))]
    price = _sums(costs.mean(axis=1)[:, None])[:, 0]
    afford = price <= budget * (1 + _SLACK)
    net = np.where(afford, left[0] - left - price, -np.inf)
    best = int(np.argmax(net >= net.max() - _SLACK * left[0]))
    return Bundle(
        scenario=scenario,
        mitigations=tuple(mitigation.name for mitigation in mitigations),
        budget=float(budget),
        replicates=expected.parameters.replicates,
        seed=expected.parameters.seed,
        chosen=tuple(mitigation.name for i, mitigation in enumerate(mitigations) if best >> i & 1),
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
    changes = [change for mitigation in mitigations for change in mitigation.changes]
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


def _terms(expected: ExpectedHarm, mitigations: Sequence[Mitigation]) -> Iterable[_Term]:
    """A table for each chain and segment in which something can happen."""
    worlds = [mitigation.apply(expected.scenario, expected.graph) for mitigation in mitigations]
    for chain in range(len(expected.chains)):
        read = expected.fields_of(chain)
        marks = [expected.mark(graph, chain) for _, graph in worlds]
        base = expected.mark(expected.graph, chain)
        for row, segment in enumerate(expected.scenario.segments):
            bits = expected.bits_of(chain)
            resets = [resets_of(changed, segment, bits) for changed, _ in worlds]
            before = resets_of(expected.scenario, segment, bits)
            weighing = [
                i
                for i, (changed, _) in enumerate(worlds)
                if _seen(changed.segments[row], read) != _seen(segment, read)
            ]
            acting = [i for i in range(len(worlds)) if marks[i] != base or resets[i] != before]
            term = _term(expected, mitigations, (chain, row), (tuple(weighing), tuple(acting)))
            if term is not None:
                yield term


def _seen(segment: Segment, read: frozenset[str]) -> tuple[Any, ...]:
    """What of a segment matters to attacks that read some fields."""
    leaks = [(frozenset(leak.fields) & read, leak.coverage) for leak in segment.leaks]
    withheld = tuple(part for part in segment.withheld if part.bits & vocabulary.mask(read))
    return tuple(leak for leak in leaks if leak[0]), withheld


def _term(
    expected: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    where: tuple[int, int],
    touching: tuple[tuple[int, ...], tuple[int, ...]],
) -> _Term | None:
    """Table of one chain in one segment: weights of sets of open routes times what is done with them."""
    (chain, row), (weighing, acting) = where, touching
    segment = expected.scenario.segments[row]
    losses: dict[int, Array | None] = {}
    size = min(REGRETS, expected.parameters.replicates)
    means, firsts = [], []
    accounts = expected.law.accounts(segment)
    possible = False
    for chosen in _subsets(weighing):
        changed, _ = together([mitigations[i] for i in chosen], expected.scenario, expected.graph)
        mean, first = np.zeros(1 << len(acting)), np.zeros((1 << len(acting), size))
        for opened, weight in expected.chain_weights(chain, changed.segments[row]).items():
            if opened not in losses:
                losses[opened] = _losses(expected, mitigations, chain, segment, opened, acting)
            loss = losses[opened]
            if loss is not None:
                possible = True
                whole = _whole(accounts * weight, expected)
                mean += loss @ whole / len(whole)
                first += loss[:, :size] * whole[:size]
        means.append(mean)
        firsts.append(first)
    if not possible:
        return None
    both = tuple(sorted({*weighing, *acting}))
    # Rows stand by set of those that change weights, then of those that change losses; one may do both.
    rows = _places(weighing, both) * (1 << len(acting)) + _places(acting, both)
    return _Term(both, np.concatenate(means)[rows], np.concatenate(firsts)[rows])


def _losses(
    expected: ExpectedHarm,
    mitigations: Sequence[Mitigation],
    chain: int,
    segment: Segment,
    opened: int,
    acting: tuple[int, ...],
) -> Array | None:
    """Expected loss of an account by bundle, certain routes open. Shape (2**V, R); None if there is none."""
    rows = []
    for chosen in _subsets(acting):
        changed, graph = together([mitigations[i] for i in chosen], expected.scenario, expected.graph)
        harm = expected.chain_harm(chain, changed, graph, segment, opened, expected.mark(graph, chain))
        if harm is None:
            return None
        rows.append(harm.loss)
    return np.stack(rows)


def _subsets(numbers: tuple[int, ...]) -> Iterable[list[int]]:
    """Every subset, in the order of its bit set."""
    for bits in range(1 << len(numbers)):
        yield [number for place, number in enumerate(numbers) if bits >> place & 1]


def _whole(values: Array, expected: ExpectedHarm) -> Array:
    return np.asarray(np.broadcast_to(values, (expected.parameters.replicates,)))


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
    parts = [_without(table, touching, set(touching) - set(able)) for touching, table in tables]
    while True:
        most = {n: sum(_most(*part, n) for part in parts if n in part[0]) for n in able}
        idle = {number for number, averted in most.items() if averted <= costs[number]}
        if not idle:
            return able
        able = [number for number in able if number not in idle]
        parts = [_without(table, touching, idle) for touching, table in parts]


def _most(touching: tuple[int, ...], table: Array, number: int) -> float:
    """The most that one mitigation takes off an entry of a table."""
    halves = table.reshape(-1, 2, 1 << touching.index(number))
    return float((halves[:, 0] - halves[:, 1]).max())


def _without(table: Array, touching: tuple[int, ...], gone: set[int]) -> tuple[tuple[int, ...], Array]:
    """A table of the bundles without some mitigations."""
    rest = tuple(number for number in touching if number not in gone)
    return rest, table[_places(touching, rest)]
