"""Readings of the evidence, side by side in one set of draws, and draws that belong to one breach alone.

Parameters of the catalog (attempts, successes, losses, look-ups) are facts about the world: all breaches
share them, replicate by replicate. Coverages and the way in which the data got out are facts about one
breach: each breach draws its own. Without that, two breaches with the same data classes would be ranked by
their number of accounts with certainty, although nobody knows how many accounts lost each class.

Every reading but that of the horizon is a set of columns: the law of a breach is computed once for all.

Not here: the law under them (``harm``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from breach_sim.engine.draws.parameters import JoinedParameters, Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.links import correlated
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.tables.readings import UPLIFT, UPLIFTS, with_uplift

BASE = "base"
"""The reading that the league is made of."""
READINGS: Mapping[str, str] = {
    "one year": "only harm of the first year counts",
    "nothing looked up": "nothing is looked up elsewhere",
    "no common drivers": "attempts and losses of the attacks have no common factor",
    "priors": "no parameter is fitted to national counts",
    "hard ends": "low and high of every number are its ends",
    "traced": "a breach adds as little new-account fraud as tracing finds",
    "surveyed": "a breach adds as much new-account fraud as surveys report",
    "capacity alone": "no breach shares the national capacity of crews with another",
}
"""Structural readings: what each takes otherwise than the league."""
HORIZON = "one year"
ALONE = "capacity alone"
YEAR = 1.0
"""Horizon of the reading of one year. [years]"""
POINTS = 256
"""Points of a reading: enough for the order of means on shared draws."""
RELEASE = "release"
"""Stream of the way in which the data got out."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How parameters are drawn for all breaches of a league.

    Parameters
    ----------
    seed
        Seed of every stream. [0, 2**63)
    replicates
        Shared points, R. [1, 10**7]
    posterior
        Rows of fitted parameters; None draws every prior.
    readings
        Names of :data:`READINGS` to compute.
    """

    seed: int
    replicates: int
    posterior: Posterior | None
    readings: tuple[str, ...]

    @property
    def few(self) -> int:
        """Points of each reading: the first of the shared points."""
        return min(self.replicates, POINTS)

    @property
    def columns(self) -> dict[str, slice]:
        """Columns of the league, and of each reading that has some; in order."""
        found = {BASE: slice(0, self.replicates)}
        stop = self.replicates
        for name in self.readings:
            if name != HORIZON:
                found[name] = slice(stop, stop + self.few)
                stop += self.few
        return found

    @property
    def size(self) -> int:
        """Columns in all."""
        return max(int(part.stop) for part in self.columns.values())

    def parameters(self, graphs: Iterable[AttackGraph], own: Scenario | None = None) -> Parameters:
        """Return the draws of the league and of every reading, one behind the other.

        Parameters
        ----------
        graphs
            Attacks of all breaches that use these draws.
        own
            A breach whose way of getting out is drawn for it alone; None where none of the breaches has a
            table of ways.

        Returns
        -------
        One replicate for each column.
        """
        several = list(graphs)
        # All have the numbers of one country: US rows say nothing about those that are the country's own.
        rows = fitted(self.posterior, several[0].country if several else None)
        parts = []
        for name, place in self.columns.items():
            size = place.stop - place.start
            chances = {RELEASE: uniforms(self.seed, "parameter", own.name, RELEASE, size=size)} if own else {}
            parameters = Parameters(
                self.seed,
                size,
                overridden(name, several),
                chances,
                posterior=None if name == "priors" else rows,
            )
            parts.append(parameters.hardened() if name == "hard ends" else parameters)
        return parts[0] if len(parts) == 1 else JoinedParameters(parts)


def overridden(reading: str, graphs: Iterable[AttackGraph]) -> dict[str, float | Array]:
    """Return the values at which a reading holds parameters.

    Parameters
    ----------
    reading
        One of :data:`READINGS`, or the league itself.
    graphs
        Attacks of all breaches.

    Returns
    -------
    By name; empty for a reading that holds none.
    """
    held: dict[str, float | Array] = {}
    for graph in graphs:
        if reading == "no common drivers" and graph.drivers is not None:
            held |= {graph.drivers.attempts.name: 1.0, graph.drivers.loss.name: 1.0}
        if reading == "nothing looked up" and graph.lookups is not None:
            held |= {look.share.name: 0.0 for look in graph.lookups.possible}
        if reading in UPLIFTS and UPLIFT in graph.names:
            held |= {r.attempts.name: r.attempts.central for r in with_uplift(graph, reading)[UPLIFT].routes}
    return held


def with_own_names(scenario: Scenario) -> Scenario:
    """Return a breach whose coverages bear its name, so that no other breach shares their draws.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    The same breach. A cell of several breaches keeps its names, as its parts share coverages by intention.

    Raises
    ------
    ValueError
        If a user's driver or correlation names a coverage: it would be lost with the name.
    """
    if scenario.universe is not None:
        return scenario
    linked = {name for factor in scenario.overrides.factors for name in factor.parameters}
    linked |= set(correlated(scenario.overrides.correlations))
    own = {leak.coverage.name for segment in scenario.segments for leak in segment.leaks}
    for name in sorted(linked & own):
        raise ValueError(
            f"{name} has a driver or a correlation by overrides; a league draws coverages for each breach "
            "alone: leave it out, or run the breach by itself"
        )
    segments = tuple(
        dataclasses.replace(
            segment,
            leaks=tuple(
                dataclasses.replace(leak, coverage=_renamed(leak.coverage, scenario.name))
                for leak in segment.leaks
            ),
        )
        for segment in scenario.segments
    )
    return dataclasses.replace(scenario, segments=segments)


def _renamed(estimate: Estimate, owner: str) -> Estimate:
    """An estimate whose name begins with that of its breach."""
    # Certain ones too: two breaches may give one name two different numbers.
    return dataclasses.replace(estimate, name=f"{owner}: {estimate.name}")
