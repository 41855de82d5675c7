"""breach_sim: from which fields leaked for which accounts to attacks, victims and money, and how sure.

The public names below are loaded when first used: ``import breach_sim`` does no work and loads nothing
heavier than NumPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from breach_sim import analysis as explain
    from breach_sim import plots
    from breach_sim.analysis.backtesting.predictions import backtest
    from breach_sim.analysis.sensitivities import research_next, sensitivity, tornado
    from breach_sim.analysis.shapley import attribution, attribution_pairs
    from breach_sim.api.comparisons import best_bundle, compare, delay_cost
    from breach_sim.api.impacts import (
        attacks_of,
        enisa_severity,
        expose_records,
        follow,
        from_hibp,
        from_table,
        from_veris,
        load_attacks,
        load_firm,
        load_mitigation,
        load_mitigations,
        load_scenario,
        load_sources,
        mitigation_names,
        scenario_names,
        simulate,
        subscribers,
        yardsticks,
    )
    from breach_sim.api.questions import assumptions, diff, field_uses, requires, structural, waterfall
    from breach_sim.apps import teaching
    from breach_sim.apps.explorer import explore
    from breach_sim.apps.reporting import summary as report
    from breach_sim.catalog import CatalogError
    from breach_sim.engine.exposure import expose
    from breach_sim.inputs.attacks import Route, Trait
    from breach_sim.inputs.estimates import Estimate, Source
    from breach_sim.inputs.graph import AttackGraph
    from breach_sim.inputs.mitigations import Mitigation
    from breach_sim.inputs.scenario import Scenario
    from breach_sim.inputs.segment import Event, Leak, Segment
    from breach_sim.interop.imported import Import
    from breach_sim.results.impact import Impact

__all__ = [
    "AttackGraph",
    "CatalogError",
    "Estimate",
    "Event",
    "Impact",
    "Import",
    "Leak",
    "Mitigation",
    "Route",
    "Scenario",
    "Segment",
    "Source",
    "Trait",
    "assumptions",
    "attacks_of",
    "attribution",
    "attribution_pairs",
    "backtest",
    "best_bundle",
    "compare",
    "delay_cost",
    "diff",
    "enisa_severity",
    "explain",
    "explore",
    "expose",
    "expose_records",
    "field_uses",
    "follow",
    "from_hibp",
    "from_table",
    "from_veris",
    "load_attacks",
    "load_firm",
    "load_mitigation",
    "load_mitigations",
    "load_scenario",
    "load_sources",
    "mitigation_names",
    "plots",
    "report",
    "requires",
    "research_next",
    "scenario_names",
    "sensitivity",
    "simulate",
    "structural",
    "subscribers",
    "teaching",
    "tornado",
    "waterfall",
    "yardsticks",
]

_HOME = {
    "api": (
        "assumptions", "attacks_of", "best_bundle", "compare", "delay_cost", "diff", "enisa_severity",
        "expose_records", "field_uses", "follow", "from_hibp", "from_table", "from_veris", "load_attacks",
        "load_firm", "load_mitigation", "load_mitigations", "load_scenario", "load_sources",
        "mitigation_names", "requires", "scenario_names", "simulate", "subscribers", "structural",
        "waterfall", "yardsticks",
    ),
    "inputs.graph": ("AttackGraph",),
    "inputs.attacks": ("Route", "Trait"),
    "analysis.backtesting.predictions": ("backtest",),
    "catalog": ("CatalogError",),
    "inputs.estimates": ("Estimate", "Source"),
    "analysis": ("attribution", "attribution_pairs", "research_next", "sensitivity", "tornado"),
    "engine.exposure": ("expose",),
    "results.impact": ("Impact",),
    "interop.imported": ("Import",),
    "inputs.mitigations": ("Mitigation",),
    "inputs.segment": ("Event", "Leak", "Segment"),
    "inputs.scenario": ("Scenario",),
    "apps.explorer": ("explore",),
}  # fmt: skip
_MODULES = {
    "explain": "analysis",
    "plots": "plots",
    "report": "apps.reporting.summary",
    "teaching": "apps.teaching",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"breach_sim.{_MODULES[name]}")
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"breach_sim.{module}"), name)
    raise AttributeError(f"module 'breach_sim' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
