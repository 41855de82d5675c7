"""Which field did the damage: the toy to the last digit, the axioms, and every coalition by brute force."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import sys

import numpy as np
import pytest
from support import lookup_worlds, worlds

from breach_sim import api
from breach_sim.analysis import attribution, attribution_pairs, field_values
from breach_sim.analysis.attributions.by_fields import chains, field_sets, severities
from breach_sim.analysis.attributions.shapley import FieldValues
from breach_sim.apps.cli import main as cli
from breach_sim.engine.law import Law
from breach_sim.inputs import fields
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

N, P, K, S, D = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
SURE = 1e6
"""Attempts so many that an account is a victim for certain."""


def toy(blocks: list[tuple[str, float]], **how: int) -> Impact:
    """Return the toy of the model with certain attacks of 20 USD each."""
    swap = [worlds.way(f"{P} {K}", SURE), worlds.way(f"{P} {N} {S}", SURE)]
    graph = worlds.graph(
        [
            worlds.attack("sim_swap", swap, severity=20.0),
            worlds.attack("new_account", [worlds.way(f"{N} {S} {D}", SURE)], severity=20.0),
        ]
    )  # fmt: skip
    what = worlds.scenario([worlds.segment("all", how.get("accounts", 1), blocks)])
    return simulate(what, graph, replicates=how.get("replicates", 3), seed=1)


def restricted(what: Scenario, kept: frozenset[str]) -> Scenario:
    """Return the scenario in which only some of the fields leaked."""
    segments = tuple(
        dataclasses.replace(
            segment,
            leaks=tuple(
                dataclasses.replace(leak, fields=own)
                for leak in segment.leaks
                if (own := tuple(name for name in leak.fields if name in kept))
            ),
        )
        for segment in what.segments
    )
    return dataclasses.replace(what, segments=segments)


def worth(impact: Impact, kept: frozenset[str]) -> np.ndarray:
    """Return the expected loss when only some fields leaked, by another run of the law."""
    what = restricted(impact.scenario, kept)
    law = Law(what, impact.attacks, impact.law.parameters, impact.horizon_years, dict(impact.law.scales))
    means, total = severities(impact), np.zeros(impact.replicates)
    for segment in what.segments:
        for name, chance in law.segment_law(segment).victim.items():
            total = total + segment.accounts * chance * means[name]
    return total


def brute(
    impact: Impact, names: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], dict[tuple[str, str], np.ndarray]]:
    """Return Shapley values and Shapley interactions as their textbooks define them."""
    known = {
        frozenset(some): worth(impact, frozenset(some))
        for size in range(len(names) + 1)
        for some in itertools.combinations(names, size)
    }
    n = len(names)
    single = dict.fromkeys(names, np.zeros(1))
    double = dict.fromkeys(itertools.combinations(names, 2), np.zeros(1))
    for some, value in known.items():
        s = len(some)
        for i in set(names) - some:
            weight = math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n)
            single[i] = single[i] + weight * (known[some | {i}] - value)
        for i, j in double:
            if not {i, j} & some:
                weight = math.factorial(s) * math.factorial(n - s - 2) / math.factorial(n - 1)
                gain = known[some | {i, j}] - known[some | {i}] - known[some | {j}] + value
                double[i, j] = double[i, j] + weight * gain
    return single, double


def test_the_toy_to_the_last_digit() -> None:
    """The Shapley values of the toy are 35/3, 25/3, 25/3, 20/3 and 5; alone 0; left out 20 20 20 20 and 0."""
    frame = attribution(toy([(f"{N} {P} {K} {S} {D}", 1.0)]))
    values = {N: 25 / 3, P: 35 / 3, K: 5.0, S: 25 / 3, D: 20 / 3}
    for name, value in values.items():
        assert value == pytest.approx(frame.loc[name, "mean"], rel=1e-12)
        assert frame.loc[name, "alone"] == 0
    assert [20, 20, 20, 20, 0] == pytest.approx(
        frame.loc[[N, P, S, D, K], "leave_one_out"].tolist(), abs=1e-12
    )
    assert frame.loc["total", "mean"] == pytest.approx(40, rel=1e-12)


def test_partly_leaked_fields_weigh_what_all_of_a_set_weigh() -> None:
    """With coverages .9 .5 .9 .6 the total is 20 x (0.693 + P(N, S and D)), as the toy says."""
    blocks = [(P, 0.9), (K, 0.5), (N, 0.9), (S, 0.6), (D, 0.8)]
    frame = attribution(toy(blocks))
    assert frame.loc["total", "mean"] == pytest.approx(20 * (0.693 + 0.9 * 0.6 * 0.8), rel=1e-12)


@pytest.mark.parametrize("case", range(6))
def test_every_coalition_by_brute_force(case: int) -> None:
    """In random worlds values and interactions equal the textbook sums over all sets of fields."""
    what, graph, years = worlds.random_case(np.random.default_rng(100 + case))
    impact = simulate(what, graph, replicates=2, seed=1, horizon_years=years)
    values = field_values(impact)
    names = tuple(sorted({f for a in graph.attacks for r in a.routes for f in r.fields} & set(values.fields)))
    single, double = brute(impact, names)
    scale = max(float(np.abs(values.total).sum()), 1e-9)
    for name in values.fields:
        mine = values.shapley[:, values.fields.index(name)].sum(axis=0)
        assert np.allclose(mine, single.get(name, 0.0), rtol=0, atol=1e-10 * scale), name
    for (one, other), value in double.items():
        mine = values.pairs[values.fields.index(one), values.fields.index(other)]
        assert np.allclose(mine, value, rtol=0, atol=1e-10 * scale), (one, other)


@pytest.mark.parametrize("case", range(8))
def test_every_coalition_by_brute_force_with_look_ups(case: int) -> None:
    """With look-ups, values and interactions equal the textbook sums, and values sum to the expected loss."""
    rng = np.random.default_rng(200 + case)
    what, graph, years = lookup_worlds.random_world(rng, withheld=False)
    impact = simulate(what, graph, replicates=2, seed=1, horizon_years=years)
    values = field_values(impact)
    scale = max(float(np.abs(values.total).sum()), 1e-9)
    whole = values.shapley.sum(axis=(0, 1))
    assert np.allclose(whole, impact.expected_loss(), rtol=0, atol=1e-10 * scale)
    single, double = brute(impact, tuple(sorted(impact.law.known.fields & set(values.fields))))
    for name in values.fields:
        mine = values.shapley[:, values.fields.index(name)].sum(axis=0)
        assert np.allclose(mine, single.get(name, 0.0), rtol=0, atol=1e-10 * scale), name
    for (one, other), value in double.items():
        mine = values.pairs[values.fields.index(one), values.fields.index(other)]
        assert np.allclose(mine, value, rtol=0, atol=1e-10 * scale), (one, other)


def test_a_field_that_only_leads_on_has_a_value() -> None:
    """An address that no route reads, but with which a birth date is found, is worth a part of the loss."""
    found = lookup_worlds.lookups(lookup_worlds.lookup(D, 0.5, f"{N} postal_address"))
    route = worlds.attack("new_account", [worlds.way(f"{N} {S} {D}", SURE)], severity=20.0)
    graph = dataclasses.replace(worlds.graph([route]), lookups=found)
    what = worlds.scenario([worlds.segment("all", 1, [(f"{N} postal_address {S}", 1.0)])])
    frame = attribution(simulate(what, graph, replicates=2, seed=1))
    assert frame.loc[[N, "postal_address", S], "mean"].tolist() == pytest.approx([10 / 3] * 3)


def full(replicates: int = 5) -> Impact:
    """Return the world in which every feature acts."""
    what, graph, years = worlds.full_world()
    return simulate(what, graph, replicates=replicates, seed=1, horizon_years=years)


@pytest.fixture(scope="module")
def case() -> tuple[Impact, FieldValues]:
    """Simulate the class scenario, uncertain coverages included."""
    impact = api.simulate("class", replicates=400, seed=1)
    return impact, field_values(impact)


def test_values_sum_to_the_expected_loss(case: tuple[Impact, FieldValues]) -> None:
    """In every replicate the values of all fields, and own parts with all pairs, sum to the expected loss."""
    for impact, values in (case, (full(), field_values(full()))):
        expected = impact.expected_loss()
        assert np.allclose(values.shapley.sum(axis=(0, 1)), expected, rtol=1e-9, atol=0)
        assert np.allclose(
            values.own().sum(axis=0) + values.pairs.sum(axis=(0, 1)) / 2, expected, rtol=1e-9, atol=0
        )
        assert np.allclose(sum(values.sets.values()), expected, rtol=1e-9, atol=0)


def test_segments_add_up(case: tuple[Impact, FieldValues]) -> None:
    """The values of a breach of one segment, scales held, are the segment's part of the whole breach."""
    impact, values = case
    for j, segment in enumerate(impact.scenario.segments):
        alone = simulate(
            dataclasses.replace(
                impact.scenario,
                segments=(segment,),
                events=tuple(
                    dataclasses.replace(e, segments=tuple(n for n in e.segments if n == segment.name))
                    if not e.segments or segment.name in e.segments
                    else dataclasses.replace(e, kind="notice", segments=())
                    for e in impact.scenario.events
                ),
            ),
            impact.attacks,
            replicates=impact.replicates,
            seed=impact.seed,
            scales=dict(impact.law.scales),
            factors=dict(impact.factors),
            posterior=impact.law.parameters.posterior,
        )
        own = field_values(alone)
        for name in own.fields:
            mine = own.shapley[0, own.fields.index(name)]
            assert np.allclose(mine, values.shapley[j, values.fields.index(name)], rtol=1e-9, atol=1e-6)


