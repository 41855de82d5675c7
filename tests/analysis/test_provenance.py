"""Where a figure comes from: leaves that give it again, and exactly the parameters that move it."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from support import lookup_worlds, worlds

from breach_sim import api
from breach_sim.analysis import explain, figures
from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.figures import near
from breach_sim.apps.cli import main as cli
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.severity import anchor_factors
from breach_sim.formatting.errors import mean_error, quantile_error
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.rules import UNITS
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate
from breach_sim.results.tables.money import breached

MEASURES = ("victims", "loss_usd", "attempted")


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Simulate the stated cohorts."""
    return api.simulate("stated", replicates=500, seed=1)


def expected(impact: Impact, what: Scenario, parameters: Parameters) -> dict[str, np.ndarray]:
    """Return every expectation given the parameters, capacity scales held, by the engine."""
    law = Law(what, impact.attacks, parameters, impact.horizon_years, dict(impact.law.scales))
    laws = {segment.name: law.segment_law(segment) for segment in what.segments}
    factors = anchor_factors(law, laws)
    found: dict[str, Any] = {"people": sum(s.accounts * laws[s.name].people for s in what.segments)}
    found["loss_usd"] = np.zeros(1)
    for attack in impact.attacks.attacks:
        for word in ("victim", "attempted"):
            counts = [
                s.accounts * getattr(laws[s.name], word).get(attack.name, np.zeros(1)) for s in what.segments
            ]
            found[f"attacks.{attack.name}.{word.replace('victim', 'victims')}"] = sum(counts)
        loss = found[f"attacks.{attack.name}.victims"] * parameters(attack.severity)
        loss = loss * factors.get(attack.name, np.ones(1))
        if impact.attacks.drivers is not None:
            loss = loss * parameters(impact.attacks.drivers.loss)
        found[f"attacks.{attack.name}.loss_usd"] = loss
        found["loss_usd"] = found["loss_usd"] + loss
    if impact.firm is not None and impact.firm_lines:
        lines = impact.firm.lines(parameters, breached(what))
        found |= {f"firm.{line}": cost for line, cost in lines.items()}
        found["firm_cost_usd"] = sum(lines.values())
    return found


def drawn(impact: Impact) -> Parameters:
    """Return the parameters of an impact, drawn anew."""
    return Parameters(impact.seed, impact.replicates, posterior=impact.posterior)


def changed(impact: Impact, estimate: Estimate) -> tuple[Scenario, Parameters]:
    """Return the scenario and the draws with one parameter changed by 10 %."""
    factor = 0.9 if UNITS[estimate.unit] == 1 else 1.1
    draws = np.full(impact.replicates, estimate.central)
    if not estimate.is_certain:
        draws = impact.law.parameters(estimate)
    parameters = Parameters(
        impact.seed, impact.replicates, {estimate.name: factor * draws}, posterior=impact.posterior
    )

    def moved(coverage: Estimate) -> Estimate:
        if coverage.name != estimate.name or not coverage.is_certain:
            return coverage
        return dataclasses.replace(coverage, value=factor * coverage.central)

    segments = tuple(
        dataclasses.replace(
            s, leaks=tuple(dataclasses.replace(leak, coverage=moved(leak.coverage)) for leak in s.leaks)
        )
        for s in impact.scenario.segments
    )
    return dataclasses.replace(impact.scenario, segments=segments), parameters


