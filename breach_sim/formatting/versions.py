"""Versions that could matter to an answer: Python and the libraries that compute it.

The same inputs and seed give the same answer on every supported version (docs/reliability.md). An artifact
names those it was made with all the same, so that a reader who finds a difference knows where to look.
"""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata

COMPUTE = ("numpy", "scipy")
"""Libraries that draw and sum."""
FILL = ("faker", "numpy", "pyarrow")
"""Libraries that make the rows of people: names come from Faker's lists."""
_SHOWN = {"numpy": "NumPy", "scipy": "SciPy", "faker": "Faker", "pyarrow": "PyArrow", "python": "Python"}


@lru_cache(maxsize=8)
def _versions(libraries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = [("python", platform.python_version())]
    for name in libraries:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "not installed"))
    return tuple(found)


def made_with(libraries: tuple[str, ...] = COMPUTE) -> dict[str, str]:
    """Return the versions of Python and of some libraries.

    Parameters
    ----------
    libraries
        Names as in an index of packages.

    Returns
    -------
    Version by name, Python first; "not installed" where a library comes without its description.
    """
    return dict(_versions(libraries))


def made_with_words(libraries: tuple[str, ...] = COMPUTE) -> str:
    """Return the same in words.

    Parameters
    ----------
    libraries
        As for :func:`made_with`.

    Returns
    -------
    Text such as "Python 3.11.7, NumPy 2.4.6, SciPy 1.17.1".
    """
    return ", ".join(f"{_SHOWN.get(name, name)} {version}" for name, version in _versions(libraries))
