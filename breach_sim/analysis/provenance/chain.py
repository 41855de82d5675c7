"""The probability of a follow-on, folded from the steps that it follows.

Follows docs/model.md 2.3 and 2.4: sums over the sets of earlier attacks that succeeded. A step whose success
changes nothing else is left out (:func:`idle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.tree import Node
from breach_sim.engine.granted import Number, granted_law
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack


@dataclass(frozen=True, slots=True)
class Plan:
    """How the probability of a follow-on is folded from its steps."""

    nodes: list[Node]
    places: list[list[int]]
    """For every step, then the last one: place of its node given each set, -1 where it is nil."""
    own: int
    """Number of the step that is asked for; -1 if it is the last one."""
    with_: int
    """Number of a step that must have succeeded too; -1 if none."""

    @classmethod
    def of(
        cls,
        steps: Sequence[Attack],
        chances: Mapping[str, list[Node | None]],
        last: list[Node | None] | None,
        name: str,
        with_: str,
    ) -> Plan:
        """Plan from the steps and the probabilities given each set of them.

        Parameters
        ----------
        steps
            Granting attacks that matter.
        chances
            By step: probability given each bit set of steps; None where it is nil.
        last
            The same for an attack that grants nothing; None if a step is asked for.
        name
            The attack that is asked for.
        with_
            Name of a step that must have succeeded too; "" if none.

        Returns
        -------
        Only the nodes that the result depends on; none where it cannot happen.
        """
        names = [a.name for a in steps]
        rows = [chances[n] for n in names] + ([last] if last is not None else [])
        everything = list({id(n): n for row in rows for n in row if n is not None}.values())
        whole = [[-1 if n is None else everything.index(n) for n in row] for row in rows]
        own = -1 if last is not None else names.index(name) if name in names else -1
        plan = cls(everything, whole, own, names.index(with_) if with_ in names else -1)
        law = plan._law([node.values for node in everything])
        possible = [bits for bits, chance in enumerate(law) if not (isinstance(chance, float) and not chance)]
        needed: set[int] = set()
        for number, row in enumerate(whole):
            step = number < len(steps)
            needed |= {row[b] for b in possible if not step or not b >> number & 1}
        kept = [i for i in range(len(everything)) if i in needed]
        if (last is not None and not any(whole[-1][b] >= 0 for b in possible)) or (with_ and plan.with_ < 0):
            kept = []
        places = [[kept.index(i) if i in kept else -1 for i in row] for row in whole]
        return cls([everything[i] for i in kept], places, own, plan.with_)

    def _law(self, parts: Sequence[Array]) -> list[Number]:
        steps = self.places if self.own >= 0 else self.places[:-1]
        rows: list[list[Number]] = [[parts[i] if i >= 0 else 0.0 for i in row] for row in steps]
        return granted_law(rows)

    def fold(self, parts: Sequence[Array]) -> Array:
        """Probability of what is asked for.

        Parameters
        ----------
        parts
            Values of the nodes.

        Returns
        -------
        Shape (n,). [probability]
        """
        total: Number = np.zeros(1)
        for bits, chance in enumerate(self._law(parts)):
            if isinstance(chance, float) and not chance:
                continue
            if self.with_ >= 0 and not bits >> self.with_ & 1:
                continue
            if self.own >= 0:
                total = total + (chance if bits >> self.own & 1 else 0.0)
            elif self.places[-1][bits] >= 0:
                total = total + chance * parts[self.places[-1][bits]]
        return np.asarray(total)


def same(one: Node | None, other: Node | None) -> bool:
    """Whether two trees are of one number: the same values from the same parameters."""
    if one is other or one is None or other is None:
        return one is other
    if not np.array_equal(one.values, other.values):
        return False
    names = [{p.name for p in tree.parameters(node)} for node in (one, other)]
    return names[0] == names[1]


def idle(
    steps: Sequence[Attack],
    step: Attack,
    chances: Mapping[str, list[Node | None]],
    last: list[Node | None] | None,
) -> bool:
    """Whether nothing else changes when a step has succeeded."""
    bit = 1 << [a.name for a in steps].index(step.name)
    rows = [row for name, row in chances.items() if name != step.name] + ([last] if last is not None else [])
    return all(same(row[b], row[b | bit]) for row in rows for b in range(1 << len(steps)) if not b & bit)
