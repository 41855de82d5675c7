"""From one breach to another: contributions that sum exactly, and each for what it changes."""

from __future__ import annotations

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
from support import lookup_worlds, worlds

from breach_sim import api
from breach_sim.analysis import contributions, waterfall
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

NEW = "new_account_fraud"


def difference(a: Impact, b: Impact) -> np.ndarray:
    """Return the difference of the expected losses."""
    return b.expected_loss() - a.expected_loss()


@pytest.mark.parametrize(
    "pair", [("claimed", "stated"), ("stated", "class"), ("everyone-lost-everything", "class")]
)
def test_contributions_sum_to_the_difference(pair: tuple[str, str]) -> None:
    """Between any two scenarios the contributions sum to the difference, in every replicate, to 1e-9."""
    a, b = (api.simulate(name, replicates=200, seed=1) for name in pair)
    moves = contributions(a, b)
    scale = np.abs(a.expected_loss()) + np.abs(b.expected_loss())
    assert np.all(np.abs(sum(moves.values()) - difference(a, b)) <= 1e-9 * scale)


def test_a_waterfall_ends_at_the_other_breach() -> None:
    """The bars begin at one mean loss, add its changes, and end at the other."""
    a, b = (api.simulate(name, replicates=20, seed=1, elsewhere=None) for name in ("claimed", "stated"))
    frame = waterfall(a, b)
    assert frame["end"].iloc[-2] == pytest.approx(frame["end"].iloc[-1], rel=1e-9)
    assert frame["mean"].iloc[:-1].sum() == pytest.approx(frame["mean"].iloc[-1], rel=1e-9)
    assert [frame["mean"].iloc[0], frame["mean"].iloc[-1]] == pytest.approx(
        [a.expected_loss().mean(), b.expected_loss().mean()]
    )


@pytest.mark.parametrize("case", range(5))
def test_random_worlds_sum(case: int) -> None:
    """Random scenarios with one graph, blocks partly leaked and events anywhere: still an exact sum."""
    rng = np.random.default_rng(700 + case)
    one, graph, years = worlds.random_case(rng)
    other, _, _ = worlds.random_case(rng)
    a, b = (simulate(what, graph, replicates=2, seed=1, horizon_years=years) for what in (one, other))
    scale = np.abs(a.expected_loss()) + np.abs(b.expected_loss()) + 1e-12
    assert np.all(np.abs(sum(contributions(a, b).values(), np.zeros(1)) - difference(a, b)) <= 1e-9 * scale)


@pytest.mark.parametrize("case", range(5))
def test_random_worlds_with_look_ups_sum(case: int) -> None:
    """With look-ups the contributions still sum to the difference, in every replicate."""
    rng = np.random.default_rng(800 + case)
    one, graph, years = lookup_worlds.random_world(rng, withheld=False)
    other, _, _ = worlds.random_case(rng)
    a, b = (simulate(what, graph, replicates=2, seed=1, horizon_years=years) for what in (one, other))
    scale = np.abs(a.expected_loss()) + np.abs(b.expected_loss()) + 1e-12
    assert np.all(np.abs(sum(contributions(a, b).values(), np.zeros(1)) - difference(a, b)) <= 1e-9 * scale)


def test_a_breach_against_itself() -> None:
    """Between a breach and itself there is no change."""
    a = api.simulate("stated", replicates=20, seed=1)
    assert contributions(a, a) == {}


def toy(fields: str, accounts: int = 10) -> Scenario:
    """Return a segment that lost some fields."""
    return worlds.scenario([worlds.segment("all", accounts, [(name, 1.0) for name in fields.split()])])


def run(what: Scenario) -> Impact:
    """Simulate an attack on N and S, certain, of 20 USD."""
    graph = worlds.graph([worlds.attack("fraud", [worlds.way("full_name ssn", 1e6)], severity=20.0)])
    return simulate(what, graph, replicates=2, seed=1)


