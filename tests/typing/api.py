"""Public types, as mypy sees them through the stub of the package: checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import pandas as pd

import breach_sim as bs


def public_types() -> None:
    """Hold the type of every public verb; nothing calls this, so that collecting the file costs nothing."""
    impact = bs.simulate("stated")
    assert_type(impact, bs.Impact)
    assert_type(bs.load_scenario("stated"), bs.Scenario)
    assert_type(bs.load_attacks(), bs.AttackGraph)
    assert_type(bs.load_firm(), bs.FirmCosts)
    assert_type(bs.load_mitigation("drop-ssn"), bs.Mitigation)
    assert_type(bs.load_mitigations(), tuple[bs.Mitigation, ...])
    assert_type(bs.attacks_of("stated", "claimed"), bs.AttackGraph)
    assert_type(bs.expose(bs.load_scenario("stated")), bs.Exposure)
    assert_type(bs.subscribers("stated"), bs.Population)
    assert_type(bs.follow("stated", 5), bs.Person)

    union = bs.combine("stated", "experian-2015", overlap=0.5)
    assert_type(union, bs.Scenario)
    assert_type(bs.overlap_bounds(union), pd.DataFrame)
    assert_type(bs.split_by_breach(bs.simulate(union)), pd.DataFrame)
    assert_type(bs.portfolio(["stated", "experian-2015"]), bs.Portfolio)
    assert_type(bs.league(["stated", "experian-2015"]), bs.League)

    assert_type(bs.diff("claimed", impact), pd.DataFrame)
    assert_type(bs.waterfall("claimed", "stated"), pd.DataFrame)
    assert_type(bs.assumptions(impact), pd.DataFrame)
    assert_type(bs.structural(impact), pd.DataFrame)
    assert_type(bs.attribution(impact), pd.DataFrame)
    assert_type(bs.attribution_pairs(impact), pd.DataFrame)
    assert_type(bs.sensitivity(impact), pd.DataFrame)
    assert_type(bs.tornado(impact), pd.DataFrame)
    assert_type(bs.research_next(bs.sensitivity(impact)), str)
    assert_type(bs.explain(impact, "people.mean"), bs.Node)

    assert_type(bs.compare("stated", "drop-ssn"), bs.Comparison)
    assert_type(bs.best_bundle("stated", ["drop-ssn"], 1e9), bs.Bundle)
    assert_type(bs.delay_cost("pin-reset-day-10", "claimed"), pd.DataFrame)

    assert_type(bs.requires("any", "stated"), bs.Requirements)
    assert_type(bs.field_uses(), dict[str, bs.FieldUse])
    assert_type(bs.backtest(), bs.Scoreboard)
    assert_type(bs.yardsticks("stated"), bs.Yardsticks)
    assert_type(bs.enisa_severity(4, 0.75), bs.Severity)
    assert_type(bs.report(impact, out="report.html"), Path)
