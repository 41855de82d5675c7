"""The fit of the victims' side: all cataloged US breaches together, weighed by national counts and studies.

Not here: its steps (``sums``, ``likelihood``, ``rows``), and files (``tools/calibrate_victims.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.nation.likelihood import inside, of_ceiling, of_study
from breach_sim.analysis.nation.rows import (
    effective_size,
    moved,
    posterior_of,
    resampled,
    weights_of,
)
from breach_sim.analysis.nation.sums import Sums, as_run, sums
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.numbers.targets import Ceiling, Targets

DRAWS = 8_192
"""Joint draws that are weighed: 8 x 1,024 points."""
SEED = 20_150_129
"""Seed of the shipped rows."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """A fit and everything that its page shows.

    Parameters
    ----------
    targets
        Data.
    before
        Sums of the breaches under the priors, R draws.
    log_likelihood
        By name of the target. Shape (R,) or (1,) each.
    weights
        Of the draws. Shape (R,)
    posterior
        Rows resampled with the weights.
    """

    targets: Targets
    before: Sums
    log_likelihood: Mapping[str, Array]
    weights: Array
    posterior: Posterior

    @property
    def effective_size(self) -> float:
        """Draws without weights that would be as good, from 1 to R."""
        return effective_size(self.weights)


def run_together(
    targets: Targets, *, draws: int = DRAWS, seed: int = SEED, posterior: Posterior | None = None
) -> Sums:
    """Run the breaches and studies of the targets.

    Parameters
    ----------
    targets
        Data.
    draws
        Joint draws of the parameters, R. [1, inf)
    seed
        Of the draws. [0, 2**63)
    posterior
        Rows of fitted parameters; None draws every prior.

    Returns
    -------
    Sums by attack and calendar year, and shares of the studies.
    """
    worlds = []
    for member in targets.members:
        scenario = as_run(member, catalog.load_scenario(member.scenario))
        worlds.append((scenario, catalog.attacks_for(scenario, countries=("US",))))
    whole = catalog.load_attacks()
    studies = [
        (study, whole.within(frozenset(study.fields)).in_countries(("US",))) for study in targets.studies
    ]
    reporting = {a.reporting.name: a.reporting for a in whole.attacks if a.reporting is not None}
    asked = {count.reporting.name for ceiling in targets.ceilings for count in ceiling.counts}
    return sums(
        worlds,
        studies,
        targets.years,
        reporting=[estimate for name, estimate in reporting.items() if name in asked],
        replicates=draws,
        seed=seed,
        posterior=posterior,
    )


def fit(targets: Targets, *, draws: int = DRAWS, seed: int = SEED) -> Fit:
    """Weigh draws of the priors by the data, and resample rows.

    Parameters
    ----------
    targets
        Data.
    draws
        Joint draws of the priors, R. [1, inf)
    seed
        Of the draws. [0, 2**63)

    Returns
    -------
    The fit. The same arguments give the same rows.

    Raises
    ------
    ValueError
        If no draw is possible at all.
    """
    before = run_together(targets, draws=draws, seed=seed)
    logs = {f"ceilings.{c.name}": of_ceiling(c, before, targets.share) for c in targets.ceilings}
    logs |= {f"studies.{s.name}": of_study(s, before.studies[s.name]) for s in targets.studies}
    log_likelihood = np.asarray(sum(logs.values(), np.zeros(draws)))
    weights = weights_of(log_likelihood)
    names = moved(before.levels, log_likelihood)
    chosen = resampled(weights, before.total)
    posterior = posterior_of(names, before.levels, chosen, catalog.victims_digest())
    return Fit(targets, before, logs, weights, posterior)


def chances_inside(targets: Targets, run: Sums, *, given: bool) -> dict[tuple[str, int], float]:
    """Return the probability that the sum of a year stays inside the national total.

    Parameters
    ----------
    targets
        Data.
    run
        Sums of the breaches, all draws alike.
    given
        Whether reporting rates are those given the data; else as they were before.

    Returns
    -------
    By kind of harm and calendar year, for years in which a breach is active. [0, 1]
    """
    found: dict[tuple[str, int], float] = {}
    for ceiling in targets.ceilings:
        for year in active_years(ceiling, run):
            found[ceiling.name, year] = float(
                inside(ceiling, run, year, given=targets.share if given else None).mean()
            )
    return found


def chance_of_year(targets: Targets, run: Sums, year: int, *, given: bool) -> float:
    """Return the probability that the sums of all kinds of harm of one year stay inside together.

    Parameters
    ----------
    targets
        Data.
    run
        Sums of the breaches, all draws alike.
    year
        Calendar year.
    given
        Whether reporting rates are those given the data; else as they were before.

    Returns
    -------
    [0, 1]
    """
    both = np.ones(1)
    for ceiling in targets.ceilings:
        if year in active_years(ceiling, run):
            both = both * inside(ceiling, run, year, given=targets.share if given else None)
    return float(both.mean())


def active_years(ceiling: Ceiling, run: Sums) -> list[int]:
    """Return the calendar years with a count in which a breach causes harm of a kind.

    Parameters
    ----------
    ceiling
        National counts.
    run
        Sums of the breaches.

    Returns
    -------
    Ascending.
    """
    years = (year for count in ceiling.counts for year in count.years)
    return sorted(y for y in years if any((attack, y) in run.by_year for attack in ceiling.attacks))
