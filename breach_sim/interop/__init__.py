"""Import records and feeds from other formats, and export tables.

Not here: the vocabulary of each format (``catalog/data/formats``), and the simulation.
"""

from breach_sim.interop.scenario_file import to_toml

__all__ = ["to_toml"]
