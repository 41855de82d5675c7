"""The best bundle of mitigations for a budget, exact in the mean, and what a wrong choice could cost.

Benefits do not add, so every bundle is computed. That is cheap, because the expected loss of a bundle is a
sum over chains of attacks and segments, and each term depends only on the mitigations that touch it: on those
that change which fields leaked (weights) and those that change what is done with them (losses of an account).
A table of weights times losses for each term, and the loss of a million bundles is a sum of table entries.
What the messages of a bundle cost, which it shares, is one more table.

*Regret* is what the bundle chosen on average falls short of the one that would have been best had the
parameters of a replicate been known: its mean is the value of knowing them before choosing.

Terms that the same mitigations touch are one table. In a replicate, a mitigation that takes less off every
entry of every table than it costs is in no best bundle; only bundles of the others are computed.

Not here: expected harm itself (``engine.expected_harm``), and mitigations side by side (``comparison``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.draws.parameters import FEWER_REPLICATES
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.formatting.tables import summary, table
from breach_sim.inputs.changes import Drop, Reset
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.whatif.bundle.payments import SLACK, WHOSE, payments_of
from breach_sim.whatif.bundle.regret import regret_of
from breach_sim.whatif.bundle.tables import firm_term, joined, sum_of, terms_of
from breach_sim.whatif.mitigated_runs import check_names, expected_harm
from breach_sim.whatif.whose_money import FirmSide, startable

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
"""Most mitigations that can be bundled: 2**20 bundles."""
BEST = 10
"""Bundles shown beside the best one."""


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
    firm_usd
        What the bundle saves the firm, mean; None where there is no ledger. Not to be added. [USD of 2024]
    given, given_usd
        Names of the mitigations that a law demands, which are in every bundle; their mean cost. [USD]
    whose
        Whose money the benefit is: "others" or "firm".
    net
        Net benefit of every bundle, by bit set of mitigations, mean; minus infinity beyond the budget
        or without what a law demands. Shape (2**M,). [USD]
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
    firm_usd: float | None = None
    given: tuple[str, ...] = ()
    given_usd: float = 0.0
    whose: str = WHOSE[0]

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
        return table(rows, self.scenario.all_notes, index="rank")

    def _names(self, bits: int) -> tuple[str, ...]:
        return tuple(name for i, name in enumerate(self.mitigations) if bits >> i & 1)

    def as_dict(self) -> dict[str, Any]:
        """The bundle in plain values.

        Returns
        -------
        ``budget_usd``, ``whose``, ``chosen``, ``given``, ``given_usd``, ``loss_usd``, ``firm_usd``,
        ``cost_usd``, ``net_usd``, ``regret_usd``.
        """
        return {
            "budget_usd": self.budget,
            "whose": self.whose,
            "chosen": list(self.chosen),
            "given": list(self.given),
            "given_usd": self.given_usd,
            "loss_usd": self.loss_usd,
            "firm_usd": self.firm_usd,
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

    def _beside(self) -> list[tuple[str, str]]:
        """What a law demands, and the firm's side."""
        lines = []
        if self.given:
            words = f"{', '.join(self.given)} ({_usd(self.given_usd)} USD of the cost)"
            lines.append(("asked for by law, not against the budget", words))
        if self.firm_usd is not None:
            lines.append(("saves the firm, mean, not to be added [USD]", _usd(self.firm_usd)))
        return lines

    def __repr__(self) -> str:
        benefit = "saves the firm" if self.whose == WHOSE[1] else "averts"
        gained = self.net_usd + self.cost_usd
        lines = [
            self._title(),
            f"  {self._members()}",
            f"  {benefit} {_usd(gained)} USD for {_usd(self.cost_usd)} USD on average: "
            f"net {_usd(self.net_usd)} USD",
            *(f"  {name}: {text}" for name, text in self._beside()),
            f"  {self._search()}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        lines = [
            ("bundle", self._members()),
            ("loss averted, mean [USD]", _usd(self.loss_usd)),
            ("cost, mean [USD]", _usd(self.cost_usd)),
            ("net benefit, mean [USD]", _usd(self.net_usd)),
            *self._beside(),
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
    firm: FirmCosts | None = None,
    can_start_on: float | None = None,
    whose: str = WHOSE[0],
) -> Bundle:
    """The best bundle for a budget: :func:`breach_sim.api.comparisons.best_bundle` of objects.

    Of bundles with equal net benefit it is the first with the fewest mitigations. ``baseline`` is as for
    :func:`breach_sim.whatif.mitigated_runs.compare`. A negative budget, too many mitigations, or one that
    resets a field which another puts in the place of a dropped one raise ValueError.
    """
    check_names(mitigations)
    mitigations = _in_time(mitigations, can_start_on)
    _check(mitigations, budget, whose)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates}
    made_of |= {"horizon_years": horizon_years, "sampling": sampling, "posterior": posterior}
    expected = expected_harm(scenario, graph, mitigations, **made_of, baseline=baseline)
    side = FirmSide(scenario, firm if baseline is None else baseline.firm, expected.parameters)
    paid = payments_of(expected, mitigations, side, whose)
    ours = whose == WHOSE[1]
    terms = [firm_term(expected, mitigations, side)] if ours else joined(terms_of(expected, mitigations))
    left = sum_of(terms, len(mitigations))
    net = np.where(paid.within(budget), left[0] - left - paid.price, -np.inf)
    best = int(np.argmax(net >= net.max() - SLACK * left[0]))
    chosen = [mitigation for i, mitigation in enumerate(mitigations) if best >> i & 1]
    world = together(chosen, scenario, graph)
    loss = expected.loss(scenario, graph) - expected.loss(*world) if ours else left[0] - left[best]
    saved = side.averted(world[0])
    return Bundle(
        scenario=scenario,
        mitigations=tuple(mitigation.name for mitigation in mitigations),
        budget=float(budget),
        replicates=expected.parameters.replicates,
        seed=expected.parameters.seed,
        chosen=tuple(mitigation.name for mitigation in chosen),
        loss_usd=float(np.mean(loss)),
        cost_usd=float(paid.price[best]),
        net=net,
        regret=regret_of([*terms, paid.messages], paid, paid.within(budget), best),
        firm_usd=None if saved is None else float(saved.mean()),
        given=tuple(mitigations[i].name for i in paid.given),
        given_usd=paid.due,
        whose=whose,
    )


