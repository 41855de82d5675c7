"""What the model says of things that were seen: complaints, people harmed, and what the firm paid.

What is an input is *reproduced*; only what was made without the case's own figures is *predicted*. Payments
without the case's figures are predicted on the scoreboard (tests/analysis/test_backtesting.py).
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
PAID = 350e6 + 150e6 + 15.75e6 + 15.75e6
"""Settlement, promised security spend, that of the consent decree, and the fine, in USD."""
R = 512


@pytest.fixture(scope="module", params=["tmobile-2021-stated", "tmobile-2021-class"])
def impact(request: pytest.FixtureRequest) -> Impact:
    """Return the breach as stated, and as the settlement class counts it, over five years."""
    return api.simulate(request.param, replicates=R, seed=1)


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


# The firm's side ------------------------------------------------------------------------------------------


def test_no_estimate_of_the_ledger_rests_on_the_case() -> None:
    """No estimate of the firm's ledger cites a source of the first case, or names it in its notes."""
    sources = api.load_sources()
    for estimate in load_firm().estimates():
        assert estimate.sources, estimate.name
        for source in estimate.sources:
            assert not source.startswith(("tmo-", "fcc-tmo")), (estimate.name, source)
        assert "t-mobile" not in f"{estimate.note} {estimate.for_low} {estimate.for_high}".lower()
    assert any(name.startswith("tmo-") for name in sources), "the ids have other names now"


def test_what_was_paid_lies_inside_the_ledger_of_the_case(impact: Impact) -> None:
    """Settlement, fine and security in sum lie between the 5 % and the 95 % quantile of the ledger's lines.

    The ledger is reproduced: its posterior saw the case. The scoreboard predicts it without the case.
    """
    total = np.sum([impact.firm_lines[line] for line in OUTCOME], axis=0)
    assert 0.05 < np.mean(total < PAID) < 0.95


# Words ----------------------------------------------------------------------------------------------------


def test_the_run_says_where_its_figures_come_from(impact: Impact) -> None:
    """The run calls complaints reproduced, and names the model and its figures beside the firm's cost."""
    firm = next(line for line in report.ledger_lines(impact) if "firm" in line)
    assert impact.firm is not None
    assert f"a model fitted to {impact.firm.rows.figures} published amounts" in firm
    assert "do not add the two" in firm
    assert "predicted" not in firm
    complaints = report.reported_lines(impact)
    assert complaints
    for line in complaints:
        assert "reproduced, not predicted" in line


def test_the_papers_use_the_words_as_they_are_meant() -> None:
    """README and the record of what was fitted call complaints reproduced."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fitted = (ROOT / "docs/decisions/0006-what-was-fitted-to-what.md").read_text(encoding="utf-8")
    assert "complaints are *reproduced*, not predicted" in readme
    assert "*reproduced* from it, not predicted" in fitted


def test_what_was_fitted_is_named() -> None:
    """Every attack with a reporting rate and routes has its attempts in the record of what was fitted."""
    fitted = (ROOT / "docs/decisions/0006-what-was-fitted-to-what.md").read_text(encoding="utf-8")
    for attack in load_attacks().attacks:
        if attack.reporting is not None and attack.routes:
            assert f"`attacks.{attack.name}.attempts`" in fitted
