"""A total spread over parts: the law of drawing without replacement, by enumeration and by its moments."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from breach_sim.engine.draws.hypergeometric import FEW, picked, spread
from breach_sim.engine.draws.streams import uniforms, words

Counts = NDArray[np.int64]
R = 60_000
LEAST_P = 1e-4
SEED = 3


def drawn(sizes: tuple[int, ...], total: int, size: int = R) -> Counts:
    """Return a total spread over parts, replicate by replicate."""
    parts = np.repeat(np.array(sizes)[:, None], size, axis=1)
    return spread(np.full(size, total), parts, ("spread", str(sizes), str(total)), SEED)


@pytest.mark.parametrize(
    ("sizes", "total"),
    [
        ((3, 2, 4), 4),
        ((3, 2, 4), 8),
        ((1, 1), 1),
        ((30, 25, 3), 29),
        ((30, 25, 3), 50),
        ((40, 1, 1, 60), 70),
        ((5, 0, 7, 90), 20),
        ((200, 100), 150),
        ((1_000, 3_000), 1_717),
    ],
)
def test_a_spread_has_the_law_of_drawing_without_replacement(sizes: tuple[int, ...], total: int) -> None:
    """Each way to spread a total comes as often as the law says (chi-square, cells enumerated)."""
    counts = drawn(sizes, total)
    cells = np.array([c for c in itertools.product(*(range(n + 1) for n in sizes[:-1])) if sum(c) <= total])
    cells = np.column_stack([cells, total - cells.sum(axis=1)])
    cells = cells[cells[:, -1] <= sizes[-1]]
    ways = [math.prod(math.comb(n, int(k)) for n, k in zip(sizes, cell, strict=True)) for cell in cells]
    expected = np.array([own / math.comb(sum(sizes), total) for own in ways]) * R
    shape = tuple(n + 1 for n in sizes)
    seen = np.bincount(np.ravel_multi_index(tuple(counts), shape), minlength=math.prod(shape))
    own = seen[np.ravel_multi_index(tuple(cells.T), shape)]
    assert own.sum() == R
    rare = expected < 8
    found, wanted = np.append(own[~rare], own[rare].sum()), np.append(expected[~rare], expected[rare].sum())
    some = wanted > 1
    assert (
        stats.chisquare(found[some], wanted[some] * found[some].sum() / wanted[some].sum()).pvalue > LEAST_P
    )


def test_large_totals_have_the_right_moments() -> None:
    """Means, variances and covariances of parts from 17 to 10^12 are those of the law within 4.5 errors."""
    sizes, total = np.array([10**9, 3 * 10**6, 10**12, 17, 4 * 10**11]), 10**8
    counts, whole = drawn(tuple(sizes.tolist()), total), float(sizes.sum())
    share = sizes / whole
    mean, scale = total * share, total * (whole - total) / (whole - 1)
    covariance = scale * (np.diag(share) - np.outer(share, share))
    sd = np.sqrt(np.diag(covariance))
    assert np.all(np.abs(counts.mean(axis=1) - mean) < 4.5 * sd / math.sqrt(R))
    scores = (counts - mean[:, None])[[0, 1, 2, 4]] / sd[[0, 1, 2, 4], None]
    wanted = (covariance / np.outer(sd, sd))[np.ix_([0, 1, 2, 4], [0, 1, 2, 4])]
    assert np.all(np.abs(scores @ scores.T / R - wanted) < 4.5 * math.sqrt(2 / R))


def test_totals_and_sizes_may_differ_from_replicate_to_replicate() -> None:
    """Parts lie between 0 and their sizes and sum to the total, nothing and all included."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(0, rng.choice([3, 40, 10**6, 10**12], (7, 4_000)))
    whole = sizes.sum(axis=0)
    total = np.minimum(whole, (whole * rng.choice([0.0, 0.01, 0.5, 0.99, 1.0], 4_000)).astype(np.int64))
    counts = spread(total, sizes, ("any",), SEED)
    assert (counts.sum(axis=0) == total).all()
    assert (counts >= 0).all()
    assert (counts <= sizes).all()


def test_replicates_drawn_apart_are_those_drawn_together() -> None:
    """A spread of some replicates is that part of the spread of all."""
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 10**5, (5, 100))
    total = sizes.sum(axis=0) // 3
    whole = spread(total, sizes, ("apart",), SEED)
    parts = [
        spread(total[own], sizes[:, own], ("apart",), SEED, own.start)
        for own in (slice(0, 36), slice(36, 100))
    ]
    assert whole.tolist() == np.concatenate(parts, axis=1).tolist()


def test_words_may_begin_later() -> None:
    """Words and uniform numbers after some that are skipped are those of the whole stream."""
    assert words(SEED, "late", size=50)[12:].tolist() == words(SEED, "late", size=38, skip=12).tolist()
    assert uniforms(SEED, "late", size=9)[4:].tolist() == uniforms(SEED, "late", size=5, skip=4).tolist()
    assert words(SEED, "late", size=5).tolist() == words(SEED, "late", size=50)[:5].tolist()


def test_items_are_picked_in_random_order_and_once() -> None:
    """The first and the last item picked have the same law, and all picked make the law."""
    sizes = np.repeat(np.array([10, 3, 6])[:, None], R, axis=1)
    owners = picked(np.full(R, FEW), sizes, ("picked",), SEED)
    taken = np.array([(owners == part).sum(axis=0) for part in range(3)])
    assert (taken <= sizes).all()
    assert (taken.sum(axis=0) == FEW).all()
    for place in (0, 7, FEW - 1):
        seen = np.bincount(owners[place], minlength=3)
        assert stats.chisquare(seen, R * np.array([10, 3, 6]) / 19).pvalue > LEAST_P
    # Of 19 items 3 are left behind.
    left = np.bincount(10 - taken[0], minlength=4)
    assert stats.chisquare(left, R * stats.hypergeom(19, 10, 3).pmf(range(4))).pvalue > LEAST_P


def test_fewer_picks_are_the_first_ones() -> None:
    """Where fewer items are asked for, they are the first, and -1 stands for the others."""
    sizes = np.repeat(np.array([4, 9, 5])[:, None], 50, axis=1)
    many, few = (picked(np.full(50, n), sizes, ("fewer",), SEED) for n in (FEW, 3))
    assert few[:3].tolist() == many[:3].tolist()
    assert (few[3:] == -1).all()
