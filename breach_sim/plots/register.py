"""The register of figures: every figure function by name.

To add a figure, write its function in the module of its subject, add its name here, and export it in
``__init__.pyi``. ``run --out`` writes every figure of ``OF_IMPACT``, and the gallery tests draw all figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from breach_sim.plots.breach import states
from breach_sim.plots.explanations.fields import attribution
from breach_sim.plots.explanations.fitted import prior_posterior
from breach_sim.plots.explanations.numbers import tornado
from breach_sim.plots.explanations.steps import waterfall
from breach_sim.plots.explanations.together import together
from breach_sim.plots.firm import firm_cash, firm_exceedance
from breach_sim.plots.impact import ledgers, lorenz
from breach_sim.plots.mitigation_effects.benefits import mitigations
from breach_sim.plots.mitigation_effects.over_time import mitigation_timeline
from breach_sim.plots.mitigation_effects.overlaps import overlap
from breach_sim.plots.routes.chain import chain
from breach_sim.plots.routes.graph import attack_graph
from breach_sim.plots.routes.leaks import leak_matrix
from breach_sim.plots.routes.recipes import recipes
from breach_sim.plots.runs.curves import exceedance, quantile_dots
from breach_sim.plots.runs.funnel import funnel
from breach_sim.plots.runs.icons import icons
from breach_sim.plots.runs.months import timeline
from breach_sim.plots.runs.side_by_side import portfolio_exceedance
from breach_sim.plots.scores import percentiles, places, scoreboard
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OF_IMPACT: Mapping[str, Callable[[Impact, Axes | None], Axes]] = {
    "funnel": funnel,
    "exceedance": exceedance,
    "quantile_dots": quantile_dots,
    "leak_matrix": lambda impact, ax: leak_matrix(impact.scenario, ax),
    "recipes": recipes,
    "chain": chain,
    "attack_graph": lambda impact, ax: attack_graph(impact.attacks, impact.scenario, ax),
    "timeline": timeline,
    "ledgers": ledgers,
    "lorenz": lorenz,
}
"""Figures of one run, each drawn from an impact and, if not None, on given axes."""
OF_TABLES: Mapping[str, Callable[..., Axes]] = {
    "attribution": attribution,
    "tornado": tornado,
    "waterfall": waterfall,
    "together": together,
    "prior_posterior": prior_posterior,
    "mitigations": mitigations,
    "overlap": overlap,
    "mitigation_timeline": mitigation_timeline,
    "firm_exceedance": firm_exceedance,
    "firm_cash": firm_cash,
    "portfolio_exceedance": portfolio_exceedance,
    "percentiles": percentiles,
    "places": places,
    "scoreboard": scoreboard,
    "states": states,
    "icons": icons,
}
"""Figures of something else: a table, a comparison, a scoreboard, a league or a population."""
