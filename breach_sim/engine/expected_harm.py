"""Expected harm of what-ifs, computed chain by chain. Only parameters are drawn.

A *chain* is a set of attacks that feed each other or read the same trait. Given the routes that are open for
an account (docs/model.md, section 6), chains are independent. The harm of a scenario is therefore assembled
from a table: what one chain does to an account of one kind for which certain routes are open, under certain
resets and protections. What-ifs that do not change a chain share its entries. Capacity scales and anchor
factors are those of the baseline.

Not here: the choice of what-ifs (``mitigation``), and counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.exposure import mask_weights
from breach_sim.engine.known import KnownRoutes, attack_bits, chains_of, numbered
from breach_sim.engine.law import Law
from breach_sim.engine.severity import SUMS, ChainHarm, chain_harm, mean_loss, moments
from breach_sim.engine.time import resets_of
from breach_sim.engine.timeline import victims_by
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event, Leak, Segment

_AT_ONCE = 1 << 16
"""Sets of open routes times replicates that are held at once."""


@dataclass(frozen=True, slots=True)
class Harm:
    """Expected harm of one scenario, given the parameters, by segment.

    Parameters
    ----------
    accounts
        Accounts of each segment. Shape (S, 1), or (S, R) where they are uncertain.
    people
        Probability that an account is harmed. Shape (S, R).
    loss, square
        First and second moment of the loss of an account. Shape (S, R). [USD], [USD^2]
    hours
        Hours that an account loses. Shape (S, R). [hours]
    person, lender, others
        Loss of an account that people bear, that lenders and banks bear, and that others bear. Shape (S, R).
        [USD]
    """

    accounts: Array
    people: Array
    loss: Array
    square: Array
    hours: Array
    person: Array
    lender: Array
    others: Array

    def total(self, word: str) -> Array:
        """Return the expected harm of all accounts.

        Parameters
        ----------
        word
            "people", "loss", "hours", "person", "lender" or "others".

        Returns
        -------
        Shape (R,). [accounts], [USD] or [hours]
        """
        return np.asarray((self.accounts * getattr(self, word)).sum(axis=0))

    def luck(self) -> Array:
        """Variance of the total loss given the parameters [USD^2]. Shape (R,)."""
        return np.asarray((self.accounts * (self.square - self.loss**2)).sum(axis=0))


@dataclass(frozen=True, slots=True)
class Cell:
    """Accounts that one chain harms in the same way.

    Parameters
    ----------
    chain
        Its number.
    graph
        Attacks with their protections.
    kind
        Kind of the segment.
    opened
        Open routes of the chain, every trait assumed, numbered as in
        :func:`~breach_sim.engine.known.numbered`. [bit set]
    resets
        Day of the first reset of each of their fields, by name.
    """

    chain: int
    graph: AttackGraph
    kind: str
    opened: int
    resets: tuple[tuple[str, float], ...]


class ExpectedHarm:
    """Expected harm of a scenario and of its what-ifs, on one set of draws.

    Parameters
    ----------
    law
        Law of the baseline: scenario, attacks, parameters, horizon, and the capacity scales to hold.
    factors
        Anchor factors to hold, by follow-on. Shape (R,).
    cuts
        Days at which time is cut in any what-if, applied to the baseline too. [days]
    """

    def __init__(self, law: Law, factors: Mapping[str, Array], cuts: Sequence[float] = ()) -> None:
        self.scenario, self.graph, self.parameters = law.scenario, law.graph, law.parameters
        self.chains = chains_of(law.graph)
        self.factors = factors
        every = {day for day in (*law.cuts, *cuts) if np.isfinite(day)}
        self.law = Law(
            law.scenario, law.graph, law.parameters, law.horizon_years, law.scales, cuts=sorted(every)
        )
        self._routes, self._attack_bits = numbered(law.graph), attack_bits(law.graph)
        self._bits = [sum(self._attack_bits[name] for name in chain) for chain in self.chains]
        self._known = [KnownRoutes(law.graph, law.parameters, chain) for chain in self.chains]
        self._harm: dict[Hashable, ChainHarm | None] = {}
        self._weights: dict[Hashable, dict[int, Array]] = {}
        self._owns: dict[Hashable, tuple[list[int], NDArray[np.int64]]] = {}
        self._rows: dict[Hashable, dict[str, Array]] = {}
        self._numbers: dict[int, tuple[Segment, int]] = {}
        self._leaked: dict[Hashable, int] = {}
        self._marks: dict[Hashable, int] = {}
        self._read: dict[int, int] = {}

    def weights(self, segment: Segment) -> dict[int, Array]:
        """Return the weight of each set of open routes of all attacks, in a segment.

        Parameters
        ----------
        segment
            Of the baseline or of a what-if.

        Returns
        -------
        Shape (R,) or (1,) each. [bit set]
        """
        key = self._number(segment)
        if key not in self._weights:
            masks = mask_weights(segment, self.law.known.fields, self.parameters)
            self._weights[key] = self.law.classifier.opened_weights(self.law.known.of(masks))
        return self._weights[key]

    def chain_weights(self, chain: int, segment: Segment) -> dict[int, Array]:
        """Return the weight of each set of open routes of one chain, in a segment.

        Parameters
        ----------
        chain
            Its number.
        segment
            Of the baseline or of a what-if.

        Returns
        -------
        Shape (R,) or (1,) each. [bit set]
        """
        key = (chain, self._number(segment))
        if key not in self._weights:
            known = self._known[chain]
            masks = mask_weights(segment, known.fields, self.parameters)
            self._weights[key] = self.law.classifier.opened_weights(known.of(masks))
        return self._weights[key]

    def harm(self, scenario: Scenario, graph: AttackGraph) -> Harm:
        """Return the expected harm of a what-if, by segment.

        Parameters
        ----------
        scenario, graph
            Those of the baseline, changed by mitigations.

        Returns
        -------
        By segment.
        """
        marks = [self.mark(graph, number) for number in range(len(self.chains))]
        rows = [self._of_segment(scenario, graph, segment, marks) for segment in scenario.segments]
        return Harm(
            self.law.accounts_by_segment(scenario),
            **{word: np.stack([row[word] for row in rows]) for word in ("people", *SUMS)},
        )

    def _of_segment(
        self, scenario: Scenario, graph: AttackGraph, segment: Segment, marks: Sequence[int]
    ) -> dict[str, Array]:
        """Harm of one account of a segment. Shape (R,) each."""
        terms = list(self._terms(scenario, graph, segment, marks))
        chains = [
            [
                self.chain_harm(number, scenario, graph, segment, own, mark)
                for own in self._own(number, segment)[0]
            ]
            for number, mark in enumerate(marks)
        ]
        # A what-if that changes nothing for a segment shares its row.
        same = tuple(map(id, (*(term for _, term in terms), *(own for each in chains for own in each))))
        key = (self._number(segment), same)
        if key not in self._rows:
            whole = np.zeros((len(SUMS), self.parameters.replicates))
            for weight, term in terms:
                # Means add, and so do the variances that are left when the open routes are given.
                whole += weight * term.sums
            sums = dict(zip(SUMS, whole, strict=True)) | {"people": np.zeros(self.parameters.replicates)}
            self._add_joint(sums, segment, chains)
            if len(self._rows) >= len(self.scenario.segments):
                return sums
            # Those of the baseline, which come first, are kept.
            self._rows[key] = sums
        return self._rows[key]

    def _add_joint(
        self, sums: Mapping[str, Array], segment: Segment, chains: Sequence[Sequence[ChainHarm | None]]
    ) -> None:
        """Add what chains do to one account together: people, and the square of its mean loss."""
        weights, size = list(self.weights(segment).values()), self.parameters.replicates
        step = max(1, _AT_ONCE // len(weights))
        for first in range(0, size, step):
            rows = slice(first, min(first + step, size))
            shape = (len(weights), rows.stop - first)
            mean, spared, joint = np.zeros(shape), np.ones(shape), np.empty((shape[0] + 1, shape[1]))
            # Chains share no capability and no trait, so they are independent given the open routes.
            for number, harms in enumerate(chains):
                lost, left = np.zeros((len(harms), shape[1])), np.ones((len(harms), shape[1]))
                for place, own in enumerate(harms):
                    if own is not None:
                        lost[place], left[place] = own.loss[rows], own.spared[rows]
                places = self._own(number, segment)[1]
                mean += lost if len(harms) == 1 else lost[places]
                spared *= left if len(harms) == 1 else left[places]
            share = np.stack([np.broadcast_to(weight, (size,))[rows] for weight in weights])
            for word, each in (("people", 1.0 - spared), ("square", mean**2)):
                joint[0], joint[1:] = sums[word][rows], share * each
                sums[word][rows] = joint.sum(axis=0)

    def _number(self, segment: Segment) -> int:
        """Number of what leaked in a segment: its parts are many, and asked for often."""
        if id(segment) not in self._numbers:
            leaked = (segment.leaks, segment.withheld)
            # The segment is kept, so that no other one gets its id.
            self._numbers[id(segment)] = segment, self._leaked.setdefault(leaked, len(self._leaked))
        return self._numbers[id(segment)][1]

    def _own(self, chain: int, segment: Segment) -> tuple[list[int], NDArray[np.int64]]:
        """Sets of open routes of a chain in a segment, and which of them each set of all attacks has."""
        key = (chain, self._number(segment))
        if key not in self._owns:
            every = [opened & self._bits[chain] for opened in self.weights(segment)]
            own = list(dict.fromkeys(every))
            self._owns[key] = own, np.array([own.index(bits) for bits in every])
        return self._owns[key]

    def loss(self, scenario: Scenario, graph: AttackGraph) -> Array:
        """Return the expected loss of a what-if, which costs less than all its harm.

        Parameters
        ----------
        scenario, graph
            Those of the baseline, changed by mitigations.

        Returns
        -------
        Shape (R,). [USD]
        """
        total = np.zeros(self.parameters.replicates)
        marks = [self.mark(graph, number) for number in range(len(self.chains))]
        for segment in scenario.segments:
            accounts = self.law.accounts(segment)
            for weight, own in self._terms(scenario, graph, segment, marks):
                total += accounts * weight * own.loss
        return total

    def _terms(
        self, scenario: Scenario, graph: AttackGraph, segment: Segment, marks: Sequence[int]
    ) -> Iterator[tuple[Array, ChainHarm]]:
        """Weight and harm of every set of open routes of every chain in a segment."""
        for number, mark in enumerate(marks):
            for opened, weight in self.chain_weights(number, segment).items():
                own = self.chain_harm(number, scenario, graph, segment, opened, mark)
                if own is not None:
                    yield weight, own

    def fields_of(self, chain: int) -> frozenset[str]:
        """Return the fields that the attacks of a chain read, directly or in a look-up."""
        return self._known[chain].fields

    def bits_of(self, chain: int) -> int:
        """Return the fields of the routes of a chain. [bit set]."""
        return self._fields(self._bits[chain])

    def _fields(self, opened: int) -> int:
        """Union of the fields of some routes. [bit set]."""
        if opened not in self._read:
            bits = 0
            for number, route in enumerate(self._routes):
                if opened >> number & 1:
                    bits |= route.field_mask
            self._read[opened] = bits
        return self._read[opened]

    def mark(self, graph: AttackGraph, chain: int) -> int:
        """Return a key of everything that a mitigation may change in one chain.

        Parameters
        ----------
        graph
            The baseline's, or a what-if's.
        chain
            Its number.

        Returns
        -------
        A number. Equal numbers mean equal harm to accounts that lost the same fields.
        """
        attacks = [graph[name] for name in self.chains[chain]]
        traits = {name for attack in attacks for route in attack.routes for name in route.traits}
        key = (
            chain,
            tuple(attack.protections for attack in attacks),
            tuple((name, graph.traits[name].protections) for name in sorted(traits)),
        )
        return self._marks.setdefault(key, len(self._marks))

    def chain_harm(
        self,
        chain: int,
        scenario: Scenario,
        graph: AttackGraph,
        segment: Segment,
        opened: int,
        mark: int,
    ) -> ChainHarm | None:
        """Return the harm that one chain does to an account of a segment for which certain routes are open.

        Parameters
        ----------
        chain
            Its number.
        scenario, graph, segment
            Of the baseline or a what-if.
        opened
            Open routes, those of other chains included. [bit set]
        mark
            Of graph and chain.

        Returns
        -------
        The harm; None where no route is open.
        """
        own = opened & self._bits[chain]
        if not own:
            return None
        resets = resets_of(scenario, segment, self._fields(own))
        key = (chain, own, segment.kind, resets, mark)
        if key not in self._harm:
            law = self._law_of(Cell(chain, graph, segment.kind, own, resets))
            self._harm[key] = chain_harm(law, self._moments)
        return self._harm[key]

    def cells(self, scenario: Scenario, graph: AttackGraph) -> Iterator[tuple[Hashable, Cell, Array]]:
        """Yield the terms of a what-if: for each chain, the accounts for which the same routes are open.

        Parameters
        ----------
        scenario, graph
            Those of the baseline, changed by mitigations.

        Yields
        ------
        A key (equal keys mean equal harm to an account), the cell, and its expected accounts, shape (R,)
        or (1,). A key may occur several times. Accounts for which no route is open are left out.
        """
        marks = [self.mark(graph, number) for number in range(len(self.chains))]
        for segment in scenario.segments:
            for number, mark in enumerate(marks):
                for opened, weight in self.chain_weights(number, segment).items():
                    if not opened:
                        continue
                    resets = resets_of(scenario, segment, self._fields(opened))
                    cell = Cell(number, graph, segment.kind, opened, resets)
                    yield (
                        (number, opened, segment.kind, resets, mark),
                        cell,
                        self.law.accounts(segment) * weight,
                    )

    def by_day(self, cell: Cell, days: Sequence[float]) -> tuple[Array, Array]:
        """Return the expected attacks and loss of an account of a cell by the given days.

        Parameters
        ----------
        cell
            Of :meth:`cells`.
        days
            Month ends, ascending; the last is the horizon. [days]

        Returns
        -------
        Expected number of attacks of which it is a victim, and its expected loss, shape (len(days), R)
        each. [victims], [USD]
        """
        law = self._law_of(cell)
        victims, loss = (np.zeros((len(days), self.parameters.replicates)) for _ in range(2))
        for name, chance in victims_by(law, law.scenario.segments[0], days).items():
            victims += chance
            loss += chance * self._moments[name][0]
        return victims, loss

    def _law_of(self, cell: Cell) -> Law:
        """Law of one chain for one account of a cell."""
        attacks, first = [], 0
        for attack in cell.graph.attacks:
            own = tuple(r for n, r in enumerate(attack.routes, first) if cell.opened >> n & 1)
            first += len(attack.routes)
            if own and attack.name in self.chains[cell.chain]:
                attacks.append(dataclasses.replace(attack, routes=own, anchor=None))
        # What is open is given, so its fields are leaked with certainty, and nothing is left to look up.
        graph = dataclasses.replace(cell.graph, attacks=tuple(attacks), lookups=None)
        fields = vocabulary.names(self._fields(cell.opened))
        leak = Leak(fields=fields, coverage=Estimate.fixed("leaked", 1.0, "share"))
        alone = Segment(name="cell", accounts=1, leaks=(leak,) if fields else (), kind=cell.kind)
        events = tuple(Event(kind="reset", day=day, fields=(name,)) for name, day in cell.resets)
        scenario = dataclasses.replace(self.scenario, segments=(alone,), events=events)
        scales = {name: scale for name, scale in self.law.scales.items() if name in graph.names}
        return Law(scenario, graph, self.parameters, self.law.horizon_years, scales, like=self.law)

    @cached_property
    def _moments(self) -> dict[str, tuple[Array, Array, Array]]:
        """First and second moment of a victim's loss, and the hours lost, by attack. Shape (R,) each."""
        result = {}
        for attack in self.graph.attacks:
            mean = mean_loss(self.parameters, self.graph, attack, self.factors)
            first, second = moments(mean, self.parameters(attack.severity_sigma))
            result[attack.name] = (first, second, self.parameters(attack.hours))
        return result
