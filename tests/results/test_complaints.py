"""What the model says of things that were seen: complaints, people harmed, and what the firm paid.

What is an input is *reproduced*; only what was made without the case's own figures is *predicted*. The one
prediction holds by a documented margin: these tests fail when the margin is no longer as documented.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from support.command_line import say

from breach_sim import api
from breach_sim.apps.reporting import summary as report
from breach_sim.catalog import load_attacks, load_firm
from breach_sim.inputs.firm.ledger import OUTCOME
from breach_sim.results.impact import Impact

ROOT = Path(__file__).parents[2]
PEOPLE = 76_600_000
PAID = 350e6 + 150e6 + 15.75e6 + 15.75e6
"""Settlement, promised security spend, that of the consent decree, and the fine, in USD."""
R = 512


@pytest.fixture(scope="module", params=["tmobile-2021-stated", "tmobile-2021-class"])
def impact(request: pytest.FixtureRequest) -> Impact:
    """Return the breach as stated, and as the settlement class counts it, over five years."""
    return api.simulate(request.param, replicates=R, seed=1)


@pytest.fixture(scope="module")
def a_person() -> np.ndarray:
    """Return settlement, security and fine per person of the class, as predicted, in USD."""
    found = api.simulate("tmobile-2021-class", ["sim_swap"], replicates=8_192, seed=1, horizon_years=1)
    assert PEOPLE == found.scenario.accounts
    return np.sum([found.firm_lines[line] for line in OUTCOME], axis=0) / PEOPLE


# Reproduced: complaints -----------------------------------------------------------------------------------


def test_the_median_of_complaints_is_no_more_than_was_seen(impact: Impact) -> None:
    """In its first year the breach makes at most 415 complaints and 5 million USD at the median."""
    table = impact.reported("sim_swap", complaints=415, loss_usd=5e6)
    assert table.loc["complaints", "p50"] <= 415
    assert table.loc["loss_usd", "p50"] <= 5e6
    assert 0 < table.loc["complaints", "p50"], "nothing to test"
    for row in table.index:
        assert 0 <= table.loc[row, "p_exceed"] < 0.5


def test_the_chance_of_exceeding_is_printed_by_the_run(impact: Impact) -> None:
    """The run tells both chances, as its table has them, against the figures that were published."""
    assert (415.0, 5e6) == (report.COMPLAINTS, report.COMPLAINED_USD)
    said = say("run", impact.scenario.name, "--replicates", R)
    shares = re.search(r"more than 415 .* is (\d+)%, of more than 5 million USD reported (\d+)%", said.out)
    assert shares is not None, said.out
    table = impact.reported("sim_swap", complaints=415, loss_usd=5e6)
    for text, row in zip(shares.groups(), ("complaints", "loss_usd"), strict=True):
        assert abs(int(text) / 100 - table.loc[row, "p_exceed"]) <= 0.005 + 1e-9


def test_a_chance_of_exceeding_counts_replicates(impact: Impact) -> None:
    """The chance is the share of replicates above the figure: 1 above nothing, 0 above everything."""
    for figure, chance in ((-1.0, 1.0), (1e15, 0.0)):
        table = impact.reported("sim_swap", complaints=figure, loss_usd=figure)
        assert {chance} == set(table["p_exceed"])


# People ---------------------------------------------------------------------------------------------------


def test_people_with_a_loss_stay_below_two_million(impact: Impact) -> None:
    """The 95th percentile of people harmed over five years lies below two million."""
    assert 0 < np.quantile(impact.people, 0.95) < 2e6


# Predicted: what the firm paid ----------------------------------------------------------------------------


def test_none_of_the_cases_own_figures_feeds_the_firm() -> None:
    """No rate of the firm cites a source of the first case, or names it in its notes."""
    sources = api.load_sources()
    for estimate in load_firm().estimates():
        assert estimate.sources, estimate.name
        for source in estimate.sources:
            assert not source.startswith(("tmo-", "fcc-tmo")), (estimate.name, source)
        assert "t-mobile" not in f"{estimate.note} {estimate.for_low} {estimate.for_high}".lower()
    assert any(name.startswith("tmo-") for name in sources), "the ids have other names now"


def test_the_outcome_lies_in_the_upper_half_of_the_prediction(a_person: np.ndarray) -> None:
    """6.94 USD a person lies inside the 90 % interval, above the median: the hit as documented."""
    low, middle, high = np.quantile(a_person, (0.05, 0.5, 0.95))
    assert pytest.approx(6.94, abs=0.005) == PAID / PEOPLE
    assert low < middle < PAID / PEOPLE < high < PAID / PEOPLE + 2.25
    assert 0.84 < np.mean(a_person < PAID / PEOPLE) < 0.88


def test_the_decision_says_what_the_run_says(a_person: np.ndarray) -> None:
    """The decision's median, interval, percentile and miss are those of the run, to the digits written."""
    text = (ROOT / "docs/decisions/0011-the-firm-from-other-firms.md").read_text(encoding="utf-8")
    shares = re.search(
        r"is ([\d.]+) USD a person, 90 % interval ([\d.]+) to ([\d.]+): \*\*the outcome lies inside, "
        r"at the (\d+)th percentile, ([\d.]+) USD below",
        text,
    )
    assert shares is not None, text
    low, middle, high = np.quantile(a_person, (0.05, 0.5, 0.95))
    percentile = 100 * np.mean(a_person < PAID / PEOPLE)
    for written, computed, digits in zip(
        map(float, shares.groups()),
        (middle, low, high, percentile, high - PAID / PEOPLE),
        (0.05, 0.05, 0.05, 1.0, 0.03),
        strict=True,
    ):
        assert abs(written - computed) <= digits, (written, computed)


# Words ----------------------------------------------------------------------------------------------------


def test_predicted_is_said_of_the_firm_and_reproduced_of_complaints(impact: Impact) -> None:
    """The run calls the firm's cost predicted, and the complaints reproduced, never the other way round."""
    firm = next(line for line in report.ledger_lines(impact) if "firm" in line)
    assert "predicted from other firms" in firm
    assert "never to be added" in firm
    assert "reproduced" not in firm
    complaints = report.reported_lines(impact)
    assert complaints
    for line in complaints:
        assert "reproduced, not predicted" in line


def test_the_papers_use_the_words_as_they_are_meant() -> None:
    """README and decisions call complaints reproduced; only the firm's ledger is called a prediction."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fitted = (ROOT / "docs/decisions/0006-what-was-fitted-to-what.md").read_text(encoding="utf-8")
    firm = (ROOT / "docs/decisions/0011-the-firm-from-other-firms.md").read_text(encoding="utf-8")
    assert "complaints are *reproduced*, not predicted" in readme
    assert "*reproduced* from it, not predicted" in fitted
    assert "prediction" in firm
    assert "reproduced" not in firm


def test_what_was_fitted_is_named() -> None:
    """Every attack with a reporting rate and routes has its attempts in the record of what was fitted."""
    fitted = (ROOT / "docs/decisions/0006-what-was-fitted-to-what.md").read_text(encoding="utf-8")
    for attack in load_attacks().attacks:
        if attack.reporting is not None and attack.routes:
            assert f"`attacks.{attack.name}.attempts`" in fitted
