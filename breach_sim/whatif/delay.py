"""Cost of a delay: what each day of waiting with a mitigation loses.

Not here: mitigations side by side (``mitigated_runs``), and harm by month (``by_month``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.draws.parameters import REPLICATES
from breach_sim.engine.time import YEAR
from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import Row, two_level
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.whatif.mitigated_runs import expected_harm

if TYPE_CHECKING:
    import pandas as pd

LADDER = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 180.0, 365.0, 730.0)
"""Days of start in a table of delays, beside the mitigation's own."""


def delay_cost(
    mitigation: Mitigation,
    scenario: Scenario,
    graph: AttackGraph,
    *,
    days: float = 1,
    seed: int,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    baseline: Impact | None = None,
    sampling: str = "sobol",
    posterior: Posterior | None = None,
) -> pd.DataFrame:
    """What a later start lets happen: :func:`breach_sim.api.comparisons.delay_cost` of objects.

    ``baseline`` is as for :func:`breach_sim.whatif.mitigated_runs.compare`. A mitigation without a day, or a
    delay that is no positive number, raises ValueError.
    """
    if isinstance(days, bool) or not isinstance(days, (int, float)) or not 0 < days < np.inf:
        raise ValueError(f"days is {shown(days)}; a delay is a number of days above 0, such as 1")
    dated = mitigation.on_day(mitigation.day if mitigation.day is not None else -1)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates}
    made_of |= {"horizon_years": horizon_years, "sampling": sampling, "posterior": posterior}
    years = baseline.horizon_years if baseline is not None else horizon_years
    start = dated.day or 0.0
    starts = sorted({start, start + days, *(day for day in LADDER if day < years * YEAR)})
    asked = {day: dated.on_day(day) for first in starts for day in (first, first + days)}
    expected = expected_harm(scenario, graph, asked.values(), **made_of, baseline=baseline)
    harms = {day: expected.harm(*one.apply(scenario, graph)) for day, one in asked.items()}
    rows: list[Row] = []
    for day in starts:
        now, later = harms[day], harms[day + days]
        row = {"loss_usd": later.total("loss") - now.total("loss")}
        row |= {"people": later.total("people") - now.total("people"), "left_usd": now.total("loss")}
        rows.append((day, row))
    frame = two_level(rows, ("loss_usd", "people", "left_usd"), scenario.all_notes)
    frame.index.name = "start_day"
    return frame
