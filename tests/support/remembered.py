"""The slow twin, which works out the same stream of attempts once, for worlds that stay as they are.

Many accounts of a world open the same routes of an attack, and then expect the same attempts. The twin
computes these for each mask anew; here the first answer is kept. Nothing of the twin's law changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from support import reference as twin


@contextmanager
def remembered() -> Iterator[None]:
    """Keep the twin's streams by world, segment, attack and open routes; none of these may change meanwhile.

    It is a decorator as well: the streams are kept until the function returns.
    """
    known: dict[tuple[Any, ...], Any] = {}
    streams = twin.streams

    def once(world: Any, segment: Any, attack: Any, mask: Any) -> Any:
        routes = tuple(map(id, twin.open_routes(attack, mask)))
        key = (id(world), id(segment), id(attack), routes)
        if key not in known:
            # The three are held beside the answer: nothing else gets the number of one that is gone.
            known[key] = streams(world, segment, attack, mask), world, segment, attack
        return known[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twin, "streams", once)
        yield
