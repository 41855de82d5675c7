"""Laws of randomness by name."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import breach_sim as bs
from breach_sim.engine.draws.streams import MAX_SEED, check_seed, uniforms, words

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=60)
SIZE = 200_000
NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), min_size=1, max_size=3)


def test_the_key_of_a_stream_is_the_digest_of_seed_and_name() -> None:
    """A stream is Philox keyed by BLAKE2b of seed and names as JSON: the order of calls plays no part."""
    key = int.from_bytes(hashlib.blake2b(b'[7, "luck", "x"]', digest_size=16).digest(), "little")
    expected = np.random.Philox(key=key).random_raw(5)
    assert expected.tolist() == words(7, "luck", "x", size=5).tolist()


def test_a_number_is_the_first_53_bits_of_its_word() -> None:
    """A uniform number is the middle of the cell of width 2^-53 that the first 53 bits of one word name."""
    raw = [int(word) for word in words(7, "bits", size=400)]
    expected = [min(((word >> 11) + 0.5) * 2.0**-53, 1 - 2.0**-53) for word in raw]
    assert expected == uniforms(7, "bits", size=400).tolist()


def test_nothing_is_drawn_by_a_distribution_of_numpy() -> None:
    """NumPy's `Generator`, whose distributions change with its version, is behind no draw of a result.

    Designs and bootstraps of the sensitivities have it, as they had in the library that they came from.
    """
    package = Path(bs.__file__).parent
    words_ = re.compile(r"np\.random\.(?!Philox\()|numpy\.random")
    texts = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert ["streams.py"] == [name for name, text in texts.items() if words_.search(text)]
    users = [name for name, text in texts.items() if "numpy_generator" in text and name != "streams.py"]
    assert ["designs.py"] == users


def test_a_stream_starts_anew_at_every_call() -> None:
    """Draws from other streams in between change nothing."""
    first = uniforms(3, "a", size=50)
    uniforms(3, "b", size=1000)
    words(3, "a", size=10)
    assert first.tolist() == uniforms(3, "a", size=50).tolist()


@given(st.integers(0, MAX_SEED), NAMES, st.integers(0, 40), st.integers(0, 40))
@LAW
def test_a_longer_draw_begins_with_the_shorter(seed: int, name: list[str], short: int, more: int) -> None:
    """More replicates keep the first ones."""
    assert (
        uniforms(seed, *name, size=short).tolist()
        == uniforms(seed, *name, size=short + more)[:short].tolist()
    )


@given(st.integers(0, MAX_SEED), NAMES, st.integers(0, MAX_SEED), NAMES)
@LAW
def test_other_names_or_seeds_are_other_streams(
    seed: int, name: list[str], other: int, names: list[str]
) -> None:
    """Two streams agree exactly when seed and all parts of the name do."""
    same = uniforms(seed, *name, size=3).tolist() == uniforms(other, *names, size=3).tolist()
    assert ((seed, name) == (other, names)) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("ab",)),
        (("a", "b"), ("b", "a")),
        (("a",), ("a", "")),
        (("1", "a"), ("1a",)),
        (("",), ("", "")),
    ],
)
def test_parts_of_a_name_are_not_glued(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """The parts ("a", "b") name another stream than ("ab",)."""
    assert uniforms(1, *one, size=4).tolist() != uniforms(1, *other, size=4).tolist()


def test_parts_with_the_separator_are_not_glued() -> None:
    """Even a part that holds the separator keeps its stream to itself."""
    assert uniforms(1, "a\x1fb", size=4).tolist() != uniforms(1, "a", "b", size=4).tolist()


def test_numbers_lie_strictly_inside_the_unit_interval() -> None:
    """Neither 0 nor 1 occurs, so that every quantile is finite."""
    draws = uniforms(5, "inside", size=1_000_000)
    assert 0 < draws.min() < draws.max() < 1


def test_the_extreme_raw_draws_stay_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest and the largest number a generator can give are moved strictly inside."""
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    monkeypatch.setattr("breach_sim.engine.draws.streams.words", lambda *_, **__: ends)
    low, high = uniforms(1, "x", size=2)
    assert (low > 0, high < 1) == (True, True)


def test_numbers_are_uniform() -> None:
    """Many numbers pass Kolmogorov and Smirnov: sqrt(R) times the distance stays below 2.23 (p = 1e-4)."""
    draws = np.sort(uniforms(6, "flat", size=SIZE))
    steps = np.arange(SIZE) / SIZE
    assert np.abs(draws - steps).max() * SIZE**0.5 < 2.23
    assert np.abs(draws**1.02 - steps).max() * SIZE**0.5 > 2.23  # the test has the power to see 2 %


