"""Laws of cells: accounts by leaked fields, conserved and counted exactly."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.worlds import scenario, segment

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import MAX_BLOCKS, expose, exposed_share, mask_weights
from breach_sim.inputs import fields
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=60)
POOL = fields.FIELD_NAMES[:10]
SHARES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1.0]) | st.floats(0, 1)


@st.composite
def segments(draw: st.DrawFn, name: str = "s", *, ties: bool = True) -> Segment:
    """Draw a segment of up to five blocks of fields."""
    order = draw(st.permutations(POOL))
    cuts = sorted(draw(st.sets(st.integers(1, len(POOL) - 1), max_size=5)))
    blocks = [order[a:b] for a, b in itertools.pairwise([0, *cuts])]
    shares = [draw(SHARES if ties else st.floats(0.01, 0.99)) for _ in blocks]
    return segment(
        name, draw(st.integers(1, 10**6)), [(" ".join(b), c) for b, c in zip(blocks, shares, strict=True)]
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario of up to three segments."""
    return scenario([draw(segments(f"s{i}")) for i in range(draw(st.integers(1, 3)))])


def cells(what: Scenario) -> list[tuple[int, frozenset[str], int]]:
    """Return the cells as plain data: segment, names, accounts."""
    found = expose(what)
    columns = zip(found.segments.tolist(), found.masks.tolist(), found.accounts.tolist(), strict=True)
    return [(number, frozenset(fields.names(mask)), accounts) for number, mask, accounts in columns]


@given(scenarios())
@LAW
def test_cells_hold_every_account_once(what: Scenario) -> None:
    """Accounts of the cells of a segment sum to the segment; no cell is empty and none stands there twice."""
    found = cells(what)
    for number, part in enumerate(what.segments):
        assert part.accounts == sum(accounts for index, _, accounts in found if index == number)
    assert all(accounts > 0 for _, _, accounts in found)
    assert len(found) == len({(index, names) for index, names, _ in found})


@given(scenarios())
@LAW
def test_a_cell_is_its_quota_rounded(what: Scenario) -> None:
    """Each cell holds the product of its blocks' shares of the segment, within less than one account."""
    held = {(index, names): accounts for index, names, accounts in cells(what)}
    for number, part in enumerate(what.segments):
        for choice in itertools.product([False, True], repeat=len(part.leaks)):
            names = {f for leak, on in zip(part.leaks, choice, strict=True) if on for f in leak.fields}
            share = np.prod(
                [
                    leak.coverage.central if on else 1 - leak.coverage.central
                    for leak, on in zip(part.leaks, choice, strict=True)
                ]
            )
            assert abs(held.get((number, frozenset(names)), 0) - share * part.accounts) < 1.001


@given(scenarios(), st.sets(st.sampled_from(POOL), max_size=4), st.sets(st.sampled_from(POOL), max_size=4))
@LAW
def test_holding_and_touching_count_the_accounts(what: Scenario, one: set[str], other: set[str]) -> None:
    """Holding counts those who lost all of a set, touching any of it, holding any all of one of some."""
    found, plain = expose(what), cells(what)
    bits = fields.mask(one)
    assert sum(n for _, names, n in plain if one <= names) == found.holding(bits)
    assert sum(n for _, names, n in plain if one & names) == found.touching(bits)
    wanted = sum(n for _, names, n in plain if one <= names or other <= names)
    assert wanted == found.holding_any([bits, fields.mask(other)])


@given(scenarios(), st.sets(st.sampled_from(POOL), min_size=1, max_size=4), st.sampled_from(POOL))
@LAW
def test_more_is_harder_to_hold_and_easier_to_touch(what: Scenario, names: set[str], more: str) -> None:
    """One more field in a set never raises those who hold it all and never lowers those it touches."""
    found, less, all_of_it = expose(what), fields.mask(names), fields.mask(names | {more})
    assert (
        found.holding(all_of_it) <= found.holding(less) <= found.touching(less) <= found.touching(all_of_it)
    )
    assert found.touching(all_of_it) <= what.accounts


