"""Names of array types, so that a signature reads ``Array`` and not the dtype behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers, usually one per replicate."""
Counts = NDArray[np.int64]
"""Whole numbers of accounts or people."""
