"""Laws of the catalog that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import pytest

import breach_sim as bs


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
