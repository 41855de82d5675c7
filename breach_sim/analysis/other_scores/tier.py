"""A tier by sufficiency: whether what leaked of an account is enough for a fraud, or for several severe ones.

Three *tiers*: "needs more data" (no attack that costs anybody money is possible), "enough for one fraud" (at
least one is), "enough for several severe ones" (at least two ways in, each of which leads to a severe loss).
A *way in* is an initial attack together with the follow-ons that it alone leads to, so that a moved number
and the accounts behind it count once. *Severe* is an attack whose mean loss in the catalog, at central
parameters and before any anchor factor, reaches a threshold: 3,000 USD per victim by default, our own
convention. An anchored attack counts with its published mean loss.

Exact: from minimal enabling sets, every trait and success assumed, account by account over the cells. No
probability enters, so a tier says what is possible, not what happens.

Not here: how many victims (``impact``), or what an account's loss is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.exposure import expose
from breach_sim.formatting import html
from breach_sim.formatting.messages import shown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.requirements import minimal
from breach_sim.inputs.scenario import Scenario

TIERS = ("needs more data", "enough for one fraud", "enough for several severe ones")
"""Tiers, rising."""
SEVERE_USD = 3_000.0
"""Mean loss of a victim from which an attack is severe [USD]. A convention, assumed."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tiers:
    """Accounts by tier.

    Parameters
    ----------
    scenario
        Its name.
    threshold
        Mean loss from which an attack was taken as severe. [USD/victim]
    accounts
        By segment, accounts in each tier, in the order of :data:`TIERS`; those of which nothing leaked are
        left out.
    one, several
        Smallest sets of fields that reach the second and the third tier, shortest first.
    severe
        Ways in that lead to a severe loss.
    """

    scenario: str
    threshold: float
    accounts: Mapping[str, tuple[int, int, int]]
    one: tuple[tuple[str, ...], ...]
    several: tuple[tuple[str, ...], ...]
    severe: tuple[str, ...]

    @property
    def total(self) -> tuple[int, int, int]:
        """Accounts in each tier, over all segments."""
        sums = [sum(own[tier] for own in self.accounts.values()) for tier in range(3)]
        return sums[0], sums[1], sums[2]

    @property
    def shares(self) -> tuple[float, float, float]:
        """Share of the exposed accounts in each tier; zeros where nothing leaked."""
        exposed = sum(self.total) or 1
        first, second, third = self.total
        return first / exposed, second / exposed, third / exposed

    def __repr__(self) -> str:
        counts = ", ".join(f"{tier} {count:,}" for tier, count in zip(TIERS, self.total, strict=True))
        return f"<Tiers of {self.scenario}: {counts} accounts>"

    def _repr_html_(self) -> str:
        lines = zip(TIERS, self.total, self.shares, strict=True)
        rows = [(tier, f"{accounts:,}", f"{share:.0%}") for tier, accounts, share in lines]
        note = f"Severe: a mean loss of {self.threshold:,.0f} USD a victim or more."
        return html.table(rows, ("tier", "accounts", "share"), caption=self.scenario, notes=(note,))

    @property
    def verdict(self) -> str:
        """Tier of most exposed accounts; of equal ones the higher."""
        return verdict_of(self.total)


def verdict_of(accounts: tuple[int, int, int]) -> str:
    """Tier that holds the most accounts.

    Parameters
    ----------
    accounts
        Accounts in each tier.

    Returns
    -------
    One of :data:`TIERS`; of equal ones the higher.
    """
    return TIERS[max(range(3), key=lambda tier: (accounts[tier], tier))]


def tiers(scenario: Scenario, attacks: AttackGraph, *, threshold: float = SEVERE_USD) -> Tiers:
    """Accounts of a scenario by tier.

    Parameters
    ----------
    scenario
        What leaked, for whom; coverages at their central values.
    attacks
        What it enables.
    threshold
        Mean loss of a victim from which an attack is severe. (0, inf) [USD]

    Returns
    -------
    Whole numbers of accounts, per segment and in all, and the smallest sets of fields behind them.

    Raises
    ------
    ValueError
        If the threshold is no positive number.
    """
    one, several, severe = sufficient_sets(attacks, threshold)
    exposure = expose(scenario)
    levels = tier_of(exposure.masks, one, several)
    counted: dict[str, tuple[int, int, int]] = {}
    for number, segment in enumerate(scenario.segments):
        mine = (exposure.segments == number) & (exposure.masks != 0)
        sums = [int(exposure.accounts[mine & (levels == tier)].sum()) for tier in range(3)]
        if any(sums):
            counted[segment.name] = (sums[0], sums[1], sums[2])
    return Tiers(
        scenario=scenario.name,
        threshold=float(threshold),
        accounts=counted,
        one=_named(one),
        several=_named(several),
        severe=severe,
    )


