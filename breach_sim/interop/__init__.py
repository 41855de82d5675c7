"""Doors to other people's formats: records and feeds in, tables out.

Not here: the vocabulary of each format (``catalog/data/formats``) and the run.
"""

from breach_sim.interop.scenario_file import to_toml

__all__ = ["to_toml"]
