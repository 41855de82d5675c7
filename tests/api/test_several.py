"""Every verb takes combined breaches as it takes a single one."""

from __future__ import annotations

import pytest

import breach_sim as bs
from breach_sim.interop.scenario_file import to_toml

R = 40


@pytest.fixture(scope="module")
def union() -> bs.Scenario:
    """Return the union of two breaches, with fields that leak in both and one reset."""
    return bs.combine("stated", "experian-2015", overlap={("experian-2015", "stated"): 0.5})


@pytest.fixture(scope="module")
def impact(union: bs.Scenario) -> bs.Impact:
    """Return an impact of the union."""
    return bs.simulate(union, replicates=R)


def test_people_of_a_union_are_counted_once(union: bs.Scenario) -> None:
    """15 million, half of them among 54.617 million others, are 62.117 million people."""
    assert union.accounts == 54_617_000 + 7_500_000
    assert union.universe is not None
    assert union.universe.breaches == ("experian-2015", "tmobile-2021-stated")


def test_explanations_of_a_union_add_up(union: bs.Scenario) -> None:
    """Fields, pairs and trees of a union sum to its figures, although fields leak in both breaches."""
    impact = bs.simulate(union, replicates=R, elsewhere=None)
    expected = float(impact.expected_loss().mean())
    fields = bs.attribution(impact)
    assert fields.loc["total", "mean"] == pytest.approx(expected)
    assert fields["mean"].drop("total").sum() == pytest.approx(expected)
    assert bs.attribution_pairs(impact).loc[("total", "total"), "mean"] == pytest.approx(expected)
    for figure in ("people", "loss_usd"):  # means without luck
        mean = float(impact.expected(figure).mean())
        assert bs.explain(impact, f"{figure}.mean").value == pytest.approx(mean)
    assert len(bs.assumptions(impact)) > 50
    assert "ssn" in {question for question, _ in bs.structural(impact).index}


def test_questions_about_a_union_count_its_people(union: bs.Scenario) -> None:
    """Enabling sets, cells and synthetic people count the people of the union."""
    answer = bs.requires("new_account_fraud", union)
    assert answer["attackable"] <= union.accounts
    assert int(bs.expose(union).accounts.sum()) == union.accounts
    assert bs.subscribers(union).rows == union.accounts
    person = bs.follow(union, union.accounts - 1, replicates=R)
    assert person.segment in {segment.name for segment in union.segments}
    assert person.odds()["horizon"].iloc[-1] > 0


def test_mitigations_act_on_a_union(union: bs.Scenario, impact: bs.Impact) -> None:
    """What mitigations avert is at most the loss, and the base is that of the run."""
    comparison = bs.compare(impact, "drop-ssn", "credit-freeze", pairs=False)
    assert comparison.base.total("loss") == pytest.approx(impact.expected_loss())
    assert (comparison.averted[0].loss <= impact.expected_loss() * (1 + 1e-9)).all()
    assert bs.best_bundle(union, ["drop-ssn"], 1e12, replicates=R).chosen == ("drop-ssn",)


def test_tables_of_a_union_add_up(impact: bs.Impact) -> None:
    """Segments sum to the people of the union, months to the expected victims; no firm pays."""
    segments = impact.by_segment()
    assert segments.loc["total", "accounts"] == pytest.approx(62_117_000)
    victims = sum(float(impact.expected("victims", name).mean()) for name in impact.attacks.names)
    assert impact.timeline()["victims_mean"].sum() == pytest.approx(victims)
    assert impact.lorenz()["share_of_accounts"].iloc[-1] == pytest.approx(1.0)
    assert impact.firm_cost is None
    assert (bs.diff(impact, impact)["mean"] == 0).all()


def test_what_a_union_is_not(union: bs.Scenario, impact: bs.Impact) -> None:
    """A waterfall and a file of a union are refused with the remedy."""
    with pytest.raises(
        ValueError, match=r"is a union of experian-2015, tmobile-2021-stated; .* split_by_breach"
    ):
        bs.waterfall(impact, impact)
    with pytest.raises(ValueError, match="is a cell of several breaches, for which a file has no key"):
        to_toml(union)
