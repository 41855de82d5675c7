"""What could I be asked about: effects rank parameters, and do not depend on luck."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import breach_sim as bs
from breach_sim.analysis import influence

SEED = 1


@pytest.fixture(scope="module")
def stated() -> bs.Impact:
    """Return the stated scenario at 2,000 replicates, on the priors: what the fit should look at first."""
    return bs.simulate("stated", replicates=2000, seed=SEED, calibrated=False)


def plain(replicates: int, seed: int) -> bs.Impact:
    """Return the accounts opened with stated data: independent replicates, no look-ups, on the priors."""
    attack = "new_account_fraud"
    made_of = {"sampling": "plain", "elsewhere": None, "calibrated": False}
    return bs.simulate("stated", attack, replicates=replicates, seed=seed, **made_of)  # type: ignore[arg-type]


def test_every_number_stands_once_and_the_largest_effect_first(stated: bs.Impact) -> None:
    """The sheet has a row for every number, the loss before the firm's cost, by falling size of effect."""
    sheet = bs.assumptions(stated)
    assert sorted(e.name for e in stated.parameters()) == sorted(sheet.index)
    assert list(sheet["on"]) == sorted(sheet["on"], reverse=True)
    for what in ("loss", "firm cost"):
        sizes = sheet.loc[sheet["on"] == what, "effect"].abs().to_numpy()
        assert len(sizes) > 10
        assert (np.diff(sizes) <= 0).all()


def test_the_rates_of_the_firm_are_ranked_by_the_cost_of_the_firm(stated: bs.Impact) -> None:
    """A rate of the firm's ledger has SciPy's rank correlation with the firm's cost, not with the loss."""
    assert stated.firm is not None
    sheet = bs.assumptions(stated)
    rates = {e.name for e in stated.firm.estimates()}
    assert rates == set(sheet.index[sheet["on"] == "firm cost"])
    for rate in (stated.firm.cover, stated.firm.margin):
        wanted = stats.spearmanr(stated.law.parameters(rate), stated.firm_cost)[0]
        assert sheet.loc[rate.name, "effect"] == pytest.approx(wanted, abs=1e-12)


def test_a_sheet_says_what_speaks_for_either_end(stated: bs.Impact) -> None:
    """Of the ten numbers that move the loss most, five or more say what speaks for low and for high."""
    first = bs.assumptions(stated).head(10)
    both = (first["for_low"] != "") & (first["for_high"] != "")
    assert both.sum() >= 5
    for text in ("traced", "notified"):
        row = first.loc["attacks.new_account_fraud.attempts"]
        assert text in row["for_low"] + row["for_high"]


def test_the_conflict_about_the_uplift_moves_the_loss_most(stated: bs.Impact) -> None:
    """On the stated cohorts no number, common drivers apart, matters more than the added attempts of one."""
    sheet = bs.assumptions(stated)
    assert sheet.index[0] == "drivers.loss"
    first = sheet[~sheet.index.str.startswith("drivers.")].iloc[0]
    assert first.name == "attacks.new_account_fraud.attempts"
    assert first["effect"] > 0.3  # 0.35; without the drivers 0.45, without look-ups either 0.49
    assert first["swing"] > 2
    assert "CONFLICT" in first["note"]


def test_the_effect_is_spearmans(stated: bs.Impact) -> None:
    """The effect is SciPy's rank correlation between the draws and the expected loss."""
    loss = stated.expected_loss()
    estimate = stated.attacks["tax_refund_fraud"].routes[0].attempts
    size, _ = influence.effect(stated, estimate, loss)
    assert size == pytest.approx(stats.spearmanr(stated.law.parameters(estimate), loss)[0], abs=1e-12)


def test_what_the_loss_does_not_depend_on_has_no_effect(stated: bs.Impact) -> None:
    """Hours, background, reporting and certain numbers have effect 0 and swing 1."""
    sheet = bs.assumptions(stated)
    certain = (sheet["kind"] == "fixed") & ~sheet.index.str.startswith("release.")
    beside = sheet[sheet["unit"].isin(influence.BESIDE) | certain]
    assert len(beside) > 30
    assert (beside["effect"] == 0).all()
    assert (beside["swing"] == 1).all()


def test_a_sheet_says_what_was_published(stated: bs.Impact) -> None:
    """Beside each number stands what its sources say, both sides of a conflict included."""
    sheet = bs.assumptions(stated)
    said = sheet.loc["attacks.new_account_fraud.attempts", "published"]
    assert "[ida05-misuse]" in said
    assert "[javelin09-notified]" in said


