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
from breach_sim.engine.segment_law import Pool, SegmentLaw
from breach_sim.engine.severity import joint_second_moment, mean_loss, moments
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.requirements import one_field_short
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.arrays.drawn import DrawnCounts, Severities, read_only, split_over
from breach_sim.results.arrays.hardened import expected_with_hard_ends
from breach_sim.results.cautions.countries import country_notes
from breach_sim.results.cautions.limits import at_capacity, bound_by_capacity, capacity_notes, closed_note
from breach_sim.results.cautions.zeros import Zero, find_zeros, is_zero, named_by, zero_notes
from breach_sim.results.parts import Split, can_search, split

WORDS = ("exposed", "attackable", "attempted", "victims", "loss_usd")
"""The steps of the funnel, in order."""


def scramble_of(law: Law) -> NDArray[np.int64] | None:
    """Scramble that each replicate of a run belongs to.

    Parameters
    ----------
    law
        Law of the run, with its draws.

    Returns
    -------
    Number of the scramble. Shape (R,). None for plain draws.
    """
    scramble: NDArray[np.int64] | None = getattr(law.parameters, "scramble", None)
    return scramble


def _all_read_only(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    return {name: read_only(array) for name, array in arrays.items()}


@dataclass(frozen=True, kw_only=True, repr=False)
class Replicates:
    """Arrays of one run; the last axis is always the replicate.

    S is the number of segments of the scenario, P that of pools of like segments, A the number of attacks of
    the graph, R the number of replicates.

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
    pools
        Segments that were drawn together; a segment that is like no other is a pool of its own. P pools.
    drawn
        Counts by pool. Shape (P, R), or (A, P, R) by attack. [accounts]
    pool_losses
        Money lost by attack and pool. Shape (A, P, R). [USD]
    law, laws
        Probabilities given the parameters: of the run, and by name of the segment.
    factors
        Anchor factor by follow-on. Shape (R,) each. [1]
    firm
        Rates of the firm's ledger, or None.
    cautions
        Cautions about the run, besides those about the scenario.
    asked
        The attacks asked for, with those that no leaked field enables; None if these are ``attacks``.
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
    pools: tuple[Pool, ...]
    drawn: DrawnCounts
    pool_losses: Array
    law: Law
    laws: Mapping[str, SegmentLaw]
    factors: Mapping[str, Array]
    firm: FirmCosts | None = None
    cautions: tuple[str, ...] = ()
    asked: AttackGraph | None = None
    luck: tuple[str, ...] = ()

    @property
    def sampling(self) -> str:
        """How the uniform numbers behind the parameters were drawn: ``"sobol"`` or ``"plain"``."""
        return self.law.parameters.sampling

    @property
    def posterior(self) -> Posterior | None:
        """Rows from which fitted parameters were drawn; None if all were drawn from their priors."""
        return self.law.parameters.posterior

    @cached_property
    def segments(self) -> Mapping[str, Segment]:
        """Segments of the scenario by name."""
        return {segment.name: segment for segment in self.scenario.segments}

    @cached_property
    def by_segment_drawn(self) -> DrawnCounts:
        """Counts by segment: those of pools of like segments are split when this is first asked for."""
        return split_over(self.drawn, self.law, self.laws, self.pools, self.luck)

    @property
    def exposed_counts(self) -> Counts:
        """Accounts with any field leaked, by segment [accounts]. Shape (S, R)."""
        return self.by_segment_drawn.exposed

    @property
    def people_counts(self) -> Counts:
        """Victims of any attack, by segment [accounts]. Shape (S, R)."""
        return self.by_segment_drawn.people

    @property
    def attackable_counts(self) -> Counts:
        """Attackable accounts by attack and segment [accounts]. Shape (A, S, R)."""
        return self.by_segment_drawn.attackable

    @property
    def attempted_counts(self) -> Counts:
        """Attempted accounts by attack and segment [accounts]. Shape (A, S, R)."""
        return self.by_segment_drawn.attempted

    @property
    def victim_counts(self) -> Counts:
        """Victims by attack and segment [accounts]. Shape (A, S, R)."""
        return self.by_segment_drawn.victims

    @cached_property
    def losses(self) -> Array:
        """Money lost by attack and segment [USD]. Shape (A, S, R)."""
        if self.by_segment_drawn is self.drawn:
            return self.pool_losses
        severities = Severities(self.law.parameters, self.attacks, self.factors, self.luck)
        return severities.split(self.pool_losses, self.pools, self.victim_counts)

    @cached_property
    def people(self) -> Counts:
        """Distinct accounts harmed by any attack [accounts]. Shape (R,)."""
        return read_only(self.drawn.people.sum(axis=0))

    @cached_property
    def loss(self) -> Array:
        """Money lost in all [USD]. Shape (R,)."""
        return read_only(self.pool_losses.sum(axis=(0, 1)))

    @property
    def scramble(self) -> NDArray[np.int64] | None:
        """Number of the scramble of each replicate, shape (R,); None for plain draws."""
        return scramble_of(self.law)

    @cached_property
    def exposed(self) -> int:
        """Accounts of which any field leaked: the median over replicates, a whole number."""
        return int(np.median(self.drawn.exposed.sum(axis=0)))

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
            "attackable": self.drawn.attackable,
            "attempted": self.drawn.attempted,
            "victims": self.drawn.victims,
            "loss_usd": self.pool_losses,
        }
        if word not in arrays:
            raise ValueError(f"{word!r} is no word of the funnel by attack; take one of {', '.join(arrays)}")
        return np.asarray(arrays[word].sum(axis=1))

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What one table computed and another takes up again, by name; empty at first. No input of a run."""
        return {}

    @cached_property
    def split(self) -> Split:
        """Victims, people and losses by part (see ``parts``): drawn when first asked for."""
        return split(self.law, self.laws, self.pools, self.drawn, self.pool_losses, self.luck)

    @property
    def searches(self) -> bool:
        """Whether anything can be looked up in this run."""
        return can_search(self.attacks)

    @cached_property
    def loss_moments(self) -> tuple[Array, Array]:
        """Mean and variance of the total loss given the parameters [USD], [USD^2]. Shape (R,) each."""
        means, squares = {}, {}
        for attack in self.attacks.attacks:
            severity = mean_loss(self.law.parameters, self.attacks, attack, self.factors)
            sigma = self.law.parameters(attack.severity_sigma)
            means[attack.name], squares[attack.name] = moments(severity, sigma)
        mean, variance = joint_second_moment(self.law, means, squares)
        return read_only(mean), read_only(variance)

    @cached_property
    def hard_means(self) -> Mapping[str, Array] | None:
        """Means given the parameters with hard ends and without drivers, on the same uniform numbers.

        Of people, ``NAME.victims`` and ``loss_usd``. Shape (R,) each. [accounts], [USD]. None if the run has
        no soft ends and no drivers. It takes a second law.
        """
        found = expected_with_hard_ends(self.law, self.fixed_from_baseline)
        return None if found is None else _all_read_only(found)

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions about scenario and run: rows of the funnel, ``attrs["notes"]`` of every other table."""
        return (*self.scenario.all_notes, *self._notes_of_run, *self.cautions)

    @cached_property
    def _notes_of_run(self) -> tuple[str, ...]:
        """What the run itself says: its zeros, what would open more attacks, crews, and countries."""
        asked, zeros = self.asked or self.attacks, self.zeros
        known = [frozenset(asked.obtainable(segment.fields)) for segment in self.scenario.segments]
        whole = is_zero(self.people)
        return (
            *zero_notes(zeros, self.law, asked, whole=whole),
            *closed_note(self.closed_for_one_field, asked, known, named_by(zeros) if whole else ()),
            *capacity_notes(self.bound_by_capacity, self.at_capacity, self.attacks),
            *country_notes(self.scenario.dossier.countries, self.attacks),
        )

    @cached_property
    def zeros(self) -> tuple[Zero, ...]:
        """Segments in which nobody is harmed at the 95 % quantile, and why; the largest first."""
        return find_zeros(self.asked or self.attacks, self.law, self.laws, self.pools, self.drawn.people)

    @cached_property
    def bound_by_capacity(self) -> Mapping[str, float]:
        """Share of the replicates in which the capacity of crews limits an attack, by name: in (0, 1]."""
        return bound_by_capacity(self.law)

    @cached_property
    def at_capacity(self) -> float:
        """Share of the expected victims that attacks make whose crews are all at work: in [0, 1]."""
        return at_capacity(self.law, self.laws)

    @cached_property
    def closed_for_one_field(self) -> Mapping[str, tuple[str, ...]]:
        """Attacks that are closed to every account, and the fields of which one more would open each."""
        return one_field_short(self.asked or self.attacks, (own.fields for own in self.scenario.segments))