def test_neighbors_are_independent() -> None:
    """Streams of neighboring seeds and of similar names are uncorrelated within 4.5 se (45 pairs)."""
    size = 100_000
    rows = [uniforms(seed, name, size=size) for seed in range(5) for name in ("a", "b")]
    off = np.corrcoef(rows)[np.triu_indices(10, 1)]
    assert len(off) == 45
    assert np.abs(off).max() < 4.5 / np.sqrt(size)


@pytest.mark.parametrize("seed", [-1, 1.0, 1.5, True, False, "1", None, 2**63, np.float64(3), [1]])
def test_a_bad_seed_is_refused_with_value_rule_and_remedy(seed: object) -> None:
    """A seed that is no whole number from 0 to 2**63 - 1 is refused wherever it comes in."""
    for use in (check_seed, lambda s: words(s, "a", size=1), lambda s: uniforms(s, "a", size=1)):
        with pytest.raises(
            ValueError, match=r"seed is .*whole number from 0 to 2\*\*63 - 1, such as seed=1"
        ) as caught:
            use(seed)
        assert repr(seed) in str(caught.value)


@pytest.mark.parametrize("seed", [0, 1, np.int64(5), np.uint8(7), MAX_SEED])
def test_whole_numbers_of_any_make_are_seeds(seed: int) -> None:
    """NumPy integers and both ends of the range are accepted and become Python integers."""
    assert (int(seed), int) == (check_seed(seed), type(check_seed(seed)))


def test_one_more_attack_moves_no_draw_of_another() -> None:
    """With one attack more in the graph every shared parameter keeps its draws, byte for byte."""
    graph = bs.load_attacks()
    whole = bs.simulate("tmobile-2021-stated", graph, replicates=50, seed=4)
    draws = {e.name: whole.law.parameters(e).tobytes() for e in whole.law.parameters.used}
    for left in ("sim_swap", "sim_swap_insider", "port_out", "new_account_fraud", "smishing"):
        fewer = dataclasses.replace(graph, attacks=tuple(a for a in graph.attacks if a.name != left))
        part = bs.simulate("tmobile-2021-stated", fewer, replicates=50, seed=4)
        shared = {e.name: part.law.parameters(e).tobytes() for e in part.law.parameters.used}
        assert len(shared) > 20
        assert {name: draws[name] for name in shared} == shared


def test_the_last_attack_moves_no_count_of_the_others() -> None:
    """Leaving out the last attack that grants nothing leaves every other victim where it was.

    Without look-ups: an attack fewer reads fewer fields, so that probabilities are summed over fewer coins
    and differ in the last bit.
    """
    graph = bs.attacks_of("tmobile-2021-stated", elsewhere=None)
    assert not graph.attacks[-1].grants
    assert graph.attacks[-1].kind == "initial"
    whole = bs.simulate("tmobile-2021-stated", replicates=200, seed=4, elsewhere=None)
    part = bs.simulate("tmobile-2021-stated", graph.names[:-1], replicates=200, seed=4, elsewhere=None)
    assert whole.victim_counts[:-1].tolist() == part.victim_counts.tolist()
    assert whole.losses[:-1].tolist() == part.losses.tolist()


def test_seeds_are_independent() -> None:
    """Plain losses of ten pairs of neighboring seeds have rank correlations below 0.04 (4 se, R = 10,000)."""
    losses = (
        bs.simulate("stated", "new_account_fraud", replicates=10_000, seed=seed, sampling="plain").loss
        for seed in range(11)
    )
    ranks = [np.argsort(np.argsort(loss)) for loss in losses]  # no two losses are equal
    pairs = [abs(np.corrcoef(one, other)[0, 1]) for one, other in itertools.pairwise(ranks)]
    assert len(pairs) == 10
    assert max(pairs) < 0.04


def test_means_of_seeds_are_independent() -> None:
    """Mean losses of 200 neighboring seeds are uncorrelated with the next, and the next but one (4 se).

    Replicate r of two seeds is not independent: it is the same point, scrambled twice. Its means are.
    """
    means = np.array(
        [bs.simulate("stated", "smishing", replicates=64, seed=s).loss.mean() for s in range(200)]
    )
    for lag in (1, 2):
        assert abs(np.corrcoef(means[:-lag], means[lag:])[0, 1]) < 4 / math.sqrt(200)


def test_only_one_file_makes_generators() -> None:
    """No module but ``streams`` calls NumPy's random constructors."""
    package = Path(bs.__file__).parent
    words = ("default_rng", "np.random.Generator(", "np.random.Philox(", "RandomState", "np.random.seed")
    texts = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert {"streams.py"} == {name for name, text in texts.items() if any(word in text for word in words)}
