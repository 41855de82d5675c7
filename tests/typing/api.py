"""Public types, as mypy sees them through the stub of the package: checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import pandas as pd

import breach_sim as bs

IMPACT = bs.simulate("stated")

assert_type(IMPACT, bs.Impact)
assert_type(bs.load_scenario("stated"), bs.Scenario)
assert_type(bs.load_attacks(), bs.AttackGraph)
assert_type(bs.load_firm(), bs.FirmCosts)
assert_type(bs.load_mitigation("drop-ssn"), bs.Mitigation)
assert_type(bs.load_mitigations(), tuple[bs.Mitigation, ...])
assert_type(bs.attacks_of("stated", "claimed"), bs.AttackGraph)
assert_type(bs.expose(bs.load_scenario("stated")), bs.Exposure)
assert_type(bs.subscribers("stated"), bs.Population)
assert_type(bs.follow("stated", 5), bs.Person)

assert_type(bs.diff("claimed", IMPACT), pd.DataFrame)
assert_type(bs.waterfall("claimed", "stated"), pd.DataFrame)
assert_type(bs.assumptions(IMPACT), pd.DataFrame)
assert_type(bs.structural(IMPACT), pd.DataFrame)
assert_type(bs.attribution(IMPACT), pd.DataFrame)
assert_type(bs.attribution_pairs(IMPACT), pd.DataFrame)
assert_type(bs.sensitivity(IMPACT), pd.DataFrame)
assert_type(bs.tornado(IMPACT), pd.DataFrame)
assert_type(bs.research_next(bs.sensitivity(IMPACT)), str)
assert_type(bs.explain(IMPACT, "people.mean"), bs.Node)

assert_type(bs.compare("stated", "drop-ssn"), bs.Comparison)
assert_type(bs.best_bundle("stated", ["drop-ssn"], 1e9), bs.Bundle)
assert_type(bs.delay_cost("pin-reset-day-10", "claimed"), pd.DataFrame)

assert_type(bs.requires("any", "stated"), bs.Requirements)
assert_type(bs.field_uses(), dict[str, bs.FieldUse])
assert_type(bs.backtest(), bs.Scoreboard)
assert_type(bs.yardsticks("stated"), bs.Yardsticks)
assert_type(bs.enisa_severity(4, 0.75), bs.Severity)
assert_type(bs.report(IMPACT, out="report.html"), Path)
