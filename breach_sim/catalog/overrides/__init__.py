"""Numbers in place of the catalog's: those of a country, and those of a user (``overrides.toml``).

Not here: what a change is (``inputs.numbers.overrides``).
"""

from __future__ import annotations
