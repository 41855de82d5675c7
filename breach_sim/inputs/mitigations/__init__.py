"""Mitigations: ``measures`` (what one changes, by whom, when), ``costs`` (its cost, the law that asks).

``from breach_sim.inputs.mitigations import Mitigation`` takes the names from here.
"""

from breach_sim.inputs.mitigations.costs import NOTICE, Cost, Duty, messages
from breach_sim.inputs.mitigations.measures import ACTORS, Mitigation, check_day, together

__all__ = ["ACTORS", "NOTICE", "Cost", "Duty", "Mitigation", "check_day", "messages", "together"]
