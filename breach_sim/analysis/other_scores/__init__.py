"""Other severity measures: the ENISA severity, FAIR's terms, a tier by sufficiency, beside our own numbers.

``enisa`` (the formula of 2013), ``categories`` and ``enisa_scoring`` (a scenario scored by it), ``fair``
(frequency and magnitude from an impact), ``tier`` (what the leaked fields are enough for), ``disagreement``
(where two yardsticks rank breaches the other way round, and which input does it), ``board`` (all side by
side).

Not here: a score of our own. A sum of points per field loses the combinations.
"""

from breach_sim.analysis.other_scores.enisa import Severity, severity

__all__ = ["Severity", "severity"]
