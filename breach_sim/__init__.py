"""breach_sim: from which fields leaked for which accounts to attacks, victims and money, and how sure.

The public names stand in the stub beside this file, ``__init__.pyi``, which type checkers read too. Each is
loaded when it is first used: ``import breach_sim`` does no work and loads nothing heavier than lazy_loader.
"""

from __future__ import annotations

import lazy_loader as _lazy_loader

__version__ = "1.0.0"
_load, __dir__, __all__ = _lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Load a public name on first use; answer an unknown one with the nearest."""
    if name in __all__:
        return _load(name)
    from difflib import get_close_matches

    near = "".join(f"; did you mean {other!r}?" for other in get_close_matches(name, __all__, 1))
    raise AttributeError(
        f"module 'breach_sim' has no attribute {name!r}; it has {len(__all__)} names, which dir(breach_sim) "
        f"lists{near}"
    )
