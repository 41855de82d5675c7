"""breach_sim: from which fields leaked for which accounts to attacks, victims and money, and how sure.

The public names below are loaded when first used: ``import breach_sim`` does no work and loads nothing
heavier than NumPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from breach_sim import explain, plots, report, teaching
    from breach_sim.api import (
        assumptions,
        attacks_of,
        best_bundle,
        compare,
        delay_cost,
        diff,
        enisa_severity,
        expose_records,
        field_uses,
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
        requires,
        scenario_names,
        simulate,
        structural,
        subscribers,
        waterfall,
        yardsticks,
    )
    from breach_sim.attacks import AttackGraph, Route, Trait
    from breach_sim.backtest import backtest
    from breach_sim.catalog import CatalogError
    from breach_sim.estimates import Estimate, Source
    from breach_sim.explain.attribution import attribution, attribution_pairs
    from breach_sim.explain.sensitivity import research_next, sensitivity, tornado
    from breach_sim.exposure import expose
    from breach_sim.impact import Impact
    from breach_sim.interop.account import Import
    from breach_sim.mitigation import Mitigation
    from breach_sim.scenario import Event, Leak, Scenario, Segment
    from breach_sim.widgets import explore

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
        "assumptions",
        "attacks_of",
        "best_bundle",
        "compare",
        "delay_cost",
        "diff",
        "enisa_severity",
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
        "requires",
        "scenario_names",
        "simulate",
        "subscribers",
        "structural",
        "waterfall",
        "yardsticks",
    ),
    "attacks": ("AttackGraph", "Route", "Trait"),
    "backtest": ("backtest",),
    "catalog": ("CatalogError",),
    "estimates": ("Estimate", "Source"),
    "explain": ("attribution", "attribution_pairs", "research_next", "sensitivity", "tornado"),
    "exposure": ("expose",),
    "impact": ("Impact",),
    "interop.account": ("Import",),
    "mitigation": ("Mitigation",),
    "scenario": ("Event", "Leak", "Scenario", "Segment"),
    "widgets": ("explore",),
}
_MODULES = ("explain", "plots", "report", "teaching")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"breach_sim.{name}")
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"breach_sim.{module}"), name)
    raise AttributeError(f"module 'breach_sim' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
