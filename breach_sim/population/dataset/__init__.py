"""Write a population as files: atomic, resumable, and identified by one digest.

`write` is loaded on first use: a digest needs neither threads nor processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breach_sim.population.dataset.folders import Verified, verify
    from breach_sim.population.dataset.writer import FILE_SINKS, SINKS, Written, write

__all__ = ["FILE_SINKS", "SINKS", "Verified", "Written", "verify", "write"]


def __getattr__(name: str) -> object:
    """Load the writer on first use."""
    if name in __all__:
        from breach_sim.population.dataset import folders, writer

        return getattr(folders if name in {"Verified", "verify"} else writer, name)
    msg = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}."
    raise AttributeError(msg)
