"""Expected loss of one account by the set of fields it lost, chain by chain.

Given the parameters, the expected loss of an account is a sum over attacks, and an attack depends only on
its own routes and on those of the attacks that it follows. So attacks fall into *chains*, groups that share
no capability, and the loss of a chain depends on a set of fields only through the routes of the chain that
are known, from the leak or through look-ups. A loss is computed once for each chain and set of known routes.

Capacity scales and anchor factors are those of the law and the severities handed in: they are held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from breach_sim.engine.classes import AccountClass
from breach_sim.engine.granted import Number, granted_law, never
from breach_sim.engine.known import KnownRoutes, chains_of
from breach_sim.engine.law import Law
from breach_sim.engine.severity import mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookups
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact

Chain = tuple[Attack, ...]
MAX_SETS = 4_096
"""Most unions of routes' fields of one chain: beyond it an exact attribution would not fit in memory."""


def chains(graph: AttackGraph) -> tuple[Chain, ...]:
    """Attacks put together where one grants what another needs.

    Parameters
    ----------
    graph
        The attacks.

    Returns
    -------
    Groups in the order of their first attacks; attacks without routes are left out.
    """
    return tuple(tuple(graph[name] for name in names) for names in chains_of(graph, by_trait=False))


def field_sets(chain: Chain, leaked: int, lookups: Lookups | None = None) -> tuple[int, ...]:
    """Sets of leaked fields that can do something together that no smaller set of them does.

    Parameters
    ----------
    chain
        Attacks of :func:`chains`.
    leaked
        Fields that leaked for anyone. [bit set]
    lookups
        What can be looked up, if anything.

    Returns
    -------
    Smaller ones first, without the empty set: unions of the field sets of routes that lie in the leaked
    fields, and of the single fields that matter to a route of which something can be looked up. Any other
    set makes the same routes known as the largest of these within it. [bit sets]

    Raises
    ------
    ValueError
        If there are more than :data:`MAX_SETS`.
    """
    unions = {0}
    for attack in chain:
        for route in attack.routes:
            for part in _parts(route.field_mask, leaked, lookups):
                unions |= {known | part for known in unions}
                if len(unions) > MAX_SETS:
                    names = ", ".join(a.name for a in chain)
                    raise ValueError(
                        f"the routes of {names} have more than {MAX_SETS:,} unions of fields; an exact "
                        "attribution takes each of them: put routes together, or attribute fewer attacks"
                    )
    return tuple(sorted(unions - {0}, key=lambda bits: (bits.bit_count(), bits)))


def _parts(needed: int, leaked: int, lookups: Lookups | None) -> list[int]:
    """Sets of leaked fields of which the knowledge of a route is a function. [bit sets]."""
    found = 0 if lookups is None else vocabulary.mask(own.field for own in lookups.possible)
    if lookups is None or not found & needed:
        return [needed] if needed and needed & leaked == needed else []
    read = lookups.read_for(needed) & leaked
    return [1 << number for number in range(read.bit_length()) if read >> number & 1]


def check_as_it_was(impact: Impact) -> None:
    """Refuse an impact with protections or withheld fields, which nothing in this room knows.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Raises
    ------
    ValueError
        With what it has, and what to take in its place.
    """
    has = [
        f"attack {attack.name!r} has a protection" for attack in impact.attacks.attacks if attack.protections
    ]
    has += [f"trait {name!r} has a protection" for name, t in impact.attacks.traits.items() if t.protections]
    has += [f"segment {s.name!r} has withheld fields" for s in impact.scenario.segments if s.withheld]
    if has:
        raise ValueError(
            f"{has[0]}: explanations are of a breach as it was, without mitigations; take the impact of the "
            "scenario as given, and compare() for what a mitigation averts"
        )


def severities(impact: Impact) -> dict[str, Array]:
    """Mean loss of a victim by attack, the anchor factor of the impact included.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    By attack. Shape (R,). [USD/victim]
    """
    draws, graph = impact.law.parameters, impact.attacks
    return {attack.name: mean_loss(draws, graph, attack, impact.factors) for attack in graph.attacks}


class AccountLoss:
    """Expected loss of one account of a segment by the set of fields it lost.

    Parameters
    ----------
    law
        Scenario, graph, parameters and capacity scales.
    means
        Mean loss of a victim by attack. Shape (R,). [USD/victim]
    """

    def __init__(self, law: Law, means: Mapping[str, Array]) -> None:
        self.chains = chains(law.graph)
        self._law = law
        self._means = {name: mean for name, mean in means.items() if np.any(mean)}
        names = [{attack.name for attack in chain} for chain in self.chains]
        self._known = [KnownRoutes(law.graph, law.parameters, own) for own in names]
        self._losses: dict[tuple[str, int, int], Array] = {}

    def of(self, segment: Segment, number: int, masks: Sequence[int]) -> list[Array]:
        """Expected loss from one chain, for several sets of leaked fields.

        Parameters
        ----------
        segment
            Decides the rates of clocks and which resets apply.
        number
            Place of the chain in ``chains``.
        masks
            Sets of fields that leaked for the account. [bit sets]

        Returns
        -------
        One array for each set. Shape (R,) or (1,). [USD/account]
        """
        return self._known[number].expect(masks, lambda known: self._of_known(segment, number, known))

    def total(self, segment: Segment, masks: Mapping[int, Array]) -> Array:
        """Expected loss from all chains, averaged over sets of leaked fields.

        Parameters
        ----------
        segment
            Decides the rates of clocks and which resets apply.
        masks
            Weight by set of leaked fields. Shape (R,) or (1,) each.

        Returns
        -------
        Shape (R,) or (1,). [USD/account]
        """
        total = np.zeros(1)
        for number, known in enumerate(self._known):
            for routes, weight in known.of(masks).items():
                total = total + weight * self._of_known(segment, number, routes)
        return total

    def _of_known(self, segment: Segment, number: int, known: int) -> Array:
        """Expected loss from one chain, given the known routes. Shape (R,) or (1,). [USD/account]."""
        key = (segment.name, number, known)
        if key not in self._losses:
            chain = self.chains[number]
            wanted = known and any(attack.name in self._means for attack in chain)
            groups = self._law.classes_of(segment, {known: np.ones(1)}) if wanted else []
            self._losses[key] = np.asarray(
                sum((g.weight * self._of_class(segment, g, chain) for g in groups), np.zeros(1))
            )
        return self._losses[key]

    def _of_class(self, segment: Segment, group: AccountClass, chain: Chain) -> Number:
        """Expected loss from one chain of an account in one class."""
        if not any(group.routes[attack.name] for attack in chain):
            return 0.0
        given = {a.name: [won for _, won in self._law.given_granted(a, segment, group)] for a in chain}
        granting = self._law.graph.granting
        nil = [0.0] * (1 << len(granting))
        granted = granted_law([given.get(attack.name, nil) for attack in granting])
        bits = {attack.name: 1 << number for number, attack in enumerate(granting)}
        total: Number = 0.0
        for attack in chain:
            if attack.name not in self._means:
                continue
            for held, chance in enumerate(granted):
                won = float(bool(held & bits[attack.name])) if attack.grants else given[attack.name][held]
                if not never(chance) and not never(won):
                    total = total + chance * won * self._means[attack.name]
        return total
