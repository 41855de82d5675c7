"""Laws of the split of a comparison, and how comparison, bundle and person show themselves in a notebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest

import breach_sim as bs
from breach_sim.formatting.errors import mean_error
from breach_sim.whatif import by_month, worth
from breach_sim.whatif.averted import AvertedReplicates
from breach_sim.whatif.bundle import Bundle
from breach_sim.whatif.comparison import Comparison

STATED = "tmobile-2021-stated"
TABLES: dict[str, tuple[Callable[[AvertedReplicates], Any], Callable[[Comparison], Any]]] = {
    "table": (worth.averted, Comparison.table),
    "who": (worth.who_and_when, Comparison.who),
    "worth": (worth.worth, Comparison.worth),
    "overlap": (worth.overlap, Comparison.overlap),
    "pair_names": (worth.pair_names, Comparison.pair_names),
    "sources": (worth.sources, Comparison.sources),
    "to_json": (worth.to_json, Comparison.to_json),
    "dates": (by_month.dates, Comparison.dates),
    "timeline": (by_month.timeline, Comparison.timeline),
    "trajectories": (by_month.trajectories, Comparison.trajectories),
}


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return a comparison with one mitigation that touches nothing."""
    return bs.compare(STATED, "credit-freeze", "monitoring", "notice", replicates=30, seed=2)


@pytest.fixture(scope="module")
def arrays(comparison: Comparison) -> AvertedReplicates:
    """Return the arrays of the comparison and nothing else."""
    parts = {part.name: getattr(comparison, part.name) for part in dataclasses.fields(AvertedReplicates)}
    return AvertedReplicates(**parts)


def test_percentages_have_the_digits_that_the_draws_earn(comparison: Comparison) -> None:
    """A unit of the last digit of each percentage is at least its error, and nothing has decimals of zero."""
    for row in comparison.averted:
        share, often = worth.share_texts(comparison, row)
        assert share in repr(comparison)
        worth_it = (row.loss > row.cost).astype(float)
        for text, value, error in (
            (share, row.loss.mean() / comparison.base.total("loss").mean(), 0.0),
            (often, worth_it.mean(), mean_error(worth_it, comparison.scramble)),
        ):
            number, sign = text.split(" ")
            assert sign == "%"
            assert not number.endswith(".0")
            digits = len(number.partition(".")[2])
            zeros = len(number) - len(number.rstrip("0")) if not digits else 0
            unit, first = 10.0 ** (zeros - digits), 10.0 ** np.floor(np.log10(float(number) or 1))
            assert unit >= min(100 * error, first)
            assert abs(float(number) - 100 * value) <= max(unit, 100 * error)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_a_function_of_the_arrays_alone(
    name: str, comparison: Comparison, arrays: AvertedReplicates
) -> None:
    """The pure function over a copy of the arrays equals the method of the comparison, to the last bit."""
    function, method = TABLES[name]
    one, other = function(arrays), method(comparison)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert one.attrs == other.attrs
    elif name == "trajectories":
        for left, right in zip([one[0], *one[1]], [other[0], *other[1]], strict=True):
            np.testing.assert_array_equal(left.victims, right.victims)
            np.testing.assert_array_equal(left.loss, right.loss)
    else:
        assert one == other


def test_every_method_of_a_comparison_has_its_function() -> None:
    """No public name of a comparison, its arrays apart, is missing among the tables compared above."""
    assert {name for name in vars(Comparison) if not name.startswith("_")} == set(TABLES)
    assert dataclasses.fields(Comparison) == dataclasses.fields(AvertedReplicates)


def test_a_comparison_shows_a_row_a_mitigation(comparison: Comparison) -> None:
    """The table has the figures of the text: a row a mitigation, all together last, then the notes."""
    shown, text = unescape(comparison._repr_html_()), repr(comparison)
    assert len(comparison.averted) == shown.count("<tr><th style")
    assert 2 + len(comparison.notes) == shown.count("breach-sim-note")
    lines = [line for line in text.splitlines() if line.startswith("  averts ")]
    for row, line in zip(comparison.averted, lines, strict=True):
        averted = line.strip().removeprefix("averts ").partition(" USD")[0]
        assert f'>{row.label}</th><td style="text-align:left">{averted}</td>' in shown
    assert shown == unescape(comparison._repr_html_())


def test_a_bundle_shows_what_it_is_and_what_it_averts() -> None:
    """The card has budget, members, money and seed of the text, and the scenario's notes."""
    names = ["credit-freeze", "monitoring", "pin-reset"]
    bundle = bs.best_bundle(STATED, names, budget=5e7, replicates=60, seed=4)
    shown, (title, members, *_, search) = unescape(bundle._repr_html_()), repr(bundle).splitlines()
    assert title in shown
    assert f">{members.strip()}</td>" in shown
    assert f">{search.strip()}; seed 4</td>" in shown
    assert shown.count("breach-sim-note") == len(bundle.scenario.notes) > 0
    empty = dataclasses.replace(bundle, chosen=())
    assert isinstance(empty, Bundle)
    assert "nothing: no bundle is worth its price" in empty._repr_html_()


def test_a_person_shows_leak_odds_and_seed() -> None:
    """The table has a row an open attack and one for any harm; below stand leak, look-ups, traits, seed."""
    person = bs.follow(STATED, 73, seed=3, replicates=40)
    shown, odds = unescape(person._repr_html_()), person.odds()
    assert len(odds) == shown.count("<tr><th style") > 1
    assert all(f">{label}</th>" in shown for label in odds.index)
    assert f"segment {person.segment}</caption>" in shown
    sentence = person.sentences()[0].removeprefix("Leaked of this person: ").removesuffix(".")
    assert f"leaked: {sentence}</p>" in shown
    assert "40 replicates, seed 3</p>" in shown
    assert "looked up: phone number, employer</p>" in shown
    assert shown.count("breach-sim-note") == 4 + len(person.impact.notes)
