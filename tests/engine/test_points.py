"""Laws of the points behind parameters: even in a scramble, independent between scrambles, never moved."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

import breach_sim as bs
from breach_sim import catalog
from breach_sim.engine.draws.directions import DIMENSIONS, direction_numbers
from breach_sim.engine.draws.order import DIMENSION
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES, Parameters
from breach_sim.engine.draws.points import SCRAMBLES, coordinates, dimension_of, scramble_of
from breach_sim.engine.draws.streams import uniforms
from breach_sim.inputs.numbers.estimates import Estimate

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=40)
PLACES = st.integers(0, DIMENSIONS - 1)


def scrambles(seed: int, dimension: int, points: int) -> np.ndarray:
    """Return one coordinate by scramble. Shape (8, points)."""
    return coordinates(seed, dimension, SCRAMBLES * points).reshape(points, SCRAMBLES).T


def estimates(thing: object) -> set[str]:
    """Return the names of the uncertain numbers somewhere in an object."""
    if isinstance(thing, Estimate):
        return set() if thing.is_certain else {thing.name}
    if dataclasses.is_dataclass(thing):
        return set().union(*(estimates(getattr(thing, part.name)) for part in dataclasses.fields(thing)))
    if hasattr(thing, "values"):
        return set().union(*map(estimates, thing.values()))
    return set().union(*map(estimates, thing)) if isinstance(thing, list | tuple) else set()


def test_direction_numbers_are_those_of_joe_and_kuo() -> None:
    """All 512 dimensions hold the polynomial and the first numbers of the file that SciPy ships."""
    file = Path(scipy.__file__).parent / "stats" / "_sobol_direction_numbers.npz"
    with np.load(file) as stored:
        polynomials, first = stored["poly"][:DIMENSIONS], stored["vinit"][:DIMENSIONS]
    for dimension, (polynomial, row) in enumerate(zip(polynomials, first, strict=True)):
        degree = max(int(polynomial).bit_length() - 1, 1)
        assert tuple(int(m) for m in row[:degree]) == direction_numbers(dimension, degree), dimension


def test_unscrambled_points_are_those_of_scipy() -> None:
    """Points made from the direction numbers are SciPy's unscrambled ones, in the order of the Gray code."""
    from scipy.stats import qmc

    levels = 7
    theirs = qmc.Sobol(DIMENSIONS, scramble=False).random(1 << levels)
    number = np.arange(1 << levels)
    gray = number ^ number >> 1
    for dimension in range(DIMENSIONS):
        ours = np.zeros(1 << levels, dtype=np.int64)
        for j, m in enumerate(direction_numbers(dimension, levels)):
            ours ^= (gray >> j & 1) * (m << (levels - 1 - j))
        assert (ours / (1 << levels)).tolist() == theirs[:, dimension].tolist()


@given(seed=st.integers(0, 2**63 - 1), dimension=PLACES, levels=st.integers(0, 11))
@LAW
def test_every_scramble_has_one_point_in_every_cell(seed: int, dimension: int, levels: int) -> None:
    """The first 2^k points of a scramble lie one in each of 2^k cells of equal length."""
    cells = np.sort((scrambles(seed, dimension, 1 << levels) * (1 << levels)).astype(int), axis=1)
    assert np.array_equal(cells, np.tile(np.arange(1 << levels), (SCRAMBLES, 1)))


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_the_first_dimensions_are_even_in_pairs(one: int, other: int) -> None:
    """Rectangles of area 1/256 hold the same number of 1,024 points, whatever their shape: 4 each, up to 8.

    A scramble keeps the net: the first two dimensions are even exactly, the next pairs within a factor 2^1.
    """
    x, y = scrambles(5, one, 1_024), scrambles(5, other, 1_024)
    for bits in range(9):
        cells = (x * (1 << bits)).astype(int) * (1 << (8 - bits)) + (y * (1 << (8 - bits))).astype(int)
        most = max(int(np.bincount(row, minlength=256).max()) for row in cells)
        assert most == 4 if (one, other) == (0, 1) else most <= 8


