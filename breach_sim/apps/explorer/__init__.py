"""The explorer: a panel of controls in a notebook or on a page, and the result that they give, at once.

:mod:`panel_inputs` and :mod:`panel_result` are pure: a frozen :class:`PanelInputs` in, a frozen
:class:`PanelResult` out. :mod:`controls` says which controls a scenario has, :mod:`readings` what their
values mean, :mod:`addresses` how they are written into a link. :mod:`view` turns a result into HTML and
:mod:`exports` into CSV and Python; :mod:`answering` connects all of these. :mod:`panel` shows it in a
notebook, ``tools/dashboard.py`` as a page. anywidget is imported when a panel is made, never before.

Not here: the model. Every result is what ``simulate`` and ``compare`` give for the same inputs and seed.
"""

from breach_sim.apps.explorer.panel import Panel, explore
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import PanelResult, compute

__all__ = ["Panel", "PanelInputs", "PanelResult", "compute", "explore"]
