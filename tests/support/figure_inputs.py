"""What every figure of the register is drawn from, small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import breach_sim as bs
from breach_sim.plots.register import OF_IMPACT, OF_TABLES

SCENARIO = "tmobile-2021-stated"
FIGURES = (*OF_IMPACT, *OF_TABLES)
"""Names of all figures."""


def drawings(impact: bs.Impact) -> dict[str, Callable[[], Any]]:
    """Return a function for each figure that draws it, the axes its value."""
    first, second = bs.mitigation_names()[:2]

    def compared() -> bs.Comparison:
        return bs.compare(impact, first, second)

    def firm() -> Any:
        return bs.cost_to_firm(impact, appetite={0.5: 1e8, 0.05: 1e9})

    tables: dict[str, Callable[[], Any]] = {
        "attribution": lambda: bs.attribution(impact),
        "tornado": lambda: bs.tornado(impact),
        "waterfall": lambda: bs.waterfall("tmobile-2021-claimed", SCENARIO, replicates=20, seed=1),
        "mitigations": compared,
        "overlap": compared,
        "mitigation_timeline": compared,
        "firm_exceedance": firm,
        "firm_cash": firm,
        "portfolio_exceedance": lambda: bs.portfolio([SCENARIO, "equifax-2017"], replicates=16),
        "percentiles": bs.backtest,
        "scoreboard": bs.backtest,
        "places": lambda: bs.league([SCENARIO, "equifax-2017"], replicates=16, readings=[]),
        "states": lambda: bs.Population(bs.load_scenario(SCENARIO), 1, rows=500)[:],
        "together": lambda: bs.split_by_breach(
            bs.simulate(bs.combine(SCENARIO, "experian-2015"), replicates=16, seed=1)
        ),
        "prior_posterior": lambda: None,
        "icons": lambda: bs.follow(SCENARIO, 130, impact=impact),
    }
    of_impact = {name: (lambda draw=draw: draw(impact, None)) for name, draw in OF_IMPACT.items()}
    return of_impact | {name: (lambda name=name: OF_TABLES[name](tables[name]())) for name in OF_TABLES}
