"""Laws of costs: whom a cost concerns, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from breach_sim.inputs.mitigations.costs import Cost
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario

BREACH = Scenario.from_frame(
    pd.DataFrame(
        {
            "segment": ["a", "b", "c", "d"],
            "accounts": [1000, 200, 30, 4],
            "kind": ["postpaid", "prepaid", "postpaid", "prepaid"],
            "ssn": [1.0, 1.0, 0.0, 0.0],
            "imei": [0.0, 0.0, 1.0, 0.0],
            "full_name": [0.0, 0.0, 0.0, 1.0],
        }
    )
)
PRICE = Estimate.fixed("m.each", 2.0, "USD/person")


def draw(part: Estimate) -> np.ndarray:
    """Return the value of a fixed number."""
    return np.array([part.value])


@pytest.mark.parametrize(
    ("holding", "kinds", "people"),
    [
        ((), (), 1234),
        (("ssn",), (), 1200),
        (("ssn", "imei"), (), 1230),
        ((), ("prepaid",), 204),
        ((), ("prepaid", "postpaid"), 1234),
        (("ssn",), ("prepaid",), 200),
        (("imei", "full_name"), ("postpaid",), 30),
        (("email_address",), (), 0),
        (("ssn",), ("former",), 0),
    ],
)
def test_a_cost_concerns_who_lost_one_of_its_fields_and_is_of_one_of_its_kinds(
    holding: tuple[str, ...], kinds: tuple[str, ...], people: int
) -> None:
    """Two USD for each account of the segments with a field of ``holding`` and a kind of ``kinds``."""
    cost = Cost(each=PRICE, holding=holding, kinds=kinds)
    assert people == cost.people(BREACH)
    assert [2.0 * people] == cost.drawn(BREACH, draw).tolist()
    spoken = Cost(message=Estimate.fixed("m.message", 0.5, "USD/person"), holding=holding, kinds=kinds)
    assert [0.5 * people] == spoken.drawn(BREACH, draw).tolist()


def test_a_segment_that_lost_nothing_costs_nothing() -> None:
    """Without ``holding`` a cost still concerns only those who lost something."""
    empty = Scenario.from_frame(pd.DataFrame({"accounts": [5, 7], "segment": ["a", "b"], "ssn": [1.0, 0.0]}))
    assert 5 == Cost(each=PRICE).people(empty)


def test_a_kind_of_segment_that_is_none_is_refused() -> None:
    """A cost of an unknown kind names the nearest one."""
    with pytest.raises(ValueError, match="did you mean 'prepaid'"):
        Cost(each=PRICE, kinds=("prepayed",))
