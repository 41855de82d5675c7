"""Figures: the only folder that imports matplotlib.

Every figure function has the form ``(data, ax=None) -> Axes`` and draws from a table that can be printed.
All figures use a color-blind-safe palette, labeled axes with units, direct labels instead of legends, and an
alternative text that notebooks store with the picture. :mod:`register` lists all figures.

``__init__.pyi`` lists the names of this package. Matplotlib is imported when one of them is first used, so
that importing ``breach_sim.plots.colors`` and ``ticks`` is cheap.

Not here: tables and numbers (``results``), and showing or saving figures in applications (``apps``).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
