"""Laws of the inputs that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from support import worlds
from support.worlds import way

from breach_sim.inputs.attacks import Onset
from breach_sim.inputs.mitigations import Cost, Mitigation
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.requirements import nearest


@pytest.mark.parametrize(("median", "sigma"), [("ratio", "log-days"), ("days", "ratio")])
def test_an_onset_has_its_units(median: str, sigma: str) -> None:
    """Median in days and sigma in log-days: another unit is refused, with the one that is wanted."""
    with pytest.raises(ValueError, match="it must be in"):
        Onset(
            name="o",
            label="o",
            median=Estimate.fixed("o.median", 100.0, median),
            sigma=Estimate.fixed("o.sigma", 1.0, sigma),
        )


@pytest.mark.parametrize("day", [-1.0, math.nan])
def test_a_first_day_is_checked_for_every_mitigation(day: float) -> None:
    """A day before the sale, or none at all, is refused also where the mitigation has no day."""
    with pytest.raises(ValueError, match="day"):
        Mitigation(name="m", label="m", changes=()).starting_from(day)


def test_a_mitigation_begins_on_its_earliest_day_or_later() -> None:
    """A later first day moves it, an earlier one does not; its own earliest day is never after its own."""
    mitigation = Mitigation(name="m", label="m", changes=(), day=4.0, earliest_day=4.0)
    assert mitigation.starting_from(0.0) is mitigation
    assert mitigation.starting_from(9.0).day == 9.0
    assert Mitigation(name="m", label="m", changes=(), day=1.0).starting_from(0.0).day == 1.0


@pytest.mark.parametrize(
    ("kinds", "holding", "expected"),
    [
        ((), (), (0, 1, 2)),
        (("prepaid",), (), (1, 2)),
        ((), ("ssn",), (0, 1)),
        (("prepaid",), ("ssn",), (1,)),
    ],
)
def test_a_cost_concerns_segments_of_its_kinds_that_lost_its_fields(
    kinds: tuple[str, ...], holding: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    """A segment must be of one of the kinds and have lost one of the fields; where nothing leaked is none."""
    what = worlds.scenario(
        [
            worlds.segment("a", 10, [("ssn", 1.0)], "postpaid"),
            worlds.segment("b", 10, [("ssn imei", 0.5)], "prepaid"),
            worlds.segment("c", 10, [("imei", 1.0)], "prepaid"),
            worlds.segment("d", 10, [], "prepaid"),
        ]
    )
    assert expected == Cost(kinds=kinds, holding=holding).concerns(what)


def test_the_nearest_attack_is_no_follow_on() -> None:
    """A field that opens an attack and its follow-on names the attack: the other has no rate of its own."""
    attacks = [
        worlds.attack("after", [way("", 0.9, capabilities="key")]),
        worlds.attack("first", [way("ssn", 1e-6)], "key"),
    ]
    found = nearest(worlds.graph(attacks), [])
    assert found is not None
    assert ("first", (("ssn",),)) == (found.attack, found.fields)


@pytest.mark.parametrize("part", ["severity", "hours", "background", "severity_sigma"])
def test_every_number_of_an_attack_has_its_unit(part: str) -> None:
    """A number in another unit is refused, with its name and the unit that is wanted."""
    wrong = Estimate.fixed(f"a.{part}", 0.5, "ratio")
    with pytest.raises(ValueError, match=rf"a\.{part} is in 'ratio'; it must be in"):
        dataclasses.replace(worlds.attack("a", [way("ssn")]), **{part: wrong})


def test_hours_of_a_mitigation_are_hours_of_a_person() -> None:
    """Another unit is refused, with the one that is wanted."""
    with pytest.raises(ValueError, match="it must be in 'hours/person'"):
        Mitigation(name="m", label="m", changes=(), hours=Estimate.fixed("m.hours", 1.0, "USD"))


def test_rows_of_the_fit_cannot_be_changed() -> None:
    """Rows are shared by all runs: writing into them is refused."""
    rows = Posterior(names=("a",), levels=np.zeros((2, 1), dtype=np.uint16), digest="")
    with pytest.raises(ValueError, match="read-only"):
        rows.levels[0, 0] = 1
