"""Figures: the only room that imports matplotlib.

Every figure function has the form ``(what it shows, ax=None) -> Axes`` and draws from a table that one can
print. One style: a color-blind-safe palette, labelled axes with units, direct labels rather than legends, and
an alternative text on every figure, which a notebook stores with the picture. :mod:`register` names all
figures.

The names of this package stand in ``__init__.pyi``; matplotlib is imported when one of them is first used, so
that ``breach_sim.plots.colors`` and ``ticks`` cost nothing.

Not here: tables and numbers (``results``), and where a figure is shown or kept (``apps``).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
