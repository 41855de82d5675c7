"""What a bundle costs, added up by hand: each measure by itself, and each person written to once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario


def price_of(
    own: Sequence[Mitigation], what: Scenario, draw: Any, ledger: Mapping[str, Any] | None = None
) -> Any:
    """Return the cost of a bundle. Shape (R,)."""
    total = np.zeros(draw.replicates)
    written: dict[str, Any] = {}
    notice = False
    for measure in own:
        cost = measure.cost
        reached = [
            segment
            for segment in what.segments
            if segment.fields
            and (not cost.kinds or segment.kind in cost.kinds)
            and (not cost.holding or set(segment.fields) & set(cost.holding))
        ]
        people = sum(segment.accounts for segment in reached)
        notice |= cost.line == "notice"
        if cost.message is not None:
            written |= {segment.name: segment.accounts * draw(cost.message) for segment in reached}
        if cost.line and ledger:
            total = total + ledger[cost.line]
            continue
        if cost.fixed is not None:
            total = total + draw(cost.fixed)
        if cost.letter is not None and cost.letters is not None and cost.each is not None:
            share = draw(cost.letters)
            total = total + people * (share * draw(cost.letter) + (1 - share) * draw(cost.each))
        elif cost.each is not None:
            total = total + people * draw(cost.each) * (1.0 if cost.uptake is None else draw(cost.uptake))
        if cost.per_account is not None and cost.floor is not None:
            every = sum(segment.accounts for segment in what.segments)
            total = total + np.maximum(draw(cost.floor), every * draw(cost.per_account))
    return total if notice else total + sum(written.values(), np.zeros(draw.replicates))
