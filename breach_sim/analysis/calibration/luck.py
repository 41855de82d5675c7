"""What the fit asks of a random number generator, which whoever runs the fit makes.

The fit is run by a tool and its rows ship, so no result of the package depends on a generator of NumPy.

Not here: the streams of a run (``engine.draws.streams``).
"""

from __future__ import annotations

from typing import Any, Protocol


class Luck(Protocol):
    """Random numbers, as a generator of NumPy gives them."""

    def random(self, size: Any = None) -> Any:
        """Uniform numbers in [0, 1)."""

    def standard_normal(self, size: Any = None) -> Any:
        """Standard normal numbers."""
