"""Aliases of array types, so that signatures read ``Array`` instead of a dtype."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers, usually one per replicate."""
Counts = NDArray[np.int64]
"""Whole numbers of accounts or people."""
