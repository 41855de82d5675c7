"""Laws of the catalog that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import pytest

import breach_sim as bs
from breach_sim.catalog import load_mitigation
from breach_sim.inputs.changes import Withhold


@pytest.mark.parametrize("key", ["fixd", "holdings"])
def test_a_cost_has_no_unknown_key(key: str) -> None:
    """A key of a cost that nobody reads would be a cost of zero: it is refused by name."""
    mine = {
        "mitigation": {
            "hotline": {
                "changes": [{"kind": "protect", "attacks": ["smishing"], "effect": 0.5, "uptake": 0.2}],
                "cost": {key: 1e6, "message": 0.1},
                "reason": "offer of our supplier",
            }
        }
    }
    with pytest.raises(ValueError, match=key):
        bs.compare(bs.with_overrides("tmobile-2021-stated", mine), "hotline", replicates=8)


@pytest.mark.parametrize("years", [0, 5, 17, 20])
def test_a_limit_of_years_withholds_the_part_of_the_span_beyond_it(years: int) -> None:
    """Records of 17 years at an even pace: with a limit of 5 years, 12 of 17 would not have been there."""
    found = load_mitigation(f"retention-{years}-years")
    shares = [change.withheld.share.central for change in found.changes if isinstance(change, Withhold)]
    assert shares == pytest.approx([max(0.0, 1 - years / 17)] * 2)