def test_fields_that_stand_for_each_other_are_worth_the_same() -> None:
    """Two fields that every route needs together have the same value, in every replicate."""
    impact = toy([(P, 0.9), (K, 1.0), (N, 0.5), (S, 0.5), (D, 0.7)])
    values = field_values(impact)
    one, other = (values.shapley[0, values.fields.index(name)] for name in (N, S))
    assert np.allclose(one, other, rtol=1e-12)


def test_a_field_that_no_attack_reads_is_worth_nothing(case: tuple[Impact, FieldValues]) -> None:
    """What no route and no search reads has value 0, alone and left out, exactly; a search gives it one."""
    _, looked_up = case
    assert (looked_up.shapley[:, looked_up.fields.index("postal_address")].sum(axis=0) > 0).all()
    values = field_values(api.simulate("class", replicates=20, seed=1, elsewhere=None))
    number = values.fields.index("postal_address")
    for part in (values.shapley, values.alone, values.leave_one_out):
        assert not part[:, number].any()
    assert not values.pairs[number].any()


def test_scales_are_held() -> None:
    """Where capacity binds, what is spared without a field is computed with the crews as they were."""
    impact = full()
    values = field_values(impact)
    assert any((scale < 1).any() for scale in impact.law.scales.values())
    spared = impact.expected_loss() - worth(impact, frozenset(values.fields) - {"email_address"})
    mine = values.leave_one_out[:, values.fields.index("email_address")].sum(axis=0)
    assert np.allclose(mine, spared, rtol=1e-9)