def every_move(impact: Impact, statistic: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return pairs of parameter and figure: those that moved, and those whose tree holds the parameter."""
    before = expected(impact, impact.scenario, drawn(impact))
    before = {name: value for name, value in before.items() if f"{name}.{statistic}" in figures(impact)}
    held = set()
    for name in before:
        leaves = tree.parameters(explain(impact, f"{name}.{statistic}"))
        held |= {(leaf.name, name) for leaf in leaves if leaf.central}
    moved, tried = set(), set()
    for estimate in impact.parameters():
        # The release table is one thing: its probabilities cannot be changed one by one.
        if not estimate.name.startswith("release.") and estimate.central:
            tried.add(estimate.name)
            after = expected(impact, *changed(impact, estimate))
            moved |= {(estimate.name, name) for name in before if _moved(before[name], after[name])}
    return moved, {(parameter, name) for parameter, name in held if parameter in tried}


def _moved(before: np.ndarray, after: np.ndarray) -> bool:
    """Return whether a number moved by more than the rounding of the engine's sums."""
    return bool(np.any(np.abs(after - before) > 1e-12 * np.abs(before)))


def without_look_ups(replicates: int) -> Impact:
    """Simulate the stated cohorts and all attacks, fields known only from the leak."""
    return api.simulate("stated", replicates=replicates, seed=1, elsewhere=None)


def the_swap(replicates: int) -> Impact:
    """Simulate the stated cohorts and SIM swap with a follow-on, look-ups and an anchor included."""
    attacks = ["sim_swap", "crypto_code_interception"]
    return api.simulate("stated", attacks, replicates=replicates, seed=1)


@pytest.mark.parametrize(
    ("impact", "statistic", "least"),
    [
        (partial(without_look_ups, 8), "mean", 500),
        (partial(the_swap, 8), "mean", 200),
        pytest.param(
            # With this seed the firm is insured, fined and settles, so that each of their numbers counts.
            partial(api.simulate, "class", replicates=1, seed=7),
            "p50",
            500,
            marks=pytest.mark.slow,
        ),
    ],
    ids=["without look-ups", "SIM swap", "all"],
)
def test_exactly_the_numbers_whose_trees_hold_it_move(
    impact: Callable[[], Impact], statistic: str, least: int
) -> None:
    """A parameter changed by 10 %, scales held, moves exactly the figures whose trees hold it."""
    moved, held = every_move(impact(), statistic)
    assert len(held) > least
    # The chance that a firm is insured decides a yes or no, which a tenth more may leave as it is.
    still = {name for name, _ in held - moved}
    assert (set(), set()) == (moved - held, still - {"firm.covered"})


@pytest.mark.parametrize(
    ("impact", "step"),
    [
        (partial(without_look_ups, 100), 5),
        (partial(the_swap, 100), 3),
        pytest.param(partial(api.simulate, "stated", replicates=500, seed=1), 1, marks=pytest.mark.slow),
    ],
    ids=["without look-ups", "SIM swap", "all"],
)
def test_leaves_give_every_figure_again(impact: Callable[[], Impact], step: int) -> None:
    """Folded up from its leaves alone every tree gives the printed figure to 1e-9."""
    stated = impact()
    printed = json.loads(stated.to_json())
    # Four statistics a measure: steps of five and of three take all statistics in turn.
    for path in figures(stated)[::step]:
        root = explain(stated, path)
        found = float(tree.recompute(root).mean())
        assert found == pytest.approx(root.value, rel=1e-9, abs=1e-9), path
        value: Any = printed
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            assert found == pytest.approx(value, rel=1e-9, abs=1e-9), path


@pytest.mark.parametrize("case", range(8))
def test_trees_follow_the_engine_in_random_worlds(case: int) -> None:
    """Cycles, ties, resets and anchors included: the expectation of a tree is that of the engine."""
    what, graph, years = worlds.random_case(np.random.default_rng(300 + case))
    _check(simulate(what, graph, replicates=2, seed=1, horizon_years=years))


def test_trees_follow_the_engine_in_the_full_world() -> None:
    """In the world in which every feature acts, the expectation of every tree is that of the engine."""
    what, graph, years = worlds.full_world()
    _check(simulate(what, graph, replicates=2, seed=1, horizon_years=years))


@pytest.mark.parametrize("case", range(8))
def test_trees_follow_the_engine_with_look_ups(case: int) -> None:
    """Chained look-ups, directories and shares of 0 and 1 included, every tree gives the engine's number."""
    rng = np.random.default_rng(400 + case)
    what, graph, years = worlds.random_case(rng)
    graph = dataclasses.replace(graph, lookups=lookup_worlds.random_lookups(rng, worlds.POOL))
    _check(simulate(what, graph, replicates=2, seed=1, horizon_years=years))


def test_trees_follow_the_engine_in_the_full_world_with_look_ups() -> None:
    """In the world in which every feature acts, look-ups included, every tree gives the engine's number."""
    what, graph, years = worlds.full_world()
    graph = dataclasses.replace(graph, lookups=lookup_worlds.every_lookup())
    _check(simulate(what, graph, replicates=2, seed=1, horizon_years=years))


def test_the_shares_of_look_ups_stand_in_the_tree(stated: Impact) -> None:
    """What must be looked up for a SIM swap is a leaf of its tree; what is of no use to it is not."""
    root = explain(stated, "attacks.sim_swap.victims.mean")
    names = {estimate.name for estimate in tree.parameters(root)}
    assert {"elsewhere.ssn", "elsewhere.ssn_last4"} <= names
    assert "elsewhere.email_address" not in names
    shares = [node for node in tree.nodes(root) if node.note.startswith("look-ups")]
    assert shares
    assert all(node.unit == "share" and 0 <= node.value <= 1 for node in shares)


def _check(impact: Impact) -> None:
    engine = expected(impact, impact.scenario, drawn(impact))
    for name, value in engine.items():
        if f"{name}.mean" in figures(impact):
            root = explain(impact, f"{name}.mean")
            mine = root.children[0].values
            assert np.allclose(mine, value, rtol=1e-9, atol=1e-12), name


def test_a_changed_leaf_gives_what_the_engine_gives(stated: Impact) -> None:
    """Recomputed with a leaf 10 % higher, a tree gives what the engine gives at that parameter."""
    paths = ("loss_usd", "people", "attacks.crypto_code_interception.loss_usd")
    means = {path: explain(stated, f"{path}.mean").children[0] for path in paths}
    for name in ("attacks.sim_swap.success", "onsets.resale.median", "clocks.line.rates.postpaid",
                 "attacks.sim_swap.anchor.mean_loss", "traits.holds_crypto.share"):  # fmt: skip
        estimate = next(e for e in stated.parameters() if e.name == name)
        factor = 0.9 if UNITS[estimate.unit] == 1 else 1.1
        after = expected(stated, *changed(stated, estimate))
        for path, mean in means.items():
            mine = tree.recompute(mean, {name: factor})
            assert np.allclose(mine, after[path], rtol=1e-9), (name, path)


@pytest.mark.parametrize(("statistic", "level"), [("p5", 0.05), ("p50", 0.5), ("p95", 0.95)])
def test_the_tree_of_a_quantile_is_over_the_replicates_near_it(
    stated: Impact, statistic: str, level: float
) -> None:
    """Its parts are means over the ranks within sqrt(R p (1 - p)), with their number and errors named."""
    root = explain(stated, f"people.{statistic}")
    rank, reach = 499 * level, (500 * level * (1 - level)) ** 0.5
    ranks = np.argsort(np.argsort(stated.people, kind="stable"))
    rows = np.flatnonzero(np.abs(ranks - rank) <= reach)
    assert rows.tolist() == near(stated.people, level).tolist()
    own = sum(s.accounts * stated.laws[s.name].people[rows] for s in stated.scenario.segments)
    middle = np.quantile(stated.people, level)
    assert (middle, own.mean()) == pytest.approx((root.value, root.children[0].value), rel=1e-9)
    luck = (stated.people[rows] - own).mean()
    # A difference of two numbers of the size of `middle`: its rounding is theirs.
    assert luck == pytest.approx(root.children[1].value, rel=1e-9, abs=1e-13 * middle)
    assert f"means over the {len(rows)} nearest" in root.note
    assert f"standard error {quantile_error(stated.people, level, stated.scramble):.2g} accounts" in root.note
    assert f"standard error of {mean_error(own):.2g} accounts" in root.children[0].note


def test_the_tree_of_a_mean_is_of_the_expectation_alone(stated: Impact) -> None:
    """A printed mean holds no chance; the standard error in its note is that of the printed mean."""
    for path, row in (("people.mean", "people"), ("attacks.sim_swap.loss_usd.mean", "sim_swap.loss_usd")):
        root = explain(stated, path)
        printed = stated.quantiles().loc[row]
        assert all(node.kind != "chance" for node in tree.nodes(root))
        assert root.value == pytest.approx(printed["mean"], rel=1e-9)
        assert f"standard error {printed['se_mean']:.2g} " in root.note


def test_a_mean_of_products_is_named_with_its_ratio() -> None:
    """Where factors vary, text, document and table say that the product of means is another, and how much."""
    leaves = [
        tree.Node(label=label, kind="given", unit="1", values=np.array(values))
        for label, values in (("a", [1.0, 3.0]), ("b", [2.0, 4.0]))
    ]
    node = tree.product("a times b", "1", leaves)
    assert (7.0, 6.0) == (node.value, node.product_of_means)
    text = tree.as_text(node)
    assert "a times b = mean of products of" in text
    assert "mean of products over 2 replicates: 1.1667 times the product of the means below, 6" in text
    assert {"product_of_means": 6.0, "ratio": 7.0 / 6.0} == tree.as_dict(node)["mean_of_products"]
    assert "mean of products over 2 replicates" in node._repr_html_()
    flat = tree.product(
        "a times two", "1", [leaves[0], dataclasses.replace(leaves[1], values=np.full(2, 2.0))]
    )
    assert flat.product_of_means is None
    assert "mean_of_products" not in tree.as_dict(flat)
    assert "a times two = product of" in tree.as_text(flat)


def test_every_leaf_says_where_it_comes_from(stated: Impact) -> None:
    """Every parameter has status and sources, every number of accounts the sources of its segment."""
    for node in tree.nodes(explain(stated, "loss_usd.mean")):
        if node.kind == "parameter":
            assert node.estimate is not None
            assert node.sources == node.estimate.sources
        if not node.children:
            assert node.kind in {"parameter", "given", "held", "chance"}
        if node.label.startswith("accounts of segment"):
            assert node.sources


def test_what_the_tree_tells(stated: Impact) -> None:
    """The text names segment, route, step, parameter, source and grade; the JSON holds the same tree."""
    root = explain(stated, "attacks.bank_code_interception.victims.p50")
    text = tree.as_text(root, api.load_sources())
    for words in ("segment 'current postpaid, with SSN'", "route by identity", "after SIM swap",
                  "`attacks.sim_swap.success`",
                  "princeton-simswap (A, seen)", "capacity scale"):  # fmt: skip
        assert words in text
    document = json.loads(tree.as_json(root, api.load_sources()))
    assert document["value"] == root.value
    found: list[str] = []

    def walk(row: dict[str, Any]) -> None:
        found.extend([row["parameter"]] if "parameter" in row else [])
        for child in row.get("made_of", ()):
            walk(child)

    walk(document)
    assert set(found) == {estimate.name for estimate in tree.parameters(root)}


def test_nothing_can_happen() -> None:
    """A figure that is 0 for want of any route has a tree that says so."""
    impact = api.simulate("stated", replicates=20, seed=1)
    root = explain(impact, "attacks.sim_swap_insider.victims.p50")
    assert (root.value, root.children[0].label) == (0.0, "expected: nothing can happen")


def test_held_factors_are_leaves(stated: Impact) -> None:
    """Where scales and factors are held from another run, the anchor factor is a leaf and no tree."""
    held = simulate(
        stated.scenario, stated.attacks, replicates=stated.replicates, seed=1,
        scales=dict(stated.law.scales), factors=dict(stated.factors),
    )  # fmt: skip
    root = explain(held, "attacks.crypto_code_interception.loss_usd.mean")
    names = {estimate.name for estimate in tree.parameters(root)}
    assert "attacks.sim_swap.anchor.mean_loss" not in names
    assert root.value == pytest.approx(float(held.expected("loss_usd", "crypto_code_interception").mean()))


@pytest.mark.parametrize("path", ["people.mea", "people", "attacks.sim_swp.victims.p50", "loss_usd.p51", ""])
def test_a_path_that_does_not_exist(path: str, stated: Impact) -> None:
    """An unknown path is answered on a few lines, with the nearest figures and what a path is made of."""
    with pytest.raises(
        ValueError, match=r"unknown figure .* Every attack has attackable, .* every figure \.p5, "
    ) as refused:
        explain(stated, path)
    assert len(str(refused.value)) < 500


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`breach-sim explain` prints the tree, with --json one document; a wrong path is refused with exit 2."""
    words = ["breach-sim", "explain", "people.mean", "--scenario", "stated", "--replicates", "30"]
    for extra, code in (([], 0), (["--json"], 0), (["--seed", "x"], 2)):
        monkeypatch.setattr(sys, "argv", words + extra)
        with pytest.raises(SystemExit) as done:
            cli.main()
        said = capsys.readouterr().out
        assert done.value.code == code
        if extra == ["--json"]:
            assert json.loads(said)["kind"] == "figure"
    monkeypatch.setattr(sys, "argv", ["breach-sim", "explain", "nothing", "--replicates", "30"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert (done.value.code, "Known: " in capsys.readouterr().err) == (2, True)


def test_a_tree_shows_its_first_levels_in_a_notebook() -> None:
    """The table of a tree begins with the figure and its parts, and says how to see all of it."""
    node = explain(api.simulate("tmobile-2021-stated", replicates=20), "people.mean")
    shown = node._repr_html_()
    assert shown.index("people.mean of") < shown.index(node.children[0].label)
    assert tree.shown_value(node.value) in shown
    assert f"a tree of {sum(1 for _ in tree.nodes(node)):,} nodes; as_text(node) shows all of it" in shown
    assert "as_text" not in tree.Node(label="<i>", kind="given", unit="1", values=node.values)._repr_html_()
    assert "<i>" not in tree.Node(label="<i>", kind="given", unit="1", values=node.values)._repr_html_()


@pytest.mark.parametrize("figure", ["people.mean", "loss_usd.mean", "firm.notice.mean"])
def test_a_tree_is_in_words(figure: str) -> None:
    """No code name stands in the text of a tree, but the names of parameters, which are marked as such."""
    impact = api.simulate("tmobile-2021-stated", replicates=16, seed=1)
    text = tree.as_text(explain(impact, figure)).removeprefix(figure)
    plain = re.sub(r"`[^`]*`|\[[^\]]*\]", "", text).partition(" of ")[2]
    assert [] == re.findall(r"\b[a-z\d]+_[a-z\d_]+\b", plain)
    assert "`attacks." in text or "firm" in figure
