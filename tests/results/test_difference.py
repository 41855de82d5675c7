"""Two impacts side by side: shared draws, honest refusals, and the numbers of the first case."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from breach_sim import api
from breach_sim.apps.cli import main as cli
from breach_sim.results.tables.difference import diff

SEED = 1


def test_an_impact_does_not_differ_from_itself() -> None:
    """Every difference of an impact from itself is exactly 0, in every replicate."""
    one = api.simulate("stated", replicates=300, seed=SEED)
    frame = diff(one, one)
    assert (frame[["p5", "p50", "p95", "mean", "p_b_larger"]] == 0).all(axis=None)
    assert (frame["ratio_of_means"].dropna() == 1).all()


def test_the_difference_is_taken_replicate_by_replicate() -> None:
    """Quantiles of the difference are those of b - a by replicate, not differences of quantiles."""
    a = api.simulate("claimed", replicates=500, seed=SEED)
    b = api.simulate("stated", replicates=500, seed=SEED)
    frame = diff(a, b)
    assert np.quantile(b.people - a.people, 0.95) == frame.loc["people", "p95"]
    assert np.mean(b.loss > a.loss) == frame.loc["loss_usd", "p_b_larger"]


def test_shared_draws_make_the_difference_less_noisy() -> None:
    """The spread of a difference on shared draws is below that of independent runs of another seed."""
    a = api.simulate("claimed", replicates=400, seed=SEED)
    b = api.simulate("stated", replicates=400, seed=SEED)
    c = api.simulate("stated", replicates=400, seed=SEED + 1)
    assert (b.loss - a.loss).std() < 0.8 * (c.loss - a.loss).std()


def test_claimed_against_stated() -> None:
    """The claim names 118 times the PINs that were stated; SSNs were stated for an uncertain share."""
    # Without look-ups, which find the SSNs of others.
    claim, statement = (
        api.simulate(name, replicates=200, seed=SEED, elsewhere=None) for name in ("claimed", "stated")
    )
    frame = diff(claim, statement)
    assert frame.loc["port_out.attackable", ["a_p50", "b_p50"]].tolist() == [100_000_000, 850_000]
    claimed, stated = frame.loc["new_account_fraud.attackable", ["a_p50", "b_p50"]]
    assert claimed == 30_000_000
    share = api.load_scenario("stated").segments[0].leaks[1].coverage
    middle = float(share.ppf(np.array([0.5]))[0])
    assert stated == pytest.approx(47_800_000 * middle, rel=0.1)


@pytest.mark.parametrize(
    ("change", "part"),
    [({"seed": 2}, "seed"), ({"replicates": 51}, "replicates"), ({"horizon_years": 4}, "horizon_years")],
)
def test_runs_that_share_nothing_are_refused(change: dict[str, float], part: str) -> None:
    """Another seed, number of replicates or horizon is refused with both values and a remedy."""
    first = {"replicates": 50, "seed": 1, "horizon_years": 5}
    a = api.simulate("stated", **first)  # type: ignore[arg-type]
    b = api.simulate("stated", **first | change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"differ in {part}: .* simulate both alike"):
        diff(a, b)


def test_the_command_line_prints_one_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`breach-sim diff claimed stated --json` prints one JSON document, and the text has a row a measure."""
    words = ["breach-sim", "diff", "claimed", "stated", "--replicates", "50"]
    for extra in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", words + extra)
        with pytest.raises(SystemExit) as done:
            cli.main()
        assert done.value.code == 0
        said = capsys.readouterr().out
        if extra:
            assert set(json.loads(said)["measures"]["people"]) >= {
                "a_p50",
                "b_p50",
                "p5",
                "p50",
                "p95",
                "mean",
            }
        else:
            assert "New-account credit fraud: victims" in said


def test_the_class_counts_76_point_6_million() -> None:
    """The class scenario has 76.6 million accounts, 21,983,000 of them never attributed."""
    scenario = api.load_scenario("class")
    assert scenario.accounts == 76_600_000
    assert {s.name: s.accounts for s in scenario.segments}["unattributed"] == 21_983_000


def test_the_ssn_share_of_the_class_spans_the_published_readings() -> None:
    """Accounts with an SSN are 9 % to 62 % of the class, and rise and fall together in both cohorts."""
    impact = api.simulate("class", "new_account_fraud", replicates=4000, seed=SEED, elsewhere=None)
    share = impact.per_attack("attackable")[impact.attacks.names.index("new_account_fraud")] / 76.6e6
    assert share.min() > 0.0895
    assert share.max() < 0.625
    names = [segment.name for segment in impact.scenario.segments]
    one, other = (
        impact.attackable_counts[impact.attacks.names.index("new_account_fraud"), names.index(name)]
        for name in ("postpaid_ssn", "applicants")
    )
    assert np.corrcoef(one, other)[0, 1] > 0.999
