"""Where the evidence splits: each reading is a world of its own, and the furthest apart is named."""

from __future__ import annotations

import numpy as np
import pytest
from support import worlds

from breach_sim import api, catalog
from breach_sim.analysis import largest_disagreement, structural
from breach_sim.analysis.sensitivities.indices import expectation
from breach_sim.apps.reporting import summary as report
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate


@pytest.fixture(scope="module")
def case() -> Impact:
    """Simulate the class scenario."""
    return api.simulate("class", replicates=300, seed=1, sampling="plain")


def test_traced_and_surveyed(case: Impact) -> None:
    """The uplift readings are the ends of the attempts; between them lies the loss of the run."""
    frame = api.structural(case)
    attempts = case.attacks["new_account_fraud"].routes[0].attempts
    own = frame.loc["uplift"]
    assert [attempts.low, attempts.high] == own["value"].tolist()
    assert own.loc["traced", "loss_usd"] < case.expected_loss().mean() < own.loc["surveyed", "loss_usd"]


def test_a_reading_is_the_run_with_that_number(case: Impact) -> None:
    """The loss under the surveyed reading is that of a uniform number at the high end of the parameter."""
    attempts = case.attacks["new_account_fraud"].routes[0].attempts
    high = expectation(case, {attempts.name: np.full(300, 1 - 1e-15)}, 300).mean()
    assert api.structural(case).loc[("uplift", "surveyed"), "loss_usd"] == pytest.approx(high, rel=1e-3)


@pytest.mark.parametrize("name", ["class", "stated"])
def test_three_ssn_shares(name: str) -> None:
    """The SSN leaked for 9 %, 30 % and 62 % of all accounts: more of them, more loss."""
    impact = api.simulate(name, replicates=100, seed=1)
    own = api.structural(impact).loc["ssn"]
    assert ["washington", "seller", "statement"] == own.index.tolist()
    assert [0.0905, 0.30, 0.62] == pytest.approx(own["value"].tolist(), abs=1e-12)
    assert own["loss_usd"].is_monotonic_increasing


def test_a_share_is_cut_to_those_who_are_named() -> None:
    """Where 30 million of 100 million are named with an SSN, a reading of 62 % is cut to 30 %."""
    own = api.structural(api.simulate("claimed", replicates=20, seed=1)).loc["ssn"]
    assert own.loc["statement", "value"] == pytest.approx(0.30)
    assert own.loc["statement", "loss_usd"] == pytest.approx(own.loc["seller", "loss_usd"], rel=1e-12)


def test_another_breach_has_its_own_readings(case: Impact) -> None:
    """Without published readings an uncertain coverage of the SSN is fixed at low, middle and high."""
    own = structural(case).loc["ssn"]
    assert ["low", "middle", "high"] == own.index.tolist()
    assert [0.145, 0.16, 1.0] == own["value"].tolist()


def test_the_largest_disagreement(case: Impact) -> None:
    """The question with the largest ratio is named, with its two ends."""
    frame = api.structural(case)
    found = largest_disagreement(frame)
    ratios = frame.groupby("question")["times"].max()
    assert (ratios.max(), ratios.idxmax()) == (found["times"], frame.attrs["largest"])
    assert found["high_usd"] / found["low_usd"] == pytest.approx(found["times"])
    line = report.disagreement_line(case)
    for words in (found["question"], found["low"], found["high"], "times as much"):
        assert words in line
    assert line in report.summary_page(case, api.load_sources())


def test_where_no_question_applies() -> None:
    """A breach without SSN and without new-account fraud has an empty table and a sentence that says so."""
    graph = worlds.graph([worlds.attack("swap", [worlds.way("phone_number")], severity=5.0)])
    impact = simulate(worlds.scenario([worlds.segment("all", 5, [("phone_number", 1.0)])]), graph,
                      replicates=3, seed=1)  # fmt: skip
    assert (0, {}) == (len(structural(impact)), largest_disagreement(structural(impact)))
    assert "none of the contradicting readings applies" in report.disagreement_line(impact)


def test_uncertain_readings_are_refused(case: Impact) -> None:
    """A reading is one fixed share; anything else is refused."""
    share = next(
        leak.coverage for s in case.scenario.segments for leak in s.leaks if not leak.coverage.is_certain
    )
    with pytest.raises(ValueError, match="a reading is a fixed 'share'"):
        structural(case, [share])


def test_readings_are_cited() -> None:
    """Every published reading is a fixed share with sources that the catalog knows."""
    known = catalog.load_sources()
    for readings in catalog.load_readings().values():
        for estimate in readings:
            assert (estimate.kind, estimate.unit) == ("fixed", "share")
            assert set(estimate.sources) <= set(known)
