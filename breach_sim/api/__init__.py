"""The verbs of ``import breach_sim as bs``: names in, objects out.

Defaults are the same everywhere: ``seed`` is 1, ``horizon_years`` is 5. The number of replicates depends on
the question:

==========================================  ===========  =====================================================
verb                                        replicates   why
==========================================  ===========  =====================================================
simulate, compare, delay_cost, diff,        8,192        5 % and 95 % quantiles are read off
waterfall, portfolio, backtest, report,
explore, cost_to_firm, insured
simulate(until=...)                         to 131,072   as many as the asked standard error needs
follow, best_bundle, overlap_bounds         2,048        the answer is a mean, of one person or each bundle
yardsticks                                  500          each of the library's breaches is run, for its rank
==========================================  ===========  =====================================================

Numbers of replicates are powers of two, because the draws of parameters are then spread most evenly
(``sampling="sobol"``).

Not here: anything that computes. Each function looks up names in the catalog and calls the room below. The
verbs that write a page or show controls, ``report`` and ``explore``, stand above this room in ``apps``.
"""

from __future__ import annotations

from breach_sim.analysis import (
    attribution,
    attribution_pairs,
    explain,
    research_next,
    sensitivity,
    split_by_breach,
    tornado,
)
from breach_sim.analysis.other_scores.board import yardsticks
from breach_sim.analysis.other_scores.enisa import severity as enisa_severity
from breach_sim.api.comparisons import best_bundle, compare, delay_cost
from breach_sim.api.firms import cost_to_firm, insured
from breach_sim.api.impacts import follow, simulate, subscribers
from breach_sim.api.lookup import AttacksLike, ScenarioLike, attacks_of, with_overrides
from breach_sim.api.questions import (
    CompletedSet,
    FieldSet,
    FieldUse,
    Requirements,
    assumptions,
    diff,
    field_uses,
    requires,
    structural,
    waterfall,
)
from breach_sim.api.several import combine, league, overlap_bounds, portfolio
from breach_sim.catalog import (
    load_attacks,
    load_firm,
    load_look_ups,
    load_mitigation,
    load_mitigations,
    load_scenario,
    load_sources,
    mitigation_names,
    scenario_names,
)
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES
from breach_sim.interop.hibp.entries import from_hibp
from breach_sim.interop.records import expose_records, read_columns
from breach_sim.interop.registers import from_register
from breach_sim.interop.sheet import from_table
from breach_sim.interop.veris.reading import from_veris

__all__ = [
    "FEWER_REPLICATES",
    "REPLICATES",
    "AttacksLike",
    "CompletedSet",
    "FieldSet",
    "FieldUse",
    "Requirements",
    "ScenarioLike",
    "assumptions",
    "attacks_of",
    "attribution",
    "attribution_pairs",
    "best_bundle",
    "combine",
    "compare",
    "cost_to_firm",
    "delay_cost",
    "diff",
    "enisa_severity",
    "explain",
    "expose_records",
    "field_uses",
    "follow",
    "from_hibp",
    "from_register",
    "from_table",
    "from_veris",
    "insured",
    "league",
    "load_attacks",
    "load_firm",
    "load_look_ups",
    "load_mitigation",
    "load_mitigations",
    "load_scenario",
    "load_sources",
    "mitigation_names",
    "overlap_bounds",
    "portfolio",
    "read_columns",
    "requires",
    "research_next",
    "scenario_names",
    "sensitivity",
    "simulate",
    "split_by_breach",
    "structural",
    "subscribers",
    "tornado",
    "waterfall",
    "with_overrides",
    "yardsticks",
]
