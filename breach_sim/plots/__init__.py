"""Figures: the only room that knows matplotlib.

Every function takes a result and returns a figure. Not here: tables and numbers.
"""

from __future__ import annotations

from breach_sim.plots.averted import mitigation_timeline, mitigations, overlap
from breach_sim.plots.breach import leak_matrix, states
from breach_sim.plots.graph import attack_graph
from breach_sim.plots.impact import exceedance, funnel, ledgers, lorenz, timeline
from breach_sim.plots.scores import scoreboard
from breach_sim.plots.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, SKY, closing, save
from breach_sim.plots.why import attribution, tornado, waterfall

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "PALE",
    "SKY",
    "attack_graph",
    "attribution",
    "closing",
    "exceedance",
    "funnel",
    "leak_matrix",
    "ledgers",
    "lorenz",
    "mitigation_timeline",
    "mitigations",
    "overlap",
    "save",
    "scoreboard",
    "states",
    "timeline",
    "tornado",
    "waterfall",
]
