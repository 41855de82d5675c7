"""Laws of the engine that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import betaincc, ndtri
from support import worlds
from support.lookup_worlds import lookup, lookups
from support.worlds import way

from breach_sim.engine.draws.binomial import SPREAD, _offset
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import counted, expose, exposed_share, scenario_of_cells
from breach_sim.engine.granted import held_by_set
from breach_sim.engine.hazards import Hazards
from breach_sim.engine.known import KnownRoutes
from breach_sim.engine.law import Law
from breach_sim.engine.severity import EXACT, _largest
from breach_sim.formatting.arrays import total
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import Event, Withheld


def share(name: str, value: float) -> Estimate:
    """Return a share that is certain."""
    return Estimate.fixed(name, value, "share")


def test_withholding_the_same_field_twice_leaves_the_product() -> None:
    """Two withholdings of one field leave it to 0.7 x 0.5 of the accounts; a half lost their name anyway."""
    part = worlds.segment("s", 1_000, [("ssn", 1.0), ("full_name", 0.5)])
    withheld = tuple(
        Withheld(share=share(name, value), fields=("ssn",)) for name, value in (("x", 0.3), ("y", 0.5))
    )
    found = exposed_share(dataclasses.replace(part, withheld=withheld), Parameters(0, 1))
    assert pytest.approx(0.35 + 0.65 * 0.5) == float(found[0])


@pytest.mark.parametrize("listed", ["full_name", "ssn"])
def test_a_directory_lists_only_what_it_is_said_to(listed: str) -> None:
    """A field that is found but not listed cannot be had without a leak, whichever field it is."""
    names = ("full_name", "ssn")
    own = lookups(*(lookup(name, 1.0, "email_address", directory=name == listed) for name in names))
    graph = dataclasses.replace(worlds.graph([worlds.attack("a", [way(" ".join(names))])]), lookups=own)
    known = KnownRoutes(graph, Parameters(0, 1))
    assert list(known.of({mask([listed]): np.ones(1)})) == [0]
    assert list(known.of({mask(names): np.ones(1)})) == [1]


@pytest.mark.parametrize("sizes", [(1,), (4, 1), (1, 4), (1, 1, 4), (4, 1, 1), (1, 4, 1, 4)])
def test_a_total_is_the_sum_whatever_the_shapes(sizes: tuple[int, ...]) -> None:
    """Arrays of one value and of one for each replicate add up, and none of them changes."""
    arrays = [np.full(size, 2.0**place) for place, size in enumerate(sizes)]
    expected = np.full(max(sizes), 2.0 ** len(sizes) - 1.0)
    np.testing.assert_array_equal(total(arrays), expected)
    np.testing.assert_array_equal(arrays[0], np.ones(sizes[0]))


@pytest.mark.parametrize(("chance", "count"), [(1.0 - 2.0**-53, 1e13), (1e-300, 16.0)])
def test_scores_of_the_largest_losses_are_finite(chance: float, count: float) -> None:
    """Numbers next to 1 and next to 0 give finite scores, so that no moment is undefined."""
    scores, _, last = _largest(np.full((1, EXACT), chance), np.array([count]), np.array([1.7]))
    assert np.isfinite(scores).all()
    assert np.isfinite(last).all()


def test_a_set_of_attacks_holds_what_its_members_grant() -> None:
    """Bit i of a set is the i-th granting attack; a set holds the union of the grants, the empty none."""
    attacks = [worlds.attack("a", [way("ssn")], "x y"), worlds.attack("b", [way("imei")], "y z")]
    expected = [set(), {"x", "y"}, {"y", "z"}, {"x", "y", "z"}]
    assert expected == [set(own) for own in held_by_set(attacks)]


@pytest.mark.parametrize("p", [0.01, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("mean", [10.0, 40.0, 400.0])
def test_the_expansion_of_a_count_has_the_error_that_is_stated(mean: float, p: float) -> None:
    """At u = P(count <= k) the smooth law lies at k + 1/2, to a third of the stated error."""
    number, variance = round(mean / p), round(mean / p) * p * (1 - p)
    k = np.unique(np.rint(number * p + np.linspace(-4.0, 4.0, 33) * np.sqrt(variance)))
    k = k[(k >= 0) & (k < number)]
    z = ndtri(betaincc(k + 1.0, number - k, p))
    k, z = k[np.abs(z) < 5], z[np.abs(z) < 5]
    missed = np.abs(number * p + _offset(z, np.full(len(z), variance), np.full(len(z), p)) - (k + 0.5))
    assert (missed < SPREAD / 3 * (1 + z**2) ** 3 / variance**2 + 1e-9).all()


def chain() -> Law:
    """Return the law of one year of an anchored attack, and of what comes after it in one step and in two."""
    attacks = [
        worlds.attack("swap", [way("ssn", 0.4, 0.5)], "key", anchor=(900.0, "mailbox bank reset")),
        worlds.attack("mailbox", [way("", 0.5, 0.7, capabilities="key")], "mail", severity=3.0),
        worlds.attack("bank", [way("", 0.3, 0.9, capabilities="key")], severity=50.0),
        worlds.attack("reset", [way("", 0.6, 0.8, capabilities="mail")], severity=7.0),
    ]
    what = worlds.scenario([worlds.segment("s", 1_000, [("ssn", 0.6)])])
    return Law(what, worlds.graph(attacks), Parameters(0, 1), 1.0)


def test_a_run_of_one_year_is_its_first_year() -> None:
    """With a horizon of one year, victims and anchored victims of the first year are all of them."""
    law = chain()
    own = law.segment_law(law.scenario.segments[0])
    assert set(own.victim) == set(own.victim_year) == {"swap", "mailbox", "bank", "reset"}
    assert set(own.anchored) == set(own.anchored_year) != set()
    for name, value in own.victim.items():
        assert float(value[0]) == pytest.approx(float(own.victim_year[name][0]), rel=1e-12), name
    for pair, value in own.anchored.items():
        assert float(value[0]) == pytest.approx(float(own.anchored_year[pair][0]), rel=1e-12), pair


def test_a_law_that_is_shared_cannot_be_changed() -> None:
    """Arrays of a segment's law are read-only once it is frozen, as before it is kept for others."""
    law = chain()
    own = law.segment_law(law.scenario.segments[0])
    own.freeze()
    for sums in (own.victim, own.attempted, own.anchored):
        assert not any(array.flags.writeable for array in sums.values())
    assert not own.people.flags.writeable


