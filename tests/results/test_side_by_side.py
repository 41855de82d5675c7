"""Laws of a portfolio: shared parameters, luck of its own, shared capacities, sums, ranks and tails."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import numpy as np
import pytest
from support import reference_breaches as twin
from support import unions, worlds

from breach_sim.inputs.scenario import Scenario
from breach_sim.results.side_by_side import Portfolio, run
from breach_sim.results.simulation import simulate


def like(number: int, day: str = "", accounts: int = 20_000) -> list[Scenario]:
    """Return like breaches of other names."""
    segments = [
        worlds.segment("s", accounts, [("phone_number account_pin full_name email_address", 0.8)], "postpaid")
    ]
    return [unions.breach(f"like{i}", segments, day_zero=day) for i in range(number)]


def portfolio(members: list[Scenario], replicates: int = 200, seed: int = 4) -> Portfolio:
    """Return the portfolio of breaches under the attacks of the full world."""
    graph = unions.graph()
    return run([(each, graph, None) for each in members], seed=seed, replicates=replicates, horizon_years=2.0)


def test_ten_like_breaches_have_their_own_luck() -> None:
    """Ten like breaches with one seed share the expected loss of every replicate and no drawn array."""
    found = portfolio(like(10))
    for word in ("loss_usd", "people"):
        arrays = {array.tobytes() for array in found.per_breach(word)}
        assert len(arrays) == 10
    quantiles = [("excess", level) for level in ("p5", "p50", "p95")]
    excess = {impact.excess()[quantiles].to_numpy().tobytes() for impact in found.impacts}
    assert len(excess) == 10
    first = found.impacts[0].expected_loss()
    for impact in found.impacts:
        assert (impact.expected_loss() == first).all()


def test_luck_goes_by_the_name_of_the_scenario() -> None:
    """A breach has the same draws in any portfolio and in any order, and others than when run alone."""
    own = like(3)
    one, other = portfolio(own), portfolio([own[2], own[0]])
    assert (one.impacts[0].loss == other.impacts[1].loss).all()
    assert (one.impacts[2].people == other.impacts[0].people).all()
    alone = simulate(own[0], unions.graph(), replicates=200, seed=4, horizon_years=2.0)
    assert (alone.people != one.impacts[0].people).any()


def test_sums_are_taken_replicate_by_replicate() -> None:
    """Loss and people of the portfolio are sums over breaches in every replicate, moments too."""
    found = portfolio(like(3))
    assert found.loss == pytest.approx(found.per_breach("loss_usd").sum(axis=0))
    assert (found.people == found.per_breach("people").sum(axis=0)).all()
    for place in range(2):
        parts = [impact.loss_moments[place] for impact in found.impacts]
        assert found.loss_moments[place] == pytest.approx(np.sum(parts, axis=0))
    with pytest.raises(ValueError, match="'victims' is no measure of a portfolio"):
        found.per_breach("victims")


def test_breaches_of_one_year_share_the_capacity() -> None:
    """Scales are those of the twin: shared in a year, own in another, none without a date."""
    days = ("2021-02-01", "2021-11-30", "2022-01-01", "")
    own = [dataclasses.replace(each, day_zero=day) for each, day in zip(like(4), days, strict=True)]
    found = portfolio(own, replicates=2)
    worlds_of = {each.name: worlds.twin_world(each, unions.graph(), 2.0) for each in own}
    years = {e.name: date.fromisoformat(e.day_zero).year if e.day_zero else -1 for e in own}
    wanted = twin.portfolio_scales(worlds_of, years)
    capped = [a.name for a in unions.graph().attacks if a.capacity is not None]
    assert capped
    for impact in found.impacts:
        for name in capped:
            scale = wanted[impact.scenario.name][name]
            assert impact.law.scales[name] == pytest.approx(np.full(2, scale), rel=1e-9)
    first = {impact.scenario.name: impact.law.scales[capped[0]][0] for impact in found.impacts}
    assert first["like0"] == first["like1"] < first["like2"] == first["like3"]
    assert "Share the national capacities of 2021: like0, like1." in found.notes


def test_ranks_split_the_mean_and_the_tail() -> None:
    """Shares of the mean and of the worst 1 % sum to one; marginal contributions are leave-one-out."""
    own = [*like(2), *[dataclasses.replace(e, name="large") for e in like(1, accounts=90_000)]]
    found = portfolio(own, replicates=1_000)
    ranks = found.ranks()
    assert ranks.index[0] == "large"
    assert ranks["share"].sum() == pytest.approx(1.0)
    assert ranks["tail_share"].sum() == pytest.approx(1.0)
    ordered = np.sort(found.loss)
    assert ranks["tvar_usd"].sum() == pytest.approx(ordered[990:].mean())
    without = np.sort(found.loss - found.impacts[2].loss)
    assert ranks.loc["large", "marginal_p99_usd"] == pytest.approx(
        np.quantile(ordered, 0.99) - np.quantile(without, 0.99)
    )
    assert ranks.loc["large", "marginal_tvar_usd"] == pytest.approx(
        ordered[990:].mean() - without[990:].mean()
    )
    curve = found.exceedance((0.01,))
    assert curve.loc[0.01, "var_usd"] == pytest.approx(np.quantile(ordered, 0.99))
    assert curve.loc[0.01, "tvar_usd"] == pytest.approx(ordered[990:].mean())


def test_the_answer_can_be_read() -> None:
    """Table, text, card and document show every breach and the total; the same seed gives the same text."""
    own = [unions.in_country(each, "US", breach_of="one") for each in like(2)]
    found = portfolio(own)
    table = found.table()
    assert list(table.index) == ["like0", "like1", "total"]
    assert table["loss_usd_mean"].iloc[:2].sum() == pytest.approx(table["loss_usd_mean"].iloc[2])
    assert repr(found).startswith("Portfolio of 2 breaches: like0, like1\n")
    assert "Portfolio of 2 breaches" in found._repr_html_()
    assert "like0 and like1 describe one breach (one); sums count it 2 times." in found.notes
    document = json.loads(found.to_json())
    assert set(document["breaches"]) == {"like0", "like1"}
    assert document["loss_usd"]["mean"] == pytest.approx(float(found.loss.mean()))
    assert portfolio(own).to_json() == found.to_json()


def test_what_is_no_portfolio_is_refused() -> None:
    """Fewer than two breaches, and two of one name, are refused with the remedy."""
    with pytest.raises(
        ValueError, match=r"1 name of breaches given \(like0\); a portfolio needs at least two"
    ):
        portfolio(like(1))
    with pytest.raises(
        ValueError, match=r"breach 'like0' is named twice; names must differ, because the luck"
    ):
        portfolio([*like(1), *like(1)])
