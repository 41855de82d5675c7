"""Other people's yardsticks: the ENISA severity, FAIR's terms, a tier by sufficiency, beside our own numbers.

``enisa`` (the formula of 2013), ``categories`` and ``reading`` (a scenario read by it), ``fair`` (frequency
and magnitude from an impact), ``tier`` (what the leaked fields are enough for), ``disagreement`` (where two
yardsticks rank breaches the other way round, and which input does it), ``board`` (all side by side).

The package can be called: ``breach_sim.yardsticks(scenario)`` is ``board.yardsticks(scenario)``, because the
folder and the question have one name.

Not here: a score of our own. A sum of points per field loses the combinations.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

from breach_sim.analysis.other_scores.enisa import Severity, severity

__all__ = ["Severity", "severity"]


class _Callable(ModuleType):
    """A package that answers the question it is named after."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return import_module(f"{__name__}.board").yardsticks(*arguments, **options)


import_module(__name__).__class__ = _Callable
