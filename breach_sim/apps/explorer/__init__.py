"""Explore: controls in a notebook or on a page, and the answer that they give, at once.

:mod:`setting` is the pure part: a frozen :class:`Setting` in, a frozen :class:`Answer` out. :mod:`page` puts
an answer into words, tables and a figure, as text. :mod:`panel` is the wiring: ipywidgets controls that make
a setting and show its answer. ipywidgets is imported when a panel is made, never before.

Not here: the model. Every answer is what ``simulate`` and ``compare`` give for the same inputs and seed.
"""

from breach_sim.apps.explorer.panel import Panel, explore
from breach_sim.apps.explorer.setting import Answer, Setting, answer

__all__ = ["Answer", "Panel", "Setting", "answer", "explore"]