def test_points_lie_strictly_inside_the_unit_interval() -> None:
    """Neither 0 nor 1 occurs in a million coordinates."""
    draws = np.concatenate([coordinates(seed, 3, 100_000) for seed in range(10)])
    assert 0 < draws.min() < draws.max() < 1


def test_a_point_is_uniform() -> None:
    """Over 4,000 seeds the first, the second and the last of 64 points are uniform (KS, p = 1e-4: 2.23)."""
    size = 4_000
    rows = np.array([coordinates(seed, 7, 64)[[0, 8, 63]] for seed in range(size)])
    for row in rows.T:
        assert np.abs(np.sort(row) - (np.arange(size) + 0.5) / size).max() * math.sqrt(size) < 2.23


def test_scrambles_dimensions_and_seeds_are_independent() -> None:
    """Errors of means of u^2 are uncorrelated between scrambles and dimensions within 4.5 se (120 pairs)."""
    size = 3_000
    means = np.array(
        [[(scrambles(seed, d, 16) ** 2).mean(axis=1) for d in (4, 9)] for seed in range(size)]
    ).reshape(size, 2 * SCRAMBLES)
    off = np.corrcoef(means.T)[np.triu_indices(2 * SCRAMBLES, 1)]
    assert len(off) == 120
    assert np.abs(off).max() < 4.5 / math.sqrt(size)
    assert np.abs(np.corrcoef(means[:-1, 0], means[1:, 0])[0, 1]) < 4.5 / math.sqrt(size)
    assert abs(means.mean() - 1 / 3) < 4 * means.std() / math.sqrt(means.size)


def test_coordinates_of_a_point_are_uncorrelated() -> None:
    """Two coordinates of the eighth point are uncorrelated over 2,000 seeds within 4.5 se (45 pairs)."""
    rows = np.array([[coordinates(seed, d, 64)[56] for d in range(10)] for seed in range(2_000)])
    assert np.abs(np.corrcoef(rows.T)[np.triu_indices(10, 1)]).max() < 4.5 / math.sqrt(2_000)


@given(seed=st.integers(0, 2**63 - 1), dimension=PLACES, short=st.integers(0, 70), more=st.integers(0, 300))
@LAW
def test_more_points_begin_with_the_fewer(seed: int, dimension: int, short: int, more: int) -> None:
    """Any number of replicates works, and a longer run begins with the shorter one."""
    few, many = coordinates(seed, dimension, short), coordinates(seed, dimension, short + more)
    assert len(few) == short
    assert few.tolist() == many[:short].tolist()


def test_a_mean_of_points_is_far_closer_than_that_of_plain_draws() -> None:
    """A mean over six parameters has under a tenth of the plain error (8 x 1,024 points, 40 seeds)."""
    names = list(DIMENSION)[:6]

    def error(sampling: str) -> float:
        means = []
        for seed in range(40):
            draws = Parameters(seed, REPLICATES, sampling=sampling)
            means.append(np.mean(np.exp(sum(draws.chance(name) for name in names) / 2)))
        return float(np.std(means))

    assert error("sobol") < 0.1 * error("plain")


def test_every_parameter_of_the_catalog_has_its_dimension() -> None:
    """Every uncertain number of the catalog, and the release table, has a place among the dimensions.

    A new number fails here until its name stands at the end of `breach_sim/engine/draws/order.py`.
    """
    things: list[object] = [bs.load_attacks(), bs.load_firm(), bs.load_mitigations(), catalog.load_look_ups()]
    names = {"release"}.union(
        *map(estimates, things), *(estimates(bs.load_scenario(n)) for n in bs.scenario_names())
    )
    assert len(names) > 250
    assert [] == sorted(name for name in names if dimension_of(name) is None)


def test_no_two_names_share_a_dimension() -> None:
    """Places in the order are 0, 1, 2, ..., one name each, and there are dimensions for all."""
    assert list(DIMENSION.values()) == list(range(len(DIMENSION)))
    assert len(DIMENSION) <= DIMENSIONS


def test_dimensions_in_use_do_not_move() -> None:
    """The first names of the order, and the last of the first edition, keep their places for good."""
    first = ("drivers.attempts", "drivers.loss", "attacks.smishing.success", "attacks.smishing.attempts")
    assert list(first) == list(DIMENSION)[:4]
    assert 50 == DIMENSION["release"]