def test_a_cell_has_the_title_of_its_segment() -> None:
    """Cells of a scenario are titled by its labels, and name what leaked."""
    part = dataclasses.replace(worlds.segment("s", 100, [("ssn", 0.5)]), label="Former customers")
    cells = scenario_of_cells(expose(worlds.scenario([part])))
    assert {"Former customers: ssn", "Former customers: nothing"} == {own.label for own in cells.segments}


def test_what_can_be_looked_up_is_uncertain_by_its_shares() -> None:
    """The numbers behind known routes are the shares and how they go together; none without look-ups."""
    graph = worlds.graph([worlds.attack("a", [way("ssn full_name")])])
    assert KnownRoutes(graph, Parameters(0, 1)).estimates == ()
    own = dataclasses.replace(graph, lookups=lookups(lookup("full_name", 0.5, "ssn")))
    names = [estimate.name for estimate in KnownRoutes(own, Parameters(0, 1)).estimates]
    assert names == ["elsewhere.full_name", "elsewhere.easy_to_find"]


def test_merged_cells_without_a_common_field_keep_one_that_leaked() -> None:
    """Two cells that nothing tells apart and that share no field stay one in which something leaked."""
    ssn, imei = mask(["ssn"]), mask(["imei"])
    exposure = counted({("s", ssn): 50, ("s", imei): 25, ("s", 0): 25}, {"s": "customer"}, "two")
    merged = scenario_of_cells(exposure, np.zeros(len(exposure.masks), dtype=np.uint64))
    assert {("ssn",): 75, (): 25} == {own.fields: own.accounts for own in merged.segments}


@pytest.mark.parametrize("reset_proof", [False, True])
def test_a_route_that_a_reset_ends_does_not_stand_in_for_one_that_goes_on(*, reset_proof: bool) -> None:
    """Of two routes with the same numbers one is reset: it replaces the other where resets do nothing."""
    attack = worlds.attack("a", [way("ssn"), way("imei")], reset_proof=reset_proof)
    one, other = attack.routes
    other = dataclasses.replace(other, attempts=one.attempts, success=one.success)
    attack = dataclasses.replace(attack, routes=(one, other))
    reset = Event(kind="reset", day=50.0, fields=("ssn",), segments=("s",))
    what = worlds.scenario([worlds.segment("s", 1_000, [("ssn imei", 1.0)])], [reset])
    hazards = Hazards(what, worlds.graph([attack]), Parameters(0, 1), 1.0)
    assert hazards.stands_in(attack, what.segments[0], one, other) == reset_proof
    assert hazards.stands_in(attack, what.segments[0], other, one)
