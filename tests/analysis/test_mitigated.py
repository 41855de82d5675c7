"""Explanations are of a breach as it was: an impact with mitigations in it is refused, never misread."""

from __future__ import annotations

import pytest

import breach_sim as bs
from breach_sim.analysis import attribution, explain, waterfall
from breach_sim.results import simulation
from breach_sim.results.impact import Impact


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sim-lock", "attack 'sim_swap' has a protection"),
        ("codes-by-app", "trait 'sms_codes_at_bank' has a protection"),
        ("retention-5-years", "segment 'applicants' has withheld fields"),
    ],
)
def test_an_impact_with_a_mitigation_is_refused(name: str, message: str) -> None:
    """Attribution, tree and waterfall name the protection or the withheld fields, and what to do."""
    plain = bs.simulate("tmobile-2021-stated", replicates=10, seed=1)
    scenario, graph = bs.load_mitigation(name).apply(plain.scenario, plain.attacks)
    made_of = {"scales": plain.law.scales, "posterior": plain.posterior}
    safer: Impact = simulation.simulate(scenario, graph, replicates=10, seed=1, **made_of)  # type: ignore[arg-type]
    for ask in (
        lambda: attribution(safer),
        lambda: explain(safer, "people.mean"),
        lambda: waterfall(plain, safer),
    ):
        with pytest.raises(ValueError, match=f"{message}: explanations are of a breach as it was"):
            ask()
