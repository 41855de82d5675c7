"""Slow proofs: more accounts and more seeds than a run of all tests has time for.

``python run.py verify`` runs these; ``python run.py test`` names them as left out.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from support import reference as twin
from support import worlds

from breach_sim.results.simulation import simulate

ACCOUNTS = 400_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_the_twin_agrees_at_four_hundred_thousand_accounts(seed: int) -> None:
    """Counts of every attack lie within 4 standard errors of the per-account simulation at 400,000 accounts.

    At this size an error of 2 % in the commonest attack is more than 4 standard errors.
    """
    scenario, graph, years = worlds.full_world()
    scenario = scenario.scaled(ACCOUNTS)
    reference = twin.simulate(worlds.twin_world(scenario, graph, years), seed)
    impact = simulate(scenario, graph, replicates=400, seed=seed, horizon_years=years)
    seen = dict.fromkeys(impact.attacks.names, 0)
    for segment in reference["segments"].values():
        for name in seen:
            seen[name] += segment["attacks"][name]["victims"]
    distances = {}
    for number, name in enumerate(impact.attacks.names):
        sample = impact.per_attack("victims")[number]
        if sample.any():
            spread = math.hypot(float(sample.std()), float(sample.std()) / 20)
            distances[name] = (seen[name] - float(sample.mean())) / spread
    assert max(map(abs, distances.values())) < 4, distances
    commonest = impact.per_attack("victims").mean(axis=1).max()
    assert 0.02 * commonest > 4 * np.sqrt(commonest)