def test_a_name_reads_the_coordinate_of_its_dimension() -> None:
    """The uniform numbers of a name are its coordinate; a name without a dimension has its plain stream."""
    draws = Parameters(3, 100)
    assert draws.chance("release").tolist() == coordinates(3, DIMENSION["release"], 100).tolist()
    assert dimension_of("my own number") is None
    assert (
        draws.chance("my own number").tolist() == uniforms(3, "parameter", "my own number", size=100).tolist()
    )


def test_one_more_name_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name added at the end of the order moves the draws of no other parameter."""
    before = {
        name: coordinates(3, place, 20).tolist() for name, place in itertools.islice(DIMENSION.items(), 30)
    }
    monkeypatch.setitem(DIMENSION, "my own number", len(DIMENSION))
    draws = Parameters(3, 20)
    assert before == {name: draws.chance(name).tolist() for name in before}
    assert draws.chance("my own number").tolist() == coordinates(3, len(DIMENSION) - 1, 20).tolist()


def test_names_beyond_the_dimensions_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose place is beyond the last dimension has plain draws."""
    monkeypatch.setitem(DIMENSION, "too late", DIMENSIONS)
    assert dimension_of("too late") is None
    assert (
        Parameters(3, 9).chance("too late").tolist() == uniforms(3, "parameter", "too late", size=9).tolist()
    )


def test_plain_draws_are_those_of_the_stream() -> None:
    """With sampling "plain" every name has the stream ("parameter", name), and no scrambles."""
    draws = Parameters(3, 50, sampling="plain")
    assert draws.chance("release").tolist() == uniforms(3, "parameter", "release", size=50).tolist()
    assert (draws.scramble, draws.sampling) == (None, "plain")


@pytest.mark.parametrize("replicates", [1, 7, 8, 50])
def test_replicate_r_is_a_point_of_scramble_r_mod_8(replicates: int) -> None:
    """The scramble of each replicate is its number modulo 8, in a part of the replicates too."""
    draws = Parameters(3, replicates)
    expected = [r % 8 for r in range(replicates)]
    assert expected == scramble_of(replicates).tolist()
    assert draws.scramble is not None
    assert expected == draws.scramble.tolist()
    part = draws.part(slice(3, 6))
    assert part.scramble is not None
    assert expected[3:6] == part.scramble.tolist()
    assert draws.chance("release")[3:6].tolist() == part.chance("release").tolist()
    assert part.sampling == draws.sampling


def test_default_numbers_fill_all_scrambles() -> None:
    """The default numbers of replicates are 8 times a power of two."""
    assert (8 * 1_024, 8 * 256) == (REPLICATES, FEWER_REPLICATES)


@pytest.mark.parametrize("sampling", ["Sobol", "", "halton", None])
def test_another_sampling_is_refused(sampling: object) -> None:
    """A sampling that there is not is refused with those that there are, wherever it comes in."""
    for use in (
        lambda s: Parameters(1, 3, sampling=s),
        lambda s: bs.simulate("stated", replicates=8, sampling=s),
    ):
        with pytest.raises(ValueError, match=r"sampling.*sobol.*plain"):
            use(sampling)


def test_sampling_is_part_of_what_made_an_impact() -> None:
    """Document and hash tell plain draws from points, and what repeats a run keeps its sampling."""
    runs = {
        s: bs.simulate("stated", "smishing", replicates=64, seed=2, sampling=s) for s in ("sobol", "plain")
    }
    assert all(
        run.sampling == name and f'"sampling": "{name}"' in run.to_json() for name, run in runs.items()
    )
    assert runs["sobol"].input_hash != runs["plain"].input_hash
    assert ("plain draws" in repr(runs["plain"]), "plain draws" in repr(runs["sobol"])) == (True, False)
    with pytest.raises(ValueError, match="the impacts differ in sampling"):
        bs.diff(*runs.values())
    for name, run in runs.items():
        assert bs.compare(run, "notice").law.parameters.sampling == name
        assert bs.follow("stated", 5, impact=run).law().parameters.sampling == name
        assert bs.simulate("stated", replicates=1_024, until="rel_se<50%", sampling=name).sampling == name
