"""Synthetic phone subscribers, up to 10**9 of them, who cannot be real people.

Public names: `Population` (any row, any block), `Record` (one row), `Written` (the result of a run of the
writer), `is_synthetic` and `require_synthetic_batch` (the guard against real identifiers; no Faker),
`digest_of` and `root_digest` (one SHA-256 for a data set), `SubscriberProvider` (for
``Faker.add_provider``), and the constants of the format `TABLES`, `BLOCK_ROWS` and `LOCALES`. Faker and
PyArrow are loaded when a row is first made.

Not here: the attacks (``engine``). Not modeled: real people, moves, people with two accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breach_sim.population.dataset.digest import digest_of, root_digest
from breach_sim.population.population import Population
from breach_sim.population.record import Record
from breach_sim.population.values.columns import BLOCK_ROWS, TABLES
from breach_sim.population.values.guard import require_synthetic_batch
from breach_sim.population.values.identifiers import is_synthetic
from breach_sim.population.values.locales import LOCALES

if TYPE_CHECKING:
    from breach_sim.population.dataset.writer import Written
    from breach_sim.population.provider import SubscriberProvider

__all__ = [
    "BLOCK_ROWS",
    "LOCALES",
    "TABLES",
    "Population",
    "Record",
    "SubscriberProvider",
    "Written",
    "digest_of",
    "is_synthetic",
    "require_synthetic_batch",
    "root_digest",
]


def __getattr__(name: str) -> object:
    """Load the provider, and Faker with it, or the writer of data sets on first use."""
    if name == "Written":
        from breach_sim.population.dataset.writer import Written

        return Written
    if name == "SubscriberProvider":
        from breach_sim.population.provider import SubscriberProvider

        return SubscriberProvider
    msg = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}."
    raise AttributeError(msg)
