"""Shares of accounts by what is known of them: leaks, look-ups and traits, as functions of tree nodes.

The probabilities are those of :class:`~breach_sim.engine.known.KnownRoutes`. A full tree of coins would have
thousands of branches, so the share of a set of known routes is one node. Its children are the numbers whose
change moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from breach_sim.analysis.provenance.tree import Node
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.known import KnownRoutes
from breach_sim.formatting.arrays import Array

Outcome = tuple[int, tuple[bool, ...]]
"""A set of known routes [bit set], and which traits show."""
Values = Mapping[int, Array]
"""Values in place of those of a node, by its identity."""
Weights = Mapping[int, Array]
"""Share of accounts by set of known routes. Shape (n,) or (1,) each. [bit set]"""
FEW = 64
"""Replicates in which it is tried whether a number matters."""
SMALLER = 0.9
"""Factor by which a number is changed for the trial."""
ROUNDING = 1e-12
"""Relative change below which nothing has moved."""


class Coins:
    """Independent leaks and traits, and look-ups, of the accounts of a segment.

    Parameters
    ----------
    leaks
        Coverage, and the fields that leak together [bit set].
    traits
        Share of accounts with each trait.
    searches
        Shares of the look-ups, and how they go together.
    known
        Makes the probabilities of known routes from draws of the parameters.
    seed
        Seed of the run; no number is drawn from it.
    """

    def __init__(
        self,
        leaks: Sequence[tuple[Node, int]],
        traits: Sequence[Node],
        searches: Sequence[Node],
        known: Callable[[Parameters], KnownRoutes],
        seed: int,
    ) -> None:
        self.traits = tuple(traits)
        self._leaks = tuple(leaks)
        self._searches = tuple(searches)
        self._known = known
        self._seed = seed

    def routes(self) -> tuple[int, ...]:
        """Sets of routes that can be known together. [bit sets]."""
        return tuple(self._weights)

    def weights(self, values: Values) -> Weights:
        """Share of the accounts with each set of known routes.

        Parameters
        ----------
        values
            Values in place of those of some nodes; n numbers each.

        Returns
        -------
        They sum to 1.
        """
        if not values:
            return self._weights
        masks: dict[int, Array] = {0: np.ones(1)}
        for leaf, bits in self._leaks:
            share, split = _value(leaf, values), dict[int, Array]()
            for mask, weight in masks.items():
                for reached, part in ((mask, weight * (1.0 - share)), (mask | bits, weight * share)):
                    split[reached] = split[reached] + part if reached in split else part
            masks = split
        drawn = {leaf.estimate.name: _value(leaf, values) for leaf in self._searches if leaf.estimate}
        size = max((len(value) for value in drawn.values()), default=1)
        return self._known(Parameters(self._seed, size, drawn)).of(masks)

    def share(self, outcomes: Sequence[Outcome], values: Values, weights: Weights) -> Array:
        """Share of the accounts with one of some outcomes.

        Parameters
        ----------
        outcomes
            Different ones.
        values
            As for :meth:`weights`.
        weights
            What :meth:`weights` gives at these values.

        Returns
        -------
        Shape (n,) or (1,). [share]
        """
        shown: dict[tuple[bool, ...], Array] = {}
        sums: dict[int, Array] = {}
        for known, on in outcomes:
            if on not in shown:
                share = np.ones(1)
                for leaf, is_on in zip(self.traits, on, strict=True):
                    own = _value(leaf, values)
                    share = share * (own if is_on else 1.0 - own)
                shown[on] = share
            sums[known] = sums[known] + shown[on] if known in sums else shown[on]
        total = np.zeros(1)
        for known, share in sums.items():
            total = total + weights.get(known, np.zeros(1)) * share
        return total

    def moving(self, compute: Callable[[Values, Weights], Array]) -> tuple[Node, ...]:
        """Return the leaks, traits and look-ups whose change moves a number.

        Parameters
        ----------
        compute
            The number, from values and from the shares of known routes at these values.

        Returns
        -------
        Nodes, each once.
        """
        (_, values, weights), *changed = self._trials
        before = compute(values, weights)
        return tuple(node for node, own, after in changed if _moved(before, compute(own, after)))

    def move_with_searches(self) -> bool:
        """Whether the share of some set of known routes changes with a look-up."""
        if not self._searches:
            return False
        (_, _, before), *changed = self._trials
        return any(
            _moved(before.get(known, np.zeros(1)), weight)
            for node, _, after in changed
            if node in self._searches
            for known, weight in after.items()
        )

    @cached_property
    def _weights(self) -> Weights:
        """Shares of the accounts at the nodes' own values."""
        values = {id(leaf): leaf.values for leaf in self._nodes}
        return self.weights(values) if values else self._known(Parameters(self._seed, 1)).of({0: np.ones(1)})

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        """Every node, once."""
        nodes = [*(leaf for leaf, _ in self._leaks), *self.traits, *self._searches]
        return tuple({id(leaf): leaf for leaf in nodes}.values())

    @cached_property
    def _trials(self) -> list[tuple[Node, dict[int, Array], Weights]]:
        """Some replicates as they are, then with one node changed: node, values, shares of known routes."""
        own = {id(leaf): few(leaf.values) for leaf in self._nodes}
        as_it_is = self.weights(own)
        trials = [(self._nodes[0], own, as_it_is)]
        read = {id(leaf) for leaf in (*(leaf for leaf, _ in self._leaks), *self._searches)}
        for leaf in self._nodes:
            values = own | {id(leaf): SMALLER * own[id(leaf)]}
            trials.append((leaf, values, self.weights(values) if id(leaf) in read else as_it_is))
        return trials


def few(values: Array) -> Array:
    """Return the first replicates of some values.

    Parameters
    ----------
    values
        Shape (n,).

    Returns
    -------
    Shape (min(n, 64),).
    """
    return values[:FEW]


def _value(leaf: Node, values: Values) -> Array:
    return values.get(id(leaf), leaf.values)


def _moved(before: Array, after: Array) -> bool:
    """Whether a number changed by more than rounding."""
    return bool(np.any(np.abs(after - before) > ROUNDING * np.abs(before) + ROUNDING / 1_000))