def test_the_ends_of_the_questions() -> None:
    """All hold the empty set, it touches nobody, and no set at all is held by nobody."""
    found = expose(scenario([segment("a", 10, [("ssn", 0.5)])]))
    assert (found.holding(0), found.touching(0), found.holding_any([]), found.holding_any([0])) == (
        10,
        0,
        0,
        10,
    )


def test_the_worked_toy() -> None:
    """With P .9, K .5, N .9, S .6 independent, 693 of 1,000 accounts can be swapped: not 717 and not 936."""
    blocks = [("phone_number", 0.9), ("account_pin", 0.5), ("full_name", 0.9), ("ssn", 0.6)]
    found = expose(scenario([segment("a", 1000, blocks)]))
    ways = [fields.mask(["phone_number", "account_pin"]), fields.mask(["phone_number", "full_name", "ssn"])]
    assert found.holding_any(ways) == 693
    assert (found.holding(ways[0]), found.holding(ways[1])) == (450, 486)


def test_fields_of_a_block_leak_together() -> None:
    """Half of the accounts lost both fields of a block; of two blocks of a half a quarter lost both."""
    both = fields.mask(["ssn", "date_of_birth"])
    assert expose(scenario([segment("a", 1000, [("ssn date_of_birth", 0.5)])])).holding(both) == 500
    assert expose(scenario([segment("a", 1000, [("ssn", 0.5), ("date_of_birth", 0.5)])])).holding(both) == 250


def turned(part: Segment, order: list[int]) -> Segment:
    """Return the segment with its blocks in another order."""
    return dataclasses.replace(part, leaks=tuple(part.leaks[i] for i in order))