def test_chains_keep_apart_what_shares_no_capability() -> None:
    """Attacks linked by capabilities are one chain, all others stand alone, each attack once."""
    _, graph, _ = worlds.full_world()
    found = [tuple(a.name for a in chain) for chain in chains(graph)]
    assert [("sim_swap", "port_out", "mailbox", "carrier_login", "crypto"), ("phish",), ("loan",)] == found


def test_too_many_unions_are_refused() -> None:
    """An attack with thirteen routes of one field each has 8,191 unions, and is refused with a remedy."""
    names = fields.FIELD_NAMES[:13]
    chain = (worlds.attack("wide", [worlds.way(name) for name in names]),)
    assert (
        len(field_sets((worlds.attack("w", [worlds.way(n) for n in names[:12]]),), fields.mask(names)))
        == 4095
    )
    with pytest.raises(ValueError, match=r"wide have more than 4,096 unions .* put routes together"):
        field_sets(chain, fields.mask(names))


def test_a_breach_without_loss_attributes_nothing() -> None:
    """Where nothing can be lost every value and every share is 0."""
    graph = AttackGraph(
        attacks=(worlds.attack("swap", [worlds.way(P)], severity=9.0),),
        people_background=worlds.fixed("b", 0.0, "probability/year"),
    )
    what = worlds.scenario([worlds.segment("all", 10, [(N, 1.0)])])
    frame = attribution(simulate(what, graph, replicates=3, seed=1))
    assert not frame[["mean", "share"]].to_numpy().any()


def test_tables_by_segment_and_by_pair(case: tuple[Impact, FieldValues]) -> None:
    """By segment the rows of each sum to its total; the rows of the pairs sum to the whole."""
    impact, _ = case
    frame = attribution(impact, by_segment=True)
    for segment in impact.scenario.segments:
        own = frame.loc[segment.name]
        assert own["mean"].drop("total").sum() == pytest.approx(own.loc["total", "mean"], rel=1e-9, abs=1e-6)
    pairs = attribution_pairs(impact)
    assert pairs["mean"].iloc[:-1].sum() == pytest.approx(pairs["mean"].iloc[-1], rel=1e-9)


@pytest.mark.parametrize("extra", [[], ["--by-segment"], ["--pairs"]])
def test_the_command(
    extra: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`breach-sim attribute` prints lines, or with --json one document with a row a field."""
    for form in ([], ["--json"]):
        monkeypatch.setattr(
            sys, "argv", ["breach-sim", "attribute", "stated", "--replicates", "50", *extra, *form]
        )
        with pytest.raises(SystemExit) as done:
            cli.main()
        said = capsys.readouterr().out
        assert done.value.code == 0
        if form:
            assert {"field", "mean", "share"} <= set(json.loads(said)["rows"][0])
        else:
            assert "birth date" in said


def test_the_command_refuses_two_tables_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Segments and pairs together are refused in a sentence with exit code 2."""
    monkeypatch.setattr(sys, "argv", ["breach-sim", "attribute", "stated", "--pairs", "--by-segment"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert (done.value.code, "take one of them" in capsys.readouterr().err) == (2, True)
