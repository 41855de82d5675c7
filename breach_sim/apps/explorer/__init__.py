"""The explorer: a panel of controls in a notebook or on a page, and the result that they give, at once.

:mod:`panel_inputs` and :mod:`panel_result` are pure: a frozen :class:`PanelInputs` in, a frozen
:class:`PanelResult` out. :mod:`view` turns a result into HTML. :mod:`controls` makes the widgets and reads
them; :mod:`panel` connects all four. ipywidgets is imported when a panel is made, never before.

Not here: the model. Every result is what ``simulate`` and ``compare`` give for the same inputs and seed.
"""

from breach_sim.apps.explorer.panel import Panel, explore
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import PanelResult, compute

__all__ = ["Panel", "PanelInputs", "PanelResult", "compute", "explore"]