@given(segments(), st.randoms(use_true_random=False))
@LAW
def test_weights_know_no_order(part: Segment, dice: object) -> None:
    """The weight of a set of leaked fields does not depend on the order of the blocks."""
    order = list(range(len(part.leaks)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    one, other = (
        mask_weights(part, None, Parameters(1, 1)),
        mask_weights(turned(part, order), None, Parameters(1, 1)),
    )
    assert one.keys() == other.keys()
    for mask, weight in one.items():
        np.testing.assert_allclose(other[mask], weight, rtol=1e-12, atol=1e-300)


@given(segments(), st.randoms(use_true_random=False))
@LAW
def test_cells_move_by_one_account_at_most_with_the_order_of_blocks(part: Segment, dice: object) -> None:
    """Another order of the blocks moves no cell by more than the account that breaks a tie."""
    order = list(range(len(part.leaks)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    one = {names: n for _, names, n in cells(scenario([part]))}
    other = {names: n for _, names, n in cells(scenario([turned(part, order)]))}
    assert max(abs(one.get(names, 0) - other.get(names, 0)) for names in one.keys() | other.keys()) <= 1


def test_cells_know_no_order() -> None:
    """The order of the blocks does not move a single account."""
    one = scenario([segment("a", 2, [("ssn", 0.5), ("imei", 0.5)])])
    other = scenario([segment("a", 2, [("imei", 0.5), ("ssn", 0.5)])])
    assert set(cells(one)) == set(cells(other))


@given(scenarios(), st.randoms(use_true_random=False))
@LAW
def test_segments_know_no_order(what: Scenario, dice: object) -> None:
    """The cells of a segment do not depend on where it stands."""
    order = list(range(len(what.segments)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    other = dataclasses.replace(what, segments=tuple(what.segments[i] for i in order))
    named = {(what.segments[i].name, names, n) for i, names, n in cells(what)}
    assert named == {(other.segments[i].name, names, n) for i, names, n in cells(other)}


# Weights per replicate -------------------------------------------------------------------------------


def doubtful(name: str, names: str) -> Segment:
    """Return a segment of 1,000 accounts with one block of uncertain coverage for each field."""
    part = segment(name, 1000, [(field, 0.5) for field in names.split()])
    leaks = tuple(
        dataclasses.replace(
            leak,
            coverage=Estimate(
                name=f"{name}.{i}",
                kind="pert",
                low=0.1,
                mode=0.3,
                high=0.8,
                unit="share",
                status="assumed",
                sources=("s",),
                note="n",
            ),
        )
        for i, leak in enumerate(part.leaks)
    )
    return dataclasses.replace(part, leaks=leaks)


def test_weights_sum_to_one_in_every_replicate() -> None:
    """With uncertain coverages the weights of all masks sum to 1, replicate by replicate."""
    weights = mask_weights(doubtful("a", "ssn imei imsi"), None, Parameters(1, 500))
    assert (len(weights), weights[0].shape) == (8, (500,))
    np.testing.assert_allclose(sum(weights.values()), np.ones(500), rtol=1e-14)


def test_a_weight_is_the_product_of_the_draws() -> None:
    """Blocks are independent given the parameters: a mask weighs the product of coverages and their rests."""
    part, draw = doubtful("a", "ssn imei"), Parameters(1, 50)
    ssn, imei = (draw(leak.coverage) for leak in part.leaks)
    weights = mask_weights(part, None, draw)
    np.testing.assert_allclose(weights[fields.mask(["ssn"])], ssn * (1 - imei), rtol=1e-14)
    np.testing.assert_allclose(weights[fields.mask(["ssn", "imei"])], ssn * imei, rtol=1e-14)
    np.testing.assert_allclose(exposed_share(part, draw), 1 - (1 - ssn) * (1 - imei), rtol=1e-13)


def test_blocks_nobody_reads_split_nothing() -> None:
    """Only relevant fields take a bit, and leaving the others out keeps the weights of what is left."""
    part, draw = doubtful("a", "ssn imei imsi"), Parameters(1, 50)
    weights = mask_weights(part, ["ssn"], draw)
    whole = mask_weights(part, None, draw)
    bit = fields.mask(["ssn"])
    assert {0, bit} == set(weights)
    np.testing.assert_allclose(weights[bit], sum(w for m, w in whole.items() if m & bit), rtol=1e-13)
    assert {m: w.tolist() for m, w in mask_weights(part, [], draw).items()} == {0: [1.0]}


def test_sure_blocks_cost_nothing() -> None:
    """Blocks leaked for all or for nobody split no cell, however many they are."""
    part = segment("a", 10, [(name, float(i % 2)) for i, name in enumerate(fields.FIELD_NAMES)])
    assert [fields.mask(fields.FIELD_NAMES[1::2])] == list(mask_weights(part, None, Parameters(1, 1)))


def test_more_than_twelve_partly_leaked_blocks_are_too_many_for_a_run() -> None:
    """Twelve partly leaked blocks make 4,096 masks; the thirteenth is refused with limit and remedy."""
    many = segment("a", 10**6, [(name, 0.5) for name in fields.FIELD_NAMES[:13]])
    twelve = dataclasses.replace(many, leaks=many.leaks[:MAX_BLOCKS])
    assert len(mask_weights(twelve, None, Parameters(1, 1))) == 2**12
    with pytest.raises(
        ValueError, match=r"segments\.a has 13 partly leaked blocks .* at most 12 .*into one block"
    ):
        mask_weights(many, None, Parameters(1, 1))
    assert expose(scenario([many])).holding(0) == 10**6


def test_more_than_eighteen_partly_leaked_blocks_are_no_segment() -> None:
    """A segment may have eighteen partly leaked blocks; the nineteenth is refused with the remedy."""
    blocks = [(name, 0.5) for name in fields.FIELD_NAMES[:19]]
    assert len(segment("a", 10, blocks[:18]).leaks) == 18
    with pytest.raises(
        ValueError, match=r"segments\.a has 19 partly leaked blocks; at most 18 .*into one block"
    ):
        segment("a", 10, blocks)


@pytest.mark.parametrize("accounts", [1, 2, 3, 10**13])
def test_the_largest_and_smallest_segments_stay_exact(accounts: int) -> None:
    """From one account to ten million million every account is in one cell."""
    what = scenario([segment("a", accounts, [("ssn", 1 / 3), ("imei", 0.1), ("imsi", 1e-9)])])
    assert accounts == sum(n for _, _, n in cells(what)) == expose(what).holding(0)
