"""Programs over the API: command line, report, explorer and lessons.

Not here: anything that another room needs. Nothing imports from this room.
"""

import lazy_loader

# `breach_sim.teaching` is looked up here as an attribute, before anybody has imported the folder.
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["teaching"])
