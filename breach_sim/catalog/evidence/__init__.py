"""Evidence beside the numbers in use: published rates and readings, and what the victims' side is fitted to.

Not here: the numbers themselves (``attacks``, ``amounts``).
"""

from __future__ import annotations
