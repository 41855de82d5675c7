"""Subscribers who look right and can belong to nobody.

The quantity is a synthetic customer record and the guard that tells its
identifiers from real ones. Three names are public: `is_synthetic` (pure, no
Faker), `SubscriberProvider` (for ``Faker.add_provider``) and `sample_records`
(a small reproducible sample). Faker is loaded when one of the last two is used.

Not modelled: real people, families, several lines on one account, moves.

Place in the corridor: beside `exposure`; nothing outside this folder imports
Faker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .identifiers import is_synthetic
from .records import sample_records

if TYPE_CHECKING:
    from .provider import SubscriberProvider

__all__ = ["SubscriberProvider", "is_synthetic", "sample_records"]


def __getattr__(name: str) -> object:
    """Load the provider, and Faker with it, on first use."""
    if name == "SubscriberProvider":
        from .provider import SubscriberProvider

        return SubscriberProvider
    msg = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}."
    raise AttributeError(msg)