def tier_of(masks: NDArray[np.uint64], one: frozenset[int], several: frozenset[int]) -> NDArray[np.int64]:
    """Tier of each set of leaked fields.

    Parameters
    ----------
    masks
        Sets of fields. Shape (C,). [bit set]
    one, several
        Smallest sets that reach the second and the third tier. [bit set]

    Returns
    -------
    0, 1 or 2; more leaked fields never give less. Shape (C,).
    """
    levels = np.zeros(len(masks), dtype=np.int64)
    for tier, sets in ((1, one), (2, several)):
        for bits in sets:
            wanted = np.uint64(bits)
            levels = np.where((masks & wanted) == wanted, np.maximum(levels, tier), levels)
    return levels


def sufficient_sets(
    attacks: AttackGraph, threshold: float = SEVERE_USD
) -> tuple[frozenset[int], frozenset[int], tuple[str, ...]]:
    """Smallest sets of fields that reach the second tier, and the third.

    Parameters
    ----------
    attacks
        The attacks.
    threshold
        Mean loss of a victim from which an attack is severe. (0, inf) [USD]

    Returns
    -------
    Sets enough for one fraud and for several severe ones [bit set], and the names of the severe ways in.

    Raises
    ------
    ValueError
        If the threshold is no positive number.
    """
    _check_threshold(threshold)
    harmful: set[int] = set()
    severe: dict[str, frozenset[int]] = {}
    for way in (attack for attack in attacks.attacks if attack.kind == "initial"):
        sets = _sets_behind(attacks, way)
        for name, own in sets.items():
            harmful |= own if mean_loss(attacks[name]) > 0 else frozenset()
        worst = minimal(
            bits for name, own in sets.items() if mean_loss(attacks[name]) >= threshold for bits in own
        )
        if worst:
            severe[way.name] = worst
    pairs = itertools.combinations(severe.values(), 2)
    several = minimal(a | b for one, other in pairs for a in one for b in other)
    return minimal(harmful), several, tuple(severe)


def mean_loss(attack: Attack) -> float:
    """Mean loss of a victim at central parameters.

    Parameters
    ----------
    attack
        An attack.

    Returns
    -------
    The mean severity, or the published mean loss of an anchor where that is larger. [USD/victim]
    """
    anchored = attack.anchor.mean_loss.mean() if attack.anchor else 0.0
    return max(attack.severity.mean(), anchored)


def _check_threshold(threshold: Any) -> None:
    number = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if not number or not math.isfinite(threshold) or threshold <= 0:
        raise ValueError(
            f"threshold is {shown(threshold)} in the tiers; it must be a number of USD above 0, such as "
            f"{SEVERE_USD:,.0f}"
        )


def _sets_behind(attacks: AttackGraph, way: Attack) -> dict[str, frozenset[int]]:
    """Minimal enabling sets of a way in and of every follow-on, no other initial attack succeeding."""
    members = [way, *(attack for attack in attacks.attacks if attack.kind == "follow_on")]
    sets: dict[str, frozenset[int]] = {attack.name: frozenset() for attack in members}
    while True:
        before = dict(sets)
        for attack in members:
            found = set(sets[attack.name])
            for route in attack.routes:
                combined = frozenset({route.field_mask})
                for capability in route.capabilities:
                    givers = [own.name for own in members if capability in own.grants]
                    ways = minimal(bits for name in givers for bits in sets[name])
                    combined = minimal(one | other for one in combined for other in ways)
                found |= combined
            sets[attack.name] = minimal(found)
        if sets == before:
            return sets


def _named(sets: frozenset[int]) -> tuple[tuple[str, ...], ...]:
    return tuple(vocabulary.names(bits) for bits in sorted(sets, key=lambda bits: (bits.bit_count(), bits)))