def _in_time(mitigations: Sequence[Mitigation], can_start_on: float | None) -> list[Mitigation]:
    """Mitigations as they are from a day on, without those of before the breach."""
    found = startable(mitigations, can_start_on)
    if can_start_on is None:
        return found
    left = [mitigation for mitigation in found if not mitigation.is_past]
    if not left:
        raise ValueError(
            f"from day {can_start_on:g} on it is too late for {named(own.name for own in found)}, which "
            "could be done before the breach only; name one that can still be done, such as 'credit-freeze'"
        )
    return left


def _check(mitigations: Sequence[Mitigation], budget: float, whose: str) -> None:
    if whose not in WHOSE:
        raise ValueError(unknown("side", whose, WHOSE, "whose"))
    if len(mitigations) > MOST:
        raise ValueError(
            f"{len(mitigations)} mitigations are named; at most {MOST} can be bundled: drop some"
        )
    plain = isinstance(budget, (int, float)) and not isinstance(budget, bool)
    if not plain or not (0 <= budget <= float(np.finfo(float).max) or budget == math.inf):
        raise ValueError(f"the budget is {shown(budget)} USD; it must be a number from 0 on")
    changes = [change for mitigation in mitigations for change in mitigation.changes]
    placed = {change.by for change in changes if isinstance(change, Drop) and change.by}
    again = {name for change in changes if isinstance(change, Reset) for name in change.fields} & placed
    if again:
        raise ValueError(
            f"one mitigation resets {min(again)!r} and another puts it in the place of a dropped field; such "
            "two cannot be bundled: leave one out"
        )