def test_fields_that_leak_one_by_one_share_what_they_do_together() -> None:
    """Name and SSN leak anew in blocks of their own: each is behind half of the 200 USD."""
    a, b = run(toy("phone_number")), run(toy("phone_number full_name ssn"))
    moves = contributions(a, b)
    assert {"segment all: full_name leaked", "segment all: ssn leaked"} == set(moves)
    assert all(np.allclose(move, 100.0) for move in moves.values())


def test_size_and_field_are_averaged_over_both_orders() -> None:
    """Ten accounts without SSN become thirty with: the field is 200 (first) or 600 (last), so 400."""
    moves = contributions(run(toy("full_name")), run(toy("full_name ssn", 30)))
    assert [400.0, 200.0] == pytest.approx(
        [moves["segment all: ssn leaked"][0], moves["segment all: 10 to 30 accounts"][0]]
    )


def test_the_same_block_partly_leaked_moves_as_one() -> None:
    """A coverage that falls from 1 to a half is one change, named with both."""
    what = toy("full_name ssn")
    half = worlds.scenario([worlds.segment("all", 10, [("full_name", 1.0), ("ssn", 0.5)])])
    moves = contributions(run(what), run(half))
    assert ["segment all: ssn leaked for 1 to 0.5"] == list(moves)
    assert np.allclose(moves["segment all: ssn leaked for 1 to 0.5"], -100.0)


def test_capacities_and_anchors_are_a_change_of_their_own() -> None:
    """Twice the records with the same crews: where they bind, they take back what records add."""
    graph = worlds.graph([worlds.attack("fraud", [worlds.way("ssn", 0.01)], severity=20.0, capacity=1e-3)])
    a, b = (
        simulate(worlds.scenario([worlds.segment("all", n, [("ssn", 1.0)])]), graph, replicates=2, seed=1)
        for n in (1000, 2000)
    )
    moves = contributions(a, b)
    assert set(moves) == {"segment all: 1,000 to 2,000 accounts", "capacities and anchors"}
    assert np.allclose(
        moves["capacities and anchors"], -moves["segment all: 1,000 to 2,000 accounts"], rtol=1e-4
    )


def test_another_number_of_an_attack() -> None:
    """A changed severity is a change of the attacks, and the whole of the difference."""
    what, graph, years = worlds.full_world()
    dearer = dataclasses.replace(
        graph,
        attacks=tuple(
            dataclasses.replace(
                x, severity=worlds.fixed(x.severity.name, 2 * x.severity.central, "USD/victim")
            )
            if x.name == "loan"
            else x
            for x in graph.attacks
        ),
    )
    a, b = (simulate(what, g, replicates=2, seed=1, horizon_years=years) for g in (graph, dearer))
    moves = contributions(a, b)
    assert ["attacks and their numbers"] == list(moves)
    assert np.allclose(moves["attacks and their numbers"], difference(a, b))


@pytest.mark.parametrize(
    ("change", "part"),
    [({"seed": 2}, "seed"), ({"replicates": 21}, "replicates"), ({"horizon_years": 4}, "horizon_years")],
)
def test_runs_that_share_nothing_are_refused(change: dict[str, float], part: str) -> None:
    """Another seed, number of replicates or horizon is refused with both values and a remedy."""
    first = {"replicates": 20, "seed": 1, "horizon_years": 5}
    a = api.simulate("stated", **first)  # type: ignore[arg-type]
    b = api.simulate("stated", **first | change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"differ in {part}: .* simulate both alike"):
        waterfall(a, b)


def test_the_figures_show_their_tables() -> None:
    """The waterfall has a bar a row, the tornado two a parameter; each has words beside."""
    from breach_sim import plots

    frame = api.waterfall("claimed", "stated", replicates=20)
    ax = plots.waterfall(frame)
    assert len(ax.patches) == len(frame)
    widths = [patch.get_width() for patch in ax.patches]  # type: ignore[attr-defined]
    assert widths == pytest.approx((frame["end"] - frame["start"]).tolist())
    bars = api.tornado(api.simulate("stated", replicates=20, seed=1))
    drawn = plots.tornado(bars, most=5)
    assert len(drawn.patches) == 10
    for made in (ax, drawn):
        assert made.figure.get_label()
    plt.close("all")
