"""Why, and where a number comes from: attribution to fields, sensitivity, waterfalls, trees.

Everything here acts on the expected loss, or people, given the parameters: the luck of single accounts is
nobody's doing. ``attribution`` (which field), ``sensitivity`` (which doubt), ``structural`` (which of two
contradicting readings), ``waterfall`` (from one breach to another), ``split_by_breach`` (which of several
breaches of the same persons) and ``figures`` (where a figure comes from).

Not here: the run itself (``results``) and mitigations (``whatif``).
"""

from breach_sim.analysis.attributions.by_breach import bounds_of_harm, split_by_breach
from breach_sim.analysis.attributions.shapley import attribution, attribution_pairs, field_values
from breach_sim.analysis.bridge import contributions, waterfall
from breach_sim.analysis.provenance.figures import explain, figures
from breach_sim.analysis.sensitivities.indices import research_next, sensitivity, tornado
from breach_sim.results.tables.readings import (
    largest_disagreement,
    structural,
    with_ssn_share,
    with_uplift,
)

__all__ = [
    "attribution",
    "attribution_pairs",
    "bounds_of_harm",
    "contributions",
    "explain",
    "field_values",
    "figures",
    "largest_disagreement",
    "research_next",
    "sensitivity",
    "split_by_breach",
    "structural",
    "tornado",
    "waterfall",
    "with_ssn_share",
    "with_uplift",
]
