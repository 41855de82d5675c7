"""Replicates: the frozen arrays of one run, from which every table is made.

:class:`Replicates` holds what the simulation drew and the law it drew from. Every table of the package is a
function of it (``funnel``, ``money``, ``uncertainty``, ``by_month``, ``observed``, ``sources``);
:class:`~breach_sim.results.impact.Impact` offers these functions as methods.

The steps of the funnel always come in this order: exposed, attackable, attempted, victims, loss. ``people``
is the number of distinct accounts harmed by any attack.

Not here: the simulation that fills the arrays (``simulation``), and tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import joint_second_moment, mean_loss, moments
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario

WORDS = ("exposed", "attackable", "attempted", "victims", "loss_usd")
"""The steps of the funnel, in order."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only.

    Parameters
    ----------
    array
        Any array; the flag of the array itself is changed.

    Returns
    -------
    The same array.

    Examples
    --------
    >>> bool(read_only(np.zeros(2)).flags.writeable)
    False
    """
    array.flags.writeable = False
    return array


@dataclass(frozen=True, kw_only=True, repr=False)
class Replicates:
    """Arrays of one run; the last axis is always the replicate.

    S is the number of segments of the scenario, A the number of attacks of the graph, R the number of
    replicates.

    Parameters
    ----------
    scenario, attacks
        Breach and attack graph of the run.
    seed, replicates
        Seed of every stream, and R.
    horizon_years
        Length of the run after the sale. [years]
    version
        Version of the package that made the run.
    fixed_from_baseline
        Arrays taken from another run instead of being computed: ``"scales"`` (capacity scale by attack) and
        ``"factors"`` (anchor factor by follow-on), shape (R,) each, and ``"cuts"`` (``"days"`` at which time
        is cut).
    exposed_counts, people_counts
        Accounts with any field leaked; victims of any attack. Shape (S, R). [accounts]
    attackable_counts, attempted_counts, victim_counts
        Accounts by attack. Shape (A, S, R). [accounts]
    losses
        Money lost by attack. Shape (A, S, R). [USD]
    law, laws
        Probabilities given the parameters: of the run, and by name of the segment.
    factors
        Anchor factor by follow-on. Shape (R,) each. [1]
    firm
        Rates of the firm's ledger, or None.
    cautions
        Cautions about the run, besides those about the scenario.
    luck
        First parts of the names of the streams of luck; empty for a breach that is run alone.
    """

    scenario: Scenario
    attacks: AttackGraph
    seed: int
    replicates: int
    horizon_years: float
    version: str
    fixed_from_baseline: Mapping[str, Mapping[str, Array]]
    exposed_counts: Counts
    attackable_counts: Counts
    attempted_counts: Counts
    victim_counts: Counts
    people_counts: Counts
    losses: Array
    law: Law
    laws: Mapping[str, SegmentLaw]
    factors: Mapping[str, Array]
    firm: FirmCosts | None = None
    cautions: tuple[str, ...] = ()
    luck: tuple[str, ...] = ()

    @cached_property
    def people(self) -> Counts:
        """Distinct accounts harmed by any attack [accounts]. Shape (R,)."""
        return read_only(self.people_counts.sum(axis=0))

    @cached_property
    def loss(self) -> Array:
        """Money lost in all [USD]. Shape (R,)."""
        return read_only(self.losses.sum(axis=(0, 1)))

    @cached_property
    def exposed(self) -> int:
        """Accounts of which any field leaked: the median over replicates, a whole number."""
        return int(np.median(self.exposed_counts.sum(axis=0)))

    def per_attack(self, word: str) -> NDArray[Any]:
        """One step of the funnel by attack, summed over segments.

        Parameters
        ----------
        word
            "attackable", "attempted", "victims" or "loss_usd".

        Returns
        -------
        Shape (A, R). [accounts], or [USD] for the loss

        Raises
        ------
        ValueError
            If the word is none of these.
        """
        arrays = {
            "attackable": self.attackable_counts,
            "attempted": self.attempted_counts,
            "victims": self.victim_counts,
            "loss_usd": self.losses,
        }
        if word not in arrays:
            raise ValueError(f"{word!r} is no word of the funnel by attack; take one of {', '.join(arrays)}")
        return np.asarray(arrays[word].sum(axis=1))

    @cached_property
    def loss_moments(self) -> tuple[Array, Array]:
        """Mean and variance of the total loss given the parameters [USD], [USD^2]. Shape (R,) each."""
        means, squares = {}, {}
        for attack in self.attacks.attacks:
            severity = mean_loss(self.law.parameters, attack, self.factors)
            sigma = self.law.parameters(attack.severity_sigma)
            means[attack.name], squares[attack.name] = moments(severity, sigma)
        mean, variance = joint_second_moment(self.law, means, squares)
        return read_only(mean), read_only(variance)

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions about scenario and run: rows of the funnel, ``attrs["notes"]`` of every other table."""
        return (*self.scenario.notes, *self._nothing_modeled(), *self.cautions)

    def _nothing_modeled(self) -> tuple[str, ...]:
        """Return a caution where no attack can use what leaked: zeros must not be read as safety."""
        if not self.exposed_counts.any() or self.attackable_counts.any():
            return ()
        leaked = {name for segment in self.scenario.segments for name in segment.fields}
        listed = ", ".join(name for name in FIELD_NAMES if name in leaked)
        return (
            f"No attack of this run can use what leaked here ({listed}): every 0 means that nothing is "
            "modelled, not that nothing happens.",
        )