def test_too_few_replicates_are_refused() -> None:
    """Nine replicates cannot rank anything, and the message says how many could."""
    few = bs.simulate("stated", replicates=9, seed=SEED)
    with pytest.raises(ValueError, match=r"9 replicates; effects need at least 10, better 1,000"):
        bs.assumptions(few)


def test_convergence_ends_with_what_the_quantiles_say(stated: bs.Impact) -> None:
    """The row of all replicates is the answer, and each half of them has a row."""
    table, quantiles = stated.convergence(), stated.quantiles()
    assert list(table.index[:3]) == [2000, 1000, 500]
    for column, row, statistic in (
        ("people_p50", "people", "p50"), ("people_se", "people", "se_p50"), ("loss_p50", "loss_usd", "p50"),
        ("loss_se", "loss_usd", "se_p50"), ("loss_mean", "loss_usd", "mean"),
        ("loss_mean_se", "loss_usd", "se_mean"),
    ):  # fmt: skip
        assert table.iloc[0][column] == quantiles.loc[row, statistic]


def test_errors_of_plain_draws_fall_with_the_root_of_their_number() -> None:
    """A quarter of independent replicates has about twice the error of the mean loss."""
    table = plain(replicates=2000, seed=SEED).convergence()
    ratio = table["loss_mean_se"].iloc[2] / table["loss_mean_se"].iloc[0]
    assert 1.5 < ratio < 2.6  # 2 in expectation


def test_halving_the_replicates_moves_figures_within_their_error() -> None:
    """Nineteen in twenty halvings of plain draws move the mean loss by less than twice their error."""
    moved = []
    for seed in range(2, 22):
        table = plain(replicates=400, seed=seed).convergence()
        full, half = table.iloc[0], table.iloc[1]
        moved.append(abs(full["loss_mean"] - half["loss_mean"]) / half["loss_mean_se"] * np.sqrt(2))
    assert np.mean(np.array(moved) < 2) >= 0.9  # 0.95 in expectation, one standard error 0.05


# The assumption that decides ------------------------------------------------------------------------------


def test_what_decides_belongs_to_the_breach_if_it_is_felt() -> None:
    """Stated T-Mobile hangs on the share with an SSN; the mean losses are those of the outer fifths."""
    impact = bs.simulate("stated", replicates=1024, seed=SEED)
    found, loss = influence.deciding(impact), impact.expected_loss()
    assert found is not None
    assert (found.estimate.name, found.way, found.is_own) == ("estimates.ssn", "", True)
    order = np.argsort(impact.law.parameters(found.estimate), kind="stable")
    assert found.low_usd == pytest.approx(float(loss[order[:204]].mean()))
    assert found.high_usd == pytest.approx(float(loss[order[-204:]].mean()))


def test_of_the_ways_out_the_likeliest_is_named() -> None:
    """The ways in which data get out are one assumption: of those that are felt, the likeliest is named."""
    impact = bs.simulate("equifax-2017", replicates=1024, seed=SEED)
    found, loss = influence.deciding(impact), impact.expected_loss()
    assert found is not None
    assert (found.way, found.estimate.central) == ("held", 0.9)
    held = impact.law.release.kind == list(impact.scenario.release).index("held")  # type: ignore[union-attr]
    assert found.high_usd == pytest.approx(float(loss[held].mean()))
    assert found.low_usd == pytest.approx(float(loss[~held].mean()))


def test_an_attack_decides_where_the_breach_has_nothing_unsure() -> None:
    """Without an unsure number of its own a breach hangs on an attack, never on a factor common to all."""
    found = influence.deciding(bs.simulate("home-depot-2014", replicates=512, seed=SEED))
    assert found is not None
    assert not found.is_own
    assert found.estimate.name.startswith("attacks.")
    assert found.estimate.status in influence.ASSUMED


def test_nothing_decides_without_a_loss_or_with_few_replicates() -> None:
    """With fewer than ten replicates, or where nothing is lost, no assumption is named."""
    assert influence.deciding(bs.simulate("stated", replicates=9, seed=SEED)) is None
    nothing = bs.Scenario(name="nil", segments=(bs.Segment(name="a", accounts=1000, leaks=()),))
    assert influence.deciding(bs.simulate(nothing, replicates=16, seed=SEED)) is None
