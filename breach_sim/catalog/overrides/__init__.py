"""A user's own numbers: read from ``overrides.toml``, and given to a scenario.

Not here: what a change is (``inputs.numbers.overrides``).
"""

from __future__ import annotations
