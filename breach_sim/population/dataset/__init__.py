"""A population as files: written whole or not at all, resumed after a stop, identified by one digest."""

from breach_sim.population.dataset.writer import write

__all__ = ["write"]
